"""Taking what waits for us at the axis: fetched, read, made a document or a receipt, and only then settled there.

At least once: an axis that does not hear that a package is settled gives it again, and it is settled again without
anything else happening. The same document under another number of the axis is known by its sender and its DocumentId.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.db import DataError, IntegrityError
from django.db.models import F, Q
from django.utils import timezone

from hienluong.foundation.actions import DomainError
from hienluong.services.documents import secrecy, stamps

from . import describing, edxml, judging, taking
from .line import NO_SUCH_PACKAGE, Away, Line, Listed, Patience, Refused, line
from .models import Incoming, Seal
from .queueing import WHO

T = TypeVar("T")
logger = logging.getLogger(__name__)
#: How often a package that cannot be read is fetched again, since it may have been damaged on its way.
MOST_FETCHES = 5
#: How long after a package came its settling is said again, when no answer to it was heard.
SETTLED_SURELY = timedelta(seconds=20)
#: Seconds before it is fetched again the first time; twice as long each time.
FETCH_AGAIN = 2.0


def receive_waiting(until: float, patience: Patience | None = None) -> int:
    """Take what waits until the monotonic time `until` or until the axis seems away; returns how many were settled."""
    patience = patience or Patience()
    try:
        axis = line()
    except Away:
        return 0
    settled = sum(_receive(axis, kind, until, patience) for kind in ("edoc", "status"))
    _settle_again(axis, until, patience)
    return settled


def _settle_again(axis: Line, until: float, patience: Patience) -> None:
    """Say once more what is settled where the answer to that was lost: the axis may list such a package no longer."""
    since = timezone.now() - SETTLED_SURELY
    done = ~Q(verdict=Incoming.Verdict.UNREADABLE) | Q(attempts__gte=MOST_FETCHES)
    for row in Incoming.objects.filter(done, acknowledged_at=None, at__lt=since).defer("raw").order_by("pk")[:50]:
        if time.monotonic() >= until or patience.is_over:
            return
        _tried(patience, partial(_settle, axis, row))


def _receive(axis: Line, kind: str, until: float, patience: Patience) -> int:
    """Take the packages of one kind, list after list, until a list brings nothing more."""
    settled = 0
    while time.monotonic() < until and not patience.is_over:
        waiting = _tried(patience, lambda: axis.received(kind))
        if waiting is None:
            continue
        took = 0
        for item in waiting:
            if time.monotonic() >= until or patience.is_over:
                break
            took += bool(_tried(patience, partial(take, axis, item)))
        settled += took
        if not took:
            break
    return settled


def _tried(patience: Patience, do: Callable[[], T]) -> T | None:
    """What a call gives; None when the axis does not answer, or says no."""
    try:
        found = do()
    except (Away, Refused) as error:
        logger.info("the document axis: %s", error)
        patience.lost()
        return None
    patience.answered()
    return found


def take(axis: Line, item: Listed) -> bool:
    """One package of the list; True when it is settled. Raises :class:`Away` when the axis does not answer."""
    known = Incoming.objects.filter(axis_id=item.id).first()
    if known is not None and known.verdict != Incoming.Verdict.UNREADABLE:
        return _settle(axis, known)
    if known is not None and known.attempts >= MOST_FETCHES:
        return _settle(axis, known)
    if known is not None and known.next_try_at and known.next_try_at > timezone.now():
        return False
    try:
        content = axis.get(item.id)
    except Refused as error:
        if error.code == NO_SUCH_PACKAGE:
            return False  # somebody else settled it meanwhile
        raise
    row = take_in(item, content, known)
    if row is None or (row.verdict == Incoming.Verdict.UNREADABLE and row.attempts < MOST_FETCHES):
        return False
    return _settle(axis, row)


def take_in(
    item: Listed,
    content: bytes,
    known: Incoming | None,
    *,
    judged: judging.Judgement | None = None,
    despite: str = "",
) -> Incoming | None:
    """What was made of a package; None when it could not be written down now and comes again.

    `judged`: what its signature was found to be, for callers in a transaction: finding it out may ask over the network.
    `despite`: why somebody lets a package in that was altered after it was signed; held otherwise, unless the operator
    chose that such packages are accepted.
    """
    digest = hashlib.sha256(content).hexdigest()
    came = taking.Came(item.id, item.sender, item.receiver, digest)
    try:
        reading = edxml.read(content)
    except edxml.BadPackage as error:
        if error.about is None or not error.about.document_id:
            wait = timedelta(seconds=FETCH_AGAIN * 2 ** (known.attempts if known else 0))
            return taking.note_unreadable(WHO, came=came, known=known, why=str(error), raw=content, wait=wait)
        return taking.refuse_package(WHO, came=came, known=known, about=error.about, why=str(error), raw=content)
    if refused := _refused_as_secret(came, known, reading.package):
        return refused
    package, judged = reading.package, judged or judging.judge(content, reading)
    came = replace(came, seal=judged.seal, seal_said=describing.fit(f"{judged.said} {despite}", 300))
    about = package.about if isinstance(package, edxml.StatusPackage) else package.reference
    if judged.refused:
        return taking.refuse_package(WHO, came=came, known=known, about=about, why=judged.refused, raw=content)
    if judged.seal == Seal.ALTERED and settings.DOCUMENT_AXIS["altered"] == "hold" and not despite:
        return taking.hold_package(WHO, came=came, known=known, package=package, why=judged.said, raw=content)
    try:
        if isinstance(package, edxml.StatusPackage):
            return taking.take_status(WHO, came=came, known=known, package=package)
        return taking.take_document(WHO, came=came, known=known, package=package)
    except DomainError as error:  # a file that is not taken, no agency of this code: the sender is told
        return taking.refuse_package(WHO, came=came, known=known, about=about, why=str(error.message), raw=content)
    except (DataError, OverflowError) as error:  # a value that cannot be kept; it must not stop those behind it
        logger.exception("package %s of the axis cannot be kept", item.id)
        wait = timedelta(seconds=FETCH_AGAIN * 2 ** (known.attempts if known else 0))
        why = f"Không lưu được nội dung gói tin ({type(error).__name__})."
        return taking.note_unreadable(WHO, came=came, known=known, why=why, raw=content, wait=wait)
    except IntegrityError:
        logger.exception("package %s of the axis could not be written down; it comes again", item.id)
        return None


def _refused_as_secret(
    came: taking.Came, known: Incoming | None, package: edxml.DocumentPackage | edxml.StatusPackage
) -> Incoming | None:
    """Refuse a package with a file that bears a stamp of secrecy: its sender gets 02 with the rule, and nothing of it is
    kept, not even where people see what was refused. None when no file bears one."""
    if isinstance(package, edxml.StatusPackage):
        return None
    try:
        stamps.refuse_in(each.content for each in package.attachments)
    except secrecy.StateSecret as error:
        why = str(error.message)
        return taking.refuse_package(WHO, came=came, known=known, about=package.reference, why=why, raw=None)
    return None


def _settle(axis: Line, row: Incoming) -> bool:
    """Tell the axis that it need not give this package again."""
    state = "fail" if row.verdict == Incoming.Verdict.UNREADABLE else "done"
    try:
        axis.settle(row.axis_id, state)
    except Refused as error:
        if error.code != NO_SUCH_PACKAGE:
            raise
    Incoming.objects.filter(pk=row.pk, acknowledged_at=None).update(
        acknowledged_at=timezone.now(), attempts=F("attempts")
    )
    return True
