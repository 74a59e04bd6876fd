"""A field that needs a unit, a code list or a register begins with one: nobody is given an empty menu to fill in first."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hienluong.foundation.identity.models import Account
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions as building
from hienluong.services.building import files, yaml_text
from hienluong.services.building import register_operations as ops
from hienluong.services.building.codelist_operations import new_list
from hienluong.services.building.lists_declared import declared
from hienluong.services.building.presets import Presets
from tests.snapshots import ready

from .sample import FILE, Workshop, listed, workshop
from .test_procedures import CODE, NAME, Builder, Office, office

pytestmark = pytest.mark.django_db
OTHER = "registers/gieng.yaml"


def two_registers() -> Workshop:
    """A draft with markets and wells: a well has a depth in metres and stands at a kind of tree."""
    shop = workshop()
    listed()
    other = ops.new_register("nuoc.gieng", "Giếng khoan", shop.owner.name, date(2026, 1, 1))
    other = ops.add_field(other, kind="quantity", title="Độ sâu", begun={"x-units": ["m"]})
    other = ops.add_field(other, kind="code", title="Loại cây", begun={"x-list": "trees", "x-leaf": True})
    shop.save(OTHER, yaml_text.dump(other))
    shop.save("pack.yaml", declared(shop.texts(), OTHER)["pack.yaml"])
    return shop


@pytest.fixture
def shop(db: None) -> Workshop:
    return ready(two_registers)


def at(shop: Workshop) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=shop.builder.account_id))
    return client


def send(shop: Workshop, query: str = "", **boxes: Any) -> Any:
    shop.draft.refresh_from_db()
    address = reverse("building:register", args=["thuongmai.cho", "cho"]) + query
    return at(shop).post(address, {"ban": shop.draft.head_id, **boxes})


def fields(shop: Workshop) -> Any:
    return shop.definition()["schema"]["properties"]


def faults(shop: Workshop) -> list[str]:
    return [fault.message for fault in files.check(shop.texts()).faults]


def offered(shop: Workshop, field: str, box: str) -> tuple[list[str], str]:
    """What a menu of the open field offers, and what is chosen in it."""
    page = at(shop).get(reverse("building:register", args=["thuongmai.cho", "cho"]) + f"?truong={field}")
    menu = page.content.decode().partition(f'name="t-{box}"')[2].partition("</select>")[0]
    chosen = re.findall(r'<option value="([^"]*)" selected', menu)
    values = re.findall(r'<option value="([^"]*)"', menu)
    return values, (chosen or values)[0]


@pytest.mark.parametrize(
    ("kind", "title", "word", "begins"),
    [
        ("quantity", "Độ sâu", "x-units", ["m"]),
        ("code", "LOẠI CÂY", "x-list", "trees"),
        ("code", "Cây trồng", "x-list", "trees"),
        ("reference", "Giếng gần nhất", "x-register", "nuoc.gieng"),
        ("reference", "Chợ", "x-register", "thuongmai.cho"),
    ],
)
def test_a_new_field_is_whole_from_the_start(shop: Workshop, kind: str, title: str, word: str, begins: Any) -> None:
    answer = send(shop, viec=f"them {kind}", ten=title)
    assert answer.status_code == 302
    name = answer.url.partition("truong=")[2]
    assert fields(shop)[name][word] == begins
    assert bool(fields(shop)[name].get("x-leaf")) == (title == "LOẠI CÂY")
    assert faults(shop) == [], "nothing has to be filled in before it works"


def test_the_menus_offer_nothing_blank(shop: Workshop) -> None:
    send(shop, viec="them reference", ten="Giếng")
    send(shop, viec="them code", ten="Cây")
    assert offered(shop, "gieng", "register") == (["thuongmai.cho", "nuoc.gieng"], "nuoc.gieng")
    values, chosen = offered(shop, "cay", "list")
    assert ("" in values, chosen) == (False, "trees")


def test_which_of_several_lists_is_for_people_to_say(shop: Workshop) -> None:
    shop.save("codelists/nghe.yaml", yaml_text.dump(new_list("nghe", "Nghề", shop.owner.name, date(2026, 1, 1))))
    send(shop, viec="them code", ten="Mã")
    assert "x-list" not in fields(shop)["ma"]
    values, chosen = offered(shop, "ma", "list")
    assert (values, chosen) == (["", "nghe", "trees"], "")
    assert "“Mã”: chưa chọn danh mục" in faults(shop)
    boxes = {"t-title": "Mã", "t-kind": "code", "t-hint": "", "t-name": "ma", "t-list": ""}
    refused = send(shop, "?truong=ma", viec="ghi", **boxes)
    assert (refused.status_code, "Chọn danh mục mà mã lấy từ đó." in refused.content.decode()) == (422, True)
    assert send(shop, "?truong=ma", viec="them text", ten="Ghi chú", **boxes).status_code == 302
    assert "ghi_chu" in fields(shop), "a list that is still to be chosen holds nothing else back"
    held = send(shop, "?truong=ma", viec="them text", ten="Nữa", **{**boxes, "t-title": "Mã nghề"})
    assert (held.status_code, "Chọn danh mục mà mã lấy từ đó." in held.content.decode()) == (422, True)
    send(shop, "?truong=ma", viec="ghi", **{**boxes, "t-list": "nghe"})
    assert fields(shop)["ma"]["x-list"] == "nghe"
    assert at(shop).get(reverse("building:register_trial", args=["thuongmai.cho", "cho"])).status_code == 200


@pytest.mark.parametrize(
    ("kind", "word", "box", "typed", "fault", "told"),
    [
        ("quantity", "x-units", "units", "m", "chưa ghi đơn vị", "Ghi đơn vị, mỗi dòng một đơn vị, ví dụ: kg."),
        ("choice", "enum", "options", "to: To\nnho: Nhỏ", "chưa ghi các lựa chọn", "Ghi các lựa chọn, mỗi dòng một"),
    ],
)
def test_units_and_choices_are_for_people_to_say(
    shop: Workshop, kind: str, word: str, box: str, typed: str, fault: str, told: str
) -> None:
    send(shop, viec=f"them {kind}", ten="Cỡ")
    assert (fields(shop)["co"][word], faults(shop)) == ([], [f"“Cỡ”: {fault}"])
    boxes = {"t-title": "Cỡ", "t-kind": kind, "t-hint": "", "t-name": "co", f"t-{box}": ""}
    refused = send(shop, "?truong=co", viec="ghi", **boxes)
    assert (refused.status_code, told in refused.content.decode()) == (422, True)
    assert send(shop, "?truong=co", viec="them text", ten="Ghi chú", **boxes).status_code == 302
    for page in ("register", "register_trial", "register_lists", "register_rules", "register_access"):
        assert at(shop).get(reverse(f"building:{page}", args=["thuongmai.cho", "cho"])).status_code == 200
    assert send(shop, "?truong=co", viec="ghi", **{**boxes, f"t-{box}": typed}).status_code == 302
    assert (fields(shop)["co"][word], faults(shop)) == ([each.partition(":")[0] for each in typed.split("\n")], [])
    send(
        shop, "?truong=ghi_chu", viec="ghi", **{"t-title": "Ghi chú", "t-kind": kind, "t-hint": "", "t-name": "ghi_chu"}
    )
    assert fields(shop)["ghi_chu"][word] == [], "a field made another kind is asked for them, too"


def test_a_field_that_names_no_register_yet_has_one_chosen(shop: Workshop) -> None:
    bare = ops.add_field(shop.definition(), kind="reference", title="Giếng")
    shop.save(FILE, yaml_text.dump(bare))
    assert faults(shop)
    assert offered(shop, "gieng", "register")[1] == "nuoc.gieng"


def test_a_field_made_another_kind_is_whole_as_well(shop: Workshop) -> None:
    send(shop, viec="them text", ten="Giếng")
    boxes = {"t-title": "Giếng khoan", "t-kind": "reference", "t-hint": "", "t-name": "gieng"}
    assert send(shop, "?truong=gieng", viec="ghi", **boxes).status_code == 302
    assert fields(shop)["gieng"]["x-register"] == "nuoc.gieng"
    assert faults(shop) == []


def test_a_column_that_is_new_is_whole_as_well(shop: Workshop) -> None:
    send(shop, viec="them table", ten="Các giếng")
    rows: dict[str, Any] = {f"cot-{word}": value for word, value in (("TOTAL_FORMS", 2), ("INITIAL_FORMS", 1))}
    rows |= {"cot-0-title": "Nội dung", "cot-0-kind": "text", "cot-0-name": "content"}
    rows |= {"cot-1-title": "Độ sâu", "cot-1-kind": "quantity", "cot-1-name": ""}
    boxes = {"t-title": "Các giếng", "t-kind": "table", "t-hint": "", "t-name": "cac_gieng"}
    assert send(shop, "?truong=cac_gieng", viec="ghi", **boxes, **rows).status_code == 302
    assert fields(shop)["cac_gieng"]["items"]["properties"]["do_sau"]["x-units"] == ["m"]
    assert faults(shop) == []


def test_a_list_of_another_pack_is_declared_by_itself(shop: Workshop) -> None:
    manifest = parse(shop.texts()["pack.yaml"], "pack.yaml").value
    shop.save("pack.yaml", yaml_text.dump({**manifest, "uses_codelists": []}))
    assert faults(shop)
    send(shop, viec="them code", ten="Cây")
    manifest = parse(shop.texts()["pack.yaml"], "pack.yaml").value
    assert (manifest["uses_codelists"], faults(shop)) == (["trees"], [])


def test_without_anything_to_follow_the_usual_is_taken() -> None:
    assert Presets(lists=[("nghe", "Nghề")]).of("code", "Nơi") == {"x-list": "nghe"}
    alone = Presets(registers=[("a.b", "Chợ")], own="a.b")
    assert alone.of("reference", "Gần") == {"x-register": "a.b"}
    assert Presets().of("text", "Tên") == {}


def questions(place: Office) -> Any:
    path = f"procedures/{CODE}.yaml"
    return parse(place.texts()[path], path).value["form"]["schema"]["properties"]


@pytest.fixture
def place(db: None) -> Office:
    return ready(office)


def test_a_question_taken_from_a_register_keeps_its_unit_and_list(place: Office) -> None:
    listed()
    path = "registers/cho.yaml"
    register = parse(place.texts()[path], path).value
    register = ops.add_field(register, kind="quantity", title="Độ sâu", begun={"x-units": ["m"]})
    register = ops.add_field(register, kind="code", title="Loại cây", begun={"x-list": "trees", "x-leaf": True})
    head = place.draft.head
    assert head is not None
    texts = {**place.texts(), path: yaml_text.dump(register)}
    building.save(place.builder, draft=place.draft, files=texts, words="Thêm trường", expected=head.pk)
    builder = Builder(place)
    builder.post("form", viec="them quantity", ten="Độ sâu", trang="nguoi-nop")
    asked = questions(place)
    assert asked["do_sau"]["x-units"] == ["m"], "a question called as a field of the register is counted as that is"
    builder.post("take", register=NAME, taken=["loai_cay"], page="nguoi-nop")
    asked = questions(place)
    assert (asked["loai_cay"]["x-list"], asked["loai_cay"]["x-leaf"]) == ("trees", True)


def test_questions_are_taken_first_from_the_register_that_is_written(place: Office) -> None:
    other = ops.new_register("a.truoc", "Ao", place.province.root.name, date(2025, 1, 1))
    head = place.draft.head
    assert head is not None
    texts = {**place.texts(), "registers/ao.yaml": yaml_text.dump(other)}
    building.save(place.builder, draft=place.draft, files=texts, words="Thêm", expected=head.pk)
    page = Builder(place).client.get(reverse("building:take", args=[NAME, CODE])).content.decode()
    menu = page.partition('id="register"')[2]
    assert re.findall(r'<option value="([^"]*)" selected', menu) == [NAME]


def test_only_fields_that_are_new_since_are_ticked_again(place: Office) -> None:
    builder = Builder(place)
    address = reverse("building:take", args=[NAME, CODE]) + f"?register={NAME}"

    def put(**titles: str) -> None:
        path = "registers/cho.yaml"
        register = parse(place.texts()[path], path).value
        for kind, title in titles.items():
            register = ops.add_field(register, kind=kind, title=title)
        place.draft.refresh_from_db()
        texts = {**place.texts(), path: yaml_text.dump(register)}
        building.save(place.builder, draft=place.draft, files=texts, words="Thêm", expected=place.draft.head_id or 0)

    def ticked() -> list[str]:
        page = builder.client.get(address).content.decode()
        return re.findall(r'name="taken" type="checkbox" value="([^"]+)" checked', page)

    put(text="Tên thường gọi", date="Ngày dựng", integer="Số gian")
    assert {"ten_thuong_goi", "ngay_dung", "so_gian"} <= set(ticked())
    builder.post("take", register=NAME, taken=["ngay_dung"], page="nguoi-nop")
    assert ticked() == []
    put(phone="Điện thoại trực")
    assert ticked() == ["dien_thoai_truc"]
    path = f"procedures/{CODE}.yaml"
    written = parse(place.texts()[path], path).value
    written["effects"][0]["set"]["dien_thoai_truc"] = "party.name"
    place.draft.refresh_from_db()
    texts = {**place.texts(), path: yaml_text.dump(written)}
    building.save(place.builder, draft=place.draft, files=texts, words="Ghi", expected=place.draft.head_id or 0)
    assert ticked() == [], "what is filled from elsewhere is not asked for"
