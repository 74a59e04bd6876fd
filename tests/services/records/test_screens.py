"""The screens of registers: what is listed and shown to whom, how it is written, what is kept when it is wrong."""

from __future__ import annotations

import re
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from hienluong.capabilities.registers import actions, tasks
from hienluong.capabilities.registers.history import Difference, Told
from hienluong.capabilities.registers.models import Change, Record, Version
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Actor, system
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.identity.models import SavedView
from hienluong.foundation.organisations.models import Official
from hienluong.services.dossiers.models import Result
from hienluong.services.records import presentation
from tests.capabilities.registers.sample import WELLS, official, wells
from tests.clock import Clock, march
from tests.factories import actor_for_role, make_org

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db

CHANGED, WRONG = {"viec-kind": "change"}, {"viec-kind": "correct"}


def posted(**changes: Any) -> dict[str, Any]:
    return {
        "code": "G007",
        "name": "Giếng mới",
        "depth": "12,5",
        "flow__value": "3",
        "flow__unit": "l/s",
        "place": "16.81, 107.1",
        "licence__from_day": "1",
        "licence__from_month": "2",
        "licence__from_year": "2026",
        "tests__rows": "2",
        "tests__0__day_day": "3",
        "tests__0__day_month": "1",
        "tests__0__day_year": "2026",
        "tests__0__iron": "0,2",
        **changes,
    }


def test_a_list_shows_its_columns_and_counts(kept: Kept) -> None:
    kept.add("G001", name="Giếng chợ")
    kept.add("G002", name="Giếng chùa", depth=20)
    answer = browser_of(kept.officer).get(kept.address())
    text = answer.content.decode()
    assert "2 bản ghi" in text
    assert text.index("Giếng chợ") < text.index("Giếng chùa"), "the deepest first, as the definition asks"
    assert "120,5" in text


def test_a_list_is_narrowed_by_words_and_choices(kept: Kept) -> None:
    kept.add("G001", name="Giếng chợ Đông Hà")
    kept.add("G002", name="Giếng chùa", depth=20)
    browser = browser_of(kept.officer)
    for query in ("q=dong+ha", "q=ĐÔNG", "loc-deep=true"):
        text = browser.get(f"{kept.address()}?{query}").content.decode()
        assert "Giếng chợ" in text, query
        assert "Giếng chùa" not in text, query


def test_a_list_costs_the_same_however_long_it_is(kept: Kept, django_assert_max_num_queries: Any) -> None:
    for number in range(12):
        kept.add(f"G{number:03}")
    browser = browser_of(kept.officer)
    browser.get(kept.address())
    with django_assert_max_num_queries(15):
        assert "12 bản ghi" in browser.get(kept.address()).content.decode()


def test_an_official_of_another_commune_sees_only_what_everybody_may(kept: Kept) -> None:
    record = kept.add(note="chỉ nội bộ", name="Giếng làng")
    other = browser_of(kept.province.other_clerk)
    own = other.get(kept.address()).content.decode()
    assert "Cơ quan bạn không quản lý bản ghi nào" in own
    assert 'href="?pham-vi=toan-tinh">Xem 1 bản ghi của toàn tỉnh</a>' in own
    assert "Không có bản ghi nào" in other.get(f"{kept.address()}?q=khong").content.decode()
    whole = other.get(f"{kept.address()}?pham-vi=toan-tinh&cot=name&cot=depth&cot=note").content.decode()
    assert "Giếng làng" in whole
    assert "120,5" not in whole
    page = other.get(kept.address(record)).content.decode()
    assert "Giếng làng" in page
    assert "chỉ nội bộ" not in page
    assert "Độ sâu" not in page
    assert other.get(kept.address(record, "sua")).status_code == 403
    assert other.post(kept.address(record, "sua"), posted()).status_code == 403
    assert other.post(kept.address(record, "cham-dut"), {"kind": "end", "reason": "x"}).status_code == 403


def test_the_owner_of_a_register_that_others_keep_begins_with_the_whole_province(kept: Kept) -> None:
    kept.add(name="Giếng làng")
    text = browser_of(kept.owner_officer).get(kept.address()).content.decode()
    assert "Giếng làng" in text
    assert re.search(r'aria-current="(page|true)"[^>]*>Toàn tỉnh', text)


