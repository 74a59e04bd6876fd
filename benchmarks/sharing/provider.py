"""A provider that does no work: what is measured is what stands before it. Served by ``granian --interface rsgi``."""

from __future__ import annotations

import json
from typing import Any

ANSWER = json.dumps({"items": [{"code": f"{number:06}", "price": number * 1000} for number in range(14)]}).encode()
_HEADERS = [("content-type", "application/json")]


async def app(_scope: Any, protocol: Any) -> None:
    """Half a kilobyte of JSON, whatever is asked."""
    protocol.response_bytes(200, _HEADERS, ANSWER)
