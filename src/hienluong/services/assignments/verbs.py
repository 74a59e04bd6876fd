"""What can be done with a task on its page: the form of each act, to whom it is offered, which action it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor, DomainError

from . import actions, dues, rights, targets
from . import forms as f
from .models import RUNNING_STATES, Assignment, Extension, Part, State

Run = Callable[[Actor, Assignment, Any], object]


@dataclass
class Standing:
    """What an actor is to one task, found out once a page."""

    actor: Actor
    task: Assignment

    @cached_property
    def receives(self) -> bool:
        """Whether they have it in hand."""
        return rights.is_receiver(self.actor, self.task)

    @cached_property
    def above(self) -> bool:
        """Whether they gave it or stand above who did."""
        return rights.stands_above(self.actor, self.task)

    @cached_property
    def extension(self) -> Extension | None:
        """The request for more time that waits."""
        return self.task.extensions.filter(granted__isnull=True).first()

    @cached_property
    def may_give(self) -> bool:
        """Whether they may give it on to anybody."""
        return self.actor.can(rights.GIVE, self.task.organization.path)

    @property
    def runs(self) -> bool:
        """Whether somebody is at work on it."""
        return self.task.state in RUNNING_STATES

    @property
    def works(self) -> bool:
        """Whether the actor is at work on it."""
        return self.receives and self.runs and self.task.part != Part.INFORMED


@dataclass(frozen=True)
class Verb:
    """One act: offered while `when` holds."""

    key: str
    title: str | Promise
    button: str | Promise
    form: type[forms.Form]
    run: Run
    when: Callable[[Standing], bool]
    primary: bool = False

    def bind(self, standing: Standing, data: Any = None) -> forms.Form:
        """The form of this act, filled with `data` when there is some."""
        extra: dict[str, Any] = {}
        if self.form is f.GiveForm:
            extra["targets"] = targets.within([standing.task.organization], standing.actor)
            extra["must_lead"] = False
            extra["initial"] = {"title": standing.task.title}
        if self.form is f.ProgressForm:
            extra["initial"] = {"percent": standing.task.progress}
        return self.form(data, prefix=self.key, **extra)


def _give_on(actor: Actor, task: Assignment, form: Any) -> None:
    actions.give_several(actor, parent=task, tasks=form.tasks())


def _waiting(task: Assignment) -> Extension:
    found = task.extensions.filter(granted__isnull=True).first()
    if found is None:
        raise DomainError(gettext("Yêu cầu gia hạn này đã được trả lời."), code="assignments.decided_before")
    return found


def _end_of(form: Any, task: Assignment) -> Any:
    day = form.cleaned_data["due_on"]
    return dues.end_of(day, task.organization) if day else None


VERBS: tuple[Verb, ...] = (
    Verb(
        "nhan",
        _("Nhận việc"),
        _("Nhận việc"),
        f.NothingForm,
        lambda who, task, form: actions.accept(who, assignment=task),
        lambda it: it.receives and it.task.state == State.GIVEN and it.task.part != Part.INFORMED,
        primary=True,
    ),
    Verb(
        "da-biet",
        _("Xác nhận đã biết"),
        _("Tôi đã xem"),
        f.NothingForm,
        lambda who, task, form: actions.accept(who, assignment=task),
        lambda it: it.receives and it.task.state == State.GIVEN and it.task.part == Part.INFORMED,
        primary=True,
    ),
    Verb(
        "danh-gia",
        _("Đánh giá kết quả"),
        _("Chấp nhận và đánh giá"),
        f.EvaluateForm,
        lambda who, task, form: actions.evaluate(who, assignment=task, **form.cleaned_data),
        lambda it: it.task.state == State.REPORTED and it.above,
        primary=True,
    ),
    Verb(
        "lam-tiep",
        _("Yêu cầu làm thêm"),
        _("Yêu cầu làm thêm"),
        f.ResumeForm,
        lambda who, task, form: actions.resume(
            who, assignment=task, text=form.cleaned_data["text"], due_at=_end_of(form, task)
        ),
        lambda it: it.task.state == State.REPORTED and it.above,
    ),
    Verb(
        "tra-loi-gia-han",
        _("Trả lời yêu cầu gia hạn"),
        _("Gửi trả lời"),
        f.AnswerForm,
        lambda who, task, form: actions.decide_extension(
            who,
            extension=_waiting(task),
            granted=form.cleaned_data["granted"] == "yes",
            answer=form.cleaned_data["answer"],
        ),
        lambda it: it.runs and it.above and it.extension is not None,
        primary=True,
    ),
    Verb(
        "giao-tiep",
        _("Giao tiếp"),
        _("Giao tiếp"),
        f.GiveForm,
        _give_on,
        lambda it: it.receives and it.runs and it.may_give,
    ),
    Verb(
        "bao-cao",
        _("Báo cáo kết quả"),
        _("Gửi báo cáo"),
        f.ReportForm,
        lambda who, task, form: actions.report(who, assignment=task, **form.cleaned_data),
        lambda it: it.works,
    ),
    Verb(
        "tien-do",
        _("Cập nhật tiến độ"),
        _("Lưu tiến độ"),
        f.ProgressForm,
        lambda who, task, form: actions.progress(who, assignment=task, **form.cleaned_data),
        lambda it: it.works,
    ),
    Verb(
        "gia-han",
        _("Xin gia hạn"),
        _("Gửi yêu cầu"),
        f.ExtensionForm,
        lambda who, task, form: actions.ask_extension(
            who, assignment=task, due_at=_end_of(form, task), reason=form.cleaned_data["reason"]
        ),
        lambda it: it.works and it.task.due_at is not None and it.extension is None,
    ),
    Verb(
        "tra-lai",
        _("Trả lại việc"),
        _("Trả lại"),
        f.ReasonForm,
        lambda who, task, form: actions.return_task(who, assignment=task, **form.cleaned_data),
        lambda it: it.receives and it.runs,
    ),
    Verb(
        "nhac",
        _("Nhắc việc"),
        _("Gửi lời nhắc"),
        f.RemindForm,
        lambda who, task, form: actions.remind(who, assignment=task, **form.cleaned_data),
        lambda it: it.runs and it.above,
    ),
    Verb(
        "thu-hoi",
        _("Thu hồi việc"),
        _("Thu hồi"),
        f.ReasonForm,
        lambda who, task, form: actions.take_back(who, assignment=task, **form.cleaned_data),
        lambda it: it.task.ended_at is None and it.above,
    ),
)
BY_KEY = {verb.key: verb for verb in VERBS}
