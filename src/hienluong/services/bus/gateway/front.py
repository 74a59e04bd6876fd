"""The gateway before the web, where an installation wants that (``hienluong up --front``): one more port of the same Envoy.

A request reaches the web, or the firewall before the web, when it is whole and means one thing only: its path is in order,
it has one length, its body was taken in however slowly it came, and what it says of its own origin was thrown away unless a
proxy of ours says so. Small bodies are taken in in memory, others on the disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .parts import TYPE, address, network, seconds, thrown_away

_FILTERS = f"{TYPE}envoy.extensions.filters.http"
#: Where bodies are taken in, below the gateway's folder.
SPOOL = "bodies"
CLUSTER = "web"
#: Bytes of a body that is taken in in memory: as many as connections may be held open with it.
_SMALL = 65_536
#: Bytes of one header and all headers together, as browsers and the sign-in of others need at most; and how many.
_HEADERS_KB, _HEADERS = 32, 100
#: Seconds: until the headers are there; without a sign from either side; until the whole request is there.
HEAD_S, IDLE_S, WHOLE_S = 15.0, 65.0, 300.0

#: What makes a request another one than its first line says, and what only Envoy may say.
_NEVER = ("proxy", "x-original-url", "x-rewrite-url", "x-http-method", "x-http-method-override", "x-method-override")
#: What only a proxy of ours may say: who calls, from where, how, with which certificate.
_OF_PROXIES = ("forwarded", "x-real-ip", "x-client-ip", "x-cluster-client-ip", "true-client-ip", "x-remote-user")
_FAMILIES, _FAMILIES_OF_PROXIES = ("x-envoy-",), ("x-forwarded-", "x-client-certificate")

#: What Envoy answers to an encoding of bodies that it does not know: a fault of the caller.
_NOT_KNOWN = 501
_BAD = (
    "Yêu cầu không đúng chuẩn",
    "Trình duyệt hoặc chương trình đã gửi một yêu cầu mà máy chủ không nhận. Hãy mở lại trang từ đầu.",
    "The request is not one that the server takes. Open the page again.",
)
_WORDS = {
    _NOT_KNOWN: _BAD,
    408: (
        "Gửi quá chậm",
        "Yêu cầu không đến trọn vẹn trong thời gian cho phép. Hãy kiểm tra đường truyền rồi gửi lại.",
        "The request did not arrive whole in time. Check the connection and send it again.",
    ),
    413: (
        "Nội dung quá lớn",
        "Tệp hoặc nội dung gửi lên lớn hơn mức cho phép. Hãy gửi tệp nhỏ hơn.",
        "What was sent is larger than is allowed. Send a smaller file.",
    ),
    426: ("Chương trình quá cũ", "Máy chủ chỉ nhận HTTP/1.1 trở lên.", "The server takes HTTP/1.1 and later only."),
    431: (
        "Đầu mục quá lớn",
        "Trình duyệt gửi quá nhiều thông tin kèm theo. Hãy xóa cookie của trang này rồi mở lại.",
        "The headers are too large. Remove the cookies of this site and open it again.",
    ),
    503: (
        "Tạm thời chưa phục vụ được",
        "Hệ thống đang khởi động lại hoặc quá tải. Xin thử lại sau ít phút; nội dung đã lưu vẫn còn.",
        "The service is starting again or overloaded. Try again in a few minutes; what was saved is still there.",
    ),
    504: (
        "Trả lời quá lâu",
        "Hệ thống chưa trả lời kịp. Xin thử lại sau ít phút.",
        "The service did not answer in time. Try again in a few minutes.",
    ),
}


@dataclass(frozen=True)
class Front:
    """Where the web is reached, and the port of this machine at which it, or the firewall before it, listens itself.

    `most`: bytes of one request. `proxies`: networks (CIDR) of proxies before it, whose word on callers is taken.
    """

    host: str
    port: int
    behind: int
    most: int
    proxies: tuple[str, ...] = ()
    idle_s: float = IDLE_S
    whole_s: float = WHOLE_S


def listener(front: Front) -> dict[str, Any]:
    """Envoy's listener: who comes from a proxy of ours is told apart by the address of the connection itself."""
    chains = [_chain(front, "strangers", believed=False)]
    if front.proxies:
        theirs = {"source_prefix_ranges": [network(each) for each in front.proxies]}
        chains.append({**_chain(front, "proxies", believed=True), "filter_chain_match": theirs})
    return {
        "name": "web",
        "address": address(front.host, front.port),
        "per_connection_buffer_limit_bytes": 1 << 20,
        "filter_chains": chains,
    }


