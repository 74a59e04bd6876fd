"""What our code imports is named in pyproject.toml, and every dependency has its line in the documentation."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def _named(dependencies: list[str]) -> set[str]:
    return {_plain(re.split(r"[\[<>=~! ]", dependency)[0]) for dependency in dependencies}


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")


def _imported() -> set[str]:
    modules: set[str] = set()
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                modules |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                modules.add(node.module)
    return {module.partition(".")[0] for module in modules} - set(sys.stdlib_module_names) - {"hienluong"}


def test_every_package_that_our_code_imports_is_named() -> None:
    named, providers = _named(PROJECT["project"]["dependencies"]), packages_distributions()
    unnamed = {module for module in _imported() if not {_plain(name) for name in providers[module]} & named}
    assert unnamed == set()


def test_every_dependency_is_told_with_its_licence() -> None:
    told = set()
    for line in (ROOT / "docs" / "dependencies.md").read_text().splitlines():
        if line.startswith("| "):
            told |= {_plain(name.split("[")[0].strip()) for name in line.split("|")[1].split(",")}
    named = _named([*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]])
    assert named - told == set()
