"""Trying a register before it is installed, and its versions: what a new one would break, how records come over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.registers.models import Definition as Installed
from hienluong.foundation.identity import officials
from hienluong.foundation.schemas.display import show
from hienluong.foundation.schemas.kinds import expanded
from hienluong.foundation.schemas.properties import label_of

from .. import preview, workspace
from .. import register_operations as ops
from ..carrying import CarryForm
from ..register_forms import NextVersionForm
from . import register_bench
from .register_bench import Opened


@require_http_methods(["GET", "POST"])
@officials.only()
@register_bench.with_own_lists
def trial(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """The form of a record as officials will fill it in; what is typed is judged and kept nowhere."""
    found = register_bench.opened(request, name, stem)
    shown = preview.trial(found.definition)
    post = request.POST if request.method == "POST" else None
    form = preview.form_of(shown, found.definition, post) if shown else None
    is_good = bool(form is not None and form.is_bound and form.is_valid())
    views = found.definition.get("lists") or ()
    computed = _computed(found, form.outcome.data) if form is not None and is_good else []
    first = next((view for view in views if isinstance(view, Mapping)), {})
    names = [str(each) for each in first.get("columns") or ()]
    return register_bench.page(
        request,
        "building/register_trial.html",
        found,
        "register_trial",
        form=form,
        is_good=is_good,
        computed=computed,
        columns=preview.columns(found.definition, names),
        rows=preview.rows(found.definition, names),
    )


def _computed(found: Opened, data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What is computed of what was typed: label and value, so that its author sees whether the formula is right."""
    named = found.definition.get("computed")
    return [
        (label_of(name, found.fields[name]), show(data.get(name), expanded(found.fields[name])))
        for name in (named if isinstance(named, Mapping) else ())
        if name in found.fields
    ]


@require_http_methods(["GET", "POST"])
@officials.only()
@register_bench.with_own_lists
def version(request: HttpRequest, name: str, stem: str) -> HttpResponse:
    """Which version is in force, what this one would break, how records come over."""
    found = register_bench.opened(request, name, stem)
    installed, spec, before = found.installed, found.spec, found.before
    work = request.POST.get("viec", "")
    form = NextVersionForm(request.POST if work == "moi" else None, initial={"effective_from": found.first_day})
    migrate = found.definition.get("migrate")
    carry = CarryForm(
        request.POST if work == "chuyen" else None,
        found=found.broken,
        before=before,
        migrate=migrate if isinstance(migrate, Mapping) else {},
    ) if before else None  # fmt: skip
    refused = ""
    if work == "moi" and form.is_valid() and _follows(form, installed):
        day, expected = form.cleaned_data["effective_from"], workspace.expected_of(request)
        refused = workspace.tried(lambda: found.begin_next(day, expected))
    elif work == "chuyen" and carry is not None and carry.is_valid():
        refused = _carry_over(request, found, carry.cleaned_data["migrate"])
        if not refused:
            register_bench.tell_saved(request, found, ("migrate",))
    if work and not refused and not form.errors and not (carry and carry.errors):
        return redirect(found.address("register_version"))
    is_held = bool(spec and any(each.version == spec.version for each in installed))
    return register_bench.page(
        request,
        "building/register_version.html",
        found,
        "register_version",
        form=form if form.errors or not (carry and carry.errors) else carry,
        next_form=form,
        carry=carry,
        refused=refused,
        installed=installed,
        before=before,
        spec=spec,
        is_held=is_held,
        is_same=bool(spec and any(each.version == spec.version and each.digest == spec.digest for each in installed)),
    )


def _follows(form: NextVersionForm, installed: Sequence[Installed]) -> bool:
    """Whether the day comes after that of every installed version; what is wrong is said at its box."""
    began = max((each.valid.lower for each in installed), default=None)
    if began is None or form.cleaned_data["effective_from"] > began:
        return True
    said = _("Phải sau ngày %(day)s, ngày phiên bản đang dùng bắt đầu có hiệu lực.")
    form.add_error("effective_from", said % {"day": f"{began:%d/%m/%Y}"})
    return False


def _carry_over(request: HttpRequest, found: Opened, said: Mapping[str, str]) -> str:
    """Say how records come into the new version; what was refused, in words."""
    kept = found.definition.get("migrate")
    others = {field: str(how) for field, how in kept.items() if field not in said} if isinstance(kept, Mapping) else {}
    return found.edit(request, lambda d: ops.set_migrate(d, migrate={**others, **said}), _("Ghi cách chuyển dữ liệu"))
