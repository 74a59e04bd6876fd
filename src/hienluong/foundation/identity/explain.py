"""Why an account may or may not do a thing: each rule that exists for it, and what that rule says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, Decision
from hienluong.foundation.organisations.models import Delegation, Organization, Position

from .models import Account, Emergency, Role, RoleGrant, Suspension
from .queries import actor_of, source_of

#: Emergencies of an account that are listed, the latest first.
MOST_EMERGENCIES = 5


@dataclass(frozen=True)
class Condition:
    """One rule of an object itself: its state, its step, whose matter it is.

    All must hold beside a permission; one that `grants` needs none when it holds, and refuses nothing when it does not.
    """

    holds: bool
    says: str
    grants: bool = False


def _no_conditions(actor: Actor, permission: str) -> list[Condition]:
    return []


@dataclass(frozen=True)
class Place:
    """Where the thing is to be done: an organisation, or an object with rules of its own.

    An object says, for each permission, at which places it is enough to hold it (`paths_for`), and what else must be
    true of it and of the actor (`conditions`): the same rules that its actions enforce.
    """

    label: str
    path: str
    paths_for: Callable[[str], tuple[str, ...]] | None = None
    conditions: Callable[[Actor, str], list[Condition]] = _no_conditions

    def paths(self, permission: str) -> tuple[str, ...]:
        """The places at any of which the permission suffices."""
        return self.paths_for(permission) if self.paths_for else (self.path,)


#: From what was typed to a place; None when the text names nothing that this finder knows.
Finder = Callable[[str], Place | None]
_finders: list[Finder] = []


def register_finder(finder: Finder) -> None:
    """Let the explain page find objects of an app above by their code (called from ``ready()``)."""
    if finder not in _finders:
        _finders.append(finder)


def find_place(text: str) -> Place | None:
    """The organisation with this code, or the object that a registered finder knows by it."""
    code = text.strip()
    org = Organization.objects.filter(code=code.upper()).first()
    if org:
        return Place(f"{org.name} ({org.code})", org.path)
    return next((place for finder in _finders if (place := finder(code))), None)


@dataclass(frozen=True)
class Rule:
    """One rule that could give the permission, and the first reason why it does not (or that it does)."""

    source: str
    role: str
    allows: bool
    says: str


@dataclass(frozen=True)
class Explanation:
    """The verdict of the very check that actions make, and the rules behind it."""

    decision: Decision
    rules: tuple[Rule, ...]
    conditions: tuple[Condition, ...] = ()


def explain(account: Account, permission: str, place: Place, on: date | None = None) -> Explanation:
    """Whether `account` may use `permission` at `place` on a day, with each rule on record for the account.

    The verdict comes from :meth:`Actor.decide` and the object's own conditions; the rules also show what has ended,
    was revoked or has not begun.
    """
    day = on or timezone.localdate()
    actor = actor_of(account, on=day)
    conditions = tuple(place.conditions(actor, permission))
    decision = _decide(actor, permission, place.paths(permission), conditions)
    roles = Role.objects.in_bulk()
    rules = [_judge(found, roles.get(found.role_code), permission, place, day) for found in _rules_of(account)]
    if not account.is_active:
        says = _("tài khoản đã bị khóa, không quy tắc nào có hiệu lực.")
        rules = [Rule(rule.source, rule.role, False, says) for rule in rules]
    return Explanation(decision, tuple(sorted(rules, key=lambda rule: not rule.allows)), conditions)


def _decide(actor: Actor, permission: str, paths: tuple[str, ...], conditions: tuple[Condition, ...]) -> Decision:
    """Held at one of the places and every condition true; or a condition that needs no permission."""
    granting = [each.says for each in conditions if each.grants and each.holds]
    if granting:
        return Decision(True, tuple(granting))
    verdicts = [actor.decide(permission, path) for path in paths]
    held = next((verdict for verdict in verdicts if verdict.allowed), None)
    if held is None:
        reasons = dict.fromkeys(reason for verdict in verdicts for reason in verdict.reasons)
        return Decision(False, tuple(reasons) or (_("Không có nơi nào để dùng quyền này với đối tượng này."),))
    broken = tuple(each.says for each in conditions if not each.grants and not each.holds)
    return Decision(False, broken) if broken else held


@dataclass(frozen=True)
class _Found:
    source: str
    role_code: str
    organization: Organization
    valid: tuple[date | None, date | None] | None  # None: not a single day
    revoked: bool = False
    only: tuple[str, ...] = ()  # of a delegation that lends a part
    suspended: str = ""  # why its powers rest
    over: str = ""  # since when emergency powers are over


def _rules_of(account: Account) -> list[_Found]:
    found: list[_Found] = []
    if account.official_id:
        resting = dict(
            Suspension.objects.filter(position__official_id=account.official_id, lifted_at=None).values_list(
                "position_id", "reason"
            )
        )
        own = Position.objects.filter(official_id=account.official_id).select_related("organization")
        for post in own.order_by("-is_primary", "pk"):
            source = _("Chức vụ: %(post)s, %(org)s") % {"post": post.title, "org": post.organization.name}
            found.append(
                _Found(source, post.role, post.organization, _days(post.valid), suspended=resting.get(post.pk, ""))
            )
        lent = Delegation.objects.filter(delegate_id=account.official_id)
        rests = dict(
            Suspension.objects.filter(position__delegations__in=lent, lifted_at=None).values_list(
                "position_id", "reason"
            )
        )
        for each in lent.select_related("position__organization", "position__official").order_by("pk"):
            found.append(_lent(each, rests.get(each.position_id, "")))
    rested = dict(Suspension.objects.filter(grant__account=account, lifted_at=None).values_list("grant_id", "reason"))
    given = RoleGrant.objects.filter(account=account).select_related("organization", "role").order_by("pk")
    for grant in given:
        source = _("Vai trò được giao: %(role)s, %(org)s") % {
            "role": grant.role.name,
            "org": grant.organization.name,
        }
        suspended = rested.get(grant.pk, "")
        found.append(_Found(source, grant.role_id, grant.organization, _days(grant.valid), suspended=suspended))
    taken = Emergency.objects.filter(account=account).select_related("organization", "role").order_by("-began_at")
    return found + [_taken(each) for each in taken[:MOST_EMERGENCIES]]


def _taken(emergency: Emergency) -> _Found:
    """Powers taken in an emergency: they hold by the hour, today or not at all."""
    source = _("Quyền khẩn cấp: %(role)s, %(org)s") % {
        "role": emergency.role.name,
        "org": emergency.organization.name,
    }
    ends = emergency.ended_at or emergency.ends_at
    over = "" if emergency.began_at <= timezone.now() < ends else f"{timezone.localtime(ends):%H:%M %d/%m/%Y}"
    return _Found(source, emergency.role_id, emergency.organization, (None, None), over=over)


def _lent(delegation: Delegation, suspended: str) -> _Found:
    post = delegation.position
    both = _days(post.valid), _days(delegation.valid)
    return _Found(
        source_of(post.official.full_name, post.title, post.organization.name),
        post.role,
        post.organization,
        _shared(*both),
        delegation.revoked_at is not None,
        tuple(delegation.permissions),
        suspended,
    )


_Days = tuple[date | None, date | None] | None


def _days(valid: DateRange) -> _Days:
    return None if valid.isempty else (valid.lower, valid.upper)


def _shared(first: _Days, second: _Days) -> _Days:
    """The days that two ranges have in common."""
    if first is None or second is None:
        return None
    lower = max((start for start in (first[0], second[0]) if start), default=None)
    upper = min((end for end in (first[1], second[1]) if end), default=None)
    return None if lower and upper and lower >= upper else (lower, upper)


def _judge(found: _Found, role: Role | None, permission: str, place: Place, day: date) -> Rule:
    name = role.name if role else found.role_code
    return Rule(found.source, name, *_verdict(found, role, permission, place, day))


def _verdict(found: _Found, role: Role | None, permission: str, place: Place, day: date) -> tuple[bool, str]:
    if found.revoked:
        return False, _("đã bị thu hồi.")
    if found.over:
        return False, _("đã hết từ %(when)s.") % {"when": found.over}
    if found.suspended:
        return False, _("đang tạm dừng: %(reason)s") % {"reason": found.suspended}
    if found.valid is None:
        return False, _("chưa từng có hiệu lực ngày nào.")
    begins, ends = found.valid
    if begins and day < begins:
        return False, _("chưa có hiệu lực (từ %(day)s).") % {"day": f"{begins:%d/%m/%Y}"}
    if ends and day >= ends:
        return False, _("đã hết hiệu lực (từ %(day)s).") % {"day": f"{ends:%d/%m/%Y}"}
    if role is None:
        return False, _("vai trò này chưa được khai báo trong hệ thống.")
    if permission not in role.permissions:
        return False, _("vai trò này không có quyền đó.")
    if found.only and permission not in found.only:
        return False, _("quyền này không nằm trong những quyền được ủy quyền.")
    if not any(path.startswith(found.organization.path) for path in place.paths(permission)):
        return False, _("có quyền đó, nhưng chỉ trong phạm vi %(org)s.") % {"org": found.organization.name}
    return True, _("cho phép: có quyền đó, đúng phạm vi, còn hiệu lực.")
