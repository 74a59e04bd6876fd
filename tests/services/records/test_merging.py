"""Two records become one, and two again: what is kept, where the old key leads, who may, what stops the undoing."""

from __future__ import annotations

import pytest

from hienluong.capabilities.registers import actions, history, merging, queries
from hienluong.capabilities.registers.definition import RegisterSpec
from hienluong.capabilities.registers.models import Change, Record
from hienluong.foundation.actions import InvalidInput, NotAllowed
from hienluong.foundation.events.models import Event
from tests.services.records.sample import Kept

pytestmark = pytest.mark.django_db


def now(record: Record) -> dict[str, object] | None:
    found = queries.as_of(record.register).filter(record=record).values_list("data", flat=True).first()
    return dict(found) if found is not None else None


def test_a_duplicate_lives_on_in_the_kept_one_and_comes_back(kept: Kept) -> None:
    one, other = kept.add("G001", name="Giếng chợ"), kept.add("G002", name="Giếng chợ cũ", depth=33, note="ghi tay")
    before, before_other = now(one), now(other)
    seen = merging.plan(history_spec(kept), one, other, ["depth"])
    assert (seen.result["depth"], seen.result["name"]) == (33, "Giếng chợ")
    assert now(one) == before, "a plan writes nothing"
    done = merging.merge(kept.officer, kept=one, other=other, take=["depth", "note"])
    assert now(one) == {**(before or {}), "depth": 33, "note": "ghi tay", "deep": False}
    assert now(other) is None
    assert Record.objects.get(key="G002").merged_into == one
    assert Event.objects.filter(type="register.thu.gieng.merge").exists()
    assert history.told(one, history_spec(kept), {"depth"})[0].change.kind == Change.Kind.MERGE
    with pytest.raises(InvalidInput, match="đã được nhập"):
        merging.merge(kept.officer, kept=kept.add("G003"), other=other)
    merging.undo(kept.officer, done=done)
    assert (now(one), now(other)) == (before, before_other)
    assert Record.objects.get(key="G002").merged_into is None
    with pytest.raises(InvalidInput, match="đã được hoàn tác"):
        merging.undo(kept.officer, done=done)


def history_spec(kept: Kept) -> RegisterSpec:
    return actions.spec_of(kept.definition)


def test_old_keys_lead_to_the_last_one_and_back_again(kept: Kept) -> None:
    a, b, c = kept.add("G001"), kept.add("G002"), kept.add("G003")
    merging.merge(kept.officer, kept=b, other=a)
    second = merging.merge(kept.officer, kept=c, other=b)
    assert set(Record.objects.filter(merged_into=c).values_list("key", flat=True)) == {"G001", "G002"}
    merging.undo(kept.officer, done=second)
    assert Record.objects.get(key="G001").merged_into == b


def test_what_somebody_wrote_since_stops_the_undoing(kept: Kept) -> None:
    one, other = kept.add("G001"), kept.add("G002")
    done = merging.merge(kept.officer, kept=one, other=other)
    actions.change(kept.officer, record=one, data={"depth": 7})
    with pytest.raises(InvalidInput, match="Người khác vừa thay đổi"):
        merging.undo(kept.officer, done=done)
    assert Record.objects.get(key="G002").merged_into == one


def test_who_may_not_write_both_is_refused(kept: Kept) -> None:
    here, there = kept.add("G001"), kept.add("G002")
    for stranger in (kept.province.other_clerk, kept.owner_officer, kept.province.citizen):
        with pytest.raises(NotAllowed):
            merging.merge(stranger, kept=here, other=there)
    with pytest.raises(InvalidInput, match="khác nhau"):
        merging.merge(kept.officer, kept=here, other=here)
    with pytest.raises(InvalidInput, match="Không lấy được"):
        merging.merge(kept.officer, kept=here, other=there, take=["code"])
    with pytest.raises(InvalidInput, match="Người khác"):
        merging.merge(kept.officer, kept=here, other=there, expected=1)


def test_duplicates_are_suggested_by_number_and_by_name(kept: Kept) -> None:
    spec = actions.spec_of(kept.definition)
    one = kept.add("G001", name="Giếng chợ Đông Hà", owner_number="045190001234")
    kept.add("G002", name="Gieng cho Dong Ha")
    kept.add("G003", name="Giếng đình Bích La", owner_number="045190001234")
    kept.add("G004", name="Giếng trường Gio An")
    scope = queries.own(kept.officer, spec)
    assert {found.key for found in merging.suggestions(kept.register, spec, scope, one)} == {"G002", "G003"}
    public = queries.whole(kept.province.other_clerk, kept.register, spec)
    assert {found.key for found in merging.suggestions(kept.register, spec, public, one)} == {"G002"}
