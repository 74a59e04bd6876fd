"""`/quan-tri/su-kien/loai`: the types of events and the versions of their schemas; a new one is looked at, then added."""

from __future__ import annotations

import json

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.identity import officials
from hienluong.foundation.identity.frame import sent
from hienluong.ui.widgets import TextField

from .. import compatibility, registry
from ..cloud import NAMESPACE
from ..models import SchemaVersion, Withheld
from ..registry import MANAGE
from .entrance import crumbs, entering, parts


class SchemaForm(forms.Form):
    """The next version of a schema."""

    body = TextField(
        label=gettext_lazy("Lược đồ mới (JSON Schema)"),
        help_text=gettext_lazy("Chỉ được thêm trường không bắt buộc, thêm giá trị, nới giới hạn."),
        max_length=registry.MAX_TEXT,
        widget=forms.Textarea({"rows": 14, "spellcheck": "false"}),
    )


@require_GET
@officials.only()
def listing(request: HttpRequest) -> HttpResponse:
    """All types, and the last events that must not leave."""
    actor = entering(request)
    context = {
        "kinds": [{"kind": kind, "newest": kind.versions[0] if kind.versions else None} for kind in registry.kinds()],
        "withheld": Withheld.objects.all()[:20] if actor.can(MANAGE, registry.scope()) else [],
        "parts": parts("types"),
        "breadcrumbs": crumbs((_("Loại sự kiện"), "")),
    }
    return render(request, "streams/types.html", context)


@require_http_methods(["GET", "POST"])
@officials.only()
def show(request: HttpRequest, type: str) -> HttpResponse:
    """One type with its versions; a POST adds one (`viec` = ``them``), or only says what it would break."""
    actor = entering(request)
    kind = registry.kind(type)
    may = actor.can(MANAGE, registry.scope())
    if request.method == "POST" and not may:
        raise NotAllowed(_("Bạn không có quyền sửa lược đồ sự kiện."))
    newest = kind.versions[0].body if kind.versions else kind.declared.schema
    form = SchemaForm(request.POST or None, initial={"body": json.dumps(newest, ensure_ascii=False, indent=2)})
    found: list[str] | None = None

    def verb(body: str) -> SchemaVersion | None:
        nonlocal found
        read = registry.read(body)
        if request.POST.get("viec") == "them":
            return registry.add(actor, type=type, body=read)
        found = compatibility.faults(read) or compatibility.breaks(newest, read)
        return None

    if made := sent(request, form, verb):
        messages.success(request, _("Lược đồ đang dùng: phiên bản %(number)d.") % {"number": made.number})
        return redirect("streams:type", type=type)
    context = {
        "kind": kind,
        "outside": NAMESPACE + type,
        "form": form,
        "may": may,
        "looked_at": found is not None,
        "found": found,
        "versions": [{"one": one, "text": json.dumps(one.body, ensure_ascii=False, indent=2)} for one in kind.versions],
        "breadcrumbs": crumbs((_("Loại sự kiện"), reverse("streams:types")), (type, "")),
    }
    return render(request, "streams/type.html", context, status=422 if form.errors else 200)
