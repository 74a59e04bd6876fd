"""The verbs of representing an enterprise: recorded by law, appointed, accepted, withdrawn.

(Bộ luật Dân sự 91/2015/QH13, Điều 134–143: an appointment ends when its time is over, when it is withdrawn, or when
whoever was appointed gives it up.)
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.people.actions import name_represented
from hienluong.foundation.people.models import Party, Representation

from . import sources
from .models import Appointment

#: Most people an enterprise may have appointed at one time.
MOST = 50
PAGE = "/dai-dien"
_RUNNING = (Appointment.State.OFFERED, Appointment.State.ACCEPTED)


@action("mandates.record_legal")
def record_legal(
    act: Act,
    *,
    representative: Party,
    represented: Party,
    role: str,
    source: str,
    evidence: str = "",
    valid_to: date | None = None,
) -> Representation:
    """Write down a legal representative from today on. Called by what has proof: a counter, a register, a system."""
    if act.actor.kind != "system" and act.actor.official_id is None:
        raise NotAllowed(_("Chỉ cán bộ ghi nhận được người đại diện theo pháp luật."))
    return _recorded(act, representative, represented, role, source, evidence, valid_to)


@action("mandates.claim")
def claim(act: Act, *, tax_code: str) -> Representation:
    """Be written down as the legal representative of an enterprise whose register names one's own personal number."""
    mine = _own_party(act)
    found = next((each for each in sources.entries_of(mine) if each.tax_code == tax_code), None)
    if found is None:
        raise NotFound(_("Không cơ sở dữ liệu nào ghi bạn là người đại diện của doanh nghiệp này."))
    enterprise = sources.enterprise_of(found)
    return _recorded(act, mine, enterprise, found.role, found.source, "", None)


def _recorded(
    act: Act,
    representative: Party,
    represented: Party,
    role: str,
    source: str,
    evidence: str,
    valid_to: date | None,
) -> Representation:
    if representative.kind != Party.Kind.CITIZEN or represented.kind == Party.Kind.CITIZEN:
        raise InvalidInput(_("Người đại diện là một người, bên được đại diện là doanh nghiệp, tổ chức hoặc hộ."))
    today = timezone.localdate()
    if valid_to is not None and valid_to <= today:
        raise InvalidInput(_("Ngày kết thúc phải sau hôm nay."), code="mandates.bad_range", field="valid_to")
    Party.objects.select_for_update(no_key=True).get(pk=represented.pk)
    running = Representation.objects.filter(
        representative=representative, represented=represented, valid__overlap=DateRange(today, valid_to)
    )
    if running.filter(legal=True).exists():
        raise DomainError(_("Người này đã được ghi là người đại diện."), code="mandates.already")
    for each in running:  # what was appointed gives way to what the law gives
        _end(each, today)
        Appointment.objects.filter(representation=each).update(
            state=Appointment.State.WITHDRAWN, ended_at=timezone.now()
        )
    made = Representation.objects.create(
        representative=representative,
        represented=represented,
        role=_said(role, "role", 100, _("Ghi chức danh, ví dụ Giám đốc.")),
        valid=DateRange(today, valid_to),
        legal=True,
        source=source[:120],
    )
    act.record(made, after={"role": made.role, "source": source, "evidence": evidence})
    act.emit("representation.began", made, {"represented": represented.pk})
    title = _("Bạn được ghi là người đại diện của %(name)s") % {"name": represented.name}
    _tell(act, representative, f"legal:{made.pk}", title, made.role)
    return made


