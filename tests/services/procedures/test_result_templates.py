"""What a paper of a pack prints: words, never the number under which something is kept."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from hienluong.foundation.files import store
from hienluong.services.procedures.result_templates import fields_in
from tests.capabilities.registers.test_records import Wells

pytestmark = pytest.mark.django_db


def test_files_and_records_are_printed_by_their_names() -> None:
    well = Wells()
    well.add(code="G001", name="Giếng chợ", agency=well.here.code)
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    picture.seek(0)
    paper = store(picture, name="bản vẽ.png", owner=None, purpose="dossiers.paper")
    reference: dict[str, Any] = {"type": "string", "x-kind": "reference", "x-register": "thu.gieng", "title": "Giếng"}
    props: dict[str, dict[str, Any]] = {
        "drawing": {"type": "string", "format": "uuid", "x-kind": "file", "title": "Bản vẽ"},
        "photo": {"type": "string", "format": "uuid", "x-kind": "photo", "title": "Ảnh"},
        "well": reference,
        "rank": {"type": "string", "title": "Hạng", "enum": ["1"], "x-enum-labels": {"1": "Hạng nhất"}},
        "rows": {"type": "array", "items": {"type": "object", "properties": {"well": reference}}},
    }
    data = {"drawing": str(paper.pk), "well": "G001", "rank": "1", "rows": [{"well": "G001"}, {"well": "G404"}]}
    said = fields_in(data, props)
    assert said["words"] == {
        "drawing": "bản vẽ.png",
        "photo": "",
        "well": "Giếng chợ (G001)",
        "rank": "Hạng nhất",
        "rows": "Giếng: Giếng chợ (G001)\nGiếng: G404",
    }
    assert said["data"] == {**data, "drawing": "bản vẽ.png", "photo": ""}
