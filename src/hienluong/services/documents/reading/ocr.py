"""The text of a scan or a file: from its text layer where it has one, else read from the picture by Tesseract.

Both run as programs of their own with little memory, little time and one thread; a page that takes too long is told, not
waited for.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from hienluong.services.documents.reading import pages as taking_out
from hienluong.services.documents.reading.parsing import SECRECY_MARKS, URGENCY_MARKS, bare

#: Limits of one reading.
MOST_PAGES, SECONDS_A_PAGE, LARGEST = 50, 60.0, 100_000_000
#: The memory that Tesseract may take, in KB.
_MEMORY = 1_500_000
#: Below this share of certainty a page is tried turned by a quarter or a half.
_UNSURE = 0.55
#: A gap wider than this many heights of the line parts two columns.
_COLUMN_GAP = 1.8
#: Words less certain than this are specks.
_SPECK = 12.0
#: Red letters less certain than this are part of a seal, not a stamp.
_STAMP_SURE = 0.3
#: Lines less certain than this are read again, so many of a page.
_DOUBTFUL, _MOST_AGAIN = 0.82, 16
_LOOK_ALIKES = str.maketrans("ÐÑñ", "ĐNn")
_INSTALL = "apt-get install tesseract-ocr tesseract-ocr-vie"


class ReadingRefused(ValueError):
    """The file cannot be read; the message tells an official why."""


class TesseractMissing(ReadingRefused):
    """The program that reads scans, or its Vietnamese data, is not installed."""


@dataclass(frozen=True)
class Box:
    """Where something stands: pages count from 0, points from the upper left corner."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def middle(self) -> float:
        """Between left and right."""
        return (self.x0 + self.x1) / 2

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.y1 - self.y0


@dataclass(frozen=True)
class TextLine:
    """Words beside each other in one column."""

    text: str
    box: Box
    #: 0 to 1.
    confidence: float


@dataclass(frozen=True)
class Page:
    """What was read of one page."""

    number: int
    lines: tuple[TextLine, ...]
    width: float
    height: float
    #: "text" from the file, "picture" read by Tesseract, "unread" when it took too long.
    source: str
    confidence: float
    #: Stamps: what is written in red ink, which is taken away before the page is read, and words in frames.
    stamps: tuple[TextLine, ...] = ()

    @property
    def text(self) -> str:
        """The lines, and before them what was stamped."""
        return "\n".join(line.text for line in (*self.stamps, *self.lines))


@dataclass(frozen=True)
class Reading:
    """What was read of a file."""

    pages: tuple[Page, ...]
    #: What an official must know: pages left out or unread.
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def text(self) -> str:
        """All pages, parted by a form feed."""
        return "\f".join(page.text for page in self.pages)

    @property
    def confidence(self) -> float:
        """0 to 1, by letters."""
        letters = [max(1, sum(len(line.text) for line in page.lines)) for page in self.pages]
        total = sum(letters)
        return (
            sum(page.confidence * count for page, count in zip(self.pages, letters, strict=True)) / total
            if total
            else 0.0
        )


@dataclass
class _Clock:
    ends: float
    unread: list[int] = field(default_factory=list)

    def left(self) -> float:
        return max(0.0, self.ends - time.monotonic())


