"""Documents are found by their words, with and without marks, and only by those who may read them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.search.text import exact
from hienluong.services.documents import access, finding
from hienluong.services.documents.models import Document, DocumentText, Why
from tests.factories import actor_for_role, make_org


@pytest.fixture
def agency(db: None) -> Organization:
    return make_org("Sở Y tế", parent=make_org("UBND tỉnh thử", code="H50", kind="province"))


@pytest.fixture
def clerk(agency: Organization) -> Actor:
    return actor_for_role("document_clerk", agency)


def kept(agency: Organization, subject: str, text: str = "", **more: Any) -> Document:
    fields = {"code": "125/UBND-TH", "issued_on": date(2026, 11, 20), "type": "CV", **more}
    document = Document.objects.create(
        direction="incoming", agency=agency, subject=subject, state="registered", author_name="UBND tỉnh", **fields
    )
    access.let_read(document, agency=agency, why=Why.AGENCY)
    finding.index(document, text=text)
    return document


def found(actor: Actor, typed: str, **more: Any) -> list[Document]:
    return finding.search(actor, typed, **more).documents()


@pytest.mark.parametrize(
    "typed",
    [
        "rà soát",
        "ra soat",
        "RÀ SOÁT cơ sở",
        '"hoa chat bao ve"',
        "hóa chất",
        "hoá chất",
        "125/ubnd",
        "125/UBND-TH",
        "công văn rà",
        "thực vật phụ lục",
    ],
)
def test_found_by(agency: Organization, clerk: Actor, typed: str) -> None:
    document = kept(agency, "V/v rà soát cơ sở hóa chất", "Phụ lục: hóa chất bảo vệ thực vật")
    assert found(clerk, typed) == [document]


@pytest.mark.parametrize("typed", ["ra sòat", "rá soát", '"soat ra"', "126/ubnd", "", "  ", "''", "& | !", ":*", "\\"])
def test_not_found_by(agency: Organization, clerk: Actor, typed: str) -> None:
    kept(agency, "V/v rà soát cơ sở hóa chất")
    assert found(clerk, typed) == []


def test_newest_first_across_years_and_within_days(agency: Organization, clerk: Actor) -> None:
    days = (date(2024, 3, 1), date(2026, 2, 1), date(2025, 12, 31), date(2026, 11, 1))
    rows = {day: kept(agency, "Kế hoạch chuyển đổi số", issued_on=day, code=f"{day:%d}/KH-UBND") for day in days}
    assert found(clerk, "chuyen doi so") == [rows[day] for day in sorted(days, reverse=True)]
    assert found(clerk, "chuyen doi so", since=date(2025, 1, 1), until=date(2026, 2, 1)) == [
        rows[days[1]],
        rows[days[2]],
    ]
    assert found(clerk, "chuyen doi so", direction="outgoing") == []


def test_only_readers_find_it_and_only_as_long_as_they_may_read(agency: Organization) -> None:
    document = kept(agency, "Báo cáo mật độ dân số")
    officer = actor_for_role("officer", agency)
    official = Official.objects.get(pk=officer.official_id)
    everybody = [actor_for_role(role, agency) for role in ("leader", "head", "admin", "auditor")]
    assert [found(each, "dan so") for each in (officer, *everybody, Actor())] == [[]] * 6
    access.let_read(document, agency=agency, why=Why.ASSIGNED, official=official)
    assert found(officer, "dân số") == [document]
    access.end_reading(document, why=Why.ASSIGNED, official=official)
    assert found(officer, "dân số") == []
    assert found(actor_for_role("document_clerk", agency), "dan so") == [document]


def test_the_text_of_the_files_stays_when_the_fields_are_indexed_again(agency: Organization, clerk: Actor) -> None:
    document = kept(agency, "Tờ trình", "dự toán kinh phí")
    document.subject = "Tờ trình bổ sung"
    document.save(update_fields=("subject",))
    finding.index(document)
    assert found(clerk, "bo sung du toan") == [document]


def test_most_are_counted_no_further(agency: Organization, clerk: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "MOST_FOUND", 3)
    for number in range(5):
        kept(agency, "Giấy mời họp", code=f"{number}/GM", issued_on=date(2022 + number, 1, 1))
    page = finding.search(clerk, "hop")
    assert (len(page.documents()), len(page.ids), page.more) == (3, 3, True)
    assert [each.code for each in page.documents(1, 1)] == ["3/GM"]


def test_a_snippet_shows_where_the_word_stands() -> None:
    text = "Mở đầu. " * 40 + "Kinh phí thực hiện từ ngân sách tỉnh. " + "Kết thúc. " * 40
    piece = finding.snippet(text, "ngan sach")
    assert "ngân sách tỉnh" in piece
    assert (piece[:2], piece[-2:]) == ("… ", " …")
    assert len(piece) < 260
    assert finding.snippet(text, "không có") == ""


def test_where_the_tone_is_put_does_not_matter() -> None:
    assert exact("hòa") == exact("hoà") == exact("HÒA")
    assert len({exact(word) for word in ("hoa", "hòa", "hóa", "hỏa", "hoã", "họa", "hoă")}) == 7


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_is_typed_is_a_sound_question(django_db_blocker: Any, typed: str, text: str) -> None:
    from django.db import connection

    asked = finding.query_of(typed)
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        if asked:
            cursor.execute("SELECT %s::tsquery", [" & ".join(asked)])
        cursor.execute("SELECT array_to_tsvector(%s::text[])", [sorted(finding.lexemes(text.replace("\0", "")))])


@pytest.mark.django_db
def test_a_text_of_more_words_than_one_vector_takes_is_found_by_its_short_ones() -> None:
    document = Document.objects.create(
        direction="incoming", agency=make_org("Sở Y tế"), type="CV", code="1/SYT", subject="Phụ lục", state="arrived"
    )
    finding.index(document, text="vaccine " + " ".join(f"{number:040d}" for number in range(20_000)))
    words = finding.within_limit({"phu", "luc"}, finding.lexemes("vaccine " + "x" * 40))
    assert {"phu", "luc", "vaccine"} <= set(words)
    assert DocumentText.objects.get(document=document).vector is not None
