"""The verbs of an assessment: begin, answer, choose between two answers, finish, take up again, sign, annul.

Answers are only ever added. One that was given without knowing the current one becomes a rival, and both stand until
somebody chooses: nothing that was answered is lost.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotFound, action
from hienluong.foundation.files.models import StoredFile
from hienluong.foundation.numbering import next_number
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas.cleaning import storable

from . import queries
from .engine import accepts, judge
from .installing import spec_of
from .models import Assessment, AssessmentAnswer, AssessmentPhoto, AssessmentStep, ScoringDefinition
from .permissions import ASSESS, SIGN

MAX_NOTE = 4000
MAX_PHOTOS = 10
State = Assessment.State
Standing = AssessmentAnswer.Standing


class WrongState(DomainError):
    """The assessment is not in a state in which this can be done."""

    code = "scoring.wrong_state"


class Undecided(DomainError):
    """There is an answer that whoever chose has not seen."""

    code = "scoring.newer_answer"


@dataclass(frozen=True)
class Target:
    """What is assessed: a record of a register, or something named in words."""

    name: str
    register: str = ""
    record: int | None = None
    key: str = ""


@dataclass(frozen=True)
class Given:
    """One answer as it was given. `base` is the key of the answer that was seen then; None when none was."""

    item: str
    key: UUID
    value: str = ""
    base: UUID | None = None
    note: str = ""
    photos: Sequence[UUID] = ()
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    answered_at: datetime | None = None


@action("scoring.begin")
def begin(
    act: Act,
    *,
    definition: ScoringDefinition,
    organization: Organization,
    target: Target,
    day: date,
    place: str = "",
    key: UUID | None = None,
) -> Assessment:
    """Begin an assessment under a version that is in force on that day. Needs ``scoring.assess`` there.

    `key`: what it was called where it was begun without network; sent twice, it is begun once. Whether the record may be
    seen is for the caller, who knows registers. Raises InvalidInput by field.
    """
    act.require(ASSESS, organization.path)
    if key is not None:
        _one_at_a_time(key)
        if (same := _begun(act, key, definition)) is not None:
            return same
    spec = spec_of(definition)
    if not storable(target.name).strip():
        raise InvalidInput(_("Hãy ghi tên cơ sở hoặc đối tượng được chấm."), field="target")
    if spec.targets and target.register not in spec.targets:
        raise InvalidInput(_("Biểu này chỉ chấm các bản ghi của cơ sở dữ liệu đã nêu."), field="target")
    if day > timezone.localdate():
        raise InvalidInput(_("Ngày chấm không được ở tương lai."), field="day")
    valid = definition.valid
    if day < valid.lower or (valid.upper is not None and day >= valid.upper):
        raise InvalidInput(_("Biểu chấm điểm không có hiệu lực vào ngày đó."), field="day")
    year = timezone.localdate().year
    assessment = Assessment.objects.create(
        id=key or uuid4(),
        code=f"CD-{year}-{next_number(f'scoring:{year}'):05d}",
        definition=definition,
        organization=organization,
        assessor_id=act.actor.account_id,
        assessor_label=act.actor.label[:200],
        register=target.register,
        record=target.record,
        target_key=target.key[:120],
        target_name=storable(target.name).strip()[:300],
        day=day,
        place=storable(place).strip()[:300],
    )
    _step(act, assessment, {"form": spec.code, "version": spec.version})
    return assessment


def _one_at_a_time(key: UUID) -> None:
    """A phone that hears nothing sends again while the first is still being written: the second waits and finds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"scoring:{key}"])


def _begun(act: Act, key: UUID, definition: ScoringDefinition) -> Assessment | None:
    """The assessment of this key when the same person began it by the same form; a key of anything else is refused."""
    found = Assessment.objects.filter(pk=key).first()
    if found is None:
        return None
    if found.assessor_id != act.actor.account_id or found.definition_id != definition.pk:
        raise InvalidInput(_("Biên bản này đã có, của người khác hoặc theo biểu khác."), field="key")
    act.record(found, after={"again": True}, organization_id=found.organization_id)
    return found


