"""What an agreement lets through: only its fields in answers, and no question about others in requests.

A field is the dotted name of a member, from the root of the answer: ``items.owner.name``. Lists are passed through without
a name of their own. A name covers everything below it. A name may also be written as a JSON pointer (``/items/owner``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

#: Parameters whose values name fields, in the query languages in use (OData, JSON:API, SCIM and their like).
ASKING = frozenset(
    "filter filters where having sort order orderby order_by sortby sort_by fields field select include exclude expand embed "
    "attributes excludedattributes apply compute group groupby group_by aggregate facet facets sap_xep loc truong".split()
)
#: Of these, the ones whose values hold words to compare with, in single quotes.
COMPARING = frozenset("filter filters where having loc".split())
#: Parameters that look into every field at once: they pass only when declared.
SEARCHING = frozenset("q query search keyword keywords text tim tu_khoa".split())
#: Parameters that only say which part of the list is wanted.
NEUTRAL = frozenset(
    "page per_page page_size pagesize limit offset cursor after before top skip count start startindex lang trang "
    "so_trang so_dong".split()
)
#: Words of query languages that name no field.
WORDS = frozenset(
    "and or not eq ne gt ge gte lt le lte in nin co sw ew pr like ilike contains startswith endswith starts_with ends_with "
    "asc desc null true false is between exists any all exact iexact icontains range".split()
)
#: The members of an answer that hold a list of records.
LISTS = ("items", "data", "results", "records", "rows", "value", "entries", "resources")

_NUMBER = re.compile(r"[-+]?\d[\d.:TZ+-]*")
_NAME = re.compile(r"[\w$@.\-/]+")
_QUOTED = re.compile(r"'(?:[^']|'')*'")
#: What two readers of one address may see differently: encoded twice, another separator, control characters.
_DOUBTFUL = re.compile(r"%[0-9A-Fa-f]{2}|[\x00-\x1f\x7f\\;`]")


class FieldRefused(Exception):
    """A request asks about what is outside the agreement. `place` is the parameter or the member that does."""

    def __init__(self, place: str) -> None:
        super().__init__(place)
        self.place = place


@dataclass(frozen=True)
class Agreed:
    """The fields of an agreement as a tree: a name leads to what is agreed below it, None to everything below it."""

    names: tuple[str, ...]

    @cached_property
    def tree(self) -> dict[str, Any]:
        """The names, by their parts."""
        root: dict[str, Any] = {}
        for parts in self._parts:
            here = root
            for part in parts[:-1]:
                below = here.setdefault(part, {})
                if below is None:  # all of it is agreed already
                    break
                here = below
            else:
                here[parts[-1]] = None
        return root

    @cached_property
    def askable(self) -> frozenset[str]:
        """How a request may call the agreed fields: from the root of the answer, or from that of a record in its list."""
        called = {".".join(parts) for parts in self._parts}
        return frozenset(called | {".".join(parts[1:]) for parts in self._parts if parts[0] in LISTS and parts[1:]})

    @cached_property
    def _parts(self) -> list[list[str]]:
        return [parts_of(name) for name in self.names if parts_of(name)]

    def may_ask(self, name: str) -> bool:
        """Whether a request may name this field: exactly as agreed, or something below a field that is agreed whole."""
        called = ".".join(parts_of(name.replace("/", ".")))
        while called:
            if called in self.askable:
                return True
            called = called.rpartition(".")[0]
        return False

    def covers(self, place: Iterable[str | int]) -> bool:
        """Whether a place in an answer lies within what is agreed."""
        here: dict[str, Any] | None = self.tree
        for part in place:
            if isinstance(part, int):
                continue
            if here is None:
                return True
            if part not in here:
                return False
            here = here[part]
        return True


def parts_of(name: str) -> list[str]:
    """``items.owner`` or ``/items/0/owner`` → items, owner."""
    if name.startswith("/"):
        parts = [part.replace("~1", "/").replace("~0", "~") for part in name[1:].split("/")]
        return [part for part in parts if part and part not in ("-", "*") and not part.isdigit()]
    return [part for part in name.split(".") if part and part not in ("[]", "*")]


def cut(document: Any, tree: Mapping[str, Any]) -> Any:
    """The document with only what the tree names. Objects and lists on the way stay, be they empty; nothing else does."""
    if isinstance(document, list):
        return [cut(each, tree) for each in document if isinstance(each, dict | list)]
    if not isinstance(document, dict):
        return None
    kept = {}
    for name, below in tree.items():
        if name not in document:
            continue
        value = document[name]
        if below is None:
            kept[name] = value
        elif isinstance(value, dict | list):
            kept[name] = cut(value, below)
    return kept


def check_query(query: str, agreed: Agreed, declared: Mapping[str, list[str]]) -> None:
    """Raise :class:`FieldRefused` unless every parameter is known to touch nothing but agreed fields.

    A parameter may pass when it names an agreed field (as a condition on it), only pages, asks in a query language about
    agreed fields alone, or was declared for the operation with the fields that it touches. Everything else might tell, by
    what is found or by its order, what a field that was not agreed says: it is refused.
    """
    if re.search(r"[\x00-\x20\x7f-\xff\\;`]", query):
        raise FieldRefused("?")
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=200)
    except ValueError:
        raise FieldRefused("?") from None
    for name, value in pairs:
        if _DOUBTFUL.search(name) or _DOUBTFUL.search(value):
            raise FieldRefused(_shown(name))
        head, inner = _split_name(name)
        kind = head.lower().lstrip("$@_")
        if head in declared:
            known = all(agreed.may_ask(each) for each in declared[head])
        elif kind in ASKING:
            known = all(_is_word(each) or agreed.may_ask(each) for each in inner)
            _check_asked(head, value, agreed, inside=kind in COMPARING and bool(inner))
        elif kind in SEARCHING:
            known = False
        elif kind in NEUTRAL and not inner:
            known = True
        else:
            known = agreed.may_ask(_without_operator(head)) and all(
                _is_word(each) or agreed.may_ask(each) for each in inner
            )
        if not known:
            raise FieldRefused(_shown(head))


def check_body(document: Any, agreed: Agreed, declared: Mapping[str, list[str]]) -> None:
    """The same for a request's body: its members that ask (filter, sort, fields, q …) name agreed fields only."""
    if isinstance(document, list):
        for each in document:
            check_body(each, agreed, declared)
    elif isinstance(document, dict):
        for name, value in document.items():
            kind = name.lower().lstrip("$@_")
            if name in declared:
                if not all(agreed.may_ask(each) for each in declared[name]):
                    raise FieldRefused(_shown(name))
            elif kind in ASKING:
                _check_shape(name, value, agreed, inside=False)
            elif kind in SEARCHING:
                raise FieldRefused(_shown(name))
            else:
                check_body(value, agreed, declared)


