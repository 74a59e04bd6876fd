"""Reading scans: turned, faded, speckled, stamped; what cannot be read is told."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest
from PIL import Image

from hienluong.services.documents.layout.rendering import Laid, render
from hienluong.services.documents.reading import ocr, pages, pictures
from hienluong.services.documents.reading.ocr import ReadingRefused, TesseractMissing, read
from tests.thorough import some

from ..layout.papers import paper
from .scanning import (
    as_jpeg,
    as_png,
    as_scan,
    blurred,
    error_rate,
    faded,
    grained,
    signed,
    speckled,
    turned,
)
from .scanning import pictures as drawn


@lru_cache(maxsize=1)
def decision() -> Laid:
    return render(paper("QD"))


@lru_cache(maxsize=1)
def truth() -> ocr.Page:
    return read(decision().pdf).pages[0]


@lru_cache(maxsize=1)
def page() -> Image.Image:
    return drawn(decision().pdf)[0]


def test_a_text_layer_is_read_as_it_is_and_without_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr.shutil, "which", lambda _name: None)
    found = read(decision().pdf)
    assert found.confidence == 1.0
    assert found.pages[0].source == "text"
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Số: 07/QĐ-SNNMT",
        "Căn cứ Nghị định số 30/2020/NĐ-CP ngày 05 tháng 3 năm 2020 của Chính",
        "Điều 2. Quyết định này có hiệu lực từ ngày ký.",
    ):
        assert words in found.text.splitlines()
    number = next(line for line in found.pages[0].lines if line.text.startswith("Số:"))
    assert number.box.middle == pytest.approx(63.5 * 72 / 25.4, abs=3)


SCANS: list[tuple[Callable[[Image.Image], bytes], float]] = [
    (lambda seen: as_scan(turned(signed(seen, decision()), 2.3)), 0.015),
    (lambda seen: as_png(faded(grained(seen))), 0.015),
    (lambda seen: as_png(speckled(blurred(seen), 0.02)), 0.02),
    (lambda seen: as_jpeg(turned(seen.resize((seen.width // 2, seen.height // 2)), -1.4)), 0.03),
    (lambda seen: as_jpeg(turned(seen, 90)), 0.015),
    (lambda seen: as_jpeg(turned(seen, 180)), 0.015),
]


@pytest.mark.thorough
@pytest.mark.parametrize(("as_seen", "most"), some(SCANS, 2))
def test_scans_are_read_with_few_errors(as_seen: Callable[[Image.Image], bytes], most: float) -> None:
    found = read(as_seen(page()))
    assert found.pages[0].source == "picture"
    assert error_rate(truth(), found.pages[0]) <= most
    assert found.confidence > 0.85
    number = next(line for line in found.pages[0].lines if line.text.startswith("Số:"))
    assert number.box.middle == pytest.approx(63.5 * 72 / 25.4, abs=15)  # where it stands, in points


def test_an_empty_page_is_read_as_empty() -> None:
    found = read(as_png(Image.new("RGB", (1240, 1754), "white")))
    assert found.text.strip() == ""
    assert found.confidence == 0.0


def test_pages_beyond_the_limit_are_told() -> None:
    blank = Image.new("L", (620, 877), "white")
    found = read(as_scan(*[blank.convert("RGB")] * 3), most_pages=2)
    assert len(found.pages) == 2
    assert [words for words in found.warnings if "2 trang" in words]


def test_a_page_that_takes_too_long_is_told_and_what_reads_it_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "tesseract"
    slow.write_text(f"#!/bin/sh\nsleep 300 &\necho $! > {tmp_path}/child\nwait\n")
    slow.chmod(0o755)
    monkeypatch.setattr(ocr.shutil, "which", lambda _name: str(slow))
    begun = time.monotonic()
    found = read(as_png(page().resize((620, 877))), seconds_a_page=2)
    assert time.monotonic() - begun < 40
    assert found.pages[0].source == "unread"
    assert [words for words in found.warnings if "trang: 1" in words]
    child = int((tmp_path / "child").read_text())
    for _ in range(50):
        if not _lives(child):
            break
        time.sleep(0.1)
    assert not _lives(child)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = (
        Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
        if Path(f"/proc/{process}").exists()
        else "X"
    )
    return state not in "ZX"


def test_without_tesseract_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr.shutil, "which", lambda _name: None)
    with pytest.raises(TesseractMissing, match="apt-get install tesseract-ocr tesseract-ocr-vie"):
        read(as_png(page().resize((620, 877))))
    assert ocr.available() == "apt-get install tesseract-ocr tesseract-ocr-vie"


def test_without_vietnamese_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty = tmp_path / "tessdata"
    empty.mkdir()
    monkeypatch.setenv("TESSDATA_PREFIX", str(empty))
    with pytest.raises(TesseractMissing, match="tesseract-ocr-vie"):
        read(as_png(page().resize((620, 877))))


def test_this_machine_can_read_scans() -> None:
    assert ocr.available() == ""


@pytest.mark.parametrize(
    "content", [b"", b"not a picture", b"%PDF-1.7 broken", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, b"GIF89a"]
)
def test_files_that_cannot_be_opened_are_refused(content: bytes) -> None:
    with pytest.raises(ReadingRefused, match="không đọc được"):
        read(content)


def test_a_picture_made_to_overwhelm_is_refused() -> None:
    with pytest.raises(ReadingRefused, match="quá nhiều điểm ảnh"):
        read(as_png(Image.new("1", (30_000, 30_000))))


def test_a_pdf_with_a_password_is_refused() -> None:
    from io import BytesIO

    import pikepdf

    with pikepdf.open(BytesIO(decision().pdf)) as open_paper:
        locked = BytesIO()
        open_paper.save(locked, encryption=pikepdf.Encryption(owner="a", user="b"))
    with pytest.raises(ReadingRefused, match="mật khẩu"):
        read(locked.getvalue())


def test_text_in_an_old_encoding_is_not_taken_for_text() -> None:
    assert pages._is_old("CéNG HßA X· HéI CHñ NGHÜA VIÖT NAM, §éc lËp - Tù do - H¹nh phóc")
    assert not pages._is_old("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM, Độc lập - Tự do - Hạnh phúc")
    assert not pages._is_old("Plain English, with £5 and 20 °C in a sentence as long as those of papers are · 2026")


def test_a_straight_page_is_left_straight_and_a_turned_one_found() -> None:
    grey = pictures.grey(page())
    assert pictures.skew(grey) == 0.0
    assert pictures.skew(pictures.grey(turned(page(), 3.0))) == pytest.approx(-3.0, abs=0.25)
    assert pictures.lies_on_its_side(grey.rotate(90, expand=True))
    assert not pictures.lies_on_its_side(grey)


def test_coloured_ink_over_letters_is_taken_away_and_red_is_kept_apart() -> None:
    inked = Image.new("RGB", (200, 100), "white")
    inked.paste((210, 40, 50), (0, 0, 100, 100))
    inked.paste((40, 60, 190), (100, 0, 150, 100))
    inked.paste((20, 20, 20), (40, 40, 60, 60))
    grey = pictures.grey(inked)
    assert min(grey.getpixel((10, 10)), grey.getpixel((120, 10))) > 250  # type: ignore[type-var]
    assert grey.getpixel((190, 10)) > 250
    assert grey.getpixel((50, 50)) < 5
    red = pictures.red_ink(inked)
    assert red is not None
    assert (red.getpixel((10, 10)), red.getpixel((120, 10)), red.getpixel((190, 10))) == (0, 255, 255)
    assert pictures.red_ink(Image.new("RGB", (100, 100), "white")) is None


def test_the_time_of_a_run_that_is_over_is_refused_at_once() -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        ocr._run(["/bin/true"], 0)
