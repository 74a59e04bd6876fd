"""What a new dossier must satisfy, whoever files it and through whichever door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from hienluong.capabilities.forms import engine, file_answers
from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas.expressions import holds
from hienluong.foundation.schemas.kinds import PICTURES
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.procedures.models import Procedure, ProcedureVersion
from hienluong.services.procedures.spec import Paper, ProcedureSpec

from . import foreseeing

#: The paper that shows the right to file for somebody else; no procedure lists it, the law of representation asks it
#: (Bộ luật Dân sự 91/2015/QH13, Điều 134–143).
AUTHORITY = "DAI-DIEN"
PAPER_PURPOSE = "dossiers.paper"


class ProcedureClosed(DomainError):
    """The procedure takes no dossiers on that day."""

    code = "dossiers.procedure_closed"
    status = 422


class VersionOutdated(DomainError):
    """Another version of the procedure is in force by now; a draft has to be carried over to it first."""

    code = "dossiers.version_outdated"


def authority_paper() -> Paper:
    """The paper of authority as a paper of the dossier."""
    return Paper(
        code=AUTHORITY,
        name=_("Giấy tờ chứng minh quyền đại diện"),
        copies=1,
        note=_("Giấy ủy quyền, giấy khai sinh của con, quyết định cử người giám hộ…"),
    )


def version_in_force(code: str, day: date) -> ProcedureVersion | None:
    """The published version of a procedure that holds on a day, if the procedure takes dossiers then."""
    found = (
        ProcedureVersion.objects.select_related("procedure")
        .filter(procedure__code=code, state=ProcedureVersion.State.PUBLISHED, valid__contains=day)
        .first()
    )
    return found if found and not _closed(found.procedure, day) else None


def require_fileable(version: ProcedureVersion, day: date) -> None:
    """Refuse unless this version is in force on `day` and the procedure is not suspended then."""
    procedure = version.procedure
    if version.state != ProcedureVersion.State.PUBLISHED or _closed(procedure, day):
        raise ProcedureClosed(_("Thủ tục này hiện không tiếp nhận hồ sơ."))
    if ProcedureVersion.objects.filter(pk=version.pk, valid__contains=day).exists():
        return
    if version_in_force(procedure.code, day):
        raise VersionOutdated(_("Quy định của thủ tục này đã thay đổi. Hãy xem điểm mới trước khi nộp."))
    raise ProcedureClosed(_("Thủ tục này không có hiệu lực vào ngày nộp."))


def _closed(procedure: Procedure, day: date) -> bool:
    return procedure.state != Procedure.State.PUBLISHED or procedure.suspensions.filter(valid__contains=day).exists()


def may_apply(spec: ProcedureSpec, kind: str) -> bool:
    """Whether a party of this kind may be the subject of this procedure ("đối tượng thực hiện")."""
    return kind in spec.applicants


def require_applicant(spec: ProcedureSpec, subject: Party) -> None:
    """Refuse a subject of a kind the procedure is not for."""
    if not may_apply(spec, subject.kind):
        kinds = ", ".join(str(Party.Kind(kind).label).lower() for kind in spec.applicants)
        raise InvalidInput(
            _("Thủ tục này chỉ dành cho: %(kinds)s.") % {"kinds": kinds},
            code="dossiers.wrong_applicant",
            field="subject",
        )


def needs_authority(actor: Actor, subject: Party | None) -> bool:
    """Whether a paper of authority is needed: for a citizen who is neither the actor nor known to be represented."""
    return subject is not None and not actor.acts_for(subject.pk)


def require_representation(
    actor: Actor, subject: Party, relation: str, paper_codes: Iterable[str], procedure: str = ""
) -> None:
    """Refuse to file online for somebody else without a right to: known to us, or shown by a paper.

    An enterprise or household business is filed for only by those who are known to represent it, within the limits of
    their appointment.
    """
    if actor.may_for(subject.pk, "file", procedure=procedure):
        return
    if actor.acts_for(subject.pk):
        raise NotAllowed(_("Doanh nghiệp không cử bạn nộp hồ sơ của thủ tục này."), code="mandates.beyond")
    if subject.kind != Party.Kind.CITIZEN:
        raise NotAllowed(_("Tài khoản của bạn chưa được ghi nhận là người đại diện của doanh nghiệp, hộ này."))
    if not relation.strip():
        raise InvalidInput(_("Hãy cho biết bạn là gì của người được đại diện."), field="relation")
    if AUTHORITY not in set(paper_codes):
        raise InvalidInput(_("Thiếu giấy tờ chứng minh quyền đại diện."), field=AUTHORITY)


def sound_answers(version: ProcedureVersion, data: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of the e-form as data; refuses (``dossiers.form_faults``) while anything is missing or wrong, or is what a
    register would refuse when the dossier is granted.

    ``details["errors"]`` holds the messages by field.
    """
    form = version.spec.form
    if form is None:
        return {}
    outcome = engine.validate(form, data)
    errors = outcome.errors or foreseeing.refused(version, outcome.data)
    if not errors:
        return outcome.data
    name, messages = next(iter(errors.items()))
    raise InvalidInput(messages[0], code="dossiers.form_faults", field=name, errors=errors)


