"""The navigation registry: apps above hand over their entries in ``ready()``; pages resolve them when they are shown.

Faces in use: ``public`` (bar below the header), ``staff`` (side navigation of officials), ``account`` (menu of the
signed-in person), ``footer``, ``search`` (first entry: where the search box of the header sends ``q``), ``bell``
(first entry: the notification bell).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise
Badge = Callable[[HttpRequest], int | str | None]
Visible = Callable[[HttpRequest], bool]


@dataclass(frozen=True)
class Section:
    """A part of the administration; in a long menu its pages are folded together."""

    label: Text
    order: int


#: The group that the sections stand in.
ADMINISTRATION = _("Quản trị")
PEOPLE = Section(_("Con người và cơ quan"), 1)
SERVICES = Section(_("Dịch vụ và gói ngành"), 2)
DATA = Section(_("Dữ liệu và chia sẻ"), 3)
EXCHANGE = Section(_("Ký số và liên thông"), 4)
SECURITY = Section(_("An ninh và giám sát"), 5)
SYSTEM = Section(_("Hệ thống"), 6)
#: More pages of sections than this are folded.
MANY = 8


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
    group: Text | Section
    visible: Visible | None


@dataclass(frozen=True)
class Link:
    """One link as a page shows it."""

    label: str
    href: str
    current: bool
    badge: str
    group: str
    section: str = ""


@dataclass(frozen=True)
class Part:
    """The pages of one section."""

    label: str
    links: list[Link]

    @property
    def current(self) -> bool:
        """Whether the page shown is one of these."""
        return any(link.current for link in self.links)

    @property
    def badge(self) -> int:
        """How much waits on these pages."""
        return sum(int(link.badge) for link in self.links if link.badge.isdecimal())


@dataclass(frozen=True)
class Group:
    """The links below one heading; with `parts` when they are many, to be folded."""

    label: str
    links: list[Link]
    parts: list[Part]


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
    group: Text | Section = "",
    visible: Visible | None = None,
) -> None:
    """Add a link to a face.

    `url_name` is reversed when the page is shown (a name that does not exist hides the link); or give `href`.
    `permission`: shown to people who hold this permission in any organisation. `badge` counts what waits.
    `visible` decides case by case. `group` is a heading, or a :class:`Section` of the administration. The same face and address registered again replaces the first.
    """
    entry = Entry(face, label, url_name, href, order, permission, badge, group, visible)
    _entries[:] = [e for e in _entries if (e.face, e.url_name, e.href) != (face, url_name, href)]
    _entries.append(entry)


def links(face: str, request: HttpRequest | None) -> list[Link]:
    """The links of a face that this person may see, in order, the current one marked."""
    found = [
        (entry, href)
        for entry in sorted((e for e in _entries if e.face == face), key=_place)
        if _shown(entry, request) and (href := _address(entry))
    ]
    current = _current([href for _, href in found], request.path if request else "")
    return [
        Link(
            label=str(entry.label),
            href=href,
            current=href == current,
            badge=_badge(entry, request),
            group=str(ADMINISTRATION if isinstance(entry.group, Section) else entry.group),
            section=str(entry.group.label) if isinstance(entry.group, Section) else "",
        )
        for entry, href in found
    ]


def grouped(face: str, request: HttpRequest | None) -> list[Group]:
    """The links of a face below their headings; those of the administration by section when they are many."""
    return [_group(label, list(found)) for label, found in groupby(links(face, request), key=lambda link: link.group)]


def _group(label: str, found: list[Link]) -> Group:
    if len([link for link in found if link.section]) <= MANY:
        return Group(label, found, [])
    parts = [Part(section, list(inside)) for section, inside in groupby(found, key=lambda link: link.section)]
    return Group(label, found, parts)


def _place(entry: Entry) -> tuple[int, bool, int, str]:
    """What has no heading first, so that it does not stand below another's; the administration last."""
    section = entry.group.order if isinstance(entry.group, Section) else 0
    return section, bool(entry.group), entry.order, str(entry.label)


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
