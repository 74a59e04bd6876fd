"""Lists put in the order of a column, on the server, so that it holds for all pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hienluong.services.dossiers.models import Dossier
from hienluong.ui import asked

PARAMETER = "thu-tu"
#: Column key → its heading and the field it is ordered by.
COLUMNS: dict[str, tuple[str | Promise, str]] = {
    "ma": (_("Mã hồ sơ"), "code"),
    "nguoi": (_("Người nộp, thủ tục"), "subject_name"),
    "trang-thai": (_("Trạng thái"), "state"),
    "han": (_("Hạn trả"), "due_at"),
    "can-bo": (_("Người thụ lý"), "assignee__full_name"),
}


@dataclass(frozen=True)
class Heading:
    """A column's heading as a link that sorts by it."""

    key: str
    label: str | Promise
    href: str
    aria: str  # ascending, descending, none


def asked_for(request: HttpRequest) -> tuple[str, bool]:
    """The column asked for and whether downwards; an unknown one counts as none."""
    wanted = asked.text(request, PARAMETER, 20)
    key = wanted.removeprefix("-")
    return (key, wanted.startswith("-")) if key in COLUMNS else ("", False)


def sort(request: HttpRequest, dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
    """The list in the order asked for; its own order when none was."""
    key, down = asked_for(request)
    if not key:
        return dossiers
    field = F(COLUMNS[key][1])
    order = field.desc(nulls_last=True) if down else field.asc(nulls_last=True)
    return dossiers.order_by(order, "pk")


def headings(request: HttpRequest) -> list[Heading]:
    """The columns with where each leads: a second click turns the order round."""
    current, down = asked_for(request)
    found = []
    for key, (label, _field) in COLUMNS.items():
        query: Any = request.GET.copy()
        query.pop("page", None)
        query[PARAMETER] = f"-{key}" if key == current and not down else key
        aria = ("descending" if down else "ascending") if key == current else "none"
        found.append(Heading(key, label, f"?{query.urlencode()}", aria))
    return found
