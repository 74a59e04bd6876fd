"""A dossier in words: the form's answers as rows, the timeline a citizen understands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.forms import display
from hienluong.foundation.schemas.display import Table

from . import prefilling
from .models import Dossier, Handover, State


@dataclass(frozen=True)
class Row:
    """One answer: the question as asked, the answer as people write it."""

    name: str
    key: str
    value: str
    origin: str = ""  # where it came from, when the person did not type it
    warning: str = ""  # what the officer has to know about that
    picture: str = ""  # the number of the stored picture, of a signature
    place: str = ""  # latitude and longitude, of a point
    table: Table | None = None  # the rows of a repeating table


def data_rows(dossier: Dossier) -> list[Row]:
    """The answers of the e-form in the order of its pages; unanswered questions are left out."""
    form = dossier.procedure_version.spec.form
    if form is None:
        return [Row(name, name, str(value)) for name, value in dossier.data.items()]
    changed = prefilling.outdated(dossier.origins)
    return [
        Row(
            a.field,
            a.label,
            a.text,
            *_origin(dossier.origins.get(a.field), a.field in changed),
            picture=a.picture,
            place=a.place,
            table=a.table,
        )
        for a in display.answers(form, dossier.data)
        if a.text
    ]


def _origin(origin: Mapping[str, Any] | None, changed: bool) -> tuple[str, str]:
    if not origin:
        return "", ""
    day = timezone.localdate(datetime.fromisoformat(str(origin["since"])))
    said = _("Lấy từ %(title)s (%(key)s), cập nhật %(day)s.") % {
        "title": origin["title"],
        "key": origin.get("key") or origin["record"],
        "day": f"{day:%d/%m/%Y}",
    }
    if origin.get("contested"):
        return said, _("Người dân cho là chưa đúng và đã sửa: yêu cầu đính chính %(code)s.") % {
            "code": origin["contested"]
        }
    if origin.get("edited"):
        return said, _("Người nộp đã sửa khác với cơ sở dữ liệu.")
    return said, _("Cơ sở dữ liệu đã thay đổi từ khi lấy.") if changed else ""


#: What each step is called when told to the person it concerns.
PLAIN: dict[str, str] = {
    "file": "Hồ sơ đã được gửi",
    "pay": "Đã nộp phí, lệ phí",
    "receive": "Cơ quan đã tiếp nhận hồ sơ",
    "request_supplement": "Cần bổ sung hồ sơ",
    "answer_supplement": "Đã nhận phần bổ sung",
    "correct_answers": "Cán bộ sửa đơn theo xác nhận của bạn",
    "refuse": "Hồ sơ không được tiếp nhận",
    "assign": "Đã giao cán bộ giải quyết",
    "review": "Đã thẩm định xong",
    "inspect": "Đã kiểm tra thực địa",
    "submit_for_signature": "Đã trình lãnh đạo",
    "sign": "Lãnh đạo đã xem xét",
    "complete": "Đã có kết quả",
    "return_result": "Đã trả kết quả",
    "note_delivered": "Bưu chính đã phát kết quả",
    "withdraw": "Bạn đã rút hồ sơ",
    "stop": "Hồ sơ dừng giải quyết",
    "reopen": "Hồ sơ được mở lại",
    "apologise": "Cơ quan xin lỗi và hẹn lại ngày trả",
    "transfer": "Chuyển đơn vị giải quyết",
    "forward": "Chuyển cơ quan cấp trên",
    "upper_review": "Cơ quan cấp trên đã giải quyết",
    "conclude_opinions": "Đã tổng hợp ý kiến các cơ quan",
    "give_opinion": "Một cơ quan phối hợp đã có ý kiến",
    "take_silence_as_consent": "Hết hạn lấy ý kiến một cơ quan phối hợp",
    "post_returned": "Bưu chính không phát được, đã hoàn lại",
    "enquiry_waits": "Đang chờ hệ thống quốc gia trả lời",
    "enquiry_answered": "Hệ thống quốc gia đã trả lời",
    "go_on_by_hand": "Cán bộ đối chiếu thủ công",
    "ask_again": "Cán bộ hỏi lại hệ thống quốc gia",
    "move_to_successor": "Cơ quan kế thừa tiếp tục giải quyết",
    "revoke_result": "Kết quả đã bị thu hồi",
}

NEXT: dict[str, str] = {
    State.SUBMITTED: "Bộ phận một cửa sẽ kiểm tra và tiếp nhận hồ sơ của bạn.",
    State.RECEIVED: "Cán bộ đang xem xét hồ sơ.",
    State.IN_PROGRESS: "Cán bộ đang xem xét hồ sơ.",
    State.SUPPLEMENT: "Bạn cần bổ sung hồ sơ. Thời gian chờ bạn bổ sung không tính vào thời hạn.",
    State.AWAITING_PAYMENT: "Bạn cần nộp phí, lệ phí để cơ quan giải quyết tiếp.",
    State.COMPLETED: "Kết quả đã có. Mời bạn nhận tại nơi đã chọn.",
    State.RETURNED: "Hồ sơ đã xong. Mời bạn đánh giá để chúng tôi phục vụ tốt hơn.",
    State.REFUSED: "Xem lý do dưới đây. Bạn có thể nộp lại khi đủ điều kiện.",
    State.WITHDRAWN: "Bạn có thể nộp hồ sơ mới bất cứ lúc nào.",
    State.STOPPED: "Xem lý do dưới đây.",
}

STATE_COLOUR: dict[str, str] = {
    State.SUBMITTED: "grey",
    State.RECEIVED: "light-blue",
    State.IN_PROGRESS: "blue",
    State.SUPPLEMENT: "yellow",
    State.AWAITING_PAYMENT: "yellow",
    State.COMPLETED: "green",
    State.RETURNED: "green",
    State.REFUSED: "red",
    State.WITHDRAWN: "grey",
    State.STOPPED: "red",
}


@dataclass(frozen=True)
class Moment:
    """One entry of a timeline."""

    title: str
    when: datetime
    by: str
    text: str


def timeline(dossier: Dossier, *, named: bool) -> list[Moment]:
    """What happened, newest first, in plain words; officials' names only when `named`."""
    return [_moment(handover, named) for handover in dossier.handovers.order_by("-at", "-pk")]


def _moment(handover: Handover, named: bool) -> Moment:
    title = PLAIN.get(handover.verb, handover.verb)
    if handover.verb == "sign":
        title = "Lãnh đạo đã ký" if handover.outcome == "sign" else "Lãnh đạo yêu cầu xem lại"
    return Moment(_(title), handover.at, handover.from_label if named else "", handover.public_note)


def next_words(dossier: Dossier) -> str:
    """What happens next, or what the person has to do."""
    return _(NEXT[dossier.state])
