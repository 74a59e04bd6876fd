"""Drawing a BPMN model as SVG from its own diagram, with where an instance stands. No script needed."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from lxml import etree

from .engine import BPMN, Standing

DI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
WAY = "http://www.omg.org/spec/DD/20100524/DI"
LINE = 20


@dataclass(frozen=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


def svg(xml: str, standing: Standing | None = None, *, title: str = "") -> str:
    """The drawing as an SVG element. Ready tasks have class ``is-ready``, completed ones ``is-passed``.

    Colours come from the page's style sheet (``.hl-process …``); the text alternative lists the steps in words.
    """
    root = etree.fromstring(xml.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    elements = {e.get("id"): e for e in root.iter() if isinstance(e.tag, str) and e.get("id")}
    boxes: dict[str, _Box] = {}
    for shape in root.iter(f"{{{DI}}}BPMNShape"):
        bounds = shape.find(f"{{{DC}}}Bounds")
        if bounds is not None:
            boxes[shape.get("bpmnElement", "")] = _Box(
                *(float(bounds.get(k, "0")) for k in ("x", "y", "width", "height"))
            )
    width = max(b.x + b.width for b in boxes.values()) + LINE
    height = max(b.y + b.height for b in boxes.values()) + LINE
    ready = {r.task for r in standing.ready} if standing else set()
    passed = set(standing.passed) if standing else set()
    label = title or elements[next(iter(boxes))].get("name", "")
    parts = [
        f'<svg class="hl-process" viewBox="0 0 {width:.0f} {height:.0f}" role="img" aria-label="{escape(label)}" '
        f'xmlns="http://www.w3.org/2000/svg">',
        '<defs><marker id="hl-arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        '<path d="M0 0 10 5 0 10z"/></marker></defs>',
    ]
    parts += [_lane(boxes[i], elements[i].get("name", "")) for i in boxes if _kind(elements[i]) == "lane"]
    parts += [_edge(edge) for edge in root.iter(f"{{{DI}}}BPMNEdge")]
    for identifier, box in boxes.items():
        state = " is-ready" if identifier in ready else " is-passed" if identifier in passed else ""
        parts.append(_node(_kind(elements[identifier]), box, elements[identifier].get("name", ""), state))
    parts.append("</svg>")
    return "".join(parts)


def _kind(element: etree._Element) -> str:
    return etree.QName(element).localname if etree.QName(element).namespace == BPMN else ""


def _lane(box: _Box, name: str) -> str:
    middle = box.y + box.height / 2
    return (
        f'<g class="hl-process__lane"><rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}"/>'
        f'<text x="{box.x + 10}" y="{middle - box.height / 2 + 18}">{escape(name)}</text></g>'
    )


def _edge(edge: etree._Element) -> str:
    points = " ".join(f"{p.get('x')},{p.get('y')}" for p in edge.findall(f"{{{WAY}}}waypoint"))
    return f'<polyline class="hl-process__flow" points="{points}" marker-end="url(#hl-arrow)"/>'


def _node(kind: str, box: _Box, name: str, state: str) -> str:
    cx, cy = box.x + box.width / 2, box.y + box.height / 2
    if kind == "userTask":
        rows = _wrap(name)
        first = cy - (len(rows) - 1) * LINE / 2 + 5
        text = "".join(f'<text x="{cx}" y="{first + i * LINE}">{escape(row)}</text>' for i, row in enumerate(rows))
        return (
            f'<g class="hl-process__task{state}"><rect x="{box.x}" y="{box.y}" width="{box.width}" '
            f'height="{box.height}" rx="8"/>{text}</g>'
        )
    if kind in {"startEvent", "endEvent"}:
        ring = "hl-process__end" if kind == "endEvent" else "hl-process__start"
        return (
            f'<g class="{ring}"><circle cx="{cx}" cy="{cy}" r="{box.width / 2}"/>'
            f'<text x="{cx}" y="{box.y + box.height + 16}">{escape(name)}</text></g>'
        )
    if kind.endswith("Gateway"):
        points = f"{cx},{box.y} {box.x + box.width},{cy} {cx},{box.y + box.height} {box.x},{cy}"
        return f'<polygon class="hl-process__gateway" points="{points}"/>'
    return ""


def _wrap(text: str, limit: int = 15) -> list[str]:
    rows: list[str] = []
    for word in text.split():
        if rows and len(rows[-1]) + len(word) < limit:
            rows[-1] += f" {word}"
        else:
            rows.append(word)
    return rows or [""]
