"""What is turned on the way, said in the OpenAPI description that engineers get: in words, and for their tools."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput

from . import describing, translating
from .models import Operation, Version

#: Beside an operation: code lists with their editions and fields, encoding, format.
EXTENSION = "x-hienluong-translation"
#: Of the words, in this order: the file has one text for all readers.
LANGUAGES = ("vi", "en")
_OF_RULE = ("in", "list", "from", "to", "several", "missing")
Transform = dict[str, Any]


def note(document: dict[str, Any], version: Version, operations: Iterable[Operation]) -> None:
    """Put it beside each operation of a description of one's own that is turned; the others stay as they are."""
    formats: dict[str, Transform] = {}
    if version.kind == Version.Kind.WSDL:
        formats = describing.transformations(version.document)
    for one in operations:
        told = extension(one, formats.get(one.name))
        place = _place(document, one) if told else None
        if place is not None:
            place[EXTENSION] = told
            described = place.get("description")
            words = [described] if isinstance(described, str) and described.strip() else []
            place["description"] = "\n\n".join([*words, *(_words(one, told, each) for each in LANGUAGES)])


def _place(document: dict[str, Any], operation: Operation) -> dict[str, Any] | None:
    try:
        item = describing.follow(document, (document.get("paths") or {}).get(operation.template))
    except InvalidInput:
        return None
    found = item.get(operation.method.lower())
    return found if isinstance(found, dict) else None


def extension(operation: Operation, transform: Transform | None) -> dict[str, Any]:
    """What is turned, for programs; empty when nothing is."""
    told: dict[str, Any] = {}
    if codes := _codes(operation):
        told["codes"] = codes
    if encoding := operation.turning.get("encoding"):
        told["encoding"] = {"from": encoding, "to": "utf-8", "normalization": "NFC"}
    if transform:
        spoken = {side: transform.get(side, {}).get("format", "json") for side in ("request", "response")}
        told["format"] = {
            "request": {"from": "json", "to": spoken["request"]},
            "response": {"from": spoken["response"], "to": "json"},
        }
    return told


def _codes(operation: Operation) -> list[dict[str, Any]]:
    """The rules, those that differ in their field alone as one."""
    found: dict[tuple[str, ...], list[str]] = {}
    for rule in translating.directed(operation.turning):
        found.setdefault(tuple(rule[name] for name in _OF_RULE), []).append(rule["at"])
    return [{**dict(zip(_OF_RULE, rule, strict=True)), "fields": fields} for rule, fields in found.items()]


def _words(operation: Operation, told: dict[str, Any], language: str) -> str:
    with translation.override(language):
        lines = list(translating.told(operation))
        spoken = told.get("format", {}).get("response", {}).get("from", "").upper()
        if spoken:
            lines.append(_("Bên cung cấp nói %(format)s; bạn gửi và nhận JSON.") % {"format": spoken})
        if "codes" in told:
            lines.append(_("Mã không có đúng một mã thay được báo ở đầu mục Code-Translation của câu trả lời."))
        return "\n".join([_("Trục dữ liệu đổi trên đường đi:"), *(f"- {line}" for line in lines)])
