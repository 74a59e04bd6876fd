import pytest
from django.test import Client

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.calendars import seed
from hienluong.foundation.calendars.models import SpecialDay, WorkingCalendar
from hienluong.foundation.organisations.models import Organization
from tests.factories import make_account, make_official, make_org, make_roles
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

DAY = {"day": "06/10/2026", "kind": "closure", "name": "Bão số 9", "organization": "H50.01", "like_weekday": "0"}


@pytest.fixture
def province() -> Organization:
    make_roles()
    ready(seed.load_viet_nam)
    province = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    make_org("Văn phòng UBND tỉnh", code="H50.01", parent=province)
    return province


@pytest.fixture
def admin(client: Client, province: Organization) -> Client:
    client.force_login(make_account(official=make_official(role="admin", org=province)))
    return client


def test_strangers_sign_in_first_and_clerks_are_refused(client: Client, province: Organization) -> None:
    assert client.get("/quan-tri/lich-lam-viec").headers["Location"].startswith("/dang-nhap")
    client.force_login(make_account(official=make_official(role="clerk", org=province)))
    for page in ("", "/ngay-moi", "/gio-moi"):
        assert client.get(f"/quan-tri/lich-lam-viec{page}").status_code == 403


def test_the_year_shows_its_days(admin: Client, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_max_num_queries(10):
        text = admin.get("/quan-tri/lich-lam-viec?nam=2026").content.decode()
    for words in ("Ngày Văn hóa Việt Nam", "12729/VPCP-KGVX", "Giờ hành chính", "07:30–11:30, 13:30–17:00"):
        assert words in text
    assert admin.get("/quan-tri/lich-lam-viec?nam=99999999999999999999").status_code == 200


def test_a_closure_is_added_and_taken_off_again(admin: Client) -> None:
    response = admin.post("/quan-tri/lich-lam-viec/ngay-moi", DAY)
    assert response.headers["Location"] == "/quan-tri/lich-lam-viec?nam=2026"
    special = SpecialDay.objects.get(name="Bão số 9")
    assert admin.get(f"/quan-tri/lich-lam-viec/ngay/{special.pk}/xoa").status_code == 200
    admin.post(f"/quan-tri/lich-lam-viec/ngay/{special.pk}/xoa")
    assert not SpecialDay.objects.filter(name="Bão số 9").exists()
    verbs = Entry.objects.filter(verb__startswith="calendars.").values_list("verb", flat=True)
    assert {"calendars.add_special_day", "calendars.remove_special_day"} <= set(verbs)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"day": "31/02/2026"}, "Nhập ngày có thật"),
        ({"day": ""}, "nhập ngày, tháng, năm"),
        ({"organization": "H50.77"}, "Không có cơ quan"),
        ({"organization": ""}, "cơ quan nào đóng cửa"),
        ({"kind": "holiday"}, "căn cứ pháp lý"),
        ({"kind": "party"}, ""),
        ({"name": "x" * 5000}, ""),
        ({"like_weekday": "9"}, ""),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(admin: Client, wrong: dict[str, str], message: str) -> None:
    response = admin.post("/quan-tri/lich-lam-viec/ngay-moi", {**DAY, **wrong})
    text = response.content.decode()
    assert response.status_code == 422
    assert message in text
    assert (wrong.get("name") or "Bão số 9") in text


def test_a_week_is_changed_from_a_day_on(admin: Client) -> None:
    week = {f"hours_{day}": "7:00-11:00, 13h00-17h00" for day in range(5)}
    given = {"name": "Giờ mùa hè", "valid_from": "15/04/2027", **week}
    assert admin.post("/quan-tri/lich-lam-viec/gio-moi", given).status_code == 302
    assert WorkingCalendar.objects.get(name="Giờ mùa hè").hours.count() == 10
    wrong = admin.post("/quan-tri/lich-lam-viec/gio-moi", {**given, "hours_2": "sáng"})
    assert wrong.status_code == 422
    assert "Viết giờ như 07:30" in wrong.content.decode()


def test_everybody_can_try_a_deadline(client: Client, province: Organization) -> None:
    asked = {"ngay": "28/08/2026", "gio": "15:30", "so": "3", "don_vi": "working_day", "sau_15h": "on"}
    text = client.get("/quan-tri/lich-lam-viec/thu-tinh", asked).content.decode()
    assert "17:00 thứ Ba, 08/09/2026" in text
    assert "Quốc khánh" in text
    assert "Nhận sau 15:00" in text
    assert client.get("/quan-tri/lich-lam-viec/thu-tinh").status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"so": "-1"},
        {"so": "999999"},
        {"gio": "25:00"},
        {"don_vi": "năm"},
        {"ngay": "x"},
        {"ngay": "31/12/9999"},
        {"ngay": "01/01/0001"},
    ],
)
def test_a_wrong_question_gets_a_message(client: Client, province: Organization, wrong: dict[str, str]) -> None:
    asked = {"ngay": "28/08/2026", "gio": "15:30", "so": "3", "don_vi": "working_day", **wrong}
    assert client.get("/quan-tri/lich-lam-viec/thu-tinh", asked).status_code == 422
