"""Taking the pages out of a file, in a process of its own: ``python -m hienluong.services.documents.reading.pages FILE
FOLDER MOST``.

The file came from a stranger, so what opens it may use little memory and little time, and can be lost without harm.
Writes ``pages.json`` into the folder, and for pages that must be read from their picture ``N.png``, with ``N-red.png``
where there is red ink. Exit codes: 3, the file cannot be opened; 4, a picture has too many dots.
"""

from __future__ import annotations

import ctypes
import json
import resource
import sys
import unicodedata
import warnings
from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from hienluong.services.documents.reading import pictures

MEMORY = 2048 * 1024 * 1024
SECONDS_A_PAGE = 20
CANNOT_OPEN, TOO_LARGE = 3, 4
#: Fewer letters than this on a page are no text layer.
_LEAST_LETTERS = 20
#: A picture over more of the page than this is a scan; its hidden text is another's reading, and we read ourselves.
_SCANNED = 0.6
#: Letters of the old Vietnamese encodings (TCVN3, VNI), which are no Vietnamese in Unicode.
_OLD_LETTERS = frozenset("µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®Ì×ÐªÒÕÓÔÖßØ§¡¢£¤¥¦¬­")
_MOST_OLD = 0.06


def _letters(text: str) -> int:
    return sum(letter.isalnum() for letter in text)


def _is_old(text: str) -> bool:
    """Whether a text layer is in an old encoding: it looks right in its own font and means nothing elsewhere."""
    return sum(letter in _OLD_LETTERS for letter in text) > _MOST_OLD * max(_letters(text), 1)


def _is_scan(page: pypdfium2.PdfPage) -> bool:
    area = page.get_width() * page.get_height()
    for found in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=3):
        left, bottom, right, top = found.get_bounds()
        if abs((right - left) * (top - bottom)) > _SCANNED * area:
            return True
    return False


def text_lines(page: pypdfium2.PdfPage) -> list[dict[str, Any]]:
    """Pieces of text on one baseline with their boxes, points from the upper left. A piece ends where the letters do not
    go on to the right, as at the end of a line or a column."""
    text, high = page.get_textpage(), page.get_height()
    pieces: list[dict[str, Any]] = []
    box, x, y = pdfium.FS_RECTF(), ctypes.c_double(), ctypes.c_double()
    baseline = 0.0
    for number in range(text.count_chars()):
        letter = chr(pdfium.FPDFText_GetUnicode(text, number))
        if letter in "\r\n\x00" or not letter.isprintable():
            continue
        if unicodedata.combining(letter) and pieces:  # a mark of its own over the letter before
            pieces[-1]["text"] += letter
            continue
        if pdfium.FPDFText_IsGenerated(text, number) == 1:
            if pieces:
                pieces[-1]["text"] += " "
            continue
        pdfium.FPDFText_GetLooseCharBox(text, number, box)
        pdfium.FPDFText_GetCharOrigin(text, number, x, y)
        size = max(box.top - box.bottom, 1.0)
        ends = pieces[-1]["box"][2] if pieces else 0.0
        if pieces and abs(y.value - baseline) < 0.25 * size and -0.5 * size < box.left - ends < 1.8 * size:
            piece = pieces[-1]
            piece["text"] += letter
            if not letter.isspace():
                old = piece["box"]
                piece["box"] = [
                    old[0],
                    min(old[1], high - box.top),
                    max(old[2], box.right),
                    max(old[3], high - box.bottom),
                ]
        elif not letter.isspace():
            pieces.append({"text": letter, "box": [box.left, high - box.top, box.right, high - box.bottom]})
            baseline = y.value
    return pieces


def _pdf(path: str, folder: Path, most: int) -> dict[str, Any]:
    document = pypdfium2.PdfDocument(path)
    document.init_forms()
    pages: list[dict[str, Any]] = []
    for number in range(min(len(document), most)):
        page = document[number]
        wide, high = page.get_size()
        entry: dict[str, Any] = {"width": wide, "height": high}
        words = page.get_textpage().get_text_bounded()
        if _letters(words) >= _LEAST_LETTERS and not _is_old(words) and not _is_scan(page):
            entry["lines"] = text_lines(page)
        else:
            scale = min(pictures.WIDTH / max(min(wide, high), 1), 12.0)
            if wide * high * scale * scale > pictures.MOST_DOTS:
                raise SystemExit(TOO_LARGE)
            drawn = page.render(scale=scale, may_draw_forms=True).to_pil()
            entry |= _written(drawn, folder, number, (wide, high))
        pages.append(entry)
        page.close()
    return {"pages": pages, "left_out": max(0, len(document) - most)}


def _images(path: str, folder: Path, most: int) -> dict[str, Any]:
    pages = []
    with Image.open(path) as opened:
        count = getattr(opened, "n_frames", 1)
        for number, frame in enumerate(ImageSequence.Iterator(opened)):
            if number >= most:
                break
            if frame.width * frame.height > pictures.MOST_DOTS:
                raise SystemExit(TOO_LARGE)
            picture = ImageOps.exif_transpose(frame)
            if picture.mode in ("RGBA", "LA", "P", "PA"):
                ground = Image.new("RGBA", picture.size, "white")
                ground.alpha_composite(picture.convert("RGBA"))
                picture = ground.convert("RGB")
            # As if it were A4: places are then told in points as in a PDF.
            points = 595.28 / max(min(picture.size), 1)
            size = (picture.width * points, picture.height * points)
            pages.append({"width": size[0], "height": size[1]} | _written(picture, folder, number, size))
    return {"pages": pages, "left_out": max(0, count - most)}


def _written(picture: Image.Image, folder: Path, number: int, size: tuple[float, float]) -> dict[str, Any]:
    """Make the page easy to read and write it down."""
    picture = pictures.sized(picture)
    red = pictures.red_ink(picture)
    page = pictures.without_specks(pictures.grey(picture))
    askew = pictures.skew(page)
    pictures.straight(page, askew).save(folder / f"{number}.png", compress_level=1)
    if red is not None:
        pictures.straight(red, askew).save(folder / f"{number}-red.png", compress_level=1)
    return {
        "picture": f"{number}.png",
        "red": f"{number}-red.png" if red else "",
        "scale": size[0] / picture.width,
        "askew": askew,
        "lies": pictures.lies_on_its_side(page),
    }


def main(path: str, folder: Path, most: int) -> None:
    """Take the pages out."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    seconds = 10 + SECONDS_A_PAGE * most
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    Image.MAX_IMAGE_PIXELS = pictures.MOST_DOTS
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    with open(path, "rb") as file:
        begins = file.read(1024)
    try:
        found = _pdf(path, folder, most) if b"%PDF-" in begins else _images(path, folder, most)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise SystemExit(TOO_LARGE) from None
    except (pypdfium2.PdfiumError, UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise SystemExit(CANNOT_OPEN) from None
    (folder / "pages.json").write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
