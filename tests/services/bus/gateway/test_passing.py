"""Calls through a real gateway: who passes, with what, and how the others are told."""

from __future__ import annotations

import dataclasses
import http.client
import socket
import threading
import time
from pathlib import Path

import pytest

from hienluong.services.bus.gateway import accesslog, handover
from hienluong.services.bus.gateway.snapshot import Breaker, Canary
from tests.services.bus.gateway.running import AGREEMENT, CLIENT, Key, Provider, Running, grant, reading, service


def test_a_call_under_an_agreement_reaches_the_provider_with_our_headers_only(gateway: Running) -> None:
    gateway.publish(service(f"{gateway.provider.url}/api/v2"))
    answer = gateway.call(
        path="/lgsp/dan-cu/v1/nguoi/001?lay=ten",
        headers={
            "X-Client-Id": "so-y-te",
            "X-Forwarded-For": "10.1.1.1",
            "X-Forwarded-Host": "evil.example",
            "X-Forwarded-Client-Cert": "Hash=00",
            "X-Envoy-Upstream-Rq-Timeout-Ms": "1",
            "X-Envoy-Original-Path": "/x",
            "X-Original-URL": "/quan-tri",
            "X-HTTP-Method-Override": "DELETE",
            "X-Bus-Route": "a|1|b|c",
            "X-Gateway-Secret": handover.secret(gateway.folder),
            "X-Request-Id": "told-by-the-caller",
            "Cookie": "sessionid=1",
            "Forwarded": "for=10.1.1.1",
        },
    )
    assert answer.status == 200, answer.body
    assert answer.headers["server"] == "hienluong"
    assert not {name for name in answer.headers if name.startswith("x-envoy") or name == "x-powered-by"}
    (seen,) = gateway.provider.seen
    assert (seen.method, seen.path) == ("GET", "/api/v2/nguoi/001?lay=ten")
    assert seen.headers["host"] == gateway.provider.url.removeprefix("http://")
    assert (seen.headers["x-client-id"], seen.headers["x-agreement"]) == (CLIENT, AGREEMENT)
    assert len(seen.headers["x-request-id"]) == 36
    assert set(seen.headers) == {
        "host",
        "accept-encoding",
        "x-client-id",
        "x-agreement",
        "x-purpose",
        "x-forwarded-proto",
        "x-request-id",
    }


def test_only_our_own_web_gets_the_token(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url, forward_token=True))
    assert gateway.call(token=(token := gateway.key.token())).status == 200
    assert gateway.provider.seen[0].headers["authorization"] == f"Bearer {token}"


def test_without_a_good_token_nothing_passes(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url))
    good = gateway.key.token()
    head, body, _signature = good.split(".")
    for token in (
        None,
        gateway.key.token(lives=-300),
        gateway.key.token(aud="https://tinh-khac.example.vn"),
        gateway.key.token(iss="https://tinh-khac.example.vn"),
        gateway.key.token(aud="so-tu-phap"),  # an identity token of its own
        Key(gateway.key.kid).token(),
        f"{head}.{body}.",
        f"eyJhbGciOiJub25lIn0.{body}.",
        "x",
    ):
        answer = gateway.call(token=token)
        assert (answer.status, answer.json["code"]) == (401, "gateway.token"), token
        assert answer.headers["content-type"] == "application/problem+json"
    assert gateway.call(token=None).json["title"].startswith("Cần mã truy cập")
    assert gateway.call(token=None, headers={"Accept-Language": "en"}).json["title"].startswith("A valid access token")
    assert not gateway.provider.seen


