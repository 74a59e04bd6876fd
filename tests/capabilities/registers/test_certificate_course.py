"""The course of a certificate as pure functions, against a simple list of days; and what is wrong with a section."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.registers.certificates.course import (
    ACTS,
    OutOfOrder,
    Step,
    Terms,
    Validity,
    after,
    allowed,
    standing_on,
)
from hienluong.capabilities.registers.definition import problems
from hienluong.foundation.actions import InvalidInput

from .certified import PREMISES, premises, with_section

pytestmark = pytest.mark.once

BEGIN = date(2026, 1, 1)
#: The days that the model keeps one by one.
DAYS = 120


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


class Calendar:
    """The simple model: for every day one word, overwritten from the day of an act on. No terms, no conditions."""

    def __init__(self) -> None:
        self.words = ["none"] * DAYS

    def mark(self, since: int, until: int, word: str, only: str = "") -> None:
        for number in range(max(since, 0), min(until, DAYS)):
            if not only or self.words[number] == only:
                self.words[number] = word

    def apply(self, kind: str, on: int, lasts: int, since: int, until: int) -> None:
        if kind in ("issue", "renew"):
            ahead = [n for n in range(on, DAYS) if self.words[n] == "suspended"] if kind == "renew" else []
            self.mark(on, DAYS, "expired")
            self.mark(on, on + lasts + 1, "valid")
            for number in ahead:
                self.mark(number, number + 1, "suspended", only="valid")
        elif kind == "suspend":
            self.mark(since, until + 1, "suspended", only="valid")
        elif kind == "resume":
            self.mark(on, DAYS, "valid", only="suspended")
        elif kind in ("revoke", "close"):
            self.mark(on, DAYS, {"revoke": "revoked", "close": "ended"}[kind])


steps = st.lists(
    st.tuples(
        st.sampled_from(sorted(ACTS)),
        st.integers(0, 9),  # days after the act before
        st.integers(0, 40),  # how long it lasts
        st.integers(0, 12),  # a suspension begins so much later
        st.integers(0, 20),  # and takes so long
    ),
    max_size=12,
)


@settings(max_examples=50, deadline=None)
@given(steps)
def test_standing_on_any_day_is_what_a_list_of_days_says(drawn: list[tuple[str, int, int, int, int]]) -> None:
    model, on, terms = Calendar(), 0, Terms()
    kept: list[tuple[int, Terms]] = [(-DAYS, terms)]  # as the register keeps it: what is said from which day on
    for kind, later, lasts, wait, takes in drawn:
        on += later
        if on >= DAYS:
            break
        since = on + wait
        step = Step(kind, day(on), day(on + lasts), day(since), day(since + takes))
        if kind not in ("issue", "renew"):
            step = Step(kind, day(on), None, step.since, step.until)
        may = kind in allowed(terms, day(on))
        try:
            after_it = after(terms, step)
        except OutOfOrder:
            assert not may or kind == "suspend"
            continue
        except InvalidInput:
            assert kind == "suspend", "only the days of a suspension can be wrong here"
            continue
        assert may
        model.apply(kind, on, lasts, since, since + takes)
        terms = after_it
        kept.append((on, terms))
    for number in range(DAYS):
        said = [what for begins, what in kept if begins <= number][-1]
        assert standing_on(said, day(number)) == model.words[number], (drawn, number)


def test_what_may_follow_what_is_refused_in_words() -> None:
    with pytest.raises(OutOfOrder, match="Đã bị thu hồi"):
        after(Terms("revoked", BEGIN), Step("renew", BEGIN, expires=day(9)))
    with pytest.raises(OutOfOrder, match="Chưa cấp"):
        after(Terms(), Step("revoke", BEGIN))


def test_a_longer_suspension_goes_on_where_the_first_ends() -> None:
    stands = Terms("suspended", BEGIN, None, day(10), day(20))
    longer = after(stands, Step("suspend", day(15), since=day(21), until=day(40)))
    assert (longer.since, longer.until) == (day(10), day(40))
    with pytest.raises(InvalidInput, match="nối tiếp"):
        after(stands, Step("suspend", day(15), since=day(22), until=day(40)))
    with pytest.raises(InvalidInput, match="nối tiếp"):
        after(stands, Step("suspend", day(15), since=day(15), until=day(18)))


@pytest.mark.parametrize(
    ("issued", "months", "last"),
    [
        (date(2026, 3, 1), 36, date(2029, 3, 1)),
        (date(2024, 2, 29), 36, date(2027, 2, 28)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
    ],
)
def test_a_time_in_months_ends_on_the_day_of_the_same_number(issued: date, months: int, last: date) -> None:
    assert Validity(months).last_day(issued) == last


def test_the_sample_is_sound_and_its_digest_needs_no_section() -> None:
    assert list(problems(premises())) == []
    assert "certificate" in premises().model_dump()
    plain = {name: value for name, value in PREMISES.items() if name != "certificate"}
    assert type(premises()).model_validate(plain).digest != premises().digest


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"number": "no_such"}, ("certificate", "number"), "không có trường"),
        ({"shows": ["code", "nope"]}, ("certificate", "shows", 1), "không có trường"),
        ({"issued": "name"}, ("certificate", "issued"), "kiểu date"),
        ({"suspended": "expires_on", "expires": "", "validity": None}, ("certificate", "suspended"), "kiểu period"),
        ({"standing": "name"}, ("certificate", "standing"), "enum"),
        ({"standings": {"valid": "good"}}, ("certificate", "standings"), "không có lựa chọn “good”"),
        ({"issued": "expires_on"}, ("certificate",), "các trường khác nhau"),
        ({"number": "code"}, ("certificate", "series"), "không đánh số lại được"),
    ],
)
def test_faults_of_a_section_are_told_by_their_place(changes: dict[str, object], place: object, words: str) -> None:
    found = dict(problems(with_section(**changes)))
    assert words in found[place]  # type: ignore[index]


def test_who_reads_the_standing_reads_what_decides_it() -> None:
    access = {**PREMISES["access"], "public": {"read": ["code", "name", "status"]}}
    assert "expires_on" in dict(problems(premises(access=access)))[("access", "public", "read")]
