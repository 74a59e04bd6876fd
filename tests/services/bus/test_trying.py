"""Engineers try operations: at the sandbox and nowhere else, without anything of theirs; or see an example that says it is one."""

from __future__ import annotations

import html
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import yaml
from django.test import Client

from hienluong.foundation.identity.models import Account
from hienluong.foundation.sso import engineers
from hienluong.services.bus import trying
from hienluong.services.bus.models import Version
from hienluong.services.bus.views import trying as views
from tests.factories import TESTER, make_account
from tests.services.streams.sample import HERE

from .sample import UPSTREAM, Province
from .test_portal import TOLD

pytestmark = pytest.mark.django_db
PAGE = "/dich-vu-du-lieu/land-prices/v1/thu"
MADE_UP = "Ví dụ từ mô tả, không phải dữ liệu thật"


class Sandbox:
    """Answers what it is told to, and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.status, self.content, self.headers = 200, b'{"code": "17"}', {"Content-Type": "application/json"}
        self.endless = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                told = {name.lower(): value for name, value in self.headers.items()}
                outer.asked.append((f"{self.command} {self.path}", told, body))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(outer.content)
                    while outer.endless:
                        self.wfile.write(b"a" * 65_536)
                except OSError:
                    self.close_connection = True

            do_GET = do_POST = answer  # noqa: N815 - named by http.server

            def log_message(self, *_words: object) -> None:
                """Nothing on the screen."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/thu"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    found = Sandbox()
    yield found
    found.stop()


@pytest.fixture
def here(settings: Any) -> Province:
    settings.BUS_UPSTREAMS = HERE
    return Province()


@pytest.fixture
def engineer(here: Province) -> Client:
    account = make_account()
    engineers.add(TESTER, system=here.system, username=account.username)
    return signed_in(account)


def signed_in(account: Account) -> Client:
    found = Client()
    found.force_login(account)
    return found


