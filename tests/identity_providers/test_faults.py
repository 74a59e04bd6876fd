"""Our relying party against npm ``oidc-provider``: honest it signs in; each lie of it signs nobody in, and says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from hienluong.foundation.audit.models import Entry
from hienluong.foundation.eid import wire
from hienluong.foundation.eid.models import Link
from hienluong.foundation.identity.models import Account
from tests.factories import make_org
from tests.foundation.eid.provider import browser, come_back, go, is_in, using
from tests.identity_providers.node import NodeProvider

pytestmark = [pytest.mark.django_db, pytest.mark.once]
#: What the provider lies about, and what is said.
LIES = {
    "nonce": "eid.nonce",
    "no-nonce": "eid.nonce",
    "issuer": "eid.issuer",
    "audience": "eid.audience",
    "two-audiences": "eid.audience",
    "other-party": "eid.audience",
    "none": "eid.algorithm",
    "shared-secret": "eid.algorithm",
    "expired": "eid.expired",
    "old": "eid.expired",
    "no-expiry": "eid.expired",
    "future": "eid.not_yet",
    "unknown-key": "eid.unknown_key",
    "other-key": "eid.signature",
    "signature": "eid.signature",
    "access-token": "eid.no_token",
    "no-token": "eid.no_token",
    "subject": "eid.subject",
}


@pytest.fixture(scope="module")
def _node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProvider]:
    node = NodeProvider(tmp_path_factory.mktemp("node"))
    yield node
    node.stop()


@pytest.fixture
def node(_node: NodeProvider, settings: Any) -> NodeProvider:
    wire.forget()
    using(settings, _node.configured())
    make_org(kind="province")
    _node.tell(fault="")
    return _node


def nobody_is_in(client: Client, answer: Any, code: str) -> None:
    page = answer.content.decode()
    assert (answer.status_code, code in page) == (403, True), page
    assert "Chưa xác thực được bằng oidc-provider" in page
    assert "Chưa ai được đăng nhập." in page
    assert not is_in(client)
    assert not Account.objects.exists()
    written = Entry.objects.filter(verb="eid.refuse").latest("seq")
    assert (f"eid.{written.after['reason']}", written.actor_label) == (code, "oidc-provider")


def test_an_honest_provider_signs_in_and_again_after_it_changed_its_key(node: NodeProvider) -> None:
    client = browser()
    back = node.through(go(client, "node", next="/tai-khoan/bao-mat"))
    assert come_back(client, back).status_code == 302
    assert is_in(client)
    assert Link.objects.get().level == 2
    before = node.tell(fault="rotated")
    client = browser()
    assert come_back(client, node.through(go(client, "node"))).status_code == 302
    assert is_in(client)
    assert node.tell(fault="") == before + 1


def test_each_lie_is_refused_with_a_page_that_says_why(node: NodeProvider) -> None:
    for lie, code in LIES.items():
        wire.forget()
        node.tell(fault=lie)
        client = browser()
        back = node.through(go(client, "node", next="/ho-so"))
        answer = come_back(client, back)
        nobody_is_in(client, answer, code)
        assert "/dang-nhap/dinh-danh/node?next=%2Fho-so" in answer.content.decode()
    assert Entry.objects.filter(verb="eid.refuse").count() == len(LIES)


def test_an_unknown_key_lets_the_keys_be_read_once_more_and_not_again_at_once(node: NodeProvider) -> None:
    before = node.tell(fault="unknown-key")
    for _time in range(3):
        client = browser()
        nobody_is_in(client, come_back(client, node.through(go(client, "node"))), "eid.unknown_key")
    assert node.tell(fault="") == before + 2  # at first, and once more


def test_what_comes_back_is_taken_once_in_the_browser_and_for_the_sign_in_it_was_made_for(
    node: NodeProvider, settings: Any
) -> None:
    thief, victim = browser(), browser()
    of_thief, of_victim = node.through(go(thief, "node")), node.through(go(victim, "node"))
    nobody_is_in(victim, come_back(victim, of_thief), "eid.unknown_state")  # somebody else's sign-in, sent as a link
    state = dict(part.split("=", 1) for part in of_victim.partition("?")[2].split("&"))["state"]
    nobody_is_in(
        victim, come_back(victim, of_thief, state=state), "eid.code_refused"
    )  # a code put under one's own state
    for changes in ({"iss": "https://noi-khac.example"}, {"iss": ""}):
        client = browser()
        back = node.through(go(client, "node"))
        nobody_is_in(client, come_back(client, back, **changes), "eid.issuer")
    using(settings, node.configured(), node.configured(key="khac"))
    client = browser()
    back = node.through(go(client, "node")).replace("/node/", "/khac/")  # the answer of one taken to another
    nobody_is_in(client, come_back(client, back), "eid.unknown_state")
    client = browser()
    back = node.through(go(client, "node"))
    assert come_back(client, back).status_code == 302
    Account.objects.update(is_active=False)  # so that nobody is signed in afterwards whatever happens
    again = browser()
    address = node.through(go(again, "node"))
    used = dict(part.split("=", 1) for part in back.partition("?")[2].split("&"))["code"]
    answer = come_back(again, address, code=used)
    assert "eid.code_refused" in answer.content.decode()
    answer = come_back(client, back)
    assert "eid.unknown_state" in answer.content.decode()
    assert not is_in(again)
