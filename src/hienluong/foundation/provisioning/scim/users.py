"""Officials as SCIM users: read from ours, written by the same actions as the pages."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db.models import FilteredRelation, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from scim2_models import Email, EnterpriseUser, InvalidValueException, Meta, Name, PhoneNumber, UniquenessException

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity import provisioned
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations import queries
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.signin import actions as signin
from hienluong.foundation.sso import leaving
from hienluong.foundation.sso.models import System

from .. import invitations
from ..models import ExternalId
from . import directories, stamps
from .resources import OfficialUser, Posts, day
from .resources import Position as Post


def loaded(found: QuerySet[Official], system: System) -> QuerySet[Official]:
    """With what one user's representation needs, in three queries for any number of them."""
    posts = Position.objects.filter(directories.not_over(), valid__isempty=False).select_related("organization")
    external = FilteredRelation("external_ids", condition=Q(external_ids__system=system))
    return (
        found.annotate(external=external)
        .select_related("account")
        .prefetch_related(
            Prefetch("positions", posts.order_by("-is_primary", "pk"), to_attr="posts"),
            Prefetch("external_ids", ExternalId.objects.filter(system=system), to_attr="named"),
        )
    )


def listed(officials: Sequence[Official], paths: Sequence[str]) -> list[Any]:
    """Officials (:func:`loaded`) as users."""
    when = stamps.of(officials)
    return [shown(official, paths, when.get(official.pk)) for official in officials]


def shown(official: Official, paths: Sequence[str], when: stamps.Stamps | None = None) -> Any:
    """An official as a user; posts elsewhere than where the system is registered are not shown."""
    account: Account | None = getattr(official, "account", None)
    all_posts: list[Position] = official.posts  # type: ignore[attr-defined]  # see loaded
    posts = [post for post in all_posts if any(post.organization.path.startswith(path) for path in paths)]
    named: list[ExternalId] = official.named  # type: ignore[attr-defined]
    first = posts[0] if posts else None
    words = official.full_name.split()
    user = OfficialUser(
        id=str(official.pk),
        external_id=(named[0].external_id or None) if named else None,
        user_name=account.username if account else official.code.lower(),
        display_name=official.full_name,
        name=Name(
            formatted=official.full_name,
            family_name=words[0],
            given_name=words[-1],
            middle_name=" ".join(words[1:-1]) or None,
        ),
        emails=_emails(official),
        phone_numbers=[PhoneNumber(value=official.phone, type=PhoneNumber.Type.work)] if official.phone else None,
        title=first.title if first else None,
        active=bool(account and account.is_active),
    )
    user[EnterpriseUser] = EnterpriseUser(
        employee_number=official.code, organization=first.organization.name if first else None
    )
    user[Posts] = Posts(
        positions=[
            Post(
                organization=post.organization.code,
                title=post.title,
                role=post.role,
                primary=post.is_primary,
                valid_from=post.valid.lower.isoformat(),
                valid_to=(post.valid.upper - timedelta(days=1)).isoformat() if post.valid.upper else None,
            )
            for post in posts
        ]
    )
    state = json.dumps(user.model_dump(), sort_keys=True, default=str)
    version = f'W/"{hashlib.sha256(state.encode()).hexdigest()[:24]}"'
    location = settings.BASE_URL + reverse("scim:user", args=[official.pk])
    user.meta = Meta(
        resource_type="User",
        created=when.created if when else None,
        last_modified=when.modified if when else None,
        location=location,
        version=version,
    )
    return user


def _emails(official: Official) -> Any:
    """As it is kept: addresses of an office's own network are none to the library."""
    return [Email.model_construct(value=official.email, type=Email.Type.work, primary=True)] if official.email else None


@action("scim.create_user")
def create(act: Act, *, system: System, user: Any) -> Official:
    """Put an official on record with at least one post, open the account, and invite the owner by mail."""
    told = user[EnterpriseUser]
    code = (told.employee_number or "").strip().upper() if told else ""
    if not code:
        raise InvalidValueException(detail="employeeNumber of the enterprise extension is required.")
    if Official.objects.filter(code=code).exists():
        raise UniquenessException(detail="The employeeNumber is taken.")
    posts = _posts_of(user)
    if not posts:
        raise InvalidValueException(detail=f"At least one position is required in {Posts.__schema__}.")
    official = organisations.add_official(
        act,
        code=code,
        full_name=name_of(user),
        organization=_organization(posts[0]),
        email=email_of(user),
        phone=phone_of(user),
    )
    _write_posts(act, official, posts)
    _keep_external_id(system, official, user.external_id)
    account = identity.create_account(
        act, username=user.user_name, display_name=official.full_name, email=official.email, official=official
    )
    if user.active is False:
        identity.deactivate(act, account=account, reason=_reason(system))
    elif official.email:
        invitations.invite(act, account=account)
    act.record(official, after={"code": code, "posts": len(posts)})
    return official