@action("mandates.appoint")
def appoint(
    act: Act,
    *,
    enterprise: Party,
    name: str,
    identifier: str,
    role: str,
    acts: Iterable[str],
    procedures: Iterable[str],
    most: int | None,
    valid_from: date,
    valid_to: date,
) -> Appointment:
    """Ask a citizen to act for one's enterprise within limits; it holds once accepted. `valid_to`: the first day without."""
    mine = _require_legal(act, enterprise)
    chosen, wanted = sorted(set(acts)), sorted({code.strip() for code in procedures if code.strip()})
    if not chosen or set(chosen) - set(Appointment.Act.values):
        raise InvalidInput(_("Chọn ít nhất một việc được làm."), code="mandates.no_acts", field="acts")
    if any(len(code) > 40 for code in wanted) or len(wanted) > 100:
        raise InvalidInput(_("Danh sách thủ tục không đúng."), code="mandates.bad_procedures", field="procedures")
    if strange := sorted(set(wanted) - set(sources.procedures(wanted))):
        raise InvalidInput(
            _("Không có thủ tục mang mã: %(codes)s.") % {"codes": ", ".join(strange)[:200]},
            code="mandates.bad_procedures",
            field="procedures",
        )
    if most is not None and most < 0:
        raise InvalidInput(_("Số tiền không đúng."), code="mandates.bad_amount", field="most")
    today = timezone.localdate()
    if valid_from < today:
        raise InvalidInput(_("Ngày bắt đầu từ hôm nay trở đi."), code="mandates.bad_range", field="valid_from")
    if valid_to <= valid_from:
        raise InvalidInput(_("Ngày kết thúc phải sau ngày bắt đầu."), code="mandates.bad_range", field="valid_to")
    role = _said(role, "role", 100, _("Ghi chức danh hoặc việc được giao."))
    Party.objects.select_for_update(no_key=True).get(pk=enterprise.pk)
    if Appointment.objects.filter(enterprise=enterprise, state__in=_RUNNING, valid__endswith__gt=today).count() >= MOST:
        raise DomainError(_("Đã cử đủ %(most)d người.") % {"most": MOST}, code="mandates.too_many")
    person = name_represented(act, name=name, identifier=identifier)
    if person.pk == mine.pk:
        raise InvalidInput(_("Bạn đã là người đại diện."), code="mandates.self", field="identifier")
    if Appointment.objects.filter(enterprise=enterprise, appointed=person, state=Appointment.State.OFFERED).exists():
        raise InvalidInput(_("Đã mời người này, đang chờ trả lời."), code="mandates.already", field="identifier")
    _require_free(person, enterprise, DateRange(valid_from, valid_to), field="identifier")
    made = Appointment.objects.create(
        enterprise=enterprise,
        appointed=person,
        by=mine,
        role=role,
        acts=chosen,
        procedures=wanted,
        most=most,
        valid=DateRange(valid_from, valid_to),
    )
    after = {"enterprise": enterprise.pk, "appointed": person.pk, "acts": chosen, "procedures": wanted, "most": most}
    act.record(made, after={**after, "from": valid_from.isoformat(), "until": valid_to.isoformat()})
    act.emit("appointment.offered", made)
    title = _("%(enterprise)s cử bạn làm đại diện") % {"enterprise": enterprise.name}
    _tell(act, person, f"offered:{made.pk}", title, _("Xem được làm những gì rồi đồng ý hoặc từ chối."))
    return made


@action("mandates.answer")
def answer(act: Act, *, appointment: Appointment, accept: bool) -> Appointment:
    """Accept or refuse; only who was asked."""
    held = _held(appointment)
    if act.actor.party_id is None or act.actor.party_id != held.appointed_id:
        raise NotFound(_("Không tìm thấy lời cử này."))
    if held.state != Appointment.State.OFFERED:
        raise DomainError(_("Lời cử này đã được trả lời hoặc đã rút."), code="mandates.answered")
    today = timezone.localdate()
    if held.valid.upper <= today:
        raise DomainError(_("Lời cử này đã quá ngày."), code="mandates.over")
    held.answered_at = timezone.now()
    held.state = Appointment.State.REFUSED
    if accept:
        days = DateRange(max(held.valid.lower, today), held.valid.upper)
        _require_free(held.appointed, held.enterprise, days)
        held.state = Appointment.State.ACCEPTED
        held.representation = Representation.objects.create(
            representative=held.appointed,
            represented=held.enterprise,
            role=held.role,
            valid=days,
            legal=False,
            acts=held.acts,
            procedures=held.procedures,
            most=held.most,
            source=f"appointment:{held.pk}",
        )
    held.save(update_fields=["answered_at", "state", "representation"])
    act.record(held, before={"state": Appointment.State.OFFERED}, after={"state": held.state})
    act.emit(f"appointment.{held.state}", held)
    words = _("%(name)s đã đồng ý đại diện") if accept else _("%(name)s từ chối đại diện")
    _tell(act, held.by, f"answered:{held.pk}", words % {"name": held.appointed.name}, held.enterprise.name)
    return held


