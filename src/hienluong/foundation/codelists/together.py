"""Many codes of an edition changed at once, as a table says them: added, called otherwise, ended on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, DomainError, InvalidInput, action

from . import actions
from .models import Code, Edition
from .pasting import MOST, Line

ADD, RENAME, CLOSE, SAME = "add", "rename", "close", "same"


@dataclass(frozen=True)
class Outcome:
    """What a row does (several things, or nothing new), or why it is refused."""

    line: Line
    does: tuple[str, ...] = ()
    before: str = ""  # the name that the code has had
    fault: str = ""


class NothingChanged(InvalidInput):
    """Rows were refused, so nothing was written; `outcomes` has one for each row."""

    code = "codelists.nothing_changed"

    def __init__(self, outcomes: Sequence[Outcome]) -> None:
        count = sum(1 for one in outcomes if one.fault)
        super().__init__(_("%(count)d dòng chưa đúng, nên chưa ghi dòng nào.") % {"count": count})
        self.outcomes = list(outcomes)


@action("codelists.change_many")
def change_many(act: Act, *, edition: Edition, lines: Sequence[Line], legal_basis: str) -> list[Outcome]:
    """Make an edition say what the rows say, all of them or none: a code that is not there is added, another name corrects
    the one it has, a day on which it is used no more ends it. Codes that no row names stay.

    A row may come before the row of the code above it. Raises :class:`NothingChanged` with an outcome for each row.
    """
    act.require(actions.MANAGE, actions.province_path())
    if len(lines) > MOST:
        raise InvalidInput(_("Mỗi lần nhiều nhất %(most)d dòng; cả danh mục thì nạp ấn bản.") % {"most": MOST})
    done: dict[int, Outcome] = {}
    left = list(enumerate(lines))
    while left:
        tried = [(place, _tried(act, edition, line, legal_basis)) for place, line in left]
        done |= dict(tried)
        again = [place for place, outcome in tried if outcome.fault]
        if len(again) == len(left):
            break
        left = [(place, lines[place]) for place in again]
    outcomes = [done[place] for place in range(len(lines))]
    if any(one.fault for one in outcomes):
        raise NothingChanged(outcomes)
    act.record(edition, after={verb: sum(1 for one in outcomes if verb in one.does) for verb in (ADD, RENAME, CLOSE)})
    return outcomes


def preview(actor: Actor, edition: Edition, lines: Sequence[Line], legal_basis: str) -> list[Outcome]:
    """What :func:`change_many` would do and refuse now, by doing it and taking it all back."""
    with transaction.atomic():
        try:
            found = change_many(actor, edition=edition, lines=lines, legal_basis=legal_basis)
        except NothingChanged as refusal:
            found = refusal.outcomes
        transaction.set_rollback(True)
    return found


def _tried(act: Act, edition: Edition, line: Line, basis: str) -> Outcome:
    if line.fault:
        return Outcome(line, fault=line.fault)
    try:
        with transaction.atomic():
            return _changed(act, edition, line, basis)
    except DomainError as refusal:
        return Outcome(line, fault=str(refusal.message))


def _changed(act: Act, edition: Edition, line: Line, basis: str) -> Outcome:
    found = edition.codes.filter(value=line.code).select_related("parent").order_by("-valid").first()
    if found is None or _begins_anew(found, line):
        actions.add(
            act,
            edition=edition,
            value=line.code,
            name=line.name,
            name_en=line.name_en,
            parent=line.parent,
            since=line.since,
            until=line.until,
            legal_basis=basis,
        )
        return Outcome(line, (ADD,))
    does = list(_of_known(act, found, line, basis))
    return Outcome(line, tuple(does) or (SAME,), found.name)


def _begins_anew(found: Code, line: Line) -> bool:
    return bool(line.since and found.valid.upper and line.since >= found.valid.upper)


def _of_known(act: Act, found: Code, line: Line, basis: str) -> Iterable[str]:
    above = found.parent.value if found.parent else ""
    if line.parent and line.parent != above:
        said = _("Mã “%(value)s” đã có dưới mã “%(above)s”; chuyển sang mã khác thì đặt mã mới.")
        raise InvalidInput(said % {"value": found.value, "above": above or "—"}, field="parent")
    begins = found.valid.lower or found.edition.valid.lower
    if line.since and line.since != begins:
        day = f"{begins:%d/%m/%Y}" if begins else "—"
        said = _("Mã “%(value)s” đã có từ ngày %(day)s; ngày bắt đầu không đổi được.")
        raise InvalidInput(said % {"value": found.value, "day": day}, field="since")
    name, name_en = " ".join(line.name.split()) or found.name, line.name_en or found.name_en
    if (name, name_en) != (found.name, found.name_en):
        actions.correct(act, code=found, name=name, name_en=name_en, legal_basis=basis)
        yield RENAME
    if line.until and line.until != found.valid.upper:
        actions.close(act, code=found, on=line.until, legal_basis=basis)
        yield CLOSE
