"""The mediator as a process of its own, between a gateway (played here) and providers over real connections."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from allauth.idp.oidc.models import Client
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.conf import settings as django_settings
from django.db import connection

from hienluong.foundation.people.protected import blind_index
from hienluong.foundation.sso.models import System
from hienluong.services.bus.gateway import handover, snapshot
from hienluong.services.bus.gateway.snapshot import GrantRoute, OperationRoute, ServiceRoute, Snapshot
from hienluong.services.bus.models import Call, Volume
from hienluong.services.mediation import evidence, signatures
from hienluong.services.mediation.signatures import Component, Key, Message
from tests.factories import make_org

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = {
    "items": [
        {"so": "045190000001", "ten": "Lan", "thuNhap": 12, "tinh": "45"},
        {"so": "045190000002", "ten": "Hùng", "thuNhap": 34, "tinh": "44"},
    ],
    "total": 2,
}
SIGNING_SECRET = "bí mật"


@dataclass
class Provider:
    """What it answers next, and what it was asked."""

    status: int = 200
    content: bytes = json.dumps(PEOPLE).encode()
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    endless: bool = False
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0


class _Handler(BaseHTTPRequestHandler):
    provider: Provider
    protocol_version = "HTTP/1.1"

    def _answer(self) -> None:
        told = self.provider
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        told.asked.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        time.sleep(told.wait)
        self.send_response(told.status)
        self.send_header("Content-Type", told.kind)
        for name, value in told.headers.items():
            self.send_header(name, value)
        if told.endless:
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b" " * 65536)
            except OSError:
                self.close_connection = True
            return
        self.send_header("Content-Length", str(len(told.content)))
        self.end_headers()
        self.wfile.write(told.content)

    do_GET = do_POST = _answer  # noqa: N815 - named by http.server

    def log_message(self, *_words: object) -> None:
        return


@contextmanager
def provided() -> Iterator[Provider]:
    """A provider that answers as it is told, over HTTP."""
    told = Provider()
    handler = type("Handler", (_Handler,), {"provider": told})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    told.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provided() as found:
        yield found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Running:
    """A mediator, its snapshot and its port."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    def publish(self, provider: Provider, *operations: OperationRoute, **more: Any) -> None:
        """Let these operations pass, from now on."""
        service = ServiceRoute("nguoi", 1, f"http://127.0.0.1:{provider.port}/goc", operations=list(operations), **more)
        made = Snapshot(1, "urn:x", "jwks.json", f"127.0.0.1:{self.port}", [service])
        snapshot.write(made, self.folder / "snapshot.json")
        time.sleep(0.3)

    def ask(
        self, path: str = "/lgsp/nguoi/v1/nguoi", method: str = "GET", content: bytes = b"", **headers: str
    ) -> httpx.Response:
        """As the gateway asks."""
        sent = {
            handover.SECRET: handover.secret(self.folder),
            handover.CLIENT: "he-thong",
            handover.AGREEMENT: "TT-1",
            handover.PURPOSE: "kiem thu",
            **({"content-type": "application/json"} if content else {}),
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        url = f"http://127.0.0.1:{self.port}{path}"
        return httpx.request(method, url, content=content, headers=sent, timeout=30, trust_env=False)


def start(folder: Path, database: str) -> Running:
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    env = {
        **os.environ,
        "HIENLUONG_SNAPSHOT": str(folder / "snapshot.json"),
        "DATABASE_URL": database,
        "HIENLUONG_BLIND_INDEX_KEY": django_settings.BLIND_INDEX_KEY,
        "HIENLUONG_MEDIATOR_SIGNING_SECRET": SIGNING_SECRET,
    }
    command = [sys.executable, "-m", "hienluong.services.mediation", "--port", str(port)]
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out)
    deadline = time.monotonic() + 20
    while True:
        assert process.poll() is None, (folder / "out").read_text()
        assert time.monotonic() < deadline
        try:
            httpx.get(f"http://127.0.0.1:{port}/song", trust_env=False)
            return Running(folder, port, process)
        except httpx.TransportError:
            time.sleep(0.05)


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Running]:
    told = connection.settings_dict
    database = f"postgresql://{told['USER']}@{told['HOST'] or ''}:{told['PORT']}/{told['NAME']}"
    if told["HOST"].startswith("/"):
        database = f"postgresql://{told['USER']}@/{told['NAME']}?host={told['HOST']}"
    running = start(tmp_path_factory.mktemp("mediator"), database)
    yield running
    running.process.terminate()
    assert running.process.wait(10) == 0


