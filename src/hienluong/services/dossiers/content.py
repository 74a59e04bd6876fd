"""What a legal paper says, as plain data: taken down when the paper is issued, and printed from there ever after.

A paper is printed later than it is issued (in the background, or again in a year). By then the dossier has moved on:
papers were replaced, the fee was paid, the due date moved. So nothing here is looked up again when it is printed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.capabilities.payments.queries import charges_of
from hienluong.foundation.organisations import letterhead
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.models import Party

from .charging import subject_ref
from .checklist import at_hand
from .models import Dossier

DELIVERY = {"post": "Bưu chính công ích", "online": "Bản điện tử trên Cổng dịch vụ công"}


def taken_down(dossier: Dossier) -> dict[str, Any]:
    """Everything that a paper about this dossier may say, as it stands now; only what JSON can hold."""
    spec = dossier.procedure_version.spec
    agency = dossier.received_at_org
    with translation.override("vi"):
        return {
            "dossier": {
                "code": dossier.code,
                "national_code": dossier.national_code,
                "received_at": _text(dossier.received_at),
                "submitted_at": _text(dossier.submitted_at),
                "due_at": _text(dossier.due_at),
                "original_due_at": _text(dossier.original_due_at),
            },
            "procedure": {"code": spec.code, "name": dossier.procedure_name, "field": spec.field.name},
            "filer": _person(dossier.filer),
            "subject": _person(dossier.subject) if dossier.subject_id != dossier.filer_id else None,
            "relation": dossier.relation,
            "agency": {"name": agency.name, "above": above(dossier, agency), **_contact(agency)},
            "competent": dossier.competent.name,
            "competent_above": dossier.competent.parent.name if dossier.competent.parent else "",
            "handling": dossier.handling.name,
            "papers": [
                {
                    "name": paper.name,
                    "originals": paper.originals,
                    "copies": paper.copies,
                    "electronic": paper.file_id is not None,
                }
                for paper in at_hand(dossier)
            ],
            "charges": [
                {"amount": charge.amount, "state": charge.get_state_display(), "lines": charge.lines}
                for charge in charges_of(subject_ref(dossier))
            ],
            "delivery": _(DELIVERY[dossier.delivery]) if dossier.delivery in DELIVERY else agency.name,
            "place": letterhead.place(agency),
            "track_url": f"{settings.BASE_URL}/ho-so/tra-cuu?ma={dossier.code}",
        }


def above(dossier: Dossier, agency: Organization) -> str:
    """The organisation printed above the agency that issues: the one it belongs to, else the competent one."""
    return agency.parent.name if agency.parent else dossier.competent.name


def _contact(agency: Organization) -> dict[str, str]:
    version = agency.versions.filter(valid__contains=timezone.localdate()).first()
    return {"address": version.address if version else "", "phone": version.phone if version else ""}


def _person(party: Party) -> dict[str, str]:
    return {"name": party.name, "address": party.address, "phone": party.phone}


def _text(at: datetime | None) -> str:
    return at.isoformat() if at else ""
