"""Changing the government: nothing is renamed in place, and work in hand follows the successor."""

from .corrections import change_official, change_post, take_back_official, take_back_post
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
    "change_official",
    "change_post",
    "create",
    "delegate",
    "end_position",
    "move",
    "rename",
    "revoke_delegation",
    "succeed",
    "take_back_official",
    "take_back_post",
    "take_effect",
]
