"""Registers read under a sharing agreement: on the screens of officials and over HTTP."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.registers import agreements
from hienluong.capabilities.registers.models import Agreement, AgreementUse, Record
from hienluong.capabilities.registers.queries import Wish
from hienluong.capabilities.registers.sharing import Exhausted
from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.people.models import Party
from hienluong.services.records import tasks
from hienluong.services.records.exporting import actions as exporting
from hienluong.services.records.exporting.actions import Order
from hienluong.services.records.models import Export
from tests.capabilities.registers.sample import official
from tests.factories import actor_for_role

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db

NUMBER = "045190001234"


class Shared:
    """The wells, an agency with an agreement about the names and depths of the deep ones, and a person who owns one."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.consumer = kept.province.agency_two
        self.reader = actor_for_role("officer", self.consumer)
        self.head = actor_for_role("head", kept.owner)
        self.person = Party.objects.create(kind="citizen", name="Trần Văn Giếng", identifier=NUMBER)
        self.record = kept.add("G001", name="Giếng sâu", owner_number=NUMBER, note="chỉ nội bộ")
        self.shallow = kept.add("G002", name="Giếng cạn", depth=20)
        self.agreement = agreements.approve(self.head, agreement=self.ask())

    def ask(self, volume: int = 50) -> Agreement:
        today = timezone.localdate()
        return agreements.request(
            self.reader,
            register=self.kept.register,
            consumer=self.consumer,
            fields=["name", "depth"],
            filters={"deep": "true"},
            purpose="Kiểm tra khai thác nước",
            legal_ground="Nghị định 278/2025/NĐ-CP",
            since=today,
            until=today + timedelta(days=9),
            volume=volume,
        )

    def list(self) -> str:
        return f"{self.kept.address()}?pham-vi=thoa-thuan:{self.agreement.code}"

    def page(self, record: Record) -> str:
        return f"{self.kept.address(record)}/thoa-thuan/{self.agreement.code}"

    def api(self, path: str = "", **query: Any) -> Any:
        address = f"/api/v1/registers/{self.kept.register.code}/records{path}"
        return browser_of(self.reader).get(address, {"purpose": self.agreement.code, **query})


@pytest.fixture
def shared(kept: Kept) -> Shared:
    return Shared(kept)


def test_the_scope_is_offered_and_shows_what_is_agreed(shared: Shared) -> None:
    browser = browser_of(shared.reader)
    assert f"Theo thỏa thuận chia sẻ {shared.agreement.code}" in browser.get(shared.kept.address()).content.decode()
    text = browser.get(shared.list() + "&cot=depth&cot=note").content.decode()
    assert "Giếng sâu" in text
    assert "120,5" in text
    assert "49 trong 50" in text
    assert "Giếng cạn" not in text
    assert "chỉ nội bộ" not in text
    look = PersonalDataRead.objects.get()
    assert (look.party_id, look.agreement, look.purpose) == (
        shared.person.pk,
        shared.agreement.code,
        "Kiểm tra khai thác nước",
    )
    assert look.fields == ["depth", "name"]


def test_a_record_is_shown_without_history_and_logged(shared: Shared) -> None:
    text = browser_of(shared.reader).get(shared.page(shared.record)).content.decode()
    assert "Giếng sâu" in text
    for hidden in ("chỉ nội bộ", "G001", NUMBER, "Lịch sử"):
        assert hidden not in text
    assert PersonalDataRead.objects.get().agreement == shared.agreement.code
    assert browser_of(shared.reader).get(shared.page(shared.shallow)).status_code == 404


def test_other_days_are_refused_in_words(shared: Shared) -> None:
    text = browser_of(shared.reader).get(shared.list() + "&ngay=01/02/2026").content.decode()
    assert "chỉ cho xem dữ liệu hiện nay" in text
    assert "Giếng sâu" not in text


