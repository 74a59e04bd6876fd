"""What differs between two definitions, told to people who do not program: fields by their labels, conditions in words.

Each difference keeps its path in the definition, for the engineer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.capabilities.registers.certificates.course import STANDINGS
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.display import unit
from hienluong.foundation.schemas.kinds import expanded, written
from hienluong.foundation.schemas.properties import Property, label_of, properties

from . import implications, wording
from .conditions import constant_in_words, expression_in_words
from .kind_words import BESIDE, PREFILLS, kind_label
from .presentation import CHANNELS, SOURCES

Path = tuple[str, ...]
#: Parts that are made of others, or are for machines.
_SILENT = frozenset(("x-order", "x-widget", "additionalProperties", "$schema", "digest"))
#: By which part the items of a list are known again.
_KEYS = ("id", "code", "number", "channel", "title", "name", "message", "kind")
#: What the items of a list are called by.
_TITLES = ("title", "name", "label", "message", "text")
#: Parts whose values are names of fields.
_OF_NAMES = frozenset(
    "fields columns filters sort search index read write clears shows map subject responsible field holder number issued "
    "expires standing suspended".split()
)
#: Parts whose values are expressions.
_EXPRESSIONS = frozenset(("when", "since", "through", "x-when", "x-computed"))
#: Parts inside which every value is an expression, under the name of a field.
_BY_FIELD = frozenset(("set", "computed", "migrate"))
#: Of what a decision writes what is no expression.
_OF_EFFECTS = frozenset(("register", "kind", "set"))
#: Parts with parts of their own that come and go as one.
_WHOLE = frozenset(("table", "form", "validity", "items"))
_VALUES: dict[tuple[str, str], str | Promise] = {
    **{("channel", value): label for value, label in CHANNELS.items()},
    **{("source", value): label for value, label in SOURCES.items()},
    **{("kind", value): label for value, label in wording.EFFECTS.items()},
    ("kind", "fee"): gettext_lazy("phí"),
    ("kind", "levy"): gettext_lazy("lệ phí"),
    ("due", "on_filing"): gettext_lazy("khi nộp hồ sơ"),
    ("due", "on_result"): gettext_lazy("khi nhận kết quả"),
    ("unit", "working_day"): gettext_lazy("ngày làm việc"),
    ("unit", "working_hour"): gettext_lazy("giờ làm việc"),
    ("unit", "calendar_day"): gettext_lazy("ngày"),
}
_NOTHING = "—"
#: Lists of values in words up to this are told whole.
_SHORT = 150


@dataclass(frozen=True)
class Told:
    """One difference: where, what it was, what it is; and its path in the definition."""

    part: str
    before: str
    after: str
    path: str = ""


def told(before: Any, after: Any, called: Mapping[str, str] | None = None) -> list[Told]:
    """What differs, in words. `called`: what names of elsewhere mean (fields of other definitions, codes of registers)."""
    return list(_Teller(before, after, called or {}).differences(before, after, (), ()))


def fields_of(definition: Any) -> dict[str, Property]:
    """The fields of a definition, of its form and of its results, with their kinds written out."""
    if not isinstance(definition, Mapping):
        return {}
    results = definition.get("results")
    holders = [definition, definition.get("form"), *(results if isinstance(results, list) else ())]
    found: dict[str, Property] = {}
    for holder in holders:
        schema = holder.get("schema") if isinstance(holder, Mapping) else None
        if isinstance(schema, Mapping):
            found |= properties(expanded(schema))
    return found


class _Teller:
    """Walks through two definitions at once; `words` is how the place is called so far, `path` where it is."""

    def __init__(self, before: Any, after: Any, called: Mapping[str, str]) -> None:
        self.fields = {**fields_of(before), **fields_of(after)}
        labels = {name: label_of(name, prop) for name, prop in self.fields.items()}
        beside = {name: str(label) for name, label in BESIDE}
        self.called = {**beside, **called, **labels, "*": _("mọi trường")}

    def differences(self, before: Any, after: Any, path: Path, words: Path) -> Iterator[Told]:
        part = path[-1] if path else ""
        if before == after or part in _SILENT or (_is_empty(before) and _is_empty(after)):
            return
        if part == "schema":
            yield from self._schema(before or {}, after or {}, path, words)
        elif _is_items(before, after):
            yield from self._items(before or [], after or [], path, words)
        elif _is_parts(before, after, part):
            before, after = before or {}, after or {}
            for key in [*before, *(key for key in after if key not in before)]:
                inside = (*path, str(key))
                named = words if key == "schema" else (*words, self._called(str(key), part))
                yield from self.differences(before.get(key), after.get(key), inside, named)
        elif isinstance(before, list) and isinstance(after, list):
            yield self._row(words, *self._lists(before, after, path), path)
        else:
            said = self._said(before, path), self._said(after, path)
            yield self._row(words, *(said if part == "body" else _apart(*said, before, after)), path)

    def _row(self, words: Path, before: str, after: str, path: Path) -> Told:
        if before == after:  # what differs is longer than what is shown
            after = _("đã thay đổi")
        return Told(" › ".join(words), before, after, ".".join(path).replace(".[", "["))

    def _called(self, key: str, above: str) -> str:
        """What a part is called: a field by its label, what somebody named as they named it."""
        if above in _BY_FIELD:
            return self._field_called(key)
        if above == "standings":
            return str(STANDINGS.get(key, key))
        return key if above in wording.NAMED else str(wording.PARTS.get(key, key))

    def _field_called(self, name: str) -> str:
        return _("Trường “%(label)s”") % {"label": self.called.get(name, name)}

    # Fields.

    def _schema(self, before: Mapping[str, Any], after: Mapping[str, Any], path: Path, words: Path) -> Iterator[Told]:
        old, new = properties(before), properties(after)
        was, now = set(before.get("required") or ()), set(after.get("required") or ())
        for name in [*old, *(name for name in new if name not in old)]:
            prop = new.get(name, old.get(name, {}))
            label = _("Trường “%(label)s”") % {"label": label_of(name, prop)}
            here, at = (*words, label), (*path, "properties", name)
            if name not in old:
                yield self._row(here, _NOTHING, _("thêm mới: %(what)s") % {"what": self._facts(prop, name in now)}, at)
            elif name not in new:
                yield self._row(here, self._facts(prop, name in was), _("bỏ"), at)
            else:
                if (name in was) != (name in now):
                    yield self._row(here, _how_needed(name in was), _how_needed(name in now), (*path, "required"))
                yield from self._field(written(old[name]), written(new[name]), at, here)
        order = [name for name in old if name in new], [name for name in new if name in old]
        if order[0] != order[1] and _is_ordered(before) and _is_ordered(after):
            was_in, now_in = (" · ".join(self.called.get(name, name) for name in names) for names in order)
            yield self._row((*words, _("Thứ tự các trường")), was_in, now_in, (*path, "properties"))

    def _facts(self, prop: Property, required: bool) -> str:
        """What a field is, short: its kind, its units, whether it must be answered, when it is asked."""
        kind = str(kind_label(_kind_of(prop)) or _("trường"))
        units = self._said(prop.get("x-units"), ("x-units",)) if prop.get("x-units") else ""
        found = [f"{kind} ({units})" if units else kind, _("bắt buộc") if required else ""]
        if when := prop.get("x-when"):
            found.append(_("chỉ hỏi khi %(when)s") % {"when": self._said(when, ("x-when",))})
        return ", ".join(filter(None, found))

    def _field(self, old: Property, new: Property, path: Path, words: Path) -> Iterator[Told]:
        if _kind_of(old) != _kind_of(new):
            kinds = str(kind_label(_kind_of(old))), str(kind_label(_kind_of(new)))
            yield self._row((*words, _("Kiểu")), *kinds, (*path, "x-kind"))
        for key in [*old, *(key for key in new if key not in old)]:
            before, after, at = old.get(key), new.get(key), (*path, key)
            if key in ("x-kind", "type") or before == after:
                continue
            if key == "items" and (_columns(before) or _columns(after)):
                yield from self._schema(before or {}, after or {}, at, (*words, _("Cột")))
            elif key == "x-enum-labels":
                yield from self._relabelled(before or {}, after or {}, at, words)
            elif key == "enum":
                yield self._row((*words, _("Lựa chọn")), _options(before, old), _options(after, new), at)
            else:
                called = _("Chỉ hỏi khi") if key == "x-when" else self._called(key, "")
                yield from self.differences(before, after, at, (*words, called))

    def _relabelled(self, old: Mapping[str, Any], new: Mapping[str, Any], path: Path, words: Path) -> Iterator[Told]:
        for value in (value for value in old if value in new and old[value] != new[value]):
            yield self._row((*words, _("Lựa chọn")), str(old[value]), str(new[value]), (*path, str(value)))

    # Lists of parts.

    def _items(self, old: Sequence[Any], new: Sequence[Any], path: Path, words: Path) -> Iterator[Told]:
        if path and path[-1] == "rules":
            yield from self._rules(old, new, path, words)
            return
        key = _key_of(old, new)
        left, right = _by(key, old), _by(key, new)
        for name in [*left, *(name for name in right if name not in left)]:
            place = list(right if name in right else left).index(name) + 1
            item = right.get(name, left.get(name, {}))
            here, at = (*words[:-1], self._numbered(words[-1] if words else "", item, place)), (*path, f"[{place}]")
            if name not in left:
                yield self._row(here, _NOTHING, self._new_item(item), at)
            elif name not in right:
                yield self._row(here, _("có"), _("bỏ"), at)
            else:
                yield from self.differences(left[name], right[name], at, here)

    def _rules(self, old: Sequence[Any], new: Sequence[Any], path: Path, words: Path) -> Iterator[Told]:
        """Rules: one that still says the same, or stands at the same field, is the same rule in other words."""
        for was, now, place in _paired(old, new):
            item, at = now or was or {}, (*path, f"[{place}]")
            here = (*words[:-1], self._numbered(words[-1] if words else "", item, place))
            formula = self._said(item.get("when"), (*at, "when"))
            if was is None:
                yield self._row(here, _NOTHING, self._new_item(item, at), at)
            elif now is None:
                yield self._row(here, formula, _("bỏ"), at)
            else:
                yield from self.differences(was, now, at, here)

    def _lists(self, old: list[Any], new: list[Any], path: Path) -> tuple[str, str]:
        """Two lists of values; of long ones what goes and what comes."""
        whole = self._said(old, path), self._said(new, path)
        if len(whole[0]) < _SHORT and len(whole[1]) < _SHORT:
            return whole
        gone = [self._said([value], path) for value in old if value not in new]
        come = [self._said([value], path) for value in new if value not in old]
        if not gone and not come:
            moved = [self._said([value], path) for value, other in zip(new, old, strict=False) if value != other]
            return _NOTHING, wording.said(_("đổi thứ tự: %(names)s") % {"names": ", ".join(moved)})
        return (
            wording.said(_("bỏ: %(names)s") % {"names": ", ".join(gone)} if gone else _NOTHING),
            wording.said(_("thêm: %(names)s") % {"names": ", ".join(come)} if come else _NOTHING),
        )

    def _new_item(self, item: Mapping[str, Any], path: Path = ()) -> str:
        found = [_("thêm mới")]
        if isinstance(item.get("register"), str):
            found.append(self._said(item.get("kind") or "create", ("effects", "kind")))
            if isinstance(values := item.get("set"), Mapping):
                found.append(wording.said(", ".join(self.called.get(name, str(name)) for name in values)))
        told = ": ".join(filter(None, found))
        if not (when := item.get("when")):
            return told
        return _("%(what)s; điều kiện: %(when)s") % {"what": told, "when": self._said(when, (*path, "when"))}

    def _numbered(self, word: str, item: Mapping[str, Any], place: int) -> str:
        """An item as people tell it from the others: by what it is called, else by its place."""
        title = next((str(item[part]) for part in _TITLES if isinstance(item.get(part), str) and item[part]), "")
        if not title and isinstance(item.get("channel"), str):
            title = str(_VALUES.get(("channel", item["channel"]), item["channel"]))
        if not title and isinstance(item.get("register"), str):
            title = self.called.get(item["register"], "")
        return f"{word} “{wording.said(title)}”" if title else f"{word} {place}"

    # Values.

    def _said(self, value: Any, path: Path) -> str:
        part, above = path[-1] if path else "", path[-2] if len(path) > 1 else ""
        if _is_empty(value):
            return {"x-when": _("luôn hỏi"), "validity": _("không thời hạn")}.get(part, _NOTHING)
        if isinstance(value, str) and above in _BY_FIELD:
            constant = constant_in_words(value, self.fields.get(part, {}))
            return constant or expression_in_words(value, self.fields, self.called)
        is_of_effect = path[:1] == ("effects",) and len(path) > 2 and part not in _OF_EFFECTS
        if isinstance(value, str) and part == "when" and "rules" in path:
            return implications.in_words(value, self.fields, self.called)
        if isinstance(value, str) and (part in _EXPRESSIONS or is_of_effect):
            return expression_in_words(value, self.fields, self.called)
        if part in _OF_NAMES or (part == "name" and len(path) == 1):
            return wording.said(self._names(value))
        if part == "x-units" and isinstance(value, list):
            return ", ".join(unit(str(each)) for each in value)
        if part == "x-list":
            edition = lists.edition_on(str(value), lists.today())
            return edition.title if edition else str(value)
        if part in ("x-register", "register", "x-prefill"):
            return str(PREFILLS.get(str(value)) or self.called.get(str(value), value))
        if isinstance(value, str) and (day := re.fullmatch(r"(\d{4})-(\d{2})-(\d{2})", value)):
            return f"{day[3]}/{day[2]}/{day[1]}"
        if isinstance(value, str) and part == "body":
            return wording.said(_without_marks(value))
        if isinstance(value, Mapping) and part == "validity":
            return wording.lasts(value)
        if isinstance(value, Mapping) and part == "table":
            return _("một bảng quyết định")
        return str(_VALUES.get((part, str(value)), wording.said(value)))

    def _names(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._names(each) for each in value]
        if not isinstance(value, str):
            return value
        bare = value.removeprefix("-")
        label = self.called.get(bare, bare)
        return _("%(field)s, giảm dần") % {"field": label} if bare != value else label


def _without_marks(template: str) -> str:
    """What a template prints, its fields as dots."""
    text = re.sub(r"\{%.*?%\}|\{#.*?#\}|<[^>]*>", " ", template, flags=re.DOTALL)
    return " ".join(re.sub(r"\{\{.*?\}\}", "…", text, flags=re.DOTALL).split())


def _how_needed(required: bool) -> str:
    return _("bắt buộc") if required else _("không bắt buộc")


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _is_ordered(schema: Mapping[str, Any]) -> bool:
    """Whether the order of the fields is known: the database forgets that of keys."""
    return isinstance(schema.get("x-order"), list)


def _apart(said_before: str, said_after: str, before: Any, after: Any) -> tuple[str, str]:
    """Two values in words; of long texts that begin alike the places where they part."""
    if said_before != said_after or not (isinstance(before, str) and isinstance(after, str)):
        return said_before, said_after
    start = next((at for at, (one, other) in enumerate(zip(before, after, strict=False)) if one != other), 0)
    start = max(0, min(start, len(before), len(after)) - 40)
    return wording.said(f"…{before[start:]}"), wording.said(f"…{after[start:]}")


def _is_parts(before: Any, after: Any, part: str) -> bool:
    """Whether two values are told part by part; one of them may have none."""
    there = [isinstance(value, Mapping) for value in (before, after)]
    if part in _WHOLE:
        return all(there) and part != "validity"
    return any(there) and all(is_one or _is_empty(value) for is_one, value in zip(there, (before, after), strict=True))


def _is_items(before: Any, after: Any) -> bool:
    """Whether both are lists of parts, one of which may have none."""
    both = [[] if value is None else value for value in (before, after)]
    return all(isinstance(value, list) for value in both) and all(
        isinstance(item, Mapping) for value in both for item in value
    )


def _key_of(old: Sequence[Any], new: Sequence[Any]) -> str:
    """The part by which the items of two lists are told apart; empty where only their place does."""
    for key in _KEYS:
        if all(len({str(item.get(key)) for item in items if item.get(key)}) == len(items) for items in (old, new)):
            return key
    return ""


def _paired(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any] | None, Mapping[str, Any] | None, int]]:
    """Each rule as it was and as it is, with its place: those that are the same, then those of the same message, then those of
    the same field."""
    left, pairs = list(range(len(old))), dict[int, int]()
    for parts in (("message", "field", "when"), ("message",), ("field",)):
        for number, item in enumerate(new):
            same = [at for at in left if all(old[at].get(part) == item.get(part) for part in parts)]
            if number not in pairs and same:
                pairs[number] = same[0]
                left.remove(same[0])
    yield from ((old[at], None, at + 1) for at in left)
    yield from ((old[pairs[number]] if number in pairs else None, item, number + 1) for number, item in enumerate(new))


def _by(key: str, items: Sequence[Any]) -> dict[str, Any]:
    return {str(item[key] if key else number): item for number, item in enumerate(items)}


def _kind_of(prop: Property) -> str:
    if prop.get("enum"):
        return "choice"
    if kind := prop.get("x-kind"):
        return str(kind)
    if prop.get("format") == "date":
        return "date"
    kinds = {"boolean": "flag", "integer": "integer", "number": "number", "array": "table"}
    return kinds.get(str(prop.get("type")), "text")


def _columns(items: Any) -> bool:
    return isinstance(items, Mapping) and bool(properties(items))


def _options(values: Any, prop: Property) -> str:
    labels = prop.get("x-enum-labels") or {}
    return ", ".join(str(labels.get(str(value), value)) for value in values or ()) or _NOTHING
