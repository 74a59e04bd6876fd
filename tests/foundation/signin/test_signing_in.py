"""Signing in with more than a password: passkeys, codes, recovery codes; sessions; who must have a second factor."""

from __future__ import annotations

import html
import json
import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.signin import actions
from tests.factories import make_account, make_official, make_org, make_roles

from .device import Passkey

pytestmark = pytest.mark.django_db
PASSWORD = "mat-khau-rat-dai-45"


@pytest.fixture
def person() -> Account:
    account = make_account("binh")
    account.set_password(PASSWORD)
    account.save()
    return account


def web(**more: Any) -> Client:
    return Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux) Chrome/140"}, **more)


def signed_in(account: Account) -> Client:
    client = web()
    answer = client.post("/dang-nhap", {"username": account.username, "password": PASSWORD}, secure=True)
    assert answer.status_code == 302, answer.content.decode()
    return client


def options_on(page: str) -> dict[str, Any]:
    found = re.search(r'data-hl-options="([^"]*)"', page)
    assert found, page
    options: dict[str, Any] = json.loads(html.unescape(found[1]))
    return options


def with_passkey(account: Account, name: str = "Điện thoại") -> tuple[Client, Passkey]:
    client, passkey = signed_in(account), Passkey()
    page = client.get(reverse("signin:add_passkey"), secure=True).content.decode()
    credential = passkey.create(options_on(page))
    answer = client.post(reverse("signin:add_passkey"), {"name": name, "credential": credential}, secure=True)
    assert answer.status_code == 302, answer.content.decode()
    return client, passkey


def with_codes(account: Account) -> tuple[Client, str]:
    client = signed_in(account)
    page = client.get(reverse("signin:codes_app"), secure=True).content.decode()
    found = re.search(r"secret=([A-Z2-7]+)", page)
    assert found
    answer = client.post(reverse("signin:codes_app"), {"code": code_of(found[1])}, secure=True)
    assert answer.status_code == 302, answer.content.decode()
    return client, found[1]


def code_of(secret: str, later: int = 0) -> str:
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(time.time()) // 30 + later)))


def test_a_passkey_alone_signs_in(person: Account) -> None:
    _, passkey = with_passkey(person)
    client = web()
    options = client.get(reverse("signin:passkey_options"), secure=True).json()
    assert "allowCredentials" not in options["publicKey"] or not options["publicKey"]["allowCredentials"]
    credential = passkey.get(options)
    answer = client.post(
        reverse("signin:passkey"), {"credential": credential, "next": "/tai-khoan/bao-mat"}, secure=True
    )
    assert (answer.status_code, answer["Location"]) == (302, "/tai-khoan/bao-mat")
    assert client.get("/tai-khoan/bao-mat", secure=True).status_code == 200
    assert Entry.objects.filter(verb="identity.sign_in").latest("seq").after["way"] == "webauthn"


@pytest.mark.parametrize(
    "wrong", ["other key", "other site", "not verified", "no owner", "used challenge", "not JSON", "a list"]
)
def test_a_wrong_passkey_signs_nobody_in(person: Account, wrong: str) -> None:
    _, passkey = with_passkey(person)
    client = web()
    options = client.get(reverse("signin:passkey_options"), secure=True).json()
    if wrong == "other key":
        passkey.key = Passkey().key
    elif wrong == "other site":
        passkey.origin = "https://testserver.example"
    elif wrong == "not verified":
        passkey.verifies = False
    elif wrong == "no owner":
        passkey.owner = b"999999"
    credential = {"not JSON": "{", "a list": "[1]"}.get(wrong) or passkey.get(options)
    if wrong == "used challenge":
        client.get(reverse("signin:passkey_options"), secure=True)
    answer = client.post(reverse("signin:passkey"), {"credential": credential}, secure=True)
    assert answer.status_code == 422
    assert "hãy" in answer.content.decode().lower()
    assert client.get("/tai-khoan/bao-mat", secure=True).status_code == 302


