"""The language in which a composed service is declared: a small YAML, read strictly, with each fault at its line.

Pure: no database. A flow has an input (JSON Schema), steps, and an answer. What is computed is CEL over ``input``, ``today``
(the day on which the run began) and the steps before, by their names; a step that did not run is ``null``. There are no loops,
so a run is never longer than its flow. In ``map``, ``answer``, ``parameters`` and ``body`` every text is an expression, at any
depth; what is to be a text itself stands in quotes within it (``"'đất ở'"``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

import jsonschema_rs
from pydantic import BaseModel, ConfigDict, Field

from hienluong.foundation.schemas import expressions, positions
from hienluong.foundation.schemas.positions import Document, Fault, Path_

#: Limits of a declaration.
MOST_BYTES = 64 * 1024
MOST_STEPS, MOST_NESTING, MOST_BRANCHES, MOST_OPTIONS = 100, 6, 8, 20
MOST_ATTEMPTS, LONGEST_PAUSE = 10, 3600
#: Limits of one value (an input, an answer, a result of a step): bytes as JSON, lists and objects within one another.
MOST_VALUE, MOST_DEPTH = 256 * 1024, 40
#: Methods that HTTP itself calls idempotent (RFC 9110, 9.2.2).
REPEATABLE = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS"))
_FILE = "dòng"
#: Names that CEL, or we, mean something else by.
_RESERVED = frozenset(
    "input today in as break const continue else false for function if import let loop package namespace return true null "
    "var void while all exists exists_one filter map has size type int uint double string bytes bool list dyn timestamp "
    "duration contains matches age days_between null_type".split()
)
_INT64 = 2**63

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class NoValue(ValueError):
    """What was computed, or came, cannot be kept: no JSON, too large, too deep."""


class Faults(ValueError):
    """A declaration that cannot be used; `faults` say where and why, in the order of their lines."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = sorted(faults, key=lambda fault: fault.line)
        super().__init__("; ".join(f"dòng {fault.line}: {fault.message}" for fault in self.faults))


@dataclass(frozen=True)
class Retry:
    """How often a call is tried that failed and may be tried again, with how many seconds between."""

    attempts: int = 3
    pause: float = 2.0


@dataclass(frozen=True)
class Call:
    """One call of an operation of a published service, under an agreement of the flow's owner."""

    path: str  # names it within its run, for ever
    line: int
    service: str
    major: int
    operation: str
    agreement: str
    purpose: str
    parameters: Mapping[str, Any]
    body: Any
    has_body: bool
    repeatable: bool | None  # None: as the method is
    retry: Retry
    undo: Call | None = None

    @property
    def place(self) -> str:
        """The operation as it is known elsewhere: ``land-prices/v1/parcel``."""
        return f"{self.service}/v{self.major}/{self.operation}"


@dataclass(frozen=True)
class Map:
    """A value, built of what is there."""

    path: str
    line: int
    value: Any


@dataclass(frozen=True)
class Option:
    """One way of a branch; without a condition it is taken when no other is."""

    when: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Branch:
    """The first option whose condition is true is taken."""

    path: str
    line: int
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Parallel:
    """Sequences that go on at once; the flow goes on when all have ended."""

    path: str
    line: int
    branches: tuple[tuple[Step, ...], ...]


Step = Call | Map | Branch | Parallel


@dataclass(frozen=True)
class Flow:
    """A composed service as it was declared."""

    input: Mapping[str, Any]
    steps: tuple[Step, ...]
    answer: Any

    def calls(self) -> list[Call]:
        """Every call it may make, those that undo among them, as they are written."""
        return [each for call in _calls(self.steps) for each in (call, call.undo) if each is not None]


