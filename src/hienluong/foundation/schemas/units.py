"""Communes and provinces as people name them: “Cửa Việt”, “xa cua viet”, “Xã Cửa Việt - 19496”; nobody knows their codes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from hienluong.foundation.search.text import fold

if TYPE_CHECKING:
    from .lists import Edition, Item

#: The list of administrative units: its codes stand behind names on screen.
LIST = "administrative-units"
MOST_MEANT = 3
_KINDS = re.compile(r"^(?:xa|phuong|dac khu|thi tran|thi xa|huyen|quan|thanh pho|tinh|tp\.?|x\.|p\.) ?(?=\S)")


def bare(name: str) -> str:
    """A name folded, without its kind word."""
    folded = fold(name)
    return _KINDS.sub("", folded) or folded


def named(typed: str, offered: Sequence[Item]) -> set[str]:
    """The codes of the units that bear this name, kind word or not; of a name with its kind word only that kind is meant."""
    wanted = fold(typed)
    whole = {item.value for item in offered if wanted == fold(item.name)}
    return whole or {item.value for item in offered if wanted == bare(item.name)}


def missing(typed: str, offered: Sequence[Item], edition: Edition) -> str:
    """No unit bears the name, or several do: which may be meant."""
    found = named(typed, offered)
    near = [item for item in offered if item.value in found] or _near(bare(typed), offered)
    told = [_told(item, near, edition) for item in near[:MOST_MEANT]]
    words = {"typed": typed[:40], "names": "; ".join(told)}
    if found:
        return _("Có nhiều xã, phường tên “%(typed)s”: %(names)s… Hãy chọn một nơi trong danh sách.") % words
    if told:
        return _("Không có xã, phường nào tên “%(typed)s”. Có phải: %(names)s?") % words
    return _("Không có xã, phường nào tên “%(typed)s”.") % words


def _near(wanted: str, offered: Sequence[Item]) -> list[Item]:
    by_name: dict[str, list[Item]] = {}
    for item in offered:
        by_name.setdefault(bare(item.name), []).append(item)
    begun = sorted(name for name in by_name if len(wanted) > 2 and name.startswith(wanted))[:MOST_MEANT]
    names = begun or get_close_matches(wanted, by_name, n=MOST_MEANT, cutoff=0.75)
    return [item for name in names for item in by_name[name]]


def _told(item: Item, among: Sequence[Item], edition: Edition) -> str:
    """A unit by name, with what it lies in where another bears the same."""
    above = next(iter(edition.by_value.get(item.parent, ())), None)
    twice = sum(bare(one.name) == bare(item.name) for one in among) > 1
    return f"{item.label} ({above.label})" if twice and above else item.label