def test_without_an_agreement_nothing_passes(gateway: Running) -> None:
    mine = reading(grant(), grant("TT-2", "so-y-te"), grant("TT-3", CLIENT, addresses=["10.0.0.0/8", "2001:db8::/32"]))
    gateway.publish(service(gateway.provider.url, mine, reading(grant("TT-4"), template="/ho/{so}", name="ho")))
    here = grant("TT-5", addresses=["192.0.2.0/24", "127.0.0.0/8"])
    for answer in (
        gateway.call(agreement="TT-9"),
        gateway.call(agreement="TT-2"),  # somebody else's
        gateway.call(agreement="TT-1,TT-2"),
        gateway.call(agreement=""),
        gateway.call("POST", body=b"{}"),
        gateway.call(path="/lgsp/dan-cu/v1/ho/1"),
        gateway.call(path="/lgsp/dan-cu/v2/nguoi/001"),
        gateway.call(path="/"),
        gateway.call(token=gateway.key.token("so-y-te")),
        gateway.call(agreement="TT-3", headers={"X-Forwarded-For": "10.0.0.1"}),  # not from there
    ):
        assert answer.status == 403, answer.body
        assert answer.json["code"] == "gateway.no_agreement"
    assert not gateway.provider.seen
    assert gateway.call(agreement="TT-4", path="/lgsp/dan-cu/v1/ho/1").status == 200
    gateway.publish(service(gateway.provider.url, reading(here)))
    assert gateway.call(agreement="TT-5").status == 200


def test_what_the_mediator_has_to_see_passes_it_and_nothing_without_it(gateway: Running) -> None:
    cut, plain = reading(grant(fields=["ten"])), reading(template="/ho/{so}", name="ho")
    services = [service(f"{gateway.provider.url}/api/v2", cut, plain)]
    gateway.publish(*services)
    for language, words in (("vi", "Bộ trung gian"), ("en-GB", "The mediator")):
        for _ in range(12):  # one that was away long enough for others to be left alone
            refused = gateway.call(headers={"Accept-Language": language})
        assert (refused.status, refused.json["code"]) == (503, "gateway.no_mediator")
        assert refused.json["title"].startswith(words)
        assert refused.headers["content-type"] == "application/problem+json"
        assert int(refused.headers["retry-after"]) > 0
    assert gateway.call(path="/lgsp/dan-cu/v1/ho/1").status == 200
    (past,) = gateway.provider.seen
    assert handover.SECRET not in past.headers
    mediator = Provider("mediator")
    try:
        gateway.publish(*services, mediator=mediator.url.removeprefix("http://"))
        spoofed = {"X-Gateway-Secret": "guessed", "X-Bus-Route": "khac|1|get|TT-9", "Host": "lgsp.tinh.example.vn"}
        assert gateway.call(path="/lgsp/dan-cu/v1/nguoi/001?lay=ten", headers=spoofed).json == {"by": "mediator"}
        (seen,) = mediator.seen
        assert seen.path == "/lgsp/dan-cu/v1/nguoi/001?lay=ten"  # as it came, with what it is
        assert seen.headers[handover.SECRET] == handover.secret(gateway.folder)
        assert seen.headers[handover.ROUTE] == accesslog.route_name("dan-cu", 1, "get", AGREEMENT)
        assert seen.headers["host"] == "lgsp.tinh.example.vn"
        assert seen.headers[handover.CLIENT] == CLIENT
        assert "authorization" not in seen.headers
    finally:
        mediator.stop()
    kept = [gateway.folder / "mediator.secret", *gateway.folder.glob("routes.json")]
    assert all(file.stat().st_mode & 0o077 == 0 for file in kept)


def test_only_a_proxy_of_ours_says_where_a_call_comes_from(tmp_path: Path) -> None:
    """The proxy is this machine in the first, some other machine in the second."""
    for proxies, told, status in (
        (("127.0.0.0/8",), "10.9.9.9, 192.0.2.7", 200),
        (("127.0.0.0/8",), "192.0.2.7, 10.9.9.9", 403),
        (("203.0.113.0/24",), "192.0.2.7", 403),
    ):
        own = Running(tmp_path / f"{told}{proxies[0][:3]}", options={"proxies": proxies}).start()
        try:
            own.publish(service(own.provider.url, reading(grant(addresses=["192.0.2.0/24"]))))
            answer = own.call(headers={"X-Forwarded-For": told, "X-Forwarded-Client-Cert": "Hash=00"})
            assert answer.status == status, (proxies, told, answer.body)
            assert all("x-forwarded-client-cert" not in seen.headers for seen in own.provider.seen)
        finally:
            own.stop()
            own.provider.stop()


