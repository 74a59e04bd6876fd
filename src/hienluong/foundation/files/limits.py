"""Bodies that are too large are refused before they fill memory or disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

#: How long, in seconds, a body that is too large is taken and thrown away.
PATIENCE = 20.0
CHUNK = 256 * 1024


class BodyLimitMiddleware:
    """Answer 413 to a request that announces more than one form may carry; nothing of it is kept.

    A browser that is still sending does not look at an early answer: cut off, it shows a broken connection. So what
    it sends is taken and thrown away for a while, so that people with a fast line see the page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isascii() and length.isdigit() and int(length) > settings.MAX_BODY_BYTES:
            message = _("Tệp gửi lên quá lớn: mỗi lần tối đa %(most)s MB. Hãy quay lại và chọn tệp nhỏ hơn.") % {
                "most": settings.MAX_BODY_BYTES // (1024 * 1024)
            }
            if request.path.startswith("/api/"):
                _throw_away(request)
                body = {"type": "urn:hienluong:files.too_large", "title": message, "status": 413}
                return JsonResponse(body, status=413, content_type="application/problem+json")
            # bare: nobody is signed in yet at this point of the way in
            context = {"title": _("Tệp quá lớn"), "message": message, "bare": True}
            _throw_away(request)
            return render(request, "ui/error.html", context, status=413)
        return self.get_response(request)


def _throw_away(request: HttpRequest) -> None:
    """Read the body in small pieces and keep none, until it ends or patience does."""
    until = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < until and request.read(CHUNK):
            pass
    except OSError:
        return  # the sender went away


class StopTooLarge(FileUploadHandler):
    """Let no more of a file through than shows that it is too large; ``store`` then refuses it in its own field.

    So the rest of the form is not lost, and the disk holds little more than the limit.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._seen = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self._seen > settings.MAX_UPLOAD_BYTES:
            return None
        self._seen += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
