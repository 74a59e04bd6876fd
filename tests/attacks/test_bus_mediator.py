"""Attacks on the mediator where it runs: a process behind a real gateway, before a real provider, with a real database.

Signed requests that are sent again, too old, of others or for something else; bodies that grow when they are read. Each is
refused in words, reaches nobody, costs little, and is on record three times: in the gateway's log, in the mediator's own,
and among the calls whose digests go into the audit chain.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import subprocess
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import psutil
import pytest
from allauth.idp.oidc.models import Client
from cryptography.hazmat.primitives.asymmetric import ed25519
from django.db import connection

from hienluong.foundation.sso.models import System
from hienluong.services.bus.gateway.snapshot import OperationRoute
from hienluong.services.bus.models import Call, UsedNonce
from hienluong.services.mediation import signatures
from hienluong.services.mediation.program import SIGNED_FOR, SKEW
from hienluong.services.mediation.signatures import Key
from tests.factories import make_org
from tests.house.running import wait_until
from tests.services.bus.gateway.running import CLIENT, Answer, Running, grant, reading, service
from tests.services.mediation import test_program as program

pytestmark = pytest.mark.django_db(transaction=True)
PATH, PURPOSE = "/lgsp/dan-cu/v1/nguoi", "kiem thu"
#: Megabytes by which the mediator may grow over all that is thrown at it.
GROWTH = 120


@dataclass
class Bus:
    """A gateway and the mediator behind it."""

    gateway: Running
    port: int
    process: subprocess.Popen[bytes]

    def publish(self, provider: program.Provider, *operations: OperationRoute, **more: Any) -> None:
        served = service(f"http://127.0.0.1:{provider.port}", *operations, **more)
        self.gateway.publish(served, mediator=f"127.0.0.1:{self.port}")

    def ask(self, path: str = PATH, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        agreement, purpose = sent.pop("x-agreement", "TT-1"), sent.pop("x-purpose", PURPOSE)
        if body is not None:
            sent.setdefault("content-type", "application/json")
        return self.gateway.call(method, path, agreement=agreement, purpose=purpose, body=body, headers=sent)

    @property
    def said(self) -> list[dict[str, Any]]:
        """What the mediator wrote of refusals."""
        text = (self.gateway.folder / "out").read_text()
        return [json.loads(line) for line in text.splitlines() if line.startswith('{"refused"')]

    @property
    def megabytes(self) -> float:
        return psutil.Process(self.process.pid).memory_info().rss / 1e6


@pytest.fixture(scope="module")
def _bus(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Bus]:
    told = connection.settings_dict
    database = f"postgresql://{told['USER']}@{told['HOST'] or ''}:{told['PORT']}/{told['NAME']}"
    if told["HOST"].startswith("/"):
        database = f"postgresql://{told['USER']}@/{told['NAME']}?host={told['HOST']}"
    gateway = Running(tmp_path_factory.mktemp("gateway"), options={"request_s": 1.5}).start()
    mediator = program.start(gateway.folder, database)
    yield Bus(gateway, mediator.port, mediator.process)
    mediator.process.terminate()
    mediator.process.wait(10)
    gateway.stop()
    gateway.provider.stop()


@pytest.fixture
def bus(_bus: Bus, transactional_db: None) -> Bus:
    return _bus


@pytest.fixture
def provider() -> Iterator[program.Provider]:
    with program.provided() as found:
        yield found


def system(client: str, secret: str) -> Key:
    """A registered system and the key it signs with."""
    key, jwk = signatures.own_key(secret)
    known = Client.objects.create(id=client, name=client)
    told = {"purpose": "p", "contact_name": "n", "contact_email": "n@example.vn", "keys": {"keys": [jwk]}}
    System.objects.create(client=known, owner=make_org(), **told)
    return key


@pytest.fixture
def consumer(bus: Bus, transactional_db: None) -> Key:
    return system(CLIENT, "khóa của sở tư pháp")


@pytest.fixture
def signed(bus: Bus, provider: program.Provider, consumer: Key) -> Callable[..., dict[str, str]]:
    """Fields that sign a call; two operations that want it, under two agreements."""
    both = [grant("TT-1", CLIENT, sign=True), grant("TT-2", CLIENT, sign=True)]
    bus.publish(
        provider,
        reading(*both, template="/nguoi", name="list"),
        reading(*both, template="/nguoi", name="make", method="POST"),
        reading(*both, template="/ho", name="other"),
    )

    def sign(path: str = PATH, query: str = "", *, key: Key = consumer, **change: Any) -> dict[str, str]:
        return program.sign(key, bus.gateway.port, path, query, **change)

    return sign


def on_record(bus: Bus, lines: int, statuses: list[int]) -> None:
    """These calls are in the gateway's log (from that line on) and among the calls."""

    def written() -> list[int]:
        return sorted(call.status for call in bus.gateway.calls()[lines:])

    wait_until(lambda: written() == sorted(statuses), lambda: f"{written()} for {sorted(statuses)}", 5)
    assert sorted(Call.objects.values_list("status", flat=True)) == sorted(statuses)


