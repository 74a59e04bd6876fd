"""Giving a file out: only to who may have it, never run by the browser, in parts when asked."""

from __future__ import annotations

import re
from io import BytesIO
from typing import TypeVar
from uuid import UUID

import pypdfium2
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from PIL import Image, ImageOps

from hienluong.foundation.actions import Actor, InvalidInput, NotFound

from .access import may_open
from .models import StoredFile

_RANGE = re.compile(r"^bytes=(\d+)-(\d*)$")
_INLINE = {"application/pdf", "image/jpeg", "image/png", "image/webp"}
PREVIEW_WIDTH = 900
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
    from urllib.parse import quote

    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name)}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response["Cache-Control"] = "private, max-age=300"
    return response


@require_GET
def preview(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """A picture of one page (``?trang=1``) of a PDF, or of an image, at most 900 pixels wide."""
    found = _file(request, file_id)
    page = request.GET.get("trang", "1")
    number = int(page) if page.isdigit() and 1 <= int(page) <= MAX_PREVIEW_PAGE else 1
    with found.open() as stream:
        data = stream.read()
    if found.media_type == "application/pdf":
        picture = _pdf_page(data, number)
    elif found.media_type.startswith("image/"):
        with Image.open(BytesIO(data)) as image:
            picture = ImageOps.exif_transpose(image).convert("RGB")
    else:
        raise InvalidInput(_("Loại tệp này không xem trước được."))
    picture.thumbnail((PREVIEW_WIDTH, PREVIEW_WIDTH * 2))
    out = BytesIO()
    picture.save(out, "PNG")
    return _named(HttpResponse(out.getvalue(), content_type="image/png"), "inline", f"{found.name}-{number}.png")


def _pdf_page(data: bytes, number: int) -> Image.Image:
    document = pypdfium2.PdfDocument(data)
    try:
        if number > len(document):
            raise NotFound(_("Tệp không có trang này."))
        page = document[number - 1]
        width = max(page.get_width(), 1)
        height = max(page.get_height(), 1)
        scale = min(PREVIEW_WIDTH / width, 4000 / height, 4)
        picture: Image.Image = page.render(scale=scale).to_pil().convert("RGB")
        return picture
    finally:
        document.close()
