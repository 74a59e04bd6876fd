"""``hienluong passwords``: the file of leaked passwords that nobody may choose; see docs/operators/passwords.md."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from hienluong.foundation.identity import breached

from .commands_pack import State, on
from .state import StateFolder

passwords_app = typer.Typer(help="Mật khẩu đã lộ: nạp danh sách, xem đang có gì.", no_args_is_help=True)


def file_of(state: StateFolder) -> Path:
    """Where the file of leaked passwords of an installation is, or would be."""
    return Path(os.environ.get("HIENLUONG_BREACHED_PASSWORDS") or state.path / "passwords" / "breached")


@passwords_app.command()
def load(
    source: Annotated[
        Path,
        typer.Argument(
            help="Tệp SHA1:số lần xếp theo mã băm, thư mục tệp theo năm chữ đầu, hoặc (--plain) tệp mật khẩu."
        ),
    ],
    at_least: Annotated[int, typer.Option(help="Bỏ mật khẩu bị thấy ít lần hơn số này.", min=1)] = 1,
    plain: Annotated[bool, typer.Option("--plain", help="Tệp là mật khẩu thường, mỗi dòng một mật khẩu.")] = False,
    state: State = None,
) -> None:
    """Làm tệp tra cứu từ danh sách mật khẩu đã lộ; không cần mạng, hệ thống đang chạy dùng ngay."""
    on(state)
    target = file_of(StateFolder.from_environment())
    try:
        known = breached.make(source, target, at_least=at_least, plain=plain)
    except (OSError, breached.BadList) as error:
        typer.echo(f"Không nạp được: {error}", err=True)
        raise typer.Exit(1) from error
    typer.echo(f"Đã nạp vào {target}: {said(known)}.")


@passwords_app.command()
def show(state: State = None) -> None:
    """Đang có bao nhiêu mật khẩu đã lộ; mã thoát 1 khi chưa có tệp hoặc tệp hỏng."""
    on(state)
    target = file_of(StateFolder.from_environment())
    try:
        held = breached.opened(target)
    except (OSError, breached.BadList) as error:
        typer.echo(f"{target} không dùng được: {error}", err=True)
        raise typer.Exit(1) from error
    if held is None:
        typer.echo("Chưa nạp danh sách mật khẩu đã lộ.", err=True)
        raise typer.Exit(1)
    typer.echo(f"{target}: {said(held.known)}.")


def said(known: breached.Known) -> str:
    """How much a file holds, and how surely."""
    count = f"{known.count:,}".replace(",", ".")
    return f"{count} mật khẩu; nhầm một mật khẩu khác với xác suất 1/{round(1 / known.chance):,}".replace(",", ".")
