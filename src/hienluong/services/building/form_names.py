"""Who reads a field of a form, anywhere in the procedure; a field under another name for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.schemas import expressions
from hienluong.foundation.schemas.properties import label_of, properties

from .form_shape import Definition, form_of, pages_of, schema_of, with_part, with_schema
from .renaming import renamed
from .yaml_text import put

#: Keys under which an expression over the answers stands, in ways, papers, charges, conditions of who may, and effects.
_READ_KEYS = frozenset(("when", "amount", "key"))
#: The same in what is asked of national systems.
_ASKED_KEYS = frozenset(("when", "agrees"))
#: Words of a field that read others; the last is the name of one.
_READ_WORDS = frozenset(("x-when", "x-computed", "x-prefill-key"))


def used_by(definition: Definition, name: str) -> list[str]:
    """What reads a field, in words, without repeats."""
    found = [words for text, words in _expressions(definition) if text and name in reads(text)]
    for number, rule in enumerate(form_of(definition).get("rules") or (), 1):
        if isinstance(rule, Mapping) and rule.get("field") == name:
            found.append(_("quy tắc %(number)d") % {"number": number})
    for prop in properties(schema_of(definition)).values():
        if prop.get("x-prefill-key") == name:
            found.append(_("phần điền sẵn của “%(label)s”") % {"label": prop.get("title", "")})
    if name in _named_by_schema(schema_of(definition).get("allOf")):
        found.append(_("lược đồ (allOf)"))
    return list(dict.fromkeys(found))


def renamed_everywhere(definition: Definition, name: str, to: str) -> dict[str, Any]:
    """The procedure with a field, whose own name was changed already, under its new name wherever it is read."""
    changed = _each_expression(definition, lambda text: renamed(text, name, to))
    form = form_of(changed)
    if isinstance(rules := form.get("rules"), list):
        form["rules"] = [
            {**rule, "field": to} if isinstance(rule, Mapping) and rule.get("field") == name else rule for rule in rules
        ]
        changed = put(changed, "form", form, ())
    if "allOf" in (schema := schema_of(changed)):  # “if this is so, that is required” names fields too
        changed = with_schema(changed, {**schema, "allOf": _renamed_names(schema["allOf"], name, to)})
    if isinstance(charges := changed.get("charges"), list):
        changed["charges"] = [_renamed_inputs(charge, name, to) for charge in charges]
    if isinstance(
        who_may := changed.get("eligibility"), Mapping
    ):  # written out; a table of its own is a file of its own
        changed["eligibility"] = _renamed_inputs(_told_at(who_may, name, to), name, to)
    if isinstance(enquiries := changed.get("enquiries"), list):
        changed["enquiries"] = _told_at(enquiries, name, to)  # what is compared
    return changed


def reads(text: str) -> frozenset[str]:
    """The fields that an expression reads; none when it is none."""
    return expressions.variables(text) if text.strip() else frozenset()


def _expressions(definition: Definition) -> Iterator[tuple[str, str]]:
    """Every expression over the answers, and what it belongs to in words."""
    props = properties(schema_of(definition))
    for name, prop in props.items():
        label = {"label": label_of(name, prop)}
        yield str(prop.get("x-when", "")), _("điều kiện của “%(label)s”") % label
        yield str(prop.get("x-computed", "")), _("công thức của “%(label)s”") % label
    for page in pages_of(definition):
        yield str(page.get("when", "")), _("điều kiện của trang “%(label)s”") % {"label": page.get("title", "")}
    for number, rule in enumerate(form_of(definition).get("rules") or (), 1):
        if isinstance(rule, Mapping):
            yield str(rule.get("when", "")), _("quy tắc %(number)d") % {"number": number}
    for words, part in (
        (_("thời hạn"), "ways"),
        (_("thành phần hồ sơ"), "papers"),
        (_("phí, lệ phí"), "charges"),
        (_("điều kiện được giải quyết"), "eligibility"),
    ):
        yield from ((text, words) for text in _texts(definition.get(part)))
    for effect in _mappings(definition.get("effects")):
        words = _("phần ghi vào cơ sở dữ liệu")
        yield str(effect.get("when", "")), words
        yield str(effect.get("key", "")), words
        values = effect.get("set")
        yield from ((str(text), words) for text in values.values()) if isinstance(values, Mapping) else ()
    for enquiry in _mappings(definition.get("enquiries")):
        words = _("câu hỏi “%(label)s” tới hệ thống quốc gia") % {"label": enquiry.get("title", "")}
        yield from ((str(enquiry.get(key, "")), words) for key in _ASKED_KEYS)
        asked = enquiry.get("question")
        yield from ((str(text), words) for text in asked.values()) if isinstance(asked, Mapping) else ()
        yield from ((str(pair.get("field", "")), words) for pair in _mappings(enquiry.get("compare")))


def _texts(part: Any) -> Iterator[str]:
    """The expressions inside ways, papers and charges: what stands under ``when``, and amounts that are computed."""
    if isinstance(part, Mapping):
        for key, value in part.items():
            if key in _READ_KEYS and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(part, list):
        for each in part:
            yield from _texts(each)


def _each_expression(definition: Definition, change: Callable[[str], str]) -> dict[str, Any]:
    """The definition with every expression over the answers changed."""
    changed = dict(definition)
    schema = schema_of(definition)
    props = {
        name: {key: change(str(value)) if key in _READ_WORDS else value for key, value in prop.items()}
        for name, prop in properties(schema).items()
    }
    changed = with_schema(changed, {**schema, "properties": props})
    pages = [{**page, "when": change(str(page["when"]))} if page.get("when") else page for page in pages_of(changed)]
    changed = with_part(changed, "pages", pages)
    if isinstance(rules := form_of(changed).get("rules"), list):
        changed = with_part(changed, "rules", [_deep(rule, change) for rule in rules])
    for part in ("ways", "papers", "charges", "eligibility"):
        if part in changed:
            changed[part] = _deep(changed[part], change)
    if isinstance(effects := changed.get("effects"), list):
        changed["effects"] = [_deep(_set_changed(effect, change), change) for effect in effects]
    if isinstance(enquiries := changed.get("enquiries"), list):
        changed["enquiries"] = [_question_changed(enquiry, change) for enquiry in enquiries]
    return changed


def _deep(part: Any, change: Callable[[str], str]) -> Any:
    if isinstance(part, Mapping):
        return {
            key: change(value)
            if key in _READ_KEYS and isinstance(value, str)
            else value
            if key == "set"
            else _deep(value, change)
            for key, value in part.items()
        }
    return [_deep(each, change) for each in part] if isinstance(part, list) else part


def _set_changed(effect: Any, change: Callable[[str], str]) -> Any:
    if not isinstance(effect, Mapping) or not isinstance(values := effect.get("set"), Mapping):
        return effect
    return {**effect, "set": {name: change(str(text)) for name, text in values.items()}}


def _question_changed(enquiry: Any, change: Callable[[str], str]) -> Any:
    if not isinstance(enquiry, Mapping):
        return enquiry
    changed = {key: change(str(value)) if key in _ASKED_KEYS else value for key, value in enquiry.items()}
    if isinstance(asked := enquiry.get("question"), Mapping):
        changed["question"] = {name: change(str(text)) for name, text in asked.items()}
    return changed


def _told_at(part: Any, name: str, to: str) -> Any:
    """A table of who may, whose refusals name the question at which they are said; or what is compared of a field."""
    if isinstance(part, Mapping):
        return {
            key: to if key == "field" and value == name else _told_at(value, name, to) for key, value in part.items()
        }
    return [_told_at(each, name, to) for each in part] if isinstance(part, list) else part


def _renamed_inputs(charge: Any, name: str, to: str) -> Any:
    if not isinstance(charge, Mapping) or not isinstance(table := charge.get("table"), Mapping):
        return charge
    if not isinstance(inputs := table.get("inputs"), list):
        return charge
    return {**charge, "table": {**table, "inputs": [to if known == name else known for known in inputs]}}


def _renamed_names(part: Any, name: str, to: str) -> Any:
    if isinstance(part, list):
        return [_renamed_names(each, name, to) for each in part]
    if not isinstance(part, Mapping):
        return part
    changed: dict[str, Any] = {}
    for key, value in part.items():
        if key == "required" and isinstance(value, list):
            changed[key] = [to if known == name else known for known in value]
        elif key == "properties" and isinstance(value, Mapping):
            changed[key] = {to if known == name else known: inner for known, inner in value.items()}
        else:
            changed[key] = _renamed_names(value, name, to)
    return changed


def _named_by_schema(part: Any) -> set[str]:
    if isinstance(part, list):
        return {name for each in part for name in _named_by_schema(each)}
    if not isinstance(part, Mapping):
        return set()
    found = set(map(str, part.get("required") or ())) | set(map(str, part.get("properties") or ()))
    return found | {
        name for key, value in part.items() if key not in ("required", "properties") for name in _named_by_schema(value)
    }


def _mappings(part: Any) -> Iterator[Mapping[str, Any]]:
    yield from (each for each in part if isinstance(each, Mapping)) if isinstance(part, list) else ()
