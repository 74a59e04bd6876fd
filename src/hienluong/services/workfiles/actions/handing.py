"""Handing files over to an archive, with a package for each and minutes for all (Thông tư 05/2025/TT-BNV, Điều 17–25)."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.cleaning import storable

from .. import access
from ..models import Handover, HandoverLine, Retention, State, WorkFile

MOST_FILES = 500


@action("workfiles.hand_over")
def hand_over(
    act: Act,
    *,
    agency: Organization,
    work_files: Sequence[WorkFile],
    target: str = Handover.Target.OWN,
    archive_code: str = "",
    archive_name: str = "",
) -> Handover:
    """Propose files to an archive: closed ones to the agency's own by their keepers or the archivist, those that are kept
    for ever from there to the historical archive by the archivist."""
    archivist = access.is_archivist(act.actor, agency.pk)
    chosen = list(
        WorkFile.objects.select_for_update()
        .filter(pk__in=[each.pk for each in work_files], agency=agency)
        .order_by("code")
    )
    if not chosen:
        raise InvalidInput(_("Chọn ít nhất một hồ sơ."), field="files")
    if len(chosen) > MOST_FILES:
        raise InvalidInput(_("Mỗi lần giao nộp nhiều nhất %(most)d hồ sơ.") % {"most": MOST_FILES}, field="files")
    if act.actor.official_id is None:
        raise NotAllowed(_("Chỉ cán bộ giao nộp hồ sơ."))
    historical = target == Handover.Target.HISTORICAL
    for each in chosen:
        access.require(archivist or (not historical and access.keeps(act.actor, each)), each)
        _check(each, historical)
    if historical and not (archive_code.strip() and archive_name.strip()):
        raise InvalidInput(_("Ghi mã và tên lưu trữ lịch sử."), field="archive_code")
    year = timezone.localdate().year
    handover = Handover.objects.create(
        agency=agency,
        year=year,
        number=next_number(f"workfiles.handover:{agency.pk}:{year}"),
        target=target,
        archive_code=storable(archive_code).strip()[:35] or f"{agency.code}.LT",
        archive_name=storable(archive_name).strip()[:200] or f"Lưu trữ hiện hành {agency.name}",
        given_by_id=act.actor.official_id,
    )
    HandoverLine.objects.bulk_create(HandoverLine(handover=handover, work_file=each) for each in chosen)
    WorkFile.objects.filter(pk__in=[each.pk for each in chosen]).update(state=State.HANDING_OVER)
    act.record(handover, after={"files": [each.code for each in chosen], "target": target}, organization_id=agency.pk)
    act.emit("workfiles.handed_over", handover, {"agency": agency.pk})
    return handover


def _check(work_file: WorkFile, historical: bool) -> None:
    wanted = State.KEPT if historical else State.CLOSED
    words = {"code": work_file.code}
    if work_file.state != wanted:
        if historical:
            raise InvalidInput(_("Hồ sơ %(code)s chưa ở lưu trữ hiện hành.") % words, field="files")
        raise InvalidInput(_("Hồ sơ %(code)s chưa kết thúc hoặc đã giao nộp.") % words, field="files")
    if historical and work_file.retention != Retention.FOR_EVER:
        raise InvalidInput(
            _("Hồ sơ %(code)s không có thời hạn vĩnh viễn: lưu trữ lịch sử chỉ nhận hồ sơ vĩnh viễn.") % words,
            field="files",
        )


@action("workfiles.receive")
def receive(act: Act, *, handover: Handover) -> Handover:
    """The archive begins to look at what was handed over; a package of each file is made in the background."""
    handover = _locked(act, handover, Handover.State.WAITING)
    handover.state, handover.received_at = Handover.State.PROCESSING, timezone.now()
    handover.received_by_id = act.actor.official_id
    handover.save(update_fields=("state", "received_at", "received_by"))
    act.record(handover, after={"state": handover.state}, organization_id=handover.agency_id)
    from ..tasks import pack

    for line in handover.lines.all():
        pack.defer(line_id=line.pk)
    return handover


@action("workfiles.note_package")
def note_package(
    act: Act, *, line: HandoverLine, package: StoredFile | None, object_id: str = "", size: int = 0, fault: str = ""
) -> HandoverLine:
    """Keep a package that was made, or why none could be. Only the packing process may; the first package stays."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ tiến trình đóng gói được ghi gói."))
    line = HandoverLine.objects.select_for_update().get(pk=line.pk)
    if line.package_id is None:
        line.package, line.object_id, line.fault = package, object_id, fault
        line.sha256, line.size = (package.blob_id, size) if package else ("", None)
        line.packed_at = timezone.now() if package else None
        line.save()
    act.record(line, after={"sha256": line.sha256, "fault": line.fault})
    return line


