"""The verification page: scan the code or drop the file; no account, no personal data."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from hienluong.foundation.identity.limits import too_many
from hienluong.ui import asked

from .standing import look_up
from .verification import verify as judge

#: How many files, and how many codes, one address may ask about in ten minutes; an office shares an address.
MOST_FILES, MOST_CODES, WINDOW = 60, 300, 600


def asked_too_often(request: HttpRequest, what: str, most: int) -> bool:
    """Count one request of this address; True when it is one too many."""
    return too_many(f"signing.{what}", request.META.get("REMOTE_ADDR", ""), limit=most, seconds=WINDOW)


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Drop a file, or type the code printed under the QR."""
    if request.method == "GET":
        token = asked.text(request, "ma", 40).upper()
        if not token:
            return render(request, "signing/verify.html")
        return redirect("signing:issued", token=token) if token.isalnum() else _no_such_paper(request, token)
    if asked_too_often(request, "file", MOST_FILES):
        return _refused(request, _("Bạn đã xác minh quá nhiều tệp. Xin thử lại sau 10 phút."), 429)
    uploads = [request.FILES.get("file"), request.FILES.get("signature")]
    brought = [each for each in uploads if each is not None]
    if not brought:
        return _refused(request, _("Hãy chọn một tệp."), 422)
    if any(each.size is not None and each.size > settings.MAX_UPLOAD_BYTES for each in brought):
        return _refused(request, _("Tệp quá lớn."), 413)
    beside = brought[1].read() if len(brought) > 1 else None
    found = judge(brought[0].read(), beside, name=asked.plain(brought[0].name or "")[:200])
    return render(request, "signing/verified.html", {"found": found})


@require_GET
def issued(request: HttpRequest, token: str) -> HttpResponse:
    """Where the QR on a paper leads: what the register says of it. It has not seen the paper, and says so."""
    if asked_too_often(request, "code", MOST_CODES):
        return _refused(request, _("Bạn đã tra quá nhiều mã. Xin thử lại sau 10 phút."), 429, token)
    found = look_up(token)
    if found is None:
        return _no_such_paper(request, token)
    return render(request, "signing/registered.html", {"found": found})


def _no_such_paper(request: HttpRequest, token: str) -> HttpResponse:
    return _refused(request, _("Không có giấy tờ nào mang mã này. Giấy bạn cầm có thể là giả."), 404, token)


def _refused(request: HttpRequest, error: str, status: int, token: str = "") -> HttpResponse:
    return render(request, "signing/verify.html", {"error": error, "typed": asked.plain(token[:40])}, status=status)
