"""Asking national systems about a dossier: ask, take the answer, go on without one."""

from __future__ import annotations

import json
from datetime import timedelta

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action
from hienluong.foundation.schemas import expressions
from hienluong.services.adapters import asking
from hienluong.services.adapters.actions import let_wait
from hienluong.services.adapters.base import Answer
from hienluong.services.adapters.faults import Fault
from hienluong.services.adapters.models import Pending
from hienluong.services.procedures.spec import Enquiry as Declared

from .. import duties, enquiring, notices, steps
from ..models import BEFORE_DECISION, Dossier, Enquiry

#: For so long a question waits before the person is told by a message; their page says it from the first moment.
TELL_AFTER = timedelta(minutes=10)
#: Kinds of faults that are answers of their own.
_OUTCOMES = {"not_found": Enquiry.State.NOT_FOUND, "duplicate": Enquiry.State.DUPLICATE}


@action("dossiers.enquire")
def enquire(act: Act, *, dossier: Dossier) -> list[Enquiry]:
    """Ask what the procedure asks, of what was not asked yet or was asked with other answers; returns what was asked.

    A system that is not connected is not asked. Nothing is asked about a dossier that is decided.
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống được gửi câu hỏi của quy trình."))
    dossier = steps.lock(dossier)
    rows = {row.code: row for row in dossier.enquiries.select_for_update()}
    asked: list[Enquiry] = []
    if dossier.is_open and dossier.waiting_task in BEFORE_DECISION:
        data = enquiring.known(dossier)
        for one in enquiring.declared(dossier):
            row = rows.get(one.code)
            if not expressions.holds(one.when, data):
                _drop(row)
            elif asking.can_ask(one.system, one.operation):
                question = enquiring.question_of(one, data)
                mark = enquiring.mark_of(question)
                if row is None or row.question != mark or row.state == Enquiry.State.DROPPED:
                    asked.append(_ask(act, dossier, one, row, question, mark))
    rows |= {row.code: row for row in asked}
    enquiring.settle(dossier, rows.values())
    dossier.save_changes()
    act.record(dossier, after={"asked": [f"{row.code}.{row.round}" for row in asked], "held": dossier.held})
    return asked


def _drop(row: Enquiry | None) -> None:
    if row and row.state != Enquiry.State.DROPPED:
        row.state, row.holds, row.rows = Enquiry.State.DROPPED, False, ""
        row.save(update_fields=("state", "holds", "rows"))


def _ask(
    act: Act, dossier: Dossier, one: Declared, row: Enquiry | None, question: dict[str, object], mark: str
) -> Enquiry:
    row = row or Enquiry(dossier=dossier, code=one.code)
    row.round += 1
    row.question, row.state, row.rows, row.why = mark, Enquiry.State.WAITING, "", ""
    row.asked_at, row.told_at, row.answered_at = timezone.now(), None, None
    row.by_hand_at, row.by_hand_by, row.by_hand_reason = None, None, ""
    try:
        with translation.override("vi"):  # what is written down has one language
            reason = enquiring.reason_for(dossier, one, question, row.round)
        let_wait(
            act,
            code=one.system,
            operation=one.operation,
            question=question,
            reason=reason,
            taker=enquiring.TAKER,
        )
    except InvalidInput:  # what the person wrote is not enough to ask by
        row.state, row.why = Enquiry.State.FAILED, "question"
    row.holds = row.state in one.holds
    row.save()
    return row


def take(act: Act, pending: Pending, answer: Answer | None, fault: Fault | None) -> None:
    """The answer to a question that waited; one to an earlier round, or a second one, changes nothing."""
    found = _meant(pending)
    if found is None:
        return
    dossier, row, one = found
    rows = list(dossier.enquiries.exclude(pk=row.pk))
    was = steps.before(dossier)
    if answer is not None:
        row.state, compared = enquiring.judge(one, dossier, answer.data)
        row.rows, row.why = json.dumps(compared, ensure_ascii=False), ""
    else:
        kind = fault.kind if fault else ""
        row.state, row.why = _OUTCOMES.get(kind, Enquiry.State.FAILED), kind
    row.holds, row.answered_at = row.state in one.holds, timezone.now()
    row.save()
    enquiring.settle(dossier, [*rows, row])
    act.record(
        dossier, verb="dossiers.take_answer", after={"enquiry": row.code, "state": row.state, "held": dossier.held}
    )
    if row.told_at is None:
        dossier.save_changes()
        return
    with translation.override("vi"):
        words = _("%(system)s đã trả lời (%(title)s).") % {"system": enquiring.title_of(one), "title": one.title}
    steps.finish(act, dossier, verb="enquiry_answered", before=was, public_note=str(words), extra={"enquiry": row.code})
    notices.tell_of_answer(act, dossier, row, str(words))


def wait(act: Act, pending: Pending, fault: Fault) -> None:
    """A try in vain: its kind is kept for the pages, and when it lasts the person is told, once."""
    found = _meant(pending)
    if found is None:
        return
    dossier, row, one = found
    row.why = fault.kind
    tell = row.told_at is None and row.by_hand_at is None and timezone.now() - row.asked_at >= TELL_AFTER
    if tell:
        row.told_at = timezone.now()
    row.save(update_fields=("why", "told_at"))
    if tell:
        with translation.override("vi"):
            look = enquiring.Look(one.code, one.title, enquiring.title_of(one), row)
            (words,) = enquiring.told_to_person([look], own=False)
        steps.finish(act, dossier, verb="enquiry_waits", before=steps.before(dossier), public_note=words)


def wanted(pending: Pending) -> bool:
    """Whether a question is still worth asking: the dossier goes on, and it was not asked anew."""
    place, code, round = enquiring.meant(pending.about)
    row = Enquiry.objects.select_related("dossier").filter(dossier__code=place, code=code, round=round).first()
    return row is not None and row.state in _UNANSWERED and row.dossier.is_open


#: A question that failed is asked once more when the line was mended.
_UNANSWERED = (Enquiry.State.WAITING, Enquiry.State.FAILED)


def _meant(pending: Pending) -> tuple[Dossier, Enquiry, Declared] | None:
    """The dossier (locked) and its enquiry that a pending question is about; None when nobody waits for it."""
    place, code, round = enquiring.meant(pending.about)
    key = Dossier.objects.filter(code=place).values_list("pk", flat=True).first()
    if key is None:
        return None
    dossier = steps.lock(key)
    row = dossier.enquiries.select_for_update().filter(code=code, round=round, state__in=_UNANSWERED).first()
    one = next((each for each in enquiring.declared(dossier) if each.code == code), None)
    return (dossier, row, one) if row and one and dossier.is_open else None


@action("dossiers.go_on_by_hand")
def go_on_by_hand(act: Act, *, dossier: Dossier, enquiry: str, reason: str) -> Dossier:
    """Go on without the answer of a national system, or against it; the official says why.

    An answer that comes later is still shown.
    """
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "go_on_by_hand")
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi đã đối chiếu thế nào, theo giấy tờ nào."), field="reason")
    rows = list(dossier.enquiries.select_for_update())
    row = next((each for each in rows if each.code == enquiry and each.is_open), None)
    if row is None:
        raise InvalidInput(_("Câu hỏi này không còn giữ hồ sơ lại."), code="dossiers.not_held", field="enquiry")
    was = {**steps.before(dossier), "enquiry": row.state}
    row.by_hand_at, row.by_hand_by_id, row.by_hand_reason = timezone.now(), act.actor.official_id, reason.strip()
    row.save(update_fields=("by_hand_at", "by_hand_by", "by_hand_reason"))
    enquiring.settle(dossier, rows)
    extra = {"enquiry": row.code, "held": dossier.held}
    return steps.finish(act, dossier, verb="go_on_by_hand", before=was, note=reason.strip(), extra=extra)


@action("dossiers.ask_again")
def ask_again(act: Act, *, dossier: Dossier, enquiry: str) -> Dossier:
    """Have a national system asked once more: what it holds was put right, or the line was mended."""
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "ask_again")
    row = dossier.enquiries.select_for_update().filter(code=enquiry).first()
    if row is None or row.state in (Enquiry.State.WAITING, Enquiry.State.AGREES, Enquiry.State.DROPPED):
        raise InvalidInput(_("Câu hỏi này đang chờ trả lời hoặc đã khớp, không phải hỏi lại."), field="enquiry")
    was = {**steps.before(dossier), "enquiry": row.state}
    row.question = ""
    row.save(update_fields=("question",))
    return steps.finish(act, dossier, verb="ask_again", before=was, extra={"enquiry": row.code})
