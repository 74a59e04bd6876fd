"""What the simulated signing service keeps: its authority, its users' keys, what waits for a telephone, what may go wrong.

Everything is in a folder: killed and started again, it knows what it knew. It uses no part of the product.
"""

from __future__ import annotations

import base64
import fcntl
import hashlib
import json
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509 import ocsp
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

#: What can be asked to go wrong, the next so many times.
FAULTS = {
    "slow": "trả lời chậm 12 giây",
    "lost": "làm xong nhưng mất câu trả lời",
    "503": "đang bảo trì (503)",
    "refuse": "từ chối yêu cầu (mã lỗi của chuẩn)",
    "wrong": "trả về chữ ký sai",
}
#: How long a question waits for a telephone, and how long what was confirmed can be used, in seconds.
WAITS, HOLDS = 600, 300
#: Wrong PINs after which a question is refused.
MOST_PINS = 5
ORGANISATION = "Ký từ xa mô phỏng"


class Refusal(Exception):
    """An error of the API: its code, and words for people."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(code)
        self.words = words


@dataclass
class Question:
    """What a holder is asked to confirm."""

    handle: str
    credential: str
    hashes: list[str]
    titles: list[str]
    reference: str
    at: float
    state: str = "waiting"  # waiting, confirmed, refused
    activation: str = ""
    confirmed_at: float = 0.0
    wrong_pins: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nobody may confirm it any more."""
        return self.state == "waiting" and time.time() - self.at > WAITS


@dataclass
class Account:
    """One user's key."""

    credential: str
    user: str
    name: str
    organization: str
    pin: str  # salted hash
    key: str  # PEM
    certificate: str  # PEM
    revoked_at: float = 0.0


