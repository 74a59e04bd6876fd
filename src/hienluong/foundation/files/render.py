"""Drawing one page in a process of its own: ``python -m hienluong.foundation.files.render FILE MEDIA_TYPE PAGE WIDTH``.

The file came from a stranger, so what draws it may use little memory and little time, and can be lost without harm.
Writes a PNG to standard output. Exit code 3: there is no such page.
"""

from __future__ import annotations

import resource
import sys

import pypdfium2
from PIL import Image, ImageOps

MEMORY = 1536 * 1024 * 1024
SECONDS = 15
NO_SUCH_PAGE = 3


def _pdf_page(path: str, number: int, width: int) -> Image.Image:
    document = pypdfium2.PdfDocument(path)
    if document.get_formtype():  # the marks of signatures are fields of a form
        document.init_forms()
    if number > len(document):
        raise SystemExit(NO_SUCH_PAGE)
    page = document[number - 1]
    scale = min(width / max(page.get_width(), 1), 4000 / max(page.get_height(), 1), 4)
    drawn: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
    return drawn


def _picture(path: str) -> Image.Image:
    with Image.open(path) as image:
        turned = ImageOps.exif_transpose(image)
        return turned.convert("RGB")


def main(path: str, media_type: str, number: int, width: int) -> None:
    """Draw and write."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    drawn = _pdf_page(path, number, width) if media_type == "application/pdf" else _picture(path)
    drawn.thumbnail((width, width * 2))
    drawn.save(sys.stdout.buffer, "PNG")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
