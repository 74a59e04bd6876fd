"""The accounts of the demo province, by role; one password for all, shown openly. Never made outside the demo."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Hienluong@2026"  # noqa: S105 - the demo's, printed on screen


@dataclass(frozen=True)
class DemoAccount:
    """Somebody to sign in as. `role` is a code of ``identity.roles``; empty for people and enterprises."""

    username: str
    display_name: str
    role_label: str
    role: str = ""


ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount("nguyenthilanh", "Nguyễn Thị Lành", "Người dân"),
    DemoAccount("tranvanbinh", "Trần Văn Bình", "Đại diện doanh nghiệp"),
    DemoAccount("motcua", "Lê Thị Hoa", "Cán bộ một cửa", "clerk"),
    DemoAccount("chuyenvien", "Phan Văn Dũng", "Chuyên viên thẩm định", "officer"),
    DemoAccount("truongphong", "Hoàng Thị Mai", "Trưởng phòng", "head"),
    DemoAccount("lanhdao", "Võ Văn Thành", "Lãnh đạo ký", "leader"),
    DemoAccount("ketoan", "Nguyễn Văn Tín", "Kế toán phí, lệ phí", "accountant"),
    DemoAccount("quantri", "Đặng Quốc Hùng", "Quản trị hệ thống", "admin"),
    DemoAccount("kiemtoan", "Bùi Thị Ngọc", "Kiểm toán hệ thống", "auditor"),
    DemoAccount("dieuhanh", "Trương Văn Khải", "Lãnh đạo tỉnh theo dõi", "oversight"),
)
