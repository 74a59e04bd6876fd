"""A register beside its fields: what it is, its lists, who may read and write, its rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.identity import officials
from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.procedures import implications

from .. import certificate_operations, field_properties, preview
from .. import register_operations as ops
from ..labels import STANDINGS
from ..register_forms import AboutForm, BeginCertificateForm, CertificateForm, FindingForm, ListForm
from ..rule_form import RuleForm
from ..workspace import Definition
from . import register_bench
from .register_bench import Opened

_ALONE = ("title", "title_en", "description", "owner", "legal_basis", "effective_from", "name", "subject", "responsible", "map", "events")  # fmt: skip
#: Digits of the number of a list or a rule, as a page sends it.
_MOST_DIGITS = 4
#: Writing is for officials only.
_WRITERS = ("responsible", "owner")


@require_http_methods(["GET", "POST"])
@officials.only()
def about(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """What the register is, its key, which fields mean something to the engine."""
    found = register_bench.opened(request, name, stem)
    form = AboutForm(request.POST or None, fields=found.fields, initial=_about(found.definition))
    refused = ""
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data

        def change(definition: Definition) -> Definition:
            key = {"series": said["series"]} if said["key_kind"] == "series" else {"field": said["key_field"]}
            retention = {
                "years": said["retention_years"],
                "clears": said["retention_clears"],
                "legal_basis": said["retention_basis"],
            }
            retention = {part: value for part, value in retention.items() if value}
            return ops.set_about(
                definition, key=key, retention=retention if said["retention_years"] else None, **{part: said[part] for part in _ALONE}
            )  # fmt: skip

        refused = found.edit(request, change, _("Sửa thông tin chung"))
        if not refused:
            register_bench.tell_saved(request, found)
            return redirect(found.address("register_about"))
    return register_bench.page(
        request, "building/register_about.html", found, "register_about", form=form, refused=refused
    )


@require_http_methods(["GET", "POST"])
@officials.only()
@register_bench.with_own_lists
def lists(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """The lists with an example of each; what is found by words."""
    found = register_bench.opened(request, name, stem)
    views = [view for view in found.definition.get("lists") or () if isinstance(view, Mapping)]
    work, _space, place = request.POST.get("viec", "").partition(" ")
    finding = FindingForm(
        _said_at(request, "tim"), fields=found.fields, initial=_only(found.definition, "search", "index")
    )
    forms = [_list_form(request, found, at, view) for at, view in enumerate([*views, {}])]
    refused = ""
    if work == "bo" and place.isascii() and place.isdigit() and len(place) <= _MOST_DIGITS:
        refused = found.edit(request, lambda d: ops.remove_list(d, number=int(place)), _("Bỏ một danh sách"))
    elif work == "ghi" and all(form.is_valid() for form in (*forms, finding) if form.is_bound):
        refused = found.edit(request, lambda d: _put_lists(d, forms, finding), _("Sửa danh sách, cách tìm"))
    else:
        work = ""
    if work and not refused and not any(form.errors for form in (*forms, finding)):
        register_bench.tell_saved(request, found)
        return redirect(found.address("register_lists"))
    shown = [
        {
            "form": form,
            "number": at,
            "removes": f"bo {at}",
            "is_new": at == len(views),
            "title": str(view.get("title") or found.definition.get("title", "")),
            "columns": preview.columns(found.definition, _names(view)),
            "rows": preview.rows(found.definition, _names(view)),
        }
        for at, (form, view) in enumerate(zip(forms, [*views, {}], strict=True))
    ]
    return register_bench.page(
        request,
        "building/register_lists.html",
        found,
        "register_lists",
        lists=shown,
        finding=finding,
        form=next((form for form in (*forms, finding) if form.errors), None),
        refused=refused,
    )


def _said_at(request: HttpRequest, part: str) -> Any:
    """What was posted, when this part of the page is in it."""
    return request.POST if request.POST.get("viec") == "ghi" and part in request.POST.getlist("phan") else None


def _list_form(request: HttpRequest, found: Opened, at: int, view: Mapping[str, Any]) -> ListForm:
    """The boxes of a list; of one more (an empty view) that nobody began, nothing is taken."""
    part = f"ds{at}"
    said = _said_at(request, part)
    if (
        not view
        and said is not None
        and not any(said.get(f"{part}-{word}") for word in ("title", "columns", "filters"))
    ):
        said = None
    return ListForm(said, fields=found.fields, initial=dict(view), prefix=part, auto_id="id_%s")


def _put_lists(definition: Definition, forms: Sequence[ListForm], finding: FindingForm) -> Definition:
    """Everything that stands on the page of the lists, whichever of its buttons was pressed."""
    changed = ops.set_about(definition, **finding.cleaned_data) if finding.is_bound else definition
    for at, form in enumerate(forms):
        if form.is_bound:
            changed = ops.put_list(changed, number=at if at < len(forms) - 1 else None, **form.cleaned_data)
    return changed


@require_http_methods(["GET", "POST"])
@officials.only()
def access(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """Who may read and write which field, as a table of ticks."""
    found = register_bench.opened(request, name, stem)
    refused = ""
    if request.method == "POST":
        read = {standing: request.POST.getlist(f"xem-{standing}") for standing in STANDINGS}
        write = {standing: request.POST.getlist(f"ghi-{standing}") for standing in _WRITERS}
        refused = found.edit(request, lambda d: ops.set_access(d, read=read, write=write), _("Sửa quyền xem, ghi"))
        if not refused:
            register_bench.tell_saved(request, found)
            return redirect(found.address("register_access"))
    computed = found.definition.get("computed") or {}
    columns = [
        {"box": f"{verb}-{standing}", "standing": label, "verb": _("xem") if verb == "xem" else _("được ghi"), "names": _ticked(found, standing, verb)}
        for standing, label in STANDINGS.items()
        for verb in ("xem", "ghi")
        if verb == "xem" or standing in _WRITERS
    ]  # fmt: skip
    rows = [
        {
            "name": field,
            "title": label_of(field, prop),
            "cells": [
                {
                    "column": column,
                    "on": field in column["names"],
                    "fixed": field in computed and str(column["box"]).startswith("ghi"),
                }
                for column in columns
            ],
            "is_computed": field in computed,
        }
        for field, prop in found.fields.items()
    ]  # fmt: skip
    return register_bench.page(
        request,
        "building/register_access.html",
        found,
        "register_access",
        columns=columns,
        rows=rows,
        refused=refused,
        meant=_meant(found),
    )


def _meant(found: Opened) -> list[tuple[Any, str]]:
    """Who is meant by each standing of the columns, as this register has it."""
    owner = {"owner": found.definition.get("owner", "")}
    field = str(found.definition.get("responsible") or "")
    if field:
        kept = _("cơ quan mà trường “%(field)s” của từng bản ghi ghi tên; cơ quan cấp trên của nó cũng vậy.") % {
            "field": label_of(field, found.fields.get(field, {}))
        }
    else:
        kept = _("%(owner)s, vì bản ghi nào cũng do cơ quan chủ quản quản lý.") % owner
    said = {
        "responsible": kept,
        "owner": _("%(owner)s, nơi lập cơ sở dữ liệu này: có quyền ấy với mọi bản ghi, của cơ quan nào cũng vậy.")
        % owner,
        "subject": _("người, cơ sở mà bản ghi nói về, khi họ đăng nhập."),
        "public": _("ai cũng xem được, không cần đăng nhập."),
    }
    return [(label, said[standing]) for standing, label in STANDINGS.items()]


@require_http_methods(["GET", "POST"])
@officials.only()
@register_bench.with_own_lists
def rules(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """What must hold between fields, and what is computed."""
    found = register_bench.opened(request, name, stem)
    work, number = request.POST.get("viec", ""), _index(request)
    there = [rule for rule in found.definition.get("rules") or () if isinstance(rule, Mapping)]
    known = properties(expanded(ops.schema_of(found.definition)))
    forms = [
        RuleForm(request.POST if work == "ghi" and number == at else None, known=known, rule=rule, prefix=f"qt{at}")
        for at, rule in enumerate([*there, {}])
    ]
    refused, is_done = "", False
    if request.method == "POST":
        if work == "bo" and number is not None:
            refused = found.edit(request, lambda d: ops.remove_rule(d, number=number), _("Bỏ một quy tắc"))
            is_done = not refused
        elif work == "ghi" and number is not None and number < len(forms) and forms[number].is_valid():
            given, place = forms[number].cleaned_data, number if number < len(there) else None
            said = {word: given[word] for word in ("when", "field", "message")}
            refused = found.edit(
                request, lambda d: ops.put_rule(d, number=place, **said), _("Thêm quy tắc") if place is None else _("Sửa quy tắc")
            )  # fmt: skip
            is_done = not refused
        if is_done:
            register_bench.tell_saved(request, found, ("rules",))
            return redirect(found.address("register_rules"))
    faults = found.bench.faults(found.path)
    shown = [
        {
            "form": form,
            "number": at,
            "is_new": at == len(there),
            "words": implications.in_words(str(there[at].get("when", "")), known) if at < len(there) else "",
            "faults": [told for told in faults if told.within("rules", at)],
        }
        for at, form in enumerate(forms)
    ]
    computed = found.definition.get("computed") or {}
    return register_bench.page(
        request,
        "building/register_rules.html",
        found,
        "register_rules",
        rules=shown,
        form=next((form for form in forms if form.errors), None),
        refused=refused,
        computed=[
            {"key": label_of(field, found.fields.get(field, {})), "value": how, "action_href": f"{found.address()}?truong={field}", "action_text": _("Sửa")}
            for field, how in (computed.items() if isinstance(computed, Mapping) else ())
        ],
        must=_("Phải đúng là"),
        names=[(field, label_of(field, prop)) for field, prop in found.fields.items()],
        example=_example(found),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
@officials.only()
def certificate(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """The certificate that records carry: begun with its fields, changed, taken away."""
    found = register_bench.opened(request, name, stem)
    there = found.definition.get("certificate")
    post = request.POST if request.method == "POST" and request.POST.get("viec") != "bo" else None
    form: BeginCertificateForm | CertificateForm = BeginCertificateForm(post, fields=found.fields)
    if isinstance(there, Mapping):
        validity = there.get("validity")
        years = validity.get("years") if isinstance(validity, Mapping) else None
        form = CertificateForm(post, fields=found.fields, initial={**there, "years": years})
    refused = ""
    if request.method == "POST" and (post is None or form.is_valid()):
        said = dict(form.cleaned_data) if post is not None else {}

        def change(definition: Definition) -> Definition:
            if post is None:
                return certificate_operations.remove_certificate(definition)
            if isinstance(form, BeginCertificateForm):
                return certificate_operations.begin_certificate(definition, **said)
            validity = _validity(definition, said.pop("years"))
            keeps = said.pop("renew_keeps_number") or None
            return certificate_operations.set_certificate(
                definition, validity=validity, renew_keeps_number=keeps, **said
            )

        words = (
            _("Bỏ giấy chứng nhận")
            if post is None
            else _("Thêm giấy chứng nhận")
            if there is None
            else _("Sửa giấy chứng nhận")
        )
        refused = found.edit(request, change, words)
        if not refused:
            register_bench.tell_saved(request, found)
            return redirect(found.address("register_certificate"))
    return register_bench.page(
        request,
        "building/register_certificate.html",
        found,
        "register_certificate",
        form=form,
        is_there=isinstance(there, Mapping),
        refused=refused,
    )


def _validity(definition: Definition, years: int | None) -> dict[str, int] | None:
    """How long certificates are valid; months, which the page does not ask for, stay as the file says them."""
    section = definition.get("certificate")
    before = section.get("validity") if isinstance(section, Mapping) else None
    if years is None:
        return dict(before) if isinstance(before, Mapping) and "months" in before else None
    return {"years": years}


def _about(definition: Definition) -> dict[str, Any]:
    key = definition.get("key") if isinstance(definition.get("key"), Mapping) else {}
    retention = definition.get("retention") if isinstance(definition.get("retention"), Mapping) else {}
    assert isinstance(key, Mapping)
    assert isinstance(retention, Mapping)
    return {
        "events": ["create", "change", "end"],
        **{part: definition[part] for part in _ALONE if part in definition},
        "key_kind": "field" if key.get("field") else "series",
        "series": key.get("series", ""),
        "key_field": key.get("field", ""),
        "retention_years": retention.get("years"),
        "retention_clears": _cleared(definition, retention),
        "retention_basis": retention.get("legal_basis", ""),
    }


def _cleared(definition: Definition, retention: Mapping[str, Any]) -> list[str]:
    """The fields that are cleared; all means those that can be."""
    clears = retention.get("clears", [])
    if clears != "*":
        return list(clears) if isinstance(clears, list) else []
    key = definition.get("key")
    kept = {key.get("field") if isinstance(key, Mapping) else "", definition.get("responsible")}
    schema = definition.get("schema")
    fields = schema.get("properties") if isinstance(schema, Mapping) else None
    return [name for name in fields if name not in kept] if isinstance(fields, Mapping) else []


def _ticked(found: Opened, standing: str, verb: str) -> set[str]:
    """The fields that are ticked in a column; what a definition does not say is as the engine takes it."""
    access = found.definition.get("access")
    default: dict[str, Any] = {"responsible": {"read": "*", "write": "*"}, "owner": {"read": "*"}}.get(standing, {})
    rule = access.get(standing, default) if isinstance(access, Mapping) else default
    names = rule.get("read" if verb == "xem" else "write", []) if isinstance(rule, Mapping) else []
    return set(found.fields) if names == "*" else set(names if isinstance(names, list) else ())


def _names(view: Mapping[str, Any]) -> list[str]:
    names = view.get("columns")
    return [str(name) for name in names] if isinstance(names, list) else []


def _only(definition: Definition, *parts: str) -> dict[str, Any]:
    return {part: definition.get(part, []) for part in parts}


def _index(request: HttpRequest) -> int | None:
    given = request.POST.get("so", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _MOST_DIGITS else None


def _example(found: Opened) -> str:
    """A rule over fields of this very register, to begin from."""
    for field, prop in found.fields.items():
        kind = field_properties.kind_of(prop)
        if kind in ("integer", "number", "money"):
            return f"{field} == null || {field} > 0"
        if kind == "date":
            return f"{field} == null || {field} <= today"
    return "name != 'Không tên'"
