"""What it takes to validate a signature later: certificates, lists of revoked ones, answers about one (OCSP).

Of our own authorities it is made in this process; of others it is fetched where their certificates say that it is.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID
from django.utils.translation import gettext_lazy as _
from pyhanko.sign.validation import DocumentSecurityStore

from hienluong.foundation.actions import DomainError

from . import ocsp as ours
from . import revocation
from .keys import Chain

#: Seconds that an authority has to answer.
PATIENCE = 10.0
#: Longest list or answer, in bytes.
MOST = 20 * 1024 * 1024

logger = logging.getLogger(__name__)


class AuthorityAway(DomainError):
    """An authority that a signature needs does not answer just now."""

    code = "signing.authority_away"
    status = 503


class CertificateRevoked(DomainError):
    """An authority says that a certificate does not hold any more."""

    code = "signing.revoked"
    status = 409


@dataclass(frozen=True)
class Evidence:
    """What goes into the file (DSS) so that it needs nobody to be validated."""

    certificates: list[asn1_x509.Certificate] = field(default_factory=list)
    lists: list[asn1_crl.CertificateList] = field(default_factory=list)
    answers: list[asn1_ocsp.OCSPResponse] = field(default_factory=list)

    def embed(self, writer: Any) -> None:
        """Put it into a PDF that is about to get another revision."""
        DocumentSecurityStore.supply_dss_in_writer(
            writer, None, certs=self.certificates, crls=self.lists, ocsps=self.answers
        )


def gather(chains: Iterable[Chain]) -> Evidence:
    """What is known today of the certificates in these chains.

    Raises :class:`AuthorityAway` when neither the list nor the answer of some authority can be had, and
    :class:`CertificateRevoked` when one of others says that it was revoked (of our own, whoever signs has asked before).
    """
    certificates: dict[bytes, asn1_x509.Certificate] = {}
    for chain in chains:
        for certificate in chain.all:
            certificates[certificate.sha256] = certificate
    by_subject = {found.subject.hashable: found for found in certificates.values()}
    lists: dict[bytes, asn1_crl.CertificateList] = {}
    answers: dict[bytes, asn1_ocsp.OCSPResponse] = {}
    for certificate in certificates.values():
        if certificate.self_signed != "no":
            continue
        told, answer = _of(certificate, by_subject.get(certificate.issuer.hashable))
        lists.update({content: asn1_crl.CertificateList.load(content) for content in told})
        if answer is not None:
            answers[answer] = asn1_ocsp.OCSPResponse.load(answer)
    return Evidence(list(certificates.values()), list(lists.values()), list(answers.values()))


def _of(certificate: asn1_x509.Certificate, issuer: asn1_x509.Certificate | None) -> tuple[list[bytes], bytes | None]:
    """The lists that tell of a certificate, and the answer about it."""
    plain = x509.load_der_x509_certificate(certificate.dump())
    answer = ours.about(plain)
    if answer is not None:
        return revocation.lists(), answer
    above = x509.load_der_x509_certificate(issuer.dump()) if issuer is not None else None
    answer = _ask(plain, above) if above is not None else None
    told = [] if answer is not None else _fetch_lists(plain)
    if _revoked(plain, answer, told):
        raise CertificateRevoked(
            _("Chứng thư của “%(name)s” đã bị cơ quan chứng thực thu hồi. Hãy đăng ký khóa khác.")
            % {"name": certificate.subject.native.get("common_name", "?")}
        )
    if answer is None and not told:
        raise AuthorityAway(
            _("Cơ quan chứng thực của “%(name)s” không cho biết chứng thư còn hiệu lực hay không. Hệ thống sẽ thử lại.")
            % {"name": certificate.subject.native.get("common_name", "?")}
        )
    return told, answer


def _revoked(certificate: x509.Certificate, answer: bytes | None, lists: list[bytes]) -> bool:
    """What an authority of others says of one of its certificates."""
    if answer is not None:
        return ocsp.load_der_ocsp_response(answer).certificate_status == ocsp.OCSPCertStatus.REVOKED
    serial = certificate.serial_number
    return any(x509.load_der_x509_crl(each).get_revoked_certificate_by_serial_number(serial) for each in lists)


def _ask(certificate: x509.Certificate, issuer: x509.Certificate) -> bytes | None:
    """Ask the authority over HTTP; None when it does not answer, or answers something else."""
    question = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, hashes.SHA1()).build()  # noqa: S303
    for url in _urls(certificate, AuthorityInformationAccessOID.OCSP):
        try:
            answer = httpx.post(
                url,
                content=question.public_bytes(Encoding.DER),
                headers={"Content-Type": "application/ocsp-request"},
                timeout=PATIENCE,
            )
            found = ocsp.load_der_ocsp_response(answer.content[:MOST])
            if (
                found.response_status == ocsp.OCSPResponseStatus.SUCCESSFUL
                and found.serial_number == certificate.serial_number
                and found.certificate_status != ocsp.OCSPCertStatus.UNKNOWN
            ):
                return answer.content
        except (httpx.HTTPError, ValueError) as error:
            logger.warning("no answer about a certificate from %s: %s", url, error)
    return None


def _fetch_lists(certificate: x509.Certificate) -> list[bytes]:
    for url in _list_urls(certificate):
        try:
            answer = httpx.get(url, timeout=PATIENCE)
            answer.raise_for_status()
            if x509.load_der_x509_crl(answer.content[:MOST]).issuer == certificate.issuer:
                return [answer.content]
        except (httpx.HTTPError, ValueError) as error:
            logger.warning("no list of revoked certificates from %s: %s", url, error)
    return []


def _urls(certificate: x509.Certificate, kind: x509.ObjectIdentifier) -> list[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    except x509.ExtensionNotFound:
        return []
    return [
        each.access_location.value
        for each in found
        if each.access_method == kind and isinstance(each.access_location, x509.UniformResourceIdentifier)
    ]


def _list_urls(certificate: x509.Certificate) -> list[str]:
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return []
    return [
        name.value
        for point in points
        for name in point.full_name or []
        if isinstance(name, x509.UniformResourceIdentifier) and name.value.startswith(("http://", "https://"))
    ]
