"""Reading what is installed."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from hienluong.foundation.actions import NotFound

from . import contents
from .contents import Content as Files
from .models import Installation, Package, TrustedSigner


def get(name: str) -> Package:
    """A pack that is installed or was. Raises :class:`NotFound`."""
    found = Package.objects.filter(name=name.replace("\0", "")).first()
    if found is None:
        raise NotFound(_("Hệ thống chưa từng cài gói này."))
    return found


def packages() -> QuerySet[Package]:
    """All packs by name, with how many parts of each kind they brought (``codelists``, ``registers``, ``procedures``)."""
    counts = {f"{kind}s": Count("parts", filter=Q(parts__kind=kind)) for kind in ("codelist", "register", "procedure")}
    return Package.objects.annotate(**counts)


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