def test_the_purpose_is_asked_for(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url))
    for purpose in (None, "", "x" * 201):
        answer = gateway.call(purpose=purpose)
        assert (answer.status, answer.json["code"], answer.json["status"]) == (400, "gateway.purpose", 400), purpose
    assert not gateway.provider.seen
    assert gateway.call(purpose="ế" * 200).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/lgsp/dan-cu/v1/nguoi/%2e%2e/quan-tri",
        "/lgsp/dan-cu/v1/nguoi/..;/quan-tri",
        "/lgsp/dan-cu/v1/nguoi/..",
        "/lgsp/dan-cu/v1/nguoi/001%2f..%2fquan-tri",
        "/lgsp/dan-cu/v1/nguoi/001%5cquan-tri",
        "/lgsp/dan-cu/v1/nguoi/%252e%252e",
        "/lgsp/dan-cu/v1/nguoi/001%252fx",
        "/lgsp/dan-cu/v1/nguoi/001%00",
        "/lgsp/dan-cu/v1/nguoi/001;x=1",
        "/lgsp/dan-cu/v1/nguoi/001%3bx",
        "/lgsp/dan-cu/v1/nguoi/001/",
        "/lgsp/dan-cu/v1/nguoi/001/x",
        "/lgsp/dan-cu/v1/nguoi/",
        "/lgsp/dan-cu/v1/nguoi/001%0d%0aX-Client-Id:%20a",
        "/lgsp/dan-cu/v1/nguoi/001\\x",
        "/LGSP/dan-cu/v1/nguoi/001",
        "/lgsp/DAN-CU/v1/nguoi/001",
        "/lgsp/dan-cu/V1/nguoi/001",
        "/lgsp/dan-cu/v1/Nguoi/001",
        "/lgsp/dan-cu/v1/nguoi/001//",
        "/lgsp/dan-cu/v1/nguoi/001#x",
        "/lgsp/dan-cu/v1/ho/../nguoi/001",
        "/lgsp/dan-cu/v1/./nguoi/001",
        "/lgsp//dan-cu/v1/nguoi/001",
        "//lgsp/dan-cu/v1/nguoi/001",
        "/lgsp/dan-cu/v1/%6eguoi/001",
    ],
)
def test_tricks_with_the_path_reach_nobody(gateway: Running, path: str) -> None:
    gateway.publish(service(gateway.provider.url))
    said = gateway.raw(f"GET {path} HTTP/1.1\nConnection: close\n@\n\n")
    assert said.split(" ")[1] in ("400", "403"), said
    assert not gateway.provider.seen


def test_a_parameter_may_be_escaped_and_reaches_the_provider_so(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url))
    said = gateway.raw("GET /lgsp/dan-cu/v1/nguoi/%30%30%31 HTTP/1.1\nConnection: close\n@\n\n")
    assert said.split(" ")[1] == "200", said
    assert [seen.path for seen in gateway.provider.seen] == ["/nguoi/%30%30%31"]


@pytest.mark.parametrize(
    "text",
    [
        "POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nContent-Length: 4\nTransfer-Encoding: chunked\n\n0\n\n",
        "POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nContent-Length: 4\nContent-Length: 5\n\nabcd",
        "POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nTransfer-Encoding: xchunked\n\n0\n\n",
        "POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nTransfer-Encoding: chunked\nTransfer-Encoding: identity\n\n0\n\n",
        "POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nTransfer-Encoding : chunked\n\n0\n\n",
        "POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nContent-Length: +4\n\nabcd",
        "POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nContent-Length: 4\nX-Client_Id: a\n\nabcd",
        "POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nContent-Length: 4\nX-A: b\x00c\n\nabcd",
        "GET /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nX-Agreement: TT-2\nConnection: close\n\n",
        "GET /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nX-Agreement: TT-1\nConnection: close\n\n",
        "GET /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\nx-agreement: TT-2\n@\nConnection: close\n\n",
        "GET /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nAuthorization: Bearer x\nConnection: close\n\n",
        "GET http://127.0.0.1:1/lgsp/dan-cu/v1/nguoi/../../../../x HTTP/1.1\n@\nConnection: close\n\n",
        "GET /lgsp/dan-cu/v1/nguoi/1 HTTP/0.9\n@\n\n",
        "CONNECT 127.0.0.1:22 HTTP/1.1\n@\n\n",
        "TRACE /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\n\n",
        "GET /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nUpgrade: websocket\nConnection: Upgrade\n\n",
    ],
)
def test_requests_of_two_meanings_reach_nobody(gateway: Running, text: str) -> None:
    both = [reading(), reading(method="POST", name="post")]
    gateway.publish(service(gateway.provider.url, *both))
    said = gateway.raw(text, wait=2.5)
    if said:
        assert said.split(" ")[1] in ("400", "401", "403", "426", "501"), said
    assert not gateway.provider.seen
    assert gateway.call().status == 200


