"""A register with its history beside a plain Django model with the same columns and indexes, in the same run.

Both hold the same households; every question is asked now of the one, now of the other, so that a machine that gets
slower or faster meanwhile does so for both. The register answers with what its engine gives a page or the API: rights by
field, as it is or as it was; the plain model with rows. Run with ``make bench NAME=registers``; ``REGISTERS_ROWS`` changes
the size.
"""

from __future__ import annotations

import csv
import io
import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from benchmarks.reporting import Report

ROWS = int(os.environ.get("REGISTERS_ROWS", "1000000"))
#: Rows of a file, and of one part of it: so many are written in one transaction, and by one statement of the plain model.
FILE, BATCH = 50_000, 1000
#: After so many it is said how far it has come.
TOLD = 10_000
#: So often each question is asked of either, after some that are not counted.
ASKED, WARM = 200, 20
READS_GOAL, WRITES_GOAL, IMPORT_GOAL = 2.0, 4.0, 3000.0
#: Rows of a page, and changes of a page of the feed.
PAGE, FEED = 50, 100
COMMUNES = 78
WORDS = (
    "Nguyễn Trần Lê Phạm Hoàng Huỳnh Võ Đặng Bùi Đỗ Hồ Ngô Dương Văn Thị Hữu Minh An Bình Hòa Lộc Phước Sương Thảo Hiền "
    "Lương Đông Hà Cam Lộ Gio Linh Vĩnh Triệu Phong Hải Lăng Khe Sanh Lao Bảo Đồng Hới Lệ Thủy Quảng Ninh Bố Trạch"
).split()

SPEC: dict[str, Any] = {
    "code": "bench.household",
    "title": "Hộ kinh doanh",
    "version": 1,
    "effective_from": date(2020, 1, 1),
    "owner": "H50.90",
    "schema": {
        "type": "object",
        "additionalProperties": False,
        "required": ["code", "name", "owner_name", "registered_on", "status"],
        "properties": {
            "code": {"type": "string", "title": "Mã số", "pattern": r"^\d{10}$"},
            "name": {"x-kind": "text", "title": "Tên hộ", "minLength": 2, "maxLength": 100},
            "owner_name": {"x-kind": "text", "title": "Chủ hộ", "maxLength": 100},
            "owner_number": {"x-kind": "personal-id", "title": "Số định danh của chủ hộ"},
            "address": {"x-kind": "text", "title": "Địa chỉ", "maxLength": 250},
            "place": {"x-kind": "point", "title": "Vị trí"},
            "phone": {"x-kind": "phone", "title": "Điện thoại"},
            "capital": {"x-kind": "money", "title": "Vốn"},
            "registered_on": {"x-kind": "date", "title": "Ngày đăng ký"},
            "status": {"type": "string", "title": "Tình trạng", "enum": ["active", "suspended", "dissolved"]},
            "large": {"x-kind": "flag", "title": "Vốn lớn"},
            "agency": {"type": "string", "title": "Cơ quan"},
        },
    },
    "key": {"field": "code"},
    "name": "name",
    "subject": "owner_number",
    "responsible": "agency",
    "computed": {"large": "capital != null && capital >= 1000000000"},
    "rules": [{"when": "status != 'active' || owner_number != null", "field": "owner_number", "message": "Cần số."}],
    "access": {"public": {"read": ["code", "name", "address", "place", "status", "registered_on"]}},
    "search": ["owner_name", "address"],
    "index": ["registered_on", "status"],
    "map": "place",
}


@dataclass(frozen=True)
class Question:
    """The same question to either, about what is drawn for it; `goal` says how many times longer ours may take."""

    name: str
    goal: float
    draw: Callable[[], Any]
    ours: Callable[[Any], Any]
    plain: Callable[[Any], Any]


