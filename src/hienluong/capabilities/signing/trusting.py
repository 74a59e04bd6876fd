"""Believing an authority of others, and not any more: both change what every verification says, so both are audited."""

from __future__ import annotations

import re

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, NotFound, action
from hienluong.foundation.organisations import queries as organisations

from . import trust
from .models import TrustAnchor

MANAGE = "signing.trust"


@action("signing.trust")
def trust_authority(act: Act, *, certificate: bytes, fingerprint: str, basis: str) -> TrustAnchor:
    """Believe an authority from now on.

    `fingerprint`: SHA-256 in hexadecimal as the authority published it, typed by who compared it: a certificate that came
    over the network proves nothing by itself. `basis`: why it is believed. Raises InvalidInput.
    """
    act.require(MANAGE, organisations.province().path)
    if len(certificate) > trust.MOST:
        raise InvalidInput(_("Tệp này không phải chứng thư (DER hoặc PEM)."), field="file")
    found = trust.read(certificate)
    if re.sub(r"[^0-9a-f]", "", fingerprint.lower()) != found.fingerprint:
        said = _("Dấu vân tay không khớp với chứng thư này. Hãy lấy lại tệp từ nơi cơ quan chứng thực công bố.")
        raise InvalidInput(said, field="fingerprint")
    if found.valid_until < timezone.now():
        raise InvalidInput(_("Chứng thư này đã hết hạn."), field="file")
    if not basis.strip():
        raise InvalidInput(_("Hãy ghi căn cứ để tin cậy."), field="basis")
    if TrustAnchor.objects.filter(pk=found.fingerprint, withdrawn_at=None).exists():
        raise InvalidInput(_("Chứng thư này đã có trong danh sách."), field="file")
    anchor, _new = TrustAnchor.objects.update_or_create(
        fingerprint=found.fingerprint,
        defaults={
            "certificate": found.der,
            "name": found.name[:300],
            "issuer": found.issuer[:300],
            "valid_from": found.valid_from,
            "valid_until": found.valid_until,
            "basis": basis.strip()[:300],
            "withdrawn_at": None,
            "withdrawn_reason": "",
        },
    )
    act.record(anchor, after={"name": anchor.name, "fingerprint": anchor.fingerprint, "basis": anchor.basis})
    act.emit("signing.authority_trusted", f"signing.trustanchor:{anchor.pk}", {"name": anchor.name})
    return anchor


@action("signing.distrust")
def distrust_authority(act: Act, *, fingerprint: str, reason: str) -> TrustAnchor:
    """Not believe an authority any more, nor anything it vouched for, whenever that was."""
    act.require(MANAGE, organisations.province().path)
    anchor = TrustAnchor.objects.select_for_update().filter(pk=fingerprint, withdrawn_at=None).first()
    if anchor is None:
        raise NotFound(_("Không có chứng thư này trong danh sách."))
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi lý do."), field="reason")
    anchor.withdrawn_at, anchor.withdrawn_reason = timezone.now(), reason.strip()[:300]
    anchor.save(update_fields=("withdrawn_at", "withdrawn_reason"))
    act.record(anchor, before={"trusted": True}, after={"trusted": False, "reason": anchor.withdrawn_reason})
    act.emit("signing.authority_distrusted", f"signing.trustanchor:{anchor.pk}", {"name": anchor.name})
    return anchor
