"""The log of looks at personal data, which the person can see (Law 91/2025/QH15)."""

from __future__ import annotations

from collections.abc import Sequence

from .models import PersonalDataRead


def log_read(
    *,
    party_id: int,
    actor_id: int | None,
    actor_label: str,
    organization_id: int | None,
    fields: Sequence[str],
    purpose: str,
    subject: str = "",
    ip: str = "",
) -> PersonalDataRead:
    """Write down one read of a party's personal data; `fields` are field names, never their values."""
    return PersonalDataRead.objects.create(
        party_id=party_id,
        actor_id=actor_id,
        actor_label=actor_label,
        organization_id=organization_id,
        fields=list(fields),
        purpose=purpose,
        subject=subject,
        ip=ip,
    )


def log_reads(reads: Sequence[PersonalDataRead]) -> None:
    """Write down many reads at once: a list that shows the data of many people."""
    PersonalDataRead.objects.bulk_create(reads, batch_size=500)
