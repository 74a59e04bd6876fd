"""Packs of other installed distributions are found by their entry point."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hienluong.services.packs import actions, opening
from hienluong.services.packs.opening import Origin
from hienluong.services.procedures import packs
from tests.snapshots import ready

from .sample import ACTOR, owner, with_

METADATA = "Metadata-Version: 2.1\nName: province-packs\nVersion: 1.0\n"
POINTS = "[hienluong.packs]\nthu.rung = province_packs.trees\nbroken = province_packs.nothing\n"


def _distribution(site: Path) -> Path:
    """What installing a wheel leaves in site-packages."""
    folder = site / "province_packs" / "trees"
    with_().write_to(folder)
    (folder.parent / "__init__.py").touch()
    (folder / "code.py").write_text("raise RuntimeError('nothing of it is run')\n")
    (folder / "__init__.py").write_text("from . import code\n")
    information = site / "province_packs-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(METADATA)
    (information / "entry_points.txt").write_text(POINTS)
    return folder


@pytest.mark.django_db
def test_a_pack_of_an_installed_distribution_is_found_and_must_be_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    ready(owner)
    product = packs.shipped_folders()
    folder = _distribution(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert [path for path in packs.shipped_folders() if path not in product] == [folder]
    bundle = opening.open_folder(folder)
    assert (bundle.origin, bundle.faults) == (Origin.WHEEL, [])
    assert opening.open_content(bundle.content).faults, "the same files may not be uploaded: they carry code"
    settings.PACKS_NEED_SIGNATURE = True
    with pytest.raises(actions.NotInstallable, match="chưa được ký"):
        actions.install(ACTOR, bundle=bundle)
    settings.PACKS_NEED_SIGNATURE = False
    assert actions.install(ACTOR, bundle=bundle).package.origin == "wheel"
