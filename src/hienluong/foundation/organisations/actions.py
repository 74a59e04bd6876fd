"""Changing the government: nothing is renamed in place, and work in hand follows the successor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateRange
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, action

from . import codes, queries
from .models import Delegation, Official, Organization, OrganizationVersion, Position, Succession
from .naming import person_key, sort_name

MANAGE = "organisations.manage"
APPOINT = "organisations.appoint"
DELEGATE = "organisations.delegate"


@action("organisations.create")
def create(
    act: Act,
    *,
    code: str,
    kind: str,
    name: str,
    parent: Organization | None = None,
    valid_from: date | None = None,
    short_name: str = "",
    address: str = "",
    phone: str = "",
    email: str = "",
    opening_hours: Mapping[str, Any] | None = None,
    commune_code: str = "",
    legal_basis: str = "",
) -> Organization:
    """Set up an organisation from a day on (today by default) with its first version."""
    act.require(MANAGE, parent.path if parent else "/")
    code = codes.check(code)
    if Organization.objects.filter(code=code).exists():
        raise InvalidInput(
            _("Mã %(code)s đã có cơ quan khác dùng.") % {"code": code}, code="organisations.code_taken", field="code"
        )
    valid = DateRange(valid_from or timezone.localdate(), None)
    org = Organization.objects.create(
        code=code,
        legacy_code=codes.to_legacy(code) if codes.has_legacy(code) else "",
        kind=Organization.Kind(kind),
        name=_named(name),
        sort_name=sort_name(name),
        parent=parent,
        commune_code=commune_code,
        valid=valid,
    )
    org.path = f"{parent.path if parent else '/'}{org.pk}/"
    org.save(update_fields=["path"])
    OrganizationVersion.objects.create(
        organization=org,
        name=org.name,
        short_name=short_name,
        parent=parent,
        address=address,
        phone=phone,
        email=email,
        opening_hours=dict(opening_hours or {}),
        valid=valid,
        legal_basis=legal_basis,
    )
    act.record(org, after={"code": code, "name": name, "parent": parent.code if parent else None}, note=legal_basis)
    act.emit("organization.created", org, {"code": code})
    return org


@action("organisations.rename")
def rename(act: Act, *, org: Organization, name: str, on: date, legal_basis: str, short_name: str = "") -> Organization:
    """Give `org` another name from a day on: a new version; the old name stays readable for the days before."""
    act.require(MANAGE, org.path)
    before = org.name
    _next_version(org, on, name=_named(name), short_name=short_name, legal_basis=legal_basis)
    org.name, org.sort_name = name.strip(), sort_name(name)
    org.save(update_fields=["name", "sort_name"])
    act.record(org, before={"name": before}, after={"name": org.name, "on": on.isoformat()}, note=legal_basis)
    act.emit("organization.renamed", org, {"code": org.code, "on": on.isoformat()})
    return org


@action("organisations.change_contacts")
def change_contacts(
    act: Act,
    *,
    org: Organization,
    on: date,
    address: str,
    phone: str,
    email: str,
    opening_hours: Mapping[str, Any],
) -> Organization:
    """Change address, contacts and opening hours from a day on."""
    act.require(MANAGE, org.path)
    fresh = {"address": address, "phone": phone, "email": email, "opening_hours": dict(opening_hours)}
    old = _next_version(org, on, **fresh)
    before = {key: getattr(old, key) for key in fresh}
    act.record(org, before=before, after={**fresh, "on": on.isoformat()})
    act.emit("organization.changed", org, {"code": org.code})
    return org


@action("organisations.move")
def move(act: Act, *, org: Organization, parent: Organization, on: date, legal_basis: str) -> Organization:
    """Put `org`, with everything below it, under another parent from a day on."""
    act.require(MANAGE, org.path)
    act.require(MANAGE, parent.path)
    if parent.path.startswith(org.path):
        raise InvalidInput(
            _("Không thể chuyển một cơ quan vào chính nó hoặc vào đơn vị trực thuộc nó."),
            code="organisations.move_into_itself",
            field="parent",
        )
    before = org.parent.code if org.parent else None
    _next_version(org, on, parent=parent, legal_basis=legal_basis)
    old_path, org.parent, org.path = org.path, parent, f"{parent.path}{org.pk}/"
    org.save(update_fields=["parent", "path"])
    _rebase_paths(old_path, org.path)
    act.record(org, before={"parent": before}, after={"parent": parent.code, "on": on.isoformat()}, note=legal_basis)
    act.emit("organization.moved", org, {"code": org.code, "parent": parent.code})
    return org


@action("organisations.succeed")
def succeed(
    act: Act,
    *,
    kind: str,
    predecessors: Sequence[Organization],
    successors: Sequence[Organization],
    on: date,
    legal_basis: str,
) -> list[Succession]:
    """End `predecessors` on a day and hand over to `successors`; the first successor takes the work in hand.

    A predecessor that is also a successor goes on (a merge into one of the merging). What is below an ended
    predecessor ends with it unless it was moved before. Emits ``organization.succeeded`` for each hand-over,
    on which services move open work.
    """
    legal_basis = legal_basis.strip()
    if not legal_basis:
        raise InvalidInput(_("Phải nêu căn cứ pháp lý."), code="organisations.no_legal_basis", field="legal_basis")
    if not predecessors or not successors:
        raise InvalidInput(_("Phải có bên giao và bên nhận."), code="organisations.no_party", field="successors")
    for org in (*predecessors, *successors):
        act.require(MANAGE, org.path)
    made: list[Succession] = []
    continuing = {org.pk for org in successors}
    for old in predecessors:
        if old.pk in continuing:
            continue
        for place, new in enumerate(successors):
            made.append(_hand_over(act, Succession.Kind(kind), old, new, on, legal_basis, is_primary=place == 0))
        _end(act, old, on, legal_basis)
    if not made:
        raise InvalidInput(
            _("Không có cơ quan nào được giao lại cho cơ quan khác."), code="organisations.nothing_to_hand_over"
        )
    return made


def _hand_over(
    act: Act, kind: str, old: Organization, new: Organization, on: date, legal_basis: str, *, is_primary: bool
) -> Succession:
    if queries.would_close_a_cycle(old.pk, new.pk):
        raise InvalidInput(
            _("%(new)s đã giao lại cho %(old)s: chuỗi kế thừa sẽ khép thành vòng.") % {"new": new, "old": old},
            code="organisations.succession_cycle",
            field="successors",
        )
    step = Succession.objects.create(
        kind=kind, predecessor=old, successor=new, effective_on=on, legal_basis=legal_basis, is_primary=is_primary
    )
    act.record(
        step,
        after={"predecessor": old.code, "successor": new.code, "on": on.isoformat(), "kind": kind},
        note=legal_basis,
    )
    act.emit(
        "organization.succeeded",
        old,
        {
            "predecessor_id": old.pk,
            "successor_id": new.pk,
            "path": old.path,  # what is below ended with it
            "succession_id": step.pk,
            "is_primary": is_primary,
            "on": on.isoformat(),
        },
    )
    return step


def _end(act: Act, org: Organization, on: date, legal_basis: str) -> None:
    """Close `org` and what is below it on a day; posts held there end too."""
    if org.valid.lower and on <= org.valid.lower:
        raise InvalidInput(
            _("%(org)s chưa được thành lập trước ngày này.") % {"org": org},
            code="organisations.ends_before_start",
            field="on",
        )
    open_ = Q(valid__upper_inf=True) | Q(valid__endswith__gt=on)
    ended = list(Organization.objects.filter(Q(path__startswith=org.path) & open_, valid__startswith__lt=on))
    for gone in ended:
        gone.valid = DateRange(gone.valid.lower, on)
    Organization.objects.bulk_update(ended, ["valid"])
    ids = [gone.pk for gone in ended]
    _close_rows(OrganizationVersion._meta.db_table, "organization_id", ids, on)
    _close_rows(Position._meta.db_table, "organization_id", ids, on)
    org.refresh_from_db(fields=["valid"])
    act.record(
        org, verb="organisations.end", after={"ended_on": on.isoformat(), "with_below": len(ids)}, note=legal_basis
    )


def _close_rows(table: str, column: str, ids: Sequence[int], on: date) -> None:
    """End dated rows on a day; what would only have begun later becomes empty."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET valid = daterange(lower(valid), greatest(lower(valid), %s))"  # noqa: S608  (our names)
            f" WHERE {column} = ANY(%s) AND (upper_inf(valid) OR upper(valid) > %s)",
            [on, list(ids), on],
        )


