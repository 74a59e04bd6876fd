"""The packs of this installation: all of them, one with its history, out as a ZIP, taken away."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import sent
from hienluong.foundation.identity.officials import actor_of
from hienluong.services.procedures.scope import province_path
from hienluong.ui import asked

from . import actions, planning, presentation, queries
from .actions import MANAGE
from .forms import RemoveForm
from .models import Part


def manager(request: HttpRequest) -> Actor:
    """Who asks; raises NotAllowed for whoever does not manage the packs of the province."""
    actor = actor_of(request)
    actor.require(MANAGE.code, province_path())
    return actor


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Where one is."""
    return [(_("Trang chủ"), "/"), (_("Gói ngành"), reverse("packs:list")), *more]


def plan_given(request: HttpRequest) -> str:
    """The mark of the plan that the page showed; never empty, so that a post without one agrees to nothing."""
    return request.POST.get("ke-hoach", "")[:64] or "-"


@require_safe
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """All packs, and those that wait for a decision."""
    manager(request)
    last = queries.last_done()
    rows = [{"package": package, "last": last.get(package.pk)} for package in queries.packages()]
    context = {"rows": rows, "offers": list(queries.offers()), "breadcrumbs": [*crumbs()[:1], (_("Gói ngành"), "")]}
    return render(request, "packs/list.html", context)


@require_safe
@officials.only()
def show(request: HttpRequest, name: str) -> HttpResponse:
    """One pack: what it brought, what was done with it."""
    manager(request)
    package = queries.get(name)
    context = {
        "package": package,
        "history": queries.history(package),
        "brought": [{"one": one, "href": _page_of(one.part)} for one in queries.brought(package)],
        "breadcrumbs": crumbs((package.title, "")),
    }
    return render(request, "packs/show.html", context)


def _page_of(part: Part) -> str:
    """Where a part is looked at; empty for what has no page of its own here."""
    pages = {Part.Kind.PROCEDURE: "procedures:show", Part.Kind.CODELIST: "codelists:show"}
    page = pages.get(Part.Kind(part.kind))
    return reverse(page, args=[part.code]) if page else ""


@require_safe
@officials.only()
def export(request: HttpRequest, name: str) -> HttpResponse:
    """The files of a pack as a ZIP, byte for byte as they were installed; ``?lan=12`` as they were that time."""
    manager(request)
    package = queries.get(name)
    time = asked.number(request, "lan", 1, 2**63 - 1)
    installation = queries.find(package.name, time) if time else None
    version = installation.version if installation else package.version
    answer = HttpResponse(queries.files_of(package, installation).to_zip(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{package.name}-{version}.zip"'
    return answer


@require_http_methods(["GET", "POST"])
@officials.only()
def uninstall(request: HttpRequest, name: str) -> HttpResponse:
    """What taking a pack away would do; and, when it is said, doing it."""
    actor = manager(request)
    package = queries.get(name)
    removal = planning.for_uninstall(package)
    form = RemoveForm(request.POST or None, removal=removal)
    verb = partial(actions.uninstall, actor, package=package, expected=plan_given(request))
    if sent(request, form, verb):
        messages.success(
            request, _("Đã gỡ gói “%(title)s”. Không bản ghi, hồ sơ nào bị xóa.") % {"title": package.title}
        )
        return redirect("packs:show", name=package.name)
    if form.is_bound:  # it was refused: perhaps because there is more to take away now
        package = queries.get(name)
        removal = planning.for_uninstall(package)
    named = {one.part.code: one.title for one in queries.brought(package)}
    context = {
        "package": package,
        "removal": removal,
        "rows": presentation.removal_rows(removal, named),
        "form": form,
        "breadcrumbs": crumbs((package.title, reverse("packs:show", args=[package.name])), (_("Gỡ gói"), "")),
    }
    return render(request, "packs/uninstall.html", context, status=422 if form.errors else 200)
