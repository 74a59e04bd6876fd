"""Runs with a real provider over HTTP: in order, at once, tried again, undone, waiting for a person."""

from __future__ import annotations

import threading
from typing import Any

import jwt
import pytest
from django.db import IntegrityError, connection, transaction

from hienluong.foundation.actions import DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.sso import actions as sso
from hienluong.services.bus import agreements
from hienluong.services.bus.models import ServiceAgreement
from hienluong.services.flows import actions, calling, engine, runs, tasks
from hienluong.services.flows.models import FlowVersion, Run, Step
from tests.factories import TESTER, make_org
from tests.services.bus.sample import system_of
from tests.services.flows.sample import Answer, Office, Provider, long_ago, manager, settled, until, waiting

State = Run.State


def test_steps_in_order_and_the_answer_at_the_end(worker: None, provider: Provider) -> None:
    office = Office()
    steps = [
        {"name": "mot", "call": office.call("look")},
        {"name": "hai", "map": "mot.so + 1"},
        {"name": "ba", "call": office.call("order", "hai", body={"so": "hai", "ten": "'Lành'"}, purpose="Thử việc")},
    ]
    flow = office.published(office.source(*steps, answer={"ket_qua": "ba.so * 2"}))
    run = office.start(flow, 20)
    until(lambda: settled(run))
    run.refresh_from_db()
    assert (run.state, run.answer) == (State.DONE, {"value": {"ket_qua": 42}})
    assert provider.came == [("GET", "20"), ("POST", "21")]
    told = provider.headers[1]
    assert told["x-agreement"] == office.agreement
    assert told["x-purpose"].encode("latin-1").decode() == "Thử việc"
    assert told["idempotency-key"] == f"{run.uid}:ba"
    claims = jwt.decode(told["authorization"].removeprefix("Bearer "), options={"verify_signature": False})
    assert claims["client_id"] == str(office.system.client_id)
    assert Entry.objects.filter(verb="flows.run.end", target_id=str(run.pk)).count() == 1


def test_branches_go_on_at_once(worker: None, provider: Provider) -> None:
    office = Office()
    provider.seconds = 0.3
    branches = [[{"name": f"b{number}", "call": office.call("look", str(number))}] for number in range(4)]
    flow = office.published(office.source({"parallel": branches}, answer="b0.so + b1.so + b2.so + b3.so"))
    run = office.start(flow)
    until(lambda: settled(run))
    run.refresh_from_db()
    assert run.answer == {"value": 6}
    assert provider.most == 4


def test_what_may_be_repeated_is_tried_again_what_may_not_waits(worker: None, provider: Provider) -> None:
    office = Office()
    fates = iter([Answer(503), Answer(None), Answer(429)])

    def answer(method: str, number: str) -> Any:
        if (fate := next(fates, None)) and method == "GET":
            raise fate
        if method == "POST":
            raise Answer(502)
        return {"so": int(number)}

    provider.answer = answer
    steps = [{"name": "xem", "call": office.call("look")}, {"name": "dat", "call": office.call("order")}]
    run = office.start(office.published(office.source(*steps, retry=4)))
    until(lambda: settled(run))
    run.refresh_from_db()
    assert run.state == State.WAITING
    assert [method for method, _number in provider.came] == ["GET"] * 4 + ["POST"]
    step = waiting(run)
    assert (step.path, step.status, step.fault) == ("dat", 502, "HTTP 502, thu.loi")
    assert [row.state for row in run.steps.filter(path="xem")] == ["failed", "failed", "failed", "done"]


def test_what_failed_for_good_is_undone_from_the_last(worker: None, provider: Provider) -> None:
    office = Office()

    def answer(method: str, number: str) -> Any:
        if (method, number) == ("POST", "3"):
            raise Answer(409)
        return {"so": int(number)}

    provider.answer = answer
    steps = [
        {"name": f"b{n}", "call": office.call("order", str(n)), "compensate": office.call("cancel", f"b{n}.so * 10")}
        for n in (1, 2, 3)
    ]
    run = office.start(office.published(office.source(*steps)))
    until(lambda: settled(run))
    run.refresh_from_db()
    assert (run.state, run.fault_path, run.fault) == (State.COMPENSATED, "b3", "HTTP 409, thu.loi")
    assert provider.came[-2:] == [("DELETE", "20"), ("DELETE", "10")]
    assert run.answer is None


