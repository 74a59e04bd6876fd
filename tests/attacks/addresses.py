"""Every address of the product, from its own map: what is attacked is found, not listed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import URLPattern, get_resolver
from django.urls.converters import IntConverter, UUIDConverter

SOURCE = Path(__file__).resolve().parents[2] / "src" / "hienluong"
#: How the code reads a parameter by name.
_READ = re.compile(r"""(?:GET|POST|told|params)(?:\.get|\.getlist)?[\[(]\s*["']([\w-]{1,40})["']""")


@dataclass(frozen=True)
class Address:
    """One address with something in its places, and who answers there."""

    path: str
    name: str
    view: Callable[..., Any]

    @property
    def of_api(self) -> bool:
        """Whether it is one of the API's, which say for each verb who may."""
        return self.path.startswith("/api/v1/") and not self.name.startswith("national")

    @property
    def exempt(self) -> bool:
        """Whether Django asks for no token there."""
        return bool(getattr(self.view, "csrf_exempt", False))


@cache
def all_addresses() -> tuple[Address, ...]:
    """Each pattern of the map once."""
    return tuple(_walk(get_resolver().url_patterns, "/", ""))


def _walk(patterns: Any, prefix: str, space: str) -> Iterator[Address]:
    for each in patterns:
        if isinstance(each, URLPattern):
            yield Address(prefix + _filled(each), f"{space}{each.name or ''}", each.callback)
        else:
            yield from _walk(
                each.url_patterns, prefix + str(each.pattern), f"{each.namespace}:" if each.namespace else space
            )


def _filled(pattern: URLPattern) -> str:
    path = str(pattern.pattern)
    for name, converter in pattern.pattern.converters.items():
        value = "1" if isinstance(converter, IntConverter) else "x"
        if isinstance(converter, UUIDConverter):
            value = str(uuid.UUID(int=1))
        path = re.sub(rf"<(?:\w+:)?{name}>", value, path)
    assert "<" not in path, path
    return path


@cache
def parameters() -> tuple[str, ...]:
    """The names of all parameters that the code reads by name, and the usual ones for where to go next."""
    usual = ("next", "url", "back", "return", "return_to", "redirect", "redirect_to", "redirect_uri", "continue", "to")
    read = {name for file in SOURCE.rglob("*.py") for name in _READ.findall(file.read_text("utf-8"))}
    return tuple(sorted(read | set(usual)))
