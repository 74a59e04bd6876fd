"""What the two judges say to the suite and to our own tables, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from hienluong.foundation.schemas import expressions as ours
from hienluong.foundation.schemas import kinds

from . import expressions, suite
from .browser import BrowserJudge, Undecided, same
from .identifiers import TEXTS


@dataclass
class Count:
    """How a group of cases came out; `differences` name the cases in which the two contradict one another."""

    name: str
    cases: int = 0
    agreed: int = 0
    left: int = 0
    differences: list[str] = field(default_factory=list)

    def add(self, case: str, server: Any, browser: Any) -> None:
        """Count one case."""
        self.cases += 1
        if isinstance(browser, Undecided):
            self.left += 1
        elif same(server, browser):
            self.agreed += 1
        else:
            self.differences.append(f"{case}: server {server!r}, browser {browser!r}")


def schemas(judge: BrowserJudge) -> list[Count]:
    """The required cases of the suite, by file. A case counts as agreed when all three say the same."""
    known = suite.documents()
    judge.ask("documents", documents=known)
    found: dict[str, Count] = {}
    for case in suite.cases():
        count = found.setdefault(case.file, Count(case.file))
        server = suite.server_says(case, known)
        faults = judge.ask("schema", schema=case.schema, formats=False, value=case.value)
        count.add(
            f"{case.file}: {case.group}: {case.name}", server, faults if isinstance(faults, Undecided) else not faults
        )
        if server != case.valid:
            count.differences.append(
                f"{case.file}: {case.group}: {case.name}: the suite says {case.valid}, server {server}"
            )
    return list(found.values())


def both(judge: BrowserJudge, expression: str, data: dict[str, Any]) -> tuple[Any, Any]:
    """What the server and the browser compute."""
    server = ours.evaluate(expression, data)
    return server, judge.expression(expression, {**data, "today": timezone.localdate().isoformat()})


def table(judge: BrowserJudge) -> list[Count]:
    """The table of expressions, by subject, over each set of data."""
    found = []
    for subject, lines in expressions.TABLE.items():
        count = Count(subject)
        for expression in lines:
            for number, data in enumerate(expressions.DATA):
                count.add(f"{expression} over {number}", *both(judge, expression, data))
        found.append(count)
    return found


def identifiers(judge: BrowserJudge) -> list[Count]:
    """The texts of each kind: how they are spelled, and whether that is sound."""
    return [_identifier(judge, kind, texts) for kind, texts in TEXTS.items()]


def _identifier(judge: BrowserJudge, kind: str, texts: Iterable[str]) -> Count:
    count, prop = Count(kind), {"x-kind": kind}
    for text in texts:
        spelled = kinds.spelled(prop, text)
        count.add(f"{kind}: {text}: spelled", spelled, judge.ask("spelled", kind=kind, text=text))
        for written in {text, spelled}:
            sound = not list(kinds.faults(prop, written))
            count.add(f"{kind}: {written}: sound", sound, judge.ask("sound", kind=kind, text=written))
    return count
