"""The verbs: who is who at the node, which version passes by it. Who may call what stays with the agreements of the bus.

Ground: NĐ 278/2025/NĐ-CP, Điều 7 (sharing through the national platform with an agent node).
"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.agreements import one_line
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.models import System
from hienluong.services.bus.gateway import snapshot
from hienluong.services.bus.models import Version

from .announce import MANAGE
from .models import Offer, Passage, Subsystem


class InUse(DomainError):
    """Something still goes by this subsystem."""

    code = "agentnode.in_use"
    status = 409


def require_manager(actor: Actor) -> None:
    """Raise :class:`NotAllowed` unless the actor looks after the whole province's node: all agencies share it."""
    words = str(_("Bạn không quản lý kết nối qua nút đại lý quốc gia."))
    paths = actor.require_somewhere(MANAGE, words)
    whole = next((path for path in paths if path.count("/") <= 2), None)
    if whole is None:
        raise NotAllowed(words, permission=MANAGE)
    actor.require(MANAGE, whole)


@action("agentnode.subsystem.add")
def add_subsystem(
    act: Act, *, identifier: str, title: str, ours: bool, organization: Organization, system: System | None = None
) -> Subsystem:
    """Say that a subsystem of the node is this organisation, or this system of it. Raises InvalidInput, at the field."""
    require_manager(act.actor)
    identifier = _identifier(identifier, 4, "identifier")
    title = one_line(title)[:200]
    if not title:
        raise InvalidInput(_("Phải điền mục này."), field="title")
    member = settings.AGENT_NODE.member if settings.AGENT_NODE else ""
    if member and ours != f"{identifier}/".startswith(f"{member}/"):
        words = _("Phân hệ của tỉnh bắt đầu bằng %(member)s, của nơi khác thì không.") % {"member": member}
        raise InvalidInput(words, field="identifier")
    if system is None and not ours:
        raise InvalidInput(_("Phân hệ bên ngoài phải là một hệ thống đã đăng ký."), field="system")
    if system is not None and not system.owner.path.startswith(organization.path):
        raise InvalidInput(_("Hệ thống này không thuộc cơ quan đã ghi."), field="system")
    there = Subsystem.objects.filter(ended_at=None)
    if Subsystem.objects.filter(identifier=identifier).exists():
        raise InvalidInput(_("Đã có phân hệ mang mã này."), field="identifier")
    if system is not None and there.filter(system=system).exists():
        raise InvalidInput(_("Hệ thống này đã có phân hệ."), field="system")
    if system is None and there.filter(organization=organization, system=None).exists():
        raise InvalidInput(_("Cơ quan này đã có phân hệ chung."), field="organization")
    made = Subsystem.objects.create(
        identifier=identifier, title=title, ours=ours, organization=organization, system=system
    )
    told = {"identifier": identifier, "ours": ours, "system": str(system.pk) if system else ""}
    act.record(made, after=told, organization_id=organization.pk)
    act.emit("agentnode.subsystem_added", made, {"identifier": identifier, "ours": ours})
    return made


@action("agentnode.subsystem.end")
def end_subsystem(act: Act, *, subsystem: Subsystem, text: str) -> Subsystem:
    """A subsystem is nobody here any more, from now on. Needs a reason; raises InUse while services are offered by it."""
    require_manager(act.actor)
    locked = Subsystem.objects.select_for_update().get(pk=subsystem.pk)
    if Offer.objects.filter(subsystem=locked).exists():
        raise InUse(_("Còn dịch vụ đang cho gọi qua phân hệ này. Hãy bỏ các dịch vụ đó trước."))
    if locked.ended_at is None:
        locked.ended_at = timezone.now()
        locked.save(update_fields=("ended_at",))
    act.record(locked, after={"ended": True}, organization_id=locked.organization_id, note=_reason(text))
    act.emit("agentnode.subsystem_ended", locked, {"identifier": locked.identifier})
    return locked


@action("agentnode.passage.add")
def add_passage(act: Act, *, place: str, service: str) -> Passage:
    """Let a version of the catalogue (``gia-dat/v1``) go through the node, to this service there."""
    require_manager(act.actor)
    node = settings.AGENT_NODE
    if node is None:
        raise InvalidInput(_("Chưa khai báo nút đại lý (HIENLUONG_AGENT_NODE)."), field="service")
    service = _identifier(service, 5, "service")
    version = _version(place)
    if version.state != Version.State.DRAFT:
        # What others call already must not lead elsewhere one day.
        raise InvalidInput(_("Chỉ nối được bản nháp. Hãy thêm phiên bản mới của dịch vụ."), field="place")
    made = Passage.objects.create(version=version, service=service)
    version.upstream = node.url  # it passes nowhere else; so it can be brought out
    version.save(update_fields=("upstream",))
    act.record(made, after={"version": str(version), "service": service}, organization_id=version.service.owner_id)
    act.emit("agentnode.passage_added", made, {"service": version.service.code, "major": version.major})
    return made


