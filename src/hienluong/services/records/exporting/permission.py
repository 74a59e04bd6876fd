"""Who may take records out, and open the files that were made of them."""

from __future__ import annotations

from hienluong.capabilities.registers import sharing
from hienluong.foundation.actions import Actor, DomainError
from hienluong.foundation.files.models import StoredFile

from ..models import Export
from ..reading import SHARED

PERMISSION = "registers.export"
#: The purpose of the files that are kept for those who ordered them.
FILES = "registers.export"


def may_open(actor: Actor, file: StoredFile) -> bool:
    """Who ordered a file may open it, as long as they may export where they could then: another office is no reason to keep
    what this one let them take. One made under an agreement, as long as that holds."""
    if file.owner_id is None or file.owner_id != actor.account_id or not actor.paths_with(PERMISSION):
        return False
    made = Export.objects.select_related("register").filter(file=file).first()
    if made and not all(actor.can(PERMISSION, path) for path in made.asked.get("at", ())):
        return False
    scope = str(made.asked.get("scope", "")) if made else ""
    if made is None or not scope.startswith(SHARED):
        return True
    try:
        sharing.opened(actor, made.register, scope.removeprefix(SHARED))
    except DomainError:
        return False
    return True
