"""The demo tells the portal who plays which role of the guided tour."""

from __future__ import annotations

from hienluong.services.portal import tour

from .accounts import PASSWORD


def register() -> None:
    """Called from ``ready()``, only in a demo."""
    roles = {"citizen": "nguyenthilanh", "clerk": "motcua", "officer": "chuyenvien", "leader": "lanhdao"}
    tour.register(tour.Guide(roles, PASSWORD))
