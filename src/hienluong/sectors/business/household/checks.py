"""The checks of the household business procedures: what the register says, held against the law.

Each takes a :class:`Matter` and says what it finds; :mod:`.names` and :mod:`.filings` hold the rules themselves.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.models import Register, Version
from hienluong.foundation.calendars.deadlines import working_days_between
from hienluong.services.procedures.sector_checks import Finding, Matter

from . import filings, names

REGISTER = "business.household"
#: Điều 102 khoản 1: no filing is granted in these states, except what closing down calls for (khoản 2).
REFUSED = frozenset(("revoked", "away", "dissolving"))


def founding(matter: Matter) -> Iterator[Finding]:
    """Đăng ký thành lập: the name (Điều 86), and one household business for one person in the whole country (Điều 83)."""
    name = str(matter.answers.get("business_name") or "")
    yield from _named("business_name", name, matter)
    said = _("Người này đã là chủ hộ kinh doanh mã số %(code)s; mỗi người chỉ đăng ký một hộ (khoản 1 Điều 83).")
    yield from _only_one("filer_pid", str(matter.answers.get("filer_pid") or ""), said, matter)


def changing(matter: Matter) -> Iterator[Finding]:
    """Đăng ký thay đổi (Điều 100): by its owner, within ten days, a name that is free, a new owner who has none yet."""
    data = yield from _of_the_owner(matter)
    if data is None:
        return
    answers = matter.answers
    if answers.get("change_name") and answers.get("new_name"):
        code = str(answers.get("household_code") or "")
        yield from _named("new_name", str(answers["new_name"]), matter, own_code=code)
    changed = _date(answers.get("changed_on"))
    if changed and (matter.filed_on - changed).days > filings.CHANGE_DAYS:
        yield Finding(
            _(
                "Nộp sau %(days)d ngày kể từ ngày thay đổi (khoản 1 Điều 100): xem xét xử lý vi phạm, vẫn giải quyết hồ sơ."
            )
            % {"days": filings.CHANGE_DAYS},
            refuses=False,
        )
    number = str(answers.get("new_owner_pid") or "") if answers.get("change_owner") else ""
    if number and number != data.get("owner_number"):
        said = _("Chủ hộ mới đã là chủ hộ kinh doanh mã số %(code)s (khoản 1 Điều 83).")
        yield from _only_one("new_owner_pid", number, said, matter)


def pausing(matter: Matter) -> Iterator[Finding]:
    """Tạm ngừng kinh doanh, tiếp tục kinh doanh trước thời hạn (Điều 103)."""
    data = yield from _of_the_owner(matter)
    if data is None:
        return
    pauses = _pauses(str(matter.answers.get("household_code")))
    if matter.answers.get("what") == "resume":
        since = _date(matter.answers.get("resume_on"))
        if since:
            yield from filings.resume_faults(since=since, notice=_notice(matter, since), pauses=pauses)
        return
    since, through = _date(matter.answers.get("suspend_from")), _date(matter.answers.get("suspend_to"))
    if since and through:
        status = str(data.get("status"))
        yield from filings.pause_faults(
            since=since, through=through, notice=_notice(matter, since), status=status, pauses=pauses
        )


def closing(matter: Matter) -> Iterator[Finding]:
    """Chấm dứt hoạt động (Điều 104): open to those whose certificate is revoked, too."""
    data = yield from _of_the_owner(matter, refused=frozenset())
    if data is None:
        return
    paid = _date(matter.answers.get("settled_on"))
    if paid and working_days_between(paid, matter.filed_on, matter.competent) > 5:
        yield Finding(
            _("Nộp sau 05 ngày làm việc kể từ ngày thanh toán hết nợ (điểm b khoản 1 Điều 104)."), refuses=False
        )
    yield Finding(
        _(
            "Gửi thông tin cho cơ quan thuế; chỉ chấm dứt khi thuế xác nhận hoặc không có ý kiến (điểm c khoản 1 Điều 104)."
        ),
        refuses=False,
    )


def reissuing(matter: Matter) -> Iterator[Finding]:
    """Cấp lại giấy chứng nhận (Điều 110): of a household business that is there, to its owner."""
    yield from _of_the_owner(matter)


def _of_the_owner(matter: Matter, refused: frozenset[str] = REFUSED) -> Generator[Finding, None, dict[str, Any] | None]:
    """The faults of a filing about a household business that is not there, not the filer's, or closed to filings;
    gives what the register says of it today."""
    code = str(matter.answers.get("household_code") or "")
    key, data = next(_standing(code=code), ("", {}))
    if not key:
        yield Finding(_("Không có hộ kinh doanh mang mã số này."), "household_code")
        return None
    # One message for what is not there and what is somebody else's would hide nothing: the register is public.
    if data.get("owner_number") != matter.subject_number:
        yield Finding(_("Hộ kinh doanh này không phải của chủ hồ sơ."), "household_code")
        return None
    if data.get("status") == "dissolved":
        yield Finding(_("Hộ kinh doanh đã chấm dứt hoạt động."), "household_code")
        return None
    if data.get("status") in refused:
        yield Finding(_("Hộ kinh doanh đang ở tình trạng không được đăng ký (Điều 102)."), "household_code")
        return None
    return data


def _only_one(field: str, number: str, said: str, matter: Matter) -> Iterator[Finding]:
    """What stands against this person becoming the owner of one more; two who sign for the same person wait for each other."""
    if matter.signing:
        _hold(f"{REGISTER} owner:{number}")
    for key, data in _standing(owner=number):
        if data.get("status") != "dissolved":
            yield Finding(said % {"code": key}, field)


def _named(field: str, name: str, matter: Matter, own_code: str = "") -> Iterator[Finding]:
    commune = matter.competent.path
    if matter.signing:
        _hold(f"{REGISTER}:{names.own_name(name).casefold()}")
    for finding in names.check(name, _taken(commune), own_code=own_code):
        yield Finding(finding.message, field, finding.refuses)


def _taken(commune: str) -> list[names.Registered]:
    """The names of the commune, those of dissolved ones left out; also under agencies that were merged into it."""
    found = _current().filter(organization__path__startswith=commune).exclude(data__status="dissolved")
    return [names.Registered(key, str(name)) for key, name in found.values_list("key", "data__name")]


def _standing(*, code: str = "", owner: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Household businesses by their code or the number of their owner: key and data of today."""
    if not code and not owner:
        return
    found = _current().filter(key=code) if code else _current().filter(data__owner_number=owner)
    yield from found.values_list("key", "data")[:20]


def _pauses(code: str) -> list[tuple[date, date]]:
    """The pauses from now on, as the history of the register has them: first and last day."""
    now = timezone.now()
    versions = Version.objects.filter(
        register_id=_register(), key=code, known__upper_inf=True, data__status="suspended"
    )
    found = []
    for valid in versions.values_list("valid", flat=True):
        last = timezone.localdate(valid.upper - datetime.resolution) if valid.upper else date.max
        if valid.upper is None or valid.upper > now:
            found.append((timezone.localdate(valid.lower), last))
    return sorted(found)


def _current() -> Any:
    return Version.objects.filter(register_id=_register(), known__upper_inf=True, valid__contains=timezone.now())


def _register() -> int:
    """The number of the register; 0 when the pack has none installed yet."""
    return Register.objects.filter(code=REGISTER).values_list("pk", flat=True).first() or 0


def _hold(what: str) -> None:
    """Let no other transaction do the same until this one is over: give a name, make somebody an owner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [what])


def _notice(matter: Matter, since: date) -> int:
    """Working days from the day of filing to `since`."""
    return working_days_between(matter.filed_on, since, matter.competent)


def _date(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
