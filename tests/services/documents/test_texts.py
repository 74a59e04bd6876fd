"""What the files of a document say is found; a file that cannot be read loses nothing else."""

from __future__ import annotations

import zipfile
from io import BytesIO

import pytest
import xlsxwriter
from weasyprint import HTML

from hienluong.foundation.events.dispatcher import dispatch_waiting
from hienluong.foundation.files import previews
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.files.storing import keep_made
from hienluong.services.documents import access, finding, tasks, texts
from hienluong.services.documents.actions.arrivals import FileIn, arrive
from hienluong.services.documents.models import Document, DocumentFile, DocumentText
from tests.factories import TESTER, actor_for_role, make_org

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def kept(content: bytes, name: str, media_type: str) -> StoredFile:
    return keep_made(BytesIO(content), name=name, owner=None, purpose=access.FILE_PURPOSE, media_type=media_type)


def a_pdf(words: str) -> bytes:
    made: bytes = HTML(string=f"<p>{words}</p>").write_pdf()
    return made


def a_docx(words: str, head: str = "") -> bytes:
    out = BytesIO()
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "word/document.xml",
            f"{head}<w:document {space}><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>",
        )
    return out.getvalue()


def an_xlsx(words: str) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().write(0, 0, words)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (a_pdf("Danh sách cơ sở sản xuất nước đóng chai đã được kiểm tra"), "application/pdf"),
        (a_docx("Danh sách cơ sở sản xuất nước đóng chai"), WORD),
        (an_xlsx("Danh sách cơ sở sản xuất nước đóng chai"), SHEET),
        ("Danh sách cơ sở sản xuất nước đóng chai".encode(), "text/plain"),
    ],
)
def test_the_text_of(db: None, content: bytes, media_type: str) -> None:
    assert "cơ sở sản xuất nước đóng chai" in " ".join(texts.text_of(kept(content, "a", media_type)).split())


def test_a_scan_is_read_by_what_its_pictures_say(db: None) -> None:
    drawn = previews.draw_pdf(a_pdf("<span style='font-size:22pt'>Danh sách cơ sở sản xuất nước đóng chai</span>"), 1)
    assert "cơ sở sản xuất" in texts.text_of(kept(drawn, "a.png", "image/png"))


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (b"%PDF-1.7 nothing of the kind", "application/pdf"),
        (b"", "application/pdf"),
        (b"PK\x03\x04 nothing", WORD),
        (a_docx("&b;", BOMB), WORD),
        (b"\xff\xfe\x00", "application/zip"),
        (b"\x00" * 500, SHEET),
    ],
)
def test_what_cannot_be_read_says_nothing(db: None, content: bytes, media_type: str) -> None:
    assert texts.text_of(kept(content, "a", media_type)).strip() == ""


def test_what_arrives_is_read_in_the_background_and_found(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    agency = make_org("Sở Y tế")
    clerk = actor_for_role("document_clerk", agency)
    deferred: list[int] = []
    monkeypatch.setattr(tasks.read_files, "defer", lambda document_id: deferred.append(document_id))
    files = [
        FileIn(
            file=kept(a_pdf("Phụ lục một: máy thở"), "phu-luc.pdf", "application/pdf"), role=DocumentFile.Role.ANNEX
        ),
        FileIn(file=kept(b"%PDF- broken", "hong.pdf", "application/pdf")),
    ]
    arrive(TESTER, agency=agency, source="exchange", source_ref="1", subject="Báo cáo trang thiết bị", files=files)
    dispatch_waiting()
    document = Document.objects.get()
    assert deferred == [document.pk]
    assert finding.search(clerk, "may tho").ids == []
    tasks.read_files.func(document_id=document.pk)
    assert finding.search(clerk, "may tho").ids == [document.pk]
    assert finding.search(clerk, "hong.pdf").ids == [document.pk]  # by the name of a file, too
    assert DocumentText.objects.get().read_at is not None
