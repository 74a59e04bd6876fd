"""The shipped models run to their ends on every path, and what we cannot run is refused by name."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.workflow import drawing, engine, library
from hienluong.capabilities.workflow.course import course
from hienluong.capabilities.workflow.models import Instance, ProcessModel
from tests.thorough import examples

PARAMS: dict[str, Any] = {"head_review": True, "opinions": [{"key": "STC"}, {"key": "SXD"}]}
FORWARD = {
    "receive": "accept",
    "review": "propose",
    "approve": "forward",
    "sign": "sign",
    "return_result": "returned",
    "inspect": "done",
    "opinion": "given",
    "conclude": "done",
    "forward": "sent",
    "upper_review": "done",
}
STRAIGHT = {
    "single_agency": ["receive", "review", "approve", "sign", "return_result"],
    "field_inspection": ["receive", "review", "inspect", "approve", "sign", "return_result"],
    "parallel_opinions": ["receive", "review", "opinion", "opinion", "conclude", "approve", "sign", "return_result"],
    "inter_level": ["receive", "review", "forward", "upper_review", "approve", "sign", "return_result"],
    "same_day": ["receive", "review", "sign", "return_result"],
}


def model(code: str) -> engine.Model:
    return engine.load(library.shipped_xml(code))


def run(code: str, steps: list[tuple[str, str]], params: dict[str, Any] = PARAMS) -> engine.Standing:
    history: list[dict[str, str]] = []
    for task, outcome in steps:
        history, _ = engine.advance(model(code), params, history, task, outcome)
    return engine.standing(model(code), params, history)


@pytest.mark.parametrize("code", library.SHIPPED)
def test_the_straight_path_reaches_the_end(code: str) -> None:
    standing = run(code, [(task, FORWARD[task]) for task in STRAIGHT[code]])
    assert standing.completed
    assert standing.ready == ()


@pytest.mark.parametrize("code", library.SHIPPED)
def test_refusal_at_reception_ends_the_process(code: str) -> None:
    assert run(code, [("receive", "refuse")]).completed


@pytest.mark.parametrize("code", library.SHIPPED)
def test_a_supplement_waits_for_the_applicant_and_comes_back(code: str) -> None:
    waiting = run(code, [("receive", "accept"), ("review", "supplement")])
    assert [(r.task, r.lane) for r in waiting.ready] == [("await_review", "applicant")]
    back = run(code, [("receive", "accept"), ("review", "supplement"), ("await_review", "answered")])
    assert back.at("review") is not None


def test_the_head_is_left_out_when_the_procedure_says_so() -> None:
    standing = run("single_agency", [("receive", "accept"), ("review", "propose")], {**PARAMS, "head_review": False})
    assert standing.at("sign") is not None


def test_parallel_opinions_wait_for_every_agency() -> None:
    one = run("parallel_opinions", [("receive", "accept"), ("review", "propose"), ("opinion", "given")])
    assert [r.task for r in one.ready] == ["opinion"]
    both = run(
        "parallel_opinions", [("receive", "accept"), ("review", "propose"), ("opinion", "given"), ("opinion", "tacit")]
    )
    assert [r.task for r in both.ready] == ["conclude"]


def test_a_task_that_is_not_ready_is_refused() -> None:
    with pytest.raises(engine.NotAtThatStep):
        run("single_agency", [("sign", "sign")])


def test_an_outcome_that_the_model_does_not_name_is_refused() -> None:
    with pytest.raises(engine.NotAtThatStep):
        run("single_agency", [("receive", "perhaps")])


@pytest.mark.parametrize("element", ["scriptTask", "serviceTask", "callActivity", "inclusiveGateway", "boundaryEvent"])
def test_what_the_engine_cannot_run_is_refused_by_name(element: str) -> None:
    xml = library.shipped_xml("single_agency").replace(
        "</bpmn:process>", f'<bpmn:{element} id="Bad_1"/></bpmn:process>'
    )
    with pytest.raises(engine.ModelRefused, match="Bad_1"):
        engine.load(xml)


def test_a_condition_that_is_not_cel_is_refused() -> None:
    xml = library.shipped_xml("single_agency").replace('outcome == "refuse"', "__import__('os')[")
    with pytest.raises(engine.ModelRefused, match="viết chưa đúng"):
        engine.load(xml)


def test_broken_xml_is_refused() -> None:
    with pytest.raises(engine.ModelRefused):
        engine.load("<not-bpmn")


@settings(max_examples=examples(60, 240), deadline=None)
@given(code=st.sampled_from(library.SHIPPED), choices=st.lists(st.integers(0, 99), max_size=14))
def test_any_walk_keeps_the_process_in_a_known_place(code: str, choices: list[int]) -> None:
    """Whatever people do, something is ready or the process has ended, and replay agrees with itself."""
    history: list[dict[str, str]] = []
    standing = engine.standing(model(code), PARAMS, history)
    for choice in choices:
        if not standing.ready:
            break
        ready = standing.ready[choice % len(standing.ready)]
        history, standing = engine.advance(
            model(code), PARAMS, history, ready.task, ready.outcomes[choice % len(ready.outcomes)]
        )
    assert standing.completed == (not standing.ready)
    assert engine.standing(model(code), PARAMS, history) == standing


@pytest.mark.django_db
def test_the_same_text_is_kept_once_and_an_instance_keeps_its_model() -> None:
    first, again = library.shipped("same_day"), library.shipped("same_day")
    assert first.pk == again.pk
    assert ProcessModel.objects.count() == 1
    instance = Instance.start(first, dict(PARAMS))
    instance.complete("receive", "accept")
    assert Instance.objects.get(pk=instance.pk).ready == ["review"]
    instance.rewind([])
    assert Instance.objects.get(pk=instance.pk).ready == ["receive"]


@pytest.mark.parametrize("code", library.SHIPPED)
def test_the_drawing_shows_where_the_dossier_stands(code: str) -> None:
    standing = run(code, [("receive", "accept")])
    drawn = drawing.svg(course(library.shipped_xml(code), PARAMS), {}, standing)
    assert drawn.count("is-ready") == 1
    assert drawn.count("is-passed") == 1
    assert "Tiếp nhận" in drawn
