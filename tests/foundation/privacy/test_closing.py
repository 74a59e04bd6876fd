"""Closing an account: held back by what is open, time to take it back, then gone; the law's part stays; the unused follow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from hienluong.foundation.actions import DomainError, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.consents import actions as consents
from hienluong.foundation.consents import catalogue
from hienluong.foundation.consents.models import Decision
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.people.models import Party
from hienluong.foundation.privacy import closing, exporting, retention, tasks
from hienluong.foundation.privacy.models import Closure, Export
from hienluong.foundation.signin.models import KnownBrowser
from tests.factories import make_account, make_citizen, make_official
from tests.foundation.signin.test_signing_in import PASSWORD, signed_in, with_passkey

pytestmark = pytest.mark.django_db
MAIL = "notifications.email"


@pytest.fixture
def person(db: None) -> Account:
    account = make_account("binh", party=make_citizen("Nguyễn Thị Bình", identifier="045190001234"))
    account.set_password(PASSWORD)
    account.save()
    return account


def test_asked_for_waits_and_then_nothing_names_the_person(person: Account, at: Any) -> None:
    client, _key = with_passkey(person)
    party = person.party
    assert party is not None
    consents.give(actor_of(person), account=person, purpose=MAIL, version=catalogue.get(MAIL).version)
    tasks.make_export(exporting.ask_export(actor_of(person), account=person).pk)
    page = client.get(reverse("privacy:close"), secure=True).content.decode()
    assert "Luật buộc giữ lại" in page
    assert "Khóa truy cập" in page
    unsure = client.post(reverse("privacy:close"), secure=True)
    assert (unsure.status_code, Closure.objects.exists()) == (422, False)
    assert client.post(reverse("privacy:close"), {"sure": "yes"}, secure=True).status_code == 302
    begun = Closure.objects.get()
    assert begun.due_at - begun.asked_at == timedelta(days=settings.CLOSING_DAYS) < timedelta(days=20)
    tasks.hourly(0)
    assert client.get(reverse("privacy:own"), secure=True).status_code == 200, "until then all goes on"
    at(begun.due_at)
    tasks.hourly(0)
    tasks.hourly(0)
    gone = Account.objects.get(pk=person.pk)
    assert (gone.username, gone.email, gone.party_id, gone.is_active) == (f"da-dong-{gone.pk}", "", None, False)
    assert not gone.has_usable_password()
    assert client.get(reverse("privacy:own"), secure=True).status_code == 302, "every session is over"
    assert not Authenticator.objects.filter(user=gone).exists()
    assert not UserSession.objects.filter(user=gone).exists()
    assert not KnownBrowser.objects.filter(account=gone).exists()
    assert not Notification.objects.filter(account=gone).exists()
    assert Export.objects.get().file_id is None
    assert Decision.objects.get().ended_how == "closed", "proof of consent stays"
    party.refresh_from_db()
    assert (party.name, party.identifier, party.phone) == ("Đã xóa theo yêu cầu", "", "")
    done = Closure.objects.get()
    assert (done.party_id, done.erased["signin"] >= 3) == (party.pk, True)
    assert Entry.objects.filter(verb="privacy.account_closed", target_id=str(gone.pk)).count() == 1
    assert make_account("binh", party=party).pk != gone.pk, "who comes again may open another"


def test_it_can_be_taken_back_by_its_owner_alone(person: Account, at: Any) -> None:
    client = signed_in(person)
    client.post(reverse("privacy:close"), {"sure": "yes"}, secure=True)
    begun = Closure.objects.get()
    with pytest.raises(DomainError, match="đang chờ đóng"):
        closing.ask_closure(actor_of(person), account=person)
    other = make_account("an")
    for verb in (closing.ask_closure, closing.take_back):
        with pytest.raises(NotAllowed):
            verb(actor_of(other), account=person)
    with pytest.raises(NotAllowed):
        closing.close(actor_of(person), closure=begun)
    assert client.post(reverse("privacy:take_back"), secure=True).status_code == 302
    with pytest.raises(NotFound):
        closing.take_back(actor_of(person), account=person)
    at(begun.due_at)
    tasks.hourly(0)
    assert Account.objects.get(pk=person.pk).is_active
    assert closing.ask_closure(actor_of(person), account=person).is_waiting


def test_an_official_is_told_who_closes(db: None) -> None:
    account = make_account("can-bo", official=make_official())
    with pytest.raises(closing.Hindered, match="cán bộ, công chức"):
        closing.ask_closure(actor_of(account), account=account)


def test_unused_accounts_begin_to_close_and_signing_in_keeps_them(
    person: Account, at: Any, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.core.management import call_command

    settings.UNUSED_ACCOUNT_DAYS, settings.SIGN_IN_TRACE_DAYS = 100, 30
    signed_in(person)
    official = make_account("can-bo", official=make_official())
    idle = make_account("an", party=make_citizen("Lê Văn An"))
    later = timezone.now() + timedelta(days=101)
    at(later)
    call_command("retention_accounts")
    assert "giữ 100 ngày, đến hạn: 2" in capsys.readouterr().out
    tasks.nightly(0)
    assert set(Closure.objects.values_list("account_id", "why")) == {(person.pk, "unused"), (idle.pk, "unused")}
    assert not KnownBrowser.objects.exists(), "traces whose time is over are gone"
    tasks.nightly(0)
    assert Closure.objects.count() == 2
    Account.objects.filter(pk=person.pk).update(last_login=later + timedelta(days=1))
    at(later + timedelta(days=20))
    tasks.hourly(0)
    assert Account.objects.get(pk=person.pk).is_active
    assert not Account.objects.get(pk=idle.pk).is_active
    assert Account.objects.get(pk=official.pk).is_active
    assert Party.objects.filter(name="Đã xóa theo yêu cầu").count() == 1
    settings.UNUSED_ACCOUNT_DAYS = 0
    assert not retention.unused().exists()
