"""The file that shows that a person is right: theirs, and open to those who decide on the request."""

from __future__ import annotations

from hienluong.foundation.actions import Actor
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.files.models import StoredFile

from . import following
from .models import Correction

PURPOSE = "corrections.evidence"


def may_open(actor: Actor, file: StoredFile) -> bool | None:
    """Those who asked and those who decide. A file of no request yet belongs to its owner alone."""
    found = Correction.objects.filter(evidence=file).first()
    if found is None:
        return None
    return actor.acts_for(found.party_id) or actor.can("registers.write", following.place_of(found).path)


def log_look(actor: Actor, file: StoredFile) -> None:
    """Write down that an official opened it (Law 91/2025/QH15)."""
    for found in Correction.objects.filter(evidence=file):
        if actor.acts_for(found.party_id):
            continue
        log_read(
            party_id=found.party_id,
            actor_id=actor.account_id,
            actor_label=actor.label,
            organization_id=actor.organization_id,
            fields=[PURPOSE],
            purpose="Giải quyết yêu cầu đính chính dữ liệu",
            subject=found.code,
            ip=actor.ip,
        )
