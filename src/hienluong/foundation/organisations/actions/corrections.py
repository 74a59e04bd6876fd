"""What is put right about officials and posts on record, and what was recorded by mistake and nobody has used yet."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import ProtectedError, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from ..models import Delegation, Official, Position
from ..naming import person_key
from . import given
from .posts import APPOINT


@action("organisations.change_official")
def change_official(act: Act, *, official: Official, full_name: str, email: str = "", phone: str = "") -> Official:
    """Put right how an official is called and reached; for whoever appoints at each post that is not over.

    Nobody does it for themself: mail with powers in it goes to that address.
    """
    _require_everywhere(act, official)
    if act.actor.official_id is not None and act.actor.official_id == official.pk:
        raise DomainError(_("Không ai tự sửa hồ sơ cán bộ của mình."), code="organisations.change_self")
    official = Official.objects.select_for_update().get(pk=official.pk)
    wanted = {"full_name": given.named(full_name), "email": email.strip(), "phone": phone.strip()}
    before = {key: getattr(official, key) for key in wanted}
    for key, value in wanted.items():
        setattr(official, key, value)
    official.sort_name = person_key(official.full_name)
    official.save(update_fields=[*wanted, "sort_name"])
    changed = [key for key in wanted if before[key] != wanted[key]]
    act.record(official, before={key: before[key] for key in changed}, after={key: wanted[key] for key in changed})
    act.emit("official.changed", official, {"fields": changed})
    return official


@action("organisations.change_post")
def change_post(
    act: Act, *, position: Position, title: str, valid_to: date | None = None, is_primary: bool | None = None
) -> Position:
    """Put right the title of a post, its end (`valid_to`: the first day without it, None: open) or whether it is the
    main one. Delegations of its powers end with it."""
    act.require(APPOINT, position.organization.path)
    position = Position.objects.select_for_update().select_related("organization", "official").get(pk=position.pk)
    if act.actor.official_id is not None and act.actor.official_id == position.official_id:
        raise DomainError(_("Không ai tự bổ nhiệm mình."), code="organisations.appoint_self")
    valid = given.days(position.valid.lower, valid_to)
    limit: date | None = position.organization.valid.upper
    if limit and (valid_to is None or valid_to > limit):
        valid = DateRange(valid.lower, limit)
    others = Position.objects.filter(
        official=position.official, organization=position.organization, role=position.role, valid__overlap=valid
    )
    if others.exclude(pk=position.pk).exists():
        raise InvalidInput(
            _("%(official)s đã giữ vai trò này trong thời gian đó.") % {"official": position.official},
            code="organisations.position_overlaps",
            field="valid_to",
        )
    before = described(position)
    position.title, position.valid = given.named(title), valid
    if is_primary is not None:
        position.is_primary = is_primary
    position.save(update_fields=["title", "valid", "is_primary"])
    if valid.upper:
        given.close_rows(Delegation._meta.db_table, "position_id", [position.pk], valid.upper)
    act.record(position, before=before, after=described(position), organization_id=position.organization_id)
    act.emit("position.changed", position, {"organization_id": position.organization_id})
    return position


@action("organisations.take_back_post")
def take_back_post(act: Act, *, position: Position) -> None:
    """Take a post off the record that was written by mistake; refused once anything refers to it."""
    act.require(APPOINT, position.organization.path)
    act.record(position, before=described(position), organization_id=position.organization_id)
    _delete(position)


@action("organisations.take_back_official")
def take_back_official(act: Act, *, official: Official) -> None:
    """Take an official without posts off the record who was written by mistake; refused once anything refers to them.

    The caller has checked that it wrote this official itself.
    """
    if official.positions.exists():
        raise _used()
    if not act.actor.paths_with(APPOINT):
        act.require(APPOINT)
    act.record(official, before={"code": official.code, "full_name": official.full_name})
    _delete(official)


def described(position: Position) -> dict[str, Any]:
    """A post as the audit log keeps it."""
    return {
        "title": position.title,
        "valid": given.iso(position.valid),
        "is_primary": position.is_primary,
    }


def _require_everywhere(act: Act, official: Official) -> None:
    open_posts = official.positions.filter(
        Q(valid__upper_inf=True) | Q(valid__endswith__gt=timezone.localdate())
    ).values_list("organization__path", flat=True)
    paths = sorted(set(open_posts)) or sorted(set(official.positions.values_list("organization__path", flat=True)))
    for path in paths or ["/"]:
        act.require(APPOINT, path)


def _delete(row: Position | Official) -> None:
    try:
        row.delete()
    except ProtectedError:
        raise _used() from None


def _used() -> DomainError:
    return DomainError(_("Đã có dữ liệu khác dùng mục này, không rút lại được."), code="organisations.in_use")
