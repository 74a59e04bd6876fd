"""Where somebody who builds a register for the first time goes wrong: it is said there and then, and nothing typed is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hienluong.capabilities.registers.models import Definition
from hienluong.capabilities.registers.parts import series_fault
from hienluong.foundation.identity.models import Account
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions, certificate_operations, files, result_lines, yaml_text
from hienluong.services.building import register_operations as ops
from tests.snapshots import ready

from .sample import FILE, WRITTEN, Workshop, workshop

pytestmark = pytest.mark.django_db
ARGS = ["thuongmai.cho", "cho"]
KINDS = (("integer", "Số quầy"), ("money", "Giá thuê"), ("quantity", "Diện tích"), ("personal-id", "Số định danh"))


def begun() -> Workshop:
    """A register with fields to count with, one of them computed of the others."""
    shop = workshop()
    definition = shop.definition()
    for kind, title in (*KINDS, ("money", "Tổng thu")):
        definition = ops.add_field(definition, kind=kind, title=title, begun=WRITTEN.get(kind))
    shop.save(FILE, yaml_text.dump(definition))
    return shop


@pytest.fixture
def shop(db: None) -> Workshop:
    return ready(begun)


def at(shop: Workshop) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=shop.builder.account_id))
    return client


def send(shop: Workshop, page: str, *, query: str = "", **boxes: Any) -> Any:
    """Post a page of the register as it stands."""
    shop.draft.refresh_from_db()
    address = reverse(f"building:{page}", args=ARGS) + query
    return at(shop).post(address, {"ban": shop.draft.head_id, **boxes})


def text_of(shop: Workshop, page: str, query: str = "") -> str:
    return str(at(shop).get(reverse(f"building:{page}", args=ARGS) + query).content.decode())


def compute(shop: Workshop, formula: str) -> Any:
    boxes = {"t-title": "Tổng thu", "t-kind": "money", "t-hint": "", "t-name": "tong_thu", "t-computed": formula}
    boxes |= {"title": "Tổng thu", "kind": "money", "hint": "", "name": "tong_thu", "computed": formula}
    return send(shop, "register", query="?truong=tong_thu", viec="ghi", **boxes)


@pytest.mark.parametrize(
    ("typed", "kept", "fault"),
    [
        ("Số quầy × Giá thuê", "so_quay * gia_thue", ""),
        ("Số quầy * Giá bán", "Số quầy * Giá bán", "công thức: không có trường “Giá bán”. Có phải: “Giá thuê”"),
        ("so_quay * dien_tich", "so_quay * dien_tich", "công thức: “Diện tích” là số có đơn vị"),
        ("so_quay * gia_ban", "so_quay * gia_ban", "công thức: không có trường “gia_ban”. Có phải: “Giá thuê”"),
    ],
)
def test_a_formula_is_written_as_people_speak_and_its_fault_stands_at_its_field(
    shop: Workshop, typed: str, kept: str, fault: str
) -> None:
    assert compute(shop, typed).status_code == 302
    assert shop.definition()["computed"] == {"tong_thu": kept}
    panel = text_of(shop, "register", "?truong=tong_thu").partition('class="hl-fields__panel"')[2]
    assert (fault in panel) if fault else ("govuk-error-message" not in panel)
    assert "Hệ thống tự tính trường này, không hỏi người nhập." in panel


def test_what_is_typed_into_the_open_field_is_kept_when_another_button_is_pressed(shop: Workshop) -> None:
    typed = {"t-title": "Số gian hàng", "t-kind": "integer", "t-hint": "Đếm cả gian trống", "t-name": "so_quay"}
    at_field = "?truong=so_quay"
    answer = send(shop, "register", mo="so_quay", viec="them text", ten="Ghi chú", **typed)
    fields = shop.definition()["schema"]["properties"]
    assert answer.url.endswith("?truong=ghi_chu")
    assert (fields["so_quay"]["title"], fields["so_quay"]["description"]) == ("Số gian hàng", "Đếm cả gian trống")
    assert list(fields)[-1] == "ghi_chu"

    wrong = send(shop, "register", query=at_field, viec="them text", ten="Thứ hai", **{**typed, "t-name": "Số"})
    said = wrong.content.decode()
    assert wrong.status_code == 422
    for kept in ('value="Thứ hai"', "Đếm cả gian trống", "chưa làm việc tiếp theo", "Bỏ điều đã gõ", 'unsaved="yes"'):
        assert kept in said
    assert list(shop.definition()["schema"]["properties"])[-1] == "ghi_chu"

    other = reverse("building:register_access", args=ARGS)
    for wanted, reached in ((other, other), ("https://x.vn/", reverse("building:register", args=ARGS) + at_field)):
        typed["t-hint"] += "."
        assert send(shop, "register", query=at_field, viec="ghi", ve=wanted, **typed).url == reached
    assert shop.definition()["schema"]["properties"]["so_quay"]["description"] == "Đếm cả gian trống.."


def test_the_trial_shows_what_is_computed(shop: Workshop) -> None:
    compute(shop, "Số quầy * Giá thuê")
    answer = send(shop, "register_trial", name="Chợ Sòng", so_quay="12", gia_thue="250.000").content.decode()
    assert "Nội dung này được nhận." in answer
    assert "Tổng thu: <strong>3.000.000 đồng</strong>" in answer


def test_the_trial_judges_by_the_rules_of_the_register(shop: Workshop) -> None:
    """A rule may ask for an answer: what is left empty is null to it, as when a record is written."""
    definition = ops.add_field(shop.definition(), kind="flag", title="Có loa")
    rules = [
        {"when": "co_loa != true || so_quay != null", "field": "so_quay", "message": "Có loa thì ghi số quầy."},
        {
            "when": "co_loa != false || dien_tich != null",
            "field": "dien_tich",
            "message": "Không loa thì ghi diện tích.",
        },
        {"when": "so_quay == null || so_quay <= 65", "field": "so_quay", "message": "Không quá 65 quầy."},
    ]
    shop.save(FILE, yaml_text.dump({**definition, "rules": rules}))
    taken = "Nội dung này được nhận."
    cases: list[tuple[dict[str, str], str]] = [
        ({}, "Không loa thì ghi diện tích."),  # a box that is not ticked says no
        ({"co_loa": "true"}, "Có loa thì ghi số quầy."),
        ({"co_loa": "true", "so_quay": "12"}, taken),
        ({"co_loa": "true", "so_quay": "66"}, "Không quá 65 quầy."),
        ({"co_loa": "false"}, "Không loa thì ghi diện tích."),
        ({"co_loa": "false", "dien_tich.value": "", "dien_tich.unit": "m2"}, "Không loa thì ghi diện tích."),
    ]
    for typed, told in cases:
        page = send(shop, "register_trial", name="Chợ Sòng", **typed).content.decode()
        assert told in page, typed
        assert (taken in page) == (told == taken), typed
    page = send(shop, "register_trial", name="Chợ Sòng", co_loa="true", so_quay="mười").content.decode()
    assert "Có loa thì ghi số quầy." not in page, "what a rule reads is wrong itself"


def test_a_personal_number_is_never_for_everybody(shop: Workshop) -> None:
    every = list(shop.definition()["schema"]["properties"])
    for public, is_refused in ((["name", "so_dinh_danh"], True), (every, True), (["name", "so_quay"], False)):
        boxes = {"xem-responsible": every, "ghi-responsible": every, "xem-public": public}
        assert send(shop, "register_access", **boxes).status_code == 302
        told = [fault.message for fault in files.check(shop.texts()).faults]
        assert told == (["“Số định danh”: số định danh cá nhân không cho mọi người xem được"] if is_refused else [])


def test_whom_a_record_is_about_sees_it_unless_it_is_said_otherwise(shop: Workshop) -> None:
    assert shop.definition()["access"]["subject"] == {"read": "*"}


def test_the_page_of_installing_says_what_everybody_will_see(shop: Workshop) -> None:
    install = at(shop).get(reverse("building:install", args=ARGS[:1])).content.decode()
    assert "Không trường nào: người lạ không tra được bản ghi." in install
    shop.save(FILE, yaml_text.dump({**shop.definition(), "access": {"public": {"read": ["name", "so_quay"]}}}))
    install = at(shop).get(reverse("building:install", args=ARGS[:1])).content.decode()
    assert "Tên, Số quầy." in install


def test_what_is_installed_is_not_changed_in_silence(shop: Workshop) -> None:
    assert "không sửa được nữa" not in text_of(shop, "register_access")
    shop.draft.refresh_from_db()
    assert shop.draft.head is not None
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)
    for page in ("register", "register_access", "register_about"):
        assert "Phiên bản 1 đã cài, không sửa được nữa" in text_of(shop, page)
    refused = send(shop, "register_version", viec="moi", effective_from="01/01/2026")
    assert (refused.status_code, "Phải sau ngày 01/01/2026" in refused.content.decode()) == (422, True)
    assert shop.definition()["version"] == 1
    assert send(shop, "register_version", viec="moi", effective_from="02/01/2026").status_code == 302
    assert (shop.definition()["version"], shop.definition()["effective_from"]) == (2, date(2026, 1, 2))
    assert "không sửa được nữa" not in text_of(shop, "register_access")


def test_an_edit_of_an_installed_version_goes_on_in_the_next_one(shop: Workshop) -> None:
    shop.draft.refresh_from_db()
    assert shop.draft.head is not None
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)
    before = shop.texts()
    typed = {"t-title": "Số gian", "t-kind": "integer", "t-hint": "", "t-name": "so_quay", "mo": "so_quay"}
    asked = {"viec": "them text", "ten": "Ghi chú", **typed}
    told = send(shop, "register", **asked)
    said = told.content.decode()
    assert (told.status_code, shop.texts()) == (422, before)
    for part in (
        "Chưa sửa gì",
        "Phiên bản 2 có hiệu lực từ ngày",
        'name="phien-ban-moi"',
        'name="ten" value="Ghi chú"',
    ):
        assert part in said
    assert "chưa làm việc tiếp theo" not in said
    assert send(shop, "register", **{**asked, "phien-ban-moi": "1"}).url.endswith("?truong=ghi_chu")
    made = shop.definition()
    assert (made["version"], made["schema"]["properties"]["so_quay"]["title"]) == (2, "Số gian")
    assert "ghi_chu" in made["schema"]["properties"]
    assert made["effective_from"] > timezone.localdate()
    assert shop.texts()["registers/cho.v1.yaml"] == before[FILE]
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head_id or 0)
    ends = dict(Definition.objects.values_list("version", "valid"))
    assert ends[1].upper == made["effective_from"]

    unchanged = {**typed, "t-title": "Số gian"}
    assert send(shop, "register", query="?truong=so_quay", viec="ghi", **unchanged).status_code == 302


def test_installing_is_not_offered_while_an_installed_version_says_something_else(shop: Workshop) -> None:
    shop.draft.refresh_from_db()
    assert shop.draft.head is not None
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)
    shop.save(FILE, yaml_text.dump({**shop.definition(), "title": "Chợ phiên"}))  # as text
    install = at(shop).get(reverse("building:install", args=ARGS[:1])).content.decode()
    assert "phiên bản 1 của “Chợ phiên” đã cài với nội dung khác" in install
    assert f'href="{reverse("building:register_version", args=ARGS)}"' in install
    assert 'name="ke-hoach"' not in install


@pytest.mark.parametrize(("typed", "label"), [("", "Tên giếng khoan"), ("Số hiệu giếng", "Số hiệu giếng")])
def test_the_name_of_a_record_is_called_after_the_register(shop: Workshop, typed: str, label: str) -> None:
    day = {f"effective_from_{part}": value for part, value in (("day", "1"), ("month", "1"), ("year", "2026"))}
    said = {"title": "Giếng khoan", "code": "nuoc.gieng", "owner": shop.owner.name, "name_label": typed, **day}
    shop.draft.refresh_from_db()
    page = reverse("building:new_register", args=ARGS[:1])
    assert at(shop).post(page, {"ban": shop.draft.head_id, **said}).status_code == 302
    made = parse(shop.texts()["registers/gieng.yaml"], "").value
    assert made["schema"]["properties"]["name"]["title"] == label
    assert [ops.name_label_of(title) for title in ("UBND xã", "Chợ Đông Hà")] == ["Tên UBND xã", "Tên chợ Đông Hà"]


def test_any_button_of_the_page_of_lists_keeps_all_of_it(shop: Workshop) -> None:
    ticked = {"ds0-title": "Chợ", "ds0-columns": ["name", "so_quay"], "ds0-filters": ["so_quay"]}
    blank = {"ds1-title": "", "ds1-sort": ""}
    said = {"phan": ["ds0", "ds1", "tim"], "tim-search": ["name"], **ticked, **blank}
    assert send(shop, "register_lists", viec="ghi", **said).status_code == 302
    assert shop.definition()["lists"] == [{"title": "Chợ", "columns": ["name", "so_quay"], "filters": ["so_quay"]}]
    assert shop.definition()["search"] == ["name"]
    no_column = send(shop, "register_lists", viec="ghi", **{**said, "ds1-title": "Theo giá"})
    assert (no_column.status_code, "Theo giá" in no_column.content.decode()) == (422, True)
    assert send(shop, "register_lists", viec="bo 0").status_code == 302
    assert "lists" not in shop.definition()


def test_a_certificate_has_a_holder_and_is_found_by_the_number_on_the_paper(shop: Workshop) -> None:
    definition = ops.add_field(shop.definition(), kind="text", title="Chủ chợ")
    made = certificate_operations.begin_certificate(
        definition, title="Giấy", holder="chu_cho", series="{n:04}/GCN", years=3
    )
    assert made["search"] == ["so_giay"]
    assert made["schema"]["required"] == ["name", "chu_cho"]


@pytest.mark.parametrize(
    ("title", "number", "issued"),
    [
        ("Giấy phép hoạt động bến khách", "Số giấy phép", "Ngày cấp giấy phép"),
        ("GIẤY CHỨNG NHẬN đủ điều kiện", "Số giấy chứng nhận", "Ngày cấp giấy chứng nhận"),
        ("Chứng chỉ hành nghề", "Số chứng chỉ", "Ngày cấp chứng chỉ"),
        ("Thẻ hướng dẫn viên", "Số thẻ", "Ngày cấp thẻ"),
        ("Sổ theo dõi", "Số giấy", "Ngày cấp giấy"),
    ],
)
def test_the_fields_of_a_certificate_are_called_after_its_kind(title: str, number: str, issued: str) -> None:
    blank = ops.new_register("a.b", "Bến", "Sở", date(2026, 1, 1))
    made = certificate_operations.begin_certificate(blank, title=title, holder="name", series="{n}/GP", years=5)
    labels = {part: made["schema"]["properties"][made["certificate"][part]]["title"] for part in ("number", "issued")}
    assert labels == {"number": number, "issued": issued}


def test_a_certificate_that_becomes_another_paper_takes_its_labels_along_but_not_those_somebody_wrote() -> None:
    blank = ops.new_register("a.b", "Bến", "Sở", date(2026, 1, 1))
    begun = {"title": "Giấy chứng nhận bến", "holder": "name", "series": "{n}/GP", "years": 5}
    made = certificate_operations.begin_certificate(blank, **begun)
    names = made["certificate"]
    own = {**made["schema"]["properties"][names["issued"]], "title": "Ngày ký"}
    made = ops.put_field(made, name=names["issued"], prop=own, required=True)
    changed = certificate_operations.set_certificate(made, title="Giấy phép bến")
    fields = changed["schema"]["properties"]
    assert [fields[names[part]]["title"] for part in ("number", "issued", "expires")] == [
        "Số giấy phép",
        "Ngày ký",
        "Ngày hết hạn giấy phép",
    ]
    assert names["issued"] in changed["schema"]["required"]


def test_nobodys_name_is_made_public_by_a_certificate() -> None:
    begun = {"title": "Giấy", "series": "{n:04}/GCN", "years": 3}
    blank = ops.new_register("a.b", "Chợ", "Sở", date(2026, 1, 1))
    with_owner = ops.add_field(blank, kind="text", title="Chủ chợ")
    public = certificate_operations.begin_certificate(with_owner, holder="chu_cho", **begun)["access"]["public"]["read"]
    assert "chu_cho" not in public
    assert {"name", "so_giay", "tinh_trang_giay"} <= set(public)
    assert "name" in certificate_operations.begin_certificate(blank, holder="name", **begun)["access"]["public"]["read"]
    persons = ops.add_field(blank, kind="personal-id", title="Số định danh")
    public = certificate_operations.begin_certificate(persons, holder="name", **begun)["access"]["public"]["read"]
    assert "name" not in public, "a register of persons: what its records are called is somebody's name"
    assert "so_giay" in public


@pytest.mark.parametrize(
    ("prop", "is_said"),
    [
        ({"x-kind": "text", "x-prefill": "party.name"}, False),
        ({"x-kind": "personal-id"}, False),
        ({"type": "string", "x-prefill": "party.identifier"}, False),
        ({"x-kind": "phone"}, False),
        ({"x-kind": "email"}, False),
        ({"type": "string", "x-prefill": "register.business.household.phone"}, False),
        ({"x-kind": "text"}, True),
        ({"x-kind": "text", "x-prefill": "register.business.household.name"}, True),
    ],
)
def test_a_paper_begins_without_contact_details_and_without_saying_twice_whose_it_is(
    prop: dict[str, str], is_said: bool
) -> None:
    assert result_lines.is_said_at_first(prop) is is_said


def test_the_only_number_of_a_person_is_of_whom_a_record_is_about(shop: Workshop) -> None:
    send(shop, "register", viec="bo so_dinh_danh")
    assert "subject" not in shop.definition()
    send(shop, "register", viec="them personal-id", ten="Số định danh chủ chợ")
    assert shop.definition()["subject"] == "so_dinh_danh_chu_cho"
    assert "Bản ghi nói về" in text_of(shop, "register")
    one = shop.definition()
    two = ops.add_field(one, kind="personal-id", title="Số định danh người thuê")
    assert two["subject"] == "so_dinh_danh_chu_cho"
    nobody = ops.set_about(one, subject="")
    assert "subject" not in ops.add_field(nobody, kind="personal-id", title="Người thuê"), "somebody chose nobody"
    blank = ops.new_register("a.b", "Chợ", "Sở", date(2026, 1, 1))
    firm = ops.set_about(ops.add_field(blank, kind="enterprise-id", title="Mã số"), subject="ma_so")
    assert ops.add_field(firm, kind="personal-id", title="Người đại diện")["subject"] == "ma_so"


def test_an_address_may_ask_only_for_the_commune(shop: Workshop) -> None:
    send(shop, "register", viec="them address", ten="Nơi họp")
    assert "Chỉ hỏi tới xã, phường" in text_of(shop, "register", "?truong=noi_hop")
    boxes = {"t-title": "Nơi họp", "t-kind": "address", "t-name": "noi_hop"}
    for ticked in (True, False):
        said = {**boxes, **({"t-unit_only": "on"} if ticked else {})}
        assert send(shop, "register", query="?truong=noi_hop", viec="ghi", **said).status_code == 302
        assert shop.definition()["schema"]["properties"]["noi_hop"].get("x-unit-only", False) is ticked
        assert files.check(shop.texts()).faults == ()
        assert ("Số nhà, đường, thôn" not in text_of(shop, "register", "?truong=noi_hop")) is ticked


def test_a_long_label_gives_a_name_of_whole_words(shop: Workshop) -> None:
    definition = ops.add_field(shop.definition(), kind="file", title="Giấy chứng nhận quyền sử dụng mặt nước")
    assert list(definition["schema"]["properties"])[-1] == "giay_chung_nhan_quyen_su_dung_mat"


def test_what_is_kept_with_a_fault_is_not_called_saved_and_no_more(shop: Workshop) -> None:
    client = at(shop)
    boxes = {"t-title": "Tổng thu", "t-kind": "money", "t-hint": "", "t-name": "tong_thu", "viec": "ghi"}
    address = reverse("building:register", args=ARGS) + "?truong=tong_thu"
    shop.draft.refresh_from_db()
    client.post(address, {"ban": shop.draft.head_id, **boxes, "t-computed": "Số quầy * Giá bán"})
    page = client.get(address).content.decode()
    assert "Bản nháp được giữ, nhưng còn lỗi: công thức: không có trường “Giá bán”" in page
    assert "Đã lưu." not in page
    shop.draft.refresh_from_db()
    client.post(address, {"ban": shop.draft.head_id, **boxes, "t-computed": "Số quầy * Giá thuê"})
    assert "Đã lưu." in client.get(address).content.decode()


def test_a_rule_may_call_fields_by_their_labels(shop: Workshop) -> None:
    rule = {"qt0-cel": "Số quầy > 0 && Diện tích > 30", "qt0-field": "so_quay", "qt0-message": "Ít quầy quá."}
    assert send(shop, "register_rules", viec="ghi", so="0", **rule).status_code == 302
    assert shop.definition()["rules"][0]["when"] == "so_quay > 0 && dien_tich.value > 30"


@pytest.mark.parametrize(
    ("page", "boxes"),
    [("register_access", {}), ("register_lists", {"viec": "ghi", "phan": "tim"})],
)
def test_no_tab_says_saved_beside_a_fault(shop: Workshop, page: str, boxes: dict[str, str]) -> None:
    compute(shop, "Số quầy * Giá bán")
    assert send(shop, page, **boxes).status_code == 302
    shop.draft.refresh_from_db()
    client, address = at(shop), reverse(f"building:{page}", args=ARGS)
    said = client.post(address, {"ban": shop.draft.head_id, **boxes}, follow=True).content.decode()
    assert "Bản nháp được giữ, nhưng còn lỗi: công thức: không có trường “Giá bán”" in said
    assert "Đã lưu." not in said


@pytest.mark.parametrize("page", ["register_lists", "register_rules"])
@pytest.mark.parametrize("work", ["", "bo", "khac"])
def test_nothing_done_is_not_called_saved(shop: Workshop, page: str, work: str) -> None:
    shop.draft.refresh_from_db()
    head = shop.draft.head_id
    answer = at(shop).post(reverse(f"building:{page}", args=ARGS), {"ban": head, "viec": work}, follow=True)
    assert "Đã lưu." not in answer.content.decode()
    shop.draft.refresh_from_db()
    assert shop.draft.head_id == head


@pytest.mark.parametrize(
    ("series", "told"),
    [
        ("ONG-{năm}-{n:4}", "“{năm}” phải viết là {year} (năm); “{n:4}” phải viết là {n:04} (4 chữ số)"),
        ("ONG-{year}", "dãy số phải có {n}, ví dụ ATTP-{year}-{n:05}"),
        ("ONG-{so}", "“{so}” phải viết là {n}"),
        ("ONG-{n:04", "ngoặc nhọn mở ra thì phải đóng lại"),
        ("ONG-{xã}-{n}", "không có từ “{xã}”"),
        ("ONG-{n:05}/{year}", ""),
    ],
)
def test_what_is_wrong_with_a_series_is_told_word_by_word(series: str, told: str) -> None:
    assert series_fault(series).startswith(told)
    assert bool(series_fault(series)) == bool(told)


def test_a_wrong_series_is_told_at_its_box(shop: Workshop) -> None:
    day = {f"effective_from_{part}": value for part, value in (("day", "1"), ("month", "1"), ("year", "2026"))}
    said = {"title": "Ong", "owner": "Sở", "key_kind": "series", "name": "name", "events": ["create"], **day}
    page = send(shop, "register_about", series="ONG-{năm}-{n:4}", **said).content.decode()
    box = page.partition('for="id_series"')[2].partition('name="series"')[0]
    assert "“{năm}” phải viết là {year} (năm); “{n:4}” phải viết là {n:04} (4 chữ số)." in box
    assert send(shop, "register_about", series="ONG-{year}-{n:04}", **said).status_code == 302


def test_the_numbers_of_a_certificate_are_written_as_people_say(shop: Workshop) -> None:
    page = text_of(shop, "register_certificate")
    assert 'value="{n:04}' not in page
    assert "Ví dụ: {n:04}/{year}/GCN-SCT" in page
    said = {"title": "Giấy phép", "holder": "name", "years": "5"}
    refused = send(shop, "register_certificate", viec="them", series="", **said)
    assert (refused.status_code, "Ghi dạng của số giấy, ví dụ:" in refused.content.decode()) == (422, True)
    assert "certificate" not in shop.definition()


def test_the_page_of_permissions_says_who_is_meant(shop: Workshop) -> None:
    page = text_of(shop, "register_access")
    meant = page.partition('aria-label="Ai là ai"')[2].partition("</ul>")[0]
    assert "<strong>Cán bộ cơ quan quản lý bản ghi</strong>: Sở Công Thương, vì bản ghi nào cũng do" in meant
    assert "<strong>Cán bộ cơ quan chủ quản</strong>: Sở Công Thương, nơi lập cơ sở dữ liệu này" in meant
    kept = ops.add_field(shop.definition(), kind="text", title="Xã quản lý", name="agency")
    shop.save(FILE, yaml_text.dump(ops.set_about(kept, responsible="agency")))
    assert "</strong>: cơ quan mà trường “Xã quản lý” của từng bản ghi ghi tên" in text_of(shop, "register_access")


def test_old_records_are_given_a_choice_by_its_words(shop: Workshop) -> None:
    shop.draft.refresh_from_db()
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head_id or 0)
    send(shop, "register_version", viec="moi", effective_from="01/01/2027")
    made = ops.add_field(shop.definition(), kind="choice", title="Hình thức", begun=WRITTEN["choice"])
    for title, kind in (("Ngày mở", "date"), ("Có mái", "flag"), ("Ghi chú", "text"), ("Sức chứa", "integer")):
        made = ops.add_field(made, kind=kind, title=title)
    required = ["hinh_thuc", "ngay_mo", "co_mai", "ghi_chu", "suc_chua", "so_quay"]
    made["schema"]["required"] = ["name", *required]
    made["schema"]["properties"].pop("gia_thue")
    shop.save(FILE, yaml_text.dump(made))
    fields = text_of(shop, "register")
    assert "Bản ghi cũ chưa có cách sang phiên bản này: " in fields
    assert f'href="{reverse("building:register_version", args=ARGS)}">Chọn cách chuyển bản ghi cũ' in fields
    page = text_of(shop, "register_version")
    assert '<option value="b">Chợ ngày</option>' in page
    typed = {"hinh_thuc": "b", "ngay_mo": "15/01/2026", "co_mai": "false", "ghi_chu": "Cũ'", "so_quay": "1"}
    sent = {f"gia-tri-{name}": value for name, value in {**typed, "gia_thue": "null"}.items()}
    wrong = send(shop, "register_version", viec="chuyen", **sent, **{"cach-suc_chua": "Số hàng * 2"})
    assert "Công thức chưa đúng: không có trường “Số hàng”" in wrong.content.decode()
    sent |= {"cach-suc_chua": "Số quầy * 2", "gia-tri-hinh_thuc": "", "cach-hinh_thuc": "chợ ngày"}
    assert send(shop, "register_version", viec="chuyen", **sent).status_code == 302
    assert shop.definition()["migrate"] == {
        "gia_thue": "null",
        "co_mai": "false",
        "ghi_chu": "'Cũ\\''",
        "hinh_thuc": "'b'",
        "ngay_mo": "'2026-01-15'",
        "so_quay": "so_quay == null ? 1 : so_quay",
        "suc_chua": "so_quay * 2",
    }
    assert "Bản ghi cũ chưa có cách sang" not in text_of(shop, "register")
    page = text_of(shop, "register_version")
    for shown in ('<option value="b" selected>', 'value="15/01/2026"', 'value="so_quay * 2"', 'value="1"'):
        assert shown in page


def test_codes_that_nobody_wrote_are_made_of_names(shop: Workshop) -> None:
    client = at(shop)
    page = client.get(reverse("building:begin")).content.decode()
    assert f'<option value="{shop.owner.name}">' in page.partition('<datalist id="owner-co-quan">')[2]
    boxes = {"title": "Đàn ong mật", "name": "", "owner": shop.owner.name}
    assert client.post(reverse("building:begin"), boxes).url.endswith("/cong_thuong.dan_ong_mat")
    day = {f"effective_from_{part}": value for part, value in (("day", "1"), ("month", "1"), ("year", "2026"))}
    for stem in ("cho_phien", "cho_phien_2"):
        shop.draft.refresh_from_db()
        said = {"ban": shop.draft.head_id, "title": "Chợ phiên", "code": "", "owner": shop.owner.name, **day}
        client.post(reverse("building:new_register", args=ARGS[:1]), said)
        assert parse(shop.texts()[f"registers/{stem}.yaml"], "").value["code"] == f"thuongmai.{stem}"


def test_each_earlier_state_can_be_gone_back_to_and_that_be_undone(shop: Workshop) -> None:
    page = at(shop).get(reverse("building:history", args=ARGS[:1])).content.decode()
    assert page.count("Trở lại bản này") == 2  # of three states
    before = shop.texts()
    back = reverse("building:restore", args=[ARGS[0], 2])
    assert 'form="back-2"' in page
    assert f'action="{back}"' in page
    shop.draft.refresh_from_db()
    at(shop).post(back, {"ban": shop.draft.head_id})
    assert shop.texts() != before
    shop.draft.refresh_from_db()
    at(shop).post(reverse("building:undo", args=ARGS[:1]), {"ban": shop.draft.head_id})
    assert shop.texts() == before
