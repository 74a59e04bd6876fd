"""The papers of a breach: form 08 of Nghị định 356/2025/NĐ-CP for the authority, and the minutes of khoản 2 Điều 23.

They are made as PDF from what the register knows and kept as they were made; the office signs, stamps and sends them.
"""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import Act, Actor, InvalidInput, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.files.storing import keep_made
from hienluong.foundation.organisations.models import Organization, OrganizationVersion

from . import actions
from .kinds import BY_CODE
from .models import Breach, Paper
from .permission import HANDLE

PURPOSE = "breaches.paper"
_TITLES = {Paper.Kind.NOTICE: "thong-bao-vi-pham", Paper.Kind.MINUTES: "bien-ban"}


@dataclass(frozen=True)
class Officer:
    """Who answers for data protection at the organisation (Luật 91/2025/QH15, khoản 2 Điều 33)."""

    name: str
    title: str
    phone: str
    email: str


@action("breaches.make_paper")
def make(
    act: Act,
    *,
    breach: Breach,
    kind: str,
    officer_name: str,
    officer_title: str,
    officer_phone: str,
    officer_email: str = "",
    attached: str = "",
    founding: str = "",
    tax_code: str = "",
) -> Paper:
    """Make one paper of a confirmed breach; `attached` names what is sent with it, one a line."""
    held = actions._confirmed(act, breach)
    if kind not in Paper.Kind.values:
        raise InvalidInput(_("Không có loại giấy này."), field="kind")
    officer = Officer(officer_name.strip(), officer_title.strip(), officer_phone.strip(), officer_email.strip())
    for field, value in (
        ("officer_name", officer.name),
        ("officer_title", officer.title),
        ("officer_phone", officer.phone),
    ):
        if not value:
            raise InvalidInput(_("Mẫu thông báo cần mục này."), field=field)
    now = timezone.now()
    context = {
        **content(held),
        "officer": officer,
        "attached": [line.strip() for line in attached.splitlines() if line.strip()],
        "founding": founding.strip(),
        "tax_code": tax_code.strip(),
        "made_at": timezone.localtime(now),
    }
    template = f"breaches/papers/{kind}.html"
    pdf = render_pdf(template, context, title=f"{Paper.Kind(kind).label} {held.code}")
    assert act.actor.account_id is not None
    name = f"{_TITLES[Paper.Kind(kind)]}-{held.code}-{timezone.localtime(now):%Y%m%d-%H%M}.pdf"
    file = keep_made(BytesIO(pdf), name=name, owner=act.actor.account_id, purpose=PURPOSE, media_type="application/pdf")
    made = Paper.objects.create(breach=held, kind=kind, file=file, made_at=now, made_by=act.actor.label[:200])
    act.record(held, after={"paper": kind, "file": str(file.pk)}, organization_id=held.organization_id)
    return made


def content(breach: Breach) -> dict[str, object]:
    """What the papers and the page say of a breach."""
    chosen = [BY_CODE[code] for code in breach.kinds if code in BY_CODE]
    return {
        "breach": breach,
        "agency": breach.organization,
        "about": about(breach.organization),
        "basic": [kind.label for kind in chosen if not kind.sensitive],
        "sensitive": [kind.label for kind in chosen if kind.sensitive],
        "noticed": timezone.localtime(breach.detected_at),
    }


def about(organization: Organization) -> OrganizationVersion | None:
    """Address, telephone and the like of an organisation today."""
    today = timezone.localdate()
    return OrganizationVersion.objects.filter(organization=organization, valid__contains=today).first()


def may_open(actor: Actor, file: StoredFile) -> bool:
    """Whoever handles breaches of that organisation."""
    paper = Paper.objects.filter(file=file).select_related("breach__organization").first()
    return paper is not None and actor.can(HANDLE, paper.breach.organization.path)
