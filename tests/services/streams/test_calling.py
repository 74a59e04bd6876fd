"""Where webhooks may be, and how they are signed."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.test import Client

from hienluong.services.streams import addresses, calling
from tests.services.streams.sample import HERE
from tests.services.streams.webhook import Webhook

EVENT = {"id": "1", "partitionkey": "a", "data": {"code": "Số 1"}}


@pytest.fixture
def hook(settings: Any) -> Iterator[Webhook]:
    settings.WEBHOOK_NETWORKS = HERE
    found = Webhook().up()
    yield found
    found.down()


def posted(url: str) -> calling.Answer:
    async def run() -> calling.Answer:
        caller = calling.Caller()
        try:
            return await caller.post(url, EVENT)
        finally:
            await caller.end()

    return asyncio.run(run())


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nhan",
        "ftp://he-thong.example/x",
        "file:///etc/passwd",
        "gopher://he-thong.example/",
        "http://he-thong.example/nhan",
        "http://93.184.216.34/nhan",
        "https://ten:mat@he-thong.example/",
        "https://he-thong.example\\@169.254.169.254/",
        "https://he-thong.example/a b",
        "https://he-thong.example/#a",
        "https://hệ-thống.example/",
        "https://he-thong.example:0/",
        "https://he-thong.example:99999/",
        "https://[::1",
        "https://localhost/",
        "https://may-chu/",
        "https://may-chu.local/",
        "https://may-chu.internal./",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://10.0.0.1/",
        "https://172.16.5.4/",
        "https://192.168.1.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://[::1]/",
        "https://[::]/",
        "https://[fe80::1%25eth0]/",
        "https://[fd00::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[2002:7f00:1::]/",
        "https://[64:ff9b::7f00:1]/",
        "https://he-thong.example/" + "x" * 300,
    ],
)
def test_addresses_that_are_refused(url: str, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    assert addresses.fault(url)


@pytest.mark.parametrize(
    "url", ["https://he-thong.example/nhan?a=1", "https://93.184.216.34:8443/", "https://[2606:2800:220:1::1]/x"]
)
def test_addresses_that_are_taken(url: str, settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = []
    assert addresses.fault(url) == ""


def test_what_the_operator_names_is_taken_by_http_too(settings: Any) -> None:
    settings.WEBHOOK_NETWORKS = HERE
    assert addresses.fault("http://127.0.0.1:8000/nhan") == ""
    assert addresses.fault("http://10.0.0.1/nhan")


def test_a_name_that_leads_inside_is_not_called(hook: Webhook, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with DNS rebinding: the address is looked at when it is connected to, and that very address is used."""
    settings.WEBHOOK_NETWORKS = []
    asked: list[str] = []

    async def leads_inside(self: Any, host: str, port: int, **_more: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", hook.port)), (2, 1, 6, "", ("169.254.169.254", 80))]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", leads_inside)
    answer = posted(f"https://he-thong.example:{hook.port}/nhan")
    assert (answer.taken, answer.down) == (False, True)
    assert asked == ["he-thong.example"]
    assert hook.connections == 0


def test_a_certificate_is_asked_for(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = posted(f"https://127.0.0.1:{hook.port}/nhan")
    assert not answer.taken
    assert hook.raw == []


def test_redirects_are_not_followed(hook: Webhook) -> None:
    trap = Webhook().up()
    hook.answer = lambda _event: (307, {"Location": trap.url})
    answer = posted(hook.url)
    trap.down()
    assert (answer.taken, answer.words) == (False, "HTTP 307")
    assert trap.connections == 0


def test_webhooks_are_signed_with_our_key(hook: Webhook, client: Client) -> None:
    """Checked as somebody without our code would: RFC 9421, 2.5 and 3.2, and RFC 9530."""
    assert posted(hook.url).taken
    path, headers, body = hook.raw[0]
    digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
    assert headers["content-digest"] == f"sha-256=:{digest}:"
    assert headers["content-type"].startswith("application/cloudevents+json")
    label, parameters = headers["signature-input"].split("=", 1)
    told = re.fullmatch(
        r'\("@method" "@target-uri" "content-type" "content-digest"\);created=(\d+);keyid="([^"]+)";alg="ed25519"'
        r';nonce="[^"]+";tag="hienluong-webhook"',
        parameters,
    )
    assert told
    base = "\n".join(
        [
            '"@method": POST',
            f'"@target-uri": http://127.0.0.1:{hook.port}{path}',
            f'"content-type": {headers["content-type"]}',
            f'"content-digest": {headers["content-digest"]}',
            f'"@signature-params": {parameters}',
        ]
    ).encode()
    keys = {key["kid"]: key for key in client.get("/api/v1/events/keys", secure=True).json()["keys"]}
    key = keys[told[2]]
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(key["x"] + "="))
    signature = base64.b64decode(headers["signature"].removeprefix(f"{label}=:").removesuffix(":"))
    public.verify(signature, base)
    with pytest.raises(InvalidSignature):
        public.verify(signature, base.replace(b"POST", b"PUT"))
    assert "d" not in key
