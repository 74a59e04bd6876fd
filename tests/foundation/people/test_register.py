"""Parties: found by number without the number lying open, filled in but never overwritten, represented with dates."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.actions import ANONYMOUS, Actor, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.people import actions
from hienluong.foundation.people.models import Party, Representation
from hienluong.foundation.people.protected import blind_index, decrypt, encrypt, mask
from tests.factories import TESTER, make_account, make_citizen

NUMBER = "045190001234"


@pytest.mark.django_db
class TestRegister:
    def test_a_new_person_is_registered_once(self) -> None:
        first = actions.find_or_register(TESTER, name=" Lê Thị Hoa ", identifier=f" {NUMBER} ")
        again = actions.find_or_register(TESTER, name="Tên khác", identifier=NUMBER)
        assert first == again
        assert (again.name, Party.objects.count()) == ("Lê Thị Hoa", 1)

    def test_what_was_empty_is_filled_in_and_what_stands_there_stays(self) -> None:
        actions.find_or_register(TESTER, name="Hoa", identifier=NUMBER, phone="0912000111")
        found = actions.find_or_register(TESTER, name="Hoa", identifier=NUMBER, phone="0999", address="Đông Hà")
        found.refresh_from_db()
        assert (found.phone, found.address) == ("0912000111", "Đông Hà")
        looked = Entry.objects.get(verb="people.looked_up")
        assert looked.after == {"filled": ["address"]}

    def test_a_citizen_and_a_household_may_share_a_number(self) -> None:
        one = actions.find_or_register(TESTER, name="Hoa", identifier=NUMBER)
        other = actions.find_or_register(TESTER, name="Hộ Hoa", identifier=NUMBER, kind=Party.Kind.HOUSEHOLD)
        assert one != other

    def test_people_are_not_looked_up_by_strangers_nor_by_citizens(self) -> None:
        citizen = actor_of(make_account(party=make_citizen()))
        for actor in (ANONYMOUS, citizen, Actor(kind="account", account_id=1)):
            with pytest.raises(NotAllowed):
                actions.find_or_register(actor, name="Hoa", identifier=NUMBER)

    @pytest.mark.parametrize("identifier", ["", "   "])
    def test_without_a_number_nobody_is_registered(self, identifier: str) -> None:
        with pytest.raises(InvalidInput):
            actions.find_or_register(TESTER, name="Hoa", identifier=identifier)
        assert not Party.objects.exists()

    def test_the_number_does_not_lie_open_in_the_database_nor_in_the_log(self) -> None:
        party = actions.find_or_register(TESTER, name="Hoa", identifier=NUMBER)
        with connection.cursor() as cursor:
            cursor.execute("SELECT identifier, identifier_hash FROM people_party WHERE id = %s", [party.pk])
            kept = cursor.fetchone()
        assert NUMBER not in str(kept)
        assert NUMBER not in str(list(Entry.objects.values()))
        assert Party.objects.get(pk=party.pk).identifier == NUMBER
        assert party.masked_identifier == "••••••••1234"

    def test_nobody_represents_themself_nor_one_person_twice_at_once(self) -> None:
        one, two = make_citizen(), make_citizen()
        valid = DateRange(date(2025, 1, 1), None)
        with pytest.raises(IntegrityError), transaction.atomic():
            Representation.objects.create(representative=one, represented=one, role="Cha", valid=valid)
        Representation.objects.create(representative=one, represented=two, role="Cha", valid=valid)
        with pytest.raises(IntegrityError), transaction.atomic():
            Representation.objects.create(representative=one, represented=two, role="Giám hộ", valid=valid)

    def test_a_representative_acts_for_another_on_the_days_of_it_only(self) -> None:
        one, two = make_citizen(), make_citizen()
        today = timezone.localdate()
        Representation.objects.create(
            representative=one, represented=two, role="Giám hộ", valid=DateRange(today, today + timedelta(days=2))
        )
        account = make_account(party=one)
        assert actor_of(account).acts_for(two.pk)
        assert not actor_of(account, on=today + timedelta(days=2)).acts_for(two.pk)
        assert not actor_of(account).acts_for(None)


@given(st.text(max_size=60))
def test_what_is_encrypted_comes_back_and_does_not_show(plain: str) -> None:
    token = encrypt(plain)
    assert decrypt(token) == plain
    assert token != plain or plain == ""
    assert len(plain) < 6 or plain not in token


@given(st.text(alphabet="0123456789", min_size=9, max_size=13))
def test_the_index_of_a_number_does_not_depend_on_how_it_is_written(digits: str) -> None:
    assert blind_index(digits) == blind_index(f" {digits[:3]}-{digits[3:]}. ")
    assert digits not in blind_index(digits)


@given(st.text(alphabet="0123456789", max_size=20))
def test_a_mask_shows_four_characters_at_most(digits: str) -> None:
    assert sum(sign != "•" for sign in mask(digits)) <= 4
    assert len(mask(digits)) == len(digits)
