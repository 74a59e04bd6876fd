"""Background work of provisioning: sheets row by row, invitations by mail, who has left."""

from __future__ import annotations

import logging

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from hienluong.foundation.actions import InvalidInput, system

from .models import Invitation, Sheet

logger = logging.getLogger(__name__)


def begin(sheet: Sheet) -> None:
    """Hand a sheet to a worker; it begins when the transaction of the caller is there."""
    go_on.configure(lock=f"provisioning.sheet:{sheet.pk}").defer(sheet_id=str(sheet.pk))


@app.task(queue="default", name="provisioning.sheet", retry=5)
def go_on(sheet_id: str) -> None:
    """Write, or take back, what is left. Repeating it does no harm: a row that was written waits no more."""
    from hienluong.foundation.identity.queries import actor_of

    from . import importing

    sheet = Sheet.objects.select_related("account").get(pk=sheet_id)
    actor = actor_of(sheet.account).with_purpose("provisioning")
    verb = {Sheet.State.RUNNING: importing.write_row, Sheet.State.UNDOING: importing.take_back_row}.get(
        Sheet.State(sheet.state)
    )
    try:
        while verb is not None and verb(actor, sheet=sheet):
            pass
    except InvalidInput as refused:
        if refused.field != "state":  # stopped meanwhile; anything else is a fault to be tried again and seen
            raise


@app.task(queue="mail", name="provisioning.send_invitation", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def send_invitation(invitation_id: int) -> None:
    """Mail one invitation; tried again when the server does not take it, never when the address is refused for good."""
    from . import invitations

    waiting = Invitation.objects.filter(pk=invitation_id, used_at=None, cancelled_at=None, sent_at=None).first()
    if waiting is not None:
        invitations.send(system("Gửi thư mời"), waiting)


@app.periodic(cron="1 * * * *")  # at one past midnight in Việt Nam, too
@app.task(queue="default", name="provisioning.close_departures", queueing_lock="provisioning.close_departures")
def close_departures(timestamp: int) -> None:
    """Each hour, so also just after midnight and after any time of standing still: close what is due, one by one.

    What fails for one person is said in the log and tried again in an hour; the others are closed all the same.
    """
    from . import leaving

    actor, failed = system("Đóng tài khoản người thôi giữ chức vụ"), 0
    for official, end in leaving.due(timezone.localdate()):
        try:
            leaving.leave(actor, official=official, on=end)
        except Exception:  # whatever it was, the next person's account must be closed
            logger.exception("could not close what %s left", official.code)
            failed += 1
    if failed:
        raise RuntimeError(f"{failed} departures were not closed")


@app.periodic(cron="7 1 * * *")  # 08:07 in Việt Nam
@app.task(queue="default", name="provisioning.remind_of_delegations", queueing_lock="provisioning.remind")
def remind_of_delegations(timestamp: int) -> None:
    """Each morning: lent powers that end with the day."""
    from . import delegating

    delegating.remind()
