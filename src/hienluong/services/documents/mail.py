"""Documents that come by e-mail: fetched from the mailbox of an agency, to be registered by its records office.

What was looked at is flagged in the mailbox, what was taken in is marked as read, too. A message without a file, or with one
that bears a stamp of secrecy, stays unread where it is, for somebody to look at. One that cannot be taken in stays there, too:
it is tried a few times (:mod:`.actions.mailboxes`), then held, and shown to the records office with the reason.
"""

from __future__ import annotations

import email.policy
import errno
import hashlib
import imaplib
import logging
import re
import ssl
import tempfile
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, NotFound, action, system
from hienluong.foundation.files import store
from hienluong.foundation.files.scanning import ScannerAway, scan
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.organisations.queries import current

from . import access, secrecy, stamps, suggesting, uploads
from .actions import arrivals, mailboxes
from .actions.mailboxes import Message
from .models import Arrival, DocumentFile, HeldMail, Source

logger = logging.getLogger(__name__)

WHO = system("Hộp thư văn bản")
#: Bytes of the largest message that is fetched.
LARGEST = 60_000_000
#: Messages of one mailbox in one go; the rest come the next time.
MOST = 50
#: Seconds without a word from the server.
PATIENCE = 60
#: Faults of the disk, not of a message.
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)


@dataclass(frozen=True)
class Mailbox:
    """Where the mail of an agency is fetched: ``tls`` from the first byte, or ``none`` in a trusted network."""

    agency: str
    host: str
    user: str
    password: str
    port: int = 993
    tls: str = "tls"
    folder: str = "INBOX"

    @property
    def name(self) -> str:
        """How it is named on record: never with its password."""
        return f"{self.user}@{self.host}/{self.folder}"[:300]


def fetch_all() -> int:
    """Fetch from every mailbox; returns how many documents came. A mailbox that fails does not stop the others: its fault
    is raised at the end."""
    came, fault = 0, None
    for entry in settings.DOCUMENT_MAILBOXES:
        mailbox = Mailbox(**entry)
        try:
            came += fetch(mailbox)
        except (OSError, imaplib.IMAP4.error, DomainError) as error:
            logger.warning("mailbox %s at %s: %s", mailbox.user, mailbox.host, error)
            fault = error
    if fault is not None:
        raise fault
    return came


def fetch(mailbox: Mailbox) -> int:
    """Take in what is new in one mailbox; returns how many documents came.

    What failed before is tried again after what is new, so it never keeps others from coming.
    """
    agency = current(mailbox.agency)
    with _opened(mailbox) as server:
        validity = _validity(server)
        if (
            HeldMail.objects.filter(mailbox=mailbox.name, state=HeldMail.State.TRYING)
            .exclude(validity=validity)
            .exists()
        ):
            mailboxes.renumbered(WHO, agency=agency, mailbox=mailbox.name, validity=validity)
        rows = {row.uid: row for row in _known(mailbox, validity)}
        _answer, found = server.uid("SEARCH", "UNFLAGGED")
        uids = [int(raw) for raw in (found[0] or b"").split() if raw.isdigit()]
        now = timezone.now()
        again = [
            uid for uid, row in rows.items() if row.state == HeldMail.State.TRYING and (row.next_try_at or now) <= now
        ]
        due = [*[uid for uid in uids if uid not in rows][:MOST], *again[:MOST]]
        return sum(_one(server, _Place(mailbox, agency, validity, uid), rows.get(uid)) for uid in due)


def fetch_again(row: HeldMail) -> int:
    """Try one message again that failed; whether a document came of it, as a number."""
    if row.state != HeldMail.State.TRYING:
        return 0
    try:
        with _where(row) as (mailbox, server):
            return _one(server, _Place(mailbox, row.agency, row.validity, row.uid), row)
    except NotTaken as gone:
        place = Message(row.agency, row.mailbox, row.validity, row.uid)
        mailboxes.note_failure(WHO, message=place, why=str(gone), for_good=True)
        return 0


def raw(row: HeldMail) -> bytes:
    """A message that was not taken in, as it lies in its mailbox; nothing of it is kept here.

    Raises :class:`DomainError` when it is there no longer, the mailbox cannot be opened, or a virus is in it.
    """
    try:
        with _where(row) as (_mailbox, server):
            content = _content(server, row.uid)
    except NotTaken as gone:
        raise NotFound(str(gone)) from None
    except (OSError, imaplib.IMAP4.error) as fault:
        logger.warning("mailbox %s: %s", row.mailbox, type(fault).__name__)
        raise DomainError(
            _("Không mở được hộp thư lúc này. Xin thử lại sau ít phút."), code="documents.mailbox_away"
        ) from fault
    with tempfile.NamedTemporaryFile(prefix="hienluong-thu-") as copy:
        copy.write(content)
        copy.flush()
        scan(Path(copy.name))
    return content


