"""Settings that take more than one look at the environment. Nothing here imports Django."""

from __future__ import annotations

import ipaddress
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hienluong.foundation import tracing
from hienluong.foundation.eid import configured
from hienluong.foundation.eid.configured import Provider
from hienluong.foundation.organisations.maps.outlines import read as read_outlines
from hienluong.services.adapters import connections
from hienluong.services.adapters.connections import Connection
from hienluong.services.agentnode import connection as agentnode

from .simulators.identity_book import entry as simulated

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: The usual port of a mail server, by how the connection is secured.
MAIL_PORTS = {"": 25, "starttls": 587, "tls": 465}
#: Channels that need a provider of the province's choice.
CHANNELS = ("sms", "zalo")
GATEWAY = "hienluong.foundation.notifications.providers.JsonGateway"
LOCAL = ("127.0.0.1", "localhost", "[::1]")


class BadSetting(ValueError):
    """A setting that cannot be used; the message names the variable and says what it may be."""


def secret(name: str) -> str:
    """The value of a variable, or the content of the file that `name` with ``_FILE`` names."""
    file = os.environ.get(f"{name}_FILE", "")
    if not file:
        return os.environ.get(name, "")
    try:
        return Path(file).read_text().strip()
    except OSError as error:
        raise BadSetting(f"{name}_FILE: không đọc được {file}: {error.strerror}") from error


def long_secret(name: str, least: int = 24) -> str:
    """A secret that opens a door by itself, of so many characters at least; empty when there is none."""
    told = secret(name)
    if told and not (len(told) >= least and told.isascii() and told.isprintable() and " " not in told):
        raise BadSetting(f"{name}: phải dài ít nhất {least} ký tự, không có dấu cách (ví dụ: openssl rand -hex 32)")
    return told


def collector() -> tracing.Collector | None:
    """Where traces are sent (``HIENLUONG_OTLP_*``); None: nowhere."""
    try:
        return tracing.collector()
    except ValueError as error:
        raise BadSetting(str(error)) from None


def number(name: str, default: int, least: int, most: int) -> int:
    """A whole number between two others."""
    told = os.environ.get(name) or str(default)
    if not (told.isascii() and told.isdecimal() and len(told) < 10 and least <= int(told) <= most):
        raise BadSetting(f"{name}={told}: phải là số từ {least} đến {most}")
    return int(told)


def days(name: str, default: int, *, or_never: bool = False) -> int:
    """A number of days from 1 to 3650; with `or_never` also 0."""
    told = os.environ.get(name) or str(default)
    if or_never and told == "0":
        return 0
    if not (told.isascii() and told.isdecimal() and 1 <= int(told) <= 3650):
        raise BadSetting(f"{name}={told}: phải là số ngày từ 1 đến 3650")
    return int(told)


def one_of(name: str, known: tuple[str, ...], default: str) -> str:
    """One of some words."""
    told = os.environ.get(name) or default
    if told not in known:
        raise BadSetting(f"{name}={told}: phải là một trong {', '.join(known)}")
    return told


def identity_providers(own_secret: Callable[[str], str]) -> dict[str, Provider]:
    """Who vouches for citizens: those of the file ``HIENLUONG_IDENTITY_PROVIDERS``, else the simulators of the demo."""
    if file := os.environ.get("HIENLUONG_IDENTITY_PROVIDERS", ""):
        try:
            return configured.from_file(file)
        except (OSError, ValueError) as error:
            raise BadSetting(f"HIENLUONG_IDENTITY_PROVIDERS: {file}: {error}") from error
    named = {"vneid": os.environ.get("HIENLUONG_VNEID_SIMULATOR"), "dvc": os.environ.get("HIENLUONG_DVC_SIMULATOR")}
    entries = [simulated(key, url, own_secret(f"{key}_secret")) for key, url in named.items() if url]
    return configured.providers(entries)


