"""The post: a dossier that came by it, and a result on its way by it until it is delivered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions, publishing
from hienluong.services.dossiers.models import DeliveryState, Dossier, Parcel, Result, State
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db

POST = {"carrier": "Bưu điện Việt Nam", "number": "EA 123456789 vn"}


def with_result(p: Province, **how: Any) -> Dossier:
    dossier = actions.receive(p.clerk, dossier=p.file(**how))
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    publishing.produce(Result.objects.get(pk=actions.sign(p.leader, dossier=dossier).pk))
    return Dossier.objects.get(pk=dossier.pk)


def browser(p: Province, who: str) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=getattr(p, who).account_id))
    return client


def test_what_came_by_post_has_its_number_and_its_day_and_the_deadline_counts_from_reception(
    province: Province,
) -> None:
    dossier = province.file(channel="post")
    arrived = timezone.localdate() - timedelta(days=3)
    actions.record_posted_in(province.clerk, dossier=dossier, arrived_on=arrived, **POST)
    parcel = dossier.parcels.get()
    assert (parcel.number, parcel.arrived_on, parcel.direction) == ("EA123456789VN", arrived, Parcel.Direction.IN)
    received = actions.receive(province.clerk, dossier=dossier)
    change = received.deadline_changes.get()
    assert received.received_at is not None
    assert change.lines[0]["day"] >= timezone.localdate(received.received_at).isoformat()
    assert "EA123456789VN" in browser(province, "citizen").get(f"/ho-so/{dossier.code}").content.decode()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": ""}, "number"),
        ({"number": "<b>12345</b>"}, "number"),
        ({"number": "ĐÂY12345"}, "number"),
        ({"carrier": " "}, "carrier"),
        ({"days": 1}, "arrived_on"),
    ],
)
def test_a_number_that_is_none_is_refused(province: Province, change: dict[str, Any], field: str) -> None:
    told = {**POST, **change}
    day = timezone.localdate() + timedelta(days=told.pop("days", 0))
    with pytest.raises(InvalidInput) as refused:
        actions.record_posted_in(province.clerk, dossier=province.file(channel="post"), arrived_on=day, **told)
    assert refused.value.field == field
    assert Parcel.objects.count() == 0


def test_only_what_came_by_post_came_by_post(province: Province) -> None:
    today = timezone.localdate()
    with pytest.raises(InvalidInput):
        actions.record_posted_in(province.clerk, dossier=province.file(), arrived_on=today, **POST)
    with pytest.raises(NotAllowed):
        actions.record_posted_in(province.other_clerk, dossier=province.file(channel="post"), arrived_on=today, **POST)


def test_a_result_travels_until_the_post_says_that_it_arrived(province: Province) -> None:
    dossier = with_result(province, delivery="post")
    with pytest.raises(InvalidInput) as refused:
        actions.return_result(province.clerk, dossier=dossier, by_post=True)
    assert refused.value.field == "carrier"
    assert Dossier.objects.get(pk=dossier.pk).state == State.COMPLETED
    actions.return_result(province.clerk, dossier=dossier, by_post=True, **POST)
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert (dossier.state, dossier.delivery_state) == (State.RETURNED, DeliveryState.ON_THE_WAY)
    page = browser(province, "citizen").get(f"/ho-so/{dossier.code}").content.decode()
    assert "EA123456789VN" in page
    assert "Đang chuyển phát" in page
    today = timezone.localdate()
    with pytest.raises(InvalidInput):
        actions.note_delivered(
            province.clerk, dossier=dossier, arrived_on=today - timedelta(days=5), recipient="Nguyễn Thị Lành"
        )
    with pytest.raises(NotAllowed):
        actions.note_delivered(province.officer, dossier=dossier, arrived_on=today, recipient="Nguyễn Thị Lành")
    actions.note_delivered(province.clerk, dossier=dossier, arrived_on=today, recipient="Nguyễn Thị Lành")
    dossier = Dossier.objects.get(pk=dossier.pk)
    assert (dossier.state, dossier.delivery_state) == (State.RETURNED, DeliveryState.DELIVERED)
    with pytest.raises(InvalidInput):
        actions.note_delivered(province.clerk, dossier=dossier, arrived_on=today, recipient="Ai đó")
    page = browser(province, "citizen").get(f"/ho-so/{dossier.code}").content.decode()
    assert "Đang chuyển phát" not in page
    assert "Bưu chính đã phát kết quả" in page


def test_the_clerk_does_it_on_the_page(province: Province) -> None:
    dossier = with_result(province, delivery="post")
    client = browser(province, "clerk")
    url = f"/lam-viec/ho-so/{dossier.code}"
    wrong = client.post(f"{url}/viec/return_result", {"return_result-how": "post", "return_result-carrier": "VNPost"})
    assert wrong.status_code == 422
    assert "Số hiệu bưu gửi gồm" in wrong.content.decode()
    form = {"return_result-how": "post", "return_result-carrier": "VNPost", "return_result-number": "EA123456789VN"}
    assert client.post(f"{url}/viec/return_result", form).status_code == 302
    assert "Bưu chính báo đã phát" in client.get(url).content.decode()
    delivered = {
        "note_delivered-arrived_on": f"{timezone.localdate():%d/%m/%Y}",
        "note_delivered-recipient": "Nguyễn Thị Lành",
    }
    assert client.post(f"{url}/viec/note_delivered", delivered).status_code == 302
    assert Dossier.objects.get(pk=dossier.pk).delivery_state == DeliveryState.DELIVERED


def test_over_the_counter_somebody_takes_it(province: Province) -> None:
    dossier = with_result(province)
    with pytest.raises(InvalidInput) as refused:
        actions.return_result(province.clerk, dossier=dossier)
    assert refused.value.field == "recipient"
