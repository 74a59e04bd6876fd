"""Proofs of calls: found again, told in one sentence, shown to experts, held against copies that somebody kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.identity import officials
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.models import System
from hienluong.services.mediation import proof
from hienluong.ui import asked as typed
from hienluong.ui.money import grouped

from .. import looking, proving
from ..forms import CallsForm, CompareForm, LookForm
from ..models import Call, ServiceAgreement
from .catalogue import crumbs, entering, tabs

PER_PAGE = 30
_CREATED = re.compile(r";created=(\d{1,12})(?:;|$)")


@require_GET
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """The calls that one may prove, newest first, narrowed by days, agreement, operation, or the name of one."""
    actor = entering(request)
    form = CallsForm(proving.operations(actor), request.GET or None)
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    narrowed = {name: data.get(name) for name in ("ma", "tu", "den", "thoathuan", "thaotac")}
    wanted = proving.Wanted(
        since=narrowed["tu"],
        until=narrowed["den"],
        agreement=narrowed["thoathuan"] or "",
        operation=narrowed["thaotac"] or "",
        name=narrowed["ma"] or "",
    )
    found = proving.calls(actor, wanted)
    if form.is_bound and not form.is_valid():
        found = found.none()
    page = Paginator(found, PER_PAGE).get_page(typed.number(request, "page", 1, 10**6) or 1)
    consumers = _consumers(page.object_list)
    context = {
        "form": form,
        "used": sum(bool(narrowed[name]) for name in ("tu", "den", "thoathuan", "thaotac")),
        "narrowed": any(narrowed.values()) or bool(form.errors),
        "page": page,
        "rows": [
            {
                "one": one,
                "href": reverse("bus:proof", args=[one.uid]),
                "consumer": consumers.get(one.agreement, ""),
                "tag": _tag(one),
            }
            for one in page.object_list
        ],
        "tabs": tabs(actor, "proofs"),
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs((_("Bằng chứng"), ""))],
    }
    return render(request, "bus/proofs.html", context)


def _consumers(calls: Any) -> dict[str, str]:
    codes = {one.agreement for one in calls}
    return dict(ServiceAgreement.objects.filter(code__in=codes).values_list("code", "consumer__name"))


def _tag(call: Call) -> tuple[str, str]:
    if 200 <= call.status < 300:
        return _("Đã trả lời"), "green"
    return (_("Bị từ chối"), "orange") if call.status < 500 else (_("Lỗi"), "red")


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One call and what proves it. A POST (`viec`) holds a copy against it, shows what was asked, or takes it away."""
    actor = entering(request)
    call, agreement = proving.call(actor, uid)
    made = proving.bundle(call, agreement)
    verb = request.POST.get("viec", "") if request.method == "POST" else ""
    compare, look = CompareForm(), LookForm()
    copy: dict[str, proof.Copy | None] = {}
    revealed: dict[str, Any] | None = None
    if verb == "tai":
        return _download(made, call, whole=False)
    if verb in ("xem", "tai-du"):
        look = LookForm(request.POST)
        revealed = _looked(actor, look, call, agreement)
        if revealed is not None and verb == "tai-du":
            return _download(made, call, whole=True)
    elif verb == "doi-chieu":
        compare = CompareForm(request.POST, request.FILES)
        copy = _copy(compare)
    elif request.method == "POST":
        raise InvalidInput(_("Không có việc nào như vậy."))
    found = proving.findings(made, **copy)
    faulty = bool(look.errors or compare.errors)
    context = {
        "call": call,
        "sentence": _sentence(call, agreement, made, found),
        "broken": [one for one in found if one.good is False],
        "rows": [{"words": _(one.words), "tag": _said(one)} for one in found],
        "compared": next(
            ({"good": one.good, "words": _(one.words)} for one in found if one.code.endswith("-copy")), None
        ),
        "facts": _facts(call, agreement, made),
        "keys": proving.key_states(call),
        "public_keys": made["keys"],
        "mediator_key": json.dumps(made["keys"]["mediator"]),
        "compare": compare,
        "look": look,
        "may_look": made["asked"] is not None and proving.is_party(actor, agreement),
        "asked_state": made["asked_state"],
        "until": proving.term_of(call),
        "revealed": _revealed(revealed, made) if revealed is not None else [],
        "errors": look if look.errors else compare,
        "breadcrumbs": [
            (_("Trang chủ"), "/"),
            *crumbs((_("Bằng chứng"), reverse("bus:proofs")), (str(call.uid)[:8], "")),
        ],
    }
    answer = render(request, "bus/proof.html", context, status=422 if faulty else 200)
    if revealed is not None:
        answer["Cache-Control"] = "no-store"
    return answer


