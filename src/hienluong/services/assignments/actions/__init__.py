"""What is done with tasks: giving them, doing them, judging them."""

from .doing import accept, ask_extension, progress, report, return_task
from .giving import Task, give, give_on, give_several
from .judging import decide_extension, drop_all, evaluate, remind, resume, settle_all, take_back

__all__ = [
    "Task",
    "accept",
    "ask_extension",
    "decide_extension",
    "drop_all",
    "evaluate",
    "give",
    "give_on",
    "give_several",
    "progress",
    "remind",
    "report",
    "resume",
    "return_task",
    "settle_all",
    "take_back",
]
