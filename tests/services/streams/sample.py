"""Events and subscriptions for tests."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.events.models import Event
from hienluong.foundation.events.outbox import NewEvent, write
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.models import System
from hienluong.services.streams import subscriptions
from hienluong.services.streams.models import Subscription
from tests.factories import actor_for_role, make_org
from tests.foundation.sso.system import registered

TYPE = "organization.changed"
HERE = [ipaddress.ip_network("127.0.0.0/8")]


def tell(*facts: tuple[str, str], type: str = TYPE) -> None:
    """Events as actions write them: the key, and the code in the data."""
    with transaction.atomic():
        write([NewEvent(type, key, {"code": code}) for key, code in facts])


def left() -> int:
    return Event.objects.filter(leaving=True).count()


def until(what: Callable[[], Any], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Office:
    """A province that decides, and an agency whose system wants to be told."""

    def __init__(self) -> None:
        self.province = Organization.objects.filter(kind="province").first() or make_org("Tỉnh Thử", kind="province")
        self.agency: Organization = make_org("Sở Nhận tin", code="H50.88", parent=self.province)
        self.system, self.secret = self.connect("Kho của Sở")
        self.asker: Actor = actor_for_role("officer", self.agency)
        self.decider: Actor = actor_for_role("admin", self.province)

    def connect(self, name: str, owner: Organization | None = None) -> tuple[System, str]:
        return registered(
            owner=owner or self.agency,
            name=name,
            scopes=["api.read"],
            redirect_uris=[],
            logout_redirects=[],
            for_itself=True,
        )

    def terms(self, **changes: Any) -> dict[str, Any]:
        today = timezone.localdate()
        return {
            "system": self.system,
            "types": [TYPE],
            "way": "pull",
            "purpose": "Cập nhật danh bạ",
            "legal_ground": "Nghị định 278/2025/NĐ-CP",
            "since": today,
            "until": today + timedelta(days=30),
            **changes,
        }

    def ask(self, **changes: Any) -> Subscription:
        return subscriptions.request(self.asker, **self.terms(**changes))

    def subscribe(self, url: str = "", **changes: Any) -> Subscription:
        """One in force; a webhook when `url` is given."""
        way = {"way": "webhook", "url": url} if url else {}
        return subscriptions.approve(self.decider, subscription=self.ask(**way, **changes))
