"""Forged PDFs, built here by the recipes that are known (pdf-insecurity.org): none of them is ever called good.

Incremental saving, shadow documents, universal forgery, wrapping by the byte range, violated certifications.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from django.conf import LazySettings
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter

from hienluong.capabilities.signing import revocation
from hienluong.capabilities.signing.judging import chain
from hienluong.capabilities.signing.timestamping import timestamper
from hienluong.capabilities.signing.verification import verify_pdf
from tests.capabilities.signing.papers import paper, sign, with_classic_xref
from tests.capabilities.signing.strangers import Person, make_authority, sign_pdf
from tests.thorough import examples

pytestmark = [pytest.mark.django_db, pytest.mark.once]
GOOD = ("valid", "signed")


@pytest.fixture(scope="module")
def person() -> Person:
    return make_authority().issue()


@pytest.fixture(autouse=True)
def believed(settings: LazySettings, tmp_path: Path, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The authority is believed and its list is at hand: whatever is refused here is refused for what was done to it."""
    settings.TRUST_FOLDER = tmp_path / "trust"
    settings.TRUST_FOLDER.mkdir()
    (settings.TRUST_FOLDER / "goc.cer").write_bytes(person.authority.der)
    settings.REVOCATION_ASK = False
    own, told = revocation.lists, person.authority.list_now()
    monkeypatch.setattr(revocation, "lists", lambda: [*own(), told])
    monkeypatch.setattr(chain, "_is_ours", lambda path, anchors: True)


def _form(fields: dict[str, str]) -> bytes:
    """A paper with text fields, as a form."""
    with pikepdf.open(BytesIO(with_classic_xref(paper()))) as pdf:
        made = []
        for number, (name, value) in enumerate(fields.items()):
            field = pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Widget,
                FT=pikepdf.Name.Tx,
                T=name,
                V=value,
                DA="/Helv 12 Tf 0 g",
                Rect=[100, 300 + 40 * number, 300, 330 + 40 * number],
                P=pdf.pages[0].obj,
            )
            made.append(pdf.make_indirect(field))
        pdf.pages[0].Annots = pikepdf.Array(made)
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(Fields=pikepdf.Array(made), DA="/Helv 12 Tf 0 g"))
        out = BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    return out.getvalue()


@pytest.fixture(scope="module")
def signed(person: Person) -> bytes:
    return sign_pdf(_form({"so_tien": "5 trieu"}), person)


def test_the_file_that_the_attacks_begin_with_is_good(signed: bytes) -> None:
    assert verify_pdf(signed).verdict == "signed"


def _update(data: bytes, change: Callable[[IncrementalPdfFileWriter], None]) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    change(writer)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    found: generic.DictionaryObject = writer.root["/Pages"]["/Kids"][0].get_object()
    return found


def replace_the_page(data: bytes) -> bytes:
    """Incremental saving attack: another content for the page."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=b"BT /F1 12 Tf (500 trieu) Tj ET"))
        writer.update_container(page)

    return _update(data, change)


def overwrite_the_stream(data: bytes) -> bytes:
    """The same object number, another stream: the page itself is untouched."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        page = _page(writer)
        reference = page.raw_get("/Contents")
        reference = reference[0] if isinstance(reference, generic.ArrayObject) else reference
        stream = generic.StreamObject(stream_data=b"0 0 500 500 re f")
        writer.objects[(reference.generation, reference.idnum)] = stream

    return _update(data, change)


def add_a_note_over_the_text(data: bytes) -> bytes:
    """A note that covers what was signed."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        note = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Annot"),
                pdf_name("/Subtype"): pdf_name("/FreeText"),
                pdf_name("/Contents"): generic.TextStringObject("500 trieu"),
                pdf_name("/DA"): generic.TextStringObject("/Helv 30 Tf"),
                pdf_name("/Rect"): generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 600, 800)]),
            }
        )
        page = _page(writer)
        page["/Annots"].append(writer.add_object(note))
        writer.update_container(page)
        if page.raw_get("/Annots").container_ref is not None:
            writer.update_container(page["/Annots"])

    return _update(data, change)


def fill_in_the_form(data: bytes) -> bytes:
    """Shadow attack, replace: the value of a field, with an appearance that says something else."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        field = writer.root["/AcroForm"]["/Fields"][0].get_object()
        field["/V"] = generic.TextStringObject("500 trieu")
        writer.update_container(field)

    return _update(data, change)


