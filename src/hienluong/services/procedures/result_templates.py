"""Templates of results that packs bring: held to what a paper needs, then run like any other.

A template is a program, and a pack may be written by anybody who builds packs. So one that did not come with the product
may print fields and choose between passages by them, in the frame of a result, with plain marks of text, and no more:
no other tags, no scripts, no style, nothing from outside, no other object than those named here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

from django.template import TemplateSyntaxError, engines
from django.utils.translation import gettext as _

from hienluong.capabilities.forms.display import said
from hienluong.capabilities.signing.papers import Ready
from hienluong.foundation.actions import system
from hienluong.foundation.schemas import references
from hienluong.foundation.schemas.kinds import FILES
from hienluong.foundation.schemas.properties import Property

FRAME = "sectors/results/base.html"
MAX_LENGTH = 100_000
BLOCKS = ("heading", "subheading", "body")
#: What may be printed beside ``data.<field>`` (the answer as it is kept) and ``words.<field>`` (as people read it).
NAMES = (
    "subject.name subject.identifier agency.name result.number result.name result.conclusion result.valid_until "
    "signer.full_name signer_title signed_at dossier.code spec.name"
).split()
TAGS = frozenset(
    "p br hr b strong i em u small sub sup h2 h3 h4 ul ol li table thead tbody tr th td div span blockquote".split()
)
ATTRIBUTES = frozenset(("class", "colspan", "rowspan"))

_QUOTED = r"(?:\"[^\"<>{}&\\]*\"|'[^'<>{}&\\]*')"
_NAME = r"[a-z_]+(?:\.[a-z][a-z0-9_]*)?"
_FILTER = rf"\|(?:upper|lower|linebreaksbr|(?:default|date|slice):{_QUOTED})"
_PRINTED = re.compile(rf"\s*(?P<name>{_NAME})(?:{_FILTER})*\s*")
_COMPARED = rf"(?:not\s+)?{_NAME}(?:\s*(?:==|!=)\s*{_QUOTED})?"
_CONDITION = re.compile(rf"{_COMPARED}(?:\s+(?:and|or)\s+{_COMPARED})*")
_NAMED = re.compile(rf"{_QUOTED}|(?P<name>{_NAME})")
_TOKEN = re.compile(r"\{%(?P<tag>.*?)%\}|\{\{(?P<printed>.*?)\}\}|\{#.*?#\}", re.DOTALL)
_HOLE = "\ue000"


def faults(text: str, fields: Collection[str]) -> list[tuple[int, str]]:
    """What a template of a pack does that it may not, by line (1 is the first); empty when it may be run."""
    return list(_faults(text, tuple(sorted(fields))))


@lru_cache(maxsize=256)
def _faults(text: str, fields: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    if len(text) > MAX_LENGTH:
        return ((1, f"mẫu dài hơn {MAX_LENGTH} ký tự"),)
    if _HOLE in text:
        return ((1, "mẫu có ký tự lạ"),)
    found = [*_token_faults(text, frozenset(fields)), *_markup_faults(text)]
    if not found:
        try:
            engines["django"].from_string(text)
        except TemplateSyntaxError as error:
            found.append((1, f"mẫu chưa đúng: {error}"))
    return tuple(sorted(found))


def ready(text: str, props: Mapping[str, Property]) -> Ready:
    """A template of a pack, ready to be printed. Raises ValueError for one that may not be run.

    Only the fields of the form and of the officer can be printed; what was not answered is empty.
    """
    if wrong := faults(text, props):
        raise ValueError(f"template of a pack: line {wrong[0][0]}: {wrong[0][1]}")
    template: Ready = engines["django"].from_string(text)
    return template


def fields_in(data: Mapping[str, Any], props: Mapping[str, Property]) -> dict[str, dict[str, Any]]:
    """The answers as they are kept (``data``) and in words (``words``), one for every field there may be.

    A paper says nothing by the number of a file, which is nobody's word for it: it is named either way. A record is called
    what it is called to whoever issues the paper, whoever looks at the draft.
    """
    with references.seen_by(system(_("In kết quả"))):
        words = {name: said(data.get(name), prop) for name, prop in props.items()}
    files = {name for name, prop in props.items() if prop.get("x-kind") in FILES}
    return {"data": {name: words[name] if name in files else data.get(name, "") for name in props}, "words": words}


def _token_faults(text: str, fields: frozenset[str]) -> Iterator[tuple[int, str]]:
    rest = _TOKEN.sub(lambda found: " " * len(found[0]), text)
    if (at := min((rest.find(mark) for mark in ("{%", "{{", "{#") if mark in rest), default=-1)) >= 0:
        yield _line(text, at), "dấu ngoặc nhọn mở ra mà không đóng lại"
    first = True
    for found in _TOKEN.finditer(text):
        line = _line(text, found.start())
        if found["printed"] is not None:
            said = _PRINTED.fullmatch(found["printed"])
            name = said["name"] if said else found["printed"].strip()
            if not said or not _is_known(name, fields):
                yield line, f"mẫu không in được “{name[:60]}”"
        elif found["tag"] is not None:
            yield from ((line, message) for message in _tag_faults(found["tag"].strip(), fields, first=first))
            first = False


def _tag_faults(tag: str, fields: frozenset[str], *, first: bool) -> Iterator[str]:
    word, _space, rest = tag.partition(" ")
    rest = rest.strip()
    if first and tag not in (f'extends "{FRAME}"', f"extends '{FRAME}'"):
        yield f'mẫu phải bắt đầu bằng {{% extends "{FRAME}" %}}'
    elif word in ("if", "elif"):
        if not _CONDITION.fullmatch(rest):
            yield f"điều kiện “{rest[:60]}” không dùng được trong mẫu"
            return
        for found in _NAMED.finditer(rest):
            if found["name"] and found["name"] not in ("not", "and", "or") and not _is_known(found["name"], fields):
                yield f"mẫu không đọc được “{found['name'][:60]}”"
    elif word == "ui_money":
        if not _is_known(rest, fields):
            yield f"mẫu không in được “{rest[:60]}”"
    elif word == "block":
        if rest not in BLOCKS:
            yield f"mẫu chỉ viết các phần {', '.join(BLOCKS)}"
    elif not first and tag not in ("else", "endif", "endblock"):
        yield f"mẫu không dùng được lệnh “{word[:40]}”"


def _is_known(name: str, fields: frozenset[str]) -> bool:
    head, _dot, field = name.partition(".")
    return name in NAMES or (head in ("data", "words") and field in fields)


class _Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[int, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self._note(f"mẫu không dùng được thẻ <{tag[:20].replace(_HOLE, '')}>")
        for name, value in attrs:
            if name not in ATTRIBUTES or _HOLE in (value or ""):
                self._note(f"thẻ <{tag}> không dùng được thuộc tính “{name[:30].replace(_HOLE, '')}”")

    def handle_comment(self, data: str) -> None:
        self._note("mẫu không dùng chú thích HTML")

    def handle_decl(self, decl: str) -> None:
        self._note("mẫu không dùng khai báo HTML")

    def handle_pi(self, data: str) -> None:
        self._note("mẫu không dùng khai báo HTML")

    def unknown_decl(self, data: str) -> None:
        self._note("mẫu không dùng khai báo HTML")

    def _note(self, message: str) -> None:
        self.found.append((self.getpos()[0], message))


def _markup_faults(text: str) -> list[tuple[int, str]]:
    def hole(found: re.Match[str]) -> str:
        return "\n" * found[0].count("\n") + (_HOLE if found["printed"] is not None else "")

    markup = _Markup()
    markup.feed(_TOKEN.sub(hole, text))
    markup.close()
    return markup.found


def _line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1
