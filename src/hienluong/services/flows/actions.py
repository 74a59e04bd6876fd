"""Declaring composed services, publishing them, who may start them.

Ground: NĐ 278/2025/NĐ-CP (sharing through the platform); hướng dẫn 631/THH-THHT (orchestration is a function of it).
"""

from __future__ import annotations

import re

from django.db.models import Max, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.agreements import one_line, required
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotFound, action
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso import inside
from hienluong.foundation.sso.models import System

from . import checking, language
from .announce import MANAGE
from .models import Flow, FlowVersion, Permit

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
#: Faults of a text that are told at once.
_TOLD = 5
State = FlowVersion.State


class WrongState(DomainError):
    """What is asked does not follow from what the version is now."""

    code = "flows.version_state"


@action("flows.declare")
def declare(act: Act, *, owner: Organization, system: System, code: str, title: str, source: str) -> FlowVersion:
    """A composed service of an organisation, with its first version as a draft.

    `system`: as which it calls; one of the organisation's that works for itself. Raises InvalidInput for what cannot be.
    """
    act.require(MANAGE, owner.path)
    code, title = code.strip(), one_line(title)
    if not _CODE.fullmatch(code) or len(code) > 40:
        raise InvalidInput(_("Mã gồm chữ thường không dấu, số và gạch nối, bắt đầu bằng chữ."), field="code")
    if Flow.objects.filter(code=code).exists():
        raise InvalidInput(_("Đã có dịch vụ phối hợp mang mã này."), field="code")
    if not title:
        raise InvalidInput(_("Hãy ghi tên."), field="title")
    _require_own(system, owner)
    flow = Flow.objects.create(code=code, title=title[:200], owner=owner, system=system)
    return _added(act, flow, 1, source)


def _require_own(system: System, owner: Organization) -> None:
    if not system.owner.path.startswith(owner.path) or not inside.works_for_itself(system):
        raise InvalidInput(_("Hãy chọn hệ thống của cơ quan mình, được tự gọi không cần người."), field="system")


@action("flows.version.add")
def add_version(act: Act, *, flow: Flow, source: str) -> FlowVersion:
    """The next version of a composed service, as a draft. There is one draft at a time."""
    locked = Flow.objects.select_for_update(of=("self",)).select_related("owner").get(pk=flow.pk)
    act.require(MANAGE, locked.owner.path)
    if locked.versions.filter(state=State.DRAFT).exists():
        raise WrongState(_("Đang có một bản nháp. Hãy sửa bản đó."))
    newest = locked.versions.aggregate(newest=Max("number"))["newest"] or 0
    return _added(act, locked, newest + 1, source)


def _added(act: Act, flow: Flow, number: int, source: str) -> FlowVersion:
    read(source)
    made = FlowVersion.objects.create(flow=flow, number=number, source=source, label=act.actor.label[:200])
    act.record(made, after={"flow": flow.code, "number": number}, organization_id=flow.owner_id)
    act.emit("flows.version.added", made, _about(made))
    return made


@action("flows.version.write")
def write(act: Act, *, version: FlowVersion, source: str) -> FlowVersion:
    """Another text for a draft."""
    locked = _locked(act, version, State.DRAFT)
    read(source)
    locked.source, locked.label = source, act.actor.label[:200]
    locked.save(update_fields=("source", "label"))
    act.record(locked, after=_about(locked), organization_id=locked.flow.owner_id)
    return locked


@action("flows.version.publish")
def publish(act: Act, *, version: FlowVersion) -> FlowVersion:
    """From now on runs are of this version; those that go on stay with theirs. What it calls must be there, and agreed."""
    locked = _locked(act, version, State.DRAFT)
    _require_own(locked.flow.system, locked.flow.owner)
    try:
        locked.operations = checking.operations(read(locked.source), locked.flow.system.owner)
    except language.Faults as faults:
        raise InvalidInput(told(faults), field="source") from None
    for before in locked.flow.versions.filter(state=State.PUBLISHED):
        _become(act, before, State.RETIRED, "")
    locked.published_at = timezone.now()
    return _become(act, locked, State.PUBLISHED, "", "published_at", "operations")


@action("flows.version.retire")
def retire(act: Act, *, version: FlowVersion, reason: str) -> FlowVersion:
    """Nobody can start it any more; runs that go on go on. Needs a reason."""
    return _become(act, _locked(act, version, State.PUBLISHED), State.RETIRED, required(reason))


