"""What the simulated VNeID and the simulated national public-service account know: people, keys, codes, faults.

The names of claims and levels are invented and differ between the two, since those of the real ones are not published:
the product must be told them by configuration, as it will have to be told the real ones.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import urlsplit

#: Seconds for which a code is good, and a token.
CODE_LASTS, TOKEN_LASTS = 60, 300
#: What can be asked to go wrong, for a number of sign-ins.
FAULTS = {
    "503": "không trả lời (503)",
    "slow": "trả lời chậm",
    "nonce": "sai nonce",
    "issuer": "sai nơi phát hành",
    "audience": "cấp cho hệ thống khác",
    "none": "không ký (alg none)",
    "expired": "đã quá hạn",
    "unknown-key": "ký bằng khóa không công bố",
    "rotated": "đổi khóa ký (phải đăng nhập được)",
    "subject": "hai câu trả lời nói về hai người",
    "no-number": "không cho biết số định danh",
}


@dataclass(frozen=True)
class Identity:
    """A citizen with an electronic identity; `username` is their account of the demo, empty for who has none yet."""

    number: str
    name: str
    born: str  # ISO
    sex: str  # male, female
    level: int = 2
    username: str = ""
    address: str = "Phường Đông Hà, tỉnh Quảng Trị"


#: Who can be chosen on screen: those of the demo's accounts, and some whom the province does not know.
PEOPLE = (
    Identity("045190001234", "Nguyễn Thị Lành", "1990-05-12", "female", username="nguyenthilanh"),
    Identity("045082004321", "Trần Văn Bình", "1982-09-03", "male", username="tranvanbinh"),
    Identity("045201007788", "Lê Văn Mới", "2001-02-20", "male"),
    Identity("044195003366", "Hoàng Thị Sông", "1995-11-08", "female", address="Phường Đồng Hới, tỉnh Quảng Trị"),
    Identity("045303005566", "Phạm Thị Mức Một", "2003-07-15", "female", level=1),
)


@dataclass(frozen=True)
class Kind:
    """One of the two. `claims`: what the product asks for and how it is called there; `acr`: by level."""

    key: str
    name: str
    short: str
    colour: str
    claims: Mapping[str, str]
    acr: Mapping[int, str]
    asked: str
    proof: str
    issuer_path: str = ""
    described: bool = True  # whether there is a discovery document


KINDS = {
    "vneid": Kind(
        key="vneid",
        name="VNeID mô phỏng",
        short="VNeID",
        colour="#7a1020",
        claims={
            "personal_id": "cong_dan.so_dinh_danh",
            "name": "cong_dan.ho_ten",
            "date_of_birth": "cong_dan.ngay_sinh",
            "sex": "cong_dan.gioi_tinh",
            "address": "cong_dan.noi_thuong_tru",
        },
        acr={1: "muc-do-1", 2: "muc-do-2"},
        asked="muc-do-2",
        proof="client_secret_basic",
    ),
    "dvc": Kind(
        key="dvc",
        name="Tài khoản Cổng Dịch vụ công quốc gia mô phỏng",
        short="tài khoản Dịch vụ công quốc gia",
        colour="#8c1313",
        claims={"personal_id": "SoDinhDanh", "name": "HoVaTen", "date_of_birth": "NgaySinh", "sex": "GioiTinh"},
        acr={1: "LoA1", 2: "LoA2"},
        asked="LoA1",
        proof="client_secret_post",
        issuer_path="/oauth2/token",
        described=False,
    ),
}


def entry(key: str, url: str, secret: str) -> dict[str, Any]:
    """How an installation is told of the simulator at `url`, in the form of the file of identity providers."""
    kind = KINDS[key]
    told: dict[str, Any] = {
        "key": key,
        "name": kind.short,
        "issuer": url + kind.issuer_path,
        "client_id": client_id(key),
        "client_secret": secret,
        "proof": kind.proof,
        "scopes": ["openid", "profile"],
        "acr_values": kind.asked,
        "levels": {acr: level for level, acr in kind.acr.items()},
        "claims": dict(kind.claims),
    }
    return told if kind.described else told | endpoints(url)


def client_id(key: str) -> str:
    """The name under which the province is registered."""
    return f"tinh-quang-tri-{key}"


def endpoints(url: str) -> dict[str, str]:
    """Where the simulator is asked."""
    return {
        "authorization_endpoint": f"{url}/oauth2/authorize",
        "token_endpoint": f"{url}/oauth2/token",
        "userinfo_endpoint": f"{url}/oauth2/userinfo",
        "jwks_uri": f"{url}/oauth2/jwks",
    }


class Refusal(Exception):
    """Not as registered, or not good (any more); the text is the error code of RFC 6749."""


@dataclass
class Given:
    """What somebody agreed to: for whom, and what the province asked with."""

    identity: Identity
    params: dict[str, str]
    at: float = field(default_factory=time.time)
    access: str = ""


class Desk:
    """One simulated identity provider."""

    def __init__(self, kind: Kind, url: str, product: str, secret: str) -> None:
        self.kind, self.url, self.product, self.secret = kind, url, product, secret
        self.issuer = url + kind.issuer_path
        self.codes: dict[str, Given] = {}
        self.tokens: dict[str, Given] = {}
        self.faults: dict[str, int] = dict.fromkeys(FAULTS, 0)
        self.lock = threading.Lock()
        self.keys = [_key()]

    def strikes(self, fault: str) -> bool:
        """Whether a fault happens now; it then happens once less."""
        with self.lock:
            left = self.faults[fault]
            self.faults[fault] = max(left - 1, 0)
        return left > 0

    def registered(self, params: Mapping[str, str]) -> bool:
        """Whether the province asks, to be answered where it is registered. Nobody is sent anywhere else."""
        back = f"{self.product}/dang-nhap/dinh-danh/{self.kind.key}/quay-lai"
        return params.get("client_id") == client_id(self.kind.key) and params.get("redirect_uri") == back

    def agree(self, params: Mapping[str, str], identity: Identity) -> str:
        """A code for this person."""
        code = secrets.token_urlsafe(24)
        with self.lock:
            young = time.time() - TOKEN_LASTS
            self.codes = {each: given for each, given in self.codes.items() if given.at > young}
            self.tokens = {each: given for each, given in self.tokens.items() if given.at > young}
            self.codes[code] = Given(identity, dict(params))
        return code

    def exchange(self, form: Mapping[str, str], name: str, secret: str) -> dict[str, Any]:
        """Tokens for a code. Raises :class:`Refusal`."""
        if name != client_id(self.kind.key) or not secrets.compare_digest(secret.encode(), self.secret.encode()):
            raise Refusal("invalid_client")
        with self.lock:
            given = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        good = (
            given is not None
            and time.time() - given.at < CODE_LASTS
            and form.get("grant_type") == "authorization_code"
            and form.get("redirect_uri") == given.params.get("redirect_uri")
            and challenge == given.params.get("code_challenge")
        )
        if not good or given is None:
            raise Refusal("invalid_grant")
        given.access = secrets.token_urlsafe(32)
        self.tokens[given.access] = given
        return {
            "access_token": given.access,
            "token_type": "Bearer",
            "expires_in": TOKEN_LASTS,
            "scope": "openid profile",
            "id_token": self._id_token(given),
        }

    def userinfo(self, access: str) -> dict[str, Any] | None:
        """Who somebody is, in the words of this provider; None for a token that is not good."""
        given = self.tokens.get(access)
        if given is None or time.time() - given.at > TOKEN_LASTS:
            return None
        said: dict[str, Any] = {"sub": self._subject(given.identity)}
        if self.strikes("subject"):
            said["sub"] = "nguoi-khac"
        forms = {
            "personal_id": "" if self.strikes("no-number") else given.identity.number,
            "name": given.identity.name.upper(),  # as registers write names
            "date_of_birth": "/".join(reversed(given.identity.born.split("-"))),
            "sex": {"male": "Nam", "female": "Nữ"}[given.identity.sex],
            "address": given.identity.address,
        }
        for asked, claim in self.kind.claims.items():
            place, *steps = claim.split(".")
            if steps:
                said.setdefault(place, {})[steps[0]] = forms[asked]
            else:
                said[place] = forms[asked]
        return said

    def jwks(self) -> dict[str, Any]:
        """The published keys."""
        import json

        from jwt.algorithms import RSAAlgorithm

        published = [(kid, json.loads(RSAAlgorithm.to_jwk(key.public_key()))) for kid, key in self.keys]
        return {"keys": [{**jwk, "kid": kid, "use": "sig", "alg": "RS256"} for kid, jwk in published]}

    def _subject(self, identity: Identity) -> str:
        return hashlib.sha256(f"{self.kind.key}:{identity.number}".encode()).hexdigest()[:24]

    def _id_token(self, given: Given) -> str:
        import jwt

        now = int(time.time())
        claims = {
            "iss": "https://noi-khac.example" if self.strikes("issuer") else self.issuer,
            "sub": self._subject(given.identity),
            "aud": "he-thong-khac" if self.strikes("audience") else client_id(self.kind.key),
            "nonce": "khac" if self.strikes("nonce") else given.params.get("nonce", ""),
            "iat": now,
            "exp": now + TOKEN_LASTS,
            "auth_time": int(given.at),
            "acr": self.kind.acr[given.identity.level],
        }
        if self.strikes("expired"):
            claims |= {"iat": now - 3600, "exp": now - 1800}
        if self.strikes("none"):
            return jwt.encode(claims, "", algorithm="none")
        if self.strikes("rotated"):
            self.keys.append(_key())
        kid, key = _key() if self.strikes("unknown-key") else self.keys[-1]
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": kid})


def _key() -> tuple[str, Any]:
    """A new signing key and its name."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return secrets.token_hex(8), rsa.generate_private_key(public_exponent=65537, key_size=2048)


def person(form: Mapping[str, str]) -> Identity | None:
    """Who was chosen on screen, or typed; None when that is nobody."""
    chosen = next((each for each in PEOPLE if each.number == form.get("ai")), None)
    if chosen is not None:
        return Identity(**{**asdict(chosen), "level": 1 if form.get("muc") == "1" else chosen.level})
    number, name = form.get("so", "").strip(), " ".join(form.get("ten", "").split())
    if len(number) != 12 or not (number.isascii() and number.isdigit()) or not name:
        return None
    return Identity(number, name[:100], "1990-01-01", "female", 1 if form.get("muc") == "1" else 2)


def safe_back(params: Mapping[str, str], **answer: str) -> str:
    """The address of return with an answer."""
    from urllib.parse import urlencode

    uri = params["redirect_uri"]
    said = {**answer, **({"state": params["state"]} if params.get("state") else {})}
    return f"{uri}{'&' if urlsplit(uri).query else '?'}{urlencode(said)}"
