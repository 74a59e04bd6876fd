"""``registers/<code>.yaml``: what a register holds, who may see and write it, and how it is shown.

The schema is JSON Schema 2020-12 whose fields may name a kind (``x-kind``, :mod:`hienluong.foundation.schemas.kinds`).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from hienluong.foundation.schemas import formulas, lists, shape
from hienluong.foundation.schemas.checking import Compiled, compiled, schema_fault
from hienluong.foundation.schemas.cleaning import Cleaner
from hienluong.foundation.schemas.kinds import FILES, KINDS, expanded, kind_of
from hienluong.foundation.schemas.properties import Property, label_of, properties, type_of

from .certificates import section
from .parts import FieldName, Part, Place, series_fault, series_scope

#: Most fields of one register, and of one repeating table in it.
MAX_FIELDS = 200
#: Most declared indexes: each costs every write.
MAX_INDEXES = 20


class Key(Part):
    """What tells one record from another for ever: a field, or a number of a series (``ATTP-{year}-{n:05}``)."""

    field: FieldName | Literal[""] = ""
    series: str = Field("", max_length=80)

    @model_validator(mode="after")
    def _one(self) -> Key:
        if bool(self.field) == bool(self.series):
            raise ValueError("khóa là một trường (field) hoặc một dãy số (series), đúng một trong hai")
        if self.series and (fault := series_fault(self.series)):
            raise ValueError(fault)
        return self

    def scope(self, year: int) -> str:
        """What the numbers of the series are counted by: the year when it is in them, else nothing."""
        return series_scope(self.series, year)


class Access(Part):
    """Which fields somebody may read and write: ``"*"`` for all, or their names."""

    read: Literal["*"] | list[FieldName] = []
    write: Literal["*"] | list[FieldName] = []


class AccessRules(Part):
    """By where one stands to a record. What is not said is refused.

    `responsible`: officials with the permission at the record's organisation (or above it). `owner`: at the organisation
    that owns the register. `subject`: the person or enterprise that the record is about. `public`: everybody.
    """

    responsible: Access = Access(read="*", write="*")
    owner: Access = Access(read="*")
    subject: Access = Access()
    public: Access = Access()


class ListView(Part):
    """A list: its columns, what it can be narrowed by, its order (``-name`` is downwards)."""

    title: str = ""
    columns: list[FieldName] = Field(min_length=1, max_length=12)
    filters: list[FieldName] = Field([], max_length=12)
    sort: str = Field("", pattern=r"^-?([a-z][a-z0-9_]{0,39})?$")


class Retention(Part):
    """How long a record is kept whole, and what is cleared of it then (Luật 91/2025/QH15, Luật Lưu trữ 33/2024/QH15).

    `years` count from the end of the record or from the last writing to it, whichever is later; None is for ever. `clears`
    names the fields, ``"*"`` all of them; the key and the responsible organisation always stay. Who asks why: `legal_basis`.
    """

    years: Annotated[int, Field(ge=1, le=100)] | None = None
    clears: Literal["*"] | list[FieldName] = []
    legal_basis: str = ""


class RegisterSpec(Part):
    """One version of a register's definition."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$", max_length=60)
    title: str = Field(min_length=1, max_length=200)
    title_en: str = Field("", max_length=200)
    description: str = Field("", max_length=2000)
    version: int = Field(ge=1, le=9999)
    effective_from: date
    effective_to: date | None = None
    legal_basis: list[str] = []
    owner: str = Field(min_length=1, max_length=200)  # the organisation, by its name or code
    schema_: dict[str, Any] = Field(alias="schema")
    key: Key
    name: FieldName  # the field that a person calls a record by
    subject: FieldName | Literal[""] = ""  # the field with the number of the person or enterprise it is about
    responsible: FieldName | Literal[""] = ""  # the field with the code of the organisation; empty: the owner
    computed: dict[FieldName, str] = {}  # CEL over the other fields
    rules: list[dict[str, str]] = []  # ``when`` must hold, else `message` at `field`
    access: AccessRules = AccessRules()
    search: list[FieldName] = Field([], max_length=12)
    index: list[FieldName] = Field([], max_length=MAX_INDEXES)
    lists: list[ListView] = Field([], max_length=10)
    map: FieldName | Literal[""] = ""
    retention: Retention = Retention()
    events: list[Literal["create", "change", "correct", "end", "void"]] = ["create", "change", "end"]
    migrate: dict[FieldName, str] = {}  # CEL over the fields of the version before
    certificate: section.Certificate | None = None  # the certificate or licence that its records carry

    @field_validator("schema_")
    @classmethod
    def _expand(cls, value: dict[str, Any]) -> dict[str, Any]:
        shape.require(value)
        return expanded(value)

    @cached_property
    def fields(self) -> Mapping[str, Property]:
        """The fields by name."""
        return properties(self.schema_)

    @cached_property
    def asked(self) -> list[str]:
        """The fields that somebody writes: all but those that are computed."""
        return [name for name in self.fields if name not in self.computed]

    @cached_property
    def certified(self) -> frozenset[str]:
        """The fields that the acts of the certificate write, and no ordinary change."""
        return self.certificate.kept - {self.key.field} if self.certificate else frozenset()

    @cached_property
    def compiled(self) -> Compiled:
        """The schema, ready to check by."""
        return compiled(self.schema_)

    @cached_property
    def cleaner(self) -> Cleaner:
        """The schema, ready to clean by."""
        return Cleaner(self.schema_)

    @cached_property
    def indexed(self) -> dict[str, str]:
        """Fields with an index of their own, each with how its values are ordered."""
        wanted = {
            *self.index,
            *(name for view in self.lists for name in (*view.filters, view.sort.lstrip("-")) if name),
            *(name for name, prop in self.fields.items() if prop.get("x-kind") == "reference"),
            *(self.certificate.searched if self.certificate else ()),
        }
        return {name: order_of(self.fields[name]) for name in sorted(wanted & set(self.fields))}

    def puts_in_order(self, name: str) -> bool:
        """Whether a list can be sorted by a field."""
        return sorts(self.indexed.get(name, ""))

    @cached_property
    def cleared(self) -> frozenset[str]:
        """The fields that are cleared when the time to keep a record is over."""
        named = self.fields if self.retention.clears == "*" else self.retention.clears
        return frozenset(named) - {self.key.field, self.responsible}

    @property
    def clears_some_day(self) -> bool:
        """Whether records lose fields when the time to keep them is over."""
        return bool(self.retention.years and self.cleared)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the definition's text, hexadecimal; the order of the fields is part of it."""
        said = self.model_dump(mode="json", by_alias=True)
        if self.certificate is None:  # as definitions were written before there were certificates
            del said["certificate"]
        if not self.retention.clears:  # as they were written before a definition said what is cleared
            del said["retention"]["clears"]
        text = json.dumps(said, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def readable(self, access: Access) -> frozenset[str]:
        """The fields that this access lets one read."""
        return frozenset(self.fields) if access.read == "*" else frozenset(access.read)

    def writable(self, access: Access) -> frozenset[str]:
        """The fields that this access lets one write; what is computed is nobody's to write."""
        named = frozenset(self.fields) if access.write == "*" else frozenset(access.write)
        return named - set(self.computed)


def order_of(prop: Property) -> str:
    """What a field's values are compared as: ``text``, ``number``, ``date``, ``flag``; ``unit`` where the administrative unit
    of an address is, which puts nothing in order; empty when they are not compared."""
    if kind := kind_of(prop):
        return kind.order
    if prop.get("format") == "date":
        return "date"
    return {"string": "text", "integer": "number", "number": "number", "boolean": "flag"}.get(type_of(prop), "")


def sorts(order: str) -> bool:
    """Whether values that are compared so (:func:`order_of`) put a list in order."""
    return order not in ("", "unit")


def compared(prop: Property) -> Property:
    """The part of a field by which a list is narrowed: of an address its unit, of others the field itself."""
    return properties(prop)["unit"] if order_of(prop) == "unit" else prop


def problems(spec: RegisterSpec) -> Iterator[tuple[Place, str]]:
    """What a definition must satisfy beyond its shape, each with its place."""
    if fault := schema_fault(spec.schema_):
        yield ("schema",), f"lược đồ không đúng: {fault}"
        return
    if spec.schema_.get("type") != "object" or not spec.fields:
        yield ("schema",), "lược đồ phải là một đối tượng có properties"
        return
    if len(spec.fields) > MAX_FIELDS:
        yield ("schema", "properties"), f"quá {MAX_FIELDS} trường"
    yield from _field_problems(spec)
    yield from _naming_problems(spec)
    yield from _privacy_problems(spec)
    yield from _retention_problems(spec)
    yield from _expression_problems(spec)
    if spec.certificate:
        read = {who: spec.readable(getattr(spec.access, who)) for who in ("responsible", "owner", "subject", "public")}
        yield from section.problems(spec.certificate, spec.fields, {*spec.computed}, spec.key.field, read)
    if spec.effective_to and spec.effective_to <= spec.effective_from:
        yield ("effective_to",), "ngày hết hiệu lực phải sau ngày có hiệu lực"


def _field_problems(spec: RegisterSpec) -> Iterator[tuple[Place, str]]:
    for name, prop in spec.fields.items():
        where: Place = ("schema", "properties", name)
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name):
            yield where, f"tên trường “{name}” chỉ gồm chữ thường, số, gạch dưới, tối đa 40 ký tự"
        kind = prop.get("x-kind")
        if kind is not None and kind not in KINDS:
            yield (*where, "x-kind"), f"không có kiểu “{kind}”; có: {', '.join(sorted(KINDS))}"
        yield from (((*where, *path), message) for path, message in lists.problems(prop))
        if kind == "reference" and not prop.get("x-register"):
            yield where, f"“{label_of(name, prop)}”: chưa chọn cơ sở dữ liệu được chỉ tới"
        if kind == "table" and not properties(prop.get("items", {})):
            yield where, "bảng lặp chưa có cột nào"
        for column, inner in properties(prop.get("items", {})).items() if kind == "table" else ():
            if inner.get("x-kind") in FILES:
                yield (
                    (*where, "items", "properties", column, "x-kind"),
                    "cột của bảng không nhận tệp; tách thành trường",
                )
        if not str(prop.get("title", "")).strip():
            yield where, f"trường “{name}” chưa có tên gọi"
    for name in spec.schema_.get("required", ()):
        if name not in spec.fields:
            yield ("schema", "required"), f"không có trường “{name}”"
        elif name in spec.computed:
            yield ("schema", "required"), f"trường “{name}” được tính, không thể bắt buộc nhập"


