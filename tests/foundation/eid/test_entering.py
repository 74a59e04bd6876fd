"""Entering by VNeID and by the national public-service account, over HTTP with their simulators."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client, RequestFactory

from hienluong.foundation.actions import DomainError, NotAllowed, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.eid import actions, standing
from hienluong.foundation.eid.claims import Person
from hienluong.foundation.eid.models import Condition, Link
from hienluong.foundation.eid.refusals import Refused
from hienluong.foundation.events.models import Event
from hienluong.foundation.identity import actions as accounts
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.people.models import Party
from hienluong.foundation.signin import actions as signin
from hienluong.foundation.sso import levels
from tests.factories import TESTER, make_account, make_citizen, make_official, make_org, make_roles

from .provider import BINH, LANH, LEVEL_ONE, MOI, Simulator, agree, browser, come_back, enter, is_in, using

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SECRET = "JBSWY3DPEHPK3PXP"


def refused(answer: Any, code: str) -> bool:
    """A page that says why, to a person to whom nothing happened; the audit log has the reason."""
    page = answer.content.decode()
    assert answer.status_code == 403, page
    assert code in page
    assert "Chưa xác thực được bằng" in page
    written = Entry.objects.filter(verb="eid.refuse").order_by("-seq").first()
    return written is not None and f"eid.{written.after['reason']}" == code


def test_the_first_entering_opens_an_account_and_the_next_finds_it(vneid: Simulator) -> None:
    client = browser()
    page = client.get("/dang-nhap?next=/tai-khoan/bao-mat", secure=True).content.decode()
    assert "/dang-nhap/dinh-danh/vneid?next=%2Ftai-khoan%2Fbao-mat" in page
    answer = enter(client, to="/tai-khoan/bao-mat")
    assert (answer.status_code, answer["Location"]) == (
        302,
        "/tai-khoan/them-khoa-truy-cap?next=%2Ftai-khoan%2Fbao-mat",
    )
    offer = client.get(answer["Location"], secure=True).content.decode()
    assert 'href="/tai-khoan/bao-mat/khoa-truy-cap?next=%2Ftai-khoan%2Fbao-mat"' in offer
    assert 'href="/tai-khoan/bao-mat"' in offer
    account = Account.objects.get()
    party = account.party
    assert party is not None
    assert (account.display_name, party.identifier, party.sex) == ("Nguyễn Thị Lành", LANH, Party.Sex.FEMALE)
    assert party.date_of_birth == date(1990, 5, 12)
    assert not account.has_usable_password()
    way = Entry.objects.filter(verb="identity.sign_in").latest("seq").after["way"]
    entered = Entry.objects.get(verb="eid.enter")
    assert way == "vneid"
    assert entered.after == {"provider": "vneid", "level": 2, "opened": True, "linked": True}
    request = RequestFactory().get("/")
    request.session, request.user = client.session, account
    assert (levels.shown(request).level, levels.shown(request).amr) == (2, ("eid", "mfa"))
    everything = " ".join(str(row) for row in Entry.objects.values_list("before", "after", "target_label", "note"))
    assert LANH not in everything
    assert Event.objects.filter(type="account.eid_linked").exists()
    party.name, party.phone = "Tên Cũ", "0912345678"
    party.save()
    again = browser()
    assert enter(again, to="/tai-khoan/bao-mat")["Location"] == "/tai-khoan/bao-mat"
    assert is_in(again)
    party.refresh_from_db()
    assert (party.name, party.phone) == ("Nguyễn Thị Lành", "0912345678")
    assert (Account.objects.count(), Party.objects.count(), Link.objects.count()) == (1, 1, 1)


def test_both_providers_lead_to_the_account_that_is_known_by_the_number(dvc: Simulator) -> None:
    party = make_citizen("Trần Văn Bình", identifier=BINH)
    account = make_account(party=party)
    same_mail = make_account(party=make_citizen("Người Khác"))
    Account.objects.filter(pk=same_mail.pk).update(email="tranvanbinh@example.vn")
    client = browser()
    assert refused(enter(client, "dvc", BINH, muc="1"), "eid.level_two_needed")
    assert not is_in(client)
    for key in ("dvc", "vneid"):
        client = browser()
        assert enter(client, key, BINH).status_code == 302
        assert client.session["_auth_user_id"] == str(account.pk)
    assert Link.objects.filter(account=account).count() == 2
    assert Notification.objects.filter(account=account, title__contains="liên kết").count() == 2


def test_a_low_level_opens_no_account_unless_the_operator_lets_it(vneid: Simulator, settings: Any) -> None:
    client = browser()
    answer = enter(client, number=LEVEL_ONE)
    assert refused(answer, "eid.level_too_low")
    assert "mức độ 2" in answer.content.decode()
    assert "Chọn cách đăng nhập khác" in answer.content.decode()
    assert not is_in(client)
    assert (Account.objects.count(), Party.objects.filter(kind=Party.Kind.CITIZEN).count()) == (0, 0)
    using(settings, vneid.configured(least=1))
    client = browser()
    assert enter(client, number=LEVEL_ONE).status_code == 302
    assert is_in(client)


def test_a_low_level_enters_where_it_was_linked_before_and_changes_nothing_known(dvc: Simulator) -> None:
    enter(browser(), "dvc", BINH)
    party = Party.objects.get(kind=Party.Kind.CITIZEN)
    Party.objects.filter(pk=party.pk).update(name="Tên Trong Sổ")
    client = browser()
    assert enter(client, "dvc", BINH, muc="1").status_code == 302
    assert is_in(client)
    party.refresh_from_db()
    assert party.name == "Tên Trong Sổ"
    assert Link.objects.get().level == 1


def test_an_account_with_powers_is_entered_only_with_its_own_factor(vneid: Simulator) -> None:
    make_roles()
    official = make_account("lanh", official=make_official("Nguyễn Thị Lành"), party=make_citizen(identifier=LANH))
    root = make_account("goc", party=make_citizen(identifier=BINH))
    accounts.grant_role(TESTER, account=root, role="admin", organization=make_org(), reason="kiểm thử")
    for number in (LANH, BINH):
        client = browser()
        assert refused(enter(client, number=number), "eid.own_factor_needed")
        assert not is_in(client)
    person = Person(subject="x", personal_id=LANH, name="Nguyễn Thị Lành", level=2)
    provider = vneid.configured()
    client = browser()
    client.force_login(official)
    linked = actions.link(actor_of(official), account=official, provider=provider, person=person)
    with pytest.raises(Refused, match="yếu tố thứ hai"):
        actions.enter(system("VNeID"), provider=provider, person=person)
    linked.delete()
    signin.use_codes_app(actor_of(official), account=official, secret=SECRET)
    assert refused(enter(browser(), number=LANH), "eid.own_factor_needed")  # a link is made by its owner, inside
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 4102444800.0}]
    session["account_authentication_methods_user"] = str(official.pk)
    session.save()
    begun = client.get("/tai-khoan/bao-mat/dinh-danh/vneid", secure=True)
    assert come_back(client, agree(begun["Location"], LANH))["Location"] == "/tai-khoan/bao-mat"
    stranger = browser()
    assert enter(stranger, number=LANH)["Location"] == "/dang-nhap/buoc-hai"
    assert not is_in(stranger)


def test_a_second_factor_is_asked_of_a_citizen_only_below_level_two(dvc: Simulator) -> None:
    account = make_account(party=make_citizen(identifier=BINH))
    enter(browser(), "dvc", BINH)
    signin.use_codes_app(actor_of(account), account=account, secret=SECRET)
    client = browser()
    assert enter(client, "dvc", BINH, to="/")["Location"] == "/"
    client = browser()
    assert enter(client, "dvc", BINH, muc="1")["Location"] == "/dang-nhap/buoc-hai"
    assert not is_in(client)


def test_linking_is_the_owners_with_their_own_identity(vneid: Simulator) -> None:
    account = make_account(party=make_citizen(identifier=BINH))
    client = browser()
    assert client.post("/dang-nhap", {"username": account.username, "password": "Mat-khau-thu-2026"}, secure=True)
    begun = client.get("/tai-khoan/bao-mat/dinh-danh/vneid", secure=True)["Location"]
    assert refused(come_back(client, agree(begun, LANH)), "eid.other_person")
    assert Link.objects.count() == 0
    begun = client.get("/tai-khoan/bao-mat/dinh-danh/vneid", secure=True)["Location"]
    assert come_back(client, agree(begun, BINH))["Location"] == "/tai-khoan/bao-mat"
    held = Link.objects.get(account=account)
    assert "Đã liên kết" in client.get("/tai-khoan/bao-mat", secure=True).content.decode()
    other = make_account(party=make_citizen(identifier=LANH))
    with pytest.raises(DomainError, match="Không có liên kết"):
        actions.unlink(actor_of(other), account=other, held=held)
    with pytest.raises(NotAllowed):
        actions.unlink(actor_of(other), account=account, held=held)
    stranger = browser()
    enter(stranger, number=MOI)
    assert stranger.get(f"/tai-khoan/bao-mat/lien-ket/{held.pk}/bo", secure=True).status_code == 404
    account.set_password(None)
    account.save()
    with pytest.raises(DomainError, match="cách duy nhất"):
        actions.unlink(actor_of(account), account=account, held=held)
    client = browser()
    enter(client, number=BINH)
    page = client.post(f"/tai-khoan/bao-mat/lien-ket/{held.pk}/bo", secure=True)
    assert (page.status_code, "cách duy nhất" in page.content.decode()) == (422, True)
    account.set_password("Mat-khau-thu-2026")
    account.save()
    client = browser()
    enter(client, number=BINH)
    assert client.post(f"/tai-khoan/bao-mat/lien-ket/{held.pk}/bo", secure=True).status_code == 302
    assert not Link.objects.filter(pk=held.pk).exists()


def test_who_has_only_the_identity_proves_again_with_it(vneid: Simulator) -> None:
    client = browser()
    enter(client, number=MOI)
    session = client.session
    session["account_authentication_methods"] = [{**session["account_authentication_methods"][0], "at": 1.0}]
    session.save()
    asked = client.get("/tai-khoan/bao-mat/khoa-truy-cap", secure=True)["Location"]
    page = client.get(asked, secure=True).content.decode()
    assert 'name="password"' not in page
    address = "/tai-khoan/xac-nhan/dinh-danh/vneid"
    assert f"{address}?next=%2Ftai-khoan%2Fbao-mat%2Fkhoa-truy-cap" in page
    begun = client.get(address, {"next": "/tai-khoan/bao-mat/khoa-truy-cap"}, secure=True)["Location"]
    assert "prompt=login" in begun
    assert refused(come_back(client, agree(begun, LANH)), "eid.other_person")
    assert client.get("/tai-khoan/bao-mat/khoa-truy-cap", secure=True).status_code == 302
    begun = client.get(address, {"next": "/tai-khoan/bao-mat/khoa-truy-cap"}, secure=True)["Location"]
    assert come_back(client, agree(begun, MOI))["Location"] == "/tai-khoan/bao-mat/khoa-truy-cap"
    assert client.get("/tai-khoan/bao-mat/khoa-truy-cap", secure=True).status_code == 200


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("none", "eid.algorithm"),
        ("nonce", "eid.nonce"),
        ("subject", "eid.subject"),
        ("no_number", "eid.no_personal_id"),
    ],
)
def test_what_the_simulator_lets_go_wrong_signs_nobody_in(vneid: Simulator, fault: str, code: str) -> None:
    vneid.switch(**{fault: 1})
    client = browser()
    assert refused(enter(client, to="/tai-khoan/bao-mat"), code)
    assert not is_in(client)
    assert not Account.objects.exists()


def test_saying_no_at_the_provider_is_no_fault(vneid: Simulator) -> None:
    client = browser()
    page = enter(client, to="/tai-khoan/bao-mat", viec="thoi")
    assert "Bạn đã dừng lại" in page.content.decode()
    assert "next=%2Ftai-khoan%2Fbao-mat" in page.content.decode()
    assert not Entry.objects.filter(verb="eid.refuse").exists()


def test_when_the_provider_is_away_the_other_ways_stay(dvc: Simulator, vneid: Simulator) -> None:
    vneid.switch(_503=1)
    client = browser()
    away = client.get("/dang-nhap/dinh-danh/vneid", {"next": "/tai-khoan/bao-mat"}, secure=True)
    page = away.content.decode()
    assert (away.status_code, "VNeID đang không trả lời" in page) == (503, True)
    assert 'name="next" value="/tai-khoan/bao-mat"' in page  # of the passkey
    for way in ("/dang-nhap?", "/dang-nhap/dinh-danh/dvc?"):
        assert f"{way}next=%2Ftai-khoan%2Fbao-mat" in page
    held = Condition.objects.get()
    assert held.away_since
    assert held.fault == "HTTP 503"
    assert "VNeID đang gián đoạn" in client.get("/dang-nhap", secure=True).content.decode()
    assert enter(client, to="/tai-khoan/bao-mat").status_code == 302
    held.refresh_from_db()
    assert held.away_since is None
    assert list(Event.objects.filter(type__startswith="eid.").order_by("pk").values_list("type", flat=True)) == [
        "eid.away",
        "eid.back",
    ]


def test_who_looks_after_it_sees_how_it_is(vneid: Simulator, client: Client) -> None:
    make_roles()
    account = make_account(official=make_official(org=make_org()))
    client.force_login(account)
    assert client.get("/quan-tri/dinh-danh-dien-tu").status_code == 403
    accounts.grant_role(TESTER, account=account, role="admin", organization=make_org(), reason="kiểm thử")
    assert client.get("/quan-tri/dinh-danh-dien-tu").status_code == 403  # not of the whole province
    accounts.grant_role(TESTER, account=account, role="admin", organization=organisations.province(), reason="kiểm thử")
    vneid.switch(_503=1)
    assert standing.look(vneid.configured()) == "HTTP 503"
    assert "HTTP 503" in client.get("/quan-tri/dinh-danh-dien-tu").content.decode()
    assert client.post("/quan-tri/dinh-danh-dien-tu", {"provider": "vneid"}).status_code == 302
    page = client.get("/quan-tri/dinh-danh-dien-tu").content.decode()
    assert "https://testserver/dang-nhap/dinh-danh/vneid/quay-lai" in page
    assert "bi-mat-kiem-thu" not in page
    assert client.post("/quan-tri/dinh-danh-dien-tu", {"provider": "khac"}).status_code == 404
