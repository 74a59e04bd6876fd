"""The verbs of accounts: opening, closing, signing in and out, preferences, and roles given directly.

Roles that come with a post are appointments (``organisations.actions``).
"""

from __future__ import annotations

import re
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Official, Organization
from hienluong.foundation.people.models import Party

from . import ending, passwords
from .models import Account, Role, RoleGrant

MANAGE = "identity.manage"
USERNAME = re.compile(r"[\w.@+-]{1,150}")
_CHOICES = {"language": {"vi", "en"}, "theme": {"auto", "light", "dark"}}


@action("identity.create_account")
def create_account(
    act: Act,
    *,
    username: str,
    display_name: str,
    password: str | None = None,
    email: str = "",
    party: Party | None = None,
    official: Official | None = None,
) -> Account:
    """Open an account for a person, an official or both; without password, sign-in by password stays closed.

    Whoever opens it must manage accounts wherever the official has a post; for others, in the whole province.
    """
    _require_manage(act, _posts_of(official))
    username = username.strip().lower()
    if not username:
        raise InvalidInput(_("Tên đăng nhập không được để trống."), code="identity.no_username", field="username")
    if not is_username(username):
        raise InvalidInput(
            _("Tên đăng nhập chỉ gồm chữ, chữ số và các dấu . _ - @ +, nhiều nhất 150 ký tự."),
            code="identity.bad_username",
            field="username",
        )
    if Account.objects.filter(username=username).exists():
        raise InvalidInput(_("Tên đăng nhập đã có người dùng."), code="identity.username_taken", field="username")
    for owner, field in ((official, "official"), (party, "party")):
        if owner and Account.objects.filter(**{field: owner}).exists():
            raise InvalidInput(
                _("%(owner)s đã có tài khoản.") % {"owner": owner}, code="identity.has_account", field=field
            )
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


@action("identity.open_for_official")
def open_for_official(act: Act, *, official: Official, username: str, email: str = "") -> tuple[Account, str]:
    """Open an official's account with a one-time password; the password is returned to be told, and kept nowhere."""
    account = create_account(
        act, username=username, display_name=official.full_name, email=email or official.email, official=official
    )
    return account, reset_password(act, account=account, reason=_("Mở tài khoản"))


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
    act.actor.require_lasting(MANAGE, organization.path)
    reason = _reasoned(reason)
    if act.actor.account_id is not None and act.actor.account_id == account.pk:
        raise DomainError(_("Không ai tự giao vai trò cho mình."), code="identity.grant_to_self")
    given = Role.objects.filter(pk=role).first()
    if given is None:
        raise InvalidInput(_("Không có vai trò này."), code="identity.no_such_role", field="role")
    if not account.is_active:
        raise DomainError(_("Tài khoản này đã bị khóa."), code="identity.already_inactive")
    start = valid_from or timezone.localdate()
    if start not in organization.valid:
        raise InvalidInput(
            _("%(org)s không tồn tại vào ngày này.") % {"org": organization},
            code="identity.organization_not_in_force",
            field="organization",
        )
    if valid_to and valid_to <= start:
        raise InvalidInput(_("Ngày kết thúc phải sau ngày bắt đầu."), code="identity.bad_range", field="valid_to")
    days = DateRange(start, valid_to)
    if account.role_grants.filter(role=given, organization=organization, valid__overlap=days).exists():
        raise InvalidInput(
            _("Tài khoản này đã được giao vai trò đó ở cơ quan này trong thời gian ấy."),
            code="identity.already_granted",
            field="role",
        )
    grant = RoleGrant.objects.create(account=account, role=given, organization=organization, valid=days, reason=reason)
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
def deactivate(act: Act, *, account: Account, reason: str) -> Account:
    """Close an account: it keeps its history and can no longer act, from its next request on.

    Whoever closes it must manage accounts wherever it has powers.
    """
    _require_manage(act, _places_of(account))
    reason = _reasoned(reason)
    if not account.is_active:
        raise DomainError(_("Tài khoản này đã bị khóa."), code="identity.already_inactive")
    if act.actor.account_id == account.pk and account.pk is not None:
        raise DomainError(_("Không ai tự khóa tài khoản của mình."), code="identity.deactivate_self")
    account.is_active = False
    account.save(update_fields=["is_active"])
    act.record(account, before={"is_active": True}, after={"is_active": False}, note=reason)
    act.emit("account.deactivated", account)
    ending.end_sessions(act, account, why="closed")
    return account


