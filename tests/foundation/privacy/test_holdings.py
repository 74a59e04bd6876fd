"""Every table that names a person is told of in the copy of their data, or it is said why not."""

from __future__ import annotations

from django.apps import apps
from django.db import models

from hienluong.foundation.identity.models import Account
from hienluong.foundation.people.holdings import all_holdings, left_out
from hienluong.foundation.people.models import Party

#: Columns that hold the key of an account or a party without a foreign key.
KEYS = {
    "account_id",
    "party_id",
    "actor_id",
    "owner_id",
    "payer_id",
    "user_id",
    "person_id",
    "citizen_id",
    "subject_id",
    "reporter_id",
}


def names_a_person(model: type[models.Model]) -> list[str]:
    """The fields of a table by which it names an account or a party."""
    found = []
    for field in model._meta.get_fields():
        if not isinstance(field, models.Field):
            continue
        related = field.related_model if field.is_relation else None
        if related in (Account, Party) or (related is None and field.name in KEYS):
            found.append(field.name)
    return found


def test_every_table_that_names_a_person_is_told_of_or_left_out_for_a_reason() -> None:
    told = {name for holding in all_holdings() for name in holding.models}
    reasons = left_out()
    known = {model._meta.label for model in apps.get_models()}
    assert told | set(reasons) <= known, f"no such table: {sorted((told | set(reasons)) - known)}"
    assert all(len(reason) > 15 for reason in reasons.values())
    assert not told & set(reasons)
    missing = {
        model._meta.label: fields
        for model in apps.get_models()
        if (fields := names_a_person(model)) and model._meta.label not in told | set(reasons)
    }
    assert missing == {}, (
        "These tables name a person. Hand a Holding over in ready() so that the person gets a copy of it, or say with "
        f"holdings.leave_out() why not (docs/engineers/personal-data.md): {missing}"
    )


def test_a_holding_has_words_for_what_it_tells() -> None:
    for holding in all_holdings():
        assert str(holding.title), holding.code
        assert holding.labels, holding.code
        assert all(str(label) for label in holding.labels.values()), holding.code
