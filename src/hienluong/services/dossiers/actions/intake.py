"""Intake: receive, ask for a supplement, take its answer, refuse."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from .. import access, clock, steps
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
    act.require("dossiers.receive", dossier.received_at_org.path)
    task = steps.require_task(dossier, "receive")
    if dossier.payment_state == PaymentState.DUE and outstanding(dossier):
        raise Unpaid(_("Hồ sơ chưa nộp phí, lệ phí. Hãy thu tại quầy hoặc chờ người dân thanh toán."))
    verdicts = keep_checks(act, dossier, checks) | require_papers(act, dossier)
    before = steps.before(dossier)
    dossier.received_at = timezone.now()
    dossier.receiver = steps.official(act)
    dossier.state = State.RECEIVED
    clock.set_due(dossier, dossier.received_at, DeadlineChange.Kind.SET)
    steps.advance(dossier, task, "accept")
    extra = {"papers": verdicts}
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
    task = steps.require_task(dossier, "receive", "review")
    stage = "reception" if task == "receive" else "review"
    act.require(
        "dossiers.request_supplement", dossier.received_at_org.path if stage == "reception" else dossier.handling_path
    )
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
        requested_by=steps.official(act),
        requested_at=now,
        answer_by=now + timedelta(days=rule.answer_days) if rule and rule.answer_days else None,
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
    task = steps.require_task(dossier, "await_receive", "await_review")
    if not access.is_own(act.actor, dossier):
        act.require("dossiers.receive", dossier.received_at_org.path)
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
    act.require("dossiers.refuse", dossier.received_at_org.path)
    task = steps.require_task(dossier, "receive")
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
    if not access.is_own(act.actor, dossier):
        act.require("dossiers.withdraw", dossier.received_at_org.path)
        if not reason.strip():
            raise InvalidInput(_("Hãy ghi ai đề nghị rút và theo giấy tờ nào."), field="reason")
    steps.require_open(dossier)
    before = steps.before(dossier)
    clock.resume(dossier, timezone.now())
    dossier.state = State.WITHDRAWN
    return steps.finish(act, dossier, verb="withdraw", before=before, public_note=reason.strip())