def test_nobody_changes_the_protocol_behind_us(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url))
    asked = "Upgrade: h2c\nConnection: Upgrade, HTTP2-Settings, X-Agreement\nHTTP2-Settings: AA"
    gateway.raw(f"GET /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\n{asked}\n\n", wait=1)
    for seen in gateway.provider.seen:
        assert not {"upgrade", "http2-settings", "connection"} & set(seen.headers)
        assert seen.headers["x-agreement"] == AGREEMENT


def test_a_body_is_as_large_as_was_agreed(gateway: Running) -> None:
    small = reading(method="POST", name="small", template="/nho", max_body=1000)
    large = reading(method="POST", name="large", template="/lon", max_body=6_000_000)
    gateway.publish(service(gateway.provider.url, small, large))
    assert gateway.call("POST", "/lgsp/dan-cu/v1/nho", body=b"x" * 1000).status == 200
    answer = gateway.call("POST", "/lgsp/dan-cu/v1/nho", body=b"x" * 1001)
    assert (answer.status, answer.json["code"]) == (413, "gateway.too_large")
    chunks = "3e8\n" + "x" * 1000 + "\n3e8\n" + "x" * 1000 + "\n0\n\n"
    said = gateway.raw(f"POST /lgsp/dan-cu/v1/nho HTTP/1.1\n@\nTransfer-Encoding: chunked\n\n{chunks}")
    assert said.split(" ")[1] == "413", said
    assert gateway.call("POST", "/lgsp/dan-cu/v1/lon", body=b"x" * 6_000_000).status == 200
    for told in ("Content-Length: 6000001\n\nxx", f"Transfer-Encoding: chunked\n\n{chunks}"):
        said = gateway.raw(f"POST /lgsp/dan-cu/v1/lon HTTP/1.1\n@\n{told}")
        assert said.split(" ")[1] == "413", said
        assert "gateway.too_large" in said
    said = gateway.raw("POST /lgsp/dan-cu/v1/lon HTTP/1.1\nHost: x\nContent-Length: 6000001\n\nxx")
    assert said.split(" ")[1] == "401", said
    assert [len(seen.body) for seen in gateway.provider.seen] == [1000, 6_000_000]
    assert gateway.call(headers={"X-Long": "x" * 40_000}).json["code"] == "gateway.headers_too_large"
    assert gateway.call(headers={f"X-{number}": "x" for number in range(80)}).status == 431


def test_who_is_slow_holds_no_provider(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url, reading(method="POST", name="post")))
    started = time.monotonic()
    said = gateway.raw("POST /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nContent-Length: 4\n\na", wait=10)
    assert said.split(" ")[1] == "408", said
    assert "gateway.slow_request" in said
    assert 1 < time.monotonic() - started < 5
    assert not gateway.provider.seen


