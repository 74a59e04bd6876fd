"""Reading under a sharing agreement: the one door for screens, forms, the API and exports.

What is shown, what is counted against the day's volume and what the person can see of it are one transaction: nothing
is shown that is not counted and logged (Law 91/2025/QH15).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, NotFound, action

from . import agreements, looks, queries
from .definition import RegisterSpec
from .models import Agreement, AgreementUse, Register
from .queries import Page, Row, Wish


class Closed(DomainError):
    """The agreement gives nothing today: asked for, refused, suspended, ended, not begun or expired."""

    code = "registers.agreement_not_in_force"
    status = 403


class Exhausted(DomainError):
    """As many records as the agreement gives a day have been shown today."""

    code = "registers.agreement_volume"
    status = 429


#: Records of an export that are counted and logged together.
_PART = 1_000


class Refused(Exception):
    """Refused under an agreement, and not written down yet: whoever reads in a transaction of their own does so around
    it (:func:`written_down`), for what is written inside goes with it."""

    def __init__(self, agreement: Agreement, error: DomainError) -> None:
        super().__init__(str(error))
        self.agreement, self.error = agreement, error


@contextmanager
def written_down(actor: Actor) -> Iterator[None]:
    """What is refused inside is written down once it is undone; the refusal itself goes on up."""
    try:
        yield
    except Refused as refused:
        error = refused.error
        turn_away(actor, agreement=refused.agreement, code=error.code, message=str(error.message))
        raise error from None


def read(
    actor: Actor, register: Register, spec: RegisterSpec, code: str, wish: Wish, fields: Collection[str] | None = None
) -> Page:
    """A page of what the agreement with this code gives, with `fields` of it only (None: all it gives).

    A page never has more records than are left of the day's volume. Raises NotFound for an agreement that is not the
    actor's, Closed and Exhausted (each of these is logged), InvalidInput for what cannot be asked.
    """
    with written_down(actor):
        agreement = require(actor, register, code)
        page = _read(actor, spec, agreement, wish, fields)
        if page is None:
            raise Refused(agreement, _exhausted(agreement))
    return page


def every(
    actor: Actor, register: Register, spec: RegisterSpec, code: str, wish: Wish, fields: Collection[str]
) -> Iterator[Row]:
    """All records that fit of what the agreement gives, with `fields` of it; for exports, within a transaction.

    All of them or none: raises Refused when they are more than are left of the day's volume, and for what
    :func:`require` refuses; what was counted and logged goes with the transaction. Others who read under the
    agreement wait until it ends. Raises InvalidInput for what cannot be asked.
    """
    agreement = require(actor, register, code)
    use = _use_of_today(agreement)
    scope = queries.scope_of(agreement, spec)
    shown = scope.fields & frozenset(fields)
    rows = queries.every(register, spec, scope, wish)
    while part := list(islice(rows, _PART)):
        use.records += len(part)
        if use.records > agreement.volume:
            raise Refused(agreement, _too_many(agreement))
        use.save(update_fields=("records",))
        _log(actor, spec, agreement, part, shown)
        yield from (_only(row, shown) for row in part)


def require_left(agreement: Agreement, count: int) -> None:
    """Raises Refused when so many records are more than are left of the day's volume."""
    if count > left_today(agreement):
        raise Refused(agreement, _too_many(agreement))


def _exhausted(agreement: Agreement) -> Exhausted:
    return Exhausted(
        _("Hôm nay đã xem đủ %(volume)d bản ghi theo thỏa thuận %(code)s. Hãy xem tiếp vào ngày mai.")
        % {"volume": agreement.volume, "code": agreement.code}
    )


def _too_many(agreement: Agreement) -> Exhausted:
    return Exhausted(
        _("Danh sách có nhiều bản ghi hơn số còn lại hôm nay theo thỏa thuận %(code)s. Hãy lọc hẹp hơn.")
        % {"code": agreement.code}
    )


