"""A new edition as it is uploaded: a table of its codes, and a table of what the codes of the edition before became."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from . import queries, reading
from .models import CodeList, Edition
from .reading import Loaded

CODES, BECAME = "codes.csv", "became.csv"


@dataclass(frozen=True)
class Brought:
    """What a person says of an edition, with the tables as bytes."""

    code: str
    title: str
    valid_from: date
    legal_basis: str
    source: str
    codes: bytes
    became: bytes = b""


def edition_before(owner: CodeList, day: date, code: str) -> Edition | None:
    """The edition of a list that one beginning on `day` follows."""
    earlier = Edition.objects.filter(codelist=owner).exclude(code=code)
    found = earlier.filter(valid__startswith__lt=day) | earlier.filter(valid__lower_inf=True)
    return found.order_by("valid").last()


def read(owner: CodeList, brought: Brought) -> Loaded:
    """The edition as if it stood in a file of its own; every fault by file (:data:`CODES`, :data:`BECAME`) and line."""
    edition = {
        "code": brought.code,
        "title": brought.title,
        "valid_from": brought.valid_from,
        "legal_basis": [brought.legal_basis],
        "source": brought.source,
        "table": CODES,
    }
    said: dict[str, Any] = {
        name: getattr(owner, name) for name in ("code", "title", "title_en", "description", "coding")
    }
    said["editions"] = [edition]
    before = edition_before(owner, brought.valid_from, brought.code) if brought.became else None
    if before is not None:
        said["mappings"] = [{"from": before.code, "to": brought.code, "source": brought.source, "table": BECAME}]
    with TemporaryDirectory(prefix="hienluong-codelist-") as folder:
        path = Path(folder) / f"{owner.code}.yaml"
        path.write_text(yaml.safe_dump(said, allow_unicode=True), "utf-8")
        (path.parent / CODES).write_bytes(brought.codes)
        (path.parent / BECAME).write_bytes(brought.became)
        return reading.load(path, elsewhere=queries.held_values)
