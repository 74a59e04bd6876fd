"""What was changed in a draft is told to people who do not read its files."""

from __future__ import annotations

import pytest

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building.comparing import FileChange, compare
from tests.capabilities.registers.sample import organization
from tests.services.packs.sample import ACTOR, OWNER, PROCEDURE, REGISTER, TABLE, files

pytestmark = pytest.mark.django_db
SECOND = (
    REGISTER.replace("version: 1", "version: 2")
    .replace("effective_from: 2025-07-01", "effective_from: 2027-01-01")
    .replace("rules:", "migrate:\n  tree: \"'G1'\"\n  height: height * 100\nrules:")
)
FILE, NEXT = "registers/rung.yaml", "registers/rung.v2.yaml"


def texts(**changed: str) -> dict[str, str]:
    """The files of the pack of forests."""
    return {path: body.decode() for path, body in files().items() if path != "README.md"} | changed


def only(found: list[FileChange]) -> FileChange:
    (one,) = found
    return one


def told(change: FileChange) -> list[tuple[str, str, str]]:
    return [(row.part, row.before, row.after) for row in change.rows]


def test_what_a_decision_writes_is_told_with_the_labels_of_its_register() -> None:
    path = "procedures/1.900001.yaml"
    one = only(compare(texts(), texts(**{path: PROCEDURE.replace("name: ten}", "name: ten, tree: loai}")})))
    assert one.heading == "Thủ tục “Công nhận cây di sản”"
    effect = "Kết quả ghi vào cơ sở dữ liệu “Cây di sản”"
    assert told(one) == [(f"{effect} › Ghi các trường › Trường “Loài cây”", "—", "“Loại”")]


def test_registers_that_are_installed_and_not_in_the_draft_give_their_labels_too() -> None:
    text = REGISTER.replace("x-kind: code\n      x-list: forest-trees", "x-kind: text")
    definition = parse(text, FILE).value
    registers.install(ACTOR, spec=RegisterSpec.model_validate(definition), owner=organization(OWNER), pack="khac.goi")
    path = "procedures/1.900001.yaml"
    mine = {name: text for name, text in texts().items() if name != FILE}
    one = only(compare(mine, mine | {path: PROCEDURE.replace("name: ten}", "name: ten, tree: loai}")}))
    effect = "Kết quả ghi vào cơ sở dữ liệu “Cây di sản”"
    assert told(one) == [(f"{effect} › Ghi các trường › Trường “Loài cây”", "—", "“Loại”")]


def test_a_new_version_is_told_against_the_one_before_with_its_conversions() -> None:
    one = only(compare(texts(), texts(**{NEXT: SECOND})))
    assert (one.heading, one.kind, one.against) == ("Cơ sở dữ liệu “Cây di sản”, phiên bản 2", "new", "1")
    assert told(one) == [
        ("Phiên bản", "1", "2"),
        ("Có hiệu lực từ", "01/07/2025", "01/01/2027"),
        ("Chuyển dữ liệu › Trường “Loài cây”", "—", "Lim xanh"),
        ("Chuyển dữ liệu › Trường “Cao (m)”", "—", "“Cao (m)” * 100"),
    ]


def test_files_that_are_no_definitions_are_called_by_what_they_are_for() -> None:
    found = compare(
        texts(),
        texts(
            **{
                "codelists/trees.csv": TABLE.replace("Lim xanh", "Lim") + "G2,G,Gụ\n",
                "results/giay.html": "khác",
                "processes/cong_nhan.bpmn": "khác",
                "pack.yaml": texts()["pack.yaml"].replace("title: Rừng", "title: Cây"),
            }
        ),
    )
    assert [each.heading for each in found] == [
        "Bảng mã của danh mục “Cây rừng”",
        "Thông tin gói",
        "Quy trình “Công nhận cây di sản”",
        "Mẫu in “Giấy công nhận”",
    ]
    assert told(found[0]) == [("Mã G1", "G · Lim xanh", "G · Lim"), ("Mã G2", "—", "G · Gụ")]


def test_what_nobody_can_read_is_compared_line_by_line_only() -> None:
    for text in ("a: [", "5", "schema: 5\ncode: thu.rung", "schema: {properties: {a: 5}}"):
        one = only(compare(texts(), texts(**{FILE: text})))
        assert (one.kind, list(one.rows), bool(one.lines)) == ("changed", [], True)
        assert one.heading == "Cơ sở dữ liệu “Cây di sản”, phiên bản 1"


def test_a_version_that_only_moved_into_a_file_of_its_own_is_not_told() -> None:
    second = SECOND.replace("title: Cây di sản", "title: Cây quý")
    found = compare(texts(), texts(**{FILE: second, "registers/rung.v1.yaml": REGISTER}))
    assert [change.path for change in found] == [FILE]
    assert [
        change.path for change in compare(texts(**{FILE: second, "registers/rung.v1.yaml": REGISTER}), texts())
    ] == [FILE]