@action("scim.replace_user")
def replace(act: Act, *, system: System, official: Official, user: Any, before: Any) -> Official:
    """Bring an official to what `user` says; `before` is what was shown until now. Posts only when they are said."""
    account = Account.objects.select_for_update().filter(official=official).first()
    if not user.user_name:
        raise InvalidValueException(detail="userName is required.")
    wanted = {"full_name": name_of(user), "email": email_of(user), "phone": phone_of(user)}
    told = user[EnterpriseUser]
    if told and told.employee_number and told.employee_number.strip().upper() != official.code:
        raise InvalidValueException(detail="employeeNumber is the stable code of an official and does not change.")
    if any(getattr(official, key) != value for key, value in wanted.items()):
        official = organisations.change_official(act, official=official, **wanted)
    if user[Posts] is not None and user[Posts].positions != (before[Posts].positions or None):
        _write_posts(act, official, _posts_of(user), replacing=True)
    renamed = (user.external_id or None) != before.external_id
    _keep_external_id(system, official, user.external_id)
    if account is None:
        account = identity.create_account(
            act, username=user.user_name, display_name=official.full_name, email=official.email, official=official
        )
    elif (account.username, account.display_name, account.email) != (
        user.user_name.lower(),
        official.full_name,
        official.email,
    ):
        provisioned.change_account(
            act,
            account=account,
            display_name=official.full_name,
            email=official.email,
            username=user.user_name,
        )
    if user.active is not None and user.active != account.is_active:
        _switch(act, system, account, on=user.active)
    act.record(official, after={"code": official.code, "changed": renamed})
    return official


@action("scim.delete_user")
def delete(act: Act, *, system: System, official: Official) -> None:
    """End an official's posts where the system is registered and close the account; the record stays, as the law asks."""
    today = timezone.localdate()
    posts = Position.objects.filter(directories.not_over(), official=official, valid__isempty=False)
    for post in posts.select_related("organization"):
        if act.actor.can(organisations.APPOINT, post.organization.path):
            organisations.end_position(act, position=post, on=max(today, post.valid.lower))
    ExternalId.objects.filter(system=system, official=official).delete()
    account = Account.objects.filter(official=official).first()
    if account and account.is_active and not posts.all().exists():
        _switch(act, system, account, on=False)
    act.record(official, after={"removed": True})


def name_of(user: Any) -> str:
    """The full name in the Vietnamese order: family name first."""
    name = user.name
    if name and name.formatted:
        return str(name.formatted)
    parts = [name.family_name, name.middle_name, name.given_name] if name else []
    return " ".join(part for part in parts if part) or str(user.display_name or "")


def email_of(user: Any) -> str:
    """The primary address, else the first."""
    return _value(user.emails)


def phone_of(user: Any) -> str:
    """The primary number, else the first."""
    return _value(user.phone_numbers)


def _value(many: Iterable[Any] | None) -> str:
    values = list(many or ())
    first = next((each for each in values if getattr(each, "primary", None)), values[0] if values else None)
    return str(first.value or "") if first else ""


def _posts_of(user: Any) -> list[Post]:
    said = user[Posts]
    return list(said.positions or ()) if said else []


def _organization(post: Post) -> Organization:
    return queries.current(post.organization or "")


def _days(post: Post) -> tuple[date | None, date | None]:
    try:
        first, last = day(post.valid_from), day(post.valid_to)
    except ValueError:
        raise InvalidValueException(detail="validFrom and validTo are days: 2026-11-26.") from None
    if last is not None and last >= date(2100, 1, 1):
        raise InvalidValueException(detail="validTo is too far away.")
    return first, last + timedelta(days=1) if last else None


def _write_posts(act: Act, official: Official, posts: Sequence[Post], *, replacing: bool = False) -> None:
    """Give, change and end posts so that those not over are the ones that are said."""
    today = timezone.localdate()
    held = list(
        Position.objects.filter(directories.not_over(), official=official, valid__isempty=False)
        .select_related("organization")
        .order_by("pk")
    )
    left = {(post.organization_id, post.role): post for post in held}
    for said in posts:
        organization = _organization(said)
        first, end = _days(said)
        known = left.pop((organization.pk, said.role or ""), None)
        primary = said.primary is not False
        if known is None:
            organisations.appoint(
                act,
                official=official,
                organization=organization,
                title=said.title or "",
                role=said.role or "",
                valid_from=first,
                valid_to=end,
                is_primary=primary,
            )
        elif (known.title, known.valid.upper, known.is_primary) != (said.title, end, primary):
            organisations.change_post(act, position=known, title=said.title or "", valid_to=end, is_primary=primary)
    for gone in left.values() if replacing else ():
        if act.actor.can(organisations.APPOINT, gone.organization.path):
            organisations.end_position(act, position=gone, on=max(today, gone.valid.lower))


def _keep_external_id(system: System, official: Official, external_id: str | None) -> None:
    taken = ExternalId.objects.filter(system=system, external_id=external_id or "").exclude(official=official)
    if external_id and taken.exists():
        raise UniquenessException(detail="The externalId is taken.")
    if external_id and len(external_id) > 200:
        raise InvalidValueException(detail="externalId is too long.")
    ExternalId.objects.update_or_create(system=system, official=official, defaults={"external_id": external_id or ""})


def _switch(act: Act, system: System, account: Account, *, on: bool) -> None:
    if on:
        identity.reactivate(act, account=account, reason=_reason(system))
        return
    if account.party_id is not None:
        raise InvalidInput(
            _("Người này còn là công dân có tài khoản ở đây: hãy kết thúc chức vụ, không khóa tài khoản."),
            code="provisioning.also_a_citizen",
        )
    signin.end_everywhere(act, account=account)
    leaving.end_all(account)
    identity.deactivate(act, account=account, reason=_reason(system))


def _reason(system: System) -> str:
    return _("Theo hệ thống “%(name)s” (SCIM)") % {"name": system.client.name}
