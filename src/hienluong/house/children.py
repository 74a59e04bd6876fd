"""What the supervisor runs: each child with its command, its environment and how to know that it is ready.

A new child (a simulator for the demo, a broker) is one more entry in :meth:`Plan.services`, and its port one in
:meth:`Plan.ports`.
"""

from __future__ import annotations

import ipaddress
import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil

from hienluong.foundation import tracing
from hienluong.services.bus.gateway.configuration import Listening
from hienluong.services.bus.gateway.front import Front
from hienluong.services.bus.gateway.server import Gateway, usual_workers
from hienluong.services.streams.server import Server

from .environment import agent_node, networks, number, trusted_proxies
from .firewall import FILES, PLAIN_BYTES, Firewall
from .postgres import EmbeddedPostgres
from .state import StateFolder

#: Seconds a child may take to be ready at start.
READY_PATIENCE = 60.0
CODE = Path(__file__).resolve().parent
#: Listening on these means on every address of the machine.
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound


@dataclass(frozen=True)
class Child:
    """One process. `stop_signal` asks it to end; after `patience` seconds its whole process group is killed."""

    name: str
    argv: list[str]
    env: dict[str, str]
    identity: dict[str, Any] = field(default_factory=dict)  # user, group and folder to run in, for subprocess
    is_ready: Callable[[], bool] = lambda: True
    before_restart: Callable[[], object] = lambda: None  # what may have gone wrong around it since it was started
    stop_signal: str = "SIGTERM"
    patience: float = 10.0
    ready_within: float = READY_PATIENCE
    niceness: int = 0  # how far it stands back when processors are scarce: 0 (not at all) to 19


