"""An authority of somebody else, made for a test: its certificates, its lists, its answers, and what is signed under it."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from django.utils import timezone
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from hienluong.capabilities.signing.keys import HeldKey, as_asn1
from hienluong.capabilities.signing.timestamping import timestamper

YEAR = timedelta(days=365)


@lru_cache(maxsize=8)
def key_of(bits: int, number: int = 0) -> rsa.RSAPrivateKey:
    """A key of this size; made once a run."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


@dataclass
class Person:
    """Somebody with a certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    authority: Authority

    @property
    def asn1(self) -> asn1_x509.Certificate:
        return as_asn1(self.certificate)

    def files(self, folder: Path) -> tuple[Path, Path]:
        """Key and certificates (PEM), for programs."""
        key, chain = folder / "key.pem", folder / "cert.pem"
        key.write_bytes(self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        chain.write_bytes(self.certificate.public_bytes(Encoding.PEM))
        (folder / "ca.pem").write_bytes(self.authority.certificate.public_bytes(Encoding.PEM))
        return key, chain


@dataclass
class Authority:
    """A root that issues for people."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate
    crl_url: str = ""
    ocsp_url: str = ""
    revoked: dict[int, datetime] = field(default_factory=dict)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    def issue(
        self,
        name: str = "Trần Thị Ngoài",
        organization: str = "Công ty Ngoài",
        *,
        bits: int = 2048,
        digest: str = "sha256",
        begins: datetime | None = None,
        ends: datetime | None = None,
        for_signing: bool = True,
    ) -> Person:
        """A certificate for somebody."""
        now = timezone.now()
        key = key_of(bits, 1)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_name(name, organization))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begins or now - YEAR)
            .not_valid_after(ends or now + YEAR)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_usage(digital_signature=for_signing, key_encipherment=not for_signing), critical=True)
        )
        if self.crl_url:
            point = x509.DistributionPoint([x509.UniformResourceIdentifier(self.crl_url)], None, None, None)
            builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
        if self.ocsp_url:
            place = x509.UniformResourceIdentifier(self.ocsp_url)
            access = x509.AuthorityInformationAccess(
                [x509.AccessDescription(AuthorityInformationAccessOID.OCSP, place)]
            )
            builder = builder.add_extension(access, critical=False)
        person = Person(key, builder.sign(self.key, hashes.SHA256()), self)
        if digest == "sha1":
            person.certificate = self._resigned_with_sha1(person.certificate)
        return person

    def _resigned_with_sha1(self, certificate: x509.Certificate) -> x509.Certificate:
        """The same certificate, signed as nobody should any more; the library does not make such ones."""
        found = asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
        found["tbs_certificate"]["signature"] = {"algorithm": "sha1_rsa"}
        found["signature_algorithm"] = {"algorithm": "sha1_rsa"}
        signed = found["tbs_certificate"].dump(force=True)
        found["signature_value"] = self.key.sign(signed, PKCS1v15(), hashes.SHA1())
        return x509.load_der_x509_certificate(found.dump(force=True))

    def list_now(self) -> bytes:
        """The list of revoked certificates, DER."""
        now = timezone.now()
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - timedelta(minutes=1))
            .next_update(now + timedelta(days=1))
        )
        for serial, at in self.revoked.items():
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
            )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def answer(self, asked: bytes) -> bytes:
        """The answer to an OCSP request, DER."""
        request = ocsp.load_der_ocsp_request(asked)
        at = self.revoked.get(request.serial_number)
        now = timezone.now()
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            issuer_name_hash=request.issuer_name_hash,
            issuer_key_hash=request.issuer_key_hash,
            serial_number=request.serial_number,
            algorithm=hashes.SHA1(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if at else ocsp.OCSPCertStatus.GOOD,
            this_update=now - timedelta(minutes=1),
            next_update=now + timedelta(days=1),
            revocation_time=at,
            revocation_reason=None,
        )
        signed = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, self.certificate).certificates(
            [self.certificate]
        )
        return signed.sign(self.key, hashes.SHA256()).public_bytes(Encoding.DER)


def make_authority(name: str = "Nơi chứng thực ngoài", *, crl_url: str = "", ocsp_url: str = "") -> Authority:
    """A root of somebody else."""
    now, key = timezone.now(), key_of(2048)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(name, name))
        .issuer_name(_name(name, name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - 10 * YEAR)
        .not_valid_after(now + 10 * YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True, digital_signature=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(key, certificate, crl_url, ocsp_url)


def _name(common: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def _usage(**more: bool) -> x509.KeyUsage:
    names = (
        "digital_signature content_commitment key_encipherment data_encipherment key_agreement key_cert_sign crl_sign "
        "encipher_only decipher_only"
    ).split()
    return x509.KeyUsage(**{each: more.get(each, False) for each in names})


def sign_pdf(
    pdf: bytes,
    who: Person,
    *,
    field_name: str = "ChuKy1",
    digest: str = "sha256",
    stamped: bool = False,
    box: tuple[int, int, int, int] | None = None,
    **more: Any,
) -> bytes:
    """The PDF signed once more, as other people's programs do it."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
    append_signature_field(writer, SigFieldSpec(field_name, on_page=0, box=box))
    signer = HeldKey(who.key, who.asn1, [as_asn1(who.authority.certificate)])
    out = BytesIO()
    PdfSigner(
        PdfSignatureMetadata(field_name=field_name, md_algorithm=digest, **more),
        signer=signer,
        timestamper=timestamper() if stamped else None,
    ).sign_pdf(writer, output=out)
    return out.getvalue()


def sign_cms(content: bytes, who: Person, folder: Path, *more: str) -> bytes:
    """A CMS signature by OpenSSL, DER; detached unless told otherwise."""
    key, chain = who.files(folder)
    plain = folder / "content"
    plain.write_bytes(content)
    command = ["openssl", "cms", "-sign", "-binary", "-in", plain, "-signer", chain, "-inkey", key, "-outform", "DER"]
    return subprocess.run([*command, *more], check=True, capture_output=True).stdout


def sign_xml(template: str, who: Person, folder: Path) -> bytes:
    """A template filled in by xmlsec1."""
    key, chain = who.files(folder)
    path = folder / "template.xml"
    path.write_text(template, "utf-8")
    ids = ["--id-attr:Id", "Than", "--id-attr:Id", "Dau", "--id-attr:Id", "http://www.w3.org/2000/09/xmldsig#:Object"]
    ids += ["--id-attr:Id", "http://uri.etsi.org/01903/v1.3.2#:SignedProperties"]
    keys = f"{key},{chain},{folder / 'ca.pem'}"
    return subprocess.run(
        ["xmlsec1", "--sign", *ids, "--privkey-pem", keys, "template.xml"], check=True, capture_output=True, cwd=folder
    ).stdout
