"""A stamp of secrecy in a file of any kind is seen before the file is kept; words near it are not."""

from __future__ import annotations

import unicodedata
from io import BytesIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from hienluong.foundation.actions import Actor
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.services.documents import access, mail, secrecy, stamps
from hienluong.services.documents.actions import drafting
from hienluong.services.documents.models import Document, DocumentFile
from tests.foundation.files import samples
from tests.services.stamped import NEAR, docx, paragraph, pdf, pdf_in_columns, word, xlsx

from .bureau import Bureau, make_bureau
from .offices import Agency, make_agency
from .test_mail import message


@pytest.fixture
def bureau(db: None) -> Bureau:
    return make_bureau()


@pytest.fixture
def health(db: None) -> Agency:
    return make_agency()


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def xlsx_with_a_margin(words: str) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    sheet.write(0, 0, "STT")
    sheet.set_header(f'&L&"Times New Roman,Bold"&14{words}&RTrang &P')
    book.close()
    return out.getvalue()


def xlsx_with_a_box(words: str) -> bytes:
    out = BytesIO()
    book = xlsxwriter.Workbook(out)
    book.add_worksheet().insert_textbox(1, 1, words)
    book.close()
    return out.getvalue()


_BOX = f"<w:r><w:pict><w:txbxContent>{paragraph('TUYỆT', ' MẬT')}</w:txbxContent></w:pict></w:r><w:r><w:t>Số: 1</w:t></w:r>"
STAMPED = {
    "pdf": (pdf("ỦY BAN NHÂN DÂN TỈNH", "Số: 12/BC-UBND", "MẬT", "Kính gửi: Bộ Y tế"), "mat"),
    "pdf, beside the addressee": (pdf_in_columns("TỐI MẬT", "Kính gửi: Bộ Y tế"), "toi_mat"),
    "pdf, letters in two parts": (pdf(unicodedata.normalize("NFD", "MẬT"), "Nội dung"), "mat"),
    "pdf, the second page": (pdf("Nội dung", *["dòng"] * 80, "TUYỆT MẬT"), "tuyet_mat"),
    "docx": (docx("Số: 12/BC-UBND", "MẬT", "Kính gửi: Bộ Y tế"), "mat"),
    "docx, a word in two pieces": (word(paragraph("T", "ỐI MẬ", "T")), "toi_mat"),
    "docx, in a text box": (word(f"<w:p>{_BOX}</w:p>"), "tuyet_mat"),
    "docx, in a cell": (
        word(f"<w:tbl><w:tr><w:tc>{paragraph('MẬT')}</w:tc><w:tc>{paragraph('Kính gửi')}</w:tc></w:tr></w:tbl>"),
        "mat",
    ),
    "docx, after a tab": (word("<w:p><w:r><w:t>Số: 12</w:t><w:tab/><w:t>MẬT</w:t></w:r></w:p>"), "mat"),
    "docx, across the page": (word(paragraph("Nội dung"), header1='<v:textpath string="TỐI MẬT"/>'), "toi_mat"),
    "docx, in the margin": (word(paragraph("Nội dung"), header2=paragraph("MẬT")), "mat"),
    "docx, with its name": (docx("Độ mật: MẬT"), "mat"),
    "xlsx": (xlsx("Phụ lục", "MẬT"), "mat"),
    "xlsx, in the margin": (xlsx_with_a_margin("TỐI MẬT"), "toi_mat"),
    "xlsx, in a text box": (xlsx_with_a_box("TUYỆT MẬT"), "tuyet_mat"),
}


@pytest.mark.parametrize(("content", "level"), STAMPED.values(), ids=STAMPED.keys())
def test_a_stamp_in_a_file_is_seen_and_the_rule_quoted(content: bytes, level: str) -> None:
    assert stamps.level_in(content) == level
    with pytest.raises(secrecy.StateSecret, match="117/2025/QH15"):
        stamps.refuse_in([b"x", content])


@pytest.mark.parametrize("made", [pdf, docx, xlsx])
def test_words_near_a_stamp_are_none(made: object) -> None:
    content = made(*NEAR)  # type: ignore[operator]
    assert stamps.level_in(content) == ""
    stamps.refuse_in([content])


