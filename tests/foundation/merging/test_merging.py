"""Two accounts of one person become one and, within a month, two again exactly as they were."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as System
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db.backends.postgresql.psycopg_any import DateRange
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.counter.checks import Seen
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.merging import actions, belongings
from hienluong.foundation.merging.models import Merge
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party, Representation
from hienluong.foundation.sso.models import Consent
from hienluong.services.dossiers.models import Dossier, Draft
from tests.clock import Clock
from tests.factories import LONG_AGO, actor_for_role, make_account, make_enterprise, make_official, make_org
from tests.foundation.signin.device import Passkey
from tests.foundation.signin.test_signing_in import options_on
from tests.services.dossiers.province import Province
from tests.snapshots import ready

NAME, PASSWORD = "Nguyễn Thị Lành", "Mat-khau-thu-2026"
NUMBER = "045190001234"


def person(username: str, identifier: str = "") -> Account:
    return make_account(username, party=Party.objects.create(kind="citizen", name=NAME, identifier=identifier))


def merged(kept: Account, gone: Account) -> Merge:
    """Merge as its owner does, signed in to both."""
    found = actions.offered(actions.offer(actor_of(kept), account=kept))
    assert found is not None
    return actions.merge_own(actor_of(gone), offer=found)


def signed_in(username: str) -> Client:
    client = Client()
    answer = client.post("/dang-nhap", {"username": username, "password": PASSWORD}, secure=True)
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.mark.django_db
def test_signed_in_to_both_sees_what_moves_merges_and_undoes() -> None:
    p = ready(Province)
    kept, gone = person("lanh"), person("lanh2", NUMBER)
    assert gone.party is not None
    p.party, p.account = gone.party, gone
    dossier = p.file(party=gone.party)
    draft = Draft.objects.create(account=gone, procedure_version=p.versions["single_agency"], subject=gone.party)
    system = System.objects.create(id="he-thong", name="Hệ thống")
    consent = Consent.objects.create(
        account=gone, client=system, scopes=["openid"], purpose="x", given_at=timezone.now()
    )
    first = signed_in("lanh")
    page = first.post(reverse("merging:home"), secure=True).content.decode()
    found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page)
    assert found, page
    assert first.post(reverse("merging:code"), {"code": found[0]}, secure=True).status_code == 422, "the same account"
    second, elsewhere = signed_in("lanh2"), signed_in("lanh2")
    answer = second.post(reverse("merging:code"), {"code": found[0].upper()}, secure=True)
    assert answer["Location"] == reverse("merging:confirm"), answer.content.decode()
    shown = second.get(reverse("merging:confirm"), secure=True).content.decode()
    for words in ("Hồ sơ nháp", "Đã đồng ý cho hệ thống"):
        assert words in shown
    assert not Merge.objects.exists(), "looking merges nothing"
    second.post(reverse("merging:confirm"), secure=True)
    for row in (draft, consent):
        row.refresh_from_db()
        assert row.account == kept
    kept.refresh_from_db()
    assert kept.party == gone.party, "the person with the number stays"
    assert elsewhere.get(reverse("signin:security"), secure=True).status_code == 302, "its sessions ended"
    old = signed_in("lanh2")
    assert old.get(f"/ho-so/{dossier.code}", secure=True).status_code == 200, (
        "the old sign-in leads to the kept account"
    )
    assert str(kept.pk) == old.session["_auth_user_id"]
    assert Entry.objects.filter(verb="merging.merge_own").exists()
    merge = Merge.objects.get()
    assert signed_in("lanh").post(reverse("merging:undo", args=[merge.pk]), secure=True).status_code == 302
    for row in (draft, consent):
        row.refresh_from_db()
        assert row.account == gone
    assert signed_in("lanh2").session["_auth_user_id"] == str(gone.pk)
    assert signed_in("lanh").get(f"/ho-so/{dossier.code}", secure=True).status_code == 404


@pytest.mark.django_db
def test_a_passkey_of_the_old_account_opens_the_kept_one() -> None:
    make_org(kind="province")
    kept, gone = person("lanh", NUMBER), person("lanh2")
    client, passkey = signed_in("lanh2"), Passkey()
    page = client.get(reverse("signin:add_passkey"), secure=True).content.decode()
    told = {"name": "Điện thoại", "credential": passkey.create(options_on(page))}
    client.post(reverse("signin:add_passkey"), told, secure=True)
    merge = merged(kept, gone)
    assert Authenticator.objects.get().user_id == kept.pk
    for owner in (kept, gone):
        stranger = Client()
        options = stranger.get(reverse("signin:passkey_options"), secure=True).json()
        answer = stranger.post(reverse("signin:passkey"), {"credential": passkey.get(options)}, secure=True)
        assert answer.status_code == 302
        assert stranger.session["_auth_user_id"] == str(owner.pk)
        if owner == kept:
            actions.undo(actor_of(kept), merge=merge)


@pytest.mark.django_db
def test_two_people_officials_and_strangers_are_not_merged(mine: Organization) -> None:
    kept = person("lanh", NUMBER)
    official = make_account("canbo", official=make_official(NAME, role="clerk", org=mine))
    others = {
        "merging.two_people": person("khac", "045190009999"),
        "merging.names_differ": make_account("ten", party=Party.objects.create(kind="citizen", name="Trần Văn Khác")),
        "merging.official": official,
        "merging.same": kept,
    }
    for code, gone in others.items():
        with pytest.raises(DomainError) as refused:
            merged(kept, gone)
        assert refused.value.code == code
    merge = merged(official, kept)
    official.refresh_from_db()
    assert official.party is not None
    assert official.party.identifier == NUMBER
    assert actor_of(official).grants, "the official account keeps its own powers"
    with pytest.raises(DomainError, match="được gộp rồi"):
        merged(official, kept)
    with pytest.raises(NotAllowed):
        actions.undo(actor_of(others["merging.two_people"]), merge=merge)
    with pytest.raises(NotAllowed):
        actions.offer(actor_of(kept), account=official)
    stranger = Client()
    stranger.force_login(others["merging.two_people"])
    assert stranger.post(reverse("merging:undo", args=[merge.pk])).status_code in (302, 404)
    assert Merge.objects.get().undone_at is None


@pytest.mark.django_db
def test_a_code_is_good_once_and_half_an_hour_and_undoing_a_month(mine: Organization, at: Clock) -> None:
    kept, gone = person("lanh", NUMBER), person("lanh2")
    code = actions.offer(actor_of(kept), account=kept)
    now = timezone.now()
    at(now + timedelta(minutes=31))
    assert actions.offered(code) is None
    at(now)
    found = actions.offered(code)
    assert found is not None
    merge = actions.merge_own(actor_of(gone), offer=found)
    with pytest.raises(NotFound):
        actions.merge_own(actor_of(gone), offer=found)
    at(now + timedelta(days=31))
    with pytest.raises(DomainError, match="không hoàn tác"):
        actions.undo(actor_of(kept), merge=merge)


@pytest.mark.django_db
def test_at_a_counter_the_paper_must_be_the_owners(mine: Organization) -> None:
    kept, gone = person("lanh", NUMBER), person("lanh2")
    clerk = actor_for_role("clerk", mine)
    seen = Seen(paper="card", number="", how="chip", name=NAME, identifier=NUMBER)
    with pytest.raises(InvalidInput, match="không phải của chủ"):
        actions.merge_at_counter(clerk, seen=Seen("card", "", "chip", NAME, "045190007777"), kept="lanh", gone="lanh2")
    with pytest.raises(InvalidInput, match="Không có tài khoản"):
        actions.merge_at_counter(clerk, seen=seen, kept="lanh", gone="khong-co")
    with pytest.raises(NotAllowed):
        actions.merge_at_counter(actor_for_role("officer", mine), seen=seen, kept="lanh", gone="lanh2")
    merge = actions.merge_at_counter(clerk, seen=seen, kept="lanh", gone="lanh2")
    assert merge.check_made is not None
    assert (merge.check_made.level, merge.check_made.party) == (3, kept.party)
    assert Notification.objects.filter(account=kept, title__contains="Đã gộp").exists()
    other = Seen("card", "", "chip", "Người Khác", "045190009999")
    person("nguoi-khac", "045190008888")
    for wrong in (None, other, Seen("card", "", "chip", NAME, "045190008888")):
        with pytest.raises(NotAllowed, match="đang ở quầy"):
            actions.undo(actor_for_role("clerk", mine), merge=merge, seen=wrong)
    actions.undo(actor_for_role("clerk", mine), merge=merge, seen=seen)
    gone.refresh_from_db()
    assert gone.party is not None


def world() -> dict[str, Any]:
    """Whose everything is, and whose person each account is; but not what was told meanwhile."""
    held: dict[str, Any] = {"accounts": sorted(Account.objects.values_list("pk", "party_id", "username", "password"))}
    for each in (*belongings.all_of("account"), *belongings.all_of("party")):
        rows = apps.get_model(each.model)._default_manager.filter(each.where)
        if each.model == "notifications.Notification":
            rows = rows.exclude(key__startswith="merging:")
        held[each.code] = sorted((str(pk), owner) for pk, owner in rows.values_list("pk", each.name))
    return held


class UndoingRestores(TestCase):
    """Whatever two accounts hold, merging and undoing changes nothing."""

    @given(
        st.lists(
            st.tuples(
                st.booleans(),
                st.sampled_from(["notice", "passkey", "app", "consent", "represents", "dossier", "draft"]),
            ),
            max_size=8,
        ),
        st.sampled_from(["kept", "gone", "neither"]),
        st.booleans(),
    )
    @hypothesis_settings(max_examples=6)
    def test_exactly_what_was_before(self, things: list[tuple[bool, str]], numbered: str, both: bool) -> None:
        p = ready(Province)
        kept = person("lanh", NUMBER if numbered == "kept" else "")
        gone = person("lanh2", NUMBER if numbered == "gone" else "") if both else make_account("lanh2")
        Account.objects.filter(pk=gone.pk).update(display_name=NAME)
        gone.refresh_from_db()
        system = System.objects.create(id="he-thong", name="Hệ thống")
        firm = make_enterprise()
        for number, (mine, what) in enumerate(things):
            self._give(
                p,
                kept if mine or (what in ("represents", "dossier") and not both) else gone,
                what,
                number,
                system,
                firm,
            )
        before = world()
        merge = merged(kept, gone)
        assert not any(each.moving(gone.pk, kept.pk).exists() for each in belongings.all_of("account"))
        actions.undo(actor_of(Account.objects.get(pk=kept.pk)), merge=merge)
        assert world() == before

    def _give(self, p: Province, to: Account, what: str, number: int, system: System, firm: Party) -> None:
        now, version = timezone.now(), p.versions["single_agency"]
        if what == "notice":
            Notification.objects.get_or_create(account=to, key=f"n{number % 2}", defaults={"kind": "x", "title": "x"})
        elif what == "passkey":
            Authenticator.objects.create(user=to, type="webauthn", data={"name": str(number)})
        elif what == "app":
            Authenticator.objects.get_or_create(user=to, type="totp", defaults={"data": {}})
        elif what == "consent":
            given_now = {"scopes": ["openid"], "purpose": "x", "given_at": now}
            Consent.objects.get_or_create(account=to, client=system, withdrawn_at=None, defaults=given_now)
        elif what == "represents":
            days = DateRange(LONG_AGO, None)
            Representation.objects.get_or_create(
                representative=to.party, represented=firm, defaults={"role": "x", "valid": days}
            )
        elif what == "dossier":
            if not Dossier.objects.filter(filer=to.party).exists():
                p.file(party=to.party)
        else:
            Draft.objects.create(account=to, procedure_version=version, subject=to.party)