def opened(actor: Actor, register: Register, code: str) -> Agreement:
    """The agreement with this code, in force today for this actor. Raises NotFound and Closed, and logs it."""
    with written_down(actor):
        return require(actor, register, code)


def require(actor: Actor, register: Register, code: str) -> Agreement:
    """As :func:`opened`, within :func:`written_down`. Raises Refused, and NotFound for one that there is not."""
    found = Agreement.objects.select_related("consumer", "register__owner")
    agreement = found.filter(register=register, code=code.replace("\x00", "")).first()
    missing = NotFound(_("Không có thỏa thuận chia sẻ này."))
    if agreement is None:
        raise missing
    if not queries.uses(actor, agreement.consumer.path):
        raise Refused(agreement, missing)
    words = {
        Agreement.State.REQUESTED: _("Thỏa thuận %(code)s chưa được duyệt."),
        Agreement.State.REFUSED: _("Thỏa thuận %(code)s đã bị từ chối."),
        Agreement.State.SUSPENDED: _("Thỏa thuận %(code)s đang tạm dừng."),
        Agreement.State.ENDED: _("Thỏa thuận %(code)s đã chấm dứt."),
        "early": _("Thỏa thuận %(code)s chưa đến ngày có hiệu lực."),
        "expired": _("Thỏa thuận %(code)s đã hết hạn."),
    }
    state = agreements.state_on(agreement, timezone.localdate())
    if state != Agreement.State.APPROVED:
        raise Refused(agreement, Closed(words[state] % {"code": agreement.code}))
    return agreement


def _read(
    actor: Actor, spec: RegisterSpec, agreement: Agreement, wish: Wish, fields: Collection[str] | None
) -> Page | None:
    """The page, counted and logged; None when nothing is left of today's volume.

    The row of the day is locked meanwhile, so readers of one agreement wait for each other and the count is exact.
    """
    with transaction.atomic():
        use = _use_of_today(agreement)
        left = agreement.volume - use.records
        if left <= 0:
            return None
        scope = queries.scope_of(agreement, spec)
        page = queries.find(agreement.register, spec, scope, replace(wish, size=min(wish.size, left)))
        use.records += len(page.rows)
        use.save(update_fields=("records",))
        shown = scope.fields if fields is None else scope.fields & frozenset(fields)
        _log(actor, spec, agreement, page.rows, shown)
    return Page([_only(row, shown) for row in page.rows], page.after)


def _use_of_today(agreement: Agreement) -> AgreementUse:
    """The count of today, locked."""
    day = timezone.localdate()
    AgreementUse.objects.bulk_create([AgreementUse(agreement=agreement, day=day)], ignore_conflicts=True)
    return AgreementUse.objects.select_for_update().get(agreement=agreement, day=day)


def _only(row: Row, fields: frozenset[str]) -> Row:
    return replace(row, data={name: value for name, value in row.data.items() if name in fields})


def left_today(agreement: Agreement) -> int:
    """How many records may still be shown under the agreement today."""
    used = AgreementUse.objects.filter(agreement=agreement, day=timezone.localdate()).values_list("records", flat=True)
    return max(0, agreement.volume - (used.first() or 0))


def _log(actor: Actor, spec: RegisterSpec, agreement: Agreement, rows: list[Row], fields: frozenset[str]) -> None:
    """Write down whose data was shown, also when the number that says whose it is was not itself shown."""
    place = actor.organization_id or agreement.consumer_id
    looks.write_down(
        actor, spec, looks.persons(rows), fields, agreement.purpose, agreement=agreement.code, organization=place
    )


@action("registers.agreement.turn_away")
def turn_away(act: Act, *, agreement: Agreement, code: str, message: str) -> None:
    """Write down that somebody was refused under an agreement, and why."""
    act.record(agreement, after={"code": code}, organization_id=agreement.register.owner_id, note=message)
