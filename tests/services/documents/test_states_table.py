"""Every action on an outgoing document in every state it can be in: allowed, or refused in words with nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from django.test import Client

from hienluong.capabilities.signing.models import SignatureMark, SignatureRequest
from hienluong.foundation.actions import DomainError, InvalidInput, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.foundation.files import store
from hienluong.foundation.notifications.models import Notification
from hienluong.services.documents import access, models
from hienluong.services.documents.actions import approvals, drafting, issuing, numbers, opinions, recalling, signing
from hienluong.services.documents.bodies import Parts
from hienluong.services.documents.models import Comment, Document, DocumentFile, Opinion, Relation, State, TakenNumber
from tests.foundation.files import samples
from tests.services import trying

from .bureau import Bureau, make_bureau
from .offices import arrived, make_agency, official_of
from .test_issuing import settle, signed

pytestmark = pytest.mark.django_db


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@dataclass
class Desk:
    """A document in some state, and what hangs on it."""

    bureau: Bureau
    document: Document
    opinion: Opinion
    comment: Comment
    annex: DocumentFile

    @property
    def version(self) -> int:
        return drafting.latest(self.document).number


def file_of(name: str) -> Any:
    return store(BytesIO(samples.plain_pdf(1)), name=name, owner=None, purpose=access.FILE_PURPOSE)


def begun(bureau: Bureau, *, ask: bool) -> Desk:
    """A draft with a remark, an annex, and an opinion that was asked for (`ask`: it is still open)."""
    document, who = bureau.draft(), bureau.drafter.actor
    comment = drafting.comment(who, document=document, version=1, text="Xem lại số liệu")
    annex = drafting.attach(who, document=document, file=file_of("phu-luc.pdf"))
    opinion = opinions.ask(who, document=document, officials=[bureau.colleague.official])[0]
    if not ask:
        opinions.withdraw(who, opinion=opinion)
    document.refresh_from_db()
    return Desk(bureau, document, opinion, comment, annex)


def brought(bureau: Bureau, state: str) -> Desk:
    """A document that came to this state by the actions that lead there."""
    desk = begun(bureau, ask=state != "draft")
    document = desk.document
    if state not in ("draft", "opinions"):
        _bring(bureau, document, state)
    document.refresh_from_db()
    assert document.state == state.partition("+")[0]
    return desk


def _bring(bureau: Bureau, document: Document, state: str) -> None:
    approvals.submit(bureau.drafter.actor, document=document)
    if state == "approving":
        return
    if state == "cancelled":
        drafting.cancel(bureau.drafter.actor, document=document, reason="Không cần nữa")
        return
    approvals.approve(bureau.deputy.actor, document=document, version=1)
    if state == "approved":
        return
    if state == "numbered":
        numbers.number(bureau.clerk.actor, document=document)
        return
    if state == "signed":
        numbers.number(bureau.clerk.actor, document=document)
        signing.sign(bureau.deputy.actor, documents=[document])
        settle()
        return
    signed(bureau, document)
    if state == "signed+sealed":
        return
    issuing.issue(bureau.clerk.actor, document=document)
    settle()
    if state == "recalled":
        recalling.recall(bureau.clerk.actor, document=document, reason="Sai số liệu")
    if state == "replaced":
        newer = bureau.draft(subject="rà soát lại số liệu tiêm chủng")
        Relation.objects.create(document=newer, other=document, kind=Relation.Kind.REPLACES)
        approvals.submit(bureau.drafter.actor, document=newer)
        approvals.approve(bureau.deputy.actor, document=newer, version=1)
        signed(bureau, newer)
        issuing.issue(bureau.clerk.actor, document=newer)


STATES = (
    "draft",
    "opinions",
    "approving",
    "approved",
    "numbered",
    "signed",
    "signed+sealed",
    "issued",
    "recalled",
    "replaced",
    "cancelled",
)
_EDIT = {"draft", "opinions"}
_WRONG = "documents.wrong_state"
#: Its signer does not read a draft before it goes up.
_UNREAD = {"draft": "domain.not_found", "opinions": "domain.not_found"}


def _void(desk: Desk) -> object:
    taken = TakenNumber.objects.filter(document=desk.document).first()
    if taken is None:
        raise NotFound("The document has no number.", code="test.no_number")
    return numbers.void(desk.bureau.clerk.actor, taken=taken, reason="Bỏ")


@dataclass(frozen=True)
class Row:
    """One line of the table: what is done, in which states it may be, with which code it is refused elsewhere."""

    do: Callable[[Desk], object]
    allowed: set[str]
    codes: dict[str, str]


def row(do: Callable[[Desk], object], *allowed: str, **codes: str) -> Row:
    return Row(do, set(allowed), {key.replace("_and_", "+"): code for key, code in codes.items()})


ACTIONS: dict[str, Row] = {
    "save": row(
        lambda d: drafting.save(
            d.bureau.drafter.actor, document=d.document, body="<p>Mới</p>", parts=Parts(), based_on=d.version
        ),
        *_EDIT,
    ),
    "keep typing": row(
        lambda d: drafting.keep(
            d.bureau.drafter.actor, document=d.document, body="<p>Mới</p>", parts=Parts(), based_on=d.version
        ),
        *_EDIT,
    ),
    "set out": row(lambda d: d.bureau.set_out(d.document, subject="trích yếu khác"), *_EDIT),
    "add a drafter": row(
        lambda d: drafting.add_drafter(
            d.bureau.drafter.actor, document=d.document, official=d.bureau.colleague.official
        ),
        *_EDIT,
    ),
    "attach": row(
        lambda d: drafting.attach(d.bureau.drafter.actor, document=d.document, file=file_of("them.pdf")), *_EDIT
    ),
    "detach": row(lambda d: drafting.detach(d.bureau.drafter.actor, document=d.document, file_id=d.annex.pk), *_EDIT),
    "comment": row(
        lambda d: drafting.comment(d.bureau.drafter.actor, document=d.document, version=1, text="Sửa"),
        *_EDIT,
        "approving",
    ),
    "settle a comment": row(lambda d: drafting.settle(d.bureau.drafter.actor, comment=d.comment), *_EDIT, "approving"),
    "ask opinions": row(
        lambda d: opinions.ask(d.bureau.drafter.actor, document=d.document, officials=[d.bureau.head.official]), *_EDIT
    ),
    "give an opinion": row(
        lambda d: opinions.give(d.bureau.colleague.actor, opinion=d.opinion, stance="agree"),
        "opinions",
        **{state.replace("+", "_and_"): "documents.opinion_withdrawn" for state in STATES if state != "draft"},
        draft="domain.not_found",  # who is asked no longer does not read it, either
    ),
    "withdraw an opinion": row(lambda d: opinions.withdraw(d.bureau.drafter.actor, opinion=d.opinion), "opinions"),
    "submit": row(lambda d: approvals.submit(d.bureau.drafter.actor, document=d.document), *_EDIT),
    "approve": row(
        lambda d: approvals.approve(d.bureau.deputy.actor, document=d.document, version=d.version),
        "approving",
        **_UNREAD,
    ),
    "send back": row(
        lambda d: approvals.send_back(d.bureau.deputy.actor, document=d.document, reason="Sửa"), "approving", **_UNREAD
    ),
    "take back": row(
        lambda d: approvals.take_back(d.bureau.drafter.actor, document=d.document), "approving", "approved"
    ),
    "cancel": row(
        lambda d: drafting.cancel(d.bureau.drafter.actor, document=d.document, reason="Thôi"),
        *_EDIT,
        "approving",
        "approved",
    ),
    "number": row(lambda d: numbers.number(d.bureau.clerk.actor, document=d.document), "approved"),
    "void the number": row(
        _void,
        "numbered",
        **dict.fromkeys(("draft", "opinions", "approving", "approved", "cancelled"), "test.no_number"),
    ),
    "sign": row(lambda d: signing.sign(d.bureau.deputy.actor, documents=[d.document]), "numbered", **_UNREAD),
    "refuse to sign": row(
        lambda d: signing.refuse(d.bureau.deputy.actor, document=d.document, reason="Sai"), "numbered", **_UNREAD
    ),
    "seal": row(
        lambda d: signing.seal(d.bureau.clerk.actor, documents=[d.document]),
        "signed",
        signed_and_sealed="documents.sealed",
    ),
    "issue": row(
        lambda d: issuing.issue(d.bureau.clerk.actor, document=d.document),
        "signed+sealed",
        signed="documents.not_sealed",
    ),
    "send to more": row(
        lambda d: issuing.send_more(d.bureau.clerk.actor, document=d.document, places_="G22 Bộ Y tế"),
        "issued",
    ),
    "share": row(
        lambda d: issuing.share(d.bureau.clerk.actor, document=d.document, officials=[d.bureau.head.official]),
        "issued",
    ),
    "recall": row(
        lambda d: recalling.recall(d.bureau.clerk.actor, document=d.document, reason="Sai"), "issued", "replaced"
    ),
    "copy": row(
        lambda d: recalling.copy(
            d.bureau.clerk.actor,
            document=d.document,
            agency=d.bureau.province,
            kind="SY",
            signer=d.bureau.head.official,
            competence_="TL.",
        ),
        "issued",
        "replaced",
    ),
}

#: All that an action could have left behind.
TABLES = (
    *(getattr(models, name) for name in models.__all__ if hasattr(getattr(models, name), "_meta")),
    SignatureRequest,
    SignatureMark,
    Entry,
    Event,
    Notification,
)


def everything() -> trying.Rows:
    return trying.everything(TABLES)


@pytest.mark.parametrize("state", STATES)
def test_each_action_in_this_state(bureau: Bureau, state: str) -> None:
    desk = brought(bureau, state)
    before, document = everything(), desk.document
    found = {}
    for name, each in ACTIONS.items():
        found[name] = trying.tried(lambda do=each.do: do(desk), TABLES, before)
        document.refresh_from_db()
    wanted = {name: "" if state in each.allowed else each.codes.get(state, _WRONG) for name, each in ACTIONS.items()}
    assert found == wanted


def test_the_table_knows_every_state_of_an_outgoing_document() -> None:
    assert {state.partition("+")[0] for state in STATES} == set(State.values) - set(models.INCOMING_STATES)


# a copy has no text of its own: what was taken back is put right and goes to its number again


@pytest.fixture
def copy(bureau: Bureau) -> Document:
    document = signed(bureau, bureau.approved())
    document = issuing.issue(bureau.clerk.actor, document=document)
    made = recalling.copy(
        bureau.clerk.actor,
        document=document,
        agency=bureau.province,
        kind="SY",
        signer=bureau.head.official,
        competence_="TL.",
    )
    approvals.take_back(bureau.clerk.actor, document=made)
    made.refresh_from_db()
    return made


def around(bureau: Bureau, document: Document, **more: Any) -> dict[str, Any]:
    return {
        "document": document,
        "subject": document.subject,
        "type": document.type,
        "unit": None,
        "urgency": 0,
        "restricted": False,
        "competence_": "TL.",
        "signer": bureau.head.official,
        "due_at": None,
        "places_": bureau.health.code,
        "lines": "Sở Y tế",
        **more,
    }


def test_a_copy_that_was_taken_back_waits_for_its_number_again(bureau: Bureau, copy: Document) -> None:
    assert copy.state == State.DRAFT
    drafting.set_out(bureau.clerk.actor, **around(bureau, copy, type="TRS"))
    with pytest.raises(InvalidInput) as caught:
        approvals.submit(bureau.clerk.actor, document=copy, approvers=[bureau.deputy.official])
    assert caught.value.field == "approvers"
    approvals.submit(bureau.clerk.actor, document=copy)
    copy.refresh_from_db()
    assert (copy.state, copy.approvals.count()) == (State.APPROVED, 0)
    numbers.number(bureau.clerk.actor, document=copy)
    copy.refresh_from_db()
    assert copy.code == "01/TrS-UBND"


@pytest.mark.parametrize("type", ["CV", "QD", "SL"])
def test_a_copy_stays_a_copy(bureau: Bureau, copy: Document, type: str) -> None:
    before = everything()
    with pytest.raises(InvalidInput) as caught:
        drafting.set_out(bureau.clerk.actor, **around(bureau, copy, type=type))
    assert (caught.value.field, everything()) == ("type", before)


def test_nothing_else_becomes_a_copy(bureau: Bureau) -> None:
    document = bureau.draft()
    with pytest.raises(InvalidInput) as caught:
        bureau.set_out(document, type="SY")
    assert caught.value.field == "type"


def test_nobody_is_asked_about_the_text_of_a_copy(bureau: Bureau, copy: Document) -> None:
    before = everything()
    with pytest.raises(NotFound):
        opinions.ask(bureau.clerk.actor, document=copy, officials=[bureau.head.official])
    assert everything() == before


def test_the_page_of_a_copy_offers_what_can_be_done(client: Client, bureau: Bureau, copy: Document) -> None:
    client.force_login(bureau.clerk.account)
    page = client.get(drafting.address(copy)).content.decode()
    assert "Trình duyệt" in page
    assert "Sửa nội dung" not in page
    assert "Xin ý kiến" not in page
    assert "id_step1" not in client.get(f"{drafting.address(copy)}/viec/trinh").content.decode()
    client.post(f"{drafting.address(copy)}/viec/trinh", {"note": ""})
    copy.refresh_from_db()
    assert copy.state == State.APPROVED


@pytest.mark.parametrize("state", ["arrived", "refused", "taken_back"])
def test_what_came_and_is_not_registered_or_went_back_is_not_copied(state: str) -> None:
    agency = make_agency()
    document = arrived(agency)
    Document.objects.filter(pk=document.pk).update(state=state)
    before = everything()
    with pytest.raises(DomainError) as caught:
        recalling.copy(
            agency.clerk,
            document=document,
            agency=agency.place,
            kind="SY",
            signer=official_of(agency.leader),
            competence_="TM.",
        )
    assert (caught.value.code, everything()) == (_WRONG, before)
