"""Sharing agreements: who decides, what they give, for how long, how much a day, and what is written down."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from hienluong.capabilities.registers import agreements, api, queries, sharing
from hienluong.capabilities.registers.agreements import WrongState
from hienluong.capabilities.registers.models import Agreement, AgreementUse
from hienluong.capabilities.registers.queries import Wish
from hienluong.capabilities.registers.sharing import Closed, Exhausted
from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.events.models import Event
from hienluong.foundation.people.models import Party

from .sample import official, organization, wells
from .test_records import Wells

pytestmark = pytest.mark.django_db

NUMBER = "045190001234"
GIVEN = ("code", "name", "depth", "fee")


class Sharing(Wells):
    """The wells, an agency elsewhere that wants to see the deep ones, and the owner's side that decides."""

    def __init__(self) -> None:
        super().__init__()
        self.elsewhere = organization("H50.77")
        self.unit = organization("H50.77.01", self.elsewhere)
        self.reader, self.stranger = official(self.elsewhere, "read"), official(organization("H50.66"), "read")
        self.decider = official(self.owner, "share")
        for number in range(5):
            self.add(code=f"G{number:03}", name=f"Giếng {number}", depth=95.0 + 2 * number, note="bí mật", fee=0)

    def ask(self, **terms: Any) -> Agreement:
        today = timezone.localdate()
        given: dict[str, Any] = {
            "register": self.register,
            "consumer": self.elsewhere,
            "fields": GIVEN,
            "filters": {"deep": "true"},
            "purpose": "Kiểm tra khai thác nước",
            "legal_ground": "Nghị định 278/2025/NĐ-CP",
            "since": today,
            "until": today + timedelta(days=30),
            "volume": 100,
            **terms,
        }
        return agreements.request(self.reader, **given)

    def agreed(self, **terms: Any) -> Agreement:
        return agreements.approve(self.decider, agreement=self.ask(**terms))

    def read(self, agreement: Agreement, actor: Actor | None = None, **wish: Any) -> queries.Page:
        return sharing.read(actor or self.reader, self.register, wells(), agreement.code, Wish(**wish))

    def moved(self, agreement: Agreement, since: int, until: int) -> Agreement:
        """The same agreement, from and until so many days from today."""
        today = timezone.localdate()
        days = (today + timedelta(days=since), today + timedelta(days=until))
        Agreement.objects.filter(pk=agreement.pk).update(valid=days)
        return Agreement.objects.get(pk=agreement.pk)


@pytest.fixture
def well() -> Sharing:
    return Sharing()


def refusals() -> list[str]:
    return list(
        Entry.objects.filter(verb="registers.agreement.turn_away").order_by("seq").values_list("note", flat=True)
    )


def test_an_agreement_gives_its_rows_and_its_fields(well: Sharing) -> None:
    page = well.read(well.agreed())
    assert [row.key for row in page.rows] == ["G003", "G004"], "the deep ones"
    assert all(set(row.data) <= set(GIVEN) for row in page.rows)
    assert set(page.rows[0].data) >= {"code", "name", "depth"}


def test_every_decision_is_kept_audited_and_told(well: Sharing) -> None:
    agreement = well.agreed()
    agreements.suspend(well.decider, agreement=agreement, reason="Nghi lộ dữ liệu")
    agreements.resume(well.decider, agreement=agreement)
    agreements.end(well.reader, agreement=agreement, reason="Không cần nữa")
    steps = list(agreement.steps.values_list("state", flat=True))
    assert steps == ["requested", "approved", "suspended", "approved", "ended"]
    assert Entry.objects.filter(target_label=agreement.code).count() == 5
    assert Event.objects.filter(type__startswith="register.agreement.").count() == 5


@pytest.mark.parametrize("verb", ["approve", "refuse", "suspend", "resume", "end"])
def test_only_the_owners_side_decides(well: Sharing, verb: str) -> None:
    agreement = well.ask() if verb in ("approve", "refuse") else well.agreed()
    who = well.stranger if verb == "end" else well.reader
    with pytest.raises(NotAllowed):
        getattr(agreements, verb)(who, agreement=agreement, reason="x")
    with pytest.raises(NotAllowed):
        getattr(agreements, verb)(official(well.here, "share"), agreement=agreement, reason="x")


