"""The door for messages of the national portal, and the page where the IT officer watches over the line."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from hienluong.capabilities.payments.notices import fault
from hienluong.foundation.actions import Actor, DomainError, NotFound
from hienluong.foundation.identity.limits import too_many
from hienluong.services.dossiers.access import under
from hienluong.services.dossiers.models import Dossier
from hienluong.ui import asked

from . import actions, arrivals
from .models import Arrival, Outgoing

#: Largest message, in bytes, with the files that it carries; larger files are fetched from their address.
MOST_BODY = 5 * 1024 * 1024
#: Messages without a good signature of one address that are written down, in a minute: nobody fills the log from outside.
WRITTEN = 20


@csrf_exempt
@require_POST
def arrive(request: HttpRequest) -> HttpResponse:
    """Take one message: signature first, then its shape, then what it says. Every answer has a code.

    200 taken (or taken before), 400 not of the agreed shape, 401 not believed, 409 and 422 refused, 503 try again.
    """
    if int(request.headers.get("Content-Length") or 0) > MOST_BODY:
        return _answer(413, "too_large", _("Gói tin quá lớn; hãy để tệp ở địa chỉ tải về."))
    body = request.body
    wrong = fault(
        settings.NATIONAL_PORTAL["secret"],
        request.headers.get("X-Time", ""),
        request.headers.get("X-Nonce", ""),
        body,
        request.headers.get("X-Signature", ""),
    )
    if wrong:
        code, words = wrong.replace(" ", "_"), _("Không tin được chữ ký, thời điểm hoặc số dùng một lần.")
        if too_many("national.refused", str(request.META.get("REMOTE_ADDR", "")), limit=WRITTEN, seconds=60):
            return _answer(401, code, words)
        return _refuse("", "", 401, code, words)
    try:
        told = json.loads(body.decode())
        if not isinstance(told, dict):
            raise ValueError("not an object")
    except (ValueError, RecursionError):
        return _refuse("", "", 400, "malformed", _("Không đọc được nội dung."))
    kind, code = asked.plain(str(told.get("LoaiGoiTin", "")))[:10], asked.plain(str(told.get("MaHoSo", "")))[:60]
    try:
        code.encode(), kind.encode()
        taken = arrivals.take(arrivals.read(kind, told), nonce=request.headers["X-Nonce"])
    except UnicodeEncodeError:
        return _refuse("", "", 400, "malformed", _("Không đọc được nội dung."))
    except DomainError as error:
        return _refuse(kind, code, error.status, error.code, str(error.message))
    except IntegrityError:
        return _answer(503, "busy", _("Đang có một gói tin khác về cùng việc này; hãy gửi lại."))
    verdict = "repeated" if taken.repeated else "taken"
    return _answer(200, "0", "", KetQua=verdict, MaHoSo=code, MaHoSoDiaPhuong=taken.dossier.code)


def _refuse(kind: str, code: str, status: int, error_code: str, words: str) -> HttpResponse:
    actions.note_arrival(
        arrivals.WHO,
        kind=kind,
        national_code=code,
        verdict=Arrival.Verdict.REFUSED,
        error_code=error_code,
        why=words,
    )
    return _answer(status, error_code, words)


def _answer(status: int, error_code: str, words: str, **more: Any) -> HttpResponse:
    return JsonResponse({"error_code": error_code, "message": words, **more}, status=status)


def _manager(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    if not actor.paths_with("national.manage"):
        actor.require("national.manage")
    return actor


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits to be told, what failed and why, what came in lately, for the places below this official's post."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    paths = _manager(request).paths_with("national.manage")
    here = under(paths, "dossier__received_at_org__path")
    unsent = Outgoing.objects.filter(here).exclude(state=Outgoing.State.SENT)
    # One line a dossier: its oldest untold step, which holds up the rest.
    # Asked for by themselves: compared row by row, a queue that filled since the database last counted it took minutes.
    firsts = unsent.order_by("dossier", "handover").distinct("dossier").values_list("pk", flat=True)
    heads = Outgoing.objects.filter(pk__in=list(firsts)).select_related("dossier", "handover").order_by("-state", "at")
    shown = asked.text(request, "loai", 8)
    if shown in Outgoing.State.values:
        heads = heads.filter(state=shown)
    day = timezone.now() - timedelta(days=1)
    context = {
        "connected": settings.NATIONAL_PORTAL["url"],
        "counts": unsent.aggregate(
            waiting=Count("pk", filter=Q(state=Outgoing.State.WAITING)),
            failed=Count("dossier", filter=Q(state=Outgoing.State.FAILED), distinct=True),
        ),
        "sent": Outgoing.objects.filter(here, sent_at__gte=day).count(),
        "last_sent": Outgoing.objects.filter(here, sent_at__isnull=False).order_by("-sent_at").first(),
        "page": Paginator(heads, 50).get_page(request.GET.get("page")),
        "shown": shown,
        "arrivals": Arrival.objects.filter(here | Q(dossier=None)).select_related("dossier").order_by("-at")[:30],
        "came": Arrival.objects.filter(at__gte=day).aggregate(
            taken=Count("pk", filter=Q(verdict="taken")),
            repeated=Count("pk", filter=Q(verdict="repeated")),
            refused=Count("pk", filter=Q(verdict="refused")),
        ),
    }
    return render(request, "national/queue.html", context)


@require_POST
def retry(request: HttpRequest, code: str) -> HttpResponse:
    """Try again now what failed for one dossier."""
    actor = _manager(request)
    dossier = Dossier.objects.filter(code=code).first()
    if dossier is None or not Outgoing.objects.filter(dossier=dossier).exists():
        raise NotFound(_("Không có hồ sơ nào mang mã này trong hàng đợi."))
    actions.retry(actor, dossier=dossier)
    messages.success(request, _("Đã xếp %(code)s để gửi lại.") % {"code": dossier.code})
    return redirect("national:queue")
