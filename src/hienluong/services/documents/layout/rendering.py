"""From content to PDF/A, with the places of the signatures: Nghị định 30/2020/NĐ-CP, Phụ lục I."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.template import Context, Engine
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from hienluong.capabilities.signing.papers import Drawn, draw
from hienluong.services.documents.layout.body import dressed, held_together
from hienluong.services.documents.layout.breaking import broken, rule_under, width
from hienluong.services.documents.layout.content import (
    Annex,
    Content,
    Copy,
    Signer,
    date_in_words,
    number_in_words,
)
from hienluong.services.documents.layout.kinds import COPY_HEADINGS, URGENCIES

_HERE = Path(__file__).parent
#: Points in a millimetre, and in the height of A4.
MM = 72 / 25.4
PAGE_HEIGHT, _WIDE_HEIGHT = 297 * MM, 210 * MM
#: How long in mm a line may be: of a name in the left cell of the head (67 mm), of "V/v", of a title in the middle.
_LEFT, _LEFT_WIDE, _ABOUT, _MIDDLE, _MIDDLE_WIDE = 62.0, 98.0, 58.0, 130.0, 200.0


@dataclass(frozen=True)
class Box:
    """A rectangle on a page: pages count from 0, points from the lower left corner, as PDF has it."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True)
class Laid:
    """A paper that was laid out."""

    pdf: bytes
    pages: int
    #: Where each signer signs, in the order of ``Content.signers``.
    signer_boxes: tuple[Box, ...]
    #: Where the agency's seal goes: it covers a third of the leader's signature, on its left (khoản 8).
    seal_box: Box | None
    #: Where the agency signs an annex in a file of its own, or an electronic copy: the top right of the first page.
    annex_box: Box | None

    @property
    def leader_box(self) -> Box | None:
        """Where the one signs who answers for the agency: the last signer, on the right."""
        return self.signer_boxes[-1] if self.signer_boxes else None


@lru_cache(maxsize=1)
def _engine() -> Engine:
    return Engine(dirs=[str(_HERE / "templates")], autoescape=True)


@lru_cache(maxsize=1)
def stylesheet() -> str:
    """The style sheet of official papers."""
    return (_HERE / "official.css").read_text("utf-8")


def filled(template: str, values: Mapping[str, Any]) -> SafeString:
    """One of our templates with these values."""
    return mark_safe(_engine().get_template(template).render(Context(dict(values))))  # noqa: S308


def render(content: Content) -> Laid:
    """Lay a paper out with its annexes. Raises ``LayoutRefused`` when its text cannot be printed."""
    parts = [_main(content)]
    parts += [_annex(content, annex, number, alone=False) for number, annex in enumerate(content.annexes, 1)]
    drawn = draw(parts, stylesheet())
    signers = [box_of(drawn, f"signer-{number}") for number in range(len(content.signers))]
    return Laid(
        drawn.pdf,
        len(drawn.places),
        tuple(box for box in signers if box),
        seal_beside(signers[-1], content.seal),
        None,
    )


def render_annex(content: Content, number: int) -> Laid:
    """Lay one annex out (counted from 1) as a file of its own, with the place for the agency's signature."""
    drawn = draw([_annex(content, content.annexes[number - 1], number, alone=True)], stylesheet())
    high = _WIDE_HEIGHT if content.annexes[number - 1].is_landscape else PAGE_HEIGHT
    return Laid(drawn.pdf, len(drawn.places), (), None, box_of(drawn, "corner", page_height=high))


def seal_beside(signature: Box | None, diameter: float) -> Box | None:
    """Where a seal of this diameter in mm goes: over the left third of a signature, at its height."""
    if signature is None:
        return None
    size = diameter * MM
    right = signature.x0 + (signature.x1 - signature.x0) / 3
    middle = (signature.y0 + signature.y1) / 2
    return Box(signature.page, right - size, middle - size / 2, right, middle + size / 2)


