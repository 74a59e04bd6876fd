"""``manage.py pack check|diff|install [PATH …]``, ``uninstall``, ``export``, ``list``, ``sign``: what ``hienluong pack`` runs.

Without a path, the packs that come with this installation.
"""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hienluong.foundation.actions import DomainError, system
from hienluong.foundation.codelists import shipped
from hienluong.services.packs import actions, opening, planning, queries, signatures, under_way
from hienluong.services.packs.opening import Bundle
from hienluong.services.packs.presentation import called_in, unfit_of
from hienluong.services.procedures import packs, rules
from hienluong.services.procedures.differences import told

_VERBS = ("check", "diff", "install", "uninstall", "export", "list", "sign")
ACTOR = "Lệnh hienluong pack"


class Command(BaseCommand):
    """Check, compare, install, remove, export and sign packs."""

    help = "Kiểm tra, so sánh, cài, gỡ, xuất và ký gói ngành."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=_VERBS)
        parser.add_argument("paths", nargs="*")
        parser.add_argument("--allow-downgrade", action="store_true")
        parser.add_argument("--yes", action="store_true")
        parser.add_argument("--keep-records", action="store_true")
        parser.add_argument("--finish-dossiers", action="store_true")
        parser.add_argument("--from-day", type=date.fromisoformat)
        parser.add_argument("--to", type=Path)
        parser.add_argument("--key", type=Path)
        parser.add_argument("--reason", default="")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['verb']}")(options)
        except DomainError as refusal:
            raise CommandError(str(refusal)) from refusal

    # Bundles

    def _check(self, options: dict[str, Any]) -> None:
        self._each(options, self._checked)

    def _diff(self, options: dict[str, Any]) -> None:
        self._each(options, self._compared)

    def _install(self, options: dict[str, Any]) -> None:
        rules.load()
        try:
            shipped.install_all(system(ACTOR))
        except DomainError as refusal:
            raise CommandError(f"danh mục dùng chung: {refusal}") from refusal
        gone = frozenset() if options["paths"] else queries.removed()

        def look(bundle: Bundle, where: Path) -> bool:
            if bundle.name in gone:
                self.stdout.write(f"{bundle.name}: đã gỡ, không cài lại; nêu thư mục {where} thì cài lại")
                return False
            return self._installed(bundle, where, options["allow_downgrade"])

        self._each(options, look)

    def _each(self, options: dict[str, Any], look: Any) -> None:
        paths = [Path(path) for path in options["paths"]] or packs.shipped_folders()
        bundles = [(opening.open_path(path), path) for path in paths]
        where = {id(bundle): path for bundle, path in bundles}
        faulty = 0
        for bundle in opening.in_order(bundle for bundle, _path in bundles):
            for fault in bundle.faults:
                self.stderr.write(f"{where[id(bundle)]}/{fault}")
            faulty += (
                bool(bundle.faults) if bundle.faults and look != self._checked else look(bundle, where[id(bundle)])
            )
        if faulty:
            raise CommandError(f"{faulty} gói có lỗi hoặc có tệp bị từ chối")

    def _checked(self, bundle: Bundle, where: Path) -> bool:
        for note in bundle.pack.notes:
            self.stdout.write(f"{where}/{note}")
        count = len(bundle.pack.procedures)
        self.stdout.write(f"{bundle.name or where.name}: {count} thủ tục, {len(bundle.faults)} lỗi")
        return bool(bundle.faults)

    def _compared(self, bundle: Bundle, where: Path) -> bool:
        plan = planning.for_install(bundle)
        for fault in plan.faults:
            self.stderr.write(f"{where}/{fault}")
        called, begun = called_in(plan), under_way.of(plan)
        for difference in plan.differences:
            if difference.kind != "same":
                kind = "mới" if difference.kind == "new" else "thay đổi"
                self.stdout.write(f"{bundle.name}/{difference.file}: {kind}")
            for one in told(difference.before, difference.after, called):
                self.stdout.write(f"    {one.part}: {one.before} → {one.after}  ({one.path})")
            if difference.kind == "changed" and (unfit := unfit_of(plan, difference.file)):
                for each in unfit.faults:
                    where_wrong = f"quy tắc “{each.message}”" if each.is_rule else f"“{each.message}”"
                    self.stdout.write(f"    {each.count} bản ghi không còn đúng với {where_wrong}")
                if unfit.is_part:
                    self.stdout.write(f"    mới thử {unfit.looked} bản ghi ghi gần đây nhất, còn bản ghi khác chưa thử")
            if there := begun.get(difference.file):
                self.stdout.write(
                    f"    đang làm: {there.dossiers} hồ sơ (giữ phiên bản lúc nộp; {there.supplements} chờ bổ sung),"
                    f" {there.drafts} bản nháp của người dân, {there.sheets} tờ khai ở một cửa"
                )
        for part in plan.gone:
            self.stdout.write(f"{bundle.name}: không còn {part.code} trong gói; vẫn áp dụng như trước")
        if plan.asks_downgrade and plan.before:
            self.stdout.write(f"{bundle.name}: hạ phiên bản {plan.before.version} → {bundle.version}")
        return bool(plan.faults)

    def _installed(self, bundle: Bundle, where: Path, allow_downgrade: bool) -> bool:
        try:
            done = actions.install(system(ACTOR), bundle=bundle, allow_downgrade=allow_downgrade).installed
        except actions.NotInstallable as refusal:
            for fault in refusal.faults:
                self.stderr.write(f"{where}/{fault}")
            return True
        except DomainError as refusal:
            self.stderr.write(f"{bundle.name}: {refusal}")
            return True
        self.stdout.write(f"{bundle.name}: {len(done.new)} mới, {len(done.changed)} thay đổi, {len(done.same)} như cũ")
        for file, reason in done.refused:
            self.stderr.write(f"{where}/{file}: {reason}")
        return bool(done.refused)

    # What is installed

    def _list(self, options: dict[str, Any]) -> None:
        for package in queries.packages():
            last = queries.history(package).first()
            signer = f", ký: {last.signer}" if last and last.signer else ""
            said = f"{package.get_state_display()}, {package.get_origin_display().lower()}{signer}"
            self.stdout.write(f"{package.name} {package.version}: {said}")

    def _uninstall(self, options: dict[str, Any]) -> None:
        package = queries.get(_one(options["paths"]))
        removal = planning.for_uninstall(package)
        for code in removal.procedures:
            self.stdout.write(f"bãi bỏ thủ tục {code}: {removal.dossiers.get(code, 0)} hồ sơ đang giải quyết")
        for code in removal.registers:
            self.stdout.write(f"dừng ghi cơ sở dữ liệu {code}: {removal.records.get(code, 0)} bản ghi còn tra cứu được")
        for code in removal.codelists:
            self.stdout.write(f"giữ nguyên danh mục {code}")
        for code in removal.scoring:
            self.stdout.write(f"giữ nguyên biểu chấm điểm {code}")
        for name in removal.needed_by:
            self.stdout.write(f"gói {name} cần gói này: gỡ trước")
        if not options["yes"]:
            self.stdout.write("Chưa làm gì. Thêm --yes để gỡ.")
            return
        actions.uninstall(
            system(ACTOR),
            package=package,
            keep_records=options["keep_records"],
            finish_dossiers=options["finish_dossiers"],
            from_day=options["from_day"],
            reason=options["reason"],
        )
        self.stdout.write(f"Đã gỡ {package.name}. Không bản ghi, hồ sơ nào bị xóa.")

    def _export(self, options: dict[str, Any]) -> None:
        package = queries.get(_one(options["paths"]))
        files, to = queries.files_of(package), options["to"] or Path(f"{package.name}-{package.version}.zip")
        if to.exists() and (to.is_file() or any(to.iterdir())):
            raise CommandError(f"{to} đã có")
        if to.suffix == ".zip":
            to.write_bytes(files.to_zip())
        else:
            files.write_to(to)
        self.stdout.write(str(to))

    def _sign(self, options: dict[str, Any]) -> None:
        """Sign folders; the key is made when its file is not there yet."""
        if options["key"] is None:
            raise CommandError("thiếu --key")
        path = options["key"]
        key = signatures.read_key(path) if path.exists() else signatures.new_key(path)
        for name in options["paths"]:
            folder = Path(name)
            bundle = opening.open_folder(folder)
            faults = [fault for fault in bundle.faults if fault not in bundle.signed.faults]
            if not folder.is_dir() or faults:
                raise CommandError("\n".join(f"{folder}/{fault}" for fault in faults) or f"{folder} không phải thư mục")
            for file, body in signatures.sign(bundle.content, key).items():
                (folder / file).write_bytes(body)
            self.stdout.write(f"{bundle.name} {bundle.version}: đã ký")
        self.stdout.write(f"Khóa công khai: {signatures.public_text(key)}")
        self.stdout.write(f"Vân tay: {signatures.fingerprint(signatures.public_text(key))}")


def _one(names: list[str]) -> str:
    if len(names) != 1:
        raise CommandError("nêu tên một gói")
    return names[0]
