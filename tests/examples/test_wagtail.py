"""The Wagtail site of ``examples/`` lets in who holds a post in its organisation, and out who left it."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.actions import posts
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.sso.samples import FOLDER
from tests.factories import TESTER, make_account, make_official, make_org
from tests.foundation.sso.system import registered
from tests.relying_parties.person import PASSWORD, Person
from tests.relying_parties.running import free_port, running

from .test_examples import environment

pytestmark = [pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(province: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Organization]]:
    """The address of the site, and the organisation whose site it is."""
    own = connection.settings_dict
    server = {"host": own["HOST"], "port": str(own["PORT"]), "user": own["USER"], "password": own["PASSWORD"]}
    name = f"site_of_{own['NAME']}"
    port, org = free_port(), make_org()
    system, secret = registered(
        scopes=["profile", "organisation"],
        redirect_uris=["http://127.0.0.1/oidc/callback/"],
        logout_redirects=["http://127.0.0.1/"],
    )
    told = {
        **environment(province, system, secret),
        **{f"PG{key.upper()}": value for key, value in server.items()},
        "PGDATABASE": name,
        "ORGANISATION": org.code,
        "RENEW_SECONDS": "1",
    }
    for key, value in told.items():
        monkeypatch.setenv(key, value)
    with psycopg.connect(**server, dbname="postgres", autocommit=True) as made:
        made.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            command = [sys.executable, "-W", "ignore", str(FOLDER / "wagtail_site/news.py"), str(port)]
            with running(command, port, tmp_path / "site.log") as address:
                yield address, org
        finally:
            made.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def comes(person: Person, site: str, username: str) -> None:
    """Go to the editors' pages, sign in at the province, agree."""
    person.open(f"{site}/cms/")
    came = person.press("Đăng nhập", username=username, password=PASSWORD)
    assert "Đồng ý" in came.text


def test_an_editor_is_who_holds_a_post_in_the_organisation_today(
    site: tuple[str, Organization], person: Person, account: Account, province: str
) -> None:
    address, org = site
    assert person.open(f"{address}/").status_code == 200, "anybody reads"
    comes(person, address, account.username)
    with pytest.raises(AssertionError, match="Bạn không giữ chức vụ nào ở cơ quan này"):
        person.press("Đồng ý")

    writer = make_official("Lê Thị Biên Tập", role="officer", org=org)
    make_account("bientap", official=writer, password=PASSWORD)
    with Person(province) as editor:
        comes(editor, address, "bientap")
        desk = editor.press("Đồng ý")
        assert str(desk.url) == f"{address}/cms/"
        assert "Lê Thị Biên Tập" in desk.text
        form = editor.open(f"{address}/cms/pages/2/edit/").text
        assert "action-submit" in form
        assert "action-publish" not in form, "an officer asks for publishing"

        posts.end_position(TESTER, position=writer.positions.get(), on=timezone.localdate())
        until = time.monotonic() + 20
        while (page := editor.browser.get(f"{address}/cms/")).status_code == 200:
            assert time.monotonic() < until, "still in, though the site has asked the province again"
        assert "Bạn không giữ chức vụ nào ở cơ quan này" in page.text
        assert editor.browser.get(f"{address}/").status_code == 200, "and reads as anybody"

    make_account("truong", official=make_official("Trần Văn Trưởng", role="head", org=org), password=PASSWORD)
    with Person(province) as head:
        comes(head, address, "truong")
        head.press("Đồng ý")
        page = head.open(f"{address}/cms/pages/2/edit/").text
        assert "action-publish" in page
        assert '"/cms/logout/"' in page, "the button of Wagtail's menu"
        head.browser.post(f"{address}/cms/logout/", data={"csrfmiddlewaretoken": head.browser.cookies["news_csrf"]})
        assert not head.is_signed_in_at_the_province()
