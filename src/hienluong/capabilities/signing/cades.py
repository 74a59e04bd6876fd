"""Signatures in a file of their own, beside a file of any kind (CAdES, ETSI EN 319 122-1; CMS, RFC 5652)."""

from __future__ import annotations

import asyncio
import hashlib

from asn1crypto import cms, core
from django.utils import timezone
from pyhanko.sign.signers.pdf_cms import ExternalSigner, PdfCMSSignedAttributes

from .evidence import Evidence
from .keys import Chain
from .pades import RAW, Prepared
from .timestamping import stamped, timestamper

#: An answer of an authority among what is told of revocation (RFC 5940).
OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2"


def prepare(content: bytes, chain: Chain) -> Prepared:
    """What is to be signed: the attributes, with the digest of the file among them."""
    signer = ExternalSigner(chain.certificate, chain.store(), RAW)
    attributes = asyncio.run(
        signer.signed_attrs(
            hashlib.sha256(content).digest(),
            "sha256",
            attr_settings=PdfCMSSignedAttributes(signing_time=timezone.now()),
            use_pades=True,
            is_pdf_sig=False,
        )
    )
    return Prepared(content, attributes.dump(), {})


def finish(
    prepared: Prepared, raw: bytes, chain: Chain, *, timestamp: bool = True, proof: Evidence | None = None
) -> bytes:
    """The signature (DER). Raises :class:`evidence.AuthorityAway` when the timestamp authority does not answer."""
    signer = ExternalSigner(chain.certificate, chain.store(), raw)
    with stamped():
        signed: cms.ContentInfo = asyncio.run(
            signer.async_sign_prescribed_attributes(
                "sha256",
                cms.CMSAttributes.load(prepared.to_sign),
                timestamper=timestamper() if timestamp else None,
            )
        )
    if proof is not None:
        _keep(signed["content"], proof)
    content: bytes = signed.dump(force=True)
    return content


def _keep(signed: cms.SignedData, proof: Evidence) -> None:
    """Lists and answers go where RFC 5652 has them, the certificates that they are about beside the signer's."""
    held = {each.chosen.dump() for each in signed["certificates"]}
    for certificate in proof.certificates:
        if certificate.dump() not in held:
            signed["certificates"].append(cms.CertificateChoices("certificate", certificate))
    told = [cms.RevocationInfoChoice("crl", each) for each in proof.lists]
    told += [
        cms.RevocationInfoChoice(
            "other",
            cms.OtherRevocationInfoFormat({"other_rev_info_format": OCSP_RESPONSE, "other_rev_info": core.Any(answer)}),
        )
        for answer in proof.answers
    ]
    signed["crls"] = cms.RevocationInfoChoices(told)
    if proof.answers:
        signed["version"] = "v5"
