"""Who we and others are at the national agent node, which services pass by it, and the messages that did.

Who may call what is not here: that is an agreement of the bus (:class:`.bus.models.ServiceAgreement`), for those outside as
for those inside. Nothing of a person is here: what the node is told of one is a keyed hash.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.models import System
from hienluong.services.bus.models import Version


class Subsystem(models.Model):
    """A member's subsystem at the node (X-Road): ours, or somebody's outside who calls our services."""

    identifier = models.CharField(max_length=330, unique=True)  # INSTANCE/CLASS/MEMBER/SUBSYSTEM
    title = models.CharField(max_length=200)
    ours = models.BooleanField()
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+")
    #: Who it is at the gateway. Of ours, none: whatever system of the organisation; of others there is one.
    system = models.ForeignKey(System, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("identifier",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ours=True) | Q(system__isnull=False), name="agentnode_outside_is_a_system"
            ),
            models.UniqueConstraint(
                fields=("system",), condition=Q(ended_at=None, system__isnull=False), name="agentnode_system_once"
            ),
            models.UniqueConstraint(
                fields=("organization",),
                condition=Q(ended_at=None, system=None),
                name="agentnode_organization_once",
            ),
        ]

    def __str__(self) -> str:
        return self.identifier


class Passage(models.Model):
    """A version of the catalogue that is called through the node: a national service, as our own systems see it."""

    version = models.OneToOneField(Version, models.PROTECT, related_name="+")
    service = models.CharField(max_length=410)  # INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("service",)

    def __str__(self) -> str:
        return self.service


class Offer(models.Model):
    """A version of the catalogue under its name at the node: those outside call it there, under their agreement."""

    version = models.OneToOneField(Version, models.PROTECT, related_name="+")
    subsystem = models.ForeignKey(Subsystem, models.PROTECT, related_name="+")
    code = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("subsystem", "code")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=("subsystem", "code"), name="agentnode_service_once"),
        ]

    def __str__(self) -> str:
        return self.service

    @property
    def service(self) -> str:
        """INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICE"""
        return f"{self.subsystem.identifier}/{self.code}"


class Exchange(models.Model):
    """One message by the node, written by the mediator beside the call: what proves it there.

    The request's hash is made by the provider's node and checked by the other (X-Road PR-REST 4.3); we keep what was said.
    """

    call = models.UUIDField(unique=True)  # of bus.Call; of a message that nobody could be found for, there is none
    at = models.DateTimeField()
    operation = models.CharField(max_length=140, blank=True, db_default="")  # land-prices/v1/list
    incoming = models.BooleanField()
    client = models.CharField(max_length=330, blank=True, db_default="")
    service = models.CharField(max_length=410, blank=True, db_default="")
    message = models.CharField(max_length=100, blank=True, db_default="")  # X-Road-Id
    request = models.CharField(max_length=100, blank=True, db_default="")  # X-Road-Request-Id
    hash = models.CharField(max_length=200, blank=True, db_default="")  # X-Road-Request-Hash
    user_code = models.CharField(max_length=100, blank=True, db_default="")  # a keyed hash
    error = models.CharField(max_length=100, blank=True, db_default="")

    class Meta:
        indexes: ClassVar = [models.Index(fields=("-at",), name="agentnode_newest")]

    def __str__(self) -> str:
        return f"{self.at} {self.service}"
