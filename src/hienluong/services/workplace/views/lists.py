"""Lists: the inbox, the search, what waits to be handed over, the register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from hienluong.foundation.actions import DomainError, NotFound
from hienluong.foundation.identity import kept
from hienluong.foundation.organisations.models import Organization
from hienluong.services.dossiers import actions, issuing, queries
from hienluong.services.dossiers.access import under
from hienluong.services.dossiers.models import Dossier
from hienluong.services.procedures.models import RuleSet
from hienluong.ui import asked

from ..forms import FilterForm
from ..models import SavedView
from .guard import account_of, actor_of, officials_only

PAGE_SIZE = 25
BULK_VERBS: dict[str, Callable[..., object]] = {"receive": actions.receive, "sign": actions.sign}


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Pages without counting a million rows: the count stops at the cap."""

    @cached_property
    def count(self) -> int:
        assert isinstance(self.object_list, QuerySet)
        return min(queries.capped_count(self.object_list), queries.COUNT_CAP)


def _filters(request: HttpRequest) -> tuple[FilterForm, queries.Filters]:
    form = FilterForm(request.GET or None)
    if not form.is_bound or not form.is_valid():
        return form, queries.Filters()
    data = form.cleaned_data
    return form, queries.Filters(
        text=data["q"], state=data["state"], channel=data["channel"], due=data["due"], mine=data["mine"]
    )


def _page(request: HttpRequest, dossiers: QuerySet[Dossier]) -> Any:
    return CappedPaginator(queries.with_list_columns(dossiers), PAGE_SIZE).get_page(request.GET.get("page"))


@require_GET
@officials_only
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me, what is due first at the top."""
    actor = actor_of(request)
    kept.take(request, shown=False)
    form, filters = _filters(request)
    page = _page(request, queries.narrow(queries.inbox(actor), filters, actor))
    context = {
        "page": page,
        "form": form,
        "filters": filters,
        "counts": queries.inbox_counts(actor),
        "opinions": queries.opinions_waiting(actor)[:20],
        "views": SavedView.objects.filter(account_id=account_of(request)),
        "now": timezone.now(),
        "can_receive": actor.paths_with("dossiers.receive"),
        "can_sign": actor.paths_with("dossiers.sign"),
    }
    return render(request, "workplace/inbox.html", context)


@require_GET
@officials_only
def search(request: HttpRequest) -> HttpResponse:
    """Every dossier this official may list."""
    form, filters = _filters(request)
    page = _page(request, queries.find_visible(actor_of(request), filters))
    return render(request, "workplace/search.html", {"page": page, "form": form, "now": timezone.now()})


@require_GET
@officials_only
def to_return(request: HttpRequest) -> HttpResponse:
    """Results waiting at my counters."""
    page = _page(request, queries.at_counter_today(actor_of(request)))
    return render(request, "workplace/to_return.html", {"page": page, "now": timezone.now()})


@require_POST
@officials_only
def bulk(request: HttpRequest) -> HttpResponse:
    """Do one act on the dossiers ticked; what could not be done is said by code."""
    verb = BULK_VERBS.get(request.POST.get("verb", ""))
    codes = request.POST.getlist("code")[:200]
    if verb is None or not codes:
        messages.warning(request, _("Hãy chọn ít nhất một hồ sơ và một việc."))
        return redirect("workplace:inbox")
    done = 0
    for dossier in Dossier.objects.filter(code__in=codes).order_by("code"):
        try:
            verb(actor_of(request), dossier=dossier)
            done += 1
        except DomainError as error:
            messages.warning(request, f"{dossier.code}: {error.message}")
    if done:
        messages.success(request, _("Đã xử lý %(count)s hồ sơ.") % {"count": done})
    return redirect("workplace:inbox")


@require_POST
@officials_only
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filters under a name."""
    name = request.POST.get("name", "").strip()[:60]
    query = request.POST.get("query", "")[:500]
    if not name:
        messages.warning(request, _("Hãy đặt tên cho bộ lọc."))
    else:
        SavedView.objects.update_or_create(account_id=account_of(request), name=name, defaults={"query": query})
        messages.success(request, _("Đã lưu bộ lọc “%(name)s”.") % {"name": name})
    return redirect(f"/lam-viec/?{query}")


@require_GET
@officials_only
def register(request: HttpRequest) -> HttpResponse:
    """The register of dossiers of my counters over a period (Sổ theo dõi hồ sơ), on screen or as PDF."""
    actor = actor_of(request)
    today = timezone.localdate()
    since = asked.day(request, "tu") or today - timedelta(days=today.day - 1)
    until = asked.day(request, "den") or today
    paths = actor.paths_with("dossiers.receive")
    dossiers = (
        Dossier.objects.filter(under(paths, "received_at_org__path"))
        .filter(submitted_at__date__gte=since, submitted_at__date__lte=until)
        .order_by("submitted_at", "pk")
    )
    if request.GET.get("dang") == "pdf":
        return _printed_register(request, dossiers, f"{since:%d/%m/%Y} – {until:%d/%m/%Y}")
    rows = dossiers.select_related("received_at_org", "handling")
    context = {
        "page": _page(request, rows),
        "since": since,
        "until": until,
        "now": timezone.now(),
        "volumes": range(1, _volumes(dossiers.count()) + 1),
    }
    return render(request, "workplace/register.html", context)


def _volumes(rows: int) -> int:
    return max(1, -(-rows // issuing.VOLUME))


def _printed_register(request: HttpRequest, dossiers: QuerySet[Dossier], period: str) -> HttpResponse:
    """One volume of the register as PDF; every volume says how many there are, and no row is left out."""
    total = dossiers.count()
    volumes = _volumes(total)
    volume = asked.number(request, "quyen", 1, volumes) if "quyen" in request.GET else 1
    if volume is None:
        raise NotFound(_("Sổ không có quyển này."))
    start = (volume - 1) * issuing.VOLUME
    rows = list(dossiers.select_related("filer", "handling")[start : start + issuing.VOLUME])
    words = _("Quyển %(volume)s/%(volumes)s (dòng %(first)s–%(last)s trong %(total)s hồ sơ)") % {
        "volume": volume,
        "volumes": volumes,
        "first": start + 1,
        "last": start + len(rows),
        "total": total,
    }
    rules = RuleSet.objects.filter(valid__contains=timezone.localdate()).first()
    form = rules.spec.paper("register") if rules else None
    pdf = issuing.register_pdf(
        rows,
        organization=Organization.objects.filter(pk=actor_of(request).organization_id or 0).first(),
        period=period,
        form_number=form.form_number if form else "",
        title=form.title if form else _("Sổ theo dõi hồ sơ"),
        first=start + 1,
        volume=words if rows else "",
    )
    return HttpResponse(pdf, content_type="application/pdf")
