"""Intake: receive, ask for a supplement, take its answer, refuse."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.calendars import deadlines

from .. import access, clock, duties, lawful, notices, opinions, steps
from ..charging import outstanding
from ..checklist import receipt_rows
from ..issuing import issue_paper
from ..models import DeadlineChange, Dossier, PaymentState, State, Supplement
from .filing import PaperIn
from .papers import PaperCheck, add_papers, keep_checks, mark_asked, require_papers


class Unpaid(DomainError):
    """A charge is still due."""

    code = "dossiers.unpaid"


class SupplementNotAllowed(DomainError):
    """The rule set in force when the dossier was filed does not allow this request."""

    code = "dossiers.supplement_not_allowed"


@action("dossiers.receive")
def receive(act: Act, *, dossier: Dossier, checks: tuple[PaperCheck, ...] = (), note: str = "") -> Dossier:
    """Accept a dossier at the counter: the clock starts, the receipt with its due date is issued (Mẫu số 01)."""
    dossier = steps.lock(dossier)
    task = duties.admit(act, dossier, "receive")
    if dossier.payment_state == PaymentState.DUE and outstanding(dossier):
        raise Unpaid(_("Hồ sơ chưa nộp phí, lệ phí. Hãy thu tại quầy hoặc chờ người dân thanh toán."))
    verdicts = keep_checks(act, dossier, checks)
    require_papers(dossier)
    before = steps.before(dossier)
    dossier.received_at = timezone.now()
    dossier.receiver_id = act.actor.official_id
    dossier.state = State.RECEIVED
    clock.set_due(dossier, dossier.received_at, DeadlineChange.Kind.SET)
    steps.advance(dossier, task, "accept")
    extra = {"papers": verdicts} if verdicts else {}
    steps.finish(act, dossier, verb="receive", before=before, outcome="accept", note=note, extra=extra)
    issue_paper(act, dossier, "receipt", {"papers": receipt_rows(dossier)})
    return dossier


@action("dossiers.request_supplement")
def request_supplement(
    act: Act, *, dossier: Dossier, reason: str, items: list[dict[str, str]], checks: tuple[PaperCheck, ...] = ()
) -> Supplement:
    """Ask for more papers or a correction, once and completely; it stops the clock (Mẫu số 02).

    How often and at which stage comes from the dossier's own rule set, with its legal basis.
    """
    dossier = steps.lock(dossier)
    task = duties.admit(act, dossier, "request_supplement")
    stage = "reception" if task == "receive" else "review"
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi rõ lý do và hướng dẫn bổ sung."), field="reason")
    _require_allowed(dossier, stage)
    rule = dossier.rule_set.spec.supplement_rule(stage)
    now = timezone.now()
    before = steps.before(dossier)
    verdicts = keep_checks(act, dossier, checks) | mark_asked(act, dossier, items)
    supplement = Supplement.objects.create(
        dossier=dossier,
        stage=stage,
        reason=reason.strip(),
        items=items,
        requested_by_id=act.actor.official_id,
        requested_at=now,
        answer_by=_answer_by(dossier, rule.answer_days, now) if rule and rule.answer_days else None,
    )
    clock.pause(dossier, "supplement", now)
    dossier.state = State.SUPPLEMENT
    steps.advance(dossier, task, "supplement")
    steps.finish(
        act,
        dossier,
        verb="request_supplement",
        before=before,
        outcome="supplement",
        public_note=supplement.reason,
        extra={"papers": verdicts},
    )
    answer_by = supplement.answer_by.isoformat() if supplement.answer_by else ""
    issue_paper(act, dossier, "supplement", {"reason": supplement.reason, "items": items, "answer_by": answer_by})
    return supplement


def _answer_by(dossier: Dossier, days: int, asked_at: datetime) -> datetime:
    return deadlines.compute(asked_at, days, "calendar_day", dossier.received_at_org).due


def _require_allowed(dossier: Dossier, stage: str) -> None:
    rule = dossier.rule_set.spec.supplement_rule(stage)
    if rule is None:
        raise SupplementNotAllowed(_("Quy định áp dụng cho hồ sơ này không cho yêu cầu bổ sung ở bước này."))
    asked = Supplement.objects.filter(dossier=dossier, stage=stage).count()
    if asked >= rule.max_requests:
        raise SupplementNotAllowed(
            _("Đã yêu cầu bổ sung %(count)s lần ở bước này; quy định cho tối đa %(limit)s lần (%(basis)s).")
            % {"count": asked, "limit": rule.max_requests, "basis": rule.legal_basis}
        )
    if rule.ask_within_working_days and _working_days_in_hand(dossier) > rule.ask_within_working_days:
        raise SupplementNotAllowed(
            _("Chỉ được yêu cầu bổ sung trong %(limit)s ngày làm việc kể từ ngày tiếp nhận (%(basis)s).")
            % {"limit": rule.ask_within_working_days, "basis": rule.legal_basis}
        )


def _working_days_in_hand(dossier: Dossier) -> int:
    """Working days since the dossier was received, or reopened."""
    if dossier.received_at is None:
        return 0
    reopened = dossier.deadline_changes.filter(kind=DeadlineChange.Kind.REOPEN).order_by("-at").first()
    since = reopened.at if reopened else dossier.received_at
    return deadlines.working_days_between(timezone.localdate(since), timezone.localdate(), dossier.competent)


@action("dossiers.expire_supplement")
def expire_supplement(act: Act, *, supplement: Supplement) -> Supplement:
    """No answer came in the time given: whoever asked is told that the dossier may be stopped. Nothing ends by itself.

    The person may still answer until an official stops the dossier.
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống được ghi nhận hết hạn bổ sung."))
    dossier = steps.lock(supplement.dossier_id)
    steps.require_lawful(act, dossier, "expire_supplement")
    supplement = Supplement.objects.select_for_update(of=("self",)).get(pk=supplement.pk)
    if supplement.answered_at or supplement.answer_by is None or supplement.answer_by > timezone.now():
        raise InvalidInput(_("Chưa hết hạn bổ sung."))
    supplement.expired_at = timezone.now()
    supplement.save(update_fields=("expired_at",))
    told = notices.tell_of_expiry(act, dossier, supplement)
    act.record(supplement, after={"dossier": dossier.code, "told": told}, organization_id=dossier.competent_id)
    return supplement


