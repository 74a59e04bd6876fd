"""Finding a service: home, list, the page of one service."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.capabilities.forms.file_answers import names_of
from hienluong.foundation.actions import NotFound
from hienluong.foundation.schemas.properties import label_of, properties
from hienluong.services.dossiers.competence import deciding, why_not_online
from hienluong.services.procedures import life_events, queries
from hienluong.services.procedures.conditions import expression_in_words
from hienluong.services.procedures.models import Procedure
from hienluong.services.procedures.reliefs import reliefs
from hienluong.ui import asked

from .. import tour as tours

PAGE_SIZE = 20


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Search first, then life events, then fields."""
    fields = queries.fields_with_counts()
    context = {
        "events": queries.life_events_with_counts(),
        "fields": sorted(fields, key=lambda field: -field.count)[:12],
        "popular": queries.catalogue(queries.CatalogueFilter(complete=True, state=Procedure.State.PUBLISHED))[:10],
        "total": sum(field.count for field in fields),
    }
    return render(request, "portal/home.html", context)


@require_GET
def services(request: HttpRequest) -> HttpResponse:
    """Every service: searched without diacritics and with a typo, narrowed by life event, field, level, who files."""
    wanted = queries.CatalogueFilter(
        text=asked.text(request, "q", 200),
        life_event=asked.text(request, "su-kien", 40),
        field=asked.text(request, "linh-vuc", 20),
        online_level=asked.text(request, "muc-do", 12),
        applicant=asked.text(request, "doi-tuong", 12),
    )
    found = queries.catalogue(wanted)
    some_words = bool(wanted.text) and not found.exists()
    if some_words:
        found = queries.catalogue(wanted, some_words=True)
    if not wanted.text:
        found = found.order_by("generated", "-complete", "sort_name")
    context = {
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "text": wanted.text,
        "some_words": some_words,
        "event": life_events.label_of(wanted.life_event) if wanted.life_event else "",
        "events": queries.life_events_with_counts(),
        "fields": queries.fields_with_counts(),
        "chosen": wanted,
        "conditions": sum(map(bool, (wanted.life_event, wanted.field, wanted.online_level))),
        "levels": Procedure.OnlineLevel.choices,
    }
    return render(request, "portal/services.html", context)


@require_GET
def service(request: HttpRequest, code: str) -> HttpResponse:
    """One service in plain words, as it is today (or on the day asked for)."""
    version = queries.current_version(code)
    spec = version.spec
    procedure = version.procedure
    asks = properties(spec.form.data_schema) if spec.form else {}
    fileable = bool(spec.form) and procedure.complete and procedure.state == Procedure.State.PUBLISHED
    context = {
        "procedure": procedure,
        "version": version,
        "spec": spec,
        "papers": [(paper, expression_in_words(paper.when, asks) if paper.when else "") for paper in spec.papers],
        "files": [label_of(name, asks[name]) for name in (names_of(spec.form.data_schema) if spec.form else ())],
        "charges": [(charge, reliefs(charge, spec)) for charge in spec.charges],
        "decides": deciding(spec, on=timezone.localdate()),
        "fileable": fileable,
        "closed": why_not_online(timezone.localdate()) if fileable else "",
    }
    return render(request, "portal/service.html", context)


@require_GET
def tour(request: HttpRequest) -> HttpResponse:
    """The guided tour of the demo: a prepared dossier for each of five roles, and how far each has come."""
    guide = tours.guide()
    if guide is None:
        raise NotFound(_("Trang này chỉ có ở tỉnh trình diễn."))
    steps = tours.steps(guide)
    done = sum(step.done for step in steps)
    context = {"guide": guide, "steps": steps, "done": done, "total": len(steps), "with_bus": bool(settings.BUS_URL)}
    return render(request, "portal/tour.html", context)
