"""What the gateway says when it refuses: problem documents (RFC 9457), in Vietnamese, or English for who prefers that.

Envoy answers these by itself, so the words are here and not in the catalogue of translations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .handover import BOUND, PURPOSE, ROUTE

#: One to 200 characters of UTF-8.
PURPOSE_PATTERN = r"(?:[\x20-\x7e]|[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}){1,200}"
_PROBLEM = "application/problem+json"


@dataclass(frozen=True)
class Refusal:
    """One answer: for which status of Envoy, with which stable code and words.

    `without`: only where that header is missing, or is not what `good` says; `having`: only where that one is there.
    """

    on: int
    code: str
    vi: str
    en: str
    without: str = ""
    having: str = ""
    good: str = ".+"
    because: str = ""  # only for this reason, an expression (CEL) on what Envoy says of the answer
    status: int = 0  # what is answered, where it is not the status of Envoy
    headers: tuple[tuple[str, str], ...] = ()


#: The provider showed a certificate that is over, of an authority that nobody named, or of another name.
_ITS_CERTIFICATE = "response.code_details.contains('CERTIFICATE_VERIFY_FAILED')"

REFUSALS = (
    Refusal(  # RFC 8705, section 3: a token that is bound to a certificate is worth nothing without it
        403,
        "gateway.certificate",
        "Mã truy cập này gắn với chứng thư của hệ thống: hãy gọi ở cổng mTLS, bằng đúng chứng thư đó.",
        "This access token is bound to a certificate of the system: call at the mTLS port, with that certificate.",
        having=BOUND,
        status=401,
        headers=(("www-authenticate", 'Bearer error="invalid_token"'),),
    ),
    Refusal(
        401,
        "gateway.token",
        "Cần mã truy cập (access token) còn hạn, do máy chủ định danh của tỉnh cấp cho hệ thống gọi.",
        "A valid access token is needed, issued to the calling system by the identity provider of the province.",
    ),
    Refusal(  # a good token for somebody else: Envoy calls that forbidden, RFC 6750 an invalid token
        403,
        "gateway.token",
        "Mã truy cập không cấp cho cổng kết nối này, hoặc không cấp cho một hệ thống.",
        "The access token was not issued for this gateway, or not to a system.",
        without="x-client-id",
        status=401,
        headers=(("www-authenticate", 'Bearer error="invalid_token"'),),
    ),
    Refusal(
        403,
        "gateway.purpose",
        "Thiếu mục đích khai thác: đầu mục X-Purpose, từ 1 đến 200 ký tự.",
        "The purpose is missing: header X-Purpose, 1 to 200 characters.",
        without=PURPOSE,
        good=PURPOSE_PATTERN,
        status=400,
    ),
    Refusal(
        403,
        "gateway.no_agreement",
        "Không có thỏa thuận đang có hiệu lực cho lời gọi này: hãy xem mã thỏa thuận (X-Agreement), dịch vụ và thao tác, "
        "hệ thống gọi, địa chỉ mạng, khung giờ.",
        "No agreement in force allows this call: see the code of the agreement (X-Agreement), the service and operation, "
        "the calling system, its network address, the hours of use.",
    ),
    Refusal(
        404,
        "gateway.no_agreement",
        "Không có dịch vụ này, hoặc không có thỏa thuận đang có hiệu lực.",
        "There is no such service, or no agreement in force.",
    ),
    Refusal(
        408,
        "gateway.slow_request",
        "Yêu cầu không đến trọn vẹn trong thời gian cho phép.",
        "The request did not arrive whole within the time allowed.",
    ),
    Refusal(
        413,
        "gateway.too_large",
        "Nội dung yêu cầu lớn hơn mức cho phép của thao tác này, hoặc không nói trước độ dài (Content-Length).",
        "The body of the request is larger than this operation allows, or its length (Content-Length) was not told.",
    ),
    Refusal(
        429,
        "gateway.quota",
        "Đã hết số lượt gọi mỗi phút theo thỏa thuận. Hãy thử lại sau.",
        "The calls for each minute under the agreement are used up. Try again later.",
        headers=(("retry-after", "10"),),
    ),
    Refusal(
        431,
        "gateway.headers_too_large",
        "Các đầu mục của yêu cầu quá lớn.",
        "The headers of the request are too large.",
    ),
    Refusal(
        502,
        "gateway.provider_failed",
        "Bên cung cấp trả lời sai giao thức.",
        "The provider answered against the protocol.",
    ),
    Refusal(  # only calls on their way to the mediator have the name of their route with them
        503,
        "gateway.no_mediator",
        "Bộ trung gian của trục (cắt trường, kiểm tra, ký) tạm thời không phục vụ; thao tác này không đi qua được nếu thiếu "
        "nó. Hãy thử lại sau.",
        "The mediator of the bus (it cuts fields, checks and signs) is not available for the moment; this operation does not "
        "pass without it. Try again later.",
        having=ROUTE,
        headers=(("retry-after", "5"),),
    ),
    Refusal(
        503,
        "gateway.provider_certificate",
        "Chứng thư máy chủ của bên cung cấp đã hết hạn hoặc không tin được, nên cổng kết nối không gửi gì cho nó.",
        "The certificate of the provider's server is over or not to be trusted, so the gateway sends it nothing.",
        because=_ITS_CERTIFICATE,
        status=502,
    ),
    Refusal(
        503,
        "gateway.provider_unavailable",
        "Bên cung cấp dữ liệu tạm thời không trả lời. Hãy thử lại sau.",
        "The provider of the data does not answer for the moment. Try again later.",
        headers=(("retry-after", "5"),),
    ),
    Refusal(
        504,
        "gateway.provider_slow",
        "Bên cung cấp dữ liệu không trả lời trong thời gian cho phép.",
        "The provider of the data did not answer in the time allowed.",
    ),
)
OTHERWISE = Refusal(
    0,
    "gateway.bad_request",
    "Cổng kết nối không nhận yêu cầu này.",
    "The gateway does not take this request.",
)


def local_replies() -> dict[str, Any]:
    """Envoy's ``local_reply_config``: English before Vietnamese, because the first that fits is taken."""
    mappers = [mapper for refusal in REFUSALS for mapper in (_mapper(refusal, "en"), _mapper(refusal, "vi"))]
    return {"mappers": mappers, "body_format": _body(OTHERWISE, OTHERWISE.vi)}


