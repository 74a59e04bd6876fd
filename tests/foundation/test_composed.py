"""A query that is put into words once finds what Django's own would find, each time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hienluong.foundation.composed import Composed, change, insert, remove
from hienluong.foundation.identity.models import Account
from hienluong.foundation.sso.models import Consent, PushedRequest, SigningKey, SpentToken, System
from tests.factories import make_account, make_citizen
from tests.foundation.sso.system import registered

pytestmark = pytest.mark.django_db


def named(name: Any) -> Any:
    return Account.objects.filter(username=name).select_related("party", "subject")


def test_it_finds_each_time_what_is_asked_for() -> None:
    binh, chi = make_account("binh", party=make_citizen()), make_account("chi")
    asked = Composed(named)
    assert asked.first(name="binh") == binh
    assert asked.first(name="chi") == chi
    assert asked.first(name="dung") is None
    Account.objects.filter(pk=chi.pk).update(display_name="Chi khác")
    found = asked.first(name="chi")
    assert found is not None
    assert found.display_name == "Chi khác"


def test_what_hangs_on_a_row_comes_with_it() -> None:
    party = make_citizen()
    make_account("binh", party=party)
    make_account("chi")
    asked = Composed(named)
    with CaptureQueriesContext(connection) as captured:
        binh, chi = asked.first(name="binh"), asked.first(name="chi")
        assert binh is not None
        assert chi is not None
        assert binh.party == party
        assert chi.party is None
        with pytest.raises(Account.subject.RelatedObjectDoesNotExist):  # type: ignore[attr-defined]
            chi.subject  # noqa: B018
    assert len(captured) == 2


def test_values_are_read_as_the_model_reads_them() -> None:
    """Encrypted text, JSON, arrays, moments, related both ways."""
    key = SigningKey.objects.create(kid="a", pem="secret words", signs_from=timezone.now())
    system, _secret = registered(scopes=["profile"])
    keys = Composed(lambda kid: SigningKey.objects.filter(kid=kid))
    found = keys.first(kid="a")
    assert found is not None
    for field in SigningKey._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(key, field.attname)
    systems = Composed(lambda pk: System.objects.select_related("client", "owner").filter(pk=pk))
    held = systems.first(pk=system.pk)
    assert held is not None
    assert held == system
    assert held.client == system.client
    assert held.client.data == system.client.data
    assert held.client.system is held
    assert held.owner == system.owner
    assert held._state.db == "default"
    assert not held._state.adding


def test_the_words_are_composed_once_and_moments_are_told() -> None:
    now = timezone.now()
    SigningKey.objects.create(kid="a", pem="x", signs_from=now)
    made = []

    def since(moment: Any) -> Any:
        made.append(moment)
        return SigningKey.objects.filter(signs_from__gt=moment).order_by("pk")

    asked = Composed(since)
    assert [key.kid for key in asked.all(moment=now - timedelta(seconds=1))] == ["a"]
    assert asked.all(moment=now + timedelta(seconds=1)) == []
    assert len(made) == 1
    stuck = Composed(lambda kid: SigningKey.objects.filter(kid=kid, signs_from__gt=timezone.now()))
    with pytest.raises(ValueError, match="for ever"):
        stuck.first(kid="a")


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_alone() -> None:
    locking = Composed(lambda name: Account.objects.filter(username=name).select_for_update())
    with pytest.raises(TransactionManagementError):
        locking.first(name="binh")
    with transaction.atomic():
        assert locking.first(name="binh") is None
    with pytest.raises(TransactionManagementError):
        locking.first(name="binh")


def test_rows_are_written_as_the_model_writes_them() -> None:
    system, _secret = registered()
    account = make_account("binh")
    until = timezone.now()
    pushed = [
        PushedRequest(reference=name, client=system.client, params={"state": name, "n": [1, None]}, expires_at=until)
        for name in ("a", "b")
    ]
    with CaptureQueriesContext(connection) as captured:
        insert(*pushed)
    assert len(captured) == 1
    for each in pushed:
        held = PushedRequest.objects.get(reference=each.reference)
        assert (held.params, held.expires_at, held.client_id) == (each.params, until, system.pk)
    asked = [Consent(account=account, client=system.client, scopes=["a", "b"], purpose="x", given_at=until)]
    insert(*asked)
    consent = Consent.objects.get(account=account)
    assert consent.scopes == ["a", "b"]
    assert consent.withdrawn_at is None
    insert(SigningKey(kid="k", pem="secret words", signs_from=until))
    key = SigningKey.objects.get(kid="k")
    assert key.pem == "secret words"
    assert key.created_at is not None


def test_a_row_that_is_there_is_passed_over_or_refused() -> None:
    system, _secret = registered()
    spent = SpentToken(hash="h", client=system.client, account=make_account("binh"), grant="first")
    insert(spent)
    again = SpentToken(hash="h", client=system.client, account=spent.account, grant="second")
    insert(again, unless_there=True)
    assert SpentToken.objects.get().grant == "first"
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(again)


def test_a_row_is_changed_where_it_is_told_and_removed_alone() -> None:
    binh, chi = make_account("binh"), make_account("chi")
    binh.display_name, binh.email = "Bình khác", "binh@khac.example"
    change(binh, "display_name")
    binh.refresh_from_db()
    chi.refresh_from_db()
    assert binh.display_name == "Bình khác"
    assert binh.email != "binh@khac.example"
    assert chi.display_name != "Bình khác"
    system, _secret = registered()
    until = timezone.now()
    pushed = [PushedRequest(reference=name, client=system.client, params={}, expires_at=until) for name in ("a", "b")]
    insert(*pushed)
    pushed[0].params = {"scope": ["x"]}
    change(pushed[0], "params")
    assert PushedRequest.objects.get(pk="a").params == {"scope": ["x"]}
    remove(pushed[0])
    assert [each.pk for each in PushedRequest.objects.all()] == ["b"]
