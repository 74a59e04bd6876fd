"""What a list is narrowed by, made from the register's definition: words, choices, ranges, a day."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import nearness, temporal
from hienluong.capabilities.registers.certificates import course, finding
from hienluong.capabilities.registers.definition import ListView, RegisterSpec, compared, order_of
from hienluong.capabilities.registers.nearness import Near
from hienluong.capabilities.registers.queries import Scope, Wish
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.schemas.cleaning import coerce
from hienluong.foundation.schemas.properties import label_of
from hienluong.ui import asked
from hienluong.ui.widgets import TextField

from . import codes, responsible

#: Fields of the form that narrow begin with this, so that no field of a register can take another's place.
PREFIX = "loc-"
#: How the certificate stands.
STANDING = "giay"
#: As of which day.
DAY = "ngay"
#: A point, and how many kilometres from it at most.
POINT, FAR = "diem", "cach"
SORT, COLUMNS, VIEW, AFTER, SCOPE = "thu-tu", "cot", "danh-sach", "sau", "pham-vi"
MAX_COLUMNS = 12
PAGE_SIZE = 50


@dataclass(frozen=True)
class Asked:
    """A list as it was asked for: which view, which columns, the wish, the filled-in form and what is wrong with it."""

    view: ListView
    columns: list[str]
    wish: Wish
    form: forms.Form

    @property
    def used(self) -> int:
        """How many conditions beside the words are set."""
        return (
            len(self.wish.filters)
            + (self.wish.valid is not None)
            + bool(self.wish.standing)
            + (self.wish.near is not None)
        )


@dataclass(frozen=True)
class Condition:
    """One condition of a list in words, and the names by which the address asks for it."""

    words: str
    names: tuple[str, ...]


def conditions(asked: Asked) -> list[Condition]:
    """What a list is narrowed by, in words."""
    said = []
    for box in asked.form:
        value = box.value()
        if value in (None, ""):
            continue
        shown = dict(getattr(box.field, "choices", ())).get(value, value)
        if isinstance(box.field, codes.CodeField):
            shown = box.field.words(str(value))
        said.append(Condition(f"{box.label}: {shown}", (POINT, FAR) if box.name in (POINT, FAR) else (box.name,)))
    return said


def ask(request: HttpRequest, spec: RegisterSpec, scope: Scope) -> Asked:
    """Read the address; nothing in it ever raises."""
    view = _view(request, spec)
    names = [name for name in view.filters if name in scope.fields]
    has_certificate = spec.certificate is not None and not spec.certificate.decides - scope.fields
    has_places = bool(spec.map) and spec.map in scope.fields
    form = _form_class(spec, names, request.GET, has_certificate=has_certificate, has_places=has_places)(request.GET)
    if box := form.fields.get(f"{PREFIX}{spec.responsible}") if spec.responsible else None:
        responsible.offer(box, actor_of(request))
    typed = form.cleaned_data if form.is_valid() else {}
    filters: dict[str, str] = {}
    for field, value in typed.items():
        if field.startswith(PREFIX) and value not in (None, ""):
            filters[field.removeprefix(PREFIX)] = value.isoformat() if isinstance(value, date) else str(value)
    day = typed.get(DAY)
    return Asked(
        view,
        _columns(request, spec, scope, view),
        Wish(
            text=typed.get("q", "") or "",
            filters=filters,
            standing=typed.get(STANDING, ""),
            sort=_sort(request, spec, scope, view),
            near=typed.get("near"),
            valid=temporal.end_of(day) if day else None,
            after=asked.text(request, AFTER, 2000),
            size=PAGE_SIZE,
        ),
        form,
    )


def _view(request: HttpRequest, spec: RegisterSpec) -> ListView:
    number = asked.number(request, VIEW, 0, len(spec.lists) - 1) if spec.lists else None
    return spec.lists[number or 0] if spec.lists else ListView(columns=_usual_columns(spec), filters=[], sort="")


def _usual_columns(spec: RegisterSpec) -> list[str]:
    """The columns of a list whose definition names none: the name, the number, the certificate's, then what can be sorted."""
    key = [spec.key.field] if spec.key.field in spec.fields else []
    paper = [spec.certificate.number, spec.certificate.standing] if spec.certificate else []
    plain = [name for name, prop in spec.fields.items() if order_of(prop)]
    return list(dict.fromkeys([spec.name, *key, *paper, *plain]))[:6]


