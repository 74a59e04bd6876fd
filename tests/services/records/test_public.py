"""What everybody may look up: the public fields, no other, no list to take away, and whether a record still holds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hienluong.capabilities.registers import actions
from hienluong.capabilities.registers.models import Record
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.services.records.views import public
from tests.capabilities.registers.sample import official, wells

from .sample import Kept, browser_of

pytestmark = pytest.mark.django_db

WELLS = "/co-so-du-lieu/thu.gieng"


def text_of(path: str, status: int = 200) -> str:
    answer = Client().get(path)
    assert answer.status_code == status
    return answer.content.decode()


def page_of(record: Record) -> str:
    return f"{WELLS}/{record.pk}"


def opened(kept: Kept) -> None:
    """The register of wells, its words public from now on."""
    chief = official(kept.owner, "define", "read", "write")
    fields = ["code", "name", "place", "agency"]
    access = {"responsible": {"read": "*", "write": "*"}, "public": {"read": fields}}
    began = timezone.localdate() - timedelta(days=1)
    spec = wells(owner=kept.owner.code, version=2, effective_from=began, access=access, search=["name"])
    actions.install(chief, spec=spec, owner=kept.owner)


def test_a_record_shows_its_public_fields_and_its_place(kept: Kept) -> None:
    record = kept.add(name="Giếng làng", note="nội bộ", depth=187.5)
    text = text_of(page_of(record))
    assert "Giếng làng" in text
    assert "geo:16.800000,107.100000" in text
    for hidden in ("nội bộ", "187,5", "Độ sâu", kept.here.name):
        assert hidden not in text


def test_a_field_without_a_value_has_no_row(kept: Kept) -> None:
    record = kept.add(name="Giếng làng", place=None)
    text = text_of(page_of(record))
    assert "Giếng làng" in text
    assert "—" not in text.partition("<dl")[2].partition("</dl>")[0]
    chief = official(kept.owner, "define", "read", "write")
    access = {"responsible": {"read": "*", "write": "*"}, "public": {"read": ["place"]}}
    began = timezone.localdate() - timedelta(days=1)
    actions.install(
        chief, spec=wells(owner=kept.owner.code, version=2, effective_from=began, access=access), owner=kept.owner
    )
    assert "<dl" not in text_of(page_of(record)), "no list without a row"


def test_nothing_is_listed_without_words(kept: Kept) -> None:
    opened(kept)
    kept.add(name="Giếng làng")
    assert "Giếng làng" not in text_of(WELLS)
    assert "Giếng làng" in text_of(f"{WELLS}?q=gieng+lang")
    assert "Giếng làng" in text_of(f"{WELLS}?q=g001")
    assert "Không tìm thấy" in text_of(f"{WELLS}?q=G999")


def test_where_words_are_not_public_only_the_whole_key_finds(kept: Kept) -> None:
    kept.add("G001", name="Giếng làng", note="bí mật")
    assert "Không tìm thấy" in text_of(f"{WELLS}?q=bi+mat"), "the note is among the words, and hidden"
    assert "Không tìm thấy" in text_of(f"{WELLS}?q=G0")
    assert "Giếng làng" in text_of(f"{WELLS}?q=G001")
    assert "Ghi đủ mã số" in text_of(WELLS), "so that nobody types a name in vain"
    opened(kept)
    assert "Có dấu hay không dấu đều được" in text_of(WELLS)


def test_what_has_ended_says_so(kept: Kept) -> None:
    record = kept.add(name="Giếng lấp")
    actions.end(kept.officer, record=record)
    assert "đã chấm dứt" in text_of(page_of(record))


def test_what_was_never_there_or_is_hidden_does_not_exist(kept: Kept) -> None:
    record = kept.add()
    actions.end(kept.officer, record=record, void=True)
    text_of(page_of(record), 404)
    text_of(f"{WELLS}/{10**15}", 404)
    chief = official(kept.owner, "define", "read", "write")
    hidden = wells(code="thu.an", owner=kept.owner.code, access={"responsible": {"read": "*", "write": "*"}})
    actions.install(chief, spec=hidden, owner=kept.owner)
    text_of("/co-so-du-lieu/thu.an", 404)
    assert "thu.an" not in text_of("/co-so-du-lieu/")


def test_looking_somebody_up_is_written_down(kept: Kept) -> None:
    record = kept.add(owner_number=kept.province.party.identifier)
    chief = official(kept.owner, "define", "read", "write")
    fields = ["code", "name"]
    began = timezone.localdate() - timedelta(days=1)
    access = {"responsible": {"read": "*", "write": "*"}, "public": {"read": fields}}
    spec = wells(owner=kept.owner.code, version=2, effective_from=began, access=access)
    actions.install(chief, spec=spec, owner=kept.owner)
    text_of(page_of(record))
    look = PersonalDataRead.objects.get(party_id=kept.province.party.pk)
    assert look.actor_id is None
    assert look.fields == fields


def test_nobody_takes_it_all_by_asking_fast(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public, "TIMES", 3)
    for number in range(3):
        text_of(f"{WELLS}?q=G00{number}")
    text_of(f"{WELLS}?q=G009", 429)


@pytest.mark.parametrize(
    "words", ["%00", "'; DROP TABLE x; --", "<script>", "%F0%9F%8F%A0", "9" * 3000, "%ff%fe", "\u202e"]
)
def test_any_words_are_answered(kept: Kept, words: str) -> None:
    assert Client().get(f"{WELLS}?q={words}").status_code == 200


def test_what_is_only_announced_is_not_shown_and_a_key_of_a_series_is_found(kept: Kept) -> None:
    record = kept.add(since=timezone.localdate() + timedelta(days=9))
    text_of(page_of(record), 404)
    chief = official(kept.owner, "define", "read", "write")
    access = {"responsible": {"read": "*", "write": "*"}, "public": {"read": ["name"]}}
    spec = wells(code="thu.mach", owner=kept.owner.code, key={"series": "M-{n:03}"}, access=access)
    register = actions.install(chief, spec=spec, owner=kept.owner).register
    given = {"code": "G001", "name": "Mạch nước", "agency": kept.here.code}
    actions.create(kept.officer, register=register, data=given)
    assert "Mạch nước" in text_of("/co-so-du-lieu/thu.mach?q=M-001")
    assert "Không tìm thấy" in text_of("/co-so-du-lieu/thu.mach?q=M-002")


def test_lists_of_registers_cost_the_same_however_many_there_are(kept: Kept) -> None:
    chief = official(kept.owner, "define", "read", "write")
    pages = ("/co-so-du-lieu/", "/api/v1/registers", "/lam-viec/co-so-du-lieu/")
    browser = browser_of(kept.officer)
    counts = []
    for number in range(2):
        spec = wells(code=f"thu.so_{number}", title=f"Giếng số {number}", owner=kept.owner.code)
        actions.install(chief, spec=spec, owner=kept.owner)
        for page in pages:  # what a definition says is read once
            assert f"thu.so_{number}" in browser.get(page).content.decode(), page
        with CaptureQueriesContext(connection) as seen:
            for page in pages:
                browser.get(page)
        counts.append(len(seen))
    assert counts[0] == counts[1]
