"""Domain errors: a stable code, a message a person can act on, and where it belongs in a form."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise

Text = str | Promise


class DomainError(Exception):
    """A rule of the domain said no.

    The edge turns it into a page, a form error or an RFC 9457 problem document; it is never a 500.
    `code` is stable and dotted (``dossiers.already_received``), `message` is translatable, `field`
    names the input at fault when there is one.
    """

    code = "domain.refused"
    status = 409

    def __init__(self, message: Text, *, code: str | None = None, field: str | None = None, **details: object) -> None:
        super().__init__(str(message))
        self.message = message
        self.field = field
        self.details: Mapping[str, object] = details
        if code:
            self.code = code


class InvalidInput(DomainError):
    """What was typed cannot be used as it is."""

    code = "domain.invalid_input"
    status = 422


class NotAllowed(DomainError):
    """No rule lets this actor do this thing; `details['reasons']` says which rules were tried."""

    code = "domain.not_allowed"
    status = 403


class NotFound(DomainError):
    """The thing does not exist, or this actor may not know that it does."""

    code = "domain.not_found"
    status = 404
