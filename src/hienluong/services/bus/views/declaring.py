"""Declaring a service, its versions and how these live; for the side of its owner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page, sent
from hienluong.foundation.organisations.models import Organization

from .. import catalogue, looking, routing
from ..announce import PROVIDE
from ..forms import DeclareForm, DeprecateForm, DescribeForm, NoteForm, RetireForm, ServeForm, ServiceForm, VersionForm
from ..models import Service, Version
from .catalogue import crumbs, entering

_TOLD = ("title", "title_en", "data", "personal", "description", "level", "contact_name", "contact_email")
_SERVED = ("upstream", "sandbox", "timeout", "retries", "whole")


def _mine(request: HttpRequest, code: str) -> tuple[Actor, Service]:
    """Who asks and a service of theirs; raises NotFound, or NotAllowed for whoever does not declare it."""
    actor = entering(request)
    service = looking.service(actor, code)
    if not actor.can(PROVIDE, service.owner.path):
        raise NotAllowed(_("Chỉ cơ quan cung cấp mới sửa được dịch vụ này."))
    return actor, service


def _version(service: Service, major: int) -> Version:
    found = looking.version(service, major)
    assert found is not None, "one that was named is there, or not found"
    return found


def _page(
    request: HttpRequest, form: forms.Form, service: Service, version: Version | None = None, **more: Any
) -> HttpResponse:
    back = _address(service, version)
    name = f"{looking.title_of(service)} v{version.major}" if version else looking.title_of(service)
    return form_page(request, form, back=back, crumbs=crumbs((name, back)), **more)


def _address(service: Service, version: Version | None) -> str:
    if version is None:
        return reverse("bus:service", args=[service.code])
    return reverse("bus:version", args=[service.code, version.major])


@require_http_methods(["GET", "POST"])
@officials.only()
def declare(request: HttpRequest) -> HttpResponse:
    """A service into the catalogue, from its OpenAPI description."""
    actor = entering(request)
    if not actor.paths_with(PROVIDE):
        raise NotAllowed(_("Bạn không có quyền khai báo dịch vụ dữ liệu."))
    place = Organization.objects.filter(pk=actor.organization_id or 0).values_list("code", flat=True).first()
    form = DeclareForm(request.POST or None, request.FILES or None, initial={"owner": place or ""})
    if made := sent(request, form, partial(catalogue.declare, actor)):
        messages.success(request, _("Đã khai báo dịch vụ. Xem lại rồi công bố."))
        return redirect("bus:version", code=made.service.code, major=made.major)
    return form_page(
        request,
        form,
        title=_("Khai báo dịch vụ dữ liệu"),
        submit=_("Khai báo"),
        back=reverse("bus:services"),
        crumbs=crumbs(),
        lead=_(
            "Dịch vụ bắt đầu là bản nháp, chỉ cơ quan bạn thấy. Công bố rồi cơ quan khác mới đề nghị khai thác được."
        ),
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def change(request: HttpRequest, code: str) -> HttpResponse:
    """Other words about a service."""
    actor, service = _mine(request, code)
    form = ServiceForm(request.POST or None, initial={name: getattr(service, name) for name in _TOLD})
    if sent(request, form, partial(catalogue.change, actor, service=service)):
        messages.success(request, _("Đã sửa thông tin dịch vụ."))
        return redirect("bus:service", code=code)
    return _page(request, form, service, title=_("Sửa thông tin dịch vụ"), submit=_("Lưu"))


@require_http_methods(["GET", "POST"])
@officials.only()
def add_version(request: HttpRequest, code: str) -> HttpResponse:
    """The next version of a service."""
    actor, service = _mine(request, code)
    form = VersionForm(request.POST or None, request.FILES or None)
    if made := sent(request, form, partial(catalogue.add_version, actor, service=service)):
        messages.success(request, _("Đã thêm phiên bản %(major)d, còn là bản nháp.") % {"major": made.major})
        return redirect("bus:version", code=code, major=made.major)
    lead = _(
        "Cần phiên bản mới khi bỏ hoặc đổi điều bên khai thác đang dùng. Phiên bản cũ vẫn chạy cho đến khi bạn ngừng nó."
    )
    return _page(request, form, service, title=_("Thêm phiên bản"), submit=_("Thêm phiên bản"), lead=lead)


@require_http_methods(["GET", "POST"])
@officials.only()
def describe(request: HttpRequest, code: str, major: int) -> HttpResponse:
    """Another description of the same version."""
    actor, service = _mine(request, code)
    version = _version(service, major)
    form = DescribeForm(request.POST or None, request.FILES or None)
    if sent(request, form, partial(catalogue.describe, actor, version=version)):
        messages.success(request, _("Đã thay mô tả."))
        return redirect("bus:version", code=code, major=major)
    lead = _("Mô tả mới thêm được thao tác và trường. Bỏ điều đã công bố thì phải thêm phiên bản.")
    return _page(request, form, service, version, title=_("Thay mô tả"), submit=_("Thay mô tả"), lead=lead)


@require_http_methods(["GET", "POST"])
@officials.only()
def serve(request: HttpRequest, code: str, major: int) -> HttpResponse:
    """Where a version is served."""
    actor, service = _mine(request, code)
    version = _version(service, major)
    held = {**{name: getattr(version, name) for name in _SERVED}, **asdict(routing.of(version))}
    form = ServeForm(request.POST or None, initial=held, state=version.state)
    if sent(request, form, partial(catalogue.serve, actor, version=version)):
        messages.success(request, _("Đã đổi địa chỉ. Cổng kết nối dùng ngay."))
        return redirect("bus:version", code=code, major=major)
    lead = _("Cổng kết nối theo điều bạn đổi ở đây trong vòng hai giây, không cắt lời gọi đang đi.")
    return _page(request, form, service, version, title=_("Nơi dịch vụ chạy"), submit=_("Lưu"), lead=lead)


@dataclass(frozen=True)
class Step:
    """One step in the life of a version, as its page asks for it."""

    verb: Callable[..., Version]
    form: type[forms.Form]
    title: str | Promise
    lead: str | Promise
    button: str = "primary"


STEPS = {
    "chay-thu": Step(
        catalogue.to_test,
        NoteForm,
        gettext_lazy("Cho chạy thử"),
        gettext_lazy("Cơ quan khác thấy phiên bản này và đề nghị được. Họ gọi tới địa chỉ chạy thử, nếu có."),
    ),
    "cong-bo": Step(
        catalogue.publish,
        NoteForm,
        gettext_lazy("Công bố"),
        gettext_lazy(
            "Từ nay cơ quan khác đề nghị khai thác được. Đã công bố thì không bỏ thao tác hay trường nào nữa."
        ),
    ),
    "sap-ngung": Step(
        catalogue.deprecate,
        DeprecateForm,
        gettext_lazy("Báo sắp ngừng"),
        gettext_lazy("Vẫn gọi được như cũ đến trước ngày ngừng. Hãy để bên khai thác đủ thời gian chuyển."),
    ),
    "ngung": Step(
        catalogue.retire,
        RetireForm,
        gettext_lazy("Ngừng ngay"),
        gettext_lazy("Cổng kết nối không cho gọi phiên bản này nữa, trong vòng hai giây. Không mở lại được."),
        button="warning",
    ),
}


@require_http_methods(["GET", "POST"])
@officials.only()
def step(request: HttpRequest, code: str, major: int, verb: str) -> HttpResponse:
    """A step in the life of a version: tried, published, to be stopped, stopped."""
    actor, service = _mine(request, code)
    version, wanted = _version(service, major), STEPS.get(verb)
    if wanted is None:
        raise NotFound(_("Không có việc nào như vậy."))
    form = wanted.form(request.POST if request.method == "POST" else None)
    if sent(request, form, partial(wanted.verb, actor, version=version)):
        messages.success(request, _("Đã ghi."))
        return redirect("bus:version", code=code, major=major)
    users = catalogue.users_of(version) if verb in ("sap-ngung", "ngung") else 0
    warning = _("%(users)d thỏa thuận đang dùng hoặc đang chờ ở phiên bản này.") % {"users": users} if users else ""
    return _page(
        request,
        form,
        service,
        version,
        title=str(wanted.title),
        submit=str(wanted.title),
        lead=str(wanted.lead),
        button=wanted.button,
        warning=warning,
    )
