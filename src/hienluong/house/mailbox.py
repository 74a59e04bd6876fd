"""A trial mailbox ("hộp thư thử"): takes every message over real SMTP and keeps it as a file, sends nothing on.

It runs when no mail server is named; an installation names its own with ``HIENLUONG_SMTP_HOST``.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

#: How many messages are kept; older ones are deleted.
KEPT = 2000


class Keep:
    """Writes each message to the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Keep one message, whole or not at all."""
        content = envelope.content or b""
        unfinished = self.folder / f"{time.time_ns()}.part"
        unfinished.write_bytes(content if isinstance(content, bytes) else content.encode())
        unfinished.rename(unfinished.with_suffix(".eml"))
        for old in sorted(self.folder.glob("*.eml"))[:-KEPT]:
            old.unlink(missing_ok=True)
        return "250 OK"


def main(port: int, folder: Path) -> None:
    """Take mail at 127.0.0.1:`port` until told to stop."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    controller = Controller(Keep(folder), hostname="127.0.0.1", port=port)
    controller.start()
    stop.wait()
    controller.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