def _calls(steps: Sequence[Step]) -> Iterator[Call]:
    for step in steps:
        match step:
            case Call():
                yield step
            case Branch(options=options):
                for option in options:
                    yield from _calls(option.steps)
            case Parallel(branches=branches):
                for branch in branches:
                    yield from _calls(branch)
            case _:
                pass


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Retry(_Part):
    attempts: int = Field(3, ge=1, le=MOST_ATTEMPTS)
    pause: float = Field(2, ge=0, le=LONGEST_PAUSE, allow_inf_nan=False)


class _Call(_Part):
    service: str = Field(pattern=r"^[a-z][a-z0-9.-]{0,59}$")
    version: int = Field(ge=1, le=999)
    operation: str = Field(min_length=1, max_length=80)
    agreement: str = Field(min_length=1, max_length=40)
    purpose: str = Field("", max_length=200)
    parameters: dict[str, Any] = {}
    body: Any = None
    repeatable: bool | None = None


class _Option(_Part):
    when: str
    steps: list[_Step] = Field(min_length=1)


class _Step(_Part):
    name: Name | None = None
    call: _Call | None = None
    compensate: _Call | None = None
    retry: _Retry | None = None
    map: Any = None
    branch: list[_Option] | None = Field(None, min_length=1, max_length=MOST_OPTIONS)
    otherwise: list[_Step] | None = Field(None, min_length=1)
    parallel: list[list[_Step]] | None = Field(None, min_length=2, max_length=MOST_BRANCHES)


class _Flow(_Part):
    input: dict[str, Any]
    steps: list[_Step] = Field(min_length=1)
    answer: Any


def read(source: str) -> Flow:
    """The flow that a text declares. Raises :class:`Faults`, with every fault that was found."""
    return _read(source)


@lru_cache(maxsize=64)
def _read(source: str) -> Flow:
    if len(source.encode("utf-8", "replace")) > MOST_BYTES:
        raise Faults([Fault(_FILE, 1, f"dài hơn {MOST_BYTES // 1024} KB")])
    document = positions.parse(source, _FILE)
    spec = positions.validated(document, _Flow)
    if spec is None:
        raise Faults(document.faults)
    if "answer" not in spec.model_fields_set:
        document.fault((), "thiếu “answer”")
    made = _Compiler(document).flow(spec)
    if document.faults:
        raise Faults(document.faults)
    return made


