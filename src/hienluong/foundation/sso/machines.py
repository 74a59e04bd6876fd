"""What a system that works for itself may do at our API: apps above say which permissions a scope opens.

A token without a person stands for the organisation that owns the system, with these permissions there and no others.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, Grant

from .models import System

_opened: dict[str, set[str]] = {}


def opens(scope: str, *permissions: str) -> None:
    """Let a scope open permissions to systems that work for themselves."""
    _opened.setdefault(scope, set()).update(permissions)


def permissions_of(scopes: Iterable[str]) -> frozenset[str]:
    """The permissions that these scopes open together."""
    return frozenset[str]().union(*(_opened.get(scope, ()) for scope in scopes))


def actor_of(system: System, scopes: Iterable[str], *, ip: str = "", request_id: str = "") -> Actor:
    """Who acts with a token of a system without a person."""
    grant = Grant(
        permissions=permissions_of(scopes),
        organization_id=system.owner_id,
        path=system.owner.path,
        source=_("Hệ thống “%(name)s” của %(owner)s") % {"name": system.client.name, "owner": system.owner.name},
    )
    return Actor(
        label=str(system.client.name),
        organization_id=system.owner_id,
        grants=(grant,),
        ip=ip,
        request_id=request_id,
    )