def lines_of(bus: Bus) -> int:
    bus.gateway.call(token=None)
    time.sleep(0.7)
    return len(bus.gateway.calls())


def test_a_signed_request_counts_once(
    bus: Bus, provider: program.Provider, signed: Callable[..., dict[str, str]], consumer: Key
) -> None:
    before, refused = lines_of(bus), len(bus.said)
    fields = signed()
    assert bus.ask(**fields).status == 200
    again = bus.ask(**fields)
    assert (again.status, again.json["type"]) == (401, "urn:hienluong:lgsp:replayed")
    assert again.headers["content-type"] == "application/problem+json"
    fields = signed()
    with ThreadPoolExecutor(8) as pool:  # eight thieves at the same moment
        statuses = sorted(pool.map(lambda _n: bus.ask(**fields).status, range(8)))
    assert statuses == [200] + [401] * 7
    nonce = base64.b64encode(os.urandom(18)).decode()
    assert bus.ask(**signed(nonce=nonce)).status == 200
    assert bus.ask(**signed(nonce=nonce, created=int(time.time()) - 7)).status == 401  # signed anew: the nonce decides
    assert len(provider.asked) == 3
    on_record(bus, before, [200] * 3 + [401] * 9)
    assert [line["refused"] for line in bus.said[refused:]] == ["replayed"] * 9
    assert all(line["client"] == CLIENT and line["agreement"] == "TT-1" for line in bus.said[refused:])
    assert UsedNonce.objects.count() == 3
    until = UsedNonce.objects.earliest("until").until.timestamp()
    assert until > time.time() + SIGNED_FOR  # remembered for as long as it could be shown again


def test_a_signature_is_good_for_its_time_only(
    bus: Bus, provider: program.Provider, signed: Callable[..., dict[str, str]]
) -> None:
    before, now = lines_of(bus), int(time.time())
    statuses = []
    for told, status in (
        ({"created": now - SIGNED_FOR + 60}, 200),
        ({"created": now - SIGNED_FOR - 5}, 401),
        ({"created": now - 86_400}, 401),
        ({"created": now + SKEW - 20}, 200),
        ({"created": now + SKEW + 30}, 401),
        ({"created": now + 86_400, "expires": now + 172_800}, 401),
        ({"expires": now - 1}, 401),
        ({"expires": now + 60}, 200),
        ({"created": 0}, 401),
        ({"created": -1}, 401),
    ):
        answer = bus.ask(**signed(**told))
        assert answer.status == status, told
        assert status == 200 or answer.json["type"] == "urn:hienluong:lgsp:signature"
        statuses.append(status)
    assert len(provider.asked) == 3
    on_record(bus, before, statuses)


