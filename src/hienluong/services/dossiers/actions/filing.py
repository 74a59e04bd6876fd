"""Filing: a dossier from a draft, the counter, the post or the national portal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hienluong.capabilities.workflow import engine, library
from hienluong.capabilities.workflow.models import Instance, ProcessModel
from hienluong.foundation.actions import Act, InvalidInput, NotAllowed, action
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.people.actions import find_or_register
from hienluong.foundation.people.models import Party
from hienluong.foundation.search import vocabulary
from hienluong.foundation.search.text import fold
from hienluong.services.procedures import process_steps
from hienluong.services.procedures.models import ProcedureVersion, RuleSet
from hienluong.services.procedures.spec import ProcedureSpec

from .. import eligibility, fetching, prefilling, requirements, sectoral, steps
from ..charging import charge_on_filing
from ..competence import counter_of, division_of, require_way_open, upper_for
from ..models import Channel, Dossier, DossierPaper, Draft, State, SyncState
from ..queries import WORDS
from . import counter_drafts
from .drafts import matter_of


@dataclass(frozen=True)
class PaperIn:
    """A paper handed in: its code in the procedure, and the stored file or what was presented."""

    code: str
    name: str
    file_id: UUID | None = None
    originals: int = 0
    copies: int = 0


@dataclass(frozen=True)
class Filing:
    """Everything a new dossier needs; `subject` is whose matter it is, `filer` who hands it in.

    `relation` says what the filer is to the subject when they are not the same (mẹ, giám đốc, người được ủy quyền).
    """

    version: ProcedureVersion
    subject: Party
    filer: Party
    competent: Organization
    channel: str
    data: dict[str, Any]
    origins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # set here, from the draft
    papers: tuple[PaperIn, ...] = ()
    fetched: Mapping[str, fetching.Found] = field(default_factory=dict)  # set here, from registers and earlier results
    answered: tuple[PaperIn, ...] = ()  # set here: files that are answers of the form
    delivery: str = "counter"
    representative: Party | None = None
    relation: str = ""
    received_at_org: Organization | None = None
    helped_at: Organization | None = None
    national_code: str = ""
    note: str = ""
    at: datetime | None = None
    process_params: dict[str, Any] = field(default_factory=dict)


@action("dossiers.file_online")
def file_online(act: Act, *, draft: Draft, filing: Filing) -> Dossier:
    """File a draft on our own service pages; filing it twice gives the same dossier.

    Refuses what the pages before should have caught: a person who may not file for the subject, answers that are
    missing or wrong, a required paper that was not uploaded, a version no longer in force.
    """
    rows = Draft.objects.select_for_update(of=("self",)).select_related("subject", "procedure_version")
    locked = rows.get(pk=draft.pk)
    if act.actor.account_id != locked.account_id or act.actor.party_id != filing.filer.pk:
        raise NotAllowed(_("Bạn không được nộp hồ sơ nháp này."))
    if locked.filed_as_id:
        known = Dossier.objects.get(pk=locked.filed_as_id)
        act.record(known, verb="dossiers.file_online_repeat")
        return known
    if filing.version.pk != locked.procedure_version_id or filing.channel != Channel.ONLINE:
        raise InvalidInput(
            _("Hồ sơ nháp đã thay đổi. Hãy tải lại trang rồi kiểm tra lại."), code="dossiers.draft_moved"
        )
    spec = filing.version.spec
    uploaded = [paper.code for paper in filing.papers if paper.file_id]
    requirements.require_own_files(act.actor, (paper.file_id for paper in filing.papers if paper.file_id))
    requirements.require_representation(act.actor, filing.subject, filing.relation, uploaded, spec.code)
    answers = requirements.sound_answers(filing.version, {**filing.data, **prefilling.locked(locked)})
    fetched: dict[str, fetching.Found] = {}
    if locked.subject_id == filing.subject.pk and act.actor.acts_for(filing.subject.pk):
        matter = replace(matter_of(locked, answers), agency=filing.competent)
        fetched = fetching.find(act, matter, locked.found, but=uploaded)
    requirements.require_papers(requirements.uploads_asked(spec, answers), {*uploaded, *fetched})
    answered = _answered(act, spec, answers)
    origins = prefilling.settled(locked, answers)
    dossier = _create(act, replace(filing, data=answers, origins=origins, fetched=fetched, answered=answered))
    locked.filed_as = dossier
    locked.save(update_fields=("filed_as",))
    return dossier


@action("dossiers.file_at_counter")
def file_at_counter(act: Act, *, filing: Filing, draft_id: UUID | None = None) -> Dossier:
    """A clerk files for a person at the counter or from the post; the clerk's account never stands for the person.

    The answers must be sound. Papers are taken as they were presented: what is missing is for the check list when
    the dossier is received (``checklist`` names it). `draft_id`: what the clerk had typed;
    sending the same draft twice gives the same dossier.
    """
    if filing.received_at_org is None:
        raise InvalidInput(_("Chưa chọn nơi tiếp nhận."), field="received_at_org")
    act.require("dossiers.file_at_counter", filing.received_at_org.path)
    if filing.channel not in (Channel.COUNTER, Channel.POST):
        raise InvalidInput(_("Cách nộp không đúng."), field="channel")
    if filing.filer.kind != Party.Kind.CITIZEN:
        raise InvalidInput(_("Người nộp phải là một người; doanh nghiệp nộp qua người đại diện."), field="filer")
    if filing.subject.pk != filing.filer.pk and not filing.relation.strip():
        raise InvalidInput(_("Ghi người nộp là gì của chủ hồ sơ."), field="relation")
    kept = counter_drafts.open_sheet(act, draft_id, filing.version.procedure_id) if draft_id else None
    if kept and kept.filed_as_id:
        known = Dossier.objects.get(pk=kept.filed_as_id)
        act.record(known, verb="dossiers.file_at_counter_repeat")
        return known
    answers = requirements.sound_answers(filing.version, filing.data)
    matter = fetching.Matter(filing.version.spec, filing.subject, filing.competent, answers)
    fetched = fetching.find(act, matter, {}, but={paper.code for paper in filing.papers})
    answered = _answered(act, filing.version.spec, answers)
    dossier = _create(act, replace(filing, data=answers, fetched=fetched, answered=answered))
    if kept:
        counter_drafts.close(kept, dossier)
    return dossier


@dataclass(frozen=True)
class PersonIn:
    """Somebody as named at the counter: found by the number, or registered when the number is new.

    `box` is what the names of this person's boxes begin with, so that a fault is told at the right one.
    """

    name: str
    identifier: str
    kind: str = Party.Kind.CITIZEN
    phone: str = ""
    address: str = ""
    box: str = ""


@action("dossiers.file_for_people")
def file_for_people(
    act: Act, *, filing: Callable[[Party, Party], Filing], subject: PersonIn, filer: PersonIn | None, draft_id: UUID
) -> Dossier:
    """File at the counter for people named there (`filer` None: the subject comes in person), all in one transaction.

    `filing` makes the filing once subject and filer are known; the rest is as in :func:`file_at_counter`. When it is
    refused nobody was registered either.
    """
    known = _person(act, subject)
    return file_at_counter(act, filing=filing(known, _person(act, filer) if filer else known), draft_id=draft_id)


def _person(act: Act, person: PersonIn) -> Party:
    try:
        return find_or_register(
            act,
            name=person.name,
            identifier=person.identifier,
            kind=person.kind,
            phone=person.phone,
            address=person.address,
        )
    except InvalidInput as error:
        raise InvalidInput(error.message, code=error.code, field=f"{person.box}{error.field}") from error


@action("dossiers.take_from_national_portal")
def take_from_national_portal(act: Act, *, filing: Filing) -> Dossier:
    """A dossier arriving from the national portal; the same national code arriving again changes nothing.

    People file through the national portal since 2025-07-01 (Nghị định 118/2025/NĐ-CP).
    """
    if act.actor.kind != "system":
        raise NotAllowed(_("Chỉ kênh đồng bộ được nhận hồ sơ từ Cổng quốc gia."))
    if not filing.national_code:
        raise InvalidInput(_("Thiếu mã hồ sơ của Cổng quốc gia."), field="national_code")
    known = Dossier.objects.filter(national_code=filing.national_code).first()
    if known is None:
        try:
            with transaction.atomic():  # so that nothing of a dossier that lost the race stays, not even its number
                return _create(act, filing)
        except IntegrityError:
            known = Dossier.objects.filter(national_code=filing.national_code).first()
            if known is None:
                raise
    act.record(known, verb="dossiers.national_portal_repeat")
    return known


def _answered(act: Act, spec: ProcedureSpec, answers: Mapping[str, Any]) -> tuple[PaperIn, ...]:
    """The files that are answers, as papers of the dossier; refuses those that the sender did not upload."""
    found = requirements.answer_files(spec, answers)
    requirements.require_own_files(act.actor, (file for _label, file in found.values()))
    requirements.require_pictures(spec, found)
    return tuple(
        PaperIn(code=f"don.{name}"[:40], name=label, file_id=file, copies=1) for name, (label, file) in found.items()
    )


def _model(version: ProcedureVersion) -> ProcessModel:
    """The BPMN model fixed when the version was published, whatever has been shipped since."""
    if version.process_digest:
        return ProcessModel.objects.get(pk=version.process_digest)
    return library.shipped(version.spec.process.model)


def _create(act: Act, filing: Filing) -> Dossier:
    at = filing.at or timezone.now()
    day = timezone.localdate(at)
    spec = filing.version.spec
    requirements.require_fileable(filing.version, day)
    requirements.require_applicant(spec, filing.subject)
    requirements.require_known_papers(spec, (paper.code for paper in filing.papers))
    may = eligibility.verdict(spec, filing.data, channel=filing.channel, applicant=filing.subject.kind, day=day)
    sectoral.require(spec, sectoral.matter_of(filing.data, filing.competent, filing.subject, day), may)
    rule_set = RuleSet.objects.filter(valid__contains=day).first()
    if rule_set is None:
        raise InvalidInput(_("Chưa có quy định một cửa áp dụng cho ngày này."), code="dossiers.no_rule_set")
    counter = filing.received_at_org or counter_of(filing.competent, on=day)
    require_way_open(rule_set.spec, channel=filing.channel, counter=counter, competent=filing.competent, on=day)
    handling = division_of(
        filing.competent,
        str(spec.process.params.get("division", spec.agency.key if spec.agency.level == "commune" else "")),
        on=day,
    )
    model = _model(filing.version)
    needs_upper = process_steps.has_lane(engine.load(model.xml), "upper")
    dossier = Dossier(
        code=_new_code(counter, day.strftime("%y%m%d")),
        procedure_version=filing.version,
        procedure_name=spec.name,
        rule_set=rule_set,
        process=Instance.start(model, process_steps.params_of(spec.process.params, filing.process_params)),
        subject=filing.subject,
        subject_name=filing.subject.name,
        filer=filing.filer,
        representative=filing.representative or _representative(filing),
        relation=filing.relation.strip()[:100],
        helped_at=filing.helped_at,
        received_at_org=counter,
        competent=filing.competent,
        handling=handling,
        handling_path=handling.path,
        upper=upper_for(spec, filing.competent, on=day, needed=needs_upper),
        channel=filing.channel,
        delivery=filing.delivery,
        data=filing.data,
        origins=dict(filing.origins),
        note=filing.note,
        state=State.SUBMITTED,
        national_code=filing.national_code,
        sync_state=_sync_state(rule_set, filing),
        submitted_at=at,
    )
    dossier.search_text = search_text_of(dossier, filing.filer.name)
    vocabulary.remember(WORDS, [dossier.search_text])
    steps.place(dossier)
    dossier.save_changes()
    DossierPaper.objects.bulk_create(
        DossierPaper(
            dossier=dossier,
            code=paper.code,
            name=paper.name,
            file_id=paper.file_id,
            originals=paper.originals,
            copies=paper.copies,
            digitised_by_id=act.actor.official_id if filing.channel != Channel.ONLINE else None,
        )
        for paper in (*filing.papers, *filing.answered)
    )
    fetching.attach(dossier, filing.fetched)
    charge_on_filing(act, dossier)
    dossier.state = steps.resting_state(dossier)
    return steps.finish(act, dossier, verb="file", before={}, extra={"code": dossier.code, "channel": dossier.channel})


def _sync_state(rule_set: RuleSet, filing: Filing) -> SyncState:
    """Whether the steps of this dossier are told to the national portal: the rule set decides, when one is connected."""
    told = rule_set.spec.national_portal_sync
    wanted = told == "all" or (told == "arrived" and bool(filing.national_code))
    return SyncState.WAITING if wanted and settings.NATIONAL_PORTAL["url"] else SyncState.NOT_NEEDED


def search_text_of(dossier: Dossier, filer_name: str) -> str:
    """What the search of officials looks through, without diacritics."""
    parts = (dossier.code, dossier.national_code, dossier.subject_name, filer_name, dossier.procedure_name)
    return fold(" ".join(dict.fromkeys(part for part in parts if part)))


def _representative(filing: Filing) -> Party | None:
    """Who files for another stands for that other, unless somebody else was named."""
    return filing.filer if filing.filer.pk != filing.subject.pk else None


def _new_code(counter: Organization, yymmdd: str) -> str:
    """The next code of a counter and day: ``H50.37.01-261123-0001`` (Thông tư 03/2025/TT-VPCP)."""
    return f"{counter.code}-{yymmdd}-{next_number(f'dossier:{counter.code}:{yymmdd}'):04d}"
