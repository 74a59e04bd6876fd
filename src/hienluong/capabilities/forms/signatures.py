"""A signature without drawing: the full name that somebody typed, as a picture that says how it was made."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont

from hienluong.foundation.actions import InvalidInput

MEGABYTE = 1024 * 1024
#: Bytes of an uploaded signature: a photo of a sheet of paper, no more.
MOST = 5 * MEGABYTE
#: Letters of a typed name.
LONGEST = 80
_SIZE, _ROOM = 44, 16


def require_size(upload: Any) -> None:
    """Refuse a picture that is too large for a signature."""
    if upload.size > MOST:
        raise InvalidInput(
            _("Ảnh chữ ký tối đa %(most)d MB.") % {"most": MOST // MEGABYTE}, code="forms.signature_size"
        )


def written(name: str) -> ContentFile[bytes]:
    """A PNG of a typed name. Raises InvalidInput (``forms.signature_name``) for what is no full name."""
    said = " ".join(unicodedata.normalize("NFC", name).split())
    words = said.split(" ")
    if len(words) < 2 or len(said) > LONGEST or not all(_is_word(word) for word in words):
        raise InvalidInput(
            _("Hãy gõ đầy đủ họ và tên, chỉ gồm chữ cái, ví dụ: Nguyễn Thị Hiền."), code="forms.signature_name"
        )
    return ContentFile(_drawn(said), name=_("Ký bằng họ tên – %(name)s.png") % {"name": said})


def _is_word(word: str) -> bool:
    return all(letter.isalpha() or letter in "-'’." for letter in word) and any(letter.isalpha() for letter in word)


#: The second generation of the face: the first, which may lie beside it under the same name, has no Vietnamese letters.
_SECOND = Path("/usr/share/fonts/truetype/liberation2/LiberationSerif-Italic.ttf")


@lru_cache(maxsize=1)
def _font() -> ImageFont.FreeTypeFont:
    """The face of the official papers (installed by scripts/machine)."""
    return ImageFont.truetype(str(_SECOND) if _SECOND.exists() else _SECOND.name, _SIZE)


def _drawn(said: str) -> bytes:
    left, top, right, bottom = _font().getbbox(said)
    size = (int(right - left) + 2 * _ROOM, int(bottom - top) + 2 * _ROOM)
    picture = Image.new("RGB", size, "white")
    ImageDraw.Draw(picture).text((_ROOM - left, _ROOM - top), said, font=_font(), fill=(20, 37, 90))
    out = BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()
