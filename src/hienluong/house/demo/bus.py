"""Demo: the data-sharing bus in use: two services, one of them national and behind the agent node; what composes them.

All of it is done by the actions that people use, as the demo's people. What is called is simulated: the land system of a
department, the agent node and the population database behind it. Calls are real ones through the gateway, so they are made
once everything runs (:func:`begin`), not while the demo is loaded.
"""

from __future__ import annotations

import json
import socket
import time
from datetime import timedelta
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import System
from hienluong.house.simulators import agency as land
from hienluong.house.simulators.agent_node import POPULATION
from hienluong.services.agentnode import actions as node
from hienluong.services.agentnode.connection import DEMO_MEMBER
from hienluong.services.agentnode.models import Subsystem
from hienluong.services.bus import agreements, catalogue
from hienluong.services.bus.models import Service, ServiceAgreement, Version
from hienluong.services.bus.publishing import SNAPSHOT
from hienluong.services.flows import actions as flows
from hienluong.services.flows import runs
from hienluong.services.flows.models import Flow, Run

from . import Progress
from .people import SYSTEM, agency

LAND, PEOPLE, FLOW = "du-lieu-dat-dai", "xac-minh-cong-dan", "ho-so-thue-chuyen-nhuong"
#: The first parcel of the simulated land system is that of the demo's citizen.
PARCEL = "19333-12-101"
#: As whom the province and the tax authority are known at the simulated node.
OURS, TAX = f"{DEMO_MEMBER}/LGSP", "VN/GOV/G12/THUE"
#: Seconds between looks whether everything runs, how many looks, and how old what the gateway goes by must be.
PAUSE, LOOKS, SETTLED = 5, 60, 3.0
_SEEN_BY_TAX = ("code", "place", "area", "use_name", "price")
_GROUND = "Nghị định 278/2025/NĐ-CP"
_HERE = Path(__file__).parent


def services(_progress: Progress) -> None:
    """Fill the catalogue, the agent node and the composed services, once; nothing where no simulators run beside."""
    if not settings.AGENCY_SIMULATOR_URL or settings.AGENT_NODE is None or Service.objects.filter(code=LAND).exists():
        return
    with transaction.atomic():
        _at_the_node()
        used = {"LAND": _land().code, "PEOPLE": _people().code}
        _compose(Template((_HERE / "transfer_tax.yaml").read_text()).substitute(used))
    if settings.BUS_URL:
        from hienluong.house.tasks import begin_demo_flow

        begin_demo_flow.defer(left=LOOKS)


def _at_the_node() -> None:
    admin = _who("quantri")
    province, tax = agency("UBND"), agency("THUE")
    node.add_subsystem(
        admin, identifier=OURS, title="Nền tảng chia sẻ dữ liệu của tỉnh", ours=True, organization=province
    )
    system = _system(tax, "Hệ thống quản lý thuế (trình diễn)", "Thu thuế chuyển nhượng quyền sử dụng đất")
    node.add_subsystem(admin, identifier=TAX, title="Thuế", ours=False, organization=tax, system=system)


def _land() -> ServiceAgreement:
    """The parcels of a department, which the tax authority reads by the node too; the agreement of the finance department."""
    made = _served(
        "snnmt",
        code=LAND,
        document=land.DESCRIPTION.read_text(),
        title="Dữ liệu đất đai",
        title_en="Land data",
        data="Thửa đất: nơi, diện tích, loại, giá, người sử dụng",
        upstream=settings.AGENCY_SIMULATOR_URL,
    )
    subsystem = Subsystem.objects.get(identifier=OURS)
    node.add_offer(_who("quantri"), place=f"{LAND}/v1", subsystem=subsystem, code="dat-dai")
    purpose = "Tính thuế chuyển nhượng quyền sử dụng đất"
    _agreed(made, "chuyenvien.thue", "lanhdao.snnmt", agency("THUE"), {"parcel": _SEEN_BY_TAX}, purpose)
    fields = {"parcel": (*_SEEN_BY_TAX, "owner.number")}
    return _agreed(made, "chuyenvien.stc", "lanhdao.snnmt", agency("STC"), fields, purpose)


