"""A list whose definition says nothing of its columns, and the fields that only a certificate's acts write."""

from __future__ import annotations

from copy import deepcopy

import pytest
from django.db.models import Q
from django.test import RequestFactory

from hienluong.capabilities.registers.queries import Scope
from hienluong.services.building import preview
from hienluong.services.records import entry, filtering
from tests.capabilities.registers.certified import PREMISES, premises

pytestmark = pytest.mark.django_db
WRITTEN_BY_ACTS = {"number", "issued_on", "expires_on", "suspended", "status"}


def test_the_usual_columns_have_the_number_and_the_certificate() -> None:
    spec = premises(lists=[])
    asked = filtering.ask(RequestFactory().get("/"), spec, Scope(Q(), frozenset(spec.fields)))
    assert asked.columns[:3] == ["code", "number", "status"]


def test_the_form_of_a_record_says_when_the_certificate_is_written_there() -> None:
    spec = premises()
    for is_new, words in ((True, "giấy đã cấp từ trước"), (False, "khi đính chính")):
        props = entry.form_of(spec, set(spec.fields), {}, is_new=is_new).data_schema["properties"]
        assert {name for name, prop in props.items() if words in str(prop.get("x-hint"))} == WRITTEN_BY_ACTS


def test_the_trial_of_a_register_asks_for_nothing_that_acts_write() -> None:
    form = preview.trial(deepcopy(PREMISES))
    assert form is not None
    assert set(form.pages[0].fields) == set(PREMISES["schema"]["properties"]) - WRITTEN_BY_ACTS
