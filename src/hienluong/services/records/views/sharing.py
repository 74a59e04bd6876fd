"""`/quan-tri/chia-se-du-lieu`: agreements by which one agency sees part of another's register; asked for, decided, ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Protocol

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

from hienluong.capabilities.registers import agreements, sharing
from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Agreement, Definition
from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page, sent
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.organisations.fields import DayField, OrganizationCodeField
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.properties import label_of
from hienluong.ui import asked as typed
from hienluong.ui.money import grouped
from hienluong.ui.widgets import TextField

from .. import conditions, presentation, reading

PER_PAGE = 20
State = Agreement.State
#: What may be decided: value, words, look of the button.
Verb = tuple[str, str, str]
_COLOURS = {
    State.REQUESTED: "yellow",
    State.APPROVED: "green",
    State.REFUSED: "grey",
    State.SUSPENDED: "orange",
    State.ENDED: "grey",
    "early": "blue",
    "expired": "grey",
}


class Decided(agreements.Agreed, Protocol):
    """An agreement of either kind."""

    def get_state_display(self) -> str:
        """Its state in words."""


class RequestForm(forms.Form):
    """The terms that are asked for."""

    consumer = OrganizationCodeField(
        label=gettext_lazy("Cơ quan sử dụng"), help_text=gettext_lazy("Mã (H50.08) hoặc tên đầy đủ.")
    )
    fields_ = forms.MultipleChoiceField(
        label=gettext_lazy("Các trường cần xem"),
        help_text=gettext_lazy("Chỉ chọn những trường cần cho mục đích."),
        widget=forms.CheckboxSelectMultiple,
    )
    filters = TextField(
        label=gettext_lazy("Chỉ những bản ghi"),
        help_text=gettext_lazy("Mỗi dòng một điều kiện. Để trống là mọi bản ghi."),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3}),
    )
    purpose = TextField(label=gettext_lazy("Mục đích sử dụng"), max_length=200)
    legal_ground = TextField(label=gettext_lazy("Căn cứ pháp lý"), max_length=300)
    procedures = TextField(
        label=gettext_lazy("Điền sẵn cho các thủ tục"),
        help_text=gettext_lazy(
            "Mã thủ tục, cách nhau bằng dấu phẩy. Đơn và giấy tờ của các thủ tục này được lấy từ dữ liệu. "
            "Để trống khi chỉ cán bộ xem."
        ),
        required=False,
        max_length=500,
    )
    since = DayField(label=gettext_lazy("Từ ngày"))
    until = DayField(label=gettext_lazy("Đến hết ngày"))
    volume = forms.IntegerField(
        label=gettext_lazy("Nhiều nhất bao nhiêu bản ghi mỗi ngày"),
        min_value=1,
        max_value=agreements.MAX_VOLUME,
        error_messages={"invalid": gettext_lazy("Nhập một số nguyên.")},
        widget=forms.TextInput({"inputmode": "numeric", "class": "govuk-input--width-10"}),
    )

    def __init__(self, spec: RegisterSpec, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = self.fields["fields_"]
        assert isinstance(choices, forms.MultipleChoiceField)
        labels = [label_of(name, prop) for name, prop in spec.fields.items()]
        choices.choices = [
            (name, label if labels.count(label) == 1 else f"{label} ({name})")
            for name, label in zip(spec.fields, labels, strict=True)
        ]
        if examples := conditions.examples(spec):
            words = _("Mỗi dòng một điều kiện, ví dụ: %(examples)s. Để trống là mọi bản ghi.")
            self.fields["filters"].help_text = words % {"examples": examples}


@require_GET
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The agreements that one decides on or uses, narrowed by state (`trang-thai`)."""
    actor = _entering(request)
    found = agreements.visible(actor)
    state = typed.text(request, "trang-thai", 20)
    if state in State.values:
        found = found.filter(state=state)
    page = Paginator(found, PER_PAGE).get_page(typed.number(request, "page", 1, 10**6) or 1)
    titles = _titles()
    rows = [
        {
            "one": one,
            "href": reverse("sharing:show", args=[one.code]),
            "title": titles.get(one.register_id, one.register.code),
            "tag": tag_of(one),
        }
        for one in page.object_list
    ]
    states = [{"label": _("Tất cả"), "href": "?", "current": state not in State.values}]
    states += [
        {"label": label, "href": f"?trang-thai={value}", "current": value == state} for value, label in State.choices
    ]
    lead = _(
        "Thỏa thuận để một cơ quan xem một phần dữ liệu do cơ quan khác quản lý: xem gì, để làm gì, đến khi nào, "
        "bao nhiêu mỗi ngày."
    )
    context = {
        "heading": _("Chia sẻ dữ liệu"),
        "lead": lead,
        "of_what": _("Dữ liệu"),
        "page": page,
        "rows": rows,
        "states": states,
        "asking": _("Đề nghị được xem dữ liệu"),
        "askable": _askable(actor),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Chia sẻ dữ liệu"), "")],
    }
    return render(request, "records/agreements.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One agreement with its terms and what was decided; a POST decides (`viec`), with a reason (`ly_do`)."""
    actor = _entering(request)
    agreement = agreements.visible_one(actor, code)
    fault = ""
    if request.method == "POST":
        try:
            _decide(request, actor, agreement)
        except (NotAllowed, NotFound):
            raise
        except DomainError as error:
            fault = str(error.message)
        else:
            messages.success(request, _("Đã ghi quyết định."))
            return redirect("sharing:show", code=agreement.code)
    spec = spec_of(definition_on(agreement.register, timezone.localdate()))
    steps = list(agreement.steps.all())
    verbs, note = without_ones_own(actor, _verbs(actor, agreement), steps[0].account_id if steps else None)
    context = {
        "one": agreement,
        "title": presentation.title_of(spec),
        "tag": tag_of(agreement),
        "terms": _terms(agreement, spec),
        "steps": [
            {"title": step.get_state_display(), "by": step.label, "when": step.at, "text": step.reason}
            for step in steps
        ],
        "verbs": verbs,
        "note": note,
        "fault": fault,
        "typed": request.POST.get("ly_do", "")[:500] if fault else "",
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Chia sẻ dữ liệu"), reverse("sharing:list")), (agreement.code, "")],
    }
    return render(request, "records/agreement.html", context, status=422 if fault else 200)


@require_http_methods(["GET", "POST"])
@officials.only()
def ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for an agreement on a register."""
    actor = _entering(request)
    if not actor.paths_with("registers.read"):
        raise NotAllowed(_("Bạn không có quyền đề nghị chia sẻ dữ liệu."))
    register, spec = reading.register_and_spec(code)
    today = timezone.localdate()
    place = Organization.objects.filter(pk=actor.organization_id or 0).values_list("code", flat=True).first()
    initial = {"consumer": place or "", "since": today, "until": today + timedelta(days=365)}
    form = RequestForm(spec, request.POST or None, initial=initial)

    def verb(fields_: list[str], filters: str, procedures: str, **terms: Any) -> Agreement:
        codes = procedures.replace(",", " ").replace(";", " ").split()
        return agreements.request(
            actor, register=register, fields=fields_, filters=conditions.read(spec, filters), procedures=codes, **terms
        )

    if made := sent(request, form, verb):
        messages.success(request, _("Đã gửi đề nghị %(code)s.") % {"code": made.code})
        return redirect("sharing:show", code=made.code)
    back = reverse("sharing:list")
    return form_page(
        request,
        form,
        title=_("Đề nghị chia sẻ: %(title)s") % {"title": presentation.title_of(spec)},
        submit=_("Gửi đề nghị"),
        back=back,
        crumbs=[(_("Chia sẻ dữ liệu"), back)],
        lead=_("%(owner)s quản lý dữ liệu này sẽ xem xét. Mỗi lần xem sau đó được ghi lại và người dân biết.")
        % {"owner": register.owner.name},
    )


def _decide(request: HttpRequest, actor: Actor, agreement: Agreement) -> None:
    verbs: dict[str, Callable[..., object]] = {
        "duyet": agreements.approve,
        "tu-choi": agreements.refuse,
        "tam-dung": agreements.suspend,
        "tiep-tuc": agreements.resume,
        "cham-dut": agreements.end,
    }
    verb = verbs.get(request.POST.get("viec", ""))
    if verb is None:
        raise InvalidInput(_("Không có việc nào như vậy."))
    partial(verb, actor)(agreement=agreement, reason=request.POST.get("ly_do", ""))


def _verbs(actor: Actor, agreement: Agreement) -> list[Verb]:
    """What this official may decide now: value, words, look of the button."""
    owner = actor.can(agreements.SHARE, agreement.register.owner.path)
    either = owner or actor.can("registers.read", agreement.consumer.path)
    found = {
        State.REQUESTED: [(owner, "duyet", _("Duyệt"), "primary"), (owner, "tu-choi", _("Từ chối"), "secondary")],
        State.APPROVED: [
            (owner, "tam-dung", _("Tạm dừng thỏa thuận"), "secondary"),
            (either, "cham-dut", _("Chấm dứt thỏa thuận"), "warning"),
        ],
        State.SUSPENDED: [
            (owner, "tiep-tuc", _("Cho tiếp tục"), "primary"),
            (either, "cham-dut", _("Chấm dứt thỏa thuận"), "warning"),
        ],
    }.get(State(agreement.state), [])
    return [(value, words, look) for may, value, words, look in found if may]


def without_ones_own(actor: Actor, verbs: list[Verb], asked_by: int | None) -> tuple[list[Verb], str]:
    """The verbs without the one that nobody may use on what they asked for, and the words why it is not there."""
    mine = asked_by is not None and asked_by == actor.account_id
    left = [verb for verb in verbs if not (mine and verb[0] == "duyet")]
    return left, "" if left == verbs else _("Bạn là người đề nghị nên người khác ở cơ quan quản lý phải duyệt.")


def _terms(agreement: Agreement, spec: RegisterSpec) -> list[dict[str, Any]]:
    named = [label_of(name, spec.fields[name]) if name in spec.fields else name for name in agreement.fields]
    last = agreement.valid.upper - timedelta(days=1)
    return [
        {"key": _("Cơ quan quản lý dữ liệu"), "value": agreement.register.owner.name},
        {"key": _("Cơ quan sử dụng"), "value": agreement.consumer.name},
        {"key": _("Các trường"), "value": ", ".join(named)},
        {"key": _("Chỉ những bản ghi"), "value": conditions.told(spec, agreement.filters) or _("Mọi bản ghi")},
        {"key": _("Mục đích"), "value": agreement.purpose},
        {"key": _("Điền sẵn cho các thủ tục"), "value": ", ".join(agreement.procedures) or "—"},
        {"key": _("Căn cứ pháp lý"), "value": agreement.legal_ground},
        {"key": _("Thời hạn"), "value": f"{agreement.valid.lower:%d/%m/%Y} – {last:%d/%m/%Y}"},
        {
            "key": _("Bản ghi mỗi ngày"),
            "value": _("%(volume)s (hôm nay còn %(left)s)")
            % {"volume": grouped(agreement.volume), "left": grouped(sharing.left_today(agreement))},
        },
    ]


def tag_of(agreement: Decided) -> tuple[str, str]:
    """How an agreement stands today: words and colour."""
    state = agreements.state_on(agreement, timezone.localdate())
    words = {"early": _("Chưa đến ngày"), "expired": _("Đã hết hạn")}
    return words.get(state) or str(agreement.get_state_display()), _COLOURS[state]


def _titles() -> dict[int, str]:
    """The names of the registers today, asked for once."""
    found = Definition.objects.filter(valid__contains=timezone.localdate())
    return {one.register_id: presentation.title_of(spec_of(one)) for one in found}


def _askable(actor: Actor) -> list[dict[str, str]]:
    if not actor.paths_with("registers.read"):
        return []
    found = Definition.objects.filter(valid__contains=timezone.localdate()).select_related("register__owner")
    rows = [
        {
            "href": reverse("sharing:ask", args=[one.register.code]),
            "title": presentation.title_of(spec_of(one)),
            "owner": one.register.owner.name,
        }
        for one in found
    ]
    return sorted(rows, key=lambda row: row["title"])


def _entering(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not (actor.paths_with(agreements.SHARE) or actor.paths_with("registers.read")):
        raise NotAllowed(_("Bạn không có quyền xem việc chia sẻ dữ liệu."))
    return actor
