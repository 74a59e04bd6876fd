"""Rating a dossier."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from hienluong.foundation.actions import Act, DomainError, InvalidInput, NotAllowed, action
from hienluong.services.dossiers import access
from hienluong.services.dossiers.models import Dossier, State

from .models import QUESTIONS, Rating, Score


class AlreadyRated(DomainError):
    """A dossier is rated once."""

    code = "surveys.already_rated"


class TooEarly(DomainError):
    """There is no result yet to be satisfied with."""

    code = "surveys.too_early"


@action("surveys.rate")
def rate(act: Act, *, dossier: Dossier, scores: Mapping[str, int], comment: str = "") -> Rating:
    """Keep the person's answers (1 to 5 each); only the person's own dossier, only after the result, only once.

    Refuses (``surveys.wrong_score``) an answer that is missing or is no score.
    """
    if not access.is_own(act.actor, dossier):
        raise NotAllowed(_("Chỉ người nộp hồ sơ được đánh giá."))
    if dossier.state != State.RETURNED:
        raise TooEarly(_("Chỉ đánh giá được sau khi đã nhận kết quả."))
    for key, _label in QUESTIONS:
        if scores.get(key) not in Score.values:
            raise InvalidInput(_("Hãy chọn một câu trả lời."), code="surveys.wrong_score", field=key)
    rating = Rating(dossier=dossier, comment=comment.strip()[:2000], **{key: scores[key] for key, _label in QUESTIONS})
    try:
        with transaction.atomic():
            rating.save()
    except IntegrityError as error:
        raise AlreadyRated(_("Bạn đã đánh giá hồ sơ này. Cảm ơn bạn.")) from error
    act.record(rating, after={"mean": rating.mean})
    act.emit("survey.answered", dossier, {"dossier_id": dossier.pk, "mean": rating.mean})
    return rating