def main() -> int:
    """Fill both and ask both."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    setup_test_environment()
    old = setup_databases(verbosity=0, interactive=False)
    report = Report("registers")
    try:
        both = Both()
        both.fill(report)
        both.settle()
        for question in both.questions():
            _compare(report, question)
    finally:
        teardown_databases(old, verbosity=0)
    return report.finish()


def _compare(report: Report, question: Question) -> None:
    """Ask both the same in turn; p50 and p95 of ours beside the plain model's, and the ratio of the medians."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(-WARM, ASKED):
        drawn = question.draw()
        for ask, times in zip((question.ours, question.plain), taken, strict=True):
            began = time.perf_counter()
            ask(drawn)
            if turn >= 0:
                times.append((time.perf_counter() - began) * 1000)
    ours, plain = taken
    middle, base = statistics.median(ours), statistics.median(plain)
    report.note(f"{question.name}: p50", middle, "ms", baseline=round(base, 3))
    report.note(f"{question.name}: p95", _late(ours), "ms", baseline=round(_late(plain), 3))
    report.at_most(f"{question.name}: ratio of medians", middle / base, "times", goal=question.goal)


def _as_file(rows: list[dict[str, Any]]) -> bytes:
    """Households as an official has them: a table whose headings are the names of the fields."""
    out = io.StringIO()
    writer = csv.writer(out)
    titles = [SPEC["schema"]["properties"][name]["title"] for name in rows[0] if name != "place"]
    writer.writerow([*titles, "Vĩ độ", "Kinh độ"])
    for row in rows:
        longitude, latitude = row["place"]["coordinates"]
        writer.writerow([*(value for name, value in row.items() if name != "place"), latitude, longitude])
    return out.getvalue().encode()


