"""Putting a scoring form into force, and finding the one that is."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from django.utils.translation import gettext as _

from hienluong.foundation.actions import Act, NotFound, action
from hienluong.foundation.organisations.models import Organization
from hienluong.foundation.schemas import dated

from .definition import ScoringSpec, problems
from .models import ScoringDefinition, ScoringForm
from .permissions import DEFINE


@action("scoring.install")
def install(act: Act, *, spec: ScoringSpec, owner: Organization, pack: str = "") -> ScoringDefinition:
    """Put a version of a scoring form into force; the same version again changes nothing.

    The version before ends on the day this one begins. Assessments keep the version they were begun under.
    Raises InvalidInput for faults, and for another text under a number that is taken.
    """
    made: ScoringDefinition = dated.install(
        act,
        dated.Kind(
            ScoringForm,
            ScoringDefinition,
            "form",
            permission=DEFINE,
            event="scoring.defined",
            of_another_pack=_("Biểu chấm điểm “%(code)s” thuộc gói khác (%(pack)s)."),
        ),
        spec=spec,
        owner=owner,
        pack=pack,
        problems=problems(spec),
    )
    return made


@lru_cache(maxsize=256)
def _parsed(pk: int, digest: str) -> ScoringSpec:
    return ScoringSpec.model_validate(ScoringDefinition.objects.values_list("spec", flat=True).get(pk=pk))


def spec_of(definition: ScoringDefinition) -> ScoringSpec:
    """The definition read; it never changes, so it is read once."""
    return _parsed(definition.pk, definition.digest)


def definition_on(code: str, day: date) -> ScoringDefinition:
    """The version of a scoring form that is in force on a day; NotFound when there is none."""
    found = (
        ScoringDefinition.objects.select_related("form__owner")
        .filter(form__code=code.replace("\x00", ""), valid__contains=day)
        .first()
    )
    if found is None:
        raise NotFound(_("Không có biểu chấm điểm này đang có hiệu lực."), code="scoring.no_form")
    return found


def in_force(day: date) -> list[ScoringDefinition]:
    """Every scoring form that is in force on a day, by code."""
    return list(
        ScoringDefinition.objects.select_related("form__owner").filter(valid__contains=day).order_by("form__code")
    )
