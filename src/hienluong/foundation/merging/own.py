"""What of the foundation belongs to accounts and people."""

from __future__ import annotations

from django.db.models import Q

from . import words
from .belongings import Belonging, register

_PASSKEY, _CODES_APP = Q(type="webauthn"), Q(type="totp")


def register_all() -> None:
    """Hand it over."""
    register(
        Belonging(
            "notifications.notices", words.NOTICES, "notifications.Notification", "account_id", "account", ("key",)
        ),
        Belonging("signin.passkeys", words.PASSKEYS, "mfa.Authenticator", "user_id", "account", where=_PASSKEY),
        Belonging("signin.app", words.CODES_APP, "mfa.Authenticator", "user_id", "account", ("type",), _CODES_APP),
        Belonging(
            "files.papers", words.FILES, "files.StoredFile", "owner_id", "account", where=Q(purpose="dossiers.paper")
        ),
        Belonging(
            "people.represents",
            words.REPRESENTING,
            "people.Representation",
            "representative_id",
            "party",
            ("represented_id",),
        ),
        Belonging(
            "mandates.appointments",
            words.REPRESENTING,
            "mandates.Appointment",
            "appointed_id",
            "party",
            ("enterprise_id",),
        ),
        Belonging("counter.checks", words.CHECKS, "counter.IdentityCheck", "party_id", "party"),
    )
