"""Documents that come by e-mail: fetched from the mailbox of an agency, to be registered by its records office.

What was looked at is flagged in the mailbox, what was taken in is marked as read, too. A message without a file that can be
taken, or with one that bears a stamp of secrecy, stays unread where it is, for somebody to look at.
"""

from __future__ import annotations

import email.policy
import hashlib
import imaplib
import logging
import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from io import BytesIO
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, action, system
from hienluong.foundation.files import store
from hienluong.foundation.identity.holders import holders
from hienluong.foundation.notifications.actions import notify
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.organisations.queries import current

from . import access, suggesting, uploads
from .actions import arrivals
from .models import Arrival, DocumentFile, Source

logger = logging.getLogger(__name__)

WHO = system("Hộp thư văn bản")
#: Bytes of the largest message that is fetched.
LARGEST = 60_000_000
#: Messages of one mailbox in one go; the rest come the next time.
MOST = 50
#: Seconds without a word from the server.
PATIENCE = 60


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
    """Take in what is new in one mailbox; returns how many documents came."""
    agency = current(mailbox.agency)
    came = 0
    with _opened(mailbox) as server:
        for uid, content in _new(server):
            try:
                taken = take_in(agency, content)
            except Exception:  # one message must not keep the others from coming; it is tried again
                logger.exception("message %s of %s", uid, mailbox.user)
                continue
            came += taken
            server.uid("STORE", uid, "+FLAGS", r"(\Flagged \Seen)" if taken else r"(\Flagged)")
    return came


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


def _new(server: imaplib.IMAP4) -> Iterator[tuple[str, bytes]]:
    """What nobody flagged yet, oldest first: its id and its content. A message that is too large is left to people."""
    _answer, found = server.uid("SEARCH", "UNFLAGGED")
    for raw in (found[0] or b"").split()[:MOST]:
        uid = raw.decode("ascii", "replace")
        _answer, sizes = server.uid("FETCH", uid, "(RFC822.SIZE)")
        size = re.search(rb"RFC822\.SIZE (\d+)", _flat(sizes))
        if size and int(size[1]) > LARGEST:
            server.uid("STORE", uid, "+FLAGS", r"(\Flagged)")
            continue
        _answer, parts = server.uid("FETCH", uid, "(BODY.PEEK[])")
        content = next((part[1] for part in parts if isinstance(part, tuple)), b"")
        if content:
            yield uid, content


def _flat(parts: Iterable[Any]) -> bytes:
    return b" ".join(each if isinstance(each, bytes) else b" ".join(each) for each in parts if each)


def take_in(agency: Organization, content: bytes) -> bool:
    """Take one message in as an arrived document; whether one came of it, now or earlier."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    ref = _text(message, "Message-ID")[:200] or hashlib.sha256(content).hexdigest()
    if Arrival.objects.filter(agency=agency, source=Source.EMAIL, source_ref=ref).exists():
        return True
    parts = _files(message)
    main = next((each for each in parts if each[1][:5] == b"%PDF-"), parts[0] if parts else None)
    if main is None:
        return False
    read = suggesting.of_scan(main[1])
    if read.secret or read.doubtful:
        tell_refused(WHO, agency=agency, ref=ref)
        return False
    files, left = _kept(parts, main)
    if not files:
        return False
    name, address = parseaddr(_text(message, "From"))
    values = {"subject": _text(message, "Subject") or _("Văn bản gửi qua thư điện tử"), **read.values}
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


def _text(message: EmailMessage, name: str) -> str:
    """A header as text; empty when it is missing or cannot be read."""
    try:
        return " ".join(str(message.get(name, "")).split())
    except (ValueError, TypeError, IndexError, AttributeError):  # the parser of the standard library on broken headers
        return ""


def _sent_at(message: EmailMessage) -> Any:
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
