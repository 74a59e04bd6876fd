"""A small Django project that signs people in with our provider: once by mozilla-django-oidc, once by Authlib.

``python django_project.py '{"port": …, "issuer": …, "mozilla": [id, secret], "authlib": [id, secret]}'``
"""

from __future__ import annotations

import json
import sys
from typing import Any
from urllib.parse import urlencode
from wsgiref.simple_server import make_server

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import include, path

TOLD = json.loads(sys.argv[1])
HERE = f"http://127.0.0.1:{TOLD['port']}"
PROVINCE = TOLD["issuer"]


def end_session(request: HttpRequest) -> str:
    """Where mozilla-django-oidc sends the person when they sign out here."""
    hint = request.session.get("oidc_id_token", "")
    return f"{PROVINCE}/sso/dang-xuat?" + urlencode(
        {"id_token_hint": hint, "post_logout_redirect_uri": f"{HERE}/da-ra"}
    )


settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY="for this test",
    ROOT_URLCONF=__name__,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "mozilla_django_oidc",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "mozilla_django_oidc.middleware.SessionRefresh",
    ],
    SESSION_COOKIE_NAME="of_the_sample",  # cookies know no ports, and the province is on this machine, too
    AUTHENTICATION_BACKENDS=["mozilla_django_oidc.auth.OIDCAuthenticationBackend"],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_REDIRECT_URL="/toi",
    LOGIN_REDIRECT_URL_FAILURE="/hong",
    LOGOUT_REDIRECT_URL="/da-ra",
    OIDC_RP_CLIENT_ID=TOLD["mozilla"][0],
    OIDC_RP_CLIENT_SECRET=TOLD["mozilla"][1],
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_RP_SCOPES="openid email profile",
    OIDC_USE_PKCE=True,
    OIDC_PKCE_CODE_CHALLENGE_METHOD="S256",
    OIDC_STORE_ID_TOKEN=True,
    OIDC_STORE_ACCESS_TOKEN=True,
    OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS=TOLD["renew"],
    OIDC_EXEMPT_URLS=[
        "/da-ra",
        "/hong",
        "/nut-ra",
        *(f"/authlib/{name}" for name in ("vao", "ve", "nguoi", "lam-moi", "ra")),
    ],
    OIDC_OP_LOGOUT_URL_METHOD=f"{__name__}.end_session",
    OIDC_OP_AUTHORIZATION_ENDPOINT=f"{PROVINCE}/sso/dang-nhap",
    OIDC_OP_TOKEN_ENDPOINT=f"{PROVINCE}/sso/ma",
    OIDC_OP_USER_ENDPOINT=f"{PROVINCE}/sso/nguoi-dung",
    OIDC_OP_JWKS_ENDPOINT=f"{PROVINCE}/sso/khoa.json",
)
django.setup()

from authlib.integrations.django_client import OAuth  # noqa: E402  (needs the settings)

oauth = OAuth()
oauth.register(
    "province",
    client_id=TOLD["authlib"][0],
    client_secret=TOLD["authlib"][1],
    server_metadata_url=f"{PROVINCE}/.well-known/openid-configuration",
    client_kwargs={"scope": "openid profile offline_access", "code_challenge_method": "S256"},
)


def me(request: HttpRequest) -> HttpResponse:
    """Who is here, by mozilla-django-oidc."""
    user: Any = request.user
    if not user.is_authenticated:
        return JsonResponse({}, status=401)
    return JsonResponse({"email": user.email, "until": request.session["oidc_id_token_expiration"]})


def authlib_enter(request: HttpRequest) -> HttpResponse:
    """To the province, by Authlib."""
    answer: HttpResponse = oauth.province.authorize_redirect(request, f"{HERE}/authlib/ve")
    return answer


def authlib_back(request: HttpRequest) -> HttpResponse:
    """From the province: the ID token is verified by Authlib."""
    token = oauth.province.authorize_access_token(request)
    request.session["authlib"] = {
        name: token[name] for name in ("access_token", "refresh_token", "id_token", "token_type")
    }
    return JsonResponse({"claims": token["userinfo"]})


def authlib_userinfo(request: HttpRequest) -> HttpResponse:
    """What the province tells of the person."""
    return JsonResponse(dict(oauth.province.userinfo(token=request.session["authlib"])))


def authlib_refresh(request: HttpRequest) -> HttpResponse:
    """New tokens for the refresh token."""
    held = request.session["authlib"]
    token = oauth.province.fetch_access_token(grant_type="refresh_token", refresh_token=held["refresh_token"])
    request.session["authlib"] = {**held, **token}
    return JsonResponse({"turned": token["refresh_token"] != held["refresh_token"]})


def authlib_leave(request: HttpRequest) -> HttpResponse:
    """Out, here and at the province."""
    hint = request.session.pop("authlib")["id_token"]
    told = {"id_token_hint": hint, "post_logout_redirect_uri": f"{HERE}/da-ra", "state": "xong"}
    where = oauth.province.load_server_metadata()["end_session_endpoint"]
    return HttpResponseRedirect(f"{where}?{urlencode(told)}")


def left(request: HttpRequest) -> HttpResponse:
    """After signing out."""
    return JsonResponse({"left": True, "state": request.GET.get("state")})


def sign_out_page(request: HttpRequest) -> HttpResponse:
    """A button for mozilla-django-oidc, which signs out by POST."""
    return HttpResponse('<form method="post" action="/oidc/logout/"><button>Ra</button></form>')


def failed(request: HttpRequest) -> HttpResponse:
    """Signing in failed."""
    return JsonResponse({"failed": True}, status=403)


urlpatterns = [
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("toi", me),
    path("nut-ra", sign_out_page),
    path("hong", failed),
    path("authlib/vao", authlib_enter),
    path("authlib/ve", authlib_back),
    path("authlib/nguoi", authlib_userinfo),
    path("authlib/lam-moi", authlib_refresh),
    path("authlib/ra", authlib_leave),
    path("da-ra", left),
]

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    make_server("127.0.0.1", TOLD["port"], WSGIHandler()).serve_forever()
