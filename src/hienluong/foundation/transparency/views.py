"""The log for everyone: head, proofs, entries as JSON, and a page that says what it is for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from . import log
from .models import LogEntry

MOST = 500


def _problem(text: str) -> JsonResponse:
    body = {"type": "urn:hienluong:transparency.bad_request", "title": text, "status": 400}
    return JsonResponse(body, status=400, content_type="application/problem+json")


def _number(request: HttpRequest, name: str, default: int | None = None) -> int | None:
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else default if not text else None


@require_GET
def head(request: HttpRequest) -> HttpResponse:
    """The signed tree head."""
    found = log.tree_head()
    return JsonResponse(
        {
            "size": found.size,
            "root": found.root.hex(),
            "at": found.at.isoformat(),
            "signature": found.signature.hex(),
            "public_key": found.public_key.hex(),
        }
    )


@require_GET
def inclusion(request: HttpRequest) -> HttpResponse:
    """The proof that a leaf is in the log: ``?hash=<leaf hash>&size=<tree size>``."""
    text, size = request.GET.get("hash", ""), _number(request, "size", log.size())
    try:
        digest = bytes.fromhex(text)
    except ValueError:
        return _problem("hash must be hexadecimal")
    entry = LogEntry.objects.filter(leaf_hash=digest).order_by("index").first()
    if entry is None or size is None or not entry.index < size <= log.size():
        return _problem("no such leaf in a tree of that size")
    path = [node.hex() for node in log.inclusion_proof(entry.index, size)]
    return JsonResponse(
        {"index": entry.index, "size": size, "leaf": entry.leaf, "path": path, "root": log.root(size).hex()}
    )


@require_GET
def consistency(request: HttpRequest) -> HttpResponse:
    """The proof between two sizes: ``?first=&second=``."""
    first, second = _number(request, "first"), _number(request, "second", log.size())
    if first is None or second is None or not first <= second <= log.size():
        return _problem("first and second must be sizes of this log")
    path = [node.hex() for node in log.consistency_proof(first, second)]
    return JsonResponse(
        {
            "first": first,
            "second": second,
            "path": path,
            "first_root": log.root(first).hex(),
            "second_root": log.root(second).hex(),
        }
    )


@require_GET
def entries(request: HttpRequest) -> HttpResponse:
    """Leaves from ``start`` to ``end`` (not included), at most 500."""
    start, end = _number(request, "start", 0), _number(request, "end", log.size())
    if start is None or end is None:
        return _problem("start and end must be numbers")
    rows = LogEntry.objects.filter(index__gte=start, index__lt=min(end, start + MOST)).order_by("index")
    return JsonResponse(
        {"entries": [{"index": e.index, "leaf": e.leaf, "leaf_hash": bytes(e.leaf_hash).hex()} for e in rows]}
    )


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What the log is, for a lay person."""
    recent = LogEntry.objects.order_by("-index")[:20]
    return render(request, "transparency/page.html", {"head": log.tree_head(), "recent": recent})
