"""Getting back in: two codes, a one-time code, and "this was not me"."""

from __future__ import annotations

import json
import time

from allauth.mfa.webauthn.internal import auth as webauthn
from django.contrib import messages
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import NotFound
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.identity import entering
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.limits import too_many
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.signin import actions as factors
from hienluong.foundation.signin import agents
from hienluong.foundation.signin.proofs import is_ours
from hienluong.ui import asked

from . import actions, codes, waiting
from .forms import EntryForm, PasskeyForm, PasswordForm, TwoCodesForm, WhoForm
from .models import EntryCode, MailedCode

#: In the session: the mailed code that was asked for; the code typed or scanned; the code that was right, and when.
ASKED, SCANNED, ENTERED = "recovery-asked", "recovery-scanned", "recovery-entered"
#: Seconds in which the way in is set once the code was right.
PATIENCE = 20 * 60
_TOO_OFTEN = 429
#: Sign-in names that one code may try in an hour: "taken" tells who else is here.
NAMES = 20


@never_cache
@require_http_methods(["GET"])
def ways(request: HttpRequest) -> HttpResponse:
    """Which ways there are, in plain words."""
    return render(request, "recovery/ways.html", {"hours": int(waiting.BY_CODES.total_seconds() // 3600)})


@never_cache
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Say which account; the answer is the same whether there is one."""
    form = WhoForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who = form.cleaned_data["who"]
        here = too_many("recovery.ask", _address(request), limit=20, seconds=3600)
        if too_many("recovery.ask.for", who.strip().casefold(), limit=5, seconds=3600) or here:
            form.add_error(None, _("Đã thử nhiều lần. Hãy chờ một giờ rồi thử lại."))
            return render(request, "recovery/ask.html", {"form": form}, status=_TOO_OFTEN)
        made = actions.ask_for_code(actor_of_request(request), account=codes.owner(who))
        request.session[ASKED] = made.pk
        return HttpResponseRedirect(reverse("recovery:codes"))
    return render(request, "recovery/ask.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def two_codes(request: HttpRequest) -> HttpResponse:
    """The mailed code and a recovery code; both right begin the wait."""
    wanted = MailedCode.objects.filter(pk=request.session.get(ASKED) or 0).first()
    if wanted is None:
        return HttpResponseRedirect(reverse("recovery:ask"))
    form = TwoCodesForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        here = too_many("recovery.codes.from", _address(request), limit=20, seconds=3600)
        if too_many("recovery.codes", str(wanted.pk), limit=5, seconds=24 * 3600) or here:
            form.add_error(None, _("Đã thử sai nhiều lần. Hãy xin mã khác, hoặc đến bộ phận một cửa."))
            return render(request, "recovery/codes.html", {"form": form}, status=_TOO_OFTEN)
        given = form.cleaned_data
        begun = attempt(form, lambda: actions.begin_with_codes(actor_of_request(request), asked=wanted, **given))
        if begun is not None:
            del request.session[ASKED]
            return render(request, "recovery/begun.html", {"recovery": begun[0], "code": begun[1]})
    return render(request, "recovery/codes.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """A one-time code and whose it is. What a QR code brought leaves the address at once."""
    if request.method == "GET" and "ma" in request.GET:
        request.session[SCANNED] = asked.text(request, "ma", 40)
        return HttpResponseRedirect(reverse("recovery:enter"))
    form = EntryForm(request.POST or None, initial={"code": request.session.get(SCANNED, "")})
    if request.method == "POST" and form.is_valid():
        found = codes.redeemed(form.cleaned_data["code"], form.cleaned_data["who"], _address(request))
        if found is None:
            form.add_error(
                None,
                _("Mã và người không khớp, hoặc mã đã dùng, đã hết hạn. Thử sai nhiều lần thì mã bị khóa một ngày."),
            )
        elif found.opens_at > timezone.now():
            form.add_error(None, actions.opening_words(found))
        else:
            request.session.pop(SCANNED, None)
            request.session.cycle_key()
            request.session[ENTERED] = [found.pk, time.time()]
            return HttpResponseRedirect(reverse("recovery:set"))
    return render(request, "recovery/enter.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def set_way_in(request: HttpRequest) -> HttpResponse:
    """Set a password or a passkey, alone with one's own device."""
    code = _entered(request)
    if code is None:
        messages.warning(request, _("Đã quá lâu. Hãy nhập lại mã."))
        return HttpResponseRedirect(reverse("recovery:enter"))
    first = code.recovery_id is None
    by_key = request.method == "POST" and "credential" in request.POST
    initial = {"username": code.account.party.phone if first and code.account.party else ""}
    form = PasswordForm(request.POST if request.method == "POST" and not by_key else None, first=first, initial=initial)
    named = {**initial, "name": agents.described(str(request.META.get("HTTP_USER_AGENT", "")))}
    key = PasskeyForm(request.POST if by_key else None, first=first, initial=named, auto_id="key_%s")
    if request.method == "POST" and first and too_many("recovery.name", str(code.pk), limit=NAMES, seconds=3600):
        (key if by_key else form).add_error(None, _("Đã thử nhiều lần. Hãy chờ một giờ rồi thử lại."))
    if form.is_bound and form.is_valid():
        name, new = form.cleaned_data.get("username", ""), form.cleaned_data["new"]
        actor = actor_of_request(request)
        account = attempt(form, lambda: actions.set_way_in(actor, code=code, password=new, username=name))
        if account is not None:
            del request.session[ENTERED]
            messages.success(request, _("Đã đặt cách đăng nhập. Hãy tạo mã dự phòng cho lúc quên mật khẩu."))
            return entering.after_password(request, account, reverse("signin:recovery_codes"))
    if by_key and key.is_valid() and _key_kept(request, key, code):
        del request.session[ENTERED]
        messages.success(request, _("Đã thêm khóa truy cập. Hãy đăng nhập bằng khóa đó."))
        return HttpResponseRedirect(reverse("identity:sign_in"))
    wrong = bool(form.errors or key.errors)
    options = json.dumps(webauthn.begin_registration(code.account, True), cls=DjangoJSONEncoder)
    context = {"form": form, "key": key, "first": first, "options": options}
    return render(request, "recovery/set.html", context, status=422 if wrong else 200)


def _key_kept(request: HttpRequest, form: PasskeyForm, code: EntryCode) -> bool:
    """Whether the passkey of the form is now the way into the account."""
    credential, name = form.cleaned_data["credential"], form.cleaned_data["name"]
    if not is_ours(credential):
        form.add_error(None, _("Không tạo được khóa truy cập. Hãy thử lại."))
        return False

    def keep() -> Account:
        with transaction.atomic():
            told = form.cleaned_data.get("username", "")
            account = actions.set_way_in(actor_of_request(request), code=code, username=told)
            owner = actor_of(account, ip=_address(request))
            factors.add_passkey(owner, account=account, name=name, credential=credential)
            return account

    return attempt(form, keep) is not None


@never_cache
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, link: str) -> HttpResponse:
    """ "This was not me": looked at first, because mail programs open links by themselves; stopped by the button."""
    if too_many("recovery.stop", _address(request), limit=60, seconds=3600):
        return render(request, "recovery/stopped.html", {"often": True}, status=_TOO_OFTEN)
    recovery = actions.of_link(link)
    if recovery is None or not waiting.stoppable(recovery):
        raise NotFound(_("Liên kết này không còn dùng được."))
    if request.method == "POST":
        actions.stop(actor_of_request(request), link=link)
        return render(request, "recovery/stopped.html", {"often": False})
    return render(request, "recovery/stop.html", {"recovery": recovery})


def _entered(request: HttpRequest) -> EntryCode | None:
    """The code that was right a short while ago in this browser, still good."""
    held = request.session.get(ENTERED)
    if not held or time.time() - float(held[1]) > PATIENCE:
        return None
    good = EntryCode.objects.filter(pk=held[0], used_at__isnull=True, ended_at__isnull=True)
    return good.select_related("account__party").filter(expires_at__gt=timezone.now()).first()


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
