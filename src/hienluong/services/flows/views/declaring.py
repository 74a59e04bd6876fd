"""Declaring a composed service, its versions, who may start it; trying it."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor, InvalidInput, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page, sent
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.fields import OrganizationCodeField
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso import inside
from hienluong.foundation.sso.models import System
from hienluong.ui.widgets import TextField

from .. import actions, language, runs
from ..announce import MANAGE
from ..models import Flow, FlowVersion, Permit, Run
from .entrance import crumbs, entering

State = FlowVersion.State
#: What the box of a new flow begins with.
TEMPLATE = """# Đầu vào là một JSON Schema; các bước chạy lần lượt; answer là kết quả.
# Chữ trong map, answer, parameters, body là biểu thức CEL trên input và các bước trước.
input:
  type: object
  properties:
    so: {type: string}
  required: [so]
steps:
  - name: thua
    call:
      service: thua-dat
      version: 1
      operation: parcel
      agreement: TTDV-2026-0001
      parameters:
        number: input.so
answer:
  ma: thua.code
"""


class _SourceForm(forms.Form):
    use_required_attribute = False
    source = TextField(
        label=gettext_lazy("Khai báo (YAML)"),
        help_text=gettext_lazy("Lỗi được báo theo dòng."),
        strip=False,
        max_length=language.MOST_BYTES,
        widget=forms.Textarea({"rows": 28, "spellcheck": "false", "class": "hl-source"}),
    )


class DeclareForm(_SourceForm):
    """A new composed service."""

    field_order = ("system", "code", "title", "source")
    system = forms.ChoiceField(
        label=gettext_lazy("Gọi với tư cách hệ thống"),
        help_text=gettext_lazy("Hệ thống của cơ quan bạn; thỏa thuận khai thác của cơ quan đó được dùng."),
    )
    code = TextField(
        label=gettext_lazy("Mã"), help_text=gettext_lazy("Một phần của địa chỉ, ví dụ thue-dat."), max_length=40
    )
    title = TextField(label=gettext_lazy("Tên"), max_length=200)

    def __init__(self, systems: list[System], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["system"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(one.pk), f"{one.client.name} – {one.owner.name}") for one in systems]


class SourceForm(_SourceForm):
    """The text of a version."""


class ReasonForm(forms.Form):
    """Why something ends."""

    reason = TextField(label=gettext_lazy("Lý do"), max_length=500)


class TryForm(forms.Form):
    """The input of a run that an official starts."""

    given = TextField(
        label=gettext_lazy("Đầu vào (JSON)"),
        strip=False,
        max_length=language.MOST_VALUE,
        widget=forms.Textarea({"rows": 6, "spellcheck": "false", "class": "hl-source"}),
    )
    purpose = TextField(
        label=gettext_lazy("Mục đích"), help_text=gettext_lazy("Nơi cung cấp dữ liệu thấy và ghi lại."), max_length=200
    )


class PermitForm(forms.Form):
    """Whose systems may start it, too."""

    consumer = OrganizationCodeField(label=gettext_lazy("Cơ quan được gọi"))
    purpose = TextField(label=gettext_lazy("Mục đích sử dụng"), max_length=200)


def _page(request: HttpRequest, form: forms.Form, flow: Flow, **more: Any) -> HttpResponse:
    back = reverse("flows:show", args=[flow.code])
    return form_page(request, form, back=back, crumbs=crumbs((flow.title, back)), **more)


def _mine(request: HttpRequest, code: str) -> tuple[Actor, Flow]:
    actor = entering(request)
    return actor, actions.visible_one(actor, code)


def _in_state(flow: Flow, state: str) -> FlowVersion:
    found = flow.versions.filter(state=state).first()
    if found is None:
        raise NotFound(_("Không có phiên bản này."))
    found.flow = flow
    return found


@require_http_methods(["GET", "POST"])
@officials.only()
def declare(request: HttpRequest) -> HttpResponse:
    """A composed service, with its first version as a draft."""
    actor = entering(request)
    systems = _systems(actor)
    form = DeclareForm(systems, request.POST or None, initial={"source": TEMPLATE})

    def made(system: str, **said: Any) -> FlowVersion:
        one = next(each for each in systems if str(each.pk) == system)
        return actions.declare(actor, owner=one.owner, system=one, **said)

    if version := sent(request, form, made):
        messages.success(request, _("Đã lưu bản nháp. Công bố rồi mới chạy được."))
        return redirect("flows:show", code=version.flow.code)
    warning = "" if systems else _("Cơ quan bạn chưa có hệ thống nào được tự gọi. Hãy đăng ký hệ thống trước.")
    return form_page(
        request,
        form,
        title=_("Khai báo dịch vụ phối hợp"),
        submit=_("Lưu bản nháp"),
        back=reverse("flows:list"),
        crumbs=crumbs(("", ""))[:1],
        lead=_("Gọi dịch vụ của nhiều cơ quan theo trình tự, gộp thành một câu trả lời."),
        warning=warning,
    )


def _systems(actor: Actor) -> list[System]:
    owners = Organization.objects.filter(reach.below(actor.paths_with(MANAGE)))
    found = System.objects.filter(owner__in=owners, disabled_at=None).select_related("client", "owner")
    return [one for one in found.order_by("client__name", "pk") if inside.works_for_itself(one)]


@require_http_methods(["GET", "POST"])
@officials.only()
def add_version(request: HttpRequest, code: str) -> HttpResponse:
    """The next version, begun with the text of the newest."""
    actor, flow = _mine(request, code)
    newest = flow.versions.first()
    form = SourceForm(request.POST or None, initial={"source": newest.source if newest else TEMPLATE})
    if sent(request, form, partial(actions.add_version, actor, flow=flow)):
        messages.success(request, _("Đã lưu bản nháp. Công bố rồi mới chạy được."))
        return redirect("flows:show", code=code)
    return _page(request, form, flow, title=_("Thêm phiên bản"), submit=_("Lưu bản nháp"))


@require_http_methods(["GET", "POST"])
@officials.only()
def write(request: HttpRequest, code: str) -> HttpResponse:
    """Another text for the draft."""
    actor, flow = _mine(request, code)
    draft = _in_state(flow, State.DRAFT)
    form = SourceForm(request.POST or None, initial={"source": draft.source})
    if sent(request, form, partial(actions.write, actor, version=draft)):
        messages.success(request, _("Đã lưu bản nháp. Công bố rồi mới chạy được."))
        return redirect("flows:show", code=code)
    title = _("Sửa bản nháp v%(number)d") % {"number": draft.number}
    return _page(request, form, flow, title=title, submit=_("Lưu bản nháp"))


class _NothingForm(forms.Form):
    pass


@require_http_methods(["GET", "POST"])
@officials.only()
def publish(request: HttpRequest, code: str) -> HttpResponse:
    """Let the draft be what runs from now on."""
    actor, flow = _mine(request, code)
    draft = _in_state(flow, State.DRAFT)
    form = _NothingForm(request.POST if request.method == "POST" else None)
    if sent(request, form, partial(actions.publish, actor, version=draft)):
        messages.success(request, _("Đã công bố. Lần chạy mới theo phiên bản này."))
        return redirect("flows:show", code=code)
    lead = _(
        "Thao tác được gọi phải đang cung cấp và có thỏa thuận. Đã công bố thì nội dung không đổi; lần đang chạy giữ "
        "phiên bản cũ."
    )
    return _page(
        request, form, flow, title=_("Công bố v%(number)d") % {"number": draft.number}, submit=_("Công bố"), lead=lead
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def retire(request: HttpRequest, code: str) -> HttpResponse:
    """Let nobody start it any more."""
    actor, flow = _mine(request, code)
    published = _in_state(flow, State.PUBLISHED)
    form = ReasonForm(request.POST or None)
    if sent(request, form, partial(actions.retire, actor, version=published)):
        messages.success(request, _("Đã ngừng. Lần đang chạy vẫn chạy đến hết."))
        return redirect("flows:show", code=code)
    return _page(request, form, flow, title=_("Ngừng dịch vụ phối hợp"), submit=_("Ngừng"), button="warning")


@require_http_methods(["GET", "POST"])
@officials.only()
def try_out(request: HttpRequest, code: str) -> HttpResponse:
    """Start a run by hand: it calls for real, under the agreements."""
    actor, flow = _mine(request, code)
    _in_state(flow, State.PUBLISHED)
    form = TryForm(request.POST or None, initial={"given": "{}"})

    def started(given: str, purpose: str) -> Run:
        try:
            value = json.loads(given)
        except (ValueError, RecursionError):
            raise InvalidInput(_("Đầu vào phải là JSON."), field="given") from None
        try:
            return runs.start(actor, flow=flow, given=value, purpose=purpose)[0]
        except InvalidInput as error:
            raise InvalidInput(str(error.message), field="given") from None

    if run := sent(request, form, started):
        return redirect("flows:run", uid=run.uid)
    lead = _("Các thao tác được gọi thật, theo thỏa thuận của cơ quan; lần gọi được ghi như mọi lần khác.")
    return _page(request, form, flow, title=_("Chạy thử"), submit=_("Chạy"), lead=lead)


@require_http_methods(["GET", "POST"])
@officials.only()
def permit(request: HttpRequest, code: str) -> HttpResponse:
    """Let the systems of another organisation start it; a POST with `thoi` ends a permit."""
    actor, flow = _mine(request, code)
    if request.method == "POST" and "thoi" in request.POST:
        found = Permit.objects.filter(flow=flow, ended_at=None, pk=_number(request.POST["thoi"])).first()
        if found is None:
            raise NotFound(_("Không có cho phép này."))
        form: forms.Form = ReasonForm(request.POST)
        if sent(request, form, partial(actions.end_permit, actor, permit=found)):
            messages.success(request, _("Đã thôi cho phép."))
        else:
            messages.error(request, _("Hãy ghi lý do."))
        return redirect("flows:show", code=code)
    form = PermitForm(request.POST or None)
    if sent(request, form, partial(actions.permit, actor, flow=flow)):
        messages.success(request, _("Đã cho phép."))
        return redirect("flows:show", code=code)
    lead = _("Hệ thống của cơ quan này chạy được dịch vụ phối hợp bằng mã truy cập của mình.")
    return _page(request, form, flow, title=_("Cho cơ quan khác chạy"), submit=_("Cho phép"), lead=lead)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
