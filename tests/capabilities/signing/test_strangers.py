"""PDFs that others signed: what is wrong with a signature is found and said, and nothing else is called good."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from hienluong.capabilities.signing.judging import asking, entitlement
from hienluong.capabilities.signing.judging.entitlement import Entitlement
from hienluong.capabilities.signing.verification import verify_pdf
from tests.capabilities.signing.papers import paper, with_classic_xref
from tests.capabilities.signing.strangers import YEAR, Authority, make_authority, sign_pdf
from tests.factories import LONG_AGO, make_official, make_org

pytestmark = pytest.mark.django_db
Trust = Callable[[Authority], None]


@pytest.fixture(autouse=True)
def trust(settings: LazySettings, tmp_path: Path) -> Trust:
    """Believe an authority from now on."""
    settings.TRUST_FOLDER = tmp_path / "trust"
    settings.TRUST_FOLDER.mkdir()
    settings.REVOCATION_ASK = True
    cache.clear()
    return lambda authority: _keep(settings.TRUST_FOLDER / "goc.cer", authority.der)


def _keep(path: Path, content: bytes) -> None:
    path.write_bytes(content)


class Answering(ThreadingHTTPServer):
    """The server of an authority, on this machine: its list and its OCSP; `silent` answers nothing useful."""

    authority: Authority
    silent = False
    asked: list[str]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._say(self.server.authority.list_now())  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self._say(self.server.authority.answer(self.rfile.read(length)))  # type: ignore[attr-defined]

    def _say(self, content: bytes) -> None:
        server: Any = self.server
        server.asked.append(self.command)
        self.send_response(503 if server.silent else 200)
        self.end_headers()
        self.wfile.write(b"" if server.silent else content)

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def served() -> Iterator[Answering]:
    server = Answering(("127.0.0.1", 0), _Handler)
    server.asked = []
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _authority(served: Answering, way: str) -> Authority:
    base = f"http://127.0.0.1:{served.server_port}"
    served.authority = make_authority(
        crl_url=f"{base}/a.crl" if way == "list" else "", ocsp_url=base if way == "ocsp" else ""
    )
    return served.authority


@pytest.mark.parametrize(("way", "asked"), [("list", "GET"), ("ocsp", "POST")])
def test_the_authority_is_asked_and_its_answer_is_kept(served: Answering, trust: Trust, way: str, asked: str) -> None:
    authority = _authority(served, way)
    trust(authority)
    signed = sign_pdf(paper(), authority.issue())
    found = verify_pdf(signed)
    assert (found.verdict, found.signatures[0].revocation) == ("signed", "asked")
    assert "tự khai" in found.sentence
    assert verify_pdf(signed).verdict == "signed"
    assert served.asked == [asked]


@pytest.mark.parametrize("way", ["list", "ocsp"])
def test_revoked_before_signing_after_it_and_without_a_proof_of_when(served: Answering, trust: Trust, way: str) -> None:
    authority = _authority(served, way)
    trust(authority)
    person = authority.issue()
    stamped, claimed = sign_pdf(paper(), person, stamped=True), sign_pdf(paper(), person)
    serial = person.certificate.serial_number
    time.sleep(1.2)  # a timestamp counts whole seconds
    authority.revoked[serial] = timezone.now()
    assert verify_pdf(stamped).verdict == "signed"  # revoked a second after the timestamp
    cache.clear()
    authority.revoked[serial] = timezone.now() - timedelta(hours=1)
    found = verify_pdf(stamped)
    assert found.verdict == "certificate_revoked"
    assert "đã bị thu hồi từ ngày" in found.sentence
    assert verify_pdf(claimed).verdict == "certificate_revoked"
    assert "Không có dấu thời gian chứng minh" in verify_pdf(claimed).sentence


def test_who_cannot_be_asked_is_told_and_the_file_is_not_called_good(
    served: Answering, trust: Trust, settings: LazySettings
) -> None:
    authority = _authority(served, "list")
    trust(authority)
    signed = sign_pdf(paper(), authority.issue())
    served.silent = True
    found = verify_pdf(signed)
    assert (found.verdict, found.good) == ("unchecked", False)
    assert "không hỏi được" in found.sentence
    assert "HTTP 503" in found.signatures[0].problems[0].detail
    served.silent = False
    assert verify_pdf(signed).verdict == "unchecked"  # not asked again at once
    assert served.asked == ["GET"]
    cache.clear()
    settings.REVOCATION_ASK = False
    assert verify_pdf(signed).verdict == "unchecked"
    settings.REVOCATION_ASK = True
    assert verify_pdf(signed).verdict == "signed"


def test_nobody_is_asked_for_a_certificate_of_nobody(served: Answering) -> None:
    """A stranger's file cannot make the server call an address of the stranger's choice."""
    signed = sign_pdf(paper(), _authority(served, "list").issue())
    assert verify_pdf(signed).verdict == "untrusted"
    assert served.asked == []


@pytest.mark.parametrize("url", ["file:///etc/hostname", "ldap://127.0.0.1/x", "http://127.0.0.1:9/"])
def test_other_ways_and_closed_doors_are_told(trust: Trust, url: str) -> None:
    authority = make_authority(crl_url=url)
    trust(authority)
    assert verify_pdf(sign_pdf(paper(), authority.issue())).verdict == "unchecked"


def test_an_answer_without_end_is_cut_off(monkeypatch: pytest.MonkeyPatch, served: Answering, trust: Trust) -> None:
    monkeypatch.setattr(asking, "MOST", 10)
    authority = _authority(served, "list")
    trust(authority)
    assert verify_pdf(sign_pdf(paper(), authority.issue())).verdict == "unchecked"


def test_an_ended_certificate_holds_only_with_a_timestamp(served: Answering, trust: Trust) -> None:
    authority = _authority(served, "list")
    trust(authority)
    now = timezone.now()
    ended = authority.issue(begins=now - 2 * YEAR, ends=now - YEAR)
    found = verify_pdf(sign_pdf(paper(), ended))
    assert found.verdict == "certificate_expired"
    assert verify_pdf(sign_pdf(paper(), ended, stamped=True)).verdict == "certificate_expired"  # it had ended by then
    early = authority.issue(begins=now + YEAR, ends=now + 2 * YEAR)
    assert verify_pdf(sign_pdf(paper(), early)).verdict == "certificate_expired"


@pytest.mark.parametrize(
    ("bits", "digest", "issued_with", "why"),
    [
        (1024, "sha256", "sha256", "1024 bit"),
        (2048, "sha1", "sha256", "SHA1"),
        (2048, "sha256", "sha1", "SHA1"),
        (2048, "md5", "sha256", "MD5"),
    ],
)
def test_what_can_be_forged_is_called_weak(
    served: Answering, trust: Trust, bits: int, digest: str, issued_with: str, why: str
) -> None:
    authority = _authority(served, "list")
    trust(authority)
    person = authority.issue(bits=bits, digest=issued_with)
    found = verify_pdf(sign_pdf(paper(), person, digest=digest))
    assert (found.verdict, found.good) == ("weak", False)
    assert why in found.sentence


def test_a_certificate_that_is_not_for_signing(served: Answering, trust: Trust) -> None:
    authority = _authority(served, "list")
    trust(authority)
    found = verify_pdf(sign_pdf(paper(), authority.issue(for_signing=False)))
    assert found.verdict == "untrusted"
    assert "không được cấp để ký" in found.signatures[0].problems[0].said


def test_several_signers_in_order_and_the_worst_decides(served: Answering, trust: Trust) -> None:
    authority = _authority(served, "list")
    trust(authority)
    first, second = authority.issue("Người Trước"), authority.issue("Người Sau")
    both = sign_pdf(sign_pdf(paper(), first), second, field_name="ChuKy2")
    found = verify_pdf(both)
    assert [each.signer for each in found.signatures] == ["Người Trước", "Người Sau"]
    assert [each.covers_whole_file for each in found.signatures] == [False, True]
    assert found.verdict == "signed"
    assert "Người Trước, Người Sau" in found.sentence
    authority.revoked[first.certificate.serial_number] = timezone.now() - timedelta(hours=1)
    cache.clear()
    found = verify_pdf(both)
    assert found.verdict == "certificate_revoked"
    assert "Người Trước" in found.sentence
    assert found.signatures[1].good


def test_the_signer_must_have_held_a_post_there_on_that_day(served: Answering, trust: Trust) -> None:
    authority = _authority(served, "list")
    trust(authority)
    office = make_org("Sở Thử")
    today = timezone.localdate()
    make_official("Lê Đương Chức", org=office, title="Giám đốc")
    make_official("Lê Đã Nghỉ", org=office, title="Giám đốc", valid_from=LONG_AGO, valid_to=today - timedelta(days=30))
    now = verify_pdf(sign_pdf(paper(), authority.issue("Lê Đương Chức", "Sở Thử")))
    assert (now.verdict, now.signatures[0].position) == ("signed", "Giám đốc, Sở Thử")
    gone = verify_pdf(sign_pdf(paper(), authority.issue("Lê Đã Nghỉ", "Sở Thử")))
    assert (gone.verdict, gone.good) == ("not_entitled", False)
    assert "không giữ chức vụ" in gone.sentence
    assert verify_pdf(sign_pdf(paper(), authority.issue("Người Lạ", "Sở Thử"))).signatures[0].position == ""
    seal = verify_pdf(sign_pdf(paper(), authority.issue("Sở Thử", "Sở Thử")))
    assert seal.verdict == "signed"


def test_an_app_may_know_better_whose_certificate_it_is(
    served: Answering, trust: Trust, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entitlement, "_resolvers", [])
    entitlement.register(lambda holder, day: Entitlement("not_entitled") if holder.name == "Bị Đình Chỉ" else None)
    authority = _authority(served, "list")
    trust(authority)
    assert verify_pdf(sign_pdf(paper(), authority.issue("Bị Đình Chỉ"))).verdict == "not_entitled"
    assert verify_pdf(sign_pdf(paper(), authority.issue("Người Khác"))).verdict == "signed"


def test_the_page_and_the_interface_tell_all_of_it(served: Answering, trust: Trust, client: Client) -> None:
    authority = _authority(served, "list")
    trust(authority)
    signed = sign_pdf(with_classic_xref(paper()), authority.issue())
    said = client.post("/xac-minh", {"file": SimpleUploadedFile("a.pdf", signed)}).content.decode()
    for word in ("hl-verdict--signed", "Trần Thị Ngoài", "Công ty Ngoài", "Nơi chứng thực ngoài", "tự khai"):
        assert word in said
    told = client.post("/api/v1/verify", signed, content_type="application/pdf").json()
    one = told["signatures"][0]
    assert (told["verdict"], one["revocation"], one["problems"], one["chain"][-1]) == (
        "signed",
        "asked",
        [],
        "Nơi chứng thực ngoài",
    )
