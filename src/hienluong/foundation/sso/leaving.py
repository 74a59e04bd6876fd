"""The end of a session is the end of all it was carried on to: logout by the system, and back-channel logout."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx
from allauth.core.internal.httpkit import add_query_params
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.models import Client, Token
from django.contrib.auth import logout as sign_out_session
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from hienluong.foundation.identity.actions import sign_out
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.models import Account
from hienluong.foundation.people.protected import blind_index

from . import addresses, keys, questions
from .authorising import forged
from .models import System, Visit
from .server import signed
from .texts import page_without_nul

EVENT = "http://schemas.openid.net/event/backchannel-logout"
#: Seconds a system has to answer.
PATIENCE = 5.0


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
@page_without_nul
def logout(request: HttpRequest) -> HttpResponse:
    """A system asks us to sign its person out (RP-Initiated Logout 1.0). Without proof that it may, we ask the person."""
    told = request.POST if request.method == "POST" else request.GET
    client, hint = asked_by(told)
    if not request.user.is_authenticated:
        return _left(request, client, told)
    assert isinstance(request.user, Account)
    mine = bool(hint) and hint.get("sub") == get_adapter().get_user_sub(client, request.user)
    if not mine:
        if request.method != "POST" or "decision" not in request.POST or forged(request):
            return render(request, "sso/logout.html", {"client": client, "told": list(told.items())})
        if request.POST["decision"] != "leave":
            return HttpResponseRedirect("/")
    sign_out(actor_of_request(request), account=request.user)
    sign_out_session(request)  # the signal tells the systems
    return _left(request, client, told)


def asked_by(told: Any) -> tuple[Client | None, dict[str, Any]]:
    """Which system asks for a logout, and the claims of the ID token that it shows; nothing of one that is not ours."""
    shown = told.get("id_token_hint", "")
    hint = keys.hint(shown) or {}
    named = told.get("client_id") or hint.get("aud") or ""
    if (shown and not hint) or not isinstance(named, str):
        return None, {}
    client = questions.client(named)
    if client is None or (hint and hint.get("aud") != client.pk):
        return None, {}
    return client, hint


def _left(request: HttpRequest, client: Client | None, told: Any) -> HttpResponse:
    """Back to the system; or, when it did not say where or said it wrongly, to a page that tells what has happened."""
    if (address := _back(client, told)) is not None:
        response = HttpResponse(status=302)
        response["Location"] = address
        return response
    return render(request, "sso/left.html", {"wrong": bool(told.get("post_logout_redirect_uri"))})


def _back(client: Client | None, told: Any) -> str | None:
    """Where the system wants its person back: only where it registered."""
    wanted = told.get("post_logout_redirect_uri", "")
    if client is None or not addresses.allowed(wanted, client.get_post_logout_redirect_uris()):
        return None
    return str(add_query_params(wanted, {"state": told["state"]})) if told.get("state") else str(wanted)


def session_ended(session_key: str) -> None:
    """Tell every system that a session was carried on to that it has ended, and end what they were granted for now.

    Refresh tokens of ``offline_access`` stay: the person let the system work in absence.
    """
    from .tasks import tell_logout

    visits = Visit.objects.filter(session=blind_index(session_key.encode().hex())).select_related("client__system")
    for visit in visits:
        held = Token.objects.filter(client=visit.client, user=visit.account_id, data__session__sid=str(visit.sid))
        held.exclude(type=Token.Type.REFRESH_TOKEN, scopes__regex=r"\yoffline_access\y").delete()
        if visit.client.system.logout_uri:
            tell_logout.defer(client=visit.client_id, account=visit.account_id, sid=str(visit.sid))
        visit.delete()


def end_all(account: Account) -> int:
    """End all that systems were granted for an account, also for its absence, and tell each it is still signed in to.

    Returns how many systems that were. The caller has ended the sessions and writes it down.
    """
    from .tasks import tell_logout

    held = Token.objects.filter(user=account)
    names = set(held.values_list("client_id", flat=True))
    held.delete()
    for visit in Visit.objects.filter(account=account).select_related("client__system"):
        names.add(visit.client_id)
        if visit.client.system.logout_uri:
            tell_logout.defer(client=visit.client_id, account=account.pk, sid=str(visit.sid))
        visit.delete()
    return len(names)


def when_signed_out(sender: Any, request: HttpRequest, **more: Any) -> None:
    """Django tells of a sign-out before it empties the session."""
    if request is not None and getattr(request, "session", None) is not None and request.session.session_key:
        session_ended(request.session.session_key)


def when_ended(sender: Any, session_key: str, **more: Any) -> None:
    """A session was ended from afar."""
    session_ended(session_key)


def when_renamed(sender: Any, before: str, session_key: str, **more: Any) -> None:
    """A session goes on under another key: so do its visits at systems."""
    visits = Visit.objects.filter(session=blind_index(before.encode().hex()))
    visits.update(session=blind_index(session_key.encode().hex()))


def when_closed(sender: Any, account: Account, but: str = "", **more: Any) -> None:
    """Nothing that systems were granted in the name of this account goes on, absence included, unless it was granted in
    the session with the key `but`."""
    held = Token.objects.filter(user=account)
    if but:
        here = Visit.objects.filter(session=blind_index(but.encode().hex()), account=account)
        sids = [str(visit.sid) for visit in here]
        kept = held.filter(data__session__sid__in=sids).values_list("pk", flat=True)
        held = held.exclude(pk__in=list(kept))
    held.delete()


def tell(system: System, account: Account, sid: str) -> None:
    """Send one logout token (Back-Channel Logout 1.0, 2.5). httpx.HTTPError when the system did not take it."""
    now = int(time.time())
    adapter = get_adapter()
    claims = {
        "iss": adapter.get_issuer(),
        "sub": adapter.get_user_sub(system.client, account),
        "aud": system.client_id,
        "iat": now,
        "exp": now + 120,
        "jti": uuid.uuid4().hex,
        "sid": sid,
        "events": {EVENT: {}},
    }
    answer = httpx.post(
        system.logout_uri,
        data={"logout_token": signed(claims, "logout+jwt")},
        timeout=PATIENCE,
        follow_redirects=False,
    )
    answer.raise_for_status()
