"""What an assessment is about: a record that the official may read, or something named in words."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import history, queries
from hienluong.capabilities.registers.access import rights
from hienluong.capabilities.registers.actions import definition_on
from hienluong.capabilities.registers.actions import spec_of as register_spec
from hienluong.capabilities.registers.models import Record, Register
from hienluong.capabilities.scoring import actions
from hienluong.capabilities.scoring.actions import Target
from hienluong.capabilities.scoring.installing import definition_on as form_on
from hienluong.capabilities.scoring.models import Assessment
from hienluong.capabilities.scoring.permissions import ASSESS
from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, action
from hienluong.foundation.organisations.models import Organization

from . import looks

#: So many days after it was begun on a phone an assessment may still arrive.
LATEST = 30


@action("assessments.begin")
def begin(
    act: Act,
    *,
    form: str,
    register: str = "",
    key: str = "",
    name: str = "",
    place: str = "",
    organization_id: int,
    own_key: UUID | None = None,
    day: date | None = None,
) -> Assessment:
    """Begin an assessment: of the record with this key, which the official must be able to read, or of `name`.

    `own_key` and `day` are those of a phone that began it without network, no more than :data:`LATEST` days ago.
    """
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None:
        raise InvalidInput(_("Hãy chọn cơ quan chấm."), field="organization")
    day = day or timezone.localdate()
    if day < timezone.localdate() - timedelta(days=LATEST):
        raise InvalidInput(_("Biên bản bắt đầu quá lâu trước ngày gửi lên."), field="day")
    target = target_of(act.actor, register, key) if register else Target(name)
    begun = actions.begin(
        act,
        definition=form_on(form, day),
        organization=organization,
        target=target,
        day=day,
        place=place,
        key=own_key,
    )
    looks.write_down(act.actor, [begun])
    return begun


def target_of(actor: Actor, register: str, key: str) -> Target:
    """A record as the target. Raises InvalidInput when there is none that this official may read."""
    record = (
        Record.objects.select_related("register__owner")
        .filter(register__code=register.replace("\x00", ""), key=key.strip().replace("\x00", ""))
        .first()
    )
    if record is not None:
        spec = register_spec(definition_on(record.register, timezone.localdate()))
        readable = rights(actor, spec, queries.place_of(record)).read
        newest = history.newest(record)
        if readable:
            shown = newest.data.get(spec.name) if newest and spec.name in readable else None
            return Target(str(shown or record.key), register, record.pk, record.key)
    raise InvalidInput(_("Không có bản ghi với mã này, hoặc bạn không được xem."), field="key")


def page_of(actor: Actor, assessment: Assessment) -> tuple[str, int] | None:
    """The register and number of the assessed record, for a link; None when there is none, or none that may be read."""
    if not assessment.register or assessment.record is None:
        return None
    try:
        target = target_of(actor, assessment.register, assessment.target_key)
    except InvalidInput:
        return None
    return (target.register, target.record) if target.record is not None else None


def titles(codes: Collection[str]) -> dict[str, str]:
    """What the registers with these codes are called today; the code where there is no such register."""
    known = Register.objects.filter(code__in=codes)
    named = {one.code: register_spec(definition_on(one, timezone.localdate())).title for one in known}
    return {code: named.get(code, code) for code in codes}


def places(actor: Actor) -> list[Organization]:
    """The organisations in whose name this official may assess; refused when there are none."""
    paths = actor.paths_with(ASSESS)
    found = list(Organization.objects.filter(path__in=paths).order_by("name"))
    if not found:
        raise NotAllowed(_("Bạn không có quyền chấm điểm."), permission=ASSESS)
    return found
