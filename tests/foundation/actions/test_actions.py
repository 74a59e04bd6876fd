"""The frame of every write, who may do what, and the way from a form to an action."""

from __future__ import annotations

import pytest
from django import forms
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.actions import (
    ANONYMOUS,
    Act,
    Actor,
    DomainError,
    Grant,
    InvalidInput,
    NotAllowed,
    action,
    permissions,
    purposes,
    system,
)
from hienluong.foundation.actions.action import UnrecordedAction
from hienluong.foundation.actions.forms import attempt
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.foundation.people.models import Party
from tests.factories import make_citizen

WHO = system("kiểm thử")


@action("test.rename")
def rename(act: Act, *, party: Party, name: str) -> Party:
    """Change a name."""
    if not name:
        raise InvalidInput("Tên trống", field="name")
    before, party.name = party.name, name
    party.save()
    act.record(party, before={"name": before}, after={"name": name})
    act.emit("test.renamed", party, {"name": name})
    return party


@action("test.rename_both")
def rename_both(act: Act, *, one: Party, two: Party, name: str, fail: bool = False) -> None:
    """Two in one."""
    rename(act, party=one, name=name)
    rename(act, party=two, name=name)
    if fail:
        raise DomainError("Thôi")


@action("test.forgets")
def forgets(act: Act, *, party: Party) -> None:
    """Writes nothing down."""
    party.name = "Ẩn danh"
    party.save()


@pytest.mark.django_db
class TestFrame:
    def test_the_write_the_entry_and_the_event_are_one(self) -> None:
        party = rename(WHO, party=make_citizen("Cũ"), name="Mới")
        entry = Entry.objects.get(verb="test.rename")
        assert (entry.before, entry.after) == ({"name": "Cũ"}, {"name": "Mới"})
        assert entry.actor_label == "kiểm thử"
        event = Event.objects.get(type="test.renamed")
        assert event.subject == f"people.party:{party.pk}"

    def test_what_is_refused_leaves_nothing(self) -> None:
        party = make_citizen("Cũ")
        with pytest.raises(InvalidInput):
            rename(WHO, party=party, name="")
        with pytest.raises(DomainError):
            rename_both(WHO, one=party, two=make_citizen(), name="Mới", fail=True)
        assert Party.objects.get(pk=party.pk).name == "Cũ"
        assert not Entry.objects.filter(verb__startswith="test.").exists()
        assert not Event.objects.filter(type__startswith="test.").exists()

    def test_actions_within_an_action_share_it(self) -> None:
        rename_both(WHO, one=make_citizen(), two=make_citizen(), name="Mới")
        entries = list(Entry.objects.filter(verb="test.rename").order_by("seq"))
        assert len(entries) == Event.objects.filter(type="test.renamed").count() == 2
        assert entries[1].seq == entries[0].seq + 1

    def test_an_action_that_writes_nothing_down_is_undone(self) -> None:
        party = make_citizen("Cũ")
        with pytest.raises(UnrecordedAction):
            forgets(WHO, party=party)
        assert Party.objects.get(pk=party.pk).name == "Cũ"


def _grant(path: str, *allowed: str) -> Grant:
    return Grant(frozenset(allowed), 1, path, "Chức vụ: Chuyên viên, Sở Tư pháp")


def test_deny_is_the_default_and_says_why() -> None:
    for actor in (ANONYMOUS, Actor(kind="account")):
        decision = actor.decide("x.do", "/1/")
        assert not decision.allowed
        assert decision.reasons
    with pytest.raises(NotAllowed) as refused:
        Actor(kind="account", grants=(_grant("/1/2/", "x.do"),)).require("x.do", "/1/3/")
    assert "phạm vi" in str(refused.value.details["reasons"])


def test_reasons_are_in_the_language_of_the_reader_and_name_the_permission_in_words() -> None:
    permissions.register(permissions.Permission("x.do", "Làm việc X", "Do X"))
    try:
        actor = Actor(kind="account", grants=(_grant("/1/", "x.do"),))
        assert "Làm việc X" in actor.decide("x.do", "/1/").reasons[0]
        with translation.override("en"):
            assert "Do X" in actor.decide("x.do", "/1/").reasons[0]
    finally:
        permissions._catalogue.pop("x.do")
    assert permissions.label("x.unknown") == "x.unknown"


PATHS = st.lists(st.integers(1, 30), min_size=1, max_size=5).map(lambda ids: "/" + "/".join(map(str, ids)) + "/")


@given(PATHS, PATHS)
def test_a_grant_reaches_its_place_and_what_is_below_and_nothing_else(held: str, asked: str) -> None:
    actor = Actor(kind="account", grants=(_grant(held, "x.do"),))
    below = asked.strip("/").split("/")[: len(held.strip("/").split("/"))] == held.strip("/").split("/")
    assert actor.can("x.do", asked) is below
    assert not actor.can("x.other", asked)
    assert actor.paths_with("x.do") == (held,)
    assert actor.paths_with("x.other") == ()


def test_background_work_may_and_says_that_it_is_background_work() -> None:
    assert WHO.can("x.do", "/")
    assert WHO.purpose == "background"
    assert ANONYMOUS.with_purpose("dossiers.filing").purpose == "dossiers.filing"


def test_the_purpose_of_a_page_is_that_of_its_name_else_of_its_face() -> None:
    assert purposes.of_page("identity:sign_in") == "identity.own"
    assert purposes.of_page("identity:accounts") == "identity.administration"
    assert purposes.of_page("nobody:knows") == ""
    assert purposes.label("written freely") == "written freely"


class NameForm(forms.Form):
    name = forms.CharField(required=False)


def _bound() -> NameForm:
    form = NameForm({"name": "x"})
    assert form.is_valid()
    return form


def _raise(error: Exception) -> None:
    raise error


def test_what_an_action_refuses_stands_beside_the_field_it_names() -> None:
    form = _bound()
    assert attempt(form, lambda: _raise(InvalidInput("Sai", field="name"))) is None
    assert form.errors["name"] == ["Sai"]
    other = _bound()
    assert attempt(other, lambda: _raise(DomainError("Không", field="unknown"))) is None
    assert other.non_field_errors() == ["Không"]
    assert attempt(_bound(), lambda: 7) == 7


def test_that_somebody_may_not_is_no_fault_of_the_form() -> None:
    with pytest.raises(NotAllowed):
        attempt(_bound(), lambda: _raise(NotAllowed("Không được")))
