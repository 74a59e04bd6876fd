"""A person says that a register has them wrong: who may, what the agency decides, what becomes of the record."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from hienluong.capabilities.registers import actions as registers
from hienluong.capabilities.registers import history
from hienluong.capabilities.registers.models import Change, Record
from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from hienluong.services.corrections import actions
from hienluong.services.corrections.models import Correction
from hienluong.services.dossiers.models import Draft
from tests.capabilities.registers.sample import official
from tests.factories import actor_for_role
from tests.services.dossiers.askonce import Town
from tests.services.records.sample import browser_of
from tests.snapshots import ready

pytestmark = pytest.mark.django_db

MINE, LIST = "/dinh-chinh", "/lam-viec/dinh-chinh"


@pytest.fixture
def town(db: None) -> Town:
    return ready(Town)


def picture() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (30, 20), "white").save(out, "PNG")
    out.name = "giay-phep.png"
    out.seek(0)
    return out


def ask(town: Town, record: Record, **more: Any) -> Correction:
    given = {"field": "name", "wrong": "Sai tên", "right": "Giếng Lành", **more}
    return actions.ask(town.province.citizen, record=record, party=town.person, **given)


def test_from_the_field_to_the_corrected_record(town: Town) -> None:
    p, well = town.province, town.well()
    draft, person = town.draft(), browser_of(p.citizen)
    page = f"/nop/{draft.pk}/gieng"
    text = person.get(page).content.decode()
    assert "Lấy từ Giếng khoan, cập nhật" in text
    assert "readonly" in text
    assert person.post(page, {"well_name": "Tên tôi thích", "well_code": "G001"}).status_code == 302
    assert Draft.objects.get(pk=draft.pk).data["well_name"] == "Giếng chợ Đông Hà"
    address = f"/nop/{draft.pk}/khong-dung/well_name"
    assert person.get(f"/nop/{draft.pk}/khong-dung/reason").status_code == 404
    assert browser_of(p.stranger).post(address, {"wrong": "Sai", "well_name": "Của tôi"}).status_code == 404
    empty = person.post(address, {"wrong": "", "well_name": "Giếng Lành"})
    assert (empty.status_code, "Giếng Lành" in empty.content.decode()) == (422, True)
    same = person.post(address, {"wrong": "Sai", "well_name": "Giếng chợ Đông Hà"})
    assert (same.status_code, "giống giá trị đang có" in same.content.decode()) == (422, True)
    sent = person.post(address, {"wrong": "Sai tên", "well_name": "Giếng Lành", "evidence": picture()})
    assert (sent.status_code, sent["Location"]) == (302, page)
    assert "bạn đã yêu cầu đính chính (YCDC-" in person.get(page).content.decode()
    request = Correction.objects.get()
    assert request.due_at > timezone.now()
    file = f"/tep/{StoredFile.objects.get(pk=request.evidence_id).pk}"
    assert (person.get(file).status_code, browser_of(p.stranger).get(file).status_code) == (200, 404)

    head, elsewhere = actor_for_role("head", p.commune), browser_of(p.other_clerk)
    desk = browser_of(head)
    assert request.code in desk.get(LIST).content.decode()
    assert request.code not in elsewhere.get(LIST).content.decode()
    assert elsewhere.get(f"{LIST}/{request.pk}").status_code == 404
    assert browser_of(p.citizen).get(LIST).status_code in (302, 403)
    shown = desk.get(f"{LIST}/{request.pk}").content.decode()
    for words in ("Giếng chợ Đông Hà (đang ghi)", "Giếng Lành", "Sai tên", town.person.name):
        assert words in shown
    assert desk.get(file).status_code == 200
    assert desk.post(f"{LIST}/{request.pk}", {"verb": "nhan"}).status_code == 302
    assert desk.post(f"{LIST}/{request.pk}", {"verb": "khong", "reason": " "}).status_code == 422
    assert desk.post(f"{LIST}/{request.pk}", {"verb": "dinh-chinh", "reason": "Đúng giấy phép"}).status_code == 302
    request.refresh_from_db()
    change = Change.objects.get(pk=request.made)
    assert (change.kind, change.source, change.source_ref) == ("correct", "request", request.code)
    version = history.at(well, timezone.now())
    assert version is not None
    assert version.data["name"] == "Giếng Lành"
    assert version.valid.lower == timezone.make_aware(timezone.datetime(2026, 1, 1))
    account = Account.objects.get(pk=p.citizen.account_id)
    kinds = set(Notification.objects.filter(account=account).values_list("kind", flat=True))
    assert kinds >= {"corrections.taken", "corrections.accepted"}
    assert "Đúng giấy phép" in person.get(MINE).content.decode()
    again = desk.post(f"{LIST}/{request.pk}", {"verb": "khong", "reason": "Muộn"})
    assert (again.status_code, "đã ở trạng thái" in again.content.decode()) == (422, True)


def test_who_may_ask_decide_and_withdraw(town: Town) -> None:
    p, well = town.province, town.well()
    for who in (p.stranger, p.officer, p.anonymous):
        with pytest.raises(NotAllowed):
            actions.ask(who, record=well, party=town.person, field="name", wrong="Sai", right="Khác")
    for field in ("depth", "note", "khong_co"):  # not the person's to read
        with pytest.raises(NotAllowed):
            ask(town, well, field=field)
    with pytest.raises(InvalidInput):
        ask(town, well, field="fee", right="nhiều")
    with pytest.raises(InvalidInput):
        ask(town, well, evidence=p.picture().pk)  # uploaded for something else
    request = ask(town, well)
    with pytest.raises(actions.Repeated):
        ask(town, well, right="Tên khác")
    assert Notification.objects.filter(kind="corrections.asked").exists()
    for who in (p.stranger, p.other_leader, p.citizen, p.leader):  # the leader reads registers, does not write them
        with pytest.raises(NotAllowed):
            actions.accept(who, correction=request)
    with pytest.raises(NotAllowed):
        actions.withdraw(p.stranger, correction=request)
    assert browser_of(p.stranger).post(f"{MINE}/{request.pk}/rut").status_code == 404
    assert browser_of(p.citizen).get(f"{MINE}/{request.pk}/rut").status_code == 200
    assert browser_of(p.citizen).post(f"{MINE}/{request.pk}/rut").status_code == 302
    assert Correction.objects.get().state == "withdrawn"
    assert Client().get(MINE).status_code == 302


def test_a_request_follows_the_record_to_the_agency_that_can_answer(town: Town) -> None:
    p, well = town.province, town.well()
    asked = ask(town, well)
    before, after = official(p.commune, "read", "write"), official(p.other_commune, "read", "write")
    both = official(p.root, "read", "write")
    registers.change(both, record=well, data={"agency": p.other_commune.code})
    old, new = browser_of(actor_for_role("head", p.commune)), browser_of(actor_for_role("head", p.other_commune))
    assert asked.code not in old.get(LIST).content.decode()
    assert old.get(f"{LIST}/{asked.pk}").status_code == 404
    assert p.other_commune.name in new.get(f"{LIST}/{asked.pk}").content.decode()
    assert asked.code in new.get(LIST).content.decode()
    assert p.other_commune.name in browser_of(p.citizen).get(MINE).content.decode()
    with pytest.raises(NotAllowed):
        actions.refuse(before, correction=asked, reason="Không còn quản lý")
    done = actions.accept(after, correction=asked)
    assert (done.state, done.organization) == ("accepted", p.other_commune), "it stays with the agency that answered"


def test_the_agency_that_receives_a_request_with_its_record_is_told(town: Town) -> None:
    p, well = town.province, town.well()
    asked = ask(town, well)
    there, here = actor_for_role("head", p.other_commune), actor_for_role("head", p.commune)
    both = official(p.root, "read", "write")

    def told(who: Actor) -> list[Notification]:
        return list(Notification.objects.filter(account=who.account_id, kind="corrections.moved").order_by("pk"))

    registers.change(both, record=well, data={"depth": 12})
    assert not Notification.objects.filter(kind="corrections.moved").exists(), "the record stays where it is"
    registers.change(both, record=well, data={"agency": p.other_commune.code})
    (notice,) = told(there)
    assert asked.code in notice.title
    assert p.commune.name in notice.body
    assert notice.href == f"{LIST}/{asked.pk}"
    assert told(here) == []
    moved = Correction.objects.get()
    assert (moved.organization, moved.due_at) == (p.other_commune, asked.due_at)
    assert Entry.objects.get(verb="corrections.move").before == {"organization": p.commune.code}
    registers.change(both, record=well, data={"agency": p.commune.code})
    registers.change(both, record=well, data={"agency": p.other_commune.code})
    assert (len(told(here)), len(told(there))) == (1, 2), "each time it comes"
    actions.refuse(official(p.other_commune, "read", "write"), correction=asked, reason="Ghi đúng giấy phép")
    registers.change(both, record=well, data={"agency": p.commune.code})
    assert len(told(here)) == 1, "what is closed stays"


def test_what_was_written_meanwhile_is_not_overwritten(town: Town) -> None:
    well = town.well()
    asked = ask(town, well)
    keeper = official(town.province.commune, "read", "write")
    registers.change(keeper, record=well, data={"name": "Giếng mới đặt tên"})
    with pytest.raises(actions.Repeated):
        actions.accept(keeper, correction=asked)
    said = history.at(well, timezone.now())
    assert said is not None
    assert said.data["name"] == "Giếng mới đặt tên"


def test_a_person_asks_so_often_a_day_and_the_list_costs_the_same(
    town: Town, django_assert_max_num_queries: Any
) -> None:
    head = actor_for_role("head", town.province.commune)
    wells = [town.well(f"G{number:03}") for number in range(actions.MOST_A_DAY + 1)]
    for well in wells[:-1]:
        ask(town, well)
    with pytest.raises(actions.TooMany):
        ask(town, wells[-1])
    desk, person = browser_of(head), browser_of(town.province.citizen)
    desk.get(LIST)
    with django_assert_max_num_queries(18):
        assert desk.get(LIST).content.decode().count("YCDC-") == actions.MOST_A_DAY
    with django_assert_max_num_queries(18):
        person.get(MINE)
