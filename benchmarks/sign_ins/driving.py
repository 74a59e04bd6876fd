"""Signing in and asking for tokens over HTTP, as fast as one machine can, at any provider."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import re
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
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


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
    #: The names of the same people, and the password of all, where they sign in by one.
    people: list[str] = field(default_factory=list)
    password: str = ""
    #: Where it publishes its keys, where it tells whether a token is good, and which cookie is the session.
    keys: str = ""
    introspect: str = ""
    session: str = "sessionid"


class Caller:
    """One connection to a provider, one person's browser and one system in turn."""

    def __init__(self, provider: Provider, number: int) -> None:
        self.provider = provider
        self.line = http.client.HTTPConnection("127.0.0.1", provider.port, timeout=30)
        self.jar: dict[str, str] = {}
        if provider.cookies:
            self.jar[provider.session] = provider.cookies[number % len(provider.cookies)]
        self.person = provider.people[number % len(provider.people)] if provider.people else ""
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        self.access_token = self.refresh_token = ""

    def sign_in_by_password(self) -> None:
        """The same in a browser that was used before, and in which nobody is signed in now: with the page that asks for
        the password, and the password."""
        self.jar.pop(self.provider.session, None)
        self.sign_in()

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
        location, body = self._follow(f"{self.provider.authorize}?{urlencode(asked)}")
        code = parse_qs(urlsplit(location).query).get("code", [""])[0]
        if not code:
            raise Refused(f"{self.provider.name}: no code: {location} {body[:300]!r}")
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": self.verifier}
        tokens = self._ask(self.provider.client, form)
        if "id_token" not in tokens:
            raise Refused(f"{self.provider.name}: no ID token")
        self.access_token, self.refresh_token = tokens["access_token"], tokens["refresh_token"]
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        status, _headers, body = self._send("GET", self.provider.userinfo, None, headers)
        if status != 200 or not json.loads(body).get("sub"):
            raise Refused(f"{self.provider.name}: userinfo: {status} {body[:300]!r}")

    def act_for_itself(self) -> None:
        """A token for the system alone."""
        form = {"grant_type": "client_credentials"}
        if self.provider.machine_scope:
            form["scope"] = self.provider.machine_scope
        self.access_token = self._ask(self.provider.machine, form)["access_token"]

    def introspect(self) -> None:
        """Whether a token is good, asked of the provider (RFC 7662)."""
        if not self.access_token:
            self.act_for_itself()
        found = self._ask(self.provider.machine, {"token": self.access_token}, path=self.provider.introspect)
        if found.get("active") is not True:
            raise Refused(f"{self.provider.name}: introspection: {found}")

    def keys(self) -> dict[str, Any]:
        """The keys that the provider publishes."""
        _status, _headers, body = self._send("GET", self.provider.keys, None, {})
        found: dict[str, Any] = json.loads(body)
        return found

    def refresh(self) -> None:
        """Other tokens for a refresh token, which turns."""
        if not self.refresh_token:
            self.sign_in()
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh_token}
        self.refresh_token = self._ask(self.provider.client, form)["refresh_token"]

    def _follow(self, path: str) -> tuple[str, bytes]:
        """Go from one of the provider's pages to where it sends the browser back; a form in between is filled in."""
        status, headers, body = self._browse(path)
        for _step in range(10):
            location = headers.get("location", "")
            if location.startswith(BACK):
                break
            if status in (302, 303):
                parts = urlsplit(location)
                path = f"{parts.path}?{parts.query}" if parts.query else parts.path
                status, headers, body = self._browse(path)
            elif status == 200 and (token := _CSRF.search(body.decode())):
                wanted = parse_qs(urlsplit(path).query).get("next", [""])[0]
                form = {"username": self.person, "password": self.provider.password, "next": wanted}
                form["csrfmiddlewaretoken"] = token[1]
                status, headers, body = self._browse(urlsplit(path).path, urlencode(form))
            else:
                break
        return headers.get("location", ""), f"{status} ".encode() + body

    def _ask(self, client: tuple[str, str], form: dict[str, str], *, path: str = "") -> dict[str, Any]:
        proof = base64.b64encode(":".join(client).encode()).decode()
        headers = {"Authorization": f"Basic {proof}", "Content-Type": "application/x-www-form-urlencoded"}
        status, _headers, body = self._send("POST", path or self.provider.token, urlencode(form), headers)
        if status != 200:
            raise Refused(f"{self.provider.name}: {form.get('grant_type', path)}: {status} {body[:300]!r}")
        found: dict[str, Any] = json.loads(body)
        return found

    def _browse(self, path: str, form: str | None = None) -> tuple[int, dict[str, str], bytes]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.jar.items())
        headers = {"Cookie": cookies} if cookies else {}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._send("GET" if form is None else "POST", path, form, headers)

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
    """Let so many callers do one thing again and again, each at least once; what is under way at the end is waited for."""
    taken: list[float] = []
    ended: list[float] = []
    faults: list[BaseException] = []
    begun = time.monotonic() + warm
    until = begun + seconds
    lock = threading.Lock()

    def call(number: int) -> None:
        mine: list[float] = []
        try:
            caller = Caller(provider, number)
            while ((now := time.monotonic()) < until or not mine) and not faults:
                act(caller)
                if now >= begun:
                    mine.append(time.monotonic() - now)
        except BaseException as error:
            faults.append(error)
        with lock:
            taken.extend(mine)
            ended.append(time.monotonic())

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return Pace(len(taken) / (max(ended) - begun), statistics.quantiles(taken, n=20)[-1] * 1000)