@dataclass
class Book:
    """The whole service."""

    folder: Path
    url: str
    secret: str
    faults: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FAULTS, 0))

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.root, self.issuing, self.answering = authority(self.folder, self.url)
        self.tokens: dict[str, float] = {}
        self._file = self.folder / "book.json"
        held = json.loads(self._file.read_text()) if self._file.exists() else {"accounts": [], "questions": []}
        self.accounts = {each["credential"]: Account(**each) for each in held["accounts"]}
        self.questions = {each["handle"]: Question(**each) for each in held["questions"]}

    def _write(self) -> None:
        """On the disk before anybody is told."""
        fresh = self._file.with_suffix(".new")
        fresh.write_text(
            json.dumps(
                {
                    "accounts": [asdict(each) for each in self.accounts.values()],
                    "questions": [asdict(each) for each in self.questions.values()],
                },
                ensure_ascii=False,
            )
        )
        fresh.replace(self._file)

    def strikes(self, fault: str) -> bool:
        """Whether this goes wrong now; counts down."""
        with self.lock:
            if self.faults[fault] <= 0:
                return False
            self.faults[fault] -= 1
            return True

    def token(self, client: str, secret: str) -> str:
        """A token for a system that signed in. Raises Refusal."""
        if client != "hienluong" or not secrets.compare_digest(secret.encode(), self.secret.encode()):
            raise Refusal("invalid_client", "sai tài khoản kết nối")
        token = secrets.token_urlsafe(24)
        with self.lock:
            self.tokens[token] = time.time() + 600
        return token

    def knows(self, token: str) -> bool:
        """Whether this token was given and has not ended."""
        return self.tokens.get(token, 0.0) > time.time()

    def register(self, user: str, name: str, organization: str, pin: str) -> Account:
        """Make a key and a certificate for a user. Raises Refusal for what cannot be."""
        user, name, organization = (" ".join(each.split()) for each in (user, name, organization))
        if not user or not name or len(user) > 60 or len(name) > 64:
            raise Refusal("invalid_request", "Hãy điền mã người dùng và họ tên (tối đa 64 chữ).")
        if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 8):
            raise Refusal("invalid_request", "Mã PIN gồm 4 đến 8 chữ số.")
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = _certificate(
            _subject(name, organization or ORGANISATION), key, self.issuing, f"{self.url}/ca/issuing", days=730
        )
        number = f"mp-{secrets.token_hex(6)}"
        with self.lock:
            self.accounts[number] = Account(
                number,
                user,
                name,
                organization,
                _hidden(pin, number),
                _pem(key),
                certificate.public_bytes(Encoding.PEM).decode(),
            )
            self._write()
            return self.accounts[number]

    def owned_by(self, user: str) -> list[str]:
        """The credentials of one user, the newest first."""
        return [each.credential for each in reversed(list(self.accounts.values())) if each.user == user]

    def account(self, credential: object) -> Account:
        """One credential. Raises Refusal."""
        found = self.accounts.get(str(credential))
        if found is None:
            raise Refusal("invalid_request", "Invalid parameter credentialID")
        return found

    def chain(self, account: Account) -> list[str]:
        """The certificate and those above it, Base64 of DER."""
        own = x509.load_pem_x509_certificate(account.certificate.encode())
        return [
            base64.b64encode(each.public_bytes(Encoding.DER)).decode()
            for each in (own, self.issuing.certificate, self.root.certificate)
        ]

    def ask(self, told: dict[str, Any]) -> Question:
        """Have a holder asked; asked again for the same, it is the same question."""
        account, asked = self.account(told.get("credentialID")), told.get("hashes")
        if not isinstance(asked, list) or not asked or told.get("numSignatures") != len(asked):
            raise Refusal("invalid_request", "Missing (or invalid type) parameter hashes")
        if len(asked) > 100:
            raise Refusal("invalid_request", "Numbers of signatures is too high")
        for each in asked:
            _digest(each)
        reference = str(told.get("clientData", ""))[:200]
        with self.lock:
            for known in self.questions.values():
                if reference and known.reference == reference and known.hashes == asked and not known.is_over:
                    return known
            titles = str(told.get("description", ""))[:500].split("\n")
            question = Question(secrets.token_hex(12), account.credential, list(asked), titles, reference, time.time())
            self.questions[question.handle] = question
            self._write()
            return question

    def check(self, handle: object) -> str | None:
        """The activation data of a question; None while it waits. Raises Refusal."""
        question = self.questions.get(str(handle))
        if question is None:
            raise Refusal("invalid_request", "Invalid parameter handle")
        if question.state == "refused":
            raise Refusal("access_denied", "người ký từ chối")
        if question.is_over or (question.state == "confirmed" and time.time() - question.confirmed_at > HOLDS):
            raise Refusal("authorization_expired", "lần xác nhận đã hết hạn")
        return question.activation or None

    def sign(self, told: dict[str, Any]) -> list[str]:
        """Signatures over the hashes that were confirmed with this activation data, and over no others."""
        account, activation = self.account(told.get("credentialID")), str(told.get("SAD", ""))
        question = next(
            (each for each in self.questions.values() if activation and each.activation == activation), None
        )
        if question is None or question.credential != account.credential or question.hashes != told.get("hashes"):
            raise Refusal("access_denied", "SAD không dùng được cho các mã băm này")
        if time.time() - question.confirmed_at > HOLDS:
            raise Refusal("authorization_expired", "SAD đã hết hạn")
        key: Any = load_pem_private_key(account.key.encode(), None)
        if self.strikes("wrong"):
            key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        return [
            base64.b64encode(key.sign(_digest(each), PKCS1v15(), Prehashed(hashes.SHA256()))).decode()
            for each in question.hashes
        ]

    def confirm(self, handle: str, pin: str) -> str:
        """What comes of a PIN on the telephone: empty when it is confirmed, else what is wrong."""
        with self.lock:
            question = self.questions[handle]
            if question.state != "waiting" or question.is_over:
                return "Yêu cầu này không còn chờ xác nhận."
            if not secrets.compare_digest(_hidden(pin, question.credential), self.accounts[question.credential].pin):
                question.wrong_pins += 1
                if question.wrong_pins >= MOST_PINS:
                    question.state = "refused"
                self._write()
                return "Mã PIN không đúng." if question.state == "waiting" else "Sai mã PIN quá nhiều lần, đã từ chối."
            question.state, question.activation = "confirmed", secrets.token_urlsafe(24)
            question.confirmed_at = time.time()
            self._write()
            return ""

    def refuse(self, handle: str) -> None:
        """The holder says no."""
        with self.lock:
            if self.questions[handle].state == "waiting":
                self.questions[handle].state = "refused"
                self._write()

    def revoke(self, credential: str) -> None:
        """The certificate does not hold from now on. Raises Refusal."""
        account = self.account(credential)
        with self.lock:
            account.revoked_at = account.revoked_at or time.time()
            self._write()

    def waiting(self) -> list[Question]:
        """What waits for a telephone, the newest first."""
        return [
            each for each in reversed(list(self.questions.values())) if each.state == "waiting" and not each.is_over
        ]

    def crl(self, name: str) -> bytes:
        """The list of revoked certificates of the root or of the issuing authority: nothing ever is."""
        held = self.root if name == "root" else self.issuing
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(held.certificate.subject)
            .last_update(now - timedelta(minutes=5))
            .next_update(now + timedelta(days=7))
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(held.key.public_key()), critical=False)
            .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        )
        return builder.sign(held.key, hashes.SHA256()).public_bytes(Encoding.DER)

    def answer_ocsp(self, content: bytes) -> bytes:
        """The answer about one of the users' certificates."""
        asked = ocsp.load_der_ocsp_request(content)
        issuer = self.issuing.certificate
        known = {
            x509.load_pem_x509_certificate(each.certificate.encode()).serial_number: each.revoked_at
            for each in self.accounts.values()
        }
        if asked.serial_number not in known or not isinstance(asked.hash_algorithm, hashes.SHA1):
            return ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED).public_bytes(
                Encoding.DER
            )
        now, gone = datetime.now(UTC), known[asked.serial_number]
        response = (
            ocsp.OCSPResponseBuilder()
            .add_response_by_hash(
                issuer_name_hash=asked.issuer_name_hash,
                issuer_key_hash=asked.issuer_key_hash,
                serial_number=asked.serial_number,
                algorithm=hashes.SHA1(),  # noqa: S303 - names the issuer (RFC 6960)
                cert_status=ocsp.OCSPCertStatus.REVOKED if gone else ocsp.OCSPCertStatus.GOOD,
                this_update=now - timedelta(minutes=5),
                next_update=now + timedelta(days=1),
                revocation_time=datetime.fromtimestamp(gone, UTC) if gone else None,
                revocation_reason=None,
            )
            .responder_id(ocsp.OCSPResponderEncoding.HASH, self.answering.certificate)
            .certificates([self.answering.certificate, issuer])
        )
        return response.sign(self.answering.key, hashes.SHA256()).public_bytes(Encoding.DER)