@pytest.fixture
def mediator(process: Running, transactional_db: None) -> Running:
    return process


def operation(**more: Any) -> OperationRoute:
    """The list of people, under one agreement."""
    grant = {name: more.pop(name) for name in ("fields", "per_day_records", "sign") if name in more}
    return OperationRoute("list", "GET", "/nguoi", grants=[GrantRoute("TT-1", ["he-thong"], 60, **grant)], **more)


def test_fields_are_cut_and_the_call_is_written_down(mediator: Running, provider: Provider) -> None:
    mediator.publish(
        provider, operation(fields=["items.ten", "total"], person_pointer="/items/0/so", per_day_records=5)
    )

    answer = mediator.ask(x_forwarded_for="203.0.113.9, 192.0.2.4")

    assert answer.json() == {"items": [{"ten": "Lan"}, {"ten": "Hùng"}], "total": 2}
    assert answer.headers["cache-control"] == "no-store"
    call = Call.objects.get()
    assert (call.operation, call.agreement, call.client) == ("nguoi/v1/list", "TT-1", "he-thong")
    assert (call.status, call.records, call.address, call.purpose) == (200, 2, "192.0.2.4", "kiem thu")
    assert call.persons == sorted(blind_index(each["so"]) for each in PEOPLE["items"])  # type: ignore[index,union-attr]
    assert call.fields == ["items.ten", "total"]
    assert call.answer_digest == evidence.answer_digest(200, answer.content)
    assert call.request_digest == evidence.request_digest(
        "GET", "/lgsp/nguoi/v1/nguoi", agreement="TT-1", client="he-thong", purpose="kiem thu", content=b""
    )
    assert Volume.objects.get().records == 2
    ((_method, path, headers, _body),) = provider.asked
    assert path == "/goc/nguoi"
    assert handover.SECRET not in headers
    assert "authorization" not in headers


@pytest.mark.parametrize("secret", ["", "sai", "x" * 64])
def test_only_our_gateway_is_heard(mediator: Running, provider: Provider, secret: str) -> None:
    mediator.publish(provider, operation())

    answer = mediator.ask(x_gateway_secret=secret)

    assert answer.status_code == 403
    assert (provider.asked, Call.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/lgsp/nguoi/v1/nguoi", {"x_agreement": "TT-2"}, 403),
        ("/lgsp/nguoi/v1/nguoi", {"x_client_id": "ke-la"}, 403),
        ("/lgsp/nguoi/v1/nguoi", {"x_bus_route": "nguoi|1|other|TT-1"}, 403),
        ("/lgsp/nguoi/v1/nguoi", {"x_purpose": ""}, 400),
        ("/lgsp/nguoi/v1/nguoi", {"x_purpose": "x" * 201}, 400),
        ("/lgsp/nguoi/v1/nguoi/", {}, 404),
        ("/lgsp/nguoi/v1%2fnguoi", {}, 404),
        ("/lgsp/nguoi/v2/nguoi", {}, 404),
        ("/lgsp/nguoi/v1/..;/nguoi", {}, 404),
    ],
)
def test_what_no_agreement_covers_does_not_pass(
    mediator: Running, provider: Provider, path: str, headers: dict[str, str], status: int
) -> None:
    mediator.publish(provider, operation())

    answer = mediator.ask(path, **headers)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert provider.asked == []


def test_an_agreement_that_is_withdrawn_ends_at_once_and_a_broken_snapshot_changes_nothing(
    mediator: Running, provider: Provider
) -> None:
    mediator.publish(provider, operation())
    assert mediator.ask().status_code == 200
    (mediator.folder / "snapshot.json").write_text("{")
    time.sleep(0.3)
    assert mediator.ask().status_code == 200

    mediator.publish(provider, OperationRoute("list", "GET", "/nguoi"))

    assert mediator.ask().status_code == 403


@pytest.mark.parametrize("query", ["sort=thuNhap", "thuNhap=12", "$filter=thuNhap%20gt%2020", "q=Lan"])
def test_a_question_about_another_field_is_refused_and_written_down(
    mediator: Running, provider: Provider, query: str
) -> None:
    mediator.publish(provider, operation(fields=["items.ten"]))

    answer = mediator.ask(f"/lgsp/nguoi/v1/nguoi?{query}")

    assert answer.status_code == 403
    assert answer.json()["type"].endswith(":field")
    assert provider.asked == []
    assert Call.objects.get().status == 403


