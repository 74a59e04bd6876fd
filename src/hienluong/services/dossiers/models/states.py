"""The states of a dossier: business, payment, delivery and synchronisation are four things."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Channel(models.TextChoices):
    COUNTER = "counter", _("Trực tiếp tại quầy")
    ONLINE = "online", _("Trực tuyến")
    POST = "post", _("Bưu chính công ích")
    NATIONAL_PORTAL = "national_portal", _("Cổng Dịch vụ công quốc gia")


class State(models.TextChoices):
    """Business state. The value in brackets is the national portal's (reference 3.4)."""

    SUBMITTED = "submitted", _("Mới đăng ký")  # 1
    RECEIVED = "received", _("Đã tiếp nhận")  # 2
    REFUSED = "refused", _("Không được tiếp nhận")  # 3
    IN_PROGRESS = "in_progress", _("Đang xử lý")  # 4
    SUPPLEMENT = "supplement", _("Chờ bổ sung")  # 5
    AWAITING_PAYMENT = "awaiting_payment", _("Chờ nghĩa vụ tài chính")  # 6
    WITHDRAWN = "withdrawn", _("Đã rút")  # 7
    STOPPED = "stopped", _("Dừng xử lý")  # 8
    COMPLETED = "completed", _("Đã có kết quả")  # 9
    RETURNED = "returned", _("Đã trả kết quả")  # 10


NATIONAL_STATE: dict[str, int] = {state.value: number for number, state in enumerate(State, start=1)}
OPEN_STATES = (State.SUBMITTED, State.RECEIVED, State.IN_PROGRESS, State.SUPPLEMENT, State.AWAITING_PAYMENT)
PAUSED_STATES = (State.SUPPLEMENT, State.AWAITING_PAYMENT)
RUNNING_STATES = tuple(state for state in OPEN_STATES if state not in PAUSED_STATES)  # the clock of these runs
CLOSED_STATES = (State.REFUSED, State.WITHDRAWN, State.STOPPED, State.RETURNED)


#: The steps before the review is done: what is asked and answered about a dossier still matters.
BEFORE_DECISION = ("receive", "await_receive", "review", "await_review")


class PaymentState(models.TextChoices):
    NONE = "none", _("Không thu phí")
    DUE = "due", _("Chưa thanh toán")
    PAID = "paid", _("Đã thanh toán")
    REFUNDED = "refunded", _("Đã hoàn")


class DeliveryState(models.TextChoices):
    NOT_READY = "not_ready", _("Chưa có kết quả")
    READY = "ready", _("Chờ trả")
    ON_THE_WAY = "on_the_way", _("Đang chuyển phát")
    DELIVERED = "delivered", _("Đã nhận")


class SyncState(models.TextChoices):
    NOT_NEEDED = "not_needed", _("Không đồng bộ")
    WAITING = "waiting", _("Chờ đồng bộ")
    SYNCED = "synced", _("Đã đồng bộ")
    FAILED = "failed", _("Đồng bộ lỗi")
