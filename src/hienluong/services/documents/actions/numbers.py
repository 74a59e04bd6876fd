"""Numbers of what goes out: one series an agency, a year and a book; no gap, none twice, a day in the past only with a reason.

Nghị định 30/2020/NĐ-CP, Điều 15: numbers run from 01 on 1 January to 31 December; a number that was reserved or will not be
used stays in the book with its reason, so that the book has no gap. The database holds it, too (migration 0005).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotFound, action
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.cleaning import storable

from .. import access, finding, letterheads, rights, standing_in, telling, types
from ..models import Book, Document, State, TakenNumber, Why
from . import steps
from .drafting import address

#: Most numbers that are reserved at once.
MOST_RESERVED = 20


def written(number: int) -> str:
    """A number as it stands on the document: below 10 with a 0 before it."""
    return f"{number:02d}"


@dataclass(frozen=True)
class Next:
    """What the next number of a book would be, and the day of the last one."""

    number: int
    last_on: date | None


def book_for(agency: Organization, type: str, year: int) -> Book:
    """The book that a type counts in, begun when it is not there yet."""
    key = letterheads.of(agency).book_key(type)
    name = {"chung": "Sổ văn bản đi", "sao": "Sổ bản sao"}.get(key) or f"Sổ {types.ALL[key].name.lower()}"
    book, _fresh = Book.objects.get_or_create(
        agency=agency, year=year, key=key, defaults={"name": f"{name} năm {year}"}
    )
    return book


def following(book: Book) -> Next:
    """What comes next in a book; exact only while the book is locked."""
    last = TakenNumber.objects.filter(book=book).order_by("-number").first()
    return Next(last.number + 1, last.on) if last else Next(1, None)


def _locked(book: Book) -> Book:
    return Book.objects.select_for_update().get(pk=book.pk)


def _day(on: date | None, reason: str) -> date:
    """The day that a document is to bear: today, or with a reason one in the past."""
    today = timezone.localdate()
    if on is None:
        return today
    if on > today:
        raise InvalidInput(_("Ngày của văn bản không được ở tương lai."), field="on")
    if on < today and not reason:
        raise InvalidInput(_("Ghi ngày lùi về trước thì phải nêu lý do."), field="reason")
    if on.year < today.year - 1:
        raise InvalidInput(_("Chỉ ghi lùi ngày được đến năm trước."), field="on")
    return on


@action("documents.number")
def number(
    act: Act, *, document: Document, on: date | None = None, reason: str = "", reserved: TakenNumber | None = None
) -> Document:
    """Give an approved document its number: the next of its book, or one that was reserved; then it is laid out for good
    and waits for its signer.

    `on`: the day that it bears, today when left out; a day in the past takes a reason and still the next number.
    """
    from .signing import prepare

    document = steps.lock(document)
    rights.require_clerk(act.actor, document)
    steps.require_state(document, (State.APPROVED,))
    reason = " ".join(storable(reason).split())[:300]
    if reserved is not None:
        taken = _take_reserved(document, reserved)
    else:
        day = _day(on, reason)
        book = _locked(book_for(document.agency, document.type, day.year))
        come = following(book)
        if come.last_on is not None and day < come.last_on and not reason:
            raise InvalidInput(
                _("Số trước đã ghi ngày %(day)s; ghi ngày sớm hơn phải nêu lý do.")
                % {"day": f"{come.last_on:%d/%m/%Y}"},
                field="reason",
            )
        taken = TakenNumber.objects.create(
            book=book,
            number=come.number,
            on=day,
            state=TakenNumber.State.USED,
            document=document,
            reason=reason if day < timezone.localdate() else "",
            by_label=act.actor.label[:200],
        )
    notation = letterheads.of(document.agency).notation(document.type, document.unit)
    document.number, document.notation = taken.number, notation[:30]
    document.code = f"{written(taken.number)}/{document.notation}"[:60]
    document.issued_on = taken.on
    document.state = State.NUMBERED
    document.save()
    steps.add(act, document, f"Cấp số {document.code}", taken.reason)
    finding.index(document)
    act.record(
        document,
        before={"state": State.APPROVED},
        after={"state": document.state, "code": document.code, "on": taken.on.isoformat(), "book": taken.book.key},
        organization_id=document.agency_id,
        note=taken.reason,
    )
    act.emit("document.numbered", document, {"agency": document.agency_id, "number": taken.number})
    prepare(act, document=document)
    access.let_read(
        document, agency=document.agency, why=Why.SIGNER, official=document.signer, by_label=act.actor.label[:200]
    )
    telling.tell(
        act,
        document,
        [document.signer_id, *_in_their_place(document)],
        f"sign:{taken.pk}",
        gettext_noop("Chờ bạn ký: %(name)s"),
        href=address(document),
    )
    return document


def _in_their_place(document: Document) -> list[int]:
    """To whom the signer lends the power; who stands in already lends it to nobody."""
    if document.signer is None or document.signs_for_id is not None:
        return []
    return standing_in.delegates_of(document.signer, document.agency)


def _take_reserved(document: Document, reserved: TakenNumber) -> TakenNumber:
    taken = (
        TakenNumber.objects.select_for_update(of=("self",))
        .select_related("book")
        .filter(pk=reserved.pk, state=TakenNumber.State.RESERVED)
        .first()
    )
    if taken is None:
        raise InvalidInput(_("Số này không còn được giữ."), field="reserved")
    if taken.book.agency_id != document.agency_id or taken.book.key != letterheads.of(document.agency).book_key(
        document.type
    ):
        raise InvalidInput(_("Số này thuộc sổ khác."), field="reserved")
    taken.state, taken.document = TakenNumber.State.USED, document
    taken.save(update_fields=("state", "document"))
    return taken


@action("documents.reserve_numbers")
def reserve(act: Act, *, agency: Organization, type: str, count: int = 1, reason: str) -> list[TakenNumber]:
    """Keep the next numbers of a book for documents that will bear today's date; each takes the reason."""
    access.require_in(act.actor, "documents.clerk", agency)
    if type not in types.ALL:
        raise InvalidInput(_("Chọn loại văn bản."), field="type")
    if not 1 <= count <= MOST_RESERVED:
        raise InvalidInput(_("Mỗi lần giữ từ 1 đến %(most)s số.") % {"most": MOST_RESERVED}, field="count")
    if not (reason := " ".join(storable(reason).split())[:300]):
        raise InvalidInput(_("Nhập lý do giữ số."), field="reason")
    today = timezone.localdate()
    book = _locked(book_for(agency, type, today.year))
    first = following(book).number
    made = [
        TakenNumber.objects.create(
            book=book,
            number=first + step,
            on=today,
            state=TakenNumber.State.RESERVED,
            reason=reason,
            by_label=act.actor.label[:200],
        )
        for step in range(count)
    ]
    act.record(
        book,
        after={"reserved": [taken.number for taken in made]},
        organization_id=agency.pk,
        note=reason,
    )
    return made


