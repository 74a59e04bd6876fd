"""A dossier for the page that explains permissions: where each verb needs its permission, and what else must be true.

Built from what the actions themselves ask: the places below are those of their ``act.require``, the states and the
impartiality those of ``lawful.py``, the steps those of the process.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, DomainError
from hienluong.foundation.identity import explain
from hienluong.foundation.identity.explain import Condition, Place

from . import access, lawful, steps
from .models import Dossier

Where = Callable[[Dossier], tuple[str, ...]]


def _received(dossier: Dossier) -> tuple[str, ...]:
    return (dossier.received_at_org.path,)


def _handling(dossier: Dossier) -> tuple[str, ...]:
    return (dossier.handling_path,)


def _competent(dossier: Dossier) -> tuple[str, ...]:
    return (dossier.competent.path,)


def _desk(dossier: Dossier) -> tuple[str, ...]:
    return (steps.desk_path(dossier),)


def _at_the_stage(dossier: Dossier) -> tuple[str, ...]:
    return _received(dossier) if "receive" in dossier.process.ready else _handling(dossier)


def _asked(dossier: Dossier) -> tuple[str, ...]:
    waiting = dossier.opinions.filter(given_at__isnull=True).select_related("organization")
    return tuple(opinion.organization.path for opinion in waiting)


#: Permission → where it must be held; any of them suffices.
PLACES: dict[str, Where] = {
    "dossiers.view": access.view_paths,
    "dossiers.file_at_counter": _received,
    "dossiers.receive": _received,
    "dossiers.refuse": _received,
    "dossiers.withdraw": _received,
    "dossiers.return_result": _received,
    "dossiers.request_supplement": _at_the_stage,
    "dossiers.assign": _handling,
    "dossiers.transfer": _handling,
    "dossiers.submit_for_signature": _handling,
    "dossiers.stop": _handling,
    "dossiers.apologise": _handling,
    "dossiers.review": _desk,
    "dossiers.draft_result": _desk,
    "dossiers.give_opinion": _asked,
    "dossiers.sign": _competent,
    "dossiers.reopen": _competent,
    "signing.revoke": _competent,
    "dossiers.note": lambda dossier: (*_handling(dossier), *_received(dossier)),
}
#: Verb → the steps of the process at one of which the dossier must stand.
STEPS: dict[str, tuple[str, ...]] = {
    "receive": ("receive",),
    "refuse": ("receive",),
    "request_supplement": ("receive", "review"),
    "review": ("review",),
    "draft_result": ("review",),
    "submit_for_signature": ("approve",),
    "sign": ("sign",),
    "return_result": ("return_result",),
}
_VERBS = {"signing.revoke": "revoke_result"}


def register_finder() -> None:
    """Let the explain page find a dossier by its code."""
    explain.register_finder(find)


def find(code: str) -> Place | None:
    """The dossier with this code, with its own rules."""
    dossier = Dossier.objects.filter(code=code.replace("\0", "")).first()
    if dossier is None:
        return None

    def paths_for(permission: str) -> tuple[str, ...]:
        return PLACES.get(permission, _handling)(dossier)

    def conditions(actor: Actor, permission: str) -> list[Condition]:
        return list(_conditions(actor, dossier, permission))

    return Place(dossier.code, dossier.handling_path, paths_for, conditions)


def _conditions(actor: Actor, dossier: Dossier, permission: str) -> list[Condition]:
    if permission == "dossiers.view":
        return [Condition(access.is_own(actor, dossier), _("Là người nộp hoặc chủ hồ sơ."), grants=True)]
    verb = _VERBS.get(permission, permission.partition(".")[2])
    if permission not in PLACES or verb not in lawful.LAWFUL:
        return []
    found = [_lawful(dossier, verb)]
    if verb in STEPS:
        ready = any(step in dossier.process.ready for step in STEPS[verb])
        found.append(Condition(ready, _("Hồ sơ đang ở bước mà quy trình cho làm việc này.")))
    if verb not in lawful.OWN_VERBS:
        found.append(_impartial(actor, dossier))
    return found


def _lawful(dossier: Dossier, verb: str) -> Condition:
    try:
        lawful.require(dossier, verb)
    except DomainError as error:
        return Condition(False, str(error.message))
    state = dossier.get_state_display()
    return Condition(True, _("Trạng thái “%(state)s” của hồ sơ cho làm việc này.") % {"state": state})


def _impartial(actor: Actor, dossier: Dossier) -> Condition:
    try:
        lawful.require_impartial(actor, dossier)
    except DomainError as error:
        return Condition(False, str(error.message))
    return Condition(True, _("Không phải hồ sơ của chính người này."))
