"""The catalogue for officials: all services, one service with its versions, operations and agreements."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from hienluong.capabilities.registers import agreements as sharing
from hienluong.foundation.actions import Actor, NotAllowed
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.services.records import presentation
from hienluong.services.records.views.sharing import tag_of
from hienluong.ui import asked, money

from .. import agreements, by_themselves, looking, routing
from ..announce import MONITOR, PROVIDE, REQUEST, SHARE
from ..forms import FindForm
from ..models import Service, ServiceAgreement, Version

PER_PAGE = 20
#: Agreements of one service on its page; the others are on theirs.
MOST_AGREEMENTS = 20
#: Of a version that is described by WSDL.
SOAP_WORDS = gettext_lazy("SOAP (WSDL). Bên khai thác gọi và nhận JSON; bộ trung gian chuyển đổi.")
State = Version.State
_COLOURS = {
    State.DRAFT: "grey",
    State.TEST: "yellow",
    State.PUBLISHED: "green",
    State.DEPRECATED: "orange",
    State.RETIRED: "grey",
}


def entering(request: HttpRequest) -> Actor:
    """Who asks; raises NotAllowed for whoever has nothing to do with data services."""
    actor = actor_of(request)
    if not any(actor.paths_with(code) for code in (PROVIDE, REQUEST, SHARE, MONITOR)):
        raise NotAllowed(_("Bạn không có quyền xem các dịch vụ dữ liệu."))
    return actor


def crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    """Where one is."""
    return [(_("Dịch vụ dữ liệu"), reverse("bus:services")), *more]


def tabs(actor: Actor, current: str) -> list[dict[str, Any]]:
    """The lists of the bus; with how many agreements wait for a decision of this person."""
    waiting = agreements.to_decide(actor).count()
    return [
        {"label": _("Dịch vụ"), "href": reverse("bus:services"), "current": current == "services", "count": 0},
        {
            "label": _("Thỏa thuận"),
            "href": reverse("bus:agreements"),
            "current": current == "agreements",
            "count": waiting,
        },
        {"label": _("Theo dõi"), "href": reverse("bus:watch"), "current": current == "watch", "count": 0},
        {"label": _("Cảnh báo"), "href": reverse("bus:alerts"), "current": current == "alerts", "count": 0},
        {"label": _("Báo cáo ngày"), "href": reverse("bus:reports"), "current": current == "reports", "count": 0},
        {"label": _("Bằng chứng"), "href": reverse("bus:proofs"), "current": current == "proofs", "count": 0},
    ]


def tag_of_version(version: Version) -> tuple[str, str]:
    """How a version stands, in words and colour."""
    words = str(version.get_state_display())
    if version.state == State.DEPRECATED and version.retires_on:
        words = _("Ngừng từ %(day)s") % {"day": f"{version.retires_on:%d/%m/%Y}"}
    return words, _COLOURS[State(version.state)]


@require_GET
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The services of the catalogue, narrowed by words (`q`), owner and state."""
    actor = entering(request)
    every = looking.listed(actor)
    owners = sorted({(one.owner.code, one.owner.name) for one in every}, key=lambda owner: owner[1])
    wish = {"q": asked.text(request, "q", 100)}
    wish["owner"] = _one_of(asked.text(request, "owner", 40), [code for code, _name in owners])
    wish["state"] = _one_of(asked.text(request, "state", 20), State.values)
    found = looking.narrowed(every, words=wish["q"], owner=wish["owner"], state=wish["state"])
    page = Paginator(found, PER_PAGE).get_page(asked.number(request, "page", 1, 10**6) or 1)
    context = {
        "form": FindForm(owners, initial=wish),
        "used": bool(wish["owner"]) + bool(wish["state"]),
        "narrowed": any(wish.values()),
        "page": page,
        "total": len(found),
        "rows": [
            {"one": one, "versions": [{"version": each, "tag": tag_of_version(each)} for each in one.versions]}
            for one in page.object_list
        ],
        "may_declare": bool(actor.paths_with(PROVIDE)),
        "tabs": tabs(actor, "services"),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Dịch vụ dữ liệu"), "")],
    }
    return render(request, "bus/services.html", context)


