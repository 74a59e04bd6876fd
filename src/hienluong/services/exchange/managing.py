"""What the IT officer does at the queue: try again now, hold back, let go, read again what could not be read."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotFound, action
from hienluong.services.documents.models import Recipient, State

from . import edxml, judging, receiving, taking
from .line import Listed
from .models import Incoming, Outgoing, What
from .queueing import CARRYING, WHO

PERMISSION = "exchange.manage"
#: The states of what is not over.
OPEN = (Outgoing.State.WAITING, Outgoing.State.HELD, Outgoing.State.FAILED)
#: What a document's receiver says when sending to it was given up.
GIVEN_UP = "Chưa gửi được, đã thôi gửi: "


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
    """Send it now: what failed, is held, was given up or would wait longer, but not what its agency took back.

    It is looked up first where it may have got through.
    """
    found = _lock(act, row, *OPEN, Outgoing.State.CANCELLED)
    before = found.state
    if before == Outgoing.State.CANCELLED:
        _take_up_again(found)
    found.state, found.next_try_at, found.held_reason = Outgoing.State.WAITING, timezone.now(), ""
    found.save(update_fields=("state", "next_try_at", "held_reason"))
    act.record(found, before={"state": before}, after={"state": found.state}, organization_id=found.agency_id)
    return found


def _take_up_again(row: Outgoing) -> None:
    """What was given up may go once more while its document stands."""
    recalled = row.what in CARRYING and row.document and row.document.state not in (State.ISSUED, State.REPLACED)
    if not row.held_reason or recalled:
        raise DomainError(_("Văn bản này đã được lấy lại, không gửi nữa."), code="exchange.taken_back")
    if row.what in (What.NEW, What.REPLACE):
        Recipient.objects.filter(pk=row.recipient_id or 0, reason__startswith=GIVEN_UP).update(reason="")


#: How many packages are let go at one press; the axis takes some dozens a second.
MOST_AT_ONCE = 1000


@action("exchange.retry_all")
def retry_all(act: Act, *, rows: QuerySet[Outgoing]) -> int:
    """Send now what failed or waits among `rows`, the oldest 1000; what somebody holds stays. Returns how many."""
    act.actor.require_somewhere(PERMISSION, _("Bạn không theo dõi liên thông văn bản."))
    states = (Outgoing.State.FAILED, Outgoing.State.WAITING)
    keys = list(rows.filter(state__in=states).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    locked = Outgoing.objects.select_for_update(of=("self",), skip_locked=True).filter(pk__in=keys, state__in=states)
    found = list(locked.select_related("agency").order_by("pk"))
    for row in found:
        act.require(PERMISSION, row.agency.path if row.agency else "/")
        act.record(
            row, before={"state": row.state}, after={"state": "waiting", "all": True}, organization_id=row.agency_id
        )
    Outgoing.objects.filter(pk__in=[row.pk for row in found]).update(
        state=Outgoing.State.WAITING, next_try_at=timezone.now()
    )
    if not found:
        raise DomainError(_("Không có gói tin nào để gửi lại."), code="exchange.nothing")
    return len(found)


@action("exchange.give_up")
def give_up(act: Act, *, row: Outgoing, reason: str) -> Outgoing:
    """Send it no more, with a reason that its document keeps; where the document never went, nothing else about it goes
    but the asking back of what may have got through. :func:`retry` takes it up again.
    """
    if not (words := " ".join(reason.split())[:300]):
        raise InvalidInput(_("Nhập lý do thôi gửi."), field="reason")
    found = _lock(act, row, *OPEN)
    rows = [found]
    if found.what in (What.NEW, What.REPLACE):
        later = Outgoing.objects.select_for_update(of=("self",)).filter(lane=found.lane, pk__gt=found.pk)
        rows += list(later.filter(state__in=OPEN).exclude(what=What.TAKE_BACK).order_by("pk"))
        Recipient.objects.filter(pk=found.recipient_id or 0).update(reason=f"{GIVEN_UP}{words}")
    for each in rows:
        before = each.state
        each.state, each.next_try_at, each.held_reason = Outgoing.State.CANCELLED, None, words
        each.save(update_fields=("state", "next_try_at", "held_reason"))
        act.record(
            each, before={"state": before}, after={"given_up": True, "reason": words}, organization_id=each.agency_id
        )
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


def read_again(actor: Actor, *, row: Incoming) -> Incoming:
    """Read once more a package that could not be read (the reader may have learnt its form since)."""
    actor.require(PERMISSION, row.agency.path if row.agency else "/")
    return _read_again(actor, row=row, judged=judging.of(bytes(row.raw or b"")))


@action("exchange.read_again")
def _read_again(act: Act, *, row: Incoming, judged: judging.Judgement | None) -> Incoming:
    act.require(PERMISSION, row.agency.path if row.agency else "/")
    found = Incoming.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if found.verdict != Incoming.Verdict.UNREADABLE or found.raw is None:
        raise DomainError(_("Gói tin này không phải đọc lại."), code="exchange.wrong_state")
    act.record(found, after={"read_again": True}, organization_id=found.agency_id)
    return receiving.take_in(_listed(found), bytes(found.raw), found, judged=judged) or found


@action("exchange.let_in")
def let_in(act: Act, *, row: Incoming, reason: str) -> Incoming:
    """Take in a package that is held because it was altered after it was signed; who let it in, and why, stays on it."""
    found, words = _held(act, row, reason)
    act.record(found, after={"let_in": True, "reason": words}, organization_id=found.agency_id)
    despite = f"Vẫn được nhận theo quyết định của {act.actor.label}: {words}"
    judged = judging.Judgement(found.seal, found.seal_said)
    return receiving.take_in(_listed(found), bytes(found.raw or b""), found, judged=judged, despite=despite) or found


@action("exchange.turn_away")
def turn_away(act: Act, *, row: Incoming, reason: str) -> Incoming:
    """Refuse a package that is held: its sender is told 02 with the reason."""
    found, words = _held(act, row, reason)
    act.record(found, after={"turned_away": True, "reason": words}, organization_id=found.agency_id)
    listed = _listed(found)
    came = taking.Came(listed.id, listed.sender, listed.receiver, found.sha256, found.seal, found.seal_said)
    about = edxml.Reference(found.sender_code, found.code, None, found.document_ref)
    why = f"{found.why} {words}"
    return taking.refuse_package(WHO, came=came, known=found, about=about, why=why, raw=bytes(found.raw or b""))


def _held(act: Act, row: Incoming, reason: str) -> tuple[Incoming, str]:
    act.require(PERMISSION, row.agency.path if row.agency else "/")
    if not (words := " ".join(reason.split())[:200]):
        raise InvalidInput(_("Nhập lý do."), field="reason")
    found = Incoming.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if found.verdict != Incoming.Verdict.HELD or found.raw is None:
        raise DomainError(_("Gói tin này không còn đang giữ lại."), code="exchange.wrong_state")
    return found, words


def _listed(row: Incoming) -> Listed:
    kind = "status" if row.what.isdigit() else "edoc"
    return Listed(row.axis_id, kind, row.sender_code, row.receiver_code)
