"""Proving afterwards who asked what and what was answered, for the two sides of an agreement and who watches over the bus.

What is checked is in :mod:`hienluong.services.mediation.proof`, which needs no database; here a call is put together for it:
the row, its entry in the audit chain, the signed head that follows, and (until its term is over) what was asked.
Ground: NĐ 278/2025/NĐ-CP; Law 91/2025/QH15 (no longer than needed, and persons see who looked).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, Actor, InvalidInput, NotFound, action
from hienluong.foundation.audit import chain
from hienluong.foundation.audit.models import Entry, PersonalDataRead
from hienluong.foundation.audit.reads import log_reads
from hienluong.foundation.organisations import reach
from hienluong.foundation.people.models import Party
from hienluong.foundation.people.protected import blind_index
from hienluong.foundation.sso.models import System
from hienluong.foundation.transparency import heads
from hienluong.services.mediation import evidence, proof, signatures

from .announce import MONITOR, PROVIDE, REQUEST, SHARE
from .models import Call, Operation, ServiceAgreement

VERB = "bus.calls.take_in"
#: Rows of the audit chain that are walked for one page: signed heads are an hour apart.
MOST_ROWS = 200_000
#: Values of an address that are looked at for a person's number.
_MOST_VALUES = 50


@dataclass(frozen=True)
class Wanted:
    """Which calls: from day to day (both included), under an agreement, of an operation, by the name that logs have."""

    since: date | None = None
    until: date | None = None
    agreement: str = ""
    operation: str = ""
    name: str = ""


def agreements(actor: Actor) -> QuerySet[ServiceAgreement]:
    """The agreements of which somebody may prove calls: as the owner's side, the consumer's, or who watches over either."""
    owned = reach.below([*actor.paths_with(SHARE), *actor.paths_with(PROVIDE)], "version__service__owner__path")
    asked = reach.below(actor.paths_with(REQUEST), "consumer__path")
    watched = reach.below(actor.paths_with(MONITOR), "version__service__owner__path", "consumer__path")
    found = ServiceAgreement.objects.filter(owned | asked | watched)
    return found.select_related("version__service__owner", "consumer").order_by("-pk")


def may_prove(actor: Actor) -> bool:
    """Whether there can be anything for somebody to prove."""
    return any(actor.paths_with(code) for code in (SHARE, PROVIDE, REQUEST, MONITOR))


def is_party(actor: Actor, agreement: ServiceAgreement) -> bool:
    """Whether somebody decides for one of the two sides: only they see what was asked."""
    return actor.can(SHARE, agreement.version.service.owner.path) or actor.can(REQUEST, agreement.consumer.path)


def calls(actor: Actor, wanted: Wanted) -> QuerySet[Call]:
    """The calls that somebody may prove, newest first, without what is kept of them."""
    found = Call.objects.filter(agreement__in=agreements(actor).order_by().values("code"))
    if wanted.since:
        found = found.filter(at__gte=_midnight(wanted.since))
    if wanted.until:
        found = found.filter(at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.agreement:
        found = found.filter(agreement=wanted.agreement)
    if wanted.operation:
        found = found.filter(operation=wanted.operation)
    if wanted.name:
        found = found.filter(Q(request_id=wanted.name) | Q(uid=_uid(wanted.name)))
    return found.defer("evidence", "signature").order_by("-at", "-pk")


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def _uid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def operations(actor: Actor) -> list[str]:
    """The operations that may be narrowed by: those of the agreements that somebody may prove."""
    named: set[str] = set()
    for one in agreements(actor)[:200]:
        named |= {f"{one.version.service.code}/v{one.version.major}/{name}" for name in one.fields}
    return sorted(named)


def call(actor: Actor, uid: UUID) -> tuple[Call, ServiceAgreement]:
    """One call with its agreement. Raises NotFound for what somebody may not prove."""
    found = Call.objects.filter(uid=uid).first()
    agreement = agreements(actor).filter(code=found.agreement).first() if found else None
    if found is None or agreement is None:
        raise NotFound(_("Không có lời gọi này."))
    return found, agreement


def term_of(call: Call) -> datetime:
    """Until when what was asked is kept."""
    return call.at + timedelta(days=settings.BUS_EVIDENCE_DAYS)


def asked(call: Call) -> tuple[str, dict[str, Any] | None]:
    """How what was asked is kept (``kept``, ``gone``, ``broken``, ``never``), and what it is while its term lasts."""
    if timezone.now() >= term_of(call):
        return "gone", None
    if not call.evidence:
        return "never", None
    told = evidence.opened(call.evidence, settings.BUS_MEDIATOR_SECRET)
    return ("kept", told) if told else ("broken", None)


def forget(now: datetime | None = None) -> int:
    """Delete what was asked in calls whose term is over; returns of how many."""
    last = (now or timezone.now()) - timedelta(days=settings.BUS_EVIDENCE_DAYS)
    return Call.objects.filter(at__lte=last).exclude(evidence="").update(evidence="")


def mediator_key() -> dict[str, str]:
    """The public key that answers are signed with (RFC 7517)."""
    return signatures.own_key(settings.BUS_MEDIATOR_SECRET)[1]


def bundle(call: Call, agreement: ServiceAgreement) -> dict[str, Any]:
    """All that proves a call, as it is checked here: with what was asked, as long as that is kept, and not signed yet."""
    state, told = asked(call)
    entry = Entry.objects.filter(target_type="bus.call", target_id=str(call.pk), verb=VERB).order_by("seq").first()
    service = agreement.version.service
    return {
        "format": proof.FORMAT,
        "installation": settings.BASE_URL,
        "call": {
            "uid": str(call.uid),
            "at": call.at.isoformat(),
            "agreement": call.agreement,
            "operation": call.operation,
            "client": call.client,
            "purpose": call.purpose,
            "status": call.status,
            "records": call.records,
            "fields": call.fields,
            "request_id": call.request_id,
            "request_sha256": call.request_digest,
            "answer_sha256": call.answer_digest,
            "taken_at": call.taken_at.isoformat() if call.taken_at else None,
        },
        "parties": {
            "consumer": {"code": agreement.consumer.code, "name": agreement.consumer.name},
            "provider": {"code": service.owner.code, "name": service.owner.name},
            "service": service.title,
        },
        "signatures": call.signature,
        "asked_state": state,
        "asked": told,
        "entry": _entry(entry) if entry else None,
        "chain": _chain(entry) if entry else None,
        "keys": {"audit": heads.public_key(), "mediator": mediator_key()},
    }


def _entry(entry: Entry) -> dict[str, Any]:
    told = {name: getattr(entry, name) for name in proof.HASHED}
    return {
        **told,
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "previous_hash": bytes(entry.previous_hash).hex(),
        "hash": bytes(entry.hash).hex(),
    }


def _chain(entry: Entry) -> dict[str, Any]:
    """How the chain goes on from an entry to the signed head that follows it, or as far as there is one yet."""
    head = heads.following(entry.seq, entry.at)
    until = chain.Anchor(head.seq, bytes.fromhex(head.hash)) if head else chain.head()
    fault = chain.verify_part(entry.seq, until, MOST_ROWS) if until else None
    return {
        "whole": fault is None,
        "fault": fault.message if fault else "",
        "rows": until.seq - entry.seq + 1 if until else 0,
        "head": head.record() if head else None,
    }


def findings(made: Mapping[str, Any], **copies: proof.Copy | None) -> list[proof.Finding]:
    """What holds of a call, with the keys of this installation."""
    found = proof.findings(made, audit_key=heads.public_key(), mediator_key=mediator_key(), **copies)
    return [each for each in found if each.code != "bundle" or each.good is not None]


def signed(made: Mapping[str, Any], *, whole: bool) -> dict[str, Any]:
    """A bundle to take away, signed by the installation; what was asked is in it only when it is to be whole."""
    told = dict(made)
    if told["asked"] is not None:
        told["asked"] = {name: value for name, value in told["asked"].items() if name != "persons"} if whole else None
        told["asked_state"] = "kept" if whole else "left out"
    told["made_at"] = timezone.now().isoformat()
    told = json.loads(proof.canonical(told))
    return {**told, "signature": heads.sign(proof.canonical(told))}


@action("bus.evidence.look")
def look(act: Act, *, call: Call, agreement: ServiceAgreement, why: str) -> dict[str, Any]:
    """What was asked in a call, for one of its two sides and for a reason; the persons in it see that somebody looked.

    Raises NotAllowed, InvalidInput without a reason, NotFound when it is no longer kept.
    """
    if not is_party(act.actor, agreement):
        act.require(SHARE, agreement.version.service.owner.path)
    why = " ".join(why.replace("\x00", "").split())[:200]
    if not why:
        raise InvalidInput(_("Hãy ghi lý do xem."), field="ly_do")
    _state, told = asked(call)
    if told is None:
        raise NotFound(_("Điều đã hỏi không còn lưu."))
    act.record(call, after={"call": str(call.uid)}, organization_id=agreement.version.service.owner_id, note=why)
    log_reads(
        [
            PersonalDataRead(
                party_id=party,
                actor_id=act.actor.account_id,
                actor_label=act.actor.label[:200],
                organization_id=act.actor.organization_id,
                fields=[_("Điều một cơ quan đã hỏi qua trục")],
                purpose=why,
                subject=agreement.version.service.title[:100],
                agreement=call.agreement,
                ip=act.actor.ip,
            )
            for party in _persons(told)
        ]
    )
    return told


def _persons(told: Mapping[str, Any]) -> list[int]:
    """The persons whom the house knows among those that an answer was about or whose number stands in the address."""
    path, _mark, query = str(told.get("target", "")).partition("?")
    values: list[str] = [unquote(part) for part in path.split("/")]
    with suppress(ValueError):
        values += [value for _name, value in parse_qsl(query, max_num_fields=200)]
    found = {blind_index(value) for value in values[:_MOST_VALUES] if any(letter.isdigit() for letter in value)}
    wanted = {*found, *_texts(told.get("persons"))} - {""}
    return sorted(Party.objects.filter(identifier_hash__in=wanted).values_list("pk", flat=True))


def _texts(listed: Any) -> Iterable[str]:
    return [str(each) for each in listed] if isinstance(listed, list) else []


def key_states(call: Call) -> list[dict[str, Any]]:
    """The keys that signed, and how they stand now: name, whose, state in words."""
    if not call.signature:
        return []
    try:
        kept = json.loads(call.signature)
        key = kept["request"]["key"]
        mine = kept["request"]["key"].get("kid") or signatures.thumbprint(key)
        answered = str(kept["answer"].get("keyid") or "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    system = System.objects.filter(pk=call.client).first()
    own = mediator_key()["kid"]
    return [
        {"name": str(mine), "of": _("Bên hỏi"), "state": _state_of(system, key)},
        {
            "name": answered or own,
            "of": _("Trục, thay bên trả lời"),
            "state": _("Khóa của trục, đang dùng.")
            if answered in ("", own)
            else _("Khóa trước đây của trục, nay đã thay."),
        },
    ]


def _state_of(system: System | None, key: Mapping[str, Any]) -> str:
    """The key was registered when the mediator took the request; what has become of it since."""
    if system is None:
        return _("Lúc gọi đã đăng ký; nay hệ thống này không còn.")
    if system.disabled_at:
        day = timezone.localtime(system.disabled_at)
        return _("Lúc gọi đã đăng ký; hệ thống bị ngắt từ %(day)s.") % {"day": f"{day:%d/%m/%Y %H:%M}"}
    listed = system.keys.get("keys", []) if isinstance(system.keys, dict) else []
    try:
        here = signatures.thumbprint(key) in {signatures.thumbprint(one) for one in listed}
    except (KeyError, TypeError):
        here = False
    return _("Lúc gọi đã đăng ký; nay vẫn dùng.") if here else _("Lúc gọi đã đăng ký; nay đã thay khóa khác.")


def title_of(call: Call, agreement: ServiceAgreement) -> str:
    """What the operation of a call is called."""
    name = call.operation.rpartition("/")[2]
    found = Operation.objects.filter(version=agreement.version, name=name).values_list("title", flat=True).first()
    return found or name
