"""Ending organisations and handing over to their successors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, InvalidInput, action

from .. import queries
from ..models import Organization, OrganizationVersion, Position, Succession
from . import effect, given
from .units import MANAGE


@action("organisations.succeed")
def succeed(
    act: Act,
    *,
    kind: str,
    predecessors: Sequence[Organization],
    successors: Sequence[Organization],
    on: date,
    legal_basis: str,
) -> list[Succession]:
    """End `predecessors` on a day and hand over to `successors`; the first successor takes the work in hand.

    A predecessor that is also a successor goes on (a merge into one of the merging). What is below an ended
    predecessor ends with it unless it was moved by that day. On the day itself ``organization.succeeded`` is
    emitted for each hand-over, on which services move open work: now, or by :func:`effect.take_effect`.
    """
    legal_basis = given.founded(legal_basis)
    if kind not in Succession.Kind.values:
        raise InvalidInput(_("Không có hình thức này."), code="organisations.no_such_kind", field="kind")
    given.day(on)
    if not predecessors or not successors:
        raise InvalidInput(_("Phải có bên giao và bên nhận."), code="organisations.no_party", field="successors")
    for org in (*predecessors, *successors):
        act.require(MANAGE, org.path)
    _refuse_circles(predecessors, successors)
    _check_in_force(predecessors, successors, on)
    effect.lock_moves()
    made: list[Succession] = []
    continuing = {org.pk for org in successors}
    for old in predecessors:
        if old.pk in continuing:
            continue
        for place, new in enumerate(successors):
            made.append(_hand_over(act, Succession.Kind(kind), old, new, on, legal_basis, is_primary=place == 0))
        _end(act, old, on, legal_basis)
    if on <= timezone.localdate():
        for step in made:
            effect.hand_over_work(act, step)
    if not made:
        raise InvalidInput(
            _("Không có cơ quan nào được giao lại cho cơ quan khác."), code="organisations.nothing_to_hand_over"
        )
    return made


def _refuse_circles(predecessors: Sequence[Organization], successors: Sequence[Organization]) -> None:
    for old, new in ((old, new) for old in predecessors if old not in successors for new in successors):
        if queries.would_close_a_cycle(old.pk, new.pk):
            raise InvalidInput(
                _("%(new)s đã giao lại cho %(old)s: chuỗi kế thừa sẽ khép thành vòng.") % {"new": new, "old": old},
                code="organisations.succession_cycle",
                field="successors",
            )


def _check_in_force(predecessors: Sequence[Organization], successors: Sequence[Organization], on: date) -> None:
    for org in predecessors:
        if org.valid.upper and org.valid.upper < on:
            raise InvalidInput(
                _("%(org)s đã kết thúc trước ngày này.") % {"org": org},
                code="organisations.already_ended",
                field="predecessors",
            )
    for org in successors:
        if on not in org.valid:
            raise InvalidInput(
                _("%(org)s không tồn tại vào ngày này.") % {"org": org},
                code="organisations.successor_not_in_force",
                field="successors",
            )


def _hand_over(
    act: Act, kind: str, old: Organization, new: Organization, on: date, legal_basis: str, *, is_primary: bool
) -> Succession:
    if Succession.objects.filter(predecessor=old, successor=new, effective_on=on).exists():
        raise InvalidInput(
            _("Việc giao lại của %(old)s vào ngày này đã được ghi.") % {"old": old},
            code="organisations.succession_known",
            field="predecessors",
        )
    step = Succession.objects.create(
        kind=kind, predecessor=old, successor=new, effective_on=on, legal_basis=legal_basis, is_primary=is_primary
    )
    act.record(
        step,
        after={"predecessor": old.code, "successor": new.code, "on": on.isoformat(), "kind": kind},
        note=legal_basis,
    )
    return step


def _end(act: Act, org: Organization, on: date, legal_basis: str) -> None:
    """Close `org` and what is below it on a day; posts held there end too."""
    if org.valid.lower and on <= org.valid.lower:
        raise InvalidInput(
            _("%(org)s chưa được thành lập trước ngày này.") % {"org": org},
            code="organisations.ends_before_start",
            field="on",
        )
    ended = list(Organization.objects.filter(pk__in=queries.ids_below_on(org, on), valid__startswith__lt=on))
    for gone in ended:
        gone.valid = DateRange(gone.valid.lower, on)
    Organization.objects.bulk_update(ended, ["valid"])
    ids = [gone.pk for gone in ended]
    given.close_rows(OrganizationVersion._meta.db_table, "organization_id", ids, on)
    given.close_rows(Position._meta.db_table, "organization_id", ids, on)
    org.refresh_from_db(fields=["valid"])
    act.record(
        org, verb="organisations.end", after={"ended_on": on.isoformat(), "with_below": len(ids)}, note=legal_basis
    )
