"""A step writes what it changed and nothing else."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hienluong.services.dossiers.models import Dossier, State
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


def test_only_the_columns_that_changed_are_written(province: Province) -> None:
    dossier = Dossier.objects.get(pk=province.file().pk)
    Dossier.objects.filter(pk=dossier.pk).update(note="do người khác vừa ghi")
    dossier.state = State.IN_PROGRESS
    with CaptureQueriesContext(
        connection,
    ) as seen:
        dossier.save_changes()
        dossier.save_changes()
    assert len(seen) == 1
    assert seen[0]["sql"].startswith('UPDATE "dossiers_dossier" SET "state" = ')
    assert seen[0]["sql"].count(" = ") == 2
    again = Dossier.objects.get(pk=dossier.pk)
    assert (again.state, again.note) == (State.IN_PROGRESS, "do người khác vừa ghi")


def test_what_was_written_once_is_written_again_when_it_changes_back(province: Province) -> None:
    dossier = Dossier.objects.get(pk=province.file().pk)
    first = dossier.state
    for state in (State.IN_PROGRESS, first):
        dossier.state = state
        dossier.save_changes()
        assert Dossier.objects.get(pk=dossier.pk).state == state


def test_a_row_read_in_part_is_written_in_part(province: Province) -> None:
    dossier = Dossier.objects.only("state").get(pk=province.file().pk)
    dossier.state = State.IN_PROGRESS
    dossier.save_changes()
    assert Dossier.objects.get(pk=dossier.pk).state == State.IN_PROGRESS


def test_a_change_is_taken_back_after_a_plain_save_and_after_reading_again(province: Province) -> None:
    dossier = Dossier.objects.get(pk=province.file().pk)
    dossier.note = "một"
    dossier.save(update_fields=("note",))
    dossier.note = ""
    dossier.save_changes()
    assert Dossier.objects.get(pk=dossier.pk).note == ""
    Dossier.objects.filter(pk=dossier.pk).update(note="người khác")
    dossier.refresh_from_db()
    dossier.note = ""
    dossier.save_changes()
    assert Dossier.objects.get(pk=dossier.pk).note == ""
