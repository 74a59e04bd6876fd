"""The drafts: all of them, a new one, one with its parts, installing it, taking it away as a .zip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page, sent
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.positions import Fault, parse
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.packs import planning, presentation
from hienluong.services.packs.called import titles
from hienluong.services.procedures import packs

from .. import actions, workspace, yaml_text
from .. import files as texts
from ..files import MANIFEST
from ..forms import ArchiveForm, BeginForm, ManifestForm, ShippedForm
from ..mending import Mending, mended_at, noted
from ..models import Draft
from ..numbering import numbered
from ..procedure_operations import set_about
from ..workspace import Bench

#: Most faults that are shown.
_MOST_FAULTS = 100
#: Folder → what its files are called, and the address that builds one (None: as text only).
PARTS = {
    "registers": "building:register",
    "procedures": "building:procedure",
    "codelists": "building:codelist",
}


@require_safe
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The drafts that one may build."""
    return render(request, "building/drafts.html", {"drafts": list(workspace.drafts(actor_of(request)))})


@require_http_methods(["GET", "POST"])
@officials.only()
def begin(request: HttpRequest) -> HttpResponse:
    """A new draft."""
    actor = _builder(request)
    form = BeginForm(request.POST or None, initial=_at_home(actor))
    draft = sent(request, form, partial(actions.begin, actor))
    if draft:
        return redirect("building:show", name=draft.name)
    return _page(request, form, _("Gói mới"), _("Bắt đầu"))


@require_http_methods(["GET", "POST"])
@officials.only()
def bring(request: HttpRequest) -> HttpResponse:
    """A draft from a .zip."""
    actor = _builder(request)
    form = ArchiveForm(request.POST or None, request.FILES or None, initial=_at_home(actor))
    draft = sent(request, form, lambda file, owner: actions.bring_zip(actor, body=file, owner=owner))
    if draft:
        return redirect("building:show", name=draft.name)
    return _page(request, form, _("Lấy gói từ tệp .zip"), _("Lấy vào"))


@require_http_methods(["GET", "POST"])
@officials.only()
def copy(request: HttpRequest) -> HttpResponse:
    """A draft from a pack that came with the product."""
    actor = _builder(request)
    folders = {
        f"{folder.parent.name}.{folder.name}": folder for folder in packs.shipped_folders() if texts.fits(folder)
    }
    titles = sorted((_title(folder) or name, name) for name, folder in folders.items())
    form = ShippedForm(
        request.POST or None, packs=[(name, f"{title} ({name})") for title, name in titles], initial=_at_home(actor)
    )

    def make(pack: str, owner: Organization) -> Draft:
        return actions.bring(actor, files=texts.of_folder(folders[pack]), owner=owner, source=_("gói đang có"))

    draft = sent(request, form, make)
    if draft:
        return redirect("building:show", name=draft.name)
    return _page(request, form, _("Lấy từ gói đang có"), _("Lấy vào"))


