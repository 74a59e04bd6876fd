"""The pages of code lists, for everybody: which there are, what stands in each on a day, what became of a code."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from hienluong.foundation.actions import Actor
from hienluong.ui import asked

from . import exporting, queries
from .actions import MANAGE, province_path
from .forms import LookForm
from .models import Code, CodeList, Edition, Mapping

_A_PAGE = 100


@dataclass(frozen=True)
class Row:
    """A code of a list, and where it leads."""

    code: Code
    href: str
    above: str = ""


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every list with its edition of today."""
    context = {
        "layout": _layout(request),
        "lists": queries.overview(),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Danh mục dùng chung"), "")],
    }
    return render(request, "codelists/overview.html", context)


@require_safe
def show(request: HttpRequest, code: str) -> HttpResponse:
    """One list: an edition on a day, the codes below one of them (``?ma=011``), or what a search finds (``?q=lúa``)."""
    found = queries.get(code)
    editions = list(found.editions.order_by("-valid"))
    form = LookForm(request.GET)
    form.is_valid()
    edition, day = _where(request, editions, form.cleaned_data.get("ngay"))
    words = asked.text(request, "q", 100)
    chosen = queries.code_in(edition, asked.text(request, "ma", 40), day) if edition and not words else None
    context: dict[str, Any] = {
        "layout": _layout(request),
        "list": found,
        "edition": edition,
        "editions": [_edition_row(each, edition) for each in editions],
        "on": day,
        "held": edition is not None and day in edition.valid,
        "form": form if form.errors else LookForm(initial={"ngay": day, "q": words}),
        "words": words,
        "chosen": chosen,
        "may_manage": _actor(request).can(MANAGE, province_path()),
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Danh mục dùng chung"), reverse("codelists:overview"))],
    }
    if edition:
        context |= _below(request, edition, day, chosen, words)
        context["download"] = f"{reverse('codelists:download', args=[code])}?{urlencode({'an-ban': edition.code})}"
        context["table"] = f"{reverse('codelists:table', args=[code])}?{urlencode({'an-ban': edition.code})}"
        parent = {"cha": chosen.value} if chosen else {}
        context["add"] = f"{reverse('codelists:add', args=[code])}?{urlencode({'an-ban': edition.code, **parent})}"
    context["breadcrumbs"] = [*context["breadcrumbs"], *_trail(found, edition, day, context.get("path", ()), words)]
    return render(request, "codelists/show.html", context, status=422 if form.errors else 200)


@require_safe
def download(request: HttpRequest, code: str) -> HttpResponse:
    """An edition (``?an-ban=``; the one of today when none is said) as CSV."""
    name = queries.get(code).code
    wanted = asked.text(request, "an-ban", 40)
    edition = queries.edition(name, wanted) if wanted else queries.edition_on(name)
    edition = edition or Edition.objects.filter(codelist__code=name).order_by("-valid").first()
    if edition is None:
        edition = queries.edition(name, wanted)
    response = HttpResponse(exporting.to_csv(edition), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{edition.code}.csv"'
    return response


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _layout(request: HttpRequest) -> str:
    """Officials stay in their workplace, whose menu led them here; everybody else is on the portal."""
    return "ui/page_staff.html" if _actor(request).official_id else "ui/page.html"


def _where(request: HttpRequest, editions: list[Edition], wanted: date | None) -> tuple[Edition | None, date]:
    """The edition to show and the day on which: those asked for, else those of today."""
    day = wanted or timezone.localdate()
    named = asked.text(request, "an-ban", 40)
    edition = next((each for each in editions if each.code == named), None)
    if edition is None:
        edition = next((each for each in editions if day in each.valid), editions[0] if editions else None)
    if edition and not wanted and day not in edition.valid:
        upper, lower = edition.valid.upper, edition.valid.lower
        day = upper - timedelta(days=1) if upper and upper <= day else (lower or day)
    return edition, day


def _edition_row(each: Edition, shown: Edition | None) -> dict[str, object]:
    return {"edition": each, "href": f"?{urlencode({'an-ban': each.code})}", "current": each == shown}


def _below(request: HttpRequest, edition: Edition, day: date, chosen: Code | None, words: str) -> dict[str, Any]:
    """The codes that are listed, and the way down to the chosen one."""
    if words:
        codes = queries.search(edition, words, day)
    else:
        codes = queries.children(edition, day, chosen.value if chosen else "")
    page: Page[Code] = Paginator(codes, _A_PAGE).get_page(request.GET.get("page"))
    context: dict[str, Any] = {
        "page": page,
        "rows": [
            Row(code, _href(edition, day, code), code.parent.label if words and code.parent else "") for code in page
        ],
    }
    if chosen:
        context["path"] = queries.path(chosen)[:-1]
        context["facts"] = list(_facts(chosen))
        related = queries.relations(chosen)
        context["became"] = [_related(one) for one in related if one.forward]
        context["came_from"] = [_related(one) for one in related if not one.forward]
    return context


def _href(edition: Edition, day: date, code: Code) -> str:
    return f"?{urlencode({'an-ban': edition.code, 'ngay': f'{day:%d/%m/%Y}', 'ma': code.value})}"


def _related(found: queries.Became) -> dict[str, object]:
    query = urlencode({"an-ban": found.code.edition.code, "ma": found.code.value})
    kind = Mapping.Kind(found.kind).label
    return {"code": found.code, "kind": kind, "is_primary": found.is_primary, "href": f"?{query}"}


def _facts(code: Code) -> Iterable[dict[str, object]]:
    """What is known of a code, in rows."""
    lower, upper = code.valid.lower, code.valid.upper
    rows: list[tuple[str, object]] = [
        (_("Mã"), code.value),
        (_("Tên"), code.name) if code.label != code.name else (_("Tên tiếng Anh"), code.name_en),
        (_("Có hiệu lực từ"), f"{lower:%d/%m/%Y}" if lower else ""),
        (_("Không dùng nữa từ"), f"{upper:%d/%m/%Y}" if upper else ""),
        (_("Căn cứ pháp lý"), code.legal_basis),
        *((name, text) for name, text in sorted(code.attributes.items())),
    ]
    return ({"key": key, "value": value} for key, value in rows if value)


def _trail(
    found: CodeList, edition: Edition | None, day: date, path: Iterable[Code], words: str
) -> list[tuple[str, str]]:
    here = reverse("codelists:show", args=[found.code])
    above = [(code.label, here + _href(edition, day, code)) for code in path] if edition else []
    return [(found.label, here if above or words else ""), *above]
