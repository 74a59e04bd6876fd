"""Taking in what a scanner or a phone's camera made of a paper: one file or several, kept as one."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Actor
from hienluong.foundation.files import store
from hienluong.foundation.files.binding import bind
from hienluong.foundation.files.models import StoredFile

ACCEPT = ".pdf,image/jpeg,image/png,image/webp"


class ScanInput(forms.FileInput):
    """A file control that takes several files; on a phone it offers the camera too."""

    allow_multiple_selected = True


class ScanField(forms.FileField):
    """The pages of one paper, as a list of uploads; empty when nothing was chosen."""

    widget = ScanInput
    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Hãy chọn tệp quét hoặc ảnh chụp."),
        "invalid": _("Hãy chọn tệp quét hoặc ảnh chụp."),
        "empty": _("Tệp này rỗng. Hãy quét hoặc chụp lại."),
    }

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        parts = data if isinstance(data, list | tuple) else [data]
        found = [super(ScanField, self).clean(part, initial) for part in parts if part]
        if not found:
            super().clean(None, initial)
        return found


def keep(actor: Actor, parts: list[UploadedFile[Any]], name: str) -> StoredFile:
    """Keep the pages of one paper as one file; raises InvalidInput for what is not taken."""
    original = parts[0].name if len(parts) == 1 else ""
    return store(bind(parts), name=original or f"{name[:80]}.pdf", owner=actor.account_id, purpose="dossiers.paper")
