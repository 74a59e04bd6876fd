"""Agencies that have agreed on one service, in the installation whose gateway is measured.

Run as a program of its own in that installation's settings: ``province ADDRESS CONSUMERS CALLERS``. It prints the systems
that call, then ends the agreement of the last consumer and agrees anew, one after the other, at each line it reads, and
prints when that was committed.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from typing import Any

OPERATIONS = 4
CODE = "gia-dat"
_DESCRIPTION = {
    "openapi": "3.1.0",
    "info": {"title": "Giá đất", "version": "1.0.0"},
    "paths": {
        f"/{name}/{{number}}": {"get": {"operationId": name, "responses": {"200": {"description": "."}}}}
        for name in ("parcel", "price", "street", "ward")[:OPERATIONS]
    },
}


class Province:
    """One agency that provides, many that call."""

    def __init__(self, upstream: str) -> None:
        from hienluong.services.bus import catalogue
        from tests.factories import make_org
        from tests.services.bus.sample import somebody

        self.top = make_org(kind="province", name="Tỉnh đo tốc độ")
        owner = make_org(parent=self.top)
        provider, self.decider = somebody(owner, "provide"), somebody(owner, "share")
        self.asker = somebody(self.top, "request")
        service = catalogue.register(
            provider,
            owner=owner,
            code=CODE,
            title="Giá đất",
            data="Giá từng thửa đất",
            contact_name="Người đo",
            contact_email="do@tinh.example",
            personal=False,
        )
        made = catalogue.add_version(
            provider, service=service, document=json.dumps(_DESCRIPTION), upstream=upstream, whole=True
        )
        self.version = catalogue.publish(provider, version=made)

    def consumer(self) -> Any:
        """One more agency."""
        from tests.factories import make_org

        return make_org(parent=self.top)

    def agreed(self, consumer: Any) -> Any:
        """An agreement on all operations, with as many calls as there may be."""
        from django.utils import timezone

        from hienluong.services.bus import agreements

        today = timezone.localdate()
        asked = agreements.request(
            self.asker,
            version=self.version,
            consumer=consumer,
            fields={name.split("/")[1]: [] for name in _DESCRIPTION["paths"]},
            purpose="Đo tốc độ",
            legal_ground="Nghị định 278/2025/NĐ-CP",
            since=today,
            until=today + timedelta(days=30),
            per_minute=agreements.MAX_PER_MINUTE,
        )
        return agreements.approve(self.decider, agreement=asked)


def main(upstream: str, consumers: int, callers: int) -> None:
    """Prepare, tell, change."""
    import django

    django.setup()
    from hienluong.services.bus import agreements
    from tests.services.bus.sample import system_of

    here = Province(upstream)
    told = []
    for _number in range(consumers):
        consumer = here.consumer()
        system, secret = system_of(consumer)
        agreed = here.agreed(consumer)
        told.append([str(system.client_id), secret, agreed.code])
    _say({"callers": told[:callers], "last": told[-1]})
    for _line in sys.stdin:
        if agreed:
            agreements.end(here.decider, agreement=agreed, reason="Thôi")
            agreed = None
        else:
            agreed = here.agreed(consumer)
        _say({"at": time.time(), "agreement": agreed.code if agreed else ""})


def _say(what: dict[str, Any]) -> None:
    print(f"SAID{json.dumps(what)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