@action("scoring.answer")
def answer(act: Act, *, assessment_id: UUID, given: Given) -> AssessmentAnswer:
    """Save one answer. Sent twice (the same key), it is saved once.

    When somebody answered the item since `base`, otherwise than this, it becomes a rival of the current answer.
    """
    assessment = held(assessment_id)
    act.require(ASSESS, assessment.organization.path)
    same = AssessmentAnswer.objects.filter(assessment=assessment, key=given.key).first()
    if same is not None:
        act.record(assessment, after={"item": same.item, "again": True}, organization_id=assessment.organization_id)
        return same
    require_state(assessment, State.DRAFT)
    _check(assessment, given)
    standing = list(AssessmentAnswer.objects.filter(assessment=assessment, item=given.item).exclude(standing="past"))
    current = next((one for one in standing if one.standing == Standing.CURRENT), None)
    becomes, replaced = _place(given, current, standing)
    if replaced is not None:
        AssessmentAnswer.objects.filter(pk=replaced.pk).update(standing=Standing.PAST)
    now = timezone.now()
    saved = AssessmentAnswer.objects.create(
        assessment=assessment,
        item=given.item,
        key=given.key,
        base=AssessmentAnswer.objects.filter(assessment=assessment, key=given.base).first() if given.base else None,
        value=given.value,
        note=given.note.strip(),
        photos=[str(photo) for photo in given.photos],
        latitude=given.latitude,
        longitude=given.longitude,
        standing=becomes,
        answered_at=min(given.answered_at or now, now),
        account_id=act.actor.account_id,
        label=act.actor.label[:200],
    )
    act.record(assessment, after={"item": given.item, "standing": becomes}, organization_id=assessment.organization_id)
    return saved


def _place(
    given: Given, current: AssessmentAnswer | None, standing: list[AssessmentAnswer]
) -> tuple[str, AssessmentAnswer | None]:
    """What the answer becomes, and which one it replaces."""
    if current is None or given.base == current.key or _says_the_same(given, current):
        return Standing.CURRENT, current
    own = next((one for one in standing if one.standing == Standing.RIVAL and one.key == given.base), None)
    return Standing.RIVAL, own


def _says_the_same(given: Given, other: AssessmentAnswer) -> bool:
    photos = [str(photo) for photo in given.photos]
    return (given.value, given.note.strip(), photos) == (other.value, other.note, other.photos)


@action("scoring.choose")
def choose(act: Act, *, assessment_id: UUID, item: str, key: UUID, seen: Collection[UUID]) -> AssessmentAnswer:
    """Let one of several answers to an item stand. `seen`: the keys of all answers that whoever chooses was shown."""
    assessment = held(assessment_id)
    act.require(ASSESS, assessment.organization.path)
    require_state(assessment, State.DRAFT)
    standing = AssessmentAnswer.objects.filter(assessment=assessment, item=item.replace("\0", "")).exclude(
        standing=Standing.PAST
    )
    found = {one.key: one for one in standing}
    if key not in found:
        raise NotFound(_("Không có câu trả lời này để chọn."))
    if set(found) - set(seen):
        raise Undecided(_("Vừa có thêm câu trả lời khác cho tiêu chí này. Hãy xem lại rồi chọn."))
    standing.exclude(key=key).update(standing=Standing.PAST)
    AssessmentAnswer.objects.filter(pk=found[key].pk).update(standing=Standing.CURRENT)
    found[key].standing = Standing.CURRENT
    act.record(
        assessment,
        after={"item": item, "chosen": str(key), "left": sorted(str(other) for other in found if other != key)},
        organization_id=assessment.organization_id,
    )
    return found[key]


@action("scoring.finish")
def finish(act: Act, *, assessment_id: UUID) -> Assessment:
    """End the answering: the verdict is kept, and waits for a signature. Raises InvalidInput that names what is missing."""
    assessment = held(assessment_id)
    act.require(ASSESS, assessment.organization.path)
    require_state(assessment, State.DRAFT)
    spec = spec_of(assessment.definition)
    if rivals := queries.items_in_dispute(assessment):
        raise InvalidInput(
            _("Còn tiêu chí có hai câu trả lời khác nhau, hãy chọn một: %(items)s.") % {"items": _titles(spec, rivals)},
            code="scoring.in_dispute",
        )
    if late := queries.items_awaiting_photos(assessment):
        raise InvalidInput(
            _("Còn ảnh chưa gửi xong: %(items)s.") % {"items": _titles(spec, late)}, code="scoring.photos_on_their_way"
        )
    verdict = judge(spec, queries.answers_to_judge(assessment))
    if not verdict["complete"]:
        missing = list(dict.fromkeys(item for item, _what in verdict["missing"])) or [spec.tree.code]
        raise InvalidInput(
            _("Chưa chấm xong: %(items)s.") % {"items": _titles(spec, missing)},
            code="scoring.incomplete",
            missing=verdict["missing"],
        )
    assessment.state, assessment.finished_at = State.FINISHED, timezone.now()
    assessment.verdict, assessment.level = verdict, verdict["level"]
    assessment.save(update_fields=("state", "finished_at", "verdict", "level"))
    _step(act, assessment, {"state": State.FINISHED, "level": verdict["level"], "score": verdict["score"]})
    act.emit("scoring.finished", assessment, {"level": verdict["level"]})
    return assessment


@action("scoring.reopen")
def reopen(act: Act, *, assessment_id: UUID, reason: str) -> Assessment:
    """Take a finished assessment that nobody signed back to answering."""
    assessment = held(assessment_id)
    act.require(ASSESS, assessment.organization.path)
    require_state(assessment, State.FINISHED)
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi lý do."), field="reason")
    assessment.state, assessment.finished_at, assessment.verdict, assessment.level = State.DRAFT, None, None, ""
    assessment.save(update_fields=("state", "finished_at", "verdict", "level"))
    _step(act, assessment, {"state": State.DRAFT}, reason)
    return assessment


