"""Trying an operation with test data: one call to the sandbox of a version, or an answer made up from its description.

Only ever the sandbox, never where the service runs; its address is checked anew before each call (:mod:`.upstreams`). Of who
tries, nothing goes along: no cookie, no header, no name. Redirects are not followed, proxies of the environment not used, and
an answer is read only so far and so long.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx
import jsonschema_rs
from django.utils.translation import gettext as _

from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.services.mediation import transforms
from hienluong.services.mediation.bodies import BadBody, read_json

from . import describing, upstreams
from .gateway import paths
from .models import Operation, Version

#: Bytes of an answer that are read, and characters of it that are shown.
MOST_READ, MOST_SHOWN = 262_144, 20_000
#: Bytes of what is sent; characters of one parameter.
MOST_SENT, MOST_VALUE = 65_536, 500
#: Seconds for one step on the way, and for the whole call.
PATIENCE, WHOLE = 5.0, 10.0
#: Headers of an answer that are shown; cookies are nobody's to see.
MOST_HEADERS = 40
_HIDDEN = frozenset({"set-cookie", "set-cookie2"})
#: Levels and values of an answer that is made up.
_DEPTH, _VALUES = 8, 1_000
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


Transform = dict[str, Any] | None


class NoAnswer(DomainError):
    """The sandbox did not answer, or not as it should; said in words for the engineer."""

    code = "bus.no_answer"
    status = 502


@dataclass(frozen=True)
class Parameter:
    """What an operation asks for beside its body."""

    place: str  # path, query
    name: str
    required: bool
    example: str
    words: str = ""


@dataclass(frozen=True)
class Answer:
    """What came back, or was made up."""

    status: int
    text: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    milliseconds: int = 0
    cut: bool = False
    made_up: bool = False
    note: str = ""


def sandbox_of(version: Version) -> str:
    """Where a version may be tried; empty when nowhere: the place where it runs is none, whatever it is called."""
    place = version.sandbox
    return "" if not place or _same(place, version.upstream) else place


def _same(one: str, other: str) -> bool:
    def plain(address: str) -> tuple[str, str, int | None, str]:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
        return parts.scheme, (parts.hostname or "").rstrip("."), port, parts.path.rstrip("/")

    return bool(other) and plain(one) == plain(other)


def example_body(document: dict[str, Any], operation: Operation) -> str:
    """A body to begin with, from the description; empty for an operation without one."""
    if operation.request_schema is None:
        return ""
    told = _operation(document, operation)
    try:
        media = _media(describing.follow(document, told.get("requestBody") or {}))
    except InvalidInput:
        media = {}
    made = _Making(document).of_media(media) if media else _Making({}).of(operation.request_schema, 0)
    return json.dumps(made, ensure_ascii=False, indent=1)


def made_up(document: dict[str, Any], operation: Operation) -> Answer:
    """An answer from the examples and schemas of the description: no data of anybody."""
    answers = _operation(document, operation).get("responses")
    by_status = {str(status): one for status, one in answers.items()} if isinstance(answers, dict) else {}
    status = next((each for each in ("200", "201", "2XX", "default", "204") if each in by_status), "200")
    try:
        media = _media(describing.follow(document, by_status.get(status) or {}))
        if media:
            made = _Making(document).of_media(media)
        elif operation.response_schema is not None:
            made = _Making({}).of(operation.response_schema, 0)
        else:
            return Answer(int(status) if status.isdigit() else 204, "", made_up=True)
    except InvalidInput:
        made = _Making({}).of(operation.response_schema or {}, 0)
    text = json.dumps(made, ensure_ascii=False, indent=1, default=str)
    return Answer(int(status) if status.isdigit() else 200, text[:MOST_SHOWN], made_up=True)


def call(version: Version, operation: Operation, values: dict[tuple[str, str], str], body: str) -> Answer:
    """One call to the sandbox. Raises InvalidInput for what cannot be sent, NoAnswer when nothing comes back."""
    place = sandbox_of(version)
    if not place or upstreams.fault(place):  # what was allowed once may not be any more
        raise NoAnswer(_("Phiên bản này không có nơi chạy thử dùng được."))
    content = _content(operation, body)
    path, query = _target(operation, values)
    transform = _transform(version, operation)
    headers = {"accept": "application/json", "accept-encoding": "identity", "user-agent": "hienluong-thu"}
    method = operation.method
    if transform:
        asked = transforms.Asked({}, {}, read_json(content) if content else {})
        try:
            content, made = transforms.make_request(transform, asked)
        except BadBody:
            raise InvalidInput(_("Nội dung gửi không chuyển được sang SOAP."), field="body") from None
        headers |= {**made, "accept": "text/xml, application/soap+xml"}
        method, path, query = "POST", "", ""
    elif content:
        headers["content-type"] = "application/json"
    target = (place.rstrip("/") + path if path else place) + (f"?{query}" if query else "")
    return _read(transform, method, target, headers, content)


def _transform(version: Version, operation: Operation) -> Transform:
    """How SOAP is made of it; None where the provider speaks JSON."""
    if version.kind != Version.Kind.WSDL:
        return None
    text = Version.objects.values_list("document", flat=True).get(pk=version.pk)
    found = describing.transformations(text).get(operation.name)
    if found is None:
        raise NoAnswer(_("Phiên bản này không có nơi chạy thử dùng được."))
    return found


def check(operation: Operation, values: dict[tuple[str, str], str], body: str) -> None:
    """Raise InvalidInput for what could not be sent, where there is nowhere to send it."""
    _content(operation, body)
    _target(operation, values)


def _content(operation: Operation, body: str) -> bytes:
    content = body.strip().encode("utf-8", "replace")
    if not content:
        return content
    if len(content) > MOST_SENT:
        raise InvalidInput(_("Nội dung gửi dài hơn 64 KB."), field="body")
    if operation.method in ("GET", "HEAD"):
        raise InvalidInput(_("Thao tác này không gửi nội dung."), field="body")
    try:
        document = read_json(content)
    except BadBody:
        raise InvalidInput(_("Nội dung gửi phải là JSON."), field="body") from None
    if operation.request_schema is not None:
        checker = jsonschema_rs.validator_for(operation.request_schema, retriever=_nothing)
        fault = next(iter(checker.iter_errors(document)), None)
        if fault is not None:
            where = "/".join(str(part) for part in fault.instance_path)[:100]
            words = _("Nội dung gửi không đúng lược đồ, ở /%(place)s: %(fault)s")
            raise InvalidInput(words % {"place": where, "fault": fault.message[:200]}, field="body")
    return content


def _nothing(address: str) -> Any:
    raise LookupError(address)


def _target(operation: Operation, values: dict[tuple[str, str], str]) -> tuple[str, str]:
    path, query = operation.template, []
    for (kind, name), value in values.items():
        if len(value) > MOST_VALUE:
            raise InvalidInput(_("“%(name)s” quá dài.") % {"name": name})
        if kind == "query":
            if value:
                query.append((name, value))
            continue
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    if not re.fullmatch(paths.pattern(operation.template), path):  # what the gateway would not let through either
        raise InvalidInput(
            _("Tham số trên đường dẫn không dùng được: không để trống, không có gạch chéo hay dấu chấm phẩy.")
        )
    return path, urlencode(query)


def _read(transform: Transform, method: str, target: str, headers: dict[str, str], content: bytes) -> Answer:
    began = time.monotonic()
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=PATIENCE) as line,
            line.stream(method, target, headers=headers, content=content or None) as answer,
        ):
            taken, cut = _taken(answer, began + WHOLE)
            told = [
                (name[:100], _CONTROL.sub("�", value)[:300])
                for name, value in answer.headers.multi_items()
                if name.lower() not in _HIDDEN
            ][:MOST_HEADERS]
            status, packed = answer.status_code, answer.headers.get("content-encoding", "identity")
    except httpx.TimeoutException:
        raise NoAnswer(_("Nơi chạy thử không trả lời trong %(most)d giây.") % {"most": int(WHOLE)}) from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError):
        raise NoAnswer(_("Không nối được tới nơi chạy thử, hoặc nó trả lời sai giao thức.")) from None
    took = int((time.monotonic() - began) * 1000)
    if packed.lower() not in ("identity", ""):
        return Answer(status, "", told, took, note=_("Câu trả lời bị nén dù không được yêu cầu, nên không hiển thị."))
    text, note = _shown(transform, taken, cut=cut)
    return Answer(status, text[:MOST_SHOWN], told, took, cut or len(text) > MOST_SHOWN, note=note)


def _taken(answer: httpx.Response, until: float) -> tuple[bytes, bool]:
    pieces, size = [], 0
    for piece in answer.iter_raw():
        pieces.append(piece)
        size += len(piece)
        if time.monotonic() > until:
            raise httpx.ReadTimeout("slow")
        if size > MOST_READ:
            return b"".join(pieces)[:MOST_READ], True
    return b"".join(pieces), False


def _shown(transform: Transform, content: bytes, *, cut: bool) -> tuple[str, str]:
    """The answer as text: JSON in order, SOAP as the JSON that consumers get."""
    text = _CONTROL.sub("�", content.decode("utf-8", "replace"))
    if cut or not content:
        return text, ""
    try:
        found = transforms.read_answer(transform, content) if transform else json.loads(content)
        return json.dumps(found, ensure_ascii=False, indent=1), ""
    except transforms.ProviderFault:
        return text, _("Bên cung cấp báo lỗi SOAP (Fault).")
    except BadBody:
        return text, _("Câu trả lời không đúng như WSDL mô tả, nên không chuyển sang JSON được.")
    except (ValueError, RecursionError):
        return text, ""


# ---- made up from a description


def parameters(document: dict[str, Any], operation: Operation) -> list[Parameter]:
    """What stands in the path and after it. Headers and cookies are not asked for: nothing of the sort is sent."""
    try:
        item = describing.follow(document, (document.get("paths") or {}).get(operation.template))
        own = item.get(operation.method.lower()) or {}
        told = [*(item.get("parameters") or []), *(own.get("parameters") or [])]
        found = {(one.get("in"), one.get("name")): one for each in told if (one := describing.follow(document, each))}
    except (InvalidInput, AttributeError, TypeError):
        found = {}
    made = []
    for name in re.findall(r"\{([^}]*)\}", operation.template):
        one = found.get(("path", name), {})
        made.append(Parameter("path", name, True, _example(document, one) or name, _said(one)))
    for (place, named), one in found.items():
        if place == "query" and isinstance(named, str) and len(made) < 40:
            needed = one.get("required") is True
            made.append(Parameter("query", named[:100], needed, _example(document, one) if needed else "", _said(one)))
    return made


def _said(parameter: dict[str, Any]) -> str:
    words = parameter.get("description")
    return " ".join(words.split())[:200] if isinstance(words, str) else ""


def _example(document: dict[str, Any], parameter: dict[str, Any]) -> str:
    told = parameter.get("example")
    if told is None and isinstance(parameter.get("schema"), dict):
        try:
            told = _Making(document).of(parameter["schema"], 0)
        except InvalidInput:
            return ""
    return str(told)[:MOST_VALUE] if isinstance(told, (str, int, float)) and told != "…" else ""


def _operation(document: dict[str, Any], operation: Operation) -> dict[str, Any]:
    try:
        item = describing.follow(document, (document.get("paths") or {}).get(operation.template))
    except (InvalidInput, AttributeError):
        return {}
    found = item.get(operation.method.lower())
    return found if isinstance(found, dict) else {}


def _media(part: dict[str, Any]) -> dict[str, Any]:
    content = part.get("content")
    for kind, media in content.items() if isinstance(content, dict) else ():
        if "json" in str(kind).lower() and isinstance(media, dict):
            return media
    return {}


class _Making:
    """Values of the shape that a schema describes; its examples where it has any."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self.left = _VALUES

    def of_media(self, media: dict[str, Any]) -> Any:
        if "example" in media:
            return media["example"]
        for one in self._examples(media):
            return one
        return self.of(media.get("schema") or {}, 0)

    def _examples(self, media: dict[str, Any]) -> Iterator[Any]:
        named = media.get("examples")
        for one in named.values() if isinstance(named, dict) else ():
            told = describing.follow(self.document, one)
            if "value" in told:
                yield told["value"]

    def of(self, schema: Any, depth: int) -> Any:
        schema = describing.follow(self.document, schema) if isinstance(schema, dict) else {}
        self.left -= 1
        if depth > _DEPTH or self.left < 0:
            return None
        for word in ("example", "const", "default"):
            if word in schema:
                return schema[word]
        for word in ("examples", "enum"):
            if isinstance(schema.get(word), list) and schema[word]:
                return schema[word][0]
        if isinstance(schema.get("allOf"), list):
            made = [self.of(each, depth + 1) for each in schema["allOf"]]
            objects = [each for each in made if isinstance(each, dict)]
            if objects:
                own = self._by_type(schema, depth) if schema.get("properties") else {}
                return {name: value for each in (*objects, own) for name, value in each.items()}
            return made[0] if made else None
        for word in ("oneOf", "anyOf"):
            if isinstance(schema.get(word), list) and schema[word]:
                return self.of(schema[word][0], depth + 1)
        return self._by_type(schema, depth)

    def _by_type(self, schema: dict[str, Any], depth: int) -> Any:
        kinds = schema.get("type")
        kind = next((each for each in kinds if each != "null"), "null") if isinstance(kinds, list) else kinds
        members = schema.get("properties")
        if kind == "object" or (kind is None and isinstance(members, dict)):
            inner = members.items() if isinstance(members, dict) else ()
            return {str(name): self.of(one, depth + 1) for name, one in inner if self.left > 0}
        if kind == "array":
            return [self.of(schema.get("items"), depth + 1)] if depth < _DEPTH else []
        if kind in ("integer", "number"):
            return _number(schema, whole=kind == "integer")
        if kind == "boolean":
            return True
        return None if kind in (None, "null") else _text(schema)


def _number(schema: dict[str, Any], *, whole: bool) -> Any:
    low, high = schema.get("minimum"), schema.get("maximum")
    if isinstance(low, (int, float)) and low > 1:
        return low
    if isinstance(high, (int, float)) and high < 1:
        return high
    return 1 if whole else 1.5


_BY_FORMAT = {
    "date": "2026-01-31",
    "date-time": "2026-01-31T08:00:00+07:00",
    "time": "08:00:00+07:00",
    "email": "a@example.gov.vn",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "uri": "https://example.gov.vn/1",
}


def _text(schema: dict[str, Any]) -> str:
    made = _BY_FORMAT.get(str(schema.get("format")), "…")
    least, most = schema.get("minLength"), schema.get("maxLength")
    if isinstance(least, int) and len(made) < least:
        made = (made * min(least, 1_000))[: min(least, 1_000)]
    return made[:most] if isinstance(most, int) and most >= 0 else made
