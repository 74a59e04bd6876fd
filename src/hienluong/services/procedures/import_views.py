"""Bringing a file in: upload, preview with faults by row and column, confirm."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files import tables

from . import importers, tasks
from .forms import UploadForm
from .models import ImportBatch
from .views import actor_of

_MOST_SHOWN = 200
#: More entries than this are brought in by a worker: a request must not take a minute.
_AT_ONCE = 200


@login_required
@require_http_methods(["GET", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a file; a sound one leads to its preview."""
    actor = actor_of(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file: UploadedFile[bytes] = form.cleaned_data["file"]
        try:
            found = _read(file, form)
        except InvalidInput as error:
            form.add_error("file", str(error.message))
        else:
            batch = importers.keep(actor, found=found, name=file.name or "") if found.wanted else None
            return _preview(request, found, batch)
    status = 422 if form.errors else 200
    return render(request, "procedures/upload.html", {"form": form, "breadcrumbs": _crumbs()}, status=status)


@login_required
@require_POST
def confirm(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Bring in what the preview showed."""
    actor = actor_of(request)
    batch = get_object_or_404(ImportBatch, pk=batch_id)
    and_publish = request.POST.get("cong_bo") == "1"
    if len(batch.specs) > _AT_ONCE and actor.account_id is not None:
        tasks.import_batch.defer(batch_id=str(batch.pk), account_id=actor.account_id, and_publish=and_publish)
        messages.success(request, _("Đang nhập %(n)d mục; danh mục đầy đủ sau ít phút.") % {"n": len(batch.specs)})
        return HttpResponseRedirect(reverse("procedures:list"))
    refused = importers.confirm(actor, batch=batch, and_publish=and_publish)
    messages.success(request, _("Đã nhập %(n)d mục từ %(file)s.") % {"n": len(batch.specs), "file": batch.name})
    for code, reason in refused[:20]:
        messages.warning(request, f"{code}: {reason}")
    return HttpResponseRedirect(reverse("procedures:list"))


def _read(file: UploadedFile[bytes], form: UploadForm) -> importers.Preview:
    if (file.size or 0) > tables.SMALL.size:
        raise tables.too_large()
    day = form.cleaned_data["effective_from"] or timezone.localdate()
    return importers.preview(file.read(), importers.format_of(file.name or ""), effective_from=day)


def _preview(request: HttpRequest, found: importers.Preview, batch: ImportBatch | None) -> HttpResponse:
    context = {
        "batch": batch,
        "counts": {kind: found.count(kind) for kind in ("new", "changed", "same", "faulty")},
        "rows": [row for row in found.rows if row.kind in ("new", "changed")][:_MOST_SHOWN],
        "errors": found.errors[:_MOST_SHOWN],
        "more": max(0, len(found.errors) - _MOST_SHOWN),
        "breadcrumbs": _crumbs(),
    }
    return render(request, "procedures/preview.html", context)


def _crumbs() -> list[tuple[str, str]]:
    return [
        (_("Trang chủ"), "/"),
        (_("Thủ tục hành chính"), reverse("procedures:list")),
        (_("Nhập danh mục"), reverse("procedures:import")),
    ]
