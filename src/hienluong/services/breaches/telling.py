"""Telling the persons whose data the breach touched (Nghị định 356/2025/NĐ-CP, Điều 29): each once, by their account; who
has none is reached by a public notice.

Whatever the kind of data, persons may be told; for location and biometric data it must be within 72 hours.
"""

from __future__ import annotations

import re

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index

from . import actions, clock
from .kinds import BY_CODE
from .models import Breach, Concerned

#: Most persons named in one form; more come in several.
MOST = 5000
_NUMBER = re.compile(r"[0-9]{9,13}")


@action("breaches.name_concerned")
def name_concerned(act: Act, *, breach: Breach, numbers: str) -> tuple[int, int]:
    """Add persons by their personal numbers or tax codes, separated by anything. Returns how many were added and how many
    the house does not know (they are reached by a public notice only); a number twice counts once."""
    held = actions._confirmed(act, breach)
    told = set(_NUMBER.findall(numbers))
    if not told:
        raise InvalidInput(_("Hãy nhập số định danh, mỗi người một dòng."), field="numbers")
    if len(told) > MOST:
        raise InvalidInput(_("Mỗi lần nhiều nhất %(count)d người.") % {"count": MOST}, field="numbers")
    hashes = [blind_index(number) for number in told]
    parties = set(Party.objects.filter(identifier_hash__in=hashes).values_list("pk", flat=True))
    fresh = parties - set(held.concerned.values_list("party_id", flat=True))
    Concerned.objects.bulk_create([Concerned(breach=held, party_id=pk) for pk in sorted(fresh)], batch_size=500)
    act.record(
        held, after={"named": len(fresh), "unknown": len(told) - len(parties)}, organization_id=held.organization_id
    )
    return len(fresh), len(told) - len(parties)


@action("breaches.tell_persons")
def tell_persons(act: Act, *, breach: Breach, severity: str, advice: str, contact: str, late_reason: str = "") -> int:
    """Tell everybody named who was not told yet and has an account; returns how many.

    The message has what khoản 2 Điều 29 lists: when and how it was noticed, which data, how grave and which risks, the
    measures, what to do, whom to ask. Late (for data of which persons must be told) only with a reason.
    """
    held = actions._confirmed(act, breach)
    said = {
        "severity": _said(severity, "severity", _("Hãy ghi mức độ và rủi ro.")),
        "advice": _said(advice, "advice", _("Hãy ghi người dân nên làm gì.")),
        "contact": _said(contact, "contact", _("Hãy ghi nơi liên hệ.")),
    }
    now = timezone.now()
    _require_reason(held, late_reason)
    waiting = list(held.concerned.filter(told_at=None).select_for_update())
    accounts = {
        account.party_id: account
        for account in Account.objects.filter(party_id__in=[one.party_id for one in waiting], is_active=True)
    }
    reached = [one for one in waiting if one.party_id in accounts]
    if not reached:
        raise InvalidInput(_("Không còn ai có tài khoản mà chưa được báo."), code="breaches.nobody_to_tell")
    for one in reached:
        account = accounts[one.party_id]
        with translation.override(account.language):
            notify(
                act,
                account=account,
                key=f"breach:{held.pk}:person",
                kind="breaches.person",
                title=_("Dữ liệu cá nhân của bạn bị ảnh hưởng bởi một vi phạm"),
                body=words_for(held, **said),
            )
        one.told_at, one.how = now, "account"
    Concerned.objects.bulk_update(reached, ["told_at", "how"], batch_size=500)
    if held.persons_told_at is None:
        held.persons_told_at = now
        held.save(update_fields=["persons_told_at", "persons_late_reason"])
    actions.step(act, held, "persons", _("Đã báo cho %(count)d người.") % {"count": len(reached)})
    act.record(held, after={"told": len(reached)}, organization_id=held.organization_id)
    act.emit("breach.persons_told", held, {"count": len(reached)})
    return len(reached)


@action("breaches.tell_public")
def tell_public(act: Act, *, breach: Breach, address: str, late_reason: str = "") -> Breach:
    """Write down where everybody was told, when persons could not all be reached (khoản 3 Điều 29)."""
    held = actions._confirmed(act, breach)
    place = " ".join(address.split())
    if not re.fullmatch(r"https?://[^\s<>\"]{3,290}", place):
        raise InvalidInput(_("Nhập địa chỉ trang đã đăng thông báo, bắt đầu bằng https://."), field="address")
    _require_reason(held, late_reason)
    held.public_notice = place
    held.save(update_fields=["public_notice", "persons_late_reason"])
    actions.step(act, held, "public", place)
    act.record(held, after={"public_notice": place}, organization_id=held.organization_id)
    return held


def words_for(breach: Breach, *, severity: str, advice: str, contact: str) -> str:
    """The message to a person, in the language that is active."""
    noticed = f"{timezone.localtime(breach.detected_at):%H:%M %d/%m/%Y}"
    data = ", ".join(str(BY_CODE[code].label) for code in breach.kinds if code in BY_CODE)
    lines = [
        _("Phát hiện lúc %(when)s; sự việc: %(deed)s") % {"when": noticed, "deed": breach.deed},
        _("Dữ liệu bị ảnh hưởng: %(data)s") % {"data": data},
        _("Mức độ, rủi ro: %(text)s") % {"text": severity},
        _("Việc đã, đang và sẽ làm: %(text)s") % {"text": breach.measures},
        _("Bạn nên: %(text)s") % {"text": advice},
        _("Liên hệ: %(text)s") % {"text": contact},
        _("Mã vụ việc %(code)s, %(place)s. %(site)s")
        % {"code": breach.code, "place": breach.organization.name, "site": settings.BASE_URL},
    ]
    return "\n".join(lines)


def _require_reason(held: Breach, late_reason: str) -> None:
    """The first word to persons, when the law gives 72 hours for it and they are over, says why."""
    first = held.persons_told_at is None and not held.public_notice
    if not (first and actions.must_tell_persons(held) and clock.is_late(held.detected_at, timezone.now())):
        return
    held.persons_late_reason = late_reason.replace("\x00", "").strip()[:1000]
    if not held.persons_late_reason:
        raise InvalidInput(_("Đã quá 72 giờ. Phải ghi lý do chậm."), code="breaches.late", field="late_reason")


def _said(text: str, field: str, missing: str) -> str:
    words = text.replace("\x00", "").strip()
    if not words:
        raise InvalidInput(missing, field=field)
    return words[:2000]
