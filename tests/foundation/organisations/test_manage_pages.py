"""The pages that change the government: for whoever manages the very organisation, and nobody else."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.organisations import preview, queries
from hienluong.foundation.organisations.models import Organization, Succession
from tests.factories import make_official, make_org
from tests.foundation.administrators import browser_of, written

pytestmark = pytest.mark.django_db

LAW = "Quyết định 12/2026/QĐ-UBND"


PAGES = {
    "doi-ten": {"name": "UBND xã Khác", "on": "01/01/2026", "legal_basis": LAW},
    "chuyen": {"parent": "H50.101", "on": "01/01/2026", "legal_basis": LAW},
    "lien-he": {"on": "01/01/2026", "address": "Thôn 1"},
}


@pytest.mark.parametrize("page", PAGES)
def test_the_wrong_administrator_gets_nothing(page: str, mine: Organization, theirs: Organization) -> None:
    address = f"/quan-tri/co-quan/{theirs.code}/{page}"
    assert Client().get(address).headers["Location"].startswith("/dang-nhap")
    for client in (browser_of("admin", mine), browser_of("clerk", theirs)):
        assert client.get(address).status_code == 403
        assert client.post(address, PAGES[page]).status_code == 403
    assert theirs.versions.count() == 1
    assert browser_of("admin", theirs).get(address).status_code == 200


def test_setting_up_below_and_handing_over_ask_for_the_very_place(
    province: Organization, mine: Organization, theirs: Organization
) -> None:
    client = browser_of("admin", mine)
    new = {"name": "Phòng Mới", "kind": "division", "code": "H50.102.09", "valid_from": written(), "legal_basis": LAW}
    assert client.post("/quan-tri/co-quan/lap-moi", {**new, "parent": theirs.code}).status_code == 403
    hand = {"kind": "merge", "predecessors": theirs.code, "successors": mine.code, "on": written(), "legal_basis": LAW}
    assert client.post("/quan-tri/co-quan/ban-giao", {**hand, "xac-nhan": "1"}).status_code == 403
    assert not Succession.objects.exists()
    for page in ("lap-moi", "ban-giao"):
        assert browser_of("clerk", mine).get(f"/quan-tri/co-quan/{page}").status_code == 403
    made = client.post("/quan-tri/co-quan/lap-moi", {**new, "code": "H50.101.09", "parent": "UBND xã Cam Lộ"})
    assert made.headers["Location"] == "/quan-tri/co-quan/H50.101.09"
    assert queries.current("H50.101.09").parent == mine


def test_the_next_free_code_is_proposed(mine: Organization) -> None:
    make_org(code="H50.101.01", parent=mine)
    text = browser_of("admin", mine).get(f"/quan-tri/co-quan/lap-moi?cha={mine.code}").content.decode()
    assert 'value="H50.101.02"' in text
    assert 'value="H50.101"' in text


def test_an_organisation_is_renamed_from_a_day_on(mine: Organization) -> None:
    client = browser_of("admin", mine)
    given = {"name": "UBND phường Cam Lộ", "short_name": "CL", "on": written(5), "legal_basis": LAW}
    response = client.post(f"/quan-tri/co-quan/{mine.code}/doi-ten", given, follow=True)
    assert f"có hiệu lực từ ngày {written(5)}" in response.content.decode()
    assert queries.current(mine.code).name == "UBND xã Cam Lộ"
    later = queries.version_on(mine, timezone.localdate() + timedelta(days=5))
    assert later
    assert (later.name, later.short_name) == ("UBND phường Cam Lộ", "CL")


def test_contacts_and_hours_are_changed_and_shown(mine: Organization) -> None:
    client = browser_of("admin", mine)
    given = {
        "on": written(),
        "address": "Thôn Nghĩa Hy",
        "phone": "0233 3871 234",
        "hours_mon": "7:00-11:00, 13h30-17h",
    }
    wrong = client.post(f"/quan-tri/co-quan/{mine.code}/lien-he", given)
    assert wrong.status_code == 422
    assert "Thôn Nghĩa Hy" in wrong.content.decode()
    overlapping = client.post(
        f"/quan-tri/co-quan/{mine.code}/lien-he", {**given, "hours_mon": "7:00-11:00, 10:00-17:00"}
    )
    assert overlapping.status_code == 422
    client.post(f"/quan-tri/co-quan/{mine.code}/lien-he", {**given, "hours_mon": "7:00-11:00, 13h30-17h00"})
    text = client.get(f"/quan-tri/co-quan/{mine.code}").content.decode()
    assert "Thôn Nghĩa Hy" in text
    assert "07:00–11:00, 13:30–17:00" in text


def test_a_hand_over_is_shown_before_it_is_decided(
    province: Organization, mine: Organization, theirs: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_org("Phòng Kinh tế", parent=theirs, kind="division")
    make_official(role="clerk", org=theirs)
    monkeypatch.setattr(preview, "_kinds", [("Việc thử", lambda ids: 40 + len(ids))])
    client = browser_of("admin", province)
    hand = {
        "kind": "merge",
        "predecessors": f"{theirs.code}\n{mine.code}",
        "successors": mine.name,
        "on": written(3),
        "legal_basis": LAW,
    }
    shown = client.post("/quan-tri/co-quan/ban-giao", hand)
    text = shown.content.decode()
    for words in ("UBND xã Hiếu Giang", "Phòng Kinh tế", "Việc thử", "42", "Tiếp tục hoạt động", written(3)):
        assert words in text, words
    assert not Succession.objects.exists()
    assert queries.current(theirs.code).valid.upper is None
    again = client.post("/quan-tri/co-quan/ban-giao", {**hand, "sua": "1"})
    assert theirs.code in again.content.decode()
    client.post("/quan-tri/co-quan/ban-giao", {**hand, "xac-nhan": "1"})
    assert Succession.objects.get().successor == mine
    assert queries.current(theirs.code).valid.upper == timezone.localdate() + timedelta(days=3)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"predecessors": "H50.999"}, "Không có cơ quan"),
        ({"successors": ""}, "successors-error"),
        ({"legal_basis": " "}, ""),
        ({"on": "31/02/2026"}, "Nhập ngày có thật"),
        ({"on": "01/01/1900"}, "1990–2100"),
        ({"kind": "xyz"}, ""),
        ({"successors": "H50.102"}, "Không có cơ quan nào được giao lại"),
        ({"predecessors": "😀 <script>alert(1)</script>"}, "Không có cơ quan"),
        ({"predecessors": "x" * 9000}, ""),
        ({"predecessors": "a\x00b"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    province: Organization, mine: Organization, theirs: Organization, wrong: dict[str, str], words: str
) -> None:
    hand = {"kind": "merge", "predecessors": theirs.code, "successors": mine.code, "on": written(), "legal_basis": LAW}
    response = browser_of("admin", province).post("/quan-tri/co-quan/ban-giao", {**hand, **wrong})
    text = response.content.decode()
    assert response.status_code == 422
    assert words in text
    assert "<script>alert" not in text
    assert (LAW in text) or "legal_basis" in wrong
    assert not Succession.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", "H50.101"),
        ("code", "h50"),
        ("code", "x" * 99),
        ("name", "  "),
        ("name", "x" * 5000),
        ("kind", "king"),
        ("parent", "H99"),
        ("valid_from", "99/99/9999"),
        ("legal_basis", ""),
        ("email", "không phải thư"),
        ("commune_code", "abc"),
    ],
)
def test_a_wrong_new_organisation_is_refused(mine: Organization, field: str, value: str) -> None:
    new = {
        "name": "Phòng Mới",
        "kind": "division",
        "code": "H50.101.09",
        "parent": mine.code,
        "valid_from": written(),
        "legal_basis": LAW,
    }
    response = browser_of("admin", mine).post("/quan-tri/co-quan/lap-moi", {**new, field: value})
    assert response.status_code == 422
    assert not Organization.objects.filter(code="H50.101.09").exists()


def test_links_to_change_are_for_whoever_may(mine: Organization, theirs: Organization) -> None:
    address = f"/quan-tri/co-quan/{mine.code}"
    assert "doi-ten" in browser_of("admin", mine).get(address).content.decode()
    for client in (Client(), browser_of("admin", theirs), browser_of("clerk", mine)):
        assert "doi-ten" not in client.get(address).content.decode()
