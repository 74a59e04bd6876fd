"""What allauth's provider asks us: who issues, whose name is whose, which keys, which claims."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from allauth.core import context
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.idp.oidc.internal.private_keys import filter_keys
from allauth.idp.oidc.models import Client, PrivateKey
from django.conf import settings

from hienluong.foundation.identity.models import Account

from . import keys, scopes
from .models import Subject
from .proofs import DOOR, SHOWN

#: Where a request keeps the keys it has asked for.
_KEYS = "_sso_keys"


class Adapter(DefaultOIDCAdapter):  # type: ignore[misc]  # allauth brings no types
    """The province as issuer."""

    def get_issuer(self) -> str:
        """The address of this installation: from the settings, so a forged Host changes nothing."""
        return str(settings.BASE_URL)

    def get_user_sub(self, client: Client, user: Any) -> str:
        """The name under which systems know this account."""
        try:
            return str(user.subject.name)  # asked for once, then kept with the account
        except Subject.DoesNotExist:
            return str(Subject.objects.get_or_create(account=user)[0].name)

    def get_user_by_sub(self, client: Client, sub: str) -> Account | None:
        """The active account with this name."""
        try:
            subject = Subject.objects.select_related("account").filter(name=sub).first()
        except ValueError:
            return None
        return subject.account if subject and subject.account.is_active else None

    def get_claims(
        self, purpose: str, user: Any, client: Client, scopes: Iterable[str], email: str | None = None, **more: Any
    ) -> dict[str, Any]:
        """The ID token says who; what else a system may know it asks for at userinfo, where it is written down."""
        claims = {"sub": self.get_user_sub(client, user)}
        return claims if purpose == "id_token" else {**claims, **_claims(user, scopes)}

    def list_private_keys(
        self, *, did_activate: Literal[True] | None = None, is_active: Literal[True] | None = None
    ) -> list[PrivateKey]:
        """Our keys, from the database; asked for once in a request."""
        held = getattr(context.request, _KEYS, None)
        if held is None:
            door = getattr(context.request, DOOR, None)
            held = keys.published(None if door is None else door.keys)
            if context.request is not None:
                setattr(context.request, _KEYS, held)
        kept: list[PrivateKey] = filter_keys(held, did_activate=did_activate, is_active=is_active)
        return kept

    def populate_access_token(self, access_token: dict[str, Any], *, client: Client, user: Any, **more: Any) -> None:
        """RFC 9068: for whom, unless a resource was named; RFC 8705: with which certificate it has to be shown."""
        access_token.setdefault("aud", self.get_issuer())
        if shown := getattr(context.request, SHOWN, ""):
            access_token["cnf"] = {"x5t#S256": shown}


def _claims(account: Account, granted: Iterable[str]) -> dict[str, Any]:
    return scopes.claims_of(account, granted)
