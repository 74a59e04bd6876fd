"""Versions have dates, published ones never change, lists repeat what is in force."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django import app

from hienluong.foundation.actions import Actor, Grant, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.services.procedures import actions, queries, tasks
from hienluong.services.procedures.actions import WrongState
from hienluong.services.procedures.models import Procedure, ProcedureVersion

from .samples import ACTOR, published, spec

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 23)


def test_a_new_version_ends_the_one_before() -> None:
    published()
    published(effective_from="2025-07-01", name="Đăng ký khai sinh tại cấp xã", today=TODAY)
    assert queries.version_on("1.000001", date(2025, 6, 30)).number == 1
    assert queries.version_on("1.000001", date(2025, 7, 1)).number == 2
    assert queries.procedure("1.000001").name == "Đăng ký khai sinh tại cấp xã"


def test_no_version_before_the_first_and_after_the_last() -> None:
    published(effective_to="2024-12-31")
    queries.version_on("1.000001", date(2024, 12, 31))
    for day in (date(2021, 12, 31), date(2025, 1, 1)):
        with pytest.raises(NotFound):
            queries.version_on("1.000001", day)


def test_a_correction_holds_from_today_and_the_past_stays() -> None:
    published(today=date(2026, 1, 1))
    published(summary="Đã sửa lỗi.", today=TODAY)
    assert queries.version_on("1.000001", date(2026, 11, 22)).number == 1
    assert queries.version_on("1.000001", TODAY).number == 2
    published(summary="Sửa lần hai.", today=TODAY)
    assert queries.version_on("1.000001", TODAY).number == 3
    published(today=TODAY)  # back to the first text
    assert queries.version_on("1.000001", TODAY).spec.summary == "Đăng ký cho trẻ mới sinh."


def test_a_version_that_is_over_is_not_corrected() -> None:
    published(effective_to="2024-12-31")
    with pytest.raises(WrongState, match="không sửa được"):
        published(effective_to="2024-12-31", summary="Muộn rồi", today=TODAY)


def test_a_version_may_not_leave_a_gap() -> None:
    published()
    with pytest.raises(WrongState, match="bản nối tiếp"):
        published(effective_from="2026-01-01", effective_to="2026-06-30")


def test_a_future_version_waits_for_its_day() -> None:
    published()
    published(effective_from="2027-03-01", name="Đăng ký khai sinh theo Luật Hộ tịch 2026", today=TODAY)
    assert queries.procedure("1.000001").name == "Đăng ký khai sinh"
    assert tasks.bring_into_force(date(2027, 3, 1)) == 1
    assert "2026" in queries.procedure("1.000001").name


def test_the_same_text_again_makes_no_version() -> None:
    first = actions.import_version(ACTOR, spec=spec())
    assert actions.import_version(ACTOR, spec=spec()).pk == first.pk
    assert ProcedureVersion.objects.count() == 1


def test_the_database_itself_refuses_to_change_a_published_version() -> None:
    version = published()
    version.spec_json["name"] = "Tên khác"
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        version.save()
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        ProcedureVersion.objects.all().delete()


@pytest.mark.parametrize("change", ["process_digest = repeat('0', 64)", "process_digest = ''", "number = 7"])
def test_sql_cannot_put_another_process_under_a_published_version(change: str) -> None:
    version = published()
    assert len(version.process_digest) == 64
    with (
        pytest.raises(DatabaseError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE procedures_procedureversion SET {change} WHERE id = %s", [version.pk])
    kept = ProcedureVersion.objects.get(pk=version.pk)
    assert (kept.process_digest, kept.number) == (version.process_digest, version.number)


def test_sql_may_change_the_process_of_a_draft() -> None:
    draft = actions.import_version(ACTOR, spec=spec())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procedures_procedureversion SET process_digest = '1' WHERE id = %s", [draft.pk])
        assert cursor.rowcount == 1


def test_suspend_and_resume() -> None:
    procedure = published().procedure
    with pytest.raises(InvalidInput):
        actions.suspend(ACTOR, procedure=procedure, reason=" ")
    actions.suspend(ACTOR, procedure=procedure, reason="Chờ quy định mới", decision="12/QĐ-UBND")
    procedure.refresh_from_db()
    assert procedure.state == Procedure.State.SUSPENDED
    with pytest.raises(WrongState):
        actions.suspend(ACTOR, procedure=procedure, reason="Lần nữa")
    assert actions.resume(ACTOR, procedure=procedure).state == Procedure.State.PUBLISHED
    actions.suspend(ACTOR, procedure=procedure, reason="Lại tạm ngừng trong ngày")
    assert queries.with_versions("1.000001").suspensions.count() == 2


def test_replace_points_at_the_successor() -> None:
    old, new = published().procedure, published("1.000002", name="Đăng ký khai sinh điện tử").procedure
    with pytest.raises(InvalidInput):
        actions.replace(ACTOR, procedure=old, by=old)
    actions.replace(ACTOR, procedure=old, by=new, reason="Gộp thủ tục")
    shown = queries.procedure("1.000001")
    assert shown.replaced_by == new
    assert list(queries.catalogue()) == [new]


def test_only_who_manages_the_catalogue_may_change_it() -> None:
    version = actions.import_version(ACTOR, spec=spec())
    stranger = Actor(kind="account", account_id=1)
    clerk = Actor(kind="account", account_id=2, grants=(Grant(frozenset({"dossiers.receive"}), 1, "/", "Cán bộ"),))
    for actor in (stranger, clerk):
        with pytest.raises(NotAllowed):
            actions.import_version(actor, spec=spec("1.000009"))
        with pytest.raises(NotAllowed):
            actions.publish(actor, version=version)
        with pytest.raises(NotAllowed):
            actions.suspend(actor, procedure=version.procedure, reason="x")
    manager = Actor(kind="account", account_id=3, grants=(Grant(frozenset({"procedures.manage"}), 1, "/", "Quản trị"),))
    actions.publish(manager, version=version)


def test_every_change_is_audited_and_announced() -> None:
    procedure = published().procedure
    actions.suspend(ACTOR, procedure=procedure, reason="Chờ")
    verbs = list(Entry.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["procedures.import_version", "procedures.publish", "procedures.suspend"]
    types = list(Event.objects.order_by("pk").values_list("type", flat=True))
    assert types == ["procedure.version_imported", "procedure.published", "procedure.suspended"]


def test_drafts_are_nobodys_business() -> None:
    actions.import_version(ACTOR, spec=spec())
    with pytest.raises(NotFound):
        queries.procedure("1.000001")
    assert not queries.catalogue().exists()
    assert queries.catalogue(staff=True).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_people_may_bring_in_the_same_new_procedure() -> None:
    start = threading.Barrier(2)

    def bring(_number: int) -> int:
        try:
            start.wait()
            return actions.import_version(ACTOR, spec=spec()).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(bring, range(2))
    assert first == second
    assert ProcedureVersion.objects.count() == 1


def test_the_work_of_the_night_is_known_to_the_workers() -> None:
    assert any(task.name.endswith("procedures.tasks.new_day") for task in app.tasks.values())
    tasks.new_day(timestamp=0)