def one_more_page(data: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/MediaBox"): generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 600, 800)]),
                pdf_name("/Parent"): writer.root.raw_get("/Pages"),
            }
        )
        pages = writer.root["/Pages"]
        pages["/Kids"].append(writer.add_object(page))
        pages["/Count"] = generic.NumberObject(len(pages["/Kids"]))
        writer.update_container(pages)

    return _update(data, change)


def another_title(data: bytes) -> bytes:
    """Only the description: nothing on the pages."""

    def change(writer: IncrementalPdfFileWriter) -> None:
        metadata = generic.StreamObject(
            dict_data={pdf_name("/Type"): pdf_name("/Metadata"), pdf_name("/Subtype"): pdf_name("/XML")},
            stream_data=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><title>Khac</title></x:xmpmeta>",
        )
        writer.root["/Metadata"] = writer.add_object(metadata)
        writer.update_root()

    return _update(data, change)


def open_with_a_script(data: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        action = generic.DictionaryObject(
            {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): generic.TextStringObject("app.alert(1)")}
        )
        writer.root["/OpenAction"] = writer.add_object(action)
        writer.update_root()

    return _update(data, change)


def _rest(data: bytes) -> tuple[int, int]:
    """Offset of the last cross-reference table, and the number of objects it knows."""
    offset = int(data[data.rindex(b"startxref") + 9 :].split()[0])
    return offset, int(re.findall(rb"/Size (\d+)", data)[-1])


def objects_without_a_table(data: bytes) -> bytes:
    """Incremental saving, without cross-references: some readers repair the file and take the last object."""
    number = re.search(rb"/Contents (\d+) 0 R", data)
    assert number
    return data + b"\n%s 0 obj\n<</Length 20>>\nstream\n0 0 500 500 re f    \nendstream\nendobj\n" % number[1]


def table_that_points_elsewhere(data: bytes) -> bytes:
    """Shadow attack, hide and replace: nothing new but a table in which the page's content is another object."""
    offset, size = _rest(data)
    contents = re.search(rb"/Contents (\d+) 0 R", data)
    assert contents
    number = int(contents[1])
    hidden = data.rindex(b"obj\n<<", 0, offset)
    hidden = data.rindex(b"\n", 0, hidden) + 1
    root = re.findall(rb"/Root (\d+ \d+ R)", data)[-1]
    start = len(data) + 1
    table = b"\nxref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return data + table % (number, hidden, size, root, offset, start)


def trailer_with_another_root(data: bytes) -> bytes:
    """The document begins at another catalogue, with the same form and another page."""
    offset, size = _rest(data)
    evil = b"\n%d 0 obj\n<</Type/Catalog/Pages %d 0 R>>\nendobj\n" % (size, size + 1)
    pages = b"%d 0 obj\n<</Type/Pages/Count 1/Kids[%d 0 R]>>\nendobj\n" % (size + 1, size + 2)
    page = b"%d 0 obj\n<</Type/Page/Parent %d 0 R/MediaBox[0 0 9 9]>>\nendobj\n" % (size + 2, size + 1)
    first = len(data) + 1
    rows = b"".join(
        b"%010d 00000 n \n" % each for each in (first, first + len(evil) - 1, first + len(evil) - 1 + len(pages))
    )
    start = len(data) + len(evil) + len(pages) + len(page)
    table = b"xref\n%d 3\n%strailer\n<</Size %d/Root %d 0 R/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    return data + evil + pages + page + table % (size, rows, size + 3, size, offset, start)


