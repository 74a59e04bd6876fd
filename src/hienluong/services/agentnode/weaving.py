"""What passes by the node, woven into what may pass at all: at each change of the gateway's files."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from django.conf import settings

from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.models import System
from hienluong.services.bus.gateway.snapshot import NodeDoor, NodeRoute, ServiceRoute, Snapshot, SnapshotError, Tls

from .connection import Node
from .models import Offer, Passage, Subsystem

logger = logging.getLogger(__name__)


def woven(snapshot: Snapshot) -> Snapshot:
    """The snapshot with services that go through the node; without a node these pass nowhere, nor past it."""
    node: Node | None = settings.AGENT_NODE
    passages = {(one.version.service.code, one.version.major): one.service for one in _passages()}
    services = []
    for service in snapshot.services:
        named = passages.get((service.code, service.major))
        if named is None:
            services.append(service)
        elif node is not None:
            through = _through(node, named, service)
            try:
                through.check()
            except SnapshotError:
                logger.exception("%s v%s is left out of the gateway", service.code, service.major)
            else:
                services.append(through)
        else:
            logger.warning("%s v%s: no agent node is configured", service.code, service.major)
    return replace(snapshot, services=services, door=_door(node))


def _passages() -> Iterable[Passage]:
    return Passage.objects.select_related("version__service")


def _through(node: Node, named: str, service: ServiceRoute) -> ServiceRoute:
    clients = sorted({client for one in service.operations for grant in one.grants for client in grant.clients})
    return replace(
        service,
        upstream=node.url,
        timeout_s=min(node.timeout_s, service.timeout_s) if service.timeout_s else node.timeout_s,
        tls=Tls(
            ca_file=node.ca_file,
            client_cert_file=node.certificate_file,
            client_key_file=node.key_file,
            server_name=node.server_name,
        ),
        operations=[replace(one, mediate=True) for one in service.operations],
        canary=None,
        mirror=None,
        websocket=False,
        grpc=False,
        cache_s=0,
        node=NodeRoute(named, known_as(clients), node.prefix, dict(node.errors)),
    )


def known_as(clients: Iterable[str]) -> dict[str, str]:
    """Our subsystem for each of these systems: its own, or that of the nearest organisation above it; none: left out."""
    ours = Subsystem.objects.filter(ours=True, ended_at=None).select_related("organization")
    own = {str(one.system_id): one.identifier for one in ours if one.system_id}
    shared = sorted(
        ((one.organization.path, one.identifier) for one in ours if not one.system_id), key=lambda pair: -len(pair[0])
    )
    found = {}
    for system in System.objects.filter(pk__in=list(clients)).select_related("owner"):
        client = str(system.pk)
        above = next((identifier for path, identifier in shared if system.owner.path.startswith(path)), None)
        identifier = own.get(client, above)
        if identifier is not None:
            found[client] = identifier
    return found


def of_organization(organization: Organization) -> str:
    """The subsystem that an organisation's systems share; empty: none of their own, nor above them."""
    shared = Subsystem.objects.filter(ours=True, ended_at=None, system=None).select_related("organization")
    above = [one for one in shared if organization.path.startswith(one.organization.path)]
    return max(above, key=lambda one: len(one.organization.path)).identifier if above else ""


def _door(node: Node | None) -> NodeDoor | None:
    if node is None or node.door is None:
        return None
    outside = Subsystem.objects.filter(ours=False, ended_at=None, system__disabled_at=None)
    offers = Offer.objects.filter(subsystem__ended_at=None).select_related("version__service", "subsystem")
    return NodeDoor(
        clients={one.identifier: str(one.system_id) for one in outside},
        services={one.service: f"{one.version.service.code}/v{one.version.major}" for one in offers},
        prefix=node.prefix,
    )
