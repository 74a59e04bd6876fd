"""Who sees a work file: its keeper, who works on it, and the records office of its agency. Its documents keep their own rights."""

from __future__ import annotations

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotAllowed, NotFound
from hienluong.foundation.actions.permissions import Permission, register
from hienluong.foundation.files import access as files
from hienluong.foundation.files.models import StoredFile
from hienluong.services.documents import access as documents

from .models import Destruction, Handover, HandoverLine, Item, State, WorkFile

#: What stored files are for: papers of a work file, packages and minutes.
FILE, PACKAGE, MINUTES = "workfiles.file", "workfiles.package", "workfiles.minutes"


def register_permissions() -> None:
    """Hand the verbs over to the permission catalogue."""
    register(
        Permission(
            "workfiles.archive", "Lưu trữ cơ quan: nhận, đóng gói, lập danh mục hủy", "Keep an agency's archive"
        ),
        Permission("workfiles.approve", "Phê duyệt hủy hồ sơ", "Approve the destruction of files"),
    )


def visible_to(actor: Actor) -> QuerySet[WorkFile]:
    """The work files an official may see, in no order."""
    if actor.kind == "system":
        return WorkFile.objects.all()
    archives = documents.agencies_with(actor, "workfiles.archive")
    found = Q(agency__in=archives)
    if actor.official_id:
        own = documents.agencies_with(actor, "documents.read")
        mine = Q(keeper=actor.official_id) | Q(
            pk__in=WorkFile.objects.filter(members__official=actor.official_id).values("pk")
        )
        found |= mine & Q(agency__in=own)
    return WorkFile.objects.filter(found)


def may_see(actor: Actor, work_file: WorkFile) -> bool:
    """Whether the actor may see this file."""
    return visible_to(actor).filter(pk=work_file.pk).exists()


def found_for(actor: Actor, code: str) -> WorkFile:
    """The file with this code; NotFound when there is none or this actor may not know of it."""
    found = visible_to(actor).filter(code=code.replace("\0", "")).select_related("agency", "unit", "keeper").first()
    if found is None:
        raise NotFound(_("Không tìm thấy hồ sơ công việc."))
    return found


def works_on(actor: Actor, work_file: WorkFile) -> bool:
    """Whether the actor may put papers in: its keeper, or who works on it with them."""
    if actor.kind == "system":
        return True
    if actor.official_id is None or work_file.agency_id not in documents.agencies_with(actor, "documents.read"):
        return False
    return work_file.keeper_id == actor.official_id or work_file.members.filter(official=actor.official_id).exists()


def keeps(actor: Actor, work_file: WorkFile) -> bool:
    """Whether the actor is its keeper, with a post in its agency."""
    own = actor.kind == "system" or work_file.agency_id in documents.agencies_with(actor, "documents.read")
    return own and (actor.kind == "system" or work_file.keeper_id == actor.official_id)


def is_archivist(actor: Actor, agency_id: int) -> bool:
    """Whether the actor keeps the archive of this agency."""
    return actor.kind == "system" or agency_id in documents.agencies_with(actor, "workfiles.archive")


def require(allowed: bool, work_file: WorkFile) -> None:
    """Raise :class:`NotAllowed` in the words of work files."""
    if not allowed:
        raise NotAllowed(_("Bạn không có quyền thực hiện việc này với hồ sơ %(code)s.") % {"code": work_file.code})


def _may_open_file(actor: Actor, file: StoredFile) -> bool | None:
    item = Item.objects.filter(file=file).select_related("work_file").first()
    return None if item is None else may_see(actor, item.work_file)


def _may_open_package(actor: Actor, file: StoredFile) -> bool:
    line = HandoverLine.objects.filter(package=file).select_related("handover").first()
    return line is not None and is_archivist(actor, line.handover.agency_id)


def _package_opened(actor: Actor, file: StoredFile) -> None:
    """Whoever opens a package reads each restricted document in it: that is written down as any other reading."""
    line = HandoverLine.objects.filter(package=file).first()
    if line is None:
        return
    held = Item.objects.filter(work_file=line.work_file_id, document__restricted=True).select_related("document")
    for item in held.order_by("position"):
        assert item.document is not None
        documents.look(actor, item.document, file.name)


def _may_open_minutes(actor: Actor, file: StoredFile) -> bool:
    handover = Handover.objects.filter(minutes=file).first()
    if handover is not None:
        return is_archivist(actor, handover.agency_id) or handover.given_by_id == actor.official_id
    destruction = Destruction.objects.filter(minutes=file).first()
    if destruction is None:
        return False
    approves = documents.agencies_with(actor, "workfiles.approve")
    return is_archivist(actor, destruction.agency_id) or destruction.agency_id in approves


def register_files() -> None:
    """Tell `files` who may open what."""
    files.register(FILE, _may_open_file)
    files.register(PACKAGE, _may_open_package, opened=_package_opened)
    files.register(MINUTES, _may_open_minutes)


#: States in which papers may be put in and taken out.
CHANGEABLE = (State.OPEN,)
