"""The agent node calls a service of ours: a real gateway with its door, the mediator behind it, a provider; the certificate of
the node, who it says calls, and the agreement decide."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hienluong.house.simulators import node_papers
from hienluong.services.agentnode.models import Exchange
from hienluong.services.bus.gateway import snapshot
from hienluong.services.bus.gateway.nodedoor import Door
from hienluong.services.bus.gateway.snapshot import GrantRoute, NodeDoor, OperationRoute, ServiceRoute, Snapshot
from hienluong.services.bus.models import Call
from tests.house.running import free_port
from tests.services.bus.gateway.running import ISSUER
from tests.services.bus.gateway.running import Running as Gateway

from .test_program import PEOPLE, Provider, Running, mediator, process, provider

__all__ = ["mediator", "process", "provider"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)
TAX, OURS = "VN/GOV/G12/THUE", "VN/GOV/H50/LGSP/nguoi"
PATH = f"/r1/{OURS}/nguoi"


@dataclass
class Entrance:
    """The gateway with the door of the node, and the papers of who comes."""

    gateway: Gateway
    papers: Path
    port: int
    known: NodeDoor = field(default_factory=lambda: NodeDoor({TAX: "thue"}, {OURS: "nguoi/v1"}))

    def publish(self, mediator: Running, provider: Provider, door: NodeDoor | None = None, **grant: Any) -> None:
        """Let tax read people, under an agreement."""
        given = {"agreement": "TT-9", "clients": ["thue"], "per_minute": 600, **grant}
        operations = [OperationRoute("list", "GET", "/nguoi", mediate=True, grants=[GrantRoute(**given)])]
        service = ServiceRoute("nguoi", 1, f"http://127.0.0.1:{provider.port}/goc", operations=operations)
        (self.gateway.folder / "jwks.json").write_text(json.dumps({"keys": [self.gateway.key.public]}))
        made = Snapshot(1, ISSUER, "jwks.json", f"127.0.0.1:{mediator.port}", [service], door=door or self.known)
        self.gateway.gateway.apply(made)
        time.sleep(0.5)

    def ask(self, path: str = PATH, stem: str = "node", **headers: str) -> tuple[int, dict[str, str], bytes]:
        """As the node asks, with its certificate."""
        context = ssl.create_default_context(cafile=str(self.papers / "ca.pem"))
        if stem:
            context.load_cert_chain(self.papers / f"{stem}.pem", self.papers / f"{stem}.key")
        line = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)
        sent = {"X-Road-Client": TAX, "X-Road-Id": "tin-1", **{k.replace("_", "-"): v for k, v in headers.items()}}
        try:
            line.request("GET", path, headers={name: value for name, value in sent.items() if value})
            got = line.getresponse()
            return got.status, {name.lower(): value for name, value in got.getheaders()}, got.read()
        finally:
            line.close()


@pytest.fixture(scope="module")
def opened(process: Running, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Entrance]:
    papers = tmp_path_factory.mktemp("papers")
    by, stranger = node_papers.authority("Nơi cấp"), node_papers.authority("Nơi khác")
    node_papers.publish(by, papers / "ca.pem")
    node_papers.issue(by, "Cổng của tỉnh", papers, "own")
    shown = node_papers.issue(by, "Nút", papers, "node")
    node_papers.issue(by, "Nút", papers, "same-name")
    over = node_papers.issue(by, "Nút", papers, "over", days=-1)
    node_papers.issue(stranger, "Nút", papers, "stranger")
    prints = tuple(
        hashlib.sha256(one.public_bytes(node_papers.serialization.Encoding.DER)).hexdigest() for one in (shown, over)
    )
    port = free_port()
    door = Door(port, str(papers / "own.pem"), str(papers / "own.key"), str(papers / "ca.pem"), prints)
    gateway = Gateway(process.folder, options={"node": door}).start()
    yield Entrance(gateway, papers, port)
    gateway.stop()
    gateway.provider.stop()


@pytest.fixture
def node(opened: Entrance, mediator: Running, provider: Provider) -> Entrance:
    opened.publish(mediator, provider)
    return opened


def refused(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    """Status and error type of a refusal, which has X-Road's shape."""
    status, headers, body = answer
    told = json.loads(body)
    assert set(told) == {"type", "message", "detail"}
    assert told["type"] == headers["x-road-error"]
    assert headers["content-type"].replace(" ", "") == "application/json;charset=utf-8"
    return status, told["type"]


