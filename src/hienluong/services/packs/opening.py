"""A pack before it is installed: its files, what they declare, and every fault by file and line. No database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from hienluong.foundation.actions import NotFound
from hienluong.foundation.schemas.positions import Fault
from hienluong.services.procedures import packs
from hienluong.services.procedures.packs import Pack

from . import contents, dependencies, signatures
from .contents import Content, Read
from .models import Offer, Package

Origin = Package.Origin


@dataclass
class Bundle:
    """A pack that was read. `faults` must be empty before it is installed."""

    content: Content
    origin: Origin
    pack: Pack
    faults: list[Fault]
    signed: signatures.Standing

    @property
    def name(self) -> str:
        """The declared name; empty when it cannot be read."""
        return self.pack.manifest.name if self.pack.manifest else ""

    @property
    def version(self) -> str:
        """The declared version; empty when it cannot be read."""
        return self.pack.manifest.version if self.pack.manifest else ""

    @property
    def depends_on(self) -> list[str]:
        """The packs that must be there before it, as it says them."""
        return self.pack.manifest.depends_on if self.pack.manifest else []


def open_folder(folder: Path) -> Bundle:
    """A pack in a folder: the product's, an installed distribution's, or any other on this machine."""
    if packs.is_of_product(folder):
        origin = Origin.PRODUCT
    else:
        known = {path.resolve() for path in packs.distribution_folders()}
        origin = Origin.WHEEL if folder.resolve() in known else Origin.FOLDER
    if not folder.is_dir():
        return _bundle(Read(faults=[Fault("pack.yaml", 1, _("không có thư mục này"))]), origin, Pack(folder))
    read = contents.from_folder(folder, code=origin in (Origin.PRODUCT, Origin.WHEEL))
    if origin == Origin.PRODUCT:
        return _bundle(read, origin, packs.load(folder))
    return _opened(read, origin)


def open_zip(body: bytes, origin: Origin = Origin.UPLOAD) -> Bundle:
    """A pack in a ZIP, which may be hostile."""
    return _opened(contents.from_zip(body), origin)


def open_content(content: Content, origin: Origin = Origin.BUILT) -> Bundle:
    """A pack whose files are at hand."""
    return _opened(contents.checked(content), origin)


def open_offer(offer: Offer) -> Bundle:
    """A pack that was uploaded and is looked at."""
    return open_content(contents.stored(bytes(offer.archive)), Origin.UPLOAD)


def open_again(package: Package) -> Bundle:
    """A pack that was taken away: from its folder when it comes with this installation, else from the files that were
    kept. Raises :class:`NotFound` when that folder is gone."""
    if package.origin not in (Origin.PRODUCT, Origin.WHEEL):
        return open_content(contents.stored(bytes(package.content.archive)), Origin(package.origin))
    folder = next((folder for folder in packs.shipped_folders() if packs.name_of(folder) == package.name), None)
    if folder is None:
        raise NotFound(_("Gói này không còn đi kèm hệ thống."))
    return open_folder(folder)


def open_path(path: Path) -> Bundle:
    """A pack in a folder or a ZIP file on this machine."""
    if path.is_file():
        if path.stat().st_size > contents.MAX_ZIP:
            return open_zip(b"\0" * (contents.MAX_ZIP + 1), Origin.FOLDER)
        return open_zip(path.read_bytes(), Origin.FOLDER)
    return open_folder(path)


def _opened(read: Read, origin: Origin) -> Bundle:
    if read.faults:
        return _bundle(read, origin, Pack(Path("pack")))
    with read.content.unpacked() as folder:
        return _bundle(read, origin, packs.load(folder))


def _bundle(read: Read, origin: Origin, pack: Pack) -> Bundle:
    signed = signatures.standing(read.content)
    faults = [*read.faults, *pack.faults, *signed.faults]
    if pack.manifest:
        for number, needed in enumerate(pack.manifest.depends_on):
            if dependencies.parsed(needed) is None:
                said = _("“%(needed)s” phải là tên gói, hoặc tên gói>=phiên bản") % {"needed": needed}
                faults.append(Fault("pack.yaml", pack.line_of("pack.yaml", "depends_on", number), said))
    pack.faults = faults
    return Bundle(read.content, origin, pack, faults, signed)


def in_order(bundles: Iterable[Bundle]) -> Iterator[Bundle]:
    """What others depend on comes first; those in a ring, and those alone, come in the order given."""
    waiting = list(bundles)
    names = {bundle.name for bundle in waiting}
    while waiting:
        ready = [b for b in waiting if not ({dependencies.name_of(n) for n in b.depends_on} & names - {b.name})]
        for bundle in ready or waiting[:1]:
            names.discard(bundle.name)
            waiting.remove(bundle)
            yield bundle
