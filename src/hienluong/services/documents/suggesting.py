"""What a scanned paper seems to say, to be confirmed by the records office; nothing when it cannot be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Suggested:
    """Values for the boxes of the form, how sure each is (percent), the text they come from."""

    values: dict[str, Any] = field(default_factory=dict)
    sure: dict[str, int] = field(default_factory=dict)
    text: str = ""


def of_scan(content: bytes) -> Suggested:
    """Read a PDF or a picture; an empty suggestion for one that cannot be read."""
    return Suggested()