def test_a_record_opened_from_the_list_of_a_day_is_shown_as_of_that_day(kept: Kept) -> None:
    record = kept.add()
    browser = browser_of(kept.officer)
    assert (
        f'href="{kept.address(record)}?ngay=2026-02-03"'
        in browser.get(f"{kept.address()}?ngay=03/02/2026").content.decode()
    )
    assert f'href="{kept.address(record)}"' in browser.get(kept.address()).content.decode()


def told_without_registers(actor: Actor) -> tuple[bool, bool]:
    """Whether the page of registers says that this account may see none, and whether it says that there is none."""
    page = browser_of(actor).get(reverse("records:registers")).content.decode()
    return "Tài khoản này không được xem dữ liệu ngành nào" in page, "Chưa có cơ sở dữ liệu nào" in page


def test_who_may_see_no_register_is_told_so(kept: Kept) -> None:
    assert told_without_registers(actor_for_role("admin", kept.register.owner)) == (True, False)
    assert told_without_registers(kept.officer) == (False, False)


def test_where_there_is_no_register_everybody_is_told_so(db: None) -> None:
    assert told_without_registers(actor_for_role("admin", make_org("Sở Y tế"))) == (False, True)


@pytest.mark.parametrize("who", ["citizen", "stranger"])
def test_people_have_no_business_here(kept: Kept, who: str) -> None:
    record = kept.add()
    browser = browser_of(getattr(kept.province, who))
    for address in (kept.address(), kept.address(record), kept.address(record, "sua")):
        assert browser.get(address).status_code == 403


def test_a_record_written_on_the_page_is_kept_in_every_kind(kept: Kept) -> None:
    answer = browser_of(kept.officer).post(kept.address(page="them"), posted(agency=kept.here.code))
    record = Record.objects.get(key="G007")
    assert answer.headers["Location"] == kept.address(record)
    data = Version.objects.get(record=record).data
    assert data["depth"] == 12.5
    assert data["flow"] == {"value": 3, "unit": "l/s"}
    assert data["place"] == {"type": "Point", "coordinates": [107.1, 16.81]}
    assert data["licence"] == {"from": "2026-02-01"}
    assert data["tests"] == [{"day": "2026-01-03", "iron": 0.2}]
    assert data["agency"] == kept.here.code


def test_what_is_wrong_is_said_and_what_was_typed_stays(kept: Kept) -> None:
    answer = browser_of(kept.officer).post(
        kept.address(page="them"), posted(code="7", depth="sâu lắm", agency=kept.here.code)
    )
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "sâu lắm" in text
    assert "16.81, 107.1" in text
    assert 'href="#id_code"' in text
    assert 'href="#id_depth"' in text
    assert not Record.objects.exists()


def test_a_row_more_is_given_without_judging_anything(kept: Kept) -> None:
    answer = browser_of(kept.officer).post(kept.address(page="them"), posted(code="7", **{"them-dong": "tests"}))
    text = answer.content.decode()
    assert "govuk-error-summary" not in text
    assert 'name="tests__1__iron"' in text
    assert 'value="0,2"' in text
    assert 'value="7"' in text


def test_a_key_that_is_taken_is_said_at_its_box(kept: Kept) -> None:
    kept.add("G007")
    answer = browser_of(kept.officer).post(kept.address(page="them"), posted(agency=kept.here.code))
    assert "Đã có bản ghi “G007”." in answer.content.decode()


def test_a_change_and_a_correction_are_told_apart(kept: Kept) -> None:
    record = kept.add(name="Giếng cũ")
    browser = browser_of(kept.officer)
    seen = {"viec-expected": str(Change.objects.get().pk), "agency": kept.here.code}
    answer = browser.post(kept.address(record, "sua"), posted(name="Giếng đổi tên", **CHANGED, **seen))
    assert answer.status_code == 302, answer.content.decode()
    seen["viec-expected"] = str(Change.objects.latest("pk").pk)
    refused = browser.post(kept.address(record, "sua"), posted(name="Giếng đúng tên", **WRONG, **seen))
    assert "lý do đính chính" in refused.content.decode()
    browser.post(
        kept.address(record, "sua"), posted(name="Giếng đúng tên", **WRONG, **{"viec-reason": "Gõ nhầm"}, **seen)
    )
    assert [change.kind for change in Change.objects.order_by("pk")] == ["create", "change", "correct"]
    page = browser.get(kept.address(record)).content.decode()
    assert "Giếng đổi tên → Giếng đúng tên" in page
    assert "Đính chính" in page
    assert "Gõ nhầm" in page


