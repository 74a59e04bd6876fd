"""Who may take records out, and open the files that were made of them."""

from __future__ import annotations

from hienluong.foundation.actions import Actor
from hienluong.foundation.files.models import StoredFile

PERMISSION = "registers.export"
#: The purpose of the files that are kept for those who ordered them.
FILES = "registers.export"


def may_open(actor: Actor, file: StoredFile) -> bool:
    """Who ordered a file may open it, as long as they may export."""
    return file.owner_id is not None and file.owner_id == actor.account_id and bool(actor.paths_with(PERMISSION))
