"""Taking in files of documents: the paper itself as one PDF or as pictures of its pages, and what came with it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hienluong.foundation.actions import Actor, InvalidInput
from hienluong.foundation.files import store
from hienluong.foundation.files.binding import bind
from hienluong.foundation.files.models import StoredFile

from . import access
from .models import DocumentFile, Version

ACCEPT = ".pdf,image/jpeg,image/png,image/webp"
#: Most files that come with one document.
MOST_FILES = 30


class FilesInput(forms.FileInput):
    """A file control that takes several files; on a phone it offers the camera too."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several uploads as a list; empty when nothing was chosen."""

    widget = FilesInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": gettext_lazy("Hãy chọn tệp."),
        "invalid": gettext_lazy("Hãy chọn tệp."),
        "empty": gettext_lazy("Tệp này rỗng. Hãy chọn lại."),
    }

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        parts = data if isinstance(data, list | tuple) else [data]
        found = [super(FilesField, self).clean(part, initial) for part in parts if part]
        if not found:
            super().clean(None, initial)
        if len(found) > MOST_FILES:
            raise forms.ValidationError(_("Nhiều nhất %(most)s tệp một lần.") % {"most": MOST_FILES})
        return found


@dataclass(frozen=True)
class Pages:
    """The pages of one paper as one file that is not kept yet."""

    content: bytes
    name: str


def pages_of(parts: list[UploadedFile[Any]]) -> Pages:
    """The pages that were uploaded, bound into one; raises InvalidInput for what is not taken."""
    name = (parts[0].name if len(parts) == 1 else "") or "van-ban.pdf"
    return Pages(bind(parts).read(), name)


def keep_pages(actor: Actor, pages: Pages) -> StoredFile:
    """Keep the pages of one paper as one file; raises InvalidInput for what is not taken."""
    return store(BytesIO(pages.content), name=pages.name, owner=actor.account_id, purpose=access.FILE_PURPOSE)


def keep_one(actor: Actor, part: UploadedFile[Any]) -> StoredFile:
    """Keep one file that came with a document."""
    return store(part, name=part.name or "tep", owner=actor.account_id, purpose=access.FILE_PURPOSE)


def own_and_new(actor: Actor, ids: list[str]) -> list[StoredFile]:
    """The files that this actor uploaded and that belong to no document yet; InvalidInput when one is not such a file."""
    wanted: list[UUID] = []
    for each in ids[: MOST_FILES + 1]:
        try:
            wanted.append(UUID(each))
        except ValueError:
            raise InvalidInput(_("Tệp không còn. Hãy tải lên lại."), field="pages_of") from None
    found = StoredFile.objects.select_related("blob").filter(
        pk__in=wanted, owner_id=actor.account_id, purpose=access.FILE_PURPOSE
    )
    by_id = {file.pk: file for file in found}
    used = set(DocumentFile.objects.filter(file__in=by_id).values_list("file", flat=True))
    used |= set(Version.objects.filter(upload__in=by_id).values_list("upload", flat=True))
    if any(pk not in by_id or pk in used for pk in wanted):
        raise InvalidInput(_("Tệp không còn. Hãy tải lên lại."), field="pages_of")
    return [by_id[pk] for pk in wanted]
