"""Break-glass: powers taken in an emergency for some hours, seen by others at once and looked at afterwards."""

from __future__ import annotations

import time
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.identity.models import Account, Emergency, Role
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.signin.steps import RECENT

from . import telling
from .reviewing import rules

TAKE, REVIEW = "emergency.take", "emergency.review"
#: For how many hours powers can be taken.
HOURS = (1, 2, 4, 8)
#: Whoever left a review open for so long takes no powers any more.
REVIEW_WITHIN = timedelta(days=7)
LEAST_REASON = 20


@action("emergency.take")
def take(
    act: Act, *, account: Account, role: str, organization: Organization, hours: int, reason: str, proved_at: float
) -> Emergency:
    """Take the powers of a role in an organisation for some hours, for a reason.

    `proved_at` (seconds since the epoch) is when the person last proved who they are: not longer ago than ten minutes.
    It needs the standing permission there, and a role that the province has named for it. All concerned are told at once.
    """
    if act.actor.account_id is None or act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chính mình nhận được quyền khẩn cấp."))
    _require_standing(act.actor, organization)
    if time.time() - proved_at > RECENT:
        raise NotAllowed(_("Hãy xác nhận lại danh tính trước khi nhận quyền khẩn cấp."), code="emergency.not_proved")
    reason = " ".join(reason.split())[:500]
    if len(reason) < LEAST_REASON:
        raise InvalidInput(
            _("Nêu rõ việc gì đang xảy ra, ít nhất %(count)d ký tự.") % {"count": LEAST_REASON},
            code="emergency.no_reason",
            field="reason",
        )
    if hours not in HOURS:
        raise InvalidInput(_("Chọn số giờ trong danh sách."), code="emergency.bad_hours", field="hours")
    given = Role.objects.filter(pk=role, code__in=rules().emergency_roles).first()
    if given is None:
        raise InvalidInput(
            _("Vai trò này không nằm trong danh sách dùng khi khẩn cấp."), code="emergency.bad_role", field="role"
        )
    now = timezone.now()
    Account.objects.select_for_update().get(pk=account.pk)
    if open_of(account).exists():
        raise DomainError(_("Bạn đang có quyền khẩn cấp. Hãy trả trước khi nhận cái khác."), code="emergency.open")
    if account.emergencies.filter(reviewed_at=None, ends_at__lt=now - REVIEW_WITHIN).exists():
        raise DomainError(_("Lần dùng quyền khẩn cấp trước của bạn chưa được xem xét."), code="emergency.unreviewed")
    emergency = Emergency.objects.create(
        account=account,
        role=given,
        organization=organization,
        reason=reason,
        began_at=now,
        ends_at=now + timedelta(hours=hours),
    )
    act.record(
        emergency,
        after={"role": role, "organization": organization.code, "until": emergency.ends_at.isoformat()},
        note=reason,
        organization_id=organization.pk,
    )
    act.emit("emergency.began", emergency, {"organization_id": organization.pk, "role": role})
    telling.emergency_began(act, emergency)
    return emergency


def _require_standing(actor: Actor, organization: Organization) -> None:
    """The standing permission, of one's own: neither lent nor itself taken in an emergency."""
    actor.require(TAKE, organization.path)
    own = [grant for grant in actor.grants if not grant.lent_by and not grant.emergency]
    if not any(TAKE in grant.permissions and organization.path.startswith(grant.path) for grant in own):
        raise NotAllowed(_("Quyền được ủy quyền không dùng để nhận quyền khẩn cấp."))


@action("emergency.give_back")
def give_back(act: Act, *, emergency: Emergency) -> Emergency:
    """End emergency powers before their time: by who took them, or by who reviews them."""
    if act.actor.account_id != emergency.account_id:
        act.require(REVIEW, emergency.organization.path)
    held = Emergency.objects.select_for_update().get(pk=emergency.pk)
    if not is_open(held):
        raise DomainError(_("Quyền khẩn cấp này đã hết."), code="emergency.over")
    held.ended_at = timezone.now()
    held.save(update_fields=["ended_at"])
    act.record(held, after={"ended": True}, organization_id=held.organization_id)
    act.emit("emergency.ended", held, {"organization_id": held.organization_id})
    return held


