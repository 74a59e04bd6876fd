"""Identity providers of an installation: where they are, as whom we ask, what their claims and levels mean. No Django.

The claims and levels of VNeID and of the national public-service account are not published: nothing here takes them for
granted, everything is configuration (docs/operators/identity-providers.md).
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

#: What an ID token may be signed with: never ``none``, never a secret that both sides know.
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
USUAL = ("RS256", "PS256", "ES256", "EdDSA")
PROOFS = ("client_secret_basic", "client_secret_post")
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
#: What we ask of a provider, under the name that OpenID Connect has for it where it has one.
CLAIMS = {
    "personal_id": "personal_id",
    "name": "name",
    "date_of_birth": "birthdate",
    "sex": "gender",
    "phone": "phone_number",
    "email": "email",
    "address": "address",
}


@dataclass(frozen=True)
class Provider:
    """One identity provider. `levels` says which level of electronic identity an ``acr`` stands for (1 or 2)."""

    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    proof: str = PROOFS[0]
    discovery: str = ""
    authorization_endpoint: str = ""
    token_endpoint: str = ""
    userinfo_endpoint: str = ""
    jwks_uri: str = ""
    scopes: tuple[str, ...] = ("openid",)
    acr_values: str = ""
    levels: Mapping[str, int] = field(default_factory=dict)
    least: int = 2  # below this level no account is opened; who was linked before still enters
    algorithms: tuple[str, ...] = USUAL
    claims: Mapping[str, str] = field(default_factory=lambda: dict(CLAIMS))

    @property
    def discovery_address(self) -> str:
        """Where the provider describes itself (OpenID Connect Discovery 1.0, 4)."""
        return self.discovery or f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"

    @property
    def is_told_all(self) -> bool:
        """Whether the configuration names every endpoint, so nothing is asked of the provider."""
        return bool(self.authorization_endpoint and self.token_endpoint and self.jwks_uri)


def provider(entry: Mapping[str, Any]) -> Provider:
    """A provider from one entry of the file. ValueError says what is wrong with it."""
    unknown = set(entry) - set(Provider.__dataclass_fields__)
    if unknown:
        raise ValueError(f"không hiểu {', '.join(sorted(unknown))}")
    for name in ("key", "name", "issuer", "client_id"):
        if not isinstance(entry.get(name), str) or not entry[name]:
            raise ValueError(f"thiếu {name}")
    if not (entry["key"].isascii() and entry["key"].isalnum() and entry["key"].islower() and len(entry["key"]) <= 20):
        raise ValueError(f"key {entry['key']}: chỉ gồm chữ thường và chữ số, nhiều nhất 20")
    told: dict[str, Any] = dict(entry)
    told["client_secret"] = _secret(entry.get("client_secret", ""))
    for name in ("scopes", "algorithms"):
        if name in told:
            told[name] = tuple(map(str, told[name]))
    told["claims"] = {**CLAIMS, **{name: str(value) for name, value in dict(told.get("claims", {})).items()}}
    told["levels"] = {str(acr): int(level) for acr, level in dict(told.get("levels", {})).items()}
    made = Provider(**told)
    _examine(made)
    return made


def providers(entries: Any) -> dict[str, Provider]:
    """All providers by key, in the order in which their buttons stand. ValueError when one cannot be used."""
    if not isinstance(entries, list):
        raise ValueError("phải là một danh sách")
    made = [provider(entry) for entry in entries]
    found = {each.key: each for each in made}
    if len(found) != len(made):
        raise ValueError("mỗi key chỉ dùng một lần")
    return found


def from_file(path: str) -> dict[str, Provider]:
    """The providers of a JSON file. ValueError, OSError."""
    try:
        return providers(json.loads(Path(path).read_text(encoding="utf-8")))
    except (TypeError, AttributeError) as error:
        raise ValueError(str(error)) from error


def is_safe(address: str) -> bool:
    """HTTPS; plain HTTP on this very machine only, where simulators are."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if parts.username or parts.fragment or not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _examine(made: Provider) -> None:
    if "openid" not in made.scopes:
        raise ValueError("scopes phải có openid")
    if made.proof not in PROOFS:
        raise ValueError(f"proof phải là một trong {', '.join(PROOFS)}")
    if not made.algorithms or set(made.algorithms) - set(ASYMMETRIC):
        raise ValueError(f"algorithms chỉ nhận {', '.join(ASYMMETRIC)}")
    if set(made.claims) - set(CLAIMS):
        raise ValueError(f"claims chỉ nhận {', '.join(CLAIMS)}")
    if set(made.levels.values()) - {1, 2} or made.least not in (1, 2):
        raise ValueError("levels và least chỉ nhận 1 hoặc 2")
    for name in ("issuer", "discovery", *ENDPOINTS):
        address = getattr(made, name)
        if address and not is_safe(address):
            raise ValueError(f"{name} {address}: phải là địa chỉ https")


def _secret(told: Any) -> str:
    """A secret, or the content of the file that ``{"file": …}`` names."""
    if isinstance(told, Mapping) and set(told) == {"file"}:
        return Path(str(told["file"])).read_text(encoding="utf-8").strip()
    return str(told)
