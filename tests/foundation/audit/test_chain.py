"""The audit chain: append-only in the database, and any tampering is found."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from hienluong.foundation.actions import Act, Actor, NotAllowed, action, system
from hienluong.foundation.actions.action import UnrecordedAction
from hienluong.foundation.audit import chain
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.people.models import Party


@action("people.rename")
def rename(act: Act, *, party: Party, name: str) -> Party:
    before, party.name = party.name, name
    party.save()
    act.record(party, before={"name": before}, after={"name": name})
    act.emit("party.renamed", party)
    return party


@action("people.silent")
def silent(act: Act, *, party: Party) -> None:
    party.name = "Không ai biết"
    party.save()


@action("people.guarded")
def guarded(act: Act, *, party: Party) -> None:
    act.require("people.guarded", "/")


@pytest.fixture
def party(db: None) -> Party:
    return Party.objects.create(kind="citizen", name="Nguyễn Thị Lành", identifier="045190001234")


def tamper(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_entry DISABLE TRIGGER USER")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE audit_entry ENABLE TRIGGER USER")


def faults() -> list[tuple[int, str]]:
    return [(fault.seq, fault.kind) for fault in chain.verify()]


def write_five(party: Party) -> None:
    for name in ("An", "Bình", "Cường", "Dũng", "Đào"):
        rename(system("kiểm thử"), party=party, name=name)


def test_a_chain_that_nobody_touched_is_whole(party: Party) -> None:
    write_five(party)
    assert Entry.objects.count() == 5
    assert faults() == []


def test_an_altered_row_is_found(party: Party) -> None:
    write_five(party)
    tamper('UPDATE audit_entry SET after = \'{"name": "Kẻ gian"}\' WHERE seq = 3')
    assert faults() == [(3, "altered")]


def test_a_missing_row_is_found(party: Party) -> None:
    write_five(party)
    tamper("DELETE FROM audit_entry WHERE seq = 2")
    assert (2, "missing") in faults()


def test_swapped_rows_are_found(party: Party) -> None:
    write_five(party)
    tamper("UPDATE audit_entry SET seq = 99 WHERE seq = 2")
    tamper("UPDATE audit_entry SET seq = 2 WHERE seq = 3")
    tamper("UPDATE audit_entry SET seq = 3 WHERE seq = 99")
    assert {seq for seq, _ in faults()} >= {2, 3}


def test_a_cut_tail_is_found_with_an_anchor(party: Party) -> None:
    write_five(party)
    head = Entry.objects.get(seq=5)
    tamper("DELETE FROM audit_entry WHERE seq > 3")
    assert faults() == []
    assert [f.kind for f in chain.verify(chain.Anchor(5, bytes(head.hash)))] == ["truncated"]


@pytest.mark.parametrize(
    "sql", ["UPDATE audit_entry SET note = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"]
)
def test_the_database_refuses_change(party: Party, sql: str) -> None:
    write_five(party)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_an_action_without_an_audit_entry_is_undone(party: Party) -> None:
    with pytest.raises(UnrecordedAction):
        silent(system("kiểm thử"), party=party)
    party.refresh_from_db()
    assert party.name == "Nguyễn Thị Lành"


def test_a_stranger_is_refused_and_told_why(party: Party) -> None:
    with pytest.raises(NotAllowed) as refused:
        guarded(Actor(), party=party)
    assert refused.value.details["reasons"]


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_make_one_unbroken_chain() -> None:
    party = Party.objects.create(kind="citizen", name="Trần Văn Song", identifier="045190005678")

    def work() -> None:
        try:
            for _ in range(10):
                rename(system("song song"), party=Party.objects.get(pk=party.pk), name="Song")
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(Entry.objects.values_list("seq", flat=True)) == list(range(1, 61))
    assert faults() == []


def test_the_identifier_is_not_readable_in_the_database(party: Party) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT identifier, identifier_hash FROM people_party WHERE id = %s", [party.pk])
        stored, hashed = cursor.fetchone()
    assert "045190001234" not in stored
    assert len(hashed) == 64
    assert Party.objects.get(pk=party.pk).identifier == "045190001234"
