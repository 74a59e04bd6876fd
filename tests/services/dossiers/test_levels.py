"""Every shipped process to its end through the actions, by the people who hold the posts, and nobody else."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from hienluong.capabilities.workflow import library
from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed
from hienluong.services.dossiers import access, actions, publishing, queries
from hienluong.services.dossiers.models import Dossier, Result, State
from tests.factories import actor_for_role, make_org
from tests.services.dossiers.province import Province

pytestmark = pytest.mark.django_db


def at(dossier: Dossier) -> str:
    return Dossier.objects.get(pk=dossier.pk).waiting_task


def received(p: Province, model: str, **how: Any) -> Dossier:
    dossier = p.file(model=model, **how)
    actions.receive(p.clerk, dossier=dossier)
    return Dossier.objects.get(pk=dossier.pk)


def proposed(p: Province, dossier: Dossier, who: Actor | None = None) -> None:
    actions.review(who or p.officer, dossier=dossier, grants=True, conclusion="Đủ điều kiện.")


def to_the_end(p: Province, dossier: Dossier, *, head: bool = True) -> Dossier:
    if head:
        actions.submit_for_signature(p.head, dossier=dossier)
    result = actions.sign(p.leader, dossier=dossier)
    publishing.produce(Result.objects.get(pk=result.pk))
    done = actions.return_result(p.clerk, dossier=Dossier.objects.get(pk=dossier.pk), recipient="Nguyễn Thị Lành")
    assert (done.state, done.process.completed) == (State.RETURNED, True)
    return done


def test_single_agency(province: Province) -> None:
    dossier = received(province, "single_agency")
    proposed(province, dossier)
    to_the_end(province, dossier)


def test_field_inspection(province: Province) -> None:
    dossier = received(province, "field_inspection")
    proposed(province, dossier)
    actions.inspect(province.officer, dossier=dossier, findings="Đúng hiện trạng.")
    to_the_end(province, dossier)


def test_a_denial_needs_no_inspection(province: Province) -> None:
    dossier = received(province, "field_inspection")
    actions.review(province.officer, dossier=dossier, grants=False, conclusion="Thiếu điều kiện.")
    assert at(dossier) == "approve"


def test_parallel_opinions(province: Province) -> None:
    second = actor_for_role("officer", province.agency_two)
    dossier = received(province, "parallel_opinions")
    proposed(province, dossier)
    for who, opinion in zip((province.asked, second), dossier.opinions.order_by("place"), strict=True):
        actions.give_opinion(who, opinion=opinion, agrees=True, text="Thống nhất.")
    actions.conclude_opinions(province.officer, dossier=dossier, conclusion="Các cơ quan thống nhất.")
    to_the_end(province, dossier)


def test_inter_level_goes_up_to_the_agency_the_procedure_names(province: Province) -> None:
    dossier = received(province, "inter_level")
    assert dossier.upper == province.agency_one
    proposed(province, dossier)
    actions.forward(province.clerk, dossier=dossier, note="Chuyển Sở Một.")
    waiting = Dossier.objects.get(pk=dossier.pk)
    assert (waiting.waiting_task, waiting.waiting_path) == ("upper_review", province.agency_one.path)
    assert list(queries.inbox(province.asked)) == [waiting]
    for who in (province.officer, province.leader, province.head):
        with pytest.raises(NotAllowed):
            actions.upper_review(who, dossier=dossier, conclusion="x")
    actions.upper_review(province.asked, dossier=dossier, conclusion="Đồng ý cấp.")
    done = to_the_end(province, dossier)
    assert access.decide_view(province.asked, done).allowed  # it took part, it may look back


def test_the_upper_agency_may_name_its_division(province: Province) -> None:
    division = make_org("Phòng Một", code="H50.11.01", kind="division", parent=province.agency_one, short_name="P1")
    officer = actor_for_role("officer", division)
    province.change_params("inter_level", upper={"level": "department", "key": "S1", "division": "P1"})
    dossier = received(province, "inter_level")
    proposed(province, dossier)
    actions.forward(province.clerk, dossier=dossier, note="Chuyển lên.")
    actions.upper_review(officer, dossier=dossier, conclusion="Đồng ý.")
    assert at(dossier) == "approve"


@pytest.mark.parametrize("upper", [{}, {"level": "department", "key": "KHONG"}, {"level": "district"}])
def test_without_an_upper_agency_nothing_is_filed_that_would_get_stuck(
    province: Province, upper: dict[str, str]
) -> None:
    province.change_params("inter_level", **({"upper": upper} if upper else {}))
    with pytest.raises(InvalidInput) as refused:
        province.file(model="inter_level")
    assert refused.value.code == "dossiers.no_upper"
    assert not Dossier.objects.exists()


@pytest.mark.parametrize("upper", [None, {"level": "department", "key": "S1"}])
def test_a_model_of_a_pack_with_an_upper_step_needs_its_agency_too(
    province: Province, upper: dict[str, str] | None
) -> None:
    own = library.take_in("quy_trinh_rieng", library.shipped_xml("inter_level").replace("Cấp trên", "Sở"))
    process = {"model": own.code, "params": {"upper": upper} if upper else {}}
    version = province.publish("8.000910", model_of_the_pack=own.digest, process=process)
    if upper:
        assert province.file(version=version).upper == province.agency_one
        return
    with pytest.raises(InvalidInput) as refused:
        province.file(version=version)
    assert refused.value.code == "dossiers.no_upper"


def test_same_day_at_the_own_counter(province: Province) -> None:
    dossier = received(province, "same_day")
    proposed(province, dossier, province.clerk)
    to_the_end(province, dossier, head=False)


def test_same_day_elsewhere_is_received_here_and_decided_there(province: Province) -> None:
    p = province
    dossier = received(p, "same_day", competent=p.other_commune)  # at the counter of the first commune
    waiting = Dossier.objects.get(pk=dossier.pk)
    assert (waiting.waiting_task, waiting.waiting_path) == ("review", p.other_counter.path)
    with pytest.raises(NotAllowed):
        proposed(p, dossier, p.clerk)
    with pytest.raises(NotAllowed):
        actions.request_supplement(p.clerk, dossier=dossier, reason="Thiếu.", items=[])
    proposed(p, dossier, p.other_clerk)
    result = actions.sign(p.other_leader, dossier=dossier)
    publishing.produce(Result.objects.get(pk=result.pk))
    done = actions.return_result(p.clerk, dossier=Dossier.objects.get(pk=dossier.pk), recipient="Nguyễn Thị Lành")
    assert done.state == State.RETURNED


def test_the_reviewing_counter_asks_for_the_supplement(province: Province) -> None:
    dossier = received(province, "same_day", competent=province.other_commune)
    actions.request_supplement(province.other_clerk, dossier=dossier, reason="Ảnh mờ.", items=[])
    actions.answer_supplement(province.citizen, dossier=dossier, note="Đã gửi lại.")
    assert at(dossier) == "review"


def test_a_commune_is_only_competent_while_it_exists(province: Province) -> None:
    from hienluong.services.dossiers.competence import competent_for

    spec = province.versions["single_agency"].spec
    assert competent_for(spec, on=date(2026, 1, 1), commune_code="19333") == province.commune
    with pytest.raises(InvalidInput):
        competent_for(spec, on=date(2019, 1, 1), commune_code="19333")
