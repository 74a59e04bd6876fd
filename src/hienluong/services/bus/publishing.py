"""What may pass just now, from the database into the files of the gateway.

One look at the database makes the whole snapshot: what was forgotten to be said cannot linger. Files are replaced only when
they say something else; schemas and keys are there before the snapshot that names them.
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import itertools
import json
import logging
import time
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from allauth.idp.oidc.models import Client
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from hienluong.capabilities.registers.models import Agreement, Register
from hienluong.foundation.actions import NotFound
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso import keys
from hienluong.foundation.sso.models import System

from . import agreements, by_themselves, describing, routing, translating
from .gateway import snapshot as files
from .gateway.server import Gateway
from .gateway.snapshot import GrantRoute, OperationRoute, ServiceRoute, Snapshot, SnapshotError
from .models import Operation, ServiceAgreement, Version

SNAPSHOT, KEYS, SCHEMAS = "snapshot.json", "jwks.json", "schemas"
#: Seconds after which a schema that nothing names any more is removed: long after the last reader of the old snapshot.
_OLD = 3600

logger = logging.getLogger(__name__)

#: What apps above this one change in what may pass, before it is written: services behind the agent node (services/agentnode).
REFINEMENTS: list[Callable[[Snapshot], Snapshot]] = []


@dataclass
class _Making:
    """What is needed for every route, asked for once."""

    now: datetime
    folder: Path
    systems: list[tuple[str, str]]  # path of the owner, client_id; in order
    schemas: dict[str, bytes] = field(default_factory=dict)  # content by the name of its file
    tables: dict[tuple[str, ...], str] = field(default_factory=dict)  # files by list, edition from, edition to

    def clients(self, consumer: Organization) -> list[str]:
        """The systems that work for themselves of an organisation and what is below it."""
        since = bisect_left(self.systems, (consumer.path, ""))
        below = itertools.takewhile(lambda one: one[0].startswith(consumer.path), self.systems[since:])
        return sorted(client for _path, client in below)

    def schema_file(self, schema: dict[str, Any] | None) -> str | None:
        if schema is None:
            return None
        return self.file(json.dumps(schema, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())

    def rules(self, operation: Operation) -> list[dict[str, str]]:
        """How codes are translated, each rule with the file of its table; raises NotFound for an edition that is gone."""
        return [
            {**rule, "file": self.table(rule["list"], rule["from"], rule["to"])}
            for rule in translating.directed(operation.turning)
        ]

    def table(self, *which: str) -> str:
        """The file that says what the codes of an edition became, made once for all rules."""
        if which not in self.tables:
            self.tables[which] = self.file(translating.table(*which))
        return self.tables[which]

    def file(self, content: bytes) -> str:
        """A file for the mediator, named by what is in it."""
        name = f"{hashlib.sha256(content).hexdigest()}.json"
        self.schemas[name] = content
        return str(self.folder / SCHEMAS / name)


def snapshot_of(now: datetime, *, version: int = 0, folder: Path | None = None) -> Snapshot:
    """What may pass at a moment: agreements in force within their hours, on versions that are tried or provided."""
    return _made(now, version, folder or settings.GATEWAY_FOLDER)[0]


def _made(now: datetime, version: int, folder: Path) -> tuple[Snapshot, dict[str, bytes]]:
    making = _Making(now, folder, _systems())
    services = [*_declared(making), *_registers(making)]
    services = [one for one in services if _is_sound(one)]
    made = Snapshot(
        version=version,
        issuer=settings.BASE_URL,
        jwks_file=KEYS,
        mediator=settings.BUS_MEDIATOR,
        services=services,
    )
    for refine in REFINEMENTS:
        made = refine(made)
    return made, making.schemas


def _systems() -> list[tuple[str, str]]:
    found = System.objects.filter(disabled_at=None).select_related("client", "owner")
    found = found.only("client__grant_types", "owner__path")
    itself = str(Client.GrantType.CLIENT_CREDENTIALS)
    return sorted((one.owner.path, str(one.client_id)) for one in found if itself in one.client.get_grant_types())


def _declared(making: _Making) -> Iterator[ServiceRoute]:
    """The versions of the catalogue under which somebody may call now."""
    state = Version.State
    today = timezone.localdate(making.now)
    found = ServiceAgreement.objects.filter(state=ServiceAgreement.State.APPROVED, valid__contains=today)
    granted = defaultdict(list)
    for agreement in found.select_related("consumer").order_by("code"):
        clients = making.clients(agreement.consumer)
        if clients and agreements.is_open(agreement, making.now):
            granted[agreement.version_id].append((agreement, clients))
    lives = Q(state__in=(state.TEST, state.PUBLISHED)) | Q(state=state.DEPRECATED, retires_on__gt=today)
    versions = Version.objects.filter(lives, pk__in=granted).select_related("service").prefetch_related("operations")
    for version in versions.order_by("service__code", "major"):
        tried = version.state == state.TEST and version.sandbox
        told = routing.of(version).for_gateway(version.service)
        if tried:  # with data to try, at one place
            told |= {"canary": None, "mirror": None, "cache_s": 0}
        yield ServiceRoute(
            code=version.service.code,
            major=version.major,
            upstream=version.sandbox if tried else version.upstream,
            timeout_s=float(version.timeout),
            retries=version.retries,
            **told,
            operations=[_route(making, version, each, granted[version.pk]) for each in version.operations.all()],
        )


def _route(
    making: _Making, version: Version, operation: Operation, granted: list[tuple[ServiceAgreement, list[str]]]
) -> OperationRoute:
    """An operation, also one that nobody may call: its address is then not that of another by a parameter there."""
    grants = [
        GrantRoute(
            agreement=agreement.code,
            clients=clients,
            per_minute=agreement.per_minute,
            per_day_records=agreement.per_day,
            fields=_passing(version, operation, agreement.fields[operation.name]),
            addresses=agreement.addresses,
            sign=agreement.sign,
        )
        for agreement, clients in granted
        if operation.name in agreement.fields
    ]
    transform = None
    if version.kind == Version.Kind.WSDL:
        transform = describing.transformations(version.document).get(operation.name)
        if transform is None:  # never JSON to who expects SOAP
            logger.error("%s: nobody may call %s, its WSDL cannot be read any more", version, operation.name)
            grants = []
    if not grants:
        return OperationRoute(name=operation.name, method=operation.method, template=operation.template)
    try:
        transform = translating.merged(transform, operation.turning, making.rules(operation))
    except NotFound:
        logger.exception("%s: nobody may call %s, its codes cannot be translated", version, operation.name)
        return OperationRoute(name=operation.name, method=operation.method, template=operation.template)
    return OperationRoute(
        name=operation.name,
        method=operation.method,
        template=operation.template,
        request_schema_file=None if version.whole else making.schema_file(operation.request_schema),
        response_schema_file=None if version.whole else making.schema_file(operation.response_schema),
        person_pointer=operation.person_pointer or None,
        transform=transform,
        grants=grants,
    )


def _passing(version: Version, operation: Operation, agreed: list[str]) -> list[str] | None:
    """The fields that may pass; None for an answer that is let through unread: of which none is described, or all of which
    is agreed, where its owner said that this will do."""
    if not operation.fields or (version.whole and set(operation.fields) <= set(agreed)):
        return None
    return list(agreed)


def _registers(making: _Making) -> Iterator[ServiceRoute]:
    """The registers of which somebody may read something now, through our own API."""
    today = timezone.localdate(making.now)
    found = Agreement.objects.filter(state=Agreement.State.APPROVED, valid__contains=today, register__retired_on=None)
    granted = defaultdict(list)
    for agreement in found.select_related("consumer").order_by("code"):
        if clients := making.clients(agreement.consumer):
            granted[agreement.register_id].append(
                GrantRoute(agreement=agreement.code, clients=clients, per_minute=by_themselves.PER_MINUTE)
            )
    for register in Register.objects.filter(pk__in=granted).order_by("code"):
        yield ServiceRoute(
            code=by_themselves.code_of(register.code),
            major=by_themselves.MAJOR,
            upstream=f"{settings.BASE_URL}/api/v1/registers/{register.code}",
            timeout_s=float(by_themselves.TIMEOUT),
            forward_token=True,
            operations=[
                OperationRoute(name=one.name, method=one.method, template=one.template, grants=granted[register.pk])
                for one in by_themselves.OPERATIONS
            ],
        )


def _is_sound(service: ServiceRoute) -> bool:
    """Whether the gateway takes this one; one that it does not take must not keep all others from changing."""
    try:
        service.check()
        for operation in service.operations:
            operation.check()
            for grant in operation.grants:
                grant.check()
    except SnapshotError:
        logger.exception("%s v%s is left out of the gateway", service.code, service.major)
        return False
    return True


def publish(now: datetime, folder: Path | None = None) -> Snapshot | None:
    """Write what may pass now and Envoy's files, unless they say it already; returns what was written."""
    folder = folder or settings.GATEWAY_FOLDER
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    with _alone(folder):
        _write_keys(folder)
        before = _read(folder)
        made, schemas = _made(now, before.version if before else 0, folder)
        if made != before:
            made = dataclasses.replace(made, version=made.version + 1)
        elif Gateway(folder).follows(made):
            return None
        _write_schemas(folder, schemas)
        Gateway(folder).apply(made)
        _remember(folder, made)
        _forget_schemas(folder, set(schemas))
    logger.info("gateway: version %s, %s services", made.version, len(made.services))
    return made


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Several workers may share a folder: one writes at a time."""
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


#: The file that was read last and what it says: reading thousands of routes takes a part of the two seconds there are.
_last: tuple[tuple[int, int, int], Snapshot] | None = None


def _read(folder: Path) -> Snapshot | None:
    """What was published last; None when there is nothing that can be read."""
    global _last
    path = folder / SNAPSHOT
    try:
        found = path.stat()
        which = (found.st_ino, found.st_mtime_ns, found.st_size)
        if _last is None or _last[0] != which:
            _last = (which, files.read(path))
        return _last[1]
    except (SnapshotError, OSError) as problem:  # none yet, or one of another edition of ours
        logger.info("gateway: %s; it is written anew", problem)
        return None


def _remember(folder: Path, made: Snapshot) -> None:
    global _last
    found = (folder / SNAPSHOT).stat()
    _last = ((found.st_ino, found.st_mtime_ns, found.st_size), made)


def _write_keys(folder: Path) -> None:
    """The public keys with which tokens are checked: those that sign, those that will, those that did."""
    public = [keys.opened(each.pem)[0] for each in keys.published()]
    content = json.dumps({"keys": sorted(public, key=lambda key: str(key["kid"]))}, sort_keys=True).encode()
    path = folder / KEYS
    if not path.exists() or path.read_bytes() != content:
        files.replace(path, content)


def _write_schemas(folder: Path, schemas: dict[str, bytes]) -> None:
    place = folder / SCHEMAS
    place.mkdir(mode=0o750, exist_ok=True)
    for name, content in schemas.items():
        if not (place / name).exists():  # named by what is in it
            files.replace(place / name, content)


def _forget_schemas(folder: Path, wanted: set[str]) -> None:
    for path in (folder / SCHEMAS).glob("*.json"):
        if path.name not in wanted and time.time() - path.stat().st_mtime > _OLD:
            path.unlink(missing_ok=True)
