"""Demo: documents that came in and tasks, in every state, for the demo's accounts. All made up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from io import BytesIO

from django.db import transaction
from django.utils import timezone

from hienluong.foundation.actions import Actor
from hienluong.foundation.calendars import deadlines
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations.models import Official, Organization, Position
from hienluong.services.assignments import actions as assignments
from hienluong.services.assignments.actions import Task
from hienluong.services.assignments.models import Assignment, Part, Quality
from hienluong.services.documents import access, types
from hienluong.services.documents.actions import arrivals, handling
from hienluong.services.documents.layout.content import Content, Signer
from hienluong.services.documents.layout.rendering import render
from hienluong.services.documents.models import Arrival, Document

from . import Progress
from .people import SYSTEM

#: How the demo's arrivals are known, so that the step finds itself done.
_MARK = "trinh-dien"


@dataclass(frozen=True)
class _Paper:
    type: str
    number: int
    notation: str
    author: str
    subject: str
    urgency: int = 0


#: What comes to an agency of the province; the author's place in a code is its notation.
_PAPERS: tuple[_Paper, ...] = (
    _Paper(
        "CV", 2874, "UBND-KT", "UBND tỉnh Quảng Trị", "V/v rà soát tiến độ giải ngân vốn đầu tư công quý IV năm 2026"
    ),
    _Paper("QD", 1956, "QĐ-UBND", "UBND tỉnh Quảng Trị", "Về việc ban hành Kế hoạch chuyển đổi số năm 2027"),
    _Paper(
        "CD", 11, "CĐ-UBND", "UBND tỉnh Quảng Trị", "Về việc chủ động ứng phó mưa lũ, sạt lở đất tại các xã miền núi", 3
    ),
    _Paper("GM", 412, "GM-UBND", "UBND tỉnh Quảng Trị", "Họp giao ban công tác cải cách hành chính tháng 11"),
    _Paper("CV", 1630, "SNV-CCHC", "Sở Nội vụ", "V/v báo cáo kết quả cải cách hành chính năm 2026", 1),
    _Paper("CV", 988, "STC-NS", "Sở Tài chính", "V/v lập dự toán ngân sách nhà nước năm 2027"),
    _Paper("KH", 77, "KH-SYT", "Sở Y tế", "Tiêm chủng mở rộng cho trẻ dưới 2 tuổi quý I năm 2027"),
    _Paper("CV", 2210, "SNNMT-BVMT", "Sở Nông nghiệp và Môi trường", "V/v kiểm tra việc xử lý chất thải tại các chợ"),
    _Paper(
        "TTR",
        54,
        "TTr-TTPVHCC",
        "Trung tâm Phục vụ hành chính công",
        "Xin bổ sung thiết bị cho điểm tiếp nhận lưu động",
    ),
    _Paper("BC", 305, "BC-CAT", "Công an tỉnh", "Tình hình cấp định danh điện tử tháng 10 năm 2026"),
    _Paper(
        "TB", 640, "TB-UBND", "UBND tỉnh Quảng Trị", "Kết luận của Phó Chủ tịch UBND tỉnh tại cuộc họp về nhà ở xã hội"
    ),
    _Paper("CV", 745, "SXD-QLN", "Sở Xây dựng", "V/v cung cấp số liệu cấp giấy phép xây dựng nhà ở riêng lẻ", 1),
    _Paper("CV", 1188, "STP-PBPL", "Sở Tư pháp", "V/v hưởng ứng Ngày Pháp luật Việt Nam"),
    _Paper("CV", 59, "BHXH-TNHS", "Bảo hiểm xã hội tỉnh", "V/v đối soát danh sách trẻ em được cấp thẻ bảo hiểm y tế"),
    _Paper("CV", 21, "HPN-VP", "Hội Liên hiệp Phụ nữ tỉnh", "V/v phối hợp tổ chức ngày hội khởi nghiệp"),
    _Paper("HD", 33, "HD-SGDĐT", "Sở Giáo dục và Đào tạo", "Rà soát phổ cập giáo dục năm 2026"),
)

#: What comes to the last agency, which has less to do.
_FEW = (0, 3, 5, 7, 10, 12)

#: What a vice-chairman gives agencies and officials without a document: to whom, what, days it is due in.
_DIRECT: tuple[tuple[str, str, int], ...] = (
    ("SYT", "Báo cáo nhanh tình hình dịch sốt xuất huyết tại các xã ven biển", 2),
    ("SYT", "Đề xuất phương án trực Tết của các bệnh viện tuyến tỉnh", 12),
    ("STC", "Rà soát nợ đọng xây dựng cơ bản trước ngày 30/11", -3),
    ("STC", "Tổng hợp kiến nghị của doanh nghiệp về thủ tục đất đai", 5),
    ("", "Hoàn thành bàn giao mặt bằng tuyến đường Hùng Vương kéo dài", -1),
    ("", "Chuẩn bị lễ đón bằng công nhận phường đạt chuẩn đô thị văn minh", 9),
)


@dataclass(frozen=True)
class _Desk:
    """Those of one agency who handle what comes in."""

    agency: Organization
    clerk: Actor
    leader: Actor
    head: Actor
    officer: Actor


def documents(progress: Progress) -> None:
    """Documents and tasks at four agencies, unless they are there."""
    if Arrival.objects.filter(source_ref__startswith=_MARK).exists():
        return
    desks = [
        _desk("vanthu.tinh", "lanhdao.tinh", "lanhdao.tinh", "chuyenvien.tinh"),
        _desk("vanthu", "lanhdao", "truongphong", "chuyenvien"),
        _desk("vanthu.syt", "lanhdao.syt", "truongphong.syt", "chuyenvien.syt"),
        _desk("vanthu.stc", "lanhdao.stc", "truongphong.stc", "chuyenvien.stc"),
    ]
    scans = [_scan(paper) for paper in (_PAPERS[0], _PAPERS[1], _PAPERS[4])]
    work = [
        (place, desk, paper)
        for place, desk in enumerate(desks)
        for paper in enumerate(_PAPERS)
        if place < 3 or paper[0] in _FEW
    ]
    with transaction.atomic():
        for place, desk, (number, paper) in progress.track(work, len(work)):
            _one(desk, number, paper, scans[(place + number) % len(scans)], place)
        _direct(desks)
        _age()


def _actor(username: str) -> Actor:
    return actor_of(Account.objects.get(username=username))


def _desk(clerk: str, leader: str, head: str, officer: str) -> _Desk:
    actor = _actor(clerk)
    agency = Organization.objects.get(pk=actor.organization_id or 0)
    return _Desk(agency, actor, _actor(leader), _actor(head), _actor(officer))


def _official(actor: Actor) -> Official:
    return Official.objects.get(pk=actor.official_id or 0)


def _scan(paper: _Paper) -> bytes:
    """One paper as PDF."""
    return render(
        Content(
            type=paper.type,
            agency_name="Cơ quan trình diễn",
            place="Quảng Trị",
            number=paper.number,
            notation=paper.notation,
            date=date(2026, 11, 20),
            subject=paper.subject.removeprefix("V/v ").removeprefix("Về việc "),
            addressees=("Các sở, ban, ngành", "UBND các xã, phường") if paper.type == "CV" else (),
            authority="CHỦ TỊCH ỦY BAN NHÂN DÂN TỈNH" if paper.type == "QD" else "",
            body="<p>Đây là văn bản minh họa của tỉnh trình diễn, không có thật và không có giá trị.</p>",
            recipients=("Như trên",),
            signers=(Signer(name="Nguyễn Văn Mẫu", title="CHỦ TỊCH"),),
        )
    ).pdf


def _one(desk: _Desk, number: int, paper: _Paper, scan: bytes, place: int) -> None:
    """One document, as far as its place in the list says."""
    now, code = timezone.now(), f"{paper.number + place}/{paper.notation}"
    arrived = now - timedelta(days=(number * 3) % 11, hours=number % 5)
    document = arrivals.arrive(
        SYSTEM,
        agency=desk.agency,
        source=("hand", "exchange", "scan", "email")[number % 4],
        source_ref=f"{_MARK}-{place}-{number}",
        sender_name=paper.author,
        type=paper.type,
        code=code,
        subject=paper.subject,
        issued_on=timezone.localdate(arrived) - timedelta(days=1),
        urgency=paper.urgency,
        restricted=number == 9,
        signer_name="Nguyễn Văn Mẫu",
        pages=2,
        due_at=now + timedelta(days=14 - number) if types.ALL[paper.type].key == "CV" else None,
        arrived_at=arrived,
        files=[arrivals.FileIn(_kept(scan, code))],
    )
    if number < 3:
        return
    if number == 14:
        arrivals.refuse(desk.clerk, document=document, reason="Văn bản gửi nhầm cơ quan.")
        return
    arrivals.register(desk.clerk, document=document)
    if number < 5:
        return
    handling.submit(
        desk.clerk, document=document, leader=_official(desk.leader), proposal="Kính trình lãnh đạo cho ý kiến chỉ đạo."
    )
    if number < 7:
        return
    if number == 15:
        handling.complete(desk.leader, document=document, note="Lưu để theo dõi.")
        return
    _worked_on(desk, number, document)


def _kept(scan: bytes, code: str) -> StoredFile:
    return store(BytesIO(scan), name=f"{code.replace('/', '-')}.pdf", owner=None, purpose=access.FILE_PURPOSE)


def _worked_on(desk: _Desk, number: int, document: Document) -> None:
    """Assigned, given on, reported, judged: each document a step further than the one before."""
    alone = desk.head.official_id == desk.leader.official_id  # the vice-chairman gives straight to the officer
    first = desk.officer if alone else desk.head
    task = handling.assign(
        desk.leader,
        document=document,
        tasks=[Task("", _place_of(first), _official(first), Part.LEAD, "Tham mưu văn bản trả lời.", _in_days(desk, 6))],
    )[0]
    if number == 7:
        return
    last, by = task, desk.leader
    if not alone:
        last = assignments.give_on(
            desk.head,
            parent=task,
            task=Task("Dự thảo văn bản trả lời", _place_of(desk.officer), _official(desk.officer)),
        )
        by = desk.head
    assignments.progress(
        desk.officer, assignment=last, percent=30 + number, text="Đang tổng hợp số liệu từ các đơn vị."
    )
    if number == 8:
        assignments.ask_extension(
            desk.officer, assignment=last, due_at=_in_days(desk, 9), reason="Còn hai đơn vị chưa gửi số liệu."
        )
    if number == 9:
        handling.share(desk.clerk, document=document, officials=[_official(desk.officer)])
    if number < 11:
        return
    assignments.report(desk.officer, assignment=last, result="Đã dự thảo xong, kèm bảng số liệu.")
    if number == 11:
        return
    assignments.evaluate(by, assignment=last, quality=Quality.GOOD, evaluation="Đầy đủ, đúng hạn.")
    if last.pk != task.pk:
        assignments.report(desk.head, assignment=task, result="Đã hoàn thành theo yêu cầu.")
        if number == 12:
            return
        assignments.evaluate(desk.leader, assignment=task, quality=Quality.EXCELLENT)


def _place_of(actor: Actor) -> Organization:
    post = Position.objects.filter(official=actor.official_id).select_related("organization").order_by("pk").first()
    assert post is not None
    return post.organization


def _in_days(desk: _Desk, days: int) -> datetime:
    return deadlines.compute(timezone.now(), days, "working_day", desk.agency).due


def _direct(desks: list[_Desk]) -> None:
    """Tasks without a document, from the province to agencies; some are given on."""
    province = desks[0]
    by_name = {"": desks[1], "SYT": desks[2], "STC": desks[3]}
    for number, (short, title, days) in enumerate(_DIRECT):
        desk = by_name[short]
        task = assignments.give(
            province.leader,
            task=Task(
                title, desk.agency, None, Part.LEAD, "Báo cáo kết quả bằng văn bản.", _in_days(desk, max(days, 1))
            ),
        )
        if number % 2:
            assignments.give_on(
                desk.leader, parent=task, task=Task(title, _place_of(desk.officer), _official(desk.officer))
            )
    assignments.give(
        province.leader,
        task=Task(
            "Chuẩn bị tài liệu họp giao ban đầu tháng",
            province.agency,
            _official(province.officer),
            due_at=_in_days(province, 3),
        ),
    )


def _age() -> None:
    """Make some late: what was given a while ago and should be done by now."""
    late = [title for _short, title, days in _DIRECT if days < 0]
    now = timezone.now()
    for task in _late_tasks(late):
        Assignment.objects.filter(pk=task.pk).update(
            given_at=now - timedelta(days=9), due_at=now - timedelta(days=2), original_due_at=now - timedelta(days=2)
        )


def _late_tasks(titles: list[str]) -> Iterator[Assignment]:
    yield from Assignment.objects.filter(title__in=titles)
    documents_ = Document.objects.filter(arrival__source_ref__endswith="-10").values_list("pk", flat=True)
    refs = [f"{Document._meta.label_lower}:{pk}" for pk in documents_]
    yield from Assignment.objects.filter(subject_ref__in=refs)
