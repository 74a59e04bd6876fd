"""Whether a certificate leads to an authority that is trusted, and held at a moment.

Revocation is looked up in the file itself, in our own authorities' lists, and, when the operator lets us, at the
authority of the certificate. What nobody could tell is said ("unchecked"), never taken for good.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.utils import timezone
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext, find_valid_path
from pyhanko_certvalidator.errors import (
    ExpiredError,
    InsufficientRevinfoError,
    InvalidCertificateError,
    NotYetValidError,
    PathBuildingError,
    RevokedError,
    ValidationError,
)
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import AcceptAllAlgorithms
from pyhanko_certvalidator.sig_validate import DefaultSignatureValidator, SignatureValidationContext

from . import asking
from .finding import RevocationSource

Trouble = Literal["", "untrusted", "usage", "expired", "revoked", "unchecked"]
#: For signing documents a certificate must allow one of these.
FOR_SIGNING = KeyUsageConstraints(key_usage={"digital_signature", "non_repudiation"})


@dataclass(frozen=True)
class Anchors:
    """What a judgement stands on, all in DER."""

    roots: list[bytes]
    lists: list[bytes]  # of our own authorities, as of today
    own_roots: frozenset[bytes] = frozenset()  # those of `roots` that are ours: nobody else need be asked about them
    ask: bool = False  # whether authorities may be asked over the network


@dataclass
class Held:
    """Validation data that came with a file."""

    certificates: list[asn1_x509.Certificate] = field(default_factory=list)
    lists: list[asn1_crl.CertificateList] = field(default_factory=list)
    answers: list[asn1_ocsp.OCSPResponse] = field(default_factory=list)

    @property
    def tells(self) -> bool:
        """Whether it says anything about revocation."""
        return bool(self.lists or self.answers)


@dataclass(frozen=True)
class Chain:
    """What became of it: `since` is when a certificate ended or was revoked."""

    trouble: Trouble
    path: ValidationPath | None = None
    since: datetime | None = None
    detail: str = ""
    source: RevocationSource = "none"

    @property
    def names(self) -> tuple[str, ...]:
        """From the certificate up to the authority that is trusted."""
        if self.path is None:
            return ()
        return tuple(reversed([common_name(each.subject) for each in self.path.iter_certs(include_root=True)]))


def context(
    anchors: Anchors,
    held: Held,
    moment: datetime,
    *,
    mode: str = "soft-fail",
    lists: list[asn1_crl.CertificateList] | None = None,
    answers: list[asn1_ocsp.OCSPResponse] | None = None,
) -> ValidationContext:
    """The library's frame for one judgement. Weak algorithms are told apart elsewhere (:mod:`.strength`)."""
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in anchors.roots],
        other_certs=held.certificates,
        moment=moment,
        crls=held.lists if lists is None else lists,
        ocsps=held.answers if answers is None else answers,
        revocation_mode=mode,
        retroactive_revinfo=True,  # a list of after the signing speaks of it, too
        algorithm_usage_policy=AcceptAllAlgorithms(),
    )


def judge(certificate: asn1_x509.Certificate, held: Held, anchors: Anchors, moment: datetime) -> Chain:
    """Whether the certificate of a signer could be relied on at `moment`."""
    plain = _attempt(certificate, context(anchors, held, moment, lists=[], answers=[]), "none")
    if plain.trouble or plain.path is None:
        return plain
    if plain.path.pkix_len == 0:
        return plain  # the operator trusts this very certificate: nobody stands above it who could revoke it
    in_file = _known(certificate, held, anchors, moment, held.lists, held.answers, "file") if held.tells else None
    if in_file is not None and in_file.trouble == "revoked":
        return in_file
    if _is_ours(plain.path, anchors):
        if in_file is not None and not in_file.trouble:
            return in_file
        ours = [asn1_crl.CertificateList.load(each) for each in anchors.lists]
        return _known(certificate, held, anchors, moment, [*held.lists, *ours], held.answers, "own")
    return _asked(certificate, held, anchors, moment, plain, in_file)


