"""The port for systems with certificates (mTLS), tokens that are bound to one (RFC 8705), certificates of providers."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hienluong.services.bus.gateway import handover
from hienluong.services.bus.gateway.configuration import CONNECTIONS_LOG, Listening
from hienluong.services.bus.gateway.snapshot import Tls
from hienluong.services.mediation.problems import Refusal
from hienluong.services.mediation.providers import Providers
from tests.house.running import free_port, wait_until
from tests.services.bus.gateway.authority import DAY, Authority, Certificate, client_context, server_context
from tests.services.bus.gateway.running import Answer, Provider, Running, reading, service

PLACE = "/lgsp/dan-cu/v1/nguoi/001"


@dataclass
class Door:
    """A gateway with its port for certificates, and the authorities around it."""

    running: Running
    port: int
    authority: Authority
    lists: Path
    own: Path

    def call(self, shown: Certificate | None, *, token: str = "", **headers: str) -> Answer:
        """One call at that port; raises OSError where TLS is not agreed on."""
        sent: dict[str, str] = {
            "Authorization": f"Bearer {token or self.running.key.token()}",
            "X-Agreement": "TT-1",
            "X-Purpose": "thu",
            **headers,
        }
        line = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=client_context(shown))
        try:
            line.request("GET", PLACE, headers=sent)
            got = line.getresponse()
            return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            line.close()

    def passes(self, shown: Certificate | None) -> bool:
        """Whether there is any answer at all."""
        try:
            return self.call(shown).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def refused(self) -> list[dict[str, Any]]:
        """The connections that were refused, as far as they are written."""
        file = self.running.folder / CONNECTIONS_LOG
        return [json.loads(line) for line in file.read_bytes().splitlines()] if file.exists() else []


def put(path: Path, content: bytes) -> None:
    """Replace a file as an operator does: written beside, renamed."""
    beside = path.with_name(f".{path.name}")
    beside.write_bytes(content)
    os.replace(beside, path)


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("mtls")
    authority = Authority("Cơ quan chứng thực", folder / "ca")
    server = authority.issue("lgsp", host="127.0.0.1")
    told = folder / "told"
    told.mkdir()
    put(told / "server.pem", server.chain.read_bytes() + server.key.read_bytes())
    put(told / "clients.pem", authority.pem)
    put(told / "revoked.pem", authority.revoked())
    port = free_port()
    options = {
        "certificate_port": port,
        "certificate_file": str(told / "server.pem"),
        "key_file": str(told / "server.pem"),
        "client_ca_file": str(told / "clients.pem"),
        "client_crl_file": str(told / "revoked.pem"),
        "request_s": 1.5,
    }
    running = Running(folder / "gateway", options=options).start()
    running.publish(service(running.provider.url))
    yield Door(running, port, authority, told / "revoked.pem", told / "server.pem")
    running.stop()
    running.provider.stop()


@pytest.fixture(autouse=True)
def nothing_seen(door: Door) -> None:
    door.running.provider.seen.clear()


def test_the_port_for_certificates_needs_an_authority_and_a_certificate_of_its_own() -> None:
    for missing in ("certificate_file", "key_file", "client_ca_file"):
        told = {"certificate_file": "a", "key_file": "b", "client_ca_file": "c"} | {missing: ""}
        with pytest.raises(ValueError, match="authorities"):
            Listening("127.0.0.1", 1, certificate_port=2, **told)  # type: ignore[arg-type]


def test_without_a_good_certificate_nothing_is_heard_and_it_is_on_record(door: Door) -> None:
    stranger = Authority("Kẻ lạ", door.authority.folder)
    impostor = Authority(door.authority.name, door.authority.folder / "impostor")  # of the same name
    revoked = door.authority.issue("so-y-te")
    assert door.passes(revoked)
    put(door.lists, door.authority.revoked(revoked))
    wait_until(lambda: not door.passes(revoked), "a certificate that is revoked still passes", 10)
    door.running.provider.seen.clear()
    before = len(door.refused())
    wrong: dict[str, Certificate | None] = {
        "none": None,
        "expired": door.authority.issue("so-tu-phap", since=-30 * DAY, until=-DAY),
        "not valid yet": door.authority.issue("so-tu-phap", since=DAY, until=30 * DAY),
        "of another authority": stranger.issue("so-tu-phap"),
        "of another authority of the same name": impostor.issue("so-tu-phap"),
        "revoked": revoked,
    }
    for what, shown in wrong.items():
        with pytest.raises((OSError, http.client.HTTPException)):
            pytest.fail(f"{what}: {door.call(shown).status}")
    for text in (f"GET {PLACE} HTTP/1.1\r\nHost: x\r\n\r\n", f"GET {PLACE} HTTP/1.0\r\n\r\n"):  # no TLS at all
        with socket.create_connection(("127.0.0.1", door.port), timeout=5) as line:
            line.sendall(text.encode())
            with suppress(ConnectionResetError):
                assert b"HTTP/" not in line.recv(4096)
    assert not door.running.provider.seen
    wait_until(lambda: len(door.refused()) >= before + len(wrong) + 2, lambda: str(door.refused()), 5)
    said = " ".join(each["tls"] or "" for each in door.refused()[before:]).lower()
    for word in ("peer_did_not_return_a_certificate", "expired", "not_yet_valid", "revoked", "http_request"):
        assert word in said.replace(" ", "_"), (word, said)
    assert {each["ip"] for each in door.refused()} == {"127.0.0.1"}
    assert door.passes(door.authority.issue("so-tu-phap"))


def test_a_token_that_is_bound_to_a_certificate_is_worth_nothing_without_it(door: Door) -> None:
    mine, other = door.authority.issue("so-tu-phap"), door.authority.issue("so-y-te")
    bound = door.running.key.token(cnf={"x5t#S256": mine.bound})
    assert door.call(mine, token=bound).status == 200
    assert door.call(mine).status == 200  # one that is bound to none
    for seen in door.running.provider.seen:
        assert not {"x-forwarded-client-cert", handover.BOUND, "authorization"} & set(seen.headers)
    door.running.provider.seen.clear()
    spoofed = {"X-Forwarded-Client-Cert": f"Hash={mine.hex}", "X-Token-Certificate": mine.bound}
    tries = [door.call(other, token=bound), door.call(other, token=bound, **spoofed)]
    tries += [door.running.call(token=bound), door.running.call(token=bound, headers=spoofed)]
    for changed in (mine.bound[:-1], mine.bound + "A", mine.hex, "*"):
        tries.append(door.call(mine, token=door.running.key.token(cnf={"x5t#S256": changed})))
    for answer in tries:
        assert (answer.status, answer.json["code"], answer.json["status"]) == (401, "gateway.certificate", 401)
        assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
        assert answer.headers["content-type"] == "application/problem+json"
    assert not door.running.provider.seen
    wait_until(lambda: [call.status for call in door.running.calls()].count(401) >= len(tries), "not logged", 5)
    assert all(call.refused for call in door.running.calls() if call.status == 401)


def test_a_list_of_revoked_ones_that_is_over_lets_nobody_pass_and_certificates_are_read_anew(door: Door) -> None:
    mine = door.authority.issue("so-tu-phap")
    put(door.lists, door.authority.revoked(until=-DAY))
    wait_until(lambda: not door.passes(mine), "an old list is believed", 10)
    put(door.lists, door.authority.revoked())
    wait_until(lambda: door.passes(mine), "the new list was not read", 10)
    server = door.authority.issue("lgsp mới", host="127.0.0.1")
    put(door.own, server.chain.read_bytes() + server.key.read_bytes())

    def shown() -> bytes:
        with (
            socket.create_connection(("127.0.0.1", door.port), timeout=5) as line,
            client_context(mine).wrap_socket(line) as secure,
        ):
            return secure.getpeercert(binary_form=True) or b""

    wait_until(lambda: shown() == ssl.PEM_cert_to_DER_cert(server.chain.read_text()), "the old one is shown", 10)


@pytest.fixture
def secure(door: Door) -> Iterator[Provider]:
    found = Provider("secure")
    yield found
    found.stop()


def test_a_provider_whose_certificate_is_not_good_gets_nothing(door: Door, secure: Provider) -> None:
    authority, stranger = door.authority, Authority("Kẻ lạ", door.authority.folder)
    known = door.authority.folder / "providers.pem"
    known.write_bytes(authority.pem)
    context = server_context(authority.issue("p", host="127.0.0.1"))
    secure._server.socket = context.wrap_socket(secure._server.socket, server_side=True)
    url = secure.url.replace("http://", "https://")
    wrong = {
        "": authority.issue("p", host="127.0.0.1"),
        "het-han": authority.issue("p", host="127.0.0.1", since=-30 * DAY, until=-DAY),
        "ke-la": stranger.issue("p", host="127.0.0.1"),
        "ten-khac": authority.issue("p", host="khac.example.vn"),
    }
    # A connection that was agreed on stays good, so each is a service of its own.
    served = {
        what: service(url, reading(), tls=Tls(ca_file=str(known)), code=f"kin{what and '-'}{what}") for what in wrong
    }
    door.running.publish(service(door.running.provider.url), *served.values())

    def by_mediator(what: str) -> int:
        async def ask() -> int:
            providers = Providers()
            try:
                return (await providers.call(served[what], "GET", "/nguoi/001", "", [], b"")).status
            finally:
                await providers.close()

        return asyncio.run(ask())

    assert door.running.call(path="/lgsp/kin/v1/nguoi/001").json == {"by": "secure"}
    assert by_mediator("") == 200
    secure.seen.clear()
    for what, certificate in list(wrong.items())[1:]:
        context.load_cert_chain(certificate.chain, certificate.key)
        answer = door.running.call(path=f"/lgsp/kin-{what}/v1/nguoi/001", headers={"Accept-Language": "en"})
        assert (answer.status, answer.json["code"]) == (502, "gateway.provider_certificate"), (what, answer.body)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json["title"].startswith("The certificate of the provider")
        with pytest.raises(Refusal) as refused:
            by_mediator(what)
        assert refused.value.code == "provider-certificate", (what, refused.value.reason)
        assert not secure.seen
    wait_until(
        lambda: sum("CERTIFICATE_VERIFY_FAILED" in call.details for call in door.running.calls()) >= 3, "no reason", 5
    )
    assert door.running.calls()[-1].service == "kin-ten-khac"
