"""Who may open the paper of a certificate: who may read the record that carries it."""

from __future__ import annotations

from django.db.models import Q
from django.utils import timezone

from hienluong.capabilities.registers.access import rights
from hienluong.capabilities.registers.actions import definition_on, spec_of
from hienluong.capabilities.registers.history import newest
from hienluong.capabilities.registers.models import CertificateAct
from hienluong.capabilities.registers.queries import place_of
from hienluong.capabilities.signing.long_term import paper_of_copy
from hienluong.foundation.actions import Actor
from hienluong.foundation.audit.reads import log_read
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index

from .papers import written


def _act_of(file: StoredFile) -> CertificateAct | None:
    found = CertificateAct.objects.select_related("record__register__owner")
    return found.filter(Q(file=file) | paper_of_copy(file.pk)).first()


def _holder(done: CertificateAct) -> Party | None:
    """The person or enterprise that the record is about, when the house knows them."""
    spec = spec_of(definition_on(done.record.register, timezone.localdate()))
    version = newest(done.record)
    number = version.data.get(spec.subject) if version and spec.subject else None
    return Party.objects.filter(identifier_hash=blind_index(str(number))).first() if number else None


def may_open(actor: Actor, file: StoredFile) -> bool:
    """Officials who may read everything that the paper shows, and the holder."""
    done = _act_of(file)
    if done is None:
        return False
    holder = _holder(done)
    if holder is not None and actor.acts_for(holder.pk):
        return True
    spec = spec_of(written(done).definition)
    if spec.certificate is None:
        return False
    shown = {spec.certificate.number, spec.certificate.holder, *spec.certificate.decides, *spec.certificate.shows}
    place = place_of(done.record)
    reads = actor.can("registers.read", place.responsible) or actor.can("registers.read", place.owner)
    return reads and shown <= rights(actor, spec, place).read


def log_look(actor: Actor, file: StoredFile) -> None:
    """Write down that an official looked into a person's certificate (Luật 91/2025/QH15)."""
    done = _act_of(file)
    holder = _holder(done) if done else None
    if done is None or holder is None or actor.acts_for(holder.pk):
        return
    log_read(
        party_id=holder.pk,
        actor_id=actor.account_id,
        actor_label=actor.label,
        organization_id=actor.organization_id,
        fields=[file.purpose],
        purpose="Xem giấy chứng nhận, giấy phép đã cấp",
        subject=done.record.register.code,
        ip=actor.ip,
    )
