"""SMS, Zalo and mail over real connections, as an installation configures them; what fails is never left waiting."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.foundation.actions import NotAllowed, NotFound, system
from hienluong.foundation.notifications import tasks
from hienluong.foundation.notifications.actions import notify, send_again
from hienluong.foundation.notifications.models import Delivery
from hienluong.foundation.notifications.providers import Message, NotDelivered, Refused, provider_of
from hienluong.foundation.notifications.tasks import MAX_ATTEMPTS, GrowingWaits, deliver
from hienluong.house import environment
from tests.factories import actor_for_role, make_account, make_citizen, make_org

WORDS = Message("0912345678", "Hồ sơ", "Đã có kết quả", "tb-1")


class Gateway:
    """A real HTTP server that answers with `status` and keeps what it was sent."""

    def __init__(self) -> None:
        self.status = 202
        self.taken: list[tuple[str, dict[str, str], str]] = []
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.taken.append((self.path, body, self.headers.get("Authorization", "")))
                self.send_response(gateway.status)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                return

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    found = Gateway()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.mark.parametrize("channel", ["sms", "zalo"])
def test_an_address_in_the_environment_is_a_provider(
    channel: str, gateway: Gateway, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("bí-mật-mở\n".replace("í", "i").replace("ậ", "a").replace("ở", "o"))
    monkeypatch.setenv(f"HIENLUONG_{channel.upper()}_URL", f"{gateway.url}/{channel}")
    monkeypatch.setenv(f"HIENLUONG_{channel.upper()}_TOKEN_FILE", str(tmp_path / "token"))
    settings.NOTIFICATION_PROVIDERS = environment.notification_providers()
    provider = provider_of(channel)
    assert provider is not None
    provider.send(WORDS)
    body = {"to": "0912345678", "text": "Hồ sơ. Đã có kết quả", "reference": "tb-1"}
    assert gateway.taken == [(f"/{channel}", body, "Bearer bi-mat-mo")]


class Zalo:
    """A provider of somebody else's, as the documentation shows how to write one."""

    def __init__(self, url: str, template: str, token: str) -> None:
        self.url, self.template, self.token = url, template, token

    def send(self, message: Message) -> None:
        import httpx

        body = {"template": self.template, "phone": message.to, "id": message.reference}
        if httpx.post(self.url, json=body, headers={"Authorization": self.token}).status_code != 202:
            raise NotDelivered("không nhận")


