"""Dossiers that follow a change of the government."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, NotAllowed, action
from hienluong.foundation.organisations.models import Organization

from .. import lawful, steps
from ..handover import Takeover
from ..models import OPEN_STATES, Dossier, Opinion


@action("dossiers.move_to_successor")
def move_to_successor(act: Act, *, dossier: Dossier | int, takeover: Takeover) -> Dossier:
    """An organisation has ended: its open work goes to who takes over from each part, history stays as it was."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình bàn giao được chuyển hồ sơ sang đơn vị kế thừa."))
    dossier = steps.lock(dossier)
    lawful.require(dossier, "move_to_successor")
    before = {**steps.before(dossier), "competent": dossier.competent.name, "handling": dossier.handling.name}
    spec = dossier.procedure_version.spec
    division = str(spec.process.params.get("division", spec.agency.key if spec.agency.level == "commune" else ""))
    dossier.competent = takeover.of(dossier.competent)
    dossier.received_at_org = takeover.of(dossier.received_at_org)
    if dossier.upper:
        dossier.upper = takeover.of(dossier.upper)
    if dossier.handling_id in takeover.ended:
        dossier.handling = takeover.of(dossier.handling, division)
        dossier.handling_path = dossier.handling.path
        _keep_assignee_who_came_along(dossier)
    owed = dossier.opinions.filter(given_at__isnull=True, withdrawn_at__isnull=True).select_related("organization")
    for opinion in owed.filter(organization_id__in=takeover.ended):
        Opinion.objects.filter(pk=opinion.pk).update(organization=takeover.of(opinion.organization))
    steps.place(dossier)
    return steps.finish(
        act,
        dossier,
        verb="move_to_successor",
        before=before,
        note=f"{takeover.predecessor} → {takeover.successor}",
        extra={"competent": dossier.competent.name, "handling": dossier.handling.name},
    )


def _keep_assignee_who_came_along(dossier: Dossier) -> None:
    here = {"organization__path__startswith": dossier.handling_path, "valid__contains": timezone.localdate()}
    if dossier.assignee and not dossier.assignee.positions.filter(**here).exists():
        dossier.assignee = None


@action("dossiers.renew_paths")
def renew_paths(act: Act, *, organization: Organization, dossiers: Sequence[int]) -> int:
    """Dossiers repeat the path of who handles them and of who acts next; returns how many had to change."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình bàn giao được cập nhật đường dẫn đơn vị."))
    changed = 0
    for key in sorted(dossiers):
        dossier = steps.lock(key)
        before = (dossier.handling_path, dossier.waiting_path)
        dossier.handling_path = dossier.handling.path
        if dossier.state in OPEN_STATES or dossier.waiting_path:
            steps.place(dossier)
        if (dossier.handling_path, dossier.waiting_path) != before:
            dossier.save(update_fields=("handling_path", "waiting_task", "waiting_lane", "waiting_path"))
            changed += 1
    act.record(organization, after={"dossiers": len(dossiers), "changed": changed})
    return changed
