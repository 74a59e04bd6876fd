"""Documents by e-mail: fetched over real IMAP, once; what is secret or has no file stays where it is."""

from __future__ import annotations

import errno
import imaplib
import json
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hienluong.foundation.actions import Actor, DomainError, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.files.scanning import ScannerAway
from hienluong.foundation.identity.models import Account
from hienluong.foundation.notifications.models import Notification
from hienluong.house import environment
from hienluong.services.documents import mail, suggesting, tasks
from hienluong.services.documents.actions import mailboxes
from hienluong.services.documents.models import Arrival, Document, HeldMail, State
from tests.clock import Clock
from tests.factories import actor_for_role
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
    assert "virus.exe" in HeldMail.objects.get().why
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


def broken(monkeypatch: pytest.MonkeyPatch, *marks: bytes) -> None:
    """Messages with one of these marks in them break the reader; the words of the fault repeat the message's."""
    real = mail.take_in

    def fails(agency: Any, content: bytes) -> bool:
        if any(mark in content for mark in marks):
            raise ValueError("kế hoạch tuyệt mật")
        return real(agency, content)

    monkeypatch.setattr(mail, "take_in", fails)


def test_one_that_fails_is_tried_again_and_does_not_stop_the_others(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    server.messages = {1: message(PDF), 2: message(PDF, ref="<2@x>")}
    with monkeypatch.context() as meanwhile:
        broken(meanwhile, b"<1@bo")
        assert mail.fetch_all() == 1
    assert set(server.flags) == {2}
    assert mail.fetch_all() == 0
    at(timezone.now() + timedelta(minutes=6))
    assert mail.fetch_all() == 1
    assert HeldMail.objects.get().state == HeldMail.State.TAKEN
    assert Document.objects.count() == 2


def test_fifty_that_always_fail_do_not_keep_the_next_from_coming_and_are_held(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch, at: Clock
) -> None:
    monkeypatch.setattr(mail, "MOST", 5)
    count = mail.MOST + 2
    server.messages = {n: message(PDF, ref=f"<hong-{n}@x>") for n in range(1, count + 1)}
    server.messages[count + 1] = message(PDF, ref="<lanh@x>")
    broken(monkeypatch, b"<hong-")
    assert mail.fetch_all() == 0
    assert mail.fetch_all() == 1
    assert Document.objects.count() == 1
    for minutes in (6, 16, 61, 181, 181):
        at(timezone.now() + timedelta(minutes=minutes))
        mail.fetch_all()
        mail.fetch_all()
    held = HeldMail.objects.all()
    assert {(row.state, row.attempts) for row in held} == {(HeldMail.State.HELD, len(mailboxes.WAITS) + 1)}
    assert held.count() == count
    assert all(server.flags[n] == r"\Flagged" for n in range(1, count + 1))
    tried = sum(held.values_list("attempts", flat=True))
    at(timezone.now() + timedelta(days=1))
    mail.fetch_all()
    assert sum(held.values_list("attempts", flat=True)) == tried


def test_what_is_held_names_its_sender_and_reason_and_keeps_nothing_of_its_words(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.messages = {1: message(PDF, subject="Kế hoạch tuyệt mật")}
    broken(monkeypatch, b"<1@bo")
    mail.fetch_all()
    row = HeldMail.objects.get()
    assert row.sender == "Bộ Y tế <vanthu@moh.example>"
    assert row.sent_at is not None
    assert row.sent_at.day == 20
    assert "ValueError" in row.why
    assert "mật" not in " ".join(str(value) for value in HeldMail.objects.values_list().get())
    assert not StoredFile.objects.exists()


def test_a_held_one_is_tried_again_by_the_records_office_and_taken_in(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hold_one(health, server, monkeypatch)
    assert mail.fetch_all() == 0
    tasks.fetch_held_mail(row_id=row.pk)  # nobody asked for it
    assert not Document.objects.exists()
    mailboxes.retry(health.clerk, row=row)
    tasks.fetch_held_mail(row_id=row.pk)
    assert Document.objects.count() == 1
    row.refresh_from_db()
    assert row.state == HeldMail.State.TAKEN
    assert server.flags[1] == r"\Flagged \Seen"
    with pytest.raises(DomainError):
        mailboxes.retry(health.clerk, row=row)


def hold_one(health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch) -> HeldMail:
    """A message that is held, in a mailbox whose reader works again."""
    server.messages = {1: message(PDF)}
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(mailboxes, "WAITS", ())
        broken(meanwhile, b"<1@bo")
        mail.fetch_all()
    row = HeldMail.objects.get()
    assert row.state == HeldMail.State.HELD
    return row


def test_a_held_one_that_fails_again_is_held_again(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hold_one(health, server, monkeypatch)
    mailboxes.retry(health.clerk, row=row)
    broken(monkeypatch, b"<1@bo")
    tasks.fetch_held_mail(row_id=row.pk)
    row.refresh_from_db()
    assert row.state == HeldMail.State.HELD
    server.messages = {}
    mailboxes.retry(health.clerk, row=row)
    tasks.fetch_held_mail(row_id=row.pk)
    row.refresh_from_db()
    assert (row.state, row.why) == (HeldMail.State.HELD, "Thư không còn trong hộp thư.")


def test_one_that_bears_a_stamp_when_it_is_read_at_last_leaves_nothing(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hold_one(health, server, monkeypatch)
    monkeypatch.setattr(suggesting, "of_scan", lambda content: suggesting.Suggested(secret="mat"))
    mailboxes.retry(health.clerk, row=row)
    tasks.fetch_held_mail(row_id=row.pk)
    assert not HeldMail.objects.exists()
    assert not Document.objects.exists()
    assert not StoredFile.objects.exists()


def test_ids_of_an_older_numbering_of_the_mailbox_are_not_mistaken(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hold_one(health, server, monkeypatch)
    server.validity = 2
    server.flags, server.messages = {}, {1: message(PDF, ref="<khac@x>")}
    mailboxes.retry(health.clerk, row=row)
    tasks.fetch_held_mail(row_id=row.pk)
    row.refresh_from_db()
    assert row.state == HeldMail.State.HELD
    assert not Document.objects.exists()
    assert mail.fetch_all() == 1


def test_while_the_scanner_is_down_nothing_is_held_and_no_file_left_out(
    health: Agency, server: ImapServer, settings: Any
) -> None:
    settings.CLAMD = "tcp:127.0.0.1:1"
    server.messages = {1: message(PDF)}
    with pytest.raises(ScannerAway):
        mail.fetch_all()
    assert server.flags == {}
    assert not HeldMail.objects.exists()
    settings.CLAMD = ""
    assert mail.fetch_all() == 1


def test_who_sees_tries_and_settles_what_is_held(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hold_one(health, server, monkeypatch)
    other = make_agency("Sở Tài chính", parent=health.place.parent)
    admin = actor_for_role("admin", health.place.parent)
    assert set(Notification.objects.values_list("account", flat=True)) >= {health.clerk.account_id}
    for actor, sees in ((health.clerk, True), (admin, True), (other.clerk, False)):
        page = browser_of(actor).get("/lam-viec/van-ban/den/hop-thu")
        assert page.status_code == 200
        assert ("moh.example" in page.content.decode()) is sees
    assert "(1)" in browser_of(health.clerk).get("/lam-viec/van-ban/den/").content.decode()
    for stranger in (health.leader, health.officer, other.clerk, other.leader):
        client = browser_of(stranger)
        assert client.get("/lam-viec/van-ban/den/hop-thu").status_code in (200, 403)
        for verb in ("thu-lai", "xong"):
            assert client.post(f"/lam-viec/van-ban/den/hop-thu/{row.pk}/{verb}").status_code in (403, 404)
        with pytest.raises(NotFound):
            mailboxes.retry(stranger, row=row)
    row.refresh_from_db()
    assert row.state == HeldMail.State.HELD
    assert browser_of(admin).post(f"/lam-viec/van-ban/den/hop-thu/{row.pk}/thu-lai").status_code == 302
    row.refresh_from_db()
    assert row.state == HeldMail.State.TRYING
    empty = browser_of(health.clerk).post(f"/lam-viec/van-ban/den/hop-thu/{row.pk}/xong", {"reason": " "})
    assert empty.status_code == 422
    row.refresh_from_db()
    assert row.state == HeldMail.State.TRYING
    words = {"reason": "Thư quảng cáo"}
    assert browser_of(health.clerk).post(f"/lam-viec/van-ban/den/hop-thu/{row.pk}/xong", words).status_code == 302
    row.refresh_from_db()
    assert (row.state, row.reason) == (HeldMail.State.SETTLED, "Thư quảng cáo")
    assert "moh.example" not in browser_of(health.clerk).get("/lam-viec/van-ban/den/hop-thu").content.decode()
    tasks.fetch_held_mail(row_id=row.pk)
    assert not Document.objects.exists()


def test_the_records_office_alone_gets_the_message_itself_and_that_is_written_down(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = hold_one(health, server, monkeypatch)
    address = f"/lam-viec/van-ban/den/hop-thu/{row.pk}/thu"
    admin = actor_for_role("admin", health.place.parent)
    other = make_agency("Sở Tài chính", parent=health.place.parent)
    for stranger in (admin, other.clerk, health.leader, health.officer):
        assert browser_of(stranger).get(address).status_code in (403, 404)
    assert not Entry.objects.filter(verb="documents.look_at_mail").exists()
    got = browser_of(health.clerk).get(address)
    assert got.content == server.messages[1]
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert Entry.objects.filter(verb="documents.look_at_mail").count() == 1
    assert not StoredFile.objects.exists()
    server.messages = {}
    gone = browser_of(health.clerk).get(address, follow=True)
    assert "Thư không còn trong hộp thư." in gone.content.decode()


def test_while_the_mailbox_is_away_its_page_says_so(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    row = hold_one(health, server, monkeypatch)
    monkeypatch.setattr(mail.imaplib, "IMAP4", Unreachable)
    page = browser_of(health.clerk).get(f"/lam-viec/van-ban/den/hop-thu/{row.pk}/thu", follow=True)
    assert "Không mở được hộp thư lúc này" in page.content.decode()


class Unreachable(imaplib.IMAP4):
    """A server that is not there."""

    def __init__(self, *_args: Any, **_more: Any) -> None:
        raise ConnectionRefusedError


def test_one_at_which_the_connection_breaks_does_not_block_those_behind_it(
    health: Agency, server: ImapServer, at: Clock
) -> None:
    server.messages = {1: message(PDF), 2: message(PDF, ref="<2@x>")}
    server.breaks = {1}
    with pytest.raises(imaplib.IMAP4.abort):
        mail.fetch_all()
    assert mail.fetch_all() == 1
    server.breaks = set()
    at(timezone.now() + timedelta(minutes=6))
    assert mail.fetch_all() == 1
    assert Document.objects.count() == 2


def test_one_that_is_taken_away_meanwhile_is_said_to_be_gone(health: Agency, server: ImapServer) -> None:
    server.messages = {1: message(PDF), 2: message(PDF, ref="<2@x>")}
    server.vanishes = {1}
    assert mail.fetch_all() == 1
    assert HeldMail.objects.get().why == "Thư không còn trong hộp thư."


def test_a_full_disk_is_no_fault_of_a_message(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.messages = {1: message(PDF)}
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(mail, "store", full)
        with pytest.raises(OSError, match="No space"):
            mail.fetch_all()
    assert not HeldMail.objects.exists()
    assert mail.fetch_all() == 1


def full(*_args: Any, **_more: Any) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_what_waits_under_an_older_numbering_is_found_anew_and_once(
    health: Agency, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.messages = {1: message(PDF)}
    with monkeypatch.context() as meanwhile:
        broken(meanwhile, b"<1@bo")
        mail.fetch_all()
    server.validity, server.messages = 2, {4: message(PDF)}
    assert mail.fetch_all() == 1
    assert not HeldMail.objects.exists()
    assert Document.objects.count() == 1


def browser_of(actor: Actor) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(Account.objects.get(pk=actor.account_id))
    return client


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
    assert "60 MB" in HeldMail.objects.get(state=HeldMail.State.HELD).why


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