@action("identity.reactivate")
def reactivate(act: Act, *, account: Account, reason: str) -> Account:
    """Open a closed account again."""
    _require_manage(act, _places_of(account))
    reason = _reasoned(reason)
    if account.is_active:
        raise DomainError(_("Tài khoản này đang mở."), code="identity.already_active")
    account.is_active = True
    account.save(update_fields=["is_active"])
    act.record(account, before={"is_active": False}, after={"is_active": True}, note=reason)
    act.emit("account.reactivated", account)
    return account


@action("identity.reset_password")
def reset_password(act: Act, *, account: Account, reason: str) -> str:
    """Give an account a one-time password, good for some days and for nothing but choosing another.

    Returned to be told to its owner; kept nowhere. Whoever is signed in with the old password is signed out.
    """
    _require_manage(act, _places_of(account))
    reason = _reasoned(reason)
    if act.actor.account_id == account.pk:
        raise DomainError(_("Hãy tự đổi mật khẩu ở trang tài khoản của bạn."), code="identity.reset_self")
    if not account.is_active:
        raise DomainError(_("Tài khoản này đã bị khóa."), code="identity.already_inactive")
    password = passwords.one_time()
    account.set_password(password)
    account.one_time_until = timezone.now() + passwords.ONE_TIME_LASTS
    account.save(update_fields=["password", "one_time_until"])
    act.record(account, after={"one_time_until": account.one_time_until.isoformat()}, note=reason)
    act.emit("account.password_reset", account)
    ending.end_sessions(act, account, why="reset")
    return password


@action("identity.change_password")
def change_password(act: Act, *, account: Account, old: str, new: str, here: str = "") -> Account:
    """Choose another password for oneself, knowing the old one; all sessions, and what systems were granted, end but
    for the session with the key `here`."""
    if act.actor.account_id != account.pk:
        raise NotAllowed(_("Chỉ chủ tài khoản đổi được mật khẩu của mình."))
    if not account.check_password(old):
        raise InvalidInput(_("Mật khẩu đang dùng không đúng."), code="identity.wrong_password", field="old")
    passwords.check(account, new, old)
    account.set_password(new)
    account.one_time_until = None
    account.save(update_fields=["password", "one_time_until"])
    act.record(account)
    act.emit("account.password_changed", account)
    ending.end_sessions(act, account, why="changed", but=here)
    return account


@action("identity.sign_in")
def sign_in(act: Act, *, account: Account, way: str = "password") -> Account:
    """Record that this account signed in, in which `way` (``password``, ``password totp``, ``webauthn``).

    The caller has checked that it is its owner.
    """
    passwords.in_time(account)
    act.record(account, after={"way": way})
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


def is_username(name: str) -> bool:
    """Whether this can be a name to sign in with."""
    return bool(USERNAME.fullmatch(name))


def _reasoned(reason: str) -> str:
    tidy = reason.strip()
    if not tidy:
        raise InvalidInput(_("Phải nêu lý do."), code="identity.no_reason", field="reason")
    return tidy


def may_manage(actor: Actor, account: Account) -> bool:
    """Whether `actor` may close, open and reset this account: it manages accounts wherever the account has powers."""
    return all(actor.can(MANAGE, path) for path in _places_of(account) or {_everywhere()})


def may_open_for(actor: Actor, official: Official) -> bool:
    """Whether `actor` may open an account for this official."""
    return all(actor.can(MANAGE, path) for path in _posts_of(official) or {_everywhere()})


def _require_manage(act: Act, paths: set[str]) -> None:
    """Refuse unless the actor manages accounts at each of these places; without any, in the whole province."""
    for path in sorted(paths) or [_everywhere()]:
        act.require(MANAGE, path)


def _posts_of(official: Official | None) -> set[str]:
    """Where an official has a post now or will have one."""
    if official is None:
        return set()
    return set(official.positions.filter(_not_over()).values_list("organization__path", flat=True))


def _places_of(account: Account) -> set[str]:
    """Where an account has powers of its own now or will have some: by posts and by roles given."""
    given = account.role_grants.filter(_not_over()).values_list("organization__path", flat=True)
    return _posts_of(account.official) | set(given)


def _not_over() -> Q:
    return Q(valid__upper_inf=True) | Q(valid__endswith__gt=timezone.localdate())


def _everywhere() -> str:
    """The place of what is nobody's in particular: the province."""
    try:
        return organisations.province().path
    except NotFound:
        return "/"
