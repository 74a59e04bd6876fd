"""Personal data at rest: encrypted text, a keyed index to find it by, a mask to show it."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import models

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


@lru_cache(maxsize=4)
def _cipher(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(urlsafe_b64encode(hashlib.sha256(key.encode()).digest())) for key in keys])


def _keys() -> tuple[str, ...]:
    return tuple(settings.PERSONAL_DATA_KEYS)


def encrypt(plain: str) -> str:
    """Encrypt with the newest key; empty stays empty."""
    return _cipher(_keys()).encrypt(plain.encode()).decode() if plain else ""


def decrypt(token: str) -> str:
    """Decrypt with any of the configured keys; empty stays empty."""
    return _cipher(_keys()).decrypt(token.encode()).decode() if token else ""


def blind_index(plain: str) -> str:
    """A keyed SHA-256 of the digits and letters, equal for equal values and useless without the key."""
    value = "".join(ch for ch in plain if ch.isalnum()).upper()
    if not value:
        return ""
    return hmac.new(settings.BLIND_INDEX_KEY.encode(), value.encode(), hashlib.sha256).hexdigest()


def mask(plain: str, shown: int = 4) -> str:
    """Hide all but the last characters: ``045190001234`` → ``••••••••1234``."""
    return "•" * max(len(plain) - shown, 0) + plain[-shown:] if plain else ""


class ProtectedText(_TextField):
    """Text encrypted in the database and plain in Python."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value)

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else encrypt(str(value))