def test_a_register_may_have_fields_named_like_what_is_asked_about_a_writing(kept: Kept) -> None:
    text = browser_of(kept.officer).get(kept.address(kept.add(), "sua")).content.decode()
    assert 'value="120,5"' in text, "a number is shown as it is typed here"
    for name in ("kind", "reason", "since_day", "expected"):  # names of fields hold no hyphen
        assert f'name="viec-{name}"' in text
        assert f'name="{name}"' not in text


def test_a_change_from_a_past_day_says_only_what_was_changed_in_the_form(kept: Kept) -> None:
    record = kept.add(name="Giếng cũ")
    actions.change(kept.officer, record=record, data={"name": "Giếng mới"}, since=date(2026, 8, 1))
    seen = {"viec-expected": str(Change.objects.latest("pk").pk), "agency": kept.here.code, "viec-kind": "change"}
    day = {"viec-since_day": "1", "viec-since_month": "3", "viec-since_year": "2026"}
    answer = browser_of(kept.officer).post(kept.address(record, "sua"), posted(depth="77", **seen, **day))
    assert answer.status_code == 302, answer.content.decode()
    said = Version.objects.filter(record=record, known__upper_inf=True).order_by("valid")
    assert [(one.data["name"], one.data["depth"]) for one in said] == [
        ("Giếng cũ", 120.5),
        ("Giếng cũ", 77),
        ("Giếng mới", 77),
    ]


def test_whoever_was_slower_is_told_and_loses_nothing(kept: Kept) -> None:
    record = kept.add()
    browser = browser_of(kept.officer)
    seen = str(Change.objects.get().pk)
    actions.change(kept.officer, record=record, data={"depth": 200})
    answer = browser.post(
        kept.address(record, "sua"),
        posted(name="Tên của người chậm", agency=kept.here.code, **CHANGED, **{"viec-expected": seen}),
    )
    text = answer.content.decode()
    assert "Người khác vừa thay đổi" in text
    assert "Tên của người chậm" in text


def test_an_ended_record_is_shown_with_its_history(kept: Kept) -> None:
    record = kept.add(name="Giếng lấp")
    browser = browser_of(kept.officer)
    answer = browser.post(kept.address(record, "cham-dut"), {"kind": "end", "reason": "Đã lấp giếng"})
    assert answer.status_code == 302
    page = browser.get(kept.address(record)).content.decode()
    assert "đã chấm dứt" in page
    assert "Đã lấp giếng" in page
    assert "0 bản ghi" not in page
    assert (
        "Giếng lấp"
        in browser.get(f"{kept.address()}?ngay={timezone.localdate() - timedelta(days=2):%d/%m/%Y}").content.decode()
    )


def test_two_moments_side_by_side(kept: Kept) -> None:
    record = kept.add(since=date(2026, 1, 1), name="Giếng xưa")
    actions.change(kept.officer, record=record, data={"name": "Giếng nay"}, since=date(2026, 6, 1))
    text = browser_of(kept.officer).get(f"{kept.address(record, 'so-sanh')}?a-ngay=01/02/2026").content.decode()
    assert "1 trường khác nhau" in text
    assert "Giếng xưa" in text
    assert "Giếng nay" in text
    before_all = browser_of(kept.officer).get(f"{kept.address(record, 'so-sanh')}?a-biet=01/01/2020").content.decode()
    assert "Không có" in before_all


def test_a_history_tells_no_more_than_one_may_read(kept: Kept) -> None:
    record = kept.add(name="Giếng làng")
    reason = Provenance(reason="chuyện nội bộ")
    actions.change(kept.officer, record=record, data={"note": "bí mật"}, provenance=reason)
    page = browser_of(kept.province.other_clerk).get(kept.address(record)).content.decode()
    assert "bí mật" not in page
    assert "chuyện nội bộ" not in page, "a change of hidden fields only is not told"
    assert page.count("moj-timeline__item") == 1
    assert browser_of(kept.officer).get(kept.address(record)).content.decode().count("moj-timeline__item") == 2


def test_looking_at_somebodys_record_is_written_down(kept: Kept) -> None:
    person = kept.province.party
    record = kept.add(owner_number=person.identifier)
    browser_of(kept.officer).get(kept.address(record))
    look = PersonalDataRead.objects.get(party_id=person.pk)
    assert look.subject == "thu.gieng"
    assert "owner_number" in look.fields


