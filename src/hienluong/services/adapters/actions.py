"""The verbs: note a call, let a question wait, settle it, try again."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, action
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party

from . import circuit, takers
from .base import Answer, adapter
from .faults import Fault, NotConnected
from .models import Call, Pending, System

if TYPE_CHECKING:
    from .asking import Reason

#: After so many tries in vain a question is put aside for a person to look at: two days after the first.
MOST_TRIES = 60
#: The first and the longest wait between two tries.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=10), timedelta(hours=1)


@dataclass(frozen=True)
class CallMade:
    """One call as it was, before it is written down."""

    system: str
    operation: str
    number: str
    outcome: str
    error: str
    status: int
    tries: int
    ms: int
    purpose: str
    about: str
    fields: tuple[str, ...]
    party: Party | None
    organization: Organization | None


@action("adapters.note_call")
def note_call(act: Act, *, call: CallMade, fault: Fault | None, ask: bool) -> Call:
    """Write down one question to another system, and what was read of a person; `ask`: the system itself was asked."""
    act.require("adapters.ask", call.organization.path if call.organization else "/")
    system = _system(call.system)
    if ask:
        circuit.after(system, fault)
        if fault is None or fault.kind in ("not_found", "duplicate"):  # these are answers
            system.last_success_at, system.last_ms = timezone.now(), call.ms
        else:
            system.last_kind, system.last_error = fault.kind, str(fault)
            system.last_failed_at = timezone.now()
        system.save()
    row = Call.objects.create(
        system=call.system,
        operation=call.operation,
        number=call.number,
        outcome=call.outcome,
        error=call.error,
        status=call.status or None,
        tries=call.tries,
        ms=call.ms,
        purpose=call.purpose,
        about=call.about,
        fields=list(call.fields),
        actor_label=act.actor.label[:200],
        organization=call.organization,
    )
    if call.party is not None and call.fields:
        log_read(
            party_id=call.party.pk,
            actor_id=act.actor.account_id,
            actor_label=act.actor.label[:200],
            organization_id=call.organization.pk if call.organization else act.actor.organization_id,
            fields=call.fields,
            purpose=call.purpose,
            subject=f"{adapter(call.system).title}"[:100],
            ip=act.actor.ip,
        )
    act.record(
        system,
        after={"operation": call.operation, "outcome": call.outcome, "number": call.number, "about": call.about},
        note=call.purpose,
        organization_id=call.organization.pk if call.organization else None,
    )
    return row


def _system(code: str) -> System:
    found, _new = System.objects.get_or_create(code=code)
    return System.objects.select_for_update().get(pk=found.pk)


@action("adapters.let_wait")
def let_wait(
    act: Act, *, code: str, operation: str, question: Mapping[str, Any], reason: Reason, taker: str
) -> Pending:
    """Put a question in the queue; its answer goes to `taker`. The same matter waits once.

    Refuses a question that is none (:class:`InvalidInput`) and a system that is not connected (``adapters.off``).
    """
    from . import asking, tasks

    act.require("adapters.ask", reason.organization.path if reason.organization else "/")
    try:
        asking.require_sound(adapter(code).operation(operation, asking.connection_of(code)), question)
    except NotConnected as fault:
        raise InvalidInput(
            _("Chưa kết nối %(title)s.") % {"title": adapter(code).title}, code="adapters.off"
        ) from fault
    same = Pending.objects.filter(taker=taker, about=reason.about, operation=operation, state=Pending.State.WAITING)
    found = same.first()
    if found is None:
        try:
            with transaction.atomic():
                found = Pending.objects.create(
                    system=code,
                    operation=operation,
                    number=str(uuid.uuid4()),
                    question=json.dumps(dict(question), ensure_ascii=False),
                    purpose=reason.purpose[:200],
                    about=reason.about[:100],
                    taker=taker,
                    party=reason.party,
                    organization=reason.organization,
                    next_try_at=timezone.now(),
                )
        except IntegrityError:
            found = same.get()
    act.record(found, after={"system": code, "operation": operation, "about": reason.about}, note=reason.purpose)
    tasks.wake(code)
    return found


@action("adapters.note_answer")
def note_answer(act: Act, *, pending: Pending, answer: Answer | None, fault: Fault | None) -> Pending:
    """A question that waited is answered, or refused for good: whoever asked takes it, in this transaction."""
    _system_only(act)
    row = Pending.objects.select_for_update().get(pk=pending.pk)
    if row.state == Pending.State.DONE:
        act.record(row, verb="adapters.note_answer_repeat")
        return row
    row.attempts += 1
    row.settled_at, row.next_try_at, row.unclear = timezone.now(), None, False
    if answer is None and fault is not None and fault.kind not in ("not_found", "duplicate"):
        row.state = Pending.State.FAILED  # the question is kept: somebody mends the line and tries again
    else:
        row.state, row.question = Pending.State.DONE, ""
    row.last_kind, row.last_error = (fault.kind, str(fault)) if fault else ("", "")
    row.save()
    takers.take(act, row, answer, fault)
    act.record(row, after={"state": row.state, "outcome": fault.kind if fault else "ok", "about": row.about})
    return row


@action("adapters.note_no_answer")
def note_no_answer(act: Act, *, pending: Pending, fault: Fault) -> Pending:
    """A try in vain: it waits longer each time, and after too many a person must look at it."""
    _system_only(act)
    row = Pending.objects.select_for_update().get(pk=pending.pk)
    if row.state != Pending.State.WAITING:
        act.record(row, verb="adapters.note_answer_repeat")
        return row
    row.unclear = row.unclear or fault.sent
    if not fault.sent and fault.retry_after:  # it was not asked at all
        row.next_try_at = timezone.now() + timedelta(seconds=fault.retry_after)
    else:
        row.attempts += 1
        row.next_try_at = _next_try(row, fault)
    row.last_kind, row.last_error = fault.kind, str(fault)
    if row.attempts >= MOST_TRIES:
        row.state, row.next_try_at, row.settled_at = Pending.State.FAILED, None, timezone.now()
    row.save()
    if row.state == Pending.State.FAILED:
        takers.take(act, row, None, fault)
    else:
        takers.wait(act, row, fault)
    act.record(row, after={"outcome": fault.kind, "attempts": row.attempts, "about": row.about})
    return row


@action("adapters.drop")
def drop(act: Act, *, pending: Pending) -> Pending:
    """Nobody wants the answer any more: the question is emptied and never asked."""
    _system_only(act)
    row = Pending.objects.select_for_update().get(pk=pending.pk)
    if row.state != Pending.State.DONE:
        row.state, row.question, row.next_try_at, row.settled_at = Pending.State.DONE, "", None, timezone.now()
        row.save()
    act.record(row, after={"state": row.state, "about": row.about})
    return row


def _next_try(row: Pending, fault: Fault) -> datetime:
    wait: timedelta = min(FIRST_WAIT * 2 ** min(row.attempts - 1, 20), LONGEST_WAIT)
    return timezone.now() + max(wait, timedelta(seconds=fault.retry_after or 0))


@action("adapters.retry")
def retry(act: Act, *, code: str) -> int:
    """Ask a system again from now on, and what waits or failed there; returns how many questions that are."""
    from . import tasks

    require_manager(act.actor)
    system = _system(code)
    circuit.close(system)
    system.save()
    rows = Pending.objects.filter(system=code).exclude(state=Pending.State.DONE).exclude(question="")
    count = 0
    for row in rows.select_for_update():
        waits = Pending.objects.filter(
            taker=row.taker, about=row.about, operation=row.operation, state=Pending.State.WAITING
        ).exclude(pk=row.pk)
        if waits.exists():
            continue  # it was asked anew meanwhile
        row.state, row.attempts, row.next_try_at, row.settled_at = Pending.State.WAITING, 0, timezone.now(), None
        row.save()
        count += 1
    act.record(system, after={"retried": count})
    tasks.wake(code)
    return count


def require_manager(actor: Actor) -> None:
    """Raise :class:`NotAllowed` unless the actor watches over the lines of the whole province: all agencies share them."""
    words = str(_("Bạn không theo dõi kết nối với hệ thống quốc gia."))
    paths = actor.require_somewhere("adapters.manage", words)
    whole = next((path for path in paths if path.count("/") <= 2), None)
    if whole is None:
        raise NotAllowed(words, permission="adapters.manage")
    actor.require("adapters.manage", whole)


def _system_only(act: Act) -> None:
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình nền hỏi hệ thống quốc gia được làm việc này."))
