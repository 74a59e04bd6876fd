"""Fetching one dossier with what its pages and steps read.

One statement with a dozen joins costs PostgreSQL some 30 ms of planning for one row; three small statements cost about
two. So the rule of this module: join only what belongs to the procedure, fetch the organisations together.
"""

from __future__ import annotations

from hienluong.capabilities.workflow.models import Instance
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party

from .models import Dossier

_PLACES = ("competent", "handling", "received_at_org", "helped_at", "upper")
_PEOPLE = ("subject", "filer", "representative")
#: Relations that a step reads and that do not change while a dossier is worked on.
_STEADY = ("procedure_version", "rule_set", *_PLACES, *_PEOPLE)


def by_code(code: str) -> Dossier | None:
    """The dossier with this code, its procedure, rules, process and places; no permission is checked here."""
    found: Dossier | None
    try:
        found = Dossier.objects.select_related("procedure_version", "rule_set", "process__model").get(code=code)
    except Dossier.DoesNotExist:
        return None
    places = Organization.objects.in_bulk({key for name in _PLACES if (key := getattr(found, f"{name}_id"))})
    _attach(found, _PLACES, places)
    return found


def people(dossier: Dossier) -> Dossier:
    """The same dossier with the people it names fetched together."""
    found = Party.objects.in_bulk({key for name in _PEOPLE if (key := getattr(dossier, f"{name}_id"))})
    _attach(dossier, _PEOPLE, found)
    return dossier


def locked(dossier: Dossier | int) -> Dossier | None:
    """The dossier's row as it is now, locked until the transaction ends, with its process read after the lock.

    The process is a statement of its own: joined to the locked row it could be older than the lock. Procedure, rules,
    places and people are taken over from `dossier` where the row still names the same ones.
    """
    key = dossier if isinstance(dossier, int) else dossier.pk
    found: Dossier | None
    try:
        found = Dossier.objects.select_for_update().get(pk=key)
    except Dossier.DoesNotExist:
        return None
    if isinstance(dossier, Dossier):
        _take_over(found, dossier)
    found.process = Instance.objects.select_related("model").get(pk=found.process_id)
    return found


def _attach(dossier: Dossier, names: tuple[str, ...], known: dict[int, Organization] | dict[int, Party]) -> None:
    for name in names:
        key = getattr(dossier, f"{name}_id")
        if key in known:
            setattr(dossier, name, known[key])


def _take_over(dossier: Dossier, known: Dossier) -> None:
    for name in _STEADY:
        cached = known._state.fields_cache.get(name)
        if cached is not None and cached.pk == getattr(dossier, f"{name}_id"):
            setattr(dossier, name, cached)
