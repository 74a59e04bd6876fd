"""What is done with work files: collecting, handing over, destroying."""

from .collecting import (
    add_document,
    add_file,
    add_member,
    change,
    close,
    move,
    open_file,
    plan,
    remove_item,
    remove_member,
    reopen,
)
from .destroying import carry_out, decide, propose
from .handing import complete, hand_over, judge, note_package, receive, withdraw

__all__ = [
    "add_document",
    "add_file",
    "add_member",
    "carry_out",
    "change",
    "close",
    "complete",
    "decide",
    "hand_over",
    "judge",
    "move",
    "note_package",
    "open_file",
    "plan",
    "propose",
    "receive",
    "remove_item",
    "remove_member",
    "reopen",
    "withdraw",
]
