"""What comes in: one document of each sent one, statuses back in order, bad packages answered and shown."""

from __future__ import annotations

import itertools
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DataError, connection
from django.utils import timezone

from hienluong.foundation.events import dispatcher
from hienluong.services.documents.actions import arrivals, handling
from hienluong.services.documents.models import Arrival, Document, DocumentFile, Reader, Relation, State
from hienluong.services.exchange import edxml, managing, receiving, taking, tasks
from hienluong.services.exchange.edxml import moments
from hienluong.services.exchange.line import Listed
from hienluong.services.exchange.models import Incoming, Outgoing
from hienluong.services.exchange.queueing import WHO
from tests.factories import actor_for_role
from tests.services.documents.offices import Agency
from tests.services.exchange.conftest import PEER
from tests.services.exchange.packages import PDF, pdf
from tests.services.exchange.process import AxisProcess

pytestmark = [pytest.mark.django_db, pytest.mark.once]
_count = itertools.count(1)
SENDER = edxml.Agency(PEER, "Sở Tài chính Huế")


def sent_to(agency: Agency, **more: Any) -> edxml.DocumentPackage:
    """A document of the other system for an agency of ours."""
    number, day = str(next(_count)), date(2026, 11, 20)
    package = edxml.DocumentPackage(
        sender=SENDER,
        receivers=(edxml.Agency(agency.place.code, agency.place.name),),
        number=number,
        notation="QĐ-STC",
        issued_on=day,
        subject="Về việc phân bổ dự toán",
        document_id=edxml.document_id(PEER, day, number, "QĐ-STC"),
        type_name="Quyết định",
        signer=edxml.Signer("TM.", "Giám đốc", "Trần Văn Bình"),
        due_on=date(2026, 11, 30),
        priority=4,
        pages=3,
        trace=(edxml.Hop(PEER, datetime(2026, 11, 20, 2, tzinfo=UTC)),),
        attachments=(
            edxml.Attachment("quyet-dinh.pdf", PDF, "application/pdf"),
            edxml.Attachment("phu-luc.pdf", pdf("phu luc"), "application/pdf"),
        ),
    )
    return replace(package, **more)


def send(axis: AxisProcess, package: edxml.Package, to: str) -> None:
    assert axis.send(package, to, "H57")["ErrorCode"] == "0"


def turn() -> None:
    for _ in range(2):
        dispatcher.dispatch_waiting()
        Outgoing.objects.filter(state=Outgoing.State.WAITING).update(next_try_at=timezone.now())
        Incoming.objects.update(next_try_at=None)
        tasks.run_turn(20)


def told(axis: AxisProcess) -> list[tuple[str, str]]:
    """The statuses that wait for the other system: code and words, in the order of the axis."""
    found = [edxml.read(axis.get("H57", item["docId"])).package for item in axis.waiting("H57", "status")]
    return [
        (package.status.value, package.description) for package in found if isinstance(package, edxml.StatusPackage)
    ]


def ask_back(package: edxml.DocumentPackage, reason: str = "Sai số liệu", late: int = 0) -> edxml.StatusPackage:
    at = timezone.now().replace(microsecond=0) + timedelta(seconds=late)
    return edxml.StatusPackage(package.reference, SENDER, edxml.Status.TAKE_BACK, at, reason)


def test_a_package_becomes_a_document_of_the_agency_it_was_sent_to(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, package, health.place.code)
    turn()
    document = Document.objects.get()
    assert (document.direction, document.state, document.agency) == ("incoming", State.ARRIVED, health.place)
    assert (document.code, document.type, document.subject) == (package.code, "QD", package.subject)
    assert (document.author_code, document.author_name) == (PEER, "Sở Tài chính Huế")
    assert (document.urgency, document.pages, document.issued_on) == (3, 3, date(2026, 11, 20))
    assert document.due_at is not None
    assert timezone.localtime(document.due_at).date() == date(2026, 11, 30)
    files = document.files.order_by("position")
    assert [(row.role, row.name) for row in files] == [("main", "quyet-dinh.pdf"), ("annex", "phu-luc.pdf")]
    with files[0].file.open() as stream:
        assert stream.read() == PDF
    assert [reader.agency for reader in Reader.objects.all()] == [health.place]
    assert told(axis) == [("01", "Đã đến")]
    assert axis.waiting("H50") == []


