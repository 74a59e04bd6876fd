"""Records by how their certificate stands on a day: :func:`.course.standing_on` as a condition of the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from django.db.models import Func, Q, TextField
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, IsNull, LessThan, LessThanOrEqual
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .section import Certificate

#: How many days before its last day a certificate is said to end soon.
SOON = 60

#: What a list may be asked for.
ASKED: Mapping[str, str | Promise] = {
    "valid": _("Còn hiệu lực"),
    "expiring": _("Hết hạn trong 60 ngày tới"),
    "suspended": _("Đang bị đình chỉ, tạm ngừng"),
    "expired": _("Đã hết hạn"),
    "revoked": _("Đã bị thu hồi"),
    "ended": _("Đã chấm dứt"),
    "none": _("Chưa cấp"),
}


def _text(*path: str) -> Func:
    """A value inside the data of a version; the names are those of a definition."""
    *above, last = path
    inner = "".join(f" -> '{name}'" for name in above)
    return Func(template=f"(registers_version.data{inner} ->> '{last}')", output_field=TextField())


def standing(section: Certificate, asked: str, day: date) -> Q:
    """The versions whose certificate stands so on `day`."""
    written, issued = _text(section.standing), _text(section.issued)
    on = day.isoformat()
    if asked == "revoked":
        return Q(Exact(written, section.word(asked)))
    if asked == "ended":  # and any other word of the register's own, as :meth:`Certificate.terms` reads it
        others = [section.word(word) for word in ("valid", "suspended", "revoked")]
        return Q(IsNull(written, False)) & ~Q(In(written, others))
    if asked == "none":
        ours = Q(Exact(written, section.word("valid"))) | Q(Exact(written, section.word("suspended")))
        return Q(IsNull(written, True)) | (ours & Q(GreaterThan(issued, on)))
    begun = Q(IsNull(issued, True)) | Q(LessThanOrEqual(issued, on))
    is_valid, is_suspended = (Q(Exact(written, section.word(word))) for word in ("valid", "suspended"))
    if not section.expires:
        ends, over, soon = Q(), Q(pk__in=[]), Q(pk__in=[])
    else:
        last = _text(section.expires)
        ends = Q(IsNull(last, True)) | Q(GreaterThanOrEqual(last, on))
        over = Q(LessThan(last, on))
        soon = Q(GreaterThanOrEqual(last, on)) & Q(LessThanOrEqual(last, (day + timedelta(days=SOON)).isoformat()))
    if asked == "expired":
        return (is_valid | is_suspended) & begun & over
    if asked == "expiring":
        return (is_valid | is_suspended) & begun & soon
    inside, outside = Q(), Q(pk__in=[])
    if section.suspended:
        since, until = _text(section.suspended, "from"), _text(section.suspended, "to")
        inside = (Q(IsNull(since, True)) | Q(LessThanOrEqual(since, on))) & (
            Q(IsNull(until, True)) | Q(GreaterThanOrEqual(until, on))
        )
        outside = Q(GreaterThan(since, on)) | Q(LessThan(until, on))
    if asked == "suspended":
        return is_suspended & inside & begun & ends
    return (is_valid | (is_suspended & outside)) & begun & ends


def numbered(section: Certificate, number: str) -> Q:
    """The versions whose certificate has this number."""
    return Q(Exact(_text(section.number), number))


def is_written(section: Certificate, standing: str) -> Q:
    """The versions in which this standing is written, whatever the day."""
    return Q(Exact(_text(section.standing), section.word(standing)))


def ran_out(section: Certificate, day: date) -> Q:
    """The versions whose suspension had its last day before `day`."""
    return Q(LessThan(_text(section.suspended, "to"), day.isoformat()))
