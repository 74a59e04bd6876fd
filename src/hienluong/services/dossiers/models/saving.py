"""Rows that write only what changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Self

from django.db import models


class SavesChanges(models.Model):
    """A row that remembers how it was read, so that a step writes the few columns it touched."""

    class Meta:
        abstract = True

    _read: dict[str, Any]

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        super().save(*args, update_fields=update_fields, **kwargs)
        self._remember(update_fields)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **how: Any) -> Self:
        """A row as it was read, which :meth:`save_changes` compares with."""
        found = super().from_db(db, field_names, values, **how)
        found._read = dict(found.__dict__)
        return found

    def refresh_from_db(
        self,
        using: str | None = None,
        fields: Iterable[str] | None = None,
        from_queryset: models.QuerySet[Any] | None = None,
    ) -> None:
        names = None if fields is None else list(fields)
        super().refresh_from_db(using, names, from_queryset)
        self._remember(names)

    def _remember(self, names: Iterable[str] | None) -> None:
        """These columns (all when None) are in the row as they are here."""
        fields = self._meta.concrete_fields if names is None else map(self._meta.get_field, names)
        columns = [getattr(field, "attname", field.name) for field in fields]
        here = {name: self.__dict__[name] for name in columns if name in self.__dict__}
        self._read = {**self.__dict__.get("_read", {}), **here}

    def save_changes(self) -> None:
        """Write the columns that differ from what was read or written last: most steps touch five of fifty.

        Answers are replaced, never altered in place; a dictionary altered in place would not be written.
        """
        if self._state.adding:
            self.save()
            return
        read = self.__dict__.get("_read", {})
        columns = [field.attname for field in self._meta.concrete_fields if field.attname in self.__dict__]
        changed = [name for name in columns if name not in read or read[name] != self.__dict__[name]]
        if changed:
            self.save(update_fields=changed)
