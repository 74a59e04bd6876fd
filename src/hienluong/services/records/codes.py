"""Narrowing a list by a code: chosen by its name, or typed where the list is long. What records of old hold counts too."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from hienluong.capabilities.forms.code_input import CodeInput
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.lists import Item
from hienluong.foundation.schemas.properties import Property
from hienluong.foundation.search.text import fold

#: Most names that are offered in a box to choose from; of longer lists a name is typed.
MOST_NAMES = 60

_KINDS_OF_UNIT = re.compile(r"^(phuong|xa|dac khu|thi tran|quan|huyen|thi xa|thanh pho|tinh) ")


def has_codes(prop: Property) -> bool:
    """Whether a field holds codes of a list that is here."""
    return "x-list" in prop and lists.knows(str(prop["x-list"]))


def field_of(label: str, prop: Property) -> forms.Field:
    """The box in which a code to narrow by is chosen or typed."""
    now = lists.allowed(prop)
    before = lists.allowed_before(prop) if len(now) <= MOST_NAMES else []
    if len(now) + len(before) > MOST_NAMES:
        hint = _("Gõ tên, có dấu hay không dấu, hoặc mã.")
        return CodeField(prop, label=label, help_text=hint, required=False, max_length=300, widget=CodeBox(prop))
    choices: list[Any] = [("", _("Tất cả")), *_named(now)]
    if before:
        choices.append((_("Không còn dùng"), _named(before)))
    return CodeField(prop, label=label, required=False, max_length=300, widget=CodeSelect(prop, choices))


def _named(items: Iterable[Item]) -> list[tuple[str, str]]:
    return [(item.value, item.label) for item in items]


def meant(prop: Property, text: str) -> tuple[str, int]:
    """The code that a text means (a code itself, ``0111 - Trồng lúa``, or a name), and how many it may mean; as it
    was typed when that is not one."""
    now, before = lists.allowed(prop), lists.allowed_before(prop)
    known = {item.value for item in (*now, *before)}
    wanted = fold(text)
    first = text.split(" ", 1)[0].rstrip(":-–")
    if text in known or not wanted:
        return text, 1
    if any(item.value == first and fold(item.label) in wanted for item in (*now, *before)):
        return first, 1
    found = named(wanted, *([(item.value, (item.name, item.name_en)) for item in pool] for pool in (now, before)))
    return (found.pop(), 1) if len(found) == 1 else (text, len(found))


def named(wanted: str, *pools: Iterable[tuple[str, Iterable[str]]]) -> set[str]:
    """The codes whose names fit folded words best, of the first pool (codes with their names) that has such a one."""
    folded = [[(code, [fold(name) for name in names]) for code, names in pool] for pool in pools]
    for fits in (_same, _same_without_kind, _within):
        for pool in folded:
            if found := {code for code, names in pool if any(fits(wanted, name) for name in names)}:
                return found
    return set()


def words(prop: Property, code: str) -> str:
    """A code as the list of records shows it."""
    return lists.label(str(prop["x-list"]), code)


def _same(wanted: str, name: str) -> bool:
    return wanted == name


def _same_without_kind(wanted: str, name: str) -> bool:
    return wanted == _KINDS_OF_UNIT.sub("", name)


def _within(wanted: str, name: str) -> bool:
    return f" {wanted} " in f" {name} "


class CodeField(forms.CharField):
    """A code, given as itself or by its name. A code that no list knows is looked for all the same: records may hold it."""

    def __init__(self, prop: Property, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.prop = prop

    def meant(self, text: str) -> tuple[str, int]:
        """The code that a text means, and how many it may mean."""
        return meant(self.prop, text)

    def words(self, text: str) -> str:
        """What a text means, as the list of records shows it."""
        return words(self.prop, self.meant(text)[0])

    def to_python(self, value: Any) -> str:
        """The code; a name that several bear, or none, is said to be so."""
        text = str(super().to_python(value) or "")
        code, many = self.meant(text) if text else ("", 1)
        if many > 1:
            said = _("Có %(many)s mục tên “%(text)s”. Chọn một mục được gợi ý, hoặc gõ mã.")
            raise forms.ValidationError(said % {"many": many, "text": text[:40]}, code="vague")
        if not many and not re.fullmatch(r"[\w.\-/]{1,40}", text, re.ASCII):
            raise forms.ValidationError(self.unknown(text[:40]), code="unknown")
        return code

    def unknown(self, text: str) -> str:
        """What is said of a text that means nothing."""
        return _("Danh mục không có “%(text)s”.") % {"text": text}


class CodeSelect(forms.Select):
    """A box to choose a code by its name; one that stands in an old address without being offered is shown as it is."""

    def __init__(self, prop: Property, choices: Iterable[Any]) -> None:
        super().__init__(choices=choices)
        self.prop = prop

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was asked for, as a code."""
        asked = super().value_from_datadict(data, files, name)
        return meant(self.prop, str(asked))[0] if asked else asked

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> list[Any]:
        """The names to choose from, and what is chosen."""
        offered = {code for code, words in self.choices if isinstance(words, str)}
        offered |= {code for _group, words in self.choices if not isinstance(words, str) for code, _name in words}
        self.choices = [*self.choices, *((code, code) for code in value if code and code not in offered)]
        return super().optgroups(name, value, attrs)


class CodeBox(CodeInput):
    """A box to type a code of a long list by its name; what was typed stands there as the code and name that it means."""

    def __init__(self, prop: Property) -> None:
        super().__init__(prop)

    def format_value(self, value: Any) -> str | None:
        """Code and name of what was typed; of a code that is of old, the name that it had."""
        if value in (None, ""):
            return None
        code, many = meant(self.prop, str(value))
        name = lists.label(str(self.prop["x-list"]), code)
        return f"{code} - {name}" if many == 1 and name != code else str(value)
