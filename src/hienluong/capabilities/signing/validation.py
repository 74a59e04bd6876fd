"""What the signatures of a PDF are worth: unaltered, by whom, trusted at the moment when they were made.

A signature is judged at the time in its timestamp, with the lists of revoked certificates kept in the file: the
certificate of its signer may have ended long ago. The timestamp itself is judged at the earliest moment at which the
file is known to have existed: now, or when a later timestamp over the whole file or the transparency log says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import x509 as asn1_x509
from django.utils import timezone
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.errors import ValidationInfoReadingError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from . import revocation


@dataclass(frozen=True)
class SignatureFinding:
    """One signature in the file."""

    signer: str
    issuer: str
    signed_at: datetime | None
    timestamped: bool
    intact: bool
    trusted: bool
    covers_whole_file: bool
    long_term: bool  # what it takes to validate it is in the file
    algorithm: str


@dataclass(frozen=True)
class Anchors:
    """What a judgement stands on: the roots we trust and the lists of our own authorities as of today (DER)."""

    roots: list[bytes]
    lists: list[bytes]


class Signed:
    """A PDF that was opened; its signatures are judged by :meth:`findings`. Raises whatever the parser raises."""

    def __init__(self, data: bytes) -> None:
        self.reader = PdfFileReader(BytesIO(data), strict=False)
        self.signatures = list(self.reader.embedded_regular_signatures)
        self.stamps = list(self.reader.embedded_timestamp_signatures)
        self.certificates, self.lists = self._kept()

    def _kept(self) -> tuple[list[asn1_x509.Certificate], list[asn1_crl.CertificateList]]:
        """The validation data in the file."""
        try:
            store = DocumentSecurityStore.read_dss(self.reader)
        except ValidationInfoReadingError:
            return [], []
        lists = [asn1_crl.CertificateList.load(item.get_object().data) for item in store.crls]
        return list(store.load_certs()), lists

    @property
    def end_of_signed(self) -> int:
        """How many bytes from the start belong to the last signature; 0 when there is none."""
        if not self.signatures:
            return 0
        first, _length, second, length = (int(part) for part in self.signatures[-1].byte_range)
        return second + length if first == 0 else 0

    @property
    def proof_ends(self) -> datetime | None:
        """When the certificate of the timestamp that is to be renewed next ends; None when there is no timestamp.

        That is the last one over the whole file, or the first to end of those in the signatures.
        """
        over_all = [stamp for stamp in self.stamps if _end_of(stamp) > self.end_of_signed]
        tokens = [over_all[-1].signed_data] if over_all else [_token(signature) for signature in self.signatures]
        return min((_end_of_chain(token) for token in tokens if token is not None), default=None)

    def findings(
        self, anchors: Anchors, known_since: datetime | None, whole_since: datetime | None = None
    ) -> list[SignatureFinding]:
        """One finding a signature, in the order of signing.

        `known_since`: when the log wrote down the file as far as its last signature; `whole_since`: when it wrote down
        this very file with the timestamps that were added since.
        """
        existed = self._existed(anchors, known_since, whole_since)
        sealed = self._sealed
        return [
            self._finding(embedded, anchors, existed, sealed=sealed, last=embedded is self.signatures[-1])
            for embedded in self.signatures
        ]

    def _existed(self, anchors: Anchors, known_since: datetime | None, whole_since: datetime | None) -> datetime:
        """The earliest moment at which the file, as far as its last signature, is known to have existed.

        A timestamp that was added later is judged at what is known of the whole, not of the part that it was added to.
        """
        moment = timezone.now() if whole_since is None else min(timezone.now(), whole_since)
        self._sealed = False
        for number, embedded in enumerate(reversed(self.stamps)):
            if _end_of(embedded) <= self.end_of_signed:
                continue
            status = validate_pdf_timestamp(embedded, self._context(anchors, moment))
            if not (status.intact and status.valid and status.trusted):
                break
            whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
            if number == 0 and not whole:
                break  # something was added after the last timestamp
            self._sealed = True
            moment = min(moment, status.timestamp)
        return moment if known_since is None else min(moment, known_since)

    def _finding(
        self, embedded: Any, anchors: Anchors, existed: datetime, *, sealed: bool, last: bool
    ) -> SignatureFinding:
        at = _time_claimed(embedded)
        moment = at or timezone.now()
        status = self._validate(embedded, anchors, moment, existed, required=bool(self.lists))
        long_term = bool(self.lists) and bool(status.trusted)
        if self.lists and not status.trusted:
            status = self._validate(embedded, anchors, moment, existed, required=False)
        stamp = status.timestamp_validity
        timestamped = bool(stamp and stamp.intact and stamp.valid and stamp.trusted and stamp.timestamp == at)
        trusted = bool(status.trusted) and (timestamped or at is None) and not _revoked(status.validation_path, moment)
        if timestamped and _revoked(stamp.validation_path, existed):
            timestamped = trusted = False
        whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
        return SignatureFinding(
            signer=_common_name(status.signing_cert.subject),
            issuer=_common_name(status.signing_cert.issuer),
            signed_at=stamp.timestamp if stamp else status.signer_reported_dt,
            timestamped=timestamped,
            intact=bool(status.intact and status.valid) and _only_signed_after(status, last=last),
            trusted=trusted,
            covers_whole_file=whole or (last and sealed and status.modification_level == ModificationLevel.LTA_UPDATES),
            long_term=long_term and timestamped,
            algorithm=f"{status.pkcs7_signature_mechanism} {status.md_algorithm}",
        )

    def _validate(self, embedded: Any, anchors: Anchors, moment: datetime, existed: datetime, *, required: bool) -> Any:
        """The library's judgement; with `required`, the lists in the file must cover each certificate at `moment`."""
        signer = ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(root) for root in anchors.roots],
            other_certs=self.certificates,
            moment=moment,
            crls=self.lists,
            revocation_mode="require" if required else "soft-fail",
        )
        return validate_pdf_signature(
            embedded, signer_validation_context=signer, ts_validation_context=self._context(anchors, existed)
        )

    def _context(self, anchors: Anchors, moment: datetime) -> ValidationContext:
        """For timestamps: revocation as told in the file and by us today; what is too old to say is left out."""
        return ValidationContext(
            trust_roots=[asn1_x509.Certificate.load(root) for root in anchors.roots],
            other_certs=self.certificates,
            moment=moment,
            crls=[*self.lists, *(asn1_crl.CertificateList.load(content) for content in anchors.lists)],
            revocation_mode="soft-fail",
        )


