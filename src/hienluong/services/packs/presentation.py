"""Plans of packs in words, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.conf import settings
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.fitting import Fitting, fitting
from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.properties import label_of
from hienluong.services.procedures import differences
from hienluong.services.procedures.called import called
from hienluong.services.procedures.differences import Told

from . import under_way
from .called import heading, headings, own_lists
from .models import Installation
from .new_parts import facts_of_new
from .opening import Origin
from .planning import Plan, Removal
from .written import Met, met

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
class Break:
    """A field in which old records do not fit a new version: why, and whether the pack says how they come over."""

    name: str
    label: str
    why: str
    is_covered: bool


@dataclass(frozen=True)
class Row:
    """One part of a pack, with its changes in words."""

    file: str
    code: str
    heading: str
    kind: str
    changes: list[Told]
    more: int
    breaks: list[Break]
    under_way: under_way.UnderWay | None
    met: list[Met]  # of a register: by dossiers that were filed before
    #: Of a new part, what it is.
    facts: list[Mapping[str, str]]
    #: Of a new version of a register: the records that it would refuse.
    unfit: Fitting | None = None


def rows(plan: Plan, *, whole: bool = False) -> list[Row]:
    """What would change, by file; what stays the same is told only of the `whole`."""
    with lists.besides(own_lists(plan.bundle.pack)):
        return _rows(plan, whole=whole)


def _rows(plan: Plan, *, whole: bool) -> list[Row]:
    named, names, begun = headings(plan.bundle.pack), called_in(plan), under_way.of(plan)
    registers = dict(plan.bundle.pack.registers)
    found = []
    for one in plan.differences:
        if one.kind == "same" and not whole:
            continue
        told = differences.told(one.before, one.after, names) if one.before is not None else []
        fields = {**differences.fields_of(one.before), **differences.fields_of(one.after)}
        breaks = [
            Break(name, label_of(name, fields.get(name, {})), why, name not in one.uncovered)
            for name, why in one.breaks
        ]
        title = named.get(one.file) or heading(one.file, one.code)
        more = max(0, len(told) - MOST)
        meets = met(registers[one.file]) if one.kind == "changed" and one.file in registers else []
        begins = begun.get(one.file)
        told_of = facts_of_new(plan.bundle.pack, one.file) if one.kind == "new" else []
        found.append(Row(one.file, one.code, title, one.kind, told[:MOST], more, breaks, begins, meets, told_of))
        found[-1] = replace(found[-1], unfit=unfit_of(plan, one.file)) if one.kind == "changed" else found[-1]
    return found


def unfit_of(plan: Plan, file: str) -> Fitting | None:
    """The records that a new version of a register in this file would refuse; None for any other file, and for a version
    that is installed."""
    specs = dict(plan.bundle.pack.registers)
    spec = specs.get(file)
    if spec is None or Definition.objects.filter(register__code=spec.code, version__gte=spec.version).exists():
        return None
    return fitting(spec, list(specs.values()))


def called_in(plan: Plan) -> dict[str, str]:
    """What fields of the pack, registers and procedures are called, by their names and codes."""
    pack = plan.bundle.pack
    files = [*(item.file for item in pack.procedures), *(file for file, _spec in pack.registers)]
    return called(pack.documents[file].value for file in files)


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
