"""Every address of the product, asked by those it is not for: a door that is not declared open here is closed.

The lists are held against the map in both directions: an address that opens without standing here fails, and so does a
name that stands here and opens nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from hienluong.foundation.identity.models import Account, Role
from hienluong.foundation.signin.middleware import _OPEN as BEFORE_THE_SECOND_FACTOR
from tests.factories import make_account, make_citizen, make_official, make_org, make_roles

from .addresses import all_addresses, browser, names, parameters

pytestmark = [pytest.mark.django_db, pytest.mark.once]


#: What anybody may look at, by its name in the map.
LOOKED_AT = names(
    # the ways in, and back in
    "identity: sign_in signin: passkey_options eid: enter back provisioning: invited set_up recovery: ways ask stop enter",
    # catalogues, public registers, the public log, proofs
    "api: openapi-json list_procedures list_fields list_life_events get_procedure lay_danh_sach_tthc lay_thu_tuc",
    "api: lists one one_code codes mappings registers records create names record_by_key record replace change changes",
    "api: head inclusion consistency entries api-root event_types event_schema event_keys",
    "organisations: tree show ground calendars: try_out codelists: overview show download",
    "registry: registers records record transparency: page signing: verify issued crl certificate ocsp ocsp_get",
    "bus: portal portal_service portal_version openapi portal: home services service tour track oversight: public breaches: report reported",
    # what holds no data of anybody
    "assessments: offline worker ui: gallery gallery_home gallery_staff gallery_print",
    # what opens to who has its key, and is nowhere for everybody else (tests/services/test_wrong_user.py)
    "files: content preview payments: pay state receipt checkout returned refund refunded",
    # the provider of single sign-on: what it is, and where systems send a browser
    "sso: configuration jwks authorize logout",
) | {"", "account_login", "bus_tour"}  # without a name: whether the process is alive; the tour is of the demo alone
#: What anybody may send something to. `addresses.py` names what asks for no token among them.
SENT_TO = names(
    "identity: sign_in sign_out language theme signin: passkey recovery: ask enter stop provisioning: set_up",
    "api: openapi-json api-root verify notice portal: track signing: verify tsa ocsp ocsp_get breaches: report payments: refund refunded",
    "sso: token introspect revoke authorize logout",
) | {"account_login", "bus_tour"}
#: Everybody's own things, once signed in. (One of somebody's things is not there for others: `test_two_organisations.py`.)
OWN = names(
    "identity: change_password signin: confirm security add_passkey codes_app recovery_codes end_other_sessions",
    "eid: offer_passkey sso: device_code device_confirm engineer consents merging: home code confirm consents: mine",
    "privacy: own ask_export close notifications: index read",
    "api: end many",  # which reads what is sent before it says that one may not
) | {"mfa_authenticate"}  # on to the first page
#: What a citizen has and an official has not, and the other way round.
OF_CITIZENS = names("lookups: mine corrections: mine mandates: list claim act_for portal: mine papers")
OF_OFFICIALS = names("identity: delegations signing: waiting progress confirm keys picture enrol_own")
#: What whoever has a post has: lists of what is theirs to do, which without powers are empty.
OF_POSTS = names(
    "identity: delegate records: registers assessments: begin_on_phone session",
    "workplace: inbox search to_return register bulk file file_procedure save_view change_view",
)
#: The pages that ask who somebody is: at the door, and where one gets back in.
WHO_IS_THERE = names("identity: sign_in recovery: ask enter") | {"account_login"}
#: What may be read by scripts of our own pages.
FOR_SCRIPTS = {"csrftoken", "hl_language", "hl_theme"}
#: What scripts of other sites may read: it holds nothing of anybody.
FOR_SITES = names("sso: configuration jwks")
#: Words of a page that a strict policy would not let run, and that are not there.
INLINE = re.compile(
    rb"""<script(?![^>]*\bsrc=)(?![^>]*type="application/(?:json|ld\+json)")|<style|\s(?:style|on[a-z]+)=["']|javascript:""",
    re.IGNORECASE,
)


