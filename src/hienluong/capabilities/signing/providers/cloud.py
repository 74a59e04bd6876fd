"""Keys at a service that signs from afar, by the API of the Cloud Signature Consortium (CSC API v2.0).

We sign in to the service for ourselves (OAuth 2, ``client_credentials``); the holder confirms each batch on their own
telephone (``credentials/authorize`` answers 202 with a handle, ``credentials/authorizeCheck`` the activation data once
they did). The activation data is bound to the hashes that were confirmed, is used at once and is never kept.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from asn1crypto import x509 as asn1_x509
from django.utils.translation import gettext_lazy as _

from ..keys import Chain
from .base import Credential, NotConfirmed, ProviderAway, ProviderFault

#: Seconds that the service has to answer.
PATIENCE = 15.0
SHA256 = "2.16.840.1.101.3.4.2.1"
#: Algorithms of signatures with SHA-256, by the kind of key.
ALGORITHMS = {"rsa": "1.2.840.113549.1.1.11", "ec": "1.2.840.10045.4.3.2"}
#: What the service says when its user did not confirm.
NO = frozenset({"access_denied", "authorization_denied", "user_denied", "authorization_expired", "invalid_otp"})
#: Longest description of what is confirmed, in characters (CSC API 2.0, 11.6).
LONGEST = 500

_tokens: dict[str, tuple[str, float]] = {}


class Service:
    """One service of the settings: ``url``, ``client_id``, ``client_secret``."""

    def __init__(self, name: str, told: Mapping[str, str]) -> None:
        self.name, self.url = str(told.get("name") or name), told["url"].rstrip("/")
        self.client = (told["client_id"], told["client_secret"])

    def owned_by(self, user: str) -> list[str]:
        """The credentials of one user of the service."""
        found = self._ask("credentials/list", {"userID": user}).get("credentialIDs", [])
        return [str(each) for each in found] if isinstance(found, list) else []

    def find(self, credential: str) -> Credential:
        """The certificate of a credential and those above it."""
        told = self._ask("credentials/info", {"credentialID": credential, "certificates": "chain"})
        try:
            if told["key"]["status"] != "enabled":
                raise ProviderFault(_("Khóa này đang bị khóa ở “%(name)s”.") % {"name": self.name}, field="credential")
            kept = [asn1_x509.Certificate.load(base64.b64decode(each)) for each in told["cert"]["certificates"]]
            own, *above = kept
            own.serial_number  # noqa: B018 - reads it: what is no certificate is found out here
        except (KeyError, ValueError, TypeError) as error:
            raise self._unreadable() from error
        return Credential(credential, Chain(own, tuple(above)))

    def ask(self, credential: str, to_sign: Sequence[bytes], titles: Sequence[str], reference: str) -> str:
        """Have the holder asked on their telephone; the handle of the question."""
        told = self._ask(
            "credentials/authorize",
            {
                "credentialID": credential,
                "numSignatures": len(to_sign),
                "hashes": _hashes(to_sign),
                "hashAlgorithmOID": SHA256,
                "description": "\n".join(titles)[:LONGEST],
                "clientData": reference,
            },
        )
        handle = told.get("handle")
        if not isinstance(handle, str) or not 0 < len(handle) <= 200:
            raise self._unreadable()
        return handle

    def answer(self, credential: str, handle: str) -> str | None:
        """The activation data, None while the holder has not confirmed."""
        told = self._ask("credentials/authorizeCheck", {"handle": handle})
        activation = told.get("SAD")
        return activation if isinstance(activation, str) and activation else None

    def collect(self, credential: str, chain: Chain, activation: str, to_sign: Sequence[bytes]) -> list[bytes]:
        """The signatures."""
        kind = chain.certificate.public_key.algorithm
        told = self._ask(
            "signatures/signHash",
            {
                "credentialID": credential,
                "SAD": activation,
                "hashes": _hashes(to_sign),
                "hashAlgorithmOID": SHA256,
                "signAlgo": ALGORITHMS.get(kind, ALGORITHMS["rsa"]),
            },
        )
        try:
            raws = [base64.b64decode(each, validate=True) for each in told["signatures"]]
        except (KeyError, ValueError, TypeError) as error:
            raise self._unreadable() from error
        if len(raws) != len(to_sign):
            raise self._unreadable()
        return raws

    def _ask(self, method: str, question: dict[str, Any], *, again: bool = True) -> dict[str, Any]:
        """One question; what the service refuses is told as what it means for the holder."""
        headers = {"Authorization": f"Bearer {self._token()}"}
        status, told = self._post(f"/csc/v2/{method}", json=question, headers=headers)
        if status == 401 and again:  # the token ended before its time
            _tokens.pop(self.url, None)
            return self._ask(method, question, again=False)
        if status < 400:
            return told
        error = str(told.get("error", ""))
        if error in NO:
            raise NotConfirmed(_("Chưa ký: người ký không xác nhận trên điện thoại, hoặc lần xác nhận đã hết hạn."))
        raise ProviderFault(
            _("“%(name)s” không nhận yêu cầu: %(error)s.")
            % {"name": self.name, "error": str(told.get("error_description") or error or status)[:200]},
            field="credential",
        )

    def _token(self) -> str:
        held = _tokens.get(self.url)
        if held and held[1] > time.monotonic():
            return held[0]
        status, told = self._post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=self.client)
        token, lasts = told.get("access_token"), told.get("expires_in", 60)
        if status >= 400 or not isinstance(token, str) or not isinstance(lasts, int | float):
            raise ProviderFault(
                _("“%(name)s” không nhận tài khoản kết nối của hệ thống. Hãy báo quản trị.") % {"name": self.name}
            )
        _tokens[self.url] = (token, time.monotonic() + max(lasts - 30, 1))
        return token

    def _post(self, path: str, **what: Any) -> tuple[int, dict[str, Any]]:
        try:
            answer = httpx.post(f"{self.url}{path}", timeout=PATIENCE, trust_env=False, **what)
            if answer.status_code >= 500 or answer.status_code == 429:
                raise self._away()
            told = answer.json()
        except httpx.HTTPError as error:
            raise self._away() from error
        except ValueError as error:
            raise self._unreadable() from error
        if not isinstance(told, dict):
            raise self._unreadable()
        return answer.status_code, told

    def _away(self) -> ProviderAway:
        return ProviderAway(
            _("Dịch vụ ký từ xa “%(name)s” chưa trả lời. Hệ thống sẽ tự thử lại.") % {"name": self.name}
        )

    def _unreadable(self) -> ProviderAway:
        return ProviderAway(
            _("Dịch vụ ký từ xa “%(name)s” trả lời không đúng mẫu. Hệ thống sẽ thử lại.") % {"name": self.name}
        )


def _hashes(to_sign: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(hashlib.sha256(each).digest()).decode() for each in to_sign]
