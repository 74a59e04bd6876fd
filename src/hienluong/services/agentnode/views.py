"""The pages of the IT officer: who is who at the national agent node, which services pass, how the connection is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import form_page, page_of, sent
from hienluong.foundation.identity.officials import actor_of
from hienluong.services.bus.models import ServiceAgreement

from . import actions, standing, weaving
from .forms import OfferForm, PassageForm, ReasonForm, SubsystemForm
from .models import Exchange, Offer, Passage, Subsystem

PER_PAGE = 50


def _manager(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    actions.require_manager(actor)
    return actor


def _crumbs() -> list[tuple[str, str]]:
    return [(_("Nút đại lý quốc gia"), reverse("agentnode:show"))]


@require_safe
@officials.only()
def show(request: HttpRequest) -> HttpResponse:
    """The whole of it on one page: connection, certificates, subsystems, services both ways with who may call them."""
    _manager(request)
    node = standing.node()
    subsystems = list(Subsystem.objects.select_related("organization", "system__client", "system__owner"))
    passages = list(Passage.objects.select_related("version__service__owner"))
    offers = list(Offer.objects.select_related("version__service__owner", "subsystem"))
    rights = _rights([*(one.version_id for one in passages), *(one.version_id for one in offers)])
    outside = {
        one.system.owner_id: one.identifier for one in subsystems if not one.ours and one.system and not one.ended_at
    }
    page = page_of(request, Exchange.objects.order_by("-at"), PER_PAGE)
    context = {
        "node": node,
        "certificates": standing.certificates(node),
        "traffic": standing.traffic(),
        "unknown": standing.unknown(node),
        "subsystems": subsystems,
        "passages": [{"one": one, "rights": _callers(rights[one.version_id])} for one in passages],
        "offers": [{"one": one, "rights": _from_outside(rights[one.version_id], outside)} for one in offers],
        "page": page,
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            (_("Dịch vụ dữ liệu"), reverse("bus:services")),
            (_("Nút đại lý quốc gia"), ""),
        ],
    }
    return render(request, "agentnode/show.html", context)


def _rights(versions: list[int]) -> dict[int, list[ServiceAgreement]]:
    """The agreements in force today on these versions: they are the rights, here as everywhere on the bus."""
    found: dict[int, list[ServiceAgreement]] = defaultdict(list)
    approved = ServiceAgreement.objects.filter(
        version__in=versions, state=ServiceAgreement.State.APPROVED, valid__contains=timezone.localdate()
    )
    for one in approved.select_related("consumer").order_by("code"):
        found[one.version_id].append(one)
    return found


def _callers(agreements: list[ServiceAgreement]) -> list[dict[str, Any]]:
    """Who of ours may call a national service, and as whom; no subsystem: not yet."""
    return [{"one": one, "known_as": weaving.of_organization(one.consumer)} for one in agreements]


def _from_outside(agreements: list[ServiceAgreement], outside: dict[int, str]) -> list[dict[str, Any]]:
    return [{"one": one, "known_as": outside[one.consumer_id]} for one in agreements if one.consumer_id in outside]


@require_POST
@officials.only()
def try_out(request: HttpRequest) -> HttpResponse:
    """Connect to the node with our certificate, and say what became of it; nothing is sent."""
    _manager(request)
    node = standing.node()
    if node is None:
        messages.warning(request, _("Chưa khai báo nút đại lý (HIENLUONG_AGENT_NODE)."))
    elif wrong := standing.tried(node):
        messages.warning(request, wrong)
    else:
        messages.success(request, _("Nối được tới nút đại lý, hai bên nhận chứng thư của nhau."))
    return redirect("agentnode:show")


def _adding(
    request: HttpRequest, form_class: type[forms.Form], verb: Callable[..., Any], said: str, **words: str
) -> HttpResponse:
    actor = _manager(request)
    form = form_class(request.POST if request.method == "POST" else None)
    if sent(request, form, partial(verb, actor)):
        messages.success(request, said)
        return redirect("agentnode:show")
    return form_page(request, form, back=reverse("agentnode:show"), crumbs=_crumbs(), submit=words["title"], **words)


@require_http_methods(["GET", "POST"])
@officials.only()
def add_subsystem(request: HttpRequest) -> HttpResponse:
    """Say who a subsystem of the node is."""
    return _adding(
        request,
        SubsystemForm,
        actions.add_subsystem,
        _("Đã thêm phân hệ."),
        title=_("Thêm phân hệ"),
        lead=_("Phân hệ của tỉnh gọi ra dịch vụ quốc gia; phân hệ của nơi khác gọi vào dịch vụ của tỉnh."),
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def add_passage(request: HttpRequest) -> HttpResponse:
    """Let a version of the catalogue go through the node."""
    return _adding(
        request,
        PassageForm,
        actions.add_passage,
        _("Đã nối. Công bố phiên bản trong danh mục để các cơ quan đề nghị khai thác."),
        title=_("Nối dịch vụ quốc gia"),
        lead=_("Lời gọi tới phiên bản này đi qua nút đại lý. Ai được gọi vẫn do thỏa thuận quyết định."),
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def add_offer(request: HttpRequest) -> HttpResponse:
    """Give a version of ours its name at the node."""
    return _adding(
        request,
        OfferForm,
        actions.add_offer,
        _("Đã đặt tên ở nút đại lý. Nơi khác gọi được khi có thỏa thuận."),
        title=_("Cho gọi từ bên ngoài"),
        lead=_("Đặt tên cho dịch vụ ở nút đại lý. Nơi khác chỉ gọi được khi có thỏa thuận đang có hiệu lực."),
    )


def _ending(
    request: HttpRequest, found: Model | None, verb: Callable[..., Any], name: str, said: str, **words: str
) -> HttpResponse:
    actor = _manager(request)
    if found is None:
        raise NotFound(_("Không có mục này."))
    form = ReasonForm(request.POST if request.method == "POST" else None)

    def done(**told: Any) -> bool:
        verb(actor, **{name: found}, **told)
        return True

    if sent(request, form, done):
        messages.success(request, said)
        return redirect("agentnode:show")
    return form_page(
        request,
        form,
        back=reverse("agentnode:show"),
        crumbs=_crumbs(),
        submit=words["title"],
        button="warning",
        **words,
    )


@require_http_methods(["GET", "POST"])
@officials.only()
def end_subsystem(request: HttpRequest, pk: int) -> HttpResponse:
    """A subsystem is nobody any more."""
    found = Subsystem.objects.filter(pk=pk, ended_at=None).first()
    lead = found.identifier if found else ""
    title = _("Bỏ phân hệ")
    return _ending(request, found, actions.end_subsystem, "subsystem", _("Đã bỏ phân hệ."), title=title, lead=lead)


@require_http_methods(["GET", "POST"])
@officials.only()
def drop_passage(request: HttpRequest, pk: int) -> HttpResponse:
    """A version goes through the node no more."""
    found = Passage.objects.filter(pk=pk).first()
    lead = found.service if found else ""
    title = _("Bỏ nối dịch vụ quốc gia")
    return _ending(request, found, actions.drop_passage, "passage", _("Đã bỏ nối."), title=title, lead=lead)


@require_http_methods(["GET", "POST"])
@officials.only()
def drop_offer(request: HttpRequest, pk: int) -> HttpResponse:
    """A version has no name at the node any more."""
    found = Offer.objects.filter(pk=pk).select_related("subsystem").first()
    lead = found.service if found else ""
    title = _("Thôi cho gọi từ bên ngoài")
    return _ending(request, found, actions.drop_offer, "offer", _("Đã thôi cho gọi."), title=title, lead=lead)
