"""As far as somebody's permissions reach: organisations, and what hangs on them, as a condition of the database."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q


def below(paths: Iterable[str], *columns: str) -> Q:
    """What belongs to the organisations with these paths, or to any below them; nothing when there are no paths.

    `columns`: where a row has the path of its organisation (``organization__path``; ``path`` of an organisation itself).
    With several, one of them is enough.
    """
    found = Q(pk__in=[])
    for path in paths:
        for column in columns or ("path",):
            found |= Q(**{f"{column}__startswith": path})
    return found
