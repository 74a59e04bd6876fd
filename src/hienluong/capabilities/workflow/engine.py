"""Running BPMN 2.0 models: SpiffWorkflow holds the tokens, CEL decides at the gateways.

An instance is stored as the list of user tasks completed so far, each with its outcome. Its position is
found by replaying that list on a fresh workflow: the state is small, readable in an audit, and does not
depend on how a version of the engine writes its own objects.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _
from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from hienluong.foundation.actions import DomainError

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
OURS = "urn:hienluong:bpmn"

#: What we run. Anything else in a process is refused at import, by name, never run wrongly.
SUPPORTED = frozenset(
    "process laneSet lane flowNodeRef startEvent endEvent userTask exclusiveGateway parallelGateway sequenceFlow "
    "conditionExpression incoming outgoing documentation extensionElements multiInstanceLoopCharacteristics "
    "loopCardinality childLaneSet".split()
)


class ModelRefused(DomainError):
    """A BPMN model holds something this engine cannot run; the message names the element."""

    code = "workflow.model_refused"
    status = 422


class NotAtThatStep(DomainError):
    """The dossier does not stand where this act can be done."""

    code = "workflow.not_at_that_step"


class CelScriptEngine(PythonScriptEngine):  # type: ignore[misc]
    """Conditions are CEL over the task's data; no Python of a model is ever run."""

    def validate(self, expression: str) -> None:
        _compile(expression)

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> Any:
        return _program(expression).execute(dict(task.data))

    def execute(self, task: Task, script: str, external_context: Any = None) -> bool:
        raise ModelRefused(_("Quy trình có đoạn mã lệnh, không được phép chạy."))


@lru_cache(maxsize=512)
def _program(expression: str) -> Any:
    return _compile(expression)


def _compile(expression: str) -> Any:
    """Raises ValueError for what is no CEL."""
    import cel  # loads a command line of its own, so only who compiles pays for it

    return cel.compile(expression)


def holds(condition: str, data: dict[str, Any]) -> bool:
    """Whether a condition of a gateway is so; one that cannot be computed is not."""
    try:
        return _program(condition).execute(data) is True
    except (ValueError, RuntimeError, TypeError, KeyError):
        return False


@dataclass(frozen=True)
class Ready:
    """A user task waiting to be done: `lane` is the role, `outcomes` are the ways to complete it."""

    task: str
    name: str
    lane: str
    outcomes: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """Where an instance stands: what is ready (with repeats for parallel instances), what was passed."""

    ready: tuple[Ready, ...]
    passed: tuple[str, ...]
    completed: bool

    def at(self, task: str) -> Ready | None:
        """The ready task with this id, or None."""
        return next((ready for ready in self.ready if ready.task == task), None)


@dataclass(frozen=True)
class Model:
    """A parsed and checked model."""

    process_id: str
    spec: BpmnProcessSpec
    tasks: dict[str, Ready]
    lines: dict[str, int]  # user task → the line of the document on which it begins


@lru_cache(maxsize=64)
def load(xml: str) -> Model:
    """Parse a BPMN document with exactly one process; raises :class:`ModelRefused` naming what we cannot run."""
    try:
        root = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise ModelRefused(_("Tệp BPMN không đọc được: %(error)s") % {"error": error}) from error
    processes = root.findall(f"{{{BPMN}}}process")
    if len(processes) != 1:
        raise ModelRefused(_("Tệp BPMN phải có đúng một quy trình."))
    for element in processes[0].iter():
        name = etree.QName(element)
        if name.namespace == BPMN and name.localname not in SUPPORTED:
            raise ModelRefused(
                _("Phần tử %(tag)s “%(id)s” không được hỗ trợ.")
                % {"tag": name.localname, "id": element.get("id") or element.get("name") or "?"}
            )
    for condition in processes[0].iter(f"{{{BPMN}}}conditionExpression"):
        try:
            _compile((condition.text or "").strip())
        except ValueError as error:
            raise ModelRefused(
                _("Điều kiện “%(text)s” viết chưa đúng: %(error)s") % {"text": condition.text, "error": error}
            ) from error
    parser = BpmnParser()
    parser.add_bpmn_xml(root)
    process_id = processes[0].get("id")
    assert process_id
    lines = {task.get("id") or "": task.sourceline or 1 for task in processes[0].iter(f"{{{BPMN}}}userTask")}
    return Model(process_id, parser.get_spec(process_id), _user_tasks(processes[0]), lines)


def _user_tasks(process: etree._Element) -> dict[str, Ready]:
    lanes: dict[str, str] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        for ref in lane.findall(f"{{{BPMN}}}flowNodeRef"):
            lanes[(ref.text or "").strip()] = lane.get("id") or ""
    found: dict[str, Ready] = {}
    for task in process.iter(f"{{{BPMN}}}userTask"):
        identifier = task.get("id") or ""
        outcomes = task.find(f"{{{BPMN}}}extensionElements/{{{OURS}}}outcomes")
        if outcomes is None or not (outcomes.text or "").split():
            raise ModelRefused(_("Bước “%(id)s” không khai báo kết cục (outcomes).") % {"id": identifier})
        if identifier not in lanes:
            raise ModelRefused(_("Bước “%(id)s” không nằm trong làn nào.") % {"id": identifier})
        found[identifier] = Ready(
            identifier, task.get("name") or identifier, lanes[identifier], tuple((outcomes.text or "").split())
        )
    return found


def standing(model: Model, params: dict[str, Any], history: list[dict[str, str]]) -> Standing:
    """Replay `history` (items ``{"task", "outcome"}``) and tell where the instance stands.

    Raises :class:`NotAtThatStep` when an item names a task that was not ready: the history and the model
    do not belong together.
    """
    workflow = BpmnWorkflow(model.spec, script_engine=CelScriptEngine())
    workflow.task_tree.data.update({"params": params, "outcome": ""})
    workflow.do_engine_steps()
    for item in history:
        _complete(workflow, item["task"], item["outcome"])
    ready = tuple(model.tasks[_identifier(task)] for task in _ready(workflow))
    return Standing(ready, tuple(item["task"] for item in history), workflow.is_completed())


def advance(
    model: Model, params: dict[str, Any], history: list[dict[str, str]], task: str, outcome: str
) -> tuple[list[dict[str, str]], Standing]:
    """Complete `task` with `outcome`; returns the longer history and the new standing."""
    known = model.tasks.get(task)
    if known is None or outcome not in known.outcomes:
        raise NotAtThatStep(
            _("Quy trình không có bước “%(task)s” với kết quả “%(outcome)s”.") % {"task": task, "outcome": outcome}
        )
    longer = [*history, {"task": task, "outcome": outcome}]
    return longer, standing(model, params, longer)


def _identifier(task: Task) -> str:
    name: str = task.task_spec.bpmn_id or task.task_spec.name
    return name.removesuffix(" [child]")


def _ready(workflow: BpmnWorkflow) -> list[Task]:
    return [task for task in workflow.get_tasks(state=TaskState.READY) if task.task_spec.manual]


def _complete(workflow: BpmnWorkflow, identifier: str, outcome: str) -> None:
    for task in _ready(workflow):
        if _identifier(task) == identifier:
            task.data["outcome"] = outcome
            task.run()
            workflow.do_engine_steps()
            return
    raise NotAtThatStep(_("Hồ sơ không ở bước này nữa. Hãy tải lại trang để xem trạng thái mới nhất."))
