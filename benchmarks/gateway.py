"""Calls a second and their p99 through our gateway, beside a bare Envoy route and the provider itself, in the same run.

The gateway is that of an installation (``hienluong up``) in which 500 agencies have agreed on four operations of one
service: 2,000 routes. Fifty of their systems call by turns, with tokens of our identity provider; each call is checked
for token, agreement, purpose and quota, and recorded. The bare Envoy is the same program with one route, no filter and no
record; both have the workers that an installation gives the gateway on this machine. All three get the same requests from
``wrk`` and take short turns, so that a machine that gets slower meanwhile does so for all; medians are told. Beside it
stands what a call costs the two in processor time, which the machine's other work (``wrk``, the provider) makes no less. Then agreements end and begin under load: seconds from the commit to the first call that is
answered otherwise, and how many calls under other agreements failed meanwhile. Run with ``make bench NAME=gateway``;
``GATEWAY_SECONDS``, ``GATEWAY_ROUNDS``, ``GATEWAY_CHANGES`` and ``GATEWAY_CONSUMERS`` change how long.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx
import psutil

from benchmarks.reporting import Report
from benchmarks.sharing.province import CODE, OPERATIONS
from hienluong.services.bus.gateway import server
from tests.house.running import Installation, free_port, wait_until

SECONDS = float(os.environ.get("GATEWAY_SECONDS", "3"))
ROUNDS = int(os.environ.get("GATEWAY_ROUNDS", "15"))
CHANGES = int(os.environ.get("GATEWAY_CHANGES", "20"))
CONSUMERS = int(os.environ.get("GATEWAY_CONSUMERS", "500"))
CALLERS, CONNECTIONS = 50, 32
#: Of the throughput of a bare route, and times its p99.
SHARE, SLOWER = 0.75, 2.0
#: Seconds from a decision to its effect.
EFFECT = 2.0
BELOW = "/du-lieu"
ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "benchmarks" / "sharing" / "calls.lua"


@dataclass(frozen=True)
class Pace:
    """What one run of calls came to; `p99` in milliseconds."""

    calls: int
    seconds: float
    p50: float
    p99: float
    failed: int

    @property
    def rate(self) -> float:
        """Calls a second."""
        return self.calls / self.seconds


class Calls:
    """The same requests for an address, whose paths begin with `base`."""

    def __init__(self, folder: Path, name: str, port: int, base: str, callers: list[tuple[str, str]]) -> None:
        self.port = port
        self.file = folder / f"{name}.calls"
        lines = [f"{base}/parcel/{number:06}\t{token}\t{code}" for number, (token, code) in enumerate(callers)]
        self.file.write_text("\n".join(lines) + "\n")

    def start(self, seconds: float, connections: int = CONNECTIONS) -> subprocess.Popen[str]:
        """Begin to call."""
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "-s", str(SCRIPT)]
        command = ["wrk", *options, f"http://127.0.0.1:{self.port}", "--", str(self.file)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)

    def run(self, seconds: float) -> Pace:
        """Call so long."""
        return finished(self.start(seconds))


def finished(calls: subprocess.Popen[str]) -> Pace:
    """What it came to, at the end."""
    said, _none = calls.communicate()
    line = next((line for line in said.splitlines() if line.startswith("SAID")), "")
    if not line:
        raise RuntimeError(f"wrk: {said}")
    return Pace(**json.loads(line.removeprefix("SAID")))


class Agencies:
    """The province in the installation: who calls, and changes at a word."""

    def __init__(self, installation: Installation, upstream: str) -> None:
        self.installation = installation
        env = {
            **os.environ,
            **installation.env,
            "HIENLUONG_STATE": str(installation.state),
            "DATABASE_URL": installation.database_url,
            "DJANGO_SETTINGS_MODULE": "hienluong.house.settings",
        }
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.sharing.province"]
        self.process = subprocess.Popen(
            [*command, upstream, str(CONSUMERS), str(CALLERS)],
            env=env,
            cwd=ROOT,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        told = self._said()
        self.callers = [(self._token(client, secret), code) for client, secret, code in told["callers"]]
        client, secret, self.agreement = told["last"]
        self.token = self._token(client, secret)

    def change(self) -> tuple[float, bool]:
        """End the last agreement, or agree anew: when that was committed, and whether its system may call now."""
        assert self.process.stdin
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        told = self._said()
        self.agreement = told["agreement"] or self.agreement
        return told["at"], bool(told["agreement"])

    def _said(self) -> dict[str, Any]:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("SAID"):
                told: dict[str, Any] = json.loads(line.removeprefix("SAID"))
                return told
        raise RuntimeError("the province ended")

    def _token(self, client: str, secret: str) -> str:
        form = {"grant_type": "client_credentials", "scope": "api.read"}
        answer = httpx.post(f"{self.installation.url}/sso/ma", data=form, auth=(client, secret), trust_env=False)
        answer.raise_for_status()
        return str(answer.json()["access_token"])


def main() -> int:
    """Start provider, bare Envoy and installation; measure; stop them."""
    report = Report("gateway")
    if not shutil.which("wrk"):
        print("wrk is missing: scripts/machine test", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="hienluong-gateway-") as name, ExitStack() as stack:
        folder = Path(name)
        provider = stack.enter_context(_provider(folder))
        bare = stack.enter_context(_bare_envoy(folder, provider))
        env = {"HIENLUONG_BUS_UPSTREAMS": "127.0.0.0/8", "HIENLUONG_LOG": "ERROR"}
        installation = Installation(folder / "state", env=env).start()
        stack.callback(installation.stop)
        agencies = Agencies(installation, f"http://127.0.0.1:{provider}{BELOW}")
        stack.callback(agencies.process.terminate)
        report.note("routes of the gateway", CONSUMERS * OPERATIONS, "routes")
        base = f"/lgsp/{CODE}/v1"
        ways = {
            "direct": Calls(folder, "direct", provider, BELOW, agencies.callers),
            "bare": Calls(folder, "bare", bare, base, agencies.callers),
            "ours": Calls(folder, "ours", installation.bus_port, base, agencies.callers),
        }
        _wait_for(agencies, allowed=True)
        gateway = installation.state / "gateway"
        _throughput(report, ways, {"bare": _envoy_in(folder), "ours": _envoy_in(gateway)}, gateway)
        _changes(report, agencies, ways["ours"])
    return report.finish()


def _throughput(report: Report, ways: dict[str, Calls], envoys: dict[str, psutil.Process], folder: Path) -> None:
    found: dict[str, list[Pace]] = {name: [] for name in ways}
    worked: dict[str, list[float]] = {name: [] for name in envoys}  # microseconds a call
    for calls in ways.values():
        calls.run(1)
    time.sleep(1)
    before = _lines(folder)
    for number in range(ROUNDS):
        for name in [*ways][number % 3 :] + [*ways][: number % 3]:
            before_it = _worked(envoys.get(name))
            found[name].append(ways[name].run(SECONDS))
            if name in envoys:
                worked[name].append((_worked(envoys[name]) - before_it) * 1e6 / found[name][-1].calls)
    rate = {name: statistics.median(pace.rate for pace in paces) for name, paces in found.items()}
    p99 = {name: statistics.median(pace.p99 for pace in paces) for name, paces in found.items()}
    report.note("calls direct to the provider", rate["direct"], "1/s")
    report.note(
        "calls through a bare Envoy route, beside the provider itself", rate["bare"], "1/s", baseline=_r(rate["direct"])
    )
    goal, bare = round(SHARE * rate["bare"], 1), _r(rate["bare"])
    report.at_least(
        "calls through the gateway, beside a bare Envoy route", rate["ours"], "1/s", goal=goal, baseline=bare
    )
    cost, bare_cost = statistics.median(worked["ours"]), _r(statistics.median(worked["bare"]))
    report.note("processor time of the gateway a call, beside a bare Envoy route", cost, "µs", baseline=bare_cost)
    report.note("p99 direct to the provider", p99["direct"], "ms")
    report.note(
        "p99 through a bare Envoy route, beside the provider itself", p99["bare"], "ms", baseline=_r(p99["direct"])
    )
    goal, bare = _r(SLOWER * p99["bare"]), _r(p99["bare"])
    report.at_most("p99 through the gateway, beside a bare Envoy route", p99["ours"], "ms", goal=goal, baseline=bare)
    failed = sum(pace.failed for paces in found.values() for pace in paces)
    report.at_most("calls that failed, of all three", failed, "calls", goal=0)
    time.sleep(1)
    passed = sum(pace.calls for pace in found["ours"])
    report.at_least("calls through the gateway in its record", _lines(folder) - before, "lines", goal=passed)


def _changes(report: Report, agencies: Agencies, others: Calls) -> None:
    """An agreement ends and another begins, again and again, while others call."""
    load = others.start(CHANGES * 2.5, connections=4)
    time.sleep(0.5)
    took = []
    for _change in range(CHANGES):
        at, allowed = agencies.change()
        _wait_for(agencies, allowed=allowed)
        took.append(time.time() - at)
        time.sleep(0.3)
    pace = finished(load)
    report.note("from the decision on an agreement to its effect, median", statistics.median(took), "s")
    report.at_most("from the decision on an agreement to its effect, longest", max(took), "s", goal=EFFECT)
    name = f"calls under other agreements that failed meanwhile, of {pace.calls}"
    report.at_most(name, pace.failed, "calls", goal=0)


def _wait_for(agencies: Agencies, *, allowed: bool) -> None:
    headers = {"Authorization": f"Bearer {agencies.token}", "X-Agreement": agencies.agreement, "X-Purpose": "thu"}
    address = f"http://127.0.0.1:{agencies.installation.bus_port}/lgsp/{CODE}/v1/parcel/1"
    deadline = time.monotonic() + 60
    with httpx.Client(headers=headers, trust_env=False) as client:
        while client.get(address).status_code != (200 if allowed else 403):
            if time.monotonic() > deadline:
                raise RuntimeError("the gateway does not follow")
            time.sleep(0.01)


def _lines(folder: Path) -> int:
    """The lines of the record, with those of its parts that were put aside when it had grown large."""
    return sum(part.read_bytes().count(b"\n") for part in folder.glob("access*.jsonl"))


def _r(value: float) -> float:
    return round(value, 2)


@contextmanager
def _provider(folder: Path) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "rsgi", "--port", str(port), "--log-level", "warning"]
    with (
        (folder / "provider.out").open("wb") as out,
        _running([*command, "benchmarks.sharing.provider:app"], ROOT, out),
    ):
        wait_until(lambda: _answers(f"http://127.0.0.1:{port}/"), (folder / "provider.out").read_text, 30)
        yield port


def _envoy_in(folder: Path) -> psutil.Process:
    """The Envoy that was started in a folder."""
    for process in psutil.process_iter(["name", "cwd"]):
        if process.info["name"] == "envoy" and process.info["cwd"] == str(folder.resolve()):
            return process
    raise RuntimeError(f"no Envoy runs in {folder}")


def _worked(process: psutil.Process | None) -> float:
    """Seconds of processor time so far."""
    return sum(process.cpu_times()[:2]) if process else 0.0


@contextmanager
def _bare_envoy(folder: Path, provider: int) -> Iterator[int]:
    """Envoy with one route to the provider and nothing else; as many workers as ours has."""
    port = free_port()
    file = folder / "bare.json"
    file.write_text(json.dumps(_bare(port, provider)))
    workers = str(server.usual_workers())
    command = [server.program(), "-c", str(file), "--concurrency", workers, "--disable-hot-restart", "-l", "warning"]
    with (folder / "bare.out").open("wb") as out, _running(command, folder, out):
        address = f"http://127.0.0.1:{port}/lgsp/{CODE}/v1/parcel/1"
        wait_until(lambda: _answers(address), (folder / "bare.out").read_text, 30)
        yield port


def _bare(port: int, provider: int) -> dict[str, Any]:
    kind = "type.googleapis.com/envoy.extensions.filters"
    route = {"match": {"prefix": f"/lgsp/{CODE}/v1/"}, "route": {"cluster": "provider", "prefix_rewrite": f"{BELOW}/"}}
    manager = {
        "@type": f"{kind}.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "bare",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [{"name": "router", "typed_config": {"@type": f"{kind}.http.router.v3.Router"}}],
    }
    endpoint = {"endpoint": {"address": _place(provider)}}
    cluster = {
        "name": "provider",
        "type": "STATIC",
        "connect_timeout": "2s",
        "load_assignment": {"cluster_name": "provider", "endpoints": [{"lb_endpoints": [endpoint]}]},
    }
    listener = {
        "name": "bare",
        "address": _place(port),
        "filter_chains": [{"filters": [{"name": "http", "typed_config": manager}]}],
    }
    return {"static_resources": {"listeners": [listener], "clusters": [cluster]}}


def _place(port: int) -> dict[str, Any]:
    return {"socket_address": {"address": "127.0.0.1", "port_value": port}}


@contextmanager
def _running(command: list[str], folder: Path, out: IO[bytes]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(address: str) -> bool:
    try:
        return httpx.get(address, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    sys.exit(main())