def _become(act: Act, version: FlowVersion, state: str, reason: str, *columns: str) -> FlowVersion:
    version.state = state
    version.save(update_fields=("state", *columns))
    act.record(
        version,
        verb=f"flows.version.{state}",
        after={"state": state, **_about(version)},
        organization_id=version.flow.owner_id,
        note=one_line(reason)[:500],
    )
    act.emit(f"flows.version.{state}", version, _about(version))
    return version


def _locked(act: Act, version: FlowVersion, *states: str) -> FlowVersion:
    found = FlowVersion.objects.select_for_update(of=("self",))
    locked = found.select_related("flow__owner", "flow__system__owner", "flow__system__client").get(pk=version.pk)
    act.require(MANAGE, locked.flow.owner.path)
    if locked.state not in states:
        raise WrongState(_("Phiên bản đang ở trạng thái “%(state)s”.") % {"state": locked.get_state_display()})
    return locked


def _about(version: FlowVersion) -> dict[str, object]:
    return {"flow": version.flow.code, "number": version.number}


def read(source: str) -> language.Flow:
    """What a text declares. Raises InvalidInput with its faults, each with its line."""
    try:
        return language.read(source)
    except language.Faults as faults:
        raise InvalidInput(told(faults), field="source", code="flows.bad_source") from None


def told(faults: language.Faults) -> str:
    """Faults of a text in words."""
    lines = [_("Dòng %(line)d: %(words)s") % {"line": one.line, "words": one.message} for one in faults.faults[:_TOLD]]
    if more := len(faults.faults) - _TOLD:
        lines += [_("và %(more)d lỗi nữa") % {"more": more}] if more > 0 else []
    return "; ".join(lines)


@action("flows.permit")
def permit(act: Act, *, flow: Flow, consumer: Organization, purpose: str) -> Permit:
    """Let the systems of another organisation start a flow, for a purpose."""
    locked = Flow.objects.select_for_update(of=("self",)).select_related("owner").get(pk=flow.pk)
    act.require(MANAGE, locked.owner.path)
    if not (purpose := one_line(purpose)):
        raise InvalidInput(_("Hãy ghi mục đích sử dụng."), field="purpose")
    if consumer.path.startswith(locked.owner.path):
        raise InvalidInput(_("Cơ quan này thuộc cơ quan quản lý, không cần cho phép."), field="consumer")
    if locked.permits.filter(consumer=consumer, ended_at=None).exists():
        raise InvalidInput(_("Cơ quan này đã được cho phép."), field="consumer")
    made = Permit.objects.create(flow=locked, consumer=consumer, purpose=purpose[:200], label=act.actor.label[:200])
    act.record(
        made, after={"flow": locked.code, "consumer": consumer.code}, organization_id=locked.owner_id, note=purpose
    )
    return made


@action("flows.permit.end")
def end_permit(act: Act, *, permit: Permit, reason: str) -> Permit:
    """Their systems may not start it any more; needs a reason."""
    locked = Permit.objects.select_for_update(of=("self",)).select_related("flow__owner", "consumer").get(pk=permit.pk)
    act.require(MANAGE, locked.flow.owner.path)
    if locked.ended_at is not None:
        raise WrongState(_("Đã thôi cho phép."))
    locked.ended_at = timezone.now()
    locked.save(update_fields=("ended_at",))
    told_ = {"flow": locked.flow.code, "consumer": locked.consumer.code}
    act.record(locked, after=told_, organization_id=locked.flow.owner_id, note=required(reason)[:500])
    return locked


def may_start(flow: Flow, system: System) -> bool:
    """Whether a system may start runs: of the owner or below it, or of an organisation that is permitted."""
    path = system.owner.path
    if path.startswith(flow.owner.path):
        return True
    return any(
        path.startswith(each.consumer.path) for each in flow.permits.filter(ended_at=None).select_related("consumer")
    )


def visible(actor: Actor) -> QuerySet[Flow]:
    """The flows that somebody declares and looks after."""
    owners = Organization.objects.filter(reach.below(actor.paths_with(MANAGE)))
    return Flow.objects.filter(owner__in=owners).select_related("owner", "system__client")


def visible_one(actor: Actor, code: str) -> Flow:
    """One of them. Raises NotFound for any other."""
    found = visible(actor).filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise NotFound(_("Không có dịch vụ phối hợp này."))
    return found
