"""The person's page of requests; the agency's list, and one request to decide on."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from hienluong.foundation.actions import Actor, DomainError, NotAllowed, NotFound
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.identity import looks, officials
from hienluong.foundation.identity.frame import form_page, page_of, sent
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization
from hienluong.ui.widgets import TextField

from . import actions, following, presentation, terms
from .models import Correction

PER_PAGE = 30
TAKE, EXTEND, ACCEPT, REFUSE = "nhan", "gia-han", "dinh-chinh", "khong"


_VERBS = (
    (TAKE, gettext_lazy("Nhận xử lý và báo người dân, chưa quyết định")),
    (EXTEND, gettext_lazy("Gia hạn một lần, báo lý do cho người dân")),
    (ACCEPT, gettext_lazy("Đính chính như người dân đề nghị")),
    (REFUSE, gettext_lazy("Không đính chính")),
)


class DecideForm(forms.Form):
    """What is decided, and why."""

    use_required_attribute = False
    verb = forms.ChoiceField(
        label=gettext_lazy("Quyết định"),
        choices=_VERBS,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Hãy chọn một quyết định."),
            "invalid_choice": gettext_lazy("Việc này không còn làm được với yêu cầu. Hãy chọn lại."),
        },
    )
    through_others = forms.BooleanField(
        label=gettext_lazy("Khi nhận: phải yêu cầu nơi khác cùng chỉnh sửa"), required=False
    )
    days = forms.IntegerField(
        label=gettext_lazy("Khi gia hạn: thêm mấy ngày"),
        required=False,
        min_value=1,
        max_value=365,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "govuk-input--width-3"}),
    )
    reason = TextField(
        label=gettext_lazy("Lý do, căn cứ"),
        help_text=gettext_lazy("Bắt buộc khi không đính chính hoặc gia hạn. Người dân đọc được."),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 4}),
    )

    def __init__(self, *args: Any, one: Correction, **kwargs: Any) -> None:
        """For one request: what can no longer be done with it is not offered."""
        super().__init__(*args, **kwargs)
        rule, gone = terms.of(one.asked_at), set()
        if one.state == Correction.State.OPEN:
            self.fields["through_others"].help_text = _(
                "Hạn khi đó là %(longer)s ngày, thay vì %(days)s ngày, kể từ khi nhận yêu cầu."
            ) % {"longer": rule.through_others_days, "days": rule.decide_days}
        else:
            gone.add(TAKE)
            del self.fields["through_others"]
        if one.may_be_extended(timezone.now()):
            self.fields["days"].help_text = _("Nhiều nhất %(most)s ngày.") % {"most": rule.extension_days}
        else:
            gone.add(EXTEND)
            del self.fields["days"]
        verb = self.fields["verb"]
        assert isinstance(verb, forms.ChoiceField)
        verb.choices = [(code, label) for code, label in _VERBS if code not in gone]


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """What I asked to have corrected, and what became of it."""
    found = _own(actor_of(request)).order_by("-asked_at", "-pk")
    page = page_of(request, found, PER_PAGE)
    rule = terms.on(timezone.localdate())
    context = {"page": page, "rows": presentation.told(list(page.object_list)), "rule": rule}
    return render(request, "corrections/mine.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take a request back, after asking once."""
    actor = actor_of(request)
    found = _own(actor).filter(pk=min(number, 2**63 - 1)).first()
    if found is None:
        raise NotFound(_("Không có yêu cầu này."))
    form = forms.Form(request.POST or None if request.method == "POST" else None)
    if request.method == "POST":
        try:
            actions.withdraw(actor, correction=found)
        except DomainError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("Đã rút yêu cầu."))
        return redirect("corrections:mine")
    (told,) = presentation.told([found])
    back = reverse("corrections:mine")
    return form_page(
        request,
        form,
        title=_("Rút yêu cầu đính chính %(code)s") % {"code": found.code},
        submit=_("Rút yêu cầu"),
        back=back,
        crumbs=[(_("Yêu cầu đính chính của tôi"), back)],
        facts=_facts(told),
    )


