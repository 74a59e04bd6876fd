"""How the national agent node is reached: read from the file ``HIENLUONG_AGENT_NODE``; no Django here.

NĐ 278/2025/NĐ-CP (Điều 7) says that agencies share data through the national and provincial platforms with an agent node:
a security server of the C12 department in our own network, with certificates on both sides. Its interface is that of X-Road
as far as is known; what is not is here, in configuration, never in the code.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hienluong.services.bus.gateway.nodedoor import Door
from hienluong.services.mediation.problems import WORDS

_KNOWN = {"url", "ca_file", "certificate_file", "key_file", "server_name", "prefix", "member", "timeout_s", "errors"}
_KNOWN |= {"incoming", "simulator"}
_OF_DOOR = {"port", "certificate_file", "key_file", "ca_file", "hashes"}
#: Our member in the demo; a real one is given by who runs the node.
DEMO_MEMBER = "VN/GOV/H50"


@dataclass(frozen=True)
class Node:
    """The agent node as this installation reaches it, and the door by which it comes in."""

    url: str
    ca_file: str = ""
    certificate_file: str = ""
    key_file: str = ""
    server_name: str = ""  # the name in its certificate, where it is not that of the address
    prefix: str = "/r1"
    member: str = ""  # INSTANCE/CLASS/MEMBER: the province
    timeout_s: float = 30.0
    errors: Mapping[str, str] = field(default_factory=dict)  # words of error types → codes of services/mediation
    door: Door | None = None
    simulator: bool = False


def from_file(path: str) -> Node:
    """The node as a file says; raises OSError, ValueError with what is wrong."""
    entry = json.loads(Path(path).read_text(encoding="utf-8"))
    _only(entry, _KNOWN, "")
    url = str(entry.get("url", "")).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.path or parts.query or "@" in parts.netloc:
        raise ValueError("url phải có dạng https://máy-chủ:cổng, không có đường dẫn")
    files = {name: str(entry.get(name, "")) for name in ("ca_file", "certificate_file", "key_file")}
    for name, file in files.items():
        if not file:
            raise ValueError(f"thiếu {name}: nút đại lý và trục nhận nhau bằng chứng thư")
        Path(file).read_bytes()
    member = str(entry.get("member", ""))
    if len(member.split("/")) != 3 or not all(member.split("/")):
        raise ValueError("member có dạng INSTANCE/CLASS/MEMBER")
    errors = entry.get("errors", {})
    _only(errors, None, "errors")
    if unknown := sorted(set(map(str, errors.values())) - set(WORDS)):
        raise ValueError(f"errors: không biết {', '.join(unknown)}; có {', '.join(sorted(WORDS))}")
    timeout = float(entry.get("timeout_s", 30))
    if not 1 <= timeout <= 60:
        raise ValueError("timeout_s từ 1 đến 60")
    prefix = str(entry.get("prefix", "/r1"))
    if not prefix.startswith("/") or prefix.endswith("/"):
        raise ValueError("prefix có dạng /r1")
    return Node(
        url=url,
        **files,
        server_name=str(entry.get("server_name", "")),
        prefix=prefix,
        member=member,
        timeout_s=timeout,
        errors={str(name): str(code) for name, code in errors.items()},
        door=_door(entry["incoming"], prefix) if entry.get("incoming") else None,
        simulator=bool(entry.get("simulator", False)),
    )


def simulated(url: str, folder: Path) -> Node:
    """The node of the demo: the same port as the simulated systems of ministries, with the papers it made for us."""
    return Node(
        url=url.replace("http://", "https://", 1).rstrip("/"),
        ca_file=str(folder / "ca.pem"),
        certificate_file=str(folder / "client.pem"),
        key_file=str(folder / "client.key"),
        member=DEMO_MEMBER,
        simulator=True,
    )


def _door(entry: Any, prefix: str) -> Door:
    _only(entry, _OF_DOOR, "incoming")
    own, key, known = (str(entry.get(name, "")) for name in ("certificate_file", "key_file", "ca_file"))
    for file in (own, key, known):
        Path(file).read_bytes()
    port = int(entry.get("port", 0))
    if not 0 < port < 65536:
        raise ValueError("incoming.port từ 1 đến 65535")
    hashes = tuple(str(one).replace(":", "").lower() for one in entry.get("hashes", []))
    if any(len(one) != 64 or set(one) - set("0123456789abcdef") for one in hashes):
        raise ValueError("incoming.hashes là SHA-256 (hex) của chứng thư")
    return Door(port, own, key, known, hashes, prefix)


def _only(entry: Any, names: set[str] | None, where: str) -> None:
    if not isinstance(entry, dict):
        raise ValueError(f"{where or 'tệp'}: phải là một đối tượng JSON")
    if names is not None and set(entry) - names:
        unknown = ", ".join(sorted(set(entry) - names))
        raise ValueError(f"{where or 'tệp'}: không biết {unknown}; có {', '.join(sorted(names))}")
