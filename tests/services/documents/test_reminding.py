"""Reminders of opinions on drafts: once near the deadline, on the day, and after it."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hienluong.foundation.notifications.models import Notification
from hienluong.services.documents import reminding
from hienluong.services.documents.actions import drafting, opinions
from hienluong.services.documents.models import Document, Opinion
from tests.clock import Clock, march

from .bureau import Bureau, make_bureau


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


def asked(bureau: Bureau, at: Clock) -> tuple[Document, Opinion]:
    """On Monday: an opinion of the head of health that is due on Thursday at 17:00."""
    at(march(1))
    document = bureau.draft()
    (opinion,) = opinions.ask(
        bureau.drafter.actor, document=document, officials=[bureau.health_leader.official], due_at=march(4, 17)
    )
    Notification.objects.all().delete()
    return document, opinion


def told() -> list[tuple[int, str]]:
    rows = Notification.objects.order_by("pk").values_list("account", "title")
    return [(account, title.partition(":")[0]) for account, title in rows]


def test_each_reminder_comes_once_and_the_drafter_hears_when_it_is_late(bureau: Bureau, at: Clock) -> None:
    asked(bureau, at)
    owes, drafts = bureau.health_leader.account.pk, bureau.drafter.account.pk
    at(march(2, 8))
    assert reminding.remind_all() == 0
    for day, said in (
        (3, [(owes, "Sắp đến hạn cho ý kiến dự thảo")]),
        (4, [(owes, "Hôm nay hết hạn cho ý kiến dự thảo")]),
        (5, [(owes, "Quá hạn cho ý kiến dự thảo"), (drafts, "Chậm có ý kiến cho dự thảo")]),
        (6, []),
        (7, [(owes, "Quá hạn cho ý kiến dự thảo"), (drafts, "Chậm có ý kiến cho dự thảo")]),
    ):
        Notification.objects.update(title="cũ")  # the keys stay: they say what was said
        before = Notification.objects.count()
        at(march(day, 8))
        assert reminding.remind_all() == bool(said)
        assert reminding.remind_all() == 0
        assert told()[before:] == said


@pytest.mark.parametrize("what", ["given", "withdrawn", "cancelled"])
def test_nobody_is_reminded_of_what_is_owed_no_longer(bureau: Bureau, at: Clock, what: str) -> None:
    document, opinion = asked(bureau, at)
    if what == "given":
        opinions.give(bureau.health_leader.actor, opinion=opinion, stance="agree")
    elif what == "withdrawn":
        opinions.withdraw(bureau.drafter.actor, opinion=opinion)
    else:
        drafting.cancel(bureau.drafter.actor, document=document, reason="Không cần nữa")
    at(march(8, 8))
    assert timezone.now() > march(4, 17)
    assert reminding.remind_all() == 0


def test_a_restricted_draft_is_not_named_by_its_subject(bureau: Bureau, at: Clock) -> None:
    document, _opinion = asked(bureau, at)
    Document.objects.filter(pk=document.pk).update(restricted=True)
    at(march(5, 8))
    assert reminding.remind_all() == 1
    assert all(document.subject not in row.title + row.body for row in Notification.objects.all())