def comment_at_the_end(data: bytes) -> bytes:
    return data + b"% Phu luc: 500 trieu\n%%EOF\n"


def junk_before_the_end(data: bytes) -> bytes:
    return data + b"1 0 obj\n<<>>\nendobj\nstartxref\n%d\n%%%%EOF\n" % _rest(data)[0]


UPDATES = [
    replace_the_page,
    overwrite_the_stream,
    add_a_note_over_the_text,
    fill_in_the_form,
    one_more_page,
    another_title,
    open_with_a_script,
    objects_without_a_table,
    table_that_points_elsewhere,
    trailer_with_another_root,
    comment_at_the_end,
    junk_before_the_end,
]


@pytest.mark.parametrize("attack", UPDATES)
def test_what_comes_after_the_signature_is_never_taken_for_signed(
    signed: bytes, attack: Callable[[bytes], bytes]
) -> None:
    changed = attack(signed)
    assert changed.startswith(signed)
    assert changed != signed
    found = verify_pdf(changed)
    assert found.verdict in ("altered", "added", "unreadable", "unsigned", "active")
    assert not found.good


@pytest.mark.parametrize(
    ("attack", "word"),
    [
        (replace_the_page, "nội dung trang 1"),
        (add_a_note_over_the_text, "ghi chú"),
        (fill_in_the_form, "điền thêm"),
        (one_more_page, "số trang: từ 1 thành 2"),
        (another_title, "thông tin mô tả tệp"),
    ],
)
def test_what_was_changed_is_said(signed: bytes, attack: Callable[[bytes], bytes], word: str) -> None:
    assert word in verify_pdf(attack(signed)).sentence


@pytest.mark.parametrize("attack", [replace_the_page, add_a_note_over_the_text, one_more_page])
def test_signing_again_does_not_heal_it(signed: bytes, person: Person, attack: Callable[[bytes], bytes]) -> None:
    """Whoever comes after signs what is there; for the first signer it is still not what was signed."""
    again = sign_pdf(attack(signed), person, field_name="ChuKy2")
    found = verify_pdf(again)
    assert found.verdict == "altered"
    assert not found.signatures[0].intact
    assert found.signatures[1].intact


def test_a_form_filled_in_between_two_signatures_is_told(signed: bytes, person: Person) -> None:
    both = sign_pdf(fill_in_the_form(signed), person, field_name="ChuKy2")
    found = verify_pdf(both)
    assert found.verdict == "signed"
    assert any("so_tien" in note for note in found.signatures[0].notes)


@pytest.mark.parametrize("attack", UPDATES)
def test_a_timestamp_over_a_forgery_does_not_help(signed: bytes, attack: Callable[[bytes], bytes]) -> None:
    out = BytesIO()
    try:
        writer = IncrementalPdfFileWriter(BytesIO(attack(signed)), strict=False)
        PdfTimeStamper(timestamper()).timestamp_pdf(writer, "sha256", None, output=out)
    except Exception:  # a file too broken to be stamped is no danger
        return
    assert not verify_pdf(out.getvalue()).good


def test_a_timestamp_that_shows_something_is_an_addition(signed: bytes) -> None:
    """Anybody gets timestamps: one whose field covers the page must not count as mere evidence."""
    from pyhanko.sign.fields import SigFieldSpec, append_signature_field

    writer = IncrementalPdfFileWriter(BytesIO(signed), strict=False)
    append_signature_field(writer, SigFieldSpec("Dau", on_page=0, box=(0, 0, 500, 700)))
    out = BytesIO()
    PdfTimeStamper(timestamper(), field_name="Dau").timestamp_pdf(writer, "sha256", None, output=out)
    assert not verify_pdf(out.getvalue()).good


def test_a_timestamp_without_a_size_is_evidence(signed: bytes) -> None:
    out = BytesIO()
    writer = IncrementalPdfFileWriter(BytesIO(signed), strict=False)
    PdfTimeStamper(timestamper()).timestamp_pdf(writer, "sha256", None, output=out)
    found = verify_pdf(out.getvalue())
    assert (found.verdict, found.signatures[0].covers_whole_file) == ("signed", True)