def box_of(drawn: Drawn, name: str, *, page_height: float = PAGE_HEIGHT) -> Box | None:
    """Where the element with this ``id`` stands."""
    for page, places in enumerate(drawn.places):
        if name in places:
            left, top, right, bottom = places[name]
            return Box(page, left, page_height - bottom, right, page_height - top)
    return None


def _main(content: Content) -> str:
    kind = content.kind
    values = _head(content.superior_name, content.agency_name, content.size) | _number(content)
    heading = "" if kind.is_letter else (content.title or kind.heading)
    title_size = float(content.size)
    subject = broken(_about(content.subject), _MIDDLE * MM, title_size, bold=True)
    ruled = subject or [heading]
    values |= {
        "title": content.subject or kind.name,
        "author": content.agency_name,
        "size": content.size,
        "contact": content.contact,
        "heading": heading,
        "subject": subject,
        "heading_ruled": kind.key != "THC",
        "subject_rule": _points(rule_under(ruled, title_size, bold=True)),
        "resolving": kind.resolving,
        "authority": broken(content.authority.upper(), _MIDDLE * MM, title_size, bold=True),
        "grounds": [mark_safe(held_together(escape(ground))) for ground in _grounds(content.grounds)],  # noqa: S308
        "marks": _marks(content),
        "body": mark_safe(held_together(dressed(content.body))),  # noqa: S308
        "copy": copy_block(content.copy, content.size) if content.copy else "",
    }
    if kind.is_letter and content.subject:
        small = 13.0 if content.size == 14 else 12.0
        values["about"] = broken("V/v " + _after_about(content.subject), _ABOUT * MM, small, bold=False)
    # Each side keeps a contract: it says who receives only where somebody else does.
    archive = _archive(content) if content.recipients or not kind.two_signers else ""
    values |= _addressing(content) | _end(content.signers, content.recipients, archive)
    return filled("main.html", values)


def _annex(content: Content, annex: Annex, number: int, *, alone: bool) -> str:
    counted = len([each for each in content.annexes if not each.with_head])
    own = len([each for each in content.annexes[:number] if not each.with_head])
    middle = (_MIDDLE_WIDE if annex.is_landscape else _MIDDLE) * MM
    values = _head(content.superior_name, content.agency_name, content.size, wide=annex.is_landscape) | {
        "title": annex.title,
        "author": content.agency_name,
        "size": content.size,
        "wide": annex.is_landscape,
        "alone": alone,
        "with_head": annex.with_head,
        "heading": annex.title,
        "subject": broken(_about(annex.subject), middle, float(content.size), bold=True),
        "word": f"Phụ lục {_roman(own)}" if counted > 1 else "Phụ lục",
        "annex_title": broken(annex.title.upper(), middle, float(content.size), bold=True),
        "of": _attached_to(content),
        "body": mark_safe(held_together(dressed(annex.body))),  # noqa: S308
    }
    return filled("annex.html", values)


def copy_block(copy: Copy, size: int = 14) -> SafeString:
    """The block under a rule that makes the paper above it a copy."""
    day, month, year = date_in_words(copy.date)
    values = _head(copy.superior_name, copy.agency_name, size) | {
        "copy_heading": COPY_HEADINGS[copy.kind],
        "notation": copy.notation,
        "number": number_in_words(copy.number),
        "place": copy.place,
        "day": day,
        "month": month,
        "year": year,
    }
    values |= _end((copy.signer,), copy.recipients, copy.archive, prefix="copy")
    return filled("copy.html", values)


def _head(superior: str, agency: str, size: int, *, wide: bool = False) -> dict[str, Any]:
    small = 13.0 if size == 14 else 12.0
    room = (_LEFT_WIDE if wide else _LEFT) * MM
    names = broken(agency.upper(), room, small, bold=True)
    return {
        "superior": broken(superior.upper(), room, small, bold=False),
        "agency": names,
        "agency_rule": _points(rule_under(names, small, bold=True)),
    }