def test_a_signature_is_good_for_what_it_signs_and_of_whom_it_is(
    bus: Bus, provider: program.Provider, signed: Callable[..., dict[str, str]], consumer: Key
) -> None:
    before = lines_of(bus)
    other = system("so-y-te", "khóa của sở y tế")
    impostor = Key(consumer.keyid, ed25519.Ed25519PrivateKey.generate(), ("ed25519",))
    body, changed = b'{"ten":"Lan"}', b'{"ten":"Hung"}'
    digest = signatures.content_digest
    with_body = lambda **more: signed(content=body, **more)  # noqa: E731 - said once, read nine times
    tries: dict[str, Callable[[], Answer]] = {
        "nobody": lambda: bus.ask(),
        "another agency's key": lambda: bus.ask(**signed(key=other)),
        "another agency's key under our name": lambda: bus.ask(**signed(key=replace(other, keyid=consumer.keyid))),
        "a key of one's own under our name": lambda: bus.ask(**signed(key=impostor)),
        "another agreement": lambda: bus.ask(x_agreement="TT-2", **signed()),
        "another purpose": lambda: bus.ask(x_purpose="khac", **signed()),
        "another path": lambda: bus.ask("/lgsp/dan-cu/v1/ho", **signed()),
        "another question": lambda: bus.ask(f"{PATH}?page=2", **signed(query="page=1")),
        "another method": lambda: bus.ask(PATH, "POST", body, content_digest=digest(body), **signed()),
        "another host": lambda: bus.ask(host="lgsp.example.vn", **signed()),
        "another body": lambda: bus.ask(PATH, "POST", changed, **with_body()),
        "another body and digest": lambda: bus.ask(
            PATH, "POST", changed, **{**with_body(), "content_digest": digest(changed)}
        ),
        "no digest": lambda: bus.ask(PATH, "POST", body, **{**with_body(), "content_digest": ""}),
        "a digest of old": lambda: bus.ask(PATH, "POST", body, **{**with_body(), "content_digest": "md5=:AAAA:"}),
        "two digests": lambda: bus.ask(
            PATH, "POST", body, **{**with_body(), "content_digest": f"{digest(body)}, {digest(changed, 'sha-512')}"}
        ),
        "a body and nothing said of it": lambda: bus.ask(
            PATH, "POST", body, **signed(content=b"", without=["content-digest"])
        ),
        "the signature of another": lambda: bus.ask(**{**signed(), "signature": signed()["signature"]}),
        "a word more": lambda: bus.ask(**{**signed(), "signature_input": signed()["signature_input"] + ";x=1"}),
        "no signature": lambda: bus.ask(**{**signed(), "signature": "yc=::"}),
        "no structure": lambda: bus.ask(**{**signed(), "signature_input": "((((", "signature": "yc=:" + "A" * 9000}),
    }
    for what, each in tries.items():
        answer = each()
        assert answer.status == 401, (what, answer.status, answer.body)
        assert answer.json["type"] == "urn:hienluong:lgsp:signature", what
        assert consumer.keyid not in answer.body.decode(), what
    assert not provider.asked
    assert bus.ask(PATH, "POST", body, **with_body()).status == 200
    on_record(bus, before, [401] * len(tries) + [200])
    assert not UsedNonce.objects.exclude(client=CLIENT).exists()


DEEP = 100_000
BOMBS: dict[str, tuple[bytes, dict[str, str], int]] = {
    "lists in lists": (b"[" * DEEP + b"]" * DEEP, {}, 400),
    "lists never closed": (b"[" * DEEP, {}, 400),
    "objects in objects": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, {}, 400),
    "a key twice": (b'{"ten":"a","ten":"b"}', {}, 400),
    "a key twice, escaped": (b'{"ten":"a","t\\u0065n":"b"}', {}, 400),
    "a number that never ends": (b'{"ten":' + b"9" * 900_000 + b"}", {}, 400),
    "a number without measure": (b'{"ten":1e999999999}', {}, 400),
    "no number": (b'{"ten":NaN}', {}, 400),
    "many": (b"[" + b"[]," * 340_000 + b"[]]", {}, 400),
    "half a letter": (b'{"ten":"\\ud800"}', {}, 400),
    "another alphabet": ('{"ten":"a"}'.encode("utf-16"), {"content_type": "application/json; charset=utf-16"}, 400),
    "gzip": (gzip.compress(b"[" + b"0," * 5_000_000 + b"0]"), {"content_encoding": "gzip"}, 415),
    "gzip in capitals": (gzip.compress(b"0" * 50_000_000), {"content_encoding": "GZIP"}, 415),
    "gzip twice": (gzip.compress(gzip.compress(b"0" * 50_000_000)), {"content_encoding": "gzip, gzip"}, 415),
    "gzip unsaid": (gzip.compress(b"0" * 50_000_000), {}, 400),
    "deflate": (zlib.compress(b"0" * 50_000_000), {"content_encoding": "deflate"}, 415),
    "br": (b"\x1b\xff\xff", {"content_encoding": "br"}, 415),
    "laughs": (
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>',
        {"content_type": "application/xml"},
        415,
    ),
    "laughs by another name": (b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>', {}, 400),
    "parts": (b"--x\r\n\r\n--x--", {"content_type": "multipart/form-data; boundary=x"}, 415),
    "too long": (b" " * 1_048_577, {}, 413),
}


