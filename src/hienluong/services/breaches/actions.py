"""The verbs of the register of breaches: report, assess, act, tell the authority, tell the persons, close.

The time of detection is written down with the report and may only be put earlier: an assessment never buys time. Who is
told late says why, and the register shows it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotFound, action
from hienluong.foundation.numbering import series
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization

from . import clock, reminding
from .kinds import BY_CODE
from .models import Breach, Step
from .permission import HANDLE

State = Breach.State
#: Whoever reports may have noticed it this long ago at most; older is put into the words.
OLDEST = timedelta(days=3650)
LONG = 10_000


class WrongStep(DomainError):
    """This was done, or cannot be done yet."""

    code = "breaches.wrong_step"


@action("breaches.report")
def report(
    act: Act,
    *,
    text: str,
    contact: str = "",
    organization: Organization | None = None,
    detected_at: datetime | None = None,
) -> Breach:
    """Report a breach: anybody may, also without an account. The 72 hours run from `detected_at`, else from now.

    Only an official says when it was detected: for everybody else the province learns of it by the report.
    """
    now = timezone.now()
    said = _words(text, "text", _("Hãy kể điều đã xảy ra."))
    official = act.actor.official_id is not None
    noticed = detected_at if official and detected_at else now
    _sound_time(noticed, now, "detected_at")
    place = organization or organisations.province()
    year = timezone.localdate().year
    made = Breach.objects.create(
        code=f"VPDL-{year}-{series.next_number(f'breach:{year}'):04}",
        organization=place,
        text=said,
        reporter_id=act.actor.account_id,
        reporter_label=act.actor.label[:200] if act.actor.account_id else "",
        reporter_contact=" ".join(contact.split())[:200],
        by_official=official,
        reported_at=now,
        detected_at=noticed,
    )
    _step(act, made, "report", said)
    act.record(made, after={"detected_at": noticed.isoformat(), "by_official": official}, organization_id=place.pk)
    act.emit("breach.reported", made, {"organization": place.pk})
    reminding.tell_handlers(
        act,
        made,
        key="reported",
        title=_("Có báo vi phạm dữ liệu cá nhân"),
        body=_("%(code)s. Thông báo cho cơ quan chuyên trách trước %(when)s nếu là vi phạm phải báo."),
    )
    return made


@action("breaches.assess")
def assess(
    act: Act,
    *,
    breach: Breach,
    is_breach: bool,
    may_harm: bool,
    assessment: str,
    kinds: Collection[str] = (),
    persons: int | None = None,
    records: int | None = None,
    detected_at: datetime | None = None,
    happened: str = "",
    place: str = "",
    deed: str = "",
    involved: str = "",
    kinds_note: str = "",
    consequences: str = "",
    measures: str = "",
) -> Breach:
    """Say whether it is a breach and what the law wants to know of it; may be done again while it is open.

    `may_harm`: it may harm defence, security, order, or life, health, honour, dignity, property of persons, so the
    authority must be told within 72 hours (khoản 1 Điều 23). Raises InvalidInput with the field that is missing.
    """
    held = _open(act, breach)
    why = _words(assessment, "assessment", _("Hãy ghi căn cứ đánh giá."))
    before = {"state": held.state, "may_harm": held.may_harm, "detected_at": held.detected_at.isoformat()}
    if held.authority_told_at and not (is_breach and may_harm):
        raise WrongStep(_("Đã thông báo cho cơ quan chuyên trách, không bỏ được."), field="is_breach")
    _put_earlier(held, detected_at)
    unknown = set(kinds) - set(BY_CODE)
    if unknown or (is_breach and not kinds):
        raise InvalidInput(_("Hãy chọn loại dữ liệu liên quan."), field="kinds")
    needed = {
        "happened": happened,
        "place": place,
        "deed": deed,
        "involved": involved,
        "consequences": consequences,
        "measures": measures,
    }
    for name, text in needed.items():
        if is_breach and not _tidy(text):
            raise InvalidInput(_("Mẫu thông báo cần mục này."), field=name)
    held.happened, held.place, held.kinds_note = _tidy(happened)[:300], _tidy(place)[:300], _tidy(kinds_note)[:500]
    held.deed, held.involved = _tidy(deed), _tidy(involved)
    held.consequences, held.measures = _tidy(consequences), _tidy(measures)
    held.kinds, held.persons, held.records = sorted(set(kinds)), _count(persons, "persons"), _count(records, "records")
    held.state = State.CONFIRMED if is_breach else State.DISMISSED
    held.may_harm, held.assessment = bool(is_breach and may_harm), why
    held.assessed_at, held.assessed_by = timezone.now(), act.actor.label[:200]
    if not is_breach:
        held.closed_at, held.conclusion = held.assessed_at, why
    held.save()
    _step(act, held, "assess", why)
    after = {"state": held.state, "may_harm": held.may_harm, "detected_at": held.detected_at.isoformat()}
    act.record(held, before=before, after=after, organization_id=held.organization_id)
    act.emit("breach.assessed", held, {"state": held.state, "may_harm": held.may_harm})
    return held


@action("breaches.note_measure")
def note_measure(act: Act, *, breach: Breach, text: str) -> Step:
    """Write down one thing that was done against the breach or its harm."""
    held = _open(act, breach)
    made = _step(act, held, "measure", _words(text, "text", _("Hãy ghi việc đã làm.")))
    act.record(held, after={"measure": made.pk}, organization_id=held.organization_id)
    return made


@action("breaches.tell_authority")
def tell_authority(act: Act, *, breach: Breach, how: str, at: datetime | None = None, late_reason: str = "") -> Breach:
    """Write down that the authority was told (form 08): over which channel, under which number, at which moment.

    After the 72 hours only with the reason why it is late (``late_reason``), which the register shows from then on.
    """
    held = _confirmed(act, breach)
    if held.authority_told_at:
        raise WrongStep(_("Đã ghi việc thông báo cho cơ quan chuyên trách."))
    now = timezone.now()
    told = at or now
    if told > now or told < held.detected_at:
        raise InvalidInput(_("Thời điểm phải sau khi phát hiện và không ở tương lai."), field="at")
    reason = _tidy(late_reason)
    late = clock.is_late(held.detected_at, told)
    if late and not reason:
        raise InvalidInput(_("Đã quá 72 giờ. Phải ghi lý do chậm."), code="breaches.late", field="late_reason")
    held.authority_how = _words(how, "how", _("Hãy ghi gửi qua đâu, số văn bản nào."))[:300]
    held.authority_told_at, held.late_reason = told, reason[:1000] if late else ""
    held.save(update_fields=["authority_how", "authority_told_at", "late_reason"])
    _step(act, held, "authority", held.authority_how + (f" ({reason})" if late else ""), at=told)
    act.record(held, after={"told_at": told.isoformat(), "late": late}, organization_id=held.organization_id)
    act.emit("breach.authority_told", held, {"late": late})
    return held


@action("breaches.close")
def close(act: Act, *, breach: Breach, conclusion: str) -> Breach:
    """End the matter; not before those who must know were told (Điều 23, khoản 1; Điều 29, khoản 1)."""
    held = _confirmed(act, breach)
    if held.may_harm and held.authority_told_at is None:
        raise WrongStep(_("Chưa thông báo cho cơ quan chuyên trách."))
    if must_tell_persons(held) and held.persons_told_at is None and not held.public_notice:
        raise WrongStep(_("Chưa báo cho người có dữ liệu bị ảnh hưởng."))
    held.conclusion = _words(conclusion, "conclusion", _("Hãy ghi kết luận, việc đã khắc phục."))
    held.state, held.closed_at = State.CLOSED, timezone.now()
    held.save(update_fields=["conclusion", "state", "closed_at"])
    _step(act, held, "close", held.conclusion)
    act.record(held, after={"state": held.state}, organization_id=held.organization_id)
    act.emit("breach.closed", held)
    return held


def must_tell_persons(breach: Breach) -> bool:
    """Whether the persons must be told within 72 hours: location or biometric data (Nghị định 356/2025/NĐ-CP, Điều 29)."""
    return any(BY_CODE[code].tell_persons for code in breach.kinds if code in BY_CODE)


def found_for(actor: Actor, code: str) -> Breach:
    """The breach with this code, for whoever handles breaches of its organisation; NotFound for everybody else."""
    found = Breach.objects.select_related("organization").filter(code=code.replace("\0", "")).first()
    if found is None or not actor.can(HANDLE, found.organization.path):
        raise NotFound(_("Không có vụ việc này."))
    return found


def waiting(request: HttpRequest) -> int | None:
    """How many breaches within one's reach wait for an assessment, or for a notice that is owed to the authority."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    owed = Q(state=State.REPORTED) | Q(state=State.CONFIRMED, may_harm=True)
    found = Breach.objects.filter(owed, within(actor), authority_told_at=None)
    return found[:100].count() or None


