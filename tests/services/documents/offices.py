"""A small province for the tests of documents: agencies, and whoever works there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from hienluong.foundation.actions import Actor, system
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.services.documents.actions import arrivals
from hienluong.services.documents.models import Document
from tests.factories import actor_for_role, make_org

EXCHANGE = system("Trục liên thông")


@dataclass(frozen=True)
class Agency:
    """An agency with a division and those who handle documents in it."""

    place: Organization
    division: Organization
    clerk: Actor
    leader: Actor
    head: Actor
    officer: Actor
    colleague: Actor


def make_agency(name: str = "Sở Y tế", *, parent: Organization | None = None) -> Agency:
    """An agency below `parent` (a new province when none is given) with one of each."""
    place = make_org(name, parent=parent or make_org("UBND tỉnh thử", code="H50", kind="province"))
    division = make_org(f"Phòng Tổng hợp {name}", kind="division", parent=place)
    return Agency(
        place,
        division,
        clerk=actor_for_role("document_clerk", place),
        leader=actor_for_role("leader", place),
        head=actor_for_role("head", division),
        officer=actor_for_role("officer", division),
        colleague=actor_for_role("officer", division),
    )


def official_of(actor: Actor) -> Official:
    """The official behind an actor."""
    return Official.objects.get(pk=actor.official_id)


def arrived(agency: Agency, **more: Any) -> Document:
    """A document that came to the agency through the exchange."""
    said = {
        "source": "exchange",
        "source_ref": "",
        "sender_code": "H50",
        "sender_name": "UBND tỉnh thử",
        "type": "CV",
        "code": "125/UBND-TH",
        "subject": "V/v rà soát số liệu cuối năm",
        "issued_on": date(2026, 11, 20),
    }
    return arrivals.arrive(EXCHANGE, agency=agency.place, **{**said, **more})  # type: ignore[arg-type]


def registered(agency: Agency, **more: Any) -> Document:
    """A document that came and has its number."""
    return arrivals.register(agency.clerk, document=arrived(agency, **more))