@require_safe
@officials.only()
def requests(request: HttpRequest) -> HttpResponse:
    """What waits for a decision where one may write records, the earliest term first; then what is closed."""
    found = _decidable(actor_of(request)).order_by(F("closed_at").desc(nulls_first=True), "due_at", "pk")
    page = page_of(request, found, PER_PAGE)
    parties = {one.party_id for one in page.object_list}
    purpose = _("Giải quyết yêu cầu đính chính dữ liệu")
    looks.at_parties(request, parties, ("name",), purpose, _("Yêu cầu đính chính"))
    context = {"page": page, "rows": presentation.told(list(page.object_list))}
    return render(request, "corrections/requests.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, number: int) -> HttpResponse:
    """One request: what the register says, what the person says, the evidence, the decision."""
    actor = actor_of(request)
    found = _decidable(actor).filter(pk=min(number, 2**63 - 1)).first()
    if found is None:
        raise NotFound(_("Không có yêu cầu này."))
    form = DecideForm(request.POST or None, one=found)
    if sent(request, form, partial(_decide, actor, found)):
        messages.success(request, _("Đã ghi quyết định."))
        return redirect("corrections:list")
    (told,) = presentation.told([found])
    log_read(
        party_id=found.party_id,
        actor_id=actor.account_id,
        actor_label=actor.label,
        organization_id=actor.organization_id,
        fields=[found.field],
        purpose=_("Giải quyết yêu cầu đính chính dữ liệu"),
        subject=found.register.code,
        ip=actor.ip,
    )
    back = reverse("corrections:list")
    context = {
        "told": told,
        "form": form,
        "facts": [{"key": _("Người yêu cầu"), "value": found.party.name}, *_facts(told)],
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Yêu cầu đính chính"), back), (found.code, "")],
    }
    return render(request, "corrections/request.html", context, status=422 if form.errors else 200)


def _decide(
    actor: Actor,
    correction: Correction,
    *,
    verb: str,
    reason: str,
    through_others: bool = False,
    days: int | None = None,
) -> Correction:
    if verb == TAKE:
        return actions.take_up(actor, correction=correction, through_others=through_others)
    if verb == EXTEND:
        return actions.extend(actor, correction=correction, days=days or 0, reason=reason)
    if verb == ACCEPT:
        return actions.accept(actor, correction=correction, note=reason)
    return actions.refuse(actor, correction=correction, reason=reason)


def _facts(told: presentation.Told) -> list[dict[str, object]]:
    one = told.one
    facts: list[dict[str, object]] = [
        {"key": _("Cơ sở dữ liệu"), "value": f"{told.register}, {one.record.key}"},
        {"key": told.label, "value": _("%(said)s (đang ghi)") % {"said": told.said}},
        {"key": _("Đề nghị ghi"), "value": told.right},
        {"key": _("Điều chưa đúng"), "value": one.wrong},
        {"key": _("Cơ quan giải quyết"), "value": told.place},
        {"key": _("Hạn theo"), "value": terms.of(one.asked_at).ground},
    ]
    if one.extended_why:
        facts.append({"key": _("Lý do gia hạn"), "value": one.extended_why})
    if one.about:
        facts.append({"key": _("Nhận thấy khi làm"), "value": one.about})
    return facts


def _own(actor: Actor) -> QuerySet[Correction]:
    if actor.party_id is None:
        raise NotAllowed(_("Trang này dành cho công dân, doanh nghiệp."))
    parties = [actor.party_id, *actor.represented]
    return Correction.objects.filter(party__in=parties).select_related(*_SHOWN)


_SHOWN = ("register", "record", "organization", "party", "evidence")


def _decidable(actor: Actor) -> QuerySet[Correction]:
    paths = actor.require_somewhere(actions.DECIDE, _("Bạn không có quyền ghi vào cơ sở dữ liệu nào."))
    under = reach.below(paths)
    here = Organization.objects.filter(under).values("pk")
    return Correction.objects.annotate(place=following.place()).filter(place__in=here).select_related(*_SHOWN)
