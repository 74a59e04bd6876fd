"""The provider of a key, from the settings ``SIGNING_TOKENS`` and ``SIGNING_SERVICES``."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from ..models import SigningKey
from .base import ProviderFault, Remote, TokenProvider

Provider = TokenProvider | Remote


def provider_of(kind: str, source: str) -> Provider:
    """The provider with this name; raises ProviderFault for one that this installation does not have (any more)."""
    if kind == SigningKey.Provider.PKCS12:
        from .demo import DemoKeys

        return DemoKeys()
    if kind == SigningKey.Provider.PKCS11 and source in settings.SIGNING_TOKENS:
        from .tokens import Token

        return Token(source, settings.SIGNING_TOKENS[source])
    if kind == SigningKey.Provider.CSC and source in settings.SIGNING_SERVICES:
        from .cloud import Service

        return Service(source, settings.SIGNING_SERVICES[source])
    raise ProviderFault(
        _("Hệ thống không còn kết nối với nơi lưu khóa “%(source)s”. Hãy báo quản trị.") % {"source": source}
    )


def sources(kind: str) -> list[tuple[str, str]]:
    """The providers of one kind: key and what people call them."""
    held = {
        SigningKey.Provider.PKCS11.value: settings.SIGNING_TOKENS,
        SigningKey.Provider.CSC.value: settings.SIGNING_SERVICES,
    }.get(kind, {})
    return [(name, str(each.get("name") or name)) for name, each in sorted(held.items())]
