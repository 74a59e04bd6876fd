"""What a figures page is asked for in its address: period, field, area. What was typed wrongly is said and kept."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor
from hienluong.services.procedures.models import Field
from hienluong.ui import asked

from . import areas, figures


@dataclass(frozen=True)
class Asked:
    """The filter of a page: what holds, what was typed, what was wrong with it."""

    since: date
    until: date
    field: str = ""
    area: str = ""
    typed_since: str = ""
    typed_until: str = ""
    faults: dict[str, str] = dataclasses.field(default_factory=dict)
    fields: list[Field] = dataclasses.field(default_factory=list)

    def scope(self, actor: Actor) -> figures.Scope:
        """The scope of the figures for this actor."""
        area = areas.paths_of(self.area) if self.area else None
        nowhere = () if self.area and area is None else area
        return figures.scope_of(actor, self.since, self.until, self.field, nowhere)

    def parameters(self, **more: str) -> str:
        """The filter as the part of an address after the question mark, with more parameters."""
        return urlencode({name: value for name, value in (self._given | more).items() if value})

    def list_of(self, kind: str, **more: str) -> str:
        """The address of the dossiers behind a number."""
        if self._given.keys() & more.keys():
            return f"{self._behind}?{self.parameters(loai=kind, **more)}"
        return f"{self._behind}?{self._encoded}&{urlencode({'loai': kind, **more})}"

    # A page asks for a thousand such addresses: what they share is made once.

    @cached_property
    def _given(self) -> dict[str, str]:
        return {
            "tu": self.since.isoformat(),
            "den": self.until.isoformat(),
            "linh-vuc": self.field,
            "khu-vuc": self.area,
        }

    @cached_property
    def _encoded(self) -> str:
        return self.parameters()

    @cached_property
    def _behind(self) -> str:
        return reverse("oversight:behind")

    def month(self, first: date) -> dict[str, str]:
        """The part of the period that lies in the month beginning on `first`, as parameters."""
        last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return {"tu": max(self.since, first).isoformat(), "den": min(self.until, last).isoformat()}


def read(request: HttpRequest, *, for_everyone: bool = False) -> Asked:
    """The filter of this request; by default the twelve months up to today.

    For the page that everyone may see the period is widened to whole months and there is no area, so that nobody can
    subtract two periods or places from one another and be left with one person.
    """
    today = timezone.localdate()
    default_since = (today - timedelta(days=364)).replace(day=1)
    faults: dict[str, str] = {}
    since = _day(request, "tu", default_since, faults)
    until = _day(request, "den", today, faults)
    if since > until and not faults:
        faults["den"] = _("Ngày cuối phải sau ngày đầu; đã đổi chỗ hai ngày.")
    since, until = min(since, until), max(since, until)
    if for_everyone:
        since = since.replace(day=1)
        until = (until.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    fields = list(Field.objects.order_by("sort_name"))
    field_code = asked.text(request, "linh-vuc", 20)
    if field_code and field_code not in {row.code for row in fields}:
        faults["linh-vuc"] = _("Không có lĩnh vực này.")
    return Asked(
        since,
        until,
        field_code,
        "" if for_everyone else asked.text(request, "khu-vuc", 40),
        asked.text(request, "tu", 20) if "tu" in faults else f"{since:%d/%m/%Y}",
        asked.text(request, "den", 20) if "den" in faults else f"{until:%d/%m/%Y}",
        faults,
        fields,
    )


def _day(request: HttpRequest, name: str, otherwise: date, faults: dict[str, str]) -> date:
    if not asked.text(request, name, 20):
        return otherwise
    found = asked.day(request, name)
    if found is None:
        faults[name] = _("Hãy gõ ngày dạng ngày/tháng/năm, ví dụ %(day)s.") % {"day": f"{otherwise:%d/%m/%Y}"}
    return found or otherwise
