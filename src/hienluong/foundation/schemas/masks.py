"""Showing just enough of a personal value: the person recognises it, a stranger learns nothing."""

from __future__ import annotations

from .properties import Property, widget_of

_DOT = "•"
#: Widgets and kinds of fields whose values are personal by themselves.
MASKED = frozenset(("personal-id", "phone", "email"))


def mask(value: str, prop: Property) -> str:
    """A value masked as its widget calls for; a value of no personal kind stays whole."""
    maskers = {"personal-id": personal_id, "phone": phone, "email": email}
    masker = maskers.get(widget_of(prop))
    return masker(value) if masker else value


def personal_id(value: str) -> str:
    """``044199012345`` → ``044••••••345``."""
    return _ends(value, 3, 3)


def phone(value: str) -> str:
    """``0912345678`` → ``091••••678``."""
    return _ends(value, 3, 3)


def email(value: str) -> str:
    """``nguyenvan@vidu.vn`` → ``n••••••••@vidu.vn``."""
    name, at, domain = value.partition("@")
    return f"{_ends(name, 1, 0)}{at}{domain}"


def _ends(value: str, first: int, last: int) -> str:
    if len(value) <= first + last:
        return _DOT * len(value)
    return value[:first] + _DOT * (len(value) - first - last) + (value[-last:] if last else "")