def test_whoever_does_not_read_for_the_consumer_cannot_ask(well: Sharing) -> None:
    with pytest.raises(NotAllowed):
        agreements.request(
            well.stranger,
            register=well.register,
            consumer=well.elsewhere,
            fields=GIVEN,
            purpose="x",
            legal_ground="y",
            since=timezone.localdate(),
            until=timezone.localdate(),
            volume=1,
        )


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"fields": ()}, "fields"),
        ({"fields": ("name", "none")}, "fields"),
        ({"filters": {"none": "1"}}, "filters"),
        ({"filters": {"depth": "sâu"}}, "filters"),
        ({"filters": {"tests": "1"}}, "filters"),
        ({"filters": {"depth__like": "1"}}, "filters"),
        ({"purpose": " \x00 "}, "purpose"),
        ({"legal_ground": ""}, "legal_ground"),
        ({"until": date(2020, 1, 1), "since": date(2019, 1, 1)}, "until"),
        ({"since": date(2099, 1, 2), "until": date(2099, 1, 1)}, "until"),
        ({"until": date(2099, 1, 1)}, "until"),
        ({"volume": 0}, "volume"),
        ({"volume": 10**9}, "volume"),
    ],
)
def test_terms_that_cannot_be_are_refused_at_the_term(well: Sharing, terms: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        well.ask(**terms)
    assert refused.value.field == field
    assert not Agreement.objects.exists()


@pytest.mark.parametrize(
    "broken",
    [
        {"state": "open"},
        {"valid": (date(2026, 1, 1), None)},
        {"valid": (date(2026, 1, 1), date(2026, 1, 1))},
        {"volume": 0},
        {"approved_at": None},
        {"state": "requested"},
        {"fields": []},
        {"purpose": ""},
    ],
)
def test_the_database_refuses_what_no_agreement_is(well: Sharing, broken: dict[str, Any]) -> None:
    agreement = well.agreed()
    with pytest.raises(IntegrityError), transaction.atomic():
        Agreement.objects.filter(pk=agreement.pk).update(**broken)


def test_what_is_not_in_force_is_refused_in_words_and_logged(well: Sharing) -> None:
    closed = [well.ask()]
    closed.append(agreements.refuse(well.decider, agreement=well.ask(), reason="Không đủ căn cứ"))
    closed.append(agreements.suspend(well.decider, agreement=well.agreed(), reason="x"))
    closed.append(agreements.end(well.decider, agreement=well.agreed(), reason="x"))
    closed.append(well.moved(well.agreed(), 1, 5))
    closed.append(well.moved(well.agreed(), -5, 0))
    said = ("chưa được duyệt", "bị từ chối", "tạm dừng", "chấm dứt", "chưa đến ngày", "hết hạn")
    for agreement, words in zip(closed, said, strict=True):
        with pytest.raises(Closed, match=words):
            well.read(agreement)
    assert [words in note for note, words in zip(refusals(), said, strict=True)] == [True] * 6
    assert queries.shared(well.reader, well.register, wells()) == {}


def test_somebody_elses_agreement_is_not_there_and_the_try_is_logged(well: Sharing) -> None:
    agreement = well.agreed()
    for actor in (well.stranger, Actor(), official(well.elsewhere, "write")):
        with pytest.raises(NotFound) as hidden:
            well.read(agreement, actor)
        with pytest.raises(NotFound) as missing:
            sharing.read(actor, well.register, wells(), "TTCS-2026-9999", Wish())
        assert str(hidden.value) == str(missing.value)
    assert len(refusals()) == 3
    assert well.read(agreement, official(well.unit, "read")).rows, "a unit of the consumer reads for it"


def test_the_last_day_is_a_day_of_the_agreement(well: Sharing) -> None:
    today = timezone.localdate()
    assert well.read(well.agreed(until=today)).rows


def test_agreements_are_not_put_together(well: Sharing) -> None:
    deep = well.agreed(fields=("name", "fee"))
    shallow = well.agreed(fields=("name", "depth"), filters={"deep": "false"})
    scopes = queries.shared(well.reader, well.register, wells())
    assert {code: scope.fields for code, scope in scopes.items()} == {
        deep.code: {"name", "fee"},
        shallow.code: {"name", "depth"},
    }
    assert all(set(row.data) <= {"name", "depth"} for row in well.read(shallow).rows)
    assert all(row.key == "" for row in well.read(shallow).rows), "the key is a field that is not given"


def test_no_more_than_the_volume_a_day(well: Sharing) -> None:
    agreement = well.agreed(volume=3, filters={})
    assert len(well.read(agreement, size=2).rows) == 2
    assert len(well.read(agreement, size=50).rows) == 1, "a page is cut to what is left"
    for wish in ({}, {"filters": {"name": "không có"}}):
        with pytest.raises(Exhausted):
            well.read(agreement, **wish)
    assert len(refusals()) == 2
    assert sharing.left_today(agreement) == 0
    AgreementUse.objects.update(day=timezone.localdate() - timedelta(days=1))
    assert len(well.read(agreement).rows) == 3


@pytest.mark.django_db(transaction=True)
def test_readers_at_once_never_see_more_than_the_volume(well: Sharing) -> None:
    agreement = well.agreed(volume=7, filters={})
    seen: list[int] = []

    def look() -> None:
        try:
            for _ in range(3):
                seen.append(len(well.read(agreement, size=2).rows))
        except Exhausted:
            seen.append(0)
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(seen) == 7
    assert AgreementUse.objects.get().records == 7


def test_other_days_are_refused(well: Sharing) -> None:
    agreement = well.agreed()
    for wish in ({"valid": timezone.now()}, {"known": timezone.now()}):
        with pytest.raises(InvalidInput):
            well.read(agreement, **wish)
    assert sharing.left_today(agreement) == 100


def test_each_person_that_is_shown_is_written_down_with_purpose_and_agreement(well: Sharing) -> None:
    person = Party.objects.create(kind="citizen", name="Nguyễn Thị Lành", identifier=NUMBER)
    well.add(code="G100", name="Giếng nhà", depth=200.0, owner_number=NUMBER)
    agreement = well.agreed(fields=("name", "depth"))
    well.read(agreement)
    look = PersonalDataRead.objects.get()
    assert (look.party_id, look.purpose, look.agreement) == (person.pk, "Kiểm tra khai thác nước", agreement.code)
    assert (look.subject, look.fields) == ("thu.gieng", ["depth", "name"])
    assert look.organization_id == well.elsewhere.pk
    well.read(agreement, filters={"name": "Giếng 3"})
    assert PersonalDataRead.objects.count() == 1, "nobody of whom nothing was shown"


def test_nobody_approves_what_they_asked_for(well: Sharing, django_user_model: Any) -> None:
    account = django_user_model.objects.create(username="hai-vai")
    both = Actor(
        kind="account",
        label="Hai vai",
        account_id=account.pk,
        grants=(*well.reader.grants, *well.decider.grants),
    )
    well.reader = both
    with pytest.raises(NotAllowed):
        agreements.approve(both, agreement=well.ask())


def test_what_does_not_follow_is_refused(well: Sharing) -> None:
    agreement = well.agreed()
    wrong: list[Callable[[], object]] = [
        lambda: agreements.approve(well.decider, agreement=agreement),
        lambda: agreements.refuse(well.decider, agreement=agreement, reason="x"),
        lambda: agreements.resume(well.decider, agreement=agreement),
    ]
    for verb in wrong:
        with pytest.raises(WrongState):
            verb()
    with pytest.raises(InvalidInput):
        agreements.suspend(well.decider, agreement=agreement, reason="  ")
    with pytest.raises(WrongState):
        agreements.approve(well.decider, agreement=well.moved(well.ask(), -5, 0))


def test_a_filter_on_a_field_that_is_gone_gives_nothing(well: Sharing) -> None:
    agreement = well.agreed()
    assert queries.scope_of(Agreement(fields=["name", "gone"], filters={"gone": "1"}), wells()).fields == {"name"}
    Agreement.objects.filter(pk=agreement.pk).update(filters={"gone": "1"})
    assert well.read(agreement).rows == []


def test_whoever_comes_through_the_gateway_reads_under_the_agreement_it_went_by() -> None:
    request = RequestFactory().get("/", headers={"X-Agreement": "TTCS-2026-0001"})
    assert api._purpose(request, "") == api._purpose(request, "TTCS-2026-0001") == "TTCS-2026-0001"
    assert api._purpose(RequestFactory().get("/"), "TTCS-2026-0002") == "TTCS-2026-0002"
    with pytest.raises(InvalidInput):
        api._purpose(request, "TTCS-2026-0002")
