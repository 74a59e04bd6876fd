"""What every adapter must do: the same tests for all of them, against a system over real HTTP.

A subclass is collected by pytest; ``code`` is given for each adapter (``test_contract.py``). A new adapter needs its
simulator in ``house/simulators`` and a ``sample`` question at its first operation.
"""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from hienluong.foundation.actions import NotAllowed, system
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.services.adapters import asking, circuit
from hienluong.services.adapters.asking import Reason
from hienluong.services.adapters.base import Answer, Operation, adapter
from hienluong.services.adapters.connections import Connection
from hienluong.services.adapters.faults import Fault
from hienluong.services.adapters.models import Call, KeptAnswer, System
from tests.clock import Clock
from tests.factories import actor_for_role, make_citizen, make_org
from tests.services.adapters.process import LATE, MinistriesProcess

WHO = system("kiểm thử")


def fault_of(code: str, operation: Operation, **how: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        asking.ask(WHO, code, operation.name, operation.sample, reason=Reason("Kiểm thử"), **how)
    return caught.value


class AdapterContract:
    """Down, slow, wrong, duplicate, refused, busy, half-open, and well again."""

    @pytest.fixture
    def operation(self, code: str) -> Operation:
        return adapter(code).operations[0]

    def ask(self, code: str, operation: Operation, **how: Any) -> Answer:
        return asking.ask(WHO, code, operation.name, operation.sample, reason=Reason("Kiểm thử"), **how)

    def test_it_answers_in_its_own_words(self, ministries: MinistriesProcess, code: str, operation: Operation) -> None:
        answer = self.ask(code, operation)
        assert operation.answers_with.is_valid(dict(answer.data))
        assert set(operation.answer["required"]) <= set(answer.data)
        call = Call.objects.get()
        assert (call.system, call.operation, call.outcome, call.tries) == (code, operation.name, "ok", 1)
        assert System.objects.get(code=code).last_success_at is not None

    def test_each_of_its_operations_can_be_declared(self, code: str) -> None:
        names = [each.name for each in adapter(code).operations]
        assert len(names) == len(set(names))
        for each in adapter(code).operations:
            for schema in (each.question, each.answer):
                assert schema["additionalProperties"] is False
                assert set(schema.get("required", ())) <= set(schema["properties"])
            assert set(each.names) <= set(each.question["properties"])
            assert {*each.answers, *each.items} <= set(each.answer["properties"])
            assert each.confirmed_by in ("", *names)
            assert each.repeatable or each.confirmed_by, "what may not be done twice needs a way to ask whether it was"
            assert not (each.keep_s and not each.repeatable), "an answer to what does something is never kept"

    def test_what_a_person_may_see_is_written_down(
        self, ministries: MinistriesProcess, code: str, operation: Operation
    ) -> None:
        party, place = make_citizen(), make_org()
        reason = Reason("Kiểm tra hồ sơ H50", place, party, "dossier:1")
        asking.ask(WHO, code, operation.name, operation.sample, reason=reason)
        read = PersonalDataRead.objects.filter(party_id=party.pk)
        assert [(each.purpose, each.fields) for each in read] == (
            [("Kiểm tra hồ sơ H50", list(operation.personal))] if operation.personal else []
        )
        call = Call.objects.get()
        assert (call.purpose, call.about, call.organization) == ("Kiểm tra hồ sơ H50", "dossier:1", place)
        entry = Entry.objects.filter(verb="adapters.note_call").get()
        assert entry.note == "Kiểm tra hồ sơ H50"
        written = f"{call.__dict__} {entry.after} {entry.target_label}"
        assert not [value for value in operation.sample.values() if len(str(value)) > 6 and str(value) in written]

    def test_who_may_not_ask_reaches_nobody(
        self, ministries: MinistriesProcess, code: str, operation: Operation
    ) -> None:
        stranger = actor_for_role("accountant", make_org())
        with pytest.raises(NotAllowed):
            asking.ask(stranger, code, operation.name, operation.sample, reason=Reason("Kiểm thử"))
        assert not Call.objects.exists()

    def test_a_question_that_is_none_is_not_sent(
        self, ministries: MinistriesProcess, code: str, operation: Operation
    ) -> None:
        from hienluong.foundation.actions import InvalidInput

        for wrong in ({}, {**operation.sample, "khong_co": 1}):
            with pytest.raises(InvalidInput):
                asking.ask(WHO, code, operation.name, wrong, reason=Reason("Kiểm thử"))
        assert not Call.objects.exists()

    @pytest.mark.parametrize(
        ("how", "kind"),
        [
            ("down", "down"),
            ("500", "down"),
            ("slow", "slow"),
            ("half_open", "slow"),
            ("not_json", "wrong"),
            ("wrong_shape", "wrong"),
            ("other", "wrong"),
            ("duplicate", "duplicate"),
            ("401", "refused"),
            ("429", "busy"),
        ],
    )
    def test_each_fault_has_its_class(
        self, ministries: MinistriesProcess, code: str, operation: Operation, how: str, kind: str, settings: Any
    ) -> None:
        ministries.switch(code, **{f"_{how}": 1})
        patient, began = settings.ADAPTERS, time.monotonic()
        if kind == "slow":
            settings.ADAPTERS = ministries.connections(patience=0.3)
        fault = fault_of(code, operation, tries=1)
        settings.ADAPTERS = patient
        assert fault.kind == kind
        assert kind != "slow" or time.monotonic() - began < LATE, "it waits longer than it says"
        call = Call.objects.get()
        assert (call.outcome, call.fields) == (kind, [])
        assert not [value for value in operation.sample.values() if len(str(value)) > 6 and str(value) in str(fault)]
        assert self.ask(code, operation, tries=1).data if kind != "busy" else True, "one fault does not close the line"

    def test_what_does_no_harm_is_tried_again_at_once_and_nothing_else(
        self, ministries: MinistriesProcess, code: str, operation: Operation
    ) -> None:
        ministries.switch(code, _500=1)
        if operation.repeatable:
            assert self.ask(code, operation).data
            assert Call.objects.get().tries == 2
        else:
            assert fault_of(code, operation).kind == "down"
            assert Call.objects.get().tries == 1

    def test_a_no_is_not_asked_again(self, ministries: MinistriesProcess, code: str, operation: Operation) -> None:
        ministries.switch(code, _401=1)
        assert fault_of(code, operation, tries=5).final
        assert Call.objects.get().tries == 1

    def test_nobody_asks_before_the_time_that_they_named(
        self, ministries: MinistriesProcess, code: str, operation: Operation, at: Clock
    ) -> None:
        now = timezone.now()
        at(now)
        ministries.switch(code, _429=1)
        assert fault_of(code, operation).retry_after == 2.0
        at(now + timedelta(seconds=1))
        early = fault_of(code, operation)
        assert (early.kind, early.sent, early.retry_after) == ("down", False, 1.0)
        at(now + timedelta(seconds=3))
        assert self.ask(code, operation).data

    def test_a_system_that_is_ill_is_left_in_peace_and_comes_back(
        self, ministries: MinistriesProcess, code: str, operation: Operation, at: Clock
    ) -> None:
        now = timezone.now()
        at(now)
        ministries.switch(code, _500=circuit.LIMIT + 1)
        for _each in range(circuit.LIMIT):
            assert fault_of(code, operation, tries=1).kind == "down"
        made = Call.objects.count()
        assert fault_of(code, operation).sent is False
        assert Call.objects.count() == made, "it was asked although the circuit is open"
        at(now + circuit.FIRST + timedelta(seconds=1))
        assert fault_of(code, operation, tries=1).sent is True  # the one that tries
        assert fault_of(code, operation).sent is False  # still ill: for twice as long
        at(now + 4 * circuit.FIRST)
        assert self.ask(code, operation).data
        line = System.objects.get(code=code)
        assert (line.failures, line.opened_until) == (0, None)

    def test_only_one_tries_whether_it_is_back(
        self, ministries: MinistriesProcess, code: str, operation: Operation
    ) -> None:
        past = timezone.now() - timedelta(seconds=1)
        System.objects.create(code=code, failures=circuit.LIMIT, opened_until=past)
        circuit.admit(code)
        with pytest.raises(Fault) as caught:
            circuit.admit(code)
        assert caught.value.sent is False

    def test_an_answer_is_kept_by_rule_and_never_in_plain_text(
        self, ministries: MinistriesProcess, code: str, operation: Operation, at: Clock
    ) -> None:
        now = timezone.now()
        at(now)
        first = self.ask(code, operation)
        again = self.ask(code, operation)
        assert again.kept is bool(operation.keep_s)
        if not operation.keep_s:
            assert not KeptAnswer.objects.exists() or operation.stale_s
            return
        assert (again.data, again.at) == (first.data, first.at)
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute("SELECT answer FROM adapters_keptanswer")
            (stored,) = cursor.fetchone()
        assert not [word for word in first.data.values() if isinstance(word, str) and len(word) > 6 and word in stored]
        at(now + timedelta(seconds=operation.keep_s + 1))
        assert self.ask(code, operation).kept is False

    def test_an_old_answer_serves_only_where_the_rule_says_so(
        self, ministries: MinistriesProcess, code: str, operation: Operation, at: Clock
    ) -> None:
        now = timezone.now()
        at(now)
        first = self.ask(code, operation)
        at(now + timedelta(seconds=operation.keep_s + 1))
        ministries.switch(code, _500=2)
        if operation.stale_s:
            old = self.ask(code, operation)
            assert (old.old, old.at, old.data) == (True, first.at, first.data)
            assert list(Call.objects.order_by("pk").values_list("outcome", flat=True))[1:] in (
                ["down"],
                ["down", "old"],
            )
        else:
            assert fault_of(code, operation).kind == "down"

    def test_without_a_connection_nobody_is_asked(self, code: str, operation: Operation, db: None) -> None:
        settings.ADAPTERS = {}
        fault = fault_of(code, operation)
        assert (fault.kind, fault.sent) == ("off", False)

    def test_a_wrong_token_is_a_refusal(
        self, ministries: MinistriesProcess, code: str, operation: Operation, settings: Any
    ) -> None:
        settings.ADAPTERS = ministries.connections(token="sai")
        assert fault_of(code, operation).kind == "refused"

    def test_nobody_there_is_told_at_once(self, code: str, operation: Operation, settings: Any, db: None) -> None:
        settings.ADAPTERS = {code: Connection("http://127.0.0.1:9")}
        fault = fault_of(code, operation)
        assert (fault.kind, fault.sent) == ("down", False)
