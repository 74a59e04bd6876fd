"""The content of a file out of a package: Base64, and out of the archive that some senders put it into."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
import zlib
from pathlib import PurePosixPath

from .faults import BadPackage, Fault, wrong

#: How many times its packed size a file may have.
MOST_RATIO = 200


def decoded(name: str, text: str, most: int) -> bytes:
    """The content that `text` encodes, at most `most` bytes. Raises :class:`BadPackage`."""
    try:
        content = _base64(text)
    except (binascii.Error, ValueError) as error:
        raise _bad(f"Nội dung tệp “{name}” không phải Base64.") from error
    if len(content) > most:
        raise _too_large(name, most)
    if content.startswith(b"PK\x03\x04"):
        content = _out_of_archive(name, content, most)
    return content


def _base64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:  # mostly broken into lines, which is allowed and costs more to read
        return base64.b64decode("".join(text.split()), validate=True)


def _out_of_archive(name: str, content: bytes, most: int) -> bytes:
    """The one file in the archive; the archive itself when that is what was sent (Word, Excel, ``.zip``)."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = [member for member in archive.infolist() if not member.is_dir()]
            if len(members) != 1:
                return content
            member = members[0]
            inside = PurePosixPath(member.filename).suffix.lower()
            if PurePosixPath(name).suffix.lower() == ".zip" and inside != ".zip":
                return content
            if member.flag_bits & 1:
                raise _bad(f"Tệp “{name}” nén có mật khẩu.")
            if member.file_size > most or member.file_size > MOST_RATIO * max(member.compress_size, 1000):
                raise _too_large(name, most)
            with archive.open(member) as stream:
                found = stream.read(most + 1)
    except (zipfile.BadZipFile, NotImplementedError, zlib.error, EOFError, OSError, RuntimeError) as error:
        raise _bad(f"Tệp nén “{name}” bị hỏng.") from error
    if len(found) > most:
        raise _too_large(name, most)
    return found


def _bad(words: str) -> BadPackage:
    return BadPackage([wrong("Attachment.ContentTransferEncoded", words)])


def _too_large(name: str, most: int) -> BadPackage:
    return BadPackage([Fault("R.Attachment", f"Tệp “{name}” lớn quá {most // (1024 * 1024)} MB.")])
