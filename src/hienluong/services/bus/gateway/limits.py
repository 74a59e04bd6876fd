"""How many calls a minute: the filter that counts them, for each client under each agreement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .handover import AGREEMENT, CLIENT
from .parts import FILTERS
from .snapshot import Snapshot

#: Under which name a route's metadata tell its limit.
METADATA = "hienluong.gateway"
#: Most limits of calls a minute that are kept when no agreement has them any more. Each costs time at every call, and a
#: new one makes the filter begin all counts anew.
_KEPT_STEPS = 12
#: Limits that are counted at once (agreements times clients) for each step.
_COUNTED = 20_000


def steps(snapshot: Snapshot, before: Path) -> list[int]:
    """The limits of calls a minute: those of the agreements, and as the file was before, lest counts begin anew."""
    used = {grant.per_minute for _service, _operation, grant in snapshot.routes()}
    try:
        (there,) = json.loads(before.read_bytes())["resources"]
        known = {one["token_bucket"]["max_tokens"] for one in there["typed_config"]["descriptors"]}
    except (OSError, ValueError, KeyError, TypeError):  # not there yet, or not ours
        known = set()
    return sorted(used | known if len(known - used) <= _KEPT_STEPS else used)


def limits(steps: list[int]) -> dict[str, Any]:
    """The filter that counts calls, with these limits a minute."""
    return {
        "@type": f"{FILTERS}.local_ratelimit.v3.LocalRateLimit",
        "stat_prefix": "limits",
        "filter_enabled": {"default_value": {"numerator": 100}},
        "filter_enforced": {"default_value": {"numerator": 100}},
        "token_bucket": {"max_tokens": 1000, "tokens_per_fill": 1000, "fill_interval": "1s"},
        "always_consume_default_token_bucket": False,
        "rate_limited_as_resource_exhausted": True,
        "max_dynamic_descriptors": _COUNTED,
        "rate_limits": [{"actions": _counted()}],
        "descriptors": [
            {
                "entries": [{"key": "per_minute", "value": str(step)}, {"key": "agreement"}, {"key": "client"}],
                "token_bucket": {"max_tokens": step, "tokens_per_fill": step, "fill_interval": "60s"},
            }
            for step in steps
        ],
    }


def _counted() -> list[dict[str, Any]]:
    """What is counted together: calls of one client under one agreement. The limit stands in the route's metadata."""
    step = {"key": METADATA, "path": [{"key": "per_minute"}]}
    return [
        {"metadata": {"descriptor_key": "per_minute", "metadata_key": step, "source": "ROUTE_ENTRY"}},
        {"request_headers": {"header_name": AGREEMENT, "descriptor_key": "agreement"}},
        {"request_headers": {"header_name": CLIENT, "descriptor_key": "client"}},
    ]
