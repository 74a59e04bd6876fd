"""Getting back in: no single stolen thing is enough, the owner is told and can stop it, what was lost is worth nothing."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as System
from allauth.idp.oidc.models import Token
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hienluong.foundation.actions import ANONYMOUS, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.counter import actions as counter
from hienluong.foundation.counter.checks import Seen
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.recovery import actions, tasks
from hienluong.foundation.recovery.models import EntryCode, MailedCode, Recovery
from hienluong.foundation.signin import actions as signin
from hienluong.foundation.signin.models import KnownBrowser
from tests.clock import Clock
from tests.factories import actor_for_role, make_account, make_citizen, make_official

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "mat-khau-rat-dai-45", "mat-khau-moi-rat-dai-46"
NUMBER = "045190001234"


@pytest.fixture
def person(mine: Organization) -> Account:
    account = make_account("binh", party=make_citizen("Lê Văn Bình", identifier=NUMBER), password=PASSWORD)
    account.email = "binh@example.vn"
    account.save()
    return account


def with_recovery_codes(account: Account) -> list[str]:
    return signin.new_recovery_codes(actor_of(account), account=account)


def asked_in(client: Client, who: str) -> str:
    """Ask in a browser; the code that the worker mailed, empty when it mailed none."""
    mail.outbox.clear()
    assert client.post(reverse("recovery:ask"), {"who": who})["Location"] == reverse("recovery:codes")
    tasks.send_code(mailed_id=MailedCode.objects.latest("pk").pk)
    found = re.search(r"Mã: (\d{4} \d{4})", mail.outbox[0].body) if mail.outbox else None
    return found[1] if found else ""


def link_in(account: Account) -> str:
    note = Notification.objects.filter(account=account, key__startswith="recovery:begun").latest("pk")
    return note.href.rsplit("/", 1)[1]


def at_counter(account: Account, org: Organization, how: str = "chip") -> counter.Issued:
    seen = Seen(paper="card", number="", how=how, name="Lê Văn Bình", identifier=NUMBER)
    return counter.recover(actor_for_role("clerk", org), seen=seen, reason="Mất điện thoại")


def entered(code: str, who: str) -> Client:
    client = Client()
    answer = client.post(reverse("recovery:enter"), {"code": code, "who": who})
    assert answer.status_code == 302, answer.content.decode()
    return client


def set_anew(client: Client) -> Any:
    return client.post(reverse("recovery:set"), {"new": NEW, "again": NEW})


def test_two_codes_and_a_day_lead_back_in_and_everything_lost_ends(person: Account, at: Clock) -> None:
    here = Client()
    here.post("/dang-nhap", {"username": "binh", "password": PASSWORD})
    assert UserSession.objects.filter(user=person).exists()
    spare = with_recovery_codes(person)
    system = System.objects.create(id="he-thong", name="Hệ thống")
    Token.objects.create(client=system, user=person, type=Token.Type.REFRESH_TOKEN, hash="x")
    thief_or_owner = Client()
    mailed = asked_in(thief_or_owner, "binh")
    page = thief_or_owner.post(reverse("recovery:codes"), {"mailed": mailed, "recovery_code": spare[0]})
    found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page.content.decode())
    assert found, page.content.decode()
    assert Notification.objects.filter(account=person, title__contains="đang khôi phục").exists()
    early = Client().post(reverse("recovery:enter"), {"code": found[0], "who": NUMBER})
    assert early.status_code == 422
    assert "dùng được từ" in early.content.decode()
    assert here.get(reverse("signin:security")).status_code == 200, "until then the owner stays signed in"
    at(timezone.now() + timedelta(hours=25))
    client = entered(found[0], "binh")
    assert set_anew(client)["Location"] == reverse("signin:recovery_codes")
    assert here.get(reverse("signin:security")).status_code == 302
    assert not Token.objects.filter(user=person).exists()
    assert not Authenticator.objects.filter(user=person).exists()
    assert KnownBrowser.objects.filter(account=person).count() == 1, "the one in which it was set"
    person.refresh_from_db()
    assert person.check_password(NEW)
    assert {"recovery.begin_with_codes", "recovery.end_all", "recovery.set_way_in"} <= set(
        Entry.objects.values_list("verb", flat=True)
    )


def test_a_mailed_code_is_made_in_an_action_and_kept_nowhere(person: Account) -> None:
    with_recovery_codes(person)
    code = asked_in(Client(), "binh").replace(" ", "")
    assert len(code) == 8
    written = Entry.objects.filter(verb="recovery.make_code")
    assert written.count() == 1
    assert code not in str(list(written.values()))
    asked = MailedCode.objects.latest("pk")
    assert code not in asked.hash
    with pytest.raises(NotAllowed):
        actions.make_code(actor_of(person), asked=asked)


def test_one_stolen_thing_is_not_enough(person: Account) -> None:
    spare = with_recovery_codes(person)
    mailbox, paper = Client(), Client()
    mailed = asked_in(mailbox, "binh")
    for wrong in ({"mailed": mailed, "recovery_code": "00000000"}, {"mailed": "00000000", "recovery_code": spare[0]}):
        page = mailbox.post(reverse("recovery:codes"), wrong)
        assert page.status_code == 422
        assert "Một trong hai mã không đúng" in page.content.decode()
    held = Authenticator.objects.get(user=person, type="recovery_codes")
    assert len(RecoveryCodes(held).get_unused_codes()) == 10, "a guess without the mail spends no code"
    assert paper.get(reverse("recovery:codes"))["Location"] == reverse("recovery:ask")
    assert not Recovery.objects.exists()
    for _try in range(4):
        last = mailbox.post(reverse("recovery:codes"), {"mailed": "1", "recovery_code": "1"})
    assert last.status_code == 429
    right = mailbox.post(reverse("recovery:codes"), {"mailed": mailed, "recovery_code": spare[0]})
    assert right.status_code == 429, "who guessed has to ask anew"


def test_nothing_tells_whether_an_account_is_there(person: Account, mine: Organization) -> None:
    with_recovery_codes(person)
    official = make_account("canbo", official=make_official(role="officer", org=mine))
    Account.objects.filter(pk=official.pk).update(email="canbo@example.vn")
    answers = set()
    for who in ("binh", NUMBER, "khong-co-ai", "045190009999", "canbo"):
        client = Client()
        sent = asked_in(client, who)
        assert bool(sent) == (who in ("binh", NUMBER)), who
        page = client.get(reverse("recovery:codes")).content.decode()
        answers.add(re.sub(r"csrfmiddlewaretoken.{0,120}", "", page))
    assert len(answers) == 1
    for _try in range(5):
        last = Client().post(reverse("recovery:ask"), {"who": "khong-co-ai"})
    assert last.status_code == 429


def test_this_was_not_me_stops_it_before_and_after(person: Account, mine: Organization) -> None:
    issued = at_counter(person, mine)
    link = link_in(person)
    stranger = Client()
    page = stranger.get(reverse("recovery:stop", args=[link]))
    assert Recovery.objects.get().state == "waiting", "mail programs open links by themselves"
    assert "chặn ngay" in page.content.decode()
    assert stranger.post(reverse("recovery:stop", args=[link])).status_code == 200
    assert Client().post(reverse("recovery:enter"), {"code": issued.code, "who": NUMBER}).status_code == 422
    assert stranger.get(reverse("recovery:stop", args=[link])).status_code == 404

    again = at_counter(person, mine)
    thief = entered(again.code, NUMBER)
    set_anew(thief)
    assert thief.get(reverse("signin:security")).status_code == 200
    stranger.post(reverse("recovery:stop", args=[link_in(person)]))
    assert thief.get(reverse("signin:security")).status_code == 302
    person.refresh_from_db()
    assert not person.has_usable_password()
    with pytest.raises(NotFound):
        actions.stop(ANONYMOUS, link="khong-phai")


def test_a_face_alone_waits_a_day_and_a_new_recovery_replaces_the_old(
    person: Account, mine: Organization, at: Clock
) -> None:
    first = at_counter(person, mine, how="eye")
    assert first.opens_at - timezone.now() > timedelta(hours=23)
    second = at_counter(person, mine)
    assert [each.state for each in Recovery.objects.order_by("pk")] == ["replaced", "waiting"]
    assert Client().post(reverse("recovery:enter"), {"code": first.code, "who": NUMBER}).status_code == 422
    at(timezone.now() + timedelta(days=8))
    assert Client().post(reverse("recovery:enter"), {"code": second.code, "who": NUMBER}).status_code == 422, "too late"


def test_a_code_is_not_guessed_and_not_used_for_another(person: Account, mine: Organization) -> None:
    code = at_counter(person, mine).code
    other = make_account("khac", party=make_citizen("Người Khác", identifier="045190007777"))
    for who in ("khac", "045190007777", other.username):
        assert Client().post(reverse("recovery:enter"), {"code": code, "who": who}).status_code == 422
    for _try in range(4):
        Client().post(reverse("recovery:enter"), {"code": code, "who": "045190000000"})
    late = Client().post(reverse("recovery:enter"), {"code": code, "who": NUMBER})
    assert late.status_code == 422, "six tries a day"
    assert Client().get(reverse("recovery:set"))["Location"] == reverse("recovery:enter")


def test_an_official_takes_two_administrators(mine: Organization, theirs: Organization, at: Clock) -> None:
    official = make_account("canbo", official=make_official("Lê Thị Sáu", role="officer", org=mine), password=PASSWORD)
    one, two, far = (actor_for_role("admin", org) for org in (mine, mine, theirs))
    with pytest.raises(DomainError, match="hai người quản trị"):
        signin.reset_factors(one, account=official, reason="mất")
    with pytest.raises(NotAllowed):
        actions.ask_as_administrator(far, account=official, reason="mất")
    with pytest.raises(InvalidInput):
        actions.ask_as_administrator(one, account=official, reason=" ")
    asked = actions.ask_as_administrator(one, account=official, reason="Mất điện thoại, đã gặp trực tiếp")
    assert Notification.objects.filter(account=official, title__contains="xin khôi phục").exists()
    for wrong in (one, far):
        with pytest.raises(NotAllowed):
            actions.approve(wrong, recovery=asked)
    assert not EntryCode.objects.exists()
    browser = Client()
    browser.force_login(Account.objects.get(pk=two.account_id))
    assert str(official) in browser.get(reverse("recovery:list")).content.decode()
    page = browser.post(reverse("recovery:decide", args=[asked.pk]), {"viec": "dong-y"}).content.decode()
    found = re.search(r"[a-z2-9]{4}(-[a-z2-9]{4}){3}", page)
    assert found, page
    with pytest.raises(DomainError, match="không còn chờ"):
        actions.approve(two, recovery=asked)
    at(timezone.now() + timedelta(hours=2))
    set_anew(entered(found[0], "canbo"))
    official.refresh_from_db()
    assert official.check_password(NEW)
    with pytest.raises(DomainError, match="bộ phận một cửa"):
        actions.ask_as_administrator(
            actor_for_role("admin", mine.parent), account=make_account("dan", party=make_citizen()), reason="x"
        )


def test_an_administrator_declines_and_strangers_see_nothing(mine: Organization, theirs: Organization) -> None:
    official = make_account("canbo", official=make_official(role="officer", org=mine))
    asked = actions.ask_as_administrator(actor_for_role("admin", mine), account=official, reason="mất")
    far = Client()
    far.force_login(Account.objects.get(pk=actor_for_role("admin", theirs).account_id))
    assert far.post(reverse("recovery:decide", args=[asked.pk]), {"viec": "dong-y"}).status_code == 403
    assert str(official) not in far.get(reverse("recovery:list")).content.decode()
    citizen = Client()
    citizen.force_login(make_account(party=make_citizen()))
    assert citizen.get(reverse("recovery:list")).status_code == 403
    near = Client()
    near.force_login(Account.objects.get(pk=actor_for_role("admin", mine).account_id))
    told = {"viec": "tu-choi", "reason": "Không liên lạc được"}
    assert near.post(reverse("recovery:decide", args=[asked.pk]), told)["Location"] == reverse("recovery:list")
    asked.refresh_from_db()
    assert asked.state == "stopped"
