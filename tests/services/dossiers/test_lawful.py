"""What may be done with a dossier in which state, and by whom it may not be done at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hienluong.foundation.actions import Actor, InvalidInput, system
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.services.dossiers import actions, lawful, publishing
from hienluong.services.dossiers.lawful import LAWFUL, DossierClosed, OwnDossier, Phase, WrongState
from hienluong.services.dossiers.models import Dossier, InternalNote, Result, State
from hienluong.services.workplace.verbs import VERBS, offered
from tests.factories import make_org
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


def fresh(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def received(p: Province) -> Dossier:
    return actions.receive(p.clerk, dossier=p.file())


def signing(p: Province) -> Dossier:
    """The leader has signed; the file is not there yet."""
    dossier = received(p)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    actions.sign(p.leader, dossier=dossier)
    return fresh(dossier)


def completed(p: Province) -> Dossier:
    dossier = signing(p)
    publishing.produce(Result.objects.get(dossier=dossier))
    return fresh(dossier)


def undoings(p: Province, dossier: Dossier) -> dict[str, Callable[[], object]]:
    """Everything that would undo or change a decided dossier."""
    due = timezone.now() + timedelta(days=30)
    return {
        "withdraw": lambda: actions.withdraw(p.citizen, dossier=dossier),
        "stop": lambda: actions.stop(p.head, dossier=dossier, reason="x"),
        "transfer": lambda: actions.transfer(p.head, dossier=dossier, to=p.commune, note="x"),
        "assign": lambda: actions.assign(p.head, dossier=dossier, official=p_official(p.officer), note=""),
        "apologise": lambda: actions.apologise(p.head, dossier=dossier, reason="x", due=due),
        "digitise": lambda: actions.digitise(p.clerk, dossier=dossier, paper=actions.PaperIn(code="CC", name="x")),
        "draft_result": lambda: actions.draft_result(p.officer, dossier=dossier, conclusion="x", fields={}),
        "review": lambda: actions.review(p.officer, dossier=dossier, grants=True, conclusion="x"),
        "request_supplement": lambda: actions.request_supplement(p.officer, dossier=dossier, reason="x", items=[]),
        "submit_for_signature": lambda: actions.submit_for_signature(p.head, dossier=dossier),
        "sign": lambda: actions.sign(p.leader, dossier=dossier),
    }


def p_official(actor: Actor) -> object:
    from hienluong.foundation.organisations.models import Official

    return Official.objects.get(pk=actor.official_id)


@pytest.mark.parametrize("made", [signing, completed])
def test_what_was_signed_is_not_undone(province: Province, made: Callable[[Province], Dossier]) -> None:
    dossier = made(province)
    for verb, act in undoings(province, dossier).items():
        with pytest.raises(WrongState):
            act()
        assert (fresh(dossier).state, fresh(dossier).handling_id) == (dossier.state, dossier.handling_id), verb


def test_what_was_withdrawn_while_the_file_was_made_does_not_come_back(province: Province) -> None:
    dossier = signing(province)
    Dossier.objects.filter(pk=dossier.pk).update(state=State.WITHDRAWN, waiting_task="")  # as before it was forbidden
    with pytest.raises(DossierClosed):
        publishing.produce(Result.objects.get(dossier=dossier))
    assert fresh(dossier).state == State.WITHDRAWN


def test_every_verb_of_the_workplace_is_in_the_table() -> None:
    assert {verb.act or verb.key for verb in VERBS} <= set(LAWFUL)


def test_the_workplace_offers_what_the_table_allows(province: Province) -> None:
    dossier = received(province)
    assert {verb.key for verb in offered(province.head, dossier)} >= {"review", "assign", "transfer", "stop"}
    dossier = completed(province)
    assert {verb.key for verb in offered(province.head, dossier)} == {"note"}  # as the action lets them
    assert {verb.key for verb in offered(province.leader, dossier)} == {"revoke_result", "note"}
    result = Result.objects.get(dossier=dossier)
    actions.revoke_result(province.leader, result=result, reason="Sai số nhà", legal_basis="QĐ 12/QĐ-UBND")
    assert {verb.key for verb in offered(province.leader, fresh(dossier))} == {"reopen", "note"}


def test_a_dossier_that_waits_for_its_fee_may_be_stopped_and_withdrawn(province: Province) -> None:
    """Who never pays is not waited for for ever; one that only waits for reception is refused instead."""
    dossier = province.file()
    with pytest.raises(WrongState):
        actions.stop(province.head, dossier=dossier, reason="x")
    Dossier.objects.filter(pk=dossier.pk).update(state=State.AWAITING_PAYMENT)
    assert "stop" in {verb.key for verb in offered(province.head, fresh(dossier))}
    assert lawful.is_lawful(fresh(dossier), "withdraw")
    actions.stop(province.head, dossier=dossier, reason="Quá hạn nộp phí.")
    assert fresh(dossier).state == State.STOPPED


def test_a_phase_is_told_between_signature_and_file(province: Province) -> None:
    assert lawful.phase_of(province.file()) == Phase.SUBMITTED
    assert lawful.phase_of(signing(province)) == Phase.SIGNING


def own(p: Province, actor: Actor) -> Actor:
    """The official, whose own account is also that of the person who filed."""
    return replace(actor, party_id=p.party.pk)


def test_nobody_handles_a_dossier_of_their_own(province: Province) -> None:
    p = province
    dossier = p.file()
    with pytest.raises(OwnDossier):
        actions.receive(own(p, p.clerk), dossier=dossier)
    with pytest.raises(OwnDossier):
        actions.refuse(own(p, p.clerk), dossier=dossier, reason="x")
    actions.receive(p.clerk, dossier=dossier)
    with pytest.raises(OwnDossier):
        actions.review(own(p, p.officer), dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    with pytest.raises(OwnDossier):
        actions.stop(own(p, p.head), dossier=dossier, reason="x")
    with pytest.raises(OwnDossier):
        actions.add_note(own(p, p.officer), dossier=dossier, text="x")
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    with pytest.raises(OwnDossier):
        actions.sign(own(p, p.leader), dossier=dossier)
    assert offered(own(p, p.leader), fresh(dossier)) == []


def test_who_represents_somebody_does_not_decide_their_matter(province: Province) -> None:
    dossier = province.file(representative=province.party, subject=other(province), filer=other(province))
    with pytest.raises(OwnDossier):
        actions.receive(own(province, province.clerk), dossier=dossier)


def other(p: Province) -> object:
    from hienluong.foundation.people.models import Party

    return Party.objects.exclude(pk=p.party.pk).first()


def test_an_official_does_not_read_the_internal_notes_about_their_own_dossier(province: Province) -> None:
    dossier = received(province)
    actions.add_note(province.officer, dossier=dossier, text="Nghi vấn giấy tờ giả.")
    account = Account.objects.get(pk=province.clerk.account_id)
    account.party = province.party
    Account.objects.filter(party=province.party).update(party=None)
    account.save()
    client = Client()
    client.force_login(account)
    answer = client.get(reverse("workplace:dossier", kwargs={"code": dossier.code}))
    assert answer.status_code == 403
    assert InternalNote.objects.get().text not in answer.content.decode()


def test_a_dossier_is_transferred_only_within_the_competent_organisation(province: Province) -> None:
    dossier = received(province)
    ended = make_org("Phòng cũ", code="H50.31.09", kind="division", parent=province.commune)
    ended.valid = type(ended.valid)(ended.valid.lower, timezone.localdate())
    ended.save(update_fields=("valid",))
    for to in (province.other_division, province.other_commune, province.counter, province.agency_one, ended):
        with pytest.raises(InvalidInput, match="cơ quan có thẩm quyền"):
            actions.transfer(province.head, dossier=dossier, to=to, note="Chuyển.")
    economy = make_org("Phòng Kinh tế", code="H50.31.03", kind="division", parent=province.commune)
    actions.transfer(province.head, dossier=dossier, to=economy, note="Đúng việc của phòng này.")
    assert fresh(dossier).handling == Organization.objects.get(pk=economy.pk)


def test_the_system_itself_has_no_dossier_of_its_own(province: Province) -> None:
    dossier = province.file()
    lawful.require_impartial(system("kiểm thử"), dossier)
    assert actions.receive(system("kiểm thử"), dossier=dossier).state == State.RECEIVED
