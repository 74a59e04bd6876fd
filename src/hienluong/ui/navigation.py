"""The navigation registry: apps above hand over their entries in ``ready()``; pages resolve them when they are shown.

Faces in use: ``public`` (bar below the header), ``staff`` (side navigation of officials), ``account`` (menu of the
signed-in person), ``footer``, ``search`` (first entry: where the search box of the header sends ``q``), ``bell``
(first entry: the notification bell).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise

Text = str | Promise
Badge = Callable[[HttpRequest], int | str | None]
Visible = Callable[[HttpRequest], bool]


@dataclass(frozen=True)
class Entry:
    """One link as an app declared it."""

    face: str
    label: Text
    url_name: str
    href: str
    order: int
    permission: str | None
    badge: Badge | None
    group: Text
    visible: Visible | None


@dataclass(frozen=True)
class Link:
    """One link as a page shows it."""

    label: str
    href: str
    current: bool
    badge: str
    group: str


_entries: list[Entry] = []


def register(
    face: str,
    label: Text,
    *,
    url_name: str = "",
    href: str = "",
    order: int = 100,
    permission: str | None = None,
    badge: Badge | None = None,
    group: Text = "",
    visible: Visible | None = None,
) -> None:
    """Add a link to a face.

    `url_name` is reversed when the page is shown (a name that does not exist hides the link); or give `href`.
    `permission`: shown to people who hold this permission in any organisation. `badge` counts what waits.
    `visible` decides case by case. The same face and address registered again replaces the first.
    """
    entry = Entry(face, label, url_name, href, order, permission, badge, group, visible)
    _entries[:] = [e for e in _entries if (e.face, e.url_name, e.href) != (face, url_name, href)]
    _entries.append(entry)


def links(face: str, request: HttpRequest | None) -> list[Link]:
    """The links of a face that this person may see, in order, the current one marked."""
    found = [
        (entry, href)
        for entry in sorted((e for e in _entries if e.face == face), key=lambda e: (e.order, str(e.label)))
        if _shown(entry, request) and (href := _address(entry))
    ]
    current = _current([href for _, href in found], request.path if request else "")
    return [
        Link(
            label=str(entry.label),
            href=href,
            current=href == current,
            badge=_badge(entry, request),
            group=str(entry.group),
        )
        for entry, href in found
    ]


def first(face: str, request: HttpRequest | None) -> Link | None:
    """The first link of a face, or nothing."""
    return next(iter(links(face, request)), None)


def _shown(entry: Entry, request: HttpRequest | None) -> bool:
    if entry.permission:
        actor = getattr(request, "actor", None)
        if actor is None or not actor.paths_with(entry.permission):
            return False
    return entry.visible is None or (request is not None and entry.visible(request))


def _address(entry: Entry) -> str:
    if entry.href:
        return entry.href
    try:
        return reverse(entry.url_name)
    except NoReverseMatch:
        return ""


def _badge(entry: Entry, request: HttpRequest | None) -> str:
    if entry.badge is None or request is None:
        return ""
    value = entry.badge(request)
    return "" if value in (None, 0, "") else str(value)


def _current(addresses: list[str], path: str) -> str:
    """The longest address that is the path or a folder above it."""
    inside = [a for a in addresses if path == a or path.startswith(a.rstrip("/") + "/")]
    return max((a for a in inside if a != "/" or path == "/"), key=len, default="")