def test_numbers_of_persons_are_masked_in_a_list(kept: Kept) -> None:
    person = kept.province.party
    kept.add(owner_number=person.identifier)
    text = browser_of(kept.officer).get(f"{kept.address()}?cot=owner_number").content.decode()
    assert person.identifier not in text
    assert "•" in text


def test_a_list_is_kept_under_a_name_and_opened_first(kept: Kept) -> None:
    kept.add("G001", name="Giếng chợ")
    kept.add("G002", name="Giếng chùa", depth=20)
    browser = browser_of(kept.officer)
    query = "loc-deep=true&cot=fee&cot=depth&thu-tu=depth"
    kept_at = browser.post(kept.address(page="bo-loc"), {"name": "Giếng sâu", "query": f"{query}&sau=abc&tat-ca=1"})
    assert kept_at.headers["Location"] == f"{kept.address()}?{query}"
    view = SavedView.objects.get()
    assert (view.page, view.query) == ("records:thu.gieng", query)
    text = browser.get(kept.address()).content.decode()
    assert "Giếng sâu</a>" in text
    assert "Giếng chùa" in text
    change = kept.address(page=f"bo-loc/{view.pk}")
    browser.post(change, {"viec": "default"})
    assert browser.get(kept.address()).headers["Location"] == f"{kept.address()}?{query}"
    assert "Giếng chùa" in browser.get(f"{kept.address()}?tat-ca=1").content.decode()
    browser.post(change, {"viec": "rename", "name": "Sâu"})
    view.refresh_from_db()
    assert view.name == "Sâu"
    for viec in ("rename", "delete", "default"):
        answer = browser_of(kept.province.clerk).post(change, {"viec": viec, "name": "Của người khác"})
        assert answer.status_code == 404, viec
    assert SavedView.objects.get().name == "Sâu"
    browser.post(change, {"viec": "delete"})
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "\x00"])
def test_a_list_without_a_proper_name_is_not_kept(kept: Kept, name: str) -> None:
    answer = browser_of(kept.officer).post(kept.address(page="bo-loc"), {"name": name, "query": "q=a"}, follow=True)
    assert answer.status_code == 200
    assert not SavedView.objects.exists()


def test_a_table_of_a_record_keeps_the_order_of_its_columns(kept: Kept) -> None:
    """“iron” before “day”: the other way round than the database keeps them."""
    schema = deepcopy(WELLS["schema"])
    columns = schema["properties"]["tests"]["items"]["properties"]
    schema["properties"]["tests"]["items"]["properties"] = {"iron": columns["iron"], "day": columns["day"]}
    began = timezone.localdate() - timedelta(days=30)
    chief = official(kept.owner, "define", "read", "write")
    spec = wells(owner=kept.owner.code, version=2, effective_from=began, schema=schema)
    actions.install(chief, spec=spec, owner=kept.owner)
    record = kept.add(tests=[{"day": "2026-01-05", "iron": 0.2}, {"day": "2026-02-06"}])
    text = browser_of(kept.officer).get(kept.address(record)).content.decode()
    table = text[text.index("<table") : text.index("</table>")]
    assert table.index("Sắt (mg/l)") < table.index("Ngày")
    assert table.count("<td") == 4
    assert "06/02/2026" in table
    assert "Sắt (mg/l): 0,2; Ngày: 05/01/2026<br>Ngày: 06/02/2026" in text, "the history says it in the same order"


def test_the_history_leaves_no_field_out(kept: Kept) -> None:
    told = [Difference(f"field_{number}", None, number) for number in range(20)]
    record = kept.add()
    change = Told(Change.objects.get(record=record), (None, None), told)
    said = presentation.happened(wells(), change, {})["words"]
    assert [one.partition(":")[0] for one in said] == [f"field_{number}" for number in range(20)]


def test_a_question_that_an_answer_calls_for_is_shown_before_a_record_is_written(kept: Kept) -> None:
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["depth_by"] = {"type": "string", "title": "Ai đo độ sâu?", "x-when": "depth > 100.0"}
    began = timezone.localdate() - timedelta(days=30)
    spec = wells(owner=kept.owner.code, version=2, effective_from=began, schema=schema)
    actions.install(official(kept.owner, "define", "read", "write"), spec=spec, owner=kept.owner)
    officer, address = browser_of(kept.officer), kept.address(page="them")
    first = officer.get(address).content.decode()
    shown = first.partition('name="cau-hoi-da-hien" value="')[2].partition('"')[0]
    assert "depth" in shown.split()
    assert "depth_by" not in shown.split()
    deep = posted(agency=kept.here.code, depth="120,5")
    asked = officer.post(address, {**deep, "cau-hoi-da-hien": shown}).content.decode()
    assert '#id_depth_by">Ai đo độ sâu?</a>' in asked
    assert not Record.objects.exists()
    officer.post(address, {**deep, "depth_by": "", "cau-hoi-da-hien": f"{shown} depth_by"})
    assert Record.objects.count() == 1


