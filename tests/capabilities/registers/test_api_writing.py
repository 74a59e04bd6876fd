"""Writing over HTTP: by who is signed in, by right, over what was seen; refusals in words by field."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.test import Client

from hienluong.capabilities.registers import actions
from hienluong.capabilities.registers.models import Change, Record, Version
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.organisations.models import Organization
from tests.factories import make_account, make_official, make_roles

from .sample import GOOD, wells
from .test_records import Wells

pytestmark = pytest.mark.django_db

BASE = "/api/v1/registers/thu.gieng"
SINCE = "2026-01-01T00:00:00+07:00"


class Town(Wells):
    """The wells with an officer of either agency, signed in."""

    def __init__(self) -> None:
        super().__init__()
        make_roles()
        self.here_client, self.there_client = (self.signed_in(place) for place in (self.here, self.there))

    def signed_in(self, place: Organization) -> Client:
        client = Client()
        client.force_login(make_account(official=make_official(role="officer", org=place)))
        return client

    def good(self, **data: Any) -> dict[str, Any]:
        return {**GOOD, "agency": self.here.code, **data}


@pytest.fixture
def town() -> Town:
    return Town()


def send(client: Client, method: str, path: str, body: Any, tag: str | None = None) -> Any:
    headers = {} if tag is None else {"If-Match": tag}
    return client.generic(method, BASE + path, json.dumps(body), content_type="application/json", headers=headers)


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    return body


def test_a_record_is_written_read_and_changed_over_what_was_seen(town: Town) -> None:
    client = town.here_client
    made = send(client, "POST", "/records", {"data": town.good(), "since": SINCE, "reason": "Đơn số 7"})
    assert made.status_code == 201
    assert (made.json()["key"], made.json()["data"]["deep"]) == ("G001", True)
    path = made["Location"].removeprefix(BASE)
    seen = client.get(made["Location"])
    assert (seen.json(), seen["ETag"]) == (made.json(), made["ETag"])
    changed = send(client, "PATCH", path, {"data": {"depth": 90, "flow": None}}, seen["ETag"])
    assert changed.status_code == 200
    assert (changed.json()["data"]["depth"], changed.json()["data"]["deep"]) == (90, False)
    assert "flow" not in changed.json()["data"]
    assert changed.json()["data"]["tests"] == GOOD["tests"]
    assert changed["ETag"] == client.get(made["Location"])["ETag"] != seen["ETag"]
    change = Change.objects.get(kind="create")
    assert (change.source, change.reason) == ("official", "Đơn số 7")
    assert Entry.objects.filter(verb="registers.change").count() == 1


def test_who_did_not_see_the_newest_writes_nothing(town: Town) -> None:
    record = town.add(note="bí mật")
    path, client = f"/records/{record.pk}", town.here_client
    old = client.get(BASE + path)["ETag"]
    for method, where, body in (("PATCH", path, {"data": {"depth": 1}}), ("PUT", path, {"data": town.good()}),
                                ("POST", f"{path}/end", {})):  # fmt: skip
        assert problem(send(client, method, where, body), 428)["code"] == "registers.if_match_missing"
    # Somebody notes a change of next year: it is not seen today, and yet it would be written over.
    ahead = {"data": {"depth": 77}, "since": "2099-01-01T00:00:00Z"}
    assert send(client, "PATCH", path, ahead, old).status_code == 200
    for tag in (old, '"x.y"', f"W/{old}", "x"):
        assert problem(send(client, "PATCH", path, {"data": {"depth": 1}}, tag), 412)["code"] == "registers.overtaken"
        assert send(client, "POST", f"{path}/end", {}, tag).status_code == 412
    new = client.get(BASE + path)["ETag"]
    assert new != old
    assert send(client, "PATCH", path, {"data": {"depth": 2}}, f'"a.b", {new}').status_code == 200
    assert send(client, "PATCH", path, {"data": {"depth": 3}}, "*").status_code == 200


def test_what_a_writer_may_not_read_does_not_stop_it(town: Town) -> None:
    """A change of fields that one may not read is none for one's tag: nothing of it shows, and nothing of it is lost."""
    access = {"responsible": {"read": "*", "write": "*"}, "owner": {"read": ["code", "name"], "write": ["name"]}}
    spec = wells(code="thu.hai", access={**access, "public": {"read": ["code"]}})
    register = actions.install(town.chief, spec=spec, owner=town.owner).register
    record = actions.create(town.clerk, register=register, data=town.good(note="bí mật"))
    public = Client().get(f"/api/v1/registers/thu.hai/records/{record.pk}")
    actions.change(town.clerk, record=record, data={"note": "khác"})
    assert Client().get(f"/api/v1/registers/thu.hai/records/{record.pk}")["ETag"] == public["ETag"]