def test_a_file_names_any_class_and_keeps_tokens_elsewhere(
    gateway: Gateway, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("t0ken")
    options = {"url": gateway.url, "template": "mau-1", "token": {"file": str(tmp_path / "token")}}
    named = {"zalo": {"class": f"{__name__}.Zalo", "options": options}}
    (tmp_path / "providers.json").write_text(json.dumps(named))
    monkeypatch.setenv("HIENLUONG_NOTIFICATION_PROVIDERS", str(tmp_path / "providers.json"))
    settings.NOTIFICATION_PROVIDERS = environment.notification_providers()
    provider = provider_of("zalo")
    assert provider is not None
    provider.send(WORDS)
    assert gateway.taken == [("/", {"template": "mau-1", "phone": "0912345678", "id": "tb-1"}, "t0ken")]
    assert provider_of("sms") is None


@pytest.mark.parametrize("text", ["", "[]", '{"zalo": "x"}', '{"zalo": {}}'])
def test_a_file_that_cannot_be_read_names_its_setting(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "providers.json").write_text(text)
    monkeypatch.setenv("HIENLUONG_NOTIFICATION_PROVIDERS", str(tmp_path / "providers.json"))
    with pytest.raises(environment.BadSetting, match="HIENLUONG_NOTIFICATION_PROVIDERS"):
        environment.notification_providers()


@pytest.mark.parametrize(
    ("status", "fault"), [(503, NotDelivered), (401, NotDelivered), (422, Refused), (302, NotDelivered)]
)
def test_what_a_gateway_answers_says_whether_to_try_again(
    status: int, fault: type[NotDelivered], gateway: Gateway, settings: Any
) -> None:
    gateway.status = status
    settings.NOTIFICATION_PROVIDERS = {"sms": {"class": environment.GATEWAY, "options": {"url": gateway.url}}}
    provider = provider_of("sms")
    assert provider is not None
    with pytest.raises(NotDelivered) as caught:
        provider.send(WORDS)
    assert type(caught.value) is fault
    assert str(caught.value) == f"HTTP {status}"


# What fails


class Broken:
    """A provider with a programming error."""

    def send(self, message: Message) -> None:
        raise KeyError("mã mẫu tin")


def sms_of_a_citizen(settings: Any, **entry: Any) -> Delivery:
    settings.NOTIFICATION_PROVIDERS = {"sms": entry}
    account = make_account(party=make_citizen())
    notify(system("thử"), account=account, key="mot", kind="thu", title="Cần bổ sung", phone="0912345678")
    return Delivery.objects.get()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"class": f"{__name__}.Broken"}, "KeyError: 'mã mẫu tin'"),
        ({"class": f"{__name__}.Zalo", "options": {"sai": 1}}, "TypeError"),
        ({"class": "khong.co.Gi"}, "ModuleNotFoundError"),
    ],
)
def test_any_error_is_tried_again_then_given_up_with_its_reason(settings: Any, entry: Any, words: str) -> None:
    settings.NOTIFICATION_PROVIDERS = {"sms": {"class": f"{__name__}.Broken"}}
    delivery = sms_of_a_citizen(settings, **{"class": f"{__name__}.Broken"})
    settings.NOTIFICATION_PROVIDERS = {"sms": entry}
    for _ in range(MAX_ATTEMPTS - 1):
        with pytest.raises(Exception, match=r".*"):
            deliver(delivery_id=delivery.pk)
        delivery.refresh_from_db()
        assert delivery.state == Delivery.State.WAITING
    deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert delivery.state == Delivery.State.FAILED
    assert words in delivery.error


@pytest.mark.django_db
def test_a_refused_message_is_not_tried_again(settings: Any, gateway: Gateway) -> None:
    gateway.status = 422
    delivery = sms_of_a_citizen(settings, **{"class": environment.GATEWAY, "options": {"url": gateway.url}})
    deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.error, delivery.attempts) == (Delivery.State.FAILED, "HTTP 422", 1)


@pytest.mark.django_db
def test_the_job_goes_on_as_long_as_the_delivery_waits() -> None:
    waits = []
    for attempts in (0, 1, 7, 500):
        job: Any = type("Job", (), {"attempts": attempts})()
        decision = GrowingWaits().get_retry_decision(exception=RuntimeError(), job=job)
        assert decision is not None
        assert decision.retry_at is not None
        waits.append(timedelta(seconds=round((decision.retry_at - datetime.now(UTC)).total_seconds())))
    assert waits == sorted(waits)
    assert waits[-1] <= tasks.LONGEST_WAIT


@pytest.mark.django_db
def test_an_it_officer_sends_again_what_was_given_up(settings: Any, gateway: Gateway) -> None:
    delivery = sms_of_a_citizen(settings, **{"class": environment.GATEWAY, "options": {"url": gateway.url}})
    province = make_org(kind="province")
    officer, clerk = actor_for_role("admin", province), actor_for_role("clerk", province)
    with pytest.raises(NotFound):
        send_again(officer, delivery_id=delivery.pk)
    Delivery.objects.update(state=Delivery.State.FAILED, attempts=8, error="HTTP 503")
    with pytest.raises(NotAllowed):
        send_again(clerk, delivery_id=delivery.pk)
    before = ProcrastinateJob.objects.count()
    send_again(officer, delivery_id=delivery.pk)
    assert ProcrastinateJob.objects.count() == before + 1
    deliver(delivery_id=delivery.pk)
    delivery.refresh_from_db()
    assert (delivery.state, len(gateway.taken)) == (Delivery.State.SENT, 1)