def test_after_the_password_comes_the_second_step(person: Account) -> None:
    _, secret = with_codes(person)
    client = web()
    answer = client.post(
        "/dang-nhap", {"username": "binh", "password": PASSWORD, "next": "/tai-khoan/bao-mat"}, secure=True
    )
    assert answer["Location"] == reverse("mfa_authenticate")
    assert client.get("/tai-khoan/bao-mat", secure=True).status_code == 302, "the password alone opens nothing"
    page = client.post(reverse("mfa_authenticate"), {"code": "000000"}, secure=True)
    assert page.status_code == 422
    assert "Mã không đúng" in page.content.decode()
    code = code_of(secret, later=1)  # the one of now was used to connect the app
    answer = client.post(reverse("mfa_authenticate"), {"code": f"{code[:3]} {code[3:]}"}, secure=True)
    assert (answer.status_code, answer["Location"]) == (302, "/tai-khoan/bao-mat")
    assert Entry.objects.filter(verb="identity.sign_in").latest("seq").after["way"] == "password totp"
    again = web()
    again.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
    page = again.post(reverse("mfa_authenticate"), {"code": code}, secure=True)
    assert page.status_code == 422, "a code is good once"


def test_the_second_step_also_takes_a_passkey_and_can_be_left(person: Account) -> None:
    _, passkey = with_passkey(person)
    client = web()
    client.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
    page = client.get(reverse("mfa_authenticate"), secure=True).content.decode()
    answer = client.post(reverse("mfa_authenticate"), {"credential": passkey.get(options_on(page))}, secure=True)
    assert answer.status_code == 302
    assert client.get("/tai-khoan/bao-mat", secure=True).status_code == 200
    other = web()
    other.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
    assert other.post(reverse("mfa_authenticate"), {"stop": "1"}, secure=True)["Location"] == "/dang-nhap"
    assert other.get(reverse("mfa_authenticate"), secure=True)["Location"] == "/dang-nhap"


def test_codes_are_not_guessed(person: Account) -> None:
    _, secret = with_codes(person)
    client = web()
    client.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
    for _ in range(8):
        client.post(reverse("mfa_authenticate"), {"code": "000000"}, secure=True)
    page = client.post(reverse("mfa_authenticate"), {"code": code_of(secret, later=1)}, secure=True)
    assert page.status_code == 422
    assert "Hãy chờ" in page.content.decode()


def test_a_recovery_code_opens_once(person: Account) -> None:
    client, _ = with_passkey(person)
    page = client.post(reverse("signin:recovery_codes"), secure=True).content.decode()
    codes = re.findall(r"<code class=\"hl-code\">(\d{4} \d{4})</code>", page)
    assert len(codes) == 10
    for expected in (302, 422):
        other = web()
        other.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
        assert other.post(reverse("mfa_authenticate"), {"code": codes[3]}, secure=True).status_code == expected
    assert "Còn 9 mã" in client.get("/tai-khoan/bao-mat", secure=True).content.decode()


def test_who_has_only_a_password_is_offered_recovery_codes_an_official_is_shown_the_way_to_a_factor(
    person: Account, settings: Any
) -> None:
    settings.SECOND_FACTOR = "officials"
    page = signed_in(person).get(reverse("signin:recovery_codes"), secure=True).content.decode()
    assert "Tạo mã dự phòng</button>" in page
    official = make_account("can.bo", official=make_official("Lê Văn Cần"))
    official.set_password(PASSWORD)
    official.save()
    page = signed_in(official).get(reverse("signin:recovery_codes"), secure=True).content.decode()
    assert "Tạo mã dự phòng</button>" not in page
    assert f'href="{reverse("signin:security")}"' in page.partition("trước.")[2]


def test_an_account_without_a_password_is_not_led_to_change_it(person: Account) -> None:
    client, _ = with_passkey(person)
    change = reverse("identity:change_password")
    assert change in client.get("/tai-khoan/bao-mat", secure=True).content.decode()
    person.set_unusable_password()
    person.save()
    client.force_login(person)
    assert change not in client.get("/tai-khoan/bao-mat", secure=True).content.decode()
    refused = client.get(change, secure=True)
    assert refused.status_code == 403
    assert "không có mật khẩu" in refused.content.decode()


def test_the_pages_of_an_account_stand_beside_its_own_list_not_that_of_officials(person: Account) -> None:
    client = signed_in(person)
    for path in ("/tai-khoan/bao-mat", "/tai-khoan/mat-khau", "/tai-khoan/du-lieu-cua-toi", "/tai-khoan/gop"):
        page = client.get(path, secure=True).content.decode()
        assert 'aria-label="Tài khoản của tôi"' in page, path
        assert f'href="{path}" aria-current="page"' in page, path
        assert 'aria-label="Nơi làm việc"' not in page, path


