"""As far as permissions reach: what belongs to organisations or to any below them, and nothing without a path."""

from __future__ import annotations

import pytest

from hienluong.foundation.actions import Actor, Grant, NotAllowed
from hienluong.foundation.organisations import reach
from hienluong.foundation.organisations.models import Organization, Position
from tests.factories import make_official, make_org, make_roles


@pytest.mark.django_db
def test_what_is_below_and_nothing_else() -> None:
    make_roles()
    province = make_org(code="H50", kind="province")
    office, other = make_org(code="H50.03", parent=province), make_org(code="H50.04", parent=province)
    room = make_org(code="H50.03.01", parent=office)
    found = Organization.objects.filter(reach.below([office.path]))
    assert set(found) == {office, room}
    assert set(Organization.objects.filter(reach.below([other.path, room.path]))) == {other, room}
    assert not Organization.objects.filter(reach.below([])).exists(), "deny by default"
    make_official("An", org=room)
    make_official("Ba", org=other)
    names = Position.objects.filter(reach.below([office.path], "organization__path")).values_list("official__full_name")
    assert list(names) == [("An",)]
    either = reach.below([office.path], "parent__path", "path")
    assert set(Organization.objects.filter(either)) == {office, room}


def test_somewhere_is_asked_with_the_reasons() -> None:
    grant = Grant(frozenset({"x.do"}), 1, "/1/", "Chức vụ: Chuyên viên")
    actor = Actor(kind="account", account_id=1, grants=(grant,))
    assert actor.require_somewhere("x.do", "Không được.") == ("/1/",)
    with pytest.raises(NotAllowed, match="Không được") as refused:
        actor.require_somewhere("x.other", "Không được.")
    assert "Chuyên viên" in str(refused.value.details["reasons"])
