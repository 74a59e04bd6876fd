"""CMS signatures (CAdES, ``.p7s``, ``.p7m``): detached with the file they are of, or with the content inside."""

from __future__ import annotations

import asyncio
import base64
import binascii
import re
from typing import Any

from asn1crypto import cms, core
from django.utils import timezone
from django.utils.translation import gettext as _
from pyhanko.sign.validation.generic_cms import async_validate_detached_cms, extract_tst_data_iter

from .chain import Anchors, context
from .concluding import Facts, Stamp, attribute_of, conclude, held_in, stamp_of, strict_fault
from .finding import Problem, SignatureFinding
from .structure import length_of

MOST_SIGNERS = 20
_ARMOUR = re.compile(rb"-----BEGIN (?:CMS|PKCS7|PKCS #7 SIGNED DATA)-----\s+([A-Za-z0-9+/=\s]+?)\s*-----END ")


class NotCms(ValueError):
    """These bytes are no CMS signature."""


def unwrapped(data: bytes) -> bytes | None:
    """The DER of a CMS signature, from DER, PEM or bare base64; None when it is none of these."""
    if data[:1] == b"\x30" and b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in data[:40]:
        return data
    armour = _ARMOUR.search(data[:200] + data[200:])
    text = b"".join((armour[1] if armour else data).split())
    if not text.startswith(b"MI") and not armour:
        return None
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    plain = found[:1] == b"\x30" and b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02" in found[:40]
    return found if plain and base64.b64encode(found) == text else None


def findings(der: bytes, anchors: Anchors, content: bytes | None) -> list[SignatureFinding]:
    """What each signer of a CMS signature is worth. Raises :class:`NotCms`; other errors are those of hostile bytes.

    `content`: the file that it is of; None when there is none at hand and it must be inside.
    """
    if length_of(der) != len(der):
        raise NotCms("something stands after the signature")
    message = cms.ContentInfo.load(der, strict=True)
    if message["content_type"].native != "signed_data":
        raise NotCms("no signed data")
    signed = message["content"]
    inside = signed["encap_content_info"]["content"]
    enclosed = None if inside is core.VOID or inside.native is None else bytes(inside)
    signers = list(signed["signer_infos"])
    if not signers or len(signers) > MOST_SIGNERS:
        raise NotCms("no signer, or too many")
    if signed["version"].native != _version(signed):
        raise NotCms("a version that these signed data do not have")
    return [_one(signed, info, anchors, enclosed, content) for info in signers]


def _version(signed: cms.SignedData) -> str:
    """What the version must be: no signature covers it, so what RFC 5652, 5.1 says is held to."""
    certificates = [] if signed["certificates"].native is None else list(signed["certificates"])
    revocation = [] if signed["crls"].native is None else list(signed["crls"])
    if any(each.name == "other" for each in (*certificates, *revocation)):
        return "v5"
    if any(each.name == "v2_attr_cert" for each in certificates):
        return "v4"
    plain = signed["encap_content_info"]["content_type"].native == "data"
    old = any(each.name == "v1_attr_cert" for each in certificates)
    first = plain and not old and all(info["version"].native == "v1" for info in signed["signer_infos"])
    return "v1" if first else "v3"


def _one(
    signed: cms.SignedData, info: cms.SignerInfo, anchors: Anchors, enclosed: bytes | None, content: bytes | None
) -> SignatureFinding:
    if "sha3" in info["digest_algorithm"]["algorithm"].native:
        raise NotCms("the library does not know this digest")
    alone = _alone(signed, info)
    held = held_in(alone, info)
    what = enclosed if content is None else content
    status = asyncio.run(
        async_validate_detached_cms(
            what or b"", alone, context(anchors, held, timezone.now()), context(anchors, held, timezone.now())
        )
    )
    facts = Facts(
        form="CAdES" if attribute_of(info, "signing_certificate_v2") is not None else "CMS",
        certificate=status.signing_cert,
        held=held,
        came_along=list(held.certificates) if len(signed["signer_infos"]) == 1 else [],  # others bring theirs
        mechanism=str(status.pkcs7_signature_mechanism),
        digest=str(status.md_algorithm),
        claimed_at=status.signer_reported_dt,
        stamp=_stamp(status.timestamp_validity, info, anchors),
    )
    fault = strict_fault(alone)
    if what is None:
        said = _("Tệp chữ ký không chứa nội dung: hãy đưa cả tệp đã ký.")
        facts.covers_whole_file = False
        facts.problems.append(Problem("partial", said))
    elif not (status.intact and status.valid) or fault:
        facts.problems.append(Problem("altered", _("Nội dung đã bị sửa sau khi ký."), fault))
    elif enclosed is not None and content is not None and enclosed != content:
        facts.problems.append(Problem("altered", _("Nội dung đã bị sửa sau khi ký."), "another content is inside"))
    return conclude(facts, anchors)


def _stamp(status: Any, info: cms.SignerInfo, anchors: Anchors) -> Stamp | None:
    if status is None:
        return None
    token = next(extract_tst_data_iter(info, signed=False), None)
    return stamp_of(status, token, anchors, timezone.now())


def _alone(signed: cms.SignedData, info: cms.SignerInfo) -> cms.SignedData:
    """The same with one signer and no content: the library judges one at a time, of content beside it."""
    parts: dict[str, Any] = {
        "version": signed["version"],
        "digest_algorithms": signed["digest_algorithms"],
        "encap_content_info": {"content_type": signed["encap_content_info"]["content_type"].native},
        "certificates": signed["certificates"],
        "signer_infos": [info],
    }
    if signed["crls"] is not core.VOID and signed["crls"].native is not None:
        parts["crls"] = signed["crls"]
    return cms.SignedData(parts)
