"""What the mediator wrote down becomes looks that persons see and entries of the audit chain, once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.audit.chain import verify
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.people.protected import blind_index
from hienluong.services.bus import intake, tasks
from hienluong.services.bus.models import Call
from hienluong.services.lookups import presentation
from tests.factories import TESTER, make_citizen
from tests.services.bus.sample import PRICES, Province, document

pytestmark = pytest.mark.django_db


def _titled() -> str:
    schemas = {"Parcel": {**PRICES["components"]["schemas"]["Parcel"]}}
    schemas["Parcel"]["properties"] = {
        **schemas["Parcel"]["properties"],
        "price": {"type": "integer", "title": "Giá (đồng/m²)"},
    }
    return document(components={"schemas": schemas})


def _call(code: str, system: str, *numbers: str, **changes: object) -> Call:
    return Call.objects.create(
        **{
            "at": timezone.now(),
            "agreement": code,
            "operation": "land-prices/v1/parcel",
            "client": system,
            "purpose": "Tính thuế",
            "status": 200,
            "records": len(numbers),
            "fields": ["code", "price"],
            "persons": [blind_index(number) for number in numbers],
            "request_digest": "a" * 64,
            "answer_digest": "b" * 64,
            **changes,
        }
    )


def test_a_person_sees_who_asked_for_what_and_the_call_forgets_them() -> None:
    province = Province()
    agreement = province.agreed(province.version(document=_titled()))
    person = make_citizen(identifier="045190001234")
    call = _call(agreement.code, province.system.pk, "045190001234", "045190009999")
    assert tasks.take_in_calls() == 1
    look = PersonalDataRead.objects.get()
    assert (look.party_id, look.agreement, look.organization_id) == (person.pk, agreement.code, province.consumer.pk)
    assert look.actor_label == province.system.client.name
    told = presentation.one(look)
    assert (told.place, told.about, told.fields) == (province.consumer.name, "Giá đất", "code, Giá (đồng/m²)")
    call.refresh_from_db()
    assert call.persons == []
    assert call.taken_at is not None
    assert tasks.take_in_calls() == 0
    assert PersonalDataRead.objects.count() == 1


def test_digests_stand_in_the_audit_chain() -> None:
    province = Province()
    agreement = province.agreed(province.version())
    call = _call(agreement.code, province.system.pk, signature="sig1=:abc:")
    tasks.take_in_calls()
    entry = Entry.objects.get(verb="bus.calls.take_in", target_id=str(call.pk))
    assert entry.after["request_sha256"] == "a" * 64
    assert entry.after["answer_sha256"] == "b" * 64
    assert entry.after["signed"] is True
    assert entry.organization_id == province.owner.pk
    assert not list(verify())


def test_what_was_refused_told_nothing_of_anybody() -> None:
    province = Province()
    agreement = province.agreed(province.version())
    make_citizen(identifier="045190001234")
    _call(agreement.code, province.system.pk, "045190001234", status=403)
    assert tasks.take_in_calls() == 1
    assert not PersonalDataRead.objects.exists()


def test_more_than_one_turn_takes_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "AT_ONCE", 2)
    for _turn in range(5):
        _call("TTDV-2026-9999", "gone")  # an agreement and a system that are no longer there
    assert tasks.take_in_calls() == 5
    assert not Call.objects.filter(taken_at=None).exists()


def test_nobody_but_the_system_takes_them_in() -> None:
    province = Province()
    _call("TTDV-2026-9999", "gone")
    with pytest.raises(NotAllowed):
        intake.take_in(province.decider)
    assert intake.take_in(TESTER) == 1
