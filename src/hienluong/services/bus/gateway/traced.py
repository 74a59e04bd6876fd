"""Calls as spans: what the gateway tells a collector of OpenTelemetry, and the way there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from hienluong.foundation.tracing import Collector

from .parts import TYPE, told
from .snapshot import Breaker, Tls
from .upstreams import cluster, tls_to

#: Where traces are sent.
_TRACES = "traces"


def tracing(collector: Collector) -> dict[str, Any]:
    """A span for each call: the name of its route, its status; of the address nothing but the host."""
    http: dict[str, Any] = {"http_uri": {"uri": collector.url, "cluster": _TRACES, "timeout": "2s"}}
    if collector.token:
        http["request_headers_to_add"] = [told("authorization", f"Bearer {collector.token}")]
    return {
        "provider": {
            "name": "opentelemetry",
            "typed_config": {
                "@type": f"{TYPE}envoy.config.trace.v3.OpenTelemetryConfig",
                "service_name": "hienluong-gateway",
                "http_service": http,
            },
        },
        "random_sampling": {"value": collector.percent},
        "client_sampling": {"value": 0},  # nobody wants by a header of Envoy's that we trace
        "max_path_tag_length": 0,  # paths carry personal numbers
        "operation": "%ROUTE_NAME%",
        "custom_tags": [{"tag": "hienluong.route", "value": "%ROUTE_NAME%"}],
    }


def collecting(collector: Collector) -> dict[str, Any]:
    """The cluster of the collector."""
    address = urlsplit(collector.url)
    made = cluster(_TRACES, address, Breaker(16, 256, 256))
    del made["@type"], made["outlier_detection"]  # it stands in the file itself; and there is no other to go to
    if address.scheme == "https":
        made["transport_socket"] = tls_to(address, Tls(), http2=False)
    return made
