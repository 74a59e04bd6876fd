"""``hienluong retention``: what registers clear after how long; see docs/operators/retention.md."""

from __future__ import annotations

from .commands_pack import State, on, run


def retention(state: State = None) -> None:
    """Thời hạn lưu của từng cơ sở dữ liệu, và hôm nay bao nhiêu bản ghi đến hạn xóa dữ liệu. Không ghi gì."""
    on(state)
    run("retention")
