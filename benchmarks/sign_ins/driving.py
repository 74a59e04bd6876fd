"""Signing in and asking for tokens over HTTP, as fast as one machine can, at any provider."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import secrets
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

BACK = "http://127.0.0.1:9/back"


class Refused(RuntimeError):
    """The provider answered something else than success."""


@dataclass(frozen=True)
class Provider:
    """Where a provider is, and the two clients that are registered there: for people, and for itself."""

    name: str
    port: int
    authorize: str
    token: str
    userinfo: str
    client: tuple[str, str]
    machine: tuple[str, str]
    #: The cookies of people who are signed in; empty where whoever comes is signed in.
    cookies: list[str] = field(default_factory=list)
    machine_scope: str = ""
    #: What is asked for; at ours a refresh token must be asked for.
    scope: str = "openid profile"


class Caller:
    """One connection to a provider, one person's browser and one system in turn."""

    def __init__(self, provider: Provider, number: int) -> None:
        self.provider = provider
        self.line = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=30)
        self.jar: dict[str, str] = {}
        if provider.cookies:
            name, value = provider.cookies[number % len(provider.cookies)].split("=", 1)
            self.jar[name] = value
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        self.refresh_token = ""

    def sign_in(self) -> None:
        """The whole way of one sign-in: a code for a session that is there, tokens for the code, userinfo for a token."""
        client, _secret = self.provider.client
        asked = {
            "client_id": client,
            "redirect_uri": BACK,
            "response_type": "code",
            "scope": self.provider.scope,
            "state": secrets.token_urlsafe(9),
            "nonce": secrets.token_urlsafe(9),
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        status, headers, body = self._browse(f"{self.provider.authorize}?{urlencode(asked)}")
        location = headers.get("location", "")
        while status in (302, 303) and not location.startswith(BACK):  # at the first time: it signs somebody in
            parts = urlsplit(location)
            status, headers, body = self._browse(f"{parts.path}?{parts.query}" if parts.query else parts.path)
            location = headers.get("location", "")
        code = parse_qs(urlsplit(location).query).get("code", [""])[0]
        if not code:
            raise Refused(f"{self.provider.name}: no code: {status} {location} {body[:300]!r}")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": self.verifier}
        tokens = self._ask(self.provider.client, form)
        if "id_token" not in tokens:
            raise Refused(f"{self.provider.name}: no ID token")
        self.refresh_token = tokens["refresh_token"]
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        status, _headers, body = self._send("GET", self.provider.userinfo, None, headers)
        if status != 200 or not json.loads(body).get("sub"):
            raise Refused(f"{self.provider.name}: userinfo: {status} {body[:300]!r}")

    def act_for_itself(self) -> None:
        """A token for the system alone."""
        form = {"grant_type": "client_credentials"}
        if self.provider.machine_scope:
            form["scope"] = self.provider.machine_scope
        self._ask(self.provider.machine, form)

    def refresh(self) -> None:
        """Other tokens for a refresh token, which turns."""
        if not self.refresh_token:
            self.sign_in()
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        self.refresh_token = self._ask(self.provider.client, form)["refresh_token"]

    def _ask(self, client: tuple[str, str], form: dict[str, str]) -> dict[str, Any]:
        proof = base64.b64encode(":".join(client).encode()).decode()
        headers = {"Authorization": f"Basic {proof}", "Content-Type": "application/x-www-form-urlencoded"}
        status, _headers, body = self._send("POST", self.provider.token, urlencode(form), headers)
        if status != 200:
            raise Refused(f"{self.provider.name}: {form['grant_type']}: {status} {body[:300]!r}")
        found: dict[str, Any] = json.loads(body)
        return found

    def _browse(self, path: str) -> tuple[int, dict[str, str], bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        return self._send("GET", path, None, {"Cookie": cookies} if cookies else {})

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, Any, bytes]:
        self.line.request(method, path, body, headers)
        answer = self.line.getresponse()
        said = answer.read()
        for line in answer.headers.get_all("set-cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.jar[name] = morsel.value
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, said


@dataclass(frozen=True)
class Pace:
    """What one run came to: times a second, and the time that 95 of 100 stay below, in milliseconds."""

    rate: float
    p95: float


def run(provider: Provider, act: Callable[[Caller], None], *, callers: int, seconds: float, warm: float) -> Pace:
    """Let so many callers do one thing again and again."""
    taken: list[float] = []
    faults: list[BaseException] = []
    begun = time.monotonic() + warm
    until = begun + seconds
    lock = threading.Lock()

    def call(number: int) -> None:
        mine: list[float] = []
        try:
            caller = Caller(provider, number)
            while (now := time.monotonic()) < until and not faults:
                act(caller)
                if now >= begun:
                    mine.append(time.monotonic() - now)
        except BaseException as error:
            faults.append(error)
        with lock:
            taken.extend(mine)

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return Pace(len(taken) / seconds, statistics.quantiles(taken, n=20)[-1] * 1000)
