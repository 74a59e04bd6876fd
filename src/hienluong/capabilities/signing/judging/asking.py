"""Asking the authorities of others whether a certificate was revoked: OCSP (RFC 6960), else their list (RFC 5280).

Only addresses in certificates that lead to an authority the operator trusts are asked, so a stranger's file cannot make
us call where it likes. Answers are kept for an hour, failures for five minutes; who is slow does not hold up the page.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from django.core.cache import cache
from pyhanko_certvalidator.fetchers.common_utils import format_ocsp_request
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.util import get_ocsp_urls, get_relevant_crl_dps

logger = logging.getLogger(__name__)

#: Seconds for one answer, and for all that one file makes us ask.
PATIENCE, IN_ALL = 4, 10
#: Largest answer, in bytes: lists of large authorities are several megabytes.
MOST = 20 * 1024 * 1024
#: How long an answer and a failure are remembered, in seconds.
REMEMBERED, FAILED = 3600, 300
#: Largest answer that is remembered, in bytes.
MOST_REMEMBERED = 2 * 1024 * 1024


@dataclass
class Told:
    """What the authorities answered, and whom we could not ask."""

    lists: list[asn1_crl.CertificateList] = field(default_factory=list)
    answers: list[asn1_ocsp.OCSPResponse] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def ask(path: ValidationPath) -> Told:
    """Ask about every certificate of a chain but its root. Never raises: what fails is told in `failures`."""
    told, until = Told(), time.monotonic() + IN_ALL
    certificates = list(path.iter_certs(include_root=False))
    for certificate in reversed(certificates):
        authority = path.find_issuing_authority(certificate)
        if not (_ocsp(certificate, authority, told, until) or _list(certificate, told, until)):
            name = certificate.subject.human_friendly
            told.failures.append(f"no answer about {name}")
    return told


def _ocsp(certificate: asn1_x509.Certificate, authority: object, told: Told, until: float) -> bool:
    request = format_ocsp_request(certificate, authority, certid_hash_algo="sha1", request_nonces=False).dump()  # type: ignore[arg-type]
    for url in get_ocsp_urls(certificate):
        content = _get(url, request, until, told)
        if content is None:
            continue
        try:
            answer = asn1_ocsp.OCSPResponse.load(content)
            if answer["response_status"].native == "successful":
                told.answers.append(answer)
                return True
            told.failures.append(f"{url}: {answer['response_status'].native}")
        except (ValueError, TypeError, KeyError):
            told.failures.append(f"{url}: not an OCSP answer")
    return False


def _list(certificate: asn1_x509.Certificate, told: Told, until: float) -> bool:
    for point in get_relevant_crl_dps(certificate, use_deltas=False):
        url = point.url
        content = _get(url, None, until, told) if url else None
        if content is None:
            continue
        try:
            found = asn1_crl.CertificateList.load(content)
            found["tbs_cert_list"]["issuer"].native  # noqa: B018  (raises when it is no list)
            told.lists.append(found)
        except (ValueError, TypeError, KeyError):
            told.failures.append(f"{url}: not a list of revoked certificates")
            continue
        return True
    return False


def _get(url: str, body: bytes | None, until: float, told: Told) -> bytes | None:
    """One answer, from memory when there is one; None (and a line in `failures`) when there is none to be had."""
    key = "signing.asked." + hashlib.sha256(url.encode() + b"\0" + (body or b"")).hexdigest()
    known = cache.get(key)
    if known == b"":
        told.failures.append(f"{url}: did not answer a moment ago")
        return None
    if known is not None:
        return bytes(known)
    left = until - time.monotonic()
    if left <= 0 or urlsplit(url).scheme not in ("http", "https"):
        told.failures.append(f"{url}: not asked")
        return None
    content = _over_http(url, body, min(PATIENCE, left), told)
    if content is None:
        cache.set(key, b"", FAILED)
    elif len(content) <= MOST_REMEMBERED:
        cache.set(key, content, REMEMBERED)
    return content


def _over_http(url: str, body: bytes | None, patience: float, told: Told) -> bytes | None:
    headers = {"Content-Type": "application/ocsp-request"} if body else {}
    content, end = bytearray(), time.monotonic() + patience
    try:
        with httpx.stream(
            "POST" if body else "GET",
            url,
            content=body,
            headers=headers,
            timeout=patience,
            trust_env=False,
            follow_redirects=False,
        ) as answer:
            if answer.status_code != 200:
                told.failures.append(f"{url}: HTTP {answer.status_code}")
                return None
            for part in answer.iter_bytes():
                content += part
                if len(content) > MOST or time.monotonic() > end:
                    told.failures.append(f"{url}: too large or too slow")
                    return None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError) as error:
        logger.info("%s could not be asked: %s", url, type(error).__name__)
        told.failures.append(f"{url}: {type(error).__name__}")
        return None
    return bytes(content) or None
