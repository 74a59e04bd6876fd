"""What the parts of a register's definition are made of."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

FieldName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Place = tuple[str | int, ...]


class Part(BaseModel):
    """A part of a definition: nothing unknown in it."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def series_fault(series: str) -> str:
    """What is wrong with how a series writes its numbers (``ATTP-{year}-{n:05}``), in words; empty when nothing is."""
    if not re.search(r"\{n(:0\d+)?\}", series):
        return "dãy số phải có {n}, ví dụ ATTP-{year}-{n:05}"
    if re.search(r"[{}]", re.sub(r"\{year\}|\{n(:0\d)?\}", "", series)):
        return "trong dãy số chỉ có {year} và {n}, ví dụ ATTP-{year}-{n:05}"
    return ""


def series_scope(series: str, year: int) -> str:
    """What the numbers of a series are counted by: the year when it is in them, else nothing."""
    return f"{year}" if "{year}" in series else ""
