"""From the link in the mail to an account that its owner can enter."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import DomainError
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import limits
from hienluong.foundation.identity.account_views import managed
from hienluong.foundation.identity.queries import actor_of

from . import invitations
from .forms import FirstPasswordForm

#: Where a browser keeps the secret between the link and the form: no address with it is left in a history or a Referer.
_KEPT = "invitation"
#: Links that one address may open in a quarter of an hour.
TRIES, WINDOW = 60, 15 * 60


@never_cache
@require_safe
def invited(request: HttpRequest, secret: str) -> HttpResponse:
    """The link of the mail: the secret goes into the session and out of the address. Looking uses nothing up."""
    request.session[_KEPT] = secret[:200]
    response = HttpResponseRedirect(reverse("provisioning:set_up"))
    response["Referrer-Policy"] = "no-referrer"
    return response


@sensitive_post_parameters("new", "again")
@never_cache
@require_http_methods(["GET", "POST"])
def set_up(request: HttpRequest) -> HttpResponse:
    """Choose the first password."""
    ip = str(request.META.get("REMOTE_ADDR", ""))
    found = None
    if not limits.too_many("provisioning.set_up", ip, limit=TRIES, seconds=WINDOW):
        found = invitations.of_secret(str(request.session.get(_KEPT, "")))
    if found is None:
        return render(request, "provisioning/spent.html", {"words": invitations.spent().message}, status=404)
    form = FirstPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        new, actor = form.cleaned_data["new"], actor_of(found.account, ip=ip)
        if attempt(form, partial(invitations.set_up, actor, invitation=found, new=new)):
            del request.session[_KEPT]
            messages.success(request, _("Đã đặt mật khẩu. Hãy đăng nhập."))
            return HttpResponseRedirect(reverse("identity:sign_in"))
    context = {"form": form, "account": found.account}
    return render(request, "provisioning/set_up.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then send the owner of an account a link to choose the first password."""
    actor, account = managed(request, pk)
    back = reverse("identity:account", args=[account.pk])
    if request.method == "POST":
        try:
            invitations.invite(actor, account=account)
            messages.success(request, _("Đã gửi thư mời tới %(address)s.") % {"address": account.email})
        except DomainError as error:
            messages.warning(request, str(error.message))
        return HttpResponseRedirect(back)
    crumbs = [(_("Trang chủ"), "/"), (account.username, back), (_("Thư mời"), "")]
    return render(request, "provisioning/invite.html", {"account": account, "back": back, "breadcrumbs": crumbs})
