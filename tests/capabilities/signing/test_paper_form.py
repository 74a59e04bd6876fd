"""The signed paper as a document: PDF/A, the marks in the band that the layout keeps free.

The judge of PDF/A is the validator of pikepdf (an allowlist after the rules of veraPDF): what it does not know it does
not approve. It knows no forms and no validation data, both lawful in PDF/A-3, see :func:`judged`.
"""

from __future__ import annotations

from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from django.template import engines
from pikepdf import pdfa

from hienluong.capabilities.signing import papers, service
from tests.capabilities.signing.papers import paper, sign

pytestmark = pytest.mark.django_db
#: More lines than one page takes.
LONG = "".join(
    f"<p>Điều {n}. Nội dung của điều thứ {n} trong giấy phép này, viết cho dài hết dòng.</p>" for n in range(140)
)


@pytest.fixture(scope="module")
def plain() -> bytes:
    return paper()


@pytest.fixture(scope="module")
def signed(plain: bytes) -> bytes:
    return sign(plain)


def judged(data: bytes) -> list[str]:
    """What the judge finds in a copy that holds only what it knows.

    Left out are empty lists of patterns and shadings, and the validation data with the extension that names it; the marks of the signatures are drawn on
    the page instead of in a form field, so their fonts and colours are judged with the rest.
    """
    with pikepdf.open(BytesIO(data)) as document:
        for key in ("/AcroForm", "/DSS", "/Extensions"):
            if key in document.Root:
                del document.Root[key]
        for item in document.objects:
            for holder in (
                (item, item.get("/Resources")) if isinstance(item, pikepdf.Dictionary | pikepdf.Stream) else ()
            ):
                for key in ("/Pattern", "/Shading"):
                    if isinstance(holder, pikepdf.Dictionary) and key in holder and not len(holder[key]):
                        del holder[key]
        for page in document.pages:
            resources = page.Resources
            for number, mark in enumerate(page.get("/Annots", [])):
                name = f"/Mark{number}"
                resources.XObject = resources.get("/XObject", pikepdf.Dictionary())
                resources.XObject[name] = mark.AP.N
                page.contents_add(f"q 1 0 0 1 {mark.Rect[0]} {mark.Rect[1]} cm {name} Do Q".encode())
            if "/Annots" in page:
                del page["/Annots"]
        out = BytesIO()
        document.save(out)
    return [str(finding) for finding in pdfa.validate_written(BytesIO(out.getvalue()), "3b").findings]


def test_the_paper_is_pdf_a_3b_before_and_after_it_is_signed(plain: bytes, signed: bytes) -> None:
    assert judged(plain) == []
    assert judged(signed) == []


def test_the_judge_would_object(plain: bytes) -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(plain)) as document:
        del document.Root.OutputIntents
        document.save(out)
    assert judged(out.getvalue()) != []


def test_the_signed_file_says_what_it_is(signed: bytes) -> None:
    with pikepdf.open(BytesIO(signed)) as document:
        with document.open_metadata() as metadata:
            assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("3", "B")
        assert [str(intent.S) for intent in document.Root.OutputIntents] == ["/GTS_PDFA1"]
        assert "/Encrypt" not in document.trailer
        for field in document.Root.AcroForm.Fields:
            assert int(field.F) & 4  # printed; PDF/A asks for it
            assert not int(field.F) & (1 | 2 | 32)  # and never hidden


def test_every_font_is_embedded_and_nothing_runs(signed: bytes) -> None:
    fonts = 0
    with pikepdf.open(BytesIO(signed)) as document:
        for item in document.objects:
            if not isinstance(item, pikepdf.Dictionary):
                continue
            assert not {"/JS", "/JavaScript", "/Launch"} & {str(item.get("/S", "")), *item.keys()}
            if item.get("/Type") == "/FontDescriptor":
                fonts += 1
                assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(item.keys())
    assert fonts >= 3  # the paper's, and the sans-serif of the marks


def marks(document: pikepdf.Pdf) -> dict[str, tuple[float, ...]]:
    """Where the signature fields are, by name, and on which page."""
    last = document.pages[-1]
    return {str(a.T): tuple(float(n) for n in a.Rect) for a in last.Annots if a.get("/FT") == "/Sig"}


