"""For what an action is done: said by the face a person uses, written into the audit log, shown in words there.

The log keeps the stable code; the words may change and be translated. A face names its purpose by the namespace of
its addresses, and where one page serves another purpose, by ``namespace:name``.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Purpose:
    """A reason to act: a stable code and its label."""

    code: str
    label: str | Promise


_purposes: dict[str, Purpose] = {}
_of_pages: dict[str, str] = {}


def register(code: str, label: str | Promise, *pages: str) -> None:
    """Say that `pages` (namespaces, or ``namespace:name``) are there for this purpose (called from ``ready()``)."""
    _purposes[code] = Purpose(code, label)
    _of_pages.update(dict.fromkeys(pages, code))


def of_page(view_name: str) -> str:
    """The code of the purpose that a page serves; empty when its face has said none."""
    return _of_pages.get(view_name) or _of_pages.get(view_name.partition(":")[0], "")


def label(code: str) -> str:
    """A purpose in words; what was written freely stands as it is."""
    found = _purposes.get(code)
    return str(found.label) if found else code