@dataclass(frozen=True)
class Plan:
    """How one installation runs."""

    state: StateFolder
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    mail_port: int = 8025
    bank_port: int = 8099
    national_port: int = 8098
    vneid_port: int = 8097
    dvc_port: int = 8096
    axis_port: int = 8095
    csc_port: int = 8094
    agency_port: int = 8101
    events_port: int = 8091
    inner_port: int = 8089
    waf: bool = False
    firewall_port: int = 8088
    front: bool = False
    bus_port: int = 8093
    mediator_port: int = 8092
    ministries_port: int = 8102
    demo: bool = False

    @property
    def url(self) -> str:
        """The address people open; for a server on every address, the first by which this machine is reached."""
        host = self.host
        if host in EVERYWHERE:
            host = next(iter(own_names()), "127.0.0.1")
        elif ":" in host:
            host = f"[{host}]"
        return os.environ.get("HIENLUONG_URL") or f"http://{host}:{self.port}"

    @cached_property
    def external_database(self) -> str:
        """The URL of a database server named by the environment; empty for the embedded one."""
        return os.environ.get("DATABASE_URL", "")

    @property
    def database_url(self) -> str:
        """The database: a server named by the environment, else the embedded one."""
        return self.external_database or EmbeddedPostgres(self.state).url

    @property
    def catches_mail(self) -> bool:
        """Whether mail goes to our own trial mailbox ("hộp thư thử"): no mail server was named."""
        return not os.environ.get("HIENLUONG_SMTP_HOST")

    @property
    def keeps_events(self) -> bool:
        """Whether we run an event server ourselves: no other was named, and it has a port."""
        return self.events_port > 0 and not os.environ.get("HIENLUONG_NATS_URL")

    @property
    def inside(self) -> bool:
        """Whether the web listens on this machine only, behind something else of ours."""
        return self.waf or self.front

    @property
    def bus_tls_port(self) -> int:
        """Where systems with certificates reach that gateway (mTLS); 0: nowhere."""
        return number("HIENLUONG_BUS_TLS_PORT", 0, 0, 65_535)

    @property
    def bus_url(self) -> str:
        """Where systems of agencies reach the gateway of the data-sharing bus; empty when we run none."""
        if not self.bus_port:
            return ""
        host = next(iter(own_names()), "127.0.0.1") if self.host in EVERYWHERE else self.host
        return f"http://{f'[{host}]' if ':' in host and host[0] != '[' else host}:{self.bus_port}"

    def environment(self, *, serving: bool = True) -> dict[str, str]:
        """What every Python child gets; not `serving`: before the web is there, so our timestamps are made in place."""
        env = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "hienluong.house.settings",
            "HIENLUONG_STATE": str(self.state.path),
            "DATABASE_URL": self.database_url,
            "HIENLUONG_URL": self.url,
            "PYTHONUNBUFFERED": "1",
        }
        # Whatever the calling shell says, compiled Python is kept: beside the code (where `make` put that of all
        # packages), or in the state folder when the code may not be written to.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        if not os.access(CODE, os.W_OK):
            env.setdefault("PYTHONPYCACHEPREFIX", str(self.state.path / "cache" / "python"))
        if self.host in EVERYWHERE and not env.get("HIENLUONG_HOSTS"):
            env["HIENLUONG_HOSTS"] = ",".join(own_names())
        if serving:
            env.setdefault("HIENLUONG_TSA_URL", f"{self._web_itself}/tsa")
        if self.inside:  # what stands before the web on this machine, and what stands before that is known to it
            before = [str(network) for network in trusted_proxies(self.url)]
            env["HIENLUONG_TRUSTED_PROXIES"] = ",".join([*before, "127.0.0.1"])
        if self.catches_mail:
            env["HIENLUONG_SMTP_PORT"] = str(self.mail_port)
        env["HIENLUONG_EVENTS_PORT"] = str(self.events_port)
        env.setdefault("HIENLUONG_BUS_URL", self.bus_url)
        env.setdefault("HIENLUONG_BUS_MEDIATOR", f"127.0.0.1:{self.mediator_port}")
        if self.demo:
            env["HIENLUONG_DEMO"] = "1"
            env["HIENLUONG_BANK_SIMULATOR"] = f"http://127.0.0.1:{self.bank_port}"
            env["HIENLUONG_NATIONAL_SIMULATOR"] = f"http://127.0.0.1:{self.national_port}"
            env["HIENLUONG_VNEID_SIMULATOR"] = f"http://127.0.0.1:{self.vneid_port}"
            env["HIENLUONG_DVC_SIMULATOR"] = f"http://127.0.0.1:{self.dvc_port}"
            env["HIENLUONG_AXIS_SIMULATOR"] = f"http://127.0.0.1:{self.axis_port}"
            env["HIENLUONG_AGENCY_SIMULATOR"] = f"http://127.0.0.1:{self.agency_port}"
            env["HIENLUONG_CSC_SIMULATOR"] = f"http://127.0.0.1:{self.csc_port}"
            env["HIENLUONG_MINISTRIES_SIMULATOR"] = f"http://127.0.0.1:{self.ministries_port}"
        return env

    def enter_django(self) -> None:
        """Set Django up in this process, for this installation."""
        os.environ.update(self.environment())
        import django

        django.setup()

    def ports(self) -> dict[str, int]:
        """The ports that must be free before anything starts, by the child that takes them."""
        ports = {"web": self.inner_port if self.inside else self.port}
        if self.waf:
            ports["firewall"] = self.firewall_port if self.front else self.port
        if self.front:
            ports["front"] = self.port
        if self.catches_mail:
            ports["mail"] = self.mail_port
        if self.keeps_events:
            ports["events"] = self.events_port
        if self.bus_port:
            ports["gateway"] = self.bus_port
            if self.bus_tls_port:
                ports["gateway-mtls"] = self.bus_tls_port
            ports["mediator"] = self.mediator_port
            if (node := agent_node("", self.state.path)) and node.door:
                ports["agent-node"] = node.door.port
        if self.demo:
            ports["bank-simulator"] = self.bank_port
            ports["national-simulator"] = self.national_port
            ports["vneid-simulator"] = self.vneid_port
            ports["dvc-simulator"] = self.dvc_port
            ports["axis-simulator"] = self.axis_port
            ports["csc-simulator"] = self.csc_port
            ports["agency-simulator"] = self.agency_port
            ports["ministries-simulator"] = self.ministries_port
        return ports

    def database(self) -> Child | None:
        """The embedded database, unless a server was named."""
        if self.external_database:
            return None
        postgres = EmbeddedPostgres(self.state)
        return Child(
            "postgres",
            postgres.argv(),
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            identity=postgres.identity(),
            is_ready=postgres.is_ready,
            before_restart=postgres.prepare,
            stop_signal="SIGINT",  # "fast": ends sessions, writes a checkpoint
            patience=30,
        )

    def services(self) -> list[Child]:
        """Everything that needs the database, in the order of start."""
        mail = [self._mail()] if self.catches_mail else []
        identities = [self._identity("vneid", self.vneid_port), self._identity("dvc", self.dvc_port)]
        others = [self._bank(), self._national(), self._axis(), self._csc(), self._agency(), self._ministries()]
        simulators = [*others, *identities] if self.demo else []
        events = [self._events()] if self.keeps_events else []
        gateway = [self._gateway(), self._mediator()] if self.bus_port else []
        firewall = [self._firewall()] if self.waf else []
        return [*mail, *events, *gateway, *simulators, self._worker(), self._web(), *firewall]

    def _web(self) -> Child:
        options = {
            "--interface": "wsgi",
            "--host": "127.0.0.1" if self.inside else self.host,
            "--port": str(self.inner_port if self.inside else self.port),
            "--workers": str(self.workers),
            "--blocking-threads": "4",
            "--workers-kill-timeout": "8",
            "--log-level": "warning",
        }
        words = [word for pair in options.items() for word in pair]
        return Child(
            "web",
            [sys.executable, "-m", "granian", *words, "--respawn-failed-workers", "hienluong.house.wsgi:application"],
            env=self.environment(),
            is_ready=lambda: answers(f"{self._web_itself}/song"),
        )

    def _firewall(self) -> Child:
        """What refuses attacks before they reach the web; behind the gateway, where that stands before the web."""
        before = [str(network) for network in networks("HIENLUONG_TRUSTED_PROXIES", "")]
        firewall = Firewall(
            self.state.path / "firewall",
            "127.0.0.1" if self.front else self.host,
            self.ports()["firewall"],
            self.inner_port,
            _largest_file(),
            [*before, "127.0.0.1"] if self.front else before,
        )
        firewall.write()
        return Child(
            "firewall",
            firewall.argv(),
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"},
            is_ready=lambda: answers(f"http://{'127.0.0.1' if self.front else self._near}:{firewall.port}/song"),
            before_restart=firewall.write,
            stop_signal="SIGWINCH",  # answers what it has begun, then ends
        )

    @property
    def _web_itself(self) -> str:
        """The web's own address on this machine, the firewall and the gateway passed by."""
        return f"http://127.0.0.1:{self.inner_port}" if self.inside else f"http://{self._near}:{self.port}"

    @property
    def _near(self) -> str:
        if self.host in EVERYWHERE:
            return "127.0.0.1" if self.host == "0.0.0.0" else "[::1]"  # noqa: S104 - compared, not bound
        return f"[{self.host}]" if ":" in self.host else self.host

    def _worker(self) -> Child:
        command = [sys.executable, "-W", "ignore", "-m", "django", "work"]
        # It stands back by itself, once it has forked off what must not (see the command).
        return Child("worker", command, env=self.environment(), patience=25)

    def _mail(self) -> Child:
        folder = self.state.path / "mail"
        command = [sys.executable, "-m", "hienluong.house.mailbox", str(self.mail_port), str(folder)]
        return Child("mail", command, env=self.environment(), is_ready=lambda: listens(self.mail_port))

    def _events(self) -> Child:
        """The event server, on this machine only. What it does not take yet waits in the database."""
        server = Server(
            self.state.path / "events",
            self.events_port,
            self.state.secret("events_password"),
            megabytes=int(os.environ.get("HIENLUONG_EVENTS_MB") or 1024),
        )
        server.write()
        return Child(
            "events",
            server.argv(),
            env=server.environment(),
            is_ready=lambda: listens(self.events_port),
            before_restart=server.write,
            patience=20,
            niceness=5,
        )

    def _gateway(self) -> Child:
        """The gateway of the data-sharing bus. What may pass, the worker tells it; until then what passed before."""
        gateway = Gateway(self.state.path / "gateway")
        node = agent_node("", self.state.path)
        said = os.environ.get
        listening = Listening(
            _in_figures(self.host),
            self.bus_port,
            node=node.door if node else None,
            proxies=tuple(str(network) for network in trusted_proxies(self.url)),
            certificate_port=self.bus_tls_port,
            certificate_file=said("HIENLUONG_BUS_TLS_CERTIFICATE", ""),
            key_file=said("HIENLUONG_BUS_TLS_KEY", ""),
            client_ca_file=said("HIENLUONG_BUS_CLIENT_CA", ""),
            client_crl_file=said("HIENLUONG_BUS_CLIENT_CRL", ""),
            traces=tracing.collector(),
        )
        front = self._front() if self.front else None
        gateway.prepare(listening, front)
        return Child(
            "gateway",
            gateway.argv(number("HIENLUONG_BUS_WORKERS", usual_workers(), 1, 64)),
            env=gateway.environment(),
            identity=gateway.identity(),
            is_ready=lambda: gateway.is_ready,
            before_restart=lambda: gateway.prepare(listening, front),
        )

    def _front(self) -> Front:
        """The gateway before the web, or before the firewall before the web."""
        return Front(
            _in_figures(self.host),
            self.port,
            self.firewall_port if self.waf else self.inner_port,
            _largest_file() * FILES + PLAIN_BYTES,
            tuple(str(network) for network in trusted_proxies(self.url)),
        )

    def _mediator(self) -> Child:
        """What cuts, checks, counts and signs the calls of the bus; the gateway alone reaches it."""
        command = [sys.executable, "-m", "hienluong.services.mediation", "--port", str(self.mediator_port)]
        told = {
            "HIENLUONG_SNAPSHOT": str(self.state.path / "gateway" / "snapshot.json"),
            "HIENLUONG_BLIND_INDEX_KEY": self.state.secret("blind_index_key"),
            "HIENLUONG_MEDIATOR_SIGNING_SECRET": self.state.secret("mediator_signing"),
        }
        return Child(
            "mediator",
            command,
            env={**self.environment(), **told},
            is_ready=lambda: listens(self.mediator_port),
        )

    def _bank(self) -> Child:
        """The bank of the demo: a separate process that speaks to us over HTTP and says on screen what it is."""
        ledger = str(self.state.path / "bank")
        command = [sys.executable, "-m", "hienluong.house.simulators.bank", "--port", str(self.bank_port)]
        secrets = {
            "HIENLUONG_BANK_SECRET": self.state.secret("bank_secret"),
            "HIENLUONG_GATEWAY_SECRET": self.state.secret("gateway_secret"),
        }
        return Child(
            "bank-simulator",
            [*command, "--state", ledger, "--product", self.url],
            env={**self.environment(), **{name: os.environ.get(name) or own for name, own in secrets.items()}},
            is_ready=lambda: listens(self.bank_port),
        )

    def _national(self) -> Child:
        """The national portal of the demo: as the bank, a process of its own that says what it is."""
        command = [sys.executable, "-m", "hienluong.house.simulators.national", "--port", str(self.national_port)]
        secrets = {
            "HIENLUONG_NATIONAL_SECRET": self.state.secret("national_secret"),
            "HIENLUONG_NATIONAL_PASSWORD": self.state.secret("national_password"),
        }
        return Child(
            "national-simulator",
            [*command, "--state", str(self.state.path / "national"), "--product", self.url],
            env={**self.environment(), **{name: os.environ.get(name) or own for name, own in secrets.items()}},
            is_ready=lambda: listens(self.national_port),
        )

    def _axis(self) -> Child:
        """The national document axis of the demo, with this installation as one of its systems."""
        command = [sys.executable, "-m", "hienluong.house.simulators.axis", "--port", str(self.axis_port)]
        system = os.environ.get("HIENLUONG_AXIS_SYSTEM", "H50")
        secret = os.environ.get("HIENLUONG_AXIS_SECRET") or self.state.secret("axis_secret")
        return Child(
            "axis-simulator",
            [*command, "--state", str(self.state.path / "axis")],
            env={**self.environment(), "HIENLUONG_AXIS_SYSTEMS": json.dumps({system: secret})},
            is_ready=lambda: listens(self.axis_port),
        )

    def _csc(self) -> Child:
        """The service of the demo that signs from afar, with the telephones of its users on a page."""
        command = [sys.executable, "-m", "hienluong.house.simulators.csc", "--port", str(self.csc_port)]
        return Child(
            "csc-simulator",
            [*command, "--state", str(self.state.path / "csc")],
            env={**self.environment(), "HIENLUONG_CSC_SECRET": self.state.secret("csc_secret")},
            is_ready=lambda: listens(self.csc_port),
        )

    def _agency(self) -> Child:
        """The land system of a department, which the demo's data-sharing bus goes to."""
        from .simulators.identity_book import PEOPLE  # of the demo: the first has the first parcel

        command = [sys.executable, "-m", "hienluong.house.simulators.agency", "--port", str(self.agency_port)]
        return Child(
            "agency-simulator",
            [*command, "--owner", PEOPLE[0].name, "--owner-number", PEOPLE[0].number],
            env=self.environment(),
            is_ready=lambda: listens(self.agency_port),
        )

    def _ministries(self) -> Child:
        """The systems of ministries of the demo, all in one process: population, enterprises, post and others."""
        command = [sys.executable, "-m", "hienluong.house.simulators.ministries", "--port", str(self.ministries_port)]
        return Child(
            "ministries-simulator",
            [*command, "--state", str(self.state.path / "ministries")],
            env={**self.environment(), "HIENLUONG_MINISTRIES_SECRET": self.state.secret("ministries_secret")},
            is_ready=lambda: listens(self.ministries_port),
        )

    def _identity(self, kind: str, port: int) -> Child:
        """VNeID or the national public-service account of the demo: processes that sign people in and say what they are."""
        command = [sys.executable, "-m", "hienluong.house.simulators.identity", kind, "--port", str(port)]
        return Child(
            f"{kind}-simulator",
            [*command, "--product", self.url],
            env={**self.environment(), "HIENLUONG_IDENTITY_SECRET": self.state.secret(f"{kind}_secret")},
            is_ready=lambda: listens(port),
        )


