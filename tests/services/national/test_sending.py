"""Telling the national portal what happens to a dossier: in order, at least once, with patience, by the rule set."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import NotAllowed
from hienluong.foundation.events import dispatcher
from hienluong.foundation.identity.models import Account
from hienluong.services.dossiers import actions, publishing
from hienluong.services.dossiers.models import Dossier, Result, State, SyncState
from hienluong.services.national import actions as national
from hienluong.services.national import sending, tasks
from hienluong.services.national.models import Outgoing
from hienluong.services.procedures.models import RuleSet
from tests.factories import actor_for_role
from tests.services.dossiers.province import Province
from tests.services.national.process import PortalProcess

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def push(dossier: Dossier) -> Outgoing | None:
    dispatcher.dispatch_waiting()
    return sending.push(dossier.pk)


def fresh(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)


def states(portal: PortalProcess, number: str) -> list[str]:
    return [row["TrangThai"] for row in portal.book[number]["progress"]]


def to_the_end(p: Province, dossier: Dossier) -> None:
    actions.receive(p.clerk, dossier=dossier)
    actions.review(p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")
    actions.submit_for_signature(p.head, dossier=dossier)
    result = actions.sign(p.leader, dossier=dossier)
    publishing.produce(Result.objects.get(pk=result.pk))
    actions.return_result(p.clerk, dossier=fresh(dossier), recipient="Nguyễn Thị Lành")


def test_a_whole_life_is_told_in_order(province: Province, portal: PortalProcess) -> None:
    dossier = province.file()
    assert dossier.sync_state == SyncState.WAITING
    to_the_end(province, dossier)
    assert push(dossier) is None
    assert fresh(dossier).sync_state == SyncState.SYNCED
    assert states(portal, dossier.code) == ["1", "2", "4", "4", "4", "9", "10"]
    told, now = portal.book[dossier.code]["data"], fresh(dossier)
    assert (told["TrangThaiHoSo"], told["MaDoiTuong"], told["HinhThuc"], told["KenhThucHien"]) == (
        "10",
        province.party.identifier,
        "0",
        "1",
    )
    assert now.due_at is not None
    assert told["NgayHenTra"] == timezone.localtime(now.due_at).strftime("%Y%m%d%H%M%S")
    assert told["DanhSachGiayToKetQua"][0]["DuongDanTepTinKetQua"].endswith(f"/xac-minh/{Result.objects.get().token}")
    assert portal.ask("TraCuuHoSo", maHoSo=dossier.code)["result"][0]["TrangThaiHoSo"] == "10"


def test_what_came_from_the_portal_goes_by_its_own_number(province: Province, portal: PortalProcess) -> None:
    from hienluong.foundation.actions import system

    filing = province.filing(channel="national_portal", national_code="000.00.00.G22-261125-000009")
    dossier = actions.take_from_national_portal(system("Cổng quốc gia"), filing=filing)
    assert push(dossier) is None
    told = portal.book["000.00.00.G22-261125-000009"]["data"]
    assert (told["KenhThucHien"], told["HinhThuc"], told["TaiKhoanDuocXacThucVoiVNeID"]) == ("2", "1", "1")


@pytest.mark.parametrize(("fault", "error"), [("500", "HTTP 500"), ("lost", "RemoteProtocolError")])
def test_a_portal_in_trouble_is_tried_again_and_told_once(
    province: Province, portal: PortalProcess, fault: str, error: str
) -> None:
    dossier = province.file()
    portal.switch(**{fault: 1})
    failed = push(dossier)
    assert failed is not None
    assert (failed.state, failed.attempts, failed.last_error) == (Outgoing.State.WAITING, 1, error)
    assert failed.next_try_at is not None
    assert failed.next_try_at > timezone.now()
    assert fresh(dossier).sync_state == SyncState.WAITING
    assert tasks.due() == []
    Outgoing.objects.update(next_try_at=timezone.now() - timedelta(seconds=1))
    assert tasks.due() == [dossier.pk]
    tasks.sweep(timestamp=0)
    assert fresh(dossier).sync_state == SyncState.SYNCED
    assert states(portal, dossier.code) == ["1"]


def test_waits_grow_and_end_with_a_person(province: Province, portal: PortalProcess) -> None:
    dossier = province.file()
    portal.switch(**{"500": 100})
    waits = []
    for _ in range(national.MOST_TRIES):
        Outgoing.objects.update(next_try_at=timezone.now())
        failed = push(dossier)
        assert failed is not None
        waits.append(
            (failed.next_try_at - failed.tried_at).total_seconds() if failed.next_try_at and failed.tried_at else 0
        )
    assert [round(wait) for wait in waits[:5]] == [5, 10, 20, 40, 80]
    assert max(waits) <= 3601
    assert fresh(dossier).sync_state == SyncState.FAILED
    assert tasks.due() == []


def test_the_session_is_renewed_when_it_ends(province: Province, portal: PortalProcess) -> None:
    first, second = province.file(), province.file()
    assert push(first) is None
    portal.switch(session=1)
    assert push(second) is None
    assert states(portal, second.code) == ["1"]


def test_a_slow_portal_is_waited_for(province: Province, portal: PortalProcess) -> None:
    portal.switch(slow=1)
    dossier = province.file()
    assert push(dossier) is None


def test_a_step_that_fails_holds_up_the_later_ones_of_its_dossier_only(
    province: Province, portal: PortalProcess
) -> None:
    stuck, other = province.file(), province.file()
    dispatcher.dispatch_waiting()
    row = Outgoing.objects.get(dossier=stuck)
    national.note_failed(sending.WHO, row=row, why="04: MaTTHC", final=True)
    actions.receive(province.clerk, dossier=stuck)
    assert push(stuck) is None
    assert push(other) is None
    assert (fresh(stuck).sync_state, fresh(other).sync_state) == (SyncState.FAILED, SyncState.SYNCED)
    assert stuck.code not in portal.book
    national.retry(actor_for_role("admin", province.root), dossier=stuck)
    assert push(stuck) is None
    assert states(portal, stuck.code) == ["1", "2"]


def test_the_rule_set_decides_who_is_told_of(province: Province, portal: PortalProcess) -> None:
    rules = RuleSet.objects.get(code="2025")
    for told, channel, expected in (
        ("none", "national_portal", SyncState.NOT_NEEDED),
        ("arrived", "counter", SyncState.NOT_NEEDED),
        ("arrived", "national_portal", SyncState.WAITING),
    ):
        rules.spec_json["national_portal_sync"] = told
        rules.save()
        if channel == "counter":
            dossier = province.file()
        else:
            filing = province.filing(channel=channel, national_code=f"G22-{told}")
            dossier = actions.take_from_national_portal(sending.WHO, filing=filing)
        assert dossier.sync_state == expected
    push(dossier)
    assert Outgoing.objects.values("dossier").distinct().count() == 1


def test_without_a_portal_nothing_waits(province: Province) -> None:
    dossier = province.file()
    dispatcher.dispatch_waiting()
    assert (dossier.sync_state, Outgoing.objects.count()) == (SyncState.NOT_NEEDED, 0)


def test_the_same_event_twice_is_one_step(province: Province, portal: PortalProcess) -> None:
    from hienluong.foundation.events.models import Event

    province.file()
    dispatcher.dispatch_waiting()
    Event.objects.update(dispatched_at=None)
    dispatcher.dispatch_waiting()
    assert Outgoing.objects.count() == 1


def test_the_it_officer_sees_the_queue_and_sends_again(province: Province, portal: PortalProcess) -> None:
    dossier = province.file()
    portal.switch(**{"500": 1})
    push(dossier)
    client = Client()
    client.force_login(Account.objects.get(pk=actor_for_role("admin", province.root).account_id))
    page = client.get("/quan-tri/cong-quoc-gia").content.decode()
    assert dossier.code in page
    assert "HTTP 500" in page
    assert client.get("/quan-tri/cong-quoc-gia?loai=failed").content.decode().count(dossier.code) == 0
    answer = client.post(f"/quan-tri/cong-quoc-gia/{dossier.code}/gui-lai")
    assert answer.status_code == 302
    assert push(dossier) is None
    client.get("/quan-tri/cong-quoc-gia")  # shows the message of having put it in the queue
    assert dossier.code not in client.get("/quan-tri/cong-quoc-gia").content.decode()


def test_the_queue_is_not_for_everybody(province: Province) -> None:
    client = Client()
    assert client.get("/quan-tri/cong-quoc-gia").status_code == 302
    client.force_login(Account.objects.get(pk=province.clerk.account_id))
    assert client.get("/quan-tri/cong-quoc-gia").status_code == 403
    with pytest.raises(NotAllowed):
        national.retry(province.clerk, dossier=province.file())


def test_the_queue_page_costs_the_same_for_many(
    province: Province, portal: PortalProcess, django_assert_max_num_queries: Any
) -> None:
    client = Client()
    client.force_login(Account.objects.get(pk=actor_for_role("admin", province.root).account_id))
    for _ in range(6):
        province.file()
    dispatcher.dispatch_waiting()
    with django_assert_max_num_queries(16):
        assert client.get("/quan-tri/cong-quoc-gia").status_code == 200


def test_a_fee_demanded_before_handling_is_state_six_until_it_is_paid(portal: PortalProcess, db: None) -> None:
    from hienluong.capabilities.payments import actions as payments
    from hienluong.capabilities.payments.models import Charge
    from tests.services.test_wrong_user import FEE

    province = Province(FEE)
    dossier = province.file()
    assert (dossier.state, dossier.national_state) == (State.AWAITING_PAYMENT, 6)
    with pytest.raises(actions.Unpaid):
        actions.receive(province.clerk, dossier=dossier)
    payments.record_cash(province.clerk, charge=Charge.objects.get())
    dispatcher.dispatch_waiting()
    dossier = fresh(dossier)
    assert (dossier.state, dossier.national_state) == (State.SUBMITTED, 1)
    actions.receive(province.clerk, dossier=dossier)
    assert push(dossier) is None
    assert states(portal, dossier.code) == ["6", "1", "2"]
    told = portal.book[dossier.code]["data"]
    assert [(fee["MaPhiLePhi"], fee["Gia"], fee["LoaiPhiLePhi"]) for fee in told["DanhSachLePhi"]] == [
        ("phi", "15000", "1")
    ]
    assert told["DuocThanhToanTrucTuyen"] == "0"


def test_steps_told_long_ago_leave_the_list_and_the_dossier_can_still_be_told(
    province: Province, portal: PortalProcess
) -> None:
    dossier = province.file()
    assert push(dossier) is None
    Outgoing.objects.update(sent_at=timezone.now() - timedelta(days=91))
    tasks.forget_sent(timestamp=0)
    assert Outgoing.objects.count() == 0
    actions.receive(province.clerk, dossier=dossier)
    assert push(dossier) is None
    assert states(portal, dossier.code) == ["1", "2"]
