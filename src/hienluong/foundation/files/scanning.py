"""The malware scanner, when there is one: ClamAV's daemon over its own protocol."""

from __future__ import annotations

from pathlib import Path

import clamd
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import DomainError

from .checks import refuse


class ScannerAway(DomainError):
    """A scanner is configured but does not answer: the file is not taken unseen."""

    code = "files.scanner_away"
    status = 503


def scan(path: Path) -> bool:
    """True when a scanner looked and found nothing, False when none is configured.

    Raises InvalidInput for malware, :class:`ScannerAway` when the configured scanner is down.
    """
    where = settings.CLAMD
    if not where:
        return False
    if where.startswith("unix:"):
        scanner = clamd.ClamdUnixSocket(where.removeprefix("unix:"), timeout=30)
    else:
        host, _colon, port = where.removeprefix("tcp:").rpartition(":")
        scanner = clamd.ClamdNetworkSocket(host, int(port), timeout=30)
    try:
        with path.open("rb") as stream:
            answer = scanner.instream(stream)
    except (clamd.ClamdError, OSError) as error:
        raise ScannerAway(_("Máy quét mã độc tạm thời không phản hồi. Xin thử lại sau ít phút.")) from error
    verdict, signature = answer["stream"]
    if verdict == "FOUND":
        raise refuse(_("Tệp có mã độc (%(name)s), không được nhận.") % {"name": signature}, "malware")
    return True
