"""What the text of a paper says of itself, for an official to confirm: by where things stand (Nghị định 30/2020/NĐ-CP,
Phụ lục I) and how they are written. Nothing is decided here; what is not found is left empty."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Generic, TypeVar

from hienluong.services.documents.reading.ocr import Box, Page, Reading, TextLine
from hienluong.services.documents.reading.parsing import (
    URGENCY_MARKS,
    Code,
    bare,
    composed_of,
    has_date,
    parse_code,
    parse_date,
)
from hienluong.services.documents.secrecy import LEVELS
from hienluong.services.documents.types import TYPES

T = TypeVar("T")

#: A name is taken for a known one from this likeness on.
_ALIKE = 0.86
#: The same for an abbreviation.
_ALIKE_SHORT = 0.6
_LEVEL_WORDS = {bare(name): key for key, name in LEVELS.items()}
_BY_ABBREVIATION = {found.abbreviation: key for key, found in TYPES.items() if found.abbreviation}
_BY_NAME = {bare(found.name): key for key, found in TYPES.items()}
_AGENCY_BEGINS = tuple(
    "ỦY BAN,UBND,HỘI ĐỒNG,HĐND,SỞ,BỘ,BAN,PHÒNG,TRUNG TÂM,CHI CỤC,CỤC,TỔNG CỤC,VĂN PHÒNG,VIỆN,TRƯỜNG,CÔNG AN,CÔNG TY,ĐOÀN,HỘI,"
    "THANH TRA,BẢO HIỂM,KHO BẠC,NGÂN HÀNG,TÒA ÁN,LIÊN ĐOÀN,CHÍNH PHỦ,QUỐC HỘI,THỦ TƯỚNG,BỆNH VIỆN,QUỸ,HẠT,ĐỘI,TRẠM,THÀNH ỦY,"
    "TỈNH ỦY,ĐẢNG ỦY,CHỦ TỊCH".split(",")
)
_TITLES = {
    bare(title): title
    for title in (
        "CHỦ TỊCH,PHÓ CHỦ TỊCH,GIÁM ĐỐC,PHÓ GIÁM ĐỐC,CHÁNH VĂN PHÒNG,PHÓ CHÁNH VĂN PHÒNG,TRƯỞNG PHÒNG,PHÓ TRƯỞNG PHÒNG,"
        "CHI CỤC TRƯỞNG,PHÓ CHI CỤC TRƯỞNG,CỤC TRƯỞNG,PHÓ CỤC TRƯỞNG,BỘ TRƯỞNG,THỨ TRƯỞNG,THỦ TƯỚNG,PHÓ THỦ TƯỚNG,CHÁNH THANH TRA,"
        "PHÓ CHÁNH THANH TRA,TRƯỞNG BAN,PHÓ TRƯỞNG BAN,HIỆU TRƯỞNG,PHÓ HIỆU TRƯỞNG,VIỆN TRƯỞNG,PHÓ VIỆN TRƯỞNG,TỔNG GIÁM ĐỐC,"
        "PHÓ TỔNG GIÁM ĐỐC,CHỦ TỌA,THƯ KÝ,Q. GIÁM ĐỐC,Q. CHỦ TỊCH"
    ).split(",")
}
_NAME_WORD = re.compile(r"^[A-ZĐÀ-Ỹ][a-zđà-ỹ]*$")
#: Specks around a name.
_AROUND = " .,-–—_|'‘’`~"
_PREFIX = re.compile(r"^\W*(TM|KT|TL|TUQ|Q)\s*[.,]\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Suggested(Generic[T]):
    """One value, how certain it is (0 to 1), and where it stands."""

    value: T
    confidence: float
    box: Box


@dataclass(frozen=True)
class Known:
    """An agency the caller knows, under a key of the caller's."""

    key: str
    name: str


@dataclass(frozen=True)
class Issuer:
    """Who issued the paper: as it is written, and the known agency it is."""

    name: str
    key: str = ""


@dataclass(frozen=True)
class Secrecy:
    """A mark of secrecy. A certain one must be refused; of another, an official must say what it is."""

    level: str
    is_certain: bool
    quote: str


