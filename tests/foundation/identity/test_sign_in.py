"""Signing in: what a person sees, what is recorded, and how guessing is stopped."""

from __future__ import annotations

from datetime import date, timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth import get_user
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity import throttle
from hienluong.foundation.identity.actions import set_preferences
from hienluong.foundation.identity.models import Account, SignInAttempt
from tests.factories import make_account, make_official, make_roles

pytestmark = pytest.mark.django_db

PASSWORD = "cầu Hiền Lương 1954"


@pytest.fixture
def lan() -> Account:
    return Account.objects.create_user("lan", PASSWORD, display_name="Trần Thị Lan")


def try_password(
    client: Client, password: str, *, username: str = "lan", ip: str = "10.0.0.1", **more: str
) -> HttpResponse:
    data = {"username": username, "password": password, **more}
    return client.post("/dang-nhap", data, REMOTE_ADDR=ip)


def test_the_right_password_opens_the_page_one_came_for(client: Client, lan: Account) -> None:
    response = try_password(client, PASSWORD, next="/ho-so/cua-toi?trang=2")
    assert response.status_code == 302
    assert response["Location"] == "/ho-so/cua-toi?trang=2"
    assert get_user(client).pk == lan.pk
    assert Entry.objects.filter(verb="identity.sign_in", target_id=str(lan.pk), actor_id=lan.pk).count() == 1


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "\\\\evil"])
def test_nobody_is_sent_to_another_site(client: Client, lan: Account, elsewhere: str) -> None:
    assert try_password(client, PASSWORD, next=elsewhere)["Location"] == "/"


def test_officials_in_office_begin_at_their_work(client: Client) -> None:
    make_roles()
    account = make_account(official=make_official(), password=PASSWORD)
    name = account.username
    assert try_password(client, PASSWORD, username=name)["Location"] == "/lam-viec/"
    assert try_password(Client(), PASSWORD, username=name, next="/")["Location"] == "/lam-viec/"
    assert try_password(Client(), PASSWORD, username=name, next="/dich-vu")["Location"] == "/dich-vu"
    left = make_account(official=make_official(valid_to=date(2026, 1, 1)), password=PASSWORD)
    found = try_password(Client(), PASSWORD, username=left.username)["Location"]
    assert found == "/", "nobody is sent where he may not be"


def test_a_wrong_password_and_an_unknown_name_look_the_same(client: Client, lan: Account) -> None:
    wrong = try_password(client, "sai")
    unknown = try_password(client, "sai", username="khong-co")
    assert wrong.status_code == unknown.status_code == 422
    for response in (wrong, unknown):
        assert "Tên đăng nhập hoặc mật khẩu không đúng." in response.content.decode()
    assert not get_user(client).is_authenticated


def test_a_closed_account_cannot_sign_in(client: Client, lan: Account) -> None:
    lan.is_active = False
    lan.save()
    assert try_password(client, PASSWORD).status_code == 422


def test_the_password_is_never_sent_back(client: Client, lan: Account) -> None:
    assert "bí mật của tôi" not in try_password(client, "bí mật của tôi").content.decode()