def test_each_client_has_the_calls_of_its_agreement(gateway: Running) -> None:
    shared = grant("TT-7", CLIENT, "so-y-te", per_minute=3)
    other = reading(grant("TT-7", CLIENT, "so-y-te", per_minute=3), template="/ho/{so}", name="ho")
    elsewhere = reading(grant("TT-8", per_minute=50), name="x", template="/x/{a}")
    gateway.publish(service(gateway.provider.url, reading(shared), other, elsewhere))
    assert [gateway.call(agreement="TT-7").status for _ in range(2)] == [200, 200]
    assert gateway.call(agreement="TT-7", path="/lgsp/dan-cu/v1/ho/1").status == 200  # of the same three
    refused = gateway.call(agreement="TT-7")
    assert (refused.status, refused.json["code"]) == (429, "gateway.quota")
    assert int(refused.headers["retry-after"]) > 0
    assert gateway.call(agreement="TT-7", token=gateway.key.token("so-y-te")).status == 200
    # A change elsewhere gives nobody new calls, nor does a limit that nobody has any more, and one that comes back.
    for more in ([], [elsewhere], [reading(grant("TT-9", per_minute=50), name="y", template="/y/{a}")]):
        gateway.publish(service(gateway.provider.url, reading(shared), other, *more))
        assert gateway.call(agreement="TT-7").status == 429
    known = gateway.limits()
    gateway.publish(service(gateway.provider.url, reading(*(grant(f"T-{n}", per_minute=100 + n) for n in range(20)))))
    assert {3, 50} <= set(known)
    assert gateway.limits() == sorted({*known, *range(100, 120)})
    gateway.publish(service(gateway.provider.url, reading(shared)))
    assert gateway.limits() == [3], "of very many that nobody has, none is kept"


def test_a_provider_that_fails_is_told_of_and_left_alone(gateway: Running) -> None:
    gateway.publish(
        service("http://127.0.0.1:1", code="away"),
        service(gateway.provider.url, reading(), reading(method="POST", name="post"), retries=2, timeout_s=0.5),
    )
    away = gateway.call(path="/lgsp/away/v1/nguoi/1")
    assert (away.status, away.json["code"]) == (503, "gateway.provider_unavailable")
    gateway.provider.status = lambda _seen: 503 if len(gateway.provider.seen) < 3 else 200
    assert gateway.call().status == 200
    assert len(gateway.provider.seen) == 3
    gateway.provider.seen.clear()
    gateway.provider.status = lambda _seen: 503
    assert gateway.call("POST", body=b"{}").status == 503
    assert len(gateway.provider.seen) == 1  # who changes something is not asked twice
    gateway.provider.status = lambda _seen: 200
    gateway.provider.delay = 1
    slow = gateway.call("POST", body=b"{}")
    assert (slow.status, slow.json["code"]) == (504, "gateway.provider_slow")


def test_no_more_calls_at_once_than_the_provider_takes(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url, breaker=Breaker(2, 1, 3)))
    gateway.provider.delay = 0.5
    statuses: list[int] = []
    callers = [threading.Thread(target=lambda: statuses.append(gateway.call().status)) for _ in range(10)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert set(statuses) == {200, 503}, statuses
    assert statuses.count(200) <= 4


def test_a_new_version_gets_its_part_and_a_shadow_its_copy(gateway: Running) -> None:
    new, shadow = Provider("new"), Provider("shadow")
    try:
        gateway.publish(service(gateway.provider.url, canary=Canary(f"{new.url}/moi", 50), mirror=shadow.url))
        for _ in range(40):
            assert gateway.call().status == 200
        assert len(gateway.provider.seen) + len(new.seen) == 40
        assert 5 < len(new.seen) < 35
        assert {seen.path for seen in new.seen} == {"/moi/nguoi/001"}
        assert 0 < len(shadow.seen) <= 40
        assert "authorization" not in shadow.seen[0].headers
        gateway.publish(service(gateway.provider.url, canary=Canary(new.url, 100)))
        new.seen.clear()
        assert gateway.call().json == {"by": "new"}
    finally:
        new.stop()
        shadow.stop()


def test_a_websocket_goes_through_where_it_is_declared(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url, websocket=True, timeout_s=0.3))
    asked = "GET /lgsp/dan-cu/v1/nguoi/1 HTTP/1.1\n@\nConnection: Upgrade\nUpgrade: websocket\n\n"
    good = f"Host: x\r\nAuthorization: Bearer {gateway.key.token()}\r\nX-Agreement: TT-1\r\nX-Purpose: thu"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=5) as line:
        line.sendall(asked.replace("\n", "\r\n").replace("@", good).encode())
        assert b" 101 " in line.recv(4096)
        time.sleep(2)  # longer than a call or a request may take
        line.sendall(b"xin chao")
        assert line.recv(4096) == b"echo:xin chao"
    refused = asked.replace("@", "Host: x")
    assert gateway.raw(refused).split(" ")[1] == "401"


