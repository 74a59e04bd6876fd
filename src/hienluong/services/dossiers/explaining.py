"""A dossier for the page that explains permissions: where each verb needs its permission, and what else must be true.

Read out of what the actions themselves ask: places and steps are those of ``duties.py``, states and impartiality those
of ``lawful.py``.
"""

from __future__ import annotations

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, DomainError
from hienluong.foundation.identity import explain
from hienluong.foundation.identity.explain import Condition, Place

from . import access, lawful
from .duties import DUTIES, Where, stands_there
from .models import Dossier

#: Permission of the catalogue → the verb it is named after.
_VERBS = {"signing.revoke": "revoke_result"}
#: Permission → where it must be held; any of the places suffices.
PLACES: dict[str, Where] = {
    "dossiers.view": lambda dossier: tuple(access.view_paths(dossier)),
    "dossiers.file_at_counter": DUTIES["record_posted_in"].where,
    **{duty.permission: duty.where for verb, duty in DUTIES.items() if duty.permission == f"dossiers.{verb}"},
    **{permission: DUTIES[verb].where for permission, verb in _VERBS.items()},
}


def register_finder() -> None:
    """Let the explain page find a dossier by its code."""
    explain.register_finder(find)


def find(code: str) -> Place | None:
    """The dossier with this code, with its own rules."""
    dossier = Dossier.objects.filter(code=code.replace("\0", "")).first()
    if dossier is None:
        return None

    def paths_for(permission: str) -> tuple[str, ...]:
        where = PLACES.get(permission)
        return where(dossier) if where else (dossier.handling_path,)

    def conditions(actor: Actor, permission: str) -> list[Condition]:
        return list(_conditions(actor, dossier, permission))

    return Place(dossier.code, dossier.handling_path, paths_for, conditions)


def _conditions(actor: Actor, dossier: Dossier, permission: str) -> list[Condition]:
    if permission == "dossiers.view":
        return [Condition(access.is_own(actor, dossier), _("Là người nộp hoặc chủ hồ sơ."), grants=True)]
    verb = _VERBS.get(permission, permission.partition(".")[2])
    if permission not in PLACES or verb not in DUTIES:
        return []
    found = [_lawful(dossier, verb)]
    if DUTIES[verb].steps:
        there = stands_there(dossier, verb)
        found.append(Condition(there, _("Hồ sơ đang ở bước mà quy trình cho làm việc này.")))
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
