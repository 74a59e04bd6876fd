"""A person, their browser, and systems that sign them in."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import cycle
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from hienluong.foundation.identity.models import Account
from hienluong.foundation.sso import keys
from hienluong.foundation.sso.models import System
from tests.factories import make_account, make_citizen
from tests.snapshots import ready

from .system import PASSWORD, Flow, registered


@pytest.fixture(scope="session")
def ring() -> Any:
    """Keys that were made once; making one takes longer than a test."""
    return cycle([rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(4)])


@pytest.fixture(autouse=True)
def _keys_that_cost_little(ring: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "rsa", SimpleNamespace(generate_private_key=lambda **_told: next(ring)))


@pytest.fixture
def person() -> Account:
    account = make_account("binh")
    account.set_password(PASSWORD)
    account.save()
    return account


@pytest.fixture
def flow(person: Account) -> Flow:
    return Flow(*registered(), signed_in())


@pytest.fixture
def rp() -> Flow:
    """What the conformance suite would register: a system that may ask for all the standard scopes, a person signed in."""
    system, secret, cookies = ready(_prepared)
    browser = Client()
    for name, value in cookies.items():
        browser.cookies[name] = value
    return Flow(system, secret, browser)


@pytest.fixture
def stranger_rp(rp: Flow) -> Flow:
    """The same system with a browser in which nobody has signed in."""
    rp.browser = Client()
    return rp


class _Answer(BaseHTTPRequestHandler):
    """A system that is glad of whoever comes back."""

    def do_GET(self) -> None:  # the name http.server asks for
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def back() -> Iterator[str]:
    """The address of a system on this machine, where people come back to."""
    server = HTTPServer(("127.0.0.1", 0), _Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/quay-lai"
    server.shutdown()
    server.server_close()


def signed_in() -> Client:
    """A browser in which the person has shown the password."""
    client = Client()
    client.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
    return client


def _prepared() -> tuple[System, str, dict[str, str]]:
    citizen = make_citizen()
    citizen.address = "12 Lê Duẩn, phường Đông Hà"
    citizen.save()
    account = make_account("binh", party=citizen)
    account.set_password(PASSWORD)
    account.email = "binh@thu.example"
    account.save()
    scopes = ["profile", "email", "phone", "address", "offline_access"]
    system, secret = registered(scopes=scopes, trusted=True, logout_uri="https://he-thong.example/ket-thuc-phien")
    keys.published()
    return system, secret, {name: cookie.value for name, cookie in signed_in().cookies.items()}
