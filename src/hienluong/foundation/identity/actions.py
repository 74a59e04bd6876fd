"""The verbs of accounts: opening, closing, signing in and out, preferences, and roles given directly.

Roles that come with a post are appointments (``organisations.actions``).
"""

from __future__ import annotations

from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.people.models import Party

from .models import Account, Role, RoleGrant

MANAGE = "identity.manage"
_CHOICES = {"language": {"vi", "en"}, "theme": {"auto", "light", "dark"}}


@action("identity.create_account")
def create_account(
    act: Act,
    *,
    username: str,
    display_name: str,
    organization: Organization | None = None,
    password: str | None = None,
    email: str = "",
    party: Party | None = None,
    official: Official | None = None,
) -> Account:
    """Open an account for a person, an official or both; without password, sign-in by password stays closed.

    `organization` is where the actor must be allowed to manage accounts (none: everywhere).
    """
    act.require(MANAGE, organization.path if organization else "/")
    username = username.strip().lower()
    if not username:
        raise InvalidInput(_("Tên đăng nhập không được để trống."), code="identity.no_username", field="username")
    if Account.objects.filter(username=username).exists():
        raise InvalidInput(_("Tên đăng nhập đã có người dùng."), code="identity.username_taken", field="username")
    account = Account.objects.create_user(
        username, password, display_name=display_name.strip(), email=email, party=party, official=official
    )
    act.record(
        account,
        after={
            "username": username,
            "party": party.pk if party else None,
            "official": official.code if official else None,
        },
    )
    act.emit("account.created", account)
    return account


@action("identity.grant_role")
def grant_role(
    act: Act,
    *,
    account: Account,
    role: str,
    organization: Organization,
    valid_from: date | None = None,
    valid_to: date | None = None,
    reason: str,
) -> RoleGrant:
    """Give a role in an organisation, and all below it, without a post; `valid_to` is the first day without it."""
    act.require(MANAGE, organization.path)
    if not reason.strip():
        raise InvalidInput(_("Phải nêu lý do giao vai trò."), code="identity.no_reason", field="reason")
    if act.actor.account_id is not None and act.actor.account_id == account.pk:
        raise DomainError(_("Không ai tự giao vai trò cho mình."), code="identity.grant_to_self")
    given = Role.objects.filter(pk=role).first()
    if given is None:
        raise InvalidInput(_("Không có vai trò này."), code="identity.no_such_role", field="role")
    start = valid_from or timezone.localdate()
    if valid_to and valid_to <= start:
        raise InvalidInput(_("Ngày kết thúc phải sau ngày bắt đầu."), code="identity.bad_range", field="valid_to")
    grant = RoleGrant.objects.create(
        account=account,
        role=given,
        organization=organization,
        valid=DateRange(start, valid_to),
        reason=reason.strip(),
    )
    act.record(
        grant,
        after={"account": account.username, "role": role, "organization": organization.code, "reason": grant.reason},
        organization_id=organization.pk,
    )
    act.emit("role.granted", grant, {"role": role, "organization_id": organization.pk})
    return grant


@action("identity.revoke")
def revoke(act: Act, *, grant: RoleGrant, on: date | None = None) -> RoleGrant:
    """Take a role back; `on` is the first day without it (today by default)."""
    act.require(MANAGE, grant.organization.path)
    day = on or timezone.localdate()
    if grant.valid.isempty or (grant.valid.upper and grant.valid.upper <= day):
        raise DomainError(_("Vai trò này đã hết hiệu lực."), code="identity.already_revoked")
    grant.valid = DateRange(grant.valid.lower, max(day, grant.valid.lower))
    grant.save(update_fields=["valid"])
    act.record(grant, after={"ended_on": day.isoformat()}, organization_id=grant.organization_id)
    act.emit("role.revoked", grant, {"role": grant.role_id, "organization_id": grant.organization_id})
    return grant


@action("identity.deactivate")
def deactivate(act: Act, *, account: Account, organization: Organization | None = None, reason: str) -> Account:
    """Close an account: it keeps its history and can no longer act, from its next request on."""
    act.require(MANAGE, organization.path if organization else "/")
    if not account.is_active:
        raise DomainError(_("Tài khoản này đã bị khóa."), code="identity.already_inactive")
    if act.actor.account_id == account.pk and account.pk is not None:
        raise DomainError(_("Không ai tự khóa tài khoản của mình."), code="identity.deactivate_self")
    account.is_active = False
    account.save(update_fields=["is_active"])
    act.record(account, before={"is_active": True}, after={"is_active": False}, note=reason)
    act.emit("account.deactivated", account)
    return account


@action("identity.sign_in")
def sign_in(act: Act, *, account: Account) -> Account:
    """Record that this account signed in by password. The caller has checked the password."""
    act.record(account, after={"way": "password"})
    return account


@action("identity.sign_out")
def sign_out(act: Act, *, account: Account) -> Account:
    """Record that this account signed out."""
    act.record(account)
    return account


@action("identity.set_preferences")
def set_preferences(act: Act, *, account: Account, language: str | None = None, theme: str | None = None) -> Account:
    """Keep the person's language (``vi``, ``en``) or theme (``auto``, ``light``, ``dark``); only one's own."""
    if act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản đổi được tùy chọn của mình."))
    wanted = {key: value for key, value in (("language", language), ("theme", theme)) if value is not None}
    for key, value in wanted.items():
        if value not in _CHOICES[key]:
            raise InvalidInput(_("Lựa chọn này không có."), field=key)
    before = {key: getattr(account, key) for key in wanted}
    for key, value in wanted.items():
        setattr(account, key, value)
    account.save(update_fields=list(wanted))
    act.record(account, before=before, after=wanted)
    return account
