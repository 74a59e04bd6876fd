"""Putting a version of a definition into force: one thing (a register, a scoring form), its versions one after the other.

The tables are those of whoever calls; what holds for all of them is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db import models
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput


class Spec(Protocol):
    """What is said of one version. `digest` is that of its text; `effective_to` the day after the last, None for no end."""

    code: str
    version: int
    effective_from: date
    effective_to: date | None

    @property
    def digest(self) -> str: ...
    def model_dump(self, *, mode: str, by_alias: bool) -> dict[str, Any]: ...


class Owner(Protocol):
    """The organisation that owns the thing."""

    pk: Any
    path: str


@dataclass(frozen=True)
class Kind:
    """What is declared in dated versions: its table (``code pack owner``), that of its versions (``version spec digest valid``)."""

    things: type[models.Model]
    versions: type[models.Model]
    thing: str  # the key from a version to its thing
    permission: str  # to define, at the owner
    event: str
    of_another_pack: str | Promise  # with %(code)s and %(pack)s


def nothing(thing: Any, latest: Any) -> None:
    """There is nothing else to look at."""


def install(
    act: Act,
    kind: Kind,
    *,
    spec: Spec,
    owner: Owner,
    pack: str,
    problems: Iterable[tuple[tuple[str | int, ...], str]],
    before: Callable[[Any, Any], None] = nothing,
    **more: Any,
) -> Any:
    """Put a version into force and return it; the same version again changes nothing.

    The version before ends on the day this one begins. `before(thing, latest)` is called when there is something new to write;
    `latest` is the version before, or None. `more` are further columns of the version. Raises InvalidInput for faults, for a thing of another
    pack, for another text under a number that is taken, and for a version that does not follow the one before.
    """
    act.require(kind.permission, owner.path)
    for place, message in problems:
        raise InvalidInput(f"{'.'.join(map(str, place))}: {message}", field="spec")
    things = kind.things._default_manager
    found, is_new = things.get_or_create(code=spec.code, defaults={"owner": owner, "pack": pack})
    thing: Any = things.select_for_update().get(pk=found.pk)
    if thing.pack != pack:
        raise InvalidInput(kind.of_another_pack % {"code": spec.code, "pack": thing.pack}, field="code")
    versions = kind.versions._default_manager.filter(**{kind.thing: thing})
    same: Any = versions.filter(version=spec.version).first()
    if same:
        _require_same_text(same, spec)
        act.record(thing, note=_("Không có gì mới."))
        return same
    latest = versions.order_by("-version").first()
    _require_order(latest, spec)
    before(thing, latest)
    _end(kind, latest, spec)
    made = kind.versions._default_manager.create(
        **{kind.thing: thing},
        version=spec.version,
        spec=spec.model_dump(mode="json", by_alias=True),
        digest=spec.digest,
        valid=DateRange(spec.effective_from, spec.effective_to),
        **more,
    )
    act.record(
        thing,
        after={"version": spec.version, "digest": spec.digest, "pack": pack, "new": is_new},
        organization_id=owner.pk,
    )
    act.emit(kind.event, thing, {"version": spec.version})
    return made


def _require_same_text(same: Any, spec: Spec) -> None:
    if same.digest != spec.digest:
        raise InvalidInput(
            _("Phiên bản %(version)s đã có với nội dung khác; hãy đặt số phiên bản mới.") % {"version": spec.version},
            field="version",
        )


def _require_order(latest: Any, spec: Spec) -> None:
    if latest and (spec.version <= latest.version or spec.effective_from <= latest.valid.lower):
        raise InvalidInput(
            _("Phiên bản mới phải có số lớn hơn %(version)s và có hiệu lực sau %(day)s.")
            % {"version": latest.version, "day": f"{latest.valid.lower:%d/%m/%Y}"},
            field="version",
        )


def _end(kind: Kind, latest: Any, spec: Spec) -> None:
    if latest and (latest.valid.upper is None or latest.valid.upper > spec.effective_from):
        ended = DateRange(latest.valid.lower, spec.effective_from)
        kind.versions._default_manager.filter(pk=latest.pk).update(valid=ended)
