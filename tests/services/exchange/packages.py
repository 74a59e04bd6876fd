"""Packages for tests, complete and right; what a test is about it changes with ``dataclasses.replace``."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hienluong.house.simulators.axis_packages import pdf
from hienluong.services.exchange import edxml

PDF = pdf("mot trang")
HOME = edxml.Agency("000.00.00.H50", "Ủy ban nhân dân tỉnh Quảng Trị", email="vanthu@quangtri.gov.vn")
OTHER = edxml.Agency("000.00.19.H57", "Sở Tài chính thành phố Huế")
AT = datetime(2026, 3, 5, 7, 7, 9, tzinfo=UTC)


def document(number: str = "125") -> edxml.DocumentPackage:
    """A new document of ours to another agency, with one file."""
    issued_on = date(2026, 3, 5)
    return edxml.DocumentPackage(
        sender=HOME,
        receivers=(OTHER,),
        number=number,
        notation="UBND-TH",
        issued_on=issued_on,
        subject="V/v báo cáo tình hình thực hiện nhiệm vụ tháng 3 & quý I",
        document_id=edxml.document_id(HOME.code, issued_on, number, "UBND-TH"),
        place="Quảng Trị",
        type_code=18,
        type_name="Công văn",
        signer=edxml.Signer("KT. CHỦ TỊCH", "Phó Chủ tịch", "Nguyễn Văn An"),
        to_places=("Như trên", "Lưu: VT, TH"),
        copies=1,
        pages=2,
        trace=(edxml.Hop(HOME.code, AT),),
        attachments=(edxml.Attachment("125-UBND-TH.pdf", PDF, "application/pdf", description="Toàn văn"),),
    )


def status(code: edxml.Status) -> edxml.StatusPackage:
    """A status of that document, from its receiver."""
    return edxml.StatusPackage(
        about=document().reference,
        sender=OTHER,
        status=code,
        at=AT,
        description="Văn bản đã được tiếp nhận",
        staff=edxml.Staff("Văn phòng", "Lê Thị Bình"),
    )
