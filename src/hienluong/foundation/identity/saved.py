"""What an official keeps for himself: the filters, columns and order of a list under a name, one opened first.

Each list is a `page` (``workplace:inbox``, ``records:<register>``); the faces own the pages, the keeping is one.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotFound, action
from hienluong.ui import asked

from .models import SavedView
from .officials import actor_of

MOST_VIEWS = 30
MOST_QUERY = 2_000
#: The parameter that opens a list without the filters that open it first.
EVERYTHING = "tat-ca"


@action("identity.save_view")
def save_view(act: Act, *, page: str, name: str, query: str) -> SavedView:
    """Keep the filters of a page under a name; the same name again takes the new filters."""
    account, name = _own_account(act), _name(name)
    if len(query) > MOST_QUERY:
        raise InvalidInput(_("Bộ lọc này quá dài, không lưu được."), field="name")
    known = SavedView.objects.filter(account_id=account, page=page)
    if known.count() >= MOST_VIEWS and not known.filter(name=name).exists():
        raise InvalidInput(_("Mỗi người lưu tối đa %(most)s bộ lọc.") % {"most": MOST_VIEWS}, field="name")
    view, created = SavedView.objects.update_or_create(
        account_id=account, page=page, name=name, defaults={"query": query}
    )
    act.record(view, after={"page": page, "name": name, "query": query, "created": created})
    return view


@action("identity.rename_view")
def rename_view(act: Act, *, page: str, view_id: int, name: str) -> SavedView:
    """Give saved filters another name."""
    view, name = _own(act, page, view_id), _name(name)
    if SavedView.objects.filter(account_id=view.account_id, page=page, name=name).exclude(pk=view.pk).exists():
        raise InvalidInput(_("Bạn đã có bộ lọc tên “%(name)s”.") % {"name": name}, field="name")
    before = view.name
    view.name = name
    view.save(update_fields=("name",))
    act.record(view, before={"name": before}, after={"name": name})
    return view


@action("identity.delete_view")
def delete_view(act: Act, *, page: str, view_id: int) -> None:
    """Throw saved filters away."""
    view = _own(act, page, view_id)
    act.record(view, before={"page": page, "name": view.name, "query": view.query})
    view.delete()


@action("identity.set_default_view")
def set_default_view(act: Act, *, page: str, view_id: int, on: bool = True) -> SavedView:
    """Open the page with these filters from now on, or no longer."""
    view = _own(act, page, view_id)
    SavedView.objects.filter(account_id=view.account_id, page=page, is_default=True).update(is_default=False)
    view.is_default = on
    view.save(update_fields=("is_default",))
    act.record(view, after={"is_default": on})
    return view


def _own_account(act: Act) -> int:
    if act.actor.account_id is None:
        raise NotFound(_("Không tìm thấy bộ lọc."))
    return act.actor.account_id


def _own(act: Act, page: str, view_id: int) -> SavedView:
    own = SavedView.objects.select_for_update().filter(account_id=_own_account(act), page=page)
    view = own.filter(pk=min(view_id, 2**63 - 1)).first()
    if view is None:
        raise NotFound(_("Không tìm thấy bộ lọc."))
    return view


def _name(name: str) -> str:
    name = asked.plain(name).strip()
    if not name:
        raise InvalidInput(_("Hãy đặt tên cho bộ lọc."), field="name")
    if len(name) > 60:
        raise InvalidInput(_("Tên bộ lọc tối đa 60 ký tự."), field="name")
    return name


def views_of(actor: Actor, page: str, address: Callable[[int], str]) -> list[SavedView]:
    """One's own saved filters of a page; `address` says where each is changed."""
    views = list(SavedView.objects.filter(account_id=actor.account_id or 0, page=page))
    for view in views:
        view.address = address(view.pk)
    return views


def first_query(request: HttpRequest, views: list[SavedView]) -> str:
    """The filters that the page opens with, when it was asked for without any; else nothing."""
    default = next((view for view in views if view.is_default and view.query), None)
    return default.query if default and not request.GET else ""


def keep_posted(request: HttpRequest, page: str, *, without: tuple[str, ...]) -> str:
    """Keep the posted filters under the posted name, or say in words why not; the filters, without the parts `without`."""
    query = _plain_query(request.POST.get("query", ""), without)
    try:
        view = save_view(actor_of(request), page=page, name=request.POST.get("name", ""), query=query)
        messages.success(request, _("Đã lưu bộ lọc “%(name)s”.") % {"name": view.name})
    except DomainError as error:
        messages.warning(request, str(error.message))
    return query[:MOST_QUERY]


def _plain_query(text: str, without: tuple[str, ...]) -> str:
    """A query string of ours from whatever was sent."""
    given = QueryDict(asked.plain(text[: MOST_QUERY * 2]), mutable=True)
    for name in (*without, EVERYTHING):
        given.pop(name, None)
    return given.urlencode()


def change_posted(request: HttpRequest, page: str, view_id: int) -> None:
    """Rename saved filters, open them first, or throw them away, as posted. Raises NotFound for those of another."""
    actor, what = actor_of(request), request.POST.get("viec", "")
    try:
        if what == "rename":
            rename_view(actor, page=page, view_id=view_id, name=request.POST.get("name", ""))
            messages.success(request, _("Đã đổi tên bộ lọc."))
        elif what == "delete":
            delete_view(actor, page=page, view_id=view_id)
            messages.success(request, _("Đã xóa bộ lọc."))
        elif what in ("default", "no_default"):
            set_default_view(actor, page=page, view_id=view_id, on=what == "default")
            messages.success(request, _("Đã ghi bộ lọc mở đầu."))
        else:
            messages.warning(request, _("Việc này không có."))
    except DomainError as error:
        if error.status == 404:
            raise
        messages.warning(request, str(error.message))
