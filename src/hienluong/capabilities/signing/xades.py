"""Signatures in XML files (XAdES, ETSI EN 319 132-1): enveloped, the last child of the root or of an element named.

Everything is canonical by inclusive C14N 1.1, which other programs judge alike; its exclusive kin they do not. A file that
is signed already is refused: another signature beside the first would break it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import uuid
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from lxml import etree

from hienluong.foundation.actions import InvalidInput

from .evidence import Evidence
from .keys import Chain
from .pades import Prepared
from .timestamping import stamped, timestamper

DS, XADES = "http://www.w3.org/2000/09/xmldsig#", "http://uri.etsi.org/01903/v1.3.2#"
C14N = "http://www.w3.org/2006/12/xml-c14n11"
ENVELOPED = f"{DS}enveloped-signature"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
METHODS = {
    "rsa": "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    "ec": "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
}
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
INHERITED = tuple(f"{{http://www.w3.org/XML/1998/namespace}}{name}" for name in ("lang", "space", "base"))
#: Largest XML file, in bytes.
MOST = 50 * 1024 * 1024


def parse(content: bytes, *, own: bool = False) -> Any:
    """An XML file as a tree. Raises InvalidInput for what is none, and for what defines entities or names a type.

    `own`: written by this installation, so it may be as large as it is (a file of 50 MB inside is one text).
    """
    if len(content) > MOST and not own:
        raise InvalidInput(_("Tệp XML lớn quá 50 MB."), field="file")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=own)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise InvalidInput(_("Tệp này không phải XML đúng mẫu."), field="file") from error
    tree = root.getroottree()
    if tree.docinfo.doctype or tree.docinfo.internalDTD is not None:
        raise InvalidInput(_("Tệp XML có khai báo DOCTYPE, không được nhận."), field="file")
    return tree


def prepare(content: bytes, chain: Chain, *, place: str = "", within: str = "", own: bool = False) -> Prepared:
    """The file with a signature that lacks its value, and the canonical ``SignedInfo`` that is to be signed.

    `within`: the path from the root to the element that takes the signature in (as ElementPath has it); the root when
    left out. The whole file is signed wherever the signature stands. `own`: see :func:`parse`.
    """
    tree = parse(content, own=own)
    root = tree.getroot()
    holder = root.find(within) if within else root
    if holder is None:
        raise InvalidInput(_("Tệp XML không có chỗ dành cho chữ ký."), field="file")
    if next(root.iter(f"{{{DS}}}Signature"), None) is not None:
        raise InvalidInput(_("Tệp XML đã có chữ ký, không ký thêm được."), field="file")
    whole = hashlib.sha256(_canonical(tree)).digest()
    name = f"ky-{uuid.uuid4()}"
    signature = etree.SubElement(holder, f"{{{DS}}}Signature", nsmap={"ds": DS}, Id=name)
    info = _ds(signature, "SignedInfo")
    _ds(signature, "SignatureValue", Id=f"{name}-gia-tri")
    _key_info(signature, chain)
    properties = _properties(_ds(signature, "Object"), name, chain, place)
    _ds(info, "CanonicalizationMethod", Algorithm=C14N)
    _ds(info, "SignatureMethod", Algorithm=METHODS.get(chain.certificate.public_key.algorithm, METHODS["rsa"]))
    _reference(info, whole, [ENVELOPED, C14N], Id=f"{name}-tep", URI="")
    kept = hashlib.sha256(_canonical(properties)).digest()
    _reference(info, kept, [C14N], Type=SIGNED_PROPERTIES, URI=f"#{properties.get('Id')}")
    return Prepared(_file(tree), _canonical(info), {"signature": name, "own": "1" if own else ""})


def finish(
    prepared: Prepared, raw: bytes, chain: Chain, *, timestamp: bool = True, proof: Evidence | None = None
) -> bytes:
    """The signed file, with a timestamp and what it takes to validate it later, when wanted.

    Raises :class:`evidence.AuthorityAway` when the timestamp authority does not answer.
    """
    tree = parse(prepared.content, own=bool(prepared.state.get("own")))
    name = prepared.state["signature"]
    signature = next(each for each in tree.getroot().iter(f"{{{DS}}}Signature") if each.get("Id") == name)
    value = signature.find(f"{{{DS}}}SignatureValue")
    value.text = _base64(_plain(raw, chain))
    if timestamp or proof is not None:
        qualifying = signature.find(f"{{{DS}}}Object/{{{XADES}}}QualifyingProperties")
        unsigned = _x(_x(qualifying, "UnsignedProperties"), "UnsignedSignatureProperties")
        if timestamp:
            stamp = _x(unsigned, "SignatureTimeStamp", Id=f"{name}-dau-thoi-gian")
            _ds(stamp, "CanonicalizationMethod", Algorithm=C14N)
            _x(stamp, "EncapsulatedTimeStamp").text = _base64(_stamp(_canonical(value)))
        if proof is not None:
            _keep(unsigned, proof)
    return _file(tree)


def _properties(parent: Any, name: str, chain: Chain, place: str) -> Any:
    qualifying = etree.SubElement(parent, f"{{{XADES}}}QualifyingProperties", nsmap={"xades": XADES}, Target=f"#{name}")
    properties = _x(qualifying, "SignedProperties", Id=f"{name}-thuoc-tinh")
    about = _x(properties, "SignedSignatureProperties")
    _x(about, "SigningTime").text = timezone.localtime().isoformat(timespec="seconds")
    digest = _x(_x(_x(about, "SigningCertificateV2"), "Cert"), "CertDigest")
    _ds(digest, "DigestMethod", Algorithm=SHA256)
    _ds(digest, "DigestValue").text = _base64(hashlib.sha256(chain.certificate.dump()).digest())
    if place:
        _x(_x(about, "SignatureProductionPlaceV2"), "City").text = place
    shape = _x(_x(properties, "SignedDataObjectProperties"), "DataObjectFormat", ObjectReference=f"#{name}-tep")
    _x(shape, "MimeType").text = "text/xml"
    return properties


def _key_info(signature: Any, chain: Chain) -> None:
    data = _ds(_ds(signature, "KeyInfo"), "X509Data")
    for certificate in chain.all:
        if certificate.self_signed == "no":
            _ds(data, "X509Certificate").text = _base64(certificate.dump())


def _reference(info: Any, digest: bytes, transforms: list[str], **attributes: str) -> None:
    reference = _ds(info, "Reference", **attributes)
    steps = _ds(reference, "Transforms")
    for algorithm in transforms:
        _ds(steps, "Transform", Algorithm=algorithm)
    _ds(reference, "DigestMethod", Algorithm=SHA256)
    _ds(reference, "DigestValue").text = _base64(digest)


def _keep(unsigned: Any, proof: Evidence) -> None:
    certificates = _x(unsigned, "CertificateValues")
    for certificate in proof.certificates:
        _x(certificates, "EncapsulatedX509Certificate").text = _base64(certificate.dump())
    told = _x(unsigned, "RevocationValues")
    if proof.lists:
        lists = _x(told, "CRLValues")
        for each in proof.lists:
            _x(lists, "EncapsulatedCRLValue").text = _base64(each.dump())
    if proof.answers:
        answers = _x(told, "OCSPValues")
        for answer in proof.answers:
            _x(answers, "EncapsulatedOCSPValue").text = _base64(answer.dump())


def _stamp(data: bytes) -> bytes:
    with stamped():
        token = asyncio.run(timestamper().async_timestamp(hashlib.sha256(data).digest(), "sha256"))
    content: bytes = token.dump()
    return content


def _plain(raw: bytes, chain: Chain) -> bytes:
    """The value as XML signatures want it: for elliptic curves the two numbers side by side (RFC 6931)."""
    if chain.certificate.public_key.algorithm != "ec":
        return raw
    first, second = decode_dss_signature(raw)
    size = (chain.certificate.public_key.bit_size + 7) // 8
    return first.to_bytes(size, "big") + second.to_bytes(size, "big")


def _canonical(what: Any) -> bytes:
    """Inclusive C14N 1.1. A part of a file takes over what its ancestors say of language, space and base (2.4), which the
    library leaves out; of all of them only the root can say it here."""
    taken = []
    if not hasattr(what, "docinfo"):
        for attribute in INHERITED:
            told = what.getroottree().getroot().get(attribute)
            if told is not None and what.get(attribute) is None:
                what.set(attribute, told)
                taken.append(attribute)
    try:
        content: bytes = etree.tostring(what, method="c14n", exclusive=False, with_comments=False)
    except etree.C14NError as error:
        raise InvalidInput(_("Tệp XML dùng tên không gian tương đối, không ký được."), field="file") from error
    finally:
        for attribute in taken:
            del what.attrib[attribute]
    return content


def _file(tree: Any) -> bytes:
    content: bytes = etree.tostring(tree, xml_declaration=True, encoding="UTF-8")
    return content


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _ds(parent: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{DS}}}{name}", **attributes)


def _x(parent: Any, name: str, **attributes: str) -> Any:
    return etree.SubElement(parent, f"{{{XADES}}}{name}", **attributes)
