"""Papers that nobody has to hand in: extracts of registers, and signed results that the person was given before.

A paper says ``from: register <code>`` or ``from: result <procedure>[/<result>]``. What is found is kept with the draft;
when it is filed, an extract of the record as it was read becomes a file of the dossier, and an earlier result belongs to
it as the very file that was signed. What is not found is uploaded, as ever (Nghị định 118/2025/NĐ-CP, 278/2025/NĐ-CP).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any, TypedDict

from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import Act
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.files import printed, store
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.expressions import holds
from hienluong.foundation.schemas.kinds import FILES
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.procedures.spec import Paper, ProcedureSpec

from . import known
from .models import Dossier, DossierPaper, Result
from .opening import may_take_result
from .requirements import PAPER_PURPOSE

#: What was found is looked for again after this time.
FRESH = timedelta(days=1)


class Found(TypedDict, total=False):
    """One paper that was found, as JSON holds it."""

    kind: str  # register, result
    title: str  # of the register, or of the result
    register: str  # code
    record: int
    key: str
    name: str  # what the person calls the record
    change: int  # the change of the register that wrote it
    since: str  # when the register came to know it (ISO 8601)
    rows: list[dict[str, str]]  # what the extract says: key, value
    agreement: str  # code; empty: by the person's own right
    result: int
    number: str
    dossier: str  # code
    file: str
    agency: str  # that reads it, by its code
    place: str  # that keeps it, by its name
    at: str  # when it was read
    sha256: str  # of the file, once it is made


@dataclass(frozen=True)
class Matter:
    """Whose dossier of which procedure it is, for which agency, with which answers and records chosen."""

    spec: ProcedureSpec
    subject: Party
    agency: Organization | None
    data: Mapping[str, Any]
    records: Mapping[str, int] = field(default_factory=dict)


def wanted(spec: ProcedureSpec, data: Mapping[str, Any]) -> list[Paper]:
    """The papers of a dossier with these answers that may be fetched."""
    return [paper for paper in spec.papers if paper.from_ and (not paper.when or holds(paper.when, data))]


def find(act: Act, matter: Matter, before: Mapping[str, Found], but: Iterable[str] = ()) -> dict[str, Found]:
    """What is found of the papers of a dossier, by paper; none of those in `but`.

    What was found `before` for the same agency and is still the newest is kept without reading it again.
    """
    left_out = set(but)
    found: dict[str, Found] = {}
    for paper in wanted(matter.spec, matter.data):
        if paper.code in left_out:
            continue
        kind, code, result = paper.fetched_from
        one = (
            _in_register(act, matter, paper, code, before.get(paper.code))
            if kind == "register"
            else _result(act, matter, paper, code, result, before.get(paper.code))
        )
        if one:
            found[paper.code] = one
    return found


def _in_register(act: Act, matter: Matter, paper: Paper, code: str, before: Found | None) -> Found | None:
    held = _meant(matter, code)
    if held is None:
        return None
    agency = matter.agency.code if matter.agency else ""
    if before and _is_fresh(before, agency) and before.get("change") == held.version.opened_by_id:
        return before
    reading = known.read(
        act,
        held,
        held.readable,
        party=matter.subject,
        agency=matter.agency,
        spec=matter.spec,
        purpose=_("Lấy giấy tờ thay người dân: %(name)s") % {"name": paper.name},
    )
    if reading is None:
        return None
    return Found(
        kind="register",
        title=held.spec.title,
        register=code,
        record=held.version.record_id,
        key=held.key,
        name=held.name,
        change=held.version.opened_by_id,
        since=held.version.known.lower.isoformat(),
        rows=_rows(held.spec, reading.data),
        agreement=reading.agreement,
        agency=agency,
        place=held.version.organization.name,
        at=timezone.now().isoformat(),
    )


def _meant(matter: Matter, code: str) -> known.Held | None:
    """The record that a dossier is about: the one chosen, or the person's only one."""
    theirs = known.held_by(code, matter.subject)
    chosen = matter.records.get(code)
    if chosen is not None:
        return next((held for held in theirs if held.version.record_id == chosen), None)
    return theirs[0] if len(theirs) == 1 else None


