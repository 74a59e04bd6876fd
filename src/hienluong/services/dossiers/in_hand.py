"""How much work lies where: told to whoever is about to end an organisation."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.organisations import preview

from .models import OPEN_STATES, Dossier, State


def register() -> None:
    """Let the preview of a hand-over count dossiers."""
    preview.register_work(_("Hồ sơ đang giải quyết hoặc chưa trả kết quả"), count)


def count(organisations: Collection[int]) -> int:
    """Dossiers still in hand that these organisations received, handle or decide; one query."""
    of_them = Q(handling__in=organisations) | Q(received_at_org__in=organisations) | Q(competent__in=organisations)
    return Dossier.objects.filter(of_them, state__in=(*OPEN_STATES, State.COMPLETED)).count()
