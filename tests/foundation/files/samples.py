"""Files that people and attackers hand in, made in memory."""

from __future__ import annotations

import struct
import zipfile
import zlib
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image

DOCX_PART = "word/document.xml"


def pdf(pages: int = 1) -> pikepdf.Pdf:
    """An open document with blank A4 pages."""
    document = pikepdf.Pdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    return document


def saved(document: pikepdf.Pdf, **how: Any) -> bytes:
    """The document as bytes."""
    out = BytesIO()
    document.save(out, **how)
    return out.getvalue()


def plain_pdf(pages: int = 1) -> bytes:
    """A PDF without anything wrong."""
    return saved(pdf(pages))


def script_action() -> pikepdf.Dictionary:
    """An action that runs script."""
    return pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))


def png(width: int = 40, height: int = 30, mode: str = "RGB") -> bytes:
    """A picture."""
    out = BytesIO()
    Image.new(mode, (width, height), "white").save(out, "PNG")
    return out.getvalue()


def jpeg(width: int = 40, height: int = 30) -> bytes:
    """A photograph."""
    out = BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "JPEG")
    return out.getvalue()


def png_claiming(width: int, height: int) -> bytes:
    """A few bytes that claim to be an enormous picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def archive(**members: bytes) -> bytes:
    """A ZIP with these members; ``__`` in a name stands for a slash and ``_DOT_`` for a dot."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, body in members.items():
            zipped.writestr(name.replace("__", "/").replace("_DOT_", "."), body)
    return out.getvalue()


def docx(**more: bytes) -> bytes:
    """Something with the shape of a Word file."""
    return archive(word__document_DOT_xml=b"<w:document/>", **more)


def object_stream_bomb(unpacked: int) -> bytes:
    """A small PDF whose one object stream unpacks to this many bytes."""
    body = b"1 0 2 30 " + b"<< /Type /Catalog /Pages 2 0 R >>".ljust(40)
    blank, times = b" " * (1 << 20), unpacked // (1 << 20)
    packer = zlib.compressobj(9, wbits=-15)
    head = packer.compress(body) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(blank) + packer.flush(zlib.Z_FULL_FLUSH)  # refers to nothing before it
    check = zlib.adler32(body)
    for _ in range(times):
        check = zlib.adler32(blank, check)
    packed = b"\x78\xda" + head + block * times + packer.flush() + check.to_bytes(4, "big")
    parts = [b"%PDF-1.5\n"]
    parts.append(
        b"3 0 obj\n<< /Type /ObjStm /N 1 /First 9 /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed)
        + packed
        + b"\nendstream\nendobj\n"
    )
    at = len(parts[0])
    xref_at = sum(map(len, parts))
    rows = bytes([0, 0, 0, 0, 0]) + bytes([2, 0, 0, 3, 0]) + bytes([0, 0, 0, 0, 0])
    rows += bytes([1]) + at.to_bytes(3, "big") + b"\0" + bytes([1]) + xref_at.to_bytes(3, "big") + b"\0"
    table = zlib.compress(rows)
    parts.append(
        b"4 0 obj\n<< /Type /XRef /Size 5 /W [1 3 1] /Root 1 0 R /Filter /FlateDecode /Length %d >>\nstream\n"
        % len(table)
        + table
        + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % xref_at
    )
    return b"".join(parts)
