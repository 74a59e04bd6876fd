"""May we, for this purpose, today? Asked by whatever serves a purpose of the catalogue, before it does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import QuerySet

from hienluong.foundation.identity.models import Account

from . import catalogue
from .catalogue import Basis, Purpose
from .models import Decision


def may(code: str, account_id: int | None) -> bool:
    """Whether data of this account may be used for a purpose now. One query.

    Who has no account could not be asked: what rests on consent may not be done, what rests on the law may.
    """
    return account_id in may_among(code, [account_id])


def may_among(code: str, account_ids: Collection[int | None]) -> set[int | None]:
    """Those of these accounts whose data may be used for a purpose now. One query."""
    purpose = catalogue.get(code)
    asked = set(account_ids)
    known = [pk for pk in asked if pk is not None]
    decided: set[int | None] = set(_in_force(purpose).filter(account_id__in=known).values_list("account_id", flat=True))
    return decided & asked if purpose.basis == Basis.CONSENT else asked - decided


def may_of_party(code: str, party_id: int) -> bool:
    """The same for a person whose account is looked up. Two queries."""
    return may(code, Account.objects.filter(party_id=party_id, is_active=True).values_list("pk", flat=True).first())


def _in_force(purpose: Purpose) -> QuerySet[Decision]:
    """Decisions that count now: consents to the words in force, or objections to whatever words."""
    standing = Decision.objects.filter(purpose=purpose.code, ended_at=None)
    if purpose.basis == Basis.CONSENT:
        return standing.filter(kind=Decision.Kind.GIVEN, version=purpose.version)
    return standing.filter(kind=Decision.Kind.OBJECTED)


@dataclass(frozen=True)
class Standing:
    """One purpose and how a person stands to it."""

    purpose: Purpose
    now: Decision | None  # what is in force, though it may be for earlier words
    last: Decision | None  # the latest one, in force or not

    @property
    def anchor(self) -> str:
        """The name of its part of the page."""
        return self.purpose.anchor

    @property
    def state(self) -> str:
        """``agreed``, ``outdated``, ``withdrawn``, ``never``; of the law: ``objected`` or ``allowed``."""
        if self.purpose.basis == Basis.LAW:
            return "objected" if self.now else "allowed"
        if self.now is None:
            return "withdrawn" if self.last else "never"
        return "agreed" if self.now.version == self.purpose.version else "outdated"


def standings(account_id: int) -> list[Standing]:
    """How an account stands to each purpose on offer, and to those it once decided about. One query."""
    decided: dict[str, list[Decision]] = {}
    for decision in Decision.objects.filter(account_id=account_id).order_by("-at", "-pk"):
        decided.setdefault(decision.purpose, []).append(decision)
    return [
        Standing(purpose, next((each for each in held if each.ended_at is None), None), next(iter(held), None))
        for purpose in catalogue.all_purposes()
        for held in [decided.get(purpose.code, [])]
        if purpose.is_offered or held
    ]