def count_records(document: Any, person_pointer: str | None = None) -> int:
    """How many records an answer holds: the list that the pointer to the personal number passes, the root if it is a list,
    the list in one of the usual members (:data:`LISTS`); else one, and none for an empty answer."""
    if document in (None, {}, []):
        return 0
    if isinstance(document, list):
        return len(document)
    if not isinstance(document, dict):
        return 1
    for name in [*parts_of(person_pointer or "")[:1], *LISTS]:
        if isinstance(document.get(name), list):
            return len(document[name])
    return 1


def values_at(document: Any, pointer: str) -> Iterator[str]:
    """The texts and numbers at a pointer, through every list on the way."""
    yield from _values(document, parts_of(pointer))


def _values(document: Any, parts: list[str]) -> Iterator[str]:
    if isinstance(document, list):
        for each in document:
            yield from _values(each, parts)
    elif parts:
        if isinstance(document, dict) and parts[0] in document:
            yield from _values(document[parts[0]], parts[1:])
    elif isinstance(document, str | int) and not isinstance(document, bool):
        yield str(document)


def _split_name(name: str) -> tuple[str, list[str]]:
    """``filter[owner][eq]`` → filter, [owner, eq]."""
    head, bracket, rest = name.partition("[")
    return head, [part for part in re.split(r"[\[\]]+", rest) if part] if bracket else []


def _without_operator(name: str) -> str:
    """``owner__name__icontains`` → owner.name; ``born_gte`` stays: it may be a field."""
    parts = name.split("__")
    while len(parts) > 1 and _is_word(parts[-1]):
        parts.pop()
    return ".".join(parts)


def _is_word(text: str) -> bool:
    return text.lower().lstrip("$") in WORDS


def _check_asked(place: str, value: str, agreed: Agreed, *, inside: bool = False) -> None:
    """A value in a query language; `inside`: the name of the parameter says which field it is compared with."""
    if value.strip()[:1] in ("{", "["):
        try:
            _check_shape(place, json.loads(value), agreed, inside=inside)
        except (ValueError, RecursionError):
            raise FieldRefused(_shown(place)) from None
        return
    if inside:
        if value.startswith("$"):
            raise FieldRefused(_shown(place))
        return
    compares = place.lower().lstrip("$@_") in COMPARING
    # Words in single quotes are values, unless another kind of quote makes it doubtful where they end.
    if compares and '"' not in value and "\\" not in value and value.count("'") % 2 == 0:
        value = _QUOTED.sub(" ", value)
    for name in _NAME.findall(value):
        bare = name.strip(".-/")
        if not bare or _is_word(bare) or _NUMBER.fullmatch(bare):
            continue
        if not agreed.may_ask(_without_operator(bare)):
            raise FieldRefused(_shown(place))


def _check_shape(place: str, value: Any, agreed: Agreed, *, inside: bool) -> None:
    """A filter written as JSON: its members are agreed fields or words; a text below a field is what it is compared with."""
    if isinstance(value, dict):
        for name, below in value.items():
            if _is_word(name):
                _check_shape(place, below, agreed, inside=inside)
            elif agreed.may_ask(_without_operator(name)):
                _check_shape(place, below, agreed, inside=True)
            else:
                raise FieldRefused(_shown(place))
    elif isinstance(value, list):
        for each in value:
            _check_shape(place, each, agreed, inside=inside)
    elif isinstance(value, str):
        _check_asked(place, value, agreed, inside=inside)


def _shown(place: str) -> str:
    """The name of a parameter as it may be said back: it came from outside."""
    return re.sub(r"[^\w$.@-]", "", place)[:60]
