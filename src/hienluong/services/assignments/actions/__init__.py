"""What is done with tasks: giving them, doing them, judging them."""

from .doing import accept, ask_extension, progress, report, return_task
from .giving import Task, give, give_on
from .judging import decide_extension, evaluate, remind, resume, take_back

__all__ = [
    "Task",
    "accept",
    "ask_extension",
    "decide_extension",
    "evaluate",
    "give",
    "give_on",
    "progress",
    "remind",
    "report",
    "resume",
    "return_task",
    "take_back",
]