def _end_of(embedded: Any) -> int:
    """The byte up to which a signature or timestamp speaks for the file."""
    return int(embedded.byte_range[2]) + int(embedded.byte_range[3])


def _token(embedded: Any) -> cms.SignedData | None:
    """The first timestamp token of a signature."""
    found: cms.SignedData | None = next(extract_tst_data_iter(embedded.signer_info, signed=False), None)
    return found


def _end_of_chain(token: cms.SignedData) -> datetime:
    """When the first certificate ends of those in a timestamp token that lead to its root."""
    known = extract_certificate_info(token)
    certificate: asn1_x509.Certificate = known.signer_cert
    end: datetime = certificate.not_valid_after
    above = {other.subject.hashable: other for other in known.other_certs}
    while certificate.issuer.hashable in above and certificate.self_signed == "no":
        certificate = above.pop(certificate.issuer.hashable)
        if certificate.self_signed == "no":
            end = min(end, certificate.not_valid_after)
    return end


def _time_claimed(embedded: Any) -> datetime | None:
    """What the first timestamp token of a signature says, not yet believed."""
    token = _token(embedded)
    if token is None:
        return None
    found: datetime = token["encap_content_info"]["content"].parsed["gen_time"].native
    return found


def _only_signed_after(status: Any, *, last: bool) -> bool:
    """Whether what came after a signature is no more than the next signature (or nothing, for the last)."""
    if status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
        return False
    if last:
        return True  # told apart by `covers_whole_file`
    return bool(status.modification_level <= ModificationLevel.FORM_FILLING)


def _revoked(path: Any, moment: datetime) -> bool:
    """Whether our own book says that a certificate of this path did not hold any more at `moment`."""
    if path is None:
        return False
    for certificate in path.iter_certs(include_root=False):
        since = revocation.revoked_at(certificate.serial_number)
        if since is not None and since <= moment:
            return True
    return False


def _common_name(name: asn1_x509.Name) -> str:
    native = name.native
    return str(native.get("common_name") or name.human_friendly)
