"""What the gateway lets pass just now: the contract between the catalogue, Envoy's files and the mediator.

The bus writes it at every change of an agreement or a service, and when hours of use begin or end; who reads it needs no
database. It is one JSON file, replaced whole (written beside, then renamed): a reader sees the old one or the new one.
Whatever is not in it does not pass.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import json
import os
import re
import types
import typing
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union
from urllib.parse import urlsplit

#: Version of this shape. A reader refuses a file of another one.
FORMAT = 1
#: Prefix of every path at the gateway; gRPC alone has the path its clients make (/package.Service/Method).
PREFIX = "/lgsp"

METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
#: Methods that change nothing: only these are tried again.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_CODE = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,98}[a-z0-9])?")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._:-]{0,198}[A-Za-z0-9])?")
_AGREEMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?")
_CLIENT = re.compile(r"[\x21-\x7e]{1,200}")
_FINGERPRINT = re.compile(r"[0-9a-f]{64}")
#: A part of a template: words of an address, with at most whole names in braces between them.
_TEMPLATE = re.compile(r"(?:/(?:[A-Za-z0-9._~!$&'()*+,=:@-]|\{[A-Za-z_][A-Za-z0-9_-]{0,63}\})*)+")
_PARAMETER = re.compile(r"\{([^}]*)\}")
#: One part of an identifier at the agent node: anything that can stand in an address when it is encoded.
_NODE_PART = re.compile(r"[^/\\%;\x00-\x1f\x7f]{1,80}")
_NODE_PREFIX = re.compile(r"(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)+")

T = TypeVar("T")


class SnapshotError(ValueError):
    """The snapshot cannot be used; says where and why."""


@dataclass(frozen=True)
class Breaker:
    """How much of a provider may be in use at once; past that the gateway answers 503 at once.

    After so many failures one after the other (no connection, 502, 503, 504) it is left alone for `rest_s` seconds, then
    tried again; each further time for as much longer, at most six times `rest_s`.
    """

    max_connections: int = 256
    max_pending: int = 256
    max_requests: int = 1024
    failures: int = 10
    rest_s: int = 5

    def check(self) -> None:
        """Raise :class:`SnapshotError` for a limit below one."""
        if min(self.max_connections, self.max_pending, self.max_requests, self.failures, self.rest_s) < 1:
            raise SnapshotError("a limit below 1")


@dataclass(frozen=True)
class Tls:
    """How the gateway knows an https provider (`ca_file`; empty: the authorities of the machine) and shows itself to it."""

    verify: bool = True
    ca_file: str = ""
    client_cert_file: str = ""
    client_key_file: str = ""
    server_name: str = ""  # the name in the certificate, where it is not that of the address

    def check(self) -> None:
        """Raise :class:`SnapshotError` when only half of a key pair is named."""
        if bool(self.client_cert_file) != bool(self.client_key_file):
            raise SnapshotError("client_cert_file and client_key_file belong together")


@dataclass(frozen=True)
class Canary:
    """A new version of a provider that gets a part of the calls."""

    upstream: str
    percent: int

    def check(self) -> None:
        """Raise :class:`SnapshotError` for an address or a part that cannot be."""
        _check_upstream(self.upstream)
        if not 0 <= self.percent <= 100:
            raise SnapshotError("percent is from 0 to 100")


@dataclass(frozen=True)
class NodeRoute:
    """A service that is called through the national agent node (NĐ 278/2025/NĐ-CP, Điều 7) by X-Road's REST protocol.

    The upstream of its service is the node then. Identifiers are as they are said, not percent-encoded.
    """

    service: str  # INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE
    clients: dict[str, str]  # client_id → INSTANCE/CLASS/MEMBER/SUBSYSTEM it is known as there
    prefix: str = "/r1"
    errors: dict[str, str] = field(
        default_factory=dict
    )  # words of the node's error types → our codes, beside the usual

    def check(self) -> None:
        """Raise :class:`SnapshotError` for identifiers that are none."""
        check_identifier(self.service, 5)
        _match(_NODE_PREFIX, self.prefix, "prefix")
        for client, known_as in self.clients.items():
            _match(_CLIENT, client, "client")
            check_identifier(known_as, 4)


@dataclass(frozen=True)
class NodeDoor:
    """Who comes in through the agent node, and what is there for them. What they may call, grants say as ever."""

    clients: dict[str, str]  # INSTANCE/CLASS/MEMBER/SUBSYSTEM → client_id
    services: dict[str, str]  # INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE → land-prices/v1
    prefix: str = "/r1"

    def check(self) -> None:
        """Raise :class:`SnapshotError` for identifiers that are none."""
        _match(_NODE_PREFIX, self.prefix, "prefix")
        for known_as, client in self.clients.items():
            check_identifier(known_as, 4)
            _match(_CLIENT, client, "client")
        for service in self.services:
            check_identifier(service, 5)


@dataclass(frozen=True)
class GrantRoute:
    """One agreement in force now on one operation."""

    agreement: str
    clients: list[str]  # client_id of the systems of the consumer
    per_minute: int
    per_day_records: int | None = None
    fields: list[str] | None = None  # JSON pointers or dotted names that may pass; None: all
    addresses: list[str] = field(default_factory=list)  # networks it may come from (CIDR); none named: any
    sign: bool = False

    def check(self) -> None:
        """Raise :class:`SnapshotError` for what would let too much pass, or nothing by a slip."""
        _match(_AGREEMENT, self.agreement, "agreement")
        for client in self.clients:
            _match(_CLIENT, client, "client")
        if self.per_minute < 1:
            raise SnapshotError("per_minute is at least 1; an agreement without calls is not in the snapshot")
        if self.per_day_records is not None and self.per_day_records < 0:
            raise SnapshotError("per_day_records is not negative")
        for address in self.addresses:
            try:
                ipaddress.ip_network(address)
            except ValueError as problem:
                raise SnapshotError(f"addresses: {problem}") from None


@dataclass(frozen=True)
class OperationRoute:
    """One operation of a service, with who may call it."""

    name: str
    method: str
    template: str  # path below /lgsp/{service}/v{major}, as in OpenAPI: /ho-so/{ma}
    mediate: bool = False
    max_body: int = 1_048_576  # bytes of a request
    request_schema_file: str | None = None
    response_schema_file: str | None = None
    person_pointer: str | None = None  # where in the answer the personal number is (JSON pointer)
    transform: dict[str, Any] | None = None
    grants: list[GrantRoute] = field(default_factory=list)

    def check(self) -> None:
        """Raise :class:`SnapshotError` for a template that could match more than it says, or two grants of one agreement."""
        _match(_NAME, self.name, "name")
        if self.method not in METHODS:
            raise SnapshotError(f"method: {self.method!r}")
        _check_template(self.template)
        if not 0 <= self.max_body <= 1 << 30:
            raise SnapshotError("max_body is from 0 to 1 GiB")
        _unique((grant.agreement for grant in self.grants), "agreement")

    def passes_mediator(self, grant: GrantRoute) -> bool:
        """Whether calls under this grant go through the mediator: as declared, or because only it can keep what was agreed.

        So a flag forgotten in the catalogue never lets fields pass that were not agreed.
        """
        return bool(
            self.mediate
            or self.request_schema_file
            or self.response_schema_file
            or self.person_pointer is not None
            or self.transform
            or grant.fields is not None
            or grant.per_day_records is not None
            or grant.sign
        )


@dataclass(frozen=True)
class ServiceRoute:
    """One major version of a data service and where its provider answers."""

    code: str
    major: int
    upstream: str  # http or https address below which the templates lie
    timeout_s: float = 30.0
    retries: int = 0  # further tries, of safe methods only
    breaker: Breaker = field(default_factory=Breaker)
    tls: Tls = field(default_factory=Tls)
    operations: list[OperationRoute] = field(default_factory=list)
    canary: Canary | None = None
    mirror: str | None = None  # gets a copy of every call; its answers are thrown away
    websocket: bool = False
    grpc: bool = False
    cache_s: int = 0  # seconds for which an answer to GET may be kept, for each agreement and system by itself
    personal: bool = False  # data of persons: nothing is kept, and a mirror has to be the provider's own
    forward_token: bool = False  # only for our own web: a provider never sees the token of a consumer
    node: NodeRoute | None = None  # through the agent node, which the mediator alone speaks to

    @property
    def base(self) -> str:
        """The path at the gateway below which the templates lie; empty for gRPC."""
        return "" if self.grpc else f"{PREFIX}/{self.code}/v{self.major}"

    @property
    def mirrored(self) -> str | None:
        """Where copies go: data of persons to the provider's own server only, whatever was declared."""
        if self.mirror and self.personal and urlsplit(self.mirror).hostname != urlsplit(self.upstream).hostname:
            return None
        return self.mirror

    def keeps(self, operation: OperationRoute) -> bool:
        """Whether the mediator may keep answers: of what is only read, and of no person, whatever was declared."""
        apart = self.personal or self.grpc or self.forward_token or operation.person_pointer is not None
        return self.cache_s > 0 and not apart and operation.method == "GET"

    def check(self) -> None:
        """Raise :class:`SnapshotError` for addresses and limits that cannot be, or two operations at one place."""
        _match(_CODE, self.code, "code")
        if self.major < 0:
            raise SnapshotError("major is not negative")
        _check_upstream(self.upstream)
        if self.mirror is not None:
            _check_upstream(self.mirror)
        if not 0 < self.timeout_s <= 3600:
            raise SnapshotError("timeout_s is above 0 and at most 3600")
        if not 0 <= self.retries <= 5:
            raise SnapshotError("retries is from 0 to 5")
        if self.cache_s < 0:
            raise SnapshotError("cache_s is not negative")
        if self.node is not None:
            self.node.check()
            if self.canary or self.mirror or self.websocket or self.grpc or self.forward_token:
                raise SnapshotError("nothing but plain calls goes through the agent node")
            if not all(operation.mediate for operation in self.operations):
                raise SnapshotError("what goes through the agent node is mediated")
        _unique((operation.name for operation in self.operations), "operation")
        if self.grpc and any(one.template.startswith(f"{PREFIX}/") for one in self.operations):
            raise SnapshotError(f"a method of gRPC below {PREFIX}/")  # there it could stand before another service
        places = (operation.method + " " + _PARAMETER.sub("{}", operation.template) for operation in self.operations)
        _unique(places, "method and template")


