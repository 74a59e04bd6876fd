"""What an official does about a difference: give the money to a charge, send it back, or say how it came about."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, NotFound, action

from . import actions, doors
from .models import Charge, Discrepancy, Payment, StatementLine

#: Kinds of difference that are about money which came in and which no charge has.
LOOSE_MONEY = (Discrepancy.Kind.SUSPENSE, Discrepancy.Kind.SILENT)


class AlreadyResolved(DomainError):
    """Somebody has dealt with this difference."""

    code = "payments.already_resolved"


def require_may(act: Act, permission: str, one: Discrepancy) -> None:
    """Refuse unless the actor holds the permission where the charge belongs; money of nobody: anywhere."""
    if one.charge is not None:
        act.require(permission, one.charge.organization.path)
    elif not act.actor.paths_with(permission):
        act.require(permission)


def _locked(act: Act, one: Discrepancy, permission: str) -> Discrepancy:
    found = Discrepancy.objects.select_for_update(of=("self",)).select_related("charge__organization").get(pk=one.pk)
    require_may(act, permission, found)
    if found.state != Discrepancy.State.OPEN:
        raise AlreadyResolved(_("Chênh lệch này đã được xử lý."))
    return found


def _close(act: Act, one: Discrepancy, how: str, note: str, **after: Any) -> Discrepancy:
    one.state, one.resolution, one.note = Discrepancy.State.RESOLVED, how, note.strip()[:2000]
    one.resolved_by, one.resolved_at = act.actor.label[:200], timezone.now()
    one.save()
    act.record(one, before={"state": "open"}, after={"state": "resolved", "how": how, "note": one.note, **after})
    return one


@action("payments.assign")
def assign(act: Act, *, discrepancy: Discrepancy, reference: str, note: str = "") -> Discrepancy:
    """Write loose money down as the payment of a charge that is due, to the đồng.

    Raises InvalidInput for another kind of difference, an unknown charge, or an amount that does not fit.
    """
    one = _locked(act, discrepancy, "payments.reconcile")
    if one.kind not in LOOSE_MONEY:
        raise InvalidInput(_("Chỉ tiền vào chưa biết của khoản nào mới gán được cho khoản thu."))
    charge = (
        Charge.objects.select_for_update(of=("self",))
        .select_related("organization")
        .filter(reference=reference.strip().upper())
        .first()
    )
    if charge is None or not act.actor.can("payments.reconcile", charge.organization.path):
        raise InvalidInput(_("Không có khoản thu nào mang mã này."), field="reference")
    if charge.state != Charge.State.DUE:
        raise InvalidInput(
            _("Khoản thu này không còn phải nộp (%(state)s).") % {"state": charge.get_state_display()},
            field="reference",
        )
    if charge.amount != one.money:
        raise InvalidInput(
            _("Số tiền vào (%(came)s đ) khác số phải nộp (%(due)s đ). Hãy trả lại người chuyển.")
            % {"came": f"{one.money:,}".replace(",", "."), "due": f"{charge.amount:,}".replace(",", ".")},
            field="reference",
        )
    line = StatementLine.objects.filter(
        provider=one.provider, transaction=one.transaction, direction=StatementLine.Direction.IN
    ).first()
    try:
        with transaction.atomic():
            actions.settle(act, charge, one.provider, one.transaction, line.booked_at if line else one.seen_at)
    except IntegrityError as error:
        raise AlreadyResolved(_("Giao dịch này đã được ghi cho một khoản thu.")) from error
    one.charge, one.charged = charge, charge.amount
    return _close(act, one, Discrepancy.Resolution.ASSIGNED, note, charge=charge.reference)


@action("payments.send_back")
def send_back(act: Act, *, discrepancy: Discrepancy, note: str) -> Discrepancy:
    """Send loose money back to whoever sent it: the provider is asked in the background, once under our number."""
    one = _locked(act, discrepancy, "payments.refund")
    if one.kind not in LOOSE_MONEY:
        raise InvalidInput(_("Chỉ tiền vào chưa biết của khoản nào mới trả lại được ở đây."))
    if Payment.objects.filter(provider=one.provider, provider_ref=one.transaction).exists():
        raise InvalidInput(_("Giao dịch này đã ghi cho một khoản thu; hãy hoàn trả khoản thu đó."))
    if not note.strip():
        raise InvalidInput(_("Hãy ghi lý do trả lại."), field="note")
    if not doors.has_door(one.provider):
        raise InvalidInput(_("Kênh này không nhận lệnh qua mạng. Hãy chuyển trả rồi ghi giải trình kèm mã giao dịch."))
    one.state, one.note, one.resolved_by, one.why = (
        Discrepancy.State.RETURNING,
        note.strip()[:2000],
        act.actor.label[:200],
        "",
    )
    one.save()
    act.record(one, before={"state": "open"}, after={"state": "returning", "amount": one.money, "note": one.note})
    from .tasks import ask_return

    ask_return.defer(discrepancy_id=one.pk)
    return one


@action("payments.note_return")
def note_return(act: Act, *, discrepancy: Discrepancy, transaction: str = "", refused: str = "") -> Discrepancy:
    """What the provider said to :func:`send_back`: sent under a transaction, or refused (then it is open again)."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh thanh toán được báo đã trả lại tiền."))
    one = Discrepancy.objects.select_for_update(of=("self",)).get(pk=discrepancy.pk)
    before = {"state": one.state}
    if one.state == Discrepancy.State.RETURNING:
        if transaction:
            one.state, one.resolution = Discrepancy.State.RESOLVED, Discrepancy.Resolution.RETURNED
            one.return_ref, one.resolved_at = transaction[:80], timezone.now()
        else:
            one.state, one.why, one.resolved_by = Discrepancy.State.OPEN, refused[:200], ""
        one.save()
    act.record(one, before=before, after={"state": one.state, "transaction": transaction, "refused": refused[:200]})
    return one


@action("payments.explain")
def explain(act: Act, *, discrepancy: Discrepancy, note: str) -> Discrepancy:
    """Close a difference with an explanation. Nothing is booked by that."""
    one = _locked(act, discrepancy, "payments.reconcile")
    if len(note.strip()) < 10:
        raise InvalidInput(_("Hãy giải trình rõ (ít nhất 10 ký tự)."), field="note")
    return _close(act, one, Discrepancy.Resolution.EXPLAINED, note)


def find(actor: Any, pk: int) -> Discrepancy:
    """The difference, for who reconciles where its charge belongs. Raises NotFound for everybody else."""
    one = Discrepancy.objects.select_related("charge__organization").filter(pk=pk).first()
    places = actor.paths_with("payments.reconcile")
    if (
        one is None
        or not places
        or not (one.charge is None or any(one.charge.organization.path.startswith(place) for place in places))
    ):
        raise NotFound(_("Không tìm thấy chênh lệch này."))
    return one
