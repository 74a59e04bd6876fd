"""A page of a PDF as a ruler sees it: lines of text with font, size and place in mm from the upper left, and rules."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, field

import pypdfium2
import pypdfium2.raw as pdfium

MM = 72 / 25.4


@dataclass
class Line:
    """Letters on one baseline with no wide gap between them."""

    text: str
    left: float
    right: float
    baseline: float
    size: float
    font: str

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def is_bold(self) -> bool:
        return "Bold" in self.font

    @property
    def is_italic(self) -> bool:
        return "Italic" in self.font


@dataclass
class Mark:
    """A rule or the frame of a box, in mm."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass
class Measured:
    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    def line(self, begins: str, nth: int = 0) -> Line:
        found = [line for line in self.lines if line.text.startswith(begins)]
        assert len(found) > nth, f"no line begins with {begins!r}: {[line.text for line in self.lines]}"
        return found[nth]

    def below(self, line: Line) -> Line:
        """The next line in the same column."""
        under = [
            each
            for each in self.lines
            if each.baseline > line.baseline + 1 and each.left < line.right and each.right > line.left
        ]
        return min(under, key=lambda each: each.baseline)

    def rule_below(self, line: Line, within: float = 4.0) -> Mark:
        found = [
            mark
            for mark in self.marks
            if mark.height < 0.6
            and line.baseline - 0.5 < mark.top < line.baseline + within
            and line.left - 3 < mark.middle < line.right + 3
        ]
        assert len(found) == 1, f"rules below {line.text!r}: {found}; all: {self.marks}"
        return found[0]


def measured(pdf: bytes) -> list[Measured]:
    """All pages."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [_page(document[number]) for number in range(len(document))]
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage) -> Measured:
    wide, high = page.get_size()
    found = Measured(wide / MM, high / MM)
    text = page.get_textpage()
    for number in range(text.count_chars()):
        _letter(text, number, high, found)
    for line in found.lines:
        line.text = " ".join(line.text.split())
    found.lines = [line for line in found.lines if line.text]
    for each in page.get_objects(max_depth=4):
        if each.type == pdfium.FPDF_PAGEOBJ_PATH:
            left, bottom, right, top = each.get_bounds()
            found.marks.append(Mark(left / MM, (high - top) / MM, right / MM, (high - bottom) / MM))
    return found


def _letter(text: pypdfium2.PdfTextPage, number: int, high: float, found: Measured) -> None:
    letter = chr(pdfium.FPDFText_GetUnicode(text, number))
    if letter in "\r\n":
        return
    if pdfium.FPDFText_IsGenerated(text, number) == 1:  # a space between words that is not in the page
        if found.lines:
            found.lines[-1].text += " "
        return
    box = pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text, number, box)
    x, y = ctypes.c_double(), ctypes.c_double()
    pdfium.FPDFText_GetCharOrigin(text, number, x, y)
    name = ctypes.create_string_buffer(100)
    pdfium.FPDFText_GetFontInfo(text, number, name, 100, ctypes.c_int())
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFText_GetMatrix(text, number, matrix)
    size = pdfium.FPDFText_GetFontSize(text, number) * math.hypot(matrix.b, matrix.d)
    left, right, baseline = box.left / MM, box.right / MM, (high - y.value) / MM
    last = found.lines[-1] if found.lines else None
    if last and abs(last.baseline - baseline) < 0.3 and -1 < left - last.right < 6:
        last.text += letter
        if letter.strip():
            last.right = right
        return
    if letter.strip():
        found.lines.append(Line(letter, left, right, baseline, size, name.value.decode()))