def test_bodies_that_grow_when_they_are_read_are_put_out_at_the_door(bus: Bus, provider: program.Provider) -> None:
    bus.publish(provider, reading(grant(fields=["items.ten"]), template="/nguoi", name="make", method="POST"))
    before, room = lines_of(bus), bus.megabytes
    for what, (body, headers, status) in BOMBS.items():
        started = time.monotonic()
        answer = bus.ask(PATH, "POST", body, **headers)
        assert answer.status == status, (what, answer.status, answer.body[:200])
        assert time.monotonic() - started < 5, what
        assert answer.headers["content-type"] == "application/problem+json"
        assert len(answer.body) < 2000, what
    assert not provider.asked
    assert bus.megabytes - room < GROWTH, bus.megabytes - room
    calls = [status for _body, _headers, status in BOMBS.values()]
    at_gateway = sorted(call.status for call in bus.gateway.calls()[before:])
    wait_until(
        lambda: sorted(call.status for call in bus.gateway.calls()[before:]) == sorted(calls), str(at_gateway), 5
    )
    by_mediator = sorted(status for status in calls if status != 413)  # the gateway knows how long a body may be
    assert sorted(Call.objects.values_list("status", flat=True)) == by_mediator
    assert bus.ask(PATH, "POST", b"{}").status in (200, 403)


def laughs(levels: int) -> str:
    told = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, levels))
    return f'<!DOCTYPE x [<!ENTITY l0 "ha">{told}]>'


def test_answers_that_grow_when_they_are_read_reach_nobody(bus: Bus, provider: program.Provider) -> None:
    bus.publish(provider, reading(grant(fields=["items.ten"]), template="/nguoi", name="list"), timeout_s=3.0)
    before, room, asked = lines_of(bus), bus.megabytes, 0
    answers: list[tuple[bytes, dict[str, str]]] = [
        (b"[" * DEEP, {}),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, {}),
        (b'{"items":[],"items":[]}', {}),
        (b"[" + b"9" * 1_000_000 + b"]", {}),
        (b"[" + b"[]," * 400_000 + b"[]]", {}),
        (gzip.compress(b"0" * 100_000_000), {"Content-Encoding": "gzip"}),
        (gzip.compress(b"0" * 100_000_000), {"Content-Encoding": "gzip, gzip"}),
        (zlib.compress(b"0" * 100_000_000), {"Content-Encoding": "deflate"}),
        (b"\x28\xb5\x2f\xfd", {"Content-Encoding": "zstd"}),
    ]
    for content, headers in answers:
        provider.content, provider.headers = content, headers
        started = time.monotonic()
        answer = bus.ask()
        asked += 1
        assert (answer.status, answer.json["type"]) == (502, "urn:hienluong:lgsp:provider-broken"), content[:40]
        assert time.monotonic() - started < 6
    provider.content, provider.headers, provider.endless = b"", {}, True
    assert bus.ask().status in (502, 504)
    asked += 1
    provider.endless = False
    soap = reading(grant(), template="/nguoi/{so}", name="soap", transform=program.SOAP)
    bus.publish(provider, soap, timeout_s=20.0)
    provider.kind = "text/xml"
    inside = program.ENVELOPE.format("<x>&l9;</x>")
    for content in (
        (laughs(10) + inside).encode(),
        b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + program.ENVELOPE.format("<x>&f;</x>").encode(),
        b'<!DOCTYPE x SYSTEM "http://169.254.169.254/x.dtd">' + inside.encode(),
        b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://169.254.169.254/">%p;]>' + inside.encode(),
        program.ENVELOPE.format("<a>" * 50_000 + "</a>" * 50_000).encode(),
        program.ENVELOPE.format("<x " + " ".join(f'a{n}="1"' for n in range(310_000)) + "/>").encode(),
        program.ENVELOPE.format("<a/>" * 400_000).encode(),
        b'<?xml version="1.0" encoding="utf-7"?><x/>',
    ):
        provider.content = content
        started = time.monotonic()
        answer = bus.ask(f"{PATH}/1")
        asked += 1
        assert (answer.status, answer.json["type"]) == (502, "urn:hienluong:lgsp:provider-broken"), content[:60]
        assert time.monotonic() - started < 6, content[:60]
        assert b"root:" not in answer.body
    assert bus.megabytes - room < GROWTH, bus.megabytes - room
    wait_until(lambda: len(bus.gateway.calls()) - before >= asked, "not logged", 5)
    assert {call.status for call in bus.gateway.calls()[before:]} <= {502, 504}
    assert Call.objects.filter(status__in=(502, 504)).count() == asked
    assert all(line["reason"] for line in bus.said[-asked:])
