"""The 72 hours: counted by the hour, night and holiday alike, from the moment of detection (Luật 91/2025/QH15, khoản 1 Điều 23).

The law says "chậm nhất là 72 giờ kể từ khi phát hiện hành vi vi phạm": no working time, no pause, and what is sent at the
very last moment is in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: From detection to the notice.
TERM = timedelta(hours=72)
#: When those who handle breaches are reminded, in hours from detection.
REMINDERS = (24, 48, 66)


@dataclass(frozen=True)
class Clock:
    """How the time of one breach stands at a moment."""

    detected_at: datetime
    told_at: datetime | None
    now: datetime

    @property
    def deadline(self) -> datetime:
        """The last moment in time."""
        return self.detected_at + TERM

    @property
    def is_late(self) -> bool:
        """Whether the notice came, or is still missing, after the deadline."""
        return (self.told_at or self.now) > self.deadline

    @property
    def left(self) -> timedelta:
        """What is left (or was, when told) until the deadline; negative when late."""
        return self.deadline - (self.told_at or self.now)

    @property
    def hours_left(self) -> int:
        """Whole hours left, rounded towards the deadline: 71 h 59 min are 71."""
        return int(self.left.total_seconds() // 3600)

    @property
    def hours_late(self) -> int:
        """Whole hours begun after the deadline; 0 when in time."""
        return -int(self.left.total_seconds() // 3600) if self.is_late else 0


def is_late(detected_at: datetime, told_at: datetime) -> bool:
    """Whether a notice of that moment is late."""
    return told_at > detected_at + TERM


def due_reminders(detected_at: datetime, now: datetime) -> list[int]:
    """The hours after which somebody should have been reminded by now; 72 stands for the end of the time itself."""
    passed = now - detected_at
    return [hours for hours in (*REMINDERS, 72) if passed >= timedelta(hours=hours)]
