"""Completion: sign, hand the result over, stop, reopen, apologise, revoke."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.signing import enrolling
from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Official, Position
from hienluong.services.procedures.rules import RuleSetSpec

from .. import clock, drafting, duties, effects, lawful, opinions, steps
from ..charging import charge_on_result, outstanding
from ..issuing import issue_paper
from ..models import DeadlineChange, DeliveryState, Dossier, PostOrder, Result, State
from .intake import Unpaid
from .post import give_to_post


class ExtensionNotAllowed(DomainError):
    """The rule set in force when the dossier was filed does not allow another new date."""

    code = "dossiers.extension_not_allowed"


@action("dossiers.sign")
def sign(act: Act, *, dossier: Dossier, accept: bool = True, note: str = "", seen: str = "") -> Result:
    """The leader signs (or sends back). The number is given now; the PDF is made and signed in the background.

    `seen` is the digest of the draft that the leader was shown (:func:`drafting.digest`): a draft that is no longer
    the same is not signed.
    """
    dossier = steps.lock(dossier)
    task = duties.admit(act, dossier, "sign")
    result = Result.objects.select_for_update().filter(dossier=dossier, state=Result.State.DRAFT).first()
    if result is None:
        raise InvalidInput(_("Chưa có dự thảo kết quả."))
    if accept and seen and seen != drafting.digest(result):
        raise InvalidInput(_("Dự thảo đã thay đổi sau khi bạn xem. Hãy xem lại rồi ký."), code="dossiers.draft_changed")
    before = steps.before(dossier)
    if not accept:
        if not note.strip():
            raise InvalidInput(_("Trả lại thì phải nêu lý do."), field="note")
        steps.advance(dossier, task, "back")
        steps.finish(act, dossier, verb="sign", before=before, outcome="back", note=note)
        return result
    _require_keys(act.actor.official_id, dossier)
    now = timezone.now()
    kind = dossier.procedure_version.spec.results[0]
    result.number = effects.certificate_number(result, timezone.localdate(now)) or _result_number(
        dossier, kind.number_suffix or "KQ", now
    )
    result.signed_by_id, result.signed_at, result.state = act.actor.official_id, now, Result.State.SIGNING
    result.signer_title = _title_of(act.actor.official_id, dossier)
    result.valid_until = effects.usual_end(result, timezone.localdate(now))
    result.save()
    written = effects.apply(act, result)
    steps.advance(dossier, task, "sign")
    dossier.waiting_task = dossier.waiting_lane = dossier.waiting_path = ""  # nobody's turn until the file is signed
    extra = {"number": result.number, **({"records": written} if written else {})}
    steps.finish(act, dossier, verb="sign", before=before, outcome="sign", note=note, extra=extra)
    from ..tasks import make_result

    make_result.defer(result_id=result.pk)
    return result


def _require_keys(official_id: int | None, dossier: Dossier) -> None:
    """Refuse what could not be signed: both the official and the agency must have a key in force."""
    official = Official.objects.filter(pk=official_id or 0).first()
    if official is None:
        raise NotAllowed(_("Người ký phải là cán bộ của cơ quan."), permission="dossiers.sign")
    for holder in (official, dossier.competent):
        enrolling.require_at_once(holder)


def _title_of(official_id: int | None, dossier: Dossier) -> str:
    """As what an official signs for the competent organisation: the post held there today."""
    if official_id is None:
        return ""
    held = Position.objects.filter(
        official_id=official_id,
        valid__contains=timezone.localdate(),
        organization__path__startswith=dossier.competent.path,
    )
    return held.values_list("title", flat=True).order_by("pk").first() or ""


def _result_number(dossier: Dossier, suffix: str, at: datetime) -> str:
    year = timezone.localtime(at).year
    series = f"result:{dossier.competent.code}:{year}:{suffix}"
    return f"{next_number(series):02d}/{suffix.replace('{year}', str(year))}"


@action("dossiers.attach_signed_result")
def attach_signed_result(act: Act, *, result: Result, file_id: UUID, token: str) -> Result:
    """The signed file is there: the dossier is finished, and waits to be handed over."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình ký số được gắn tệp kết quả."))
    dossier = steps.lock(result.dossier_id)
    steps.require_lawful(act, dossier, "attach_signed_result")
    result = Result.objects.select_for_update().get(pk=result.pk)
    before = steps.before(dossier)
    result.file_id, result.token, result.state = file_id, token, Result.State.SIGNED
    result.save()
    dossier.state = State.COMPLETED
    dossier.finished_at = result.signed_at
    due = clock.lawful_due(dossier)
    dossier.is_late = bool(due and result.signed_at and result.signed_at > due)
    dossier.delivery_state = DeliveryState.READY
    charge_on_result(act, dossier)
    steps.place(dossier)
    steps.finish(act, dossier, verb="complete", before=before, extra={"number": result.number})
    if dossier.delivery == "online" and not outstanding(dossier):
        hand_over(act, dossier, "online")
    return result


