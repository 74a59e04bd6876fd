"""Questions whose answer is a file, a photo or a signature: kept at once when the page is sent, then an answer like any other.

The answer is the number of the stored file. Whoever shows a page first calls :func:`take_in`, which keeps what was
chosen and puts its number where the answer is typed; everything after that reads texts only. What is typed there by hand
proves nothing: the action that takes the answers refuses files that are not the sender's own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from hienluong.foundation.actions import DomainError, InvalidInput
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.schemas.kinds import FILES, PICTURES
from hienluong.foundation.schemas.properties import Property, label_of, properties

from . import signatures
from .definition import Form

KINDS = FILES
#: Keeps one upload under a name: the record of the file. Raises a DomainError in plain words.
Keep = Callable[[Any, str], StoredFile]


class FileAnswer(forms.Widget):
    """The file kept so far, with a box to leave it out, and a control to choose another."""

    template_name = "forms/widgets/file_answer.html"
    ui_kind = "group"
    needs_multipart_form = True

    def __init__(self, prop: Property, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.is_photo = prop.get("x-kind") == "photo"

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        """The control by which a file is chosen."""
        return f"{id_}__file" if id_ else ""

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> str | None:
        if data.get(f"{name}__remove"):
            return None
        return str(data.get(name) or "") or None

    def value_omitted_from_data(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> bool:
        return name not in data

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"] |= {
            "kept": stored(value),
            "base": (attrs or {}).get("id") or f"id_{name}",
            "accept": "image/jpeg,image/png" if self.is_photo else "image/jpeg,image/png,application/pdf,.pdf",
            "is_photo": self.is_photo,
        }
        return context


class SignatureAnswer(FileAnswer):
    """As a photo; signed by drawing (with scripts), by typing one's full name, or with a picture of the signature."""

    template_name = "forms/widgets/signature.html"

    def __init__(self, prop: Property, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(prop, attrs)
        self.is_photo = True
        self.typed = ""

    def value_from_datadict(self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str) -> str | None:
        """As any file; a name that could not be taken stays in its box."""
        self.typed = str(data.get(f"{name}__name") or "")[: signatures.LONGEST]
        return super().value_from_datadict(data, files, name)

    def get_context(self, name: str, value: object, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """With the name as it was typed."""
        context = super().get_context(name, value, attrs)
        context["widget"]["typed"] = self.typed
        return context

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        """The box for the name: the way to sign that everybody has."""
        return f"{id_}__name" if id_ else ""


def widget_for(prop: Property) -> FileAnswer:
    """How a question whose answer is a file is answered."""
    return SignatureAnswer(prop) if prop.get("x-kind") == "signature" else FileAnswer(prop)


def names_of(schema: Mapping[str, Any]) -> list[str]:
    """The fields of a schema whose answer is a file."""
    return [name for name, prop in properties(schema).items() if prop.get("x-kind") in KINDS]


def stored(value: object) -> StoredFile | None:
    """The stored file with this number; None for anything else."""
    try:
        return StoredFile.objects.select_related("blob").filter(pk=UUID(str(value))).first() if value else None
    except ValueError:
        return None


def take_in(
    definition: Form, post: QueryDict, files: MultiValueDict[str, Any], keep: Keep, names: Collection[str] | None = None
) -> tuple[QueryDict, dict[str, str]]:
    """What was posted, with the number of each file that was chosen now as its answer; and the faults by field.

    `names`: only these fields (all of the form when None). A bad file harms no other answer.
    """
    props = properties(definition.data_schema)
    asked = [name for name in names_of(definition.data_schema) if names is None or name in names]
    if not any(f"{name}__file" in files or post.get(f"{name}__name", "").strip() for name in asked):
        return post, {}
    whole, faults = post.copy(), {}
    for name in asked:
        upload, typed = files.get(f"{name}__file"), ""
        is_signature = props[name].get("x-kind") == "signature"
        if is_signature and not upload:
            typed = post.get(f"{name}__name", "").strip()
        if not upload and not typed:
            continue
        try:
            if typed:
                upload = signatures.written(typed)
            elif is_signature:
                signatures.require_size(upload)
            made = keep(upload, label_of(name, props[name]))
            if props[name].get("x-kind") in PICTURES and not made.media_type.startswith("image/"):
                raise InvalidInput(_("%(label)s phải là ảnh.") % {"label": label_of(name, props[name])})
            whole[name] = str(made.pk)
            whole.pop(f"{name}__name", None)
        except DomainError as error:
            faults[name] = str(error.message)
    return whole, faults