@pytest.mark.parametrize("verdict", ["done", "again", "give_up", "give_up with answer"])
def test_a_person_decides_what_nobody_knows(verdict: str, worker: None, provider: Provider) -> None:
    office = Office()
    breaks = [True]

    def answer(method: str, number: str) -> Any:
        if (method, number) == ("POST", "2") and breaks.pop():
            breaks.append(False)
            raise Answer(None, does=verdict != "again")
        return {"so": int(number)}

    provider.answer = answer
    steps = [
        {"name": f"b{n}", "call": office.call("order", str(n)), "compensate": office.call("cancel", f"b{n}.so")}
        for n in (1, 2)
    ]
    run = office.start(office.published(office.source(*steps, answer="b2.so")))
    until(lambda: settled(run))
    step = waiting(run)
    with pytest.raises(InvalidInput):
        runs.decide(office.manager, step=step, decision="done", reason=" ")
    with pytest.raises(InvalidInput):
        runs.decide(office.manager, step=step, decision="done", reason="x", answer="{")
    with pytest.raises(InvalidInput):
        runs.decide(office.manager, step=step, decision="khac", reason="x")
    with pytest.raises(NotAllowed):
        runs.decide(manager(office.here.owner), step=step, decision="done", reason="x")
    decision, _with, more = verdict.partition(" ")
    typed = '{"so": 7}' if decision == "done" or more else ""
    runs.decide(office.manager, step=step, decision=decision, reason="Đã hỏi", answer=typed)
    with pytest.raises(DomainError):
        runs.decide(office.manager, step=step, decision=decision, reason="Đã hỏi", answer=typed)
    until(lambda: settled(run))
    run.refresh_from_db()
    expected = {
        "done": (State.DONE, {"value": 7}, ["POST", "POST"]),
        "again": (State.DONE, {"value": 2}, ["POST", "POST", "POST"]),
        "give_up": (State.COMPENSATED, None, ["POST", "POST", "DELETE"]),
        "give_up with answer": (State.COMPENSATED, None, ["POST", "POST", "DELETE", "DELETE"]),
    }[verdict]
    assert (run.state, run.answer, [method for method, _number in provider.came]) == expected
    if more:
        assert [number for method, number in provider.came if method == "DELETE"] == ["7", "1"]
    step.refresh_from_db()
    assert (step.decision, step.reason, step.decided_by_id) == (decision, "Đã hỏi", office.manager.account_id)


def test_what_cannot_be_undone_waits_and_may_be_left(worker: None, provider: Provider) -> None:
    office = Office()

    def answer(method: str, number: str) -> Any:
        if method == "DELETE" or number == "2":
            raise Answer(404)
        return {"so": int(number)}

    provider.answer = answer
    steps = [
        {"name": "b1", "call": office.call("order", "1"), "compensate": office.call("cancel", "b1.so")},
        {"name": "b2", "call": office.call("order", "2")},
    ]
    run = office.start(office.published(office.source(*steps)))
    until(lambda: settled(run))
    step = waiting(run)
    assert step.path == "b1/undo"
    runs.decide(office.manager, step=step, decision="give_up", reason="Đã hủy bằng văn bản")
    until(lambda: settled(run))
    run.refresh_from_db()
    assert (run.state, run.fault_path) == (State.FAILED, "b2")


def test_an_answer_that_comes_after_all_is_taken(transactional_db: None, provider: Provider) -> None:
    """Another worker took the call for lost; the one that made it was only slow."""
    office = Office()
    run = office.start(office.published(office.source({"name": "b1", "call": office.call("order")}, answer="b1.so")))
    work = engine.advance(run.pk).works[0]
    assert engine.advance(run.pk, [work.step]).works == []
    assert engine.advance(run.pk).works == []
    assert waiting(run).cut
    engine.finish(work, calling.Outcome(done=True, value={"so": 5}, status=200))
    engine.advance(run.pk)
    run.refresh_from_db()
    assert (run.state, run.answer) == (State.DONE, {"value": 5})


