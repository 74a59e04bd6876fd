"""Drafting: beginnings, versions that are never lost, remarks, opinions, the way up."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.files import store
from hienluong.foundation.notifications.models import Notification
from hienluong.services.documents import access, bodies, competence, letterheads, places, secrecy
from hienluong.services.documents.actions import approvals, drafting, opinions
from hienluong.services.documents.bodies import Parts
from hienluong.services.documents.models import Approval, Document, Opinion, State, WorkingCopy
from hienluong.services.documents.models import Letterhead as Row

from .bureau import Bureau, Person, make_bureau


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


def saved(bureau: Bureau, document: Document, body: str, based_on: int = 1, who: Person | None = None) -> int:
    actor = (who or bureau.drafter).actor
    return drafting.save(actor, document=document, body=body, parts=Parts(), based_on=based_on).number


def test_a_draft_begins_with_the_words_of_its_type(bureau: Bureau) -> None:
    document = drafting.begin(
        bureau.drafter.actor, agency=bureau.province, type="QD", subject="kiện toàn Ban Chỉ đạo", unit=bureau.office
    )
    version = drafting.latest(document)
    assert document.state == State.DRAFT
    assert (document.notation, document.author_name) == ("QĐ-UBND", "Ủy ban nhân dân tỉnh Quảng Trị")
    assert "Điều 1." in bodies.plain(version.body)
    assert Parts.of(version.extra).grounds
    assert list(access.readable(bureau.drafter.actor)) == [document]
    assert not access.readable(bureau.colleague.actor).exists()
    assert list(access.readable(bureau.clerk.actor)) == [document]


def test_the_notation_of_a_letter_names_the_division(bureau: Bureau) -> None:
    assert bureau.draft().notation == "UBND-VP"
    Row.objects.create(agency=bureau.province, unit_codes={str(bureau.office.pk): "TH"}, own_books=["QD"])
    letterhead = letterheads.of(bureau.province)
    assert letterhead.notation("CV", bureau.office) == "UBND-TH"
    assert letterhead.notation("TTR", bureau.office) == "TTr-UBND"
    assert (letterhead.book_key("QD"), letterhead.book_key("CV"), letterhead.book_key("SY")) == ("QD", "chung", "sao")
    assert letterheads.of(bureau.health).superior == "Ủy ban nhân dân tỉnh Quảng Trị"
    assert letterheads.of(bureau.health).notation("CV", None) == "SYT"


@pytest.mark.parametrize("who", ["clerk", "health_clerk", "health_leader"])
def test_only_who_drafts_in_the_agency_begins(bureau: Bureau, who: str) -> None:
    actor = getattr(bureau, who).actor
    if who == "clerk":  # the records office drafts, too
        assert drafting.begin(actor, agency=bureau.province, type="CV", subject="x").pk
        return
    with pytest.raises(NotAllowed):
        drafting.begin(actor, agency=bureau.province, type="CV", subject="x")
    assert not Document.objects.exists()


def test_state_secrets_are_refused_with_the_rule_and_nothing_is_kept(bureau: Bureau) -> None:
    with pytest.raises(secrecy.StateSecret, match="117/2025/QH15"):
        drafting.begin(bureau.drafter.actor, agency=bureau.province, type="CV", subject="x", secrecy_level="mat")
    assert not Document.objects.exists()
    document = bureau.draft()
    with pytest.raises(secrecy.StateSecret):
        saved(bureau, document, "Nội dung\nTỐI MẬT\nhết")
    with pytest.raises(secrecy.StateSecret):
        drafting.keep(bureau.drafter.actor, document=document, body="MẬT", parts=Parts(), based_on=1)
    assert document.versions.count() == 1
    assert not WorkingCopy.objects.exists()


def test_each_save_is_a_version_and_the_same_again_is_none(bureau: Bureau) -> None:
    document = bureau.draft()
    assert saved(bureau, document, "Một dòng") == 2
    assert saved(bureau, document, "Một dòng", 2) == 2
    assert saved(bureau, document, "Hai dòng", 2) == 3
    assert [bodies.plain(version.body) for version in document.versions.order_by("number")][1:] == [
        "Một dòng",
        "Hai dòng",
    ]


def test_who_saves_over_a_newer_version_is_told_and_nothing_is_lost(bureau: Bureau) -> None:
    document = bureau.draft()
    drafting.add_drafter(bureau.drafter.actor, document=document, official=bureau.colleague.official)
    saved(bureau, document, "Bản của Phước")
    drafting.keep(bureau.colleague.actor, document=document, body="Bản của Mai", parts=Parts(), based_on=1)
    with pytest.raises(drafting.ChangedMeanwhile) as caught:
        saved(bureau, document, "Bản của Mai", who=bureau.colleague)
    assert caught.value.details["version"] == 2
    assert bodies.plain(WorkingCopy.objects.get(official=bureau.colleague.official).body) == "Bản của Mai"
    assert saved(bureau, document, "Bản của Mai", 2, who=bureau.colleague) == 3
    assert not WorkingCopy.objects.exists()


def test_scripts_and_styles_do_not_stay_in_a_text(bureau: Bureau) -> None:
    document = bureau.draft()
    saved(bureau, document, '<p onclick="x()" style="color:red">Chữ<script>alert(1)</script> <b>đậm</b></p><img src=x>')
    assert drafting.latest(document).body == "<p>Chữ <b>đậm</b></p>"


def test_a_plain_box_shows_text_and_takes_it_back_unchanged() -> None:
    body = bodies.taken("Điều 1. Một & hai\nĐiều 2. <ba>")
    assert bodies.in_box(body) == "Điều 1. Một & hai\nĐiều 2. <ba>"
    assert bodies.taken(bodies.in_box(body)) == body
    rich = bodies.taken("<p>Một</p><ul><li>hai</li></ul>")
    assert bodies.plain(bodies.taken(bodies.in_box(rich))) == bodies.plain(rich)


def test_versions_are_compared_word_by_word() -> None:
    found = bodies.compare(
        "<p>Giao Sở Y tế báo cáo</p><p>Giữ</p>", "<p>Giao Sở Tài chính báo cáo</p><p>Giữ</p><p>Mới</p>"
    )
    assert [[(piece.kind, piece.text) for piece in each.pieces] for each in found] == [
        [("same", "Giao Sở"), ("gone", "Y tế"), ("new", "Tài chính"), ("same", "báo cáo")],
        [("same", "Giữ")],
        [("new", "Mới")],
    ]


def test_remarks_quote_what_stands_there_and_are_settled(bureau: Bureau) -> None:
    document = bureau.draft()
    saved(bureau, document, "Giao Sở Y tế báo cáo trước ngày 30")
    opinions.ask(bureau.drafter.actor, document=document, officials=[bureau.head.official])
    with pytest.raises(InvalidInput) as caught:
        drafting.comment(bureau.head.actor, document=document, version=2, quote="Sở Tài chính", text="x")
    assert caught.value.field == "quote"
    made = drafting.comment(bureau.head.actor, document=document, version=2, quote="Sở Y tế", text="Thêm Sở Tài chính")
    with pytest.raises(NotFound):
        drafting.comment(bureau.colleague.actor, document=document, version=2, text="x")
    with pytest.raises(NotFound):
        drafting.settle(bureau.colleague.actor, comment=made)
    with pytest.raises(NotAllowed):
        drafting.settle(bureau.clerk.actor, comment=made)
    settled = drafting.settle(bureau.drafter.actor, comment=made)
    assert settled.settled_by == bureau.drafter.official
    drafting.settle(bureau.head.actor, comment=made)
    made.refresh_from_db()
    assert made.settled_by == bureau.drafter.official


def test_files_of_others_and_of_other_purposes_are_not_attached(bureau: Bureau) -> None:
    document = bureau.draft()

    def upload(owner: int | None, purpose: str = access.FILE_PURPOSE):
        content = BytesIO()
        Image.new("RGB", (8, 8), "white").save(content, "PNG")
        content.seek(0)
        return store(content, name="so-do.png", owner=owner, purpose=purpose)

    for wrong in (upload(bureau.clerk.account.pk), upload(bureau.drafter.account.pk, "khac")):
        with pytest.raises(InvalidInput):
            drafting.attach(bureau.drafter.actor, document=document, file=wrong)
    added = drafting.attach(bureau.drafter.actor, document=document, file=upload(bureau.drafter.account.pk))
    with pytest.raises(NotAllowed):
        drafting.detach(bureau.clerk.actor, document=document, file_id=added.pk)
    drafting.detach(bureau.drafter.actor, document=document, file_id=added.pk)
    with pytest.raises(NotFound):
        drafting.detach(bureau.drafter.actor, document=document, file_id=added.pk)


# opinions


def test_opinions_are_given_in_any_order_and_the_last_brings_the_draft_back(bureau: Bureau) -> None:
    document = bureau.draft()
    due = timezone.now() + timedelta(days=2)
    asked = opinions.ask(
        bureau.drafter.actor,
        document=document,
        officials=[bureau.head.official, bureau.health_leader.official],
        due_at=due,
        question="Có khả thi không?",
    )
    document.refresh_from_db()
    assert document.state == State.OPINIONS
    assert Notification.objects.filter(account=bureau.health_leader.account).count() == 1
    assert access.decide_read(bureau.health_leader.actor, document).allowed
    with pytest.raises(InvalidInput):
        opinions.give(bureau.health_leader.actor, opinion=asked[1], stance="disagree")
    opinions.give(bureau.health_leader.actor, opinion=asked[1], stance="disagree", text="Thiếu kinh phí")
    with pytest.raises(NotAllowed):
        opinions.give(bureau.health_leader.actor, opinion=asked[0], stance="agree")
    document.refresh_from_db()
    assert document.state == State.OPINIONS
    opinions.give(bureau.head.actor, opinion=asked[0], stance="agree")
    document.refresh_from_db()
    assert document.state == State.DRAFT
    with pytest.raises(DomainError):
        opinions.give(bureau.head.actor, opinion=asked[0], stance="agree_if", text="x")
    assert set(Opinion.objects.values_list("stance", flat=True)) == {"agree", "disagree"}


def test_an_opinion_that_is_withdrawn_is_not_given_and_its_reader_reads_no_longer(bureau: Bureau) -> None:
    document = bureau.draft()
    (asked,) = opinions.ask(bureau.drafter.actor, document=document, officials=[bureau.health_leader.official])
    with pytest.raises(InvalidInput):
        opinions.ask(bureau.drafter.actor, document=document, officials=[bureau.health_leader.official])
    with pytest.raises(NotAllowed):
        opinions.withdraw(bureau.clerk.actor, opinion=asked)
    opinions.withdraw(bureau.drafter.actor, opinion=asked)
    document.refresh_from_db()
    assert document.state == State.DRAFT
    with pytest.raises(NotFound):
        opinions.give(bureau.health_leader.actor, opinion=asked, stance="agree")


# the way up


def test_a_draft_goes_up_step_by_step_to_its_signer(bureau: Bureau) -> None:
    document = bureau.draft()
    approvals.submit(bureau.drafter.actor, document=document, approvers=[bureau.head.official], note="Kính trình")
    document.refresh_from_db()
    assert document.state == State.APPROVING
    with pytest.raises(NotFound):  # not before it is their turn
        approvals.approve(bureau.deputy.actor, document=document, version=1)
    with pytest.raises(DomainError):
        saved(bureau, document, "Sửa lén")
    assert saved(bureau, document, "Trưởng phòng sửa", who=bureau.head) == 2
    with pytest.raises(drafting.ChangedMeanwhile):
        approvals.approve(bureau.head.actor, document=document, version=1)
    approvals.approve(bureau.head.actor, document=document, version=2, note="Đồng ý")
    with pytest.raises(NotAllowed):
        approvals.approve(bureau.head.actor, document=document, version=2)
    approvals.approve(bureau.deputy.actor, document=document, version=2)
    document.refresh_from_db()
    assert document.state == State.APPROVED
    assert list(document.approvals.order_by("step").values_list("state", flat=True)) == ["approved", "approved"]
    assert Notification.objects.filter(account=bureau.clerk.account).exists()


def test_what_is_returned_comes_back_with_its_reason_and_goes_up_again(bureau: Bureau) -> None:
    document = bureau.draft()
    approvals.submit(bureau.drafter.actor, document=document, approvers=[bureau.head.official])
    with pytest.raises(InvalidInput):
        approvals.send_back(bureau.head.actor, document=document, reason=" ")
    approvals.send_back(bureau.head.actor, document=document, reason="Thiếu căn cứ")
    document.refresh_from_db()
    assert document.state == State.DRAFT
    assert set(document.approvals.values_list("state", flat=True)) == {Approval.State.RETURNED, Approval.State.DROPPED}
    approvals.submit(bureau.drafter.actor, document=document)
    assert document.approvals.filter(round=2).count() == 1
    with pytest.raises(NotAllowed):
        approvals.take_back(bureau.clerk.actor, document=document)
    approvals.take_back(bureau.drafter.actor, document=document)
    document.refresh_from_db()
    assert document.state == State.DRAFT


def test_nobody_approves_who_may_not_in_this_agency(bureau: Bureau) -> None:
    document = bureau.draft()
    for wrong in (bureau.colleague, bureau.health_leader):
        with pytest.raises(InvalidInput) as caught:
            approvals.submit(bureau.drafter.actor, document=document, approvers=[wrong.official])
        assert caught.value.field == "approvers"


@pytest.mark.parametrize(
    ("who", "how", "printed"),
    [
        ("chairman", "", ((), "CHỦ TỊCH")),
        ("chairman", "TM.", (("TM. ỦY BAN NHÂN DÂN",), "CHỦ TỊCH")),
        ("deputy", "TM.", (("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH"), "PHÓ CHỦ TỊCH")),
        ("deputy", "KT.", (("KT. CHỦ TỊCH",), "PHÓ CHỦ TỊCH")),
        ("head", "TL.", (("TL. CHỦ TỊCH",), "CHÁNH VĂN PHÒNG")),
    ],
)
def test_who_is_entitled_signs_with_the_lines_of_the_decree(
    bureau: Bureau, who: str, how: str, printed: tuple[tuple[str, ...], str]
) -> None:
    official = getattr(bureau, who).official
    post = competence.post_for(bureau.province, official, how)
    assert competence.lines(post, how, letterheads.of(bureau.province)) == printed


@pytest.mark.parametrize(
    ("who", "how"),
    [
        ("deputy", ""),  # a deputy signs for the head
        ("chairman", "KT."),
        ("chairman", "Q."),
        ("head", "TM."),  # a chief of office does not sign for the committee
        ("head", "TUQ."),  # nobody lent them the power
        ("drafter", "TL."),
        ("health_leader", "TM."),
        ("clerk", ""),
    ],
)
def test_who_is_not_entitled_is_refused_with_the_article(bureau: Bureau, who: str, how: str) -> None:
    document = bureau.draft()
    with pytest.raises(InvalidInput) as caught:
        bureau.set_out(document, signer=getattr(bureau, who).official, competence_=how)
    assert caught.value.field == "signer"


def test_a_draft_is_given_up_with_a_reason_by_who_drafts_it(bureau: Bureau) -> None:
    document = bureau.draft()
    for wrong, error in ((bureau.colleague, NotFound), (bureau.clerk, NotAllowed)):
        with pytest.raises(error):
            drafting.cancel(wrong.actor, document=document, reason="x")
    with pytest.raises(InvalidInput):
        drafting.cancel(bureau.drafter.actor, document=document, reason="")
    drafting.cancel(bureau.drafter.actor, document=document, reason="Không còn cần")
    document.refresh_from_db()
    assert document.state == State.CANCELLED
    with pytest.raises(DomainError):
        saved(bureau, document, "x")


def test_places_are_read_by_code_and_by_name(bureau: Bureau) -> None:
    text = f"{bureau.health.code}\nSở Y tế\n000.00.18.G18 Bộ Y tế\nVăn phòng"
    found = places.read(text)
    assert [(place.name, place.code, place.agency is not None) for place in found] == [
        ("Sở Y tế", bureau.health.code, True),
        ("Bộ Y tế", "G18.18", False),
        ("UBND tỉnh Quảng Trị", "H50", True),
    ]
    for wrong in ("G18", "Sở Không Có"):
        with pytest.raises(InvalidInput):
            places.read(wrong)
    document = bureau.draft()
    with pytest.raises(InvalidInput):
        bureau.set_out(document, places_="H50")


def test_strangers_get_nothing_of_any_verb(bureau: Bureau) -> None:
    document = bureau.draft()
    (asked,) = opinions.ask(bureau.drafter.actor, document=document, officials=[bureau.head.official])
    for stranger in (bureau.colleague.actor, bureau.health_clerk.actor, bureau.health_leader.actor, Actor()):
        for verb in (
            lambda who: drafting.save(who, document=document, body="x", parts=Parts(), based_on=1),
            lambda who: drafting.keep(who, document=document, body="x", parts=Parts(), based_on=1),
            lambda who: drafting.drop(who, document=document),
            lambda who: drafting.cancel(who, document=document, reason="x"),
            lambda who: drafting.comment(who, document=document, version=1, text="x"),
            lambda who: drafting.add_drafter(who, document=document, official=bureau.colleague.official),
            lambda who: opinions.ask(who, document=document, officials=[bureau.head.official]),
            lambda who: opinions.give(who, opinion=asked, stance="agree"),
            lambda who: opinions.withdraw(who, opinion=asked),
            lambda who: approvals.submit(who, document=document),
            lambda who: approvals.approve(who, document=document, version=1),
            lambda who: approvals.send_back(who, document=document, reason="x"),
            lambda who: approvals.take_back(who, document=document),
        ):
            with pytest.raises((NotFound, NotAllowed)):
                verb(stranger)
    assert drafting.latest(document).number == 1


def test_each_step_stands_in_the_timeline_and_the_audit_log(bureau: Bureau) -> None:
    document = bureau.approved()
    titles = list(document.steps.order_by("pk").values_list("title", flat=True))
    assert titles == [
        "Khởi tạo dự thảo",
        "Trình Hoàng Văn Dũng",
        "Duyệt, trình Lê Công Minh",
        "Người ký duyệt nội dung",
    ]
    verbs = set(Entry.objects.filter(target_type="documents.document").values_list("verb", flat=True))
    assert {"documents.begin", "documents.set_out", "documents.submit_draft", "documents.approve_step"} <= verbs


@pytest.mark.django_db
def test_more_places_than_a_document_has_are_refused_before_any_is_looked_up(
    django_assert_num_queries: Callable[[int], AbstractContextManager[object]],
) -> None:
    text = "\n".join(f"Cơ quan {number}" for number in range(2 * places.MOST + 1))
    with django_assert_num_queries(0), pytest.raises(InvalidInput, match="nhiều nhất 500"):
        places.read(text)
