"""Demo: the real procedures of the packs, and trial entries up to the province's count."""

from __future__ import annotations

from hienluong.foundation.actions import system
from hienluong.services.packs import shipped
from hienluong.services.procedures import generator, rules

from . import Progress


def packs(progress: Progress) -> None:
    """Install or bring up to date each pack that comes with this installation."""
    rules.load()
    shipped.install_all(system("Nạp tỉnh trình diễn"), progress.track)


def trial_entries(progress: Progress) -> None:
    """Entries marked as trial, up to 1,978."""
    generator.fill(system("Nạp tỉnh trình diễn"))
