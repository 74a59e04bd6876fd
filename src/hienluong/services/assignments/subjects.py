"""What tasks are about: the app that keeps it says who may be given a task about it, and hears what becomes of it.

An app above this one registers itself in ``ready()`` under the first part of its references (``documents.document``); it
is called inside the transaction of the action.
"""

from __future__ import annotations

from hienluong.foundation.actions import Act, Actor

from .models import Assignment


class Subject:
    """What an app may say about tasks that come from it; each answer here is the usual one."""

    def hold(self, ref: str) -> None:
        """Lock what tasks come from until the transaction ends. Called before any task about it is locked or made, so that
        who begins with the task and who begins with its subject never wait for each other."""

    def may_give(self, act: Act, assignment: Assignment) -> None:
        """Raise a DomainError when this task, not kept yet, may not be given about what it comes from."""

    def given(self, act: Act, assignment: Assignment) -> None:
        """A task was given, or given on."""

    def changed(self, act: Act, assignment: Assignment, verb: str) -> None:
        """Something happened to a task: ``accepted``, ``progress``, ``reported``, ``completed``, ``resumed``,
        ``returned``, ``taken_back``, ``extended``."""

    def href(self, actor: Actor, ref: str) -> str:
        """The page of what it comes from; empty when there is none for this actor."""
        return ""


_PLAIN = Subject()
_known: dict[str, Subject] = {}


def register(kind: str, subject: Subject) -> None:
    """Let `subject` speak for references that begin with `kind` (``documents.document``)."""
    _known[kind] = subject


def of(ref: str) -> Subject:
    """Who speaks for a reference; one that has nothing to say when nobody does."""
    return _known.get(ref.partition(":")[0], _PLAIN)
