"""Work in hand follows its organisation: told by an event, moved by a job, dossier by dossier."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.organisations import actions as organisations
from hienluong.services.dossiers import actions, handover, queries, tasks
from hienluong.services.dossiers.models import Dossier, Handover
from tests.factories import TESTER, actor_for_role, make_org
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


def jobs(name: str) -> list[dict[str, int]]:
    return list(ProcrastinateJob.objects.filter(task_name=name).order_by("pk").values_list("args", flat=True))


def merge(p: Province) -> None:
    """The first commune is merged into the other today; the event is dispatched, the job it left is done."""
    today = timezone.localdate()
    organisations.succeed(
        TESTER,
        kind="merge",
        predecessors=[p.commune],
        successors=[p.other_commune],
        on=today,
        legal_basis="Nghị quyết kiểm thử",
    )
    dispatch_waiting()
    for args in jobs("dossiers.move_work"):
        tasks.move_work(**args)


def received(p: Province, model: str = "single_agency") -> Dossier:
    dossier = p.file(model=model)
    actions.receive(p.clerk, dossier=dossier)
    return Dossier.objects.get(pk=dossier.pk)


def test_work_goes_to_the_matching_division_and_counter_where_people_can_act(province: Province) -> None:
    waiting, reviewed = province.file(), received(province)
    officer = actor_for_role("officer", province.other_division)
    merge(province)
    moved = Dossier.objects.get(pk=reviewed.pk)
    assert (moved.competent, moved.handling, moved.received_at_org) == (
        province.other_commune,
        province.other_division,
        province.other_counter,
    )
    assert moved.code.startswith(province.counter.code)  # history stays
    assert list(queries.inbox(officer)) == [moved]
    actions.receive(province.other_clerk, dossier=Dossier.objects.get(pk=waiting.pk))
    actions.review(officer, dossier=moved, grants=True, conclusion="Đủ điều kiện.")
    assert Handover.objects.filter(verb="move_to_successor", dossier=moved).count() == 1  # told once


def test_an_opinion_that_is_owed_is_owed_by_the_successor(province: Province) -> None:
    dossier = received(province, "parallel_opinions")
    actions.review(province.officer, dossier=dossier, grants=True, conclusion="Cần hỏi ý kiến.")
    taken = handover.takeover(province.agency_one, province.agency_two)
    actions.move_to_successor(handover.WHO, dossier=dossier, takeover=taken)
    assert set(dossier.opinions.values_list("organization", flat=True)) == {province.agency_two.pk}


def test_a_merger_announced_for_later_moves_nothing_today(province: Province) -> None:
    dossier = received(province)
    organisations.succeed(
        TESTER,
        kind="merge",
        predecessors=[province.commune],
        successors=[province.other_commune],
        on=timezone.localdate() + timedelta(days=30),
        legal_basis="Nghị quyết kiểm thử",
    )
    dispatch_waiting()
    assert jobs("dossiers.move_work") == []
    assert Dossier.objects.get(pk=dossier.pk).competent == province.commune


def test_moving_twice_moves_once(province: Province) -> None:
    received(province)
    merge(province)
    assert handover.move_work(province.commune, province.other_commune) == 0


def test_paths_follow_an_organisation_that_was_moved(province: Province) -> None:
    dossier = received(province)
    region = make_org("Khu vực", code="H50.40", kind="department", parent=province.root)
    organisations.move(
        TESTER, org=province.commune, parent=region, on=timezone.localdate(), legal_basis="Nghị quyết kiểm thử"
    )
    dispatch_waiting()
    for args in jobs("dossiers.follow_move"):
        tasks.follow_move(**args)
    moved = Dossier.objects.get(pk=dossier.pk)
    province.division.refresh_from_db()
    assert moved.handling_path == moved.waiting_path == province.division.path
    assert moved.handling_path.startswith(region.path)
