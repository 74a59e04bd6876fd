"""Codes of another edition and old encodings, declared in the catalogue, published, and turned by the real mediator."""

from __future__ import annotations

import json
import time
import unicodedata
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.utils import timezone

from hienluong.foundation.codelists import snapshots
from hienluong.foundation.codelists.models import Code, Mapping
from hienluong.services.bus import publishing, translating
from hienluong.services.bus.gateway import handover
from hienluong.services.bus.models import Call, CodeTally, Operation, Service, Version
from tests.foundation.codelists.sample import installed
from tests.services.bus.sample import PRICES, Province, document
from tests.services.streams.sample import HERE

from .test_program import (  # noqa: F401 - fixtures are found by their names
    Provider,
    Running,
    mediator,
    process,
    provider,
)

pytestmark = pytest.mark.django_db(transaction=True)
PATH = "/lgsp/land-prices/v1/parcels"


def _described() -> str:
    """The service of land prices, with an operation that takes a code in its body, and codes in a list."""
    paths = deepcopy(PRICES["paths"])
    answers = deepcopy(paths["/parcels"]["get"]["responses"])
    paths["/search"] = {"post": {"operationId": "search", "responses": answers}}
    return document(paths=paths)


class Road:
    """From the catalogue to the mediator: rules declared, the snapshot written, calls made."""

    def __init__(self, mediator: Running, provider: Provider, settings: Any, folder: Path) -> None:  # noqa: F811
        settings.BUS_UPSTREAMS = HERE
        self.mediator, self.provider = mediator, provider
        installed(folder)
        self.province = Province()
        upstream = f"http://127.0.0.1:{provider.port}/goc"
        self.version = self.province.version(document=_described(), upstream=upstream)
        fields = {"parcel": ["code", "price"], "parcels": ["items.code", "items.price"], "search": ["items.code"]}
        self.agreement = self.province.agreed(self.version, fields=fields)

    def rule(self, name: str = "parcels", **changes: str) -> None:
        """Consumers speak the edition of 2025, the provider that of 2020."""
        rule = {"place": "answer", "at": "items.code", "codelist": "trees", "provider": "2020", "consumer": "2025"}
        rule |= {"several": "refuse", "missing": "refuse", **changes}
        operation = Operation.objects.get(version=self.version, name=name)
        translating.add_rule(self.province.provider, operation=operation, **rule)

    def publish(self) -> None:
        publishing.publish(timezone.now(), self.mediator.folder)
        time.sleep(0.3)

    def ask(self, path: str = PATH, method: str = "GET", content: bytes = b"") -> httpx.Response:
        told = {
            handover.CLIENT: str(self.province.system.client_id),
            handover.AGREEMENT: self.agreement.code,
        }
        return self.mediator.ask(path, method, content, **{name.replace("-", "_"): told[name] for name in told})

    def codes(self, *given: Any) -> httpx.Response:
        """What becomes of these codes in an answer."""
        self.provider.content = json.dumps({"items": [{"code": code, "price": 1} for code in given]}).encode()
        return self.ask()


@pytest.fixture
def road(mediator: Running, provider: Provider, settings: Any, tmp_path: Path) -> Road:  # noqa: F811
    return Road(mediator, provider, settings, tmp_path)


def listed(answer: httpx.Response) -> list[Any]:
    assert answer.status_code == 200, answer.text
    return [item["code"] for item in answer.json()["items"]]


def test_answers_are_translated_and_what_has_no_single_successor_is_refused_by_name(road: Road) -> None:
    road.rule()
    road.publish()
    assert listed(road.codes("G2", "T", "G")) == ["G3", "T", "G"]
    refused = road.codes("G2", "G1", "không có")
    assert (refused.status_code, refused.json()["type"]) == (502, "urn:hienluong:lgsp:answer-code")
    assert refused.json()["errors"] == [
        {"field": "/items/1/code", "rule": "several"},
        {"field": "/items/2/code", "rule": "missing"},
    ]
    assert "không có" not in refused.text
    assert "G1" not in refused.text
    assert Call.objects.filter(status=502).count() == 1
    assert sorted(CodeTally.objects.values_list("how", "codes")) == [("missing-refused", 1), ("several-refused", 1)]
    assert listed(road.codes("G2", "")) == ["G3", ""], "no code is nothing to translate"


