"""Saved filters of the inbox: keep, rename, open first, throw away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hienluong.foundation.actions import DomainError
from hienluong.ui import asked

from .. import actions
from ..forms import ViewNameForm
from .guard import actor_of, officials_only


@require_POST
@officials_only
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep the present filters under a name."""
    form = ViewNameForm(request.POST)
    query = _plain_query(request.POST.get("query", ""))
    try:
        name = form.cleaned_data["name"] if form.is_valid() else ""
        if form.errors.get("name"):
            messages.warning(request, str(form.errors["name"][0]))
        else:
            view = actions.save_view(actor_of(request), name=name, query=query)
            messages.success(request, _("Đã lưu bộ lọc “%(name)s”.") % {"name": view.name})
    except DomainError as error:
        messages.warning(request, str(error.message))
    return redirect(f"{reverse('workplace:inbox')}?{query[:500]}")


def _plain_query(text: str) -> str:
    """A query string of ours from whatever was sent."""
    given = QueryDict(asked.plain(text[:2000]), mutable=True)
    given.pop("page", None)
    return given.urlencode()


@require_POST
@officials_only
def change_view(request: HttpRequest, view_id: int) -> HttpResponse:
    """Rename saved filters, open them first, or throw them away."""
    actor, what = actor_of(request), request.POST.get("viec", "")
    try:
        if what == "rename":
            form = ViewNameForm(request.POST)
            if not form.is_valid():
                messages.warning(request, str(next(iter(form.errors.values()))[0]))
            else:
                actions.rename_view(actor, view_id=view_id, name=form.cleaned_data["name"])
                messages.success(request, _("Đã đổi tên bộ lọc."))
        elif what == "delete":
            actions.delete_view(actor, view_id=view_id)
            messages.success(request, _("Đã xóa bộ lọc."))
        elif what in ("default", "no_default"):
            actions.set_default_view(actor, view_id=view_id, on=what == "default")
            messages.success(request, _("Đã ghi bộ lọc mở đầu."))
        else:
            messages.warning(request, _("Việc này không có."))
    except DomainError as error:
        if error.status == 404:
            raise
        messages.warning(request, str(error.message))
    return redirect(f"{reverse('workplace:inbox')}?tat-ca=1")
