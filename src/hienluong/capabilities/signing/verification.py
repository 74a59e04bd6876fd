"""Telling a stranger the truth about a file: one sentence, and the details for an expert."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any, Literal

from asn1crypto import x509 as asn1_x509
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from hienluong.foundation.transparency import log, merkle
from hienluong.foundation.transparency.models import LogEntry

from . import pki
from .models import IssuedFile

Verdict = Literal["valid", "revoked", "altered", "unsigned", "untrusted", "unknown", "unreadable"]


@dataclass(frozen=True)
class SignatureFinding:
    """One signature in the file."""

    signer: str
    issuer: str
    signed_at: datetime | None
    timestamped: bool
    intact: bool
    trusted: bool
    covers_whole_file: bool
    algorithm: str


@dataclass(frozen=True)
class Verification:
    """The truth about a file."""

    verdict: Verdict
    sentence: str
    sha256: str = ""
    signatures: list[SignatureFinding] = field(default_factory=list)
    issued: IssuedFile | None = None
    log_proof: dict[str, Any] | None = None

    @property
    def good(self) -> bool:
        """Whether the file can be relied on today."""
        return self.verdict == "valid"


def verify_pdf(data: bytes) -> Verification:
    """Look at a file anyone may have brought; never raises on bad input."""
    sha256 = hashlib.sha256(data).hexdigest()
    issued = IssuedFile.objects.filter(sha256=sha256).first()
    try:
        findings = _signatures(data)
    except (
        PdfError,
        ValueError,
        KeyError,
        TypeError,
        RecursionError,
        OSError,
        AssertionError,
        AttributeError,
        IndexError,
    ):
        return Verification("unreadable", _("Tệp này không phải PDF đọc được."), sha256)
    proof = _proof(issued) if issued else None
    verdict, sentence = _judge(findings, issued)
    return Verification(verdict, sentence, sha256, findings, issued, proof)


def _judge(findings: list[SignatureFinding], issued: IssuedFile | None) -> tuple[Verdict, str]:
    if not findings:
        return "unsigned", _("Tệp này không có chữ ký số nào. Không dùng thay giấy tờ gốc được.")
    if not all(finding.intact for finding in findings):
        return "altered", _("Tệp này đã bị sửa sau khi ký. Không được tin.")
    if not findings[-1].covers_whole_file:
        return "altered", _("Có nội dung được thêm vào sau chữ ký cuối cùng. Không được tin phần thêm đó.")
    if not all(finding.trusted for finding in findings):
        return "untrusted", _("Chữ ký có thật nhưng không phải do cơ quan mà hệ thống này biết cấp.")
    if issued is None:
        return "unknown", _("Chữ ký đúng, nhưng tệp này không có trong sổ phát hành của tỉnh.")
    if issued.state == IssuedFile.State.REVOKED:
        return "revoked", _("Giấy này là thật nhưng ĐÃ BỊ THU HỒI, không còn giá trị.")
    return "valid", _("Giấy này là thật, còn nguyên vẹn và đang có hiệu lực.")


def _signatures(data: bytes) -> list[SignatureFinding]:
    reader = PdfFileReader(BytesIO(data), strict=False)
    root = asn1_x509.Certificate.load(pki.root_certificate_der())
    found = []
    for embedded in reader.embedded_regular_signatures:
        context = ValidationContext(trust_roots=[root], allow_fetching=False, revocation_mode="soft-fail")
        status = validate_pdf_signature(embedded, signer_validation_context=context, ts_validation_context=context)
        timestamp = status.timestamp_validity
        coverage = status.coverage.name if status.coverage else ""
        found.append(
            SignatureFinding(
                signer=_common_name(status.signing_cert.subject),
                issuer=_common_name(status.signing_cert.issuer),
                signed_at=timestamp.timestamp if timestamp else status.signer_reported_dt,
                timestamped=bool(timestamp and timestamp.intact and timestamp.valid and timestamp.trusted),
                intact=bool(status.intact and status.valid),
                trusted=bool(status.trusted),
                covers_whole_file=coverage == "ENTIRE_FILE",
                algorithm=f"{status.pkcs7_signature_mechanism} {status.md_algorithm}",
            )
        )
    return found


def _common_name(name: asn1_x509.Name) -> str:
    native = name.native
    return str(native.get("common_name") or name.human_friendly)


def _proof(issued: IssuedFile) -> dict[str, Any]:
    entry = LogEntry.objects.get(pk=issued.log_index)
    size = log.size()
    path, root = log.inclusion_proof(entry.index, size), log.root(size)
    return {
        "index": entry.index,
        "size": size,
        "leaf_hash": bytes(entry.leaf_hash).hex(),
        "root": root.hex(),
        "holds": merkle.verify_inclusion(bytes(entry.leaf_hash), entry.index, size, path, root)
        and issued.sha256 in entry.leaf,
    }
