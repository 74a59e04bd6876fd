"""The open API: what it answers, and that no request breaks it."""

from __future__ import annotations

from datetime import date

import pytest
import schemathesis
from django.test import Client
from schemathesis.checks import CHECKS

from hienluong.house.wsgi import application
from hienluong.services.procedures import national
from hienluong.services.procedures.spec import ProcedureSpec
from tests.services.contract import every_case
from tests.thorough import examples

from .samples import published, spec

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def test_the_list_filters_and_pages(client: Client) -> None:
    published()
    published("1.000002", name="Khai tử", keywords=[], life_events=["death"])
    answer = client.get("/api/v1/procedures", {"q": "khai", "page_size": 1}).json()
    assert answer["count"] == 2
    assert [item["name"] for item in answer["items"]] == ["Đăng ký khai sinh"]
    assert client.get("/api/v1/procedures", {"life_event": "death"}).json()["items"][0]["code"] == "1.000002"
    assert client.get("/api/v1/procedures/fields").json() == [{"code": "HT", "label": "Hộ tịch", "count": 2}]
    assert len(client.get("/api/v1/procedures/life-events").json()) == 2


def test_a_procedure_on_a_day(client: Client) -> None:
    published()
    published(effective_from="2025-07-01", summary="Mới.", today=date(2026, 1, 1))
    old = client.get("/api/v1/procedures/1.000001", {"on": "2025-06-30"}).json()
    assert (old["version"], old["valid_to"]) == (1, "2025-06-30")
    assert client.get("/api/v1/procedures/1.000001").json()["specification"]["summary"] == "Mới."
    missing = client.get("/api/v1/procedures/1.000001", {"on": "2000-01-01"})
    assert missing.status_code == 404
    assert missing["Content-Type"] == "application/problem+json"
    assert client.get("/api/v1/procedures/%00").status_code == 404
    assert client.get("/api/v1/procedures", {"page": "x"}).status_code == 422


def test_the_national_shapes_leave_out_what_is_not_real(client: Client) -> None:
    published()
    listed = client.get("/api/v1/national/procedures").json()["result"]
    assert listed[0]["MATTHC"] == "1.000001"
    record = client.get("/api/v1/national/procedures/1.000001").json()["result"][0]
    assert record["TENTTHC"] == "Đăng ký khai sinh"
    assert record["CACHTHUCTHUCHIEN"][0]["KENH"] == "1"
    assert record["THANHPHANHOSO"][0]["GIAYTO"][0]["SOBANCHINH"] == "1"


def test_the_national_shape_comes_back() -> None:
    before = spec(
        steps=[{"title": "Nộp hồ sơ", "text": "Tại một cửa"}],
        ways=[
            {"channel": "counter", "deadlines": [{"amount": 3}]},
            {"channel": "online", "deadlines": [{"amount": 4, "unit": "working_hour"}]},
        ],
        conditions=["Đủ 18 tuổi", "Có mặt"],
    )
    content = national.from_national(national.to_national(before), effective_from=before.effective_from)
    after = ProcedureSpec.model_validate(content)
    for part in ("code", "name", "field", "steps", "ways", "conditions", "applicants", "keywords", "summary"):
        assert getattr(after, part) == getattr(before, part), part
    assert [(p.code, p.name, p.originals, p.copies) for p in after.papers] == [("tokhai", "Tờ khai", 1, 0)]
    assert [basis.number for basis in after.legal_basis] == ["60/2014/QH13"]
    assert after.agency.level == "commune"


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@pytest.mark.django_db(transaction=True)  # the WSGI handler closes its connections
@pytest.mark.thorough
def test_no_request_breaks_the_api() -> None:
    every_case(schema.include(path_regex="/(procedures|national)"), promised, examples(12, 60))


def promised(case: schemathesis.Case) -> None:
    """The answer is none of 5xx, and of a shape that was published."""
    case.call_and_validate(checks=CHECKS.get_by_names(["not_a_server_error", "response_schema_conformance"]))
