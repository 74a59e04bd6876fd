"""The acts an official can do on a dossier: which form each needs, when it is offered, which action it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.services.dossiers import access, actions, lawful
from hienluong.services.dossiers.models import Channel, DeliveryState, Dossier, Result

from . import forms as f
from . import paper_forms as p
from . import post_forms
from . import result_forms as r

Run = Callable[[Actor, Dossier, Any], object]


@dataclass(frozen=True)
class Verb:
    """One act.

    Offered when lawful in the dossier's state (the table in ``dossiers.lawful``), when the process stands at one of
    `tasks` (if it names any), and while `when` holds.
    """

    key: str
    title: str | Promise
    button: str | Promise
    form: type[forms.Form]
    run: Run
    permission: str
    path: Callable[[Dossier], str]
    tasks: tuple[str, ...] = ()
    when: Callable[[Dossier], bool] = lambda dossier: True
    act: str = ""  # the verb in the table of lawful states, when it is not the key
    needs_dossier: bool = False
    primary: bool = False
    panel: str = "plain"  # the template below workplace/acts/ that shows the form
    files: bool = False

    def offered(self, actor: Actor, dossier: Dossier) -> bool:
        """Whether this act is possible now and allowed to this person."""
        if self.tasks and dossier.waiting_task not in self.tasks:
            return False
        if not lawful.is_lawful(dossier, self.act or self.key) or access.concerns(actor, dossier):
            return False
        return self.when(dossier) and actor.can(self.permission, self.path(dossier))

    @property
    def template(self) -> str:
        """The template that shows the form."""
        return f"workplace/acts/{self.panel}.html"

    def bind(self, dossier: Dossier, data: Any = None, files: Any = None) -> forms.Form:
        """The form of this act, filled with `data` when there is some."""
        extra: dict[str, Any] = {"dossier": dossier} if self.needs_dossier else {}
        return self.form(data, files, prefix=self.key, **extra)


def _counter(dossier: Dossier) -> str:
    return dossier.received_at_org.path


def _handling(dossier: Dossier) -> str:
    return dossier.handling_path


def _waiting(dossier: Dossier) -> str:
    return dossier.waiting_path or dossier.handling_path


def _competent(dossier: Dossier) -> str:
    return dossier.competent.path


def _is_signed(dossier: Dossier) -> bool:
    return dossier.results.filter(state__in=(Result.State.SIGNED, Result.State.SIGNING)).exists()


def _signed(dossier: Dossier) -> Result:
    found = dossier.results.filter(state=Result.State.SIGNED).first()
    if found is None:
        raise InvalidInput(_("Hồ sơ này không có kết quả đã ký."))
    return found


def _yes(form: forms.Form, field: str) -> bool:
    return bool(form.cleaned_data[field] == "yes")


VERBS: tuple[Verb, ...] = (
    Verb(
        "receive",
        _("Tiếp nhận hồ sơ"),
        _("Tiếp nhận và in giấy hẹn"),
        p.ReceiveForm,
        lambda a, d, form: actions.receive(a, dossier=d, checks=form.checks(), note=form.cleaned_data["note"]),
        "dossiers.receive",
        _counter,
        tasks=("receive",),
        needs_dossier=True,
        primary=True,
        panel="receive",
    ),
    Verb(
        "review",
        _("Thẩm định và đề xuất"),
        _("Gửi đề xuất"),
        r.ReviewForm,
        lambda a, d, form: actions.review(
            a,
            dossier=d,
            grants=_yes(form, "grants"),
            conclusion=form.cleaned_data["conclusion"],
            again=bool(form.cleaned_data.get("again")),
            fields=form.officer_fields(),
        ),
        "dossiers.review",
        _waiting,
        tasks=("review",),
        needs_dossier=True,
        primary=True,
        panel="review",
    ),
    Verb(
        "inspect",
        _("Kiểm tra thực địa"),
        _("Ghi kết quả kiểm tra"),
        f.TextForm,
        lambda a, d, form: actions.inspect(a, dossier=d, findings=form.cleaned_data["text"]),
        "dossiers.review",
        _handling,
        tasks=("inspect",),
        primary=True,
    ),
    Verb(
        "conclude",
        _("Tổng hợp ý kiến các cơ quan"),
        _("Ghi kết luận"),
        f.TextForm,
        lambda a, d, form: actions.conclude_opinions(a, dossier=d, conclusion=form.cleaned_data["text"]),
        "dossiers.review",
        _handling,
        tasks=("conclude",),
        act="conclude_opinions",
        primary=True,
    ),
    Verb(
        "forward",
        _("Chuyển cấp trên"),
        _("Chuyển"),
        f.TextForm,
        lambda a, d, form: actions.forward(a, dossier=d, note=form.cleaned_data["text"]),
        "dossiers.transfer",
        _counter,
        tasks=("forward",),
        primary=True,
    ),
    Verb(
        "upper_review",
        _("Cấp trên giải quyết"),
        _("Ghi kết quả"),
        f.TextForm,
        lambda a, d, form: actions.upper_review(a, dossier=d, conclusion=form.cleaned_data["text"]),
        "dossiers.review",
        _waiting,
        tasks=("upper_review",),
        primary=True,
    ),
    Verb(
        "submit_for_signature",
        _("Kiểm tra dự thảo, trình ký"),
        _("Xác nhận"),
        f.DecisionForm,
        lambda a, d, form: actions.submit_for_signature(
            a, dossier=d, forward=_yes(form, "forward"), note=form.cleaned_data["note"]
        ),
        "dossiers.submit_for_signature",
        _handling,
        tasks=("approve",),
        primary=True,
    ),
    Verb(
        "sign",
        _("Ký kết quả"),
        _("Xác nhận"),
        r.SignForm,
        lambda a, d, form: actions.sign(
            a,
            dossier=d,
            accept=_yes(form, "forward"),
            note=form.cleaned_data["note"],
            seen=form.cleaned_data["seen"],
        ),
        "dossiers.sign",
        _competent,
        tasks=("sign",),
        needs_dossier=True,
        primary=True,
        panel="sign",
    ),
    Verb(
        "return_result",
        _("Trả kết quả"),
        _("Ghi đã trả"),
        f.ReturnForm,
        lambda a, d, form: actions.return_result(
            a,
            dossier=d,
            recipient=form.cleaned_data["recipient"],
            by_post=form.cleaned_data["how"] == "post",
            carrier=form.cleaned_data["carrier"],
            number=form.cleaned_data["number"],
        ),
        "dossiers.return_result",
        _counter,
        tasks=("return_result",),
        primary=True,
    ),
    Verb(
        "note_delivered",
        _("Bưu chính báo đã phát"),
        _("Ghi đã phát"),
        post_forms.DeliveredForm,
        lambda a, d, form: actions.note_delivered(
            a, dossier=d, arrived_on=form.cleaned_data["arrived_on"], recipient=form.cleaned_data["recipient"]
        ),
        "dossiers.return_result",
        _counter,
        when=lambda d: d.delivery_state == DeliveryState.ON_THE_WAY,
        primary=True,
    ),
    Verb(
        "posted_in",
        _("Ghi bưu gửi đến"),
        _("Ghi bưu gửi"),
        post_forms.PostedInForm,
        lambda a, d, form: actions.record_posted_in(
            a,
            dossier=d,
            carrier=form.cleaned_data["carrier"],
            number=form.cleaned_data["number"],
            arrived_on=form.cleaned_data["arrived_on"],
        ),
        "dossiers.file_at_counter",
        _counter,
        when=lambda d: d.channel == Channel.POST and d.received_at is None,
        act="record_posted_in",
    ),
    Verb(
        "request_supplement",
        _("Yêu cầu bổ sung"),
        _("Gửi yêu cầu bổ sung"),
        p.SupplementForm,
        lambda a, d, form: actions.request_supplement(
            a, dossier=d, reason=form.cleaned_data["reason"], items=form.items()
        ),
        "dossiers.request_supplement",
        _waiting,
        tasks=("receive", "review"),
        needs_dossier=True,
        panel="supplement",
    ),
    Verb(
        "refuse",
        _("Từ chối tiếp nhận"),
        _("Từ chối"),
        p.RefuseForm,
        lambda a, d, form: actions.refuse(a, dossier=d, reason=form.cleaned_data["reason"]),
        "dossiers.refuse",
        _counter,
        tasks=("receive",),
        needs_dossier=True,
    ),
    Verb(
        "answer_supplement",
        _("Nhận bổ sung tại quầy"),
        _("Ghi nhận phần bổ sung"),
        p.CounterAnswerForm,
        lambda a, d, form: actions.answer_supplement(
            a, dossier=d, papers=form.papers(a), note=form.cleaned_data["note"]
        ),
        "dossiers.receive",
        _counter,
        tasks=("await_receive", "await_review"),
        needs_dossier=True,
        primary=True,
        files=True,
    ),
    Verb(
        "assign",
        _("Phân công thụ lý"),
        _("Phân công"),
        f.AssignForm,
        lambda a, d, form: actions.assign(
            a, dossier=d, official=form.cleaned_data["official"], note=form.cleaned_data["note"]
        ),
        "dossiers.assign",
        _handling,
        needs_dossier=True,
    ),
    Verb(
        "transfer",
        _("Chuyển đơn vị khác"),
        _("Chuyển"),
        f.TransferForm,
        lambda a, d, form: actions.transfer(a, dossier=d, to=form.cleaned_data["to"], note=form.cleaned_data["note"]),
        "dossiers.transfer",
        _handling,
        needs_dossier=True,
    ),
    Verb(
        "apologise",
        _("Xin lỗi và hẹn lại"),
        _("Gửi văn bản xin lỗi"),
        f.NewDateForm,
        lambda a, d, form: actions.apologise(a, dossier=d, reason=form.cleaned_data["reason"], due=form.due_at()),
        "dossiers.apologise",
        _handling,
        when=lambda d: d.due_at is not None,
    ),
    Verb(
        "stop",
        _("Dừng giải quyết"),
        _("Dừng hồ sơ"),
        f.ReasonForm,
        lambda a, d, form: actions.stop(a, dossier=d, reason=form.cleaned_data["reason"]),
        "dossiers.stop",
        _handling,
    ),
    Verb(
        "withdraw",
        _("Ghi nhận người dân rút hồ sơ"),
        _("Ghi nhận rút hồ sơ"),
        f.WithdrawForm,
        lambda a, d, form: actions.withdraw(a, dossier=d, reason=form.cleaned_data["reason"]),
        "dossiers.withdraw",
        _counter,
    ),
    Verb(
        "set_helper",
        _("Ghi nơi hỗ trợ nộp"),
        _("Ghi nơi hỗ trợ"),
        f.HelperForm,
        lambda a, d, form: actions.set_helper(a, dossier=d, helped_at=form.cleaned_data["helped_at"]),
        "dossiers.receive",
        _counter,
        needs_dossier=True,
    ),
    Verb(
        "revoke_result",
        _("Thu hồi kết quả"),
        _("Thu hồi kết quả"),
        r.RevokeForm,
        lambda a, d, form: actions.revoke_result(
            a,
            result=_signed(d),
            reason=form.cleaned_data["reason"],
            legal_basis=form.cleaned_data["legal_basis"],
        ),
        "signing.revoke",
        _competent,
        when=_is_signed,
        panel="revoke",
    ),
    Verb(
        "reopen",
        _("Mở lại theo quyết định"),
        _("Mở lại"),
        f.NewDateForm,
        lambda a, d, form: actions.reopen(a, dossier=d, decision=form.cleaned_data["reason"], due=form.due_at()),
        "dossiers.reopen",
        _competent,
        when=lambda d: not _is_signed(d),
    ),
    Verb(
        "note",
        _("Ghi chú nội bộ"),
        _("Lưu ghi chú"),
        f.TextForm,
        lambda a, d, form: actions.add_note(a, dossier=d, text=form.cleaned_data["text"]),
        "dossiers.note",
        _waiting,
    ),
)
BY_KEY = {verb.key: verb for verb in VERBS}


def offered(actor: Actor, dossier: Dossier) -> list[Verb]:
    """The acts possible now for this person, the expected one first."""
    return [verb for verb in VERBS if verb.offered(actor, dossier)]