@dataclass(frozen=True)
class Snapshot:
    """Everything that may pass the gateway now."""

    version: int  # grows with every change
    issuer: str  # of the tokens, and their audience
    jwks_file: str  # the public keys of the issuer; a relative name is below the folder of the snapshot
    mediator: str  # host:port
    services: list[ServiceRoute] = field(default_factory=list)
    #: SHA-256 (hex) of the certificates of those clients that have some: these call only with one of them, at the port
    #: that asks for it.
    certificates: dict[str, list[str]] = field(default_factory=dict)
    door: NodeDoor | None = None  # without: nobody comes in through the agent node

    def check(self) -> None:
        """Raise :class:`SnapshotError` for what holds only for the whole."""
        if self.version < 0:
            raise SnapshotError("version is not negative")
        if not self.issuer:
            raise SnapshotError("issuer is missing")
        _check_place(self.mediator)
        _unique((f"{service.code}/v{service.major}" for service in self.services), "service")
        if self.door is not None:
            self.door.check()
        for client, prints in self.certificates.items():
            _match(_CLIENT, client, "client")
            for each in prints:
                _match(_FINGERPRINT, each, "fingerprint")

    def routes(self) -> Iterator[tuple[ServiceRoute, OperationRoute, GrantRoute]]:
        """Every way through the gateway."""
        for service in self.services:
            for operation in service.operations:
                for grant in operation.grants:
                    yield service, operation, grant