def _looked(actor: Actor, form: LookForm, call: Call, agreement: ServiceAgreement) -> dict[str, Any] | None:
    if not form.is_valid():
        return None
    try:
        return proving.look(actor, call=call, agreement=agreement, why=form.cleaned_data["ly_do"])
    except (NotAllowed, NotFound):
        raise
    except DomainError as refused:
        form.add_error("ly_do", str(refused.message))
        return None


def _copy(form: CompareForm) -> dict[str, proof.Copy | None]:
    """What was sent, read and thrown away."""
    if not form.is_valid():
        return {}
    file = form.cleaned_data["file"]
    if file.size > proof.MOST_COPY:
        form.add_error("file", _("Tệp lớn hơn 16 MB."))
        return {}
    return {form.cleaned_data["of_what"]: proof.read_copy(file.read())}


def _download(made: Mapping[str, Any], call: Call, *, whole: bool) -> HttpResponse:
    answer = JsonResponse(
        proving.signed(made, whole=whole), json_dumps_params={"ensure_ascii": False, "indent": 1, "sort_keys": True}
    )
    answer["Content-Disposition"] = f'attachment; filename="bang-chung-{str(call.uid)[:8]}.json"'
    answer["Cache-Control"] = "no-store"
    return answer


def _said(one: proof.Finding) -> tuple[str, str]:
    if one.good is None:
        return _("Chưa nói được"), "grey"
    return (_("Đúng"), "green") if one.good else (_("Sai"), "red")


def _sentence(
    call: Call, agreement: ServiceAgreement, made: Mapping[str, Any], found: list[proof.Finding]
) -> list[str]:
    """What happened and how far it is proved, for whoever is no engineer."""
    service = agreement.version.service
    told = {
        "consumer": agreement.consumer.name,
        "provider": service.owner.name,
        "what": proving.title_of(call, agreement),
        "service": looking.title_of(service),
        "time": f"{timezone.localtime(call.at):%H:%M:%S %d/%m/%Y}",
        "records": grouped(call.records),
        "status": call.status,
    }
    first = _("%(consumer)s đã hỏi “%(what)s” của dịch vụ %(service)s lúc %(time)s.") % told
    if 200 <= call.status < 300:
        second = _("%(provider)s đã trả lời, %(records)s bản ghi.") % told
        if at := _answered_at(made):
            told["at"] = f"{timezone.localtime(at):%H:%M:%S %d/%m/%Y}"
            second = _("%(provider)s đã trả lời lúc %(at)s, %(records)s bản ghi.") % told
    else:
        second = _("Lời gọi không được trả lời dữ liệu (mã %(status)s).") % told
    good = {one.code: one.good for one in found}
    return [first, second, _of_signatures(call, good), _of_chain(good)]


def _answered_at(made: Mapping[str, Any]) -> datetime | None:
    """When the answer was signed, as its signature says."""
    try:
        created = _CREATED.search(json.loads(made["signatures"])["answer"]["signature-input"])
    except (ValueError, KeyError, TypeError):
        return None
    return datetime.fromtimestamp(int(created[1]), UTC) if created else None


