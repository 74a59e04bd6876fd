"""What allauth asks us: how an account is signed in, what things are called, how secrets are kept."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import NotFound
from hienluong.foundation.identity import entering
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.people import protected


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth brings no types
    """Signing in writes its audit entry; nobody signs up by a form."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": gettext_lazy("Đã thử sai nhiều lần. Hãy chờ một lúc rồi thử lại."),
        "rate_limited": gettext_lazy("Đã thử nhiều lần. Hãy chờ một lúc rồi thử lại."),
        "incorrect_code": gettext_lazy("Mã không đúng."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are opened by VNeID, at a counter or by an administrator, never by whoever comes along."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that ``ClientAddressMiddleware`` vouches for."""
        return str(request.META.get("REMOTE_ADDR") or "0.0.0.0")  # noqa: S104  (an address unknown, not one to bind)

    def get_login_stages(self) -> list[str]:
        """allauth's, with our rule of who is asked for a second factor."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "hienluong.foundation.signin.stages.SecondStep"}
        return [ours.get(path, path) for path in super().get_login_stages()]

    def login(self, request: HttpRequest, user: Any) -> None:
        """The last step of signing in."""
        from . import steps

        steps.signed_in(request, user)

    def post_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse:
        """Where the person wanted to go, with the person's choices of language and theme."""
        from . import browsers

        response = entering.arrived(user, kwargs.get("redirect_url") or "/")
        browsers.remember(request, user, response)
        return response

    def add_message(self, request: HttpRequest, level: int, *args: Any, **kwargs: Any) -> None:
        """Our pages say what happened in their own words."""

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Our actions tell the person, in the product and by mail."""


class FactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of factors are encrypted as personal data are; names are ours."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("Mã không đúng, hoặc đã dùng rồi."),
    }

    def encrypt(self, text: str) -> str:
        """With the newest of the keys of personal data."""
        return protected.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """With any of them."""
        return protected.decrypt(encrypted_text)

    def get_totp_issuer(self) -> str:
        """What an app for codes shows above the code."""
        try:
            return organisations.province().name
        except NotFound:
            return "Hiền Lương"

    def _get_site_name(self) -> str:
        return self.get_totp_issuer()

    def _get_user_identifier(self, user: Any) -> str:
        return str(user.username)

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        """What the device shows beside a passkey."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        assert isinstance(user, Account)
        return {**entity, "display_name": user.display_name, "name": user.username}
