"""Lists: the inbox, the search, what waits to be handed over, the register."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import kept, saved
from hienluong.foundation.organisations.models import Organization
from hienluong.services.dossiers import issuing, queries
from hienluong.services.dossiers.access import under
from hienluong.services.dossiers.models import Dossier
from hienluong.services.procedures.models import RuleSet
from hienluong.ui import asked
from hienluong.ui.paging import OpenPaginator

from .. import sorting
from ..bulk_forms import VERBS
from ..forms import FilterForm
from .guard import actor_of, officials_only
from .looking import look, look_at_list
from .saved import INBOX

PAGE_SIZE = 25
#: The last page of a search that is looked for among the newest first.
MOST_READ_BACK = 20


def _filters(request: HttpRequest) -> tuple[FilterForm, queries.Filters]:
    form = FilterForm(request.GET or None)
    if not form.is_bound or not form.is_valid():
        return form, queries.Filters()
    data = form.cleaned_data
    return form, queries.Filters(
        text=data["q"], state=data["state"], channel=data["channel"], due=data["due"], mine=data["mine"]
    )


def _list(request: HttpRequest, dossiers: QuerySet[Dossier]) -> dict[str, Any]:
    """A page of a list with its headings. A list past the cap keeps its own order: sorting it all would be slow."""
    wanted = bool(sorting.asked_for(request)[0])
    too_many = wanted and queries.capped_count(dossiers) > queries.COUNT_CAP
    if wanted and not too_many:
        dossiers = sorting.sort(request, dossiers)
    keys = dossiers.values_list("pk", flat=True)
    return {
        "page": OpenPaginator(keys, PAGE_SIZE, queries.load_rows).get_page(request.GET.get("page")),
        "headings": sorting.headings(request),
        "too_many_to_sort": wanted and too_many,
        "now": timezone.now(),
    }


@require_GET
@officials_only
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for me, what is due first at the top; opens with the official's own default filters."""
    actor = actor_of(request)
    kept.take(request, shown=False)
    views = saved.views_of(actor, INBOX, lambda view_id: reverse("workplace:change_view", args=(view_id,)))
    if query := saved.first_query(request, views):
        return redirect(f"{request.path}?{query}")
    form, filters = _filters(request)
    context = {
        **_list(request, queries.narrow(queries.inbox(actor), filters, actor)),
        "form": form,
        "counts": queries.inbox_counts(actor),
        "opinions": queries.opinions_waiting(actor)[:20],
        "views": views,
        "verbs": [verb for verb in VERBS if verb.key != "return_result" and actor.paths_with(verb.permission)],
        "everything": saved.EVERYTHING,
        "save_address": reverse("workplace:save_view"),
    }
    look_at_list(request, context["page"].object_list)
    return render(request, "workplace/inbox.html", context)


@require_GET
@officials_only
def search(request: HttpRequest) -> HttpResponse:
    """Every dossier this official may list."""
    form, filters = _filters(request)
    sorted_ = bool(sorting.asked_for(request)[0])
    page = asked.number(request, "page", 1, MOST_READ_BACK) if "page" in request.GET else 1
    first = 0 if sorted_ or page is None else page * PAGE_SIZE + 1
    context = {**_list(request, queries.find_visible(actor_of(request), filters, first=first)), "form": form}
    look_at_list(request, context["page"].object_list)
    return render(request, "workplace/search.html", context)


@require_GET
@officials_only
def to_return(request: HttpRequest) -> HttpResponse:
    """Results waiting at my counters."""
    verbs = [verb for verb in VERBS if verb.key == "return_result"]
    context = {**_list(request, queries.at_counter_today(actor_of(request))), "verbs": verbs}
    look_at_list(request, context["page"].object_list)
    return render(request, "workplace/to_return.html", context)


@require_GET
@officials_only
def register(request: HttpRequest) -> HttpResponse:
    """The register of dossiers of my counters over a period (Sổ theo dõi hồ sơ), on screen or as PDF."""
    actor = actor_of(request)
    today = timezone.localdate()
    since = asked.day(request, "tu") or today - timedelta(days=today.day - 1)
    until = asked.day(request, "den") or today
    paths = actor.paths_with("dossiers.receive")
    dossiers = queries.within(Dossier.objects.filter(under(paths, "received_at_org__path")), since, until).order_by(
        "submitted_at", "pk"
    )
    purpose = _register_purpose()
    if request.GET.get("dang") == "pdf":
        return _printed_register(request, dossiers, f"{since:%d/%m/%Y} – {until:%d/%m/%Y}")
    context = {
        **_list(request, dossiers),
        "since": since,
        "until": until,
        "volumes": range(1, _volumes(dossiers.count()) + 1),
    }
    look(request, context["page"].object_list, ["name"], purpose)
    return render(request, "workplace/register.html", context)


def _register_purpose() -> str:
    return _("Lập sổ theo dõi hồ sơ")


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
    look(request, rows, ["name"], _register_purpose())
    return HttpResponse(pdf, content_type="application/pdf")