def shown(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_a_call_goes_to_the_sandbox_with_nothing_of_who_tries(
    here: Province, engineer: Client, sandbox: Sandbox
) -> None:
    here.version(sandbox=sandbox.url)
    page = engineer.get(f"{PAGE}?thao-tac=parcel")
    assert page.status_code == 200
    assert "không bao giờ tới nơi chạy thật" in shown(page)
    assert UPSTREAM not in shown(page)
    sandbox.content = b'{"code": "<script>alert(1)</script>"}'
    sandbox.headers |= {"Set-Cookie": "a=b", "X-Thu": "<b>"}
    answer = engineer.post(f"{PAGE}?thao-tac=parcel", {"p0": "17 á"}, HTTP_X_SECRET="x", HTTP_AUTHORIZATION="Bearer x")
    ((line, headers, body),) = sandbox.asked
    assert (line, body) == ("GET /thu/parcels/17%20%C3%A1", b"")
    assert set(headers) == {"host", "accept", "accept-encoding", "user-agent", "connection"}
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "&lt;script&gt;alert(1)" in text
    assert "<script>alert" not in text
    assert "X-Thu: &lt;b&gt;" in text or "x-thu: &lt;b&gt;" in text
    assert "a=b" not in text, "cookies are not shown"
    assert MADE_UP not in shown(answer)


def test_what_cannot_be_sent_is_said_at_its_field(here: Province, engineer: Client, sandbox: Sandbox) -> None:
    here.version(document=yaml.safe_dump(TOLD, allow_unicode=True), sandbox=sandbox.url)
    page = shown(engineer.get(PAGE))
    assert '"kind": "it\'s"' in page, "a body to begin with"
    good = {"p0": "17", "p1": "1", "body": '{"text": "a"}'}
    assert engineer.post(PAGE, good).status_code == 200
    assert sandbox.asked[0][0] == "POST /thu/parcels/17/notes?year=1"
    assert json.loads(sandbox.asked[0][2]) == {"text": "a"}
    for wrong, words in (
        ({"p0": "../.."}, "không dùng được"),
        ({"p0": "a/b"}, "không dùng được"),
        ({"p0": ".."}, "không dùng được"),
        ({"p0": ""}, "p0"),
        ({"p0": "a" * 501}, "500"),
        ({"body": "{"}, "phải là JSON"),
        ({"body": '{"open": "có"}'}, "không đúng lược đồ"),
        ({"body": "[" * 50_000}, "phải là JSON"),
    ):
        answer = engineer.post(PAGE, good | wrong)
        assert (answer.status_code, words in shown(answer)) == (422, True), wrong
    assert len(sandbox.asked) == 1


@pytest.mark.parametrize("why", ["none", "where it runs", "not allowed any more"])
def test_without_a_sandbox_an_example_is_given_and_called_so(
    here: Province, engineer: Client, sandbox: Sandbox, settings: Any, why: str
) -> None:
    version = here.version(sandbox=sandbox.url)
    if why == "none":
        Version.objects.update(sandbox="")
    elif why == "where it runs":
        Version.objects.update(upstream=f"{sandbox.url}/")
    else:
        settings.BUS_UPSTREAMS = []
    answer = engineer.post(f"{PAGE}?thao-tac=parcel", {"p0": "17"})
    assert sandbox.asked == []
    if why == "not allowed any more":
        assert (answer.status_code, "không có nơi chạy thử" in shown(answer)) == (502, True)
        return
    assert answer.status_code == 200
    assert MADE_UP in shown(answer)
    assert '"owner": {' in shown(answer)
    assert trying.sandbox_of(Version.objects.get(pk=version.pk)) == ""


@pytest.mark.parametrize(
    "address",
    ["http://169.254.169.254/latest", "http://[::1]/", "https://localhost/", "http://10.0.0.1/a", "file:///etc/passwd"],
)
def test_an_address_of_our_own_network_is_not_called(
    here: Province, engineer: Client, settings: Any, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    here.version()
    settings.BUS_UPSTREAMS = []
    Version.objects.update(sandbox=address)  # as if it had come past the check of the form
    monkeypatch.setattr(trying, "_read", lambda *_all: pytest.fail("called"))
    assert engineer.post(f"{PAGE}?thao-tac=parcel", {"p0": "17"}).status_code == 502


def test_answers_that_do_not_end_lead_elsewhere_or_are_packed(
    here: Province, engineer: Client, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.version(sandbox=sandbox.url)

    def post() -> Any:
        return engineer.post(f"{PAGE}?thao-tac=parcel", {"p0": "17"})

    sandbox.endless = True
    answer = post()
    assert (answer.status_code, "chỉ hiện phần đầu" in shown(answer)) == (200, True)
    assert len(answer.content) < 200_000
    sandbox.endless = False
    sandbox.status, sandbox.headers = 302, {"Location": "http://127.0.0.1:1/khac"}
    assert "302" in shown(post())
    assert len(sandbox.asked) == 2
    sandbox.status, sandbox.headers = 200, {"Content-Encoding": "gzip"}
    assert "bị nén" in shown(post())
    sandbox.headers, sandbox.content = {"Content-Type": "text/html"}, b"\x00\xff<b>"
    assert "<b>" not in post().content.decode().split("Câu trả lời")[-1]
    monkeypatch.setattr(trying, "PATIENCE", 0.2)
    sandbox.headers, sandbox.content = {"Content-Length": "10"}, b"a"
    assert post().status_code == 502
    sandbox.stop()
    assert post().status_code == 502


def test_only_engineers_try_and_not_too_often(
    here: Province, engineer: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    here.version()
    assert Client().get(PAGE).status_code == 302
    assert signed_in(make_account()).get(PAGE).status_code == 403
    assert "/v1/thu" not in Client().get("/dich-vu-du-lieu/land-prices").content.decode()
    assert f"{PAGE}?thao-tac=parcel" in engineer.get("/dich-vu-du-lieu/land-prices").content.decode()
    assert engineer.get(PAGE.replace("v1", "v2")).status_code == 404
    assert engineer.get(f"{PAGE}?thao-tac=%00khac").status_code == 200
    monkeypatch.setattr(views, "MOST_CALLS", 2)
    answers = [engineer.post(f"{PAGE}?thao-tac=parcel", {"p0": "17"}) for _time in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 422]
    assert "Hãy đợi một phút" in shown(answers[-1])


def test_an_example_follows_the_description() -> None:
    told = {
        "openapi": "3.1.0",
        "info": {"title": "a", "version": "1"},
        "paths": {},
        "components": {
            "schemas": {
                "Node": {
                    "type": "object",
                    "properties": {
                        "next": {"$ref": "#/components/schemas/Node"},
                        "day": {"type": "string", "format": "date"},
                        "code": {"type": "string", "minLength": 4, "maxLength": 6},
                        "count": {"type": ["null", "integer"], "minimum": 5},
                        "name": {"type": "string", "example": "Lành"},
                        "kind": {"allOf": [{"type": "object", "properties": {"a": {"const": 7}}}]},
                    },
                }
            }
        },
    }
    made = trying._Making(told).of({"$ref": "#/components/schemas/Node"}, 0)
    assert {name: made[name] for name in ("day", "count", "name", "kind")} == {
        "day": "2026-01-31",
        "count": 5,
        "name": "Lành",
        "kind": {"a": 7},
    }
    assert 4 <= len(made["code"]) <= 6
    assert len(json.dumps(made)) < 5_000, "what goes round in circles ends"
    wide = {"type": "object", "properties": {f"p{n}": {"type": "array", "items": {"$ref": "#/w"}} for n in range(50)}}
    assert len(json.dumps(trying._Making({"w": wide}).of(wide, 0))) < 100_000
