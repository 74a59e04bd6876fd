"""A definition that begins some day to come, and what is written before that day: nothing waits, and all is carried over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.registers import actions, history, merging, migrating, tasks, temporal
from hienluong.capabilities.registers.certificates import actions as certificates
from hienluong.capabilities.registers.certificates.course import OutOfOrder
from hienluong.capabilities.registers.models import CertificateAct, Change, Record
from hienluong.capabilities.registers.queries import as_of
from hienluong.foundation.actions import system

from .certified import GOOD, PREMISES, premises
from .sample import official, organization

pytestmark = pytest.mark.django_db

#: What the second version makes of a record that says nothing of its class.
WAY = "address == null ? 'nhỏ' : 'ở ' + address"


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


class Premises:
    """A register whose second version, with one more required field, begins tomorrow; and its records so far."""

    def __init__(self) -> None:
        self.owner = organization("H50.90")
        self.chief = official(self.owner, "define", "read", "write", "certify")
        self.register = actions.install(self.chief, spec=premises(), owner=self.owner).register
        self.process = system("Quy trình")
        self.record = self.add("C001")

    def add(self, code: str, **data: Any) -> Record:
        return actions.create(self.process, register=self.register, data={**GOOD, "code": code, **data})

    def issue(self, record: Record, number: str) -> CertificateAct:
        """As a dossier does, whose result is the paper."""
        come_from = temporal.Provenance(source=Change.Source.DOSSIER, ref="H50-1")
        return certificates.perform(self.process, record=record, kind="issue", number=number, provenance=come_from)

    def install(self) -> None:
        schema = PREMISES["schema"]
        fields = {**schema["properties"], "grade": {"type": "string", "title": "Hạng", "maxLength": 40}}
        newer = {**schema, "properties": fields, "required": [*schema["required"], "grade"]}
        spec = premises(version=2, effective_from=tomorrow(), schema=newer, migrate={"grade": WAY})
        tasks.migrate(actions.install(self.chief, spec=spec, owner=self.owner).pk)

    def said(self, day: date, record: Record | None = None) -> Mapping[str, Any]:
        found = as_of(self.register, temporal.end_of(day)).get(record=record or self.record)
        return {"version": found.definition.version, **found.data}


@pytest.fixture
def place(db: None) -> Premises:
    made = Premises()
    made.install()
    return made


def test_a_certificate_is_issued_on_the_day_on_which_a_new_version_is_installed(place: Premises) -> None:
    done = place.issue(place.record, "7")
    today, after = place.said(timezone.localdate()), place.said(tomorrow())
    assert (today["version"], today["number"], "grade" in today) == (1, "7", False)
    assert (after["version"], after["number"], after["grade"]) == (2, "7", "ở 12 Lê Lợi")
    why = temporal.Provenance(reason="Vi phạm")
    certificates.perform(place.process, record=place.record, kind="suspend", provenance=why)
    assert place.said(tomorrow())["status"] == "suspended"
    assert done.change.kind == Change.Kind.CHANGE


def test_a_certificate_of_a_record_made_since_does_not_wait_either(place: Premises) -> None:
    record = place.add("C002", address="5 Trần Phú")
    place.issue(record, "8")
    after = place.said(tomorrow(), record)
    assert (after["version"], after["number"], after["grade"]) == (2, "8", "ở 5 Trần Phú")


def test_a_change_is_one_change_and_what_comes_is_made_of_it_anew(place: Premises) -> None:
    before = Change.objects.filter(record=place.record).latest("pk")
    told = as_of(place.register, temporal.end_of(tomorrow()), timezone.now())
    known = told.get(record=place.record).data["grade"]
    actions.change(place.process, record=place.record, data={"address": "9 Hùng Vương"})
    assert known == "ở 12 Lê Lợi"
    assert as_of(place.register, temporal.end_of(tomorrow()), before.at).get(record=place.record).data["grade"] == known
    assert place.said(timezone.localdate())["address"] == "9 Hùng Vương"
    assert place.said(tomorrow())["grade"] == "ở 9 Hùng Vương"
    made = Change.objects.filter(record=place.record, pk__gt=before.pk).order_by("pk")
    assert [one.opened.filter(definition__version=1, valid__upper_inf=True).count() for one in made] == [1, 0]


def test_what_somebody_decided_for_a_day_to_come_is_no_turn(place: Premises) -> None:
    later = tomorrow() + timedelta(days=3)
    actions.change(place.process, record=place.record, data={"grade": "lớn"}, since=later)
    assert list(migrating.turns(place.record)) == [temporal.moment(tomorrow())]
    with pytest.raises(OutOfOrder, match="chưa tới ngày"):
        place.issue(place.record, "7")
    actions.change(place.process, record=place.record, data={"address": "3 Quang Trung"})
    assert place.said(tomorrow())["grade"] == "ở 3 Quang Trung"
    assert (place.said(later)["grade"], place.said(later)["address"]) == ("lớn", "3 Quang Trung")


def test_a_certificate_whose_dossier_is_revoked_goes_with_what_was_carried_over(place: Premises) -> None:
    done = place.issue(place.record, "7")
    newest = Change.objects.filter(record=place.record).latest("pk")
    for change in (newest, done.change):
        last = Change.objects.filter(record=place.record).latest("pk").pk
        actions.revert(place.process, record=place.record, change=change, newest=last)
    assert "number" not in place.said(timezone.localdate())
    after = place.said(tomorrow())
    assert (after["version"], after.get("number"), after["grade"]) == (2, None, "ở 12 Lê Lợi")


def test_two_records_are_merged_and_parted_before_the_day(place: Premises) -> None:
    other = place.add("C002", address="5 Trần Phú")
    done = merging.merge(place.process, kept=place.record, other=other, take=["address"])
    assert place.said(timezone.localdate())["address"] == "5 Trần Phú"
    assert place.said(tomorrow())["grade"] == "ở 5 Trần Phú"
    merging.undo(place.process, done=done)
    assert place.said(tomorrow())["grade"] == "ở 12 Lê Lợi"
    assert place.said(tomorrow(), other)["grade"] == "ở 5 Trần Phú"


def test_what_the_coming_version_refuses_stays_under_the_old_one(place: Premises) -> None:
    actions.change(place.process, record=place.record, data={"address": "x" * 100})
    assert place.said(tomorrow())["version"] == 1


def test_the_stretches_of_a_record_go_through_the_turn(place: Premises) -> None:
    joints = migrating.turns(place.record)
    (found,) = temporal.stretches(place.record, since=None, until=None, joints=joints)
    assert (found.until, found.definition.version) == (None, 1)
    assert len(temporal.stretches(place.record, since=None, until=None)) == 2


def test_a_history_tells_a_change_once_and_what_it_was_carried_over_to(place: Premises) -> None:
    actions.change(place.process, record=place.record, data={"address": "9 Hùng Vương"})
    told = history.told(place.record, premises(), set(premises().fields))
    assert [(one.turned_to, [each.field for each in one.differences]) for one in told][:3] == [
        (2, []),
        (None, ["address"]),
        (2, []),
    ]
    assert told[-1].change.kind == Change.Kind.CREATE


def test_a_correction_made_before_the_day_holds_after_it(place: Premises) -> None:
    version = as_of(place.register).get(record=place.record)
    assert version.valid.upper == temporal.moment(tomorrow())
    assert migrating.ends(version) is None