def cluster(front: Front) -> dict[str, Any]:
    """The web itself."""
    place = {"endpoint": {"address": address("127.0.0.1", front.behind)}}
    options = {
        "@type": f"{TYPE}envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http_protocol_options": {}},
        # Before the web closes an unused connection itself, so that no request meets a closed one.
        "common_http_protocol_options": {"idle_timeout": "2s"},
    }
    return {
        "name": CLUSTER,
        "type": "STATIC",
        "connect_timeout": "2s",
        "circuit_breakers": {
            "thresholds": [{"max_connections": 512, "max_pending_requests": 2048, "max_requests": 2048}]
        },
        "typed_extension_protocol_options": {"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": options},
        "load_assignment": {"cluster_name": CLUSTER, "endpoints": [{"lb_endpoints": [place]}]},
    }


def _chain(front: Front, name: str, *, believed: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "@type": f"{TYPE}envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": f"web-{name}",
        "codec_type": "AUTO",
        "route_config": _routes(front, name, believed=believed),
        "http_filters": _filters(front),
        "access_log": [_refusals()],
        "local_reply_config": _local_replies(),
        "server_header_transformation": "PASS_THROUGH",
        "internal_address_config": {"cidr_ranges": [network("255.255.255.255/32")]},
        "use_remote_address": True,
        "xff_num_trusted_hops": int(believed),
        "skip_xff_append": True,  # of who calls from this machine it would write another address: see the routes
        "forward_client_cert_details": "SANITIZE",
        "normalize_path": True,
        "merge_slashes": True,
        "path_with_escaped_slashes_action": "REJECT_REQUEST",
        "max_request_headers_kb": _HEADERS_KB,
        "request_headers_timeout": seconds(HEAD_S),
        "request_timeout": seconds(front.whole_s),
        "stream_idle_timeout": seconds(front.idle_s),
        "drain_timeout": "5s",
        "delayed_close_timeout": "1s",
        "common_http_protocol_options": {
            "idle_timeout": "60s",
            "max_headers_count": _HEADERS,
            # The web cannot tell X_Forwarded_For from X-Forwarded-For.
            "headers_with_underscores_action": "REJECT_REQUEST",
        },
        "http2_protocol_options": {
            "max_concurrent_streams": 100,
            "initial_stream_window_size": 65536,
            "initial_connection_window_size": 1 << 20,
        },
        "early_header_mutation_extensions": [
            thrown_away(
                _NEVER if believed else (*_NEVER, *_OF_PROXIES),
                _FAMILIES if believed else (*_FAMILIES, *_FAMILIES_OF_PROXIES),
            )
        ],
    }
    return {"name": name, "filters": [{"name": "http", "typed_config": made}]}


