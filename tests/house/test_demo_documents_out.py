"""The demo's outgoing documents: one at each step of the way, those that went out signed twice, made once."""

from __future__ import annotations

from collections import Counter

import pytest

from hienluong.house.demo import Progress, documents_out, government, people
from hienluong.services.documents import laying
from hienluong.services.documents.models import Document, Receipt, Recipient, State

pytestmark = pytest.mark.django_db


def test_the_committee_writes_documents_once() -> None:
    progress = Progress(0, lambda items, _total: iter(items))
    government.organisations(progress)
    government.roles(progress)
    people.accounts(progress)
    for _turn in range(2):
        documents_out.documents(progress)
    assert Counter(Document.objects.values_list("state", flat=True)) == {
        State.ISSUED: 3,
        State.SIGNED: 1,
        State.NUMBERED: 1,
        State.APPROVED: 1,
        State.APPROVING: 1,
        State.OPINIONS: 1,
        State.DRAFT: 1,
    }
    assert list(Document.objects.filter(number__isnull=False).order_by("number").values_list("number", flat=True)) == [
        1,
        2,
        3,
        4,
        5,
    ]
    issued = Document.objects.filter(state=State.ISSUED)
    assert all(laying.main_file(document) and document.sealed_at for document in issued)
    sent = Recipient.objects.filter(document__in=issued).exclude(code="")
    assert set(sent.values_list("receipt", flat=True)) == {Receipt.SENT}
