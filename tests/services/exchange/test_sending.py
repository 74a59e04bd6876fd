"""What goes out: once, in order, however the axis misbehaves; what cannot go is shown with its reason."""

from __future__ import annotations

import itertools
import time
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed
from hienluong.foundation.events import dispatcher
from hienluong.services.documents.models import Recipient, State
from hienluong.services.exchange import edxml, managing, queueing, sending, tasks
from hienluong.services.exchange.models import Outgoing, Receipt
from tests.factories import actor_for_role
from tests.services.documents.offices import Agency
from tests.services.exchange.conftest import PEER
from tests.services.exchange.offices import attach, issued, tell
from tests.services.exchange.process import AxisProcess

pytestmark = [pytest.mark.django_db, pytest.mark.once]
_seconds = itertools.count(1)


def turn() -> int:
    """Everything that is due now, as if all waits were over."""
    dispatcher.dispatch_waiting()
    Outgoing.objects.filter(state=Outgoing.State.WAITING).update(next_try_at=timezone.now())
    moved = tasks.run_turn(20)
    dispatcher.dispatch_waiting()
    return moved


def at_peer(axis: AxisProcess, kind: str = "edoc") -> list[Any]:
    """The packages that wait for the other system, in the order of the axis."""
    return [edxml.read(axis.get("H57", item["docId"])).package for item in axis.waiting("H57", kind)]


def answer(axis: AxisProcess, about: edxml.Reference, status: edxml.Status, words: str = "Xong", late: int = 0) -> None:
    """The other system tells us how far a document is."""
    at = (timezone.now() + timedelta(seconds=late or next(_seconds))).replace(microsecond=0)
    package = edxml.StatusPackage(about, edxml.Agency(PEER, "Sở Tài chính Huế"), status, at, words)
    assert axis.send(package, about.agency, "H57")["ErrorCode"] == "0"


def test_an_issued_document_reaches_the_place_outside_with_its_files(health: Agency, axis: AxisProcess) -> None:
    document = issued(health, PEER)
    assert turn() == 1
    (package,) = at_peer(axis)
    assert (package.code, package.subject, package.issued_on) == (document.code, document.subject, document.issued_on)
    assert package.document_id == f"{health.place.code},2026/11/20,{document.code}"
    assert (package.sender.code, package.sender.name) == (health.place.code, "Sở Y tế")
    assert package.sender.in_charge == "UBND tỉnh thử"
    assert [receiver.code for receiver in package.receivers] == [PEER]
    assert (package.type_name, package.priority, package.pages) == ("Công văn", 1, 1)
    assert package.attachments[0].content.startswith(b"%PDF-")
    row = Outgoing.objects.get()
    assert (row.state, row.attempts, bool(row.axis_id), row.what) == ("sent", 1, True, "new")


def test_codes_are_written_in_the_legacy_form_where_that_was_chosen(
    health: Agency, axis: AxisProcess, settings: Any
) -> None:
    settings.DOCUMENT_AXIS = {**settings.DOCUMENT_AXIS, "codes": "legacy", "form": "standard"}
    axis.register("H57", "000.00.19.H57")
    issued(health, PEER)
    turn()
    (package,) = at_peer(axis)
    assert package.receivers[0].code == "000.00.19.H57"
    assert package.sender.code.startswith("000.00.")
    answer(axis, package.reference, edxml.Status.RECEIVED)  # from the current form of the same agency
    turn()
    assert Recipient.objects.get().receipt == "03"


def test_the_same_event_twice_sends_once(health: Agency, axis: AxisProcess) -> None:
    document = issued(health, PEER)
    tell(document, "document.sent_to")
    turn()
    turn()
    assert len(at_peer(axis)) == 1


