"""Two communes side by side: what is one's is closed to the other, in both directions, by page and by action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity.models import Account, RoleGrant
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Delegation, Official, Organization, Position
from hienluong.foundation.signin import actions as signin
from hienluong.foundation.signin.models import KnownBrowser
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import Consent, System
from tests.factories import TESTER, make_account, make_official, make_org, make_roles
from tests.foundation.sso.system import registered
from tests.snapshots import ready

pytestmark = pytest.mark.django_db


@dataclass
class Commune:
    """An administrator, somebody who works there, and what is theirs."""

    org: Organization
    admin: Account
    worker: Account
    official: Official
    position: Position
    grant: RoleGrant
    lent: Delegation
    system: System
    consent: Consent
    key: Authenticator
    session: UserSession
    browser: KnownBrowser

    def pages(self) -> list[tuple[str, list[Any], dict[str, str]]]:
        """Pages of an administrator here: the name, the parts of the address, what to send."""
        contact = {"contact_name": "Kẻ", "contact_email": "ke@gian.example"}
        reason, day = {"reason": "Thử"}, f"{timezone.localdate():%d/%m/%Y}"
        code, account = [self.official.code], [self.worker.pk]
        return [
            ("identity:official", code, {}),
            (
                "identity:appoint",
                code,
                {"organization": self.org.code, "title": "X", "role": "clerk", "valid_from": day},
            ),
            ("identity:delegate_for", code, reason),
            ("identity:open_account", code, {"username": "la"}),
            ("identity:end_post", [self.position.pk], {"on": day}),
            ("identity:account", account, {}),
            ("identity:reset_password", account, reason),
            ("identity:deactivate", account, reason),
            ("identity:reactivate", account, reason),
            ("identity:grant", account, {"role": "clerk", "organization": self.org.code, "valid_from": day, **reason}),
            ("identity:revoke", [self.grant.pk], {"on": day}),
            ("identity:revoke_delegation", [self.lent.pk], {}),
            ("signin:reset", account, reason),
            ("sso:system", [self.system.pk], {}),
            ("sso:change_system", [self.system.pk], {"redirect_uris": "https://ke-gian.example/", **contact}),
            ("sso:new_secret", [self.system.pk], {}),
            ("sso:disable", [self.system.pk], reason),
            ("sso:enable", [self.system.pk], reason),
        ]

    def own_pages(self) -> list[tuple[str, list[Any], dict[str, str]]]:
        """Pages of the worker alone."""
        return [
            ("signin:rename_passkey", [self.key.pk], {"name": "x"}),
            ("signin:remove", [self.key.pk], {}),
            ("signin:end_session", [self.session.pk], {}),
            ("signin:new_browser", [self.browser.pk], {}),
            ("signin:disown_browser", [self.browser.pk], {}),
            ("sso:withdraw", [self.consent.pk], {}),
        ]

    def state(self) -> Any:
        """What a wrong hand could have changed."""
        worker, system = Account.objects.get(pk=self.worker.pk), System.objects.get(pk=self.system.pk)
        return (
            (worker.password, worker.is_active, worker.role_grants.count(), worker.official_id),
            (Position.objects.filter(official=self.official).count(), Position.objects.get(pk=self.position.pk).valid),
            (RoleGrant.objects.get(pk=self.grant.pk).valid, Delegation.objects.get(pk=self.lent.pk).revoked_at),
            (system.disabled_at, system.secret_until, system.client.secret, system.client.redirect_uris),
            (Authenticator.objects.get(pk=self.key.pk).data, Consent.objects.get(pk=self.consent.pk).withdrawn_at),
            (
                UserSession.objects.filter(user=self.worker).count(),
                KnownBrowser.objects.filter(pk=self.browser.pk).count(),
            ),
        )


def commune(root: Organization, number: int) -> Commune:
    org = make_org(f"UBND xã {number}", code=f"H50.10{number}", kind="commune", parent=root)
    official = make_official(f"Người xã {number}", role="leader", org=org)
    worker = make_account(f"nguoi-{number}", official=official)
    deputy = make_official(org=org)
    position = official.positions.get()
    today = timezone.localdate()
    lent = organisations.delegate(
        actor_of(worker),
        position=position,
        to=deputy,
        powers=[],
        valid_from=today,
        valid_to=today + timedelta(days=2),
        reason="Đi họp",
    )
    system, _secret = registered(owner=org)
    return Commune(
        org=org,
        admin=make_account(f"quan-tri-{number}", official=make_official(role="admin", org=org)),
        worker=worker,
        official=official,
        position=position,
        grant=accounts.grant_role(TESTER, account=worker, role="clerk", organization=org, reason="Trực"),
        lent=lent,
        system=system,
        consent=sso.consent(actor_of(worker), account=worker, client=system.client, scopes=["profile"]),
        key=Authenticator.objects.create(user=worker, type=Authenticator.Type.WEBAUTHN, data={"name": "Máy"}),
        session=UserSession.objects.create(user=worker, ip="10.0.0.1", session_key=f"khoa-{number}", user_agent="x"),
        browser=KnownBrowser.objects.create(account=worker, mark=f"m{number}", last_at=timezone.now()),
    )


def two() -> tuple[Commune, Commune]:
    make_roles()
    root = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    return commune(root, 1), commune(root, 2)


@pytest.mark.parametrize("turned", [False, True], ids=["one asks for two", "two asks for one"])
def test_the_other_commune_gets_nothing(turned: bool) -> None:
    mine, theirs = reversed(ready(two)) if turned else ready(two)
    before, wrong = theirs.state(), []
    for who, pages in (
        (mine.admin, theirs.pages() + theirs.own_pages()),
        (mine.worker, theirs.pages() + theirs.own_pages()),
    ):
        client = Client(raise_request_exception=False)
        client.force_login(who)
        session = client.session
        session["account_authentication_methods"] = [
            {"method": "mfa", "type": "webauthn", "at": timezone.now().timestamp()}
        ]
        session["account_authentication_methods_user"] = str(who.pk)
        session.save()
        for name, parts, form in pages:
            address = reverse(name, args=parts)
            for answer in (client.get(address, secure=True), client.post(address, form, secure=True)):
                if answer.status_code not in (403, 404, 405):
                    wrong.append(f"{who.username} {address}: {answer.status_code} {answer.get('Location', '')}")
    assert wrong == []
    assert theirs.state() == before


@pytest.mark.parametrize("turned", [False, True], ids=["one acts on two", "two acts on one"])
def test_the_actions_refuse_the_other_commune(turned: bool) -> None:
    mine, theirs = reversed(ready(two)) if turned else ready(two)
    before, admin, worker = theirs.state(), actor_of(mine.admin), actor_of(mine.worker)

    def refused(actor: Actor) -> int:
        tries = (
            lambda: accounts.deactivate(actor, account=theirs.worker, reason="Thử"),
            lambda: accounts.reset_password(actor, account=theirs.worker, reason="Thử"),
            lambda: accounts.grant_role(
                actor, account=theirs.worker, role="clerk", organization=theirs.org, reason="Thử"
            ),
            lambda: accounts.grant_role(actor, account=mine.admin, role="clerk", organization=theirs.org, reason="Thử"),
            lambda: accounts.revoke(actor, grant=theirs.grant),
            lambda: accounts.change_password(actor, account=theirs.worker, old="Mat-khau-thu-2026", new="x"),
            lambda: accounts.set_preferences(actor, account=theirs.worker, theme="dark"),
            lambda: organisations.revoke_delegation(actor, delegation=theirs.lent),
            lambda: signin.reset_factors(actor, account=theirs.worker, reason="Thử"),
            lambda: signin.remove_factor(actor, account=theirs.worker, factor=theirs.key),
            lambda: signin.end_session(actor, account=theirs.worker, session=theirs.session),
            lambda: signin.end_other_sessions(actor, account=theirs.worker, but=""),
            lambda: signin.disown_browser(actor, account=theirs.worker, browser=theirs.browser, here=""),
            lambda: sso.change(
                actor, system=theirs.system, contact_name="Kẻ", contact_email="ke@gian.example", redirect_uris=[]
            ),
            lambda: sso.new_secret(actor, system=theirs.system),
            lambda: sso.disable(actor, system=theirs.system, reason="Thử"),
            lambda: sso.withdraw(actor, account=theirs.worker, given=theirs.consent),
            lambda: registered_by(actor, theirs.org),
        )
        for number, tried in enumerate(tries):
            with pytest.raises((NotAllowed, NotFound)):
                print(number, tried())
        return len(tries)

    assert refused(admin) == refused(worker)
    assert theirs.state() == before


def registered_by(actor: Actor, owner: Organization) -> Any:
    return sso.register(
        actor,
        owner=owner,
        name="Lạ",
        purpose="Thử",
        contact_name="A",
        contact_email="a@b.example",
        scopes=["profile"],
        redirect_uris=["https://a.example/"],
        proof=System.Proof.BASIC,
    )


@pytest.mark.parametrize("turned", [False, True])
def test_ones_own_administrator_gets_in(turned: bool) -> None:
    mine, _theirs = reversed(ready(two)) if turned else ready(two)
    client = Client()
    client.force_login(mine.admin)
    opened = {
        name: client.get(reverse(name, args=parts), secure=True).status_code for name, parts, _form in mine.pages()
    }
    assert opened["identity:official"] == opened["identity:account"] == opened["identity:reset_password"] == 200
    assert accounts.reset_password(actor_of(mine.admin), account=mine.worker, reason="Quên")
