"""Walking through a form: which pages and fields a person sees, given what was answered so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hienluong.foundation.schemas.cleaning import clean

from .definition import Form, Page
from .engine import asked_pages, validate_page


def visible_pages(form: Form, data: Mapping[str, Any]) -> list[Page]:
    """The pages with at least one question for this person, in order."""
    return [page for page, _names in asked_pages(form, clean(form.data_schema, data))]


def visible_fields(form: Form, page: Page, data: Mapping[str, Any]) -> list[str]:
    """The fields of a page that are asked for, given the answers so far."""
    shown = asked_pages(form, clean(form.data_schema, data))
    return next((names for other, names in shown if other.id == page.id), [])


def page(form: Form, identifier: str) -> Page | None:
    """The page with this id."""
    return next((page for page in form.pages if page.id == identifier), None)


def next_page(form: Form, identifier: str, data: Mapping[str, Any]) -> Page | None:
    """The page after this one, None after the last: time to check the answers."""
    pages = visible_pages(form, data)
    order = [page.id for page in form.pages]
    place = order.index(identifier) if identifier in order else -1
    return next((page for page in pages if order.index(page.id) > place), None)


def previous_page(form: Form, identifier: str, data: Mapping[str, Any]) -> Page | None:
    """The page before this one; with an unknown id (the answers' summary) the last page."""
    pages = visible_pages(form, data)
    order = [page.id for page in form.pages]
    place = order.index(identifier) if identifier in order else len(order)
    return next((page for page in reversed(pages) if order.index(page.id) < place), None)


def first_incomplete(form: Form, data: Mapping[str, Any]) -> Page | None:
    """The first page with something missing or wrong; None when the form can be filed."""
    return next((page for page in visible_pages(form, data) if not validate_page(form, page, data).ok), None)
