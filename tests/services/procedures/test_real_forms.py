"""The shipped forms: each example can be typed page by page, and nothing typed breaks a page."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import QueryDict
from django.template import Context, Template
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hienluong.capabilities.forms import display, engine, fields, pages
from hienluong.services.procedures import packs
from hienluong.services.procedures.spec import Form
from tests.thorough import examples

SHIPPED = [packs.load(folder) for folder in packs.shipped_folders()]
FORMS = [
    pytest.param(item.spec.form, id=f"{item.spec.code}.{item.label or 'now'}")
    for pack in SHIPPED
    for item in pack.procedures
    if item.spec.form
]
EXAMPLES = [
    pytest.param(item.spec.form, dossier, id=f"{item.spec.code}-{number}")
    for pack in SHIPPED
    for item in pack.procedures
    if item.spec.form and not item.label
    for number, dossier in enumerate(pack.examples.get(item.spec.code, ()))
]
PAGE = Template("{% ui_error_summary form %}{% ui_fields form %}")


def _post(page: Any, answers: dict[str, Any]) -> QueryDict:
    post = QueryDict(mutable=True)
    for name in page.fields:
        value = answers.get(name, "")
        if isinstance(value, list) and value and isinstance(value[0], dict):
            post[f"{name}__rows"] = str(len(value))
            for number, row in enumerate(value):
                post.update({f"{name}__{number}__{column}": str(cell) for column, cell in row.items()})
        elif isinstance(value, list):
            post.setlist(name, value)
        elif value is True:
            post[name] = "true"
        elif value is not False:
            post[name] = str(value)
    return post


@pytest.mark.django_db
@pytest.mark.parametrize(("form", "answers"), EXAMPLES)
def test_each_example_can_be_typed_page_by_page(form: Form, answers: dict[str, Any]) -> None:
    draft: dict[str, Any] = {}
    page = pages.next_page(form, "", draft)
    while page:
        bound = fields.bind(page, form, draft, _post(page, answers))
        assert bound.is_valid(), (page.id, bound.errors)
        draft |= fields.typed(page, form, _post(page, answers))
        page = pages.next_page(form, page.id, draft)
    outcome = engine.validate(form, draft)
    assert outcome.ok, outcome.errors
    unticked = {name: False for name, value in outcome.data.items() if value is False}  # an example need not name them
    assert outcome.data == {**unticked, **engine.validate(form, answers).data}
    assert all(answer.label for answer in display.answers(form, draft))


@pytest.mark.django_db
@pytest.mark.parametrize("form", FORMS)
def test_every_page_shows_empty_and_with_every_fault(form: Form) -> None:
    for page in form.pages:
        for post in (None, QueryDict(), _post(page, dict.fromkeys(page.fields, "<script>x</script> 𝕏\x00"))):
            bound = fields.bind(page, form, {}, post)
            if post is not None:
                bound.is_valid()
            html = PAGE.render(Context({"form": bound}))
            assert "<script>x" not in html


if FORMS:

    @pytest.mark.django_db
    @settings(max_examples=examples(150, 600), deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_nothing_typed_breaks_a_page(data: st.DataObject) -> None:
        form: Form = data.draw(st.sampled_from([param.values[0] for param in FORMS]))  # type: ignore[arg-type]
        page = data.draw(st.sampled_from(form.pages))
        names = [*page.fields, *(f"{name}_{part}" for name in page.fields for part in ("day", "month", "year"))]
        post = QueryDict(mutable=True)
        for name in data.draw(st.lists(st.sampled_from(names), max_size=6)):
            post.appendlist(
                name, data.draw(st.text(max_size=20) | st.sampled_from(["31", "2", "1990", "yes", "0" * 5000]))
            )
        bound = fields.bind(page, form, {}, post)
        bound.is_valid()
        PAGE.render(Context({"form": bound}))


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(item.spec.form, id=item.spec.code)
        for pack in SHIPPED
        for item in pack.procedures
        if item.spec.form and not item.label
    ],
)
def test_a_page_asks_about_one_thing(form: Form) -> None:
    """One thing a page: no more than four questions, and a title of its own."""
    assert {page.id: len(page.fields) for page in form.pages if len(page.fields) > 4} == {}
    titles = [page.title for page in form.pages]
    assert len(set(titles)) == len(titles)
