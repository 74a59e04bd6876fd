"""Vietnamese text from before Unicode: TCVN3 (TCVN 5712:1993, the ABC fonts) and VNI, to Unicode NFC.

Both put Vietnamese letters at the places of Western European ones: text in them is read as Latin first, then changed here.
Capital letters with a tone are in TCVN3 only by a change of font, so they come out small.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Any

_TCVN3 = dict(
    zip(
        "µ¸¶·¹¨»¾¼½Æ©ÇÊÈÉË®ÌÐÎÏÑªÒÕÓÔÖ×ÝØÜÞßãáâä«åèæçé¬êíëìîïóñòô\xadõøö÷ùúýûüþ¡¢£¤¥¦§",
        "àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵĂÂÊÔƠƯĐ",
        strict=True,
    )
)
#: Tones of VNI and of Unicode, after a plain vowel: grave, acute, hook, tilde, dot below.
_TONES = dict(zip("øùûõï", "\u0300\u0301\u0309\u0303\u0323", strict=True))
#: Circumflex and breve, each alone and with the tones in the same order.
_HATS = dict(zip("âàáåãä", ["", *_TONES.values()], strict=True))
_BREVES = dict(zip("êèéúüë", ["", *_TONES.values()], strict=True))
_ALONE = dict(zip("ìíæóòîñôö", "ìíỉĩịỵđơư", strict=True))


@cache
def _vni() -> tuple[re.Pattern[str], dict[str, str]]:
    made: dict[str, str] = {}
    for vowel in "aeouy":
        made |= {vowel + mark: vowel + tone for mark, tone in _TONES.items()}
    for vowel in "aeo":
        made |= {vowel + mark: vowel + "\u0302" + tone for mark, tone in _HATS.items()}
    made |= {"a" + mark: "a\u0306" + tone for mark, tone in _BREVES.items()}
    for letter, vowel in (("ô", "ơ"), ("ö", "ư")):
        made |= {letter + mark: vowel + tone for mark, tone in _TONES.items()}
    made |= _ALONE
    for written, meant in list(
        made.items()
    ):  # capital letters: the mark is a capital one, or in some texts a small one
        made[written.upper()] = meant.upper()
        made.setdefault(written[0].upper() + written[1:], meant[0].upper() + meant[1:])
    words = sorted(made, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, words))), {
        written: unicodedata.normalize("NFC", meant) for written, meant in made.items()
    }


def from_tcvn3(text: str) -> str:
    """Text that was read as Latin-1 while it was TCVN3."""
    return unicodedata.normalize("NFC", "".join(_TCVN3.get(letter, letter) for letter in text))


def from_vni(text: str) -> str:
    """Text that was read as Latin-1 while it was VNI."""
    pattern, meant = _vni()
    return unicodedata.normalize("NFC", pattern.sub(lambda found: meant[found[0]], text))


def nfc(text: str) -> str:
    """Unicode with each letter in one piece."""
    return unicodedata.normalize("NFC", text)


#: By the word in a declared transformation.
READERS: dict[str, Callable[[str], str]] = {"utf-8": nfc, "tcvn3": from_tcvn3, "vni": from_vni}


def to_unicode(content: bytes, encoding: str) -> bytes:
    """The content as UTF-8 that parsers read: what is one byte a letter (TCVN3, VNI) is taken as Latin-1 first."""
    if encoding == "utf-8":
        return content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    # An XML declaration may name the encoding that the bytes no longer have.
    return re.sub(r"^\s*<\?xml[^>]*\?>", "", text, count=1).encode()


def every_text(document: Any, change: Callable[[str], str]) -> Any:
    """The document with each of its texts changed; names of members stay."""
    if isinstance(document, str):
        return change(document)
    if isinstance(document, list):
        return [every_text(each, change) for each in document]
    if isinstance(document, dict):
        return {name: every_text(value, change) for name, value in document.items()}
    return document
