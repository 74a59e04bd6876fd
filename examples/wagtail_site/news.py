"""The web site of an agency, made with Wagtail: its editors sign in with the province's account, nobody has a password.

ISSUER=https://dichvucong.tinh.example CLIENT_ID=… CLIENT_SECRET=… ORGANISATION=… PGHOST=… PGDATABASE=… python news.py 9000

Who holds a post in the organisation of that code today edits; a head or a leader of it publishes. The province says so
at each sign-in, and every quarter of an hour after it: whoever left the post is out here, too.
"""

import os
import sys
from urllib.parse import urlencode
from wsgiref.simple_server import WSGIServer, make_server

import django
import httpx
from django.conf import settings
from django.core.management import call_command

ISSUER, ORGANISATION = os.environ["ISSUER"], os.environ["ORGANISATION"]
PORT = int(sys.argv[1])
BASE = f"http://127.0.0.1:{PORT}"
#: Roles in the organisation that publish; every other post there edits, and asks one of these to publish.
PUBLISHES = {"head", "leader"}
PROVIDER = (
    httpx.get(f"{ISSUER}/.well-known/openid-configuration", trust_env=False, timeout=60).raise_for_status().json()
)
assert PROVIDER["issuer"] == ISSUER, "another provider answers at this address"


def end_session(request):
    """Where a person who signs out here is sent: the province ends the session everywhere."""
    told = {"id_token_hint": request.session.get("oidc_id_token", ""), "post_logout_redirect_uri": f"{BASE}/"}
    return f"{PROVIDER['end_session_endpoint']}?{urlencode(told)}"


settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    SECRET_KEY=os.environ["CLIENT_SECRET"],  # a real site has one of its own
    ROOT_URLCONF=__name__,
    # PostgreSQL's own variables (PGHOST, PGPORT, PGUSER, PGPASSWORD) say where it is
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"]}},
    INSTALLED_APPS=[
        *("wagtail.sites", "wagtail.users", "wagtail.snippets", "wagtail.documents", "wagtail.images"),
        *("wagtail.search", "wagtail.admin", "wagtail", "modelsearch", "modelcluster", "taggit", "django_filters"),
        *("django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"),
        *("django.contrib.messages", "django.contrib.staticfiles", "mozilla_django_oidc"),
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
        "mozilla_django_oidc.middleware.SessionRefresh",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
    LANGUAGE_CODE="vi",
    USE_TZ=True,
    TIME_ZONE="Asia/Ho_Chi_Minh",
    STATIC_URL="/static/",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    SESSION_COOKIE_NAME="news",
    CSRF_COOKIE_NAME="news_csrf",
    WAGTAIL_SITE_NAME="Trang tin",
    WAGTAILADMIN_BASE_URL=BASE,
    WAGTAILADMIN_LOGIN_URL="/oidc/authenticate/",
    WAGTAIL_PASSWORD_MANAGEMENT_ENABLED=False,
    WAGTAIL_EMAIL_MANAGEMENT_ENABLED=False,
    WAGTAILUSERS_PASSWORD_ENABLED=False,
    AUTHENTICATION_BACKENDS=[f"{__name__}.Province"],
    LOGIN_REDIRECT_URL="/cms/",
    LOGIN_REDIRECT_URL_FAILURE="/not-an-editor",
    LOGOUT_REDIRECT_URL="/",
    OIDC_RP_CLIENT_ID=os.environ["CLIENT_ID"],
    OIDC_RP_CLIENT_SECRET=os.environ["CLIENT_SECRET"],
    OIDC_RP_SIGN_ALGO="RS256",
    OIDC_RP_SCOPES="openid profile organisation",
    OIDC_USE_PKCE=True,
    OIDC_PKCE_CODE_CHALLENGE_METHOD="S256",
    OIDC_TOKEN_USE_BASIC_AUTH=True,
    OIDC_STORE_ID_TOKEN=True,
    OIDC_RENEW_ID_TOKEN_EXPIRY_SECONDS=int(os.environ.get("RENEW_SECONDS", "900")),
    OIDC_EXEMPT_URLS=["/not-an-editor"],
    OIDC_OP_LOGOUT_URL_METHOD=f"{__name__}.end_session",
    OIDC_OP_AUTHORIZATION_ENDPOINT=PROVIDER["authorization_endpoint"],
    OIDC_OP_TOKEN_ENDPOINT=PROVIDER["token_endpoint"],
    OIDC_OP_USER_ENDPOINT=PROVIDER["userinfo_endpoint"],
    OIDC_OP_JWKS_ENDPOINT=PROVIDER["jwks_uri"],
)
django.setup()

# What follows needs the settings.
from django.contrib.auth import logout  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.contrib.staticfiles.handlers import StaticFilesHandler  # noqa: E402
from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.urls import include, path  # noqa: E402
from mozilla_django_oidc.auth import OIDCAuthenticationBackend  # noqa: E402
from mozilla_django_oidc.views import OIDCLogoutView  # noqa: E402
from wagtail import urls as wagtail_urls  # noqa: E402
from wagtail.admin import urls as wagtailadmin_urls  # noqa: E402


class Province(OIDCAuthenticationBackend):
    """An editor is known by `sub`, never by a name or a mail address; what they may do, the province says."""

    def verify_claims(self, claims):
        """Everybody may come; whether they may do something here is said by their posts."""
        return "sub" in claims

    def get_or_create_user(self, access_token, id_token, payload):
        """The editor, with the groups of today's posts; none for whoever has no post in this organisation."""
        claims = self.get_userinfo(access_token, id_token, payload)
        if claims["sub"] != payload["sub"]:
            return None
        roles = {post["role"] for post in claims.get("organisations", []) if post["code"] == ORGANISATION}
        known = self.UserModel.objects.filter(username=claims["sub"]).first()
        if not roles:
            if known:
                known.groups.clear()
            return None
        editor = known or self.UserModel.objects.create_user(claims["sub"])
        editor.last_name = claims["name"][:150]
        editor.save()
        editor.groups.set(Group.objects.filter(name="Moderators" if roles & PUBLISHES else "Editors"))
        return editor


def not_an_editor(request):
    """For those whom the province does not place in this organisation, or no longer."""
    logout(request)
    return HttpResponse("Bạn không giữ chức vụ nào ở cơ quan này, nên không sửa được trang.", status=403)


urlpatterns = [
    path("oidc/", include("mozilla_django_oidc.urls")),
    path("cms/logout/", OIDCLogoutView.as_view()),  # Wagtail's own would leave the person signed in at the province
    path("not-an-editor", not_an_editor),
    path("cms/", include(wagtailadmin_urls)),
    path("", include(wagtail_urls)),
]

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    WSGIServer.request_queue_size = 50
    server = make_server("127.0.0.1", PORT, StaticFilesHandler(WSGIHandler()))
    print(f"ready at {BASE}", flush=True)
    server.serve_forever()
