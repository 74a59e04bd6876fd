"""`/quan-tri/chung-thu-goc`: whose signatures are believed."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity.frame import actor_of_request, form_page
from hienluong.foundation.organisations import queries as organisations
from hienluong.ui.widgets import TextField

from . import pki, trust, trusting
from .models import TrustAnchor


class AddForm(forms.Form):
    """A certificate and why it is believed."""

    file = forms.FileField(
        label=gettext_lazy("Chứng thư của cơ quan chứng thực"),
        help_text=gettext_lazy("Tệp .cer, .crt hoặc .pem lấy từ trang của chính cơ quan đó."),
        widget=forms.FileInput({"accept": ".cer,.crt,.der,.pem"}),
    )
    fingerprint = TextField(
        label=gettext_lazy("Dấu vân tay SHA-256"),
        max_length=120,
        help_text=gettext_lazy("Gõ lại từ văn bản hoặc trang công bố, không chép từ chính tệp: 64 chữ số và chữ a–f."),
    )
    basis = TextField(
        label=gettext_lazy("Căn cứ"),
        max_length=300,
        help_text=gettext_lazy("Văn bản hoặc địa chỉ nơi chứng thư được công bố."),
    )


class WithdrawForm(forms.Form):
    """Why an authority is not believed any more."""

    reason = TextField(label=gettext_lazy("Lý do"), max_length=300)


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Chứng thư gốc tin cậy"), reverse("signing:anchors"))]


@never_cache
@login_required
@require_safe
def anchors(request: HttpRequest) -> HttpResponse:
    """All authorities that are believed: ours, those of the folder, those added here, and those withdrawn."""
    actor_of_request(request).require(trusting.MANAGE, organisations.province().path)
    in_folder, faults = trust.in_folder()
    context = {
        "own": [trust.read(each) for each in pki.trusted_roots()],
        "in_folder": in_folder,
        "faults": faults,
        "added": TrustAnchor.objects.filter(withdrawn_at=None).order_by("name"),
        "withdrawn": TrustAnchor.objects.exclude(withdrawn_at=None).order_by("-withdrawn_at"),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Chứng thư gốc tin cậy"), "")],
    }
    return render(request, "signing/anchors.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Add one authority."""
    actor = actor_of_request(request)
    actor.require(trusting.MANAGE, organisations.province().path)
    sent = request.method == "POST"
    form = AddForm(request.POST, request.FILES) if sent else AddForm()
    if sent and form.is_valid():
        given = form.cleaned_data
        content = given["file"].read(trust.MOST + 1)
        added = attempt(
            form,
            lambda: trusting.trust_authority(
                actor, certificate=content, fingerprint=given["fingerprint"], basis=given["basis"]
            ),
        )
        if added is not None:
            messages.success(request, _("Từ nay tin chữ ký có chứng thư do nơi này cấp."))
            return HttpResponseRedirect(reverse("signing:anchors"))
    return form_page(
        request,
        form,
        title=_("Thêm chứng thư gốc"),
        submit=_("Tin cậy"),
        back=reverse("signing:anchors"),
        crumbs=_crumbs(),
        warning=_("Mọi chữ ký do nơi này chứng thực sẽ được coi là đáng tin. Hãy so dấu vân tay trước."),
    )


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """Take one authority off the list."""
    actor = actor_of_request(request)
    actor.require(trusting.MANAGE, organisations.province().path)
    anchor = TrustAnchor.objects.filter(pk=fingerprint[:64], withdrawn_at=None).first()
    if anchor is None:
        raise Http404
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(form, lambda: trusting.distrust_authority(actor, fingerprint=anchor.pk, reason=reason))
        if done is not None:
            messages.success(request, _("Từ nay không tin chữ ký có chứng thư do nơi này cấp."))
            return HttpResponseRedirect(reverse("signing:anchors"))
    return form_page(
        request,
        form,
        title=_("Thôi tin cậy"),
        submit=_("Thôi tin cậy"),
        back=reverse("signing:anchors"),
        crumbs=_crumbs(),
        lead=anchor.name,
        warning=_("Chữ ký do nơi này chứng thực, kể cả đã ký trước đây, sẽ không được coi là đáng tin nữa."),
    )
