"""Operations on the definition of a register: each takes a definition as its file says it and gives a new one.

A field that is renamed is renamed wherever the definition names it; one that is removed leaves no trace but in
expressions, whose faults then say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.schemas import formulas
from hienluong.foundation.schemas.kinds import KINDS, expanded
from hienluong.foundation.schemas.properties import Property, properties

from . import schema_operations as fields
from .renaming import renamed
from .schema_operations import Schema, fault
from .yaml_text import put

Definition = Mapping[str, Any]
#: In which order the parts of a definition stand, as in the packs that come with the product.
ORDER = (
    "code title title_en description version effective_from effective_to legal_basis owner key name subject responsible "
    "schema computed rules access search index lists map retention certificate events migrate"
).split()
STANDINGS = ("responsible", "owner", "subject", "public")
#: The parts of a certificate that name one field.
CERTIFIED = ("number", "holder", "issued", "expires", "standing", "suspended")
#: The kind of a person's number.
PERSON = "personal-id"
_SINGLE = ("name", "subject", "responsible", "map")
_LISTS = ("search", "index")


def new_register(
    code: str, title: str, owner: str, effective_from: date, *, by_agency: bool = False, name_label: str = "Tên"
) -> dict[str, Any]:
    """A register with a number of its own for each record and one field, its name, which is called `name_label`.

    `by_agency`: each record stands at an agency of its own, which a field names by its code.
    """
    made = _bare(code, title, owner, effective_from, name_label)
    if not by_agency:
        return made
    made = add_field(made, kind="text", title="Cơ quan quản lý", name="agency")
    made["schema"]["required"] = ["name", "agency"]
    return set_about(made, responsible="agency")


def name_label_of(title: str) -> str:
    """What the name of a record is called when nobody says it: “Giếng khoan” → “Tên giếng khoan”; “UBND xã” keeps its capitals."""
    title = title.strip()
    is_word = title[1:2].islower() or not title[1:2].strip()
    return f"Tên {title[:1].lower() if is_word else title[:1]}{title[1:]}"[:200]


def _bare(code: str, title: str, owner: str, effective_from: date, name_label: str) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "version": 1,
        "effective_from": effective_from,
        "owner": owner,
        "key": {"series": f"{_initials(title)}-{{n:05}}"},
        "name": "name",
        "schema": {
            "type": "object",
            "additionalProperties": False,
            "required": ["name"],
            "properties": {"name": {"x-kind": "text", "title": name_label}},
        },
        "access": {"responsible": {"read": "*", "write": "*"}, "owner": {"read": "*"}, "subject": {"read": "*"}},
        "lists": [{"title": title, "columns": ["name"]}],
    }


def add_field(
    definition: Definition,
    *,
    kind: str,
    title: str = "",
    name: str = "",
    at: int | None = None,
    begun: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """One more field of a kind; without a name it is called after its title, and without a title after its kind.

    The first place on the map is where a record is, the only number of a person whom it is about.
    """
    from .labels import in_vietnamese, kind_label

    schema = schema_of(definition)
    title = title.strip() or in_vietnamese(kind_label(kind))
    name = name.strip() or fields.name_from(title, properties(schema))
    changed = _with_schema(definition, fields.add(schema, name, fields.new_field(kind, title, begun), at))
    is_place = kind in KINDS and KINDS[kind].geometry
    if is_place and not changed.get("map"):
        return put(changed, "map", name, ORDER)
    if kind == PERSON and not changed.get("subject") and not _has_person(schema):
        return put(changed, "subject", name, ORDER)
    return changed


def _has_person(schema: Schema) -> bool:
    return any(prop.get("x-kind") == PERSON for prop in properties(schema).values())


def move_field(definition: Definition, *, name: str, to: int) -> dict[str, Any]:
    """A field at another place."""
    return _with_schema(definition, fields.move(schema_of(definition), name, to))


def step_field(definition: Definition, *, name: str, by: int) -> dict[str, Any]:
    """A field further up (-1) or down (1)."""
    names = list(properties(schema_of(definition)))
    if name not in names:
        raise fault(_("Không có trường “%(name)s”.") % {"name": name[:60]}, "name")
    return move_field(definition, name=name, to=names.index(name) + by)


def put_field(definition: Definition, *, name: str, prop: Property, required: bool) -> dict[str, Any]:
    """What a field is, and whether it must be filled in."""
    schema = fields.put(schema_of(definition), name, fields.tidy(prop))
    if (name in schema.get("required", ())) != required:
        schema = fields.require(schema, name, required)
    return _with_schema(definition, schema)


def rename_field(definition: Definition, *, name: str, to: str) -> dict[str, Any]:
    """A field under another name, everywhere."""
    if name == to:
        return dict(definition)

    def one(known: Any) -> Any:
        return to if known == name else known

    changed = _with_schema(definition, fields.rename(schema_of(definition), name, to))
    changed = _each_name(changed, lambda names: [one(known) for known in names])
    for part in _SINGLE:
        if part in changed:
            changed[part] = one(changed[part])
    if isinstance(key := changed.get("key"), Mapping) and key.get("field"):
        changed["key"] = {**key, "field": one(key["field"])}
    changed = _each_certified(changed, one)
    if isinstance(lists := changed.get("lists"), list):
        changed["lists"] = [
            {**view, "sort": _sort(view["sort"], one)} if isinstance(view, Mapping) and view.get("sort") else view
            for view in lists
        ]
    if isinstance(computed := changed.get("computed"), Mapping):
        changed["computed"] = {one(known): renamed(str(how), name, to) for known, how in computed.items()}
    if isinstance(rules := changed.get("rules"), list):
        changed["rules"] = [_renamed_rule(rule, name, to) for rule in rules]
    if isinstance(migrate := changed.get("migrate"), Mapping):
        changed["migrate"] = {one(known): how for known, how in migrate.items()}  # it reads the version before
    return changed


def remove_field(definition: Definition, *, name: str) -> dict[str, Any]:
    """The definition without a field; where it was named alone (key, name), the place is left to be filled anew."""
    changed = _with_schema(definition, fields.remove(schema_of(definition), name))
    changed = _each_name(changed, lambda names: [known for known in names if known != name])
    changed = _each_certified(changed, lambda known: "" if known == name else known)
    for part in ("subject", "responsible", "map"):
        if changed.get(part) == name:
            changed = put(changed, part, None, ORDER)
    if isinstance(computed := changed.get("computed"), Mapping):
        rest = {known: how for known, how in computed.items() if known != name}
        changed = put(changed, "computed", rest, ORDER)
    if isinstance(rules := changed.get("rules"), list):
        rest_of_rules = [rule for rule in rules if not (isinstance(rule, Mapping) and rule.get("field") == name)]
        changed = put(changed, "rules", rest_of_rules, ORDER)
    if isinstance(lists := changed.get("lists"), list):
        kept = [
            {part: value for part, value in view.items() if part != "sort" or str(value).lstrip("-") != name}
            for view in lists
            if isinstance(view, Mapping) and view.get("columns")
        ]
        changed = put(changed, "lists", kept, ORDER)
    return changed


def set_about(definition: Definition, **parts: Any) -> dict[str, Any]:
    """Parts that stand alone (title, owner, key, name, map …); an empty one is taken away."""
    changed = dict(definition)
    for part, value in parts.items():
        if part not in ORDER:
            raise fault(_("Không có phần “%(part)s”.") % {"part": part[:40]})
        changed = put(changed, part, value, ORDER)
    return changed


def set_computed(definition: Definition, *, name: str, expression: str) -> dict[str, Any]:
    """How a field is computed; without an expression it is written by hand again. Fields may be called by their labels."""
    computed = dict(definition.get("computed") or {})
    if expression.strip():
        schema = schema_of(definition)
        computed[name] = formulas.in_names(expression, properties(expanded(schema)))
        if name in schema.get("required", ()):
            definition = _with_schema(definition, fields.require(schema, name, False))
    else:
        computed.pop(name, None)
    return put(definition, "computed", computed, ORDER)


def put_rule(definition: Definition, *, number: int | None, when: str, field: str, message: str) -> dict[str, Any]:
    """A rule in the place of another (`number`, from 0), or one more when None. Fields may be called by their labels."""
    rules = list(definition.get("rules") or ())
    when = formulas.in_names(when, properties(expanded(schema_of(definition))))
    rule = {"when": when, "field": field, "message": message.strip()}
    if number is None:
        rules.append(rule)
    else:
        rules[_index(rules, number)] = rule
    return put(definition, "rules", rules, ORDER)


def remove_rule(definition: Definition, *, number: int) -> dict[str, Any]:
    """The definition without a rule."""
    rules = list(definition.get("rules") or ())
    del rules[_index(rules, number)]
    return put(definition, "rules", rules, ORDER)


def set_access(
    definition: Definition, *, read: Mapping[str, Sequence[str]], write: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """Who may read and write which fields, by standing; all fields are written ``"*"``."""
    schema = schema_of(definition)
    names, computed = list(properties(schema)), set(definition.get("computed") or {})

    def spelled(chosen: Sequence[str], of: Sequence[str]) -> Any:
        listed = [name for name in of if name in set(chosen)]
        return "*" if listed and listed == list(of) else listed

    writable = [name for name in names if name not in computed]
    access: dict[str, Any] = {}
    for standing in STANDINGS:
        part = {
            "read": spelled([*read.get(standing, ()), *write.get(standing, ())], names),
            "write": spelled(write.get(standing, ()), writable),
        }
        access[standing] = {verb: value for verb, value in part.items() if value} or {"read": []}
    for standing in ("subject", "public"):  # nothing is what is not said
        if access[standing] == {"read": []}:
            del access[standing]
    return put(definition, "access", access, ORDER)


def put_list(
    definition: Definition, *, number: int | None, title: str, columns: Sequence[str], filters: Sequence[str], sort: str
) -> dict[str, Any]:
    """A list in the place of another, or one more when `number` is None."""
    view: dict[str, Any] = {"title": title.strip(), "columns": list(columns), "filters": list(filters), "sort": sort}
    view = {part: value for part, value in view.items() if value}
    lists = list(definition.get("lists") or ())
    if not columns:
        raise fault(_("Chọn ít nhất một cột."), "columns")
    if number is None:
        lists.append(view)
    else:
        lists[_index(lists, number)] = view
    return put(definition, "lists", lists, ORDER)


def remove_list(definition: Definition, *, number: int) -> dict[str, Any]:
    """The definition without a list."""
    lists = list(definition.get("lists") or ())
    del lists[_index(lists, number)]
    return put(definition, "lists", lists, ORDER)


def set_migrate(definition: Definition, *, migrate: Mapping[str, str]) -> dict[str, Any]:
    """How records of the version before come into this one: field → CEL over the fields before."""
    return put(definition, "migrate", {name: how.strip() for name, how in migrate.items() if how.strip()}, ORDER)


def next_version(definition: Definition, *, effective_from: date) -> dict[str, Any]:
    """The definition as the version after, from a day on; how the one before was reached is no part of it."""
    number = definition.get("version")
    changed = {part: value for part, value in definition.items() if part != "migrate"}
    changed["version"] = (number if isinstance(number, int) else 0) + 1
    return put(changed, "effective_from", effective_from, ORDER)


def schema_of(definition: Definition) -> Schema:
    """The schema; an empty one where the definition has none that can be read."""
    schema = definition.get("schema")
    return schema if isinstance(schema, Mapping) else {"type": "object", "properties": {}}


def _with_schema(definition: Definition, schema: Schema) -> dict[str, Any]:
    return put(definition, "schema", dict(schema), ORDER)


def _each_name(definition: Definition, change: Callable[[list[Any]], list[Any]]) -> dict[str, Any]:
    """The definition with every list of names of fields changed; lists that become empty go."""
    changed = dict(definition)
    for part in _LISTS:
        if isinstance(names := changed.get(part), list):
            changed = put(changed, part, change(names), ORDER)
    if isinstance(access := changed.get("access"), Mapping):
        changed["access"] = {
            standing: {verb: change(names) if isinstance(names, list) else names for verb, names in rule.items()}
            if isinstance(rule, Mapping)
            else rule
            for standing, rule in access.items()
        }
    if isinstance(lists := changed.get("lists"), list):
        changed["lists"] = [
            {
                part: change(value) if part in ("columns", "filters") and isinstance(value, list) else value
                for part, value in view.items()
            }
            if isinstance(view, Mapping)
            else view
            for view in lists
        ]
    return changed


def _each_certified(definition: Definition, one: Callable[[Any], Any]) -> dict[str, Any]:
    """The definition with every field that its certificate names changed; what becomes empty goes."""
    section = definition.get("certificate")
    if not isinstance(section, Mapping):
        return dict(definition)
    changed = {part: one(value) if part in CERTIFIED else value for part, value in section.items()}
    if isinstance(shows := changed.get("shows"), list):
        changed["shows"] = [known for known in map(one, shows) if known]
    return {**definition, "certificate": {part: value for part, value in changed.items() if value not in ("", [])}}


def _renamed_rule(rule: Any, name: str, to: str) -> Any:
    if not isinstance(rule, Mapping):
        return rule
    return {
        part: renamed(str(value), name, to) if part == "when" else to if part == "field" and value == name else value
        for part, value in rule.items()
    }


def _sort(sort: Any, one: Callable[[Any], Any]) -> str:
    text = str(sort)
    return f"-{one(text[1:])}" if text.startswith("-") else str(one(text))


def _index(items: Sequence[Any], number: int) -> int:
    if not 0 <= number < len(items):
        raise fault(_("Mục này không còn nữa."))
    return number


def _initials(title: str) -> str:
    letters = "".join(word[0] for word in fields.name_from(title, ()).split("_") if word)
    return letters.upper()[:6] or "BG"
