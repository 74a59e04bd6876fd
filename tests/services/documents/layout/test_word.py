"""Word files: what is read of them, and what is refused."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest

from hienluong.services.documents.layout.content import LayoutRefused
from hienluong.services.documents.layout.word import from_docx

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = """<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Override PartName="/word/document.xml" ContentType="{}"/></Types>"""
PLAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
RELS = """<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"""


def docx(body: str, *, kind: str = PLAIN, more: dict[str, bytes] | None = None, before: str = "") -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", TYPES.format(kind))
        archive.writestr("_rels/.rels", RELS)
        archive.writestr(
            "word/document.xml",
            f'<?xml version="1.0" encoding="UTF-8"?>{before}<w:document {W}><w:body>{body}</w:body></w:document>',
        )
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return made.getvalue()


def paragraph(text: str, *, align: str = "", bold: bool = False) -> str:
    looks = f'<w:pPr><w:jc w:val="{align}"/></w:pPr>' if align else ""
    run = "<w:rPr><w:b/></w:rPr>" if bold else ""
    return f'<w:p>{looks}<w:r>{run}<w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def table(*cells: str) -> str:
    return "<w:tbl><w:tr>" + "".join(f"<w:tc>{paragraph(cell)}</w:tc>" for cell in cells) + "</w:tr></w:tbl>"


def test_paragraphs_tables_bold_and_centring_are_read() -> None:
    found = from_docx(docx(paragraph("Chương I", align="center") + paragraph("Đậm", bold=True) + table("Một", "Hai")))
    assert found.body.startswith('<p class="center">Chương I</p><p><strong>Đậm</strong></p><table>')
    assert "<td><p>Hai</p></td>" in found.body
    assert found.warnings == ()


def test_the_head_and_the_end_of_the_paper_are_left_out_and_told() -> None:
    head = table("SỞ TÀI CHÍNH Số: 12/STC", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc")
    end = table("Nơi nhận: - Như trên;", "GIÁM ĐỐC Nguyễn An")
    found = from_docx(docx(head + paragraph("Nội dung.") + table("Bảng", "giữa") + end))
    assert "Nội dung." in found.body
    assert "giữa" in found.body
    assert "CỘNG HÒA" not in found.body
    assert "GIÁM ĐỐC" not in found.body
    assert [words for words in found.warnings if "Quốc hiệu" in words]
    assert [words for words in found.warnings if "nơi nhận" in words]


def test_tracked_changes_comments_and_pictures_are_told() -> None:
    body = (
        paragraph("Chữ")
        + "<w:p><w:ins w:id='1'><w:r><w:t>thêm</w:t></w:r></w:ins><w:del w:id='2'><w:r><w:delText>bỏ</w:delText></w:r></w:del><w:r><w:commentReference w:id='0'/><w:drawing /></w:r></w:p>"
    )
    found = from_docx(docx(body))
    assert "thêm" in found.body
    assert "bỏ" not in found.body
    assert len(found.warnings) == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "không phải tệp Word"),
        (b"PK\x03\x04 broken", "không phải tệp Word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "doc cũ"),
        (docx(paragraph("x"), more={"word/vbaProject.bin": b"x"}), "macro"),
        (docx(paragraph("x"), kind="application/vnd.ms-word.document.macroEnabled.main+xml"), "macro"),
        (docx(paragraph("x"), before='<!DOCTYPE a [<!ENTITY b "b">]>'), "XML nguy hiểm"),
        (
            docx(paragraph("x"), more={"word/styles.xml": '<!DOCTYPE a [<!ENTITY b "b">]><a/>'.encode("utf-16")}),
            "XML nguy hiểm",
        ),
        (docx(paragraph("x"), more={"word/big.xml": b"<a>" + b" " * 12_500_000}), "quá lớn"),
        (docx(paragraph("x"), more={f"word/part{number}": b"" for number in range(3001)}), "quá lớn"),
        (docx("<w:p>"), "hỏng"),
        (docx("<w:p></w:p>"), "không có chữ"),
        (b"x" * 20_000_001, "MB"),
    ],
    ids=["empty", "broken", "doc", "macro", "docm", "entities", "utf16", "bomb", "parts", "xml", "blank", "large"],
)
def test_files_that_are_not_plain_word_are_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(LayoutRefused, match=words):
        from_docx(content)


def test_a_file_nested_very_deep_is_refused_or_read_but_never_breaks() -> None:
    deep = "<w:tbl><w:tr><w:tc>" * 400 + paragraph("đáy") + "</w:tc></w:tr></w:tbl>" * 400
    with pytest.raises(LayoutRefused):
        from_docx(docx(deep))


def test_a_word_file_cannot_smuggle_markup() -> None:
    found = from_docx(docx(paragraph("&lt;script&gt;alert(1)&lt;/script&gt;")))
    assert "<script" not in found.body