@require_safe
@officials.only()
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One draft: its parts, what is wrong, what comes next."""
    bench = workspace.open_draft(request, name)
    return workspace.page(
        request,
        "building/draft.html",
        bench,
        title=bench.draft.title,
        parts=_parts(bench),
        faults=_mended(bench, bench.checked.pack, bench.checked.faults),
        notes=noted(bench),
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def manifest(request: HttpRequest, name: str) -> HttpResponse:
    """What the pack is: ``pack.yaml``."""
    bench = workspace.open_draft(request, name)
    form = ManifestForm(request.POST or None, initial=bench.definition(MANIFEST))

    def change(definition: Mapping[str, Any]) -> Mapping[str, Any]:
        for part, value in form.cleaned_data.items():
            definition = yaml_text.put(definition, part, value, packs.Manifest.model_fields)
        return definition

    def save() -> None:
        workspace.edit(bench, MANIFEST, change, words=_("Sửa thông tin gói"), expected=workspace.expected_of(request))

    refused = workspace.tried(save) if request.method == "POST" and form.is_valid() else ""
    if form.is_bound and not form.errors and not refused:
        return redirect("building:show", name=name)
    return workspace.page(
        request, "building/manifest.html", bench, title=_("Thông tin gói"), form=form, refused=refused
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def install(request: HttpRequest, name: str) -> HttpResponse:
    """What installing would do; and, when it is said, doing it."""
    bench = workspace.open_draft(request, name)
    refused = ""
    if request.method == "POST" and request.POST.get("viec") == "ngay":
        refused = workspace.tried(lambda: _begin_in_time(bench, workspace.expected_of(request)))
        if not refused:
            return redirect("building:install", name=name)
    elif request.method == "POST":
        expected, agreed = workspace.expected_of(request), request.POST.get("ke-hoach", "")[:64]
        refused = workspace.tried(
            lambda: actions.install(bench.actor, draft=bench.draft, expected=expected, plan=agreed)
        )
        if not refused:
            messages.success(request, _("Đã cài gói “%(title)s”.") % {"title": bench.draft.title})
            return redirect("building:show", name=name)
    plan = planning.for_install(texts.check(numbered(bench.files)).bundle)
    named = titles(plan.bundle.pack)
    return workspace.page(
        request,
        "building/install.html",
        bench,
        title=_("Cài đặt"),
        refused=refused,
        agreed=plan,
        faults=_mended(bench, plan.bundle.pack, plan.faults),
        notes=noted(bench),
        begins=[(named.get(file, file), day) for file, day in plan.begins.items()],
        plan=presentation.rows(plan, whole=True),
        is_idle=plan.is_nothing,
        shown=_shown_to_everybody(plan),
    )


def _mended(bench: Bench, pack: packs.Pack, faults: Sequence[Fault]) -> list[tuple[Fault, Mending]]:
    """The faults, the first of them, each with the page on which it is mended."""
    return [(fault, mended_at(bench, pack, fault)) for fault in faults[:_MOST_FAULTS]]


def _begin_in_time(bench: Bench, expected: int) -> None:
    """Let each procedure begin on the day from which it can write what it says."""
    changed = dict(bench.files)
    for file, day in planning.for_install(texts.check(numbered(bench.files)).bundle).begins.items():
        said = set_about(bench.definition(file) or {}, effective_from=day)
        changed[file] = yaml_text.dump(said, yaml_text.leading_comment(bench.files[file]))
    words = _("Đặt ngày áp dụng theo phiên bản mới của cơ sở dữ liệu")
    actions.save(bench.actor, draft=bench.draft, files=changed, words=words, expected=expected)


def _shown_to_everybody(plan: planning.Plan) -> list[tuple[str, list[str]]]:
    """For each register that comes new or changed what everybody will see of a record: it cannot be taken back from those
    who have seen it."""
    changed = {each.file for each in plan.differences if each.kind != "same"}
    found = []
    for file, spec in plan.bundle.pack.registers:
        public = spec.readable(spec.access.public)
        if file in changed:
            found.append((spec.title, [label_of(name, prop) for name, prop in spec.fields.items() if name in public]))
    return found


@require_safe
@officials.only()
def download(request: HttpRequest, name: str) -> HttpResponse:
    """The files of the pack as a .zip."""
    bench = workspace.open_draft(request, name)
    answer = HttpResponse(texts.as_bytes(bench.files).to_zip(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{bench.draft.name}.zip"'
    return answer


def _parts(bench: Bench) -> list[dict[str, Any]]:
    """The files of the draft with what each is and what is wrong in it."""
    found = []
    versions = _versions(bench)
    for path in sorted(bench.files):
        folder, _slash, file = path.rpartition("/")
        stem = file.removesuffix(".yaml")
        value = parse(bench.files[path], path).value if path.endswith(".yaml") else None
        said = value if isinstance(value, Mapping) else {}
        builder = PARTS.get(folder) if path.endswith(".yaml") else None
        found.append(
            {
                "folder": folder,
                "path": path,
                "title": str(said.get("title") or said.get("name") or file),
                "version": versions.get(path, ""),
                "code": str(said.get("code") or stem),
                "href": reverse(builder, args=[bench.draft.name, stem]) if builder and _exists(builder) else "",
                "faults": len(bench.faults(path)),
            }
        )
    return found


def _versions(bench: Bench) -> dict[str, str]:
    """Of registers with several versions in the draft which one each file is, and since when; by file."""
    registers, today = bench.checked.pack.registers, timezone.localdate()
    found = {}
    for file, spec in registers:
        mine = [each for _file, each in registers if each.code == spec.code]
        begun = [each.version for each in mine if each.effective_from <= today]
        words = {"number": spec.version, "day": f"{spec.effective_from:%d/%m/%Y}"}
        if len(mine) > 1 and begun and spec.version == max(begun):
            found[file] = _("phiên bản %(number)s (đang dùng)") % words
        elif len(mine) > 1:
            found[file] = _("phiên bản %(number)s (từ %(day)s)") % words
    return found


def _exists(builder: str) -> bool:
    from ..urls import urlpatterns

    return builder.partition(":")[2] in {pattern.name for pattern in urlpatterns}


def _builder(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    workspace.drafts(actor)  # refuses those who may build nothing
    return actor


def _at_home(actor: Actor) -> dict[str, str]:
    """One's own organisation, as the first guess of who owns a draft."""
    own = Organization.objects.filter(pk=actor.organization_id).first() if actor.organization_id else None
    return {"owner": own.name} if own else {}


def _title(folder: Path) -> str:
    try:
        value = parse((folder / MANIFEST).read_text("utf-8"), MANIFEST).value
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(_("Không đọc được gói đang có.")) from error
    return str(value.get("title", "")) if isinstance(value, dict) else ""


def _page(request: HttpRequest, form: Any, title: str, submit: str) -> HttpResponse:
    back = reverse("building:drafts")
    return form_page(request, form, title=title, submit=submit, back=back, crumbs=[(_("Xưởng khai báo"), back)])