def _asked(
    certificate: asn1_x509.Certificate,
    held: Held,
    anchors: Anchors,
    moment: datetime,
    plain: Chain,
    in_file: Chain | None,
) -> Chain:
    """Ask the authorities of a chain of others, too, when that may be done and they can still tell."""
    settled = in_file is not None and not in_file.trouble
    assert plain.path is not None
    reason = "not asked: switched off"
    if anchors.ask and certificate.not_valid_after > timezone.now():
        told = asking.ask(plain.path)
        found = _known(certificate, held, anchors, moment, told.lists, told.answers, "asked")
        if (
            found.trouble == "unchecked" and held.tells
        ):  # the file may tell of one certificate, its authority of another
            both = [*held.lists, *told.lists], [*held.answers, *told.answers]
            found = _known(certificate, held, anchors, moment, *both, "asked")
        if (
            found.trouble == "unchecked" and told.answers
        ):  # revoked, but later: that OCSP says so the library does not take
            later = _known(certificate, held, anchors, timezone.now(), told.lists, told.answers, "asked")
            if later.trouble == "revoked" and later.since is not None and later.since > moment:
                return Chain("", plain.path, source="asked")
        if found.trouble != "unchecked":
            return found
        reason = "; ".join(told.failures) or found.detail
    elif anchors.ask:
        reason = "the certificate has ended: today's lists need not speak of it any more"
    if settled and in_file is not None:
        return in_file
    return Chain("unchecked", plain.path, detail=reason)


def _known(
    certificate: asn1_x509.Certificate,
    held: Held,
    anchors: Anchors,
    moment: datetime,
    lists: list[asn1_crl.CertificateList],
    answers: list[asn1_ocsp.OCSPResponse],
    source: RevocationSource,
) -> Chain:
    if not lists and not answers:
        return Chain("unchecked", detail="nothing says whether it was revoked")
    frame = context(anchors, held, moment, mode="require", lists=lists, answers=answers)
    return _attempt(certificate, frame, source)


def _attempt(certificate: asn1_x509.Certificate, frame: ValidationContext, source: RevocationSource) -> Chain:
    try:
        path = asyncio.run(_find(certificate, frame))
    except RevokedError as error:
        if error.is_side_validation:
            return Chain("unchecked", detail=str(error))
        return Chain("revoked", error.original_path, error.revocation_dt, str(error), source)
    except ExpiredError as error:
        trouble: Trouble = "unchecked" if error.is_side_validation else "expired"
        return Chain(trouble, error.original_path, error.expired_dt, str(error))
    except NotYetValidError as error:
        trouble = "unchecked" if error.is_side_validation else "expired"
        return Chain(trouble, error.original_path, error.valid_from, str(error))
    except InsufficientRevinfoError as error:
        return Chain("unchecked", error.original_path, detail=str(error))
    except (PathBuildingError, InvalidCertificateError, ValidationError) as error:
        return Chain("untrusted", detail=str(error))
    except (ValueError, TypeError, KeyError) as error:  # certificates that do not hold together
        return Chain("untrusted", detail=type(error).__name__)
    if path.pkix_len > 0:
        try:
            FOR_SIGNING.validate(certificate)
        except InvalidCertificateError as error:
            return Chain("usage", path, detail=str(error))
    return Chain("", path, source=source)


async def _find(certificate: asn1_x509.Certificate, frame: ValidationContext) -> ValidationPath:
    found: ValidationPath = await find_valid_path(
        certificate, frame.path_builder.async_build_paths_lazy(certificate), frame
    )
    return found


def stray(certificates: list[asn1_x509.Certificate], path: ValidationPath | None, anchors: Anchors) -> str:
    """The name of a certificate that came along and that nobody present issued: it was changed, or does not belong.

    Those that the chain needs were checked with it; this is for the others, so that no byte of a signature goes unread.
    """
    if path is None:
        return ""
    roots = [asn1_x509.Certificate.load(root) for root in anchors.roots]
    used = {each.sha256 for each in (*path.iter_certs(include_root=True), *roots)}
    known = {each.sha256: each for each in (*path.iter_certs(include_root=True), *roots, *certificates)}
    for certificate in certificates:
        if certificate.sha256 in used:
            continue
        above = [each for each in known.values() if each.subject == certificate.issuer]
        if not any(_issued(certificate, each) for each in above):
            return common_name(certificate.subject)
    return ""


def _issued(certificate: asn1_x509.Certificate, by: asn1_x509.Certificate) -> bool:
    try:
        DefaultSignatureValidator().validate_signature(
            certificate["signature_value"].native,
            certificate["tbs_certificate"].dump(),
            by.public_key,
            certificate["signature_algorithm"],
            context=SignatureValidationContext(contextual_md_algorithm=None, prehashed=False),
        )
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError, KeyError):
        return False
    return True


def _is_ours(path: ValidationPath, anchors: Anchors) -> bool:
    root = next(iter(path.iter_certs(include_root=True)), None)
    return root is not None and root.sha256 in anchors.own_roots


def common_name(name: Any) -> str:
    """The name of a person, an agency or an authority as it stands in a certificate."""
    native = name.native
    return str(native.get("common_name") or name.human_friendly)
