"""Code for engineers who call a service, and its description for their tools; made from what its owner uploaded."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.translation import gettext as _

from hienluong.capabilities.registers.agreements import one_line
from hienluong.foundation.actions import InvalidInput

from . import describing
from .gateway.snapshot import PREFIX

_NAMED = re.compile(r"\{([^}]*)\}")
#: Levels of a body that is made up from its schema, and members of one object.
_MOST_DEPTH, _MOST_MEMBERS = 4, 20
_BY_TYPE: dict[str, Any] = {"integer": 1, "number": 1, "boolean": True, "null": None}
_BY_FORMAT = {"date": "2026-01-31", "date-time": "2026-01-31T08:00:00+07:00", "email": "a@example.gov.vn"}


@dataclass(frozen=True)
class Sample:
    """One call as an example: below the address of the gateway."""

    method: str
    path: str  # /lgsp/land-prices/v1/parcels/17, with what its parameters need
    title: str
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None

    @property
    def address(self) -> str:
        """The path with the query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def sample(
    code: str, major: int, method: str, template: str, title: str, *, document: str = "", body_schema: Any = None
) -> Sample:
    """A call of an operation; values of parameters are the examples of the description, where it has any."""
    path, query = template, {}
    for one in _parameters(document, method, template):
        value = str(_value(one))
        if one.get("in") == "path":
            path = path.replace(f"{{{one['name']}}}", quote(value, safe=""))
        elif one.get("in") == "query" and one.get("required") is True:
            query[str(one["name"])] = value
    for name in _NAMED.findall(path):  # not described: by its own name
        path = path.replace(f"{{{name}}}", quote(name, safe=""))
    body = _made_up(body_schema, 0) if body_schema else None
    return Sample(method, f"{PREFIX}/{code}/v{major}{path}", one_line(title), query, body)


@lru_cache(maxsize=8)
def _document(text: str) -> dict[str, Any]:
    try:
        return describing.load(text)
    except InvalidInput:  # taken before a rule that is stricter now
        return {}


def _parameters(text: str, method: str, template: str) -> list[dict[str, Any]]:
    """The parameters of an operation: those of its address, then its own, which may say them anew."""
    if not text:
        return []
    document = _document(text)
    try:
        item = describing.follow(document, (document.get("paths") or {}).get(template))
        operation = item.get(method.lower())
        of_both = [*_list(item.get("parameters")), *_list(_dict(operation).get("parameters"))]
        found = [describing.follow(document, one) for one in of_both]
    except InvalidInput:
        return []
    return list({(one.get("in"), one["name"]): one for one in found if isinstance(one.get("name"), str)}.values())


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _value(parameter: dict[str, Any]) -> Any:
    schema = _dict(parameter.get("schema"))
    for told in (parameter.get("example"), schema.get("example"), schema.get("default")):
        if isinstance(told, (str, int, float)):
            return told
    made = _made_up(schema, 0)
    return made if isinstance(made, (int, float)) or schema.get("enum") or schema.get("format") else parameter["name"]


def _made_up(schema: Any, depth: int) -> Any:
    """Something of the shape that a schema describes; what lies deep is left out."""
    if not isinstance(schema, dict) or depth > _MOST_DEPTH:
        return None
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    if _list(schema.get("enum")):
        return schema["enum"][0]
    for word in ("oneOf", "anyOf", "allOf"):
        if _list(schema.get(word)):
            return _made_up(schema[word][0], depth + 1)
    return _by_type(schema, depth)


def _by_type(schema: dict[str, Any], depth: int) -> Any:
    members = _dict(schema.get("properties"))
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) and kinds else kinds
    if kind == "object" or (kind is None and members):
        return {name: _made_up(one, depth + 1) for name, one in list(members.items())[:_MOST_MEMBERS]}
    if kind == "array":
        return [_made_up(schema.get("items"), depth + 1)]
    if isinstance(kind, str) and kind in _BY_TYPE:
        return _BY_TYPE[kind]
    return _BY_FORMAT.get(str(schema.get("format")), "…")


def curl(one: Sample) -> str:
    """The call with curl, in bash."""
    data = f" \\\n  --json {shlex.quote(json.dumps(one.body, ensure_ascii=False))}" if one.body is not None else ""
    what = one.method if one.method != "GET" else ""
    verb = f" -X {what}" if what else ""
    return f"""\
# {_("1. Xin mã truy cập cho hệ thống; giữ lại dùng đến khi hết hạn")}
TOKEN=$(curl -fsS -u "$CLIENT_ID:$CLIENT_SECRET" \\
  -d grant_type=client_credentials -d scope=api.read "$ISSUER/sso/ma" \\
  | python3 -c 'import json, sys; print(json.load(sys.stdin)["access_token"])')

# 2. {one.title}
curl -fsS{verb} "$GATEWAY"{shlex.quote(one.address)} \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "X-Agreement: $AGREEMENT" \\
  -H {shlex.quote("X-Purpose: " + _("Mục đích của lần gọi này"))}{data}
"""


