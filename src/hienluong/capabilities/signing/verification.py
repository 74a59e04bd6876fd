"""Telling a stranger the truth about a file: one sentence, and the details for an expert."""

from __future__ import annotations

import hashlib
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pikepdf
from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files import checks

from . import pki, revocation, trust
from .models import IssuedFile, LongTermCopy
from .standing import entry_proof, proof, replacement, standing, suspension

if TYPE_CHECKING:  # pyHanko takes half a second to load: only who opens a signature pays for it
    from .judging.finding import Problem
    from .validation import Anchors, SignatureFinding, Signed

logger = logging.getLogger(__name__)

Verdict = Literal[
    "valid",  # ours, in the register, in force
    "expired",
    "suspended",
    "revoked",
    "superseded",
    "signed",  # every signature can be relied on; the file is in no register of ours
    "altered",
    "partial",
    "untrusted",
    "certificate_revoked",
    "certificate_expired",
    "weak",
    "not_entitled",
    "active",
    "added",
    "unchecked",
    "unsigned",
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
        return self.verdict in ("valid", "signed")


def anchors() -> Anchors:
    """Whom we trust now: our own authorities, and those that the operator named."""
    from .validation import Anchors

    own = pki.trusted_roots()
    return Anchors(
        roots=[*own, *trust.trusted()],
        lists=revocation.lists(),
        own_roots=frozenset(hashlib.sha256(root).digest() for root in own),
        ask=settings.REVOCATION_ASK,
    )


def verify(data: bytes, beside: bytes | None = None, *, name: str = "") -> Verification:
    """Look at a file of any kind that can be signed: PDF, XML, CMS; never raises on bad input.

    `beside`: the other of two files, when the signature stands in a file of its own; which is which is found out. `name`:
    how the file that is signed is called, for XML signatures that name it.
    """
    if beside is None:
        return _alone(data)
    signature, content = (beside, data) if _is_signature(beside) else (data, beside)
    der = _cms_of(signature)
    if der is not None:
        return verify_cms(der, content)
    if _looks_like_xml(signature):
        return verify_xml(signature, {name: content})
    said = _("Trong hai tệp không có tệp chữ ký nào (.p7s hoặc .xml).")
    return Verification("unreadable", said, hashlib.sha256(data).hexdigest())


def _alone(data: bytes) -> Verification:
    if b"%PDF-" in data[:1024]:
        return verify_pdf(data)
    der = _cms_of(data)
    if der is not None:
        return verify_cms(der, None)
    if _looks_like_xml(data):
        return verify_xml(data, {})
    said = _("Tệp này không phải PDF, XML hay tệp chữ ký (.p7s, .p7m) đọc được.")
    return Verification("unreadable", said, hashlib.sha256(data).hexdigest())


def _is_signature(data: bytes) -> bool:
    return _cms_of(data) is not None or (_looks_like_xml(data) and b"SignatureValue" in data)


def _cms_of(data: bytes) -> bytes | None:
    from .judging.detached import unwrapped

    return unwrapped(data)


def _looks_like_xml(data: bytes) -> bool:
    start = data[:200].lstrip(b"\xef\xbb\xbf\xff\xfe\xfe\xff\x00 \t\r\n")
    return start.startswith((b"<", b"\x00<"))


def verify_xml(data: bytes, files: Mapping[str, bytes] | None = None) -> Verification:
    """What the signatures of an XML document are worth (XML-DSig, XAdES); never raises on bad input.

    `files`: what it may refer to outside, by name. Who uses the content takes it from
    :func:`~.judging.xml.read`, whose `parts` are what is really signed.
    """
    from .judging import xml
    from .judging.xml_tree import Refused

    sha256 = hashlib.sha256(data).hexdigest()
    try:
        findings, _read = xml.findings(data, anchors(), files)
    except Refused as error:
        return Verification("unreadable", str(error), sha256)
    except DatabaseError:
        raise
    except Exception as error:  # hostile bytes
        logger.info("a brought XML file could not be read: %s", type(error).__name__, exc_info=True)
        return Verification("unreadable", _("Tệp này không phải XML đọc được."), sha256)
    return Verification(*_judge(findings, None), sha256, findings)


def verify_cms(der: bytes, content: bytes | None) -> Verification:
    """What a CMS signature is worth, of this content or of what is inside it; never raises on bad input."""
    from .judging import detached

    sha256 = hashlib.sha256(der if content is None else content).hexdigest()
    try:
        findings = detached.findings(der, anchors(), content)
    except DatabaseError:
        raise
    except Exception as error:  # hostile bytes raise anything
        logger.info("a brought signature could not be read: %s", type(error).__name__, exc_info=True)
        return Verification("unreadable", _("Tệp chữ ký này không đọc được."), sha256)
    return Verification(*_judge(findings, None), sha256, findings)


def verify_pdf(data: bytes) -> Verification:
    """Look at a file anyone may have brought; never raises on bad input."""
    sha256 = hashlib.sha256(data).hexdigest()
    copy = LongTermCopy.objects.select_related("issued").filter(sha256=sha256).first()
    issued = copy.issued if copy else IssuedFile.objects.filter(sha256=sha256).first()
    refused, trap = ("", "") if issued else _refused(data)
    if refused:
        return Verification("unreadable", refused, sha256)
    unreadable = Verification("unreadable", _("Tệp này không phải PDF đọc được."), sha256)
    signed = _open(data)
    if signed is None:
        return unreadable
    if trap and not signed.signatures:
        return Verification("unreadable", trap, sha256)
    if issued is None and 0 < signed.end_of_signed < len(data):  # ours, with a timestamp added later?
        inner = hashlib.sha256(data[: signed.end_of_signed]).hexdigest()
        issued = IssuedFile.objects.filter(sha256=inner).first()
    shown = proof(issued) if issued else None
    known_since = shown["at"] if shown and shown["holds"] else None
    findings = _findings(signed, anchors(), known_since, _whole_since(copy, issued, sha256, known_since))
    if findings is None:
        said = _("Chữ ký trong tệp không đúng chuẩn nên không kiểm tra được. Không kết luận được.")
        return Verification("unreadable", said, sha256)
    if signed.of_another_kind:
        said = _("Tệp có chữ ký theo kiểu đã lạc hậu, không còn an toàn. Không kết luận được.")
        return Verification("unreadable", said, sha256, findings)
    if trap and _active(data):
        findings = [_with_trap(finding) for finding in findings]
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


def _refused(data: bytes) -> tuple[str, str]:
    """Why a file is not even opened, and why only one that is signed is; both empty when neither."""
    unreadable = _("Tệp này không phải PDF đọc được.")
    if b"%PDF-" not in data[:1024]:
        return unreadable, ""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "brought.pdf"
        path.write_bytes(data)
        try:
            checks.PDF.look(path)
        except InvalidInput as error:
            said = str(error.message)
            return ("", said) if error.code == "files.pdf_trap" else (said, "")
        except Exception as error:  # hostile bytes: whatever the parser stumbles over, the file is not readable
            logger.info("a brought file could not be looked at: %s", type(error).__name__, exc_info=True)
            return unreadable, ""
    return "", ""


#: By these a PDF runs programs, sends data away or shows what is not in its pages. Files it merely carries are no harm here.
_ACTIVE = frozenset({"/JavaScript", "/JS", "/Launch", "/RichMedia", "/XFA", "/ImportData", "/SubmitForm"})


def _active(data: bytes) -> bool:
    """Whether something in the file can change what it shows."""
    try:
        with pikepdf.open(BytesIO(data)) as pdf:
            return any(_is_active(item) for item in pdf.objects)
    except Exception as error:  # hostile bytes
        logger.info("a brought file could not be looked through: %s", type(error).__name__, exc_info=True)
        return True


def _is_active(item: object, depth: int = 0) -> bool:
    if depth > checks.MAX_PDF_DEPTH:
        return True
    if isinstance(item, pikepdf.Stream):
        item = item.stream_dict
    if isinstance(item, pikepdf.Dictionary):
        inside = list(item.items())
        if {key for key, _value in inside} & _ACTIVE or str(item.get("/S", "")) in _ACTIVE:
            return True
        values: list[object] = [value for _key, value in inside]
    elif isinstance(item, pikepdf.Array):
        values = list(item)
    else:
        return False
    nested = (value for value in values if isinstance(value, pikepdf.Dictionary | pikepdf.Array))
    return any(not value.is_indirect and _is_active(value, depth + 1) for value in nested)


def _with_trap(finding: SignatureFinding) -> SignatureFinding:
    from dataclasses import replace

    from .judging.finding import Problem

    said = _("Trong tệp có mã lệnh, có thể làm nội dung hiện ra khác với lúc ký.")
    return replace(finding, problems=(*finding.problems, Problem("active", said)))


def _open(data: bytes) -> Signed | None:
    from .validation import Signed

    try:
        return Signed(data)
    except Exception as error:  # hostile bytes raise anything: zlib.error, NotImplementedError, RecursionError …
        logger.info("a brought file could not be opened: %s", type(error).__name__, exc_info=True)
        return None


def _findings(
    signed: Signed, trusted: Anchors, known_since: datetime | None, whole_since: datetime | None
) -> list[SignatureFinding] | None:
    try:
        return signed.findings(trusted, known_since, whole_since)
    except DatabaseError:
        raise
    except Exception as error:  # as above
        logger.info("the signatures of a brought file could not be read: %s", type(error).__name__, exc_info=True)
        return None


def _judge(findings: list[SignatureFinding], issued: IssuedFile | None) -> tuple[Verdict, str]:
    from .judging.finding import worst_of

    if not findings:
        return "unsigned", _("Tệp này không có chữ ký số nào. Không dùng thay giấy tờ gốc được.")
    worst = worst_of(findings)
    if worst is not None:
        return _bad(*worst)
    if issued is None:
        return "signed", _signed(findings)
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


def _signed(findings: list[SignatureFinding]) -> str:
    """What is said of a sound file that is not in the register: who signed it, and when."""
    names = ", ".join(dict.fromkeys(finding.signer for finding in findings))
    last = findings[-1]
    if last.signed_at is None:
        said = _("Tệp còn nguyên vẹn từ khi được %(names)s ký.")
    elif all(finding.timestamped for finding in findings):
        said = _("Tệp còn nguyên vẹn từ khi được %(names)s ký ngày %(day)s.")
    else:
        said = _("Tệp còn nguyên vẹn từ khi được %(names)s ký; ngày ký %(day)s là do máy người ký tự khai.")
    day = date_format(timezone.localtime(last.signed_at), "d/m/Y") if last.signed_at else ""
    return said % {"names": names, "day": day}


def _bad(finding: SignatureFinding, problem: Problem) -> tuple[Verdict, str]:
    """The verdict and the sentence for the worst that was found."""
    why = problem.said[:1].lower() + problem.said[1:]
    told = {"signer": finding.signer, "why": why}
    if problem.code == "altered":
        return "altered", _("Tệp này đã bị sửa sau khi ký. Không được tin.")
    if problem.code == "changed":
        return "altered", problem.said + " " + _("Không được tin phần đó.")
    if problem.code == "partial":
        return "partial", problem.said + " " + _("Không được tin cả tệp.")
    if problem.code == "untrusted":
        return "untrusted", _("Chữ ký có thật nhưng không phải do cơ quan mà hệ thống này biết cấp.")
    if problem.code == "added":
        return "added", problem.said + " " + _("Phần thêm đó không có ai ký.")
    if problem.code == "unchecked":
        said = _("Tệp còn nguyên vẹn, nhưng chưa kết luận được về chữ ký của %(signer)s: %(why)s Hãy thử lại sau.")
        return "unchecked", said % told
    return problem.code, _("Không được tin chữ ký của %(signer)s: %(why)s") % told