def test_suspended_expired_and_used_up_are_refused_everywhere_and_logged(shared: Shared) -> None:
    browser = browser_of(shared.reader)

    def answers() -> list[tuple[int, str]]:
        pages = [browser.get(shared.list()), browser.get(shared.page(shared.record))]
        told = [shared.api(), shared.api(f"/{shared.record.pk}")]
        words = [answer.content.decode() for answer in pages] + [answer.json()["title"] for answer in told]
        return [(answer.status_code, text) for answer, text in zip(pages + told, words, strict=True)]

    agreements.suspend(shared.head, agreement=shared.agreement, reason="Nghi lộ dữ liệu")
    for status, text in answers():
        assert (status, "đang tạm dừng" in text) == (403, True)
    agreements.resume(shared.head, agreement=shared.agreement)
    Agreement.objects.update(volume=1)
    assert shared.api().status_code == 200
    for status, text in answers():
        assert (status, "đã xem đủ" in text) == (429, True)
    today = timezone.localdate()
    Agreement.objects.update(valid=(today - timedelta(days=9), today))
    for status, text in answers():
        assert (status, "đã hết hạn" in text) == (403, True)
    assert Entry.objects.filter(verb="registers.agreement.turn_away").count() == 12
    assert PersonalDataRead.objects.count() == 1


def test_somebody_else_gets_nothing_under_it(shared: Shared) -> None:
    browser = browser_of(shared.kept.province.other_clerk)
    for address in (shared.list(), shared.page(shared.record)):
        assert browser.get(address).status_code == 404
    code = shared.kept.register.code
    for path in ("", f"/{shared.record.pk}", "/by-key/G001"):
        answer = browser.get(f"/api/v1/registers/{code}/records{path}", {"purpose": shared.agreement.code})
        assert answer.status_code == 404
    assert Entry.objects.filter(verb="registers.agreement.turn_away").count() == 5
    assert not PersonalDataRead.objects.exists()


def test_over_http_as_on_the_screen(shared: Shared) -> None:
    (item,) = shared.api().json()["items"]
    assert item == {"id": shared.record.pk, "key": "", "data": {"name": "Giếng sâu", "depth": 120.5}}
    assert shared.api(f"/{shared.record.pk}").json()["data"] == item["data"]
    assert "ETag" not in shared.api(f"/{shared.record.pk}")
    assert shared.api(f"/{shared.shallow.pk}").status_code == 404
    assert shared.api("/by-key/G001").status_code == 404, "the key is not given"
    for query in ({"filter": "note=x"}, {"sort": "code"}, {"q": "sau"}, {"valid": "2026-02-01"}):
        assert shared.api(**query).status_code == 422, query
    assert PersonalDataRead.objects.filter(agreement=shared.agreement.code).count() == 3


def test_an_agreement_opens_no_other_door(shared: Shared) -> None:
    """Neither the record's own page nor its history, nor the list of changes, say more because of it."""
    browser = browser_of(shared.reader)
    for address in (shared.kept.address(shared.record), shared.kept.address(shared.record, "so-sanh")):
        assert "120,5" not in browser.get(address).content.decode()
    changes = browser.get(f"/api/v1/registers/{shared.kept.register.code}/changes").content.decode()
    assert "120.5" not in changes


def test_the_owners_side_is_those_who_may_share(shared: Shared) -> None:
    assert shared.head.can(agreements.SHARE, shared.kept.owner.path)
    assert actor_for_role("leader", shared.kept.owner).can(agreements.SHARE, shared.kept.owner.path)
    assert not official(shared.kept.owner, "read", "write").can(agreements.SHARE, shared.kept.owner.path)


BASE = "/quan-tri/chia-se-du-lieu"


