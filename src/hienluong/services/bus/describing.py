"""Reading the description of a service: OpenAPI 3 in JSON or YAML, or WSDL (:mod:`.wsdl`), uploaded by somebody we do not
trust.

Nothing it names is fetched; references lead only to places within it. What is too large, too deep or has aliases is refused
before it is taken apart, and references are followed only so far.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jsonschema_rs
import yaml
from django.utils.translation import gettext as _

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas import yaml_words

from . import wsdl
from .gateway.snapshot import METHODS, OperationRoute, SnapshotError

#: Bytes of a description.
MOST_BYTES = 1_000_000
#: Levels in one another, values altogether, operations, names of fields of one answer.
MOST_DEPTH, MOST_PIECES, MOST_OPERATIONS, MOST_FIELDS = 60, 100_000, 200, 500
#: How deep fields are named; what lies deeper goes with what holds it.
_FIELD_DEPTH = 6
#: How many references a schema may go through, so that small descriptions do not become large schemas.
_MOST_REFERENCES = 2_000
_FIELD = re.compile(r"[^\W.]?[\w$@-]{1,80}")
#: An extension of ours: where in the answer the number of the person is, as a JSON pointer; `-` passes over a list.
PERSON = "x-person"
_POINTER = re.compile(r"(?:/[A-Za-z0-9_~.-]{1,80}){1,10}")
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json")


@dataclass(frozen=True)
class Described:
    """One operation, as the description has it. Schemas are whole in themselves (JSON Schema 2020-12)."""

    name: str
    method: str
    template: str
    title: str
    fields: list[str] = field(default_factory=list)
    person_pointer: str = ""
    request_schema: dict[str, Any] | None = None
    response_schema: dict[str, Any] | None = None
    transform: dict[str, Any] | None = None  # how the mediator speaks to the provider, where that is not JSON


@dataclass(frozen=True)
class Description:
    """What a document says of a service."""

    title: str
    number: str  # of the document itself: 1.4.2
    operations: list[Described]
    kind: str = "openapi"


def read(text: str) -> Description:
    """What a description says; raises InvalidInput (at ``document``) with the first thing that cannot be used."""
    if wsdl.is_wsdl(text):
        return _of_wsdl(text)
    document = load(text)
    version = str(document.get("openapi", ""))
    if not version.startswith(("3.0.", "3.1.")):
        raise _wrong(_("Chỉ nhận mô tả OpenAPI 3.0 hoặc 3.1 (mục “openapi”)."))
    info = document.get("info")
    paths = document.get("paths")
    if not isinstance(info, dict) or not isinstance(paths, dict):
        raise _wrong(_("Mô tả thiếu mục “info” hoặc “paths”."))
    found = list(_operations(document, paths, nullable=version.startswith("3.0.")))
    if not found:
        raise _wrong(_("Mô tả không có thao tác nào."))
    names = [one.name for one in found]
    for name in names:
        if names.count(name) > 1:
            raise _wrong(_("Hai thao tác cùng tên “%(name)s” (operationId).") % {"name": name})
    places = [f"{one.method} {re.sub(r'{[^}]*}', '{}', one.template)}" for one in found]
    for place in places:
        if places.count(place) > 1:
            raise _wrong(_("Hai thao tác cùng một địa chỉ: %(place)s.") % {"place": place})
    return Description(title=_words(info.get("title"), 200), number=_words(info.get("version"), 40), operations=found)


def _of_wsdl(text: str) -> Description:
    """Operations of a WSDL as consumers call them: POST, JSON both ways."""
    title, found = wsdl.read(text)
    if len(found) > MOST_OPERATIONS:
        raise _wrong(_("Mô tả có quá %(most)d thao tác.") % {"most": MOST_OPERATIONS})
    made: list[Described] = []
    for one in found:
        template = f"/{one.name}"
        place = f"POST {template}"[:120]
        _check_place(one.name, "POST", template, place)
        if one.name in [each.name for each in made]:
            raise _wrong(_("Hai thao tác cùng tên “%(name)s” (operationId).") % {"name": one.name})
        if one.person and not _POINTER.fullmatch(one.person):
            raise _wrong(_("Thao tác %(place)s: %(name)s phải là con trỏ JSON.") % {"place": place, "name": PERSON})
        fields = list(_fields(one.response_schema)) if one.response_schema else []
        if len(fields) > MOST_FIELDS:
            raise _wrong(_("Thao tác %(place)s trả về quá nhiều trường.") % {"place": place})
        made.append(
            Described(
                one.name,
                "POST",
                template,
                one.title,
                fields,
                one.person,
                one.request_schema,
                one.response_schema,
                one.transform,
            )
        )
    return Description(_words(title, 200), "", made, kind="wsdl")


@lru_cache(maxsize=32)
def transformations(text: str) -> dict[str, dict[str, Any]]:
    """How the mediator speaks to the provider of a WSDL, by operation; empty for a description that cannot be read any more.

    It is read from the document and kept nowhere else: the order of elements counts, and JSONB has none.
    """
    try:
        return {one.name: one.transform for one in wsdl.read(text)[1]}
    except InvalidInput:  # taken before a rule that is stricter now
        return {}


def document_of(title: str, number: str, operations: Iterable[Any]) -> dict[str, Any]:
    """An OpenAPI document of operations as they are kept, where what was uploaded is none."""
    paths: dict[str, Any] = {}
    for one in operations:
        answer: dict[str, Any] = {"description": one.title or one.name}
        if one.response_schema is not None:
            answer["content"] = {"application/json": {"schema": one.response_schema}}
        told: dict[str, Any] = {"operationId": one.name, "responses": {"200": answer}}
        if one.title:
            told["summary"] = one.title
        if one.request_schema is not None:
            body = {"application/json": {"schema": one.request_schema}}
            told["requestBody"] = {"required": True, "content": body}
        if one.person_pointer:
            told[PERSON] = one.person_pointer
        paths.setdefault(one.template, {})[one.method.lower()] = told
    return {"openapi": "3.1.0", "info": {"title": title, "version": number or "1"}, "paths": paths}


def _wrong(words: str) -> InvalidInput:
    return InvalidInput(words, code="bus.bad_description", field="document")


def load(text: str) -> dict[str, Any]:
    """A description as it stands, JSON or YAML; raises InvalidInput for what is too large, too deep or none."""
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise _wrong(_("Mô tả dài hơn 1 MB."))
    if "\x00" in text:
        raise _wrong(_("Mô tả có ký tự không dùng được."))
    try:
        document = json.loads(text) if text.lstrip()[:1] == "{" else _yaml(text)
    except yaml.YAMLError as error:
        line, words = yaml_words.explained(error, text)
        raise _wrong(_("Dòng %(line)d: %(words)s") % {"line": line, "words": words[:300]}) from None
    except RecursionError:
        raise _wrong(_("Mô tả lồng quá nhiều tầng.")) from None
    except ValueError as error:
        raise _wrong(_("Mô tả không đọc được: %(error)s") % {"error": str(error)[:200]}) from None
    if not isinstance(document, dict):
        raise _wrong(_("Mô tả phải là một đối tượng JSON hoặc YAML."))
    _measure(document)
    return document


class _Loader(yaml.CSafeLoader):
    """Dates stay as they are written."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in known if tag != "tag:yaml.org,2002:timestamp"]
    for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def _yaml(text: str) -> Any:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):  # before anything is built: aliases make much of little
        if isinstance(event, yaml.AliasEvent):
            raise _wrong(_("Mô tả không được dùng bí danh YAML (&, *)."))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                raise _wrong(_("Mô tả lồng quá nhiều tầng."))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe one


