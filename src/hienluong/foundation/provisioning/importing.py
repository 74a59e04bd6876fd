"""The verbs of sheets: take one in, start, write a row, stop, go on, take back.

Each row is one transaction with its own audit entries: whatever dies on the way, what is counted is what is written, and
the next row is the first that waits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.actions.bulk import copy
from hienluong.foundation.identity import actions as identity
from hienluong.foundation.identity import provisioned
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.actions.corrections import described
from hienluong.foundation.organisations.models import Official, Position

from . import checking, columns, invitations, tasks
from .checking import Checker, Person
from .models import Sheet, SheetRow

State, Row = Sheet.State, SheetRow.State


@action("provisioning.take_in_sheet")
def take_in(act: Act, *, name: str, content: bytes, invites: bool = False) -> Sheet:
    """Keep the rows of a file and look at each; no official is written yet.

    `invites`: accounts are to be opened, too. Raises InvalidInput for what is no sheet of officials.
    """
    _require_may_import(act.actor, invites=invites)
    read = columns.read(name, content)
    assert act.actor.account_id is not None
    sheet = Sheet.objects.create(
        account_id=act.actor.account_id,
        name=name[-200:],
        digest=hashlib.sha256(content).hexdigest(),
        headings=read.headings,
        invites=invites,
    )
    checker = Checker(act.actor, [values for _number, values in read.rows], invites=invites)
    looked = [(number, values, checker.look(number, values)) for number, values in read.rows]
    copy(
        SheetRow,
        (
            SheetRow(sheet=sheet, number=number, values=values, plan=seen.plan, faults=seen.faults, wrote={})
            for number, values, seen in looked
        ),
    )
    act.record(sheet, after={"rows": len(looked), "digest": sheet.digest, "invites": invites})
    return sheet


@action("provisioning.start_sheet")
def start(act: Act, *, sheet: Sheet, rows: Collection[int] | None = None) -> Sheet:
    """Begin writing in the background: all sound rows, or only those with these numbers."""
    held = _own(act, sheet, State.DRAFT)
    _require_may_import(act.actor, invites=held.invites)
    waiting = held.rows.filter(state=Row.WAITING)
    if rows is not None:
        waiting.exclude(number__in=rows).update(state=Row.LEFT_OUT)
    waiting.filter(plan=SheetRow.Plan.FAULTY).update(state=Row.FAULTY)
    if not held.rows.filter(state=Row.WAITING).exists():
        raise InvalidInput(
            _("Không có dòng nào nhập được. Hãy sửa tệp rồi tải lên lại."), code="provisioning.no_rows", field="rows"
        )
    held.state = State.RUNNING
    held.save(update_fields=["state"])
    act.record(held, after={"rows": held.rows.filter(state=Row.WAITING).count()})
    tasks.begin(held)
    return held


@action("provisioning.write_row")
def write_row(act: Act, *, sheet: Sheet) -> bool:
    """Write the next row of a running sheet; whether there was one. Raises InvalidInput when it was stopped."""
    held = _own(act, sheet, State.RUNNING)
    row = held.rows.filter(state=Row.WAITING).order_by("number").first()
    if row is None:
        held.state, held.finished_at = State.DONE, timezone.now()
        held.save(update_fields=["state", "finished_at"])
        act.record(held, after={"state": held.state})
        return False
    # Looked at again: since the preview, somebody else may have written the same.
    seen = Checker(act.actor, [row.values], invites=held.invites).look(row.number, row.values)
    row.faults = seen.faults
    if seen.faults:
        row.state = Row.FAULTY
    else:
        try:
            with transaction.atomic():
                row.wrote = _write(act.actor, held, seen.person)
                row.state = _outcome(row.wrote)
        except DomainError as error:
            row.faults = [(_column(error.field), str(error.message))]
            row.state = Row.FAULTY
    row.save(update_fields=["state", "faults", "wrote"])
    act.record(held, verb="provisioning.row", after={"row": row.number, "state": row.state})
    return True


@action("provisioning.stop_sheet")
def stop(act: Act, *, sheet: Sheet) -> Sheet:
    """Stop after the row that is being written."""
    held = _own(act, sheet, State.RUNNING)
    return _to(act, held, State.STOPPED)


@action("provisioning.resume_sheet")
def resume(act: Act, *, sheet: Sheet) -> Sheet:
    """Go on with a stopped sheet."""
    held = _to(act, _own(act, sheet, State.STOPPED), State.RUNNING)
    tasks.begin(held)
    return held


@action("provisioning.undo_sheet")
def undo(act: Act, *, sheet: Sheet) -> Sheet:
    """Take back what a sheet wrote, in the background. What somebody has used or changed since stays as it is."""
    held = _to(act, _own(act, sheet, State.STOPPED, State.DONE), State.UNDOING)
    held.rows.filter(state=Row.WAITING).update(state=Row.LEFT_OUT)
    tasks.begin(held)
    return held


@action("provisioning.take_back_row")
def take_back_row(act: Act, *, sheet: Sheet) -> bool:
    """Take the last row back that a sheet wrote and nobody has touched since; whether there was one."""
    held = _own(act, sheet, State.UNDOING)
    row = held.rows.filter(state__in=(Row.NEW, Row.CHANGED)).order_by("-number").first()
    if row is None:
        held.state, held.finished_at = State.UNDONE, timezone.now()
        held.save(update_fields=["state", "finished_at"])
        act.record(held, after={"state": held.state})
        return False
    try:
        with transaction.atomic():
            _take_back(act.actor, row.wrote)
            row.state = Row.TAKEN_BACK
    except DomainError as error:
        row.state, row.faults = Row.KEPT, [("", str(error.message))]
    row.save(update_fields=["state", "faults"])
    act.record(held, verb="provisioning.row", after={"row": row.number, "state": row.state})
    return True


def _write(actor: Actor, sheet: Sheet, person: Person) -> dict[str, Any]:
    """Write one row by the same actions as the pages; returns what was there before and after, to be taken back."""
    assert person.organization is not None
    wrote: dict[str, Any] = {}
    official = Official.objects.filter(code=person.code).first()
    if official is None:
        official = organisations.add_official(
            actor,
            code=person.code,
            full_name=person.full_name,
            organization=person.organization,
            email=person.email,
            phone=person.phone,
        )
        wrote["official"] = {"pk": official.pk, "before": None, "after": _reached(official)}
    elif checking.official_differs(official, person):
        before = _reached(official)
        official = organisations.change_official(actor, official=official, **checking.said_of(official, person))
        wrote["official"] = {"pk": official.pk, "before": before, "after": _reached(official)}
    wrote |= _write_post(actor, official, person)
    account = Account.objects.filter(official=official).first()
    if account is None and sheet.invites:
        account = identity.create_account(
            actor,
            username=person.username,
            display_name=official.full_name,
            email=official.email,
            official=official,
        )
        wrote["account"] = account.pk
        if official.email:
            invitations.invite(actor, account=account, sheet=sheet)
    return wrote


def _write_post(actor: Actor, official: Official, person: Person) -> dict[str, Any]:
    assert person.organization is not None
    held: QuerySet[Position] = Position.objects.filter(official=official).select_related("organization")
    post = checking.post_of(list(held), person, timezone.localdate())
    if post is None:
        post = organisations.appoint(
            actor,
            official=official,
            organization=person.organization,
            title=person.title,
            role=person.role,
            valid_from=person.valid_from,
            valid_to=person.valid_to,
            is_primary=person.is_primary,
        )
        return {"post": {"pk": post.pk, "before": None, "after": described(post)}}
    if not checking.post_differs(post, person):
        return {}
    before = described(post)
    post = organisations.change_post(
        actor,
        position=post,
        title=person.title,
        valid_to=person.valid_to or post.valid.upper,
        is_primary=person.is_primary,
    )
    return {"post": {"pk": post.pk, "before": before, "after": described(post)}}


def _outcome(wrote: dict[str, Any]) -> str:
    if not wrote:
        return Row.SAME
    new = any(part in wrote and wrote[part]["before"] is None for part in ("official", "post"))
    return Row.NEW if new else Row.CHANGED


def _take_back(actor: Actor, wrote: dict[str, Any]) -> None:
    """In the reverse order; DomainError when somebody has used or changed any of it since."""
    account = Account.objects.filter(pk=wrote.get("account", 0)).first()
    if account is not None:
        provisioned.take_back_account(actor, account=account)
    if "post" in wrote:
        _take_back_post(actor, wrote["post"])
    if "official" not in wrote:
        return
    told = wrote["official"]
    official = Official.objects.filter(pk=told["pk"]).first()
    if official is None or _reached(official) != told["after"]:
        raise _touched()
    if told["before"] is None:
        organisations.take_back_official(actor, official=official)
    else:
        organisations.change_official(actor, official=official, **told["before"])


def _take_back_post(actor: Actor, told: dict[str, Any]) -> None:
    post = Position.objects.select_related("organization").filter(pk=told["pk"]).first()
    if post is None or described(post) != told["after"]:
        raise _touched()
    if told["before"] is None:
        organisations.take_back_post(actor, position=post)
        return
    end = told["before"]["valid"][1]
    organisations.change_post(
        actor,
        position=post,
        title=told["before"]["title"],
        valid_to=date.fromisoformat(end) if end else None,
        is_primary=told["before"]["is_primary"],
    )


def _touched() -> DomainError:
    return DomainError(_("Đã có người sửa từ lúc nhập, nên giữ lại."), code="provisioning.touched")


def _reached(official: Official) -> dict[str, str]:
    return {"full_name": official.full_name, "email": official.email, "phone": official.phone}


def _column(field: str | None) -> str:
    return field if field in columns.BY_NAME else ""


def _require_may_import(actor: Actor, *, invites: bool) -> None:
    if actor.account_id is None or not actor.paths_with(organisations.APPOINT):
        raise NotAllowed(_("Bạn không có quyền bổ nhiệm."), reasons=actor.decide(organisations.APPOINT).reasons)
    if invites and not actor.paths_with(identity.MANAGE):
        raise NotAllowed(_("Bạn không có quyền quản lý tài khoản."), reasons=actor.decide(identity.MANAGE).reasons)


def _to(act: Act, held: Sheet, state: str) -> Sheet:
    before, held.state = held.state, state
    held.save(update_fields=["state"])
    act.record(held, before={"state": before}, after={"state": state})
    return held


def _own(act: Act, sheet: Sheet, *states: str) -> Sheet:
    """One's own sheet, locked, in one of these states."""
    held = Sheet.objects.select_for_update().get(pk=sheet.pk)
    if held.account_id != act.actor.account_id:
        raise NotAllowed(_("Đây là lần nhập của người khác."))
    if held.state not in states:
        raise InvalidInput(
            _("Lần nhập này đang ở trạng thái “%(state)s”.") % {"state": held.get_state_display()},
            code="provisioning.wrong_state",
            field="state",
        )
    return held
