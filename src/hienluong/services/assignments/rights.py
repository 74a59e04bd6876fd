"""Who has to do with a task: who has it in hand, who gave it, and who stands above both."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.identity.models import Account, Role
from hienluong.foundation.identity.suspending import resting
from hienluong.foundation.organisations.agencies import agencies_of_actor
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.organisations.queries import path_ids

from .models import Assignment

GIVE = "assignments.give"
FOLLOW = "assignments.follow"


def units_led(actor: Actor) -> frozenset[int]:
    """The organisations for which the actor takes tasks in hand and gives them on: where a post of theirs is."""
    return frozenset(grant.organization_id for grant in actor.grants if GIVE in grant.permissions)


def received(actor: Actor) -> Q:
    """The tasks that this actor has in hand: given to them by name, or to an organisation that they lead."""
    found = Q(official__isnull=True, organization__in=units_led(actor))
    return found | Q(official=actor.official_id) if actor.official_id else found


def given(actor: Actor) -> Q:
    """The tasks that this actor gave."""
    return Q(giver=actor.official_id) if actor.official_id else Q(pk__in=())


def is_receiver(actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor has this task in hand."""
    if assignment.official_id is not None:
        return assignment.official_id == actor.official_id
    return assignment.organization_id in units_led(actor)


def is_giver(actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor gave this task."""
    return assignment.giver_id is not None and assignment.giver_id == actor.official_id


def line_above(assignment: Assignment) -> list[Assignment]:
    """The tasks that this one came from, the first one first; one query, none for a first one."""
    ids = path_ids(assignment.path)[:-1]
    found = Assignment.objects.select_related("official", "organization").in_bulk(ids) if ids else {}
    return [found[pk] for pk in ids if pk in found]


def stands_above(actor: Actor, assignment: Assignment) -> bool:
    """Whether the actor gave this task, or gave or has in hand one that it came from."""
    if actor.kind == "system" or is_giver(actor, assignment):
        return True
    return any(is_giver(actor, each) or is_receiver(actor, each) for each in line_above(assignment))


def follows(actor: Actor) -> Q:
    """What an actor follows beside their own: what their agency gave to their part of it, or to agencies below."""
    found = Q(pk__in=())
    held = [grant for grant in actor.grants if FOLLOW in grant.permissions]
    agencies = agencies_of_actor(actor) if held else {}
    for grant in held:
        found |= Q(giver_agency=agencies.get(grant.path), organization__path__startswith=grant.path)
    return found


def followed(actor: Actor) -> QuerySet[Assignment]:
    """The tasks of :func:`follows`, in no order."""
    return Assignment.objects.filter(follows(actor))


def may_see(actor: Actor, assignment: Assignment) -> bool:
    """Who has it in hand, who stands above, who follows the tasks of that part of the agency."""
    if is_receiver(actor, assignment) or stands_above(actor, assignment):
        return True
    return followed(actor).filter(pk=assignment.pk).exists()


def require_see(actor: Actor, assignment: Assignment) -> None:
    """Raise :class:`NotFound` unless the actor may see it: a stranger does not learn that it exists."""
    if not may_see(actor, assignment):
        raise NotFound(_("Không tìm thấy việc này."))


def require_receiver(actor: Actor, assignment: Assignment) -> None:
    """Raise unless the actor has the task in hand: :class:`NotFound` for a stranger."""
    if actor.kind != "system" and not is_receiver(actor, assignment):
        require_see(actor, assignment)
        raise NotAllowed(_("Chỉ người được giao mới làm được việc này."))


def require_above(actor: Actor, assignment: Assignment) -> None:
    """Raise unless the actor gave the task or stands above it: :class:`NotFound` for a stranger."""
    if not stands_above(actor, assignment):
        require_see(actor, assignment)
        raise NotAllowed(_("Chỉ người giao việc hoặc cấp trên mới làm được việc này."))


def heads_of(organization: Organization) -> list[Official]:
    """Those whose post in exactly this organisation takes its tasks in hand today, in the order of their names."""
    roles = Role.objects.filter(permissions__contains=[GIVE]).values_list("code", flat=True)
    posts = Position.objects.filter(
        ~resting(), organization=organization, role__in=roles, valid__contains=timezone.localdate()
    )
    return list(Official.objects.filter(positions__in=posts).distinct().order_by("sort_name", "pk"))


def receivers_of(assignment: Assignment) -> list[Official]:
    """The officials who have a task in hand."""
    return [assignment.official] if assignment.official else heads_of(assignment.organization)


def accounts_of(officials: list[Official]) -> list[Account]:
    """The accounts of officials, of those who have one that is open."""
    return list(Account.objects.filter(official__in=officials, is_active=True).order_by("pk"))
