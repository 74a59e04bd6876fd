"""What may pass just now, as the mediator looks it up: the snapshot of the bus, read again when its file changes."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from hienluong.services.bus.gateway import paths, snapshot
from hienluong.services.bus.gateway.snapshot import GrantRoute, NodeDoor, OperationRoute, ServiceRoute

#: Seconds for which the file is believed to be unchanged.
FRESH = 0.2
_PARAMETER = re.compile(r"\{([^}]*)\}")
_BASE = re.compile(rf"{snapshot.PREFIX}/([^/]+)/v(\d+)(/.*)")


@dataclass(frozen=True)
class Way:
    """One operation of a service and, of its path, the parameters (decoded) and the part below the service."""

    service: ServiceRoute
    operation: OperationRoute
    parameters: dict[str, str]
    path: str

    @property
    def name(self) -> str:
        """land-prices/v1/list"""
        return f"{self.service.code}/v{self.service.major}/{self.operation.name}"

    def grant(self, agreement: str, client: str) -> GrantRoute | None:
        """What this agreement gives this client here; None: nothing."""
        for grant in self.operation.grants:
            if grant.agreement == agreement and client in grant.clients:
                return grant
        return None


class Routes:
    """The ways of the newest snapshot that could be read. A broken file changes nothing, a missing one lets nothing pass."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.version = -1
        self._seen: tuple[int, int, int] | None = None
        self._checked = 0.0
        self._door: NodeDoor | None = None
        self._by_service: dict[tuple[str, int], list[tuple[re.Pattern[str], ServiceRoute, OperationRoute]]] = {}

    def find(self, method: str, path: str) -> Way | None:
        """The operation at a path of the gateway, undecoded; None where there is none."""
        self._refresh()
        parts = _BASE.fullmatch(path)
        if not parts or any(segment in (".", "..") for segment in path.split("/")):
            return None
        code, major, below = parts[1], int(parts[2]), parts[3]
        found = None
        for pattern, service, operation in self._by_service.get((code, major), ()):
            if operation.method == method and pattern.fullmatch(below):
                if operation.template == below or found is None:  # words before parameters, as OpenAPI has it
                    found = service, operation
                if operation.template == below:
                    break
        if found is None:
            return None
        service, operation = found
        return Way(service, operation, _parameters(operation.template, below), below)

    def door(self) -> NodeDoor | None:
        """Who comes in through the agent node; None: nobody."""
        self._refresh()
        return self._door

    def _refresh(self) -> None:
        now = time.monotonic()
        if now - self._checked < FRESH:
            return
        self._checked = now
        try:
            state = self.file.stat()
        except OSError:
            self._seen, self._by_service, self._door, self.version = None, {}, None, -1
            return
        seen = (state.st_ino, state.st_mtime_ns, state.st_size)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            read = snapshot.read(self.file)
        except snapshot.SnapshotError as problem:
            sys.stderr.write(f"mediator: the snapshot is not used: {problem}\n")
            return
        self._by_service = {
            (service.code, service.major): [
                (re.compile(paths.pattern(operation.template)), service, operation) for operation in service.operations
            ]
            for service in read.services
        }
        self._door, self.version = read.door, read.version


def _parameters(template: str, path: str) -> dict[str, str]:
    names = _PARAMETER.findall(template)
    pieces = [re.escape(piece) for piece in _PARAMETER.split(template)[::2]]
    matched = re.fullmatch("([^/]+)".join(pieces), path)
    return dict(zip(names, map(unquote, matched.groups()), strict=True)) if matched else {}


def filled(template: str, parameters: dict[str, str]) -> str:
    """The path of a template with these values, encoded."""
    return _PARAMETER.sub(lambda found: quote(parameters[found[1]], safe="~-._"), template)
