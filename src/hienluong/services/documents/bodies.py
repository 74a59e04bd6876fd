"""The text of a draft: the small set of HTML that is kept, what a plain box shows of it, and its words."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from html import escape, unescape
from typing import Any

from lxml import html as lxml_html

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.schemas.cleaning import storable

from . import secrecy
from .layout.body import clean, from_text
from .layout.content import LayoutRefused

#: What makes typed text HTML: one of the tags that an editor sends; anything else in angle brackets is text.
_TAG = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|h[1-6]|[uo]l|li|table|tbody|thead|tr|t[dh]|div|span|su[bp])\b[^>]*>", re.I
)
_BLOCKS = ("p", "h1", "h2", "h3", "h4", "li", "td", "th", "caption")
#: Longest line of the lists (grounds, addressees), and how many.
_LINE, _LINES = 1000, 60


@dataclass(frozen=True)
class Parts:
    """What a draft has besides its text: lists of lines, and single lines; empty when it has none."""

    grounds: tuple[str, ...] = ()
    addressees: tuple[str, ...] = ()
    authority: str = ""  # who decides, above the grounds
    archive: str = "VT"  # after "Lưu:"
    circulation: str = ""

    def as_extra(self) -> dict[str, Any]:
        """As a version keeps it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def of(cls, extra: dict[str, Any]) -> Parts:
        """What a version has; unknown names are left out."""
        return cls(
            grounds=tuple(extra.get("grounds", ())),
            addressees=tuple(extra.get("addressees", ())),
            authority=str(extra.get("authority", "")),
            archive=str(extra.get("archive", "VT")),
            circulation=str(extra.get("circulation", "")),
        )

    def tidy(self) -> Parts:
        """Blanks tidied and empty lines left out; InvalidInput for what is too long."""
        return Parts(
            grounds=_lines(self.grounds, "grounds"),
            addressees=_lines(self.addressees, "addressees"),
            authority=" ".join(storable(self.authority).split())[:200],
            archive=" ".join(storable(self.archive).split())[:60],
            circulation=" ".join(storable(self.circulation).split())[:60],
        )


def _lines(lines: tuple[str, ...], name: str) -> tuple[str, ...]:
    from django.utils.translation import gettext as _

    found = tuple(tidy for line in lines if (tidy := " ".join(storable(line).split())))
    if len(found) > _LINES or any(len(line) > _LINE for line in found):
        raise InvalidInput(
            _("Nhiều nhất %(lines)s dòng, mỗi dòng %(letters)s ký tự.") % {"lines": _LINES, "letters": _LINE},
            field=name,
        )
    return found


def taken(typed: str) -> str:
    """What was typed as a body that is kept: plain text becomes paragraphs, HTML is cleaned to the small set.

    :class:`InvalidInput` for what cannot be laid out; a stamp of secrecy is refused, and nothing of it kept.
    """
    text = storable(typed)
    found = text if _TAG.search(text) else from_text(text)
    try:
        body = clean(found)
    except LayoutRefused as error:
        raise InvalidInput(str(error), field="body") from None
    secrecy.refuse(secrecy.stamp_in("\n".join(paragraphs(body))))
    return body


def paragraphs(body: str) -> list[str]:
    """The texts of the blocks of a body, in order."""
    if not body.strip():
        return []
    root = lxml_html.fragment_fromstring(body, create_parent="div")
    found = []
    for element in root.iter():
        if element.tag in _BLOCKS and not any(child.tag in _BLOCKS for child in element.iterdescendants()):
            found.append(" ".join(element.text_content().split()))
    if not found:
        found = [" ".join(root.text_content().split())]
    return [text for text in found if text]


def plain(body: str) -> str:
    """A body as plain text, one paragraph a line."""
    return "\n".join(paragraphs(body))


def in_box(body: str) -> str:
    """What a plain box shows: only text where the body has nothing but paragraphs, else its HTML, one block a line."""
    if re.fullmatch(r"(?:\s*<p>[^<]*</p>)*\s*", body):
        return "\n".join(unescape(found) for found in re.findall(r"<p>([^<]*)</p>", body))
    return re.sub(r"(</(?:p|h[1-4]|ul|ol|table|tr|li)>)(?!\n)", r"\1\n", body).strip()


@dataclass(frozen=True)
class Piece:
    """Some words of a comparison: the same in both, only in the older, or only in the newer."""

    kind: str  # "same", "gone", "new"
    text: str


@dataclass(frozen=True)
class Compared:
    """A paragraph of a comparison."""

    pieces: list[Piece] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether anything differs in it."""
        return any(piece.kind != "same" for piece in self.pieces)


def compare(older: str, newer: str) -> list[Compared]:
    """Which words a newer body has and an older has not, and the other way, paragraph by paragraph."""
    from difflib import SequenceMatcher

    one, other = paragraphs(older), paragraphs(newer)
    found: list[Compared] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [Compared([Piece("same", text)]) for text in one[a:b]]
            continue
        pairs = min(b - a, d - c)
        found += [_words(one[a + n], other[c + n]) for n in range(pairs)]
        found += [Compared([Piece("gone", text)]) for text in one[a + pairs : b]]
        found += [Compared([Piece("new", text)]) for text in other[c + pairs : d]]
    return found


def _words(older: str, newer: str) -> Compared:
    from difflib import SequenceMatcher

    one, other = older.split(), newer.split()
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", " ".join(one[a:b])))
            continue
        if b > a:
            pieces.append(Piece("gone", " ".join(one[a:b])))
        if d > c:
            pieces.append(Piece("new", " ".join(other[c:d])))
    return Compared(pieces)


def escaped(text: str) -> str:
    """Plain text as one paragraph."""
    return f"<p>{escape(text)}</p>"
