"""What papers say of themselves, as text and as scans; marks of secrecy are always told."""

from __future__ import annotations

import datetime as dt

import pytest

from hienluong.services.documents.layout.content import Signer
from hienluong.services.documents.layout.rendering import render
from hienluong.services.documents.reading.ocr import Box, Page, Reading, TextLine, read
from hienluong.services.documents.reading.parsing import Code
from hienluong.services.documents.reading.suggest import Issuer, Known, Secrecy, Suggestion, suggest
from hienluong.services.documents.types import TYPES
from tests.thorough import some

from ..layout.papers import paper
from .scanning import as_jpeg, as_scan, pictures, signed, stamped, turned

KNOWN = (
    Known("1", "Ủy ban nhân dân tỉnh Quảng Trị"),
    Known("2", "Sở Nông nghiệp và Môi trường"),
    Known("3", "Sở Nội vụ"),
    Known("4", "Sở Xây dựng"),
)
SUBJECT = "Số hóa hồ sơ, tài liệu lưu trữ lịch sử của tỉnh Quảng Trị năm 2026"


def of(reading: Reading) -> Suggestion:
    return suggest(reading, KNOWN)


@pytest.mark.parametrize("key", ["NQ", "QD", "CT", "TB", "KH", "BC", "BB", "TTR", "CV", "CD", "GM", "PC"])
def test_papers_with_a_text_layer_are_understood(key: str) -> None:
    many = ("Bộ Nội vụ", "Ủy ban nhân dân tỉnh Nghệ An")
    content = paper(key, addressees=many if key in ("CV", "TTR", "BC", "PC") else ())
    found = of(read(render(content).pdf))
    assert found.secrecy is None
    assert found.issuer is not None
    assert found.issuer.value == Issuer("Sở Nông nghiệp và Môi trường", "2")
    assert found.code is not None
    assert found.code.value == Code(7, content.notation)
    assert found.date is not None
    assert found.date.value == dt.date(2026, 2, 5)
    assert found.place is not None
    assert found.place.value == "Quảng Trị"
    assert found.type is not None
    assert found.type.value == key
    assert found.subject is not None
    assert found.subject.value == ("V/v số" + SUBJECT[2:] if key == "CV" else SUBJECT)
    assert found.signer_name is not None
    assert found.signer_name.value == "Nguyễn Văn Hùng"
    assert found.signer_title is not None
    assert found.signer_title.value == content.signers[-1].title.upper()
    assert (found.competence.value if found.competence else "") == ("KT." if len(content.signers) == 1 else "")
    assert [item.value for item in found.recipients] == ["Như trên", "Ủy ban nhân dân tỉnh (để báo cáo)"]
    assert tuple(item.value for item in found.addressees) == content.addressees
    assert found.urgency is None


def test_a_signed_scan_is_understood_and_says_how_certain_it_is() -> None:
    laid = render(paper("CV", urgency=2, addressees=("Bộ Nội vụ", "Ủy ban nhân dân tỉnh Nghệ An")))
    found = of(read(as_jpeg(turned(signed(pictures(laid.pdf)[0], laid), 1.1))))
    assert found.issuer is not None
    assert found.issuer.value.key == "2"
    assert found.code is not None
    assert found.code.value == Code(7, "SNNMT-QLĐĐ")
    assert found.date is not None
    assert found.date.value == dt.date(2026, 2, 5)
    assert found.type is not None
    assert found.type.value == "CV"
    assert found.subject is not None
    assert found.subject.value == "V/v số" + SUBJECT[2:]
    assert found.urgency is not None
    assert found.urgency.value == 2
    assert found.signer_name is not None
    assert found.signer_name.value == "Nguyễn Văn Hùng"
    assert found.signer_title is not None
    assert found.signer_title.value == "PHÓ CHỦ TỊCH"
    assert [item.value for item in found.addressees] == ["Bộ Nội vụ", "Ủy ban nhân dân tỉnh Nghệ An"]
    assert 0.5 < found.code.confidence < 1
    assert found.code.box.page == 0
    assert found.code.box.x1 > found.code.box.x0