@dataclass(frozen=True)
class Suggestion:
    """All that was found."""

    secrecy: Suggested[Secrecy] | None = None
    issuer: Suggested[Issuer] | None = None
    code: Suggested[Code] | None = None
    place: Suggested[str] | None = None
    date: Suggested[dt.date] | None = None
    #: A key of ``types.TYPES``.
    type: Suggested[str] | None = None
    subject: Suggested[str] | None = None
    #: As in ``models.Urgency``: 1 to 3.
    urgency: Suggested[int] | None = None
    addressees: tuple[Suggested[str], ...] = ()
    recipients: tuple[Suggested[str], ...] = ()
    signer_name: Suggested[str] | None = None
    signer_title: Suggested[str] | None = None
    #: "TM.", "KT." …, the last that stands above the title.
    competence: Suggested[str] | None = None


def suggest(reading: Reading, known: Iterable[Known] = ()) -> Suggestion:
    """What a paper says of itself. `known` are the agencies whose names to recognise."""
    secrecy = _secrecy(reading)
    if not any(page.lines for page in reading.pages):
        return Suggestion(secrecy=secrecy)
    page = _first(reading)
    lines = sorted(page.lines, key=lambda line: (line.box.y0, line.box.x0))
    numbered = _number_line(page, lines)
    heading = _heading(page, lines, numbered)
    code = _code(numbered, heading)
    dated = _date_line(page, lines, numbered)
    end = _end(reading)
    signer_name, signer_title, competence = _signer(end)
    return Suggestion(
        secrecy=secrecy,
        issuer=_issuer(page, lines, numbered, list(known)),
        code=code,
        place=_place(dated),
        date=_date(dated),
        type=_type(page, lines, code, heading),
        subject=_subject(page, lines, heading),
        urgency=_urgency(page),
        addressees=_addressees(page, lines),
        recipients=_recipients(end),
        signer_name=signer_name,
        signer_title=signer_title,
        competence=competence,
    )


def _first(reading: Reading) -> Page:
    """The page with the nation's name: a slip may lie before it."""
    for page in reading.pages[:3]:
        if any("CHU NGHIA VIET NAM" in bare(line.text) for line in page.lines):
            return page
    return next(page for page in reading.pages if page.lines)


def _found(value: T, line: TextLine, sure: float = 1.0) -> Suggested[T]:
    return Suggested(value, round(line.confidence * sure, 3), line.box)


def _over(lines: Sequence[TextLine]) -> TextLine:
    """Lines as one."""
    boxes = [line.box for line in lines]
    box = Box(
        boxes[0].page,
        min(each.x0 for each in boxes),
        min(each.y0 for each in boxes),
        max(each.x1 for each in boxes),
        max(each.y1 for each in boxes),
    )
    return TextLine(" ".join(line.text for line in lines), box, min(line.confidence for line in lines))