def _naming_problems(spec: RegisterSpec) -> Iterator[tuple[Place, str]]:
    """Every name of a field that is not one, and fields of a kind that cannot do what is asked of them."""
    known = spec.fields

    def each(where: Place, names: list[str] | str) -> Iterator[tuple[Place, str]]:
        for number, name in enumerate(names if isinstance(names, list) else [names]):
            if name and name not in known:
                yield (*where, number) if isinstance(names, list) else where, f"không có trường “{name}”"

    for where, names in (
        (("name",), spec.name),
        (("key", "field"), spec.key.field),
        (("subject",), spec.subject),
        (("responsible",), spec.responsible),
        (("map",), spec.map),
        (("search",), spec.search),
        (("index",), spec.index),
    ):
        yield from each(where, names)
    for standing in ("responsible", "owner", "subject", "public"):
        access: Access = getattr(spec.access, standing)
        for verb, listed in (("read", access.read), ("write", access.write)):
            if listed != "*":
                yield from each(("access", standing, verb), listed)
        if extra := spec.writable(access) - spec.readable(access):
            yield ("access", standing, "write"), f"ghi được mà không đọc được: {', '.join(sorted(extra))}"
    for number, view in enumerate(spec.lists):
        yield from each(("lists", number, "columns"), view.columns)
        yield from each(("lists", number, "filters"), view.filters)
        yield from each(("lists", number, "sort"), view.sort.lstrip("-"))
        if (order := spec.indexed.get(view.sort.lstrip("-"))) and not sorts(order):
            yield ("lists", number, "sort"), f"không sắp xếp được theo địa chỉ “{view.sort.lstrip('-')}”"
    for name in spec.indexed:
        if not spec.indexed[name]:
            yield ("schema", "properties", name), f"trường “{name}” không sắp xếp, lọc được"
    if spec.key.field in known and spec.key.field not in spec.schema_.get("required", ()):
        yield ("key", "field"), f"trường khóa “{spec.key.field}” phải bắt buộc"
    if (spec.map in known and not (kind := kind_of(known[spec.map]))) or (
        spec.map in known and kind and not kind.geometry
    ):
        yield ("map",), f"trường “{spec.map}” không phải điểm, tuyến hay vùng"


