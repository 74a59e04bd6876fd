"""What is taken, what is refused, and that a refusal costs little and says why."""

from __future__ import annotations

import resource
import unicodedata
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.files import store
from hienluong.foundation.files.checks import clean_name
from hienluong.foundation.files.models import Blob, StoredFile
from hienluong.foundation.files.previews import draw
from tests.thorough import examples

from . import samples

pytestmark = pytest.mark.django_db


def keep(data: bytes, name: str, **how: Any) -> StoredFile:
    return store(BytesIO(data), name=name, owner=None, purpose="kiem-thu", **how)


def refusal(data: bytes, name: str, **how: Any) -> str:
    with pytest.raises(InvalidInput) as caught:
        keep(data, name, **how)
    assert str(caught.value.message)
    assert Blob.objects.count() == 0
    return caught.value.code


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (samples.plain_pdf(), "don.pdf", "application/pdf"),
        (samples.png(), "anh.PNG", "image/png"),
        (samples.jpeg(), "anh.jpeg", "image/jpeg"),
        (samples.docx(), "don.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (samples.plain_pdf(), "không đuôi", "application/pdf"),
    ],
)
def test_common_papers_are_taken_by_what_they_are(data: bytes, name: str, media_type: str) -> None:
    kept = keep(data, name)
    assert (kept.media_type, kept.size, kept.name) == (media_type, len(data), name)
    with kept.open() as stream:
        assert stream.read() == data


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "trong.pdf", "files.empty"),
        (b"MZ\x90\0" + b"\0" * 500, "don.pdf", "files.type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "anh.svg", "files.type"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "don.pdf", "files.type"),
        (samples.png(), "don.pdf", "files.ending"),
        (samples.plain_pdf(), "don.pdf.exe", "files.ending"),
        (samples.png()[:60], "anh.png", "files.bad_image"),
        (samples.png_claiming(60_000, 60_000), "bom.png", "files.image_too_large"),
        (samples.png_claiming(9_000, 9_000), "lon.png", "files.image_too_large"),
        (b"%PDF-1.7\nkhong phai pdf", "don.pdf", "files.bad_pdf"),
        (samples.archive(a_DOT_txt=b"x"), "nen.zip", "files.type"),
        (samples.docx(bom=b"\0" * 60_000_000), "bom.docx", "files.zip_bomb"),
        (samples.docx(**{"..__..__etc__x": b"x"}), "duong.docx", "files.zip_path"),
        (samples.docx(trong_DOT_zip=b"PK"), "long.docx", "files.zip_nested"),
        (samples.docx(word__vbaProject_DOT_bin=b"x"), "macro.docx", "files.macro"),
        (samples.docx()[:-30], "hong.docx", "files.bad_zip"),
    ],
)
def test_what_is_not_a_paper_is_refused_by_name(data: bytes, name: str, code: str) -> None:
    assert refusal(data, name) == code


def test_a_locked_pdf_is_refused() -> None:
    locked = samples.saved(samples.pdf(), encryption=pikepdf.Encryption(user="bi-mat", owner="bi-mat"))
    assert refusal(locked, "khoa.pdf") == "files.locked_pdf"


def _open_action(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = samples.script_action()


def _open_action_elsewhere(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = document.make_indirect(samples.script_action())


def _named_script(document: pikepdf.Pdf) -> None:
    document.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("a"), samples.script_action()]))
    )


def _button(document: pikepdf.Pdf) -> None:
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot,
        Subtype=pikepdf.Name.Link,
        Rect=[0, 0, 100, 100],
        A=pikepdf.Dictionary(S=pikepdf.Name.Launch, F=pikepdf.String("cmd.exe")),
    )
    document.pages[0].Annots = pikepdf.Array([link])


def _page_opens(document: pikepdf.Pdf) -> None:
    document.pages[0].AA = pikepdf.Dictionary(O=samples.script_action())


def _carries_a_file(document: pikepdf.Pdf) -> None:
    document.attachments["virus.exe"] = b"MZ"


def _sends_a_form(document: pikepdf.Pdf) -> None:
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.SubmitForm, F=pikepdf.String("http://x.example"))


