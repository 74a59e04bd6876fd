"""Terms of a request to correct data, as the decree has them: shown, reminded of, prolonged once, marked when late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.events.models import Event
from hienluong.foundation.notifications.models import Notification
from hienluong.services.corrections import actions, reminding, terms
from hienluong.services.corrections.models import Correction
from hienluong.services.corrections.terms import Terms
from tests.capabilities.registers.sample import official
from tests.clock import Clock, march
from tests.factories import actor_for_role
from tests.services.dossiers.askonce import Town
from tests.services.records.sample import browser_of

from .test_corrections import LIST, MINE, ask, town

__all__ = ["town"]


def test_the_decree_is_data_with_dates() -> None:
    rule = terms.on(date(2026, 1, 1))
    assert (rule.reply_working_days, rule.decide_days, rule.through_others_days, rule.extension_days) == (2, 10, 15, 10)
    assert "356/2025/NĐ-CP" in rule.ground
    assert terms.on(date(2020, 1, 1)) == terms.all_of_them()[0]
    old = Terms(
        since=date(2026, 1, 1),
        until=date(2026, 6, 30),
        ground="Nghị định cũ",
        reply_working_days=2,
        decide_days=10,
        through_others_days=15,
        extension_days=10,
    )
    new = old.model_copy(update={"since": date(2026, 7, 1), "until": None})
    assert terms.checked([new, old]) == (old, new)
    for wrong in ([], [old, new.model_copy(update={"since": date(2026, 6, 30)})], [new, new]):
        with pytest.raises(ValueError, match="terms"):
            terms.checked(wrong)


@pytest.mark.django_db
def test_two_working_days_to_reply_and_ten_days_to_decide(town: Town, at: Clock) -> None:
    at(march(5, 16))  # a Friday
    well = town.well()
    asked = ask(town, well)
    assert asked.reply_due_at is not None
    assert asked.reply_due_at.date() == date(2027, 3, 9), "Saturday and Sunday are no working days"
    assert asked.due_at.date() == date(2027, 3, 15), "ten days of the calendar"
    keeper = official(town.province.commune, "read", "write")
    taken = actions.take_up(keeper, correction=asked)
    assert taken.replied_at is not None
    assert taken.due_at == asked.due_at
    told = Notification.objects.filter(kind="corrections.taken").latest("pk")
    assert "15/03/2027" in told.body
    at(march(2, 9))
    other = ask(town, town.well("G002"))
    assert other.due_at.date() == date(2027, 3, 12)
    longer = actions.take_up(keeper, correction=other, through_others=True)
    assert longer.due_at.date() == date(2027, 3, 17), "fifteen days from the request"


@pytest.mark.django_db
def test_more_time_is_taken_once_in_time_and_with_a_reason(town: Town, at: Clock) -> None:
    at(march(1, 9))
    asked = ask(town, town.well())
    keeper = official(town.province.commune, "read", "write")
    for days, reason in ((0, "Đợi"), (11, "Đợi"), (5, "  ")):
        with pytest.raises(InvalidInput):
            actions.extend(keeper, correction=asked, days=days, reason=reason)
    with pytest.raises(NotAllowed):
        actions.extend(town.province.citizen, correction=asked, days=5, reason="Đợi")
    desk = browser_of(actor_for_role("head", town.province.commune))
    page = f"{LIST}/{asked.pk}"
    missing = desk.post(page, {"verb": "gia-han", "days": "", "reason": "100% bản gốc ở kho %(x)s"})
    assert (missing.status_code, "Gia hạn từ 1 đến 10 ngày" in missing.content.decode()) == (422, True)
    assert "100% bản gốc ở kho" in missing.content.decode(), "what was typed stays"
    right = {"verb": "gia-han", "days": "5", "reason": "100% bản gốc ở kho %(x)s"}
    assert desk.post(page, right).status_code == 302
    longer = Correction.objects.get()
    assert longer.due_at.date() == date(2027, 3, 16)
    told = Notification.objects.get(kind="corrections.extended")
    assert (told.body, "16/03/2027" in told.title) == ("100% bản gốc ở kho %(x)s", True)
    assert "100% bản gốc" in browser_of(town.province.citizen).get(MINE).content.decode()
    again = desk.post(page, right)
    assert (again.status_code, "không còn làm được" in again.content.decode()) == (422, True)
    assert "Gia hạn một lần" not in desk.get(page).content.decode(), "what cannot be done is not offered"
    with pytest.raises(InvalidInput, match="Đã gia hạn một lần"):
        actions.extend(keeper, correction=longer, days=1, reason="Đợi nữa")
    assert desk.post(page, {"verb": "nhan"}).status_code == 302
    assert "Khi nhận" not in desk.get(page).content.decode()
    late = ask(town, town.well("G002"))
    at(march(20, 9))
    with pytest.raises(InvalidInput, match="quá hạn"):
        actions.extend(keeper, correction=late, days=5, reason="Đợi")


@pytest.mark.django_db
def test_who_decides_is_reminded_before_and_late_is_marked_and_told(town: Town, at: Clock) -> None:
    at(march(1, 9))
    asked = ask(town, town.well())
    head = actor_for_role("head", town.province.commune)

    def shown(address: str) -> str:
        """A page as who decides sees it today."""
        return browser_of(head).get(address).content.decode()

    def mine() -> str:
        return browser_of(town.province.citizen).get(MINE).content.decode()

    def titles() -> list[str]:
        return list(
            Notification.objects.filter(account=head.account_id, kind="corrections.remind")
            .order_by("pk")
            .values_list("title", flat=True)
        )

    assert reminding.remind_all() == 0
    at(march(2, 18))
    assert reminding.remind_all() > 0
    assert reminding.remind_all() == 0, "once"
    at(march(4, 9))
    reminding.remind_all()
    assert [title.split(" yêu cầu")[0] for title in titles()] == ["Sắp hết hạn phản hồi", "QUÁ HẠN phản hồi"]
    assert "Phản hồi chậm" in shown(LIST)
    assert "03/03/2027" in mine()
    actions.take_up(head, correction=asked)
    at(march(9, 9))
    reminding.remind_all()
    at(march(12, 9))
    reminding.remind_all()
    assert [title.split(" yêu cầu")[0] for title in titles()[2:]] == ["Sắp hết hạn giải quyết", "QUÁ HẠN giải quyết"]
    assert Notification.objects.filter(account=town.province.citizen.account_id, kind="corrections.late").count() == 1
    assert Event.objects.filter(type="correction.late").count() == 1
    for page in (shown(LIST), shown(f"{LIST}/{asked.pk}"), mine()):
        assert "Quá hạn" in page
    actions.refuse(head, correction=asked, reason="Ghi đúng giấy phép")
    at(march(20, 9))
    assert reminding.remind_all() == 0
    assert "Quá hạn" in shown(LIST), "what was decided late stays marked"


@pytest.mark.django_db
def test_a_request_in_time_is_neither_late_nor_reminded_of(town: Town, at: Clock) -> None:
    at(march(1, 9))
    asked = ask(town, town.well())
    keeper = official(town.province.commune, "read", "write")
    at(march(2, 9))
    done = actions.accept(keeper, correction=asked)
    assert done.replied_at == done.closed_at
    now = march(30)
    assert not done.is_late(now)
    assert not done.reply_is_late(now)
    assert reminding.owed(done, now) == []
    assert reminding.owed(asked, asked.due_at - timedelta(days=4)) == ["reply-late"]
