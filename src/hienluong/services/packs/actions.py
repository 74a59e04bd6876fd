"""The verbs of packs: offer, install, uninstall, bring back, trust a signer, trust one no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import retiring
from hienluong.capabilities.registers.models import Register
from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotFound, Permission, action
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.organisations.queries import named
from hienluong.foundation.schemas.positions import Fault
from hienluong.services.procedures import installing, withdrawing
from hienluong.services.procedures.installing import Installed
from hienluong.services.procedures.models import Procedure
from hienluong.services.procedures.scope import province_path

from . import opening, planning, signatures
from .models import Content, Installation, Offer, Package, Part, TrustedSigner
from .opening import Bundle, Origin

MANAGE = Permission("packs.manage", "Cài, gỡ gói ngành", "Install and remove packs")


class NotInstallable(InvalidInput):
    """A pack cannot be installed as it is; `faults` say why, by file and line."""

    code = "packs.not_installable"

    def __init__(self, faults: Sequence[Fault]) -> None:
        first = faults[0]
        words = {"count": len(faults), "file": first.file, "line": first.line, "message": first.message}
        said = _("Gói còn %(count)d lỗi, chưa cài gì. %(file)s, dòng %(line)d: %(message)s") % words
        super().__init__(said, field="file", faults=[str(fault) for fault in faults])
        self.faults = list(faults)


class InUse(DomainError):
    """Something depends on the pack; it is taken away only when somebody says what is to become of that."""

    code = "packs.in_use"


class PlanChanged(DomainError):
    """What would be done is not what was agreed to: something was installed, trusted or changed in between."""

    code = "packs.plan_changed"

    def __init__(self) -> None:
        super().__init__(_("Kế hoạch đã khác với khi bạn xem, nên chưa làm gì. Hãy xem lại rồi xác nhận."))


@dataclass(frozen=True)
class Done:
    """What installing did; `installation` is None when this very pack was there already."""

    package: Package
    installed: Installed
    installation: Installation | None


@action("packs.install")
def install(
    act: Act,
    *,
    bundle: Bundle,
    owner: Organization | None = None,
    expected: str = "",
    allow_downgrade: bool = False,
    reason: str = "",
) -> Done:
    """Install a whole pack in one transaction, or nothing of it; doing it again changes nothing.

    Of a pack of the product, registers whose owner is not there and versions whose days are over are left out and told; of any
    other pack nothing is. Who manages packs in the province may; a pack that was built here (`owner`: whose it is)
    also who manages packs there. `expected` is the mark of the plan that was agreed to.

    Raises :class:`NotInstallable` with every fault by file and line; :class:`PlanChanged` when the plan is another one;
    :class:`InvalidInput` for an older version, unless it is allowed.
    """
    _one_at_a_time()
    plan = planning.for_install(bundle)
    _require(act, plan, owner)
    if plan.faults:
        raise NotInstallable(plan.faults)
    if expected and plan.mark != expected:
        raise PlanChanged
    if plan.asks_downgrade and not allow_downgrade:
        raise InvalidInput(
            _("Đang dùng phiên bản %(old)s, mới hơn %(new)s. Muốn hạ phiên bản thì phải nói rõ.")
            % {"old": plan.before.version if plan.before else "", "new": bundle.version},
            code="packs.downgrade",
            field="allow_downgrade",
        )
    if plan.before and plan.before.state == Package.State.REMOVED:
        _bring_back(act, plan.before)
    try:
        done = installing.install(act, bundle.pack, whole=bundle.origin != Origin.PRODUCT)
    except installing.Refused as error:
        raise NotInstallable(error.faults) from error
    package = _package(bundle, owner or _named(bundle))
    _parts(package, bundle)
    if plan.is_nothing:
        act.record(package, note=_("Không có gì mới."))
        return Done(package, done, None)
    written = _history(act, package, plan.kind, plan.signer, bundle.signed.fingerprint, reason, _did(done))
    act.record(
        package,
        after={"kind": plan.kind, "version": package.version, "digest": package.digest, "signer": written.signer},
        note=reason,
    )
    act.emit("pack.installed", package, {"name": package.name, "version": package.version, "kind": plan.kind})
    return Done(package, done, written)


def _require(act: Act, plan: planning.Plan, owner: Organization | None) -> None:
    """What one builds for one's own house one may install; what belongs to another, only who manages all packs."""
    before, may = plan.before, act.actor.can
    is_own = plan.bundle.origin == Origin.BUILT and owner is not None and may(MANAGE.code, owner.path)
    if is_own and before is not None:
        is_own = before.owner is not None and may(MANAGE.code, before.owner.path)
    if not is_own:
        act.require(MANAGE.code, province_path())


def _named(bundle: Bundle) -> Organization | None:
    """The organisation that ``pack.yaml`` names, when it is one of ours."""
    try:
        return named(bundle.pack.manifest.owner) if bundle.pack.manifest else None
    except NotFound:
        return None


