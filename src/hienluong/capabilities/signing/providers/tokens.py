"""Keys in a token (PKCS#11): a USB device, a security module of the server, SoftHSM in the tests.

The PIN comes from the settings of the machine. A wrong one is never tried twice: tokens lock themselves after a few.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pkcs11
from asn1crypto import x509 as asn1_x509
from django.utils.translation import gettext_lazy as _
from pkcs11 import exceptions
from pkcs11.util.ec import encode_ecdsa_signature

from ..keys import Chain
from .base import Credential, ProviderAway, ProviderFault

#: A process is signed in to a token as a whole, so its threads take turns.
_turn = threading.Lock()


class Token:
    """One token of the settings: ``module`` (the library of its maker), ``token`` (its label), ``pin``."""

    def __init__(self, name: str, told: Mapping[str, str]) -> None:
        self.name, self.module, self.token, self.pin = name, told["module"], told["token"], told["pin"]

    def find(self, credential: str) -> Credential:
        """The key with this label, with its certificate and those above it that lie beside it in the token."""
        with self._session() as session:
            held = [
                (each[pkcs11.Attribute.LABEL], asn1_x509.Certificate.load(each[pkcs11.Attribute.VALUE]))
                for each in session.get_objects({pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE})
            ]
            own = next((certificate for label, certificate in held if label == credential), None)
            if own is None:
                raise ProviderFault(
                    _("Thiết bị không có chứng thư tên “%(label)s”.") % {"label": credential}, field="credential"
                )
            self._key(session, credential)
        return Credential(credential, Chain(own, tuple(_above(own, [certificate for _label, certificate in held]))))

    def sign(self, credential: str, chain: Chain, to_sign: Sequence[bytes]) -> list[bytes]:
        """A signature over each: RSA PKCS#1 1.5 or ECDSA, with SHA-256."""
        elliptic = chain.certificate.public_key.algorithm == "ec"
        with self._session() as session:
            key = self._key(session, credential)
            if elliptic:
                return [
                    encode_ecdsa_signature(key.sign(hashlib.sha256(each).digest(), mechanism=pkcs11.Mechanism.ECDSA))
                    for each in to_sign
                ]
            return [bytes(key.sign(each, mechanism=pkcs11.Mechanism.SHA256_RSA_PKCS)) for each in to_sign]

    def _key(self, session: Any, label: str) -> Any:
        try:
            return session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, label=label)
        except (exceptions.NoSuchKey, exceptions.MultipleObjectsReturned) as error:
            raise ProviderFault(
                _("Thiết bị không có khóa tên “%(label)s”.") % {"label": label}, field="credential"
            ) from error

    @contextmanager
    def _session(self) -> Iterator[Any]:
        with _turn:
            try:
                token = pkcs11.lib(self.module).get_token(token_label=self.token)
                with token.open(user_pin=self.pin) as session:
                    yield session
            except (exceptions.PinIncorrect, exceptions.PinInvalid, exceptions.PinLenRange) as error:
                raise ProviderFault(
                    _("Mã PIN của thiết bị “%(name)s” trong cấu hình không đúng. Hãy báo quản trị.")
                    % {"name": self.name}
                ) from error
            except (exceptions.PinLocked, exceptions.PinExpired) as error:
                raise ProviderFault(
                    _("Thiết bị “%(name)s” đã bị khóa mã PIN. Hãy báo quản trị.") % {"name": self.name}
                ) from error
            except (exceptions.PKCS11Error, RuntimeError) as error:
                raise ProviderAway(
                    _("Chưa liên lạc được với thiết bị “%(name)s”. Hệ thống sẽ tự thử lại.") % {"name": self.name}
                ) from error


def _above(certificate: asn1_x509.Certificate, held: list[asn1_x509.Certificate]) -> Iterator[asn1_x509.Certificate]:
    """Those above a certificate, as far as they are held."""
    by_subject = {each.subject.hashable: each for each in held}
    for _step in range(8):
        if certificate.self_signed != "no" or certificate.issuer.hashable not in by_subject:
            return
        certificate = by_subject[certificate.issuer.hashable]
        yield certificate
