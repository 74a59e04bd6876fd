"""A code list built in the browser: its rows, lines pasted, what fields are offered, what stays once it is installed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.codelists.models import Code
from hienluong.foundation.identity.models import Account
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions, files, yaml_text
from hienluong.services.building import codelist_operations as ops
from hienluong.services.building import register_operations as registers
from tests.factories import TESTER
from tests.snapshots import ready

from .sample import FILE, Workshop, listed, workshop

pytestmark = pytest.mark.django_db
NAME, CODE = "thuongmai.cho", "hinh-thuc-nuoi"
PATH = f"codelists/{CODE}.yaml"
DAY = {"valid_from_day": "1", "valid_from_month": "1", "valid_from_year": "2026"}
TYPED = [("co_dinh", "Nuôi cố định", ""), ("", "Nuôi di chuyển", ""), ("xa", "Di chuyển xa", "nuoi_di_chuyen")]


@pytest.fixture
def shop(db: None) -> Workshop:
    return ready(workshop)


def at(shop: Workshop) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=shop.builder.account_id))
    return client


def begun(shop: Workshop) -> None:
    shop.save(PATH, yaml_text.dump(ops.new_list(CODE, "Hình thức nuôi", shop.owner.name, date(2026, 1, 1))))


def send(shop: Workshop, rows: list[tuple[str, str, str]], work: str = "ghi", **boxes: Any) -> Any:
    """Post the page of the list as it stands, with these rows."""
    shop.draft.refresh_from_db()
    there = len(ops.entries(parse(shop.texts()[PATH], PATH).value))
    typed = {
        f"ma-{number}-{name}": value
        for number, row in enumerate(rows)
        for name, value in zip(("code", "name", "parent"), row, strict=True)
    }
    counts = {"ma-TOTAL_FORMS": str(max(len(rows), there)), "ma-INITIAL_FORMS": str(there)}
    about = {"title": "Hình thức nuôi", "coding": "assigned", "source": "Sở Công Thương lập", **DAY}
    page = reverse("building:codelist", args=[NAME, CODE])
    return at(shop).post(page, {"ban": shop.draft.head_id, "viec": work, **about, **counts, **typed, **boxes})


def codes(shop: Workshop) -> list[tuple[str, str, str]]:
    rows = ops.entries(parse(shop.texts()[PATH], PATH).value)
    return [(row["code"], row["name"], row.get("parent", "")) for row in rows]


def test_a_list_is_begun_with_a_code_of_its_title(shop: Workshop) -> None:
    page = reverse("building:new_codelist", args=[NAME])
    shop.draft.refresh_from_db()
    answer = at(shop).post(page, {"ban": shop.draft.head_id, "title": "Hình thức nuôi", "code": "", **DAY})
    assert answer.url == reverse("building:codelist", args=[NAME, CODE])
    shop.draft.refresh_from_db()
    again = at(shop).post(page, {"ban": shop.draft.head_id, "title": "Hình thức nuôi", "code": "", **DAY})
    assert "Đã có danh mục mã “hinh-thuc-nuoi”" in again.content.decode()
    assert "Thêm danh mục" in at(shop).get(reverse("building:show", args=[NAME])).content.decode()


def test_rows_are_saved_as_an_engineer_writes_them(shop: Workshop) -> None:
    begun(shop)
    assert send(shop, [*TYPED, ("", "", "")]).status_code == 302
    assert shop.texts()[PATH] == (
        f"code: {CODE}\ntitle: Hình thức nuôi\ncoding: assigned\neditions:\n"
        '  - code: "2026-01-01"\n    title: Từ ngày 01/01/2026\n    valid_from: 2026-01-01\n'
        "    source: Sở Công Thương lập\n    codes:\n"
        "      - {code: co_dinh, name: Nuôi cố định}\n"
        "      - {code: nuoi_di_chuyen, name: Nuôi di chuyển}\n"
        "      - {code: xa, parent: nuoi_di_chuyen, name: Di chuyển xa}\n"
    )
    assert not files.check(shop.texts()).of(PATH)


def test_rows_move_go_and_keep_what_else_was_typed(shop: Workshop) -> None:
    begun(shop)
    send(shop, TYPED)
    rows = codes(shop)
    rows[0] = ("co_dinh", "Nuôi một chỗ", "")
    send(shop, rows, "xuong 0")
    assert [row[1] for row in codes(shop)] == ["Nuôi di chuyển", "Nuôi một chỗ", "Di chuyển xa"]
    refused = send(shop, codes(shop), "bo 0")
    assert (refused.status_code, "còn mã cấp dưới: Di chuyển xa" in refused.content.decode()) == (422, True)
    moving = [("di_chuyen", "Nuôi di chuyển", ""), *codes(shop)[1:]]
    send(shop, moving)  # what stands below follows its code
    assert codes(shop)[2] == ("xa", "Di chuyển xa", "di_chuyen")
    send(shop, codes(shop), "bo 2")
    assert [row[0] for row in codes(shop)] == ["di_chuyen", "co_dinh"]
    wrong = send(shop, [*codes(shop), ("la", "", "")])
    assert (wrong.status_code, "Ghi tên của mã này." in wrong.content.decode()) == (422, True)


def test_lines_are_pasted(shop: Workshop) -> None:
    begun(shop)
    send(shop, [("01", "Một", "")], "dan", lines="01; Thứ nhất\n02\tThứ hai\n\nHai một; Hai mốt; 02\nMật ong\n")
    assert codes(shop) == [
        ("01", "Thứ nhất", ""),
        ("02", "Thứ hai", ""),
        ("Hai một", "Hai mốt", "02"),
        ("mat_ong", "Mật ong", ""),
    ]


def test_pasted_lines_are_looked_at_and_told_row_by_row(shop: Workshop) -> None:
    begun(shop)
    send(shop, [("01", "Một", "")])
    good = "Mã\tTên\tMã cha\tTừ ngày\tKhông dùng nữa từ ngày\n02\tHai\t01\t01/02/2026\t\n01\tThứ nhất\t\t\t01/01/2027\n"
    seen = send(shop, codes(shop), "xem-dan", lines=good)
    assert (seen.status_code, codes(shop)) == (200, [("01", "Một", "")])
    assert "Sửa mã đã có" in seen.content.decode()
    wrong = send(shop, codes(shop), "dan", lines="02\tHai\t09\n03\tBa\t\t31/02/2026\n04\tBốn\n")
    text = wrong.content.decode()
    assert (wrong.status_code, codes(shop)) == (422, [("01", "Một", "")])
    assert "Dòng 1: không có mã cha “09”" in text
    assert "Dòng 2: “31/02/2026” không phải ngày" in text
    send(shop, codes(shop), "dan", lines=good)
    rows = ops.entries(parse(shop.texts()[PATH], PATH).value)
    assert [(row["code"], row["name"], row.get("valid_from"), row.get("valid_to")) for row in rows] == [
        ("01", "Thứ nhất", None, date(2027, 1, 1)),
        ("02", "Hai", date(2026, 2, 1), None),
    ]


def test_a_code_ends_on_a_day_of_its_own(shop: Workshop) -> None:
    begun(shop)
    send(shop, TYPED)
    send(shop, codes(shop), **{"ma-0-valid_to": "01/06/2026", "ma-1-valid_from": "01/03/2026"})
    rows = ops.entries(parse(shop.texts()[PATH], PATH).value)
    assert (rows[0]["valid_to"], rows[1]["valid_from"]) == (date(2026, 6, 1), date(2026, 3, 1))
    assert not files.check(shop.texts()).of(PATH)
    wrong = send(shop, codes(shop), **{"ma-0-valid_from": "01/06/2026", "ma-0-valid_to": "01/06/2026"})
    assert (wrong.status_code, "Phải sau ngày bắt đầu." in wrong.content.decode()) == (422, True)


def test_fields_are_offered_the_packs_own_lists_first_and_none_is_chosen(shop: Workshop) -> None:
    listed()
    begun(shop)
    send(shop, TYPED)
    shop.save(FILE, yaml_text.dump(registers.add_field(shop.definition(), kind="code", title="Nghề")))
    page = at(shop).get(reverse("building:register", args=[NAME, "cho"]) + "?truong=nghe").content.decode()
    menu = page.partition('name="t-list"')[2].partition("</select>")[0]
    assert menu.index("Chọn…") < menu.index("Hình thức nuôi (của gói này)") < menu.index('value="trees"')
    assert menu.count("selected") == 1
    assert menu.index("selected") < menu.index("Chọn…")


def test_a_field_begins_with_the_list_that_is_called_the_same_or_is_the_only_one(shop: Workshop) -> None:
    begun(shop)
    for title in ("Hình thức nuôi", "Cách nuôi"):
        shop.draft.refresh_from_db()
        sent = {"ban": shop.draft.head_id, "viec": "them code", "ten": title}
        at(shop).post(reverse("building:register", args=[NAME, "cho"]), sent)
    fields = shop.definition()["schema"]["properties"]
    assert [fields[name]["x-list"] for name in ("hinh_thuc_nuoi", "cach_nuoi")] == [CODE, CODE]


def test_a_list_that_is_used_is_not_taken_away(shop: Workshop) -> None:
    begun(shop)
    field = registers.add_field(shop.definition(), kind="code", title="Cách", begun={"x-list": CODE})
    shop.save(FILE, yaml_text.dump(field))
    assert send(shop, [], "bo-danh-muc").status_code == 302
    assert PATH in shop.texts()
    shop.save(FILE, yaml_text.dump(registers.remove_field(shop.definition(), name="cach")))
    send(shop, [], "bo-danh-muc")
    assert PATH not in shop.texts()


def test_codes_that_are_installed_stay_until_the_next_edition(shop: Workshop) -> None:
    begun(shop)
    send(shop, TYPED)
    shop.draft.refresh_from_db()
    actions.install(TESTER, draft=shop.draft, expected=shop.draft.head_id or 0)
    assert Code.objects.filter(edition__codelist__code=CODE).count() == 3
    refused = send(shop, codes(shop), "bo 0").content.decode()
    assert "Mã co_dinh đã cài nên không bỏ, không đổi mã được" in refused
    next_day = {"next_from_day": "1", "next_from_month": "1", "next_from_year": "2027"}
    assert send(shop, codes(shop), "an-ban", **next_day).status_code == 302
    send(shop, codes(shop), "bo 0", valid_from_year="2027")
    editions = parse(shop.texts()[PATH], PATH).value["editions"]
    assert [(each["code"], len(each["codes"])) for each in editions] == [("2026-01-01", 3), ("2027-01-01", 2)]
    with pytest.raises(InvalidInput):
        ops.next_edition(parse(shop.texts()[PATH], PATH).value, valid_from=date(2027, 1, 1))


def test_a_table_beside_the_list_is_edited_as_rows_too(shop: Workshop) -> None:
    listed = ops.new_list(CODE, "Hình thức nuôi", shop.owner.name, date(2026, 1, 1))
    edition = {name: part for name, part in listed["editions"][0].items() if name != "codes"} | {"table": "nuoi.csv"}
    shop.save("codelists/nuoi.csv", "code,name,valid_to,nhom\n01,Một,2027-01-01,A\n02,Hai,,\n")
    shop.save(PATH, yaml_text.dump({**listed, "editions": [edition]}))
    page = at(shop).get(reverse("building:codelist", args=[NAME, CODE])).content.decode()
    assert 'value="Hai"' in page
    assert 'value="01/01/2027"' in page
    rows = {"ma-TOTAL_FORMS": "3", "ma-INITIAL_FORMS": "2", "ma-0-valid_to": "01/01/2027"}
    sent = send(shop, [("01", "Một", ""), ("02", "Thứ hai", ""), ("03", "Ba", "01")], **rows)
    assert sent.status_code == 302
    assert ops.entries(parse(shop.texts()[PATH], PATH).value) == [
        {"code": "01", "name": "Một", "valid_to": date(2027, 1, 1), "attributes": {"nhom": "A"}},
        {"code": "02", "name": "Thứ hai"},
        {"code": "03", "parent": "01", "name": "Ba"},
    ]
    assert "codelists/nuoi.csv" not in shop.texts()
    assert not files.check(shop.texts()).of(PATH)


def test_a_table_that_cannot_be_read_is_edited_as_a_file(shop: Workshop) -> None:
    listed = ops.new_list(CODE, "Hình thức nuôi", shop.owner.name, date(2026, 1, 1))
    edition = {name: part for name, part in listed["editions"][0].items() if name != "codes"} | {"table": "nuoi.csv"}
    shop.save("codelists/nuoi.csv", "ma,ten\n01,Một\n")
    shop.save(PATH, yaml_text.dump({**listed, "editions": [edition]}))
    answer = at(shop).get(reverse("building:codelist", args=[NAME, CODE]))
    assert (answer.status_code, answer.url) == (302, reverse("building:source", args=[NAME, PATH]))