def _number(content: Content) -> dict[str, Any]:
    day, month, year = date_in_words(content.date)
    return {
        "notation": content.notation,
        "number": number_in_words(content.number),
        "place": content.place,
        "day": day,
        "month": month,
        "year": year,
    }


def _marks(content: Content) -> list[dict[str, object]]:
    marks: list[dict[str, object]] = []
    if content.is_draft:
        marks.append({"words": "DỰ THẢO", "width": 0})
    if content.urgency:
        words, wide = URGENCIES[content.urgency]
        marks.append({"words": words, "width": _points(wide)})
    if content.circulation:
        marks.append({"words": content.circulation.upper(), "width": 0})
    return marks


def _addressing(content: Content) -> dict[str, Any]:
    word = content.kind.addressing.format(
        agency=content.agency_name, authority=content.authority or content.agency_name
    )
    people = [each.strip().rstrip(";.,") for each in content.addressees if each.strip()]
    return {
        "to_word": word,
        "to_list": people,
        "to_many": len(people) > 1,
        # The dashes stand below the colon (khoản 9).
        "to_indent": _points(width(word, float(content.size), bold=False)),
        "invitation": content.type == "GM" and bool(people),
    }


def _end(signers: Sequence[Signer], recipients: Sequence[str], archive: str, prefix: str = "signer") -> dict[str, Any]:
    """One signer stands right of those who receive; of several, two stand in a row, and those who receive below."""
    printed = [
        {
            "lines": [line.upper() for line in (*signer.authority, signer.title) if line.strip()],
            "name": signer.name,
            "id": f"{prefix}-{number}",
        }
        for number, signer in enumerate(signers)
    ]
    if len(printed) == 1:
        rows: list[dict[str, Any]] = [{"receives": True, "signers": printed}]
    else:
        rows = [{"signers": printed[at : at + 2], "blank": len(printed) - at == 1} for at in range(0, len(printed), 2)]
    return {
        "signer_rows": rows,
        "receives_below": len(printed) > 1,
        "recipients": [each.strip().lstrip("-").strip().rstrip(";.") for each in recipients if each.strip()],
        "archive": archive.strip().rstrip("."),
    }


def _archive(content: Content) -> str:
    return ", ".join(part for part in (content.archive.strip().rstrip("."), content.drafter.strip()) if part)


def _grounds(grounds: Sequence[str]) -> list[str]:
    """Each with a semicolon, the last with a full stop (khoản 6)."""
    bare = [each.strip().rstrip(";.,") for each in grounds if each.strip()]
    return [f"{each}{'.' if number == len(bare) else ';'}" for number, each in enumerate(bare, 1)]


def _about(subject: str) -> str:
    """A named type has no "V/v": "V/v giao đất" is printed "Về việc giao đất"."""
    text = " ".join(subject.split()).rstrip(".;")
    text = "Về việc " + text[3:].lstrip(" :.") if text[:3].lower() == "v/v" else text
    return text[:1].upper() + text[1:]


def _after_about(subject: str) -> str:
    text = " ".join(subject.split()).rstrip(".;")
    for begin in ("v/v", "về việc"):
        if text.lower().startswith(begin):
            text = text[len(begin) :].lstrip(" :.")
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _attached_to(content: Content) -> str:
    day, month, year = date_in_words(content.date)
    agency = content.authority or content.agency_name
    blank = "\u00a0" * 6
    return (
        f"(Kèm theo {content.kind.name} số {number_in_words(content.number) or blank}/{content.notation} "
        f"ngày {day or blank} tháng {month or blank} năm {year or blank} của {_sentence(agency)})"
    )


def _sentence(name: str) -> str:
    """A name in capitals as it stands in a sentence; others as they are."""
    return name if not name.isupper() else name[:1] + name[1:].lower()


def _roman(number: int) -> str:
    signs = ((100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))
    written = ""
    for value, sign in signs:
        while number >= value:
            written, number = written + sign, number - value
    return written


def _points(length: float) -> str:
    """Written for a style sheet whatever the language of the page."""
    return f"{length:.2f}"
