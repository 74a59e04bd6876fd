"""Tasks about documents: within the agency, by who reads it; who is given one reads it, and their work moves it on."""

from __future__ import annotations

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotFound
from hienluong.services.assignments import rights, subjects
from hienluong.services.assignments.models import ENDED_STATES, OPEN_STATES, Assignment, Part

from . import access
from .actions import handling, steps
from .agencies import agency_of
from .models import Document, Reader, State, Why

#: How a task's part is said in a document's timeline, which is kept in Vietnamese.
_PARTS = {Part.LEAD: "chủ trì", Part.COORDINATE: "phối hợp", Part.INFORMED: "nhận để biết"}


class DocumentWork(subjects.Subject):
    """What documents say about tasks that come from them."""

    def hold(self, ref: str) -> None:
        steps.hold([_pk_of(ref)])

    def may_give(self, act: Act, assignment: Assignment) -> None:
        document = _document_of(assignment.subject_ref)
        access.require_read(act.actor, document)
        if agency_of(assignment.organization).pk != document.agency_id:
            raise InvalidInput(
                _("Văn bản chỉ giao trong cơ quan. Muốn cơ quan khác xử lý, hãy gửi văn bản cho họ."), field="to"
            )

    def given(self, act: Act, assignment: Assignment) -> None:
        document = _document_of(assignment.subject_ref)
        for official in rights.receivers_of(assignment):
            access.let_read(
                document, agency=document.agency, official=official, why=Why.ASSIGNED, by_label=assignment.giver_label
            )
        to = assignment.official.full_name if assignment.official else assignment.organization.name
        steps.add(act, document, f"Giao {to}: {_PARTS[Part(assignment.part)]}", assignment.instruction)

    def changed(self, act: Act, assignment: Assignment, verb: str) -> None:
        document = _document_of(assignment.subject_ref)
        if verb in ("returned", "taken_back"):
            _no_longer_theirs(document, assignment)
            _back_to_the_leader(act, document, assignment)
        elif verb in ("accepted", "progress", "reported"):
            _reads_who_came_later(act, document, assignment)
            if assignment.part != Part.INFORMED and document.state == State.ASSIGNED:
                handling.mark_processing(act, document=document)
            if verb == "reported":
                steps.add(act, document, "Báo cáo kết quả", assignment.result)
        elif verb == "completed" and assignment.parent_id is None and assignment.part == Part.LEAD:
            _done(act, document)

    def href(self, actor: Actor, ref: str) -> str:
        document = Document.objects.filter(pk=_pk_of(ref)).first()
        if document is None or not access.decide_read(actor, document).allowed:
            return ""
        return handling.page_of(document)


def _pk_of(ref: str) -> int:
    _kind, _colon, pk = ref.partition(":")
    return int(pk) if pk.isdigit() else 0


def _document_of(ref: str) -> Document:
    document = Document.objects.select_related("agency", "arrival").filter(pk=_pk_of(ref)).first()
    if document is None:
        raise NotFound(_("Không tìm thấy văn bản."))
    return document


def _no_longer_theirs(document: Document, assignment: Assignment) -> None:
    """Who had the task reads no longer, unless another one about the same document is or was theirs."""
    others = Assignment.objects.filter(subject_ref=assignment.subject_ref).exclude(state__in=ENDED_STATES)
    keeps = {
        official.pk
        for each in others.select_related("official", "organization")
        for official in rights.receivers_of(each)
    }
    theirs = Reader.objects.filter(document=document, why=Why.ASSIGNED, ended_at__isnull=True)
    for official in rights.receivers_of(assignment):
        if official.pk not in keeps and theirs.filter(official=official).exists():
            access.end_reading(document, why=Why.ASSIGNED, official=official)


def _reads_who_came_later(act: Act, document: Document, assignment: Assignment) -> None:
    """A head who took the post over after the task was given takes it up, so reads what it is about."""
    if act.actor.official_id is None or not rights.is_receiver(act.actor, assignment):
        return
    official = next((each for each in rights.receivers_of(assignment) if each.pk == act.actor.official_id), None)
    if official is not None:
        access.let_read(
            document, agency=document.agency, official=official, why=Why.ASSIGNED, by_label=assignment.giver_label
        )


def _back_to_the_leader(act: Act, document: Document, ended: Assignment) -> None:
    """When nobody works on it any more, it waits for a leader again: whom it was laid before, else who gave the task."""
    document = steps.lock(document)  # of two who end their tasks at once, the second sees what the first did
    if document.state not in (State.ASSIGNED, State.PROCESSING):
        return
    left = Assignment.objects.filter(subject_ref=handling.ref_of(document), state__in=OPEN_STATES)
    if not left.exclude(part=Part.INFORMED).exists():
        first = rights.line_above(ended)[:1] or [ended]
        handling.lay_before(act, document, first[0].giver_id)
        steps.move(act, document, State.SUBMITTED, "Chờ phân công lại")


def _done(act: Act, document: Document) -> None:
    """The one who led was judged to be done; when nobody else is at work, the document is done."""
    document = steps.lock(document)
    if document.state not in handling.IN_WORK:
        return
    left = Assignment.objects.filter(
        subject_ref=handling.ref_of(document), parent__isnull=True, state__in=OPEN_STATES
    ).exclude(part=Part.INFORMED)
    if not left.exists():
        handling.close(act, document=document, title="Hoàn thành")
