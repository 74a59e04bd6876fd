"""The text of an uploaded Word file as the body of a paper, with what was left out told."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.utils.translation import gettext as _
from lxml import html as lxml_html

from hienluong.services.documents.layout.body import clean
from hienluong.services.documents.layout.content import LayoutRefused

#: Limits of an upload: bytes of the file, bytes when unpacked, bytes of the text, parts.
LARGEST, _UNPACKED, _TEXT, _PARTS = 20_000_000, 120_000_000, 12_000_000, 3000
_OLD_WORD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STYLES = """
p[style-name='Heading 1'] => h1:fresh
p[style-name='Heading 2'] => h2:fresh
p[style-name='Heading 3'] => h3:fresh
p[style-name='Title'] => h1:fresh
p[style-name='hl-center'] => p.center:fresh
p[style-name='hl-right'] => p.right:fresh
u => u
"""


@dataclass(frozen=True)
class FromWord:
    """The body that was read, and what an official must know about it."""

    body: str
    warnings: tuple[str, ...]


def from_docx(content: bytes) -> FromWord:
    """Read the text of a .docx. Raises ``LayoutRefused`` for other files, macros, and files made to overwhelm us."""
    warnings = _looked_over(content)
    html = _converted(content)
    body, left_out = _without_frame(html)
    return FromWord(clean(body), (*warnings, *left_out))


def _looked_over(content: bytes) -> list[str]:
    if len(content) > LARGEST:
        raise LayoutRefused(_("Tệp Word lớn hơn %(size)s MB.") % {"size": LARGEST // 1_000_000})
    if content.startswith(_OLD_WORD):
        raise LayoutRefused(
            _("Tệp .doc cũ hoặc tệp Word có mật khẩu không đọc được; hãy lưu thành .docx không có mật khẩu.")
        )
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            return _parts_looked_over(archive)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        raise LayoutRefused(_("Tệp này không phải tệp Word (.docx) hoặc đã hỏng.")) from error


def _parts_looked_over(archive: zipfile.ZipFile) -> list[str]:
    parts = archive.infolist()
    names = {part.filename.lower() for part in parts}
    if len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED:
        raise LayoutRefused(_("Tệp Word giải nén ra quá lớn, không đọc được."))
    if "word/document.xml" not in names or "[content_types].xml" not in names:
        raise LayoutRefused(_("Tệp này không phải tệp Word (.docx) hoặc đã hỏng."))
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) for name in names):
        raise LayoutRefused(_("Tệp Word có macro không được nhận; hãy lưu thành .docx không có macro."))
    warnings = []
    for part in parts:
        name = part.filename.lower()
        if not name.endswith((".xml", ".rels")):
            continue
        if part.file_size > _TEXT:
            raise LayoutRefused(_("Tệp Word giải nén ra quá lớn, không đọc được."))
        with archive.open(part) as stream:
            text = stream.read(_TEXT + 1)
        if len(text) > _TEXT:
            raise LayoutRefused(_("Tệp Word giải nén ra quá lớn, không đọc được."))
        if _declares(text):
            raise LayoutRefused(_("Tệp Word có khai báo XML nguy hiểm, không được nhận."))
        if name == "[content_types].xml" and b"macroenabled" in text.lower():
            raise LayoutRefused(_("Tệp Word có macro không được nhận; hãy lưu thành .docx không có macro."))
        if name == "word/document.xml":
            warnings = _told(text)
    return warnings


def _declares(text: bytes) -> bool:
    """Whether XML declares entities or a document type, in whatever encoding: no Word file does."""
    packed = text.replace(b"\x00", b"").upper()
    return b"<!DOCTYPE" in packed or b"<!ENTITY" in packed


def _told(text: bytes) -> list[str]:
    said = {
        rb"<w:(ins|del|moveFrom|moveTo)[ >]": _("Tệp có sửa đổi được theo dõi: phần thêm được giữ, phần xóa bị bỏ."),
        rb"<w:commentReference": _("Ghi chú (comment) trong tệp đã được bỏ."),
        rb"<w:(drawing|pict)[ >]": _("Hình vẽ, ảnh và đường kẻ trong tệp đã được bỏ; hãy đưa hình vào tệp đính kèm."),
        rb"<w:object[ >]": _("Đối tượng nhúng trong tệp đã được bỏ."),
        rb"<m:oMath[ >]": _("Công thức toán trong tệp đã được bỏ."),
    }
    return [message for sign, message in said.items() if re.search(sign, text)]


def _converted(content: bytes) -> str:
    import mammoth  # type: ignore[import-untyped]

    transform: Callable[[Any], Any] = mammoth.transforms.paragraph(_aligned)
    try:
        found = mammoth.convert_to_html(
            BytesIO(content),
            style_map=_STYLES,
            transform_document=transform,
            convert_image=mammoth.images.img_element(lambda _image: {"src": ""}),
            include_embedded_style_map=False,
            external_file_access=False,
        )
    except Exception as error:  # whatever a broken file makes of the reader, the official learns that it is broken
        raise LayoutRefused(_("Tệp này không phải tệp Word (.docx) hoặc đã hỏng.")) from error
    return str(found.value)


def _aligned(paragraph: Any) -> Any:
    """Keep what is centred or on the right: the reader has no names for it, so a style stands in."""
    style = {"center": "hl-center", "right": "hl-right"}.get(paragraph.alignment or "")
    if style is None or (paragraph.style_name or "").startswith(("Heading", "Title")):
        return paragraph
    return paragraph.copy(style_id=style, style_name=style)


def _without_frame(html: str) -> tuple[str, list[str]]:
    """Leave out the head and the end of the paper, which the product prints itself."""
    if not html.strip():
        raise LayoutRefused(_("Tệp Word không có chữ nào."))
    root = lxml_html.fragment_fromstring(html, create_parent="div")
    warnings = []
    tables = [child for child in root if child.tag == "table"]
    for table in tables[:1]:
        if "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in _plain(table).replace("HOÀ", "HÒA"):
            root.remove(table)
            warnings.append(
                _("Phần đầu (tên cơ quan, Quốc hiệu, số, ngày) trong tệp đã được bỏ: hệ thống tự trình bày.")
            )
    for table in tables[1:][-2:]:
        if "NƠI NHẬN" in _plain(table):
            root.remove(table)
            warnings.append(_("Phần nơi nhận và chữ ký trong tệp đã được bỏ: hệ thống tự trình bày."))
    for picture in root.xpath(".//img"):
        picture.drop_tag()
    return "".join(lxml_html.tostring(child, encoding="unicode") for child in root), warnings


def _plain(element: lxml_html.HtmlElement) -> str:
    return " ".join(str(element.text_content()).split()).upper()
