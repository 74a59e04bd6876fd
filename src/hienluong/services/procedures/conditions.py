"""Conditions assembled from menus: comparisons joined by “and” or by “or”, as CEL, and back.

What :func:`read` does not know is no fault: it is CEL that somebody wrote by hand, and stays a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas import kinds, lists
from hienluong.foundation.schemas.display import show, unit
from hienluong.foundation.schemas.formulas import is_quantity
from hienluong.foundation.schemas.properties import Property, is_year, label_of, type_of

Join = Literal["and", "or"]
#: Comparison → what it is called. Which of them a field knows: :func:`comparisons`.
COMPARISONS: dict[str, str | Promise] = {
    "eq": gettext_lazy("là"),
    "ne": gettext_lazy("không phải là"),
    "lt": gettext_lazy("nhỏ hơn, trước"),
    "le": gettext_lazy("không quá, không sau"),
    "gt": gettext_lazy("lớn hơn, sau"),
    "ge": gettext_lazy("ít nhất, không trước"),
    "has": gettext_lazy("có chứa"),
    "lacks": gettext_lazy("không chứa"),
    "older": gettext_lazy("đến nay đủ (năm)"),
    "younger": gettext_lazy("đến nay chưa đủ (năm)"),
    "given": gettext_lazy("đã được điền"),
    "empty": gettext_lazy("chưa được điền"),
}
#: What those that a number and a day share a menu entry for are called of each.
_OF_DAYS = {
    "lt": gettext_lazy("trước"),
    "le": gettext_lazy("không sau"),
    "gt": gettext_lazy("sau"),
    "ge": gettext_lazy("không trước"),
}
_OF_NUMBERS = {
    "lt": gettext_lazy("nhỏ hơn"),
    "le": gettext_lazy("không quá"),
    "gt": gettext_lazy("lớn hơn"),
    "ge": gettext_lazy("ít nhất"),
}
_SIGNS = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
_BY_SIGN = {sign: word for word, sign in _SIGNS.items()}
WITHOUT_VALUE = frozenset(("given", "empty"))
_NAME = r"[a-z_][a-zA-Z0-9_]*"
_NUMBER = r"-?\d{1,18}(?:\.\d{1,10})?"
_TEXT = r"'(?:[^'\\]|\\[\\'nrt])*'|\"(?:[^\"\\]|\\[\\\"nrt])*\""
_PART = r"(?:\.value\b)?"
_VALUE = rf"(?P<value>{_TEXT}|{_NUMBER}|true|false|{_NAME}{_PART})"
_COMPARED = re.compile(rf"(?P<field>{_NAME}{_PART})\s*(?P<sign>==|!=|<=|>=|<|>)\s*{_VALUE}")
_AGED = re.compile(rf"age\(\s*(?P<field>{_NAME})\s*\)\s*(?P<sign>>=|<)\s*(?P<value>\d{{1,3}})")
_HELD = re.compile(rf"(?P<not>!?)\s*(?P<field>{_NAME})\.contains\(\s*(?P<value>{_TEXT})\s*\)")
_MEMBER = re.compile(rf"(?P<not>!?)\s*(?P<open>\(?)\s*(?P<value>{_TEXT})\s+in\s+(?P<field>{_NAME})\s*(?P<close>\)?)")
#: A code beside the field that it is held against, in any formula.
_CODE_COMPARED = re.compile(rf"(?P<before>(?<![\w.])(?P<field>{_NAME})\s*(?:==|!=)\s*)(?P<value>{_TEXT})(?P<after>)")
_CODE_HELD = re.compile(rf"(?P<before>)(?P<value>{_TEXT})(?P<after>\s+in\s+(?P<field>{_NAME})\b)")
_UNQUOTED = {"n": "\n", "r": "\r", "t": "\t"}


@dataclass(frozen=True)
class Clause:
    """One comparison. `value` is what is typed: a number, a date (ISO), a text, a choice; or ``=name`` of a field."""

    field: str
    comparison: str
    value: str = ""


@dataclass(frozen=True)
class Condition:
    """Comparisons that must all hold, or of which one must."""

    clauses: tuple[Clause, ...] = ()
    join: Join = "and"


def _fault(message: str, field: str = "") -> InvalidInput:
    return InvalidInput(message, code="procedures.condition", field=field or None)


def comparisons(prop: Property) -> tuple[str, ...]:
    """The comparisons that make sense for a field."""
    kind = kinds.kind_of(prop)
    order = kind.order if kind else ""
    whole = type_of(prop)
    if is_quantity(prop):  # of its number; what it is counted in is the same for all, or not asked about
        return ("eq", "ne", "lt", "le", "gt", "ge", "given", "empty")
    if whole == "boolean":
        return ("eq", "given", "empty")
    if order == "date" or prop.get("format") == "date":
        return ("eq", "ne", "lt", "le", "gt", "ge", "older", "younger", "given", "empty")
    if whole in ("integer", "number"):
        return ("eq", "ne", "lt", "le", "gt", "ge", "given", "empty")
    if whole == "array":
        return ("has", "lacks", "given", "empty") if _options(prop) else ("given", "empty")
    if whole == "object":
        return ("given", "empty")
    if prop.get("enum") or "x-list" in prop:
        return ("eq", "ne", "given", "empty")
    return ("eq", "ne", "has", "lacks", "given", "empty")


def written(condition: Condition, fields: Mapping[str, Property]) -> str:
    """The condition as CEL; empty without comparisons. Raises :class:`InvalidInput` naming what does not fit."""
    texts = [_clause(clause, fields) for clause in condition.clauses]
    return (" && " if condition.join == "and" else " || ").join(texts)


def read(expression: str, fields: Mapping[str, Property]) -> Condition | None:
    """The menus that say the same as this CEL; None when none do."""
    text = expression.strip()
    if not text:
        return Condition()
    parts = _split(text)
    if parts is None:
        return None
    join, pieces = parts
    clauses = [_understood(piece, fields) for piece in pieces]
    found = tuple(clause for clause in clauses if clause is not None)
    return Condition(found, join) if len(found) == len(clauses) else None


def in_words(condition: Condition, fields: Mapping[str, Property]) -> str:
    """A condition as a sentence."""
    joined = _(" và ") if condition.join == "and" else _(" hoặc ")
    return joined.join(_said(clause, fields) for clause in condition.clauses)


def expression_in_words(
    expression: str, fields: Mapping[str, Property], called: Mapping[str, str] | None = None
) -> str:
    """CEL as people read it: a sentence where menus say the same, else the formula with fields called by their labels
    and codes by their names. `called` says what other names mean."""
    understood = read(expression, fields)
    if understood is not None and understood.clauses:
        return in_words(understood, fields)
    expression = _with_names(expression, fields)
    labels = {**(called or {}), **{name: label_of(name, prop) for name, prop in fields.items()}}

    def label(found: re.Match[str]) -> str:
        text = found[0]
        name = text.removesuffix(".value")
        return text if text[:1] in "'\"" or name not in labels else f"“{labels[name]}”"

    return re.sub(rf"{_TEXT}|(?<![\w.]){_NAME}(?:\.value\b)?(?!\s*\()", label, expression.strip())


def _with_names(expression: str, fields: Mapping[str, Property]) -> str:
    """A formula in which each code that a field is compared with is called by its name."""

    def name(found: re.Match[str]) -> str:
        prop = fields.get(found["field"])
        return found["before"] + quoted(named(unquoted(found["value"]), prop)) + found["after"] if prop else found[0]

    for pattern in (_CODE_COMPARED, _CODE_HELD):
        expression = pattern.sub(name, expression)
    return expression


def constant_in_words(expression: str, prop: Property) -> str:
    """A formula that is one value, as people read the value in this field; empty for any other formula."""
    text = expression.strip()
    if text == "null":
        return _("để trống")
    if re.fullmatch(_TEXT, text):
        value = unquoted(text)
        return show(value, prop) if _is_day(prop) else named(value, prop) or _("để trống")
    if text in ("true", "false"):
        return _("có") if text == "true" else _("không")
    return with_comma(text, prop) if re.fullmatch(_NUMBER, text) else ""


def named(value: str, prop: Property) -> str:
    """What a value of a choice or of a code list is called, today or when it last held; the value itself where nothing
    calls it otherwise."""
    items = prop.get("items")
    for each in (prop, items if isinstance(items, Mapping) else {}):
        if labels := each.get("x-enum-labels"):
            return str(labels.get(value, value))
        if each.get("x-list"):
            return lists.label(str(each["x-list"]), value)
    return value


def _said(clause: Clause, fields: Mapping[str, Property]) -> str:
    prop = fields.get(clause.field, {})
    value = clause.value
    if value == "=today":
        value = "today"
    elif value.startswith("="):
        value = label_of(value[1:], fields.get(value[1:], {}))
    else:
        value = named(value, prop)
    value = {"true": _("có"), "false": _("không"), "today": _("hôm nay")}.get(value, value)
    if _is_day(prop) and clause.comparison not in ("older", "younger"):
        value = show(value, {"type": "string", "format": "date"})
    if value and not clause.value.startswith("="):
        value = " ".join(filter(None, (with_comma(value, prop), unit(unit_of(prop)))))
    own = (_OF_DAYS if _is_day(prop) else _OF_NUMBERS).get(clause.comparison)
    said = f"“{label_of(clause.field, prop)}” {own or COMPARISONS.get(clause.comparison, clause.comparison)}"
    return said if clause.comparison in WITHOUT_VALUE else f"{said} {value}"


def units_of(prop: Property) -> list[str]:
    """What a number with its unit may be counted in; nothing for any other field."""
    units = prop.get("x-units") if is_quantity(prop) else None
    return [str(unit) for unit in units] if isinstance(units, list | tuple) else []


def unit_of(prop: Property) -> str:
    """The only unit of a number; empty when there are several, or none."""
    units = units_of(prop)
    return units[0] if len(units) == 1 else ""


def with_comma(value: str, prop: Property) -> str:
    """A number as it is written here."""
    counts = is_quantity(prop) or (type_of(prop) in ("integer", "number") and not is_year(prop))
    if not counts or not re.fullmatch(_NUMBER, value):
        return value
    whole, dot, decimals = value.partition(".")
    return f"{int(whole):,}".replace(",", ".") + (f",{decimals}" if dot else "")


def _is_day(prop: Property) -> bool:
    kind = kinds.kind_of(prop)
    return (kind is not None and kind.order == "date") or prop.get("format") == "date"


def _clause(clause: Clause, fields: Mapping[str, Property]) -> str:
    prop = fields.get(clause.field)
    if prop is None:
        raise _fault(_("Không có trường “%(name)s”.") % {"name": clause.field[:60]}, "field")
    if clause.comparison not in comparisons(prop):
        there = "; ".join(str(COMPARISONS[word]) for word in comparisons(prop))
        raise _fault(
            _("Không so sánh được trường “%(label)s” như vậy. Có: %(there)s.")
            % {"label": label_of(clause.field, prop), "there": there},
            "comparison",
        )
    if clause.comparison in WITHOUT_VALUE:
        return f"{clause.field} {'!=' if clause.comparison == 'given' else '=='} null"
    if clause.comparison in ("older", "younger"):
        if not re.fullmatch(r"\d{1,3}", clause.value.strip()):
            raise _fault(_("Nhập số năm, ví dụ 18."), "value")
        return f"age({clause.field}) {'>=' if clause.comparison == 'older' else '<'} {int(clause.value)}"
    if clause.comparison in ("has", "lacks"):
        no = "!" if clause.comparison == "lacks" else ""
        wanted = quoted(clause.value.strip())
        if not clause.value.strip():
            raise _fault(_("Nhập nội dung để so sánh."), "value")
        if type_of(prop) == "array":
            return f"{no}({wanted} in {clause.field})"
        return f"{no}{clause.field}.contains({wanted})"
    of = f"{clause.field}.value" if is_quantity(prop) else clause.field
    return f"{of} {_SIGNS[clause.comparison]} {_literal(clause, prop, fields)}"


def _literal(clause: Clause, prop: Property, fields: Mapping[str, Property]) -> str:
    value, label = clause.value.strip(), label_of(clause.field, prop)
    if value.startswith("="):
        other = value[1:]
        if other == "today" and "older" in comparisons(prop):
            return other
        if other not in fields:
            raise _fault(
                _("Không có câu hỏi “%(name)s” để so với “%(label)s”. Sau dấu bằng là tên một câu hỏi, đúng từng chữ.")
                % {"name": other[:60], "label": label},
                "value",
            )
        if type_of(fields[other]) != type_of(prop) or is_quantity(fields[other]) != is_quantity(prop):
            raise _fault(_("“%(label)s” chỉ so được với một trường cùng kiểu.") % {"label": label}, "value")
        if units_of(fields[other]) != units_of(prop):
            raise _fault(_("“%(label)s” chỉ so được với một trường cùng đơn vị.") % {"label": label}, "value")
        return f"{other}.value" if is_quantity(prop) else other
    if is_quantity(prop):
        return _amount(value, prop, label)
    whole = type_of(prop)
    if whole == "boolean":
        if value not in ("true", "false"):
            raise _fault(_("Chọn giá trị cho “%(label)s”: có, hoặc không.") % {"label": label}, "value")
        return value
    if whole in ("integer", "number"):
        if not re.fullmatch(_NUMBER, value) or (whole == "integer" and "." in value):
            raise _fault(_("“%(label)s” so với một số, ví dụ 10.") % {"label": label}, "value")
        return value if whole == "integer" or "." in value else f"{value}.0"
    if "older" in comparisons(prop) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        raise _fault(_("“%(label)s” so với một ngày, ví dụ 2025-07-01.") % {"label": label}, "value")
    options = _options(prop)
    if options and value not in options:
        labels = prop.get("x-enum-labels") or {}
        there = "; ".join(str(labels.get(option, option)) for option in options[:8])
        raise _fault(
            _("“%(label)s” không có lựa chọn “%(value)s”. Có: %(there)s.")
            % {"label": label, "value": value[:60], "there": there},
            "value",
        )
    if not value:
        raise _fault(_("Nhập nội dung để so sánh."), "value")
    return quoted(value)


def _amount(value: str, prop: Property, label: str) -> str:
    """The number that a number with its unit is compared with."""
    if re.fullmatch(_NUMBER, value):
        return value
    units = units_of(prop)
    if len(units) > 1:
        raise _fault(
            _(
                "“%(label)s” có nhiều đơn vị (%(units)s): ở đây chỉ so với con số, ví dụ 30. Muốn xét cả đơn vị thì viết bằng công thức."
            )
            % {"label": label, "units": ", ".join(map(unit, units))},
            "value",
        )
    example = " ".join(filter(None, ("30", unit(unit_of(prop)))))
    raise _fault(_("“%(label)s” so với một số, ví dụ %(example)s.") % {"label": label, "example": example}, "value")


def _options(prop: Property) -> list[str]:
    items = prop.get("items")
    found = prop.get("enum") or (items.get("enum") if isinstance(items, Mapping) else None) or []
    return [str(option) for option in found]


def quoted(text: str) -> str:
    """A text as CEL writes it."""
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, escaped)
    return f"'{text}'"


def unquoted(text: str) -> str:
    """The text that CEL writes so."""
    return re.sub(r"\\(.)", lambda found: _UNQUOTED.get(found[1], found[1]), text[1:-1])


def _split(text: str) -> tuple[Join, list[str]] | None:
    """The pieces between ``&&`` or between ``||``, outside of texts; None when both are there."""
    pieces, signs, at = [""], set(), 0
    while at < len(text):
        if quote := re.compile(_TEXT).match(text, at):
            pieces[-1] += quote[0]
            at = quote.end()
        elif text[at : at + 2] in ("&&", "||"):
            signs.add(text[at : at + 2])
            pieces.append("")
            at += 2
        else:
            pieces[-1] += text[at]
            at += 1
    if len(signs) > 1:
        return None
    return ("or" if "||" in signs else "and"), [piece.strip() for piece in pieces]


def _understood(piece: str, fields: Mapping[str, Property]) -> Clause | None:
    """The comparison that a piece of CEL is, when writing it gives that piece again (but for blanks and quotes)."""
    clause = _guessed(piece, fields)
    if clause is None or clause.field not in fields or clause.comparison not in comparisons(fields[clause.field]):
        return None
    return clause


def _guessed(piece: str, fields: Mapping[str, Property]) -> Clause | None:
    if found := _COMPARED.fullmatch(piece):
        name, word, value = found["field"], _BY_SIGN[found["sign"]], found["value"]
        if "." in name or is_quantity(fields.get(name, {})):
            return _amount_compared(name, word, value, fields)
        if value == "null":
            return Clause(name, {"ne": "given", "eq": "empty"}[word]) if word in ("ne", "eq") else None
        return _compared(name, word, value, fields)
    if found := _AGED.fullmatch(piece):
        return Clause(found["field"], "older" if found["sign"] == ">=" else "younger", str(int(found["value"])))
    if found := _HELD.fullmatch(piece):
        return _holding(found, "string", fields)
    if (found := _MEMBER.fullmatch(piece)) and bool(found["open"]) == bool(found["close"]):
        if found["not"] and not found["open"]:
            return None  # ``!'a' in x`` is something else
        return _holding(found, "array", fields)
    return None


def _amount_compared(name: str, word: str, value: str, fields: Mapping[str, Property]) -> Clause | None:
    """A comparison of the number in a number with its unit; of the whole only whether it is there."""
    of, _dot, part = name.partition(".")
    if not is_quantity(fields.get(of, {})):
        return None
    if not part:
        return Clause(of, {"ne": "given", "eq": "empty"}[word]) if value == "null" and word in ("ne", "eq") else None
    if not re.fullmatch(_NUMBER, value):
        if not value.endswith(".value") or value[0] in "'\"":
            return None
        value = f"={value.removesuffix('.value')}"
    clause = Clause(of, word, value)
    return clause if _writable(clause, fields) else None


def _holding(found: re.Match[str], whole: str, fields: Mapping[str, Property]) -> Clause | None:
    clause = Clause(found["field"], "lacks" if found["not"] else "has", unquoted(found["value"]))
    return clause if type_of(fields.get(clause.field, {})) == whole and _writable(clause, fields) else None


def _compared(name: str, word: str, value: str, fields: Mapping[str, Property]) -> Clause | None:
    prop = fields.get(name, {})
    whole = type_of(prop)
    if value in ("true", "false"):
        return Clause(name, word, value) if whole == "boolean" else None
    if value[0] in "'\"":
        clause = Clause(name, word, unquoted(value))
        return clause if whole == "string" and _writable(clause, fields) else None
    if re.fullmatch(_NUMBER, value):
        if whole == "number":
            return Clause(name, word, value.removesuffix(".0")) if "." in value else None
        return Clause(name, word, value) if whole == "integer" and "." not in value else None
    clause = Clause(name, word, f"={value}")
    return clause if "." not in value and _writable(clause, fields) else None


def _writable(clause: Clause, fields: Mapping[str, Property]) -> bool:
    """Whether the menus can say it; outer blanks of a text they cannot."""
    try:
        _clause(clause, fields)
    except InvalidInput:
        return False
    return clause.value == clause.value.strip()


def clauses_from(rows: Sequence[tuple[str, str, str]]) -> tuple[Clause, ...]:
    """The comparisons of menus, without the rows in which no field is chosen."""
    return tuple(Clause(field, comparison, value) for field, comparison, value in rows if field)
