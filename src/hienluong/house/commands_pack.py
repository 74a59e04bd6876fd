"""``hienluong pack``: check, compare, install, remove, export and sign packs; see docs/operators/packs.md."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Annotated, Any

import typer

pack_app = typer.Typer(help="Gói ngành: kiểm tra, so sánh, cài, gỡ, xuất, ký.", no_args_is_help=True)
trust_app = typer.Typer(help="Người ký gói được tin cậy.", no_args_is_help=True)
pack_app.add_typer(trust_app, name="trust")

Folders = Annotated[
    list[Path] | None, typer.Argument(help="Thư mục hoặc tệp ZIP của gói; không ghi thì là các gói đi kèm.")
]
State = Annotated[Path | None, typer.Option("--state", help="Thư mục trạng thái của phần cài đang chạy.")]
Name = Annotated[str, typer.Argument(help="Tên gói, ví dụ business.household.")]
Reason = Annotated[str, typer.Option("--reason", help="Lý do, ghi vào nhật ký.")]


@pack_app.command()
def check(folders: Folders = None) -> None:
    """Nói mọi lỗi của gói theo tệp và dòng; không cần hệ thống đang chạy."""
    _without_state("check", folders)


@pack_app.command()
def sign(
    folders: Annotated[list[Path], typer.Argument(help="Thư mục gói.")],
    key: Annotated[Path, typer.Option("--key", help="Khóa Ed25519 (PEM); chưa có thì tạo mới.")],
) -> None:
    """Ký gói; in khóa công khai để nơi cài tin cậy. Không cần hệ thống đang chạy."""
    _without_state("sign", folders, key=key)


@pack_app.command()
def diff(folders: Folders = None, state: State = None) -> None:
    """Cài gói thì danh mục đổi những gì."""
    on(state)
    run("pack", "diff", folders)


@pack_app.command()
def install(
    folders: Folders = None,
    allow_downgrade: Annotated[bool, typer.Option("--allow-downgrade", help="Cho hạ phiên bản.")] = False,
    state: State = None,
) -> None:
    """Công bố bản mới hoặc thay đổi; làm lại lần nữa không đổi gì."""
    on(state)
    run("pack", "install", folders, allow_downgrade=allow_downgrade)


@pack_app.command("list")
def list_(state: State = None) -> None:
    """Các gói đã cài: phiên bản, nguồn gốc, người ký."""
    on(state)
    run("pack", "list", None)


@pack_app.command()
def uninstall(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Gỡ thật; không ghi thì chỉ nói sẽ làm gì.")] = False,
    keep_records: Annotated[bool, typer.Option("--keep-records", help="Giữ bản ghi để tra cứu.")] = False,
    finish_dossiers: Annotated[bool, typer.Option("--finish-dossiers", help="Giải quyết tiếp hồ sơ đang có.")] = False,
    from_day: Annotated[str, typer.Option("--from", help="Từ ngày (2027-01-31); không ghi thì hôm nay.")] = "",
    reason: Reason = "",
    state: State = None,
) -> None:
    """Bãi bỏ thủ tục, dừng ghi cơ sở dữ liệu của gói; không xóa gì."""
    on(state)
    said: dict[str, Any] = {"yes": yes, "keep_records": keep_records, "finish_dossiers": finish_dossiers}
    run("pack", "uninstall", [name], **said, reason=reason, **({"from_day": _day(from_day)} if from_day else {}))


@pack_app.command()
def export(
    name: Name,
    to: Annotated[Path | None, typer.Option("--to", help="Tệp .zip hoặc thư mục mới.")] = None,
    state: State = None,
) -> None:
    """Lấy lại gói, đúng từng byte như khi cài."""
    on(state)
    run("pack", "export", [name], to=to)


@trust_app.command("list")
def trust_list(state: State = None) -> None:
    """Những khóa đang được tin cậy, và đã thôi."""
    on(state)
    run("pack_trust", "list", None)


@trust_app.command("add")
def trust_add(
    name: Annotated[str, typer.Argument(help="Người ký, ví dụ Sở Khoa học và Công nghệ.")],
    key: Annotated[str, typer.Argument(help="Khóa công khai (base64), hoặc tệp chứa khóa.")],
    state: State = None,
) -> None:
    """Tin cậy một khóa: gói do khóa đó ký thì được cài."""
    on(state)
    run("pack_trust", "add", [name, key])


@trust_app.command("remove")
def trust_remove(
    fingerprint: Annotated[str, typer.Argument(help="Vân tay, hoặc phần đầu của nó.")],
    reason: Reason = "",
    state: State = None,
) -> None:
    """Thôi tin cậy một khóa; gói đã cài vẫn dùng."""
    on(state)
    run("pack_trust", "remove", [fingerprint], reason=reason)


def on(state: Path | None) -> None:
    """Let the command work on this installation, as a demo if it is one."""
    if state:
        os.environ["HIENLUONG_STATE"] = str(state.absolute())
        if (state / "run" / "demo.stamp").exists():
            os.environ.setdefault("HIENLUONG_DEMO", "1")


def _day(text: str) -> Any:
    from datetime import date

    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("ngày viết như 2027-01-31") from error


def _without_state(verb: str, paths: list[Path] | None, **options: Any) -> None:
    with tempfile.TemporaryDirectory(prefix="hienluong-pack-") as scratch:
        os.environ.setdefault("HIENLUONG_STATE", scratch)
        run("pack", verb, paths, **options)


def run(command: str, verb: str = "", words: list[Path] | list[str] | None = None, **options: Any) -> None:
    """Run a management command, with its verb if it has verbs, on these paths or words; what it refuses ends the program with 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hienluong.house.settings")
    import django
    from django.core.management import CommandError, call_command
    from django.db import OperationalError

    django.setup()
    try:
        call_command(command, *([verb] if verb else []), *map(str, words or ()), **options)
    except CommandError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from error
    except OperationalError as error:
        typer.echo("Không nối được cơ sở dữ liệu. Khởi động trước: hienluong up", err=True)
        raise typer.Exit(1) from error
