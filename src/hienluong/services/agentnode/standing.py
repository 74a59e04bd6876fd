"""How the connection with the node is: its certificates and how long they last, the last messages, what is not known yet."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from .connection import Node
from .models import Exchange

#: Days before its end from which a certificate is shown as one to renew.
SOON = 30
#: Seconds to wait for the node when somebody tries the connection.
PATIENCE = 5.0


@dataclass(frozen=True)
class Certificate:
    """One certificate file as it is now."""

    what: str
    file: str
    subject: str = ""
    until: datetime | None = None
    fault: str = ""

    @property
    def tag(self) -> tuple[str, str]:
        """How it stands, in words and colour."""
        if self.fault or self.until is None:
            return self.fault or _("Không đọc được"), "red"
        left = self.until - timezone.now()
        if left <= timedelta(0):
            return _("Hết hạn"), "red"
        if left <= timedelta(days=SOON):
            return _("Còn %(days)d ngày") % {"days": left.days}, "orange"
        return _("Còn hiệu lực"), "green"


def certificates(node: Node | None) -> list[Certificate]:
    """The certificates of both sides, as their files say."""
    if node is None:
        return []
    found = [
        read(_("Cơ quan chứng thực của nút đại lý"), node.ca_file),
        read(_("Chứng thư của tỉnh khi gọi ra"), node.certificate_file),
    ]
    if node.door is not None:
        found += [
            read(_("Chứng thư của cổng kết nối khi nút gọi vào"), node.door.certificate_file),
            read(_("Cơ quan chứng thực của nút khi gọi vào"), node.door.ca_file),
        ]
    return found


def read(what: str, file: str) -> Certificate:
    """The first certificate in a file; what is wrong with the file is told, not raised."""
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(Path(file).read_bytes())
    except OSError:
        return Certificate(what, file, fault=_("Không có tệp"))
    except ValueError:
        return Certificate(what, file, fault=_("Không đọc được"))
    return Certificate(what, file, certificate.subject.rfc4514_string(), certificate.not_valid_after_utc)


def traffic() -> dict[str, Any]:
    """Messages of the last 24 hours, and when the last good one was."""
    since = timezone.now() - timedelta(days=1)
    recent = Q(at__gte=since)
    told: dict[str, Any] = Exchange.objects.aggregate(
        out=Count("pk", filter=recent & Q(incoming=False)),
        inward=Count("pk", filter=recent & Q(incoming=True)),
        failed=Count("pk", filter=recent & ~Q(error="")),
        last=Max("at", filter=Q(error="")),
    )
    return told


def tried(node: Node) -> str:
    """What is wrong when one connects to the node with our certificate now; empty when nothing is. Sends no message."""
    parts = urlsplit(node.url)
    try:
        context = ssl.create_default_context(cafile=node.ca_file)
        context.load_cert_chain(node.certificate_file, node.key_file)
        place = (parts.hostname or "", parts.port or 443)
        with (
            socket.create_connection(place, timeout=PATIENCE) as plain,
            context.wrap_socket(plain, server_hostname=node.server_name or parts.hostname) as line,
        ):
            # A node that does not take our certificate says so only after our side of the greeting.
            line.settimeout(0.5)
            try:
                if line.recv(1) == b"":
                    return _("Nút đại lý đóng kết nối.")
            except TimeoutError:
                pass
    except ssl.SSLCertVerificationError as problem:
        return _("Chứng thư của nút đại lý không tin được: %(why)s") % {"why": problem.verify_message}
    except ssl.SSLError as problem:
        return _("Nút đại lý không nhận chứng thư của tỉnh (%(why)s).") % {"why": problem.reason or "TLS"}
    except OSError as problem:
        return _("Không nối được tới nút đại lý (%(why)s).") % {"why": problem.strerror or type(problem).__name__}
    return ""


def unknown(node: Node | None) -> list[dict[str, Any]]:
    """What is not published of the node and has to be told by who runs it (C12, Bộ Công an): where, and what is said now."""
    told = node or Node("")
    door = f":{told.door.port}" if told.door else ""
    errors = ", ".join(f"{name} → {code}" for name, code in told.errors.items())
    rows = (
        ("url", told.url, _("Địa chỉ của nút đại lý trong vùng mạng của tỉnh.")),
        ("member", told.member, _("Mã thành viên của tỉnh: INSTANCE/CLASS/MEMBER do nơi vận hành cấp.")),
        ("prefix", told.prefix, _("Phiên bản giao thức đứng đầu đường dẫn; theo X-Road là /r1.")),
        ("ca_file", told.ca_file, _("Cơ quan chứng thực đã cấp chứng thư cho nút đại lý.")),
        (
            "certificate_file, key_file",
            told.certificate_file,
            _("Chứng thư và khóa của tỉnh, đã đăng ký ở nút đại lý."),
        ),
        ("server_name", told.server_name, _("Tên trong chứng thư của nút, khi khác địa chỉ.")),
        ("errors", errors, _("Mã lỗi riêng của nút mà X-Road không có, và nghĩa của nó.")),
        ("incoming", door, _("Cổng để nút đại lý gọi vào dịch vụ của tỉnh.")),
    )
    return [{"name": name, "value": value, "words": words} for name, value, words in rows]


def node() -> Node | None:
    """The node as configured; None: none is."""
    found: Node | None = settings.AGENT_NODE
    return found
