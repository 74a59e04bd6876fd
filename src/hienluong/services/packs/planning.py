"""What installing a pack or taking it away would do, before it is done. Reads only."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.models import Definition, Version
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.checking import schema_fault
from hienluong.foundation.schemas.positions import Fault
from hienluong.services.dossiers.models import OPEN_STATES, Dossier, State
from hienluong.services.procedures import installing
from hienluong.services.procedures.installing import Difference

from . import dependencies, written
from .models import Installation, Package, Part, TrustedSigner
from .opening import Bundle, Origin
from .signatures import Standing
from .written import Staying

#: What a pack of a name that the product has may not come from.
_OUTSIDE = (Origin.WHEEL, Origin.FOLDER, Origin.UPLOAD, Origin.BUILT)


@dataclass
class Plan:
    """What installing would do; `faults` say why it cannot be done, `asks` what has to be agreed to first."""

    bundle: Bundle
    kind: str = Installation.Kind.INSTALL
    before: Package | None = None
    signer: TrustedSigner | None = None
    differences: list[Difference] = field(default_factory=list)
    gone: list[Part] = field(default_factory=list)  # of the version before, and not in this one: they stay in force
    staying: list[Staying] = field(default_factory=list)  # newer versions of what is in this one
    faults: list[Fault] = field(default_factory=list)
    begins: dict[str, date] = field(default_factory=dict)  # file of a procedure → the day that it has to wait for
    asks_downgrade: bool = False

    @property
    def is_nothing(self) -> bool:
        """Whether this very pack is installed already."""
        before = self.before
        same = before is not None and before.state == Package.State.INSTALLED
        return bool(same and before and before.digest == self.bundle.content.digest)

    @property
    def brings_back(self) -> bool:
        """Whether what was withdrawn and closed when the pack was taken away holds again."""
        return self.before is not None and self.before.state == Package.State.REMOVED

    @property
    def mark(self) -> str:
        """What this plan says, as 64 hexadecimal digits: whoever agreed to it gives it back when it is carried out."""
        before = self.before
        return _mark(
            self.bundle.content.stored_digest,
            self.bundle.origin,
            self.kind,
            [before.version, before.state, before.digest] if before else None,
            self.signer.fingerprint if self.signer else "",
            [
                [each.file, each.code, each.kind, each.before, each.after, each.breaks, each.uncovered]
                for each in self.differences
            ],
            [[part.kind, part.code] for part in self.gone],
            [[each.title, each.day] for each in self.staying],
        )

    @property
    def counts(self) -> Mapping[str, int]:
        """How many files are new, changed, the same."""
        kinds = [difference.kind for difference in self.differences]
        return {kind: kinds.count(kind) for kind in ("new", "changed", "same")}


def _mark(*said: Any) -> str:
    return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()


def for_install(bundle: Bundle) -> Plan:
    """What installing would do, and everything that speaks against it, by file and line."""
    plan = Plan(bundle, faults=list(bundle.faults))
    if not bundle.pack.manifest:
        return plan
    plan.before = Package.objects.filter(name=bundle.name).select_related("owner").first()
    plan.signer = signer_of(bundle.signed)
    _check_trust(plan)
    _check_version(plan)
    _check_dependencies(plan)
    _check_owners(plan)
    _check_registers(plan)
    if not bundle.faults or _reads_whole(bundle):
        plan.differences = sorted(installing.diff(bundle.pack), key=lambda difference: difference.file)
        mine = {(part.kind, part.code) for part in parts_of(bundle)}
        before = plan.before.parts.all() if plan.before else []
        plan.gone = [part for part in before if (part.kind, part.code) not in mine]
        if not plan.is_nothing:
            plan.staying = written.staying(bundle.pack)
            fresh = {each.file for each in plan.differences if each.kind != "same"}
            told = {(fault.file, fault.message) for fault in plan.faults}
            more = written.faults(bundle.pack, fresh)
            plan.faults += [fault for fault in more if (fault.file, fault.message) not in told]
            plan.begins = written.first_days(bundle.pack)
    return plan


def _reads_whole(bundle: Bundle) -> bool:
    """Whether a faulty pack can be held against what is here all the same: only what it writes into registers is amiss."""
    whole = {item.file for item in bundle.pack.procedures}
    return all(
        fault.file in whole and fault.line >= bundle.pack.line_of(fault.file, "effects") > 1 for fault in bundle.faults
    ) and all(not item.spec.form or not schema_fault(item.spec.form.data_schema) for item in bundle.pack.procedures)


def free_version(bundle: Bundle) -> str:
    """The number for what was built here: its own, or the one after what is installed when that is built here too and
    its number is not behind."""
    before = Package.objects.filter(name=bundle.name, origin=Origin.BUILT).first()
    if before is None or before.digest == bundle.content.digest or not bundle.pack.manifest:
        return bundle.version
    old = dependencies.numbers(before.version)
    return (
        ".".join(map(str, (*old[:-1], old[-1] + 1))) if dependencies.numbers(bundle.version) <= old else bundle.version
    )


def signer_of(signed: Standing) -> TrustedSigner | None:
    """The trusted signer of a pack; None when nobody whom this installation trusts has signed it."""
    if not signed.key:
        return None
    return TrustedSigner.objects.filter(fingerprint=signed.fingerprint, removed_at=None).first()


def parts_of(bundle: Bundle) -> list[Part]:
    """What a pack brings, each thing once."""
    pack = bundle.pack
    found = {(Part.Kind.CODELIST, loaded.spec.code) for loaded in pack.codelists if loaded.spec}
    found |= {(Part.Kind.REGISTER, spec.code) for _file, spec in pack.registers}
    found |= {(Part.Kind.SCORING, spec.code) for _file, spec in pack.scoring}
    found |= {(Part.Kind.PROCEDURE, item.spec.code) for item in pack.procedures}
    return [Part(kind=kind, code=code) for kind, code in sorted(found)]


def _fault(plan: Plan, message: str, *place: str | int, file: str = "pack.yaml") -> None:
    plan.faults.append(Fault(file, plan.bundle.pack.line_of(file, *place), message))


def _check_trust(plan: Plan) -> None:
    bundle = plan.bundle
    if plan.before and plan.before.origin == Origin.PRODUCT and bundle.origin in _OUTSIDE:
        _fault(plan, _("gói “%(name)s” đi kèm hệ thống, không thay bằng gói khác được") % {"name": bundle.name}, "name")
    if bundle.origin in (Origin.PRODUCT, Origin.BUILT) or bundle.signed.faults:
        return
    if said := untrusted(bundle.signed):
        file, *place = ("pack.sig",) if bundle.signed.key else ("pack.yaml", "name")
        _fault(plan, said, *place, file=file)


def untrusted(signed: Standing) -> str:
    """Why what came from elsewhere is not taken here, in words; empty when it is. Its signature is known to be sound."""
    if not settings.PACKS_NEED_SIGNATURE or signer_of(signed) is not None:
        return ""
    if not signed.key:
        return _("gói chưa được ký; hệ thống thật chỉ cài gói do người được tin cậy ký")
    said = _("gói do một khóa chưa được tin cậy ở đây ký (vân tay %(mark)s)")
    return said % {"mark": signed.fingerprint}


def _check_version(plan: Plan) -> None:
    bundle, before = plan.bundle, plan.before
    if before is None:
        return
    old, new = dependencies.numbers(before.version), dependencies.numbers(bundle.version)
    plan.kind = Installation.Kind.REINSTALL if before.state == Package.State.REMOVED else Installation.Kind.UPDATE
    if new < old:
        plan.kind, plan.asks_downgrade = Installation.Kind.DOWNGRADE, True
    elif new == old and before.digest != bundle.content.digest and bundle.origin != Origin.PRODUCT:
        said = _("phiên bản %(version)s đã cài với nội dung khác; hãy đặt số phiên bản mới")
        _fault(plan, said % {"version": bundle.version}, "version")


def _check_dependencies(plan: Plan) -> None:
    bundle = plan.bundle
    there = dict(Package.objects.filter(state=Package.State.INSTALLED).values_list("name", "version"))
    for needed in dependencies.missing(bundle.depends_on, there):
        number = bundle.depends_on.index(needed)
        _fault(plan, _("cần gói “%(needed)s” cài trước") % {"needed": needed}, "depends_on", number)
    used = bundle.pack.manifest.uses_codelists if bundle.pack.manifest else []
    for number, name in enumerate(used):
        if not lists.knows(name):
            _fault(plan, _("cần danh mục “%(name)s”, chưa có") % {"name": name}, "uses_codelists", number)


def _check_owners(plan: Plan) -> None:
    """Nothing belongs to two packs."""
    bundle = plan.bundle
    others = Part.objects.exclude(package__name=bundle.name).select_related("package")
    taken = {(part.kind, part.code): part.package.name for part in others}
    places = {
        (Part.Kind.CODELIST.value, loaded.spec.code): loaded.file for loaded in bundle.pack.codelists if loaded.spec
    }
    places |= {(Part.Kind.REGISTER.value, spec.code): file for file, spec in bundle.pack.registers}
    places |= {(Part.Kind.SCORING.value, spec.code): file for file, spec in bundle.pack.scoring}
    places |= {(Part.Kind.PROCEDURE.value, item.spec.code): item.file for item in bundle.pack.procedures}
    for (kind, code), file in sorted(places.items()):
        if owner := taken.get((kind, code)):
            _fault(plan, _("“%(code)s” thuộc gói “%(owner)s”") % {"code": code, "owner": owner}, "code", file=file)


def held_registers(bundle: Bundle) -> set[str]:
    """The files of registers whose number is installed with another text: it is not changed any more, as records follow it."""
    specs = bundle.pack.registers
    held = Definition.objects.filter(register__code__in={spec.code for _file, spec in specs})
    digests = {
        (code, number): digest for code, number, digest in held.values_list("register__code", "version", "digest")
    }
    return {file for file, spec in specs if digests.get((spec.code, spec.version), spec.digest) != spec.digest}


def _check_registers(plan: Plan) -> None:
    held = held_registers(plan.bundle)
    for file, spec in plan.bundle.pack.registers:
        if file in held:
            said = _("phiên bản %(version)s của “%(title)s” đã cài với nội dung khác; hãy bắt đầu phiên bản mới")
            _fault(plan, said % {"version": spec.version, "title": spec.title}, "version", file=file)


@dataclass
class Removal:
    """What taking a pack away would do. Nothing that was written is deleted."""

    package: Package
    procedures: list[str]
    registers: list[str]
    codelists: list[str]
    scoring: list[str]
    records: dict[str, int]  # register → how many records there are now
    dossiers: dict[str, int]  # procedure → how many are in hand
    needed_by: list[str]  # installed packs that depend on it: taken away first

    @property
    def mark(self) -> str:
        """As that of a plan. How many records and dossiers there are is not in it: they come and go while one reads."""
        package = self.package
        parts = [self.procedures, self.registers, self.codelists, self.scoring]
        return _mark(package.version, package.state, package.digest, parts, self.needed_by)


def for_uninstall(package: Package) -> Removal:
    """What taking a pack away would do."""
    parts: dict[str, list[str]] = {kind: [] for kind in Part.Kind.values}
    for part in package.parts.all():
        parts[part.kind].append(part.code)
    known = Version.objects.filter(register__code__in=parts["register"], known__upper_inf=True)
    records = known.values("register__code").annotate(number=Count("record", distinct=True))
    procedure = "procedure_version__procedure__code"
    open_now = Dossier.objects.filter(
        **{f"{procedure}__in": parts["procedure"]}, state__in=(*OPEN_STATES, State.COMPLETED)
    )
    dossiers = open_now.values(procedure).annotate(number=Count("pk"))
    installed = Package.objects.filter(state=Package.State.INSTALLED).exclude(pk=package.pk)
    return Removal(
        package,
        parts["procedure"],
        parts["register"],
        parts["codelist"],
        parts["scoring"],
        {row["register__code"]: row["number"] for row in records},
        {row[procedure]: row["number"] for row in dossiers},
        sorted(one.name for one in installed if package.name in map(dependencies.name_of, one.depends_on)),
    )
