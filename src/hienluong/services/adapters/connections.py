"""How each system is reached: addresses, headers, certificates, codes. Read from outside the code; no Django here.

The file ``HIENLUONG_ADAPTERS`` holds one entry for each adapter (docs/operators/national-systems.md). What a ministry
publishes only to those it connects (addresses, names of fields, codes) is written there, never in the code.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_KNOWN = {
    "url",
    "headers",
    "ca_file",
    "certificate_file",
    "key_file",
    "agent",
    "codes",
    "dates",
    "operations",
    "options",
    "simulator",
}
_OF_OPERATION = {"method", "path", "names", "answers", "items", "values", "timeout_s", "keep_s", "stale_s"}
_OF_CODES = {"at", "words_at", "ok", "not_found", "duplicate", "refused", "busy"}


@dataclass(frozen=True)
class Agent:
    """The agent node (security server) through which Decree 278/2025 lets agencies ask: shaped as X-Road.

    `client`: who asks, ``INSTANCE/CLASS/MEMBER/SUBSYSTEM``. `services`: operation → the service that answers it,
    ``INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE``; an operation that is not named here is one we have no access right for.
    """

    client: str
    services: Mapping[str, str]
    prefix: str = "/r1"


@dataclass(frozen=True)
class Connection:
    """One system as this installation reaches it."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    agent: Agent | None = None
    codes: Mapping[str, Any] = field(default_factory=dict)
    dates: str = ""  # how they write a day, as strptime knows it; empty: ISO 8601
    operations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # what differs from the adapter's own
    options: Mapping[str, Any] = field(default_factory=dict)
    simulator: bool = False


def from_file(path: str) -> dict[str, Connection]:
    """The connections of a file. Raises OSError, ValueError with what is wrong."""
    entries = json.loads(Path(path).read_text(encoding="utf-8"))
    if not isinstance(entries, dict):
        raise ValueError('{"population": {"url": "https://…"}}')
    return {str(code): connection(str(code), entry) for code, entry in entries.items()}


def connection(code: str, entry: Any) -> Connection:
    """One entry. Raises ValueError with what is wrong, OSError for a file that cannot be read."""
    _known(code, entry, _KNOWN)
    url = str(entry.get("url", "")).rstrip("/")
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise ValueError(f"{code}: url phải là https:// (http:// chỉ trên chính máy này)")
    if bool(entry.get("certificate_file")) != bool(entry.get("key_file")):
        raise ValueError(f"{code}: certificate_file và key_file đi cùng nhau")
    for name in ("ca_file", "certificate_file", "key_file"):
        if entry.get(name):
            Path(str(entry[name])).read_bytes()  # a file that is not there is told at the start, not at the first call
    operations = entry.get("operations", {})
    _known(code, operations, None)
    for name, changes in operations.items():
        _known(f"{code}.{name}", changes, _OF_OPERATION)
    _known(f"{code}.codes", entry.get("codes", {}), _OF_CODES)
    return Connection(
        url=url,
        headers={str(name): _plain(value) for name, value in entry.get("headers", {}).items()},
        ca_file=str(entry.get("ca_file", "")),
        certificate_file=str(entry.get("certificate_file", "")),
        key_file=str(entry.get("key_file", "")),
        agent=_agent(code, entry["agent"]) if entry.get("agent") else None,
        codes=entry.get("codes", {}),
        dates=str(entry.get("dates", "")),
        operations=operations,
        options=entry.get("options", {}),
        simulator=bool(entry.get("simulator", False)),
    )


#: Where the simulator of each adapter answers (``house/simulators/ministries.py``).
SIMULATED: Mapping[str, str] = {
    "population": "/dan-cu",
    "enterprises": "/doanh-nghiep",
    "civil_status": "/ho-tich",
    "insurance": "/bao-hiem",
    "land": "/dat-dai",
    "criminal_records": "/ly-lich-tu-phap",
    "post": "/buu-chinh",
}


def simulated(url: str, token: str) -> dict[str, Connection]:
    """The connections of the demo."""
    headers = {"Authorization": f"Bearer {token}"}
    return {code: Connection(f"{url.rstrip('/')}{path}", headers, simulator=True) for code, path in SIMULATED.items()}


def _agent(code: str, entry: Any) -> Agent:
    _known(f"{code}.agent", entry, {"client", "services", "prefix"})
    client, services = str(entry.get("client", "")), entry.get("services", {})
    _known(f"{code}.agent.services", services, None)
    if len(client.split("/")) not in (3, 4):
        raise ValueError(f"{code}: agent.client có dạng INSTANCE/CLASS/MEMBER/SUBSYSTEM")
    for name, service in services.items():
        if len(str(service).split("/")) not in (4, 5):
            raise ValueError(f"{code}: agent.services.{name} có dạng INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE")
    return Agent(client, {str(k): str(v) for k, v in services.items()}, str(entry.get("prefix", "/r1")))


def _known(where: str, entry: Any, names: set[str] | None) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f"{where}: phải là một đối tượng JSON")
    if names is not None and set(entry) - names:
        raise ValueError(f"{where}: không biết {', '.join(sorted(set(entry) - names))}; có {', '.join(sorted(names))}")


def _plain(value: Any) -> str:
    """A header; ``{"file": path}`` and ``{"env": NAME}`` stand for what must not be in the file."""
    if isinstance(value, dict) and set(value) == {"file"}:
        return Path(str(value["file"])).read_text(encoding="utf-8").strip()
    if isinstance(value, dict) and set(value) == {"env"}:
        return os.environ.get(str(value["env"]), "")
    return str(value)
