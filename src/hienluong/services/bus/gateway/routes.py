"""The routes of Envoy: by service, by operation, by agreement, and with each its rule on who may.

A route is found by the service (one look into a tree), then by method and path among its operations, then by the agreement
(one look into a map), so 2,000 routes cost no more than a few, and patterns are as many as operations, not as routes. A path
belongs to the first operation that it fits, whether or not somebody may call that.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from urllib.parse import urlsplit

from . import accesslog, handover, paths, refusals
from .handover import AGREEMENT, BOUND, CLIENT, PURPOSE, ROUTE
from .limits import METADATA
from .parts import FILTERS, TYPE, header, network, seconds, told
from .snapshot import SAFE_METHODS, GrantRoute, OperationRoute, ServiceRoute, Snapshot
from .upstreams import MEDIATOR, cluster_name

#: One header in which the client's certificate is; Envoy throws away what the caller put there.
CERTIFICATE = "x-forwarded-client-cert"
#: How large a body may be where an operation says nothing else; said once, for routes are many. Bytes.
USUAL_BODY = 1_048_576
#: Seconds.
_STREAM_IDLE, _WEBSOCKET_IDLE = 300, 3600


def route_table(snapshot: Snapshot, secret: str, web_secret: str) -> dict[str, Any]:
    """All that may pass; the secrets are told the mediator and our own web."""
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
        "@type": f"{TYPE}envoy.config.route.v3.RouteConfiguration",
        "name": "lgsp",
        "virtual_hosts": [host],
        "response_headers_to_remove": ["x-powered-by", "server-timing"],
        # Names of clusters are checked when they are used: the two files are taken in one after the other.
        "validate_clusters": False,
    }


def _asked(header: str) -> dict[str, Any]:
    kind = f"{TYPE}envoy.type.matcher.v3.HttpRequestHeaderMatchInput"
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
    listed = {"@type": f"{TYPE}envoy.config.route.v3.RouteList", "routes": routes}
    return {"action": {"name": "routes", "typed_config": listed}}


def _routes(
    snapshot: Snapshot,
    service: ServiceRoute,
    operation: OperationRoute,
    grant: GrantRoute,
    secret: str,
    web_secret: str,
) -> list[dict[str, Any]]:
    caller = told(handover.ADDRESS, handover.CALLER)
    if operation.passes_mediator(grant) or service.keeps(operation):
        made = [_route(snapshot, service, operation, grant, MEDIATOR, None)]
        made[0]["request_headers_to_add"] = [told(ROUTE, made[0]["name"]), told(handover.SECRET, secret), caller]
    else:
        made = [_route(snapshot, service, operation, grant, cluster_name(service), service.upstream)]
        if service.canary and service.canary.percent:
            new = _route(snapshot, service, operation, grant, cluster_name(service, "canary"), service.canary.upstream)
            part = {"numerator": service.canary.percent, "denominator": "HUNDRED"}
            new["match"]["runtime_fraction"] = {"default_value": part}
            made.insert(0, new)
        if service.websocket and operation.method == "GET":
            made = [each for plain in made for each in (_upgraded(plain), plain)]
    if service.forward_token:
        for each in made:
            each.setdefault("request_headers_to_add", []).extend([told(handover.FROM_GATEWAY, web_secret), caller])
    if operation.max_body > handover.TAKEN_IN and not service.grpc:
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
    asked = header("upgrade", exact="websocket", ignore_case=True)
    action = {
        name: told for name, told in plain["route"].items() if name not in ("retry_policy", "request_mirror_policies")
    }
    open_ = {"@type": f"{FILTERS}.buffer.v3.BufferPerRoute", "disabled": True}
    return {
        **plain,
        "match": {**match, "headers": [*match["headers"], asked]},
        "route": {
            **action,
            "timeout": "0s",
            "upgrade_configs": [{"upgrade_type": "websocket"}],
            "idle_timeout": seconds(_WEBSOCKET_IDLE),
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
    action: dict[str, Any] = {"cluster": cluster, "timeout": seconds(service.timeout_s)}
    if service.grpc:
        action["idle_timeout"] = seconds(_STREAM_IDLE)
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
        "metadata": {"filter_metadata": {METADATA: {"per_minute": str(grant.per_minute)}}},
        "typed_per_filter_config": {
            "grants": {
                "@type": f"{FILTERS}.rbac.v3.RBACPerRoute",
                "rbac": {"rules": _rules(snapshot, operation, grant)},
            },
        },
    }
    if service.grpc or operation.max_body != USUAL_BODY:
        made["typed_per_filter_config"]["bodies"] = _body(operation, streams=service.grpc)
    removed = [CERTIFICATE]
    if upstream is not None:  # the mediator gets the call as it came
        address = urlsplit(upstream)
        action["host_rewrite_literal"] = address.netloc
        action["prefix_rewrite"] = address.path.rstrip("/") + paths.words(operation.template)
        if service.mirrored:
            action["request_mirror_policies"] = [{"cluster": cluster_name(service, "mirror")}]
    if not service.forward_token:
        removed.append("authorization")
    made["request_headers_to_remove"] = removed
    return made


def _match(service: ServiceRoute, operation: OperationRoute) -> dict[str, Any]:
    # The prefix is what is rewritten, which is much quicker than by a pattern; the whole path was looked at before.
    return {"prefix": service.base + paths.words(operation.template), "headers": []}


def _rules(snapshot: Snapshot, operation: OperationRoute, grant: GrantRoute) -> dict[str, Any]:
    clients = [_client(client, snapshot.certificates.get(client)) for client in sorted(set(grant.clients))]
    # A token that is still bound here is bound to a certificate which nobody showed (shown.py).
    who = [_either(clients), {"not_id": {"header": {"name": BOUND, "present_match": True}}}]
    if grant.addresses:
        who.append(_either([{"remote_ip": network(each)} for each in sorted(set(grant.addresses))]))
    policy = {"permissions": [{"any": True}], "principals": [{"and_ids": {"ids": who}}]}
    return {"action": "ALLOW", "policies": {"grant": policy}}


def _client(client: str, prints: list[str] | None) -> dict[str, Any]:
    named: dict[str, Any] = {"header": header(CLIENT, exact=client)}
    if prints is None:
        return named
    if not prints:
        return {"not_id": {"any": True}}
    shown = [{"header": header(CERTIFICATE, contains=f"Hash={each}")} for each in prints]
    return {"and_ids": {"ids": [named, _either(shown)]}}


def _either(principals: list[dict[str, Any]]) -> dict[str, Any]:
    return principals[0] if len(principals) == 1 else {"or_ids": {"ids": principals}}


def _body(operation: OperationRoute, *, streams: bool) -> dict[str, Any]:
    kind = {"@type": f"{FILTERS}.buffer.v3.BufferPerRoute"}
    if streams or operation.max_body > handover.TAKEN_IN:
        return {**kind, "disabled": True}
    return {**kind, "buffer": {"max_request_bytes": max(1, operation.max_body)}}