@dataclass
class _Compiler:
    """From what was written to what is run; what does not hold together is noted in the document."""

    document: Document
    names: set[str] = field(default_factory=set)
    count: int = 0

    def flow(self, spec: _Flow) -> Flow:
        if fault := _schema_fault(spec.input):
            self.document.fault(("input",), fault)
        seen: list[str] = []
        steps = self.steps(spec.steps, ("steps",), seen, 1)
        self.tree(spec.answer, ("answer",), seen)
        return Flow(spec.input, steps, spec.answer)

    def steps(self, specs: Sequence[_Step], at: Path_, seen: list[str], depth: int) -> tuple[Step, ...]:
        """The steps of a sequence; `seen` are the names that they may read, to which theirs are added."""
        if depth > MOST_NESTING:
            self.document.fault(at, f"lồng quá {MOST_NESTING} tầng")
            return ()
        made = []
        for index, spec in enumerate(specs):
            self.count += 1
            if self.count > MOST_STEPS:
                self.document.fault((*at, index), f"quá {MOST_STEPS} bước")
                break
            step = self.step(spec, (*at, index), seen, depth)
            if step is not None:
                made.append(step)
        return tuple(made)

    def step(self, spec: _Step, at: Path_, seen: list[str], depth: int) -> Step | None:
        kinds = [kind for kind in ("call", "map", "branch", "parallel") if kind in spec.model_fields_set]
        if len(kinds) != 1:
            self.document.fault(at, "mỗi bước là đúng một trong: call, map, branch, parallel")
            return None
        kind, line = kinds[0], self.document.line_of(at)
        for word, of in (("compensate", "call"), ("retry", "call"), ("otherwise", "branch")):
            if word in spec.model_fields_set and kind != of:
                self.document.fault((*at, word), f"“{word}” chỉ đi cùng “{of}”")
        if kind != "map" and getattr(spec, kind) is None:
            self.document.fault((*at, kind), f"“{kind}” để trống")
            return None
        path = self.named(spec, kind, at, line)
        made: Step
        if kind == "call":
            made = self.call(spec, path, at, seen)
        elif kind == "map":
            self.tree(spec.map, (*at, "map"), seen)
            made = Map(path, line, spec.map)
        elif kind == "branch":
            made = self.branch(spec, path, at, seen, depth)
        else:
            made = self.parallel(spec, path, at, seen, depth)
        if kind in ("call", "map"):
            seen.append(path)
        return made

    def named(self, spec: _Step, kind: str, at: Path_, line: int) -> str:
        name = spec.name
        if name is None:
            if kind in ("call", "map"):
                self.document.fault(at, f"bước “{kind}” thiếu “name”")
            return "@" + ".".join(str(part) for part in at if isinstance(part, int))
        if name in _RESERVED:
            self.document.fault((*at, "name"), f"tên “{name}” đã có nghĩa khác")
        elif name in self.names:
            self.document.fault((*at, "name"), f"hai bước cùng tên “{name}”")
        self.names.add(name)
        return name

    def call(self, spec: _Step, path: str, at: Path_, seen: list[str]) -> Call:
        assert spec.call is not None
        retry = Retry(spec.retry.attempts, float(spec.retry.pause)) if spec.retry else Retry()
        undo = None
        if spec.compensate is not None:
            undo = self.one_call(spec.compensate, f"{path}/undo", (*at, "compensate"), [*seen, path], retry)
        return self.one_call(spec.call, path, (*at, "call"), seen, retry, undo)

    def one_call(
        self, spec: _Call, path: str, at: Path_, seen: list[str], retry: Retry, undo: Call | None = None
    ) -> Call:
        for name, value in spec.parameters.items():
            if not isinstance(value, str):
                self.document.fault((*at, "parameters", name), "tham số phải là một biểu thức CEL")
            else:
                self.expression(value, (*at, "parameters", name), seen)
        has_body = "body" in spec.model_fields_set
        if has_body:
            self.tree(spec.body, (*at, "body"), seen)
        return Call(
            path=path,
            line=self.document.line_of(at),
            service=spec.service,
            major=spec.version,
            operation=spec.operation,
            agreement=spec.agreement,
            purpose=" ".join(spec.purpose.split()),
            parameters=spec.parameters,
            body=spec.body,
            has_body=has_body,
            repeatable=spec.repeatable,
            retry=retry,
            undo=undo,
        )

    def branch(self, spec: _Step, path: str, at: Path_, seen: list[str], depth: int) -> Branch:
        before, options = list(seen), []
        for index, option in enumerate(spec.branch or ()):
            where = (*at, "branch", index)
            self.expression(option.when, (*where, "when"), before)
            inner = list(before)
            options.append(Option(option.when, self.steps(option.steps, (*where, "steps"), inner, depth + 1)))
            seen += inner[len(before) :]
        if spec.otherwise is not None:
            inner = list(before)
            options.append(Option("", self.steps(spec.otherwise, (*at, "otherwise"), inner, depth + 1)))
            seen += inner[len(before) :]
        return Branch(path, self.document.line_of(at), tuple(options))

    def parallel(self, spec: _Step, path: str, at: Path_, seen: list[str], depth: int) -> Parallel:
        before, branches = list(seen), []
        for index, branch in enumerate(spec.parallel or ()):
            inner = list(before)
            branches.append(self.steps(branch, (*at, "parallel", index), inner, depth + 1))
            seen += inner[len(before) :]
        return Parallel(path, self.document.line_of(at), tuple(branches))

    def tree(self, value: Any, at: Path_, seen: Sequence[str]) -> None:
        if isinstance(value, dict):
            for name, inner in value.items():
                if not isinstance(name, str):
                    self.document.fault((*at, str(name)), "tên trường phải là chữ")
                self.tree(inner, (*at, str(name)), seen)
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                self.tree(inner, (*at, index), seen)
        elif isinstance(value, str):
            self.expression(value, at, seen)
        elif not (value is None or isinstance(value, bool | int | float)):
            self.document.fault(at, "phải là biểu thức CEL, số, true, false hoặc null (ngày viết trong ngoặc kép)")

    def expression(self, text: str, at: Path_, seen: Sequence[str]) -> None:
        if not text.strip():
            self.document.fault(at, "biểu thức để trống")
        elif fault := expressions.check(text, ["input", *seen]):
            self.document.fault(at, fault.replace("không có trường", "chưa có bước nào tên"))


