"""``hienluong retention``: what is cleared after how long; see docs/operators/retention.md and personal-data.md."""

from __future__ import annotations

from .commands_pack import State, on, run


def retention(state: State = None) -> None:
    """Thời hạn lưu của từng cơ sở dữ liệu, tài khoản, dấu vết đăng nhập, và hôm nay bao nhiêu đến hạn. Không ghi gì."""
    on(state)
    run("retention")
    run("retention_accounts")