def name_at(address: str) -> str:
    """The name of a page here, with its space; nothing for what is elsewhere."""
    try:
        return resolve(address.split("?")[0]).view_name
    except Resolver404:
        return ""


def refused(answer: Any) -> bool:
    """Whether this opens nothing: somebody is sent to say who they are, or told that it is not for them."""
    if answer.status_code in (302, 303):
        return name_at(answer["Location"]) in WHO_IS_THERE
    return answer.status_code in (401, 403, 405)


def walk(client: Client, *verbs: str) -> Iterator[tuple[str, str, str, Any]]:
    """What each address answers: its name, its path, the verb, the answer; signing out comes last."""
    for each in sorted(all_addresses(), key=lambda each: each.name == "identity:sign_out"):
        for verb in verbs:
            yield each.name, each.path, verb, getattr(client, verb)(each.path, secure=True)


def faults_of(name: str, answer: Any) -> Iterator[str]:
    """What is missing of what every answer has, whoever asks for whatever."""
    if answer.status_code >= 500:
        yield f"status {answer.status_code}"
    said = answer.headers.get("Content-Security-Policy", "")
    policy = {name: set(more) for name, *more in (part.split() for part in said.split(";") if part.strip())}
    for part, allowed in (
        ("default-src", {"'self'"}),
        ("script-src", {"'self'"}),
        ("style-src", {"'self'"}),
        ("object-src", {"'none'"}),
        ("base-uri", {"'self'", "'none'"}),
        ("frame-ancestors", {"'self'", "'none'"}),
    ):
        if not policy.get(part) or not policy[part] <= allowed:
            yield f"{part}: {policy.get(part)}"
    if answer.headers.get("X-Frame-Options") not in ("DENY", "SAMEORIGIN"):
        yield "may be framed"
    if answer.headers.get("X-Content-Type-Options") != "nosniff":
        yield "what it is may be guessed"
    if answer.headers.get("Referrer-Policy") not in ("no-referrer", "same-origin"):
        yield "tells other sites where one came from"
    if "Access-Control-Allow-Origin" in answer.headers and name not in FOR_SITES:
        yield "read by other sites"
    if answer.headers.get("Content-Type", "").startswith("text/html") and (found := INLINE.search(answer.content)):
        yield f"inline: {found.group()!r}"
    for key, cookie in answer.cookies.items():
        if cookie["max-age"] == 0:
            continue  # taken away
        if not (cookie["httponly"] or key in FOR_SCRIPTS):
            yield f"{key}: read by scripts"
        if not cookie["secure"]:
            yield f"{key}: sent without TLS"
        if cookie["samesite"] not in ("Lax", "Strict"):
            yield f"{key}: sent from other sites"
        if cookie["domain"]:
            yield f"{key}: sent to neighbours"


def assert_declared(found: set[str], declared: set[str]) -> None:
    """What opens is what was said to."""
    assert not found - declared, f"open, and nobody said so: {sorted(found - declared)}"
    assert not declared - found, f"said to be open, and it is not: {sorted(declared - found)}"


@pytest.fixture(autouse=True)
def _as_over_https(settings: Any) -> None:
    """Cookies as `test_sessions.py` finds them in an installation that is opened over https."""
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True


def test_a_stranger_gets_in_where_it_says_here_and_nowhere_else() -> None:
    make_roles()
    read, sent, wrong = set(), set(), []
    for name, path, verb, answer in walk(browser(), "get", "post"):
        wrong += [f"{verb} {path}: {fault}" for fault in faults_of(name, answer)]
        if not refused(answer):
            (read if verb == "get" else sent).add(name)
    assert not wrong, "\n".join(wrong)
    assert_declared(read, LOOKED_AT)
    assert_declared(sent, SENT_TO)