def _mapper(refusal: Refusal, language: str) -> dict[str, Any]:
    code = {"default_value": refusal.on, "runtime_key": f"gateway.refusals.{refusal.on}"}
    filters: list[dict[str, Any]] = [{"status_code_filter": {"comparison": {"op": "EQ", "value": code}}}]
    if refusal.without:
        good = {"safe_regex": {"regex": refusal.good}}
        filters.append(
            _header(refusal.without, string_match=good, invert_match=True, treat_missing_header_as_empty=True)
        )
    if refusal.having:
        filters.append(_header(refusal.having, present_match=True))
    if refusal.because:
        filters.append(when("because", refusal.because))
    if language == "en":
        filters.append(_header("accept-language", string_match={"prefix": "en", "ignore_case": True}))
    made: dict[str, Any] = {
        "filter": filters[0] if len(filters) == 1 else {"and_filter": {"filters": filters}},
        "body_format_override": _body(refusal, refusal.en if language == "en" else refusal.vi),
    }
    if refusal.status:
        made["status_code"] = refusal.status
    if refusal.headers:
        made["headers_to_add"] = [{"header": {"key": key, "value": value}} for key, value in refusal.headers]
    return made


def when(name: str, expression: str) -> dict[str, Any]:
    """A filter of records and answers: an expression of CEL; false where what it asks about is not there."""
    kind = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
    return {"extension_filter": {"name": name, "typed_config": {"@type": kind, "expression": expression}}}


def _header(name: str, **match: Any) -> dict[str, Any]:
    return {"header_filter": {"header": {"name": name, **match}}}


def _body(refusal: Refusal, words: str) -> dict[str, Any]:
    return {
        "json_format": {
            "type": f"urn:hienluong:{refusal.code}",
            "title": words,
            "status": refusal.status or "%RESPONSE_CODE%",
            "code": refusal.code,
            "request_id": "%REQ(X-REQUEST-ID)%",
        },
        "content_type": _PROBLEM,
    }