def within(actor: Actor) -> Q:
    """Breaches of the organisations for which the actor handles them."""
    return reach.below(actor.paths_with(HANDLE), "organization__path")


def _open(act: Act, breach: Breach) -> Breach:
    held = _locked(act, breach)
    if held.state not in (State.REPORTED, State.CONFIRMED):
        raise WrongStep(_("Vụ việc này đã kết thúc."))
    return held


def _confirmed(act: Act, breach: Breach) -> Breach:
    held = _open(act, breach)
    if held.state != State.CONFIRMED:
        raise WrongStep(_("Hãy đánh giá vụ việc trước."))
    return held


def _locked(act: Act, breach: Breach) -> Breach:
    held = Breach.objects.select_for_update(of=("self",)).select_related("organization").get(pk=breach.pk)
    act.require(HANDLE, held.organization.path)
    return held


def _put_earlier(held: Breach, detected_at: datetime | None) -> None:
    """Detection may turn out to have been earlier than was reported; later it cannot be put."""
    if detected_at is None or detected_at == held.detected_at:
        return
    if detected_at > held.detected_at:
        raise InvalidInput(
            _("Thời điểm phát hiện chỉ đưa về sớm hơn được: đồng hồ 72 giờ không lùi lại."), field="detected_at"
        )
    _sound_time(detected_at, held.reported_at, "detected_at")
    held.detected_at = detected_at


def _sound_time(moment: datetime, latest: datetime, field: str) -> None:
    if moment > latest:
        raise InvalidInput(_("Thời điểm này chưa đến."), field=field)
    if moment < latest - OLDEST:
        raise InvalidInput(_("Thời điểm này quá xa. Hãy ghi trong lời kể."), field=field)


def _count(number: int | None, field: str) -> int | None:
    if number is not None and not 0 <= number <= 2_000_000_000:
        raise InvalidInput(_("Số này không dùng được."), field=field)
    return number


def step(act: Act, breach: Breach, kind: str, text: str) -> Step:
    """Put one line into the log of a breach, inside another action."""
    return _step(act, breach, kind, text)


def _step(act: Act, breach: Breach, kind: str, text: str, at: datetime | None = None) -> Step:
    by = act.actor.label[:200]
    return Step.objects.create(breach=breach, kind=kind, text=text, at=at or timezone.now(), by=by)


def _tidy(text: Any) -> str:
    return str(text or "").replace("\x00", "").strip()[:LONG]


def _words(text: str, field: str, missing: str) -> str:
    said = _tidy(text)
    if not said:
        raise InvalidInput(missing, field=field)
    return said