def _in_signature(data: bytes, old: bytes, new: bytes) -> bytes:
    """Change something in the signature's dictionary without moving anything."""
    assert len(new) <= len(old)
    start = data.rindex(old)
    return data[:start] + new + b" " * (len(old) - len(new)) + data[start + len(old) :]


def _contents(data: bytes) -> bytes:
    found = re.findall(rb"/Contents ?<[0-9a-fA-F]+>", data)[-1]
    return bytes(found)


def _byte_range(data: bytes) -> bytes:
    return bytes(re.findall(rb"/ByteRange ?\[[0-9 ]+\]", data)[-1])


@pytest.mark.parametrize(
    ("which", "new"),
    [
        (_contents, b""),
        (_contents, b"/Contents <>"),
        (_contents, b"/Contents null"),
        (_contents, b"/Contents <00>"),
        (_contents, b"/Contents 0"),
        (_byte_range, b""),
        (_byte_range, b"/ByteRange []"),
        (_byte_range, b"/ByteRange null"),
        (_byte_range, b"/ByteRange [0 0 0 0]"),
        (_byte_range, b"/ByteRange [0 1 2 3]"),
        (_byte_range, b"/ByteRange [-9 0 0 9]"),
        (_byte_range, b"/ByteRange [0 -1 9 9]"),
        (_byte_range, b"/ByteRange [0 10]"),
    ],
)
def test_universal_forgery(signed: bytes, which: Callable[[bytes], bytes], new: bytes) -> None:
    changed = _in_signature(signed, which(signed), new)
    assert not verify_pdf(changed).good


def test_wrapping_by_a_second_byte_range_in_the_gap(signed: bytes) -> None:
    """The unsigned gap holds the signature, shortened, and in the room that is left other keys and objects."""
    old = _contents(signed)
    digits = re.search(rb"<([0-9a-fA-F]+)>", old)
    assert digits
    value = digits[1].rstrip(b"0")
    value += b"0" * (len(value) % 2)
    room = len(digits[1]) - len(value)
    assert room > 80
    for inside in (b">/ByteRange [0 1 2 3]/X<", b"> /Contents 5 0 R /X <", b">>>endobj 9 0 obj <</X <"):
        changed = signed.replace(old, old.replace(digits[1], value + inside + b"0" * (room - len(inside))))
        assert len(changed) == len(signed)
        assert not verify_pdf(changed).good


def test_a_gap_wider_than_the_signature(person: Person) -> None:
    """A signer who leaves room beside the signature can put there what he likes later."""
    whole = sign_pdf(with_classic_xref(paper()), person)
    old = _contents(whole)
    for spot in (b"<", b">"):
        at = whole.rindex(old) + old.index(spot)
        assert not verify_pdf(whole[:at] + b" " + whole[at:]).good


@pytest.mark.parametrize(
    ("allowed", "change", "good"),
    [
        (MDPPerm.NO_CHANGES, fill_in_the_form, False),
        (MDPPerm.FILL_FORMS, fill_in_the_form, True),
        (MDPPerm.FILL_FORMS, add_a_note_over_the_text, False),
        (MDPPerm.ANNOTATE, replace_the_page, False),
    ],
)
def test_a_certification_is_kept(
    person: Person, allowed: MDPPerm, change: Callable[[bytes], bytes], *, good: bool
) -> None:
    """What its author allows may be done before the next one signs, nothing else."""
    certified = sign_pdf(_form({"so_tien": "5 trieu"}), person, certify=True, docmdp_permissions=allowed)
    assert verify_pdf(certified).verdict == "signed"
    assert not verify_pdf(change(certified)).good
    writer = IncrementalPdfFileWriter(BytesIO(change(certified)), strict=False)
    try:
        again = sign_pdf(change(certified), person, field_name="ChuKy2")
    except Exception:  # pyHanko does not sign what is locked: append another one's signature by force
        again = _signed_by_force(writer, person)
    assert verify_pdf(again).good == good


