"""What a process can go through with given parameters: the steps that are left, and what leads from one to another.

A model serves several variants: a gateway that only asks for a parameter sends every instance the same way. Such a gateway
and whatever lies on its other ways are no part of the course.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lxml import etree

from .engine import BPMN, OURS, holds

_NODES = frozenset(("startEvent", "endEvent", "userTask", "exclusiveGateway", "parallelGateway"))


@dataclass(frozen=True)
class Node:
    """A step, an event or a gateway; `lane` is the id of whose it is."""

    id: str
    kind: str
    name: str
    lane: str
    outcomes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """What leads from one node to another: with which outcomes of the step before, and how the model calls it."""

    source: str
    target: str
    outcomes: tuple[str, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Course:
    """The nodes in the order in which they are come to, the ways between them, and the lanes with a node in them."""

    title: str
    nodes: dict[str, Node]
    ways: tuple[Way, ...]
    lanes: dict[str, str]

    def ways_from(self, node: str) -> list[Way]:
        """What leads on from a node."""
        return [way for way in self.ways if way.source == node]

    def ways_to(self, node: str) -> list[Way]:
        """What leads to a node."""
        return [way for way in self.ways if way.target == node]


@dataclass(frozen=True)
class _Flow:
    id: str
    source: str
    target: str
    name: str
    condition: str


@dataclass(frozen=True)
class _Drawn:
    """A model as its document has it."""

    title: str
    nodes: dict[str, Node]
    flows: tuple[_Flow, ...]
    defaults: frozenset[str]
    lanes: dict[str, str]

    def flows_from(self, node: str) -> list[_Flow]:
        return [flow for flow in self.flows if flow.source == node]


def course(xml: str, params: Mapping[str, Any]) -> Course:
    """What instances of a model with these parameters can go through."""
    drawn = _read(xml)
    taken = _taken(drawn, params)
    ways = _without_idle(
        drawn, [Way(f.source, f.target, tuple(taken[f.id]), f.name) for f in drawn.flows if f.id in taken]
    )
    order = _order(drawn, ways)
    nodes = {name: drawn.nodes[name] for name in order}
    here = {node.lane for node in nodes.values()}
    return Course(drawn.title, nodes, tuple(ways), {lane: name for lane, name in drawn.lanes.items() if lane in here})


@lru_cache(maxsize=64)
def _read(xml: str) -> _Drawn:
    root = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    process = root.find(f"{{{BPMN}}}process")
    lanes: dict[str, str] = {}
    lane_of: dict[str, str] = {}
    for lane in process.iter(f"{{{BPMN}}}lane"):
        lanes[lane.get("id", "")] = lane.get("name") or lane.get("id", "")
        lane_of |= {(ref.text or "").strip(): lane.get("id", "") for ref in lane.findall(f"{{{BPMN}}}flowNodeRef")}
    nodes, flows, defaults = {}, [], set()
    for element in process.iter(*(f"{{{BPMN}}}{kind}" for kind in (*_NODES, "sequenceFlow"))):
        identifier, kind = element.get("id", ""), etree.QName(element).localname
        if kind == "sequenceFlow":
            said = (element.findtext(f"{{{BPMN}}}conditionExpression") or "").strip()
            flows.append(
                _Flow(
                    identifier,
                    element.get("sourceRef", ""),
                    element.get("targetRef", ""),
                    element.get("name", ""),
                    said,
                )
            )
            continue
        outcomes = element.findtext(f"{{{BPMN}}}extensionElements/{{{OURS}}}outcomes") or ""
        nodes[identifier] = Node(
            identifier, kind, element.get("name", ""), lane_of.get(identifier, ""), tuple(outcomes.split())
        )
        defaults.add(element.get("default", ""))
    known = tuple(flow for flow in flows if flow.source in nodes and flow.target in nodes)
    return _Drawn(process.get("name", ""), nodes, known, frozenset(defaults - {""}), lanes)


def _taken(drawn: _Drawn, params: Mapping[str, Any]) -> dict[str, dict[str, None]]:
    """The flows that can be taken, each with the outcomes of the step before with which it is."""
    starts = [name for name, node in drawn.nodes.items() if node.kind == "startEvent"]
    waiting = [(name, "") for name in starts]
    taken: dict[str, dict[str, None]] = {}
    seen = set(waiting)
    while waiting:
        name, outcome = waiting.pop(0)
        node = drawn.nodes[name]
        for leaving in node.outcomes or (outcome,):
            for flow in _followed(drawn, node, leaving, params):
                taken.setdefault(flow.id, {})[leaving] = None
                if (flow.target, leaving) not in seen:
                    seen.add((flow.target, leaving))
                    waiting.append((flow.target, leaving))
    return taken


def _followed(drawn: _Drawn, node: Node, outcome: str, params: Mapping[str, Any]) -> list[_Flow]:
    """The flows that the engine follows from a node, after this outcome."""
    flows = drawn.flows_from(node.id)
    if node.kind != "exclusiveGateway":
        return flows
    data = {"params": dict(params), "outcome": outcome}
    asked = [flow for flow in flows if flow.condition and flow.id not in drawn.defaults]
    found = next((flow for flow in asked if holds(flow.condition, data)), None)
    return [found] if found else [flow for flow in flows if flow not in asked][:1]


def _without_idle(drawn: _Drawn, ways: list[Way]) -> list[Way]:
    """The ways, led past exclusive gateways that decide nothing any more."""
    idle = next(
        (
            way
            for way in ways
            if drawn.nodes[way.source].kind == "exclusiveGateway"
            and sum(other.source == way.source for other in ways) == 1
            and way.source != way.target
        ),
        None,
    )
    if idle is None:
        return _joined(ways)
    past = [
        Way(way.source, idle.target, way.outcomes, way.name or idle.name) if way.target == idle.source else way
        for way in ways
        if way is not idle
    ]
    return _without_idle(drawn, _joined(past))


def _joined(ways: list[Way]) -> list[Way]:
    """Two ways between the same nodes as one."""
    found: dict[tuple[str, str], Way] = {}
    for way in ways:
        there = found.get((way.source, way.target))
        if there:
            outcomes = tuple(dict.fromkeys((*there.outcomes, *way.outcomes)))
            way = Way(way.source, way.target, outcomes, ", ".join(filter(None, (there.name, way.name))))
        found[way.source, way.target] = way
    return list(found.values())


def _order(drawn: _Drawn, ways: list[Way]) -> list[str]:
    """The nodes from the start on, each after those through which it is first come to."""
    order = [name for name, node in drawn.nodes.items() if node.kind == "startEvent"]
    for name in order:
        order += [way.target for way in ways if way.source == name and way.target not in order]
    return order
