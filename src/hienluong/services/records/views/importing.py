"""Bringing a file in: choose it, say which column is what, look at it first, watch it, take it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.foundation.actions import DomainError, InvalidInput, NotFound
from hienluong.foundation.files import tables
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of

from .. import presentation, reading
from ..forms import UploadForm
from ..importing import actions, files, mapping, previewing
from ..models import Import

PAGES: kept.Pages = {
    "records:stop_import": ("records:import", ("code", "batch")),
    "records:resume_import": ("records:import", ("code", "batch")),
    "records:undo_import": ("records:import", ("code", "batch")),
}
MOST_FAULTS = 200


def _opened(request: HttpRequest, code: str) -> reading.Opened:
    """The register, for somebody who may bring files into it."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    actor.require_somewhere("registers.import", _("Bạn không có quyền nhập dữ liệu từ tệp."))
    return opened


def _batch(request: HttpRequest, opened: reading.Opened, number: UUID) -> Import:
    """One's own import; somebody else's does not exist."""
    found = Import.objects.filter(
        pk=number, register=opened.register, account_id=actor_of(request).account_id or 0
    ).first()
    if found is None:
        raise NotFound(_("Không có lần nhập này."))
    return found


@require_http_methods(["GET", "POST"])
@officials.only()
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Choose a file; a sound one leads to its columns. One's former imports are listed below."""
    opened = _opened(request, code)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            file: UploadedFile[bytes] = form.cleaned_data["file"]
            if (file.size or 0) > files.LIMITS.size:
                raise tables.too_large(files.LIMITS)
            batch = actions.take_in(
                actor_of(request), register=opened.register, name=file.name or "", content=file.read()
            )
        except InvalidInput as error:
            form.add_error("file", str(error.message))
        else:
            return redirect("records:map_import", code=code, batch=batch.pk)
    former = Import.objects.filter(register=opened.register, account_id=actor_of(request).account_id or 0)
    context = {
        "code": code,
        "title": presentation.title_of(opened.spec),
        "form": form,
        "former": former.order_by("-created_at")[:20],
        "fields": mapping.targets(opened.spec, actions.writable(actor_of(request), opened)),
        "required": set(opened.spec.schema_.get("required", ())),
    }
    return render(request, "records/upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@officials.only()
def map_columns(request: HttpRequest, code: str, batch: UUID) -> HttpResponse:
    """Say which column goes where; the first rows are shown as they would be, with what is wrong by cell."""
    opened = _opened(request, code)
    found = _batch(request, opened, batch)
    if found.state != Import.State.DRAFT:
        return redirect("records:import", code=code, batch=found.pk)
    actor = actor_of(request)
    places = mapping.targets(opened.spec, actions.writable(actor, opened))
    chosen = _chosen(request, found, places) if request.method == "POST" else found.mapping
    said = request.POST if request.method == "POST" else {}
    updates = said.get("updates") == "1"
    faults = mapping.faults(chosen, opened.spec, places)
    if request.method == "POST" and said.get("viec") == "nhap" and not faults:
        try:
            actions.start(actor, batch=found, mapping=chosen, updates=updates)
            return redirect("records:import", code=code, batch=found.pk)
        except DomainError as error:
            faults = [str(error.message)]
    looked = None if faults else previewing.look(actor, opened, found, chosen)
    context: dict[str, Any] = {
        "code": code,
        "title": presentation.title_of(opened.spec),
        "batch": found,
        "columns": previewing.columns(found, chosen),
        "places": places,
        "faults": faults,
        "looked": looked,
        "updates": updates,
    }
    return render(request, "records/map.html", context, status=422 if faults and said else 200)


def _chosen(request: HttpRequest, batch: Import, places: list[mapping.Target]) -> dict[str, str]:
    known = {place.path for place in places}
    found = {}
    for number in range(len(batch.columns)):
        path = request.POST.get(f"cot-{number}", "")
        if path in known:
            found[str(number)] = path
    return found


@require_GET
@officials.only()
def show(request: HttpRequest, code: str, batch: UUID) -> HttpResponse:
    """How far an import has come, and what was wrong; the page looks again by itself while work goes on."""
    opened = _opened(request, code)
    found = _batch(request, opened, batch)
    if found.state == Import.State.DRAFT:
        return redirect("records:map_import", code=code, batch=found.pk)
    working = found.state in (Import.State.RUNNING, Import.State.UNDOING)
    context = {
        "code": code,
        "title": presentation.title_of(opened.spec),
        "batch": found,
        "working": working,
        "percent": found.read * 100 // found.total,
        "faults": found.faults.order_by("row", "pk")[:MOST_FAULTS],
        "more": max(0, found.faults.count() - MOST_FAULTS),
    }
    template = "records/_progress.html" if request.headers.get("HX-Request") else "records/import.html"
    return render(request, template, context)


@require_POST
@officials.only(PAGES)
def stop(request: HttpRequest, code: str, batch: UUID) -> HttpResponse:
    """Stop after the part that is being written."""
    return _do(request, code, batch, actions.stop, _("Đã dừng. Phần đã nhập được giữ; có thể nhập tiếp."))


@require_POST
@officials.only(PAGES)
def resume(request: HttpRequest, code: str, batch: UUID) -> HttpResponse:
    """Go on where it stopped."""
    return _do(request, code, batch, actions.resume, _("Đang nhập tiếp."))


@require_POST
@officials.only(PAGES)
def undo(request: HttpRequest, code: str, batch: UUID) -> HttpResponse:
    """Take back what the import wrote, but not what somebody has changed since."""
    return _do(request, code, batch, actions.undo, _("Đang hoàn tác."))


def _do(request: HttpRequest, code: str, number: UUID, act: Any, words: str) -> HttpResponse:
    batch = _batch(request, _opened(request, code), number)
    try:
        act(actor_of(request), batch=batch)
        messages.success(request, words)
    except DomainError as error:
        messages.warning(request, str(error.message))
    return redirect("records:import", code=code, batch=batch.pk)
