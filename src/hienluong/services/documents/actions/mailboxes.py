"""Messages that could not be taken in: tried again a few times, then held for people, while those behind them go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.cleaning import storable

from .. import access
from ..models import HeldMail

#: What lets the IT officer see what is held in the mailboxes of the agencies below their post.
WATCH = "documents.mailbox"
#: Minutes until it is tried again after the first failure, the second …; after the last it is held.
WAITS = (5, 15, 60, 180)
OPEN = (HeldMail.State.TRYING, HeldMail.State.HELD)


@dataclass(frozen=True)
class Message:
    """Where a message is, and what its outside says."""

    agency: Organization
    mailbox: str
    validity: int
    uid: int
    sender: str = ""
    sent_at: datetime | None = None
    size: int = 0


def held_for(actor: Actor) -> Q:
    """The rows that an official sees: of the agencies whose records office they are, or that they watch over."""
    found = Q(agency__in=access.agencies_with(actor, "documents.clerk"))
    for path in actor.paths_with(WATCH):
        found |= Q(agency__path__startswith=path)
    return found


@action("documents.note_failed_mail")
def note_failure(act: Act, *, message: Message, why: str, for_good: bool = False) -> HeldMail:
    """Write down that a message could not be taken in; it is held after as many failures as there are :data:`WAITS` and
    one, or at once when it fails `for_good`. Those concerned are told once a day for each mailbox."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống ghi được thư lỗi."), permission=WATCH)
    now = timezone.now()
    row, _fresh = HeldMail.objects.select_for_update().get_or_create(
        mailbox=message.mailbox[:300],
        validity=message.validity,
        uid=message.uid,
        defaults={"agency": message.agency, "first_failed_at": now, "last_failed_at": now, "next_try_at": now},
    )
    if row.state == HeldMail.State.SETTLED:  # somebody settled it while it was being tried
        act.record(row, note="đã xử lý trong lúc thử lại", organization_id=row.agency_id)
        return row
    row.sender = storable(message.sender)[:200] or row.sender
    row.sent_at, row.size = message.sent_at or row.sent_at, message.size or row.size
    row.why, row.last_failed_at, row.attempts = storable(why)[:500], now, row.attempts + 1
    if for_good or row.attempts > len(WAITS):
        row.state, row.next_try_at = HeldMail.State.HELD, None
        _tell(act, row)
    else:
        row.state, row.next_try_at = HeldMail.State.TRYING, now + timedelta(minutes=WAITS[row.attempts - 1])
    row.save()
    act.record(row, after={"state": row.state, "why": row.why}, organization_id=row.agency_id)
    return row


def _tell(act: Act, row: HeldMail) -> None:
    told = {account.pk: account for code in ("documents.clerk", WATCH) for account in holders(code, row.agency)}
    for account in told.values():
        with translation.override(account.language):
            notify(
                act,
                account=account,
                key=f"document-mail-held:{row.mailbox}:{timezone.localdate():%Y%m%d}"[:200],
                kind="documents.incoming",
                title=_("Có thư trong hộp thư văn bản không tiếp nhận được"),
                body=_("%(agency)s. Thư vẫn ở hộp thư; lý do có trên trang.") % {"agency": row.agency.name},
                href=reverse("documents:mailbox"),
            )


@action("documents.note_taken_mail")
def note_taken(act: Act, *, row: HeldMail) -> None:
    """A message that had failed was taken in after all."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống ghi được thư lỗi."), permission=WATCH)
    row.state, row.next_try_at = HeldMail.State.TAKEN, None
    row.save(update_fields=("state", "next_try_at"))
    act.record(row, after={"state": row.state}, organization_id=row.agency_id)


@action("documents.forget_mail")
def forget(act: Act, *, row: HeldMail) -> None:
    """It bears a stamp of secrecy, as is seen now: not even its outside stays."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống ghi được thư lỗi."), permission=WATCH)
    act.record(row.agency, after={"forgot_mail": row.uid}, organization_id=row.agency_id)
    row.delete()


@action("documents.mailbox_renumbered")
def renumbered(act: Act, *, agency: Organization, mailbox: str, validity: int) -> int:
    """Forget what waits to be tried under an older numbering of a mailbox: it is not flagged, so it is found anew under its
    new number. What is held stays for people to see. Returns how many that were."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống ghi được thư lỗi."), permission=WATCH)
    rows = HeldMail.objects.filter(mailbox=mailbox[:300], state=HeldMail.State.TRYING).exclude(validity=validity)
    count, _rows = rows.delete()
    act.record(agency, after={"renumbered": count}, organization_id=agency.pk)
    return count


@action("documents.look_at_mail")
def note_look(act: Act, *, row: HeldMail) -> HeldMail:
    """Somebody of the records office gets the message itself: that is written down, since a document may be in it."""
    found = _mine(act, row)
    if found.agency_id not in access.agencies_with(act.actor, "documents.clerk"):
        raise NotAllowed(_("Chỉ văn thư của cơ quan xem được nội dung thư."), permission="documents.clerk")
    act.record(found, after={"looked": True}, organization_id=found.agency_id)
    return found


@action("documents.retry_mail")
def retry(act: Act, *, row: HeldMail) -> HeldMail:
    """Try a held message once more, now; fails it again, it is held again."""
    found = _mine(act, row)
    before = found.state
    found.state, found.next_try_at = HeldMail.State.TRYING, timezone.now()
    found.attempts = max(found.attempts, len(WAITS))
    found.save(update_fields=("state", "next_try_at", "attempts"))
    act.record(found, before={"state": before}, after={"state": found.state}, organization_id=found.agency_id)
    from ..tasks import fetch_held_mail

    fetch_held_mail.defer(row_id=found.pk)
    return found


@action("documents.settle_mail")
def settle(act: Act, *, row: HeldMail, reason: str) -> HeldMail:
    """Somebody looked into the mailbox and did what was to be done, or nothing was: it is tried no more. Takes a reason."""
    found = _mine(act, row)
    if not (reason := " ".join(storable(reason).split())[:500]):
        raise InvalidInput(_("Nhập lý do."), field="reason")
    before = found.state
    found.state, found.next_try_at, found.reason = HeldMail.State.SETTLED, None, reason
    found.save(update_fields=("state", "next_try_at", "reason"))
    act.record(
        found, before={"state": before}, after={"state": found.state}, organization_id=found.agency_id, note=reason
    )
    return found


def _mine(act: Act, row: HeldMail) -> HeldMail:
    found = (
        HeldMail.objects.select_for_update(of=("self",))
        .select_related("agency")
        .filter(held_for(act.actor), pk=row.pk)
        .first()
    )
    if found is None:
        raise NotFound(_("Không có thư này."))
    if found.state not in OPEN:
        raise DomainError(
            _("Thư này không còn chờ: %(state)s.") % {"state": found.get_state_display()}, code="documents.wrong_state"
        )
    return found
