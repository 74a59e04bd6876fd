"""With a scanner set, nothing passes unseen. The scanner here is a server that speaks ClamAV's protocol."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files import store
from hienluong.foundation.files.models import Blob, StoredFile
from hienluong.foundation.files.scanning import ScannerAway

from . import samples

pytestmark = pytest.mark.django_db
MARK = b"X5O!P%@AP-DAU-HIEU-THU"


class Scanner(socketserver.StreamRequestHandler):
    """INSTREAM: chunks of a length and bytes until a length of 0, then one line of verdict."""

    def handle(self) -> None:
        assert self.rfile.readline() == b"nINSTREAM\n"
        body = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            body += self.rfile.read(size)
        verdict = b"stream: Thu-Signature FOUND\n" if MARK in body else b"stream: OK\n"
        self.wfile.write(verdict)


@pytest.fixture(params=["tcp", "unix"])
def scanner(request: pytest.FixtureRequest, settings: Any, tmp_path: Path) -> Iterator[None]:
    if request.param == "tcp":
        server: socketserver.BaseServer = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Scanner)
        settings.CLAMD = f"tcp:127.0.0.1:{server.server_address[1]}"  # type: ignore[index]
    else:
        server = socketserver.ThreadingUnixStreamServer(str(tmp_path / "clamd.ctl"), Scanner)
        settings.CLAMD = f"unix:{tmp_path / 'clamd.ctl'}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield
    server.shutdown()
    server.server_close()


def keep(data: bytes) -> StoredFile:
    return store(BytesIO(data), name="don.pdf", owner=None, purpose="kiem-thu")


def infected() -> bytes:
    return samples.plain_pdf() + b"\n%" + MARK


@pytest.mark.usefixtures("scanner")
def test_a_clean_file_is_kept_as_scanned() -> None:
    assert keep(samples.plain_pdf()).scan == StoredFile.Scan.CLEAN


@pytest.mark.usefixtures("scanner")
def test_malware_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidInput, match="Thu-Signature") as caught:
        keep(infected())
    assert caught.value.code == "files.malware"
    assert not Blob.objects.exists()


def test_without_a_scanner_the_file_says_that_it_was_not_scanned() -> None:
    assert keep(samples.plain_pdf()).scan == StoredFile.Scan.NOT_SCANNED


@pytest.mark.parametrize("where", ["tcp:127.0.0.1:1", "unix:/khong/co/clamd.ctl"])
def test_a_scanner_that_is_down_lets_nothing_through(settings: Any, where: str) -> None:
    settings.CLAMD = where
    with pytest.raises(ScannerAway) as caught:
        keep(samples.plain_pdf())
    assert caught.value.status == 503
    assert not Blob.objects.exists()