@action("agentnode.passage.drop")
def drop_passage(act: Act, *, passage: Passage, text: str) -> None:
    """A version goes through the node no more. It then passes nowhere until its owner says where it is served."""
    require_manager(act.actor)
    locked = Passage.objects.select_for_update().select_related("version__service").get(pk=passage.pk)
    version = locked.version
    live = (Version.State.TEST, Version.State.PUBLISHED, Version.State.DEPRECATED)
    if version.state in live:
        raise InUse(_("Phiên bản này đang được cung cấp. Hãy ngừng nó trong danh mục dịch vụ trước."))
    reason = _reason(text)
    act.record(
        locked,
        before={"version": str(version), "service": locked.service},
        organization_id=version.service.owner_id,
        note=reason,
    )
    act.emit("agentnode.passage_dropped", locked, {"service": version.service.code, "major": version.major})
    locked.delete()


@action("agentnode.offer.add")
def add_offer(act: Act, *, place: str, subsystem: Subsystem, code: str) -> Offer:
    """Give a version its name at the node. Nobody may call it by that yet: that takes an agreement."""
    require_manager(act.actor)
    version = _version(place)
    locked = Subsystem.objects.select_for_update().get(pk=subsystem.pk)
    if not locked.ours or locked.ended_at is not None:
        raise InvalidInput(_("Dịch vụ của tỉnh mang tên dưới một phân hệ của tỉnh."), field="subsystem")
    code = code.strip()
    _identifier(f"{locked.identifier}/{code}", 5, "code")
    if Offer.objects.filter(subsystem=locked, code=code).exists():
        raise InvalidInput(_("Phân hệ này đã có dịch vụ mang mã đó."), field="code")
    made = Offer.objects.create(version=version, subsystem=locked, code=code)
    act.record(made, after={"version": str(version), "service": made.service}, organization_id=version.service.owner_id)
    act.emit("agentnode.offer_added", made, {"service": version.service.code, "major": version.major})
    return made


@action("agentnode.offer.drop")
def drop_offer(act: Act, *, offer: Offer, text: str) -> None:
    """A version has no name at the node any more: nobody outside calls it. Needs a reason."""
    require_manager(act.actor)
    locked = (
        Offer.objects.select_for_update(of=("self",)).select_related("version__service", "subsystem").get(pk=offer.pk)
    )
    version = locked.version
    act.record(
        locked,
        before={"version": str(version), "service": locked.service},
        organization_id=version.service.owner_id,
        note=_reason(text),
    )
    act.emit("agentnode.offer_dropped", locked, {"service": version.service.code, "major": version.major})
    locked.delete()


def _version(place: str) -> Version:
    """A version by ``gia-dat/v1``, that passes the node neither way yet; locked."""
    code, _slash, major = place.strip().lower().partition("/v")
    found = None
    if major.isascii() and major.isdecimal() and len(major) < 5:
        lives = Version.objects.select_for_update(of=("self",)).select_related("service__owner")
        found = lives.filter(service__code=code, major=int(major)).exclude(state=Version.State.RETIRED).first()
    if found is None:
        raise InvalidInput(_("Không có phiên bản này trong danh mục; ghi dạng gia-dat/v1."), field="place")
    if Passage.objects.filter(version=found).exists() or Offer.objects.filter(version=found).exists():
        raise InvalidInput(_("Phiên bản này đã nối với nút đại lý."), field="place")
    return found


def _identifier(text: str, parts: int, field: str) -> str:
    text = text.strip().strip("/")
    try:
        snapshot.check_identifier(text, parts)
    except snapshot.SnapshotError:
        shape = "/".join(("INSTANCE", "CLASS", "MEMBER", "SUBSYSTEM", "SERVICE")[:parts])
        words = _("Mã có dạng %(shape)s; phân hệ có thể bỏ trống.") % {"shape": shape}
        raise InvalidInput(words, field=field) from None
    return text


def _reason(text: str) -> str:
    tidy = one_line(text)[:500]
    if not tidy:
        raise InvalidInput(_("Hãy ghi lý do."), field="text")
    return tidy
