"""Which organisation answers a request: while it is open, the one where the record stands now; then the one that answered.

A request that stayed with the agency to which it was sent could be answered by nobody once the record has moved: that
agency may no longer write the record, and the other one would not see the request.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import BigIntegerField, Case, F, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from hienluong.capabilities.registers.models import Version
from hienluong.foundation.organisations.models import Organization

from .models import Correction


def place() -> Case:
    """The key of the organisation that answers a request, in a query of requests."""
    said = Version.objects.filter(register=OuterRef("register"), record=OuterRef("record"), known__upper_inf=True)
    newest = Subquery(said.order_by("-valid").values("organization")[:1], output_field=BigIntegerField())
    kept = F("organization_id")
    now = Coalesce(newest, kept, output_field=BigIntegerField())
    return Case(When(closed_at=None, then=now), default=kept, output_field=BigIntegerField())


def places_of(requests: Iterable[Correction]) -> dict[int, Organization]:
    """The organisation that answers each of these requests, by the key of the request; two queries."""
    found = Correction.objects.filter(pk__in=[one.pk for one in requests])
    by_request = dict(found.annotate(place=place()).values_list("pk", "place"))
    known = Organization.objects.in_bulk(list(set(by_request.values())))
    return {request: known[place] for request, place in by_request.items()}


def place_of(request: Correction) -> Organization:
    """The organisation that answers this request."""
    return places_of([request])[request.pk]
