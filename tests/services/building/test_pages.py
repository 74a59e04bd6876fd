"""The pages of drafts: who may come, what they say, nothing typed is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers.models import Definition, Register
from hienluong.foundation.identity.models import Account
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions, files, procedure_urls, yaml_text
from hienluong.services.building import register_operations as ops
from hienluong.services.building.codelist_operations import new_list
from hienluong.services.building.models import Draft, State
from hienluong.services.building.urls import urlpatterns
from tests.snapshots import ready

from .sample import FILE, Workshop, listed, workshop

pytestmark = pytest.mark.django_db
PARTS: dict[str, Any] = {"name": "thuongmai.cho", "file": FILE, "number": 1, "stem": "cho", "field": "name"}


@pytest.fixture
def shop(db: None) -> Workshop:
    return ready(workshop)


def browser(actor: Any) -> Client:
    client = Client()
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


def addresses() -> dict[str, str]:
    """Every page of the room, by name."""
    found = {}
    for pattern in (each for each in urlpatterns if each not in procedure_urls.urlpatterns):
        wanted = pattern.pattern.converters
        found[str(pattern.name)] = reverse(f"building:{pattern.name}", kwargs={name: PARTS[name] for name in wanted})
    return found


@pytest.mark.once
def test_only_builders_of_the_house_see_or_change_a_draft(shop: Workshop) -> None:
    shop.save("codelists/cho.yaml", yaml_text.dump(new_list("cho", "Chợ", shop.owner.name, date(2026, 1, 1))))
    own, stranger, officer = browser(shop.builder), browser(shop.stranger), browser(shop.officer)
    before = shop.texts()
    for name, address in addresses().items():
        seen = own.get(address)
        assert seen.status_code in (200, 405), (name, seen.status_code)
        for wrong in (stranger, officer, Client()):
            for answer in (wrong.get(address), wrong.post(address, {"ban": "1", "text": "x", "viec": "xoa"})):
                if wrong is not stranger or PARTS["name"] in address:
                    assert answer.status_code in (302, 403, 404, 405), (name, answer.status_code)
                    assert "Chợ" not in answer.content.decode(errors="ignore"), name
    assert shop.texts() == before
    assert State.objects.count() == 3


def test_a_draft_is_begun_changed_and_installed_on_pages(shop: Workshop) -> None:
    client = browser(shop.builder)
    form = {"title": "Siêu thị", "name": "Siêu thị", "owner": shop.owner.name, "description": ""}
    wrong = client.post(reverse("building:begin"), form)
    assert (wrong.status_code, "Siêu thị" in wrong.content.decode()) == (422, True)
    assert client.post(reverse("building:begin"), {**form, "name": "thuongmai.sieuthi"}).status_code == 302
    assert Draft.objects.get(name="thuongmai.sieuthi").owner == shop.owner

    head = shop.draft.head_id
    source = reverse("building:source", args=["thuongmai.cho", FILE])
    text = shop.texts()[FILE].replace("title: Chợ", "title: Chợ phiên", 1)
    assert client.post(source, {"ban": head, "text": text}).status_code == 302
    late = client.post(source, {"ban": head, "text": "khác"})
    assert (late.status_code, "Có người vừa sửa" in late.content.decode(), "khác" in late.content.decode()) == (
        422,
        True,
        True,
    )
    page = client.get(reverse("building:compare", args=["thuongmai.cho"])).content.decode()
    assert "Chợ phiên" in page
    shop.draft.refresh_from_db()
    install = reverse("building:install", args=["thuongmai.cho"])
    assert "Mới" in client.get(install).content.decode()
    assert client.post(install, {"ban": shop.draft.head_id}).status_code == 302
    assert "cài lại không đổi gì" in client.get(install).content.decode()


def test_a_zip_comes_in_and_a_bad_one_is_told(shop: Workshop, settings: Any) -> None:
    client = browser(shop.builder)
    texts = {**shop.texts(), "pack.yaml": "name: a.b\ntitle: Gói\nversion: 1.0.0\n"}
    for content, status in ((b"khong phai zip", 422), (files.as_bytes(texts).to_zip(), 302)):
        file = SimpleUploadedFile("goi.zip", content)
        answer = client.post(reverse("building:bring"), {"file": file, "owner": shop.owner.name})
        assert answer.status_code == status
    settings.PACKS_NEED_SIGNATURE = True  # what is built here needs none: so nothing unsigned becomes built here
    other = files.as_bytes({**texts, "pack.yaml": texts["pack.yaml"].replace("a.b", "a.c")}).to_zip()
    form = {"file": SimpleUploadedFile("goi.zip", other), "owner": shop.owner.name}
    assert "gói chưa được ký" in client.post(reverse("building:bring"), form).content.decode()
    assert not Draft.objects.filter(name="a.c").exists()
    given = client.get(reverse("building:download", args=["a.b"])).content
    assert files.of_zip(given) == texts
    offered = client.get(reverse("building:copy")).content.decode()
    assert "(business.household)" in offered
    assert "(health.food_safety)" not in offered, "its scoring form and pages have no place in a draft"
    assert (
        client.post(reverse("building:copy"), {"pack": "business.household", "owner": shop.owner.name}).status_code
        == 302
    )
    assert "Hộ kinh doanh" in client.get(reverse("building:show", args=["business.household"])).content.decode()


def test_a_register_is_built_on_plain_pages(shop: Workshop) -> None:
    client = browser(shop.builder)
    page = reverse("building:register", args=["thuongmai.cho", "cho"])

    def send(address: str, **said: Any) -> Any:
        shop.draft.refresh_from_db()
        answer = client.post(address, {"ban": shop.draft.head_id, **said})
        assert answer.status_code == 302, answer.content.decode()[:5000]
        return answer

    def definition() -> Any:
        return parse(shop.texts()[FILE], FILE).value

    assert send(page, viec="them choice", ten="Hạng chợ").url.endswith("?truong=hang_cho")
    field = {"t-title": "Hạng của chợ", "t-kind": "choice", "t-hint": "", "t-required": "on", "t-computed": ""}
    at = f"{page}?truong=hang_cho"
    wrong = client.post(at, {"ban": shop.draft.head_id, "viec": "ghi", **field, "t-options": "một", "t-name": "Hạng"})
    assert (wrong.status_code, "Hạng của chợ" in wrong.content.decode()) == (422, True)
    send(at, viec="ghi", **field, **{"t-options": "1: Hạng 1\n2: Hạng 2\nHạng ba", "t-name": "hang"})
    send(page, viec="them table", ten="Ngành hàng")
    rows = {
        "cot-TOTAL_FORMS": "3",
        "cot-INITIAL_FORMS": "1",
        **{f"cot-{n}-{part}": "" for n in range(3) for part in ("title", "name")},
        "cot-0-title": "Tên hàng",
        "cot-0-kind": "text",
        "cot-0-name": "content",
        "cot-0-required": "on",
        "cot-1-title": "Số sạp",
        "cot-1-kind": "integer",
        "cot-2-kind": "text",
    }
    table = {"t-title": "Ngành hàng", "t-kind": "table", "t-hint": "", "t-computed": "", "t-name": "nganh_hang"}
    trial = reverse("building:field_trial", args=["thuongmai.cho", "cho"]) + "?truong=nganh_hang"
    assert "Số sạp" in client.post(trial, {**table, **rows}).content.decode()
    send(f"{page}?truong=nganh_hang", viec="ghi", **table, **rows)
    send(page, viec="them point", ten="Vị trí", cho="0")
    send(page, viec="xuong vi_tri")
    send(page, viec="chuyen vi_tri", cho="3")
    send(page, viec="them integer", ten="Số hộ")
    send(page, viec="them money", ten="Bỏ đi")
    send(page, viec="bo bo_di")
    said = definition()
    assert list(said["schema"]["properties"]) == ["name", "hang", "nganh_hang", "vi_tri", "so_ho"]
    assert said["schema"]["properties"]["hang"] == {
        "type": "string",
        "title": "Hạng của chợ",
        "enum": ["1", "2", "hang_ba"],
        "x-enum-labels": {"1": "Hạng 1", "2": "Hạng 2", "hang_ba": "Hạng ba"},
    }
    assert said["schema"]["required"] == ["name", "hang"]
    assert said["schema"]["properties"]["nganh_hang"]["items"]["required"] == ["content"]

    rules = reverse("building:register_rules", args=["thuongmai.cho", "cho"])
    rule = {"qt0-cel": "so_ho > ", "qt0-field": "so_ho", "qt0-message": "Số hộ phải lớn hơn 0."}
    refused = client.post(rules, {"ban": shop.draft.head_id, "viec": "ghi", "so": "0", **rule})
    assert (refused.status_code, "Biểu thức chưa đúng" in refused.content.decode()) == (422, True)
    send(rules, viec="ghi", so="0", **{**rule, "qt0-cel": "so_ho == null || so_ho > 0"})
    lists = reverse("building:register_lists", args=["thuongmai.cho", "cho"])
    send(lists, viec="ghi", phan="ds0", **{"ds0-title": "Chợ", "ds0-columns": ["name", "so_ho"], "ds0-sort": "-so_ho"})
    access = reverse("building:register_access", args=["thuongmai.cho", "cho"])
    every = list(said["schema"]["properties"])
    send(access, **{"xem-responsible": every, "ghi-responsible": every, "xem-owner": every, "xem-public": ["name"]})
    about = reverse("building:register_about", args=["thuongmai.cho", "cho"])
    facts = {"title": "Chợ", "owner": shop.owner.name, "legal_basis": "Nghị định 60/2024/NĐ-CP", "key_kind": "series"}
    facts |= {
        "series": "CHO-{n:04}",
        "name": "name",
        "map": "vi_tri",
        "effective_from": "01/01/2026",
        "events": "create",
        "retention_years": "10",
        "retention_clears": ["vi_tri"],
    }
    send(about, **facts)
    assert definition()["retention"] == {"years": 10, "clears": ["vi_tri"]}
    assert definition()["access"] == {
        "responsible": {"read": "*", "write": "*"},
        "owner": {"read": "*"},
        "public": {"read": ["name"]},
    }
    tried_out = reverse("building:register_trial", args=["thuongmai.cho", "cho"])
    answer = client.post(tried_out, {"name": "Chợ Đông Hà", "hang": "1", "so_ho": "0"}).content.decode()
    assert "Số hộ phải lớn hơn 0." in answer
    good = client.post(tried_out, {"name": "Chợ Đông Hà", "hang": "1", "so_ho": "5"}).content.decode()
    assert "Nội dung này được nhận." in good
    assert files.check(shop.texts()).faults == ()


def test_a_new_version_says_what_it_breaks_and_how_records_come_over(shop: Workshop) -> None:
    client = browser(shop.builder)
    assert shop.draft.head is not None
    actions.install(shop.builder, draft=shop.draft, expected=shop.draft.head.pk)
    register = Register.objects.get(code="thuongmai.cho")
    registers.create(shop.officer, register=register, data={"name": "Chợ Sòng"}, since=date(2026, 2, 1))
    page = reverse("building:register_version", args=["thuongmai.cho", "cho"])
    client.post(page, {"ban": shop.draft.head_id, "viec": "moi", "effective_from": "01/12/2026"})
    changed = ops.add_field(parse(shop.texts()[FILE], FILE).value, kind="text", title="Hạng")
    prop = {"x-kind": "text", "title": "Hạng"}
    shop.save(FILE, yaml_text.dump(ops.put_field(changed, name="hang", prop=prop, required=True)))
    assert "trường trở thành bắt buộc" in client.get(page).content.decode()
    install = reverse("building:install", args=["thuongmai.cho"])
    refused = client.post(install, {"ban": shop.draft.head_id})
    assert (refused.status_code, "Phiên bản mới cần cách chuyển" in refused.content.decode()) == (422, True)
    wrong = client.post(page, {"ban": shop.draft.head_id, "viec": "chuyen", "cach-hang": "hang + 'x'"})
    assert (wrong.status_code, "hang + &#x27;x&#x27;" in wrong.content.decode()) == (422, True)
    assert client.post(page, {"ban": shop.draft.head_id, "viec": "chuyen", "cach-hang": "'chua_ro'"}).status_code == 302
    shop.draft.refresh_from_db()
    assert client.post(install, {"ban": shop.draft.head_id}).status_code == 302
    assert sorted(shop.texts()) == ["pack.yaml", "registers/cho.v1.yaml", FILE]
    assert list(Definition.objects.order_by("version").values_list("version", flat=True)) == [1, 2]


def test_a_column_has_the_boxes_of_its_kind(shop: Workshop) -> None:
    listed()
    client = browser(shop.builder)
    table: dict[str, Any] = {
        "x-kind": "table",
        "title": "Sạp",
        "items": {"type": "object", "properties": {"old": {"x-kind": "text"}}},
    }
    definition = shop.definition()
    definition["schema"]["properties"]["stalls"] = table
    shop.save(FILE, yaml_text.dump(definition))
    page = reverse("building:register", args=["thuongmai.cho", "cho"]) + "?truong=stalls"
    about = {"t-title": "Sạp", "t-kind": "table", "t-hint": "", "t-computed": "", "t-name": "stalls"}

    def send(*columns: tuple[str, str, dict[str, Any]]) -> Any:
        boxes: dict[str, Any] = {
            "cot-TOTAL_FORMS": len(columns),
            "cot-INITIAL_FORMS": len(table["items"]["properties"]),
        }
        for number, (name, kind, more) in enumerate(columns):
            said = {"title": name.upper(), "kind": kind, "name": name, **more}
            boxes |= {f"cot-{number}-{box}": value for box, value in said.items()}
        shop.draft.refresh_from_db()
        answer = client.post(page, {"ban": shop.draft.head_id, "viec": "ghi", **about, **boxes})
        table.update(shop.definition()["schema"]["properties"]["stalls"])
        return answer

    kinds = {"a": "choice", "b": "quantity", "c": "code", "d": "reference"}
    assert send(*((name, kind, {}) for name, kind in kinds.items())).status_code == 302
    shown = client.get(page).content.decode()
    assert all(
        f'name="cot-{number}-{box}"' in shown for number, box in enumerate(("options", "units", "list", "register"))
    )
    assert 'value="photo"' not in shown.partition('name="cot-0-kind"')[2].partition("</select>")[0]
    wrong = send(("a", "choice", {"options": "Một"}), ("b", "quantity", {"units": ""}), ("c", "code", {"list": ""}))
    assert (wrong.status_code, wrong.content.decode().count("govuk-error-summary__list")) == (422, 1)
    assert "Ghi ít nhất hai lựa chọn." in wrong.content.decode()
    sent = send(
        ("a", "choice", {"options": "1: Hạng 1\nHạng hai"}),
        ("b", "quantity", {"units": "kg\ntấn", "required": "on"}),
        ("c", "code", {"list": "trees", "leaf": "on"}),
        ("d", "reference", {"register": "thuongmai.cho"}),
    )
    assert sent.status_code == 302
    assert table["items"] == {
        "type": "object",
        "required": ["b"],
        "properties": {
            "a": {
                "type": "string",
                "title": "A",
                "enum": ["1", "hang_hai"],
                "x-enum-labels": {"1": "Hạng 1", "hang_hai": "Hạng hai"},
            },
            "b": {"x-kind": "quantity", "title": "B", "x-units": ["kg", "tấn"]},
            "c": {"x-kind": "code", "title": "C", "x-list": "trees", "x-leaf": True},
            "d": {"x-kind": "reference", "title": "D", "x-register": "thuongmai.cho"},
        },
    }
    emptied = send(("", "text", {}))
    assert "Bảng phải có ít nhất một cột." in emptied.content.decode()