def _rows(spec: RegisterSpec, data: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the extract prints: a file by its name, size and digest, a signature as its picture."""
    files = {name for name, prop in spec.fields.items() if prop.get("x-kind") in FILES and data.get(name)}
    with translation.override("vi"):
        named = printed.in_words(data[name] for name in files)
        gone = _("tệp không còn được lưu")
        return [
            {"key": label_of(name, prop), "value": named.get(text, gone) if name in files else text}
            | ({"picture": text} if prop.get("x-kind") == "signature" else {})
            for name, prop in spec.fields.items()
            if name in data and (text := show(data[name], prop))
        ]


def _result(act: Act, matter: Matter, paper: Paper, code: str, kind: str, before: Found | None) -> Found | None:
    good = Q(valid_until=None) | Q(valid_until__gte=timezone.localdate())
    theirs = Result.objects.filter(
        good,
        dossier__subject=matter.subject,
        dossier__procedure_version__procedure__code=code,
        state=Result.State.SIGNED,
        grants=True,
        file__isnull=False,
    ).select_related("dossier__competent", "file")
    if kind:
        theirs = theirs.filter(kind=kind)
    result = next((one for one in theirs.order_by("-signed_at")[:5] if may_take_result(one.dossier)), None)
    if result is None or result.file is None:
        return None
    agency = matter.agency.code if matter.agency else ""
    if before and _is_fresh(before, agency) and before.get("result") == result.pk:
        return before
    log_read(
        party_id=matter.subject.pk,
        actor_id=None,
        actor_label=_("Điền sẵn hồ sơ"),
        organization_id=matter.agency.pk if matter.agency else result.dossier.competent_id,
        fields=["dossiers.result"],
        purpose=(_("Lấy giấy tờ thay người dân: %(name)s") % {"name": paper.name})[:200],
        subject=result.dossier.code,
        ip=act.actor.ip,
    )
    return Found(
        kind="result",
        title=result.name,
        result=result.pk,
        number=result.number,
        dossier=result.dossier.code,
        file=str(result.file_id),
        since=result.signed_at.isoformat() if result.signed_at else "",
        agency=agency,
        place=result.dossier.competent.name,
        at=timezone.now().isoformat(),
        sha256=result.file.blob_id,
    )


def _is_fresh(found: Found, agency: str) -> bool:
    return found.get("agency") == agency and timezone.now() - datetime.fromisoformat(found["at"]) < FRESH


def attach(dossier: Dossier, found: Mapping[str, Found]) -> None:
    """Make what was found papers of a dossier that is being filed; an extract becomes a file now."""
    names = {paper.code: paper for paper in dossier.procedure_version.spec.papers}
    rows = []
    for code, one in found.items():
        file = one.get("file") or extract(dossier, names[code], one)
        origin = {key: value for key, value in one.items() if key not in ("rows", "file")}
        rows.append(
            DossierPaper(dossier=dossier, code=code, name=names[code].name, file_id=file, copies=1, origin=origin)
        )
    DossierPaper.objects.bulk_create(rows)


def extract(dossier: Dossier, paper: Paper, found: Found) -> str:
    """The extract of a record as a stored PDF; its digest goes into `found`."""
    context = {"found": found, "paper_name": paper.name, "dossier": dossier, "agency": dossier.competent}
    with translation.override("vi"):
        title = _("Trích lục: %(name)s") % {"name": paper.name}
    pdf = render_pdf("dossiers/papers/extract.html", context, title=title)
    made = store(BytesIO(pdf), name=f"{dossier.code}-{paper.code}.pdf", owner=None, purpose=PAPER_PURPOSE)
    found["sha256"] = made.blob_id
    return str(made.pk)


def in_words(origin: Mapping[str, Any]) -> str:
    """Where a paper that was fetched came from, for the person and for officials; empty for one that was handed in."""
    if not origin:
        return ""
    day = f"{timezone.localdate(datetime.fromisoformat(str(origin['at']))):%d/%m/%Y}"
    if origin.get("kind") == "result":
        return _("Lấy từ kết quả đã cấp: %(title)s số %(number)s, %(place)s.") % {
            "title": origin["title"],
            "number": origin.get("number") or "—",
            "place": origin["place"],
        }
    return _("Lấy từ %(title)s: %(name)s, ngày %(day)s.") % {
        "title": origin["title"],
        "name": origin.get("name") or origin.get("key"),
        "day": day,
    }


def told(spec: ProcedureSpec, found: Mapping[str, Found]) -> Sequence[tuple[Paper, str]]:
    """The papers that need not be handed in, each with where it comes from, in the order of the procedure."""
    return [(paper, in_words(found[paper.code])) for paper in spec.papers if paper.code in found]
