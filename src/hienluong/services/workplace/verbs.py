"""The acts an official can do on a dossier: which form each needs, when it is offered, which action it calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.services.dossiers import access, actions, duties, enquiring, lawful
from hienluong.services.dossiers.models import Channel, DeliveryState, Dossier, Result

from . import enquiry_forms, post_forms
from . import forms as f
from . import paper_forms as p
from . import result_forms as r

Run = Callable[[Actor, Dossier, Any], object]


@dataclass(frozen=True)
class Verb:
    """One act.

    Offered when lawful in the dossier's state (the table in ``dossiers.lawful``), to whom the table in ``dossiers.duties``
    names and at its steps, and while `when` holds.
    """

    key: str
    title: str | Promise
    button: str | Promise
    form: type[forms.Form]
    run: Run
    when: Callable[[Dossier], bool] = lambda dossier: True
    act: str = ""  # the verb in the tables of the dossier, when it is not the key
    needs_dossier: bool = False
    primary: bool = False
    panel: str = "plain"  # the template below workplace/acts/ that shows the form
    files: bool = False

    def offered(self, actor: Actor, dossier: Dossier) -> bool:
        """Whether this act is possible now and allowed to this person."""
        verb = self.act or self.key
        if not duties.stands_there(dossier, verb) or not lawful.is_lawful(dossier, verb):
            return False
        if access.concerns(actor, dossier):
            return False
        return self.when(dossier) and duties.may(actor, dossier, verb)

    @property
    def template(self) -> str:
        """The template that shows the form."""
        return f"workplace/acts/{self.panel}.html"

    def bind(self, dossier: Dossier, data: Any = None, files: Any = None) -> forms.Form:
        """The form of this act, filled with `data` when there is some."""
        extra: dict[str, Any] = {"dossier": dossier} if self.needs_dossier else {}
        return self.form(data, files, prefix=self.key, **extra)


def _does(action: Callable[..., object], **fields: str) -> Run:
    """Call an action with the dossier and these of its arguments, each from the field of the form that is named."""

    def run(actor: Actor, dossier: Dossier, form: Any) -> object:
        given = {argument: form.cleaned_data[field] for argument, field in fields.items()}
        return action(actor, dossier=dossier, **given)

    return run


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
        needs_dossier=True,
        primary=True,
        panel="review",
    ),
    Verb(
        "go_on_by_hand",
        _("Tiếp tục, đối chiếu thủ công"),
        _("Tiếp tục không chờ hệ thống"),
        enquiry_forms.ByHandForm,
        _does(actions.go_on_by_hand, enquiry="enquiry", reason="reason"),
        when=lambda d: d.held,
        needs_dossier=True,
    ),
    Verb(
        "ask_again",
        _("Hỏi lại hệ thống quốc gia"),
        _("Hỏi lại"),
        enquiry_forms.AskAgainForm,
        _does(actions.ask_again, enquiry="enquiry"),
        when=enquiring.may_ask_again,
        needs_dossier=True,
    ),
    Verb(
        "inspect",
        _("Kiểm tra thực địa"),
        _("Ghi kết quả kiểm tra"),
        f.TextForm,
        _does(actions.inspect, findings="text"),
        primary=True,
    ),
    Verb(
        "conclude",
        _("Tổng hợp ý kiến các cơ quan"),
        _("Ghi kết luận"),
        f.TextForm,
        _does(actions.conclude_opinions, conclusion="text"),
        act="conclude_opinions",
        primary=True,
    ),
    Verb(
        "forward",
        _("Chuyển cấp trên"),
        _("Chuyển"),
        f.TextForm,
        _does(actions.forward, note="text"),
        primary=True,
    ),
    Verb(
        "upper_review",
        _("Cấp trên giải quyết"),
        _("Ghi kết quả"),
        f.TextForm,
        _does(actions.upper_review, conclusion="text"),
        primary=True,
    ),
    Verb(
        "submit_for_signature",
        _("Kiểm tra dự thảo, trình ký"),
        _("Trình ký"),
        f.RemarkForm,
        _does(actions.submit_for_signature, note="note"),
        primary=True,
    ),
    Verb(
        "send_draft_back",
        _("Trả lại dự thảo để sửa, không trình ký"),
        _("Trả lại để sửa"),
        f.SendBackForm,
        lambda a, d, form: actions.submit_for_signature(a, dossier=d, forward=False, note=form.cleaned_data["note"]),
        act="submit_for_signature",
    ),
    Verb(
        "sign",
        _("Ký kết quả"),
        _("Ký kết quả"),
        r.SignForm,
        _does(actions.sign, note="note", seen="seen"),
        needs_dossier=True,
        primary=True,
        panel="sign",
    ),
    Verb(
        "send_back",
        _("Trả lại dự thảo để sửa, không ký"),
        _("Trả lại để sửa"),
        f.SendBackForm,
        lambda a, d, form: actions.sign(a, dossier=d, accept=False, note=form.cleaned_data["note"]),
        act="sign",
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
        primary=True,
    ),
    Verb(
        "note_delivered",
        _("Bưu chính báo đã phát"),
        _("Ghi đã phát"),
        post_forms.DeliveredForm,
        _does(actions.note_delivered, arrived_on="arrived_on", recipient="recipient"),
        when=lambda d: d.delivery_state in (DeliveryState.ON_THE_WAY, DeliveryState.READY),
        primary=True,
    ),
    Verb(
        "posted_in",
        _("Ghi bưu gửi đến"),
        _("Ghi bưu gửi"),
        post_forms.PostedInForm,
        _does(actions.record_posted_in, carrier="carrier", number="number", arrived_on="arrived_on"),
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
        needs_dossier=True,
        panel="supplement",
    ),
    Verb(
        "refuse",
        _("Từ chối tiếp nhận"),
        _("Từ chối"),
        p.RefuseForm,
        _does(actions.refuse, reason="reason"),
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
        needs_dossier=True,
        primary=True,
        files=True,
    ),
    Verb(
        "assign",
        _("Phân công thụ lý"),
        _("Phân công"),
        f.AssignForm,
        _does(actions.assign, official="official", note="note"),
        needs_dossier=True,
    ),
    Verb(
        "transfer",
        _("Chuyển đơn vị khác"),
        _("Chuyển"),
        f.TransferForm,
        _does(actions.transfer, to="to", note="note"),
        needs_dossier=True,
    ),
    Verb(
        "apologise",
        _("Xin lỗi và hẹn lại"),
        _("Gửi văn bản xin lỗi"),
        f.NewDateForm,
        lambda a, d, form: actions.apologise(a, dossier=d, reason=form.cleaned_data["reason"], due=form.due_at()),
        when=lambda d: d.due_at is not None,
    ),
    Verb(
        "stop",
        _("Dừng giải quyết"),
        _("Dừng hồ sơ"),
        f.ReasonForm,
        _does(actions.stop, reason="reason"),
    ),
    Verb(
        "withdraw",
        _("Ghi nhận người dân rút hồ sơ"),
        _("Ghi nhận rút hồ sơ"),
        f.WithdrawForm,
        _does(actions.withdraw, reason="reason"),
    ),
    Verb(
        "set_helper",
        _("Ghi nơi hỗ trợ nộp"),
        _("Ghi nơi hỗ trợ"),
        f.HelperForm,
        _does(actions.set_helper, helped_at="helped_at"),
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
        when=_is_signed,
        panel="revoke",
    ),
    Verb(
        "reopen",
        _("Mở lại theo quyết định"),
        _("Mở lại"),
        f.NewDateForm,
        lambda a, d, form: actions.reopen(a, dossier=d, decision=form.cleaned_data["reason"], due=form.due_at()),
        when=lambda d: not _is_signed(d),
    ),
    Verb(
        "note",
        _("Ghi chú nội bộ"),
        _("Lưu ghi chú"),
        f.TextForm,
        _does(actions.add_note, text="text"),
    ),
)
BY_KEY = {verb.key: verb for verb in VERBS}


def offered(actor: Actor, dossier: Dossier) -> list[Verb]:
    """The acts possible now for this person, the expected one first."""
    return [verb for verb in VERBS if verb.offered(actor, dossier)]
