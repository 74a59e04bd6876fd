"""The post: what came by it, and results on their way by it."""

from __future__ import annotations

from datetime import date

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, action

from .. import duties, steps
from ..models import Channel, DeliveryState, Dossier, Parcel


@action("dossiers.record_posted_in")
def record_posted_in(act: Act, *, dossier: Dossier, carrier: str, number: str, arrived_on: date) -> Parcel:
    """Note under which number, and on which day, a dossier came by post.

    The deadline counts from reception, as for every dossier; the day of arrival shows how long it lay unopened.
    """
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "record_posted_in")
    if dossier.channel != Channel.POST:
        raise InvalidInput(_("Hồ sơ này không nộp qua bưu chính."), code="dossiers.not_by_post")
    if arrived_on > timezone.localdate():
        raise InvalidInput(_("Ngày đến không thể ở tương lai."), field="arrived_on")
    parcel = _parcel(act, dossier, Parcel.Direction.IN, carrier, number)
    parcel.arrived_on = arrived_on
    parcel.save()
    act.record(dossier, after={"carrier": parcel.carrier, "number": parcel.number, "arrived_on": arrived_on})
    return parcel


def give_to_post(act: Act, dossier: Dossier, carrier: str, number: str) -> Parcel:
    """Note the parcel in which the result of a locked dossier travels, in the transaction that hands it over."""
    parcel = _parcel(act, dossier, Parcel.Direction.OUT, carrier, number)
    parcel.sent_at = timezone.now()
    parcel.save()
    return parcel


@action("dossiers.note_delivered")
def note_delivered(act: Act, *, dossier: Dossier, arrived_on: date, recipient: str) -> Dossier:
    """The post says that the result has reached the person; or who took at the counter what the post brought back."""
    dossier = steps.lock(dossier)
    duties.require(act.actor, dossier, "note_delivered")
    parcel = dossier.parcels.filter(direction=Parcel.Direction.OUT).order_by("-pk").first()
    if dossier.delivery_state not in (DeliveryState.ON_THE_WAY, DeliveryState.READY) or parcel is None:
        raise InvalidInput(_("Hồ sơ này không có kết quả đang chuyển phát."), code="dossiers.nothing_on_the_way")
    if not recipient.strip():
        raise InvalidInput(_("Hãy ghi người nhận theo báo phát."), field="recipient")
    sent_on = timezone.localdate(parcel.sent_at) if parcel.sent_at else arrived_on
    if not sent_on <= arrived_on <= timezone.localdate():
        raise InvalidInput(_("Ngày phát phải từ ngày gửi đến hôm nay."), field="arrived_on")
    before = {**steps.before(dossier), "delivery_state": dossier.delivery_state}
    parcel.arrived_on, parcel.recipient = arrived_on, recipient.strip()[:200]
    parcel.save(update_fields=("arrived_on", "recipient"))
    dossier.delivery_state = DeliveryState.DELIVERED
    return steps.finish(
        act, dossier, verb="note_delivered", before=before, note=parcel.recipient, extra={"number": parcel.number}
    )


def _parcel(act: Act, dossier: Dossier, direction: Parcel.Direction, carrier: str, number: str) -> Parcel:
    carrier, number = carrier.strip()[:80], "".join(number.split()).upper()
    if not carrier:
        raise InvalidInput(_("Hãy ghi đơn vị bưu chính."), field="carrier")
    if not (number.isascii() and number.isalnum() and 5 <= len(number) <= 40):
        raise InvalidInput(_("Số hiệu bưu gửi gồm 5 đến 40 chữ cái, chữ số, ví dụ EA123456789VN."), field="number")
    if dossier.parcels.filter(direction=direction, number=number).exists():
        raise InvalidInput(_("Bưu gửi này đã được ghi cho hồ sơ."), field="number")
    return Parcel(
        dossier=dossier, direction=direction, carrier=carrier, number=number, recorded_by_id=act.actor.official_id
    )
