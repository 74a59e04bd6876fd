"""Two communes side by side: what is one's is closed to the other, in both directions, by page and by action."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.urls import reverse
from django.utils import timezone

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.calendars import actions as calendars
from hienluong.foundation.calendars.models import SpecialDay
from hienluong.foundation.consents import actions as consents
from hienluong.foundation.consents import catalogue
from hienluong.foundation.consents.models import Decision
from hienluong.foundation.eid import actions as eid
from hienluong.foundation.eid.models import Link
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity import suspending
from hienluong.foundation.identity.models import Account, Emergency, RoleGrant, Suspension
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.mandates import actions as mandates
from hienluong.foundation.mandates.models import Appointment
from hienluong.foundation.merging import actions as merging
from hienluong.foundation.merging.models import Merge
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Delegation, Official, Organization, Position
from hienluong.foundation.people.models import Party
from hienluong.foundation.powers import emergencies, reviewing
from hienluong.foundation.privacy import exporting
from hienluong.foundation.privacy.models import Export
from hienluong.foundation.privacy.tasks import make_export
from hienluong.foundation.provisioning import importing, leaving
from hienluong.foundation.provisioning.models import Departure, Directory, Sheet
from hienluong.foundation.provisioning.scim import directories
from hienluong.foundation.recovery import actions as recoveries
from hienluong.foundation.recovery.models import Recovery
from hienluong.foundation.signin import actions as signin
from hienluong.foundation.signin.models import KnownBrowser
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import Consent, System
from tests.factories import TESTER, make_account, make_citizen, make_enterprise, make_official, make_org, make_roles
from tests.foundation.provisioning.sheets import excel, line
from tests.foundation.sso.system import registered
from tests.services import test_wrong_user
from tests.snapshots import ready

from .addresses import all_addresses, browser, names

pytestmark = pytest.mark.django_db


#: Apps whose own tests hold a list of all their addresses: tests/services/documents/test_outgoing_pages.py,
#: tests/services/test_document_strangers.py.
OWN_LISTS = ("outgoing", "workfiles", "exchange", "signing")
ORG_PAGES = ("rename", "move", "contacts")


@dataclass
class Citizen:
    """Somebody who lives there, and what is theirs alone; `asked` is somebody whom their firm asked to act for it."""

    account: Account
    asked: Account
    decision: Decision
    export: Export
    merge: Merge
    link: Link
    firm: Party
    appointment: Appointment

    def pages(self) -> list[tuple[str, list[Any], dict[str, str]]]:
        """Pages of this citizen alone."""
        return [
            ("consents:one", [self.decision.pk], {}),
            ("privacy:take_export", [self.export.pk], {}),
            ("merging:undo", [self.merge.pk], {}),
            ("eid:unlink", [self.link.pk], {}),
            ("mandates:enterprise", [self.firm.pk], {}),
            ("mandates:appoint", [self.firm.pk], {"name": "Lạ", "identifier": "045190001234", "acts": "pay"}),
            ("mandates:withdraw", [self.appointment.pk], {}),
        ]

    def state(self) -> Any:
        """What a wrong hand could have changed."""
        appointment = Appointment.objects.get(pk=self.appointment.pk)
        return (
            Decision.objects.get(pk=self.decision.pk).ended_at,
            Export.objects.get(pk=self.export.pk).taken,
            Merge.objects.get(pk=self.merge.pk).undone_at,
            Link.objects.filter(pk=self.link.pk).count(),
            (appointment.state, self.firm.appointments_given.count(), self.firm.representatives.count()),
        )


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
    sheet: Sheet
    departure: Departure
    suspension: Suspension
    emergency: Emergency
    recovery: Recovery
    special: SpecialDay
    citizen: Citizen

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
            ("identity:change_official", code, {"full_name": "Lạ"}),
            ("identity:end_post", [self.position.pk], {"on": day}),
            ("identity:change_post", [self.position.pk], {"title": "Lạ", "valid_from": day}),
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
            ("sso:change_system", [self.system.pk], {"contact_name": "Lạ", "contact_email": "la@a.example"}),
            ("sso:new_secret", [self.system.pk], {}),
            ("sso:disable", [self.system.pk], reason),
            ("sso:enable", [self.system.pk], reason),
            ("sso:add_engineer", [self.system.pk], {"username": "nguoi-1"}),
            ("sso:remove_engineer", [self.system.pk, self.worker.pk], {}),
            ("provisioning:directory", [self.system.pk], {"organizations": self.org.code, **reason}),
            ("provisioning:invite", account, {}),
            ("provisioning:departure", [self.departure.pk], {"successor": self.official.code}),
            ("powers:lift", [self.suspension.pk], reason),
            ("powers:emergency", [self.emergency.pk], {"justified": "1", "findings": "x"}),
            ("powers:give_back", [self.emergency.pk], {}),
            ("recovery:ask_for", account, reason),
            ("recovery:decide", [self.recovery.pk], {"viec": "tu-choi", **reason}),
            ("calendars:remove_day", [self.special.pk], {}),
            *((f"organisations:{name}", [self.org.code], {"name": "Lạ", **reason}) for name in ORG_PAGES),
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
            ("sso:engineer_system", [self.system.pk], {}),
            ("sso:engineer_secret", [self.system.pk], {}),
            ("sso:engineer_keys", [self.system.pk], {"keys": "{}"}),
            *self.citizen.pages(),
            ("mandates:answer", [self.citizen.appointment.pk], {"viec": "dong-y"}),
            *self.administrators_own(),
        ]

    def administrators_own(self) -> list[tuple[str, list[Any], dict[str, str]]]:
        """What an administrator began alone."""
        names = ("sheet", "sheet_faults", "start_sheet", "stop_sheet", "resume_sheet", "undo_sheet")
        return [(f"provisioning:{name}", [self.sheet.pk], {"rows": "all"}) for name in names]

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
            (Sheet.objects.get(pk=self.sheet.pk).state, Departure.objects.get(pk=self.departure.pk).successor_id),
            (Suspension.objects.get(pk=self.suspension.pk).lifted_at, Recovery.objects.get(pk=self.recovery.pk).state),
            list(Emergency.objects.filter(pk=self.emergency.pk).values_list("ended_at", "reviewed_at")),
            (worker.recoveries.count(), worker.invitations.count(), system.engineers.count()),
            Directory.objects.filter(system=system).count(),
            SpecialDay.objects.filter(pk=self.special.pk).count(),
            list(self.org.versions.values_list("name", "parent", "address")),
            self.citizen.state(),
        )


def citizen(number: int) -> Citizen:
    account, asked = (make_account(f"dan-{who}-{number}", party=make_citizen(f"Người Dân {number}")) for who in "ab")
    party, today = account.party, timezone.localdate()
    assert party is not None
    assert asked.party is not None
    gone = make_account(f"dan-cu-{number}", party=Party.objects.create(kind="citizen", name=party.name))
    purpose = next(each for each in catalogue.all_purposes() if each.basis == "consent" and each.is_offered)
    export = exporting.ask_export(actor_of(account), account=account)
    make_export(export.pk)
    offer = merging.offered(merging.offer(actor_of(account), account=account))
    assert offer is not None
    merge = merging.merge_own(actor_of(gone), offer=offer)
    firm = make_enterprise(f"Công ty {number}", representative=party)
    return Citizen(
        account=account,
        asked=asked,
        decision=consents.give(actor_of(account), account=account, purpose=purpose.code, version=purpose.version),
        export=export,
        merge=merge,
        link=Link.objects.create(
            account=account,
            provider="vneid",
            subject_hash=f"s{number}",
            person_hash="",
            level=2,
            last_at=timezone.now(),
        ),
        firm=firm,
        appointment=mandates.appoint(
            actor_of(account),
            enterprise=firm,
            name=asked.party.name,
            identifier=asked.party.identifier,
            role="Kế toán",
            acts=["pay"],
            procedures=[],
            most=None,
            valid_from=today,
            valid_to=today + timedelta(days=30),
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
    admin = make_account(f"quan-tri-{number}", official=make_official(role="admin", org=org))
    lost = make_account(f"mat-may-{number}", official=make_official(org=org))
    accounts.grant_role(TESTER, account=worker, role="duty", organization=org, reason="Lịch trực")
    return Commune(
        org=org,
        admin=admin,
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
        sheet=importing.take_in(actor_of(admin), name="can-bo.xlsx", content=excel([line(number, org=org.code)])),
        departure=Departure.objects.create(
            official=lost.official, on=today, organization=org, closed_at=timezone.now()
        ),
        suspension=Suspension.objects.create(position=deputy.positions.get(), reason="Thử", since=timezone.now()),
        emergency=emergencies.take(
            actor_of(worker),
            account=worker,
            role="head",
            organization=org,
            hours=2,
            reason="Bão số 9, trưởng phòng mất liên lạc, hồ sơ phải ký trong đêm.",
            proved_at=timezone.now().timestamp(),
        ),
        recovery=recoveries.ask_as_administrator(actor_of(admin), account=lost, reason="Mất điện thoại"),
        special=calendars.add_special_day(
            TESTER, day=today, kind=SpecialDay.Kind.CLOSURE, name="Mất điện", organization=org
        ),
        citizen=citizen(number),
    )


def two() -> tuple[Commune, Commune]:
    make_roles()
    root = make_org("UBND tỉnh Quảng Trị", code="H50", kind="province")
    reviewing.set_rules(TESTER, days=30, suspends=False, emergency_roles=["head"])
    return commune(root, 1), commune(root, 2)


@pytest.mark.parametrize("turned", [False, True], ids=["one asks for two", "two asks for one"])
def test_the_other_commune_gets_nothing(turned: bool) -> None:
    mine, theirs = reversed(ready(two)) if turned else ready(two)
    before, wrong = theirs.state(), []
    closed = theirs.pages() + theirs.own_pages()
    for who, pages in (
        (mine.admin, closed),
        (mine.worker, closed),
        (mine.citizen.account, closed),
        (mine.citizen.asked, closed),
        (theirs.admin, [page for page in theirs.own_pages() if page not in theirs.administrators_own()]),
        (theirs.citizen.account, theirs.pages()),
    ):
        client = browser(who)
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
            lambda: calendars.remove_special_day(actor, special=theirs.special),
            lambda: organisations.rename(
                actor, org=theirs.org, name="Lạ", short_name="", on=timezone.localdate(), legal_basis="Lạ"
            ),
            lambda: organisations.end_position(actor, position=theirs.position, on=timezone.localdate()),
            lambda: importing.start(actor, sheet=theirs.sheet),
            lambda: emergencies.give_back(actor, emergency=theirs.emergency),
            lambda: emergencies.review(actor, emergency=theirs.emergency, justified=True, findings="Lạ"),
            lambda: suspending.lift(actor, suspension=theirs.suspension, reason="Lạ"),
            lambda: recoveries.ask_as_administrator(actor, account=theirs.worker, reason="Lạ"),
            lambda: recoveries.approve(actor, recovery=theirs.recovery),
            lambda: recoveries.decline(actor, recovery=theirs.recovery, reason="Lạ"),
            lambda: leaving.name_successor(actor, departure=theirs.departure, successor=mine.official),
            lambda: directories.open_directory(actor, system=theirs.system, organizations=[theirs.org], reason="Lạ"),
            lambda: mandates.withdraw(actor, appointment=theirs.citizen.appointment),
            lambda: mandates.answer(actor, appointment=theirs.citizen.appointment, accept=True),
            lambda: merging.undo(actor, merge=theirs.citizen.merge),
            lambda: exporting.ask_export(actor, account=theirs.citizen.account),
            lambda: consents.withdraw(actor, account=theirs.citizen.account, purpose=theirs.citizen.decision.purpose),
            lambda: eid.unlink(actor, account=theirs.citizen.account, held=theirs.citizen.link),
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


def test_ones_own_gets_in() -> None:
    """So that what is refused above is refused for whose it is, not for what it is."""
    mine, _theirs = ready(two)
    wrong = []
    for who, pages in (
        (mine.admin, mine.pages() + mine.administrators_own()),
        (mine.worker, mine.own_pages()[:6]),
        (mine.citizen.account, mine.citizen.pages()),
        (mine.citizen.asked, [("mandates:answer", [mine.citizen.appointment.pk], {})]),
    ):
        client = browser(who)
        for name, parts, _form in pages:
            answer = client.get(reverse(name, args=parts), secure=True)
            if answer.status_code not in (200, 302, 405):
                wrong.append(f"{who.username} {name}: {answer.status_code}")
    assert wrong == []
    assert accounts.reset_password(actor_of(mine.admin), account=mine.worker, reason="Quên")


#: Addresses of one thing that is nobody's alone: what it says is everybody's, or what is done there asks for a power over
#: the whole province (its own tests), or it says nothing without a secret that stands in it.
NOBODYS = names(
    "api: get_procedure lay_thu_tuc one codes one_code mappings records create names record_by_key record",
    "api: replace change changes end many notice event_schema events start_flow show_flow_run",
    "organisations: show registry: records record codelists: show download add bring close correct table",
    "procedures: show version publish suspend resume replace confirm_import",
    "eid: enter back confirm link recovery: stop provisioning: invited consents: decide",
    "powers: campaign report export signing: issued crl certificate scim: schema resource_type user group unknown",
)


def test_every_address_of_one_thing_is_tried_here_or_by_the_wrong_user() -> None:
    mine, _theirs = ready(two)
    tried = {name for name, _parts, _form in mine.pages() + mine.own_pages()} | NOBODYS
    left = {
        each.name
        for each in all_addresses()
        if each.parts and each.name.split(":")[0] not in (*test_wrong_user.APPS, *OWN_LISTS) and each.name not in tried
    }
    assert left == set()
    assert {each.name for each in all_addresses() if each.parts} >= NOBODYS
