"""Send the regression requests of the OWASP Core Rule Set to an address; count what is refused, passed, broken, hung.

Run by ``make crs DIR=…`` with a folder of its tests (``tests/regression/tests`` of coreruleset/coreruleset): a demo
installation is started for it, with the web application firewall when ``WAF=1``; or ``URL=…`` names one that runs. A
request that its test expects a rule to find counts as an attack, one that no rule may find as benign. One JSON line says
what came of them; the exit code is 1 when anything was answered 5xx, or not within :data:`PATIENCE` seconds.
"""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from hienluong.house.firewall import RULES
from hienluong.services.bus.gateway.front import IDLE_S

#: Seconds until a request counts as hung; the gateway's own patience with a slow body is shorter.
PATIENCE = 20.0
#: The same for the gateway, which waits that long for a body that does not come, and a little longer for it to say so.
PATIENCE_OF_GATEWAY = IDLE_S + 15
#: Requests under way at a time.
AT_ONCE = 8
#: Where requests to the tests' own server go on ours: the search, which reads what is sent as its parameter `q`, too.
SEARCH, TRACKING = "/dich-vu", "/ho-so/tra-cuu"
PAGES = {"/get": SEARCH, "/anything": SEARCH, "/": SEARCH, "/post": TRACKING, "/reflect": TRACKING, "/upload": TRACKING}
#: The one thing that is computed in the bodies of the tests: `{{ "1" | repeat 64200 }}`.
_REPEATED = re.compile(r'\{\{\s*"([^"]*)"\s*\|\s*repeat\s+(\d+)\s*\}\}')
#: What the firewall writes into an answer that it gives in place of the portal.
REFUSAL = b"\r\nx-refused-by: firewall\r\n"
#: Refused before a page was asked for: bad, too long or too large a request, a method that is not served, a shut line.
NOT_TAKEN = {0, 400, 405, 408, 411, 413, 414, 415, 426, 431, 501}


@dataclass(frozen=True)
class Request:
    """One request as it goes over the wire. `kind`: attack, benign, or other where the test expects an answer only."""

    name: str
    kind: str
    rules: frozenset[int]  # that must find it
    raw: bytes


@dataclass(frozen=True)
class Answer:
    """What came back: the status, 0 when the connection was shut without one, -1 when nothing came in time."""

    request: Request
    status: int
    refused: bool
    seconds: float


def requests(folder: Path) -> Iterator[Request]:
    """The requests of all tests of a folder, each stage one."""
    for file in sorted(folder.rglob("*.y*ml")):
        found = yaml.safe_load(file.read_bytes())
        for test in found.get("tests", []) if isinstance(found, dict) else []:
            for number, stage in enumerate(test.get("stages", []), 1):
                stage = stage.get("stage", stage)  # an older form wraps it
                name = f"{file.stem}-{test.get('test_id', test.get('test_title'))}-{number}"
                output = stage.get("output") or {}
                rules = frozenset((output.get("log") or {}).get("expect_ids") or [])
                yield Request(name, _kind(output), rules, _raw(stage.get("input") or {}))


def _kind(output: dict[str, Any]) -> str:
    log = output.get("log") or {}
    if log.get("expect_ids") or "log_contains" in output:
        return "attack"
    return "benign" if log.get("no_expect_ids") or "no_log_contains" in output else "other"


