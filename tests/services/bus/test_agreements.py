"""Services and agreements: who may do what, what may be asked, what became of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.foundation.organisations.models import Organization
from hienluong.services.bus import agreements, catalogue, tasks
from hienluong.services.bus.models import ServiceAgreement, Version
from tests.factories import make_org

from .sample import UPSTREAM, Province, document, somebody

pytestmark = pytest.mark.django_db
State = ServiceAgreement.State


@pytest.fixture
def here() -> Province:
    return Province()


def test_a_version_lives_from_draft_to_retired_and_each_step_is_written_down(here: Province) -> None:
    version = here.version(published=False)
    assert version.state == "draft"
    assert version.operations.count() == 3
    version = catalogue.to_test(here.provider, version=version)
    version = catalogue.publish(here.provider, version=version, text="Bản đầu tiên")
    with pytest.raises(InvalidInput):
        catalogue.deprecate(here.provider, version=version, retires_on=timezone.localdate())
    version = catalogue.deprecate(here.provider, version=version, retires_on=timezone.localdate() + timedelta(days=90))
    with pytest.raises(catalogue.WrongState):
        catalogue.to_test(here.provider, version=version)
    version = catalogue.retire(here.provider, version=version, text="Thay bằng v2")
    with pytest.raises(catalogue.WrongState):
        catalogue.publish(here.provider, version=version)
    states = ["draft", "test", "published", "deprecated", "retired"]
    assert [step.state for step in version.steps.all()] == states
    told = Event.objects.filter(subject=f"bus.version:{version.pk}").order_by("id").values_list("type", flat=True)
    assert list(told) == [f"bus.version.{state}" for state in states]
    assert Entry.objects.filter(target_type="bus.version", target_id=str(version.pk)).count() == 5
    assert here.version(published=False).major == 2


def test_a_version_whose_day_has_come_is_retired_in_the_night(here: Province) -> None:
    version = here.version()
    Version.objects.filter(pk=version.pk).update(state="deprecated", retires_on=timezone.localdate())
    assert tasks.retire_due() == 1
    version.refresh_from_db()
    assert version.state == "retired"


def test_what_others_use_does_not_go_within_a_version(here: Province) -> None:
    version = here.version()
    less = document().replace("    price:\n", "    cost:\n").replace("        price:\n", "        cost:\n")
    with pytest.raises(catalogue.Breaks, match="parcel: price"):
        catalogue.describe(here.provider, version=version, document=less)
    more = document().replace("operationId: health", "operationId: health\n      summary: Sống")
    assert (
        catalogue.describe(here.provider, version=version, document=more, text="Thêm tóm tắt").operations.count() == 3
    )
    draft = here.version(published=False)
    assert catalogue.describe(here.provider, version=draft, document=less).operations.count() == 3


def test_only_its_owner_declares_a_service(here: Province) -> None:
    stranger = somebody(here.consumer, "provide", "share", "request")
    with pytest.raises(NotAllowed):
        catalogue.register(
            stranger,
            owner=here.owner,
            code="x",
            title="x",
            data="x",
            contact_name="x",
            contact_email="x@example.com",
        )
    version = here.version()
    for verb in (catalogue.publish, catalogue.to_test):
        with pytest.raises(NotAllowed):
            verb(stranger, version=version)
    with pytest.raises(NotAllowed):
        catalogue.serve(stranger, version=version, upstream="https://evil.example.com")
    with pytest.raises(NotAllowed):
        catalogue.describe(stranger, version=version, document=document())
    with pytest.raises(InvalidInput):
        catalogue.serve(here.provider, version=version, upstream="https://169.254.169.254/")
    with pytest.raises(InvalidInput, match="địa chỉ nơi dịch vụ chạy"):
        catalogue.serve(here.provider, version=version, upstream="")
    assert catalogue.serve(here.provider, version=version, upstream=UPSTREAM, retries=2).retries == 2


def test_an_agreement_is_asked_approved_suspended_resumed_ended(here: Province) -> None:
    asked = here.asked(here.version())
    assert asked.code.startswith("TTDV-")
    assert asked.state == State.REQUESTED
    approved = agreements.approve(here.decider, agreement=asked)
    agreements.suspend(here.decider, agreement=approved, reason="Kiểm tra")
    agreements.resume(here.decider, agreement=approved)
    with pytest.raises(InvalidInput):
        agreements.end(here.asker, agreement=approved, reason=" ")
    ended = agreements.end(here.asker, agreement=approved, reason="Không cần nữa")
    with pytest.raises(agreements.WrongState):
        agreements.resume(here.decider, agreement=ended)
    assert [step.state for step in ended.steps.all()] == ["requested", "approved", "suspended", "approved", "ended"]
    entry = Entry.objects.filter(verb="bus.agreement.end").get()
    assert entry.organization_id == here.owner.pk
    assert entry.note == "Không cần nữa"
    assert Event.objects.filter(type="bus.agreement.ended").get().data["code"] == ended.code


def test_nobody_approves_what_they_asked_for(here: Province) -> None:
    both = somebody(here.province, "request", "share")
    here.asker = both
    asked = here.asked(here.version())
    with pytest.raises(NotAllowed, match="không tự duyệt"):
        agreements.approve(both, agreement=asked)
    assert agreements.approve(here.decider, agreement=asked).state == State.APPROVED


def test_strangers_neither_see_nor_decide(here: Province) -> None:
    asked = here.asked(here.version())
    stranger = somebody(_third(here), "share", "request", "provide")
    with pytest.raises(NotFound):
        agreements.visible_one(stranger, asked.code)
    verbs: list[Any] = [
        agreements.approve,
        agreements.refuse,
        agreements.suspend,
        agreements.resume,
        agreements.end,
    ]
    for verb in verbs:
        with pytest.raises(NotAllowed):
            verb(stranger, agreement=asked, reason="x")
    with pytest.raises(NotAllowed):  # the consumer does not decide
        agreements.approve(here.asker, agreement=asked)
    with pytest.raises(NotAllowed):  # nor does one ask for others
        agreements.request(stranger, **_terms(here, asked.version))
    assert agreements.visible_one(here.decider, asked.code) == asked
    assert agreements.visible_one(here.asker, asked.code) == asked


def _third(here: Province) -> Organization:
    return make_org(parent=here.province)


def _terms(here: Province, version: Version) -> dict[str, Any]:
    return {
        "version": version,
        "consumer": here.consumer,
        "fields": {"parcel": ["code"]},
        "purpose": "x",
        "legal_ground": "y",
        "since": timezone.localdate(),
        "until": timezone.localdate(),
        "per_minute": 1,
    }


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fields": {}}, "fields"),
        ({"fields": {"parcel": []}}, "fields"),
        ({"fields": {"parcel": ["code", "secret"]}}, "fields"),
        ({"fields": {"everything": ["code"]}}, "fields"),
        ({"purpose": " \x00"}, "purpose"),
        ({"legal_ground": ""}, "legal_ground"),
        ({"until": date(2020, 1, 1)}, "until"),
        ({"until": date.max}, "until"),
        ({"until": timezone.localdate() + timedelta(days=366 * 5)}, "until"),
        ({"per_minute": 0}, "per_minute"),
        ({"per_day": 0}, "per_day"),
        ({"weekdays": [7]}, "weekdays"),
        ({"from_hour": 9, "to_hour": 9}, "to_hour"),
        ({"addresses": ["10.0.0.0/8", "nowhere"]}, "addresses"),
    ],
)
def test_terms_that_cannot_be_are_refused_at_the_term(here: Province, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        here.asked(here.version(), **changes)
    assert refused.value.field == field


def test_its_own_people_need_no_agreement_and_a_draft_takes_none(here: Province) -> None:
    version = here.version(published=False)
    with pytest.raises(agreements.WrongState):
        here.asked(version)
    catalogue.publish(here.provider, version=version)
    here.asker = somebody(here.owner, "request")
    with pytest.raises(InvalidInput):
        here.asked(version, consumer=here.owner)


def test_hours_are_those_of_viet_nam(here: Province) -> None:
    agreed = here.agreed(here.version(), weekdays=[0, 1, 2, 3, 4], from_hour=7, to_hour=17)
    agreed.valid = type(agreed.valid)(date(2026, 1, 1), date(2027, 1, 1))
    monday = datetime(2026, 11, 30, tzinfo=UTC)  # 07:00 in Việt Nam
    assert agreements.is_open(agreed, monday)
    assert not agreements.is_open(agreed, monday - timedelta(seconds=1))
    assert not agreements.is_open(agreed, monday + timedelta(hours=10))
    assert not agreements.is_open(agreed, monday - timedelta(days=1))
    assert not agreements.is_open(agreed, datetime(2027, 1, 1, tzinfo=UTC))
