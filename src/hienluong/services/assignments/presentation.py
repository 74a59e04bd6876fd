"""How tasks look in lists."""

from __future__ import annotations

from django.utils import timezone

from .models import RUNNING_STATES, Assignment, Part, State

_COLOURS: dict[str, str] = {
    State.GIVEN: "yellow",
    State.ACCEPTED: "blue",
    State.REPORTED: "purple",
    State.COMPLETED: "green",
    State.RETURNED: "orange",
    State.TAKEN_BACK: "grey",
}


def colour(task: Assignment) -> str:
    """The colour of a task's state."""
    return _COLOURS.get(task.state, "grey")


def is_late(task: Assignment) -> bool:
    """Still in hand after its due time."""
    return (
        task.state in RUNNING_STATES
        and task.part != Part.INFORMED
        and task.due_at is not None
        and task.due_at < timezone.now()
    )