def _did(done: Installed) -> dict[str, Any]:
    return {"new": done.new, "changed": done.changed, "refused": [list(pair) for pair in done.refused]}


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('packs', 0))")


def _package(bundle: Bundle, owner: Organization | None) -> Package:
    manifest = bundle.pack.manifest
    if manifest is None:
        raise NotInstallable([Fault("pack.yaml", 1, _("không đọc được tệp"))])
    files = bundle.content.files
    content, _new = Content.objects.get_or_create(
        digest=bundle.content.stored_digest,
        defaults={"archive": bundle.content.to_zip(), "size": sum(map(len, files.values()))},
    )
    said = {
        "title": manifest.title[:200],
        "version": manifest.version,
        "state": Package.State.INSTALLED,
        "origin": bundle.origin,
        "owner": owner,
        "depends_on": manifest.depends_on,
        "digest": bundle.content.digest,
        "content": content,
    }
    package, is_new = Package.objects.get_or_create(name=manifest.name, defaults={**said, "changed_at": timezone.now()})
    if not is_new and any(getattr(package, name) != value for name, value in said.items()):
        for name, value in said.items():
            setattr(package, name, value)
        package.changed_at = timezone.now()
        package.save()
    return package


def _parts(package: Package, bundle: Bundle) -> None:
    there = set(package.parts.values_list("kind", "code"))
    fresh = [part for part in planning.parts_of(bundle) if (part.kind, part.code) not in there]
    for part in fresh:
        part.package = package
    Part.objects.bulk_create(fresh)


def _history(
    act: Act,
    package: Package,
    kind: str,
    signer: TrustedSigner | None,
    fingerprint: str,
    reason: str,
    did: dict[str, Any],
) -> Installation:
    return Installation.objects.create(
        package=package,
        kind=kind,
        version=package.version,
        digest=package.digest,
        content=package.content,
        origin=package.origin,
        signer=signer.name if signer else "",
        fingerprint=fingerprint,
        at=timezone.now(),
        account_id=act.actor.account_id,
        label=act.actor.label[:200],
        reason=reason[:500],
        did=did,
    )


def _bring_back(act: Act, package: Package) -> None:
    """What was withdrawn and retired when the pack was taken away holds again; what had been abolished before does not."""
    did = package.history.filter(kind=Installation.Kind.UNINSTALL)[0].did
    for procedure in Procedure.objects.filter(code__in=did["procedures"], withdrawn_on__isnull=False):
        withdrawing.reinstate(act, procedure=procedure, reason=_("Cài lại gói %(name)s") % {"name": package.name})
    for register in Register.objects.filter(code__in=did["registers"], retired_on__isnull=False):
        retiring.reopen(act, register=register, reason=_("Cài lại gói %(name)s") % {"name": package.name})


@action("packs.offer")
def offer(act: Act, *, body: bytes) -> Offer:
    """Keep an uploaded ZIP to be looked at; nothing of it is installed. Raises :class:`NotInstallable` for a faulty one."""
    act.require(MANAGE.code, province_path())
    bundle = opening.open_zip(body)
    if bundle.faults:
        raise NotInstallable(bundle.faults)
    kept = Offer.objects.create(
        name=bundle.name,
        version=bundle.version,
        archive=bundle.content.to_zip(),
        account_id=act.actor.account_id,
        label=act.actor.label[:200],
    )
    act.record(kept, after={"name": kept.name, "version": kept.version, "digest": bundle.content.digest})
    return kept


@action("packs.accept")
def accept(act: Act, *, offer: Offer, expected: str, allow_downgrade: bool = False, reason: str = "") -> Done:
    """Install a pack that was offered, as the plan with the mark `expected` says; raises what :func:`install` raises."""
    kept = _offer(act, offer)
    bundle = opening.open_offer(kept)
    done = install(act, bundle=bundle, expected=expected, allow_downgrade=allow_downgrade, reason=reason)
    kept.delete()
    return done


@action("packs.bring_back")
def bring_back(act: Act, *, package: Package, expected: str, allow_downgrade: bool = False, reason: str = "") -> Done:
    """Install again a pack that was taken away, as the plan with the mark `expected` says; raises as :func:`install` does."""
    act.require(MANAGE.code, province_path())
    bundle = opening.open_again(package)
    return install(act, bundle=bundle, expected=expected, allow_downgrade=allow_downgrade, reason=reason)


@action("packs.give_up")
def give_up(act: Act, *, offer: Offer) -> None:
    """Throw away a pack that was offered."""
    kept = _offer(act, offer)
    act.record(kept, before={"name": kept.name, "version": kept.version})
    kept.delete()


def _offer(act: Act, offer: Offer) -> Offer:
    act.require(MANAGE.code, province_path())
    found = Offer.objects.select_for_update().filter(pk=offer.pk).first()
    if found is None:
        raise NotFound(_("Gói này đã cài hoặc đã bỏ."))
    return found