def dumps(snapshot: Snapshot) -> str:
    """The snapshot as JSON, with the version of its shape; checked."""
    shape = dataclasses.asdict(snapshot)
    _build(Snapshot, shape, "")
    return json.dumps({"format": FORMAT, **shape}, ensure_ascii=False, separators=(",", ":"))


def loads(text: str | bytes) -> Snapshot:
    """Read a snapshot; raises :class:`SnapshotError` for anything missing, unknown, of the wrong kind or out of bounds."""
    try:
        shape = json.loads(text)
    except ValueError as problem:
        raise SnapshotError(f"not JSON: {problem}") from None
    if not isinstance(shape, dict):
        raise SnapshotError("not an object")
    found = shape.pop("format", None)
    if found != FORMAT:
        raise SnapshotError(f"format {found!r}, and this program reads {FORMAT}")
    return _build(Snapshot, shape, "")


def write(snapshot: Snapshot, path: Path, *, flushed: bool = True) -> None:
    """Replace the file at once: written beside, flushed to the disk, renamed."""
    replace(path, dumps(snapshot).encode(), flushed=flushed)


def read(path: Path) -> Snapshot:
    """The snapshot in a file; raises :class:`SnapshotError` (also when there is no such file)."""
    try:
        return loads(path.read_bytes())
    except OSError as problem:
        raise SnapshotError(f"{path.name}: {problem.strerror}") from None