def test_what_is_kept_or_given_as_a_list_is_told(road: Road) -> None:
    road.rule(several="keep", missing="keep")
    road.publish()
    answer = road.codes("G2", "G1", "la", "la")
    assert listed(answer) == ["G3", "G1", "la", "la"]
    assert answer.headers["code-translation"] == '"items.code";how=several-kept;n=1, "items.code";how=missing-kept;n=2'
    translating.remove_rule(road.province.provider, operation=_operation(road), number=0)
    road.rule(several="list", missing="null")
    road.publish()
    answer = road.codes("G1", "la")
    assert listed(answer) == [["G1", "G11"], None]
    assert answer.headers["code-translation"] == '"items.code";how=several-list;n=1, "items.code";how=missing-null;n=1'
    translating.remove_rule(road.province.provider, operation=_operation(road), number=0)
    road.rule(several="main")
    road.publish()
    answer = road.codes("G1", "G2")
    assert listed(answer) == ["G1", "G3"]
    assert answer.headers["code-translation"] == '"items.code";how=several-main;n=1'
    counted = CodeTally.objects.filter(
        operation="land-prices/v1/parcels", agreement=road.agreement.code, name="items.code"
    )
    assert dict(counted.values_list("how", "codes")) == {
        "several-kept": 1,
        "missing-kept": 2,
        "several-list": 1,
        "missing-null": 1,
        "several-main": 1,
    }


def _operation(road: Road) -> Operation:
    return Operation.objects.get(version=road.version, name="parcels")


def test_requests_go_the_other_way_in_query_path_and_body(road: Road) -> None:
    road.provider.content = b'{"items":[]}'
    road.rule(place="query", at="code", several="list")
    road.rule("search", place="body", at="loc_cay.loai", several="list")
    road.rule("parcel", place="path", at="number")
    road.publish()
    assert road.ask(f"{PATH}?code=G3&page=2").status_code == 200
    assert road.ask(f"{PATH}?code=T").status_code == 200
    body = json.dumps({"loc_cay": {"loai": ["G3", "T"], "khac": "T"}}).encode()
    assert road.ask("/lgsp/land-prices/v1/search", "POST", body).status_code == 200
    road.provider.content = b'{"code":"x","price":1}'
    assert road.ask("/lgsp/land-prices/v1/parcels/G3").status_code == 200
    paths = [path for _method, path, _headers, _body in road.provider.asked]
    assert paths == ["/goc/parcels?code=G2&page=2", "/goc/parcels?code=T&code=T1", "/goc/search", "/goc/parcels/G2"]
    assert json.loads(road.provider.asked[2][3]) == {"loc_cay": {"loai": ["G2", "T", "T1"], "khac": "T"}}
    refused = road.ask("/lgsp/land-prices/v1/parcels/T")
    assert (refused.status_code, refused.json()["errors"]) == (422, [{"field": "number", "rule": "several"}])
    assert road.ask(f"{PATH}?code=G2").status_code == 422, "a code of the provider's edition is none of the consumers'"
    assert len(road.provider.asked) == 4


def test_a_list_that_changes_is_followed(road: Road) -> None:
    road.rule()
    road.publish()
    assert listed(road.codes("G2")) == ["G3"]
    other = Code.objects.get(edition__code="2025", value="T")
    Mapping.objects.filter(source__value="G2").update(target=other)
    snapshots.changed()
    road.publish()
    assert listed(road.codes("G2")) == ["T"]


def test_a_kept_answer_is_that_of_the_code_that_the_provider_was_asked_for(road: Road) -> None:
    Service.objects.filter(code="land-prices").update(personal=False)
    Version.objects.filter(pk=road.version.pk).update(routing={"cache": 60})
    road.rule(place="query", at="code")
    road.publish()
    road.provider.content = b'{"items":[]}'
    for _again in range(2):
        assert road.ask(f"{PATH}?code=G3").status_code == 200
    assert [path for _method, path, *_rest in road.provider.asked] == ["/goc/parcels?code=G2"]
    Mapping.objects.filter(source__value="G1", target__value="G1").delete()
    Mapping.objects.filter(source__value="G2").delete()
    Mapping.objects.create(
        source=Code.objects.get(edition__code="2020", value="G1"),
        target=Code.objects.get(edition__code="2025", value="G3"),
        kind="same",
    )
    snapshots.changed()
    road.publish()
    assert road.ask(f"{PATH}?code=G3").status_code == 200
    assert road.provider.asked[-1][1] == "/goc/parcels?code=G1"


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("tcvn3", '{"items":[{"code":"NguyÔn ThÞ Hång","price":1}]}'.encode("latin-1")),
        ("vni", '{"items":[{"code":"Nguyeãn Thò Hoàng","price":1}]}'.encode("latin-1")),
        ("utf-8", '{"items":[{"code":"Nguyễn Thị Hồng","price":1}]}'.encode()),
    ],
)
def test_old_encodings_declared_in_the_catalogue_come_out_as_nfc(road: Road, encoding: str, written: bytes) -> None:
    if encoding == "utf-8":
        written = unicodedata.normalize("NFD", written.decode()).encode()
    translating.set_encoding(road.province.provider, operation=_operation(road), encoding=encoding)
    road.publish()
    road.provider.content = written
    assert listed(road.ask()) == ["Nguyễn Thị Hồng"]
