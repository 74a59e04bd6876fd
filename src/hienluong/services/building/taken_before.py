"""Which fields of a register were there when a procedure was last worked out from it: only those that have come since are
offered as new ones, as questions and as what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.actions import spec_of
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Definition
from hienluong.foundation.schemas.positions import parse
from hienluong.foundation.schemas.properties import properties

from . import files
from .field_properties import kind_of
from .form_operations import PALETTE
from .models import State
from .procedure_bench import Opened
from .register_operations import schema_of


def words(title: str) -> str:
    """What the state is called that taking questions makes."""
    return _("Lấy câu hỏi từ “%(title)s”") % {"title": title}


def effect_words(title: str) -> str:
    """What the state is called in which it was said what is written into a register."""
    return _("Ghi vào cơ sở dữ liệu %(title)s") % {"title": title}


def askable(found: Opened, spec: RegisterSpec) -> list[str]:
    """The fields of a register that people could be asked for and the form does not: not those that are computed, given with
    the certificate, or the agency."""
    given = {*spec.computed, *spec.certified, spec.responsible, *found.fields}
    return [name for name, prop in spec.fields.items() if name not in given and kind_of(prop) in PALETTE]


def new_since_written(found: Opened, spec: RegisterSpec, effect: Mapping[str, Any]) -> list[str]:
    """The fields of a register that a new record could say, that have come since it was said what is written, and that the
    effect does not write."""
    if effect.get("kind", "create") not in ("create", "issue") or effect.get("key"):
        return []
    state, values = _last(found, effect_words, spec), effect.get("set")
    known = _fields_in(state, spec.code) if state else _of_version_before(found, spec)
    known |= set(values) if isinstance(values, Mapping) else set()
    return [name for name in spec.asked if name not in known | spec.certified] if known else []


def _of_version_before(found: Opened, spec: RegisterSpec) -> set[str]:
    """The fields of the versions before the newest one, in the draft and here; all of them when there is none before."""
    own = [each for _file, each in found.bench.checked.pack.registers if each.code == spec.code]
    here = Definition.objects.filter(register__code=spec.code).select_related("register")
    before = [each for each in (*own, *map(spec_of, here)) if each.version < spec.version]
    return {name for each in before for name in each.fields} or set(spec.fields)


def known_before(found: Opened, spec: RegisterSpec) -> frozenset[str]:
    """The fields that the register had when questions were last taken from it into this form; none when they never were."""
    is_begun = any(name in found.fields for name in spec.fields if name != spec.name)
    state = _last(found, words, spec) if is_begun else None
    if state is None:
        return frozenset()
    return frozenset(_fields_in(state, spec.code)) or frozenset(spec.fields)


def _fields_in(state: State, code: str) -> set[str]:
    """The fields of every version of a register that the draft had in a state."""
    texts = files.of(state)
    said = [parse(text, path).value for path, text in texts.items() if path.startswith("registers/")]
    return {
        name
        for definition in said
        if isinstance(definition, Mapping) and definition.get("code") == code
        for name in properties(schema_of(definition))
    }


def _last(found: Opened, called_by: Callable[[str], str], spec: RegisterSpec) -> State | None:
    """The last state on the way to the one worked on that is called so and in which this procedure was changed."""
    called = set(_in_every_language(called_by, spec.title))
    steps = State.objects.filter(draft=found.bench.draft)
    parents = dict(steps.values_list("pk", "parent_id"))
    candidates = {state.pk: state for state in steps.filter(words__in=called)}
    at: int | None = found.bench.head.pk
    while at is not None:
        before = parents.get(at)
        state = candidates.get(at)
        if state and before and _changed(state, State.objects.get(pk=before), found.path):
            return state
        at = before
    return None


def _changed(state: State, before: State, path: str) -> bool:
    changed: bool = state.files.get(path) != before.files.get(path)
    return changed


def _in_every_language(called_by: Callable[[str], str], title: str) -> Iterator[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield called_by(title)[:300]
