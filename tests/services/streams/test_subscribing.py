"""Subscriptions: asked for, decided by somebody else, looked at by those whom they concern; events taken over HTTPS."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity.models import Account
from hienluong.foundation.sso import actions as sso
from hienluong.services.streams import registry, running, subscriptions
from hienluong.services.streams.models import SchemaVersion, Subscription, Undelivered
from hienluong.services.streams.subscriptions import WrongState
from tests.factories import actor_for_role, make_org
from tests.foundation.sso.system import basic
from tests.services.streams.broker import Broker, Bus
from tests.services.streams.sample import HERE, TYPE, Office, left, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    registry.install(running.WHO)
    return Office()


def browser(actor: Any) -> Client:
    found = Client()
    found.force_login(Account.objects.get(pk=actor.account_id))
    return found


def boxes(name: str, day: date) -> dict[str, int]:
    """A day as the form asks for it."""
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def test_nobody_approves_what_they_asked_for(office: Office) -> None:
    both = actor_for_role("admin", office.province)
    mine = subscriptions.request(both, **office.terms())
    with pytest.raises(NotAllowed), transaction.atomic():
        subscriptions.approve(both, subscription=mine)
    approved = subscriptions.approve(office.decider, subscription=mine)
    assert (approved.state, approved.since is not None) == ("approved", True)
    assert [step.state for step in mine.steps.all()] == ["requested", "approved"]


def test_only_those_whom_it_concerns_ask_decide_and_see(office: Office) -> None:
    stranger = actor_for_role("officer", make_org("Sở khác", parent=office.province))
    with pytest.raises(NotAllowed), transaction.atomic():
        subscriptions.request(stranger, **office.terms())
    mine = office.ask()
    for other in (stranger, office.asker, actor_for_role("head", office.agency)):
        with pytest.raises(NotAllowed), transaction.atomic():
            subscriptions.approve(other, subscription=mine)
    with pytest.raises(NotFound):
        subscriptions.visible_one(stranger, mine.code)
    assert subscriptions.visible_one(office.asker, mine.code) == mine
    found = subscriptions.approve(office.decider, subscription=mine)
    with pytest.raises(NotAllowed), transaction.atomic():
        subscriptions.end(stranger, subscription=found, reason="không phải việc của tôi")
    with pytest.raises(InvalidInput), transaction.atomic():
        subscriptions.suspend(office.decider, subscription=found, reason=" ")
    subscriptions.end(office.asker, subscription=found, reason="Không dùng nữa")
    with pytest.raises(WrongState), transaction.atomic():
        subscriptions.resume(office.decider, subscription=found)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"types": []}, "types"),
        ({"types": ["account.created"]}, "types"),
        ({"way": "thu"}, "way"),
        ({"way": "webhook"}, "url"),
        ({"way": "webhook", "url": "https://169.254.169.254/latest"}, "url"),
        ({"way": "webhook", "url": "http://he-thong.example/"}, "url"),
        ({"purpose": " "}, "purpose"),
        ({"legal_ground": "\x00"}, "legal_ground"),
        ({"filters": {"mã": ["1"]}}, "filters"),
        ({"filters": {"code": []}}, "filters"),
        ({"filters": {"code": [str(number) for number in range(101)]}}, "filters"),
        ({"since": date(2026, 1, 2), "until": date(2026, 1, 1)}, "until"),
        ({"since": date(2020, 1, 1), "until": date(2020, 2, 1)}, "until"),
        ({"until": date.max}, "until"),
        ({"until": timezone.localdate() + timedelta(days=366 * 6)}, "until"),
        ({"told_since": timezone.localdate() + timedelta(days=2)}, "told_since"),
    ],
)
def test_terms_that_cannot_be(office: Office, settings: Any, changes: dict[str, Any], field: str) -> None:
    settings.WEBHOOK_NETWORKS = []
    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        office.ask(**changes)
    assert refused.value.field == field
    assert not Subscription.objects.exists()


def test_a_system_that_was_cut_off_is_told_nothing(office: Office) -> None:
    office.subscribe()
    assert subscriptions.in_force().count() == 1
    office.system.disabled_at = timezone.now()
    office.system.save()
    assert subscriptions.in_force().count() == 0
    with pytest.raises(InvalidInput):
        office.ask()


def test_the_pages_lead_from_asking_to_the_decision(office: Office, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = HERE
    asking, deciding = browser(office.asker), browser(office.decider)
    today = timezone.localdate()
    form = {
        "system": office.system.pk,
        "types": [TYPE, "codelist.changed"],
        "filters": "code = H50.08, H50.09",
        "way": "webhook",
        "url": "https://10.0.0.7/nhan",
        "purpose": "Cập nhật danh bạ",
        "legal_ground": "NĐ 278",
        **boxes("since", today),
        **boxes("until", today + timedelta(days=9)),
    }
    answer = asking.post("/quan-tri/su-kien/de-nghi", form, secure=True)
    assert answer.status_code == 422
    assert "Cập nhật danh bạ" in answer.content.decode()  # what was typed is kept
    form |= {"url": "http://127.0.0.1:9/nhan", "types": [TYPE]}
    answer = asking.post("/quan-tri/su-kien/de-nghi", form, secure=True, follow=True)
    made = Subscription.objects.get()
    assert made.filters == {"code": ["H50.08", "H50.09"]}
    assert made.code in answer.content.decode()
    page = f"/quan-tri/su-kien/dang-ky/{made.code}"
    assert "Duyệt" not in asking.get(page, secure=True).content.decode()
    assert asking.post(page, {"viec": "duyet"}, secure=True).status_code == 403
    assert deciding.post(page, {"viec": "tu-choi"}, secure=True).status_code == 422  # no reason
    assert deciding.post(page, {"viec": "bậy"}, secure=True).status_code == 422
    assert deciding.post(page, {"viec": "duyet"}, secure=True).status_code == 302
    Undelivered.objects.create(
        subscription=made,
        sequence=7,
        key="organisations.organization:7",
        event={"id": "x", "type": "vn.hienluong.organization.changed", "subject": "7", "time": "2026-11-01T00:00:00Z"},
        attempts=12,
        next_try_at=timezone.now(),
        failed_at=timezone.now(),
        given_up_at=timezone.now(),
        error="HTTP 500 <script>",
    )
    listing = "/quan-tri/su-kien/chua-giao"
    text = deciding.get(listing, secure=True).content.decode()
    assert "HTTP 500 &lt;script&gt;" in text
    assert "Đã thôi thử" in text
    act = {"dang_ky": made.code, "so": "7"}
    assert deciding.post(listing, {**act, "viec": "bo-qua"}, secure=True).status_code == 422
    assert asking.post(listing, {**act, "viec": "gui-lai"}, secure=True).status_code == 302
    assert Undelivered.objects.get().given_up_at is None
    stranger = browser(actor_for_role("officer", make_org("Sở khác", parent=office.province)))
    assert stranger.post(listing, {**act, "viec": "gui-lai"}, secure=True).status_code == 404
    assert stranger.get(page, secure=True).status_code == 404
    assert made.code not in stranger.get("/quan-tri/su-kien/", secure=True).content.decode()
    clerk = browser(actor_for_role("clerk", office.agency))
    assert clerk.get("/quan-tri/su-kien/", secure=True).status_code == 403
    when = boxes("since", today)
    assert asking.post(f"{page}/gui-lai", {**when, "reason": "Mất đĩa"}, secure=True).status_code == 302
    assert Subscription.objects.get().rewind is True
    deciding.post(listing, {**act, "viec": "bo-qua", "ly_do": "Không cần"}, secure=True)
    assert not Undelivered.objects.exists()


def test_a_schema_is_looked_at_before_it_is_added(office: Office) -> None:
    page = f"/quan-tri/su-kien/loai/{TYPE}"
    admin, officer = browser(office.decider), browser(office.asker)
    assert "Phiên bản tiếp theo" not in officer.get(page, secure=True).content.decode()
    breaking = '{"type": "object", "properties": {}, "required": []}'
    assert officer.post(page, {"body": breaking, "viec": "them"}, secure=True).status_code == 403
    text = admin.post(page, {"body": breaking, "viec": "kiem-tra"}, secure=True).content.decode()
    assert "/code: trường bị bỏ." in text
    assert admin.post(page, {"body": breaking, "viec": "them"}, secure=True).status_code == 422
    assert admin.post(page, {"body": "{", "viec": "kiem-tra"}, secure=True).status_code == 422
    wider = (
        '{"type": "object", "properties": {"code": {"type": "string", "maxLength": 40}, "level": {"type": "string"}},'
        ' "required": ["code"]}'
    )
    assert "tương thích" in admin.post(page, {"body": wider, "viec": "kiem-tra"}, secure=True).content.decode()
    assert SchemaVersion.objects.filter(type=TYPE).count() == 1
    assert admin.post(page, {"body": wider, "viec": "them"}, secure=True).status_code == 302
    assert SchemaVersion.objects.filter(type=TYPE).count() == 2
    assert admin.get("/quan-tri/su-kien/loai/khong.co", secure=True).status_code == 404
    public = Client().get(f"/api/v1/events/types/{TYPE}/schemas/2", secure=True)
    assert public.json()["properties"]["level"] == {"type": "string"}
    assert Client().get(f"/api/v1/events/types/{TYPE}/schemas/99999999", secure=True).status_code == 404
    types = Client().get("/api/v1/events/types", secure=True).json()["items"]
    assert {one["name"]: one["versions"] for one in types}[TYPE] == [2, 1]


def token_of(system: Any, secret: str) -> str:
    answer = Client().post(
        "/sso/ma",
        {"grant_type": "client_credentials", "scope": "api.read"},
        headers={"authorization": basic(system.client_id, secret)},
        secure=True,
    )
    return str(answer.json()["access_token"])


def pulled(token: str, code: str, **query: Any) -> Any:
    return Client().get(
        f"/api/v1/events/subscriptions/{code}/events",
        query,
        headers={"authorization": f"Bearer {token}"} if token else {},
        secure=True,
    )


def test_a_system_takes_its_events_in_pages(bus: Bus) -> None:
    office = Office()
    found = office.subscribe(filters={"code": [str(number) for number in range(0, 60, 2)]})
    token = token_of(office.system, office.secret)
    assert pulled(token, found.code).json() == {"items": [], "after": 0, "more": False}
    tell(*[(f"k{number % 4}", str(number)) for number in range(60)])
    bus.publish()
    told: list[dict[str, Any]] = []
    after: dict[str, Any] = {}
    while True:
        page = pulled(token, found.code, size=7, **after).json()
        assert len(page["items"]) <= 7
        told += page["items"]
        after = {"after": page["after"]}
        if not page["more"]:
            break
    assert [each["data"]["code"] for each in told] == [str(number) for number in range(0, 60, 2)]
    assert not any("redelivered" in each for each in told)
    again = pulled(token, found.code, since=timezone.localdate().isoformat(), size=500).json()["items"]
    assert [each["id"] for each in again] == [each["id"] for each in told]
    assert all(each["redelivered"] for each in again)
    assert pulled(token, found.code, **after).json()["items"] == []
    for bad in (
        {"after": 1, "since": "2026-11-01"},
        {"after": -1},
        {"after": "x"},
        {"size": 501},
        {"since": "0001-01-01"},
    ):
        assert pulled(token, found.code, **bad).status_code == 422


def test_nobody_else_takes_them(bus: Bus) -> None:
    office = Office()
    found = office.subscribe()
    other, secret = office.connect("Hệ thống khác")
    assert pulled(token_of(other, secret), found.code).status_code == 404
    assert pulled("", found.code).status_code == 401
    assert pulled("xyz", found.code).status_code == 401
    assert (
        browser(office.asker).get(f"/api/v1/events/subscriptions/{found.code}/events", secure=True).status_code == 401
    )
    token = token_of(office.system, office.secret)
    assert pulled(token, found.code).status_code == 200
    subscriptions.suspend(office.decider, subscription=found, reason="Kiểm tra")
    assert pulled(token, found.code).status_code == 404
    sso.disable(office.decider, system=office.system, reason="Lộ mật khẩu")
    assert pulled(token, found.code).status_code == 401


def test_while_the_event_server_is_away_a_system_is_told_so(own_bus: Bus, own_broker: Broker) -> None:
    office = Office()
    found = office.subscribe()
    tell(("a", "1"))
    own_bus.publish()
    token = token_of(office.system, office.secret)
    own_broker.kill()
    answer = pulled(token, found.code)
    assert (answer.status_code, answer.json()["code"]) == (503, "streams.away")
    own_broker.start()
    assert [each["data"]["code"] for each in pulled(token, found.code).json()["items"]] == ["1"]
    assert left() == 0
