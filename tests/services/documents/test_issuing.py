"""Numbers, the two signatures, issuing, what became of it at its receivers, recalling, copies."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from threading import Barrier

import pikepdf
import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hienluong.capabilities.signing import requests
from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.files import previews, store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations import letterhead
from hienluong.services.documents import access, laying, letterheads, registers
from hienluong.services.documents.actions import (
    approvals,
    arrivals,
    drafting,
    handling,
    issuing,
    numbers,
    recalling,
    signing,
)
from hienluong.services.documents.models import (
    Book,
    Document,
    Receipt,
    Relation,
    State,
    TakenNumber,
)
from hienluong.services.documents.models import Letterhead as Row
from tests.capabilities.signing.asking import work

from .bureau import Bureau, make_bureau


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


def signed(bureau: Bureau, document: Document) -> Document:
    """Number it, have it signed and sealed."""
    numbers.number(bureau.clerk.actor, document=document)
    signing.sign(bureau.deputy.actor, documents=[document])
    settle()
    signing.seal(bureau.clerk.actor, documents=[document])
    settle()
    document.refresh_from_db()
    return document


def settle() -> None:
    """What the worker would do: signatures and events, until nothing is left."""
    for _turn in range(20):
        if not work() and not dispatch_waiting():
            return


def issued(bureau: Bureau, **more: object) -> Document:
    """A letter that went out, and arrived."""
    document = signed(bureau, bureau.approved(**more))
    issuing.issue(bureau.clerk.actor, document=document)
    settle()
    document.refresh_from_db()
    return document


def incoming(bureau: Bureau) -> Document:
    return Document.objects.get(agency=bureau.health, direction="incoming")


# numbers


def test_numbers_run_from_one_with_a_leading_zero(bureau: Bureau) -> None:
    codes = []
    for _n in range(3):
        document = bureau.approved()
        numbers.number(bureau.clerk.actor, document=document)
        document.refresh_from_db()
        codes.append(document.code)
    assert codes == ["01/UBND-VP", "02/UBND-VP", "03/UBND-VP"]
    assert document.issued_on == timezone.localdate()
    assert document.state == State.NUMBERED


def test_a_type_with_a_book_of_its_own_counts_by_itself(bureau: Bureau) -> None:
    Row.objects.create(agency=bureau.province, own_books=["QD"])
    numbers.number(bureau.clerk.actor, document=bureau.approved())
    decision = bureau.approved(type="QD")
    numbers.number(bureau.clerk.actor, document=decision)
    decision.refresh_from_db()
    assert decision.code == "01/QĐ-UBND"
    assert set(Book.objects.values_list("key", flat=True)) == {"chung", "QD"}


@pytest.mark.parametrize("who", ["drafter", "head", "deputy", "chairman", "health_clerk", "health_leader"])
def test_only_the_records_office_gives_numbers(bureau: Bureau, who: str) -> None:
    document = bureau.approved()
    with pytest.raises((NotAllowed, NotFound)):
        numbers.number(getattr(bureau, who).actor, document=document)
    with pytest.raises(NotAllowed):
        numbers.reserve(getattr(bureau, who).actor, agency=bureau.province, type="CV", reason="x")
    assert not TakenNumber.objects.exists()


def test_what_is_not_approved_gets_no_number(bureau: Bureau) -> None:
    document = bureau.draft()
    with pytest.raises(DomainError):
        numbers.number(bureau.clerk.actor, document=document)
    assert not TakenNumber.objects.exists()


def test_a_day_in_the_past_takes_a_reason_and_still_the_next_number(bureau: Bureau) -> None:
    numbers.number(bureau.clerk.actor, document=bureau.approved())
    document, yesterday = bureau.approved(), timezone.localdate() - timedelta(days=1)
    with pytest.raises(InvalidInput) as caught:
        numbers.number(bureau.clerk.actor, document=document, on=yesterday)
    assert caught.value.field == "reason"
    with pytest.raises(InvalidInput):
        numbers.number(bureau.clerk.actor, document=document, on=timezone.localdate() + timedelta(days=1), reason="x")
    with pytest.raises(InvalidInput):
        numbers.number(bureau.clerk.actor, document=document, on=date(2019, 1, 1), reason="x")
    numbers.number(bureau.clerk.actor, document=document, on=yesterday, reason="Ký từ hôm qua")
    document.refresh_from_db()
    taken = document.taken_number
    assert (document.number, document.issued_on, taken.reason) == (
        2 if yesterday.year == timezone.localdate().year else 1,
        yesterday,
        "Ký từ hôm qua",
    )


def test_a_reserved_number_is_used_or_left_empty_with_its_reason(bureau: Bureau) -> None:
    with pytest.raises(InvalidInput):
        numbers.reserve(bureau.clerk.actor, agency=bureau.province, type="CV", reason=" ")
    first, second = numbers.reserve(
        bureau.clerk.actor, agency=bureau.province, type="CV", count=2, reason="Họp báo chiều nay"
    )
    later, earlier = bureau.approved(), bureau.approved()
    numbers.number(bureau.clerk.actor, document=later)
    numbers.number(bureau.clerk.actor, document=earlier, reserved=first)
    with pytest.raises(InvalidInput):
        numbers.number(bureau.clerk.actor, document=bureau.approved(), reserved=first)
    numbers.void(bureau.clerk.actor, taken=second, reason="Hủy họp báo")
    later.refresh_from_db()
    earlier.refresh_from_db()
    assert (earlier.number, later.number) == (1, 3)
    assert list(TakenNumber.objects.order_by("number").values_list("state", flat=True)) == ["used", "void", "used"]


def test_the_number_of_what_nobody_signed_is_left_empty_and_the_next_one_given(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    document.refresh_from_db()
    with pytest.raises(NotAllowed):
        numbers.void(bureau.deputy.actor, taken=document.taken_number, reason="x")
    numbers.void(bureau.clerk.actor, taken=document.taken_number, reason="Sai loại")
    document.refresh_from_db()
    assert (document.state, document.number, document.code) == (State.APPROVED, None, "")
    assert signing.request_of(document) is None
    assert laying.main_file(document) is None
    numbers.number(bureau.clerk.actor, document=document)
    document.refresh_from_db()
    assert document.number == 2


def test_the_database_takes_no_gap_and_gives_no_number_back(bureau: Bureau) -> None:
    (taken,) = numbers.reserve(bureau.clerk.actor, agency=bureau.province, type="CV", reason="x")
    more = {"book": taken.book, "on": taken.on, "state": "void", "reason": "x", "by_label": "x"}
    for wrong in (
        lambda: TakenNumber.objects.create(number=3, **more),
        lambda: TakenNumber.objects.create(number=1, **more),
        lambda: TakenNumber.objects.filter(pk=taken.pk).update(number=2),
        lambda: taken.delete(),
        lambda: TakenNumber.objects.filter(pk=taken.pk).update(state="used"),
        lambda: TakenNumber.objects.filter(pk=taken.pk).update(reason=""),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    assert TakenNumber.objects.get().number == 1


@pytest.mark.django_db
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.lists(st.sampled_from(["reserve", "void", "use", "use reserved", "void used"]), max_size=14))
def test_whatever_is_done_the_book_has_every_number_once(bureau: Bureau, deeds: list[str]) -> None:
    with transaction.atomic():
        book = numbers.book_for(bureau.province, "CV", timezone.localdate().year)
        for deed in deeds:
            reserved = TakenNumber.objects.filter(state="reserved").first()
            used = TakenNumber.objects.filter(state="used").first()
            if deed == "reserve":
                numbers.reserve(bureau.clerk.actor, agency=bureau.province, type="CV", reason="x")
            elif deed == "void" and reserved:
                numbers.void(bureau.clerk.actor, taken=reserved, reason="x")
            elif deed == "void used" and used:
                numbers.void(bureau.clerk.actor, taken=used, reason="x")
            elif deed.startswith("use") and (deed == "use" or reserved):
                document = quick(bureau)
                numbers.number(
                    bureau.clerk.actor, document=document, reserved=reserved if deed == "use reserved" else None
                )
        there = list(TakenNumber.objects.filter(book=book).order_by("number").values_list("number", flat=True))
        assert there == list(range(1, len(there) + 1))
        numbered = Document.objects.filter(number__isnull=False)
        assert sorted(numbered.values_list("number", flat=True)) == sorted(
            TakenNumber.objects.filter(state="used").values_list("number", flat=True)
        )
        transaction.set_rollback(True)


def quick(bureau: Bureau) -> Document:
    """A document that waits for its number, without the way there."""
    document = bureau.draft()
    document.state = State.APPROVED
    document.save()
    return document


@pytest.mark.django_db(transaction=True)
def test_two_who_number_at_once_get_neighbours() -> None:
    bureau = make_bureau()
    documents = [quick(bureau) for _n in range(6)]
    together = Barrier(2)

    def run(mine: list[Document]) -> None:
        try:
            together.wait(timeout=30)
            for document in mine:
                numbers.number(bureau.clerk.actor, document=document)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(run, documents[:3]), pool.submit(run, documents[3:])]:
            done.result(timeout=120)
    assert sorted(Document.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db(transaction=True)
def test_one_document_numbered_by_two_at_once_has_one_number() -> None:
    bureau = make_bureau()
    document, together = quick(bureau), Barrier(2)

    def run(_n: int) -> str:
        try:
            together.wait(timeout=30)
            numbers.number(bureau.clerk.actor, document=document)
        except DomainError as error:
            return error.code
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == ["documents.wrong_state", "done"]
    assert TakenNumber.objects.count() == 1


# signatures


def test_the_signer_signs_then_the_agency_seals(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    for wrong in (bureau.chairman, bureau.head, bureau.clerk, bureau.health_leader):
        with pytest.raises((NotAllowed, NotFound)):
            signing.sign(wrong.actor, documents=[document])
    with pytest.raises(DomainError):
        signing.seal(bureau.clerk.actor, documents=[document])
    signing.sign(bureau.deputy.actor, documents=[document])
    settle()
    document.refresh_from_db()
    assert document.state == State.SIGNED
    assert document.signed_at is not None
    for wrong in (bureau.deputy, bureau.drafter, bureau.health_clerk):
        with pytest.raises((NotAllowed, NotFound)):
            signing.seal(wrong.actor, documents=[document])
    with pytest.raises(DomainError):
        issuing.issue(bureau.clerk.actor, document=document)
    signing.seal(bureau.clerk.actor, documents=[document])
    settle()
    document.refresh_from_db()
    assert document.sealed_at is not None
    main = laying.main_file(document)
    assert main is not None
    with main.file.open() as stream, pikepdf.open(stream) as pdf:
        fields = [str(each.T) for each in pdf.Root.AcroForm.Fields]
    assert fields == [signing.LEADER, signing.SEAL]
    with Image.open(BytesIO(previews.draw(main.file, 1))) as picture:  # and the page shows them
        colours = [colour for _count, colour in picture.convert("RGB").getcolors(1 << 24) or ()]
    assert any(red > 150 > 90 > max(green, blue) for red, green, blue in colours)
    assert document.files.filter(role="main").count() == 3
    with pytest.raises(DomainError):
        numbers.void(bureau.clerk.actor, taken=document.taken_number, reason="x")


def test_a_signer_whose_post_ended_signs_no_longer(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    bureau.deputy.official.positions.update(title="Chuyên viên")
    with pytest.raises(InvalidInput):
        signing.sign(bureau.deputy.actor, documents=[document])


def test_a_refusal_to_sign_frees_the_document_through_its_number(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    with pytest.raises((NotAllowed, NotFound)):
        signing.refuse(bureau.chairman.actor, document=document, reason="x")
    signing.refuse(bureau.deputy.actor, document=document, reason="Số liệu cũ")
    with pytest.raises(DomainError):
        signing.sign(bureau.deputy.actor, documents=[document])
    document.refresh_from_db()
    numbers.void(bureau.clerk.actor, taken=document.taken_number, reason="Người ký từ chối")
    approvals.take_back(bureau.drafter.actor, document=document)
    document.refresh_from_db()
    assert document.state == State.DRAFT


def test_many_are_signed_with_one_confirmation(bureau: Bureau) -> None:
    documents = [bureau.approved() for _n in range(3)]
    for document in documents:
        numbers.number(bureau.clerk.actor, document=document)
    outcome = signing.sign(bureau.deputy.actor, documents=documents)
    assert len(outcome.batches) == 1
    settle()
    assert set(Document.objects.values_list("state", flat=True)) == {State.SIGNED}


# issuing


def test_what_is_issued_arrives_once_at_an_agency_of_the_installation(bureau: Bureau) -> None:
    document = issued(bureau)
    assert document.state == State.ISSUED
    came = incoming(bureau)
    assert (came.code, came.subject, came.arrival.source, came.author_code) == (
        document.code,
        document.subject,
        "inside",
        "H50",
    )
    assert came.files.count() == 1
    recipient = document.recipients.get(agency=bureau.health)
    assert recipient.receipt == Receipt.ARRIVED
    issuing._deliver(issuing._COURIER, recipient=recipient)
    assert Document.objects.filter(direction="incoming").count() == 1
    assert list(access.readable(bureau.health_clerk.actor)) == [came]
    assert not access.readable(bureau.health_leader.actor).exists()


def test_what_becomes_of_it_at_the_receiver_is_told_to_the_sender(bureau: Bureau) -> None:
    document = issued(bureau)
    came = incoming(bureau)
    arrivals.register(bureau.health_clerk.actor, document=came)
    settle()
    recipient = document.recipients.get(agency=bureau.health)
    assert recipient.receipt == Receipt.REGISTERED
    issuing.note_receipt(issuing._COURIER, recipient=recipient, receipt=Receipt.ARRIVED)
    recipient.refresh_from_db()
    assert recipient.receipt == Receipt.REGISTERED
    with pytest.raises(NotAllowed):
        issuing.note_receipt(bureau.clerk.actor, recipient=recipient, receipt=Receipt.COMPLETED)


def test_a_refusal_comes_back_with_its_reason(bureau: Bureau) -> None:
    document = issued(bureau)
    arrivals.refuse(bureau.health_clerk.actor, document=incoming(bureau), reason="Sai địa chỉ")
    settle()
    recipient = document.recipients.get(agency=bureau.health)
    assert (recipient.receipt, recipient.reason) == (Receipt.REFUSED, "Sai địa chỉ")


def test_places_outside_wait_for_the_exchange(bureau: Bureau) -> None:
    document = bureau.draft()
    bureau.set_out(document, places_="G18 Bộ Y tế", lines="")
    document.state = State.APPROVED
    document.save()
    document = signed(bureau, document)
    issuing.issue(bureau.clerk.actor, document=document)
    settle()
    recipient = document.recipients.get(code="G18")
    assert recipient.receipt == Receipt.SENT
    assert not Document.objects.filter(direction="incoming").exists()
    with pytest.raises(InvalidInput):
        issuing.send_more(bureau.clerk.actor, document=document, places_="G18 Bộ Y tế")
    assert issuing.send_more(bureau.clerk.actor, document=document, places_=bureau.health.code) == 1
    settle()
    assert incoming(bureau).code == document.code


@pytest.mark.parametrize("who", ["drafter", "head", "deputy", "health_clerk", "colleague"])
def test_only_the_records_office_issues_and_sends(bureau: Bureau, who: str) -> None:
    document = signed(bureau, bureau.approved())
    actor = getattr(bureau, who).actor
    with pytest.raises((NotAllowed, NotFound)):
        issuing.issue(actor, document=document)
    issuing.issue(bureau.clerk.actor, document=document)
    with pytest.raises((NotAllowed, NotFound)):
        issuing.send_more(actor, document=document, places_=bureau.health.code)


def test_colleagues_read_what_is_shared_with_them(bureau: Bureau) -> None:
    document = issued(bureau)
    with pytest.raises(NotFound):
        issuing.share(bureau.colleague.actor, document=document, officials=[bureau.colleague.official])
    with pytest.raises(InvalidInput):
        issuing.share(bureau.clerk.actor, document=document, officials=[bureau.health_leader.official])
    assert issuing.share(bureau.clerk.actor, document=document, officials=[bureau.colleague.official]) == 1
    assert issuing.share(bureau.clerk.actor, document=document, officials=[bureau.colleague.official]) == 0
    assert access.decide_read(bureau.colleague.actor, document).allowed


# recalling, replacing, correcting, answering, copying


def test_a_recalled_document_is_taken_back_everywhere(bureau: Bureau) -> None:
    document = issued(bureau)
    for wrong in (bureau.drafter, bureau.colleague, bureau.health_clerk):
        with pytest.raises((NotAllowed, NotFound)):
            recalling.recall(wrong.actor, document=document, reason="x")
    with pytest.raises(InvalidInput):
        recalling.recall(bureau.clerk.actor, document=document, reason="")
    recalling.recall(bureau.deputy.actor, document=document, reason="Sai số liệu")
    settle()
    document.refresh_from_db()
    assert document.state == State.RECALLED
    assert incoming(bureau).state == State.TAKEN_BACK
    assert document.recipients.get(agency=bureau.health).receipt == Receipt.TAKEN_BACK


def test_what_was_registered_is_given_back_or_kept_by_its_receiver(bureau: Bureau) -> None:
    document = issued(bureau)
    arrivals.register(bureau.health_clerk.actor, document=incoming(bureau))
    settle()
    recalling.recall(bureau.clerk.actor, document=document, reason="Sai số liệu")
    settle()
    recipient = document.recipients.get(agency=bureau.health)
    assert recipient.receipt == Receipt.TAKE_BACK_ASKED
    handling.answer_take_back(bureau.health_clerk.actor, document=incoming(bureau), agrees=False, reason="Đã xử lý")
    settle()
    recipient.refresh_from_db()
    assert (recipient.receipt, recipient.reason) == (Receipt.TAKE_BACK_REFUSED, "Đã xử lý")


def test_what_is_recalled_before_it_arrived_never_arrives(bureau: Bureau) -> None:
    document = signed(bureau, bureau.approved())
    issuing.issue(bureau.clerk.actor, document=document)
    recalling.recall(bureau.clerk.actor, document=document, reason="Gửi nhầm")
    settle()
    assert not Document.objects.filter(direction="incoming").exists()
    assert document.recipients.get(agency=bureau.health).receipt == Receipt.TAKEN_BACK


def follow_up(bureau: Bureau, kind: str, other: Document, who: str = "drafter") -> Document:
    document = drafting.begin(
        getattr(bureau, who).actor,
        agency=bureau.province,
        type="CV",
        subject="tiếp theo",
        relations=[(kind, other)],
    )
    bureau.set_out(document, unit=None)
    document.refresh_from_db()
    document.state = State.APPROVED
    document.save()
    document = signed(bureau, document)
    issuing.issue(bureau.clerk.actor, document=document)
    settle()
    return document


def test_a_replacement_replaces_and_a_correction_is_noted(bureau: Bureau) -> None:
    document = issued(bureau)
    correction = follow_up(bureau, Relation.Kind.CORRECTS, document)
    document.refresh_from_db()
    assert document.state == State.ISSUED
    assert document.steps.filter(title=f"Được đính chính bởi {correction.code}").exists()
    follow_up(bureau, Relation.Kind.REPLACES, document)
    document.refresh_from_db()
    assert document.state == State.REPLACED


def test_nobody_relates_to_what_they_may_not_read(bureau: Bureau) -> None:
    document = issued(bureau)
    with pytest.raises(NotFound):
        drafting.begin(
            bureau.colleague.actor,
            agency=bureau.province,
            type="CV",
            subject="x",
            relations=[(Relation.Kind.REPLACES, document)],
        )


def test_an_answer_closes_what_it_answers(bureau: Bureau) -> None:
    came = arrivals.arrive(
        bureau.clerk.actor, agency=bureau.province, source="hand", subject="Hỏi ý kiến", sender_name="Bộ Y tế"
    )
    arrivals.register(bureau.clerk.actor, document=came)
    access.let_read(came, agency=bureau.province, official=bureau.drafter.official, why="shared")
    follow_up(bureau, Relation.Kind.ANSWERS, came)
    came.refresh_from_db()
    assert came.state == State.COMPLETED


def test_a_copy_has_its_own_number_heading_and_signature(bureau: Bureau) -> None:
    document = issued(bureau)
    with pytest.raises(NotAllowed):
        recalling.copy(
            bureau.drafter.actor, document=document, agency=bureau.province, kind="SY", signer=bureau.head.official
        )
    with pytest.raises(InvalidInput):
        recalling.copy(
            bureau.clerk.actor,
            document=document,
            agency=bureau.province,
            kind="SL",
            signer=bureau.head.official,
            competence_="TL.",
        )
    made = recalling.copy(
        bureau.clerk.actor,
        document=document,
        agency=bureau.province,
        kind="SY",
        signer=bureau.head.official,
        competence_="TL.",
        places_=bureau.health.code,
        lines="Sở Y tế",
    )
    numbers.number(bureau.clerk.actor, document=made)
    signing.sign(bureau.head.actor, documents=[made])
    settle()
    signing.seal(bureau.clerk.actor, documents=[made])
    settle()
    made.refresh_from_db()
    assert (made.code, made.state) == ("01/SY-UBND", State.SIGNED)
    assert made.sealed_at is not None
    issuing.issue(bureau.clerk.actor, document=made)
    made.refresh_from_db()
    again = recalling.copy(
        bureau.clerk.actor,
        document=made,
        agency=bureau.province,
        kind="SL",
        signer=bureau.head.official,
        competence_="TL.",
    )
    numbers.number(bureau.clerk.actor, document=again)
    again.refresh_from_db()
    assert again.code == "02/SL-UBND"


# the book


def test_the_book_prints_every_number_in_the_columns_of_the_decree(bureau: Bureau) -> None:
    document = issued(bureau)
    numbers.reserve(bureau.clerk.actor, agency=bureau.province, type="CV", reason="Họp báo")
    secret = bureau.approved(subject="nhân sự", restricted=True)
    numbers.number(bureau.clerk.actor, document=secret)
    book = Book.objects.get()
    rows = registers.rows(registers.taken(book))
    assert [row.code for row in rows] == [document.code, "02", "03/UBND-VP"]
    assert rows[0].cells[2:5] == ("Công văn: rà soát số liệu tiêm chủng", "Lê Công Minh", "Sở Y tế")
    assert rows[1].remark == "Họp báo"
    assert "nhân sự" not in rows[2].subject
    pdf = registers.as_pdf(book, registers.taken(book))
    with pikepdf.open(BytesIO(pdf)) as paper:
        box = paper.pages[0].mediabox
        assert box[2] > box[3]
    assert registers.as_excel(book, registers.taken(book)).startswith(b"PK")
    figures = registers.figures(bureau.province, timezone.localdate().year)
    assert (figures.issued, figures.waiting, figures.by_type) == (1, 1, [("Công văn", 1)])


def test_a_page_of_the_book_costs_two_queries(bureau: Bureau, django_assert_num_queries) -> None:
    for _n in range(4):
        numbers.number(bureau.clerk.actor, document=quick(bureau))
    book = Book.objects.get()
    with django_assert_num_queries(2):
        registers.rows(registers.taken(book))
    assert connection.in_atomic_block


def test_strangers_get_nothing_of_any_verb(bureau: Bureau) -> None:
    document = issued(bureau)
    for stranger in (bureau.colleague.actor, bureau.health_leader.actor, Actor()):
        for verb in (
            lambda who: numbers.number(who, document=document),
            lambda who: numbers.void(who, taken=document.taken_number, reason="x"),
            lambda who: signing.sign(who, documents=[document]),
            lambda who: signing.refuse(who, document=document, reason="x"),
            lambda who: signing.seal(who, documents=[document]),
            lambda who: issuing.issue(who, document=document),
            lambda who: issuing.send_more(who, document=document, places_="H50.01"),
            lambda who: issuing.share(who, document=document, officials=[bureau.colleague.official]),
            lambda who: recalling.recall(who, document=document, reason="x"),
            lambda who: recalling.copy(
                who, document=document, agency=bureau.province, kind="SY", signer=bureau.head.official
            ),
        ):
            with pytest.raises((NotFound, NotAllowed)):
                verb(stranger)
    document.refresh_from_db()
    assert document.state == State.ISSUED


def test_the_letterhead_is_set_by_the_records_office(bureau: Bureau) -> None:
    from hienluong.services.documents.actions.letterheads import set_letterhead

    with pytest.raises(NotAllowed):
        set_letterhead(bureau.drafter.actor, agency=bureau.province, texts={"place": "Đông Hà"}, unit_codes={})
    with pytest.raises(InvalidInput):
        set_letterhead(bureau.clerk.actor, agency=bureau.province, texts={"abbreviation": "ub nd"}, unit_codes={})
    set_letterhead(
        bureau.clerk.actor,
        agency=bureau.province,
        texts={"place": "Đông Hà"},
        own_books=["QD"],
        unit_codes={str(bureau.office.pk): "TH"},
    )
    assert letterheads.of(bureau.province).place == "Đông Hà"
    assert letterhead.place(bureau.province) == "Đông Hà", "results and certificates are dated from there too"
    assert letterheads.of(bureau.province).notation("CV", bureau.office) == "UBND-TH"


# what comes at the wrong moment


def test_a_signature_that_comes_after_its_number_was_left_empty_is_not_taken(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    document.refresh_from_db()
    first = signing.request_of(document)
    assert first is not None
    numbers.void(bureau.clerk.actor, taken=document.taken_number, reason="Sai loại")
    numbers.number(bureau.clerk.actor, document=document)
    late = kept_pdf("bản cũ đã ký")
    signing.take_signature(
        signing.FOLLOWER, document=document, request=str(first.pk), mark=signing.LEADER, file_id=str(late.pk)
    )
    document.refresh_from_db()
    assert (document.state, document.signed_at) == (State.NUMBERED, None)
    assert signing.require_file(document).file_id != late.pk


def test_a_number_is_not_left_empty_once_the_signature_was_made(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    document.refresh_from_db()
    request = signing.request_of(document)
    assert request is not None
    request.marks.filter(field=signing.LEADER).update(state="signed")  # and the event of it is still on its way
    with pytest.raises(DomainError, match="đã ký"):
        numbers.void(bureau.clerk.actor, taken=document.taken_number, reason="Sai loại")


def test_a_seal_that_was_refused_can_be_put_after_all(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    signing.sign(bureau.deputy.actor, documents=[document])
    settle()
    request = signing.request_of(document)
    assert request is not None
    requests.refuse(bureau.clerk.actor, request_id=request.pk, reason="Bấm nhầm")
    signing.seal(bureau.clerk.actor, documents=[document])
    settle()
    document.refresh_from_db()
    assert document.sealed_at is not None
    with signing.require_file(document).file.open() as stream:
        assert stream.read().count(b"/ByteRange") == 2


def test_what_was_recalled_on_its_way_does_not_arrive(bureau: Bureau) -> None:
    document = signed(bureau, bureau.approved())
    issuing.issue(bureau.clerk.actor, document=document)
    on_its_way = document.recipients.select_related("document__agency", "agency").get(agency=bureau.health)
    recalling.recall(bureau.clerk.actor, document=document, reason="Sai số liệu")
    issuing._deliver(issuing._COURIER, recipient=on_its_way)  # it was looked at before it was recalled
    settle()
    assert not Document.objects.filter(agency=bureau.health).exists()
    assert document.recipients.get(agency=bureau.health).receipt == Receipt.TAKEN_BACK


def test_whoever_approves_does_not_put_another_signer_behind_the_way_up(bureau: Bureau) -> None:
    document = bureau.draft()
    approvals.submit(bureau.drafter.actor, document=document, approvers=[bureau.head.official])
    values = {
        "subject": document.subject,
        "type": document.type,
        "unit": bureau.office,
        "urgency": 0,
        "restricted": False,
        "competence_": "TM.",
        "due_at": None,
        "places_": bureau.health.code,
        "lines": "Như trên",
    }
    with pytest.raises(InvalidInput, match="đổi người ký"):
        drafting.set_out(bureau.head.actor, document=document, signer=bureau.chairman.official, **values)
    drafting.set_out(bureau.head.actor, document=document, signer=bureau.deputy.official, **values)


def test_only_the_agency_that_received_a_document_answers_it(bureau: Bureau) -> None:
    document = issued(bureau)
    theirs = incoming(bureau)
    access.let_read(theirs, agency=bureau.province, why="shared", official=bureau.drafter.official)
    with pytest.raises(InvalidInput, match="Chỉ cơ quan nhận"):
        drafting.begin(
            bureau.drafter.actor,
            agency=bureau.province,
            type="CV",
            subject="trả lời",
            relations=[(Relation.Kind.ANSWERS, theirs)],
        )
    assert document.state == State.ISSUED


def kept_pdf(words: str) -> StoredFile:
    made, content = pikepdf.new(), BytesIO()
    made.add_blank_page()
    made.docinfo["/Title"] = words
    made.save(content)
    content.seek(0)
    return store(content, name="a.pdf", owner=None, purpose=access.FILE_PURPOSE)


def test_a_refusal_on_the_page_of_all_that_waits_is_said_once_on_the_document(bureau: Bureau) -> None:
    document = bureau.approved()
    numbers.number(bureau.clerk.actor, document=document)
    request = signing.request_of(document)
    assert request is not None
    requests.refuse(bureau.deputy.actor, request_id=request.pk, reason="Số liệu cũ")
    settle()
    signing.note_refusal(signing.FOLLOWER, document=document, request=str(request.pk), reason="Số liệu cũ")
    step = document.steps.get(title="Từ chối ký")
    assert step.text == "Số liệu cũ"
    assert (
        Notification.objects.filter(account=bureau.clerk.account, title__startswith="Người ký từ chối ký").count() == 1
    )
