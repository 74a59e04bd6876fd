"""A pack that is to be installed: uploaded or brought back, its faults or its plan shown, then installed or thrown away."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import sent
from hienluong.foundation.schemas.positions import Fault

from . import actions, opening, planning, presentation, queries
from .forms import AcceptForm, UploadForm
from .models import Offer
from .opening import Bundle
from .views import crumbs, manager, plan_given

#: Most faults that a page tells; mending these often mends the rest.
_MOST_FAULTS = 200


@require_http_methods(["GET", "POST"])
@officials.only()
def upload(request: HttpRequest) -> HttpResponse:
    """Choose a ZIP; a sound one leads to its plan, a faulty one is told by file and line."""
    actor = manager(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    faults: list[Fault] = []
    if request.method == "POST" and form.is_valid():
        try:
            offer = actions.offer(actor, body=form.cleaned_data["file"])
        except actions.NotInstallable as refusal:
            faults = refusal.faults
            form.add_error("file", _("Gói có %(count)d lỗi, xem ở dưới.") % {"count": len(faults)})
        else:
            return redirect("packs:offer", pk=offer.pk)
    context = {
        "form": form,
        "faults": faults[:_MOST_FAULTS],
        "more": max(0, len(faults) - _MOST_FAULTS),
        "breadcrumbs": crumbs((_("Tải gói lên"), "")),
    }
    return render(request, "packs/upload.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The plan of a pack that was uploaded; and, when it is agreed to, carrying it out."""
    actor = manager(request)
    offer = queries.offer(pk)
    accept = partial(actions.accept, actor, offer=offer)
    return _plan_page(request, lambda: opening.open_offer(offer), accept, _("Xem trước khi cài"), offer=offer)


@require_http_methods(["GET", "POST"])
@officials.only()
def bring_back(request: HttpRequest, name: str) -> HttpResponse:
    """The plan of a pack that was taken away; and, when it is agreed to, bringing it back."""
    actor = manager(request)
    package = queries.get(name)
    again = partial(actions.bring_back, actor, package=package)
    return _plan_page(request, lambda: opening.open_again(package), again, _("Cài lại"))


def _plan_page(
    request: HttpRequest,
    opened: Callable[[], Bundle],
    carry_out: Callable[..., actions.Done],
    title: str,
    offer: Offer | None = None,
) -> HttpResponse:
    """A plan with the form that agrees to it; a refused one is shown with what was typed, and the plan as it is then."""
    plan = planning.for_install(opened())
    form = AcceptForm(request.POST or None, plan=plan)
    done = sent(request, form, partial(carry_out, expected=plan_given(request)))
    if done:
        words = {"title": done.package.title, "version": done.package.version}
        messages.success(request, _("Đã cài gói “%(title)s” %(version)s.") % words)
        return redirect("packs:show", name=done.package.name)
    if form.is_bound:
        plan = planning.for_install(opened())
    context = {
        "offer": offer,
        "title": title,
        "plan": plan,
        "faults": plan.faults[:_MOST_FAULTS],
        "more": max(0, len(plan.faults) - _MOST_FAULTS),
        "signature": presentation.signature(plan),
        "facts": presentation.facts(plan),
        "rows": presentation.rows(plan),
        "form": form,
        "breadcrumbs": crumbs((title, "")),
    }
    return render(request, "packs/offer.html", context, status=422 if form.errors else 200)


@require_POST
@officials.only({"packs:give_up": ("packs:offer", ("pk",))})
def give_up(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Throw an uploaded pack away."""
    actor = manager(request)
    offer = queries.offer(pk)
    actions.give_up(actor, offer=offer)
    messages.success(request, _("Đã bỏ gói “%(name)s” vừa tải lên.") % {"name": offer.name})
    return redirect(reverse("packs:list"))
