"""Browsers of officials, and days as people type them."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from hienluong.foundation.organisations.models import Organization
from tests.factories import make_account, make_official


def browser_of(role: str, org: Organization) -> Client:
    """A browser in which an official with this role there is signed in."""
    client = Client()
    client.force_login(make_account(official=make_official(role=role, org=org)))
    return client


def written(days: int = 0) -> str:
    """The day so many days from today."""
    return f"{timezone.localdate() + timedelta(days=days):%d/%m/%Y}"
