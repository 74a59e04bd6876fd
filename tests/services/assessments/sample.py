"""A small scoring form in the small province, with an assessment that the officer of a division has begun."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.test import Client

from hienluong.capabilities.scoring.definition import ScoringSpec
from hienluong.capabilities.scoring.installing import install
from hienluong.foundation.actions import Actor, system
from hienluong.foundation.identity.models import Account
from hienluong.services.assessments import targets
from tests.services.dossiers.province import Province

FORM: dict[str, Any] = {
    "code": "shop.check",
    "title": "Biểu kiểm tra cửa hàng",
    "version": 1,
    "effective_from": "2026-01-01",
    "owner": "H50.31",
    "levels": [{"code": "A", "label": "Loại A", "from": 8}, {"code": "C", "label": "Không đạt", "passes": False}],
    "tree": {
        "code": "whole",
        "title": "Cửa hàng",
        "aggregate": "sum",
        "items": [
            {
                "code": "site",
                "title": "Cơ sở",
                "aggregate": "sum",
                "items": [
                    {"code": "water", "title": "Nước sạch", "points": 5, "critical": True},
                    {"code": "floor", "title": "Nền nhà", "points": 3, "evidence": {"photo": "when_failed"}},
                ],
            },
            {
                "code": "cold",
                "title": "Nhiệt độ tủ lạnh",
                "ask": "number",
                "unit": "°C",
                "min": -50,
                "max": 50,
                "not_applicable": True,
                "bands": [{"from": -50, "points": 2}, {"from": 5, "points": 0, "fails": True}],
            },
        ],
    },
}
BASE = "/lam-viec/cham-diem"


def browser_of(actor: Actor) -> Client:
    """A browser signed in as this person."""
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


class Checked:
    """The province, the form, and the assessment of a shop."""

    def __init__(self) -> None:
        self.province = Province()
        self.officer, self.leader = self.province.officer, self.province.leader
        spec = ScoringSpec.model_validate(FORM)
        install(system("Cài gói"), spec=spec, owner=self.province.commune)
        self.assessment = targets.begin(
            self.officer, form="shop.check", name="Cửa hàng Bà Lành", organization_id=self.province.division.pk
        )

    @property
    def address(self) -> str:
        return f"{BASE}/{self.assessment.pk}"

    def send(self, item: str, value: str, base: str | None = None, client: Client | None = None) -> dict[str, Any]:
        """Answer as a phone does; what the server says."""
        body = {"key": str(uuid4()), "item": item, "value": value, "base": base}
        answer = (client or browser_of(self.officer)).post(
            f"{self.address}/tra-loi", json.dumps(body), content_type="application/json"
        )
        told: dict[str, Any] = answer.json()
        return {**told, "http": answer.status_code, "key": body["key"]}