def available() -> str:
    """Empty when scans can be read; else what to install, for the doctor and for messages."""
    program = shutil.which("tesseract")
    if program is None:
        return _INSTALL
    try:
        listed = subprocess.run([program, "--list-langs"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return _INSTALL
    return "" if "vie" in listed.stdout.split() else _INSTALL


def read(
    content: bytes,
    *,
    most_pages: int = MOST_PAGES,
    seconds_a_page: float = SECONDS_A_PAGE,
    seconds: float | None = None,
) -> Reading:
    """Read a PDF or a picture (PNG, JPEG, TIFF of several pages, WebP, BMP).

    Takes up to `seconds` in all, `seconds_a_page` for each page. Raises :class:`ReadingRefused` for a file that cannot be
    opened, :class:`TesseractMissing` when a page needs Tesseract and it is not there.
    """
    begun = time.monotonic()
    if not content or len(content) > LARGEST:
        raise ReadingRefused(_("Tệp trống hoặc lớn hơn %(size)s MB, không đọc được.") % {"size": LARGEST // 1_000_000})
    clock = _Clock(begun + (seconds if seconds is not None else seconds_a_page * most_pages))
    with tempfile.TemporaryDirectory(prefix="hienluong-reading-") as name:
        folder = Path(name)
        taken = _taken_out(content, folder, most_pages, clock)
        found = tuple(
            _page(number, entry, folder, seconds_a_page, clock) for number, entry in enumerate(taken["pages"])
        )
    warnings = []
    if taken["left_out"]:
        warnings.append(_("Tệp dài quá %(most)s trang: các trang sau chưa đọc.") % {"most": most_pages})
    if clock.unread:
        listed = ", ".join(str(number + 1) for number in clock.unread)
        warnings.append(_("Đọc quá thời gian cho phép, chưa đọc được trang: %(pages)s.") % {"pages": listed})
    return Reading(found, tuple(warnings), time.monotonic() - begun)


def _taken_out(content: bytes, folder: Path, most: int, clock: _Clock) -> dict[str, Any]:
    (folder / "file").write_bytes(content)
    command = [sys.executable, "-W", "ignore", "-m", taking_out.__name__, str(folder / "file"), str(folder), str(most)]
    code, _out = _run(command, min(clock.left(), 20.0 + taking_out.SECONDS_A_PAGE * most))
    if code == taking_out.TOO_LARGE:
        raise ReadingRefused(_("Ảnh quá lớn (quá nhiều điểm ảnh), không đọc được; hãy quét ở 300 dpi."))
    if code != 0 or not (folder / "pages.json").exists():
        raise ReadingRefused(_("Tệp này không phải PDF hoặc ảnh, có mật khẩu hoặc đã hỏng, không đọc được."))
    taken: dict[str, Any] = json.loads((folder / "pages.json").read_text("utf-8"))
    return taken


def _page(number: int, entry: dict[str, Any], folder: Path, seconds: float, clock: _Clock) -> Page:
    size = (float(entry["width"]), float(entry["height"]))
    if "lines" in entry:
        lines = [TextLine(_tidy(line["text"]), Box(number, *line["box"]), 1.0) for line in entry["lines"]]
        return Page(number, tuple(_joined(lines)), *size, source="text", confidence=1.0)
    try:
        return _read_picture(number, entry, folder, min(seconds, clock.left()), size)
    except subprocess.TimeoutExpired:
        clock.unread.append(number)
        return Page(number, (), *size, source="unread", confidence=0.0)


def _read_picture(number: int, entry: dict[str, Any], folder: Path, seconds: float, size: tuple[float, float]) -> Page:
    ends = time.monotonic() + seconds
    picture, scale = folder / entry["picture"], float(entry["scale"])
    turn = _upright(picture, ends) if entry["lies"] else 0
    lines = _lines(_tesseract(picture, ends, "3"), number, scale)
    confidence = _certainty(lines)
    if confidence < _UNSURE and not entry["lies"] and (turn := _upright(picture, ends)):
        lines = _lines(_tesseract(picture, ends, "3"), number, scale)
        confidence = _certainty(lines)
    lines = _read_again(lines, picture, scale, ends)
    confidence = _certainty(lines)
    stamps: list[TextLine] = []
    if entry["red"]:
        ink = folder / entry["red"]
        _turned(ink, turn)
        stamps = [line for line in _lines(_tesseract(ink, ends, "11"), number, scale) if line.confidence > _STAMP_SURE]
    if number == 0:
        stamps += _framed(picture, number, scale, ends)
    if turn in (90, 270):
        size = (size[1], size[0])
    return Page(number, tuple(lines), *size, source="picture", confidence=confidence, stamps=tuple(stamps))


def _framed(picture: Path, number: int, scale: float, ends: float) -> list[TextLine]:
    """Marks of urgency and secrecy in the head of a black and white page: a frame around a word is taken for a picture
    when the page is read, so the head is looked over again for words that stand alone."""
    from PIL import Image

    head = picture.with_suffix(".head.png")
    with Image.open(picture) as page:
        part = page.crop((0, 0, page.width, page.height * 2 // 5))
        part.resize((part.width * 2 // 3, part.height * 2 // 3), Image.Resampling.BOX).save(head, compress_level=1)
    found = _lines(_tesseract(head, ends, "11"), number, scale * 1.5)
    return [
        line for line in found if bare(line.text) in (*SECRECY_MARKS, *URGENCY_MARKS) and line.text.upper() == line.text
    ]


def _read_again(lines: list[TextLine], picture: Path, scale: float, ends: float) -> list[TextLine]:
    """Doubtful lines once more, each cut out by itself: where small and large letters of two columns stand beside each
    other, they were read as one line of one size. The more certain reading counts."""
    from PIL import Image

    doubtful = [number for number, line in enumerate(lines) if line.confidence < _DOUBTFUL and len(line.text) > 2]
    doubtful = doubtful[:_MOST_AGAIN]
    if not doubtful:
        return lines
    cut: list[str] = []
    with Image.open(picture) as page:
        for number in doubtful:
            box = lines[number].box
            margin = 0.35 * box.height
            edges = (box.x0 - margin, box.y0 - margin, box.x1 + margin, box.y1 + margin)
            left, top, right, bottom = (round(edge / scale) for edge in edges)
            name = picture.with_suffix(f".line{number}.png")
            page.crop((max(left, 0), max(top, 0), min(right, page.width), min(bottom, page.height))).save(name)
            cut.append(str(name))
    listed = picture.with_suffix(".txt")
    listed.write_text("\n".join(cut), "utf-8")
    better = list(lines)
    for words in _words_by_line(_tesseract(listed, ends, "7")):
        number = doubtful[words[0].picture - 1]
        line = next(_columns(words, lines[number].box.page, scale, apart=False))
        if line.confidence > better[number].confidence:
            better[number] = replace(better[number], text=line.text, confidence=line.confidence)
    return better


def _upright(picture: Path, ends: float) -> int:
    """Ask which way is up on a page, turn it so, and say by how many degrees it was turned."""
    from PIL import Image

    small = picture.with_suffix(".small.png")
    with Image.open(picture) as page:
        page.thumbnail((1300, 1300))
        page.save(small, compress_level=1)
    said = dict(line.split(": ", 1) for line in _tesseract(small, ends, "0", data="osd").splitlines() if ": " in line)
    degrees = int(said.get("Rotate", "0"))
    _turned(picture, degrees)
    return degrees


def _turned(picture: Path, degrees: int) -> None:
    from PIL import Image

    if degrees in (90, 180, 270):
        with Image.open(picture) as page:
            upright = page.rotate(-degrees, expand=True)
        upright.save(picture, compress_level=1)


def _tesseract(picture: Path, ends: float, segmentation: str, *, data: str = "vie") -> str:
    program = shutil.which("tesseract")
    if program is None:
        raise TesseractMissing(
            _("Máy chủ chưa có chương trình đọc bản quét. Hãy cài: %(command)s") % {"command": _INSTALL}
        )
    command = [program, str(picture), "stdout", "-l", data, "--psm", segmentation, "--dpi", "300"]
    if data == "vie":
        command += ["--oem", "1", "tsv"]
    code, out = _run(command, ends - time.monotonic())
    if code != 0 and data == "vie":
        if available():
            raise TesseractMissing(
                _("Máy chủ chưa có chương trình đọc bản quét. Hãy cài: %(command)s") % {"command": _INSTALL}
            )
        raise ReadingRefused(_("Chương trình đọc bản quét không đọc được trang này."))
    return out


def _run(command: Sequence[str], seconds: float) -> tuple[int, str]:
    """Run a program with limits; when its time is over, it and its children are killed. Exit code and output."""
    if seconds <= 0:
        raise subprocess.TimeoutExpired(list(command), seconds)
    limited = ["/bin/sh", "-c", f'ulimit -v {_MEMORY * 2}; ulimit -c 0; exec "$@"', "sh", *command]
    environment = {**os.environ, "OMP_THREAD_LIMIT": "1"}
    started = subprocess.Popen(
        limited,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        out, _err = started.communicate(timeout=seconds)
    except BaseException:
        os.killpg(started.pid, signal.SIGKILL)
        started.communicate()
        raise
    return started.returncode, out.decode("utf-8", "replace")


def _lines(table: str, page: int, scale: float) -> list[TextLine]:
    """The lines of Tesseract's table of words, parted where a gap parts two columns."""
    return [line for words in _words_by_line(table) for line in _columns(words, page, scale)]


@dataclass(frozen=True)
class _Word:
    picture: int
    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float


def _words_by_line(table: str) -> Iterator[list[_Word]]:
    last, words = None, list[_Word]()
    for row in table.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) < 12 or cells[0] != "5" or not cells[11].strip():
            continue
        confidence = float(cells[10])
        if confidence < _SPECK and not any(letter.isalnum() for letter in cells[11]):
            continue
        line = tuple(cells[1:5])
        if line != last and words:
            yield words
            words = []
        last = line
        left, top, wide, high = (float(cell) for cell in cells[6:10])
        words.append(
            _Word(int(cells[1]), _without_specks(_tidy(cells[11])), left, top, left + wide, top + high, confidence)
        )
    if words:
        yield words


def _without_specks(word: str) -> str:
    """A lone quotation mark before a letter is a speck beside it."""
    rest = word.lstrip("'‘’`")
    return rest if rest and not set(rest) & set("'‘’`") else word


def _columns(words: list[_Word], page: int, scale: float, *, apart: bool = True) -> Iterator[TextLine]:
    high = sorted(word.bottom - word.top for word in words)[len(words) // 2]
    start = 0
    for number in range(1, len(words) + 1):
        goes_on = number < len(words) and words[number].left - words[number - 1].right <= _COLUMN_GAP * high
        if goes_on or (number < len(words) and not apart):
            continue
        part = words[start:number]
        start = number
        letters = sum(len(word.text) for word in part)
        sure = sum(max(0.0, word.confidence) * len(word.text) for word in part) / letters / 100
        yield TextLine(
            " ".join(word.text for word in part),
            Box(
                page,
                min(word.left for word in part) * scale,
                min(word.top for word in part) * scale,
                max(word.right for word in part) * scale,
                max(word.bottom for word in part) * scale,
            ),
            sure,
        )


def _joined(pieces: list[TextLine]) -> Iterator[TextLine]:
    """Pieces of a text layer (one for each change of font) joined into lines."""
    current: list[TextLine] = []
    for piece in pieces:
        if not piece.text:
            continue
        if current and not _follows(current[-1].box, piece.box):
            yield _one(current)
            current = []
        current.append(piece)
    if current:
        yield _one(current)


def _follows(before: Box, after: Box) -> bool:
    high = min(before.height, after.height)
    level = min(before.y1, after.y1) - max(before.y0, after.y0)
    return level > 0.5 * high and -high < after.x0 - before.x1 < _COLUMN_GAP * max(before.height, after.height)


def _one(pieces: list[TextLine]) -> TextLine:
    boxes = [piece.box for piece in pieces]
    text = pieces[0].text
    for before, piece in pairwise(pieces):
        gap = piece.box.x0 - before.box.x1
        text += (" " if gap > 0.12 * piece.box.height else "") + piece.text
    box = Box(
        boxes[0].page,
        min(box.x0 for box in boxes),
        min(box.y0 for box in boxes),
        max(box.x1 for box in boxes),
        max(box.y1 for box in boxes),
    )
    return TextLine(" ".join(text.split()), box, 1.0)


def _certainty(lines: Sequence[TextLine]) -> float:
    letters = sum(len(line.text) for line in lines)
    return sum(line.confidence * len(line.text) for line in lines) / letters if letters else 0.0


def _tidy(text: str) -> str:
    """One form of each letter (NFC), Vietnamese letters for their look-alikes, no control characters."""
    composed = unicodedata.normalize("NFC", text).translate(_LOOK_ALIKES)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in composed).split())
