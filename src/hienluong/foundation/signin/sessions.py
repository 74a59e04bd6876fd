"""The end of a session that its owner or an administrator asked for, told to whom it concerns."""

from django.dispatch import Signal

#: Sent with ``session_key`` after a session was ended from afar.
session_ended = Signal()
