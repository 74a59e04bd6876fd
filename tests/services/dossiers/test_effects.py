"""What a granted dossier writes into registers: with the signature, or not at all; and back again."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import tasks
from hienluong.capabilities.registers.models import Change, Definition, Record, Version
from hienluong.services.dossiers import actions, effects, publishing
from hienluong.services.dossiers.models import Dossier, Result
from tests.capabilities.registers.sample import GOOD, WELLS, official, wells
from tests.services.dossiers.province import Province
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

CREATE: dict[str, Any] = {
    "register": "thu.gieng",
    "set": {"code": "'G123'", "name": "reason", "agency": "competent"},
}
CHANGE: dict[str, Any] = {"register": "thu.gieng", "kind": "change", "key": "'G001'", "set": {"name": "reason"}}
END: dict[str, Any] = {"register": "thu.gieng", "kind": "end", "key": "'G001'", "when": "reason == 'Lấp giếng'"}


class Town:
    """The small province with the register of wells, one well in it, and a procedure that writes to it."""

    def __init__(self) -> None:
        self.province = p = Province()
        chief = official(p.agency_one, "define", "read", "write")
        spec = wells(owner=p.agency_one.code)
        self.register = registers.install(chief, spec=spec, owner=p.agency_one).register
        self.well = registers.create(p.officer, register=self.register, data={**GOOD, "agency": p.division.code})

    def at_the_leaders_desk(self, *written: dict[str, Any], reason: str = "Giếng mới đào") -> Dossier:
        """A dossier whose procedure has these effects, with a draft that waits for the signature."""
        p = self.province
        model = {"model": "single_agency", "params": {}}
        version = p.publish("8.000950", process=model, effects=list(written))
        dossier = p.file(version=version, data={"reason": reason})
        actions.receive(p.clerk, dossier=dossier)
        actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
        actions.submit_for_signature(p.head, dossier=dossier)
        return Dossier.objects.get(pk=dossier.pk)

    def names(self) -> dict[str, str]:
        now = Version.objects.filter(known__upper_inf=True, valid__upper_inf=True)
        return {version.key: version.data["name"] for version in now}


def newer(town: Town, since: date) -> Definition:
    """A second version of the register: the depth in words, a class that must be said."""
    schema = deepcopy(WELLS["schema"])
    schema["properties"]["depth"] = {"type": "string", "title": "Độ sâu", "maxLength": 20}
    schema["properties"]["grade"] = {"type": "string", "title": "Hạng", "enum": ["A", "B"]}
    schema["required"] = [*schema["required"], "grade"]
    ways = {"depth": "depth == null ? null : string(depth) + ' m'", "grade": "deep == true ? 'A' : 'B'", "deep": "deep"}
    spec = wells(owner=town.province.agency_one.code, version=2, effective_from=since, schema=schema, computed={}, index=[], lists=[], migrate=ways)  # fmt: skip
    chief = official(town.province.agency_one, "define", "read", "write")
    made = registers.install(chief, spec=spec, owner=town.province.agency_one)
    tasks.migrate(made.pk)
    return made


@pytest.fixture
def town(db: None) -> Town:
    return ready(Town)


def test_the_signature_writes_the_record(town: Town) -> None:
    dossier = town.at_the_leaders_desk(CREATE)
    assert not Record.objects.filter(key="G123").exists()
    actions.sign(town.province.leader, dossier=dossier)
    version = Version.objects.get(key="G123")
    assert version.data == {"code": "G123", "name": "Giếng mới đào", "agency": "H50.31", "deep": False}
    change = Change.objects.get(record=version.record)
    assert (change.source, change.source_ref) == ("dossier", dossier.code)
    assert effects.seen_before(dossier)[0]["key"] == "G123"


def test_a_refusal_writes_nothing(town: Town) -> None:
    p = town.province
    version = p.publish("8.000950", process={"model": "single_agency", "params": {}}, effects=[CREATE])
    dossier = p.file(version=version)
    actions.receive(p.clerk, dossier=dossier)
    actions.review(p.officer, dossier=dossier, grants=False, conclusion="Không đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    actions.sign(p.leader, dossier=Dossier.objects.get(pk=dossier.pk))
    assert not Record.objects.filter(key="G123").exists()


def test_what_the_register_refuses_stops_the_signature(town: Town) -> None:
    registers.create(
        town.province.officer,
        register=town.register,
        data={**GOOD, "code": "G123", "agency": town.province.division.code},
    )
    dossier = town.at_the_leaders_desk(CHANGE, CREATE)
    with pytest.raises(effects.EffectFailed, match="Đã có bản ghi “G123”"):
        actions.sign(town.province.leader, dossier=dossier)
    assert Result.objects.get(dossier=dossier).state == Result.State.DRAFT
    assert Dossier.objects.get(pk=dossier.pk).waiting_task == dossier.waiting_task
    assert town.names()["G001"] == GOOD["name"], "what was written before the refusal is gone, too"


def test_a_register_that_is_not_there_is_said(town: Town) -> None:
    dossier = town.at_the_leaders_desk({**CREATE, "register": "thu.khong_co"})
    with pytest.raises(effects.EffectFailed, match="Chưa cài"):
        actions.sign(town.province.leader, dossier=dossier)


@pytest.mark.parametrize(("reason", "left"), [("Lấp giếng", {}), ("Chưa lấp", {"G001": GOOD["name"]})])
def test_an_effect_happens_under_its_condition(town: Town, reason: str, left: dict[str, str]) -> None:
    actions.sign(town.province.leader, dossier=town.at_the_leaders_desk(END, reason=reason))
    assert town.names() == left


def test_revoking_the_result_takes_back_what_it_wrote(town: Town) -> None:
    p = town.province
    dossier = town.at_the_leaders_desk(CREATE, CHANGE, reason="Tên khác")
    result = publishing.produce(actions.sign(p.leader, dossier=dossier))
    assert town.names() == {"G001": "Tên khác", "G123": "Tên khác"}
    actions.revoke_result(p.leader, result=result, reason="Ký nhầm", legal_basis="Quyết định 1")
    assert town.names() == {"G001": GOOD["name"]}


def test_what_somebody_changed_since_is_left_as_it_is(town: Town) -> None:
    p = town.province
    dossier = town.at_the_leaders_desk(CHANGE, reason="Tên khác")
    result = publishing.produce(actions.sign(p.leader, dossier=dossier))
    registers.change(p.officer, record=Record.objects.get(key="G001"), data={"depth": 7})
    actions.revoke_result(p.leader, result=result, reason="Ký nhầm", legal_basis="Quyết định 1")
    assert town.names() == {"G001": "Tên khác"}


def test_a_dossier_is_signed_on_the_day_on_which_a_new_version_of_the_register_is_installed(town: Town) -> None:
    dossier = town.at_the_leaders_desk(CHANGE, reason="Tên khác")
    newer(town, timezone.localdate() + timedelta(days=1))
    actions.sign(town.province.leader, dossier=dossier)
    known = Version.objects.filter(key="G001", known__upper_inf=True).order_by("valid")
    assert [(one.definition.version, one.data["name"]) for one in known][-2:] == [(1, "Tên khác"), (2, "Tên khác")]
    assert known.last().data["depth"] == "120.5 m"  # type: ignore[union-attr]


@pytest.mark.parametrize(("deep", "depth", "grade"), [("200.0", "200 m", "A"), ("20.5", "20.5 m", "B")])
def test_a_dossier_of_before_a_new_version_is_written_as_records_are_carried_over(
    town: Town, deep: str, depth: str, grade: str
) -> None:
    effect = {**CREATE, "set": {**CREATE["set"], "depth": deep}}
    dossier = town.at_the_leaders_desk(effect, {**CHANGE, "set": {"name": "reason", "depth": deep}})
    newer(town, date(2026, 7, 1))
    actions.sign(town.province.leader, dossier=dossier)
    made = Version.objects.get(key="G123", known__upper_inf=True)
    assert (made.definition.version, made.data["depth"], made.data["grade"]) == (2, depth, grade)
    changed = Version.objects.get(key="G001", known__upper_inf=True, valid__upper_inf=True)
    assert (changed.data["depth"], changed.data["grade"]) == (depth, "A"), "what was not written stays"


def test_who_knows_the_new_version_writes_it_as_given(town: Town) -> None:
    newer(town, date(2026, 7, 1))
    written = {**CREATE["set"], "depth": "'sâu'", "grade": "'B'"}
    dossier = town.at_the_leaders_desk({**CREATE, "set": written})
    version = dossier.procedure_version
    version.published_at = timezone.now()
    version.save()
    actions.sign(town.province.leader, dossier=Dossier.objects.get(pk=dossier.pk))
    assert Version.objects.get(key="G123", known__upper_inf=True).data["depth"] == "sâu"


def made_for_the_second_version(town: Town, *written: dict[str, Any]) -> Dossier:
    """At the leader's desk, of a procedure that was made when the second version of the register was in force."""
    newer(town, date(2026, 7, 1))
    dossier = town.at_the_leaders_desk(*written)
    version = dossier.procedure_version
    version.published_at = timezone.now()
    version.save()
    return Dossier.objects.get(pk=dossier.pk)


