"""A page of an e-form as a Django form, so that the design system shows it; the engine does all validating."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.schemas import references
from hienluong.foundation.schemas.cleaning import clean, storable
from hienluong.foundation.schemas.display import unit
from hienluong.foundation.schemas.properties import Property, is_year, label_of, properties, type_of, widget_of
from hienluong.ui.fields import focus_id
from hienluong.ui.widgets import DateParts, MoneyInput

from . import file_answers, sources
from .code_input import CodeInput
from .definition import Form, Page
from .engine import Outcome, computed_by, demanded, validate_page
from .pages import visible_fields
from .reference_input import ReferenceInput
from .widgets import ADD_ROW, GroupInput, NumberInput, Part, PointInput, ShapeInput, TableInput

_AUTOCOMPLETE = {
    "party.name": "name",
    "party.phone": "tel",
    "party.email": "email",
    "party.address": "street-address",
    "party.date_of_birth": "bday",
}
_INPUT_MODES = {"personal-id": "numeric", "phone": "tel", "email": "email"}
_CHOSEN = ("radios", "select", "commune")


#: What a post says of the questions that stood on its page. Nothing is judged by it but whether one was seen.
SHOWN = "cau-hoi-da-hien"
OPENED = gettext_lazy("Câu trả lời của bạn mở thêm câu hỏi, đánh dấu dưới đây.")


class Come(NamedTuple):
    """A question that an answer on its own page called for: its label, and the id of its control."""

    label: str
    focus: str


class AnswerField(forms.Field):
    """A question: takes what was typed as it is. `max_length` feeds the character counter, it refuses nothing."""

    max_length: int | None = None

    def validate(self, value: Any) -> None:
        """Nothing: the engine says what is missing; `required` only marks the label."""

    def prepare_value(self, value: Any) -> Any:
        """Booleans as the values of their radios."""
        return str(value).lower() if isinstance(value, bool) and not _is_tick(self.widget) else value


class PageForm(forms.Form):
    """One page of an e-form; after ``is_valid()`` its `outcome` holds the page's answers as data."""

    use_required_attribute = False
    definition: Form
    page: Page
    known: Mapping[str, Any]
    locked: frozenset[str] = frozenset()
    #: Questions that what was posted calls for and that the page from which it was posted did not show.
    come: tuple[str, ...] = ()
    opened = OPENED
    outcome: Outcome

    @property
    def shown(self) -> str:
        """The questions that this page shows, for :data:`SHOWN`."""
        return " ".join(self.fields)

    @property
    def come_questions(self) -> list[Come]:
        """The new questions, for links to them."""
        return [Come(str(self[name].label), focus_id(self[name])) for name in self.come]

    def is_valid(self) -> bool:
        """Whether the page may be left: it is sound, and no question came that nobody has seen yet."""
        return super().is_valid() and not self.come

    def mark(self, come: Collection[str]) -> None:
        """Mark the questions that have just come."""
        self.come = tuple(name for name in self.fields if name in come)
        for name in self.come:
            self.fields[name].help_text = " ".join(filter(None, (_("Câu hỏi mới."), str(self.fields[name].help_text))))

    def tell(self, wrong: Mapping[str, Sequence[str]]) -> None:
        """Show what is wrong with answers, also with those of the draft before anything is posted."""
        self.full_clean()
        self.cleaned_data = getattr(self, "cleaned_data", {})
        for name, found in wrong.items():
            for message in found:
                self.add_error(name if name in self.fields else None, message)

    def clean(self) -> dict[str, Any]:
        """Let the engine judge the page, given all other answers."""
        typed = {name: _plain(self.cleaned_data.get(name)) for name in self.fields if name not in self.locked}
        self.outcome = validate_page(self.definition, self.page, {**self.known, **typed})
        for name, found in self.outcome.errors.items():
            for message in found if name in self.fields and name not in self.errors and name not in self.come else ():
                self.add_error(name, message)
            for message in found if name not in self.fields else ():  # what is computed has no box to stand at
                self.add_error(None, message)
        return self.outcome.data


def django_form(page: Page, definition: Form, data: Mapping[str, Any], locked: Collection[str] = ()) -> type[PageForm]:
    """The form class of one page, with the fields asked for given the answers so far; `locked` ones are only shown.

    Build it with ``{**draft, **typed(page, definition, request.POST)}`` when a page was posted, so that a question
    revealed by an answer on the same page is there; :func:`bind` does all of it.
    """
    props = properties(definition.data_schema)
    shown = [name for name in visible_fields(definition, page, data) if not computed_by(props[name])]
    attributes: dict[str, Any] = {name: _field(name, props[name], definition) for name in shown}
    for name in set(locked) & set(shown):
        attributes[name].widget = _shown_only(props[name], data.get(name))
    attributes |= {"definition": definition, "page": page, "known": data, "locked": frozenset(locked)}
    return cast("type[PageForm]", type("AnswersPage", (PageForm,), attributes))


