"""Taking in the calls that the mediator wrote down: the persons whose data was read are told, and what proves a call goes into
the audit chain (Luật 91/2025/QH15: who looked; NĐ 278/2025/NĐ-CP: who asked what and what was answered).

The mediator keeps of an answer its digest and blind indexes of the persons in it; here the indexes become looks that those
persons see, and are taken out of the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, NotAllowed, action
from hienluong.foundation.audit.models import PersonalDataRead
from hienluong.foundation.audit.reads import log_reads
from hienluong.foundation.people.models import Party
from hienluong.foundation.sso.models import System
from hienluong.services.mediation.evidence import text_digest

from .models import Call, Operation, ServiceAgreement

#: What apps above this one know that proves a call, beside its digests: by the uid of the call (services/agentnode).
PROOFS: list[Callable[[Iterable[UUID]], Mapping[UUID, Mapping[str, Any]]]] = []
#: Calls taken in by one transaction: the lock of the audit chain is held while their entries are written.
AT_ONCE = 200


@action("bus.calls.take_in")
def take_in(act: Act) -> int:
    """Take in the oldest calls that nobody took in yet, at most :data:`AT_ONCE`; returns how many.

    Two workers share the calls between them. For the system alone.
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ hệ thống tự làm việc này."))
    waiting = Call.objects.select_for_update(skip_locked=True).filter(taken_at__isnull=True).order_by("pk")
    calls = list(waiting[:AT_ONCE])
    agreements = _agreements(calls)
    parties = dict(
        Party.objects.filter(identifier_hash__in={index for call in calls for index in call.persons}).values_list(
            "identifier_hash", "pk"
        )
    )
    names = dict(System.objects.filter(pk__in={call.client for call in calls}).values_list("pk", "client__name"))
    titles = _titles({call.operation for call in calls})
    proofs = [prove(call.uid for call in calls) for prove in PROOFS]
    looks: list[PersonalDataRead] = []
    for call in calls:
        agreement = agreements.get(call.agreement)
        looks += _looks(call, agreement, parties, titles.get(call.operation, {}), names.get(call.client, call.client))
        act.record(
            call,
            after={
                "operation": call.operation,
                "agreement": call.agreement,
                "client": call.client,
                "status": call.status,
                "records": call.records,
                "request_sha256": call.request_digest,
                "answer_sha256": call.answer_digest,
                "signed": bool(call.signature),
                **({"signature_sha256": text_digest(call.signature)} if call.signature else {}),
                "at": call.at.isoformat(),
                **{name: told for proof in proofs for name, told in proof.get(call.uid, {}).items()},
            },
            organization_id=agreement.version.service.owner_id if agreement else None,
        )
        call.persons, call.taken_at = [], timezone.now()
    log_reads(looks)
    Call.objects.bulk_update(calls, ("persons", "taken_at"))
    return len(calls)


def _agreements(calls: Iterable[Call]) -> dict[str, ServiceAgreement]:
    found = ServiceAgreement.objects.filter(code__in={call.agreement for call in calls})
    return {one.code: one for one in found.select_related("version__service")}


def _looks(
    call: Call,
    agreement: ServiceAgreement | None,
    parties: Mapping[str, int],
    titles: Mapping[str, str],
    system: str,
) -> Iterable[PersonalDataRead]:
    """The looks of one call: one at each person in its answer whom the house knows."""
    if not 200 <= call.status < 300:
        return
    for party in {parties[index] for index in call.persons if index in parties}:
        yield PersonalDataRead(
            party_id=party,
            actor_id=None,
            actor_label=system[:200],
            organization_id=agreement.consumer_id if agreement else None,
            fields=[titles.get(name, name) for name in call.fields],
            purpose=call.purpose,
            subject=(agreement.version.service.title if agreement else call.operation)[:100],
            agreement=call.agreement,
            ip=call.address,
        )


def _titles(operations: set[str]) -> dict[str, dict[str, str]]:
    """What the fields of an answer are called in the description of its operation (``title`` of the schema)."""
    named: dict[str, dict[str, str]] = {}
    codes = {name.split("/", 1)[0] for name in operations}
    for one in Operation.objects.filter(version__service__code__in=codes).select_related("version__service"):
        name = f"{one.version.service.code}/v{one.version.major}/{one.name}"
        if name in operations:
            named[name] = {field: title for field in one.fields if (title := _title(one.response_schema, field))}
    return named


def _title(schema: Any, field: str) -> str:
    for step in field.split("."):
        while isinstance(schema, dict) and "items" in schema and "properties" not in schema:
            schema = schema["items"]
        properties = schema.get("properties") if isinstance(schema, dict) else None
        schema = properties.get(step) if isinstance(properties, dict) else None
    return str(schema.get("title") or "")[:100] if isinstance(schema, dict) else ""