def adapters(simulator: str, own_secret: Callable[[str], str]) -> dict[str, Connection]:
    """How national systems are reached: the file ``HIENLUONG_ADAPTERS``, and in the demo simulators for the others."""
    found = connections.simulated(simulator, own_secret("ministries_secret")) if simulator else {}
    if file := os.environ.get("HIENLUONG_ADAPTERS", ""):
        try:
            found |= connections.from_file(file)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise BadSetting(f"HIENLUONG_ADAPTERS: {file}: {error}") from error
    return found


def agent_node(simulator: str, papers: Path) -> agentnode.Node | None:
    """The national agent node: the file ``HIENLUONG_AGENT_NODE``, or in the demo the simulator, whose papers are in a folder."""
    if file := os.environ.get("HIENLUONG_AGENT_NODE", ""):
        try:
            return agentnode.from_file(file)
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise BadSetting(f"HIENLUONG_AGENT_NODE: {file}: {error}") from error
    return agentnode.simulated(simulator, papers) if simulator else None


def signing_tokens() -> dict[str, dict[str, str]]:
    """Tokens that hold keys: the file ``HIENLUONG_SIGNING_TOKENS``, ``{"hsm": {"name", "module", "token", "pin"}}``."""
    return _signing("HIENLUONG_SIGNING_TOKENS", ("module", "token", "pin"), secret="pin")  # noqa: S106 - a name


def signing_services(simulator: str, own_secret: Callable[[str], str]) -> dict[str, dict[str, str]]:
    """Services that sign from afar: the file ``HIENLUONG_SIGNING_SERVICES``,
    ``{"ca": {"name", "url", "client_id", "client_secret"}}``, and in the demo the simulator."""
    found = _signing("HIENLUONG_SIGNING_SERVICES", ("url", "client_id", "client_secret"), secret="client_secret")  # noqa: S106
    for name, each in found.items():
        if not each["url"].startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
            raise BadSetting(f"HIENLUONG_SIGNING_SERVICES: {name}: url phải là https://")
    if simulator:
        found["mo-phong"] = {
            "name": "Ký từ xa (mô phỏng)",
            "url": simulator,
            "client_id": "hienluong",
            "client_secret": own_secret("csc_secret"),
        }
    return found


def _signing(variable: str, wanted: tuple[str, ...], *, secret: str) -> dict[str, dict[str, str]]:
    """A JSON file of named places of keys. What is secret stands in it as ``env:NAME`` or ``file:/path``, not itself."""
    file = os.environ.get(variable, "")
    if not file:
        return {}
    try:
        found = json.loads(Path(file).read_text("utf-8"))
        for name, each in found.items():
            if missing := [key for key in wanted if not isinstance(each.get(key), str) or not each[key]]:
                raise ValueError(f"{name}: thiếu {', '.join(missing)}")
            kind, _colon, where = each[secret].partition(":")
            if kind not in ("env", "file"):
                raise ValueError(f"{name}: {secret} phải là env:TÊN_BIẾN hoặc file:/đường/dẫn")
            each[secret] = os.environ[where] if kind == "env" else Path(where).read_text("utf-8").strip()
    except (OSError, ValueError, AttributeError, TypeError, KeyError) as error:
        raise BadSetting(f"{variable}: {file}: {error}") from error
    return dict(found)


@dataclass(frozen=True)
class Mail:
    """How to reach the mail server; `tls` is empty, ``starttls`` or ``tls``."""

    host: str
    port: int
    tls: str
    user: str
    password: str

    @classmethod
    def from_environment(cls) -> Mail:
        """From ``HIENLUONG_SMTP_*``; the trial mailbox on this machine when no host is named."""
        host = os.environ.get("HIENLUONG_SMTP_HOST", "")
        tls = os.environ.get("HIENLUONG_SMTP_TLS", "").lower()
        if tls in {"none", "off", "0"}:
            tls = ""
        if tls not in MAIL_PORTS:
            raise BadSetting(f"HIENLUONG_SMTP_TLS={tls}: chỉ nhận starttls, tls hoặc none")
        port = os.environ.get("HIENLUONG_SMTP_PORT") or str(MAIL_PORTS[tls] if host else 8025)
        if not port.isdecimal():
            raise BadSetting(f"HIENLUONG_SMTP_PORT={port}: phải là một số")
        user, password = os.environ.get("HIENLUONG_SMTP_USER", ""), secret("HIENLUONG_SMTP_PASSWORD")
        return cls(host or "127.0.0.1", int(port), tls, user, password)