def test_a_day_that_somebody_names_shows_what_was_written_on_it_at_any_hour(kept: Kept, at: Clock) -> None:
    at(march(1, 16, 30))
    record = kept.add(name="Giếng buổi chiều", since=timezone.now())
    browser, day = browser_of(kept.officer), "01/03/2027"
    for address in (
        f"{kept.address()}?ngay={day}",
        f"{kept.address(record)}?ngay={day}",
        f"{kept.address(page='ban-do')}?ngay={day}",
    ):
        assert "Giếng buổi chiều" in browser.get(address).content.decode(), address
    assert "Ngày 01/03/2027 không có" not in browser.get(f"{kept.address(record)}?ngay={day}").content.decode()
    side_by_side = browser.get(f"{kept.address(record, 'so-sanh')}?a-ngay={day}&a-biet={day}").content.decode()
    assert "0 trường khác nhau" in side_by_side
    assert "Không có" in browser.get(f"{kept.address(record, 'so-sanh')}?a-ngay=28/02/2027").content.decode()


def test_a_record_that_is_only_carried_over_does_not_read_as_if_it_ended(kept: Kept) -> None:
    record = kept.add(name="Giếng nay", since=timezone.localdate())
    tomorrow = timezone.localdate() + timedelta(days=1)
    fields = {**wells().schema_["properties"], "grade": {"x-kind": "text", "title": "Hạng"}}
    schema = {**wells().schema_, "properties": fields, "required": [*wells().schema_["required"], "grade"]}
    spec = wells(owner=kept.owner.code, version=2, effective_from=tomorrow, schema=schema, migrate={"grade": "'A'"})
    chief = official(kept.owner, "define", "read", "write")
    tasks.migrate(actions.install(chief, spec=spec, owner=kept.owner).pk)
    browser, address = browser_of(kept.officer), kept.address(record)
    page = browser.get(address).content.decode()
    assert f"từ {tomorrow:%d/%m/%Y} theo phiên bản 2 của cơ sở dữ liệu" in page
    assert "đến trước" not in page.partition("<dl")[0]
    assert page.count("Chuyển sang phiên bản 2 của cơ sở dữ liệu") == 1
    assert "Hệ thống tự chuyển theo định nghĩa mới" in page
    assert "Nâng phiên bản" not in page

    form = browser.get(kept.address(record, "sua")).content.decode()
    expected = re.search(r'name="viec-expected" value="(\d+)"', form)
    assert expected is not None
    data = posted(code="G001", name="Giếng đúng", agency=kept.here.code, **WRONG)
    data |= {"viec-expected": expected[1], "viec-reason": "Ghi nhầm"}
    assert browser.post(kept.address(record, "sua"), data).status_code == 302
    page = browser.get(address).content.decode()
    assert page.count("Đính chính") == 1
    ahead = browser.get(f"{address}?ngay={tomorrow:%d/%m/%Y}").content.decode()
    assert "Giếng đúng" in ahead.partition("</h1>")[0], "a correction holds after the day, too"


def test_the_history_names_the_dossier_once_and_who_signed(kept: Kept) -> None:
    dossier = kept.province.file()
    come_from = Provenance(source=Change.Source.DOSSIER, ref=dossier.code)
    data = {"code": "G001", "name": "Giếng chợ", "agency": kept.here.code}
    process = system(f"Quy trình hồ sơ {dossier.code}")
    record = actions.create(process, register=kept.register, data=data, since=date(2026, 1, 1), provenance=come_from)
    browser, address = browser_of(kept.officer), kept.address(record)
    page = browser.get(address).content.decode()
    assert f"Theo hồ sơ {dossier.code}<" in page
    assert page.count(dossier.code) == 1
    leader = Official.objects.get(pk=kept.province.leader.official_id)
    Result.objects.create(dossier=dossier, kind="KQ", name="Giấy", signed_by=leader)
    assert f"Theo hồ sơ {dossier.code}, {leader.full_name} ký" in browser.get(address).content.decode()
