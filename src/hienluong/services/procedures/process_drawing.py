"""The process of a procedure as people see it: the steps that it goes through, drawn and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.workflow import drawing
from hienluong.capabilities.workflow.course import course
from hienluong.capabilities.workflow.engine import Standing

#: What the outcomes of the known steps are called where they decide what follows.
OUTCOMES: dict[str, str | Promise] = {
    "accept": _("Tiếp nhận"),
    "supplement": _("Cần bổ sung"),
    "refuse": _("Từ chối"),
    "answered": _("Đã bổ sung"),
    "propose": _("Đạt"),
    "revise": _("Soạn lại"),
    "deny": _("Không đạt"),
    "done": _("Xong"),
    "given": _("Có ý kiến"),
    "tacit": _("Quá hạn, coi như đồng ý"),
    "sent": _("Đã chuyển"),
    "forward": _("Trình ký"),
    "back": _("Trả lại"),
    "sign": _("Ký"),
    "returned": _("Đã trả"),
}


@dataclass(frozen=True)
class Drawn:
    """A process drawn, and its steps in words."""

    svg: SafeString
    steps: list[drawing.Told]


def drawn(xml: str, params: Mapping[str, Any], standing: Standing | None = None, *, title: str = "") -> Drawn:
    """The steps that a model goes through with these parameters, and where a dossier stands in them."""
    found = course(xml, params)
    words = {outcome: str(said) for outcome, said in OUTCOMES.items()}
    picture = drawing.svg(found, words, standing, title=title)
    return Drawn(mark_safe(picture), drawing.in_words(found, words, standing))  # noqa: S308 - made by us, every text escaped
