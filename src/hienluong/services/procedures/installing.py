"""Putting a pack into the catalogue: what changed becomes a new version, what did not is left alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.registers import tasks
from hienluong.capabilities.registers.actions import install as install_register
from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.definition import RegisterSpec, breaks
from hienluong.capabilities.registers.models import Definition
from hienluong.capabilities.scoring.definition import ScoringSpec
from hienluong.capabilities.scoring.installing import install as install_scoring
from hienluong.capabilities.scoring.models import ScoringDefinition
from hienluong.capabilities.workflow import library
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.codelists.actions import install as install_codelist
from hienluong.foundation.codelists.queries import standing
from hienluong.foundation.codelists.reading import Loaded as LoadedList
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.organisations.queries import named
from hienluong.foundation.schemas import lists
from hienluong.foundation.schemas.positions import Fault

from .actions import WrongState, import_version, publish
from .models import ProcedureVersion
from .packs import Loaded, Manifest, Pack
from .versions import digest, in_force_before, latest_for, stored

Kind = Literal["new", "changed", "same"]


@dataclass(frozen=True)
class Difference:
    """What installing would do with one file.

    For a new version of a register: what records of the version before would not satisfy (field, why), and of these
    what `migrate` says nothing about.
    """

    file: str
    code: str
    kind: Kind
    breaks: tuple[tuple[str, str], ...] = ()
    uncovered: tuple[str, ...] = ()
    #: The whole definitions that differ; None where there was none before, or nothing differs.
    before: Mapping[str, Any] | None = field(default=None, repr=False)
    after: Mapping[str, Any] | None = field(default=None, repr=False)


@dataclass
class Installed:
    """What installing did, by file; `refused` says why a file was left out."""

    new: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


class Refused(InvalidInput):
    """A part of a pack cannot be installed, so nothing of it is; `faults` says which, by file and line."""

    code = "procedures.part_refused"

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault), faults=[str(fault)])
        self.faults = [fault]


def diff(pack: Pack) -> list[Difference]:
    """What installing the pack would change in the catalogue. Reads only."""
    listed = [Difference(each.file, each.spec.code, standing(each)) for each in pack.codelists if each.spec]
    kept = [_definition_difference(file, spec) for file, spec in pack.registers]
    scored = [_definition_difference(file, spec) for file, spec in pack.scoring]
    return listed + kept + scored + [_difference(item) for item in pack.procedures]


def install(
    actor: Actor | Act, pack: Pack, *, procedures: Sequence[str] | None = None, whole: bool = False
) -> Installed:
    """Publish the versions of a pack, oldest first; repeating it changes nothing.

    All or nothing, except corrections of versions that are no longer in force, and registers whose owner is not there:
    those are refused one by one and said. With `whole`, there are no exceptions: raises :class:`Refused`.
    Raises :class:`InvalidInput` when the pack has faults.
    """
    if pack.faults or pack.manifest is None:
        raise InvalidInput(
            _("Gói còn %(count)d lỗi, không cài được.") % {"count": len(pack.faults)},
            code="procedures.pack_faulty",
            faults=[str(fault) for fault in pack.faults],
        )
    if missing := [name for name in pack.manifest.uses_codelists if not lists.knows(name)]:
        raise InvalidInput(
            _("Gói cần danh mục chưa có: %(names)s.") % {"names": ", ".join(missing)},
            code="procedures.no_codelist",
        )
    done = Installed()
    with transaction.atomic():
        for loaded in pack.codelists if procedures is None else ():
            with _told(pack, loaded.file, "code"):
                _install_codelist(actor, pack.manifest, loaded, done)
        registers = pack.registers if procedures is None else []
        for file, spec in sorted(registers, key=lambda found: (found[1].code, found[1].version)):
            with _told(pack, file, "code"):
                _install_register(actor, pack.manifest, file, spec, done)
        scoring = pack.scoring if procedures is None else []
        for file, form in sorted(scoring, key=lambda found: (found[1].code, found[1].version)):
            with _told(pack, file, "code"):
                _install_scoring(actor, pack.manifest, file, form, done)
        for item in sorted(pack.procedures, key=lambda item: (item.spec.code, item.spec.effective_from)):
            if procedures is None or item.spec.code in procedures:
                with _told(pack, item.file, "effective_from"):
                    _install_one(actor, pack, item, done)
        for file, why in done.refused if whole else ():
            raise Refused(Fault(file, pack.line_of(file, "owner"), why))
    return done


@contextmanager
def _told(pack: Pack, file: str, part: str) -> Iterator[None]:
    """What a part is refused for is said with its file and line: at the field that was named, else at `part`."""
    try:
        yield
    except (NotAllowed, Refused):
        raise
    except DomainError as error:
        place = error.field if error.field and pack.documents.get(file) else part
        line = pack.line_of(file, place) if pack.line_of(file, place) > 1 else pack.line_of(file, part)
        raise Refused(Fault(file, line, str(error.message))) from error


def _install_one(actor: Actor | Act, pack: Pack, item: Loaded, done: Installed) -> None:
    kind = _difference(item).kind
    if kind == "same":
        done.same.append(item.file)
        return
    try:
        with transaction.atomic():
            assert pack.manifest is not None
            source = f"pack:{pack.manifest.name}@{pack.manifest.version}"
            if own := pack.processes.get(item.spec.process.model):
                library.take_in(item.spec.process.model, own)
            publish(actor, version=import_version(actor, spec=item.spec, source=source))
    except WrongState as error:
        done.refused.append((item.file, str(error.message)))
        return
    (done.new if kind == "new" else done.changed).append(item.file)


def _install_register(actor: Actor | Act, manifest: Manifest, file: str, spec: RegisterSpec, done: Installed) -> None:
    """Put one version of a register's definition into force; its indexes are built in the background."""
    kind, owner = _kind(spec, _definitions(spec)), _owner(file, spec, done)
    if owner is not None:
        tasks.after_install(install_register(actor, spec=spec, owner=owner, pack=manifest.name))
        getattr(done, kind).append(file)


