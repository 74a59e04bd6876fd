"""Looks at an old record of a person, after two accounts became one: theirs to see and ask about, until undone."""

from __future__ import annotations

import pytest
from django.test import Client

from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.merging import actions as merging
from hienluong.foundation.merging import leading
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people import holdings
from hienluong.services.lookups import actions
from hienluong.services.lookups.models import Question
from tests.factories import actor_for_role, make_account, make_org
from tests.foundation.merging.test_merging import NUMBER, merged, person

pytestmark = pytest.mark.django_db
PAGE = "/ai-da-xem-du-lieu-cua-toi"


@pytest.fixture
def org(db: None) -> Organization:
    return make_org(kind="province")


def look(account: Account, org: Organization, who: str) -> PersonalDataRead:
    assert account.party_id is not None
    return log_read(
        party_id=account.party_id,
        actor_id=None,
        actor_label=who,
        organization_id=org.pk,
        fields=["name"],
        purpose="Giải quyết hồ sơ",
    )


def page(account: Account) -> str:
    account.refresh_from_db()
    client = Client()
    client.force_login(account)
    return client.get(PAGE).content.decode()


def in_the_copy(account: Account) -> set[str]:
    account.refresh_from_db()
    owner = holdings.Person(account_id=account.pk, party_id=account.party_id, official_id=None)
    (held,) = [each for each in holdings.all_holdings() if each.code == "audit.looks"]
    return {str(row["actor_label"]) for row in held.rows(owner)}


def test_looks_at_the_old_record_come_along_and_go_back(org: Organization) -> None:
    kept, gone = person("lanh", NUMBER), person("lanh2")
    look(kept, org, "Trần Soi Mới")
    old = look(gone, org, "Lê Soi Cũ")
    assert "Lê Soi Cũ" not in page(kept)
    merge = merged(kept, gone)
    assert ("Lê Soi Cũ" in page(kept), "Trần Soi Mới" in page(kept)) == (True, True)
    assert in_the_copy(kept) == {"Lê Soi Cũ", "Trần Soi Mới"}
    client = Client()
    client.force_login(Account.objects.get(pk=kept.pk))
    assert client.post(f"{PAGE}/{old.pk}/hoi", {"text": "Xem để làm gì?"}).status_code == 302
    question = Question.objects.get()
    actions.answer(actor_for_role("leader", org), question=question, text="Để cấp giấy phép.")
    assert Notification.objects.filter(account=kept, kind="lookups.answered").exists()
    merging.undo(actor_of(Account.objects.get(pk=kept.pk)), merge=merge)
    assert "Lê Soi Cũ" not in page(kept)
    assert in_the_copy(kept) == {"Trần Soi Mới"}
    assert ("Lê Soi Cũ" in page(gone), "Để cấp giấy phép." in page(gone)) == (True, True)
    client.force_login(Account.objects.get(pk=kept.pk))
    assert client.get(f"{PAGE}/{old.pk}/hoi").status_code == 404


def test_also_when_the_record_with_the_number_came_with_the_account_that_went(org: Organization) -> None:
    kept, gone, third = person("lanh"), person("lanh2", NUMBER), person("lanh3")
    for account, who in ((kept, "Soi Một"), (gone, "Soi Hai"), (third, "Soi Ba")):
        look(account, org, who)
    merged(kept, gone)
    kept.refresh_from_db()
    assert all(who in page(kept) for who in ("Soi Một", "Soi Hai"))
    merged(kept, third)
    shown = page(kept)
    assert all(who in shown for who in ("Soi Một", "Soi Hai", "Soi Ba"))
    assert third.party_id is not None
    assert leading.record_of(third.party_id) == kept.party_id
    assert "Soi" not in page(make_account("khac"))


def test_what_was_done_with_the_old_account_is_in_the_copy_too(org: Organization) -> None:
    kept, gone = person("lanh", NUMBER), person("lanh2")
    identity.set_preferences(actor_of(gone), account=gone, theme="dark")

    def copied() -> list[str]:
        owner = holdings.Person(account_id=kept.pk, party_id=kept.party_id)
        (held,) = [each for each in holdings.all_holdings() if each.code == "audit.done"]
        return [str(row["verb"]) for row in held.rows(owner)]

    assert "identity.set_preferences" not in copied()
    merge = merged(kept, gone)
    assert "identity.set_preferences" in copied()
    merging.undo(actor_of(Account.objects.get(pk=kept.pk)), merge=merge)
    assert "identity.set_preferences" not in copied()
    assert leading.accounts_of(None) == set()


def test_who_never_merged_has_one_record_and_nobody_none(org: Organization) -> None:
    assert leading.records_of(None) == set()
    one = person("lanh", NUMBER)
    assert one.party_id is not None
    assert leading.records_of(one.party_id) == {one.party_id}
    assert leading.record_of(one.party_id) == one.party_id