def python(one: Sample) -> str:
    """The call in Python with httpx."""
    params = f"\n    params={one.query!r}," if one.query else ""
    body = f"\n    json={one.body!r}," if one.body is not None else ""
    return f"""\
import os

import httpx

http = httpx.Client(timeout=30, trust_env=False)
# {_("1. Xin mã truy cập cho hệ thống; giữ lại dùng đến khi hết hạn")}
found = http.get(os.environ["ISSUER"] + "/.well-known/openid-configuration")
provider = found.raise_for_status().json()
token = http.post(
    provider["token_endpoint"],
    data={{"grant_type": "client_credentials", "scope": "api.read"}},
    auth=(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]),
).raise_for_status().json()["access_token"]

# 2. {one.title}
answer = http.request(
    {one.method!r},
    os.environ["GATEWAY"] + {one.path!r},{params}{body}
    headers={{
        "Authorization": f"Bearer {{token}}",
        "X-Agreement": os.environ["AGREEMENT"],
        "X-Purpose": {_("Mục đích của lần gọi này")!r}.encode(),
    }},
)
print(answer.status_code, answer.text)
"""


def javascript(one: Sample) -> str:
    """The call in JavaScript, for Node.js 20 without any package."""
    body = f"\n  body: JSON.stringify({_js(one.body)})," if one.body is not None else ""
    kind = '\n    "content-type": "application/json",' if one.body is not None else ""
    return f"""\
const {{ ISSUER, GATEWAY, CLIENT_ID, CLIENT_SECRET, AGREEMENT }} = process.env;
const json = async (response) => {{
  const told = await response.json().catch(() => null); // {_("bị từ chối: problem+json, mã ở mục code")}
  if (!response.ok) throw new Error(`${{response.status}} ${{told?.code ?? ""}} ${{told?.detail ?? told?.title ?? ""}}`);
  return told;
}};
// {_("1. Xin mã truy cập cho hệ thống; giữ lại dùng đến khi hết hạn")}
const provider = await json(await fetch(`${{ISSUER}}/.well-known/openid-configuration`));
const token = await json(await fetch(provider.token_endpoint, {{
  method: "POST",
  headers: {{ authorization: `Basic ${{btoa(`${{CLIENT_ID}}:${{CLIENT_SECRET}}`)}}` }},
  body: new URLSearchParams({{ grant_type: "client_credentials", scope: "api.read" }}),
}}));

// 2. {one.title}
const answer = await fetch(GATEWAY + {_js(one.address)}, {{
  method: {_js(one.method)},
  headers: {{
    authorization: `Bearer ${{token.access_token}}`,
    "x-agreement": AGREEMENT,
    "x-purpose": Buffer.from({_js(_("Mục đích của lần gọi này"))}).toString("latin1"),{kind}
  }},{body}
}});
console.log(answer.status, JSON.stringify(await json(answer)));
"""


def _js(value: Any) -> str:
    """A value as JavaScript writes it."""
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def for_tools(code: str, major: int, document: str, *, grpc: bool = False) -> dict[str, Any]:
    """The description as consumers need it: with the gateway's address in place of where the service runs, and what
    each call has to carry. Empty when it cannot be read any more."""
    told = json.loads(json.dumps(_document(document), default=str))  # a copy of our own
    if not told:
        return {}
    for holder in (told, *_items(told)):
        holder.pop("servers", None)
    below = "" if grpc else f"{PREFIX}/{code}/v{major}"
    told["servers"] = [{"url": f"{settings.BUS_URL or settings.BASE_URL}{below}"}]
    components = told["components"] = _dict(told.get("components"))
    components["securitySchemes"] = {
        "gateway": {
            "type": "oauth2",
            "flows": {"clientCredentials": {"tokenUrl": f"{settings.BASE_URL}/sso/ma", "scopes": {"api.read": ""}}},
        }
    }
    told["security"] = [{"gateway": ["api.read"]}]
    for item in _dict(told.get("paths")).values():
        if isinstance(item, dict) and "$ref" not in item:
            item["parameters"] = [*_list(item.get("parameters")), *_CARRIED]
    return dict(told)


_CARRIED = [
    {
        "in": "header",
        "name": "X-Agreement",
        "required": True,
        "schema": {"type": "string"},
        "description": "TTDV-2026-0001",
    },
    {"in": "header", "name": "X-Purpose", "required": True, "schema": {"type": "string", "maxLength": 200}},
]


def _items(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts that may name servers of their own: addresses and operations."""
    found = [item for item in _dict(document.get("paths")).values() if isinstance(item, dict)]
    return found + [one for item in found for one in item.values() if isinstance(one, dict)]
