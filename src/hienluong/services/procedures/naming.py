"""Decision tables that a procedure names: put where they are named, so that a version of the procedure holds all of itself.

``charges[].table: fee`` is the table ``decisions/fee.yaml``; ``ways[].deadlines: time_limit`` the rows of
``decisions/time_limit.yaml``, whose outcomes are ``amount`` and perhaps ``unit`` and ``text``; ``eligibility: who_may`` the
table ``decisions/who_may.yaml``, whose outcomes are ``eligible``, ``reason`` and perhaps ``field``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hienluong.capabilities.decisions import DecisionSpec

Problem = tuple[tuple[str | int, ...], str]


def put_in(value: Any, tables: Mapping[str, DecisionSpec]) -> Iterator[Problem]:
    """Put the tables that this procedure names in their places; yields what cannot be."""
    if not isinstance(value, dict):
        return
    for index, charge in _named(value, "charges", "table"):
        if spec := tables.get(charge["table"]):
            charge["table"] = spec.table(charge["table"])
        else:
            yield ("charges", index, "table"), _missing(charge["table"])
            charge["table"] = {}
    for index, way in _named(value, "ways", "deadlines"):
        where = ("ways", index, "deadlines")
        spec = tables.get(way["deadlines"])
        if spec is None:
            yield where, _missing(way["deadlines"])
        elif spec.hit == "collect":
            yield where, "thời hạn không cộng dồn: bảng phải là first hoặc unique"
        elif any(not isinstance(row.get("amount"), int) for row in _outcomes(spec)):
            yield where, "mỗi dòng và default của bảng thời hạn phải có amount là số nguyên"
        way["deadlines"] = _deadlines(spec) if spec else [{"amount": 0}]
    if isinstance(name := value.get("eligibility"), str):
        spec = tables.get(name)
        if spec is None:
            yield ("eligibility",), _missing(name)
            value["eligibility"] = None
        else:
            value["eligibility"] = {"table": spec.table(name), "title": spec.title, "legal_basis": spec.legal_basis}


def _named(value: dict[str, Any], part: str, key: str) -> Iterator[tuple[int, dict[str, Any]]]:
    listed = value.get(part)
    for index, item in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(item, dict) and isinstance(item.get(key), str):
            yield index, item


def _missing(name: str) -> str:
    return f"gói không có bảng quyết định “{name}” (decisions/{name}.yaml)"


def _outcomes(spec: DecisionSpec) -> list[Mapping[str, Any]]:
    return [*(row.then for row in spec.rows), *([spec.default] if spec.default else ())]


def _deadlines(spec: DecisionSpec) -> list[dict[str, Any]]:
    rows = spec.table("")["rows"]
    found = [{**row["then"], "when": row["when"], "legal_basis": row["legal_basis"]} for row in rows]
    last = [{**spec.default, "legal_basis": ", ".join(spec.legal_basis)}] if spec.default else []
    return [*found, *last]