def _signed_by_force(writer: IncrementalPdfFileWriter, person: Person) -> bytes:
    """Take the certification out of sight, sign, and put it back."""
    out = BytesIO()
    writer.write(out)
    data = out.getvalue().replace(b"/Perms", b"/Xerms")
    return sign_pdf(data, person, field_name="ChuKy2").replace(b"/Xerms", b"/Perms")


def test_script_in_a_signed_file_is_told_and_attachments_do_no_harm(person: Person) -> None:
    with pikepdf.open(BytesIO(paper())) as pdf:
        pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        scripted = BytesIO()
        pdf.save(scripted)
    found = verify_pdf(sign_pdf(scripted.getvalue(), person))
    assert (found.verdict, found.good) == ("active", False)
    assert "mã lệnh" in found.sentence
    with pikepdf.open(BytesIO(paper())) as pdf:
        pdf.attachments["phu-luc.txt"] = b"Phu luc"
        carrying = BytesIO()
        pdf.save(carrying)
    assert verify_pdf(sign_pdf(carrying.getvalue(), person)).verdict == "signed"


@pytest.fixture(scope="module")
def ours() -> bytes:
    return sign(with_classic_xref(paper()))


def test_every_byte_of_the_signature_itself_counts(signed: bytes) -> None:
    """Also those that the byte range leaves out: the gap holds nothing but the signature."""
    reader = PdfFileReader(BytesIO(signed), strict=False)
    _zero, first, second, _rest = (int(each) for each in reader.embedded_regular_signatures[0].byte_range)
    for spot in range(first, second, 97):
        for bit in (1, 0x20, 0x80):
            changed = signed[:spot] + bytes([signed[spot] ^ bit]) + signed[spot + 1 :]
            assert not verify_pdf(changed).good or changed[spot : spot + 1].lower() == signed[spot : spot + 1].lower()


def test_every_certificate_within_a_timestamp_counts(ours: bytes) -> None:
    """Also a copy of one that is known from elsewhere: it came with the signature, and was changed."""
    assert verify_pdf(ours).good
    embedded = PdfFileReader(BytesIO(ours), strict=False).embedded_regular_signatures[-1]
    _zero, first, second, _rest = (int(each) for each in embedded.byte_range)
    token = next(extract_tst_data_iter(embedded.signer_info, signed=False))
    for choice in token["certificates"]:
        inside = choice.chosen.dump()
        place = ours.rindex(inside.hex().encode().upper(), first, second)
        for spot in range(place, place + 2 * len(inside), 61):
            changed = ours[:spot] + (b"1" if ours[spot : spot + 1] != b"1" else b"0") + ours[spot + 1 :]
            assert not verify_pdf(changed).good, (choice.chosen.subject.native, spot - place)


@given(st.data())
@settings(max_examples=examples(60, 800), deadline=None)
@pytest.mark.thorough
@pytest.mark.parametrize("which", ["signed", "ours"])
def test_a_flipped_byte_is_never_believed(request: pytest.FixtureRequest, which: str, data: st.DataObject) -> None:
    whole: bytes = request.getfixturevalue(which)
    spot = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:spot] + bytes([whole[spot] ^ data.draw(st.integers(1, 255))]) + whole[spot + 1 :]
    if verify_pdf(changed).good:  # the other letter for the same hexadecimal digit
        assert changed[spot : spot + 1].lower() == whole[spot : spot + 1].lower()


@given(st.data())
@settings(max_examples=examples(30, 300), deadline=None)
@pytest.mark.thorough
def test_cut_off_and_appended_is_never_believed(signed: bytes, data: st.DataObject) -> None:
    assert not verify_pdf(signed[: data.draw(st.integers(0, len(signed) - 2))]).good
    more = data.draw(st.binary(min_size=1, max_size=60))
    assert not verify_pdf(signed + more).good or not more.strip(b"\0\t\n\x0c\r ")
