"""Taking a list out as a file: what goes out is said first; a short one comes at once, a long one is made meanwhile."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.capabilities.registers import sharing
from hienluong.foundation.actions import DomainError, NotAllowed
from hienluong.foundation.identity import kept, officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.foundation.schemas.properties import label_of
from hienluong.ui import asked as typed

from .. import filtering, presentation, reading
from ..exporting import actions
from ..exporting.actions import Order
from ..exporting.columns import exportable, personal
from ..exporting.formats import FORMATS
from ..forms import ALL, ExportForm
from ..models import Export

MOST_SHOWN = 20


@require_http_methods(["GET", "POST"])
@officials.only()
def export(request: HttpRequest, code: str) -> HttpResponseBase:
    """The list of the address as a file: the page says how much and what, the button makes it."""
    actor = actor_of(request)
    opened = reading.register_for(actor, code)
    scopes = actions.scopes(actor, opened)
    if not scopes:
        raise NotAllowed(_("Bạn không có quyền xuất dữ liệu."))
    chosen = typed.text(request, filtering.SCOPE, 60)
    agreement = actions.agreement_for(actor, opened, chosen) if chosen.startswith(reading.SHARED) else None
    chosen = chosen if chosen in scopes else next(iter(scopes))
    scope, spec = scopes[chosen], opened.spec
    asked = filtering.ask(request, spec, scope)
    may = exportable(spec, scope.fields)
    listed = [name for name in may if name in {spec.name, *asked.columns}]
    choices = [(name, FORMATS[name].label) for name in actions.formats(spec, scope)]
    held = kept.take(request) if request.method == "GET" else None
    form = ExportForm(request.POST if request.method == "POST" else held.data if held else None, formats=choices)
    total = 0
    faults = [] if asked.form.is_valid() else [_("Điều kiện lọc của danh sách chưa đúng.")]
    if not faults:
        try:
            fields = may if form.is_bound and form.data.get("which") == ALL else listed
            order = Order(chosen, asked.wish, fields, str(form.data.get("format") or choices[0][0]))
            total = actions.size_of(actor, opened, order) if form.is_valid() or not form.is_bound else 0
            if request.method == "POST" and form.is_valid():
                return _give(request, opened, order, total)
        except DomainError as error:
            faults = [str(error.message)]
    context: dict[str, Any] = {
        "code": code,
        "title": presentation.title_of(spec),
        "form": form,
        "faults": faults,
        "total": total,
        "query": request.GET.urlencode(),
        "in_background": total > actions.MOST_AT_ONCE,
        "conditions": [one.words for one in filtering.conditions(asked) if one.names != (filtering.DAY,)],
        "day": asked.wish.valid,
        "agreement": agreement,
        "left": sharing.left_today(agreement) if agreement else None,
        "listed": [label_of(name, spec.fields[name]) for name in listed],
        "all": [label_of(name, spec.fields[name]) for name in may],
        "personal": personal(spec, may),
        "made": _made(actor.account_id, opened),
    }
    return render(request, "records/export.html", context, status=422 if faults or form.errors else 200)


def _give(request: HttpRequest, opened: reading.Opened, order: Order, total: int) -> HttpResponseBase:
    """The file, or the word that it is being made."""
    actor, register = actor_of(request), opened.register
    if total > actions.MOST_AT_ONCE:
        actions.order_file(actor, register=register, order=order)
        messages.success(request, _("Tệp đang được làm. Khi xong bạn sẽ có thông báo, và tệp ở cuối trang này."))
        return redirect(request.get_full_path())
    out, _count = actions.make(actor, register=register, order=order)
    kind = FORMATS[order.format]
    name = f"{register.code}-{timezone.localdate():%Y-%m-%d}.{kind.ending}"
    answer = FileResponse(out, as_attachment=True, filename=name, content_type=kind.media_type)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _made(account: int | None, opened: reading.Opened) -> list[Export]:
    own = Export.objects.filter(account_id=account or 0, register=opened.register).select_related("file__blob")
    return list(own.order_by("-created_at")[:MOST_SHOWN])