def test_the_node_calls_for_whom_it_names_under_their_agreement(
    node: Entrance, mediator: Running, provider: Provider
) -> None:
    node.publish(mediator, provider, fields=["items.ten"], per_day_records=10)

    status, headers, body = node.ask(X_Road_UserId="VN045190000001", Authorization="Bearer x", X_Client_Id="ke-la")

    assert (status, json.loads(body)) == (200, {"items": [{"ten": "Lan"}, {"ten": "Hùng"}]})
    assert (headers["x-road-client"], headers["x-road-service"], headers["x-road-id"]) == (TAX, OURS, "tin-1")
    assert "x-road-request-hash" not in headers  # that is the node's to make
    call, exchange = Call.objects.get(), Exchange.objects.get()
    assert (call.client, call.agreement, call.status, call.records) == ("thue", "TT-9", 200, 2)
    assert (exchange.call, exchange.incoming, exchange.client, exchange.message) == (call.uid, True, TAX, "tin-1")
    assert "045190000001" not in exchange.user_code
    ((_method, path, seen, _body),) = provider.asked
    assert path == "/goc/nguoi"
    assert "authorization" not in seen
    assert "x-gateway-secret" not in seen


@pytest.mark.parametrize(
    ("path", "headers", "kind"),
    [
        (PATH, {"X_Road_Client": "VN/GOV/G01/DANCU"}, "Server.ServerProxy.AccessDenied"),
        (PATH, {"X_Road_Client": ""}, "Server.ServerProxy.AccessDenied"),
        (PATH, {"X_Road_Client": TAX + "%2F..", "X_Client_Id": "thue"}, "Server.ServerProxy.AccessDenied"),
        (PATH, {"X_Agreement": "TT-1"}, "Server.ServerProxy.AccessDenied"),
        ("/r1/VN/GOV/H50/LGSP/khac/nguoi", {}, "Server.ServerProxy.UnknownService"),
        (f"/r1/{OURS}/khac", {}, "Server.ServerProxy.UnknownService"),
        (f"/r1/{OURS}/nguoi/x%2e%2e/y", {}, "Server.ServerProxy.UnknownService"),
        ("/lgsp/nguoi/v1/nguoi", {"X_Agreement": "TT-9"}, "Server.ServerProxy.ServiceFailed"),
        (f"/r1/{OURS}%2fnguoi", {}, "Server.ServerProxy.ServiceFailed"),
    ],
)
def test_what_nobody_agreed_to_is_refused_in_the_shape_of_x_road_and_noted(
    node: Entrance, provider: Provider, path: str, headers: dict[str, str], kind: str
) -> None:
    assert refused(node.ask(path, **headers)) == (500, kind)
    assert provider.asked == []
    if kind != "Server.ServerProxy.ServiceFailed":  # what Envoy refuses by itself is in its own record
        assert Exchange.objects.get().error == kind


def test_an_agreement_that_ends_ends_here_too(node: Entrance, mediator: Running, provider: Provider) -> None:
    assert node.ask()[0] == 200
    node.publish(mediator, provider, clients=["khac"])
    assert refused(node.ask()) == (500, "Server.ServerProxy.AccessDenied")
    node.publish(mediator, provider, addresses=["203.0.113.0/24"])
    assert refused(node.ask()) == (500, "Server.ServerProxy.AccessDenied")
    node.publish(mediator, provider, door=NodeDoor({}, {OURS: "nguoi/v1"}))
    assert refused(node.ask()) == (500, "Server.ServerProxy.AccessDenied")
    assert len(provider.asked) == 1


def test_the_pace_of_the_agreement_is_kept(node: Entrance, mediator: Running, provider: Provider) -> None:
    node.publish(mediator, provider, agreement="TT-CHAM", per_minute=2)
    assert [node.ask()[0] for _each in range(3)] == [200, 200, 500]


def test_what_a_provider_does_wrong_is_told_as_x_road_tells_it(node: Entrance, provider: Provider) -> None:
    provider.status = 503
    assert refused(node.ask()) == (500, "Server.ServerProxy.ServiceFailed")
    provider.status = 404  # an answer of the provider itself goes back as one
    status, headers, _body = node.ask()
    assert (status, "x-road-error" in headers) == (404, False)
    provider.status, provider.content = 200, json.dumps(PEOPLE).encode()
    assert node.ask()[0] == 200


@pytest.mark.parametrize("stem", ["", "over", "stranger", "same-name"])
def test_only_the_certificate_of_the_node_counts(node: Entrance, provider: Provider, stem: str) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
        node.ask(stem=stem)
    assert provider.asked == []
    assert Call.objects.count() == Exchange.objects.count() == 0
    assert node.ask()[0] == 200


def test_who_is_no_node_gets_to_nothing_by_the_other_port(node: Entrance, provider: Provider) -> None:
    answer = node.gateway.call(
        path=PATH, headers={"X-Road-Client": TAX, "X-Bus-Route": "agent-node", "X-Client-Id": "thue"}
    )
    assert answer.status == 403
    assert provider.asked == []


def test_without_a_mediator_the_gateway_says_so_in_that_shape(
    node: Entrance, mediator: Running, provider: Provider
) -> None:
    made = snapshot.read(node.gateway.folder / "snapshot.json")
    node.gateway.gateway.apply(Snapshot(2, made.issuer, made.jwks_file, "127.0.0.1:9", made.services, door=made.door))
    time.sleep(0.5)
    assert refused(node.ask()) == (500, "Server.ServerProxy.ServiceFailed")
    node.publish(mediator, provider)
    assert node.ask()[0] == 200
