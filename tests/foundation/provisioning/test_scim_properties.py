"""A filter asks the database the same question as it asks the resources; a patch does what its steps do."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from scim2_models import Context, Email, InvalidFilterException, PatchOp, SCIMException, ScimFilter, SearchRequest

from hienluong.foundation.organisations.models import Official
from hienluong.foundation.provisioning.scim import filtering, users
from hienluong.foundation.provisioning.scim.resources import OfficialUser
from hienluong.foundation.sso.models import System
from tests.factories import make_account, make_official, make_org, make_roles
from tests.foundation.sso.system import registered

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
TEXTS = st.sampled_from(
    ["an", "An", "bình", "BÌNH", "100%", "_", "\\", "officer", 'a"b', "", "work", "true", "an@binh.vn"]
)
STRINGS = st.sampled_from(["userName", "displayName", "name.formatted", "emails.value", "title", "emails"])
OPERATORS = st.sampled_from(["eq", "ne", "co", "sw", "ew"])


def _quoted(text: str) -> str:
    return ScimFilter.quote(text)


_PLAIN = st.one_of(
    st.builds(lambda a, o, v: f"{a} {o} {_quoted(v)}", STRINGS, OPERATORS, TEXTS),
    st.builds(lambda a: f"{a} pr", STRINGS),
    st.builds(lambda b: f"active eq {str(b).lower()}", st.booleans()),
    st.builds(lambda o, v: f'emails[type eq "work" and value {o} {_quoted(v)}]', OPERATORS, TEXTS),
)
FILTERS = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(
        st.builds(lambda a, b, op: f"({a}) {op} ({b})", inner, inner, st.sampled_from(["and", "or", "AND"])),
        st.builds(lambda a: f"not ({a})", inner),
    ),
    max_leaves=5,
)


class Filters(TestCase):
    """On some officials whose names are hard to ask for."""

    system: System

    @classmethod
    def setUpTestData(cls) -> None:
        make_roles()
        org = make_org(code="H50", kind="province")
        cls.system, _secret = registered(owner=org)
        for number, (name, title) in enumerate([("Trần An", "officer"), ("Lê BÌNH", "100%"), ('A"b _', "\\ work")]):
            official = make_official(name, org=org, title=title)
            Official.objects.filter(pk=official.pk).update(email=("", "an@binh.vn", "100%@x.vn")[number])
            if number != 2:
                account = make_account(("an", "binh_")[number], official=official)
                account.is_active = number == 0
                account.save()

    @settings(max_examples=10)
    @given(st.lists(FILTERS, min_size=8, max_size=8))
    def test_the_database_says_what_the_resources_say(self, texts: list[str]) -> None:
        found = users.loaded(Official.objects.all(), self.system)
        shown = {official.pk: users.shown(official, ["/"]) for official in found}
        with_account = {official.pk for official in found if hasattr(official, "account")}
        for text in texts:
            try:
                asked = ScimFilter[OfficialUser](text)
            except SCIMException:  # an address that is none cannot be asked for
                continue
            said = {pk for pk, user in shown.items() if asked.match(user)} & with_account
            answered = found.filter(filtering.condition(asked)).values_list("pk", flat=True)
            assert set(answered) & with_account == said, text

    def test_the_database_orders_as_the_resources_say(self) -> None:
        found = users.loaded(Official.objects.all(), self.system)
        shown = [users.shown(official, ["/"]) for official in found.order_by("pk")]
        names = ["id", "userName", "displayName", "name.formatted", "emails", "emails.value", "active"]
        names += ["phoneNumbers", "externalId", f"{ENTERPRISE}:employeeNumber"]
        for name in names:
            for direction in ("ascending", "descending"):
                asked = SearchRequest[OfficialUser](sort_by=name, sort_order=direction)
                said = [asked.sort_value(user) for user in asked.sort(shown)]
                answered = [str(pk) for pk in found.order_by(*filtering.order(asked)).values_list("pk", flat=True)]
                by_id = {user.id: asked.sort_value(user) for user in shown}
                assert [by_id[pk] for pk in answered] == said, (name, direction)


@given(st.text(max_size=60))
@settings(max_examples=50)
def test_any_text_is_a_filter_or_is_refused_as_one(text: str) -> None:
    try:
        parsed: ScimFilter[Any] = ScimFilter(text)
    except (SCIMException, ValueError):
        return
    with suppress(InvalidFilterException):  # no other complaint
        filtering.condition(parsed)
    assert str(ScimFilter(str(parsed.ast)).ast) == str(parsed.ast)  # written out and read again it is the same


_STEPS = st.one_of(
    st.builds(lambda v: {"op": "replace", "path": "displayName", "value": v}, TEXTS.filter(bool)),
    st.builds(lambda v: {"op": "add", "value": {"title": v}}, TEXTS.filter(bool)),
    st.just({"op": "remove", "path": "title"}),
    st.builds(
        lambda v: {"op": "replace", "path": 'emails[type eq "work"].value', "value": v},
        st.sampled_from(["b@x.vn", "c@x.vn"]),
    ),
    st.builds(lambda b: {"op": "Replace", "path": "active", "value": b}, st.booleans()),
)


def _patched(user: Any, steps: list[dict[str, Any]]) -> Any:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": steps}
    changed = user.model_copy(deep=True)
    PatchOp[OfficialUser].model_validate(body, scim_ctx=Context.RESOURCE_PATCH_REQUEST).patch(changed)
    return changed


@given(st.lists(_STEPS, min_size=1, max_size=6))
@settings(max_examples=40)
def test_a_patch_is_its_steps_one_after_another_and_doing_the_last_again_changes_nothing(
    steps: list[dict[str, Any]],
) -> None:
    user = OfficialUser(user_name="an", title="x", emails=[Email(value="a@b.vn", type=Email.Type.work)])
    whole, one_by_one = _patched(user, steps), user
    for step in steps:
        one_by_one = _patched(one_by_one, [step])
    assert whole.model_dump() == one_by_one.model_dump()
    assert _patched(whole, [steps[-1]]).model_dump() == whole.model_dump()
    assert user.title == "x"  # the original is left alone: what is refused later has changed nothing


@pytest.mark.parametrize("path", ["members", "nickName[", "emails[", "id", "meta.version"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    with pytest.raises((SCIMException, ValueError)):
        _patched(OfficialUser(user_name="an", id="1"), [{"op": "replace", "path": path, "value": "x"}])
