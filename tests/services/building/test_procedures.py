"""A procedure built on pages only: installed, filed, signed, written into its register; and who may not."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hienluong.capabilities.registers.models import Version
from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.foundation.schemas.positions import parse
from hienluong.services.building import actions as building
from hienluong.services.building import files, register_operations, yaml_text
from hienluong.services.building.models import Draft, State
from hienluong.services.building.procedure_urls import urlpatterns
from hienluong.services.dossiers import actions, publishing
from hienluong.services.dossiers.models import Dossier, Result
from hienluong.services.procedures.queries import version_on
from tests.factories import actor_for_role, make_org
from tests.services.dossiers.province import Province
from tests.snapshots import ready

pytestmark = pytest.mark.django_db
NAME, CODE = "thuongmai.cho", "8.000001"


@dataclass
class Office:
    """A province whose administrator builds a pack with one register."""

    province: Province
    builder: Actor
    stranger: Actor

    @property
    def draft(self) -> Draft:
        """The draft as it is now."""
        return Draft.objects.get(name=NAME)

    def texts(self) -> dict[str, str]:
        """The texts that are worked on."""
        head = self.draft.head
        assert head is not None
        return files.of(head)


def office() -> Office:
    p = Province()
    builder = actor_for_role("admin", p.root)
    draft = building.begin(builder, name=NAME, title="Chợ", owner=p.root)
    register = register_operations.new_register(NAME, "Điểm bán hàng", p.root.name, date(2025, 1, 1))
    for kind, title in (("integer", "Số quầy"), ("point", "Vị trí"), ("text", "Chủ điểm bán")):
        register = register_operations.add_field(register, kind=kind, title=title)
    register = register_operations.set_about(register, map="vi_tri")
    assert draft.head is not None
    texts = {**files.of(draft.head), "registers/cho.yaml": yaml_text.dump(register)}
    building.save(builder, draft=draft, files=texts, words="Thêm cơ sở dữ liệu", expected=draft.head.pk)
    made = Office(p, builder, actor_for_role("admin", make_org("Sở Y tế")))
    Builder(made).procedure()
    return made


@pytest.fixture
def place(db: None) -> Office:
    return ready(office)


def browser(actor: Actor) -> Client:
    client = Client()
    assert actor.account_id is not None
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


class Builder:
    """The administrator at the pages of a procedure."""

    def __init__(self, place: Office) -> None:
        self.place, self.client = place, browser(place.builder)

    def post(self, view: str, *args: Any, **boxes: Any) -> Any:
        """Send a form of a page as it stands; anything but going on is shown."""
        stem = () if view == "begin_procedure" else (CODE,)
        address = reverse(f"building:{view}", args=[NAME, *stem, *args])
        answer = self.client.post(address, {"ban": self.place.draft.head_id, **boxes})
        assert answer.status_code == 302, answer.content.decode()[-6000:]
        return answer

    def procedure(self) -> None:
        """A procedure with two conditions and a rule, three steps, a certificate, writing the register."""
        self.post(
            "begin_procedure", name="Cấp giấy điểm bán hàng", code=CODE, field_name="Chợ", level="commune", key="VHXH",
            basis="60/2024/NĐ-CP", basis_title="Về phát triển và quản lý chợ", effective_from="01/01/2025",
        )  # fmt: skip
        self.post("form", viec="them-trang", ten="Điểm bán")
        for kind, title in (("text", "Tên điểm bán"), ("integer", "Số quầy"), ("flag", "Có bán đồ tươi sống"), ("text", "Nguồn nước"), ("text", "Người trông coi"), ("point", "Vị trí")):  # fmt: skip
            self.post("form", viec=f"them {kind}", ten=title, trang="diem_ban".replace("_", "-"))
        self.field("ten_diem_ban", title="Tên điểm bán", required="on")
        self.field("nguon_nuoc", title="Nguồn nước", required="on", f0="co_ban_do_tuoi_song", c0="eq", v0="có")
        self.field("nguoi_trong_coi", title="Người trông coi", f0="so_quay", c0="gt", v0="5")
        self.post("rule", f0="so_quay", c0="ge", v0="1", message="Phải có ít nhất một quầy", field="so_quay")
        self.post("process", model="three")
        self.post(
            "result", name="Giấy chứng nhận điểm bán", number_suffix="GCN-CHO", valid_months="36", heading="GIẤY CHỨNG NHẬN",
            lines="Cấp cho: **{subject.name}**\n? Điểm bán: {ten_diem_ban}, {so_quay} quầy\n? Nguồn nước: {nguon_nuoc}",
        )  # fmt: skip
        self.post(
            "effect", register=NAME, kind="create", from_name="ten_diem_ban", from_so_quay="so_quay", from_vi_tri="vi_tri",
            from_chu_diem_ban="party_name",
        )  # fmt: skip

    def field(self, name: str, **boxes: Any) -> None:
        """Change a question."""
        self.post("field", name, **{"name": name, **boxes})


def test_a_procedure_built_on_pages_is_filed_signed_and_written(place: Office) -> None:
    builder = Builder(place)
    faults = files.check(place.texts()).faults
    assert faults == ()
    paper = builder.client.get(reverse("building:paper", args=[NAME, CODE]))
    assert (paper.status_code, paper.content[:4]) == (200, b"%PDF")
    head = place.draft.head_id
    installed = builder.client.post(reverse("building:install", args=[NAME]), {"ban": head})
    assert installed.status_code == 302, installed.content.decode().partition("error-summary")[2][:600]
    service = Client().get(reverse("portal:service", args=[CODE]))
    assert (service.status_code, "Cấp giấy điểm bán hàng" in service.content.decode()) == (200, True)

    p, version = place.province, version_on(CODE, date.today())
    assert version is not None
    answers = {
        "filer_name": "Nguyễn Thị Lành", "filer_pid": "045190001234", "filer_phone": "0912345678", "ten_diem_ban": "Chợ Phiên",
        "so_quay": "3", "co_ban_do_tuoi_song": "true", "nguon_nuoc": "Giếng <khoan>", "vi_tri": {"type": "Point", "coordinates": [107.1, 16.8]},
    }  # fmt: skip
    dossier = p.file(version=version, data=answers, papers=())
    actions.receive(p.clerk, dossier=dossier)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    draft = publishing.draft_context(Result.objects.get(dossier=dossier))["result"].valid_until
    actions.sign(p.leader, dossier=Dossier.objects.get(pk=dossier.pk))
    assert draft == Result.objects.get(dossier=dossier).valid_until is not None
    record = Version.objects.get(record__register__code=NAME)
    assert record.data["name"] == "Chợ Phiên"
    assert (record.data["so_quay"], record.data["chu_diem_ban"]) == (3, dossier.subject.name)
    assert record.data["vi_tri"]["coordinates"] == [107.1, 16.8]
    result = Result.objects.get(dossier=dossier)
    context = publishing.result_context(result, "x")
    assert context["words"]["so_quay"] == "3"
    template = publishing._template(result)
    assert not isinstance(template, str)
    printed = template.render({**context, "verify_url": ""})
    assert "Điểm bán: Chợ Phiên, 3 quầy" in printed
    deputy = template.render({**context, "authority": ["KT. CHỦ TỊCH"], "above": "UBND tỉnh", "verify_url": "x"})
    assert '<div class="title">KT. CHỦ TỊCH<br>' in deputy
    assert '<div class="upper">UBND tỉnh</div>' in deputy
    assert "Giếng &lt;khoan&gt;" in printed


@pytest.mark.parametrize("typed", ["300000", "300.000", "300 000"])
def test_a_fee_is_read_as_it_is_grouped_and_said_again(place: Office, typed: str) -> None:
    builder = Builder(place)
    builder.post("procedure_item", "charges", code="le_phi", name="Lệ phí", kind="levy", due="on_filing", amount=typed, legal_basis="NQ 1")  # fmt: skip
    page = builder.client.get(reverse("building:procedure", args=[NAME, CODE])).content.decode()
    assert "300.000 đồng" in page
    again = builder.client.get(reverse("building:procedure_item", args=[NAME, CODE, "charges", 0])).content.decode()
    assert 'value="300.000"' in again
    assert 'type="number"' not in again


def test_a_fee_that_could_mean_two_things_is_refused(place: Office) -> None:
    builder = Builder(place)
    address = reverse("building:procedure_item", args=[NAME, CODE, "charges"])
    boxes = {"code": "le_phi", "name": "Lệ phí", "kind": "levy", "due": "on_filing", "legal_basis": "NQ 1"}
    answer = builder.client.post(address, {"ban": place.draft.head_id, **boxes, "amount": "300.5"})
    assert answer.status_code == 422
    assert "Nhập số tiền bằng số" in answer.content.decode()


def test_pages_refuse_in_words_and_keep_what_was_typed(place: Office) -> None:
    builder = Builder(place)
    before, states = place.texts(), State.objects.count()

    def refused(view: str, *args: Any, **boxes: Any) -> str:
        address = reverse(f"building:{view}", args=[NAME, CODE, *args])
        answer = builder.client.post(address, {"ban": place.draft.head_id, **boxes})
        assert answer.status_code == 422
        said: str = answer.content.decode()
        return said

    assert "Có bán đồ tươi sống" in refused("form", viec="bo co_ban_do_tuoi_song")
    assert "mươi" in refused(
        "field", "nguoi_trong_coi", name="nguoi_trong_coi", title="Ai", f0="so_quay", c0="gt", v0="mươi"
    )
    assert "chua_co" in refused("field", "nguoi_trong_coi", name="nguoi_trong_coi", title="Ai", cel="chua_co > 1")
    assert "khong_co" in refused("result", name="Giấy", heading="Giấy", lines="{khong_co}")
    assert "phải có tên" in refused("process", model="own", ten_review="")
    for verb in ("", "len", "doi-cho x y", "them file", "bo-trang khong-co", "khong-co"):
        refused("form", viec=verb)
    assert (place.texts(), State.objects.count()) == (before, states)


def test_a_charge_says_who_is_exempt_and_proposes_its_code(place: Office) -> None:
    builder = Builder(place)
    charges = reverse("building:procedure_item", args=[NAME, CODE, "charges"])
    said = builder.client.get(charges).content.decode()
    assert "Để trống: không ai được miễn." in said
    assert "Để trống thì luôn đúng." not in said
    assert "Mã khoản thu" in said
    assert 'value="le_phi"' in said
    builder.post("procedure_item", "charges", code="le_phi", name="Lệ phí cấp giấy", kind="levy", due="on_filing", amount="50000", legal_basis="Nghị quyết 1")  # fmt: skip
    assert 'value="le_phi_2"' in builder.client.get(charges).content.decode()


def test_a_department_is_named_where_departments_decide(place: Office) -> None:
    builder = Builder(place)
    begin = reverse("building:begin_procedure", args=[NAME])
    boxes = {
        "name": "Cấp phép", "code": "8.000002", "field_name": "Chợ", "level": "department", "key": "", "basis": "1/2025/NĐ-CP",
        "basis_title": "Về chợ", "effective_from": "01/01/2025", "ban": place.draft.head_id,
    }  # fmt: skip
    for answer in (
        builder.client.post(begin, boxes),
        builder.client.post(reverse("building:about", args=[NAME, CODE]), boxes),
    ):
        assert answer.status_code == 422
        assert "Chọn sở giải quyết thủ tục này." in answer.content.decode()


def test_a_table_of_a_form_has_columns_of_choices_and_numbers_with_units(place: Office) -> None:
    builder = Builder(place)
    builder.post("form", viec="them table", ten="Hàng bán", trang="diem-ban")

    def columns(*kinds: str, **more: str) -> dict[str, Any]:
        boxes: dict[str, Any] = {"cot-TOTAL_FORMS": len(kinds), "cot-INITIAL_FORMS": 0, "title": "Hàng bán"}
        for number, kind in enumerate(kinds):
            boxes |= {f"cot-{number}-title": f"Cột {number}", f"cot-{number}-kind": kind, f"cot-{number}-name": ""}
        return boxes | {f"cot-{word}": value for word, value in more.items()}

    builder.field("hang_ban", **columns("choice", "quantity"))
    known = {"INITIAL_FORMS": "2", "0-name": "cot_0", "1-name": "cot_1", "0-options": "Rau\nThịt", "1-units": "kg"}
    builder.field("hang_ban", **columns("choice", "quantity", **known))
    written = parse(place.texts()[f"procedures/{CODE}.yaml"], "").value["form"]["schema"]["properties"]["hang_ban"]
    assert written["items"]["properties"] == {
        "cot_0": {"type": "string", "title": "Cột 0", "enum": ["rau", "thit"], "x-enum-labels": {"rau": "Rau", "thit": "Thịt"}},
        "cot_1": {"x-kind": "quantity", "title": "Cột 1", "x-units": ["kg"]},
    }  # fmt: skip
    assert files.check(place.texts()).faults == ()
    trial = builder.client.get(reverse("building:form", args=[NAME, CODE]) + "?trang=diem-ban").content.decode()
    assert '<legend class="govuk-label">Cột 1' in trial


def test_an_address_of_a_form_may_ask_only_for_the_commune(place: Office) -> None:
    builder = Builder(place)
    builder.post("form", viec="them address", ten="Nơi bán", trang="diem-ban")

    def written() -> Any:
        return parse(place.texts()[f"procedures/{CODE}.yaml"], "").value["form"]["schema"]["properties"]["noi_ban"]

    page = reverse("building:field", args=[NAME, CODE, "noi_ban"])
    assert "Chỉ hỏi tới xã, phường" in builder.client.get(page).content.decode()
    builder.field("noi_ban", title="Nơi bán", **{"x-unit-only": "on"})
    assert written()["x-unit-only"] is True
    assert files.check(place.texts()).faults == ()
    shown = reverse("building:form", args=[NAME, CODE]) + "?trang=diem-ban"
    assert "Số nhà, đường, thôn" not in builder.client.get(shown).content.decode()
    builder.field("noi_ban", title="Nơi bán")
    assert "x-unit-only" not in written()
    assert "Số nhà, đường, thôn" in builder.client.get(shown).content.decode()


def test_a_renamed_question_is_followed_by_conditions_effects_and_the_paper(place: Office) -> None:
    builder = Builder(place)
    builder.post("field", "so_quay", name="so_gian", title="Số gian", required="on")
    texts = place.texts()
    assert files.check(texts).faults == ()
    written = texts[f"procedures/{CODE}.yaml"]
    for read in ("so_gian > 5", "so_gian >= 1", "so_quay: so_gian"):
        assert read in written
    assert "words.so_gian" in texts["results/p8_000001.html"]
    trial = reverse("building:trial", args=[NAME, CODE])
    page = builder.client.post(trial, {"tu": "diem-ban", "da_tra_loi": "{}", "ten_diem_ban": "A", "so_gian": "0"})
    assert "Phải có ít nhất một quầy" in page.content.decode()
    builder.post(
        "process", model="own", ten_review="Phòng Kinh tế thẩm định", ai_review="officer", han_review="trong 2 ngày"
    )
    assert files.check(place.texts()).faults == ()
    assert "trong 2 ngày" in place.texts()["processes/p8_000001.bpmn"]


def test_nobody_else_sees_or_changes_a_procedure(place: Office) -> None:
    builder = Builder(place)
    parts: dict[str, Any] = {
        "name": NAME,
        "stem": CODE,
        "part": "papers",
        "number": 0,
        "field": "so_quay",
        "page": "diem-ban",
    }
    states = State.objects.count()
    for pattern in urlpatterns:
        address = reverse(f"building:{pattern.name}", kwargs={word: parts[word] for word in pattern.pattern.converters})
        assert builder.client.get(address).status_code == 200, pattern.name
        for wrong in (browser(place.stranger), browser(place.province.officer), Client()):
            for answer in (wrong.get(address), wrong.post(address, {"ban": "1", "viec": "xoa"})):
                assert answer.status_code in (302, 403, 404, 405), (pattern.name, answer.status_code)
                assert "Cấp giấy điểm bán" not in answer.content.decode(errors="ignore")
    assert State.objects.count() == states


def test_a_trial_without_scripts_stays_for_a_question_that_has_come(place: Office) -> None:
    builder = Builder(place)
    for kind, title in (("quantity", "Chiều sâu giếng"), ("text", "Ống chống")):
        builder.post("form", viec=f"them {kind}", ten=title, trang="diem-ban")
    builder.field("chieu_sau_gieng", title="Chiều sâu giếng", **{"x-units": "m"})
    builder.field("ong_chong", title="Ống chống", f0="chieu_sau_gieng", c0="gt", v0="30")
    address = reverse("building:trial", args=[NAME, CODE])
    typed = {"tu": "diem-ban", "ten_diem_ban": "Chợ Phiên", "so_quay": "2", "chieu_sau_gieng__unit": "m"}
    typed["cau-hoi-da-hien"] = "ten_diem_ban so_quay chieu_sau_gieng"
    deep = builder.client.post(address, {**typed, "chieu_sau_gieng__value": "45,5"}).content.decode()
    assert '#id_ong_chong">Ống chống</a>' in deep
    shown = re.search(r'name="cau-hoi-da-hien" value="([^"]*)"', deep)
    assert shown is not None
    assert "ong_chong" in shown[1].split()
    assert '<input type="text" name="ong_chong"' in deep
    typed["cau-hoi-da-hien"] = shown[1]
    carried = {"da_tra_loi": '{"chieu_sau_gieng": {"value": "45,5", "unit": "m"}}'}
    again = builder.client.post(address, {**typed, **carried, "chieu_sau_gieng__value": "45,5", "ong_chong": ""})
    assert 'name="ong_chong"' not in again.content.decode()  # it was seen and left blank: on to the answers
    typed["cau-hoi-da-hien"] = shown[1].replace("ong_chong", "")
    shallow = builder.client.post(address, {**typed, "chieu_sau_gieng__value": "30"}).content.decode()
    assert "Câu hỏi mới" not in shallow
