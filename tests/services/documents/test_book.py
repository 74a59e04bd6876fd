"""The book of what came in, in the decree's columns, on screen, printed and as a workbook; and its figures."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pikepdf
import pytest
from django.test import Client

from hienluong.foundation.identity.models import Account
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Quality
from hienluong.services.documents import incoming_book
from hienluong.services.documents.actions import handling
from tests.printed import words_of

from .offices import Agency, arrived, make_agency, official_of, registered

BOOK = "/lam-viec/van-ban/den/so"


@pytest.fixture
def health(db: None) -> Agency:
    return make_agency()


def at(actor: object) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))  # type: ignore[attr-defined]
    return client


def some(health: Agency) -> None:
    """Three in the book, one that is not, one of another agency."""
    first = handling.submit(health.clerk, document=registered(health), leader=official_of(health.leader))
    task = handling.assign(health.leader, document=first, tasks=[Task("", health.division)])[0]
    assignments.report(health.head, assignment=task, result="x")
    assignments.evaluate(health.leader, assignment=task, quality=Quality.GOOD)
    registered(health, code="=1+1/TB", subject="Chưa giao ai")
    registered(health, code="3/TB")
    arrived(health, code="4/TB", subject="Chưa đăng ký")
    registered(make_agency("Sở Tài chính", parent=health.place.parent), subject="Của sở khác")


def test_the_book_has_what_was_registered_here_in_order(health: Agency) -> None:
    some(health)
    html = at(health.clerk).get(BOOK).content.decode()
    assert "Chưa giao ai" in html
    assert health.division.name in html
    assert "Chưa đăng ký" not in html
    assert "Của sở khác" not in html
    assert at(health.clerk).get(f"{BOOK}?tu=2020-01-01&den=2020-02-01&page=9").status_code == 200


def test_the_printed_book_has_the_columns_of_the_decree(health: Agency) -> None:
    some(health)
    content = at(health.clerk).get(f"{BOOK}?dang=pdf").content
    with pikepdf.open(BytesIO(content)) as pdf:
        box = pdf.pages[0].mediabox
        assert box[2] > box[3]
    words = " ".join(words_of(content).split())
    for head in incoming_book.heads():
        assert head in words, (head, words[:400])
    assert "125/UBND-TH" in words.replace(" ", "")
    assert at(health.clerk).get(f"{BOOK}?dang=pdf&quyen=2").status_code == 404


def test_the_workbook_holds_no_formula(health: Agency) -> None:
    some(health)
    content = at(health.clerk).get(f"{BOOK}?dang=xlsx").content
    with ZipFile(BytesIO(content)) as book:
        strings, sheet = book.read("xl/sharedStrings.xml").decode(), book.read("xl/worksheets/sheet1.xml").decode()
    assert "=1+1/TB" in strings
    assert "<f>" not in sheet


def test_the_figures_say_what_was_done_by_whom(health: Agency) -> None:
    some(health)
    answer = at(health.clerk).get("/lam-viec/van-ban/den/thong-ke")
    figures = answer.context["figures"]
    assert (figures.total, figures.completed, figures.open) == (3, 1, 2)
    assert [(line.name, line.total, line.on_time) for line in figures.units] == [(health.division.name, 1, 1)]


def test_only_the_records_office_sees_the_book(health: Agency) -> None:
    for actor in (health.leader, health.head, health.officer):
        for address in (BOOK, f"{BOOK}?dang=pdf", f"{BOOK}?dang=xlsx", "/lam-viec/van-ban/den/thong-ke"):
            assert at(actor).get(address).status_code == 403
