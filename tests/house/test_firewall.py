"""The firewall before the web: Debian's Apache and rules as we write their files, before a web that says what it was sent."""

from __future__ import annotations

import html
import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from hienluong.house import firewall
from hienluong.house.children import listens
from hienluong.house.firewall import INSTALL, Firewall, NoFirewall
from hienluong.house.state import StateFolder
from tests.house.running import free_port, wait_until


class Says(BaseHTTPRequestHandler):
    """Answers with the address and the headers that came, 403 on ``/cam`` as a page without rights would."""

    def do_GET(self) -> None:
        body = json.dumps({"path": self.path, "headers": {key.lower(): value for key, value in self.headers.items()}})
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(403 if self.path == "/cam" else 200)
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815 - named by http.server

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a web behind a firewall that takes files of 1 MB; nobody before it is believed."""
    behind = ThreadingHTTPServer(("127.0.0.1", 0), Says)
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    port = free_port()
    folder = StateFolder(tmp_path_factory.mktemp("waf")).path
    made = Firewall(folder / "firewall", "127.0.0.1", port, behind.server_port, 1024 * 1024)
    made.write()
    process = subprocess.Popen(made.argv(), stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port), "the firewall does not listen", 30)
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=20) as client:
            yield client
    finally:
        process.terminate()
        process.wait(20)
        behind.shutdown()


@pytest.mark.parametrize(
    "query",
    ["q=1' UNION SELECT password FROM identity_account--", "q=<script>alert(1)</script>", "f=../../../../etc/passwd",
     "c=;cat /etc/passwd", "u=http://169.254.169.254/latest/meta-data;wget x"],
)  # fmt: skip
def test_an_attack_is_refused_in_words(guarded: httpx.Client, query: str) -> None:
    name, _, value = query.partition("=")
    answer = guarded.get("/dich-vu", params={name: value})
    assert answer.status_code == 403
    assert answer.headers["x-refused-by"] == "firewall"
    assert "bị tường lửa ứng dụng chặn" in html.unescape(answer.text)


@pytest.mark.parametrize(
    "text",
    ["Nguyễn Thị Hồng Ánh", "Số 12/3 đường Lê Duẩn, khu phố 5, phường Nam Đông Hà", "Đề nghị cấp đổi; xin cảm ơn!",
     "Căn cứ khoản 2 Điều 5 Nghị định số 118/2025/NĐ-CP; theo Công văn số 12/UBND-VP", "a@b.vn, 0233 3852 xxx (giờ hành chính)",
     "Diện tích < 500 m² và > 100 m²", 'Hộ kinh doanh "Ánh Dương" & Con'],
)  # fmt: skip
def test_what_people_write_passes(guarded: httpx.Client, text: str) -> None:
    assert guarded.post("/nop/x/noi-dung", data={"content": text, "name": text}).status_code == 200
    assert guarded.post("/api/v1/x", json={"content": text}).status_code == 200
    assert guarded.get("/dich-vu", params={"q": text}).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_methods_of_the_api_pass(guarded: httpx.Client, method: str) -> None:
    kind = {"Content-Type": "application/scim+json"}
    assert guarded.request(method, "/scim/v2/Users/1", content=b'{"active": true}', headers=kind).status_code == 200


def test_a_paper_with_headings_passes_where_officials_write(guarded: httpx.Client) -> None:
    paper = '<h2 style="text-align: center">KẾ HOẠCH</h2><table><tr><td onclick="x()">1</td></tr></table>'
    assert guarded.post("/lam-viec/van-ban/di/8/soan", data={"body": paper}).status_code == 200
    assert guarded.post("/ho-so/tra-cuu", data={"body": paper}).status_code == 403


def test_a_refusal_of_the_web_is_its_own(guarded: httpx.Client) -> None:
    answer = guarded.get("/cam")
    assert answer.status_code == 403
    assert "x-refused-by" not in answer.headers
    assert answer.json()["path"] == "/cam"


def test_addresses_go_on_as_they_came(guarded: httpx.Client) -> None:
    assert guarded.get("/ho-so/000.00.25.H50-26-0001?page=2&q=%C4%91%E1%BA%A5t").json()["path"] == (
        "/ho-so/000.00.25.H50-26-0001?page=2&q=%C4%91%E1%BA%A5t"
    )


def test_a_stranger_is_not_believed(guarded: httpx.Client) -> None:
    said = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}
    got = guarded.get("/", headers=said).json()["headers"]
    assert got["x-forwarded-for"].split(", ")[-1] == "127.0.0.1"  # the web believes the last, which the firewall wrote
    assert "x-forwarded-proto" not in got
    assert got.get("x-forwarded-host") != "evil.example"


def test_a_file_of_the_largest_size_passes_and_a_flood_does_not(guarded: httpx.Client) -> None:
    assert guarded.post("/tep", files={"file": ("a.pdf", b"%PDF-1.7\n" + b"a" * 1024 * 1024)}).status_code == 200
    with suppress(httpx.WriteError):  # shut while it was sent
        assert guarded.post("/tep", files={"file": ("a.pdf", b"a" * 15 * 1024 * 1024)}).status_code == 413


def test_without_its_packages_it_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(firewall, "RULES", tmp_path)
    with pytest.raises(NoFirewall, match="apt-get install"):
        Firewall(tmp_path / "waf", "127.0.0.1", 1, 2, 3).write()
    assert "libapache2-mod-security2" in INSTALL
