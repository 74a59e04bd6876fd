"""Searching all documents that one may read, whichever way they went, in what they are called and what their files say."""

from __future__ import annotations

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from hienluong.foundation.identity import officials
from hienluong.foundation.identity.officials import actor_of
from hienluong.ui import asked
from hienluong.ui.widgets import DatePartsField, TextField

from .. import addresses, finding
from ..models import Direction, DocumentText

PER_PAGE = 20


class SearchForm(forms.Form):
    """What is looked for."""

    q = TextField(
        label=_("Từ cần tìm"),
        required=False,
        max_length=200,
    )
    direction = forms.ChoiceField(label=_("Loại"), required=False, choices=[("", _("Tất cả")), *Direction.choices])
    tu = DatePartsField(label=_("Từ ngày"), required=False)
    den = DatePartsField(label=_("Đến ngày"), required=False)


@require_safe
@officials.only()
def search(request: HttpRequest) -> HttpResponse:
    """The documents with every word, newest first, each with the place in its files where the first word stands."""
    actor = actor_of(request)
    actor.require_somewhere("documents.read", gettext("Bạn không có quyền thực hiện việc này."))
    form = SearchForm(request.GET or None)
    data = form.cleaned_data if form.is_bound and form.is_valid() else {}
    words = data.get("q", "")
    found = finding.search(
        actor, words, direction=data.get("direction", ""), since=data.get("tu"), until=data.get("den")
    )
    page = Paginator(found.ids, PER_PAGE).get_page(asked.number(request, "page", 1, 10**6) or 1)
    documents = found.documents(page.start_index() - 1 if found.ids else 0, PER_PAGE)
    # of a restricted document nothing is shown here: each reading of one is written down, on its own page
    open_ones = [each.pk for each in documents if not each.restricted]
    texts = dict(DocumentText.objects.filter(pk__in=open_ones).values_list("pk", "text"))
    context = {
        "form": form,
        "words": words,
        "page": page,
        "rows": [(each, addresses.page_of(each), finding.snippet(texts.get(each.pk, ""), words)) for each in documents],
        "count": len(found.ids),
        "more": found.more,
        "used": sum(bool(data.get(name)) for name in ("direction", "tu", "den")),
    }
    return render(request, "documents/search.html", context)