def test_the_records_of_a_day_are_counted_exactly(mediator: Running, provider: Provider) -> None:
    mediator.publish(provider, operation(per_day_records=7))

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _n: mediator.ask().status_code, range(8)))

    assert sorted(answers) == [200] * 3 + [429] * 5
    assert Volume.objects.get().records == 6
    assert sum(call.records for call in Call.objects.all()) == 6


SCHEMA = {
    "type": "object",
    "properties": {
        "items": {"type": "array", "items": {"properties": {"ten": {"type": "string"}, "thuNhap": {"type": "integer"}}}}
    },
}


def test_answers_that_break_their_schema_are_refused_without_words_on_other_fields(
    mediator: Running, provider: Provider
) -> None:
    (mediator.folder / "answer.json").write_text(json.dumps(SCHEMA))
    mediator.publish(provider, operation(fields=["items.ten"], response_schema_file="answer.json"))
    assert mediator.ask().status_code == 200
    provider.content = json.dumps({"items": [{"ten": 5, "thuNhap": "bí mật"}]}).encode()

    answer = mediator.ask()

    assert answer.status_code == 502
    assert answer.json()["errors"] == [{"pointer": "/items/0/ten", "rule": "type"}]
    assert "thuNhap" not in answer.text


def test_requests_that_break_their_schema_do_not_reach_the_provider(mediator: Running, provider: Provider) -> None:
    (mediator.folder / "request.json").write_text(json.dumps({"type": "object", "required": ["ten"]}))
    made = replace(operation(), method="POST", request_schema_file="request.json", max_body=100)
    mediator.publish(provider, made)

    assert mediator.ask(method="POST", content=b'{"so":1}').status_code == 422
    assert mediator.ask(method="POST", content=b'{"ten":1,"ten":2}').status_code == 400
    assert mediator.ask(method="POST", content=b" " * 101).status_code == 413
    assert mediator.ask(method="POST", content=b"[" * 90).status_code == 400
    assert mediator.ask(method="POST", content=b"<a/>", content_type="text/xml").status_code == 415
    assert mediator.ask(method="POST", content=b"{}", content_encoding="gzip").status_code == 415
    assert provider.asked == []
    assert mediator.ask(method="POST", content=b'{"ten": "Lan"}').status_code == 200
    assert provider.asked[0][3] == b'{"ten":"Lan"}'


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"status": 500, "content": b"SELECT thu_nhap FROM nguoi"}, 502),
        ({"status": 404, "content": b"thu_nhap"}, 404),
        ({"status": 302, "headers": {"Location": "http://169.254.169.254/"}}, 502),
        ({"status": 403}, 502),
        ({"content": b"<html>"}, 502),
        ({"content": b"[" * 100_000}, 502),
        ({"kind": "text/html"}, 502),
        ({"headers": {"Content-Encoding": "gzip"}}, 502),
        ({"content": b'"' + b"x" * (8 * 1024 * 1024) + b'"'}, 502),
        ({"endless": True}, 502),
        ({"wait": 1.5}, 504),
    ],
    ids=str,
)
def test_a_provider_that_fails_is_told_as_a_problem_without_its_words(
    mediator: Running, provider: Provider, change: dict[str, Any], status: int
) -> None:
    mediator.publish(provider, operation(fields=["items.ten"]), timeout_s=1.0)
    for name, value in change.items():
        setattr(provider, name, value)

    answer = mediator.ask()

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert "thu_nhap" not in answer.text
    assert Call.objects.get().status == status


def test_a_provider_that_is_away_is_tried_again_then_told(mediator: Running, provider: Provider) -> None:
    provider.status = 503
    mediator.publish(provider, operation(mediate=True), retries=2)

    assert mediator.ask().status_code == 503
    assert len(provider.asked) == 3
    provider.port = free_port()
    mediator.publish(provider, operation(mediate=True))
    assert mediator.ask().status_code == 503


