"""The page where the IT officer watches over the exchange of documents."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.db.models import Count, Min, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotFound
from hienluong.ui import asked

from . import explaining, managing
from .managing import OPEN
from .models import Incoming, Outgoing


def _manager(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require_somewhere(managing.PERMISSION, _("Bạn không theo dõi liên thông văn bản."))
    return actor


def _here(actor: Actor) -> Q:
    """The rows of agencies below this official's posts; what is no agency's is for whoever watches over all."""
    paths = actor.paths_with(managing.PERMISSION)
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(agency__path__startswith=path)
        if path.count("/") <= 2:
            found |= Q(agency=None)
    return found


def _asked_for(given: QueryDict) -> tuple[str, str]:
    """The state and the words that the list is cut down to; empty for all."""
    shown = asked.plain(given.get("loai", ""))[:8]
    sought = " ".join(asked.plain(given.get("tim", "")[:400]).split())[:100]
    return (shown if shown in [state.value for state in OPEN] else ""), sought


def _query(shown: str, sought: str) -> str:
    return urlencode({key: value for key, value in (("loai", shown), ("tim", sought)) if value})


def _lines(here: Q, shown: str, sought: str) -> QuerySet[Outgoing]:
    """One line a lane, oldest first: its first unsent package, which holds up the rest.

    The firsts are asked for by themselves: compared row by row, a queue that filled since the database last counted it
    (it was empty then) took minutes.
    """
    firsts = Outgoing.objects.filter(here, state__in=OPEN).values("lane").annotate(first=Min("pk"))
    heads = Outgoing.objects.filter(pk__in=list(firsts.values_list("first", flat=True)))
    if shown:
        heads = heads.filter(state=shown)
    if sought:
        words = Q(document_ref__icontains=sought) | Q(to_code__icontains=sought) | Q(to_name__icontains=sought)
        heads = heads.filter(words | Q(last_error__icontains=sought))
    return heads.select_related("document", "agency").defer("signature").order_by("at", "pk")


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits to go out, since when and why; what came in and could not be taken; what moved in the last day."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _manager(request)
    here, day = _here(actor), timezone.now() - timedelta(days=1)
    unsent = Outgoing.objects.filter(here, state__in=OPEN)
    shown, sought = _asked_for(request.GET)
    page = Paginator(_lines(here, shown, sought), 50).get_page(request.GET.get("page"))
    for row in page:
        row.why, row.help = explaining.explain(row)  # type: ignore[attr-defined]
    came = Incoming.objects.filter(here)
    bad = came.filter(verdict__in=(Incoming.Verdict.REFUSED, Incoming.Verdict.UNREADABLE))
    held = came.filter(verdict=Incoming.Verdict.HELD)
    context = {
        "connected": settings.DOCUMENT_AXIS["url"],
        "system": settings.DOCUMENT_AXIS["system"],
        "counts": unsent.aggregate(
            waiting=Count("pk", filter=Q(state=Outgoing.State.WAITING)),
            held=Count("pk", filter=Q(state=Outgoing.State.HELD)),
            failed=Count("pk", filter=Q(state=Outgoing.State.FAILED)),
        ),
        "sent": Outgoing.objects.filter(here, sent_at__gte=day).count(),
        "last_sent": Outgoing.objects.filter(here, sent_at__isnull=False).order_by("-sent_at").first(),
        "came": came.filter(at__gte=day).aggregate(
            taken=Count("pk", filter=Q(verdict=Incoming.Verdict.TAKEN)),
            repeated=Count("pk", filter=Q(verdict=Incoming.Verdict.REPEATED)),
            refused=Count("pk", filter=Q(verdict__in=(Incoming.Verdict.REFUSED, Incoming.Verdict.UNREADABLE))),
        ),
        "page": page,
        "shown": shown,
        "sought": sought,
        "query": _query(shown, sought),
        "tabs": [
            {"label": label, "query": _query(state, sought), "current": state == shown}
            for state, label in (("", _("Tất cả")), *((state.value, state.label) for state in OPEN))
        ],
        "oldest": unsent.order_by("at").values_list("at", flat=True).first(),
        "given_up": Outgoing.objects.filter(here, state=Outgoing.State.CANCELLED)
        .exclude(held_reason="")
        .defer("signature")
        .order_by("-pk")[:20],
        "altered": held.defer("raw").order_by("at")[:100],
        "altered_count": held.count(),
        "bad": bad.defer("raw").order_by("-at")[:30],
        "latest": came.defer("raw").select_related("document").order_by("-at")[:30],
    }
    return render(request, "exchange/queue.html", context)


def _outgoing(actor: Actor, pk: int) -> Outgoing:
    row = Outgoing.objects.filter(_here(actor), pk=pk).select_related("agency").first()
    if row is None:
        raise NotFound(_("Không có gói tin này trong hàng đợi."))
    return row


def _incoming(actor: Actor, pk: int) -> Incoming:
    row = Incoming.objects.filter(_here(actor), pk=pk).select_related("agency").first()
    if row is None:
        raise NotFound(_("Không có gói tin này."))
    return row


#: Lines of one table that is downloaded.
MOST_LINES = 20_000


@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """The same lines as a table (CSV) to send along when somebody is asked for help."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _manager(request)
    out = io.StringIO()
    writer = csv.writer(out)
    heads = (_("Văn bản"), _("Loại"), _("Mã nơi nhận"), _("Nơi nhận"), _("Tình trạng"), _("Từ lúc"), _("Số lần thử"))
    writer.writerow([*heads, _("Lý do"), _("Lỗi")])
    for row in _lines(_here(actor), *_asked_for(request.GET))[:MOST_LINES]:
        since = timezone.localtime(row.at).strftime("%d/%m/%Y %H:%M:%S")
        texts = [row.document_ref, row.get_what_display(), row.to_code, row.to_name, row.get_state_display(), since]
        texts += [str(row.attempts), explaining.explain(row)[0], row.held_reason or row.last_error]
        writer.writerow([f"'{text}" if text[:1] in _FORMULA else text for text in map(str, texts)])
    return HttpResponse(
        "\ufeff" + out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="goi-tin-chua-gui.csv"'},
    )