STAMPS = [
    ("TỐI MẬT", "toi_mat", True),
    ("MẬT", "mat", False),
    ("TUYỆT MẬT", "tuyet_mat", True),
    ("MẬT", "mat", True),
    ("TỐI MẬT", "toi_mat", False),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("words", "level", "red"), [STAMPS[1], *some(STAMPS, 2)])
def test_a_stamp_of_secrecy_on_a_scan_is_told(words: str, level: str, red: bool) -> None:
    seen = stamped(pictures(render(paper("CV")).pdf)[0], words, at=(0.18, 0.237), red=red)
    found = suggest(read(as_scan(turned(seen, 0.8)))).secrecy
    assert found is not None
    assert found.value.level == level
    assert found.value.is_certain


def reading(*texts: str) -> Reading:
    lines = tuple(
        TextLine(text, Box(0, 60, 30 + 20 * number, 200, 42 + 20 * number), 0.9) for number, text in enumerate(texts)
    )
    return Reading((Page(0, lines, 595, 842, "picture", 0.9),))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("MẬT", Secrecy("mat", True, "MẬT")),
        ("| TỐI MẬT .", Secrecy("toi_mat", True, "| TỐI MẬT .")),
        ("Độ mật: Mật", Secrecy("mat", True, "Độ mật: Mật")),
        ("Độ mật : Tuyệt mật", Secrecy("tuyet_mat", True, "Độ mật : Tuyệt mật")),
        ("TUYET MAT", Secrecy("tuyet_mat", False, "TUYET MAT")),
        ("MẶT", Secrecy("mat", False, "MẶT")),
    ],
)
def test_marks_of_secrecy_in_text_are_told_certain_or_doubtful(line: str, expected: Secrecy) -> None:
    found = suggest(reading("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", line)).secrecy
    assert found is not None
    assert found.value == expected


@pytest.mark.parametrize(
    "line",
    ["Độ mật: Không", "công tác bảo vệ bí mật nhà nước", "Mật độ dân số", "BẢO VỆ BÍ MẬT NHÀ NƯỚC", "mặt", "Độ mật:"],
)
def test_talk_of_secrets_is_no_mark(line: str) -> None:
    assert suggest(reading("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", line)).secrecy is None


def test_a_mark_on_a_later_page_is_told_too() -> None:
    two = Reading((reading("Một").pages[0], reading("TỐI MẬT").pages[0]))
    found = suggest(two).secrecy
    assert found is not None
    assert found.value.level == "toi_mat"


def test_an_unknown_issuer_is_given_as_it_is_written() -> None:
    found = suggest(read(render(paper("TB", agency_name="Trung tâm Khuyến nông")).pdf), KNOWN)
    assert found.issuer is not None
    assert found.issuer.value == Issuer("TRUNG TÂM KHUYẾN NÔNG")
    assert found.issuer.confidence < 0.7


def test_a_misread_name_of_an_agency_is_recognised_and_less_certain() -> None:
    found = suggest(reading("SỞ NÔNG NGHIÊP VÀ MÔI TRUỜNC", "Số: 12/TB-SNNMT"), KNOWN)
    assert found.issuer is not None
    assert found.issuer.value.key == "2"
    assert found.issuer.confidence < 0.9


def test_nothing_is_made_up_for_a_page_that_is_no_paper() -> None:
    found = suggest(reading("Danh sách lớp 5A", "1. Nguyễn Văn An", "2. Trần Thị Bình"))
    assert found == Suggestion()
    assert suggest(Reading(())) == Suggestion()


def test_a_paper_signed_by_its_head_has_no_competence() -> None:
    content = paper("TB", signers=(Signer(name="Trần Thị Lan", title="Giám đốc"),))
    found = suggest(read(render(content).pdf))
    assert found.competence is None
    assert found.signer_title is not None
    assert found.signer_title.value == "GIÁM ĐỐC"
    assert found.signer_name is not None
    assert found.signer_name.value == "Trần Thị Lan"


def test_types_are_those_of_the_decree() -> None:
    found = suggest(read(render(paper("GNP")).pdf))
    assert found.type is not None
    assert found.type.value in TYPES
