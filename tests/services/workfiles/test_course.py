"""A work file from its opening to the archive and its destruction, and who may do what."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hienluong.capabilities.signing.validation import Signed
from hienluong.foundation.actions import Actor, DomainError, InvalidInput, NotAllowed, NotFound
from hienluong.foundation.audit.models import Entry
from hienluong.foundation.files.access import may_open, was_opened
from hienluong.foundation.files.models import StoredFile
from hienluong.services.documents import access as documents
from hienluong.services.documents.models import DocumentFile, Look, Version
from hienluong.services.workfiles import access, actions, papers
from hienluong.services.workfiles.models import Destruction, Handover, Item, State, WorkFile
from hienluong.services.workfiles.packages import checking
from hienluong.services.workfiles.tasks import pack, write_destruction_minutes

from .matter import Matter, aged, kept


@pytest.fixture
def matter(db: None) -> Matter:
    return Matter()


def test_numbers_of_a_year_have_no_gaps_and_make_the_code(matter: Matter) -> None:
    codes = [matter.file().code for _ in range(3)]
    year = timezone.localdate().year
    assert codes == [f"{matter.agency.code}.{year}.{n:02d}-KHTC" for n in (1, 2, 3)]
    with pytest.raises(InvalidInput), transaction.atomic():
        matter.file(retention="99")
    assert matter.file().number == 4


def test_from_the_first_paper_to_the_archive(matter: Matter) -> None:
    work_file = matter.file(retention="01")
    documents_in = [matter.document(f"{n}/TTr-SYT", matter.keeper) for n in (1, 2)]
    for document in documents_in:
        actions.add_document(matter.keeper, work_file=work_file, document=document)
        actions.add_document(matter.keeper, work_file=work_file, document=document)
    actions.add_file(matter.keeper, work_file=work_file, file=kept("Ghi chép", access.FILE), title="Ghi chép cuộc họp")
    third = work_file.items.get(position=3)
    actions.move(matter.keeper, work_file=work_file, item_id=third.pk, up=True)
    assert [item.title for item in work_file.items.order_by("position")][1] == "Ghi chép cuộc họp"
    assert b"%PDF" in papers.contents_pdf(work_file)[:10]
    work_file = actions.close(matter.keeper, work_file=work_file)
    handover = matter.kept(work_file)
    line = handover.lines.get()
    assert WorkFile.objects.get(pk=work_file.pk).state == State.KEPT
    assert line.package is not None
    with line.package.open() as stream, tempfile.NamedTemporaryFile(suffix=".zip") as out:
        out.write(stream.read())
        out.flush()
        assert checking.faults_of(Path(out.name)) == []
        with zipfile.ZipFile(out.name) as archive:
            data = [name for name in archive.namelist() if "/data/" in name]
    assert line.object_id.startswith(f"urn:{matter.agency.code}:uuid:")  # the same system: an AIP
    assert len(data) == 3
    assert handover.minutes is not None
    with handover.minutes.open() as stream:
        assert Signed(stream.read()).end_of_signed > 0
    assert Entry.objects.filter(verb="workfiles.complete").exists()


def test_to_the_historical_archive_goes_a_sip_of_what_is_kept_for_ever(matter: Matter) -> None:
    for_ever, short = matter.closed(retention="01"), matter.closed(retention="06")
    matter.kept(for_ever, short)
    more = {"target": "historical", "archive_code": "H50.TTLT", "archive_name": "Trung tâm Lưu trữ lịch sử tỉnh"}
    with pytest.raises(InvalidInput, match="vĩnh viễn"):
        actions.hand_over(matter.archivist, agency=matter.agency, work_files=[short], **more)
    with pytest.raises(NotAllowed):
        actions.hand_over(matter.keeper, agency=matter.agency, work_files=[for_ever], **more)
    handover = actions.hand_over(matter.archivist, agency=matter.agency, work_files=[for_ever], **more)
    actions.receive(matter.archivist, handover=handover)
    line = handover.lines.get()
    pack.func(line_id=line.pk)
    pack.func(line_id=line.pk)  # a job that runs again makes no second package
    line.refresh_from_db()
    assert line.object_id.startswith("uuid-")
    assert StoredFile.objects.filter(purpose=access.PACKAGE).count() == 3
    actions.judge(matter.archivist, handover=handover, work_file=for_ever, passed=True)
    actions.complete(matter.archivist, handover=handover)
    assert WorkFile.objects.get(pk=for_ever.pk).state == State.SUBMITTED


def test_what_the_archive_does_not_take_goes_back_with_a_reason(matter: Matter) -> None:
    work_file = matter.closed()
    handover = actions.hand_over(matter.keeper, agency=matter.agency, work_files=[work_file])
    actions.receive(matter.archivist, handover=handover)
    with pytest.raises(InvalidInput, match="Chưa đóng gói"):
        actions.judge(matter.archivist, handover=handover, work_file=work_file, passed=True)
    with pytest.raises(InvalidInput, match="lý do"):
        actions.judge(matter.archivist, handover=handover, work_file=work_file, passed=False)
    with pytest.raises(InvalidInput, match="chưa có kết luận"):
        actions.complete(matter.archivist, handover=handover)
    actions.judge(matter.archivist, handover=handover, work_file=work_file, passed=False, reason="Thiếu phụ lục")
    actions.complete(matter.archivist, handover=handover)
    work_file.refresh_from_db()
    assert work_file.state == State.CLOSED
    again = actions.hand_over(matter.keeper, agency=matter.agency, work_files=[work_file])
    actions.withdraw(matter.keeper, handover=again, reason="Bổ sung phụ lục")
    assert actions.reopen(matter.keeper, work_file=work_file, reason="Bổ sung phụ lục").state == State.OPEN


def test_a_paper_without_a_file_is_told_to_the_archive(matter: Matter) -> None:
    work_file = matter.file()
    bare = matter.document("9/TTr-SYT", matter.keeper, with_file=False)
    actions.add_document(matter.keeper, work_file=work_file, document=bare)
    actions.close(matter.keeper, work_file=work_file)
    handover = actions.hand_over(matter.keeper, agency=matter.agency, work_files=[work_file])
    actions.receive(matter.archivist, handover=handover)
    line = handover.lines.get()
    pack.func(line_id=line.pk)
    line.refresh_from_db()
    assert line.package is None
    assert "không có tệp" in line.fault


def test_what_is_past_its_time_is_destroyed_by_two_and_stays_on_record(matter: Matter) -> None:
    gone, also_elsewhere = matter.closed(retention="06"), matter.file(retention="06")
    shared = gone.items.get().document
    own = matter.document("77/TTr-SYT", matter.keeper)
    assert shared is not None
    actions.add_document(matter.keeper, work_file=also_elsewhere, document=shared)
    actions.reopen(matter.keeper, work_file=gone, reason="Thêm")
    actions.add_document(matter.keeper, work_file=gone, document=own)
    paper = kept("Ghi chép", access.FILE)
    actions.add_file(matter.keeper, work_file=gone, file=paper, title="Ghi chép")
    actions.close(matter.keeper, work_file=gone)
    matter.kept(gone)
    council = "Hội đồng xét hủy họp ngày 20/11/2026, nhất trí."
    with pytest.raises(InvalidInput, match="chưa hết thời hạn"):
        actions.propose(matter.archivist, agency=matter.agency, work_files=[gone], council=council)
    gone = aged(gone, 12)
    destruction = actions.propose(matter.archivist, agency=matter.agency, work_files=[gone], council=council)
    with pytest.raises(NotAllowed):
        actions.decide(matter.archivist, destruction=destruction, approved=True, decision="15/QĐ-SYT")
    with pytest.raises(DomainError):
        actions.carry_out(matter.archivist, destruction=destruction, witnesses="Nguyễn Văn A")
    actions.decide(matter.leader, destruction=destruction, approved=True, decision="15/QĐ-SYT")
    actions.carry_out(matter.archivist, destruction=destruction, witnesses="Nguyễn Văn A")
    write_destruction_minutes.func(destruction_id=destruction.pk)
    gone.refresh_from_db()
    assert gone.state == State.DESTROYED
    assert not StoredFile.objects.filter(pk=paper.pk).exists()
    assert not DocumentFile.objects.filter(document=own).exists()
    assert DocumentFile.objects.filter(document=shared).exists()  # another file still holds it
    line = destruction.lines.get()
    assert line.contents[0]["title"] == "Gói lưu trữ"
    assert {each["code"] for each in line.contents} >= {"77/TTr-SYT"}
    assert all(len(each["sha256"]) == 64 for each in line.contents)
    assert Destruction.objects.get(pk=destruction.pk).minutes is not None
    assert gone.items.count() == 3


def _destroyed(matter: Matter, work_file: WorkFile) -> Destruction:
    made = actions.propose(matter.archivist, agency=matter.agency, work_files=[aged(work_file, 12)], council="Họp")
    actions.decide(matter.leader, destruction=made, approved=True, decision="15/QĐ-SYT")
    return actions.carry_out(matter.archivist, destruction=made, witnesses="Nguyễn Văn A")


def test_a_document_that_was_drafted_from_a_word_file_is_destroyed_whole(matter: Matter) -> None:
    work_file, document = matter.file(retention="06"), matter.document("9/TTr-SYT", matter.keeper)
    upload = kept("Bản thảo", documents.FILE_PURPOSE)
    DocumentFile.objects.create(document=document, file=upload, role=DocumentFile.Role.DRAFT, name=upload.name)
    Version.objects.create(document=document, number=1, body="<p>Nội dung</p>", upload=upload, by_label="ai đó")
    actions.add_document(matter.keeper, work_file=work_file, document=document)
    matter.kept(actions.close(matter.keeper, work_file=work_file))
    _destroyed(matter, work_file)
    assert not StoredFile.objects.filter(pk=upload.pk).exists()
    assert Version.objects.get(document=document).body == ""


def test_an_agency_neither_takes_nor_destroys_the_document_of_another(matter: Matter) -> None:
    foreign = matter.document("9/TTr-STC", agency=matter.other)
    official = matter.official(matter.keeper)
    documents.let_read(foreign, agency=matter.agency, why="opinion", official=official)
    work_file = matter.file(retention="06")
    with pytest.raises(InvalidInput, match="cơ quan khác"):
        actions.add_document(matter.keeper, work_file=work_file, document=foreign)
    own = matter.document("1/TTr-SYT", matter.keeper)
    actions.add_document(matter.keeper, work_file=work_file, document=own)
    Item.objects.create(work_file=work_file, position=2, document=foreign, title="Đã có từ trước")
    matter.kept(actions.close(matter.keeper, work_file=work_file))
    _destroyed(matter, work_file)
    assert DocumentFile.objects.filter(document=foreign).exists()
    assert not DocumentFile.objects.filter(document=own).exists()


def test_what_a_restricted_document_is_about_stands_in_no_list_and_its_package_is_a_reading(matter: Matter) -> None:
    secret = matter.document("3/TTr-SYT", matter.keeper, restricted=True, subject="Kỷ luật ông Nguyễn Văn B")
    work_file = matter.file()
    item = actions.add_document(matter.keeper, work_file=work_file, document=secret)
    assert "Kỷ luật" not in item.title
    assert "3/TTr-SYT" in item.title
    handover = matter.kept(actions.close(matter.keeper, work_file=work_file))
    package = handover.lines.get().package
    assert package is not None
    was_opened(matter.archivist, package)
    assert Look.objects.get(document=secret).official_id == matter.archivist.official_id


def test_a_refused_list_leaves_the_files_in_the_archive(matter: Matter) -> None:
    work_file = matter.closed(retention="06")
    matter.kept(work_file)
    work_file = aged(work_file, 12)
    destruction = actions.propose(matter.archivist, agency=matter.agency, work_files=[work_file], council="Họp")
    actions.decide(matter.leader, destruction=destruction, approved=False, decision="Còn giá trị thực tiễn")
    work_file.refresh_from_db()
    assert work_file.state == State.KEPT


def test_nobody_reads_a_document_by_putting_it_into_a_file(matter: Matter) -> None:
    work_file, secret = matter.file(), matter.document("5/TTr-SYT")
    actions.add_member(matter.keeper, work_file=work_file, official=matter.official(matter.colleague))
    with pytest.raises(NotFound):
        actions.add_document(matter.keeper, work_file=work_file, document=secret)
    documents.let_read(secret, agency=matter.agency, why="assigned", official=matter.official(matter.keeper))
    actions.add_document(matter.keeper, work_file=work_file, document=secret)
    assert access.may_see(matter.colleague, work_file)
    assert not documents.decide_read(matter.colleague, secret).allowed


def test_only_its_people_and_the_archive_of_the_agency_see_a_file(matter: Matter) -> None:
    work_file = matter.file()
    paper = kept("Ghi chép", access.FILE)
    actions.add_file(matter.keeper, work_file=work_file, file=paper, title="Ghi chép")
    actions.add_member(matter.keeper, work_file=work_file, official=matter.official(matter.colleague))
    see = {"keeper": matter.keeper, "colleague": matter.colleague, "archivist": matter.archivist}
    everybody = {**see, "leader": matter.leader, **matter.strangers}
    assert {name for name, actor in everybody.items() if access.may_see(actor, work_file)} == set(see)
    assert {name for name, actor in everybody.items() if may_open(actor, paper)} == set(see)
    actions.remove_member(matter.keeper, work_file=work_file, official=matter.official(matter.colleague))
    assert not access.may_see(matter.colleague, work_file)


def _verbs(matter: Matter) -> dict[str, Callable[[Actor], Any]]:
    work_file, closed = matter.file(), matter.closed()
    item = actions.add_file(matter.keeper, work_file=work_file, file=kept("a", access.FILE), title="a")
    waiting = actions.hand_over(matter.keeper, agency=matter.agency, work_files=[matter.closed()])
    processing = actions.hand_over(matter.keeper, agency=matter.agency, work_files=[matter.closed()])
    actions.receive(matter.archivist, handover=processing)
    judged = processing.lines.get().work_file
    old = matter.closed(retention="06")
    matter.kept(old)
    listed = actions.propose(matter.archivist, agency=matter.agency, work_files=[aged(old, 12)], council="Họp")
    other = matter.official(matter.colleague)
    retention = {"title": "Khác", "retention": "05"}
    return {
        "plan": lambda a: actions.plan(a, agency=matter.agency, year=2027, notation="X", **retention),
        "open": lambda a: actions.open_file(a, agency=matter.agency, notation="X", **retention),
        "change": lambda a: actions.change(a, work_file=work_file, **retention),
        "add_member": lambda a: actions.add_member(a, work_file=work_file, official=other),
        "remove_member": lambda a: actions.remove_member(a, work_file=work_file, official=other),
        "add_file": lambda a: actions.add_file(a, work_file=work_file, file=kept("b", access.FILE), title="b"),
        "move": lambda a: actions.move(a, work_file=work_file, item_id=item.pk, up=True),
        "remove": lambda a: actions.remove_item(a, work_file=work_file, item_id=item.pk),
        "close": lambda a: actions.close(a, work_file=work_file),
        "reopen": lambda a: actions.reopen(a, work_file=closed, reason="r"),
        "hand_over": lambda a: actions.hand_over(a, agency=matter.agency, work_files=[closed]),
        "receive": lambda a: actions.receive(a, handover=waiting),
        "withdraw": lambda a: actions.withdraw(a, handover=waiting, reason="r"),
        "judge": lambda a: actions.judge(a, handover=processing, work_file=judged, passed=False, reason="r"),
        "complete": lambda a: actions.complete(a, handover=processing),
        "propose": lambda a: actions.propose(a, agency=matter.agency, work_files=[old], council="Họp"),
        "decide": lambda a: actions.decide(a, destruction=listed, approved=True, decision="1/QĐ"),
    }


def test_every_verb_is_refused_to_everybody_else(matter: Matter) -> None:
    for verb, call in _verbs(matter).items():
        for name, actor in matter.strangers.items():
            with pytest.raises((NotAllowed, NotFound)) as refused, transaction.atomic():
                call(actor)
            assert refused.value, (verb, name)


def test_within_the_agency_each_does_only_what_is_theirs(matter: Matter) -> None:
    verbs = _verbs(matter)
    mine = {"change", "add_member", "remove_member", "add_file", "move", "remove", "close", "reopen"}
    for verb in mine:
        for actor in (matter.colleague, matter.archivist, matter.leader):
            with pytest.raises(NotAllowed), transaction.atomic():
                verbs[verb](actor)
    for verb in ("plan", "receive", "judge", "complete", "propose", "decide"):
        for actor in (matter.keeper, matter.colleague):
            with pytest.raises(NotAllowed), transaction.atomic():
                verbs[verb](actor)


def test_a_closed_file_takes_nothing_more(matter: Matter) -> None:
    work_file = matter.closed()
    with pytest.raises(DomainError, match="đã kết thúc"):
        actions.add_file(matter.keeper, work_file=work_file, file=kept("b", access.FILE), title="b")
    with pytest.raises(InvalidInput, match="chưa có tài liệu"):
        actions.close(matter.keeper, work_file=matter.file())
    late = matter.file()
    actions.add_file(matter.keeper, work_file=late, file=kept("c", access.FILE), title="c")
    with pytest.raises(InvalidInput, match="trước ngày mở"):
        actions.close(matter.keeper, work_file=late, closed_on=date(2000, 1, 1))


def test_how_long_a_file_is_kept_counts_from_the_end_of_its_year(matter: Matter) -> None:
    work_file = matter.closed(retention="07", retention_years=5)
    today = timezone.localdate()
    assert work_file.kept_until == date(today.year + 5, 12, 31)
    assert matter.closed(retention="01").kept_until is None
    assert work_file.hand_over_by == today + timedelta(days=60)
    work_file = aged(work_file, 1)
    assert work_file.is_late
    with pytest.raises(IntegrityError), transaction.atomic():
        WorkFile.objects.filter(pk=work_file.pk).update(retention_years=None)


def test_handover_state_cannot_be_skipped(matter: Matter) -> None:
    handover = actions.hand_over(matter.keeper, agency=matter.agency, work_files=[matter.closed()])
    with pytest.raises(DomainError):
        actions.complete(matter.archivist, handover=handover)
    actions.receive(matter.archivist, handover=handover)
    with pytest.raises(DomainError):
        actions.withdraw(matter.keeper, handover=handover, reason="r")
    with pytest.raises(DomainError):
        actions.receive(matter.archivist, handover=handover)
    assert Handover.objects.get(pk=handover.pk).minutes is None