@action("packs.uninstall")
def uninstall(
    act: Act,
    *,
    package: Package,
    keep_records: bool = False,
    finish_dossiers: bool = False,
    from_day: date | None = None,
    expected: str = "",
    reason: str = "",
) -> Installation:
    """Take a pack out of use: its procedures are withdrawn and its registers closed from a day on (today when None).

    Nothing that was written is deleted: records, dossiers, versions, definitions and code lists stay readable, and the pack
    can be installed again. Raises :class:`InUse` when other packs depend on it; when there are records, unless `keep_records`
    says that they are kept to be read; when there are dossiers in hand, unless `finish_dossiers` says that they are
    finished as they were filed; :class:`PlanChanged` when `expected` is the mark of another plan.
    """
    act.require(MANAGE.code, province_path())
    _one_at_a_time()
    package = Package.objects.select_for_update().get(pk=package.pk)
    if package.state == Package.State.REMOVED:
        act.record(package, note=_("Không có gì mới."))
        return package.history.filter(kind=Installation.Kind.UNINSTALL)[0]
    removal = planning.for_uninstall(package)
    if expected and removal.mark != expected:
        raise PlanChanged
    if removal.needed_by:
        raise InUse(_("Còn gói phụ thuộc, hãy gỡ trước: %(names)s.") % {"names": ", ".join(removal.needed_by)})
    if removal.records and not keep_records:
        words = {"count": sum(removal.records.values()), "names": ", ".join(removal.records)}
        said = _("Còn %(count)d bản ghi (%(names)s). Nói rõ là giữ lại để tra cứu thì mới gỡ.")
        raise InUse(said % words, field="keep_records")
    if removal.dossiers and not finish_dossiers:
        words = {"count": sum(removal.dossiers.values()), "names": ", ".join(removal.dossiers)}
        said = _("Còn %(count)d hồ sơ đang giải quyết (%(names)s). Nói rõ là giải quyết tiếp cho xong thì mới gỡ.")
        raise InUse(said % words, field="finish_dossiers")
    day = from_day or timezone.localdate()
    held = Procedure.objects.filter(code__in=removal.procedures, withdrawn_on=None).exclude(state=Procedure.State.DRAFT)
    procedures = [withdrawing.withdraw(act, procedure=one, from_day=day, reason=reason).code for one in held]
    kept_up = Register.objects.filter(code__in=removal.registers, retired_on=None).select_related("owner")
    registers = [retiring.retire(act, register=one, on=day, reason=reason).code for one in kept_up]
    package.state, package.changed_at = Package.State.REMOVED, timezone.now()
    package.save(update_fields=["state", "changed_at"])
    did = {"procedures": procedures, "registers": registers, "from": day.isoformat()}
    written = _history(act, package, Installation.Kind.UNINSTALL, None, "", reason, did)
    act.record(package, before={"state": "installed"}, after={"state": "removed", **did}, note=reason)
    act.emit("pack.uninstalled", package, {"name": package.name, "version": package.version})
    return written


@action("packs.trust")
def trust(act: Act, *, name: str, key: str) -> TrustedSigner:
    """Let packs be installed that this key has signed; `key` is the base64 of an Ed25519 public key. Raises InvalidInput."""
    act.require(MANAGE.code, province_path())
    name, key = " ".join(name.split()), signatures.public_key(key)
    if not name or len(name) > 200:
        raise InvalidInput(_("Tên người ký phải có từ 1 đến 200 ký tự."), field="name")
    mark = signatures.fingerprint(key)
    if known := TrustedSigner.objects.filter(fingerprint=mark, removed_at=None).first():
        raise InvalidInput(_("Khóa này đã được tin cậy với tên “%(name)s”.") % {"name": known.name}, field="key")
    signer = TrustedSigner.objects.create(name=name, key=key, fingerprint=mark, added_by=act.actor.label[:200])
    act.record(signer, after={"name": name, "fingerprint": mark})
    act.emit("pack.signer_trusted", signer, {"name": name, "fingerprint": mark})
    return signer


@action("packs.distrust")
def distrust(act: Act, *, signer: TrustedSigner, reason: str) -> TrustedSigner:
    """Install nothing more that this key has signed. What is installed stays. Raises InvalidInput without a reason."""
    act.require(MANAGE.code, province_path())
    if not reason.strip():
        raise InvalidInput(_("Nhập lý do thôi tin cậy."), field="reason")
    signer = TrustedSigner.objects.select_for_update().get(pk=signer.pk)
    if signer.removed_at is not None:
        raise NotFound(_("Khóa này không còn được tin cậy từ trước."))
    signer.removed_at, signer.removed_by = timezone.now(), act.actor.label[:200]
    signer.reason = reason.strip()[:500]
    signer.save(update_fields=["removed_at", "removed_by", "reason"])
    act.record(signer, before={"trusted": True}, after={"trusted": False}, note=reason)
    act.emit("pack.signer_distrusted", signer, {"name": signer.name, "fingerprint": signer.fingerprint})
    return signer
