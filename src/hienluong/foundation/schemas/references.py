"""References to records as questions see them: whoever keeps registers finds records by words, and names one by its key.

A field of kind ``reference`` names its register in ``x-register``. Only what the reader may look up is found; who reads
is said once a request (:func:`seen_by`), and else it is nobody in particular, who sees what is public.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor
from hienluong.foundation.actions.actor import ANONYMOUS

from .properties import Property

#: Most records that are offered for some words.
MOST = 20
#: What stands between key and name where a record is shown in a box.
BETWEEN = " - "


@dataclass(frozen=True)
class Found:
    """One record: its key and what people call it."""

    key: str
    name: str


class Source(Protocol):
    """Whoever keeps registers."""

    def named(self, reader: Actor, register: str, key: str) -> str | None:
        """What the record with this key is called now; None when there is none that the reader may look up."""

    def find(self, reader: Actor, register: str, words: str, most: int) -> Sequence[Found]:
        """The records that fit some words (or have them as their key), of those that the reader may look up."""


class _Nothing:
    def named(self, reader: Actor, register: str, key: str) -> str | None:
        return None

    def find(self, reader: Actor, register: str, words: str, most: int) -> Sequence[Found]:
        return ()


_registered: list[Source] = [_Nothing()]
_reader: ContextVar[Actor] = ContextVar("references_reader", default=ANONYMOUS)


def register(source: Source) -> None:
    """Let the app that keeps registers answer (called from ``ready()``)."""
    _registered[:] = [source]


@contextmanager
def seen_by(reader: Actor) -> Iterator[None]:
    """Within this, records are looked up as `reader` may."""
    token = _reader.set(reader)
    try:
        yield
    finally:
        _reader.reset(token)


def named(prop: Property, key: str) -> str | None:
    """What the record that a field names is called; None when there is none that may be looked up."""
    return _registered[0].named(_reader.get(), str(prop["x-register"]), key) if key else None


def find(prop: Property, words: str, most: int = MOST) -> Sequence[Found]:
    """The records that fit what was typed; none without words."""
    return _registered[0].find(_reader.get(), str(prop["x-register"]), words, most) if words.strip() else ()


def spelled(text: str) -> str:
    """The key of what stands in a box as ``KEY - Name``; anything else as it was typed."""
    return text.partition(BETWEEN)[0].strip() or text


def fault(prop: Property, value: object) -> str:
    """What is wrong with an answer that names a record; empty when it is there."""
    if "x-register" not in prop or not isinstance(value, str) or named(prop, value) is not None:
        return ""
    return _("%(label)s: chưa tìm thấy bản ghi nào như vậy. Hãy chọn trong danh sách hoặc gõ từ khác.")


def label(prop: Property, key: str) -> str:
    """A reference as people read it: name and key; the key alone when it may not be looked up."""
    name = named(prop, key)
    return f"{name} ({key})" if name and name != key else key
