"""The catalogue at its true size, with trial entries that nobody can take for real."""

from __future__ import annotations

import time

import pytest

from hienluong.services.procedures import generator, installing, packs, queries
from hienluong.services.procedures.models import Procedure, ProcedureVersion
from hienluong.services.procedures.queries import CatalogueFilter

from .samples import ACTOR, published

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_the_counts_are_the_provinces_real_ones_included() -> None:
    for folder in packs.shipped_folders():
        installing.install(ACTOR, packs.load(folder))
    real = queries.catalogue().count()
    started = time.monotonic()
    number = generator.fill(ACTOR)
    assert time.monotonic() - started < 20
    assert real + number == 1978
    assert queries.levels_2022() == {1: 16, 2: 714, 3: 197, 4: 1051}
    assert sum(counted.count for counted in queries.fields_with_counts()) == 1978


def test_trial_entries_are_plainly_marked_and_varied_and_a_real_procedure_takes_the_place_of_one() -> None:
    generator.fill(ACTOR)
    trial = Procedure.objects.filter(generated=True)
    assert not trial.exclude(code__startswith="9.").exists()
    assert trial.values("name").distinct().count() > 1900
    assert trial.values("field").distinct().count() > 50
    assert not queries.catalogue(CatalogueFilter(generated=False)).exists()
    spec = queries.current_version(trial.order_by("code")[0].code).spec
    assert "Mục thử" in spec.summary
    assert not spec.complete
    versions = ProcedureVersion.objects.count()
    published()
    generator.fill(ACTOR)
    assert queries.levels_2022() == {1: 16, 2: 714, 3: 197, 4: 1051}
    assert Procedure.objects.filter(generated=True, state=Procedure.State.DRAFT).count() == 1
    assert ProcedureVersion.objects.count() == versions + 1


def test_the_same_seed_gives_the_same_entries() -> None:
    first = [spec.model_dump() for spec in generator._entries(3)]
    assert first == [spec.model_dump() for spec in generator._entries(3)]
