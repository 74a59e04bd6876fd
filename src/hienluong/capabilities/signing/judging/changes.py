"""What was changed after a signature: pages, notes, the form, the description; and whether any of it shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from django.utils.translation import gettext as _

from .xml_tree import Refused, open_tree

#: How many pages are compared; a larger file is told about in general.
MOST_PAGES = 500
_DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
Part = Literal["pages", "content", "notes", "unseen", "form", "description", "evidence", "opening", "unknown"]
#: Parts whose change nobody can see: fields without a size, and data for verifying signatures.
UNSEEN: frozenset[Part] = frozenset({"unseen", "form", "evidence"})


@dataclass
class Changes:
    """The parts that differ, and the same in words."""

    parts: set[Part] = field(default_factory=set)
    words: list[str] = field(default_factory=list)

    def add(self, part: Part, words: str) -> None:
        """One more part."""
        self.parts.add(part)
        self.words.append(words)

    @property
    def unseen(self) -> bool:
        """Whether what is shown is the same as before."""
        return self.parts <= UNSEEN

    def __str__(self) -> str:
        return ", ".join(self.words) or _("phần không hiện ra")


def changed_since(reader: Any, revision: int) -> Changes:
    """What the file shows now that it did not when this revision was signed. Never raises."""
    try:
        return _compared(reader, reader.get_historical_resolver(revision))
    except Exception:  # hostile files: what was changed cannot be told, that it was is told elsewhere
        return Changes({"unknown"}, [_("không xác định được phần đã đổi")])


def _compared(reader: Any, before: Any) -> Changes:
    found = Changes()
    now_root, then_root = reader.root, before.root
    then_pages, now_pages = _pages(then_root["/Pages"]), _pages(now_root["/Pages"])
    if len(then_pages) != len(now_pages):
        told = {"before": len(then_pages), "now": len(now_pages)}
        found.add("pages", _("số trang: từ %(before)d thành %(now)d") % told)
    _compare_pages(then_pages, now_pages, found)
    if _differs(then_root, now_root, "/AcroForm"):
        found.add("form", _("biểu mẫu"))
    if _differs(then_root, now_root, "/Metadata") or _described_by(before) != _described_by(reader):
        then, now = _description(then_root, before), _description(now_root, reader)
        if then is None or then != now:
            found.add("description", _("thông tin mô tả tệp"))
        else:  # when it was saved last, and by what program: whoever adds a timestamp writes that
            found.parts.add("unseen")
    if _differs(then_root, now_root, "/DSS"):
        found.add("evidence", _("dữ liệu để xác minh chữ ký"))
    shown = ("/OpenAction", "/AA", "/Names", "/OCProperties", "/Outlines", "/PageLabels", "/ViewerPreferences")
    if any(_differs(then_root, now_root, key) for key in shown):
        found.add("opening", _("cách tệp được mở và hiện ra"))
    return found


def _described_by(resolver: Any) -> dict[str, str]:
    """Title, author and the like in the old form."""
    try:
        info = resolver.trailer_view["/Info"]
    except KeyError:
        return {}
    return {key: str(info[key]) for key in ("/Title", "/Author", "/Subject", "/Keywords") if key in info}


def _description(root: Any, resolver: Any) -> tuple[dict[str, str], list[tuple[str, str]]] | None:
    """What a file says of itself, old form and new (XMP); None when that cannot be read."""
    told: list[tuple[str, str]] = []
    if "/Metadata" in root:
        try:
            tree = open_tree(bytes(root["/Metadata"].data))
        except Refused:
            return None
        for element in tree.iter(f"{{{_DUBLIN_CORE}}}*"):
            told.append((str(element.tag), "|".join("".join(element.itertext()).split())))
    return _described_by(resolver), told


def _compare_pages(then_pages: list[Any], now_pages: list[Any], found: Changes) -> None:
    content: list[int] = []
    notes: list[int] = []
    unseen = False
    for number, (then, now) in enumerate(zip(then_pages, now_pages, strict=False), 1):
        if any(_differs(then, now, key) for key in ("/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate")):
            content.append(number)
        if _annotations(then, seen=True) != _annotations(now, seen=True):
            notes.append(number)
        elif _annotations(then, seen=False) != _annotations(now, seen=False):
            unseen = True
    if content:
        found.add("content", _("nội dung trang %(pages)s") % {"pages": _numbers(content)})
    if notes:
        found.add("notes", _("ghi chú, ô nhập hoặc hình đặt trên trang %(pages)s") % {"pages": _numbers(notes)})
    if unseen:
        found.parts.add("unseen")


def _pages(node: Any, most: int = MOST_PAGES) -> list[Any]:
    waiting, seen = [node], 0
    found: list[Any] = []
    while waiting and len(found) < most and seen < 4 * most:
        item = waiting.pop()
        seen += 1
        if "/Kids" in item:
            waiting.extend(reversed([kid.get_object() for kid in item["/Kids"]]))
        else:
            found.append(item)
    return found


def _annotations(page: Any, *, seen: bool) -> list[bytes]:
    """The annotations of a page as bytes: those that show something, or all."""
    found = [each.get_object() for each in page.get("/Annots", []) or []]
    return [_dump(each) for each in found if not seen or _shows(each)]


def _shows(annotation: Any) -> bool:
    """Whether an annotation has a size; what is hidden by a flag can be shown by another change, so it counts."""
    try:
        left, bottom, right, top = (float(each) for each in annotation["/Rect"])
    except (KeyError, ValueError, TypeError):
        return True
    return left != right and bottom != top


def _differs(then: Any, now: Any, key: str) -> bool:
    return _dump(then.get(key)) != _dump(now.get(key))


def _dump(item: Any, depth: int = 6) -> bytes:
    """A value as bytes, with what it refers to, some levels down: equal when it looks the same."""
    if depth == 0 or item is None:
        return b""
    value: Any = item.get_object() if hasattr(item, "get_object") else item
    if hasattr(value, "encoded_data"):
        return b"stream" + _pairs(value, {"/Parent"}, depth) + bytes(value.encoded_data or b"")
    if hasattr(value, "items") and hasattr(value, "raw_get"):
        return b"<<" + _pairs(value, {"/Parent", "/P", "/Popup"}, depth)
    if isinstance(value, list):
        return b"[" + b",".join(_dump(each, depth - 1) for each in value)
    return repr(value).encode("utf-8", "surrogatepass")


def _pairs(value: Any, skip: set[str], depth: int) -> bytes:
    return b"".join(key.encode() + _dump(value.get(key), depth - 1) for key in sorted(value) if key not in skip)


def _numbers(pages: list[int]) -> str:
    shown = ", ".join(str(page) for page in pages[:8])
    return f"{shown}, …" if len(pages) > 8 else shown
