"""A consumer's call through the mediator to the (simulated) national agent node, over connections with certificates on both
sides: what passes, what is refused and in which words, what is kept."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from hienluong.house.simulators import agent_node, node_papers
from hienluong.services.agentnode.models import Exchange
from hienluong.services.bus.gateway import handover, snapshot
from hienluong.services.bus.gateway.snapshot import GrantRoute, NodeRoute, OperationRoute, ServiceRoute, Snapshot, Tls
from hienluong.services.bus.models import Call
from tests.services.adapters.process import LATE, MinistriesProcess

from .test_program import Running, mediator, process

__all__ = ["mediator", "process"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)
US = "VN/GOV/H50/LGSP"
PERSON = "045190000001"
PATH = f"/lgsp/dan-cu/v1/nguoi/{PERSON}"


class TheNode(MinistriesProcess):
    """The simulator, with its papers and what it saw."""

    @property
    def papers(self) -> Path:
        return self.folder / "ministries" / "node"

    def set(self, **told: Any) -> None:
        """Faults, and rights of services."""
        form = {**dict.fromkeys(agent_node.FAULTS, "0"), agent_node.POPULATION: US, agent_node.CLOSED: ""}
        named = {name: str(value) for name, value in told.get("faults", {}).items()}
        httpx.post(
            f"{self.url}/nut-dai-ly", data={**form, **named, **told.get("rights", {})}, trust_env=False, timeout=20
        )

    def tls(self, **changes: str) -> Tls:
        """As the operator says where the papers are."""
        here = self.papers
        return replace(Tls(True, str(here / "ca.pem"), str(here / "client.pem"), str(here / "client.key")), **changes)


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TheNode]:
    running = TheNode(tmp_path_factory.mktemp("node"))
    yield running
    running.stop()


@pytest.fixture
def node(simulator: TheNode) -> TheNode:
    simulator.set()
    return simulator


def publish(
    mediator: Running,
    node: TheNode,
    *,
    service: str = agent_node.POPULATION,
    known_as: str = US,
    tls: Tls | None = None,
    timeout_s: float = 10.0,
    upstream: str = "",
    errors: dict[str, str] | None = None,
    **grant: Any,
) -> None:
    """Let the population service pass, through the node."""
    granted = GrantRoute("TT-1", ["he-thong"], 60, **grant)
    operations = [OperationRoute("one", "GET", "/nguoi/{so}", mediate=True, grants=[granted])]
    route = ServiceRoute(
        "dan-cu",
        1,
        upstream or node.url.replace("http:", "https:"),
        timeout_s=timeout_s,
        tls=tls or node.tls(),
        operations=operations,
        node=NodeRoute(service, {"he-thong": known_as} if known_as else {}, errors=errors or {}),
    )
    made = Snapshot(1, "urn:x", "jwks.json", f"127.0.0.1:{mediator.port}", [route])
    snapshot.write(made, mediator.folder / "snapshot.json")
    time.sleep(0.3)


def told(answer: httpx.Response) -> tuple[int, str]:
    """The status and code of a refusal."""
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


def test_a_call_goes_through_the_node_as_our_subsystem_and_what_proves_it_is_kept(
    mediator: Running, node: TheNode
) -> None:
    publish(mediator, node, fields=["soDinhDanh", "khop"])

    answer = mediator.ask(
        PATH,
        x_road_client="VN/GOV/G01/KE-MAO-DANH",
        x_road_id="cua-toi",
        x_road_userid="Nguyen Van A",
        x_road_issue="bia",
        x_road_security_server="VN/GOV/G01/khac",
        authorization="Bearer the",
    )

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"soDinhDanh": PERSON, "khop": True}  # cut to the agreement, as anywhere
    call, exchange = Call.objects.get(), Exchange.objects.get()
    assert (call.status, call.operation, exchange.operation) == (200, "dan-cu/v1/one", "dan-cu/v1/one")
    assert (exchange.call, exchange.message) == (call.uid, str(call.uid))
    assert (exchange.incoming, exchange.client, exchange.service) == (False, US, agent_node.POPULATION)
    assert exchange.hash == answer.headers["x-road-request-hash"]
    assert len(exchange.hash) == 88
    assert exchange.request
    assert answer.headers["x-road-id"] == exchange.message
    page = node.page("/nut-dai-ly")
    assert exchange.message in page
    assert US in page
    assert "KE-MAO-DANH" not in page
    assert "cua-toi" not in page
    assert "Nguyen" not in str(exchange.__dict__)


def test_who_works_there_is_a_keyed_hash_and_nothing_of_ours_leaves(mediator: Running, node: TheNode) -> None:
    publish(mediator, node)
    users = set()
    for name in ("an@so.gov.vn", "an@so.gov.vn", "binh@so.gov.vn", ""):
        assert mediator.ask(PATH, x_road_userid=name, cookie="a=b").status_code == 200
        users.add(Exchange.objects.latest("pk").user_code)
    assert len(users) == 3
    assert all(one.startswith("VN") and "an" not in one and len(one) == 26 for one in users)


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("down", (503, "node-away")),
        ("Server.ClientProxy.OutdatedGlobalConf", (503, "node-away")),
        ("Server.ServerProxy.AccessDenied", (502, "node-access")),
        ("Server.ServerProxy.ServiceDisabled", (502, "node-service")),
        ("Server.ServerProxy.ServiceFailed.HttpError", (503, "provider-away")),
        ("Server.ServerProxy.InternalError", (502, "node-fault")),
        ("other", (502, "provider-broken")),
        ("no-id", (502, "provider-broken")),
        ("409", (409, "conflict")),
        ("500", (502, "provider-broken")),
        ("not-json", (502, "provider-broken")),
    ],
)
def test_what_goes_wrong_is_told_in_words_and_kept(
    mediator: Running, node: TheNode, fault: str, expected: tuple[int, str]
) -> None:
    publish(mediator, node, fields=["khop"])
    node.set(faults={fault: 1})

    answer = mediator.ask(PATH)

    assert told(answer) == expected
    assert "mo phong" not in answer.text  # nothing of what they say about a fault
    assert PERSON not in answer.text
    assert Call.objects.get().status == expected[0]
    exchange = Exchange.objects.get()
    assert exchange.error == (fault if "." in fault else exchange.error)
    assert exchange.error
    assert mediator.ask(PATH).status_code == 200  # and the next one passes


def test_a_slow_node_is_not_waited_for_and_one_that_is_gone_is_named(mediator: Running, node: TheNode) -> None:
    publish(mediator, node, timeout_s=1.0)
    node.set(faults={"slow": 1})
    begun = time.monotonic()
    assert told(mediator.ask(PATH)) == (504, "provider-slow")
    assert time.monotonic() - begun < LATE
    publish(mediator, node, upstream="https://127.0.0.1:9")
    assert told(mediator.ask(PATH)) == (503, "node-away")


def test_without_a_right_there_or_a_name_there_nothing_comes_back(mediator: Running, node: TheNode) -> None:
    publish(mediator, node, service=agent_node.CLOSED)
    assert told(mediator.ask(PATH)) == (502, "node-access")
    node.set(rights={agent_node.CLOSED: US})
    assert mediator.ask(PATH).status_code == 200
    publish(mediator, node, service="VN/GOV/G01/DANCU/khong-co")
    assert told(mediator.ask(PATH)) == (502, "node-service")
    publish(mediator, node, known_as="VN/GOV/H51/LGSP")  # a member that our certificate is not
    assert told(mediator.ask(PATH)) == (502, "node-certificate")
    seen = Exchange.objects.count()
    publish(mediator, node, known_as="")
    assert told(mediator.ask(PATH)) == (403, "node-client")
    assert Exchange.objects.count() == seen  # it never left
    assert told(mediator.ask(f"/lgsp/dan-cu/v1/nguoi/0451900{agent_node.UNKNOWN}")) == (403, "node-client")


def test_an_error_type_of_their_own_means_what_the_operator_says(mediator: Running, node: TheNode) -> None:
    publish(mediator, node, errors={"InternalError": "busy"})
    node.set(faults={"Server.ServerProxy.InternalError": 1})
    assert told(mediator.ask(PATH)) == (503, "busy")


@pytest.mark.parametrize("wrong", ["none", "other authority", "expired", "their authority", "their name"])
def test_certificates_of_both_sides_count(mediator: Running, node: TheNode, tmp_path: Path, wrong: str) -> None:
    stranger = node_papers.authority("Nơi khác")
    node_papers.issue(stranger, node_papers.MEMBER, tmp_path, "stranger")
    node_papers.issue(stranger, node_papers.MEMBER, tmp_path, "over", days=-1)
    node_papers.publish(stranger, tmp_path / "stranger-ca.pem")
    changes = {
        "none": {"client_cert_file": "", "client_key_file": ""},
        "other authority": _pair(tmp_path, "stranger"),
        "expired": _pair(tmp_path, "over"),
        "their authority": {"ca_file": str(tmp_path / "stranger-ca.pem")},
        "their name": {"server_name": "nut.example.gov.vn"},
    }[wrong]
    publish(mediator, node, tls=node.tls(**changes))

    status, code = told(mediator.ask(PATH))

    # Who is refused in the middle of a greeting does not always hear why.
    assert (status, code) in {(503, "node-away"), (502, "provider-certificate"), (502, "node-certificate")}
    assert Call.objects.get().status == status
    assert Exchange.objects.get().error
    publish(mediator, node)
    assert mediator.ask(PATH).status_code == 200


def _pair(folder: Path, stem: str) -> dict[str, str]:
    return {"client_cert_file": str(folder / f"{stem}.pem"), "client_key_file": str(folder / f"{stem}.key")}


def test_the_simulator_says_what_it_is(node: TheNode) -> None:
    page = node.page("/nut-dai-ly")
    assert "MÔ PHỎNG" in page
    assert "Không phải nút đại lý của Bộ Công an" in page


@pytest.mark.parametrize(
    "bad",
    [
        {"service": "VN/GOV/../DANCU/tra-cuu"},
        {"service": "VN/GOV/G01"},
        {"service": "VN/GOV/G01/DANCU/tra-cuu/v1"},
        {"service": "VN/GOV/G01/DAN;CU/x"},
        {"prefix": "/r1/../x"},
        {"clients": {"he-thong": "VN/GOV"}},
    ],
)
def test_a_snapshot_with_what_is_no_identifier_is_not_used(bad: dict[str, Any]) -> None:
    route = NodeRoute(**{"service": "VN/GOV/G01/DANCU/tra-cuu", "clients": {}, **bad})
    made = Snapshot(1, "urn:x", "k", "127.0.0.1:9", [ServiceRoute("dan-cu", 1, "https://127.0.0.1:9", node=route)])
    with pytest.raises(snapshot.SnapshotError):
        snapshot.dumps(made)


def test_what_goes_through_the_node_never_passes_the_mediator_by() -> None:
    route = NodeRoute("VN/GOV/G01/DANCU/tra-cuu", {})
    operations = [OperationRoute("one", "GET", "/nguoi/{so}")]
    service = ServiceRoute("dan-cu", 1, "https://127.0.0.1:9", operations=operations, node=route)
    with pytest.raises(snapshot.SnapshotError, match="mediated"):
        snapshot.dumps(Snapshot(1, "urn:x", "k", "127.0.0.1:9", [service]))
    assert json.loads(snapshot.dumps(Snapshot(1, "urn:x", "k", "127.0.0.1:9")))["door"] is None
    assert handover.NODE != handover.ROUTE
