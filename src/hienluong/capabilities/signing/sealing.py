"""Sealing by a process: what the system sends for an agency, signed with the agency's seal at once and with nobody asked.

What people sign goes through :mod:`.requests`. Here the key must be one that signs without a telephone: of the demo, or
in a token of the server. The signature is B-B: a timestamp authority that is away must not hold up what is to be sent.
"""

from __future__ import annotations

import hashlib

from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotAllowed, action
from hienluong.foundation.organisations.models import Organization

from . import enrolling, xades
from .models import SigningKey
from .providers import ProviderFault, Remote, provider_of

_BEGINS, _ENDS = b"<ds:Signature ", b"</ds:Signature>"


def seal_xml(actor: Actor, *, organization: Organization, content: bytes, within: str, reason: str) -> bytes:
    """The signature (an element ``ds:Signature`` in UTF-8) of an agency's seal over XML that the system wrote.

    `within`: the path from the root to the element that it is for; put there, it is over the whole file. Raises
    DomainError: no key, a key that its holder has to confirm, a certificate that ended, a token that does not answer.
    """
    key = take_key(actor, organization=organization, sha256=hashlib.sha256(content).hexdigest(), reason=reason)
    provider = provider_of(key.provider, key.source)
    if isinstance(provider, Remote):
        raise InvalidInput(
            _(
                "Khóa dấu của “%(name)s” phải xác nhận trên điện thoại, không tự ký được. Hãy đăng ký khóa dấu trong thiết bị của máy chủ."
            )
            % {"name": organization},
            code="signing.needs_a_person",
        )
    chain = enrolling.chain_of(key)
    prepared = xades.prepare(content, chain, within=within, own=True)
    (raw,) = provider.sign(key.credential, chain, [prepared.to_sign])
    if not chain.verifies(prepared.to_sign, raw):
        raise ProviderFault(_("Nơi lưu khóa trả về chữ ký không khớp chứng thư. Hãy báo quản trị."))
    signed = xades.finish(prepared, raw, chain, timestamp=False)
    return signed[signed.index(_BEGINS) : signed.index(_ENDS) + len(_ENDS)]


@action("signing.seal")
def take_key(act: Act, *, organization: Organization, sha256: str, reason: str) -> SigningKey:
    """The key of an agency's seal, in force, for the system to seal one thing; written down before it is used."""
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống được tự đóng dấu số."))
    key = enrolling.key_for_signing(act, organization)
    after = {"serial": key.serial, "sha256": sha256, "reason": reason}
    act.record(key, after=after, organization_id=organization.pk)
    return key