def test_the_marks_stand_in_the_band(signed: bytes) -> None:
    with pikepdf.open(BytesIO(signed)) as document:
        found = marks(document)
    assert found == {"ChuKyLanhDao": service.LEADER_BOX, "ChuKyCoQuan": service.AGENCY_BOX}
    assert max(box[3] for box in found.values()) < service.BAND


def test_a_full_page_leaves_the_band_free(monkeypatch: pytest.MonkeyPatch) -> None:
    render = papers.render_to_string
    monkeypatch.setattr(papers, "render_to_string", lambda *args: render(*args).replace("</h1>", "</h1>" + LONG))
    pages = list(pypdfium2.PdfDocument(paper()))
    assert len(pages) > 2
    for page in pages:
        words = page.get_textpage()
        boxes = [words.get_rect(n) for n in range(words.count_rects())]
        assert min(bottom for _left, bottom, _right, _top in boxes) < service.BAND + 40  # the page is full
        assert not [b for b in boxes if b[1] < service.BAND and b[2] > service.LEADER_BOX[0]]


@pytest.mark.parametrize("form", ["lines", "table"])
def test_a_signature_takes_two_lines_along_to_its_page(form: str) -> None:
    """As many lines as fill the page: without them the signature stood on a page of its own."""
    split = []
    for count in range(14, 24):
        lines = "".join(f"<p>Mục {n}</p>" for n in range(count))
        if form == "table":
            rows = "".join(f"<tr><td>Mục {n}</td><td>có</td></tr>" for n in range(count))
            lines = f'<table class="plain">{rows}</table>'
        frame = '{% extends "signing/papers/base.html" %}{% block body %}' + lines + "{% endblock %}"
        context = {"verify_url": "https://x.vn/1", "signer_title": "Lãnh đạo ký"}
        pdf = papers.render_pdf(engines["django"].from_string(frame), context, title="Giấy", pdfa=False)
        pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
        split += [pages[1]] if len(pages) > 1 else []
    assert split, "some of them need two pages"
    for page in split:
        assert page.index("LÃNH ĐẠO KÝ") > page.index("Mục")
        assert page.count("Mục") >= 2, page


def test_the_words_of_the_marks(signed: bytes) -> None:
    with pikepdf.open(BytesIO(signed)) as document:
        drawn = {str(a.T): a.AP.N for a in document.pages[-1].Annots if a.get("/FT") == "/Sig"}
        for name, words in (
            ("ChuKyLanhDao", ["Người ký: Nguyễn Văn Ký", "Chủ tịch", "Cơ quan: UBND phường Đông Hà", "Thời gian ký:"]),
            ("ChuKyCoQuan", ["Cơ quan ký: UBND phường Đông Hà", "Thời gian ký:"]),
        ):
            text = _words_of(drawn[name])
            for word in words:
                assert word in text, text


def _words_of(form: pikepdf.Object) -> str:
    """The text of an appearance, put on a page of its own and read by another program."""
    single = pikepdf.new()
    box = [float(n) for n in form.BBox]
    page = single.add_blank_page(page_size=(abs(box[2] - box[0]), abs(box[3] - box[1])))
    page.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Mark=single.copy_foreign(form)))
    page.Contents = single.make_stream(b"/Mark Do")
    out = BytesIO()
    single.save(out)
    document = pypdfium2.PdfDocument(out.getvalue())
    text: str = document[0].get_textpage().get_text_range()
    return " ".join(text.split())


def test_a_draft_leaves_no_room_for_the_code_that_it_has_not() -> None:
    words = "Cấp cho: Nguyễn Thị Lành, số định danh hoặc mã số: 045190001234"
    frame = '{% extends "signing/papers/base.html" %}{% block body %}<p>' + words + "</p>{% endblock %}"
    pdf = papers.render_pdf(engines["django"].from_string(frame), {"is_draft": True}, title="Dự thảo", pdfa=False)
    text = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
    assert words in text.splitlines(), "the first line goes on to the edge of the paper"
