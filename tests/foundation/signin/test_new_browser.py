"""A browser that is new is told to the owner, who may say that it was somebody else; what ends with a password."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import reverse

from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications import tasks
from hienluong.foundation.notifications.models import Delivery, Notification
from hienluong.foundation.signin import actions
from hienluong.foundation.signin.models import KnownBrowser
from hienluong.foundation.sso.models import Visit
from tests.factories import TESTER, make_account
from tests.foundation.sso.system import Flow, registered

from .test_signing_in import PASSWORD

pytestmark = pytest.mark.django_db
THIEF = "Mozilla/5.0 (Windows NT 10.0) Firefox/140"
NEW = "trâu đen gặm cỏ bờ sông"


@pytest.fixture
def person() -> Account:
    account = make_account("binh")
    account.email = "binh@xa.example"
    account.set_password(PASSWORD)
    account.save()
    return account


def enter(agent: str, ip: str) -> Client:
    client = Client(headers={"user-agent": agent}, REMOTE_ADDR=ip)
    answer = client.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
    assert answer.status_code == 302, answer.content.decode()
    return client


def opens(client: Client) -> bool:
    return bool(client.get("/tai-khoan/bao-mat", secure=True).status_code == 200)


def test_what_is_told_leads_to_ending_it(person: Account) -> None:
    home, thief = enter("Chrome/140 (X11; Linux)", "10.0.0.1"), enter(THIEF, "198.51.100.7")
    told = Notification.objects.get(account=person, title="Đăng nhập từ một thiết bị mới")
    for words in ("Firefox trên Windows", "198.51.100.7", "mạng lạ"):
        assert words in told.body
    tasks.deliver(delivery_id=Delivery.objects.get(notification=told, channel="email").pk)
    assert f"{settings.BASE_URL}{told.href}" in mail.outbox[0].body
    page = home.get(told.href, secure=True).content.decode()
    assert "198.51.100.7" in page
    assert "Không phải tôi" in page
    away = f"{told.href}/khong-phai-toi"
    assert home.get(away, secure=True).status_code == 200, "the proof is fresh"
    answer = home.post(away, secure=True)
    assert answer["Location"] == reverse("identity:change_password")
    assert opens(home)
    assert not opens(thief)
    assert KnownBrowser.objects.count() == 1
    form = {"old": PASSWORD, "new": NEW, "again": NEW}
    assert home.post(reverse("identity:change_password"), form, secure=True).status_code == 302
    assert "Thiết bị" in home.get("/tai-khoan/bao-mat", secure=True).content.decode()
    assert UserSession.objects.filter(user=person).count() == 1, "this session stands in the list under its new key"
    assert Notification.objects.filter(account=person, title="Mật khẩu của bạn đã được đổi").count() == 1


def test_a_network_one_knows_is_said_to_be_known(person: Account) -> None:
    enter("Chrome/140 (X11; Linux)", "10.0.0.1")
    enter(THIEF, "10.0.0.1")
    assert "mạng bạn từng dùng" in Notification.objects.get(account=person, kind="signin").body


def test_it_is_the_owners_alone_and_asks_for_a_proof(person: Account) -> None:
    enter("Chrome/140", "10.0.0.1")
    home = enter(THIEF, "10.0.0.1")
    browser = KnownBrowser.objects.latest("pk")
    address = reverse("signin:disown_browser", args=[browser.pk])
    stranger = Client()
    stranger.force_login(make_account("la"))
    assert stranger.get(reverse("signin:new_browser", args=[browser.pk]), secure=True).status_code == 404
    session = stranger.session
    session["account_authentication_methods"] = []
    session.save()
    assert stranger.post(address, secure=True).status_code in (302, 404)
    with pytest.raises(NotFound):
        actions.disown_browser(
            actor_of(make_account("khac")), account=Account.objects.latest("pk"), browser=browser, here=""
        )
    session = home.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 601
    session.save()
    assert home.post(address, secure=True)["Location"].startswith(reverse("signin:confirm"))
    assert KnownBrowser.objects.filter(pk=browser.pk).exists()


@pytest.mark.parametrize("why", ["changed", "reset", "closed"])
def test_sessions_end_with_the_password_and_systems_are_told(person: Account, why: str) -> None:
    home, other = enter("Chrome/140", "10.0.0.1"), enter(THIEF, "10.0.0.1")
    system, secret = registered()
    for client in (home, other):
        Flow(system, secret, client, scope="openid profile offline_access").tokens()
    assert Visit.objects.count() == 2
    if why == "changed":
        form = {"old": PASSWORD, "new": NEW, "again": NEW}
        assert home.post(reverse("identity:change_password"), form, secure=True).status_code == 302
    elif why == "reset":
        accounts.reset_password(TESTER, account=person, reason="Quên")
    else:
        accounts.deactivate(TESTER, account=person, reason="Nghỉ")
    stays = why == "changed"
    assert (opens(home), opens(other)) == (stays, False)
    assert Visit.objects.count() == stays, "the systems of a session that ended are told"
    assert Token.objects.exists() is stays, "what was granted for absence ends with a closed or reset account"
    if stays:
        home.post("/dang-xuat", secure=True)
        assert not Visit.objects.exists(), "also when the session went on under another key"


def test_a_proof_gives_the_session_another_key(person: Account) -> None:
    home = enter("Chrome/140", "10.0.0.1")
    before: Any = home.session.session_key
    home.post(reverse("signin:confirm"), {"password": PASSWORD}, secure=True)
    assert home.session.session_key != before
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not opens(thief)
    assert opens(home)
    assert UserSession.objects.get(user=person).session_key == home.session.session_key