def notification_providers() -> dict[str, dict[str, Any]]:
    """The provider of each channel: ``HIENLUONG_SMS_URL``, ``HIENLUONG_ZALO_URL``, or a JSON file of classes.

    The file (``HIENLUONG_NOTIFICATION_PROVIDERS``) holds ``{"zalo": {"class": "dotted.path", "options": {…}}}``; in
    its options, ``{"file": "/path"}`` stands for the content of that file, so that no token is in it.
    """
    found: dict[str, dict[str, Any]] = {}
    for channel in CHANNELS:
        variable = f"HIENLUONG_{channel.upper()}"
        if url := os.environ.get(f"{variable}_URL"):
            found[channel] = {"class": GATEWAY, "options": {"url": url, "token": secret(f"{variable}_TOKEN")}}
    return found | _providers_of_file(os.environ.get("HIENLUONG_NOTIFICATION_PROVIDERS", ""))


def _providers_of_file(file: str) -> dict[str, dict[str, Any]]:
    if not file:
        return {}
    try:
        entries = json.loads(Path(file).read_text())
        return {
            channel: {
                "class": str(entry["class"]),
                "options": {name: _option(value) for name, value in entry.get("options", {}).items()},
            }
            for channel, entry in entries.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        words = '{"zalo": {"class": "…", "options": {…}}}'
        raise BadSetting(f"HIENLUONG_NOTIFICATION_PROVIDERS: {file} phải có dạng {words} ({error})") from error


def document_mailboxes() -> list[dict[str, Any]]:
    """Mailboxes from which official documents are fetched (``HIENLUONG_DOCUMENT_MAILBOXES``, a JSON file).

    The file holds ``[{"agency": "H50.31", "host": "…", "user": "…", "password": {"file": "/path"}}]``, and where they
    differ ``port`` (993), ``tls`` (``tls`` or ``none``) and ``folder`` (``INBOX``).
    """
    file = os.environ.get("HIENLUONG_DOCUMENT_MAILBOXES", "")
    if not file:
        return []
    words = '[{"agency": "H50.31", "host": "…", "user": "…", "password": {"file": "…"}}]'
    try:
        found = [
            {name: _option(value) for name, value in entry.items()} for entry in json.loads(Path(file).read_text())
        ]
        for entry in found:
            entry["port"] = int(entry.get("port", 993))
            if not {"agency", "host", "user", "password"} <= set(entry) or entry.get("tls", "tls") not in (
                "tls",
                "none",
            ):
                raise ValueError("agency, host, user, password; tls: tls|none")
            if set(entry) - {"agency", "host", "user", "password", "port", "tls", "folder"}:
                raise ValueError("agency, host, user, password, port, tls, folder")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadSetting(f"HIENLUONG_DOCUMENT_MAILBOXES: {file} phải có dạng {words} ({error})") from error
    return found


def outlines() -> str:
    """The file of boundaries for maps (``HIENLUONG_MAP_OUTLINES``), read once to see that it can be drawn."""
    path = os.environ.get("HIENLUONG_MAP_OUTLINES", "")
    if path:
        try:
            read_outlines(Path(path).read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise BadSetting(f"HIENLUONG_MAP_OUTLINES: {path}: {error}") from error
    return path


def _option(value: Any) -> Any:
    if isinstance(value, Mapping) and set(value) == {"file"}:
        return Path(str(value["file"])).read_text().strip()
    return value


def trusted_proxies(base_url: str) -> tuple[Network, ...]:
    """Whose word about the client's address counts (``HIENLUONG_TRUSTED_PROXIES``: addresses or CIDR, by commas).

    Unset, with an https address: a proxy on this machine, since the product itself speaks no TLS.
    """
    return networks("HIENLUONG_TRUSTED_PROXIES", "127.0.0.0/8,::1" if base_url.startswith("https://") else "")


def networks(name: str, default: str) -> tuple[Network, ...]:
    """Addresses and networks (CIDR), separated by commas; those of `default` when the variable is not set at all."""
    text = os.environ.get(name, default)
    try:
        return tuple(ipaddress.ip_network(item.strip(), strict=False) for item in text.split(",") if item.strip())
    except ValueError as error:
        raise BadSetting(f"{name}: {error}; ví dụ đúng: 10.0.0.5,192.168.1.0/24") from error


#: Of ``HIENLUONG_BUS_ALERTS``: percent of errors, least calls that say anything, least failures of a silent source, minutes
#: of its silence, milliseconds, minutes of waiting events, minutes of calls that nobody took in.
_ALERTS = {"errors": 5, "calls": 20, "failures": 5, "silent": 15, "slow": 2500, "outbox": 10, "intake": 10}


def alert_limits() -> dict[str, int]:
    """From where one is told of the bus: ``errors=5,slow=1000`` in ``HIENLUONG_BUS_ALERTS``, the others as usual."""
    told = os.environ.get("HIENLUONG_BUS_ALERTS", "")
    limits = dict(_ALERTS)
    for part in filter(None, (part.strip() for part in told.split(","))):
        name, _equals, value = part.partition("=")
        if name not in limits or not (value.isascii() and value.isdecimal() and len(value) < 8 and int(value)):
            raise BadSetting(f"HIENLUONG_BUS_ALERTS={told}: phải là tên=số, tên trong {', '.join(limits)}")
        limits[name] = int(value)
    if limits["silent"] > 120:  # the figures of single minutes are kept for three hours
        raise BadSetting("HIENLUONG_BUS_ALERTS: silent nhiều nhất là 120 phút")
    return limits


def event_server(folder: Path, own_secret: Callable[[str], str]) -> dict[str, Any]:
    """The event server of ``HIENLUONG_NATS_URL`` (several, of one cluster, with commas), else the one that we run."""
    port = number("HIENLUONG_EVENTS_PORT", 0, 0, 65535)
    named = os.environ.get("HIENLUONG_NATS_URL", "")
    return {
        "url": named or (f"nats://127.0.0.1:{port}" if port else ""),
        "user": os.environ.get("HIENLUONG_NATS_USER") or "hienluong",
        "password": secret("HIENLUONG_NATS_PASSWORD") or own_secret("events_password"),
        "folder": "" if named else str(folder),
        "megabytes": number("HIENLUONG_EVENTS_MB", 1024, 16, 1024 * 1024),
        "days": days("HIENLUONG_EVENTS_DAYS", 30),
        "replicas": number("HIENLUONG_EVENTS_REPLICAS", 1, 1, 5),
    }


def proxy_header() -> str:
    """Which header the proxy writes: ``x-forwarded-for`` (as nginx, HAProxy, Caddy do) or ``forwarded`` (RFC 7239)."""
    name = os.environ.get("HIENLUONG_PROXY_HEADER", "x-forwarded-for").lower()
    if name not in {"x-forwarded-for", "forwarded"}:
        raise BadSetting(f"HIENLUONG_PROXY_HEADER={name}: chỉ nhận x-forwarded-for hoặc forwarded")
    return name


def allowed_hosts(base_url: str) -> list[str]:
    """Host names answered to: those of ``HIENLUONG_HOSTS``, that of the address people open, this machine's own."""
    named = [name.strip() for name in os.environ.get("HIENLUONG_HOSTS", "").split(",") if name.strip()]
    own = urlsplit(base_url).hostname or ""
    if ":" in own:
        own = f"[{own}]"
    return list(dict.fromkeys([*named, *([own] if own else []), *LOCAL]))