def replace(path: Path, content: bytes, *, mode: int = 0o640, flushed: bool = True) -> None:
    """Put `content` at `path` so that a reader, or a power cut, finds the old or the new, never a part.

    Not `flushed`: readers do, but after a power cut there may be nothing; for what is made again, or flushed afterwards.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        if flushed:
            out.flush()
            os.fsync(out.fileno())
    beside.replace(path)


def flush(path: Path) -> None:
    """Return when what is at `path` outlives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@cache
def _shape(kind: Any) -> dict[str, tuple[Any, bool]]:
    """The fields of a dataclass: their type, and whether they must be there."""
    hints = typing.get_type_hints(kind)
    return {
        each.name: (
            hints[each.name],
            each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING,
        )
        for each in dataclasses.fields(kind)
    }


def _build(kind: type[T], value: Any, where: str) -> T:
    if not isinstance(value, dict):
        raise SnapshotError(f"{where or 'snapshot'}: not an object")
    shape = _shape(typing.cast(Any, kind))
    if unknown := sorted(set(value) - set(shape)):
        raise SnapshotError(f"{where or 'snapshot'}: unknown {', '.join(unknown)}")
    if missing := sorted(name for name, (_kind, needed) in shape.items() if needed and name not in value):
        raise SnapshotError(f"{where or 'snapshot'}: missing {', '.join(missing)}")
    made = kind(**{name: _value(shape[name][0], each, f"{where}/{name}") for name, each in value.items()})
    try:
        made.check()  # type: ignore[attr-defined]  # every class of the snapshot has it
    except SnapshotError as problem:
        raise SnapshotError(f"{where or 'snapshot'}: {problem}") from None
    return made


def _value(kind: Any, value: Any, where: str) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else _value(inner[0], value, where)
    if origin is list:
        if not isinstance(value, list):
            raise SnapshotError(f"{where}: not a list")
        return [_value(inner[0], each, f"{where}/{number}") for number, each in enumerate(value)]
    if origin is dict:
        if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
            raise SnapshotError(f"{where}: not an object")
        return {
            key: each if inner[1] is Any else _value(inner[1], each, f"{where}/{key}") for key, each in value.items()
        }
    if dataclasses.is_dataclass(kind):
        return _build(typing.cast(type[Any], kind), value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise SnapshotError(f"{where}: not {kind.__name__}")
    return value


def _check_upstream(address: str) -> None:
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise SnapshotError(f"not an http or https address: {address!r}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SnapshotError(f"an address of a provider has no password, query or fragment: {address!r}")
    if parts.path and not re.fullmatch(r"(?:/[A-Za-z0-9._~-]+)*/?", parts.path):
        raise SnapshotError(f"path of a provider: {parts.path!r}")


def check_identifier(identifier: str, parts: int) -> None:
    """Of so many parts, or one less: a subsystem need not be named (PR-REST 4.1)."""
    found = identifier.split("/")
    if len(found) not in (parts - 1, parts) or not all(map(_NODE_PART.fullmatch, found)) or {".", ".."} & set(found):
        raise SnapshotError(f"not an identifier of the agent node: {identifier!r}")


def _check_place(place: str) -> None:
    host, _colon, port = place.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise SnapshotError(f"not host:port: {place!r}")


def _check_template(template: str) -> None:
    _match(_TEMPLATE, template, "template")
    if "//" in template or any(part in (".", "..") for part in template.split("/")):
        raise SnapshotError(f"template: {template!r}")
    names = _PARAMETER.findall(template)
    _unique(names, "parameter")
    if "}{" in template:
        raise SnapshotError(f"template: two parameters without anything between them: {template!r}")


def _match(pattern: re.Pattern[str], value: str, name: str) -> None:
    if not pattern.fullmatch(value):
        raise SnapshotError(f"{name}: {value!r}")


def _unique(values: Iterable[str], name: str) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise SnapshotError(f"{name} twice: {value!r}")
        seen.add(value)
