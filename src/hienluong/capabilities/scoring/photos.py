"""Photos of an assessment: announced, sent in parts that may be taken up again, kept when all is here and unharmed."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotFound, action
from hienluong.foundation.files import store
from hienluong.foundation.files.checks import clean_name
from hienluong.foundation.files.models import StoredFile

from . import queries
from .actions import State, held, require_state
from .installing import spec_of
from .models import Assessment, AssessmentPhoto, PhotoPart
from .permissions import ASSESS

#: What the files of photos are kept for.
PURPOSE = "scoring.photo"
#: Largest part, in bytes.
MAX_PART = 512 * 1024
MAX_OF_ASSESSMENT = 500
HEX = frozenset("0123456789abcdef")


@action("scoring.announce_photo")
def announce(
    act: Act, *, assessment_id: UUID, photo_id: UUID, item: str, name: str, size: int, sha256: str
) -> AssessmentPhoto:
    """Say that a photo will come: its size in bytes and SHA-256. Said twice, it is the same photo, as far as it has come."""
    assessment = _writable(act, assessment_id)
    there = AssessmentPhoto.objects.filter(pk=photo_id).first()
    if there is not None:
        if (there.assessment_id, there.sha256, there.size) != (assessment.pk, sha256, size):
            raise InvalidInput(_("Mã ảnh đã dùng cho ảnh khác."), field="photo")
        act.record(
            assessment, after={"photo": str(photo_id), "again": True}, organization_id=assessment.organization_id
        )
        return there
    _check(assessment, item, size)
    if len(sha256) != 64 or set(sha256) - HEX:
        raise InvalidInput(_("Dấu vết của ảnh không đúng dạng."), field="sha256")
    photo = AssessmentPhoto.objects.create(
        pk=photo_id,
        assessment=assessment,
        item=item,
        name=clean_name(name)[:200],
        size=size,
        sha256=sha256,
        account_id=act.actor.account_id,
    )
    act.record(assessment, after={"photo": str(photo_id), "size": size}, organization_id=assessment.organization_id)
    return photo


@action("scoring.add_photo_part")
def add_part(act: Act, *, assessment_id: UUID, photo_id: UUID, offset: int, content: bytes) -> AssessmentPhoto:
    """Take the next bytes of a photo. From elsewhere than where it stands nothing is taken: the answer says where it stands.

    The last part makes the file; when the whole is not what was announced, the photo begins again from nothing.
    """
    assessment = _writable(act, assessment_id)
    photo = AssessmentPhoto.objects.select_for_update().filter(pk=photo_id, assessment=assessment).first()
    if photo is None:
        raise NotFound(_("Ảnh này chưa được báo trước."))
    if len(content) > MAX_PART:
        raise InvalidInput(_("Phần gửi quá lớn."), field="part")
    fits = content and photo.file_id is None and offset == photo.received
    if fits and photo.received + len(content) <= photo.size:
        PhotoPart.objects.create(photo=photo, offset=offset, content=content)
        photo.received += len(content)
        if photo.received == photo.size:
            _make_whole(photo)
        photo.save(update_fields=("received", "file"))
    act.record(
        assessment,
        after={"photo": str(photo_id), "received": photo.received},
        organization_id=assessment.organization_id,
    )
    return photo


@action("scoring.keep_photo")
def keep(act: Act, *, assessment_id: UUID, item: str, upload: Any) -> AssessmentPhoto:
    """Keep a photo that came whole, from a page without JavaScript."""
    assessment = _writable(act, assessment_id)
    _check(assessment, item, 1)
    file = store(upload, name=str(upload.name or "anh"), owner=act.actor.account_id, purpose=PURPOSE)
    _require_picture(file)
    photo = AssessmentPhoto.objects.create(
        pk=uuid4(),
        assessment=assessment,
        item=item,
        name=file.name,
        size=file.size,
        sha256=file.blob_id,
        received=file.size,
        file=file,
        account_id=act.actor.account_id,
    )
    act.record(assessment, after={"photo": str(photo.pk)}, organization_id=assessment.organization_id)
    return photo


def may_open(actor: Actor, file: StoredFile) -> bool:
    """Who may see the assessment may see its photos."""
    photo = AssessmentPhoto.objects.select_related("assessment__organization").filter(file=file).first()
    return photo is not None and queries.may_see(actor, photo.assessment)


def _writable(act: Act, assessment_id: UUID) -> Assessment:
    assessment = held(assessment_id)
    act.require(ASSESS, assessment.organization.path)
    require_state(assessment, State.DRAFT)
    return assessment


def _check(assessment: Assessment, item: str, size: int) -> None:
    node = spec_of(assessment.definition).nodes.get(item)
    if node is None or node.is_group or node.evidence.photo == "no":
        raise InvalidInput(_("Tiêu chí này không nhận ảnh."), field="item")
    if not 0 < size <= settings.MAX_UPLOAD_BYTES:
        raise InvalidInput(
            _("Ảnh lớn quá %(most)d MB.") % {"most": settings.MAX_UPLOAD_BYTES // (1024 * 1024)}, field="size"
        )
    if assessment.photos.count() >= MAX_OF_ASSESSMENT:
        raise InvalidInput(_("Biên bản đã có quá nhiều ảnh."), field="photo")


def _make_whole(photo: AssessmentPhoto) -> None:
    parts = photo.parts.order_by("offset").values_list("content", flat=True)
    content = b"".join(bytes(part) for part in parts)
    photo.parts.all().delete()
    if hashlib.sha256(content).hexdigest() != photo.sha256:
        photo.received = 0
        return
    photo.file = store(BytesIO(content), name=photo.name, owner=photo.account_id, purpose=PURPOSE)
    _require_picture(photo.file)


def _require_picture(file: StoredFile) -> None:
    if not file.media_type.startswith("image/"):
        raise InvalidInput(_("Tệp “%(name)s” không phải ảnh.") % {"name": file.name}, field="photo")
