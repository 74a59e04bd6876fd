"""Plans of packs in words, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from hienluong.services.procedures.wording import part_label, said

from .models import Installation
from .opening import Origin
from .planning import Plan, Removal

#: Most changes of one file that a page tells.
MOST = 100


@dataclass(frozen=True)
class Signature:
    """What the signature of a pack is worth here: in words, with a colour, and the fingerprint of the key."""

    words: str
    colour: str
    fingerprint: str = ""
    hint: str = ""


def signature(plan: Plan) -> Signature:
    """The verdict on the signature of a pack."""
    signed = plan.bundle.signed
    if plan.bundle.origin in (Origin.PRODUCT, Origin.BUILT):
        return Signature(str(plan.bundle.origin.label), "green")
    if signed.faults:
        return Signature(_("Chữ ký không đúng"), "red")
    if plan.signer:
        return Signature(_("Đã ký: %(name)s") % {"name": plan.signer.name}, "green", signed.fingerprint)
    if signed.key:
        hint = _("So vân tay với người ký, rồi thêm khóa vào danh sách người ký được tin cậy.")
        return Signature(_("Khóa ký chưa được tin cậy"), "red", signed.fingerprint, hint)
    if settings.PACKS_NEED_SIGNATURE:
        return Signature(_("Chưa ký"), "red", hint=_("Hệ thống này chỉ cài gói do người được tin cậy ký."))
    return Signature(_("Chưa ký"), "yellow", hint=_("Được cài vì đây là bản chạy thử."))


def facts(plan: Plan) -> list[Mapping[str, object]]:
    """What the pack says of itself, and what it would replace."""
    manifest, before = plan.bundle.pack.manifest, plan.before
    version = plan.bundle.version
    if before and before.version != version:
        version = f"{before.version} → {version}"
    found = [
        (_("Mã gói"), plan.bundle.name),
        (_("Phiên bản"), version),
        (_("Việc"), Installation.Kind(plan.kind).label),
        (_("Cơ quan chủ quản"), manifest.owner if manifest else ""),
        (_("Mô tả"), manifest.description if manifest else ""),
        (_("Căn cứ pháp lý"), "; ".join(manifest.legal_basis) if manifest else ""),
        (_("Cần các gói"), ", ".join(plan.bundle.depends_on)),
    ]
    return [{"key": key, "value": value} for key, value in found if value]


@dataclass(frozen=True)
class Row:
    """One part that is new or changed, with its changes in words: (part, before, after)."""

    file: str
    code: str
    title: str
    kind: str
    changes: list[tuple[str, str, str]]
    more: int
    breaks: list[tuple[str, str, bool]]  # field, why, whether the pack says how records come over


def rows(plan: Plan) -> list[Row]:
    """What would change, by file; what stays the same is not told."""
    named = titles(plan)
    return [
        Row(
            one.file,
            one.code,
            named.get(one.file, ""),
            one.kind,
            [(part_label(path), said(before), said(after)) for path, before, after in one.changes[:MOST]],
            max(0, len(one.changes) - MOST),
            [(name, why, name not in one.uncovered) for name, why in one.breaks],
        )
        for one in plan.differences
        if one.kind != "same"
    ]


def titles(plan: Plan) -> Mapping[str, str]:
    """What the parts of a pack are called, by file."""
    pack = plan.bundle.pack
    found = {loaded.file: loaded.spec.title for loaded in pack.codelists if loaded.spec}
    found |= {file: spec.title for file, spec in pack.registers} | {file: form.title for file, form in pack.scoring}
    return found | {item.file: item.spec.name for item in pack.procedures}


def removal_rows(removal: Removal, named: Mapping[str, str]) -> list[Mapping[str, str]]:
    """What taking a pack away would do with each part, and what there is of it now; `named`: what each code is called."""
    found: list[tuple[str, str, str]] = []
    for code in removal.procedures:
        count = removal.dossiers.get(code, 0)
        there = _("%(count)d hồ sơ đang giải quyết") % {"count": count} if count else ""
        found.append((code, _("Bãi bỏ thủ tục: không nhận hồ sơ mới"), there))
    for code in removal.registers:
        count = removal.records.get(code, 0)
        there = _("%(count)d bản ghi còn tra cứu được") % {"count": count} if count else ""
        found.append((code, _("Dừng ghi cơ sở dữ liệu"), there))
    found += [(code, _("Giữ nguyên danh mục"), "") for code in removal.codelists]
    found += [(code, _("Giữ nguyên biểu chấm điểm"), "") for code in removal.scoring]
    return [{"title": named.get(code, ""), "code": code, "what": what, "there": there} for code, what, there in found]
