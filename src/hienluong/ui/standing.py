"""What an official must keep in mind on every page while it lasts: for whom they act, which powers they took."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from django.http import HttpRequest

#: The sentences that hold for whoever asks just now; it must cost no query of its own.
Source = Callable[[HttpRequest], Iterable[str]]
_sources: list[Source] = []


def register(source: Source) -> None:
    """Let an app above say something on every page of officials (called from ``ready()``)."""
    if source not in _sources:
        _sources.append(source)


def notes(request: HttpRequest | None) -> list[str]:
    """All that holds for this request."""
    if request is None or not getattr(getattr(request, "user", None), "is_authenticated", False):
        return []
    return [note for source in _sources for note in source(request)]