def test_put_empties_what_is_not_given_and_keeps_what_one_may_not_write(town: Town) -> None:
    record = town.add(note="ghi chú")
    path = f"/records/{record.pk}"
    tag = town.here_client.get(BASE + path)["ETag"]
    put = send(town.here_client, "PUT", path, {"data": {"code": "G001", "name": "Mới", "agency": town.here.code}}, tag)
    assert put.json()["data"] == {"code": "G001", "name": "Mới", "agency": town.here.code, "deep": False}
    answer = send(town.here_client, "PUT", path, {"data": {"name": "Mới", "agency": town.here.code}}, put["ETag"])
    assert "code" in problem(answer, 422)["errors"]


def test_a_correction_says_that_it_was_so(town: Town) -> None:
    record = town.add()
    path = f"/records/{record.pk}"
    tag = town.here_client.get(BASE + path)["ETag"]
    body = {"data": {"depth": 110}, "since": SINCE, "until": "2026-02-01T00:00:00+07:00", "correction": True}
    assert send(town.here_client, "PATCH", path, body, tag).status_code == 200
    assert record.changes.order_by("pk").last().kind == "correct"
    then = town.here_client.get(BASE + path, {"valid": "2026-01-15T00:00:00Z"})
    assert then.json()["data"]["depth"] == 110
    before = town.here_client.get(
        BASE + path, {"valid": "2026-01-15T00:00:00Z", "known": record.changes.first().at.isoformat()}
    )
    assert before.json()["data"]["depth"] == 120.5


def test_an_end_leaves_the_history(town: Town) -> None:
    record = town.add()
    path = f"/records/{record.pk}"
    tag = town.here_client.get(BASE + path)["ETag"]
    assert send(town.here_client, "POST", f"{path}/end", {"at": "2026-06-01T00:00:00Z"}, tag).status_code == 204
    assert town.here_client.get(BASE + path).status_code == 404
    past = town.here_client.get(BASE + path, {"valid": "2026-05-01T00:00:00Z"})
    assert past.status_code == 200
    void = send(town.here_client, "POST", f"{path}/end", {"void": True}, past["ETag"])
    assert void.status_code == 204
    assert not Version.objects.filter(record=record, known__upper_inf=True).exists()


def test_refusals_have_every_message_by_field(town: Town) -> None:
    bad = town.good(depth=501, fee=-1, strange=1)
    said = problem(send(town.here_client, "POST", "/records", {"data": bad}), 422)
    assert set(said["errors"]) == {"depth", "fee", "strange"}
    assert said["code"] == "domain.invalid_input"
    said = problem(send(town.here_client, "POST", "/records", {"data": town.good(agency="H50.77")}), 422)
    assert said["field"] == "agency"
    for body in ({}, {"data": []}, {"data": {}, "since": "hôm qua"}, {"data": {}, "reason": "x" * 501}, []):
        assert problem(send(town.here_client, "POST", "/records", body), 422)["code"] == "api.invalid_request"
    answer = town.here_client.post(f"{BASE}/records", "{", content_type="application/json")
    assert problem(answer, 400)["code"] == "api.malformed"
    for since in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"):
        assert send(town.here_client, "POST", "/records", {"data": town.good(), "since": since}).status_code == 422
    assert not Record.objects.exists()