# Mail


def make_certificate(folder: Path) -> Path:
    """A certificate for ``localhost`` and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    file = folder / "localhost.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    )
    return file


class Inbox:
    """What a server took, and over which connection."""

    def __init__(self) -> None:
        self.taken: list[tuple[bool, str]] = []

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("khong"):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        secured = server.transport.get_extra_info("cipher") is not None
        self.taken.append((secured, (session.auth_data or b"").decode()))
        return "250 OK"


class MailServer:
    """A mail server that wants a login and TLS, of either kind."""

    def __init__(self, tls: str, certificate: Path) -> None:
        self.inbox = Inbox()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)

        def check(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
            good = (data.login, data.password) == (b"tinh", b"mat-khau")
            return AuthResult(success=good, handled=False, auth_data=data.login if good else None)

        # A listening socket of our own: the port is known before the server starts.
        options: dict[str, Any] = {"authenticator": check, "auth_required": True}
        if tls == "starttls":
            options |= {"tls_context": context, "require_starttls": True}
        else:
            options |= {"ssl_context": context, "auth_require_tls": False}
        import socket

        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.controller = Controller(self.inbox, hostname="localhost", port=self.port, **options)
        self.controller.start()


def configure(settings: Any, monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Settings as ``house/settings.py`` reads them from the environment."""
    for name, value in values.items():
        monkeypatch.setenv(f"HIENLUONG_SMTP_{name}", value)
    mail = environment.Mail.from_environment()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = mail.host, mail.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = mail.user, mail.password
    settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = mail.tls == "starttls", mail.tls == "tls"


@pytest.fixture(params=["starttls", "tls"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    certificate = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    made = MailServer(request.param, certificate)
    made.tls = request.param  # type: ignore[attr-defined]
    yield made
    made.controller.stop()


def test_mail_goes_over_tls_with_a_login(
    server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("mat-khau\n")
    password = str(tmp_path / "password")
    configure(
        *(settings, monkeypatch),
        HOST="localhost",
        PORT=str(server.port),
        TLS=server.tls,
        USER="tinh",
        PASSWORD_FILE=password,
    )
    provider = provider_of("email")
    assert provider is not None
    provider.send(Message("lanh@vidu.example", "Một\nhai", "Ba", "tb-1"))
    assert server.inbox.taken == [(True, "tinh")]
    with pytest.raises(Refused, match="550"):
        provider.send(Message("khong@vidu.example", "Một", "Ba", "tb-2"))


def test_a_wrong_password_or_an_unknown_certificate_is_not_delivered(
    server: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = {"HOST": "localhost", "PORT": str(server.port), "TLS": server.tls, "USER": "tinh"}
    configure(settings, monkeypatch, **where, PASSWORD="sai")
    provider = provider_of("email")
    assert provider is not None
    with pytest.raises(NotDelivered, match="SMTPAuthenticationError 535"):
        provider.send(WORDS)
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(NotDelivered, match="SSLCertVerificationError"):
        provider.send(WORDS)
    assert server.inbox.taken == []


@pytest.mark.parametrize(("tls", "port"), [("", 25), ("starttls", 587), ("tls", 465), ("none", 25)])
def test_the_port_follows_how_the_connection_is_secured(tls: str, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIENLUONG_SMTP_HOST", "mail.example")
    monkeypatch.setenv("HIENLUONG_SMTP_TLS", tls)
    assert environment.Mail.from_environment().port == port


@pytest.mark.parametrize(("name", "value"), [("TLS", "ssl3"), ("PORT", "smtp"), ("PASSWORD_FILE", "/khong/co")])
def test_a_wrong_setting_names_itself(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"HIENLUONG_SMTP_{name}", value)
    with pytest.raises(environment.BadSetting, match=f"HIENLUONG_SMTP_{name}"):
        environment.Mail.from_environment()
