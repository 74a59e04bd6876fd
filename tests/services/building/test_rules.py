"""Rules between fields from menus: kept as an engineer writes them, read back into the menus, and they do what they say."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hienluong.foundation.identity.models import Account
from hienluong.foundation.schemas import expressions
from hienluong.services.building import register_operations as ops
from hienluong.services.building import yaml_text
from tests.snapshots import ready

from .sample import FILE, WRITTEN, Workshop, workshop
from .test_procedures import CODE, NAME, Office, browser, office

pytestmark = pytest.mark.django_db
ARGS = ["thuongmai.cho", "cho"]
KINDS = (
    ("date", "Ngày mở"),
    ("date", "Ngày đóng"),
    ("integer", "Số quầy"),
    ("integer", "Số quầy trống"),
    ("flag", "Có bán cá"),
    ("text", "Nguồn nước"),
    ("choice", "Loại chợ"),
)


def begun() -> Workshop:
    """A register of markets with days, numbers, a yes or no, a choice."""
    shop = workshop()
    definition = shop.definition()
    for kind, title in KINDS:
        definition = ops.add_field(definition, kind=kind, title=title, begun=WRITTEN.get(kind))
    shop.save(FILE, yaml_text.dump(definition))
    return shop


@pytest.fixture
def shop(db: None) -> Workshop:
    return ready(begun)


def at(shop: Workshop) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=shop.builder.account_id))
    return client


ADDRESS = "building:register_rules"


def send(shop: Workshop, number: int, **boxes: str) -> Any:
    shop.draft.refresh_from_db()
    named = {f"qt{number}-{box}": value for box, value in {"field": "so_quay", "message": "Sai rồi.", **boxes}.items()}
    sent = {"ban": shop.draft.head_id, "viec": "ghi", "so": number, **named}
    return at(shop).post(reverse(ADDRESS, args=ARGS), sent)


def row(number: int, field: str, comparison: str, value: str = "", other: str = "") -> dict[str, str]:
    return {f"f{number}": field, f"c{number}": comparison, f"v{number}": value, f"o{number}": other}


@pytest.mark.parametrize(
    ("boxes", "kept", "right", "wrong", "words"),
    [
        (
            row(0, "ngay_dong", "ge", other="ngay_mo"),
            "ngay_dong >= ngay_mo",
            {"ngay_mo": "2026-01-01", "ngay_dong": "2026-01-01"},
            {"ngay_mo": "2026-01-02", "ngay_dong": "2026-01-01"},
            "“Ngày đóng” không trước Ngày mở",
        ),
        (
            row(0, "so_quay_trong", "le", other="so_quay"),
            "so_quay_trong <= so_quay",
            {"so_quay": 5},
            {"so_quay": 5, "so_quay_trong": 6},
            "“Số quầy trống” không quá Số quầy",
        ),
        (
            row(0, "ngay_mo", "le", other="today"),
            "ngay_mo <= today",
            {"ngay_mo": "2020-01-01"},
            {"ngay_mo": "2100-01-01"},
            "“Ngày mở” không sau hôm nay",
        ),
        (
            {**row(3, "co_ban_ca", "eq", "có"), **row(0, "nguon_nuoc", "given")},
            "co_ban_ca != true || nguon_nuoc != null",
            {},
            {"co_ban_ca": True},
            "Nếu “Có bán cá” là có thì “Nguồn nước” đã được điền",
        ),
        (
            {
                **row(3, "loai_cho", "eq", "Chợ phiên"),
                **row(0, "so_quay", "given"),
                **row(1, "ngay_mo", "given"),
            },
            "loai_cho != 'a' || (so_quay != null && ngay_mo != null)",
            {"loai_cho": "a", "so_quay": 1, "ngay_mo": "2020-01-01"},
            {"loai_cho": "a", "so_quay": 1},
            "Nếu “Loại chợ” là Chợ phiên thì “Số quầy” đã được điền và “Ngày mở” đã được điền",
        ),
        (
            {
                **row(3, "so_quay", "gt", "10"),
                **row(0, "nguon_nuoc", "given"),
                **row(1, "ngay_mo", "given"),
                "join": "or",
            },
            "!(so_quay > 10) || nguon_nuoc != null || ngay_mo != null",
            {"so_quay": 11, "ngay_mo": "2020-01-01"},
            {"so_quay": 11},
            "Nếu “Số quầy” lớn hơn 10 thì “Nguồn nước” đã được điền hoặc “Ngày mở” đã được điền",
        ),
        (
            {**row(0, "nguon_nuoc", "given"), **row(1, "so_quay", "given"), "join": "or"},
            "nguon_nuoc != null || so_quay != null",
            {"so_quay": 1},
            {},
            "“Nguồn nước” đã được điền hoặc “Số quầy” đã được điền",
        ),
    ],
)
def test_a_rule_is_made_of_menus_and_read_back(
    shop: Workshop, boxes: dict[str, str], kept: str, right: dict[str, Any], wrong: dict[str, Any], words: str
) -> None:
    assert send(shop, 0, **boxes).status_code == 302
    assert shop.definition()["rules"] == [{"when": kept, "field": "so_quay", "message": "Sai rồi."}]
    assert expressions.evaluate(kept, right) is not False
    assert expressions.evaluate(kept, wrong) is False
    answer = at(shop).get(reverse(ADDRESS, args=ARGS))
    assert words in answer.content.decode().replace("&quot;", '"')
    form = answer.context["rules"][0]["form"]
    assert form["cel"].value() == ""
    shown = {name: str(form[name].value() or "") for name in form.fields}
    assert send(shop, 0, **shown).status_code == 302
    assert shop.definition()["rules"][0]["when"] == kept, "saved as it was shown nothing changes"


def test_a_formula_that_menus_cannot_say_is_shown_as_one(shop: Workshop) -> None:
    hard = "ngay_mo == null || (so_quay > 0 && days_between(ngay_mo, ngay_dong) <= 30)"
    assert send(shop, 0, cel=hard).status_code == 302
    form = at(shop).get(reverse(ADDRESS, args=ARGS)).context["rules"][0]["form"]
    assert (form["cel"].value(), form["f0"].value()) == (hard, "")


@pytest.mark.parametrize(
    ("boxes", "box", "told"),
    [
        ({}, "f0", "Nói điều phải đúng."),
        (row(3, "co_ban_ca", "eq", "có"), "f0", "Nói điều phải đúng."),
        (row(0, "so_quay", "le", other="ngay_mo"), "o0", "chỉ so được với một trường cùng kiểu"),
        (row(0, "so_quay", "le", "5", "so_quay_trong"), "o0", "không cả hai"),
        ({**row(3, "so_quay", "gt", "mươi"), **row(0, "nguon_nuoc", "given")}, "v3", "so với một số"),
        ({"cel": "so_quay >"}, "cel", "Biểu thức chưa đúng"),
        ({**row(0, "so_quay", "gt", "0"), "message": ""}, "message", ""),
        ({**row(0, "so_quay", "gt", "0"), "field": ""}, "field", ""),
    ],
)
def test_what_a_rule_lacks_is_said_at_its_box(shop: Workshop, boxes: dict[str, str], box: str, told: str) -> None:
    answer = send(shop, 0, **boxes)
    assert answer.status_code == 422
    errors = answer.context["rules"][0]["form"].errors
    assert list(errors) == [box]
    assert told in str(errors[box])
    assert "rules" not in shop.definition()


@pytest.fixture
def place(db: None) -> Office:
    return ready(office)


def test_a_rule_of_a_form_is_only_looked_at_in_some_cases_and_never_asks_for_an_answer(place: Office) -> None:
    client, address = browser(place.builder), reverse("building:rule", args=[NAME, CODE])
    said = {"message": "Phải có nhiều quầy.", "field": "so_quay"}
    cases = {**row(3, "co_ban_do_tuoi_song", "eq", "có"), **row(0, "so_quay", "gt", "3")}
    assert client.post(address, {"ban": place.draft.head_id, **said, **cases}).status_code == 302
    form = client.get(reverse("building:form", args=[NAME, CODE])).content.decode()
    assert "Nếu “Có bán đồ tươi sống” là có thì “Số quầy” lớn hơn 3" in form
    asking = {**row(3, "so_quay", "gt", "3"), **row(0, "nguoi_trong_coi", "given")}
    refused = client.post(address, {"ban": place.draft.head_id, **said, **asking})
    assert refused.status_code == 422
    assert "đánh dấu “Bắt buộc trả lời” và ghi “Chỉ hỏi khi”" in refused.content.decode()
