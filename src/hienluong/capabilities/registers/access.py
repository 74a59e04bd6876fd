"""Who may do what with records, and which of their fields each may read and write."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed
from hienluong.foundation.actions.permissions import Permission, register

from .definition import Access, RegisterSpec

VERBS: dict[str, tuple[str, str]] = {
    "read": ("Xem cơ sở dữ liệu chuyên ngành", "Read registers"),
    "write": ("Ghi cơ sở dữ liệu chuyên ngành", "Write registers"),
    "import": ("Nhập dữ liệu từ tệp", "Import into registers"),
    "export": ("Xuất dữ liệu", "Export from registers"),
    "define": ("Định nghĩa cơ sở dữ liệu", "Define registers"),
    "certify": ("Cấp, thu hồi giấy chứng nhận, giấy phép", "Issue and revoke certificates"),
    "share": ("Duyệt chia sẻ dữ liệu", "Decide on sharing agreements"),
}


def register_permissions() -> None:
    """Hand the verbs over to the permission catalogue."""
    register(*(Permission(f"registers.{verb}", vi, en) for verb, (vi, en) in VERBS.items()))


@dataclass(frozen=True)
class Place:
    """Where a record stands: the path of its organisation, and of the one that owns the register."""

    responsible: str
    owner: str


@dataclass(frozen=True)
class Rights:
    """The fields of a record that somebody may read and write."""

    read: frozenset[str]
    write: frozenset[str]

    def require_write(self, fields: set[str]) -> None:
        """Raise :class:`NotAllowed` when there is a field that may not be written; it says no more than its name."""
        if not self.write or fields - self.write:
            named = ", ".join(sorted(fields - self.write))
            raise NotAllowed(_("Bạn không có quyền ghi: %(fields)s.") % {"fields": named or "—"})


def rights(actor: Actor, spec: RegisterSpec, place: Place, *, is_subject: bool = False) -> Rights:
    """What `actor` may read and write of a record at this place; what no rule gives is refused.

    What a certificate says is written by who may certify, or bring in what was issued before there was this register.
    """
    may_write = actor.can("registers.write", place.responsible)
    found: list[tuple[Access, bool]] = [(spec.access.public, False)]
    if actor.can("registers.read", place.responsible):
        found.append((spec.access.responsible, may_write))
    if actor.can("registers.read", place.owner):
        found.append((spec.access.owner, actor.can("registers.write", place.owner)))
    if is_subject:
        found.append((spec.access.subject, False))
    read = frozenset().union(*(spec.readable(access) for access, _write in found))
    write = frozenset().union(*(spec.writable(access) for access, writes in found if writes))
    if spec.certified and not any(actor.can(f"registers.{verb}", place.responsible) for verb in ("certify", "import")):
        write -= spec.certified
    return Rights(read, write)