def _install_scoring(actor: Actor | Act, manifest: Manifest, file: str, spec: ScoringSpec, done: Installed) -> None:
    """Put one version of a scoring form into force."""
    kind, owner = _kind(spec, _definitions(spec)), _owner(file, spec, done)
    if owner is not None:
        install_scoring(actor, spec=spec, owner=owner, pack=manifest.name)
        getattr(done, kind).append(file)


def _definitions(spec: RegisterSpec | ScoringSpec) -> QuerySet[Any]:
    """The versions that are there of a register or scoring form, the newest first."""
    if isinstance(spec, RegisterSpec):
        return Definition.objects.filter(register__code=spec.code).order_by("-version")
    return ScoringDefinition.objects.filter(form__code=spec.code).order_by("-version")


def _kind(spec: RegisterSpec | ScoringSpec, there: QuerySet[Any]) -> Kind:
    return "same" if there.filter(version=spec.version).exists() else "changed" if there.exists() else "new"


def _owner(file: str, spec: RegisterSpec | ScoringSpec, done: Installed) -> Organization | None:
    """Who owns it; None, and told, when there is no such organisation here."""
    try:
        return named(spec.owner)
    except NotFound as error:
        done.refused.append((file, str(error.message)))
        return None


def _install_codelist(actor: Actor | Act, manifest: Manifest, loaded: LoadedList, done: Installed) -> None:
    """Bring a list of the pack to what its file says."""
    kind = standing(loaded)
    install_codelist(actor, loaded=loaded, pack=manifest.name)
    {"new": done.new, "changed": done.changed, "same": done.same}[kind].append(loaded.file)


def _difference(item: Loaded) -> Difference:
    spec = item.spec
    before = latest_for(spec)
    if before is None or before.state != ProcedureVersion.State.PUBLISHED:
        before = in_force_before(spec)
        if before is None:
            return Difference(item.file, spec.code, "new")
    elif before.digest == digest(spec):
        return Difference(item.file, spec.code, "same")
    old, new = before.spec_json, stored(spec)
    return Difference(item.file, spec.code, "changed", before=old, after=new)


def _definition_difference(file: str, spec: RegisterSpec | ScoringSpec) -> Difference:
    there = _definitions(spec)
    same = there.filter(version=spec.version).first()
    latest = same or there.first()
    if latest is None:
        return Difference(file, spec.code, "new")
    if same and same.digest == spec.digest:
        return Difference(file, spec.code, "same")
    old, new = latest.spec, spec.model_dump(mode="json", by_alias=True)
    if same or not isinstance(spec, RegisterSpec):
        return Difference(file, spec.code, "changed", before=old, after=new)
    broken = tuple(breaks(spec_of(latest), spec))
    uncovered = tuple(name for name, _why in broken if name not in spec.migrate)
    return Difference(file, spec.code, "changed", broken, uncovered, old, new)
