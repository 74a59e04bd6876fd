"""Documents by e-mail: fetched over real IMAP, once; what is secret or has no file stays where it is."""

from __future__ import annotations

import imaplib
import json
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.notifications.models import Notification
from hienluong.house import environment
from hienluong.services.documents import mail, suggesting
from hienluong.services.documents.models import Arrival, Document, State
from tests.foundation.files import samples

from .imap import ImapServer, imap_server
from .offices import Agency, make_agency


@pytest.fixture
def health(db: None) -> Agency:
    return make_agency()


@pytest.fixture
def server(health: Agency, settings: Any) -> Iterator[ImapServer]:
    with imap_server() as running:
        settings.DOCUMENT_MAILBOXES = [
            {
                "agency": health.place.code,
                "host": "127.0.0.1",
                "port": running.port,
                "tls": "none",
                "user": "vanthu",
                "password": "dung-mat-khau",
            }
        ]
        yield running


def message(*files: tuple[str, bytes], ref: str = "<1@bo.example>", subject: str = "Gửi công văn 12") -> bytes:
    made = EmailMessage()
    made["From"] = "Bộ Y tế <vanthu@moh.example>"
    made["Subject"] = subject
    made["Message-ID"] = ref
    made["Date"] = "Fri, 20 Nov 2026 08:00:00 +0700"
    made.set_content("Kính gửi")
    for name, content in files:
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made.as_bytes()


PDF = ("cong-van.pdf", samples.plain_pdf())


def test_what_was_sent_arrives_once_with_its_files(health: Agency, server: ImapServer) -> None:
    server.messages = {7: message(PDF, ("bang.png", samples.png()))}
    assert mail.fetch_all() == 1
    document = Document.objects.get()
    assert (document.state, document.subject) == (State.ARRIVED, "Gửi công văn 12")
    assert (document.arrival.source, document.arrival.sender_name) == ("email", "Bộ Y tế")
    assert document.arrival.arrived_at.day == 20
    assert sorted(document.files.values_list("role", "name")) == [("annex", "bang.png"), ("main", "cong-van.pdf")]
    assert server.flags[7] == r"\Flagged \Seen"
    assert mail.fetch_all() == 0
    server.flags = {}
    mail.fetch_all()
    assert Document.objects.count() == 1


def test_what_has_no_file_that_is_taken_stays_unread(health: Agency, server: ImapServer) -> None:
    server.messages = {
        1: message(),
        2: message(("virus.exe", b"MZ\x90" * 40), ref="<2@x>"),
        3: b"kh\xf4ng ph\x00i th\xff",
    }
    assert mail.fetch_all() == 0
    assert server.flags == {1: r"\Flagged", 2: r"\Flagged", 3: r"\Flagged"}
    assert not StoredFile.objects.exists()


def test_a_file_that_is_not_taken_is_named_in_the_book(health: Agency, server: ImapServer) -> None:
    server.messages = {1: message(PDF, ("virus.exe", b"MZ\x90" * 40))}
    mail.fetch_all()
    assert "virus.exe" in Arrival.objects.get().note


@pytest.mark.parametrize("read", [{"secret": "mat"}, {"doubtful": "MAT"}])
def test_a_stamp_of_secrecy_leaves_it_in_the_mailbox_and_says_so(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch, read: dict[str, str]
) -> None:
    monkeypatch.setattr(suggesting, "of_scan", lambda content: suggesting.Suggested(**read))
    server.messages = {1: message(PDF)}
    assert mail.fetch_all() == 0
    assert server.flags == {1: r"\Flagged"}
    assert not Document.objects.exists()
    assert not StoredFile.objects.exists()
    told = Notification.objects.get()
    assert told.account.official_id == health.clerk.official_id


def test_one_that_fails_is_tried_again_and_does_not_stop_the_others(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.messages = {1: message(PDF), 2: message(PDF, ref="<2@x>")}
    real = mail.take_in

    def fails_once(agency: Any, content: bytes) -> bool:
        if b"<1@bo" in content:
            raise ZeroDivisionError
        return real(agency, content)

    monkeypatch.setattr(mail, "take_in", fails_once)
    assert mail.fetch_all() == 1
    assert set(server.flags) == {2}
    monkeypatch.setattr(mail, "take_in", real)
    assert mail.fetch_all() == 1
    assert Document.objects.count() == 2


def test_a_mailbox_that_cannot_be_opened_does_not_stop_the_others(
    health: Agency, server: ImapServer, settings: Any
) -> None:
    wrong = {**settings.DOCUMENT_MAILBOXES[0], "password": "sai"}
    settings.DOCUMENT_MAILBOXES = [wrong, {**wrong, "port": 1}, *settings.DOCUMENT_MAILBOXES]
    server.messages = {1: message(PDF)}
    with pytest.raises((OSError, imaplib.IMAP4.error)):
        mail.fetch_all()
    assert Document.objects.count() == 1


def test_one_that_is_too_large_is_left_to_people(health: Agency, server: ImapServer) -> None:
    server.messages, server.sizes = {1: message(PDF)}, {1: mail.LARGEST + 1}
    assert mail.fetch_all() == 0
    assert server.flags == {1: r"\Flagged"}


def test_the_file_of_mailboxes_is_read_and_its_faults_are_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = tmp_path / "mat-khau"
    secret.write_text("kín\n")
    file = tmp_path / "hop-thu.json"
    good = {"agency": "H50.31", "host": "imap.example", "user": "vt", "password": {"file": str(secret)}}
    monkeypatch.setenv("HIENLUONG_DOCUMENT_MAILBOXES", str(file))
    file.write_text(json.dumps([good]))
    assert environment.document_mailboxes() == [{**good, "password": "kín", "port": 993}]
    for wrong in (
        "{}x",
        json.dumps([{**good, "tls": "x"}]),
        json.dumps([{"host": "a"}]),
        json.dumps([{**good, "a": 1}]),
    ):
        file.write_text(wrong)
        with pytest.raises(environment.BadSetting):
            environment.document_mailboxes()
