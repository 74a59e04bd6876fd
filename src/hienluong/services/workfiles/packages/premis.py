"""PREMIS 3: what is kept, with its digest, and what happened to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from .content import Event

NAMESPACE = "http://www.loc.gov/premis/v3"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True)
class Kept:
    """One thing that is kept: its id, its category, and for a file its digest (SHA-256, hex), size in bytes and format."""

    identifier: str
    category: str  # file, representation, intellectual entity
    sha256: str = ""
    size: int = 0
    media_type: str = ""
    original_name: str = ""


def written(kept: list[Kept], events: list[Event], agent: str, *, made_at: datetime) -> bytes:
    """One PREMIS document about `kept`, with `events` in their order; `agent` is the software that writes it."""
    root = etree.Element(f"{{{NAMESPACE}}}premis", nsmap={"premis": NAMESPACE, "xsi": _XSI}, version="3.0")
    for each in kept:
        _object(root, each)
    for event in events:
        _event(root, event, event.agent or agent, [each.identifier for each in kept[:1]])
    for name in dict.fromkeys([agent, *(event.agent for event in events if event.agent)]):
        _agent(root, name, software=name == agent)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _object(root: etree._Element, kept: Kept) -> None:
    found = _sub(root, "object")
    found.set(
        f"{{{_XSI}}}type", f"premis:{'intellectualEntity' if kept.category == 'intellectual entity' else kept.category}"
    )
    found.set("xmlID", kept.identifier)
    _pair(found, "objectIdentifier", "UUID", kept.identifier)
    if kept.category == "file":
        characteristics = _sub(found, "objectCharacteristics")
        fixity = _sub(characteristics, "fixity")
        _sub(fixity, "messageDigestAlgorithm", "SHA-256")
        _sub(fixity, "messageDigest", kept.sha256.upper())
        _sub(characteristics, "size", str(kept.size))
        _sub(_sub(_sub(characteristics, "format"), "formatDesignation"), "formatName", kept.media_type)
    if kept.original_name:
        _sub(found, "originalName", kept.original_name)


def _event(root: etree._Element, event: Event, agent: str, objects: list[str]) -> None:
    found = _sub(root, "event")
    _pair(found, "eventIdentifier", "UUID", f"uuid-{str(uuid.uuid4()).upper()}")
    _sub(found, "eventType", event.kind)
    _sub(found, "eventDateTime", event.at.isoformat(timespec="milliseconds"))
    if event.note:
        _sub(_sub(found, "eventDetailInformation"), "eventDetail", event.note)
    _sub(_sub(found, "eventOutcomeInformation"), "eventOutcome", event.outcome)
    linked = _sub(found, "linkingAgentIdentifier")
    _sub(linked, "linkingAgentIdentifierType", "local")
    _sub(linked, "linkingAgentIdentifierValue", agent)
    for each in objects:
        of = _sub(found, "linkingObjectIdentifier")
        _sub(of, "linkingObjectIdentifierType", "UUID")
        _sub(of, "linkingObjectIdentifierValue", each)


def _agent(root: etree._Element, name: str, *, software: bool) -> None:
    found = _sub(root, "agent")
    _pair(found, "agentIdentifier", "local", name)
    _sub(found, "agentName", name)
    _sub(found, "agentType", "software" if software else "person")


def _pair(parent: etree._Element, name: str, kind: str, value: str) -> None:
    found = _sub(parent, name)
    _sub(found, f"{name}Type", kind)
    _sub(found, f"{name}Value", value)


def _sub(parent: etree._Element, name: str, text: str | None = None) -> etree._Element:
    found = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    found.text = text
    return found
