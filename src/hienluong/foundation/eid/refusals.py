"""Why somebody was not signed in by an identity provider, in words, each with a stable code."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import DomainError

#: What is said, by code. The first are about the message, the last about the person.
WORDS = {
    "unknown_state": _(
        "Lần đăng nhập này không bắt đầu từ trình duyệt này, đã dùng xong, hoặc đã quá 10 phút. Hãy bắt đầu lại."
    ),
    "too_many": _("Đã thử nhiều lần. Hãy chờ một lúc rồi thử lại."),
    "cancelled": _("Bạn đã dừng lại, chưa đồng ý đăng nhập."),
    "not_given": _("Nơi xác thực từ chối lần đăng nhập này."),
    "code_refused": _("Mã đăng nhập đã dùng rồi hoặc không phải của lần đăng nhập này."),
    "no_token": _("Câu trả lời của nơi xác thực thiếu hoặc sai, không đọc được."),
    "algorithm": _("Câu trả lời không được ký theo cách mà tỉnh chấp nhận."),
    "unknown_key": _("Câu trả lời ký bằng khóa không phải của nơi xác thực."),
    "signature": _("Chữ ký trong câu trả lời sai."),
    "issuer": _("Câu trả lời không đến từ nơi xác thực đã chọn."),
    "audience": _("Câu trả lời cấp cho một hệ thống khác."),
    "nonce": _("Câu trả lời không phải của lần đăng nhập này."),
    "expired": _("Câu trả lời đã quá hạn."),
    "not_yet": _("Câu trả lời ghi giờ ở tương lai: đồng hồ của nơi xác thực hoặc của tỉnh bị sai."),
    "subject": _("Hai câu trả lời nói về hai người khác nhau."),
    "no_personal_id": _("Nơi xác thực không cho biết số định danh cá nhân của bạn, nên không biết đây là ai."),
    "no_name": _("Nơi xác thực không cho biết họ tên của bạn."),
    "level_too_low": _(
        "Mở tài khoản ở tỉnh cần định danh điện tử mức độ 2. Hãy nâng mức tại công an xã, phường, hoặc nhờ bộ phận một cửa "
        "mở tài khoản. Định danh mức độ 1 chỉ đăng nhập được vào tài khoản đã liên kết trước đó."
    ),
    "level_two_needed": _(
        "Tỉnh đã có hồ sơ mang số định danh này. Để bảo vệ hồ sơ, lần đầu phải dùng tài khoản định danh điện tử mức độ 2."
    ),
    "not_fresh": _("Nơi xác thực chưa hỏi lại bạn là ai. Hãy đăng xuất rồi đăng nhập lại ở đây."),
    "person_changed": _("Tài khoản này ở nơi xác thực từng là của người khác. Hãy liên hệ bộ phận một cửa."),
    "other_person": _("Số định danh vừa xác thực không phải của chủ tài khoản này."),
    "linked_elsewhere": _("Định danh này đã liên kết với một tài khoản khác của tỉnh."),
    "has_account": _(
        "Số định danh này đã có một tài khoản khác ở tỉnh. Hãy vào tài khoản đó, hoặc đề nghị gộp tài khoản."
    ),
    "already_linked": _("Tài khoản đã liên kết với một định danh khác của nơi này. Hãy bỏ liên kết cũ trước."),
    "own_factor_needed": _(
        "Tài khoản này có quyền của cán bộ, nên chỉ vào bằng định danh điện tử khi đã tự liên kết và có yếu tố thứ hai. "
        "Hãy đăng nhập bằng mật khẩu hoặc khóa truy cập."
    ),
    "inactive": _("Tài khoản này đã bị khóa."),
}
#: Those where beginning again may help.
TRY_AGAIN = frozenset(WORDS) - {
    "level_too_low",
    "level_two_needed",
    "person_changed",
    "other_person",
    "linked_elsewhere",
    "has_account",
    "already_linked",
    "own_factor_needed",
    "inactive",
}


class Refused(DomainError):
    """Nobody is signed in or linked. `detail` is for operators and holds no personal data."""

    status = 403

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(WORDS[reason], code=f"eid.{reason}")
        self.reason, self.detail = reason, detail
