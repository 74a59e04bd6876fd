"""Reading assessments: those somebody may see, their answers, what is in dispute, what they amount to."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from hienluong.foundation.actions import Actor, NotFound

from .engine import Answer, Verdict, judge
from .installing import spec_of
from .models import Assessment, AssessmentAnswer, AssessmentPhoto
from .permissions import ASSESS, READ, SIGN

Standing = AssessmentAnswer.Standing


def visible(actor: Actor) -> QuerySet[Assessment]:
    """The assessments of the organisations where this actor reads, assesses or signs; newest first."""
    paths = {path for permission in (READ, ASSESS, SIGN) for path in actor.paths_with(permission)}
    found = Assessment.objects.select_related("definition__form", "organization")
    if not paths:
        return found.none()
    wanted = Q()
    for path in paths:
        wanted |= Q(organization__path__startswith=path)
    return found.filter(wanted).order_by("-created_at", "-pk")


def may_see(actor: Actor, assessment: Assessment) -> bool:
    """Whether this actor reads, assesses or signs at the organisation of the assessment."""
    return any(actor.can(permission, assessment.organization.path) for permission in (READ, ASSESS, SIGN))


def seen_by(actor: Actor, assessment_id: UUID) -> Assessment:
    """An assessment for somebody who may see it; for others it does not exist."""
    found = visible(actor).filter(pk=assessment_id).first()
    if found is None:
        raise NotFound(_("Không có biên bản chấm điểm này."))
    return found


def standing_answers(assessment: Assessment) -> list[AssessmentAnswer]:
    """The current answers and their rivals, in the order in which they were saved."""
    return list(assessment.answers.exclude(standing=Standing.PAST).select_related("base").order_by("pk"))


def arrived(assessment: Assessment) -> set[str]:
    """The photos that are here whole, by id."""
    return {str(pk) for pk in assessment.photos.filter(file__isnull=False).values_list("pk", flat=True)}


def answers_to_judge(assessment: Assessment) -> dict[str, Answer]:
    """The current answers as the engine takes them; photos count when they are here."""
    return judged(standing_answers(assessment), arrived(assessment))


def judged(standing: Iterable[AssessmentAnswer], here: set[str]) -> dict[str, Answer]:
    """These answers as the engine takes them: the current ones."""
    return {
        one.item: Answer(
            value=one.value,
            note=one.note,
            photos=sum(photo in here for photo in one.photos),
            place=one.latitude is not None,
        )
        for one in standing
        if one.standing == Standing.CURRENT
    }


def verdict_of(assessment: Assessment) -> Verdict:
    """What it amounts to: as it was finished, else as far as it is answered now."""
    if assessment.verdict is not None:
        kept: Verdict = assessment.verdict
        return kept
    return judge(spec_of(assessment.definition), answers_to_judge(assessment))


def items_in_dispute(assessment: Assessment) -> list[str]:
    """The items with an answer that waits for a choice."""
    rivals = assessment.answers.filter(standing=Standing.RIVAL).order_by("item").values_list("item", flat=True)
    return list(dict.fromkeys(rivals))


def items_awaiting_photos(assessment: Assessment) -> list[str]:
    """The items whose current answer names photos that are not here whole."""
    here = arrived(assessment)
    current = assessment.answers.filter(standing=Standing.CURRENT).order_by("pk")
    return [one.item for one in current if set(one.photos) - here]


def photos_of(assessment: Assessment) -> dict[str, AssessmentPhoto]:
    """All photos by id."""
    return {str(photo.pk): photo for photo in assessment.photos.select_related("file__blob").order_by("created_at")}
