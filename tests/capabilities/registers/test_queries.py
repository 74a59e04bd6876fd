"""Lists: in order, page by page, as of any day, and never telling what may not be read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.registers import actions, crowds, queries, sharing, storage
from hienluong.capabilities.registers.queries import Page, Scope, Wish, find
from hienluong.foundation.actions import Actor, DomainError, InvalidInput
from tests.thorough import examples

from .sample import wells
from .test_records import Wells
from .test_sharing import Sharing

pytestmark = pytest.mark.django_db


@pytest.fixture
def well() -> Wells:
    well = Wells()
    depths = [30.0, 10.0, None, 20.0, 10.0, 250.5, None, 120.0]
    for number, depth in enumerate(depths):
        data = {"name": f"Giếng số {number} Đông Hà" if number % 2 else f"Giếng {number} Cam Lộ", "depth": depth}
        place = {"type": "Point", "coordinates": [107.0 + number / 100, 16.8]}
        well.add(
            code=f"G{number:03}",
            place=place,
            **{name: value for name, value in data.items() if value is not None}
            | ({} if depth is not None else {"depth": ""}),
        )
    return well


def keys(page: Page) -> list[str]:
    return [row.key for row in page.rows]


def every(well: Wells, scope: Scope, wish: Wish) -> list[str]:
    """All pages, read one after the other."""
    found: list[str] = []
    after = ""
    while True:
        page = find(well.register, wells(), scope, Wish(**{**wish.__dict__, "after": after}))
        found += keys(page)
        after = page.after
        if not after:
            return found


def test_pages_put_together_are_the_list(well: Wells) -> None:
    scope = queries.own(well.clerk, wells())
    up = ["G001", "G004", "G003", "G000", "G007", "G005", "G002", "G006"]
    for size in (1, 2, 3, 8, 50):
        assert every(well, scope, Wish(sort="depth", size=size)) == up
        assert every(well, scope, Wish(sort="-depth", size=size)) == [
            "G005",
            "G007",
            "G000",
            "G003",
            "G004",
            "G001",
            "G006",
            "G002",
        ]
        assert every(well, scope, Wish(size=size)) == [f"G{number:03}" for number in range(8)]


def test_filters_words_boxes_and_days(well: Wells) -> None:
    scope = queries.own(well.clerk, wells())

    def said(**wish: Any) -> list[str]:
        return sorted(every(well, scope, Wish(**wish)))

    assert said(filters={"depth__from": "100"}) == ["G005", "G007"]
    assert said(filters={"depth__from": "10", "depth__to": "20"}) == ["G001", "G003", "G004"]
    assert said(filters={"deep": "true"}) == ["G005", "G007"]
    assert said(text="dong HÀ 3") == ["G003"]
    assert said(box=(107.025, 16.7, 107.05, 16.9)) == ["G003", "G004", "G005"]
    assert said(valid=well.definition.installed_at - timedelta(days=5000)) == []


def test_a_crowded_box_is_gone_through_in_order(well: Wells, monkeypatch: pytest.MonkeyPatch) -> None:
    scope, box = queries.own(well.clerk, wells()), (107.025, 16.7, 107.05, 16.9)
    here, away = box, (90.0, 10.0, 90.5, 10.5)
    plans = []
    for rows, boxes in ((1000.0, [here] * 3 + [away] * 7), (10.0, [here, away]), (1000.0, [away]), (1000.0, [])):
        sample = crowds._Sample(0.0, rows, boxes)
        monkeypatch.setattr(crowds, "_sample", lambda register, sample=sample: sample)
        assert every(well, scope, Wish(box=box, size=2)) == ["G003", "G004", "G005"]
        plan = str(queries.narrow(well.register, wells(), scope, Wish(box=box)).query)
        plans.append('CASE WHEN "registers_version"."box"' in plan)
    assert plans == [True, False, False, False]


def test_the_lot_is_drawn_from_what_is_there_and_kept_for_a_while(
    well: Wells, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    crowds.forget()
    with django_assert_num_queries(1):  # never counted by the server, or few: nothing is drawn
        assert not crowds.is_crowded(well.register, (107.0, 16.0, 108.0, 17.0), 2)
    monkeypatch.setattr(crowds, "DRAWN", 8)
    crowds.forget()
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {storage.partition_of(well.register)}")
    with django_assert_num_queries(2):
        sample = crowds._sample(well.register)
        assert crowds._sample(well.register) is sample
    assert sample.rows == 8
    assert all(w <= e and s <= n for w, s, e, n in sample.boxes)
    assert len(sample.boxes) == 8, "as many as are wanted: all pages"
    w, s, e, n = sample.boxes[0]
    assert crowds.is_crowded(well.register, (w, s, e, n), 0)
    crowds.forget()


def test_what_cannot_be_asked_is_refused_in_words(well: Wells) -> None:
    scope = queries.own(well.clerk, wells())
    for wish in (
        Wish(sort="flow"),
        Wish(sort="none"),
        Wish(filters={"note__like": "x"}),
        Wish(filters={"depth": "sâu"}),
        Wish(filters={"depth": "NaN"}),
        Wish(after="không phải"),
        Wish(after="W251bGwsIDFd1"),
    ):
        with pytest.raises(InvalidInput):
            find(well.register, wells(), scope, wish)


def test_an_agency_lists_its_own_and_the_owner_and_the_public_all_with_less(well: Wells) -> None:
    assert keys(find(well.register, wells(), queries.own(well.other, wells()), Wish())) == []
    for actor, fields in (
        (well.chief, {"code", "name", "depth", "place", "agency", "deep"}),
        (Actor(), {"code", "name", "place"}),
    ):
        page = find(well.register, wells(), queries.whole(actor, well.register, wells()), Wish())
        assert len(page.rows) == 8
        assert set().union(*(row.data for row in page.rows)) <= fields | {"flow"}
    closed = wells(access={})
    assert find(well.register, closed, queries.whole(Actor(), well.register, closed), Wish()).rows == []


def test_a_hidden_key_is_not_found_by_words(well: Wells) -> None:
    open_ = wells(access={"public": {"read": ["name", "note"]}})
    scope = queries.whole(Actor(), well.register, open_)
    assert all(row.key == "" for row in find(well.register, open_, scope, Wish()).rows)
    with pytest.raises(InvalidInput):
        find(well.register, open_, scope, Wish(text="g001"))


_VALUES = st.fixed_dictionaries(
    {"depth": st.sampled_from([1.0, 99.0, 101.0]), "note": st.sampled_from(["bí mật", "khác"]), "fee": st.just(0)}
)
_WISHES = st.builds(
    Wish,
    text=st.sampled_from(["", "gieng", "mat", "khac", "g001"]),
    filters=st.dictionaries(
        st.sampled_from(["name", "depth", "depth__from", "note", "deep", "fee", "none"]),
        st.sampled_from(["1", "99", "true", "bí mật", "Giếng"]),
        max_size=2,
    ),
    sort=st.sampled_from(["", "name", "-depth", "note", "deep", "none"]),
    box=st.sampled_from([None, (100.0, 10.0, 110.0, 20.0)]),
    size=st.integers(1, 4),
)


@settings(max_examples=examples(40, 160))
@given(first=st.lists(_VALUES, min_size=3, max_size=3), second=st.lists(_VALUES, min_size=3, max_size=3), wish=_WISHES)
def test_what_the_public_sees_does_not_depend_on_what_it_may_not(
    first: list[dict[str, Any]], second: list[dict[str, Any]], wish: Wish
) -> None:
    """Two worlds that differ only in hidden fields answer every question alike, errors included."""

    def world(hidden: list[dict[str, Any]]) -> Any:
        with transaction.atomic():
            well = Wells()
            for number, values in enumerate(hidden):
                well.add(code=f"G{number:03}", name=f"Giếng {number}", **values)
            scope = queries.whole(Actor(), well.register, wells())
            try:
                page = find(well.register, wells(), scope, wish)
                answer: Any = [(row.key, row.data) for row in page.rows], bool(page.after)
            except InvalidInput as refused:
                answer = str(refused.message)
            transaction.set_rollback(True)
        return answer

    assert world(first) == world(second)


@settings(max_examples=examples(20, 80))
@given(first=st.lists(_VALUES, min_size=3, max_size=3), second=st.lists(_VALUES, min_size=3, max_size=3), wish=_WISHES)
def test_what_an_agreement_shows_does_not_depend_on_what_it_does_not_give(
    first: list[dict[str, Any]], second: list[dict[str, Any]], wish: Wish
) -> None:
    """Two worlds that differ only in fields that are not shared answer alike: rows, count, quota left and errors."""

    def world(hidden: list[dict[str, Any]]) -> Any:
        with transaction.atomic():
            well = Sharing()
            for number, values in enumerate(hidden):
                well.add(code=f"G1{number:02}", name=f"Giếng {number}", **values)
            agreement = well.agreed(fields=("name", "place"), filters={"name__from": "Giếng 1"}, volume=5)
            scope = queries.shared(well.reader, well.register, wells())[agreement.code]
            answer: list[Any] = []
            for _turn in range(3):
                try:
                    page = sharing.read(well.reader, well.register, wells(), agreement.code, wish)
                    answer.append([(row.key, row.data) for row in page.rows])
                    answer.append((bool(page.after), queries.count(well.register, wells(), scope, wish)))
                except DomainError as refused:
                    answer.append(str(refused.message))
                answer.append(sharing.left_today(agreement))
            transaction.set_rollback(True)
        # Each world has an agreement and records of its own: their numbers say nothing.
        return str(answer).replace(agreement.code, "")

    assert world(first) == world(second)


def test_a_past_day_is_listed_as_it_was_known(well: Wells) -> None:
    record = well.register.records.get(key="G000")
    before = record.changes.get().at
    actions.change(well.clerk, record=record, data={"depth": 99.0}, since=date(2026, 1, 1), correction=True)
    scope = queries.own(well.clerk, wells())
    assert every(well, scope, Wish(filters={"depth": "99"})) == ["G000"]
    assert every(well, scope, Wish(filters={"depth": "30"})) == []
    assert every(well, scope, Wish(filters={"depth": "30"}, known=before)) == ["G000"]
