"""`/dich-vu-du-lieu`: the catalogue for engineers, open to everybody: what each service is, how one asks, code, changes."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.actions import NotFound
from hienluong.services.records import presentation
from hienluong.ui import asked

from .. import by_themselves, looking, noting, routing, samples
from ..gateway.snapshot import PREFIX
from ..models import Operation, Service, Version, VersionStep
from .catalogue import PER_PAGE, spoken, tag_of_version
from .trying import is_engineer, schemas_of

State = Version.State
#: Changes on the page of one service, the newest.
MOST_CHANGES = 30


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The services that are or will be provided, narrowed by words (`q`)."""
    words = asked.text(request, "q", 100)
    lives = [one for one in looking.listed(None) if set(one.states) - {State.RETIRED}]
    found = looking.narrowed(lives, words=words)
    page = Paginator(found, PER_PAGE).get_page(asked.number(request, "page", 1, 10**6) or 1)
    context = {
        "words": words,
        "page": page,
        "rows": [{"one": one, "tags": [tag_of_version(each) for each in one.versions[:1]]} for one in page.object_list],
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Dịch vụ dữ liệu"), "")],
    }
    return render(request, "bus/portal.html", context)


@require_GET
def show(request: HttpRequest, code: str, major: int | None = None) -> HttpResponse:
    """One service: its operations, code that calls the one asked for (`thao-tac`), how an agency asks, what changed."""
    if code.startswith(by_themselves.PREFIX):
        return _show_register(request, code, major)
    service = looking.service(None, code)
    version = looking.version(service, major)
    assert version is not None, "a service without a version that others see is not found"
    operations = list(version.operations.all())
    chosen = _chosen(request, operations)
    context = {
        "code": code,
        "title": looking.title_of(service),
        "owner": service.owner,
        "description": service.description,
        "tag": tag_of_version(version),
        "version": version,
        "versions": [
            {
                "label": f"v{one.major} · {tag_of_version(one)[0]}",
                "href": reverse("bus:portal_version", args=[code, one.major]),
                "current": one.pk == version.pk,
            }
            for one in service.shown  # type: ignore[attr-defined]
        ],
        "facts": _facts(service, version),
        "contact": {"name": service.contact_name, "email": service.contact_email},
        "operations": looking.operations(version),
        "chosen": chosen.name if chosen else "",
        "samples": _samples_of(version, chosen, operations) if chosen and _has_samples(version) else [],
        "schemas": schemas_of(chosen) if chosen else [],
        "try_href": _try_href(request, version),
        "may_try": version.state != State.RETIRED,
        "ask_href": reverse("bus:ask", args=[code, version.major]) if _is_open(version) else "",
        "document_href": reverse("bus:openapi", args=[code, version.major]),
        "changes": _changes(service),
        **_where(),
        "breadcrumbs": _crumbs(looking.title_of(service)),
    }
    return render(request, "bus/portal_service.html", context)


def _chosen(request: HttpRequest, operations: list[Operation]) -> Operation | None:
    wanted = asked.text(request, "thao-tac", 80)
    return next((one for one in operations if one.name == wanted), operations[0] if operations else None)


def _try_href(request: HttpRequest, version: Version) -> str:
    """Where an engineer tries it; empty for whoever is none."""
    if version.state == State.RETIRED or not is_engineer(request):
        return ""
    return reverse("bus:try_out", args=[version.service.code, version.major])


def _has_samples(version: Version) -> bool:
    return version.state != State.RETIRED and not _is_grpc(version)


def _samples_of(version: Version, operation: Operation, operations: list[Operation]) -> list[dict[str, str]]:
    one = samples.sample(
        version.service.code,
        version.major,
        operation.method,
        operation.template,
        operation.title or operation.name,
        document=looking.openapi(version, operations),
        body_schema=operation.request_schema,
    )
    return _samples(one)


def _samples(one: samples.Sample) -> list[dict[str, str]]:
    made = (("curl", samples.curl), ("Python", samples.python), ("JavaScript", samples.javascript))
    return [{"language": language, "text": write(one)} for language, write in made]


def _is_open(version: Version) -> bool:
    over = version.retires_on is not None and version.retires_on <= timezone.localdate()
    return version.state in looking.ASKABLE and not over


def _facts(service: Service, version: Version) -> list[dict[str, Any]]:
    return [
        {"key": _("Mang dữ liệu gì"), "value": service.data},
        {"key": _("Dữ liệu cá nhân"), "value": _("Có") if service.personal else _("Không")},
        {"key": _("Mức phục vụ"), "value": service.level or "—"},
        {"key": _("Bản mô tả"), "value": version.number or "—"},
        {"key": _("Địa chỉ ở cổng kết nối"), "value": _address(service.code, version.major, grpc=_is_grpc(version))},
        *spoken(version),
    ]


def _address(code: str, major: int, *, grpc: bool = False) -> str:
    if grpc:
        return _("%(address)s (gRPC, với cùng các đầu mục)") % {"address": settings.BUS_URL or "https://…"}
    return f"{settings.BUS_URL}{PREFIX}/{code}/v{major}"


def _is_grpc(version: Version) -> bool:
    return routing.of(version).grpc


def _changes(service: Service) -> list[dict[str, Any]]:
    """What became of the versions since others see them, the newest first; who did it is the owner's to know."""
    found = VersionStep.objects.filter(version__service=service, state__in=looking.SEEN).select_related("version")
    return [
        {"title": f"v{step.version.major} · {step.get_state_display()}", "when": step.at, "text": step.text}
        for step in found.order_by("-pk")[:MOST_CHANGES]
    ]


def _where() -> dict[str, Any]:
    return {"issuer": settings.BASE_URL, "gateway": settings.BUS_URL or "https://…"}


def _crumbs(title: str) -> list[tuple[str, str]]:
    return [(_("Trang chủ"), "/"), (_("Dịch vụ dữ liệu"), reverse("bus:portal")), (title, "")]


def _show_register(request: HttpRequest, code: str, major: int | None) -> HttpResponse:
    """A register as a service. Which fields it has is for those who may ask: they see them there."""
    register, spec = looking.register(code)
    if major not in (None, by_themselves.MAJOR):
        raise NotFound(_("Không có phiên bản này."))
    operations = looking.operations_of_register(spec)
    wanted = asked.text(request, "thao-tac", 80)
    chosen = next((one for one in operations if one.name == wanted), operations[0])
    title = presentation.title_of(spec)
    context = {
        "code": code,
        "title": title,
        "owner": register.owner,
        "register": register,
        "description": spec.description,
        "tag": (str(State.PUBLISHED.label), "green"),
        "facts": [{"key": _("Địa chỉ ở cổng kết nối"), "value": _address(code, by_themselves.MAJOR)}],
        "operations": operations,
        "chosen": chosen.name,
        "samples": _samples(samples.sample(code, by_themselves.MAJOR, chosen.method, chosen.template, chosen.title)),
        "ask_href": reverse("sharing:ask", args=[register.code]),
        **_where(),
        "breadcrumbs": _crumbs(title),
    }
    return render(request, "bus/portal_service.html", context)


@require_GET
def description(request: HttpRequest, code: str, major: int) -> HttpResponse:
    """The OpenAPI description of a version, with the gateway's address in place of where it runs."""
    version = looking.version(looking.service(None, code), major)
    assert version is not None, "one that was named is there, or not found"
    told = samples.for_tools(code, major, looking.openapi(version), grpc=_is_grpc(version))
    if told:
        noting.note(told, version, version.operations.all())
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})
