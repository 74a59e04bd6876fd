"""The explain page says of a dossier what its actions do: for every verb, stage and person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.workflow.engine import NotAtThatStep
from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed
from hienluong.foundation.identity.explain import Explanation, explain
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import access, actions, explaining, lawful
from hienluong.services.dossiers.models import Dossier
from tests.factories import actor_for_role
from tests.services.dossiers.province import Province

pytestmark = [pytest.mark.django_db, pytest.mark.once]

WHO = ("clerk", "officer", "head", "leader", "other_clerk", "other_leader", "asked")
TRIES: dict[str, Callable[[Province, Actor, Dossier], Any]] = {
    "dossiers.receive": lambda p, a, d: actions.receive(a, dossier=d),
    "dossiers.refuse": lambda p, a, d: actions.refuse(a, dossier=d, reason="Sai thẩm quyền"),
    "dossiers.review": lambda p, a, d: actions.review(a, dossier=d, grants=True, conclusion="Đủ"),
    "dossiers.submit_for_signature": lambda p, a, d: actions.submit_for_signature(a, dossier=d),
    "dossiers.sign": lambda p, a, d: actions.sign(a, dossier=d),
    "dossiers.return_result": lambda p, a, d: actions.return_result(a, dossier=d, recipient="Người nộp"),
    "dossiers.stop": lambda p, a, d: actions.stop(a, dossier=d, reason="Theo đề nghị"),
    "dossiers.apologise": lambda p, a, d: actions.apologise(
        a, dossier=d, reason="Mưa lũ", due=timezone.now() + timedelta(days=30)
    ),
    "dossiers.note": lambda p, a, d: actions.add_note(a, dossier=d, text="Đã gọi"),
    "dossiers.view": lambda p, a, d: access.require_view(a, d),
}
STAGES: dict[str, Callable[[Province, Dossier], Any]] = {
    "filed": lambda p, d: d,
    "received": lambda p, d: actions.receive(p.clerk, dossier=d),
    "reviewed": lambda p, d: (
        actions.receive(p.clerk, dossier=d),
        actions.review(p.officer, dossier=d, grants=True, conclusion="Đủ"),
    ),
    "stopped": lambda p, d: (
        actions.receive(p.clerk, dossier=d),
        actions.stop(p.leader, dossier=d, reason="Theo đề nghị của người nộp"),
    ),
}


def _account(actor: Actor) -> Account:
    return Account.objects.get(pk=actor.account_id)


def _explained(actor: Actor, permission: str, dossier: Dossier) -> Explanation:
    place = explaining.find(dossier.code)
    assert place
    return explain(_account(actor), permission, place)


def _really(province: Province, actor: Actor, permission: str, dossier: Dossier) -> bool:
    """Whether the action lets this person do it, undone again; that a form was filled in badly is not a refusal."""
    try:
        with transaction.atomic():
            TRIES[permission](province, actor, Dossier.objects.get(pk=dossier.pk))
            transaction.set_rollback(True)
    except (NotAllowed, NotAtThatStep, lawful.DossierClosed):
        return False
    except InvalidInput:
        return True
    except DomainError as error:
        return error.status not in (403, 404)
    return True


@pytest.mark.parametrize("stage", STAGES)
def test_the_verdict_is_what_the_action_does(province: Province, stage: str) -> None:
    dossier = province.file()
    STAGES[stage](province, dossier)
    different = []
    for permission in TRIES:
        for who in WHO:
            actor = getattr(province, who)
            said = _explained(actor, permission, dossier).decision.allowed
            if said != _really(province, actor, permission, dossier):
                different.append((permission, who, "said yes" if said else "said no"))
    assert different == []


def test_ones_own_dossier_is_seen_but_not_settled(province: Province) -> None:
    dossier = province.file()
    clerk = _account(province.clerk)
    Dossier.objects.filter(pk=dossier.pk).update(filer_id=province.citizen.party_id)
    Account.objects.filter(pk=province.citizen.account_id).update(party=None)
    clerk.party_id = province.citizen.party_id
    clerk.save()
    place = explaining.find(dossier.code)
    assert place
    assert explain(clerk, "dossiers.view", place).decision.allowed
    refused = explain(clerk, "dossiers.receive", place)
    assert not refused.decision.allowed
    assert "của chính bạn" in refused.decision.reasons[0]
    assert [condition.holds for condition in refused.conditions] == [True, True, False]


def test_the_page_names_state_and_step(province: Province) -> None:
    dossier = province.file()
    client = Client()
    client.force_login(_account(actor_for_role("admin", province.root)))
    asked = {"ai": _account(province.leader).username, "quyen": "dossiers.sign", "o_dau": dossier.code}
    text = client.get("/quan-tri/giai-thich", asked).content.decode()
    assert "Không được phép" in text
    assert "Điều kiện của chính đối tượng này" in text
    assert "không làm được việc này" in text


def test_every_verb_that_the_catalogue_names_has_its_place() -> None:
    named = {f"dossiers.{verb}" for verb in access.VERBS}
    assert named - set(explaining.PLACES) == set()
