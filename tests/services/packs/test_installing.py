"""Packs in an installation: whole or not at all, again without change, away and back, byte for byte out again."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Definition, Register, Version
from hienluong.capabilities.registers.retiring import Retired
from hienluong.capabilities.scoring.models import ScoringDefinition
from hienluong.foundation.actions import ANONYMOUS, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.codelists.models import CodeList
from hienluong.services.packs import actions, dependencies, opening, planning, queries, signatures
from hienluong.services.packs.contents import Content
from hienluong.services.packs.models import Installation, Package, Part
from hienluong.services.packs.opening import Origin
from hienluong.services.procedures import queries as procedures
from hienluong.services.procedures import withdrawing
from hienluong.services.procedures.models import Procedure, ProcedureVersion
from tests.services.assessments.sample import FORM
from tests.snapshots import ready

from .sample import ACTOR, OWNER, bundle, files, owner, version, with_

pytestmark = pytest.mark.django_db
KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)


def _installed() -> Package:
    owner()
    return actions.install(ACTOR, bundle=bundle()).package


def _signed(content: Content, key: Ed25519PrivateKey = KEY) -> Content:
    return Content({**content.files, **signatures.sign(content, key)})


def test_a_pack_is_installed_whole_and_again_without_change() -> None:
    ready(owner)
    plan = planning.for_install(bundle())
    assert (plan.kind, plan.faults, plan.counts["new"]) == ("install", [], 3)
    done = actions.install(ACTOR, bundle=bundle(), reason="Thử")
    assert done.installed.refused == []
    assert {(part.kind, part.code) for part in Part.objects.all()} == {
        ("codelist", "forest-trees"),
        ("register", "thu.rung"),
        ("procedure", "1.900001"),
    }
    assert procedures.current_version("1.900001").process_digest
    assert "CÂY DI SẢN" in procedures.current_version("1.900001").spec.results[0].body
    assert planning.for_install(bundle()).is_nothing
    again = actions.install(ACTOR, bundle=bundle())
    assert (again.installation, len(again.installed.same)) == (None, 3)
    written = Installation.objects.get()
    assert (written.kind, written.version, written.origin, written.label, written.signer, written.reason) == (
        "install",
        "1.0.0",
        "upload",
        "Kiểm thử",
        "",
        "Thử",
    )


def test_it_comes_out_byte_for_byte(tmp_path: Path) -> None:
    package = ready(_installed)
    call_command("pack", "export", package.name, to=tmp_path / "goi")
    assert {
        p.relative_to(tmp_path / "goi").as_posix(): p.read_bytes() for p in (tmp_path / "goi").rglob("*.*")
    } == files()
    call_command("pack", "export", package.name, to=tmp_path / "goi.zip")
    assert opening.open_zip((tmp_path / "goi.zip").read_bytes()).content.files == files()
    with pytest.raises(CommandError, match="đã có"):
        call_command("pack", "export", package.name, to=tmp_path / "goi.zip")
    with pytest.raises(NotFound):
        queries.get("thu.khac")


def test_what_cannot_be_installed_leaves_nothing_behind() -> None:
    """The register is refused after the list went in: its owner is not there."""
    with pytest.raises(actions.NotInstallable) as refusal:
        actions.install(ACTOR, bundle=bundle())
    assert str(refusal.value.faults[0]).startswith("registers/rung.yaml:5: ")
    assert not any(model.objects.exists() for model in (Package, Part, CodeList, Register, Procedure))


def test_newer_older_and_other_content_under_the_same_number() -> None:
    ready(_installed)
    summary = ("procedures/1.900001.yaml", "summary: Công nhận", "summary: Xét công nhận")
    with pytest.raises(actions.NotInstallable, match=r"pack.yaml, dòng 3.*số phiên bản mới"):
        actions.install(ACTOR, bundle=bundle(summary))
    done = actions.install(ACTOR, bundle=bundle(summary, version("1.10.0")))
    assert done.installed.changed == ["procedures/1.900001.yaml"]
    older = bundle(version("1.9.0"))
    assert planning.for_install(older).asks_downgrade
    with pytest.raises(InvalidInput, match="mới hơn"):
        actions.install(ACTOR, bundle=older)
    assert Package.objects.get().version == "1.10.0"
    actions.install(ACTOR, bundle=older, allow_downgrade=True)
    assert [one.kind for one in queries.history(Package.objects.get())] == ["downgrade", "update", "install"]
    gone = Content({name: body for name, body in with_(version("2.0.0")).files.items() if "1.900001" not in name})
    assert [part.code for part in planning.for_install(opening.open_content(gone)).gone] == ["1.900001"]


def test_nothing_belongs_to_two_packs_and_what_is_needed_comes_first() -> None:
    ready(_installed)
    other = ("pack.yaml", "name: thu.rung", "name: thu.khac")
    with pytest.raises(actions.NotInstallable) as refusal:
        actions.install(ACTOR, bundle=bundle(other))
    assert {str(fault) for fault in refusal.value.faults} == {
        f"{file}:1: “{code}” thuộc gói “thu.rung”"
        for file, code in (
            ("codelists/forest-trees.yaml", "forest-trees"),
            ("procedures/1.900001.yaml", "1.900001"),
            ("registers/rung.yaml", "thu.rung"),
        )
    }
    needs = b"name: thu.can\ntitle: x\nversion: 1.0.0\ndepends_on: [thu.rung>=1.0.0]\n"
    needing = opening.open_content(Content({"pack.yaml": needs}))
    assert [one.name for one in opening.in_order([needing, bundle()])] == ["thu.rung", "thu.can"]
    actions.install(ACTOR, bundle=needing)
    with pytest.raises(actions.InUse, match=r"thu\.can"):
        actions.uninstall(ACTOR, package=Package.objects.get(name="thu.rung"))
    assert dependencies.missing(["a.b>=1.10.0", "c.d"], {"a.b": "1.9.9"}) == ["a.b>=1.10.0", "c.d"]


def test_taking_away_deletes_nothing_and_comes_back() -> None:
    package = ready(_installed)
    register = Register.objects.get(code="thu.rung")
    registers.create(ACTOR, register=register, data={"code": "C001", "name": "Đa"})
    with pytest.raises(actions.InUse, match="1 bản ghi"):
        actions.uninstall(ACTOR, package=package)
    removed = actions.uninstall(ACTOR, package=package, keep_records=True, reason="Thôi")
    assert (removed.kind, removed.reason) == ("uninstall", "Thôi")
    assert actions.uninstall(ACTOR, package=package) == removed
    assert (Version.objects.count(), Definition.objects.count(), ProcedureVersion.objects.count()) == (1, 1, 1)
    with pytest.raises(Retired):
        registers.create(ACTOR, register=Register.objects.get(), data={"code": "C002", "name": "Đa"})
    with pytest.raises(NotFound):
        procedures.current_version("1.900001")
    assert Procedure.objects.get().state == "withdrawn"
    assert planning.for_install(bundle()).kind == "reinstall"
    actions.install(ACTOR, bundle=bundle())
    assert procedures.current_version("1.900001").valid.lower == timezone.localdate()
    registers.create(ACTOR, register=Register.objects.get(), data={"code": "C002", "name": "Đa"})
    assert Package.objects.get().state == "installed"


def test_what_was_abolished_before_the_pack_went_does_not_come_back_with_it() -> None:
    package = ready(_installed)
    withdrawing.withdraw(ACTOR, procedure=Procedure.objects.get(), reason="Quyết định bãi bỏ")
    actions.uninstall(ACTOR, package=package)
    actions.install(ACTOR, bundle=bundle())
    assert Register.objects.get().retired_on is None
    assert Procedure.objects.get().withdrawn_on == timezone.localdate()
    with pytest.raises(NotFound):
        procedures.current_version("1.900001")


def test_a_scoring_form_is_told_in_the_plan_and_stays_when_the_pack_goes() -> None:
    ready(owner)

    def scored(**changes: Any) -> opening.Bundle:
        form = {**FORM, "code": "thu.cham", "owner": OWNER, **changes}
        number = {"version: 1.0.0": f"version: 1.{form['version']}.0"}
        pack = with_(*(("pack.yaml", old, new) for old, new in number.items()))
        return opening.open_content(Content({**pack.files, "scoring/cham.yaml": yaml.safe_dump(form).encode()}))

    plan = planning.for_install(scored())
    assert (plan.faults, [one.file for one in plan.differences if one.code == "thu.cham"]) == (
        [],
        ["scoring/cham.yaml"],
    )
    package = actions.install(ACTOR, bundle=scored()).package
    newer = scored(version=2, effective_from="2026-06-01", title="Biểu mới")
    told = next(one for one in planning.for_install(newer).differences if one.code == "thu.cham")
    assert (told.kind, told.before["title"], told.after["title"]) == ("changed", FORM["title"], "Biểu mới")
    actions.install(ACTOR, bundle=newer)
    ends = ScoringDefinition.objects.order_by("version").values_list("valid", flat=True)
    assert [one.upper for one in ends] == [date(2026, 6, 1), None]
    assert planning.for_uninstall(package).scoring == ["thu.cham"]


def test_a_day_to_come_withdraws_on_that_day(at: Any) -> None:
    package = ready(_installed)
    day = timezone.localdate() + timedelta(days=3)
    actions.uninstall(ACTOR, package=package, from_day=day)
    assert procedures.current_version("1.900001").valid.upper == day
    assert Procedure.objects.get().state == "published"
    from hienluong.services.procedures.tasks import bring_into_force

    assert bring_into_force(day) == 1
    assert Procedure.objects.get().state == "withdrawn"
    with pytest.raises(NotFound):
        procedures.version_on("1.900001", day)
    with pytest.raises(InvalidInput, match="trước hôm nay"):
        actions.uninstall(ACTOR, package=actions.install(ACTOR, bundle=bundle()).package, from_day=date(2026, 1, 1))


def test_only_trusted_signers_install_in_production(settings: Any) -> None:
    settings.PACKS_NEED_SIGNATURE = True
    ready(owner)
    with pytest.raises(actions.NotInstallable, match="chưa được ký"):
        actions.install(ACTOR, bundle=bundle())
    signed = opening.open_content(_signed(with_()), Origin.UPLOAD)
    with pytest.raises(actions.NotInstallable, match="chưa được tin cậy"):
        actions.install(ACTOR, bundle=signed)
    signer = actions.trust(ACTOR, name="Sở Khoa học và Công nghệ", key=signatures.public_text(KEY))
    with pytest.raises(InvalidInput, match="đã được tin cậy"):
        actions.trust(ACTOR, name="Khác", key=signatures.public_text(KEY))
    done = actions.install(ACTOR, bundle=signed)
    assert done.installation
    assert (done.installation.signer, done.installation.fingerprint) == (signer.name, signer.fingerprint)
    assert queries.files_of(done.package).files == signed.content.files
    actions.distrust(ACTOR, signer=signer, reason="Lộ khóa")
    newer = opening.open_content(_signed(with_(version("1.1.0"))), Origin.UPLOAD)
    with pytest.raises(actions.NotInstallable, match="chưa được tin cậy"):
        actions.install(ACTOR, bundle=newer)
    with pytest.raises(NotFound):
        actions.distrust(ACTOR, signer=signer, reason="Lần nữa")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"README.md": b"Khac.\n"}, "README.md:1: nội dung khác với bản đã ký"),
        ({"NEW.md": b"a"}, "NEW.md:1: tệp không có trong bản đã ký"),
        ({"README.md": None}, "pack.sha256:1: thiếu tệp đã ký: README.md"),
        ({"pack.sha256": None}, "pack.sha256:1: gói có “pack.sig” mà thiếu tệp này"),
        ({"pack.sig": None}, "pack.sig:1: gói có “pack.sha256” mà thiếu tệp này"),
        ({"pack.sig": b"format: 1\nkey: x\nsignature: y\n"}, "pack.sig:1: tệp chữ ký không đọc được"),
        ({"pack.sha256": b"0  a\n"}, "pack.sig:1: chữ ký không đúng với bản kê “pack.sha256”"),
    ],
)
def test_a_file_that_changed_breaks_the_signature(change: dict[str, bytes | None], told: str) -> None:
    changed = {**_signed(with_()).files, **change}
    found = signatures.standing(Content({name: body for name, body in changed.items() if body is not None}))
    assert (found.key, [str(fault) for fault in found.faults]) == ("", [told])


def test_a_folder_is_signed_with_a_key_that_is_made_and_checked_again(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "hienluong.foundation.codelists.shipped.install_all", lambda actor: None
    )  # long, and not needed
    settings.PACKS_NEED_SIGNATURE = True
    ready(owner)
    with_().write_to(tmp_path / "goi")
    call_command("pack", "sign", str(tmp_path / "goi"), key=tmp_path / "khoa.pem")
    assert (tmp_path / "khoa.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(CommandError):
        call_command("pack", "install", str(tmp_path / "goi"))
    key = signatures.public_text(signatures.read_key(tmp_path / "khoa.pem"))
    call_command("pack_trust", "add", "Sở", key)
    call_command("pack", "install", str(tmp_path / "goi"))
    assert Package.objects.get(name="thu.rung").origin == "folder"
    call_command("pack_trust", "remove", signatures.fingerprint(key)[:12], reason="Hết hạn")
    call_command("pack_trust", "list")
    call_command("pack", "list")
    call_command("pack", "uninstall", "thu.rung")
    assert Package.objects.get(name="thu.rung").state == "installed"  # without --yes it only says what it would do
    call_command("pack", "uninstall", "thu.rung", yes=True)
    assert Package.objects.get(name="thu.rung").state == "removed"


def test_whoever_may_not_is_refused() -> None:
    package = ready(_installed)
    for call in (
        lambda: actions.install(ANONYMOUS, bundle=bundle()),
        lambda: actions.uninstall(ANONYMOUS, package=package),
        lambda: actions.trust(ANONYMOUS, name="x", key=signatures.public_text(KEY)),
    ):
        with pytest.raises(NotAllowed):
            call()
