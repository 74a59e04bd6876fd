"""A service of land prices, who provides it and who wants to call it."""

from __future__ import annotations

from copy import deepcopy
from datetime import timedelta
from typing import Any

import yaml
from django.utils import timezone

from hienluong.foundation.actions import Actor, Grant
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import System
from hienluong.services.bus import agreements, catalogue
from hienluong.services.bus.models import Service, ServiceAgreement, Version
from tests.factories import TESTER, make_account, make_org

UPSTREAM = "https://dulieu.example.gov.vn/gia-dat"
PRICES: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Giá đất", "version": "1.0.0"},
    "paths": {
        "/parcels/{number}": {
            "get": {
                "operationId": "parcel",
                "summary": "Một thửa đất",
                "x-person": "/owner/number",
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}}
                },
            }
        },
        "/parcels": {
            "get": {
                "operationId": "parcels",
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "properties": {
                                        "items": {
                                            "type": "array",
                                            "items": {"$ref": "#/components/schemas/Parcel"},
                                        }
                                    },
                                }
                            }
                        }
                    }
                },
            }
        },
        "/health": {"get": {"operationId": "health", "responses": {"204": {"description": "."}}}},
    },
    "components": {
        "schemas": {
            "Parcel": {
                "type": "object",
                "properties": {
                    "code": {"type": "string"},
                    "price": {"type": "integer"},
                    "owner": {
                        "type": "object",
                        "properties": {"name": {"type": "string"}, "number": {"type": "string"}},
                    },
                },
                "required": ["code"],
            }
        }
    },
}


def document(**changes: Any) -> str:
    """The description as text, with parts replaced."""
    return yaml.safe_dump({**deepcopy(PRICES), **changes}, allow_unicode=True, sort_keys=False)


def somebody(place: Organization, *verbs: str) -> Actor:
    """An official with these verbs of the bus at an organisation."""
    may = frozenset(f"bus.{verb}" for verb in verbs)
    grant = Grant(may, place.pk, place.path, f"Chức vụ tại {place.name}")
    account = make_account()
    return Actor(kind="account", account_id=account.pk, label="Cán bộ thử", organization_id=place.pk, grants=(grant,))


class Province:
    """Two departments below one province; a system of the second."""

    def __init__(self) -> None:
        self.province = make_org()
        self.owner = make_org(parent=self.province)
        self.consumer = make_org(parent=self.province)
        self.provider = somebody(self.owner, "provide")
        self.decider = somebody(self.owner, "share")
        self.asker = somebody(self.consumer, "request")
        self.system, self.secret = system_of(self.consumer)

    def service(self, **changes: Any) -> Service:
        """A service in the catalogue, without a version."""
        given: dict[str, Any] = {
            "owner": self.owner,
            "code": "land-prices",
            "title": "Giá đất",
            "data": "Giá từng thửa đất",
            "contact_name": "Trần Bình",
            "contact_email": "binh@example.gov.vn",
            "personal": True,
        }
        return catalogue.register(self.provider, **{**given, **changes})

    def version(self, *, published: bool = True, **changes: Any) -> Version:
        """Version 1 of the service of land prices."""
        service = Service.objects.filter(code="land-prices").first() or self.service()
        given = {"document": document(), "upstream": UPSTREAM, **changes}
        made = catalogue.add_version(self.provider, service=service, **given)
        return catalogue.publish(self.provider, version=made) if published else made

    def asked(self, version: Version, **changes: Any) -> ServiceAgreement:
        """An agreement that waits: code and price of one parcel, for a year."""
        today = timezone.localdate()
        given: dict[str, Any] = {
            "version": version,
            "consumer": self.consumer,
            "fields": {"parcel": ["code", "price"]},
            "purpose": "Tính thuế chuyển nhượng",
            "legal_ground": "Nghị định 278/2025/NĐ-CP",
            "since": today,
            "until": today + timedelta(days=365),
            "per_minute": 60,
        }
        return agreements.request(self.asker, **{**given, **changes})

    def agreed(self, version: Version, **changes: Any) -> ServiceAgreement:
        """The same, approved."""
        return agreements.approve(self.decider, agreement=self.asked(version, **changes))


def system_of(place: Organization) -> tuple[System, str]:
    """A system of an organisation that works for itself, and its password."""
    return sso.register(
        TESTER,
        owner=place,
        name=f"Hệ thống của {place.name}",
        purpose="Kiểm thử trục",
        contact_name="Lê An",
        contact_email="an@example.gov.vn",
        scopes=["api.read"],
        redirect_uris=[],
        proof=System.Proof.BASIC,
        for_itself=True,
    )
