"""How a Django form field becomes a GOV.UK-style field: label, hint, error, and what describes what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from .widgets import DateParts, DatePartsField, MoneyInput, WholeInput


@dataclass(frozen=True)
class Choice:
    """One radio or checkbox."""

    id: str
    name: str
    value: str
    label: str
    checked: bool
    hint: str
    disabled: bool


@dataclass(frozen=True)
class FieldView:
    """Everything the template of a field needs."""

    kind: str
    id: str
    focus_id: str
    name: str
    label: str
    hint: str
    errors: list[str]
    required: bool
    described_by: str
    input: SafeString
    choices: list[Choice] = field(default_factory=list)
    max_length: int | None = None
    prefix: str = ""
    suffix: str = ""
    hint_id: str = ""
    error_id: str = ""

    @property
    def is_group(self) -> bool:
        """Whether several controls share one question (so a fieldset, not a label)."""
        return self.kind in {"radios", "checkboxes", "date", "group"}


def kind_of(widget: forms.Widget) -> str:
    """Which template shows this widget; one that is not of ours names it (``ui_kind``)."""
    if named := getattr(widget, "ui_kind", ""):
        return str(named)
    kinds: tuple[tuple[type[forms.Widget], str], ...] = (
        (DateParts, "date"),
        (WholeInput, "input"),
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radios"),
        (forms.Select, "select"),
        (forms.CheckboxInput, "checkbox"),
        (forms.Textarea, "textarea"),
        (forms.FileInput, "file"),
        (forms.PasswordInput, "password"),
        (forms.HiddenInput, "hidden"),
    )
    return next((kind for widget_type, kind in kinds if isinstance(widget, widget_type)), "input")


def focus_id(bound: BoundField) -> str:
    """The id of the control that a link to this field should focus."""
    base = str(bound.auto_id or bound.html_name)
    kind = kind_of(bound.field.widget)
    if kind in {"radios", "checkboxes"}:
        return f"{base}_0"
    if kind == "group":
        return str(bound.field.widget.id_for_label(base))
    return f"{base}_day" if kind == "date" else base


#: What a field says that does not say which one it is: not enough at the top of a long page.
_UNNAMED = (forms.Field.default_error_messages["required"], DatePartsField.default_error_messages["required"])


def faults(bound: BoundField) -> list[str]:
    """What is wrong with a field. Where a form kept Django's “this field is required”, say what to do instead."""
    if not bound.errors:
        return []
    return [
        _missing(bound) if error.code == "required" and error.message in _UNNAMED else str(text)
        for error, text in zip(bound.errors.as_data(), bound.errors, strict=True)
    ]


def _missing(bound: BoundField) -> str:
    label = str(bound.label).rstrip(" :*")
    kind = kind_of(bound.field.widget)
    if label.endswith("?"):
        return _("Trả lời câu hỏi “%(label)s”") % {"label": label}
    if kind == "checkbox":
        return _("Đánh dấu vào ô “%(label)s”") % {"label": label.rstrip(".")}
    words = label if label[1:2].isupper() else label[:1].lower() + label[1:]
    if kind in {"radios", "checkboxes", "select"}:
        return _("Chọn %(label)s") % {"label": words}
    if kind == "file":
        return _("Tải lên %(label)s") % {"label": words}
    if kind == "date":
        return _("%(label)s: nhập ngày, tháng, năm.") % {"label": label}
    return _("Nhập %(label)s") % {"label": words}


