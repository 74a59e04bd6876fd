"""Channels outside the product. E-mail goes over real SMTP; SMS and Zalo through a provider of the province's choice.

A provider is a subclass of :class:`Provider` named in ``settings.NOTIFICATION_PROVIDERS`` by channel. It must raise
:class:`NotDelivered` when the message was not taken (it will be tried again) and may be called twice for one message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import httpx
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string


class NotDelivered(RuntimeError):
    """The channel did not take the message; the text says why, without personal data."""


@dataclass(frozen=True)
class Message:
    """What is sent: to whom (address, phone), which words; `reference` is the same when it is tried again."""

    to: str
    title: str
    body: str
    reference: str


class Provider(Protocol):
    """One way to reach people."""

    def send(self, message: Message) -> None:
        """Hand the message over; raise :class:`NotDelivered` when it was not taken."""


class Smtp:
    """E-mail over the server in the settings."""

    def send(self, message: Message) -> None:
        """Send one e-mail; the reference is its Message-ID, so that a second try can be recognised."""
        mail = EmailMessage(
            message.title, message.body, to=[message.to], headers={"Message-ID": f"<{message.reference}@hienluong>"}
        )
        try:
            mail.send()
        except OSError as error:  # smtplib's errors are OSErrors
            raise NotDelivered(type(error).__name__) from error


class JsonGateway:
    """A gateway that takes JSON over HTTP: ``{"to", "text", "reference"}`` with a bearer token, answering 2xx."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url, self.token = url, token

    def send(self, message: Message) -> None:
        """Post one message."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = {"to": message.to, "text": f"{message.title}. {message.body}"[:600], "reference": message.reference}
        try:
            httpx.post(self.url, json=body, headers=headers, timeout=10).raise_for_status()
        except httpx.HTTPError as error:
            raise NotDelivered(type(error).__name__) from error


def provider_of(channel: str) -> Provider | None:
    """The provider of a channel, None when the province has none for it."""
    if channel == "email":
        return Smtp()
    entry = settings.NOTIFICATION_PROVIDERS.get(channel)
    if not entry:
        return None
    found: Provider = import_string(entry["class"])(**entry.get("options", {}))
    return found
