"""The accounts of the demo province, by role; one password for all, shown openly. Never made outside the demo."""

from __future__ import annotations

from dataclasses import dataclass

PASSWORD = "Hienluong@2026"  # noqa: S105 - the demo's, printed on screen


@dataclass(frozen=True)
class DemoAccount:
    """Somebody to sign in as. `role` is a code of ``identity.roles``; empty for people and enterprises.

    `agency` says where the post is: empty for the demo commune (phường Đông Hà), ``province`` for the provincial
    service centre, ``UBND`` for the province itself, else the short name of a department.
    """

    username: str
    display_name: str
    role_label: str
    role: str = ""
    agency: str = ""


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
    DemoAccount("baovedulieu", "Trần Thị Thu Giang", "Nhân sự bảo vệ dữ liệu cá nhân", "data_protection"),
    # what a department decides is received at the provincial centre and worked on in the department
    DemoAccount("motcua.tinh", "Nguyễn Thị Thúy Hằng", "Cán bộ một cửa cấp tỉnh", "clerk", "province"),
    DemoAccount("chuyenvien.stc", "Lê Đức Anh", "Chuyên viên Sở Tài chính", "officer", "STC"),
    DemoAccount("truongphong.stc", "Trần Thị Minh Châu", "Trưởng phòng Sở Tài chính", "head", "STC"),
    DemoAccount("lanhdao.stc", "Phạm Quốc Việt", "Phó Giám đốc Sở Tài chính", "leader", "STC"),
    DemoAccount("chuyenvien.snnmt", "Hoàng Văn Sơn", "Chuyên viên Sở Nông nghiệp và Môi trường", "officer", "SNNMT"),
    DemoAccount("truongphong.snnmt", "Đỗ Thị Hạnh", "Trưởng phòng Sở Nông nghiệp và Môi trường", "head", "SNNMT"),
    DemoAccount("lanhdao.snnmt", "Ngô Xuân Hải", "Phó Giám đốc Sở Nông nghiệp và Môi trường", "leader", "SNNMT"),
    DemoAccount("chuyenvien.syt", "Nguyễn Thị Hồng Vân", "Chuyên viên Sở Y tế", "officer", "SYT"),
    DemoAccount("truongphong.syt", "Phạm Văn Lợi", "Trưởng phòng Sở Y tế", "head", "SYT"),
    DemoAccount("lanhdao.syt", "Hồ Thị Thu Hà", "Phó Giám đốc Sở Y tế", "leader", "SYT"),
    DemoAccount("chuyenvien.cat", "Lý Minh Đạt", "Cán bộ Công an tỉnh", "officer", "CAT"),
    DemoAccount("truongphong.cat", "Cao Thanh Tuấn", "Trưởng phòng Công an tỉnh", "head", "CAT"),
    DemoAccount("lanhdao.cat", "Mai Văn Quân", "Phó Giám đốc Công an tỉnh", "leader", "CAT"),
    DemoAccount("chuyenvien.thue", "Dương Thị Lan", "Công chức Thuế tỉnh (cho ý kiến)", "officer", "THUE"),
    # official documents: each agency has its records office; the province's is that of its People's Committee
    DemoAccount("vanthu", "Trần Thị Bích Ngọc", "Văn thư phường", "document_clerk"),
    DemoAccount("vanthu.tinh", "Phạm Thị Thanh Tâm", "Văn thư UBND tỉnh", "document_clerk", "UBND"),
    DemoAccount("chuyenvien.tinh", "Nguyễn Hữu Phước", "Chuyên viên tổng hợp UBND tỉnh", "drafter", "UBND"),
    DemoAccount("lanhdao.tinh", "Lê Công Minh", "Phó Chủ tịch UBND tỉnh", "executive", "UBND"),
    DemoAccount("vanthu.syt", "Võ Thị Kim Oanh", "Văn thư Sở Y tế", "document_clerk", "SYT"),
    DemoAccount("vanthu.stc", "Đoàn Thị Thủy", "Văn thư Sở Tài chính", "document_clerk", "STC"),
)
