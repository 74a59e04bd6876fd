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
        """The records that fit some words (or have them as their key), of those that the reader may look up.

        Who is about to be shown them is written down as having looked at whom they are about.
        """

    def only(self, reader: Actor, register: str) -> Found | None:
        """The record that the reader may look up when there is one only. Nothing is written down."""

    def told(self, reader: Actor, register: str, key: str) -> None:
        """Write down that the reader is shown by its name the record with this key."""


class _Nothing:
    def named(self, reader: Actor, register: str, key: str) -> str | None:
        return None

    def find(self, reader: Actor, register: str, words: str, most: int) -> Sequence[Found]:
        return ()

    def only(self, reader: Actor, register: str) -> Found | None:
        return None

    def told(self, reader: Actor, register: str, key: str) -> None:
        """There is nothing to be shown."""


_registered: list[Source] = [_Nothing()]
_reader: ContextVar[Actor] = ContextVar("references_reader", default=ANONYMOUS)
#: What the reader was shown by its name already: a page that names a record three times is one look.
_shown: ContextVar[set[tuple[str, str]] | None] = ContextVar("references_shown", default=None)


def register(source: Source) -> None:
    """Let the app that keeps registers answer (called from ``ready()``)."""
    _registered[:] = [source]


@contextmanager
def seen_by(reader: Actor) -> Iterator[None]:
    """Within this, records are looked up as `reader` may, and what is shown of them is one look each."""
    token, shown_token = _reader.set(reader), _shown.set(set())
    try:
        yield
    finally:
        _reader.reset(token)
        _shown.reset(shown_token)


def named(prop: Property, key: str) -> str | None:
    """What the record that a field names is called; None when there is none that may be looked up."""
    return _registered[0].named(_reader.get(), str(prop["x-register"]), key) if key else None


def shown(prop: Property, key: str) -> str | None:
    """As :func:`named`, for a page that shows it: a look at whom the record is about, which is written down."""
    name = named(prop, key)
    known, asked = _shown.get(), (str(prop["x-register"]), key)
    if name is not None and known is not None and asked not in known:
        known.add(asked)
        _registered[0].told(_reader.get(), *asked)
    return name


def find(prop: Property, words: str, most: int = MOST) -> Sequence[Found]:
    """The records that fit what was typed; none without words."""
    return _registered[0].find(_reader.get(), str(prop["x-register"]), words, most) if words.strip() else ()


def only(prop: Property) -> Found | None:
    """The record that must be meant: the one that may be looked up, when there is no other. Whoever shows it does so by
    :func:`shown`."""
    return _registered[0].only(_reader.get(), str(prop["x-register"]))


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
    name = shown(prop, key)
    return f"{name} ({key})" if name and name != key else key
