"""Procedures that are abolished from a day on, and those that come back. Dossiers in hand keep their version."""

from __future__ import annotations

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, action

from .actions import WrongState, _repeat_current, publish
from .models import Procedure, ProcedureVersion
from .scope import MANAGE, province_path
from .versions import NEVER, validity


@action("procedures.withdraw")
def withdraw(act: Act, *, procedure: Procedure, from_day: date | None = None, reason: str = "") -> Procedure:
    """Let nobody file under a procedure from a day on (today when None). Its versions and dossiers stay.

    Raises :class:`InvalidInput` for a day that is over, :class:`WrongState` for a draft.
    """
    act.require(MANAGE.code, province_path())
    today = timezone.localdate()
    day = from_day or today
    if day < today:
        raise InvalidInput(_("Ngày bãi bỏ không được trước hôm nay."), field="from_day")
    locked = Procedure.objects.select_for_update().get(pk=procedure.pk)
    if locked.state == Procedure.State.DRAFT:
        raise WrongState(_("Thủ tục chưa được công bố."))
    before = locked.state
    published = locked.versions.filter(state=ProcedureVersion.State.PUBLISHED)
    for version in published.filter(Q(valid__upper_inf=True) | Q(valid__endswith__gt=day)).exclude(valid=NEVER):
        lower = version.valid.lower
        version.valid = DateRange(lower, day) if lower < day else NEVER
        version.save(update_fields=("valid",))
    locked.withdrawn_on = day
    _repeat_current(locked, today)
    act.record(
        locked,
        before={"state": before},
        after={"state": locked.state, "withdrawn_on": day.isoformat()},
        note=reason[:500],
    )
    act.emit("procedure.withdrawn", locked, {"code": locked.code, "from": day.isoformat()})
    return locked


@action("procedures.reinstate")
def reinstate(act: Act, *, procedure: Procedure, reason: str = "") -> Procedure:
    """Let people file again, from today, under what was meant to hold. Nothing happens unless it was withdrawn."""
    act.require(MANAGE.code, province_path())
    locked = Procedure.objects.select_for_update().get(pk=procedure.pk)
    if locked.withdrawn_on is None:
        act.record(locked, note=_("Không có gì mới."))
        return locked
    before, locked.withdrawn_on = locked.state, None
    if locked.state == Procedure.State.WITHDRAWN:
        locked.state = Procedure.State.PUBLISHED
    locked.save(update_fields=("withdrawn_on", "state"))
    for version in _meant_for_today_on(locked):
        _again(act, version)
    act.record(locked, before={"state": before}, after={"state": "published"}, note=reason[:500])
    act.emit("procedure.reinstated", locked, {"code": locked.code})
    return locked


def _meant_for_today_on(procedure: Procedure) -> list[ProcedureVersion]:
    """The newest text for each first day whose days are not over."""
    newest: dict[date, ProcedureVersion] = {}
    for version in procedure.versions.filter(state=ProcedureVersion.State.PUBLISHED).order_by("number"):
        newest[version.spec.effective_from] = version
    today = timezone.localdate()
    return [newest[day] for day in sorted(newest) if (newest[day].spec.effective_to or today) >= today]


def _again(act: Act, version: ProcedureVersion) -> None:
    """The same text as a version of its own: the days without it stay days without it."""
    days = validity(version.spec)
    last = ProcedureVersion.objects.filter(procedure=version.procedure_id).aggregate(last=Max("number"))["last"]
    copy = ProcedureVersion.objects.create(
        procedure_id=version.procedure_id,
        number=last + 1,
        valid=DateRange(max(days.lower, timezone.localdate()), days.upper),
        spec_json=version.spec_json,
        digest=version.digest,
        source=version.source,
    )
    publish(act, version=copy)
