"""The pages of code lists: browsed by everybody, changed by whoever manages them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.codelists import queries
from hienluong.foundation.codelists.models import Code, Edition
from hienluong.foundation.organisations.models import Organization
from tests.foundation.administrators import browser_of

from .sample import installed, trees

pytestmark = pytest.mark.django_db

HERE = "/quan-tri/danh-muc"


@pytest.fixture
def lists(tmp_path: Path, province: Organization) -> None:
    installed(tmp_path)


@pytest.fixture
def admin(lists: None, province: Organization) -> Client:
    return browser_of("admin", province)


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def test_everybody_sees_which_lists_there_are(lists: None, client: Client) -> None:
    page = text(client.get(HERE))
    assert "Cây rừng" in page
    assert "Danh mục 2025" in page


def test_an_edition_is_browsed_down_the_tree(lists: None, client: Client) -> None:
    page = text(client.get(f"{HERE}/trees"))
    assert "Cây lấy gỗ" in page
    assert "Lim xanh" not in page
    below = text(client.get(f"{HERE}/trees?ma=G1"))
    assert "Lim xanh rừng trồng" in below
    assert "Hình thành từ" in below
    assert "Tách ra" in below
    old = text(client.get(f"{HERE}/trees?an-ban=2020&ma=G1"))
    assert "Trở thành" in old
    assert "Nơi nhận chính" in old
    assert "group" in old


def test_a_day_shows_the_edition_of_that_day(lists: None, client: Client) -> None:
    assert "Cây gỗ" in text(client.get(f"{HERE}/trees?ngay=30/06/2025"))
    assert "Luồng" in text(client.get(f"{HERE}/trees?ngay=31/12/2023&ma=T"))
    assert "Luồng" not in text(client.get(f"{HERE}/trees?ngay=01/01/2024&ma=T"))
    assert "Không có hiệu lực vào ngày này" in text(client.get(f"{HERE}/trees?ngay=01/01/2019"))
    assert client.get(f"{HERE}/trees?ngay=hôm+qua").status_code == 422


def test_search_finds_without_diacritics(lists: None, client: Client) -> None:
    assert "2 mã có" in text(client.get(f"{HERE}/trees?q=lim+xanh"))
    assert "Không tìm thấy" in text(client.get(f"{HERE}/trees?q=thông"))


def test_what_is_not_there_is_not_found(lists: None, client: Client) -> None:
    for address in ("/khong-co", "/khong-co/tai-ve", "/trees/tai-ve?an-ban=1999"):
        assert client.get(HERE + address).status_code == 404
    assert text(client.get(f"{HERE}/trees?an-ban=1999&ma=khong")).count("Cây lấy gỗ") == 1


def test_a_page_costs_the_same_whatever_it_shows(
    tmp_path: Path, province: Organization, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    data = trees(mappings=[])
    data["editions"][1]["codes"] += [{"code": f"X{n}", "parent": "G", "name": f"Cây {n}"} for n in range(150)]
    installed(tmp_path, data)
    for address in ("/trees?ma=G", "/trees?ma=G&page=2", "/trees?q=cay", "/trees?an-ban=2020", ""):
        with django_assert_max_num_queries(12):
            client.get(HERE + address)


def test_an_edition_is_taken_away_as_a_table(lists: None, client: Client) -> None:
    answer = client.get(f"{HERE}/trees/tai-ve")
    assert answer["Content-Disposition"] == 'attachment; filename="trees-2025.csv"'
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "code,parent,name,name_en,valid_from,valid_to"
    assert "G11,G1,Lim xanh rừng trồng,,," in lines


def test_whoever_manages_lists_adds_corrects_and_closes(admin: Client) -> None:
    page = text(admin.get(f"{HERE}/trees?ma=G1"))
    assert "Thêm mã con" in page
    typed = {"value": "G12", "name": "Lim đỏ", "parent": "G1", "legal_basis": "QĐ 9", "since": "01/01/2026"}
    added = admin.post(f"{HERE}/trees/them?an-ban=2025", typed)
    assert added.status_code == 302
    code = Code.objects.get(value="G12")
    assert "Lim đỏ" in text(admin.get(added["Location"]))
    assert admin.post(f"{HERE}/ma/{code.pk}/sua", {"name": "Lim tía", "legal_basis": "QĐ 10"}).status_code == 302
    assert admin.post(f"{HERE}/ma/{code.pk}/dong", {"on": "01/06/2026", "legal_basis": "QĐ 11"}).status_code == 302
    code.refresh_from_db()
    assert (code.name, code.valid.upper.isoformat()) == ("Lim tía", "2026-06-01")


def test_what_was_typed_wrongly_is_kept_and_told(admin: Client) -> None:
    answer = admin.post(f"{HERE}/trees/them", {"value": "G1", "name": "Lim lại", "legal_basis": "QĐ 9", "parent": "G"})
    assert answer.status_code == 422
    assert "đã có trong thời gian đó" in answer.content.decode()
    assert "Lim lại" in answer.content.decode()
    edition = queries.edition("trees", "2025")
    code = Code.objects.get(edition=edition, value="G1")
    answer = admin.post(f"{HERE}/ma/{code.pk}/dong", {"on": "01/06/2026", "legal_basis": "QĐ 9"})
    assert (answer.status_code, "mã con chưa đóng" in answer.content.decode()) == (422, True)


BROUGHT = {
    "title": "Danh mục 2027",
    "edition": "2027",
    "valid_from": "01/01/2027",
    "legal_basis": "QĐ 12",
    "source": "Công báo",
}


def table(text: str) -> SimpleUploadedFile:
    """A table as it is uploaded."""
    return SimpleUploadedFile("bang.csv", text.encode(), "text/csv")


def test_an_edition_is_brought_in_with_what_became_of_the_one_before(admin: Client) -> None:
    assert "Nạp ấn bản mới" in text(admin.get(f"{HERE}/trees"))
    codes = table("code;parent;name\nG;;Gỗ\nG9;G;Lim, lát\n")  # as a spreadsheet set to Vietnamese writes it
    answer = admin.post(f"{HERE}/trees/nap", BROUGHT | {"table": codes, "became": table("from,to\nG1,G9\nG11,G9\n")})
    assert answer.status_code == 302, answer.content.decode()
    assert "Danh mục 2027" in text(admin.get(answer["Location"]))
    edition = queries.edition("trees", "2027")
    assert [(code.value, code.name) for code in edition.codes.order_by("order")] == [("G", "Gỗ"), ("G9", "Lim, lát")]
    assert queries.edition("trees", "2025").valid.upper == edition.valid.lower == date(2027, 1, 1)
    assert [one.code.value for one in queries.successors("trees", "G11", "2025", "2027")] == ["G9"]
    entry = Entry.objects.filter(verb="codelists.install").latest("seq")
    assert entry.actor_kind == "account"


def test_faults_of_an_uploaded_table_are_told_by_line_and_nothing_is_kept(admin: Client) -> None:
    codes = table("code,parent,name\nG,,Gỗ\nG,,Gỗ\nG9,H,\n")
    answer = admin.post(f"{HERE}/trees/nap", BROUGHT | {"table": codes, "became": table("from,to\nG77,G\n")})
    page = answer.content.decode()
    assert answer.status_code == 422
    for said in ("Bảng mã, dòng 3: mã “G” đã có ở dòng 2", "dòng 4: không có mã cha “H”", "không có mã “G77”"):
        assert said in page, said
    assert "Danh mục 2027" in page
    assert not Edition.objects.filter(code="2027").exists()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"edition": "Năm 2027"}, "Mã ấn bản chỉ có chữ thường"),
        ({"valid_from": "01/02/2020"}, "chồng lên một ấn bản đã có"),
        ({"valid_from": "01/01/2019", "became": "from,to\nG,G\n"}, "không có ấn bản nào để chuyển đổi"),
        ({"table": "a,b\n1,2\n"}, "thiếu cột code hoặc name"),
        ({"table": "\x00\xff"}, "không có mã nào"),
        ({"table": "code,name\n" + "".join(f"X{n},\n" for n in range(50))}, "Và còn 30 lỗi nữa"),
    ],
)
def test_an_edition_that_cannot_be_is_refused_with_a_sentence(
    admin: Client, changes: dict[str, str], said: str
) -> None:
    typed: dict[str, Any] = {**BROUGHT, "table": "code,name\nG,Gỗ\n", **changes}
    typed |= {name: table(typed[name]) for name in ("table", "became") if name in typed}
    answer = admin.post(f"{HERE}/trees/nap", typed)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Edition.objects.count() == 2


@pytest.mark.parametrize("who", ["nobody", "clerk", "commune"])
def test_nobody_else_changes_anything(lists: None, mine: Organization, province: Organization, who: str) -> None:
    code = Code.objects.get(edition__code="2025", value="G11")
    browsers = {"nobody": Client, "clerk": lambda: browser_of("clerk", province)}
    client = browsers.get(who, lambda: browser_of("admin", mine))()
    posts = {
        f"{HERE}/trees/them": {"value": "X", "name": "x", "legal_basis": "x"},
        f"{HERE}/trees/nap": BROUGHT | {"table": table("code,name\nA,B\n")},
        f"{HERE}/ma/{code.pk}/sua": {"name": "x", "legal_basis": "x"},
        f"{HERE}/ma/{code.pk}/dong": {"on": "01/06/2026", "legal_basis": "x"},
    }
    before = list(Code.objects.order_by("pk").values_list())
    for address, typed in posts.items():
        for answer in (client.get(address), client.post(address, typed)):
            signs_in = answer.status_code == 302 and answer["Location"].startswith("/dang-nhap")
            assert answer.status_code == 403 or signs_in, (address, answer.status_code)
    assert list(Code.objects.order_by("pk").values_list()) == before
    assert "Thêm mã" not in text(client.get(f"{HERE}/trees"))
    assert "Nạp ấn bản" not in text(client.get(f"{HERE}/trees"))


def test_names_are_shown_in_the_language_of_the_page(lists: None, client: Client) -> None:
    client.cookies["hl_language"] = "en"
    assert "Trees" in text(client.get(HERE))
    assert "Timber" in text(client.get(f"{HERE}/trees?an-ban=2025"))
    chosen = text(client.get(f"{HERE}/trees?an-ban=2025&ma=G"))
    assert "G Timber" in chosen
    assert "Cây lấy gỗ" in chosen
    assert "Lim xanh" in chosen  # it has no English name