def _measure(document: Any) -> None:
    waiting, pieces = [(document, 1)], 0
    while waiting:
        part, depth = waiting.pop()
        inner = list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
        pieces += 1 + len(inner)
        if depth > MOST_DEPTH or pieces > MOST_PIECES:
            raise _wrong(_("Mô tả lồng quá nhiều tầng."))
        if isinstance(part, dict) and not all(isinstance(key, (str, int)) for key in part):
            raise _wrong(_("Mô tả có khóa không phải là chữ."))
        waiting.extend((each, depth + 1) for each in inner)


def _operations(document: dict[str, Any], paths: dict[str, Any], *, nullable: bool) -> Iterator[Described]:
    count = 0
    for template, item in paths.items():
        if not isinstance(item, dict) or str(template).startswith("x-"):
            continue
        item = follow(document, item)
        for method, operation in item.items():
            if str(method).upper() not in METHODS or not isinstance(operation, dict):
                continue
            count += 1
            if count > MOST_OPERATIONS:
                raise _wrong(_("Mô tả có quá %(most)d thao tác.") % {"most": MOST_OPERATIONS})
            yield _operation(document, str(template), str(method).upper(), operation, nullable=nullable)


def _operation(
    document: dict[str, Any], template: str, method: str, operation: dict[str, Any], *, nullable: bool
) -> Described:
    place = f"{method} {template}"[:120]
    name = str(operation.get("operationId", ""))
    if not name:
        raise _wrong(_("Thao tác %(place)s thiếu tên (operationId).") % {"place": place})
    _check_place(name, method, template, place)
    pointer = operation.get(PERSON, "")
    if not isinstance(pointer, str) or (pointer and not _POINTER.fullmatch(pointer)):
        raise _wrong(_("Thao tác %(place)s: %(name)s phải là con trỏ JSON.") % {"place": place, "name": PERSON})
    answer = _schema(document, _answer(document, operation), place, nullable=nullable)
    fields = list(_fields(answer)) if answer else []
    if len(fields) > MOST_FIELDS:
        raise _wrong(_("Thao tác %(place)s trả về quá nhiều trường.") % {"place": place})
    body = follow(document, operation.get("requestBody") or {})
    return Described(
        name=name,
        method=method,
        template=template,
        title=_words(operation.get("summary"), 300) or _words(operation.get("description"), 300),
        fields=fields,
        person_pointer=pointer,
        request_schema=_schema(document, _content(body), place, nullable=nullable),
        response_schema=answer,
    )


