"""Heads of the audit chain and of the transparency log, signed and kept where a change of the database cannot reach.

Whoever can write to the database can cut the end off the audit log, or compute a whole new chain. So once an hour, at
shutdown and at each backup the head is signed (Ed25519, key in the state folder) and kept in two places: a file of the
state folder, which every backup takes along, and a leaf of the public transparency log. :func:`verify` holds the
database against every head it can find.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from hienluong.foundation.actions import Act, action, system
from hienluong.foundation.audit import chain
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.transparency import log
from hienluong.foundation.transparency.heads import KIND, Head, public_key, sign
from hienluong.foundation.transparency.models import LogEntry

__all__ = ["ACTOR", "KIND", "VERB", "Head", "Verdict", "public_key", "take", "verify"]
VERB = "house.anchor"
ACTOR = system("dấu mốc nhật ký")


def take() -> Head | None:
    """Sign the head and keep it in both places; None when nothing happened since the last one."""
    last = chain.head()
    if last is None or _is_own(last.seq):
        return None
    kept = _anchor(ACTOR)
    _append(settings.ANCHORS_FILE, kept)
    return kept


def _is_own(seq: int) -> bool:
    """Whether the last row tells of nothing but the anchor before: an idle system needs no new one."""
    return Entry.objects.filter(seq=seq, verb=VERB).exists()


@action(VERB)
def _anchor(act: Act) -> Head:
    """Write the leaf. The head is read after the log is locked, so anchors stand in the log in their order."""
    log.lock()
    found = chain.head()
    assert found is not None  # only called when there is one, and rows never go
    size = log.size()
    head = Head(found.seq, found.hash.hex(), size, log.root(size).hex(), timezone.now().isoformat())
    signed = replace(head, signature=sign(head.signed()))
    entry = log.append(signed.record())
    act.record(entry, after={"seq": signed.seq, "leaf": entry.index})
    return signed


def _append(file: Path, head: Head) -> None:
    """One line more, on the disk before we go on."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a") as out:
        out.write(log.canonical(head.record()) + "\n")
        out.flush()
        os.fsync(out.fileno())


@dataclass(frozen=True)
class Verdict:
    """What was found: faults in words with their kind, and what was looked at."""

    faults: list[tuple[str, str]]
    rows: int
    leaves: int
    heads: int
    last: Head | None


def verify(*more: chain.Anchor, files: Iterable[Path] = ()) -> Verdict:
    """Walk the audit chain and the transparency log and hold both against every head that is kept.

    `more` are heads from elsewhere (a backup's manifest); `files` are copies of the file of heads, kept elsewhere.
    """
    faults: list[tuple[str, str]] = []
    heads: dict[str, Head] = {}
    for where, head in _kept([settings.ANCHORS_FILE, *files]):
        if isinstance(head, str):
            faults.append(("forged", f"{where}: {head}"))
        elif not head.is_ours:
            faults.append(("forged", f"{where}: dấu mốc dòng {head.seq} không do khóa của hệ thống này ký."))
        else:
            heads[head.signature] = head
    anchors = [chain.Anchor(head.seq, bytes.fromhex(head.hash)) for head in heads.values()]
    faults += [(fault.kind, fault.message) for fault in chain.verify(*anchors, *more)]
    log_faults = list(log.check())
    faults += [("log", f"Sổ minh bạch: {fault}") for fault in log_faults]
    if not log_faults:
        faults += [("log", words) for words in _log_against(heads.values())]
    last = max(heads.values(), key=lambda head: head.seq, default=None)
    return Verdict(faults, Entry.objects.count(), log.size(), len(heads), last)


def _kept(files: Iterable[Path]) -> Iterator[tuple[str, Head | str]]:
    """Every head that is kept, with its place; a text where there should be one."""
    for file in files:
        for number, line in enumerate(file.read_text(errors="replace").splitlines() if file.exists() else (), 1):
            yield f"{file.name} dòng {number}", _read(line)
    leaves = LogEntry.objects.filter(leaf__contains=f'"kind":"{KIND}"').order_by("index")
    for index, leaf in leaves.values_list("index", "leaf").iterator():
        yield f"sổ minh bạch #{index}", _read(leaf)


def _read(line: str) -> Head | str:
    try:
        return Head.of(json.loads(line))
    except ValueError:
        return "không đọc được dấu mốc."


def _log_against(heads: Iterable[Head]) -> Iterator[str]:
    """The transparency log against the sizes and roots that were signed."""
    size = log.size()
    for head in heads:
        if head.log_size > size:
            yield f"Sổ minh bạch chỉ còn {size} mục, dấu mốc ghi nhận {head.log_size}."
        elif log.root(head.log_size).hex() != head.log_root:
            yield f"Sổ minh bạch khác với dấu mốc ở mục {head.log_size}."
