"""Answers are added, never overwritten; what was answered in two places stands twice until somebody chooses."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

import pytest
from PIL import Image

from hienluong.capabilities.scoring import actions, photos, queries
from hienluong.capabilities.scoring.actions import Given, Target, Undecided, WrongState
from hienluong.capabilities.scoring.definition import ScoringSpec
from hienluong.capabilities.scoring.installing import definition_on, install
from hienluong.capabilities.scoring.models import Assessment, AssessmentAnswer, PhotoPart, ScoringDefinition
from hienluong.foundation.actions import Actor, Grant, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.organisations.models import Organization
from tests.capabilities.registers.sample import organization
from tests.snapshots import ready

from .sample import FORM, GOOD, SPEC

pytestmark = pytest.mark.django_db


def inspector(place: Organization, *verbs: str) -> Actor:
    """Somebody who may do these things with assessments at an organisation."""
    grant = Grant(frozenset(f"scoring.{verb}" for verb in verbs), place.pk, place.path, "Chức vụ")
    return Actor(kind="account", label="Cán bộ kiểm tra", organization_id=place.pk, grants=(grant,))


class Kitchen:
    """A form in force, its department, a team that assesses there, and an assessment that was begun."""

    def __init__(self) -> None:
        self.place, self.elsewhere = organization("H50.31"), organization("H50.32")
        self.chief = inspector(self.place, "define", "assess", "sign")
        self.definition = install(self.chief, spec=SPEC, owner=self.place)
        self.team = inspector(self.place, "assess")
        self.assessment = actions.begin(
            self.team,
            definition=self.definition,
            organization=self.place,
            target=Target("Bếp ăn số 1"),
            day=date(2026, 2, 1),
        )

    def say(self, item: str, value: str, base: UUID | None = None, **more: Any) -> AssessmentAnswer:
        given = Given(item=item, key=more.pop("key", None) or uuid4(), value=value, base=base, **more)
        return actions.answer(self.team, assessment_id=self.assessment.pk, given=given)

    def standing(self, item: str) -> list[tuple[str, str]]:
        return [(one.value, one.standing) for one in self.assessment.answers.filter(item=item)]

    def picture(self, size: int = 40) -> bytes:
        out = BytesIO()
        Image.frombytes("RGB", (size, size), os.urandom(size * size * 3)).save(out, "PNG")
        return out.getvalue()

    def announce(self, content: bytes, item: str = "cold") -> UUID:
        photo = uuid4()
        sha256 = hashlib.sha256(content).hexdigest()
        self.sent = {"photo_id": photo, "item": item, "name": "tu.png", "size": len(content), "sha256": sha256}
        photos.announce(self.team, assessment_id=self.assessment.pk, **self.sent)
        return photo

    def part(self, photo: UUID, offset: int, content: bytes) -> int:
        return photos.add_part(
            self.team, assessment_id=self.assessment.pk, photo_id=photo, offset=offset, content=content
        ).received


@pytest.fixture
def kitchen() -> Kitchen:
    return ready(Kitchen)


def test_an_answer_replaces_the_one_that_was_seen_and_both_are_kept(kitchen: Kitchen) -> None:
    first = kitchen.say("water", "no", note=" vòi hỏng ")
    second = kitchen.say("water", "yes", base=first.key)
    assert kitchen.say("water", "no", key=second.key).pk == second.pk  # the same sending again
    assert kitchen.standing("water") == [("no", "past"), ("yes", "current")]
    assert first.note == "vòi hỏng"


def test_what_was_answered_elsewhere_meanwhile_stands_beside_it_until_somebody_chooses(kitchen: Kitchen) -> None:
    seen = kitchen.say("water", "yes")
    kitchen.say("water", "no", base=seen.key, note="ở văn phòng")
    phone = kitchen.say("water", "yes", base=seen.key, note="ở hiện trường")
    again = kitchen.say("water", "yes", base=phone.key, note="ở hiện trường, xem lại")
    assert kitchen.standing("water") == [("yes", "past"), ("no", "current"), ("yes", "past"), ("yes", "rival")]
    with pytest.raises(InvalidInput, match="Nước sạch"):
        actions.finish(kitchen.team, assessment_id=kitchen.assessment.pk)
    who: dict[str, Any] = {"assessment_id": kitchen.assessment.pk, "item": "water"}
    with pytest.raises(Undecided):
        actions.choose(kitchen.team, **who, key=again.key, seen=[again.key])
    with pytest.raises(NotFound):
        actions.choose(kitchen.team, **who, key=phone.key, seen=[])
    keys = [one.key for one in queries.standing_answers(kitchen.assessment)]
    actions.choose(kitchen.team, **who, key=again.key, seen=keys)
    assert kitchen.standing("water")[1:] == [("no", "past"), ("yes", "past"), ("yes", "current")]
    assert kitchen.say("water", "yes", base=None, note="ở hiện trường, xem lại").standing == "current"  # says the same


@pytest.mark.parametrize(
    "wrong",
    [
        {"item": "site", "value": "yes"},
        {"item": "nothing", "value": "yes"},
        {"item": "water", "value": "na"},
        {"item": "cold", "value": "51"},
        {"item": "cold", "value": "4,5"},
        {"item": "water", "value": "yes", "note": "x" * 4001},
        {"item": "water", "value": "yes", "latitude": 10},
        {"item": "water", "value": "yes", "photos": [uuid4() for _ in range(11)]},
    ],
)
def test_what_cannot_be_an_answer_is_refused(kitchen: Kitchen, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        kitchen.say(**wrong)
    assert not kitchen.assessment.answers.exists()


def test_a_photo_comes_in_parts_is_taken_up_again_and_begins_again_when_it_is_harmed(kitchen: Kitchen) -> None:
    content = kitchen.picture()
    photo = kitchen.announce(content)
    assert kitchen.part(photo, 0, content[:100]) == 100
    assert kitchen.part(photo, 0, content[:100]) == 100  # sent again: nothing is taken twice
    assert kitchen.part(photo, 700, content[700:800]) == 100  # a gap: told where it stands
    photos.announce(kitchen.team, assessment_id=kitchen.assessment.pk, **kitchen.sent)
    assert kitchen.part(photo, 100, content[100:-1] + b"?") == 0  # not what was announced
    assert kitchen.part(photo, 0, content) == len(content)
    assert not PhotoPart.objects.exists()
    assert queries.arrived(kitchen.assessment) == {str(photo)}
    with pytest.raises(InvalidInput):
        photos.announce(kitchen.team, assessment_id=kitchen.assessment.pk, **{**kitchen.sent, "size": 5})
    text = kitchen.announce(b"no picture at all")
    with pytest.raises(InvalidInput):
        kitchen.part(text, 0, b"no picture at all")


def test_from_the_first_answer_to_the_verdict_and_back(kitchen: Kitchen) -> None:
    one = kitchen.assessment.pk
    content = kitchen.picture()
    photo = kitchen.announce(content)
    for item, answer in GOOD.items():
        kitchen.say(item, answer["value"], photos=[photo] if item == "cold" else ())
    with pytest.raises(InvalidInput, match="chưa gửi xong"):
        actions.finish(kitchen.team, assessment_id=one)
    kitchen.part(photo, 0, content)
    done = actions.finish(kitchen.team, assessment_id=one)
    assert (done.state, done.level, done.verdict and done.verdict["score"]) == ("finished", "A", "94.00")
    with pytest.raises(WrongState):
        kitchen.say("water", "no")
    with pytest.raises(NotAllowed):
        actions.annul(kitchen.team, assessment_id=one, reason="nhầm")
    actions.reopen(kitchen.team, assessment_id=one, reason="chấm sót")
    actions.annul(kitchen.team, assessment_id=one, reason="nhầm cơ sở")
    assert [step.state for step in done.steps.all()] == ["draft", "finished", "draft", "annulled"]
    assert [bool(step.verdict) for step in done.steps.all()] == [False, True, False, False]


def test_nobody_from_elsewhere_sees_or_writes_it(kitchen: Kitchen) -> None:
    stranger = inspector(kitchen.elsewhere, "read", "assess", "sign")
    one: dict[str, Any] = {"assessment_id": kitchen.assessment.pk}
    attempts: list[Callable[[], object]] = [
        lambda: actions.answer(stranger, **one, given=Given("water", uuid4(), "yes")),
        lambda: actions.finish(stranger, **one),
        lambda: actions.annul(stranger, **one, reason="x"),
        lambda: photos.keep(stranger, **one, item="cold", upload=None),
        lambda: actions.begin(
            inspector(kitchen.place, "read"),
            definition=kitchen.definition,
            organization=kitchen.place,
            target=Target("x"),
            day=date(2026, 2, 1),
        ),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()
    with pytest.raises(NotFound):
        queries.seen_by(stranger, kitchen.assessment.pk)
    assert not queries.visible(stranger).exists()
    assert queries.visible(kitchen.team).count() == Assessment.objects.count() == 1


def test_a_new_version_leaves_what_was_begun_as_it_was(kitchen: Kitchen) -> None:
    install(kitchen.chief, spec=SPEC, owner=kitchen.place)  # again: nothing
    changed = ScoringSpec.model_validate({**FORM, "title": "Khác"})
    with pytest.raises(InvalidInput):
        install(kitchen.chief, spec=changed, owner=kitchen.place)
    newer = ScoringSpec.model_validate({**FORM, "version": 2, "effective_from": "2026-06-01"})
    install(kitchen.chief, spec=newer, owner=kitchen.place)
    assert ScoringDefinition.objects.count() == 2
    found = [definition_on(SPEC.code, day).version for day in (date(2026, 5, 31), date(2026, 6, 1))]
    assert found == [1, 2]
    assert kitchen.assessment.definition.version == 1
