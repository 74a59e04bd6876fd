"""Giving a file out: only to who may have it, never run by the browser, in parts when asked."""

from __future__ import annotations

import re
from typing import TypeVar
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from hienluong.foundation.actions import Actor, NotFound
from hienluong.ui import asked

from . import previews
from .access import may_open, was_opened
from .models import StoredFile

_RANGE = re.compile(r"^bytes=(\d{1,15})-(\d{0,15})$", re.ASCII)
_INLINE = {"application/pdf", "image/jpeg", "image/png", "image/webp"}
MAX_PREVIEW_PAGE = 200


def _file(request: HttpRequest, file_id: UUID) -> StoredFile:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = StoredFile.objects.select_related("blob").filter(pk=file_id).first()
    if found is None or not may_open(actor, found):
        raise NotFound(_("Không tìm thấy tệp."))
    return found


@require_GET
def content(request: HttpRequest, file_id: UUID) -> HttpResponseBase:
    """The file itself."""
    found = _file(request, file_id)
    was_opened(request.actor, found)  # type: ignore[attr-defined]
    part = _RANGE.match(request.headers.get("Range", ""))
    response: HttpResponse | StreamingHttpResponse
    if part:
        response = _part(found, int(part[1]), int(part[2]) if part[2] else found.size - 1)
    else:
        response = FileResponse(found.open(), content_type=found.media_type)
        response["Content-Length"] = str(found.size)
    response["Accept-Ranges"] = "bytes"
    how = "inline" if found.media_type in _INLINE and "tai" not in request.GET else "attachment"
    return _named(response, how, found.name)


def _part(found: StoredFile, first: int, last: int) -> HttpResponse:
    last = min(last, found.size - 1)
    if first > last:
        response = HttpResponse(status=416)
        response["Content-Range"] = f"bytes */{found.size}"
        return response
    with found.open() as stream:
        stream.seek(first)
        body = stream.read(last - first + 1)
    response = HttpResponse(body, status=206, content_type=found.media_type)
    response["Content-Range"] = f"bytes {first}-{last}/{found.size}"
    return response


Answer = TypeVar("Answer", bound=HttpResponseBase)


def _named(response: Answer, how: str, name: str) -> Answer:
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_GET
def preview(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A picture of one page (``?trang=1``) of a PDF, or of an image, at most 900 pixels wide."""
    found = _file(request, file_id)
    was_opened(request.actor, found)  # type: ignore[attr-defined]
    number = asked.number(request, "trang", 1, MAX_PREVIEW_PAGE) or 1
    tag = f'"{found.blob_id}-{number}"'
    if request.headers.get("If-None-Match") == tag:
        response = HttpResponse(status=304)
    else:
        response = HttpResponse(previews.draw(found, number), content_type="image/png")
    response["ETag"] = tag
    return _named(response, "inline", f"{found.name}-{number}.png")
