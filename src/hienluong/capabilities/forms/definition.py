"""The shape of an e-form as this capability sees it; whoever owns forms hands over objects of this shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

#: What ``x-prefill`` may name.
PREFILL_SOURCES = frozenset(
    "party." + name
    for name in ("name", "identifier", "date_of_birth", "address", "phone", "email", "sex", "tax_code", "commune")
)


class Page(Protocol):
    """One page of a form: one thing a page."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def help(self) -> str: ...
    @property
    def fields(self) -> Sequence[str]: ...
    @property
    def when(self) -> str: ...


class Form(Protocol):
    """JSON Schema 2020-12 with pages and cross-field rules (``when`` must hold, ``field``, ``message``)."""

    @property
    def code(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def data_schema(self) -> Mapping[str, Any]: ...
    @property
    def pages(self) -> Sequence[Page]: ...
    @property
    def rules(self) -> Sequence[Mapping[str, str]]: ...
