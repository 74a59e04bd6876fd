"""A form that is nothing but a schema: all of its fields on one page. What a register asks for, and what a builder tries out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Sheet:
    """The page (:class:`.definition.Page`)."""

    fields: Sequence[str]
    id: str = "record"
    title: str = ""
    help: str = ""
    when: str = ""


@dataclass(frozen=True)
class OnePage:
    """The form (:class:`.definition.Form`), with the fields that it asks for in their order."""

    code: str
    title: str
    data_schema: Mapping[str, Any]
    fields: Sequence[str]
    rules: Sequence[Mapping[str, str]] = field(default=())

    @property
    def pages(self) -> Sequence[Sheet]:
        """The one page."""
        return [Sheet(self.fields)]
