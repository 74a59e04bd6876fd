"""Timestamps (RFC 3161): from the authority named in the settings over HTTP, or from our own in this process."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

from asn1crypto import cms, core, tsp
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pyhanko.sign import general
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.sign.timestamps.requests_client import HTTPTimeStamper

from . import pki
from .evidence import AuthorityAway
from .keys import Chain, HeldKey, held_key


class OurAuthority(DummyTimeStamper):
    """The demo's timestamp authority: the library's, with a key that is held open."""

    def __init__(self, key: HeldKey) -> None:
        self.key = key
        super().__init__(key.signing_cert, None, certs_to_embed=key.cert_registry)

    def request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """The answer, with the time of the product's clock: the same by which certificates are made and judged."""
        self.fixed_dt = timezone.now()
        return super().request_tsa_response(req)

    def _sign_tst_info(self, tst_info_data: bytes, md_algorithm: str, dt: datetime) -> tuple[bytes, cms.CMSAttributes]:
        attribute: Any = general.simple_cms_attribute
        attributes = cms.CMSAttributes(
            [
                attribute("content_type", "tst_info"),
                attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
                attribute("signing_certificate", general.as_signing_certificate(self.tsa_cert)),
                attribute("message_digest", digest_of(md_algorithm, tst_info_data)),
            ]
        )
        return self.key.sign_raw(attributes.dump(), md_algorithm), attributes


def digest_of(algorithm: str, data: bytes) -> bytes:
    """The digest of `data`. Raises ValueError for an algorithm we do not know."""
    if algorithm not in ("sha256", "sha384", "sha512"):
        raise ValueError(algorithm)
    return hashlib.new(algorithm, data).digest()


def our_authority() -> OurAuthority:
    """The demo's timestamp authority with the key of today."""
    path = pki.tsa_file()
    return _authority(str(path), path.stat().st_mtime_ns)


@lru_cache(maxsize=2)
def _authority(path: str, written: int) -> OurAuthority:
    return OurAuthority(held_key(pki.tsa_file()))


@lru_cache(maxsize=2)
def _over_http(url: str) -> Any:
    return HTTPTimeStamper(url, timeout=10)  # type: ignore[no-untyped-call]


def timestamper() -> Any:
    """The timestamp source for signing."""
    return _over_http(settings.TSA_URL) if settings.TSA_URL else our_authority()


@contextmanager
def stamped() -> Iterator[None]:
    """Say in plain words that the timestamp authority does not answer: :class:`AuthorityAway`, to be tried again."""
    try:
        yield
    except (TimestampRequestError, OSError) as error:
        raise AuthorityAway(
            _("Máy chủ dấu thời gian chưa trả lời. Chữ ký chưa được tạo; hệ thống sẽ tự thử lại.")
        ) from error


def chain_of_stamps() -> list[Chain]:
    """The certificates under our timestamps, as far as they are known before one is made: those of our own authority.

    Another authority's come with its timestamp, and go into the file at the next renewal.
    """
    return [our_authority().key.chain]
