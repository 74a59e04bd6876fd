"""The text of one file in a process of its own: ``python -m hienluong.services.documents.extracting FILE MEDIA_TYPE``.

The file may come from anybody, so what reads it may use little memory and little time, and can be lost without harm.
Writes the text to standard output, in UTF-8; nothing for what has none. What stands alone in a cell, a text box or a column
is a line of its own. ``ANY`` as the media type: what the file is, is seen from its beginning.
"""

from __future__ import annotations

import re
import resource
import sys
import unicodedata
import zipfile
from collections.abc import Iterator

import pypdfium2
from lxml import etree

MEMORY = 1536 * 1024 * 1024
SECONDS = 40
#: Characters of one file that are read, and bytes of one part of an office file.
MOST, LARGEST_PART = 1_000_000, 60_000_000
MOST_PAGES = 2_000
ANY = "*/*"
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
#: The parts of office files that hold words, by the beginning of their names.
_PARTS = {
    _WORD: ("word/document", "word/footnotes.xml", "word/header", "word/footer"),
    _SHEET: ("xl/sharedStrings.xml", "xl/worksheets/", "xl/drawings/drawing"),
    _SLIDES: ("ppt/slides/slide",),
}
#: What begins and ends a line: paragraphs, cells, text boxes.
_LINES = {"p", "tr", "tc", "br", "tab", "si", "is", "txbxContent"}
#: The margins of a sheet, and what in them is no word: where it stands, in which font.
_MARGINS = {f"{which}{place}" for which in ("odd", "even", "first") for place in ("Header", "Footer")}
_MARGIN_CODES = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|\d+|.)')


def text_of(path: str, media_type: str) -> Iterator[str]:
    """The text, piece by piece."""
    if media_type == ANY:
        media_type = _seen(path)
    if media_type == "application/pdf":
        yield from _pdf(path)
    elif media_type in _PARTS:
        yield from _office(path, _PARTS[media_type])
    elif media_type.startswith("text/"):
        with open(path, "rb") as stream:
            yield stream.read(4 * MOST).decode("utf-8", "replace")


def _seen(path: str) -> str:
    with open(path, "rb") as stream:
        begins = stream.read(1024)
    if b"%PDF-" in begins:
        return "application/pdf"
    if not zipfile.is_zipfile(path):
        return ""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return next((kind for kind, parts in _PARTS.items() if any(name.startswith(parts) for name in names)), "")


def _pdf(path: str) -> Iterator[str]:
    document = pypdfium2.PdfDocument(path)
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        text = page.get_textpage().get_text_range()
        # Only where it matters: what stands beside other words is one line with them in the text of the file.
        yield _by_columns(page) if "ẬT" in unicodedata.normalize("NFC", text) else text


def _by_columns(page: pypdfium2.PdfPage) -> str:
    from hienluong.services.documents.reading.pages import text_lines

    return "\n".join(line["text"] for line in text_lines(page))


def _office(path: str, names: tuple[str, ...]) -> Iterator[str]:
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if info.filename.startswith(names) and info.filename.endswith(".xml") and info.file_size <= LARGEST_PART:
                yield _words(archive.read(info))


def _words(content: bytes) -> str:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True)
    root = etree.fromstring(content, parser)
    if root is None:
        return ""
    found: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name in _LINES:
            found.append("\n")
        elif event == "end":
            continue
        elif name == "t" and element.text:
            found.append(element.text)
        elif name == "textpath":  # words drawn as a shape, such as a mark across the page
            found.append(f"\n{element.get('string', '')}\n")
        elif name in _MARGINS and element.text:
            found.append(_MARGIN_CODES.sub("\n", f"\n{element.text}\n"))
    return re.sub(r"\n{2,}", "\n", "".join(found)).strip("\n")


def main(path: str, media_type: str) -> None:
    """Read and write, up to the limit."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    written = 0
    for piece in text_of(path, media_type):
        if written >= MOST:
            break
        sys.stdout.buffer.write(piece[: MOST - written].encode("utf-8", "replace") + b"\n")
        written += len(piece)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
