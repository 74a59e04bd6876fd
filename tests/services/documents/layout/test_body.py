"""The text of a paper: what is kept of it, and how it is dressed."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hienluong.services.documents.layout.body import LONGEST, clean, dressed, from_text, held_together
from hienluong.services.documents.layout.content import Copy, LayoutRefused, Signer, date_in_words, faults
from hienluong.services.documents.layout.kinds import KINDS
from hienluong.services.documents.layout.rendering import render
from hienluong.services.documents.layout.starts import STARTS
from hienluong.services.documents.types import TYPES

from .measuring import measured
from .papers import paper

ALLOWED = {"p", "br", "b", "strong", "i", "em", "u", "sub", "sup", "h1", "h2", "h3", "h4", "ol", "ul", "li"} | {
    "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th",
}  # fmt: skip


def test_only_the_small_set_of_html_is_kept() -> None:
    text = (
        '<p onclick="x()" style="color:red" class="center evil">Một<script>alert(1)</script><img src="http://a/b.png">'
        '<a href="javascript:x">hai</a></p><iframe src="file:///etc/passwd"></iframe><style>p{}</style>'
    )
    assert clean(text) == '<p class="center">Mộthai</p>'


@given(
    st.text(max_size=300) | st.from_regex(r"(<[a-z]{1,6}( [a-z]+=\"[^\"<>]{0,9}\")?>[^<]{0,9}){0,20}", fullmatch=True)
)
@example("\x1d")
@example("<p>\x01một&#1;</p>\ufffe\ud800")
@example("&#31;")
@settings(max_examples=150, deadline=None)
def test_whatever_is_put_in_only_allowed_tags_come_out(text: str) -> None:
    tags = {tag.lower() for tag in re.findall(r"<([a-zA-Z0-9]+)", dressed(text))}
    assert tags <= ALLOWED | {"div"}


def test_text_that_would_overwhelm_the_printer_is_refused() -> None:
    with pytest.raises(LayoutRefused, match="dài quá"):
        clean("a" * (LONGEST + 1))
    with pytest.raises(LayoutRefused, match="lồng nhau"):
        clean("<b>" * 60 + "sâu" + "</b>" * 60)
    with pytest.raises(LayoutRefused, match="bảng quá lớn"):
        clean("<table>" + "<tr><td>1</td></tr>" * 40_001 + "</table>")
    assert clean('<table><tr><td colspan="99999999">1</td></tr></table>').count("colspan") == 0


def test_parts_articles_and_clauses_are_dressed() -> None:
    found = dressed(
        from_text(
            "Chương I\nQuy định chung\nMục 1. Nguyên tắc\nĐiều 1. Phạm vi điều chỉnh\nĐiều 2. Quy chế này áp dụng cho mọi cơ quan.\n"
            "1. Trách nhiệm của cơ quan chủ trì\na) Lập kế hoạch;\n2. Báo cáo trước ngày 15.\nI. TÌNH HÌNH"
        )
    )
    assert '<p class="part">Chương I</p><p class="part-title">Quy định chung</p>' in found
    assert '<p class="part">Mục 1</p><p class="part-title">Nguyên tắc</p>' in found
    assert '<p class="clause-title"><b>Điều 1. Phạm vi điều chỉnh</b></p>' in found
    assert '<p class="article"><b>Điều 2.</b> Quy chế này áp dụng cho mọi cơ quan.</p>' in found
    assert '<p class="clause-title">1. Trách nhiệm của cơ quan chủ trì</p>' in found
    assert "<p>a) Lập kế hoạch;</p><p>2. Báo cáo trước ngày 15.</p>" in found
    assert '<p class="clause-title">I. TÌNH HÌNH</p>' in found


def test_what_is_marked_up_inside_an_article_stays() -> None:
    assert dressed("<p>Điều 1. Giao <i>Sở Tài chính</i> chủ trì.</p>") == (
        '<p class="article"><b>Điều 1.</b> Giao <i>Sở Tài chính</i> chủ trì.</p>'
    )
    assert dressed("chữ trần") == "<p>chữ trần</p>"
    assert dressed(" ") == ""


def test_codes_of_papers_are_not_broken_at_the_end_of_a_line() -> None:
    assert held_together("<p>số 30/2020/NĐ-CP và 12/TTr-SKHCN, 3/4 số xã</p>") == (
        '<p>số <span class="code">30/2020/NĐ-CP</span> và <span class="code">12/TTr-SKHCN</span>, 3/4 số xã</p>'
    )


def test_tables_lists_and_characters_of_markup_are_printed() -> None:
    body = "<table><tr><th>A</th><td>1 &lt; 2 &amp; 3</td></tr></table><ul><li>một</li></ul><p>x<sup>2</sup></p>"
    page = measured(render(paper("TB", body=body, subject="A & B <b>không đậm thêm</b>")).pdf)[0]
    assert page.line("1 < 2 & 3")
    assert page.line("A & B <b>")


def test_a_body_asks_for_nothing_outside() -> None:
    body = '<p style="background:url(http://example.org/x.png)">Chữ</p><img src="file:///etc/passwd">'
    assert measured(render(paper("TB", body=body)).pdf)[0].line("Chữ")


def test_every_type_has_a_layout_and_a_start_and_the_start_can_be_printed() -> None:
    assert set(KINDS) == set(STARTS) == set(TYPES)
    assert len(KINDS) == 29
    for key, start in STARTS.items():
        assert "……" in start.text, key
        assert start.text.rstrip().endswith("./."), key
        assert len(start.signer_titles) in ((2,) if KINDS[key].two_signers else (0,)), key


def test_faults_name_what_the_decree_asks_for() -> None:
    assert faults(paper("QD")) == []
    told = faults(
        paper(
            "QD",
            subject="",
            grounds=(),
            authority="",
            notation="CV-SNNMT",
            recipients=(),
            signers=(Signer(name="TS. Lê An", title="Giám đốc"),),
        )
    )
    for words in ("trích yếu", "căn cứ", "thẩm quyền", "QĐ-", "học hàm", "nơi nhận"):
        assert [line for line in told if words in line], words
    assert [line for line in faults(paper("CV", addressees=())) if "Kính gửi" in line]
    assert [line for line in faults(paper("BB", signers=paper("QD").signers)) if "hai bên" in line]


def test_values_that_cannot_be_printed_are_refused_with_a_message() -> None:
    for changed in ({"type": "XX"}, {"urgency": 9}, {"size": 12}, {"signers": ()}, {"seal": 200.0}):
        with pytest.raises(LayoutRefused) as refused:
            paper("CV", **changed)  # type: ignore[arg-type]
        assert str(refused.value)
    with pytest.raises(LayoutRefused, match=r"TM\., KT\."):
        Signer(name="A", title="B", authority=("Thay mặt cơ quan",))
    with pytest.raises(LayoutRefused, match="hình thức sao"):
        Copy(
            kind="XX", agency_name="A", number=1, notation="B", place="C", date=None, signer=Signer(name="A", title="B")
        )


def test_dates_are_written_as_the_decree_says() -> None:
    import datetime as dt

    assert date_in_words(dt.date(2026, 1, 9)) == ("09", "01", "2026")
    assert date_in_words(dt.date(2026, 3, 10)) == ("10", "3", "2026")
    assert date_in_words(None) == ("", "", "")
