"""What an assessment is about: a record that the official may read, or something named in words."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.registers import history, queries
from hienluong.capabilities.registers.access import rights
from hienluong.capabilities.registers.actions import definition_on
from hienluong.capabilities.registers.actions import spec_of as register_spec
from hienluong.capabilities.registers.models import Record
from hienluong.capabilities.scoring import actions
from hienluong.capabilities.scoring.actions import Target
from hienluong.capabilities.scoring.installing import definition_on as form_on
from hienluong.capabilities.scoring.models import Assessment
from hienluong.capabilities.scoring.permissions import ASSESS
from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, action
from hienluong.foundation.organisations.models import Organization


@action("assessments.begin")
def begin(
    act: Act, *, form: str, register: str = "", key: str = "", name: str = "", place: str = "", organization_id: int
) -> Assessment:
    """Begin an assessment today: of the record with this key, which the official must be able to read, or of `name`."""
    organization = Organization.objects.filter(pk=organization_id).first()
    if organization is None:
        raise InvalidInput(_("Hãy chọn cơ quan chấm."), field="organization")
    today = timezone.localdate()
    target = target_of(act.actor, register, key) if register else Target(name)
    return actions.begin(
        act,
        definition=form_on(form, today),
        organization=organization,
        target=target,
        day=today,
        place=place,
    )


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


def places(actor: Actor) -> list[Organization]:
    """The organisations in whose name this official may assess; refused when there are none."""
    paths = actor.paths_with(ASSESS)
    found = list(Organization.objects.filter(path__in=paths).order_by("name"))
    if not found:
        raise NotAllowed(_("Bạn không có quyền chấm điểm."), permission=ASSESS)
    return found
