"""Officials and the posts they hold, each with its days."""

from __future__ import annotations

import re
from datetime import date

from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from .. import roles
from ..models import Delegation, Official, Organization, Position
from ..naming import person_key
from . import given

APPOINT = "organisations.appoint"
_OFFICIAL_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,29}", re.ASCII)


@action("organisations.add_official")
def add_official(
    act: Act, *, code: str, full_name: str, organization: Organization, email: str = "", phone: str = ""
) -> Official:
    """Put a civil servant on record; `organization` is where the actor must be allowed to appoint."""
    act.require(APPOINT, organization.path)
    code = code.strip().upper()
    if not _OFFICIAL_CODE.fullmatch(code):
        raise InvalidInput(
            _("Mã cán bộ gồm chữ không dấu, chữ số và dấu gạch nối."),
            code="organisations.bad_official_code",
            field="code",
        )
    if Official.objects.filter(code=code).exists():
        raise InvalidInput(_("Mã cán bộ đã được dùng."), code="organisations.official_code_taken", field="code")
    official = Official.objects.create(
        code=code, full_name=given.named(full_name), sort_name=person_key(full_name), email=email, phone=phone
    )
    act.record(official, after={"code": official.code}, organization_id=organization.pk)
    return official


@action("organisations.appoint")
def appoint(
    act: Act,
    *,
    official: Official,
    organization: Organization,
    title: str,
    role: str,
    valid_from: date | None = None,
    valid_to: date | None = None,
    is_primary: bool = True,
) -> Position:
    """Give an official a post with a role in an organisation; `valid_to` is the first day without it."""
    act.actor.require_lasting(APPOINT, organization.path)
    if act.actor.official_id is not None and act.actor.official_id == official.pk:
        raise DomainError(_("Không ai tự bổ nhiệm mình."), code="organisations.appoint_self")
    if not roles.is_known(role):
        raise InvalidInput(_("Không có vai trò này."), code="organisations.no_such_role", field="role")
    title = given.named(title)
    valid = _within(organization, given.days(valid_from, valid_to))
    clash = Position.objects.filter(official=official, organization=organization, role=role, valid__overlap=valid)
    if clash.exists():
        raise InvalidInput(
            _("%(official)s đã giữ vai trò này trong thời gian đó.") % {"official": official},
            code="organisations.position_overlaps",
            field="valid_from",
        )
    position = Position.objects.create(
        official=official, organization=organization, title=title, role=role, is_primary=is_primary, valid=valid
    )
    act.record(
        position,
        after={"official": official.code, "organization": organization.code, "role": role, "valid": given.iso(valid)},
        organization_id=organization.pk,
    )
    act.emit("position.began", position, {"organization_id": organization.pk, "role": role})
    return position


@action("organisations.end_position")
def end_position(act: Act, *, position: Position, on: date) -> Position:
    """End a post: `on` is the first day without it. Delegations of its powers end with it."""
    act.require(APPOINT, position.organization.path)
    if on < position.valid.lower or (position.valid.upper and on > position.valid.upper):
        raise InvalidInput(
            _("Ngày kết thúc phải nằm trong thời gian giữ chức vụ."), code="organisations.bad_end", field="on"
        )
    before = given.iso(position.valid)
    position.valid = DateRange(position.valid.lower, on)
    position.save(update_fields=["valid"])
    given.close_rows(Delegation._meta.db_table, "position_id", [position.pk], on)
    act.record(
        position, before={"valid": before}, after={"ended_on": on.isoformat()}, organization_id=position.organization_id
    )
    act.emit("position.ended", position, {"organization_id": position.organization_id, "on": on.isoformat()})
    return position


def _within(organization: Organization, valid: DateRange) -> DateRange:
    """The days of a post, no longer than its organisation; InvalidInput when they begin outside it or go beyond."""
    ends: date | None = organization.valid.upper
    if valid.lower not in organization.valid:
        raise InvalidInput(
            _("%(org)s không tồn tại vào ngày này.") % {"org": organization},
            code="organisations.organization_not_in_force",
            field="valid_from",
        )
    if ends and valid.upper and valid.upper > ends:
        raise InvalidInput(
            _("%(org)s kết thúc trước ngày này.") % {"org": organization},
            code="organisations.organization_ends_before",
            field="valid_to",
        )
    return DateRange(valid.lower, valid.upper or ends)
