"""A procedure in words: rows and tables that pages show to officials and to people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import life_events
from .forms import APPLICANTS, LEVELS
from .models import Procedure
from .spec import DeadlineRule, Paper, ProcedureSpec

Text = str | Promise

CHANNELS: dict[str, Text] = {
    "counter": gettext_lazy("Trực tiếp tại một cửa"),
    "online": gettext_lazy("Trực tuyến"),
    "post": gettext_lazy("Qua bưu chính"),
}
STATE_COLOURS = {"draft": "grey", "published": "green", "suspended": "orange", "replaced": "red", "withdrawn": "red"}
ONLINE_COLOURS = {"full": "green", "partial": "blue", "information": "grey"}
_STATUS: dict[str, Text] = {
    "in_force": gettext_lazy("Còn hiệu lực"),
    "amended": gettext_lazy("Được sửa đổi"),
    "replaced": gettext_lazy("Bị thay thế"),
    "expired": gettext_lazy("Hết hiệu lực"),
    "not_yet": gettext_lazy("Chưa có hiệu lực"),
}
SOURCES: dict[str, Text] = {
    "upload": gettext_lazy("Người nộp chuẩn bị"),
    "form": gettext_lazy("Điền trên biểu mẫu điện tử"),
    "register": gettext_lazy("Cơ quan tự tra cứu, không phải nộp"),
    "presented": gettext_lazy("Xuất trình khi nộp"),
}


@dataclass(frozen=True)
class Tag:
    """A label with its colour, for ``ui_tag``."""

    text: str
    colour: str


def tags(procedure: Procedure) -> list[Tag]:
    """What a list must say of a procedure at a glance; a trial entry always says so first."""
    found = [Tag(_("Mục thử"), "purple")] if procedure.generated else []
    if procedure.state != Procedure.State.PUBLISHED:
        found.append(Tag(procedure.get_state_display(), STATE_COLOURS[procedure.state]))
    found.append(Tag(procedure.get_online_level_display(), ONLINE_COLOURS[procedure.online_level]))
    return found


def deadline(rule: DeadlineRule) -> str:
    """“03 ngày làm việc”, or the published words when there are any."""
    if rule.text:
        return rule.text
    if rule.amount == 0:
        return _("Giải quyết ngay")
    words = {
        "working_day": _("%(n)s ngày làm việc"),
        "working_hour": _("%(n)s giờ làm việc"),
        "calendar_day": _("%(n)s ngày"),
    }
    return words[rule.unit] % {"n": f"{rule.amount:02d}"}


def copies(paper: Paper) -> str:
    """“1 bản chính, 1 bản sao”."""
    parts = []
    if paper.originals:
        parts.append(_("%(n)d bản chính") % {"n": paper.originals})
    if paper.copies:
        parts.append(_("%(n)d bản sao") % {"n": paper.copies})
    return ", ".join(parts)


def paper_source(paper: Paper) -> str:
    """Where the paper comes from, in words."""
    if paper.from_:
        return _("Hệ thống tự lấy; nộp khi không tìm thấy")
    return str(SOURCES[paper.source])


def legal_status(status: str) -> str:
    """The status of a legal document, in words."""
    return str(_STATUS.get(status, status))


def facts(spec: ProcedureSpec) -> list[dict[str, str]]:
    """The plain facts of a version, as rows of ``ui_summary_list``."""
    levels, applicants = dict(LEVELS), dict(APPLICANTS)
    rows: Iterable[tuple[str, object]] = (
        (_("Mã thủ tục"), spec.code),
        (_("Lĩnh vực"), spec.field.name),
        (_("Quyết định công bố"), spec.decision),
        (_("Cấp thực hiện"), levels[spec.agency.level]),
        (_("Cơ quan thực hiện"), spec.agency.name),
        (_("Cơ quan phối hợp"), "; ".join(spec.coordinating)),
        (_("Đối tượng"), ", ".join(str(applicants[who]) for who in spec.applicants)),
        (_("Mô tả đối tượng"), spec.applicants_text),
        (_("Mức trực tuyến"), Procedure.OnlineLevel(spec.online_level).label),
        (_("Mức theo cách tính trước 2022"), spec.level_2022),
        (_("Sự kiện"), ", ".join(map(life_events.label_of, spec.life_events))),
        (_("Có hiệu lực từ"), f"{spec.effective_from:%d/%m/%Y}"),
        (_("Có hiệu lực đến"), f"{spec.effective_to:%d/%m/%Y}" if spec.effective_to else ""),
        (
            _("Phí, lệ phí"),
            "; ".join(f"{c.name}: {c.text}" for c in spec.charges) or spec.charge_note or _("Không thu"),
        ),
        (_("Kết quả"), "; ".join(result.name for result in spec.results)),
        (_("Điều đã đọc"), spec.read),
    )
    return [{"key": key, "value": str(value)} for key, value in rows if value]