SOAP = {
    "request": {
        "format": "soap",
        "method": "POST",
        "path": "/ws",
        "action": "urn:tra-cuu",
        "root": "d:TraCuu",
        "namespaces": {"d": "urn:dan-cu"},
        "map": {"d:So": "path:so", "d:Loc/d:Nam": {"from": "query:nam", "default": "2026"}},
    },
    "response": {
        "format": "soap",
        "encoding": "tcvn3",
        "namespaces": {"d": "urn:dan-cu"},
        "root": "d:KetQua",
        "map": {
            "items": {
                "each": "d:Muc",
                "map": {"so": "@so", "ten": "d:Ten", "ngay": {"path": "d:Ngay", "type": "date"}, "tinh": "d:Tinh"},
            }
        },
    },
    "codes": {"items.tinh": {"table": {"45": "44"}}},
}
ENVELOPE = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>{}</s:Body></s:Envelope>'
RESULT = '<KetQua xmlns="urn:dan-cu"><Muc so="045190000001"><Ten>NguyÔn ThÞ Hång</Ten><Ngay>02/09/1990</Ngay><Tinh>45</Tinh></Muc></KetQua>'


def test_a_soap_provider_is_asked_and_answers_in_json(mediator: Running, provider: Provider) -> None:
    made = replace(operation(transform=SOAP, person_pointer="/items/0/so"), template="/nguoi/{so}")
    mediator.publish(provider, made)
    provider.kind = "text/xml"
    provider.content = ('<?xml version="1.0" encoding="utf-8"?>' + ENVELOPE.format(RESULT)).encode("latin-1")

    answer = mediator.ask("/lgsp/nguoi/v1/nguoi/0451%3C9")

    (item,) = answer.json()["items"]
    assert item == {"so": "045190000001", "ten": "Nguyễn Thị Hồng", "ngay": "1990-09-02", "tinh": "44"}
    assert Call.objects.get().persons == [blind_index("045190000001")]
    ((method, path, headers, body),) = provider.asked
    assert (method, path, headers["soapaction"]) == ("POST", "/goc/ws", '"urn:tra-cuu"')
    from lxml import etree

    root = etree.fromstring(body)
    assert root.findtext(".//{urn:dan-cu}So") == "0451<9"
    assert root.findtext(".//{urn:dan-cu}Nam") == "2026"


@pytest.mark.parametrize(("code", "status"), [("s:Client", 400), ("s:Server", 502)])
def test_soap_faults_are_told_without_their_words(
    mediator: Running, provider: Provider, code: str, status: int
) -> None:
    mediator.publish(provider, replace(operation(transform=SOAP), template="/nguoi/{so}"))
    provider.status = 500
    fault = f"<s:Fault><faultcode>{code}</faultcode><faultstring>thu_nhap</faultstring></s:Fault>"
    provider.content = ENVELOPE.format(fault).encode()

    answer = mediator.ask("/lgsp/nguoi/v1/nguoi/1")

    assert answer.status_code == status
    assert "thu_nhap" not in answer.text


@pytest.fixture
def consumer(mediator: Running) -> Key:
    """A key pair whose public part is that of the calling system."""
    key, jwk = signatures.own_key("khóa của bên khai thác")
    client = Client.objects.create(id="he-thong", name="Hệ thống")
    System.objects.create(
        client=client,
        owner=make_org(),
        purpose="p",
        contact_name="n",
        contact_email="n@example.vn",
        keys={"keys": [jwk]},
    )
    return key


def sign(key: Key, port: int, path: str, query: str = "", **change: Any) -> dict[str, str]:
    """The fields that sign a request as the bus asks for it."""
    sent = [("host", f"127.0.0.1:{port}"), ("x-agreement", "TT-1"), ("x-purpose", "kiem thu")]
    content = change.pop("content", None)
    names = ["@method", "@authority", "@path", "@query", "x-agreement", "x-purpose"]
    if content is not None:
        sent.append(("content-digest", signatures.content_digest(content)))
        names.append("content-digest")
    without = change.pop("without", ())
    names = [name for name in names if name not in without]
    parameters = {
        "created": int(time.time()),
        "nonce": base64.b64encode(os.urandom(18)).decode(),
        "keyid": key.keyid,
        "tag": "lgsp",
        **change,
    }
    method = "GET" if content is None else "POST"
    message = Message(sent, method, "https", f"127.0.0.1:{port}", path, query or None)
    components: list[Component] = [(name, {}) for name in names]
    made = dict(signatures.sign(message, components, parameters, key, "yc"))
    if content is not None:
        made["content-digest"] = sent[-1][1]
    return {name.replace("-", "_"): value for name, value in made.items()}


PATH = "/lgsp/nguoi/v1/nguoi"


