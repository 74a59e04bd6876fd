"""Operations on the certificate that the records of a register carry; its fields are called after the kind of paper it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from hienluong.foundation.schemas.properties import properties

from . import schema_operations as fields
from .register_operations import ORDER, Definition, add_field, put_field, schema_of
from .schema_operations import fault
from .yaml_text import put

CERTIFICATE_ORDER = (
    "title number series holder issued expires standing suspended standings validity renew_keeps_number template shows legal_basis"
).split()
#: The kinds by which names of papers begin, the longer ones first.
KINDS = (
    "giấy chứng nhận",
    "giấy xác nhận",
    "giấy phép",
    "giấy đăng ký",
    "giấy chấp thuận",
    "giấy công nhận",
    "giấy báo nhận",
    "chứng chỉ",
    "chứng nhận",
    "văn bản chấp thuận",
    "văn bản xác nhận",
    "văn bằng",
    "quyết định",
    "bằng",
    "thẻ",
)
_LABELS = {
    "number": "Số {kind}",
    "issued": "Ngày cấp {kind}",
    "expires": "Ngày hết hạn {kind}",
    "standing": "Tình trạng {kind}",
    "suspended": "Thời gian đình chỉ",
}


def begin_certificate(
    definition: Definition, *, title: str, holder: str, series: str, years: int | None
) -> dict[str, Any]:
    """The register's records carry a certificate: the fields it is kept in are added, its holder must be said, everybody may
    read how it stands and finds it by the number on the paper.

    The holder's name is not for everybody unless somebody says so (Luật 91/2025/QH15); as what a record is called it is,
    where the register holds nobody's personal number.
    """
    if isinstance(definition.get("certificate"), Mapping):
        raise fault(_("Cơ sở dữ liệu này đã có giấy chứng nhận."))
    if holder not in properties(schema_of(definition)):
        raise fault(_("Chọn trường là tên người, cơ sở được cấp."), "holder")
    kept = {"number": "text", "issued": "date", "expires": "date", "standing": fields.CHOICE, "suspended": "period"}
    changed, named = dict(definition), {}
    for part, kind in kept.items():
        if part == "expires" and not years:
            continue
        label = label_of(part, title)
        named[part] = fields.name_from(label, properties(schema_of(changed)))
        changed = add_field(changed, kind=kind, title=label, name=named[part])
    standings = {
        "valid": "Còn hiệu lực",
        "suspended": "Bị đình chỉ",
        "revoked": "Bị thu hồi",
        "ended": "Đã chấm dứt",
    }
    prop = properties(schema_of(changed))[named["standing"]]
    prop = {**prop, "enum": list(standings), "x-enum-labels": standings}
    changed = put_field(changed, name=named["standing"], prop=prop, required=False)
    certificate: dict[str, Any] = {"title": title.strip(), "number": named["number"], "series": series.strip()}
    certificate |= {"holder": holder, **{part: name for part, name in named.items() if part != "number"}}
    certificate |= {"validity": {"years": years} if years else None}
    changed = set_certificate(changed, **certificate)
    if holder not in (changed.get("computed") or {}):  # nobody is given a certificate without a name
        changed = put(changed, "schema", fields.require(schema_of(changed), holder, True), ORDER)
    searched = dict.fromkeys([*(changed.get("search") or ()), named["number"]])
    changed = put(changed, "search", list(searched), ORDER)
    called = str(changed["name"])
    of_persons = any(prop.get("x-kind") == "personal-id" for prop in properties(schema_of(changed)).values())
    return _public(changed, [*(() if called == holder and of_persons else (called,)), *named.values()])


def set_certificate(definition: Definition, **parts: Any) -> dict[str, Any]:
    """What the certificate's section says; an empty part is taken away. Fields that were labelled after a paper of another
    kind follow its new name."""
    there = definition.get("certificate")
    section: dict[str, Any] = dict(there) if isinstance(there, Mapping) else {}
    before = str(section.get("title", ""))
    for part, value in parts.items():
        section = put(section, part, value, CERTIFICATE_ORDER)
    changed = put(definition, "certificate", section, ORDER)
    return _relabelled(changed, before) if before else changed


def remove_certificate(definition: Definition) -> dict[str, Any]:
    """The definition without the section; its fields stay, they may hold something."""
    return put(definition, "certificate", None, ORDER)


def kind_of(title: str) -> str:
    """“Giấy phép hoạt động bến khách” is a “giấy phép”; a paper of no known kind is a “giấy”."""
    words = f"{' '.join(title.lower().split())} "
    return next((kind for kind in KINDS if words.startswith(f"{kind} ")), "giấy")


def label_of(part: str, title: str) -> str:
    """What the field that a part of the certificate is kept in is called."""
    return _LABELS[part].format(kind=kind_of(title))


def _relabelled(definition: dict[str, Any], before: str) -> dict[str, Any]:
    """The definition whose certificate was called `before`: fields that were labelled after that paper follow its new name."""
    section = definition.get("certificate")
    title = str(section.get("title", "")) if isinstance(section, Mapping) else ""
    if not isinstance(section, Mapping) or kind_of(title) == kind_of(before):
        return definition
    changed = definition
    for part in _LABELS:
        name = str(section.get(part, ""))
        schema = schema_of(changed)
        prop = properties(schema).get(name)
        if prop is not None and prop.get("title") == label_of(part, before):
            prop = {**prop, "title": label_of(part, title)}
            changed = put_field(changed, name=name, prop=prop, required=name in schema.get("required", ()))
    return changed


def _public(definition: Definition, names: Sequence[str]) -> dict[str, Any]:
    """The definition in which everybody may read these fields as well."""
    access = definition.get("access")
    access = dict(access) if isinstance(access, Mapping) else {}
    public = access.get("public")
    public = dict(public) if isinstance(public, Mapping) else {}
    if public.get("read") == "*":
        return dict(definition)
    wanted = {*(public.get("read") or ()), *names}
    public["read"] = [name for name in properties(schema_of(definition)) if name in wanted]
    return put(definition, "access", {**access, "public": public}, ORDER)
