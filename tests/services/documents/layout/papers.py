"""Papers of many types to lay out and to read."""

from __future__ import annotations

import datetime as dt

from hienluong.services.documents.layout.content import Content, Signer
from hienluong.services.documents.layout.kinds import KINDS
from hienluong.services.documents.layout.starts import STARTS

GROUNDS = (
    "Căn cứ Luật Tổ chức chính quyền địa phương ngày 16 tháng 6 năm 2025",
    "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính phủ về công tác văn thư;",
    "Theo đề nghị của Giám đốc Sở Khoa học và Công nghệ tại Tờ trình số 12/TTr-SKHCN ngày 02 tháng 02 năm 2026.",
)
TEXT = (
    "<p>Thực hiện chương trình công tác năm 2026, để bảo đảm tiến độ và chất lượng của việc số hóa hồ sơ, tài liệu lưu trữ "
    "lịch sử của tỉnh, các cơ quan, đơn vị cần phối hợp chặt chẽ trong quá trình thực hiện và báo cáo đúng thời hạn.</p>"
    "<p>1. Các cơ quan, đơn vị rà soát, lập danh mục hồ sơ, tài liệu thuộc phạm vi quản lý, xác định khối lượng cần số hóa "
    "trong từng quý và gửi về cơ quan chủ trì để tổng hợp.</p>"
    "<p>2. Kinh phí thực hiện được bố trí từ ngân sách tỉnh theo phân cấp hiện hành và các nguồn hợp pháp khác./.</p>"
)
ARTICLES = (
    "<p>Điều 1. Phê duyệt Kế hoạch chuyển đổi số tỉnh Quảng Trị năm 2026 với các nội dung chủ yếu sau đây, bảo đảm đồng bộ "
    "với quy hoạch của tỉnh và nguồn lực được giao:</p><p>1. Mục tiêu</p>"
    "<p>a) Toàn bộ hồ sơ công việc tại cấp tỉnh được xử lý trên môi trường mạng;</p>"
    "<p>Điều 2. Quyết định này có hiệu lực từ ngày ký.</p>"
    "<p>Điều 3. Chánh Văn phòng Ủy ban nhân dân tỉnh và thủ trưởng các cơ quan liên quan chịu trách nhiệm thi hành./.</p>"
)
DEPUTY = Signer(name="Nguyễn Văn Hùng", title="Phó Chủ tịch", authority=("TM. Ủy ban nhân dân", "KT. Chủ tịch"))


def paper(key: str, *, size: int = 14, **changed: object) -> Content:
    """A paper of a type with all that the type has."""
    kind, start = KINDS[key], STARTS[key]
    signers = tuple(
        Signer(name=name, title=title)
        for name, title in zip(("Lê Thu Hà", "Nguyễn Văn Hùng"), start.signer_titles, strict=False)
    )
    values: dict[str, object] = {
        "type": key,
        "superior_name": "Ủy ban nhân dân tỉnh Quảng Trị",
        "agency_name": "Sở Nông nghiệp và Môi trường",
        "place": "Quảng Trị",
        "date": dt.date(2026, 2, 5),
        "number": 7,
        "notation": f"{kind.abbreviation}-SNNMT" if kind.abbreviation else "SNNMT-QLĐĐ",
        "subject": ("V/v " if kind.is_letter else "")
        + "Số hóa hồ sơ, tài liệu lưu trữ lịch sử của tỉnh Quảng Trị năm 2026",
        "authority": "Giám đốc Sở Nông nghiệp và Môi trường" if kind.resolving or key == "CD" else "",
        "grounds": GROUNDS if kind.resolving else (),
        "addressees": ("Ủy ban nhân dân các xã, phường",) if start.addressees else (),
        "body": ARTICLES if kind.resolving else TEXT,
        "recipients": ("Như trên", "Ủy ban nhân dân tỉnh (để báo cáo)"),
        "archive": "VT, QLĐĐ",
        "signers": signers or (DEPUTY,),
        "size": size,
    }
    return Content(**(values | changed))  # type: ignore[arg-type]
