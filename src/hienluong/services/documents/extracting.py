"""The text of one file in a process of its own: ``python -m hienluong.services.documents.extracting FILE MEDIA_TYPE``.

The file may come from anybody, so what reads it may use little memory and little time, and can be lost without harm.
Writes the text to standard output, in UTF-8; nothing for what has none.
"""

from __future__ import annotations

import resource
import sys
import zipfile
from collections.abc import Iterator

import pypdfium2
from lxml import etree

MEMORY = 1536 * 1024 * 1024
SECONDS = 40
#: Characters of one file that are read, and bytes of one part of an office file.
MOST, LARGEST_PART = 1_000_000, 60_000_000
MOST_PAGES = 2_000
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
#: The parts of office files that hold words, by the beginning of their names.
_PARTS = {
    _WORD: ("word/document.xml", "word/footnotes.xml", "word/header", "word/footer"),
    _SHEET: ("xl/sharedStrings.xml", "xl/worksheets/"),
    _SLIDES: ("ppt/slides/slide",),
}
#: What ends a paragraph or a cell.
_ENDS = {"p", "tr", "br", "si", "is"}


def text_of(path: str, media_type: str) -> Iterator[str]:
    """The text, piece by piece."""
    if media_type == "application/pdf":
        yield from _pdf(path)
    elif media_type in _PARTS:
        yield from _office(path, _PARTS[media_type])
    elif media_type.startswith("text/"):
        with open(path, "rb") as stream:
            yield stream.read(4 * MOST).decode("utf-8", "replace")


def _pdf(path: str) -> Iterator[str]:
    document = pypdfium2.PdfDocument(path)
    for number in range(min(len(document), MOST_PAGES)):
        yield document[number].get_textpage().get_text_range()


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
    for element in root.iter():
        name = etree.QName(element).localname if isinstance(element.tag, str) else ""
        if name == "t" and element.text:
            found.append(element.text)
        elif name in _ENDS:
            found.append("\n")
    return "".join(found)


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
