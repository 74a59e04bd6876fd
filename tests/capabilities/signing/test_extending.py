"""Proofs are renewed before they end: by a job, once, beside the file as issued, which stays what strangers hold."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from hienluong.capabilities.signing import actions, long_term, pki, tasks
from hienluong.capabilities.signing.models import IssuedFile, LongTermCopy
from hienluong.capabilities.signing.verification import verify_pdf
from hienluong.foundation.actions import Actor, NotAllowed, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.files.blobs import blob_store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.transparency import log, merkle
from hienluong.foundation.transparency.models import LogEntry
from tests.capabilities.signing import papers
from tests.capabilities.signing.papers import TOKEN, paper, sign
from tests.clock import Clock

pytestmark = [pytest.mark.django_db, pytest.mark.once]
START = timezone.now()


@pytest.fixture(autouse=True)
def own_state(settings: LazySettings, tmp_path: Path) -> Any:
    """An authority and a store of its own for each test."""
    settings.PKI_FOLDER = tmp_path / "pki"
    settings.FILES_ROOT = tmp_path / "files"
    blob_store.cache_clear()
    yield
    blob_store.cache_clear()


def issue(data: bytes, token: str = TOKEN, **more: Any) -> IssuedFile:
    """A paper in the register after its first night."""
    issued = papers.issue(data, token, **more)
    long_term.read_unread()
    issued.refresh_from_db()
    return issued


def days(number: int) -> datetime:
    return START + timedelta(days=number)


def bytes_of(copy: LongTermCopy) -> bytes:
    with StoredFile.objects.get(pk=copy.file_id).open() as stream:
        return stream.read()


#: A day on which the timestamps of the start end within the year that the setting names.
LATE = pki.TSA_DAYS - 300


def test_when_a_proof_ends_is_known_after_the_first_night() -> None:
    fresh = papers.issue(sign(paper()))
    assert (fresh.proof_ends, fresh.proof_read) == (None, False)
    assert tasks.extend_proofs(timestamp=0) == 0
    issued = IssuedFile.objects.get(pk=fresh.pk)
    ends = pki.certificate_of(pki.tsa_file()).not_valid_after_utc
    assert (issued.proof_ends, issued.proof_read) == (ends, True)
    assert long_term.extend_due() == 0
    assert not LongTermCopy.objects.exists()


def test_a_proof_is_renewed_before_it_ends_and_the_original_stays_what_strangers_hold(at: Clock) -> None:
    original = sign(paper())
    issued = issue(original)
    at(days(LATE))
    assert tasks.extend_proofs(timestamp=0) == 1
    copy = LongTermCopy.objects.get()
    longer = bytes_of(copy)
    assert longer.startswith(original)
    assert copy.sha256 == hashlib.sha256(longer).hexdigest()
    now = IssuedFile.objects.get(pk=issued.pk)
    assert (now.sha256, now.file_id, now.log_index) == (issued.sha256, issued.file_id, issued.log_index)
    assert issued.proof_ends is not None
    assert now.proof_ends == copy.proof_ends > issued.proof_ends
    for data in (original, longer):
        found = verify_pdf(data)
        assert (found.verdict, found.issued) == ("valid", issued)
        assert found.long_term_copy == (data is longer)
        assert found.log_proof is not None
        assert found.log_proof["holds"]
        assert found.log_proof["index"] == issued.log_index
    assert verify_pdf(longer + b"\n% more\n").verdict == "altered"


def test_the_copy_is_in_the_log_with_the_paper_that_it_is_a_copy_of(at: Clock) -> None:
    issued = issue(sign(paper()))
    at(days(LATE))
    long_term.extend_due()
    copy = LongTermCopy.objects.get()
    entry = LogEntry.objects.get(pk=copy.log_index)
    assert f'"kind":"long_term_copy","of":"{issued.sha256}","sha256":"{copy.sha256}"' in entry.leaf
    size = log.size()
    for index in (issued.log_index, copy.log_index):
        leaf = bytes(LogEntry.objects.get(pk=index).leaf_hash)
        assert merkle.verify_inclusion(leaf, index, size, log.inclusion_proof(index, size), log.root(size))


def test_decades_later_both_files_are_valid_and_a_strangers_program_needs_only_the_copy(at: Clock) -> None:
    original = sign(paper())
    issued = issue(original)
    for moment in (LATE, 2 * LATE):
        at(days(moment))
        assert long_term.extend_due() == 1
    first, second = LongTermCopy.objects.order_by("pk")
    assert bytes_of(second).startswith(bytes_of(first))
    at(days(2 * LATE + 900))
    for data in (original, bytes_of(first), bytes_of(second)):
        assert verify_pdf(data).verdict == "valid"
    kept = bytes_of(second)  # from here on no register and no log helps
    LongTermCopy.objects.all().delete()
    IssuedFile.objects.filter(pk=issued.pk).delete()
    assert verify_pdf(original).verdict == "certificate_expired"
    found = verify_pdf(kept)
    assert found.verdict == "signed"  # sound and trusted by itself, only in no register of ours any more
    assert all(finding.trusted and finding.timestamped for finding in found.signatures)


def test_the_setting_says_how_many_days_before(at: Clock, settings: LazySettings) -> None:
    issue(sign(paper()))
    at(days(LATE))
    settings.EXTEND_DAYS = 200
    assert long_term.extend_due() == 0
    settings.EXTEND_DAYS = 400
    assert long_term.extend_due() == 1


def test_doing_it_again_changes_nothing(at: Clock) -> None:
    issue(sign(paper()))
    at(days(LATE))
    assert [long_term.extend_due(), long_term.extend_due()] == [1, 0]
    size = log.size()
    with pytest.raises(long_term.NotDue):
        actions.extend_proof(system("lần nữa"), token=TOKEN)
    assert LongTermCopy.objects.count() == 1
    assert log.size() == size


@pytest.mark.django_db(transaction=True)
def test_two_workers_renew_a_proof_once(at: Clock) -> None:
    issue(sign(paper()))
    at(days(LATE))
    start = threading.Barrier(2)

    def work(_number: int) -> str:
        try:
            start.wait()
            actions.extend_proof(system("Gia hạn dấu thời gian"), token=TOKEN)
        except long_term.NotDue as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == ["done", "signing.not_due"]
    assert LongTermCopy.objects.count() == 1
    assert {app.tasks[name].lock for name in ("signing.extend", "signing.extend_more")} == {"signing.extend"}


def test_it_is_audited_and_done_by_the_system_only(at: Clock) -> None:
    issue(sign(paper()))
    at(days(LATE))
    with pytest.raises(NotAllowed):
        actions.extend_proof(Actor(kind="account", account_id=1), token=TOKEN)
    long_term.extend_due()
    entry = Entry.objects.get(verb="signing.extend_proof")
    assert entry.target_id == TOKEN
    assert entry.after["copy"] == LongTermCopy.objects.get().sha256
    assert entry.before["proof_ends"] < entry.after["proof_ends"]


def test_what_was_revoked_is_left_as_it_is(at: Clock) -> None:
    issue(sign(paper()))
    actions.revoke(system("x"), token=TOKEN, reason="Cấp sai.")
    at(days(LATE))
    assert long_term.extend_due() == 0


def test_a_stored_file_that_is_not_the_one_issued_gets_no_timestamp(at: Clock) -> None:
    issued = issue(sign(paper()))
    issue(sign(paper(number="02/GP")), token="ZZZZ2345EFGH6789", subject_ref="t:2")
    other = StoredFile.objects.exclude(pk=issued.file_id).get()
    StoredFile.objects.filter(pk=issued.file_id).update(blob_id=other.blob_id)
    at(days(LATE))
    assert long_term.extend_due() == 1  # the other one
    assert not LongTermCopy.objects.filter(issued=issued).exists()
    with pytest.raises(long_term.BytesDiffer):
        actions.extend_proof(system("x"), token=issued.token)


def test_a_timestamp_that_ends_no_later_is_not_kept(at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    issue(sign(paper()))
    monkeypatch.setattr(pki, "TSA_RENEWED", 30)  # the authority still signs with the certificate that is about to end
    at(days(LATE))
    files = StoredFile.objects.count()
    with pytest.raises(long_term.NoLaterTimestamp):
        actions.extend_proof(system("x"), token=TOKEN)
    assert long_term.extend_due() == 0
    assert StoredFile.objects.count() == files
    at(days(pki.TSA_DAYS - 20))
    assert long_term.extend_due() == 1


def test_papers_issued_before_any_of_this_are_looked_up(at: Clock) -> None:
    issue(sign(paper()))
    plain = issue(paper(), token="ZZZZ2345EFGH6789", subject_ref="t:2")  # no signature: nothing to renew
    IssuedFile.objects.update(proof_ends=None, proof_read=False)
    at(days(LATE))
    assert tasks.extend_proofs(timestamp=0) == 1
    assert not IssuedFile.objects.filter(proof_read=False).exists()
    assert IssuedFile.objects.get(pk=plain.pk).proof_ends is None
    assert Entry.objects.filter(verb="signing.note_proofs").count() == 3  # two nights before, and this one
    assert long_term.read_unread() == 0


def test_a_batch_asks_for_the_next_one_only_at_night(at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(tasks.extend_more, "defer", lambda timestamp: asked.append(timestamp))
    monkeypatch.setattr(long_term, "extend_due", lambda: 1)
    at(timezone.make_aware(datetime(2036, 3, 4, 2, 0)))
    tasks.extend_proofs(timestamp=1)
    at(timezone.make_aware(datetime(2036, 3, 4, 9, 0)))
    tasks.extend_more(timestamp=2)
    assert asked == [1]
