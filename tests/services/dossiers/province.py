"""A small province: two communes with counters and divisions, people, one procedure, two rule sets."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from PIL import Image

from hienluong.foundation.actions import Actor
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, Draft
from hienluong.services.procedures.models import Field, Procedure, ProcedureVersion, RuleSet
from tests.factories import TESTER, actor_for_role, make_account, make_citizen, make_org

SPEC: dict[str, Any] = {
    "code": "8.000900",
    "name": "Xác nhận tình trạng nhà ở",
    "field": {"code": "KT-TEST", "name": "Lĩnh vực kiểm thử"},
    "sector": "justice",
    "online_level": "full",
    "agency": {"level": "commune", "key": "VHXH"},
    "applicants": ["citizen"],
    "summary": "Thủ tục dùng trong kiểm thử.",
    "ways": [{"channel": "counter", "deadlines": [{"amount": 3, "unit": "working_day", "legal_basis": "Điều 1"}]}],
    "papers": [{"code": "CC", "name": "Bản sao căn cước", "copies": 1}],
    "results": [{"code": "XN", "name": "Giấy xác nhận", "number_suffix": "XN-UBND"}],
    "legal_basis": [{"number": "01/2025/NĐ-CP", "title": "Nghị định kiểm thử"}],
    "effective_from": "2022-01-01",
    "form": {
        "code": "don",
        "title": "Đơn",
        "schema": {
            "type": "object",
            "required": ["reason"],
            "properties": {"reason": {"type": "string", "title": "Lý do", "minLength": 1, "maxLength": 200}},
        },
        "pages": [{"id": "ly-do", "title": "Lý do của bạn", "fields": ["reason"]}],
    },
    "complete": True,
}


#: Each shipped model with its own procedure; the agencies it names are those of the small province.
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "single_agency": ("8.000900", {}),
    "parallel_opinions": (
        "8.000901",
        {
            "opinions": [
                {"key": "S1", "name": "Sở Một: quy hoạch", "working_days": 5, "tacit": True},
                {"key": "S2", "name": "Sở Hai: tài chính", "working_days": 5, "tacit": True},
            ]
        },
    ),
    "field_inspection": ("8.000902", {}),
    "inter_level": ("8.000903", {"upper": {"level": "department", "key": "S1"}}),
    "same_day": ("8.000904", {}),
}


def rule_set(code: str, start: date, end: date | None, supplements: int, **more: Any) -> RuleSet:
    spec = {
        "code": code,
        "name": f"Quy định {code}",
        "effective_from": start.isoformat(),
        "effective_to": end.isoformat() if end else None,
        "legal_basis": ["Nghị định kiểm thử"],
        "supplements": [
            {"stage": "reception", "max_requests": 1, "legal_basis": "Điều 17"},
            {"stage": "review", "max_requests": supplements, "legal_basis": "Điều 17"},
        ],
        "papers": [
            {"kind": kind, "form_number": f"Mẫu số 0{n}", "title": f"Giấy {kind}", "legal_basis": "Phụ lục I"}
            for n, kind in enumerate(
                ("receipt", "supplement", "refusal", "apology", "stop", "control_sheet", "register"), 1
            )
        ],
        "anywhere_in_province": True,
        "own_online_filing": True,
        "national_portal_filing": True,
        **more,
    }
    return RuleSet.objects.create(code=code, name=f"Quy định {code}", valid=DateRange(start, end), spec_json=spec)


class Province:
    """Everything a dossier test needs, with actors by role; `more` takes the place of parts of :data:`SPEC`."""

    def __init__(self, *charges: dict[str, Any], **more: Any) -> None:
        self.charges = list(charges)
        self.more = more
        rule_set("2022", date(2022, 1, 1), date(2025, 7, 1), 1)
        rule_set("2025", date(2025, 7, 1), None, 1)
        self.root = make_org("UBND tỉnh thử", code="H50", kind="province")
        self.commune, self.counter, self.division = self._commune("H50.31", "Phường Đông Hà", "19333")
        self.other_commune, self.other_counter, self.other_division = self._commune("H50.32", "Xã Gio Linh")
        self.agency_one = make_org("Sở Một", code="H50.11", kind="department", parent=self.root, short_name="S1")
        self.agency_two = make_org("Sở Hai", code="H50.12", kind="department", parent=self.root, short_name="S2")
        self.clerk = actor_for_role("clerk", self.counter)
        self.officer = actor_for_role("officer", self.division)
        self.head = actor_for_role("head", self.division)
        self.leader = actor_for_role("leader", self.commune)
        self.asked = actor_for_role("officer", self.agency_one)
        self.other_clerk = actor_for_role("clerk", self.other_counter)
        self.other_leader = actor_for_role("leader", self.other_commune)
        self.party = make_citizen("Nguyễn Thị Lành")
        self.account = make_account(party=self.party)
        self.citizen = actor_of(self.account)
        self.stranger = actor_of(make_account(party=make_citizen("Người Lạ")))
        self.anonymous = Actor()
        self.versions = {model: self._version(model) for model in MODELS}

    def _commune(self, code: str, name: str, commune_code: str = "") -> tuple[Organization, Organization, Organization]:
        commune = make_org(f"UBND {name}", code=code, kind="commune", parent=self.root, commune_code=commune_code)
        counter = make_org(f"Trung tâm PVHCC {name}", code=f"{code}.01", kind="service_centre", parent=commune)
        division = make_org(
            f"Phòng Văn hóa - Xã hội {name}", code=f"{code}.04", kind="division", parent=commune, short_name="VHXH"
        )
        return commune, counter, division

    def _version(self, model: str, code: str = "", params: dict[str, Any] | None = None) -> ProcedureVersion:
        params = MODELS[model][1] if params is None else params
        return self.publish(code or MODELS[model][0], process={"model": model, "params": params})

    def publish(self, code: str, *, model_of_the_pack: str = "", **changes: Any) -> ProcedureVersion:
        """A procedure like that of ``SPEC``, published, with `changes` to its specification.

        `model_of_the_pack`: the digest of its process model when that is none of the shipped ones.
        """
        field, _ = Field.objects.get_or_create(code="KT-TEST", name="Lĩnh vực kiểm thử")
        spec = {**SPEC, **self.more, "code": code, "charges": self.charges, **changes}
        procedure = Procedure.objects.create(
            code=code,
            name=spec["name"],
            field=field,
            online_level="full",
            level_2022=4,
            agency_level="commune",
            agency_key="VHXH",
            applicants=spec["applicants"],
            state=Procedure.State.PUBLISHED,
            complete=True,
        )
        return ProcedureVersion.objects.create(
            procedure=procedure,
            number=1,
            state="published",
            valid=DateRange(date(2022, 1, 1), None),
            spec_json=spec,
            digest="",
            process_digest=model_of_the_pack,
        )

    def filing(self, *, model: str = "single_agency", party: Party | None = None, **how: Any) -> actions.Filing:
        """A filing at the counter of the first commune, unless said otherwise."""
        party = party or self.party
        settled: dict[str, Any] = {
            "version": self.versions[model],
            "subject": party,
            "filer": party,
            "competent": self.commune,
            "channel": "counter",
            "data": {"reason": "Bổ túc hồ sơ"},
            "papers": (actions.PaperIn(code="CC", name="Bản sao căn cước", copies=1),),
            "received_at_org": self.counter,
        }
        return actions.Filing(**{**settled, **how})

    def file(self, **how: Any) -> Dossier:
        """A dossier filed at the counter."""
        return actions.file_at_counter(self.clerk, filing=self.filing(**how))

    def draft(self) -> Draft:
        """A draft of the citizen."""
        draft = Draft(account=self.account, procedure_version=self.versions["single_agency"], subject=self.party)
        return actions.save_draft(self.citizen, draft=draft, data={"reason": "Bổ túc hồ sơ"})

    def picture(self, name: str = "can-cuoc.png") -> StoredFile:
        """A picture the citizen uploaded."""
        out = BytesIO()
        Image.new("RGB", (300, 200), "white").save(out, "PNG")
        out.seek(0)
        return store(out, name=name, owner=self.account.pk, purpose="dossiers.paper")

    def online(self, **how: Any) -> actions.Filing:
        """A filing of the citizen on our own pages, with the paper uploaded."""
        paper = actions.PaperIn(code="CC", name="Bản sao căn cước", file_id=self.picture().pk, copies=1)
        settled: dict[str, Any] = {"channel": "online", "papers": (paper,), "received_at_org": None}
        return self.filing(**{**settled, **how})

    def change_params(self, model: str, **params: Any) -> None:
        """Run dossiers filed from now on by another procedure of this model, with these process parameters."""
        self.versions[model] = self._version(model, code=f"8.{Procedure.objects.count():06d}", params=params)

    def change_rules(self, **rules: Any) -> None:
        """Change the one-stop rules in force, also for what was filed today."""
        current = RuleSet.objects.get(code="2025")
        current.spec_json = {**current.spec_json, **rules}
        current.save(update_fields=("spec_json",))

    def rule_set_on(self, day: date) -> str:
        """The code of the rule set in force on a day."""
        return RuleSet.objects.get(valid__contains=day).code


__all__ = ["SPEC", "TESTER", "Province"]
