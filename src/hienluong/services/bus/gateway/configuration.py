"""Envoy's files, made from a snapshot: what may pass becomes a route, and there is no route for anything else.

Four files are read anew while Envoy runs, without a connection being closed: ``routes.json`` (RDS), ``clusters.json``
(CDS), ``tokens.json`` and ``limits.json`` (single filters, ECDS). ``bootstrap.json`` is read at its start and has the
listeners, which never change. A route is found by the service (one look into a tree), then by method and path among its
operations, then by the agreement (one look into a map), so 2,000 routes cost no more than a few, and patterns are as many as
operations, not as routes. A path belongs to the first operation that it fits, whether or not somebody may call that.

A request passes, in this order: headers that only the gateway may set are thrown away; the token is checked, and the
certificate that it is bound to; the route's rule on client, address and purpose; the limit of calls; the size of the body;
the provider or the mediator.
"""

from __future__ import annotations

import ipaddress
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

from hienluong.foundation.tracing import Collector

from . import accesslog, front, handover, nodedoor, paths, refusals, shown
from .front import Front
from .handover import AGREEMENT, BOUND, CLIENT, PURPOSE, ROUTE
from .parts import TYPE as _TYPE
from .parts import address as _address
from .parts import network as _network
from .parts import seconds as _seconds
from .parts import thrown_away
from .snapshot import SAFE_METHODS, Breaker, GrantRoute, OperationRoute, ServiceRoute, Snapshot, Tls

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
MEDIATOR = "mediator"
#: Where traces are sent.
TRACES = "traces"

#: Seconds by which the clocks of the identity provider and of a gateway may differ.
SKEW = 60
#: One header in which the client's certificate is; Envoy throws away what the caller put there.
CERTIFICATE = "x-forwarded-client-cert"

_METADATA = "hienluong.gateway"
_FILTERS = f"{_TYPE}envoy.extensions.filters.http"
#: Bodies up to here are taken in whole before the provider hears of the call, so nobody's slowness holds a provider; of
#: larger ones the length has to be told beforehand. Bytes.
_TAKEN_IN = 4 * 1024 * 1024
#: How large a body may be where an operation says nothing else; said once, for routes are many. Bytes.
_USUAL_BODY = 1_048_576
#: Most limits of calls a minute that are kept when no agreement has them any more. Each costs time at every call, and a
#: new one makes the filter begin all counts anew.
_KEPT_STEPS = 12
#: Limits that are counted at once (agreements times clients) for each step.
_COUNTED = 20_000
#: Seconds. Unused connections to providers are closed before most servers do it, so a call rarely meets a closed one.
_UPSTREAM_IDLE, _CONNECT, _STREAM_IDLE, _WEBSOCKET_IDLE = 4, 2, 300, 3600
_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"

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
            OWN_CERTIFICATE: _resources([_secret("own", tls_certificate=own)]),
            CLIENTS: _resources([_secret("clients", validation_context=known)]),
        }


