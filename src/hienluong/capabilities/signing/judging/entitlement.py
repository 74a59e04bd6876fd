"""Whether the signer held a post in the organisation named in the certificate on the day of signing.

What a post entitles to is not for this app to know: apps register a resolver, the first that knows the holder decides.
Then certificates of keys that were enrolled here are looked up, and at last the names in the certificate.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from asn1crypto import x509 as asn1_x509
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.organisations.models import Delegation, Official, Organization, OrganizationVersion, Position

from ..models import SigningKey


@dataclass(frozen=True)
class Holder:
    """Whose certificate, as it stands there."""

    name: str
    organization: str
    fingerprint: str  # SHA-256 of the certificate, hexadecimal
    serial: str = ""  # hexadecimal
    user_id: str = ""  # the UID attribute: a personal or tax identifier with its kind before a colon


@dataclass(frozen=True)
class Entitlement:
    """What is known of a holder on a day: `post` is the title and the organisation in words."""

    state: Literal["entitled", "not_entitled", "unknown"]
    post: str = ""


Resolver = Callable[[Holder, date], Entitlement | None]
#: Asked in this order; the first that knows the holder decides.
_resolvers: list[Resolver] = []
UNKNOWN = Entitlement("unknown")


def register(resolver: Resolver) -> None:
    """Let an app say whose certificate it is and whether that post entitles to sign."""
    if resolver not in _resolvers:
        _resolvers.append(resolver)


def holder_of(certificate: asn1_x509.Certificate) -> Holder:
    """The holder named in a certificate."""
    native = certificate.subject.native
    return Holder(
        name=_text(native.get("common_name")),
        organization=_text(native.get("organization_name")),
        fingerprint=certificate.sha256.hex(),
        serial=f"{certificate.serial_number:x}",
        user_id=_text(native.get("user_id")),
    )


def _text(value: object) -> str:
    first = value[0] if isinstance(value, list) and value else value
    return str(first or "").replace("\x00", "")


def on(holder: Holder, day: date) -> Entitlement:
    """What is known of a holder on a day."""
    for resolver in (*_resolvers, by_enrolled_key, by_names):
        found = resolver(holder, day)
        if found is not None:
            return found
    return UNKNOWN


def by_enrolled_key(holder: Holder, day: date) -> Entitlement | None:
    """By the key that was enrolled with this very certificate: None when none was."""
    keys = SigningKey.objects.filter(serial=holder.serial).select_related("official", "organization").order_by("state")
    key = next((each for each in keys if hashlib.sha256(each.certificate).hexdigest() == holder.fingerprint), None)
    if key is None:
        return None
    if key.retired_at is not None and timezone.localtime(key.retired_at).date() < day:
        return Entitlement("not_entitled")
    if key.official is None:
        versions = OrganizationVersion.objects.filter(organization=key.organization, valid__contains=day)
        version = versions.first()
        return Entitlement("entitled", version.name) if version is not None else Entitlement("not_entitled")
    return _of_official([key.official.pk], _places(holder.organization), day)


def by_names(holder: Holder, day: date) -> Entitlement | None:
    """By the names of the person and the organisation: None when we know no such person there."""
    if not holder.name or not holder.organization:
        return None
    places = _places(holder.organization)
    if not places:
        return None
    if _same(holder.name, holder.organization):
        return _as_agency(holder.organization, day)
    officials = list(Official.objects.filter(full_name__iexact=holder.name).values_list("pk", flat=True))
    if not officials:
        return None
    found = _of_official(officials, places, day)
    ever = _within(places, "organization__path")
    if found.state == "not_entitled" and not Position.objects.filter(ever, official__in=officials).exists():
        return None  # somebody else of that name, who never had a post there
    return found


def _of_official(officials: list[int], places: list[str], day: date) -> Entitlement:
    """The post on a day at one of these places (anywhere when none is named), their own or lent to them."""
    posts = Position.objects.filter(_within(places, "organization__path"), official__in=officials)
    then = posts.filter(valid__contains=day).select_related("organization").order_by("-is_primary").first()
    if then is not None:
        return Entitlement("entitled", str(then))
    lent = (
        Delegation.objects.filter(_within(places, "position__organization__path"), delegate__in=officials)
        .filter(Q(revoked_at=None) | Q(revoked_at__date__gt=day), valid__contains=day)
        .select_related("position__organization")
        .first()
    )
    if lent is None:
        return Entitlement("not_entitled")
    return Entitlement("entitled", _("được ủy quyền: %(post)s") % {"post": lent.position})


def _within(places: list[str], column: str) -> Q:
    found = Q()
    for path in places:
        found |= Q(**{f"{column}__startswith": path})
    return found


def _places(name: str) -> list[str]:
    """The places in the tree of the organisations that bore this name on any day."""
    named = Q(name__iexact=name) | Q(versions__name__iexact=name)
    return [path for path in Organization.objects.filter(named).values_list("path", flat=True).distinct()[:5] if path]


def _as_agency(name: str, day: date) -> Entitlement:
    """The seal of an agency holds while the agency is there under that name."""
    there = OrganizationVersion.objects.filter(name__iexact=name, valid__contains=day).exists()
    return Entitlement("entitled", name) if there else Entitlement("not_entitled")


def _same(one: str, other: str) -> bool:
    return one.strip().casefold() == other.strip().casefold()
