import pytest
from django.test import Client

from hienluong.foundation.calendars.seed import load_viet_nam
from hienluong.foundation.organisations import seed
from hienluong.foundation.organisations.models import Organization
from tests.factories import make_official
from tests.snapshots import ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def loaded() -> seed.Loaded:
    return ready(seed.load_quang_tri)


def _text(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def test_the_government_before_and_after_the_merger(client: Client, loaded: seed.Loaded) -> None:
    before = _text(client, "/quan-tri/co-quan?ngay=30/06/2025")
    assert "UBND tỉnh Quảng Bình" in before
    assert "Cấp huyện (10)" in before
    after = _text(client, "/quan-tri/co-quan?ngay=01/07/2025")
    assert "UBND tỉnh Quảng Bình" not in after
    assert "Cấp huyện" not in after
    assert "đặc khu (78)" in after


def test_a_tree_of_hundreds_costs_two_queries(client: Client, loaded: seed.Loaded, django_assert_num_queries) -> None:  # type: ignore[no-untyped-def]
    with django_assert_num_queries(2):
        _text(client, "/quan-tri/co-quan?ngay=30/06/2025")
    with django_assert_num_queries(2):
        _text(client, "/quan-tri/co-quan?q=dong+ha")


def test_finding_without_diacritics_and_by_code(client: Client, loaded: seed.Loaded) -> None:
    assert "UBND phường Đông Hà" in _text(client, "/quan-tri/co-quan?q=dong ha")
    assert "UBND thành phố Đông Hà" in _text(client, "/quan-tri/co-quan?q=dong+ha&ngay=30/06/2025")
    assert "Sở Tư pháp" in _text(client, "/quan-tri/co-quan?q=h50.03")
    assert "Không tìm thấy" in _text(client, "/quan-tri/co-quan?q=xyzzy")


def test_a_wrong_date_is_said_and_today_is_shown(client: Client, loaded: seed.Loaded) -> None:
    text = _text(client, "/quan-tri/co-quan?ngay=31/02/2026", status=422)
    assert "Nhập ngày có thật" in text
    assert "đặc khu (78)" in text


@pytest.mark.parametrize("q", ["<script>alert(1)</script>", "'; DROP TABLE x; --", "😀", "%", "\x00", "Đ" * 5000])
def test_strange_words_do_no_harm(client: Client, loaded: seed.Loaded, q: str) -> None:
    response = client.get("/quan-tri/co-quan", {"q": q})
    assert response.status_code in (200, 422)
    assert "<script>alert" not in response.content.decode()


def test_before_everything_there_is_nothing(client: Client, loaded: seed.Loaded) -> None:
    assert "chưa có cơ quan nào" in _text(client, "/quan-tri/co-quan?ngay=01/01/1975")


def test_the_page_of_an_organisation(client: Client, loaded: seed.Loaded, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    dong_ha = Organization.objects.get(name="UBND phường Đông Hà")
    make_official("Trần Thị Mai", role="leader", org=dong_ha, title="Chủ tịch")
    with django_assert_max_num_queries(12):  # three of them read the calendars, once a process
        text = _text(client, f"/quan-tri/co-quan/{dong_ha.code}")
    for words in (
        "Trần Thị Mai",
        "UBND phường 1",
        "Mã do hệ thống này gán",
        "1680/NQ-UBTVQH15",
        "Phòng Văn hóa - Xã hội",
    ):
        assert words in text
    centre = _text(client, f"/quan-tri/co-quan/{dong_ha.code}.01")
    assert "07:30–11:30, 13:30–17:00" in centre
    assert "Thứ Bảy" in centre


def test_an_ended_organisation_names_who_took_its_work(client: Client, loaded: seed.Loaded) -> None:
    text = _text(client, "/quan-tri/co-quan/H50.31")
    assert "Đã kết thúc" in text
    assert "UBND phường Đông Hà" in text
    assert "Nhận việc đang làm" in text


@pytest.mark.parametrize("code", ["H50.99", "H50%00", "%F0%9F%98%80", "H" * 3000, "'--"])
def test_an_unknown_code_is_not_found(client: Client, code: str) -> None:
    _text(client, f"/quan-tri/co-quan/{code}", status=404)


def test_the_legacy_code_finds_and_opens_the_organisation(client: Client, loaded: seed.Loaded) -> None:
    assert "Sở Tư pháp" in _text(client, "/quan-tri/co-quan?q=000.00.03.H50")
    assert "Sở Tư pháp" in _text(client, "/quan-tri/co-quan/000.00.03.H50")


def test_what_is_not_known_is_said_and_hours_come_from_the_calendar(client: Client, loaded: seed.Loaded) -> None:
    load_viet_nam()
    text = _text(client, "/quan-tri/co-quan/H50.03")
    assert "Chưa có thông tin" in text
    assert "Giờ làm việc theo lịch chung" in text
    assert "07:30–11:30, 13:30–17:00" in text
    commune = _text(client, "/quan-tri/co-quan/H50.142")
    assert "không đủ chữ số cho mã này" in commune


def test_a_slip_finds_the_organisation(client: Client, loaded: seed.Loaded) -> None:
    for typed in ("donh ha", "donng ha", "phuong dogn ha"):
        assert "UBND phường Đông Hà" in _text(client, f"/quan-tri/co-quan?q={typed}")
