"""What the administration pages of this app share: who asks, the form page, the list page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor
from hienluong.foundation.actions.forms import attempt
from hienluong.ui import asked

from .people_forms import FindForm

T = TypeVar("T")

Crumbs = Sequence[tuple[str, str]]
PER_PAGE = 50
#: The frame of the pages of one's own account.
ACCOUNT = "ui/page_account.html"
STAFF = "ui/page_staff.html"


def actor_of_request(request: HttpRequest) -> Actor:
    """Who asks."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def form_page(
    request: HttpRequest, form: forms.Form, *, title: str, submit: str, back: str, crumbs: Crumbs = (), **more: Any
) -> HttpResponse:
    """A page with one form; what is wrong in it is answered with 422. `layout`: the frame, officials' when none is named."""
    context = {
        "form": form,
        "title": title,
        "submit": submit,
        "button": "primary",
        "back": back,
        "breadcrumbs": [(_("Trang chủ"), "/"), *crumbs, (title, "")],
        **more,
    }
    return render(request, "ui/form_page.html", context, status=422 if form.errors else 200)


def sent(request: HttpRequest, form: forms.Form, verb: Callable[..., T]) -> T | None:
    """What `verb` gave, called with the fields of a form that was sent and is right; None when the page is to be shown.

    What the action refuses is then said in the form.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    return attempt(form, lambda: verb(**form.cleaned_data))


def found_page(
    request: HttpRequest,
    template: str,
    find: Callable[[str], Any],
    title: str,
    *,
    shown: Callable[[Any], None] | None = None,
    **more: Any,
) -> HttpResponse:
    """A list narrowed by the words asked for (``?q=``), with the box to ask in; `shown` hears of the rows of the page."""
    words = asked.text(request, "q", 100)
    page = page_of(request, find(words))
    if shown is not None:
        shown(page.object_list)
    context = {
        "form": FindForm(initial={"q": words}),
        "words": words,
        "page": page,
        "breadcrumbs": [(_("Trang chủ"), "/"), (title, "")],
        **more,
    }
    return render(request, template, context)


def page_of(request: HttpRequest, rows: Any, per_page: int = PER_PAGE) -> Any:
    """The page of a list that was asked for (``?page=2``)."""
    return Paginator(rows, per_page).get_page(asked.number(request, "page", 1, 10**6) or 1)
