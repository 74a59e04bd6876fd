"""`/quan-tri/su-kien`: which systems are told of events; asked for, decided, told again, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page, sent
from hienluong.foundation.organisations.fields import DayField
from hienluong.foundation.sso.models import System
from hienluong.ui import asked as typed
from hienluong.ui.widgets import TextField

from .. import subscriptions
from ..declared import TYPES
from ..models import Subscription
from .entrance import crumbs, entering, parts

PER_PAGE = 20
State = Subscription.State
_COLOURS = {
    State.REQUESTED: "yellow",
    State.APPROVED: "green",
    State.REFUSED: "grey",
    State.SUSPENDED: "orange",
    State.ENDED: "grey",
    "early": "blue",
    "expired": "grey",
}


class RequestForm(forms.Form):
    """The terms that are asked for."""

    system = forms.ChoiceField(label=gettext_lazy("Hệ thống nhận"))
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Loại sự kiện"),
        help_text=gettext_lazy("Chỉ chọn những loại cần cho mục đích."),
        widget=forms.CheckboxSelectMultiple,
    )
    filters = TextField(
        label=gettext_lazy("Chỉ những sự kiện"),
        help_text=gettext_lazy(
            "Mỗi dòng một trường và các giá trị cần nhận, ví dụ: code = H50.08, H50.09. Để trống là mọi sự kiện."
        ),
        required=False,
        max_length=4000,
        widget=forms.Textarea({"rows": 3}),
    )
    way = forms.ChoiceField(label=gettext_lazy("Cách nhận"), choices=Subscription.Way.choices, widget=forms.RadioSelect)
    url = TextField(
        label=gettext_lazy("Địa chỉ webhook"),
        help_text=gettext_lazy("Địa chỉ https của hệ thống. Để trống khi hệ thống tự lấy."),
        required=False,
        max_length=300,
    )
    purpose = TextField(label=gettext_lazy("Mục đích sử dụng"), max_length=200)
    legal_ground = TextField(label=gettext_lazy("Căn cứ pháp lý"), max_length=300)
    since = DayField(label=gettext_lazy("Từ ngày"))
    until = DayField(label=gettext_lazy("Đến hết ngày"))
    told_since = DayField(
        label=gettext_lazy("Nhận cả sự kiện cũ từ ngày"),
        help_text=gettext_lazy("Để trống là từ khi được duyệt."),
        required=False,
    )

    def __init__(self, systems: list[System], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (
            ("system", [(one.pk, f"{one.client.name} – {one.owner.name}") for one in systems]),
            ("types", [(type, declared.title) for type, declared in TYPES.items()]),
        ):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices


class ReplayForm(forms.Form):
    """From which day on events are told again."""

    since = DayField(label=gettext_lazy("Từ ngày"))
    reason = TextField(label=gettext_lazy("Lý do"), max_length=500)


@require_GET
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The subscriptions that one decides on or uses, narrowed by state (`trang-thai`)."""
    actor = entering(request)
    found = subscriptions.visible(actor)
    state = typed.text(request, "trang-thai", 20)
    if state in State.values:
        found = found.filter(state=state)
    page = Paginator(found, PER_PAGE).get_page(typed.number(request, "page", 1, 10**6) or 1)
    states = [{"label": _("Tất cả"), "href": "?", "current": state not in State.values}]
    states += [
        {"label": label, "href": f"?trang-thai={value}", "current": value == state} for value, label in State.choices
    ]
    context = {
        "page": page,
        "rows": [{"one": one, "types": _titles(one), "tag": _tag(one)} for one in page.object_list],
        "parts": parts("list"),
        "states": states,
        "may_ask": bool(actor.paths_with(subscriptions.REQUEST)),
        "breadcrumbs": crumbs(),
    }
    return render(request, "streams/list.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def ask(request: HttpRequest) -> HttpResponse:
    """Ask that a system is told of events."""
    actor = entering(request)
    if not actor.paths_with(subscriptions.REQUEST):
        raise NotAllowed(_("Bạn không có quyền đề nghị nhận sự kiện."))
    systems = list(subscriptions.systems(actor))
    today = timezone.localdate()
    initial = {"since": today, "until": today + timedelta(days=365), "way": Subscription.Way.PULL}
    form = RequestForm(systems, request.POST or None, initial=initial)

    def verb(system: str, filters: str, **terms: Any) -> Subscription:
        chosen = next(one for one in systems if one.pk == system)
        return subscriptions.request(actor, system=chosen, filters=_filters(filters), **terms)

    if made := sent(request, form, verb):
        messages.success(request, _("Đã gửi đề nghị %(code)s.") % {"code": made.code})
        return redirect("streams:show", code=made.code)
    return form_page(
        request,
        form,
        title=_("Đề nghị nhận sự kiện"),
        submit=_("Gửi đề nghị"),
        back=reverse("streams:list"),
        crumbs=crumbs((_("Dòng sự kiện"), ""))[1:2],
        lead=_("Hệ thống phải được kết nối trước. Sự kiện không mang dữ liệu cá nhân.")
        if systems
        else _("Cơ quan của bạn chưa có hệ thống nào được kết nối. Hãy đề nghị quản trị tỉnh kết nối trước."),
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One subscription with its terms and what was decided; a POST decides (`viec`), with a reason (`ly_do`)."""
    actor = entering(request)
    one = subscriptions.visible_one(actor, code)
    fault = ""
    if request.method == "POST":
        try:
            _decide(request, actor, one)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            fault = str(error.message)
        else:
            messages.success(request, _("Đã ghi quyết định."))
            return redirect("streams:show", code=one.code)
    look_after = subscriptions.may_look_after(actor, one)
    context = {
        "one": one,
        "tag": _tag(one),
        "terms": _terms(one),
        "steps": [
            {"title": step.get_state_display(), "by": step.label, "when": step.at, "text": step.reason}
            for step in one.steps.all()
        ],
        "verbs": _verbs(actor, one),
        "may_replay": look_after and one.state == State.APPROVED and one.way == Subscription.Way.WEBHOOK,
        "is_webhook": one.way == Subscription.Way.WEBHOOK,
        "waiting": one.undelivered.count(),
        "given_up": one.undelivered.exclude(given_up_at=None).count(),
        "address": request.build_absolute_uri(reverse("api:events", args=[one.code])),
        "fault": fault,
        "typed": request.POST.get("ly_do", "")[:500] if fault else "",
        "breadcrumbs": crumbs((one.code, "")),
    }
    return render(request, "streams/show.html", context, status=422 if fault else 200)


@require_http_methods(["GET", "POST"])
@officials.only()
def replay(request: HttpRequest, code: str) -> HttpResponse:
    """Have events told again from a day on."""
    actor = entering(request)
    one = subscriptions.visible_one(actor, code)
    if not subscriptions.may_look_after(actor, one):
        raise NotAllowed(_("Bạn không có quyền với đăng ký này."))
    form = ReplayForm(request.POST or None, initial={"since": timezone.localdate()})

    def verb(since: date, reason: str) -> Subscription:
        return subscriptions.replay(actor, subscription=one, since=since, reason=reason)

    if sent(request, form, verb):
        messages.success(request, _("Đang gửi lại."))
        return redirect("streams:show", code=one.code)
    back = reverse("streams:show", args=[one.code])
    return form_page(
        request,
        form,
        title=_("Gửi lại từ một ngày"),
        submit=_("Gửi lại"),
        back=back,
        crumbs=[*crumbs((one.code, back))[1:]],
        lead=_("Sự kiện từ ngày này được gửi lại theo thứ tự, có đánh dấu là gửi lại. Máy chủ giữ từ %(day)s.")
        % {"day": f"{timezone.localtime(subscriptions.oldest_kept()):%d/%m/%Y}"},
    )


def _filters(text: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, sign, values = line.partition("=")
        if not sign:
            raise InvalidInput(_("Mỗi dòng phải có dạng: trường = giá trị, giá trị."), field="filters")
        found.setdefault(name.strip(), []).extend(value.strip() for value in values.split(","))
    return found


def _decide(request: HttpRequest, actor: Actor, one: Subscription) -> None:
    verbs: dict[str, Callable[..., object]] = {
        "duyet": subscriptions.approve,
        "tu-choi": subscriptions.refuse,
        "tam-dung": subscriptions.suspend,
        "tiep-tuc": subscriptions.resume,
        "cham-dut": subscriptions.end,
    }
    verb = verbs.get(request.POST.get("viec", ""))
    if verb is None:
        raise InvalidInput(_("Không có việc nào như vậy."))
    verb(actor, subscription=one, reason=request.POST.get("ly_do", ""))


def _verbs(actor: Actor, one: Subscription) -> list[tuple[str, str, str]]:
    """What this official may decide now: value, words, look of the button."""
    owner, either = subscriptions.may_decide(actor), subscriptions.may_look_after(actor, one)
    found = {
        State.REQUESTED: [(owner, "duyet", _("Duyệt"), "primary"), (owner, "tu-choi", _("Từ chối"), "secondary")],
        State.APPROVED: [
            (owner, "tam-dung", _("Tạm dừng gửi"), "secondary"),
            (either, "cham-dut", _("Chấm dứt đăng ký"), "warning"),
        ],
        State.SUSPENDED: [
            (owner, "tiep-tuc", _("Cho tiếp tục"), "primary"),
            (either, "cham-dut", _("Chấm dứt đăng ký"), "warning"),
        ],
    }.get(State(one.state), [])
    return [(value, words, look) for may, value, words, look in found if may]


def _terms(one: Subscription) -> list[dict[str, Any]]:
    last = one.valid.upper - timedelta(days=1)
    only = "; ".join(f"{name} = {', '.join(values)}" for name, values in one.filters.items())
    told = timezone.localtime(one.told_at).strftime("%H:%M %d/%m/%Y") if one.told_at else "—"
    return [
        {"key": _("Cơ quan nhận"), "value": one.consumer.name},
        {"key": _("Hệ thống nhận"), "value": str(one.system)},
        {"key": _("Loại sự kiện"), "value": _titles(one)},
        {"key": _("Chỉ những sự kiện"), "value": only or _("Mọi sự kiện")},
        {"key": _("Cách nhận"), "value": one.get_way_display()},
        *([{"key": _("Địa chỉ webhook"), "value": one.url}] if one.url else []),
        {"key": _("Mục đích"), "value": one.purpose},
        {"key": _("Căn cứ pháp lý"), "value": one.legal_ground},
        {"key": _("Thời hạn"), "value": f"{one.valid.lower:%d/%m/%Y} – {last:%d/%m/%Y}"},
        {"key": _("Lần nhận gần nhất"), "value": told},
    ]


def _titles(one: Subscription) -> str:
    return "; ".join(str(TYPES[type].title) if type in TYPES else type for type in one.types)


def _tag(one: Subscription) -> tuple[str, str]:
    state = subscriptions.state_on(one, timezone.localdate())
    words = {"early": _("Chưa đến ngày"), "expired": _("Đã hết hạn")}
    return words.get(state) or str(one.get_state_display()), _COLOURS[state]