def test_no_other_verb_does_anything_for_a_stranger() -> None:
    wrong = []
    for name, path, verb, answer in walk(browser(), "put", "patch", "delete", "options", "trace"):
        if name == "api:openapi-json":
            continue  # the same document, whatever the verb
        if not (refused(answer) or answer.status_code in (400, 404, 409)):
            wrong.append(f"{verb} {path} ({name}): {answer.status_code}")
        wrong += [f"{verb} {path}: {fault}" for fault in faults_of(name, answer)]
    assert not wrong, "\n".join(wrong)


def people() -> dict[str, Account]:
    """Who is somebody, and yet may nothing."""
    make_roles()
    Role.objects.create(code="nothing", name="Không quyền", permissions=[])
    province = make_org(kind="province")
    return {
        "a citizen": make_account("dan", party=make_citizen()),
        "an official without powers": make_account("can-bo", official=make_official(role="nothing", org=province)),
        "an official without a post": make_account(
            "het-viec", official=make_official(role="admin", org=province, valid_to=timezone.localdate())
        ),
        "neither": make_account("khong-ai"),
    }


@pytest.mark.parametrize("who", ["a citizen", "an official without powers", "an official without a post", "neither"])
def test_who_is_signed_in_and_may_nothing_has_what_is_ones_own(who: str) -> None:
    client, opened, wrong = browser(people()[who]), set(), []
    for name, path, verb, answer in walk(client, "get", "post"):
        wrong += [f"{verb} {path}: {fault}" for fault in faults_of(name, answer)]
        if not refused(answer) and answer.status_code != 404 and name not in LOOKED_AT | SENT_TO:
            opened.add(name)
    more = {"a citizen": OF_CITIZENS, "neither": set[str](), "an official without powers": OF_OFFICIALS | OF_POSTS}
    mine = OWN | more.get(who, OF_OFFICIALS)
    assert not wrong, "\n".join(wrong)
    assert_declared(opened, mine)


def test_an_official_with_a_password_alone_gets_no_further_than_the_second_factor(settings: Any) -> None:
    settings.SECOND_FACTOR = "officials"
    make_roles()
    client = Client()
    client.force_login(make_account(official=make_official(role="admin", org=make_org(kind="province"))))
    there, wrong = reverse("signin:security"), []
    for name, path, verb, answer in walk(client, "get", "post"):
        if name not in BEFORE_THE_SECOND_FACTOR and (answer.status_code, answer.get("Location")) != (302, there):
            wrong.append(f"{verb} {path}: {answer.status_code}")
        wrong += [f"{verb} {path}: {fault}" for fault in faults_of(name, answer)]
    assert not wrong, "\n".join(wrong)


EVIL = ("https://ke-gian.example/", "/\\\\ke-gian.example", "javascript:alert(1)")


@pytest.mark.parametrize("evil", EVIL)
def test_no_parameter_leads_to_another_site(evil: str) -> None:
    """Every name that the code reads, and the usual ones, all of them at once, at every address."""
    make_roles()
    client, wrong = browser(make_account("dan", party=make_citizen())), []
    told = dict.fromkeys(parameters(), evil)
    for who in (Client(), client):
        for each in all_addresses():
            if (each.parts and who is client) or each.name == "identity:sign_out":
                continue
            for verb in ("get", "post"):
                answer = getattr(who, verb)(each.path, told, secure=True)
                if "ke-gian" in leads_to(answer) or "javascript" in leads_to(answer):
                    wrong.append(f"{verb} {each.path}: {leads_to(answer)}")
    assert not wrong, "\n".join(wrong)


def leads_to(answer: Any) -> str:
    """Where an answer sends a browser, without what that page is told."""
    told = " ".join(answer.headers.get(name, "") for name in ("Location", "Refresh", "HX-Redirect", "HX-Location"))
    return told.split("?")[0]
