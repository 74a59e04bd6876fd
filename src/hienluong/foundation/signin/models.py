"""Browsers an account has signed in with before. Factors and sessions are kept by allauth."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models

from hienluong.foundation.identity.models import Account

#: A browser that was not used for so long is forgotten.
KEEP = timedelta(days=365)


class KnownBrowser(models.Model):
    """A browser that holds a cookie of ours and has signed this account in; only a keyed hash of the cookie is kept."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="known_browsers")
    mark = models.CharField(max_length=64)
    first_at = models.DateTimeField(auto_now_add=True)
    last_at = models.DateTimeField()
    #: As it was when it was first seen, for the question whether it was its owner.
    agent = models.CharField(max_length=300, blank=True)
    ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=("account", "mark"), name="known_browser_once")]

    def __str__(self) -> str:
        return f"{self.account}: {self.mark[:8]}"
