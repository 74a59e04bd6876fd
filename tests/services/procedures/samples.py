"""A small procedure for tests; every test changes what it is about."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from hienluong.foundation.actions import system
from hienluong.services.procedures import actions
from hienluong.services.procedures.models import ProcedureVersion
from hienluong.services.procedures.spec import ProcedureSpec

ACTOR = system("Kiểm thử")


def spec(code: str = "1.000001", **changes: Any) -> ProcedureSpec:
    """A valid specification."""
    content: dict[str, Any] = {
        "code": code,
        "name": "Đăng ký khai sinh",
        "field": {"code": "HT", "name": "Hộ tịch"},
        "sector": "justice",
        "online_level": "full",
        "agency": {"level": "commune", "key": "VP", "name": "Ủy ban nhân dân cấp xã"},
        "applicants": ["citizen"],
        "summary": "Đăng ký cho trẻ mới sinh.",
        "life_events": ["birth"],
        "keywords": ["giấy khai sinh"],
        "ways": [{"channel": "counter", "deadlines": [{"amount": 1, "text": "Trong ngày"}]}],
        "papers": [{"code": "tokhai", "name": "Tờ khai", "originals": 1, "source": "form"}],
        "results": [{"code": "gks", "name": "Giấy khai sinh"}],
        "legal_basis": [{"number": "60/2014/QH13", "title": "Luật Hộ tịch"}],
        "effective_from": "2022-01-01",
    }
    return ProcedureSpec.model_validate({**content, **changes})


def published(code: str = "1.000001", *, today: date | None = None, **changes: Any) -> ProcedureVersion:
    """A published version."""
    version = actions.import_version(ACTOR, spec=spec(code, **changes))
    return actions.publish(ACTOR, version=version, today=today)


def write_pack(folder: Path, *specs: ProcedureSpec, labels: tuple[str, ...] = ()) -> Path:
    """A pack folder with these procedures; `labels` name older versions (``2022``), one for each, or none."""
    (folder / "procedures").mkdir(parents=True, exist_ok=True)
    manifest = {"name": "justice.test", "title": "Gói thử", "version": "1.0.0"}
    (folder / "pack.yaml").write_text(yaml.safe_dump(manifest, allow_unicode=True), "utf-8")
    for index, item in enumerate(specs):
        label = labels[index] if index < len(labels) else ""
        name = f"{item.code}.{label}.yaml" if label else f"{item.code}.yaml"
        content = item.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        (folder / "procedures" / name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), "utf-8")
    return folder
