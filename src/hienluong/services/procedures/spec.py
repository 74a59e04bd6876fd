"""The shape of a procedure as published in the national catalogue, with what the engine needs to run it.

Fields follow the national database on administrative procedures (Nghị định 63/2010/NĐ-CP, Điều 8;
Nghị định 118/2025/NĐ-CP): every part a person must be told is a field, not a sentence in a page.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from hienluong.capabilities.registers.certificates.course import Validity
from hienluong.foundation.schemas import shape
from hienluong.foundation.schemas.kinds import expanded

from .rules import Cutoff


class Part(BaseModel):
    """A piece of a specification: unknown keys are faults, not silently dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class FieldRef(Part):
    """The field ("lĩnh vực") the procedure belongs to."""

    code: str = Field(pattern=r"^[A-Z0-9][A-Z0-9.-]{1,19}$")
    name: str = Field(max_length=200)


class LegalBasis(Part):
    """One document the procedure rests on, with its status on the day it was read."""

    number: str  # 118/2025/NĐ-CP
    title: str
    issued_on: date | None = None
    agency: str = ""
    articles: str = ""
    status: Literal["in_force", "amended", "replaced", "expired", "not_yet"] = "in_force"
    effective_from: date | None = None
    effective_to: date | None = None
    note: str = ""


class DeadlineRule(Part):
    """How long the authority has: `amount` in `unit`; 0 working hours means at once, while the person waits."""

    amount: int = Field(ge=0)
    unit: Literal["working_day", "working_hour", "calendar_day"] = "working_day"
    when: str = ""  # CEL over the form's data: this rule holds only then
    text: str = ""
    legal_basis: str = ""


class Way(Part):
    """A way to file ("cách thức thực hiện") with its own deadline."""

    channel: Literal["counter", "online", "post"]
    deadlines: list[DeadlineRule] = Field(min_length=1)
    note: str = ""


class Paper(Part):
    """A paper of the dossier ("thành phần hồ sơ") with number of originals and copies."""

    code: str
    name: str
    originals: int = Field(default=0, ge=0)
    copies: int = Field(default=0, ge=0)
    required: bool = True
    when: str = ""  # CEL over the form's data: asked for only then
    source: Literal["upload", "form", "register", "presented"] = "upload"
    #: ``register <code>`` or ``result <procedure>[/<result>]``: fetched from there; uploaded only when it is not there.
    from_: str = Field(
        default="",
        alias="from",
        pattern=r"^(register [a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+|result \d\.\d{6}(\.[A-Z0-9.]+)?(/[A-Za-z0-9_.-]+)?)?$",
    )
    form_code: str = ""
    note: str = ""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, populate_by_name=True)

    @property
    def fetched_from(self) -> tuple[str, str, str]:
        """Where it is fetched from: ``register`` with its code, or ``result`` with procedure and result; else empty."""
        kind, _, rest = self.from_.partition(" ")
        code, _, result = rest.partition("/")
        return kind, code, result

    @model_validator(mode="after")
    def _fetched_or_uploaded(self) -> Paper:
        if self.from_ and self.source != "upload":
            raise ValueError("giấy tờ có from thì source là upload: không tìm thấy thì người dân nộp")
        return self


class ChargeRule(Part):
    """A fee ("phí") or levy ("lệ phí"): a decision table in CEL gives the exact amount in đồng."""

    code: str
    name: str
    kind: Literal["fee", "levy"]
    due: Literal["on_filing", "on_result"] = "on_filing"
    table: dict[str, Any]  # see docs/engineers/decisions.md; outcome: amount (int), exempt (str, optional)
    legal_basis: str
    text: str


class Eligibility(Part):
    """Who may get what the procedure grants: a decision table over the answers, in files named as ``eligibility: <table>``.

    Outcomes: ``eligible`` (true or false), ``reason`` (why, as the person reads it; needed when not), and perhaps
    ``field`` (the question at which it is said). Rows that decide nothing leave it to the official. The dossier's version
    holds the table, so the one in force at filing decides until the end.
    """

    table: dict[str, Any]
    title: str = ""
    legal_basis: list[str] = []


class Step(Part):
    """A step the person is told about ("trình tự thực hiện")."""

    title: str
    text: str