def bind(
    page: Page,
    definition: Form,
    data: Mapping[str, Any],
    post: MultiValueDict[str, str] | None = None,
    locked: Collection[str] = (),
) -> PageForm:
    """The form of a page over a draft's answers, bound to what was posted, if anything was.

    What is posted for a `locked` field counts nothing: its answer is the one in `data`. A question that the posting page
    did not show (:data:`SHOWN`) keeps the form from being valid once: it is to be seen before one goes on.
    """
    if post is None:
        initial = {**_only_records(page, definition, data), **_initial(definition, data)}
        return django_form(page, definition, data, locked)(initial=initial)
    tidy = _storable(post)
    given = {name: value for name, value in typed(page, definition, tidy).items() if name not in locked}
    form = django_form(page, definition, {**data, **given}, locked)(tidy)
    if SHOWN in post:
        seen = {name for said in post.getlist(SHOWN) for name in said.split()}
        form.mark(set(form.fields) - seen)
    return form


def question(definition: Form, name: str) -> BoundField:
    """One question of a form, unanswered: for the browser, which shows it when it is asked."""
    field = _field(name, properties(definition.data_schema)[name], definition)
    return cast("type[forms.Form]", type("OneQuestion", (forms.Form,), {name: field}))()[name]


def typed(page: Page, definition: Form, post: MultiValueDict[str, str]) -> dict[str, Any]:
    """What was typed on a page, as texts: kept in the draft even when it is wrong, so that nothing is lost.

    Only what no database can hold is taken out (see :func:`cleaning.storable`).
    """
    post = _storable(post)
    props = properties(definition.data_schema)
    found: dict[str, Any] = {}
    for name in page.fields:
        if name in props and not computed_by(props[name]):
            field = _field(name, props[name], definition)
            files: MultiValueDict[str, Any] = MultiValueDict()
            found[name] = _plain(field.widget.value_from_datadict(post, files, name))
    return {name: "" if value is None else value for name, value in found.items()}


def asks_for_a_row(post: Mapping[str, Any]) -> bool:
    """Whether what was posted only asks for one more row of a table (without JavaScript): it is not to be judged."""
    return ADD_ROW in post


def _storable(post: MultiValueDict[str, str]) -> MultiValueDict[str, str]:
    return MultiValueDict({name: [storable(value) for value in values] for name, values in post.lists()})


def _field(name: str, prop: Property, definition: Form) -> AnswerField:
    required = name in definition.data_schema.get("required", ()) or name in demanded(definition)
    label = label_of(name, prop)
    field = AnswerField(
        label=label,
        help_text=_hint(prop),
        required=False,
        widget=_widget(prop, required=required),
    )
    field.required = field.widget.is_required = required
    field.max_length = prop.get("maxLength") if widget_of(prop) == "textarea" else None
    return field


def _hint(prop: Property) -> str:
    """What the author of the form says of a question, then what a box of its kind wants."""
    said, how = str(prop.get("x-hint") or prop.get("description") or "").strip(), _how_to_write(prop)
    if said and how and said[-1] not in ".!?:…":
        said += "."
    return f"{said} {how}".strip()


def _how_to_write(prop: Property) -> str:
    """What a box of this kind wants, whatever is asked."""
    if prop.get("x-kind") == "point":
        return _(
            "Vĩ độ, dấu phẩy, kinh độ. Ví dụ: 16.8163, 107.1003. Bấm giữ vào chỗ ấy trong ứng dụng bản đồ để thấy hai số này."
        )
    return ""


def _widget(prop: Property, *, inside: bool = False, required: bool = False) -> forms.Widget:
    """How a question is typed; `inside` a group or a table, a few choices are a list to open, not radios.

    Where an answer is `required` and a code list has one code only, that one is chosen already.
    """
    kind = widget_of(prop)
    if composed := _composed(prop, kind):
        return composed
    attrs = {"inputmode": _INPUT_MODES.get(kind, ""), "autocomplete": _AUTOCOMPLETE.get(prop.get("x-prefill", ""), "")}
    attrs = {name: value for name, value in attrs.items() if value}
    if "x-list" in prop:
        offered = sources.of_list(prop)
        blank = [] if required and len(offered) == 1 else [("", _("Chọn…"))]
        return forms.Select(attrs, choices=[*blank, *offered]) if offered else CodeInput(prop, attrs)
    if "x-register" in prop:
        return ReferenceInput(prop, attrs)
    if kind == "date":
        return DateParts(attrs)
    if kind == "money":
        return MoneyInput(attrs)
    if kind == "textarea":
        return forms.Textarea(attrs)
    if kind == "checkbox" and type_of(prop) == "array":
        return forms.CheckboxSelectMultiple(choices=_choices(prop.get("items", {}), prop))
    if (
        kind == "checkbox" and inside and "const" not in prop
    ):  # a box that is not ticked would be no answer: yes, no or neither
        return forms.Select(attrs, choices=[("", _("Chọn…")), *_choices(prop, prop)])
    if kind == "checkbox":
        return forms.CheckboxInput()
    if kind == "radios" and not inside:
        return forms.RadioSelect(choices=_choices(prop, prop))
    if kind in _CHOSEN:
        offered = _choices(prop, prop) or sources.choices(kind)
        return forms.Select(attrs, choices=[("", _("Chọn…")), *offered]) if offered else forms.TextInput(attrs)
    if type_of(prop) in ("number", "integer") and not is_year(prop):
        return NumberInput(type_of(prop), attrs)
    if type_of(prop) == "integer":
        attrs["inputmode"] = "numeric"
    return forms.TextInput(attrs)