@action("workfiles.judge")
def judge(act: Act, *, handover: Handover, work_file: WorkFile, passed: bool, reason: str = "") -> HandoverLine:
    """Say of one file whether the archive takes it; without a package it does not, and a refusal has its reason."""
    handover = _locked(act, handover, Handover.State.PROCESSING)
    line = handover.lines.select_for_update().filter(work_file=work_file).first()
    if line is None:
        raise InvalidInput(_("Hồ sơ này không có trong lần giao nộp."))
    if passed and line.package_id is None:
        raise InvalidInput(_("Chưa đóng gói xong hồ sơ %(code)s.") % {"code": work_file.code})
    if not passed and not reason.strip():
        raise InvalidInput(_("Ghi lý do không đạt."), field="reason")
    line.verdict = HandoverLine.Verdict.PASSED if passed else HandoverLine.Verdict.FAILED
    line.reason = storable(reason).strip()
    line.save(update_fields=("verdict", "reason"))
    act.record(line, after={"verdict": line.verdict, "reason": line.reason}, organization_id=handover.agency_id)
    return line


@action("workfiles.complete")
def complete(act: Act, *, handover: Handover) -> Handover:
    """All files are judged: what passed is the archive's, what did not goes back to its keeper; minutes are written."""
    handover = _locked(act, handover, Handover.State.PROCESSING)
    lines = list(handover.lines.select_related("work_file"))
    if any(not line.verdict for line in lines):
        raise InvalidInput(_("Còn hồ sơ chưa có kết luận đạt hay không đạt."))
    historical = handover.target == Handover.Target.HISTORICAL
    taken, back = (State.SUBMITTED, State.KEPT) if historical else (State.KEPT, State.CLOSED)
    for line in lines:
        state = taken if line.verdict == HandoverLine.Verdict.PASSED else back
        WorkFile.objects.filter(pk=line.work_file_id).update(state=state)
        act.record(line.work_file, after={"state": state}, organization_id=handover.agency_id)
    handover.state, handover.done_at = Handover.State.DONE, timezone.now()
    handover.save(update_fields=("state", "done_at"))
    act.record(handover, after={"state": handover.state}, organization_id=handover.agency_id)
    act.emit("workfiles.kept", handover, {"agency": handover.agency_id})
    from ..tasks import write_handover_minutes

    write_handover_minutes.defer(handover_id=handover.pk)
    return handover


@action("workfiles.withdraw")
def withdraw(act: Act, *, handover: Handover, reason: str) -> Handover:
    """Whoever handed files over takes them back while the archive has not begun to look at them."""
    handover = Handover.objects.select_for_update().get(pk=handover.pk)
    if handover.given_by_id != act.actor.official_id and not access.is_archivist(act.actor, handover.agency_id):
        raise NotAllowed(_("Chỉ người giao nộp hoặc lưu trữ cơ quan được rút."))
    if handover.state != Handover.State.WAITING:
        raise DomainError(_("Lưu trữ đã nhận, không rút được nữa."), code="workfiles.received")
    if not reason.strip():
        raise InvalidInput(_("Ghi lý do."), field="reason")
    back = State.KEPT if handover.target == Handover.Target.HISTORICAL else State.CLOSED
    WorkFile.objects.filter(handover_lines__handover=handover).update(state=back)
    handover.state = Handover.State.WITHDRAWN
    handover.save(update_fields=("state",))
    act.record(handover, after={"state": handover.state, "reason": reason}, organization_id=handover.agency_id)
    return handover


def _locked(act: Act, handover: Handover, state: str) -> Handover:
    """The hand-over, locked, for the archivist of its agency and in this state."""
    handover = Handover.objects.select_for_update().get(pk=handover.pk)
    if not access.is_archivist(act.actor, handover.agency_id):
        raise NotAllowed(_("Chỉ lưu trữ của cơ quan được làm việc này."))
    if handover.state != state:
        raise DomainError(_("Lần giao nộp không còn ở bước này."), code="workfiles.handover_state")
    return handover
