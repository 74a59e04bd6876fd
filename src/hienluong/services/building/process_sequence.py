"""A process of steps one after another, as a BPMN file, and back.

Intake comes first, then review with an inspection before or after it, the head's look at the draft, the signature and the
hand-over. Asking for a supplement, refusing and sending back are there without being asked for. Other orders are drawn in
BPMN (docs/engineers/packs.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from hienluong.capabilities.workflow.engine import BPMN
from hienluong.services.procedures.process_steps import KNOWN

from .labels import in_vietnamese
from .schema_operations import fault

#: Steps that may stand in a sequence: what they are called, and who does them.
STEPS: dict[str, str | Promise] = {
    "receive": gettext_lazy("Tiếp nhận"),
    "inspect": gettext_lazy("Kiểm tra thực địa"),
    "review": gettext_lazy("Thẩm định"),
    "approve": gettext_lazy("Kiểm tra dự thảo"),
    "sign": gettext_lazy("Ký kết quả"),
    "return_result": gettext_lazy("Trả kết quả"),
}
NEEDED = ("receive", "review", "sign", "return_result")
LANES: dict[str, str | Promise] = {
    "applicant": gettext_lazy("Người dân, doanh nghiệp"),
    "clerk": gettext_lazy("Bộ phận một cửa"),
    "officer": gettext_lazy("Cán bộ thẩm định"),
    "head": gettext_lazy("Lãnh đạo phòng"),
    "leader": gettext_lazy("Lãnh đạo ký"),
}
_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:hl="urn:hienluong:bpmn"'
)
_WIDTH, _HEIGHT, _COLUMN, _ROW, _LEFT, _TOP = 120, 64, 170, 120, 160, 40
_SIZES = {"start": (36, 36), "refused": (36, 36), "done": (36, 36)}


@dataclass(frozen=True)
class Step:
    """A step of a sequence: which verb, what it is called, in whose lane, and in how long (in words; may be empty)."""

    task: str
    name: str
    lane: str
    within: str = ""


@dataclass(frozen=True)
class _Flow:
    source: str
    target: str
    when: str = ""
    default: bool = False

    @property
    def id(self) -> str:
        return f"{self.source}_{self.target}"


def usual(*tasks: str) -> tuple[Step, ...]:
    """The steps of these names, called and done as usual."""
    return tuple(Step(task, in_vietnamese(STEPS[task]), KNOWN[task].lanes[0]) for task in tasks)


def bpmn(code: str, title: str, steps: Sequence[Step]) -> str:
    """The BPMN file of a sequence. Raises :class:`InvalidInput` saying what the order lacks."""
    _require_sound(steps)
    steps = [replace(step, name=" ".join(step.name.split()), within=" ".join(step.within.split())) for step in steps]
    flows = _flows([step.task for step in steps])
    nodes = _nodes(steps)
    lanes = [lane for lane in LANES if any(where == lane for where, _column in nodes.values())]
    parts = [
        f'{_HEAD} id="definitions_{code}" targetNamespace="urn:hienluong:processes">',
        f'  <bpmn:process id="{code}" name="{escape(title)}" isExecutable="true">',
        '    <bpmn:laneSet id="lanes">',
    ]
    for lane in lanes:
        parts.append(f'      <bpmn:lane id="{lane}" name="{escape(in_vietnamese(LANES[lane]))}">')
        parts += [f"        <bpmn:flowNodeRef>{node}</bpmn:flowNodeRef>" for node in nodes if nodes[node][0] == lane]
        parts.append("      </bpmn:lane>")
    parts.append("    </bpmn:laneSet>")
    named = {step.task: step for step in steps}
    for node in nodes:
        parts += _element(node, named, flows)
    for flow in flows:
        said = f"<bpmn:conditionExpression>{escape(flow.when)}</bpmn:conditionExpression>" if flow.when else ""
        ending = f">{said}</bpmn:sequenceFlow>" if said else "/>"
        parts.append(
            f'    <bpmn:sequenceFlow id="{flow.id}" sourceRef="{flow.source}" targetRef="{flow.target}"{ending}'
        )
    parts.append("  </bpmn:process>")
    parts += _diagram(code, nodes, lanes, flows)
    parts.append("</bpmn:definitions>\n")
    return "\n".join(parts)


def read(xml: str) -> tuple[Step, ...] | None:
    """The steps of a file that :func:`bpmn` wrote; None for one that was drawn otherwise."""
    try:
        root = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return None
    process = root.find(f"{{{BPMN}}}process")
    if process is None:
        return None
    lanes = {
        (ref.text or "").strip(): lane.get("id") or ""
        for lane in process.iter(f"{{{BPMN}}}lane")
        for ref in lane.findall(f"{{{BPMN}}}flowNodeRef")
    }
    steps = []
    for task in process.findall(f"{{{BPMN}}}userTask"):
        name = task.get("id") or ""
        if name in STEPS:
            within = task.findtext(f"{{{BPMN}}}documentation") or ""
            steps.append(Step(name, task.get("name") or "", lanes.get(name, ""), within))
    found = tuple(steps)
    if _faults(found) or bpmn(process.get("id") or "", process.get("name") or "", found) != xml:
        return None
    return found


def _require_sound(steps: Sequence[Step]) -> None:
    if wrong := _faults(steps):
        raise fault(wrong, "steps")


def _faults(steps: Sequence[Step]) -> str:
    """What the order lacks, in words; empty when nothing."""
    tasks = [step.task for step in steps]
    for step in steps:
        if step.task not in STEPS:
            return _("Không xếp được bước “%(task)s” vào quy trình tuần tự.") % {"task": step.task[:40]}
        if not step.name.strip() or len(step.name) > 100 or not _printable(step.name + step.within):
            return _("Mỗi bước phải có tên, không quá 100 ký tự.")
        if step.lane not in KNOWN[step.task].lanes:
            return _("Bước “%(name)s” không giao cho người này được.") % {"name": step.name}
    if len(set(tasks)) != len(tasks):
        return _("Mỗi bước chỉ có một lần.")
    if missing := [str(STEPS[task]) for task in NEEDED if task not in tasks]:
        return _("Quy trình còn thiếu bước: %(names)s.") % {"names": ", ".join(missing)}
    if tasks[0] != "receive" or tasks[-2:] != ["sign", "return_result"]:
        return _("Quy trình bắt đầu bằng tiếp nhận, kết thúc bằng ký rồi trả kết quả.")
    if "approve" in tasks and tasks.index("approve") != len(tasks) - 3:
        return _("Lãnh đạo phòng kiểm tra dự thảo ngay trước khi ký.")
    return ""


def _printable(text: str) -> bool:
    return all(char.isprintable() for char in text)


def _flows(tasks: Sequence[str]) -> list[_Flow]:
    after = dict(pairwise(tasks))
    before_signing = "approve" if "approve" in tasks else "sign"
    flows = [_Flow("start", "receive")]
    for task in tasks:
        following = after.get(task, "done")
        if task == "receive":
            flows += [
                _Flow("receive", "g_receive"),
                _Flow("g_receive", "await_receive", 'outcome == "supplement"'),
                _Flow("await_receive", "receive"),
                _Flow("g_receive", "refused", 'outcome == "refuse"'),
                _Flow("g_receive", following, default=True),
            ]
        elif task == "review":
            flows += [
                _Flow("review", "g_review"),
                _Flow("g_review", "await_review", 'outcome == "supplement"'),
                _Flow("await_review", "review"),
            ]
            if following != before_signing:  # the inspection is not done for a refusal, nor again for a new draft
                flows.append(_Flow("g_review", before_signing, 'outcome == "deny" || outcome == "revise"'))
            flows.append(_Flow("g_review", following, default=True))
        elif task in ("approve", "sign"):
            flows += [
                _Flow(task, f"g_{task}"),
                _Flow(f"g_{task}", "review", 'outcome == "back"'),
                _Flow(f"g_{task}", following, default=True),
            ]
        else:
            flows.append(_Flow(task, following))
    return flows


def _nodes(steps: Sequence[Step]) -> dict[str, tuple[str, int]]:
    """Every node with its lane and column, in the order of the process."""
    found: dict[str, tuple[str, int]] = {"start": ("applicant", 0)}
    column = 0
    for step in steps:
        found[step.task] = (step.lane, column)
        column += 1
        if step.task in ("receive", "review", "approve", "sign"):
            found[f"g_{step.task}"] = (step.lane, column)
            if step.task in ("receive", "review"):
                found[f"await_{step.task}"] = ("applicant", column)
            column += 1
        if step.task == "receive":
            found["refused"] = ("applicant", column)
    found["done"] = ("applicant", column)
    return found


def _element(node: str, named: dict[str, Step], flows: Sequence[_Flow]) -> list[str]:
    incoming = [f"      <bpmn:incoming>{flow.id}</bpmn:incoming>" for flow in flows if flow.target == node]
    outgoing = [f"      <bpmn:outgoing>{flow.id}</bpmn:outgoing>" for flow in flows if flow.source == node]
    inside = [*incoming, *outgoing]
    if node in ("start", "refused", "done"):
        kind = "startEvent" if node == "start" else "endEvent"
        name = {"refused": "Từ chối tiếp nhận", "done": "Hoàn thành"}.get(node, "")
        label = f' name="{escape(name)}"' if name else ""
        return [f'    <bpmn:{kind} id="{node}"{label}>', *inside, f"    </bpmn:{kind}>"]
    if node.startswith("g_"):
        default = next(flow.id for flow in flows if flow.source == node and flow.default)
        return [f'    <bpmn:exclusiveGateway id="{node}" default="{default}">', *inside, "    </bpmn:exclusiveGateway>"]
    step = named.get(node) or Step(node, "Bổ sung hồ sơ", "applicant")
    known = KNOWN[node].outcomes
    if node == "review" and not any(flow.source == "g_review" and "revise" in flow.when for flow in flows):
        known = tuple(outcome for outcome in known if outcome != "revise")
    said = [f"      <bpmn:documentation>{escape(step.within)}</bpmn:documentation>"] if step.within else []
    outcomes = f"      <bpmn:extensionElements><hl:outcomes>{' '.join(known)}</hl:outcomes></bpmn:extensionElements>"
    return [
        f'    <bpmn:userTask id="{node}" name="{escape(step.name)}">',
        *said,
        outcomes,
        *inside,
        "    </bpmn:userTask>",
    ]


def _diagram(code: str, nodes: dict[str, tuple[str, int]], lanes: Sequence[str], flows: Sequence[_Flow]) -> list[str]:
    boxes = {node: _box(node, lanes.index(lane), column) for node, (lane, column) in nodes.items()}
    width = _LEFT + (max(column for _lane, column in nodes.values()) + 1) * _COLUMN
    parts = [f'  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement="{code}">']
    for row, lane in enumerate(lanes):
        parts.append(
            f'    <bpmndi:BPMNShape id="{lane}_di" bpmnElement="{lane}" isHorizontal="true"><dc:Bounds x="40" '
            f'y="{_TOP + row * _ROW}" width="{width}" height="{_ROW}"/></bpmndi:BPMNShape>'
        )
    for node, (x, y, w, h) in boxes.items():
        parts.append(
            f'    <bpmndi:BPMNShape id="{node}_di" bpmnElement="{node}">'
            f'<dc:Bounds x="{x}" y="{y}" width="{w}" height="{h}"/></bpmndi:BPMNShape>'
        )
    for flow in flows:
        points = "".join(f'<di:waypoint x="{x}" y="{y}"/>' for x, y in _way(boxes[flow.source], boxes[flow.target]))
        parts.append(f'    <bpmndi:BPMNEdge id="{flow.id}_di" bpmnElement="{flow.id}">{points}</bpmndi:BPMNEdge>')
    return [*parts, "  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>"]


Box = tuple[int, int, int, int]


def _box(node: str, row: int, column: int) -> Box:
    w, h = _SIZES.get(node, (50, 50) if node.startswith("g_") else (_WIDTH, _HEIGHT))
    middle_x = _LEFT + column * _COLUMN + _WIDTH // 2
    middle_y = _TOP + row * _ROW + _ROW // 2
    return middle_x - w // 2, middle_y - h // 2, w, h


def _way(source: Box, target: Box) -> list[tuple[int, int]]:
    """From one box to another with square corners; back to an earlier column below the boxes."""
    (sx, sy, sw, sh), (tx, ty, tw, th) = source, target
    if tx + tw // 2 == sx + sw // 2:  # the same column: straight up or down
        down = ty > sy
        x = sx + sw // 2
        return [(x, sy + sh if down else sy), (x, ty if down else ty + th)]
    if tx > sx:
        middle = tx - (_COLUMN - _WIDTH) // 2
        start, end = sy + sh // 2, ty + th // 2
        return [(sx + sw, start), (middle, start), (middle, end), (tx, end)]
    below = max(sy + sh, ty + th) + 14
    return [(sx + sw // 2, sy + sh), (sx + sw // 2, below), (tx + tw // 2, below), (tx + tw // 2, ty + th)]
