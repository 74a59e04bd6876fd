"""The steps that the verbs of a dossier know how to do: what a process model of a pack's own is held against.

A dossier that comes to a step of another name stands still for ever, so such a model is refused before it is installed.
``tests/services/dossiers/test_known_steps.py`` holds this table against the verbs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hienluong.capabilities.workflow.engine import Model, Ready


@dataclass(frozen=True)
class Step:
    """One user task: the outcomes the verbs give it, those a model may leave out, the lanes it may stand in."""

    outcomes: tuple[str, ...]
    lanes: tuple[str, ...]
    optional: tuple[str, ...] = ()


KNOWN: dict[str, Step] = {
    "receive": Step(("accept", "supplement", "refuse"), ("clerk",)),
    "await_receive": Step(("answered",), ("applicant",)),
    "review": Step(("propose", "revise", "supplement", "deny"), ("officer", "clerk"), optional=("revise",)),
    "await_review": Step(("answered",), ("applicant",)),
    "inspect": Step(("done",), ("officer",)),
    "opinion": Step(("given", "tacit"), ("coordinator",)),
    "conclude": Step(("done",), ("officer",)),
    "forward": Step(("sent",), ("clerk",)),
    "upper_review": Step(("done",), ("upper",)),
    "approve": Step(("forward", "back"), ("head",)),
    "sign": Step(("sign", "back"), ("leader",)),
    "return_result": Step(("returned",), ("clerk",)),
}
#: Without these no dossier comes to a signed result that is handed over.
NEEDED = ("receive", "await_receive", "review", "await_review", "sign", "return_result")
#: Levels of the agency that ``params.upper`` may name; see ``dossiers.competence.upper_for``.
UPPER_LEVELS = ("province", "department", "district", "competent")


def params_of(*said: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters with which a process runs: those said, the later before the earlier, and what holds unsaid."""
    params: dict[str, Any] = {"head_review": True, "opinions": []}
    for each in said:
        params |= each
    params["head_review"] = bool(params["head_review"])
    return params


def model_problems(model: Model) -> Iterator[tuple[int, str]]:
    """What the verbs cannot do with a model that the engine can run: the line of the file, and what to do about it."""
    for identifier, task in model.tasks.items():
        for message in _step_problems(task):
            yield model.lines[identifier], message
    for identifier in NEEDED:
        if identifier not in model.tasks:
            yield 1, f"quy trình thiếu bước “{identifier}”"


def _step_problems(task: Ready) -> Iterator[str]:
    step = KNOWN.get(task.task)
    if step is None:
        yield f"hệ thống không có việc nào cho bước “{task.task}”; các bước làm được: {', '.join(KNOWN)}"
        return
    if strange := [outcome for outcome in task.outcomes if outcome not in step.outcomes]:
        yield (
            f"bước “{task.task}” có kết cục lạ: {', '.join(strange)}; các kết cục làm được: {', '.join(step.outcomes)}"
        )
    if missing := [name for name in step.outcomes if name not in (*task.outcomes, *step.optional)]:
        yield f"bước “{task.task}” thiếu kết cục: {', '.join(missing)}"
    if task.lane not in step.lanes:
        yield f"bước “{task.task}” phải nằm trong làn {' hoặc '.join(step.lanes)}, không phải “{task.lane}”"


def has_lane(model: Model, lane: str) -> bool:
    """Whether somebody of this lane has a step to do."""
    return any(task.lane == lane for task in model.tasks.values())


def parameter_problems(model: Model, params: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Parameters that the steps of a model cannot do without: the path below ``params``, and what to do about it."""
    if has_lane(model, "upper"):
        yield from _upper_problems(params.get("upper"))
    if has_lane(model, "coordinator") and not params.get("opinions"):
        yield ("opinions",), "quy trình hỏi ý kiến cơ quan khác: hãy khai báo params.opinions, ít nhất một cơ quan"


def _upper_problems(upper: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    if not isinstance(upper, dict) or not upper:
        yield (
            ("upper",),
            "quy trình có bước của cơ quan cấp trên: hãy khai báo params.upper, ví dụ {level: department, key: SNV}",
        )
        return
    level = upper.get("level", "department")
    if level not in UPPER_LEVELS:
        yield ("upper", "level"), f"cấp “{level}” không có; chọn một trong: {', '.join(UPPER_LEVELS)}"
    if level == "department" and not upper.get("key"):
        yield ("upper", "key"), "hãy ghi tên viết tắt của sở (key), ví dụ SNV"
    for name in sorted(set(map(str, upper)) - {"level", "key", "division"}):
        yield ("upper", name), f"params.upper không có khóa “{name}” (có: level, key, division)"
