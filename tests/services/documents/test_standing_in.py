"""Who was lent a leader's power approves and signs for them: while it runs, in the form of their own post, in their name."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Delegation
from hienluong.services.documents import competence, laying, letterheads, trays
from hienluong.services.documents.actions import approvals, numbers, signing
from hienluong.services.documents.models import Document, State
from tests.factories import TESTER

from .bureau import Bureau, Person, make_bureau
from .test_issuing import settle


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


def lend(giver: Person, to: Person, *, since: date | None = None, days: int = 5, powers: tuple[str, ...] = ()):
    since = since or timezone.localdate()
    return organisations.delegate(
        TESTER,
        position=giver.official.positions.get(),
        to=to.official,
        valid_from=since,
        valid_to=since + timedelta(days=days),
        reason="Đi công tác",
        powers=powers,
    )


def submitted(bureau: Bureau) -> Document:
    """A letter that waits for the chairman, who is to sign it."""
    document = bureau.draft()
    bureau.set_out(document, signer=bureau.chairman.official, competence_="TM.")
    approvals.submit(bureau.drafter.actor, document=document)
    document.refresh_from_db()
    return document


def numbered(bureau: Bureau) -> Document:
    document = submitted(bureau)
    approvals.approve(bureau.chairman.actor, document=document, version=1)
    numbers.number(bureau.clerk.actor, document=document)
    document.refresh_from_db()
    return document


def test_the_head_of_a_division_approves_and_signs_for_the_head_by_delegation(bureau: Bureau) -> None:
    document = submitted(bureau)
    lend(bureau.chairman, bureau.head)
    approvals.approve(bureau.head.actor, document=document, version=1)
    document.refresh_from_db()
    assert (document.state, document.signer, document.signs_for, document.competence) == (
        State.APPROVED,
        bureau.head.official,
        bureau.chairman.official,
        "TUQ.",
    )
    printed = laying.signer_of(document, letterheads.of(bureau.province))
    assert (printed.authority, printed.title, printed.name) == (
        ("TUQ. CHỦ TỊCH",),
        "CHÁNH VĂN PHÒNG",
        "Hoàng Văn Dũng",
    )
    numbers.number(bureau.clerk.actor, document=document)
    signing.sign(bureau.head.actor, documents=[document])
    settle()
    document.refresh_from_db()
    assert document.state == State.SIGNED
    assert document.steps.filter(title="Hoàng Văn Dũng đã ký thay Phan Văn Thắng").exists()
    for verb in ("documents.approve_step", "documents.sign"):
        marks = [entry.after or {} for entry in Entry.objects.filter(verb=verb, actor_label=bureau.head.actor.label)]
        assert any(each.get("acting_for") == "Phan Văn Thắng" for each in marks), verb


def test_a_numbered_paper_is_taken_over_and_says_it_on_paper(bureau: Bureau) -> None:
    document = numbered(bureau)
    lend(bureau.chairman, bureau.deputy)
    assert list(trays.rows(bureau.deputy.actor, trays.STAND_IN)) == [document]
    signing.stand_in(bureau.deputy.actor, document=document)
    document.refresh_from_db()
    assert (document.signer, document.signs_for) == (bureau.deputy.official, bureau.chairman.official)
    printed = laying.signer_of(document, letterheads.of(bureau.province))
    assert (printed.authority, printed.title) == (("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"), "PHÓ CHỦ TỊCH")
    with pytest.raises((NotAllowed, NotFound)):
        signing.sign(bureau.chairman.actor, documents=[document])


@pytest.mark.parametrize("when", ["before", "after", "revoked", "other power"])
def test_outside_its_days_and_powers_nothing_is_lent(bureau: Bureau, when: str) -> None:
    document, today = submitted(bureau), timezone.localdate()
    if when == "before":
        lend(bureau.chairman, bureau.head, since=today + timedelta(days=1))
    elif when == "after":
        lend(bureau.chairman, bureau.head, since=today - timedelta(days=5))
    elif when == "revoked":
        organisations.revoke_delegation(TESTER, delegation=lend(bureau.chairman, bureau.head))
    else:
        lend(bureau.chairman, bureau.head, powers=("documents.read",))
    with pytest.raises((NotAllowed, NotFound)):
        approvals.approve(bureau.head.actor, document=document, version=1)


def test_who_was_lent_nothing_and_who_is_of_another_agency_stands_in_for_nobody(bureau: Bureau) -> None:
    document = numbered(bureau)
    lend(bureau.health_leader, bureau.head)
    for wrong in (bureau.head, bureau.deputy, bureau.health_leader, bureau.colleague):
        with pytest.raises((NotAllowed, NotFound)):
            signing.stand_in(wrong.actor, document=document)
    lend(bureau.chairman, bureau.health_leader)
    with pytest.raises(InvalidInput, match="chức vụ không ký thay được"):
        signing.stand_in(bureau.health_leader.actor, document=document)


def test_nobody_signs_once_the_delegation_ended(bureau: Bureau) -> None:
    document = submitted(bureau)
    lent = lend(bureau.chairman, bureau.head)
    approvals.approve(bureau.head.actor, document=document, version=1)
    numbers.number(bureau.clerk.actor, document=document)
    Delegation.objects.filter(pk=lent.pk).update(revoked_at=timezone.now())
    with pytest.raises(InvalidInput, match="không có ủy quyền"):
        signing.sign(bureau.head.actor, documents=[document])


def test_nobody_lends_on_what_was_lent_to_them(bureau: Bureau) -> None:
    document = numbered(bureau)
    lend(bureau.chairman, bureau.head)
    lend(bureau.head, bureau.deputy)
    with pytest.raises((NotAllowed, NotFound)):  # the head of the office lends their own post, not the chairman's
        signing.stand_in(bureau.deputy.actor, document=document)
    signing.stand_in(bureau.head.actor, document=document)
    with pytest.raises((NotAllowed, NotFound)):
        signing.stand_in(bureau.deputy.actor, document=document)


def test_by_delegation_signs_only_the_head_of_a_division_whom_the_head_of_the_agency_lends_it(bureau: Bureau) -> None:
    lend(bureau.deputy, bureau.head)  # not the head of the agency
    with pytest.raises(InvalidInput):
        competence.post_for(bureau.province, bureau.head.official, "TUQ.")
    lend(bureau.chairman, bureau.head)
    assert competence.post_for(bureau.province, bureau.head.official, "TUQ.").title == "Chánh Văn phòng"
    bureau.head.official.positions.update(title="Phó Chánh Văn phòng")
    with pytest.raises(InvalidInput):
        competence.post_for(bureau.province, bureau.head.official, "TUQ.")
