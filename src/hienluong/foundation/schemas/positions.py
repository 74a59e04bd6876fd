"""YAML with memory: values and the line on which each was written, so that a fault can point at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from .faults import words

Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)

#: The parser in C where PyYAML was built with it, ten times as fast; it takes and refuses the same.
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
#: A pack's file is written by people; more than this is no declaration but an attack or a mistake.
MAX_BYTES = 1024 * 1024
MAX_NODES = 50_000
_TIMESTAMP = "tag:yaml.org,2002:timestamp"


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


class _Aliased(ValueError):
    """Aliases make a small file huge when it is expanded."""


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
        loader = Loader(text)
        node = loader.get_single_node()
        if node is None:
            document.fault((), "tệp rỗng")
            return document
        _walk(node, (), document, seen=set())
        known = len(document.faults)
        _look_at_days(node, loader, document)
        if len(document.faults) == known:
            document.value = loader.construct_document(node)
    except (yaml.YAMLError, _Aliased, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or str(error) or "lồng quá sâu"
        document.faults.append(Fault(name, mark.line + 1 if mark else 1, f"YAML không đúng: {problem}"))
    return document


def _walk(node: yaml.Node, path: Path_, document: Document, seen: set[int]) -> None:
    if id(node) in seen:
        raise _Aliased("không dùng bí danh (&, *) trong tệp khai báo")
    seen.add(id(node))
    if len(seen) > MAX_NODES:
        raise _Aliased("tệp có quá nhiều mục")
    document.lines[path] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        keys: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in keys:
                document.faults.append(Fault(document.file, key.start_mark.line + 1, f"khóa “{name}” bị lặp"))
            keys.add(name)
            _walk(value, (*path, name), document, seen)
            document.lines[(*path, name)] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, (*path, index), document, seen)


def _look_at_days(node: yaml.Node, loader: yaml.SafeLoader, document: Document) -> None:
    """A day that no calendar has (30 February) is told with its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            _look_at_days(key, loader, document)
            _look_at_days(value, loader, document)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _look_at_days(item, loader, document)
    elif isinstance(node, yaml.ScalarNode) and node.tag == _TIMESTAMP:
        try:
            loader.construct_object(node)
        except ValueError:
            document.faults.append(Fault(document.file, node.start_mark.line + 1, f"không có ngày “{node.value}”"))


def validated(document: Document, model: type[Model]) -> Model | None:
    """The document as a model; what does not fit is noted in the document, by line, and None comes back."""
    if document.faults and document.value is None:
        return None
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        for item in error.errors():
            path = [step for step in item["loc"] if not (isinstance(step, str) and step.startswith("function-"))]
            document.fault(path, _explain(item["type"], path, item.get("ctx", {})))
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
