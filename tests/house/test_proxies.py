"""Whose request it is behind a proxy, and what a client cannot make us believe."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from hienluong.foundation.identity.throttle import TRIES_PER_ADDRESS
from hienluong.house import environment
from hienluong.house.children import Plan
from hienluong.house.proxies import ClientAddressMiddleware
from hienluong.house.state import StateFolder
from tests.house.running import environment as clean_environment

PROXY, CLIENT = "10.0.0.5", "113.160.1.2"


@pytest.fixture(autouse=True)
def _proxies(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIENLUONG_TRUSTED_PROXIES", f"{PROXY}, 192.168.7.0/24, fd00::/8")
    settings.TRUSTED_PROXIES = environment.trusted_proxies("http://x")
    settings.PROXY_HEADER = "x-forwarded-for"
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def seen(peer: str, **headers: str) -> HttpRequest:
    """The request as the product sees it."""
    request = RequestFactory().get("/", REMOTE_ADDR=peer, **headers)
    ClientAddressMiddleware(lambda request: HttpResponse())(request)
    return request


@pytest.mark.parametrize(
    ("chain", "client"),
    [
        (CLIENT, CLIENT),
        (f"1.2.3.4, {CLIENT}", CLIENT),  # the first was written by the client itself
        (f"{PROXY}, {CLIENT}", CLIENT),  # also when it names our proxy
        (f"{CLIENT}, 192.168.7.9", CLIENT),  # two proxies of ours in a row
        (f"{CLIENT}, rubbish", PROXY),
        (f"{CLIENT}, ", PROXY),
        ("", PROXY),
        (f"{CLIENT}:51234", CLIENT),
        ("[2405:4800::1]:443", "2405:4800::1"),
        ("2405:4800::1", "2405:4800::1"),
        (f"::ffff:{CLIENT}", CLIENT),
        ("192.168.7.8, 192.168.7.9", "192.168.7.8"),
    ],
)
def test_the_address_next_to_our_proxies_is_the_client(chain: str, client: str) -> None:
    assert seen(PROXY, HTTP_X_FORWARDED_FOR=chain).META["REMOTE_ADDR"] == client


def test_a_stranger_is_not_believed() -> None:
    said = {"HTTP_X_FORWARDED_FOR": "1.2.3.4", "HTTP_FORWARDED": "for=1.2.3.4;proto=https"}
    request = seen(CLIENT, **said, HTTP_X_FORWARDED_PROTO="https", HTTP_X_REAL_IP="1.2.3.4")
    assert request.META["REMOTE_ADDR"] == CLIENT
    assert not request.is_secure()
    assert not {"HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_FORWARDED_PROTO"} & set(request.META)


def test_a_header_that_our_proxy_does_not_write_counts_for_nothing() -> None:
    request = seen(PROXY, HTTP_X_FORWARDED_FOR=CLIENT, HTTP_FORWARDED="for=1.2.3.4")
    assert request.META["REMOTE_ADDR"] == CLIENT


@pytest.mark.parametrize(
    ("header", "client", "secure"),
    [
        (f"for={CLIENT};proto=https", CLIENT, True),
        (f'for="{CLIENT}:4711"; proto=https', CLIENT, True),
        (f"for=1.2.3.4;proto=https, for={CLIENT};proto=http", CLIENT, False),
        ('for="[2405:4800::1]:443";by=10.0.0.5;proto=https', "2405:4800::1", True),
        (f'for="1.2.3.4, for={CLIENT}', CLIENT, False),  # a quote left open by the client
        ('for="1.2.3.4, for="[2405:4800::1]"', PROXY, False),
        ("for=unknown", PROXY, False),
        ("for=_hidden, for=_other", PROXY, False),
        (";;;,,,===", PROXY, False),
        ("", PROXY, False),
    ],
)
def test_rfc_7239_is_read_when_the_proxy_writes_it(settings: Any, header: str, client: str, secure: bool) -> None:
    settings.PROXY_HEADER = "forwarded"
    request = seen(PROXY, HTTP_FORWARDED=header, HTTP_X_FORWARDED_FOR="9.9.9.9", HTTP_X_FORWARDED_PROTO="https")
    assert request.META["REMOTE_ADDR"] == client
    assert request.is_secure() is secure


@pytest.mark.django_db
def test_one_who_guesses_passwords_does_not_lock_out_the_others_behind_the_proxy() -> None:
    client = Client()

    def sign_in(address: str, n: int) -> str:
        data = {"username": f"ai-do-{n}", "password": f"sai-mat-khau-{n}"}
        answer = client.post("/dang-nhap", data, REMOTE_ADDR=PROXY, HTTP_X_FORWARDED_FOR=f"7.7.7.{n % 250}, {address}")
        return str(answer.status_code)

    for n in range(TRIES_PER_ADDRESS):
        assert sign_in("113.160.9.9", n) == "422"
    assert sign_in("113.160.9.9", 500) == "429"
    assert sign_in(CLIENT, 501) == "422"


@pytest.mark.parametrize("text", ["10.0.0.0/99", "proxy.example", "10.0.0.5;10.0.0.6"])
def test_a_wrong_list_of_proxies_names_its_setting(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HIENLUONG_TRUSTED_PROXIES", text)
    with pytest.raises(environment.BadSetting, match="HIENLUONG_TRUSTED_PROXIES"):
        environment.trusted_proxies("http://x")


def test_an_https_address_means_a_proxy_on_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HIENLUONG_TRUSTED_PROXIES")
    assert [str(network) for network in environment.trusted_proxies("https://x")] == ["127.0.0.0/8", "::1/128"]
    assert environment.trusted_proxies("http://x") == ()
    monkeypatch.setenv("HIENLUONG_TRUSTED_PROXIES", "")
    assert environment.trusted_proxies("https://x") == ()


ASK = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
client, said = Client(REMOTE_ADDR="127.0.0.1"), {}
for host in ("dichvucong.quangtri.example", "192.0.2.7", "la.example"):
    answer = client.get("/dang-nhap", HTTP_HOST=host, HTTP_X_FORWARDED_PROTO="https")
    said[host] = [answer.status_code, answer.get("Strict-Transport-Security", "")]
print(json.dumps(said))
"""


