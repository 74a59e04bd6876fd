"""YAML with memory: values and the line on which each was written, so that a fault can point at it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from .faults import words
from .shape import Misplaced
from .yaml_words import explained

Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

#: The parser in C where PyYAML was built with it, ten times as fast; it takes and refuses the same.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: A pack's file is written by people; more than this is no declaration but an attack or a mistake.
MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
#: Lists and mappings within one another. The parser in C calls itself for each and has no limit of its own: some ten
#: thousand of them overrun the stack and take the whole process along.
MAX_DEPTH = 64
#: A whole number past this is kept by no column and by no reader of JSON exactly.
MAX_NUMBER = 10**15
_TAG = "tag:yaml.org,2002:"
#: What JSON can say too; a day becomes a text there. A set, bytes or pairs become nothing that a definition may hold.
_SCALARS = frozenset(f"{_TAG}{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp"))
_NO_KEYS = frozenset(f"{_TAG}{kind}" for kind in ("float", "null", "timestamp", "merge", "value", "binary"))
_COLLECTIONS = frozenset((f"{_TAG}map", f"{_TAG}seq"))


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a file, with the line to look at (1 is the first)."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass
class Document:
    """A parsed file: its value, and where each part of it stands."""

    file: str
    value: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line_of(self, path: Sequence[str | int]) -> int:
        """The line of the part at `path`, or of the nearest part around it."""
        steps = tuple(path)
        while steps and steps not in self.lines:
            steps = steps[:-1]
        return self.lines.get(steps, 1)

    def fault(self, path: Sequence[str | int], message: str) -> None:
        """Note a fault at the part at `path`."""
        self.faults.append(Fault(self.file, self.line_of(path), message))


class _Unsound(ValueError):
    """A text that is not to be composed: aliases make a small file huge, depth overruns the stack."""

    def __init__(self, message: str, mark: Any = None) -> None:
        super().__init__(message)
        self.problem_mark = mark


def read(path: Path, name: str) -> Document:
    """Parse a YAML file; faults of the text itself (size, encoding, syntax, repeated keys) are in the document."""
    document = Document(name)
    try:
        if path.stat().st_size > MAX_BYTES:
            document.fault((), f"tệp lớn hơn {MAX_BYTES // 1024} KB")
            return document
        return parse(path.read_text("utf-8"), name)
    except UnicodeDecodeError:
        document.fault((), "tệp không phải UTF-8")
    except OSError as error:
        document.fault((), f"không đọc được tệp: {error.strerror}")
    return document


def parse(text: str, name: str) -> Document:
    """Parse the text of a YAML file; what is wrong with it (syntax, repeated keys, aliases) is in the document."""
    document = Document(name)
    try:
        _look_over(text)
        loader = Loader(text)
        node = loader.get_single_node()
        if node is None:
            document.fault((), "tệp rỗng")
            return document
        _walk(node, (), document, seen=set())
        known = len(document.faults)
        _look_at_values(node, loader, document)
        if len(document.faults) == known:
            document.value = loader.construct_document(node)
    except yaml.YAMLError as error:
        line, problem = explained(error, text)
        document.faults.append(Fault(name, line, f"YAML không đúng, {problem}"))
    except RecursionError:
        document.fault((), "YAML không đúng: lồng quá sâu")
    except ValueError as error:
        mark = getattr(error, "problem_mark", None)
        document.faults.append(Fault(name, mark.line + 1 if mark else 1, f"YAML không đúng: {error}"))
    return document


def _look_over(text: str) -> None:
    """Refuse aliases and depth before anything is composed of the text; this reading keeps no part of it."""
    depth = 0
    for event in yaml.parse(text, Loader):
        if isinstance(event, yaml.AliasEvent):
            raise _Unsound("không dùng bí danh (&, *) trong tệp khai báo", event.start_mark)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _Unsound("lồng quá sâu", event.start_mark)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _walk(node: yaml.Node, path: Path_, document: Document, seen: set[int]) -> None:
    seen.add(id(node))
    if len(seen) > MAX_NODES:
        raise _Unsound("tệp có quá nhiều mục")
    document.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag in _NO_KEYS:
                raise _Unsound("khóa phải là chữ", key.start_mark)
            name = str(key.value)
            if name in keys:
                document.faults.append(Fault(document.file, key.start_mark.line + 1, f"khóa “{name}” bị lặp"))
            keys.add(name)
            _walk(value, (*path, name), document, seen)
            document.lines[(*path, name)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), document, seen)


def _look_at_values(node: yaml.Node, loader: yaml.SafeLoader, document: Document) -> None:
    """What a value cannot be is told with its line: 30 February, a number without end, a NUL, a kind that JSON lacks."""
    if not isinstance(node, yaml.ScalarNode):
        if node.tag not in _COLLECTIONS:
            document.faults.append(Fault(document.file, node.start_mark.line + 1, f"không dùng thẻ “{node.tag}”"))
        for item in node.value:
            for part in item if isinstance(item, tuple) else (item,):
                _look_at_values(part, loader, document)
    elif message := _scalar_problem(node, loader):
        document.faults.append(Fault(document.file, node.start_mark.line + 1, message))


def _scalar_problem(node: yaml.ScalarNode, loader: yaml.SafeLoader) -> str:
    if node.tag not in _SCALARS:
        return f"không dùng thẻ “{node.tag}”"
    if "\0" in node.value:
        return "có ký tự lạ không nhìn thấy được (NUL)"
    if node.tag == f"{_TAG}str":
        return ""
    try:
        value = loader.construct_object(node)
    except (ValueError, KeyError, AttributeError):  # what the constructor makes of a tag that does not fit its text
        what = "ngày" if node.tag == f"{_TAG}timestamp" else "giá trị"
        return f"không có {what} “{node.value[:40]}”"
    if isinstance(value, float) and not math.isfinite(value):
        return f"“{node.value[:40]}” không phải số"
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return f"số “{node.value[:20]}” quá lớn"
    return ""


def validated(document: Document, model: type[Model]) -> Model | None:
    """The document as a model; what does not fit is noted in the document, by line, and None comes back."""
    if document.faults and document.value is None:
        return None
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        for item in error.errors():
            path = [step for step in item["loc"] if not (isinstance(step, str) and step.startswith("function-"))]
            context = item.get("ctx", {})
            cause = context.get("error")
            inside = cause.place if isinstance(cause, Misplaced) else ()
            document.fault([*path, *inside], _explain(item["type"], [*path, *inside], context))
    return None


def _explain(kind: str, path: list[str | int], context: dict[str, object]) -> str:
    name = ".".join(map(str, path)) or "tệp"
    if kind == "missing":
        return f"thiếu “{name}”"
    if kind == "extra_forbidden":
        return f"không có khóa “{name}” trong quy cách"
    if kind == "literal_error":
        return f"“{name}” phải là {context.get('expected', '')}"
    if kind == "string_pattern_mismatch":
        return f"“{name}” không đúng dạng {context.get('pattern', '')}"
    return f"“{name}”: {words(kind, context)}"
