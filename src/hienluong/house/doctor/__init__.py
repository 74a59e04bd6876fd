"""What can be wrong with a machine or an installation, and how to mend it. Nothing is changed."""

from __future__ import annotations

from importlib.metadata import version

from hienluong.house.children import Plan
from hienluong.house.environment import BadSetting

from . import clock, database, machine, passwords, services
from .finding import Finding

__all__ = ["Finding", "examine"]


def examine(plan: Plan) -> list[Finding]:
    """Look at everything."""
    findings = [
        Finding("Hiền Lương", True, f"phiên bản {version('hienluong')}"),
        *machine.examine(plan),
        *clock.examine(plan),
        *database.examine(plan),
        passwords.examine(plan),
    ]
    try:
        findings += services.examine(plan)
    except BadSetting as error:
        findings.append(Finding("Thiết lập", False, str(error), "Sửa biến môi trường rồi khởi động lại."))
    return findings