def _privacy_problems(spec: RegisterSpec) -> Iterator[tuple[Place, str]]:
    """Nobody's personal number is shown to everybody (Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15)."""
    public = spec.access.public.read
    for name in spec.fields if public == "*" else [name for name in public if name in spec.fields]:
        if spec.fields[name].get("x-kind") == "personal-id":
            said = "số định danh cá nhân không cho mọi người xem được"
            yield ("access", "public", "read"), f"“{label(spec, name)}”: {said}"


def _retention_problems(spec: RegisterSpec) -> Iterator[tuple[Place, str]]:
    """A time says what is cleared after it, and what is cleared after which time."""
    years, clears = spec.retention.years, spec.retention.clears
    if years and not clears:
        yield ("retention", "years"), "hết thời hạn thì xóa trường nào? Ghi clears: tên các trường, hoặc “*”"
    if clears and not years:
        yield ("retention", "clears"), "xóa sau mấy năm? Ghi years"
    for number, name in enumerate(clears if clears != "*" else ()):
        if name not in spec.fields:
            yield ("retention", "clears", number), f"không có trường “{name}”"
        elif name in (spec.key.field, spec.responsible):
            yield ("retention", "clears", number), f"trường “{name}” là khóa hoặc cơ quan quản lý, không xóa được"


