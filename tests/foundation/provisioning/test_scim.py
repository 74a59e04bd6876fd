"""SCIM 2.0 as a system for human resources speaks it: raw HTTP, with the errors RFC 7644 names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Token
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.provisioning.models import Directory, Invitation
from hienluong.foundation.provisioning.scim import directories, stamps
from hienluong.foundation.sso import actions as sso
from hienluong.foundation.sso.models import System
from tests.clock import Clock
from tests.factories import TESTER, actor_for_role, make_account, make_citizen, make_official
from tests.foundation.administrators import browser_of
from tests.foundation.sso.system import basic, registered

pytestmark = pytest.mark.django_db
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
POSTS = "urn:hienluong:params:scim:schemas:extension:posts:1.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@dataclass
class Hr:
    """A system for human resources with its token."""

    system: System
    client: Client

    def ask(self, method: str, path: str, data: Any = None, **headers: str) -> Any:
        return self.client.generic(
            method.upper(),
            f"/scim/v2/{path}",
            data if isinstance(data, bytes | str) else _json(data),
            content_type="application/scim+json",
            secure=True,
            headers=headers,
        )


def _json(data: Any) -> str:
    import json

    return "" if data is None else json.dumps(data)


def token_of(system: System, secret: str, scope: str = "scim") -> Any:
    form = {"grant_type": "client_credentials", "scope": scope}
    return Client(headers={"authorization": basic(system.client_id, secret)}).post("/sso/ma", form, secure=True)


@pytest.fixture
def hr(mine: Organization) -> Hr:
    system, secret = registered(owner=mine, scopes=["scim"], redirect_uris=[], for_itself=True, name="Nhân sự")
    directories.open_directory(TESTER, system=system, organizations=[mine], reason="Quyết định")
    answer = token_of(system, secret)
    assert answer.status_code == 200, answer.content
    token = answer.json()["access_token"]
    return Hr(system, Client(headers={"authorization": f"Bearer {token}"}))


def person(org: Organization, number: int = 1, more: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    return {
        "schemas": [USER, ENTERPRISE, POSTS],
        "externalId": f"hr-{number}",
        "userName": f"Hr{number}",
        "name": {"formatted": f"Nguyễn Thị {number}"},
        "emails": [{"value": f"hr{number}@tinh.example", "type": "work", "primary": True}],
        "active": True,
        ENTERPRISE: {"employeeNumber": f"NS-{number}"},
        POSTS: {"positions": [{"organization": org.code, "title": "Chuyên viên", "role": "officer"}]},
        **changes,
        **(more or {}),
    }


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


def test_only_a_system_with_its_own_token_scope_and_directory_gets_in(hr: Hr, mine: Organization) -> None:
    answer = Client().get("/scim/v2/Users", secure=True)
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/scim+json")
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer.json() == {"schemas": [ERROR], "status": "401", "detail": answer.json()["detail"]}
    for wrong in ("Bearer ", "Bearer x", "Basic eDp5", f"Bearer {'a' * 5000}"):
        assert Client(headers={"authorization": wrong}).get("/scim/v2/Users", secure=True).status_code == 401
    with pytest.raises(InvalidInput):
        registered(scopes=["scim"], for_itself=False)
    other, secret = registered(owner=mine, scopes=["profile"], redirect_uris=[], for_itself=True)
    assert token_of(other, secret).json()["error"] == "invalid_scope"
    bare, secret = registered(owner=mine, scopes=["scim"], redirect_uris=[], for_itself=True)
    token = token_of(bare, secret).json()["access_token"]
    no_directory = Client(headers={"authorization": f"Bearer {token}"})
    assert no_directory.get("/scim/v2/Users", secure=True).status_code == 401
    assert hr.ask("get", "Users").status_code == 200
    Token.objects.update(user=make_account())  # a person's token is no system's
    assert hr.ask("get", "Users").status_code == 401
    Token.objects.update(user=None)
    sso.disable(TESTER, system=hr.system, reason="Kiểm thử")
    assert hr.ask("get", "Users").status_code == 401


def test_nobody_opens_a_directory_beyond_their_own_powers(hr: Hr, mine: Organization, theirs: Organization) -> None:
    clerk, admin = actor_for_role("clerk", mine), actor_for_role("admin", mine)
    for actor, orgs in ((clerk, [mine]), (admin, [theirs]), (admin, [mine, theirs])):
        with pytest.raises(NotAllowed):
            directories.open_directory(actor, system=hr.system, organizations=orgs, reason="x")
    page = f"/quan-tri/he-thong-ket-noi/{hr.system.pk}/danh-ba"
    assert browser_of("admin", theirs).post(page, {"organizations": theirs.code, "reason": "x"}).status_code == 403
    browser = browser_of("admin", mine)
    assert "SCIM" in browser.get(f"/quan-tri/he-thong-ket-noi/{hr.system.pk}").content.decode()
    assert browser.post(page, {"organizations": mine.code, "reason": ""}).status_code == 422
    assert browser.post(page, {"organizations": mine.code, "reason": "Quyết định"}).status_code == 302
    assert browser.post(page, {"organizations": "", "reason": ""}).status_code == 302
    assert not Directory.objects.exists()


def test_an_official_comes_and_changes_and_goes(hr: Hr, mine: Organization) -> None:
    made = hr.ask("post", "Users", person(mine))
    assert made.status_code == 201, made.content
    user = made.json()
    assert made["Location"] == user["meta"]["location"]
    assert made["ETag"] == user["meta"]["version"]
    assert (user["userName"], user["externalId"], user["title"]) == ("hr1", "hr-1", "Chuyên viên")
    assert user["name"]["familyName"] == "Nguyễn"
    assert user[POSTS]["positions"][0]["organization"] == mine.code
    assert Invitation.objects.count() == 1
    path = f"Users/{user['id']}"
    entry = Entry.objects.filter(verb="organisations.appoint").latest("seq")
    assert (entry.actor_label, entry.purpose) == ("Nhân sự", "scim")

    assert hr.ask("get", path, **{"if-none-match": user["meta"]["version"]}).status_code == 304
    stale = hr.ask("patch", path, patch({"op": "replace", "path": "active", "value": False}), **{"if-match": 'W/"x"'})
    assert stale.status_code == 412
    changed = hr.ask(
        "patch",
        path,
        patch(
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "moi@tinh.example"},
            {"op": "replace", "value": {"displayName": "x", "name": {"formatted": "Nguyễn Thị Mới"}}},
            {
                "op": "add",
                "path": f"{POSTS}:positions",
                "value": [{"organization": mine.code, "title": "Kế toán", "role": "accountant", "primary": False}],
            },
        ),
        **{"if-match": user["meta"]["version"]},
    )
    assert changed.status_code == 200, changed.content
    assert changed["ETag"] != made["ETag"]
    official = Official.objects.get(code="NS-1")
    assert (official.full_name, official.email) == ("Nguyễn Thị Mới", "moi@tinh.example")
    assert Account.objects.get(official=official).email == "moi@tinh.example"
    assert sorted(official.positions.values_list("role", flat=True)) == ["accountant", "officer"]

    only = [{"organization": mine.code, "title": "Trưởng phòng", "role": "head", "validTo": "2030-12-31"}]
    put = hr.ask("put", path, person(mine, 1, {POSTS: {"positions": only}}, emails=[]))
    assert put.status_code == 200, put.content
    assert [post["role"] for post in put.json()[POSTS]["positions"]] == ["head"]
    assert put.json()[POSTS]["positions"][0]["validTo"] == "2030-12-31"
    assert "emails" not in put.json()
    untouched = hr.ask("put", path, {key: value for key, value in person(mine).items() if key != POSTS})
    assert [post["role"] for post in untouched.json()[POSTS]["positions"]] == ["head"]

    off = hr.ask("patch", path, patch({"op": "replace", "value": {"active": False}}))
    assert off.json()["active"] is False
    assert not Account.objects.get(official=official).is_active
    assert hr.ask("delete", path).status_code == 204
    assert hr.ask("get", path).status_code == 404
    assert hr.ask("get", "Users").json()["totalResults"] == 0
    today = timezone.localdate()
    assert not any(
        post.valid.upper is None or post.valid.upper > today for post in official.positions.all() if post.valid
    )


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        ({"userName": ""}, 400, "invalidValue"),
        ({"userName": "taken"}, 409, "uniqueness"),
        ({ENTERPRISE: {"employeeNumber": "NS-9"}}, 409, "uniqueness"),
        ({ENTERPRISE: {}}, 400, "invalidValue"),
        ({"name": {}}, 400, "invalidValue"),
        ({POSTS: {"positions": []}}, 400, "invalidValue"),
        ({POSTS: {"positions": [{"organization": "H50.999", "title": "x", "role": "officer"}]}}, 400, "invalidValue"),
        ({POSTS: {"positions": [{"organization": "H50.102", "title": "x", "role": "officer"}]}}, 403, None),
        ({POSTS: {"positions": [{"organization": "H50.101", "title": "x", "role": "vua"}]}}, 400, "invalidValue"),
        (
            {POSTS: {"positions": [{"organization": "H50.101", "title": "x", "role": "head", "validFrom": "hôm qua"}]}},
            400,
            "invalidValue",
        ),
    ],
)
def test_what_is_wrong_is_said_as_the_standard_names_it_and_nothing_is_written(
    hr: Hr, mine: Organization, theirs: Organization, changes: dict[str, Any], status: int, kind: str | None
) -> None:
    make_account("taken")
    hr.ask("post", "Users", person(mine, 9))
    before = Official.objects.count(), Position.objects.count(), Account.objects.count()
    answer = hr.ask("post", "Users", person(mine, **changes))
    assert (answer.status_code, answer.json().get("scimType")) == (status, kind), answer.content
    assert answer.json()["schemas"] == [ERROR]
    assert answer.json()["status"] == str(status)
    assert (Official.objects.count(), Position.objects.count(), Account.objects.count()) == before


def test_other_faults_have_their_own_answers(hr: Hr, mine: Organization) -> None:
    path = f"Users/{hr.ask('post', 'Users', person(mine)).json()['id']}"
    wrong: list[tuple[str, str, Any, int, str | None]] = [
        ("post", "Users", "{", 400, "invalidSyntax"),
        ("post", "Users", "[]", 400, "invalidSyntax"),
        ("get", "Users/999999", None, 404, None),
        ("get", "Users/abc", None, 404, None),
        ("get", "Groups/H50.999", None, 404, None),
        ("post", "Groups", {"displayName": "x"}, 501, None),
        ("delete", f"Groups/{mine.code}", None, 501, None),
        ("put", "Users", None, 405, None),
        ("get", "Users?filter=userName%20eq", None, 400, "invalidFilter"),
        ("get", "Users?filter=password%20eq%20%22a%22", None, 400, "invalidFilter"),
        ("get", "Users?count=abc", None, 400, "invalidValue"),
        ("get", "Schemas?filter=id%20eq%20%22x%22", None, 403, None),
        ("get", "Schemas/urn:x", None, 404, None),
        ("patch", path, patch({"op": "move", "path": "active"}), 400, "invalidValue"),
        ("patch", path, patch({"op": "remove"}), 400, "noTarget"),
        ("patch", path, patch({"op": "replace", "path": "nichts[", "value": 1}), 400, "invalidPath"),
        ("patch", path, patch({"op": "replace", "path": "id", "value": "7"}), 400, "mutability"),
        (
            "patch",
            path,
            patch({"op": "replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "X-1"}),
            400,
            "invalidValue",
        ),
    ]
    said = []
    for method, where, body, status, kind in wrong:
        answer = hr.ask(method, where, body)
        if (answer.status_code, answer.json().get("scimType")) != (status, kind):
            said.append((method, where, answer.status_code, answer.content.decode()))
    assert said == []


def test_odd_values_are_refused_and_never_a_fault(hr: Hr, mine: Organization) -> None:
    path = f"Users/{hr.ask('post', 'Users', person(mine)).json()['id']}"
    long = "x" * 5000
    odd: list[tuple[str, str, Any]] = [
        ("post", "Users", person(mine, 2, name={"formatted": long})),
        ("post", "Users", person(mine, 2, name={"formatted": "A\0B"})),
        ("post", "Users", person(mine, 2, userName="a b")),
        ("post", "Users", person(mine, 2, externalId=long)),
        ("post", "Users", person(mine, 2, phoneNumbers=[{"value": long}])),
        ("patch", path, patch({"op": "replace", "path": "userName", "value": "có dấu cách"})),
        ("patch", path, patch({"op": "remove", "path": "userName"})),
        ("patch", path, patch({"op": "remove", "path": "name"}, {"op": "remove", "path": "displayName"})),
        ("patch", path, patch({"op": "replace", "path": f"{POSTS}:positions", "value": [{"title": long}]})),
        ("patch", path, patch({"op": "replace", "path": "active", "value": "có"})),
        ("patch", path, b"\xff\xfe"),
    ]
    answers = [(where, hr.ask(method, where, body)) for method, where, body in odd]
    assert [(where, each.status_code, each.content) for where, each in answers if each.status_code != 400] == []
    assert Official.objects.filter(code="NS-2").count() == 0
    for query in (
        "startIndex=99999999999999999999",
        "count=99999999999999999999",
        "filter=id%20eq%20%2299999999999999999999%22",
    ):
        assert hr.ask("get", f"Users?{query}").status_code == 200, query


def test_a_system_sees_its_own_organisations_only(hr: Hr, mine: Organization, theirs: Organization) -> None:
    home = make_official("Người Nhà", org=mine)
    Official.objects.filter(pk=home.pk).update(email="nha@noi-bo.local")  # ours, though no address of the internet
    stranger = make_official("Người Lạ", org=theirs)
    make_account(official=stranger)
    both = make_official("Hai Nơi", org=mine)
    Position.objects.create(
        official=both, organization=theirs, title="Ở kia", role="officer", valid=(timezone.localdate(), None)
    )
    make_account(official=both)
    listed = hr.ask("get", "Users").json()["Resources"]
    assert {user["displayName"] for user in listed} == {"Người Nhà", "Hai Nơi"}
    assert next(user["emails"][0]["value"] for user in listed if "emails" in user) == "nha@noi-bo.local"
    shown = next(user for user in listed if user["displayName"] == "Hai Nơi")
    assert [post["organization"] for post in shown[POSTS]["positions"]] == [mine.code]
    path = f"Users/{stranger.pk}"
    for method in ("get", "put", "patch", "delete"):
        body = person(mine) if method == "put" else patch({"op": "replace", "path": "active", "value": False})
        assert hr.ask(method, path, body).status_code == 404
    # An account that also has powers elsewhere is not this system's to close or rename.
    off = patch({"op": "replace", "path": "active", "value": False})
    assert hr.ask("patch", f"Users/{both.pk}", off).status_code == 403
    assert {group["id"].split(":")[0] for group in hr.ask("get", "Groups").json()["Resources"]} == {mine.code}
    assert hr.ask("get", f"Groups/{theirs.code}").status_code == 404
    assert hr.ask("post", "Users", person(mine, 1, {ENTERPRISE: {"employeeNumber": stranger.code}})).status_code == 409


def test_who_is_also_a_citizen_is_not_locked_out(hr: Hr, mine: Organization) -> None:
    official = make_official(org=mine)
    make_account(official=official, party=make_citizen())
    off = patch({"op": "replace", "path": "active", "value": False})
    assert hr.ask("patch", f"Users/{official.pk}", off).status_code in (400, 409)
    assert Account.objects.get(official=official).is_active


def test_lists_are_filtered_paged_and_cut_to_what_is_asked(hr: Hr, mine: Organization) -> None:
    for number in range(1, 6):
        hr.ask("post", "Users", person(mine, number))

    def found(**params: str) -> list[str]:
        answer = hr.client.get("/scim/v2/Users", params, secure=True)
        assert answer.status_code == 200, answer.content
        return [user["userName"] for user in answer.json()["Resources"]]

    assert found(filter='userName eq "HR3"') == ["hr3"]
    assert found(filter='externalId eq "hr-2" or externalId eq "HR-2"') == ["hr2"]
    assert found(filter=f'{ENTERPRISE}:employeeNumber sw "ns-" and not (userName co "3")') == [
        "hr1",
        "hr2",
        "hr4",
        "hr5",
    ]
    assert found(filter='emails[type eq "work" and value co "hr4@"]') == ["hr4"]
    assert found(filter=f'{POSTS}:positions[organization eq "{mine.code}" and role eq "head"]') == []
    assert found(filter="active eq true", startIndex="2", count="2") == ["hr2", "hr3"]
    assert found(startIndex="-5", count="0") == []
    page = hr.client.get("/scim/v2/Users", {"count": "2", "attributes": "userName"}, secure=True).json()
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (5, 2, 1)
    assert set(page["Resources"][0]) <= {"schemas", "id", "userName", "meta"}
    search = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": 'name.formatted ew "thị 5"',
        "excludedAttributes": ["emails"],
    }
    answer = hr.ask("post", "Users/.search", search).json()
    assert [user["userName"] for user in answer["Resources"]] == ["hr5"]
    assert "emails" not in answer["Resources"][0]


def test_lists_come_in_the_order_that_is_asked_for(hr: Hr, mine: Organization) -> None:
    for number, name in enumerate(("Lê Bình", "An Thị Ba", "trần văn C"), 1):
        hr.ask("post", "Users", person(mine, number, name={"formatted": name}))
    make_official("Không Thư", org=mine)

    def names(**params: str) -> list[str]:
        answer = hr.client.get("/scim/v2/Users", params, secure=True)
        assert answer.status_code == 200, answer.content
        return [user["displayName"] for user in answer.json()["Resources"]]

    assert names(sortBy="displayName") == ["An Thị Ba", "Không Thư", "Lê Bình", "trần văn C"]
    assert names(sortBy="DISPLAYNAME", sortOrder="descending")[0] == "trần văn C"
    assert names(sortBy="emails.value")[-1] == "Không Thư", "who has none comes last"
    assert names(sortBy="emails.value", sortOrder="descending")[0] == "Không Thư"
    assert names(sortBy=f"{ENTERPRISE}:employeeNumber", startIndex="4", count="1") == ["trần văn C"]
    groups = hr.client.get("/scim/v2/Groups", {"sortBy": "displayName", "sortOrder": "descending"}, secure=True).json()
    titles = [group["displayName"].casefold() for group in groups["Resources"]]
    assert titles == sorted(titles, reverse=True)
    for wrong in ("title", "name", f"{POSTS}:positions.role", "nichts"):
        answer = hr.client.get("/scim/v2/Users", {"sortBy": wrong}, secure=True)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidPath"), wrong
    assert hr.client.get("/scim/v2/Users", {"sortBy": "id", "sortOrder": "x"}, secure=True).status_code == 400


def test_pages_end_where_the_list_ends(hr: Hr, mine: Organization) -> None:
    for number in (1, 2, 3):
        hr.ask("post", "Users", person(mine, number))

    def page(**params: str) -> dict[str, Any]:
        answer: dict[str, Any] = hr.client.get("/scim/v2/Users", params, secure=True).json()
        return answer

    beyond = page(startIndex="9")
    assert (beyond["totalResults"], beyond["itemsPerPage"], beyond.get("Resources", [])) == (3, 0, [])
    none = page(count="0")
    assert (none["totalResults"], none["itemsPerPage"], none.get("Resources", [])) == (3, 0, [])
    seen = [user["id"] for start in (1, 3) for user in page(startIndex=str(start), count="2")["Resources"]]
    assert len(seen) == len(set(seen)) == 3


def test_when_somebody_came_and_was_last_changed(hr: Hr, mine: Organization, at: Clock) -> None:
    begin = timezone.now()
    made = hr.ask("post", "Users", person(mine)).json()
    assert made["meta"]["created"] == made["meta"]["lastModified"]
    path = f"Users/{made['id']}"

    def meta() -> dict[str, str]:
        found: dict[str, str] = hr.ask("get", path).json()["meta"]
        return found

    first = meta()["created"]
    at(begin + timedelta(seconds=20))
    assert hr.ask("put", path, {**person(mine), "id": made["id"]}).status_code == 200
    assert meta()["lastModified"] == first, "the same again is no change"
    assert hr.ask("patch", path, patch({"op": "replace", "path": "active", "value": False})).status_code == 200
    closed = meta()
    assert closed["created"] == first < closed["lastModified"]
    at(begin + timedelta(seconds=40))
    assert hr.ask("put", path, person(mine, externalId="hr-100")).status_code == 200
    assert meta()["lastModified"] > closed["lastModified"]
    (listed,) = [user for user in hr.ask("get", "Users").json()["Resources"] if user["id"] == made["id"]]
    assert listed["meta"]["lastModified"] == meta()["lastModified"]
    at(begin + timedelta(seconds=60))
    other = hr.ask("post", "Users", person(mine, 2)).json()

    def found(asked: str) -> set[str]:
        answer = hr.client.get("/scim/v2/Users", {"filter": asked}, secure=True)
        assert answer.status_code == 200, answer.content
        return {user["id"] for user in answer.json()["Resources"]}

    assert found(f'meta.lastModified gt "{closed["lastModified"]}"') == {made["id"], other["id"]}
    assert found(f'meta.lastModified gt "{meta()["lastModified"]}"') == {other["id"]}
    assert found(f'meta.created le "{first}" and active eq true') == {made["id"]}
    assert found(f'not (meta.created eq "{first}") and meta.created pr') == {other["id"]}
    for wrong in ('meta.lastModified co "2026"', 'meta.lastModified gt "hôm qua"', "meta.lastModified gt 5"):
        answer = hr.client.get("/scim/v2/Users", {"filter": wrong}, secure=True)
        assert (answer.status_code, answer.json()["scimType"]) == (400, "invalidFilter"), wrong
    silent = Official.objects.create(code="CU-1", full_name="Có Từ Trước")
    Position.objects.create(
        official=silent, organization=mine, title="Chuyên viên", role="officer", valid=(timezone.localdate(), None)
    )
    assert "created" not in hr.ask("get", f"Users/{silent.pk}").json()["meta"], "the log does not know"


def test_a_post_that_ends_by_itself_changes_its_holder_at_midnight(hr: Hr, mine: Organization, at: Clock) -> None:
    today = timezone.localdate()
    posts = {
        "positions": [
            {"organization": mine.code, "title": "Chuyên viên", "role": "officer"},
            {"organization": mine.code, "title": "Trực", "role": "clerk", "validTo": str(today + timedelta(days=1))},
        ]
    }
    made = hr.ask("post", "Users", person(mine, 1, {POSTS: posts})).json()
    at(timezone.now() + timedelta(days=3))
    found = stamps.of([Official.objects.get(pk=made["id"])])[int(made["id"])]
    assert timezone.localdate(found.modified) == today + timedelta(days=2)
    assert timezone.localtime(found.modified).hour == 0
    assert found.created < found.modified


def test_the_cost_of_a_list_does_not_grow_with_it(hr: Hr, mine: Organization) -> None:
    counted = []
    for number in (1, 2, 3, 4, 5):
        hr.ask("post", "Users", person(mine, number))
        with CaptureQueriesContext(connection) as queries:
            hr.ask("get", "Users")
        counted.append(len(queries))
    assert counted[0] == counted[-1]


def test_roles_in_a_unit_are_groups_whose_members_are_written(hr: Hr, mine: Organization) -> None:
    ids = [hr.ask("post", "Users", person(mine, number)).json()["id"] for number in (1, 2)]
    key = f"Groups/{mine.code}:head"
    empty = hr.ask("get", key).json()
    assert "members" not in empty
    joined = hr.ask("patch", key, patch({"op": "add", "path": "members", "value": [{"value": pk} for pk in ids]}))
    assert joined.status_code == 200, joined.content
    assert {member["value"] for member in joined.json()["members"]} == set(ids)
    unit = hr.ask("get", f"Groups/{mine.code}").json()
    assert {member["value"] for member in unit["members"]} >= set(ids)
    left = hr.ask("patch", key, patch({"op": "remove", "path": f'members[value eq "{ids[0]}"]'}))
    assert [member["value"] for member in left.json()["members"]] == [ids[1]]
    post = Position.objects.get(official_id=ids[0], role="head")
    assert post.valid.isempty or post.valid.upper <= timezone.localdate() + timedelta(days=0)
    refused = hr.ask("patch", f"Groups/{mine.code}", patch({"op": "remove", "path": "members"}))
    assert (refused.status_code, refused.json()["scimType"]) == (400, "mutability")
    stranger = make_official()
    foreign = patch({"op": "add", "path": "members", "value": [{"value": str(stranger.pk)}]})
    assert hr.ask("patch", key, foreign).status_code == 400
    named = hr.client.get("/scim/v2/Groups", {"filter": f'displayName sw "{mine.name}: "'}, secure=True).json()
    assert all(":" in group["id"] for group in named["Resources"])


def test_what_is_offered_is_described(hr: Hr) -> None:
    configuration = hr.ask("get", "ServiceProviderConfig").json()
    assert configuration["patch"]["supported"] is True
    assert configuration["etag"]["supported"] is True
    assert configuration["sort"]["supported"] is True
    assert configuration["changePassword"]["supported"] is False
    assert configuration["bulk"] == {"supported": False, "maxOperations": 0, "maxPayloadSize": 0}
    bulk = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": []}
    for method, path, body in (("post", "Bulk", bulk), ("get", "Me", None), ("post", ".search", {}), ("get", "", None)):
        answer = hr.ask(method, path, body)
        assert (answer.status_code, answer.json()["schemas"], answer.json()["status"]) == (501, [ERROR], "501"), path
    assert hr.ask("get", "Devices").json()["status"] == "404"
    assert Client().post("/scim/v2/Bulk", secure=True).status_code == 401
    assert {each["endpoint"] for each in hr.ask("get", "ResourceTypes").json()["Resources"]} == {"/Users", "/Groups"}
    assert hr.ask("get", "ResourceTypes/User").json()["schema"] == USER
    schemas = {each["id"] for each in hr.ask("get", "Schemas").json()["Resources"]}
    assert {USER, ENTERPRISE, POSTS} <= schemas
    attributes = hr.ask("get", f"Schemas/{POSTS}").json()["attributes"]
    assert attributes[0]["name"] == "positions"