@action("organisations.add_official")
def add_official(
    act: Act, *, code: str, full_name: str, organization: Organization, email: str = "", phone: str = ""
) -> Official:
    """Put a civil servant on record; `organization` is where the actor must be allowed to appoint."""
    act.require(APPOINT, organization.path)
    if Official.objects.filter(code=code).exists():
        raise InvalidInput(_("Mã cán bộ đã được dùng."), code="organisations.official_code_taken", field="code")
    official = Official.objects.create(
        code=code.strip(), full_name=_named(full_name), sort_name=person_key(full_name), email=email, phone=phone
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
    act.require(APPOINT, organization.path)
    if act.actor.official_id is not None and act.actor.official_id == official.pk:
        raise DomainError(_("Không ai tự bổ nhiệm mình."), code="organisations.appoint_self")
    valid = _range(valid_from, valid_to)
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
        after={"official": official.code, "organization": organization.code, "role": role, "valid": _iso(valid)},
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
    before = _iso(position.valid)
    position.valid = DateRange(position.valid.lower, on)
    position.save(update_fields=["valid"])
    _close_rows(Delegation._meta.db_table, "position_id", [position.pk], on)
    act.record(
        position, before={"valid": before}, after={"ended_on": on.isoformat()}, organization_id=position.organization_id
    )
    act.emit("position.ended", position, {"organization_id": position.organization_id, "on": on.isoformat()})
    return position


@action("organisations.delegate")
def delegate(
    act: Act, *, position: Position, to: Official, valid_from: date, valid_to: date, reason: str
) -> Delegation:
    """Lend the powers of a post to another official for some days (`valid_to` is the first day without them).

    The holder of the post may do it for themself; others need the permission. It must lie within the post's dates,
    and powers that were lent cannot be lent on.
    """
    if act.actor.official_id != position.official_id or act.actor.official_id is None:
        act.require(DELEGATE, position.organization.path)
    valid = _range(valid_from, valid_to)
    if to.pk == position.official_id:
        raise InvalidInput(_("Không thể ủy quyền cho chính mình."), code="organisations.delegate_to_self", field="to")
    if not reason.strip():
        raise InvalidInput(_("Phải nêu lý do ủy quyền."), code="organisations.no_reason", field="reason")
    if valid_from < position.valid.lower or (position.valid.upper and valid_to > position.valid.upper):
        raise InvalidInput(
            _("Thời gian ủy quyền phải nằm trong thời gian giữ chức vụ."),
            code="organisations.delegation_outside_position",
            field="valid_from",
        )
    if Delegation.objects.filter(
        position=position, delegate=to, revoked_at__isnull=True, valid__overlap=valid
    ).exists():
        raise InvalidInput(
            _("Đã có ủy quyền cho người này trong thời gian đó."), code="organisations.delegation_overlaps", field="to"
        )
    lent = Delegation.objects.create(position=position, delegate=to, valid=valid, reason=reason.strip())
    act.record(
        lent,
        after={"position": position.pk, "to": to.code, "valid": _iso(valid), "reason": lent.reason},
        organization_id=position.organization_id,
    )
    act.emit("delegation.began", lent, {"position_id": position.pk})
    return lent


@action("organisations.revoke_delegation")
def revoke_delegation(act: Act, *, delegation: Delegation) -> Delegation:
    """Take lent powers back at once."""
    position = delegation.position
    if act.actor.official_id != position.official_id or act.actor.official_id is None:
        act.require(DELEGATE, position.organization.path)
    if delegation.revoked_at:
        raise DomainError(_("Ủy quyền này đã được thu hồi."), code="organisations.already_revoked")
    delegation.revoked_at = timezone.now()
    delegation.save(update_fields=["revoked_at"])
    act.record(
        delegation, after={"revoked_at": delegation.revoked_at.isoformat()}, organization_id=position.organization_id
    )
    act.emit("delegation.revoked", delegation, {"position_id": position.pk})
    return delegation


def _next_version(org: Organization, on: date, **changes: Any) -> OrganizationVersion:
    """Close the version in force on a day and open the next with `changes`; the closed one is returned."""
    old = OrganizationVersion.objects.select_for_update().filter(organization=org, valid__contains=on).first()
    if old is None:
        raise InvalidInput(
            _("%(org)s không tồn tại vào ngày này.") % {"org": org}, code="organisations.not_in_force", field="on"
        )
    if old.valid.upper is not None and old.valid.upper != org.valid.upper:
        raise InvalidInput(
            _("Đã có thay đổi được ghi sau ngày này."), code="organisations.later_version_exists", field="on"
        )
    upper = old.valid.upper
    same_day = old.valid.lower == on
    if same_day:
        new = old
    else:
        old.valid = DateRange(old.valid.lower, on)
        old.save(update_fields=["valid"])
        new = OrganizationVersion.objects.get(pk=old.pk)
        new.pk = None
        new.valid = DateRange(on, upper)
    closed = OrganizationVersion.objects.get(pk=old.pk)
    for key, value in changes.items():
        setattr(new, key, value)
    new.save()
    return closed


def _rebase_paths(old: str, new: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE organisations_organization SET path = %s || substr(path, %s) WHERE starts_with(path, %s)",
            [new, len(old) + 1, old],
        )


def _named(name: str) -> str:
    tidy = " ".join(name.split())
    if not tidy:
        raise InvalidInput(_("Tên không được để trống."), code="organisations.no_name", field="name")
    return tidy


def _range(valid_from: date | None, valid_to: date | None) -> DateRange:
    start = valid_from or timezone.localdate()
    if valid_to and valid_to <= start:
        raise InvalidInput(_("Ngày kết thúc phải sau ngày bắt đầu."), code="organisations.bad_range", field="valid_to")
    return DateRange(start, valid_to)


def _iso(valid: DateRange) -> list[str | None]:
    ends: list[date | None] = [valid.lower, valid.upper]
    return [end.isoformat() if end else None for end in ends]
