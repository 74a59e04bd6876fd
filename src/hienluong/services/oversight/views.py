"""The leader's picture, the list behind each number, and the public page without names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.actions import Actor, system
from hienluong.services.dossiers.access import visible_to
from hienluong.services.dossiers.models import Dossier
from hienluong.services.dossiers.queries import with_list_columns
from hienluong.ui import asked as typed

from . import ageing, areas, asking, charts, figures, lists, public_tables, tables, workbook
from .tables import Cell

PAGE_SIZE = 50


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _overseer(request: HttpRequest) -> Actor:
    actor = _actor(request)
    if not actor.paths_with("oversight.view"):
        actor.require("oversight.view")
    return actor


@dataclass(frozen=True)
class Stat:
    """One of the big numbers at the top."""

    cell: Cell
    label: str
    hint: str = ""
    bad: bool = False


def _filters(asked: asking.Asked, actor: Actor | None) -> dict[str, Any]:
    """What the filter above the figures needs."""
    return {
        "asked": asked,
        "area_groups": areas.groups(actor) if actor else [],
        "refreshed_at": figures.refreshed_at(),
    }


def _charts(filed: Sequence[tuple[str, int]], rates: Sequence[tuple[str, float | None]]) -> dict[str, Any]:
    return {
        "filed_chart": charts.bars(filed, _("Hồ sơ nộp theo tháng")),
        "rate_chart": charts.line(rates, _("Tỷ lệ đúng hạn theo tháng, %")),
    }


@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """On-time rate, what is overdue and where, how old it is, online share, satisfaction; each number opens its list."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _overseer(request)
    asked = asking.read(request)
    scope = asked.scope(actor)
    done, in_hand = figures.summary(scope), figures.in_hand(scope)
    if request.GET.get("dang") == "excel":
        return workbook.of_leader(asked, done, in_hand)
    context = {
        "stats": _stats(asked, done.total, in_hand.total),
        "tables": [
            tables.in_hand(asked, in_hand.organizations),
            tables.officials(asked, in_hand.officials),
            tables.by_organization(asked, done.organizations),
            tables.by_month(asked, done.months),
        ],
        **_charts([(m.label, m.filed) for m in done.months], [(m.label, m.on_time_rate) for m in done.months]),
        **_filters(asked, actor),
    }
    return render(request, "oversight/dashboard.html", context)


def _stats(asked: asking.Asked, total: figures.Line, open_: figures.OpenLine) -> list[Stat]:
    of = _("%(part)s trên %(whole)s hồ sơ")

    def part(some: int, whole: int) -> str:
        return of % {"part": tables.count(some), "whole": tables.count(whole)}

    def cell(text: str, kind: str, **more: str) -> Cell:
        return Cell(text, 0, asked.list_of(kind, **more))

    return [
        Stat(cell(tables.percent(total.on_time_rate), "dung-han"), _("đúng hạn"), part(total.on_time, total.finished)),
        Stat(cell(tables.count(open_.overdue), "qua-han"), _("đang quá hạn"), bad=bool(open_.overdue)),
        Stat(cell(tables.count(open_.open), lists.OPEN), _("đang giải quyết")),
        Stat(cell(tables.count(total.filed), "da-nop"), _("đã nộp")),
        Stat(
            cell(tables.percent(total.online_rate), "truc-tuyen"), _("nộp trực tuyến"), part(total.online, total.filed)
        ),
        Stat(
            cell(tables.score(total.satisfaction), "danh-gia"),
            _("hài lòng (trên 5)"),
            _("%(count)s lượt đánh giá") % {"count": tables.count(total.rating_count)},
        ),
    ]


@require_GET
def behind(request: HttpRequest) -> HttpResponse:
    """The dossiers behind a number, as many as the number says, a page at a time."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    actor = _overseer(request)
    asked = asking.read(request)
    kind = typed.text(request, "loai", 20)
    wanted = lists.Wanted(
        kind if kind in lists.KINDS else lists.OPEN,
        typed.text(request, "co-quan", 40),
        typed.text(request, "can-bo", 40),
        typed.text(request, "tuoi", 10),
    )
    is_open = lists.KINDS[wanted.kind][1] is None
    found = lists.behind(asked.scope(actor), wanted)
    rows = with_list_columns(found).order_by("due_at" if is_open else "-submitted_at", "pk")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    context = {
        "title": lists.KINDS[wanted.kind][0],
        "age": dict(zip(ageing.ALL_BUCKETS, tables.bucket_heads(), strict=True)).get(wanted.bucket, ""),
        "page": page,
        "rows": _rows(actor, shown),
        "rated": wanted.kind == "danh-gia",
        "asked": asked,
        "back": asked.parameters(),
        "now": timezone.now(),
    }
    return render(request, "oversight/behind.html", context)


def _rows(actor: Actor, dossiers: Sequence[Dossier]) -> list[dict[str, Any]]:
    """The rows of a list: linked where the viewer may see the dossier, with its score where it has one."""
    keys = [dossier.pk for dossier in dossiers]
    visible = set(visible_to(actor).filter(pk__in=keys).values_list("pk", flat=True))
    scores = figures.scores_of(dossiers)
    return [
        {"dossier": dossier, "visible": dossier.pk in visible, "score": scores.get(dossier.pk)} for dossier in dossiers
    ]


@require_GET
def public(request: HttpRequest) -> HttpResponse:
    """The same figures for everyone: whole months, no names of officials or people, no number that points at one."""
    asked = asking.read(request, for_everyone=True)
    scope = asked.scope(system("Số liệu công khai"))
    done, in_hand = figures.summary(scope), figures.in_hand(scope)
    best = sorted(done.organizations, key=lambda line: (-(line.on_time_rate or 0), -line.filed))
    shown = [
        public_tables.lines("theo-co-quan", _("Kết quả giải quyết theo cơ quan"), _("Cơ quan"), best),
        public_tables.in_hand(in_hand.organizations),
        public_tables.lines("theo-thang", _("Kết quả giải quyết theo tháng"), _("Tháng"), done.months),
    ]
    form = request.GET.get("dang")
    if form == "excel":
        titles = (_("Theo cơ quan"), _("Đang giải quyết"), _("Theo tháng"))
        return workbook.of_tables("so-lieu-cong-khai.xlsx", list(zip(titles, shown, strict=True)))
    if form == "csv":
        return workbook.as_csv("so-lieu-cong-khai.csv", shown)
    total = done.total
    context = {
        "stats": [
            (public_tables.safe(total.filed), _("hồ sơ đã nộp")),
            (public_tables.rate(total.on_time_rate, total.finished), _("đúng hạn")),
            (public_tables.safe(in_hand.total.overdue), _("đang quá hạn")),
            (public_tables.safe(in_hand.total.open), _("đang giải quyết")),
            (public_tables.rate(total.online_rate, total.filed), _("nộp trực tuyến")),
            (public_tables.mean(total.satisfaction, total.rating_count), _("hài lòng (trên 5)")),
        ],
        "tables": shown,
        **_charts(*public_tables.points(done.months)),
        **_filters(asked, None),
    }
    return render(request, "oversight/public.html", context)