@dataclass(frozen=True)
class Authority:
    """A key and its certificate."""

    key: rsa.RSAPrivateKey
    certificate: x509.Certificate


def authority(folder: Path, url: str) -> tuple[Authority, Authority, Authority]:
    """The root, the issuing authority and who answers for it: made once, also when two processes ask at once."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        root = _held(folder / "root.pem", "Ký từ xa mô phỏng – CA gốc", None, f"{url}/ca/root", ca=True, days=7300)
        issuing = _held(folder / "issuing.pem", "Ký từ xa mô phỏng – CA", root, f"{url}/ca/root", ca=True, days=3650)
        answering = _held(
            folder / "ocsp.pem", "Ký từ xa mô phỏng – OCSP", issuing, f"{url}/ca/issuing", ca=False, days=3650
        )
    return root, issuing, answering


def _held(path: Path, name: str, issuer: Authority | None, place: str, *, ca: bool, days: int) -> Authority:
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = _certificate(_subject(name, ORGANISATION), key, issuer, place, ca=ca, answers=not ca, days=days)
        fresh = path.with_suffix(".new")
        fresh.write_text(_pem(key) + certificate.public_bytes(Encoding.PEM).decode())
        fresh.chmod(0o600)
        fresh.replace(path)
    content = path.read_bytes()
    key = load_pem_private_key(content, None)  # type: ignore[assignment]
    return Authority(key, x509.load_pem_x509_certificate(content))


def _subject(name: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )


def _certificate(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: Authority | None,
    place: str,
    *,
    ca: bool = False,
    answers: bool = False,
    days: int,
) -> x509.Certificate:
    now = datetime.now(UTC)
    above = issuer or Authority(key, None)  # type: ignore[arg-type]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(above.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), critical=False)
        .add_extension(
            x509.KeyUsage(not ca, not ca and not answers, False, False, False, ca, ca, False, False), critical=True
        )
    )
    if answers:
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.OCSP_SIGNING]), critical=True
        ).add_extension(x509.OCSPNoCheck(), critical=False)
    elif issuer is not None:
        crl, ask = (x509.UniformResourceIdentifier(f"{place}.{ending}") for ending in ("crl", "ocsp"))
        builder = builder.add_extension(
            x509.CRLDistributionPoints([x509.DistributionPoint([crl], None, None, None)]), critical=False
        )
        if not ca:
            builder = builder.add_extension(
                x509.AuthorityInformationAccess([x509.AccessDescription(AuthorityInformationAccessOID.OCSP, ask)]),
                critical=False,
            )
    return builder.sign(above.key, hashes.SHA256())


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _hidden(pin: str, salt: str) -> str:
    return hashlib.pbkdf2_hmac("sha256", pin.encode(), salt.encode(), 20_000).hex()


def _digest(told: object) -> bytes:
    try:
        found = base64.b64decode(str(told), validate=True)
    except ValueError as error:
        raise Refusal("invalid_request", "Invalid Base64 hash string parameter") from error
    if len(found) != 32:
        raise Refusal("invalid_request", "Invalid digest value length")
    return found
