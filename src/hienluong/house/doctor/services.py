"""What the installation talks to: mail server, malware scanner, S3, a proxy before it."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import clamd

from hienluong.foundation.eid import wire
from hienluong.house import environment
from hienluong.house.children import Plan

from .finding import Finding

#: Signatures of malware older than this are of little use.
SIGNATURES_KEEP = timedelta(days=7)


def examine(plan: Plan) -> list[Finding]:
    """Each service that is configured, spoken to as the product does. Raises BadSetting for a wrong setting."""
    return [_mail(plan), *_providers(), *_identities(plan), _scanner(), *_bucket(), *_proxy(plan)]


def _mail(plan: Plan) -> Finding:
    if plan.catches_mail:
        mend = "Để gửi thư thật, đặt HIENLUONG_SMTP_HOST và HIENLUONG_SMTP_PORT."
        return Finding("Thư điện tử", False, "chỉ vào hộp thư thử trên máy này", mend, optional=True)
    mail = environment.Mail.from_environment()
    where = f"{mail.host}:{mail.port}"
    try:
        _greet(mail)
    except smtplib.SMTPAuthenticationError as error:
        mend = "Kiểm tra HIENLUONG_SMTP_USER và HIENLUONG_SMTP_PASSWORD (hoặc …_FILE)."
        return Finding("Thư điện tử", False, f"{where}: không đăng nhập được ({error.smtp_code})", mend)
    except ssl.SSLError as error:
        mend = "Kiểm tra HIENLUONG_SMTP_TLS (starttls hay tls) và chứng thư của máy chủ thư (SSL_CERT_FILE)."
        return Finding("Thư điện tử", False, f"{where}: {error}", mend)
    except smtplib.SMTPNotSupportedError as error:
        mend = "Máy chủ thư không có STARTTLS hoặc AUTH ở cổng này: kiểm tra HIENLUONG_SMTP_TLS, HIENLUONG_SMTP_PORT."
        return Finding("Thư điện tử", False, f"{where}: {error}", mend)
    except OSError as error:
        return Finding("Thư điện tử", False, f"{where}: {error}", "Kiểm tra máy chủ thư, cổng và tường lửa.")
    how = {"": "không mã hóa", "starttls": "STARTTLS", "tls": "TLS"}[mail.tls]
    return Finding("Thư điện tử", True, f"{where}, {how}{', đã đăng nhập' if mail.user else ''}")


def _greet(mail: environment.Mail) -> None:
    """Say hello, secure the line and sign in, as before sending; nothing is sent."""
    context = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(mail.host, mail.port, timeout=10, context=context)
        if mail.tls == "tls"
        else smtplib.SMTP(mail.host, mail.port, timeout=10)
    )
    with server:
        server.ehlo_or_helo_if_needed()
        if mail.tls == "starttls":
            server.starttls(context=context)
            server.ehlo()
        if mail.user:
            server.login(mail.user, mail.password)
        server.noop()


def _providers() -> Iterator[Finding]:
    named = environment.notification_providers()
    for channel in environment.CHANNELS:
        entry = named.get(channel)
        words = str(entry["options"].get("url") or entry["class"]) if entry else "chưa cấu hình"
        mend = f"Đặt HIENLUONG_{channel.upper()}_URL, hoặc HIENLUONG_NOTIFICATION_PROVIDERS."
        yield Finding(f"Kênh {channel}", entry is not None, words, mend, optional=True)


def _identities(plan: Plan) -> Iterator[Finding]:
    """Who vouches for citizens, asked what it is and for its keys; the demo's simulators run only with the demo."""
    if not os.environ.get("HIENLUONG_IDENTITY_PROVIDERS"):
        mend = (
            "Khai báo VNeID trong một tệp và đặt HIENLUONG_IDENTITY_PROVIDERS (docs/operators/identity-providers.md)."
        )
        yield Finding("Định danh điện tử", False, "chưa cấu hình", mend, optional=True)
        return
    for provider in environment.identity_providers(plan.state.secret).values():
        subject = f"Định danh điện tử {provider.name}"
        try:
            keys = wire.keys(wire.endpoints(provider, now=True), now=True)
        except wire.Away as fault:
            mend = f"Kiểm tra issuer {provider.issuer} trong tệp, đường mạng và chứng thư (SSL_CERT_FILE)."
            yield Finding(subject, False, str(fault), mend)
        else:
            yield Finding(subject, True, f"{provider.issuer}, {len(keys)} khóa")


def _scanner() -> Finding:
    where = os.environ.get("HIENLUONG_CLAMD", "")
    subject = "Quét mã độc (ClamAV)"
    if not where:
        mend = "apt-get install clamav-daemon; rồi đặt HIENLUONG_CLAMD=unix:/run/clamav/clamd.ctl"
        return Finding(subject, False, "chưa cấu hình", mend, optional=True)
    try:
        if where.startswith("unix:"):
            scanner = clamd.ClamdUnixSocket(where.removeprefix("unix:"), timeout=10)
        else:
            host, _colon, port = where.removeprefix("tcp:").rpartition(":")
            scanner = clamd.ClamdNetworkSocket(host, int(port), timeout=10)
        scanner.ping()
        version = str(scanner.version())
    except (clamd.ClamdError, OSError, ValueError) as error:
        mend = "systemctl status clamav-daemon; khi máy quét không trả lời, hệ thống không nhận tệp nào."
        return Finding(subject, False, f"{where}: {error}", mend)
    old = _signatures_of(version)
    if old and datetime.now(UTC) - old > SIGNATURES_KEEP:
        mend = "Mẫu mã độc đã cũ: systemctl restart clamav-freshclam, kiểm tra đường mạng ra database.clamav.net."
        return Finding(subject, False, f"{where}: {version}", mend)
    return Finding(subject, True, f"{where}: {version}")


def _signatures_of(version: str) -> datetime | None:
    """The day of the signatures in ``ClamAV 1.0.7/27468/Tue Nov 24 08:32:11 2026``."""
    try:
        return datetime.strptime(version.rsplit("/", 1)[1].strip(), "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    except (IndexError, ValueError):
        return None


def _bucket() -> Iterator[Finding]:
    bucket = os.environ.get("HIENLUONG_S3_BUCKET", "")
    if not bucket:
        return
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    endpoint = os.environ.get("HIENLUONG_S3_ENDPOINT", "") or None
    config = Config(connect_timeout=5, read_timeout=10, retries={"max_attempts": 1})
    subject = f"Kho tệp S3 {bucket}"
    try:
        boto3.client("s3", endpoint_url=endpoint, config=config).list_objects_v2(Bucket=bucket, MaxKeys=1)
    except (BotoCoreError, ClientError, ValueError) as error:
        mend = (
            "Kiểm tra HIENLUONG_S3_BUCKET, HIENLUONG_S3_ENDPOINT, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
            "AWS_DEFAULT_REGION và quyền của khóa trên kho."
        )
        yield Finding(subject, False, str(error), mend)
        return
    yield Finding(subject, True, endpoint or "Amazon S3")


def _proxy(plan: Plan) -> Iterator[Finding]:
    """An https address means a proxy before us: we must know which, or everybody seems to come from one address."""
    if not plan.url.startswith("https://"):
        return
    networks = environment.trusted_proxies(plan.url)
    words = ", ".join(map(str, networks)) or "không tin máy nào"
    mend = "Đặt HIENLUONG_TRUSTED_PROXIES là địa chỉ của máy đứng trước (proxy TLS), ví dụ 10.0.0.5."
    yield Finding("Proxy được tin", bool(networks), words, mend)
