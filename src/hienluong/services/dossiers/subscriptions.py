"""What dossiers do when something happens elsewhere: money paid, an organisation succeeded."""

from __future__ import annotations

from django.utils import timezone

from hienluong.capabilities.payments.models import Charge
from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.events.models import Event
from hienluong.foundation.events.outbox import subscribe
from hienluong.services.adapters.asking import can_ask

from . import charging, enquiring, notices, steps
from .actions.completion import hand_over
from .actions.enquiries import enquire
from .actions.posting import order_post
from .charging import outstanding
from .models import Dossier, PaymentState, State


def subscribe_all() -> None:
    """Subscribe to the events that concern dossiers."""
    subscribe("charge.paid", on_money)
    subscribe("charge.refunded", on_money)
    subscribe("organization.succeeded", on_succession)
    subscribe("organization.moved", on_move)
    for verb in ("withdraw", "refuse", "stop"):
        subscribe(f"dossier.{verb}", on_end_without_result)
    subscribe("dossier.reopen", on_reopening)
    subscribe("dossier.complete", on_result)
    for verb in ("file", "correct_answers", "answer_supplement", "ask_again", "reopen"):
        subscribe(f"dossier.{verb}", on_other_answers)
    for verb in notices.TOLD:
        subscribe(f"dossier.{verb}", notices.tell_person)


def on_money(event: Event) -> None:
    """A charge of a dossier was paid or refunded."""
    reference = str(event.data.get("subject_ref", ""))
    if not reference.startswith("dossier:"):
        return
    dossier = Dossier.objects.filter(code=reference.removeprefix("dossier:")).first()
    if dossier:
        note_payment(system("Cổng thanh toán"), dossier=dossier)


def on_end_without_result(event: Event) -> None:
    """A dossier was withdrawn, refused or stopped: its charges follow."""
    dossier = Dossier.objects.filter(code=event.data.get("code", "")).first()
    if dossier:
        who = system("Hồ sơ kết thúc không có kết quả")
        charging.drop(who, dossier)
        note_payment(who, dossier=dossier)


def on_reopening(event: Event) -> None:
    """A dossier goes on: its charges are due again."""
    dossier = Dossier.objects.filter(code=event.data.get("code", "")).first()
    if dossier:
        who = system("Mở lại hồ sơ")
        charging.take_up_again(who, dossier)
        note_payment(who, dossier=dossier)


def on_other_answers(event: Event) -> None:
    """A dossier came, or says something else now: what its procedure asks of national systems is asked."""
    found = Dossier.objects.select_related("procedure_version", "subject", "filer", "competent", "handling")
    dossier = found.filter(code=event.data.get("code", "")).first()
    if dossier and enquiring.declared(dossier) and dossier.is_open:
        enquire(system("Đối chiếu với hệ thống quốc gia"), dossier=dossier)


def on_result(event: Event) -> None:
    """A result is signed: when the person wants it brought, that is ordered of the post."""
    dossier = Dossier.objects.filter(code=event.data.get("code", ""), delivery="post").first()
    if dossier and dossier.state == State.COMPLETED and can_ask("post", "order"):
        order_post(system("Trả kết quả qua bưu chính"), dossier=dossier)


@action("dossiers.note_payment")
def note_payment(act: Act, *, dossier: Dossier) -> Dossier:
    """Bring the dossier's payment state up to its charges."""
    dossier = steps.lock(dossier)
    before = {"payment_state": dossier.payment_state}
    states = {charge.state for charge in charges_of(f"dossier:{dossier.code}")}
    if Charge.State.DUE in states:
        dossier.payment_state = PaymentState.DUE
    elif Charge.State.PAID in states:
        dossier.payment_state = PaymentState.PAID
    elif Charge.State.REFUNDED in states:
        dossier.payment_state = PaymentState.REFUNDED
    else:
        dossier.payment_state = PaymentState.NONE
    dossier.save(update_fields=("payment_state",))
    act.record(dossier, before=before, after={"payment_state": dossier.payment_state})
    act.emit("dossier.payment_noted", dossier, {"code": dossier.code, "payment_state": dossier.payment_state})
    if dossier.state == State.COMPLETED and dossier.delivery == "online" and not outstanding(dossier):
        hand_over(act, dossier, "online")  # what was due with the result is paid
    if dossier.state == State.AWAITING_PAYMENT and not outstanding(dossier):
        was = steps.before(dossier)
        dossier.state = steps.resting_state(dossier)
        steps.finish(act, dossier, verb="pay", before=was)
    return dossier


def on_succession(event: Event) -> None:
    """An organisation handed over: a job moves its open work, and that of its divisions, to its main successor."""
    data = event.data
    known = (data.get("predecessor_id"), data.get("successor_id"))
    if not data.get("is_primary", True) or not all(known):
        return
    if str(data.get("on", "")) > timezone.localdate().isoformat():
        return  # announced for a later day; it is told again on that day
    from .tasks import move_work

    move_work.defer(predecessor_id=known[0], successor_id=known[1])


def on_move(event: Event) -> None:
    """An organisation stands elsewhere in the tree: a job renews the paths that dossiers repeat."""
    from .tasks import follow_move

    follow_move.defer(organization_id=int(event.subject.rpartition(":")[2]))