@pytest.mark.parametrize(
    "content",
    [b"", b"MAT", samples.png(), b"PK\x03\x04 hong", b"%PDF-1.7 hong", samples.archive(a=b"MAT"), docx("")],
)
def test_what_has_no_text_bears_no_stamp(content: bytes) -> None:
    assert stamps.level_in(content) == ""


_LETTERS = st.sampled_from("abcđêơừ ABCĐÊƠỪMẬT")


@given(st.text(_LETTERS, max_size=40), st.text(_LETTERS, max_size=40), st.sampled_from(list(secrecy.LEVELS)))
def test_a_stamp_is_one_whatever_stands_above_and_below_and_never_with_letters_beside_it(
    above: str, below: str, level: str
) -> None:
    stamp = secrecy.LEVELS[level].upper()
    found = secrecy.stamp_in(f"{above}.\n * {stamp.replace(' ', '  ')} *\n{below}")
    assert list(secrecy.LEVELS).index(found) >= list(secrecy.LEVELS).index(level)
    assert secrecy.stamp_in(f"x {above} {stamp}\n{stamp} {below} x") == ""


def test_a_line_that_never_ends_takes_no_time() -> None:
    assert secrecy.stamp_in("-" * 2_000_000 + "\n" + "_ " * 500_000 + "\nMẬT") == "mat"


# Annexes of drafts.


def test_an_annex_with_a_stamp_is_attached_by_no_way(bureau: Bureau) -> None:
    document = bureau.draft()
    address = reverse("outgoing:act", args=[document.pk, "dinh-kem"])
    client = signed_in(bureau.drafter.actor)
    for content, name in ((pdf("MẬT", "Nội dung"), "a.pdf"), (docx("TỐI MẬT"), "a.docx"), (xlsx("MẬT"), "a.xlsx")):
        answer = client.post(address, {"file": SimpleUploadedFile(name, content), "name": "Phụ lục này"})
        assert answer.status_code == 422
        assert "117/2025/QH15" in answer.content.decode()
        assert "Phụ lục này" in answer.content.decode()
    assert not StoredFile.objects.filter(purpose=access.FILE_PURPOSE).exists()
    kept = store(BytesIO(docx("MẬT")), name="a.docx", owner=bureau.drafter.account.pk, purpose=access.FILE_PURPOSE)
    with pytest.raises(secrecy.StateSecret):
        drafting.attach(bureau.drafter.actor, document=document, file=kept)
    assert not document.files.exists()


def test_an_annex_about_secrets_is_attached_whole(bureau: Bureau) -> None:
    document, content = bureau.draft(), docx(*NEAR)
    answer = signed_in(bureau.drafter.actor).post(
        reverse("outgoing:act", args=[document.pk, "dinh-kem"]),
        {"file": SimpleUploadedFile("quy-che.docx", content), "name": ""},
    )
    assert answer.status_code == 302
    with document.files.get(role=DocumentFile.Role.ANNEX).file.open() as stream:
        assert stream.read() == content


# What comes in on paper or by mail.


def test_what_came_with_a_scan_is_refused_before_anything_is_kept(health: Agency) -> None:
    answer = signed_in(health.clerk).post(
        reverse("documents:take_in"),
        {
            "pages_of": SimpleUploadedFile("van-ban.pdf", samples.plain_pdf(), "application/pdf"),
            "annexes": [SimpleUploadedFile("phu-luc.xlsx", xlsx("TỐI MẬT"))],
            "secrecy": "",
        },
    )
    assert answer.status_code == 422
    assert "117/2025/QH15" in answer.content.decode()
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "files",
    [
        (("cong-van.docx", docx("Số: 1", "MẬT", "Kính gửi")),),
        (("cong-van.pdf", pdf("Công văn số 1 về việc họp giao ban tuần")), ("bang.xlsx", xlsx("TỐI MẬT"))),
    ],
    ids=["the paper in Word", "what came with it"],
)
def test_mail_with_a_stamp_leaves_nothing(health: Agency, files: tuple[tuple[str, bytes], ...]) -> None:
    assert mail.take_in(health.place, message(*files)) is False
    assert not Document.objects.exists()
    assert not StoredFile.objects.exists()


def test_mail_about_secrets_is_taken_in(health: Agency) -> None:
    assert mail.take_in(health.place, message(("quy-che.docx", docx(*NEAR)))) is True
    assert Document.objects.get().files.count() == 1
