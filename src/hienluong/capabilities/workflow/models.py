"""Models of processes, kept by content so that a dossier's own model can never change under it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from . import engine


class ProcessModel(models.Model):
    """One BPMN document, found by the SHA-256 of its text, so it never changes; several may bear one code.

    Which of them a new instance runs is for whoever starts it to say: dossiers name the digest that was pinned when
    their procedure's version was published.
    """

    digest = models.CharField(max_length=64, primary_key=True)
    code = models.CharField(max_length=60, db_index=True)
    xml = models.TextField()
    imported_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.code


class Instance(models.Model):
    """One run of a process: which user tasks were completed, with which outcomes, and what is ready now."""

    model = models.ForeignKey(ProcessModel, models.PROTECT, related_name="instances")
    params = models.JSONField(default=dict)
    history = models.JSONField(default=list)  # [{"task": "receive", "outcome": "accept"}, …]
    ready = ArrayField(models.CharField(max_length=60), default=list)
    completed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(completed=False) | models.Q(ready__len=0),
                name="completed_instance_has_nothing_ready",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model_id[:8]} {self.ready}"

    def standing(self) -> engine.Standing:
        """Where this instance stands now."""
        return engine.standing(engine.load(self.model.xml), self.params, self.history)

    def complete(self, task: str, outcome: str) -> engine.Standing:
        """Complete a ready task and save; the caller holds the row lock and writes the audit entry."""
        history, standing = engine.advance(engine.load(self.model.xml), self.params, self.history, task, outcome)
        self.history = history
        self._take(standing)
        self.save(update_fields=("history", "ready", "completed"))
        return standing

    def rewind(self, history: list[dict[str, str]]) -> engine.Standing:
        """Go back to where this instance stood after `history`, and save."""
        self.history = history
        standing = self.standing()
        self._take(standing)
        self.save(update_fields=("history", "ready", "completed"))
        return standing

    def _take(self, standing: engine.Standing) -> None:
        self.ready = [ready.task for ready in standing.ready]
        self.completed = standing.completed

    @classmethod
    def start(cls, model: ProcessModel, params: dict[str, Any]) -> Instance:
        """Start a run of `model`."""
        instance = cls(model=model, params=params)
        instance._take(engine.standing(engine.load(model.xml), params, []))
        instance.save()
        return instance
