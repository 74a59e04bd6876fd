"""Demo: the real procedures of the packs, and trial entries up to the province's count."""

from __future__ import annotations

from hienluong.foundation.actions import system
from hienluong.services.procedures import generator, installing, rules
from hienluong.services.procedures import packs as pack_folders

from ..setup import FaultyPack
from . import Progress


def packs(progress: Progress) -> None:
    """Install or bring up to date each pack that comes with the product."""
    rules.load()
    folders = pack_folders.shipped_folders()
    for folder in progress.track(folders, len(folders)):
        pack = pack_folders.load(folder)
        if pack.faults:
            raise FaultyPack("\n".join(f"{folder}/{fault}" for fault in pack.faults))
        installing.install(system("Nạp tỉnh trình diễn"), pack)


def trial_entries(progress: Progress) -> None:
    """Entries marked as trial, up to 1,978."""
    generator.fill(system("Nạp tỉnh trình diễn"))
