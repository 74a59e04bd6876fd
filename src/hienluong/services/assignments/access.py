"""What officials may do with assignments."""

from __future__ import annotations

from hienluong.foundation.actions.permissions import Permission, register


def register_permissions() -> None:
    """Hand the verbs over to the permission catalogue."""
    register(
        Permission("assignments.give", "Giao việc", "Give assignments"),
        Permission("assignments.follow", "Theo dõi việc của cả cơ quan", "Follow the assignments of an agency"),
    )