def _of_signatures(call: Call, good: Mapping[str, bool | None]) -> str:
    if not call.signature:
        return _("Không có chữ ký số trên lời gọi này: chỉ mã băm làm chứng.")
    named = ("signatures", "request-signature", "answer-signature")
    if any(good.get(name) is False for name in named):
        return _("Chữ ký không còn đúng.")
    if all(good.get(name) for name in ("request-signature", "answer-signature")):
        return _("Chữ ký của cả hai bên còn nguyên.")
    if good.get("signatures"):
        return _("Chữ ký của cả hai bên còn như lúc ghi vào nhật ký; muốn kiểm lại thì cần bản lưu của câu hỏi.")
    return _("Chữ ký của cả hai bên có lưu; muốn kiểm lại thì cần bản lưu của câu hỏi.")


def _of_chain(good: Mapping[str, bool | None]) -> str:
    named = ("entry", "digests", "chain", "head")
    if any(good.get(name) is False for name in named):
        return _("Nhật ký kiểm toán không còn khớp với lời gọi.")
    if all(good.get(name) for name in named):
        return _("Vị trí trong nhật ký kiểm toán đã được kiểm chứng.")
    if good.get("entry") is None:
        return _("Lời gọi chưa vào nhật ký kiểm toán.")
    return _("Lời gọi có trong nhật ký kiểm toán; dấu mốc có chữ ký tiếp theo được lập trong vòng một giờ.")


def _facts(call: Call, agreement: ServiceAgreement, made: Mapping[str, Any]) -> list[dict[str, Any]]:
    chain, entry = made["chain"], made["entry"]
    head = (chain or {}).get("head")
    system = System.objects.filter(pk=call.client).values_list("client__name", "owner").first()
    owner = Organization.objects.filter(pk=system[1]).values_list("name", flat=True).first() if system else ""
    rows: list[tuple[str, Any]] = [
        (_("Mã lời gọi"), call.uid),
        ("X-Request-Id", call.request_id or "—"),
        (_("Thỏa thuận"), agreement.code),
        (_("Thao tác"), call.operation),
        (_("Hệ thống gọi"), f"{system[0]} ({owner})" if system else call.client),
        (_("Mục đích đã nêu"), call.purpose),
        (_("Mã trả lời"), call.status),
        (_("SHA-256 của câu hỏi"), call.request_digest),
        (_("SHA-256 của câu trả lời"), call.answer_digest),
        (_("Content-Digest của câu trả lời"), _content_digest(made) or "—"),
        (_("Dòng trong nhật ký kiểm toán"), entry["seq"] if entry else "—"),
        (_("Mã băm của dòng ấy"), entry["hash"] if entry else "—"),
        (
            _("Dấu mốc có chữ ký tiếp theo"),
            _("dòng %(seq)s, lúc %(at)s; đã soi %(rows)s dòng")
            % {
                "seq": grouped(head["seq"]),
                "at": f"{timezone.localtime(datetime.fromisoformat(head['at'])):%H:%M:%S %d/%m/%Y}",
                "rows": grouped(chain["rows"]),
            }
            if head
            else "—",
        ),
    ]
    if chain and chain["fault"]:
        rows.append((_("Chỗ nhật ký sai"), chain["fault"]))
    return [{"key": key, "value": value} for key, value in rows]


def _content_digest(made: Mapping[str, Any]) -> str:
    try:
        return str(json.loads(made["signatures"])["answer"]["content-digest"])
    except (ValueError, KeyError, TypeError):
        return ""


def _revealed(told: Mapping[str, Any], made: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was asked, and what exactly was signed."""
    rows = [(_("Đã hỏi"), f"{told.get('method')} {told.get('target')}")]
    if signed := proof.request_of(made):
        rows.append((_("Nội dung mà bên hỏi đã ký (RFC 9421)"), signed.base.decode("ascii")))
    if signed := proof.answer_of(made, made["keys"]["mediator"]):
        rows.append((_("Nội dung đã ký của câu trả lời (RFC 9421)"), signed.base.decode("ascii")))
    return rows