@action("dossiers.return_result")
def return_result(
    act: Act, *, dossier: Dossier, recipient: str = "", by_post: bool = False, carrier: str = "", number: str = ""
) -> Dossier:
    """Hand the result over at the counter, or give it to the post (then `carrier` and the parcel's `number`)."""
    dossier = steps.lock(dossier)
    duties.require(act.actor, dossier, "return_result")
    lawful.require_impartial(act.actor, dossier)
    steps.require_task(dossier, *duties.DUTIES["return_result"].steps)
    if not lawful.is_lawful(dossier, "return_result"):
        raise InvalidInput(_("Kết quả đang được ký số, xin chờ ít phút."), code="dossiers.result_not_ready")
    if not Result.objects.filter(dossier=dossier, state=Result.State.SIGNED).exists():
        raise InvalidInput(_("Kết quả đã bị thu hồi, không trả được. Hãy mở lại hồ sơ."), code="dossiers.no_result")
    if outstanding(dossier):
        raise Unpaid(_("Còn khoản phí, lệ phí chưa nộp."))
    if by_post:
        ordered = PostOrder.objects.filter(dossier=dossier).exclude(parcel="").order_by("-pk").first()
        give_to_post(act, dossier, carrier, number.strip() or (ordered.parcel if ordered else ""))
    elif not recipient.strip():
        raise InvalidInput(_("Hãy ghi người nhận kết quả."), field="recipient")
    return hand_over(act, dossier, "post" if by_post else "counter", recipient)


def hand_over(act: Act, dossier: Dossier, how: str, recipient: str = "") -> Dossier:
    """Close a locked dossier whose result reaches the person: ``counter``, ``post`` or ``online``."""
    before = steps.before(dossier)
    PostOrder.objects.filter(dossier=dossier, state=PostOrder.State.ORDERING).update(
        state=PostOrder.State.CANCELLED, changed_at=timezone.now()
    )
    dossier.state = State.RETURNED
    dossier.returned_at = timezone.now()
    dossier.delivery_state = DeliveryState.ON_THE_WAY if how == "post" else DeliveryState.DELIVERED
    steps.advance(dossier, "return_result", "returned")
    return steps.finish(act, dossier, verb="return_result", before=before, outcome=how, note=recipient)


@action("dossiers.stop")
def stop(act: Act, *, dossier: Dossier, reason: str) -> Dossier:
    """Stop a dossier (Mẫu số 05)."""
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "stop")
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi rõ lý do dừng."), field="reason")
    before = steps.before(dossier)
    now = timezone.now()
    clock.stand_still(dossier, now)
    opinions.withdraw_open(dossier, now)
    dossier.state = State.STOPPED
    steps.finish(act, dossier, verb="stop", before=before, public_note=reason.strip())
    issue_paper(act, dossier, "stop", {"reason": reason.strip()})
    return dossier


@action("dossiers.reopen")
def reopen(act: Act, *, dossier: Dossier, decision: str, due: datetime) -> Dossier:
    """Reopen a closed dossier by a decision: it goes back to review (to reception if it was never received)."""
    dossier = steps.lock(dossier)
    duties.require(act.actor, dossier, "reopen")
    lawful.require_impartial(act.actor, dossier)
    if not lawful.is_lawful(dossier, "reopen"):
        raise InvalidInput(_("Hồ sơ chưa kết thúc."))
    if not decision.strip():
        raise InvalidInput(_("Hãy ghi số, ngày quyết định mở lại."), field="decision")
    if due <= timezone.now():
        raise InvalidInput(_("Ngày hẹn mới phải ở tương lai."), field="due")
    if Result.objects.filter(dossier=dossier, state__in=(Result.State.SIGNED, Result.State.SIGNING)).exists():
        raise InvalidInput(_("Hãy thu hồi kết quả đã ký trước khi mở lại."), code="dossiers.result_in_force")
    before = steps.before(dossier)
    dossier.state = steps.resting_state(dossier)
    dossier.finished_at = dossier.returned_at = dossier.closed_at = None
    dossier.delivery_state = DeliveryState.NOT_READY
    opinions.withdraw_open(dossier, timezone.now())
    steps.rewind(dossier, _until_accepted(dossier))
    if dossier.received_at:
        clock.promise(dossier, due, DeadlineChange.Kind.REOPEN, decision.strip())
    return steps.finish(act, dossier, verb="reopen", before=before, public_note=decision.strip())