def test_two_workers_make_a_call_once(transactional_db: None, provider: Provider) -> None:
    office = Office()
    run = office.start(office.published(office.source({"name": "b1", "call": office.call("order")})))
    begun: list[int] = []

    def advance() -> None:
        begun.extend(work.step for work in engine.advance(run.pk).works)
        connection.close()

    both = [threading.Thread(target=advance) for _each in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(begun) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.create(run=run, path="b1", state=Step.State.STARTED)


@pytest.mark.django_db
def test_only_what_is_there_and_agreed_is_published() -> None:
    office = Office()

    def refused(source: str) -> str:
        draft = office.draft(source)
        with pytest.raises(InvalidInput) as found:
            actions.publish(office.manager, version=draft)
        assert found.value.field == "source"
        return str(found.value)

    good = office.source({"name": "b1", "call": office.call("order")})
    assert "Dòng 10" in refused(good.replace("service: viec", "service: khac"))
    assert "thao tác “khac”" in refused(good.replace("operation: order", "operation: khac"))
    assert "không có thỏa thuận" in refused(good.replace(office.agreement, "TTDV-1999-0001"))
    assert "tham số “number”" in refused(good.replace("number: input.so", "khac: input.so"))
    assert "không nhận" in refused(office.source({"name": "b1", "call": office.call("look", body="1")}))
    other = office.here.agreed(office.version, fields={"look": []}).code
    assert "không có thao tác" in refused(good.replace(office.agreement, other))
    agreements.end(office.here.decider, agreement=ServiceAgreement.objects.get(code=other), reason="Thôi")
    assert "hiệu lực" in refused(good.replace(office.agreement, other))
    draft = office.draft(good)
    with pytest.raises(NotAllowed):
        actions.publish(manager(office.here.owner), version=draft)
    published = actions.publish(office.manager, version=draft)
    with pytest.raises(actions.WrongState):
        actions.write(office.manager, version=published, source=good)
    with pytest.raises(IntegrityError), transaction.atomic():
        FlowVersion.objects.filter(pk=published.pk).update(source="khác")
    following = actions.add_version(office.manager, flow=published.flow, source=good)
    actions.publish(office.manager, version=following)
    published.refresh_from_db()
    assert published.state == FlowVersion.State.RETIRED


@pytest.mark.django_db
def test_a_flow_calls_as_a_system_of_its_own_organisation() -> None:
    office = Office()
    other, _secret = system_of(office.here.owner)
    told: dict[str, Any] = {
        "owner": office.place,
        "code": "a",
        "title": "A",
        "source": office.source({"name": "a", "map": "1"}),
    }
    with pytest.raises(InvalidInput):
        actions.declare(office.manager, system=other, **told)
    with pytest.raises(NotAllowed):
        actions.declare(manager(office.here.owner), system=office.system, **told)
    sso.disable(TESTER, system=office.system, reason="Thôi")
    office.system.refresh_from_db()
    with pytest.raises(InvalidInput):
        actions.declare(office.manager, system=office.system, **told)


@pytest.mark.django_db
def test_who_may_start_a_run_and_the_same_key_is_the_same_run() -> None:
    office = Office()
    flow = office.published(office.source({"name": "a", "map": "input.so"}))
    run = office.start(flow, key="k1")
    assert office.start(flow, key="k1").pk == run.pk
    with pytest.raises(runs.KeyReused):
        office.start(flow, 2, key="k1")
    with pytest.raises(InvalidInput):
        runs.start(office.manager, flow=flow, given={"so": "chữ"}, system=office.system)
    with pytest.raises(InvalidInput):
        runs.start(office.manager, flow=flow, given={"so": 1, "a": "\x00"}, system=office.system)
    place = make_org(parent=office.here.province)
    stranger, _secret = system_of(place)
    with pytest.raises(NotFound):
        runs.start(TESTER, flow=flow, given={"so": 1}, system=stranger)
    given = actions.permit(office.manager, flow=flow, consumer=place, purpose="Thử")
    assert runs.start(TESTER, flow=flow, given={"so": 1}, system=stranger)[1]
    actions.end_permit(office.manager, permit=given, reason="Thôi")
    with pytest.raises(NotFound):
        runs.start(TESTER, flow=flow, given={"so": 1}, system=stranger)
    with pytest.raises(NotFound):
        runs.of_system(stranger, str(run.uid))
    assert runs.of_system(office.system, str(run.uid)).pk == run.pk
    actions.retire(office.manager, version=run.version, reason="Thôi")
    with pytest.raises(NotFound):
        office.start(flow, 3)


def test_contents_go_when_their_time_is_over_and_digests_stay(worker: None, provider: Provider, settings: Any) -> None:
    office = Office()
    flow = office.published(office.source({"name": "b1", "call": office.call("look")}))
    old, new = office.start(flow, 1), office.start(flow, 2)
    until(lambda: settled(old, new))
    long_ago(old, settings.FLOW_DAYS + 1)
    assert tasks.empty_old() == 1
    assert tasks.empty_old() == 0
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.given, old.answer) == (None, None)
    assert old.emptied_at
    assert len(old.given_digest) == len(old.answer_digest) == 64
    assert not old.steps.exclude(request=None, answer=None).exists()
    assert new.given == {"so": 2}