@contextmanager
def _where(row: HeldMail) -> Iterator[tuple[Mailbox, imaplib.IMAP4]]:
    """The mailbox of a message, open; :class:`NotTaken` when the message cannot be found there any more."""
    mailbox = next(
        (found for entry in settings.DOCUMENT_MAILBOXES if (found := Mailbox(**entry)).name == row.mailbox), None
    )
    if mailbox is None:
        raise NotTaken("Hộp thư không còn trong cấu hình.")
    with _opened(mailbox) as server:
        if _validity(server) != row.validity:
            raise NotTaken("Hộp thư đã được đánh số lại, không tìm được thư này.")
        yield mailbox, server


def _known(mailbox: Mailbox, validity: int) -> QuerySet[HeldMail]:
    return (
        HeldMail.objects.filter(mailbox=mailbox.name, validity=validity)
        .select_related("agency")
        .order_by("next_try_at")
    )


@dataclass(frozen=True)
class _Place:
    """Where one message is."""

    mailbox: Mailbox
    agency: Organization
    validity: int
    uid: int


class NotTaken(Exception):
    """A message that somebody must look at: it will not be taken in however often it is tried. The message says why."""


def _one(server: imaplib.IMAP4, place: _Place, row: HeldMail | None) -> int:
    """Take in one message; whether a document came of it, as a number. What fails is written down and tried again later.

    What is no fault of the message is raised: while the scanner, the disk or the database is away nothing can be taken in,
    and all of it is tried the next time. A message at which the connection breaks is written down, too: the next time those
    behind it come first.
    """
    content = b""
    try:
        content = _content(server, place.uid)
    except NotTaken as left:
        return _failed(server, place, content, str(left), for_good=True)
    except (OSError, imaplib.IMAP4.abort) as fault:  # nothing can be asked of this connection any more
        _note(place, content, _said(fault))
        raise
    except imaplib.IMAP4.error as fault:  # the server cannot give this one
        return _failed(server, place, content, _said(fault))
    try:
        taken = take_in(place.agency, content)
    except ScannerAway:
        raise
    except NotTaken as left:
        return _failed(server, place, content, str(left), for_good=True)
    except Exception as fault:  # one message must not keep the others from coming
        if isinstance(fault, OSError) and fault.errno in _NO_ROOM:
            raise
        where = "".join(traceback.format_tb(fault.__traceback__))  # without the fault's words, see _said
        logger.error("message %s of %s: %s\n%s", place.uid, place.mailbox.name, type(fault).__name__, where)
        return _failed(server, place, content, _said(fault))
    server.uid("STORE", str(place.uid), "+FLAGS", r"(\Flagged \Seen)" if taken else r"(\Flagged)")
    if row is not None and taken:
        mailboxes.note_taken(WHO, row=row)
    elif row is not None:
        mailboxes.forget(WHO, row=row)
    return int(taken)


def _failed(server: imaplib.IMAP4, place: _Place, content: bytes, why: str, *, for_good: bool = False) -> int:
    """Write down that it failed; no document came of it: 0. While the database is away this fails, too."""
    if _note(place, content, why, for_good=for_good).state == HeldMail.State.HELD:
        server.uid("STORE", str(place.uid), "+FLAGS", r"(\Flagged)")
    return 0


def _note(place: _Place, content: bytes, why: str, *, for_good: bool = False) -> HeldMail:
    sender, sent_at = _outside(content)
    return mailboxes.note_failure(
        WHO,
        message=Message(
            place.agency,
            place.mailbox.name,
            place.validity,
            place.uid,
            sender=sender,
            sent_at=sent_at,
            size=len(content),
        ),
        why=why,
        for_good=for_good,
    )


def _outside(content: bytes) -> tuple[str, datetime | None]:
    """From whom a message is and when it was sent, as far as that can be read."""
    try:
        message = email.message_from_bytes(content, policy=email.policy.default)
        return _text(message, "From"), _sent_at(message) if _text(message, "Date") else None
    except Exception:  # it is broken: that is why it failed
        return "", None


def _said(fault: Exception) -> str:
    """What is kept of a fault: its kind and where it happened, but not its words, which may repeat the message's."""
    if isinstance(fault, DomainError):
        return str(fault.message)
    at = traceback.extract_tb(fault.__traceback__)[-1]
    return (
        f"Hệ thống không đọc được thư này. Xin báo bộ phận kỹ thuật mã {type(fault).__name__}, {at.name}:{at.lineno}."
    )


@contextmanager
def _opened(mailbox: Mailbox) -> Iterator[imaplib.IMAP4]:
    server: imaplib.IMAP4
    if mailbox.tls == "tls":
        context = ssl.create_default_context()
        server = imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=PATIENCE)
    else:
        server = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=PATIENCE)
    with server:
        server.login(mailbox.user, mailbox.password)
        answer, _more = server.select(mailbox.folder)
        if answer != "OK":
            raise imaplib.IMAP4.error(f"no folder {mailbox.folder}")
        yield server


def _validity(server: imaplib.IMAP4) -> int:
    """For which numbering of the folder the ids hold; 0 when the server does not say."""
    _name, values = server.response("UIDVALIDITY")
    value = values[0] if values else None
    return int(value) if isinstance(value, bytes) and value.isdigit() else 0