class FormPage(Part):
    """One page of the e-form: one thing a page."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    help: str = ""
    fields: list[str] = Field(min_length=1)
    when: str = ""  # CEL over the data so far: the page is shown only then


class Form(Part):
    """The e-form: JSON Schema 2020-12 with layout.

    Property keywords beyond the standard: ``x-widget`` (text, textarea, radios, select, date, money,
    phone, personal-id, commune, checkbox), ``x-hint``, ``x-prefill`` (``party.name``,
    ``party.identifier``, ``party.date_of_birth``, ``party.address``, ``party.phone``,
    ``party.email``, ``register.<code>.<field>`` with ``x-prefill-key`` and ``x-prefill-locked``), ``x-when`` (CEL: the field is asked only then), ``x-enum-labels`` (value → label),
    ``x-computed`` (CEL over what stands before: the field is computed, not asked),
    ``x-errors`` (keyword → message in Vietnamese).
    """

    code: str
    title: str
    data_schema: dict[str, Any] = Field(alias="schema")
    pages: list[FormPage] = Field(min_length=1)
    rules: list[dict[str, str]] = []  # {"when": CEL that must hold, "field": …, "message": …}

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    @field_validator("data_schema")
    @classmethod
    def _expand(cls, value: dict[str, Any]) -> dict[str, Any]:
        """Kinds of fields (``x-kind``) written out (:mod:`hienluong.foundation.schemas.kinds`)."""
        shape.require(value)
        return expanded(value)

    @model_validator(mode="after")
    def _every_field_is_on_a_page(self) -> Form:
        known = set(self.data_schema.get("properties", {}))
        placed = {name for page in self.pages for name in page.fields}
        if placed - known:
            raise ValueError(f"trang có trường không có trong schema: {', '.join(sorted(placed - known))}")
        if known - placed:
            raise ValueError(f"trường không nằm trên trang nào: {', '.join(sorted(known - placed))}")
        return self


class ResultKind(Part):
    """What the person gets ("kết quả"), its PDF template, how long it is good, and what the officer fills in for it.

    ``schema`` is a JSON Schema with the keywords of :class:`Form`: its answers reach the template beside those of the
    person's form. ``rules`` are as in :class:`Form`.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    code: str
    name: str
    template: str = ""  # sectors/…/results/….html; empty: the general template
    body: str = ""  # the text of the pack's own template as it was read; empty for one that came with the product
    number_suffix: str = (
        ""  # GKS-UBND → number 15/GKS-UBND; {year}/ATTP → 15/2026/ATTP; empty: the series of the certificate it issues
    )
    valid_months: int | None = None
    data_schema: dict[str, Any] | None = Field(default=None, alias="schema")
    rules: list[dict[str, str]] = []

    @field_validator("data_schema")
    @classmethod
    def _sound(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        shape.require(value or {})
        return value

    @property
    def officer_form(self) -> Form | None:
        """The officer's fields as an e-form of one page; None when there are none."""
        if not self.data_schema or not self.data_schema.get("properties"):
            return None
        page = {"id": "ket-qua", "title": self.name, "fields": list(self.data_schema["properties"])}
        content = {"code": self.code, "title": self.name, "schema": self.data_schema, "rules": self.rules}
        return Form.model_validate({**content, "pages": [page]})

    def last_day(self, issued: date) -> date | None:
        """The last day of a result of this kind, counted in whole months (Bộ luật Dân sự 2015, Điều 147, 148); None: no end."""
        return Validity(self.valid_months).last_day(issued) if self.valid_months else None

    def printable(self, form: Form | None) -> dict[str, Any]:
        """What a template of this result may print: the fields of the person's form and of the officer."""
        officer = (self.data_schema or {}).get("properties", {})
        return {**(form.data_schema.get("properties", {}) if form else {}), **officer}


class Process(Part):
    """Which BPMN model runs the dossier, with its parameters: a shipped pattern, or one of the pack's own."""

    model: str = Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")
    params: dict[str, Any] = {}
    digest: str = ""  # SHA-256 of the pack's own model as it was read; empty for a shipped pattern


#: What may be done with the certificate that a record carries (:mod:`hienluong.capabilities.registers.certificates`).
CERTIFICATE_KINDS = ("issue", "renew", "reissue", "suspend", "resume", "revoke", "close")


class Effect(Part):
    """What a granted dossier writes into a register: a new record, a change or the end of one, an act of its certificate.

    Everything is CEL over the answers of the form, of the officer, and what the dossier knows besides (its code, the
    number of the result, the competent organisation, the party): `when` it is written, the `key` of the record that is
    meant, the value of each field. In files `into` is ``register``, and `values` ``set``.

    `since` is the first day it is so (now when not said), `through` the last one, for what ends by itself. A change is
    made to each stretch of that time: `record` is what the record says there, so what is not changed stays as it is.

    ``issue`` without `key` writes a new record with its certificate. `number` is that of the result unless it is said
    here; `expires` is counted by the register unless it is said. A suspension is from `since` through `through`.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    into: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", alias="register")
    kind: Literal["create", "change", "end", "issue", "renew", "reissue", "suspend", "resume", "revoke", "close"] = (
        "create"
    )
    when: str = ""
    key: str = ""
    since: str = ""
    through: str = ""
    values: dict[str, str] = Field(default={}, alias="set")
    number: str = ""
    expires: str = ""
    reason: str = ""

    @property
    def expressions(self) -> dict[str, str]:
        """What is CEL beside the fields, by the name it has in files."""
        found = {"when": self.when, "key": self.key, "number": self.number, "expires": self.expires}
        found |= {"since": self.since, "through": self.through, "reason": self.reason}
        return {name: text for name, text in found.items() if text}

    @model_validator(mode="after")
    def _whole(self) -> Effect:
        if self.kind != "issue" and (self.kind == "create") == bool(self.key):
            raise ValueError("create không có key, issue có hoặc không; mọi loại khác phải có key")
        takes = self.kind in ("create", "change", "issue", "renew", "reissue")
        needs = self.kind in ("create", "change") or (self.kind == "issue" and not self.key)
        if (self.values and not takes) or (needs and not self.values):
            raise ValueError("create, change và issue không key phải có set; issue, renew, reissue có key thì tùy")
        for names, kinds in (
            (("number", "expires"), ("issue", "renew")),
            (("since",), ("create", "change", "end", "suspend")),
            (("through",), ("change", "suspend")),
            (("reason",), CERTIFICATE_KINDS),
        ):
            if self.kind not in kinds and any(getattr(self, name) for name in names):
                raise ValueError(f"{', '.join(names)} chỉ dùng với {', '.join(kinds)}")
        return self


#: What may become of a question to a national system: no answer yet, the answers differ, it knows nothing, it has two,
#: it could not be asked.
Unsettled = Literal["waiting", "differs", "not_found", "duplicate", "failed"]


class Compared(Part):
    """A field of the form held against a field of an answer; `values` gives our value for one of theirs."""

    field: str
    told: str
    values: dict[str, str] = {}


class Enquiry(Part):
    """What is asked of a national system about a dossier once it is filed, and what the answer means.

    `question`: CEL over the answers of the form for each field of the question; one without a value is left out. The answers
    agree when every pair of `compare` does and `agrees` holds (CEL that also reads ``answer``). What the official is to
    see besides stands in `show` (words → field of the answer).

    Nothing is granted while it is in one of the states of `holds`, until an official goes on by hand and says why.
    Reception is never held: the time that the law gives begins with it.
    """

    code: str = Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    title: str = Field(max_length=200)
    system: str
    operation: str
    question: dict[str, str] = Field(min_length=1)
    when: str = ""
    compare: list[Compared] = []
    agrees: str = ""
    show: dict[str, str] = {}
    holds: list[Unsettled] = ["waiting", "differs", "not_found", "duplicate", "failed"]
    legal_basis: str = ""

    @property
    def name(self) -> str:
        """The system with its operation."""
        return f"{self.system}.{self.operation}"


class Agency(Part):
    """Who decides: a level, and below the province which department or division by its key."""

    level: Literal["province", "department", "district", "commune"]
    key: str = Field(
        default="", max_length=20
    )  # department: SXD, STC …; commune division: VHXH, KT, VP; empty: the committee itself
    name: str = ""  # as published, for screens


def _with_basis(value: Any) -> Any:
    """Versions of before wrote only the hour; which law it came from was not kept."""
    return {"at": value, "legal_basis": ""} if isinstance(value, str) else value


class RuleOverrides(Part):
    """Where a procedure's own law differs from the one-stop rules, with that law."""

    cutoff: Annotated[Cutoff | None, BeforeValidator(_with_basis)] = None


class ProcedureSpec(Part):
    """One version of one procedure."""

    code: str = Field(pattern=r"^\d\.\d{6}(\.[A-Z0-9.]+)?$")
    name: str = Field(max_length=500)
    name_en: str = ""
    field: FieldRef
    sector: str = Field(max_length=40)
    decision: str = ""  # số quyết định công bố
    online_level: Literal["full", "partial", "information"]
    level_2022: Literal[1, 2, 3, 4] = 4
    agency: Agency
    applicants: list[Literal["citizen", "enterprise", "household"]] = Field(min_length=1)
    applicants_text: str = ""
    summary: str
    life_events: list[str] = []
    keywords: list[str] = []
    steps: list[Step] = []
    ways: list[Way] = Field(min_length=1)
    papers: list[Paper] = []
    charges: list[ChargeRule] = []
    charge_note: str = ""
    results: list[ResultKind] = Field(min_length=1)
    legal_basis: list[LegalBasis] = Field(min_length=1)
    conditions: list[str] = []
    eligibility: Eligibility | None = None
    coordinating: list[str] = []
    effective_from: date
    effective_to: date | None = None
    rule_overrides: RuleOverrides = RuleOverrides()
    process: Process = Process(model="single_agency")
    effects: list[Effect] = []
    enquiries: list[Enquiry] = []
    checks: list[str] = []  # rules of the sector that no expression holds (:mod:`.sector_checks`)
    form: Form | None = None
    complete: bool = False  # runs to the end with its own form, process, charges and result
    read: str = ""  # which law text was read for this entry, and what could not be

    def deadlines_for(self, channel: str) -> list[DeadlineRule]:
        """The deadline rules of a way to file; the counter's when that way has none of its own."""
        by_channel = {way.channel: way.deadlines for way in self.ways}
        return by_channel.get(channel) or by_channel.get("counter") or self.ways[0].deadlines  # type: ignore[call-overload]
