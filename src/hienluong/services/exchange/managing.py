"""What the IT officer does at the queue: try again now, hold back, let go, read again what could not be read."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotFound, action

from . import receiving
from .line import Listed
from .models import Incoming, Outgoing

PERMISSION = "exchange.manage"


def _lock(act: Act, row: Outgoing, *states: str) -> Outgoing:
    act.require(PERMISSION, row.agency.path if row.agency else "/")
    found = Outgoing.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if found.state not in states:
        raise DomainError(
            _("Việc này không làm được khi gói tin ở trạng thái “%(state)s”.") % {"state": found.get_state_display()},
            code="exchange.wrong_state",
        )
    return found


@action("exchange.retry")
def retry(act: Act, *, row: Outgoing) -> Outgoing:
    """Send it now: what failed, is held, or would wait longer. It is looked up first where it may have got through."""
    found = _lock(act, row, Outgoing.State.FAILED, Outgoing.State.WAITING, Outgoing.State.HELD)
    before = found.state
    found.state, found.next_try_at, found.held_reason = Outgoing.State.WAITING, timezone.now(), ""
    found.save(update_fields=("state", "next_try_at", "held_reason"))
    act.record(found, before={"state": before}, after={"state": found.state}, organization_id=found.agency_id)
    return found


@action("exchange.hold")
def hold(act: Act, *, row: Outgoing, reason: str) -> Outgoing:
    """Keep it, and what is behind it in its lane, from going out, until somebody lets it go; with a reason."""
    if not (words := " ".join(reason.split())[:300]):
        raise InvalidInput(_("Nhập lý do giữ lại."), field="reason")
    found = _lock(act, row, Outgoing.State.FAILED, Outgoing.State.WAITING)
    before = found.state
    found.state, found.next_try_at, found.held_reason = Outgoing.State.HELD, None, words
    found.save(update_fields=("state", "next_try_at", "held_reason"))
    act.record(
        found,
        before={"state": before},
        after={"state": found.state, "reason": words},
        organization_id=found.agency_id,
    )
    return found


@action("exchange.look_at_package")
def look_at_package(act: Act, *, row: Incoming) -> bytes:
    """A package that could not be taken, as it came: who looked is written down, since a document is in it."""
    act.require(PERMISSION, row.agency.path if row.agency else "/")
    if row.raw is None:
        raise NotFound(_("Gói tin này không còn được giữ."))
    act.record(row, after={"looked": True}, organization_id=row.agency_id)
    return bytes(row.raw)


@action("exchange.read_again")
def read_again(act: Act, *, row: Incoming) -> Incoming:
    """Read once more a package that could not be read (the reader may have learnt its form since)."""
    act.require(PERMISSION, row.agency.path if row.agency else "/")
    found = Incoming.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if found.verdict != Incoming.Verdict.UNREADABLE or found.raw is None:
        raise DomainError(_("Gói tin này không phải đọc lại."), code="exchange.wrong_state")
    act.record(found, after={"read_again": True}, organization_id=found.agency_id)
    kind = "status" if found.what.isdigit() else "edoc"
    listed = Listed(found.axis_id, kind, found.sender_code, found.receiver_code)
    return receiving.take_in(listed, bytes(found.raw), found) or found
