"""What a sign-in asks the database stays quick with half a million accounts: every question goes by an index."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hienluong.foundation.identity.models import Suspension
from hienluong.foundation.merging.models import Merge
from tests.factories import make_account, make_citizen, make_enterprise, make_official, make_org, make_roles

from .system import Flow, registered

pytestmark = pytest.mark.django_db
PASSWORD = "mat-khau-rat-dai-45"
#: Tables that grow with the people and with what they do; the others have a row a system, a role, a key, or are asked
#: for their last entry alone (audit).
GROWING = {
    *("allauth_idp_oidc_token", "django_session", "identity_account", "identity_ratewindow", "identity_rolegrant"),
    *(
        "identity_signinattempt",
        "mfa_authenticator",
        "merging_merge",
        "identity_suspension",
        "organisations_delegation",
        "organisations_official",
    ),
    *("organisations_position", "people_party", "people_representation", "signin_knownbrowser", "sso_consent"),
    *("sso_pushedrequest", "sso_spenttoken", "sso_subject", "sso_visit", "usersessions_usersession"),
}
OUTER_ORDER = re.compile(r" ORDER BY [^()]+$")


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "Scan" in node["Node Type"]:
        yield node
    for below in node.get("Plans", ()):
        yield from scans(below)


@pytest.mark.parametrize("who", ["citizen", "official"])
def test_every_question_of_a_sign_in_goes_by_an_index(who: str) -> None:
    make_roles()
    if who == "citizen":
        account = make_account("binh", party=make_citizen(), password=PASSWORD)
        make_enterprise(representative=account.party)
    else:
        official = make_official(role="clerk", org=make_org(kind="province"))
        account = make_account("binh", official=official, password=PASSWORD)
        post = official.positions.get()
        Suspension.objects.create(position=post, reason="Nghỉ", since=timezone.now(), lifted_at=timezone.now())
    system, secret = registered(scopes=["profile", "organisation", "represent", "offline_access"])
    browser = Client()
    flow = Flow(system, secret, browser, scope="openid profile organisation represent offline_access")
    browser.force_login(account)
    flow.code()  # consents
    browser = flow.browser = Client()
    with CaptureQueriesContext(connection) as captured:
        browser.post("/dang-nhap", {"username": "binh", "password": PASSWORD}, secure=True)
        tokens = flow.tokens()
        flow.refresh(tokens["refresh_token"])
        bearer = Client(headers={"authorization": f"Bearer {tokens['access_token']}"})
        bearer.get("/sso/nguoi-dung", secure=True)
    asked = [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "UPDATE", "DELETE"))]
    seen, slow = set(), []
    # A table without a page has no rows to the planner, whatever it is told.
    Authenticator.objects.create(user=account, type=Authenticator.Type.RECOVERY_CODES, data={})
    Merge.objects.create(
        kept=account, gone=make_account("mat", party=make_citizen()), by=account, undo_until=timezone.now()
    )
    with connection.cursor() as cursor:
        # The tables are all but empty here. Asked for is what the planner does with a million rows in each: it reckons
        # with the rows a page that it was told, times the pages there are. How many rows a person has it cannot know:
        # what it would choose for want of that, reading a table from its start or in the order asked for, is kept off.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "UPDATE pg_class SET reltuples = 1000000, relpages = 1, relallvisible = 0 WHERE relname = ANY(%s)",
            [sorted(GROWING)],
        )
        assert cursor.rowcount == len(GROWING)
        for sql in asked:
            cursor.execute(f"EXPLAIN (FORMAT JSON) {OUTER_ORDER.sub('', sql)}")
            plan = cursor.fetchone()[0]
            for scan in scans((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]):
                table = scan.get("Relation Name", "")
                seen.add(table)
                by_index = scan.get("Index Cond") or scan.get("Recheck Cond")
                if table in GROWING and not by_index:
                    slow.append((scan["Node Type"], table, sql[:300]))
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND pg_relation_size(oid) = 0",
            [sorted(seen & GROWING)],
        )
        assert cursor.fetchall() == []
    assert slow == []
    assert {"identity_account", "allauth_idp_oidc_token", "sso_subject", "sso_consent", "django_session"} <= seen
    assert len(asked) < 60, "a sign-in asks little"
