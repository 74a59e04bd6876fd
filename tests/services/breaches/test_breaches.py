"""A breach of personal data: reported by anybody, assessed, told within 72 hours, late only with a reason, closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.foundation.actions import ANONYMOUS, Actor, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from hienluong.services.breaches import actions, papers, reminding, telling
from hienluong.services.breaches.clock import TERM, Clock, due_reminders, is_late
from hienluong.services.breaches.forms import AssessForm
from hienluong.services.breaches.models import Breach
from tests.factories import actor_for_role, make_citizen, make_official
from tests.printed import words_of
from tests.services.dossiers.province import Province
from tests.services.records.sample import browser_of
from tests.snapshots import ready

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 4, 30, 5, tzinfo=UTC)  # a holiday, at noon in Việt Nam
REGISTER = "/lam-viec/vi-pham-du-lieu"
KNOWN: dict[str, Any] = {
    "is_breach": True,
    "may_harm": True,
    "assessment": "Danh sách có số định danh bị đăng công khai.",
    "kinds": ["name", "number", "health"],
    "persons": 1200,
    "records": 3400,
    "happened": "Từ ngày 28 đến ngày 30/4/2026",
    "place": "Trang thông tin của xã",
    "deed": "Đăng nhầm tệp có dữ liệu cá nhân",
    "involved": "UBND xã, đơn vị quản trị trang",
    "consequences": "Có thể bị lừa đảo qua điện thoại",
    "measures": "Đã gỡ tệp, khóa tài khoản đăng",
}


class House:
    """A province with somebody who handles breaches."""

    def __init__(self) -> None:
        self.province = Province()
        self.handler = actor_for_role("data_protection", self.province.root)
        self.elsewhere = actor_for_role("data_protection", self.province.other_commune)


@pytest.fixture
def house(db: None) -> House:
    return ready(House)


def confirmed(house: House, at: Any, moment: datetime = NOON, **changes: Any) -> Breach:
    at(moment)
    made = actions.report(house.province.clerk, text="Tệp danh sách bị đăng công khai", detected_at=moment)
    return actions.assess(house.handler, breach=made, **{**KNOWN, **changes})


@given(st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)), st.integers(-(10**7), 10**7))
@settings(max_examples=50)
def test_the_clock_counts_hours_and_nothing_else(start: datetime, seconds: int) -> None:
    detected = start.replace(tzinfo=UTC)
    told = detected + TERM + timedelta(seconds=seconds)
    assert is_late(detected, told) == (seconds > 0), "the last second is in time"
    clock = Clock(detected, None, told)
    assert clock.deadline - detected == timedelta(hours=72)
    assert clock.is_late == (seconds > 0)
    assert (clock.hours_late > 0) == (seconds > 0)
    assert clock.hours_late == (-(-seconds // 3600) if seconds > 0 else 0)
    assert clock.hours_left == (-seconds) // 3600
    passed = TERM + timedelta(seconds=seconds)
    assert due_reminders(detected, told) == [h for h in (24, 48, 66, 72) if passed >= timedelta(hours=h)]


def test_anybody_reports_and_the_clock_runs_from_then(house: House, at: Any) -> None:
    at(NOON)
    stranger = Client()
    assert stranger.post("/bao-vi-pham-du-lieu", {"text": " "}).status_code == 422
    sent = stranger.post("/bao-vi-pham-du-lieu", {"text": "Thấy số điện thoại của dân trên mạng", "contact": "0912"})
    assert sent["Location"] == "/bao-vi-pham-du-lieu/da-nhan"
    made = Breach.objects.get()
    assert made.code in stranger.get(sent["Location"]).content.decode()
    assert (made.detected_at, made.by_official, made.reporter_id) == (NOON, False, None)
    told = Notification.objects.get(kind="breaches.handling")
    assert (told.account_id, told.href) == (house.handler.account_id, f"{REGISTER}/{made.code}")
    assert "12:00 03/05/2026" in told.body, "72 hours over the holiday"
    early = NOON - timedelta(days=9)
    actions.report(house.province.citizen, text="Người dân không tự đặt giờ", detected_at=early)
    official = actions.report(house.province.clerk, text="Cán bộ phát hiện hôm trước", detected_at=early)
    assert list(Breach.objects.order_by("pk").values_list("detected_at", flat=True)) == [NOON, NOON, early]
    with pytest.raises(InvalidInput, match="chưa đến"):
        actions.report(house.province.clerk, text="x", detected_at=NOON + timedelta(minutes=1))
    with pytest.raises(InvalidInput, match="không lùi lại"):
        actions.assess(house.handler, breach=official, **KNOWN, detected_at=NOON)
    moved = actions.assess(house.handler, breach=official, **KNOWN, detected_at=early - timedelta(hours=5))
    assert moved.detected_at == early - timedelta(hours=5)
    for _ in range(9):
        stranger.post("/bao-vi-pham-du-lieu", {"text": "lặp lại"})
    assert stranger.post("/bao-vi-pham-du-lieu", {"text": "lặp lại"}).status_code == 422


def test_who_is_late_says_why_and_everybody_sees_it(house: House, at: Any) -> None:
    breach = confirmed(house, at)
    page = browser_of(house.handler)
    assert "Còn 72 giờ" in page.get(f"{REGISTER}/{breach.code}").content.decode()
    for wrong in (NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)):
        with pytest.raises(InvalidInput, match="Thời điểm"):
            actions.tell_authority(house.handler, breach=breach, how="Cổng quốc gia", at=wrong)
    at(NOON + TERM + timedelta(seconds=1))
    page = browser_of(house.handler)  # the other session has ended by now
    assert "Quá 72 giờ" in page.get(REGISTER).content.decode()
    answer = page.post(f"{REGISTER}/{breach.code}/co-quan-chuyen-trach", {"how": "Cổng quốc gia"})
    assert (answer.status_code, "Phải ghi lý do chậm" in answer.content.decode()) == (422, True)
    in_time = actions.tell_authority(house.handler, breach=confirmed(house, at), how="Số 12/TB", at=NOON)
    assert in_time.late_reason == ""
    at(NOON + TERM + timedelta(hours=2))
    sent = {"how": "Văn bản 15/TB-UBND", "late_reason": "Mất điện toàn xã"}
    assert page.post(f"{REGISTER}/{breach.code}/co-quan-chuyen-trach", sent).status_code == 302
    shown = page.get(f"{REGISTER}/{breach.code}").content.decode()
    assert "Đã báo, chậm 2 giờ" in shown
    assert "Mất điện toàn xã" in shown
    assert Entry.objects.filter(verb="breaches.tell_authority").latest("seq").after["late"] is True
    with pytest.raises(actions.WrongStep):
        actions.tell_authority(house.handler, breach=breach, how="lần nữa")


def test_reminders_come_after_24_48_and_66_hours_once_each(house: House, at: Any) -> None:
    breach = confirmed(house, at)
    harmless = confirmed(house, at, may_harm=False)
    said = []
    for hours in (1, 24, 25, 47, 48, 66, 71, 72, 100):
        at(NOON + timedelta(hours=hours))
        reminding.remind_all()
        reminding.remind_all()
        said.append(Notification.objects.filter(key__startswith=f"breach:{breach.pk}:after-").count())
    assert said == [0, 1, 1, 1, 2, 3, 3, 4, 4]
    assert "QUÁ 72 GIỜ" in Notification.objects.get(key=f"breach:{breach.pk}:after-72").title
    assert not Notification.objects.filter(key__startswith=f"breach:{harmless.pk}:after-").exists()
    other = confirmed(house, at)
    actions.tell_authority(house.handler, breach=other, how="Cổng quốc gia")
    at(NOON + timedelta(hours=50))
    reminding.remind_all()
    assert not Notification.objects.filter(key__startswith=f"breach:{other.pk}:after-").exists()


def test_an_assessment_says_all_that_the_form_wants(house: House, at: Any) -> None:
    at(NOON)
    made = actions.report(ANONYMOUS, text="Thấy lạ")
    for missing in ("happened", "place", "deed", "involved", "consequences", "measures", "kinds", "assessment"):
        with pytest.raises(InvalidInput) as caught:
            actions.assess(house.handler, breach=made, **{**KNOWN, missing: ""})
        assert caught.value.field == missing
    gone = actions.assess(
        house.handler, breach=made, is_breach=False, may_harm=True, assessment="Dữ liệu bịa để thử máy"
    )
    assert (gone.state, gone.may_harm, gone.conclusion) == ("dismissed", False, "Dữ liệu bịa để thử máy")
    with pytest.raises(actions.WrongStep):
        actions.assess(house.handler, breach=gone, **KNOWN)


def test_form_08_and_the_minutes_have_what_the_decree_lists(house: House, at: Any) -> None:
    breach = confirmed(house, at)
    page = browser_of(house.handler)
    officer = {
        "officer_name": "Lê Thị Giữ",
        "officer_title": "Chuyên viên",
        "officer_phone": "0233 123",
        "attached": "Ảnh",
    }
    for kind in ("notice", "minutes"):
        assert page.post(f"{REGISTER}/{breach.code}/giay/{kind}", {"officer_name": ""}).status_code == 422
        assert page.post(f"{REGISTER}/{breach.code}/giay/{kind}", officer).status_code == 302
    notice, minutes = breach.papers.order_by("pk")
    with notice.file.open() as content:
        said = " ".join(words_of(content.read()).split())
    for words in (
        "VI PHẠM QUY ĐỊNH BẢO VỆ DỮ LIỆU CÁ NHÂN",
        "Cơ quan chuyên trách bảo vệ dữ liệu cá nhân, Bộ Công an",
        house.province.root.name,
        "Lê Thị Giữ",
        "12:00 30/04/2026",
        "Trang thông tin của xã",
        "Đăng nhầm tệp",
        "Tình trạng sức khỏe",
        "1.200",
        "3.400",
        "lừa đảo qua điện thoại",
        "Đã gỡ tệp",
        "Ảnh",
        "cam kết",
    ):
        assert words in said, words
    assert page.get(f"/tep/{notice.file_id}").status_code == 200
    assert browser_of(house.elsewhere).get(f"/tep/{minutes.file_id}").status_code == 404
    assert page.post(f"{REGISTER}/{breach.code}/giay/khac", officer).status_code == 422


def test_persons_are_told_once_and_within_72_hours_when_the_decree_says_so(house: House, at: Any) -> None:
    breach = confirmed(house, at, kinds=["name", "location"])
    unknown = make_citizen("Không có tài khoản", identifier="045190008888")
    numbers = f"{house.province.party.identifier}\n{unknown.identifier}, 045190007777 {unknown.identifier}"
    assert telling.name_concerned(house.handler, breach=breach, numbers=numbers) == (2, 1)
    assert telling.name_concerned(house.handler, breach=breach, numbers=numbers) == (0, 1)
    actions.tell_authority(house.handler, breach=breach, how="Cổng quốc gia")
    with pytest.raises(actions.WrongStep, match="Chưa báo cho người"):
        actions.close(house.handler, breach=breach, conclusion="Xong")
    words = {"severity": "Lộ nơi ở", "advice": "Cảnh giác người lạ", "contact": "0233 123"}
    at(NOON + TERM + timedelta(hours=1))
    with pytest.raises(InvalidInput, match="lý do chậm"):
        telling.tell_persons(house.handler, breach=breach, **words)
    assert telling.tell_persons(house.handler, breach=breach, **words, late_reason="Chờ xác minh") == 1
    told = Notification.objects.get(kind="breaches.person")
    assert told.account_id == house.province.citizen.account_id
    for part in ("12:00 30/04/2026", "Vị trí", "Lộ nơi ở", "Đã gỡ tệp", "Cảnh giác người lạ", "0233 123"):
        assert part in told.body, part
    with pytest.raises(InvalidInput, match="Không còn ai"):
        telling.tell_persons(house.handler, breach=breach, **words)
    with pytest.raises(InvalidInput, match="https"):
        telling.tell_public(house.handler, breach=breach, address="javascript:alert(1)")
    telling.tell_public(house.handler, breach=breach, address="https://quangtri.example/thong-bao")
    ended = actions.close(house.handler, breach=breach, conclusion="Đã khắc phục")
    assert (ended.state, ended.persons_late_reason) == ("closed", "Chờ xác minh")
    assert [step.kind for step in ended.steps.all()] == ["report", "assess", "authority", "persons", "public", "close"]


def test_nobody_else_sees_or_acts(house: House, at: Any) -> None:
    breach = confirmed(house, at)
    pages = ("", "/danh-gia", "/bien-phap", "/giay/notice", "/co-quan-chuyen-trach", "/nguoi-bi-anh-huong")
    pages += ("/bao-nguoi-dan", "/cong-khai", "/dong")
    province = house.province
    before = Breach.objects.values().get()
    for who, refused in ((province.head, 403), (house.elsewhere, 404), (province.citizen, 403)):
        browser = browser_of(who)
        for page in pages:
            address = f"{REGISTER}/{breach.code}{page}"
            assert browser.get(address).status_code == refused, (who.label, page)
            if page:
                assert browser.post(address, {"text": "x", "how": "x"}).status_code == refused
    assert browser_of(province.head).get(REGISTER).status_code == 403
    assert breach.code not in browser_of(house.elsewhere).get(REGISTER).content.decode()
    assert browser_of(house.handler).get(f"{REGISTER}/VPDL-1999-0001").status_code == 404
    for verb, more in (
        (actions.assess, KNOWN),
        (actions.note_measure, {"text": "x"}),
        (actions.tell_authority, {"how": "x"}),
        (actions.close, {"conclusion": "x"}),
        (telling.name_concerned, {"numbers": "045190008888"}),
        (telling.tell_public, {"address": "https://a.example/x"}),
        (reminding.remind, {"hours": 24}),
        (papers.make, {"kind": "notice", "officer_name": "x", "officer_title": "x", "officer_phone": "x"}),
    ):
        with pytest.raises(NotAllowed):
            verb(house.elsewhere, breach=breach, **more)  # type: ignore[operator]
    with pytest.raises(NotFound):
        actions.found_for(Actor(), breach.code)
    assert Breach.objects.values().get() == before


def test_a_long_register_costs_the_same(house: House, at: Any, django_assert_max_num_queries: Any) -> None:
    at(NOON)
    for number in range(40):
        actions.report(ANONYMOUS, text=f"Vụ {number}")
    browser = browser_of(house.handler)
    browser.get(REGISTER)
    with django_assert_max_num_queries(16):
        assert browser.get(f"{REGISTER}?trang-thai=reported&page=2").content.decode().count("VPDL-") >= 10
    assert Account.objects.filter(official=make_official()).count() == 0
    assert timezone.now() == NOON


def test_every_box_of_the_assessment_stands_under_one_heading() -> None:
    form = AssessForm()
    assert sorted(box.name for _, boxes in form.parts() for box in boxes) == sorted(form.fields)
