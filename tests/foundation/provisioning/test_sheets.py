"""Officials from a sheet: looked at first, written row by row, the same again changes nothing, taken back."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from hienluong.foundation.actions import Actor, InvalidInput, NotAllowed, system
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.events.models import Event
from hienluong.foundation.files import tables
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.notifications.providers import Message, NotDelivered, Refused
from hienluong.foundation.organisations import actions as organisations
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.foundation.provisioning import columns, importing, invitations, tasks
from hienluong.foundation.provisioning.models import Invitation, Sheet, SheetRow
from tests.factories import actor_for_role, make_official, make_org
from tests.foundation.administrators import browser_of

from .sheets import HEADINGS, excel, line

pytestmark = pytest.mark.django_db
State = SheetRow.State


@pytest.fixture
def admin(mine: Organization) -> Actor:
    return actor_for_role("admin", mine)


def brought(actor: Actor, lines: list[list[str]], *, invites: bool = False) -> Sheet:
    """A sheet taken in and written, as a worker does it."""
    sheet = importing.take_in(actor, name="can-bo.xlsx", content=excel(lines), invites=invites)
    importing.start(actor, sheet=sheet)
    return worked(sheet)


def worked(sheet: Sheet) -> Sheet:
    tasks.go_on(sheet_id=str(sheet.pk))
    sheet.refresh_from_db()
    return sheet


def states(sheet: Sheet) -> list[str]:
    return list(sheet.rows.order_by("number").values_list("state", flat=True))


def test_each_fault_is_said_by_row_and_column_and_nothing_is_written(admin: Actor, theirs: Organization) -> None:
    taken = make_official(org=theirs)
    lines = [
        line(1),
        line(2, code="mã có dấu"),
        line(3, name=""),
        line(4, email="không phải thư"),
        line(5, org="H50.999"),
        line(6, org=theirs.code),
        line(7, role="vua"),
        line(8, **{"from": "31/02/2026"}),
        line(9, to="01/01/2020"),
        line(1, role="clerk", name="Người Khác"),
        line(1),
    ]
    sheet = importing.take_in(admin, name="can-bo.xlsx", content=excel(lines))
    faults = {row.number: [column for column, _message in row.faults] for row in sheet.rows.all()}
    assert faults == {
        2: [],
        3: ["code"],
        4: ["full_name"],
        5: ["email"],
        6: ["organization"],
        7: ["organization"],
        8: ["role"],
        9: ["valid_from"],
        10: ["valid_to"],
        11: ["full_name"],
        12: ["role"],
    }
    assert list(Official.objects.exclude(pk__in=[taken.pk, admin.official_id])) == []
    with pytest.raises(InvalidInput):  # no sound row among those that were chosen
        importing.start(admin, sheet=sheet, rows={3, 4})


def test_looking_at_many_rows_costs_as_many_queries_as_looking_at_one(admin: Actor) -> None:
    counts = []
    for many in (1, 40):
        content = excel([line(number) for number in range(many)])
        with CaptureQueriesContext(
            connection,
        ) as queries:
            importing.take_in(admin, name="a.xlsx", content=content, invites=True)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_same_sheet_again_changes_nothing_and_another_updates_by_the_stable_code(
    admin: Actor, mine: Organization
) -> None:
    lines = [line(1), line(1, role="clerk", title="Cán bộ một cửa"), line(2)]
    assert states(brought(admin, lines)) == [State.NEW] * 3
    assert states(brought(admin, lines)) == [State.SAME] * 3
    assert Official.objects.filter(code__startswith="CC-").count() == 2
    first = Official.objects.get(code="CC-0001")
    assert sorted(first.positions.values_list("role", flat=True)) == ["clerk", "officer"]
    sheet = brought(admin, [line(1, email="moi@tinh.example"), line(2, title="Chuyên viên chính", to="31/12/2030")])
    assert states(sheet) == [State.CHANGED, State.CHANGED]
    post = Position.objects.get(official__code="CC-0002")
    assert (post.title, post.valid.upper.isoformat()) == ("Chuyên viên chính", "2031-01-01")
    first.refresh_from_db()
    assert first.email == "moi@tinh.example"
    assert mine.positions.filter(official=first).count() == 2


def test_chosen_rows_stop_and_resume(admin: Actor) -> None:
    sheet = importing.take_in(admin, name="a.xlsx", content=excel([line(number) for number in range(1, 6)]))
    importing.start(admin, sheet=sheet, rows={2, 3, 5})
    importing.write_row(admin, sheet=sheet)
    importing.stop(admin, sheet=sheet)
    assert states(worked(sheet)) == [State.NEW, State.WAITING, State.LEFT_OUT, State.WAITING, State.LEFT_OUT]
    with pytest.raises(InvalidInput):
        importing.write_row(admin, sheet=sheet)
    importing.resume(admin, sheet=sheet)
    assert states(worked(sheet)) == [State.NEW, State.NEW, State.LEFT_OUT, State.NEW, State.LEFT_OUT]
    assert sheet.state == Sheet.State.DONE


def test_undo_takes_back_what_nobody_has_touched_since(admin: Actor, mine: Organization) -> None:
    known = organisations.add_official(admin, code="CC-0009", full_name="Tên Cũ", organization=mine)
    organisations.appoint(admin, official=known, organization=mine, title="Cũ", role="officer", valid_from=None)
    lines = [line(1), line(2), line(3), line(9, title="Mới", name="Tên Mới", **{"from": ""})]
    sheet = brought(admin, lines, invites=True)
    assert states(sheet) == [State.NEW, State.NEW, State.NEW, State.CHANGED]
    post = Position.objects.get(official__code="CC-0002")
    organisations.change_post(admin, position=post, title="Đã được sửa", valid_to=None)
    used = Account.objects.get(official__code="CC-0003")
    used.set_password("mat-khau-cua-toi")
    used.save()
    importing.undo(admin, sheet=sheet)
    assert states(worked(sheet)) == [State.TAKEN_BACK, State.KEPT, State.KEPT, State.TAKEN_BACK]
    assert sheet.state == Sheet.State.UNDONE
    assert not Official.objects.filter(code="CC-0001").exists()
    assert not Account.objects.filter(username="cc-0001").exists()
    assert Official.objects.filter(code__in=("CC-0002", "CC-0003")).count() == 2
    known.refresh_from_db()
    assert (known.full_name, known.positions.get().title) == ("Tên Cũ", "Cũ")
    assert Account.objects.filter(official=known).exists() is False


def test_nobody_imports_beyond_what_they_may_nor_runs_the_sheet_of_another(admin: Actor, theirs: Organization) -> None:
    sheet = importing.take_in(admin, name="a.xlsx", content=excel([line(1)]))
    other = actor_for_role("admin", theirs)
    for verb in (importing.start, importing.stop, importing.undo):
        with pytest.raises(NotAllowed):
            verb(other, sheet=sheet)
    with pytest.raises(NotAllowed):
        importing.take_in(actor_for_role("clerk", theirs), name="a.xlsx", content=excel([line(1)]))
    assert browser_of("admin", theirs).get(f"/quan-tri/nhap-can-bo/{sheet.pk}").status_code == 404


def test_the_template_can_be_filled_in_and_read_again_and_passwords_are_refused() -> None:
    content = columns.template([("officer", "Chuyên viên")], [("H50", "UBND tỉnh")])
    heads = tables.read_excel(content)[0]
    filled = columns.read("mau.xlsx", excel([["CC-1", "A", "", "", "H50", "b", "officer", "", "", "", ""]], heads))
    assert set(filled.headings) == {column.name for column in columns.COLUMNS}
    for headings in ([*HEADINGS, "Mật khẩu"], HEADINGS[1:], [*HEADINGS, "Họ tên"]):
        with pytest.raises(InvalidInput):
            columns.read("a.xlsx", excel([line(1)], headings))


def test_from_the_sheet_by_the_pages_to_an_owner_who_sets_the_account_up(mine: Organization) -> None:
    browser = browser_of("admin", mine)
    assert browser.get("/quan-tri/nhap-can-bo/mau").status_code == 200
    file = SimpleUploadedFile("can-bo.xlsx", excel([line(1), line(2, email="sai")]))
    went = browser.post("/quan-tri/nhap-can-bo", {"file": file, "invites": "on"})
    address = went.headers["Location"]
    page = browser.get(address, {"xem": "loi"}).content.decode()
    assert "Không phải địa chỉ thư điện tử" in page
    assert "CC-0002" in page
    assert "CC-0001" not in page
    listed = browser.get(f"{address}/loi").content.decode()
    assert "3,Thư điện tử *,sai" in listed or "3,Thư điện tử,sai" in listed
    assert browser.post(f"{address}/nhap", {"which": "some", "rows": "x"}).status_code == 422
    assert browser.post(f"{address}/nhap", {"which": "all", "rows": ""}).status_code == 302
    assert ProcrastinateJob.objects.filter(task_name="provisioning.sheet").count() == 1
    sheet = Sheet.objects.get()
    worked(sheet)
    invitation = Invitation.objects.get()
    tasks.send_invitation(invitation_id=invitation.pk)
    tasks.send_invitation(invitation_id=invitation.pk)  # tried again by mistake: one mail
    assert len(mail.outbox) == 1
    link = re.search(r"/thiet-lap/[\w-]+", str(mail.outbox[0].body))
    assert link
    invitation.refresh_from_db()
    assert invitation.secret_hash
    assert invitation.secret_hash not in link[0]
    owner = Client()
    assert owner.get(link[0]).headers["Location"] == "/thiet-lap"
    assert "cc-0001" in owner.get("/thiet-lap").content.decode()
    weak = {"new": "1234567890", "again": "1234567890"}
    assert owner.post("/thiet-lap", weak).status_code == 422
    good = {"new": "Con-song-Thach-Han-1972", "again": "Con-song-Thach-Han-1972"}
    assert owner.post("/thiet-lap", good).headers["Location"] == "/dang-nhap"
    account = Account.objects.get(username="cc-0001")
    assert account.check_password(good["new"])
    again = Client()
    again.get(link[0])
    assert again.get("/thiet-lap").status_code == 404  # good once
    assert browser.post(f"/quan-tri/tai-khoan/{account.pk}/moi").status_code == 302
    assert Invitation.objects.count() == 1  # who has a password is not invited again


class Post:
    """A mail server that answers as it is told."""

    def __init__(self, answer: NotDelivered | None) -> None:
        self.answer = answer

    def send(self, message: Message) -> None:
        if self.answer is not None:
            raise self.answer


def test_an_invitation_that_the_mail_server_does_not_take_is_written_down_as_what_it_is(
    mine: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = Account.objects.create_user("moi", None, display_name="Mới", email="moi@example.vn")
    invited = invitations.invite(system("kiểm thử"), account=account)

    def answering(answer: NotDelivered | None) -> None:
        monkeypatch.setattr(invitations, "provider_of", lambda channel: Post(answer))

    answering(NotDelivered("SMTPServerDisconnected"))
    with pytest.raises(NotDelivered):
        tasks.send_invitation(invitation_id=invited.pk)
    invited.refresh_from_db()
    assert invited.sent_at is None
    lost = invited.secret_hash
    assert not Entry.objects.filter(verb="provisioning.note_sent").exists()
    answering(None)
    tasks.send_invitation(invitation_id=invited.pk)
    invited.refresh_from_db()
    assert invited.sent_at
    assert invited.secret_hash != lost, "a mail that may have left opens nothing"
    written = Entry.objects.get(verb="provisioning.note_sent")
    assert (written.actor_kind, written.target_id, written.after["invitation"]) == ("system", str(account.pk), "sent")
    assert Event.objects.filter(type="account.invitation_sent").count() == 1
    again = invitations.invite(system("kiểm thử"), account=account)
    answering(Refused("SMTPRecipientsRefused 550"))
    tasks.send_invitation(invitation_id=again.pk)  # no use to try again
    again.refresh_from_db()
    assert again.cancelled_at
    assert again.sent_at is None
    assert again.secret_hash == ""
    assert "550" in Entry.objects.get(verb="provisioning.note_refused").note
    assert Event.objects.filter(type="account.invitation_refused").count() == 1
    with pytest.raises(NotAllowed):
        invitations.send(actor_of(account), again)


def test_an_invitation_of_another_province_s_place_is_nobody_s_business(mine: Organization) -> None:
    stranger = make_official(org=make_org(code="H46", kind="province"))
    browser = browser_of("admin", mine)
    account = Account.objects.create_user("xa", None, display_name="Xa", official=stranger)
    assert browser.post(f"/quan-tri/tai-khoan/{account.pk}/moi").status_code == 403
    assert browser.get("/thiet-lap/khong-co-that").status_code == 302
    assert browser.get("/thiet-lap").status_code == 404