def describe(bound: BoundField, *, label: str | None, hint: str | None, options: Mapping[str, Any]) -> FieldView:
    """Collect what the template of this field needs."""
    widget = bound.field.widget
    kind = kind_of(widget)
    base = str(bound.auto_id or bound.html_name)
    errors = faults(bound)
    if isinstance(bound.field, forms.ModelChoiceField) and bound.field.empty_label == _DJANGO_EMPTY:
        bound.field.empty_label = _("Chọn…") if bound.field.required else _("Không chọn")
    hint_text = str(bound.help_text or "") if hint is None else hint
    hint_id = f"{base}-hint" if hint_text else ""
    error_id = f"{base}-error" if errors else ""
    max_length = getattr(bound.field, "max_length", None) if kind == "textarea" else None
    count_id = f"{base}-info" if max_length else ""
    described_by = " ".join(filter(None, (hint_id, error_id, count_id)))
    return FieldView(
        kind=kind,
        id=base,
        focus_id=focus_id(bound),
        name=bound.html_name,
        label=str(bound.label if label is None else label),
        hint=hint_text,
        errors=errors,
        required=bound.field.required,
        described_by=described_by,
        input=SafeString("") if kind in _LISTED else _control(bound, kind, described_by, options),
        choices=_choices(bound) if kind in _LISTED else [],
        max_length=max_length,
        prefix=str(options.get("prefix", "")),
        suffix=str(options.get("suffix", "đ" if isinstance(widget, MoneyInput) else "")),
        hint_id=hint_id,
        error_id=error_id,
    )


_LISTED = {"radios", "checkboxes"}
_DJANGO_ROWS = "10"
#: What Django offers before the first choice of a list.
_DJANGO_EMPTY = "---------"
_CLASSES = {
    "input": "govuk-input",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "file": "govuk-file-upload",
    "checkbox": "govuk-checkboxes__input",
}


def _control(bound: BoundField, kind: str, described_by: str, options: Mapping[str, Any]) -> SafeString:
    if kind == "date":
        return bound.as_widget(attrs={"faulty": " ".join(_faulty_parts(bound))})
    if kind == "group":
        return bound.as_widget()
    widget = bound.field.widget
    attrs: dict[str, Any] = {"class": _class(bound, kind, options)}
    if kind != "hidden" and described_by:
        attrs["aria-describedby"] = described_by
    for name in ("autocomplete", "inputmode", "spellcheck", "placeholder", "rows", "accept", "capture", "list"):
        if name in options:
            attrs[name] = options[name]
    if kind == "textarea":
        rows = str(widget.attrs.get("rows", _DJANGO_ROWS))
        attrs.setdefault("rows", 5 if rows == _DJANGO_ROWS else rows)
        attrs["maxlength"] = False  # the counter warns; cutting pasted text in silence would lose words
        attrs["cols"] = False
    return bound.as_widget(attrs=attrs)


def _class(bound: BoundField, kind: str, options: Mapping[str, Any]) -> str:
    classes = [_CLASSES.get(kind, ""), str(bound.field.widget.attrs.get("class", ""))]
    base = _CLASSES.get(kind, "").split(" ")[0]
    if bound.errors and base and kind not in {"checkbox"}:
        classes.append(f"{base}--error")
    if kind == "textarea" and getattr(bound.field, "max_length", None):
        classes.append("govuk-js-character-count")
    if width := options.get("width"):
        classes.append(f"govuk-input--width-{width}" if str(width).isdigit() else f"govuk-!-width-{width}")
    elif kind == "input" and isinstance(bound.field.widget, WholeInput):
        classes.append("govuk-input--width-10")
    return " ".join(filter(None, classes))


def _faulty_parts(bound: BoundField) -> Iterable[str]:
    codes = {error.code for error in bound.errors.as_data()} if bound.errors else set()
    if not codes:
        return ()
    named = {"day": ("day",), "month": ("month",), "year": ("year",), "year_digits": ("year",)}
    return next((parts for code, parts in named.items() if code in codes), DateParts.suffixes)


def _choices(bound: BoundField) -> list[Choice]:
    hints: Mapping[str, str] = getattr(bound.field.widget, "hints", {})
    return [
        Choice(
            id=f"{bound.auto_id}_{index}",
            name=str(sub.data["name"]),
            value=str(sub.data["value"]),
            label=str(sub.data["label"]),
            checked=bool(sub.data["selected"]),
            hint=str(hints.get(str(sub.data["value"]), "")),
            disabled=bool(sub.data["attrs"].get("disabled")) or bound.field.disabled,
        )
        for index, sub in enumerate(bound.subwidgets)
    ]