def _largest_file() -> int:
    """Bytes of the largest file that is taken."""
    return int(os.environ.get("HIENLUONG_MAX_UPLOAD_MB", "25")) * 1024 * 1024


def _in_figures(host: str) -> str:
    """The address of this machine that a name such as ``localhost`` stands for; raises ``OSError`` when there is none."""
    return str(socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)[0][4][0])


def own_names() -> list[str]:
    """How other machines may call this one: its addresses (IPv6 in brackets), then its names."""
    found: list[str] = []
    for addresses in psutil.net_if_addrs().values():
        for entry in addresses:
            if entry.family in (socket.AF_INET, socket.AF_INET6):
                address = ipaddress.ip_address(entry.address.split("%")[0])
                if not address.is_loopback and not address.is_link_local:
                    found.append(f"[{address}]" if address.version == 6 else str(address))
    found.sort(key=lambda name: name.startswith("["))
    return list(dict.fromkeys([*found, socket.gethostname(), socket.getfqdn()]))


def answers(url: str) -> bool:
    """Whether a web address answers without a fault of the server."""
    import httpx  # a fourth of the start of a command; most commands ask no address

    try:
        return httpx.get(url, timeout=5, trust_env=False).status_code < 500
    except httpx.HTTPError:
        return False


def listens(port: int, host: str = "127.0.0.1") -> bool:
    """Whether something takes connections at this port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((host, port)) == 0
