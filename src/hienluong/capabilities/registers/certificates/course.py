"""The course of a certificate, as pure functions: how it stands on a day, what may follow what, and what it says then.

Days are whole: a certificate is good through its expiry day, and suspended from its first to its last day.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import InvalidInput

STANDINGS: Mapping[str, str | Promise] = {
    "none": gettext_lazy("Chưa cấp"),
    "valid": gettext_lazy("Còn hiệu lực"),
    "suspended": gettext_lazy("Đang bị đình chỉ, tạm ngừng"),
    "expired": gettext_lazy("Đã hết hạn"),
    "revoked": gettext_lazy("Đã bị thu hồi"),
    "ended": gettext_lazy("Đã chấm dứt"),
}

ACTS: Mapping[str, str | Promise] = {
    "issue": gettext_lazy("Cấp giấy"),
    "renew": gettext_lazy("Gia hạn"),
    "reissue": gettext_lazy("Cấp lại"),
    "suspend": gettext_lazy("Đình chỉ, tạm ngừng"),
    "resume": gettext_lazy("Cho hoạt động lại"),
    "revoke": gettext_lazy("Thu hồi"),
    "close": gettext_lazy("Chấm dứt"),
}

#: What may be done with a certificate that stands so.
FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "none": ("issue",),
    "valid": ("renew", "reissue", "suspend", "revoke", "close"),
    "suspended": ("suspend", "resume", "revoke", "close"),
    "expired": ("renew", "issue", "close"),
    "revoked": ("issue",),
    "ended": ("issue",),
}

#: The acts that make a paper.
WITH_PAPER = ("issue", "renew", "reissue")


class OutOfOrder(InvalidInput):
    """This act cannot follow what the certificate has become."""

    code = "registers.certificate_out_of_order"


@dataclass(frozen=True)
class Terms:
    """What is written of a certificate: its standing (empty: never issued), its days, and the days of a suspension."""

    standing: str = ""  # valid, suspended, revoked, ended
    issued: date | None = None
    expires: date | None = None  # the last day
    since: date | None = None
    until: date | None = None  # the last day of the suspension; None: until it is lifted


@dataclass(frozen=True)
class Step:
    """One act as it is asked for: what, decided on which day, and the days that it names."""

    kind: str
    on: date
    expires: date | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True)
class Validity:
    """How long a certificate is valid, in months."""

    months: int

    def last_day(self, issued: date) -> date:
        """The day of the same number that many months on, or the last day of a month that has none.

        The day of issue is not counted, and the last day counts in full (Bộ luật Dân sự 2015, Điều 147, 148).
        """
        year, month = divmod(issued.year * 12 + issued.month - 1 + self.months, 12)
        return date(year, month + 1, min(issued.day, calendar.monthrange(year, month + 1)[1]))


def standing_on(terms: Terms, day: date) -> str:
    """How a certificate with these terms stands on `day`: a key of :data:`STANDINGS`."""
    if not terms.standing:
        return "none"
    if terms.standing in ("revoked", "ended"):
        return terms.standing
    if terms.issued and day < terms.issued:
        return "none"
    if terms.expires and day > terms.expires:
        return "expired"
    return "suspended" if _is_suspended(terms, day) else "valid"


def _is_suspended(terms: Terms, day: date) -> bool:
    if terms.standing != "suspended":
        return False
    return (terms.since is None or terms.since <= day) and (terms.until is None or day <= terms.until)


def allowed(terms: Terms, day: date) -> tuple[str, ...]:
    """What may be done on `day`; a suspension that is only announced, or has run out, may be lifted, too."""
    standing = standing_on(terms, day)
    found = FOLLOWS[standing]
    return (*found, "resume") if standing == "valid" and terms.standing == "suspended" else found


def is_announced(terms: Terms, day: date) -> bool:
    """Whether a suspension is to begin after `day`."""
    return terms.standing == "suspended" and terms.since is not None and terms.since > day


def after(terms: Terms, step: Step) -> Terms:
    """What is written after an act. Raises :class:`OutOfOrder`, and InvalidInput for days that cannot be."""
    if step.kind not in allowed(terms, step.on):
        standing = STANDINGS[standing_on(terms, step.on)]
        raise OutOfOrder(
            _("Giấy đang ở tình trạng “%(standing)s” nên không làm được việc “%(act)s”.")
            % {"standing": standing, "act": ACTS[step.kind]},
            field="kind",
        )
    if step.kind == "issue":
        return Terms("valid", step.on, _last_day(step))
    if step.kind == "renew":
        ahead = terms if is_announced(terms, step.on) else Terms("valid")
        return replace(ahead, issued=step.on, expires=_last_day(step))
    if step.kind == "suspend":
        return _suspended(terms, step)
    if step.kind == "resume":
        return replace(terms, standing="valid", since=None, until=None)
    if step.kind == "revoke":
        return replace(terms, standing="revoked", since=None, until=None)
    if step.kind == "close":
        return replace(terms, standing="ended", since=None, until=None)
    return terms  # reissued: the same certificate on another paper


def _last_day(step: Step) -> date | None:
    if step.expires and step.expires < step.on:
        raise InvalidInput(_("Ngày hết hạn phải sau ngày cấp."), field="expires")
    return step.expires


def _suspended(terms: Terms, step: Step) -> Terms:
    """A suspension; one that goes on while another stands makes that one longer."""
    since, until = step.since or step.on, step.until
    if since < step.on:
        raise InvalidInput(_("Không đình chỉ, tạm ngừng lùi về trước ngày quyết định."), field="since")
    if until and until < since:
        raise InvalidInput(_("Ngày cuối phải sau ngày đầu."), field="until")
    if terms.expires and since > terms.expires:
        raise InvalidInput(_("Khi đó giấy đã hết hạn."), field="since")
    if terms.standing == "suspended" and (terms.until is None or terms.until >= step.on):
        begun = terms.since or step.on
        if terms.until is None:
            raise OutOfOrder(_("Giấy đã bị đình chỉ, tạm ngừng đến khi có quyết định khác."), field="kind")
        if since > terms.until + timedelta(days=1) or (until and until <= terms.until):
            raise InvalidInput(
                _("Lần trước kéo dài đến ngày %(day)s; lần này phải nối tiếp và dài hơn.")
                % {"day": f"{terms.until:%d/%m/%Y}"},
                field="until",
            )
        since = min(begun, since)
    return replace(terms, standing="suspended", since=since, until=until)
