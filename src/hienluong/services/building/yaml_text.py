"""Definitions as text, the way an engineer writes them: block style, no anchors, short lists of names on one line.

What is read and written unchanged is the same definition; keys keep the order in which they stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import yaml

#: Keys whose lists of short words stand on one line.
_ON_ONE_LINE = frozenset(
    "required enum columns filters search index events read write x-units fields depends_on uses_codelists only".split()
)
#: Keys whose lists of short mappings have one of them on a line.
_EACH_ON_ONE_LINE = frozenset(("codes",))
_WIDTH = 118
#: Most characters of a mapping on one line, without its marks.
_SHORT = 80


class _Dumper(yaml.SafeDumper):
    """PyYAML's own, with lists set in below their key and quotes as in the packs that come with the product."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    if "\n" in text.rstrip("\n") and dumper.analyze_scalar(text).allow_block:
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
    node = yaml.ScalarNode("tag:yaml.org,2002:str", text)
    implicit = dumper.resolve(yaml.ScalarNode, text, (True, False)) == node.tag  # type: ignore[no-untyped-call]
    plain = implicit and dumper.analyze_scalar(text).allow_block_plain
    if not plain and len(text) <= 80 and not set(text) & set('"\\\n'):
        node.style = '"'
    return node


def _mapping(dumper: _Dumper, data: Mapping[str, Any]) -> yaml.MappingNode:
    node = dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=False)
    for key, value in node.value:
        if key.value in _ON_ONE_LINE and isinstance(value, yaml.SequenceNode) and _is_short(value):
            value.flow_style = True
        if key.value in _EACH_ON_ONE_LINE and isinstance(value, yaml.SequenceNode):
            for each in value.value:
                if isinstance(each, yaml.MappingNode) and _fits_a_line(each):
                    each.flow_style = True
    return node


def _fits_a_line(node: yaml.MappingNode) -> bool:
    words = [part.value for pair in node.value for part in pair if isinstance(part, yaml.ScalarNode)]
    is_plain = len(words) == 2 * len(node.value) and not set("".join(words)) & set('\n"\\')
    return is_plain and sum(len(word) + 2 for word in words) <= _SHORT


def _is_short(node: yaml.SequenceNode) -> bool:
    words = [
        part.value for part in node.value if isinstance(part, yaml.ScalarNode) and not set(part.value) & set(",[]{}\n")
    ]
    return len(words) == len(node.value) and sum(len(word) + 2 for word in words) <= 100


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
_Dumper.add_representer(tuple, _Dumper.represent_list)


def dump(definition: Mapping[str, Any], comment: str = "") -> str:
    """The text of a definition, after a comment that stands at the head of the file."""
    text: str = yaml.dump(
        dict(definition), Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=False, width=_WIDTH
    )
    return comment + text


def leading_comment(text: str) -> str:
    """The comment and blank lines at the head of a file, which writing keeps."""
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        if line.strip() and not line.startswith("#"):
            break
        lines.append(line)
    return "".join(lines)


def has_inner_comments(text: str) -> bool:
    """Whether comments stand inside, which writing cannot keep."""
    rest = text[len(leading_comment(text)) :]
    return any(line.lstrip().startswith("#") for line in rest.splitlines())


def put(definition: Mapping[str, Any], key: str, value: Any, order: Iterable[str]) -> dict[str, Any]:
    """The definition with `key` set; a new key stands where `order` has it among those that are there.

    None and what is empty takes the key away.
    """
    if value is None or value == "" or value == [] or value == {}:
        return {name: part for name, part in definition.items() if name != key}
    if key in definition:
        return {name: value if name == key else part for name, part in definition.items()}
    before = list(order)
    before = before[: before.index(key)] if key in before else list(definition)
    at = max((number for number, name in enumerate(definition, 1) if name in before), default=0)
    items = list(definition.items())
    return dict([*items[:at], (key, value), *items[at:]])


def plain(value: Any) -> Any:
    """A value that JSON holds: days as ISO texts."""
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value
