"""Papers with and without a stamp of secrecy, as people make them."""

from __future__ import annotations

import zipfile
from html import escape
from io import BytesIO

import xlsxwriter
from weasyprint import HTML

_SPACES = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:v="urn:schemas-microsoft-com:vml"'
)


def page(html: str) -> bytes:
    made: bytes = HTML(string=html).write_pdf()
    return made


def pdf(*lines: str) -> bytes:
    """Each line a paragraph."""
    return page("".join(f"<p>{escape(line)}</p>" for line in lines))


def pdf_in_columns(left: str, right: str) -> bytes:
    """Two cells beside each other, on one level, as the head of a paper has them."""
    cells = "".join(f'<td style="width: 50%">{escape(words)}' for words in (left, right))
    return page(f'<table style="width: 100%"><tr>{cells}</table><p>Nội dung.</p>')


def word(body: str, **parts: str) -> bytes:
    """A .docx whose body is this XML; `parts` are others, by their names without ``word/`` and ``.xml``."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("word/document.xml", f"<w:document {_SPACES}><w:body>{body}</w:body></w:document>")
        for name, inside in parts.items():
            archive.writestr(f"word/{name}.xml", f"<w:hdr {_SPACES}>{inside}</w:hdr>")
    return out.getvalue()


def paragraph(*runs: str) -> str:
    return "<w:p>" + "".join(f"<w:r><w:t>{escape(run)}</w:t></w:r>" for run in runs) + "</w:p>"


def docx(*lines: str) -> bytes:
    """Each line a paragraph."""
    return word("".join(map(paragraph, lines)))


def xlsx(*cells: str) -> bytes:
    """Each a cell below the one before."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for row, cell in enumerate(cells):
        sheet.write(row, 0, cell)
    book.close()
    return out.getvalue()


#: In files of every kind: words that stand near what a stamp says and are none.
NEAR = (
    "QUY CHẾ BẢO MẬT",
    "QUY CHẾ BẢO",
    "MẬT",
    "Luật Bảo vệ bí mật nhà nước số 117/2025/QH15",
    "THÔNG TIN MẬT",
    "Mật",
    "MẬT ONG RỪNG",
    "Văn bản không đóng dấu MẬT",
    "Độ mật: không",
)