def _one_of(given: str, known: list[str]) -> str:
    return given if given in known else ""


@require_GET
@officials.only()
def show(request: HttpRequest, code: str, major: int | None = None) -> HttpResponse:
    """One service with one of its versions: whose it is, what it carries, what may be called, who may call it."""
    actor = entering(request)
    if code.startswith(by_themselves.PREFIX):
        return _show_register(request, actor, code)
    service = looking.service(actor, code)
    version = looking.version(service, major)
    may = actor.can(PROVIDE, service.owner.path)
    found = agreements.visible(actor).filter(version__service=service)[: MOST_AGREEMENTS + 1]
    context = {
        "code": service.code,
        "title": looking.title_of(service),
        "owner": service.owner,
        "description": service.description,
        "facts": [*_facts(service), *spoken(version)],
        "contact": {"name": service.contact_name, "email": service.contact_email},
        "version": version,
        "tag": tag_of_version(version) if version else None,
        "versions": _versions(service, version),
        "served": _served(version) if version and may else [],
        "operations": looking.operations(version) if version else [],
        "ask_href": _ask_href(actor, version),
        "portal_href": _portal_href(version),
        "may_change": may,
        "verbs": _verbs(version) if version and may else [],
        "steps": _steps(version) if version else [],
        "agreements": [_agreement(one) for one in found[:MOST_AGREEMENTS]],
        "more": len(found) > MOST_AGREEMENTS,
        "agreements_href": reverse("bus:agreements"),
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((looking.title_of(service), ""))],
    }
    return render(request, "bus/service.html", context)


def _facts(service: Service) -> list[dict[str, Any]]:
    return [
        {"key": _("Mang dữ liệu gì"), "value": service.data},
        {"key": _("Dữ liệu cá nhân"), "value": _("Có") if service.personal else _("Không")},
        {"key": _("Mức phục vụ"), "value": service.level or "—"},
        {"key": _("Địa chỉ ở cổng kết nối"), "value": f"/lgsp/{service.code}/"},
    ]


def spoken(version: Version | None) -> list[dict[str, Any]]:
    """What the provider speaks, where that is not what its consumers speak."""
    if version is None or version.kind != Version.Kind.WSDL:
        return []
    return [{"key": _("Bên cung cấp nói"), "value": SOAP_WORDS}]


def _served(version: Version) -> list[dict[str, Any]]:
    return [
        {"key": _("Địa chỉ nơi dịch vụ chạy"), "value": version.upstream or "—"},
        {"key": _("Địa chỉ chạy thử"), "value": version.sandbox or "—"},
        {"key": _("Đợi trả lời"), "value": _("%(seconds)d giây") % {"seconds": version.timeout}},
        {"key": _("Gọi lại khi lỗi"), "value": _("%(times)d lần") % {"times": version.retries}},
        *_routed(version),
    ]


def _routed(version: Version) -> list[dict[str, Any]]:
    """What else is said of the way to it; what is as ever is not told."""
    said, usual = routing.of(version), routing.Routing()
    rows = []
    if said.canary:
        value = _("%(percent)d%% lời gọi tới %(address)s") % {"percent": said.canary_percent, "address": said.canary}
        rows.append({"key": _("Máy chủ mới"), "value": value})
    if said.mirror:
        rows.append({"key": _("Sao lời gọi"), "value": said.mirror})
    if said.cache:
        value = _("%(seconds)d giây") % {"seconds": said.cache}
        rows.append({"key": _("Giữ câu trả lời"), "value": money.grouped_in(value)})
    if said.breaker != usual.breaker:
        value = _("%(at_once)d lời gọi cùng lúc; hỏng %(failures)d lần liên tiếp thì nghỉ %(rest)d giây") % asdict(said)
        rows.append({"key": _("Ngắt mạch khi máy chủ hỏng"), "value": money.grouped_in(value)})
    if said.websocket or said.grpc:
        rows.append({"key": _("Giao thức khác"), "value": "WebSocket" if said.websocket else "gRPC"})
    return rows