@action("emergency.review")
def review(act: Act, *, emergency: Emergency, justified: bool, findings: str) -> Emergency:
    """Say what a second person found in what was done; for who reviews there, and never about oneself."""
    act.require(REVIEW, emergency.organization.path)
    if act.actor.account_id is None or act.actor.account_id == emergency.account_id:
        raise NotAllowed(_("Không ai tự xem xét việc mình làm."))
    findings = findings.strip()
    if not findings:
        raise InvalidInput(_("Ghi kết quả xem xét."), code="emergency.no_findings", field="findings")
    held = Emergency.objects.select_for_update(of=("self",)).select_related("account", "role", "organization")
    found = held.get(pk=emergency.pk)
    if is_open(found):
        raise DomainError(_("Quyền khẩn cấp còn đang dùng."), code="emergency.open")
    if found.reviewed_at is not None:
        raise DomainError(_("Lần này đã được xem xét."), code="emergency.reviewed")
    found.reviewed_at, found.reviewed_by_id = timezone.now(), act.actor.account_id
    found.justified, found.findings = justified, findings[:4000]
    found.save(update_fields=["reviewed_at", "reviewed_by", "justified", "findings"])
    act.record(found, after={"justified": justified}, note=found.findings, organization_id=found.organization_id)
    act.emit("emergency.reviewed", found, {"justified": justified})
    telling.emergency_reviewed(act, found)
    return found


@action("emergency.remind")
def remind(act: Act, *, emergency: Emergency) -> None:
    """Tell the reviewers that a review is not closed yet; once a day."""
    day = timezone.localdate().isoformat()
    act.record(emergency, after={"reminded": day}, organization_id=emergency.organization_id)
    telling.review_due(act, emergency, day)


def is_open(emergency: Emergency) -> bool:
    """Whether the powers can be used now."""
    return emergency.ended_at is None and emergency.ends_at > timezone.now()


def open_of(account: Account) -> QuerySet[Emergency]:
    """What an account has taken and can use now."""
    return account.emergencies.filter(ended_at=None, ends_at__gt=timezone.now())


def unreviewed() -> QuerySet[Emergency]:
    """Those that are over and that nobody has looked at, the oldest first."""
    over = Q(ended_at__isnull=False) | Q(ends_at__lte=timezone.now())
    found = Emergency.objects.filter(over, reviewed_at=None).select_related("account", "role", "organization")
    return found.order_by("began_at")


def done_under(emergency: Emergency) -> QuerySet[Entry]:
    """Every act that the audit log marks with these powers, in order."""
    end = emergency.ended_at or emergency.ends_at
    marked = Entry.objects.filter(actor_id=emergency.account_id, at__gte=emergency.began_at, at__lte=end)
    return marked.filter(after__emergency=emergency.pk).order_by("seq")


def looked_under(emergency: Emergency) -> QuerySet[PersonalDataRead]:
    """Every look at personal data of who had these powers, while they were open, in order."""
    end = emergency.ended_at or emergency.ends_at
    looks = PersonalDataRead.objects.filter(actor_id=emergency.account_id, at__gte=emergency.began_at, at__lte=end)
    return looks.order_by("at", "pk")


def may_see(actor: Actor, emergency: Emergency) -> bool:
    """Its owner, those who hold that role there or review it, and who manages accounts there."""
    path = emergency.organization.path
    mine = actor.account_id is not None and actor.account_id == emergency.account_id
    return mine or actor.can(REVIEW, path) or actor.can("identity.manage", path) or _holds_it(actor, emergency)


def _holds_it(actor: Actor, emergency: Emergency) -> bool:
    if actor.official_id is None:
        return False
    posts = emergency.organization.positions.filter(official_id=actor.official_id, role=emergency.role_id)
    return posts.filter(valid__contains=timezone.localdate()).exists()
