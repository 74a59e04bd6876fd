"""The words of the national portal's services (v1): dates, codes, and a dossier or one of its steps in their fields.

Field names and codes are those that provinces' systems exchange (``DongBoHoSoMC``, ``CapNhatTienDoHoSoMC``). The
official annex was not at hand, so what it may say otherwise is in one place: here. See
``docs/engineers/national-portal.md``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone, translation

from hienluong.capabilities.payments.models import Charge
from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.people.models import Party
from hienluong.services.dossiers import clock
from hienluong.services.dossiers.charging import subject_ref
from hienluong.services.dossiers.models import (
    NATIONAL_STATE,
    Channel,
    DeadlineChange,
    Dossier,
    Handover,
    Result,
    State,
)
from hienluong.services.dossiers.presentation import PLAIN

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

#: KenhThucHien: 1 in person, 2 online, 3 by post.
CHANNEL = {Channel.COUNTER: "1", Channel.ONLINE: "2", Channel.NATIONAL_PORTAL: "2", Channel.POST: "3"}
#: HinhThuc: 0 paper, 1 electronic.
FORM = {Channel.COUNTER: "0", Channel.ONLINE: "1", Channel.NATIONAL_PORTAL: "1", Channel.POST: "0"}
#: LoaiDoiTuong of v1: 1 citizen, 2 enterprise. A household that does business counts as an enterprise there.
PARTY_KIND = {Party.Kind.CITIZEN: "1", Party.Kind.ENTERPRISE: "2", Party.Kind.HOUSEHOLD: "2"}
UNIT = {"working_day": "Ngày làm việc", "working_hour": "Giờ làm việc", "calendar_day": "Ngày"}
#: States after which the work itself is over: NgayKetThucXuLy is told.
WORK_DONE = (State.COMPLETED, State.RETURNED, State.WITHDRAWN, State.STOPPED, State.REFUSED)


def moment(at: datetime | None) -> str:
    """``yyyyMMddHHmmss`` in Việt Nam; empty for none."""
    return at.astimezone(VIETNAM).strftime("%Y%m%d%H%M%S") if at else ""


def parse_moment(text: str) -> datetime:
    """The moment written ``yyyyMMddHHmmss``, in Việt Nam. Raises ValueError."""
    if not (text.isascii() and text.isdigit() and len(text) == 14):
        raise ValueError(text[:20])
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=VIETNAM)


def state_number(state: str) -> str:
    """The portal's number of a business state, ``1`` to ``10``."""
    return str(NATIONAL_STATE[state])


def number_of(dossier: Dossier) -> str:
    """MaHoSo: the portal's own number for what came from there, else ours."""
    return dossier.national_code or dossier.code


def dossier_message(dossier: Dossier, state: str) -> dict[str, Any]:
    """One record of ``DongBoHoSoMC``: the dossier as it is, in the state that a step left it in."""
    spec = dossier.procedure_version.spec
    subject = dossier.subject
    charges = list(charges_of(subject_ref(dossier)))
    rule = clock.rule_for(dossier)
    online_paid = any(p.provider != "cash" for c in charges for p in c.payments.all())
    papers = list(dossier.papers.filter(replaced_by__isnull=True).select_related("file").order_by("pk"))
    done = state in WORK_DONE
    return {
        "MaHoSo": number_of(dossier),
        "MaTTHC": spec.code,
        "TenTTHC": dossier.procedure_name,
        "MaLinhVuc": spec.field.code,
        "TenLinhVuc": spec.field.name,
        "SoBienNhan": dossier.code if dossier.received_at else "",
        "ChuHoSo": dossier.subject_name,
        "LoaiDoiTuong": PARTY_KIND[Party.Kind(subject.kind)],
        "MaDoiTuong": subject.identifier,
        "ThongTinKhac": "",
        "Email": subject.email,
        "Fax": "",
        "SoDienThoai": subject.phone,
        "TrichYeuHoSo": dossier.procedure_name,
        "NgayTiepNhan": moment(dossier.received_at),
        "NgayHenTra": moment(dossier.due_at),
        "TrangThaiHoSo": state_number(state),
        "NgayTra": moment(dossier.returned_at) if state == State.RETURNED else "",
        "ThongTinTra": {"counter": "0", "post": "1", "online": "2"}.get(dossier.delivery, "0"),
        "HinhThuc": FORM[Channel(dossier.channel)],
        "NgayKetThucXuLy": moment(dossier.finished_at or dossier.closed_at) if done else "",
        "DonViXuLy": dossier.handling.name,
        "GhiChu": "",
        "KenhThucHien": CHANNEL[Channel(dossier.channel)],
        "TaiKhoanDuocXacThucVoiVNeID": "1" if dossier.channel == Channel.NATIONAL_PORTAL else "0",
        "HoSoCoThanhPhanSoHoa": "1" if any(paper.file_id for paper in papers) else "0",
        "DuocThanhToanTrucTuyen": "2" if online_paid else "0",
        "DonViTinh": UNIT[rule.unit],
        "ThoiGianGiaiQuyet": str(rule.amount),
        "TaiLieuNop": [
            {
                "TepDinhKemId": str(paper.file_id or ""),
                "TenTepDinhKem": paper.file.name if paper.file else paper.name,
                "IsDeleted": "False",
                "MaThanhPhanHoSo": paper.code,
                "DuongDanTaiTepTin": "",  # a person's paper is given out on our own pages only
                "DuocSoHoa": "1" if paper.file_id else "0",
                "DuocLayTuKhoDMQG": "0",
                "MaCSDL": "",
                "MaKetQua": "",
            }
            for paper in papers
        ],
        "DanhSachLePhi": [
            {
                "TenPhiLePhi": line["name"],
                "MaPhiLePhi": line["code"],
                "HinhThucThu": "1",
                "Gia": str(line["amount"]),
                "LoaiPhiLePhi": "1" if line.get("kind") == "fee" else "2",
            }
            for charge in charges
            if charge.state != Charge.State.CANCELLED
            for line in charge.lines
        ],
        "DanhSachTepDinhKemKhac": [],
        "DanhSachHoSoBoSung": _supplements(dossier),
        "DanhSachGiayToKetQua": _results(dossier) if state in (State.COMPLETED, State.RETURNED) else [],
    }


