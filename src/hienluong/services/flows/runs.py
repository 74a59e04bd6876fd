"""Starting runs, what a person decides about one that waits, and emptying those that are old."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.agreements import one_line, required
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.sso.models import System

from . import actions, calling, language
from .announce import MANAGE
from .models import Flow, FlowVersion, Run, Step
from .waking import wake

#: Runs emptied by one transaction.
AT_ONCE = 500
State = Run.State
Decision = Step.Decision
ENDED = (State.DONE, State.COMPENSATED, State.FAILED)


class KeyReused(DomainError):
    """The key stands for another request already."""

    code = "flows.key_reused"
    status = 422


class NotWaiting(DomainError):
    """Nothing is to be decided about this step any more."""

    code = "flows.not_waiting"


def start(
    who: Actor, *, flow: Flow, given: Any, system: System | None = None, key: str = "", purpose: str = ""
) -> tuple[Run, bool]:
    """Start a run, and whether it is a new one: the same key of the same system is the same run.

    `system`: which asks; without one, an official of the owner tries it. Raises NotFound when nobody may start it,
    InvalidInput for an input that does not fit, KeyReused.
    """
    version = _startable(who, flow, system)
    try:
        given = language.plain(given)
    except language.NoValue as error:
        raise InvalidInput(_("Đầu vào không dùng được: %(why)s") % {"why": error}, field="input") from None
    if faults := language.input_faults(language.read(version.source), given):
        where = ", ".join(f"{place or '(gốc)'}: {kind}" for place, kind in faults[:5])
        raise InvalidInput(_("Đầu vào không đúng mô tả: %(where)s") % {"where": where}, field="input")
    key = key.strip()
    if len(key) > 200 or "\x00" in key or not key.isascii():
        raise InvalidInput(_("Idempotency-Key dài nhất 200 ký tự ASCII."), field="key")
    if system is not None and key and (found := _same(flow, system, key, given)):
        return found, False
    try:
        return _start(who, version=version, given=given, system=system, key=key, purpose=one_line(purpose)[:200]), True
    except IntegrityError:  # of two at once the other was first
        if system is None or (found := _same(flow, system, key, given)) is None:
            raise
        return found, False


def _startable(who: Actor, flow: Flow, system: System | None) -> FlowVersion:
    if system is None:
        who.require(MANAGE, flow.owner.path)
    elif not actions.may_start(flow, system):
        raise NotFound(_("Không có dịch vụ phối hợp này."))
    found = flow.versions.filter(state=FlowVersion.State.PUBLISHED).select_related("flow").first()
    if found is None:
        raise NotFound(_("Dịch vụ phối hợp này chưa có phiên bản đang chạy."))
    return found


def _same(flow: Flow, system: System, key: str, given: Any) -> Run | None:
    found = Run.objects.filter(system=system, key=key).select_related("version").first()
    if found and (found.version.flow_id != flow.pk or found.given_digest != calling.digest(given)):
        raise KeyReused(_("Khóa này đã dùng cho một yêu cầu khác."), field="key")
    return found


@action("flows.run.start")
def _start(act: Act, *, version: FlowVersion, given: Any, system: System | None, key: str, purpose: str) -> Run:
    run = Run.objects.create(
        version=version,
        system=system,
        account_id=None if system else act.actor.account_id,
        label=act.actor.label[:200],
        purpose=purpose,
        key=key or None,
        given=given,
        given_digest=calling.digest(given),
    )
    told = {"flow": version.flow.code, "number": version.number, "input_sha256": run.given_digest}
    act.record(run, after=told, organization_id=version.flow.owner_id)
    act.emit("flows.run.started", run, {"flow": version.flow.code, "uid": str(run.uid)})
    wake()
    return run


@action("flows.run.decide")
def decide(act: Act, *, step: Step, decision: str, reason: str, answer: str = "") -> Step:
    """What a person found out about a call of which it is not known whether it was done.

    ``done``: it was, and answered `answer` (JSON; empty: nothing). ``again``: it was not, it may go out again.
    ``give_up``: the run is undone; with an `answer` the call itself was done, and is undone, too. About a call that undoes,
    ``give_up`` leaves it as it is. Needs a reason.
    """
    run = Run.objects.select_for_update(of=("self",)).select_related("version__flow__owner").get(pk=step.run_id)
    act.require(MANAGE, run.version.flow.owner.path)
    locked = Step.objects.select_for_update().get(pk=step.pk)
    if locked.state != Step.State.WAITING or run.state in ENDED:
        raise NotWaiting(_("Bước này không còn chờ quyết định."))
    if decision not in Decision.values:
        raise InvalidInput(_("Hãy chọn một quyết định."), field="decision")
    locked.reason = one_line(required(reason))[:500]
    value, given = _typed(answer)
    now = timezone.now()
    undoes = locked.path.endswith("/undo")
    if decision == Decision.DONE or (decision == Decision.GIVE_UP and given and not undoes):
        locked.state, locked.ended_at = Step.State.DONE, now
        locked.answer, locked.answer_digest = {"value": value}, calling.digest(value)
    else:
        locked.state = Step.State.FAILED
        locked.retry_at = now if decision == Decision.AGAIN else None
    if decision == Decision.GIVE_UP and not undoes and not run.fault:
        run.fault, run.fault_path = _("Người có trách nhiệm quyết định hoàn tác.")[:400], locked.path
    locked.decision, locked.decided_at = decision, now
    locked.decided_by_id, locked.decided_label = act.actor.account_id, act.actor.label[:200]
    locked.save()
    run.state, run.next_at = State.COMPENSATING if run.fault else State.RUNNING, None
    run.save(update_fields=("state", "next_at", "fault", "fault_path"))
    told = {"path": locked.path, "attempt": locked.attempt, "decision": decision, "answer_sha256": locked.answer_digest}
    act.record(run, after=told, organization_id=run.version.flow.owner_id, note=locked.reason)
    act.emit("flows.run.decided", run, {"flow": run.version.flow.code, "uid": str(run.uid), "decision": decision})
    wake()
    return locked


def _typed(answer: str) -> tuple[Any, bool]:
    """What a person typed as the answer of a call, and whether they typed any."""
    if not answer.strip():
        return None, False
    try:
        return language.plain(json.loads(answer)), True
    except (ValueError, RecursionError):
        raise InvalidInput(_('Câu trả lời phải là JSON, ví dụ {"so": 12}.'), field="answer") from None


def of_system(system: System, uid: str) -> Run:
    """A run that a system started. Raises NotFound for any other."""
    found = Run.objects.filter(uid=uid, system=system).select_related("version__flow").first()
    if found is None:
        raise NotFound(_("Không có lần chạy này."))
    return found


@action("flows.runs.empty")
def empty(act: Act, *, runs: list[Run]) -> int:
    """Take out what ended runs were asked and answered; digests stay. For the system alone."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống tự làm việc này."))
    locked = list(Run.objects.select_for_update().filter(pk__in=[run.pk for run in runs], ended_at__isnull=False))
    Step.objects.filter(run__in=locked).update(request=None, answer=None)
    Run.objects.filter(pk__in=[run.pk for run in locked]).update(given=None, answer=None, emptied_at=timezone.now())
    for run in locked:
        act.record(run, after={"emptied": True})
    return len(locked)


def to_empty() -> list[Run]:
    """The runs that ended so long ago that what they hold of persons goes (``HIENLUONG_FLOW_DAYS``), at most a batch."""
    before = timezone.now() - timedelta(days=settings.FLOW_DAYS)
    return list(Run.objects.filter(ended_at__lt=before, emptied_at=None).only("pk").order_by("ended_at")[:AT_ONCE])
