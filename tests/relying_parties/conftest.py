"""Our provider over real HTTP, at an address that relying parties are told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from hienluong.foundation.identity.models import Account
from tests.factories import make_account, make_citizen
from tests.thorough import EVERYTHING

from .person import PASSWORD, Person

#: Each takes seconds, so a plain `make test` tries one of them; naming a file tries that one.
collect_ignore = (
    [] if EVERYTHING else ["test_django_packages.py", "test_oidc_client_ts_browser.py", "test_openid_client.py"]
)


@pytest.fixture
def province(transactional_db: None, settings: Any) -> Iterator[str]:
    """The address of our provider: a number, so that it is the same site as the relying parties of the test."""
    server = LiveServer("127.0.0.1")
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "127.0.0.1"]
    settings.BASE_URL = server.url
    settings.CSRF_TRUSTED_ORIGINS = [server.url]
    yield server.url
    server.stop()


@pytest.fixture
def account() -> Account:
    """A citizen who can sign in."""
    found = make_account("binh", party=make_citizen("Trần Thị Bình"), password=PASSWORD)
    found.email = "binh@thu.example"
    found.save()
    return found


@pytest.fixture
def person(province: str, account: Account) -> Iterator[Person]:
    """That citizen at a browser without scripts."""
    with Person(province) as someone:
        yield someone