def _late(times: list[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


class Both:
    """The register and the plain model, with the same households."""

    def __init__(self) -> None:
        from hienluong.capabilities.registers import actions, queries, storage
        from hienluong.capabilities.registers.definition import RegisterSpec
        from hienluong.capabilities.registers.sight import sight
        from hienluong.foundation.identity.models import Account
        from tests.capabilities.registers.sample import official, organization

        self.dice = random.Random(1954)
        self.owner = organization("H50.90")
        self.places = [organization(f"H50.90.{number:02d}", self.owner) for number in range(1, COMMUNES + 1)]
        account = Account.objects.create_user("registers", display_name="Cán bộ nhập liệu")
        self.official = replace(official(self.owner, "define", "read", "write", "import"), account_id=account.pk)
        self.spec = RegisterSpec.model_validate(SPEC)
        self.register = actions.install(self.official, spec=self.spec, owner=self.owner).register
        for name, order in self.spec.indexed.items():
            storage.build_index(self.register, storage.Wanted(name, order))
        self.scope = queries.own(self.official, self.spec)
        self.sight = sight(self.official, self.register, self.spec)
        self.plain = _plain_model()

    def fill(self, report: Report) -> None:
        """Bring `ROWS` households into either: into ours as files, by the hands of the product; part after part in turn."""
        from hienluong.capabilities.registers.ahead import Ahead
        from hienluong.services.records.importing import actions
        from hienluong.services.records.models import Import

        taken_in: list[float] = []
        ours: list[float] = []
        plain: list[float] = []
        for first in range(0, ROWS, FILE):
            rows = [self._household(number) for number in range(first, min(first + FILE, ROWS))]
            content = _as_file(rows)
            began = time.perf_counter()
            batch = actions.take_in(self.official, register=self.register, name="households.csv", content=content)
            batch = actions.start(self.official, batch=batch, mapping=batch.mapping, since=date(2024, 1, 1))
            taken_in.append((time.perf_counter() - began) / len(rows) * 1000)
            with Ahead() as ahead:
                for begin in range(0, len(rows), BATCH):
                    part = rows[begin : begin + BATCH]
                    began = time.perf_counter()
                    actions.write_part(self.official, batch=batch, ahead=ahead)
                    ahead.wait()
                    ours.append((time.perf_counter() - began) / len(part) * 1000)
                    began = time.perf_counter()
                    self.plain.objects.bulk_create(
                        [self._columns(first + begin + n, row) for n, row in enumerate(part, 1)]
                    )
                    plain.append((time.perf_counter() - began) / len(part) * 1000)
                    if (written := first + begin + len(part)) % TOLD == 0 or written == ROWS:
                        print(f"{written:>9,} / {ROWS:,}", file=sys.stderr, flush=True)
            done = Import.objects.get(pk=batch.pk)
            assert (done.state, done.written) == (Import.State.DONE, len(rows)), done.faults.first()
        report.note("a file taken in, a row", statistics.mean(taken_in), "ms")
        report.note(
            "bulk import, a row: p50", statistics.median(ours), "ms", baseline=round(statistics.median(plain), 3)
        )
        report.note("bulk import, a row: p95", _late(ours), "ms", baseline=round(_late(plain), 3))
        rate, base = 1000 / (statistics.mean(taken_in) + statistics.mean(ours)), 1000 / statistics.mean(plain)
        report.at_least("bulk import: validated rows a second", rate, "1/s", goal=IMPORT_GOAL, baseline=round(base, 1))

    def settle(self) -> None:
        """What autovacuum does on a living server, now; and from where in the feed to read."""
        from django.db import connection

        from hienluong.capabilities.registers.feed import cursor_at

        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("SELECT clock_timestamp()")
            self.filled = (cursor.fetchone() or (None,))[0]
            cursor.execute(
                "SELECT era, transaction::text, id, row_number() OVER (ORDER BY id) FROM registers_change WHERE id % 97 = 0"
            )
            rows = cursor.fetchall()
        self.cursors = [(cursor_at(era, int(at), number), 97 * row) for era, at, number, row in rows[:-2]]

    def questions(self) -> list[Question]:
        """What is asked."""
        from django.db import transaction

        from hienluong.capabilities.registers import actions, feed, queries
        from hienluong.capabilities.registers.models import Record
        from hienluong.capabilities.registers.queries import Wish
        from hienluong.capabilities.registers.sight import look_by_key
        from hienluong.foundation.search.text import fold

        plain, register, eyes, dice = self.plain.objects, self.register, self.sight, self.dice

        def page(**wish: Any) -> Any:
            found = queries.find(register, self.spec, self.scope, Wish(size=PAGE, **wish))
            assert found.rows
            return found

        def having(words: str) -> Any:
            found = plain.all()
            for word in fold(words).split():
                found = found.filter(search_text__contains=word)
            return list(found.order_by("id")[:PAGE])

        def inside(box: tuple[float, ...]) -> Any:
            west, south, east, north = box
            return list(
                plain.extra(where=["box && %s::box"], params=[f"({east},{north}),({west},{south})"]).order_by("id")[
                    :PAGE
                ]
            )

        def change(drawn: tuple[str, int]) -> None:
            record = Record.objects.get(register=register, key=drawn[0])
            record.register = register  # read once, with its owner, as the API does
            actions.change(self.official, record=record, data={"capital": drawn[1]})

        def save(drawn: tuple[str, int]) -> None:
            with transaction.atomic():
                household = plain.select_for_update().get(code=drawn[0])
                household.capital, household.changed = drawn[1], household.changed + ROWS
                household.save()

        def corner() -> tuple[float, float, float, float]:
            west, south = 106.5 + 0.9 * dice.random(), 16.3 + 0.9 * dice.random()
            return west, south, west + 0.1, south + 0.1

        return [
            Question(
                "read by key",
                READS_GOAL,
                self._key,
                lambda key: look_by_key(register, eyes, key),
                lambda key: plain.get(code=key),
            ),
            Question(
                "filtered page",
                READS_GOAL,
                self._day,
                lambda day: page(filters={"status": "suspended", "registered_on__to": day}, sort="-registered_on"),
                lambda day: list(
                    plain.filter(status="suspended", registered_on__lte=day).order_by("-registered_on", "-id")[:PAGE]
                ),
            ),
            Question(
                "diacritics-free search",
                READS_GOAL,
                lambda: " ".join(dice.choice(WORDS) for _ in range(2)).lower(),
                lambda words: page(text=words),
                having,
            ),
            Question("box query", READS_GOAL, corner, lambda box: page(box=box), inside),
            Question(
                "write with history and audit",
                WRITES_GOAL,
                lambda: (self._key(), dice.randrange(10, 900) * 1_000_000),
                change,
                save,
            ),
            Question(
                "as of, by key",
                READS_GOAL,
                self._key,
                lambda key: look_by_key(register, eyes, key, datetime(2025, 6, 1, tzinfo=UTC), self.filled),
                lambda key: plain.get(code=key),
            ),
            Question(
                "as of, page",
                READS_GOAL,
                lambda: None,
                lambda _: page(valid=datetime(2025, 6, 1, tzinfo=UTC), known=self.filled),
                lambda _: list(plain.order_by("id")[:PAGE]),
            ),
            Question(
                "change feed",
                READS_GOAL,
                lambda: dice.choice(self.cursors),
                lambda after: feed.read(register, eyes, after[0], FEED),
                lambda after: list(plain.filter(changed__gt=after[1]).order_by("changed", "id")[:FEED]),
            ),
        ]

    def _key(self) -> str:
        return f"{3_200_000_000 + self.dice.randrange(ROWS)}"

    def _day(self) -> str:
        return str(date(2016, 1, 1) + timedelta(days=self.dice.randrange(3000)))

    def _household(self, number: int) -> dict[str, Any]:
        dice = self.dice

        def words(count: int) -> str:
            return " ".join(dice.choice(WORDS) for _ in range(count))

        return {
            "code": f"{3_200_000_000 + number}",
            "name": f"Hộ kinh doanh {words(3)}",
            "owner_name": words(3),
            "owner_number": f"045{dice.randrange(10**9):09d}",
            "address": f"Thôn {words(2)}, xã {words(2)}",
            "place": {"type": "Point", "coordinates": [106.5 + dice.random(), 16.3 + dice.random()]},
            "phone": f"09{dice.randrange(10**8):08d}",
            "capital": dice.randrange(10, 2000) * 1_000_000,
            "registered_on": str(date(2015, 1, 1) + timedelta(days=dice.randrange(4000))),
            "status": dice.choice(("active", "active", "active", "suspended", "dissolved")),
            "agency": dice.choice(self.places).code,
        }

    def _columns(self, changed: int, row: dict[str, Any]) -> Any:
        from hienluong.capabilities.registers import checking
        from hienluong.capabilities.registers.temporal import box_text

        columns = {name: value for name, value in row.items() if name != "agency"}
        return self.plain(
            **columns,
            large=row["capital"] >= 1_000_000_000,
            agency_id=next(place.pk for place in self.places if place.code == row["agency"]),
            search_text=checking.words(self.spec, row["code"], row),
            box=box_text(checking.box(self.spec, row)),
            changed=changed,
        )


def _plain_model() -> Any:
    """A table as one would write it in Django: a column for each field, the same indexes, no history."""
    from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
    from django.db import connection, models

    from hienluong.capabilities.registers.models import BoxField
    from hienluong.foundation.organisations.models import Organization

    class PlainHousehold(models.Model):
        code = models.CharField(max_length=20, unique=True)
        name = models.CharField(max_length=100)
        owner_name = models.CharField(max_length=100)
        owner_number = models.CharField(max_length=12)
        address = models.CharField(max_length=250)
        place = models.JSONField()
        phone = models.CharField(max_length=10)
        capital = models.BigIntegerField()
        registered_on = models.DateField()
        status = models.CharField(max_length=20)
        large = models.BooleanField()
        agency = models.ForeignKey(Organization, models.PROTECT, related_name="+", db_index=False)
        search_text = models.TextField()
        box = BoxField()
        changed = models.BigIntegerField()

        class Meta:
            app_label = "registers"
            indexes = (
                models.Index(fields=("registered_on", "id"), name="plain_day"),
                models.Index(fields=("status", "id"), name="plain_status"),
                models.Index(fields=("changed", "id"), name="plain_changed"),
                GinIndex(OpClass("search_text", name="gin_trgm_ops"), name="plain_word"),
                GistIndex(fields=("box",), name="plain_box"),
            )

    with connection.schema_editor() as editor:
        editor.create_model(PlainHousehold)
    return PlainHousehold


if __name__ == "__main__":
    sys.exit(main())
