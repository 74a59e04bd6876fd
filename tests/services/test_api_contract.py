"""The published interface over all its routes, on a database with things in it: no 5xx, nothing that it did not promise."""

from __future__ import annotations

import json
import time
from functools import partial
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from django.conf import settings as product
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from schemathesis.checks import CHECKS

from hienluong.capabilities.payments.models import Charge
from hienluong.capabilities.payments.notices import signature
from hienluong.capabilities.registers.models import Record
from hienluong.foundation.transparency import log
from hienluong.house.wsgi import application
from tests.capabilities.payments.process import forget_jobs, make_charge
from tests.capabilities.registers.test_api_writing import Town
from tests.capabilities.signing.papers import issue, paper, sign
from tests.factories import make_org, make_roles
from tests.services.contract import every_case
from tests.services.procedures.samples import published
from tests.thorough import examples

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
#: Every route that this test must find: one that is served under /api/v1 but not published is a fault.
PROMISED = {
    "/api/v1/procedures",
    "/api/v1/verify",
    "/api/v1/transparency/head",
    "/api/v1/transparency/proof",
    "/api/v1/transparency/consistency",
    "/api/v1/transparency/entries",
    "/api/v1/payments/notices/{provider}",
    "/api/v1/registers",
    "/api/v1/registers/{code}/records",
    "/api/v1/registers/{code}/records/{record}",
    "/api/v1/registers/{code}/records/by-key/{key}",
    "/api/v1/registers/{code}/changes",
    "/api/v1/registers/{code}/records/{record}/end",
    "/api/v1/registers/{code}/batch",
    "/api/v1/codelists",
    "/api/v1/codelists/{code}",
    "/api/v1/codelists/{code}/codes",
    "/api/v1/codelists/{code}/codes/{value}",
    "/api/v1/codelists/{code}/mappings",
}


@pytest.fixture
def things(transactional_db: None) -> Charge:
    """Procedures, a charge, issued results, a log."""
    make_roles()
    forget_jobs()
    published()
    published("1.000002", name="Khai tử", keywords=[], life_events=["death"])
    for number in range(5):
        log.append({"kind": "thử", "n": number})
    return make_charge(make_org())


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign(paper())


def document(client: Client) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/api/v1/openapi.json").json()
    return found


def keeps_promise(client: Client, path: str, verb: str, answer: Any) -> dict[str, Any]:
    """Check an answer against what is published for it, and give its content."""
    published_as = document(client)
    kind = answer["Content-Type"].split(";")[0]
    promised = published_as["paths"][path][verb]["responses"][str(answer.status_code)]
    body: dict[str, Any] = answer.json()
    shape = promised["content"].get(kind) or promised["content"]["application/json"]
    jsonschema_rs.validator_for({**shape["schema"], "components": published_as["components"]}).validate(body)
    return body


def test_every_route_is_published(client: Client) -> None:
    found = document(client)
    assert found["openapi"].startswith("3.1")
    assert set(found["paths"]) >= PROMISED


@pytest.mark.thorough
def test_no_request_breaks_any_route(things: Charge) -> None:
    every_case(schema, promised, examples(6, 40))


def promised(case: schemathesis.Case) -> None:
    """The answer is none of 5xx, and of a shape that was published."""
    case.call_and_validate(checks=CHECKS.get_by_names(["not_a_server_error", "response_schema_conformance"]))


@pytest.mark.parametrize("query", [{}, {"size": 3}, {"size": 0}])
def test_proofs_of_leaves_that_are_there(things: Charge, client: Client, query: dict[str, int]) -> None:
    entries = client.get("/api/v1/transparency/entries")
    rows = keeps_promise(client, "/api/v1/transparency/entries", "get", entries)["entries"]
    assert len(rows) >= 5
    for row in rows[:3]:
        answer = client.get("/api/v1/transparency/proof", {"hash": row["leaf_hash"], **query})
        keeps_promise(client, "/api/v1/transparency/proof", "get", answer)
        assert answer.status_code == (400 if query == {"size": 0} else 200)
    for name, asked in (("head", {}), ("consistency", {"first": 0}), ("consistency", {"first": 2, "second": 4})):
        path = f"/api/v1/transparency/{name}"
        assert client.get(path, asked).status_code == 200
        keeps_promise(client, path, "get", client.get(path, asked))


