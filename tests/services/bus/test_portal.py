"""The pages for engineers: open to all, without what is the owner's to know; their code is run."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml
from django.test import Client

from hienluong.capabilities.registers import actions as registers
from hienluong.services.bus import catalogue, samples
from tests.capabilities.registers.sample import official as keeper
from tests.capabilities.registers.sample import wells
from tests.relying_parties.running import node

from .sample import PRICES, UPSTREAM, Province

BASE = "/dich-vu-du-lieu"
ONE = f"{BASE}/land-prices"
#: A description with what samples are made from.
TOLD = {
    **PRICES,
    "servers": [{"url": "http://10.1.2.3/trong-nha"}],
    "paths": {
        "/parcels/{number}/notes": {
            "parameters": [
                {"in": "path", "name": "number", "required": True, "schema": {"type": "string"}, "example": "17/a"}
            ],
            "servers": [{"url": "http://10.1.2.4"}],
            "post": {
                "operationId": "note",
                "summary": 'Ghi """ chú $(id)',
                "parameters": [
                    {"in": "query", "name": "year", "required": True, "schema": {"type": "integer"}},
                    {"in": "query", "name": "page", "schema": {"type": "integer"}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "text": {"type": "string"},
                                    "kind": {"type": "string", "enum": ["it's", "b"]},
                                    "on": {"type": "string", "format": "date"},
                                    "open": {"type": "boolean"},
                                },
                            }
                        }
                    }
                },
                "responses": {"204": {"description": "."}},
            },
        }
    },
}
BODY = {"text": "…", "kind": "it's", "on": "2026-01-31", "open": True}


class _Province(BaseHTTPRequestHandler):
    """Stands for the identity provider and the gateway: notes what it is asked."""

    calls: list[dict[str, Any]] = []

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        host = f"http://{self.headers['Host']}"
        self.calls.append({"line": f"{self.command} {self.path}", "headers": dict(self.headers), "body": body})
        told = {"token_endpoint": f"{host}/sso/ma", "access_token": "the-token"}
        content = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_words: Any) -> None:
        """Nothing."""


@pytest.fixture
def listening() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Province)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _Province.calls.clear()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def the_sample() -> samples.Sample:
    schema = TOLD["paths"]["/parcels/{number}/notes"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    return samples.sample(
        "land-prices",
        1,
        "POST",
        "/parcels/{number}/notes",
        'Ghi """ chú $(id)\nimport os',
        document=yaml.safe_dump(TOLD, allow_unicode=True),
        body_schema=schema,
    )


@pytest.mark.parametrize("language", ["python", "javascript"])
def test_samples_run_as_they_stand(listening: str, language: str) -> None:
    given = {"ISSUER": listening, "GATEWAY": listening, "CLIENT_ID": "a", "CLIENT_SECRET": "b", "AGREEMENT": "TTDV-1"}
    text = getattr(samples, language)(the_sample())
    command = [sys.executable, "-c"] if language == "python" else [node(), "--input-type=module", "-e"]
    done = subprocess.run([*command, text], env=os.environ | given, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    discovery, token, call = _Province.calls
    assert discovery["line"] == "GET /.well-known/openid-configuration"
    assert token["body"] == "grant_type=client_credentials&scope=api.read"
    assert call["line"] == "POST /lgsp/land-prices/v1/parcels/17%2Fa/notes?year=1"
    headers = {name.lower(): value for name, value in call["headers"].items()}
    assert headers["authorization"] == "Bearer the-token"
    assert headers["x-agreement"] == "TTDV-1"
    assert headers["x-purpose"].encode("latin-1").decode() == "Mục đích của lần gọi này"
    assert json.loads(call["body"]) == BODY


def test_the_curl_sample_is_one_call_with_all_it_has_to_carry() -> None:
    text = samples.curl(the_sample())
    subprocess.run(["bash", "-n"], input=text, text=True, check=True, timeout=10)
    words = shlex.split(text.partition("# 2.")[2].partition("\n")[2].replace("\\\n", " "))
    assert words[:5] == ["curl", "-fsS", "-X", "POST", "$GATEWAY/lgsp/land-prices/v1/parcels/17%2Fa/notes?year=1"]
    assert "X-Agreement: $AGREEMENT" in words
    assert "X-Purpose: Mục đích của lần gọi này" in words
    assert json.loads(words[words.index("--json") + 1]) == BODY


@pytest.mark.django_db
def test_a_service_shows_engineers_all_but_what_is_its_owners(django_assert_max_num_queries: Any) -> None:
    here, browser = Province(), Client()
    assert "land-prices" not in browser.get(BASE).content.decode()
    draft = here.version(published=False)
    assert browser.get(ONE).status_code == 404
    assert browser.get(f"{ONE}/v1/openapi.json").status_code == 404
    catalogue.publish(here.provider, version=draft, text="Bản đầu tiên")
    here.agreed(draft)
    assert "land-prices" in browser.get(f"{BASE}?q=gia dat").content.decode()
    with django_assert_max_num_queries(15):
        page = browser.get(f"{ONE}?thao-tac=parcels").content.decode()
    for words in ("/lgsp/land-prices/v1/parcels", "Bản đầu tiên", "owner.name", "binh@example.gov.vn", "/v1/de-nghi"):
        assert words in page
    for hidden in (UPSTREAM, "TTDV-2026", "Cán bộ thử", here.consumer.name):
        assert hidden not in page
    catalogue.retire(here.provider, version=draft, text="Hết")
    assert "đã ngừng" in browser.get(f"{ONE}/v1").content.decode()
    assert "land-prices" not in browser.get(BASE).content.decode()


@pytest.mark.django_db
def test_the_description_names_the_gateway_and_nothing_inside() -> None:
    here = Province()
    here.version(document=yaml.safe_dump(TOLD, allow_unicode=True))
    answer = Client().get(f"{ONE}/v1/openapi.json")
    told = answer.json()
    assert "10.1.2" not in answer.content.decode()
    assert told["servers"][0]["url"].endswith("/lgsp/land-prices/v1")
    carried = [one["name"] for one in told["paths"]["/parcels/{number}/notes"]["parameters"]]
    assert carried == ["number", "X-Agreement", "X-Purpose"]
    assert told["components"]["schemas"] == PRICES["components"]["schemas"]


@pytest.mark.django_db
def test_a_register_is_a_service_too_and_keeps_the_names_of_its_fields() -> None:
    here = Province()
    registers.install(keeper(here.owner, "define", "read"), spec=wells(owner=here.owner.code), owner=here.owner)
    page = Client().get(f"{BASE}/registers.thu.gieng?thao-tac=get").content.decode()
    assert "/lgsp/registers.thu.gieng/v1/records/record" in page
    assert "owner_number" not in page
    assert Client().get(f"{BASE}/registers.thu.gieng/v2").status_code == 404
