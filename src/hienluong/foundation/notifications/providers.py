"""Channels outside the product. E-mail goes over real SMTP; SMS and Zalo through a provider of the province's choice.

A provider is a class with the ``send`` of :class:`Provider`, named in ``settings.NOTIFICATION_PROVIDERS`` by channel.
It may be called twice for one message and says so by the message's `reference`. It raises :class:`NotDelivered` when
the message was not taken (it will be tried again) and :class:`Refused` when it never will be. Any other exception is
treated like :class:`NotDelivered`. See ``docs/engineers/notifications.md``.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils.module_loading import import_string

#: Answers of SMTP from here on are for good (RFC 5321, 4.2.1).
PERMANENT = 500
#: Answers of HTTP that say the message itself cannot be taken; a wrong token (401) is ours to mend, so it is tried again.
MESSAGE_AT_FAULT = frozenset({400, 404, 410, 413, 422})


class NotDelivered(RuntimeError):
    """The channel did not take the message; the text says why, without personal data."""


class Refused(NotDelivered):
    """The channel will never take this message (a wrong number, a closed mailbox): trying again is of no use."""


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
        """Hand the message over; raise :class:`NotDelivered` or :class:`Refused` when it was not taken."""


class Smtp:
    """E-mail over the server in the settings."""

    def send(self, message: Message) -> None:
        """Send one e-mail; the reference is its Message-ID, so that a second try can be recognised."""
        mail = EmailMessage(
            " ".join(message.title.split()),  # a line break would be a header of its own
            message.body,
            to=[message.to],
            headers={"Message-ID": f"<{message.reference}@hienluong>"},
        )
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused as error:
            codes = {code for code, _text in error.recipients.values()}
            kind = Refused if all(code >= PERMANENT for code in codes) else NotDelivered
            raise kind(f"SMTPRecipientsRefused {' '.join(map(str, sorted(codes)))}") from error
        except smtplib.SMTPResponseException as error:
            raise NotDelivered(f"{type(error).__name__} {error.smtp_code}") from error
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
        import httpx  # loads a command line of its own, so only who calls out pays for it

        try:
            status = httpx.post(self.url, json=body, headers=headers, timeout=10).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotDelivered(type(error).__name__) from error
        if status in MESSAGE_AT_FAULT:
            raise Refused(f"HTTP {status}")
        if not 200 <= status < 300:
            raise NotDelivered(f"HTTP {status}")


def provider_of(channel: str) -> Provider | None:
    """The provider of a channel, None when the province has none for it."""
    if channel == "email":
        return Smtp()
    entry = settings.NOTIFICATION_PROVIDERS.get(channel)
    if not entry:
        return None
    found: Provider = import_string(entry["class"])(**entry.get("options", {}))
    return found
