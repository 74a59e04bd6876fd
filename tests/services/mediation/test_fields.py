"""Only agreed fields pass, whatever is asked and whatever is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hienluong.services.mediation import fields
from hienluong.services.mediation.bodies import BadBody, read_json, read_xml, write_json
from hienluong.services.mediation.fields import Agreed, FieldRefused

AGREED = Agreed(("items.so", "items.owner.name", "total"))
NAMES = st.sampled_from(["items", "so", "owner", "name", "total", "secret", "income"])
DOCUMENTS: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


def leaves(document: Any, place: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """The places of all values, without the numbers of list elements."""
    if isinstance(document, dict):
        return {leaf for name, value in document.items() for leaf in leaves(value, (*place, name))}
    if isinstance(document, list):
        return {leaf for value in document for leaf in leaves(value, place)}
    return {place}


@given(document=DOCUMENTS)
def test_nothing_outside_the_agreement_is_left_and_nothing_inside_is_lost(document: Any) -> None:
    kept = fields.cut(document, AGREED.tree)

    inside = {("items", "so"), ("items", "owner", "name"), ("total",)}
    if isinstance(document, dict | list):
        found = leaves(document)
        wanted = {place for place in found if any(place[: len(agreed)] == agreed for agreed in inside)}
        assert {place for place in leaves(kept) if place} == {place for place in wanted if place}
    else:
        assert kept is None


@given(document=DOCUMENTS)
def test_cutting_twice_is_cutting_once(document: Any) -> None:
    once = fields.cut(document, AGREED.tree)

    assert fields.cut(once, AGREED.tree) == once


@pytest.mark.parametrize(
    "query",
    [
        "",
        "so=12",
        "page=2&page_size=50",
        "sort=-so",
        "$orderby=owner/name%20desc",
        "$filter=so%20eq%20'income'",  # a value, not a name
        "filter[owner.name]=Lan",
        "owner__name__icontains=Lan",
        "fields=so,owner.name",
    ],
)
def test_questions_about_agreed_fields_pass(query: str) -> None:
    fields.check_query(query, AGREED, {})


@pytest.mark.parametrize(
    "query",
    [
        "income=5",
        "sort=income",
        "sort=so,-income",
        "$filter=income%20gt%205",
        "$filter=so%20eq%20'a'%20or%20income%20gt%205",
        "$filter=so%20eq%20%22'%22%20or%20income%20gt%205%20or%20so%20eq%20'%22'",
        "filter[income][gte]=5",
        'filter={"income":{"gt":5}}',
        "where=owner.income=5",
        "fields=owner",  # wider than agreed
        "expand=owner",
        "q=Lan",
        "search=Lan",
        "so=1&income=5",
        "so=1;income=5",
        "%69ncome=5",
        "%2569ncome=5",
        "unknown=1",
        "INCOME=5",
        "owner__income__gte=1",
        "so=%00",
    ],
)
def test_questions_about_other_fields_are_refused(query: str) -> None:
    with pytest.raises(FieldRefused):
        fields.check_query(query, AGREED, {})


@given(
    name=st.sampled_from(sorted(fields.ASKING)), operator=st.sampled_from(["", "-", "$", "not ", "so,", "so eq 1 and "])
)
def test_no_word_of_a_query_language_lets_another_field_be_named(name: str, operator: str) -> None:
    with pytest.raises(FieldRefused):
        fields.check_query(f"{name}={operator.replace(' ', '%20')}income", AGREED, {})


def test_a_declared_parameter_passes_when_all_that_it_touches_is_agreed() -> None:
    fields.check_query("q=Lan", AGREED, {"q": ["items.owner.name"]})
    with pytest.raises(FieldRefused):
        fields.check_query("q=Lan", AGREED, {"q": ["items.owner.name", "items.income"]})


@pytest.mark.parametrize("body", [{"filter": {"income": 1}}, {"a": [{"sort": ["income"]}]}, {"q": "Lan"}])
def test_bodies_that_ask_are_looked_into(body: Any) -> None:
    with pytest.raises(FieldRefused):
        fields.check_body(body, AGREED, {})
    fields.check_body({"filter": {"so": 1}, "sort": ["-so"], "name": "income"}, AGREED, {})


@pytest.mark.parametrize(
    ("document", "count"),
    [
        ([], 0),
        ({}, 0),
        ([1, 2], 2),
        ({"items": [1, 2, 3]}, 3),
        ({"items": []}, 0),
        ({"a": 1}, 1),
        ({"data": {"a": 1}}, 1),
    ],
)
def test_records_are_counted(document: Any, count: int) -> None:
    assert fields.count_records(document) == count


def test_the_list_on_the_way_to_the_person_is_what_is_counted() -> None:
    assert fields.count_records({"congDan": [{"so": "1"}, {"so": "2"}]}, "/congDan/0/so") == 2
    assert sorted(fields.values_at({"congDan": [{"so": "1"}, {"so": 2}, {}]}, "/congDan/0/so")) == ["1", "2"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[" * 100_000, "json-depth"),
        (b"[" * 65 + b"]" * 65, "json-depth"),
        (b"[" + b"0," * 300_001 + b"0]", "json-pieces"),
        (b'{"a":1,"a":2}', "json-key-twice"),
        (b"NaN", "json-number"),
        (b"1e400", "json-number"),
        (b"0.1234567890123456789012", "json-number"),
        (b"9" * 5000, "json-number"),
        (b'"\\ud800"', "json-encoding"),
        (b'"\xff"', "json-encoding"),
        (b"{", "json"),
        (b"", "json"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bombs_and_doubtful_documents_of_json_are_refused(content: bytes, code: str) -> None:
    with pytest.raises(BadBody, match=f"^{code}$"):
        read_json(content)


@given(document=DOCUMENTS)
def test_json_comes_out_as_it_came_in(document: Any) -> None:
    assert read_json(write_json(document)) == document == json.loads(write_json(document))


LAUGHS = '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (LAUGHS, "xml-entities"),
        ('<!DOCTYPE a SYSTEM "http://169.254.169.254/"><a/>', "xml-entities"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "xml-entities"),
        ("<a>" * 65 + "</a>" * 65, "xml-depth"),
        ("<a>" + "<b/>" * 300_000 + "</a>", "xml-pieces"),
        ("<a", "xml"),
        ("", "xml"),
        ("<a>&b;</a>", "xml"),
    ],
    ids=lambda value: value[:12],
)
def test_bombs_of_xml_are_refused(content: str, code: str) -> None:
    with pytest.raises(BadBody, match=f"^{code}$"):
        read_xml(content.encode())