def _expression_problems(spec: RegisterSpec) -> Iterator[tuple[Place, str]]:
    typed = {name: prop for name, prop in spec.fields.items() if name not in spec.computed}
    for name, expression in spec.computed.items():
        if name not in spec.fields:
            yield ("computed", name), f"không có trường “{name}”"
        if fault := formulas.fault(expression, typed) or formulas.quantity_fault(expression, spec.fields):
            yield ("computed", name), f"công thức: {fault}"
    for number, rule in enumerate(spec.rules):
        where: Place = ("rules", number)
        if set(rule) != {"when", "field", "message"}:
            yield where, "quy tắc gồm when, field, message"
            continue
        if rule["field"] not in spec.fields:
            yield (*where, "field"), f"không có trường “{rule['field']}”"
        if fault := formulas.fault(rule["when"], spec.fields):
            yield (*where, "when"), fault


def breaks(old: RegisterSpec, new: RegisterSpec) -> list[tuple[str, str]]:
    """What records of the old version would not satisfy in the new one: field and why, in words."""
    found = []
    required = set(new.schema_.get("required", ())) - set(old.schema_.get("required", ()))
    for name in sorted(set(old.fields) - set(new.fields)):
        found.append((name, "trường bị bỏ: giá trị đã có sẽ không còn trong phiên bản mới"))
    for name in sorted(required):
        found.append((name, "trường trở thành bắt buộc: bản ghi cũ có thể chưa có"))
    for name in sorted(set(old.fields) & set(new.fields)):
        if why := break_of(old.fields[name], new.fields[name]):
            found.append((name, why))
    if old.key != new.key:
        found.append((new.key.field, "đổi khóa của bản ghi"))
    return found


def break_of(before: Property, after: Property) -> str:
    """Why a value of the one property may not be one of the other; empty when each is."""
    if type_of(before) != type_of(after) or before.get("x-kind") != after.get("x-kind"):
        return "đổi kiểu dữ liệu"
    for word, said in (("x-list", "đổi danh mục"), ("x-register", "đổi cơ sở dữ liệu được tham chiếu")):
        if after.get(word) != before.get(word):
            return said
    for word in ("enum", "x-units"):
        gone = set(map(str, before.get(word, ()))) - set(map(str, after.get(word, before.get(word, ()))))
        if gone:
            return f"bỏ lựa chọn: {', '.join(sorted(gone))}"
    if after.get("enum") and not before.get("enum"):
        return "chỉ còn nhận một số lựa chọn"
    if after.get("x-unit-only") and not before.get("x-unit-only"):
        return "địa chỉ chỉ còn xã, phường"
    if _narrower(before, after):
        return "ràng buộc chặt hơn trước"
    return _columns_break(before.get("items"), after.get("items"))


def _columns_break(before: object, after: object) -> str:
    """The same for the items of a list, and the columns of a table."""
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return ""
    old, new = properties(before), properties(after)
    if set(after.get("required", ())) - set(before.get("required", ())):
        return "cột của bảng trở thành bắt buộc"
    if set(old) - set(new):
        return f"bỏ cột: {', '.join(sorted(set(old) - set(new)))}"
    broken = (why for name in sorted(old) if (why := break_of(old[name], new[name])))
    return next(broken, "") if old else break_of(before, after)


#: What a value may be at most, and at least: a smaller, or greater, bound leaves less.
_UPPER, _LOWER = ("maxLength", "maximum", "exclusiveMaximum", "maxItems"), ("minLength", "minItems")


def _narrower(before: Property, after: Property) -> bool:
    for word in ("pattern", "format", "multipleOf", "uniqueItems"):
        if after.get(word) and after.get(word) != before.get(word):
            return True
    endless = float("inf")
    return (
        any(after.get(word, endless) < before.get(word, endless) for word in _UPPER)
        or any(after.get(word, 0) > before.get(word, 0) for word in _LOWER)
        or any(after.get(word, -endless) > before.get(word, -endless) for word in ("minimum", "exclusiveMinimum"))
    )


def label(spec: RegisterSpec, name: str) -> str:
    """A field's name as people read it."""
    return label_of(name, spec.fields[name])
