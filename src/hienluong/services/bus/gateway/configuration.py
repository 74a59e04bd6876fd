"""Envoy's files, made from a snapshot: what may pass becomes a route, and there is no route for anything else.

Four files are read anew while Envoy runs, without a connection being closed: ``routes.json`` (RDS), ``clusters.json``
(CDS), ``tokens.json`` and ``limits.json`` (single filters, ECDS). ``bootstrap.json`` is read at its start and has the
listeners, which never change.

A request passes, in this order: headers that only the gateway may set are thrown away; the token is checked, and the
certificate that it is bound to; the route's rule on client, address and purpose; the limit of calls; the size of the body;
the provider or the mediator.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hienluong.foundation.tracing import Collector

from . import accesslog, front, handover, limits, nodedoor, refusals, shown, traced
from .front import Front
from .handover import BOUND, CLIENT, ROUTE
from .parts import FILTERS, TYPE, address, extension, network, resources, seconds, thrown_away, watched
from .routes import USUAL_BODY, route_table
from .snapshot import Snapshot
from .upstreams import MEDIATOR, clusters

BOOTSTRAP, ROUTES, CLUSTERS, TOKENS, LIMITS = (
    "bootstrap.json",
    "routes.json",
    "clusters.json",
    "tokens.json",
    "limits.json",
)
#: The files that follow the snapshot, in the order in which they are put in place: nothing is named before it is there.
FOLLOWING = (CLUSTERS, TOKENS, LIMITS, ROUTES)
ACCESS_LOG = "access.jsonl"
#: Connections that were refused before there was a call in them: without a good certificate, against the protocol.
CONNECTIONS_LOG = "connections.jsonl"
#: What the port for certificates shows and whom it believes; Envoy reads the files they name anew when they are replaced.
OWN_CERTIFICATE, CLIENTS = "tls-own.json", "tls-clients.json"
ADMIN = "admin.sock"

#: Seconds by which the clocks of the identity provider and of a gateway may differ.
SKEW = 60

#: What a caller could pretend with: who it is and where it comes from, what it really wants, a session with the provider.
_THROWN_AWAY = (
    CLIENT,
    ROUTE,
    BOUND,
    handover.SECRET,
    handover.FROM_GATEWAY,
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "true-client-ip",
    "x-remote-user",
    "x-original-url",
    "x-rewrite-url",
    "x-http-method",
    "x-http-method-override",
    "x-method-override",
    "proxy",
    "cookie",
    "x-request-id",
)
_THROWN_AWAY_FAMILIES = ("x-envoy-", "x-forwarded-")


@dataclass(frozen=True)
class Listening:
    """Where the gateway listens. The port for certificates is there when `certificate_port` is not 0.

    `proxies` are the networks (CIDR) of proxies before it, whose word on the address of a caller is taken. Raises
    ``ValueError`` for a port for certificates without its own certificate or without an authority.
    """

    host: str
    port: int
    certificate_port: int = 0
    certificate_file: str = ""
    key_file: str = ""
    client_ca_file: str = ""  # authorities whose certificates of clients are taken (PEM, one or more)
    client_crl_file: str = ""  # certificates they have revoked (PEM); of each authority then one that is not over
    proxies: tuple[str, ...] = ()
    most_connections: int = 4096
    node: nodedoor.Door | None = None  # where the national agent node comes in; without: it does not
    traces: Collector | None = None  # where calls are told as spans; without: nowhere
    request_s: float = 30.0  # in which a request has to be there, with its body; and TLS has to be agreed

    def __post_init__(self) -> None:
        if self.certificate_port and not (self.certificate_file and self.key_file and self.client_ca_file):
            raise ValueError("the port for certificates needs its own certificate and key, and authorities of clients")

    @property
    def secrets(self) -> dict[str, bytes]:
        """What the port for certificates is told beside: files by name; none without that port."""
        if not self.certificate_port:
            return {}
        own = {
            "certificate_chain": {"filename": self.certificate_file},
            "private_key": {"filename": self.key_file},
        }
        known = {"trusted_ca": {"filename": self.client_ca_file}}
        if self.client_crl_file:
            known["crl"] = {"filename": self.client_crl_file}
        return {
            OWN_CERTIFICATE: resources([_secret("own", tls_certificate=own)]),
            CLIENTS: resources([_secret("clients", validation_context=known)]),
        }


def following(snapshot: Snapshot, folder: Path) -> dict[str, bytes]:
    """The files that follow the snapshot, by name. Raises ``OSError`` or ``ValueError`` for keys that cannot be read.

    The secret between the gateway and the mediator lies in the same folder; it is made when it is not there.
    """
    return {
        CLUSTERS: resources(list(clusters(snapshot).values())),
        TOKENS: resources([extension("tokens", _tokens(snapshot, folder))]),
        LIMITS: resources([extension("limits", limits.limits(limits.steps(snapshot, folder / LIMITS)))]),
        ROUTES: resources([route_table(snapshot, handover.secret(folder), handover.web_secret(folder))]),
    }


def bootstrap(listening: Listening, secret: str = "", before_web: Front | None = None) -> bytes:
    """What Envoy is started with: its listeners and the names of the other files, all in the folder it is started in.

    `secret` is what the door of the agent node tells the mediator (:func:`.handover.secret`); `before_web`: it also stands
    before the web.
    """
    listeners = [_listener(listening, "lgsp", listening.port)]
    if listening.certificate_port:
        listeners.append(_listener(listening, "lgsp-mtls", listening.certificate_port, certificates=True))
    if listening.node is not None:
        door = listening.node
        http = _connections(listening, "agent-node", certificates=False)
        listeners.append(nodedoor.listener(door, address(listening.host, door.port), http, secret, MEDIATOR))
    static: dict[str, Any] = {"listeners": listeners, "clusters": []}
    if listening.traces:
        static["clusters"].append(traced.collecting(listening.traces))
    if before_web:
        listeners.append(front.listener(before_web))
        static["clusters"].append(front.cluster(before_web))
    made = {
        "node": {"id": "gateway", "cluster": "lgsp"},
        "admin": {"address": {"pipe": {"path": ADMIN, "mode": 0o600}}},
        "static_resources": static,
        "dynamic_resources": {"cds_config": watched(CLUSTERS)},
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": f"{TYPE}envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
                        "max_active_downstream_connections": listening.most_connections,
                    },
                }
            ]
        },
        "layered_runtime": {"layers": [{"name": "own", "static_layer": {"re2.max_program_size.error_level": 100_000}}]},
    }
    return json.dumps(made, separators=(",", ":")).encode()


def both(old: bytes, new: bytes) -> bytes:
    """Clusters of two files; where both have one of a name, the new one."""
    found = {each["name"]: each for text in (old, new) for each in json.loads(text)["resources"]}
    return resources(list(found.values()))


# Listeners


def _listener(listening: Listening, name: str, port: int, *, certificates: bool = False) -> dict[str, Any]:
    chain_: dict[str, Any] = {
        "filters": [{"name": "http", "typed_config": _connections(listening, name, certificates=certificates)}]
    }
    if certificates:
        chain_["transport_socket"] = _certificates_asked()
        chain_["transport_socket_connect_timeout"] = seconds(listening.request_s)
    return {
        "name": name,
        "address": address(listening.host, port),
        "per_connection_buffer_limit_bytes": 1 << 20,
        "filter_chains": [chain_],
        "access_log": [_refused_connections()],
    }


def _connections(listening: Listening, name: str, *, certificates: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": f"{TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "codec_type": "AUTO",
        "rds": {"route_config_name": "lgsp", "config_source": watched(ROUTES)},
        "http_filters": _filters(certificates=certificates),
        "access_log": [_access_log()],
        "local_reply_config": refusals.local_replies(),
        "server_name": "hienluong",
        "server_header_transformation": "OVERWRITE",
        "generate_request_id": True,
        # No address is inside: nobody's headers of Envoy's own are believed. Those on where a caller comes from were thrown
        # away, so it is who holds the connection, unless a proxy says otherwise that is trusted.
        "internal_address_config": {"cidr_ranges": [network("255.255.255.255/32")]},
        "skip_xff_append": True,
        "forward_client_cert_details": "SANITIZE_SET" if certificates else "SANITIZE",
        "max_request_headers_kb": 32,
        "request_timeout": seconds(listening.request_s),
        # No clock that every part of a call sets back, which costs much: what comes has that time, its route has one, and
        # what nobody takes from us has this.
        "stream_idle_timeout": "0s",
        "stream_flush_timeout": seconds(listening.request_s),
        "drain_timeout": "5s",
        "delayed_close_timeout": "1s",
        "common_http_protocol_options": {
            "idle_timeout": "60s",
            "max_headers_count": 64,
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65536,
            "initial_connection_window_size": 1 << 20,
        },
        "early_header_mutation_extensions": [_headers_thrown_away(keep_forwarded=bool(listening.proxies))],
    }
    if listening.traces:
        made["tracing"] = traced.tracing(listening.traces)
    if listening.proxies:
        made["original_ip_detection_extensions"] = [
            {
                "name": "proxies",
                "typed_config": {
                    "@type": f"{TYPE}envoy.extensions.http.original_ip_detection.xff.v3.XffConfig",
                    "xff_trusted_cidrs": {"cidrs": [network(each) for each in listening.proxies]},
                    "skip_xff_append": False,
                },
            }
        ]
    return made


def _filters(*, certificates: bool) -> list[dict[str, Any]]:
    return [
        _followed("tokens", TOKENS, "jwt_authn.v3.JwtAuthentication"),
        *(shown.filters() if certificates else []),
        # Without a rule of its route nothing passes.
        {"name": "grants", "typed_config": {"@type": f"{FILTERS}.rbac.v3.RBAC", "rules": {"action": "ALLOW"}}},
        _followed("limits", LIMITS, "local_ratelimit.v3.LocalRateLimit"),
        {
            "name": "bodies",
            "typed_config": {"@type": f"{FILTERS}.buffer.v3.Buffer", "max_request_bytes": USUAL_BODY},
        },
        {
            "name": "router",
            # Who calls what how often is in the record; Envoy's own counts by answer cost more than they tell.
            "typed_config": {
                "@type": f"{FILTERS}.router.v3.Router",
                "suppress_envoy_headers": True,
                "dynamic_stats": False,
            },
        },
    ]


def _followed(name: str, file: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "config_discovery": {"config_source": watched(file), "type_urls": [f"{FILTERS}.{kind}"]},
    }


def _headers_thrown_away(*, keep_forwarded: bool) -> dict[str, Any]:
    families = [each for each in _THROWN_AWAY_FAMILIES if not (keep_forwarded and each == "x-forwarded-")]
    # The certificate that a client showed is put in later, by Envoy itself.
    return thrown_away(_THROWN_AWAY, families)


def _refused_connections() -> dict[str, Any]:
    return {
        "name": "connections",
        "filter": refusals.when("refused", accesslog.REFUSED_CONNECTION),
        "typed_config": {
            "@type": f"{TYPE}envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": CONNECTIONS_LOG,
            "log_format": {"json_format": accesslog.CONNECTION_FORMAT},
        },
    }


def _access_log() -> dict[str, Any]:
    return {
        "name": "calls",
        "typed_config": {
            "@type": f"{TYPE}envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": ACCESS_LOG,
            "log_format": {"json_format": accesslog.FORMAT},
        },
    }


def _certificates_asked() -> dict[str, Any]:
    return {
        "name": "tls",
        "typed_config": {
            "@type": f"{TYPE}envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "require_client_certificate": True,
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "tls_certificate_sds_secret_configs": [{"name": "own", "sds_config": watched(OWN_CERTIFICATE)}],
                "validation_context_sds_secret_config": {"name": "clients", "sds_config": watched(CLIENTS)},
            },
        },
    }


def _secret(name: str, **what: Any) -> dict[str, Any]:
    return {"@type": f"{TYPE}envoy.extensions.transport_sockets.tls.v3.Secret", "name": name, **what}


# Filters that follow the snapshot


def _tokens(snapshot: Snapshot, folder: Path) -> dict[str, Any]:
    keys = (folder / snapshot.jwks_file).read_text()
    if not json.loads(keys)["keys"]:
        raise ValueError("no key of the identity provider")
    issuer = {
        "issuer": snapshot.issuer,
        "audiences": [snapshot.issuer],
        "local_jwks": {"inline_string": keys},
        "forward": True,
        "require_expiration": True,
        "clock_skew_seconds": SKEW,
        "from_headers": [{"name": "Authorization", "value_prefix": "Bearer "}],
        "claim_to_headers": [
            {"header_name": CLIENT, "claim_name": "client_id"},
            {"header_name": BOUND, "claim_name": "cnf.x5t#S256"},
        ],
        "jwt_cache_config": {"jwt_cache_size": 2000},
    }
    return {
        "@type": f"{FILTERS}.jwt_authn.v3.JwtAuthentication",
        "providers": {"province": issuer},
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "province"}}],
    }
