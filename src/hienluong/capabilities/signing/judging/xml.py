"""XML signatures (XML-DSig, XAdES): enveloped, enveloping, detached; with what of the document they really cover.

Deliberately small: what is signed must be told by an address within the document or a file at hand, transformed by nothing
but "without the signature", base64 and canonicalisation, by a key in a certificate. XPath, XSLT, HMAC and keys to be
fetched are refused: they are how one thing is verified and another one used.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit

from asn1crypto import cms
from asn1crypto import crl as asn1_crl
from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import x509 as asn1_x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from lxml import etree
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko.sign.validation.status import TimestampSignatureStatus

from .canonical import Method, TooLarge, canonical, method
from .chain import Anchors, Held, context
from .concluding import Facts, Stamp, conclude, stamp_of
from .finding import Problem, SignatureFinding
from .xml_tree import DS, XADES, NoSigner, Refused, elements_by_id, open_tree, signatures_in

_D, _X = f"{{{DS}}}", f"{{{XADES}}}"
ENVELOPED = f"{DS}enveloped-signature"
BASE64 = f"{DS}base64"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
MOST_SIGNATURES, MOST_REFERENCES, MOST_TRANSFORMS = 20, 500, 4
#: What may stand right in a signature; anything else there is signed by nobody and would be read as if it were.
_IN_SIGNATURE = frozenset(f"{_D}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo", "Object"))
#: How much is made canonical for all signatures of a file together: the larger of this many bytes and so many times the
#: file. An element counts as some bytes more, for the work that it makes.
MOST_WORK, MOST_TIMES, AN_ELEMENT = 128 * 1024 * 1024, 4, 100
#: The canonical form that is meant when none is named.
PLAIN = Method("1.0")
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
_NEWER = "http://www.w3.org/2007/05/xmldsig-more#"
DIGESTS = {
    f"{_MORE}md5": "md5",
    f"{DS}sha1": "sha1",
    f"{_MORE}sha224": "sha224",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    f"{_MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    f"{_NEWER}sha3-256": "sha3_256",
    f"{_NEWER}sha3-384": "sha3_384",
    f"{_NEWER}sha3-512": "sha3_512",
}
#: Kind of key, digest.
ALGORITHMS = {
    f"{_MORE}rsa-md5": ("rsa", "md5"),
    f"{DS}rsa-sha1": ("rsa", "sha1"),
    **{f"{_MORE}rsa-sha{bits}": ("rsa", f"sha{bits}") for bits in (224, 256, 384, 512)},
    **{f"{_MORE}ecdsa-sha{bits}": ("ecdsa", f"sha{bits}") for bits in (1, 224, 256, 384, 512)},
    **{f"{_NEWER}sha{bits}-rsa-MGF1": ("pss", f"sha{bits}") for bits in (1, 224, 256, 384, 512)},
    "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519": ("ed25519", "sha512"),
    "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed448": ("ed448", "shake256"),
}
_HASHES: dict[str, type[hashes.HashAlgorithm]] = {
    "md5": hashes.MD5,
    "sha1": hashes.SHA1,
    "sha224": hashes.SHA224,
    "sha256": hashes.SHA256,
    "sha384": hashes.SHA384,
    "sha512": hashes.SHA512,
}


@dataclass
class _Work:
    """What is left of the work that one file may make: many references to large parts would be hours of it."""

    left: int

    def done(self, content: bytes) -> bytes:
        """Count what was made canonical. Raises :class:`Refused` when it is too much."""
        self.left -= len(content) + AN_ELEMENT * content.count(b"</")
        if self.left < 0:
            raise Refused(_("Chữ ký chỉ tới quá nhiều phần của tệp; không xem."))
        return content


@dataclass
class XmlSignature:
    """One signature as read; `parts` are the bytes that are really signed: use these, not the document around them."""

    element: Any
    certificate: asn1_x509.Certificate
    held: Held
    mechanism: str
    digest: str
    form: str
    intact: bool = True
    fault: str = ""
    came_along: list[asn1_x509.Certificate] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    covered: list[Any] = field(default_factory=list)  # elements; the root when the whole document is
    outside: list[str] = field(default_factory=list)  # names of files at hand that are signed
    missing: list[str] = field(default_factory=list)  # names of files that are signed and not at hand
    parts: list[bytes] = field(default_factory=list)
    claimed_at: datetime | None = None
    whole: bool = False


def findings(
    data: bytes, anchors: Anchors, files: Mapping[str, bytes] | None = None
) -> tuple[list[SignatureFinding], list[XmlSignature]]:
    """What each signature in an XML document is worth; `files` are what it may refer to outside, by name.

    Raises :class:`~.xml_tree.Refused` for documents that are not judged.
    """
    signatures = read(data, files or {})
    return [conclude(_facts(each, anchors), anchors) for each in signatures], signatures


def read(data: bytes, files: Mapping[str, bytes]) -> list[XmlSignature]:
    """The signatures of a document, checked against its content; whose they are is not judged yet."""
    root = open_tree(data)
    elements = signatures_in(root)
    if len(elements) > MOST_SIGNATURES:
        raise Refused(_("Tệp có quá nhiều chữ ký; không xem."))
    by_id = elements_by_id(root)
    work = _Work(max(MOST_WORK, MOST_TIMES * len(data)))
    try:
        return [_one(each, root, by_id, files, work) for each in elements]
    except TooLarge as error:
        raise Refused(_("Tệp XML có quá nhiều phần tử hoặc lồng quá sâu; không xem.")) from error


def _one(element: Any, root: Any, by_id: dict[str, list[Any]], files: Mapping[str, bytes], work: _Work) -> XmlSignature:
    if any(each.tag not in _IN_SIGNATURE for each in element.iterchildren(etree.Element)):
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": "Signature"})
    info = _only(element, "SignedInfo")
    algorithm = _only(info, "SignatureMethod").get("Algorithm", "")
    if algorithm not in ALGORITHMS:
        raise _unknown(algorithm)
    kind, digest = ALGORITHMS[algorithm]
    how = _only(info, "CanonicalizationMethod")
    form = method(how.get("Algorithm", ""), how)
    if form is None:
        raise _unknown(how.get("Algorithm", ""))
    signed, value = canonical(info, form), _base64(_only(element, "SignatureValue"))
    certificates = _certificates(element)
    signer = _signer(certificates, kind, digest, value, signed)
    found = XmlSignature(
        element=element,
        certificate=signer or certificates[0],
        held=Held(certificates=list(certificates)),
        came_along=certificates,
        mechanism=algorithm.rpartition("#")[2],
        digest=digest,
        form="XML-DSig",
    )
    if signer is None:
        found.intact, found.fault = False, "the signature value is not of this key over SignedInfo"
        return found
    if fault := _key_values_differ(element, signer):
        found.intact, found.fault = False, fault
    _references(found, info, root, by_id, files, work)
    _properties(found)
    found.whole = _covers(found, root)
    return found


def _only(parent: Any, name: str) -> Any:
    """The one child of this name. Raises Refused when there is none or another one."""
    children = list(parent.iterchildren(f"{_D}{name}"))
    if len(children) != 1:
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": name})
    return children[0]


def _unknown(algorithm: str) -> Refused:
    said = _("Chữ ký XML dùng cách không được chấp nhận (%(name)s); không kết luận được.")
    return Refused(said % {"name": algorithm.rpartition("#")[2][:60] or "?"})


def _base64(element: Any) -> bytes:
    """Base64 in its one true form: a changed spare bit is a change."""
    if len(element):
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": etree.QName(element).localname})
    text = "".join((element.text or "").split())
    try:
        found = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": "base64"}) from error
    if base64.b64encode(found).decode() != text:
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": "base64"})
    return found


def _certificates(element: Any) -> list[asn1_x509.Certificate]:
    """The certificates in KeyInfo. What is to be fetched from elsewhere is refused."""
    holder = next(element.iterchildren(f"{_D}KeyInfo"), None)
    if holder is None:
        raise NoSigner(_("Chữ ký không kèm chứng thư của người ký; không biết ai ký."))
    for name in ("RetrievalMethod", "KeyInfoReference"):
        if any(etree.QName(each).localname == name for each in holder.iter(etree.Element)):
            raise _unknown(f"#{name}")
    found: list[asn1_x509.Certificate] = []
    for each in holder.iterfind(f"{_D}X509Data/{_D}X509Certificate"):
        try:
            certificate = asn1_x509.Certificate.load(_base64(each), strict=True)
            certificate.native  # noqa: B018  (all of it is read: what is not a certificate raises)
        except (ValueError, TypeError, KeyError) as error:
            raise Refused(_("Chứng thư kèm chữ ký không đọc được.")) from error
        found.append(certificate)
    if not found:
        raise NoSigner(_("Chữ ký không kèm chứng thư của người ký; không biết ai ký."))
    return found[:20]


def _key_values_differ(element: Any, signer: asn1_x509.Certificate) -> str:
    """A bare key beside the certificate must be the same; empty when it is, or there is none."""
    path = f"{_D}KeyInfo/{_D}KeyValue/{_D}RSAKeyValue"
    for each in element.iterfind(path):
        key = signer.public_key
        if key.algorithm != "rsa":
            return "the bare key is not that of the certificate"
        numbers = key["public_key"].parsed.native
        told = [int.from_bytes(_base64(_only(each, name)), "big") for name in ("Modulus", "Exponent")]
        if told != [numbers["modulus"], numbers["public_exponent"]]:
            return "the bare key is not that of the certificate"
    return ""


def _signer(
    certificates: list[asn1_x509.Certificate], kind: str, digest: str, value: bytes, signed: bytes
) -> asn1_x509.Certificate | None:
    """The certificate whose key made this signature; None when none of them did."""
    return next((each for each in certificates if _verifies(each, kind, digest, value, signed)), None)


def _verifies(certificate: asn1_x509.Certificate, kind: str, digest: str, value: bytes, signed: bytes) -> bool:
    try:
        key = load_der_public_key(certificate.public_key.dump())
        if kind == "rsa" and isinstance(key, rsa.RSAPublicKey):
            key.verify(value, signed, padding.PKCS1v15(), _HASHES[digest]())
        elif kind == "pss" and isinstance(key, rsa.RSAPublicKey):
            hashed = _HASHES[digest]()
            key.verify(value, signed, padding.PSS(padding.MGF1(hashed), hashed.digest_size), hashed)
        elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
            size = (key.curve.key_size + 7) // 8
            if len(value) != 2 * size:
                return False
            pair = int.from_bytes(value[:size], "big"), int.from_bytes(value[size:], "big")
            key.verify(encode_dss_signature(*pair), signed, ec.ECDSA(_HASHES[digest]()))
        elif (kind == "ed25519" and isinstance(key, ed25519.Ed25519PublicKey)) or (
            kind == "ed448" and isinstance(key, ed448.Ed448PublicKey)
        ):
            key.verify(value, signed)
        else:
            return False  # never: the key of one kind used as that of another
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def _references(
    found: XmlSignature,
    info: Any,
    root: Any,
    by_id: dict[str, list[Any]],
    files: Mapping[str, bytes],
    work: _Work,
) -> None:
    references = list(info.iterchildren(f"{_D}Reference"))
    if not references or len(references) > MOST_REFERENCES:
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": "Reference"})
    for reference in references:
        name = DIGESTS.get(_only(reference, "DigestMethod").get("Algorithm", ""))
        if name is None:
            raise _unknown(_only(reference, "DigestMethod").get("Algorithm", ""))
        found.digests.append(name)
        content = _content(found, reference, root, by_id, files, work)
        if content is None:
            continue
        digest = hashlib.new(name, content, usedforsecurity=False).digest()
        if digest != _base64(_only(reference, "DigestValue")):
            found.intact = False
            found.fault = found.fault or f"the digest of {reference.get('URI', '')[:80]!r} differs"
        else:
            found.parts.append(content)


def _content(
    found: XmlSignature,
    reference: Any,
    root: Any,
    by_id: dict[str, list[Any]],
    files: Mapping[str, bytes],
    work: _Work,
) -> bytes | None:
    """The bytes that one reference speaks of; None for a file that is not at hand."""
    uri = reference.get("URI")
    if uri is None:
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": "Reference"})
    steps = _transforms(reference)
    if uri == "" or uri.startswith("#"):
        return work.done(_within(found, uri, steps, root, by_id))
    return _from_file(found, uri, steps, files)


def _transforms(reference: Any) -> list[tuple[str, Any]]:
    holder = next(reference.iterchildren(f"{_D}Transforms"), None)
    steps = (
        [] if holder is None else [(each.get("Algorithm", ""), each) for each in holder.iterchildren(f"{_D}Transform")]
    )
    if len(steps) > MOST_TRANSFORMS:
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": "Transforms"})
    for name, element in steps:
        if name not in (ENVELOPED, BASE64) and method(name, element) is None:
            raise _unknown(name)
    return steps


def _within(
    found: XmlSignature, uri: str, steps: list[tuple[str, Any]], root: Any, by_id: dict[str, list[Any]]
) -> bytes:
    if uri == "":
        target, document = root, True
    else:
        bearers = by_id.get(uri[1:], [])
        if len(bearers) != 1:  # none, or two: what is verified and what is used could be different ones
            said = _("Chữ ký chỉ tới một phần không có hoặc có hai phần cùng tên (%(name)s); không được tin.")
            raise Refused(said % {"name": uri[:60]})
        target, document = bearers[0], False
    without, how, decoded = None, PLAIN, None
    for name, element in steps:
        if decoded is not None:
            raise _unknown(name)
        if name == ENVELOPED:
            without = found.element
        elif name == BASE64:
            decoded = _base64_of(target, without)
        else:
            how = method(name, element) or PLAIN
    if target is found.element or (without is None and target in found.element.iterancestors()):
        raise Refused(_("Chữ ký XML không đúng cấu trúc (%(name)s).") % {"name": "enveloped-signature"})
    found.covered.append(target)
    if decoded is not None:
        return decoded
    return canonical(target, how, without=without, document=document)


def _base64_of(target: Any, without: Any) -> bytes:
    if without is not None or len(target):
        raise _unknown(BASE64)
    return _base64(target)


def _from_file(found: XmlSignature, uri: str, steps: list[tuple[str, Any]], files: Mapping[str, bytes]) -> bytes | None:
    """A file that was brought along: by its name, or the only one there is."""
    if steps:  # what is signed is the file, not something made from it
        raise _unknown(steps[0][0])
    name = unquote(urlsplit(uri).path).rpartition("/")[2]
    outside = files.get(name)
    if outside is None and len(files) == 1:
        outside = next(iter(files.values()))
    if outside is None:
        found.missing.append(name or uri[:80])
        return None
    found.outside.append(name)
    return outside


def _properties(found: XmlSignature) -> None:
    """What XAdES adds: believed only from where the signature covers it."""
    holders = list(found.element.iterfind(f"{_D}Object/{_X}QualifyingProperties"))
    if not holders:
        return
    found.form = "XAdES"
    signed = [each for holder in holders for each in holder.iterchildren(f"{_X}SignedProperties")]
    if len(holders) != 1 or len(signed) != 1 or signed[0] not in found.covered:
        found.intact = False
        found.fault = found.fault or "the signed properties are not covered by this signature"
        return
    target = holders[0].get("Target", "")
    if target.lstrip("#") != (found.element.get("Id") or ""):
        found.intact, found.fault = False, "the properties are of another signature"
        return
    properties = signed[0].find(f"{_X}SignedSignatureProperties")
    if properties is None:
        return
    time = properties.findtext(f"{_X}SigningTime")
    moment = _moment(time)
    found.claimed_at = moment
    fault = _certificate_named(properties, found.certificate)
    if fault:
        found.intact, found.fault = False, fault
    _kept_data(found, holders[0])


def _moment(text: str | None) -> datetime | None:
    try:
        moment = parse_datetime((text or "").strip())
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _certificate_named(properties: Any, certificate: asn1_x509.Certificate) -> str:
    """The signature names its certificate by digest: another one with the same key is not it."""
    first = properties.find(f"{_X}SigningCertificateV2/{_X}Cert/{_X}CertDigest")
    if first is None:
        first = properties.find(f"{_X}SigningCertificate/{_X}Cert/{_X}CertDigest")
    if first is None:
        return ""
    name = DIGESTS.get(_only(first, "DigestMethod").get("Algorithm", ""))
    if name is None:
        raise _unknown(_only(first, "DigestMethod").get("Algorithm", ""))
    digest = hashlib.new(name, certificate.dump(), usedforsecurity=False).digest()
    return "" if digest == _base64(_only(first, "DigestValue")) else "the signature names another certificate"


def _kept_data(found: XmlSignature, holder: Any) -> None:
    """Certificates, lists and answers that came along: each is signed by its authority, so any place will do."""
    kinds: tuple[tuple[str, type[Any], list[Any]], ...] = (
        ("EncapsulatedX509Certificate", asn1_x509.Certificate, found.held.certificates),
        ("EncapsulatedCRLValue", asn1_crl.CertificateList, found.held.lists),
        ("EncapsulatedOCSPValue", asn1_ocsp.OCSPResponse, found.held.answers),
    )
    for name, kind, kept in kinds:
        for each in list(holder.iter(f"{_X}{name}"))[:50]:
            try:
                kept.append(kind.load(_base64(each)))
            except (ValueError, TypeError) as error:
                raise Refused(_("Dữ liệu xác minh kèm chữ ký không đọc được.")) from error


def _covers(found: XmlSignature, root: Any) -> bool:
    """Whether everything that the document says is signed: nothing stands beside what the signature covers."""
    covered = set(found.covered)
    if root in covered:
        return True
    if root is found.element:  # enveloping, or a signature alone for files outside
        objects = [each for each in root.iterchildren(f"{_D}Object") if each.find(f"{_X}QualifyingProperties") is None]
        return all(_object_covered(each, covered) for each in objects) and bool(objects or found.outside)
    if root.attrib or (root.text or "").strip():
        return False
    children = list(root.iterchildren(etree.Element))
    return all(each in covered or _holds_only_signatures(each) for each in children) and not any(
        (each.tail or "").strip() for each in root
    )


def _object_covered(item: Any, covered: set[Any]) -> bool:
    if item in covered:
        return True
    inside = list(item)
    texts = [item.text, *(each.tail for each in inside)]
    return bool(inside) and all(each in covered for each in inside) and not any((text or "").strip() for text in texts)


def _holds_only_signatures(item: Any) -> bool:
    if item.tag == f"{_D}Signature":
        return True
    if item.attrib or (item.text or "").strip() or any((each.tail or "").strip() for each in item):
        return False
    children = list(item.iterchildren(etree.Element))
    return bool(children) and all(_holds_only_signatures(each) for each in children)


def _facts(found: XmlSignature, anchors: Anchors) -> Facts:
    facts = Facts(
        form=found.form,
        certificate=found.certificate,
        held=found.held,
        came_along=found.came_along,
        mechanism=found.mechanism,
        digest=found.digest,
        digests=tuple(found.digests),
        claimed_at=found.claimed_at,
        stamp=_stamp(found, anchors) if found.intact else None,
        covers_whole_file=found.whole,
    )
    if not found.intact:
        facts.problems.append(Problem("altered", _("Nội dung đã bị sửa sau khi ký."), found.fault))
    elif found.missing:
        said = _("Chữ ký là của tệp khác (%(names)s): hãy đưa cả tệp đó.") % {"names": ", ".join(found.missing[:5])}
        facts.problems.append(Problem("partial", said))
    elif not found.whole:
        facts.problems.append(Problem("partial", _("Chữ ký chỉ bao một phần tệp, phần còn lại không ai ký.")))
    return facts


def _stamp(found: XmlSignature, anchors: Anchors) -> Stamp | None:
    """The timestamp over the signature value (XAdES-T); the first that is right, else the first."""
    path = f"{_D}Object/{_X}QualifyingProperties/{_X}UnsignedProperties/{_X}UnsignedSignatureProperties/{_X}SignatureTimeStamp"
    stamps = [_one_stamp(found, each, anchors) for each in list(found.element.iterfind(path))[:5]]
    return next((each for each in stamps if each.proves), stamps[0] if stamps else None)


def _one_stamp(found: XmlSignature, element: Any, anchors: Anchors) -> Stamp:
    named = element.find(f"{_D}CanonicalizationMethod")
    how = PLAIN if named is None else method(named.get("Algorithm", ""), named)
    token = element.find(f"{_X}EncapsulatedTimeStamp")
    if how is None or token is None or element.find(f"{_X}Include") is not None:
        raise _unknown("SignatureTimeStamp")
    value = canonical(_only(found.element, "SignatureValue"), how)
    try:
        content = cms.ContentInfo.load(_base64(token))["content"]
        frame = context(anchors, found.held, timezone.now())
        told = asyncio.run(validate_tst_signed_data(content, frame, lambda name: hashlib.new(name, value).digest()))
        return stamp_of(TimestampSignatureStatus(**told), content, anchors, timezone.now())
    except Refused:
        raise
    except Exception as error:  # hostile bytes: a timestamp that cannot be read proves nothing
        return Stamp(timezone.now(), sound=False, trusted=False, detail=type(error).__name__)
