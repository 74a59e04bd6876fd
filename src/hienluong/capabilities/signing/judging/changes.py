"""What was changed after a signature, for people: pages, notes, the form, the description."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

#: How many pages are compared; a larger file is told about in general.
MOST_PAGES = 500


def changed_since(reader: Any, revision: int) -> list[str]:
    """In words, what the file shows now that it did not when this revision was signed. Never raises."""
    try:
        return _compared(reader, reader.get_historical_resolver(revision))
    except Exception:  # hostile files: what was changed cannot be told, that it was is told elsewhere
        return [_("không xác định được phần đã đổi")]


def _compared(reader: Any, before: Any) -> list[str]:
    found: list[str] = []
    now_root, then_root = reader.root, before.root
    then_pages, now_pages = _pages(then_root["/Pages"]), _pages(now_root["/Pages"])
    if len(then_pages) != len(now_pages):
        found.append(_("số trang: từ %(before)d thành %(now)d") % {"before": len(then_pages), "now": len(now_pages)})
    content, notes = [], []
    for number, (then, now) in enumerate(zip(then_pages, now_pages, strict=False), 1):
        if any(
            _dump(then.get(key)) != _dump(now.get(key))
            for key in ("/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate")
        ):
            content.append(number)
        if _annotations(then) != _annotations(now):
            notes.append(number)
    if content:
        found.append(_("nội dung trang %(pages)s") % {"pages": _numbers(content)})
    if notes:
        found.append(_("ghi chú, ô nhập hoặc hình đặt trên trang %(pages)s") % {"pages": _numbers(notes)})
    if _dump(then_root.get("/AcroForm")) != _dump(now_root.get("/AcroForm")):
        found.append(_("biểu mẫu"))
    if _dump(then_root.get("/Metadata")) != _dump(now_root.get("/Metadata")):
        found.append(_("thông tin mô tả tệp"))
    if _dump(then_root.get("/DSS")) != _dump(now_root.get("/DSS")):
        found.append(_("dữ liệu để xác minh chữ ký"))
    others = {"/OpenAction", "/AA", "/Names", "/OCProperties", "/Outlines", "/PageLabels", "/ViewerPreferences"}
    if any(_dump(then_root.get(key)) != _dump(now_root.get(key)) for key in others):
        found.append(_("cách tệp được mở và hiện ra"))
    return found


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


def _annotations(page: Any) -> list[bytes]:
    return [_dump(each) for each in page.get("/Annots", []) or []]


def _dump(item: Any, depth: int = 6) -> bytes:
    """A value as bytes, with what it refers to, some levels down: equal when it looks the same."""
    if depth == 0 or item is None:
        return b""
    value: Any = item.get_object() if hasattr(item, "get_object") else item
    if hasattr(value, "encoded_data"):
        head = b"".join(
            key.encode() + _dump(value.raw_get(key), depth - 1) for key in sorted(value) if key != "/Parent"
        )
        return b"stream" + head + bytes(value.encoded_data or b"")
    if hasattr(value, "raw_get"):
        skip = {"/Parent", "/P", "/Popup"}
        return b"<<" + b"".join(
            key.encode() + _dump(value.raw_get(key), depth - 1) for key in sorted(value) if key not in skip
        )
    if isinstance(value, list):
        return b"[" + b",".join(_dump(each, depth - 1) for each in value)
    return repr(value).encode("utf-8", "surrogatepass")


def _numbers(pages: list[int]) -> str:
    shown = ", ".join(str(page) for page in pages[:8])
    return f"{shown}, …" if len(pages) > 8 else shown
