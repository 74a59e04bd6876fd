"""Giving a task, and giving one on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.organisations.agencies import agency_of
from hienluong.foundation.organisations.models import Official, Organization, Position

from .. import notices, rights, subjects
from ..models import RUNNING_STATES, Assignment, Entry, Part, State
from . import frame


@dataclass(frozen=True)
class Task:
    """What is given to whom: an official with a post in `organization`, or the organisation, whose head gives it on."""

    title: str
    organization: Organization
    official: Official | None = None
    part: str = Part.LEAD
    instruction: str = ""
    due_at: datetime | None = None


@action("assignments.give")
def give(
    act: Act,
    *,
    task: Task,
    subject_ref: str = "",
    subject_label: str = "",
    giver_agency: Organization | None = None,
) -> Assignment:
    """Give a first task: directly, or about what `subject_ref` names. A later one comes from it by :func:`give_on`.

    Whoever gives it may give at the organisation that gets it. `giver_agency` is in whose name; when left out, the agency
    of the post that allows it.
    """
    act.require(rights.GIVE, task.organization.path)
    subjects.of(subject_ref).hold(subject_ref)
    agency = giver_agency or _agency_of(act, task.organization)
    made = _made(act, task, agency, subject_ref=subject_ref, subject_label=subject_label, parent=None)
    return _kept(act, made)


@action("assignments.give_on")
def give_on(act: Act, *, parent: Assignment, task: Task) -> Assignment:
    """Give part of a task on. Only who has it in hand does, while it runs, and not for later than it is due."""
    parent = frame.lock(parent)
    rights.require_receiver(act.actor, parent)
    frame.require_state(parent, RUNNING_STATES)
    act.require(rights.GIVE, task.organization.path)
    if parent.part == Part.INFORMED and task.part != Part.INFORMED:
        raise InvalidInput(_("Việc nhận để biết chỉ chuyển tiếp để biết."), field="part")
    if parent.due_at and task.due_at and task.due_at > parent.due_at:
        raise InvalidInput(
            _("Hạn không được sau hạn của việc trên (%(due)s).")
            % {"due": f"{timezone.localtime(parent.due_at):%H:%M %d/%m/%Y}"},
            field="due_on",
        )
    agency = _agency_of(act, task.organization)
    made = _made(act, task, agency, subject_ref=parent.subject_ref, subject_label=parent.subject_label, parent=parent)
    made.due_at = made.original_due_at = made.due_at or parent.due_at
    given = _kept(act, made)
    if parent.state == State.GIVEN and parent.part != Part.INFORMED:
        parent.state, parent.accepted_at = State.ACCEPTED, timezone.now()
        parent.save(update_fields=("state", "accepted_at"))
        frame.note(act, parent, Entry.Kind.ACCEPTED)
        frame.changed(act, parent, "accepted", {"state": State.GIVEN})
    return given


@action("assignments.give_several")
def give_several(
    act: Act, *, tasks: Sequence[Task], parent: Assignment | None = None, giver_agency: Organization | None = None
) -> list[Assignment]:
    """Give several at once, on from `parent` or directly: all of them or none. A direct one for those who help hangs
    beside the one who leads."""
    if not tasks:
        raise InvalidInput(_("Chọn ít nhất một đơn vị hoặc cán bộ."), field="lead")
    if parent is not None:
        return [give_on(act, parent=parent, task=task) for task in tasks]
    return [give(act, task=task, giver_agency=giver_agency) for task in tasks]


def _agency_of(act: Act, target: Organization) -> Organization:
    """The agency of the nearest post that lets the actor give tasks there."""
    giving = [g for g in act.actor.grants if rights.GIVE in g.permissions and target.path.startswith(g.path)]
    if not giving:
        return agency_of(target)
    nearest = max(giving, key=lambda grant: len(grant.path))
    return agency_of(Organization.objects.get(pk=nearest.organization_id))


def _made(
    act: Act, task: Task, agency: Organization, *, subject_ref: str, subject_label: str, parent: Assignment | None
) -> Assignment:
    if task.part not in Part.values:
        raise InvalidInput(_("Không có vai trò này."), field="part")
    title = " ".join(frame.words(task.title, "title", _("Nhập nội dung việc.")).split())[:500]
    _require_receiver(act, task)
    now = timezone.now()
    if task.due_at and task.due_at < now:
        raise InvalidInput(_("Hạn phải sau lúc này."), field="due_on")
    return Assignment(
        parent=parent,
        subject_ref=subject_ref[:100],
        subject_label=subject_label[:600],
        title=title,
        instruction=frame.optional(task.instruction),
        part=task.part,
        giver_id=act.actor.official_id,
        giver_label=act.actor.label[:200],
        giver_agency=agency,
        organization=task.organization,
        official=task.official,
        given_at=now,
        original_due_at=task.due_at,
        due_at=task.due_at,
    )


def _require_receiver(act: Act, task: Task) -> None:
    """Somebody is there to take it in hand, and it is not the giver."""
    today = timezone.localdate()
    if not (task.organization.valid.upper is None or task.organization.valid.upper > today):
        raise InvalidInput(_("Đơn vị này không còn hoạt động."), field="to")
    if task.official is not None:
        if task.official.pk == act.actor.official_id:
            raise InvalidInput(_("Không tự giao việc cho mình."), field="to")
        posts = Position.objects.filter(official=task.official, organization=task.organization, valid__contains=today)
        if not posts.exists():
            raise InvalidInput(
                _("%(name)s không giữ chức vụ nào tại đơn vị này.") % {"name": task.official.full_name}, field="to"
            )
        return
    heads = rights.heads_of(task.organization)
    if not heads:
        raise InvalidInput(_("Đơn vị này chưa có người phụ trách để nhận việc. Hãy giao đích danh."), field="to")
    if [head.pk for head in heads] == [act.actor.official_id]:
        raise InvalidInput(_("Không tự giao việc cho mình."), field="to")


def _kept(act: Act, made: Assignment) -> Assignment:
    subject = subjects.of(made.subject_ref)
    subject.may_give(act, made)
    if act.actor.kind != "system" and act.actor.official_id is None:
        raise NotAllowed(_("Người giao việc phải là cán bộ, công chức."), permission=rights.GIVE)
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as fault:
        if "one_lead" in str(fault):
            raise DomainError(
                _("Đã có người chủ trì. Thu hồi việc đã giao trước khi giao người khác."),
                code="assignments.one_lead",
                field="part",
            ) from fault
        raise
    made.path = f"{made.parent.path if made.parent else '/'}{made.pk}/"
    made.save(update_fields=("path",))
    frame.note(act, made, Entry.Kind.GIVEN, made.instruction)
    act.record(
        made,
        after={
            "state": made.state,
            "part": made.part,
            "organization": made.organization_id,
            "official": made.official_id,
            "due_at": made.due_at.isoformat() if made.due_at else None,
        },
        organization_id=made.giver_agency_id,
    )
    act.emit(
        "assignment.given",
        made,
        {"subject_ref": made.subject_ref, "organization": made.organization_id, "part": made.part},
    )
    notices.tell_receivers(act, made, "given", gettext_lazy("Bạn được giao một việc"))
    subject.given(act, made)
    return made
