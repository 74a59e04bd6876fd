"""The table of an edition: many codes changed at once, looked at before they are written."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hienluong.foundation.actions import DomainError, NotFound
from hienluong.ui import asked

from . import queries, together
from .manage_views import manager_of
from .models import Code, Edition
from .table_forms import TogetherForm, rows_of

#: Rows on one page of the table.
PER_PAGE = 50


@login_required
@require_http_methods(["GET", "POST"])
def table(request: HttpRequest, code: str) -> HttpResponse:
    """The codes of an edition (``?an-ban=``) as a table; ``viec=xem`` shows what would be done, ``viec=ghi`` does it."""
    actor = manager_of(request)
    owner = queries.get(code)
    edition = _edition(owner.code, asked.text(request, "an-ban", 40))
    shown = Paginator(_open(edition), PER_PAGE).get_page(asked.number(request, "page", 1, 10**4) or 1)
    sent = request.POST if request.method == "POST" else None
    form, rows = TogetherForm(sent), rows_of(sent, list(shown))
    outcomes: list[together.Outcome] = []
    refused = ""
    if sent is not None and form.is_valid() & rows.is_valid():
        lines, basis = [*rows.said, *form.pasted], form.cleaned_data["legal_basis"]
        if not lines:
            refused = _("Chưa có dòng nào thêm hay đổi.")
        else:
            try:
                if sent.get("viec") == "ghi":
                    done = together.change_many(actor, edition=edition, lines=lines, legal_basis=basis)
                    messages.success(request, _("Đã ghi %(count)d dòng.") % {"count": len(done)})
                    return HttpResponseRedirect(_address(edition))
                outcomes = together.preview(actor, edition, lines, basis)
            except together.NothingChanged as refusal:
                outcomes, refused = refusal.outcomes, str(refusal.message)
            except DomainError as refusal:
                refused = str(refusal.message)
    here = reverse("codelists:show", args=[owner.code])
    title = _("Sửa “%(edition)s” theo bảng") % {"edition": edition}
    faulty = sum(1 for one in outcomes if one.fault)
    context = {
        "form": form,
        "rows": rows,
        "shown": shown,
        "outcomes": outcomes,
        "faulty": faulty,
        "may_write": bool(outcomes) and not faulty,
        "refused": refused,
        "title": title,
        "back": here,
        "breadcrumbs": [(_("Danh mục dùng chung"), reverse("codelists:overview")), (owner.label, here), (title, "")],
    }
    return render(request, "codelists/table.html", context, status=422 if form.errors or refused or faulty else 200)


def _edition(name: str, wanted: str) -> Edition:
    found = queries.edition(name, wanted) if wanted else queries.edition_on(name)
    if found is None:
        raise NotFound(_("Không có ấn bản này."))
    return found


def _open(edition: Edition) -> list[Code]:
    """The codes that have not ended, in their order."""
    today = timezone.localdate()
    codes = edition.codes.select_related("parent").order_by("order", "pk")
    return [code for code in codes if code.valid.upper is None or code.valid.upper > today]


def _address(edition: Edition) -> str:
    here = reverse("codelists:table", args=[edition.codelist.code])
    return f"{here}?{urlencode({'an-ban': edition.code})}"
