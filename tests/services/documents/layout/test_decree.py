"""Papers measured against Nghị định 30/2020/NĐ-CP, Phụ lục I: each number below is the decree's, or our choice within
its limits that may not drift (±1 mm)."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import pytest

from hienluong.services.documents.layout.content import Annex
from hienluong.services.documents.layout.kinds import KINDS
from hienluong.services.documents.layout.rendering import MM, Laid, render, render_annex

from .measuring import Line, Measured, measured
from .papers import paper

#: Margins of ours in mm: top, right, bottom, left (the decree: 20–25, 15–20, 20–25, 30–35).
TOP, RIGHT, BOTTOM, LEFT = 20.0, 15.0, 20.0, 30.0
#: The middles of what is centred: names and number; nation, motto and place; title; who signs on the right.
LEFT_CELL, RIGHT_CELL, MIDDLE, SIGNS = 63.5, 146.0, 112.5, 153.75
TYPES = ("NQ", "QD", "CT", "QC", "TB", "HD", "KH", "BC", "BB", "TTR", "HDO", "CV", "CD", "GM", "GUQ", "PC")
EACH = pytest.mark.parametrize(("key", "size"), [(key, size) for key in TYPES for size in (13, 14)])


@lru_cache(maxsize=64)
def laid(key: str, size: int) -> Laid:
    return render(paper(key, size=size))


@lru_cache(maxsize=64)
def first(key: str, size: int) -> Measured:
    return measured(laid(key, size).pdf)[0]


def about(expected: float, within: float = 1.0) -> object:
    return pytest.approx(expected, abs=within)


def looks(line: Line, *, size: float, bold: bool = False, italic: bool = False) -> bool:
    assert (round(line.size, 1), line.is_bold, line.is_italic) == (size, bold, italic), line
    return True


@EACH
def test_page_margins_and_font(key: str, size: int) -> None:
    for number, page in enumerate(measured(laid(key, size).pdf)):
        assert (page.width, page.height) == (about(210, 0.2), about(297, 0.2))
        text = [line for line in page.lines if not (number and line.baseline < TOP)]
        assert min(line.left for line in text) == about(LEFT, 0.3)
        assert max(line.right for line in text) <= 210 - RIGHT + 0.6
        assert min(line.baseline for line in text) >= TOP + 3
        assert max(line.baseline for line in text) <= 297 - BOTTOM
        assert all("Liberation-Serif" in line.font for line in page.lines), {line.font for line in page.lines}


@EACH
def test_nation_and_motto_stand_on_the_right(key: str, size: int) -> None:
    page = first(key, size)
    nation, motto = page.line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"), page.line("Độc lập - Tự do - Hạnh phúc")
    assert looks(nation, size=size - 1, bold=True)
    assert looks(motto, size=size, bold=True)
    assert (nation.middle, motto.middle) == (about(RIGHT_CELL), about(RIGHT_CELL))
    assert nation.baseline == about(24.2)
    assert motto.baseline - nation.baseline == about(1.15 * size / MM, 0.6)  # single spacing
    rule = page.rule_below(motto)
    assert rule.width == about(motto.width, 0.5)
    assert rule.middle == about(RIGHT_CELL)


@EACH
def test_names_of_the_agencies_stand_on_the_left(key: str, size: int) -> None:
    page = first(key, size)
    superior, agency = page.line("ỦY BAN NHÂN DÂN"), page.line("SỞ NÔNG NGHIỆP")
    last = page.line("VÀ MÔI TRƯỜNG")
    assert looks(superior, size=size - 1)
    assert looks(agency, size=size - 1, bold=True)
    assert superior.baseline == about(24.2)
    assert [line.middle for line in (superior, agency, last)] == [about(LEFT_CELL)] * 3
    rule = page.rule_below(last)
    longest = max(agency.width, last.width)
    assert longest / 3 <= rule.width <= last.width / 2
    assert rule.middle == about(LEFT_CELL)


@EACH
def test_number_and_place_stand_on_one_line(key: str, size: int) -> None:
    page = first(key, size)
    number, place = page.line("Số: 07/"), page.line("Quảng Trị, ngày 05 tháng 02 năm 2026")
    assert looks(number, size=13)
    assert looks(place, size=size, italic=True)
    assert number.baseline == about(place.baseline, 0.2)
    assert (number.middle, place.middle) == (about(LEFT_CELL), about(RIGHT_CELL))
    assert number.text == f"Số: 07/{paper(key).notation}"


@EACH
def test_title_and_subject(key: str, size: int) -> None:
    page = first(key, size)
    if KINDS[key].is_letter:
        subject = page.line("V/v số hóa")
        number = page.line("Số: 07/")
        assert looks(subject, size=size - 1)
        assert subject.middle == about(LEFT_CELL)
        # 6 points below the number (khoản 5), and a line of its own.
        assert subject.baseline - number.baseline == about((1.15 * (size - 1) + 6) / MM)
        assert not [line for line in page.lines if line.text == "CÔNG VĂN"]
        return
    title = page.line(KINDS[key].heading)
    assert looks(title, size=size, bold=True)
    assert title.middle == about(MIDDLE)
    subject = [page.below(title)]
    while " ".join(line.text for line in subject) != paper(key).subject:
        subject.append(page.below(subject[-1]))
    assert all(looks(line, size=size, bold=True) and line.middle == about(MIDDLE) for line in subject)
    rule = page.rule_below(subject[-1])
    longest = max(line.width for line in subject)
    assert longest / 3 <= rule.width <= min(longest, subject[-1].width) / 2
    assert rule.middle == about(MIDDLE)


@EACH
def test_text_is_indented_justified_and_spaced(key: str, size: int) -> None:
    page = first(key, size)
    words = "Điều 1." if KINDS[key].resolving else "Thực hiện chương trình"
    begin = page.line(words)
    second = page.below(begin)
    assert begin.left == about(LEFT + 12.7)
    assert (begin.right, second.left) == (about(210 - RIGHT), about(LEFT))
    assert round(begin.size, 1) == round(second.size, 1) == size
    assert not second.is_bold
    assert not second.is_italic
    spacing = (second.baseline - begin.baseline) * MM / size
    assert 1.149 <= spacing <= 1.5 * 1.15  # from single to one and a half lines of Times
    if KINDS[key].resolving:
        assert begin.is_bold
        return
    third = page.below(second)
    last, following = third, page.line("1. Các cơ quan")
    between = (following.baseline - last.baseline) - (second.baseline - begin.baseline)
    assert between * MM >= 6 - 0.1


@pytest.mark.parametrize("key", ["NQ", "QD"])
def test_grounds_are_italic_and_punctuated(key: str) -> None:
    page = first(key, 14)
    grounds = [page.line(begin) for begin in ("Căn cứ Luật", "Căn cứ Nghị định", "Theo đề nghị")]
    assert all(looks(line, size=14, italic=True) and line.left == about(LEFT + 12.7) for line in grounds)
    assert grounds[0].text.endswith(";")
    assert [line for line in page.lines if line.is_italic and line.text.endswith("2026.")]
    resolving = page.line(KINDS[key].resolving)
    assert looks(resolving, size=14, bold=True)
    assert resolving.middle == about(MIDDLE)
    assert page.line("GIÁM ĐỐC SỞ NÔNG NGHIỆP").middle == about(MIDDLE)


@EACH
def test_who_signs_and_where(key: str, size: int) -> None:
    pages = measured(laid(key, size).pdf)
    paper_of = paper(key, size=size)
    last = paper_of.signers[-1]
    place, seal = laid(key, size).leader_box, laid(key, size).seal_box
    assert place is not None
    assert seal is not None
    page = pages[place.page]
    lines = [*last.authority, last.title]
    title = page.line(lines[-1].upper())
    name = [line for line in page.lines if line.text == last.name and line.is_bold][-1]
    assert all(looks(page.line(line.upper()), size=size, bold=True) for line in lines)
    assert looks(name, size=size, bold=True)
    assert (title.middle, name.middle) == (about(SIGNS), about(SIGNS))
    assert (place.x0 + place.x1) / 2 / MM == about(SIGNS)
    assert title.baseline < 297 - place.y1 / MM < 297 - place.y0 / MM < name.baseline
    # The seal covers a third of the signature, on its left (khoản 8), in its true size.
    assert seal.x1 - place.x0 == pytest.approx((place.x1 - place.x0) / 3)
    assert (seal.x1 - seal.x0) / MM == pytest.approx(36)
    assert seal.x0 < place.x0
    assert (seal.y0 + seal.y1) == pytest.approx(place.y0 + place.y1)


@EACH
def test_who_receives_stands_at_the_left_margin(key: str, size: int) -> None:
    pages = measured(laid(key, size).pdf)
    page = next(page for page in pages if any(line.text.startswith("Nơi nhận") for line in page.lines))
    word, item, archive = page.line("Nơi nhận:"), page.line("- Như trên;"), page.line("- Lưu: VT, QLĐĐ.")
    assert looks(word, size=12, bold=True, italic=True)
    assert looks(item, size=11)
    assert looks(archive, size=11)
    assert [line.left for line in (word, item, archive)] == [about(LEFT, 0.3)] * 3
    if len(paper(key).signers) == 1:
        assert word.baseline == about(page.line("TM. ỦY BAN NHÂN DÂN").baseline)  # on the line of the competence


def test_one_addressee_stands_on_the_line_of_the_word_and_several_below_the_colon() -> None:
    one = first("CV", 14).line("Kính gửi:")
    assert one.text == "Kính gửi: Ủy ban nhân dân các xã, phường"
    assert looks(one, size=14)
    people = ("Văn phòng Ủy ban nhân dân tỉnh;", "Sở Tài chính", "Sở Nội vụ.")
    page = measured(render(paper("CV", addressees=people)).pdf)[0]
    word = page.line("Kính gửi:")
    assert word.text == "Kính gửi:"
    items = [page.line(text) for text in ("- Văn phòng Ủy ban nhân dân tỉnh;", "- Sở Tài chính;", "- Sở Nội vụ.")]
    colon = 14 * 0.278 / MM
    assert [item.left for item in items] == [about(word.right - colon, 0.5)] * 3


def test_telegram_and_invitation_address_as_their_specimens_do() -> None:
    telegram = first("CD", 14)
    assert telegram.line("Giám đốc Sở Nông nghiệp và Môi trường điện: Ủy ban nhân dân các xã, phường")
    invitation = first("GM", 14)
    assert invitation.line("Sở Nông nghiệp và Môi trường trân trọng kính mời:").left == about(LEFT + 12.7)


def test_minutes_are_signed_by_two_side_by_side() -> None:
    page = first("BB", 14)
    keeper, chair = page.line("THƯ KÝ"), page.line("CHỦ TỌA")
    assert keeper.baseline == about(chair.baseline, 0.2)
    assert (keeper.middle, chair.middle) == (about(LEFT + 41.25), about(SIGNS))
    assert len(laid("BB", 14).signer_boxes) == 2
    assert page.line("Nơi nhận:").baseline > page.line("Lê Thu Hà").baseline


@pytest.mark.parametrize(("urgency", "words", "wide"), [(1, "KHẨN", 20), (2, "THƯỢNG KHẨN", 40), (3, "HỎA TỐC", 30)])
def test_the_mark_of_urgency_has_the_size_of_the_decree(urgency: int, words: str, wide: float) -> None:
    page = measured(render(paper("CV", urgency=urgency)).pdf)[0]
    mark = page.line(words)
    frame = next(each for each in page.marks if each.height > 2 and each.top < mark.baseline < each.bottom)
    assert looks(mark, size=13, bold=True)
    assert (frame.width, frame.height) == (about(wide, 0.5), about(8, 0.5))
    assert (frame.middle, mark.middle) == (about(LEFT_CELL), about(LEFT_CELL))
    assert mark.baseline > page.line("V/v").baseline


def test_page_numbers_from_the_second_page_in_the_middle_of_the_top_margin() -> None:
    long = paper("BC", body="<p>" + "Nội dung báo cáo kết quả thực hiện nhiệm vụ trong năm. " * 12 + "</p>" * 1 + TEXTS)
    pages = measured(render(long).pdf)
    assert len(pages) >= 4
    assert not [line for line in pages[0].lines if line.baseline < TOP]
    for number, page in enumerate(pages[1:], 2):
        (mark,) = [line for line in page.lines if line.baseline < TOP]
        assert mark.text == str(number)
        assert looks(mark, size=14)
        assert mark.middle == about(MIDDLE)
    # Whoever signs is never alone on a page.
    assert any("khoản cuối" in line.text for line in pages[-1].lines)


TEXTS = "".join(
    f"<p>{number}. Nội dung thứ {number} của báo cáo: " + "kết quả đạt được trong năm qua. " * 9 + "</p>"
    for number in range(1, 30)
) + ("<p>Đây là khoản cuối./.</p>")


def test_annexes_have_numbers_titles_and_page_numbers_of_their_own() -> None:
    rows = "".join(f"<tr><td>{number}</td><td>Nhiệm vụ số {number}</td></tr>" for number in range(80))
    annexes = (
        Annex(title="Danh mục nhiệm vụ", body=f"<table><thead><tr><th>TT</th><th>Tên</th></tr></thead>{rows}</table>"),
        Annex(title="Dự toán", body="<p>Bảng kê.</p>", is_landscape=True),
    )
    content = paper("QD", annexes=annexes)
    pages = measured(render(content).pdf)
    begin = next(number for number, page in enumerate(pages) if any(line.text == "Phụ lục I" for line in page.lines))
    page = pages[begin]
    word, title, of = (
        page.line("Phụ lục I"),
        page.line("DANH MỤC NHIỆM VỤ"),
        page.line("(Kèm theo Quyết định số 07/QĐ-SNNMT"),
    )
    assert looks(word, size=14, bold=True)
    assert looks(title, size=14, bold=True)
    assert looks(of, size=14, italic=True)
    assert "ngày 05 tháng 02 năm 2026" in " ".join(line.text for line in page.lines)
    assert [line.middle for line in (word, title, of)] == [about(MIDDLE)] * 3
    assert not [line for line in page.lines if line.baseline < TOP]
    assert [line.text for line in pages[begin + 1].lines if line.baseline < TOP] == ["2"]
    assert "TT" in [line.text for line in pages[begin + 1].lines]  # the head of the table again
    wide = pages[-1]
    assert (wide.width, wide.height) == (about(297, 0.2), about(210, 0.2))
    assert wide.line("Phụ lục II").middle == about(30 + 126)


def test_an_annex_in_a_file_of_its_own_is_signed_at_the_top_right() -> None:
    alone = render_annex(paper("QD", annexes=(Annex(title="Danh mục", body="<p>Một.</p>"),)), 1)
    box = alone.annex_box
    assert box is not None
    assert (box.page, box.x1 / MM) == (0, about(195))
    assert 297 - box.y0 / MM <= TOP  # above the text
    assert alone.leader_box is None
    assert measured(alone.pdf)[0].line("Phụ lục").text == "Phụ lục"


def test_a_regulation_put_into_force_has_a_head_and_chapters() -> None:
    body = "<p>Chương I</p><p>Quy định chung</p><p>Mục 1</p><p>Nguyên tắc</p><p>Điều 1. Phạm vi điều chỉnh</p><p>Quy chế này quy định.</p>"
    annex = Annex(title="Quy chế", subject="Quản lý hệ thống văn bản", body=body, with_head=True)
    page = measured(render(paper("QD", annexes=(annex,))).pdf)[-1]
    assert page.line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    for text in ("QUY CHẾ", "Quản lý hệ thống văn bản", "Chương I", "QUY ĐỊNH CHUNG", "Mục 1", "NGUYÊN TẮC"):
        assert looks(page.line(text), size=14, bold=True)
        assert page.line(text).middle == about(MIDDLE)
    assert looks(page.line("Điều 1. Phạm vi điều chỉnh"), size=14, bold=True)
    assert page.line("Điều 1. Phạm vi điều chỉnh").left == about(LEFT + 12.7)
    assert not [line for line in page.lines if line.text.startswith("Số:")]


def test_the_address_stands_at_the_foot_of_the_first_page_under_a_rule() -> None:
    page = measured(render(paper("CV", contact="Địa chỉ: 227 Hùng Vương; ĐT: 0233.3852.000")).pdf)[0]
    line = page.line("Địa chỉ:")
    assert looks(line, size=11)
    assert line.baseline > 297 - BOTTOM
    rule = next(mark for mark in page.marks if mark.height < 0.6 and 297 - BOTTOM < mark.top < line.baseline)
    assert (rule.left, rule.right) == (about(LEFT), about(210 - RIGHT))


def test_long_names_are_broken_where_they_read_well() -> None:
    content = paper(
        "QD",
        superior_name="",
        agency_name="Ban Quản lý dự án đầu tư xây dựng và phát triển quỹ đất khu vực Đông Hà - Cam Lộ - Gio Linh tỉnh Quảng Trị",
    )
    page = measured(render(content).pdf)[0]
    left = [line for line in page.lines if line.right < 98 and line.baseline < 60 and line.is_bold]
    assert 3 <= len(left) <= 5
    assert max(line.width for line in left) <= 64
    assert "".join(line.text for line in left).replace(" ", "") == content.agency_name.upper().replace(" ", "")
    assert page.line("CỘNG HÒA").left > max(line.right for line in left) + 1


def test_months_from_march_and_numbers_from_ten_have_no_zero() -> None:
    page = measured(render(paper("CV", date=dt.date(2026, 11, 27), number=1234)).pdf)[0]
    assert page.line("Số: 1234/SNNMT-QLĐĐ")
    assert page.line("Quảng Trị, ngày 27 tháng 11 năm 2026")


def test_a_paper_without_number_and_date_leaves_room_for_them() -> None:
    page = measured(render(paper("CV", date=None, number=None, is_draft=True)).pdf)[0]
    assert page.line("DỰ THẢO")
    head = next(line for line in page.lines if line.text.startswith("Số:"))
    assert not any(letter.isdigit() for letter in head.text)


@pytest.mark.parametrize("key", list(KINDS))
def test_every_type_can_be_laid_out(key: str) -> None:
    found = render(paper(key))
    assert found.pdf.startswith(b"%PDF")
    assert b"pdfaid" in found.pdf or b"PDF/A" in found.pdf or found.pages
    assert found.leader_box is not None
