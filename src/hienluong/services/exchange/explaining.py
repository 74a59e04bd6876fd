"""Why a package has not gone out, in words for the officer on duty, and what to do; the error itself stays beside it."""

from __future__ import annotations

import re
from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Outgoing

#: A turn comes every five seconds: what was not tried after this long shows that none comes.
NO_TURN = timedelta(minutes=10)
_NO = re.compile(r"([0-9]{1,4}|\?): ")
_FAULT = re.compile(r"[NRM]\.[A-Za-z]")
_AWAY = re.compile(r"[A-Za-z]+Edoc(List)?: |(registerAgency|getAgenciesList|updateStatus): ")


def explain(row: Outgoing) -> tuple[str, str]:
    """Why it waits and what helps, each one sentence; the second is empty when nothing need be done."""
    error = row.last_error
    if row.state == Outgoing.State.HELD:
        return _("Có người giữ lại gói tin này."), _("Bấm Gửi ngay khi không còn lý do giữ lại.")
    if not error:
        return _untried(row)
    if error.startswith("Chưa đóng dấu được"):
        return _("Chưa đóng được dấu số của cơ quan gửi."), _("Xem khóa dấu của cơ quan; sửa xong, gói tin tự đi.")
    if answer := _NO.match(error):
        return _refused(answer[1])
    if _FAULT.match(error):
        return _("Gói tin sai quy chuẩn nên không gửi."), _("Báo văn thư sửa văn bản, rồi bấm Gửi ngay.")
    if _AWAY.match(error):
        return _("Trục không trả lời."), _("Chưa cần làm gì: mỗi phút thử lại. Kéo dài thì hỏi nơi vận hành trục.")
    return _("Phần mềm không lập được gói tin."), _("Báo nơi vận hành phần mềm, kèm dòng lỗi bên dưới.")


def _untried(row: Outgoing) -> tuple[str, str]:
    if not row.attempts and row.at < timezone.now() - NO_TURN:
        return _("Chưa được thử lần nào."), _(
            "Kiểm tra tiến trình nền và nối với trục: mỗi 5 giây phải có một lượt gửi."
        )
    return _("Đang chờ tới lượt gửi."), ""


def _refused(code: str) -> tuple[str, str]:
    if code == "15":
        return (
            _("Trục không nhận mã hệ thống hoặc mật khẩu của mình."),
            _("Sửa HIENLUONG_AXIS_SYSTEM, HIENLUONG_AXIS_SECRET; gói tin tự đi."),
        )
    if code == "19":
        return _("Nơi nhận chưa nối với trục."), _(
            "Hỏi nơi nhận; nếu họ không dùng trục thì gửi cách khác và bấm Thôi gửi."
        )
    if code == "20":
        return _("Trục chưa biết cơ quan gửi."), _("Hỏi nơi vận hành trục về việc đăng ký cơ quan này.")
    if code in ("10", "40"):
        return _("Trục không nhận gói tin này."), _("Báo văn thư sửa văn bản, rồi bấm Gửi ngay.")
    return _("Trục từ chối gói tin."), _("Gói tin được thử lại; kéo dài thì hỏi nơi vận hành trục, kèm mã lỗi.")
