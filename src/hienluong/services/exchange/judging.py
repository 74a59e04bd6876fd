"""What the signature over a package that came is worth, in one plain sentence.

Most packages carry none: the axis vouches for who sent them, and the paper inside is signed itself. One that is there must
be over all that is read: where it is over less, somebody could show one thing and have signed another (signature
wrapping), so such a package is refused whatever the operator chose.
"""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass

from django.db import DatabaseError

from hienluong.capabilities.signing.judging import xml
from hienluong.capabilities.signing.judging.finding import SignatureFinding, worst_of
from hienluong.capabilities.signing.judging.xml_tree import NoSigner, Refused
from hienluong.capabilities.signing.verification import anchors

from . import edxml
from .models import Seal

logger = logging.getLogger(__name__)
#: Characters that a certificate has room for in a name (X.520): a name that fills it may be a longer one, cut.
ROOM = 64
_ENCODING = re.compile(rb"""\A(?:\xef\xbb\xbf)?<\?xml[^>]{0,100}?encoding\s*=\s*["']([^"']{0,40})""")
_UNTRUSTED = frozenset({"untrusted", "certificate_revoked", "certificate_expired", "not_entitled"})


@dataclass(frozen=True)
class Judgement:
    """What was found, the sentence for people, and why the package must be refused (empty when it need not be)."""

    seal: str = ""
    said: str = ""
    refused: str = ""


def judge(content: bytes, reading: edxml.Reading) -> Judgement:
    """Judge the signature in a package that was read; never raises on hostile bytes."""
    if not reading.signed:
        return Judgement(Seal.NONE, "Gói tin không có chữ ký số; nơi gửi do trục liên thông xác nhận.")
    if not _is_utf8(content):
        return Judgement(Seal.UNKNOWN, "Gói tin có chữ ký nhưng không viết bằng bảng mã UTF-8: không kiểm được.")
    try:
        findings, signatures = xml.findings(content.lstrip(b" \t\r\n"), anchors())
    except NoSigner:
        return Judgement(Seal.UNKNOWN, "Gói tin có chữ ký nhưng không kèm chứng thư: không biết ai ký.")
    except Refused as error:
        return _refused(str(error))
    except DatabaseError:
        raise
    except Exception as error:  # hostile bytes
        logger.info("the signature of a package could not be read: %s", type(error).__name__, exc_info=True)
        return _refused("Không đọc được chữ ký.")
    if not findings:
        return Judgement(Seal.UNKNOWN, "Gói tin có phần chữ ký không theo mẫu XML-DSig: không kiểm được ai ký.")
    root = signatures[0].element.getroottree().getroot()
    if any((found.intact and not found.whole) or found.element is root for found in signatures):
        return _refused("Chữ ký không bao toàn bộ nội dung được đọc.")
    return _of(findings, reading.package.sender.name)


def of(content: bytes) -> Judgement | None:
    """The same of a package that was not read yet; None for one that cannot be read."""
    try:
        reading = edxml.read(content)
    except edxml.BadPackage:
        return None
    return judge(content, reading)


def _is_utf8(content: bytes) -> bool:
    """Whether reader and judge cannot but read the same letters: of other encodings each has its own tables."""
    named = _ENCODING.search(content.lstrip(b" \t\r\n")[:200])
    if named is not None and named[1].lower() not in (b"utf-8", b"utf8", b"us-ascii"):
        return False
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _refused(why: str) -> Judgement:
    return Judgement(Seal.ALTERED, "Chữ ký trên gói tin không được chấp nhận.", f"M.Signature: {why}")


def _of(findings: list[SignatureFinding], sender: str) -> Judgement:
    worst = worst_of(findings)
    if worst is None:
        other = next((each for each in findings if not _is(each, sender)), None)
        if other is not None:
            said = f"Gói tin còn nguyên vẹn nhưng do “{_fit(other.signer)}” ký, không phải nơi gửi “{_fit(sender)}”."
            return Judgement(Seal.UNKNOWN, said)
        person = next((each for each in findings if not _same(each.signer, sender)), None)
        if person is not None:
            said = f"Gói tin do “{_fit(person.signer)}” của “{_fit(sender)}” ký và còn nguyên vẹn."
            return Judgement(Seal.VALID, said)
        return Judgement(Seal.VALID, f"Gói tin được ký bằng con dấu số của “{_fit(sender)}” và còn nguyên vẹn.")
    finding, problem = worst
    who = _fit(finding.signer)
    if not finding.intact or problem.code in ("altered", "changed"):
        return Judgement(Seal.ALTERED, "Nội dung gói tin không khớp với chữ ký kèm theo: đã bị sửa sau khi ký.")
    if problem.code == "unchecked" and _is(finding, sender):
        said = f"Gói tin còn nguyên vẹn, do “{who}” ký; lúc nhận chưa hỏi được chứng thư có bị thu hồi hay không."
        return Judgement(Seal.UNCHECKED, said)
    if problem.code == "weak":
        return Judgement(Seal.WEAK, f"Gói tin do “{who}” ký bằng thuật toán yếu, có thể bị làm giả.")
    if problem.code in _UNTRUSTED:
        return Judgement(Seal.UNKNOWN, f"Không xác nhận được chữ ký của “{who}” trên gói tin: {problem.said}"[:300])
    return Judgement(Seal.UNKNOWN, f"Gói tin do “{who}” ký, không xác nhận được là nơi gửi “{_fit(sender)}”.")


def _is(finding: SignatureFinding, sender: str) -> bool:
    """Whether the certificate names the agency that the package says it is from: as its holder, or as where they work.

    By name: no code of agencies that certificates bear is published. That the sender's code is theirs, the axis vouches.
    """
    return _same(finding.signer, sender) or _same(finding.organization, sender)


def _same(named: str, sender: str) -> bool:
    """Whether a name in a certificate is that of the sender, which may have been cut to the room there."""
    held, wanted = _plain(named), _plain(sender)
    return bool(wanted) and (held == wanted or (len(held) in (ROOM - 1, ROOM) and wanted.startswith(held)))


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def _fit(name: str) -> str:
    return " ".join(name.replace("\x00", "").split())[:80]