@pytest.mark.parametrize(
    "arm", [_open_action, _open_action_elsewhere, _named_script, _button, _page_opens, _carries_a_file, _sends_a_form]
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_pdf_that_does_more_than_show_pages_is_refused(arm: Any, packed: bool) -> None:
    document = samples.pdf()
    arm(document)
    mode = pikepdf.ObjectStreamMode.generate if packed else pikepdf.ObjectStreamMode.disable
    assert refusal(samples.saved(document, object_stream_mode=mode), "bay.pdf") == "files.pdf_trap"


def test_a_pdf_with_links_to_the_web_and_bookmarks_is_taken() -> None:
    document = samples.pdf(2)
    document.pages[0].Annots = pikepdf.Array(
        [
            pikepdf.Dictionary(
                Type=pikepdf.Name.Annot,
                Subtype=pikepdf.Name.Link,
                Rect=[0, 0, 9, 9],
                A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("https://dichvucong.gov.vn")),
            )
        ]
    )
    with document.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("Trang hai", 1))
    assert keep(samples.saved(document), "don.pdf").pk


def test_a_pdf_that_unpacks_to_gigabytes_is_refused_without_unpacking_it() -> None:
    bomb = samples.object_stream_bomb(1 << 30)
    assert len(bomb) < 2 << 20
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert refusal(bomb, "bom.pdf") in {"files.bad_pdf", "files.empty_pdf"}
    grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown_kib < 700 * 1024


def test_reading_stops_at_the_limit() -> None:
    class Endless:
        given = 0

        def read(self, size: int) -> bytes:
            self.given += size
            return b"%PDF-1.7".ljust(size, b" ")

    endless = Endless()
    with pytest.raises(InvalidInput) as caught:
        store(endless, name="dai.pdf", owner=None, purpose="kiem-thu", limit=1 << 20)
    assert caught.value.code == "files.too_large"
    assert endless.given <= (1 << 20) + 2 * 64 * 1024


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\Lan\\đơn.pdf", "đơn.pdf"),
        (unicodedata.normalize("NFD", "Giấy khai sinh.pdf"), "Giấy khai sinh.pdf"),
        ("gi\u202efdp.exe", "gifdp.exe"),
        ("a\0b\r\nc.pdf", "abc.pdf"),
        ("...", "tep"),
        ("", "tep"),
    ],
)
def test_names_are_kept_readable_and_harmless(given_name: str, kept: str) -> None:
    assert clean_name(given_name) == kept


@given(st.text(max_size=400))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_name_becomes_one_that_fits(name: str) -> None:
    cleaned = clean_name(name)
    assert 1 <= len(cleaned) <= 150
    assert "/" not in cleaned
    assert clean_name(cleaned) == cleaned


@given(
    st.binary(max_size=2000),
    st.sampled_from([b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"]),
)
@settings(max_examples=examples(150, 600), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_of_any_kind_is_refused_in_words(noise: bytes, head: bytes) -> None:
    with pytest.raises(InvalidInput):
        keep(head + noise, "on.bin")


@pytest.mark.parametrize("brand", [b"heic", b"heix", b"mif1"])
def test_a_picture_of_an_iphone_is_refused_with_the_way_out(brand: bytes) -> None:
    heic = b"\x00\x00\x00\x18ftyp" + brand + b"\x00\x00\x00\x00mif1heic" + b"\x00" * 400
    with pytest.raises(InvalidInput, match="HEIC") as caught:
        keep(heic, "IMG_0001.HEIC")
    assert caught.value.code == "files.heic"
    assert "Tương thích nhất" in str(caught.value.message)


def test_a_photo_taken_sideways_is_shown_upright() -> None:
    sideways = Image.new("RGB", (80, 40), "white")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter to the right to look at it
    out = BytesIO()
    sideways.save(out, "JPEG", exif=exif)
    shown = Image.open(BytesIO(draw(keep(out.getvalue(), "anh.jpg"), 1)))
    assert (shown.width, shown.height) == (40, 80)
