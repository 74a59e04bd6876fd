"""What a provider speaks, turned into what was agreed: XML and SOAP from and to JSON, codes of another edition, old encodings.

All of it is declared with the operation (``transform`` in the snapshot), nothing is a program::

    {"request": {"format": "soap", "path": "/ws", "action": "urn:tra-cuu", "root": "d:TraCuu",
                 "namespaces": {"d": "urn:dan-cu"}, "map": {"d:So": "path:so", "d:Loc/d:Nam": "body:/nam"}},
     "response": {"format": "soap", "encoding": "tcvn3", "namespaces": {"d": "urn:dan-cu"}, "root": "d:KetQua",
                  "map": {"items": {"each": "d:Muc", "map": {"so": "d:So", "nam": {"path": "@nam", "type": "int"}}}}},
     "codes": {"items.tinh": {"table": {"15": "24"}, "unknown": "keep"}},
     "parameters": {"so": ["items.so"]},
     "translate": [{"in": "answer", "at": "items.xa", "list": "administrative-units", "from": "2025-06", "to": "2025-07", …}]}

`codes` is a table of the provider's own; `translate` goes by the editions of a shared list (:mod:`.translations`).
Sources of a request: ``path:name``, ``query:name``, ``body:/pointer``, ``const:words``. See docs/engineers/bus.md.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from . import encodings, translations
from .bodies import BadBody, read_json, read_xml
from .fields import parts_of

FORMATS = frozenset({"json", "xml", "soap"})
TYPES = frozenset({"text", "int", "number", "boolean", "date"})
UNKNOWN = frozenset({"keep", "null", "refuse"})
SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_STEP = re.compile(r"@?(?:(?:[^\W\d][\w.-]*|\*):)?[^\W\d][\w.-]*|\.")
_SOURCE = re.compile(r"(?:path|query|const):.*|body:(?:/.*)?", re.DOTALL)
#: A day as Vietnamese systems write it.
_DAY = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")


class BadTransform(ValueError):
    """A declared transformation cannot be used; says where."""


class ProviderFault(Exception):
    """The provider answered a SOAP fault. `of_caller`: it says that the request is at fault."""

    def __init__(self, *, of_caller: bool) -> None:
        super().__init__("soap fault")
        self.of_caller = of_caller


@dataclass(frozen=True)
class Asked:
    """What a consumer sent: parameters of the path, of the query (the first of each name), the body when it is JSON."""

    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any = None


def check(transform: Mapping[str, Any]) -> None:
    """Raise :class:`BadTransform` for what could not be carried out; the catalogue asks before a version is published."""
    if unknown := set(transform) - {"request", "response", "codes", "parameters", "translate"}:
        raise BadTransform(f"unknown: {', '.join(sorted(unknown))}")
    request, response = transform.get("request", {}), transform.get("response", {})
    for place, side in (("request", request), ("response", response)):
        if not isinstance(side, dict) or side.get("format", "json") not in FORMATS:
            raise BadTransform(f"{place}: format")
        if side.get("format", "json") != "json":
            if place == "request":
                _names(str(side.get("root", "")), side, place)
            if side.get("map") != {}:  # a message without anything in it
                _check_map(side.get("map"), side, place)
    if response.get("encoding", "utf-8") not in encodings.READERS:
        raise BadTransform("response: encoding")
    path = request.get("path", "/")
    if not isinstance(path, str) or not re.fullmatch(r"(?:/[A-Za-z0-9._~-]+)*/?", path) or "/.." in path:
        raise BadTransform("request: path")
    if not re.fullmatch(r"[\x20-\x7e]*", str(request.get("action", ""))) or '"' in str(request.get("action", "")):
        raise BadTransform("request: action")
    if wrong := translations.fault(transform.get("translate", [])):
        raise BadTransform(wrong)
    for field, rule in transform.get("codes", {}).items():
        if (
            not isinstance(rule, dict)
            or not isinstance(rule.get("table"), dict)
            or rule.get("unknown", "keep") not in UNKNOWN
        ):
            raise BadTransform(f"codes: {field}")


def make_request(transform: Mapping[str, Any], asked: Asked) -> tuple[bytes, dict[str, str]]:
    """The body for the provider and its fields; raises :class:`BadBody` when a value cannot be written as XML."""
    side = transform["request"]
    names = side.get("namespaces", {})
    root = Element(_tag(side["root"], names))
    _fill(root, side["map"], names, asked, asked.body)
    if side["format"] == "xml":
        return _written(root), {"content-type": "application/xml; charset=utf-8"}
    version = SOAP_12 if side.get("version") == "1.2" else SOAP_11
    envelope = Element(f"{{{version}}}Envelope")
    ElementTree.SubElement(envelope, f"{{{version}}}Body").append(root)
    action = side.get("action", "")
    if version == SOAP_12:
        return _written(envelope), {"content-type": f'application/soap+xml; charset=utf-8; action="{action}"'}
    return _written(envelope), {"content-type": "text/xml; charset=utf-8", "soapaction": f'"{action}"'}


def read_answer(transform: Mapping[str, Any], content: bytes) -> Any:
    """The document that an answer holds; raises :class:`BadBody`, :class:`ProviderFault`."""
    side = transform.get("response", {})
    encoding, kind = side.get("encoding", "utf-8"), side.get("format", "json")
    content = encodings.to_unicode(content, encoding)
    if kind == "json":
        document = read_json(content)
    else:
        names = side.get("namespaces", {})
        root = read_xml(content)
        if kind == "soap":
            root = _soap_content(root)
        if "root" in side:
            found = root if root.tag == _tag(side["root"], names) else root.find(_tag(side["root"], names))
            if found is None:
                raise BadBody("xml-root")
            root = found
        document = _picked(root, side["map"], names)
    document = encodings.every_text(document, encodings.READERS[encoding])
    for field, rule in transform.get("codes", {}).items():
        document = _translated(document, parts_of(field), rule)
    return document


def _soap_content(envelope: Element) -> Element:
    for version in (SOAP_11, SOAP_12):
        body = envelope.find(f"{{{version}}}Body") if envelope.tag == f"{{{version}}}Envelope" else None
        if body is None:
            continue
        fault = body.find(f"{{{version}}}Fault")
        if fault is not None:
            code = fault.findtext("faultcode") or fault.findtext(f"{{{version}}}Code/{{{version}}}Value") or ""
            raise ProviderFault(of_caller=code.rpartition(":")[2].split(".")[0] in ("Client", "Sender"))
        if len(body) == 1:
            return body[0]
    raise BadBody("soap")


def _picked(element: Element, mapping: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for member, rule in mapping.items():
        rule = {"path": rule} if isinstance(rule, str) else rule
        if "each" in rule:
            found = _found(element, rule["each"], names)
            made[member] = [
                _picked(each, rule["map"], names) if "map" in rule else _typed(each.text or "", rule) for each in found
            ]
        elif "map" in rule:
            inner = _found(element, rule.get("at", "."), names)
            if inner:
                made[member] = _picked(inner[0], rule["map"], names)
        else:
            text = _text(element, rule["path"], names)
            if text is not None:
                made[member] = _typed(text, rule)
            elif "default" in rule:
                made[member] = rule["default"]
    return made


def _found(element: Element, path: str, names: Mapping[str, str]) -> list[Element]:
    level = [element]
    for step in path.split("/"):
        if step != ".":
            level = [below for each in level for below in each.findall(_tag(step, names))]
    return level


def _text(element: Element, path: str, names: Mapping[str, str]) -> str | None:
    place, _slash, last = path.rpartition("/")
    if last.startswith("@"):
        found = _found(element, place or ".", names)
        return found[0].get(_tag(last[1:], names)) if found else None
    found = _found(element, path, names)
    if not found:
        return None
    return (found[0].text or "").strip()


def _typed(text: str, rule: Mapping[str, Any]) -> Any:
    kind = rule.get("type", "text")
    text = text.strip()
    if kind == "text":
        return text
    if not text:
        return None
    try:
        if kind == "int":
            if len(text) > 40:
                raise ValueError(text)
            return int(text)
        if kind == "number":
            return read_json(text.encode())
        if kind == "boolean":
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        day = _DAY.fullmatch(text)
        return (date(int(day[3]), int(day[2]), int(day[1])) if day else date.fromisoformat(text[:10])).isoformat()
    except (ValueError, KeyError):
        raise BadBody("transform-value") from None


def _fill(element: Element, mapping: Mapping[str, Any], names: Mapping[str, str], asked: Asked, here: Any) -> None:
    """Elements below `element`, in the order declared; `here`: what ``body:`` counts from."""
    for path, rule in mapping.items():
        rule = {"from": rule} if isinstance(rule, str) else rule
        if "each" in rule:
            listed = _source(rule["each"], asked, here)
            for each in listed if isinstance(listed, list) else []:
                _fill(_made(element, path, names, new=True), rule["map"], names, asked, each)
            continue
        value = _source(rule["from"], asked, here)
        if value is None:
            value = rule.get("default")
        if value is None:
            continue
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, dict | list):
                raise BadBody("transform-value")
            text = ("true" if each else "false") if isinstance(each, bool) else str(each)
            if re.search(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text):
                raise BadBody("transform-value")
            place, _slash, last = path.rpartition("/")
            at = _made(element, place, names) if place and last[:1] in ("@", ".") else element
            if last.startswith("@"):
                at.set(_tag(last[1:], names), text)
            elif last == ".":
                at.text = text
            else:
                _made(element, path, names, new=True).text = text


def _made(element: Element, path: str, names: Mapping[str, str], *, new: bool = False) -> Element:
    """The element at a path, made where it is not there; `new`: the last one is made in any case."""
    steps = path.split("/")
    for number, step in enumerate(steps):
        tag = _tag(step, names)
        there = None if new and number == len(steps) - 1 else element.find(tag)
        element = there if there is not None else ElementTree.SubElement(element, tag)
    return element


def _source(source: str, asked: Asked, here: Any) -> Any:
    kind, _colon, name = source.partition(":")
    if kind == "const":
        return name
    if kind == "body":
        for part in [part.replace("~1", "/").replace("~0", "~") for part in name.split("/")[1:]]:
            here = here.get(part) if isinstance(here, dict) else None
        return here
    return (asked.path if kind == "path" else asked.query).get(name)


def _translated(document: Any, parts: list[str], rule: Mapping[str, Any]) -> Any:
    if isinstance(document, list):
        return [_translated(each, parts, rule) for each in document]
    if not parts:
        if not isinstance(document, str):
            return document
        if document in rule["table"]:
            return rule["table"][document]
        unknown = rule.get("unknown", "keep")
        if unknown == "refuse":
            raise BadBody("code-unknown")
        return document if unknown == "keep" else None
    if not isinstance(document, dict) or parts[0] not in document:
        return document
    return {**document, parts[0]: _translated(document[parts[0]], parts[1:], rule)}


def _tag(name: str, names: Mapping[str, str]) -> str:
    prefix, colon, local = name.rpartition(":")
    if not colon:
        return local
    return f"{{*}}{local}" if prefix == "*" else f"{{{names[prefix]}}}{local}"


def _written(root: Element) -> bytes:
    made: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _check_map(mapping: Any, side: Mapping[str, Any], place: str) -> None:
    if not isinstance(mapping, dict) or not mapping:
        raise BadTransform(f"{place}: map")
    asking = place.startswith("request")
    for name, rule in mapping.items():
        where = f"{place}/{name}"
        if isinstance(rule, str):
            rule = {"from" if asking else "path": rule}
        if not isinstance(rule, dict) or set(rule) - {"each", "at", "map", "path", "from", "type", "default"}:
            raise BadTransform(where)
        if rule.get("type", "text") not in TYPES:
            raise BadTransform(f"{where}: type")
        if asking:
            _names(name, side, where)
            if not _SOURCE.fullmatch(str(rule.get("each" if "each" in rule else "from", ""))):
                raise BadTransform(where)
        else:
            paths = [str(rule[word]) for word in ("each", "at", "path") if word in rule]
            if not paths and "map" not in rule:
                raise BadTransform(where)
            for path in paths:
                _names(path, side, where)
        if "map" in rule:
            _check_map(rule["map"], side, where)
        elif asking and "each" in rule:
            raise BadTransform(where)


def _names(path: str, side: Mapping[str, Any], where: str) -> None:
    steps = path.split("/")
    known = side.get("namespaces", {})
    for number, step in enumerate(steps):
        prefix = step.lstrip("@").rpartition(":")[0]
        if not _STEP.fullmatch(step) or (step.startswith("@") and number < len(steps) - 1):
            raise BadTransform(f"{where}: {path}")
        if prefix and prefix not in known and not (prefix == "*" and where.startswith("response")):
            raise BadTransform(f"{where}: {prefix}")
