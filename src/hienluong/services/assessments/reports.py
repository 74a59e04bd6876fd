"""The signed report of an assessment: drawn, signed, written into the transparency log; revoked when it is annulled."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from hienluong.capabilities.scoring import actions, queries
from hienluong.capabilities.scoring.installing import spec_of
from hienluong.capabilities.scoring.models import Assessment
from hienluong.capabilities.scoring.permissions import SIGN
from hienluong.capabilities.signing import actions as signing
from hienluong.capabilities.signing import masking
from hienluong.capabilities.signing.models import IssuedFile
from hienluong.capabilities.signing.papers import render_pdf
from hienluong.foundation.actions import Act, Actor, NotAllowed, action, system
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations.models import Official

from . import presentation

#: What the files of reports are kept for.
PURPOSE = "scoring.report"
KIND = "assessment_report"


@action("assessments.sign")
def sign(act: Act, *, assessment_id: UUID) -> Assessment:
    """Sign a finished assessment as the official who asks: the report is made, issued and put to it, or nothing is."""
    assessment = actions.held(assessment_id)
    act.require(SIGN, assessment.organization.path)
    actions.require_state(assessment, actions.State.FINISHED)
    official = Official.objects.filter(pk=act.actor.official_id or 0).first()
    if official is None:
        raise NotAllowed(_("Người ký phải là cán bộ của cơ quan."), permission=SIGN)
    spec, organization, token = spec_of(assessment.definition), assessment.organization, signing.new_token()
    with translation.override("vi"):
        title = _("Biên bản chấm điểm")
        context = paper_context(assessment, official, token)
    from hienluong.capabilities.signing.service import sign_result  # heavy, and most processes sign nothing

    signed = sign_result(
        act,
        render_pdf("assessments/papers/report.html", context, title=f"{title} {assessment.code}"),
        official=official,
        organization=organization,
        title="",
        reason=title,
    )
    file = store(BytesIO(signed), name=f"{assessment.code}.pdf", owner=None, purpose=PURPOSE)
    done = actions.sign(act, assessment_id=assessment_id, report=file, token=token)
    level = spec.level(assessment.level)
    signing.issue(
        system("Ký và phát hành biên bản chấm điểm"),
        token=token,
        kind=KIND,
        title=title,
        file=file,
        issuer_code=organization.code,
        issuer_name=organization.name,
        signers=[{"name": official.full_name, "title": ""}],
        subject_ref=f"assessment:{assessment.code}",
        facts=masking.facts(
            number=assessment.code,
            outcome=level.label if level else assessment.level,
            signed_on=timezone.localdate().strftime("%d/%m/%Y"),
        ),
    )
    return done


@action("assessments.annul")
def annul(act: Act, *, assessment_id: UUID, reason: str) -> Assessment:
    """Annul an assessment; a report that was issued is revoked with it."""
    assessment = actions.annul(act, assessment_id=assessment_id, reason=reason)
    if assessment.token and IssuedFile.objects.filter(pk=assessment.token, state=IssuedFile.State.IN_FORCE).exists():
        signing.revoke(act, token=assessment.token, reason=reason)
    return assessment


def paper_context(assessment: Assessment, official: Official, token: str) -> dict[str, Any]:
    """What the report prints."""
    spec = spec_of(assessment.definition)
    return {
        "assessment": assessment,
        "spec": spec,
        "rows": presentation.rows(assessment),
        "verdict": queries.verdict_of(assessment),
        "level": spec.level(assessment.level),
        "signer": official,
        "signer_title": "",
        "verify_url": f"{settings.BASE_URL}/xac-minh/{token}",
        "issued_at": timezone.now(),
    }


def may_open(actor: Actor, file: StoredFile) -> bool:
    """Who may see the assessment may open its report."""
    found = Assessment.objects.select_related("organization").filter(report=file).first()
    return found is not None and queries.may_see(actor, found)
