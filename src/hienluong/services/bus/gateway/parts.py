"""Small parts that Envoy's files are made of."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Iterable
from typing import Any

TYPE = "type.googleapis.com/"
FILTERS = f"{TYPE}envoy.extensions.filters.http"


def address(host: str, port: int) -> dict[str, Any]:
    """Where something listens."""
    return {"socket_address": {"address": host.strip("[]"), "port_value": port}}


def network(cidr: str) -> dict[str, Any]:
    """A network; raises ``ValueError`` for what is none."""
    found = ipaddress.ip_network(cidr)
    return {"address_prefix": str(found.network_address), "prefix_len": found.prefixlen}


def seconds(number: float) -> str:
    """A duration."""
    return f"{number:g}s"


def thrown_away(names: Iterable[str], families: Iterable[str]) -> dict[str, Any]:
    """Headers of these names, and those that begin so, are taken away before anything else is done with a request."""
    named = [re.escape(name) for name in names]
    begun = [re.escape(family) + ".*" for family in families]
    # One pattern over the names that came is quicker than a search for each name that might have.
    one = {"remove_on_match": {"key_matcher": {"safe_regex": {"regex": "|".join([*named, *begun])}}}}
    return {
        "name": "thrown-away",
        "typed_config": {
            "@type": f"{TYPE}envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
            "mutations": [one],
        },
    }


def resources(listed: list[dict[str, Any]]) -> bytes:
    """A file that Envoy follows, with these resources."""
    return json.dumps({"resources": listed}, separators=(",", ":")).encode()


def extension(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """A resource that is the settings of one filter."""
    return {"@type": f"{TYPE}envoy.config.core.v3.TypedExtensionConfig", "name": name, "typed_config": config}


def watched(file: str) -> dict[str, Any]:
    """Where resources come from: a file of the folder, read anew when it is replaced."""
    return {"resource_api_version": "V3", "path_config_source": {"path": f"./{file}"}}


def header(name: str, **match: Any) -> dict[str, Any]:
    """A header whose value matches."""
    return {"name": name, "string_match": match}


def told(name: str, value: str) -> dict[str, Any]:
    """A header that is set, whatever the caller sent under its name."""
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
