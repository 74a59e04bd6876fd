"""Every address of the product, from its own map: what is attacked is found, not listed."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.test import Client
from django.urls import URLPattern, get_resolver
from django.urls.converters import IntConverter, UUIDConverter
from django.utils import timezone

from hienluong.foundation.identity.models import Account

SOURCE = Path(__file__).resolve().parents[2] / "src" / "hienluong"
#: How the code reads a parameter by name.
_READ = re.compile(r"""(?:GET|POST|told|params)(?:\.get|\.getlist)?[\[(]\s*["']([\w-]{1,40})["']""")
_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One address with something in its places, and who answers there."""

    pattern: str  # with its places as ``{pk}``
    name: str
    view: Callable[..., Any]
    #: The places by name, and what stands in each: of the right kind, and of nothing that is there.
    parts: Mapping[str, str] = field(hash=False)

    @property
    def path(self) -> str:
        """The address of something that is not there."""
        return self.pattern.format_map(self.parts)

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
            pattern = prefix + _PLACE.sub(r"{\1}", str(each.pattern))
            yield Address(pattern, f"{space}{each.name or ''}", each.callback, _parts(each))
        else:
            yield from _walk(
                each.url_patterns, prefix + str(each.pattern), f"{each.namespace}:" if each.namespace else space
            )


def _parts(pattern: URLPattern) -> dict[str, str]:
    kinds = {IntConverter: "1", UUIDConverter: str(uuid.UUID(int=1))}
    return {name: kinds.get(type(converter), "x") for name, converter in pattern.pattern.converters.items()}


def names(*lists: str) -> set[str]:
    """The names in these lists; those of one space stand after it: ``api: head entries``."""
    found, space = set(), ""
    for word in " ".join(lists).split():
        if word.endswith(":"):
            space = word
        else:
            found.add(space + word)
    return found


def browser(account: Account | None = None, **more: Any) -> Client:
    """Of somebody who proved this minute who they are, so that nothing hides behind being asked again."""
    client = Client(**more)
    if account:
        client.force_login(account)
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "mfa", "type": "webauthn", "at": timezone.now().timestamp()}
        ]
        session["account_authentication_methods_user"] = str(account.pk)
        session.save()
    return client


@cache
def parameters() -> tuple[str, ...]:
    """The names of all parameters that the code reads by name, and the usual ones for where to go next."""
    usual = ("next", "url", "back", "return", "return_to", "redirect", "redirect_to", "redirect_uri", "continue", "to")
    read = {name for file in SOURCE.rglob("*.py") for name in _READ.findall(file.read_text("utf-8"))}
    return tuple(sorted(read | set(usual)))
