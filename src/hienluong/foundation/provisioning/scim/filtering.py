"""A SCIM filter as a condition of the database, so that no answer reads more than its page."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.db.models import CharField, F, OrderBy, Q, Value
from django.db.models.functions import Cast, Coalesce, Collate, Lower, NullIf
from scim2_models import InvalidFilterException, InvalidPathException, ScimFilter
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from .stamps import Stamps

_EXACT = {CompareOperator.eq: "iexact", CompareOperator.co: "icontains"}
_EXACT |= {CompareOperator.sw: "istartswith", CompareOperator.ew: "iendswith"}
#: What can be asked of a user, and the column that answers; lower case, the schema left out.
USERS = {
    "id": "pk",
    "username": "account__username",
    "externalid": "external__external_id",
    "active": "account__is_active",
    "displayname": "full_name",
    "name.formatted": "full_name",
    "emails": "email",
    "emails.value": "email",
    "phonenumbers": "phone",
    "phonenumbers.value": "phone",
    "title": "positions__title",
    "employeenumber": "code",
    "organization": "positions__organization__name",
    "positions.organization": "positions__organization__code",
    "positions.role": "positions__role",
    "positions.title": "positions__title",
}
#: Each value of these stands alone here, so a type may be asked for that all have.
_TYPES = {"emails.type": "work", "phonenumbers.type": "work"}


#: When users came and were last changed, by their key: asked for once, and only by a filter that names it.
Moments = Callable[[], Mapping[int, Stamps]]
_MOMENTS: dict[str, Callable[[Stamps], datetime]] = {
    "meta.created": lambda when: when.created,
    "meta.lastmodified": lambda when: when.modified,
}
_BEFORE_AND_AFTER: dict[CompareOperator, Callable[[Any, Any], bool]] = {
    CompareOperator.eq: operator.eq,
    CompareOperator.gt: operator.gt,
    CompareOperator.ge: operator.ge,
    CompareOperator.lt: operator.lt,
    CompareOperator.le: operator.le,
}


class _Condition(FilterVisitor[Q]):
    """A filter over the columns of a table; refuses what it does not know."""

    def __init__(self, columns: dict[str, str], moments: Moments) -> None:
        self.columns = columns
        self.moments = moments
        self.within = ""

    def _at(self, name: str, node: Comparison) -> Q:
        """By a moment of ``meta``: who has none fits no comparison but ``ne``."""
        if node.op == CompareOperator.ne:
            return ~self._at(name, Comparison(node.attr_path, CompareOperator.eq, node.value))
        holds = _BEFORE_AND_AFTER.get(node.op)
        if holds is None:
            raise InvalidFilterException(detail=f"{node.op} is not supported for {name}.")
        asked, moment = _moment(node.value), _MOMENTS[name]
        return Q(pk__in=[pk for pk, when in self.moments().items() if holds(moment(when), asked)])

    def _name(self, path: AttrPath) -> str:
        parts = [self.within, path.attr, path.sub_attr or ""]
        return ".".join(part for part in parts if part).lower()

    def visit_comparison(self, node: Comparison) -> Q:
        name, value = self._name(node.attr_path), node.value
        if name in _TYPES:
            same = isinstance(value, str) and value.lower() == _TYPES[name]
            return _always(same == (node.op == CompareOperator.eq))
        if name in _MOMENTS:
            return self._at(name, node)
        column = self._column(name)
        if node.op == CompareOperator.ne:
            other = ~self._equal(column, value)
            return other & ~Q(**{column: ""}) if self.within else other  # in brackets, one of those there is another
        if node.op == CompareOperator.eq:
            return self._equal(column, value)
        if node.op not in _EXACT or not isinstance(value, str) or column in ("pk", "account__is_active"):
            raise InvalidFilterException(detail=f"{node.op} is not supported for {name}.")
        return Q(**{f"{column}__{_EXACT[node.op]}": _clean(value)}) & ~Q(**{column: ""})  # empty here is absent there

    def _equal(self, column: str, value: Any) -> Q:
        if value is None:
            empty = Q(**{f"{column}__isnull": True})
            return empty if column in ("pk", "account__is_active") else empty | Q(**{column: ""})
        if column == "account__is_active":
            if not isinstance(value, bool):
                raise InvalidFilterException(detail="active is true or false.")
            return Q(**{column: value}) if value else ~Q(account__is_active=True)
        if not isinstance(value, str):
            raise InvalidFilterException(detail="The value must be a string.")
        if column.startswith("external"):  # case matters (RFC 7643, 3.1)
            return Q(**{column: _clean(value)})
        if column == "pk":
            return Q(pk=int(value)) if value.isascii() and value.isdigit() and len(value) < 18 else _always(False)
        return Q(**{f"{column}__iexact": _clean(value)}) & ~Q(**{column: ""})

    def _column(self, name: str) -> str:
        if name not in self.columns:
            raise InvalidFilterException(detail=f"{name} cannot be filtered by.")
        return self.columns[name]

    def visit_present(self, node: Present) -> Q:
        if self._name(node.attr_path) in _MOMENTS:
            return Q(pk__in=list(self.moments()))
        column = self._column(self._name(node.attr_path))
        if column == "pk":
            return _always(True)
        empty = Q(**{f"{column}__isnull": True})
        return ~empty if column == "account__is_active" else ~(empty | Q(**{column: ""}))

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        first, *rest = [self.visit(term) for term in node.terms]
        for each in rest:
            first = first & each if node.op == LogicalOperator.and_ else first | each
        return first

    def visit_value_path(self, node: ValuePath) -> Q:
        before, self.within = self.within, node.attr_path.attr
        try:
            return self.visit(node.val_filter)
        finally:
            self.within = before


#: What users can be sorted by, and the column; those in ``_AS_IT_IS`` with regard to case (RFC 7643, 3.1 and 4.1).
SORTS = {
    name: column
    for name, column in USERS.items()
    if not name.startswith("positions") and name not in ("title", "organization")
}
_AS_IT_IS = ("pk", "external__external_id")


def order(asked: Any) -> list[Any]:
    """How a list of users is ordered: by ``sortBy`` without regard to case, who has no value last (descending: first), and
    by ``id`` among equals. InvalidPathException for what is not offered (RFC 7644, 3.4.2.3)."""
    if not asked.sort_by:
        return ["pk"]
    name = str(asked.sort_by).rsplit(":", 1)[-1].lower()
    if name not in SORTS:
        raise InvalidPathException(path=str(asked.sort_by), detail=f"Users cannot be sorted by {asked.sort_by}.")
    column = SORTS[name]
    value: Any
    if column == "account__is_active":
        value = Coalesce(F(column), Value(False))
    elif column == "account__username":  # who has no account goes by the code
        value = Collate(Lower(Coalesce(F(column), F("code"))), "C")
    else:
        text = Cast(column, CharField())
        value = Collate(NullIf(text if column in _AS_IT_IS else Lower(text), Value("")), "C")
    down = str(asked.sort_order or "") == "descending"
    first = OrderBy(value, descending=down, nulls_first=True if down else None, nulls_last=None if down else True)
    return [first, "pk"]


def _always(said: bool) -> Q:
    return ~Q(pk__in=[]) if said else Q(pk__in=[])


def _clean(text: str) -> str:
    return text.replace("\0", "")


def _moment(value: Any) -> datetime:
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise InvalidFilterException(detail="The value must be a dateTime.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def condition(found: ScimFilter[Any], moments: Moments = dict) -> Q:
    """The filter as a condition on officials; InvalidFilterException for what is not offered."""
    return _Condition(USERS, cache(moments)).visit(found.ast)
