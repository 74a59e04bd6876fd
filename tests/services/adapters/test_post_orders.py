"""The post's own system: a result ordered to be brought, followed, and believed only where it can be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import NotAllowed, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.people.models import Party
from hienluong.services.adapters import actions as asked
from hienluong.services.adapters import sending
from hienluong.services.adapters.base import Answer
from hienluong.services.adapters.models import Pending
from hienluong.services.dossiers import actions, tasks
from hienluong.services.dossiers.models import Dossier, PostOrder
from tests.clock import Clock
from tests.services.adapters.process import MinistriesProcess
from tests.services.dossiers.province import Province
from tests.services.dossiers.test_post import with_result
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

WHO = system("kiểm thử")
ADDRESS = "12 Lê Lợi, phường Đông Hà, tỉnh Quảng Trị"


@pytest.fixture
def province(db: None) -> Province:
    p = ready(Province)
    Party.objects.filter(pk=p.party.pk).update(address=ADDRESS, phone="0912345678")
    p.party = Party.objects.get(pk=p.party.pk)
    return p


def ordered(p: Province) -> Dossier:
    """A signed result whose order was put to the post."""
    dossier = with_result(p, delivery="post")
    dispatch_waiting()
    return dossier


def fresh(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def own(p: Province, dossier: Dossier) -> str:
    client = Client()
    client.force_login(Account.objects.get(pk=p.citizen.account_id))
    return client.get(f"/ho-so/{dossier.code}").content.decode()


def look() -> None:
    PostOrder.objects.filter(next_look_at__isnull=False).update(next_look_at=timezone.now())
    assert tasks.follow_post(0) == 1
    sending.turn("post")


def sent(ministries: MinistriesProcess, p: Province) -> tuple[Dossier, PostOrder]:
    """A parcel that the counter has given to the post under the number of the order."""
    dossier = ordered(p)
    assert sending.turn("post") == 1
    order = PostOrder.objects.get()
    actions.return_result(p.clerk, dossier=dossier, by_post=True, carrier="Bưu điện", number="")
    return fresh(dossier), order


def test_what_is_to_be_brought_is_ordered_followed_and_there(ministries: MinistriesProcess, province: Province) -> None:
    dossier, order = sent(ministries, province)
    assert (order.state, dossier.delivery_state, dossier.parcels.get().number) == (
        "accepted",
        "on_the_way",
        order.parcel,
    )
    assert order.order in ministries.page("/so/buu-chinh")
    for code, state in (("2", "collected"), ("3", "in_transit"), ("4", "out_for_delivery"), ("3", "in_transit")):
        ministries.move(order.order, code)
        look()
        order.refresh_from_db()
        assert (order.state, order.why) == (state, "")
    page = own(province, dossier)
    for words in ("Đang vận chuyển", "Bưu cục Đông Hà", order.parcel):
        assert words in page, words
    form = {"ma": dossier.code, "fact": province.party.identifier[-4:]}
    tracked = Client().post("/ho-so/tra-cuu", form).content.decode()
    assert "Đang vận chuyển" in tracked
    assert order.parcel not in tracked
    ministries.move(order.order, "5")
    look()
    order.refresh_from_db()
    dossier = fresh(dossier)
    assert (order.state, order.next_look_at, dossier.delivery_state) == ("delivered", None, "delivered")
    assert dossier.parcels.get().arrived_on == timezone.localdate()
    assert Notification.objects.filter(kind="dossier.note_delivered").count() == 0
    assert tasks.follow_post(0) == 0


def test_the_same_again_changes_nothing_and_what_cannot_follow_is_refused(
    ministries: MinistriesProcess, province: Province
) -> None:
    dossier, order = sent(ministries, province)
    ministries.move(order.order, "5")
    look()
    events = PostOrder.objects.get().events
    row = Pending.objects.get(operation="track")
    steps = dossier.handovers.count()
    for state, at in (("delivered", events[-1]["at"]), ("in_transit", events[-1]["at"])):
        Pending.objects.filter(pk=row.pk).update(state="waiting")
        told = Answer({"state": state, "events": [{"state": state, "at": at}]}, timezone.now())
        asked.note_answer(WHO, pending=row, answer=told, fault=None)
        order.refresh_from_db()
        assert (order.state, fresh(dossier).delivery_state) == ("delivered", "delivered")
    assert dossier.handovers.count() == steps
    assert Entry.objects.filter(verb="dossiers.refuse_post_state").count() == 1


def test_a_moment_that_has_not_come_is_not_believed(ministries: MinistriesProcess, province: Province) -> None:
    _dossier, order = sent(ministries, province)
    look()
    row = Pending.objects.get(operation="track")
    Pending.objects.filter(pk=row.pk).update(state="waiting")
    at = (timezone.now() + timedelta(days=2)).isoformat()
    told = Answer({"state": "delivered", "events": [{"state": "delivered", "at": at}]}, timezone.now())
    asked.note_answer(WHO, pending=row, answer=told, fault=None)
    order.refresh_from_db()
    assert (order.state, order.why) == ("accepted", "state")


def test_what_comes_back_waits_at_the_counter_and_the_person_is_told_once(
    ministries: MinistriesProcess, province: Province
) -> None:
    dossier, order = sent(ministries, province)
    ministries.move(order.order, "6")
    look()
    dispatch_waiting()
    assert fresh(dossier).delivery_state == "ready"
    note = Notification.objects.get(kind="dossier.post_returned")
    assert f"Mời nhận tại {province.counter.name}." in note.body
    actions.note_delivered(
        province.clerk, dossier=dossier, arrived_on=timezone.localdate(), recipient="Nguyễn Thị Lành"
    )
    assert fresh(dossier).delivery_state == "delivered"


def test_while_the_post_is_away_the_order_waits_and_is_placed_once(
    ministries: MinistriesProcess, province: Province, at: Clock
) -> None:
    now = timezone.now()
    at(now)
    ministries.switch("post", lost=1, down=1)
    dossier = ordered(province)
    before = ministries.page("/so/buu-chinh").count("EM")
    for minutes in (0, 5, 10):
        at(now + timedelta(minutes=minutes))
        sending.turn("post")
        if PostOrder.objects.get().state == "accepted":
            break
        assert "Đang đặt chuyển phát" in own(province, dossier)
    order = PostOrder.objects.get()
    assert (order.state, ministries.page("/so/buu-chinh").count("EM")) == ("accepted", before + 1)
    actions.order_post(WHO, dossier=dossier)
    assert PostOrder.objects.count() == 1


def test_without_an_address_the_counter_is_told(ministries: MinistriesProcess, province: Province) -> None:
    Party.objects.filter(pk=province.party.pk).update(address="")
    province.party = Party.objects.get(pk=province.party.pk)
    dossier = ordered(province)
    assert (PostOrder.objects.get().state, Pending.objects.count()) == ("failed", 0)
    assert "thiếu địa chỉ hoặc số điện thoại" in own(province, dossier)


def test_what_was_handed_over_meanwhile_is_not_ordered(ministries: MinistriesProcess, province: Province) -> None:
    dossier = ordered(province)
    actions.return_result(province.clerk, dossier=dossier, recipient="Nguyễn Thị Lành")
    assert sending.turn("post") == 0
    assert (PostOrder.objects.get().state, Pending.objects.get().state) == ("cancelled", "done")


def test_nothing_is_ordered_for_who_comes_themselves_and_only_the_process_orders(
    ministries: MinistriesProcess, province: Province
) -> None:
    dossier = with_result(province)
    dispatch_waiting()
    assert not PostOrder.objects.exists()
    for who in (province.clerk, province.citizen, province.anonymous):
        with pytest.raises(NotAllowed):
            actions.order_post(who, dossier=dossier)