def test_what_changes_the_way_in_asks_again_after_ten_minutes(person: Account) -> None:
    client, passkey = with_passkey(person)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 601
    session.save()
    answer = client.get(reverse("signin:codes_app"), secure=True)
    assert answer["Location"].startswith(reverse("signin:confirm"))
    page = client.get(answer["Location"], secure=True).content.decode()
    assert 'name="password"' not in page, "who has better proof does not get in by the password"
    wrong = client.post(answer["Location"], {"password": PASSWORD}, secure=True)
    assert wrong.status_code == 422
    page = client.get(answer["Location"], secure=True).content.decode()
    done = client.post(answer["Location"], {"credential": passkey.get(options_on(page))}, secure=True)
    assert done["Location"] == reverse("signin:codes_app")
    assert client.get(reverse("signin:codes_app"), secure=True).status_code == 200


def test_factors_belong_to_their_owner(person: Account) -> None:
    client, _ = with_passkey(person)
    stranger = make_account("la")
    theirs = Authenticator.objects.get(user=person)
    stranger.set_password(PASSWORD)
    stranger.save()
    other = signed_in(stranger)
    for name in ("rename_passkey", "remove"):
        assert other.post(reverse(f"signin:{name}", args=[theirs.pk]), {"name": "x"}, secure=True).status_code == 404
    session = UserSession.objects.get(user=person)
    assert other.post(reverse("signin:end_session", args=[session.pk]), secure=True).status_code == 404
    who = actor_of(stranger)
    with pytest.raises(NotAllowed):
        actions.remove_factor(who, account=person, factor=theirs)
    with pytest.raises(NotFound):
        actions.remove_factor(who, account=stranger, factor=theirs)
    assert client.get("/tai-khoan/bao-mat", secure=True).status_code == 200


def test_the_owner_is_told(person: Account) -> None:
    with_passkey(person)
    web_elsewhere = signed_in_by_passkey_elsewhere = web()
    del signed_in_by_passkey_elsewhere
    web_elsewhere.get("/", secure=True)
    titles = set(Notification.objects.filter(account=person).values_list("title", flat=True))
    assert titles == {"Đã thêm khóa truy cập “Điện thoại”"}, "the first browser is not news"
    Authenticator.objects.all().delete()
    signed_in(person)
    assert Notification.objects.filter(account=person, title="Đăng nhập từ một thiết bị mới").count() == 1


def test_sessions_are_ended_from_afar(person: Account) -> None:
    here, there = signed_in(person), signed_in(person)
    page = here.get("/tai-khoan/bao-mat", secure=True).content.decode()
    assert page.count("Chrome trên Linux") >= 2
    here.post(reverse("signin:end_other_sessions"), secure=True)
    assert there.get("/tai-khoan/bao-mat", secure=True).status_code == 302
    assert here.get("/tai-khoan/bao-mat", secure=True).status_code == 200


def test_an_official_with_a_password_alone_can_only_add_a_factor(settings: Any) -> None:
    settings.SECOND_FACTOR = "officials"
    make_roles()
    official = make_official("Lê Thị Sáu", role="clerk", org=make_org(kind="province"))
    account = make_account(official=official)
    account.set_password(PASSWORD)
    account.save()
    client = signed_in(account)
    assert client.get("/lam-viec/", secure=True)["Location"] == "/tai-khoan/bao-mat"
    assert "phải có yếu tố thứ hai" in client.get("/tai-khoan/bao-mat", secure=True).content.decode()
    passkey = Passkey()
    page = client.get(reverse("signin:add_passkey"), secure=True).content.decode()
    client.post(
        reverse("signin:add_passkey"), {"name": "Máy", "credential": passkey.create(options_on(page))}, secure=True
    )
    page = client.get(reverse("signin:confirm"), secure=True).content.decode()
    client.post(reverse("signin:confirm"), {"credential": passkey.get(options_on(page))}, secure=True)
    assert client.get("/lam-viec/", secure=True).status_code == 200
    with pytest.raises(DomainError, match="ít nhất một"):
        actions.remove_factor(actor_of(account), account=account, factor=Authenticator.objects.get())


def test_an_administrator_resets_what_was_lost(person: Account) -> None:
    client, _ = with_passkey(person)
    make_roles()
    admin = make_account(official=make_official("Trần Quản", role="admin", org=make_org(kind="province")))
    with pytest.raises(NotAllowed):
        actions.reset_factors(actor_of(make_account("khac")), account=person, reason="mất")
    actions.reset_factors(actor_of(admin), account=person, reason="Mất điện thoại, đã đối chiếu căn cước")
    assert not Authenticator.objects.exists()
    assert client.get("/tai-khoan/bao-mat", secure=True).status_code == 302
    assert Notification.objects.filter(account=person, title__contains="đã được xóa").exists()
