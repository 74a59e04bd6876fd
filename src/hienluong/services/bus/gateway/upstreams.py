"""Whom the gateway calls: the clusters of Envoy, one for each provider (its canary and its mirror too) and the mediator."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import SplitResult, urlsplit

from .parts import TYPE, seconds
from .parts import address as address_of
from .snapshot import Breaker, ServiceRoute, Snapshot, Tls

MEDIATOR = "mediator"

#: Seconds. Unused connections to providers are closed before most servers do it, so a call rarely meets a closed one.
_UPSTREAM_IDLE, _CONNECT = 4, 2
_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


def clusters(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    """The clusters of a snapshot, by name."""
    host, _colon, port = snapshot.mediator.rpartition(":")
    mediator = cluster(MEDIATOR, SplitResult("http", f"{host}:{port}", "", "", ""), Breaker(1024, 1024, 4096))
    del mediator["outlier_detection"]  # there is no other, and each call is told why it is refused
    made = [mediator]
    for service in snapshot.services:
        for role, address in (
            ("", service.upstream),
            ("canary", service.canary.upstream if service.canary else None),
            ("mirror", service.mirrored),
        ):
            if address:
                each = cluster(cluster_name(service, role), urlsplit(address), service.breaker, http2=service.grpc)
                if urlsplit(address).scheme == "https":
                    each["transport_socket"] = tls_to(urlsplit(address), service.tls, http2=service.grpc)
                made.append(each)
    return {each["name"]: each for each in made}


def cluster_name(service: ServiceRoute, role: str = "") -> str:
    """Of a service: what a route calls it; `role` is empty, ``canary`` or ``mirror``."""
    return "/".join(filter(None, (service.code, f"v{service.major}", role)))


def cluster(name: str, address: SplitResult, breaker: Breaker, *, http2: bool = False) -> dict[str, Any]:
    """One address with what it can bear; without TLS (see :func:`tls_to`)."""
    host = address.hostname or ""
    port = address.port or (443 if address.scheme == "https" else 80)
    try:
        ipaddress.ip_address(host)
        kind = "STATIC"
    except ValueError:
        kind = "STRICT_DNS"
    limits = {
        "max_connections": breaker.max_connections,
        "max_pending_requests": breaker.max_pending,
        "max_requests": breaker.max_requests,
        "max_retries": max(3, breaker.max_requests // 10),
    }
    protocol: dict[str, Any] = {"http2_protocol_options": {}} if http2 else {"http_protocol_options": {}}
    options = {
        "@type": f"{TYPE}envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": protocol,
        "common_http_protocol_options": {"idle_timeout": seconds(_UPSTREAM_IDLE)},
    }
    place = {"endpoint": {"address": address_of(host, port)}}
    return {
        "@type": f"{TYPE}envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": kind,
        "connect_timeout": seconds(_CONNECT),
        "circuit_breakers": {"thresholds": [limits]},
        # Ten failures of the connection one after the other, and it is left alone for five seconds, then ten, …
        "outlier_detection": {
            "consecutive_gateway_failure": breaker.failures,
            "enforcing_consecutive_gateway_failure": 100,
            "enforcing_consecutive_5xx": 0,
            "enforcing_success_rate": 0,
            "split_external_local_origin_errors": False,
            "interval": "1s",
            "base_ejection_time": seconds(breaker.rest_s),
            "max_ejection_time": seconds(6 * breaker.rest_s),
            "max_ejection_percent": 100,
        },
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [place]}]},
    }


def tls_to(address: SplitResult, tls: Tls, *, http2: bool) -> dict[str, Any]:
    """How the connection to an address is protected."""
    name = tls.server_name or address.hostname or ""
    context: dict[str, Any] = {
        "alpn_protocols": ["h2"] if http2 else ["http/1.1"],
        "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
    }
    if tls.verify:
        try:
            ipaddress.ip_address(name)
            kind = "IP_ADDRESS"
        except ValueError:
            kind = "DNS"
        context["validation_context"] = {
            "trusted_ca": {"filename": tls.ca_file or _AUTHORITIES},
            "match_typed_subject_alt_names": [{"san_type": kind, "matcher": {"exact": name}}],
        }
    if tls.client_cert_file:
        context["tls_certificates"] = [
            {
                "certificate_chain": {"filename": tls.client_cert_file},
                "private_key": {"filename": tls.client_key_file},
            }
        ]
    return {
        "name": "tls",
        "typed_config": {
            "@type": f"{TYPE}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": name,
            "common_tls_context": context,
        },
    }
