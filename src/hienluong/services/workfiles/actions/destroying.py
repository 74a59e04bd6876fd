"""Destroying what need not be kept any longer: a list, a council, an approval by another, minutes of what was destroyed.

Luật Lưu trữ 33/2024/QH15; Thông tư 05/2025/TT-BNV, Điều 48–50. The row of the file and what it held stay on record; the
contents go: packages, its own papers, and documents that no other file holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.cleaning import storable
from hienluong.services.documents import access as documents
from hienluong.services.documents import destroying as document_files

from ..models import Destruction, DestructionLine, HandoverLine, Item, State, WorkFile


@action("workfiles.propose")
def propose(
    act: Act, *, agency: Organization, work_files: Sequence[WorkFile], council: str, reason: str = ""
) -> Destruction:
    """List files for destruction: kept by the archive, and past the last day they must be kept."""
    documents.require_in(act.actor, "workfiles.archive", agency)
    if act.actor.official_id is None:
        raise NotAllowed(_("Chỉ lưu trữ của cơ quan được làm việc này."))
    if not council.strip():
        raise InvalidInput(_("Ghi thành phần và kết luận của Hội đồng xét hủy."), field="council")
    chosen = list(
        WorkFile.objects.select_for_update()
        .filter(pk__in=[each.pk for each in work_files], agency=agency)
        .order_by("code")
    )
    if not chosen:
        raise InvalidInput(_("Chọn ít nhất một hồ sơ."), field="files")
    today = timezone.localdate()
    for each in chosen:
        until = each.kept_until
        if each.state != State.KEPT or until is None or until >= today:
            raise InvalidInput(
                _("Hồ sơ %(code)s chưa hết thời hạn lưu trữ hoặc không ở lưu trữ hiện hành.") % {"code": each.code},
                field="files",
            )
    destruction = Destruction.objects.create(
        agency=agency,
        year=today.year,
        number=next_number(f"workfiles.destruction:{agency.pk}:{today.year}"),
        council=storable(council).strip(),
        proposed_by_id=act.actor.official_id,
    )
    words = storable(reason).strip()[:300] or str(_("Hết thời hạn lưu trữ"))
    DestructionLine.objects.bulk_create(
        DestructionLine(destruction=destruction, work_file=each, reason=words) for each in chosen
    )
    WorkFile.objects.filter(pk__in=[each.pk for each in chosen]).update(state=State.DESTROYING)
    act.record(destruction, after={"files": [each.code for each in chosen]}, organization_id=agency.pk)
    return destruction


@action("workfiles.decide")
def decide(act: Act, *, destruction: Destruction, approved: bool, decision: str) -> Destruction:
    """Approve the list, with the number of the decision, or refuse it with a reason; never by who proposed it."""
    destruction = _locked(destruction, Destruction.State.PROPOSED)
    documents.require_in(act.actor, "workfiles.approve", destruction.agency)
    if act.actor.official_id is None or act.actor.official_id == destruction.proposed_by_id:
        raise NotAllowed(_("Người đề nghị hủy không được tự phê duyệt."))
    if not decision.strip():
        raise InvalidInput(_("Ghi số quyết định, hoặc lý do không phê duyệt."), field="decision")
    destruction.state = Destruction.State.APPROVED if approved else Destruction.State.REFUSED
    destruction.decided_by_id, destruction.decided_at = act.actor.official_id, timezone.now()
    destruction.decision = storable(decision).strip()[:300]
    destruction.save()
    if not approved:
        WorkFile.objects.filter(destruction_lines__destruction=destruction).update(state=State.KEPT)
    act.record(
        destruction,
        after={"state": destruction.state, "decision": destruction.decision},
        organization_id=destruction.agency_id,
    )
    return destruction


@action("workfiles.carry_out")
def carry_out(act: Act, *, destruction: Destruction, witnesses: str) -> Destruction:
    """Destroy what was approved, all or nothing, and write down what it was and who saw it; minutes follow in the background."""
    destruction = _locked(destruction, Destruction.State.APPROVED)
    documents.require_in(act.actor, "workfiles.archive", destruction.agency)
    if not witnesses.strip():
        raise InvalidInput(_("Ghi người chứng kiến việc hủy."), field="reason")
    destruction.witnesses = storable(witnesses).strip()
    for line in destruction.lines.select_related("work_file").order_by("pk"):
        line.contents = _destroyed(line.work_file)
        line.save(update_fields=("contents",))
        work_file = line.work_file
        work_file.state, work_file.destroyed_at = State.DESTROYED, timezone.now()
        work_file.save(update_fields=("state", "destroyed_at"))
        act.record(
            work_file,
            after={"state": work_file.state, "papers": len(line.contents)},
            organization_id=work_file.agency_id,
        )
    destruction.state, destruction.done_at = Destruction.State.DONE, timezone.now()
    destruction.save(update_fields=("state", "done_at", "witnesses"))
    act.record(destruction, after={"state": destruction.state}, organization_id=destruction.agency_id)
    from ..tasks import write_destruction_minutes

    write_destruction_minutes.defer(destruction_id=destruction.pk)
    return destruction


def _destroyed(work_file: WorkFile) -> list[dict[str, Any]]:
    """Take away what a file holds, and return what that was; contents that no record names any more are cleaned at night."""
    contents: list[dict[str, Any]] = []
    for line in HandoverLine.objects.filter(work_file=work_file, package__isnull=False).select_related("package"):
        package = line.package
        line.package = None
        line.save(update_fields=("package",))
        if package is not None:
            contents.append({"title": str(_("Gói lưu trữ")), "code": line.object_id, "sha256": line.sha256})
            package.delete()
    for item in work_file.items.select_related("document", "file").order_by("position"):
        if item.file is not None:
            contents.append({"title": item.title, "code": "", "sha256": item.file.blob_id})
            _forget(item)
        elif item.document is not None and item.document.agency_id == work_file.agency_id and not _elsewhere(item):
            for digest in document_files.destroy_files(item.document):
                contents.append({"title": item.title, "code": item.document.code, "sha256": digest})
    return contents


def _forget(item: Item) -> None:
    file, item.file = item.file, None
    item.save(update_fields=("file",))
    if file is not None:
        file.delete()


def _elsewhere(item: Item) -> bool:
    """Whether a file that is not destroyed holds this document, too."""
    others = Item.objects.filter(document=item.document_id).exclude(work_file=item.work_file_id)
    return others.exclude(work_file__state=State.DESTROYED).exists()


def _locked(destruction: Destruction, state: str) -> Destruction:
    destruction = Destruction.objects.select_for_update().get(pk=destruction.pk)
    if destruction.state != state:
        raise DomainError(_("Danh mục hủy không còn ở bước này."), code="workfiles.destruction_state")
    return destruction
