"""Writing records: a new one, a change or a correction, the end of one. The actions decide; nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.forms import fields, file_answers
from hienluong.capabilities.registers import actions, attached, history, looks, migrating, queries
from hienluong.capabilities.registers.access import rights
from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.models import Definition, Record, Register, Version
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Actor, DomainError
from hienluong.foundation.files import store
from hienluong.foundation.files.checks import clean_name
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of

from .. import entry, of_day, presentation, reading
from ..forms import WRONG, ChangeForm, EndForm, SinceForm
from ..of_day import Asked

#: Before the names of what is said about a writing: a register may have a field `kind` or `reason` of its own.
ABOUT = "viec"
#: What stands beside a writing unseen: no message stands there.
HELD = ("expected", "version")


@require_http_methods(["GET", "POST"])
@officials.only()
def create(request: HttpRequest, code: str) -> HttpResponse:
    """A new record."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    spec = opened.spec
    writable = reading.fields_to_write(actor, opened)
    places = entry.places(actor)
    known = {spec.responsible: next(iter(places))} if spec.responsible in writable and len(places) == 1 else {}

    def asked_by(version: Definition) -> Asked:
        then = replace(opened, spec=spec_of(version))
        may = reading.fields_to_write(actor, then)
        return Asked(version, entry.form_of(then.spec, may, places, is_new=True), known, is_there=False)

    post = _post(request)
    asked, before = _asked(request, post, opened.register, SinceForm, asked_by)
    form, about = _forms(request, post, asked, before, SinceForm, {})
    if _is_sent(request) and before is None and form.is_valid() & about.is_valid():

        def write() -> int:
            made = actions.create(
                actor,
                register=opened.register,
                data=form.outcome.data,
                since=about.cleaned_data["since"],
                meant_for=timezone.localdate(),
            )
            return made.pk

        if (made := write_or_say(form, about, write)) is not None:
            messages.success(request, _("Đã ghi bản ghi mới."))
            return redirect("records:record", code=code, record=made)
    context = {"code": code, "title": presentation.title_of(spec), "form": form, "about": about, "is_new": True}
    context["version"] = of_day.said_of(asked, is_turned=before is not None)
    return render(request, "records/write.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def change(request: HttpRequest, code: str, record: int) -> HttpResponse:
    """A change or a correction of a record."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    found, allowed = reading.record_to_write(actor, opened, record)
    spec = opened.spec
    now = history.at(found, timezone.now())
    version = now or history.newest(found)
    data = {name: value for name, value in (version.data if version else {}).items() if name in allowed.read}
    places = {**entry.places(actor), **({version.organization.code: version.organization.name} if version else {})}

    def asked_by(wanted: Definition) -> Asked:
        return _asked_of(actor, opened, found, version, wanted, places, data if now else None)

    post = _post(request)
    began = timezone.localdate(version.valid.lower) if version and version.valid.lower else None
    asked, before = _asked(request, post, opened.register, ChangeForm, asked_by, began)
    form, about = _forms(request, post, asked, before, ChangeForm, {"expected": history.last_change(found)})
    if _is_sent(request) and before is None and form.is_valid() & about.is_valid():
        said = about.cleaned_data
        correction = said["kind"] == WRONG
        since: datetime | date | None = said["since"]
        until = None
        if correction and version:
            since, until = version.valid.lower, migrating.ends(version)
        # What was left as it was shown is not said again: from a past day on, it may have been something else.
        typed = {name: form.outcome.data.get(name) for name in asked.form.fields}
        given = {name: value for name, value in typed.items() if not asked.is_there or value != asked.data.get(name)}

        def write() -> int:
            return actions.change(
                actor,
                record=found,
                data=given,
                since=since,
                until=until,
                correction=correction,
                meant_for=timezone.localdate(),
                expected=said["expected"],
                provenance=Provenance(reason=said["reason"]),
            ).change

        if write_or_say(form, about, write) is not None:
            messages.success(request, _("Đã ghi thay đổi."))
            return redirect("records:record", code=code, record=found.pk)
    reading.look(request, opened, looks.numbers_in(spec, [version.data] if version else []), allowed.read)
    context = {
        "code": code,
        "title": presentation.title_of(spec),
        "form": form,
        "about": about,
        "record": found,
        "name": presentation.name_of(spec, data, found.key),
        "version": of_day.said_of(asked, is_turned=before is not None),
    }
    return render(request, "records/write.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def end(request: HttpRequest, code: str, record: int) -> HttpResponse:
    """The end of a record."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    found, allowed = reading.record_to_write(actor, opened, record)
    form = EndForm(_post(request))
    if _is_sent(request) and form.is_valid():
        said = form.cleaned_data

        def write() -> int:
            is_void = said["kind"] == "void"
            return actions.end(
                actor, record=found, at=said["since"], void=is_void, provenance=Provenance(reason=said["reason"])
            ).change

        if write_or_say(form, form, write) is not None:
            messages.success(request, _("Đã chấm dứt bản ghi."))
            return redirect("records:record", code=code, record=found.pk)
    newest = history.newest(found)
    data: Mapping[str, Any] = newest.data if newest else {}
    visible = {name: value for name, value in data.items() if name in allowed.read}
    reading.look(request, opened, looks.numbers_in(opened.spec, [data]), {opened.spec.name} & allowed.read)
    context = {
        "code": code,
        "title": presentation.title_of(opened.spec),
        "form": form,
        "record": found,
        "name": presentation.name_of(opened.spec, visible, found.key),
    }
    return render(request, "records/end.html", context)


def _post(request: HttpRequest) -> Any:
    """What was sent, now or before the session ended; None when the page is only opened."""
    if request.method == "POST":
        return request.POST
    held = kept.take(request)
    return held.data if held else None


def _asked_of(
    actor: Actor,
    opened: reading.Opened,
    record: Record,
    newest: Version | None,
    wanted: Definition,
    places: Mapping[str, str],
    now: Mapping[str, Any] | None,
) -> Asked:
    """What is asked for of a record by a version; `now` is what it says today, None when nothing."""
    spec = spec_of(wanted)
    allowed = rights(actor, spec, queries.place_of(record))
    form = entry.form_of(spec, allowed.write, places, is_new=False)
    begins: date = wanted.valid.lower
    if begins <= timezone.localdate():
        said = now if now is not None else newest.data if newest else {}
        return Asked(wanted, form, {name: said[name] for name in said if name in allowed.read}, now is not None)
    said, is_there = of_day.standing(record, wanted, newest, begins)
    return Asked(wanted, form, {name: said[name] for name in said if name in allowed.read}, is_there)


def _asked(
    request: HttpRequest,
    post: Any,
    register: Register,
    about: type[forms.Form],
    asked_by: Callable[[Definition], Asked],
    correction_since: date | None = None,
) -> tuple[Asked, Asked | None]:
    """What to ask for, by the version of the day that is named; and what the page asked for from which it was named, where
    that was something else: then nothing is judged yet."""
    shown = of_day.shown(register, post, ABOUT)
    before = asked_by(shown)
    if not _is_sent(request):
        return before, None
    wanted = of_day.wanted(register, about(post, prefix=ABOUT), shown, correction_since)
    if wanted.pk == shown.pk:
        return before, None
    asked = asked_by(wanted)
    is_same = (asked.form.fields, asked.form.data_schema) == (before.form.fields, before.form.data_schema)
    return asked, None if is_same else before


def _forms(
    request: HttpRequest,
    post: Any,
    asked: Asked,
    before: Asked | None,
    about: type[forms.Form],
    initial: dict[str, Any],
) -> tuple[fields.PageForm, forms.Form]:
    """The record's own form and what is said about the writing. When a row was asked for, or what to ask for has changed since
    `before`, nothing is judged yet."""
    definition, data = (before or asked).form, (before or asked).data
    sheet, version = definition.pages[0], {"version": asked.definition.version}
    initial = {**initial, **version}
    refused: dict[str, str] = {}
    if request.method == "POST":
        post, refused = file_answers.take_in(definition, request.POST, request.FILES, _keeper(request))
    if post is not None and _is_sent(request) and refused and before is None:
        form = fields.bind(sheet, definition, data, post)
        for name, message in refused.items():
            form.add_error(name, message)
        return form, about(post, initial=initial, prefix=ABOUT)
    if before is None and (post is None or _is_sent(request) or request.method == "GET"):
        return fields.bind(sheet, definition, data, post), about(post, initial=initial, prefix=ABOUT)
    typed: dict[str, Any] = fields.typed(sheet, definition, post)
    said = {
        name: field.widget.value_from_datadict(post, request.FILES, f"{ABOUT}-{name}")
        for name, field in about.base_fields.items()
    }
    again = about(initial={**initial, **said, **version}, prefix=ABOUT)
    if before is None:
        return fields.bind(sheet, definition, {**data, **typed}), again
    for message in refused.values():
        messages.warning(request, message)
    begun = of_day.typed_over(asked.definition.register, before, asked, typed)
    return fields.bind(asked.form.pages[0], asked.form, begun), again


def _keeper(request: HttpRequest) -> file_answers.Keep:
    """Keeps a file that is chosen for a field, as the writer's own until it is written to the record."""
    owner = actor_of(request).account_id

    def keep(upload: Any, label: str) -> StoredFile:
        return store(upload, name=clean_name(upload.name or label), owner=owner, purpose=attached.PURPOSE)

    return keep


def _is_sent(request: HttpRequest) -> bool:
    return request.method == "POST" and not fields.asks_for_a_row(request.POST)


def write_or_say(form: Any, about: Any, write: Callable[[], int]) -> int | None:
    """Write, or put what the register says beside the boxes it is about."""
    try:
        return write()
    except DomainError as error:
        if error.status == 404:
            raise
        errors = error.details.get("errors")
        named: Mapping[str, list[str]] = (
            errors if isinstance(errors, Mapping) else {error.field or "": [str(error.message)]}
        )
        for name, found in named.items():
            target = next((one for one in (form, about) if name in one.fields and name not in HELD), None)
            for message in found:
                (target or about).add_error(name if target else None, message)
        return None
