"""Telling a stranger the truth about a file: one sentence, and the details for an expert."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files import checks

from . import pki, revocation
from .models import IssuedFile, LongTermCopy
from .standing import entry_proof, proof, replacement, standing, suspension

if TYPE_CHECKING:  # pyHanko takes half a second to load: only who opens a signature pays for it
    from .validation import Anchors, SignatureFinding, Signed

logger = logging.getLogger(__name__)

Verdict = Literal[
    "valid",
    "expired",
    "suspended",
    "revoked",
    "superseded",
    "altered",
    "unsigned",
    "untrusted",
    "unknown",
    "unreadable",
]


@dataclass(frozen=True)
class Verification:
    """The truth about a file."""

    verdict: Verdict
    sentence: str
    sha256: str = ""
    signatures: list[SignatureFinding] = field(default_factory=list)
    issued: IssuedFile | None = None
    log_proof: dict[str, Any] | None = None
    long_term_copy: bool = False  # the paper as issued, with timestamps that were added since

    @property
    def good(self) -> bool:
        """Whether the file can be relied on today."""
        return self.verdict == "valid"


def verify_pdf(data: bytes) -> Verification:
    """Look at a file anyone may have brought; never raises on bad input."""
    from .validation import Anchors

    sha256 = hashlib.sha256(data).hexdigest()
    copy = LongTermCopy.objects.select_related("issued").filter(sha256=sha256).first()
    issued = copy.issued if copy else IssuedFile.objects.filter(sha256=sha256).first()
    anchors = Anchors(pki.trusted_roots(), revocation.lists())
    refused = "" if issued else _refused(data)
    if refused:
        return Verification("unreadable", refused, sha256)
    unreadable = Verification("unreadable", _("Tệp này không phải PDF đọc được."), sha256)
    signed = _open(data)
    if signed is None:
        return unreadable
    if issued is None and 0 < signed.end_of_signed < len(data):  # ours, with a timestamp added later?
        inner = hashlib.sha256(data[: signed.end_of_signed]).hexdigest()
        issued = IssuedFile.objects.filter(sha256=inner).first()
    shown = proof(issued) if issued else None
    known_since = shown["at"] if shown and shown["holds"] else None
    findings = _findings(signed, anchors, known_since, _whole_since(copy, issued, sha256, known_since))
    if findings is None:
        return unreadable
    verdict, sentence = _judge(findings, issued)
    added = issued is not None and issued.sha256 != sha256
    return Verification(verdict, sentence, sha256, findings, issued, shown, long_term_copy=added)


def _whole_since(
    copy: LongTermCopy | None, issued: IssuedFile | None, sha256: str, known_since: datetime | None
) -> datetime | None:
    """When the log wrote down this very file; None when it knows only the part that was issued, or nothing."""
    if copy is not None:
        said = entry_proof(copy.log_index, sha256)
        return said["at"] if said["holds"] else None
    return known_since if issued is not None and issued.sha256 == sha256 else None


def _refused(data: bytes) -> str:
    """Why a file is not even opened; empty when it is."""
    if b"%PDF-" not in data[:1024]:
        return _("Tệp này không phải PDF đọc được.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "brought.pdf"
        path.write_bytes(data)
        try:
            checks.PDF.look(path)
        except InvalidInput as error:
            return str(error.message)
        except Exception as error:  # hostile bytes: whatever the parser stumbles over, the file is not readable
            logger.info("a brought file could not be looked at: %s", type(error).__name__, exc_info=True)
            return _("Tệp này không phải PDF đọc được.")
    return ""


def _open(data: bytes) -> Signed | None:
    from .validation import Signed

    try:
        return Signed(data)
    except Exception as error:  # hostile bytes raise anything: zlib.error, NotImplementedError, RecursionError …
        logger.info("a brought file could not be opened: %s", type(error).__name__, exc_info=True)
        return None


def _findings(
    signed: Signed, anchors: Anchors, known_since: datetime | None, whole_since: datetime | None
) -> list[SignatureFinding] | None:
    try:
        return signed.findings(anchors, known_since, whole_since)
    except Exception as error:  # as above; nothing in here reads the database
        logger.info("the signatures of a brought file could not be read: %s", type(error).__name__, exc_info=True)
        return None


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
    found = standing(issued)
    if found == "suspended":
        return found, suspension(issued, _("Giấy này là thật nhưng ĐANG BỊ ĐÌNH CHỈ, TẠM NGỪNG"))
    if found == "superseded" and issued.replaced_by:
        return found, replacement(issued, _("Giấy này là thật nhưng ĐÃ ĐƯỢC THAY bằng %(other)s."))
    if found == "superseded":
        return found, _("Tệp này còn nguyên vẹn nhưng ĐÃ BỊ THU HỒI và được thay bằng giấy khác.")
    if found == "revoked":
        return found, _("Giấy này là thật nhưng ĐÃ BỊ THU HỒI, không còn giá trị.")
    if found == "expired":
        return found, _("Giấy này là thật, còn nguyên vẹn nhưng ĐÃ HẾT HIỆU LỰC.")
    return "valid", _("Giấy này là thật, còn nguyên vẹn và đang có hiệu lực.")
