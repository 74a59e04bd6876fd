"""What the procedures of a pack write and ask of registers, held against the registers as they will stand here: with what is
installed already, on the first day of each procedure, and for dossiers that are under way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.forms.prefill import register_sources
from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.definition import RegisterSpec, label
from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.schemas.positions import Fault
from hienluong.services.dossiers.models import OPEN_STATES, Dossier
from hienluong.services.procedures.effect_checks import effect_problems, needed
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.packs import Loaded, Pack
from hienluong.services.procedures.spec import Effect, ProcedureSpec

#: The versions of each register that will be there, in their order.
Registers = Mapping[str, Sequence[RegisterSpec]]


def registers_with(pack: Pack) -> Registers:
    """The registers that the procedures of a pack name: their versions here, and those that the pack brings."""
    codes = {spec.code for _file, spec in pack.registers}
    for item in pack.procedures:
        codes |= {effect.into for effect in item.spec.effects}
        codes |= {one.register for one in register_sources(item.spec.form).values()} if item.spec.form else set()
    found: dict[str, dict[int, RegisterSpec]] = {code: {} for code in codes}
    for spec in (spec for _file, spec in pack.registers):
        found[spec.code][spec.version] = spec
    for one in Definition.objects.filter(register__code__in=codes).defer("spec").select_related("register"):
        found[one.register.code][one.version] = spec_of(one)
    return {code: [by[number] for number in sorted(by)] for code, by in found.items() if by}


def faults(pack: Pack, fresh: set[str]) -> Iterator[Fault]:
    """What of the procedures could never be signed; `fresh` are the files that are new here or change."""
    registers, today = registers_with(pack), timezone.localdate()
    own = {(spec.code, spec.version) for _file, spec in pack.registers}
    for item in pack.procedures:
        if item.spec.effective_to is None or item.spec.effective_to >= today:
            yield from _by_installed(pack, item, registers)
            if item.file in fresh or _unfilled(item, registers, own):
                yield from _by_first_day(pack, item, registers, max(item.spec.effective_from, today))
    for file, spec in pack.registers:
        if file in fresh and registers[spec.code][0].version < spec.version:
            yield from _under_way(pack, file, spec)


def _by_installed(pack: Pack, item: Loaded, registers: Registers) -> Iterator[Fault]:
    """Against versions that the pack does not have, but that stay in force or come into force here."""
    mine = {(spec.code, spec.version) for _file, spec in pack.registers}
    for code in dict.fromkeys(effect.into for effect in item.spec.effects):
        newest = registers[code][-1] if code in registers else None
        if newest is None or (code, newest.version) in mine:
            continue
        for place, said in effect_problems(item.spec, [newest]):
            words = {"said": said, "version": newest.version, "day": _day(newest.effective_from)}
            message = _("%(said)s (theo phiên bản %(version)s đã cài, có hiệu lực từ %(day)s)") % words
            yield Fault(item.file, pack.line_of(item.file, *place), message)


def _by_first_day(pack: Pack, item: Loaded, registers: Registers, day: date) -> Iterator[Fault]:
    """Against the version that is in force on the first day, when another one comes later."""
    line = pack.line_of(item.file, "effective_from")
    for versions in registers.values():
        then, newest = _on(versions, day), versions[-1]
        if then is newest:
            continue
        first = _first_with(item.spec, versions, day)
        if first is not None:
            early = sorted(_wanted(item.spec, newest) - set(then.fields))
            fields = ", ".join(f"“{label(newest, name)}”" for name in early)
            words = {
                "title": newest.title,
                "fields": fields,
                "version": first.version,
                "day": _day(first.effective_from),
            }
            yield Fault(item.file, line, _before_its_day() % words)
            continue
        later = {said for _place, said in effect_problems(item.spec, [newest])}
        for _place, said in effect_problems(item.spec, [then]):
            if said not in later:
                words = {"said": said, "day": _day(newest.effective_from)}
                yield Fault(item.file, line, _not_yet() % words)


def first_days(pack: Pack) -> dict[str, date]:
    """The day that each procedure, by its file, has to wait for: before it, a register has no field of those it writes."""
    registers, today, found = registers_with(pack), timezone.localdate(), {}
    for item in pack.procedures:
        day = max(item.spec.effective_from, today)
        firsts = [_first_with(item.spec, versions, day) for versions in registers.values()]
        if days := [first.effective_from for first in firsts if first is not None]:
            found[item.file] = max(days)
    return found


def _first_with(spec: ProcedureSpec, versions: Sequence[RegisterSpec], day: date) -> RegisterSpec | None:
    """The first version with every field that a procedure wants; None when that of the day has them."""
    then, newest = _on(versions, day), versions[-1]
    early = (_wanted(spec, newest) & set(newest.fields)) - set(then.fields)
    if then is newest or not early:
        return None
    return next(one for one in versions if early <= set(one.fields) and one.version > then.version)


def _wanted(spec: ProcedureSpec, register: RegisterSpec) -> set[str]:
    """The fields that a procedure names, and those that it has to write and does not yet."""
    lacking = (_lacking(effect, register) for effect in spec.effects if _is_new(effect, register))
    return (_names(spec, register.code) & set(register.fields)).union(*lacking)


def _unfilled(item: Loaded, registers: Registers, own: Collection[tuple[str, int]]) -> bool:
    """Whether a version that the pack brings has to be written a field that the procedure does not write yet."""
    newest = (versions[-1] for versions in registers.values())
    return any(
        _lacking(effect, one)
        for one in newest
        if (one.code, one.version) in own
        for effect in item.spec.effects
        if _is_new(effect, one)
    )


def _before_its_day() -> str:
    return _(
        "cơ sở dữ liệu “%(title)s” chỉ có %(fields)s từ phiên bản %(version)s, có hiệu lực từ %(day)s;"
        " hãy đặt “Áp dụng từ ngày” của thủ tục là %(day)s, không sớm hơn"
    )


def _not_yet() -> str:
    return _("%(said)s; hãy đặt “Áp dụng từ ngày” của thủ tục là %(day)s, khi phiên bản mới có hiệu lực")


def _names(spec: ProcedureSpec, code: str) -> set[str]:
    """The fields of a register that a procedure writes, or fills its form from."""
    names = {name for effect in spec.effects if effect.into == code for name in effect.values}
    sources = register_sources(spec.form).values() if spec.form else ()
    return names | {one.field for one in sources if one.register == code}


def _on(versions: Sequence[RegisterSpec], day: date) -> RegisterSpec:
    """The version in force on a day; before all of them, the first."""
    begun = [one for one in versions if one.effective_from <= day]
    return begun[-1] if begun else versions[0]


@dataclass(frozen=True)
class Met:
    """What dossiers of one procedure meet that were filed before a version of a register: how many there are, what the way
    of carrying over fills for them, what nothing fills."""

    procedure: str
    dossiers: int
    filled: list[str]
    unfilled: list[str]


def met(spec: RegisterSpec) -> list[Met]:
    """What the dossiers under way meet whose procedures write new records into a register that gets this version."""
    found = []
    for version, count in _writing(spec.code):
        lacking = {name for effect in version.spec.effects if _is_new(effect, spec) for name in _lacking(effect, spec)}
        filled = [label(spec, name) for name in spec.fields if name in lacking and name in spec.migrate]
        unfilled = [label(spec, name) for name in spec.fields if name in lacking and name not in spec.migrate]
        if lacking:
            found.append(Met(version.spec.name, count, filled, unfilled))
    return found


def _under_way(pack: Pack, file: str, spec: RegisterSpec) -> Iterator[Fault]:
    for one in met(spec):
        if one.unfilled:
            fields = ", ".join(f"“{name}”" for name in one.unfilled)
            words = {"count": one.dossiers, "name": one.procedure, "fields": fields, "day": _day(spec.effective_from)}
            said = _(
                "%(count)d hồ sơ đang giải quyết của thủ tục “%(name)s” không khai %(fields)s, từ %(day)s sẽ không ký"
                " được; hãy ghi cách chuyển dữ liệu (migrate) cho trường ấy: hồ sơ cũ cũng được ghi theo cách đó"
            )
            yield Fault(file, pack.line_of(file, "version"), said % words)


def _writing(code: str) -> Iterator[tuple[ProcedureVersion, int]]:
    """The versions of procedures with dossiers under way that write into a register, and how many dossiers."""
    inside = {"procedure_version__spec_json__effects__contains": [{"register": code}]}
    counted = (
        Dossier.objects.filter(state__in=OPEN_STATES, **inside).values("procedure_version").annotate(n=Count("pk"))
    )
    numbers = {row["procedure_version"]: row["n"] for row in counted.order_by("procedure_version")}
    for version in ProcedureVersion.objects.filter(pk__in=numbers).order_by("pk"):
        yield version, numbers[version.pk]


def _is_new(effect: Effect, spec: RegisterSpec) -> bool:
    return effect.into == spec.code and (effect.kind == "create" or (effect.kind == "issue" and not effect.key))


def _lacking(effect: Effect, spec: RegisterSpec) -> set[str]:
    return set(needed(spec)) - set(effect.values)


@dataclass(frozen=True)
class Staying:
    """A version that is installed, and newer than what the pack has of the same thing: it stays in force."""

    title: str
    day: date


def staying(pack: Pack) -> list[Staying]:
    """What newer versions of the parts of a pack stay in force, or come into force, whatever the pack says."""
    found = []
    for code, mine in _newest_of(pack).items():
        there = (
            Definition.objects.filter(register__code=code, version__gt=mine).order_by("-version").defer("spec").first()
        )
        if there is not None:
            words = {"title": spec_of(there).title, "version": there.version}
            said = _("Phiên bản %(version)s của cơ sở dữ liệu “%(title)s”") % words
            found.append(Staying(said, there.valid.lower))
    last: dict[str, date] = {}
    for item in pack.procedures:
        last[item.spec.code] = max(item.spec.effective_from, last.get(item.spec.code, date.min))
    for code, day in last.items():
        published = ProcedureVersion.objects.filter(procedure__code=code, state=ProcedureVersion.State.PUBLISHED)
        later = published.filter(valid__isempty=False, valid__startswith__gt=day).order_by("valid").last()
        if later is not None and later.valid.lower is not None:
            found.append(
                Staying(_("Phiên bản khác của thủ tục “%(name)s”") % {"name": later.spec.name}, later.valid.lower)
            )
    return found


def _newest_of(pack: Pack) -> dict[str, int]:
    newest: dict[str, int] = {}
    for _file, spec in pack.registers:
        newest[spec.code] = max(spec.version, newest.get(spec.code, 0))
    return newest


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"
