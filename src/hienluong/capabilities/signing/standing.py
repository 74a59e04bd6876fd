"""Whether an issued paper still holds, from the register of issued files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from hienluong.foundation.transparency import log, merkle
from hienluong.foundation.transparency.models import LogEntry

from . import masking
from .models import IssuedFile

Standing = Literal["in_force", "expired", "suspended", "revoked", "superseded"]


def standing(issued: IssuedFile) -> Standing:
    """What has become of a paper since it was issued."""
    if issued.state == IssuedFile.State.REVOKED:
        return "superseded" if issued.replaced_by or successor(issued) else "revoked"
    today = timezone.localdate()
    if issued.valid_until and issued.valid_until < today:
        return "expired"
    since, until = issued.suspended_since, issued.suspended_until
    return "suspended" if since and since <= today and (until is None or today <= until) else "in_force"


def successor(issued: IssuedFile) -> IssuedFile | None:
    """The paper of the same matter and kind that was issued in place of this one."""
    return (
        IssuedFile.objects.filter(
            subject_ref=issued.subject_ref,
            kind=issued.kind,
            issued_at__gt=issued.issued_at,
            state=IssuedFile.State.IN_FORCE,
        )
        .order_by("-issued_at")
        .first()
    )


@dataclass(frozen=True)
class Registered:
    """What the register says of the paper with a code: not what paper somebody holds in their hands."""

    issued: IssuedFile
    standing: Standing
    sentence: str
    log_proof: dict[str, Any]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What to compare with the paper: label and value."""
        return [(str(masking.LABELS[fact["code"]]), fact["value"]) for fact in self.issued.facts]


def look_up(token: str) -> Registered | None:
    """What the register says of a code; None when it knows no such code."""
    issued = IssuedFile.objects.filter(pk=token.upper()[:40]).first() if token.isalnum() else None
    if issued is None:
        return None
    found = standing(issued)
    return Registered(issued, found, _sentence(issued, found), proof(issued))


def _sentence(issued: IssuedFile, found: Standing) -> str:
    said = {"issuer": issued.issuer_name, "day": _day(timezone.localtime(issued.issued_at).date())}
    if found == "in_force":
        return _("Có giấy mang mã này, do %(issuer)s cấp ngày %(day)s, đang có hiệu lực.") % said
    if found == "expired" and issued.valid_until:
        return _("Có giấy mang mã này, do %(issuer)s cấp ngày %(day)s, nhưng ĐÃ HẾT HIỆU LỰC từ sau ngày %(end)s.") % {
            **said,
            "end": _day(issued.valid_until),
        }
    if found == "suspended" and issued.suspended_since:
        return suspension(issued, _("Có giấy mang mã này nhưng giấy ĐANG BỊ ĐÌNH CHỈ, TẠM NGỪNG"))
    if found == "superseded" and issued.replaced_by:
        return replacement(issued, _("Giấy mang mã này ĐÃ ĐƯỢC THAY bằng %(other)s. Đừng nhận giấy này."))
    if found == "superseded":
        return _("Giấy mang mã này ĐÃ BỊ THU HỒI và được thay bằng giấy khác. Đừng nhận giấy này.")
    return _("Giấy mang mã này ĐÃ BỊ THU HỒI, không còn giá trị. Đừng nhận giấy này.")


def suspension(issued: IssuedFile, begins: str) -> str:
    """A sentence that begins so, and goes on with the days of the suspension."""
    if issued.suspended_since is None:
        return begins
    since = _day(issued.suspended_since)
    if issued.suspended_until is None:
        return _("%(begins)s từ ngày %(since)s đến khi có quyết định khác.") % {"begins": begins, "since": since}
    until = _day(issued.suspended_until)
    return _("%(begins)s từ ngày %(since)s đến hết ngày %(until)s.") % {
        "begins": begins,
        "since": since,
        "until": until,
    }


def replacement(issued: IssuedFile, sentence: str) -> str:
    """A sentence with ``%(other)s`` in it: what was issued in place of this paper."""
    return sentence % {"other": issued.replaced_by}


def _day(day: date) -> str:
    return date_format(day, "d/m/Y")


def proof(issued: IssuedFile) -> dict[str, Any]:
    """The proof that the transparency log holds this file."""
    return entry_proof(issued.log_index, issued.sha256)


def entry_proof(log_index: int, sha256: str) -> dict[str, Any]:
    """The proof that the log holds an entry, and that the entry speaks of the file with this SHA-256."""
    entry = LogEntry.objects.get(pk=log_index)
    size = log.size()
    path, root = log.inclusion_proof(entry.index, size), log.root(size)
    return {
        "index": entry.index,
        "size": size,
        "leaf_hash": bytes(entry.leaf_hash).hex(),
        "root": root.hex(),
        "at": entry.at,
        "holds": merkle.verify_inclusion(bytes(entry.leaf_hash), entry.index, size, path, root)
        and sha256 in entry.leaf,
    }
