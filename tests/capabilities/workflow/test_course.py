"""What a variant of a process goes through, drawn and told: no step that it leaves out, and words at every decision."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from hienluong.capabilities.workflow import drawing, library
from hienluong.capabilities.workflow.course import Course, course
from hienluong.capabilities.workflow.layout import lay_out

WORDS = {"supplement": "Cần bổ sung", "back": "Trả lại", "propose": "Đạt", "deny": "Không đạt", "revise": "Soạn lại"}


def of(code: str, *, head: bool) -> Course:
    return course(library.shipped_xml(code), {"head_review": head, "opinions": [{}]})


def ways(found: Course) -> dict[tuple[str, str], tuple[str, ...]]:
    return {(way.source, way.target): way.outcomes for way in found.ways}


def test_three_steps_are_drawn_without_the_fourth() -> None:
    three, four = of("single_agency", head=False), of("single_agency", head=True)
    assert "approve" not in three.nodes
    assert "head" not in three.lanes
    assert "Kiểm tra dự thảo" not in drawing.svg(three, WORDS)
    assert "Lãnh đạo phòng" not in drawing.svg(three, WORDS)
    assert "approve" in four.nodes
    assert "Lãnh đạo phòng" in drawing.svg(four, WORDS)


def test_a_gateway_that_decides_nothing_is_led_past() -> None:
    three = of("single_agency", head=False)
    assert "g_head" not in three.nodes
    assert ways(three)["g_review", "sign"] == ("propose", "deny")
    assert ("g_review", "approve") in ways(of("single_agency", head=True))


def test_only_outcomes_that_the_step_has_lead_on() -> None:
    found = ways(of("field_inspection", head=False))
    assert found["g_review", "inspect"] == ("propose",)
    assert found["g_review", "sign"] == ("revise", "deny")


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("code", library.SHIPPED)
def test_every_way_out_of_a_decision_says_when(code: str, head: bool) -> None:
    found = of(code, head=head)
    drawn = drawing.svg(found, WORDS)
    decided = [way for way in found.ways if found.nodes[way.source].kind == "exclusiveGateway"]
    assert decided
    assert all(drawing.condition(found, way, WORDS) for way in decided)
    assert drawn.count('class="hl-process__when') == len(decided)


def test_the_name_of_a_way_stands_before_the_words_of_its_outcomes() -> None:
    xml = library.shipped_xml("single_agency").replace(
        'id="g_sign_review" ', 'id="g_sign_review" name="Chưa ký được" ', 1
    )
    assert "Chưa ký được" in re.sub("<[^>]*>", "", drawing.svg(course(xml, {}), WORDS))


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("code", library.SHIPPED)
def test_nothing_lies_over_anything_else(code: str, head: bool) -> None:
    layout = lay_out(of(code, head=head))
    cells = [(box.row, box.column) for box in layout.boxes.values()]
    assert len(set(cells)) == len(cells)
    begins = [(line.way.source, line.side) for line in layout.lines]
    assert len(set(begins)) == len(begins), "each way leaves a node on a side of its own"
    for one, other in combinations(layout.lines, 2):
        assert one.points != other.points
    assert all(0 <= x <= layout.width and 0 <= y <= layout.height for line in layout.lines for x, y in line.points)


def test_the_steps_are_told_in_words() -> None:
    told = {step.name: step for step in drawing.in_words(of("single_agency", head=False), WORDS)}
    assert "Kiểm tra dự thảo" not in told
    assert [(way.when, way.to) for way in told["Thẩm định"].onward] == [
        ("Cần bổ sung", "Bổ sung hồ sơ"),
        ("Đạt / Không đạt", "Ký kết quả"),
    ]
    assert told["Thẩm định"].lane == "Cán bộ thẩm định"


def test_a_model_without_a_diagram_is_drawn_too() -> None:
    head, _, tail = library.shipped_xml("same_day").partition("<bpmndi:BPMNDiagram")
    bare = head + tail.partition("</bpmndi:BPMNDiagram>")[2]
    assert "Tiếp nhận" in drawing.svg(course(bare, {}), WORDS)


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("code", library.SHIPPED)
def test_words_beside_a_line_end_before_the_tracks_between_columns(code: str, head: bool) -> None:
    drawn = drawing.svg(of(code, head=head), WORDS)
    said = re.findall(r'<text class="hl-process__when[^>]*>(.*?)</text>', drawn)
    assert said
    rows = [re.sub("<[^>]*>", "", row) for words in said for row in words.split("</tspan>")]
    assert max(map(len, rows)) <= 11


def test_words_in_rows_are_still_words_apart() -> None:
    drawn = drawing.svg(of("single_agency", head=False), WORDS)
    text = re.sub("<[^>]*>", "", drawn)
    assert "Đạt / Không đạt" in text
    assert "Cán bộ thẩm định" in text