#: What a spreadsheet would take for a formula.
_FORMULA = tuple("=+-@\t\r")


@require_POST
def retry_all(request: HttpRequest) -> HttpResponse:
    """Send now all that the list shows, on all its pages."""
    actor = _manager(request)
    shown, sought = _asked_for(request.POST)
    try:
        count = managing.retry_all(
            actor, rows=Outgoing.objects.filter(pk__in=_lines(_here(actor), shown, sought).values("pk"))
        )
    except DomainError as error:
        messages.error(request, str(error.message))
    else:
        messages.success(request, _("Đã xếp %(count)d gói tin để gửi lại ngay.") % {"count": count})
    return _back(request)


@require_POST
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it no more."""
    actor = _manager(request)
    try:
        row = managing.give_up(actor, row=_outgoing(actor, pk), reason=asked.plain(request.POST.get("ly-do", "")))
    except InvalidInput as error:
        messages.error(request, str(error.message))
        return _back(request)
    messages.success(request, _("Đã thôi gửi gói tin cho %(to)s.") % {"to": row.to_code})
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    """To the list as it was cut down."""
    shown, sought = _asked_for(request.POST)
    query = _query(shown, sought)
    return redirect(reverse("exchange:queue") + (f"?{query}" if query else ""))


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it now."""
    actor = _manager(request)
    row = managing.retry(actor, row=_outgoing(actor, pk))
    messages.success(request, _("Đã xếp gói tin gửi %(to)s để gửi lại ngay.") % {"to": row.to_code})
    return _back(request)


@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep it from going out."""
    actor = _manager(request)
    try:
        row = managing.hold(actor, row=_outgoing(actor, pk), reason=asked.plain(request.POST.get("ly-do", "")))
    except InvalidInput as error:
        messages.error(request, str(error.message))
        return _back(request)
    messages.success(request, _("Đã giữ lại gói tin gửi %(to)s.") % {"to": row.to_code})
    return _back(request)


@require_POST
def read_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Read again what could not be read."""
    actor = _manager(request)
    row = managing.read_again(actor, row=_incoming(actor, pk))
    if row.verdict == Incoming.Verdict.UNREADABLE:
        messages.error(request, _("Vẫn chưa đọc được gói tin này."))
    else:
        messages.success(request, _("Đã đọc được gói tin: %(verdict)s.") % {"verdict": row.get_verdict_display()})
    return redirect("exchange:queue")


def _decided(request: HttpRequest, pk: int, decide: Callable[..., Incoming]) -> Incoming | None:
    """What came of a decision on a held package; None when it was not taken, which the page then says."""
    actor = _manager(request)
    try:
        return decide(actor, row=_incoming(actor, pk), reason=asked.plain(request.POST.get("ly-do", "")))
    except InvalidInput as error:
        messages.error(request, str(error.message))
        return None


@require_POST
def let_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in a package that is held, all the same."""
    row = _decided(request, pk, managing.let_in)
    if row is not None:
        messages.success(request, _("Đã xử lý gói tin: %(verdict)s.") % {"verdict": row.get_verdict_display()})
    return redirect("exchange:queue")


@require_POST
def turn_away(request: HttpRequest, pk: int) -> HttpResponse:
    """Refuse a package that is held."""
    row = _decided(request, pk, managing.turn_away)
    if row is not None:
        messages.success(request, _("Đã từ chối gói tin; nơi gửi được báo lý do."))
    return redirect("exchange:queue")


@require_GET
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The package as it came, to look at; only what could not be taken is kept."""
    actor = _manager(request)
    row = _incoming(actor, pk)
    return HttpResponse(
        managing.look_at_package(actor, row=row),
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": f'attachment; filename="goi-tin-{row.pk}.edxml"',
            "X-Content-Type-Options": "nosniff",
        },
    )
