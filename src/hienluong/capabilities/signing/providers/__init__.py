"""Where keys lie: one interface for the demo's key files, tokens (PKCS#11) and services that sign from afar (CSC).

What leaves this package are signatures. A PIN or a password comes from the settings of the machine, or is typed on the
holder's own telephone; none is ever written into the database.
"""

from __future__ import annotations

from .base import Credential, NotConfirmed, ProviderAway, ProviderFault, Remote, TokenProvider
from .lookup import provider_of, sources

__all__ = [
    "Credential",
    "NotConfirmed",
    "ProviderAway",
    "ProviderFault",
    "Remote",
    "TokenProvider",
    "provider_of",
    "sources",
]
