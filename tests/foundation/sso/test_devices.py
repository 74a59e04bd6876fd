"""Counters and kiosks signed in by a phone (RFC 8628), as raw HTTP and through the pages of the person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.utils import timezone

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.sso import device_views, devices
from hienluong.foundation.sso.models import Consent, DeviceRequest, System
from hienluong.foundation.sso.tasks import tidy
from tests.factories import make_account

from .system import Flow, basic, registered, verified

pytestmark = pytest.mark.django_db
PASSWORD = "mat-khau-rat-dai-45"


class Kiosk:
    """A device of a system: begins, shows a code, polls."""

    def __init__(self, **changes: Any) -> None:
        told = {"name": "Ki-ốt", "scopes": ["profile", "offline_access"], "redirect_uris": [], "for_devices": True}
        self.system, self.secret = registered(**{**told, **changes})
        self.given: dict[str, Any] = {}

    def begin(self, **form: str) -> Any:
        """Ask for codes."""
        answer = self._post("/sso/thiet-bi", {"scope": "openid profile", **form})
        self.given = answer.json()
        return answer

    def poll(self, **form: str) -> Any:
        """Ask for tokens."""
        return self._post("/sso/ma", {"grant_type": devices.GRANT, "device_code": self.given["device_code"], **form})

    def wait(self) -> None:
        """Let the time between two polls pass."""
        DeviceRequest.objects.update(polled_at=timezone.now() - timedelta(minutes=5))

    def _post(self, path: str, form: dict[str, str]) -> Any:
        if not self.secret:
            return Client().post(path, {"client_id": self.system.client_id, **form}, secure=True)
        return Client(headers={"authorization": basic(self.system.client_id, self.secret)}).post(
            path, form, secure=True
        )


@pytest.fixture
def person() -> Account:
    account = make_account("binh")
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def phone(person: Account) -> Client:
    client = Client()
    client.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
    return client


def answered(phone: Client, code: str, **form: str) -> Any:
    """Type a code in and answer."""
    assert phone.post("/thiet-bi", {"code": code}, secure=True)["Location"] == "/thiet-bi/xac-nhan"
    return phone.post("/thiet-bi/xac-nhan", {"decision": "allow", "here": "on", **form}, secure=True)


def error(answer: Any) -> str:
    assert answer.status_code == 400, answer.content
    return str(answer.json()["error"])


def test_a_kiosk_is_signed_in_by_a_phone(person: Account, phone: Client) -> None:
    kiosk = Kiosk()
    given = kiosk.begin().json()
    assert (given["interval"], given["expires_in"]) == (5, 600)
    assert given["verification_uri"].endswith("/thiet-bi")
    assert error(kiosk.poll()) == "authorization_pending"
    typed = given["user_code"].lower().replace("-", " ")
    page = phone.post("/thiet-bi", {"code": typed}, secure=True, follow=True).content.decode()
    for words in ("Ki-ốt", given["user_code"], "Họ và tên", "127.0.0.1", kiosk.system.owner.name, person.display_name):
        assert words in page
    assert not Consent.objects.exists(), "typing a code agrees to nothing"
    assert "Thiết bị đã đăng nhập" in answered(phone, given["user_code"]).content.decode()
    kiosk.wait()
    tokens = kiosk.poll().json()
    claims = verified(tokens["id_token"], kiosk.system.client_id)
    assert (claims["acr"], claims["amr"]) == ("urn:hienluong:loa:1", ["pwd"])
    info = Client(headers={"authorization": f"Bearer {tokens['access_token']}"}).get("/sso/nguoi-dung", secure=True)
    assert (info.json()["sub"], info.json()["name"]) == (claims["sub"], person.display_name)
    assert "refresh_token" not in tokens, "offline_access was not asked for"
    assert error(kiosk.poll()) == "invalid_grant", "what a code gives, it gives once"
    assert Notification.objects.filter(account=person, title__contains="Ki-ốt").count() == 1
    assert Entry.objects.filter(verb="sso.answer_device").count() == 1


def test_a_kiosk_without_a_secret_keeps_its_connection_when_the_person_allows_it(phone: Client) -> None:
    kiosk = Kiosk(proof=System.Proof.NONE)
    given = kiosk.begin(scope="openid offline_access").json()
    answered(phone, given["user_code"])
    tokens = kiosk.poll().json()
    form = {"grant_type": "refresh_token", "client_id": kiosk.system.client_id}
    again = Client().post("/sso/ma", {**form, "refresh_token": tokens["refresh_token"]}, secure=True)
    assert again.status_code == 200


def test_who_polls_too_fast_waits_longer() -> None:
    kiosk = Kiosk()
    kiosk.begin()
    assert error(kiosk.poll()) == "authorization_pending"
    assert error(kiosk.poll()) == "slow_down"
    assert DeviceRequest.objects.get().interval == 10
    assert error(kiosk.poll()) == "slow_down"
    assert DeviceRequest.objects.get().interval == 15
    DeviceRequest.objects.update(polled_at=timezone.now() - timedelta(seconds=16))
    assert error(kiosk.poll()) == "authorization_pending"


def test_who_says_no_or_says_nothing(phone: Client) -> None:
    kiosk = Kiosk()
    code = kiosk.begin().json()["user_code"]
    assert "Đã từ chối" in answered(phone, code, decision="deny").content.decode()
    assert error(kiosk.poll()) == "access_denied"
    kiosk.begin()
    DeviceRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert error(kiosk.poll()) == "expired_token"
    assert (
        "Không có thiết bị nào"
        in phone.post("/thiet-bi", kiosk.given | {"code": kiosk.given["user_code"]}).content.decode()
    )
    DeviceRequest.objects.update(expires_at=timezone.now() - timedelta(hours=1))
    tidy(0)
    assert not DeviceRequest.objects.exists()
    assert not Token.objects.exists()


def test_a_link_signs_nothing_in(phone: Client) -> None:
    kiosk = Kiosk()
    link = kiosk.begin().json()["verification_uri_complete"].split("/", 3)[-1]
    page = phone.get(f"/{link}", secure=True).content.decode()
    assert kiosk.given["user_code"] in page
    assert "lừa đảo" in page
    assert phone.get("/thiet-bi/xac-nhan", secure=True).status_code == 302, "the code must be sent by its form"
    page = answered(phone, kiosk.given["user_code"], here="")
    assert page.status_code == 422
    assert DeviceRequest.objects.get().state == "waiting"
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = phone.cookies
    assert strict.post("/thiet-bi/xac-nhan", {"decision": "allow", "here": "on"}, secure=True).status_code == 403
    assert Client().get("/thiet-bi", secure=True)["Location"].startswith("/dang-nhap?next=/thiet-bi")
    assert page.headers["X-Frame-Options"] == "DENY"


def test_a_device_gets_what_its_system_is_registered_for(phone: Client) -> None:
    plain = Flow(*registered(), phone)
    assert error(plain.post("/sso/thiet-bi", {"scope": "openid"})) == "unauthorized_client"
    kiosk = Kiosk()
    assert error(kiosk.begin(scope="openid identity")) == "invalid_scope"
    assert Client().post("/sso/thiet-bi", {"client_id": kiosk.system.client_id}, secure=True).status_code == 401
    kiosk.begin()
    thief = Kiosk(name="Ki-ốt khác")
    thief.given = kiosk.given
    answered(phone, kiosk.given["user_code"])
    assert error(thief.poll()) == "invalid_grant"
    assert kiosk.poll().status_code == 200


def test_a_level_is_shown_before_a_device_is_signed_in(phone: Client) -> None:
    kiosk = Kiosk(level=2)
    code = kiosk.begin().json()["user_code"]
    answer = answered(phone, code)
    assert answer["Location"] == "/tai-khoan/xac-nhan?next=%2Fthiet-bi%2Fxac-nhan"
    back = phone.post(answer["Location"], {"password": PASSWORD}, secure=True)
    page = phone.get(back["Location"], secure=True).content.decode()
    assert "mức xác thực cao hơn" in page
    assert "Đăng nhập thiết bị này" not in page
    assert error(kiosk.poll()) == "authorization_pending"


def test_codes_are_not_found_by_trying(phone: Client, settings: Any) -> None:
    kiosk = Kiosk()
    kiosk.begin()
    for _try in range(device_views.TRIES):
        assert phone.post("/thiet-bi", {"code": "BBBB-BBBB"}, secure=True).status_code == 422
    assert phone.post("/thiet-bi", {"code": kiosk.given["user_code"]}, secure=True).status_code == 429
    stored = DeviceRequest.objects.values_list("code", "device").get()
    assert kiosk.given["user_code"].replace("-", "") not in "".join(stored)
    assert kiosk.given["device_code"] not in stored


def test_waiting_is_no_guessing_but_guessing_is_stopped(phone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from hienluong.foundation.sso import endpoints

    monkeypatch.setattr(endpoints, "REFUSALS_A_MINUTE", 2)
    kiosk = Kiosk()
    kiosk.begin()
    for _poll in range(4):
        kiosk.poll()
    kiosk.wait()
    assert error(kiosk.poll()) == "authorization_pending"
    for _guess in range(2):
        assert error(kiosk.poll(device_code="doan")) == "invalid_grant"
    assert kiosk.poll().status_code == 429
