"""``hienluong``: the one command line of an installation.

Each command is a thin skin: the work is in ``supervisor.py``, ``doctor``, ``backup.py``, ``restore.py``, ``demo``.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from . import runlog
from .children import Plan
from .commands_codelist import codelist_app
from .commands_pack import pack_app
from .commands_passwords import passwords_app
from .commands_retention import retention
from .state import StateFolder
from .supervisor import CannotStart, Interrupted, Supervisor

app = typer.Typer(
    help="Hiền Lương: chính quyền số của một tỉnh trong một lần cài.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
)
demo_app = typer.Typer(help="Tỉnh trình diễn.", no_args_is_help=True)
audit_app = typer.Typer(help="Nhật ký kiểm toán.", no_args_is_help=True)
app.add_typer(demo_app, name="demo")
app.add_typer(audit_app, name="audit")
app.add_typer(pack_app, name="pack")
app.add_typer(codelist_app, name="codelist")
app.add_typer(passwords_app, name="passwords")
app.command("retention")(retention)

console = Console(highlight=False, soft_wrap=True)
StateOption = Annotated[
    Path | None, typer.Option("--state", help="Thư mục trạng thái (mặc định: $HIENLUONG_STATE, nếu không thì ./state).")
]


def _state(path: Path | None) -> StateFolder:
    return StateFolder(path.absolute()) if path else StateFolder.from_environment()


def _fail(words: object) -> typer.Exit:
    console.print(f"[red]{escape(str(words))}[/]")
    return typer.Exit(1)


def _django(plan: Plan) -> None:
    """Set Django up for this installation; its database must be reachable."""
    if not plan.external_database and runlog.supervisor_of(plan.state.path) is None:
        raise _fail(
            f"Hiền Lương chưa chạy trên {plan.state.path}. Khởi động trước: hienluong up --state {plan.state.path}"
        )
    plan.enter_django()


@app.command()
def up(
    state: StateOption = None,
    host: Annotated[str, typer.Option(help="Địa chỉ lắng nghe.")] = os.environ.get("HIENLUONG_HOST", "127.0.0.1"),
    port: Annotated[int, typer.Option(help="Cổng web.")] = int(os.environ.get("HIENLUONG_PORT") or 8000),
    mail_port: Annotated[int, typer.Option(help="Cổng của hộp thư thử.")] = int(
        os.environ.get("HIENLUONG_MAIL_PORT") or 8025
    ),
    bank_port: Annotated[int, typer.Option(help="Cổng của ngân hàng mô phỏng (chỉ tỉnh trình diễn).")] = int(
        os.environ.get("HIENLUONG_BANK_PORT") or 8099
    ),
    national_port: Annotated[
        int, typer.Option(help="Cổng của Cổng Dịch vụ công quốc gia mô phỏng (0: ngay trước cổng ngân hàng).")
    ] = int(os.environ.get("HIENLUONG_NATIONAL_PORT") or 0),
    vneid_port: Annotated[int, typer.Option(help="Cổng của VNeID mô phỏng (0: hai số trước cổng ngân hàng).")] = int(
        os.environ.get("HIENLUONG_VNEID_PORT") or 0
    ),
    dvc_port: Annotated[
        int, typer.Option(help="Cổng của tài khoản dịch vụ công quốc gia mô phỏng (0: ba số trước cổng ngân hàng).")
    ] = int(os.environ.get("HIENLUONG_DVC_PORT") or 0),
    axis_port: Annotated[
        int, typer.Option(help="Cổng của trục liên thông văn bản mô phỏng (0: bốn số trước cổng ngân hàng).")
    ] = int(os.environ.get("HIENLUONG_AXIS_PORT") or 0),
    csc_port: Annotated[
        int, typer.Option(help="Cổng của dịch vụ ký từ xa mô phỏng (0: năm số trước cổng ngân hàng).")
    ] = int(os.environ.get("HIENLUONG_CSC_PORT") or 0),
    agency_port: Annotated[int, typer.Option(help="Cổng của hệ thống đất đai mô phỏng (chỉ tỉnh trình diễn).")] = int(
        os.environ.get("HIENLUONG_AGENCY_PORT") or 8101
    ),
    events_port: Annotated[int, typer.Option(help="Cổng của máy chủ sự kiện (0: không chạy).")] = int(
        os.environ.get("HIENLUONG_EVENTS_PORT") or 8091
    ),
    waf: Annotated[
        bool, typer.Option("--waf/--no-waf", help="Đặt tường lửa ứng dụng (ModSecurity, OWASP CRS) trước web.")
    ] = os.environ.get("HIENLUONG_WAF") == "1",
    front: Annotated[
        bool, typer.Option("--front/--no-front", help="Đặt cổng kết nối (Envoy) trước web, trước cả tường lửa.")
    ] = os.environ.get("HIENLUONG_FRONT") == "1",
    inner_port: Annotated[int, typer.Option(help="Cổng của web sau tường lửa ứng dụng hoặc cổng kết nối.")] = int(
        os.environ.get("HIENLUONG_INNER_PORT") or 8089
    ),
    firewall_port: Annotated[int, typer.Option(help="Cổng của tường lửa ứng dụng sau cổng kết nối.")] = int(
        os.environ.get("HIENLUONG_FIREWALL_PORT") or 8088
    ),
    bus_port: Annotated[int, typer.Option(help="Cổng kết nối của trục chia sẻ dữ liệu (0: không chạy).")] = int(
        os.environ.get("HIENLUONG_BUS_PORT") or 8093
    ),
    mediator_port: Annotated[int, typer.Option(help="Cổng của bộ trung gian của trục, chỉ trên máy này.")] = int(
        os.environ.get("HIENLUONG_MEDIATOR_PORT") or 8092
    ),
    ministries_port: Annotated[
        int, typer.Option(help="Cổng của các hệ thống bộ, ngành mô phỏng (chỉ tỉnh trình diễn).")
    ] = int(os.environ.get("HIENLUONG_MINISTRIES_PORT") or 8102),
    workers: Annotated[int, typer.Option(help="Số tiến trình web.", min=1)] = 2,
    demo: Annotated[bool, typer.Option("--demo", help="Nạp tỉnh trình diễn khi chưa có dữ liệu.")] = False,
) -> None:
    """Khởi động mọi thứ, khởi động lại phần nào chết, dừng gọn khi Ctrl-C hoặc SIGTERM."""
    began = time.monotonic()
    plan = Plan(
        _state(state),
        host=host,
        port=port,
        workers=workers,
        mail_port=mail_port,
        bank_port=bank_port,
        national_port=national_port or bank_port - 1,
        vneid_port=vneid_port or bank_port - 2,
        dvc_port=dvc_port or bank_port - 3,
        axis_port=axis_port or bank_port - 4,
        csc_port=csc_port or bank_port - 5,
        agency_port=agency_port,
        events_port=events_port,
        inner_port=inner_port,
        waf=waf,
        front=front,
        firewall_port=firewall_port,
        bus_port=bus_port,
        mediator_port=mediator_port,
        ministries_port=ministries_port,
        demo=demo,
    )
    supervisor = Supervisor(plan, lambda text: console.print(f"[dim]{time.strftime('%H:%M:%S')}[/] {escape(text)}"))
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: supervisor.stopping.set())
    from .prepare import prepare

    try:
        supervisor.start(prepare=lambda: prepare(supervisor))
    except Interrupted:
        supervisor.stop()
        console.print("Đã dừng.")
        return
    except (CannotStart, subprocess.CalledProcessError, OSError) as error:
        supervisor.stop()
        raise _fail(f"{error}\n{getattr(error, 'stderr', None) or ''}".strip()) from error
    _welcome(plan, time.monotonic() - began)
    supervisor.watch()
    console.print("Đã dừng.")


def _welcome(plan: Plan, seconds: float) -> None:
    if plan.demo:
        _show_accounts()
        console.print(f"Cổng Dịch vụ công quốc gia (mô phỏng): http://127.0.0.1:{plan.national_port}")
        console.print(f"Trục liên thông văn bản quốc gia (mô phỏng): http://127.0.0.1:{plan.axis_port}")
        console.print(f"Hệ thống của bộ, ngành (mô phỏng): http://127.0.0.1:{plan.ministries_port}")
        console.print(f"Ký từ xa, điện thoại của người ký (mô phỏng): http://127.0.0.1:{plan.csc_port}")
        if plan.bus_url:
            console.print(f"Trục chia sẻ dữ liệu, đi một vòng: {plan.url}/huong-dan/truc-du-lieu")
        console.print(
            f"VNeID và tài khoản dịch vụ công quốc gia (mô phỏng): http://127.0.0.1:{plan.vneid_port}, "
            f"http://127.0.0.1:{plan.dvc_port}; người dân trình diễn đăng nhập qua đó không cần mật khẩu."
        )
    if plan.catches_mail:
        console.print(
            f"Thư gửi đi nằm trong hộp thư thử {plan.state.path / 'mail'} (đặt HIENLUONG_SMTP_HOST để gửi thật)."
        )
    console.print(f"\n[bold green]Hiền Lương đang chạy tại {plan.url}[/] (sẵn sàng sau {seconds:.1f} giây).")
    console.print("Dừng: Ctrl-C, hoặc `hienluong down`.")


def _show_accounts() -> None:
    from .demo.accounts import ACCOUNTS, PASSWORD

    table = Table("Vai", "Tên đăng nhập", "Người", title=f"Tài khoản trình diễn (mật khẩu: {PASSWORD})")
    for account in ACCOUNTS:
        table.add_row(account.role_label, account.username, account.display_name)
    console.print(table)


@app.command()
def down(state: StateOption = None) -> None:
    """Dừng phần cài của một thư mục trạng thái và đợi đến khi dừng hẳn."""
    folder = _state(state).path
    owner = runlog.supervisor_of(folder)
    if owner is None:
        console.print(f"Không có gì đang chạy trên {folder}.")
        return
    os.kill(owner, signal.SIGTERM)
    for _ in range(900):
        if runlog.supervisor_of(folder) is None:
            console.print("Đã dừng.")
            return
        time.sleep(0.1)
    raise _fail(f"Chưa dừng được sau 90 giây. Xem nhật ký trong {folder / 'log'}.")


@app.command()
def status(
    state: StateOption = None, as_json: Annotated[bool, typer.Option("--json", help="In JSON.")] = False
) -> None:
    """Cho biết phần nào đang chạy; mã thoát 0 khi mọi phần đều sống."""
    found = runlog.status_of(_state(state).path)
    if as_json:
        shown = {"supervisor": found.supervisor, "url": found.url, "healthy": found.healthy, "children": found.children}
        print(json.dumps(shown))
    elif found.supervisor is None:
        console.print("Không chạy.")
    else:
        table = Table("Phần", "Tiến trình", "Tình trạng", "Từ lúc", "Khởi động lại", "Bộ nhớ (MB)", title=found.url)
        for row in found.children:
            since = time.strftime("%H:%M:%S %d/%m", time.localtime(row["since"]))
            alive = "đang chạy" if row["alive"] else "[red]đã dừng[/]"
            table.add_row(
                row["name"], str(row["pid"]), alive, since, str(row["restarts"]), f"{row['memory'] / 1e6:.0f}"
            )
        console.print(table)
        _show_waiting(Plan(_state(state)))
    raise typer.Exit(0 if found.healthy else 1)


def _show_waiting(plan: Plan) -> None:
    """What failed and waits for a person, in one line; nothing when nothing does."""
    import psycopg

    from .failures.counts import count

    try:
        with psycopg.connect(plan.database_url, connect_timeout=5) as connection:
            waiting = count(connection)
    except psycopg.OperationalError:
        return  # the table above shows that the database is away
    if waiting and waiting.for_a_person:
        console.print(
            f"[red]Chờ người xử lý[/] (trang /quan-tri/viec-hong): {waiting.events_given_up} sự kiện, "
            f"{waiting.deliveries_failed} tin không gửi được, {waiting.jobs_failed} việc nền; "
            f"(trang /quan-tri/su-kien/chua-giao): {waiting.webhooks_given_up} sự kiện chưa giao được ra ngoài."
        )


@app.command()
def doctor(
    state: StateOption = None,
    port: Annotated[int, typer.Option(help="Cổng web.")] = int(os.environ.get("HIENLUONG_PORT") or 8000),
    mail_port: Annotated[int, typer.Option(help="Cổng của hộp thư thử.")] = int(
        os.environ.get("HIENLUONG_MAIL_PORT") or 8025
    ),
    bank_port: Annotated[int, typer.Option(help="Cổng của ngân hàng mô phỏng.")] = int(
        os.environ.get("HIENLUONG_BANK_PORT") or 8099
    ),
    events_port: Annotated[int, typer.Option(help="Cổng của máy chủ sự kiện.")] = int(
        os.environ.get("HIENLUONG_EVENTS_PORT") or 8091
    ),
    bus_port: Annotated[int, typer.Option(help="Cổng kết nối của trục chia sẻ dữ liệu.")] = int(
        os.environ.get("HIENLUONG_BUS_PORT") or 8093
    ),
    demo: Annotated[bool, typer.Option("--demo", help="Khám cả cổng của các mô phỏng.")] = False,
) -> None:
    """Khám máy và phần cài; mỗi lỗi kèm cách sửa."""
    from .doctor import examine

    folder = _state(state)
    plan = Plan(
        folder,
        port=port,
        mail_port=mail_port,
        bank_port=bank_port,
        national_port=bank_port - 1,
        vneid_port=bank_port - 2,
        dvc_port=bank_port - 3,
        axis_port=bank_port - 4,
        csc_port=bank_port - 5,
        agency_port=int(os.environ.get("HIENLUONG_AGENCY_PORT") or 8101),
        events_port=events_port,
        bus_port=bus_port,
        mediator_port=int(os.environ.get("HIENLUONG_MEDIATOR_PORT") or 8092),
        ministries_port=int(os.environ.get("HIENLUONG_MINISTRIES_PORT") or 8102),
        demo=demo or (folder.path / "run" / "demo.stamp").exists(),
    )
    findings = examine(plan)
    for finding in findings:
        mark = "[green]✓[/]" if finding.ok else "[yellow]![/]" if finding.optional else "[red]✗[/]"
        console.print(f"{mark} {escape(finding.subject)}: {escape(finding.found)}")
        if not finding.ok:
            console.print(f"   → {escape(finding.mend)}")
    faults = sum(not finding.ok and not finding.optional for finding in findings)
    console.print(f"{faults} lỗi." if faults else "Mọi thứ đều ổn.")
    raise typer.Exit(1 if faults else 0)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="Tệp .tar sẽ được tạo.")],
    state: StateOption = None,
    secrets: Annotated[
        bool, typer.Option(help="Kèm khóa bí mật. Thiếu khóa thì không đọc lại được dữ liệu cá nhân đã mã hóa.")
    ] = True,
) -> None:
    """Sao lưu cơ sở dữ liệu và tệp vào một gói nhất quán, trong khi hệ thống vẫn chạy."""
    from .backup import BackupFault, make

    try:
        report = make(Plan(_state(state)), file, with_secrets=secrets)
    except (BackupFault, OSError) as error:
        raise _fail(error) from error
    console.print(
        f"Đã sao lưu vào {file}: cơ sở dữ liệu {report.database_bytes / 1e6:.1f} MB, {report.files} tệp, "
        f"nhật ký kiểm toán đến dòng {report.audit_seq}."
    )
    if report.lost:
        console.print(
            f"[red]{len(report.lost)} tệp mà cơ sở dữ liệu nhắc đến đã mất hoặc bị sửa, không sao lưu được:[/]"
        )
        for sha256 in report.lost[:20]:
            console.print(f"  {sha256}")
        console.print("Tìm lại chúng trong bản sao lưu trước (files/ab/abcd…), rồi sao lưu lần nữa.")
    if secrets:
        console.print("[yellow]Gói này chứa khóa bí mật: giữ nơi kín, chỉ người có trách nhiệm mới được đọc.[/]")
    raise typer.Exit(1 if report.lost else 0)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="Gói do `hienluong backup` tạo.")],
    state: Annotated[Path, typer.Option("--state", help="Thư mục trạng thái mới, còn trống.")],
    secrets_from: Annotated[
        Path | None, typer.Option(help="Thư mục khóa bí mật, khi gói sao lưu không kèm khóa.")
    ] = None,
) -> None:
    """Khôi phục vào một thư mục mới và kiểm chứng: mã băm, chuỗi nhật ký, từng tệp."""
    from .backup import BackupFault
    from .restore import restore as run

    say = lambda text: console.print(escape(text))  # noqa: E731
    try:
        proofs = run(file, StateFolder(state.absolute()), say, secrets_from=secrets_from)
    except (BackupFault, CannotStart, OSError) as error:
        raise _fail(error) from error
    for proof in proofs:
        console.print(f"[green]✓[/] {escape(proof)}")
    console.print(f"[green]Khôi phục xong.[/] Khởi động: hienluong up --state {state}")


@app.command()
def setup(
    state: StateOption = None,
    admin: Annotated[str, typer.Option(help="Tên đăng nhập của người quản trị đầu tiên.")] = "quantri",
) -> None:
    """Nạp cơ quan, lịch, vai trò, quy định, thủ tục vào phần cài đang chạy và mở tài khoản quản trị đầu tiên."""
    _django(Plan(_state(state)))
    from hienluong.foundation.actions import DomainError

    from .setup import run

    try:
        opened = run(admin, lambda text: console.print(escape(text)))
    except DomainError as error:
        raise _fail(error.message) from error
    if opened is None:
        console.print("Đã có người quản trị; không mở thêm tài khoản.")
        return
    console.print(f"Tài khoản quản trị: [bold]{escape(opened.username)}[/]")
    console.print(f"Mật khẩu dùng một lần: [bold]{escape(opened.password)}[/] (chỉ in lần này; phải đổi khi đăng nhập)")


@demo_app.command("load")
def demo_load(
    state: StateOption = None,
    dossiers: Annotated[int, typer.Option(help="Số hồ sơ trình diễn.", min=0)] = 5000,
) -> None:
    """Nạp tỉnh trình diễn vào phần cài đang chạy; làm lại lần nữa không đổi gì."""
    _django(Plan(_state(state), demo=True))
    from .demo import load

    load(dossiers=dossiers)
    _show_accounts()


@audit_app.command("verify")
def audit_verify(
    state: StateOption = None,
    anchors: Annotated[
        list[Path] | None,
        typer.Option(help="Tệp dấu mốc giữ ở nơi khác (bản chép của anchors/audit.jsonl) để đối chiếu thêm."),
    ] = None,
) -> None:
    """Đi hết chuỗi nhật ký và sổ minh bạch, đối chiếu với mọi dấu mốc đã ký; mã thoát 1 và một dòng cho mỗi lỗi."""
    if missing := [file for file in anchors or () if not file.is_file()]:
        raise _fail(f"Không có tệp {missing[0]}.")
    _django(Plan(_state(state)))
    from .anchors import public_key, verify

    verdict = verify(files=anchors or ())
    for kind, words in verdict.faults:
        console.print(f"[red]{kind}[/] {escape(words)}")
    if verdict.faults:
        raise typer.Exit(1)
    console.print(f"Nhật ký nguyên vẹn: {verdict.rows} dòng; sổ minh bạch nguyên vẹn: {verdict.leaves} mục.")
    if verdict.last is None:
        console.print("Chưa có dấu mốc nào: việc cắt bỏ đoạn cuối nhật ký chưa thể phát hiện.")
    else:
        console.print(f"Khớp {verdict.heads} dấu mốc, mới nhất ở dòng {verdict.last.seq} lúc {verdict.last.at}.")
        console.print(f"Khóa công khai của dấu mốc: {public_key()}")


def main() -> None:
    """Entry point of the ``hienluong`` command."""
    app()


if __name__ == "__main__":
    sys.exit(app())
