"""The pages of food safety: the plan, an outbreak in figures, a batch followed; and who may not see them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import bulk
from hienluong.capabilities.registers.checking import check
from hienluong.capabilities.registers.models import Record, Register
from hienluong.capabilities.registers.queries import as_of
from hienluong.capabilities.registers.row import Row
from hienluong.capabilities.scoring import actions as scoring
from hienluong.capabilities.scoring import installing
from hienluong.capabilities.scoring.models import Assessment
from hienluong.foundation.actions import InvalidInput
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.house.demo.people import SYSTEM
from hienluong.sectors.health.food_safety import tracing, views
from hienluong.services.assessments import reports, targets
from hienluong.services.procedures import packs
from tests.capabilities.registers.sample import official
from tests.factories import actor_for_role, make_org
from tests.sectors.food_safety.sample import FOLDER, Health
from tests.services.records.sample import browser_of
from tests.snapshots import ready

pytestmark = pytest.mark.django_db
HOME = "/lam-viec/an-toan-thuc-pham/"
KEY = r"hl-muted\">(\S+) ·"


@pytest.fixture
def health(db: None) -> Health:
    return ready(Health)


def outbreak_of(health: Health) -> str:
    return Record.objects.get(register=health.register("food.outbreaks")).key


def test_an_inspector_sees_the_plan_the_outbreak_and_the_law(health: Health) -> None:
    client = browser_of(health.inspector)
    home = client.get(HOME).content.decode()
    assert "<strong>Nghị định 15/2018/NĐ-CP</strong>" in home
    assert "Nghị định 46/2026/NĐ-CP đang bị tạm ngưng theo Nghị quyết 15/2026/NQ-CP" in home
    plan = client.get(HOME + "ke-hoach").content.decode()
    assert "Suất ăn công nghiệp Bến Hải" in plan
    assert "1 vi phạm nặng ở lần kiểm tra trước" not in plan  # inspected two months ago, its certificate holds
    page = client.get(HOME + "ngo-doc/" + outbreak_of(health)).content.decode()
    assert "Ngộ độc sau bữa trưa" in home
    assert "Đang điều tra" in home
    assert "Gỏi gà" in page.split("Tỷ số nguy cơ")[1].split("Cơm trắng")[0], "the most suspect comes first"
    assert '<svg class="hl-chart"' in page
    assert ">Bữa ăn</text>" in page
    assert "giờ, trung vị" in page


def test_the_plan_is_paged_and_each_person_shown_can_see_who_looked(
    health: Health, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, client = health.province.party, browser_of(health.inspector)
    plan = client.get(HOME + "ke-hoach").content.decode()
    before = Record.objects.get(register=health.register("food.premises"), key__in=re.findall(KEY, plan)[:1])
    old = {**as_of(before.register).get(record=before).data, "title": "Quán cũ nhất", "owner_number": person.identifier}
    record = registers.create(
        official(health.owner, "read", "write"),
        register=before.register,
        data={**old, "opened_on": "2001-01-02"},
        since=date(2001, 1, 2),
    )
    monkeypatch.setattr(views, "PER_PAGE", 1)
    first = client.get(HOME + "ke-hoach").content.decode()
    (shown,) = re.findall(KEY, first)
    assert shown == record.key, "the most urgent first"
    assert "?page=2" in first
    look = PersonalDataRead.objects.get()
    assert (look.party_id, look.subject) == (person.pk, "food.premises")
    assert (look.purpose, look.actor_label) == ("Lập kế hoạch kiểm tra an toàn thực phẩm", health.inspector.label)
    assert "risk" in look.fields
    second = client.get(HOME + "ke-hoach?page=2").content.decode()
    assert re.findall(KEY, second) != [record.key]
    assert PersonalDataRead.objects.count() == 1, "what stands on another page was not shown"

    begun = targets.begin(
        health.inspector,
        form="food.catering_check",
        register="food.premises",
        key=record.key,
        organization_id=health.owner.pk,
    )
    pages = ["/lam-viec/cham-diem/", *(f"/lam-viec/cham-diem/{begun.pk}{end}" for end in ("", "/cham", "/du-lieu"))]
    for number, page in enumerate(pages, start=3):
        assert client.get(page).status_code == 200
        assert PersonalDataRead.objects.count() == number, page
    about = set(PersonalDataRead.objects.exclude(pk=look.pk).values_list("party_id", "subject", "purpose"))
    assert about == {(person.pk, "food.premises", "Chấm điểm, kiểm tra")}


def test_a_check_begins_at_the_record_and_leads_back_to_it(health: Health) -> None:
    kitchen, client = health.premises("Suất ăn công nghiệp Bến Hải"), browser_of(health.inspector)
    address = f"/lam-viec/co-so-du-lieu/food.premises/{kitchen.pk}"
    begin = f"/lam-viec/cham-diem/bat-dau?bieu=food.catering_check&csdl=food.premises&ma={kitchen.key}"
    assert begin.replace("&", "&amp;") in client.get(address).content.decode()
    assert begin.replace("&", "&amp;") in client.get(HOME + "ke-hoach").content.decode()
    form = client.get(begin).content.decode()
    assert f'value="{kitchen.key}"' in form
    assert ">Cơ sở thực phẩm</option>" in form
    said = {"organization": health.owner.pk, "register": "food.premises", "key": kitchen.key, "place": "Gio Linh"}
    assert client.post(begin, said).status_code == 302
    begun = Assessment.objects.get()
    assert (begun.register, begun.record) == ("food.premises", kitchen.pk)
    assert f'href="{address}"' in client.get(f"/lam-viec/cham-diem/{begun.pk}").content.decode()
    assert str(begun.pk) in client.get(address).content.decode()
    elsewhere = browser_of(health.province.other_leader).get(address)
    assert str(begun.pk) not in elsewhere.content.decode()
    assert "bat-dau?bieu" not in elsewhere.content.decode(), "whoever may not assess is not led to it"
    assert kitchen.key in client.get(HOME + "ke-hoach").content.decode(), "begun is not inspected yet"
    for item in installing.spec_of(begun.definition).asked:
        scoring.answer(health.inspector, assessment_id=begun.pk, given=scoring.Given(item.code, uuid4(), "yes"))
    scoring.finish(health.inspector, assessment_id=begun.pk)
    reports.sign(actor_for_role("head", health.owner), assessment_id=begun.pk)
    assert kitchen.key not in client.get(HOME + "ke-hoach").content.decode(), "a signed check list is an inspection"


def test_a_batch_is_followed_both_ways_and_round_in_circles(health: Health) -> None:
    found = tracing.trace(health.register("food.shipments"), "TG-1101")
    assert set(found.holders) >= {"Bếp ăn Khu công nghiệp Nam Đông Hà", "Siêu thị Đông Hà", "Kho lạnh Đông Hà"}
    assert "Trại gà Vĩnh Thủy" in found.sources
    assert "Trại gà Hướng Hiệp" not in found.sources
    assert "Vườn rau Ái Tử" not in found.sources
    assert not found.cut
    hands = {(step.data["supplier"], step.data["receiver"]): step.distance for step in found.onward}
    assert hands["Lò mổ Cam Lộ", "Kho lạnh Đông Hà"] == 0
    assert hands["Kho lạnh Đông Hà", "Suất ăn công nghiệp Bến Hải"] == 1
    assert hands["Suất ăn công nghiệp Bến Hải", "Bếp ăn Khu công nghiệp Nam Đông Hà"] == 2
    before = {(step.data["supplier"], step.data["batch"]): step.distance for step in found.back}
    assert before["Kho lạnh Đông Hà", "TG-1101"] == 2, "the way over the supermarket and back, the longest"
    assert (before["Lò mổ Cam Lộ", "TG-1101"], before["Trại gà Vĩnh Thủy", "GA-2611"]) == (1, 2)
    page = browser_of(health.inspector).get(HOME + "truy-xuat?lo=GG-1118").content.decode()
    assert "Trại gà Vĩnh Thủy" in page
    recall = browser_of(health.inspector).get("/lam-viec/co-so-du-lieu/food.shipments?loc-batch=GG-1118")
    assert 'food.shipments?loc-batch=GG-1118"' in page
    assert "1 bản ghi" in recall.content.decode()
    sent = timezone.localdate() - timedelta(days=8)
    assert f"{sent:%d/%m/%Y}" in page
    assert sent.isoformat() not in page
    assert 'href="?lo=GG-1118"' in browser_of(health.inspector).get(HOME + "truy-xuat").content.decode()
    assert "Không có lần giao hàng" in browser_of(health.inspector).get(HOME + "truy-xuat?lo=%00x").content.decode()


def test_a_trace_says_when_it_was_cut(health: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracing, "MOST", 2)
    found = tracing.trace(health.register("food.shipments"), "TG-1101")
    assert found.cut
    assert len(found.onward) <= 2


@pytest.mark.parametrize("page", ["", "ke-hoach", "truy-xuat?lo=TG-1101", "ngo-doc/"])
def test_officials_of_elsewhere_see_no_patients_and_no_trade(health: Health, page: str) -> None:
    address = HOME + page + (outbreak_of(health) if page == "ngo-doc/" else "")
    answer = browser_of(health.province.other_leader).get(address)
    text = answer.content.decode()
    assert "Kho lạnh Đông Hà" not in text
    assert "Người 01" not in text
    assert "Chả ram" not in text
    if page.startswith(("truy-xuat", "ngo-doc")):
        assert answer.status_code in (403, 404)


def test_a_citizen_and_a_stranger_do_not_get_in(health: Health, client: Any) -> None:
    assert browser_of(health.province.citizen).get(HOME).status_code == 403
    assert client.get(HOME).status_code == 302


def test_a_day_that_no_calendar_has_breaks_no_page(health: Health) -> None:
    register = health.register("food.outbreaks")
    spoilt = {"title": "Vụ khác", "place_name": "Trường", "status": "open"}
    with pytest.raises(InvalidInput):
        registers.create(SYSTEM, register=register, data={**spoilt, "meal_at": "2026-13-45T99:99"})
    other = registers.create(SYSTEM, register=register, data={**spoilt, "meal_at": "2026-02-30T11:30"})
    client = browser_of(health.inspector)
    assert "Vụ khác" in client.get(HOME).content.decode()
    assert "2026-02-30T11:30" in client.get(HOME + "ngo-doc/" + other.key).content.decode()


def test_an_outbreak_that_is_not_there_does_not_exist(health: Health) -> None:
    assert browser_of(health.inspector).get(HOME + "ngo-doc/khong-co").status_code == 404
    assert browser_of(health.inspector).get(HOME + "ke-hoach?quy=9999-99").status_code == 200


def test_looking_at_an_outbreak_asks_the_same_number_of_questions_however_many_fell_ill(
    health: Health, django_assert_max_num_queries: Any
) -> None:
    client = browser_of(health.inspector)
    with django_assert_max_num_queries(40):
        client.get(HOME + "ngo-doc/" + outbreak_of(health))


def test_the_registers_hold_the_law(health: Health) -> None:
    specs = {spec.code: spec for _file, spec in health.pack.registers}
    sample = {"product": "Gạo", "parameter": "cd_rice", "value": 0.41, "taken_on": "2026-11-20"}

    def compared(**more: Any) -> tuple[Any, Any, Any]:
        data = check(specs["food.samples"], {**sample, **more}).data
        return data["limit"], data["basis"], data["above"]

    assert compared() == (0.4, "unread", True)
    assert compared(value=0.4) == (0.4, "unread", False)
    assert compared(parameter="hg_predator", value=1.1) == (1.0, "standard", True)
    assert compared(parameter="cd_bivalve", value=2) == (2.0, "quoted", False)
    assert compared(stated_limit=0.5) == (0.5, "report", False), "what the laboratory states comes first"
    assert compared(parameter="other", stated_limit=0.1)[1:] == ("report", True)
    assert "stated_limit" in check(specs["food.samples"], {**sample, "parameter": "other"}).errors
    own = {
        "product": "Sữa",
        "maker": "A",
        "group": "infant",
        "way": "self",
        "declared_on": "2026-11-20",
        "status": "declared",
    }
    assert "way" in check(specs["food.declarations"], own).errors
    old = {**own, "group": "packaged", "tested_on": "2025-11-01"}
    assert set(check(specs["food.declarations"], old).errors) == {"tested_on"}
    paper = {"number": "1", "title": "A", "issued_on": "2026-01-01", "expires_on": "2029-06-01", "status": "valid"}
    assert "expires_on" in check(specs["food.certificates"], paper).errors
    assert check(specs["food.certificates"], {**paper, "expires_on": "2029-01-01"}).errors == {}


PLACES = st.sampled_from("ABCD")
EDGES = st.lists(
    st.tuples(PLACES, PLACES, st.sampled_from(["1", "2", "3"]), st.sampled_from(["", "1", "2"])), max_size=8
)


class TestTheWalk(TestCase):
    """The statement agrees with a walk over a plain list."""

    register: Register
    agency: str

    @classmethod
    def setUpTestData(cls) -> None:
        owner = make_org("Sở Y tế", code="H50.11", kind="department")
        spec = next(spec for _file, spec in packs.load(FOLDER).registers if spec.code == "food.shipments")
        cls.register = registers.install(official(owner, "define"), spec=spec, owner=owner).register
        cls.agency = owner.code

    @settings(max_examples=8, deadline=None)
    @given(EDGES)
    def test_agrees_with_a_plain_walk(self, edges: list[tuple[str, str, str, str]]) -> None:
        names = ("supplier", "receiver", "batch", "made_from")
        known = {"product": "P", "sent_on": "2026-11-01", "agency": self.agency}
        rows = [
            Row({**known, **{name: text for name, text in zip(names, edge, strict=True) if text}}) for edge in edges
        ]
        bulk.create_many(SYSTEM, self.register, rows, whole=True)
        onward = [edge for edge in edges if "1" in (edge[2], edge[3])]
        for here in onward:
            onward += [e for e in edges if e[0] == here[1] and here[2] in (e[2], e[3]) and e not in onward]
        back = [edge for edge in edges if edge[2] == "1"]
        for here in back:
            back += [e for e in edges if e[1] == here[0] and e[2] in (here[2], here[3]) and e not in back]
        found = tracing.trace(self.register, "1")
        assert {str(step.data["receiver"]) for step in found.onward} == {edge[1] for edge in onward}
        assert {str(step.data["supplier"]) for step in found.back} == {edge[0] for edge in back}