def _content(server: imaplib.IMAP4, uid: int) -> bytes:
    """A message as it came; :class:`NotTaken` for one that is too large, or there no longer."""
    _answer, sizes = server.uid("FETCH", str(uid), "(RFC822.SIZE)")
    size = re.search(rb"RFC822\.SIZE (\d+)", _flat(sizes))
    if size is None:
        raise NotTaken("Thư không còn trong hộp thư.")
    if int(size[1]) > LARGEST:
        raise NotTaken(f"Thư lớn quá {LARGEST // 1_000_000} MB.")
    _answer, parts = server.uid("FETCH", str(uid), "(BODY.PEEK[])")
    content = next((part[1] for part in parts if isinstance(part, tuple)), None)
    if content is None:  # somebody took it out just now
        raise NotTaken("Thư không còn trong hộp thư.")
    return bytes(content)


def _flat(parts: Iterable[Any]) -> bytes:
    return b" ".join(each if isinstance(each, bytes) else b" ".join(each) for each in parts if each)


def take_in(agency: Organization, content: bytes) -> bool:
    """Take one message in as an arrived document; whether one came of it, now or earlier.

    :class:`NotTaken` when none of its files can be kept."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    ref = _text(message, "Message-ID")[:200] or hashlib.sha256(content).hexdigest()
    if Arrival.objects.filter(agency=agency, source=Source.EMAIL, source_ref=ref).exists():
        return True
    parts = _files(message)
    main = next((each for each in parts if each[1][:5] == b"%PDF-"), parts[0] if parts else None)
    if main is None:
        return False
    read = suggesting.of_scan(main[1])
    if read.secret or read.doubtful or _stamped(parts):
        tell_refused(WHO, agency=agency, ref=ref)
        return False
    name, address = parseaddr(_text(message, "From"))
    values = {"subject": _text(message, "Subject") or _("Văn bản gửi qua thư điện tử"), **read.values}
    with transaction.atomic():  # no file stays of a message that is not taken in
        files, left = _kept(parts, main)
        if not files:
            raise NotTaken(f"Không nhận được tệp nào: {', '.join(left)}.")
        arrivals.arrive(
            WHO,
            agency=agency,
            source=Source.EMAIL,
            source_ref=ref,
            sender_name=name or address,
            arrived_at=_sent_at(message),
            files=files,
            note=f"Không nhận tệp: {', '.join(left)}" if left else "",
            **values,
        )
    return True


def _stamped(parts: list[tuple[str, bytes]]) -> bool:
    """Whether any of the files, the paper or what came with it, bears a stamp of secrecy in its text."""
    try:
        stamps.refuse_in(content for _name, content in parts)
    except secrecy.StateSecret:
        return True
    return False


def _text(message: EmailMessage, name: str) -> str:
    """A header as text; empty when it is missing or cannot be read."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, TypeError, IndexError, AttributeError):  # the parser of the standard library on broken headers
        return ""


def _sent_at(message: EmailMessage) -> datetime:
    """When it was sent, not later than now; now when it does not say."""
    now = timezone.now()
    try:
        sent = parsedate_to_datetime(_text(message, "Date"))
    except (ValueError, TypeError):
        return now
    return min(sent, now) if sent.tzinfo is not None and sent.year >= 2000 else now


def _files(message: EmailMessage) -> list[tuple[str, bytes]]:
    """The files that came with it: names and contents."""
    found = []
    for part in message.walk():
        name = part.get_filename()
        if not name or part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        if isinstance(content, bytes) and content:
            found.append((name, content))
    return found[: uploads.MOST_FILES]


def _kept(parts: list[tuple[str, bytes]], main: tuple[str, bytes]) -> tuple[list[arrivals.FileIn], list[str]]:
    """The files as they are kept, the paper itself first; and the names of those that are not taken."""
    kept, left = [], []
    for each in [main, *(part for part in parts if part is not main)]:
        try:
            file = store(BytesIO(each[1]), name=each[0], owner=None, purpose=access.FILE_PURPOSE)
        except ScannerAway:
            raise
        except DomainError:
            left.append(each[0][:60])
            continue
        role = DocumentFile.Role.MAIN if each is main else DocumentFile.Role.ANNEX
        kept.append(arrivals.FileIn(file, role))
    return kept, left


@action("documents.refuse_mail")
def tell_refused(act: Act, *, agency: Organization, ref: str) -> None:
    """Tell the records office that a message was left in its mailbox because it bears a stamp of secrecy."""
    for account in holders("documents.clerk", agency):
        with translation.override(account.language):
            notify(
                act,
                account=account,
                key=f"document-mail:{hashlib.sha256(ref.encode()).hexdigest()[:32]}",
                kind="documents.incoming",
                title=_("Một thư trong hộp thư văn bản không được tiếp nhận"),
                body=_("Tệp kèm theo có dấu độ mật hoặc giống dấu độ mật. Thư vẫn ở hộp thư, chưa đọc."),
                href=reverse("documents:inbox"),
            )
    act.record(agency, after={"refused_mail": ref[:200]}, organization_id=agency.pk)
