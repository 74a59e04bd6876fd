"""The text of a paper: a small set of HTML, cleaned, and dressed as the decree lays out parts, articles and clauses."""

from __future__ import annotations

import re
from html import escape

import nh3
from django.utils.translation import gettext as _
from lxml import html as lxml_html

from hienluong.services.documents.layout.content import LayoutRefused

_TAGS = frozenset("p br b strong i em u sub sup h1 h2 h3 h4 ol ul li table caption thead tbody tfoot tr th td".split())
#: What an official may ask of a paragraph or a cell.
CLASSES = frozenset({"center", "right", "no-indent"})
#: In characters; a paper of 600 pages has about so many.
LONGEST = 3_000_000
_DEEPEST, _MOST_CELLS, _WIDEST_SPAN = 40, 40_000, 60

_TAG = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")
#: What XML has no place for (XML 1.0, 2.2): control characters that come with copied text, and no characters at all.
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_PART = re.compile(r"^(Phần|Chương)\s+(thứ\s+\w+|[IVXLC]+|\d+)\s*[.:]?$", re.IGNORECASE)
_SECTION = re.compile(r"^(Mục|Tiểu mục)\s+(\d+|[IVXLC]+)\s*[.:]?$", re.IGNORECASE)
_PART_WITH_TITLE = re.compile(r"^((?:Phần|Chương)\s+[IVXLC]+|(?:Mục|Tiểu mục)\s+\d+)\s*[.:]\s+(\S.*)$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(Điều\s+\d+[a-zđ]?\s*\.)\s*(.*)$", re.IGNORECASE | re.DOTALL)
_CLAUSE = re.compile(r"^(\d+(?:\.\d+)*\.)\s+(.*)$", re.DOTALL)
_ROMAN = re.compile(r"^[IVXLC]+\.\s+\S")
_ENDS = (".", ";", ":", ",", "!", "?")


def clean(text: str) -> str:
    """Only the allowed tags and classes; scripts, styles, pictures and links go. Raises ``LayoutRefused`` when the text
    is too long, too deep or has too many cells to be drawn."""
    if len(text) > LONGEST:
        raise LayoutRefused(
            _("Nội dung dài quá %(count)s ký tự; hãy chuyển phần dài thành phụ lục.") % {"count": LONGEST}
        )
    cleaned = nh3.clean(
        _UNPRINTABLE.sub("", text),
        tags=set(_TAGS),
        attributes={"p": {"class"}, "td": {"class", "colspan", "rowspan"}, "th": {"class", "colspan", "rowspan"}},
        attribute_filter=_kept,
        link_rel=None,
    )
    cleaned = _UNPRINTABLE.sub("", cleaned)  # those that were written as &#1;
    depth = deepest = cells = 0
    for end, tag in _TAG.findall(cleaned):
        if tag == "br":
            continue
        cells += tag in ("td", "th") and not end
        depth += -1 if end else 1
        deepest = max(deepest, depth)
    if deepest > _DEEPEST or cells > _MOST_CELLS:
        raise LayoutRefused(_("Nội dung lồng nhau quá sâu hoặc bảng quá lớn, không in được."))
    return cleaned


def _kept(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if word in CLASSES]
        return " ".join(kept) or None
    return value if value.isdecimal() and 1 <= int(value) <= _WIDEST_SPAN else None


def from_text(text: str) -> str:
    """Plain text as a body: each line a paragraph."""
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())


def dressed(text: str) -> str:
    """Clean the text and give its paragraphs the looks of Phụ lục I, Phần I, Mục II, khoản 6: parts and chapters
    centred and bold with their titles in capitals below, the word "Điều" bold, titles of clauses bold."""
    cleaned = clean(text)
    if not cleaned.strip():
        return ""
    if not re.search(r"<(p|h[1-4]|ol|ul|table)\b", cleaned):
        cleaned = f"<p>{cleaned}</p>"
    root = lxml_html.fragment_fromstring(cleaned, create_parent="div")
    awaits_title = False
    for element in list(root):
        if element.tag not in ("p", "h1", "h2", "h3", "h4"):
            awaits_title = False
            continue
        awaits_title = _dress(element, awaits_title)
    return "".join(lxml_html.tostring(child, encoding="unicode") for child in root)


_WITHIN_TAGS = re.compile(r"(<[^>]*>)")
_CODE = re.compile(r"(?<![\w/])\d+[a-zđ]?/(?:\d{4}/)?[A-ZĐ][\w]*(?:-[\w&]+)*")


def held_together(text: str) -> str:
    """HTML in which the number and notation of a paper ("12/QĐ-UBND") are not broken into two lines."""
    parts = _WITHIN_TAGS.split(text)
    parts[::2] = [_CODE.sub(lambda found: f'<span class="code">{found[0]}</span>', part) for part in parts[::2]]
    return "".join(parts)


def _dress(element: lxml_html.HtmlElement, awaits_title: bool) -> bool:
    """Give one paragraph its look; True when the next is the title of this heading."""
    words = " ".join(element.text_content().split())
    if _PART.match(words) or _SECTION.match(words):
        element.tag = "p"
        element.set("class", "part")
        return True
    if awaits_title and words and len(words) <= 250 and not words.endswith(_ENDS) and not _ARTICLE.match(words):
        element.tag = "p"
        element.set("class", "part-title")
        return False
    if titled := _PART_WITH_TITLE.match(words):
        _split(element, titled.group(1), titled.group(2))
    elif _ARTICLE.match(words):
        element.set("class", "article")
        _embolden(element, _ARTICLE, whole=_is_title(words))
    elif (_CLAUSE.match(words) or _ROMAN.match(words)) and _is_title(words) and element.tag == "p":
        element.set("class", "clause-title")
    elif element.tag in ("h1", "h2"):
        element.set("class", "part-title")
    elif element.tag in ("h3", "h4"):
        element.set("class", "clause-title")
    if element.tag != "p":
        element.tag = "p"
    return False


def _is_title(words: str) -> bool:
    """Whether an article or a clause has a title, rather than being a sentence or a blank to fill in."""
    return len(words) <= 200 and not words.endswith(_ENDS) and ": " not in words and "…" not in words


def _split(element: lxml_html.HtmlElement, label: str, title: str) -> None:
    """ "Chương I. QUY ĐỊNH CHUNG" in one line becomes the two lines of the decree."""
    for child in list(element):
        element.remove(child)
    element.tag = "p"
    element.text = label
    element.set("class", "part")
    below = lxml_html.fragment_fromstring(f"<p>{escape(title)}</p>")
    below.set("class", "part-title")
    element.addnext(below)


def _embolden(element: lxml_html.HtmlElement, pattern: re.Pattern[str], *, whole: bool) -> None:
    """Bold for the whole paragraph, or for the label alone where the paragraph is a sentence."""
    if whole:
        element.set("class", "clause-title")
        inner = lxml_html.fragment_fromstring("<b></b>")
        inner.text, element.text = element.text, None
        for child in list(element):
            inner.append(child)
        element.append(inner)
        return
    found = pattern.match(element.text or "")
    if found is None:  # the official made it bold already
        return
    label = lxml_html.fragment_fromstring("<b></b>")
    label.text = found.group(1)
    label.tail = " " + found.group(2)
    element.text = None
    element.insert(0, label)
