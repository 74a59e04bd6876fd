"""The pages of connected systems: of their managers, and of the person who consented."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.sso import proofs
from hienluong.foundation.sso.forms import SystemForm
from hienluong.foundation.sso.models import Consent, System
from tests.factories import make_account, make_official, make_org, make_roles

from .system import BACK, Flow, registered

pytestmark = pytest.mark.django_db
FORM: dict[str, Any] = {
    "name": "Kho tài liệu",
    "purpose": "Xem tài liệu lưu trữ.",
    "contact_name": "Trần Thị Kỹ",
    "contact_email": "ky@so.example",
    "scopes": ["profile"],
    "level": "1",
    "redirect_uris": "https://kho.example/ve\n",
    "proof": "client_secret_basic",
}


@pytest.fixture
def place() -> Any:
    make_roles()
    return make_org(kind="province")


def client_of(role: str, org: Any) -> Client:
    client = Client()
    client.force_login(make_account(official=make_official("Lê Văn Quản", role=role, org=org)))
    return client


def test_a_system_is_registered_and_its_password_shown_once(place: Any) -> None:
    admin = client_of("admin", place)
    page = admin.post("/quan-tri/he-thong-ket-noi/them", {**FORM, "owner": place.code}, secure=True)
    assert page.status_code == 200, page.content.decode()
    secret = re.findall(r'<code class="hl-code">([\w-]{40,})</code>', page.content.decode())
    system = System.objects.get()
    assert proofs.sealed(secret[0]) == system.client.secret
    shown = admin.get(f"/quan-tri/he-thong-ket-noi/{system.pk}", secure=True).content.decode()
    assert secret[0] not in shown
    assert system.pk in shown
    assert "Kho tài liệu" in admin.get("/quan-tri/he-thong-ket-noi", secure=True).content.decode()
    admin.post(f"/quan-tri/he-thong-ket-noi/{system.pk}/mat-khau", secure=True)
    system.client.refresh_from_db()
    assert proofs.sealed(secret[0]) != system.client.secret
    for verb, off in (("ngung", True), ("ket-noi-lai", False)):
        admin.post(f"/quan-tri/he-thong-ket-noi/{system.pk}/{verb}", {"reason": "Bảo trì"}, secure=True)
        system.refresh_from_db()
        assert bool(system.disabled_at) is off


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"redirect_uris": "http://kho.example/"}, "Phải dùng https"),
        ({"redirect_uris": ""}, "ít nhất một địa chỉ"),
        ({"scopes": ["identity"]}, "từ 2 trở lên"),
        ({"proof": "private_key_jwt", "keys": '{"keys": [{"kty": "EC", "d": "x"}]}'}, "khóa riêng"),
        ({"proof": ""}, "Chọn cách hệ thống chứng minh mình."),
        ({"owner": "không có"}, "cơ quan"),
        ({"name": "<script>alert(1)</script>" * 9}, "100"),
        ({"contact_email": "không phải thư"}, "Nhập địa chỉ email"),
    ],
)
def test_bad_input_is_said_and_kept(place: Any, changes: dict[str, Any], words: str) -> None:
    form = {**FORM, "owner": place.code, **changes}
    page = client_of("admin", place).post("/quan-tri/he-thong-ket-noi/them", form, secure=True)
    assert page.status_code == 422
    text = page.content.decode()
    assert words in text
    assert "Trần Thị Kỹ" in text
    assert not System.objects.exists()


def test_every_box_of_a_system_stands_under_one_heading_and_no_proof_is_chosen_for_anybody() -> None:
    form = SystemForm()
    assert sorted(box.name for _, boxes in form.parts() for box in boxes) == sorted(form.fields)
    assert "checked" not in str(form["proof"])


def test_addresses_and_contacts_change_and_what_people_consented_to_stays(place: Any) -> None:
    system, _secret = registered(owner=place)
    admin, path = client_of("admin", place), f"/quan-tri/he-thong-ket-noi/{system.pk}/sua"
    shown = admin.get(path, secure=True).content.decode()
    assert BACK in shown
    assert "Trần Thị Kỹ" in shown
    told = {
        "contact_name": "Lê Văn Mới",
        "contact_email": "moi@so.example",
        "redirect_uris": f"{BACK}\nhttps://moi.example/quay-lai",
        "logout_uri": "https://moi.example/ra",
        "purpose": "Việc khác",
        "scopes": "identity",
    }
    refused = admin.post(path, {**told, "redirect_uris": "http://moi.example/"}, secure=True)
    assert refused.status_code == 422
    assert "Phải dùng https" in refused.content.decode()
    assert "Lê Văn Mới" in refused.content.decode()
    before = sorted(system.client.get_scopes())
    assert admin.post(path, told, secure=True).status_code == 302
    system = System.objects.get()
    assert system.client.get_redirect_uris() == [BACK, "https://moi.example/quay-lai"]
    assert (system.contact_name, system.logout_uri) == ("Lê Văn Mới", "https://moi.example/ra")
    assert system.purpose == "Xem tài liệu lưu trữ của cơ quan."
    assert sorted(system.client.get_scopes()) == before
    entry = Entry.objects.get(verb="sso.change")
    assert entry.before["redirect_uris"] == [BACK]
    assert entry.after["redirect_uris"] == [BACK, "https://moi.example/quay-lai"]


def test_a_system_without_people_takes_no_address_to_send_them_back_to(place: Any) -> None:
    system, _secret = registered(owner=place, scopes=["api.read"], redirect_uris=[], for_itself=True)
    told = {"contact_name": "Lê Văn Mới", "contact_email": "moi@so.example", "redirect_uris": BACK}
    path = f"/quan-tri/he-thong-ket-noi/{system.pk}/sua"
    page = client_of("admin", place).post(path, told, secure=True)
    assert page.status_code == 422
    assert "hãy đăng ký hệ thống mới" in page.content.decode()


def test_who_does_not_manage_systems_there_gets_nothing(place: Any) -> None:
    system, _secret = registered(owner=make_org(kind="province", name="Tỉnh khác"))
    for client in (client_of("clerk", place), client_of("admin", make_org(parent=place))):
        assert client.get("/quan-tri/he-thong-ket-noi", secure=True).status_code in (200, 403)
        for path in ("", "/mat-khau", "/ngung", "/ket-noi-lai"):
            address = f"/quan-tri/he-thong-ket-noi/{system.pk}{path}"
            assert client.get(address, secure=True).status_code == 403, path
            assert client.post(address, {"reason": "x"}, secure=True).status_code in (403, 405), path


def test_a_person_sees_and_withdraws_consents() -> None:
    person, browser, stranger = make_account("binh"), Client(), Client()
    browser.force_login(person)
    stranger.force_login(make_account("la"))
    Flow(*registered(), browser).code()
    given = Consent.objects.get()
    assert "Kho tài liệu" in browser.get("/tai-khoan/he-thong", secure=True).content.decode()
    assert "Kho tài liệu" not in stranger.get("/tai-khoan/he-thong", secure=True).content.decode()
    assert stranger.post(f"/tai-khoan/he-thong/{given.pk}/rut", secure=True).status_code == 404
    browser.post(f"/tai-khoan/he-thong/{given.pk}/rut", secure=True)
    given.refresh_from_db()
    assert given.withdrawn_at
