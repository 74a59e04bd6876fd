"""Whatever is done to a signed file, verification says something, and never that the file is good."""

from __future__ import annotations

import zlib
from io import BytesIO

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.capabilities.signing import views
from hienluong.capabilities.signing.verification import verify_pdf
from tests.capabilities.signing.papers import issue, paper, sign, with_classic_xref, with_object_streams
from tests.thorough import examples, some

pytestmark = [pytest.mark.django_db, pytest.mark.once]
BAD = {"altered", "unreadable", "unsigned", "untrusted"}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    """A signed file of each kind of cross-reference."""
    plain = paper()
    return {"table": sign(with_classic_xref(plain)), "streams": sign(with_object_streams(plain))}


def test_both_kinds_are_what_they_say(files: dict[str, bytes]) -> None:
    assert b"\nxref\n" in files["table"]
    assert b"/ObjStm" not in files["table"]
    assert b"/ObjStm" in files["streams"]
    assert b"/XRef" in files["streams"]
    for number, data in enumerate(files.values()):
        issue(data, token=f"GIAYTHU{number}")
        assert verify_pdf(data).verdict == "valid"


def covered(data: bytes) -> list[range]:
    """The bytes that the last signature covers: all but its own value."""
    start = data.rindex(b"/ByteRange")
    first, length, second, rest = (int(n) for n in data[data.index(b"[", start) + 1 : data.index(b"]", start)].split())
    return [range(first, first + length), range(second, second + rest)]


@given(st.data())
@settings(max_examples=examples(12, 60), deadline=None)
@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["table", "streams"])
def test_a_changed_file_gets_a_verdict_and_is_never_good(
    files: dict[str, bytes], kind: str, data: st.DataObject
) -> None:
    whole = files[kind]
    spot = data.draw(st.sampled_from(covered(whole)).flatmap(lambda r: st.integers(r.start, r.stop - 1)))
    how = data.draw(st.sampled_from(["flip", "insert", "delete", "cut"]))
    if how == "flip":
        changed = whole[:spot] + bytes([whole[spot] ^ data.draw(st.integers(1, 255))]) + whole[spot + 1 :]
    elif how == "insert":
        changed = whole[:spot] + data.draw(st.binary(min_size=1, max_size=30)) + whole[spot:]
    elif how == "delete":
        changed = whole[:spot] + whole[spot + data.draw(st.integers(1, 40)) :]
    else:
        changed = whole[:spot]
    assert verify_pdf(changed).verdict in BAD


@pytest.mark.thorough
@pytest.mark.parametrize("kind", ["table", "streams"])
def test_every_byte_near_the_cross_references(files: dict[str, bytes], kind: str) -> None:
    """The places where a flipped byte used to end in an error: compressed objects and cross-references."""
    whole = files[kind]
    marks = [whole.find(b"/ObjStm"), whole.find(b"/XRef"), whole.rfind(b"\nxref"), whole.rfind(b"startxref")]
    for mark in marks:
        if mark < 0:
            continue
        for spot in some(range(mark, min(mark + 240, len(whole)), 8), 5, mark):
            changed = whole[:spot] + bytes([whole[spot] ^ 0x55]) + whole[spot + 1 :]
            if any(spot in part for part in covered(whole)):
                assert verify_pdf(changed).verdict in BAD, spot


def _with_paeth(pdf: bytes) -> bytes:
    """The document with a cross-reference stream whose rows use the Paeth predictor of PNG."""
    with pikepdf.open(BytesIO(pdf)) as document:
        out = BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    data = out.getvalue()
    start = data.rindex(b"/XRef")
    stream = data.index(b"stream\n", start) + 7
    rows = bytearray(zlib.decompressobj().decompress(data[stream:]))
    rows[0] = 4
    packed = zlib.compress(bytes(rows))
    return data[:stream] + packed + b"\nendstream\nendobj\nstartxref\n" + data[data.rindex(b"startxref") + 10 :]


def test_a_predictor_the_parser_does_not_know() -> None:
    assert verify_pdf(_with_paeth(paper())).verdict in BAD


def test_a_bomb_of_objects_is_refused() -> None:
    packed = zlib.compress(b"0 0 " * 30_000_000, 9)
    bomb = (
        b"%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length "
        + str(len(packed)).encode()
        + b">>\nstream\n"
        + packed
        + b"\nendstream\nendobj\ntrailer<</Root 1 0 R/Size 2>>\nstartxref\n0\n%%EOF"
    )
    assert verify_pdf(bomb).verdict in BAD


def test_a_trap_is_named() -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(paper())) as document:
        document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        document.save(out)
    found = verify_pdf(out.getvalue())
    assert found.verdict == "unreadable"
    assert "mã lệnh" in found.sentence


def test_one_address_may_not_ask_without_end(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_FILES", 2)
    monkeypatch.setattr(views, "MOST_CODES", 2)
    for _turn in range(2):
        assert client.post("/xac-minh", {"file": SimpleUploadedFile("a.pdf", b"x")}).status_code == 200
        assert client.get("/xac-minh/KHONGCO").status_code == 404
    assert client.post("/xac-minh", {"file": SimpleUploadedFile("a.pdf", b"x")}).status_code == 429
    answer = client.get("/xac-minh/KHONGCO")
    assert answer.status_code == 429
    assert "KHONGCO" in answer.content.decode()
