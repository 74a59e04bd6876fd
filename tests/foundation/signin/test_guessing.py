"""Guessing from many places: it gets nobody in, and shuts no owner out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from hienluong.foundation.identity import throttle
from hienluong.foundation.identity.models import Account, RateWindow
from hienluong.foundation.notifications.models import Notification
from hienluong.foundation.signin import browsers
from tests.factories import make_account

from .test_signing_in import PASSWORD, code_of, with_codes

AT_ONCE = 12


def person(name: str = "binh") -> Account:
    account = make_account(name)
    account.set_password(PASSWORD)
    account.save()
    return account


def attempt(client: Client, password: str, ip: str = "10.0.0.1", username: str = "binh") -> Any:
    return client.post("/dang-nhap", {"username": username, "password": password}, secure=True, REMOTE_ADDR=ip)


def elsewhere(number: int) -> str:
    return f"203.0.{number // 250}.{number % 250 + 1}"


@pytest.mark.django_db
def test_many_addresses_cannot_try_one_account_and_the_owner_still_gets_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "TRIES_PER_ACCOUNT", 5)
    account, home = person(), Client()
    assert attempt(home, PASSWORD).status_code == 302
    tries = [attempt(Client(), f"đoán {n}", elsewhere(n)) for n in range(7)]
    assert [answer.status_code for answer in tries] == [422] * 5 + [429] * 2
    refused = attempt(Client(), PASSWORD, elsewhere(99))
    assert refused.status_code == 429, "a strange browser waits, the right password or not"
    assert "khóa truy cập" in refused.content.decode()
    assert 0 < int(refused["Retry-After"]) <= 3601
    home.post("/dang-xuat", secure=True)
    assert browsers.COOKIE in home.cookies
    assert attempt(home, PASSWORD, elsewhere(98)).status_code == 302, "the owner's browser gets in from anywhere"
    assert Notification.objects.filter(account=account, title__contains="dò mật khẩu").count() == 1
    assert [attempt(Client(), f"x{n}", elsewhere(n), "khong-co").status_code for n in range(6)] == [422] * 5 + [429]


@pytest.mark.django_db
def test_the_next_desk_cannot_lock_a_colleague_out() -> None:
    person()
    mine = Client()
    attempt(mine, PASSWORD)
    mine.post("/dang-xuat", secure=True)
    for n in range(throttle.TRIES_PER_PAIR + 1):
        last = attempt(Client(), f"đoán {n}")
    assert last.status_code == 429
    assert attempt(mine, PASSWORD).status_code == 302
    mine.post("/dang-xuat", secure=True)
    for n in range(throttle.TRIES_PER_BROWSER + 1):
        last = attempt(mine, f"đoán {n}")
    assert last.status_code == 429, "a browser that was stolen guesses no more than others"
    other = person("hoa")
    for n in range(throttle.TRIES_PER_PAIR + 1):
        last = attempt(mine, f"đoán {n}", username=other.username)
    assert last.status_code == 429, "and it is known to its own account only"


@pytest.mark.django_db
def test_one_password_is_not_tried_on_all_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "TRIES_PER_PASSWORD", 6)
    person("nguoi-20")
    for n in range(5):  # right passwords count for nothing, however many people have the same
        assert attempt(Client(), PASSWORD, elsewhere(n), person(f"hop-le-{n}").username).status_code == 302
    tries = [attempt(Client(), "Quangtri@2026", elsewhere(n), f"nguoi-{n}").status_code for n in range(9)]
    assert tries == [422] * 6 + [429] * 3
    assert attempt(Client(), "Quangtri@2027", elsewhere(200), "nguoi-8").status_code == 422, "another one is free"
    kept = " ".join(RateWindow.objects.values_list("key", flat=True))
    assert "Quangtri" not in kept


@pytest.mark.django_db
def test_who_knows_the_password_and_guesses_codes_is_told_to_the_owner() -> None:
    account = person()
    with_codes(account)
    thief = Client()
    attempt(thief, PASSWORD)
    for _ in range(7):
        thief.post(reverse("mfa_authenticate"), {"code": "000000"}, secure=True)
    told = Notification.objects.filter(account=account, title__contains="sai mã")
    assert told.count() == 1
    assert "đổi mật khẩu" in told.get().body


@pytest.mark.django_db
def test_all_places_together_guess_few_codes_in_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hienluong.foundation.signin.checks.CODES_IN_A_DAY", 3)
    _, secret = with_codes(person())
    for n in range(4):
        thief = Client(REMOTE_ADDR=elsewhere(n))
        attempt(thief, PASSWORD, elsewhere(n))
        page = thief.post(reverse("mfa_authenticate"), {"code": "000000"}, secure=True)
    assert "Hãy chờ" in page.content.decode()
    assert thief.post(reverse("mfa_authenticate"), {"code": code_of(secret, 1)}, secure=True).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_from_everywhere_never_pass_more_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "TRIES_PER_ACCOUNT", 4)
    together = Barrier(AT_ONCE)

    def guess(number: int) -> bool:
        together.wait(timeout=30)
        try:
            return isinstance(throttle.admit("lan", elsewhere(number), password=f"p{number}"), throttle.Admitted)
        finally:
            connection.close()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        assert sum(pool.map(guess, range(AT_ONCE))) == 4
