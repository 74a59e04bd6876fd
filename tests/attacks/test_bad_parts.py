"""Anything at all where an address has a place, and in the boxes of every form: an answer, never a fault."""

from __future__ import annotations

import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import suppress
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from hienluong.foundation.identity.actions import grant_role
from hienluong.foundation.identity.models import Account, Role
from hienluong.foundation.provisioning.scim import directories
from hienluong.foundation.sso.models import Engineer
from hienluong.foundation.sso.proofs import keys_of
from tests.factories import TESTER, make_account, make_official
from tests.foundation.provisioning.test_scim import token_of
from tests.foundation.sso.system import OUT, Flow, basic, registered
from tests.services.test_bad_addresses import BAD, told
from tests.snapshots import ready
from tests.thorough import some

from .addresses import Address, all_addresses, browser
from .test_two_organisations import Commune, two

pytestmark = [pytest.mark.django_db, pytest.mark.once, pytest.mark.thorough]

#: What is put where a number stands, beside what is put where a word stands.
NUMBERS = {
    "nought": "0",
    "more than a key can be": str(2**63),
    "more than any number": "9" * 400,
    "more than Python reads": "9" * 5000,
    "with a sign": "+1",
    "with a point": "1.0",
    "in hexadecimal": "0x1",
    "digits of another script": "٢",
}
#: Without what makes another address, or none.
WORDS = {kind: quote(value, safe="") for kind, value in BAD.items() if value.strip() and b"/" not in value}
#: The apps whose pages are a citizen's.
OF_CITIZENS = {"portal", "lookups", "corrections", "consents", "privacy", "mandates", "merging", "eid", "surveys"}


def everything(commune: Commune) -> Account:
    """Somebody who may do everything there."""
    account = make_account("toan-quyen", official=make_official(role="admin", org=commune.org.parent))
    for role in Role.objects.exclude(code="admin"):
        grant_role(TESTER, account=account, role=role.code, organization=commune.org.parent, reason="Thử")
    return account


def browsers(commune: Commune) -> tuple[Client, Client, Client]:
    """Of whoever may do everything, of a citizen, of a system for human resources with its token."""
    system, secret = registered(owner=commune.org, scopes=["scim"], redirect_uris=[], for_itself=True)
    directories.open_directory(TESTER, system=system, organizations=[commune.org], reason="Thử")
    token = token_of(system, secret).json()["access_token"]
    hr = Client(headers={"authorization": f"Bearer {token}"}, raise_request_exception=False)
    made = [browser(who, raise_request_exception=False) for who in (everything(commune), commune.citizen.account)]
    return made[0], made[1], hr


def wrong_parts(place: int, address: Address) -> Iterator[tuple[str, str]]:
    """The addresses with something odd in one of their places, and what kind of odd."""
    for at, (name, held) in enumerate(address.parts.items()):
        kinds = {**NUMBERS, **WORDS} if held == "1" else WORDS
        for kind in some(list(kinds), 6, (place + at) % 12):
            yield kind, address.pattern.format_map({**address.parts, name: kinds[kind]})


