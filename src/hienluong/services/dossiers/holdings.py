"""What is held of a person in dossiers, what the law keeps of it, and what holds an account back."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.people import closing, holdings
from hienluong.foundation.people.holdings import Holding, Person, belonging, values

from .models import OPEN_STATES, Dossier, DossierPaper, Draft, Enquiry, IssuedPaper, Result, State

_DOSSIER = {
    "code": _("Mã hồ sơ"),
    "procedure_name": _("Thủ tục"),
    "subject__name": _("Chủ hồ sơ"),
    "filer__name": _("Người nộp"),
    "state": _("Trạng thái"),
    "submitted_at": _("Nộp lúc"),
    "due_at": _("Hẹn trả"),
    "returned_at": _("Trả lúc"),
    "competent__name": _("Cơ quan giải quyết"),
    "data": _("Nội dung khai"),
}
_DRAFT = {
    "procedure_version__procedure__name": _("Thủ tục"),
    "updated_at": _("Sửa lần cuối"),
    "data": _("Nội dung đã gõ"),
}
_PAPER = {"dossier__code": _("Mã hồ sơ"), "name": _("Giấy tờ"), "added_at": _("Lúc")}
_RESULT = {
    "dossier__code": _("Mã hồ sơ"),
    "name": _("Kết quả"),
    "number": _("Số"),
    "signed_at": _("Ký lúc"),
    "valid_until": _("Có giá trị đến"),
}
_ISSUED = {"dossier__code": _("Mã hồ sơ"), "kind": _("Loại giấy"), "number": _("Số"), "issued_at": _("Lúc")}
_ENQUIRY = {
    "dossier__code": _("Mã hồ sơ"),
    "code": _("Câu hỏi"),
    "state": _("Kết quả"),
    "asked_at": _("Hỏi lúc"),
    "answered_at": _("Trả lời lúc"),
}
#: Most codes that a sentence names.
_NAMED = 5


def hand_over() -> None:
    """Say what is held, kept and erased."""
    holdings.hand_over(
        Holding(
            "dossiers.dossiers",
            _("Hồ sơ"),
            ("dossiers.Dossier",),
            _DOSSIER,
            lambda person: values(_dossiers(person), list(_DOSSIER)),
        ),
        Holding(
            "dossiers.drafts",
            _("Hồ sơ nháp"),
            ("dossiers.Draft",),
            _DRAFT,
            lambda person: values(_drafts(person), list(_DRAFT)),
        ),
        Holding(
            "dossiers.papers",
            _("Giấy tờ đã nộp"),
            ("dossiers.DossierPaper",),
            _PAPER,
            lambda person: values(_papers(person), list(_PAPER)),
            lambda person: _files(_papers(person)),
        ),
        Holding(
            "dossiers.results",
            _("Kết quả đã trả"),
            ("dossiers.Result",),
            _RESULT,
            lambda person: values(_results(person), list(_RESULT)),
            lambda person: _files(_results(person)),
        ),
        Holding(
            "dossiers.issued",
            _("Giấy tiếp nhận, phiếu và thông báo của hồ sơ"),
            ("dossiers.IssuedPaper",),
            _ISSUED,
            lambda person: values(_issued(person), list(_ISSUED)),
            lambda person: _files(_issued(person)),
        ),
    )
    holdings.hand_over(
        Holding(
            "dossiers.enquiries",
            _("Đối chiếu hồ sơ của bạn với hệ thống quốc gia"),
            ("dossiers.Enquiry",),
            _ENQUIRY,
            lambda person: values(_enquiries(person), list(_ENQUIRY)),
        )
    )
    holdings.leave_out("what a clerk typed for others at the counter", "dossiers.CounterDraft")
    closing.keep(
        closing.Kept(
            "dossiers",
            _("Hồ sơ đã nộp, giấy tờ và kết quả của hồ sơ"),
            _(
                "Hồ sơ thủ tục hành chính do cơ quan lưu trữ theo pháp luật về lưu trữ; phục vụ hoạt động của cơ quan nhà nước "
                "(Luật 91/2025/QH15, điểm c khoản 1 Điều 19, khoản 2 Điều 14)."
            ),
            lambda person: _dossiers(person).count(),
            names_party=True,
        )
    )
    closing.hinder("dossiers.open", _open)
    closing.erase(closing.Erased("dossiers.drafts", _("Hồ sơ nháp chưa nộp và tệp của chúng"), _erase_drafts))


def _dossiers(person: Person) -> QuerySet[Dossier]:
    """One's own and those one filed for others: what the person's page of dossiers shows."""
    return belonging(Dossier.objects.order_by("pk"), "subject_id", "filer_id", to=person.party_id)


def _drafts(person: Person) -> QuerySet[Draft]:
    return belonging(Draft.objects.filter(filed_as=None).order_by("pk"), "account_id", to=person.account_id)


def _papers(person: Person) -> QuerySet[DossierPaper]:
    found = DossierPaper.objects.order_by("pk")
    return belonging(found, "dossier__subject_id", "dossier__filer_id", to=person.party_id)


def _enquiries(person: Person) -> QuerySet[Enquiry]:
    found = Enquiry.objects.order_by("pk")
    return belonging(found, "dossier__subject_id", "dossier__filer_id", to=person.party_id)


def _results(person: Person) -> QuerySet[Result]:
    """Those that were handed over: before, they are not the person's to take."""
    found = Result.objects.filter(dossier__state=State.RETURNED, state__in=(Result.State.SIGNED, Result.State.REVOKED))
    return belonging(found.order_by("pk"), "dossier__subject_id", "dossier__filer_id", to=person.party_id)


def _issued(person: Person) -> QuerySet[IssuedPaper]:
    found = IssuedPaper.objects.exclude(kind="control_sheet").order_by("pk")  # that one goes between officials
    return belonging(found, "dossier__subject_id", "dossier__filer_id", to=person.party_id)


def _files(found: QuerySet[DossierPaper] | QuerySet[Result] | QuerySet[IssuedPaper]) -> Iterable[StoredFile]:
    for one in found.exclude(file=None).select_related("file__blob").iterator(chunk_size=100):
        assert one.file is not None
        yield one.file


def _open(person: Person) -> list[str]:
    codes = list(_dossiers(person).filter(state__in=OPEN_STATES).values_list("code", flat=True)[: _NAMED + 1])
    if not codes:
        return []
    said = ", ".join(codes[:_NAMED])
    if len(codes) > _NAMED:
        said = _now("%(codes)s và hồ sơ khác") % {"codes": said}
    return [_now("Còn hồ sơ đang giải quyết: %(codes)s. Hãy chờ xong, hoặc rút hồ sơ.") % {"codes": said}]


def _erase_drafts(act: Act, person: Person) -> int:
    """Drafts go, with the files in them that were not handed in."""
    drafts = list(_drafts(person))
    named = {UUID(str(one)) for draft in drafts for papers in draft.papers.values() for one in papers}
    handed_in = set(DossierPaper.objects.filter(file_id__in=named).values_list("file_id", flat=True))
    for draft in drafts:
        act.record(draft, verb="dossiers.discard_draft", before={"fields": sorted(draft.data)})
        draft.delete()
    own = belonging(StoredFile.objects.all(), "owner_id", to=person.account_id)
    return len(drafts) + own.filter(pk__in=named - handed_in).delete()[0]
