"""How much work lies where, and what one official holds: told to whoever is about to end an organisation or a post."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations import preview
from hienluong.foundation.organisations.models import Official
from hienluong.foundation.provisioning import held

from .models import OPEN_STATES, Dossier, State


def register() -> None:
    """Let the preview of a hand-over count dossiers, and list those of somebody who leaves."""
    preview.register_work(_("Hồ sơ đang giải quyết hoặc chưa trả kết quả"), count)
    held.register(_("Hồ sơ đang thụ lý"), of_official)


def count(organisations: Collection[int]) -> int:
    """Dossiers still in hand that these organisations received, handle or decide; one query."""
    of_them = Q(handling__in=organisations) | Q(received_at_org__in=organisations) | Q(competent__in=organisations)
    return Dossier.objects.filter(of_them, state__in=(*OPEN_STATES, State.COMPLETED)).count()


def of_official(official: Official) -> Iterator[tuple[str, str]]:
    """The code and the page of each dossier that an official is to settle; one query."""
    mine = Dossier.objects.filter(assignee=official, state__in=OPEN_STATES).order_by("due_at", "pk")
    for code in mine.values_list("code", flat=True):
        yield code, f"/lam-viec/ho-so/{code}"