def _columns(request: HttpRequest, spec: RegisterSpec, scope: Scope, view: ListView) -> list[str]:
    chosen = [name for name in request.GET.getlist(COLUMNS) if name in spec.fields and name in scope.fields]
    wanted: Sequence[str] = list(dict.fromkeys(chosen))[:MAX_COLUMNS] or view.columns
    return [name for name in wanted if name in scope.fields and name != spec.name]


def _sort(request: HttpRequest, spec: RegisterSpec, scope: Scope, view: ListView) -> str:
    for wanted in (asked.text(request, SORT, 41), view.sort):
        name = wanted.removeprefix("-")
        if spec.puts_in_order(name) and name in scope.fields:
            return wanted
    return ""


class DayField(forms.DateField):
    """A day in one box, as people write it: 23/11/2026."""

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values:
            return None
        found = asked.day_in(str(value))
        if found is None:
            raise forms.ValidationError(_("Nhập ngày dạng 23/11/2026."), code="invalid")
        return found


class NumberField(forms.CharField):
    """A number as people write it: 1.500.000 or 2,5."""

    def __init__(self, *, prop: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.prop = prop

    def to_python(self, value: Any) -> str:
        text = str(super().to_python(value) or "")
        number = coerce(text, self.prop) if text else None
        if text and (isinstance(number, bool) or not isinstance(number, int | float)):
            raise forms.ValidationError(_("“%(text)s” không phải số.") % {"text": text[:40]}, code="invalid")
        return "" if number is None else str(number)


class FilterForm(forms.Form):
    """What a list is narrowed by; each register adds its own fields."""

    def clean(self) -> dict[str, Any]:
        """A point and a distance go together."""
        given = super().clean() or {}
        point, kilometres = given.get(POINT), given.get(FAR)
        if not (point or kilometres) or {POINT, FAR} & set(self.errors):
            return given
        if not point:
            self.add_error(POINT, _("Nhập điểm để tính khoảng cách."))
        elif not kilometres:
            self.add_error(FAR, _("Nhập khoảng cách, tính bằng ki-lô-mét."))
        else:
            try:
                latitude, longitude = point
                given["near"] = Near(latitude, longitude, float(kilometres) * 1000)
            except InvalidInput as error:
                self.add_error(FAR, str(error.message))
        return given


class PointField(forms.CharField):
    """A point as it is copied from a map: 16.8163, 107.1003."""

    def to_python(self, value: Any) -> Any:
        """Latitude and longitude, or None when nothing is typed."""
        text = str(super().to_python(value) or "")
        found = nearness.point_in(text) if text else None
        if text and found is None:
            raise forms.ValidationError(_("Nhập vĩ độ, kinh độ dạng 16.8163, 107.1003."), code="invalid")
        return found


def _form_class(
    spec: RegisterSpec, names: Sequence[str], given: Container[str], *, has_certificate: bool, has_places: bool
) -> type[forms.Form]:
    fields: dict[str, Any] = {
        "q": TextField(
            label=_("Từ khóa"), help_text=_("Có dấu hay không dấu đều được."), required=False, max_length=200
        )
    }
    if has_certificate:
        fields[STANDING] = _standing_field(spec)
    standing = spec.certificate.standing if has_certificate and spec.certificate else ""
    for name in names:
        if name != standing:
            fields |= _filter_fields(spec, name)
        elif _has_words_of_its_own(spec) or f"{PREFIX}{name}" in given:  # as an address of before asks for it
            fields[f"{PREFIX}{name}"] = _as_written(spec, name)
    if has_places:
        fields |= _near_fields()
    box = forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-10"})
    fields[DAY] = DayField(label=_("Như ngày"), help_text=_("Để trống là hiện nay."), required=False, widget=box)
    return type("RegisterFilterForm", (FilterForm,), {**fields, "use_required_attribute": False})


def _standing_field(spec: RegisterSpec) -> forms.Field:
    """How the certificate stands on the day of the list, under the name that its column has."""
    assert spec.certificate is not None
    name = spec.certificate.standing
    choices = [("", _("Tất cả")), *((code, str(words)) for code, words in finding.ASKED.items())]
    return forms.ChoiceField(label=label_of(name, spec.fields[name]), choices=choices, required=False)


def _has_words_of_its_own(spec: RegisterSpec) -> bool:
    """Whether a register writes standings that are none of ours: only what is written tells these apart."""
    section = spec.certificate
    assert section is not None
    ours = {section.word(standing) for standing in course.STANDINGS}
    return not set(spec.fields[section.standing].get("enum", ())) <= ours


def _as_written(spec: RegisterSpec, name: str) -> forms.Field:
    """The standing as somebody wrote it, whatever the day."""
    field = _filter_fields(spec, name)[f"{PREFIX}{name}"]
    field.label = _("%(label)s, như đã ghi") % {"label": label_of(name, spec.fields[name])}
    return field


def _near_fields() -> dict[str, forms.Field]:
    point = forms.TextInput(attrs={"autocomplete": "off", "class": "govuk-input--width-20"})
    number = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "govuk-input--width-5"})
    return {
        POINT: PointField(
            label=_("Gần điểm"),
            help_text=_("Vĩ độ, kinh độ, ví dụ 16.8163, 107.1003."),
            required=False,
            max_length=60,
            widget=point,
        ),
        FAR: NumberField(
            label=_("Trong bán kính (km)"),
            help_text=_("Nhiều nhất %(most)s km.") % {"most": nearness.FURTHEST // 1000},
            required=False,
            max_length=20,
            widget=number,
            prop={"type": "number", "x-kind": "number"},
        ),
    }


def _filter_fields(spec: RegisterSpec, name: str) -> dict[str, forms.Field]:
    prop = spec.fields[name]
    label, order = label_of(name, prop), order_of(prop)
    if "enum" in prop or order == "flag":
        return {f"{PREFIX}{name}": forms.ChoiceField(label=label, choices=_choices(prop), required=False)}
    if name == spec.responsible and order == "text":
        return {f"{PREFIX}{name}": responsible.ResponsibleField(prop, label=label)}
    if order in ("text", "unit") and codes.has_codes(part := compared(prop)):
        return {f"{PREFIX}{name}": codes.field_of(label, part)}
    if order not in ("date", "number"):
        return {f"{PREFIX}{name}": TextField(label=label, required=False, max_length=200)}
    found: dict[str, forms.Field] = {}
    for end, words in (("from", _("%(label)s từ")), ("to", _("%(label)s đến"))):
        box = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "govuk-input--width-10"})
        text = words % {"label": label}
        if order == "date":
            found[f"{PREFIX}{name}__{end}"] = DayField(label=text, required=False, widget=box)
        else:
            found[f"{PREFIX}{name}__{end}"] = NumberField(label=text, required=False, widget=box, prop=prop)
    return found


def _choices(prop: Mapping[str, Any]) -> list[tuple[str, str]]:
    labels = prop.get("x-enum-labels", {})
    values = [str(value) for value in prop.get("enum", ())]
    named = [(value, str(labels.get(value, value))) for value in values]
    return [("", _("Tất cả")), *(named or [("true", _("Có")), ("false", _("Không"))])]
