"""Working off the questions that wait for one system: oldest first, until it does not answer.

At least once: an answer that is lost means that the same question goes out again under the same number. What may not be
done twice is asked about first (``Operation.confirmed_by``).
"""

from __future__ import annotations

import json
import logging

from django.utils import timezone

from hienluong.foundation.actions import DomainError, system

from . import actions, asking, takers
from .asking import Reason
from .base import Answer, adapter
from .faults import Fault, NotThere, Refused
from .models import Pending

logger = logging.getLogger(__name__)
WHO = system("Hỏi hệ thống quốc gia")
#: Most questions of one turn; the rest is for the next, so that others get theirs in between.
MOST = 200


def turn(code: str) -> int:
    """Ask what is due; returns how many were settled. A fault that is not final ends the turn."""
    settled = 0
    due = Pending.objects.filter(system=code, state=Pending.State.WAITING, next_try_at__lte=timezone.now())
    for row in due.select_related("organization", "party").order_by("next_try_at", "pk")[:MOST]:
        if not takers.wanted(row):
            actions.drop(WHO, pending=row)
            continue
        try:
            answer = _ask(row)
        except Fault as fault:
            if not fault.final:
                actions.note_no_answer(WHO, pending=row, fault=fault)
                return settled
            actions.note_answer(WHO, pending=row, answer=None, fault=fault)
        except Exception as error:  # a question that cannot be put must not stop the others
            if not isinstance(error, DomainError):
                logger.exception("question %s cannot be put to %s", row.pk, code)
            actions.note_answer(WHO, pending=row, answer=None, fault=Refused(type(error).__name__))
        else:
            actions.note_answer(WHO, pending=row, answer=answer, fault=None)
        settled += 1
    return settled


def _ask(row: Pending) -> Answer:
    reason = Reason(row.purpose, row.organization, row.party, row.about)
    operation = adapter(row.system).operation(row.operation)
    if row.unclear and operation.confirmed_by:
        try:
            return asking.ask(WHO, row.system, operation.confirmed_by, {"number": row.number}, reason=reason, tries=1)
        except NotThere:
            pass  # it did not arrive: once more, then
    question = json.loads(row.question)
    return asking.ask(WHO, row.system, row.operation, question, reason=reason, number=row.number, tries=1)
