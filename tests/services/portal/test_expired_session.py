"""The session ends just before sending: after signing in everything typed is there, for the same person only."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse

from hienluong.foundation.identity import kept
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions
from hienluong.services.dossiers.models import Dossier, Draft, InternalNote
from hienluong.services.portal.views import guard as portal_guard
from hienluong.services.workplace.views import guard as workplace_guard
from tests.services.dossiers.province import Province
from tests.services.portal.test_filing import at, begin, words
from tests.services.workplace.desk import signed

pytestmark = pytest.mark.django_db

PASSWORD = "Mat-khau-thu-2026"


def expire(client: Client) -> None:
    """The session is gone from the server and the browser; other cookies stay, as in life."""
    client.session.flush()
    client.cookies.pop("sessionid", None)


def sign_in(client: Client, way: Any, account: Account) -> str:
    """Sign in by the form where `way` leads; returns where that leads."""
    assert way.status_code == 302
    assert way["Location"].startswith("/dang-nhap")
    answer = client.post(way["Location"], {"username": account.username, "password": PASSWORD})
    assert answer.status_code == 302
    return str(answer["Location"])


def official(p: Province) -> Account:
    return Account.objects.get(pk=p.clerk.account_id)


def test_a_page_of_the_form(browser_of_citizen: Client, province: Province) -> None:
    client = browser_of_citizen
    url = at(begin(client), "draft_page", page_id="ly-do")
    client.get(url)
    expire(client)
    back = sign_in(client, client.post(url, {"reason": "Gõ mãi mới xong"}), province.account)
    assert back == url
    page = words(client.get(back))
    assert "Gõ mãi mới xong" in page
    assert "Phiên làm việc đã hết trước khi gửi" in page
    assert "Gõ mãi mới xong" not in words(client.get(back))  # shown once; it is in the box now


def test_files_are_named_so_that_they_are_chosen_again(browser_of_citizen: Client, province: Province) -> None:
    client = browser_of_citizen
    url = at(begin(client), "draft_papers")
    client.get(url)
    expire(client)
    way = client.post(url, {"paper-CC": SimpleUploadedFile("can-cuoc.jpg", b"x")})
    assert "Tệp không giữ được, hãy chọn lại: can-cuoc.jpg" in words(client.get(sign_in(client, way, province.account)))


def test_withdrawing(browser_of_citizen: Client, province: Province) -> None:
    client, url = browser_of_citizen, f"/ho-so/{province.file().code}/rut"
    client.get(url)
    expire(client)
    back = sign_in(client, client.post(url, {"reason": "Tôi đổi ý vì chuyển nhà"}), province.account)
    assert "Tôi đổi ý vì chuyển nhà" in words(client.get(back))


def test_an_act_of_an_official_comes_back_to_its_page_with_what_was_typed(province: Province) -> None:
    client, dossier = Client(), province.file()
    client.force_login(official(province))
    client.get(f"/lam-viec/ho-so/{dossier.code}")
    expire(client)
    url = f"/lam-viec/ho-so/{dossier.code}/viec/note"
    field = "note-text"
    back = sign_in(client, client.post(url, {field: "Đã gọi điện cho dân hai lần"}), official(province))
    assert back == f"/lam-viec/ho-so/{dossier.code}"
    assert "Đã gọi điện cho dân hai lần" in words(client.get(back))
    assert not InternalNote.objects.exists()


def ticked(page: str) -> list[str]:
    return re.findall(r'name="code" value="([^"]+)" id="pick-\d+" checked', page)


@pytest.mark.parametrize("sent_from", ["/lam-viec/?due=soon&page=2", "/lam-viec/"])
def test_dossiers_ticked_in_a_list_are_still_ticked(province: Province, sent_from: str) -> None:
    client, dossiers = Client(), [province.file() for _ in range(3)]
    client.force_login(official(province))
    client.get(sent_from)
    expire(client)
    codes = [dossier.code for dossier in dossiers[:2]]
    way = client.post("/lam-viec/nhieu-ho-so", {"verb": "receive", "code": codes})
    page = words(client.get(sign_in(client, way, official(province))))
    assert ticked(page) == codes
    assert "Phiên làm việc đã hết trước khi gửi" in page
    assert not Dossier.objects.exclude(state="submitted").exists()  # looking does nothing
    client.post("/lam-viec/nhieu-ho-so", {"verb": "receive", "code": codes, "xac-nhan": "1"})
    assert set(Dossier.objects.filter(state="received").values_list("code", flat=True)) == set(codes)


def test_what_was_typed_for_each_of_many_is_still_there(province: Province) -> None:
    client, dossiers = Client(), [signed(province).dossier for _ in range(2)]
    client.force_login(official(province))
    client.get("/lam-viec/tra-ket-qua")
    expire(client)
    sent = {
        "verb": "return_result",
        "code": [dossier.code for dossier in dossiers],
        "xac-nhan": "1",
        f"recipient-{dossiers[0].pk}": "Anh Bảy, con trai",
        f"recipient-{dossiers[1].pk}": "Chị Tám",
    }
    page = words(client.get(sign_in(client, client.post("/lam-viec/nhieu-ho-so", sent), official(province))))
    assert ticked(page) == sorted(dossier.code for dossier in dossiers)
    assert 'value="Anh Bảy, con trai"' in page
    assert 'value="Chị Tám"' in page
    assert not Dossier.objects.filter(state="returned").exists()


def test_dossiers_of_others_are_not_shown_by_being_ticked(province: Province) -> None:
    foreign = actions.file_at_counter(
        province.other_clerk,
        filing=province.filing(competent=province.other_commune, received_at_org=province.other_counter),
    )
    client, own = Client(), province.file()
    client.force_login(official(province))
    client.get("/lam-viec/")
    expire(client)
    way = client.post("/lam-viec/nhieu-ho-so", {"verb": "receive", "code": [own.code, foreign.code]})
    page = words(client.get(sign_in(client, way, official(province))))
    assert ticked(page) == [own.code]
    assert foreign.code not in page


def test_with_nothing_kept_the_page_of_many_leads_to_the_inbox(province: Province) -> None:
    client = Client()
    client.force_login(official(province))
    assert client.get("/lam-viec/nhieu-ho-so")["Location"] == "/lam-viec/"


def test_a_sheet_at_the_counter(province: Province) -> None:
    client, url = Client(), "/lam-viec/lap-ho-so/8.000900"
    client.force_login(official(province))
    client.get(url)
    expire(client)
    typed = {"p-name": "Nguyễn Văn Đến", "p-identifier": "045190001234", "reason": "Sửa nhà", "paper-CC": "on"}
    back = sign_in(client, client.post(url, typed), official(province))
    page = words(client.get(back))
    for told in ("Nguyễn Văn Đến", "045190001234", "Sửa nhà", 'name="paper-CC" checked'):
        assert told in page


def test_somebody_else_who_signs_in_finds_nothing(browser_of_citizen: Client, province: Province) -> None:
    client = browser_of_citizen
    url = f"/ho-so/{province.file().code}/rut"
    client.get(url)
    expire(client)
    way = client.post(url, {"reason": "Chuyện riêng của tôi"})
    other = Account.objects.get(pk=province.stranger.account_id)
    sign_in(client, way, other)
    assert "Chuyện riêng" not in words(client.get(url))
    assert kept.SESSION_KEY not in client.session or client.get(url).status_code == 404


def test_a_stranger_has_nothing_kept(province: Province) -> None:
    client = Client()
    before = Session.objects.count()
    draft = Draft.objects.create(account=province.account, procedure_version=province.versions["single_agency"])
    for url in (at(draft, "draft_page", page_id="ly-do"), "/lam-viec/lap-ho-so/8.000900"):
        assert client.post(url, {"reason": "x" * 100_000}).status_code == 302
    client.cookies[kept.MARK] = "1:forged:forged"
    client.post(at(draft, "draft_page", page_id="ly-do"), {"reason": "x" * 100_000})
    assert Session.objects.count() == before


def test_what_does_not_fit_is_left_out_whole(browser_of_citizen: Client, province: Province) -> None:
    client, url = browser_of_citizen, f"/ho-so/{province.file().code}/rut"
    client.get(url)
    expire(client)
    way = client.post(url, {"long": "ư" * 250_000, "reason": "Ngắn thôi"})
    page = words(client.get(sign_in(client, way, province.account)))
    assert "Ngắn thôi" in page
    assert "Có phần quá dài không giữ được" in page


def test_one_account_has_things_kept_so_often_an_hour(browser_of_citizen: Client, province: Province) -> None:
    client, url = browser_of_citizen, f"/ho-so/{province.file().code}/rut"
    client.get(url)
    expire(client)
    for n in range(kept.TIMES + 1):
        client.post(url, {"reason": f"lần {n}"})
    back = sign_in(client, client.post(url, {"reason": "lần cuối"}), province.account)
    assert "lần cuối" not in words(client.get(back))


def test_signing_out_leaves_no_mark(browser_of_citizen: Client, province: Province) -> None:
    client = browser_of_citizen
    client.get("/ho-so")
    assert client.cookies[kept.MARK].value
    client.post(reverse("identity:sign_out"))
    assert not client.cookies[kept.MARK].value


@pytest.mark.parametrize(("app", "pages"), [("portal", portal_guard.PAGES), ("workplace", workplace_guard.PAGES)])
def test_every_door_for_posts_only_has_a_page_to_come_back_to(app: str, pages: kept.Pages) -> None:
    """Otherwise the way back after signing in would be a blank 405."""
    resolver = get_resolver().namespace_dict[app][1]
    only = set()
    for pattern in resolver.url_patterns:
        view = pattern.callback
        cells = [cell.cell_contents for cell in view.__closure__ or ()]
        methods = next((cell for cell in cells if isinstance(cell, list) and "POST" in cell), ["GET", "POST"])
        if "GET" not in methods:
            only.add(f"{app}:{pattern.name}")
    assert only == set(pages)
    for page, parts in pages.values():
        sample = {"code": "X", "procedure": "X", "draft_id": "6f1c2a3e-0000-4000-8000-000000000000"}
        reverse(page, kwargs={name: sample[name] for name in parts})
