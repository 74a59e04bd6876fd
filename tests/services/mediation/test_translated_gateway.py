"""Codes of another edition, from a system's call through the real gateway and the real mediator to the provider and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hienluong.foundation.sso import inside
from hienluong.services.bus.models import Call
from tests.services.bus.gateway.running import Answer
from tests.services.bus.gateway.running import Running as Gateway

from .test_program import Running, mediator, process, provider
from .test_translations import Road, road

__all__ = ["mediator", "process", "provider", "road"]  # fixtures
pytestmark = pytest.mark.django_db(transaction=True)
BELOW = "/lgsp/land-prices/v1"


@pytest.fixture(scope="module")
def gateway(process: Running) -> Iterator[Gateway]:
    """Envoy beside the mediator, with the files that the control plane writes."""
    running = Gateway(process.folder).start()
    yield running
    running.stop()
    running.provider.stop()


def called(gateway: Gateway, road: Road, method: str, path: str, body: Any = None) -> Answer:
    """A call of the consumer's system, as it would make it."""
    token, _seconds = inside.token_of(road.province.system)
    sent = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} if sent else {}
    return gateway.call(
        method, f"{BELOW}{path}", token=token, agreement=road.agreement.code, body=sent, headers=headers
    )


def test_codes_are_translated_both_ways_through_envoy(gateway: Gateway, road: Road, settings: Any) -> None:
    settings.BUS_MEDIATOR = f"127.0.0.1:{road.mediator.port}"
    road.rule("parcel", place="path", at="number")
    road.rule("parcel", at="code", several="keep")
    road.rule("search", place="body", at="loai")
    road.rule("search")
    road.publish()

    road.provider.content = b'{"code":"G2","price":5}'
    one = called(gateway, road, "GET", "/parcels/G3")
    assert (one.status, one.json) == (200, {"code": "G3", "price": 5})

    road.provider.content = b'{"items":[{"code":"G2"},{"code":"T"}]}'
    found = called(gateway, road, "POST", "/search", {"loai": "G3"})
    assert (found.status, found.json) == (200, {"items": [{"code": "G3"}, {"code": "T"}]})

    reached = [(method, path) for method, path, _headers, _body in road.provider.asked]
    assert reached == [("GET", "/goc/parcels/G2"), ("POST", "/goc/search")]
    assert json.loads(road.provider.asked[1][3]) == {"loai": "G2"}
    assert Call.objects.filter(agreement=road.agreement.code, status=200).count() == 2


def test_what_is_not_one_to_one_is_told_and_refused_through_envoy(gateway: Gateway, road: Road, settings: Any) -> None:
    settings.BUS_MEDIATOR = f"127.0.0.1:{road.mediator.port}"
    road.rule("parcel", place="path", at="number")
    road.rule("parcel", at="code", several="keep")
    road.publish()
    road.provider.content = b'{"code":"G1","price":5}'
    kept = called(gateway, road, "GET", "/parcels/G3")
    assert (kept.status, kept.json["code"]) == (200, "G1")
    assert kept.headers["code-translation"] == '"code";how=several-kept;n=1'
    refused = called(gateway, road, "GET", "/parcels/T")
    assert (refused.status, refused.json["errors"]) == (422, [{"field": "number", "rule": "several"}])
    assert len(road.provider.asked) == 1