@action("scoring.sign")
def sign(act: Act, *, assessment_id: UUID, report: StoredFile, token: str) -> Assessment:
    """Put the signed report to a finished assessment. Needs ``scoring.sign``; who calls it made and issued the report."""
    assessment = held(assessment_id)
    act.require(SIGN, assessment.organization.path)
    require_state(assessment, State.FINISHED)
    assessment.state, assessment.signed_at = State.SIGNED, timezone.now()
    assessment.signer_label, assessment.report, assessment.token = act.actor.label[:200], report, token
    assessment.save(update_fields=("state", "signed_at", "signer_label", "report", "token"))
    _step(act, assessment, {"state": State.SIGNED, "sha256": report.blob_id})
    act.emit("scoring.signed", assessment, {"level": assessment.level, "token": token})
    return assessment


@action("scoring.annul")
def annul(act: Act, *, assessment_id: UUID, reason: str) -> Assessment:
    """Annul an assessment: all of it stays readable. Whoever assesses may annul a draft; later it takes ``scoring.sign``."""
    assessment = held(assessment_id)
    act.require(ASSESS if assessment.state == State.DRAFT else SIGN, assessment.organization.path)
    require_state(assessment, State.DRAFT, State.FINISHED, State.SIGNED)
    if not reason.strip():
        raise InvalidInput(_("Hãy ghi lý do hủy."), field="reason")
    assessment.state = State.ANNULLED
    assessment.save(update_fields=("state",))
    _step(act, assessment, {"state": State.ANNULLED}, reason)
    act.emit("scoring.annulled", assessment, {"token": assessment.token})
    return assessment


def held(assessment_id: UUID) -> Assessment:
    """The assessment, locked: its answers are written one after the other."""
    found = (
        Assessment.objects.select_related("definition", "organization")
        .select_for_update(of=("self",))
        .filter(pk=assessment_id)
        .first()
    )
    if found is None:
        raise NotFound(_("Không có biên bản chấm điểm này."))
    return found


def require_state(assessment: Assessment, *states: str) -> None:
    """Raise :class:`WrongState` unless the assessment is in one of these states."""
    if assessment.state not in states:
        raise WrongState(
            _("Biên bản %(code)s đang ở trạng thái “%(state)s”, không làm được việc này.")
            % {"code": assessment.code, "state": assessment.get_state_display()}
        )


def _check(assessment: Assessment, given: Given) -> None:
    node = spec_of(assessment.definition).nodes.get(given.item)
    if node is None or node.is_group:
        raise InvalidInput(_("Biểu không có tiêu chí này."), field="item")
    if given.value and not accepts(node, given.value):
        raise InvalidInput(_("Câu trả lời không hợp với tiêu chí “%(title)s”.") % {"title": node.title}, field="value")
    if len(given.note) > MAX_NOTE or "\x00" in given.note:
        raise InvalidInput(_("Ghi chú không được dài quá %(most)d ký tự.") % {"most": MAX_NOTE}, field="note")
    if len(given.photos) > MAX_PHOTOS:
        raise InvalidInput(_("Mỗi tiêu chí tối đa %(most)d ảnh.") % {"most": MAX_PHOTOS}, field="photos")
    elsewhere = AssessmentPhoto.objects.filter(pk__in=list(given.photos)).exclude(
        assessment=assessment, item=given.item
    )
    if elsewhere.exists():
        raise InvalidInput(_("Ảnh thuộc tiêu chí hoặc biên bản khác."), field="photos")
    place = (given.latitude, given.longitude)
    if (place[0] is None) != (place[1] is None) or (
        given.latitude is not None
        and given.longitude is not None
        and not (-90 <= given.latitude <= 90 and -180 <= given.longitude <= 180)
    ):
        raise InvalidInput(_("Tọa độ không đúng."), field="place")
    if given.answered_at and given.answered_at < timezone.now() - timedelta(days=366):
        raise InvalidInput(_("Câu trả lời cũ quá một năm; hãy xem lại đồng hồ của máy."), field="answered_at")


def _titles(spec: Any, items: Sequence[str]) -> str:
    named = [f"“{spec.nodes[item].title}”" for item in items[:5] if item in spec.nodes]
    return ", ".join(named) + ("…" if len(items) > 5 else "")


def _step(act: Act, assessment: Assessment, after: dict[str, Any], reason: str = "") -> None:
    AssessmentStep.objects.create(
        assessment=assessment,
        state=assessment.state,
        account_id=act.actor.account_id,
        label=act.actor.label[:200],
        reason=storable(reason).strip()[:500],
        verdict=assessment.verdict,
    )
    act.record(assessment, after=after, organization_id=assessment.organization_id, note=reason.strip()[:500])
