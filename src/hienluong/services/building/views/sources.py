"""The files of a draft as text, for those who write faster than they click."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import officials

from .. import files, procedure_bench, workspace
from ..forms import NewFileForm, TextForm
from ..workspace import Bench
from . import register_bench


@require_http_methods(["GET", "POST"])
@officials.only()
def source(request: HttpRequest, name: str, file: str) -> HttpResponse:
    """One file: read, write, take away. A file that is not there yet is empty."""
    bench = workspace.open_draft(request, name)
    files.sound_path(file)
    is_there = file in bench.files
    takes_away = request.POST.get("viec") == "xoa"
    form = TextForm(None if takes_away else request.POST or None, initial={"text": bench.files.get(file, "")})
    if request.method == "POST" and (takes_away or form.is_valid()):
        text = None if takes_away else form.cleaned_data["text"]
        words = (
            _("Bỏ tệp %(path)s")
            if takes_away
            else _("Sửa chữ của tệp %(path)s")
            if is_there
            else _("Thêm tệp %(path)s")
        )
        expected = workspace.expected_of(request)
        refused = workspace.tried(
            lambda: workspace.write(bench, file, text, words=words % {"path": file}, expected=expected)
        )
        if not refused:
            return (
                redirect("building:show", name=name)
                if takes_away
                else redirect("building:source", name=name, file=file)
            )
    else:
        refused = ""
    return workspace.page(
        request,
        "building/source.html",
        bench,
        title=file,
        form=form,
        refused=refused,
        file=file,
        is_there=is_there,
        can_go=is_there and file != files.MANIFEST,
        faults=bench.faults(file) if is_there else [],
        **_belongs_to(bench, file),
    )


def _belongs_to(bench: Bench, file: str) -> dict[str, Any]:
    """The tabs of the register, or the page of the procedure, whose file it is; nothing while that cannot be opened."""
    if stem := procedure_bench.using(bench, file):
        return {"procedure": reverse("building:procedure", args=[bench.draft.name, stem])}
    folder, _slash, name = file.partition("/")
    stem = name.removesuffix(".yaml")
    definition = bench.definition(file) if file in bench.files and folder in ("registers", "procedures") else None
    if definition is None:
        return {}
    if folder == "procedures":
        return {"procedure": reverse("building:procedure", args=[bench.draft.name, stem])}
    return {"tabs": register_bench.tabs(register_bench.Opened(bench, stem, file, definition), "source")}


@require_http_methods(["GET", "POST"])
@officials.only()
def add(request: HttpRequest, name: str) -> HttpResponse:
    """Where a new file stands; its text is written on the next page."""
    bench = workspace.open_draft(request, name)
    form = NewFileForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        path = form.cleaned_data["path"]
        if attempt(form, lambda: files.sound_path(path)):
            return redirect("building:source", name=name, file=path)
    return workspace.page(request, "building/new_file.html", bench, title=_("Thêm tệp"), form=form)
