"""Drafts: begun, saved at every step, carried over to a new version, thrown away only when the person says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.forms import prefill
from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, NotFound, action
from hienluong.foundation.identity.models import Account
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.actions import name_represented
from hienluong.foundation.people.models import Party, Representation
from hienluong.services.procedures.models import ProcedureVersion

from .. import competence, fetching, known, prefilling, requirements, steps
from ..models import Draft


@action("dossiers.start_draft")
def start_draft(act: Act, *, version: ProcedureVersion, subject: Party | None) -> Draft:
    """Begin a draft for `subject` (None: somebody to be named next), filled with what the government knows.

    A draft of the same person for the same service and subject is gone on with instead.
    """
    if act.actor.account_id is None or act.actor.party_id is None:
        raise NotAllowed(_("Hãy đăng nhập bằng tài khoản công dân để nộp hồ sơ."))
    Account.objects.select_for_update(no_key=True).get(pk=act.actor.account_id)  # two presses begin one draft
    requirements.require_fileable(version, timezone.localdate())
    if why := competence.why_not_online(timezone.localdate()):  # before people type what could not be filed
        raise InvalidInput(why, code="dossiers.way_closed")
    if version.spec.form is None:
        raise NotFound(_("Dịch vụ này chưa nộp được trên mạng."))
    relation = _relation_known(act, subject)
    _require_subject(act, version, subject)
    begun = Draft.objects.filter(
        account_id=act.actor.account_id, procedure_version=version, subject=subject, filed_as__isnull=True
    ).first()
    if begun:
        act.record(begun, verb="dossiers.go_on_with_draft")
        return begun
    draft = Draft.objects.create(
        account_id=act.actor.account_id,
        procedure_version=version,
        subject=subject,
        relation=relation,
        data=_prefilled(version, subject),
    )
    prefilling.fill(act, draft)
    if draft.origins:
        draft.save(update_fields=("data", "origins"))
    act.record(draft, after={"procedure": version.spec_json["code"], "fields": sorted(draft.data)})
    return draft


@action("dossiers.save_draft")
def save_draft(
    act: Act,
    *,
    draft: Draft,
    data: dict[str, Any] | None = None,
    papers: dict[str, list[str]] | None = None,
    page: str = "",
    organization: Organization | None = None,
    delivery: str = "",
) -> Draft:
    """Keep what the person typed so far. Only the owner of the draft may.

    Only what is given is written, into the row as it is now: a page sent late from another tab changes its own
    answers and nothing else. A draft that is not in the database yet is put there.
    """
    if act.actor.account_id != draft.account_id:
        raise NotAllowed(_("Đây là hồ sơ nháp của người khác."))
    if draft._state.adding:
        draft.save()
    now = locked_draft(act, draft)
    changed = {"updated_at"}
    if data:
        fixed = prefilling.locked(now)
        given = {name: value for name, value in data.items() if name not in fixed}
        renamed = {
            name
            for name in prefilling.naming_fields(now.procedure_version.spec.form) & set(given)
            if given[name] != now.data.get(name)
        }
        now.data = {**now.data, **given}
        changed.add("data")
        if renamed:
            prefilling.fill(act, now, only=renamed)
            changed.add("origins")
    if papers is not None:
        now.papers = {**now.papers, **papers}
        changed.add("papers")
    for name, value in (("page", page), ("organization", organization), ("delivery", delivery)):
        if value:
            setattr(now, name, value)
            changed.add(name)
    now.save(update_fields=changed)
    act.record(now, after={"page": now.page, "fields": sorted(data or {}), "papers": sorted(papers or {})})
    return taken_over(draft, now)


@action("dossiers.choose_subject")
def choose_subject(act: Act, *, draft: Draft, subject: Party) -> Draft:
    """Say whose matter the draft is: oneself, or a party that one is known to represent.

    Answers that were filled in from what is known of the one before are replaced; what was typed stays.
    """
    now = locked_draft(act, draft)
    relation = _relation_known(act, subject)
    _require_subject(act, now.procedure_version, subject)
    return taken_over(draft, _change_subject(act, now, subject, relation))


@action("dossiers.name_subject")
def name_subject(act: Act, *, draft: Draft, name: str, identifier: str, relation: str) -> Draft:
    """Say that the draft is for another citizen: who, and what the one who files is to that citizen."""
    now = locked_draft(act, draft)
    if not relation.strip():
        raise InvalidInput(_("Hãy cho biết bạn là gì của người được đại diện."), field="relation")
    if not requirements.may_apply(now.procedure_version.spec, Party.Kind.CITIZEN):
        raise InvalidInput(_("Thủ tục này không dành cho cá nhân."), code="dossiers.wrong_applicant")
    subject = name_represented(act, name=name, identifier=identifier)
    return taken_over(draft, _change_subject(act, now, subject, relation.strip()[:100]))


@action("dossiers.carry_draft_over")
def carry_draft_over(act: Act, *, draft: Draft) -> Draft:
    """Move a draft to the version in force today. Every answer and paper stays, also those no longer asked for."""
    now = locked_draft(act, draft)
    code = now.procedure_version.procedure.code
    current = requirements.version_in_force(code, timezone.localdate())
    if current is None:
        raise requirements.ProcedureClosed(_("Thủ tục này hiện không tiếp nhận hồ sơ. Bản nháp của bạn vẫn được giữ."))
    if current.pk != now.procedure_version_id:
        before = now.procedure_version.number
        now.procedure_version, now.page = current, ""
        asked = set(current.spec.form.data_schema.get("properties", {})) if current.spec.form else set()
        now.origins = {name: origin for name, origin in now.origins.items() if name in asked}
        prefilling.fill(act, now)
        now.save(update_fields=("procedure_version", "page", "data", "origins", "updated_at"))
        act.record(now, before={"version": before}, after={"version": current.number})
    else:
        act.record(now, after={"version": current.number})
    return taken_over(draft, now)


@action("dossiers.discard_draft")
def discard_draft(act: Act, *, draft: Draft) -> None:
    """Throw away a draft that was not filed. Only its owner may."""
    now = locked_draft(act, draft)
    act.record(now, before={"fields": sorted(now.data)})
    now.delete()


def locked_draft(act: Act, draft: Draft) -> Draft:
    """The draft as it is now, locked until the transaction ends; only its owner's, only while not filed."""
    found = (
        Draft.objects.select_for_update(of=("self",))
        .select_related("procedure_version__procedure", "subject", "organization")
        .filter(pk=draft.pk)
        .first()
    )
    if found is None:
        raise NotFound(_("Không tìm thấy hồ sơ nháp."))
    if act.actor.account_id != found.account_id:
        raise NotAllowed(_("Đây là hồ sơ nháp của người khác."))
    if found.filed_as_id:
        raise steps.DossierClosed(_("Hồ sơ nháp này đã được nộp."))
    return found


