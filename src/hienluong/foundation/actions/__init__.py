"""Actions: the only way to write. See ``docs/engineers/actions.md``."""

from .action import Act, action
from .actor import ANONYMOUS, Actor, Decision, Grant, Limit, system
from .errors import DomainError, InvalidInput, NotAllowed, NotFound
from .permissions import Permission

__all__ = [
    "ANONYMOUS",
    "Act",
    "Actor",
    "Decision",
    "DomainError",
    "Grant",
    "InvalidInput",
    "Limit",
    "NotAllowed",
    "NotFound",
    "Permission",
    "action",
    "system",
]