def _check_place(name: str, method: str, template: str, place: str) -> None:
    try:
        OperationRoute(name=name, method=method, template=template).check()
    except SnapshotError:
        raise _wrong(_("Thao tác %(place)s có tên hoặc địa chỉ không dùng được ở cổng.") % {"place": place}) from None
    if len(name) > 80 or len(template) > 300:
        raise _wrong(_("Thao tác %(place)s có tên hoặc địa chỉ quá dài.") % {"place": place})


def _answer(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    """The schema of what a call answers when all went well."""
    answers = operation.get("responses")
    if not isinstance(answers, dict):
        return None
    by_status = {str(status): answer for status, answer in answers.items()}
    for status in ("200", "201", "2XX", "default"):
        if isinstance(by_status.get(status), dict) and (found := _content(follow(document, by_status[status]))):
            return found
    return None


def _content(part: Any) -> Any:
    content = part.get("content") if isinstance(part, dict) else None
    if not isinstance(content, dict):
        return None
    for kind, media in content.items():
        if _JSON.fullmatch(str(kind).partition(";")[0].strip()) and isinstance(media, dict):
            return media.get("schema")
    return None


def follow(document: dict[str, Any], part: Any) -> dict[str, Any]:
    """A part of a description, or what it refers to within it; empty for what is no object."""
    for _step in range(10):
        if not isinstance(part, dict):
            return {}
        if "$ref" not in part:
            return part
        part = _at(document, part["$ref"])
    raise _wrong(_("Mô tả có tham chiếu đi vòng."))


def _at(document: dict[str, Any], reference: Any) -> Any:
    if not isinstance(reference, str) or not reference.startswith("#/"):
        raise _wrong(_("Tham chiếu phải ở ngay trong mô tả: %(place)s.") % {"place": str(reference)[:100]})
    found: Any = document
    for step in reference[2:].split("/"):
        step = step.replace("~1", "/").replace("~0", "~")
        found = found.get(step) if isinstance(found, dict) else None
        if found is None:
            raise _wrong(_("Tham chiếu không có thật: %(place)s.") % {"place": reference[:100]})
    return found


def _schema(document: dict[str, Any], schema: Any, place: str, *, nullable: bool) -> dict[str, Any] | None:
    """A schema with everything it refers to put in its place; where that goes round in circles, anything may stand."""
    if not isinstance(schema, dict) or not schema:
        return None
    whole: dict[str, Any] = _Resolved(document, nullable=nullable).of(schema, ())
    try:
        jsonschema_rs.validator_for(whole, retriever=_nothing)
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        raise _wrong(_("Thao tác %(place)s có lược đồ sai.") % {"place": place}) from None
    return whole


def _nothing(address: str) -> Any:
    raise LookupError(address)


#: Words of a schema that hold one schema, a list of them, or named ones.
_ONE = (
    "items",
    "additionalProperties",
    "not",
    "if",
    "then",
    "else",
    "contains",
    "propertyNames",
    "unevaluatedProperties",
)
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")
_NAMED = ("properties", "patternProperties", "dependentSchemas")
#: Words that check nothing, or whose meaning is OpenAPI's alone; `pattern` too: its dialect may be another.
_LEFT = frozenset(
    "$ref $id $schema $defs $anchor $dynamicAnchor $dynamicRef example examples discriminator xml externalDocs deprecated "
    "readOnly writeOnly nullable description pattern patternProperties default".split()
)


class _Resolved:
    def __init__(self, document: dict[str, Any], *, nullable: bool) -> None:
        self.document = document
        self.nullable = nullable  # OpenAPI 3.0, whose schemas are almost those of draft 5
        self.references = 0

    def of(self, schema: Any, inside: tuple[str, ...]) -> Any:
        if not isinstance(schema, dict):
            return schema
        reference = schema.get("$ref")
        if reference is not None:
            self.references += 1
            if self.references > _MOST_REFERENCES:
                raise _wrong(_("Mô tả có quá nhiều tham chiếu trong một thao tác."))
            if reference in inside or len(inside) > 30:
                return {}
            schema, inside = _at(self.document, reference), (*inside, reference)
            return self.of(schema, inside)
        made = {
            name: self._word(name, value, inside)
            for name, value in schema.items()
            if name not in _LEFT and not str(name).startswith("x-")
        }
        return self._as_2020(made, schema) if self.nullable else made

    def _word(self, name: str, value: Any, inside: tuple[str, ...]) -> Any:
        if name in _NAMED and isinstance(value, dict):
            return {each: self.of(one, inside) for each, one in value.items()}
        if name in _MANY and isinstance(value, list):
            return [self.of(one, inside) for one in value]
        return self.of(value, inside) if name in _ONE else value

    def _as_2020(self, made: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
        for limit, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if isinstance(made.get(exclusive), bool) and made.pop(exclusive) and limit in made:
                made[exclusive] = made.pop(limit)
        if schema.get("nullable") is True and made:
            return {"anyOf": [made, {"type": "null"}]}
        return made


def names_in(schema: Any) -> list[str]:
    """The dotted names of what a schema describes; empty for one that names nothing."""
    return list(_fields(schema)) if schema else []


def _fields(schema: Any, before: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted names of what an answer carries; lists have no name of their own."""
    seen: set[str] = set()
    for name, inner in _members(schema):
        if not _FIELD.fullmatch(name) or name in seen:
            continue
        seen.add(name)
        below = list(_fields(inner, f"{before}{name}.", depth + 1)) if depth < _FIELD_DEPTH else []
        yield from below or [f"{before}{name}"]


def _members(schema: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("properties"), dict):
        yield from schema["properties"].items()
    yield from _members(schema.get("items"))
    for word in ("allOf", "anyOf", "oneOf"):
        for each in schema.get(word) or ():
            yield from _members(each)


def _words(value: Any, most: int) -> str:
    return " ".join(value.split())[:most] if isinstance(value, str) else ""
