"""Many rows are cleaned by one reading of the schema, and come out as one by one."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.foundation.schemas.cleaning import Cleaner, clean
from hienluong.foundation.schemas.kinds import KINDS, expanded

PLAIN: dict[str, Any] = {
    "count": {"type": ["integer", "null"]},
    "share": {"type": "number"},
    "day": {"type": "string", "format": "date"},
    "remark": {"type": "string", "maxLength": 2000},
    "number": {"x-kind": "personal-id", "x-widget": "text"},
}
SCHEMA = expanded({"type": "object", "properties": {**{kind: {"x-kind": kind} for kind in KINDS}, **PLAIN}})
CLEANER = Cleaner(SCHEMA)
#: What is typed and what stands in files: spelled already, nearly so, not at all, and no text.
SPELLED = st.one_of(
    st.from_regex(r"[ ]?[0-9٣]{0,14}[ .]?", fullmatch=True),
    st.from_regex(r"(84|0|\+84|00)[0-9]{8,10}", fullmatch=True),
    st.from_regex(r"\d{1,4}[-/]\d{1,2}[-/]\d{1,4}", fullmatch=True),
    st.from_regex(r"-?\d{1,2}\.\d{0,6}[,; ]{1,2}\d{1,3}", fullmatch=True),
    st.text(max_size=12),
)
VALUES = st.one_of(SPELLED, st.none(), st.booleans(), st.integers(), st.floats(), st.lists(SPELLED, max_size=2))


@settings(max_examples=50)
@given(data=st.dictionaries(st.sampled_from([*KINDS, *PLAIN, "unknown"]), VALUES, max_size=8))
def test_many_are_cleaned_as_one_by_one(data: dict[str, Any]) -> None:
    assert repr(CLEANER.clean(data)) == repr(clean(SCHEMA, data))
