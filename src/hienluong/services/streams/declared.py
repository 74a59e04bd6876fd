"""Which events leave the house, and what they carry: nothing that is not declared here, and no data of persons.

An event tells that something changed and names it; whoever wants to know more asks our services, under an agreement.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Schema = dict[str, Any]


@dataclass(frozen=True)
class Declared:
    """A type of events: its name in the house, what it means, and the properties of its data.

    `properties` are JSON Schema; those named in `required` are always there.
    """

    type: str
    title: Promise
    properties: Schema
    required: tuple[str, ...]
    about: Promise = field(default_factory=lambda: _("Sự kiện của tỉnh"))

    @property
    def schema(self) -> Schema:
        """The JSON Schema of the data."""
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": self.properties,
            "required": list(self.required),
        }


_ORGANISATIONS, _LISTS, _PROCEDURES = _("Cơ quan, đơn vị"), _("Danh mục dùng chung"), _("Thủ tục hành chính")
_CODE: Schema = {"type": "string", "maxLength": 40}
_DAY: Schema = {"type": "string", "format": "date"}
_CODES: Schema = {"type": "array", "items": {"type": "string", "maxLength": 100}}


def _organisation(type: str, title: Promise, **more: Schema) -> Declared:
    required = ("code", *(name for name in more if name != "parent"))
    return Declared(f"organization.{type}", title, {"code": _CODE, **more}, required, _ORGANISATIONS)


def _procedure(type: str, title: Promise, **more: Schema) -> Declared:
    return Declared(f"procedure.{type}", title, {"code": _CODE, **more}, ("code", *more), _PROCEDURES)


TYPES = {
    declared.type: declared
    for declared in (
        Declared(
            "codelist.changed",
            _("Danh mục dùng chung có ấn bản mới hoặc mã đổi"),
            {"list": _CODE, "new": _CODES, "changed": _CODES, "codes": _CODES},
            ("list",),
            _LISTS,
        ),
        _organisation("created", _("Cơ quan được lập")),
        _organisation("changed", _("Thông tin liên hệ của cơ quan đổi")),
        _organisation("renamed", _("Cơ quan đổi tên"), on=_DAY),
        _organisation("moved", _("Cơ quan chuyển về cơ quan cấp trên khác"), parent={"type": ["string", "null"]}),
        Declared(
            "organization.succeeded",
            _("Công việc của cơ quan chuyển sang cơ quan kế tiếp"),
            {"predecessor": _CODE, "successor": _CODE, "is_primary": {"type": "boolean"}, "on": _DAY},
            ("predecessor", "successor", "is_primary", "on"),
            _ORGANISATIONS,
        ),
        _procedure("published", _("Thủ tục được công bố, hoặc có phiên bản mới"), number={"type": "integer"}),
        _procedure("in_force", _("Thủ tục có hiệu lực")),
        _procedure("suspended", _("Thủ tục tạm ngừng")),
        _procedure("resumed", _("Thủ tục được tiếp tục")),
        _procedure("replaced", _("Thủ tục được thay thế"), by=_CODE),
        _procedure("withdrawn", _("Thủ tục bị bãi bỏ"), **{"from": _DAY}),
        _procedure("reinstated", _("Thủ tục được khôi phục")),
    )
}
