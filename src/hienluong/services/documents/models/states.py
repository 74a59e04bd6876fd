"""The states of documents, in and out, and the other words that are chosen from a list."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Direction(models.TextChoices):
    """Which way a document goes, seen from the agency that keeps it."""

    INCOMING = "incoming", _("Văn bản đến")
    OUTGOING = "outgoing", _("Văn bản đi")
    INTERNAL = "internal", _("Văn bản nội bộ")


class State(models.TextChoices):
    """Where a document stands. Incoming ones use the first half, outgoing and internal ones the second."""

    ARRIVED = "arrived", _("Mới đến, chờ đăng ký")
    REGISTERED = "registered", _("Đã đăng ký")
    SUBMITTED = "submitted", _("Đã trình lãnh đạo")
    ASSIGNED = "assigned", _("Đã phân công")
    PROCESSING = "processing", _("Đang xử lý")
    COMPLETED = "completed", _("Đã xử lý xong")
    REFUSED = "refused", _("Từ chối tiếp nhận")
    TAKEN_BACK = "taken_back", _("Nơi gửi đã lấy lại")

    DRAFT = "draft", _("Đang soạn thảo")
    OPINIONS = "opinions", _("Đang xin ý kiến")
    APPROVING = "approving", _("Đang trình duyệt")
    APPROVED = "approved", _("Đã duyệt, chờ cấp số")
    NUMBERED = "numbered", _("Đã cấp số, chờ ký")
    SIGNED = "signed", _("Lãnh đạo đã ký, chờ đóng dấu")
    ISSUED = "issued", _("Đã phát hành")
    RECALLED = "recalled", _("Đã thu hồi")
    REPLACED = "replaced", _("Đã được thay thế")
    CANCELLED = "cancelled", _("Đã hủy dự thảo")


INCOMING_STATES = (
    State.ARRIVED,
    State.REGISTERED,
    State.SUBMITTED,
    State.ASSIGNED,
    State.PROCESSING,
    State.COMPLETED,
    State.REFUSED,
    State.TAKEN_BACK,
)
#: States in which the text may still change.
DRAFTING_STATES = (State.DRAFT, State.OPINIONS, State.APPROVING)
#: States in which a document has its number, and so its place in the book of what went out.
NUMBERED_STATES = (State.NUMBERED, State.SIGNED, State.ISSUED, State.RECALLED, State.REPLACED)


class Urgency(models.IntegerChoices):
    """Độ khẩn (Nghị định 30/2020/NĐ-CP, Điều 8); the numbers are those of edXML's Priority."""

    NORMAL = 0, _("Thường")
    URGENT = 1, _("Khẩn")
    VERY_URGENT = 2, _("Thượng khẩn")
    EXPRESS = 3, _("Hỏa tốc")


class Competence(models.TextChoices):
    """In whose name the signer signs (Nghị định 30/2020/NĐ-CP, Điều 13)."""

    OWN = "", _("Ký trực tiếp")
    TM = "TM.", _("Thay mặt tập thể (TM.)")
    Q = "Q.", _("Quyền (Q.)")
    KT = "KT.", _("Ký thay (KT.)")
    TL = "TL.", _("Thừa lệnh (TL.)")
    TUQ = "TUQ.", _("Thừa ủy quyền (TUQ.)")


class Source(models.TextChoices):
    """How an incoming document came."""

    EXCHANGE = "exchange", _("Trục liên thông")
    INSIDE = "inside", _("Cơ quan trong hệ thống")
    EMAIL = "email", _("Thư điện tử")
    SCAN = "scan", _("Bản giấy được quét")
    HAND = "hand", _("Nhập tay")


class Why(models.TextChoices):
    """Why somebody may read a document."""

    DRAFTER = "drafter", _("Soạn thảo")
    OPINION = "opinion", _("Được hỏi ý kiến")
    APPROVER = "approver", _("Duyệt")
    SIGNER = "signer", _("Ký")
    AGENCY = "agency", _("Văn thư cơ quan")
    SUBMITTED = "submitted", _("Được trình")
    ASSIGNED = "assigned", _("Được giao")
    SHARED = "shared", _("Được chia sẻ")


class Receipt(models.TextChoices):
    """How far a document sent to one place has come; the codes are the statuses of edXML (QCVN 102:2016/BTTTT)."""

    WAITING = "", _("Chờ gửi")
    SENT = "00", _("Đã gửi")
    ARRIVED = "01", _("Đã đến")
    REFUSED = "02", _("Từ chối tiếp nhận")
    REGISTERED = "03", _("Đã tiếp nhận")
    ASSIGNED = "04", _("Đã phân công")
    PROCESSING = "05", _("Đang xử lý")
    COMPLETED = "06", _("Hoàn thành")
    TAKE_BACK_ASKED = "13", _("Đang yêu cầu lấy lại")
    TAKEN_BACK = "15", _("Đồng ý lấy lại")
    TAKE_BACK_REFUSED = "16", _("Từ chối lấy lại")
