"""Refusals of the mediator: problem documents (RFC 9457) of its own; nothing that a provider says about a fault passes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

#: What went wrong: status, words for people in Vietnamese and in English. The code is the type of the problem.
WORDS: dict[str, tuple[int, str, str]] = {
    "no-agreement": (403, "Không có thỏa thuận cho lời gọi này.", "No agreement covers this call."),
    "purpose": (
        400,
        "Thiếu mục đích khai thác (X-Purpose, 1 đến 200 ký tự).",
        "The purpose is missing (X-Purpose, 1 to 200).",
    ),
    "slow-request": (408, "Yêu cầu không đến trọn vẹn kịp thời.", "The request did not arrive whole in time."),
    "no-route": (404, "Không có thao tác này.", "There is no such operation."),
    "field": (403, "Yêu cầu đụng tới trường ngoài thỏa thuận.", "The request touches a field outside the agreement."),
    "too-large": (413, "Nội dung gửi lên quá lớn.", "The body of the request is too large."),
    "body": (400, "Nội dung gửi lên không đọc được.", "The body of the request cannot be read."),
    "media-type": (415, "Chỉ nhận nội dung JSON không nén.", "Only plain JSON is taken."),
    "request-schema": (422, "Nội dung gửi lên không đúng lược đồ.", "The request does not keep to the schema."),
    "code": (
        422,
        "Có mã không đổi được sang ấn bản danh mục của bên cung cấp.",
        "A code has no single counterpart in the provider's edition of the code list.",
    ),
    "answer-code": (
        502,
        "Câu trả lời có mã không đổi được sang ấn bản danh mục đã khai.",
        "The answer has a code without a single counterpart in the declared edition of the code list.",
    ),
    "volume": (
        429,
        "Đã dùng hết số bản ghi trong ngày của thỏa thuận.",
        "The agreement's records of the day are used up.",
    ),
    "signature": (401, "Chữ ký của yêu cầu không dùng được.", "The signature of the request is not accepted."),
    "replayed": (401, "Yêu cầu đã ký này đã được dùng.", "This signed request was used before."),
    "books": (
        503,
        "Chưa ghi được sổ theo dõi nên chưa trả lời được.",
        "The call cannot be written down, so it is refused.",
    ),
    "busy": (503, "Đang có quá nhiều lời gọi.", "Too many calls at once."),
    "provider-away": (503, "Bên cung cấp chưa trả lời được.", "The provider cannot be reached."),
    "provider-certificate": (
        502,
        "Chứng thư máy chủ của bên cung cấp đã hết hạn hoặc không tin được.",
        "The certificate of the provider's server is over or not to be trusted.",
    ),
    "provider-slow": (504, "Bên cung cấp trả lời quá chậm.", "The provider took too long."),
    "provider-broken": (502, "Bên cung cấp trả lời không dùng được.", "The answer of the provider cannot be used."),
    "provider-refused": (502, "Bên cung cấp từ chối cổng kết nối.", "The provider refused the gateway."),
    "bad-request": (400, "Bên cung cấp không nhận yêu cầu này.", "The provider does not accept this request."),
    "not-found": (404, "Không tìm thấy.", "Not found."),
    "conflict": (409, "Yêu cầu mâu thuẫn với dữ liệu hiện có.", "The request conflicts with what is there."),
    "node-client": (
        403,
        "Hệ thống này chưa được gán phân hệ ở nút đại lý quốc gia.",
        "This system is no subsystem at the national agent node yet.",
    ),
    "node-request": (502, "Nút đại lý không nhận yêu cầu của trục.", "The agent node does not take our request."),
    "node-access": (
        502,
        "Cơ quan cung cấp chưa cấp quyền gọi dịch vụ này cho phân hệ của tỉnh ở nút đại lý.",
        "The provider has not given our subsystem access to this service at the agent node.",
    ),
    "node-service": (
        502,
        "Nút đại lý không có dịch vụ này, hoặc dịch vụ đang tắt.",
        "The agent node does not know this service, or it is switched off.",
    ),
    "node-certificate": (
        502,
        "Nút đại lý không nhận chứng thư của tỉnh.",
        "The agent node does not accept the certificate of the province.",
    ),
    "node-away": (503, "Nút đại lý quốc gia chưa trả lời được.", "The national agent node cannot be reached."),
    "node-fault": (502, "Nút đại lý quốc gia gặp lỗi.", "The national agent node failed."),
    "pace": (429, "Gọi nhiều hơn thỏa thuận cho phép.", "More calls than the agreement allows."),
    "fault": (500, "Bộ trung gian gặp lỗi.", "The mediator failed."),
}
TYPE = "application/problem+json"


@dataclass
class Refusal(Exception):
    """The call ends here. `code` is one of :data:`WORDS`; `places` are names and pointers, never values."""

    code: str
    places: list[dict[str, str]] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    reason: str = ""  # for the log of the mediator only

    @property
    def status(self) -> int:
        """The HTTP status."""
        return WORDS[self.code][0]

    @property
    def words(self) -> str:
        """What went wrong, in Vietnamese."""
        return WORDS[self.code][1]

    def document(self) -> bytes:
        """The problem document."""
        status, vietnamese, english = WORDS[self.code]
        shape: dict[str, Any] = {
            "type": f"urn:hienluong:lgsp:{self.code}",
            "title": vietnamese,
            "status": status,
            "detail": english,
        }
        if self.places:
            shape["errors"] = self.places
        return json.dumps(shape, ensure_ascii=False).encode()


def of_provider(status: int) -> Refusal:
    """What the consumer hears of a provider's answer that is no success: the kind of it, nothing more."""
    if status in (400, 405, 406, 411, 413, 414, 415, 416, 417, 422, 428):
        code = "bad-request"
    elif status in (404, 410):
        code = "not-found"
    elif status in (409, 412, 423):
        code = "conflict"
    elif status in (401, 403, 407):
        code = "provider-refused"
    elif status in (408, 504):
        code = "provider-slow"
    elif status in (429, 503):
        code = "provider-away"
    else:  # moved elsewhere, 5xx, anything else
        code = "provider-broken"
    return Refusal(code, reason=f"provider answered {status}")
