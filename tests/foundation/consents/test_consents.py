"""Agreeing purpose by purpose, never by default; asked again when the words change; taken back at once; proven by the words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.consents import actions, catalogue, queries
from hienluong.foundation.consents.catalogue import Basis, Purpose
from hienluong.foundation.consents.models import Decision
from hienluong.foundation.events.models import Event
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.notifications.models import Delivery
from tests.factories import TESTER, make_account, make_org

pytestmark = pytest.mark.django_db
MAIL = "notifications.email"
NEWS = Purpose("test.news", 1, "Tin của tỉnh", "Gửi tin.", ("Thư điện tử",), "Không ai khác", "Một năm", sensitive=True)
LAW = replace(NEWS, code="test.law", title="Thống kê", basis=Basis.LAW, law="Điều 19")


@pytest.fixture
def purposes(monkeypatch: pytest.MonkeyPatch) -> dict[str, Purpose]:
    known = {**catalogue._purposes, NEWS.code: NEWS, LAW.code: LAW}
    monkeypatch.setattr(catalogue, "_purposes", known)
    return known


@pytest.fixture
def person(db: None, purposes: dict[str, Purpose]) -> Account:
    make_org("UBND tỉnh thử", kind="province", code="H50")
    return make_account("binh")


def browser_of(account: Account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def test_nothing_is_agreed_until_it_is_and_taking_back_holds_at_once(person: Account) -> None:
    client = browser_of(person)
    page = client.get(reverse("consents:mine")).content.decode()
    assert "Tin của tỉnh" in page
    assert "Dữ liệu nhạy cảm" in page
    assert "checked" not in page
    assert not queries.may(NEWS.code, person.pk)
    address = reverse("consents:decide", args=[NEWS.code])
    assert client.post(address, {"decision": "give", "version": "1"}).status_code == 302
    assert queries.may(NEWS.code, person.pk)
    given = Decision.objects.get()
    assert given.wording.content["controller"] == "UBND tỉnh thử"
    assert given.wording.content["data"] == ["Thư điện tử"]
    assert Entry.objects.filter(verb="consents.give", actor_id=person.pk).get().after["wording"] == given.wording_id
    shown = client.get(reverse("consents:one", args=[given.pk])).content.decode()
    assert given.wording_id in shown
    client.post(address, {"decision": "withdraw"})
    assert not queries.may(NEWS.code, person.pk)
    given.refresh_from_db()
    assert given.ended_how == "withdrawn"
    types = set(Event.objects.filter(type__startswith="consent.").values_list("type", flat=True))
    assert types == {"consent.given", "consent.withdrawn"}
    client.post(address, {"decision": "give", "version": "1"})
    assert Decision.objects.count() == 2, "what was decided before stays"


def test_other_words_are_asked_anew_and_old_ones_cannot_be_agreed_to(
    person: Account, purposes: dict[str, Purpose]
) -> None:
    me = actor_of(person)
    actions.give(me, account=person, purpose=NEWS.code, version=1)
    with pytest.raises(DomainError, match="đã đồng ý"):
        actions.give(me, account=person, purpose=NEWS.code, version=1)
    purposes[NEWS.code] = replace(NEWS, version=2, recipients="Báo của tỉnh")
    assert not queries.may(NEWS.code, person.pk)
    assert "cần quyết định lại" in browser_of(person).get(reverse("consents:mine")).content.decode()
    with pytest.raises(InvalidInput, match="đọc lại"):
        actions.give(me, account=person, purpose=NEWS.code, version=1)
    again = actions.give(me, account=person, purpose=NEWS.code, version=2)
    assert queries.may(NEWS.code, person.pk)
    first, second = Decision.objects.order_by("pk")
    assert (first.ended_how, second.pk, second.wording.content["recipients"]) == ("renewed", again.pk, "Báo của tỉnh")
    assert first.wording.content["recipients"] == "Không ai khác", "the words of then are kept"


def test_what_rests_on_the_law_goes_on_until_somebody_objects(person: Account) -> None:
    other = make_account("an")
    client, address = browser_of(person), reverse("consents:decide", args=[LAW.code])
    assert queries.may(LAW.code, None), "who has no account is served by the law"
    assert not queries.may(NEWS.code, None)
    client.post(address, {"decision": "object", "version": "1"})
    assert queries.may_among(LAW.code, [person.pk, other.pk]) == {other.pk}
    assert "Bạn phản đối" in client.get(reverse("consents:mine")).content.decode()
    client.post(address, {"decision": "end"})
    assert queries.may(LAW.code, person.pk)
    with pytest.raises(InvalidInput, match="không quyết định theo cách đó"):
        actions.give(actor_of(person), account=person, purpose=LAW.code, version=1)


def test_nobody_decides_for_another(person: Account) -> None:
    other = make_account("an")
    given = actions.give(actor_of(person), account=person, purpose=NEWS.code, version=1)
    for verb in (actions.give, actions.object_to):
        with pytest.raises(NotAllowed):
            verb(actor_of(other), account=person, purpose=NEWS.code, version=1)
    with pytest.raises(NotAllowed):
        actions.withdraw(actor_of(other), account=person, purpose=NEWS.code)
    with pytest.raises(NotAllowed):
        actions.end_all(actor_of(person), account=person)
    client = browser_of(other)
    assert client.get(reverse("consents:one", args=[given.pk])).status_code == 404
    for bad in ({"decision": "give", "version": "٢"}, {"decision": "nope"}, {"version": "9" * 40}, {}):
        assert client.post(reverse("consents:decide", args=[NEWS.code]), bad).status_code in (302, 404)
    assert client.post(reverse("consents:decide", args=["không.có"]), {"decision": "give"}).status_code == 404
    assert not queries.may(NEWS.code, other.pk)
    assert Client().get(reverse("consents:mine")).status_code == 302
    assert actions.end_all(system("đóng"), account=person) == 1
    assert not queries.may(NEWS.code, person.pk)


def test_a_reminder_leaves_by_mail_only_for_who_agreed_what_is_owed_always(person: Account) -> None:
    person.email = "binh@example.vn"
    person.save()

    def tell(key: str, kind: str) -> int:
        notify(TESTER, account=person, key=key, kind=kind, title="Nhắc")
        return Delivery.objects.filter(notification__key=key).count()

    assert tell("1", "dossier.supplement_soon") == 0
    assert tell("2", "dossier.request_supplement") == 1
    actions.give(actor_of(person), account=person, purpose=MAIL, version=catalogue.get(MAIL).version)
    assert tell("3", "dossier.supplement_soon") == 1
    actions.withdraw(actor_of(person), account=person, purpose=MAIL)
    assert tell("4", "dossier.supplement_soon") == 0


def test_the_page_costs_the_same_however_often_one_decided(person: Account, django_assert_max_num_queries: Any) -> None:
    me = actor_of(person)
    for _ in range(5):
        actions.give(me, account=person, purpose=NEWS.code, version=1)
        actions.withdraw(me, account=person, purpose=NEWS.code)
    client = browser_of(person)
    client.get(reverse("consents:mine"))
    with django_assert_max_num_queries(18):
        client.get(reverse("consents:mine"))
