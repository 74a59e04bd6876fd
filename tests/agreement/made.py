"""Expressions, data and typed texts made up by hypothesis, within what forms may use."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

_FIELDS = [
    "name",
    "group",
    "born",
    "wed",
    "copies",
    "pages",
    "area",
    "price",
    "agreed",
    "lines",
    "numbers",
    "children",
    "today",
]
_TEXT = st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạÁĐƯ 0123456789-./'\"\\🇻🇳", max_size=8)
_DAY = st.dates().map(lambda day: day.isoformat()) | st.sampled_from(["2026-02-30", "x", "20260131", ""])
PATTERNS = [r"^\p{L}+$", r"\d+", r"^[\p{L}\p{M} ]*$", r"^.$", r"\s", r"^0\d{9}$", r"[^a-zđ]", r"(?:a|b)+", r"\w\W?"]


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _literals() -> st.SearchStrategy[str]:
    numbers = st.integers(-(2**63) + 1, 2**63 - 1) | st.integers(-5, 50)
    fractions = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda value: f"{value:.3f}")
    return st.one_of(
        st.sampled_from(["true", "false", "null", "today", "[]", "''", "0", "1", "2.0"]),
        st.sampled_from(_FIELDS),
        numbers.map(str),
        fractions,
        _TEXT.map(_quoted),
        _DAY.map(_quoted),
    )


def _larger(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    signs = st.sampled_from("+ - * / % == != < <= > >= && || in".split())
    both = st.tuples(inner, signs, inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})")
    bare = st.tuples(inner, signs, inner).map(" ".join)
    calls = st.tuples(st.sampled_from(["age", "size", "int", "double", "string"]), inner).map(
        lambda p: f"{p[0]}({p[1]})"
    )
    methods = st.tuples(inner, st.sampled_from(["contains", "startsWith", "endsWith"]), inner).map(
        lambda parts: f"({parts[0]}).{parts[1]}({parts[2]})"
    )
    return st.one_of(
        both,
        bare,
        calls,
        methods,
        st.tuples(inner, st.sampled_from(PATTERNS)).map(lambda p: f"({p[0]}).matches({_quoted(p[1])})"),
        st.tuples(inner, inner).map(lambda parts: f"days_between({parts[0]}, {parts[1]})"),
        st.tuples(inner, inner, inner).map(lambda parts: f"({parts[0]}) ? ({parts[1]}) : ({parts[2]})"),
        inner.map(lambda part: f"!({part})"),
        inner.map(lambda part: f"-({part})"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(inner, inner).map(lambda parts: f"({parts[0]})[{parts[1]}]"),
        st.tuples(inner, st.sampled_from(["name", "born", "age"])).map(lambda parts: f"({parts[0]}).{parts[1]}"),
        st.tuples(inner, st.sampled_from(["name", "born"])).map(lambda parts: f"has(({parts[0]}).{parts[1]})"),
        st.tuples(inner, st.sampled_from(["all", "exists", "exists_one", "filter", "map"]), inner).map(
            lambda parts: f"({parts[0]}).{parts[1]}(name, {parts[2]})"
        ),
    )


def expressions() -> st.SearchStrategy[str]:
    """Any expression of the subset, right or senseless."""
    return st.recursive(_literals(), _larger, max_leaves=8)


def data() -> st.SearchStrategy[dict[str, Any]]:
    """Answers of any type for the fields that the expressions read."""
    child = st.fixed_dictionaries({}, optional={"name": _TEXT, "born": _DAY, "age": st.integers(0, 90)})
    optional: dict[str, st.SearchStrategy[Any]] = {
        "name": _TEXT | st.none(),
        "group": st.sampled_from(["orphan", "", "hiv_poor"]),
        "born": _DAY,
        "wed": _DAY,
        "copies": st.integers(-10, 1000) | st.text("0123456789x", max_size=3),
        "pages": st.integers(-(10**15), 10**15),
        "area": st.floats(-1e9, 1e9) | st.integers(0, 100),
        "price": st.integers(0, 10**15),
        "agreed": st.booleans(),
        "lines": st.lists(_TEXT, max_size=3),
        "numbers": st.lists(st.integers(-5, 5) | st.floats(-5, 5), max_size=3),
        "children": st.lists(child, max_size=2),
    }
    return st.fixed_dictionaries({}, optional=optional)


#: What people type, and what they do not.
NUMBERS = st.from_regex(r"[+-]?[0-9]{1,5}([., ][0-9]{1,4}){0,3}( ?đ)?", fullmatch=True)
TYPED = st.one_of(
    NUMBERS,
    st.sampled_from(
        "02/09/1990 31/02/1990 1.500.000 1500000đ 12,5 12.5 0 -3 +5 1.2.3 có Không on yes a@b.vn a@ ten@vidu.com.vn "
        "0912345678 +84912345678 84912345678 12345 045190012345 abc QT-123 4711 2026-02-28 1/1/2030 29.2.2024".split()
    ),
    st.sampled_from(
        [
            "0912 345 678",
            "045 190 012 345",
            " Nguyễn  Thị Hiền ",
            "Quốc lộ 9, Đông Hà",
            "a\nb\n",
            "1 500 000",
            "\u00a0x",
        ]
    ),
    st.text("aăâđêôơưÁĐ 0123456789.,-/@&'’\n\t", max_size=30),
    st.integers(-(10**16), 10**16).map(str),
    st.just("x" * 300),
    st.just(""),
)
