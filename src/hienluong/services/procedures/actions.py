"""Changing the catalogue: versions come in as drafts, are published, put on hold, replaced; nothing is rewritten."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.workflow import library
from hienluong.capabilities.workflow.models import ProcessModel
from hienluong.foundation.actions import Act, DomainError, InvalidInput, action
from hienluong.foundation.search.text import sort_key

from .models import Field, Procedure, ProcedureVersion, Suspension
from .scope import MANAGE, province_path
from .spec import ProcedureSpec, Process
from .versions import NEVER, describe, digest, latest_for, stored, validity


class WrongState(DomainError):
    """The procedure or version is not in a state in which this can be done."""

    code = "procedures.wrong_state"


@action("procedures.import_version")
def import_version(act: Act, *, spec: ProcedureSpec, source: str = "", generated: bool = False) -> ProcedureVersion:
    """Bring in one version as a draft; the same text for the same days again gives the version that is there."""
    act.require(MANAGE.code, province_path())
    one_at_a_time(spec.code)
    mark, days = digest(spec), validity(spec)
    procedure = _procedure(spec, generated=generated)
    known = latest_for(spec)
    if known and known.digest == mark:
        act.record(known, verb="procedures.import_repeat", after={"number": known.number})
        return known
    if days.isempty or (days.upper and days.upper <= days.lower):
        raise InvalidInput(_("Ngày hết hiệu lực phải sau ngày có hiệu lực."), field="effective_to")
    last = procedure.versions.order_by("-number").values_list("number", flat=True).first() or 0
    version = ProcedureVersion.objects.create(
        procedure=procedure, number=last + 1, valid=days, spec_json=stored(spec), digest=mark, source=source[:200]
    )
    act.record(version, after={"code": spec.code, "number": version.number, "digest": mark, "source": source})
    act.emit("procedure.version_imported", procedure, {"code": spec.code, "number": version.number})
    return version


@action("procedures.publish")
def publish(act: Act, *, version: ProcedureVersion, today: date | None = None) -> ProcedureVersion:
    """Put a draft in force for its days.

    Versions in force before keep the days before it starts. A version meant for the same first day as a published
    one is a correction: it holds from `today` (in Vietnam), the corrected one until the day before, so that what was
    filed under it stays explained. Raises :class:`WrongState` when the days are over, or when days would be left
    without a version.
    """
    act.require(MANAGE.code, province_path())
    today = today or timezone.localdate()
    procedure = Procedure.objects.select_for_update().get(pk=version.procedure_id)
    version = ProcedureVersion.objects.select_for_update().get(pk=version.pk)
    if version.state == ProcedureVersion.State.PUBLISHED:
        act.record(version, verb="procedures.publish_repeat")
        return version
    days = _make_room(procedure, version, today)
    version.valid = days
    version.state = ProcedureVersion.State.PUBLISHED
    version.published_at = timezone.now()
    version.process_digest = _model(version.spec.process).digest
    version.save(update_fields=("valid", "state", "published_at", "process_digest"))
    before = procedure.state
    if procedure.state == Procedure.State.DRAFT:
        procedure.state = Procedure.State.PUBLISHED
    _repeat_current(procedure, today)
    act.record(version, before={"procedure_state": before}, after={"state": "published", "valid": str(days)})
    act.emit("procedure.published", procedure, {"code": procedure.code, "number": version.number})
    return version


def _model(process: Process) -> ProcessModel:
    """The BPMN model that a version fixes when it is published; a pack's own was taken in by the installation."""
    if not process.digest:
        return library.shipped(process.model)
    found = ProcessModel.objects.filter(pk=process.digest).first()
    if found is None:
        raise InvalidInput(_("Chưa có mô hình quy trình “%(model)s”.") % {"model": process.model}, field="process")
    return found


def _make_room(procedure: Procedure, version: ProcedureVersion, today: date) -> DateRange:
    """Shorten the published versions that the new one takes days from; returns the days the new one gets."""
    start, end = version.valid.lower, version.valid.upper
    meant = _meant_from(version)
    published = list(
        procedure.versions.filter(state=ProcedureVersion.State.PUBLISHED, valid__overlap=DateRange(start, end))
    )
    later = [other.valid.lower for other in published if _meant_from(other) > meant]
    end = min(filter(None, (*later, end)), default=None)  # what the law begins later keeps its days
    if start < today and any(_meant_from(other) == meant for other in published):
        start = today
    if end is not None and end <= start:
        raise WrongState(
            _("Bản đã công bố của giai đoạn này đã hết hiệu lực: không sửa được nữa."), code="procedures.past_version"
        )
    for other in published:
        lower, upper = other.valid.lower, other.valid.upper
        if _meant_from(other) > meant or (upper is not None and upper <= start):
            continue
        if _meant_from(other) < meant and end is not None and (upper is None or upper > end):
            raise WrongState(
                _("Bản mới hết hiệu lực trước bản đang áp dụng: phải nhập cả bản nối tiếp."), code="procedures.gap"
            )
        other.valid = DateRange(lower, start) if lower < start else NEVER
        other.save(update_fields=("valid",))
    return DateRange(start, end)


