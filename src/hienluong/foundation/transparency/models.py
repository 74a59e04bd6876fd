"""The transparency log: an append-only Merkle tree over what the government has issued (RFC 9162 shape)."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class LogEntry(models.Model):
    """One leaf; `leaf` is the canonical JSON that was hashed and holds no personal data."""

    index = models.BigIntegerField(primary_key=True)
    leaf = models.TextField()
    leaf_hash = models.BinaryField(max_length=32)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=("leaf_hash",), name="log_by_hash")]

    def __str__(self) -> str:
        return f"#{self.index}"


class Node(models.Model):
    """The hash of one complete subtree: `level` 0 are leaves; `index` counts subtrees of that level."""

    level = models.SmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("level", "index"), name="log_node_once")]

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"
