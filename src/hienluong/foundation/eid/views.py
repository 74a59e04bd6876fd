"""Signing in by an identity provider: going there, coming back, and what is said when it does not work."""

from __future__ import annotations

import ipaddress
import logging
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from hienluong.foundation.actions import Actor, DomainError, system
from hienluong.foundation.identity import entering, limits
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.views import next_address
from hienluong.foundation.signin import factors, steps
from hienluong.foundation.signin.factor_views import confirmed_first

from . import actions, flow, refusals, standing, wire
from .claims import Person
from .configured import Provider
from .models import Link
from .refusals import Refused

log = logging.getLogger(__name__)
#: Refusals of one address that are written down, in a minute: who calls the address of return again and again must not
#: fill the log.
WRITTEN = 20
#: Sign-ins that one address may begin in a minute: a whole office may share one.
BEGUN = 120


@never_cache
@require_safe
def enter(request: HttpRequest, key: str) -> HttpResponse:
    """Go to the provider to sign in; `?next=` says where to afterwards."""
    provider = provider_of(key)
    if request.user.is_authenticated:
        return HttpResponseRedirect(next_address(request, settings.LOGIN_REDIRECT_URL))
    if elsewhere := _same_machine_elsewhere(request):
        return HttpResponseRedirect(elsewhere)
    return _go(request, provider, "enter", next_address(request, ""))


@never_cache
@login_required
@confirmed_first
@require_safe
def link(request: HttpRequest, key: str) -> HttpResponse:
    """Go to the provider to link one's own account to it."""
    return _go(request, provider_of(key), "link", reverse("signin:security"))


@never_cache
@login_required
@require_safe
def confirm(request: HttpRequest, key: str) -> HttpResponse:
    """Go to the provider to prove once more who is there."""
    provider, account = provider_of(key), _account(request)
    if factors.guarded(account) or not Link.objects.filter(account=account, provider=key).exists():
        raise Http404
    return _go(request, provider, "confirm", next_address(request, reverse("signin:security")))


@never_cache
@require_safe
def back(request: HttpRequest, key: str) -> HttpResponse:
    """Where the provider sends people back to."""
    provider = provider_of(key)
    address = ""
    try:
        begun = flow.take(request, provider)
        address = begun.address
        person = flow.finish(provider, begun, request.GET.dict())
        standing.answered(provider)
        return _ARRIVED[begun.purpose](request, provider, begun, person)
    except wire.Away as fault:
        return _away(request, provider, fault, address)
    except DomainError as fault:
        return _refused(request, provider, fault, address)


@never_cache
@login_required
@require_safe
def offer_passkey(request: HttpRequest) -> HttpResponse:
    """After the first sign-in by a provider: a passkey works also on the day when the provider does not."""
    address = next_address(request, settings.LOGIN_REDIRECT_URL)
    add = f"{reverse('signin:add_passkey')}{_query(address)}"
    return render(request, "eid/offer_passkey.html", {"next": address, "add": add})


def provider_of(key: str) -> Provider:
    """A configured provider. Http404."""
    found: Provider | None = settings.IDENTITY_PROVIDERS.get(key)
    if found is None:
        raise Http404
    return found


def _go(request: HttpRequest, provider: Provider, purpose: str, address: str) -> HttpResponse:
    """To the provider; where it was away when last asked it is asked first, so that nobody is sent to a dead page."""
    ip = str(request.META.get("REMOTE_ADDR", ""))
    if limits.too_many("eid.begin", ip, limit=BEGUN, seconds=60):
        return _refused(request, provider, Refused("too_many"), address)
    try:
        if provider.key in standing.away() and (still := standing.look(provider)):
            raise wire.Away(still)
        return HttpResponseRedirect(flow.begin(request, provider, purpose, address))
    except wire.Away as fault:
        return _away(request, provider, fault, address)