def lockable(prop: Property) -> bool:
    """Whether a field can be shown with an answer that is not changed: one that is typed into one box."""
    return _composed(prop, widget_of(prop)) is None and type_of(prop) != "array"


def _shown_only(prop: Property, value: object) -> forms.Widget:
    """A box whose answer is read, not typed; one chosen from a list offers nothing else."""
    kind = widget_of(prop)
    if kind in ("radios", "checkbox", *_CHOSEN) or "enum" in prop:
        offered = dict(_choices(prop, prop) or sources.choices(kind))
        chosen = str(value).lower() if isinstance(value, bool) else str(value or "")
        return forms.Select(choices=[(chosen, offered.get(chosen, chosen))])
    widget = _widget(prop)
    if isinstance(widget, forms.Select):
        return forms.TextInput({"readonly": True})
    widget.attrs["readonly"] = True
    return widget


def _composed(prop: Property, kind: str) -> forms.Widget | None:
    """The widget of a question that is more than one text."""
    if prop.get("x-kind") in file_answers.KINDS:
        return file_answers.widget_for(prop)
    if kind == "map":
        return PointInput() if prop.get("x-kind") == "point" else ShapeInput()
    if type_of(prop) == "object" and properties(prop):
        return GroupInput(_parts(prop))
    items = prop.get("items")
    if type_of(prop) == "array" and isinstance(items, Mapping) and properties(items):
        return TableInput(_parts(items))
    return None


def _parts(prop: Property) -> list[Part]:
    required, parts = prop.get("required", ()), properties(prop)
    is_quantity = prop.get("x-kind") == "quantity"
    return [
        _only_unit(part)
        if name == "unit" and is_quantity and len(part.get("enum", ())) == 1
        else _part(name, _as_printed(part, prop, name), required=name in required, alone=len(parts) == 1)
        for name, part in parts.items()
    ]


def _part(name: str, prop: Property, *, required: bool, alone: bool) -> Part:
    """One box of a group or a table. The only code of a list is chosen already, which by itself is no answer: an empty row
    stays one, unless there is nothing else to say in it."""
    offered = sources.of_list(prop) if required and not alone and "x-list" in prop else []
    given = offered[0][0] if len(offered) == 1 else ""
    widget = _widget(prop, inside=True, required=bool(given))
    widget.is_required = required
    return Part(name, label_of(name, prop), widget, required, given)


def _as_printed(part: Property, prop: Property, name: str) -> Property:
    """The units of a number as they are printed; what is kept is what the form says."""
    if name != "unit" or prop.get("x-kind") != "quantity" or "enum" not in part:
        return part
    return {"x-enum-labels": {str(code): unit(str(code)) for code in part["enum"]}, **part}


def _only_unit(prop: Property) -> Part:
    """The unit of a number that has only one: shown, not chosen."""
    only = str(prop["enum"][0])
    widget = forms.Select(choices=[(only, unit(only))])
    return Part("unit", label_of("unit", prop), widget, required=True, given=only, beside=unit(only))


def _choices(prop: Property, labelled: Property) -> list[tuple[str, str]]:
    labels = labelled.get("x-enum-labels", {})
    if "enum" not in prop and type_of(prop) == "boolean":
        defaults = {"true": _("Có"), "false": _("Không")}
        return [(value, str(labels.get(value, text))) for value, text in defaults.items()]
    values = [str(value).lower() if isinstance(value, bool) else str(value) for value in prop.get("enum", ())]
    return [(value, str(labels.get(value, value))) for value in values]


def _initial(definition: Form, data: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as the boxes show them: cleaned where they can be, else as they were typed."""
    return {**data, **clean(definition.data_schema, data)}


def _only_records(page: Page, definition: Form, data: Mapping[str, Any]) -> dict[str, str]:
    """The answers to questions that must name a record of a register in which the reader sees one only."""
    props, required = properties(definition.data_schema), definition.data_schema.get("required", ())
    asked = [name for name in page.fields if name in required and "x-register" in props.get(name, {})]
    found = {name: references.only(props[name]) for name in asked if not data.get(name)}
    return {name: one.key for name, one in found.items() if one}


def _plain(value: object) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _is_tick(widget: forms.Widget) -> bool:
    return isinstance(widget, forms.CheckboxInput)
