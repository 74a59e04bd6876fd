"""Moments of life and of business by which people look for a service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class LifeEvent:
    """One moment; `who` tells citizens' events from enterprises'."""

    code: str
    label: str | Promise
    who: Literal["citizen", "enterprise"]


LIFE_EVENTS: dict[str, LifeEvent] = {
    code: LifeEvent(code, label, who)  # type: ignore[arg-type]
    for code, label, who in (
        ("birth", _("Có con nhỏ"), "citizen"),
        ("study", _("Học tập"), "citizen"),
        ("work", _("Việc làm"), "citizen"),
        ("marriage", _("Kết hôn, gia đình"), "citizen"),
        ("residence", _("Cư trú, giấy tờ tùy thân"), "citizen"),
        ("driving", _("Phương tiện và người lái"), "citizen"),
        ("buying-home", _("Nhà ở và đất đai"), "citizen"),
        ("building-home", _("Xây nhà"), "citizen"),
        ("health", _("Sức khỏe, y tế"), "citizen"),
        ("hardship", _("Khó khăn, khuyết tật, trợ giúp"), "citizen"),
        ("retirement", _("Hưu trí"), "citizen"),
        ("death", _("Người thân qua đời"), "citizen"),
        ("dispute", _("Giải quyết khiếu kiện"), "citizen"),
        ("starting-business", _("Khởi sự kinh doanh"), "enterprise"),
        ("running-business", _("Thay đổi, hoạt động kinh doanh"), "enterprise"),
        ("hiring", _("Lao động và bảo hiểm xã hội"), "enterprise"),
        ("licence", _("Giấy phép, điều kiện kinh doanh"), "enterprise"),
        ("investment", _("Đầu tư, xây dựng"), "enterprise"),
        ("environment", _("Tài nguyên, môi trường"), "enterprise"),
        ("closing-business", _("Tạm ngừng, chấm dứt hoạt động"), "enterprise"),
    )
}


def label_of(code: str) -> str:
    """The name of a life event on screen; an unknown code shows as it is."""
    event = LIFE_EVENTS.get(code)
    return str(event.label) if event else code