def _until_accepted(dossier: Dossier) -> list[dict[str, str]]:
    history: list[dict[str, str]] = dossier.process.history
    for index, item in enumerate(history):
        if item == {"task": "receive", "outcome": "accept"}:
            return history[: index + 1]
    return []


@action("dossiers.apologise")
def apologise(act: Act, *, dossier: Dossier, reason: str, due: datetime) -> Dossier:
    """Apologise for being late and promise a new date (Mẫu số 04)."""
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "apologise")
    if dossier.due_at is None:
        raise InvalidInput(_("Hồ sơ chưa có ngày hẹn trả."))
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi rõ lý do chậm."), field="reason")
    if due <= max(timezone.now(), dossier.due_at):
        raise InvalidInput(_("Ngày hẹn mới phải sau ngày hẹn cũ và ở tương lai."), field="due")
    rules = dossier.rule_set.spec
    _require_extension_left(dossier, rules)
    before = steps.before(dossier)
    old = dossier.due_at
    in_time = _apologises_in_time(dossier, rules)
    clock.promise(
        dossier,
        due,
        DeadlineChange.Kind.APOLOGY,
        rules.overdue_apology_legal_basis,
        ""
        if in_time
        else gettext("Xin lỗi muộn hơn quy định: phải trước hạn ít nhất %(days)s ngày làm việc.")
        % {"days": rules.apology_working_days_before_due},
    )
    steps.finish(act, dossier, verb="apologise", before=before, public_note=reason.strip(), extra={"in_time": in_time})
    issue_paper(
        act, dossier, "apology", {"reason": reason.strip(), "old_due": old.isoformat(), "new_due": due.isoformat()}
    )
    return dossier


def _require_extension_left(dossier: Dossier, rules: RuleSetSpec) -> None:
    promised = dossier.deadline_changes.filter(kind=DeadlineChange.Kind.APOLOGY).count()
    if promised >= rules.max_extensions:
        raise ExtensionNotAllowed(
            _("Đã xin lỗi và hẹn lại %(count)s lần; quy định cho tối đa %(limit)s lần (%(basis)s).")
            % {"count": promised, "limit": rules.max_extensions, "basis": rules.overdue_apology_legal_basis}
        )


def _apologises_in_time(dossier: Dossier, rules: RuleSetSpec) -> bool:
    """Whether the apology leaves before the day the rules name. A late one is still due to the person: it is written
    down as late, never refused."""
    due = clock.lawful_due(dossier) or dossier.due_at
    if due is None:
        return True
    left = deadlines.working_days_between(timezone.localdate(), timezone.localdate(due), dossier.competent)
    return left >= rules.apology_working_days_before_due


@action("dossiers.revoke_result")
def revoke_result(act: Act, *, result: Result, reason: str, legal_basis: str) -> Result:
    """Take a signed result back: from now on anyone who verifies it is told so.

    `legal_basis` is the decision or the article of law that it rests on; the public page shows both.
    """
    dossier = steps.lock(result.dossier_id)
    duties.admit(act, dossier, "revoke_result")
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi rõ lý do thu hồi."), field="reason")
    if not legal_basis.strip():
        raise InvalidInput(_("Hãy ghi căn cứ pháp lý hoặc quyết định thu hồi."), field="legal_basis")
    result = Result.objects.select_for_update().get(pk=result.pk)
    if result.state != Result.State.SIGNED:
        raise InvalidInput(_("Chỉ thu hồi được kết quả đã ký."))
    from ..publishing import revoke_published

    words = f"{reason.strip()} ({legal_basis.strip()})"
    revoke_published(act, result, words)
    left = effects.take_back(act, dossier, words)
    before = steps.before(dossier)
    result.state = Result.State.REVOKED
    result.save(update_fields=("state",))
    steps.finish(
        act,
        dossier,
        verb="revoke_result",
        before=before,
        public_note=words,
        extra={
            "number": result.number,
            "legal_basis": legal_basis.strip(),
            **({"records_left": left} if left else {}),
        },
    )
    return result
