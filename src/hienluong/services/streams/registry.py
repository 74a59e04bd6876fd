"""The registry of schemas: one for each type of events, in versions that do not break those who read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotFound, action
from hienluong.foundation.organisations import queries as organisations

from . import compatibility
from .declared import TYPES, Declared
from .models import SchemaVersion

MANAGE = "streams.manage"
MAX_TEXT = 50_000


class Breaking(DomainError):
    """The new version would break those who read the old one; `details["breaks"]` says how."""

    code = "streams.breaking_schema"


@dataclass(frozen=True)
class Kind:
    """A type of events with the versions of its schema, the newest first."""

    declared: Declared
    versions: list[SchemaVersion]


def scope() -> str:
    """Where looking after events is allowed: at the province, once it is there."""
    try:
        return organisations.province().path
    except NotFound:
        return "/"


@action("streams.schema.add")
def add(act: Act, *, type: str, body: Mapping[str, Any]) -> SchemaVersion:
    """Add the next version of a schema. The same one again adds nothing.

    Raises InvalidInput for what is no schema of an event, Breaking for one that would break who reads.
    """
    act.require(MANAGE, scope())
    if type not in TYPES:
        raise NotFound(_("Không có loại sự kiện này."))
    if found := compatibility.faults(body):
        raise InvalidInput(found[0], field="body", faults=found)
    last = SchemaVersion.objects.select_for_update().filter(type=type).order_by("-number").first()
    if last is not None and last.body == body:
        act.record(last, note=_("Không có gì mới."))
        return last
    if last is not None and (broken := compatibility.breaks(last.body, dict(body))):
        raise Breaking(broken[0], field="body", breaks=broken)
    made = SchemaVersion.objects.create(
        type=type, number=last.number + 1 if last else 1, body=dict(body), label=act.actor.label[:200]
    )
    act.record(made, after={"type": type, "number": made.number})
    return made


def read(text: str) -> dict[str, Any]:
    """A schema from what somebody typed. Raises InvalidInput for what is no JSON object."""
    try:
        found = json.loads(text[: MAX_TEXT + 1]) if len(text) <= MAX_TEXT else None
    except (ValueError, RecursionError) as error:
        raise InvalidInput(_("Không phải JSON: %(error)s") % {"error": str(error)[:120]}, field="body") from None
    if not isinstance(found, dict):
        raise InvalidInput(_("Lược đồ phải là một đối tượng JSON có type là object."), field="body")
    return found


def install(who: Actor) -> int:
    """Add what is declared and not in the registry yet, or is newer than it; how many were added.

    A version that somebody added by hand stays when it can still be read with what is declared.
    """
    count = 0
    newest = latest()
    for declared in TYPES.values():
        last = newest.get(declared.type)
        if last is None or (compatibility.breaks(last.body, declared.schema) == [] and last.body != declared.schema):
            with transaction.atomic():
                add(who, type=declared.type, body=declared.schema)
            count += 1
    return count


def latest() -> dict[str, SchemaVersion]:
    """The newest version of each type."""
    found = SchemaVersion.objects.order_by("type", "-number").distinct("type")
    return {version.type: version for version in found}


def kinds() -> list[Kind]:
    """All types, with their versions."""
    versions: dict[str, list[SchemaVersion]] = {}
    for version in SchemaVersion.objects.all():
        versions.setdefault(version.type, []).append(version)
    return [Kind(declared, versions.get(type, [])) for type, declared in TYPES.items()]


def kind(type: str) -> Kind:
    """One type. Raises NotFound."""
    if type not in TYPES:
        raise NotFound(_("Không có loại sự kiện này."))
    return Kind(TYPES[type], list(SchemaVersion.objects.filter(type=type)))


def version(type: str, number: int) -> SchemaVersion:
    """One version. Raises NotFound."""
    found = SchemaVersion.objects.filter(type=type.replace("\x00", ""), number=number).first()
    if found is None:
        raise NotFound(_("Không có phiên bản này."))
    return found
