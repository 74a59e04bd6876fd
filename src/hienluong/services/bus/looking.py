"""What somebody may look at in the catalogue: services that are declared, and registers, which are services by themselves.

Everybody sees what is or was open to others; a draft only the side of its owner does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.actions import all_on
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Register
from hienluong.foundation.actions import Actor, NotFound
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.search.text import fold

from . import by_themselves, describing, translating
from .announce import PROVIDE, SHARE
from .models import Operation, Service, Version

State = Version.State
#: Versions that others may see; those of them that may be asked for.
SEEN = (State.TEST, State.PUBLISHED, State.DEPRECATED, State.RETIRED)
ASKABLE = (State.TEST, State.PUBLISHED, State.DEPRECATED)


@dataclass(frozen=True)
class Listed:
    """One service of the catalogue, in the reader's language; of a register there are no versions."""

    code: str
    title: str
    data: str
    owner: Organization
    personal: bool = False
    versions: list[Version] = field(default_factory=list)
    register: str = ""

    @property
    def states(self) -> list[str]:
        """What becomes of it, of the newest version first."""
        return [one.state for one in self.versions] if not self.register else [State.PUBLISHED]


@dataclass(frozen=True)
class Shown:
    """One operation as pages show it."""

    name: str
    title: str
    method: str
    template: str
    fields: list[str] = field(default_factory=list)
    personal: bool = False
    turned: list[str] = field(default_factory=list)  # what the mediator turns on the way
    marked: bool = False  # answers say where a code was not translated one to one


def title_of(service: Service) -> str:
    """What a service is called in the reader's language."""
    return service.title_en if service.title_en and _is_english() else service.title


def _is_english() -> bool:
    return (get_language() or "vi").startswith("en")


def _own(actor: Actor) -> list[str]:
    return [*actor.paths_with(PROVIDE), *actor.paths_with(SHARE)]


def versions(actor: Actor | None) -> QuerySet[Version]:
    """The versions that somebody may look at, without their documents; None: whoever comes along."""
    seen = Q(state__in=SEEN)
    if actor is not None:
        seen |= reach.below(_own(actor), "service__owner__path")
    return Version.objects.filter(seen).defer("document")


def services(actor: Actor | None) -> QuerySet[Service]:
    """The declared services that somebody may look at, with their versions as `shown`, the newest first."""
    found = Q(pk__in=versions(actor).values("service"))
    if actor is not None:
        found |= reach.below(_own(actor), "owner__path")
    shown = Prefetch("versions", versions(actor).order_by("-major"), to_attr="shown")
    return Service.objects.filter(found).select_related("owner").prefetch_related(shown)


def listed(actor: Actor | None) -> list[Listed]:
    """All that somebody may look at, by title: three queries however long it is."""
    found = [
        Listed(one.code, title_of(one), one.data, one.owner, one.personal, one.shown)  # type: ignore[attr-defined]
        for one in services(actor)
    ]
    found += [_listed(register, spec) for register, spec in registers()]
    return sorted(found, key=lambda one: (fold(one.title), one.code))


def registers() -> list[tuple[Register, RegisterSpec]]:
    """The registers that are kept today, with what they are."""
    return [(one, spec) for one, spec in all_on(timezone.localdate()) if one.retired_on is None]


def _listed(register: Register, spec: RegisterSpec) -> Listed:
    title = spec.title_en if spec.title_en and _is_english() else spec.title
    code = by_themselves.code_of(register.code)
    return Listed(code, title, spec.description, register.owner, register=register.code)


def narrowed(found: list[Listed], *, words: str = "", owner: str = "", state: str = "") -> list[Listed]:
    """Those with all the words in name, code, data or owner, of an organisation (its code), with a version in a state."""
    wanted = fold(words).split()
    return [
        one
        for one in found
        if (not owner or one.owner.code == owner)
        and (not state or state in one.states)
        and all(word in fold(f"{one.title} {one.code} {one.data} {one.owner.name}") for word in wanted)
    ]


def service(actor: Actor | None, code: str) -> Service:
    """One declared service with the versions that may be looked at as `shown`. Raises NotFound for any other."""
    found = services(actor).filter(code=code.replace("\x00", "")).first()
    if found is None:
        raise NotFound(_("Không có dịch vụ này."))
    return found


def version(service: Service, major: int | None) -> Version | None:
    """The version asked for; without one, that which is provided, else the newest. Raises NotFound for any other."""
    seen: list[Version] = service.shown  # type: ignore[attr-defined]
    if major is None:
        provided = (one for one in seen if one.state == State.PUBLISHED)
        return next(provided, seen[0] if seen else None)
    found = next((one for one in seen if one.major == major), None)
    if found is None:
        raise NotFound(_("Không có phiên bản này."))
    return found


def register(code: str) -> tuple[Register, RegisterSpec]:
    """The register behind a service that is there by itself. Raises NotFound for any other."""
    found = next((pair for pair in registers() if by_themselves.code_of(pair[0].code) == code), None)
    if found is None:
        raise NotFound(_("Không có dịch vụ này."))
    return found


def openapi(version: Version, operations: Iterable[Operation] | None = None) -> str:
    """The OpenAPI description of a version: as it was uploaded, or made from the operations of a WSDL."""
    if version.kind == Version.Kind.OPENAPI:
        return Version.objects.values_list("document", flat=True).get(pk=version.pk)
    found = version.operations.all() if operations is None else operations
    return json.dumps(describing.document_of(title_of(version.service), version.number, found), ensure_ascii=False)


def operations(version: Version) -> list[Shown]:
    """The operations of a version in the order of their addresses."""
    found: QuerySet[Operation] = version.operations.defer("request_schema", "response_schema")
    return [
        Shown(
            one.name,
            one.title or one.name,
            one.method,
            one.template,
            one.fields,
            bool(one.person_pointer),
            translating.told(one),
            bool(one.turning.get("translate")),
        )
        for one in found
    ]


def operations_of_register(spec: RegisterSpec) -> list[Shown]:
    """The operations that a register has by itself."""
    return [
        Shown(one.name, one.title_en if _is_english() else one.title, one.method, one.template, list(spec.fields))
        for one in by_themselves.OPERATIONS
    ]
