"""Codes between editions of shared lists: what is declared, what is published, and that it is what the lists say."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.codelists import queries, shipped
from hienluong.foundation.codelists.actions import install
from hienluong.foundation.codelists.models import Code, Mapping
from hienluong.services.bus import catalogue, publishing, tasks, translating
from hienluong.services.bus.gateway.snapshot import OperationRoute, Snapshot
from hienluong.services.bus.models import CodeTally, Operation, Version, VersionStep
from hienluong.services.mediation import translations
from hienluong.services.mediation.translations import Notes, Untranslated
from tests.factories import TESTER, actor_for_role
from tests.foundation.codelists.sample import installed
from tests.services.test_wrong_user import browser_of

from .sample import PRICES, Province, document, somebody

pytestmark = pytest.mark.django_db
UNITS, BEFORE, AFTER = "administrative-units", "2025-06", "2025-07"
RULE = {
    "place": "answer",
    "at": "code",
    "codelist": "trees",
    "provider": "2020",
    "consumer": "2025",
    "several": "refuse",
    "missing": "keep",
}


def parcel(version: Version) -> Operation:
    return Operation.objects.get(version=version, name="parcel")


def test_every_administrative_unit_becomes_what_the_list_says_both_ways(tmp_path: Path) -> None:
    install(TESTER, loaded=shipped.load(UNITS))
    values = {
        code: list(
            Code.objects.filter(edition__codelist__code=UNITS, edition__code=code).values_list("value", flat=True)
        )
        for code in (BEFORE, AFTER)
    }
    assert (len(values[BEFORE]), len(values[AFTER])) == (10_794, 3355)
    rows = Mapping.objects.filter(source__edition__codelist__code=UNITS).select_related("source", "target")
    became: dict[tuple[str, str], dict[str, list[tuple[bool, int, str]]]] = {}
    for row in rows:
        for way, near, far in (((BEFORE, AFTER), row.source, row.target), ((AFTER, BEFORE), row.target, row.source)):
            told = became.setdefault(way, {}).setdefault(near.value, [])
            told.append((not row.is_primary, far.order, far.value))
    several = 0
    for start, end in ((BEFORE, AFTER), (AFTER, BEFORE)):
        file = tmp_path / f"{start}.json"
        file.write_bytes(translating._table((0,), UNITS, start, end))
        rule = {"at": "xa", "file": str(file), "several": "list", "missing": "refuse"}
        for value in values[start]:
            expected = [code for *_order, code in sorted(became[start, end].get(value, []))]
            if not expected:
                with pytest.raises(Untranslated):
                    translations.document({"xa": value}, [rule], tmp_path, Notes())
                continue
            found = translations.document({"xa": value}, [rule], tmp_path, Notes())["xa"]
            assert found == (expected if len(expected) > 1 else expected[0]), value
            several += len(expected) > 1
        for value in random.Random(7).sample(values[start], 60):
            same = [one.code.value for one in queries.successors(UNITS, value, start, end)]
            assert translations.table(file).codes[value] == same, value
    assert several > 3000, "wards of today came from several"
    there, back = (queries.succession(UNITS, *way) for way in ((BEFORE, AFTER), (AFTER, BEFORE)))
    alone = [value for value, found in there.items() if len(found.codes) == 1 and len(back[found.codes[0]].codes) == 1]
    assert len(alone) > 100
    assert all(back[there[value].codes[0]].codes == [value] for value in alone), "there and back is the same"
    vague = next(value for value, found in back.items() if len(found.codes) > 1 and not found.main)
    rule = {"at": "xa", "file": str(tmp_path / f"{AFTER}.json"), "several": "main", "missing": "refuse"}
    with pytest.raises(Untranslated):
        translations.document({"xa": vague}, [rule], tmp_path, Notes())


def test_a_rule_is_declared_kept_through_another_description_and_published_with_its_table(tmp_path: Path) -> None:
    installed(tmp_path)
    province = Province()
    version = province.version()
    translating.add_rule(province.provider, operation=parcel(version), **RULE)
    translating.set_encoding(province.provider, operation=parcel(version), encoding="tcvn3")
    assert VersionStep.objects.filter(version=version, text__contains="Cây rừng").exists()
    catalogue.describe(province.provider, version=version, document=document(info={"title": "x", "version": "1.0.1"}))
    province.agreed(version)

    made, files = publishing._made(timezone.now(), 1, tmp_path)

    operation = _passing(made)
    assert operation.transform is not None
    assert operation.transform["response"] == {"encoding": "tcvn3"}
    (rule,) = operation.transform["translate"]
    assert {name: rule[name] for name in ("in", "at", "list", "from", "to", "several", "missing")} == {
        "in": "answer",
        "at": "code",
        "list": "trees",
        "from": "2020",
        "to": "2025",
        "several": "refuse",
        "missing": "keep",
    }
    table = json.loads(files[Path(rule["file"]).name])
    assert table["codes"]["G1"] == ["G1", "G11"]
    assert table["codes"]["G2"] == ["G3"]
    assert operation.passes_mediator(operation.grants[0])
    translating.remove_rule(province.provider, operation=parcel(version), number=0)
    translating.set_encoding(province.provider, operation=parcel(version), encoding="")
    assert _passing(publishing._made(timezone.now(), 1, tmp_path)[0]).transform is None


def _passing(made: Snapshot) -> OperationRoute:
    ((_service, operation, _grant),) = made.routes()
    return operation


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"at": "price.x"}, "at"),
        ({"at": "mã xã"}, "at"),
        ({"place": "path", "at": "code"}, "at"),
        ({"place": "path", "at": "number", "several": "list"}, "several"),
        ({"place": "query", "missing": "null"}, "missing"),
        ({"consumer": "2020"}, "editions"),
        ({"codelist": "khong-co"}, "editions"),
        ({"place": "header"}, "place"),
        ({"place": "body"}, "place"),
        ({"place": "query", "at": "nam"}, "at"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(tmp_path: Path, changes: dict[str, str], field: str) -> None:
    installed(tmp_path)
    province = Province()
    paths = deepcopy(PRICES["paths"])
    paths["/parcels/{number}"]["get"]["parameters"] = [{"in": "query", "name": "code", "schema": {"type": "string"}}]
    operation = parcel(province.version(document=document(paths=paths)))
    with pytest.raises(InvalidInput) as refused:
        translating.add_rule(province.provider, operation=operation, **{**RULE, **changes})
    assert refused.value.field == field
    assert parcel(operation.version).turning == {}


def test_a_place_has_one_rule_and_only_the_owners_side_declares(tmp_path: Path) -> None:
    installed(tmp_path)
    province = Province()
    operation = parcel(province.version())
    translating.add_rule(province.provider, operation=operation, **RULE)
    with pytest.raises(InvalidInput):
        translating.add_rule(province.provider, operation=operation, **{**RULE, "several": "keep"})
    stranger = somebody(province.consumer, "provide", "share", "request")
    for verb in (
        lambda: translating.add_rule(stranger, operation=operation, **{**RULE, "at": "price"}),
        lambda: translating.remove_rule(stranger, operation=operation, number=0),
        lambda: translating.set_encoding(stranger, operation=operation, encoding="vni"),
    ):
        with pytest.raises(NotAllowed):
            verb()


def test_the_page_declares_and_takes_away_and_engineers_read_it(tmp_path: Path) -> None:
    installed(tmp_path)
    province = Province()
    province.version()
    browser = browser_of(actor_for_role("head", province.owner))
    base = "/quan-tri/truc-du-lieu/dich-vu/land-prices/v1"
    place = f"{base}/thao-tac/parcel"
    assert place in browser.get(base).content.decode()
    sent: dict[str, Any] = {
        "viec": "them",
        "place": "answer",
        "at": "code",
        "editions": "trees|2020|2025",
        "several": "list",
        "missing": "refuse",
    }
    wrong = browser.post(place, {**sent, "at": "khong.co"})
    assert (wrong.status_code, "khong.co" in wrong.content.decode()) == (422, True)
    assert browser.post(place, sent).headers["Location"] == place
    page = browser.get(place).content.decode()
    assert "bên cung cấp dùng ấn bản 2020, bên khai thác dùng 2025" in page
    assert browser.post(place, {"viec": "bang-ma", "encoding": "vni"}).status_code == 302
    shown = browser.get("/dich-vu-du-lieu/land-prices").content.decode()
    assert "code theo Cây rừng" in shown
    assert "Khi một mã thành nhiều mã: đưa mọi mã" in shown
    assert "Unicode NFC" in shown
    assert "Code-Translation" in shown
    assert "thao-tac/parcel" not in shown
    assert browser.post(place, {"viec": "bo", "so": "9"}).status_code == 422
    assert browser.post(place, {"viec": "bo", "so": "0"}).status_code == 302
    assert "Chưa có quy tắc nào" in browser.get(place).content.decode()
    other = browser_of(actor_for_role("head", province.consumer))
    assert other.get(place).status_code == 403
    assert other.post(place, sent).status_code == 403
    assert browser.get(f"{base}/thao-tac/khong-co").status_code == 404


def test_the_page_counts_what_was_not_one_to_one_lately(tmp_path: Path) -> None:
    installed(tmp_path)
    province = Province()
    version = province.version()
    translating.add_rule(province.provider, operation=parcel(version), **RULE)
    browser = browser_of(actor_for_role("head", province.owner))
    place = "/quan-tri/truc-du-lieu/dich-vu/land-prices/v1/thao-tac/parcel"
    assert "Chưa có mã nào." in browser.get(place).content.decode()
    today = timezone.localdate()
    for day, agreement, codes in ((today, "A", 2), (today, "B", 3), (today - timedelta(days=40), "A", 1000)):
        CodeTally.objects.create(
            day=day,
            operation="land-prices/v1/parcel",
            agreement=agreement,
            name="code",
            how="several-refused",
            codes=codes,
        )
    CodeTally.objects.create(
        day=today, operation="land-prices/v1/parcels", agreement="A", name="code", how="missing-kept", codes=77
    )
    assert translating.tallies(parcel(version)) == [translating.Tally("code", "thành nhiều mã, đã từ chối", 5)]
    page = browser.get(place).content.decode()
    assert "5 mã thành nhiều mã, đã từ chối" in page
    assert "77 mã" not in page


def test_counts_are_kept_for_more_than_a_year_and_no_longer(tmp_path: Path, settings: Any) -> None:
    today = timezone.localdate()
    for days in (0, translating.KEPT, translating.KEPT + 1):
        CodeTally.objects.create(
            day=today - timedelta(days=days), operation="a/v1/b", agreement="A", name="code", how="list", codes=1
        )
    settings.GATEWAY_FOLDER = tmp_path
    tasks.close_day()
    kept = CodeTally.objects.order_by("day").values_list("day", flat=True)
    assert [(today - day).days for day in kept] == [translating.KEPT, 0]


def test_the_description_says_what_is_turned_in_words_and_for_programs(tmp_path: Path) -> None:
    installed(tmp_path)
    province = Province()
    version = province.version()
    translating.add_rule(province.provider, operation=parcel(version), **RULE)
    translating.add_rule(province.provider, operation=parcel(version), **{**RULE, "at": "owner.name"})
    translating.add_rule(province.provider, operation=parcel(version), **{**RULE, "place": "path", "at": "number"})
    translating.set_encoding(province.provider, operation=parcel(version), encoding="tcvn3")

    told = Client().get("/dich-vu-du-lieu/land-prices/v1/openapi.json").json()["paths"]

    turned, untouched = told["/parcels/{number}"]["get"], told["/parcels"]["get"]
    kept = {"list": "trees", "several": "refuse", "missing": "keep"}
    assert turned["x-hienluong-translation"] == {
        "codes": [
            {**kept, "in": "answer", "from": "2020", "to": "2025", "fields": ["code", "owner.name"]},
            {**kept, "in": "path", "from": "2025", "to": "2020", "fields": ["number"]},
        ],
        "encoding": {"from": "tcvn3", "to": "utf-8", "normalization": "NFC"},
    }
    vietnamese, english = turned["description"].split("\n\n")[-2:]
    assert "Trục dữ liệu đổi trên đường đi:\n- Trường của câu trả lời: code theo" in vietnamese
    assert "bên cung cấp dùng ấn bản 2020, bên khai thác dùng" in vietnamese
    assert "the provider uses edition 2020, consumers use 2025" in english
    assert "x-hienluong-translation" not in untouched
    assert "description" not in untouched


def test_the_description_of_a_soap_service_says_that_consumers_speak_json() -> None:
    province = Province()
    province.version(document=(Path(__file__).parent / "wsdls" / "parcels.wsdl").read_text())

    told = Client().get("/dich-vu-du-lieu/land-prices/v1/openapi.json").json()["paths"]

    operation = told["/TraCuuThua"]["post"]
    assert operation["x-hienluong-translation"] == {
        "format": {"request": {"from": "json", "to": "soap"}, "response": {"from": "soap", "to": "json"}}
    }
    assert "Bên cung cấp nói SOAP; bạn gửi và nhận JSON." in operation["description"]
    assert "The provider speaks SOAP; you send and get JSON." in operation["description"]


def test_a_soap_service_stays_one_when_codes_and_encoding_are_declared(tmp_path: Path) -> None:
    installed(tmp_path)
    province = Province()
    version = province.version(document=(Path(__file__).parent / "wsdls" / "parcels.wsdl").read_text())
    operation = Operation.objects.get(version=version)
    rule = {**RULE, "at": "Thua.Xa"}
    translating.add_rule(province.provider, operation=operation, **rule)
    translating.add_rule(province.provider, operation=operation, **{**rule, "place": "body", "at": "SoThua"})
    translating.set_encoding(province.provider, operation=operation, encoding="utf-8")
    for changes, field in (({"place": "query"}, "place"), ({"place": "body", "at": "Khong"}, "at")):
        with pytest.raises(InvalidInput) as refused:
            translating.add_rule(province.provider, operation=operation, **{**rule, **changes})
        assert refused.value.field == field
    province.agreed(version, fields={"TraCuuThua": ["Thua.Xa"]})

    (service,) = publishing._made(timezone.now(), 1, tmp_path)[0].services

    transform = service.operations[0].transform
    assert transform is not None
    assert (transform["request"]["format"], transform["response"]["format"]) == ("soap", "soap")
    assert transform["response"]["encoding"] == "utf-8"
    assert transform["response"]["map"]["Thua"]
    assert [(each["in"], each["from"], each["to"]) for each in transform["translate"]] == [
        ("answer", "2020", "2025"),
        ("body", "2025", "2020"),
    ]


def test_an_edition_that_is_gone_closes_the_operation(tmp_path: Path) -> None:
    installed(tmp_path)
    province = Province()
    version = province.version()
    operation = parcel(version)
    translating.add_rule(province.provider, operation=operation, **RULE)
    province.agreed(version)
    operation.refresh_from_db()
    operation.turning["translate"][0]["consumer"] = "2030"
    operation.save(update_fields=("turning",))

    made, _files = publishing._made(timezone.now(), 1, tmp_path)

    assert {one.name for one in made.services[0].operations if one.grants} == set()