def _supplements(dossier: Dossier) -> list[dict[str, Any]]:
    moved = list(dossier.deadline_changes.filter(kind=DeadlineChange.Kind.SUPPLEMENT).order_by("at", "pk"))
    rows = []
    for found in dossier.supplements.select_related("requested_by").order_by("requested_at", "pk"):
        change = next((c for c in moved if found.answered_at and c.at >= found.answered_at), None)
        rows.append(
            {
                "HoSoBoSungId": str(found.pk),
                "NguoiYeuCauBoSung": found.requested_by.full_name if found.requested_by else "",
                "NoiDungBoSung": found.reason,
                "NgayBoSung": moment(found.requested_at),
                "NguoiTiepNhanBoSung": "",
                "ThongTinTiepNhan": found.answer_note,
                "NgayTiepNhanBoSung": moment(found.answered_at),
                "TrangThaiBoSung": "1" if found.answered_at else "0",
                "DanhSachGiayToBoSung": [
                    {"TenGiayTo": item.get("name", ""), "MaThanhPhanHoSo": item.get("code", "")} for item in found.items
                ],
                "DanhSachLePhiBoSung": [],
                "NgayHenTraTruoc": moment(change.due_before if change else dossier.due_at),
                "NgayHenTraMoi": moment(change.due_after) if change else "",
            }
        )
    return rows


def _results(dossier: Dossier) -> list[dict[str, str]]:
    found = dossier.results.filter(state=Result.State.SIGNED).order_by("pk")
    return [
        {
            "TenGiayTo": f"{result.name} {result.number}".strip(),
            "MaThanhPhanHoSo": "",
            "GiayToId": str(result.file_id or ""),
            "DuongDanTepTinKetQua": f"{settings.BASE_URL}/xac-minh/{result.token}",
            "MaKetQua": result.kind,
        }
        for result in found
    ]


def progress_message(dossier: Dossier, handover: Handover) -> dict[str, str]:
    """One record of ``CapNhatTienDoHoSoMC``: a step, who did it, when, and the state it left. No internal notes."""
    with translation.override("vi"):
        words = translation.gettext(PLAIN.get(handover.verb, handover.verb))
    official = handover.from_official
    position = (
        official.positions.filter(valid__contains=timezone.localdate(handover.at)).order_by("-is_primary").first()
        if official
        else None
    )
    return {
        "MaHoSo": number_of(dossier),
        "NguoiXuLy": handover.from_label,
        "ChucDanh": position.title if position else "",
        "ThoiDiemXuLy": moment(handover.at),
        "PhongBanXuLy": handover.organization.name if handover.organization else "",
        "NoiDungXuLy": f"{words}. {handover.public_note}".strip(". ") if handover.public_note else words,
        "TrangThai": state_number(handover.state_after),
        "NgayBatDau": moment(handover.at),
        "NgayKetThucTheoQuyDinh": moment(dossier.due_at),
    }
