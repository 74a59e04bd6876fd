"""A provider made of django-oauth-toolkit, as its documentation says: Django's own middleware, ID tokens by RS256.

What costs time is set in its favour: its pages are not shown (``skip_authorization``), its access tokens are random
words instead of signed ones, and the secret of the client is kept plain instead of hashed a million times. Passwords of
people are hashed as ours are, and asked for on a page with nothing but the form. Run by the server program and with the
connection to PostgreSQL that ours has.
"""

from __future__ import annotations

import os
import sys

from benchmarks.sign_ins.driving import BACK
from benchmarks.sign_ins.people import PASSWORD

SCOPES = {"openid": "who", "profile": "name"}
SIGNED_IN = {"client_id": "sign-in", "client_secret": "a-secret-of-the-benchmark"}
MACHINE = {"client_id": "machine", "client_secret": "a-secret-of-the-benchmark"}
FORM = """<!doctype html><title>Sign in</title><form method="post">{% csrf_token %}{{ form.as_p }}
<input type="hidden" name="next" value="{{ next }}"><button>Sign in</button></form>"""


def configure() -> None:
    """Django's settings; the database and the key come by the environment."""
    import django
    from django.conf import settings

    from hienluong.house.database import database_from_url

    settings.configure(
        SECRET_KEY="only-for-the-benchmark",
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "oauth2_provider",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {"form.html": FORM})]},
            }
        ],
        LOGIN_URL="/login/",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"],
        DATABASES={"default": database_from_url(os.environ["TOOLKIT_DATABASE_URL"])},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        LOGGING={"version": 1, "disable_existing_loggers": False, "root": {"level": "ERROR"}},
        OAUTH2_PROVIDER={
            "OIDC_ENABLED": True,
            "OIDC_RSA_PRIVATE_KEY": os.environ["TOOLKIT_KEY"],
            "PKCE_REQUIRED": True,
            "SCOPES": SCOPES,
            "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
            "REFRESH_TOKEN_EXPIRE_SECONDS": 30 * 24 * 3600,
            "ROTATE_REFRESH_TOKEN": True,
        },
    )
    django.setup()


def prepare(people: int) -> list[str]:
    """Make the tables, the two clients, and so many people who are signed in; the keys of their sessions."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0)
    application = get_application_model()
    common = {"client_type": "confidential", "skip_authorization": True, "hash_client_secret": False}
    application.objects.create(
        **SIGNED_IN, **common, authorization_grant_type="authorization-code", redirect_uris=BACK, algorithm="RS256"
    )
    application.objects.create(**MACHINE, **common, authorization_grant_type="client-credentials")
    keys = []
    for number in range(people):
        user = get_user_model().objects.create_user(
            f"person{number}", password=PASSWORD, first_name="An", last_name="Nguyễn"
        )
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        keys.append(str(session.session_key))
    return keys


if __name__ == "__main__":
    configure()
    print(" ".join(prepare(int(sys.argv[1]))))
elif "TOOLKIT_DATABASE_URL" in os.environ:
    from django.conf import settings as _settings

    if not _settings.configured:
        configure()
    from django.core.wsgi import get_wsgi_application
    from django.urls import include, path

    application = get_wsgi_application()
    from django.contrib.auth.views import LoginView

    urlpatterns = [
        path("login/", LoginView.as_view(template_name="form.html")),
        path("", include("oauth2_provider.urls", namespace="oauth2_provider")),
    ]
