"""The authorisation endpoint: who is there, how sure we are, what the person allows (OpenID Connect Core 1.0, 3.1.2)."""

from __future__ import annotations

import hashlib
import time
from typing import Any
from urllib.parse import urlencode

from allauth.core.internal.httpkit import add_query_params
from allauth.idp.oidc.adapter import get_adapter
from allauth.idp.oidc.internal.oauthlib.utils import get_validator_context
from allauth.idp.oidc.internal.resources import validate_resources
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods
from oauthlib.oauth2.rfc6749 import errors

from hienluong.foundation.identity.entering import LANGUAGE_COOKIE
from hienluong.foundation.identity.frame import actor_of_request
from hienluong.foundation.identity.models import Account
from hienluong.foundation.people.protected import blind_index

from . import actions, levels, questions
from .models import PushedRequest, Visit
from .scopes import SCOPES
from .server import consented, server
from .texts import page_without_nul

#: Where the session keeps since when a proof is asked for by one request.
_ASKED = "sso_asked"
_PUSHED = "urn:ietf:params:oauth:request_uri:"
LANGUAGES = ("vi", "en")


class Unmet(errors.OAuth2Error):  # type: ignore[misc]
    """The person cannot show what the system asks for (OpenID Connect Unmet Authentication Requirements 1.0)."""

    error = "unmet_authentication_requirements"
    description = "The required level of authentication cannot be reached by this account."


@never_cache
@csrf_exempt
@xframe_options_deny
@require_http_methods(["GET", "POST"])
@page_without_nul
def authorize(request: HttpRequest) -> HttpResponse:
    """Answer a system's request for somebody: send the person there with a code, or with why not."""
    if request.method == "POST" and "decision" not in request.POST:
        return HttpResponseRedirect(f"{request.path}?{request.POST.urlencode()}")  # Core 1.0, 3.1.2.1: POST is allowed
    params = _params(request)
    if params is None:
        return _page(request, _("Yêu cầu đăng nhập này đã hết hạn hoặc không phải của hệ thống gửi nó."))
    uri = f"{request.build_absolute_uri(request.path)}?{params.urlencode()}"
    try:
        scopes, info = server().validate_authorization_request(uri, "GET", "", {})
    except errors.FatalClientError as error:
        return _page(request, _why(error))
    except errors.OAuth2Error as error:
        return _failed(params, error.error, error.description)
    client = info["request"].client
    prompt = set(info.get("prompt") or ())
    try:
        resources = params.getlist("resource")  # of the request itself: the decision comes as a POST without them
        validate_resources(resources)
        get_validator_context().requested_resources = resources
        first = _person_first(request, params, prompt, client)
        if first is not None:
            return first
        if not consented(request.user, client, scopes) or "consent" in prompt:
            if "none" in prompt:
                raise errors.ConsentRequired(request=info["request"])
            if (denied := _asked_for_consent(request, client, scopes, info["request"])) is not None:
                return denied
    except ValidationError:
        return _failed(info, "invalid_target", "The requested resource is not a valid address.")
    except errors.OAuth2Error as error:
        return _failed(info, error.error, error.description)
    return _code(request, uri, scopes, info)


def _params(request: HttpRequest) -> QueryDict | None:
    """The parameters of the request: its own, or those that the system pushed before (RFC 9126), which count once."""
    told = request.GET
    reference = told.get("request_uri", "")
    if not reference.startswith(_PUSHED):
        return told
    pushed = PushedRequest.objects.filter(
        reference=reference.removeprefix(_PUSHED), client_id=told.get("client_id", ""), expires_at__gt=timezone.now()
    ).first()
    if pushed is None:
        return None
    params = QueryDict(mutable=True)
    for name, value in pushed.params.items():
        params[name] = value
    params["client_id"] = pushed.client_id
    return params


def _person_first(request: HttpRequest, params: QueryDict, prompt: set[str], client: Any) -> HttpResponse | None:
    """What must happen before the system is answered: signing in, or a fresher or stronger proof; ``None``: nothing."""
    silent = "none" in prompt
    if not request.user.is_authenticated:
        if silent:
            raise errors.LoginRequired
        _remember(request, params)
        query = urlencode({"next": request.get_full_path()})
        return _in_language(request, params, HttpResponseRedirect(f"{reverse('identity:sign_in')}?{query}"))
    shown = levels.shown(request)
    asked_at = _asked_at(request, params)
    fresh = asked_at is not None and shown.at >= asked_at
    old = _too_old(params, shown.at)
    weak = shown.level < _level(params, client)
    if not fresh and ("login" in prompt or old or weak):
        if silent:
            raise errors.LoginRequired
        if asked_at is None or shown.at < asked_at:
            _remember(request, params)
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('signin:confirm')}?{query}")
    if weak:
        raise Unmet
    return None


