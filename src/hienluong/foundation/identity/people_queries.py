"""Officials and accounts as administrators list them: those within their reach, a page at a constant cost."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Delegation, Official, Position

from .actions import MANAGE
from .models import Account, RoleGrant


def may_administer(actor: Actor) -> bool:
    """Whether the pages of officials and accounts are for this actor at all."""
    return bool(actor.paths_with(organisations.APPOINT) or actor.paths_with(MANAGE))


def officials_within(actor: Actor, text: str = "") -> QuerySet[Official]:
    """Officials with a post, of any day, where the actor appoints or manages accounts, by given name.

    Whoever reaches a whole province also sees those without any post.
    """
    paths = {*actor.paths_with(organisations.APPOINT), *actor.paths_with(MANAGE)}
    found = (
        Official.objects.all() if _whole(paths) else Official.objects.filter(_under(paths, "positions__organization"))
    )
    if text:
        found = found.filter(Q(full_name__icontains=text) | Q(code__iexact=text))
    posts = Position.objects.select_related("organization").order_by("-is_primary", "-valid")
    return found.distinct().prefetch_related(Prefetch("positions", posts)).order_by("sort_name", "pk")


def accounts_within(actor: Actor, text: str = "") -> QuerySet[Account]:
    """Accounts with a post or a role, of any day, where the actor manages accounts; all of them in a whole province."""
    paths = set(actor.paths_with(MANAGE))
    found = Account.objects.select_related("official", "party")
    if not _whole(paths):
        found = found.filter(
            _under(paths, "official__positions__organization") | _under(paths, "role_grants__organization")
        )
    if text:
        found = found.filter(
            Q(username__icontains=text) | Q(display_name__icontains=text) | Q(official__code__iexact=text)
        )
    return found.distinct().order_by("username")


def _whole(paths: set[str]) -> bool:
    """Whether one of these is a root."""
    return any(path.count("/") <= 2 for path in paths)


def _under(paths: set[str], organization: str) -> Q:
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{organization}__path__startswith": path})
    return found


@dataclass(frozen=True)
class Post:
    """A post as its page shows it: whether it holds today, will, or did."""

    position: Position
    state: str  # now, later, over

    @property
    def last_day(self) -> date | None:
        """The last day it holds; None while it is open."""
        return last_day(self.position.valid.upper)


def posts_of(official: Official, on: date | None = None) -> list[Post]:
    """Every post of an official, those that hold first; one query."""
    day = on or timezone.localdate()
    held = Position.objects.filter(official=official).select_related("organization").order_by("-valid")
    rows = [Post(position, state_on(position.valid, day)) for position in held]
    return sorted(rows, key=lambda post: ("now", "later", "over").index(post.state))


def delegations_of(official: Official) -> list[Delegation]:
    """What this official lends and is lent, newest first; one query."""
    both = Q(position__official=official) | Q(delegate=official)
    found = Delegation.objects.filter(both).select_related("position__organization", "position__official", "delegate")
    return list(found.order_by("-valid", "-pk"))


def roles_of(account: Account) -> list[RoleGrant]:
    """Roles given to an account directly, newest first; one query."""
    return list(RoleGrant.objects.filter(account=account).select_related("role", "organization").order_by("-valid"))


def state_on(valid: object, day: date) -> str:
    """``now``, ``later`` or ``over``: how a range of days stands to a day."""
    if getattr(valid, "isempty", False):
        return "over"
    lower, upper = getattr(valid, "lower", None), getattr(valid, "upper", None)
    if lower and day < lower:
        return "later"
    return "over" if upper and day >= upper else "now"


def last_day(upper: date | None) -> date | None:
    """The last day of a range that is kept with the first day after it."""
    return date.fromordinal(upper.toordinal() - 1) if upper else None
