"""Who pays less than a charge says, or nothing: the rows of its table in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.schemas.properties import Property, label_of, properties, type_of

from . import conditions
from .spec import ChargeRule, ProcedureSpec


def reliefs(charge: ChargeRule, spec: ProcedureSpec) -> list[str]:
    """“Miễn: Hộ nghèo hoặc cận nghèo”, “150.000 đồng: …”; nothing for rows that no words can say."""
    fields = properties(spec.form.data_schema) if spec.form else {}
    rows = charge.table.get("rows")
    found = (_told(row, fields) for row in rows if isinstance(row, Mapping)) if isinstance(rows, list) else ()
    return list(dict.fromkeys(filter(None, found)))


def with_reliefs(charge: ChargeRule, spec: ProcedureSpec) -> str:
    """A charge in one line: its name, its amount, and who pays less."""
    return ". ".join((f"{charge.name}: {charge.text}", *reliefs(charge, spec)))


def _told(row: Mapping[str, Any], fields: Mapping[str, Property]) -> str:
    then = row.get("then")
    amount = then.get("amount") if isinstance(then, Mapping) else None
    who = _who(str(row.get("when", "")), fields) or str(then.get("exempt", "") if isinstance(then, Mapping) else "")
    if not who or not isinstance(amount, int):
        return ""
    if amount == 0:
        return _("Miễn: %(who)s") % {"who": who}
    return _("%(amount)s đồng: %(who)s") % {"amount": f"{amount:,}".replace(",", "."), "who": who}


def _who(when: str, fields: Mapping[str, Property]) -> str:
    """A condition as a person reads it; of a question of yes and no, what it asks. Empty when the menus cannot say it."""
    understood = conditions.read(when, fields) if when.strip() else None
    if understood is None or not understood.clauses:
        return ""
    joined = _(" và ") if understood.join == "and" else _(" hoặc ")
    return joined.join(_clause(clause, fields) for clause in understood.clauses)


def _clause(clause: conditions.Clause, fields: Mapping[str, Property]) -> str:
    prop = fields.get(clause.field, {})
    label = label_of(clause.field, prop)
    asks = label.endswith("?")
    if type_of(prop) == "boolean" and (clause.comparison, clause.value) == ("eq", "true") and not asks:
        return label[:1].lower() + label[1:] if label[1:2].islower() else label
    return conditions.in_words(conditions.Condition((clause,)), fields)