def test_only_who_may_writes_and_others_learn_nothing(town: Town) -> None:
    record = town.add()
    path = f"/records/{record.pk}"
    tag = town.there_client.get(BASE + path)["ETag"]
    wishes: list[tuple[str, str, Any]] = [
        ("POST", "/records", {"data": town.good(code="G009")}),
        ("PATCH", path, {"data": {"depth": 1}}),
        ("PUT", path, {"data": {"code": "G001", "name": "x"}}),
        ("POST", f"{path}/end", {}),
    ]
    for method, where, body in (*wishes, ("POST", "/batch", {"operations": [{"op": "create", "data": {}}]})):
        assert problem(send(Client(), method, where, body, tag), 401)["code"] == "api.not_signed_in"
    for method, where, body in wishes:
        assert problem(send(town.there_client, method, where, body, tag), 403)["code"] == "domain.not_allowed"
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = town.here_client.cookies
    assert problem(send(strict, "PATCH", path, {"data": {"depth": 1}}, tag), 403)["code"] == "api.csrf"
    for number in (0, 10**9):
        assert send(town.here_client, "PATCH", f"/records/{number}", {"data": {}}, tag).status_code == 404
    closed = wells(code="thu.kin", access={"responsible": {}, "owner": {}})
    actions.install(town.chief, spec=closed, owner=town.owner)
    answer = town.here_client.post(
        "/api/v1/registers/thu.kin/records", {"data": {"code": "G001"}}, content_type="application/json"
    )
    assert problem(answer, 404)["title"] == "Không có cơ sở dữ liệu này."
    assert Change.objects.count() == 1


def batch(client: Client, *operations: dict[str, Any], atomic: bool = True) -> Any:
    return send(client, "POST", "/batch", {"operations": list(operations), "atomic": atomic, "reason": "Đồng bộ"})


def test_a_batch_does_each_in_its_order(town: Town) -> None:
    kept, gone = town.add(code="G100"), town.add(code="G101")
    tags = [town.here_client.get(f"{BASE}/records/{record.pk}")["ETag"] for record in (kept, gone)]
    answer = batch(
        town.here_client,
        {"op": "create", "data": town.good(code="G001"), "since": SINCE},
        {"op": "create", "data": town.good(code="G002"), "since": SINCE},
        {"op": "change", "record": kept.pk, "if_match": tags[0], "data": {"depth": 7}},
        {"op": "end", "key": "G101", "if_match": tags[1]},
        {"op": "create", "data": town.good(code="G003"), "since": SINCE},
        {
            "op": "replace",
            "key": "G001",
            "if_match": "*",
            "data": {"code": "G001", "name": "N", "agency": town.here.code},
        },
    )
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert (body["written"], body["refused"]) == (6, 0)
    assert [one["key"] for one in body["results"]] == ["G001", "G002", "G100", "G101", "G003", "G001"]
    assert [one["position"] for one in body["results"]] == list(range(6))
    newest = town.here_client.get(f"{BASE}/records/{kept.pk}")
    assert (newest["ETag"], newest.json()["data"]["depth"]) == (body["results"][2]["etag"], 7)
    assert set(Change.objects.filter(reason="Đồng bộ").values_list("kind", flat=True)) == {"create", "change", "end"}
    entries = Entry.objects.filter(verb="registers.create_many").order_by("seq").values_list("after", flat=True)
    assert [(entry["count"], entry["first"], entry["last"]) for entry in entries] == [
        (2, "G001", "G002"),
        (1, "G003", "G003"),
    ]


def test_a_batch_is_whole_or_each_stands_for_itself(town: Town) -> None:
    record = town.add(code="G100")
    wishes = [
        {"op": "create", "data": town.good(code="G001")},
        {"op": "create", "data": town.good(code="G002", depth=501)},
        {"op": "change", "key": "G100", "data": {"depth": 1}},
        {"op": "change", "key": "G999", "if_match": "*", "data": {"depth": 1}},
        {"op": "change", "record": record.pk, "if_match": '"a.b"', "data": {"depth": 1}},
        {"op": "change", "record": record.pk, "if_match": "*", "data": {"depth": 33}},
        {"op": "create", "data": town.good(code="G001")},
        {"op": "end", "key": "G100\x00", "if_match": "*"},
    ]
    refused = problem(batch(town.here_client, *wishes), 422)
    assert refused["code"] == "registers.nothing_written"
    assert [(one["position"], one["status"]) for one in refused["results"]] == [
        (1, 422),
        (2, 428),
        (3, 404),
        (4, 412),
        (6, 422),
        (7, 404),
    ]
    assert "depth" in refused["results"][0]["problem"]["errors"]
    assert Change.objects.count() == 1
    answer = batch(town.here_client, *wishes, atomic=False).json()
    assert (answer["written"], answer["refused"]) == (2, 6)
    assert [one["status"] for one in answer["results"]] == [200, 422, 428, 404, 412, 200, 422, 404]
    assert town.here_client.get(f"{BASE}/records/{record.pk}").json()["data"]["depth"] == 33
    assert not batch(town.there_client, {"op": "end", "record": record.pk, "if_match": "*"}, atomic=False).json()[
        "written"
    ]


