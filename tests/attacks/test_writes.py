"""Mass assignment: what a form or the API does not ask for is not taken, however it is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django import forms
from django.test import Client
from django.urls import reverse
from ninja import Schema

from hienluong.capabilities.registers.models import Record
from hienluong.foundation.identity.models import Account
from hienluong.foundation.sso.models import Consent, System
from tests.capabilities.registers.test_api_writing import Town, send
from tests.factories import make_account, make_citizen, make_official, make_org, make_roles
from tests.foundation.signin.test_signing_in import PASSWORD
from tests.foundation.sso.system import Flow, registered
from tests.foundation.sso.test_pages import FORM

from .addresses import all_addresses

pytestmark = pytest.mark.django_db
#: What somebody would like to send along.
MORE: dict[str, Any] = {
    "is_active": "on",
    "is_staff": "on",
    "is_superuser": "on",
    "official": "1",
    "official_id": "1",
    "party": "1",
    "party_id": "1",
    "role": "admin",
    "roles": "admin",
    "permissions": "identity.manage",
    "username": "quantri",
    "user": "1",
    "account": "1",
    "account_id": "1",
    "one_time_until": "",
    "id": "1",
    "pk": "1",
    "owner": "H50",
    "trusted": "on",
    "secret": "x",
    "secret_until": "2099-01-01",
    "disabled_at": "",
    "level": "3",
    "organization": "H50",
}


def below(kind: type) -> Iterator[type]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def test_no_form_writes_into_a_table_by_itself() -> None:
    all_addresses()  # loads every view, and with it every form
    ours = [each for each in below(forms.BaseForm) if each.__module__.startswith("hienluong.")]
    assert len(ours) > 50
    assert [each for each in ours if issubclass(each, forms.BaseModelForm)] == []


def test_no_body_of_the_api_keeps_what_it_does_not_name() -> None:
    all_addresses()
    ours = [each for each in below(Schema) if each.__module__.startswith("hienluong.")]
    assert len(ours) > 5
    assert [each for each in ours if each.model_config.get("extra") == "allow"] == []


def kept() -> Any:
    """What nobody changes of themself."""
    names = ("username", "is_active", "official_id", "party_id", "one_time_until", "display_name")
    return [
        list(Account.objects.order_by("pk").values_list(*names)),
        list(Authenticator.objects.values_list("user_id")),
    ]


def test_ones_own_pages_take_nothing_more() -> None:
    make_roles()
    make_account("quan", official=make_official(role="admin", org=make_org(kind="province")))
    person = make_account("binh", party=make_citizen())
    person.set_password(PASSWORD)
    person.save()
    client = Client()
    before = kept()
    entered = client.post("/dang-nhap", {**MORE, "username": "binh", "password": PASSWORD}, secure=True)
    assert entered.status_code == 302
    new = "trâu đen gặm cỏ bờ sông"
    done = client.post("/tai-khoan/mat-khau", {**MORE, "old": PASSWORD, "new": new, "again": new}, secure=True)
    assert done.status_code == 302
    for path, form in (
        ("/ngon-ngu", {"language": "en"}),
        ("/giao-dien", {"theme": "dark"}),
        (reverse("signin:confirm"), {"password": new}),
        (reverse("signin:codes_app"), {"code": "000000"}),
        (reverse("signin:end_other_sessions"), {}),
    ):
        client.post(path, {**MORE, **form}, secure=True)
    assert kept() == before
    person.refresh_from_db()
    assert (person.language, person.theme) == ("en", "dark")


def test_a_system_and_a_consent_take_nothing_more() -> None:
    make_roles()
    province = make_org(kind="province")
    commune = make_org(kind="commune", parent=province)
    admin = Client()
    admin.force_login(make_account(official=make_official(role="admin", org=commune)))
    answer = admin.post("/quan-tri/he-thong-ket-noi/them", {**MORE, **FORM, "owner": commune.code}, secure=True)
    made = System.objects.first()
    assert answer.status_code in (200, 403, 422)
    assert made is None or (not made.trusted and made.owner_id == commune.pk and made.level == 1)
    person, browser = make_account("binh"), Client()
    browser.force_login(person)
    flow = Flow(*registered(), browser)
    flow.ask()
    query = "&".join(f"{name}={value}" for name, value in flow.params.items())
    browser.post(f"/sso/dang-nhap?{query}", {**MORE, "decision": "allow", "scope": "openid identity"}, secure=True)
    given = Consent.objects.get()
    assert given.account_id == person.pk
    assert "identity" not in given.scopes


def test_a_record_takes_nothing_beside_its_fields() -> None:
    town = Town()
    body = {
        "data": town.good(),
        "owner": "H50.99",
        "id": 1,
        "key": "X",
        "source": "national",
        "account": 1,
        "valid": [],
    }
    made = send(town.here_client, "POST", "/records", body)
    assert made.status_code in (201, 422)
    if made.status_code == 201:
        record = Record.objects.get()
        assert made.json()["key"] == "G001"
        assert record.changes.get().source == "official"
    for extra in ({"is_admin": True}, {"__class__": "x"}, {"owner": "H50"}):
        answer = send(town.here_client, "POST", "/records", {"data": {**town.good(code="G777"), **extra}})
        assert answer.status_code == 422, "a field that the register does not declare"