def _admit_own(act: Act, dossier: Dossier, verb: str) -> str:
    """As :func:`duties.admit`, for what people do with a dossier of their own without any permission."""
    if not access.is_own(act.actor, dossier):
        return duties.admit(act, dossier, verb)
    if not access.may_do(act.actor, dossier, "file"):
        raise NotAllowed(_("Doanh nghiệp không cử bạn làm việc này."), code="mandates.beyond")
    lawful.require(dossier, verb)
    needed = duties.DUTIES[verb].steps
    return steps.require_task(dossier, *needed) if needed else ""


@action("dossiers.answer_supplement")
def answer_supplement(
    act: Act,
    *,
    dossier: Dossier,
    papers: tuple[PaperIn, ...] = (),
    note: str = "",
    data: dict[str, object] | None = None,
) -> Dossier:
    """The person (or the clerk for the person at the counter) answers; the clock runs again."""
    dossier = steps.lock(dossier)
    task = _admit_own(act, dossier, "answer_supplement")
    supplement = Supplement.objects.select_for_update().get(dossier=dossier, answered_at__isnull=True)
    if not papers and not note.strip() and not data:
        raise InvalidInput(_("Hãy đính kèm giấy tờ hoặc ghi nội dung bổ sung."), field="note")
    before = steps.before(dossier)
    now = timezone.now()
    add_papers(act, dossier, papers, asked={item["code"] for item in supplement.items})
    if data:
        dossier.data = {**dossier.data, **data}
    supplement.answered_at, supplement.answer_note = now, note.strip()
    supplement.save(update_fields=("answered_at", "answer_note"))
    clock.resume(dossier, now)
    dossier.state = steps.resting_state(dossier)
    steps.advance(dossier, task, "answered")
    return steps.finish(act, dossier, verb="answer_supplement", before=before, outcome="answered", public_note=note)


@action("dossiers.refuse")
def refuse(act: Act, *, dossier: Dossier, reason: str) -> Dossier:
    """Refuse to take a dossier in, with a reason a person understands (Mẫu số 03)."""
    dossier = steps.lock(dossier)
    task = duties.admit(act, dossier, "refuse")
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi rõ lý do từ chối."), field="reason")
    before = steps.before(dossier)
    dossier.state = State.REFUSED
    steps.advance(dossier, task, "refuse")
    steps.finish(act, dossier, verb="refuse", before=before, outcome="refuse", public_note=reason.strip())
    issue_paper(act, dossier, "refusal", {"reason": reason.strip()})
    return dossier


@action("dossiers.withdraw")
def withdraw(act: Act, *, dossier: Dossier, reason: str = "") -> Dossier:
    """The person takes the dossier back before there is a result, alone or through the clerk at the counter.

    The clerk writes down who asked and how, since the person leaves no trace of their own.
    """
    dossier = steps.lock(dossier)
    _admit_own(act, dossier, "withdraw")
    if not access.is_own(act.actor, dossier) and not reason.strip():
        raise InvalidInput(_("Hãy ghi ai đề nghị rút và theo giấy tờ nào."), field="reason")
    before = steps.before(dossier)
    now = timezone.now()
    clock.stand_still(dossier, now)
    opinions.withdraw_open(dossier, now)
    dossier.state = State.WITHDRAWN
    return steps.finish(act, dossier, verb="withdraw", before=before, public_note=reason.strip())
