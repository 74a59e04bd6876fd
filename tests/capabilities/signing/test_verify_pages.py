"""What the pages tell a stranger: of a code, what the register says; of a file, whether it is unaltered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.signing import actions, masking
from tests.capabilities.signing.papers import TOKEN, issue, paper, sign
from tests.factories import TESTER

pytestmark = pytest.mark.django_db
GENUINE = "Giấy này là thật"


@pytest.fixture(scope="module")
def signed() -> bytes:
    return sign(paper())


def page(client: Client, token: str = TOKEN) -> str:
    """What a scanned code shows."""
    return client.get(f"/xac-minh/{token}").content.decode()


def test_a_copied_code_is_never_called_genuine(client: Client, signed: bytes) -> None:
    """The QR of a true paper on a forged print leads here too: only the register can be told, not the print."""
    issue(signed, facts=masking.facts(number="01/GP", granted_to=masking.initials("Trần Văn Thật")))
    said = page(client)
    assert GENUINE not in said
    assert "nguyên vẹn" not in said
    assert "hl-verdict--valid" not in said
    assert "Có giấy mang mã này, do UBND phường Đông Hà cấp" in said
    assert "đang có hiệu lực" in said
    assert "so các nội dung dưới đây với tờ giấy" in said
    for fact in ("01/GP", "T. V. T.", "Nguyễn Văn Ký, Chủ tịch"):
        assert fact in said


def test_revoked_superseded_and_ended_say_so(client: Client, signed: bytes) -> None:
    issue(signed)
    actions.revoke(TESTER, token=TOKEN, reason="Cấp nhầm cho bà Trần Thị B")
    said = page(client)
    assert "ĐÃ BỊ THU HỒI, không còn giá trị" in said
    assert "Trần Thị B" not in said  # why is told to the person, not to strangers
    assert client.get("/xac-minh/khongco").status_code == 404

    issue(sign(paper(number="02/GP")), token="GIAYMOI2")
    assert "được thay bằng giấy khác" in page(client)
    assert "đang có hiệu lực" in page(client, "GIAYMOI2")
    answer = client.post("/xac-minh", {"file": SimpleUploadedFile("a.pdf", signed)}).content.decode()
    assert "được thay bằng giấy khác" in answer
    assert GENUINE not in answer


def test_a_paper_whose_time_is_over(client: Client, signed: bytes) -> None:
    today = timezone.localdate()
    issue(signed, valid_until=today)
    assert "đang có hiệu lực" in page(client)
    issue(sign(paper(number="03/GP")), token="HETHAN22", subject_ref="t:2", valid_until=today - timedelta(days=1))
    said = page(client, "HETHAN22")
    assert "ĐÃ HẾT HIỆU LỰC" in said
    assert "hl-verdict--expired" in said


def test_only_a_file_is_called_unaltered(client: Client, signed: bytes) -> None:
    issue(signed)
    assert client.get("/xac-minh").status_code == 200
    assert client.get("/xac-minh", {"ma": TOKEN.lower()})["Location"].endswith(TOKEN)
    assert client.get("/xac-minh/%00").status_code == 404
    assert client.get("/xac-minh", {"ma": "a/b?"}).status_code == 404
    assert client.post("/xac-minh").status_code == 422
    answer = client.post("/xac-minh", {"file": SimpleUploadedFile("a.pdf", signed)})
    assert GENUINE in answer.content.decode()
    answer = client.post("/xac-minh", {"file": SimpleUploadedFile("a.pdf", b"junk")})
    assert (answer.status_code, "không phải PDF" in answer.content.decode()) == (200, True)


def test_a_code_that_leads_nowhere_stays_in_its_box(client: Client) -> None:
    said = client.get("/xac-minh", {"ma": 'abc-"><b>'})
    assert said.status_code == 404
    assert 'value="ABC-&quot;&gt;&lt;B&gt;"' in said.content.decode()


@pytest.mark.parametrize(
    ("name", "shown"), [("Nguyễn Thị Lành", "N. T. L."), ("đỗ an", "Đ. A."), ("", ""), ("  Y  ", "Y.")]
)
def test_initials(name: str, shown: str) -> None:
    assert masking.initials(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [("045190012345", "•••••••••345"), ("123456", "••••••"), ("", ""), ("0451900", "••••900")]
)
def test_the_tail_of_a_number(number: str, shown: str) -> None:
    assert masking.tail(number) == shown
