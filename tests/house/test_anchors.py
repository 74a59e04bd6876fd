"""Signed heads outside the table: a cut tail, a rewritten chain and a forged head are all found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from typer.testing import CliRunner

from hienluong.foundation.actions import system
from hienluong.foundation.audit import chain
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.transparency import log
from hienluong.foundation.transparency.models import LogEntry, Node
from hienluong.house import anchors, cli
from tests.factories import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def file(settings: Any, tmp_path: Path) -> Path:
    settings.ANCHORS_FILE = tmp_path / "anchors" / "audit.jsonl"
    return tmp_path / "anchors" / "audit.jsonl"


def work(times: int = 3) -> None:
    for _ in range(times):
        make_account()


def tamper(*statements: str) -> None:
    """What somebody with all rights on the database may do."""
    tables = ("audit_entry", "transparency_logentry", "transparency_node")
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            cursor.execute(statement)
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def kinds() -> set[str]:
    return {kind for kind, _words in anchors.verify().faults}


def test_a_head_is_signed_and_kept_in_both_places(file: Path) -> None:
    work()
    last = chain.head()
    kept = anchors.take()
    assert last
    assert kept
    assert (kept.seq, kept.hash, kept.is_ours) == (last.seq, last.hash.hex(), True)
    assert [json.loads(line) for line in file.read_text().splitlines()] == [kept.record()]
    assert json.loads(LogEntry.objects.get().leaf) == kept.record()
    assert file.stat().st_mode & 0o777 == 0o600
    verdict = anchors.verify()
    assert (verdict.faults, verdict.heads, verdict.last) == ([], 1, kept)


def test_an_idle_system_keeps_no_new_head(file: Path) -> None:
    assert anchors.take() is None
    work()
    assert anchors.take()
    assert anchors.take() is None
    work(1)
    assert anchors.take()
    assert len(file.read_text().splitlines()) == LogEntry.objects.count() == 2


def test_a_cut_tail_is_found(file: Path) -> None:
    work(5)
    anchors.take()
    tamper("DELETE FROM audit_entry WHERE seq > 3")
    assert kinds() == {"truncated"}
    file.unlink()  # the leaf alone is enough
    assert kinds() == {"truncated"}


def test_a_cut_tail_is_found_when_the_transparency_log_was_cut_with_it() -> None:
    work(5)
    anchors.take()
    tamper(
        "DELETE FROM audit_entry WHERE seq > 3", "DELETE FROM transparency_logentry", "DELETE FROM transparency_node"
    )
    assert kinds() == {"truncated"}


def rewrite_chain(from_seq: int) -> None:
    """A whole new chain that is right in itself."""
    rows = list(Entry.objects.order_by("seq"))
    previous = chain.GENESIS
    tamper("DELETE FROM audit_entry")
    for row in rows:
        if row.seq == from_seq:
            row.actor_label = "Người khác"
        row.previous_hash = previous
        row.hash = previous = chain.digest(row)
    Entry.objects.bulk_create(rows)


def test_a_rewritten_chain_is_found(file: Path) -> None:
    work(5)
    anchors.take()
    rewrite_chain(2)
    assert list(chain.verify()) == []  # in itself it is whole
    assert kinds() == {"altered"}


def test_the_command_names_what_was_altered_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "_django", lambda plan: None)  # it is set up, for these tests
    work(5)
    anchors.take()
    told = CliRunner().invoke(cli.app, ["audit", "verify"])
    assert (told.exit_code, "nguyên vẹn" in told.stdout) == (0, True)
    tamper("UPDATE audit_entry SET note = 'khác' WHERE seq = 2")
    told = CliRunner().invoke(cli.app, ["audit", "verify"])
    assert (told.exit_code, "altered" in told.stdout) == (1, True)


def test_a_rewritten_chain_is_found_by_a_copy_kept_elsewhere(file: Path, tmp_path: Path) -> None:
    work(5)
    anchors.take()
    copy = Path(shutil.copy(file, tmp_path / "copy.jsonl"))
    rewrite_chain(2)
    file.unlink()
    tamper("DELETE FROM transparency_logentry", "DELETE FROM transparency_node")
    assert anchors.verify().faults == []
    assert next(kind for kind, _ in anchors.verify(files=[copy]).faults) == "altered"


def test_a_head_that_we_did_not_sign_is_found(file: Path) -> None:
    work()
    kept = anchors.take()
    assert kept
    changed = {**kept.record(), "seq": 1, "hash": bytes(Entry.objects.get(seq=1).hash).hex()}
    file.write_text(json.dumps(changed) + "\nkhông phải JSON\n")
    faults = anchors.verify().faults
    assert [kind for kind, _ in faults] == ["forged", "forged"]


def test_a_rewritten_transparency_log_is_found() -> None:
    work()
    log.append({"kind": "result", "n": 1})
    log.append({"kind": "result", "n": 2})
    anchors.take()
    leaves = [json.loads(leaf) for leaf in LogEntry.objects.order_by("index").values_list("leaf", flat=True)]
    tamper("DELETE FROM transparency_logentry", "DELETE FROM transparency_node")
    leaves[0]["n"] = 99
    for leaf in leaves:
        log.append(leaf)
    assert list(log.check()) == []
    assert kinds() == {"log"}


def test_an_altered_leaf_is_found() -> None:
    work()
    log.append({"kind": "result", "n": 1})
    tamper("UPDATE transparency_logentry SET leaf = replace(leaf, '1', '2')")
    assert kinds() == {"log"}
    assert Node.objects.exists()


def test_a_head_of_a_manifest_counts_too() -> None:
    work()
    last = chain.head()
    assert last
    assert anchors.verify(last).faults == []
    assert anchors.verify(chain.Anchor(last.seq + 1, last.hash)).faults[0][0] == "truncated"


def test_anchoring_is_an_act_of_the_system() -> None:
    work()
    anchors.take()
    entry = Entry.objects.latest("seq")
    assert (entry.verb, entry.actor_kind) == ("house.anchor", system("x").kind)
