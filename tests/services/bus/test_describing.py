"""Descriptions that engineers upload: what is read from them, and what is refused before it does harm."""

from __future__ import annotations

import json
import time
from copy import deepcopy
from typing import Any

import pytest

from hienluong.foundation.actions import InvalidInput
from hienluong.services.bus import describing, upstreams

from .sample import PRICES, document


def test_operations_are_read_with_the_fields_of_their_answers() -> None:
    read = {one.name: one for one in describing.read(document()).operations}
    assert read["parcel"].fields == ["code", "price", "owner.name", "owner.number"]
    assert read["parcels"].fields == ["items.code", "items.price", "items.owner.name", "items.owner.number"]
    assert read["parcel"].person_pointer == "/owner/number"
    assert read["health"].fields == []
    assert read["health"].response_schema is None
    assert "$ref" not in json.dumps(read["parcels"].response_schema)
    assert describing.read(json.dumps(PRICES)).number == "1.0.0"


def test_an_openapi_3_0_null_is_one_of_json_schema() -> None:
    parts = deepcopy(PRICES["components"])
    parts["schemas"]["Parcel"]["properties"]["price"]["nullable"] = True
    text = document(openapi="3.0.3", components=parts)
    schema = describing.read(text).operations[0].response_schema
    assert schema is not None
    assert schema["properties"]["price"] == {"anyOf": [{"type": "integer"}, {"type": "null"}]}


def _with_ref(reference: str) -> str:
    return document().replace("#/components/schemas/Parcel", reference)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "openapi: 2.0.0",
        "a: &a [x]\nb: *a",  # aliases: a little that becomes much
        "!!python/object/apply:os.system ['true']",
        "{" * 100_000,
        '{"a":' * 50_000,
        "[" * 3000 + "]" * 3000,
        "x" * (describing.MOST_BYTES + 1),
        _with_ref("http://169.254.169.254/latest"),
        _with_ref("file:///etc/passwd"),
        _with_ref("#/components/schemas/None"),
        document(paths={"/a/../b": {"get": {"operationId": "up"}}}),
        document(paths={"/a%2fb": {"get": {"operationId": "slash"}}}),
        document(paths={"/a": {"get": {}}}),
        document(paths={"/a": {"get": {"operationId": "same"}}, "/b": {"get": {"operationId": "same"}}}),
        document(paths={"/a/{x}": {"get": {"operationId": "x"}}, "/a/{y}": {"get": {"operationId": "y"}}}),
        document().replace("type: integer", "type: number-like"),
        document(paths={f"/a{n}": {"get": {"operationId": f"o{n}"}} for n in range(describing.MOST_OPERATIONS + 1)}),
    ],
)
def test_what_cannot_be_used_is_refused_at_the_field(text: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidInput) as refused:
        describing.read(text)
    assert refused.value.field == "document"
    assert time.process_time() - began < 5


def test_schemas_that_go_in_circles_or_double_at_each_step_end() -> None:
    schemas: dict[str, Any] = {
        f"S{n}": {
            "type": "object",
            "properties": {side: {"$ref": f"#/components/schemas/S{n + 1}"} for side in ("left", "right")},
        }
        for n in range(25)
    }
    schemas["S25"] = {"type": "string"}
    doubling = document(components={"schemas": {**schemas, "Parcel": {"$ref": "#/components/schemas/S0"}}})
    with pytest.raises(InvalidInput):
        describing.read(doubling)
    around = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "next": {"$ref": "#/components/schemas/Parcel"}},
    }
    read = describing.read(document(components={"schemas": {"Parcel": around}})).operations
    assert next(one for one in read if one.name == "parcel").fields == ["code", "next"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:5432",
        "https://127.0.0.1",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.8/",
        "https://0.0.0.0/",
        "https://localhost/",
        "https://db.internal/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://127.1/",
        "http://dulieu.example.gov.vn/",
        "https://a@dulieu.example.gov.vn/",
        "https://dulieu.example.gov.vn:0/",
        "https://dulieu.example.gov.vn/?a=b",
        "https://dulieu.example.gov.vn/../x",
        "https://dulieu.example.gov.vn\\@127.0.0.1/",
        "https://dulieu.example.gov.vn\r\nHost: x",
        "https://１２７.0.0.1/",
        "gopher://dulieu.example.gov.vn/",
        "file:///etc/passwd",
        "https:///x",
        "https://[::1",
    ],
)
def test_the_gateway_is_sent_to_no_address_of_our_own_network(address: str, settings: Any) -> None:
    settings.BUS_UPSTREAMS = ()
    assert upstreams.fault(address)


def test_public_names_and_networks_that_were_named_are_fine(settings: Any) -> None:
    import ipaddress

    settings.BUS_UPSTREAMS = (ipaddress.ip_network("10.20.0.0/16"),)
    for address in ("https://dulieu.example.gov.vn:8443/gia-dat", "http://10.20.3.4:8080/a/v1", "https://8.8.8.8/"):
        assert upstreams.fault(address) == ""
    assert upstreams.fault("http://10.21.3.4/")