def _versions(service: Service, current: Version | None) -> list[dict[str, Any]]:
    return [
        {
            "label": f"v{one.major} · {tag_of_version(one)[0]}",
            "href": reverse("bus:version", args=[service.code, one.major]),
            "current": current is not None and one.pk == current.pk,
        }
        for one in service.shown  # type: ignore[attr-defined]
    ]


def _verbs(version: Version) -> list[tuple[str, str, str]]:
    """The steps that a version may take now: address, words, look of the button."""
    steps = {
        State.DRAFT: [("cong-bo", _("Công bố"), "primary"), ("chay-thu", _("Cho chạy thử"), "secondary")],
        State.TEST: [("cong-bo", _("Công bố"), "primary"), ("ngung", _("Ngừng"), "warning")],
        State.PUBLISHED: [("sap-ngung", _("Báo sắp ngừng"), "secondary"), ("ngung", _("Ngừng ngay"), "warning")],
        State.DEPRECATED: [
            ("cong-bo", _("Tiếp tục cung cấp"), "secondary"),
            ("sap-ngung", _("Đổi ngày ngừng"), "secondary"),
            ("ngung", _("Ngừng ngay"), "warning"),
        ],
    }.get(State(version.state), [])
    args = [version.service.code, version.major]
    return [(reverse("bus:step", args=[*args, verb]), words, look) for verb, words, look in steps]


def _steps(version: Version) -> list[dict[str, Any]]:
    """What became of a version, the newest first."""
    return [
        {
            "title": f"{step.get_state_display()} · {step.number}" if step.number else step.get_state_display(),
            "by": step.label,
            "when": step.at,
            "text": step.text,
        }
        for step in version.steps.order_by("-pk")[:50]
    ]


def _ask_href(actor: Actor, version: Version | None) -> str:
    """Where one asks for an agreement; empty for whom there is nothing to ask: nobody asks themselves."""
    if version is None or version.state not in looking.ASKABLE:
        return ""
    owner = version.service.owner.path
    if all(path.startswith(owner) for path in actor.paths_with(REQUEST)):
        return ""
    if version.retires_on and version.retires_on <= timezone.localdate():
        return ""
    return reverse("bus:ask", args=[version.service.code, version.major])


def _portal_href(version: Version | None) -> str:
    """The page for engineers, of what others may see."""
    if version is None or version.state not in looking.SEEN:
        return ""
    return reverse("bus:portal_version", args=[version.service.code, version.major])


def _agreement(one: ServiceAgreement) -> dict[str, Any]:
    return {"one": one, "href": reverse("bus:agreement", args=[one.code]), "tag": tag_of(one)}


def _show_register(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """A register as the service that it is by itself."""
    register, spec = looking.register(code)
    title = presentation.title_of(spec)
    found = sharing.visible(actor).filter(register=register)[: MOST_AGREEMENTS + 1]
    context = {
        "code": code,
        "title": title,
        "owner": register.owner,
        "register": register,
        "description": spec.description,
        "facts": [{"key": _("Địa chỉ ở cổng kết nối"), "value": f"/lgsp/{code}/v{by_themselves.MAJOR}/"}],
        "tag": (str(State.PUBLISHED.label), _COLOURS[State.PUBLISHED]),
        "operations": looking.operations_of_register(spec),
        "portal_href": reverse("bus:portal_service", args=[code]),
        "ask_href": reverse("sharing:ask", args=[register.code]) if actor.paths_with("registers.read") else "",
        "agreements": [
            {"one": one, "href": reverse("sharing:show", args=[one.code]), "tag": tag_of(one)}
            for one in found[:MOST_AGREEMENTS]
        ],
        "more": len(found) > MOST_AGREEMENTS,
        "agreements_href": reverse("sharing:list"),
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((title, ""))],
    }
    return render(request, "bus/service.html", context)