@action("mandates.withdraw")
def withdraw(act: Act, *, appointment: Appointment) -> Appointment:
    """End an appointment at once: a legal representative of the enterprise, or who was appointed and gives it up."""
    held = _held(appointment)
    given_up = act.actor.party_id is not None and act.actor.party_id == held.appointed_id
    if not given_up and not is_legal(act.actor.party_id, held.enterprise_id):
        raise NotFound(_("Không tìm thấy lời cử này."))
    if held.state not in _RUNNING:
        raise DomainError(_("Lời cử này không còn hiệu lực."), code="mandates.over")
    before = held.state
    held.state, held.ended_at = Appointment.State.WITHDRAWN, timezone.now()
    held.save(update_fields=["state", "ended_at"])
    if held.representation is not None:
        _end(held.representation, timezone.localdate())
    act.record(held, before={"state": before}, after={"state": held.state, "given_up": given_up})
    act.emit("appointment.withdrawn", held)
    told = held.by if given_up else held.appointed
    title = _("Việc đại diện cho %(enterprise)s đã chấm dứt") % {"enterprise": held.enterprise.name}
    _tell(act, told, f"withdrawn:{held.pk}", title, held.appointed.name)
    return held


def is_legal(party_id: int | None, enterprise_id: int) -> bool:
    """Whether this citizen is a legal representative of this enterprise today."""
    if party_id is None:
        return False
    held = Representation.objects.filter(representative_id=party_id, represented_id=enterprise_id, legal=True)
    return held.filter(valid__contains=timezone.localdate()).exclude(represented__kind=Party.Kind.CITIZEN).exists()


def _require_legal(act: Act, enterprise: Party) -> Party:
    """The acting legal representative; somebody without that right does not learn of the enterprise."""
    mine = _own_party(act)
    if not is_legal(mine.pk, enterprise.pk):
        raise NotFound(_("Không tìm thấy doanh nghiệp này."))
    return mine


def _own_party(act: Act) -> Party:
    if act.actor.party_id is None:
        raise NotAllowed(_("Hãy đăng nhập bằng tài khoản công dân."))
    return Party.objects.get(pk=act.actor.party_id)


def _require_free(person: Party, enterprise: Party, days: DateRange, field: str | None = None) -> None:
    held = Representation.objects.filter(representative=person, represented=enterprise, valid__overlap=days)
    if held.exists():
        raise InvalidInput(
            _("Người này đã đại diện trong những ngày đó. Hãy rút lời cử cũ trước."),
            code="mandates.already",
            field=field,
        )


def _end(representation: Representation, today: date) -> None:
    """From this moment on: the range ends before today, or is empty when it has not begun before."""
    lower = representation.valid.lower or today
    representation.valid = DateRange(min(lower, today), today)
    representation.save(update_fields=["valid"])


def _held(appointment: Appointment) -> Appointment:
    return (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("enterprise", "appointed", "by", "representation")
        .get(pk=appointment.pk)
    )


def _said(text: str, field: str, most: int, missing: str) -> str:
    tidy = " ".join(text.split())
    if not tidy:
        raise InvalidInput(missing, code="mandates.missing", field=field)
    if len(tidy) > most:
        raise InvalidInput(_("Dài nhất %(count)d ký tự.") % {"count": most}, code="mandates.too_long", field=field)
    return tidy


def _tell(act: Act, party: Party, key: str, title: str, body: str) -> None:
    account = Account.objects.filter(party=party, is_active=True).first()
    if account is not None:
        notify(
            act,
            account=account,
            key=f"mandates:{key}",
            kind="mandates",
            title=title,
            body=body,
            href=PAGE,
            phone=party.phone,
        )
