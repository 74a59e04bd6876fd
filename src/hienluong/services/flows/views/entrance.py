"""What the pages of this app share: who may enter, the crumbs, the colours."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed
from hienluong.foundation.identity.officials import actor_of

from ..announce import MANAGE
from ..models import FlowVersion, Run, Step

COLOURS = {
    FlowVersion.State.DRAFT: "grey",
    FlowVersion.State.PUBLISHED: "green",
    FlowVersion.State.RETIRED: "grey",
}
RUN_COLOURS = {
    Run.State.RUNNING: "blue",
    Run.State.WAITING: "yellow",
    Run.State.COMPENSATING: "orange",
    Run.State.DONE: "green",
    Run.State.COMPENSATED: "grey",
    Run.State.FAILED: "red",
}
STEP_COLOURS = {
    Step.State.STARTED: "blue",
    Step.State.DONE: "green",
    Step.State.FAILED: "red",
    Step.State.WAITING: "yellow",
}


def entering(request: HttpRequest) -> Actor:
    """Who asks. Raises NotAllowed for whoever has nothing to do with composed services."""
    actor = actor_of(request)
    if not actor.paths_with(MANAGE):
        raise NotAllowed(_("Bạn không có quyền xem dịch vụ phối hợp."))
    return actor


def crumbs(*last: tuple[str, str]) -> list[tuple[str, str]]:
    """Where a page of this app is."""
    return [(_("Dịch vụ phối hợp"), reverse("flows:list") if last else ""), *last]