def answer_files(spec: ProcedureSpec, answers: Mapping[str, Any]) -> dict[str, tuple[str, UUID]]:
    """The files that (sound) answers are: by field, the question and the number of the file."""
    props = properties(spec.form.data_schema) if spec.form else {}
    names = file_answers.names_of(spec.form.data_schema) if spec.form else []
    return {name: (label_of(name, props[name]), UUID(str(answers[name]))) for name in names if answers.get(name)}


def require_pictures(spec: ProcedureSpec, answers: Mapping[str, tuple[str, UUID]]) -> None:
    """Refuse another file than a picture where a photo or a signature is asked for (answers as :func:`answer_files`)."""
    props = properties(spec.form.data_schema) if spec.form else {}
    asked = {file: (name, label) for name, (label, file) in answers.items() if props[name].get("x-kind") in PICTURES}
    other = StoredFile.objects.filter(pk__in=asked).exclude(blob__media_type__startswith="image/").first()
    if other is not None:
        name, label = asked[other.pk]
        raise InvalidInput(_("%(label)s phải là ảnh.") % {"label": label}, code="dossiers.no_picture", field=name)


def papers_asked(spec: ProcedureSpec, data: Mapping[str, Any]) -> list[Paper]:
    """The papers this dossier has to have beside its form, given the answers; those a register gives are not asked."""
    return [
        paper
        for paper in spec.papers
        if paper.source in ("upload", "presented") and (not paper.when or holds(paper.when, data))
    ]


def uploads_asked(spec: ProcedureSpec, data: Mapping[str, Any]) -> list[Paper]:
    """The papers to upload when filing online; what is shown in person is not among them."""
    return [paper for paper in papers_asked(spec, data) if paper.source == "upload"]


def missing_papers(asked: Iterable[Paper], codes: Iterable[str]) -> list[Paper]:
    """The required ones of `asked` of which nothing was handed in."""
    there = set(codes)
    return [paper for paper in asked if paper.required and paper.code not in there]


def require_papers(asked: Iterable[Paper], codes: Iterable[str]) -> None:
    """Refuse while a required paper is missing."""
    missing = missing_papers(asked, codes)
    if missing:
        names = "; ".join(f"“{paper.name}”" for paper in missing)
        raise InvalidInput(
            _("Thiếu giấy tờ: %(names)s.") % {"names": names}, code="dossiers.missing_papers", field=missing[0].code
        )


def require_known_papers(spec: ProcedureSpec, codes: Iterable[str]) -> None:
    """Refuse papers that the procedure does not know."""
    strange = set(codes) - {paper.code for paper in spec.papers} - {AUTHORITY}
    if strange:
        raise InvalidInput(
            _("Thủ tục này không có giấy tờ mang mã: %(codes)s.") % {"codes": ", ".join(sorted(strange))[:200]},
            code="dossiers.unknown_paper",
        )


def require_own_files(actor: Actor, file_ids: Iterable[UUID]) -> None:
    """Refuse files that the acting account did not upload itself as papers."""
    wanted = set(file_ids)
    own = StoredFile.objects.filter(pk__in=wanted, owner_id=actor.account_id, purpose=PAPER_PURPOSE).count()
    if own != len(wanted):
        raise NotAllowed(_("Có tệp không phải do bạn tải lên."))
