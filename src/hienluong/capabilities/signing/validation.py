"""What the signatures of a PDF are worth: unaltered, by whom, trusted at the moment when they were made.

A signature is judged at the time in its timestamp, with the lists of revoked certificates kept in the file: the
certificate of its signer may have ended long ago. The timestamp itself is judged at the earliest moment at which the
file is known to have existed: now, or when a later timestamp over the whole file or the transparency log says so.
"""

from __future__ import annotations

from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from django.utils import timezone
from django.utils.translation import gettext as _
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.errors import ValidationInfoReadingError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from .judging import changes, structure
from .judging.chain import Anchors, Held, context
from .judging.concluding import Facts, conclude, held_in, stamp_of, strict_fault
from .judging.finding import Problem, SignatureFinding

__all__ = ["Anchors", "SignatureFinding", "Signed"]


class Signed:
    """A PDF that was opened; its signatures are judged by :meth:`findings`. Raises whatever the parser raises."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.reader = PdfFileReader(BytesIO(data), strict=False)
        self.signatures = list(self.reader.embedded_regular_signatures)
        self.stamps = list(self.reader.embedded_timestamp_signatures)
        self.held = self._kept()
        self.certificates, self.lists = self.held.certificates, self.held.lists

    def _kept(self) -> Held:
        """The validation data in the file."""
        try:
            store = DocumentSecurityStore.read_dss(self.reader)
        except ValidationInfoReadingError:
            return Held()
        lists = [asn1_crl.CertificateList.load(item.get_object().data) for item in store.crls]
        answers = [asn1_ocsp.OCSPResponse.load(item.get_object().data) for item in store.ocsps]
        return Held(list(store.load_certs()), lists, answers)

    @property
    def of_another_kind(self) -> int:
        """How many signatures there are of a kind that nobody should rely on any more, and that we do not judge."""
        filled = sum(1 for _name, value, _field in enumerate_sig_fields(self.reader) if value is not None)
        return filled - len(self.signatures) - len(self.stamps)

    @property
    def end_of_signed(self) -> int:
        """How many bytes from the start belong to the last signature; 0 when there is none."""
        if not self.signatures:
            return 0
        try:
            first, _length, second, length = (int(part) for part in self.signatures[-1].byte_range)
        except (ValueError, TypeError):  # a forged range: it covers nothing
            return 0
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
        return [
            self._finding(embedded, anchors, existed, last=embedded is self.signatures[-1])
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
            status = validate_pdf_timestamp(embedded, self._for_stamps(anchors, moment))
            if not (status.intact and status.valid and status.trusted) or self._misplaced(embedded):
                break
            whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
            if number == 0 and not whole:
                break  # something was added after the last timestamp
            self._sealed = True
            moment = min(moment, status.timestamp)
        return moment if known_since is None else min(moment, known_since)

    def _misplaced(self, embedded: Any) -> str:
        """What is wrong with the bytes that a signature covers; empty when nothing is."""
        contents = embedded.pkcs7_content
        return structure.gap_fault(self.data, embedded.byte_range, contents) or structure.padding_fault(contents)

    def _finding(self, embedded: Any, anchors: Anchors, existed: datetime, *, last: bool) -> SignatureFinding:
        held = held_in(embedded.signed_data)
        came_along = list(held.certificates)
        held.certificates.extend(self.held.certificates)
        held.lists.extend(self.held.lists)
        held.answers.extend(self.held.answers)
        status = validate_pdf_signature(
            embedded,
            signer_validation_context=context(anchors, held, existed, lists=[], answers=[]),
            ts_validation_context=self._for_stamps(anchors, existed),
        )
        stamped = status.timestamp_validity
        facts = Facts(
            form="PAdES" if embedded.sig_object.get("/SubFilter") == "/ETSI.CAdES.detached" else "PDF",
            certificate=status.signing_cert,
            held=held,
            came_along=came_along,
            mechanism=str(status.pkcs7_signature_mechanism),
            digest=str(status.md_algorithm),
            claimed_at=status.signer_reported_dt,
            stamp=stamp_of(stamped, _token(embedded), anchors, existed) if stamped is not None else None,
            covers_whole_file=status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
            existed=existed,
        )
        self._integrity(embedded, status, facts, last=last)
        return conclude(facts, anchors)

    def _integrity(self, embedded: Any, status: Any, facts: Facts, *, last: bool) -> None:
        """Write down what was done to the file since this signature."""
        fault = self._misplaced(embedded) or strict_fault(embedded.signed_data)
        if not (status.intact and status.valid):
            facts.problems.append(Problem("altered", _("Nội dung đã bị sửa sau khi ký.")))
        elif fault:
            facts.problems.append(Problem("altered", _("Chữ ký không bao đúng nội dung của tệp."), fault))
        elif status.coverage not in (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION):
            facts.problems.append(Problem("altered", _("Chữ ký không bao đúng nội dung của tệp."), "coverage"))
        elif status.coverage == SignatureCoverageLevel.ENTIRE_FILE:
            return
        else:
            self._updates(embedded, status, facts, last=last)

    def _updates(self, embedded: Any, status: Any, facts: Facts, *, last: bool) -> None:
        """The same for what was appended by incremental updates."""
        found = status.diff_result
        level = found.modification_level if isinstance(found, DiffResult) else ModificationLevel.OTHER
        if not last and status.docmdp_ok and level.value <= ModificationLevel.FORM_FILLING.value:
            if filled := self._filled_in(found):
                said = _("Sau chữ ký này có người điền thêm vào biểu mẫu (%(fields)s) rồi người sau mới ký.")
                facts.notes.append(said % {"fields": ", ".join(filled)})
            return
        changed = changes.changed_since(self.reader, embedded.signed_revision)
        if not isinstance(found, DiffResult):
            said = _("Sau chữ ký này tệp bị sửa: %(what)s.") % {"what": changed}
            facts.problems.append(Problem("changed", said, str(found)))
        elif not status.docmdp_ok and not self._only_stamped(found, changed):
            said = _("Sau chữ ký này tệp bị sửa trái với điều người ký cho phép: %(what)s.") % {"what": changed}
            facts.problems.append(Problem("changed", said, f"DocMDP, {level.name}"))
        elif last:
            self._after_last(found, level, changed, facts)

    def _after_last(self, found: DiffResult, level: Any, changed: changes.Changes, facts: Facts) -> None:
        """After the last signature only data for verifying it may come, and timestamps that nobody sees."""
        if level == ModificationLevel.NONE or not structure.ends_properly(self.data) or self._strays():
            facts.problems.append(Problem("changed", _("Có nội dung được thêm vào sau chữ ký cuối cùng.")))
        elif self._only_stamped(found, changed):
            facts.covers_whole_file = self._sealed
            if not self._sealed:
                facts.notes.append(_("Sau khi ký có thêm dữ liệu để xác minh chữ ký; nội dung không đổi."))
        else:
            said = _("Sau chữ ký cuối cùng có người điền thêm vào tệp: %(what)s.") % {"what": changed}
            facts.problems.append(Problem("added", said, ", ".join(sorted(found.changed_form_fields))))

    def _strays(self) -> bool:
        """Whether something lies after the last signature that the document does not know of."""
        references = self.reader.xrefs
        first = self.signatures[-1].signed_revision + 1
        known: set[int] = set()
        for revision in range(first, references.total_revisions):
            known.add(references.get_startxref_for_revision(revision))
            for each in references.explicit_refs_in_revision(revision):
                place = references.get_historical_ref(each, revision)
                if isinstance(place, int):
                    known.add(place)
        return structure.strays(self.data, self.end_of_signed, known, references.total_revisions - first)

    def _only_stamped(self, found: DiffResult, changed: changes.Changes) -> bool:
        """Whether nothing came after a signature but evidence and timestamps that take no place on a page."""
        if found.modification_level.value > ModificationLevel.FORM_FILLING.value or not changed.unseen:
            return False
        stamps = {each.field_name for each in self.stamps if _end_of(each) > self.end_of_signed}
        if found.modification_level == ModificationLevel.FORM_FILLING and not stamps:
            return False
        return found.changed_form_fields <= stamps

    def _filled_in(self, found: DiffResult) -> list[str]:
        """The fields that were filled in, other than by signing."""
        signed = {each.field_name for each in (*self.signatures, *self.stamps)}
        return sorted(found.changed_form_fields - signed)[:10]

    def _for_stamps(self, anchors: Anchors, moment: datetime) -> ValidationContext:
        """For timestamps: revocation as told in the file and by us today; what is too old to say is left out."""
        ours = [asn1_crl.CertificateList.load(content) for content in anchors.lists]
        return context(anchors, self.held, moment, lists=[*self.held.lists, *ours])


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