def typed(shared: Shared, **changes: Any) -> dict[str, Any]:
    today = timezone.localdate()
    last = today + timedelta(days=20)
    parts = {
        f"{name}_{part}": getattr(day, part) for name, day in (("since", today), ("until", last)) for part in PARTS
    }
    return {
        **parts,
        "consumer": shared.consumer.code,
        "fields_": ["name", "depth"],
        "filters": "Giếng sâu = Có\n",
        "purpose": "Đối chiếu giấy phép",
        "legal_ground": "Nghị định 278/2025/NĐ-CP",
        "volume": "20",
        **changes,
    }


PARTS = ("day", "month", "year")


def test_it_is_asked_for_and_decided_on_the_pages(shared: Shared) -> None:
    reader, head = browser_of(shared.reader), browser_of(shared.head)
    assert f"{BASE}/de-nghi/thu.gieng" in reader.get(BASE).content.decode()
    answer = reader.post(f"{BASE}/de-nghi/thu.gieng", typed(shared))
    made = Agreement.objects.latest("pk")
    page = f"{BASE}/{made.code}"
    assert answer.headers["Location"] == page
    assert (made.state, made.fields, made.filters) == ("requested", ["name", "depth"], {"deep": "true"})
    assert 'value="duyet"' not in reader.get(page).content.decode(), "not for whoever asked"
    assert reader.post(page, {"viec": "duyet"}).status_code == 403
    assert made.code in head.get(f"{BASE}?trang-thai=requested").content.decode()
    assert head.post(page, {"viec": "duyet"}).status_code == 302
    empty = head.post(page, {"viec": "tam-dung", "ly_do": " "})
    assert (empty.status_code, "Hãy ghi lý do." in empty.content.decode()) == (422, True)
    assert head.post(page, {"viec": "tam-dung", "ly_do": "Nghi lộ dữ liệu"}).status_code == 302
    text = reader.get(page).content.decode()
    for words in ("Tạm dừng", "Nghi lộ dữ liệu", "Đối chiếu giấy phép", "Độ sâu (m)", "Giếng sâu: Có"):
        assert words in text
    assert reader.post(page, {"viec": "cham-dut", "ly_do": "Không cần nữa"}).status_code == 302
    assert Agreement.objects.get(pk=made.pk).state == "ended"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"filters": "deep"}, "Không hiểu “deep”"),
        ({"filters": "khong_co=1"}, "Không có trường"),
        ({"volume": "nhiều"}, "số nguyên"),
        ({"fields_": []}, "Các trường cần xem"),
        ({"until_year": "2020"}, "Ngày cuối"),
        ({"consumer": "Cơ quan không có"}, "Cơ quan không có"),
    ],
)
def test_what_is_wrong_in_a_request_is_said_and_stays(shared: Shared, changes: dict[str, Any], words: str) -> None:
    answer = browser_of(shared.reader).post(f"{BASE}/de-nghi/thu.gieng", typed(shared, **changes))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert words in text
    assert "Đối chiếu giấy phép" in text
    assert Agreement.objects.count() == 1


def test_an_agreement_of_others_is_not_there(shared: Shared) -> None:
    browser = browser_of(shared.kept.province.other_clerk)
    assert shared.agreement.code not in browser.get(BASE).content.decode()
    assert browser.get(f"{BASE}/{shared.agreement.code}").status_code == 404
    assert browser_of(shared.kept.province.citizen).get(BASE).status_code == 403


def test_the_list_costs_the_same_however_long_it_is(shared: Shared, django_assert_max_num_queries: Any) -> None:
    for _ in range(10):
        shared.ask()
    browser = browser_of(shared.head)
    browser.get(BASE)
    with django_assert_max_num_queries(15):
        assert browser.get(BASE).content.decode().count("TTCS-") == 22


def _exported(shared: Shared, **given: str) -> Any:
    address = f"{shared.kept.address(page='xuat')}?pham-vi=thoa-thuan:{shared.agreement.code}&cot=depth&cot=note"
    return browser_of(shared.reader).post(address, {"format": "json", "which": "all", **given})


