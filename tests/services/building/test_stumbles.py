"""Where somebody who builds a sector for the first time stumbled."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from typing import Any

import pytest
from django.urls import reverse

from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import preview, yaml_text
from hienluong.services.building import register_operations as ops
from hienluong.services.building.codelist_operations import new_list
from tests.factories import make_org
from tests.snapshots import ready

from .sample import FILE, Workshop, workshop
from .test_procedures import CODE, NAME, Builder, Office, browser, office

pytestmark = pytest.mark.django_db
PROCEDURE = f"procedures/{CODE}.yaml"


@pytest.fixture
def shop(db: None) -> Workshop:
    return ready(workshop)


@pytest.fixture
def place(db: None) -> Office:
    return ready(office)


def page(shop: Workshop, view: str, *args: Any) -> str:
    return unescape(
        browser(shop.builder).get(reverse(f"building:{view}", args=["thuongmai.cho", *args])).content.decode()
    )


def seen(place: Office, view: str, *args: Any, query: str = "") -> str:
    address = reverse(f"building:{view}", args=[NAME, CODE, *args])
    return unescape(Builder(place).client.get(address + query).content.decode())


def definition(place: Office) -> Any:
    return parse(place.texts()[PROCEDURE], PROCEDURE).value


def asking(place: Office, **prop: Any) -> None:
    """A field of the register that the form does not ask for."""
    path = "registers/cho.yaml"
    register = parse(place.texts()[path], path).value
    register = ops.add_field(register, kind=prop.pop("kind", "text"), title=prop.pop("title", "Người bán"))
    if prop:
        name = next(reversed(register["schema"]["properties"]))
        register["schema"]["properties"][name] |= prop
    address = reverse("building:source", args=[NAME, path])
    sent = Builder(place).client.post(address, {"ban": place.draft.head_id, "text": yaml_text.dump(register)})
    assert sent.status_code == 302


def test_a_number_of_years_is_no_amount_of_money(shop: Workshop) -> None:
    about = page(shop, "register_about", "cho")
    assert "Lưu mấy năm" in about
    assert "govuk-input__suffix" not in about


def test_a_list_that_is_just_begun_calmly_says_what_to_do(shop: Workshop) -> None:
    shop.save("codelists/loai.yaml", yaml_text.dump(new_list("loai", "Loại chợ", shop.owner.name, date(2026, 1, 1))))
    begun = page(shop, "codelist", "loai")
    assert "Danh mục chưa có mã nào. Ghi các mục" in begun
    assert "hl-bench__faults" not in begun
    assert 'href="/quan-tri/xuong-khai-bao/thuongmai.cho/danh-muc/loai">Danh mục “Loại chợ”</a>' in page(shop, "show")


def test_only_the_file_itself_speaks_of_lines(place: Office) -> None:
    builder = Builder(place)
    text = place.texts()[PROCEDURE].replace("so_quay >= 1", "so_quay >= so_khac", 1)
    source = reverse("building:source", args=[NAME, PROCEDURE])
    builder.client.post(source, {"ban": place.draft.head_id, "text": text})
    about = seen(place, "procedure")
    assert "hl-bench__faults" in about
    assert "Dòng " not in about.partition("hl-bench__faults")[2].partition("</ul>")[0]
    assert re.search(r'<a class="govuk-link" href="[^"]*/bieu-mau/quy-tac/0">Quy tắc của biểu mẫu</a>', about)
    assert re.search(r"<li>Dòng \d+: ", unescape(builder.client.get(source).content.decode()))


def test_a_field_that_nobody_asks_for_becomes_a_question_where_it_is_missed(place: Office) -> None:
    asking(place)
    builder = Builder(place)
    effect = seen(place, "effect", 0)
    assert 'value="hoi nguoi_ban"' in effect
    assert 'value="hoi so_quay"' not in effect
    kept = {f"from_{name}": value for name, value in definition(place)["effects"][0]["set"].items()}
    sent = builder.post("effect", 0, register=NAME, kind="create", viec="hoi nguoi_ban", **kept)
    assert sent.url == reverse("building:effect", args=[NAME, CODE, 0])
    said = definition(place)
    assert "nguoi_ban" in said["form"]["pages"][-1]["fields"]
    assert said["effects"][0]["set"]["nguoi_ban"] == "nguoi_ban"
    assert 'value="hoi nguoi_ban"' not in seen(place, "effect", 0)


def test_a_question_may_be_added_before_it_is_said_what_is_written(place: Office) -> None:
    asking(place)
    client, address = Builder(place).client, reverse("building:effect", args=[NAME, CODE])
    boxes = {"ban": place.draft.head_id, "register": NAME, "kind": "create", "from_name": "ten_diem_ban"}
    shown = client.post(address, {**boxes, "viec": "hoi nguoi_ban"})
    text = shown.content.decode()
    assert re.search(r'<option value="nguoi_ban" selected>', text)
    assert f'name="ban" value="{place.draft.head_id}"' in text
    assert len(definition(place)["effects"]) == 1


def test_fixed_choices_are_offered_to_their_own_field_only(place: Office) -> None:
    asking(place, kind="choice", title="Hạng", enum=["a", "b"], **{"x-enum-labels": {"a": "Tốt", "b": "Kém"}})
    effect = seen(place, "effect", 0)
    menus = dict(re.findall(r'<select[^>]* name="from_(\w+)".*?>(.*?)</select>', effect, re.DOTALL))
    assert [name for name, offered in menus.items() if "Hạng: Kém" in offered] == ["hang"]


def test_a_paper_and_a_charge_get_their_codes_from_their_names(place: Office) -> None:
    builder = Builder(place)
    for _time in range(2):
        builder.post("procedure_item", "papers", name="Bản vẽ mặt bằng", required="on")
    assert [paper["code"] for paper in definition(place)["papers"][-2:]] == ["ban_ve_mat_bang", "ban_ve_mat_bang_2"]
    last = len(definition(place)["papers"]) - 1
    builder.post("procedure_item", "papers", last, name="Bản vẽ khác", required="on")
    assert definition(place)["papers"][-1]["code"] == "ban_ve_mat_bang_2"


def test_one_stays_on_the_page_of_the_form_from_which_a_rule_was_opened(place: Office) -> None:
    builder = Builder(place)
    there = f"{reverse('building:form', args=[NAME, CODE])}?trang=diem-ban"
    listed = builder.client.get(there).content.decode()
    assert f"{reverse('building:rule', args=[NAME, CODE])}?trang=diem-ban" in listed
    rule = reverse("building:rule", args=[NAME, CODE])
    boxes = {"f0": "so_quay", "c0": "le", "v0": "90", "message": "Nhiều quá", "field": "so_quay"}
    sent = builder.client.post(f"{rule}?trang=diem-ban", {"ban": place.draft.head_id, **boxes})
    assert (sent.status_code, sent["Location"]) == (302, there)
    assert there in builder.client.get(reverse("building:field", args=[NAME, CODE, "so_quay"])).content.decode()


def test_the_file_of_a_register_keeps_its_tabs(shop: Workshop) -> None:
    text = page(shop, "source", FILE)
    assert reverse("building:register_rules", args=["thuongmai.cho", "cho"]) in text
    assert 'aria-current="page">Tệp YAML</a>' in text


def test_the_file_of_a_procedure_leads_back_to_it(place: Office) -> None:
    text = Builder(place).client.get(reverse("building:source", args=[NAME, PROCEDURE])).content.decode()
    assert f'href="{reverse("building:procedure", args=[NAME, CODE])}">Quay lại thủ tục</a>' in text


def test_the_files_of_its_result_and_its_process_lead_back_to_the_procedure(place: Office) -> None:
    builder = Builder(place)
    builder.post("process", model="own")
    own = [path for path in place.texts() if path.startswith(("results/", "processes/"))]
    assert len(own) == 2
    back = f'href="{reverse("building:procedure", args=[NAME, CODE])}">Quay lại thủ tục</a>'
    for path in own:
        assert back in builder.client.get(reverse("building:source", args=[NAME, path])).content.decode(), path
    for path in ("results/khac.html", "processes/khac.bpmn", "pack.yaml"):
        assert back not in builder.client.get(reverse("building:source", args=[NAME, path])).content.decode(), path


def test_what_is_wrong_in_a_pack_names_the_file_only_where_no_page_mends_it(place: Office) -> None:
    builder = Builder(place)
    text = place.texts()[PROCEDURE].replace("so_quay >= 1", "so_quay >= so_khac", 1)
    broken = {PROCEDURE: text, f"examples/{CODE}.yaml": "procedure: [\n"}
    for path, said in broken.items():
        source = reverse("building:source", args=[NAME, path])
        assert builder.client.post(source, {"ban": place.draft.head_id, "text": said}).status_code == 302
    for view in ("show", "install"):
        text = unescape(builder.client.get(reverse(f"building:{view}", args=[NAME])).content.decode())
        table = text.partition("Cần sửa trước khi cài")[2].partition("</table>")[0]
        assert "› Quy tắc của biểu mẫu</a>" in table
        assert f"{PROCEDURE}, dòng" not in table
        assert re.search(rf">examples/{CODE}.yaml, dòng \d+</a>", table)
        assert "Trong tệp" not in table


def test_an_example_of_a_list_looks_like_what_it_stands_for(shop: Workshop) -> None:
    codes = new_list("loai", "Loại chợ", shop.owner.name, date(2026, 1, 1))
    codes["editions"][0]["codes"] = [{"code": "p", "name": "Chợ phiên"}, {"code": "n", "name": "Chợ nổi"}]
    shop.save("codelists/loai.yaml", yaml_text.dump(codes))
    register = ops.add_field(shop.definition(), kind="quantity", title="Diện tích")
    register = ops.add_field(register, kind="code", title="Loại")
    register["schema"]["properties"]["dien_tich"]["x-units"] = ["m2"]
    register["schema"]["properties"]["loai"]["x-list"] = "loai"
    register = ops.put_list(register, number=0, title="", columns=["dien_tich", "loai"], filters=[], sort="")
    shop.save(FILE, yaml_text.dump(register))
    for view in ("register_lists", "register_trial"):
        text = page(shop, view, "cho")
        assert "12,5 m²" in text, view
        assert "Chợ phiên</td>" in text, view
        assert "Chợ nổi</td>" in text, view


def test_the_trial_lets_one_choose_the_agency_as_the_form_of_a_record_does(shop: Workshop) -> None:
    commune = make_org("Xã Cửa Việt", kind=Organization.Kind.COMMUNE)
    register = ops.new_register("thuongmai.cho", "Chợ", shop.owner.name, date(2026, 1, 1), by_agency=True)
    shown = preview.trial(register)
    assert shown is not None
    form = preview.form_of(shown, register, None)
    box = form[str(register["responsible"])]
    assert f'<option value="{commune.code}">Xã Cửa Việt</option>' in str(box)


def test_a_comparison_that_stands_alone_needs_no_value(shop: Workshop) -> None:
    text = page(shop, "register_rules", "cho")
    assert 'data-hl-alone="empty given"' in text
