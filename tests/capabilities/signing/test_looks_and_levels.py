"""What signatures look like on the page (Nghị định 30/2020/NĐ-CP, Phụ lục I), and what they carry at each level."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from hienluong.capabilities.signing import evidence, looks, requests, working
from hienluong.capabilities.signing.models import Look, SignatureRequest, SigningBatch
from hienluong.capabilities.signing.verification import verify_pdf
from tests.capabilities.signing.asking import LEADER_BOX, SEAL_BOX, ask, content, make_signer, work
from tests.factories import make_org, make_roles

pytestmark = pytest.mark.django_db
#: Dots a point at which pages are drawn here.
SCALE = 3


def _colours(pdf: bytes, box: tuple[float, float, float, float], *, page: int = 0) -> dict[str, int]:
    """How many dots of a box are blue, red, black, and neither."""
    import pypdfium2

    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    drawn = document[page].render(scale=SCALE, may_draw_forms=True).to_pil().convert("RGB")
    x0, y0, x1, y1 = box
    height = drawn.height
    part = drawn.crop((int(x0 * SCALE), int(height - y1 * SCALE), int(x1 * SCALE), int(height - y0 * SCALE)))
    found = {"blue": 0, "red": 0, "black": 0, "none": 0}
    for red, green, blue in part.getdata():
        if blue > 110 and red < 90 and green < 110:
            found["blue"] += 1
        elif red > 150 and green < 110 and blue < 120:
            found["red"] += 1
        elif max(red, green, blue) < 90:
            found["black"] += 1
        else:
            found["none"] += 1
    return found


def _signed(request: SignatureRequest) -> bytes:
    request.refresh_from_db()
    assert request.state == "completed"
    return content(request.file_id)


def test_a_blue_signature_and_a_red_seal_over_a_third_of_it() -> None:
    from hienluong.foundation.actions import system

    make_roles()
    org = make_org("UBND phường Đông Hà", kind="commune")
    official, leader = make_signer(org=org)
    request = ask(
        requests.Mark(official, "ChuKyLanhDao", Look.LEADER, box=LEADER_BOX),
        requests.Mark(org, "ChuKyCoQuan", Look.SEAL, box=SEAL_BOX),
    )
    requests.sign(leader, request_ids=[request.pk])
    work()
    request.refresh_from_db()
    alone = _colours(content(request.file_id), LEADER_BOX)
    assert alone["blue"] > 300
    assert (alone["red"], alone["none"] > alone["blue"]) == (0, True)  # lines on a ground that lets the page through
    requests.sign(system("Đóng dấu"), request_ids=[request.pk])
    work()
    signed = _signed(request)
    assert _colours(signed, SEAL_BOX)["red"] > 3000
    x0, y0, x1, y1 = LEADER_BOX
    third = (x1 - x0) / 3
    left, right = _colours(signed, (x0, y0, x0 + third, y1)), _colours(signed, (x0 + third + 2, y0, x1, y1))
    assert left["red"] > 100
    assert right["red"] < left["red"] / 2
    assert right["blue"] > 100  # what the seal covers is the left; the signature is still to be seen
    assert [one.intact for one in verify_pdf(signed).signatures] == [True, True]


def test_a_seal_keeps_its_true_size() -> None:
    """It is as large as its box, which the layout measured: nothing stretches it."""
    make_roles()
    org = make_org("UBND tỉnh Quảng Trị", kind="province")
    from hienluong.foundation.actions import system

    request = ask(requests.Mark(org, "Dau", Look.SEAL, box=SEAL_BOX))
    requests.sign(system("Đóng dấu"), request_ids=[request.pk])
    work()
    signed = _signed(request)
    x0, y0, x1, y1 = SEAL_BOX
    for edge in ((x0, y0, x0 + 4, y1), (x1 - 4, y0, x1, y1), (x0, y0, x1, y0 + 4), (x0, y1 - 4, x1, y1)):
        assert _colours(signed, edge)["red"] > 10
    around = (x0 - 6, y0 - 6, x1 + 6, y1 + 6)
    assert _colours(signed, around)["red"] == pytest.approx(_colours(signed, SEAL_BOX)["red"], rel=0.01)


def test_an_annex_says_number_and_time_without_a_picture() -> None:
    import pypdfium2

    from hienluong.foundation.actions import system

    make_roles()
    org = make_org("UBND tỉnh Quảng Trị", kind="province")
    box = (330.0, 800.0, 560.0, 815.0)
    request = ask(requests.Mark(org, "PhuLuc", Look.ANNEX, page=1, box=box), notation="12/QĐ-UBND")
    requests.sign(system("Đóng dấu"), request_ids=[request.pk])
    work()
    signed = _signed(request)
    seen = _colours(signed, box)
    assert seen["black"] > 100
    assert max(seen["red"], seen["blue"]) < seen["black"] / 2  # the edges of letters, as screens draw them
    reader = PdfFileReader(BytesIO(signed))
    stamp = reader.embedded_signatures[0].sig_field["/AP"]["/N"].get_object()
    words = "".join(_words(stamp))
    document = pypdfium2.PdfDocument(looks.draw([looks.Stamp(Look.ANNEX, 230, 15, "x", notation="12/QĐ-UBND")]))
    text = document[0].get_textpage().get_text_range()
    assert re.fullmatch(r"12/QĐ-UBND; \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00", text.strip())
    assert words


def _words(stamp: Any) -> list[str]:
    """That the appearance draws text at all."""
    found = [stamp.data.decode("latin-1")]
    resources = stamp.get("/Resources", {}).get("/XObject", {})
    found += [resources[name].get_object().data.decode("latin-1") for name in resources]
    return [part for part in found if "Tj" in part or "TJ" in part]


@pytest.mark.parametrize("name", ["UBND xã A", "Trung tâm Phục vụ hành chính công phường Đông Hà", "Nguyễn"])
def test_demo_pictures_are_made_from_names_and_say_what_they_are(name: str) -> None:
    assert looks.seal(name) == looks.seal(name)
    assert looks.handwriting(name) != looks.handwriting(f"{name}!")
    letters = re.findall(r">(.)</text>", looks.seal(name))
    assert "".join(letters).replace(" ", "").endswith("TRÌNHDIỄN")


@pytest.mark.parametrize(
    ("level", "timestamped", "proven", "over_all"),
    [
        ("B-B", False, False, False),
        ("B-T", True, False, False),
        ("B-LT", True, True, False),
        ("B-LTA", True, True, True),
    ],
)
def test_each_level_carries_what_it_says(level: str, timestamped: bool, proven: bool, over_all: bool) -> None:
    make_roles()
    official, leader = make_signer()
    request = ask(requests.Mark(official, "ChuKy", Look.NONE), level=level)
    requests.sign(leader, request_ids=[request.pk])
    work()
    signed = _signed(request)
    (found,) = verify_pdf(signed).signatures
    assert (found.intact, found.timestamped, found.long_term) == (True, timestamped, proven)
    reader = PdfFileReader(BytesIO(signed))
    assert ("/DSS" in reader.root) is proven
    assert bool(reader.embedded_timestamp_signatures) is over_all


def test_a_timestamp_authority_that_is_away_is_told_and_tried_again(settings: Any) -> None:
    make_roles()
    official, leader = make_signer()
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    batch = requests.sign(leader, request_ids=[request.pk]).batches[0]
    settings.TSA_URL = "http://127.0.0.1:9/tsa"
    assert working.carry_on(batch.pk) == working.WAITS[0]
    batch.refresh_from_db()
    request.refresh_from_db()
    assert (batch.state, request.file_id) == (SigningBatch.State.WORKING, request.original_id)
    assert "Máy chủ dấu thời gian chưa trả lời" in batch.trouble
    settings.TSA_URL = ""
    assert working.carry_on(batch.pk) is None
    assert len(verify_pdf(_signed(request)).signatures) == 1


def test_authorities_that_do_not_answer_hold_a_signature_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of our own, as if it were another's: neither its answers nor its lists can be had."""
    make_roles()
    official, leader = make_signer()
    request = ask(requests.Mark(official, "ChuKy", Look.NONE))
    batch = requests.sign(leader, request_ids=[request.pk]).batches[0]
    with monkeypatch.context() as patched:
        patched.setattr(evidence.ours, "about", lambda _certificate: None)
        assert working.carry_on(batch.pk) == working.WAITS[0]
    batch.refresh_from_db()
    assert "không cho biết chứng thư còn hiệu lực" in batch.trouble
    assert working.carry_on(batch.pk) is None
    assert _signed(request)