def test_statuses_follow_what_is_done_each_once_and_in_order(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, package, health.place.code)
    turn()
    document = Document.objects.get()
    arrivals.register(health.clerk, document=document)
    for type in ("document.assigned", "document.processing", "document.processing", "document.completed"):
        happened(document, type)
    turn()
    assert [code for code, _words in told(axis)] == ["01", "03", "04", "05", "06"]
    (first, *_rest) = [edxml.read(axis.get("H57", item["docId"])).package for item in axis.waiting("H57", "status")]
    assert isinstance(first, edxml.StatusPackage)
    assert first.about == package.reference
    assert first.sender == edxml.Agency(health.place.code, health.place.name)


def happened(document: Document, type: str, **data: Any) -> None:
    """What handling a document tells."""
    from tests.services.exchange.offices import happen

    happen(document, type, data)


def test_a_refusal_by_the_records_office_brings_its_reason(health: Agency, axis: AxisProcess) -> None:
    send(axis, sent_to(health), health.place.code)
    turn()
    arrivals.refuse(health.clerk, document=Document.objects.get(), reason="Gửi nhầm cơ quan")
    turn()
    assert told(axis) == [("01", "Đã đến"), ("02", "Gửi nhầm cơ quan")]


def test_the_same_document_is_taken_in_once_however_it_comes(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    axis.switch(twice=2)
    send(axis, package, health.place.code)
    send(axis, package, health.place.code)  # four times in all, under four numbers
    turn()
    assert Document.objects.count() == 1
    assert DocumentFile.objects.count() == 2
    assert sorted(Incoming.objects.values_list("verdict", flat=True)) == ["repeated"] * 3 + ["taken"]
    assert told(axis) == [("01", "Đã đến")]
    assert axis.waiting("H50") == []


@pytest.mark.parametrize("fault", ["lost", "500", "refuse", "away", "garble"])
def test_a_fault_of_the_axis_neither_loses_nor_doubles(health: Agency, axis: AxisProcess, fault: str) -> None:
    send(axis, sent_to(health), health.place.code)
    for times in (1, 2, 3):
        axis.switch(**{fault: times})
        turn()
    axis.switch()
    turn()
    assert Document.objects.count() == 1
    assert Incoming.objects.get().verdict == "taken"
    assert told(axis) == [("01", "Đã đến")]
    assert axis.waiting("H50") == []


def test_a_settlement_that_was_lost_is_said_again(health: Agency, axis: AxisProcess, monkeypatch: Any) -> None:
    send(axis, sent_to(health), health.place.code)
    with monkeypatch.context() as broken:
        broken.setattr(receiving, "_settle", lambda *_given: False)
        tasks.run_turn(20)
    row = Incoming.objects.get()
    assert (row.acknowledged_at, len(axis.waiting("H50"))) == (None, 1)
    turn()
    row.refresh_from_db()
    assert row.acknowledged_at is not None
    assert (axis.waiting("H50"), Document.objects.count()) == ([], 1)


def test_a_settlement_whose_answer_was_lost_is_known_in_the_end(health: Agency, axis: AxisProcess) -> None:
    """The axis has done it and lists the package no longer."""
    send(axis, sent_to(health), health.place.code)
    turn()
    Incoming.objects.update(acknowledged_at=None)
    turn()
    assert Incoming.objects.get().acknowledged_at is None  # the answer may be under way
    Incoming.objects.update(at=timezone.now() - 2 * receiving.SETTLED_SURELY)
    turn()
    assert Incoming.objects.get().acknowledged_at is not None


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_take_the_same_package_make_one_document(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    axis.switch(twice=1)
    send(axis, package, health.place.code)
    items = receiving.line().received("edoc") * 3
    barrier = threading.Barrier(len(items))

    def take(item: receiving.Listed) -> None:
        barrier.wait()
        try:
            receiving.take(receiving.line(), item)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    turn()
    assert Document.objects.count() == 1
    assert Arrival.objects.count() == 1
    assert axis.waiting("H50") == []


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "a program": ({"attachments": (edxml.Attachment("a.pdf", b"MZ\x90\x00 chuong trinh".ljust(200)),)}, "Chỉ nhận PDF"),
    "an ending that lies": ({"attachments": (edxml.Attachment("a.docx", PDF),)}, "đuôi không khớp"),
}


@pytest.mark.parametrize(("change", "words"), BAD.values(), ids=BAD.keys())
def test_a_file_that_is_not_taken_is_answered_with_the_reason(
    health: Agency, axis: AxisProcess, change: dict[str, Any], words: str
) -> None:
    package = sent_to(health, **change)
    send(axis, package, health.place.code)
    turn()
    assert not Document.objects.exists()
    row = Incoming.objects.get()
    assert (row.verdict, row.document_ref, words in row.why) == ("refused", package.document_id, True)
    assert row.raw is not None
    ((code, said),) = told(axis)
    assert (code, words in said) == ("02", True)
    assert axis.waiting("H50") == []


def test_a_package_against_the_standard_is_answered_with_every_fault(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    raw = edxml.write(package).replace("Về việc phân bổ dự toán".encode(), b"x" * 501)
    row = receiving.take_in(Listed("ngoai-1", "edoc", PEER, health.place.code), raw, None)
    assert row is not None
    assert row.verdict == "refused"
    assert "R.MessageHeader.Subject" in row.why
    turn()
    ((code, said),) = told(axis)
    assert (code, "R.MessageHeader.Subject" in said) == ("02", True)


def test_what_cannot_be_read_at_all_is_fetched_again_then_kept_and_shown(health: Agency, axis: AxisProcess) -> None:
    send(axis, sent_to(health), health.place.code)
    axis.switch(garble=100)
    for _ in range(6):
        turn()
    row = Incoming.objects.get()
    assert (row.verdict, row.attempts) == ("unreadable", receiving.MOST_FETCHES)
    assert row.raw is not None
    assert "M.XML" in row.why
    assert (axis.waiting("H50"), Document.objects.count()) == ([], 0)


def test_what_could_not_be_read_can_be_read_again(health: Agency, axis: AxisProcess) -> None:
    admin = actor_for_role("admin", health.place.parent)
    listed = Listed("ngoai-2", "edoc", PEER, health.place.code)
    row = receiving.take_in(listed, b"<khong-phai", None)
    assert row is not None
    row.raw = edxml.write(sent_to(health))  # as if the reader had learnt its form
    row.save()
    assert managing.read_again(admin, row=row).verdict == "taken"
    assert Document.objects.count() == 1


def test_an_agency_that_is_not_here_is_refused(health: Agency, axis: AxisProcess) -> None:
    axis.register("H50", "H50.99")
    send(axis, sent_to(health), "H50.99")
    turn()
    assert Incoming.objects.get().verdict == "refused"
    assert told(axis)[0][0] == "02"


def test_the_sender_asks_back_and_the_receiver_agrees(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, package, health.place.code)
    turn()
    document = arrivals.register(health.clerk, document=Document.objects.get())
    send(axis, ask_back(package), health.place.code)
    turn()
    assert Document.objects.get().state == State.REGISTERED  # its receiver decides
    agree(health, document)
    turn()
    assert [code for code, _words in told(axis)] == ["01", "03", "15"]
    assert Document.objects.get().state == State.TAKEN_BACK


def test_the_receiver_refuses_each_time_it_is_asked(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, package, health.place.code)
    turn()
    arrivals.register(health.clerk, document=Document.objects.get())
    for round_ in (1, 2):
        send(axis, ask_back(package, late=round_), health.place.code)
        turn()
        disagree(health, Document.objects.get(), f"Đã vào sổ {round_}")
        turn()
    assert told(axis)[2:] == [("16", "Đã vào sổ 1"), ("16", "Đã vào sổ 2")]


def agree(agency: Agency, document: Document) -> None:
    handling.answer_take_back(agency.clerk, document=document, agrees=True)


def disagree(agency: Agency, document: Document, reason: str) -> None:
    handling.answer_take_back(agency.clerk, document=document, agrees=False, reason=reason)


def test_asking_back_that_overtakes_its_document_is_not_lost(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, ask_back(package), health.place.code)
    turn()
    assert Incoming.objects.get().verdict == "early"
    send(axis, package, health.place.code)
    turn()
    asked = Incoming.objects.get(what="13")
    assert (asked.verdict, asked.document) == ("taken", Document.objects.get())
    turn()
    assert Document.objects.get().state == State.TAKEN_BACK  # nobody had registered it
    assert [code for code, _words in told(axis)] == ["01", "15"]


def test_a_revocation_asks_back_too(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, package, health.place.code)
    turn()
    arrivals.register(health.clerk, document=Document.objects.get())
    business = edxml.Business(edxml.BusinessKind.REVOKE, "Ban hành sai thẩm quyền", package.document_id)
    send(axis, sent_to(health, business=business, attachments=()), health.place.code)
    turn()
    assert Incoming.objects.get(what="revoke").document == Document.objects.get()
    agree(health, Document.objects.get())
    turn()
    assert [code for code, _words in told(axis)] == ["01", "03", "15"]


def test_an_update_puts_its_files_in_the_place_of_those_that_came(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, package, health.place.code)
    turn()
    business = edxml.Business(
        edxml.BusinessKind.UPDATE, "Sửa phụ lục", package.document_id, change=edxml.Change(document=True)
    )
    update = replace(
        package, business=business, attachments=(edxml.Attachment("moi.pdf", pdf("moi"), "application/pdf"),)
    )
    axis.switch(twice=1)
    send(axis, update, health.place.code)
    turn()
    document = Document.objects.get()
    assert [row.name for row in document.files.filter(replaced_at=None)] == ["moi.pdf"]
    assert document.files.count() == 3  # those that came first stay on record
    assert sorted(Incoming.objects.values_list("verdict", flat=True)) == ["repeated", "taken", "taken"]


def test_a_replacement_is_a_document_of_its_own_that_points_at_the_old_one(health: Agency, axis: AxisProcess) -> None:
    package = sent_to(health)
    send(axis, package, health.place.code)
    turn()
    old = Document.objects.get()
    business = edxml.Business(
        edxml.BusinessKind.REPLACE, "Sai số liệu", replaced=(edxml.Replacement(package.document_id),)
    )
    send(axis, sent_to(health, business=business), health.place.code)
    turn()
    relation = Relation.objects.get()
    assert (relation.kind, relation.other) == ("replaces", old)
    assert Document.objects.count() == 2


def test_a_status_of_what_we_never_sent_is_kept_and_settled(health: Agency, axis: AxisProcess) -> None:
    about = edxml.Reference(health.place.code, "9/X", date(2026, 1, 1), f"{health.place.code},2026/01/01,9/X")
    send(axis, edxml.StatusPackage(about, SENDER, edxml.Status.RECEIVED, timezone.now(), "Xong"), health.place.code)
    turn()
    assert Incoming.objects.get().verdict == "refused"
    assert (axis.waiting("H50"), told(axis)) == ([], [])


def test_another_sender_with_the_same_identifier_is_another_document(health: Agency, axis: AxisProcess) -> None:
    """Nobody suppresses the document of somebody else by using its identifier first."""
    axis.register("H57", "H57.66")
    package = sent_to(health)
    send(axis, replace(package, sender=edxml.Agency("H57.66", "Cơ quan khác")), health.place.code)
    send(axis, package, health.place.code)
    turn()
    assert Document.objects.count() == 2


def test_a_package_that_names_another_sender_than_the_axis_does_is_refused(health: Agency, axis: AxisProcess) -> None:
    forged = edxml.write(sent_to(health))
    row = receiving.take_in(Listed("ngoai-3", "edoc", "H57.66", health.place.code), forged, None)
    assert row is not None
    assert (row.verdict, row.sender_code) == ("refused", "H57.66")
    assert not Document.objects.exists()


def test_what_is_merged_receives_for_the_one_that_is_gone(health: Agency, axis: AxisProcess) -> None:
    send(axis, sent_to(health), health.division.code if axis_knows(axis, health.division.code) else health.place.code)
    turn()
    assert Document.objects.get().agency == health.place


def axis_knows(axis: AxisProcess, code: str) -> bool:
    axis.register("H50", code)
    return True


def test_only_the_exchange_writes_what_came(health: Agency) -> None:
    from hienluong.foundation.actions import NotAllowed
    from hienluong.services.exchange import taking

    came = taking.Came("x", PEER, health.place.code, "0" * 64)
    with pytest.raises(NotAllowed):
        taking.take_document(health.clerk, came=came, known=None, package=sent_to(health))
    taking.take_document(WHO, came=came, known=None, package=sent_to(health))


def test_a_value_that_cannot_be_kept_is_told_and_stops_nobody(health: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_large(*_given: object, **_more: object) -> None:
        raise DataError("integer out of range")

    monkeypatch.setattr(taking, "take_document", too_large)
    item = Listed("lạ-1", "edoc", PEER, health.place.code)
    row = receiving.take_in(item, edxml.write(sent_to(health)), None)
    assert row is not None
    assert row.verdict == Incoming.Verdict.UNREADABLE
    assert "DataError" in row.why
    assert row.next_try_at is not None


@pytest.mark.parametrize("text", ["0001/01/01 00:00:00", "9999/12/31 23:59:59", "31/12/9999"])
def test_days_at_the_edge_of_the_calendar_are_none(text: str) -> None:
    assert moments.moment(text) is None
    assert moments.day("2026/03/05") == date(2026, 3, 5)