def _people() -> ServiceAgreement:
    """The population database behind the node, which the provincial police enter into the catalogue."""
    made = _served(
        "cat",
        code=PEOPLE,
        document=(_HERE.parent / "simulators" / "population_openapi.json").read_text(),
        title="Xác minh công dân",
        title_en="Verification of citizens",
        data="Cơ sở dữ liệu quốc gia về dân cư: họ tên, số định danh còn dùng",
        national=POPULATION,
    )
    fields = {"verify": ("hoTen", "khop")}
    purpose = "Xác minh người nộp thuế chuyển nhượng"
    return _agreed(made, "chuyenvien.stc", "lanhdao.cat", agency("STC"), fields, purpose)


def _served(
    department: str, *, code: str, document: str, upstream: str = "", national: str = "", **told: str
) -> Version:
    """A published version of a service; `national`: what it is at the agent node, by which it is called."""
    head = _who(f"truongphong.{department}")
    service = catalogue.register(
        head,
        owner=agency(department.upper()),
        code=code,
        personal=True,
        contact_name="Phòng Chuyển đổi số",
        contact_email=f"chuyendoiso.{department}@example.vn",
        description="Trình diễn: hệ thống trả lời được mô phỏng, thửa đất và con người là giả định.",
        level="24/7, trả lời trong 1 giây",
        **told,
    )
    made = catalogue.add_version(head, service=service, document=document, upstream=upstream)
    if national:
        node.add_passage(_who("quantri"), place=f"{code}/v1", service=national)
        made.refresh_from_db()
    return catalogue.publish(head, version=made)


def _agreed(
    version: Version, asker: str, decider: str, consumer: Organization, fields: dict[str, Any], purpose: str
) -> ServiceAgreement:
    today = timezone.localdate()
    asked = agreements.request(
        _who(asker),
        version=version,
        consumer=consumer,
        fields=fields,
        purpose=purpose,
        legal_ground=_GROUND,
        since=today,
        until=today + timedelta(days=365),
        per_minute=60,
        per_day=5000,
    )
    return agreements.approve(_who(decider), agreement=asked)


def _compose(source: str) -> None:
    """The composed service of the finance department."""
    finance, head = agency("STC"), _who("truongphong.stc")
    system = _system(finance, "Hệ thống xác định nghĩa vụ tài chính (trình diễn)", "Xác định nghĩa vụ tài chính về đất")
    version = flows.declare(
        head, owner=finance, system=system, code=FLOW, title="Hồ sơ thuế chuyển nhượng", source=source
    )
    flows.publish(head, version=version)
    flows.permit(head, flow=version.flow, consumer=agency("THUE"), purpose="Tính thuế chuyển nhượng quyền sử dụng đất")


def _system(owner: Organization, name: str, purpose: str) -> System:
    made, _secret = sso.register(
        SYSTEM,
        owner=owner,
        name=name,
        purpose=purpose,
        contact_name="Phòng Công nghệ thông tin",
        contact_email="cntt@example.vn",
        scopes=["api.read", "api.write"],
        redirect_uris=[],
        proof=System.Proof.BASIC,
        for_itself=True,
    )
    return made


def begin() -> bool:
    """Start the run that the demo shows, once what it calls runs; whether there is nothing more to wait for."""
    flow = Flow.objects.filter(code=FLOW).select_related("owner").first()
    if flow is None or Run.objects.filter(version__flow=flow).exists():
        return True
    if not _all_runs():
        return False
    runs.start(_who("truongphong.stc"), flow=flow, given={"thua": PARCEL}, purpose="Hồ sơ thuế của thửa đất trình diễn")
    return True


def _all_runs() -> bool:
    """Whether gateway, mediator and simulators listen, and the gateway has had the services for a moment."""
    at_node = settings.AGENT_NODE.url if settings.AGENT_NODE else ""
    addresses = (settings.BUS_URL, f"//{settings.BUS_MEDIATOR}", settings.AGENCY_SIMULATOR_URL, at_node)
    return _is_published(settings.GATEWAY_FOLDER / SNAPSHOT) and all(_listens(one) for one in addresses)


def _is_published(file: Path) -> bool:
    try:
        told = json.loads(file.read_text())
        age = time.time() - file.stat().st_mtime
    except (OSError, ValueError):
        return False
    return age > SETTLED and {LAND, PEOPLE} <= {one["code"] for one in told["services"]}


def _listens(address: str) -> bool:
    parts = urlsplit(address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 443), timeout=2).close()
    except OSError:
        return False
    return True


def _who(username: str) -> Actor:
    return actor_of(Account.objects.get(username=username))
