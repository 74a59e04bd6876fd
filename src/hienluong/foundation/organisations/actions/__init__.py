"""Changing the government: nothing is renamed in place, and work in hand follows the successor."""

from .delegations import DELEGATE, delegate, revoke_delegation
from .effect import take_effect
from .posts import APPOINT, add_official, appoint, end_position
from .succession import succeed
from .units import MANAGE, change_contacts, create, move, rename

__all__ = [
    "APPOINT",
    "DELEGATE",
    "MANAGE",
    "add_official",
    "appoint",
    "change_contacts",
    "create",
    "delegate",
    "end_position",
    "move",
    "rename",
    "revoke_delegation",
    "succeed",
    "take_effect",
]
