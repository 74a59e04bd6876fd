"""Reading what is installed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.models import Definition, Register
from hienluong.capabilities.scoring.models import ScoringDefinition
from hienluong.foundation.actions import NotFound
from hienluong.foundation.codelists.models import CodeList
from hienluong.services.procedures.models import Procedure

from . import contents
from .contents import Content as Files
from .models import Installation, Offer, Package, Part, TrustedSigner


def get(name: str) -> Package:
    """A pack that is installed or was. Raises :class:`NotFound`."""
    found = Package.objects.filter(name=name.replace("\0", "")).first()
    if found is None:
        raise NotFound(_("Hệ thống chưa từng cài gói này."))
    return found


def packages() -> QuerySet[Package]:
    """All packs by name, with how many parts of each kind they brought (``codelists``, ``registers``, ``procedures``,
    ``scorings``)."""
    counts = {f"{kind}s": Count("parts", filter=Q(parts__kind=kind)) for kind in Part.Kind.values}
    return Package.objects.annotate(**counts).order_by("name")


def removed() -> frozenset[str]:
    """The names of the packs that were taken away: nobody brings them back by the way."""
    return frozenset(Package.objects.filter(state=Package.State.REMOVED).values_list("name", flat=True))


def last_done() -> Mapping[int, Installation]:
    """What was done last with each pack, by its key; one query."""
    return {one.package_id: one for one in Installation.objects.order_by("package_id", "-pk").distinct("package_id")}


@dataclass(frozen=True)
class Brought:
    """A part of a pack with what it is called; `state` says in words what became of it, empty while it is in use."""

    part: Part
    title: str
    state: str = ""


def brought(package: Package) -> list[Brought]:
    """What a pack brought, by kind and code; a constant number of queries."""
    parts = list(package.parts.all())
    codes: dict[str, list[str]] = {kind: [] for kind in Part.Kind.values}
    for part in parts:
        codes[part.kind].append(part.code)
    titles: dict[tuple[str, str], str] = {}
    titles |= _titled("codelist", CodeList.objects.filter(code__in=codes["codelist"]).values_list("code", "title"))
    titles |= _titled("procedure", Procedure.objects.filter(code__in=codes["procedure"]).values_list("code", "name"))
    titles |= _titled("register", _newest(Definition, "register", codes["register"]))
    titles |= _titled("scoring", _newest(ScoringDefinition, "form", codes["scoring"]))
    retired = Register.objects.filter(code__in=codes["register"]).exclude(retired_on=None)
    states = dict.fromkeys((("register", code) for code in retired.values_list("code", flat=True)), _("Dừng ghi"))
    withdrawn = Procedure.objects.filter(code__in=codes["procedure"]).exclude(withdrawn_on=None)
    states |= dict.fromkeys((("procedure", code) for code in withdrawn.values_list("code", flat=True)), _("Bãi bỏ"))
    keys = [(part.kind, part.code) for part in parts]
    return [Brought(part, titles.get(key, ""), states.get(key, "")) for part, key in zip(parts, keys, strict=True)]


def _titled(kind: str, rows: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    return {(kind, code): title for code, title in rows}


def _newest(model: type[Definition] | type[ScoringDefinition], owner: str, codes: list[str]) -> Any:
    """The title that the newest version of each says."""
    by = f"{owner}_id"
    found = model._default_manager.filter(**{f"{owner}__code__in": codes}).order_by(by, "-version").distinct(by)
    return found.values_list(f"{owner}__code", "spec__title")


def offers() -> QuerySet[Offer]:
    """The packs that were uploaded and wait for somebody's decision, the newest first, without their files."""
    return Offer.objects.defer("archive")


def offer(pk: UUID) -> Offer:
    """One of them. Raises :class:`NotFound`."""
    found = Offer.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("Gói này đã cài hoặc đã bỏ."))
    return found


def history(package: Package) -> QuerySet[Installation]:
    """What was done with a pack, the newest first."""
    return package.history.all()


def signers() -> QuerySet[TrustedSigner]:
    """The signers that are trusted, and those that were."""
    return TrustedSigner.objects.order_by("removed_at", "name")


def files_of(package: Package, installation: Installation | None = None) -> Files:
    """The files of a pack byte for byte as they were installed, the newest time or another."""
    kept = (installation or package).content
    return contents.stored(bytes(kept.archive))


def find(name: str, pk: int) -> Installation:
    """One thing that was done with a pack. Raises :class:`NotFound`."""
    found = Installation.objects.select_related("content", "package").filter(package__name=name, pk=pk).first()
    if found is None:
        raise NotFound(_("Không có lần cài này."))
    return found
