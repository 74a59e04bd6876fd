"""Timestamps (RFC 3161): from the authority named in the settings over HTTP, or from our own in this process."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from asn1crypto import tsp
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from pyhanko.sign.signers import SimpleSigner
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper

from . import pki

MOST = 20_000


@lru_cache(maxsize=2)
def _authority(folder: str) -> DummyTimeStamper:
    signer = SimpleSigner.load_pkcs12(str(pki.tsa_file()), passphrase=pki.passphrase())  # type: ignore[no-untyped-call]
    if signer is None:
        raise RuntimeError("the demo timestamp authority's key cannot be opened")
    return DummyTimeStamper(signer.signing_cert, signer.signing_key, certs_to_embed=signer.cert_registry)


def timestamper() -> Any:
    """The timestamp source for signing."""
    if settings.TSA_URL:
        return HTTPTimeStamper(settings.TSA_URL, timeout=10)  # type: ignore[no-untyped-call]
    return _authority(str(settings.PKI_FOLDER))


@csrf_exempt
@require_POST
def serve(request: HttpRequest) -> HttpResponse:
    """Our demo timestamp authority over HTTP (RFC 3161, 3.4)."""
    if request.content_type != "application/timestamp-query" or len(request.body) > MOST:
        return HttpResponse("application/timestamp-query expected", status=415, content_type="text/plain")
    try:
        query = tsp.TimeStampReq.load(request.body)
        answer = _authority(str(settings.PKI_FOLDER)).request_tsa_response(query)
    except (ValueError, TypeError, KeyError):
        return HttpResponse("malformed timestamp request", status=400, content_type="text/plain")
    return HttpResponse(answer.dump(), content_type="application/timestamp-reply")
