"""Whose packs this installation takes."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page, sent

from . import actions, queries
from .forms import DistrustForm, SignerForm
from .models import TrustedSigner
from .views import crumbs, manager


@require_safe
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The signers that are trusted, and those that were."""
    manager(request)
    context = {"signers": list(queries.signers()), "breadcrumbs": crumbs((_("Người ký được tin cậy"), ""))}
    return render(request, "packs/signers.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def trust(request: HttpRequest) -> HttpResponse:
    """Trust a key."""
    actor = manager(request)
    form = SignerForm(request.POST or None)
    signer = sent(request, form, partial(actions.trust, actor))
    if signer:
        messages.success(request, _("Đã tin cậy “%(name)s”.") % {"name": signer.name})
        return redirect("packs:signers")
    return form_page(
        request,
        form,
        title=_("Thêm người ký"),
        submit=_("Tin cậy khóa này"),
        back=reverse("packs:signers"),
        crumbs=_crumbs(),
        warning=_("Gói do khóa này ký sẽ được cài. Chỉ thêm khóa mà bạn đã so vân tay với người ký."),
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def distrust(request: HttpRequest, pk: int) -> HttpResponse:
    """Trust a key no more."""
    actor = manager(request)
    signer = get_object_or_404(TrustedSigner, pk=pk)
    form = DistrustForm(request.POST or None)
    done = sent(request, form, partial(actions.distrust, actor, signer=signer))
    if done:
        messages.success(request, _("Đã thôi tin cậy “%(name)s”.") % {"name": signer.name})
        return redirect("packs:signers")
    return form_page(
        request,
        form,
        title=_("Thôi tin cậy “%(name)s”") % {"name": signer.name},
        submit=_("Thôi tin cậy"),
        button="warning",
        back=reverse("packs:signers"),
        crumbs=_crumbs(),
        facts=[{"key": _("Vân tay của khóa"), "value": signer.fingerprint}],
        lead=_("Gói mới do khóa này ký sẽ bị từ chối. Gói đã cài vẫn dùng."),
    )


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Gói ngành"), reverse("packs:list")), (_("Người ký được tin cậy"), reverse("packs:signers"))]
