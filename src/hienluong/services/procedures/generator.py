"""Trial entries that fill the catalogue up to its true size; never presented as real.

A province of this size counts 1,978 services: 16 at level 1, 714 at level 2, 197 at level 3, 1,051 at level 4. The
real procedures are fewer, so trial entries (``generated``, codes ``9.xxxxxx``) stand in for the rest, for lists,
search and statistics to be tried at that size. The same seed gives the same entries on every machine.
"""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from hienluong.foundation.actions import Act, DomainError, action
from hienluong.foundation.search.text import sort_key

from .actions import one_at_a_time
from .models import Field, Procedure, ProcedureVersion
from .scope import MANAGE, province_path
from .spec import ProcedureSpec
from .versions import describe, digest, stored

#: How many services the province counts at each level.
TARGET = {1: 16, 2: 714, 3: 197, 4: 1051}
TOTAL = sum(TARGET.values())
SEED = 50
#: Trial codes are ``9.<level>xxxxx``; no national code begins with 9.
PREFIX = "9."
BEGIN = date(2025, 7, 1)

_ONLINE = {1: "information", 2: "information", 3: "partial", 4: "full"}
_AMOUNTS = (1, 2, 3, 3, 5, 5, 5, 7, 7, 10, 10, 12, 15, 15, 20, 25, 30)


class TooManyReal(DomainError):
    """There are more real procedures at a level than the province counts."""

    code = "procedures.too_many_real"


@action("procedures.fill_catalogue")
def fill(act: Act) -> int:
    """Fill each level up to the province's count; returns how many trial entries stand now. Safe to repeat.

    When real procedures were added since, as many trial entries of their level become drafts, and the other way round.
    """
    act.require(MANAGE.code, province_path())
    one_at_a_time("fill")
    wanted = {level: TARGET[level] - real for level, real in _real().items()}
    for level, number in wanted.items():
        if number < 0:
            raise TooManyReal(f"Mức {level} có nhiều thủ tục thật hơn số thống kê ({TARGET[level]}).")
    entries = [spec for level, number in wanted.items() for spec in _entries(level)[:number]]
    keep = {spec.code for spec in entries}
    trial = Procedure.objects.filter(generated=True)
    known = set(trial.values_list("code", flat=True))
    trial.filter(code__in=keep).exclude(state=Procedure.State.PUBLISHED).update(state=Procedure.State.PUBLISHED)
    trial.exclude(code__in=keep).exclude(state=Procedure.State.DRAFT).update(state=Procedure.State.DRAFT)
    _create([spec for spec in entries if spec.code not in known])
    first = trial.order_by("code").first()
    if first:
        act.record(first, after={"generated": len(entries), "total": TOTAL}, note="mục thử cho đủ danh mục")
    act.emit("procedure.catalogue_filled", "procedures", {"generated": len(entries)})
    return len(entries)


def _real() -> dict[int, int]:
    """How many real procedures the public may see at each level."""
    counts = dict.fromkeys(TARGET, 0)
    shown = (Procedure.State.PUBLISHED, Procedure.State.SUSPENDED)
    real = Procedure.objects.filter(generated=False, state__in=shown)
    for level in real.values_list("level_2022", flat=True):
        counts[level] += 1
    return counts


def _entries(level: int) -> list[ProcedureSpec]:
    """All trial entries of a level, always the same, as many as the level may need."""
    first = sum(TARGET[lower] for lower in TARGET if lower < level)
    chosen = _combinations()[first : first + TARGET[level]]
    return [_entry(level, index, *words) for index, words in enumerate(chosen)]


def _combinations() -> list[tuple[dict[str, Any], str, str]]:
    """Field, verb and thing of every entry, in an order that the seed fixes."""
    words = yaml.safe_load(Path(__file__).with_name("generated_words.yaml").read_text("utf-8"))
    found = []
    papers = tuple(f"{word} " for word in words["papers"])
    for field in words["fields"]:
        for thing in field["things"]:
            verbs = words["paper_verbs" if thing.startswith(papers) else "verbs"]
            found += [(field, verb, thing) for verb in verbs]
    random.Random(SEED).shuffle(found)  # noqa: S311 - trial data, the same on every machine
    return found


def _entry(level: int, index: int, field: dict[str, Any], verb: str, thing: str) -> ProcedureSpec:
    chance = random.Random(f"{SEED}-{level}-{index}")  # noqa: S311
    amount = chance.choice(_AMOUNTS)
    deadline = {"amount": amount, "text": f"{amount:02d} ngày làm việc"}
    channels = ["counter", "post", *(["online"] if level >= 3 else [])]
    return ProcedureSpec.model_validate(
        {
            "code": f"{PREFIX}{level}{index + 1:05d}",
            "name": f"{verb} {thing}",
            "field": {"code": field["code"], "name": field["name"]},
            "sector": field["sector"],
            "online_level": _ONLINE[level],
            "level_2022": level,
            "agency": {"level": field["level"], "key": field["key"]},
            "applicants": field["who"],
            "summary": "Mục thử, sinh tự động để thử danh mục ở quy mô thật. Không phải thủ tục có thật.",
            "life_events": [field["event"]] if field["event"] else [],
            "ways": [{"channel": channel, "deadlines": [deadline]} for channel in channels],
            "papers": [{"code": "don", "name": "Đơn đề nghị", "originals": 1}],
            "results": [{"code": "kq", "name": "Kết quả giải quyết"}],
            "legal_basis": [{"number": "(mục thử)", "title": "Không có căn cứ pháp lý: mục sinh tự động"}],
            "effective_from": BEGIN,
            "read": "Mục thử",
        }
    )


def _create(specs: list[ProcedureSpec]) -> None:
    names = {spec.field.code: spec for spec in specs}
    Field.objects.bulk_create(
        [
            Field(code=code, name=spec.field.name, sort_name=sort_key(spec.field.name)[:300], sector=spec.sector)
            for code, spec in names.items()
        ],
        ignore_conflicts=True,
    )
    procedures = []
    for spec in specs:
        procedure = Procedure(code=spec.code, generated=True, state=Procedure.State.PUBLISHED)
        describe(procedure, spec)
        procedures.append(procedure)
    Procedure.objects.bulk_create(procedures, batch_size=500)
    now = timezone.now()
    ProcedureVersion.objects.bulk_create(
        [
            ProcedureVersion(
                procedure=procedure,
                number=1,
                state=ProcedureVersion.State.PUBLISHED,
                valid=DateRange(BEGIN, None),
                spec_json=stored(spec),
                digest=digest(spec),
                source="generated",
                published_at=now,
            )
            for procedure, spec in zip(procedures, specs, strict=True)
        ],
        batch_size=500,
    )