def _in_language(request: HttpRequest, params: QueryDict, response: HttpResponse) -> HttpResponse:
    """The pages that follow speak the first of ``ui_locales`` that we speak, unless this browser has chosen; for now."""
    tags = (tag.partition("-")[0].lower() for tag in params.get("ui_locales", "").split())
    spoken = next((tag for tag in tags if tag in LANGUAGES), None)
    if spoken and LANGUAGE_COOKIE not in request.COOKIES:
        response.set_cookie(LANGUAGE_COOKIE, spoken, samesite="Lax", secure=bool(settings.SESSION_COOKIE_SECURE))
    return response


def _level(params: QueryDict, client: Any) -> int:
    """The level that is asked for: by the system's registration, or by this request when that is higher.

    Of several values any will do (Core 1.0, 3.1.2.1), so the lowest of them is what must be reached.
    """
    named = [levels.LEVEL[name] for name in params.get("acr_values", "").split() if name in levels.LEVEL]
    return max(int(client.system.level), min(named, default=1))


def _too_old(params: QueryDict, at: int) -> bool:
    told = params.get("max_age", "")
    return told.isascii() and told.isdecimal() and time.time() - at > int(told[:9])


def _mark(params: QueryDict) -> str:
    return hashlib.sha256(params.urlencode().encode()).hexdigest()[:32]


def _remember(request: HttpRequest, params: QueryDict) -> None:
    """That a proof is asked for from now on by this very request; the last few are enough."""
    kept = dict(list(request.session.get(_ASKED, {}).items())[-9:])
    kept[_mark(params)] = int(time.time())
    request.session[_ASKED] = kept


def _asked_at(request: HttpRequest, params: QueryDict) -> int | None:
    found = request.session.get(_ASKED, {}).get(_mark(params))
    return int(found) if found is not None else None


def _asked_for_consent(request: HttpRequest, client: Any, scopes: list[str], told: Any) -> HttpResponse | None:
    """The page where the person decides; ``None`` once it was decided in the system's favour."""
    account = request.user
    assert isinstance(account, Account)
    if request.method == "POST":
        if forged(request):
            return _page(request, _("Trang đã mở quá lâu. Hãy quay lại hệ thống và thử lại."), status=403)
        if request.POST["decision"] != "allow":
            raise errors.AccessDeniedError(request=told)
        actions.consent(actor_of_request(request), account=account, client=client, scopes=scopes)
        return None
    asked = [SCOPES[name].words for name in SCOPES if name in scopes]
    context = {"client": client, "system": client.system, "asked": asked}
    return render(request, "sso/consent.html", context)


def forged(request: HttpRequest) -> bool:
    """The endpoint takes requests of other sites; the decision only from our page."""
    check = CsrfViewMiddleware(lambda _request: HttpResponse())
    return check.process_view(request, lambda *args, **kwargs: HttpResponse(), (), {}) is not None


def _code(request: HttpRequest, uri: str, scopes: list[str], info: dict[str, Any]) -> HttpResponse:
    """The person goes back with a code."""
    client, account = info["request"].client, request.user
    assert isinstance(account, Account)
    mark = blind_index((request.session.session_key or "").encode().hex())
    visit = questions.visit(mark, client.pk)
    if visit is None:
        visit, _made = Visit.objects.get_or_create(session=mark, client=client, defaults={"account": account})
    shown = levels.shown(request)
    request.sso_session = {**shown.claims(), "sid": str(visit.sid)}  # type: ignore[attr-defined]
    request.session.pop(_ASKED, None)
    if pushed := request.GET.get("request_uri", ""):
        PushedRequest.objects.filter(reference=pushed.removeprefix(_PUSHED)).delete()
    credentials = {"user": request.user, **{k: v for k, v in info.items() if k not in ("request", "prompt")}}
    try:
        headers, _body, _status = server().create_authorization_response(
            uri, "GET", "", {}, scopes=scopes, credentials=credentials
        )
    except errors.FatalClientError as error:
        return _page(request, _why(error))
    return _answered(headers["Location"])


def _answered(location: str) -> HttpResponse:
    """To the system's address, naming us (RFC 9207), so that an answer of ours is not taken for another's."""
    response = HttpResponse(status=302)
    response["Location"] = add_query_params(location, {"iss": get_adapter().get_issuer()})
    return response


def _failed(info: Any, error: str, description: str) -> HttpResponse:
    """To the system's address, which is known to be registered by now, with why not (Core 1.0, 3.1.2.6)."""
    told = {"error": error, "error_description": description, "state": info.get("state")}
    said = {name: value for name, value in told.items() if value}
    return _answered(add_query_params(info["redirect_uri"], said))


def _page(request: HttpRequest, words: str, status: int = 400) -> HttpResponse:
    """What cannot be told to the system, because we do not know that it is one, is told to the person."""
    return render(request, "sso/error.html", {"words": words}, status=status)


def _why(error: Any) -> str:
    if error.error == "invalid_client_id" or "client" in error.error:
        return _("Hệ thống đưa bạn tới đây chưa đăng ký với tỉnh, hoặc đã bị ngừng kết nối.")
    if "redirect" in error.error or "redirect" in str(error.description).lower():
        return _("Địa chỉ quay về mà hệ thống đưa ra không đúng địa chỉ đã đăng ký.")
    return _("Hệ thống đưa bạn tới đây gửi yêu cầu không đúng.")