def test_the_record_of_calls_has_no_personal_data(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url))
    gateway.call(path="/lgsp/dan-cu/v1/nguoi/044170000001?ten=Nguyen")
    gateway.call(agreement="TT-9", path="/lgsp/dan-cu/v1/nguoi/044170000002")
    gateway.call(token=None)
    time.sleep(1)
    kept = gateway.folder / "kept.jsonl"
    assert gateway.gateway.turn_over(kept)
    text = kept.read_text()
    assert "04417000000" not in text
    assert "Nguyen" not in text
    passed, refused, stranger = [accesslog.read(line) for line in text.splitlines()[-3:]]
    assert (passed.service, passed.major, passed.operation, passed.agreement) == ("dan-cu", 1, "get", AGREEMENT)
    assert (passed.client, passed.purpose, passed.status) == (CLIENT, "Giải quyết hồ sơ", 200)
    assert passed.sent == len(b'{"by": "provider"}')
    assert not passed.refused
    assert abs(passed.at.timestamp() - time.time()) < 20
    assert (refused.status, refused.claimed, refused.client, refused.refused) == (403, "TT-9", CLIENT, True)
    assert (stranger.status, stranger.client, stranger.refused) == (401, "", True)
    gateway.call()
    assert gateway.calls()[-1].status == 200  # into a new file


def test_words_of_a_path_come_before_its_parameters(gateway: Running) -> None:
    named = [reading(name="get"), reading(name="find", template="/nguoi/tim")]
    gateway.publish(service(gateway.provider.url, *named))
    gateway.call(path="/lgsp/dan-cu/v1/nguoi/tim")
    time.sleep(1)
    assert gateway.calls()[-1].operation == "find"


def test_words_of_one_operation_are_no_parameter_of_another(gateway: Running) -> None:
    """Who may read a person by number may not search, though the address of the search looks like a number."""
    by_number, search = reading(name="get"), reading(grant("TT-2"), name="find", template="/nguoi/tim")
    for found in (search, dataclasses.replace(search, grants=[])):
        gateway.publish(service(gateway.provider.url, by_number, found))
        assert gateway.call(path="/lgsp/dan-cu/v1/nguoi/tim").json["code"] == "gateway.no_agreement"
        assert gateway.call(path="/lgsp/dan-cu/v1/nguoi/timx").status == 200
        assert gateway.call(path="/lgsp/dan-cu/v1/nguoi/tim?q=1").status == 403
    assert [seen.path for seen in gateway.provider.seen] == ["/nguoi/timx"] * 2


def test_a_connection_serves_many_calls(gateway: Running) -> None:
    gateway.publish(service(gateway.provider.url))
    connection = http.client.HTTPConnection("127.0.0.1", gateway.port, timeout=5)
    headers = {"Authorization": f"Bearer {gateway.key.token()}", "X-Agreement": AGREEMENT, "X-Purpose": "thu"}
    for _ in range(3):
        connection.request("GET", "/lgsp/dan-cu/v1/nguoi/001", headers=headers)
        got = connection.getresponse()
        got.read()
        assert got.status == 200
    connection.close()


def test_the_longest_template_that_the_catalogue_takes_is_taken_here(gateway: Running) -> None:
    template = "".join(f"/{{{chr(97 + number % 26)}{number // 26 or ''}}}" for number in range(65))
    assert 290 < len(template) <= 300
    gateway.publish(service(gateway.provider.url, reading(template=template)))
    assert gateway.call(path="/lgsp/dan-cu/v1" + "/x" * 65).status == 200
    assert gateway.call(path="/lgsp/dan-cu/v1" + "/x" * 64).status == 403
    assert "lgsp.update_rejected: 0" in gateway.gateway.ask("GET", "/stats?filter=rds.*update_rejected")