def _entered(request: HttpRequest, provider: Provider, begun: flow.Begun, person: Person) -> HttpResponse:
    entered = actions.enter(_vouching(request, provider), provider=provider, person=person)
    account = entered.account
    strong = True if person.level >= 2 else None
    record_authentication(request, account, "eid", type=provider.key, level=person.level, strong=strong)
    address = entering.beginning(account, begun.address)
    if entered.linked and _may_have_passkeys(request) and not factors.factors_of(account).passkeys:
        address = f"{reverse('eid:offer_passkey')}?{urlencode({'next': address})}"
    answer: HttpResponse = perform_login(request, Login(user=account, redirect_url=address))
    return answer


def _linked(request: HttpRequest, provider: Provider, begun: flow.Begun, person: Person) -> HttpResponse:
    actions.link(actor_of_request(request), account=_account(request), provider=provider, person=person)
    messages.success(request, _("Đã liên kết với %(name)s.") % {"name": provider.name})
    return HttpResponseRedirect(begun.address)


def _confirmed(request: HttpRequest, provider: Provider, begun: flow.Begun, person: Person) -> HttpResponse:
    account = _account(request)
    held = Link.objects.filter(
        account=account, provider=provider.key, subject_hash=actions.subject_hash(provider, person.subject)
    )
    if factors.guarded(account) or not held.exists():
        raise Refused("other_person")
    strong = True if person.level >= 2 else None
    record_authentication(
        request, account, "eid", type=provider.key, level=person.level, strong=strong, reauthenticated=True
    )
    steps.proved_again(request)
    return HttpResponseRedirect(begun.address)


_ARRIVED = {"enter": _entered, "link": _linked, "confirm": _confirmed}


def _away(request: HttpRequest, provider: Provider, fault: wire.Away, address: str) -> HttpResponse:
    """The provider is in trouble: what still works, and where the person wanted to go is kept."""
    log.warning("identity provider %s: %s", provider.key, fault)
    if not fault.told:
        standing.failed(provider, str(fault))
    others = [each for each in settings.IDENTITY_PROVIDERS.values() if each.key != provider.key]
    context = {"provider": provider, "others": others, "next": address, "query": _query(address)}
    return render(request, "eid/away.html", context, status=503)


def _refused(request: HttpRequest, provider: Provider, fault: DomainError, address: str) -> HttpResponse:
    reason = fault.code.removeprefix("eid.")
    detail = fault.detail if isinstance(fault, Refused) else ""
    ip = str(request.META.get("REMOTE_ADDR", ""))
    if reason != "cancelled" and not limits.too_many("eid.refused", ip, limit=WRITTEN, seconds=60):
        actions.refuse(_vouching(request, provider), provider=provider, reason=reason, detail=detail)
    context = {
        "provider": provider,
        "words": fault.message,
        "code": fault.code,
        "again": reason in refusals.TRY_AGAIN and not request.user.is_authenticated,
        "next": address,
        "query": _query(address),
    }
    return render(request, "eid/refused.html", context, status=fault.status)


def _vouching(request: HttpRequest, provider: Provider) -> Actor:
    """The provider as who acts, from the address of who came back."""
    ip, request_id = str(request.META.get("REMOTE_ADDR", "")), getattr(request, "request_id", "")
    return replace(system(provider.name), ip=ip, request_id=request_id, purpose="eid.signing_in")


def _same_machine_elsewhere(request: HttpRequest) -> str:
    """This address under the name that the provider sends people back to, where both are names of this machine.

    ``localhost`` and ``127.0.0.1`` have cookies of their own: who begins at one comes back as a stranger to the other.
    """
    here, ours = request.get_host(), urlsplit(settings.BASE_URL)
    local = ("localhost", "127.0.0.1", "::1")
    if here == ours.netloc or ours.hostname not in local or urlsplit(f"//{here}").hostname not in local:
        return ""
    return f"{settings.BASE_URL}{request.get_full_path()}"


def _may_have_passkeys(request: HttpRequest) -> bool:
    """Passkeys are bound to a name: an address that is only a number has none."""
    try:
        ipaddress.ip_address(urlsplit(f"//{request.get_host()}").hostname or "")
    except ValueError:
        return True
    return False


def _query(address: str) -> str:
    return f"?{urlencode({'next': address})}" if address else ""


def _account(request: HttpRequest) -> Account:
    account = request.user
    assert isinstance(account, Account)
    return account
