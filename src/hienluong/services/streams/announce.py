"""What this app hands over: its permissions, and which events leave the house."""

from __future__ import annotations

from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.events.outbox import let_out

from .declared import TYPES
from .registry import MANAGE


def register_all() -> None:
    """Called from ``ready()``."""
    register(
        Permission(MANAGE, "Quản lý dòng sự kiện", "Look after events that leave"),
    )
    let_out(*TYPES)