def test_an_export_holds_what_is_agreed_counts_and_is_seen_by_each_person(shared: Shared) -> None:
    page = browser_of(shared.reader).get(
        f"{shared.kept.address(page='xuat')}?pham-vi=thoa-thuan:{shared.agreement.code}"
    )
    text = page.content.decode()
    assert "1 bản ghi sẽ ra khỏi hệ thống" in text
    assert "50 trong 50" in text
    made = json.loads(b"".join(_exported(shared).streaming_content))
    assert made["records"] == [{"name": "Giếng sâu", "depth": 120.5}], "the agreed fields of the agreed rows"
    look = PersonalDataRead.objects.get()
    assert (look.party_id, look.agreement, look.purpose) == (
        shared.person.pk,
        shared.agreement.code,
        "Kiểm tra khai thác nước",
    )
    assert look.fields == ["depth", "name"]
    assert AgreementUse.objects.get().records == 1
    said = Entry.objects.get(verb="registers.export").after
    assert (said["scope"], said["count"]) == (f"thoa-thuan:{shared.agreement.code}", 1)
    order = Order(f"thoa-thuan:{shared.agreement.code}", Wish(), ["name", "note"], "json")
    with pytest.raises(NotAllowed):
        exporting.make(shared.reader, register=shared.kept.register, order=order)
    narrowed = Order(order.scope, Wish(filters={"note": "x"}), ["name"], "json")
    with pytest.raises(InvalidInput):
        exporting.make(shared.reader, register=shared.kept.register, order=narrowed)


def test_an_export_under_an_agreement_that_does_not_hold_is_refused_and_logged(shared: Shared) -> None:
    refused = Entry.objects.filter(verb="registers.agreement.turn_away")
    order = Order(f"thoa-thuan:{shared.agreement.code}", Wish(), ["name"], "json")
    register = shared.kept.register
    for stranger in (shared.kept.officer, official(shared.kept.there, "read", "export")):
        with pytest.raises(NotFound):
            exporting.make(stranger, register=register, order=order)
    reads_only = official(shared.consumer, "read")
    with pytest.raises(NotAllowed):
        exporting.make(reads_only, register=register, order=order)
    assert refused.count() == 3
    shared.kept.add("G003", name="Giếng sâu nữa", depth=200)
    Agreement.objects.update(volume=1)
    with pytest.raises(Exhausted):
        exporting.make(shared.reader, register=register, order=order)
    with pytest.raises(Exhausted):
        exporting.order_file(shared.reader, register=register, order=order)
    assert not PersonalDataRead.objects.exists(), "a file has all of them, or is not made and nobody was read"
    assert not AgreementUse.objects.filter(records__gt=0).exists()
    Agreement.objects.update(volume=50)
    ordered = exporting.order_file(shared.reader, register=register, order=order)
    kept = exporting.order_file(shared.reader, register=register, order=order)
    tasks.make_export(export_id=str(kept.pk))
    kept.refresh_from_db()
    assert kept.file is not None
    link = f"/tep/{kept.file_id}"
    assert browser_of(shared.reader).get(link).status_code == 200
    before = refused.count()
    agreements.suspend(shared.head, agreement=shared.agreement, reason="Mục đích không còn")
    assert _exported(shared).status_code == 403
    tasks.make_export(export_id=str(ordered.pk))
    ordered.refresh_from_db()
    assert (ordered.state, ordered.file) == ("failed", None)
    assert "đang tạm dừng" in ordered.fault
    assert browser_of(shared.reader).get(link).status_code == 404, "nor is a file of before given out any more"
    agreements.resume(shared.head, agreement=shared.agreement)
    today = timezone.localdate()
    Agreement.objects.update(valid=(today - timedelta(days=9), today))
    answer = _exported(shared)
    assert (answer.status_code, "đã hết hạn" in answer.content.decode()) == (403, True)
    assert refused.count() == before + 4
    agreements_of = Export.objects.filter(state="done")
    assert agreements_of.count() == 1
