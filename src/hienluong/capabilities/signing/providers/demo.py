"""The demo's own keys: PKCS#12 files in the state folder, made when they are asked for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from .. import pki
from ..keys import Chain, HeldKey, held_key
from .base import Credential, ProviderFault


def label_of(holder: pki.Holder) -> str:
    """What a key of the demo is called: the holder itself, so that a new name makes a new certificate."""
    return json.dumps([holder.code, holder.name[:60], holder.organization[:60]], ensure_ascii=False)


class DemoKeys:
    """Signs with a key of the demo's authority."""

    def find(self, credential: str) -> Credential:
        """The key of this holder, made now when there is none yet or the last one ends soon."""
        return Credential(credential, _key(credential).chain)

    def sign(self, credential: str, chain: Chain, to_sign: Sequence[bytes]) -> list[bytes]:
        """A signature over each."""
        key = _key(credential)
        if key.chain.certificate.sha256 != chain.certificate.sha256:
            raise ProviderFault(_("Chứng thư vừa được đổi. Hãy ký lại."))
        return [key.sign_raw(each, "sha256") for each in to_sign]


def _key(credential: str) -> HeldKey:
    try:
        code, name, organization = json.loads(credential)
    except ValueError as error:
        raise ProviderFault(_("Không có khóa này.")) from error
    path = pki.holder_file(pki.Holder(code, name, organization))
    return held(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=512)
def held(path: Path, written: int) -> HeldKey:
    """The key in a file, held open until the file is written anew."""
    return held_key(path)
