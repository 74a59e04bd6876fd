"""Narrowing a list by the organisation that is responsible: by its name, or by its code, which is what records hold."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations import queries, reach
from hienluong.foundation.organisations.fields import MOST_OFFERED, OrganizationInput
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.properties import Property
from hienluong.foundation.search.text import fold

from .codes import CodeField, named

#: What stands between the name of an organisation and its code.
_BETWEEN = " - "


def meant(text: str) -> tuple[str, int]:
    """The code that a text means (a code, ``Sở Y tế - H50.12``, or a name), and how many organisations it may mean. Those
    that are no more count where none of today is called so: records of old hold them."""
    code = text.rpartition(_BETWEEN)[2].strip()
    wanted = fold(text)
    if not wanted or Organization.objects.filter(code=code).exists():
        return code, 1
    today = timezone.localdate()
    known = Organization.objects.order_by("pk")
    pools = (known.filter(valid__contains=today), known.exclude(valid__contains=today))
    found = named(wanted, *([(code, (name,)) for code, name in pool.values_list("code", "name")] for pool in pools))
    return (found.pop(), 1) if len(found) == 1 else (text, len(found))


class ResponsibleInput(OrganizationInput):
    """A box that offers first the organisations in whose name somebody reads, then the agencies of the province."""

    paths: tuple[str, ...] = ()

    def offered(self) -> list[str]:
        """Names; with the code where several bear the name."""
        mine = queries.in_force().filter(reach.below(self.paths) if "/" not in self.paths else Q(pk__in=[]))
        found = dict(mine.order_by("name").values_list("code", "name")[:MOST_OFFERED])
        found |= dict(queries.agencies().order_by("name").values_list("code", "name")[: MOST_OFFERED - len(found)])
        names = [fold(name) for name in found.values()]
        return [f"{name}{_BETWEEN}{code}" if names.count(fold(name)) > 1 else name for code, name in found.items()]

    def format_value(self, value: Any) -> str | None:
        """A code that an address holds stands with its name."""
        name = Organization.objects.filter(code=value).values_list("name", flat=True).first() if value else None
        return f"{name}{_BETWEEN}{value}" if name else super().format_value(value)


class ResponsibleField(CodeField):
    """An organisation, given by its name or its code."""

    def __init__(self, prop: Property, **kwargs: Any) -> None:
        hint = _("Gõ vài chữ của tên rồi chọn; hoặc ghi mã của cơ quan.")
        super().__init__(
            prop, **{"required": False, "max_length": 300, "help_text": hint, "widget": ResponsibleInput(), **kwargs}
        )

    def meant(self, text: str) -> tuple[str, int]:
        return meant(text)

    def words(self, text: str) -> str:
        code = meant(text)[0]
        return Organization.objects.filter(code=code).values_list("name", flat=True).first() or code

    def unknown(self, text: str) -> str:
        return _("Không có cơ quan “%(name)s”.") % {"name": text}


def offer(box: forms.Field, actor: Actor) -> None:
    """Let a box offer the organisations for which `actor` reads registers."""
    if isinstance(box.widget, ResponsibleInput):
        box.widget.paths = tuple(actor.paths_with("registers.read"))
