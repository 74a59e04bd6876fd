"""The guided tour of the demo: one dossier prepared for each of five roles, and how far each has come.

Only the demo registers a guide (the accounts to sign in with); without one there is no tour. What is done is read from
the dossiers themselves, so whoever does a step sees it ticked, and nothing is ticked that did not happen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers.models import Dossier, Draft, Result, State

#: The five roles in the order in which a dossier meets them.
ROLES = ("citizen", "clerk", "officer", "leader", "stranger")
#: The service whose draft lies ready for the citizen.
DRAFT_OF = "2.000815"


def mark(role: str) -> str:
    """The note by which the dossier prepared for a role is found."""
    return f"Hồ sơ mẫu của bài hướng dẫn, bước {ROLES.index(role) + 1}"


@dataclass(frozen=True)
class Guide:
    """Who plays which role (usernames), and the one password of the demo."""

    accounts: Mapping[str, str]
    password: str


_guides: list[Guide] = []


def register(guide: Guide) -> None:
    """The demo says who plays; called from ``ready()`` of the house, and only for a demo."""
    _guides[:] = [guide]


def guide() -> Guide | None:
    """The guide, when this installation is a demo."""
    return _guides[0] if settings.DEMO and _guides else None


@dataclass(frozen=True)
class Step:
    """One role of the tour as the page shows it."""

    title: str
    text: str
    link: str
    link_text: str
    account: str = ""
    person: str = ""
    code: str = ""
    status: str = ""
    done: bool = False


_TEXT = {
    "citizen": (
        gettext_lazy("Người dân nộp hồ sơ"),
        gettext_lazy(
            "Đơn chứng thực bản sao đã điền sẵn. Mở, xem lại câu trả lời, đánh dấu cam đoan, bấm nộp rồi thanh toán "
            "bằng mã QR (ngân hàng mô phỏng)."
        ),
        gettext_lazy("Mở hồ sơ nháp"),
    ),
    "clerk": (
        gettext_lazy("Cán bộ một cửa tiếp nhận"),
        gettext_lazy("Kiểm tra từng giấy tờ, bấm Tiếp nhận: đồng hồ bắt đầu chạy và giấy hẹn có mã QR sẵn sàng để in."),
        gettext_lazy("Mở hồ sơ chờ tiếp nhận"),
    ),
    "officer": (
        gettext_lazy("Chuyên viên thẩm định"),
        gettext_lazy(
            "So đơn với giấy tờ. Yêu cầu bổ sung nếu thiếu (đồng hồ dừng), hoặc ghi kết luận và đề xuất kết quả."
        ),
        gettext_lazy("Mở hồ sơ chờ thẩm định"),
    ),
    "leader": (
        gettext_lazy("Lãnh đạo ký"),
        gettext_lazy(
            "Xem dự thảo, bấm Ký. Kết quả được ký số, đóng dấu thời gian và ghi vào sổ minh bạch trong vài giây."
        ),
        gettext_lazy("Mở hồ sơ chờ ký"),
    ),
    "stranger": (
        gettext_lazy("Người lạ xác minh"),
        gettext_lazy(
            "Không cần tài khoản: mở liên kết mà mã QR trên kết quả dẫn tới, xem ai ký, tệp còn nguyên không, còn hiệu "
            "lực không. Sau đó đăng nhập lại bằng tài khoản người dân để đánh giá."
        ),
        gettext_lazy("Xác minh kết quả"),
    ),
}


def steps(guide: Guide) -> list[Step]:
    """The five steps with their prepared dossiers as they stand now; one query a kind of thing."""
    accounts = {row.username: row for row in Account.objects.filter(username__in=guide.accounts.values())}
    citizen = accounts.get(guide.accounts["citizen"])
    party = citizen.party_id if citizen else None
    found = {
        row.note: row
        for row in Dossier.objects.filter(filer_id=party or 0, note__in=[mark(role) for role in ROLES])
        .select_related("filer")
        .order_by("pk")
    }
    return [
        _citizen(guide, citizen),
        *(_official(guide, role, accounts, found.get(mark(role))) for role in ("clerk", "officer", "leader")),
        _stranger(found.get(mark("stranger"))),
    ]


def _citizen(guide: Guide, citizen: Account | None) -> Step:
    title, text, link_text = _TEXT["citizen"]
    who = guide.accounts["citizen"]
    draft = (
        Draft.objects.filter(account=citizen, procedure_version__procedure__code=DRAFT_OF)
        .select_related("filed_as")
        .order_by("-updated_at")
        .first()
    )
    person = citizen.display_name if citizen else ""
    if draft is None:
        start = reverse("portal:start", args=(DRAFT_OF,))
        status = _("Hồ sơ nháp đã bị bỏ; hãy bắt đầu một hồ sơ mới.")
        return Step(str(title), str(text), start, _("Bắt đầu"), who, person, "", status)
    if draft.filed_as is None:
        link = reverse("portal:resume", args=(draft.pk,))
        return Step(str(title), str(text), link, str(link_text), who, person, "", _("Đang là hồ sơ nháp"))
    dossier = draft.filed_as
    link = reverse("portal:dossier", args=(dossier.code,))
    return Step(str(title), str(text), link, _("Xem hồ sơ đã nộp"), who, person, dossier.code, _standing(dossier), True)


def _official(guide: Guide, role: str, accounts: Mapping[str, Account], dossier: Dossier | None) -> Step:
    title, text, link_text = _TEXT[role]
    who = guide.accounts[role]
    person = accounts[who].display_name if who in accounts else ""
    if dossier is None:
        missing = _("Chưa có hồ sơ mẫu; hãy nạp lại tỉnh trình diễn.")
        return Step(str(title), str(text), reverse("workplace:inbox"), _("Mở bàn làm việc"), who, person, "", missing)
    link = reverse("workplace:dossier", args=(dossier.code,))
    done = _is_past(role, dossier)
    return Step(str(title), str(text), link, str(link_text), who, person, dossier.code, _standing(dossier), done)


def _is_past(role: str, dossier: Dossier) -> bool:
    """Whether the role has done its part of the dossier, by what the process has recorded."""
    task = {"clerk": "receive", "officer": "review", "leader": "sign"}[role]
    return any(item["task"] == task for item in dossier.process.history)


def _stranger(dossier: Dossier | None) -> Step:
    title, text, link_text = _TEXT["stranger"]
    result = Result.objects.filter(dossier=dossier, token__isnull=False).first() if dossier else None
    if dossier is None or result is None:
        return Step(str(title), str(text), reverse("signing:verify"), str(link_text), status=_("Chưa có kết quả đã ký"))
    rated = Dossier.objects.filter(pk=dossier.pk, rating__isnull=False).exists()
    status = _("Đã ký, chờ người dân đánh giá") if not rated else _("Đã ký và đã được đánh giá")
    if result.state == Result.State.REVOKED:
        status = _("Kết quả đã bị thu hồi")
    return Step(
        str(title),
        str(text),
        reverse("signing:issued", args=(result.token,)),
        str(link_text),
        "",
        "",
        dossier.code,
        status,
        rated,
    )


def _standing(dossier: Dossier) -> str:
    if dossier.state == State.IN_PROGRESS and dossier.waiting_task == "sign":
        return _("Đang chờ lãnh đạo ký")
    return str(dossier.get_state_display())