def _is_capitals(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return len(letters) >= 2 and sum(letter.isupper() for letter in letters) >= 0.8 * len(letters)


# Secrecy and urgency: words that stand alone on a line, often in red ink.


def _secrecy(reading: Reading) -> Suggested[Secrecy] | None:
    doubtful = None
    for page in reading.pages:
        for line in (*page.stamps, *page.lines):
            text = composed_of(line.text)
            labelled = re.match(r"^\W*[ĐD][ộoô]\s+m[ậaâ]t\s*[:;.]\s*(.+)$", text, re.IGNORECASE)
            words = bare(labelled.group(1) if labelled else text)
            level = _LEVEL_WORDS.get(words)
            if level is None or not (labelled or _is_capitals(text)):
                continue
            is_certain = LEVELS[level].upper() in text.upper()
            found = _found(Secrecy(level, is_certain, line.text), line)
            if is_certain:
                return found
            doubtful = doubtful or found
    return doubtful


def _urgency(page: Page) -> Suggested[int] | None:
    for line in (*page.stamps, *page.lines):
        level = URGENCY_MARKS.get(bare(line.text))
        if level and _is_capitals(line.text) and line.box.y0 < 0.5 * page.height:
            return _found(level, line)
    return None


# The head of the paper: ô số 1 to 5.


def _number_line(page: Page, lines: Sequence[TextLine]) -> TextLine | None:
    """The line that begins with "Số:" on the left, in the upper half; else the first there with a notation."""
    upper = [line for line in lines if line.box.y0 < 0.5 * page.height]
    for line in upper:
        if re.match(r"^\W*S[ốôoóồổỗộ6]\s*[:;.]?\s*\S*\s*/", composed_of(line.text), re.IGNORECASE) and parse_code(
            line.text
        ):
            return line
    for line in upper:
        code = parse_code(line.text)
        if code and "-" in code.notation and line.box.x0 < 0.4 * page.width and line.box.y0 < 0.3 * page.height:
            return line
    return None


def _code(numbered: TextLine | None, heading: tuple[TextLine, str] | None) -> Suggested[Code] | None:
    code = parse_code(numbered.text) if numbered else None
    if code is None or numbered is None:
        return None
    sure = 1.0 if code.number is not None else 0.5
    said = TYPES[heading[1]].abbreviation if heading else ""
    if said and code.first not in _BY_ABBREVIATION and _alike(code.first, said) >= _ALIKE_SHORT:
        # The name of the type is larger and read better than its abbreviation.
        code, sure = replace(code, notation="-".join([said, *code.notation.split("-")[1:]])), 0.8 * sure
    return _found(code, numbered, sure)


def _date_line(page: Page, lines: Sequence[TextLine], numbered: TextLine | None) -> TextLine | None:
    near = numbered.box.y0 if numbered else 0.15 * page.height
    dated = [line for line in lines if has_date(line.text) and line.box.y0 < 0.45 * page.height]
    return min(dated, key=lambda line: abs(line.box.y0 - near), default=None)


def _date(dated: TextLine | None) -> Suggested[dt.date] | None:
    date = parse_date(dated.text) if dated else None
    return _found(date, dated) if date and dated else None


def _place(dated: TextLine | None) -> Suggested[str] | None:
    if dated is None:
        return None
    found = re.search(r"([^\W\d_][^\d/]*?)\s*[,.;]\s*ng[aà]y\b", composed_of(dated.text), re.IGNORECASE)
    return _found(found.group(1).strip(), dated) if found else None


def _issuer(
    page: Page, lines: Sequence[TextLine], numbered: TextLine | None, known: Sequence[Known]
) -> Suggested[Issuer] | None:
    ends = numbered.box.y0 if numbered else 0.15 * page.height
    names = [
        line
        for line in lines
        if line.box.y1 <= ends + 0.6 * line.box.height
        and line.box.middle < 0.48 * page.width
        and _is_capitals(line.text)
        and "VIET NAM" not in bare(line.text)
    ]
    if not names:
        return None
    written = _written_issuer(names)
    best = max(
        (
            (_alike(_over(names[start:]).text, each.name), len(names) - start, each.name, each)
            for start in range(len(names))
            for each in known
        ),
        default=None,
        key=lambda choice: choice[:3],
    )
    if best and best[0] >= _ALIKE:
        return _found(Issuer(best[3].name, best[3].key), _over(names), best[0])
    return _found(Issuer(written.text), written, 0.6)


def _written_issuer(names: Sequence[TextLine]) -> TextLine:
    """From the last line that begins a name of an agency: above it stands the superior agency."""
    begins = [number for number, line in enumerate(names) if composed_of(line.text).startswith(_AGENCY_BEGINS)]
    return _over(names[begins[-1] :] if begins else names)


def _alike(one: str, other: str) -> float:
    first, second = bare(one), bare(other)
    if first == second:
        return 1.0
    if min(len(first), len(second)) < 0.6 * max(len(first), len(second)):
        return 0.0
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _heading(page: Page, lines: Sequence[TextLine], numbered: TextLine | None) -> tuple[TextLine, str] | None:
    """The name of the type in capitals, in the middle."""
    after = numbered.box.y0 if numbered else 0.1 * page.height
    for line in lines:
        key = _BY_NAME.get(bare(line.text))
        if key and line.box.y0 > after and _is_capitals(line.text) and _is_centred(page, line):
            return line, key
    return None


def _is_centred(page: Page, line: TextLine) -> bool:
    return abs(line.box.middle - 0.535 * page.width) < 0.09 * page.width  # the left margin is wider than the right


def _type(
    page: Page, lines: Sequence[TextLine], code: Suggested[Code] | None, heading: tuple[TextLine, str] | None
) -> Suggested[str] | None:
    by_code = _BY_ABBREVIATION.get(code.value.first) if code else None
    if heading:
        line, key = heading
        return _found(key, line, 1.0 if by_code == key or by_code is None else 0.7)
    about = _about_line(page, lines)
    if about:
        return _found("CV", about, 0.95)
    if by_code and code:
        return Suggested(by_code, round(code.confidence * 0.7, 3), code.box)
    return None


def _about_line(page: Page, lines: Sequence[TextLine]) -> TextLine | None:
    return next(
        (
            line
            for line in lines
            if re.match(r"^\W*V\s*/\s*v\b", line.text, re.IGNORECASE)
            and line.box.x0 < 0.5 * page.width
            and line.box.y0 < 0.5 * page.height
        ),
        None,
    )


def _subject(page: Page, lines: Sequence[TextLine], heading: tuple[TextLine, str] | None) -> Suggested[str] | None:
    if heading:
        return _named_subject(page, lines, heading[0])
    about = _about_line(page, lines)
    if about is None:
        return None
    taken = [about]
    for line in lines:
        below = line.box.y0 - taken[-1].box.y0
        if 0.5 * about.box.height < below < 1.9 * about.box.height and line.box.middle < 0.5 * page.width:
            if bare(line.text).startswith("KINH GUI") or _is_capitals(line.text):
                break
            taken.append(line)
    over = _over(taken)
    return _found(re.sub(r"^\W*V\s*/\s*v\s*[:.]?\s*", "V/v ", over.text, flags=re.IGNORECASE), over)


def _named_subject(page: Page, lines: Sequence[TextLine], heading: TextLine) -> Suggested[str] | None:
    """The centred lines right below the name of the type, as far as they follow at one distance."""
    taken: list[TextLine] = []
    before, pitch = heading, 2.4 * heading.box.height
    for line in lines:
        below = line.box.y0 - before.box.y0
        if below <= 0.4 * heading.box.height:
            continue
        stops = (
            below > pitch
            or not _is_centred(page, line)
            or line.box.x1 - line.box.x0 > 0.74 * page.width
            or (_is_capitals(line.text) and taken)
            or bare(line.text).startswith(("CAN CU", "KINH GUI", "KEM THEO"))
        )
        if stops:
            break
        taken.append(line)
        before, pitch = line, 1.4 * below
    return _found(_over(taken).text, _over(taken)) if taken else None


# Whom it addresses, who receives it, who signed: ô số 7 to 9.


def _addressees(page: Page, lines: Sequence[TextLine]) -> tuple[Suggested[str], ...]:
    for number, line in enumerate(lines):
        if not bare(line.text).startswith("KINH GUI"):
            continue
        rest = re.split(r"[:;.]", line.text, maxsplit=1)[1:]
        if rest and len(rest[0].strip()) > 3:
            return tuple(_items([TextLine(rest[0].strip(), line.box, line.confidence)]))
        following = [each for each in lines[number + 1 :] if each.box.x0 > 0.17 * page.width]
        return tuple(_items(following))
    return ()


def _items(lines: Sequence[TextLine]) -> list[Suggested[str]]:
    """The items of a list with dashes; a line without one goes on with the item before it. One line alone needs none."""
    items: list[list[TextLine]] = []
    for line in lines:
        if items and line.box.y0 - items[-1][-1].box.y0 > 2.2 * line.box.height:
            break
        if re.match(r"^\s*[-–—•+*]\s*\S", line.text):
            items.append([line])
        elif items and not items[-1][-1].text.rstrip().endswith((";", ".")):
            items[-1].append(line)
        elif not items and len(lines) == 1:
            items.append([line])
        else:
            break
    return [
        _found(re.sub(r"^\s*[-–—•+*]\s*", "", _over(item).text).strip().rstrip(";.").strip(), _over(item))
        for item in items
    ]


@dataclass(frozen=True)
class _End:
    page: Page
    #: Where the list of those who receive begins.
    word: TextLine | None


def _end(reading: Reading) -> _End:
    for page in reading.pages:
        word = next((line for line in page.lines if bare(line.text).startswith("NOI NHAN")), None)
        if word:
            return _End(page, word)
    return _End([page for page in reading.pages if page.lines][-1], None)


def _recipients(end: _End) -> tuple[Suggested[str], ...]:
    if end.word is None:
        return ()
    below = [
        line
        for line in sorted(end.page.lines, key=lambda line: line.box.y0)
        if line.box.y0 > end.word.box.y0 + 0.4 * end.word.box.height and line.box.middle < 0.5 * end.page.width
    ]
    return tuple(item for item in _items(below) if not bare(item.value).startswith("LUU"))


def _signer(end: _End) -> tuple[Suggested[str] | None, Suggested[str] | None, Suggested[str] | None]:
    """Name, title, competence. Who signs stands right of the list of those who receive; of two, above it."""
    page = end.page
    right = [
        line
        for line in sorted(page.lines, key=lambda line: line.box.y0)
        if line.box.middle > 0.5 * page.width and line.box.y0 > 0.2 * page.height
    ]
    groups = _capitals([line for line in right if not line.text.rstrip().endswith(":")])  # "QUYẾT ĐỊNH:"
    beside = end.word.box.y0 - 2.5 * end.word.box.height if end.word else page.height
    titles = next((group for group in groups if group[0].box.y0 >= beside), groups[-1] if groups else [])
    if not titles:
        return None, None, None
    prefixed = [line for line in titles if _PREFIX.match(composed_of(line.text))]
    own = [line for line in titles if line not in prefixed]
    below = [line for line in right if line.box.y0 > titles[-1].box.y1 and _is_name(line.text)]
    name = _found(composed_of(below[-1].text).strip(_AROUND), below[-1], 0.95) if below else None
    return name, _title(own, prefixed), _competence(prefixed)


def _capitals(lines: Sequence[TextLine]) -> list[list[TextLine]]:
    """Lines in capitals, in groups that follow each other closely."""
    groups: list[list[TextLine]] = []
    for line in lines:
        if not _is_capitals(line.text) or _is_name(line.text):
            continue
        if groups and line.box.y0 - groups[-1][-1].box.y0 < 2.5 * line.box.height:
            groups[-1].append(line)
        else:
            groups.append([line])
    return groups


def _title(own: Sequence[TextLine], prefixed: Sequence[TextLine]) -> Suggested[str] | None:
    if own:
        return _found(_known_title(_over(own).text), _over(own))
    words = composed_of(prefixed[-1].text)
    # "TM. ỦY BAN NHÂN DÂN" alone is no title: the line below it was not read. "Q. GIÁM ĐỐC" is one.
    return _found(_PREFIX.sub("", words), prefixed[-1], 1.0 if words.upper().startswith("Q") else 0.3)


def _known_title(text: str) -> str:
    """Capitals lose their marks when they are read: a title of the usual ones gets them back."""
    words = composed_of(text).strip(_AROUND)
    return _TITLES.get(bare(words), words)


def _competence(prefixed: Sequence[TextLine]) -> Suggested[str] | None:
    if not prefixed:
        return None
    found = _PREFIX.match(composed_of(prefixed[-1].text))
    return _found(f"{found.group(1).upper()}.", prefixed[-1]) if found else None


def _is_name(text: str) -> bool:
    words = composed_of(text).strip(_AROUND).split()
    return 2 <= len(words) <= 6 and all(_NAME_WORD.match(word) for word in words)
