"""The change feed: in the order of commits, none missed, and nothing told but what is seen to change."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.registers import actions, bulk, disposing, feed
from hienluong.capabilities.registers.feed import Entry
from hienluong.capabilities.registers.models import Change, Record, Register
from hienluong.capabilities.registers.queries import as_of
from hienluong.capabilities.registers.row import Row
from hienluong.capabilities.registers.sight import Sight, sight
from hienluong.foundation.actions import Actor, InvalidInput, system
from tests.thorough import examples

from .horizon import not_waiting, waited_for
from .sample import GOOD, wells
from .test_records import Wells

pytestmark = pytest.mark.django_db(transaction=True)  # what is not committed is in no feed

START = datetime(2026, 1, 1, tzinfo=UTC)
_numbers = count(1)


@pytest.fixture(autouse=True)
def _alone(request: pytest.FixtureRequest) -> Iterator[None]:
    """All but the test of the waiting itself."""
    if "slow_transaction" in request.node.name:
        yield
    else:
        with not_waiting():
            yield


@pytest.fixture
def well() -> Wells:
    return Wells()


def seen_by(well: Wells, actor: Actor, register: Register | None = None) -> Sight:
    return sight(actor, register or well.register, wells())


def date_at(year: int, month: int, day: int) -> datetime:
    """The beginning of a day in Việt Nam."""
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=7)


def everything(register: Register, eyes: Sight, size: int = 3, after: str = "") -> Iterator[Entry]:
    """All pages, one after the other."""
    for _ in range(1000):
        page = feed.read(register, eyes, after, size)
        yield from page.entries
        after = page.after
        if not page.more:
            return
    raise AssertionError("the feed does not end")


def told(well: Wells, actor: Actor) -> list[tuple[str, str, Any]]:
    entries = everything(well.register, seen_by(well, actor))
    return [(entry.key, entry.kind, entry.data and dict(entry.data)) for entry in entries]


def test_it_tells_each_change_with_what_may_be_read(well: Wells) -> None:
    record = well.add(since=date(2026, 1, 1), note="bí mật")
    actions.change(well.clerk, record=record, data={"name": "Giếng mới"}, since=date(2026, 3, 1))
    actions.change(well.clerk, record=record, data={"note": "khác"}, since=date(2026, 4, 1))
    actions.change(
        well.clerk, record=record, data={"name": "Giếng cũ"}, since=date(2026, 1, 1), until=date(2026, 2, 1), correction=True
    )  # fmt: skip
    actions.end(well.clerk, record=record, at=date(2026, 6, 1))
    first, second, third, last = everything(well.register, seen_by(well, Actor()))
    place = {"code": "G001", "place": GOOD["place"]}
    assert (first.record, first.key, first.kind, first.source) == (record.pk, "G001", "create", "official")
    assert first.data == {**place, "name": "Giếng chợ Đông Hà"}
    assert (first.since, first.until) == (datetime(2025, 12, 31, 17, tzinfo=UTC), None)
    assert (second.kind, second.data) == ("change", {**place, "name": "Giếng mới"})
    assert (third.kind, third.data) == ("correct", {**place, "name": "Giếng cũ"})
    assert (third.since, third.until) == (first.since, datetime(2026, 1, 31, 17, tzinfo=UTC))
    assert (last.kind, last.data, last.since, last.until) == ("end", None, datetime(2026, 5, 31, 17, tzinfo=UTC), None)
    assert [kind for _key, kind, _data in told(well, well.clerk)] == ["create", "change", "change", "correct", "end"]
    assert first.at < second.at < third.at < last.at


def test_a_disposal_is_told_as_what_is_left_to_whoever_could_read_what_went(well: Wells) -> None:
    kept = {"years": 5, "clears": ["owner_number", "note", "place"], "legal_basis": "QĐ thử"}
    later = wells(version=2, effective_from=date(2026, 2, 1), retention=kept)
    actions.install(well.chief, spec=later, owner=well.owner)
    number = "045190001234"
    hidden = well.add(code="G001", note="bí mật", place=None)
    ended = well.add(code="G002", owner_number=number)
    void = well.add(code="G003", owner_number=number)
    for record in (hidden, ended):
        actions.end(well.clerk, record=record, at=date(2026, 4, 1))
    actions.end(well.clerk, record=void, void=True)
    before = feed.read(well.register, seen_by(well, Actor()))
    day = timezone.localdate() + timedelta(days=6 * 366)
    due = disposing.due(well.register, day)
    assert disposing.dispose(system("thử"), register=well.register, day=day, records=due) == 3
    well.add(code="G004")

    public, clerk = (
        feed.read(well.register, seen_by(well, actor), before.after).entries for actor in (Actor(), well.clerk)
    )
    assert [(one.key, one.kind, one.cleared) for one in public] == [
        ("G002", "dispose", ("place",)),
        ("G003", "dispose", ("place",)),
        ("G004", "create", ()),
    ]
    left, nothing, _new = public
    assert (left.data, nothing.data) == ({"code": "G002", "name": GOOD["name"]}, None)
    assert (left.source, left.since, left.until) == ("retention", date_at(2026, 1, 1), date_at(2026, 4, 1))
    assert (nothing.since, nothing.until) == (None, None)
    assert [(one.key, one.cleared) for one in clerk] == [
        ("G001", ("note",)),
        ("G002", ("owner_number", "place")),
        ("G003", ("owner_number", "place")),
        ("G004", ()),
    ]
    for size in (1, 2):  # and each comes once, whatever the pages
        again = list(everything(well.register, seen_by(well, well.clerk), size, before.after))
        assert [one.key for one in again] == ["G001", "G002", "G003", "G004"]
    whole = list(everything(well.register, seen_by(well, well.clerk)))
    assert number not in str(whole)
    assert [one.kind for one in whole] == ["create"] * 3 + ["end"] * 2 + ["void"] + ["dispose"] * 3 + ["create"]


def test_pages_put_together_are_the_feed_and_reading_on_gives_what_came_since(well: Wells) -> None:
    bulk.create_many(well.clerk, well.register, [Row({**GOOD, "agency": well.here.code, "code": f"G{n:03}"})
                                                 for n in range(7)])  # fmt: skip
    eyes = seen_by(well, Actor())
    for size in (1, 2, 7, 100):
        assert [entry.key for entry in everything(well.register, eyes, size)] == [f"G{n:03}" for n in range(7)]
    page = feed.read(well.register, eyes, size=100)
    assert not page.more
    again = feed.read(well.register, eyes, page.after)
    assert again.entries == []
    well.add(code="G100")
    assert [entry.key for entry in feed.read(well.register, eyes, again.after).entries] == ["G100"]
    assert [entry.key for entry in feed.read(well.register, eyes, page.after).entries] == ["G100"]


def test_a_slow_transaction_is_not_missed(well: Wells) -> None:
    """A change written early and committed late keeps what came meanwhile back, and comes before it."""
    written, may_commit = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                well.add(code="G001")
                written.set()
                may_commit.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    try:
        assert written.wait(20)
        eyes = seen_by(well, Actor())
        # Written in a transaction of its own that does not wait for the other's audit entry.
        change = Change.objects.create(
            register=well.register,
            record=Record.objects.create(register=well.register, key="G002"),
            kind="create",
            at=START,
            source="import",
            label="thử",
        )
        page = feed.read(well.register, eyes)
        assert (page.entries, page.more) == ([], False)
    finally:
        may_commit.set()
        thread.join()
    found = waited_for(well.register, eyes, page.after)
    assert [entry.key for entry in found.entries] == ["G001"]
    assert Change.objects.exclude(pk=change.pk).get().pk < change.pk


def test_after_a_restoration_the_feed_goes_on_where_it_was(well: Wells) -> None:
    """In another server transactions are numbered from the beginning: old changes stay before new ones, and are shown."""
    eyes = seen_by(well, Actor())
    well.add(code="G001")
    cursor = feed.read(well.register, eyes).after
    well.add(code="G002")
    with connection.cursor() as database:
        database.execute("UPDATE registers_change SET transaction = (transaction::text::numeric + 1e12)::text::xid8")
        assert list(everything(well.register, eyes)) == []
        database.execute("SELECT registers_begin_era()")
    try:
        well.add(code="G003")
        assert [entry.key for entry in everything(well.register, eyes)] == ["G001", "G002", "G003"]
        assert [entry.key for entry in everything(well.register, eyes, after=cursor)] == ["G001", "G002", "G003"]
        assert sorted(Change.objects.values_list("era", flat=True)) == [1, 1, 2]
    finally:
        with connection.cursor() as database:
            database.execute(
                "CREATE OR REPLACE FUNCTION registers_change_era() RETURNS smallint LANGUAGE sql STABLE "
                "AS 'SELECT 1::smallint'"
            )


@pytest.mark.parametrize(
    "cursor", ["x", "W10=", "WzEsMl0=", "WzEsMiwtMV0=", "WzEsMiwidCJd", "W3RydWUsMSwxXQ==", "ế", "\x00"]
)
def test_what_is_no_cursor_is_refused(well: Wells, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        feed.read(well.register, seen_by(well, Actor()), cursor)


def test_where_one_sees_less_a_record_that_moves_says_less(well: Wells) -> None:
    record = well.add(note="bí mật")
    actions.change(well.chief_of_all, record=record, data={"agency": well.there.code}, since=date(2026, 2, 1))
    entries = list(everything(well.register, seen_by(well, well.clerk)))
    assert entries[0].data is not None
    assert entries[0].data["note"] == "bí mật"
    assert entries[1].data == {"code": "G001", "name": "Giếng chợ Đông Hà", "place": GOOD["place"]}
    (other,) = (entry for entry in everything(well.register, seen_by(well, well.other)) if entry.kind == "change")
    assert other.data is not None
    assert other.data["note"] == "bí mật"


@dataclass(frozen=True)
class Write:
    """One write: to which of two records, days from START, what is shown and what is hidden; no name ends it."""

    record: int
    since: int
    until: int | None
    name: str | None
    depth: float


_WRITES = st.lists(
    st.builds(
        Write,
        st.integers(0, 1),
        st.integers(0, 6),
        st.none() | st.integers(1, 8),
        st.none() | st.sampled_from(["a", "b"]),
        st.sampled_from([1.0, 2.0]),
    ).filter(lambda w: w.until is None or w.since < w.until),
    max_size=5,
)


def day(number: int | None) -> datetime | None:
    return None if number is None else START + timedelta(days=number)


def play(well: Wells, writes: list[Write], *, hidden: list[float]) -> Register:
    """A register of its own with two records and these writes; `hidden` changes of what is hidden are mixed in."""
    register = actions.install(well.chief, spec=wells(code=f"thu.so{next(_numbers)}"), owner=well.owner).register
    records = [
        actions.create(well.chief_of_all, register=register, since=START,
                       data={**GOOD, "agency": well.here.code, "code": f"G{n:03}", "depth": hidden[n] if hidden else 5.0})
        for n in range(2)
    ]  # fmt: skip
    for number, write in enumerate(writes):
        record = records[write.record]
        if number < len(hidden):
            _touch_hidden(well, record, hidden[number])
        if write.name is None:
            actions.end(well.chief_of_all, record=record, at=day(write.since))
        else:
            data = {**GOOD, "agency": well.here.code, "code": record.key, "name": write.name, "depth": write.depth}
            actions.change(well.chief_of_all, record=record, data=data, since=day(write.since), until=day(write.until))
    return register


def _touch_hidden(well: Wells, record: Record, depth: float) -> None:
    """Change only what is hidden, over the last stretch of a record that is still there."""
    last = record.versions.filter(known__upper_inf=True).order_by("valid").last()
    if last is not None:
        actions.change(
            well.chief_of_all, record=record, data={"depth": depth}, since=last.valid.lower, until=last.valid.upper
        )  # fmt: skip


_SETTINGS = {"deadline": None, "suppress_health_check": [HealthCheck.function_scoped_fixture]}


@settings(max_examples=examples(15, 60), **_SETTINGS)
@given(writes=_WRITES, hidden=st.lists(st.sampled_from([3.0, 4.0]), min_size=2, max_size=4))
def test_what_is_hidden_leaves_no_trace(well: Wells, writes: list[Write], hidden: list[float]) -> None:
    """Two worlds: one has changes of hidden fields besides; whoever may not read these reads the same feed."""

    def world(register: Register) -> list[Any]:
        eyes = seen_by(well, Actor(), register)
        pages = []
        after = ""
        while True:
            page = feed.read(register, eyes, after, 2)
            pages.append([(entry.key, entry.kind, entry.source, entry.since, entry.until, entry.data)
                          for entry in page.entries])  # fmt: skip
            after = page.after
            if not page.more:
                return pages

    plain, mixed = play(well, writes, hidden=[]), play(well, writes, hidden=hidden)
    assert world(plain) == world(mixed)
    assert Change.objects.filter(register=mixed).count() >= Change.objects.filter(register=plain).count()


@settings(max_examples=examples(15, 60), **_SETTINGS)
@given(writes=_WRITES, hidden=st.lists(st.sampled_from([3.0, 4.0]), min_size=2, max_size=4))
@pytest.mark.parametrize("who", ["clerk", "anybody"])
def test_whoever_follows_the_feed_holds_what_the_register_says(
    well: Wells, who: str, writes: list[Write], hidden: list[float]
) -> None:
    """A copy made from the feed alone says of every day what a list says; each entry changed what it says."""
    actor = well.clerk if who == "clerk" else Actor()
    register = play(well, writes, hidden=hidden)
    eyes = seen_by(well, actor, register)
    days = [START + timedelta(days=number, hours=-1) for number in range(10)]
    copy: dict[tuple[str, datetime], Mapping[str, Any]] = {}
    for entry in everything(register, eyes):
        before = dict(copy)
        for moment in days:
            if (entry.since is None or entry.since <= moment) and (entry.until is None or moment < entry.until):
                copy.pop((entry.key, moment), None)
                if entry.data is not None:
                    copy[entry.key, moment] = entry.data
        assert copy != before or not any(
            (entry.since is None or entry.since <= moment) and (entry.until is None or moment < entry.until)
            for moment in days
        )
    said = {
        (version.key, moment): eyes.data(version.organization_id, version.data)
        for moment in days
        for version in as_of(register, moment)
    }
    assert copy == said
