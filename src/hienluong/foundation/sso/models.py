"""What the province keeps of the systems that sign people in here. Clients, codes and tokens themselves are allauth's."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from allauth.idp.oidc.models import Client
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.protected import ProtectedText


class SigningKey(models.Model):
    """A key that signs tokens (RS256). Published before it signs, and after, as long as what it signed is good."""

    kid = models.CharField(max_length=64, unique=True)
    pem = ProtectedText()
    signs_from = models.DateTimeField()
    published_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.kid[:8]


class System(models.Model):
    """A system that people sign in to with their account here: whose it is, and how it proves that it is itself."""

    class Proof(models.TextChoices):
        """How the system proves who it is at our endpoints (IANA token endpoint authentication methods)."""

        NONE = "none", _("Ứng dụng không giữ được bí mật (trang web, điện thoại)")
        BASIC = "client_secret_basic", _("Mật khẩu của hệ thống, trong tiêu đề yêu cầu")
        POST = "client_secret_post", _("Mật khẩu của hệ thống, trong nội dung yêu cầu")
        KEY = "private_key_jwt", _("Khóa riêng của hệ thống (khuyên dùng)")
        CERTIFICATE = "tls_client_auth", _("Chứng thư của hệ thống (mTLS)")

    client = models.OneToOneField(Client, models.CASCADE, primary_key=True, related_name="system")
    owner = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=300)  # shown to the person who consents
    homepage = models.URLField(blank=True)
    contact_name = models.CharField(max_length=120)
    contact_email = models.EmailField()
    proof = models.CharField(max_length=24, choices=Proof.choices, default=Proof.BASIC)
    keys = models.JSONField(null=True, blank=True)  # JWK set: what private_key_jwt is verified with
    certificate_subject = models.CharField(max_length=300, blank=True)  # RFC 4514: what tls_client_auth must show
    logout_uri = models.URLField(blank=True)  # back-channel logout
    level = models.PositiveSmallIntegerField(default=1)  # of assurance that the system always asks for
    trusted = models.BooleanField(default=False)  # the province's own: people are not asked for consent
    secret_until = models.DateTimeField(null=True, blank=True)
    keys_until = models.DateTimeField(null=True, blank=True)  # the same for its public keys, or for its certificate
    disabled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(level__in=(1, 2, 3)), name="system_level"),
        ]

    def __str__(self) -> str:
        return str(self.client.name)

    @property
    def proof_until(self) -> datetime | None:
        """When what the system proves itself with ends; None when it proves nothing, or nobody said."""
        return self.secret_until or self.keys_until


class Engineer(models.Model):
    """Somebody who looks after a connected system: sees what its engineers need, and changes its password or keys."""

    system = models.ForeignKey(System, models.CASCADE, related_name="engineers")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("system", "account"), name="engineer_once")]

    def __str__(self) -> str:
        return f"{self.account}: {self.system}"


class Reminder(models.Model):
    """That the people of a system were told, so many days ahead, that what it proves itself with ends."""

    system = models.ForeignKey(System, models.CASCADE, related_name="reminders")
    until = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("system", "until", "days"), name="reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system}: {self.days}"


class Subject(models.Model):
    """The name under which systems know an account: says nothing, never changes, is never another's."""

    account = models.OneToOneField(Account, models.CASCADE, primary_key=True, related_name="subject")
    name = models.UUIDField(unique=True, default=uuid.uuid4)

    def __str__(self) -> str:
        return str(self.name)


class Consent(models.Model):
    """What a person let a system know, from when to when (Law 91/2025/QH15)."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="consents")
    client = models.ForeignKey(Client, models.CASCADE, related_name="consents")
    scopes = ArrayField(models.CharField(max_length=40))
    purpose = models.CharField(max_length=300)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=("account", "client"), condition=models.Q(withdrawn_at=None), name="consent_in_force_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} → {self.client}"


class Visit(models.Model):
    """That a session here was carried on to a system, so that its end can be told (``sid`` of the ID token)."""

    sid = models.UUIDField(unique=True, default=uuid.uuid4)
    session = models.CharField(max_length=64, db_index=True)  # a keyed hash of the session's key
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("session", "client"), name="visit_once_a_session")]

    def __str__(self) -> str:
        return str(self.sid)


class SpentToken(models.Model):
    """A refresh token that was exchanged for another: whoever shows it again stole one of the two (RFC 9700, 4.14)."""

    hash = models.CharField(max_length=64, primary_key=True)
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, models.CASCADE, related_name="+")
    grant = models.CharField(max_length=40)
    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.hash[:8]


class PushedRequest(models.Model):
    """An authorisation request that a system sent us directly (RFC 9126)."""

    reference = models.CharField(max_length=64, primary_key=True)
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    params = models.JSONField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.reference[:8]


class UsedAssertion(models.Model):
    """The number of a ``private_key_jwt`` that was shown: none counts twice."""

    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    jti = models.CharField(max_length=200)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("client", "jti"), name="assertion_once")]

    def __str__(self) -> str:
        return self.jti


class DeviceRequest(models.Model):
    """A counter or kiosk that asks to be signed in by somebody's phone or computer (RFC 8628)."""

    class State(models.TextChoices):
        """What the person has said."""

        WAITING = "waiting", _("Đang chờ")
        GRANTED = "granted", _("Đã đồng ý")
        DENIED = "denied", _("Đã từ chối")

    device = models.CharField(max_length=64, primary_key=True)  # a hash of what the device polls with
    code = models.CharField(max_length=64, unique=True)  # a keyed hash of what the person types
    client = models.ForeignKey(Client, models.CASCADE, related_name="+")
    scopes = ArrayField(models.CharField(max_length=40))
    resources = ArrayField(models.CharField(max_length=300), default=list)
    address = models.GenericIPAddressField(null=True, blank=True)  # of the device, for the person to judge
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)
    interval = models.PositiveSmallIntegerField(default=5)  # seconds between two polls
    polled_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="+")
    session = models.JSONField(default=dict)  # what the person's session had shown

    def __str__(self) -> str:
        return str(self.client.name)
