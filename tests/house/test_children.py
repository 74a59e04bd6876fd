"""What the children of an installation are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from hienluong.house import children, environment, prepare
from hienluong.house.children import Plan
from hienluong.house.state import StateFolder


def test_compiled_python_is_kept_whatever_the_shell_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    env = Plan(StateFolder(tmp_path)).environment()
    assert "PYTHONDONTWRITEBYTECODE" not in env
    assert "PYTHONPYCACHEPREFIX" not in env
    monkeypatch.setattr(children.os, "access", lambda path, mode: False)  # an installation that only root may write
    env = Plan(StateFolder(tmp_path)).environment()
    assert env["PYTHONPYCACHEPREFIX"] == str(tmp_path / "cache" / "python")


def test_what_runs_before_the_web_asks_no_web_for_timestamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIENLUONG_TSA_URL", raising=False)
    plan = Plan(StateFolder(tmp_path), port=8123)
    assert plan.environment()["HIENLUONG_TSA_URL"] == "http://127.0.0.1:8123/tsa"
    assert "HIENLUONG_TSA_URL" not in plan.environment(serving=False)
    monkeypatch.setenv("HIENLUONG_TSA_URL", "https://tsa.example")
    assert plan.environment(serving=False)["HIENLUONG_TSA_URL"] == "https://tsa.example"


def test_the_demo_knows_who_vouches_for_its_citizens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(StateFolder(tmp_path), demo=True, vneid_port=8197, dvc_port=8196)
    for name in ("HIENLUONG_VNEID_SIMULATOR", "HIENLUONG_DVC_SIMULATOR"):
        monkeypatch.setenv(name, plan.environment()[name])
    found = environment.identity_providers(plan.state.secret)
    assert [(each.key, each.issuer) for each in found.values()] == [
        ("vneid", "http://127.0.0.1:8197"),
        ("dvc", "http://127.0.0.1:8196/oauth2/token"),
    ]
    children = {child.name: child.env for child in plan.services()}
    for key, provider in found.items():
        assert children[f"{key}-simulator"]["HIENLUONG_IDENTITY_SECRET"] == provider.client_secret


def test_the_demo_believes_its_simulated_signing_service(tmp_path: Path) -> None:
    plan = Plan(StateFolder(tmp_path / "state"), csc_port=8123, demo=True)
    prepare._trust_simulator(plan)
    file = tmp_path / "state" / "trust" / "mo-phong-ky-tu-xa.pem"
    believed = file.read_bytes()
    assert believed in (tmp_path / "state" / "csc" / "root.pem").read_bytes()
    prepare._trust_simulator(plan)
    assert file.read_bytes() == believed
    assert "csc-simulator" in [child.name for child in plan.services()]
    assert "csc-simulator" not in [child.name for child in Plan(StateFolder(tmp_path / "other")).services()]
