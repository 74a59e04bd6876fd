"""What can be done with an incoming document on its page: the form of each act, to whom it is offered, what it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor
from hienluong.services.assignments import forms as task_forms
from hienluong.services.assignments import targets
from hienluong.services.assignments.targets import Targets

from . import access
from . import incoming_forms as f
from .actions import arrivals, handling
from .models import Document, State

Run = Callable[[Actor, Document, Any], object]


@dataclass
class Standing:
    """What an actor is to one document, found out once a page."""

    actor: Actor
    document: Document

    @cached_property
    def clerk(self) -> bool:
        """Whether they keep its records."""
        return access.is_clerk_of(self.actor, self.document.agency)

    @cached_property
    def leads(self) -> bool:
        """Whether they say who works on it."""
        return handling.leads(self.actor, self.document)

    @cached_property
    def targets(self) -> Targets:
        """Who can be given it."""
        return targets.within([self.document.agency], self.actor)

    @cached_property
    def shares(self) -> bool:
        """Whether they may let others read it."""
        if self.clerk or self.leads:
            return True
        return not self.document.restricted and self.document.agency_id in access.agencies_with(
            self.actor, handling.ASSIGN
        )

    @property
    def state(self) -> str:
        """Where it stands."""
        return self.document.state

    @property
    def in_work(self) -> bool:
        """Whether it has its number and is not done."""
        return self.state in handling.IN_WORK


@dataclass(frozen=True)
class Verb:
    """One act: offered while `when` holds."""

    key: str
    title: str | Promise
    button: str | Promise
    make: Callable[[Standing, Any, str], forms.Form]
    run: Run
    when: Callable[[Standing], bool]
    first: Callable[[Standing], bool] = lambda it: False  # what is to be done next stands open, the rest is folded
    danger: bool = False

    def bind(self, standing: Standing, data: Any = None) -> Any:
        """The form of this act, filled with `data` when there is some."""
        return self.make(standing, data, self.key)


def _plain(form: type[forms.Form]) -> Callable[[Standing, Any, str], forms.Form]:
    return lambda it, data, prefix: form(data, prefix=prefix)


def _describe(it: Standing, data: Any, prefix: str) -> forms.Form:
    return f.DescribeForm(data, prefix=prefix, agency=it.document.agency, initial=f.initial_of(it.document))


def _assign(it: Standing, data: Any, prefix: str) -> forms.Form:
    return task_forms.GiveForm(data, prefix=prefix, targets=it.targets, titled=False, must_lead=False)


def _submit(it: Standing, data: Any, prefix: str) -> forms.Form:
    chosen = {"leader": it.document.arrival.submitted_to_id} if it.document.arrival.submitted_to_id else {}
    return f.SubmitForm(data, prefix=prefix, leaders=handling.leaders_of(it.document), initial=chosen)


def _share(it: Standing, data: Any, prefix: str) -> forms.Form:
    people = [target.official.pk for target, _title in it.targets.people if target.official]
    return f.ShareForm(data, prefix=prefix, colleagues=people)


def _run_register(actor: Actor, document: Document, form: Any) -> None:
    arrivals.register(
        actor,
        document=document,
        described=form.described(document),
        note=form.cleaned_data["note"],
        despite_same=form.cleaned_data["despite_same"],
    )


VERBS: tuple[Verb, ...] = (
    Verb(
        "lay-lai",
        _("Nơi gửi yêu cầu lấy lại"),
        _("Gửi trả lời"),
        _plain(f.TakeBackForm),
        lambda who, doc, form: handling.answer_take_back(
            who, document=doc, agrees=form.cleaned_data["agrees"] == "yes", reason=form.cleaned_data["reason"]
        ),
        lambda it: it.clerk and it.document.arrival.take_back_asked_at is not None,
        first=lambda it: True,
    ),
    Verb(
        "dang-ky",
        _("Đăng ký vào sổ"),
        _("Đăng ký, cấp số đến"),
        _describe,
        _run_register,
        lambda it: it.clerk and it.state == State.ARRIVED,
        first=lambda it: True,
    ),
    Verb(
        "trinh",
        _("Trình lãnh đạo"),
        _("Trình"),
        _submit,
        lambda who, doc, form: handling.submit(
            who, document=doc, leader=form.cleaned_data["leader"], proposal=form.cleaned_data["proposal"]
        ),
        lambda it: it.clerk and it.state in (State.REGISTERED, State.SUBMITTED),
        first=lambda it: it.state == State.REGISTERED,
    ),
    Verb(
        "phan-cong",
        _("Phân công xử lý"),
        _("Phân công"),
        _assign,
        lambda who, doc, form: handling.assign(who, document=doc, tasks=form.tasks()),
        lambda it: it.leads and it.in_work,
        first=lambda it: it.state in (State.REGISTERED, State.SUBMITTED),
    ),
    Verb(
        "tu-choi",
        _("Từ chối tiếp nhận"),
        _("Từ chối, trả nơi gửi"),
        _plain(f.ReasonForm),
        lambda who, doc, form: arrivals.refuse(who, document=doc, **form.cleaned_data),
        lambda it: it.clerk and it.state == State.ARRIVED,
        danger=True,
    ),
    Verb(
        "ket-thuc",
        _("Kết thúc xử lý"),
        _("Kết thúc"),
        _plain(f.NoteForm),
        lambda who, doc, form: handling.complete(who, document=doc, **form.cleaned_data),
        lambda it: (it.leads or it.clerk) and it.in_work,
    ),
    Verb(
        "chia-se",
        _("Chia sẻ để đọc"),
        _("Chia sẻ"),
        _share,
        lambda who, doc, form: handling.share(who, document=doc, officials=list(form.cleaned_data["officials"])),
        lambda it: it.shares and (it.in_work or it.state == State.COMPLETED),
    ),
    Verb(
        "sua",
        _("Sửa thông tin"),
        _("Lưu"),
        _describe,
        lambda who, doc, form: arrivals.describe(who, document=doc, described=form.described(doc)),
        lambda it: it.clerk and it.in_work,
    ),
    Verb(
        "mo-lai",
        _("Mở lại"),
        _("Mở lại để xử lý"),
        _plain(f.ReasonForm),
        lambda who, doc, form: handling.reopen(who, document=doc, **form.cleaned_data),
        lambda it: it.leads and it.state == State.COMPLETED,
    ),
)
BY_KEY = {verb.key: verb for verb in VERBS}
