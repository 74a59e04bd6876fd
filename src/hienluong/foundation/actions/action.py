"""The frame of every write: one transaction, permission checked, audit entry and event inside it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from django.db import models, transaction

from hienluong.foundation.audit import chain
from hienluong.foundation.events import outbox

from .actor import Actor

P = ParamSpec("P")
R = TypeVar("R")


class UnrecordedAction(RuntimeError):
    """An action ended without an audit entry: a programming error, so the transaction is undone."""


class Act:
    """One running action: what it does is collected here and written when the outermost action ends.

    Audit entries are written last, so that the lock on the audit chain is held only until commit.
    """

    def __init__(self, actor: Actor, name: str, parent: Act | None = None) -> None:
        self.actor = actor
        self.name = name
        self._root: Act = parent._root if parent else self
        self._entries: list[chain.NewEntry] = []
        self._events: list[outbox.NewEvent] = []
        self._recorded = False
        if parent is None:
            actor.acting_for.clear()

    def require(self, permission: str, path: str = "/") -> None:
        """Refuse unless the actor holds `permission` at the organisation with this `path`."""
        self.actor.require(permission, path)

    def record(
        self,
        target: models.Model,
        *,
        verb: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        organization_id: int | None = None,
        note: str = "",
    ) -> None:
        """Put one audit entry about `target` into this transaction.

        What was done with lent powers says for whom (``acting_for``), what was done under emergency powers which
        (``emergency``).
        """
        self._recorded = True
        self._root._entries.append(
            chain.NewEntry(
                verb=verb or self.name,
                actor_kind=self.actor.kind,
                actor_id=self.actor.account_id,
                actor_label=self.actor.label,
                target_type=target._meta.label_lower,
                target_id=str(target.pk),
                target_label=str(target)[:300],
                organization_id=organization_id if organization_id is not None else self.actor.organization_id,
                before=dict(before or {}),
                after={**(after or {}), **self._marks()},
                purpose=self.actor.purpose,
                note=note,
                ip=self.actor.ip,
                request_id=self.actor.request_id,
            )
        )

    def _marks(self) -> dict[str, Any]:
        marks: dict[str, Any] = {}
        if self.actor.acting_for:
            marks["acting_for"] = ", ".join(self.actor.acting_for)
        if self.actor.emergency is not None:
            marks["emergency"] = self.actor.emergency
        return marks

    def emit(self, type: str, subject: models.Model | str, data: Mapping[str, Any] | None = None) -> None:
        """Put one event into the outbox of this transaction; `type` is ``dossier.received``."""
        key = subject if isinstance(subject, str) else f"{subject._meta.label_lower}:{subject.pk}"
        self._root._events.append(outbox.NewEvent(type=type, subject=key, data=dict(data or {})))

    def _close(self) -> None:
        if not self._recorded:
            raise UnrecordedAction(f"{self.name} wrote no audit entry")
        if self._root is self:
            outbox.write(self._events)
            chain.append(self._entries)


def action(name: str) -> Callable[[Callable[Concatenate[Act, P], R]], Callable[Concatenate[Actor | Act, P], R]]:
    """Make a function an action: ``@action("dossiers.receive") def receive(act, *, dossier, …)``.

    Callers pass an :class:`Actor`; an action that calls another passes its own :class:`Act`, so both
    share one transaction and one batch of audit entries.
    """

    def wrap(function: Callable[Concatenate[Act, P], R]) -> Callable[Concatenate[Actor | Act, P], R]:
        @functools.wraps(function)
        def run(who: Actor | Act, *args: P.args, **kwargs: P.kwargs) -> R:
            if isinstance(who, Act):
                nested = Act(who.actor, name, parent=who)
                outcome = function(nested, *args, **kwargs)
                who._recorded = who._recorded or nested._recorded
                nested._close()
                return outcome
            with transaction.atomic():
                act = Act(who, name)
                outcome = function(act, *args, **kwargs)
                act._close()
                return outcome

        return cast("Callable[Concatenate[Actor | Act, P], R]", run)

    return wrap