def matter_of(draft: Draft, data: Mapping[str, Any]) -> fetching.Matter:
    """What papers may be fetched for a draft with these answers; it has a subject."""
    assert draft.subject is not None
    spec = draft.procedure_version.spec
    agency = known.agency_of(spec, draft.organization, draft.subject)
    return fetching.Matter(spec, draft.subject, agency, data, draft.records)


def taken_over(draft: Draft, now: Draft) -> Draft:
    """Bring the caller's copy up to date once the transaction holds, so that it goes on with what is kept."""
    kept = ("data", "papers", "page", "delivery", "relation", "subject_id", "organization_id", "updated_at")
    for name in (*kept, "origins", "records", "found"):
        setattr(draft, name, getattr(now, name))
    if draft.procedure_version_id != now.procedure_version_id:
        draft.procedure_version = now.procedure_version
    return draft


def _change_subject(act: Act, now: Draft, subject: Party, relation: str) -> Draft:
    version = now.procedure_version
    old = _prefilled(version, now.subject) if now.subject_id != subject.pk else {}
    typed = {
        name: value
        for name, value in now.data.items()
        if old.get(name) != value and (name not in now.origins or now.origins[name].get("value") != value)
    }
    typed = typed if now.subject_id != subject.pk else now.data
    told = _prefilled(version, subject if act.actor.acts_for(subject.pk) else None, named=subject)
    before = now.subject_id
    now.relation, now.data = relation, {**told, **typed}
    if before != subject.pk:
        now.origins, now.records, now.found = {}, {}, {}
    now.subject = subject
    prefilling.fill(act, now)
    now.save(update_fields=("subject", "relation", "data", "origins", "records", "found", "updated_at"))
    act.record(now, before={"subject": before}, after={"subject": subject.pk, "relation": relation})
    return now


def _require_subject(act: Act, version: ProcedureVersion, subject: Party | None) -> None:
    if subject is None:
        return
    if not act.actor.acts_for(subject.pk):
        raise NotAllowed(_("Tài khoản của bạn chưa được ghi nhận là người đại diện của bên này."))
    if not act.actor.may_for(subject.pk, "file", procedure=version.spec.code):
        raise NotAllowed(_("Doanh nghiệp không cử bạn nộp hồ sơ của thủ tục này."), code="mandates.beyond")
    requirements.require_applicant(version.spec, subject)


def _relation_known(act: Act, subject: Party | None) -> str:
    """In which role the actor represents a party, as it is recorded; empty for oneself."""
    if subject is None or subject.pk == act.actor.party_id:
        return ""
    role = (
        Representation.objects.filter(
            representative_id=act.actor.party_id, represented=subject, valid__contains=timezone.localdate()
        )
        .values_list("role", flat=True)
        .first()
    )
    return str(role or "")


def _prefilled(version: ProcedureVersion, party: Party | None, named: Party | None = None) -> dict[str, Any]:
    """Answers from what is known; of a party that was only named, nothing but its name and number."""
    form = version.spec.form
    if form is None:
        return {}
    if party is not None:
        told = {
            "name": party.name,
            "identifier": party.identifier,
            "tax_code": party.identifier if party.kind != Party.Kind.CITIZEN else "",
            "date_of_birth": party.date_of_birth.isoformat() if party.date_of_birth else "",
            "address": party.address,
            "phone": party.phone,
            "email": party.email,
            "sex": party.sex,
            "commune": party.commune_code,
        }
    elif named is not None:
        told = {"name": named.name, "identifier": named.identifier}
    else:
        return {}
    return prefill.prefill(form, {"party": told})
