"""Demo: what the provincial People's Committee writes: drafts at every step of their way, and letters that went out.

All of it by the real actions. What was sent arrives at the departments when the worker starts.
"""

from __future__ import annotations

from uuid import UUID

from hienluong.capabilities.signing import working
from hienluong.capabilities.signing.models import SignatureRequest
from hienluong.foundation.actions import Actor
from hienluong.foundation.identity.models import Account
from hienluong.foundation.identity.queries import actor_of
from hienluong.foundation.organisations import queries as organisations
from hienluong.foundation.organisations.models import Organization
from hienluong.services.documents.actions import approvals, drafting, issuing, numbers, opinions, signing
from hienluong.services.documents.bodies import Parts
from hienluong.services.documents.models import Direction, Document

from . import Progress

#: Type, subject, whom it addresses, what it says, how far it goes.
_PAPERS: tuple[tuple[str, str, str, str, str], ...] = (
    (
        "CV",
        "rà soát tiến độ tiêm chủng mở rộng quý IV năm 2026",
        "Sở Y tế",
        "Thực hiện Kế hoạch của Ủy ban nhân dân tỉnh, đề nghị Sở Y tế rà soát tiến độ tiêm chủng mở rộng tại các xã, phường, "
        "đặc khu.\nBáo cáo kết quả về Ủy ban nhân dân tỉnh trước ngày 30 hằng tháng./.",
        "issued",
    ),
    (
        "CV",
        "chuẩn bị nguồn kinh phí phòng, chống thiên tai",
        "Sở Tài chính",
        "Đề nghị Sở Tài chính cân đối nguồn dự phòng ngân sách tỉnh, tham mưu Ủy ban nhân dân tỉnh phân bổ cho các địa phương "
        "bị ảnh hưởng./.",
        "issued",
    ),
    (
        "TB",
        "kết luận phiên họp Ủy ban nhân dân tỉnh tháng 10 năm 2026",
        "Sở Y tế\nSở Tài chính",
        "1. Các sở, ban, ngành tiếp tục đẩy nhanh tiến độ giải ngân vốn đầu tư công.\n"
        "2. Sở Tài chính tổng hợp, báo cáo trước ngày 15 hằng tháng./.",
        "issued",
    ),
    (
        "KH",
        "chuyển đổi số trong cơ quan nhà nước năm 2027",
        "Sở Y tế",
        "I. MỤC ĐÍCH, YÊU CẦU\n1. Toàn bộ văn bản không mật được gửi, nhận trên môi trường điện tử.\n"
        "II. TỔ CHỨC THỰC HIỆN\n1. Các sở, ban, ngành ban hành kế hoạch của ngành trước ngày 15 tháng 01 năm 2027./.",
        "sealed",
    ),
    (
        "CV",
        "góp ý dự thảo Quy chế văn thư, lưu trữ",
        "Sở Tài chính",
        "Đề nghị các cơ quan nghiên cứu, có ý kiến đối với dự thảo Quy chế gửi kèm./.",
        "numbered",
    ),
    (
        "GM",
        "dự họp đánh giá công tác cải cách hành chính",
        "Sở Y tế",
        "Thời gian: 08 giờ 00.\nĐịa điểm: Hội trường A./.",
        "approved",
    ),
    (
        "TTR",
        "ban hành Nghị quyết về mức thu phí tham quan",
        "Sở Tài chính",
        "Ủy ban nhân dân tỉnh kính trình Hội đồng nhân dân tỉnh xem xét, ban hành Nghị quyết./.",
        "approving",
    ),
    (
        "CV",
        "triển khai chữ ký số trên điện thoại cho lãnh đạo các cơ quan",
        "Sở Y tế",
        "Đề nghị các cơ quan rà soát, đăng ký chứng thư chữ ký số cho lãnh đạo./.",
        "opinions",
    ),
    (
        "BC",
        "tình hình kinh tế - xã hội tháng 11 năm 2026",
        "Sở Tài chính",
        "1. Kết quả đạt được\n2. Nhiệm vụ tháng tới./.",
        "draft",
    ),
)


def documents(progress: Progress) -> None:
    """Write them, once."""
    if Document.objects.filter(direction=Direction.OUTGOING).exists():
        return
    drafter, leader, clerk = (_actor(name) for name in ("chuyenvien.tinh", "lanhdao.tinh", "vanthu.tinh"))
    province = organisations.province()
    for paper in progress.track(_PAPERS, len(_PAPERS)):
        _write(paper, province, drafter, leader, clerk)


def _actor(username: str) -> Actor:
    return actor_of(Account.objects.get(username=username))


def _write(
    paper: tuple[str, str, str, str, str], province: Organization, drafter: Actor, leader: Actor, clerk: Actor
) -> None:
    type, subject, places, text, until = paper
    document = drafting.begin(drafter, agency=province, type=type, subject=subject)
    addressees = tuple(places.splitlines()) if type in ("CV", "GM", "TTR") else ()
    drafting.save(drafter, document=document, body=text, parts=Parts(addressees=addressees), based_on=1)
    signer = Account.objects.get(username="lanhdao.tinh").official
    drafting.set_out(
        drafter,
        document=document,
        subject=subject,
        type=type,
        unit=None,
        urgency=0,
        restricted=False,
        competence_="TM.",
        signer=signer,
        due_at=None,
        places_=places,
        lines="Như trên" if addressees else places,
    )
    if until == "draft":
        return
    if until == "opinions":
        asked = Account.objects.get(username="vanthu.tinh").official
        assert asked is not None
        opinions.ask(drafter, document=document, officials=[asked], question="Cách trình bày đã đúng chưa?")
        return
    approvals.submit(drafter, document=document, note="Kính trình đồng chí xem xét.")
    if until == "approving":
        return
    approvals.approve(leader, document=document, version=2)
    if until == "approved":
        return
    numbers.number(clerk, document=document)
    if until == "numbered":
        return
    _sign(document, signing.sign(leader, documents=[document]).batches[0].pk, signing.LEADER)
    _sign(document, signing.seal(clerk, documents=[document]).batches[0].pk, signing.SEAL)
    if until == "issued":
        issuing.issue(clerk, document=document)


def _sign(document: Document, batch: UUID, mark: str) -> None:
    """Make the signature now, not when the worker starts."""
    working.carry_on(batch)
    request = SignatureRequest.objects.filter(subject_ref=signing.reference(document)).latest("opened_at")
    signing.take_signature(
        signing.FOLLOWER, document=document, request=str(request.pk), mark=mark, file_id=str(request.file_id)
    )
