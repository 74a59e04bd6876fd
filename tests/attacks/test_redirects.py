"""Where a code goes: to the registered address, and for a minute."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.idp.oidc.models import Token
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from hienluong.foundation.sso import addresses
from tests.factories import make_account
from tests.foundation.sso.system import BACK, Flow, registered

TRICKS = (
    f"{BACK}/",
    f"{BACK}//",
    f"{BACK}?",
    f"{BACK}#",
    f"{BACK}%2f..%2fke",
    f"{BACK}/..;/ke",
    f"{BACK}%00",
    f"{BACK} ",
    f" {BACK}",
    f"{BACK}\t",
    f"{BACK}%0d%0aX: y",
    BACK.upper(),
    BACK.replace("https", "http"),
    BACK.replace("https:", "HTTPS:"),
    BACK.replace(".example", ".example."),
    BACK.replace(".example", ".example:443"),
    BACK.replace(".example", ".example@ke-gian.example"),
    BACK.replace("https://", "https://ke-gian.example/"),
    BACK.replace("https://", "https://ke-gian.example#@"),
    BACK.replace("https://", "https://ke-gian.example?"),
    BACK.replace("https://", "https:\\\\ke-gian.example\\"),
    BACK.replace("https://", "//"),
    BACK.replace("he-thong", "he-thong․ke"),
    BACK.replace("he-thong", "ｈe-thong"),
    "data:text/html,x",
    "javascript://he-thong.example/quay-lai%0aalert(1)",
)
LOCAL = "http://127.0.0.1/ve"
LOCAL_TRICKS = (
    "http://127.0.0.1.ke-gian.example/ve",
    "http://127.0.0.1@ke-gian.example/ve",
    "http://127.0.0.1:80@ke-gian.example/ve",
    "http://[::1]@ke-gian.example/ve",
    "http://localhost/ve",
    "http://127.0.0.2/ve",
    "http://127.1/ve",
    "http://127.0.0.1:99999/ve",
    "http://127.0.0.1:8080/ve/../ke",
    "https://127.0.0.1/ve",
    "http://127.0.0.1:8080/ve?x=1",
    "http://127.0.0.1:8080\\@ke-gian.example/ve",
)


@settings(max_examples=50)
@given(
    asked=st.one_of(
        st.sampled_from([*TRICKS, *LOCAL_TRICKS, BACK, LOCAL, "http://127.0.0.1:5000/ve"]),
        st.builds(lambda at, sign: BACK[:at] + sign + BACK[at:], st.integers(0, len(BACK)), st.text(max_size=2)),
        st.builds("http://127.0.0.1:{}/ve".format, st.integers(0, 70_000)),
    )
)
def test_nothing_but_what_is_registered_is_an_address_of_a_system(asked: str) -> None:
    allowed = addresses.allowed(asked, [BACK, LOCAL])
    if asked in (BACK, LOCAL):
        assert allowed
    elif allowed:
        parts = urlsplit(asked)
        assert (parts.scheme, parts.hostname, parts.path, parts.query) == ("http", "127.0.0.1", "/ve", "")
        assert parts.username is None
        assert asked == f"http://127.0.0.1:{asked.split(':')[2].split('/')[0]}/ve"


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_is_an_address(trick: str) -> None:
    assert not addresses.allowed(trick, [BACK])


@pytest.mark.parametrize("trick", LOCAL_TRICKS)
def test_no_trick_is_this_machine(trick: str) -> None:
    assert not addresses.allowed(trick, [LOCAL])


@pytest.fixture
def flow(db: None) -> Flow:
    browser = Client()
    browser.force_login(make_account("binh"))
    return Flow(*registered(), browser)


def test_an_address_that_is_sent_twice_or_left_out_gets_nothing(flow: Flow) -> None:
    query = "&".join(f"{name}={value}" for name, value in flow.params.items())
    for more in ("&redirect_uri=https://ke-gian.example/", f"&redirect_uri={BACK}"):
        answer = flow.browser.get(f"/sso/dang-nhap?{query}{more}", secure=True)
        assert "ke-gian" not in answer.get("Location", ""), answer["Location"]
    for trick in (*TRICKS[:6], *TRICKS[14:20]):
        answer = flow.ask(redirect_uri=trick)
        assert answer.status_code == 400, trick
        assert not answer.has_header("Location")
    assert "ke-gian" not in flow.ask(prompt="none", redirect_uri="https://ke-gian.example/").get("Location", "")


def test_a_code_is_over_after_a_minute(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    code = flow.code()
    held = Token.objects.get(type=Token.Type.AUTHORIZATION_CODE)
    assert held.expires_at <= timezone.now() + timedelta(seconds=61)
    Token.objects.filter(pk=held.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    answer: Any = flow.exchange(code)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
