"""What stands on a printed paper: its words and its pictures."""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pypdfium2
from PIL import Image

from hienluong.foundation.files.models import StoredFile


def words_of(pdf: bytes) -> str:
    """The words of all pages."""
    document = pypdfium2.PdfDocument(BytesIO(pdf))
    return "\n".join(document[number].get_textpage().get_text_range() for number in range(len(document)))


def carries(pdf: bytes, picture: StoredFile) -> bool:
    """Whether a page carries a picture of the width, height and colours of this one."""
    with picture.open() as content, Image.open(content) as image:
        wanted = image.convert("RGB").resize((8, 8)).tobytes()
        size = image.size
    with pikepdf.open(BytesIO(pdf)) as paper:
        for page in paper.pages:
            for found in page.images.values():
                printed = pikepdf.PdfImage(found).as_pil_image().convert("RGB")
                if printed.size == size and printed.resize((8, 8)).tobytes() == wanted:
                    return True
    return False
