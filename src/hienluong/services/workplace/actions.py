"""What an official keeps for himself: filters of the inbox under a name, one of them opened first."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, NotFound, action

from .models import SavedView

MOST_VIEWS = 30


@action("workplace.save_view")
def save_view(act: Act, *, name: str, query: str) -> SavedView:
    """Keep filters under a name; the same name again takes the new filters."""
    account, name = _own_account(act), _name(name)
    if len(query) > 500:
        raise InvalidInput(_("Bộ lọc này quá dài, không lưu được."), field="name")
    known = SavedView.objects.filter(account_id=account)
    if known.count() >= MOST_VIEWS and not known.filter(name=name).exists():
        raise InvalidInput(_("Mỗi người lưu tối đa %(most)s bộ lọc.") % {"most": MOST_VIEWS}, field="name")
    view, created = SavedView.objects.update_or_create(account_id=account, name=name, defaults={"query": query})
    act.record(view, after={"name": name, "query": query, "created": created})
    return view


@action("workplace.rename_view")
def rename_view(act: Act, *, view_id: int, name: str) -> SavedView:
    """Give saved filters another name."""
    view, name = _own(act, view_id), _name(name)
    if SavedView.objects.filter(account_id=view.account_id, name=name).exclude(pk=view.pk).exists():
        raise InvalidInput(_("Bạn đã có bộ lọc tên “%(name)s”.") % {"name": name}, field="name")
    before = view.name
    view.name = name
    view.save(update_fields=("name",))
    act.record(view, before={"name": before}, after={"name": name})
    return view


@action("workplace.delete_view")
def delete_view(act: Act, *, view_id: int) -> None:
    """Throw saved filters away."""
    view = _own(act, view_id)
    act.record(view, before={"name": view.name, "query": view.query})
    view.delete()


@action("workplace.set_default_view")
def set_default_view(act: Act, *, view_id: int, on: bool = True) -> SavedView:
    """Open the inbox with these filters from now on, or no longer."""
    view = _own(act, view_id)
    SavedView.objects.filter(account_id=view.account_id, is_default=True).update(is_default=False)
    view.is_default = on
    view.save(update_fields=("is_default",))
    act.record(view, after={"is_default": on})
    return view


def _own_account(act: Act) -> int:
    if act.actor.account_id is None:
        raise NotFound(_("Không tìm thấy bộ lọc."))
    return act.actor.account_id


def _own(act: Act, view_id: int) -> SavedView:
    view = SavedView.objects.select_for_update().filter(pk=view_id, account_id=_own_account(act)).first()
    if view is None:
        raise NotFound(_("Không tìm thấy bộ lọc."))
    return view


def _name(name: str) -> str:
    name = name.strip()
    if not name:
        raise InvalidInput(_("Hãy đặt tên cho bộ lọc."), field="name")
    if len(name) > 60:
        raise InvalidInput(_("Tên bộ lọc tối đa 60 ký tự."), field="name")
    return name
