"""Signing in with 10,000 officials and 500,000 citizens loaded, beside the same with a thousand people, in the same run.

Two installations, each with its own embedded PostgreSQL and its own web server, hold the two crowds; everything that
grows with the people is loaded (``sign_ins/crowd.py``). People drawn at random sign in over HTTP, now one of the small
crowd, now one of the large, so that a machine that gets slower or faster meanwhile does so for both: the page, the form
with its CSRF token and the password (Argon2), for officials the code of their app, and the page behind it; and the same
from another system by OpenID Connect, until that system has read who came. Run with ``make bench NAME=crowd``;
``CROWD_CITIZENS``, ``CROWD_OFFICIALS`` and ``CROWD_SMALL`` change how many people there are, ``CROWD_ROUNDS`` and
``CROWD_SIGN_INS`` how often they sign in.

A fifth of the small crowd are officials, more than their share: a code is good once, so that few of them would wait for
the next one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import os
import random
import re
import secrets
import statistics
import struct
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from benchmarks.reporting import Report
from benchmarks.sign_ins import crowd
from benchmarks.sign_ins.driving import BACK, Refused
from hienluong.house import runlog
from tests.house.running import Installation

LARGE = (int(os.environ.get("CROWD_CITIZENS", "500000")), int(os.environ.get("CROWD_OFFICIALS", "10000")))
SMALL = int(os.environ.get("CROWD_SMALL", "1000"))
#: So many times each is done: rounds, of each of which the p95 is taken, and sign-ins into either crowd in a round.
ROUNDS, SIGN_INS = int(os.environ.get("CROWD_ROUNDS", "5")), int(os.environ.get("CROWD_SIGN_INS", "40"))
WARM = 4
GOAL = 1.3
WORKERS = 2
#: Where citizens and officials arrive.
FRONT, INBOX = "/", "/lam-viec/"
_CSRF = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Crowd:
    """One installation with its people, who come in an order drawn by lot, each once before anyone comes again."""

    port: int
    client: tuple[str, str]
    citizens: Iterator[int]
    officials: Iterator[int]


class Browser:
    """The browser that a person has signed in with before, opened anew: it has our cookie and no session."""

    def __init__(self, port: int, number: int) -> None:
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.number = number
        self.jar = {"hl_browser": crowd.browser(number)}

    def sign_in(self, path: str) -> tuple[str, str]:
        """Open a page, sign in where it asks for that, and go where it leads: the last address and what it said."""
        path, said = self.go("GET", path)
        if not path.startswith("/dang-nhap"):
            raise Refused(f"nobody asked who {self.number} is: {path}")
        asked = parse_qs(urlsplit(path).query)
        form = {"username": crowd.username(self.number), "password": crowd.PASSWORD, "next": asked["next"][0]}
        path, said = self.go("POST", "/dang-nhap", {**form, "csrfmiddlewaretoken": _token(said)})
        if path.startswith("/dang-nhap/buoc-hai"):
            form = {"code": code(crowd.SEED, int(time.time()) // 30), "csrfmiddlewaretoken": _token(said)}
            path, said = self.go("POST", path, form)
        return path, said

    def go(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[str, str]:
        """Ask for a page and follow where it leads, as far as it is one of ours; the address reached and its page."""
        status, location, said = self._ask(method, path, form)
        while status in (302, 303):
            if location.startswith(BACK):
                return location, ""
            parts = urlsplit(location)
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            status, location, said = self._ask("GET", path, None)
        if status != 200:
            raise Refused(f"{self.number}: {method} {path}: {status} {said[:2000]}")
        return path, said

    def _ask(self, method: str, path: str, form: dict[str, str] | None) -> tuple[int, str, str]:
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.jar.items())}
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self.line.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = self.line.getresponse()
        said = answer.read().decode()
        for line in answer.headers.get_all("set-cookie") or ():
            for name, morsel in SimpleCookie(line).items():
                self.jar[name] = morsel.value
        return answer.status, answer.headers.get("location", ""), said


def to_our_pages(there: Crowd, number: int) -> None:
    """One sign-in: from the page behind it, through the form, to that page."""
    wanted = FRONT if number < crowd.OFFICIALS else INBOX
    browser = Browser(there.port, number)
    path, said = browser.sign_in(f"/dang-nhap?{urlencode({'next': wanted})}")
    if path != wanted or "/dang-xuat" not in said:
        raise Refused(f"{number} is not signed in: {path} {said[:2000]}")
    browser.line.close()


def to_a_system(there: Crowd, number: int) -> None:
    """One sign-in at another system: its question, the form here, the code, the tokens, and who it is."""
    client, secret = there.client
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "client_id": client,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": " ".join(crowd.SCOPES),
        "state": secrets.token_urlsafe(9),
        "nonce": secrets.token_urlsafe(9),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    browser = Browser(there.port, number)
    back, said = browser.sign_in(f"/sso/dang-nhap?{urlencode(asked)}")
    given = parse_qs(urlsplit(back).query).get("code", [""])[0]
    if not given:
        raise Refused(f"{number}: no code: {back} {said[:2000]}")
    proof = base64.b64encode(f"{client}:{secret}".encode()).decode()
    form = {"grant_type": "authorization_code", "code": given, "redirect_uri": BACK, "code_verifier": verifier}
    tokens = _told(there.port, "POST", "/sso/ma", f"Basic {proof}", urlencode(form))
    who = _told(there.port, "GET", "/sso/nguoi-dung", f"Bearer {tokens['access_token']}")
    if "id_token" not in tokens or who.get("preferred_username") != crowd.username(number):
        raise Refused(f"{number}: the system was told of {who}")
    browser.line.close()


def code(seed: str, moment: int) -> str:
    """What an app shows in this half minute (RFC 6238; six digits, SHA-1)."""
    digest = hmac.new(base64.b32decode(seed), struct.pack(">Q", moment), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def main() -> int:
    """Load the two crowds and let people of both sign in by turns."""
    report = Report("crowd")
    with tempfile.TemporaryDirectory(prefix="hienluong-crowd-") as folder, ExitStack() as stack:
        small = stack.enter_context(_installed(Path(folder) / "small", SMALL - SMALL // 5, SMALL // 5))
        began = time.monotonic()
        large = stack.enter_context(_installed(Path(folder) / "large", *LARGE))
        report.note("seconds to start and to load the large crowd", time.monotonic() - began, "s")
        for name, act, officials in (
            ("sign-ins of citizens", to_our_pages, False),
            ("sign-ins of officials", to_our_pages, True),
            ("sign-ins of citizens at a system", to_a_system, False),
            ("sign-ins of officials at a system", to_a_system, True),
        ):
            _report(report, name, _measured((small, large), act, officials=officials))
    return report.finish()


def _measured(
    crowds: tuple[Crowd, Crowd], act: Callable[[Crowd, int], None], *, officials: bool
) -> tuple[list[list[float]], list[list[float]]]:
    """Milliseconds of each sign-in, round by round, in the small and in the large crowd."""
    taken: tuple[list[list[float]], list[list[float]]] = ([], [])
    for _round in range(ROUNDS):
        for each in taken:
            each.append([])
        for turn in range(-WARM, SIGN_INS):
            for which in (0, 1) if turn % 2 else (1, 0):  # neither always comes after the other
                there = crowds[which]
                number = next(there.officials if officials else there.citizens)
                began = time.perf_counter()
                act(there, number)
                if turn >= 0:
                    taken[which][-1].append((time.perf_counter() - began) * 1000)
    return taken


def _report(report: Report, name: str, taken: tuple[list[list[float]], list[list[float]]]) -> None:
    who = f"with {sum(LARGE)} people, beside {SMALL}"
    small, large = (_ms(statistics.quantiles(each, n=20)[-1] for each in rounds) for rounds in taken)
    report.at_most(f"{name}: p95 {who}", large, "ms", goal=round(GOAL * small, 3), baseline=small)
    small, large = (_ms(each for one in rounds for each in one) for rounds in taken)
    report.note(f"{name}: median {who}", large, "ms", baseline=small)


def _ms(taken: Iterable[float]) -> float:
    return round(statistics.median(taken), 3)


@contextmanager
def _installed(state: Path, citizens: int, officials: int) -> Iterator[Crowd]:
    """An installation of its own with so many people."""
    installation = Installation(state, workers=WORKERS, patience=900, env={"HIENLUONG_LOG": "ERROR"})
    installation.start()
    try:
        script = f"from benchmarks.sign_ins import crowd; print(crowd.load({citizens}, {officials}))"
        said, _nothing = installation.shell(script).communicate()
        try:
            client, secret = json.loads(said.splitlines()[-1])
        except (IndexError, ValueError):
            raise RuntimeError(said) from None
        yield Crowd(
            installation.port,
            (client, secret),
            _by_lot(crowd.CITIZENS, citizens),
            _by_lot(crowd.OFFICIALS, officials),
        )
    except Refused as fault:
        raise Refused(f"{fault}\n{runlog.last_words(runlog.file_of(installation.state, 'web'))}") from fault
    finally:
        installation.stop()


def _by_lot(first: int, count: int) -> Iterator[int]:
    order = random.Random(first).sample(range(first, first + count), count)
    while True:
        yield from order


def _token(page: str) -> str:
    found = _CSRF.search(page)
    if not found:
        raise Refused(f"a page without a form: {page[:2000]}")
    return found[1]


def _told(port: int, method: str, path: str, proof: str, form: str | None = None) -> dict[str, str]:
    """What an endpoint says to the system."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": proof}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    line.request(method, path, form, headers)
    answer = line.getresponse()
    said = answer.read()
    line.close()
    if answer.status != 200:
        raise Refused(f"{path}: {answer.status} {said[:2000]!r}")
    found: dict[str, str] = json.loads(said)
    return found


if __name__ == "__main__":
    sys.exit(main())