def following(snapshot: Snapshot, folder: Path) -> dict[str, bytes]:
    """The files that follow the snapshot, by name. Raises ``OSError`` or ``ValueError`` for keys that cannot be read.

    The secret between the gateway and the mediator lies in the same folder; it is made when it is not there.
    """
    return {
        CLUSTERS: _resources(list(_clusters(snapshot).values())),
        TOKENS: _resources([_extension("tokens", _tokens(snapshot, folder))]),
        LIMITS: _resources([_extension("limits", _limits(_steps(snapshot, folder)))]),
        ROUTES: _resources([_route_table(snapshot, handover.secret(folder), handover.web_secret(folder))]),
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
        listeners.append(nodedoor.listener(door, _address(listening.host, door.port), http, secret, MEDIATOR))
    static: dict[str, Any] = {"listeners": listeners, "clusters": []}
    if listening.traces:
        static["clusters"].append(_collector(listening.traces))
    if before_web:
        listeners.append(front.listener(before_web))
        static["clusters"].append(front.cluster(before_web))
    made = {
        "node": {"id": "gateway", "cluster": "lgsp"},
        "admin": {"address": {"pipe": {"path": ADMIN, "mode": 0o600}}},
        "static_resources": static,
        "dynamic_resources": {"cds_config": _watched(CLUSTERS)},
        "overload_manager": {
            "resource_monitors": [
                {
                    "name": "envoy.resource_monitors.global_downstream_max_connections",
                    "typed_config": {
                        "@type": f"{_TYPE}envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig",
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
    return _resources(list(found.values()))


# Listeners


def _listener(listening: Listening, name: str, port: int, *, certificates: bool = False) -> dict[str, Any]:
    chain_: dict[str, Any] = {
        "filters": [{"name": "http", "typed_config": _connections(listening, name, certificates=certificates)}]
    }
    if certificates:
        chain_["transport_socket"] = _certificates_asked()
        chain_["transport_socket_connect_timeout"] = _seconds(listening.request_s)
    return {
        "name": name,
        "address": _address(listening.host, port),
        "per_connection_buffer_limit_bytes": 1 << 20,
        "filter_chains": [chain_],
        "access_log": [_refused_connections()],
    }


def _connections(listening: Listening, name: str, *, certificates: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": f"{_TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "codec_type": "AUTO",
        "rds": {"route_config_name": "lgsp", "config_source": _watched(ROUTES)},
        "http_filters": _filters(certificates=certificates),
        "access_log": [_access_log()],
        "local_reply_config": refusals.local_replies(),
        "server_name": "hienluong",
        "server_header_transformation": "OVERWRITE",
        "generate_request_id": True,
        # No address is inside: nobody's headers of Envoy's own are believed. Those on where a caller comes from were thrown
        # away, so it is who holds the connection, unless a proxy says otherwise that is trusted.
        "internal_address_config": {"cidr_ranges": [_network("255.255.255.255/32")]},
        "skip_xff_append": True,
        "forward_client_cert_details": "SANITIZE_SET" if certificates else "SANITIZE",
        "max_request_headers_kb": 32,
        "request_timeout": _seconds(listening.request_s),
        # No clock that every part of a call sets back, which costs much: what comes has that time, its route has one, and
        # what nobody takes from us has this.
        "stream_idle_timeout": "0s",
        "stream_flush_timeout": _seconds(listening.request_s),
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
        made["tracing"] = _tracing(listening.traces)
    if listening.proxies:
        made["original_ip_detection_extensions"] = [
            {
                "name": "proxies",
                "typed_config": {
                    "@type": f"{_TYPE}envoy.extensions.http.original_ip_detection.xff.v3.XffConfig",
                    "xff_trusted_cidrs": {"cidrs": [_network(each) for each in listening.proxies]},
                    "skip_xff_append": False,
                },
            }
        ]
    return made


def _tracing(collector: Collector) -> dict[str, Any]:
    """A span for each call: the name of its route, its status; of the address nothing but the host."""
    http: dict[str, Any] = {"http_uri": {"uri": collector.url, "cluster": TRACES, "timeout": "2s"}}
    if collector.token:
        http["request_headers_to_add"] = [_told("authorization", f"Bearer {collector.token}")]
    return {
        "provider": {
            "name": "opentelemetry",
            "typed_config": {
                "@type": f"{_TYPE}envoy.config.trace.v3.OpenTelemetryConfig",
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


def _collector(collector: Collector) -> dict[str, Any]:
    address = urlsplit(collector.url)
    made = _cluster(TRACES, address, Breaker(16, 256, 256))
    del made["@type"], made["outlier_detection"]  # it stands in the file itself; and there is no other to go to
    if address.scheme == "https":
        made["transport_socket"] = _tls_to(address, Tls(), http2=False)
    return made


def _filters(*, certificates: bool) -> list[dict[str, Any]]:
    return [
        _followed("tokens", TOKENS, "jwt_authn.v3.JwtAuthentication"),
        *(shown.filters() if certificates else []),
        # Without a rule of its route nothing passes.
        {"name": "grants", "typed_config": {"@type": f"{_FILTERS}.rbac.v3.RBAC", "rules": {"action": "ALLOW"}}},
        _followed("limits", LIMITS, "local_ratelimit.v3.LocalRateLimit"),
        {
            "name": "bodies",
            "typed_config": {"@type": f"{_FILTERS}.buffer.v3.Buffer", "max_request_bytes": _USUAL_BODY},
        },
        {
            "name": "router",
            # Who calls what how often is in the record; Envoy's own counts by answer cost more than they tell.
            "typed_config": {
                "@type": f"{_FILTERS}.router.v3.Router",
                "suppress_envoy_headers": True,
                "dynamic_stats": False,
            },
        },
    ]


def _followed(name: str, file: str, kind: str) -> dict[str, Any]:
    return {
        "name": name,
        "config_discovery": {"config_source": _watched(file), "type_urls": [f"{_FILTERS}.{kind}"]},
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
            "@type": f"{_TYPE}envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": CONNECTIONS_LOG,
            "log_format": {"json_format": accesslog.CONNECTION_FORMAT},
        },
    }


def _access_log() -> dict[str, Any]:
    return {
        "name": "calls",
        "typed_config": {
            "@type": f"{_TYPE}envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": ACCESS_LOG,
            "log_format": {"json_format": accesslog.FORMAT},
        },
    }


def _certificates_asked() -> dict[str, Any]:
    return {
        "name": "tls",
        "typed_config": {
            "@type": f"{_TYPE}envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
            "require_client_certificate": True,
            "common_tls_context": {
                "alpn_protocols": ["h2", "http/1.1"],
                "tls_params": {"tls_minimum_protocol_version": "TLSv1_2"},
                "tls_certificate_sds_secret_configs": [{"name": "own", "sds_config": _watched(OWN_CERTIFICATE)}],
                "validation_context_sds_secret_config": {"name": "clients", "sds_config": _watched(CLIENTS)},
            },
        },
    }


def _secret(name: str, **what: Any) -> dict[str, Any]:
    return {"@type": f"{_TYPE}envoy.extensions.transport_sockets.tls.v3.Secret", "name": name, **what}


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
        "@type": f"{_FILTERS}.jwt_authn.v3.JwtAuthentication",
        "providers": {"province": issuer},
        "rules": [{"match": {"prefix": "/"}, "requires": {"provider_name": "province"}}],
    }


def _steps(snapshot: Snapshot, folder: Path) -> list[int]:
    """The limits of calls a minute: those of the agreements, and as they were in the folder, lest counts begin anew."""
    used = {grant.per_minute for _service, _operation, grant in snapshot.routes()}
    try:
        (before,) = json.loads((folder / LIMITS).read_bytes())["resources"]
        known = {one["token_bucket"]["max_tokens"] for one in before["typed_config"]["descriptors"]}
    except (OSError, ValueError, KeyError, TypeError):  # not there yet, or not ours
        known = set()
    return sorted(used | known if len(known - used) <= _KEPT_STEPS else used)


def _limits(steps: list[int]) -> dict[str, Any]:
    return {
        "@type": f"{_FILTERS}.local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": "limits",
        "filter_enabled": {"default_value": {"numerator": 100}},
        "filter_enforced": {"default_value": {"numerator": 100}},
        "token_bucket": {"max_tokens": 1000, "tokens_per_fill": 1000, "fill_interval": "1s"},
        "always_consume_default_token_bucket": False,
        "rate_limited_as_resource_exhausted": True,
        "max_dynamic_descriptors": _COUNTED,
        "rate_limits": [{"actions": _counted()}],
        "descriptors": [
            {
                "entries": [{"key": "per_minute", "value": str(step)}, {"key": "agreement"}, {"key": "client"}],
                "token_bucket": {"max_tokens": step, "tokens_per_fill": step, "fill_interval": "60s"},
            }
            for step in steps
        ],
    }


# Routes


def _route_table(snapshot: Snapshot, secret: str, web_secret: str) -> dict[str, Any]:
    places: dict[str, dict[str, Any]] = {}
    for service in snapshot.services:
        # Words before parameters: of /nguoi/tim and /nguoi/{so}, OpenAPI means the first where both fit.
        for operation in sorted(service.operations, key=lambda one: paths.order(one.template)):
            by_agreement: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for grant in operation.grants:
                if grant.clients:
                    routes = _routes(snapshot, service, operation, grant, secret, web_secret)
                    by_agreement[grant.agreement] += routes
            # Names of gRPC have no place in common.
            place = operation.template if service.grpc else f"{service.base}/"
            listed = places.setdefault(place, {"matcher": {"matcher_list": {"matchers": []}}})
            listed["matcher"]["matcher_list"]["matchers"].append(_operation(service, operation, by_agreement))
    host: dict[str, Any] = {"name": "lgsp", "domains": ["*"]}
    if places:
        tree = {"input": _asked(":path"), "prefix_match_map": {"map": dict(sorted(places.items()))}}
        host["matcher"] = _with_purpose({"matcher_tree": tree})
    return {
        "@type": f"{_TYPE}envoy.config.route.v3.RouteConfiguration",
        "name": "lgsp",
        "virtual_hosts": [host],
        "response_headers_to_remove": ["x-powered-by", "server-timing"],
        # Names of clusters are checked when they are used: the two files are taken in one after the other.
        "validate_clusters": False,
    }


def _asked(header: str) -> dict[str, Any]:
    kind = f"{_TYPE}envoy.type.matcher.v3.HttpRequestHeaderMatchInput"
    return {"name": header, "typed_config": {"@type": kind, "header_name": header}}


def _operation(
    service: ServiceRoute, operation: OperationRoute, by_agreement: dict[str, list[dict[str, Any]]]
) -> dict[str, Any]:
    whole = rf"{paths.pattern(service.base + operation.template)}(?:\?.*)?"
    asked = [
        _fits(":method", {"exact": operation.method}),
        _fits(":path", {"safe_regex": {"google_re2": {}, "regex": whole}}),
    ]
    # No other operation is looked for, so the words of one are never a parameter of another.
    nobody = _on([{"match": {"prefix": "/"}, "direct_response": {"status": 403}}])
    found = nobody
    if by_agreement:
        known = {agreement: _on(routes) for agreement, routes in sorted(by_agreement.items())}
        tree = {"input": _asked(AGREEMENT), "exact_match_map": {"map": known}}
        found = {"matcher": {"matcher_tree": tree, "on_no_match": nobody}}
    return {"predicate": {"and_matcher": {"predicate": asked}}, "on_match": found}


def _fits(header: str, match: dict[str, Any]) -> dict[str, Any]:
    return {"single_predicate": {"input": _asked(header), "value_match": match}}


def _with_purpose(ways: dict[str, Any]) -> dict[str, Any]:
    """No way leads anywhere without a purpose.

    One pattern for all is quicker than one for each route, of which there are thousands, and makes them small.
    """
    told = _fits(PURPOSE, {"safe_regex": {"google_re2": {}, "regex": refusals.PURPOSE_PATTERN}})
    return {"matcher_list": {"matchers": [{"predicate": told, "on_match": {"matcher": ways}}]}}


def _on(routes: list[dict[str, Any]]) -> dict[str, Any]:
    listed = {"@type": f"{_TYPE}envoy.config.route.v3.RouteList", "routes": routes}
    return {"action": {"name": "routes", "typed_config": listed}}


def _routes(
    snapshot: Snapshot,
    service: ServiceRoute,
    operation: OperationRoute,
    grant: GrantRoute,
    secret: str,
    web_secret: str,
) -> list[dict[str, Any]]:
    caller = _told(handover.ADDRESS, handover.CALLER)
    if operation.passes_mediator(grant) or service.keeps(operation):
        made = [_route(snapshot, service, operation, grant, MEDIATOR, None)]
        made[0]["request_headers_to_add"] = [_told(ROUTE, made[0]["name"]), _told(handover.SECRET, secret), caller]
    else:
        made = [_route(snapshot, service, operation, grant, _cluster_name(service), service.upstream)]
        if service.canary and service.canary.percent:
            new = _route(snapshot, service, operation, grant, _cluster_name(service, "canary"), service.canary.upstream)
            part = {"numerator": service.canary.percent, "denominator": "HUNDRED"}
            new["match"]["runtime_fraction"] = {"default_value": part}
            made.insert(0, new)
        if service.websocket and operation.method == "GET":
            made = [each for plain in made for each in (_upgraded(plain), plain)]
    if service.forward_token:
        for each in made:
            each.setdefault("request_headers_to_add", []).extend([_told(handover.FROM_GATEWAY, web_secret), caller])
    if operation.max_body > _TAKEN_IN and not service.grpc:
        # Too long for us to take in: the length has to be told, and to be allowed.
        other = {key: made[-1][key] for key in ("name", "typed_per_filter_config", "metadata")}
        other |= {"match": _match(service, operation), "direct_response": {"status": 413}}
        for each in [one for one in made if "upgrade_configs" not in one["route"]]:
            allowed = {"name": "content-length", "range_match": {"start": 0, "end": operation.max_body + 1}}
            each["match"]["headers"].append(allowed)
        made.append(other)
    return made


def _upgraded(plain: dict[str, Any]) -> dict[str, Any]:
    """The way of a WebSocket where `plain` is that of calls: without their limits of time and size."""
    match, filters = plain["match"], plain["typed_per_filter_config"]
    asked = _header("upgrade", exact="websocket", ignore_case=True)
    action = {
        name: told for name, told in plain["route"].items() if name not in ("retry_policy", "request_mirror_policies")
    }
    open_ = {"@type": f"{_FILTERS}.buffer.v3.BufferPerRoute", "disabled": True}
    return {
        **plain,
        "match": {**match, "headers": [*match["headers"], asked]},
        "route": {
            **action,
            "timeout": "0s",
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            "idle_timeout": _seconds(_WEBSOCKET_IDLE),
        },
        "typed_per_filter_config": {"grants": filters["grants"], "bodies": open_},
    }


def _route(
    snapshot: Snapshot,
    service: ServiceRoute,
    operation: OperationRoute,
    grant: GrantRoute,
    cluster: str,
    upstream: str | None,
) -> dict[str, Any]:
    action: dict[str, Any] = {"cluster": cluster, "timeout": _seconds(service.timeout_s)}
    if service.grpc:
        action["idle_timeout"] = _seconds(_STREAM_IDLE)
    if operation.method in SAFE_METHODS and service.retries and upstream:
        action["retry_policy"] = {
            "retry_on": "connect-failure,refused-stream,reset,gateway-error",
            "num_retries": service.retries,
            "retry_back_off": {"base_interval": "0.05s", "max_interval": "1s"},
        }
    made: dict[str, Any] = {
        "name": accesslog.route_name(service.code, service.major, operation.name, grant.agreement),
        "match": _match(service, operation),
        "route": action,
        "metadata": {"filter_metadata": {_METADATA: {"per_minute": str(grant.per_minute)}}},
        "typed_per_filter_config": {
            "grants": {
                "@type": f"{_FILTERS}.rbac.v3.RBACPerRoute",
                "rbac": {"rules": _rules(snapshot, operation, grant)},
            },
        },
    }
    if service.grpc or operation.max_body != _USUAL_BODY:
        made["typed_per_filter_config"]["bodies"] = _body(operation, streams=service.grpc)
    removed = [CERTIFICATE]
    if upstream is not None:  # the mediator gets the call as it came
        address = urlsplit(upstream)
        action["host_rewrite_literal"] = address.netloc
        action["prefix_rewrite"] = address.path.rstrip("/") + paths.words(operation.template)
        if service.mirrored:
            action["request_mirror_policies"] = [{"cluster": _cluster_name(service, "mirror")}]
    if not service.forward_token:
        removed.append("authorization")
    made["request_headers_to_remove"] = removed
    return made


def _told(name: str, value: str) -> dict[str, Any]:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


def _match(service: ServiceRoute, operation: OperationRoute) -> dict[str, Any]:
    # The prefix is what is rewritten, which is much quicker than by a pattern; the whole path was looked at before.
    return {"prefix": service.base + paths.words(operation.template), "headers": []}


def _rules(snapshot: Snapshot, operation: OperationRoute, grant: GrantRoute) -> dict[str, Any]:
    clients = [_client(client, snapshot.certificates.get(client)) for client in sorted(set(grant.clients))]
    # A token that is still bound here is bound to a certificate which nobody showed (shown.py).
    who = [_either(clients), {"not_id": {"header": {"name": BOUND, "present_match": True}}}]
    if grant.addresses:
        who.append(_either([{"remote_ip": _network(each)} for each in sorted(set(grant.addresses))]))
    policy = {"permissions": [{"any": True}], "principals": [{"and_ids": {"ids": who}}]}
    return {"action": "ALLOW", "policies": {"grant": policy}}


def _client(client: str, prints: list[str] | None) -> dict[str, Any]:
    named: dict[str, Any] = {"header": _header(CLIENT, exact=client)}
    if prints is None:
        return named
    if not prints:
        return {"not_id": {"any": True}}
    shown = [{"header": _header(CERTIFICATE, contains=f"Hash={each}")} for each in prints]
    return {"and_ids": {"ids": [named, _either(shown)]}}


def _either(principals: list[dict[str, Any]]) -> dict[str, Any]:
    return principals[0] if len(principals) == 1 else {"or_ids": {"ids": principals}}


def _counted() -> list[dict[str, Any]]:
    """What is counted together: calls of one client under one agreement. The limit stands in the route's metadata."""
    step = {"key": _METADATA, "path": [{"key": "per_minute"}]}
    return [
        {"metadata": {"descriptor_key": "per_minute", "metadata_key": step, "source": "ROUTE_ENTRY"}},
        {"request_headers": {"header_name": AGREEMENT, "descriptor_key": "agreement"}},
        {"request_headers": {"header_name": CLIENT, "descriptor_key": "client"}},
    ]


def _body(operation: OperationRoute, *, streams: bool) -> dict[str, Any]:
    kind = {"@type": f"{_FILTERS}.buffer.v3.BufferPerRoute"}
    if streams or operation.max_body > _TAKEN_IN:
        return {**kind, "disabled": True}
    return {**kind, "buffer": {"max_request_bytes": max(1, operation.max_body)}}


# Clusters


def _clusters(snapshot: Snapshot) -> dict[str, dict[str, Any]]:
    host, _colon, port = snapshot.mediator.rpartition(":")
    mediator = _cluster(MEDIATOR, SplitResult("http", f"{host}:{port}", "", "", ""), Breaker(1024, 1024, 4096))
    del mediator["outlier_detection"]  # there is no other, and each call is told why it is refused
    made = [mediator]
    for service in snapshot.services:
        for role, address in (
            ("", service.upstream),
            ("canary", service.canary.upstream if service.canary else None),
            ("mirror", service.mirrored),
        ):
            if address:
                each = _cluster(_cluster_name(service, role), urlsplit(address), service.breaker, http2=service.grpc)
                if urlsplit(address).scheme == "https":
                    each["transport_socket"] = _tls_to(urlsplit(address), service.tls, http2=service.grpc)
                made.append(each)
    return {each["name"]: each for each in made}


def _cluster_name(service: ServiceRoute, role: str = "") -> str:
    return "/".join(filter(None, (service.code, f"v{service.major}", role)))


def _cluster(name: str, address: SplitResult, breaker: Breaker, *, http2: bool = False) -> dict[str, Any]:
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
        "@type": f"{_TYPE}envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": protocol,
        "common_http_protocol_options": {"idle_timeout": _seconds(_UPSTREAM_IDLE)},
    }
    place = {"endpoint": {"address": _address(host, port)}}
    return {
        "@type": f"{_TYPE}envoy.config.cluster.v3.Cluster",
        "name": name,
        "type": kind,
        "connect_timeout": _seconds(_CONNECT),
        "circuit_breakers": {"thresholds": [limits]},
        # Ten failures of the connection one after the other, and it is left alone for five seconds, then ten, …
        "outlier_detection": {
            "consecutive_gateway_failure": breaker.failures,
            "enforcing_consecutive_gateway_failure": 100,
            "enforcing_consecutive_5xx": 0,
            "enforcing_success_rate": 0,
            "split_external_local_origin_errors": False,
            "interval": "1s",
            "base_ejection_time": _seconds(breaker.rest_s),
            "max_ejection_time": _seconds(6 * breaker.rest_s),
            "max_ejection_percent": 100,
        },
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}},
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
        "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [place]}]},
    }


def _tls_to(address: SplitResult, tls: Tls, *, http2: bool) -> dict[str, Any]:
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
            "@type": f"{_TYPE}envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": name,
            "common_tls_context": context,
        },
    }


# Small parts


def _resources(resources: list[dict[str, Any]]) -> bytes:
    return json.dumps({"resources": resources}, separators=(",", ":")).encode()


def _extension(name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"@type": f"{_TYPE}envoy.config.core.v3.TypedExtensionConfig", "name": name, "typed_config": config}


def _watched(file: str) -> dict[str, Any]:
    return {"resource_api_version": "V3", "path_config_source": {"path": f"./{file}"}}


def _header(name: str, **match: Any) -> dict[str, Any]:
    return {"name": name, "string_match": match}
