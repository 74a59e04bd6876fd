"""How long a way back waits, how long it holds, how long it can be stopped.

A wait gives the owner time to read the notice on another channel and to say "this was not me". The surer the proof,
the shorter it is.
"""

from __future__ import annotations

from datetime import timedelta

from .models import Recovery

#: Codes alone: whoever found the paper with them and reads the mail must wait a day.
BY_CODES = timedelta(hours=24)
#: At a counter by eye: a face and a card resemble each other soon.
BY_EYE = timedelta(hours=24)
#: At a counter where the chip or the QR code of the card was read and agreed.
BY_CARD = timedelta(0)
#: Two administrators who know their colleague.
BY_ADMINISTRATORS = timedelta(hours=1)
#: How long after its opening a code can be used.
HOLDS = timedelta(days=7)
#: How long a second administrator may take.
SECOND_PAIR_OF_EYES = timedelta(days=2)
#: How long afterwards "this was not me" still closes what was opened.
STOPPABLE = timedelta(days=7)
#: How long the first code of a new account can be used.
FIRST_HOLDS = timedelta(days=14)
#: How long a mailed code can be used.
MAILED_HOLDS = timedelta(minutes=30)


def stoppable(recovery: Recovery) -> bool:
    """Whether "this was not me" still does something."""
    from django.utils import timezone

    if recovery.state in (Recovery.State.ASKED, Recovery.State.WAITING):
        return True
    done = recovery.state == Recovery.State.DONE and recovery.done_at is not None
    return bool(done and recovery.done_at and recovery.done_at > timezone.now() - STOPPABLE)
