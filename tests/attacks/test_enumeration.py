"""Who has an account here is nobody's business: same status, same page, same work for names that exist and names that do not."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hienluong.foundation.identity.models import Account
from tests.factories import make_account
from tests.foundation.signin.device import Passkey

pytestmark = [pytest.mark.django_db, pytest.mark.once]
ROUNDS = 9


class Steady(PBKDF2PasswordHasher):
    """A hash that costs a few milliseconds, so that doing one more or less is seen."""

    iterations = 15_000


@pytest.fixture
def names(settings: Any) -> dict[str, str]:
    """Whose name is tried: somebody's, of a closed account, of one without a password, of one with a one-time one; nobody's."""
    settings.PASSWORD_HASHERS = ["tests.attacks.test_enumeration.Steady"]
    found = {each: f"{each}-binh" for each in ("somebody", "closed", "passkeys", "one-time", "nobody")}
    for kind, name in found.items():
        if kind != "nobody":
            make_account(name, password=None if kind == "passkeys" else "Mat-khau-thu-2026")
    Account.objects.filter(username=found["closed"]).update(is_active=False)
    return found


def tried(name: str, number: int) -> Any:
    """One wrong password, from an address of its own."""
    data = {"username": name, "password": "không phải thế"}
    return Client(REMOTE_ADDR=f"198.51.{number // 200}.{number % 200 + 1}").post("/dang-nhap", data, secure=True)


def page_of(answer: Any, name: str) -> str:
    """What is read, without what differs by chance."""
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce|data-request)="[^"]*"', "", answer.content.decode())
    return text.replace(name, "NAME")


def test_a_wrong_password_looks_the_same_for_everybody(names: dict[str, str]) -> None:
    seen = set()
    for number, name in enumerate(names.values()):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = tried(name, number)
        headers = tuple(sorted(key for key in answer.headers if key != "X-Request-Id"))
        seen.add((answer.status_code, page_of(answer, name), headers, len(asked), tuple(sorted(answer.cookies))))
    assert len(seen) == 1


def test_it_takes_the_same_time_for_everybody(names: dict[str, str]) -> None:
    """Processor time of equal work, turn and turn about; the median of each within a fifth of that of all."""
    took: dict[str, list[float]] = {kind: [] for kind in names}
    tried("lam-nong", 9_000)
    for number in range(ROUNDS):
        for place, (kind, name) in enumerate(names.items()):
            began = time.thread_time()
            tried(name, 1000 + number * len(names) + place)
            took[kind].append(time.thread_time() - began)
    middle = median(each for times in took.values() for each in times)
    found = {kind: median(times) / middle for kind, times in took.items()}
    assert all(0.8 < share < 1.25 for share in found.values()), found


def test_the_password_is_hashed_once_for_everybody(names: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    counts: dict[str, int] = {}
    real = Steady.encode
    for number, (kind, name) in enumerate(names.items()):
        hashed: list[int] = []

        def counting(self: Steady, *args: Any, kept: list[int] = hashed, **more: Any) -> str:
            kept.append(1)
            return str(real(self, *args, **more))

        monkeypatch.setattr(Steady, "encode", counting)
        tried(name, 2000 + number)
        counts[kind] = len(hashed)
    assert set(counts.values()) == {1}, counts


def test_waiting_looks_the_same_for_everybody(names: dict[str, str]) -> None:
    seen = set()
    for name in names.values():
        for _ in range(6):
            answer = tried(name, 3000)
        seen.add((answer.status_code, page_of(answer, name)))
    assert len(seen) == 1
    assert answer.status_code == 429


def test_passkeys_say_nothing_of_who_has_one() -> None:
    make_account("co-khoa")

    def asked(owner: bytes) -> tuple[int, str]:
        client, passkey = Client(), Passkey(owner=owner)
        options = client.get(reverse("signin:passkey_options"), secure=True).json()
        assert not options["publicKey"].get("allowCredentials")
        answer = client.post(reverse("signin:passkey"), {"credential": passkey.get(options)}, secure=True)
        return answer.status_code, page_of(answer, "")

    owner: Callable[[int], bytes] = lambda pk: str(pk).encode()  # noqa: E731
    assert asked(owner(Account.objects.get().pk)) == asked(owner(10**6)) == asked(b"")
