"""Asking a system: what was kept, the circuit, the tries, the answer, and what is written down of it.

No transaction is open while the other side is waited for.
"""

from __future__ import annotations

import json
import random
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index

from . import actions, circuit, transport
from .base import Adapter, Answer, Operation, adapter
from .connections import Connection
from .faults import Fault, NotConnected, Wrong
from .models import KeptAnswer

#: Between two tries while somebody waits, in seconds; doubled each time, and spread.
PAUSE = 0.2


@dataclass(frozen=True)
class Reason:
    """For whom and for what a system is asked: it is written down with each call.

    `party`: whose data is read, who sees it on their own page. `about`: the matter, as ``dossier:H50.31.01-…``.
    """

    purpose: str
    organization: Organization | None = None
    party: Party | None = None
    about: str = ""


def connection_of(code: str) -> Connection:
    """How this installation reaches a system. Raises :class:`NotConnected`."""
    found: Connection | None = settings.ADAPTERS.get(code)
    if found is None:
        raise NotConnected("chưa khai kết nối trong HIENLUONG_ADAPTERS")
    return found


def is_connected(code: str) -> bool:
    """Whether this installation has a connection to the system."""
    return code in settings.ADAPTERS


def can_ask(code: str, name: str) -> bool:
    """Whether this installation is connected to the system and, through an agent node, may use this operation."""
    found: Connection | None = settings.ADAPTERS.get(code)
    return found is not None and (found.agent is None or name in found.agent.services)


def ask(
    actor: Actor,
    code: str,
    name: str,
    question: Mapping[str, Any],
    *,
    reason: Reason,
    number: str = "",
    tries: int = 0,
) -> Answer:
    """Ask a system now. Raises :class:`Fault`, :class:`InvalidInput` for a question that is none, NotAllowed.

    `number`: ours, for a question that went out before; `tries`: how often at most (the operation's own number when 0).
    """
    path = reason.organization.path if reason.organization else "/"
    actor.require("adapters.ask", path)
    one = adapter(code)
    began, number = time.monotonic(), number or str(uuid.uuid4())
    try:
        connection = connection_of(code)
        operation = one.operation(name, connection)
        require_sound(operation, question)
        kept = _kept(one, operation, question, operation.keep_s)
        if kept:
            actions.note_call(actor, call=_call(one, operation, number, reason, began, "kept"), fault=None, ask=False)
            return kept
        circuit.admit(code)
    except Fault as fault:
        operation = one.operation(name)
        old = _kept(one, operation, question, operation.stale_s, old=True) if fault.kind != "off" else None
        if old is None:
            raise
        actions.note_call(actor, call=_call(one, operation, number, reason, began, "old"), fault=None, ask=False)
        return old
    tried, caught = 0, None
    while tried < (tries or operation.tries):
        if tried:
            time.sleep(PAUSE * 2 ** (tried - 1) * random.uniform(0.5, 1.5))  # noqa: S311 - to spread, not to hide
        tried, caught = tried + 1, None
        try:
            data = transport.send(one, operation, question, connection, number)
            break
        except Fault as fault:
            caught = fault
            if fault.final or fault.kind == "busy" or (fault.sent and not operation.repeatable):
                break
        except Exception as error:
            caught = Wrong(f"không đọc được câu trả lời ({type(error).__name__})")
            break
    call = _call(one, operation, number, reason, began, caught.kind if caught else "ok", tried, caught)
    actions.note_call(actor, call=call, fault=caught, ask=True)
    if caught is None:
        return _keep(one, operation, question, data)
    old = _kept(one, operation, question, operation.stale_s, old=True) if caught.counts else None
    if old is None:
        raise caught
    return old


def require_sound(operation: Operation, question: Mapping[str, Any]) -> None:
    """Refuse a question that is not of the operation's shape, naming the field, before anything is sent."""
    fault = next(iter(operation.asks.iter_errors(dict(question))), None)
    if fault is not None:
        field = str(fault.instance_path[0]) if fault.instance_path else None
        raise InvalidInput(
            _("Câu hỏi “%(title)s” thiếu hoặc sai thông tin: %(field)s.")
            % {"title": operation.title, "field": field or fault.kind.name},
            code="adapters.bad_question",
            field=field,
        )


def _call(
    one: Adapter,
    operation: Operation,
    number: str,
    reason: Reason,
    began: float,
    outcome: str,
    tries: int = 0,
    fault: Fault | None = None,
) -> actions.CallMade:
    return actions.CallMade(
        system=one.code,
        operation=operation.name,
        number=number,
        outcome=outcome,
        error=str(fault) if fault else "",
        status=fault.status if fault else 0,
        tries=tries,
        ms=round((time.monotonic() - began) * 1000),
        purpose=reason.purpose[:200],
        about=reason.about[:100],
        fields=operation.personal if outcome in ("ok", "kept", "old") else (),
        party=reason.party,
        organization=reason.organization,
    )


def _key(question: Mapping[str, Any]) -> str:
    return blind_index(json.dumps(question, sort_keys=True, ensure_ascii=True, default=str))


def _kept(
    one: Adapter, operation: Operation, question: Mapping[str, Any], seconds: int, *, old: bool = False
) -> Answer | None:
    """The answer that was kept, when it is not older than so many seconds."""
    if not seconds:
        return None
    since = timezone.now() - timedelta(seconds=seconds)
    found = KeptAnswer.objects.filter(
        system=one.code, operation=operation.name, key=_key(question), at__gte=since
    ).first()
    return Answer(json.loads(found.answer), found.at, kept=True, old=old) if found else None


def _keep(one: Adapter, operation: Operation, question: Mapping[str, Any], data: dict[str, Any]) -> Answer:
    now = timezone.now()
    lasts = max(operation.keep_s, operation.stale_s)
    if lasts:
        KeptAnswer.objects.update_or_create(
            system=one.code,
            operation=operation.name,
            key=_key(question),
            defaults={"answer": json.dumps(data), "at": now, "until": now + timedelta(seconds=lasts)},
        )
    return Answer(data, now)
