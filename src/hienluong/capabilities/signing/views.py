"""The verification page: scan the code or drop the file; no account, no personal data."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from hienluong.foundation.files.models import StoredFile

from .models import IssuedFile
from .verification import Verification, verify_pdf


@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Drop a file, or type the code printed under the QR."""
    if request.method == "GET":
        token = request.GET.get("ma", "").strip().upper()[:40]
        if not token:
            return render(request, "signing/verify.html")
        return redirect("signing:issued", token=token) if token.isalnum() else _no_such_paper(request)
    upload = request.FILES.get("file")
    if upload is None:
        return render(request, "signing/verify.html", {"error": _("Hãy chọn một tệp PDF.")}, status=422)
    if upload.size is not None and upload.size > settings.MAX_UPLOAD_BYTES:
        return render(request, "signing/verify.html", {"error": _("Tệp quá lớn.")}, status=413)
    return render(request, "signing/verified.html", {"found": verify_pdf(upload.read()), "uploaded": True})


@require_GET
def issued(request: HttpRequest, token: str) -> HttpResponse:
    """Where the QR on a paper leads: what it is, who signed, whether it still holds."""
    entry = IssuedFile.objects.filter(pk=token.upper()[:40]).first() if token.isalnum() else None
    if entry is None:
        return _no_such_paper(request)
    with StoredFile.objects.get(pk=entry.file_id).open() as stream:
        found = verify_pdf(stream.read())
    return render(request, "signing/verified.html", {"found": found, "uploaded": False})


def _no_such_paper(request: HttpRequest) -> HttpResponse:
    error = _("Không có giấy tờ nào mang mã này. Giấy bạn cầm có thể là giả.")
    return render(request, "signing/verify.html", {"error": error}, status=404)


@csrf_exempt
@require_POST
def api_verify(request: HttpRequest) -> HttpResponse:
    """POST a PDF body (or a multipart field ``file``); the truth as JSON."""
    if request.content_type == "multipart/form-data":
        upload = request.FILES.get("file")
        data = upload.read(settings.MAX_UPLOAD_BYTES + 1) if upload else b""
    else:  # read here, not as `body`: a scanned paper may be larger than a form may be
        data = request.read(settings.MAX_UPLOAD_BYTES + 1)
    if len(data) > settings.MAX_UPLOAD_BYTES:
        return _problem(413, _("Tệp quá lớn."), "files.too_large")
    return JsonResponse(_json(verify_pdf(data)))


def _problem(status: int, title: str, code: str) -> JsonResponse:
    body = {"type": f"urn:hienluong:{code}", "title": title, "status": status, "code": code}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def _json(found: Verification) -> dict[str, object]:
    return {
        "verdict": found.verdict,
        "sentence": found.sentence,
        "sha256": found.sha256,
        "issued": {
            "title": found.issued.title,
            "issuer": found.issued.issuer_name,
            "issuer_code": found.issued.issuer_code,
            "state": found.issued.state,
        }
        if found.issued
        else None,
        "signatures": [
            {
                "signer": s.signer,
                "issuer": s.issuer,
                "signed_at": s.signed_at.isoformat() if s.signed_at else None,
                "timestamped": s.timestamped,
                "intact": s.intact,
                "trusted": s.trusted,
                "covers_whole_file": s.covers_whole_file,
            }
            for s in found.signatures
        ],
        "log": found.log_proof,
    }