def _schema_fault(schema: Mapping[str, Any]) -> str:
    if schema.get("type") != "object":
        return "đầu vào phải là một đối tượng: “type: object”"
    try:
        plain(schema)
        _validator(json.dumps(schema, sort_keys=True))
    except (ValueError, TypeError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError) as error:
        return f"không phải JSON Schema đúng: {str(error).splitlines()[0][:200]}"
    return ""


@lru_cache(maxsize=64)
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema), retriever=_nothing, validate_formats=True)


def _nothing(address: str) -> Any:
    raise LookupError(address)


def input_faults(flow: Flow, given: Any) -> list[tuple[str, str]]:
    """What is wrong with an input: where (dotted; empty for the whole), and what kind. Never with the value itself."""
    found = _validator(json.dumps(flow.input, sort_keys=True)).iter_errors(given)
    return [
        (".".join(str(step) for step in fault.instance_path), str(fault.kind.name))
        for fault, _n in zip(found, range(20), strict=False)
    ]


def plain(value: Any) -> Any:
    """A value as JSON has it. Raises :class:`NoValue` for what is none, too large or too deep."""
    made = _plain(value, 0)
    if len(json.dumps(made, ensure_ascii=False).encode()) > MOST_VALUE:
        raise NoValue(f"giá trị lớn hơn {MOST_VALUE // 1024} KB")
    return made


def _plain(value: Any, depth: int) -> Any:
    if depth > MOST_DEPTH:
        raise NoValue(f"giá trị lồng quá {MOST_DEPTH} tầng")
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if "\x00" in value or _LONE.search(value):
            raise NoValue("có ký tự không dùng được")
        return value
    if isinstance(value, int):
        if not -_INT64 <= value < _INT64:
            raise NoValue("số quá lớn")
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise NoValue("không phải số hữu hạn")
        return value
    if isinstance(value, Mapping):
        if not all(isinstance(name, str) for name in value):
            raise NoValue("tên trường phải là chữ")
        return {_plain(name, depth): _plain(inner, depth + 1) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner, depth + 1) for inner in value]
    raise NoValue(f"không viết được thành JSON: {type(value).__name__}")


#: Halves of a character beyond the first 65,536 that stand alone: JSON may write them, no database takes them.
_LONE = re.compile("[\ud800-\udfff]")


def compute(tree: Any, values: Mapping[str, Any], today: date) -> Any:
    """The value of a tree of expressions over these values. Raises one of ``expressions.UNCOMPUTABLE``; :class:`NoValue` is
    among them."""
    return plain(_compute(tree, values, today))


def _compute(tree: Any, values: Mapping[str, Any], today: date) -> Any:
    if isinstance(tree, str):
        wanted = expressions.variables(tree) - {"today"}
        return expressions.run(tree, {name: values.get(name) for name in wanted}, today)
    if isinstance(tree, Mapping):
        return {name: _compute(inner, values, today) for name, inner in tree.items()}
    if isinstance(tree, list):
        return [_compute(inner, values, today) for inner in tree]
    return tree