@pytest.mark.parametrize("since", ["2019-05-01", "2024-05-01", "2026-06-30"])
def test_what_is_valid_since_before_the_version_of_the_register_is_written_from_its_day(town: Town, since: str) -> None:
    given = {**CREATE["set"], "depth": "'sâu'", "grade": "'B'"}
    dossier = made_for_the_second_version(town, {**CREATE, "since": f"'{since}'", "set": given})
    actions.sign(town.province.leader, dossier=dossier)
    made = Version.objects.get(key="G123", known__upper_inf=True)
    assert timezone.localdate(made.valid.lower).isoformat() == since
    assert (made.data["depth"], made.data["grade"]) == ("sâu", "B")


def test_a_change_from_before_the_version_of_the_register_says_what_it_says(town: Town) -> None:
    p = town.province
    data = {**GOOD, "code": "G002", "agency": p.division.code}
    registers.create(p.officer, register=town.register, data=data, since=date(2019, 1, 1))
    change = {
        **CHANGE,
        "key": "'G002'",
        "since": "'2024-05-01'",
        "set": {"grade": "'B'", "name": "record.name + ' (B)'"},
    }
    actions.sign(p.leader, dossier=made_for_the_second_version(town, change))
    known = Version.objects.filter(key="G002", known__upper_inf=True).order_by("valid")
    said = [(timezone.localdate(one.valid.lower), one.data.get("grade"), one.data["name"]) for one in known]
    assert said == [
        (date(2019, 1, 1), None, GOOD["name"]),
        (date(2024, 5, 1), "B", f"{GOOD['name']} (B)"),
        (date(2026, 7, 1), "B", f"{GOOD['name']} (B)"),
    ]
