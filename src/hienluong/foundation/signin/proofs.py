"""Whether a browser answered the challenge it was given with a new passkey."""

from __future__ import annotations

from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError


def is_ours(credential: object) -> bool:
    """Whether the browser answered the challenge it was given, and verified its user."""
    if not isinstance(credential, dict):
        return False
    try:
        webauthn.parse_registration_response(credential)
        return bool(webauthn.complete_registration(credential).is_user_verified())
    except (ValidationError, ValueError, TypeError, KeyError):
        return False
