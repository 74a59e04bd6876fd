"""The audit log as auditors read it: who did what to what, when, from where, with what it was before and after."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from hienluong.foundation.actions import Actor, permissions, purposes
from hienluong.foundation.audit import queries
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization
from hienluong.ui.widgets import DatePartsField, TextField

from . import looks
from .models import Account

PERMISSION = "audit.view"
NOTHING = "—"


class AuditForm(forms.Form):
    """About what, by whom, from which day to which."""

    doi_tuong = TextField(
        label=gettext_lazy("Đối tượng"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Mã hồ sơ, tên cơ quan, tên tài khoản…, đúng như trong nhật ký."),
    )
    ai = TextField(
        label=gettext_lazy("Người làm"),
        max_length=150,
        required=False,
        help_text=gettext_lazy("Tên tài khoản hoặc mã cán bộ."),
    )
    tu = DatePartsField(label=gettext_lazy("Từ ngày"), required=False)
    den = DatePartsField(label=gettext_lazy("Đến hết ngày"), required=False)

    def clean_doi_tuong(self) -> str:
        """The text without what a database text cannot hold."""
        return str(self.cleaned_data["doi_tuong"]).replace("\0", "").strip()

    def clean_ai(self) -> Account | None:
        """The account by its user name, or by the code of its official."""
        text = self.cleaned_data["ai"].strip()
        if not text:
            return None
        found = Account.objects.filter(Q(username=text.lower()) | Q(official__code__iexact=text)).first()
        if found is None:
            raise ValidationError(_("Không có tài khoản nào như vậy."), code="no_account")
        return found

    def clean(self) -> dict[str, Any]:
        """The first day is not after the last."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("tu") and cleaned.get("den") and cleaned["tu"] > cleaned["den"]:
            self.add_error("den", _("Ngày kết thúc phải từ ngày bắt đầu trở đi."))
        return cleaned


@dataclass(frozen=True)
class Change:
    """One field of an entry, before and after, as people read it."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Row:
    """One entry with its verb in words and its changes."""

    entry: Entry
    verb: str
    purpose: str
    changes: list[Change]


@login_required
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """One page of the log. The number of queries does not depend on what is found."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    actor.require_somewhere(PERMISSION, _("Bạn không có quyền xem nhật ký."))
    form = AuditForm(request.GET)
    context: dict[str, object] = {
        "form": form,
        "breadcrumbs": [(_("Trang chủ"), "/"), (_("Nhật ký hệ thống"), "")],
    }
    if form.is_valid():
        asked = form.cleaned_data
        wanted = queries.Wanted(
            target=asked["doi_tuong"],
            actor_id=asked["ai"].pk if asked["ai"] else None,
            since=_midnight(asked["tu"]),
            until=_midnight(asked["den"], after=True),
            organizations=_organizations(actor),
        )
        found = queries.page(wanted, before=_number(request, "truoc"), after=_number(request, "sau"))
        looks.at_entries(request, found.entries)
        context |= {
            "rows": [_row(entry) for entry in found.entries],
            "older": _address(request, "truoc", found.older),
            "newer": _address(request, "sau", found.newer),
        }
    return render(request, "identity/audit.html", context, status=422 if form.errors else 200)


def _organizations(actor: Actor) -> Collection[int] | None:
    """The organisations whose entries this actor may read; None for all, which takes the right at a root."""
    paths = actor.paths_with(PERMISSION)
    if any(path.count("/") <= 2 for path in paths):
        return None
    below = reach.below(paths)
    return list(Organization.objects.filter(below).values_list("pk", flat=True))


def _midnight(day: date | None, *, after: bool = False) -> datetime | None:
    """The moment a day begins, or ends, in Việt Nam."""
    if day is None or (after and day == date.max):
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=1 if after else 0), time.min))


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _address(request: HttpRequest, name: str, seq: int | None) -> str:
    """This page's address, going on from an entry; empty at the end."""
    if seq is None:
        return ""
    asked = request.GET.copy()
    for each in ("truoc", "sau"):
        asked.pop(each, None)
    asked[name] = str(seq)
    return f"?{asked.urlencode()}"


def _row(entry: Entry) -> Row:
    names = [*entry.before, *(name for name in entry.after if name not in entry.before)]
    changes = [Change(name, _words(entry.before, name), _words(entry.after, name)) for name in names]
    return Row(entry, _verb(entry.verb), purposes.label(entry.purpose), changes)


def _verb(code: str) -> str:
    """The label of the permission of the same name, when there is one."""
    words = permissions.label(code)
    return "" if words == code else words


def _words(values: Mapping[str, Any], name: str) -> str:
    """A value as people read it."""
    value = values.get(name)
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return _("Có") if value else _("Không")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
