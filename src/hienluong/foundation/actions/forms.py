"""From a form to an action and back: what the action refuses is said at the field it names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from django import forms

from .errors import DomainError, NotAllowed, NotFound

T = TypeVar("T")


def attempt(form: forms.Form, call: Callable[[], T]) -> T | None:
    """What `call` returns; None when a rule said no, which the form then shows beside what was typed.

    That somebody may not do a thing, or that it is not there, is no fault of the form and goes on up.
    """
    try:
        return call()
    except (NotAllowed, NotFound):
        raise
    except DomainError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error.message))
        return None
