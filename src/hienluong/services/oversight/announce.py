"""What oversight hands over to the layers below: its permission, its pages, its ear for ratings."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.events.models import Event
from hienluong.foundation.events.outbox import subscribe
from hienluong.ui import navigation

from . import figures


def register_all() -> None:
    """Called from ``ready()``."""
    register(Permission("oversight.view", "Xem số liệu điều hành", "See management figures"))
    navigation.register("staff", _("Điều hành"), url_name="oversight:dashboard", order=60, permission="oversight.view")
    navigation.register("public", _("Số liệu công khai"), url_name="oversight:public", order=50)
    subscribe("survey.answered", on_answer)


def on_answer(event: Event) -> None:
    """A dossier was rated."""
    figures.remember_rating(int(event.data["dossier_id"]), float(event.data["mean"]))
