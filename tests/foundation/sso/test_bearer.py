"""Our API and our access tokens: scope, audience, revocation, levels; and what a gateway needs to know (the public keys)."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from django.conf import settings
from django.test import Client

from hienluong.foundation.actions import Actor, Grant, NotAllowed
from hienluong.foundation.identity.models import Account
from hienluong.foundation.sso import actions, machines
from tests.factories import make_account, make_official, make_org, make_roles

from .system import Flow, registered

pytestmark = pytest.mark.django_db
SCOPES = ["profile", "api.read", "api.write", "offline_access"]
MACHINE: dict[str, Any] = {
    "name": "Máy",
    "purpose": "Đọc.",
    "contact_name": "Kỹ",
    "contact_email": "ky@so.example",
    "scopes": ["api.read"],
    "redirect_uris": [],
    "proof": "client_secret_basic",
    "for_itself": True,
}
ADDRESS = "/api/v1/registers"


def tokens_of(account: Account, scope: str = "openid api.read", **params: str) -> tuple[Flow, dict[str, Any]]:
    browser = Client()
    browser.force_login(account)
    flow = Flow(*registered(scopes=SCOPES), browser, scope=scope, **params)
    return flow, flow.tokens()


def asked(token: str, method: str = "get", path: str = ADDRESS, client: Client | None = None) -> Any:
    client = client or Client(enforce_csrf_checks=True)
    call = getattr(client, method)
    return call(path, headers={"authorization": f"Bearer {token}"}, secure=True, content_type="application/json")


def test_a_gateway_verifies_our_tokens_with_the_public_keys_alone(
    django_assert_num_queries: Any,
) -> None:
    flow, tokens = tokens_of(make_account())
    published = Client().get("/sso/khoa.json", secure=True).json()
    assert all(not {"d", "p", "q"} & set(key) for key in published["keys"]), "public keys only"
    with django_assert_num_queries(0):
        key = jwt.PyJWKSet.from_dict(published)[jwt.get_unverified_header(tokens["access_token"])["kid"]]
        claims = jwt.decode(
            tokens["access_token"], key, algorithms=["RS256"], audience=settings.BASE_URL, issuer=settings.BASE_URL
        )
    assert claims["client_id"] == flow.system.client_id
    assert (claims["token_use"], claims["scope"]) == ("access", "openid api.read")
    for wrong in ({"audience": "https://khac.example"}, {"issuer": "https://khac.example"}):
        expected = {"audience": settings.BASE_URL, "issuer": settings.BASE_URL, **wrong}
        with pytest.raises(jwt.InvalidTokenError):
            jwt.decode(tokens["access_token"], key, algorithms=["RS256"], **expected)


def test_the_api_takes_a_token_for_its_person_within_its_scope() -> None:
    account = make_account()
    _flow, tokens = tokens_of(account)
    assert asked(tokens["access_token"]).status_code == 200
    refused = asked(tokens["access_token"], "post", "/api/v1/registers/x/records")
    assert (refused.status_code, refused.json()["code"]) == (403, "api.scope")
    assert refused["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'
    _flow, tokens = tokens_of(account, "openid api.write")
    assert asked(tokens["access_token"], "post", "/api/v1/registers/x/records").status_code in (404, 422), (
        "no CSRF asked"
    )
    _flow, tokens = tokens_of(account, "openid profile")
    assert asked(tokens["access_token"]).status_code == 403


def test_a_token_is_refused_that_is_not_for_our_api_or_not_good() -> None:
    account = make_account()
    flow, tokens = tokens_of(account, scope="openid api.read offline_access")
    wrong = ["", "doan", tokens["id_token"], tokens["refresh_token"], tokens["access_token"][:-3] + "AAA"]
    wrong.append(jwt.encode({"sub": "x"}, "k" * 32, algorithm="HS256"))
    for token in wrong:
        answer = asked(token)
        assert (answer.status_code, answer.json()["code"]) == (401, "api.token"), token
    _flow, elsewhere = tokens_of(account, resource="https://api-khac.example/")
    assert asked(elsewhere["access_token"]).status_code == 401, "for another API"
    session = Client()
    session.force_login(account)
    assert asked("doan", client=session).status_code == 401, "a session beside a wrong token does not count"
    flow.post("/sso/thu-hoi", {"token": tokens["access_token"]})
    assert asked(tokens["access_token"]).status_code == 401, "revoked"


def test_a_token_of_somebody_who_left_or_of_a_disabled_system_is_refused() -> None:
    account = make_account()
    flow, tokens = tokens_of(account)
    Account.objects.update(is_active=False)
    assert asked(tokens["access_token"]).status_code == 401
    Account.objects.update(is_active=True)
    assert asked(tokens["access_token"]).status_code == 200
    actions.disable(Actor(kind="system", label="x"), system=flow.system, reason="Hết dùng")
    assert asked(tokens["access_token"]).status_code == 401


def test_an_official_shows_a_second_factor_here_too(settings: Any) -> None:
    make_roles()
    _flow, tokens = tokens_of(make_account(official=make_official(role="clerk")))
    assert asked(tokens["access_token"]).status_code == 200
    settings.SECOND_FACTOR = "officials"
    answer = asked(tokens["access_token"])
    assert (answer.status_code, answer.json()["code"]) == (403, "api.level")


def test_a_token_opens_nothing_but_the_api() -> None:
    _flow, tokens = tokens_of(make_account())
    answer = asked(tokens["access_token"], path="/tai-khoan/bao-mat")
    assert answer["Location"].startswith("/dang-nhap")


def test_a_system_stands_for_its_organisation_and_gets_no_more_than_who_registered_it() -> None:
    make_roles()
    place = make_org(kind="province")
    system, secret = registered(owner=place, scopes=["api.read"], for_itself=True, redirect_uris=[])
    flow = Flow(system, secret, Client())
    token = flow.post("/sso/ma", {"grant_type": "client_credentials", "scope": "api.read"}).json()["access_token"]
    assert asked(token).status_code == 200
    actor = machines.actor_of(system, ["api.read"])
    assert actor.can("registers.read", place.path)
    assert not actor.can("registers.read", "/")
    assert not actor.can("registers.write", place.path)
    for may, allowed in ((["sso.manage"], False), (["sso.manage", "registers.read"], True)):
        grant = Grant(permissions=frozenset(may), organization_id=place.pk, path=place.path, source="x")
        manager = Actor(kind="account", label="x", account_id=make_account().pk, grants=(grant,))
        if allowed:
            assert actions.register(manager, owner=place, **MACHINE)
        else:
            with pytest.raises(NotAllowed):
                actions.register(manager, owner=place, **MACHINE)