def _meant_from(version: ProcedureVersion) -> date:
    """The first day its text says; a correction holds from a later day than it says."""
    return date.fromisoformat(version.spec_json["effective_from"])


@action("procedures.suspend")
def suspend(
    act: Act, *, procedure: Procedure, reason: str, decision: str = "", from_day: date | None = None
) -> Procedure:
    """Take no new dossiers under a procedure until it is resumed; dossiers in hand go on."""
    act.require(MANAGE.code, province_path())
    if not reason.strip():
        raise InvalidInput(_("Nhập lý do tạm ngừng."), field="reason")
    procedure = _in_state(procedure, Procedure.State.PUBLISHED)
    day = from_day or timezone.localdate()
    Suspension.objects.create(
        procedure=procedure, reason=reason.strip()[:500], decision=decision[:120], valid=DateRange(day, None)
    )
    return _change_state(act, procedure, Procedure.State.SUSPENDED, "procedure.suspended", reason=reason)


@action("procedures.resume")
def resume(act: Act, *, procedure: Procedure, note: str = "") -> Procedure:
    """Take dossiers again from today."""
    act.require(MANAGE.code, province_path())
    procedure = _in_state(procedure, Procedure.State.SUSPENDED)
    today = timezone.localdate()
    for suspension in procedure.suspensions.filter(valid__upper_inf=True):
        start = suspension.valid.lower
        suspension.valid = DateRange(start, today) if start < today else NEVER
        suspension.save(update_fields=("valid",))
    return _change_state(act, procedure, Procedure.State.PUBLISHED, "procedure.resumed", reason=note)


@action("procedures.replace")
def replace(act: Act, *, procedure: Procedure, by: Procedure, reason: str = "") -> Procedure:
    """Say that another procedure takes over; the old one keeps its history and points at the new one."""
    act.require(MANAGE.code, province_path())
    if by.pk == procedure.pk:
        raise InvalidInput(_("Thủ tục không thể thay thế chính nó."), field="by")
    if by.state not in (Procedure.State.PUBLISHED, Procedure.State.SUSPENDED):
        raise WrongState(_("Thủ tục thay thế chưa được công bố."), field="by")
    procedure = _in_state(procedure, Procedure.State.PUBLISHED, Procedure.State.SUSPENDED)
    procedure.replaced_by = by
    return _change_state(act, procedure, Procedure.State.REPLACED, "procedure.replaced", reason=reason, by=by.code)


@action("procedures.come_into_force")
def come_into_force(act: Act, *, procedure: Procedure, today: date | None = None) -> Procedure:
    """Let lists show the version in force today; done each night for the procedures whose version begins."""
    act.require(MANAGE.code, province_path())
    locked = Procedure.objects.select_for_update().get(pk=procedure.pk)
    _repeat_current(locked, today or timezone.localdate())
    act.record(locked, after={"name": locked.name, "online_level": locked.online_level})
    act.emit("procedure.in_force", locked, {"code": locked.code})
    return locked


def one_at_a_time(code: str) -> None:
    """Two people bringing in the same new procedure wait for one another, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"procedures:{code}"])


def _procedure(spec: ProcedureSpec, *, generated: bool) -> Procedure:
    field, _new = Field.objects.get_or_create(
        code=spec.field.code,
        defaults={"name": spec.field.name, "sort_name": sort_key(spec.field.name)[:300], "sector": spec.sector},
    )
    known = Procedure.objects.select_for_update().filter(code=spec.code).first()
    if known:
        return known
    procedure = Procedure(code=spec.code, field=field, generated=generated)
    describe(procedure, spec)
    procedure.save()
    return procedure


def _repeat_current(procedure: Procedure, today: date) -> None:
    """The procedure repeats the version in force; before any is, the first to come; after all, the last."""
    published = procedure.versions.filter(state=ProcedureVersion.State.PUBLISHED).exclude(valid=NEVER)
    current = (
        published.filter(valid__contains=today).first()
        or published.filter(valid__startswith__gt=today).order_by("valid").first()
        or published.order_by("-valid").first()
    )
    if current:
        describe(procedure, current.spec)
    if procedure.withdrawn_on and procedure.withdrawn_on <= today:
        procedure.state = Procedure.State.WITHDRAWN
    procedure.save()


def _in_state(procedure: Procedure, *states: str) -> Procedure:
    locked = Procedure.objects.select_for_update().get(pk=procedure.pk)
    if locked.state not in states:
        raise WrongState(
            _("Thủ tục đang ở trạng thái “%(state)s”, không làm được việc này.") % {"state": locked.get_state_display()}
        )
    return locked


def _change_state(act: Act, procedure: Procedure, state: str, event: str, *, reason: str, by: str = "") -> Procedure:
    before = procedure.state
    procedure.state = state
    procedure.save()
    after = {"state": state, **({"by": by} if by else {})}
    act.record(procedure, before={"state": before}, after=after, note=reason[:500])
    act.emit(event, procedure, {"code": procedure.code, **({"by": by} if by else {})})
    return procedure
