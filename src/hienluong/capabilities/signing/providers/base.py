"""What every provider can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from hienluong.foundation.actions import DomainError

from ..keys import Chain


class ProviderAway(DomainError):
    """The token or the service does not answer just now; trying again later is worth it."""

    code = "signing.provider_away"
    status = 503


class ProviderFault(DomainError):
    """The token or the service answered that it will not sign; a person has to look."""

    code = "signing.provider_refused"
    status = 409


class NotConfirmed(DomainError):
    """The holder said no on the telephone, or let the time pass."""

    code = "signing.not_confirmed"
    status = 409


@dataclass(frozen=True)
class Credential:
    """One key as its provider knows it."""

    label: str
    chain: Chain


class TokenProvider(Protocol):
    """Signs at once, because the holder has confirmed here."""

    def find(self, credential: str) -> Credential:
        """The key with this label. Raises ProviderFault when there is none, ProviderAway when nobody answers."""

    def sign(self, credential: str, chain: Chain, to_sign: Sequence[bytes]) -> list[bytes]:
        """A signature with SHA-256 over each: RSA PKCS#1 1.5, or ECDSA in DER."""


@runtime_checkable
class Remote(Protocol):
    """Signs after the holder has confirmed on a device of their own."""

    def find(self, credential: str) -> Credential:
        """The credential with this number."""

    def owned_by(self, user: str) -> list[str]:
        """The numbers of the credentials of one user of the service."""

    def ask(self, credential: str, to_sign: Sequence[bytes], titles: Sequence[str], reference: str) -> str:
        """Have the holder asked; the handle of the question. Asked again with the same `reference`, it is the same."""

    def answer(self, credential: str, handle: str) -> str | None:
        """The activation data once the holder has confirmed, None while they have not; raises NotConfirmed."""

    def collect(self, credential: str, chain: Chain, activation: str, to_sign: Sequence[bytes]) -> list[bytes]:
        """The signatures that were confirmed."""
