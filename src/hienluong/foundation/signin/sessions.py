"""The end of a session that its owner or an administrator asked for, and another key of one, told to whom it concerns."""

from django.dispatch import Signal

#: Sent with ``session_key`` after a session was ended from afar.
session_ended = Signal()
#: Sent with ``before`` and ``session_key`` when a session goes on under another key.
session_renamed = Signal()
#: Sent with ``account`` when nothing that was granted in its name may go on, except (with ``but``) through the session
#: with that key.
account_closed = Signal()
