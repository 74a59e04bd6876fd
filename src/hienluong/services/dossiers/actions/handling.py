"""Handling: assign, review, inspect, opinions, transfer, draft, submit for signature, notes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, InvalidInput, action
from hienluong.foundation.organisations.models import Official, Organization

from .. import drafting, duties, enquiring, opinions, sectoral, steps
from ..competence import transfer_targets
from ..models import Dossier, InternalNote, Result


@action("dossiers.assign")
def assign(act: Act, *, dossier: Dossier, official: Official, note: str = "") -> Dossier:
    """Give a dossier to one official of the handling organisation."""
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "assign")
    today = timezone.localdate()
    if not official.positions.filter(
        organization__path__startswith=dossier.handling_path, valid__contains=today
    ).exists():
        raise InvalidInput(_("Cán bộ này không công tác tại đơn vị thụ lý."), field="official")
    before = {**steps.before(dossier), "assignee": dossier.assignee_id}
    dossier.assignee = official
    steps.to_progress(dossier)
    return steps.finish(act, dossier, verb="assign", before=before, note=note, extra={"assignee": official.full_name})


@action("dossiers.transfer")
def transfer(act: Act, *, dossier: Dossier, to: Organization, note: str) -> Dossier:
    """Move a dossier to another division of the competent organisation that is to work on it, or back to itself."""
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "transfer")
    if not note.strip():
        raise InvalidInput(_("Hãy ghi lý do chuyển."), field="note")
    if not transfer_targets(dossier, on=timezone.localdate()).filter(pk=to.pk).exists():
        raise InvalidInput(
            _("Chỉ chuyển được cho đơn vị đang hoạt động của cơ quan có thẩm quyền."),
            code="dossiers.unlawful_target",
            field="to",
        )
    before = {**steps.before(dossier), "handling": dossier.handling.name}
    _hand_to(dossier, to)
    return steps.finish(act, dossier, verb="transfer", before=before, note=note, extra={"handling": to.name})


def _hand_to(dossier: Dossier, to: Organization) -> None:
    dossier.handling, dossier.handling_path, dossier.assignee = to, to.path, None
    steps.place(dossier)


@action("dossiers.review")
def review(
    act: Act,
    *,
    dossier: Dossier,
    grants: bool,
    conclusion: str,
    fields: dict[str, Any] | None = None,
    again: bool = False,
) -> Result:
    """Finish the review: propose the result (or a reasoned refusal) and keep its draft.

    A refusal goes to the head at once. So does a proposal that was sent back for another wording: what the process
    does in between (inspection, opinions, the upper level) was done, and is done once more only when asked `again`.
    """
    dossier = steps.lock(dossier)
    task = duties.admit(act, dossier, "review")
    if not conclusion.strip():
        raise InvalidInput(_("Hãy ghi kết luận thẩm định."), field="conclusion")
    if grants:
        sectoral.require_of(dossier)
        enquiring.require_settled(dossier)
    before = steps.before(dossier)
    steps.to_progress(dossier)
    result = _draft(act, dossier, grants=grants, conclusion=conclusion.strip(), fields=fields, whole=grants)
    outcome = _outcome(dossier, grants=grants, again=again)
    steps.advance(dossier, task, outcome)
    if "opinion" in dossier.process.ready:
        opinions.ask(dossier, act.actor.official_id)
    steps.finish(act, dossier, verb="review", before=before, outcome=outcome, note=conclusion)
    return result


def _outcome(dossier: Dossier, *, grants: bool, again: bool) -> str:
    if not grants:
        return "deny"
    return "revise" if steps.was_proposed(dossier) and not again else "propose"


def _draft(
    act: Act, dossier: Dossier, *, grants: bool, conclusion: str, fields: dict[str, Any] | None, whole: bool
) -> Result:
    kind = dossier.procedure_version.spec.results[0]
    result = Result.objects.filter(dossier=dossier).exclude(state=Result.State.REVOKED).first() or Result(
        dossier=dossier
    )
    result.kind, result.grants = kind.code, grants
    result.name = kind.name if grants else str(_("Văn bản từ chối giải quyết"))
    result.conclusion = conclusion
    result.fields = drafting.require_fields(dossier, result.fields if fields is None else fields, whole=whole)
    result.state = Result.State.DRAFT
    result.drafted_by_id = act.actor.official_id
    result.save()
    return result


@action("dossiers.draft_result")
def draft_result(
    act: Act, *, dossier: Dossier, conclusion: str, fields: dict[str, Any] | None = None, grants: bool = True
) -> Result:
    """Keep the draft of the result while reviewing, also half filled in; what was proposed is not changed behind backs.

    `fields` None leaves those kept so far as they are.
    """
    dossier = steps.lock(dossier)
    duties.admit(act, dossier, "draft_result")
    result = _draft(act, dossier, grants=grants, conclusion=conclusion.strip(), fields=fields, whole=False)
    act.record(result, after={"conclusion": result.conclusion, "fields": result.fields, "grants": grants})
    return result


@action("dossiers.inspect")
def inspect(act: Act, *, dossier: Dossier, findings: str) -> Dossier:
    """Record a field inspection."""
    return plain_step(act, dossier, "inspect", "done", findings, "findings")


@action("dossiers.forward")
def forward(act: Act, *, dossier: Dossier, note: str) -> Dossier:
    """Send a dossier up to the next level ("liên thông")."""
    return plain_step(act, dossier, "forward", "sent", note, "note")


@action("dossiers.upper_review")
def upper_review(act: Act, *, dossier: Dossier, conclusion: str) -> Dossier:
    """The upper level has decided its part."""
    return plain_step(act, dossier, "upper_review", "done", conclusion, "conclusion")


def plain_step(act: Act, dossier: Dossier, verb: str, outcome: str, text: str, field: str) -> Dossier:
    """A step whose whole content is a text, which goes into the control sheet."""
    dossier = steps.lock(dossier)
    task = duties.admit(act, dossier, verb)
    if not text.strip():
        raise InvalidInput(_("Hãy ghi nội dung."), field=field)
    before = steps.before(dossier)
    steps.to_progress(dossier)
    steps.advance(dossier, task, outcome)
    return steps.finish(act, dossier, verb=verb, before=before, outcome=outcome, note=text.strip())


@action("dossiers.submit_for_signature")
def submit_for_signature(act: Act, *, dossier: Dossier, forward: bool = True, note: str = "") -> Dossier:
    """The head of the division sends the draft to the leader, or back to the officer."""
    dossier = steps.lock(dossier)
    task = duties.admit(act, dossier, "submit_for_signature")
    if not forward and not note.strip():
        raise InvalidInput(_("Trả lại thì phải nêu lý do."), field="note")
    before = steps.before(dossier)
    outcome = "forward" if forward else "back"
    steps.advance(dossier, task, outcome)
    return steps.finish(act, dossier, verb="submit_for_signature", before=before, outcome=outcome, note=note)


@action("dossiers.note")
def add_note(act: Act, *, dossier: Dossier, text: str) -> InternalNote:
    """Leave an internal note; the person never sees it, also when that person is an official."""
    duties.admit(act, dossier, "note")
    if not text.strip():
        raise InvalidInput(_("Hãy ghi nội dung."), field="text")
    note = InternalNote.objects.create(
        dossier=dossier, official_id=act.actor.official_id, label=act.actor.label, text=text.strip()
    )
    act.record(dossier, after={"note": note.pk})
    return note
