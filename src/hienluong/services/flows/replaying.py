"""Where a run stands: its flow walked anew from the beginning over what is stored of it (ADR 0003). Pure: no database, no
clock.

Stored are the answers of calls, the values of ``map`` and the options that branches took: CEL goes through the fields of an
object in any order, so what was computed once is not computed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from hienluong.foundation.schemas import expressions

from .language import Branch, Call, Flow, Map, Parallel, Step, compute


@dataclass(frozen=True)
class Done:
    """Ended with this value."""

    value: Any = None


@dataclass(frozen=True)
class Gone:
    """Failed for good, for this reason."""

    words: str = ""


@dataclass(frozen=True)
class Pending:
    """Under way, pausing before it is tried again, or waiting for a person."""


Known = Done | Gone | Pending


@dataclass(frozen=True)
class Request:
    """A call with what it is to be asked."""

    call: Call
    parameters: Mapping[str, Any]
    body: Any = None


@dataclass(frozen=True)
class Fault:
    """Why a run cannot go on: which step, and what."""

    path: str
    words: str


@dataclass
class Position:
    """Where a run stands."""

    ready: list[Request] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)  # computed now, to be stored: by path
    broken: dict[str, str] = field(default_factory=dict)  # calls whose parameters cannot be computed: why
    pending: bool = False
    answered: bool = False
    answer: Any = None
    fault: Fault | None = None
    undone: bool = False  # nothing is left to undo
    left: bool = False  # something could not be undone, and was left so


class _Blocked(Exception):
    """This sequence goes no further now."""


class _Failed(Exception):
    def __init__(self, path: str, words: str) -> None:
        super().__init__(words)
        self.fault = Fault(path, words)


class _Walk:
    def __init__(self, given: Any, known: Mapping[str, Known], today: date) -> None:
        self.known, self.today = known, today
        self.values: dict[str, Any] = {"input": given}
        self.at = Position()

    def steps(self, steps: Sequence[Step]) -> None:
        for step in steps:
            match step:
                case Call():
                    self.call(step)
                case Map():
                    self.values[step.path] = self.stored(step.path, step.value)
                case Branch():
                    taken = self.option(step)
                    if taken >= 0:
                        self.steps(step.options[taken].steps)
                case Parallel():
                    self.parallel(step)

    def call(self, call: Call) -> None:
        match self.known.get(call.path):
            case Done(value):
                self.values[call.path] = value
            case Gone(words):
                raise _Failed(call.path, words)
            case Pending():
                self.at.pending = True
                raise _Blocked
            case _:
                try:
                    self.at.ready.append(self.request(call))
                except expressions.UNCOMPUTABLE as error:
                    raise _Failed(call.path, _said(error)) from error
                raise _Blocked

    def request(self, call: Call) -> Request:
        parameters = {name: compute(text, self.values, self.today) for name, text in call.parameters.items()}
        return Request(call, parameters, compute(call.body, self.values, self.today) if call.has_body else None)

    def stored(self, path: str, tree: Any) -> Any:
        found = self.known.get(path)
        if isinstance(found, Done):
            return found.value
        try:
            value = compute(tree, self.values, self.today)
        except expressions.UNCOMPUTABLE as error:
            raise _Failed(path, _said(error)) from error
        self.at.kept[path] = value
        return value

    def option(self, branch: Branch) -> int:
        """Which option is taken; -1 when none is."""
        found = self.known.get(branch.path)
        if isinstance(found, Done):
            return int(found.value)
        taken = -1
        for index, option in enumerate(branch.options):
            if not option.when:
                taken = index
                break
            try:
                holds = compute(option.when, self.values, self.today)
            except expressions.UNCOMPUTABLE as error:
                raise _Failed(branch.path, _said(error)) from error
            if not isinstance(holds, bool):
                raise _Failed(branch.path, f"điều kiện không phải đúng hay sai: {option.when[:100]}")
            if holds:
                taken = index
                break
        self.at.kept[branch.path] = taken
        return taken

    def parallel(self, step: Parallel) -> None:
        """Every branch as far as it goes. One that failed keeps the others from beginning anything."""
        failed: _Failed | None = None
        blocked = False
        for branch in step.branches:
            try:
                self.steps(branch)
            except _Blocked:
                blocked = True
            except _Failed as error:
                failed = failed or error
        if failed is not None:
            raise failed
        if blocked:
            raise _Blocked

    def undo(self, calls: Sequence[Call]) -> None:
        """Undo these one after the other, as far as it goes."""
        for call in calls:
            assert call.undo is not None
            match self.known.get(call.undo.path):
                case Done():
                    continue
                case Gone():
                    self.at.left = True
                case Pending():
                    self.at.pending = True
                    return
                case _:
                    try:
                        self.at.ready.append(self.request(call.undo))
                    except expressions.UNCOMPUTABLE as error:
                        self.at.broken[call.undo.path] = _said(error)
                    return
        self.at.undone = True


def _said(error: BaseException) -> str:
    """Why something cannot be computed; without the values, which may be of persons."""
    return f"không tính được ({type(error).__name__}): {str(error).splitlines()[0][:160] if not isinstance(error, KeyError) else 'thiếu trường'}"


def replay(
    flow: Flow,
    given: Any,
    known: Mapping[str, Known],
    today: date,
    *,
    ended: Sequence[str] = (),
    stopped: Fault | None = None,
) -> Position:
    """Where a run stands, and what is to be done next.

    `ended`: the paths of calls that are done, in the order in which they ended: they are undone from the last. `stopped`:
    why the run is to be undone although no step of it failed. While anything is under way a failed run undoes nothing yet.
    """
    walk = _Walk(given, known, today)
    at = walk.at
    try:
        walk.steps(flow.steps)
        at.answer = compute(flow.answer, walk.values, today)
        at.answered = True
    except _Blocked:
        pass
    except _Failed as failed:
        at.fault = failed.fault
    except expressions.UNCOMPUTABLE as error:
        at.fault = Fault("answer", _said(error))
    if stopped is not None:
        at.fault = stopped
    if at.fault is not None:
        at.ready, at.answered, at.answer = [], False, None
        if not at.pending:
            by_path = {call.path: call for call in flow.calls()}
            walk.undo([call for path in reversed(ended) if (call := by_path.get(path)) and call.undo is not None])
    return at
