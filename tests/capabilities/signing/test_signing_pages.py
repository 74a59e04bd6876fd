"""The pages of signing: only those who sign see what waits, who they are is asked again, nothing typed breaks them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from hienluong.capabilities.signing import requests
from hienluong.capabilities.signing.models import Look, SignaturePicture, SignatureRequest, SigningKey
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Official
from tests.capabilities.signing.asking import ask, leader_then_seal, make_signer, work
from tests.factories import make_account, make_citizen, make_official, make_org, make_roles

pytestmark = pytest.mark.django_db


@pytest.fixture
def signer(client: Client) -> tuple[Official, Account]:
    make_roles()
    org = make_org("UBND phường Đông Hà", kind="commune")
    official = make_official("Nguyễn Văn Ký", role="leader", org=org)
    account = make_account(official=official)
    client.force_login(account)
    return official, account


def _ask(official: Official, **more: Any) -> SignatureRequest:
    return ask(requests.Mark(official, "ChuKy", Look.LEADER, box=(300.0, 60.0, 420.0, 120.0), title="CHỦ TỊCH"), **more)


def test_what_waits_is_listed_signed_and_gone(
    client: Client, signer: tuple[Official, Account], django_assert_max_num_queries: Any, monkeypatch: Any
) -> None:
    official, _account = signer
    asked = [_ask(official, subject_ref=f"v:{number}", title=f"Quyết định {number}") for number in range(3)]
    with django_assert_max_num_queries(25):
        page = client.get("/lam-viec/ky-so").content.decode()
    assert all(f"Quyết định {number}" in page for number in range(3))
    address = f"/lam-viec/ky-so/xac-nhan?chon={asked[0].pk}&chon={asked[1].pk}"
    told = client.get(address)
    assert (told.status_code, told["Location"].split("?")[0]) == (302, client_confirm())
    monkeypatch.setattr("hienluong.foundation.signin.steps.confirmed", lambda _request: True)
    page = client.get(address).content.decode()
    assert page.count("SHA-256") == 2
    told = client.post("/lam-viec/ky-so/xac-nhan", {"chon": [str(each.pk) for each in asked[:2]]})
    assert (told.status_code, told["Location"]) == (302, "/lam-viec/ky-so/tien-do")
    assert "hx-get" in client.get("/lam-viec/ky-so/tien-do").content.decode()
    work()
    page = client.get("/lam-viec/ky-so/tien-do").content.decode()
    assert ("Đã ký" in page, "hx-get" in page) == (True, False)
    assert [each.title for each in SignatureRequest.objects.filter(state="waiting")] == ["Quyết định 2"]


def client_confirm() -> str:
    from django.urls import reverse

    return reverse("signin:confirm")


def test_a_post_without_proof_signs_nothing(client: Client, signer: tuple[Official, Account]) -> None:
    request = _ask(signer[0])
    told = client.post("/lam-viec/ky-so/xac-nhan", {"chon": str(request.pk)})
    assert (told.status_code, client_confirm() in told["Location"]) == (302, True)
    assert str(request.pk) in told["Location"]
    assert request.marks.get().state == "turn"


def test_the_document_is_for_its_signers(client: Client, signer: tuple[Official, Account]) -> None:
    official, _account = signer
    request = ask(*leader_then_seal(official, make_org(kind="commune", name="UBND xã Khác")))
    addresses = [f"/lam-viec/ky-so/{request.pk}{part}" for part in ("", "/trang/1", "/tep")]
    assert [client.get(each).status_code for each in addresses] == [200, 200, 200]
    assert client.get(f"/lam-viec/ky-so/{request.pk}/trang/99").status_code == 404
    _other, stranger = make_signer("Trần Khác")
    other = Client()
    other.force_login(Account.objects.get(pk=stranger.account_id))
    assert [other.get(each).status_code for each in addresses] == [404, 404, 404]
    citizen = Client()
    citizen.force_login(make_account(party=make_citizen()))
    assert [citizen.get(each).status_code for each in ("/lam-viec/ky-so", *addresses)] == [403] * 4


def test_refusing_wants_a_reason(client: Client, signer: tuple[Official, Account]) -> None:
    request = _ask(signer[0])
    address = f"/lam-viec/ky-so/{request.pk}"
    assert client.post(address, {"reason": ""}).status_code == 422
    assert client.post(address, {"reason": "Sai căn cứ"}).status_code == 302
    request.refresh_from_db()
    assert (request.state, request.ended_reason) == ("refused", "Sai căn cứ")
    assert "Sai căn cứ" in client.get(address).content.decode()
    assert client.get(f"{address}/tep").status_code == 403  # no app says who may read it, and it waits for nobody now


@pytest.mark.parametrize("typed", ["", "chon=", "chon=x", "chon=00000000-0000-0000-0000-000000000000", "chon=%00"])
def test_strange_choices_lead_back(client: Client, signer: tuple[Official, Account], typed: str) -> None:
    told = client.get(f"/lam-viec/ky-so/xac-nhan?{typed}")
    assert (told.status_code, told["Location"]) == (302, "/lam-viec/ky-so")


def _png(alpha: int) -> BytesIO:
    picture = Image.new("RGBA", (200, 80), (255, 255, 255, alpha))
    for x in range(40, 160):
        picture.putpixel((x, 40), (10, 60, 150, 255))
    out = BytesIO()
    picture.save(out, "PNG")
    out.seek(0)
    out.name = "chu-ky.png"
    return out


def test_a_picture_must_be_transparent(client: Client, signer: tuple[Official, Account]) -> None:
    address = "/lam-viec/ky-so/khoa/hinh"
    assert client.post(address, {"file": _png(255)}).status_code == 422
    text = BytesIO(b"<svg onload='x'/>")
    text.name = "a.png"
    assert client.post(address, {"file": text}).status_code == 422
    assert not SignaturePicture.objects.exists()
    assert client.post(address, {"file": _png(0)}).status_code == 302
    assert SignaturePicture.objects.get().official == signer[0]
    page = client.get("/lam-viec/ky-so/khoa").content.decode()
    assert "data:image/png" in page


def test_keys_are_looked_after_by_who_may(client: Client, signer: tuple[Official, Account], monkeypatch: Any) -> None:
    official, _account = signer
    monkeypatch.setattr("hienluong.foundation.signin.steps.confirmed", lambda _request: True)
    assert client.get("/quan-tri/khoa-ky-so").status_code == 403
    province = make_org("UBND tỉnh", kind="province")
    admin = make_official("Quản Trị", role="admin", org=province)
    client.force_login(make_account(official=admin))
    told = {"holder": official.code, "place": "pkcs12:", "credential": ""}
    assert client.post("/quan-tri/khoa-ky-so/them", told).status_code == 422  # the commune is not below this province
    own = make_official("Lê Thị Của", role="leader", org=make_org("Sở Của", parent=province))
    told["holder"] = own.code
    assert client.post("/quan-tri/khoa-ky-so/them", told).status_code == 302
    key = SigningKey.objects.get()
    assert key.official == own
    assert "Lê Thị Của" in client.get("/quan-tri/khoa-ky-so?q=Lê").content.decode()
    assert client.post(f"/lam-viec/ky-so/khoa/{key.pk}/thoi", {"reason": "Nghỉ hưu"}).status_code == 302
    key.refresh_from_db()
    assert key.state == "retired"
    client.force_login(signer[1])
    assert client.get(f"/lam-viec/ky-so/khoa/{key.pk}/thoi").status_code == 404