def test_a_file_is_verified_as_published(things: Charge, client: Client, signed: bytes) -> None:
    issue(signed)
    for sent in (
        client.post("/api/v1/verify", signed, content_type="application/pdf"),
        client.post("/api/v1/verify", {"file": SimpleUploadedFile("a.pdf", signed)}),
    ):
        found = keeps_promise(client, "/api/v1/verify", "post", sent)
        assert (found["verdict"], found["log"]["holds"], len(found["signatures"])) == ("valid", True, 2)
    junk = client.post("/api/v1/verify", b"junk", content_type="application/pdf")
    assert keeps_promise(client, "/api/v1/verify", "post", junk)["verdict"] == "unreadable"


def tell(client: Client, body: bytes, *, nonce: str, signed_with: str = "", at: int | None = None) -> Any:
    """Send a notice, signed as the bank does."""
    stamp = str(int(time.time()) if at is None else at)
    key = signed_with or product.PAYMENT_SECRETS["bank"]
    return client.post(
        "/api/v1/payments/notices/bank",
        body,
        content_type="application/json",
        headers={"X-Time": stamp, "X-Nonce": nonce, "X-Signature": signature(key, stamp, nonce, body)},
    )


def test_notices_with_and_without_a_signature(things: Charge, client: Client) -> None:
    path = "/api/v1/payments/notices/{provider}"
    told = {"transaction": "FT1", "amount": 15_000, "content": things.reference, "paid_at": "2026-11-26T08:00:00+07:00"}
    body = json.dumps(told).encode()
    expected = [
        (tell(client, body, nonce="a"), 200, "applied"),
        (tell(client, body, nonce="b"), 200, "repeated"),
        (tell(client, body, nonce="b"), 401, "refused"),
        (tell(client, json.dumps({**told, "transaction": "FT2"}).encode(), nonce="c"), 200, "suspense"),
        (tell(client, body, nonce="d", signed_with="x"), 401, "refused"),
        (tell(client, body, nonce="e", at=1), 401, "refused"),
        (tell(client, b"[]", nonce="f"), 400, "refused"),
        (tell(client, b"\x00\xff", nonce="g"), 400, "refused"),
        (client.post("/api/v1/payments/notices/bank", body, content_type="application/json"), 401, "refused"),
        (client.post("/api/v1/payments/notices/nobody", body, content_type="application/json"), 404, "refused"),
        (client.post("/api/v1/payments/notices/bank", b"x" * 30_000, content_type="text/plain"), 404, "refused"),
    ]
    for number, (answer, status, said) in enumerate(expected):
        assert (number, answer.status_code) == (number, status)
        assert keeps_promise(client, path, "post", answer)["status"] == said


@pytest.mark.thorough
def test_whatever_a_signed_notice_says(things: Charge) -> None:
    """The bodies that the schema allows and forbids, each with a true signature."""
    every_case(schema.include(path_regex="/payments/notices"), signed_notice, examples(15, 100))


def signed_notice(case: schemathesis.Case) -> None:
    body = json.dumps(case.body, default=str).encode() if isinstance(case.body, dict | list | str | int) else b"null"
    answer = tell(Client(), body, nonce=f"n{time.time_ns()}")
    assert answer.status_code in (200, 400, 404), answer.content


@pytest.fixture
def wells(transactional_db: None) -> tuple[Record, dict[str, str]]:
    """A record of a register, and the cookies of an officer who may write it."""
    town = Town()
    cookies = {name: str(morsel.value) for name, morsel in town.here_client.cookies.items()}
    return town.add(), {**cookies, "csrftoken": "x" * 32}


@pytest.mark.thorough
def test_whatever_an_officer_sends_to_a_register(wells: tuple[Record, dict[str, str]]) -> None:
    """The same with a session and a register that is there, half of the time over a tag that fits anything."""
    every_case(schema.include(path_regex="/registers/"), partial(sent_by_an_officer, *wells), examples(10, 60))


def sent_by_an_officer(record: Record, cookies: dict[str, str], case: schemathesis.Case) -> None:
    """One request of an officer, as its schema says or not."""
    known = {"code": "thu.gieng", "record": record.pk, "key": record.key}
    case.path_parameters = {name: known[name] for name in case.path_parameters or {}}
    case.headers.pop("Authorization", None)  # a token that was made up would count, and the session beside it would not
    headers = {"X-CSRFToken": cookies["csrftoken"]}
    if case.method in ("PUT", "PATCH", "POST") and len(str(case.body)) % 2:
        headers["If-Match"] = "*"
    answer = case.call(cookies=cookies, headers=headers)
    assert answer.status_code != 401
    case.validate_response(answer, checks=CHECKS.get_by_names(["not_a_server_error", "response_schema_conformance"]))