def test_anything_in_a_place_of_an_address_is_answered() -> None:
    mine, _theirs = ready(two)
    official, citizen, hr = browsers(mine)
    wrong, tried = [], set()
    for place, address in enumerate(each for each in all_addresses() if each.parts):
        app = address.name.split(":")[0]
        client = hr if app == "scim" else citizen if app in OF_CITIZENS else official
        for kind, path in wrong_parts(place, address):
            tried.add(kind)
            for verb in ("get", "post"):
                with transaction.atomic():
                    answer = getattr(client, verb)(path, secure=True)
                    transaction.set_rollback(True)
                if answer.status_code >= 500:
                    wrong.append(f"{verb} {address.name} {kind}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert tried == {*NUMBERS, *WORDS}


_BOX = re.compile(r"""<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"[^>]*>""")
_CHOICE = re.compile(r"""<(?:input|button)\b[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"[^>]*>""")


def boxes(page: str) -> tuple[list[str], dict[str, str]]:
    """The names of what a page asks for, and the values that some of them have."""
    main = page[page.find("<main") :]
    return sorted(set(_BOX.findall(main)) - {"csrfmiddlewaretoken"}), {
        unescape(name): unescape(value) for name, value in _CHOICE.findall(main) if name != "csrfmiddlewaretoken"
    }


def forms(mine: Commune, own: set[str]) -> Iterator[tuple[Client, str]]:
    """Every page of the foundation for whom it is: of one thing of theirs, or of none."""
    official, citizen, _hr = browsers(mine)
    worker = browser(mine.worker, raise_request_exception=False)
    asked = browser(mine.citizen.asked, raise_request_exception=False)
    for client, pages in (
        (official, mine.pages()),
        (browser(mine.admin, raise_request_exception=False), mine.administrators_own()),
        (worker, mine.own_pages()[:6]),
        (citizen, mine.citizen.pages()),
        (asked, [("mandates:answer", [mine.citizen.appointment.pk], {})]),
    ):
        for name, parts, _form in pages:
            own.add(name)
            yield client, reverse(name, args=parts)
    for address in all_addresses():
        if not address.parts and address.view.__module__.startswith("hienluong.foundation."):
            own.add(address.name)
            yield citizen if address.name.split(":")[0] in OF_CITIZENS else official, address.path
            if address.name.startswith(("recovery:", "identity:sign", "account_login")):
                yield browser(raise_request_exception=False), address.path


def test_anything_typed_into_a_form_is_answered() -> None:
    """All boxes at once, each with another kind of odd thing, and once each alone beside what the page had in it."""
    mine, _theirs = ready(two)
    wrong, filled, own = [], 0, set[str]()
    kinds = list(BAD)
    for place, (client, path) in enumerate(forms(mine, own)):
        if path in ("/dang-xuat", "/sso/dang-xuat"):
            continue
        page = client.get(path, secure=True)
        if page.status_code != 200 or not page.get("Content-Type", "").startswith("text/html"):
            continue
        names, held = boxes(page.content.decode())
        if "<form" not in page.content.decode() or not names:
            continue
        filled += 1
        for turn in some(range(len(kinds)), 6, place % 12):
            odd = {
                name: BAD[kinds[(turn + at * 5) % len(kinds)]].decode("utf-8", "replace")
                for at, name in enumerate(names)
            }
            for sent in (odd, {**held, names[turn % len(names)]: odd[names[turn % len(names)]]}):
                with transaction.atomic():
                    answer = client.post(path, sent, secure=True)
                    transaction.set_rollback(True)
                try:
                    told(answer)
                except AssertionError as fault:
                    wrong.append(f"{path} {sent}: {answer.status_code} {str(fault)[:100]}")
    assert not wrong, "\n".join(wrong)
    assert filled > 60, filled


#: JSON that is none, or that the reader itself trips over, and JSON of another shape than what is asked for.
JSONS = {
    "nested": "[" * 5000 + "]" * 5000,
    "nested in an object": '{"a":' * 5000 + "1" + "}" * 5000,
    "never closed": "[" * 5000,
    "a number of 5,000 digits": "9" * 5000,
    "one in an object": '{"id": ' + "9" * 5000 + "}",
    "half a surrogate": '{"id": "\\ud800", "rawId": "\\ud800", "type": "public-key", "response": {}}',
    "nul": '{"id": "\\u0000", "rawId": "\\u0000", "type": "public-key", "response": {"userHandle": "\\u0000"}}',
    "nothing": "null",
    "a list": "[1, null, {}]",
    "a text": '"x"',
    "no number": "NaN",
    "infinite": '{"id": Infinity, "schemas": -Infinity, "keys": 1e999}',
    "of other kinds": '{"id": 1, "rawId": [], "response": null, "keys": {}, "schemas": 7, "data": 0, "type": {}}',
    "half right": '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30", '
    '"authenticatorData": "AA", "signature": "AA", "userHandle": "Ojk5OTk5OTk5OTk5OTk5OTk5OTk5OTk"}}',
    "keys of other kinds": '{"keys": [{"kty": "RSA", "n": 1, "e": []}, {"kty": 7}, {"kty": "EC", "crv": "x", "x": null}]}',
}


def as_token(text: str) -> tuple[str, str]:
    """The same as the head, and as the body, of a token that somebody signed with nothing."""

    def part(words: str) -> str:
        return urlsafe_b64encode(words.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()

    return f"{part(text)}.e30.AA", f"{part(json.dumps({'alg': 'RS256', 'kid': 'x'}))}.{part(text)}.AA"


@pytest.mark.parametrize("kind", JSONS)
def test_anything_in_the_place_of_json_is_answered(kind: str) -> None:
    mine, _theirs = ready(two)
    text = JSONS[kind]
    _official, citizen, hr = browsers(mine)
    stranger, engineer = browser(raise_request_exception=False), browser(mine.worker, raise_request_exception=False)
    Engineer.objects.create(system=mine.system, account=mine.worker)
    client_id, wrong = mine.system.client_id, []

    def say(what: str, answer: Any) -> None:
        if answer.status_code >= 500 and answer.status_code != 501:  # groups are not made by SCIM
            wrong.append(f"{what}: {answer.status_code}")

    with suppress(ValueError):
        keys_of(text)
    say("passkey", stranger.post(reverse("signin:passkey"), {"credential": text}, secure=True))
    for name in ("signin:confirm", "signin:add_passkey"):
        say(name, citizen.post(reverse(name), {"credential": text, "name": "x"}, secure=True))
    say("keys", engineer.post(reverse("sso:engineer_keys", args=[mine.system.pk]), {"keys": text}, secure=True))
    ask = {"client_id": client_id, "response_type": "code", "scope": "openid", "state": "x"}
    for more in ({"claims": text}, {"request": as_token(text)[0]}, {"id_token_hint": as_token(text)[0]}):
        say(f"authorize {list(more)}", citizen.get("/sso/dang-nhap", {**ask, **more}, secure=True))
    for token in as_token(text):
        asserted = {
            "client_assertion": token,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "grant_type": "client_credentials",
        }
        for path in ("/sso/ma", "/sso/yeu-cau", "/sso/kiem-tra", "/sso/thu-hoi", "/sso/thiet-bi"):
            say(f"assertion {path}", stranger.post(path, {**asserted, "token": token}, secure=True))
        say("hint", stranger.post("/sso/dang-xuat", {"id_token_hint": token}, secure=True))
        for path in ("/sso/nguoi-dung", "/api/v1/registers", "/scim/v2/Users", "/api/v1/registers/x/records"):
            bearer = {"authorization": f"Bearer {token}"}
            say(f"bearer {path}", stranger.get(path, secure=True, headers=bearer))
            say(f"bearer {path}", stranger.post(path, secure=True, headers=bearer))
    for path in ("Users", "Users/.search", "Groups", "Groups/.search"):
        say(path, hr.post(f"/scim/v2/{path}", text, content_type="application/scim+json", secure=True))
    for verb in ("put", "patch"):
        for path in ("Users/x", f"Groups/{mine.org.code}"):
            say(path, getattr(hr, verb)(f"/scim/v2/{path}", text, content_type="application/scim+json", secure=True))
    for verb, path in (("post", "records"), ("put", "records/1"), ("patch", "records/1"), ("post", "batch")):
        answer = getattr(engineer, verb)(
            f"/api/v1/registers/x/{path}", text, content_type="application/json", secure=True
        )
        say(f"{verb} {path}", answer)
    for path in ("/api/v1/verify", "/api/v1/payments/notices/bank", "/api/v1/national-portal/messages"):
        say(path, stranger.post(path, text, content_type="application/json", secure=True))
    assert not wrong, "\n".join(wrong)


#: What the endpoints of single sign-on read, by the door: of a request that is right but for one of them.
READ = {
    "/sso/dang-nhap": (
        *(
            "client_id",
            "redirect_uri",
            "response_type",
            "scope",
            "state",
            "nonce",
            "code_challenge",
            "max_age",
            "prompt",
        ),
        *("code_challenge_method", "acr_values", "claims", "id_token_hint", "request_uri", "ui_locales", "resource"),
        *("response_mode", "login_hint", "display", "request"),
    ),
    "/sso/yeu-cau": ("scope", "state", "nonce", "redirect_uri", "max_age", "claims", "resource", "anything"),
    "/sso/ma": (
        "grant_type",
        "code",
        "redirect_uri",
        "code_verifier",
        "refresh_token",
        "scope",
        "resource",
        "client_id",
    ),
    "/sso/kiem-tra": ("token", "token_type_hint"),
    "/sso/thu-hoi": ("token", "token_type_hint", "client_id"),
    "/sso/thiet-bi": ("scope", "client_id", "resource"),
    "/sso/dang-xuat": ("id_token_hint", "client_id", "post_logout_redirect_uri", "state"),
}


@pytest.mark.parametrize("door", READ)
def test_anything_sent_to_the_doors_of_single_sign_on_is_answered(door: str) -> None:
    person = make_account("binh")
    page = browser(person, raise_request_exception=False)
    flow = Flow(*registered(), page)
    tokens = flow.tokens()
    forms: dict[str, dict[str, str]] = {
        "/sso/yeu-cau": flow.params,
        "/sso/ma": {"grant_type": "authorization_code", "code": flow.code(), "code_verifier": flow.verifier},
        "/sso/kiem-tra": {"token": tokens["access_token"]},
        "/sso/thu-hoi": {"token": tokens["access_token"]},
        "/sso/dang-xuat": {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": OUT},
    }
    machine = Client(
        headers={"authorization": basic(flow.system.client_id, flow.secret)}, raise_request_exception=False
    )
    public = Client(raise_request_exception=False)
    wrong = []
    for place, name in enumerate(READ[door]):
        for kind in ("nul", "one nul", *some(list(BAD), 4, place % 8)):
            value = "a\x00b" if kind == "one nul" else BAD[kind].decode("utf-8", "replace")
            if kind == "nul" and "scope" in name:
                value = "openid\x00"
            sent = {**forms.get(door, flow.params), name: value}
            calls = [(public, "post"), (machine, "post")]
            if door in ("/sso/dang-nhap", "/sso/dang-xuat"):
                calls = [(page, "get"), (public, "get"), (page, "post")]
            for client, verb in calls:
                with transaction.atomic():
                    answer = getattr(client, verb)(door, sent, secure=True)
                    transaction.set_rollback(True)
                if answer.status_code >= 500:
                    wrong.append(f"{verb} {name} {kind}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("words", ["a\x00b:c", "a:\x00", "\x00", "a", "", ":" * 5000, "é:é"])
def test_any_name_and_password_of_a_system_is_answered(words: str) -> None:
    header = {"authorization": "Basic " + b64encode(words.encode()).decode()}
    for door in ("/sso/ma", "/sso/yeu-cau", "/sso/kiem-tra", "/sso/thu-hoi", "/sso/thiet-bi"):
        form = {"grant_type": "client_credentials", "token": "x"}
        answer = Client(headers=header, raise_request_exception=False).post(door, form, secure=True)
        assert answer.status_code in (400, 401), (door, answer.status_code)


def test_a_way_on_with_a_nul_in_it_is_answered() -> None:
    """The page of signing in looks at which system it leads to."""
    client = Client(raise_request_exception=False)
    for query in ("client_id=%2500", "client_id=a%2500&redirect_uri=x", "request_uri=%2500&client_id=x"):
        answer = client.get(f"/dang-nhap?next=/sso/dang-nhap%3F{query}", secure=True)
        assert answer.status_code == 200, query
        assert client.get(f"/sso/dang-nhap?{query.replace('%25', '%')}", secure=True).status_code == 400
        assert client.get(f"/sso/dang-xuat?{query.replace('%25', '%')}", secure=True).status_code == 400
