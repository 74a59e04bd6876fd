"""Which fields of a register a form left out when questions were last taken from it: they are not offered as new ones again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.schemas.positions import parse
from hienluong.foundation.schemas.properties import properties

from . import files
from .models import State
from .procedure_bench import Opened
from .register_operations import schema_of


def words(title: str) -> str:
    """What the state is called that taking questions makes."""
    return _("Lấy câu hỏi từ “%(title)s”") % {"title": title}


def known_before(found: Opened, spec: RegisterSpec) -> frozenset[str]:
    """The fields that the register had when questions were last taken from it into this form; none when they never were."""
    is_begun = any(name in found.fields for name in spec.fields if name != spec.name)
    state = _last_taken(found, spec) if is_begun else None
    if state is None:
        return frozenset()
    path = next((file for file, each in found.bench.checked.pack.registers if each.code == spec.code), "")
    if path not in state.files:
        return frozenset(spec.fields)
    definition = parse(files.of(state)[path], path).value
    return frozenset(properties(schema_of(definition)) if isinstance(definition, Mapping) else ())


def _last_taken(found: Opened, spec: RegisterSpec) -> State | None:
    """The last state on the way to the one worked on in which it was done for this procedure."""
    called = set(_in_every_language(spec.title))
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


def _in_every_language(title: str) -> Iterator[str]:
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            yield words(title)[:300]
