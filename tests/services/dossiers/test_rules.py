"""The one-stop rules of a dossier are obeyed, not only written down; a correction never reaches what was filed before."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput
from hienluong.services.dossiers import actions, clock
from hienluong.services.dossiers.models import DeadlineChange, Dossier
from hienluong.services.procedures import rules
from hienluong.services.procedures.models import RuleSet
from hienluong.services.procedures.rule_sets import PastRuleSet, bring_in
from tests.factories import TESTER
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db

REVIEW: dict[str, Any] = {"stage": "review", "max_requests": 1, "legal_basis": "Điều 19"}


def received(p: Province, **how: Any) -> Dossier:
    dossier = p.file(**how)
    actions.receive(p.clerk, dossier=dossier)
    return Dossier.objects.get(pk=dossier.pk)


def test_where_the_rules_say_so_the_clock_begins_anew(province: Province) -> None:
    province.change_rules(supplements=[{**REVIEW, "restarts_clock": True}])
    dossier = received(province)
    actions.request_supplement(province.officer, dossier=dossier, reason="Thiếu căn cước.", items=[])
    actions.answer_supplement(province.citizen, dossier=dossier, note="Đã bổ sung.")
    change = DeadlineChange.objects.get(dossier=dossier, kind="supplement")
    anew, _rule = clock.due_from(dossier, timezone.now())
    assert (change.due_after, change.legal_basis) == (anew.due, "Điều 19")
    assert sum(line["counted"] for line in change.lines) == 3  # the whole time again


def test_after_the_days_for_asking_a_supplement_is_refused(province: Province) -> None:
    province.change_rules(supplements=[{**REVIEW, "ask_within_working_days": 3}])
    dossier = received(province)
    Dossier.objects.filter(pk=dossier.pk).update(
        submitted_at=timezone.now() - timedelta(days=31), received_at=timezone.now() - timedelta(days=30)
    )
    with pytest.raises(actions.SupplementNotAllowed, match="3 ngày làm việc"):
        actions.request_supplement(province.officer, dossier=dossier, reason="Thiếu.", items=[])


def test_a_new_date_is_promised_no_more_often_than_allowed(province: Province) -> None:
    dossier = received(province)
    soon = timezone.now() + timedelta(days=30)
    actions.apologise(province.head, dossier=dossier, reason="Quá tải.", due=soon)
    with pytest.raises(actions.ExtensionNotAllowed, match="tối đa 1"):
        actions.apologise(province.head, dossier=dossier, reason="Nữa.", due=soon + timedelta(days=9))


def test_an_apology_before_a_supplement_does_not_undo_the_delay(province: Province) -> None:
    dossier = received(province)
    past = timezone.now() - timedelta(days=2)
    DeadlineChange.objects.filter(dossier=dossier).update(due_after=past, lawful_after=past)
    Dossier.objects.filter(pk=dossier.pk).update(due_at=past)
    actions.apologise(province.head, dossier=dossier, reason="Quá tải.", due=timezone.now() + timedelta(days=9))
    actions.request_supplement(province.officer, dossier=dossier, reason="Thiếu.", items=[])
    actions.answer_supplement(province.citizen, dossier=dossier, note="Đã bổ sung.")
    assert clock.lawful_due(Dossier.objects.get(pk=dossier.pk)) == past


def test_where_it_may_not_be_filed_anywhere_only_the_own_counter_takes_it(province: Province) -> None:
    province.change_rules(anywhere_in_province=False)
    with pytest.raises(InvalidInput) as refused:
        province.file(competent=province.other_commune)
    assert refused.value.code == "dossiers.wrong_counter"
    assert province.file().received_at_org == province.counter


def test_a_corrected_rule_set_is_another_version_and_a_past_one_stays(province: Province) -> None:
    filed = province.file()
    spec = RuleSet.objects.get(code="2025").spec
    assert not bring_in(TESTER, spec=spec)
    assert bring_in(TESTER, spec=spec.model_copy(update={"max_extensions": 2}))
    assert province.rule_set_on(timezone.localdate()) == "2025-2"
    assert Dossier.objects.get(pk=filed.pk).rule_set.spec.max_extensions == 1
    with pytest.raises(PastRuleSet):
        bring_in(TESTER, spec=RuleSet.objects.get(code="2022").spec.model_copy(update={"max_extensions": 2}))


def test_loading_the_shipped_rule_sets_twice_changes_nothing(db: None) -> None:
    assert rules.load() == 2
    assert rules.load() == 0
