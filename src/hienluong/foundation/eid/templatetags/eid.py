"""Identity providers in templates of pages that are others'."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils.http import urlencode

from hienluong.foundation.eid import standing
from hienluong.foundation.eid.models import Link
from hienluong.foundation.identity.models import Account
from hienluong.foundation.signin import factors

register = template.Library()


@register.simple_tag
def eid_ways(address: str = "") -> list[dict[str, Any]]:
    """The buttons of signing in: `provider`, `href`, and whether it was `away` when last asked."""
    away = standing.away()
    query = f"?{urlencode({'next': address})}" if address else ""
    return [
        {"provider": each, "href": reverse("eid:enter", args=[each.key]) + query, "away": each.key in away}
        for each in settings.IDENTITY_PROVIDERS.values()
    ]


@register.simple_tag
def eid_links(account: Account) -> list[dict[str, Any]]:
    """Each provider with the account's `link` to it, if there is one; links to providers no longer configured, too."""
    held = {link.provider: link for link in Link.objects.filter(account=account)}
    known = settings.IDENTITY_PROVIDERS
    rows = [{"key": key, "name": each.name, "link": held.get(key), "known": True} for key, each in known.items()]
    gone = [{"key": key, "name": key, "link": link, "known": False} for key, link in held.items() if key not in known]
    return rows + gone


@register.simple_tag
def eid_confirming(account: Account, address: str = "") -> list[dict[str, Any]]:
    """The providers by which this account may prove once more who is there; none where powers are at stake."""
    if factors.guarded(account):
        return []
    query = f"?{urlencode({'next': address})}" if address else ""
    rows = [row for row in eid_links(account) if row["link"] and row["known"]]
    return [{**row, "href": reverse("eid:confirm", args=[row["key"]]) + query} for row in rows]