@pytest.mark.django_db
def test_an_https_installation_answers_its_own_name_and_asks_for_https(tmp_path: Path, settings: Any) -> None:
    from django.db import connection

    url = settings.DATABASES["default"]
    database = f"postgresql://{url['USER']}@{url['HOST'] or ''}:{url['PORT']}/{connection.settings_dict['NAME']}"
    if url["HOST"].startswith("/"):
        database = f"postgresql://{url['USER']}@/{connection.settings_dict['NAME']}?host={url['HOST']}"
    env = clean_environment(
        DJANGO_SETTINGS_MODULE="hienluong.house.settings",
        HIENLUONG_STATE=str(tmp_path),
        HIENLUONG_URL="https://dichvucong.quangtri.example",
        HIENLUONG_HOSTS="192.0.2.7",
        DATABASE_URL=database,
        HIENLUONG_LOG="ERROR",
    )
    env.pop("HIENLUONG_TRUSTED_PROXIES", None)
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", ASK], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["la.example"][0] == 400
    for host in ("dichvucong.quangtri.example", "192.0.2.7"):
        assert said[host] == [200, "max-age=31536000"]


def test_listening_on_every_address_answers_to_the_names_of_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HIENLUONG_URL", "HIENLUONG_HOSTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("hienluong.house.children.own_names", lambda: ["192.0.2.7", "[2001:db8::7]", "may-tinh"])
    plan = Plan(StateFolder(tmp_path), host="0.0.0.0", port=8000)
    monkeypatch.setenv("HIENLUONG_HOSTS", plan.environment()["HIENLUONG_HOSTS"])
    assert plan.url == "http://192.0.2.7:8000"
    assert environment.allowed_hosts(plan.url) == ["192.0.2.7", "[2001:db8::7]", "may-tinh", *environment.LOCAL]