def test_guessing_is_stopped_and_says_how_long_to_wait(client: Client, lan: Account) -> None:
    for _try in range(throttle.TRIES_PER_PAIR):
        assert try_password(client, "sai").status_code == 422
    refused = try_password(client, PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= throttle.WINDOW.total_seconds() + 1
    assert "Hãy chờ 15 phút rồi thử lại." in refused.content.decode()


def test_a_guessing_stranger_does_not_lock_the_owner_out(client: Client, lan: Account) -> None:
    for _try in range(throttle.TRIES_PER_PAIR + 3):
        try_password(client, "sai", ip="203.0.113.9")
    assert try_password(client, PASSWORD, ip="10.0.0.1").status_code == 302


def test_waiting_opens_the_door_again_and_trying_meanwhile_does_not_lengthen_it(client: Client, lan: Account) -> None:
    for _try in range(throttle.TRIES_PER_PAIR + 10):
        try_password(client, "sai")
    later = timezone.now() + throttle.WINDOW + timedelta(seconds=1)
    with patch("hienluong.foundation.identity.throttle.timezone.now", return_value=later):
        assert try_password(client, PASSWORD).status_code == 302


def test_success_forgets_the_failures_before_it(client: Client, lan: Account) -> None:
    for _round in range(3):
        for _try in range(throttle.TRIES_PER_PAIR - 1):
            try_password(client, "sai")
        assert try_password(client, PASSWORD).status_code == 302
        client.logout()


def test_one_address_cannot_try_many_accounts(client: Client) -> None:
    for number in range(throttle.TRIES_PER_ADDRESS):
        assert isinstance(throttle.admit(f"nguoi-{number}", "203.0.113.9"), throttle.Admitted)
    assert isinstance(throttle.admit("nguoi-moi", "203.0.113.9"), throttle.Refused)
    assert isinstance(throttle.admit("nguoi-moi", "203.0.113.10"), throttle.Admitted)


def test_a_household_with_ipv6_counts_as_one_address() -> None:
    for number in range(throttle.TRIES_PER_PAIR):
        throttle.admit("lan", f"2001:db8::{number + 1}")
    assert isinstance(throttle.admit("LAN ", "2001:db8::ffff"), throttle.Refused)
    assert isinstance(throttle.admit("lan", "2001:db8:0:1::1"), throttle.Admitted)


def test_tries_keep_neither_name_nor_address() -> None:
    throttle.admit("lan", "203.0.113.9")
    stored = str(SignInAttempt.objects.values().get())
    assert "lan" not in stored
    assert "203.0.113.9" not in stored


def test_old_tries_are_forgotten() -> None:
    throttle.admit("lan", "203.0.113.9")
    SignInAttempt.objects.update(at=timezone.now() - throttle.KEEP - timedelta(days=1))
    assert throttle.forget_old() == 1


@pytest.mark.parametrize(
    "username", ["", " ", "x" * 151, "x" * 100_000, "a\0b", "'; DROP TABLE identity_account; --", "😀"]
)
def test_bad_input_is_answered_with_a_message(client: Client, username: str) -> None:
    response = try_password(client, "sai", username=username)
    assert response.status_code == 422
    assert "govuk-error-summary" in response.content.decode()


def test_signing_out_is_recorded_and_leaves_no_choices_behind(client: Client, lan: Account) -> None:
    try_password(client, PASSWORD)
    client.cookies["hl_theme"] = "dark"
    response = client.post("/dang-xuat")
    assert response.status_code == 302
    assert not get_user(client).is_authenticated
    assert response.cookies["hl_theme"]["max-age"] == 0
    assert Entry.objects.filter(verb="identity.sign_out", target_id=str(lan.pk)).exists()


def test_signing_out_by_a_mere_link_is_refused(client: Client) -> None:
    assert client.get("/dang-xuat").status_code == 405


def test_a_stranger_chooses_language_and_theme_for_this_browser(client: Client) -> None:
    response = client.post("/ngon-ngu", {"language": "en", "next": "/thiet-ke"})
    assert response["Location"] == "/thiet-ke"
    client.post("/giao-dien", {"theme": "dark"})
    page = client.get("/thiet-ke").content.decode()
    assert '<html lang="en" class="govuk-template" data-theme="dark">' in page


def test_the_choices_of_an_account_follow_it_to_another_browser(client: Client, lan: Account) -> None:
    try_password(client, PASSWORD)
    client.post("/ngon-ngu", {"language": "en"})
    client.post("/giao-dien", {"theme": "dark"})
    other = Client()
    try_password(other, PASSWORD)
    assert 'lang="en" class="govuk-template" data-theme="dark"' in other.get("/thiet-ke").content.decode()
    assert Entry.objects.filter(verb="identity.set_preferences", target_id=str(lan.pk)).count() == 2


@pytest.mark.parametrize("value", ["", "fr", "<script>"])
def test_an_unknown_choice_changes_nothing(client: Client, value: str) -> None:
    assert client.post("/ngon-ngu", {"language": value}).cookies.get("hl_language") is None


def test_preferences_are_ones_own(lan: Account) -> None:
    with pytest.raises(NotAllowed):
        set_preferences(Actor(kind="account", account_id=lan.pk + 1), account=lan, theme="dark")
    with pytest.raises(InvalidInput):
        set_preferences(Actor(kind="account", account_id=lan.pk), account=lan, theme="pink")
