"""Copies of papers: the block below the last line, on its own page where there is no room."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import pikepdf
import pypdfium2
import pytest

from hienluong.services.documents.layout.content import Copy, LayoutRefused, Signer
from hienluong.services.documents.layout.copies import render_copy
from hienluong.services.documents.layout.rendering import MM, render

from .measuring import measured
from .papers import TEXT, paper


def copy(kind: str = "SY") -> Copy:
    return Copy(
        kind=kind,
        superior_name="Ủy ban nhân dân tỉnh Quảng Trị",
        agency_name="Văn phòng Ủy ban nhân dân tỉnh",
        number=4,
        notation=f"{kind}-VP",
        place="Quảng Trị",
        date=dt.date(2026, 2, 7),
        signer=Signer(name="Hoàng Anh", title="Chánh Văn phòng"),
        recipients=("Các phòng",),
    )


def _widest_rule(pdf: bytes) -> tuple[float, float, float]:
    """Left and right end of the widest dark row of the last page, and how far down it is, in mm."""
    document = pypdfium2.PdfDocument(pdf)
    picture = document[len(document) - 1].render(scale=4, grayscale=True).to_pil()
    document.close()
    rows = []
    for down in range(picture.height):
        inked = picture.crop((0, down, picture.width, down + 1)).point(lambda shade: 255 if shade < 200 else 0)
        if (box := inked.getbbox()) and inked.histogram()[255] > 0.95 * (box[2] - box[0]):
            rows.append((box[2] - box[0], box[0], box[2], down))
    _wide, left, right, down = max(rows)
    return left / 4 / MM, right / 4 / MM, down / 4 / MM


@pytest.mark.parametrize(("kind", "words"), [("SY", "SAO Y"), ("SL", "SAO LỤC"), ("TRS", "TRÍCH SAO")])
def test_the_block_stands_under_a_rule_below_the_last_line(kind: str, words: str) -> None:
    original = render(paper("TB", body="<p>Ngắn./.</p>"))
    found = render_copy(original.pdf, copy(kind))
    assert found.pages == original.pages == 1
    page = measured(found.pdf)[0]
    word, name, signed = page.line(words), page.line("VĂN PHÒNG"), page.line("Nguyễn Văn Hùng")
    assert word.is_bold
    assert round(word.size) == 14
    assert word.middle == pytest.approx(146, abs=1)
    assert name.middle == pytest.approx(63.5, abs=1)
    (left, right, down) = _widest_rule(found.pdf)
    assert (left, right) == (pytest.approx(30, abs=1), pytest.approx(195, abs=1))
    assert signed.baseline < down < word.baseline
    assert page.line("Số: 04/").baseline == pytest.approx(page.line("Quảng Trị, ngày 07").baseline, abs=0.2)
    place = found.leader_box
    assert place is not None
    title, leader = page.line("CHÁNH VĂN PHÒNG"), page.line("Hoàng Anh")
    assert title.baseline < 297 - place.y1 / MM < 297 - place.y0 / MM < leader.baseline
    assert leader.baseline <= 277


def test_the_block_goes_on_a_page_of_its_own_where_there_is_no_room() -> None:
    original = render(paper("TB", body=TEXT * 2))
    found = render_copy(original.pdf, copy())
    assert found.pages == original.pages + 1
    assert found.leader_box is not None
    assert found.leader_box.page == found.pages - 1
    assert measured(found.pdf)[-1].line("SAO Y")


def test_an_electronic_copy_is_signed_at_the_top_right_of_the_first_page() -> None:
    box = render_copy(render(paper("TB")).pdf, copy()).annex_box
    assert box is not None
    assert box.page == 0
    assert box.x1 / MM == pytest.approx(195, abs=1)
    assert 297 - box.y0 / MM < 20


def test_signatures_of_the_original_do_not_pretend_to_live_on() -> None:
    with pikepdf.open(BytesIO(render(paper("TB")).pdf)) as signed:
        signed.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), SigFlags=3)
        made = BytesIO()
        signed.save(made)
    with pikepdf.open(BytesIO(render_copy(made.getvalue(), copy()).pdf)) as found:
        assert "/AcroForm" not in found.Root


def test_a_broken_pdf_is_refused_with_a_message() -> None:
    with pytest.raises(LayoutRefused, match="hỏng"):
        render_copy(b"not a pdf", copy())
    with pikepdf.open(BytesIO(render(paper("TB")).pdf)) as locked:
        made = BytesIO()
        locked.save(made, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(LayoutRefused, match="mật khẩu"):
        render_copy(made.getvalue(), copy())


def test_an_extract_is_laid_out_with_its_block() -> None:
    page = measured(render(paper("TB", body="<p>Trích nội dung./.</p>", copy=copy("TRS"))).pdf)[0]
    assert page.line("TRÍCH SAO").baseline > page.line("Nguyễn Văn Hùng").baseline
