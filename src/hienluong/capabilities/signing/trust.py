"""Whose certificates we believe beside our own: authorities that the operator named, in a folder or on a page.

The folder is for who installs the machine (the national root "Rootca", the government's own authority, …), the page for
who looks after the installation; what the page adds and takes away is in the audit log.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import InvalidInput

from .models import TrustAnchor

logger = logging.getLogger(__name__)

ENDINGS = (".cer", ".crt", ".der", ".pem")
#: Largest certificate file, in bytes.
MOST = 64 * 1024


@dataclass(frozen=True)
class Authority:
    """What stands in the certificate of an authority."""

    der: bytes
    name: str
    issuer: str
    fingerprint: str  # SHA-256, hexadecimal
    valid_from: datetime
    valid_until: datetime
    file: str = ""  # its name in the folder, when it came from there


def read(content: bytes) -> Authority:
    """The certificate of an authority, DER or PEM. Raises InvalidInput for anything else."""
    try:
        pem = b"-----BEGIN CERTIFICATE-----" in content
        found = x509.load_pem_x509_certificate(content) if pem else x509.load_der_x509_certificate(content)
        constraints = found.extensions.get_extension_for_class(x509.BasicConstraints).value
        name, issuer = found.subject.rfc4514_string(), found.issuer.rfc4514_string()
        until = found.not_valid_after_utc
    except x509.ExtensionNotFound as error:
        raise _no_authority() from error
    except Exception as error:  # whatever the parser stumbles over
        raise InvalidInput(_("Tệp này không phải chứng thư (DER hoặc PEM)."), field="file") from error
    if not constraints.ca:
        raise _no_authority()
    der = found.public_bytes(Encoding.DER)
    return Authority(der, name, issuer, hashlib.sha256(der).hexdigest(), found.not_valid_before_utc, until)


def _no_authority() -> InvalidInput:
    said = _("Chứng thư này không phải của cơ quan chứng thực (không có quyền cấp chứng thư).")
    return InvalidInput(said, field="file")


def in_folder() -> tuple[list[Authority], list[str]]:
    """The authorities in the operator's folder, and the names of files that are none."""
    found: list[Authority] = []
    faults: list[str] = []
    folder = Path(settings.TRUST_FOLDER)
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix.lower() not in ENDINGS or not path.is_file():
            continue
        try:
            found.append(_read_file(path, path.stat().st_mtime_ns))
        except (InvalidInput, OSError) as error:
            logger.warning("%s is no certificate of an authority: %s", path.name, error)
            faults.append(path.name)
    return found, faults


@lru_cache(maxsize=256)
def _read_file(path: Path, written: int) -> Authority:
    if path.stat().st_size > MOST:
        raise InvalidInput(_("Tệp này không phải chứng thư (DER hoặc PEM)."))
    read_one = read(path.read_bytes())
    return Authority(
        read_one.der,
        read_one.name,
        read_one.issuer,
        read_one.fingerprint,
        read_one.valid_from,
        read_one.valid_until,
        path.name,
    )


def trusted() -> list[bytes]:
    """The certificates in DER that are trusted now: those of the folder and those added on the page."""
    from_page = [
        bytes(each) for each in TrustAnchor.objects.filter(withdrawn_at=None).values_list("certificate", flat=True)
    ]
    return list(dict.fromkeys([*(each.der for each in in_folder()[0]), *from_page]))