def _routes(front: Front, name: str, *, believed: bool) -> dict[str, Any]:
    # No limit on the whole answer: who fetches a large file slowly is served, who stops is not.
    action = {
        "cluster": CLUSTER,
        "timeout": "0s",
        "retry_policy": {"retry_on": "connect-failure,reset-before-request", "num_retries": 2},
    }
    at_once = {"memory": {"@type": f"{_FILTERS}.buffer.v3.BufferPerRoute", "disabled": True}}
    small = {"content-length": {"start": 0, "end": _SMALL + 1}}
    large = {"content-length": {"start": front.most + 1, "end": 1 << 62}}
    ways: list[dict[str, Any]] = [
        {"match": _length(large), "direct_response": {"status": 413}, "typed_per_filter_config": at_once},
        {"match": _length(small), "route": action},
        {
            "match": {
                "prefix": "/",
                "headers": [{"name": ":method", "string_match": {"safe_regex": {"regex": "GET|HEAD|OPTIONS"}}}],
            },
            "route": action,
        },
        {
            "match": {"prefix": "/"},
            "route": action,
            "typed_per_filter_config": {
                **at_once,
                _DISK: {"@type": _DISK_TYPE, "request": {**_limits(front), "behavior": _WHOLE}},
            },
        },
    ]
    made: dict[str, Any] = {
        "name": f"web-{name}",
        "virtual_hosts": [{"name": "web", "domains": ["*"], "routes": ways}],
        "request_headers_to_remove": ["x-envoy-external-address"],
    }
    if not believed:  # in both forms, for an installation may go by RFC 7239
        caller = "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"
        told = {"x-forwarded-for": caller, "forwarded": f'for="{caller}";proto=http'}
        made["request_headers_to_add"] = [
            {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
            for key, value in told.items()
        ]
    return made


def _length(asked: dict[str, Any]) -> dict[str, Any]:
    return {"prefix": "/", "headers": [{"name": name, "range_match": found} for name, found in asked.items()]}


#: This filter knows what a route says of it by its own name only.
_DISK = "envoy.filters.http.file_system_buffer"
#: The web asks how long a body is before it reads it.
_WHOLE: dict[str, Any] = {"fully_buffer_and_always_inject_content_length": {}}
_DISK_TYPE = f"{_FILTERS}.file_system_buffer.v3.FileSystemBufferFilterConfig"


def _limits(front: Front) -> dict[str, Any]:
    return {"memory_buffer_bytes_limit": _SMALL, "storage_buffer_bytes_limit": front.most}


def _filters(front: Front) -> list[dict[str, Any]]:
    pass_by: dict[str, Any] = {"behavior": {"bypass": {}}}
    return [
        {"name": "memory", "typed_config": {"@type": f"{_FILTERS}.buffer.v3.Buffer", "max_request_bytes": _SMALL}},
        {
            "name": _DISK,
            "typed_config": {
                "@type": _DISK_TYPE,
                "manager_config": {"thread_pool": {"thread_count": 1}},
                "storage_buffer_path": SPOOL,
                "request": {**_limits(front), **pass_by},
                "response": pass_by,
            },
        },
        {
            "name": "router",
            "typed_config": {
                "@type": f"{_FILTERS}.router.v3.Router",
                "suppress_envoy_headers": True,
                "dynamic_stats": False,
            },
        },
    ]


def _refusals() -> dict[str, Any]:
    """What the web never saw stands in the gateway's log: when, what, why and for whom; no address of a page."""
    kind = f"{TYPE}envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
    line = "%START_TIME% web %RESPONSE_CODE% %RESPONSE_CODE_DETAILS% %DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%\n"
    own = {"@type": kind, "expression": "response.code_details != 'via_upstream'"}
    return {
        "name": "refused",
        "filter": {"extension_filter": {"name": "own", "typed_config": own}},
        "typed_config": {
            "@type": f"{TYPE}envoy.extensions.access_loggers.stream.v3.StderrAccessLog",
            "log_format": {"text_format_source": {"inline_string": line}},
        },
    }


def _local_replies() -> dict[str, Any]:
    mappers = []
    for status, words in _WORDS.items():
        code = {"default_value": status, "runtime_key": f"gateway.front.{status}"}
        mapper: dict[str, Any] = {
            "filter": {"status_code_filter": {"comparison": {"op": "EQ", "value": code}}},
            "body_format_override": _page(*words),
        }
        if status == _NOT_KNOWN:
            mapper["status_code"] = 400
        mappers.append(mapper)
    return {"mappers": mappers, "body_format": _page(*_BAD)}


def _page(title: str, vi: str, en: str) -> dict[str, Any]:
    page = (
        "<!doctype html><html lang=vi><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<title>{title}</title><h1>{title}</h1><p>{vi}</p><p lang=en>{en}</p></html>\n"
    )
    return {"text_format_source": {"inline_string": page}, "content_type": "text/html; charset=utf-8"}