def test_a_signed_request_is_answered_signed_once(mediator: Running, provider: Provider, consumer: Key) -> None:
    mediator.publish(provider, operation(sign=True, fields=["items.ten"]))
    fields = sign(consumer, mediator.port, PATH, "page=1")

    answer = mediator.ask(f"{PATH}?page=1", **fields)
    again = mediator.ask(f"{PATH}?page=1", **fields)

    assert answer.status_code == 200, answer.text
    sent = [
        ("host", f"127.0.0.1:{mediator.port}"),
        *((name.replace("_", "-"), value) for name, value in fields.items()),
    ]
    request = Message(sent, "GET", "https", f"127.0.0.1:{mediator.port}", PATH, "page=1")
    own, _jwk = signatures.own_key(SIGNING_SECRET)
    public = signatures.key_from_jwk(_jwk)
    about = Message(list(answer.headers.items()), status=200, request=request)
    signed = signatures.verify(about, {public.keyid: public}, tag="lgsp")
    assert signed.covers("signature", req=True, key="yc")
    signatures.check_digest(answer.headers["content-digest"], answer.content)
    assert own.keyid == signed.keyid
    kept = json.loads(Call.objects.get(status=200).signature)
    assert kept["request"]["signature"] == fields["signature"]
    assert kept["request"]["key"]["kty"] == "OKP"
    assert kept["answer"]["signature"] == answer.headers["signature"]
    assert (again.status_code, again.json()["type"]) == (401, "urn:hienluong:lgsp:replayed")
    assert len(provider.asked) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"created": 1_600_000_000},
        {"created": 4_000_000_000},
        {"expires": 1_600_000_000},
        {"nonce": "ngan"},
        {"tag": "khac"},
        {"keyid": "khac"},
        *({"without": [name]} for name in ("@method", "@authority", "@path", "@query", "x-agreement", "x-purpose")),
    ],
    ids=str,
)
def test_a_signature_that_says_too_little_or_too_late_is_refused(
    mediator: Running, provider: Provider, consumer: Key, change: dict[str, Any]
) -> None:
    mediator.publish(provider, operation(sign=True))

    answer = mediator.ask(PATH, **sign(consumer, mediator.port, PATH, **change))

    assert (answer.status_code, answer.json()["type"]) == (401, "urn:hienluong:lgsp:signature")
    assert provider.asked == []
    assert Call.objects.get().status == 401


def test_what_was_signed_cannot_be_used_for_something_else(
    mediator: Running, provider: Provider, consumer: Key
) -> None:
    mediator.publish(provider, operation(sign=True), replace(operation(sign=True), name="make", method="POST"))
    body = b'{"ten":"Lan"}'
    others: list[Callable[[], httpx.Response]] = [
        lambda: mediator.ask(PATH),
        lambda: mediator.ask(f"{PATH}?page=2", **sign(consumer, mediator.port, PATH, "page=1")),
        lambda: mediator.ask(PATH, x_purpose="khac", **sign(consumer, mediator.port, PATH)),
        lambda: mediator.ask(PATH, "POST", body + b" ", **sign(consumer, mediator.port, PATH, content=body)),
        lambda: mediator.ask(PATH, "POST", body, **sign(consumer, mediator.port, PATH)),
        lambda: mediator.ask(
            PATH, **sign(Key(consumer.keyid, ed25519.Ed25519PrivateKey.generate(), ("ed25519",)), mediator.port, PATH)
        ),
    ]

    assert [each().status_code for each in others] == [401] * len(others)
    assert provider.asked == []
    assert mediator.ask(PATH, "POST", body, **sign(consumer, mediator.port, PATH, content=body)).status_code == 200


def test_without_the_books_nothing_is_given_away(tmp_path: Path, provider: Provider) -> None:
    running = start(tmp_path / "gateway", f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    try:
        running.publish(provider, operation(fields=["items.ten"]))

        answer = running.ask()

        assert (answer.status_code, answer.json()["type"]) == (503, "urn:hienluong:lgsp:books")
        assert "Lan" not in answer.text
        assert (tmp_path / "gateway" / "out").read_text().count("kiem thu") == 0
    finally:
        running.process.terminate()
        assert running.process.wait(10) == 0


def test_it_stays_small(mediator: Running, provider: Provider) -> None:
    mediator.publish(provider, operation(fields=["items.ten"]))
    for _number in range(20):
        assert mediator.ask().status_code == 200

    memory = psutil.Process(mediator.process.pid).memory_full_info()

    assert memory.uss < 60_000_000, memory
