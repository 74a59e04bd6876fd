"""``hienluong codelist``: check and install files of shared code lists; see docs/operators/code-lists.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .commands_pack import State, on, run

codelist_app = typer.Typer(help="Danh mục dùng chung: kiểm tra, nạp ấn bản mới.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="Tệp danh mục (.yaml); bảng CSV nằm bên cạnh.")]


@codelist_app.command()
def check(files: Files, state: State = None) -> None:
    """Nói mọi lỗi của tệp theo dòng, so với danh mục đang có."""
    on(state)
    run("codelist", "check", files)


@codelist_app.command()
def install(files: Files, state: State = None) -> None:
    """Nạp ấn bản mới hoặc thay đổi; làm lại lần nữa không đổi gì."""
    on(state)
    run("codelist", "install", files)
