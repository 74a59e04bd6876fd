"""What a page of a form tells the browser, so that it judges as the engine does while one types.

The sheet holds the questions of this page with their conditions, rules and messages, and of earlier answers only the
values that those read. Personal values never travel: a condition or rule that mixes one with an answer of this page is
left to the server (:mod:`.travelling`), and so is whatever the browser cannot judge (questions of several boxes but a
number with its unit, which conditions read; schemas within schemas). ``frontend/js/judge`` is the other half; the server judges again in any case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.schemas import checking, kinds, messages
from hienluong.foundation.schemas.cleaning import MAX_ITEMS, MAX_NUMBER
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.formulas import is_quantity
from hienluong.foundation.schemas.properties import Property, is_year, label_of, properties, type_of, widget_of
from hienluong.ui.fields import focus_id, kind_of

from .definition import Form, Page
from .engine import computed_by
from .fields import PageForm, question
from .travelling import Around, conditions, demands, rules
from .widgets import GroupInput

#: Controls that the browser reads by itself.
_READ = frozenset(("input", "textarea", "select", "radios", "checkboxes", "checkbox", "date"))
#: Keywords with a limit in their message, and those without.
_LIMITS = frozenset(
    "minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minItems maxItems format".split()
)
_BARE = frozenset("type enum const pattern uniqueItems".split())
_SAID = frozenset("title description default examples deprecated $comment readOnly writeOnly".split())
#: Kinds of one text: what is wrong beyond the schema is one message.
_TEXT_KINDS = frozenset(("personal-id", "enterprise-id", "plate", "isbn", "gtin"))


@dataclass(frozen=True)
class Question:
    """A question of a page, in its place; one that is not asked now may be once others are answered."""

    name: str
    asked: bool
    label: str
    #: None when it is computed: then `text` is its value in words.
    field: BoundField | None
    hint: str = ""
    text: str = ""

    @property
    def id(self) -> str:
        """The id of its control."""
        return str(self.field.auto_id) if self.field else f"id_{self.name}"


@dataclass(frozen=True)
class LivePage:
    """A page as the browser brings it to life: its questions in order, and the sheet by which it judges."""

    questions: list[Question]
    sheet: dict[str, Any]


def live(form: Form, page: Page, bound: PageForm) -> LivePage:
    """The questions asked now, those that an answer on this page can bring, and what the browser is told of them."""
    around = Around(form, page, bound.known)
    found = conditions(around)
    shown = [
        _question(around, bound, name, condition)
        for name, condition in found.items()
        if name in around.asked or "when" in condition
    ]
    here = {each.name for each in shown}
    told, left = rules(around, here)
    asked_for, left_too = demands(around, here)
    read = {name for one in here for name in (*found[one].get("reads", ()), *found[one].get("computed_from", ()))}
    read |= {name for demand in (*told, *asked_for) for name in demand["reads"]}
    sheet = {
        "today": timezone.localdate().isoformat(),
        "known": {name: _sent(around.earlier[name]) for name in sorted(read - here) if name in around.earlier},
        "fields": [_described(around, each, found[each.name]) for each in shown],
        "rules": told,
        "demands": asked_for,
        "partly": sorted(left | left_too),
        "words": {"fault": _("Lỗi:"), "added": _("Có thêm câu hỏi:")},
    }
    return LivePage(shown, sheet)


def _sent(value: Any) -> Any:
    """A value for the sheet: JSON does not tell 12.0 from 12, the expressions do."""
    return {"double": value} if isinstance(value, float) else value


def _question(around: Around, bound: PageForm, name: str, condition: Mapping[str, Any]) -> Question:
    prop = around.props[name]
    asked, label = name in around.asked, label_of(name, prop)
    if computed_by(prop):
        value = around.answers.get(name) if asked else None
        return Question(name, asked, label, None, str(prop.get("x-hint", "")), show(value, prop))
    return Question(name, asked, label, bound[name] if name in bound.fields else question(around.form, name))


def _described(around: Around, each: Question, condition: Mapping[str, Any]) -> dict[str, Any]:
    prop = around.props[each.name]
    described = {
        "name": each.name,
        "label": each.label,
        "id": each.id,
        "missing": messages.required(each.label, prop),
        **typing_of(prop),
        **{key: condition[key] for key in ("when", "fixed", "computed", "computed_from") if key in condition},
    }
    if "value" in condition:
        described["value"] = _sent(condition["value"])
    if each.field is None:
        described |= {"control": "output", "focus": each.id, "words": _words(prop)}
        if is_year(prop):
            described["year"] = True
    else:
        required = each.name in around.form.data_schema.get("required", ())
        described |= {"control": _control(each.field, prop), "focus": focus_id(each.field), "required": required}
        if described["control"] == "quantity":
            described |= {**_several(each.field, prop), "schema": _bare(prop)}
    judged = described["control"] and ("computed" in condition or each.field is not None)
    if judged and (said := _messages(each.label, prop)) is not None:
        described |= {"messages": said, "schema": _bare(prop)}
    return described


def _control(field: BoundField, prop: Property) -> str:
    """The control that the browser reads; empty when only the server can."""
    control = kind_of(field.field.widget)
    if is_quantity(prop) and isinstance(field.field.widget, GroupInput):
        return "quantity"
    if (
        control not in _READ or "x-register" in prop or ("x-list" in prop and control != "select")
    ):  # the list of typed codes is not in the page
        return ""
    return control


def _several(field: BoundField, prop: Property) -> dict[str, Any]:
    """How each part of a number with its unit becomes a value, and what is always so of it: its only unit."""
    given = {part.name: part.given for part in field.field.widget.parts if part.given}
    return {"parts": {name: typing_of(part) for name, part in properties(prop).items()}, "given": given}


def _words(prop: Property) -> dict[str, str]:
    """What a computed value is called, where that is not its number, text or date."""
    if type_of(prop) == "boolean":
        return {"true": _("Có"), "false": _("Không")}
    return {str(value): str(label) for value, label in prop.get("x-enum-labels", {}).items()}


def typing_of(prop: Property) -> dict[str, Any]:
    """How typed text becomes a value."""
    found: dict[str, Any] = {"type": type_of(prop), "widget": widget_of(prop)}
    found |= {key: str(prop[name]) for key, name in (("kind", "x-kind"), ("format", "format")) if name in prop}
    if isinstance(prop.get("items"), Mapping):
        found["items"] = typing_of(prop["items"])
    return found


def _bare(prop: Property) -> dict[str, Any]:
    """The schema without what is for people and for us."""
    kept = {key: value for key, value in prop.items() if key not in _SAID and not key.startswith("x-")}
    if isinstance(kept.get("items"), Mapping):
        kept["items"] = _bare(kept["items"])
    if isinstance(kept.get("properties"), Mapping):
        kept["properties"] = {name: _bare(part) for name, part in kept["properties"].items()}
    return kept


def _messages(label: str, prop: Property) -> dict[str, str] | None:
    """What to say when a keyword is broken, in the engine's words; None when the browser cannot judge this schema."""
    keywords = set(_bare(prop)) - {"items"}
    if keywords - _LIMITS - _BARE or (isinstance(prop.get("items"), Mapping) and "properties" in prop["items"]):
        return None
    found = {key: messages.broken(label, prop, key, prop[key] if key in _LIMITS else "") for key in keywords}
    if type_of(prop) == "array":
        found["size:maxItems"] = messages.broken(label, prop, "maxItems", MAX_ITEMS)
    if type_of(prop) in ("integer", "number"):
        found["size:maximum"] = messages.broken(label, prop, "maximum", prop.get("maximum", MAX_NUMBER))
        found["size:minimum"] = messages.broken(label, prop, "minimum", prop.get("maximum", MAX_NUMBER))
    if widget_of(prop) in checking.WIDGET_PATTERNS and "pattern" not in prop:
        found["size:pattern"] = messages.broken(label, prop, "pattern", "")
    if prop.get("x-kind") in _TEXT_KINDS and (kind := kinds.kind_of(prop)):
        found["kind"] = kind.fault("", prop) % {"label": label}
    return found