def test_a_batch_has_its_bounds(town: Town) -> None:
    one = {"op": "create", "data": town.good()}
    for operations in ([], [one] * 1001, [{"op": "explode"}], [{**one, "record": -1}]):
        assert problem(batch(town.here_client, *operations), 422)["code"] == "api.invalid_request"


@pytest.mark.parametrize(
    "odd",
    [
        '"place": {"type": "Point", "coordinates": [107.1, 16.8, "\\u0000"]}',
        '"place": {"type": "Point", "coordinates": [107.1, 16.8, NaN]}',
        '"place": {"type": "Point", "coordinates": [1e999, 16.8]}',
        '"place": {"type": "Point", "coordinates": []}',
        '"place": {"type": "Point", "coordinates": [true, false]}',
        '"place": {"type": "Point", "coordinates": [107.1, 16.8], "x": "\\u0000"}',
        '"flow": {"value": NaN, "unit": "l/s"}',
        '"flow": {"value": -Infinity, "unit": "l/s\\u0000"}',
        f'"depth": {"9" * 400}',
        '"depth": 1e308',
        '"name": "\\ud800"',
        '"name": "a\\u0000b"',
        '"note": {"a": 1}',
        '"tests": [{"day": "2026-01-01", "\\u0000": 1}]',
        '"tests": [[[[[[[[]]]]]]]]',
        '"agency": {"a": "b"}',
        '"agency": "\\u0000"',
        '"code": ["G001"]',
        '"shape": {"type": "Polygon", "coordinates": []}',
        '"shape": {"type": "Polygon", "coordinates": [[[1, 2], [1, 2], [1, 2], [1, 2]]]}',
        '"shape": {"type": "Polygon", "coordinates": [[[], [], [], []]]}',
        '"\\u0000": 1',
    ],
)
def test_no_value_breaks_the_door(town: Town, odd: str) -> None:
    schema = wells().model_dump(by_alias=True)["schema"]
    schema["properties"]["shape"] = {"x-kind": "area", "title": "Vùng"}
    actions.install(town.chief, spec=wells(code="thu.vung", schema=schema, map="shape"), owner=town.owner)
    good = {name: value for name, value in town.good().items() if f'"{name}"' not in odd.partition(":")[0]}
    body = json.dumps({"data": good}).replace('{"data": {', f'{{"data": {{{odd}, ', 1)
    for path in ("records", "batch"):
        sent = body if path == "records" else f'{{"operations": [{{"op": "create", {body[1:]}], "atomic": false}}'
        answer = town.here_client.post(f"/api/v1/registers/thu.vung/{path}", sent, content_type="application/json")
        assert answer.status_code in (200, 201, 400, 403, 422), (answer.status_code, answer.content)


def test_odd_values_are_refused_in_words_or_cleaned_and_never_a_fault_of_ours(town: Town) -> None:
    client, half, nan = town.here_client, "\ud800", float("nan")
    bodies: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"name": f"{half}x"}, {"reason": "a\x00b"}),
        ({"place": {"type": "Point", "coordinates": [nan, 1]}}, {}),
        ({"place": {"type": "Point", "coordinates": [1, 1], half: "\x00"}}, {}),
        ({"depth": 10**400}, {}),
        ({"tests": [{"day": "2026-01-01", "iron": 10**4000}]}, {}),
        ({"agency": half}, {"reason": half}),
        ({"code\x00": 1}, {}),
        ({}, {"since": "0001-01-01T00:00:00+14:00"}),
    ]
    for data, more in bodies:
        answer = send(client, "POST", "/records", {"data": town.good(**data), **more})
        assert answer.status_code in (201, 403, 422), (data, answer.content)
    assert Change.objects.get().reason == "ab"
    cursors = [base64.urlsafe_b64encode(text).decode() for text in (b'["\\ud800", 1]', b'["1e200000", 1]')]
    asked = [{"filter": f"depth{end}={value}"} for end in ("", "__from") for value in ("1e200000", "1e-200000", "nan")]
    for query in (*asked, *({"after": one, "sort": "depth"} for one in cursors)):
        assert client.get(f"{BASE}/records", {"scope": "own", **query}).status_code == 422, query
