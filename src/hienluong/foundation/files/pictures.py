"""Stored pictures for papers, which take nothing from outside."""

from __future__ import annotations

import base64
from uuid import UUID

from .blobs import blob_store
from .models import StoredFile


def as_address(number: object) -> str:
    """The stored picture with this number as a ``data:`` address; empty for what is no picture or not there."""
    try:
        found = StoredFile.objects.select_related("blob").filter(pk=UUID(str(number))).first()
    except ValueError:
        return ""
    if found is None or not found.media_type.startswith("image/"):
        return ""
    with blob_store().open(found.blob.sha256) as content:
        return f"data:{found.media_type};base64,{base64.b64encode(content.read()).decode()}"
