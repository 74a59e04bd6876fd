"""The post's own system: a result ordered to be brought, and followed until it is there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action
from hienluong.services.adapters import asking
from hienluong.services.adapters.actions import let_wait
from hienluong.services.adapters.asking import Reason
from hienluong.services.adapters.base import Answer
from hienluong.services.adapters.faults import Fault
from hienluong.services.adapters.models import Pending

from .. import steps
from ..models import DeliveryState, Dossier, Parcel, PostOrder, Result, State

#: Under this name the post's answers come back.
TAKER = "dossiers.post"
#: How often an order is looked at, and when again after the post would not say.
LOOK_AGAIN, LOOK_LATER = timedelta(minutes=30), timedelta(hours=6)
#: Most that is kept of the way of one parcel, and how far a moment of it may lie ahead of our clock.
MOST_EVENTS, AHEAD = 60, timedelta(hours=1)
_S = PostOrder.State
_ON_ROAD = frozenset({_S.IN_TRANSIT, _S.OUT_FOR_DELIVERY, _S.DELIVERED, _S.RETURNED})
#: What may follow each state; nothing follows an end.
FOLLOWS: Mapping[str, frozenset[str]] = {
    _S.ACCEPTED: _ON_ROAD | {_S.COLLECTED, _S.CANCELLED},
    _S.COLLECTED: _ON_ROAD,
    _S.IN_TRANSIT: _ON_ROAD,
    _S.OUT_FOR_DELIVERY: _ON_ROAD,
}


@action("dossiers.order_post")
def order_post(act: Act, *, dossier: Dossier) -> PostOrder | None:
    """Order the signed result to be brought, once; None when the person chose another way or the post is not connected."""
    _system_only(act)
    dossier = steps.lock(dossier)
    result = Result.objects.filter(dossier=dossier, state=Result.State.SIGNED).first()
    order = PostOrder.objects.filter(result=result).first() if result else None
    wanted = dossier.state == State.COMPLETED and dossier.delivery == "post" and asking.can_ask("post", "order")
    if order or result is None or not wanted:
        act.record(dossier, verb="dossiers.order_post_repeat")
        return order
    now = timezone.now()
    order = PostOrder.objects.create(dossier=dossier, result=result, ordered_at=now, changed_at=now)
    try:
        with translation.override("vi"):
            let_wait(act, code="post", operation="order", question=_question(dossier, result), **_how(dossier, order))
    except InvalidInput:  # no address, or no telephone: the counter must ask the person
        order.state, order.why = _S.FAILED, "question"
        order.save(update_fields=("state", "why"))
    act.record(dossier, after={"post": order.state})
    return order


def _question(dossier: Dossier, result: Result) -> dict[str, Any]:
    said = {
        "reference": dossier.code,
        "sender": dossier.received_at_org.name,
        "recipient": dossier.filer.name,
        "phone": "".join(dossier.filer.phone.split()),
        "address": dossier.filer.address[:300],
        "content": result.name[:300],
    }
    return {name: value for name, value in said.items() if value}


def _how(dossier: Dossier, order: PostOrder) -> dict[str, Any]:
    words = _("Chuyển trả kết quả hồ sơ %(code)s qua bưu chính") % {"code": dossier.code}
    about = f"dossier:{dossier.code}#post.{order.pk}"
    return {"reason": Reason(str(words), dossier.received_at_org, dossier.filer, about), "taker": TAKER}


@action("dossiers.look_at_post")
def look_at_post(act: Act, *, order: PostOrder) -> PostOrder:
    """Ask the post where a parcel is; its answer comes by itself."""
    _system_only(act)
    order = PostOrder.objects.select_for_update().get(pk=order.pk)
    if order.next_look_at is None or not order.order:
        act.record(order, verb="dossiers.look_at_post_repeat")
        return order
    order.next_look_at = None
    order.save(update_fields=("next_look_at",))
    with translation.override("vi"):
        let_wait(act, code="post", operation="track", question={"order": order.order}, **_how(order.dossier, order))
    act.record(order, after={"order": order.order})
    return order


def take(act: Act, pending: Pending, answer: Answer | None, fault: Fault | None) -> None:
    """What the post said about an order. The same again changes nothing, what cannot follow is refused."""
    key = pending.about.rpartition(".")[2]
    order = PostOrder.objects.filter(pk=int(key)).first() if key.isdecimal() else None
    if order is None:
        return
    dossier = steps.lock(order.dossier_id)
    order = PostOrder.objects.select_for_update().get(pk=order.pk)
    if pending.operation == "order":
        _ordered(act, order, answer, fault)
    elif answer is None:
        order.why, order.next_look_at = fault.kind if fault else "", timezone.now() + LOOK_LATER
        order.save()
    else:
        _moved(act, dossier, order, answer.data)


def _ordered(act: Act, order: PostOrder, answer: Answer | None, fault: Fault | None) -> None:
    if order.state not in (_S.ORDERING, _S.FAILED) or order.order:
        return
    order.changed_at = timezone.now()
    if answer is None:
        order.state, order.why = _S.FAILED, fault.kind if fault else ""
    else:
        order.state, order.why = _S.ACCEPTED, ""
        order.order, order.parcel = str(answer.data["order"]), str(answer.data["parcel"])
        order.next_look_at = timezone.now() + LOOK_AGAIN
    order.save()
    act.record(order, verb="dossiers.take_post_order", after={"state": order.state, "parcel": order.parcel})


def _moved(act: Act, dossier: Dossier, order: PostOrder, told: Mapping[str, Any]) -> None:
    was, state = order.state, str(told["state"])
    events = [_event(each) for each in told["events"][-MOST_EVENTS:]]
    if (state != was and state not in FOLLOWS.get(was, frozenset())) or any(map(_is_ahead, events)):
        order.why, order.next_look_at = "state", timezone.now() + LOOK_AGAIN
        order.save()
        act.record(order, verb="dossiers.refuse_post_state", before={"state": was}, after={"state": state})
        return
    order.why, order.events = "", events
    if state != was:
        order.state, order.changed_at = state, timezone.now()
    order.next_look_at = None if order.has_ended else timezone.now() + LOOK_AGAIN
    order.save()
    if state == was:
        return
    act.record(order, verb="dossiers.take_post_state", before={"state": was}, after={"state": state})
    if dossier.delivery_state != DeliveryState.ON_THE_WAY or state not in (_S.DELIVERED, _S.RETURNED):
        return
    before = {**steps.before(dossier), "delivery_state": dossier.delivery_state}
    if state == _S.RETURNED:
        dossier.delivery_state = DeliveryState.READY
        with translation.override("vi"):
            words = _("Bưu chính không phát được và đã hoàn lại. Mời nhận tại %(place)s.") % {
                "place": dossier.received_at_org.name
            }
        steps.finish(act, dossier, verb="post_returned", before=before, public_note=words)
        return
    parcel = dossier.parcels.filter(direction=Parcel.Direction.OUT, number=order.parcel).first()
    recipient = str(told.get("recipient") or "")[:200]
    if parcel:
        parcel.arrived_on, parcel.recipient = timezone.localdate(_last_moment(order)), recipient
        parcel.save(update_fields=("arrived_on", "recipient"))
    dossier.delivery_state = DeliveryState.DELIVERED
    extra = {"number": order.parcel}
    steps.finish(act, dossier, verb="note_delivered", before=before, note=recipient, extra=extra)


def _event(told: Mapping[str, Any]) -> dict[str, str]:
    return {"state": str(told["state"]), "at": str(told["at"]), "place": str(told.get("place") or "")[:200]}


def _at(event: Mapping[str, str]) -> datetime:
    found = datetime.fromisoformat(event["at"])
    return found if found.tzinfo else timezone.make_aware(found)


def _is_ahead(event: Mapping[str, str]) -> bool:
    try:
        return _at(event) > timezone.now() + AHEAD
    except ValueError:
        return True


def _last_moment(order: PostOrder) -> datetime:
    return _at(order.events[-1]) if order.events else timezone.now()


def wanted(pending: Pending) -> bool:
    """Whether an order is still to be placed: it is not when the counter has handed the result over meanwhile."""
    key = pending.about.rpartition(".")[2]
    order = PostOrder.objects.select_related("dossier").filter(pk=int(key) if key.isdecimal() else 0).first()
    if order is None:
        return False
    return pending.operation != "order" or order.dossier.state == State.COMPLETED


def _system_only(act: Act) -> None:
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình nền được gửi đơn cho bưu chính."))
