"""Asking that a record be corrected, and deciding on it.

Only the person whom the record is about, or who represents them, may ask; whoever may write the record decides. Who is
turned away is written down. Ground: Luật 91/2025/QH15, Điều 13; Nghị định 356/2025/NĐ-CP, khoản 3 Điều 5, which says how
long the agency has (``terms.py``).
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import attached, history
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Change, Record, Version
from hienluong.capabilities.registers.temporal import Provenance
from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.numbering import series
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party
from hienluong.foundation.schemas import checking
from hienluong.foundation.schemas.cleaning import coerce
from hienluong.foundation.schemas.properties import label_of

from . import evidence as papers
from . import following, terms
from .models import Correction

DECIDE = "registers.write"
#: Most requests of one person a day.
MOST_A_DAY = 10

State = Correction.State


class Repeated(DomainError):
    """This field is contested already, or the request is closed."""

    code = "corrections.again"


class TooMany(DomainError):
    """As many requests as one person may make a day."""

    code = "corrections.too_many"
    status = 429


@action("corrections.ask")
def ask(
    act: Act,
    *,
    record: Record,
    field: str,
    party: Party,
    wrong: str,
    right: Any,
    evidence: UUID | None = None,
    about: str = "",
) -> Correction:
    """Ask the organisation responsible for a record to correct one field of it: `wrong` in words, `right` the value.

    Raises NotAllowed for anybody but the person concerned, InvalidInput with the field at fault, Repeated, TooMany.
    """
    version, spec = require_concerned(act.actor, record, field, party)
    if field in spec.computed:
        raise InvalidInput(_("Mục này được tính từ các mục khác; hãy yêu cầu đính chính các mục đó."), field="right")
    if field in attached.fields_of(spec):
        raise InvalidInput(
            _(
                "Mục này là tệp, không ghi lại ở đây được. Hãy gửi tệp đúng cho cơ quan quản lý bản ghi để cơ quan thay."
            ),
            field="right",
        )
    if not (words := _words(wrong)):
        raise InvalidInput(_("Hãy ghi điều chưa đúng."), field="wrong")
    value = sound_value(spec, field, right)
    said = version.data.get(field)
    if value == said:
        raise InvalidInput(_("Giá trị này giống giá trị đang có."), field="right")
    if evidence is not None:
        own = StoredFile.objects.filter(pk=evidence, owner_id=act.actor.account_id, purpose=papers.PURPOSE)
        if not own.exists():
            raise InvalidInput(_("Tệp chứng minh không phải do bạn tải lên."), field="evidence")
    since = timezone.now() - timedelta(days=1)
    Party.objects.select_for_update(no_key=True).get(pk=party.pk)  # the count is exact when two come at once
    if Correction.objects.filter(party=party, asked_at__gte=since).count() >= MOST_A_DAY:
        raise TooMany(_("Bạn đã gửi quá nhiều yêu cầu trong một ngày. Xin thử lại vào ngày mai."))
    year = timezone.localdate().year
    now, place = timezone.now(), version.organization
    rule = terms.of(now)
    try:
        with transaction.atomic():
            made = Correction.objects.create(
                code=f"YCDC-{year}-{series.next_number(f'correction:{year}'):04}",
                register=record.register,
                record=record,
                field=field,
                change=version.opened_by_id,
                said=said,
                right=value,
                wrong=words[:1000],
                evidence_id=evidence,
                party=party,
                asked_by_id=act.actor.account_id,
                organization=place,
                about=about[:300],
                reply_due_at=rule.reply_due(now, place),
                due_at=rule.decide_due(now, place),
            )
    except IntegrityError:
        raise Repeated(_("Bạn đã yêu cầu đính chính mục này. Hãy chờ cơ quan trả lời.")) from None
    act.record(made, after={"register": made.register.code, "field": field}, organization_id=place.pk)
    act.emit("correction.asked", made, {"code": made.code, "register": made.register.code})
    title, href = gettext_noop("Yêu cầu đính chính dữ liệu mới: %(code)s"), reverse("corrections:show", args=[made.pk])
    for account in holders(DECIDE, place):
        tell(act, made, account, "asked", title, label_of(field, spec.fields[field]), href)
    return made


def require_concerned(actor: Actor, record: Record, field: str, party: Party) -> tuple[Version, RegisterSpec]:
    """What a record says now, for the person it is about; NotAllowed for anybody else, and for what they may not read."""
    spec = registers.spec_of(registers.definition_on(record.register, timezone.localdate()))
    version = history.at(record, timezone.now())
    concerned = (
        actor.acts_for(party.pk)
        and version is not None
        and bool(spec.subject)
        and str(version.data.get(spec.subject) or "") == party.identifier
    )
    readable = spec.readable(spec.access.subject) | spec.readable(spec.access.public)
    if not concerned or version is None or field not in readable:
        raise NotAllowed(_("Chỉ người được nói đến trong bản ghi mới yêu cầu đính chính được."))
    return version, spec


@action("corrections.turn_away")
def turn_away(act: Act, *, record: Record, field: str, message: str) -> None:
    """Write down that somebody was refused to contest a record that is not about them."""
    act.record(record, after={"field": field[:40]}, note=message[:500])


def follow(act: Act, record: Record, change: int) -> None:
    """After a record went elsewhere by this change: send its open requests along (:func:`move`)."""
    waiting = Correction.objects.select_for_update(of=("self",)).filter(record=record, closed_at=None).order_by("pk")
    found = list(waiting.select_related("organization", "register"))
    places = following.places_of(found) if found else {}
    for one in found:
        if (place := places[one.pk]).pk != one.organization_id:
            move(act, correction=one, place=place, change=change)


@action("corrections.move")
def move(act: Act, *, correction: Correction, place: Organization, change: int) -> Correction:
    """Send a (locked) request to the organisation where its record stands by this change, and tell that it comes.

    The term stays as it was: the person waits no longer because agencies divide their work anew.
    """
    before, correction.organization = correction.organization, place
    correction.save(update_fields=("organization",))
    said = {"organization": place.code, "change": change}
    act.record(correction, before={"organization": before.code}, after=said, organization_id=place.pk)
    title = gettext_noop("Yêu cầu đính chính %(code)s chuyển đến cơ quan bạn giải quyết")
    href = reverse("corrections:show", args=[correction.pk])
    for account in holders(DECIDE, place):
        with translation.override(account.language):
            body = _("Trước đây do %(name)s giải quyết.") % {"name": before.name}
        tell(act, correction, account, "moved", title, body, href, once=f"moved:{change}")
    return correction


@action("corrections.take_up")
def take_up(act: Act, *, correction: Correction, through_others: bool = False) -> Correction:
    """Begin to work on a request, so that colleagues see it; the person gets the reply that the decree asks for: who
    works on it, what follows, until when. With `through_others` others must correct the data too, which takes longer.
    """
    locked = _locked(act, correction, State.OPEN)
    locked.state, locked.handled_by, locked.replied_at = State.TAKEN, act.actor.label[:200], timezone.now()
    if through_others:
        locked.through_others = True
        due = terms.of(locked.asked_at).decide_due(locked.asked_at, locked.organization, through_others=True)
        locked.due_at = max(locked.due_at, due)
    locked.save(
        update_fields=("state", "handled_by", "replied_at", "through_others", "due_at", "organization"),
    )
    after = {"state": locked.state, "due_at": locked.due_at.isoformat()}
    act.record(locked, after=after, organization_id=locked.organization_id)
    act.emit("correction.taken", locked, {"code": locked.code})
    body = gettext_lazy(
        "%(place)s đối chiếu với giấy tờ gốc và trả lời trước %(due)s: đính chính, hoặc không và nêu lý do. Nếu cần thêm "
        "thời gian, cơ quan báo bạn lý do, một lần, không quá %(days)s ngày. Bạn rút yêu cầu được đến khi có trả lời."
    )
    _tell_person(act, locked, gettext_noop("Cơ quan đang xem yêu cầu đính chính %(code)s"), body)
    return locked


@action("corrections.extend")
def extend(act: Act, *, correction: Correction, days: int, reason: str) -> Correction:
    """Take longer, once, by some days of the calendar, before the time is over; the person is told why.

    The agency answers for it that this is needed (Nghị định 356/2025/NĐ-CP, khoản 3 Điều 5).
    """
    locked = _locked(act, correction, State.OPEN, State.TAKEN)
    most = terms.of(locked.asked_at).extension_days
    if locked.extended_at is not None:
        raise InvalidInput(_("Đã gia hạn một lần, không gia hạn nữa được."), field="verb")
    if locked.due_at < timezone.now():
        raise InvalidInput(_("Đã quá hạn, không gia hạn được nữa."), field="verb")
    if not 1 <= days <= most:
        raise InvalidInput(_("Gia hạn từ 1 đến %(most)s ngày.") % {"most": most}, field="days")
    if not (words := _words(reason)):
        raise InvalidInput(_("Hãy ghi lý do gia hạn."), field="reason")
    before = locked.due_at
    locked.due_at = deadlines.compute(before, days, "calendar_day", locked.organization).due
    locked.extended_at, locked.extended_why = timezone.now(), words[:500]
    locked.replied_at = locked.replied_at or timezone.now()
    locked.save(update_fields=("due_at", "extended_at", "extended_why", "replied_at", "organization"))
    act.record(
        locked,
        before={"due_at": before.isoformat()},
        after={"due_at": locked.due_at.isoformat()},
        organization_id=locked.organization_id,
        note=locked.extended_why,
    )
    act.emit("correction.extended", locked, {"code": locked.code})
    title = gettext_noop("Yêu cầu đính chính %(code)s được trả lời chậm hơn: trước %(due)s")
    _tell_person(act, locked, title, locked.extended_why, what="extended")
    return locked


@action("corrections.accept")
def accept(act: Act, *, correction: Correction, note: str = "") -> Correction:
    """Correct the record as the person says; the change names the request. The writer needs the right to that field."""
    locked = _locked(act, correction, State.OPEN, State.TAKEN)
    record = Record.objects.select_related("register__owner").get(pk=locked.record_id)
    version = history.at(record, timezone.now())
    if version is None:
        raise InvalidInput(_("Bản ghi không còn hiệu lực, không đính chính được nữa."))
    if version.data.get(locked.field) not in (locked.said, locked.right):
        raise Repeated(
            _("Mục này đã được ghi lại từ khi người dân yêu cầu. Hãy xem bản ghi; nếu không đính chính, hãy ghi lý do.")
        )
    reason = f"{locked.code}: {locked.wrong}"[:500]
    written = registers.change(
        act,
        record=record,
        data={locked.field: locked.right},
        since=version.valid.lower,
        until=version.valid.upper,
        correction=True,
        provenance=Provenance(source=Change.Source.REQUEST, ref=locked.code, reason=reason),
    )
    locked.made = written.change
    return _close(act, locked, State.ACCEPTED, note, gettext_noop("Đã đính chính theo yêu cầu %(code)s"))


@action("corrections.refuse")
def refuse(act: Act, *, correction: Correction, reason: str) -> Correction:
    """Leave the record as it is; the person is told why."""
    locked = _locked(act, correction, State.OPEN, State.TAKEN)
    if not _words(reason):
        raise InvalidInput(_("Hãy ghi lý do không đính chính."), field="reason")
    return _close(act, locked, State.REFUSED, reason, gettext_noop("Không đính chính theo yêu cầu %(code)s"))


@action("corrections.withdraw")
def withdraw(act: Act, *, correction: Correction) -> Correction:
    """The person no longer asks for it."""
    locked = Correction.objects.select_for_update(of=("self",)).select_related("organization").get(pk=correction.pk)
    locked.organization = following.place_of(locked)
    if not act.actor.acts_for(locked.party_id):
        raise NotAllowed(_("Đây là yêu cầu của người khác."))
    _require_state(locked, State.OPEN, State.TAKEN)
    locked.state, locked.closed_at = State.WITHDRAWN, timezone.now()
    locked.save(update_fields=("state", "closed_at", "organization"))
    act.record(locked, after={"state": locked.state}, organization_id=locked.organization_id)
    title, href = (
        gettext_noop("Người dân rút yêu cầu đính chính %(code)s"),
        reverse("corrections:show", args=[locked.pk]),
    )
    for account in holders(DECIDE, locked.organization):
        tell(act, locked, account, "withdrawn", title, "", href)
    return locked


def sound_value(spec: RegisterSpec, field: str, typed: Any) -> Any:
    """What was typed as data of a field; raises InvalidInput at ``right`` for what the register would not take."""
    prop = spec.fields[field]
    value = coerce(typed, prop)
    faults: list[str] = []
    if value in (None, "", []):
        raise InvalidInput(_("Hãy ghi giá trị đúng."), field="right")
    checking.report(spec.schema_, {field: value}, (), lambda name, message: faults.append(message))
    if faults:
        raise InvalidInput(faults[0], field="right")
    return value


def _locked(act: Act, correction: Correction, *states: str) -> Correction:
    """The request, locked, for whoever may write the record where it stands now; only from one of `states` it can be decided.

    With the request its organisation is kept: that which answers it.
    """
    found = Correction.objects.select_for_update(of=("self",)).select_related("organization", "register")
    locked = found.get(pk=correction.pk)
    locked.organization = following.place_of(locked)
    act.require(DECIDE, locked.organization.path)
    if act.actor.acts_for(locked.party_id):
        raise NotAllowed(_("Không tự giải quyết yêu cầu của chính mình."))
    _require_state(locked, *states)
    return locked


def _require_state(correction: Correction, *states: str) -> None:
    if correction.state not in states:
        raise Repeated(_("Yêu cầu này đã ở trạng thái “%(state)s”.") % {"state": correction.get_state_display()})


def _close(act: Act, correction: Correction, state: str, reason: str, title: str) -> Correction:
    correction.state, correction.closed_at = state, timezone.now()
    correction.reason, correction.handled_by = _words(reason)[:1000], act.actor.label[:200]
    correction.replied_at = correction.replied_at or correction.closed_at
    correction.save(update_fields=("state", "closed_at", "reason", "handled_by", "replied_at", "made", "organization"))
    act.record(correction, after={"state": state}, organization_id=correction.organization_id, note=correction.reason)
    act.emit(f"correction.{state}", correction, {"code": correction.code})
    _tell_person(act, correction, title, correction.reason)
    return correction


def _tell_person(act: Act, correction: Correction, title: str, body: str | Promise, what: str = "") -> None:
    concerned = Q(party_id=correction.party_id) | Q(pk=correction.asked_by_id)
    for account in Account.objects.filter(concerned, is_active=True):
        tell(act, correction, account, what or correction.state, title, body, reverse("corrections:mine"))


def tell(
    act: Act,
    correction: Correction,
    account: Account,
    what: str,
    title: str,
    body: str | Promise,
    href: str,
    once: str = "",
) -> None:
    """Tell somebody once: `once` tells apart what may happen to a request again.

    Our own words, `title` and a lazy `body`, may name the ``code``, the ``place``, ``due`` and ``days``; a `body` that
    somebody wrote stays as it is.
    """
    with translation.override(account.language):
        said = {
            "code": correction.code,
            "place": correction.organization.name,
            "due": f"{timezone.localtime(correction.due_at):%H:%M %d/%m/%Y}",
            "days": terms.of(correction.asked_at).extension_days,
        }
        notify(
            act,
            account=account,
            key=f"correction:{correction.pk}:{once or what}",
            kind=f"corrections.{what}",
            title=_(title) % said,
            body=str(body) % said if isinstance(body, Promise) else body,
            href=href,
        )


def _words(text: str) -> str:
    return text.replace("\x00", "").strip()
