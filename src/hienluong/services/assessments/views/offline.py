"""The page that works without network, and the worker that keeps it on the phone. Neither says anything of anybody."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.apps import apps
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.views.decorators.http import require_GET

FONTS = [
    f"ui/dist/fonts/be-vietnam-pro-{subset}-{weight}-normal.woff2"
    for subset in ("vietnamese", "latin")
    for weight in (400, 600)
]
KEPT = ("ui/dist/hienluong.css", "ui/dist/hienluong.js", "ui/dist/assessments.js", "ui/mark.svg", *FONTS)


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The empty page: what it shows is kept on the phone. It is the same for everybody, so it may be kept."""
    return render(request, "assessments/offline.html")


@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the names of the files that belong to this release: another release is another worker."""
    files = [reverse("assessments:offline"), *map(static, KEPT)]
    source = _source()
    name = hashlib.sha256("\n".join([*files, source]).encode()).hexdigest()[:16]
    begins = f"const KEPT = {json.dumps(files)};\nconst RELEASE = {json.dumps(name)};\n"
    answer = HttpResponse(begins + source, content_type="text/javascript; charset=utf-8")
    answer["Cache-Control"] = "no-cache"
    return answer


@lru_cache(maxsize=1)
def _source() -> str:
    folder = Path(apps.get_app_config("ui").path) / "static/ui/dist"
    return (folder / "assessments-worker.js").read_text("utf-8")