@action("documents.void_number")
def void(act: Act, *, taken: TakenNumber, reason: str) -> TakenNumber:
    """Leave a number empty for good: a reserved one, or that of a document that nobody signed yet, which then waits for a
    number again. It stays in the book with its reason."""
    found = TakenNumber.objects.select_related("book__agency", "document").filter(pk=taken.pk).first()
    if found is None:
        raise NotFound(_("Không có số này."))
    access.require_in(act.actor, "documents.clerk", found.book.agency)
    if not (reason := " ".join(storable(reason).split())[:300]):
        raise InvalidInput(_("Nhập lý do bỏ trống số."), field="reason")
    document = steps.lock(found.document) if found.document else None
    found = TakenNumber.objects.select_for_update(of=("self",)).select_related("book").get(pk=taken.pk)
    if found.state == TakenNumber.State.VOID or found.document_id != (document.pk if document else None):
        raise DomainError(_("Số này đã đổi trong lúc bạn làm. Hãy xem lại sổ."), code="documents.number_changed")
    if document is not None:
        _take_from(act, document, reason)
    before = found.state
    found.state, found.document, found.reason = TakenNumber.State.VOID, None, reason
    found.save(update_fields=("state", "document", "reason"))
    act.record(
        found,
        before={"state": before},
        after={"state": found.state, "number": found.number},
        organization_id=found.book.agency_id,
        note=reason,
    )
    return found


def _take_from(act: Act, document: Document, reason: str) -> None:
    from .signing import unprepare

    if document.state != State.NUMBERED or document.signed_at is not None:
        raise DomainError(_("Văn bản đã ký, không bỏ số được nữa."), code="documents.wrong_state")
    unprepare(act, document=document, reason=reason)
    code = document.code
    document.number, document.code, document.issued_on, document.state = None, "", None, State.APPROVED
    document.save()
    steps.add(act, document, f"Bỏ số {code}", reason)
    finding.index(document)
    act.record(
        document,
        before={"state": State.NUMBERED, "code": code},
        after={"state": document.state},
        organization_id=document.agency_id,
        note=reason,
    )
