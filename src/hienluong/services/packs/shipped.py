"""The packs that come with this installation: the product's own, and those of installed distributions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from hienluong.foundation.actions import Actor
from hienluong.foundation.schemas.positions import Fault
from hienluong.services.procedures.packs import shipped_folders

from . import opening, queries
from .actions import NotInstallable, install
from .opening import Bundle, Origin

Track = Callable[[Sequence[Bundle], int], Iterable[Bundle]]


class FaultyPack(RuntimeError):
    """A pack that comes with the product has faults; the message names them."""


def install_all(actor: Actor, track: Track = lambda bundles, count: bundles) -> tuple[int, list[Fault]]:
    """Install or bring up to date each of them; how many were, and why packs of other distributions were not.

    What an administrator took away stays away. Raises :class:`FaultyPack` for one of the product's own.
    """
    gone = queries.removed()
    opened = opening.in_order(opening.open_folder(folder) for folder in shipped_folders())
    bundles = [bundle for bundle in opened if bundle.name not in gone]
    left_out: list[Fault] = []
    refused = 0
    for bundle in track(bundles, len(bundles)):
        if bundle.origin == Origin.PRODUCT and bundle.faults:
            raise FaultyPack("\n".join(f"{bundle.pack.folder}/{fault}" for fault in bundle.faults))
        try:
            install(actor, bundle=bundle)
        except NotInstallable as refusal:
            if bundle.origin == Origin.PRODUCT:
                raise FaultyPack("\n".join(map(str, refusal.faults))) from refusal
            refused += 1
            left_out += refusal.faults
    return len(bundles) - refused, left_out
