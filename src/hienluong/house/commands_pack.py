"""``hienluong pack``: check, compare and install the packs of procedures; see docs/engineers/packs.md."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

pack_app = typer.Typer(help="Gói thủ tục: kiểm tra, so sánh, cài.", no_args_is_help=True)

Folders = Annotated[list[Path] | None, typer.Argument(help="Thư mục gói; không ghi thì là các gói đi kèm.")]
State = Annotated[Path | None, typer.Option("--state", help="Thư mục trạng thái của phần cài đang chạy.")]


@pack_app.command()
def check(folders: Folders = None) -> None:
    """Nói mọi lỗi của gói theo tệp và dòng; không cần hệ thống đang chạy."""
    with tempfile.TemporaryDirectory(prefix="hienluong-pack-") as scratch:
        os.environ.setdefault("HIENLUONG_STATE", scratch)
        run("pack", "check", folders)


@pack_app.command()
def diff(folders: Folders = None, state: State = None) -> None:
    """Cài gói thì danh mục đổi những gì."""
    on(state)
    run("pack", "diff", folders)


@pack_app.command()
def install(folders: Folders = None, state: State = None) -> None:
    """Công bố bản mới hoặc thay đổi; làm lại lần nữa không đổi gì."""
    on(state)
    run("pack", "install", folders)


def on(state: Path | None) -> None:
    """Let the command work on this installation."""
    if state:
        os.environ["HIENLUONG_STATE"] = str(state.absolute())


def run(command: str, verb: str, paths: list[Path] | None) -> None:
    """Run a management command on these paths; what it refuses ends the program with 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hienluong.house.settings")
    import django
    from django.core.management import CommandError, call_command
    from django.db import OperationalError

    django.setup()
    try:
        call_command(command, verb, *map(str, paths or ()))
    except CommandError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except OperationalError as error:
        typer.echo("Không nối được cơ sở dữ liệu. Khởi động trước: hienluong up", err=True)
        raise typer.Exit(1) from error