def _raw(said: dict[str, Any]) -> bytes:
    if encoded := said.get("encoded_request"):
        return base64.b64decode(encoded)
    body = _REPEATED.sub(lambda found: found[1] * int(found[2]), str(said.get("data") or "")).encode()
    headers = {str(name): str(value) for name, value in (said.get("headers") or {}).items()}
    names = {name.lower() for name in headers}
    if said.get("autocomplete_headers", not said.get("stop_magic", False)):
        if body and "content-length" not in names and "transfer-encoding" not in names:
            headers["Content-Length"] = str(len(body))
        if body and "content-type" not in names:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if "connection" not in names:
            headers["Connection"] = "close"
    first = f"{said.get('method', 'GET')} {_address(str(said.get('uri', '/')))} {said.get('version', 'HTTP/1.1')}"
    lines = [first, *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode() + body


def _address(uri: str) -> str:
    path, mark, query = uri.partition("?")
    page = PAGES.get(path, path)
    _name, equals, value = query.partition("&")[0].partition("=")
    return page + mark + query + (f"&q={value}" if page == SEARCH and equals else "")


def send(request: Request, host: str, port: int, patience: float = PATIENCE) -> Answer:
    """Send one request and read the head of its answer; a `100 Continue` before it is passed over."""
    began = time.monotonic()
    head = b""
    try:
        with socket.create_connection((host, port), patience) as line:
            line.settimeout(patience)
            line.sendall(request.raw)
            head = _head(line, began + patience)
        status = int(head.split(None, 2)[1][:3]) if head.startswith(b"HTTP/") else 0
    except TimeoutError:
        status = -1
    except OSError:
        status = 0
    refused = status in NOT_TAKEN or REFUSAL in head.lower()
    return Answer(request, status, refused, time.monotonic() - began)


def _head(line: socket.socket, until: float) -> bytes:
    said = b""
    while time.monotonic() < until:
        got = line.recv(65536)
        said += got
        while said.startswith(b"HTTP/1.1 100") and b"\r\n\r\n" in said:
            said = said.split(b"\r\n\r\n", 1)[1]
        if not got or b"\r\n\r\n" in said:
            return said
    raise TimeoutError


def installed_rules() -> frozenset[int]:
    """The numbers of Debian's rules that are on at the level we ask for, 1: others find nothing by design."""
    found: set[int] = set()
    for file in RULES.glob("*.conf"):
        for rule in file.read_text().split("\n\n"):
            if (number := re.search(r'"id:(\d+)', rule)) and "paranoia-level/1" in rule:
                found.add(int(number[1]))
    return frozenset(found)


def measure(found: list[Request], url: str, patience: float = PATIENCE) -> dict[str, Any]:
    """Send all of them; what came of them in numbers, with the names of those that broke something or hung."""
    to = urlsplit(url)
    host, port = to.hostname or "127.0.0.1", to.port or 80
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda request: send(request, host, port, patience), found))
    broken = sorted(answer.request.name for answer in answers if answer.status >= 500)
    hung = sorted(answer.request.name for answer in answers if answer.status == -1)
    kinds = {kind: [answer for answer in answers if answer.request.kind == kind] for kind in ("attack", "benign")}
    known = installed_rules()
    level = [answer for answer in kinds["attack"] if answer.request.rules & known]
    refused = {kind: sum(answer.refused for answer in of) for kind, of in kinds.items()}
    return {
        "requests": len(answers),
        "statuses": {str(status): count for status, count in sorted(Counter(a.status for a in answers).items())},
        "attacks": len(kinds["attack"]),
        "attacks_refused": round(refused["attack"] / max(1, len(kinds["attack"])), 4),
        "attacks_of_installed_rules": len(level),
        "of_these_refused": round(sum(answer.refused for answer in level) / max(1, len(level)), 4),
        "benign": len(kinds["benign"]),
        "benign_passed": round(1 - refused["benign"] / max(1, len(kinds["benign"])), 4),
        "slowest_s": round(max(answer.seconds for answer in answers), 2),
        "broken": broken,
        "hung": hung,
    }


@contextmanager
def installation(waf: bool, through: bool) -> Iterator[str]:
    """A demo installation for the run; its address."""
    from tests.house.running import Installation

    with tempfile.TemporaryDirectory(prefix="hienluong-crs-") as folder:
        options = ["--demo", *(["--waf"] if waf else []), *(["--front"] if through else [])]
        started = Installation(Path(folder) / "state", *options, workers=2).start()
        try:
            yield started.url
        finally:
            started.stop()


def main() -> None:
    folder = Path(sys.argv[1])
    found = list(requests(folder))
    if not found:
        sys.exit(f"no regression tests in {folder}")
    waf, through = os.environ.get("WAF") == "1", os.environ.get("THROUGH", "")
    if through not in ("", "gateway"):
        sys.exit("THROUGH is gateway, or nothing")
    patience = PATIENCE_OF_GATEWAY if through else PATIENCE
    if url := os.environ.get("URL"):
        line = measure(found, url, patience)
    else:
        with installation(waf, bool(through)) as own:
            line = measure(found, own, patience)
    sys.stdout.write(json.dumps({"name": "crs", "waf": waf, "through": through, **line}, ensure_ascii=False) + "\n")
    sys.exit(1 if line["broken"] or line["hung"] else 0)


if __name__ == "__main__":
    main()
