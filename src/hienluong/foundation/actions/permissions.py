"""The permission catalogue: each module hands over what can be allowed, with a label people can read."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import get_language


@dataclass(frozen=True)
class Permission:
    """One thing that a role can allow; `code` is ``app.verb``."""

    code: str
    label_vi: str
    label_en: str

    @property
    def label(self) -> str:
        """The label in the language of the reader."""
        return self.label_en if (get_language() or "vi").startswith("en") else self.label_vi


_catalogue: dict[str, Permission] = {}


def register(*permissions: Permission) -> None:
    """Add permissions to the catalogue (called from an app's ``ready()``)."""
    for permission in permissions:
        _catalogue[permission.code] = permission


def catalogue() -> list[Permission]:
    """Every permission that a module handed over, sorted by code."""
    return [_catalogue[code] for code in sorted(_catalogue)]


def get(code: str) -> Permission:
    """The permission with this code; a code nobody handed over is a programming error."""
    return _catalogue[code]


def label(code: str) -> str:
    """What a code allows, in the language of the reader; the code itself when nobody handed it over."""
    found = _catalogue.get(code)
    return found.label if found else code
