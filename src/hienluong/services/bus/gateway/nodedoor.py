"""The door of the national agent node at the gateway: a port of its own, where one certificate counts and no token.

Envoy checks the certificate, throws away what only we may say, and hands every call to the mediator, which looks up whose it
is (X-Road-Client) and under which agreement. What Envoy itself answers has the shape of X-Road's errors too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import handover

_TYPE = "type.googleapis.com/"
#: Bytes of a request: the mediator knows the limit of each operation, which is smaller.
_MOST_BODY = 4 * 1024 * 1024
_FAILED = "Server.ServerProxy.ServiceFailed"


@dataclass(frozen=True)
class Door:
    """Where the node comes in, and how it is known; `hashes` are SHA-256 (hex) of its certificates, empty: any of `ca_file`."""

    port: int
    certificate_file: str
    key_file: str
    ca_file: str
    hashes: tuple[str, ...] = ()
    prefix: str = "/r1"


def listener(
    door: Door, address: dict[str, Any], connections: dict[str, Any], secret: str, cluster: str
) -> dict[str, Any]:
    """Envoy's listener; `connections` is how the gateway takes connections everywhere, of which the rest is kept."""
    kept = {
        name: value for name, value in connections.items() if name not in ("rds", "http_filters", "local_reply_config")
    }
    http = {
        **kept,
        "route_config": _route(door, secret, cluster),
        "http_filters": _filters(),
        "local_reply_config": _local_replies(),
        "forward_client_cert_details": "SANITIZE",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
    }
    chain = {
        "filters": [{"name": "http", "typed_config": http}],
        "transport_socket": _certificate_asked(door),
        "transport_socket_connect_timeout": "10s",
    }
    return {
        "name": "agent-node",
        "address": address,
        "per_connection_buffer_limit_bytes": 1 << 20,
        "filter_chains": [chain],
    }


def _route(door: Door, secret: str, cluster: str) -> dict[str, Any]:
    said = {handover.ROUTE: handover.NODE, handover.SECRET: secret, handover.ADDRESS: handover.CALLER}
    to_mediator = {
        "name": handover.NODE + "|0||",
        "match": {"prefix": f"{door.prefix}/"},
        "route": {"cluster": cluster, "timeout": "65s"},
        "request_headers_to_add": [
            {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
            for name, value in said.items()
        ],
        "request_headers_to_remove": ["authorization", handover.CLIENT],
    }
    return {
        "name": "agent-node",
        "virtual_hosts": [{"name": "agent-node", "domains": ["*"], "routes": [to_mediator]}],
        "validate_clusters": False,
    }


def _filters() -> list[dict[str, Any]]:
    kind = f"{_TYPE}envoy.extensions.filters.http"
    return [
        {"name": "bodies", "typed_config": {"@type": f"{kind}.buffer.v3.Buffer", "max_request_bytes": _MOST_BODY}},
        {
            "name": "router",
            "typed_config": {
                "@type": f"{kind}.router.v3.Router",
                "suppress_envoy_headers": True,
                "dynamic_stats": False,
            },
        },
    ]


def _local_replies() -> dict[str, Any]:
    """What Envoy says by itself: nothing is at such a path, the mediator is away, a body is too large or late."""
    told = {"type": _FAILED, "message": "Cổng kết nối của tỉnh chưa trả lời được.", "detail": "%REQ(X-REQUEST-ID)%"}
    shape = {"content_type": "application/json;charset=utf-8", "json_format": told}
    return {
        "mappers": [
            {
                "filter": {"status_code_filter": {"comparison": {"op": "GE", "value": _runtime(100)}}},
                "status_code": 500,
                "headers_to_add": [{"header": {"key": "X-Road-Error", "value": _FAILED}}],
                "body_format_override": shape,
            }
        ]
    }


def _runtime(number: int) -> dict[str, Any]:
    return {"default_value": number, "runtime_key": "none"}


def _certificate_asked(door: Door) -> dict[str, Any]:
    own = {
        "certificate_chain": {"filename": door.certificate_file},
        "private_key": {"filename": door.key_file},
        "watched_directory": {"path": str(Path(door.certificate_file).parent)},
    }
    known: dict[str, Any] = {"trusted_ca": {"filename": door.ca_file}}
    if door.hashes:
        known["verify_certificate_hash"] = list(door.hashes)
    return {
        "name": "tls",
        "typed_config": {
            "@type": f"{_TYPE}envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "require_client_certificate": True,
            "common_tls_context": {
                "alpn_protocols": ["http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "tls_certificates": [own],
                "validation_context": known,
            },
        },
    }
