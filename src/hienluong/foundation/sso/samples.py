"""Code for the engineers of connected systems: the files of ``examples/``, each of which a test runs against us."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from allauth.idp.oidc.models import Client
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FOLDER = Path(__file__).resolve().parents[4] / "examples"
_Grant = Client.GrantType


@dataclass(frozen=True)
class Sample:
    """One file of ``examples/``: its language, what it shows, and the grant a system needs for it (empty: any)."""

    file: str
    language: str
    title: Promise
    grant: str = ""

    @property
    def text(self) -> str:
        """The file as it stands; empty where the product was installed without its examples."""
        path = FOLDER / self.file
        return path.read_text("utf-8") if path.is_file() else ""


SAMPLES = (
    Sample(
        "sample_app/app.py",
        "Python",
        _("Một ứng dụng web: đăng nhập, gọi API, đăng xuất"),
        str(_Grant.AUTHORIZATION_CODE),
    ),
    Sample(
        "wagtail_site/news.py",
        "Python",
        _("Trang tin của cơ quan (Wagtail): biên tập viên là người đang giữ chức vụ"),
        str(_Grant.AUTHORIZATION_CODE),
    ),
    Sample("machine.py", "Python", _("Hệ thống tự làm việc, không có người"), str(_Grant.CLIENT_CREDENTIALS)),
    Sample("machine.mjs", "JavaScript", _("Hệ thống tự làm việc, không có người"), str(_Grant.CLIENT_CREDENTIALS)),
    Sample(
        "events.mjs",
        "JavaScript",
        _("Nhận sự kiện: tự lấy, hoặc webhook có kiểm tra chữ ký"),
        str(_Grant.CLIENT_CREDENTIALS),
    ),
    Sample(
        "service.mjs",
        "JavaScript",
        _("Gọi dịch vụ dữ liệu qua cổng kết nối, gọi lại khi có sự kiện"),
        str(_Grant.CLIENT_CREDENTIALS),
    ),
    Sample("kiosk.py", "Python", _("Ki-ốt được đăng nhập bằng điện thoại"), str(_Grant.DEVICE_CODE)),
    Sample("gateway.py", "Python", _("Kiểm tra mã truy cập ở cổng API, không hỏi lại tỉnh")),
    Sample("gateway.mjs", "JavaScript", _("Kiểm tra mã truy cập ở cổng API, không hỏi lại tỉnh")),
)


def of(grants: Iterable[str]) -> list[Sample]:
    """The samples for what a system is registered for."""
    held = set(grants)
    return [sample for sample in SAMPLES if (not sample.grant or sample.grant in held) and sample.text]
