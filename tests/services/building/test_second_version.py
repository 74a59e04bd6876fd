"""A register that gets a second version with one more field: the field is asked for and written without being looked for."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions as building
from hienluong.services.building import register_operations as ops
from hienluong.services.building import yaml_text
from tests.snapshots import ready

from .test_procedures import CODE, NAME, Builder, Office, office
from .test_told_before_installing import words

pytestmark = pytest.mark.django_db
FILE, BEFORE = "registers/cho.yaml", "registers/cho.v1.yaml"


class Second:
    """Version 2 of the register of a procedure, with the new field “Loại lồng”; the form was made in version 1."""

    def __init__(self) -> None:
        self.place: Office = office()
        self.builder = Builder(self.place)
        self.builder.post(
            "take", register=NAME, taken=["ten_thuong_goi"], page="nguoi-nop"
        ) if self._has_more() else None
        before = self.definition(FILE)
        after = ops.next_version(before, effective_from=self.tomorrow)
        after = ops.add_field(
            after,
            kind="choice",
            title="Loại lồng",
            begun={"enum": ["long_go"], "x-enum-labels": {"long_go": "Lồng gỗ"}},
        )
        self.save({FILE: yaml_text.dump(after), BEFORE: yaml_text.dump(before)})

    @property
    def tomorrow(self) -> date:
        return timezone.localdate() + timedelta(days=1)

    def _has_more(self) -> bool:
        self.save({FILE: yaml_text.dump(ops.add_field(self.definition(FILE), kind="text", title="Tên thường gọi"))})
        return True

    def definition(self, path: str) -> Any:
        return parse(self.place.texts()[path], path).value

    def save(self, changed: dict[str, str]) -> None:
        texts = {**self.place.texts(), **changed}
        self.place.draft.refresh_from_db()
        building.save(
            self.place.builder, draft=self.place.draft, files=texts, words="Sửa", expected=self.place.draft.head_id or 0
        )

    def page(self, view: str, *args: Any, query: str = "") -> str:
        answer = self.builder.client.get(reverse(f"building:{view}", args=[NAME, *args]) + query)
        assert answer.status_code == 200
        return str(answer.content.decode())

    def take(self) -> None:
        self.place.draft.refresh_from_db()
        self.builder.post("take", register=NAME, taken=["loai_long"], page="nguoi-nop")
        self.place.draft.refresh_from_db()


@pytest.fixture
def second(db: None) -> Second:
    return ready(Second)


def test_a_field_of_the_second_version_is_ticked_to_be_asked(second: Second) -> None:
    page = second.page("take", CODE, query=f"?register={NAME}")
    assert re.findall(r'name="taken" type="checkbox" value="([^"]+)" checked', page) == ["loai_long"]


def chosen(page: str, name: str) -> str:
    menu = page.partition(f'name="from_{name}"')[2].partition("</select>")[0]
    return "".join(re.findall(r'<option value="([^"]*)" selected', menu))


def test_its_question_is_proposed_as_what_is_written_until_somebody_decides(second: Second) -> None:
    second.take()
    told = "2 trường mới của cơ sở dữ liệu chưa được ghi: Tên thường gọi, Loại lồng"
    assert told in words(second.page("procedure", CODE))
    page = second.page("effect", CODE, 0)
    assert (chosen(page, "loai_long"), chosen(page, "ten_thuong_goi")) == ("loai_long", "ten_thuong_goi")
    assert words(page).count("Đề xuất cho trường mới") == 2
    boxes = {"from_name": "ten_diem_ban", "from_so_quay": "so_quay", "from_chu_diem_ban": "party_name"}
    second.builder.post("effect", 0, register=NAME, kind="create", **boxes)
    second.place.draft.refresh_from_db()
    assert told not in words(second.page("procedure", CODE)), "somebody has decided not to write it"
    assert chosen(second.page("effect", CODE, 0), "loai_long") == ""
