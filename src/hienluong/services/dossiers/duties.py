"""Whose duty each verb is: with which permission, held where, at which steps of the process.

One table, which the actions enforce, the explain page reads out and the workplace offers acts by. The states are in
``lawful.py``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hienluong.foundation.actions import Act, Actor

from . import steps
from .models import BEFORE_DECISION, Dossier

Where = Callable[[Dossier], tuple[str, ...]]


def _received(dossier: Dossier) -> tuple[str, ...]:
    return (dossier.received_at_org.path,)


def _handling(dossier: Dossier) -> tuple[str, ...]:
    return (dossier.handling_path,)


def _competent(dossier: Dossier) -> tuple[str, ...]:
    return (dossier.competent.path,)


def _waiting(dossier: Dossier) -> tuple[str, ...]:
    return (dossier.waiting_path or dossier.handling_path,)


def _desk(dossier: Dossier) -> tuple[str, ...]:
    return (steps.desk_path(dossier),)


def _at_the_stage(dossier: Dossier) -> tuple[str, ...]:
    return _received(dossier) if "receive" in dossier.process.ready else _desk(dossier)


def _asked(dossier: Dossier) -> tuple[str, ...]:
    waiting = dossier.opinions.filter(given_at__isnull=True, withdrawn_at__isnull=True).select_related("organization")
    return tuple(opinion.organization.path for opinion in waiting)


def _here_or_there(dossier: Dossier) -> tuple[str, ...]:
    return (*_handling(dossier), *_received(dossier))


@dataclass(frozen=True)
class Duty:
    """`where` gives the organisations at any of which `permission` suffices; no `steps`: at whichever step."""

    permission: str
    where: Where
    steps: tuple[str, ...] = ()


#: Where answers may still be corrected: before reception, while the person supplements, and while it is reviewed.
CORRECTABLE = BEFORE_DECISION

#: Verb → whose it is. An opinion is given for its own agency, one of those asked.
DUTIES: dict[str, Duty] = {
    "receive": Duty("dossiers.receive", _received, ("receive",)),
    "check_papers": Duty("dossiers.receive", _received, ("receive",)),
    "digitise": Duty("dossiers.receive", _received),
    "correct_answers": Duty("dossiers.receive", _received, CORRECTABLE),
    "set_helper": Duty("dossiers.receive", _received),
    "answer_supplement": Duty("dossiers.receive", _received, ("await_receive", "await_review")),
    "record_posted_in": Duty("dossiers.file_at_counter", _received),
    "refuse": Duty("dossiers.refuse", _received, ("receive",)),
    "withdraw": Duty("dossiers.withdraw", _received),
    "request_supplement": Duty("dossiers.request_supplement", _at_the_stage, ("receive", "review")),
    "assign": Duty("dossiers.assign", _handling),
    "transfer": Duty("dossiers.transfer", _handling),
    "review": Duty("dossiers.review", _desk, ("review",)),
    "draft_result": Duty("dossiers.draft_result", _desk, ("review",)),
    "go_on_by_hand": Duty("dossiers.review", _desk, ("review",)),
    "ask_again": Duty("dossiers.review", _desk, ("review",)),
    "inspect": Duty("dossiers.review", _waiting, ("inspect",)),
    "give_opinion": Duty("dossiers.give_opinion", _asked, ("opinion",)),
    "conclude_opinions": Duty("dossiers.review", _waiting, ("conclude",)),
    "forward": Duty("dossiers.transfer", _received, ("forward",)),
    "upper_review": Duty("dossiers.review", _waiting, ("upper_review",)),
    "submit_for_signature": Duty("dossiers.submit_for_signature", _handling, ("approve",)),
    "sign": Duty("dossiers.sign", _competent, ("sign",)),
    "return_result": Duty("dossiers.return_result", _received, ("return_result",)),
    "note_delivered": Duty("dossiers.return_result", _received),
    "revoke_result": Duty("signing.revoke", _competent),
    "apologise": Duty("dossiers.apologise", _handling),
    "stop": Duty("dossiers.stop", _handling),
    "reopen": Duty("dossiers.reopen", _competent),
    "note": Duty("dossiers.note", _here_or_there),
}


def may(actor: Actor, dossier: Dossier, verb: str) -> bool:
    """Whether the actor holds the permission of `verb` at one of its places. KeyError for an unknown verb."""
    duty = DUTIES[verb]
    return any(actor.can(duty.permission, path) for path in duty.where(dossier))


def require(actor: Actor, dossier: Dossier, verb: str) -> None:
    """Raise :class:`NotAllowed` with the reasons unless :func:`may`."""
    duty = DUTIES[verb]
    places = duty.where(dossier)
    held = next((path for path in places if actor.can(duty.permission, path)), None)
    actor.require(duty.permission, held or (places[0] if places else ""))


def stands_there(dossier: Dossier, verb: str) -> bool:
    """Whether the dossier stands at a step at which `verb` is done."""
    needed = DUTIES[verb].steps
    return not needed or any(step in dossier.process.ready for step in needed)


def admit(act: Act, dossier: Dossier, verb: str) -> str:
    """Refuse unless this actor may do `verb` with a locked dossier now; returns the step it stands at, if one matters.

    Asked in this order: the permission, that it is no matter of their own, the state of the dossier, the step.
    """
    require(act.actor, dossier, verb)
    steps.require_lawful(act, dossier, verb)
    needed = DUTIES[verb].steps
    return steps.require_task(dossier, *needed) if needed else ""