@pytest.mark.parametrize("fault", ["lost", "500", "refuse", "away", "slow"])
def test_a_fault_of_the_axis_never_makes_two_of_one(
    health: Agency, axis: AxisProcess, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hienluong.services.exchange import line

    monkeypatch.setattr(line, "PATIENCE_WITH_FILES", 0.5)
    issued(health, PEER)
    dispatcher.dispatch_waiting()
    axis.switch(**{fault: 1})
    assert sending.send_due(float("inf")) == 0
    row = Outgoing.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.last_error
    assert row.next_try_at is not None
    assert row.tried_at is not None
    assert row.next_try_at > row.tried_at
    if fault == "slow":
        time.sleep(1.5)  # it is done by then; what looks it up sooner sends it again, and its receiver takes it once
    turn()
    assert len(at_peer(axis)) == 1
    assert Outgoing.objects.get().state == "sent"


def test_a_try_that_died_is_looked_up_before_the_next(health: Agency, axis: AxisProcess) -> None:
    """The process is killed after the axis took the package and before that was written down."""
    issued(health, PEER)
    dispatcher.dispatch_waiting()
    row = Outgoing.objects.get()
    begun = sending._begin(row.pk)
    assert begun is not None
    content = edxml.write(sending.describing.package_of(begun), edxml.AXIS)
    sending._hand_over(sending.line(), begun, content)
    turn()
    assert len(at_peer(axis)) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("sent", 2)


def test_the_same_package_is_the_same_to_the_byte(health: Agency, axis: AxisProcess) -> None:
    issued(health, PEER)
    dispatcher.dispatch_waiting()
    row = Outgoing.objects.select_related("document__agency").get()
    first, second = (edxml.write(sending.describing.package_of(row), edxml.AXIS) for _ in range(2))
    assert first == second


def test_waits_grow_and_end_at_a_minute_while_the_axis_is_away(health: Agency, axis: AxisProcess) -> None:
    issued(health, PEER)
    dispatcher.dispatch_waiting()
    axis.switch(away_pt=100)
    waits = []
    for _ in range(8):
        Outgoing.objects.update(next_try_at=timezone.now())
        sending.send_due(float("inf"))
        row = Outgoing.objects.get()
        assert row.next_try_at is not None
        assert row.tried_at is not None
        waits.append(round((row.next_try_at - row.tried_at).total_seconds()))
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    assert Outgoing.objects.get().state == "waiting"  # there is no last try


def test_one_lost_answer_does_not_hold_up_the_rest_and_three_in_a_row_end_the_turn(
    health: Agency, axis: AxisProcess
) -> None:
    for _ in range(6):
        issued(health, PEER)
    dispatcher.dispatch_waiting()
    axis.switch(lost=1)
    assert sending.send_due(float("inf")) == 5
    for _ in range(6):
        issued(health, PEER)
    dispatcher.dispatch_waiting()
    axis.switch(away_pt=100)
    tried = Outgoing.objects.filter(attempts__gt=0).count()
    assert sending.send_due(float("inf")) == 0
    assert Outgoing.objects.filter(attempts__gt=0).count() == tried + 3


def test_a_place_that_is_not_connected_waits_for_a_person(health: Agency, axis: AxisProcess) -> None:
    issued(health, "H58.01")
    turn()
    row = Outgoing.objects.get()
    assert (row.state, row.attempts) == ("waiting", 1)  # it may be joining the axis just now
    Outgoing.objects.update(attempts=sending.MOST_UNKNOWN - 1)
    turn()
    row = Outgoing.objects.get()
    assert (row.state, row.next_try_at) == ("failed", None)
    assert "H58.01" in row.last_error
    assert "H58.01" in Recipient.objects.get().reason
    axis.register("H57", "H58.01")
    managing.retry(actor_for_role("admin", health.place.parent), row=row)
    turn()
    assert Outgoing.objects.get().state == "sent"


def test_a_document_that_the_standard_cannot_hold_is_shown_and_stops_no_other(
    health: Agency, axis: AxisProcess
) -> None:
    bad = issued(health, PEER)
    bad.files.all().delete()
    issued(health, PEER)
    turn()
    row = Outgoing.objects.get(document=bad)
    assert (row.state, row.last_error.split(":")[0]) == ("failed", "N.Attachment")
    assert len(at_peer(axis)) == 1


def test_statuses_come_back_and_are_applied_forward_only(health: Agency, axis: AxisProcess) -> None:
    issued(health, PEER)
    turn()
    (package,) = at_peer(axis)
    for status in ("06", "01", "03", "03", "05"):
        answer(axis, package.reference, edxml.Status(status))
    turn()
    recipient = Recipient.objects.get()
    assert recipient.receipt == "06"
    assert sorted(Receipt.objects.values_list("status", flat=True)) == ["01", "03", "03", "05", "06"]


def test_a_status_delivered_twice_is_one(health: Agency, axis: AxisProcess) -> None:
    issued(health, PEER)
    turn()
    (package,) = at_peer(axis)
    axis.switch(twice=1)
    answer(axis, package.reference, edxml.Status.RECEIVED)
    turn()
    assert Receipt.objects.count() == 1


def test_a_refusal_brings_its_reason(health: Agency, axis: AxisProcess) -> None:
    issued(health, PEER)
    turn()
    (package,) = at_peer(axis)
    answer(axis, package.reference, edxml.Status.REFUSED, "Gửi nhầm cơ quan")
    turn()
    recipient = Recipient.objects.get()
    assert (recipient.receipt, recipient.reason) == ("02", "Gửi nhầm cơ quan")


def test_what_has_not_gone_out_is_taken_back_without_asking(health: Agency, axis: AxisProcess) -> None:
    document = issued(health, PEER)
    dispatcher.dispatch_waiting()
    tell(document, "document.take_back_asked", reason="Sai số liệu")
    turn()
    assert at_peer(axis) == []
    assert at_peer(axis, "status") == []
    assert Outgoing.objects.get().state == "cancelled"
    assert Recipient.objects.get().receipt == "15"  # it never left, so it is back


def test_what_may_have_gone_out_is_asked_for(health: Agency, axis: AxisProcess) -> None:
    """Its answer was lost: the document is finished first, then asked back, in that order."""
    document = issued(health, PEER)
    dispatcher.dispatch_waiting()
    axis.switch(lost=1)
    sending.send_due(float("inf"))
    tell(document, "document.take_back_asked", reason="Sai số liệu")
    turn()
    (asked,) = at_peer(axis, "status")
    assert (asked.status, asked.description, asked.about.document_id) == (
        edxml.Status.TAKE_BACK,
        "Sai số liệu",
        at_peer(axis)[0].document_id,
    )
    assert len(at_peer(axis)) == 1


@pytest.mark.parametrize(("code", "receipt"), [("15", "15"), ("16", "16")])
def test_asking_back_ends_with_the_answer(health: Agency, axis: AxisProcess, code: str, receipt: str) -> None:
    document = issued(health, PEER)
    turn()
    tell(document, "document.take_back_asked", reason="Sai số liệu")
    turn()
    (package,) = at_peer(axis)
    answer(axis, package.reference, edxml.Status(code), "Đã vào sổ")
    turn()
    assert Recipient.objects.get().receipt == receipt


def test_an_update_goes_out_as_such_as_often_as_it_is_wanted(health: Agency, axis: AxisProcess) -> None:
    document = issued(health, PEER)
    turn()
    recipient = Recipient.objects.get()
    with pytest.raises(InvalidInput):
        queueing.send_update(health.clerk, recipient=recipient, reason=" ")
    with pytest.raises(NotAllowed):
        queueing.send_update(health.officer, recipient=recipient, reason="Bổ sung phụ lục")
    attach(document, "phu luc")
    for reason in ("Bổ sung phụ lục", "Sửa phụ lục"):
        queueing.send_update(health.clerk, recipient=recipient, reason=reason)
    turn()
    first, second, third = at_peer(axis)
    assert first.business.kind is edxml.BusinessKind.NEW
    assert [p.business.kind for p in (second, third)] == [edxml.BusinessKind.UPDATE] * 2
    assert [p.business.reason for p in (second, third)] == ["Bổ sung phụ lục", "Sửa phụ lục"]
    assert second.business.document_id == first.document_id
    assert len(second.attachments) == 2


def test_a_replacement_names_what_it_replaces_where_that_was_sent(health: Agency, axis: AxisProcess) -> None:
    axis.register("H57", "H57.20")
    old = issued(health, PEER)
    turn()
    issued(health, PEER, "H57.20", replaces=old)
    turn()
    packages = {package.receivers[0].code: package for package in at_peer(axis)[1:]}
    assert packages[PEER].business.kind is edxml.BusinessKind.REPLACE
    assert packages[PEER].business.replaced[0].document_id.endswith(old.code)
    assert packages["H57.20"].business.kind is edxml.BusinessKind.NEW


def test_a_document_recalled_before_its_event_is_not_sent(health: Agency, axis: AxisProcess) -> None:
    document = issued(health, PEER)
    document.state = State.RECALLED
    document.save()
    tell(document, "document.take_back_asked", reason="Sai")
    turn()
    assert at_peer(axis) == []
    assert Recipient.objects.get().receipt == "15"


def test_a_held_package_holds_its_lane_and_no_other(health: Agency, axis: AxisProcess) -> None:
    admin = actor_for_role("admin", health.place.parent)
    held = issued(health, PEER)
    issued(health, PEER)
    dispatcher.dispatch_waiting()
    row = Outgoing.objects.get(document=held)
    with pytest.raises(InvalidInput):
        managing.hold(admin, row=row, reason="")
    with pytest.raises(NotAllowed):
        managing.hold(health.clerk, row=row, reason="Chờ")
    managing.hold(admin, row=row, reason="Chờ xác nhận")
    turn()
    assert len(at_peer(axis)) == 1
    managing.retry(admin, row=row)
    turn()
    assert len(at_peer(axis)) == 2
    with pytest.raises(DomainError):
        managing.retry(admin, row=row)


def test_only_one_process_takes_a_turn(health: Agency, axis: AxisProcess) -> None:
    from django.db import connection

    with closing(connection.copy()) as another, another.cursor() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [tasks.TURN])
        with tasks.alone() as held:
            assert not held
        other.execute("SELECT pg_advisory_unlock(%s)", [tasks.TURN])
    with tasks.alone() as held:
        assert held


def test_nothing_is_asked_of_nobody(health: Agency, settings: Any) -> None:
    settings.DOCUMENT_AXIS = {**settings.DOCUMENT_AXIS, "url": ""}
    issued(health, PEER)
    dispatcher.dispatch_waiting()
    tasks.turn(0)
    assert (Outgoing.objects.get().state, Outgoing.objects.get().attempts) == ("waiting", 0)
