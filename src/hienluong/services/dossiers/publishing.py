"""The result as a paper anyone can verify: rendered, signed, logged, and revoked when it must be."""

from __future__ import annotations

from copy import copy
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from hienluong.capabilities.signing import actions as signing
from hienluong.capabilities.signing import masking
from hienluong.capabilities.signing.papers import Ready, render_pdf
from hienluong.foundation.actions import Act, system
from hienluong.foundation.files import store
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.organisations import letterhead
from hienluong.foundation.people.models import Party
from hienluong.services.certificates import papers as certificates
from hienluong.services.procedures import result_templates
from hienluong.services.procedures.spec import ResultKind

from . import effects, granted
from .actions.completion import attach_signed_result
from .drafting import digest
from .models import Result

#: What signed results are kept for (``StoredFile.purpose``).
PURPOSE = "dossiers.result"
GENERAL_TEMPLATE = "dossiers/results/general.html"
REFUSAL_TEMPLATE = "dossiers/results/refusal.html"


WHO = system("Ký và phát hành kết quả")


def produce(result: Result) -> Result:
    """Render, sign and publish a result, then attach it. Doing it again after a crash changes nothing.

    Signed outside of transactions, since a token and a timestamp take their time; published in one, whole or not at all.
    """
    if result.state != Result.State.SIGNING:
        return result
    from hienluong.capabilities.signing.service import sign_result  # heavy, and most processes sign nothing

    token = result.token or signing.new_token()
    signed = sign_result(
        WHO,
        drawn(result, token),
        official=result.signed_by,
        organization=result.dossier.competent,
        title=result.signer_title,
        reason=result.name,
    )
    with transaction.atomic():
        held = Result.objects.select_for_update(of=("self",)).select_related("dossier__procedure_version", "signed_by")
        result = held.get(pk=result.pk)
        if result.state != Result.State.SIGNING:  # another run was first
            return result
        file = store(BytesIO(signed), name=file_name(result), owner=None, purpose=PURPOSE)
        return publish(result, file, token)


def drawn(result: Result, token: str) -> bytes:
    """The paper as it is to be signed."""
    return render_pdf(_template(result), result_context(result, token), title=f"{result.name} {result.number}")


def file_name(result: Result) -> str:
    """What the file of a result is called."""
    return f"{result.dossier.code}-ket-qua.pdf"


def publish(result: Result, file: StoredFile, token: str) -> Result:
    """Put a signed result into the register of issued papers and attach it; part of the caller's transaction."""
    dossier = result.dossier
    signing.issue(
        WHO,
        token=token,
        kind=result.kind,
        title=result.name,
        file=file,
        issuer_code=dossier.competent.code,
        issuer_name=dossier.competent.name,
        signers=[{"name": result.signed_by.full_name if result.signed_by else "", "title": result.signer_title}],
        subject_ref=f"dossier:{dossier.code}",
        facts=facts_to_compare(result),
        valid_until=result.valid_until,
    )
    attached = attach_signed_result(WHO, result=result, file_id=file.pk, token=token)
    certificates.attach_result(WHO, dossier=dossier.code, file=file, token=token)
    return attached


def facts_to_compare(result: Result) -> list[dict[str, str]]:
    """What whoever scans the code may compare with the paper: of a person, the initials and the last digits only.

    The number of a household business is that of its owner, so it is masked too.
    """
    subject = granted.holder_of(result)
    kind = subject.kind if isinstance(subject, Party) else ""  # whom a register names may be a person
    name = subject.name if kind not in ("", Party.Kind.CITIZEN) else masking.initials(subject.name)
    public = kind == Party.Kind.ENTERPRISE
    return masking.facts(
        number=result.number,
        dossier=result.dossier.code,
        granted_to=name,
        identifier=subject.identifier if public else masking.tail(subject.identifier),
        signed_on=timezone.localtime(result.signed_at).strftime("%d/%m/%Y") if result.signed_at else "",
    )


def draft_pdf(result: Result) -> bytes:
    """The draft as it would look, without number, signature or QR, and marked as a draft.

    Kept in memory for some minutes by what it prints: a leader turns its pages.
    """
    key = f"draft:{result.pk}:{digest(result)}"
    known: bytes | None = cache.get(key)
    if known is None:
        known = _draw_draft(result)
        cache.set(key, known, 600)
    return known


def _draw_draft(result: Result) -> bytes:
    return render_pdf(_template(result), draft_context(result), title=f"{result.name} (dự thảo)", pdfa=False)


def draft_context(result: Result) -> dict[str, Any]:
    """What the draft prints: as the signed paper, with the last day that it would have if it were signed today."""
    shown = copy(result)
    shown.valid_until = effects.end_if_signed(result, timezone.localdate())
    return result_context(shown, "") | {"is_draft": True, "verify_url": ""}


def _template(result: Result) -> str | Ready:
    if not result.grants:
        return REFUSAL_TEMPLATE
    kind = _kind(result)
    if kind and kind.body:
        return result_templates.ready(kind.body, kind.printable(result.dossier.procedure_version.spec.form))
    return kind.template if kind and kind.template else GENERAL_TEMPLATE


def _kind(result: Result) -> ResultKind | None:
    return next((k for k in result.dossier.procedure_version.spec.results if k.code == result.kind), None)


def result_context(result: Result, token: str) -> dict[str, Any]:
    """What a result template may print: the form's data, the officer's fields, who decided, how to verify."""
    dossier = result.dossier
    spec, data, kind = dossier.procedure_version.spec, {**dossier.data, **result.fields}, _kind(result)
    own = result_templates.fields_in(data, kind.printable(spec.form)) if kind and kind.body else {"data": data}
    is_own = result.grants and kind is not None and bool(kind.body or kind.template)
    return {
        "result": result,
        "dossier": dossier,
        "spec": spec,
        **own,
        "records": effects.said_by(dossier),
        "subject": granted.holder_of(result) if is_own else dossier.subject,
        "agency": dossier.competent,
        "above": letterhead.above(dossier.competent),
        "place": letterhead.place(dossier.competent),
        "authority": letterhead.authority(result.signer_title),
        "signer": result.signed_by,
        "signer_title": result.signer_title,
        "signed_at": result.signed_at,
        "verify_url": f"{settings.BASE_URL}/xac-minh/{token}",
    }


def revoke_published(act: Act, result: Result, reason: str) -> None:
    """Tell the register of issued papers that this result no longer holds."""
    if result.token:
        signing.revoke(act, token=result.token, reason=reason)
